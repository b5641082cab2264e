//! Message nodes.

use super::Flow;
use crate::Waiting;
use crate::failure::Failure;
use crate::standard::Said;
use crate::turn::Turn;
use definition::{Component, Node};

pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
) -> Result<Flow, Failure> {
    say(turn, node, component)?;
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
