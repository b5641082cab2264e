//! What the user's words are: a command, an answer, or something new.

use crate::failure::Failure;
use crate::nodes::{Flow, confirmation, entity};
use crate::standard::{Said, asks_for_help, is_greeting, pleasantry};
use crate::turn::{Job, Turn};
use crate::{
    BubbleBody, Candidate, EndReason, Event, FailureReason, Offer, Origin, Question, Waiting,
};
use definition::{Component, ComponentKind, FirstMessageChoice, Node};
use nlu::{Detection, Filter, Kind, Match, Outcome as Found};
use serde_json::{Value, json};

/// Words that stop the running task as `discard` does. Outside a task they may belong to an intent.
const STOPS: [&str; 3] = ["cancel", "exit", "quit"];
/// Longest input, in characters.
pub const MAX_INPUT: usize = 3_000;

impl<'a> Turn<'a> {
    pub(crate) fn hear(&mut self, text: &str) -> Result<(), Failure> {
        if text.chars().count() > MAX_INPUT {
            self.say_standard(Said::TooLong, &[]);
            return Ok(());
        }
        self.state
            .remember(json!({"originalSentence": text, "timestamp": self.input.now_ms}));
        if let Some(meta) = self.input.nl_meta.clone()
            && self.fixed(&meta, text)?
        {
            return Ok(());
        }
        if self.command(text)? {
            return Ok(());
        }
        self.hear_tone(text);
        if self.fire_tone()? {
            return Ok(());
        }
        if self.state.question.is_some() {
            return self.answer_question(text);
        }
        if self.state.task.is_some() {
            return self.answer_node(text);
        }
        let first = self
            .state
            .session
            .as_ref()
            .is_some_and(|s| s.user_messages == 1 && !s.welcomed);
        if first {
            self.first_message(text)
        } else {
            self.understand(text)
        }
    }

    /// Intent and entities that the client has fixed. False: the intent is unknown.
    fn fixed(&mut self, meta: &Value, text: &str) -> Result<bool, Failure> {
        if meta.get("isRefresh") == Some(&Value::Bool(true)) {
            self.state.question = None;
            self.state.held.clear();
            self.cancel_task(FailureReason::ChatRefreshed);
        }
        if meta.get("intentType").and_then(Value::as_str) == Some("KG") {
            let wanted = meta
                .get("intent")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let mut faqs = self
                .engine
                .agent
                .knowledge
                .iter()
                .flat_map(|task| &task.faqs);
            let Some(faq) =
                faqs.find(|faq| faq.question.trim().eq_ignore_ascii_case(wanted.trim()))
            else {
                return Ok(false);
            };
            let to = Candidate {
                title: faq.question.clone(),
                what: "faq".into(),
                id: faq.key.clone(),
                ..Candidate::default()
            };
            return self.interrupt_by_pick(to).map(|()| true);
        }
        let Some(dialog) = meta
            .get("intent")
            .and_then(Value::as_str)
            .and_then(|n| self.engine.agent.dialog_by_name(n))
        else {
            return Ok(false);
        };
        self.state.question = None;
        self.cancel_task(FailureReason::OtherTask);
        self.start(dialog, Origin::Intent, Some(text))?;
        if let Some(Value::Object(entities)) = meta.get("entities") {
            for (name, value) in entities {
                self.set_entity(name, value.clone());
            }
        }
        Ok(true)
    }

    /// Commands, exact. `~disable_help` turns help off.
    fn command(&mut self, text: &str) -> Result<bool, Failure> {
        let plain = text.trim().trim_end_matches(['.', '!']).to_lowercase();
        if self.state.commands_off && plain == "help" {
            return Ok(false);
        }
        match plain.as_str() {
            "discard all" => {
                self.state.held.clear();
                self.state.question = None;
                self.cancel_task(FailureReason::UserAborted);
                self.state.tags.clear();
                self.state.historic_tags.clear();
                self.state.tones.clear();
                self.say_standard(Said::DiscardedAll, &[]);
            }
            "discard" => return self.discard(true),
            stop if STOPS.contains(&stop) => return self.discard(false),
            "help" => {
                self.say_standard(Said::Help, &[]);
                if self.state.question.is_none() {
                    self.prompt_again()?;
                }
            }
            "who am i" => {
                let name = self
                    .input
                    .user
                    .profile
                    .get("firstName")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let text = if name.is_empty() {
                    "I do not know your name.".into()
                } else {
                    format!("You are {name}.")
                };
                self.say(BubbleBody::Text(text));
            }
            "~disable_help" => self.state.commands_off = true,
            _ => match plain.strip_prefix("cheat lang ") {
                Some(language) if self.engine.agent.enabled_languages().any(|l| l == language) => {
                    self.language = language.to_owned();
                    self.state.language = Some(language.to_owned());
                    self.say_standard(Said::LanguageSwitched, &[]);
                }
                _ => return Ok(false),
            },
        }
        Ok(true)
    }

    fn discard(&mut self, exact: bool) -> Result<bool, Failure> {
        let Some(name) = self.state.task.as_ref().map(|task| task.name.clone()) else {
            if exact && self.state.question.take().is_none() {
                self.say_standard(Said::NothingToDiscard, &[]);
            }
            return Ok(exact);
        };
        self.state.question = None;
        self.say_standard(Said::Discarded, &[("task-name", &name)]);
        self.end_task(EndReason::Canceled)?;
        Ok(true)
    }

    /// Drops the running task and notes that it was cancelled.
    pub(crate) fn cancel_task(&mut self, why: FailureReason) {
        self.state.wishes.clear();
        if let Some(task) = self.state.task.take() {
            self.note_end(&task, EndReason::Canceled, Some(why));
            self.end_with(EndReason::Canceled, task.dialog_id, task.name);
        }
    }

    /// The first words of a session: perhaps a welcome before or instead.
    fn first_message(&mut self, text: &str) -> Result<(), Failure> {
        if let Some(session) = &mut self.state.session {
            session.welcomed = true;
        }
        if self.welcome_call()? {
            self.agenda.push_back(Job::Understand(text.to_owned()));
            return Ok(());
        }
        let Some(event) = self
            .engine
            .agent
            .event("WELCOME_MESSAGE_EVENT")
            .filter(|event| event.is_on(&self.input.channel))
        else {
            return self.understand(text);
        };
        let greeting = is_greeting(text);
        let choice = match &event.first_message {
            None => FirstMessageChoice::Respond,
            Some(choices) if greeting => choices.greeting,
            Some(choices) => {
                let found = self.detect(text);
                let faq = found
                    .winners
                    .first()
                    .is_some_and(|winner| winner.kind == Kind::Faq);
                if faq { choices.faq } else { choices.task }
            }
        };
        if choice == FirstMessageChoice::Respond {
            return self.understand(text);
        }
        let said = self.fire("WELCOME_MESSAGE_EVENT", Origin::Event)?;
        if !(said && greeting) {
            self.agenda.push_back(Job::Understand(text.to_owned()));
        }
        Ok(())
    }

    /// New words: at a waiting node when the welcome has left one, else freely.
    pub(crate) fn understand(&mut self, text: &str) -> Result<(), Failure> {
        if self.state.task.is_some() {
            return self.answer_node(text);
        }
        self.state.wishes.clear();
        if self.several(text)? {
            return Ok(());
        }
        let found = self.detect(text);
        self.note_found(&found);
        match (found.result, found.winners.first()) {
            (Found::Success, Some(winner)) if !found.did_you_mean => {
                let candidate = candidate(winner, text);
                self.run_candidate(&candidate)
            }
            (Found::Fail, _) | (_, None) => self.nothing_found(text),
            _ => self.ask_which(&found, text),
        }
    }

    /// Several intents of one text: their event where one is set, else one after another where the agent takes them so. False: there
    /// is one intent at most, or the agent does neither.
    fn several(&mut self, text: &str) -> Result<bool, Failure> {
        let fires = self.is_set("MULTI_INTENT_EVENT");
        if !fires && !self.engine.agent.nlu.multi_intent {
            return Ok(false);
        }
        let filter = self.filter();
        let wishes = self.engine.detector.wishes(text, &self.language, &filter);
        let found = wishes.iter().filter_map(|wish| {
            let part = text.get(wish.start..wish.end)?;
            let winner = wish.detection.winners.first()?;
            Some((winner, candidate(winner, part.trim())))
        });
        let (winners, mut candidates): (Vec<&Match>, Vec<Candidate>) = found.unzip();
        if candidates.is_empty() {
            return Ok(false);
        }
        self.out.detection = wishes.first().map(|wish| wish.detection.clone());
        if let Some(first) = self.out.detection.clone() {
            self.note_found(&first);
        }
        if fires {
            let results: Vec<Value> = winners.into_iter().map(result).collect();
            self.tell_found(results);
            if self.fire("MULTI_INTENT_EVENT", Origin::Event)? {
                return Ok(true);
            }
        }
        if !self.engine.agent.nlu.multi_intent {
            self.out.detection = None;
            return Ok(false);
        }
        let first = candidates.remove(0);
        self.state.wishes = candidates;
        self.run_candidate(&first).map(|()| true)
    }

    /// Shows scripts what was found.
    pub(crate) fn tell_found(&mut self, results: Vec<Value>) {
        let context = self.context_mut();
        context.insert("dialogGPTInfo".into(), json!({"winning_intents": results}));
        context.insert("resultsFound".into(), Value::Array(results));
    }

    pub(crate) fn detect(&mut self, text: &str) -> Detection {
        if let Some(found) = &self.out.detection {
            return found.clone();
        }
        let filter = self.filter();
        let found = self.engine.detector.detect(text, &self.language, &filter);
        self.out.detection = Some(found.clone());
        found
    }

    /// What counts at this point of the conversation: sub-intents of the running dialogs too, but nothing whose context tags are
    /// missing.
    fn filter(&self) -> Filter {
        let agent = self.engine.agent;
        let mut filter = Filter {
            allowed_follow_ups: self.follow_ups(),
            ..Filter::default()
        };
        for dialog in &agent.dialogs {
            let wanted = dialog.nodes.first().map(|node| &node.preconditions);
            let (Some(wanted), Some(root)) = (wanted, agent.root_intent(dialog)) else {
                continue;
            };
            if !self.has_context_tags(wanted) {
                filter.excluded.push(root.id.clone());
            } else if dialog.is_follow_up && !wanted.is_empty() {
                filter.allowed_follow_ups.push(root.id.clone());
            }
        }
        let faqs = agent.knowledge.iter().flat_map(|task| &task.faqs);
        let closed = faqs.filter(|faq| !self.has_context_tags(&faq.preconditions));
        filter.excluded.extend(closed.map(|faq| faq.key.clone()));
        filter
    }

    /// Sub-intents of the running dialogs.
    fn follow_ups(&self) -> Vec<String> {
        let agent = self.engine.agent;
        let stack = self
            .state
            .task
            .as_ref()
            .map_or(&[][..], |task| task.stack.as_slice());
        let nodes = stack
            .iter()
            .filter_map(|frame| agent.dialog(&frame.dialog_id))
            .flat_map(|dialog| &dialog.nodes[1..]);
        nodes
            .filter(|node| matches!(agent.kind_of(node), Some(ComponentKind::Intent(_))))
            .map(|node| node.component_id.clone())
            .collect()
    }

    fn note_found(&mut self, found: &Detection) {
        self.context_mut()
            .insert("traits".into(), json!(found.traits));
        for winner in found
            .winners
            .iter()
            .filter(|_| found.result == Found::Success)
        {
            self.out.events.push(Event::IntentFound {
                kind: winner.kind,
                name: winner.name.clone(),
                ref_id: winner.ref_id.clone(),
                score: winner.score,
            });
        }
        if found.winners.is_empty() {
            self.out.events.push(Event::IntentNotFound);
        }
    }

    /// Nothing matched: the event, the default dialog, a pleasantry, the welcome, our own text.
    fn nothing_found(&mut self, text: &str) -> Result<(), Failure> {
        let agent = self.engine.agent;
        if self.conversation_event(text)? {
            return Ok(());
        }
        let plain = text.trim().trim_end_matches(['.', '!']).to_lowercase();
        if STOPS.contains(&plain.as_str()) {
            self.say_standard(Said::NothingToDiscard, &[]);
            return Ok(());
        }
        if !self.state.commands_off && asks_for_help(text) {
            self.say_standard(Said::Help, &[]);
            return Ok(());
        }
        if !agent.small_talk.iter().any(|talk| !talk.pairs.is_empty())
            && let Some(reply) = pleasantry(text)
            && !is_greeting(text)
        {
            self.say(BubbleBody::Text(reply.into()));
            return Ok(());
        }
        if self.fire("INTENT_UNIDENTIFIED", Origin::Event)? {
            return Ok(());
        }
        if let Some(dialog) = agent.fallback_dialog() {
            return self.start(dialog, Origin::Event, Some(text));
        }
        let first = self
            .state
            .session
            .as_ref()
            .is_some_and(|session| session.user_messages <= 1);
        if (first || is_greeting(text))
            && self.out.messages.is_empty()
            && self.fire("WELCOME_MESSAGE_EVENT", Origin::Event)?
        {
            return Ok(());
        }
        match pleasantry(text) {
            Some(reply) => self.say(BubbleBody::Text(reply.into())),
            None => self.say_standard(Said::NotUnderstood, &[]),
        }
        Ok(())
    }

    fn ask_which(&mut self, found: &Detection, text: &str) -> Result<(), Failure> {
        let results: Vec<Value> = found.winners.iter().map(result).collect();
        self.context_mut()
            .insert("resultsFound".into(), Value::Array(results));
        if self.fire("AMBIGUOUS_INTENTS", Origin::Event)? {
            return Ok(());
        }
        let options: Vec<Candidate> = found
            .winners
            .iter()
            .map(|winner| candidate(winner, text))
            .collect();
        let said = if found.did_you_mean {
            Said::DidYouMean
        } else {
            Said::WhichIntent
        };
        self.offer(said, &offers(&options));
        self.state.question = Some(Question::Which { options, tries: 0 });
        Ok(())
    }

    fn answer_question(&mut self, text: &str) -> Result<(), Failure> {
        match self.state.question.take() {
            Some(Question::Which { options, tries }) => self.answer_which(options, tries, text),
            Some(Question::Switch { to }) => match nlu::confirm::yes_no(text, &[], &[]) {
                Some(nlu::confirm::Answer::Yes) => self.hold_and_run(&to),
                _ => self.prompt_again(),
            },
            Some(Question::Resume) => self.answer_resume(text),
            Some(Question::Amend {
                entities,
                offers,
                text: words,
            }) => self.answer_amend(&entities, &offers, &words, text),
            None => self.understand(text),
        }
    }

    fn answer_which(
        &mut self,
        options: Vec<Candidate>,
        tries: u32,
        text: &str,
    ) -> Result<(), Failure> {
        if let Some(at) = pick(&offers(&options), text) {
            return self.interrupt_by_pick(options[at].clone());
        }
        let found = self.detect(text);
        if found.result != Found::Fail || tries >= 2 {
            return self.understand(text);
        }
        self.offer(Said::PickAgain, &offers(&options));
        self.state.question = Some(Question::Which {
            options,
            tries: tries + 1,
        });
        Ok(())
    }

    fn answer_resume(&mut self, text: &str) -> Result<(), Failure> {
        match nlu::confirm::yes_no(text, &[], &[]) {
            Some(nlu::confirm::Answer::Yes) => self.take_up(),
            Some(nlu::confirm::Answer::No) => {
                if let Some(task) = self.state.held.pop() {
                    self.say_standard(Said::NotResumed, &[("task-name", &task.name)]);
                    self.note_end(&task, EndReason::Canceled, Some(FailureReason::UserAborted));
                    self.end_with(EndReason::Canceled, task.dialog_id, task.name);
                }
            }
            None => {
                self.understand(text)?;
            }
        }
        Ok(())
    }

    /// Input for the node that waits.
    fn answer_node(&mut self, text: &str) -> Result<(), Failure> {
        let (_, node, component) = self.current()?;
        self.hear_words(text);
        let flow = match self.frame().and_then(|frame| frame.waiting.clone()) {
            None => return Ok(()),
            Some(Waiting::Input) => {
                let found = self.detect(text);
                if let Some(frame) = self.frame_mut() {
                    frame.matched = found
                        .winners
                        .first()
                        .filter(|w| w.kind == Kind::Dialog)
                        .map(|w| w.id.clone());
                    frame.waiting = None;
                }
                Some(Flow::Next)
            }
            Some(Waiting::Choice(offers)) => match pick(&offers, text) {
                Some(at) => Some(entity::choose(self, component, offers[at].value.clone())),
                None => self.answer_value(node, component, text)?,
            },
            Some(Waiting::Entity | Waiting::Time(_) | Waiting::Confirmation) => {
                self.answer_value(node, component, text)?
            }
        };
        match flow {
            Some(Flow::Next) => self.leave(),
            Some(Flow::Goto(target)) => self.go_to(&target),
            Some(Flow::Stay) | None => Ok(()),
        }
    }

    /// The node's own value, another intent, or a retry, in the order of the node's settings.
    fn answer_value(
        &mut self,
        node: &'a Node,
        component: &'a Component,
        text: &str,
    ) -> Result<Option<Flow>, Failure> {
        let found = self.detect(text);
        let intent = found
            .winners
            .first()
            .filter(|_| found.result == Found::Success)
            .cloned();
        let choosing = matches!(
            self.frame().and_then(|frame| frame.waiting.as_ref()),
            Some(Waiting::Choice(_))
        );
        // any text is a value of a free text, so that a wish for repetition has to go before it
        let free = matches!(&component.kind, ComponentKind::Entity(e) if is_text(&e.entity_type));
        if free && intent.is_none() && self.conversation_event(text)? {
            return Ok(None);
        }
        let before = match &component.kind {
            ComponentKind::Entity(e) if is_text(&e.entity_type) => node.options.execute_intent,
            _ => node.options.intent_over_entity,
        };
        let wins = |m: &Match| m.kind != Kind::SmallTalk;
        if before
            && let Some(winner) = intent.as_ref().filter(|m| wins(m))
            && self.interrupt(winner, text)?
        {
            return Ok(None);
        }
        if let Some(flow) = self.value_flow(node, component, text)? {
            if let Some(winner) = intent.filter(|m| m.kind == Kind::Dialog) {
                self.add_follow_up(&winner.ref_id);
                if winner.dialog_ref.is_empty() {
                    self.note_once("identifiedSub-Intents", &winner.ref_id);
                }
            }
            return Ok(Some(flow));
        }
        if let Some(winner) = intent.as_ref()
            && !before
            && self.interrupt(winner, text)?
        {
            return Ok(None);
        }
        if found.result == Found::Ambiguous && self.interrupt_by_several(&found, text)? {
            return Ok(None);
        }
        if intent.is_none() && self.conversation_event(text)? {
            return Ok(None);
        }
        if choosing {
            // neither a choice nor another value: the entity stays empty
            entity::forget_choice(self);
            return Ok(Some(Flow::Next));
        }
        let (dialog, _, _) = self.current()?;
        if entity::fill_later(self, dialog, node, text) {
            self.prompt_again()?;
            return Ok(None);
        }
        if self.amend(text)? {
            return Ok(None);
        }
        let otherwise = matches!(component.kind, ComponentKind::Confirmation(_))
            && node.transitions.iter().any(|way| way.condition.is_none());
        if otherwise {
            if let Some(frame) = self.frame_mut() {
                frame.waiting = None;
            }
            return Ok(Some(Flow::Next));
        }
        entity::retry(self, node, component).map(Some)
    }

    fn value_flow(
        &mut self,
        node: &'a Node,
        component: &'a Component,
        text: &str,
    ) -> Result<Option<Flow>, Failure> {
        match &component.kind {
            ComponentKind::Entity(kind) => {
                let found = entity::look(self, component, kind, text);
                if found == nlu::Extraction::None
                    && entity::take_day(self, node, component, kind, text)
                {
                    return Ok(Some(Flow::Stay));
                }
                entity::accept(self, node, component, found).transpose()
            }
            ComponentKind::Confirmation(kind) => Ok(confirmation::read(
                self, component, kind, text,
            )
            .map(|answer| {
                self.use_last_words(0, text.len(), node.options.lock_words);
                confirmation::set(self, component, answer);
                Flow::Next
            })),
            _ => Ok(None),
        }
    }

    pub(crate) fn add_follow_up(&mut self, ref_id: &str) {
        self.note_once("FollowupIntents", ref_id);
    }

    /// Adds to a list of the context what it does not hold yet.
    fn note_once(&mut self, list: &str, entry: &str) {
        let list = self.context_mut().entry(list).or_insert_with(|| json!([]));
        if let Value::Array(list) = list
            && !list.iter().any(|have| have == entry)
        {
            list.push(json!(entry));
        }
    }
}

fn is_text(kind: &definition::EntityType) -> bool {
    matches!(
        kind,
        definition::EntityType::Label | definition::EntityType::Description
    )
}

pub(crate) fn candidate(winner: &Match, text: &str) -> Candidate {
    Candidate {
        title: winner.name.clone(),
        what: winner.kind.wire().to_owned(),
        id: winner.id.clone(),
        dialog_ref: winner.dialog_ref.clone(),
        text: text.to_owned(),
    }
}

/// A match as scripts see it.
fn result(winner: &Match) -> Value {
    json!({"intent": winner.name, "refId": winner.ref_id, "score": winner.score})
}

pub(crate) fn offers(options: &[Candidate]) -> Vec<Offer> {
    options
        .iter()
        .map(|o| Offer {
            title: o.title.clone(),
            value: json!(o.title),
        })
        .collect()
}

/// Which offer a text picks: by letter, number, name or a word that only one of them has.
pub(crate) fn pick(offers: &[Offer], text: &str) -> Option<usize> {
    let plain = text.trim().trim_end_matches(['.', ')', '!']).to_lowercase();
    let lower = |offer: &Offer| offer.title.to_lowercase();
    if let Some(at) = offers.iter().position(|offer| lower(offer) == plain) {
        return Some(at);
    }
    let number = plain.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let mut chars = plain.chars();
    let letter = match (chars.next(), chars.next()) {
        (Some(c @ 'a'..='z'), None) => Some(c as usize - 'a' as usize),
        _ => None,
    };
    if let Some(at) = number.or(letter).filter(|at| *at < offers.len()) {
        return Some(at);
    }
    let words: Vec<&str> = plain
        .split_whitespace()
        .filter(|word| word.chars().count() > 2)
        .collect();
    let has = |offer: &Offer| {
        words
            .iter()
            .any(|word| lower(offer).split_whitespace().any(|have| have == *word))
    };
    let hits: Vec<usize> = offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| has(offer))
        .map(|(at, _)| at)
        .collect();
    match hits.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_picked_by_letter_number_name_or_unique_word() {
        let list = ["Book Flight", "Book Cab"].map(|t| Offer {
            title: t.into(),
            value: json!(t),
        });
        for (text, want) in [
            ("b", Some(1)),
            ("1.", Some(0)),
            ("book cab", Some(1)),
            ("the flight please", Some(0)),
            ("book", None),
            ("c", None),
            ("0", None),
            ("train", None),
        ] {
            assert_eq!(pick(&list, text), want, "{text}");
        }
    }
}
