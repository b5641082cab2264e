//! Wishes about the conversation itself, which events of the agent answer: say it again, start over, give me a person, wait, let us
//! end this, I will not say. English only; any intent, FAQ or small talk of the agent goes before them.

use crate::failure::Failure;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{EndReason, Event, FailureReason, Origin};
use definition::EventAction;
use serde_json::json;

/// How often something is repeated in a row when the agent does not say.
const REPEATS: u32 = 5;
/// The most that an agent may say.
const MOST_REPEATS: u32 = 10;

/// A wish about the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Repeat,
    Restart,
    Person,
    Pause,
    End,
    Refuse,
}

impl Wish {
    /// Its name for the scripts of `INTERACTION_INTENTS`.
    fn name(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Restart => "restart",
            Self::Person => "agentTransfer",
            Self::Pause => "pause",
            Self::End => "end",
            Self::Refuse => "refuse",
        }
    }
}

/// The wishes, each with the words for it.
const WORDS: [(Wish, &[&str]); 6] = [
    (
        Wish::Repeat,
        &[
            "repeat",
            "repeat that",
            "repeat it",
            "repeat again",
            "repeat the question",
            "repeat please",
            "say that again",
            "say it again",
            "come again",
            "again",
            "once again",
            "once more",
            "one more time",
            "what did you say",
            "what was that",
            "pardon",
            "pardon me",
            "i did not hear you",
            "i did not hear that",
            "i did not catch that",
            "i did not get that",
        ],
    ),
    (
        Wish::Restart,
        &[
            "restart",
            "start over",
            "start again",
            "start anew",
            "start from the beginning",
            "begin again",
            "restart the conversation",
            "restart the chat",
            "let us start over",
        ],
    ),
    (
        Wish::Person,
        &[
            "agent",
            "human",
            "operator",
            "representative",
            "real person",
            "live agent",
            "human agent",
            "talk to an agent",
            "talk to a human",
            "talk to a person",
            "talk to a real person",
            "talk to someone",
            "talk to a live agent",
            "talk to a representative",
            "speak to an agent",
            "speak to a human",
            "speak to a person",
            "speak to someone",
            "speak to a representative",
            "speak with an agent",
            "speak with a human",
            "connect me to an agent",
            "connect me to a human",
            "transfer me to an agent",
            "i want a human",
            "i want an agent",
            "i need a human",
        ],
    ),
    (
        Wish::Pause,
        &[
            "wait",
            "wait a minute",
            "wait a moment",
            "wait a second",
            "hold on",
            "hold on a minute",
            "hold on a second",
            "hang on",
            "one moment",
            "one minute",
            "one second",
            "just a moment",
            "just a minute",
            "just a second",
            "give me a minute",
            "give me a moment",
            "give me a second",
            "pause",
            "be right back",
            "brb",
        ],
    ),
    (
        Wish::End,
        &[
            "end",
            "end the chat",
            "end the conversation",
            "end this chat",
            "end this conversation",
            "stop the conversation",
            "bye",
            "bye bye",
            "goodbye",
            "good bye",
            "that is all",
            "that will be all",
            "i am done",
            "we are done",
            "nothing else",
        ],
    ),
    (
        Wish::Refuse,
        &[
            "i refuse",
            "i refuse to answer",
            "i refuse to say",
            "i will not answer",
            "i will not answer that",
            "i will not say",
            "i will not tell you",
            "i do not want to answer",
            "i do not want to answer that",
            "i do not want to say",
            "i do not want to tell you",
            "i would rather not say",
            "i prefer not to say",
            "none of your business",
            "that is none of your business",
        ],
    ),
];

/// What people put around a wish.
const AROUND: [&str; 14] = [
    "please ",
    "sorry ",
    "hey ",
    "ok ",
    "can you ",
    "could you ",
    "would you ",
    "can i ",
    "could i ",
    "may i ",
    "i want to ",
    "i would like to ",
    "i need to ",
    "let me ",
];

impl Turn<'_> {
    /// Fires the event of what the user wishes for the conversation. False: it is no wish, or nothing is set for it.
    pub(crate) fn conversation_event(&mut self, text: &str) -> Result<bool, Failure> {
        if !self.language.starts_with("en") {
            return Ok(false);
        }
        let Some(wish) = wish(text) else {
            return Ok(false);
        };
        let own = match wish {
            Wish::Repeat => self.repeat()?,
            Wish::Restart => self.leave_for("RESTART_CONVERSATION_EVENT")?,
            Wish::Person => self.leave_for("AGENT_TRANSFER_EVENT")?,
            Wish::Pause | Wish::End | Wish::Refuse => false,
        };
        Ok(own || self.interact(wish)?)
    }

    /// Fires the event for wishes that have none of their own. A message or script leaves the running task where it is.
    fn interact(&mut self, wish: Wish) -> Result<bool, Failure> {
        let name = "INTERACTION_INTENTS";
        if !self.is_set(name) {
            return Ok(false);
        }
        let event = self.engine.agent.event(name);
        let starts = event.is_some_and(|event| matches!(event.action, EventAction::Dialog(_)));
        if starts {
            self.state.question = None;
            self.cancel_task(FailureReason::OtherTask);
        }
        self.tell_found(vec![
            json!({"intent": wish.name(), "type": "conversationintents"}),
        ]);
        self.fire(name, Origin::Event)
    }

    /// The event's dialog takes the place of the running task.
    fn leave_for(&mut self, name: &str) -> Result<bool, Failure> {
        if !self.is_set(name) {
            return Ok(false);
        }
        self.state.question = None;
        self.state.held.clear();
        self.cancel_task(FailureReason::OtherTask);
        self.fire(name, Origin::Event)
    }

    /// The event is on for this channel, and what it says can be done.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        let agent = self.engine.agent;
        let event = agent
            .event(name)
            .filter(|event| event.is_on(&self.input.channel));
        event.is_some_and(|event| match &event.action {
            EventAction::Nothing => false,
            EventAction::Dialog(reference) => {
                agent.dialog_by_ref(reference).is_some() || agent.dialog(reference).is_some()
            }
            EventAction::Message(_) | EventAction::Script(_) => true,
        })
    }

    /// True when the agent repeats what it said on this channel.
    pub(crate) fn repeats(&self) -> bool {
        let event = self.engine.agent.event("REPEAT_RESPONSE_EVENT");
        event.is_some_and(|event| event.is_on(&self.input.channel))
    }

    /// Says again what was said since the user wrote last. Past the limit the event's dialog runs, or its message is said and the
    /// task ends.
    fn repeat(&mut self) -> Result<bool, Failure> {
        if !self.repeats() {
            return Ok(false);
        }
        let name = "REPEAT_RESPONSE_EVENT";
        let limit = self.engine.agent.event(name).and_then(|event| event.limit);
        let limit = limit.unwrap_or(REPEATS).clamp(1, MOST_REPEATS);
        self.state.repeats = self.state.repeats.saturating_add(1);
        self.repeated = true;
        if self.state.repeats <= limit {
            match self.state.last_said.clone() {
                none if none.is_empty() => self.say_standard(Said::NothingToRepeat, &[]),
                said => self.out.messages.extend(said),
            }
            self.out.events.push(Event::EventRun {
                name: name.to_owned(),
            });
            return Ok(true);
        }
        self.state.repeats = 0;
        let acted = self.is_set(name) && self.fire(name, Origin::Event)?;
        if !acted {
            self.say_standard(Said::RepeatedEnough, &[]);
        }
        let of_dialog = self
            .engine
            .agent
            .event(name)
            .is_some_and(|event| acted && matches!(event.action, EventAction::Dialog(_)));
        if !of_dialog {
            self.end_task_because(EndReason::Canceled, FailureReason::Attempts)?;
        }
        Ok(true)
    }
}

fn wish(text: &str) -> Option<Wish> {
    let lower = text.to_lowercase().replace(['\u{2019}', '\''], "'");
    let lower = lower
        .replace("didn't", "did not")
        .replace("let's", "let us");
    let lower = lower
        .replace("i'd ", "i would ")
        .replace("don't", "do not")
        .replace("won't", "will not")
        .replace("that's", "that is")
        .replace("i'm ", "i am ")
        .replace("we're ", "we are ");
    let words: String = lower
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut bare = words.strip_suffix(" please").unwrap_or(&words);
    while let Some(rest) = AROUND.iter().find_map(|head| bare.strip_prefix(head)) {
        bare = rest;
    }
    let said = WORDS.iter().find(|(_, words)| words.contains(&bare));
    said.map(|(wish, _)| *wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_all_that_is_said() {
        for (text, want) in [
            ("Can you repeat that, please?", Some(Wish::Repeat)),
            ("Sorry, I didn’t catch that", Some(Wish::Repeat)),
            ("repeat my last order", None),
            ("Start over!", Some(Wish::Restart)),
            ("let's start over", Some(Wish::Restart)),
            ("start over with the number", None),
            ("I'd like to talk to a human", Some(Wish::Person)),
            ("which agent sold it", None),
            ("Hold on a second, please", Some(Wish::Pause)),
            ("wait for the parcel", None),
            ("That's all", Some(Wish::End)),
            ("end of May", None),
            ("I'd rather not say", Some(Wish::Refuse)),
            ("I don't want to answer that!", Some(Wish::Refuse)),
            ("", None),
        ] {
            assert_eq!(wish(text), want, "{text}");
        }
    }
}
