//! When a task cannot go on.

use crate::standard::Said;
use crate::turn::Turn;
use crate::{EndReason, Event, FailureReason, LogLevel, Origin};
use definition::EventAction;

/// Why a task failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For developers; never a value or a secret.
    pub cause: String,
    /// What the user reads when nothing else is set.
    pub said: Said,
    /// What analytics counts it as.
    pub why: FailureReason,
}

impl Failure {
    pub(crate) fn broken(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            said: Said::TaskFailed,
            why: FailureReason::Definition,
        }
    }
    pub(crate) fn script(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            said: Said::TaskFailed,
            why: FailureReason::Script,
        }
    }
    pub(crate) fn limit(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            said: Said::Fallback,
            why: FailureReason::Definition,
        }
    }
    pub(crate) fn service(cause: impl Into<String>, said: Said) -> Self {
        Self {
            cause: cause.into(),
            said,
            why: match said {
                Said::SignInNeeded => FailureReason::Authorization,
                _ => FailureReason::Service,
            },
        }
    }
    pub(crate) fn not_running(kind: &str, name: &str) -> Self {
        Self::broken(format!(
            "the node {name} is of the kind {kind}, which does not run yet"
        ))
    }
}

impl Turn<'_> {
    /// Ends the running task as failed: the dialog's own handling, else the event, else our text.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.log(LogLevel::Error, format!("task failed: {}", failure.cause));
        let node = self.current().ok();
        if let Some((dialog, node, component)) = node {
            self.note_node(dialog, node, component, "error");
        }
        self.pending = None;
        let own = node.and_then(|(dialog, _, _)| dialog.on_task_failure.as_ref());
        self.state.wishes.clear();
        let failed = self.state.task.take();
        let again = self.handling_failure
            || failed
                .as_ref()
                .is_some_and(|task| task.origin == Origin::Failure);
        let (task_id, task_name) = failed
            .map(|task| (task.dialog_id, task.name))
            .unwrap_or_default();
        self.out.events.push(Event::TaskFailed {
            task_id: task_id.clone(),
            task_name: task_name.clone(),
            cause: failure.cause,
            why: failure.why,
        });
        if again {
            self.handling_failure = false;
            self.say_standard(Said::Fallback, &[]);
            self.end_with(EndReason::FailedEvent, task_id, task_name);
            return;
        }
        self.handling_failure = true;
        self.start_counting_anew();
        let event = self
            .engine
            .agent
            .event("TASK_FAILURE_EVENT")
            .map(|event| &event.action);
        let action = own.or(event).filter(|action| !is_nothing(action));
        let handled = action.map(|action| self.act(action, Origin::Failure));
        match handled {
            Some(Ok(true)) if self.state.task.is_some() => {}
            Some(Ok(true)) => self.end_with(EndReason::FulfilledEvent, task_id, task_name),
            Some(Err(second)) => {
                self.log(
                    LogLevel::Error,
                    format!("the failure handler failed: {}", second.cause),
                );
                self.state.task = None;
                self.say_standard(Said::Fallback, &[]);
                self.end_with(EndReason::FailedEvent, task_id, task_name);
            }
            Some(Ok(false)) | None => {
                self.say_standard(failure.said, &[]);
                self.end_with(EndReason::Failed, task_id, task_name);
            }
        }
        self.handling_failure = false;
    }
}

fn is_nothing(action: &EventAction) -> bool {
    match action {
        EventAction::Nothing => true,
        EventAction::Dialog(reference) => reference.is_empty(),
        EventAction::Message(messages) => messages.is_empty(),
        EventAction::Script(source) => matches!(source.trim(), "" | "."),
    }
}
