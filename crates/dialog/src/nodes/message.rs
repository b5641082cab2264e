//! Message nodes.

use super::Flow;
use crate::failure::Failure;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{GIVEN_LIMIT, Waiting};
use definition::{Component, Node};

pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
) -> Result<Flow, Failure> {
    let (dialog, _, _) = turn.current()?;
    let here = (dialog.id.clone(), node.id.clone());
    let seen = turn
        .state
        .task
        .as_ref()
        .is_some_and(|task| task.shown.contains(&here));
    let leave_out = turn.skip_shown && seen && !node.options.wait_for_input;
    if !leave_out {
        say(turn, node, component)?;
    }
    if let Some(task) = &mut turn.state.task
        && !seen
        && task.shown.len() < GIVEN_LIMIT
    {
        task.shown.push(here);
    }
    if node.options.wait_for_input {
        turn.wait(Waiting::Input);
        return Ok(Flow::Stay);
    }
    Ok(Flow::Next)
}

pub(crate) fn say<'a>(
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
    let script = matches!(
        turn.wording(messages, None),
        Some(definition::MessageBody::JavaScript(_))
    );
    if !turn.say_one_of(messages, None)? && !script {
        turn.say_standard(Said::EmptyMessage, &[]);
    }
    Ok(())
}
