//! Adds to each operation what follows from its door: scopes, limits, security, the answers of the gate.

use super::{MARK, example};
use crate::error::public_body;
use serde_json::{Map, Value, json as value};
use std::collections::HashSet;
use types::{
    Error,
    codes::{self, Code},
    scope::{self, Side},
};
use utoipa::openapi::OpenApi;

/// The document as JSON, finished.
///
/// # Panics
/// When an operation lacks what a reader needs: a summary, a name of its own, an answer, an example. The text says which.
pub fn finish(api: &OpenApi) -> Value {
    let mut document =
        serde_json::to_value(api).expect("the document holds text, numbers and lists only");
    let mut names = HashSet::new();
    let steps = example::steps();
    for (path, method, operation) in operations_mut(&mut document) {
        let mark = operation.remove(MARK).unwrap_or_default();
        let at = format!("{method} {path}");
        path_parameters(operation, path);
        match mark["door"].as_str() {
            Some("api") => of_api(operation, &mark, method),
            Some("channel") => of_channel(operation, &mark),
            Some("console") => of_console(operation, method),
            Some("open") => {
                operation.insert("security".into(), value!([]));
            }
            _ => panic!("{at}: say who may call, see document::api, channel, open"),
        }
        if matches!(mark["door"].as_str(), Some("console" | "open")) {
            example::put(operation, &steps);
        }
        operation.insert("x-surface".into(), mark["door"].clone());
        let public = matches!(mark["door"].as_str(), Some("api" | "channel"));
        if let Some(lacking) = lacking(operation, public) {
            panic!("{at}: {lacking}");
        }
        let name = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            names.insert(name.to_owned()),
            "{at}: the name {name} is taken"
        );
    }
    shared_parts(&mut document);
    document
}

/// The document as text that ends in a line break.
pub fn json(api: &OpenApi) -> String {
    format!("{:#}\n", finish(api))
}

fn operations_mut(
    document: &mut Value,
) -> impl Iterator<Item = (&str, &str, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(method, operation)| {
            Some((path.as_str(), method.as_str(), operation.as_object_mut()?))
        })
    })
}

/// What a reader of the operation would miss.
fn lacking(operation: &Map<String, Value>, public: bool) -> Option<&'static str> {
    let text = |name: &str| {
        operation
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("summary").is_empty() {
        return Some("the handler's doc comment is the summary, and it is missing");
    }
    if text("operationId").is_empty() {
        return Some("no operation_id");
    }
    if operation
        .get("tags")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        return Some("no tag");
    }
    let responses = operation["responses"].as_object()?;
    let Some(success) = responses.iter().find(|(status, _)| status.starts_with('2')) else {
        return Some("no answer with a status of 2xx");
    };
    let content = &success.1["content"];
    if !public || content.is_null() {
        return None;
    }
    let example = |content: &Value| {
        let mut media = content.as_object().into_iter().flatten();
        media.all(|(_, media)| media.get("example").is_some())
    };
    if !example(content) {
        return Some("no example of the answer");
    }
    match operation.get("requestBody") {
        Some(body) if !example(&body["content"]) => Some("no example of the body"),
        _ => None,
    }
}

/// Parameters of the path that no note describes.
fn path_parameters(operation: &mut Map<String, Value>, path: &str) {
    let list = operation.entry("parameters").or_insert_with(|| value!([]));
    let Some(list) = list.as_array_mut() else {
        return;
    };
    for name in path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
    {
        let name = name.trim_start_matches('*');
        if list.iter().any(|p| p["in"] == "path" && p["name"] == name) {
            continue;
        }
        let (what, pattern) = match name {
            "botId" => ("Id of the agent", Some("^:?st-[0-9A-Za-z-]{1,64}$")),
            "clientId" => ("Client id of the app", Some("^cs-[0-9A-Za-z-]{1,64}$")),
            "instanceId" => ("Id of the channel instance", None),
            _ => ("Id of the thing", None),
        };
        let mut schema = value!({"type": "string"});
        if let Some(pattern) = pattern {
            schema["pattern"] = value!(pattern);
        }
        list.push(value!({"name": name, "in": "path", "required": true, "description": what, "schema": schema}));
    }
    if list.is_empty() {
        operation.remove("parameters");
    }
}

fn of_api(operation: &mut Map<String, Value>, mark: &Value, method: &str) {
    let id = mark["operation"].as_str().unwrap_or_default();
    let security = match (mark["session"] == true, method) {
        (false, _) => value!([{"auth": []}, {"bearer": []}]),
        (true, "get") => value!([{"auth": []}, {"bearer": []}, {"session": []}]),
        (true, _) => value!([{"auth": []}, {"bearer": []}, {"session": [], "csrf": []}]),
    };
    operation.insert("security".into(), security);
    operation.insert("x-scope".into(), scopes(id));
    let admin = scope::ALL.iter().filter(|s| s.side == Side::Admin);
    let admin = admin.filter(|s| s.operations.contains(&id)).map(|s| s.name);
    operation.insert("x-scope-admin".into(), admin.collect());
    operation.insert("x-rate-limit".into(), mark["limit"].clone());
    for (status, text, codes) in GATE {
        add_errors(operation, status, text, codes, "Errors", public_body);
    }
    bad_input(operation, "Errors", public_body);
    limit_headers(operation);
}

fn of_channel(operation: &mut Map<String, Value>, mark: &Value) {
    operation.insert("security".into(), value!([{"auth": []}, {"bearer": []}]));
    operation.insert("x-scope".into(), value!([]));
    operation.insert("x-rate-limit".into(), mark["limit"].clone());
    let body = |error: &Error| {
        crate::runtime::error::body(error, "RTM-TRACE-0f8fad5b-d9cb-569f-a165-70867728950e")
    };
    for (status, text, codes) in CHANNEL {
        add_errors(operation, status, text, codes, "ChannelErrors", body);
    }
    limit_headers(operation);
}

fn of_console(operation: &mut Map<String, Value>, method: &str) {
    let mut all: Vec<&'static Code> = vec![];
    if !operation.contains_key("security") {
        let needs = match method {
            "get" => value!([{"session": []}]),
            _ => value!([{"session": [], "csrf": []}]),
        };
        operation.insert("security".into(), needs);
        add_problems(
            operation,
            "401",
            "Nobody is signed in",
            &[&codes::NO_SESSION],
        );
        if method != "get" {
            all.push(&codes::CSRF);
        }
        all.extend([&codes::PASSWORD_CHANGE, &codes::STEP_UP]);
        add_problems(operation, "403", "Not allowed", &all);
    } else {
        operation.insert("security".into(), value!([]));
    }
    if operation.contains_key("requestBody") {
        add_problems(
            operation,
            "400",
            "The request is wrong; each field is named",
            &[],
        );
    }
}

type Rows = &'static [(&'static str, &'static str, &'static [&'static Code])];

static GATE: Rows = &[
    (
        "401",
        "The token is not accepted",
        &[
            &codes::TOKEN_MISSING,
            &codes::CREDENTIALS,
            &codes::TOKEN_EXPIRED,
            &codes::TOKEN_EARLY,
            &codes::JTI_REQUIRED,
            &codes::JTI_LIFETIME,
            &codes::JTI_REPLAY,
        ],
    ),
    (
        "403",
        "The app has no published scope for this operation",
        &[&codes::SCOPE],
    ),
    (
        "404",
        "No such agent for this app",
        &[&codes::BOT_NOT_FOUND],
    ),
    (
        "429",
        "A window is full",
        &[&codes::RATE_MINUTE, &codes::RATE_HOUR, &codes::RATE_OTHER],
    ),
    (
        "503",
        "The store cannot be reached",
        &[&codes::STORE_UNREACHABLE],
    ),
];

static CHANNEL: Rows = &[
    (
        "400",
        "The body cannot be read, or the agent is not published",
        &[&codes::CHANNEL_PAYLOAD, &codes::BOT_NOT_PUBLISHED],
    ),
    ("401", "The token is not accepted", &[&codes::CHANNEL_TOKEN]),
    (
        "404",
        "No such agent for this app",
        &[&codes::BOT_NOT_FOUND],
    ),
    ("429", "A window is full", &[&codes::CHANNEL_LIMIT]),
    (
        "503",
        "The store cannot be reached",
        &[&codes::STORE_UNREACHABLE],
    ),
    (
        "504",
        "The agent did not answer in time",
        &[&codes::CHANNEL_TIMEOUT],
    ),
];

/// Operations that every enabled app may call (DECISIONS section 2 item 8).
const SCOPELESS: &[&str] = &["getResolvedFaqResponse", "uploadFile"];

/// The scopes of the app builder that open an operation.
fn scopes(id: &str) -> Value {
    let open = scope::ALL.iter().filter(|s| s.operations.contains(&id));
    let of = |side| open.clone().filter(move |s| s.side == side).map(|s| s.name);
    let platform: Vec<&str> = of(Side::Platform).collect();
    assert!(
        SCOPELESS.contains(&id) || !platform.is_empty() || of(Side::Admin).next().is_some(),
        "{id}: no scope opens it, see types::scope"
    );
    value!(platform)
}

fn add_errors(
    operation: &mut Map<String, Value>,
    status: &str,
    description: &str,
    codes: &[&'static Code],
    schema: &str,
    body: impl Fn(&Error) -> Value,
) {
    let mut examples = Map::new();
    for code in codes {
        let example = value!({"value": body(&Error::of(code))});
        examples.insert(code.name.to_owned(), example);
    }
    let media = value!({
        "schema": {"$ref": format!("#/components/schemas/{schema}")},
        "examples": examples,
    });
    add(operation, status, description, "application/json", media);
}

fn bad_input(operation: &mut Map<String, Value>, schema: &str, body: impl Fn(&Error) -> Value) {
    let example = body(&Error::field("limit", "must be a whole number from 0"));
    let media = value!({
        "schema": {"$ref": format!("#/components/schemas/{schema}")},
        "examples": {"bad_input": {"value": example}},
    });
    let text = "The request is wrong; each field that is wrong has an entry";
    add(operation, "400", text, "application/json", media);
}

fn add_problems(
    operation: &mut Map<String, Value>,
    status: &str,
    text: &str,
    codes: &[&'static Code],
) {
    let mut media = value!({"schema": {"$ref": "#/components/schemas/Problem"}});
    let mut examples = Map::new();
    for code in codes {
        let example =
            crate::error::problem_body(&Error::of(code), Some("0123456789abcdef01234567"));
        examples.insert(code.name.to_owned(), value!({"value": example}));
    }
    if !examples.is_empty() {
        media["examples"] = Value::Object(examples);
    }
    add(operation, status, text, "application/problem+json", media);
}

/// Adds an answer; where a note has described one, its words stay and examples are joined.
fn add(
    operation: &mut Map<String, Value>,
    status: &str,
    description: &str,
    kind: &str,
    media: Value,
) {
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let Some(known) = responses.get_mut(status).and_then(Value::as_object_mut) else {
        responses.insert(
            status.to_owned(),
            value!({"description": description, "content": {kind: media}}),
        );
        return;
    };
    let content = known.entry("content").or_insert_with(|| value!({}));
    if content.get(kind).is_none() {
        content[kind] = media;
    }
}

fn limit_headers(operation: &mut Map<String, Value>) {
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for (status, answer) in responses {
        let mut headers: Vec<&str> = Vec::new();
        if status.starts_with('2') || status == "429" {
            headers.extend(["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]);
        }
        if status == "429" {
            headers.push("Retry-After");
        }
        for name in headers {
            answer["headers"][name] = value!({"$ref": format!("#/components/headers/{name}")});
        }
    }
}

/// Security schemes, headers and the shapes of errors.
fn shared_parts(document: &mut Value) {
    let whole =
        |what: &str| value!({"description": what, "schema": {"type": "integer", "minimum": 0}});
    let components = &mut document["components"];
    components["headers"] = value!({
        "RateLimit-Limit": whole("Requests of the tightest window"),
        "RateLimit-Remaining": whole("Requests left in it"),
        "RateLimit-Reset": whole("Seconds until what was counted so far no longer counts"),
        "Retry-After": whole("Seconds until it is worth trying again"),
    });
    components["securitySchemes"] = value!({
        "auth": {"type": "apiKey", "in": "header", "name": "auth",
            "description": "A JWT signed with the secret of a client app, with the claim appId"},
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The same token in the usual header"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-ombud",
            "description": "The session of a person; over plain HTTP on the machine itself the cookie is named ombud"},
        "csrf": {"type": "apiKey", "in": "header", "name": "x-csrf-token", "description": "csrfToken of the session, on every change"},
    });
    let entry = value!({"type": "object", "required": ["msg", "code"], "properties": {
        "msg": {"type": "string", "description": "What is wrong; for a field, its name comes first"},
        "code": {"type": ["integer", "string"]},
    }});
    let errors = |more: Value| {
        let mut properties = value!({"errors": {"type": "array", "minItems": 1, "items": entry}});
        for (name, schema) in more.as_object().into_iter().flatten() {
            properties[name] = schema.clone();
        }
        value!({"type": "object", "required": ["errors"], "properties": properties})
    };
    let schemas = &mut components["schemas"];
    schemas["Errors"] = errors(value!({}));
    schemas["ChannelErrors"] = errors(value!({
        "_v": {"type": "string", "description": "Version of the channel"},
        "_t": {"type": "string", "description": "Trace of the request, RTM-TRACE-…"},
    }));
    schemas["Problem"] = value!({"type": "object", "required": ["type", "title", "status", "code", "detail"], "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the error"},
        "detail": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "object", "properties": {
            "field": {"type": "string"}, "message": {"type": "string"}}}},
        "requestId": {"type": "string", "description": "The x-request-id of the answer"},
    }});
}
