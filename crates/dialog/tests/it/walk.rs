//! Every dialog of the shared agents, walked with scripted inputs and mocked services.

use crate::kit::Chat;
use definition::{Agent, ComponentKind, Package};
use dialog::{LogLevel, ServiceResponse};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn definitions(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            definitions(&path, out);
        } else if path
            .file_name()
            .is_some_and(|name| name == "botDefinition.json")
        {
            out.push(path);
        }
    }
}

fn load(path: &Path) -> Agent {
    let read = |path: &Path| {
        std::fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    };
    let definition = read(path).unwrap();
    let config = read(&path.with_file_name("config.json"));
    Agent::from_package(&Package {
        definition,
        config,
        definition_name: "botDefinition.json".into(),
        ..Package::default()
    })
}

fn shared() -> Option<Vec<PathBuf>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/agents");
    let mut found = Vec::new();
    definitions(&dir, &mut found);
    found.sort();
    if found.is_empty() {
        eprintln!("skipped: no shared agents");
        return None;
    }
    Some(found)
}

/// The sample response of a service component.
fn sample(agent: &Agent, name: &str) -> Vec<u8> {
    let services = agent.components.iter().filter(|c| c.name == name);
    let bodies = services.filter_map(|c| match &c.kind {
        ComponentKind::Service(service) => {
            service.samples.first().map(|s| s.body.clone().into_bytes())
        }
        _ => None,
    });
    bodies.into_iter().next().unwrap_or_else(|| b"{}".to_vec())
}

const ANSWERS: [&str; 12] = [
    "yes",
    "9876543210",
    "7",
    "tomorrow",
    "someone@example.com",
    "a",
    "Alice Smith",
    "10:30",
    "no",
    "Rome",
    "xyzzy",
    "b",
];

#[test]
fn every_dialog_of_the_shared_agents_is_walked() {
    let Some(paths) = shared() else { return };
    let mut walked = 0;
    for path in paths {
        let agent = load(&path);
        for dialog in &agent.dialogs {
            let mut chat = Chat::new(&agent);
            chat.answer = Box::new(|request| {
                Ok(ServiceResponse {
                    status: 200,
                    headers: vec![],
                    body: sample(&agent, &request.name),
                })
            });
            let title = agent.dialog_title(dialog, &agent.default_language);
            let mut outcome = chat.say(&title);
            assert!(!outcome.messages.is_empty(), "{path:?} {title}");
            for answer in ANSWERS.iter().chain(&ANSWERS) {
                check(&outcome, &title);
                if chat.state.task.is_none() {
                    break;
                }
                outcome = chat.say(answer);
            }
            walked += 1;
        }
    }
    println!("{walked} dialogs walked");
    assert!(walked > 50);
}

fn check(outcome: &dialog::Outcome, title: &str) {
    for line in &outcome.debug_logs {
        assert!(
            !line.text.contains("does not exist") && !line.text.contains("leads nowhere"),
            "{title}: {}",
            line.text
        );
        assert!(
            line.level != LogLevel::Error || !line.text.contains("more than"),
            "{title}: {}",
            line.text
        );
    }
}

#[test]
fn a_real_agent_creates_an_employee_through_a_mocked_service() {
    let Some(paths) = shared() else { return };
    let path = paths
        .iter()
        .find(|path| path.to_string_lossy().contains("kore-api-service-node"))
        .expect("the agent is among the shared ones");
    let agent = load(path);
    let dialog = agent.dialogs.iter().find(|dialog| {
        agent
            .root_intent(dialog)
            .is_some_and(|root| root.name.to_lowercase().contains("create"))
    });
    let title = agent.dialog_title(dialog.expect("the dialog is there"), "en");
    let mut chat = Chat::new(&agent);
    chat.answer = Box::new(|_| {
        let body = br#"{"data": [{"ID": 4, "FirstName": "Bo", "LastName": "Lee", "Email": "bo@example.com"}]}"#;
        Ok(ServiceResponse {
            status: 200,
            headers: vec![],
            body: body.to_vec(),
        })
    });
    let mut outcome = chat.say(&title);
    assert!(outcome.end_of_task.is_none() && chat.calls.is_empty());
    for answer in ["Ann Miller", "ann@example.com"] {
        outcome = chat.say(answer);
    }
    assert!(!chat.calls.is_empty());
    assert!(chat.calls[0].url.starts_with("http"));
    assert!(outcome.events.iter().any(|event| matches!(
        event,
        dialog::Event::ServiceRun {
            status: Some(200),
            ..
        }
    )));
    assert!(!outcome.messages.is_empty());
    assert!(
        outcome
            .writes
            .iter()
            .any(|write| write.key == "biggestID" && write.value == Some(Value::from(4)))
    );
    assert!(
        !outcome
            .events
            .iter()
            .any(|event| matches!(event, dialog::Event::TaskFailed { .. }))
    );
    let reason = outcome.end_of_task.map(|end| end.reason);
    assert_eq!(reason, Some(dialog::EndReason::Fulfilled));
}
