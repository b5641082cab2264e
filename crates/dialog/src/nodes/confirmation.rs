//! Yes-or-no questions.

use super::Flow;
use crate::failure::Failure;
use crate::scene::Extras;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{BubbleBody, Offer, Waiting};
use definition::{Component, Condition, Confirmation, Localized, Node, Reuse};
use nlu::confirm::{Answer, said_before, yes_no};
use serde_json::json;

pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
    confirmation: &'a Confirmation,
) -> Result<Flow, Failure> {
    if already_open(turn, node) {
        return Ok(Flow::Next);
    }
    if node.options.reuse != Reuse::Never {
        let earlier = turn.readable_words(node.options.reuse == Reuse::All);
        for (at, text) in earlier {
            if !turn.were_taken(at) {
                continue;
            }
            let (yes, no) = own_words(turn, component, confirmation);
            if let Some(answer) = said_before(&text, &yes, &no) {
                turn.use_words(at, 0, text.len(), node.options.lock_words);
                set(turn, component, answer);
                return Ok(Flow::Next);
            }
        }
    }
    prompt(turn, node, component)?;
    turn.wait(Waiting::Confirmation);
    Ok(Flow::Stay)
}

/// A condition on the context that holds already.
fn already_open(turn: &mut Turn<'_>, node: &Node) -> bool {
    let conditions = node.transitions.iter().filter_map(|t| t.condition.as_ref());
    for condition in
        conditions.filter(|c| !matches!(c, Condition::DialogAct(_) | Condition::Intent(_)))
    {
        if turn.holds(condition) {
            return true;
        }
    }
    false
}

pub(crate) fn prompt<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
) -> Result<(), Failure> {
    let own = &node.options.messages;
    let messages = if own.is_empty() {
        &component.messages
    } else {
        own
    };
    let body = match turn.wording(messages, None) {
        Some(body) => turn.body(body, &Extras::default())?,
        None => None,
    };
    match body {
        Some(BubbleBody::Text(text)) if component.shows_choices => {
            let offers = ["Yes", "No"].map(|word| Offer {
                title: word.into(),
                value: json!(word),
            });
            turn.say(super::entity::buttons(&text, &offers));
        }
        Some(body) => turn.say(body),
        None => turn.say_standard(Said::ConfirmAgain, &[]),
    }
    Ok(())
}

/// The answer in an input, if there is one.
pub(crate) fn read(
    turn: &Turn<'_>,
    component: &Component,
    confirmation: &Confirmation,
    text: &str,
) -> Option<Answer> {
    let (yes, no) = own_words(turn, component, confirmation);
    yes_no(text, &yes, &no)
}

/// The agent's own words for yes and no.
fn own_words(
    turn: &Turn<'_>,
    component: &Component,
    confirmation: &Confirmation,
) -> (Vec<String>, Vec<String>) {
    let default = &turn.engine.agent.default_language;
    let rules = turn.context().get("entityRules");
    let rules = rules.and_then(|all| all.get(&component.name));
    let words = |own: &Localized<Vec<String>>, rule: &str| {
        let mut all = own
            .get(&turn.language, default)
            .cloned()
            .unwrap_or_default();
        all.extend(super::reading::words(rules.and_then(|r| r.get(rule))));
        all
    };
    let yes = words(&confirmation.yes, "confirmYesSynonyms");
    let no = words(&confirmation.no, "confirmNoSynonyms");
    (yes, no)
}

pub(crate) fn set(turn: &mut Turn<'_>, component: &Component, answer: Answer) {
    let word = if answer == Answer::Yes { "yes" } else { "no" };
    turn.context_mut()
        .insert(component.name.clone(), json!(word));
    if let Some(frame) = turn.frame_mut() {
        frame.answer = Some(word.into());
        frame.waiting = None;
        frame.retries = 0;
    }
}
