//! Small agents, a detector that knows names, and a loop over turns.

use definition::{Agent, ComponentKind, Package};
use dialog::{
    BubbleBody, CallFailure, ConversationState, Detector, Engine, Input, InputKind, Outcome,
    ServiceRequest, ServiceResponse, Step,
};
use nlu::{Detection, Filter, Kind, Match};
use serde_json::{Value, json};

/// Finds what is said word for word: the name of a dialog or of a sub-intent that counts, a question, a pattern of small talk.
/// Several parts around ` or ` are ambiguous, one after `about ` is only a possible question.
pub struct ByName(pub Vec<Match>);

impl ByName {
    pub fn of(agent: &Agent) -> Self {
        let hit = |kind, id: &str, dialog_ref: &str, name: &str| Match {
            kind,
            id: id.to_owned(),
            ref_id: id.to_owned(),
            dialog_ref: dialog_ref.to_owned(),
            dialog_id: String::new(),
            name: name.to_lowercase(),
            score: 100.0,
            definitive: true,
            used: Vec::new(),
        };
        let mut all = Vec::new();
        for dialog in &agent.dialogs {
            if let Some(root) = agent.root_intent(dialog) {
                let title = agent.dialog_title(dialog, "en");
                all.push(hit(Kind::Dialog, &root.id, &dialog.ref_id, &title));
            }
        }
        for component in &agent.components {
            if let ComponentKind::Intent(intent) = &component.kind
                && intent.dialog_id.is_none()
            {
                all.push(hit(Kind::Dialog, &component.id, "", &component.name));
            }
        }
        for faq in agent.knowledge.iter().flat_map(|task| &task.faqs) {
            all.push(hit(Kind::Faq, &faq.key, "", &faq.question));
        }
        for pair in agent.small_talk.iter().flat_map(|talk| &talk.pairs) {
            for pattern in &pair.patterns {
                all.push(hit(Kind::SmallTalk, &pair.id, "", pattern));
            }
        }
        Self(all)
    }
}

impl Detector for ByName {
    /// What stands behind `named ` is the value of the entity node `e` of its dialog.
    fn spans(&self, text: &str, _: &str, intent: &str) -> Vec<nlu::Span> {
        let start = text.find("named ").map(|at| at + "named ".len());
        let span = |start| nlu::Span {
            entity: format!("{intent}-e"),
            start,
            end: text[start..].find(' ').map_or(text.len(), |at| start + at),
            confidence: 0.9,
        };
        start.map(span).into_iter().collect()
    }

    /// Parts around ` and then `.
    fn wishes(&self, text: &str, language: &str, filter: &Filter) -> Vec<nlu::Wish> {
        let Some(at) = text.find(" and then ") else {
            return Vec::new();
        };
        let second = at + " and then ".len();
        let parts = [(0, at), (second, text.len())];
        let wish = |(start, end): (usize, usize)| nlu::Wish {
            start,
            end,
            detection: self.detect(&text[start..end], language, filter),
        };
        parts.into_iter().map(wish).collect()
    }

    fn detect(&self, text: &str, _: &str, filter: &Filter) -> Detection {
        let text = text.to_lowercase();
        let (text, did_you_mean) = match text.strip_prefix("about ") {
            Some(rest) => (rest.to_owned(), true),
            None => (text, false),
        };
        let counts = |m: &&Match| {
            let open = m.kind != Kind::Dialog
                || !m.dialog_ref.is_empty()
                || filter.allowed_follow_ups.contains(&m.id);
            open && !filter.excluded.contains(&m.id)
        };
        let parts = text.split(" or ");
        let winners: Vec<Match> = parts
            .filter_map(|part| self.0.iter().filter(counts).find(|m| m.name == part))
            .cloned()
            .collect();
        let result = match winners.len() {
            0 => nlu::Outcome::Fail,
            1 => nlu::Outcome::Success,
            _ => nlu::Outcome::Ambiguous,
        };
        Detection {
            result,
            winners,
            did_you_mean,
            ..Detection::default()
        }
    }
}

type Answer = Result<ServiceResponse, CallFailure>;

pub struct Chat<'a> {
    pub agent: &'a Agent,
    pub detector: ByName,
    pub sandbox: script::Sandbox,
    pub state: ConversationState,
    pub now_ms: i64,
    pub answer: Box<dyn Fn(&ServiceRequest) -> Answer + 'a>,
    pub calls: Vec<ServiceRequest>,
}

impl<'a> Chat<'a> {
    pub fn new(agent: &'a Agent) -> Self {
        let limits = script::Limits {
            cpu_ms: 2_000,
            ..script::Limits::default()
        };
        Self {
            agent,
            detector: ByName::of(agent),
            sandbox: script::Sandbox::new(limits),
            state: ConversationState::default(),
            now_ms: 1_700_000_000_000,
            answer: Box::new(|_| {
                Ok(ServiceResponse {
                    status: 200,
                    headers: vec![],
                    body: b"{}".to_vec(),
                })
            }),
            calls: Vec::new(),
        }
    }

    pub fn turn(&mut self, input: Input) -> Outcome {
        let engine = Engine {
            agent: self.agent,
            detector: &self.detector,
            sandbox: &self.sandbox,
        };
        let text = serde_json::to_string(&self.state).unwrap();
        let state = serde_json::from_str(&text).unwrap();
        let mut turn = engine.begin(state, input);
        for _ in 0..600 {
            match turn.advance() {
                Step::Call(request) => {
                    turn.supply((self.answer)(&request));
                    self.calls.push(request);
                }
                Step::Done(outcome) => {
                    self.state = outcome.state.clone();
                    self.now_ms += 1_000;
                    return *outcome;
                }
            }
        }
        panic!("the turn does not end");
    }

    pub fn input(&self, kind: InputKind, text: &str) -> Input {
        Input {
            kind,
            text: text.into(),
            now_ms: self.now_ms,
            channel: "ivr".into(),
            session_id: format!("s-{}", self.now_ms),
            seed: 1,
            ..Input::default()
        }
    }

    pub fn say(&mut self, text: &str) -> Outcome {
        let input = self.input(InputKind::Text, text);
        self.turn(input)
    }

    /// Says something and gives the texts that came back.
    pub fn texts(&mut self, text: &str) -> Vec<String> {
        texts(&self.say(text))
    }
}

pub fn texts(outcome: &Outcome) -> Vec<String> {
    let shown = outcome.messages.iter().map(|bubble| match &bubble.body {
        BubbleBody::Text(text) => text.clone(),
        BubbleBody::Template(value) => value.to_string(),
    });
    shown.collect()
}

/// A text for every channel, plain or JavaScript.
pub fn words(kind: &str, text: &str) -> Value {
    json!([{"channel": "default", "localeData": {"en": {"text": text, "type": kind}}}])
}

/// `(node id, component members, node members)`; the name of a component is its node's id.
pub type Part = (&'static str, Value, Value);

/// An agent of dialogs `(name, parts)`; each gets a root node that leads to its first part.
pub fn agent(dialogs: Vec<(&str, Vec<Part>)>, extra: Value) -> Agent {
    let (mut list, mut components) = (Vec::new(), Vec::new());
    for (name, parts) in dialogs {
        let first = parts.first().map_or("end", |part| part.0);
        let root = format!("dc-{name}");
        components.push(json!({
            "_id": root, "refId": root, "type": "intent", "name": name, "dialogId": format!("dg-{name}"),
            "localeData": {"en": {"intent": name}},
        }));
        let mut nodes = vec![
            json!({"nodeId": "intent0", "type": "intent", "componentId": root, "transitions": [{"default": first}]}),
        ];
        for (id, mut component, mut node) in parts {
            let component_id = format!("dc-{name}-{id}");
            node["nodeId"] = json!(id);
            node["type"] = component["type"].clone();
            if component.get("link").is_some() {
                node["componentId"] = json!(format!("dc-{}", component["link"].as_str().unwrap()));
            } else {
                component["_id"] = json!(component_id);
                component["refId"] = json!(component_id);
                component["name"] = json!(id);
                node["componentId"] = json!(component_id);
                components.push(component);
            }
            nodes.push(node);
        }
        let mut dialog = json!({
            "_id": format!("dg-{name}"), "refId": format!("ref-{name}"), "lname": name,
            "localeData": {"en": {"name": name}}, "nodes": nodes,
        });
        for (key, value) in extra["dialogSettings"][name]
            .as_object()
            .into_iter()
            .flatten()
        {
            dialog[key] = value.clone();
        }
        list.push(dialog);
    }
    let config = extra.get("config").cloned();
    components.extend(
        extra["components"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned(),
    );
    let mut definition = json!({
        "_id": "st-1", "defaultLanguage": "en", "supportedLanguages": ["en"], "localeData": {"en": {"name": "Bot"}},
        "dialogs": list, "dialogComponents": components, "sessionInactiveTime": 900000,
    });
    for (key, value) in extra.as_object().unwrap() {
        definition[key] = value.clone();
    }
    Agent::from_package(&Package {
        definition,
        config,
        definition_name: "botDefinition.json".into(),
        ..Package::default()
    })
}

pub fn to(target: &str) -> Value {
    json!({"transitions": [{"default": target}]})
}

pub fn message(text: &str) -> Value {
    json!({"type": "message", "message": words("basic", text)})
}

pub fn entity(kind: &str) -> Value {
    json!({"type": "entity", "entityType": kind, "message": words("basic", "Which?"), "errorMessage": words("basic", "Again?"),
        "localeData": {"en": {"label": "thing"}}})
}

/// A question with its answer, an own dialog when `dialog` is given.
pub fn faq(question: &str, answer: Value, dialog: Option<&str>) -> Value {
    let mut faq =
        json!({"refId": question, "question": question, "answer": answer, "faqStatus": true});
    if let Some(dialog) = dialog {
        faq["responseType"] = json!("dialog");
        faq["dialogRefId"] = json!(format!("ref-{dialog}"));
    }
    faq
}

pub fn knowledge(faqs: Vec<Value>) -> Value {
    json!([{"refId": "kt", "name": "FAQ", "language": "en", "taxonomy": [], "faqs": {"faqs": faqs}}])
}

pub fn small_talk(says: &str, reply: &str) -> Value {
    json!([{"language": "en", "groups": [{"groupName": "g", "nodes": [{"nodeId": "st-1", "seq": 1,
        "userUtterances": [{"text": says}], "botUtterances": [{"channel": "default", "text": reply, "type": "basic"}]}]}]}])
}

pub fn said_by(outcome: &Outcome) -> Vec<String> {
    outcome
        .debug_logs
        .iter()
        .map(|line| line.text.clone())
        .collect()
}
