//! The examples of the console's operations, replayed as one journey.
//!
//! `OMBUD_RECORD_EXAMPLES=1` writes the answers of this run into the file, ids and secrets made alike.

use crate::{
    device::Device,
    examples::{check, shape},
    world::{Browser, Route, World, document, empty, routes, world},
};
use axum::body::Body;
use futures::FutureExt;
use http_api::{HttpSettings, router};
use serde_json::{Value, json};
use service::console::setup;
use std::{
    collections::{BTreeSet, HashMap},
    panic::AssertUnwindSafe,
};
use tower::ServiceExt;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/document/examples.json");
/// Operations that stand open and have no example: the document itself, a file, and grants, whose bodies a token library makes.
const WITHOUT: [&str; 6] = [
    "getDocument",
    "downloadExport",
    "jwtGrant",
    "jwtGrantOld",
    "jwtGrantAnonymous",
    "jwtGrantAnonymousOld",
];

struct Journey {
    world: World,
    empty: axum::Router,
    document: Value,
    browser: Browser,
    device: Device,
    known: HashMap<String, String>,
}

#[tokio::test]
async fn every_example_of_the_console_is_answered_as_it_says() {
    let (ctx, _, _dir) = empty(0.0).await;
    let code = setup::issue_code(&ctx).await.unwrap().unwrap();
    let world = world(0.0).await;
    let known = HashMap::from([
        ("botId".to_owned(), world.bot.to_string()),
        ("setupCode".to_owned(), code.expose().to_owned()),
    ]);
    let mut journey = Journey {
        world,
        empty: router(ctx, HttpSettings::default()),
        document: document(),
        browser: Browser {
            cookie: String::new(),
            csrf: String::new(),
        },
        device: Device::new("localhost"),
        known,
    };
    let all = routes();
    let of = |name: &Value| all.iter().find(|r| r.operation["operationId"] == *name);
    let text = std::fs::read_to_string(FILE).unwrap();
    let mut steps: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut replayed = BTreeSet::new();
    let mut broken = Vec::new();
    for step in &mut steps {
        replayed.insert(step["operation"].as_str().unwrap().to_owned());
        let route = of(&step["operation"]);
        let route = route.unwrap_or_else(|| panic!("{} is in no document", step["operation"]));
        let run = AssertUnwindSafe(journey.take(route, step)).catch_unwind();
        if run.await.is_err() {
            broken.push(route.name());
        }
    }
    if std::env::var_os("OMBUD_RECORD_EXAMPLES").is_some() {
        std::fs::write(FILE, format!("{:#}\n", Value::Array(steps))).unwrap();
    }
    assert!(broken.is_empty(), "see above: {broken:#?}");
    let listed = all
        .iter()
        .filter(|r| matches!(r.surface.as_str(), "console" | "open"))
        .filter_map(|r| r.operation["operationId"].as_str())
        .filter(|name| !WITHOUT.contains(name));
    let lacking: Vec<&str> = listed.filter(|name| !replayed.contains(*name)).collect();
    assert!(
        lacking.is_empty(),
        "put a step for each of these into {FILE}: {lacking:?}"
    );
}

impl Journey {
    fn known(&self, variable: &str) -> &str {
        let value = self.known.get(variable);
        value.unwrap_or_else(|| panic!("no step before keeps {variable}"))
    }

    async fn take(&mut self, route: &Route, step: &mut Value) {
        let name = route.name();
        let path = route.filled(|parameter| match &step["path"][parameter] {
            Value::String(value) => value.clone(),
            _ => self.known(parameter).to_owned(),
        });
        let query = step["query"].as_str().unwrap_or_default();
        let mut request = route
            .request(&format!("{path}?{query}"))
            .header("host", "localhost");
        if !self.browser.cookie.is_empty() {
            request = request
                .header("cookie", &self.browser.cookie)
                .header("x-csrf-token", &self.browser.csrf);
        }
        let body = self.body(route, step).await;
        let request = request.body(body).unwrap();
        let answer = match step["world"] == "empty" {
            true => {
                let answer = self.empty.clone().oneshot(request).await.unwrap();
                let (parts, body) = answer.into_parts();
                let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                (
                    parts.status,
                    parts.headers,
                    serde_json::from_slice(&bytes).unwrap_or_default(),
                )
            }
            false => {
                let answer = self.world.send(request).await;
                (answer.status, answer.headers, answer.body)
            }
        };
        let (status, headers, body): (_, _, Value) = answer;
        let documented = &route.operation["responses"][status.as_str()];
        assert!(
            status.is_success() && documented.is_object(),
            "{name}: {status} {body}"
        );
        self.follow(step, &headers, &body);
        if let Some(media) = documented["content"].get("application/json") {
            check(
                &self.document,
                &media["schema"],
                &body,
                &format!("{name}: answer"),
            );
            if step["silent"] != true {
                if std::env::var_os("OMBUD_RECORD_EXAMPLES").is_some() {
                    step["answer"] = plain("", &body);
                }
                let example = &step["answer"];
                check(
                    &self.document,
                    &media["schema"],
                    example,
                    &format!("{name}: example"),
                );
                shape(example, &body, &name);
            }
        }
        let worker = service::work::worker(&self.world.ctx, jobs::Settings::default());
        while worker.run_due().await.unwrap() > 0 {}
    }

    /// What later steps need of an answer.
    fn follow(&mut self, step: &Value, headers: &axum::http::HeaderMap, body: &Value) {
        if matches!(
            step["operation"].as_str(),
            Some("consoleSignIn" | "consolePasskeySignIn")
        ) {
            let cookie = headers["set-cookie"].to_str().unwrap();
            cookie
                .split(';')
                .next()
                .unwrap()
                .clone_into(&mut self.browser.cookie);
        }
        if let (Some(token), false) = (body["csrfToken"].as_str(), step["world"] == "empty") {
            token.clone_into(&mut self.browser.csrf);
        }
        for (variable, pointer) in step["keep"].as_object().into_iter().flatten() {
            let found = body.pointer(pointer.as_str().unwrap());
            let found =
                found.unwrap_or_else(|| panic!("{}: no {pointer} in {body}", step["operation"]));
            let text = found
                .as_str()
                .map_or_else(|| found.to_string(), str::to_owned);
            self.known.insert(variable.clone(), text);
        }
    }

    async fn body(&self, route: &Route, step: &Value) -> Body {
        let Some(content) = route.operation["requestBody"]["content"].as_object() else {
            return Body::empty();
        };
        if content.contains_key("multipart/form-data") {
            if let Some(text) = step["file"]["content"].as_str() {
                let name = step["file"]["name"].as_str().unwrap();
                let head = format!(
                    "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
                );
                return Body::from(format!("{head}{text}\r\n--x--\r\n"));
            }
            let export =
                service::definition::export(&self.world.ctx, &self.world.caller, &self.world.bot);
            let head = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"agent.zip\"\r\n\r\n";
            let zip = export.await.unwrap();
            return Body::from([head.as_bytes(), &zip, b"\r\n--x--\r\n"].concat());
        }
        let schema = &content["application/json"]["schema"];
        let mut body = step["body"].clone();
        check(
            &self.document,
            schema,
            &body,
            &format!("{}: body", route.name()),
        );
        let device = &self.device;
        for (pointer, variable) in step["fill"].as_object().into_iter().flatten() {
            let value = match variable.as_str().unwrap() {
                "totpCode" => {
                    let secret = unbase32(&self.known["totpSecret"]);
                    let now = crate::world::NOW * 1000;
                    json!(crypt::totp::code(&secret, now / crypt::totp::STEP_MS))
                }
                "newPasskey" => device.made("Laptop", &json!(self.known("challenge"))),
                "passkeyAnswer" => device.answer(2, &json!(self.known("challenge"))),
                name => json!(self.known(name)),
            };
            *body.pointer_mut(pointer).unwrap() = value;
        }
        Body::from(body.to_string())
    }
}

fn unbase32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for c in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let five = match c {
            b'A'..=b'Z' => c - b'A',
            _ => c - b'2' + 26,
        };
        bits = bits << 5 | u32::from(five);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

/// An answer with its ids and secrets made alike.
fn plain(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(all) => {
            let all = all.iter().map(|(k, v)| (k.clone(), plain(k, v)));
            Value::Object(all.collect())
        }
        // one line of a long list is enough
        Value::Array(all) => all.iter().take(2).map(|v| plain(name, v)).collect(),
        Value::String(text) => json!(alike(name, text)),
        other => other.clone(),
    }
}

fn alike(name: &str, text: &str) -> String {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let uuid = "0f8fad5b-d9cb-569f-a165-70867728950e";
    if matches!(name, "secret" | "clientSecret") {
        return "bXktc2VjcmV0LW9mLTMyLWJ5dGVzLWZvci1leGFtcGxlcw==".to_owned();
    }
    if name == "challenge" {
        return "Y2hhbGxlbmdlLW9mLXRoaXMtc2lnbi1pbi1vbmx5LTMy".to_owned();
    }
    if name == "csrfToken" {
        return "c3JmLXRva2VuLW9mLXRoaXMtc2Vzc2lvbg".to_owned();
    }
    if text.len() == 24 && hex(text) {
        return "64aa00112233445566778801".to_owned();
    }
    if text.len() >= 36 && text.is_char_boundary(text.len() - 36) {
        let (head, tail) = text.split_at(text.len() - 36);
        if tail.split('-').count() == 5 && hex(&tail.replace('-', "")) {
            return format!("{head}{uuid}");
        }
    }
    text.to_owned()
}
