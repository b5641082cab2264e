//! Something new while a node waits, and the running of what detection found.

use crate::failure::Failure;
use crate::listen::candidate;
use crate::nodes::{confirmation, entity, message};
use crate::standard::Said;
use crate::turn::Turn;
use crate::{Candidate, EndReason, FailureReason, Origin, Question, Task, Waiting};
use definition::{ComponentKind, Hold, InterruptMode, Interruptions, MessageBody};
use nlu::{Kind, Match};
use rand::Rng;

impl<'a> Turn<'a> {
    /// The settings in force: node over dialog over agent.
    fn interruptions(&self) -> &'a Interruptions {
        match &self.state.task {
            Some(task) => self.interruptions_of(task),
            None => &self.engine.agent.interruptions,
        }
    }

    /// The settings in force at the node where a task stands.
    pub(crate) fn interruptions_of(&self, task: &Task) -> &'a Interruptions {
        let agent = self.engine.agent;
        let frame = task.stack.last();
        let dialog = frame.and_then(|frame| agent.dialog(&frame.dialog_id));
        let node = frame.and_then(|frame| dialog?.node(&frame.node));
        node.and_then(|node| node.options.interruptions.as_ref())
            .or_else(|| dialog.and_then(|dialog| dialog.interruptions.as_ref()))
            .unwrap_or(&agent.interruptions)
    }

    /// Deals with something new while a node waits. False: the input stays the node's answer.
    pub(crate) fn interrupt(&mut self, winner: &Match, text: &str) -> Result<bool, Failure> {
        let settings = self.interruptions();
        let to = candidate(winner, text);
        let aside = match winner.kind {
            Kind::Faq => settings.faq_respond_and_resume,
            Kind::SmallTalk => settings.small_talk_respond_and_resume,
            Kind::Dialog => false,
        };
        if aside {
            self.answer_aside(&to)?;
            self.prompt_again()?;
            return Ok(true);
        }
        if winner.kind == Kind::Dialog && winner.dialog_ref.is_empty() {
            return Ok(self.jump_to_sub_intent(winner));
        }
        self.interrupt_by(to, &winner.ref_id, true)
    }

    /// Several things fit the input of a node that waits: the user picks one, when the settings say so. False: ignored.
    pub(crate) fn interrupt_by_several(
        &mut self,
        found: &nlu::Detection,
        text: &str,
    ) -> Result<bool, Failure> {
        let settings = self.interruptions();
        let allowed =
            settings.enabled && settings.mode != InterruptMode::Never && settings.show_ambiguous;
        if !allowed || found.winners.len() < 2 {
            return Ok(false);
        }
        let options: Vec<Candidate> = found
            .winners
            .iter()
            .map(|winner| candidate(winner, text))
            .collect();
        self.offer(Said::WhichIntent, &crate::listen::offers(&options));
        self.state.question = Some(Question::Which { options, tries: 0 });
        Ok(true)
    }

    /// The user picked one of several things while a node waits. Nobody asks a second time, and a task that would go on is held.
    pub(crate) fn interrupt_by_pick(&mut self, to: Candidate) -> Result<(), Failure> {
        if self.state.task.is_none() {
            return self.run_candidate(&to);
        }
        let settings = self.interruptions();
        let aside = match to.what.as_str() {
            "faq" => settings.faq_respond_and_resume,
            "smalltalk" => settings.small_talk_respond_and_resume,
            _ => false,
        };
        if aside {
            self.answer_aside(&to)?;
            return self.prompt_again();
        }
        let holds =
            settings.mode == InterruptMode::EndUser || settings.hold == Hold::ContinueCurrent;
        if holds {
            return self.hold_and_run(&to);
        }
        match self.interrupt_by(to, "", false)? {
            true => Ok(()),
            false => self.prompt_again(),
        }
    }

    fn interrupt_by(&mut self, to: Candidate, ref_id: &str, asks: bool) -> Result<bool, Failure> {
        let settings = self.interruptions();
        if !settings.enabled || settings.mode == InterruptMode::Never {
            return Ok(false);
        }
        let name = self
            .state
            .task
            .as_ref()
            .map(|task| task.name.clone())
            .unwrap_or_default();
        let words = [
            ("task-name", name.as_str()),
            ("current-intended-action", to.title.as_str()),
        ];
        if asks && settings.mode == InterruptMode::EndUser {
            self.say_custom_or(settings.mode_message.as_deref(), Said::AskSwitch, &words);
            self.state.question = Some(Question::Switch { to });
            return Ok(true);
        }
        match settings.hold {
            Hold::HoldCurrent => self.hold_and_run(&to)?,
            Hold::Discard => {
                self.say_custom_or(settings.hold_message.as_deref(), Said::Switched, &words);
                self.cancel_task(FailureReason::OtherTask);
                self.run_candidate(&to)?;
            }
            Hold::DiscardSilently => {
                self.cancel_task(FailureReason::OtherTask);
                self.run_candidate(&to)?;
            }
            Hold::ContinueCurrent => {
                self.add_follow_up(ref_id);
                self.say_custom_or(settings.hold_message.as_deref(), Said::Stay, &words);
                self.prompt_again()?;
            }
        }
        Ok(true)
    }

    /// Puts the running task on hold and runs the other, when there is room.
    pub(crate) fn hold_and_run(&mut self, to: &Candidate) -> Result<(), Failure> {
        let room = self.interruptions().held_tasks.max(1) as usize;
        let Some(task) = &self.state.task else {
            return self.run_candidate(to);
        };
        if self.state.held.len() >= room {
            let name = task.name.clone();
            self.say_standard(Said::TooManyHeld, &[("task-name", &name)]);
            return self.prompt_again();
        }
        if let Some(task) = self.state.task.take() {
            self.state.held.push(task);
        }
        self.run_candidate(to)
    }

    /// A sub-intent of the running dialog goes on at its own node.
    fn jump_to_sub_intent(&mut self, winner: &Match) -> bool {
        let Ok((dialog, _, _)) = self.current() else {
            return false;
        };
        let Some(node) = dialog
            .nodes
            .iter()
            .find(|node| node.component_id == winner.id)
        else {
            return false;
        };
        self.go_to(&node.id).is_ok()
    }

    /// Runs what was found: a dialog, an FAQ or small talk.
    pub(crate) fn run_candidate(&mut self, to: &Candidate) -> Result<(), Failure> {
        let agent = self.engine.agent;
        if to.what != "dialog" {
            return self.answer_and_end(to);
        }
        let by_root = || {
            agent
                .dialogs
                .iter()
                .find(|d| agent.root_intent(d).is_some_and(|root| root.id == to.id))
        };
        match agent.dialog_by_ref(&to.dialog_ref).or_else(by_root) {
            Some(dialog) => self.start(dialog, Origin::Intent, Some(&to.text)),
            None => Err(Failure::broken(format!(
                "the intent {} belongs to no dialog",
                to.title
            ))),
        }
    }

    fn answer_and_end(&mut self, to: &Candidate) -> Result<(), Failure> {
        let started = self.answer_aside(to)?;
        if started || to.what != "faq" {
            if self.state.task.is_none() {
                self.resume_held(true);
            }
            return Ok(());
        }
        self.move_tags(EndReason::Fulfilled);
        self.end_with(EndReason::Fulfilled, to.id.clone(), "FAQ".into());
        if !self.resume_held(true) {
            self.fire_end()?;
        }
        Ok(())
    }

    /// Answers an FAQ or small talk. True: the answer is a dialog, which has started.
    pub(crate) fn answer_aside(&mut self, to: &Candidate) -> Result<bool, Failure> {
        let agent = self.engine.agent;
        let mut faqs = agent.knowledge.iter().flat_map(|task| &task.faqs);
        let mut pairs = agent.small_talk.iter().flat_map(|talk| &talk.pairs);
        let said = if to.what == "faq" {
            let Some(faq) = faqs
                .clone()
                .find(|f| f.key == to.id)
                .or_else(|| faqs.find(|f| f.question == to.title))
            else {
                return Err(Failure::broken("the answer of a question is missing"));
            };
            if let Some(dialog) = faq
                .dialog_ref
                .as_deref()
                .and_then(|r| agent.dialog_by_ref(r))
            {
                if self.state.task.is_some() {
                    self.cancel_task(FailureReason::OtherTask);
                }
                return self
                    .start(dialog, Origin::Intent, Some(&to.text))
                    .map(|()| true);
            }
            self.add_context_tags(&faq.output_tags);
            match faq.answers.len() {
                0 => false,
                n => {
                    let at = self.rng.random_range(0..n);
                    self.say_parts(&faq.answers[at])?
                }
            }
        } else {
            let replies = pairs
                .find(|pair| pair.id == to.id)
                .map_or(&[][..], |pair| pair.replies.as_slice());
            match replies.len() {
                0 => false,
                n => {
                    let at = self.rng.random_range(0..n);
                    let body = match &replies[at].body {
                        MessageBody::Plain(text) => MessageBody::Plain(self.with_names(text)),
                        other => other.clone(),
                    };
                    self.say_body(&body, &crate::scene::Extras::default())?
                }
            }
        };
        if !said {
            self.say_standard(Said::EmptyMessage, &[]);
        }
        Ok(false)
    }

    /// Repeats the prompt of the node that waits.
    pub(crate) fn prompt_again(&mut self) -> Result<(), Failure> {
        if self.state.task.is_none() {
            return Ok(());
        }
        let (_, node, component) = self.current()?;
        match (
            &component.kind,
            self.frame().and_then(|frame| frame.waiting.clone()),
        ) {
            (_, Some(Waiting::Choice(offers))) => self.offer(Said::WhichValue, &offers),
            (_, Some(Waiting::Time(day))) => {
                let day = entity::shown_day(&day, &self.language);
                self.say_standard(Said::AskTime, &[("date", &day)]);
            }
            (ComponentKind::Entity(kind), Some(_)) => entity::prompt(self, node, component, kind)?,
            (ComponentKind::Confirmation(_), Some(_)) => {
                confirmation::prompt(self, node, component)?
            }
            (ComponentKind::Message, Some(_)) => message::say(self, node, component)?,
            _ => {}
        }
        Ok(())
    }
}
