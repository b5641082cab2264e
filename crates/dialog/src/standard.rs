//! Standard responses: our own texts, which an agent may word anew.

use crate::scene::Extras;
use crate::turn::Turn;
use crate::{BubbleBody, Offer};
use definition::MessageBody;
use serde_json::{Value, json};

/// A situation that has a standard response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Discarded,
    DiscardedAll,
    NothingToDiscard,
    Help,
    NotUnderstood,
    WhichIntent,
    DidYouMean,
    PickAgain,
    WhichValue,
    MissingPrompt,
    BadValue,
    BadValueOfList,
    ConfirmAgain,
    Attempts,
    AskSwitch,
    Switched,
    Stay,
    TooManyHeld,
    AskResume,
    Resumed,
    NotResumed,
    ServiceFailed,
    ServiceTimedOut,
    SignInNeeded,
    EmptyMessage,
    TaskFailed,
    Fallback,
    LanguageSwitched,
    TooLong,
    WhichAmend,
    FollowUp,
    AskTime,
    BadTime,
    NothingToRepeat,
    RepeatedEnough,
}

impl Said {
    /// Our text, and the condition under which an agent may word it anew.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Discarded => (
                "OK, I have stopped <task-name>.",
                "User discards the current task",
            ),
            Self::DiscardedAll => ("OK, I have stopped everything.", "User discards all tasks"),
            Self::NothingToDiscard => ("There is nothing to stop.", "Nothing to discard"),
            Self::Help => (
                "Here is what I can do: <list-of-tasks>",
                "Listing all tasks",
            ),
            Self::NotUnderstood => (
                "Sorry, I did not understand that.",
                "Cannot understand your request",
            ),
            Self::WhichIntent => ("Which of these do you mean?", "I am not sure what you mean"),
            Self::DidYouMean => ("Did you mean one of these?", "Did you mean"),
            Self::PickAgain => (
                "Please pick one by its letter or name.",
                "Tell me the alphabet or a unique word for action you want (after an invalid choice)",
            ),
            Self::WhichValue => (
                "Which one do you mean?",
                "List ambiguous list of values to user to choose from",
            ),
            Self::MissingPrompt => ("Please enter <field-prompt>.", "Missing prompt"),
            Self::BadValue => (
                "That does not fit. Please enter <field-prompt>.",
                "Missing error prompt",
            ),
            Self::BadValueOfList => ("That is not one of the choices.", "Wrong list value"),
            Self::ConfirmAgain => ("Please answer yes or no.", "Confirmation not understood"),
            Self::Attempts => (
                "That was one attempt too many, so I have to stop here.",
                "Exceeded attempts",
            ),
            Self::AskSwitch => (
                "You are in the middle of <task-name>. Do you want to switch to <current-intended-action>?",
                "Ask the user to switch",
            ),
            Self::Switched => (
                "I have stopped <task-name>.",
                "Notify the user that we have cancelled the current task to switch to another",
            ),
            Self::Stay => (
                "Let us finish <task-name> first. I have noted <current-intended-action>.",
                "Stay with follow-up",
            ),
            Self::TooManyHeld => ("Let us finish <task-name> first.", "Too many tasks on hold"),
            Self::AskResume => ("Shall we go on with <task-name>?", "Ask the user to resume"),
            Self::Resumed => (
                "Back to <task-name>.",
                "Notify the user that the task is resumed",
            ),
            Self::NotResumed => ("OK, I have stopped <task-name>.", "Paused task cancelled"),
            Self::ServiceFailed => (
                "Sorry, a service did not answer. Please try again later.",
                "Service failed",
            ),
            Self::ServiceTimedOut => (
                "Sorry, a service took too long. Please try again later.",
                "Service timed out",
            ),
            Self::SignInNeeded => (
                "Sorry, this needs a sign-in that is not available here.",
                "Authorization needed",
            ),
            Self::EmptyMessage => ("There is nothing to show.", "Empty message"),
            Self::TaskFailed => (
                "Sorry, something went wrong. Please try again later.",
                "Task failed",
            ),
            Self::Fallback => (
                "Sorry, I cannot help with that right now.",
                "Universal fallback",
            ),
            Self::LanguageSwitched => ("OK, I have switched the language.", "Language switched"),
            Self::WhichAmend => ("Which one do you want to change?", "Amend entity ambiguity"),
            Self::FollowUp => ("What shall I do next?", "Follow-up choice"),
            Self::AskTime => ("At what time on <date>?", "Ask for the time only"),
            Self::BadTime => (
                "That is no time of day. Please enter a time, such as 5 pm.",
                "Invalid time",
            ),
            Self::NothingToRepeat => ("There is nothing to repeat.", "Nothing to repeat"),
            Self::RepeatedEnough => (
                "I have said that several times now, so I have to stop here.",
                "Exceeded repeats",
            ),
            Self::TooLong => (
                "That is too long for me. Please say it in fewer words.",
                "Input too long",
            ),
        }
    }
}

impl Turn<'_> {
    /// Sends the standard response for a situation. `words` fill tags such as `<task-name>`.
    pub(crate) fn say_standard(&mut self, said: Said, words: &[(&str, &str)]) {
        let text = self.standard_text(said, words, &[]);
        match text {
            Ok(text) => self.say(BubbleBody::Text(text)),
            Err(body) => self.say(body),
        }
    }

    /// Sends the given text when there is one, else the standard response.
    pub(crate) fn say_custom_or(
        &mut self,
        custom: Option<&str>,
        said: Said,
        words: &[(&str, &str)],
    ) {
        match custom.filter(|text| !text.trim().is_empty()) {
            Some(text) => {
                let text = self.render(&fill(text, words));
                self.say(BubbleBody::Text(text));
            }
            None => self.say_standard(said, words),
        }
    }

    /// Sends a standard response with numbered choices under it; an agent's own wording decides itself what it shows.
    pub(crate) fn offer(&mut self, said: Said, offers: &[Offer]) {
        match self.standard_text(said, &[], offers) {
            Ok(text) if self.overridden(said).is_none() => {
                self.say(BubbleBody::Text(with_letters(&text, offers)));
            }
            Ok(text) => self.say(BubbleBody::Text(text)),
            Err(body) => self.say(body),
        }
    }

    fn overridden(&self, said: Said) -> Option<&'static str> {
        let condition = said.texts().1;
        self.engine
            .agent
            .response(condition, &self.language)
            .map(|_| condition)
    }

    /// A text with the names of the agent in the place of their tags.
    pub(crate) fn with_names(&self, text: &str) -> String {
        let name = self.engine.agent.name(&self.language);
        fill(text, &[("bot-name", name), ("display-bot-name", name)])
    }

    fn standard_text(
        &mut self,
        said: Said,
        words: &[(&str, &str)],
        offers: &[Offer],
    ) -> Result<String, BubbleBody> {
        let agent = self.engine.agent;
        let (ours, condition) = said.texts();
        let name = agent.name(&self.language).to_owned();
        let tasks = self.task_names().join(", ");
        let mut all = words.to_vec();
        all.extend([
            ("bot-name", name.as_str()),
            ("display-bot-name", name.as_str()),
            ("list-of-tasks", tasks.as_str()),
        ]);
        let fallback = fill(ours, &all);
        let Some(own) = agent.response(condition, &self.language) else {
            return Ok(fallback);
        };
        let choices: Vec<Value> = offers
            .iter()
            .map(|o| json!({"title": o.title, "value": o.value}))
            .collect();
        let extras = Extras {
            choices: Some(Value::Array(choices)),
            message: fallback.clone(),
        };
        let body = match self.wording(&own.messages, None) {
            Some(MessageBody::Plain(text)) => {
                let text = fill(text, &all);
                self.body(&MessageBody::Plain(text), &extras)
            }
            Some(body) => self.body(body, &extras),
            None => Ok(None),
        };
        match body {
            Ok(Some(BubbleBody::Text(text))) => Ok(text),
            Ok(Some(template)) => Err(template),
            Ok(None) | Err(_) => Ok(fallback),
        }
    }

    /// Names of the dialogs that a user may ask for.
    pub(crate) fn task_names(&self) -> Vec<String> {
        let agent = self.engine.agent;
        let listed = agent
            .dialogs
            .iter()
            .filter(|dialog| !dialog.is_hidden && !dialog.is_follow_up);
        listed
            .map(|dialog| agent.dialog_title(dialog, &self.language))
            .collect()
    }
}

/// A text with lettered choices under it.
pub(crate) fn with_letters(text: &str, offers: &[Offer]) -> String {
    let lines: Vec<String> = offers
        .iter()
        .enumerate()
        .map(|(at, offer)| format!("{}) {}", letter(at), offer.title))
        .collect();
    format!("{text}\n{}", lines.join("\n"))
}

/// `a`, `b`, … for lists.
pub(crate) fn letter(at: usize) -> String {
    u8::try_from(at).ok().filter(|at| *at < 26).map_or_else(
        || (at + 1).to_string(),
        |at| char::from(b'a' + at).to_string(),
    )
}

fn fill(text: &str, words: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (tag, word) in words {
        text = text.replace(&format!("<{tag}>"), word);
    }
    text
}

/// A reply to a pleasantry, for agents that have no small talk of their own.
pub(crate) fn pleasantry(text: &str) -> Option<&'static str> {
    let plain: String = text
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace())
        .collect();
    let plain = plain
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Some(match plain.as_str() {
        "thanks" | "thank you" | "thank you very much" | "thx" => "You are welcome.",
        "ok" | "okay" | "great" | "that helped" | "done" => "Good. What else can I do for you?",
        "bye" | "goodbye" | "see you" => "Goodbye.",
        "how are you" | "how do you do" => "I am fine, thank you. How can I help?",
        "who are you" => "I am a virtual assistant.",
        _ if is_greeting(text) => "Hello. How can I help?",
        _ => return None,
    })
}

/// True for a question what the agent can do.
pub(crate) fn asks_for_help(text: &str) -> bool {
    let plain = text.trim().trim_end_matches(['.', '!', '?']).to_lowercase();
    let plain = plain.trim_end_matches(" please").trim_end();
    matches!(
        plain,
        "help me"
            | "i need help"
            | "can you help me"
            | "how can you help me"
            | "what can you do"
            | "what can you do for me"
            | "what do you do"
            | "what can i do here"
            | "what can i ask you"
            | "menu"
            | "options"
    )
}

/// True for a bare greeting.
pub(crate) fn is_greeting(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace())
        .collect();
    let plain = plain
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    matches!(
        plain.as_str(),
        "hi" | "hello"
            | "hey"
            | "hi there"
            | "hello there"
            | "hey there"
            | "good morning"
            | "good afternoon"
            | "good evening"
            | "greetings"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_pleasantry_is_one() {
        assert!(pleasantry("Hi!").is_some());
        assert!(pleasantry(" Thank  you. ").is_some());
        assert!(pleasantry("hi, book a flight").is_none());
        assert!(is_greeting("Good morning!") && !is_greeting("thanks"));
    }

    #[test]
    fn lists_are_lettered_then_numbered() {
        assert_eq!(
            (letter(0), letter(25), letter(26)),
            ("a".into(), "z".into(), "27".into())
        );
    }
}
