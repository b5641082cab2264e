//! Which way leads on from a node.

use crate::failure::Failure;
use crate::scene::is_path;
use crate::turn::Turn;
use crate::{EndReason, path};
use definition::{ComponentKind, Condition, Node, Op, Target};
use serde_json::Value;

impl Turn<'_> {
    /// Leaves the current node by its first true transition.
    pub(crate) fn leave(&mut self) -> Result<(), Failure> {
        let (_, node, _) = self.current()?;
        let target = self.way_on(node);
        self.take(target)
    }

    pub(crate) fn take(&mut self, target: Target) -> Result<(), Failure> {
        match target {
            Target::Node(id) => self.go_to(&id),
            Target::End | Target::ReturnToFlow => {
                let inside = self
                    .frame_mut()
                    .is_some_and(|frame| frame.inner.take().is_some());
                if inside {
                    self.leave()
                } else {
                    self.end_dialog()
                }
            }
        }
    }

    fn way_on(&mut self, node: &Node) -> Target {
        for transition in &node.transitions {
            let open = match &transition.condition {
                None => true,
                Some(condition) => self.holds(condition),
            };
            if open {
                return transition.target.clone();
            }
        }
        Target::End
    }

    /// The dialog at the top ends: back to its caller, or the task is over.
    fn end_dialog(&mut self) -> Result<(), Failure> {
        let Some(task) = &mut self.state.task else {
            return Ok(());
        };
        task.stack.pop();
        if task.stack.is_empty() {
            let reason = if task.taken_over {
                EndReason::FulfilledLinkedDialog
            } else {
                EndReason::Fulfilled
            };
            return self.end_task(reason);
        }
        let (_, node, component) = self.current()?;
        if matches!(component.kind, ComponentKind::Intent(_)) {
            self.assign(&node.post_context_map);
        }
        self.leave()
    }

    pub(crate) fn holds(&mut self, condition: &Condition) -> bool {
        match condition {
            Condition::DialogAct(word) => {
                self.frame().and_then(|f| f.answer.as_deref()) == Some(word.as_str())
            }
            Condition::Context { path, op, value } => {
                let left = self.evaluate(path);
                self.compare(&left, op, value)
            }
            Condition::Field { node, op, value } => {
                let left = self.field(node);
                self.compare(&left, op, value)
            }
            Condition::Intent(node) => self.intent_matched(node),
            Condition::All(all) => all.iter().all(|one| self.holds(one)),
            Condition::Any(any) => any.iter().any(|one| self.holds(one)),
            Condition::Never => false,
        }
    }

    fn field(&self, node: &str) -> Value {
        let agent = self.engine.agent;
        let dialog = self
            .frame()
            .and_then(|frame| agent.dialog(&frame.dialog_id));
        let component = dialog
            .and_then(|d| d.node(node))
            .and_then(|n| agent.component_of(n));
        component.map_or(Value::Null, |c| self.entity(&c.name))
    }

    fn intent_matched(&self, node: &str) -> bool {
        let Some(frame) = self.frame() else {
            return false;
        };
        let Some(matched) = &frame.matched else {
            return false;
        };
        let dialog = self.engine.agent.dialog(&frame.dialog_id);
        dialog
            .and_then(|d| d.node(node))
            .is_some_and(|n| n.component_id == *matched)
    }

    fn compare(&mut self, left: &Value, op: &Op, right: &str) -> bool {
        let right = if is_path(right) {
            self.evaluate(right)
        } else {
            Value::String(right.to_owned())
        };
        compare(left, op, &right)
    }
}

/// Compares loosely: numbers with numbers, booleans by name, else trimmed text.
pub(crate) fn compare(left: &Value, op: &Op, right: &Value) -> bool {
    let (l, r) = (path::display(left), path::display(right));
    let (l, r) = (l.trim(), r.trim());
    let numbers = l.parse::<f64>().ok().zip(r.parse::<f64>().ok());
    match op {
        Op::Exists => !path::is_empty(left),
        Op::Missing => path::is_empty(left),
        Op::Eq => numbers.map_or(l == r, |(a, b)| a == b),
        Op::Neq => !numbers.map_or(l == r, |(a, b)| a == b),
        Op::Gt => numbers.is_some_and(|(a, b)| a > b),
        Op::Gte => numbers.is_some_and(|(a, b)| a >= b),
        Op::Lt => numbers.is_some_and(|(a, b)| a < b),
        Op::Lte => numbers.is_some_and(|(a, b)| a <= b),
        Op::Contains => match left {
            Value::Array(list) => list.iter().any(|item| compare(item, &Op::Eq, right)),
            _ => !r.is_empty() && l.contains(r),
        },
        Op::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn comparison_is_loose() {
        for (left, op, right, want) in [
            (json!(200), Op::Eq, "200", true),
            (json!("200 "), Op::Eq, "200.0", true),
            (json!(true), Op::Eq, "true", true),
            (json!("gold"), Op::Eq, " gold", true),
            (json!("gold"), Op::Neq, "gold", false),
            (Value::Null, Op::Neq, "gold", true),
            (Value::Null, Op::Eq, "0", false),
            (json!(0), Op::Exists, "", true),
            (json!(false), Op::Exists, "", true),
            (json!(""), Op::Exists, "", false),
            (json!([]), Op::Missing, "", true),
            (json!("10"), Op::Gt, "9", true),
            (json!("b"), Op::Gt, "a", false),
            (json!(3), Op::Lte, "3", true),
            (json!("a gold card"), Op::Contains, "gold", true),
            (json!(["x", 5]), Op::Contains, "5", true),
            (json!(["xy"]), Op::Contains, "x", false),
            (json!("x"), Op::Unknown("~".into()), "x", false),
        ] {
            assert_eq!(
                compare(&left, &op, &json!(right)),
                want,
                "{left} {op:?} {right}"
            );
        }
    }
}
