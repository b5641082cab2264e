//! A conversation test on the real turn engine: services are mocked, nothing is stored, and no call leaves the process.

use super::conversation_file::{Mock, Output, START, Step};
use definition::{Agent, ComponentKind};
use dialog::{
    BubbleBody, CallFailure, ConversationState, Detector, Engine, Event, Input, InputKind, Kept,
    Memory, PathNode, Scope, ServiceRequest, ServiceResponse, User,
};
use script::{BotFunctions, Globals, Kind, Sandbox, Script, SessionStores, Stored};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, time::Instant};
use types::{Error, Result};

/// Time between two steps on the clock of the test, milliseconds (ours).
const STEP_MS: i64 = 1_000;
/// Channel on which tests run.
pub const CHANNEL: &str = "rtm";

/// What a test works on.
pub struct Stage<'a> {
    /// The agent.
    pub agent: &'a Agent,
    /// Its models.
    pub detector: &'a dyn Detector,
    /// Language of the inputs.
    pub language: &'a str,
    /// Runs before each conversation; empty: nothing does.
    pub preprocessor: &'a str,
    /// The services.
    pub mocks: &'a [Mock],
    /// Address of the person that the agent believes to talk to.
    pub email: &'a str,
    /// Milliseconds UTC at the first step.
    pub now: i64,
}

/// A node that ran.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Node {
    /// Its id.
    pub node_id: String,
    /// Its component.
    pub node_name: String,
    /// Kind of the component.
    pub component_type: String,
    /// Its dialog.
    pub task_id: String,
    /// Name of the dialog.
    pub dialog_name: String,
}

/// What the agent said, and on which way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The words; a template as its text, or as JSON.
    pub text: String,
    /// Node that said it; none for standard responses and FAQs.
    pub node: Option<Node>,
    /// Nodes that ran since the message before.
    pub way: Vec<Node>,
}

/// What one input led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Played {
    /// What was said.
    pub said: Vec<Said>,
    /// Every node that ran.
    pub path: Vec<Node>,
    /// Id, and kind of the intent that was found.
    pub intent: Option<(String, String)>,
    /// Context of the task and memory after it.
    pub context: Value,
    /// Services that were called and are not mocked.
    pub unmocked: Vec<String>,
    /// Milliseconds of work.
    pub milliseconds: u64,
}

/// A running test.
pub struct Replay<'a> {
    stage: Stage<'a>,
    sandbox: Sandbox,
    state: ConversationState,
    memory: Memory,
    calls: HashMap<String, usize>,
    step: i64,
}

impl<'a> Replay<'a> {
    /// Begins a conversation.
    ///
    /// # Errors
    /// Bad input on `preprocessor` when the script fails.
    pub fn new(stage: Stage<'a>) -> Result<Self> {
        let mut replay = Self {
            stage,
            sandbox: Sandbox::new(script::Limits::default()),
            state: ConversationState::default(),
            memory: Memory::default(),
            calls: HashMap::new(),
            step: 0,
        };
        replay.begin()?;
        Ok(replay)
    }

    /// A new conversation that knows nothing of the one before.
    fn begin(&mut self) -> Result<()> {
        self.state = ConversationState::default();
        self.memory = Memory::default();
        if self.stage.preprocessor.trim().is_empty() {
            return Ok(());
        }
        let functions = self
            .stage
            .agent
            .bot_functions
            .as_deref()
            .map(BotFunctions::new);
        let globals = Globals {
            context: json!({}),
            stores: SessionStores {
                user_context: Value::Object(self.profile()),
                ..SessionStores::default()
            },
            now_ms: self.now(),
            ..Globals::default()
        };
        let script = Script {
            source: self.stage.preprocessor,
            bot_functions: functions.as_ref(),
            kind: Kind::Script,
        };
        let ran = self.sandbox.run(&script, &globals);
        let ran = ran.map_err(|error| Error::field("preprocessor", error.to_string()))?;
        let mut stores = SessionStores::default();
        stores.apply(&ran.stores, globals.now_ms);
        let plain = |kept: std::collections::BTreeMap<String, Stored>| -> Map<String, Value> {
            kept.into_iter().map(|(key, s)| (key, s.value)).collect()
        };
        let kept = stores.bot_user_session.into_iter().map(|(key, stored)| {
            let kept = Kept {
                value: stored.value,
                expires_ms: stored.expires_at_ms,
            };
            (key, kept)
        });
        self.state.bot_user_session = kept.collect();
        self.memory = Memory {
            user_session: plain(stores.user_session),
            bot_context: plain(stores.bot_context),
            enterprise_context: plain(stores.enterprise_context),
        };
        Ok(())
    }

    fn now(&self) -> i64 {
        self.stage.now.saturating_add(self.step * STEP_MS)
    }

    fn profile(&self) -> Map<String, Value> {
        let mut profile = Map::new();
        profile.insert("emailId".into(), self.stage.email.into());
        let identities = json!([{"type": CHANNEL, "val": self.stage.email}]);
        profile.insert("identities".into(), identities);
        profile
    }

    /// Plays one step.
    ///
    /// # Errors
    /// As [`Replay::new`], for a step that begins a new conversation.
    pub fn play(&mut self, step: &Step) -> Result<Played> {
        if step.discard_before && self.step > 0 {
            self.begin()?;
        }
        let begun = Instant::now();
        self.step += 1;
        let connects = step.event.as_deref() == Some(START);
        let input = Input {
            kind: match connects {
                true => InputKind::Connect,
                false => InputKind::Text,
            },
            text: match connects {
                true => String::new(),
                false => step.input.clone(),
            },
            now_ms: self.now(),
            language: Some(self.stage.language.to_owned()),
            channel: CHANNEL.to_owned(),
            user: User {
                id: "u-conversation-test".to_owned(),
                profile: self.profile(),
                returning: false,
            },
            session_id: format!("{:024x}", self.step),
            // the same choices in every run
            seed: self.step.unsigned_abs(),
            memory: self.memory.clone(),
            ..Input::default()
        };
        let engine = Engine {
            agent: self.stage.agent,
            detector: self.stage.detector,
            sandbox: &self.sandbox,
        };
        let mut unmocked = Vec::new();
        let mut turn = engine.begin(std::mem::take(&mut self.state), input);
        let outcome = loop {
            match turn.advance() {
                dialog::Step::Done(outcome) => break *outcome,
                dialog::Step::Call(request) => {
                    let answer = answer(self.stage.mocks, &mut self.calls, &request);
                    if answer.is_none() {
                        unmocked.push(request.name.clone());
                    }
                    turn.supply(answer.unwrap_or(Err(CallFailure::Connect)));
                }
            }
        };
        drop(turn);
        for write in &outcome.writes {
            let map = match write.scope {
                Scope::UserSession => &mut self.memory.user_session,
                Scope::BotContext => &mut self.memory.bot_context,
                Scope::EnterpriseContext => &mut self.memory.enterprise_context,
            };
            match &write.value {
                Some(value) => map.insert(write.key.clone(), value.clone()),
                None => map.remove(&write.key),
            };
        }
        let mut played = played(self.stage.agent, self.stage.language, &outcome);
        played.unmocked = unmocked;
        played.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.state = outcome.state;
        played.context = self.context(&outcome.ended_context);
        Ok(played)
    }

    /// What a check of the context looks into: that of the running task, else that of the task that ended.
    fn context(&self, ended: &Map<String, Value>) -> Value {
        let running = self.state.task.as_ref().map(|task| &task.context);
        let session: Map<String, Value> = self
            .state
            .bot_user_session
            .iter()
            .map(|(key, kept)| (key.clone(), kept.value.clone()))
            .collect();
        json!({
            "context": running.unwrap_or(ended),
            "BotUserSession": session,
            "UserSession": self.memory.user_session,
            "BotContext": self.memory.bot_context,
            "EnterpriseContext": self.memory.enterprise_context,
        })
    }
}

/// The answer of a mocked service: of several with its name one after the other, and then the last one again.
fn answer(
    mocks: &[Mock],
    calls: &mut HashMap<String, usize>,
    request: &ServiceRequest,
) -> Option<std::result::Result<ServiceResponse, CallFailure>> {
    let name = request.name.to_lowercase();
    let fitting: Vec<&Mock> = mocks
        .iter()
        .filter(|mock| mock.name.to_lowercase() == name)
        .collect();
    let last = fitting.len().checked_sub(1)?;
    let count = calls.entry(name).or_insert(0);
    let mock = fitting[(*count).min(last)];
    *count += 1;
    match mock.failure.as_deref() {
        Some("timeout") => return Some(Err(CallFailure::Timeout)),
        Some(_) => return Some(Err(CallFailure::Connect)),
        None => {}
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut headers: Vec<(String, String)> = mock
        .headers
        .iter()
        .map(|(key, value)| (key.to_lowercase(), text(value)))
        .collect();
    let typed = headers.iter().any(|(key, _)| key == "content-type");
    if !typed && !mock.body.is_string() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Some(Ok(ServiceResponse {
        status: mock.status,
        headers,
        body: text(&mock.body).into_bytes(),
    }))
}

fn played(agent: &Agent, language: &str, outcome: &dialog::Outcome) -> Played {
    let shown = |node: &PathNode| Node {
        node_id: node.node_id.clone(),
        node_name: node.component.clone(),
        component_type: node.kind.clone(),
        task_id: node.dialog_id.clone(),
        dialog_name: agent
            .dialog(&node.dialog_id)
            .map(|dialog| agent.dialog_title(dialog, language))
            .unwrap_or_default(),
    };
    let said = outcome.messages.iter().enumerate().map(|(at, bubble)| {
        let way = outcome.path.iter().filter(|node| node.said == at);
        let spoke = outcome.path.iter().rev().find(|node| {
            node.said <= at
                && node.component == bubble.component
                && node.dialog_id == bubble.dialog_id
        });
        Said {
            text: words(&bubble.body),
            node: spoke.map(shown),
            way: way.map(shown).collect(),
        }
    });
    let intent = outcome.events.iter().find_map(|event| match event {
        Event::IntentFound { kind, ref_id, .. } => {
            Some((ref_id.clone(), format!("{kind:?}").to_lowercase()))
        }
        _ => None,
    });
    Played {
        said: said.collect(),
        path: outcome.path.iter().map(shown).collect(),
        intent,
        ..Played::default()
    }
}

fn words(body: &BubbleBody) -> String {
    match body {
        BubbleBody::Text(text) => text.clone(),
        BubbleBody::Template(value) => {
            let text = value["text"].as_str().or(value["payload"]["text"].as_str());
            text.map_or_else(|| value.to_string(), str::to_owned)
        }
    }
}

/// Fills in what a run shows and the file does not say: what was said, by which node, on which way.
pub fn record(step: &mut Step, played: &Played) {
    let recorded = step.outputs.is_empty();
    if recorded {
        let said = played.said.iter().map(|said| Output {
            text: said.text.clone(),
            ..Output::default()
        });
        step.outputs = said.collect();
    }
    for (output, said) in step.outputs.iter_mut().zip(&played.said) {
        if !recorded && speaks(output, &said.text).is_err() {
            continue;
        }
        if let Some(node) = &said.node {
            keep(&mut output.node_id, &node.node_id);
            keep(&mut output.node_name, &node.node_name);
            keep(&mut output.component_type, &node.component_type);
            keep(&mut output.task_id, &node.task_id);
            keep(&mut output.dialog_name, &node.dialog_name);
        }
        if let Some((id, kind)) = &played.intent {
            keep(&mut output.intent_id, id);
            keep(&mut output.intent_type, kind);
        }
        if output.transition_node_names.is_empty() {
            output.transitions = said.way.iter().map(|node| json!(node)).collect();
            output.transition_node_names =
                said.way.iter().map(|node| node.node_name.clone()).collect();
            output.transition_node_type = said
                .way
                .iter()
                .map(|node| node.component_type.clone())
                .collect();
        }
    }
}

fn keep(place: &mut String, value: &str) {
    if place.is_empty() {
        value.clone_into(place);
    }
}

/// The verdict about one output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutputVerdict {
    /// It came out as it should.
    pub passed: bool,
    /// What was expected; none for what nobody expected.
    pub expected: Option<String>,
    /// What was said; none for what was not said.
    pub actual: Option<String>,
    /// Node that spoke.
    pub node: Option<Node>,
    /// The words fit; none where that is not checked.
    pub text: Option<bool>,
    /// The nodes on the way fit; none where that is not checked.
    pub flow: Option<bool>,
    /// The context fits; none where that is not checked.
    pub context: Option<bool>,
    /// What is wrong.
    pub reasons: Vec<String>,
}

/// The verdict about one step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepVerdict {
    /// From 1.
    pub step: usize,
    /// The case that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What the user wrote.
    pub input: String,
    /// Every output came out as it should, and none was too many.
    pub passed: bool,
    /// The outputs in order.
    pub outputs: Vec<OutputVerdict>,
    /// Every node that ran.
    pub path: Vec<Node>,
    /// Services that were called and are not mocked.
    pub unmocked_services: Vec<String>,
    /// Milliseconds.
    pub duration: u64,
}

/// Judges what a step led to.
pub fn judge(number: usize, step: &Step, played: Played) -> StepVerdict {
    let most = step.outputs.len().max(played.said.len());
    let mut outputs = Vec::with_capacity(most);
    for at in 0..most {
        outputs.push(match (step.outputs.get(at), played.said.get(at)) {
            (Some(output), Some(said)) => one(output, said, &played),
            (Some(output), None) => OutputVerdict {
                expected: Some(expected(output)),
                reasons: vec!["the agent did not say it".to_owned()],
                ..OutputVerdict::default()
            },
            (None, said) => OutputVerdict {
                actual: said.map(|said| said.text.clone()),
                node: said.and_then(|said| said.node.clone()),
                reasons: vec!["the agent said more than expected".to_owned()],
                ..OutputVerdict::default()
            },
        });
    }
    StepVerdict {
        step: number,
        case: step.case.clone(),
        input: step.input.clone(),
        passed: outputs.iter().all(|output| output.passed),
        outputs,
        path: played.path,
        unmocked_services: played.unmocked,
        duration: played.milliseconds,
    }
}

fn expected(output: &Output) -> String {
    match &output.contains {
        Some(demand) => format!("contains {demand}"),
        None => output.text.clone(),
    }
}

fn one(output: &Output, said: &Said, played: &Played) -> OutputVerdict {
    let mut reasons = Vec::new();
    let mut note = |checked: std::result::Result<(), String>| match checked {
        Ok(()) => Some(true),
        Err(reason) => {
            reasons.push(reason);
            Some(false)
        }
    };
    let checks = &output.assertions;
    let text = match checks.text.enabled {
        Some(false) => None,
        _ => note(speaks(output, &said.text)),
    };
    let flow = match checks.flow_level.enabled {
        Some(false) => None,
        _ if output.transition_node_names.is_empty() && output.node_name.is_empty() => None,
        _ => note(goes(output, said, played)),
    };
    let context = match checks.context.enabled {
        Some(true) => note(holds(&checks.context.contains, &played.context)),
        _ => None,
    };
    OutputVerdict {
        passed: [text, flow, context].iter().all(|c| *c != Some(false)),
        expected: Some(expected(output)),
        actual: Some(said.text.clone()),
        node: said.node.clone(),
        text,
        flow,
        context,
        reasons,
    }
}

/// The words fit one of the variants.
fn speaks(output: &Output, text: &str) -> std::result::Result<(), String> {
    if let Some(demand) = &output.contains {
        let has = |part: &Value| part.as_str().is_some_and(|part| text.contains(part));
        let of = |key: &str| demand[key].as_array();
        let fits = match (demand, of("allOf"), of("oneOf")) {
            (Value::String(part), ..) => text.contains(part.as_str()),
            (_, Some(all), _) => all.iter().all(has),
            (_, _, Some(one)) => one.iter().any(has),
            _ => false,
        };
        return match fits {
            true => Ok(()),
            false => Err(format!("the text does not contain {demand}")),
        };
    }
    let variants = output.assertions.text.contains.iter();
    let variants = variants.filter_map(|v| v["text"].as_str().or(v.as_str()));
    let mut all = std::iter::once(output.text.as_str()).chain(variants);
    match all.any(|variant| is_like(variant, text)) {
        true => Ok(()),
        false => Err("the text differs".to_owned()),
    }
}

/// The text is the pattern, in which `{{…}}` stands for any words.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim(), text.trim());
    let mut fixed = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((_, after)) = after.split_once("}}") else {
            break;
        };
        fixed.push(before);
        rest = after;
    }
    if fixed.is_empty() {
        return pattern == text;
    }
    let Some(mut left) = text.strip_prefix(fixed[0]) else {
        return false;
    };
    for part in &fixed[1..] {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(rest)
}

/// The nodes on the way are those that were recorded.
fn goes(output: &Output, said: &Said, played: &Played) -> std::result::Result<(), String> {
    let names: Vec<&str> = said
        .way
        .iter()
        .map(|node| node.node_name.as_str())
        .collect();
    let other = output.assertions.flow_level.contains.iter().any(|way| {
        let way = way["transitionNodeNames"].as_array().or(way.as_array());
        way.is_some_and(|way| {
            way.iter()
                .map(|n| n.as_str().unwrap_or_default())
                .eq(names.iter().copied())
        })
    });
    if other {
        return Ok(());
    }
    let spoke = said
        .node
        .as_ref()
        .map_or("", |node| node.node_name.as_str());
    if !output.node_name.is_empty() && output.node_name != spoke {
        let by = |name: &str| match name {
            "" => "no node".to_owned(),
            name => format!("the node {name}"),
        };
        return Err(format!(
            "{} should say it, and {} did",
            by(&output.node_name),
            by(spoke)
        ));
    }
    if !output.transition_node_names.is_empty() && output.transition_node_names != names {
        return Err(format!(
            "the way should be {}, and was {}",
            output.transition_node_names.join(" > "),
            names.join(" > ")
        ));
    }
    let found = played.intent.as_ref().map_or("", |(id, _)| id.as_str());
    if !output.intent_id.is_empty() && output.intent_id != found {
        return Err(format!(
            "the intent {} should be found, and {} was",
            output.intent_id,
            if found.is_empty() { "none" } else { found }
        ));
    }
    Ok(())
}

/// Each entry, a key or `{"key", "value"}`, is there.
fn holds(entries: &[Value], context: &Value) -> std::result::Result<(), String> {
    for entry in entries {
        let key = entry["key"].as_str().or(entry.as_str()).unwrap_or_default();
        let found = read(context, key).or_else(|| read(&context["context"], key));
        let Some(found) = found else {
            return Err(format!("{key} is not in the context"));
        };
        let Some(wanted) = entry.get("value") else {
            continue;
        };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if found != wanted && text(found) != text(wanted) {
            return Err(format!("{key} has another value"));
        }
    }
    Ok(())
}

fn read<'v>(root: &'v Value, path: &str) -> Option<&'v Value> {
    let mut here = root;
    for key in path.split('.') {
        here = match here {
            Value::Array(list) => list.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
    }
    (!here.is_null()).then_some(here)
}

/// Service components of an agent that are not mocked: a test that reaches one sees a connection failure.
pub fn unmocked(agent: &Agent, mocks: &[Mock]) -> Vec<String> {
    let services = agent
        .components
        .iter()
        .filter(|component| matches!(component.kind, ComponentKind::Service(_)));
    services
        .filter(|c| !mocks.iter().any(|m| m.name.eq_ignore_ascii_case(&c.name)))
        .map(|component| component.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_braces_stand_for_any_words() {
        for (pattern, text, fits) in [
            ("Hello", " Hello ", true),
            ("Hello", "Hello!", false),
            ("Booked {{n}} parcels", "Booked 3 parcels", true),
            ("Booked {{n}} parcels", "Booked 3 boxes", false),
            ("{{a}} and {{b}}", "x and y", true),
            ("{{a}}", "", true),
            ("a{{x}}b{{y}}c", "a1b2c", true),
            ("a{{x}}b{{y}}c", "a1c2b", false),
            ("{{broken", "{{broken", true),
        ] {
            assert_eq!(is_like(pattern, text), fits, "{pattern} / {text}");
        }
    }

    #[test]
    fn a_demand_is_one_text_all_of_several_or_one_of_them() {
        let with = |demand: Value| Output {
            contains: Some(demand),
            ..Output::default()
        };
        let says = |demand: Value, text: &str| speaks(&with(demand), text).is_ok();
        assert!(says(json!("b"), "abc") && !says(json!("x"), "abc"));
        assert!(says(json!({"allOf": ["a", "c"]}), "abc"));
        assert!(!says(json!({"allOf": ["a", "x"]}), "abc"));
        assert!(says(json!({"oneOf": ["x", "c"]}), "abc"));
        let output = Output {
            text: "one".into(),
            assertions: serde_json::from_value(json!({"text": {"contains": [{"text": "two"}]}}))
                .expect("assertions"),
            ..Output::default()
        };
        assert!(speaks(&output, "two").is_ok() && speaks(&output, "three").is_err());
    }

    #[test]
    fn missing_and_unexpected_outputs_fail_the_step() {
        let step = |texts: &[&str]| Step {
            outputs: texts
                .iter()
                .map(|text| Output {
                    text: (*text).to_owned(),
                    ..Output::default()
                })
                .collect(),
            ..Step::default()
        };
        let played = |texts: &[&str]| Played {
            said: texts
                .iter()
                .map(|text| Said {
                    text: (*text).to_owned(),
                    ..Said::default()
                })
                .collect(),
            ..Played::default()
        };
        assert!(judge(1, &step(&["a"]), played(&["a"])).passed);
        assert!(!judge(1, &step(&["a", "b"]), played(&["a"])).passed);
        let verdict = judge(1, &step(&["a"]), played(&["a", "b"]));
        assert_eq!((verdict.passed, verdict.outputs[0].passed), (false, true));
    }

    #[test]
    fn values_of_the_context_are_found_by_their_path() {
        let context = json!({"context": {"entities": {"amount": 3}}, "BotContext": {"last": "x"}});
        let holds = |entries: Value| {
            let entries = entries.as_array().expect("list").clone();
            super::holds(&entries, &context).is_ok()
        };
        assert!(holds(
            json!([{"key": "entities.amount", "value": "3"}, "BotContext.last"])
        ));
        assert!(!holds(json!([{"key": "entities.amount", "value": 4}])));
        assert!(!holds(json!(["entities.city"])));
    }
}
