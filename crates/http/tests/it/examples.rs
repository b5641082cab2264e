//! The examples of the document are sent to a real router, and its answers are held against them and against the schemas.

use crate::world::{App, Route, World, document, routes, world};
use axum::body::Body;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use service::definition::{file, sample};
use std::{collections::HashMap, panic::AssertUnwindSafe};

/// Where values come from that only an answer gives: the operation, the place in its answer, the parameter of a path or the field of
/// a body that it fills.
const REMEMBERED: &[(&str, &str, &str)] = &[
    ("uploadFile", "/fileId", "zipInfo"),
    ("importBotAsNew", "/_id", "importRequestId"),
    ("importMlUtterances", "/_id", "mlImportId"),
    ("importKnowledgeGraph", "/_id", "graphImportId"),
    ("getFaqs", "/faqs/0/answerPayload/0/_id", "respId"),
    ("getFaqs", "/faqs/0/createdBy", "userId"),
    ("extractKnowledge", "/_id", "extractionId"),
    ("deleteConversations", "/jobId", "jobId"),
    ("importConversationTestSuite", "/dsId", "dsId"),
    ("importConversationTestSuiteOfBot", "/dsId", "dsId"),
    ("runConversationTestSuite", "/testRunId", "testRunId"),
    ("runConversationTestSuiteOfBot", "/testRunId", "testRunId"),
    ("runBatchTestSuite", "/requestId", "testRunId"),
    ("runBatchTestSuiteOfStream", "/requestId", "testRunId"),
];

/// Operations that others need go first: something must be said before it is read, and uploaded before it is imported.
const FIRST: [&str; 38] = [
    "webhookV1",
    "webhookV1Instance",
    "uploadFile",
    "deleteConversations",
    "importBotAsNew",
    "publishBot",
    "exportBot",
    "importMlUtterances",
    "exportMlUtterances",
    "trainFaqs",
    "importKnowledgeGraph",
    "exportKnowledgeGraph",
    "getFaqs",
    "extractKnowledge",
    "importBatchTestSuite",
    "runBatchTestSuite",
    "getBatchTestRunStatus",
    "listBatchTestSuites",
    "exportBatchTestSuite",
    "deleteBatchTestRun",
    "deleteBatchTestSuite",
    "importBatchTestSuiteOfStream",
    "runBatchTestSuiteOfStream",
    "getBatchTestRunStatusOfStream",
    "listBatchTestSuitesOfStream",
    "exportBatchTestSuiteOfStream",
    "deleteBatchTestRunOfStream",
    "deleteBatchTestSuiteOfStream",
    "importConversationTestSuite",
    "getConversationTestSuiteImportStatus",
    "runConversationTestSuite",
    "getConversationTestRunStatus",
    "deleteConversationTestSuites",
    "importConversationTestSuiteOfBot",
    "getConversationTestSuiteImportStatusOfBot",
    "runConversationTestSuiteOfBot",
    "getConversationTestRunStatusOfBot",
    "deleteConversationTestSuitesOfBot",
];

/// Operations that change what others read go last.
const LAST: [&str; 2] = ["setLanguageStatus", "changeDefaultLanguage"];

fn turn(route: &Route) -> usize {
    let id = route.operation["operationId"].as_str();
    let place = |list: &[&str]| list.iter().position(|name| Some(*name) == id);
    match (place(&FIRST), place(&LAST)) {
        (Some(at), _) => at,
        (None, None) => FIRST.len(),
        (None, Some(at)) => FIRST.len() + 1 + at,
    }
}

#[tokio::test]
async fn every_example_is_answered_as_it_says() {
    let world = world(0.0).await;
    let mut all = routes();
    all.retain(|r| matches!(r.surface.as_str(), "api" | "channel"));
    all.sort_by_key(turn);
    let mut apps: Vec<App> = Vec::new();
    for route in &all {
        // an app of its own for each operation, named after it
        let name = route.operation["operationId"].as_str().unwrap();
        let admin = names(&route.operation["x-scope-admin"]);
        let by_account = route.operation["x-scope"] == json!([]) && !admin.is_empty();
        if by_account {
            apps.push(world.admin(name, &admin).await);
            continue;
        }
        let app = world.app(name, false).await;
        let scopes = route.operation["x-scope"].as_array().unwrap();
        let scopes: Vec<String> = scopes
            .iter()
            .take(1)
            .map(|s| s.as_str().unwrap().to_owned())
            .collect();
        if !scopes.is_empty() {
            world.grant(&app, &scopes).await;
        }
        apps.push(app);
    }
    world.publish().await;
    let mut known = HashMap::from([
        ("botId".to_owned(), world.bot.to_string()),
        (
            "sampleBotId".to_owned(),
            sample::catalogue()[0].id.to_string(),
        ),
        (
            "ConversationSuiteImportIn.fileName".to_owned(),
            steps(&world).await,
        ),
        ("instanceId".to_owned(), "ivrInst-1".to_owned()),
        ("version".to_owned(), "1.1".to_owned()),
        ("fileId".to_owned(), utterances(&world).await),
        ("testSuiteName".to_owned(), "smoke".to_owned()),
        ("GraphImportIn.fileId".to_owned(), graph(&world).await),
        (
            "BatchTestSuiteImportIn.fileName".to_owned(),
            cases(&world).await,
        ),
    ]);
    let document = document();
    let mut broken = Vec::new();
    for (route, app) in all.iter().zip(&apps) {
        let run = replay(&world, &document, route, app, &mut known);
        if AssertUnwindSafe(run).catch_unwind().await.is_err() {
            broken.push(route.name());
        }
    }
    assert!(broken.is_empty(), "see above: {broken:#?}");
}

/// An uploaded file of utterances.
async fn utterances(world: &World) -> String {
    let csv = b"taskName,sentence\nTrack Parcel,where is it\n".to_vec();
    let kept = file::upload(&world.ctx, &world.caller, "utterances.csv", csv).await;
    kept.unwrap().id.to_string()
}

/// An uploaded file of a knowledge graph.
async fn graph(world: &World) -> String {
    let csv = b"Faq,Path,Primary Question,Alternate Question,Answer\n,Parcel Desk,Is my parcel insured,insurance,Yes\n,Parcel Desk,Do you ship abroad,,Yes\n".to_vec();
    let kept = file::upload(&world.ctx, &world.caller, "graph.csv", csv).await;
    kept.unwrap().id.to_string()
}

/// An uploaded script.
async fn script(world: &World) -> String {
    let source = b"function half(a) { return a / 2; }".to_vec();
    let kept = file::upload(&world.ctx, &world.caller, "helpers.js", source).await;
    kept.unwrap().id.to_string()
}

/// An uploaded file of test cases.
async fn cases(world: &World) -> String {
    let csv = b"input,intent\nwhere is my parcel,Track Parcel\n".to_vec();
    let kept = file::upload(&world.ctx, &world.caller, "cases.csv", csv).await;
    kept.unwrap().id.to_string()
}

/// An uploaded conversation test.
async fn steps(world: &World) -> String {
    let json = br#"{"testSteps": [{"input": "where is my parcel", "outputs": []}]}"#.to_vec();
    let kept = file::upload(&world.ctx, &world.caller, "steps.json", json).await;
    kept.unwrap().id.to_string()
}

async fn replay(
    world: &World,
    document: &Value,
    route: &Route,
    app: &App,
    known: &mut HashMap<String, String>,
) {
    let name = route.name();
    let path = route.filled(|parameter| match known.get(parameter) {
        Some(value) => value.clone(),
        None => panic!("{name}: say in REMEMBERED where {parameter} comes from"),
    });
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for parameter in route.operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let example = parameter
            .get("example")
            .or(parameter["schema"].get("example"));
        let (Some(example), Some(of)) = (example, parameter["name"].as_str()) else {
            continue;
        };
        let text = example
            .as_str()
            .map_or_else(|| example.to_string(), str::to_owned);
        match parameter["in"].as_str() {
            Some("query") => query.push(format!("{of}={text}")),
            Some("header") => headers.push((of.to_owned(), text)),
            _ => {}
        }
    }
    let mut request = route.request(&format!("{path}?{}", query.join("&")));
    for (header, value) in headers {
        request = request.header(header, value);
    }
    let request = request.header("authorization", format!("Bearer {}", app.token(&json!({}))));
    let sent = body(world, document, route, known).await;
    let answer = world.send(request.body(sent).unwrap()).await;
    assert!(
        answer.status.is_success(),
        "{name}: {} {}",
        answer.status,
        answer.body
    );
    let status = answer.status.as_str();
    let media = &route.operation["responses"][status]["content"]["application/json"];
    check(
        document,
        &media["schema"],
        &media["example"],
        &format!("{name}: example of the answer"),
    );
    check(
        document,
        &media["schema"],
        &answer.body,
        &format!("{name}: answer"),
    );
    shape(&media["example"], &answer.body, &name);
    let worker = service::work::worker(&world.ctx, jobs::Settings::default());
    while worker.run_due().await.unwrap() > 0 {}
    let id = route.operation["operationId"].as_str().unwrap();
    for (_, pointer, parameter) in REMEMBERED.iter().filter(|r| r.0 == id) {
        let value = answer
            .body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap();
        known.insert((*parameter).to_owned(), value.to_owned());
    }
}

/// The example of the body, with the values that are known by now.
async fn body(
    world: &World,
    document: &Value,
    route: &Route,
    known: &HashMap<String, String>,
) -> Body {
    let content = route.operation["requestBody"]["content"].as_object();
    let Some((kind, media)) = content.and_then(|c| c.iter().next()) else {
        return Body::empty();
    };
    let mut example = media["example"].clone();
    let name = format!("{}: example of the body", route.name());
    check(document, &media["schema"], &example, &name);
    if let Some(all) = example.as_array_mut() {
        for one in all.iter_mut().filter(|one| one.get("fileId").is_some()) {
            one["fileId"] = json!(script(world).await);
        }
        return Body::from(own(world, &example).to_string());
    }
    let fields = example.as_object_mut().unwrap();
    if kind == "multipart/form-data" {
        return form(world, fields).await;
    }
    // a name of several bodies is known under that of the schema
    let schema = media["schema"]["$ref"].as_str().unwrap_or_default();
    let schema = schema.rsplit('/').next().unwrap_or_default();
    // the version of a path is another thing than one that a body names
    for (field, value) in fields.iter_mut().filter(|(f, _)| *f != "version") {
        let own = known.get(&format!("{schema}.{field}"));
        if let Some(own) = own.or_else(|| known.get(field)) {
            *value = json!(own);
        }
    }
    if schema == "FaqsBulkIn" {
        // a node takes a question once
        example["faqs"][0]["questionPayload"]["question"] = route.operation["operationId"].clone();
    }
    Body::from(own(world, &example).to_string())
}

/// A form whose `file` is the agent as a zip.
async fn form(world: &World, fields: &Map<String, Value>) -> Body {
    let export = service::definition::export(&world.ctx, &world.caller, &world.bot);
    let zip = export.await.unwrap();
    let mut bytes = Vec::new();
    for (name, value) in fields.iter().filter(|f| f.0 != "file") {
        let text = value.as_str().unwrap();
        let part =
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        bytes.extend(part.bytes());
    }
    let head =
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"agent.zip\"\r\n\r\n";
    bytes.extend(head.bytes().chain(zip).chain(*b"\r\n--x--\r\n"));
    Body::from(bytes)
}

fn names(list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten().take(1);
    names.map(|s| s.as_str().unwrap().to_owned()).collect()
}

/// The example with the agent's own id.
fn own(world: &World, example: &Value) -> Value {
    match example {
        Value::String(text) if text.starts_with("st-") => json!(world.bot),
        Value::Array(all) => all.iter().map(|v| own(world, v)).collect(),
        Value::Object(all) => {
            let all = all.iter().map(|(k, v)| (k.clone(), own(world, v)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What the example shows is there, of the same kind.
pub(crate) fn shape(example: &Value, answer: &Value, at: &str) {
    assert_eq!(kind(example), kind(answer), "{at}: {answer}");
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            for (name, value) in example {
                let found = answer.get(name);
                let found = found.unwrap_or_else(|| panic!("{at}: the answer has no {name}"));
                shape(value, found, &format!("{at}.{name}"));
            }
        }
        (Value::Array(example), Value::Array(answer)) => {
            if let Some(first) = example.first() {
                let found = answer.first();
                let found = found.unwrap_or_else(|| panic!("{at}: the list is empty"));
                shape(first, found, &format!("{at}[0]"));
            }
        }
        _ => {}
    }
}

/// The value fits the schema; a field that the schema does not know is a fault.
pub(crate) fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Err(fault) = fits(document, schema, value, at) {
        panic!("{fault}");
    }
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document
            .pointer(&name[1..])
            .ok_or(format!("{at}: {name} is missing"))?;
        return fits(document, target, value, at);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(all) = schema[key].as_array() {
            let mut tried = all.iter().map(|s| fits(document, s, value, at));
            return match tried.any(|t| t.is_ok()) {
                true => Ok(()),
                false => {
                    let real = all.iter().find(|s| s["type"] != "null");
                    fits(document, real.unwrap(), value, at)
                }
            };
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        let together = together(document, all);
        return fits(document, &together, value, at);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => return Ok(()),
    };
    let is = kind(value);
    let whole = value.is_i64() || value.is_u64();
    let fits_kind = kinds.contains(&is) || (whole && kinds.contains(&"integer"));
    if !fits_kind {
        return Err(format!("{at}: {is} instead of {kinds:?}: {value}"));
    }
    match value {
        Value::Array(all) => {
            for (i, one) in all.iter().enumerate() {
                fits(document, &schema["items"], one, &format!("{at}[{i}]"))?;
            }
            Ok(())
        }
        Value::Object(fields) => object(document, schema, fields, at),
        _ => Ok(()),
    }
}

fn object(
    document: &Value,
    schema: &Value,
    fields: &Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        if !fields.contains_key(name) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    let Some(known) = schema["properties"].as_object() else {
        return Ok(());
    };
    for (name, value) in fields {
        match known.get(name) {
            Some(schema) => fits(document, schema, value, &format!("{at}.{name}"))?,
            None if schema.get("additionalProperties").is_some() => {}
            None => return Err(format!("{at}: the schema does not know {name}")),
        }
    }
    Ok(())
}

/// The parts of an `allOf` as one schema.
fn together(document: &Value, parts: &[Value]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts {
        let part = match part["$ref"].as_str() {
            Some(name) => document.pointer(&name[1..]).unwrap_or(part),
            None => part,
        };
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    json!({"type": "object", "properties": properties, "required": required})
}
