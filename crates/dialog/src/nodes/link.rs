//! Intent nodes: the root, links to other dialogs, local sub-intents, and dialogs by name.

use super::Flow;
use crate::failure::Failure;
use crate::turn::Turn;
use crate::{Candidate, LogLevel};
use definition::{Dialog, IntentUse, Node};

pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    dialog: &'a Dialog,
    node: &'a Node,
) -> Result<Flow, Failure> {
    let at = dialog.position(&node.id).unwrap_or(0);
    match turn.engine.agent.intent_use(dialog, at) {
        IntentUse::Root | IntentUse::SubIntent(_) => Ok(Flow::Next),
        IntentUse::Link(target) => {
            turn.assign(&node.context_map);
            call(turn, target, !node.options.ends_current_task)
        }
        IntentUse::Broken => Err(Failure::broken(format!(
            "the link {} leads nowhere",
            node.id
        ))),
    }
}

/// Runs the dialog, or answers the question, that a template names. Not found: goes on.
pub(super) fn dynamic<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    path: &str,
) -> Result<Flow, Failure> {
    let name = turn.render(path);
    let Some(target) = turn.engine.agent.dialog_by_name(name.trim()) else {
        if let Some(question) = question(turn, name.trim()) {
            turn.answer_aside(&question)?;
        } else {
            turn.log(
                LogLevel::Warning,
                "a dynamic intent names no dialog and no question",
            );
        }
        return Ok(Flow::Next);
    };
    call(turn, target, node.options.within_context)
}

/// The FAQ whose primary question is `name`.
fn question(turn: &Turn<'_>, name: &str) -> Option<Candidate> {
    let agent = turn.engine.agent;
    let mut faqs = agent.knowledge.iter().flat_map(|task| &task.faqs);
    let found = faqs.find(|faq| faq.enabled && faq.question.trim().eq_ignore_ascii_case(name))?;
    Some(Candidate {
        title: found.question.clone(),
        what: "faq".into(),
        id: found.key.clone(),
        ..Candidate::default()
    })
}

fn call<'a>(turn: &mut Turn<'a>, target: &'a Dialog, comes_back: bool) -> Result<Flow, Failure> {
    turn.jump()?;
    let root = target
        .nodes
        .first()
        .ok_or_else(|| Failure::broken("a linked dialog has no nodes"))?;
    if !comes_back && let Some(task) = &mut turn.state.task {
        task.stack.pop();
        task.taken_over = true;
    }
    turn.push(target, &root.id)?;
    Ok(Flow::Stay)
}
