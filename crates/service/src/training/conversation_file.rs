//! Files of conversation test suites: JSON with `testSteps`, or with `testCases` as the public test runner writes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use types::{Error, Field, Result};

/// Largest file, bytes.
pub const BYTES_MAX: usize = 2 << 20;
/// Steps of a suite at most (ours).
pub const STEPS_MAX: usize = 500;
/// Outputs of a step at most (ours).
const OUTPUTS_MAX: usize = 50;
/// Mocked services of a suite at most (ours).
const MOCKS_MAX: usize = 200;
/// Longest input, characters.
const INPUT_MAX: usize = dialog::MAX_INPUT;
/// Longest script, bytes (ours).
const SCRIPT_MAX: usize = 64 * 1024;
/// Faults that one answer names, at most (ours).
const FAULTS_MAX: usize = 50;
/// The event that opens a conversation.
pub const START: &str = "Start_Flow";

/// One of the checks of an output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Check {
    /// Whether it counts; each check has a default of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What passes beside the recorded value.
    pub contains: Vec<Value>,
}

/// The checks of an output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Assertions {
    /// The nodes on the way; on by default.
    pub flow_level: Check,
    /// The words; on by default.
    pub text: Check,
    /// Keys and values of the context; off by default.
    pub context: Check,
}

/// What the agent is expected to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Output {
    /// The words; a part in double braces stands for any words.
    pub text: String,
    /// Words that must stand in the answer: a text, `{"allOf": […]}` or `{"oneOf": […]}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<Value>,
    /// Node that says it.
    pub node_id: String,
    /// Its component.
    pub node_name: String,
    /// Kind of the component.
    pub component_type: String,
    /// Intent that was found in the step.
    pub intent_id: String,
    /// Kind of the intent.
    pub intent_type: String,
    /// Dialog of the node.
    pub task_id: String,
    /// Its name.
    pub dialog_name: String,
    /// Nodes on the way to it.
    pub transitions: Vec<Value>,
    /// Their components.
    pub transition_node_names: Vec<String>,
    /// Their kinds.
    pub transition_node_type: Vec<String>,
    /// What is checked.
    pub assertions: Assertions,
}

/// One input and what it leads to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Step {
    /// What the user writes.
    pub input: String,
    /// [`START`] when the step opens the conversation instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The case that it belongs to, in a file with cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// A new conversation begins before it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub discard_before: bool,
    /// What is expected; nothing: what the agent says when the suite is imported.
    pub outputs: Vec<Output>,
}

/// A service that is not called: its answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Mock {
    /// Name of the service component; case does not count.
    pub name: String,
    /// HTTP status.
    pub status: u16,
    /// Header lines.
    pub headers: Map<String, Value>,
    /// The body: a text as it is, anything else as JSON.
    pub body: Value,
    /// `connect` or `timeout` instead of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// The steps.
    pub steps: Vec<Step>,
    /// Runs before the conversation.
    pub preprocessor: String,
    /// The services.
    pub mocks: Vec<Mock>,
}

struct Faults(Vec<Field>);

impl Faults {
    fn note(&mut self, field: String, message: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            let message = message.into();
            self.0.push(Field { field, message });
        }
    }
}

/// Reads a file.
///
/// # Errors
/// Bad input that names each wrong place, at most 50.
pub fn read(bytes: &[u8]) -> Result<Read> {
    if bytes.len() > BYTES_MAX {
        return Err(Error::field("fileName", "must have at most 2 MiB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let whole: Value = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = format!("must be a JSON file (line {line}, column {column})");
        Error::field("fileName", text)
    })?;
    let mut faults = Faults(Vec::new());
    let steps = match (&whole["testSteps"], &whole["testCases"]) {
        (Value::Array(steps), _) => plain(steps, &mut faults),
        (_, Value::Array(cases)) => of_cases(cases, &mut faults),
        _ => {
            let text = "must be a list; so must testCases, which can stand in its place";
            return Err(Error::field("testSteps", text));
        }
    };
    if steps.is_empty() && faults.0.is_empty() {
        faults.note("testSteps".into(), "must have a step");
    }
    if steps.len() > STEPS_MAX {
        let text = format!("must have at most {STEPS_MAX} steps");
        faults.note("testSteps".into(), text);
    }
    let preprocessor = script(&whole["preprocessor"], &mut faults);
    let mocks = mocks(&whole["serviceMap"], &mut faults);
    if !faults.0.is_empty() {
        return Err(Error::fields(faults.0));
    }
    Ok(Read {
        steps,
        preprocessor,
        mocks,
    })
}

fn script(value: &Value, faults: &mut Faults) -> String {
    let source = match value {
        Value::Null => return String::new(),
        Value::String(source) if source.len() <= SCRIPT_MAX => source.clone(),
        _ => {
            faults.note("preprocessor".into(), "must be a script of at most 64 KiB");
            return String::new();
        }
    };
    if let Err(error) = script::check(&source) {
        faults.note("preprocessor".into(), error.to_string());
    }
    source
}

fn mocks(value: &Value, faults: &mut Faults) -> Vec<Mock> {
    let list = match value {
        Value::Null => return Vec::new(),
        Value::Array(list) if list.len() <= MOCKS_MAX => list,
        _ => {
            let text = format!("must be a list of at most {MOCKS_MAX} services");
            faults.note("serviceMap".into(), text);
            return Vec::new();
        }
    };
    let mut all = Vec::new();
    for (at, item) in list.iter().enumerate() {
        let field = |name: &str| format!("serviceMap[{at}].{name}");
        let Ok(mut mock) = serde_json::from_value::<Mock>(item.clone()) else {
            let text = "must have name, status, headers and body";
            faults.note(format!("serviceMap[{at}]"), text);
            continue;
        };
        mock.name = mock.name.trim().to_owned();
        if mock.name.is_empty() {
            faults.note(field("name"), "must name a service component");
        }
        if mock.status == 0 {
            mock.status = 200;
        }
        if !(100..=599).contains(&mock.status) {
            faults.note(field("status"), "must be 100 to 599");
        }
        if !matches!(mock.failure.as_deref(), None | Some("connect" | "timeout")) {
            faults.note(field("failure"), "must be connect or timeout");
        }
        all.push(mock);
    }
    all
}

fn plain(list: &[Value], faults: &mut Faults) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, item) in list.iter().enumerate() {
        let place = format!("testSteps[{at}]");
        match serde_json::from_value::<Step>(item.clone()) {
            Ok(step) if item.is_object() => {
                check(&step, &place, faults);
                steps.push(step);
            }
            _ => faults.note(place, "must have an input and a list of outputs"),
        }
    }
    steps
}

fn check(step: &Step, place: &str, faults: &mut Faults) {
    match step.event.as_deref() {
        None if step.input.trim().is_empty() => {
            faults.note(format!("{place}.input"), "must not be empty");
        }
        Some(event) if event != START => {
            faults.note(format!("{place}.event"), format!("must be {START}"));
        }
        _ => {}
    }
    if step.input.chars().count() > INPUT_MAX {
        let text = format!("must have at most {INPUT_MAX} characters");
        faults.note(format!("{place}.input"), text);
    }
    if step.outputs.len() > OUTPUTS_MAX {
        let text = format!("must have at most {OUTPUTS_MAX} entries");
        faults.note(format!("{place}.outputs"), text);
    }
    for (at, output) in step.outputs.iter().enumerate() {
        if output.contains.as_ref().is_some_and(|c| !is_demand(c)) {
            let text = r#"must be a text, {"allOf": […]} or {"oneOf": […]}"#;
            faults.note(format!("{place}.outputs[{at}].contains"), text);
        }
    }
}

/// What may stand under `contains`.
fn is_demand(value: &Value) -> bool {
    let texts = |list: &Value| {
        let list = list.as_array();
        list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
    };
    value.is_string() || texts(&value["allOf"]) || texts(&value["oneOf"])
}

fn of_cases(cases: &[Value], faults: &mut Faults) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let place = format!("testCases[{at}]");
        let name = case["name"].as_str().map(str::trim).unwrap_or_default();
        if name.is_empty() {
            faults.note(format!("{place}.name"), "must not be empty");
        }
        let Some(messages) = case["messages"].as_array() else {
            faults.note(format!("{place}.messages"), "must be a list");
            continue;
        };
        for (number, message) in messages.iter().enumerate() {
            let place = format!("{place}.messages[{number}]");
            let outputs = message["outputs"].as_array().cloned().unwrap_or_default();
            let step = Step {
                input: message["input"].as_str().unwrap_or_default().to_owned(),
                case: Some(name.to_owned()),
                discard_before: number == 0 && case["discardBefore"] == json!(true),
                outputs: outputs.iter().map(of_case).collect(),
                event: None,
            };
            check(&step, &place, faults);
            steps.push(step);
        }
    }
    steps
}

fn of_case(output: &Value) -> Output {
    match output {
        Value::String(text) => Output {
            text: text.clone(),
            ..Output::default()
        },
        other => Output {
            contains: Some(other["contains"].clone()),
            ..Output::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &Value) -> Vec<String> {
        let error = read(file.to_string().as_bytes()).expect_err("wrong");
        error.fields.into_iter().map(|f| f.field).collect()
    }

    #[test]
    fn both_layouts_are_read() {
        let file = json!({"testSteps": [{"input": "Start_Flow", "event": "Start_Flow", "outputs": []},
            {"input": "hi", "outputs": [{"text": "Hello"}]}], "serviceMap": [{"name": " Rates ", "body": {"a": 1}}]});
        let mut bytes = b"\xef\xbb\xbf".to_vec();
        bytes.extend(file.to_string().bytes());
        let all = read(&bytes).expect("steps");
        assert_eq!(all.steps.len(), 2);
        assert_eq!(all.steps[1].outputs[0].text, "Hello");
        assert_eq!(
            (all.mocks[0].name.as_str(), all.mocks[0].status),
            ("Rates", 200)
        );
        let file = json!({"botName": "x", "testCases": [{"name": "one", "discardBefore": true, "messages": [
            {"input": "hi", "outputs": ["Hello", {"contains": {"oneOf": ["a", "b"]}}]}, {"input": "3", "outputs": []}]}]});
        let all = read(file.to_string().as_bytes()).expect("cases");
        assert!(all.steps[0].discard_before && !all.steps[1].discard_before);
        assert_eq!(
            all.steps[0].outputs[1].contains,
            Some(json!({"oneOf": ["a", "b"]}))
        );
        assert_eq!(all.steps[1].case.as_deref(), Some("one"));
    }

    #[test]
    fn every_fault_names_its_place() {
        let long = "x".repeat(INPUT_MAX + 1);
        let file = json!({"testSteps": [{"input": " ", "outputs": []}, 7, {"input": "a", "event": "Other", "outputs": []},
            {"input": long, "outputs": [{"contains": 7}]}], "preprocessor": "if (", "serviceMap": [{"status": 99}]});
        assert_eq!(
            faults(&file),
            [
                "testSteps[0].input",
                "testSteps[1]",
                "testSteps[2].event",
                "testSteps[3].input",
                "testSteps[3].outputs[0].contains",
                "preprocessor",
                "serviceMap[0].name",
                "serviceMap[0].status"
            ]
        );
        assert_eq!(faults(&json!({})), ["testSteps"]);
        assert_eq!(faults(&json!({"testSteps": []})), ["testSteps"]);
        let many = vec![json!({"input": "a"}); STEPS_MAX + 1];
        assert_eq!(faults(&json!({"testSteps": many})), ["testSteps"]);
        let file = json!({"testCases": [{"messages": [{"outputs": []}]}, {"name": "x"}]});
        assert_eq!(
            faults(&file),
            [
                "testCases[0].name",
                "testCases[0].messages[0].input",
                "testCases[1].messages"
            ]
        );
        assert!(read(b"{").is_err() && read(&vec![b' '; BYTES_MAX + 1]).is_err());
    }
}
