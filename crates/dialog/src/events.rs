//! Events of an agent, and the ends of tasks that fire them.

use crate::failure::Failure;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{EndOfTask, EndReason, Event, LogLevel, Origin, Question, Task};
use definition::{EventAction, Resume};
use script::Kind;

impl Turn<'_> {
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
        match self.engine.agent.event(name).filter(|event| event.enabled) {
            Some(event) => self.act(&event.action, origin),
            None => Ok(false),
        }
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
        self.fire("ON_CONNECT_EVENT", Origin::Event).map(|_| ())
    }

    /// The running task has come to its end.
    pub(crate) fn end_task(&mut self, reason: EndReason) -> Result<(), Failure> {
        let Some(task) = self.state.task.take() else {
            return Ok(());
        };
        self.note_end(&task, reason);
        let in_one_response = task.turns <= 1;
        let fires = task.origin == Origin::Intent && reason != EndReason::Canceled;
        self.end_with(reason, task.dialog_id, task.name);
        if self.resume_held(in_one_response) || !fires {
            return Ok(());
        }
        self.fire_end()
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

    pub(crate) fn note_end(&mut self, task: &Task, reason: EndReason) {
        let (task_id, task_name) = (task.dialog_id.clone(), task.name.clone());
        self.out.events.push(Event::TaskEnded {
            task_id,
            task_name,
            reason,
        });
    }

    /// Sets what clients see of an end. The last one of a turn counts, but the end of an event's dialog does not hide the
    /// task before it.
    pub(crate) fn end_with(&mut self, reason: EndReason, task_id: String, task_name: String) {
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
        let settings = self.engine.agent.interruptions.clone();
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
