//! Transitions and their conditions.

use super::value::{list, object, raw, scalar, some_text};
use crate::{Condition, Op, Target, Transition};
use serde_json::Value;

/// `transitions` of a node. Entries that are neither an `if` nor a default are left out.
pub(crate) fn transitions(node: &Value) -> Vec<Transition> {
    let read = |entry: &Value| {
        let condition = entry
            .get("if")
            .filter(|test| !test.is_null())
            .map(condition);
        let target = match condition {
            Some(_) => entry.get("then"),
            None => Some(entry.get("default")?),
        };
        Some(Transition {
            condition,
            target: target.map_or(Target::End, self::target),
        })
    };
    list(node, "transitions").iter().filter_map(read).collect()
}

fn target(value: &Value) -> Target {
    match scalar(value).as_str() {
        "" | "end" | "END" => Target::End,
        "retToFlow" => Target::ReturnToFlow,
        node => Target::Node(node.to_owned()),
    }
}

fn condition(test: &Value) -> Condition {
    if let Some(conjoin) = some_text(test, "conjoin") {
        let tests: Vec<_> = list(test, "tests").iter().map(condition).collect();
        return match conjoin.to_ascii_lowercase().as_str() {
            _ if tests.is_empty() => Condition::Never,
            "and" => Condition::All(tests),
            _ => Condition::Any(tests),
        };
    }
    if let Some(act) = some_text(test, "dialogAct") {
        return Condition::DialogAct(act.to_ascii_lowercase());
    }
    if let Some(node) = test.get("intent") {
        let node = scalar(node);
        return if node.is_empty() {
            Condition::Never
        } else {
            Condition::Intent(node)
        };
    }
    let (op, value) = (op(&raw(test, "op")), scalar(object(test, "value")));
    if let Some(node) = some_text(test, "field") {
        return Condition::Field { node, op, value };
    }
    match some_text(test, "context") {
        Some(path) => Condition::Context {
            path: context_path(&path),
            op,
            value,
        },
        None => Condition::Never,
    }
}

fn op(word: &str) -> Op {
    match word.trim() {
        "" | "exists" => Op::Exists,
        "eq" => Op::Eq,
        "neq" => Op::Neq,
        "gt" => Op::Gt,
        "gte" => Op::Gte,
        "lt" => Op::Lt,
        "lte" => Op::Lte,
        "cnt" => Op::Contains,
        "dne" => Op::Missing,
        other => Op::Unknown(other.to_owned()),
    }
}

/// The path with its root written out: paths without one are members of the context.
fn context_path(written: &str) -> String {
    let path = written.trim();
    let path = path
        .strip_prefix("{{")
        .and_then(|inner| inner.strip_suffix("}}"))
        .unwrap_or(path)
        .trim();
    let rooted = path == "context"
        || ["context.", "context[", "env.", "content."]
            .iter()
            .any(|root| path.starts_with(root));
    if rooted {
        path.to_owned()
    } else {
        format!("context.{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn context(path: &str, op: Op, value: &str) -> Condition {
        Condition::Context {
            path: path.into(),
            op,
            value: value.into(),
        }
    }

    #[test]
    fn every_shape_of_condition_is_read() {
        let field = Condition::Field {
            node: "n1".into(),
            op: Op::Exists,
            value: String::new(),
        };
        for (written, read) in [
            (
                json!({"dialogAct": "yes"}),
                Condition::DialogAct("yes".into()),
            ),
            (
                json!({"context": "context.a ", "op": "eq", "value": 200}),
                context("context.a", Op::Eq, "200"),
            ),
            (
                json!({"context": "a.b[0]", "op": "gte", "value": "3"}),
                context("context.a.b[0]", Op::Gte, "3"),
            ),
            (
                json!({"context": "env.A", "op": "dne"}),
                context("env.A", Op::Missing, ""),
            ),
            (
                json!({"context": "", "op": "", "value": ""}),
                Condition::Never,
            ),
            (json!({"field": "n1"}), field.clone()),
            (
                json!({"op": "", "value": "", "intent": "n2"}),
                Condition::Intent("n2".into()),
            ),
            (
                json!({"op": "", "value": "", "intent": ""}),
                Condition::Never,
            ),
            (
                json!({"conjoin": "and", "tests": [{"field": "n1"}]}),
                Condition::All(vec![field.clone()]),
            ),
            (
                json!({"conjoin": "or", "tests": [{"field": "n1"}]}),
                Condition::Any(vec![field]),
            ),
            (json!({"conjoin": "or", "tests": []}), Condition::Never),
            (
                json!({"context": "a", "op": "like", "value": true}),
                context("context.a", Op::Unknown("like".into()), "true"),
            ),
            (json!("odd"), Condition::Never),
        ] {
            assert_eq!(condition(&written), read, "{written}");
        }
    }

    #[test]
    fn every_kind_of_target_is_read_and_odd_entries_are_left_out() {
        let node = json!({"transitions": [
            {"if": {"dialogAct": "no"}, "then": "n3"}, {"if": {"dialogAct": "yes"}},
            {"metadata": {}}, {"default": "END"}, {"default": ""}, {"default": "retToFlow"}
        ]});
        let targets: Vec<_> = transitions(&node)
            .into_iter()
            .map(|t| (t.condition.is_some(), t.target))
            .collect();
        let expected = [
            (true, Target::Node("n3".into())),
            (true, Target::End),
            (false, Target::End),
            (false, Target::End),
            (false, Target::ReturnToFlow),
        ];
        assert_eq!(targets, expected);
    }
}
