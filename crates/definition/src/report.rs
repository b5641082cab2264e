//! What an import tells its owner.

use crate::{Agent, ComponentKind, EventAction, IntentUse, Node, Package, ServiceKind, Target};
use crate::{archive::is_definition, circle::circles};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What runs, what is kept, what is broken.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Nodes that run.
    pub will_run: Vec<Runs>,
    /// Nodes that are kept but do not run yet.
    pub kept: Vec<Kept>,
    /// References to nothing.
    pub broken: Vec<Broken>,
    /// Places of strings that look like live secrets; never their values.
    pub secrets: Vec<SecretFound>,
    /// Everything else worth knowing.
    pub warnings: Vec<String>,
}

/// A kind that runs.
#[derive(Debug, Clone, Serialize)]
pub struct Runs {
    /// Kind.
    pub kind: String,
    /// Nodes.
    pub count: usize,
}

/// A kind that does not run yet.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// Kind.
    pub kind: String,
    /// Nodes.
    pub count: usize,
    /// Where.
    pub nodes: Vec<String>,
}

/// A reference to nothing.
#[derive(Debug, Clone, Serialize)]
pub struct Broken {
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: String,
    /// What is missing.
    pub what: String,
}

/// A string that looks like a secret.
#[derive(Debug, Clone, Serialize)]
pub struct SecretFound {
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: String,
    /// What it looks like.
    pub kind: String,
}

/// Sections that only the v11 layout has and that nothing here runs yet (definition-format.md sections 12 and 18).
const UNIFIED_SECTIONS: [&str; 6] = [
    "tools",
    "dialogGPTSettings",
    "agentSkills",
    "containmentSettings",
    "experienceFlows",
    "flows",
];

/// The event of an answer that a search engine makes out of documents: there is no such engine here.
const ANSWER_EVENT: &str = "ANSWER_GENERATION_EVENT";

impl ImportReport {
    /// The report on a package and its typed view.
    pub fn of(package: &Package, agent: &Agent) -> Self {
        let mut report = Self::default();
        let (mut runs, mut kept) = (
            BTreeMap::<String, usize>::new(),
            BTreeMap::<String, Vec<String>>::new(),
        );
        for dialog in &agent.dialogs {
            let title = agent.dialog_title(dialog, &agent.default_language);
            for (at, node) in dialog.nodes.iter().enumerate() {
                let place = format!("{title} / {}", node.id);
                report.check_targets(&place, node, &|id| dialog.node(id).is_some());
                let Some(component) = agent.component_of(node) else {
                    report.broken.push(Broken {
                        place,
                        what: format!("component {}", node.component_id),
                    });
                    continue;
                };
                if matches!(component.kind, ComponentKind::Intent(_))
                    && matches!(agent.intent_use(dialog, at), IntentUse::Broken)
                {
                    report.broken.push(Broken {
                        place,
                        what: "linked dialog".into(),
                    });
                    continue;
                }
                if let ComponentKind::BotAction(action) = &component.kind {
                    for inner in &action.nodes {
                        let place = format!("{place} / {}", inner.id);
                        report.check_targets(&place, inner, &|id| {
                            action.nodes.iter().any(|n| n.id == id)
                        });
                        match agent.kind_of(inner) {
                            Some(kind) => tally(&mut runs, &mut kept, kind, place),
                            None => report.broken.push(Broken {
                                place,
                                what: format!("component {}", inner.component_id),
                            }),
                        }
                    }
                }
                tally(&mut runs, &mut kept, &component.kind, place);
            }
        }
        report.will_run = runs
            .into_iter()
            .map(|(kind, count)| Runs { kind, count })
            .collect();
        report.kept = kept
            .into_iter()
            .map(|(kind, nodes)| Kept {
                kind,
                count: nodes.len(),
                nodes,
            })
            .collect();
        report.check_agent(agent);
        report.check_package(package);
        report.check_circles(agent);
        report.find_secrets(package, agent);
        report
    }

    fn check_targets(&mut self, place: &str, node: &Node, exists: &dyn Fn(&str) -> bool) {
        for transition in &node.transitions {
            if let Target::Node(id) = &transition.target
                && !exists(id)
            {
                self.broken.push(Broken {
                    place: place.to_owned(),
                    what: format!("node {id}"),
                });
            }
        }
    }

    fn check_agent(&mut self, agent: &Agent) {
        for sentence in agent
            .nlu
            .sentences
            .iter()
            .filter(|s| agent.component(&s.intent_id).is_none())
        {
            self.broken.push(Broken {
                place: "sentences".into(),
                what: format!("intent {}", sentence.intent_id),
            });
        }
        if let Some(ref_id) = agent
            .default_dialog
            .as_deref()
            .filter(|ref_id| agent.dialog_by_ref(ref_id).is_none())
        {
            self.broken.push(Broken {
                place: "defaultDialogId".into(),
                what: format!("dialog {ref_id}"),
            });
        }
        let set = agent
            .event(ANSWER_EVENT)
            .filter(|event| event.enabled && !matches!(event.action, EventAction::Nothing));
        if set.is_some() {
            self.warnings.push(format!(
                "{ANSWER_EVENT}: this event is kept but does not run; it belongs to answers that are made out of documents"
            ));
        }
        let faqs = agent.knowledge.iter().flat_map(|task| &task.faqs);
        let conditional: Vec<&str> = faqs
            .filter(|faq| faq.conditional)
            .map(|faq| faq.question.as_str())
            .collect();
        if let Some(first) = conditional.first() {
            self.warnings.push(format!(
                "conditionalResp: the conditions of answers are kept but not looked at, one of the answers is picked at random: \
                 {} FAQs, the first of them \"{first}\"",
                conditional.len()
            ));
        }
        for variable in agent.env.iter().filter(|v| v.secured && v.value.is_empty()) {
            self.warnings.push(format!(
                "The secured variable {} has no value; fill it in",
                variable.key
            ));
        }
        for component in &agent.components {
            let ComponentKind::Service(service) = &component.kind else {
                continue;
            };
            if let Some(name) = service
                .profile
                .as_deref()
                .filter(|name| agent.profile(name).is_none())
            {
                self.warnings.push(format!(
                    "{}: the auth profile {name} is missing",
                    component.name
                ));
            }
            if service.client_certificate || service.connector {
                self.warnings.push(format!(
                    "{}: client certificates and connectors are not supported",
                    component.name
                ));
            }
        }
    }

    /// What the package holds beside the agent, and sections of the newest layout.
    fn check_package(&mut self, package: &Package) {
        for (name, _) in package.extra.iter().filter(|(n, _)| is_definition(n)) {
            self.warnings.push(format!(
                "{name}: a second definition is kept as a file but not imported; import its folder on its own"
            ));
        }
        for section in UNIFIED_SECTIONS {
            let filled = match package.definition.get(section) {
                Some(Value::Array(items)) => !items.is_empty(),
                Some(Value::Object(members)) => !members.is_empty(),
                _ => false,
            };
            if filled {
                self.warnings.push(format!(
                    "{section}: this section of the v11 layout is kept but does not run yet"
                ));
            }
        }
    }

    fn check_circles(&mut self, agent: &Agent) {
        for circle in circles(agent) {
            let titles: Vec<&str> = circle.iter().map(|dialog| dialog.as_str()).collect();
            self.warnings.push(format!(
                "The dialogs {} link to each other in a circle; a turn that goes round without asking anything is stopped",
                titles.join(", ")
            ));
        }
    }

    fn find_secrets(&mut self, package: &Package, agent: &Agent) {
        let mut found = |place: String, kind: &str| {
            self.secrets.push(SecretFound {
                place,
                kind: kind.to_owned(),
            })
        };
        for variable in agent
            .env
            .iter()
            .filter(|v| v.secured && !v.value.is_empty())
        {
            found(format!("config.json / {}", variable.key), "variable");
        }
        for component in &agent.components {
            let ComponentKind::Service(service) = &component.kind else {
                continue;
            };
            let Ok(serde_json::Value::Object(headers)) = serde_json::from_str(&service.headers)
            else {
                continue;
            };
            for (name, value) in headers {
                let lower = name.to_ascii_lowercase();
                let telling = ["authorization", "api-key", "apikey", "token", "secret"]
                    .iter()
                    .any(|w| lower.contains(w));
                if telling
                    && value
                        .as_str()
                        .is_some_and(|text| !text.is_empty() && !text.contains("{{"))
                {
                    found(format!("{} / header {name}", component.name), "header");
                }
            }
        }
        for profile in agent.profiles.iter().filter(|p| {
            p.fields
                .iter()
                .any(|f| !f.value.is_empty() && !f.value.contains("{{"))
        }) {
            found(
                format!("idpConfigurations / {}", profile.name),
                "auth profile",
            );
        }
        let models = package
            .definition
            .get("llmConfigsForStream")
            .map(ToString::to_string)
            .unwrap_or_default();
        if ["\"apiKey\":\"", "\"api_key\":\"", "\"x-api-key\":\""]
            .iter()
            .any(|k| models.contains(k))
        {
            found("llmConfigsForStream".into(), "model key");
        }
    }
}

fn tally(
    runs: &mut BTreeMap<String, usize>,
    kept: &mut BTreeMap<String, Vec<String>>,
    kind: &ComponentKind,
    place: String,
) {
    let name = match kind {
        ComponentKind::Entity(entity) => format!("entity ({})", entity.entity_type.name()),
        ComponentKind::Service(service) => match &service.kind {
            ServiceKind::Custom if service.soap => "service (soap)".into(),
            ServiceKind::Custom => "service (rest)".into(),
            ServiceKind::DataTable => "service (datatable)".into(),
            ServiceKind::Other(name) => format!("service ({name})"),
        },
        other => other.name().to_owned(),
    };
    let running = match kind {
        ComponentKind::Entity(entity) => entity.entity_type.runs(),
        ComponentKind::Service(service) => service.kind == ServiceKind::Custom && !service.soap,
        ComponentKind::Intent(_)
        | ComponentKind::Confirmation(_)
        | ComponentKind::Message
        | ComponentKind::Script(_)
        | ComponentKind::Logic(_)
        | ComponentKind::BotAction(_) => true,
        _ => false,
    };
    if running {
        *runs.entry(name).or_default() += 1;
    } else {
        kept.entry(name).or_default().push(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_that_never_fires_is_told_when_something_is_set_for_it() {
        for (event, told) in [
            (
                json!({"enabled": true, "action": "triggerDialog", "task": "x"}),
                true,
            ),
            (
                json!({"enabled": false, "action": "triggerDialog", "task": "x"}),
                false,
            ),
            (
                json!({"enabled": true, "action": "triggerDialog", "task": null}),
                false,
            ),
        ] {
            let events = json!({"ANSWER_GENERATION_EVENT": event, "MULTI_INTENT_EVENT": event, "CONVERSATION_END": event});
            let package = Package {
                definition: json!({"dialogs": [], "dialogComponents": [], "botEvents": events}),
                definition_name: "appDefinition.json".into(),
                ..Package::default()
            };
            let report = ImportReport::of(&package, &Agent::from_package(&package));
            let want: Vec<String> = told
                .then(|| {
                    "ANSWER_GENERATION_EVENT: this event is kept but does not run; it belongs to answers that are made out of documents"
                        .to_owned()
                })
                .into_iter()
                .collect();
            assert_eq!(report.warnings, want);
        }
    }

    #[test]
    fn answers_with_conditions_are_told_once_with_their_number() {
        let faq = |question: &str, conditional: bool| json!({"question": question, "answer": [{"text": "a", "type": "basic"}], "conditionalResp": conditional});
        let faqs = json!([faq("plain", false), faq("first", true), faq("second", true)]);
        let package = Package {
            definition: json!({"dialogs": [], "dialogComponents": [], "knowledgeTasks": [{"language": "en", "faqs": {"faqs": faqs}}]}),
            definition_name: "appDefinition.json".into(),
            ..Package::default()
        };
        let report = ImportReport::of(&package, &Agent::from_package(&package));
        let [told] = report.warnings.as_slice() else {
            panic!("{:?}", report.warnings);
        };
        assert!(
            told.starts_with("conditionalResp: ")
                && told.ends_with("2 FAQs, the first of them \"first\""),
            "{told}"
        );
    }
}
