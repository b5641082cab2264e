//! The whole import report: what the format says, and whether each script parses.

use definition::{
    Agent, ChannelMessage, ComponentKind, EventAction, ImportReport, MessageBody, Package,
};

/// Scripts that are named one by one; what is beyond is counted only.
const NAMED_MAX: usize = 100;

/// The report on a package, with a warning for each script that does not parse (definition-format.md section 18). CPU work.
pub fn report(package: &Package, agent: &Agent) -> ImportReport {
    let mut report = ImportReport::of(package, agent);
    let mut more = 0;
    let mut check = |place: &str, source: &str| {
        if source.trim().is_empty() {
            return;
        }
        if let Err(error) = script::check(source) {
            if report.warnings.len() < NAMED_MAX {
                report
                    .warnings
                    .push(format!("{place}: the script does not parse ({error})"));
            } else {
                more += 1;
            }
        }
    };
    if let Some(source) = &agent.bot_functions {
        check("bot functions", source);
    }
    for component in &agent.components {
        check_component(component, &mut check);
    }
    for event in &agent.events {
        check_event(&event.name, &event.action, &mut check);
    }
    for event in &agent.sentiment_events {
        check_event(&event.name, &event.action, &mut check);
    }
    for dialog in &agent.dialogs {
        if let Some(action) = &dialog.on_task_failure {
            let title = agent.dialog_title(dialog, &agent.default_language);
            check_event(&format!("{title} / task failure"), action, &mut check);
        }
        for node in &dialog.nodes {
            check_messages(&node.id, &node.options.messages, &mut check);
            check_messages(&node.id, &node.options.error_messages, &mut check);
        }
    }
    if let Some(source) = &agent.session.closing_script {
        check("session closing", source);
    }
    if more > 0 {
        report
            .warnings
            .push(format!("{more} more scripts do not parse"));
    }
    report
}

fn check_component(component: &definition::Component, check: &mut dyn FnMut(&str, &str)) {
    let name = &component.name;
    let pair = match &component.kind {
        ComponentKind::Script(source) => [Some(source), None],
        ComponentKind::Service(service) => {
            [service.pre_script.as_ref(), service.post_script.as_ref()]
        }
        ComponentKind::GenerativeAi(node) => [node.pre_script.as_ref(), node.post_script.as_ref()],
        _ => [None, None],
    };
    for source in pair.into_iter().flatten() {
        check(name, source);
    }
    check_messages(name, &component.messages, check);
    check_messages(name, &component.error_messages, check);
}

fn check_messages(place: &str, messages: &[ChannelMessage], check: &mut dyn FnMut(&str, &str)) {
    for message in messages {
        for (language, body) in message.text.iter() {
            if let MessageBody::JavaScript(source) = body {
                check(
                    &format!("{place} / message {} ({language})", message.channel),
                    source,
                );
            }
        }
    }
}

fn check_event(name: &str, action: &EventAction, check: &mut dyn FnMut(&str, &str)) {
    match action {
        EventAction::Script(source) => check(name, source),
        EventAction::Message(messages) => check_messages(name, messages, check),
        EventAction::Nothing | EventAction::Dialog(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_script_that_does_not_parse_is_named_and_one_that_does_is_not() {
        let script = |id: &str, source: &str| json!({"_id": id, "refId": id, "name": id, "type": "script", "script": source});
        let package = Package {
            definition: json!({"dialogs": [], "dialogComponents": [script("good", "var a = 1; context.a = a;"), script("bad", "var = 1;")]}),
            definition_name: "botDefinition.json".into(),
            bot_functions: Some(("x_botfunctions.js".into(), "function f( {".into())),
            ..Package::default()
        };
        let report = report(&package, &Agent::from_package(&package));
        let named: Vec<&str> = report
            .warnings
            .iter()
            .filter_map(|text| text.split(':').next())
            .collect();
        assert_eq!(named, ["bot functions", "bad"], "{:?}", report.warnings);
    }

    #[test]
    fn the_scripts_of_real_agents_parse() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/agents");
        let mut count = 0;
        for folder in ["travel-assistance", "lunar-birthday"] {
            let Ok(package) = definition::read_path(&root.join(folder)) else {
                continue;
            };
            let report = report(&package, &Agent::from_package(&package));
            let broken: Vec<_> = report
                .warnings
                .iter()
                .filter(|text| text.contains("does not parse"))
                .collect();
            assert!(broken.is_empty(), "{folder}: {broken:?}");
            count += 1;
        }
        if count == 0 {
            println!("skipped: no shared agents");
        }
    }
}
