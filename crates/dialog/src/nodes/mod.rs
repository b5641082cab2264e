//! What each kind of node does.

pub(crate) mod action;
pub(crate) mod confirmation;
pub(crate) mod entity;
pub(crate) mod link;
pub(crate) mod message;
mod reading;
pub(crate) mod service;

use crate::failure::Failure;
use crate::scene::Extras;
use crate::turn::Turn;
use crate::{Event, FailureReason};
use definition::{Component, ComponentKind, Dialog, Node};
use script::Kind;

/// What follows a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The transitions decide.
    Next,
    /// This node of the same dialog.
    Goto(String),
    /// It waits, or has changed the stack itself.
    Stay,
}

pub(crate) fn run<'a>(
    turn: &mut Turn<'a>,
    dialog: &'a Dialog,
    node: &'a Node,
    component: &'a Component,
) -> Result<Flow, Failure> {
    match &component.kind {
        ComponentKind::Intent(_) => link::run(turn, dialog, node),
        ComponentKind::Entity(entity) => entity::run(turn, node, component, entity),
        ComponentKind::Confirmation(confirmation) => {
            confirmation::run(turn, node, component, confirmation)
        }
        ComponentKind::Message => message::run(turn, node, component),
        ComponentKind::Script(source) => turn
            .run_script(source, Kind::Script, &Extras::default())
            .map(|_| Flow::Next),
        ComponentKind::Service(service) => service::run(turn, node, component, service),
        ComponentKind::Logic(assignments) => {
            turn.assign(assignments);
            Ok(Flow::Next)
        }
        ComponentKind::BotAction(action) => action::run(turn, action),
        ComponentKind::DynamicIntent(path) => link::dynamic(turn, node, path),
        ComponentKind::AgentTransfer => {
            turn.out.events.push(Event::AgentTransfer {
                component: component.name.clone(),
                dialog_id: dialog.id.clone(),
            });
            turn.state.remember(
                serde_json::json!({"dialogState": "transferredToAgent", "timestamp": turn.input.now_ms}),
            );
            Err(Failure {
                why: FailureReason::AgentTransfer,
                ..Failure::not_running("agentTransfer", &component.name)
            })
        }
        other => Err(Failure::not_running(other.name(), &component.name)),
    }
}
