//! Intent nodes: the root, links to other dialogs, local sub-intents, and dialogs by name.

use super::Flow;
use crate::LogLevel;
use crate::failure::Failure;
use crate::turn::Turn;
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

/// Runs the dialog that a template names. Not found: goes on.
pub(super) fn dynamic<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    path: &str,
) -> Result<Flow, Failure> {
    let name = turn.render(path);
    let Some(target) = turn.engine.agent.dialog_by_name(name.trim()) else {
        turn.log(LogLevel::Warning, "a dynamic intent names no dialog");
        return Ok(Flow::Next);
    };
    call(turn, target, node.options.within_context)
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
