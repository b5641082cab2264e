//! Events of an agent, and the ends of tasks that fire them.

use crate::failure::Failure;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{EndOfTask, EndReason, Event, FailureReason, LogLevel, Origin, Question, Task};
use definition::{BotEvent, EventAction, Resume};
use script::Kind;
use serde_json::json;

/// Channels of telephone calls.
const VOICE: [&str; 4] = ["ivrVoice", "audiocodes", "twiliovoice", "korevg"];

impl<'a> Turn<'a> {
    /// Does what an event says. False: it says nothing, or names a dialog that does not exist.
    pub(crate) fn act(&mut self, action: &EventAction, origin: Origin) -> Result<bool, Failure> {
        match action {
            EventAction::Nothing => Ok(false),
            EventAction::Dialog(reference) => {
                let agent = self.engine.agent;
                let Some(dialog) = agent
                    .dialog_by_ref(reference)
                    .or_else(|| agent.dialog(reference))
                else {
                    if !reference.is_empty() {
                        self.log(
                            LogLevel::Warning,
                            format!("an event names the dialog {reference}, which does not exist"),
                        );
                    }
                    return Ok(false);
                };
                self.start(dialog, origin, None).map(|()| true)
            }
            EventAction::Message(messages) => self.say_one_of(messages, None),
            EventAction::Script(source) if matches!(source.trim(), "" | ".") => Ok(false),
            EventAction::Script(source) => {
                let ran =
                    self.run_script(source, Kind::Message, &crate::scene::Extras::default())?;
                self.say_printed(&ran.printed);
                Ok(true)
            }
        }
    }

    /// Fires a named event. False: nothing is set for it.
    pub(crate) fn fire(&mut self, name: &str, origin: Origin) -> Result<bool, Failure> {
        let agent = self.engine.agent;
        let on = |event: &&BotEvent| event.is_on(&self.input.channel);
        let Some(event) = agent.event(name).filter(on) else {
            return Ok(false);
        };
        let acted = self.act(&event.action, origin);
        let spoke = matches!(
            event.action,
            EventAction::Message(_) | EventAction::Script(_)
        );
        if let (true, Err(failure)) = (spoke && self.state.task.is_none(), &acted) {
            self.fail(failure.clone());
            if self.state.task.is_none() {
                self.end_with(EndReason::FailedEvent, String::new(), name.to_owned());
            }
            return Ok(true);
        }
        if matches!(acted, Ok(true)) {
            self.out.events.push(Event::EventRun {
                name: name.to_owned(),
            });
            // an end of a task in this turn says more
            if spoke && self.state.task.is_none() && self.out.end_of_task.is_none() {
                self.end_with(EndReason::FulfilledEvent, String::new(), name.to_owned());
            }
        }
        acted
    }

    /// The client opened the conversation.
    pub(crate) fn connect(&mut self) -> Result<(), Failure> {
        let Some(session) = &mut self.state.session else {
            return Ok(());
        };
        if session.connected || session.user_messages > 0 {
            return Ok(());
        }
        session.connected = true;
        session.welcomed = true;
        if !self.welcome_call()? {
            self.fire("ON_CONNECT_EVENT", Origin::Event)?;
        }
        Ok(())
    }

    /// On a telephone the call is welcomed by its own event, instead of connect and welcome. False: this is no call, or nothing
    /// is set for it.
    pub(crate) fn welcome_call(&mut self) -> Result<bool, Failure> {
        match VOICE.contains(&self.input.channel.as_str()) {
            true => self.fire("TELEPHONY_WELCOME_EVENT", Origin::Event),
            false => Ok(false),
        }
    }

    /// The running task has come to its end.
    pub(crate) fn end_task(&mut self, reason: EndReason) -> Result<(), Failure> {
        self.end_task_because(reason, FailureReason::UserAborted)
    }

    /// The running task has come to its end; `why` counts when it was cancelled.
    pub(crate) fn end_task_because(
        &mut self,
        reason: EndReason,
        why: FailureReason,
    ) -> Result<(), Failure> {
        let Some(task) = self.state.task.take() else {
            return Ok(());
        };
        self.out.ended_context.clone_from(&task.context);
        let why = (reason == EndReason::Canceled).then_some(why);
        self.note_end(&task, reason, why);
        self.move_tags(reason);
        let in_one_response = task.turns <= 1;
        let fires = task.origin == Origin::Intent && reason != EndReason::Canceled;
        let follow_ups = self.follow_up_offers(&task);
        self.end_with(reason, task.dialog_id, task.name);
        if reason == EndReason::Canceled {
            // One that failed stops the others.
            self.state.wishes.clear();
        } else if self.state.held.is_empty() && !self.state.wishes.is_empty() {
            let next = self.state.wishes.remove(0);
            return self.run_candidate(&next);
        }
        if self.resume_held(in_one_response) || !fires {
            return Ok(());
        }
        if let Some((message, options)) = follow_ups {
            let offers = crate::listen::offers(&options);
            match message {
                Some(text) => {
                    let text = self.render(text);
                    self.say(crate::BubbleBody::Text(crate::standard::with_letters(
                        &text, &offers,
                    )));
                }
                None => self.offer(Said::FollowUp, &offers),
            }
            self.state.question = Some(Question::Which { options, tries: 2 });
            return Ok(());
        }
        if self.fire_tone_at_end()? {
            return Ok(());
        }
        self.fire_end()
    }

    /// What a finished dialog offers to do next: the intents that were noted while it ran.
    fn follow_up_offers(&self, task: &Task) -> Option<(Option<&'a str>, Vec<crate::Candidate>)> {
        let agent = self.engine.agent;
        let dialog = agent
            .dialog(&task.dialog_id)
            .filter(|d| d.offers_follow_ups)?;
        let noted = task.context.get("FollowupIntents")?.as_array()?;
        let options: Vec<crate::Candidate> = noted
            .iter()
            .filter_map(|reference| {
                let root = agent.component_by_ref(reference.as_str()?)?;
                let dialog = agent
                    .dialogs
                    .iter()
                    .find(|d| agent.root_intent(d).is_some_and(|r| r.id == root.id))?;
                Some(crate::Candidate {
                    title: agent.dialog_title(dialog, &self.language),
                    what: "dialog".into(),
                    id: root.id.clone(),
                    dialog_ref: dialog.ref_id.clone(),
                    text: String::new(),
                })
            })
            .collect();
        let message = dialog
            .follow_up_message
            .as_deref()
            .filter(|text| !text.trim().is_empty());
        (!options.is_empty()).then_some((message, options))
    }

    /// Context tags outlive their task by one: a discarded task gives the ones before back.
    pub(crate) fn move_tags(&mut self, reason: EndReason) {
        let current = std::mem::take(&mut self.state.tags);
        if reason == EndReason::Canceled {
            self.state.tags = std::mem::take(&mut self.state.historic_tags);
        } else if !current.is_empty() {
            self.state.historic_tags = current;
        }
    }

    /// Fires the event at the end of a task or FAQ.
    pub(crate) fn fire_end(&mut self) -> Result<(), Failure> {
        for name in ["CONVERSATION_END", "TASK_END_EVENT"] {
            if self.fire(name, Origin::EndEvent)? {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn note_end(&mut self, task: &Task, reason: EndReason, why: Option<FailureReason>) {
        let (task_id, task_name) = (task.dialog_id.clone(), task.name.clone());
        self.out.events.push(Event::TaskEnded {
            task_id,
            task_name,
            reason,
            why,
        });
    }

    /// Sets what clients see of an end. The last one of a turn counts, but the end of an event's dialog does not hide the
    /// task before it.
    pub(crate) fn end_with(&mut self, reason: EndReason, task_id: String, task_name: String) {
        let seen = json!({"endReason": reason.wire(), "completedTaskId": task_id, "completedTaskName": task_name});
        self.scratch.insert("endOfTask".into(), seen);
        self.out.end_of_task = Some(EndOfTask {
            reason,
            task_id,
            task_name,
        });
    }

    /// Takes up the task held last. True when there was one.
    pub(crate) fn resume_held(&mut self, in_one_response: bool) -> bool {
        let Some(task) = self.state.held.last() else {
            return false;
        };
        let name = task.name.clone();
        let settings = self.interruptions_of(task).clone();
        let how = if settings.never_notify && in_one_response {
            Resume::Silent
        } else {
            settings.resume
        };
        match how {
            Resume::Ask => {
                self.say_custom_or(
                    settings.resume_message.as_deref(),
                    Said::AskResume,
                    &[("task-name", &name)],
                );
                self.state.question = Some(Question::Resume);
            }
            Resume::Notify => {
                self.say_custom_or(
                    settings.resume_message.as_deref(),
                    Said::Resumed,
                    &[("task-name", &name)],
                );
                self.take_up();
            }
            Resume::Silent => self.take_up(),
        }
        true
    }

    /// Makes the task held last the running one and repeats its prompt.
    pub(crate) fn take_up(&mut self) {
        self.state.task = self.state.held.pop();
        if let Err(failure) = self.prompt_again() {
            self.fail(failure);
        }
    }
}
