//! Bot actions: a small graph inside one node.

use super::Flow;
use crate::failure::Failure;
use crate::turn::Turn;
use definition::{BotAction, Component, ComponentKind, Node};

/// Steps inside; an empty action is passed.
pub(super) fn run(turn: &mut Turn<'_>, action: &BotAction) -> Result<Flow, Failure> {
    let Some(first) = action.nodes.get(action.start) else {
        return Ok(Flow::Next);
    };
    if let Some(frame) = turn.frame_mut() {
        frame.inner = Some(first.id.clone());
    }
    Ok(Flow::Stay)
}

/// The inner node with this id. The component's copy alone has transitions.
pub(crate) fn inner<'a>(component: &'a Component, id: &str) -> Option<&'a Node> {
    match &component.kind {
        ComponentKind::BotAction(action) => action.nodes.iter().find(|node| node.id == id),
        _ => None,
    }
}
