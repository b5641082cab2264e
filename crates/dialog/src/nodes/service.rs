//! Service nodes: REST calls that the caller makes.

use super::Flow;
use crate::failure::Failure;
use crate::scene::Extras;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{CallFailure, Event, ServiceRequest, ServiceResponse, path};
use definition::{Component, ComponentKind, Node, OnTimeout, Service, ServiceKind};
use script::Kind;
use serde_json::{Map, Value, json};

/// Builds the request; the turn then stops until its result is supplied.
pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
    service: &'a Service,
) -> Result<Flow, Failure> {
    match &service.kind {
        ServiceKind::Custom if service.soap => {
            return Err(Failure::not_running("SOAP service", &component.name));
        }
        ServiceKind::Custom => {}
        ServiceKind::DataTable => {
            return Err(Failure::not_running("data table service", &component.name));
        }
        ServiceKind::Other(kind) => return Err(Failure::not_running(kind, &component.name)),
    }
    if service.client_certificate || service.connector {
        return Err(Failure::not_running(
            "service with a client certificate or connector",
            &component.name,
        ));
    }
    if let Some(source) = &service.pre_script {
        turn.run_script(source, Kind::Script, &Extras::default())?;
    }
    let request = request(turn, node, component, service)?;
    turn.pending = Some(request);
    Ok(Flow::Stay)
}

fn request(
    turn: &mut Turn<'_>,
    node: &Node,
    component: &Component,
    service: &Service,
) -> Result<ServiceRequest, Failure> {
    let mut url = turn.render(&service.endpoint.url()).trim().to_owned();
    let mut headers = headers(turn, &service.headers);
    let mut payload = turn.render(&service.payload);
    if let Some(name) = &service.profile {
        let profile = turn.engine.agent.profile(name).ok_or_else(|| {
            Failure::service(
                format!("the auth profile {name} is missing"),
                Said::SignInNeeded,
            )
        })?;
        if profile.kind.to_lowercase().contains("oauth") {
            return Err(Failure::service(
                format!("the auth profile {name} needs a sign-in"),
                Said::SignInNeeded,
            ));
        }
        for field in &profile.fields {
            let value = turn.render(&field.value);
            match field.place.as_str() {
                "header" => headers.push((field.key.clone(), value)),
                "query" => add_query(&mut url, &field.key, &value),
                "path" => url = url.replace(&format!(":{}", field.key), &value),
                _ => add_member(&mut payload, &field.key, &value),
            }
        }
    }
    let method = service.endpoint.method.to_uppercase();
    let body = body(&method, &payload, &mut headers);
    let seconds = node
        .options
        .service_timeout
        .unwrap_or(service.timeout_seconds)
        .max(1);
    Ok(ServiceRequest {
        method,
        url,
        headers,
        body,
        timeout_ms: u64::from(seconds) * 1000,
        name: component.name.clone(),
    })
}

/// Headers from the text of a flat object; placeholders are filled value by value, or in the whole text when it is no
/// JSON before.
fn headers(turn: &mut Turn<'_>, text: &str) -> Vec<(String, String)> {
    let object = match serde_json::from_str::<Value>(text) {
        Ok(value) => turn.render_value(&value),
        Err(_) => serde_json::from_str(&turn.render(text)).unwrap_or(Value::Null),
    };
    let Value::Object(map) = object else {
        return Vec::new();
    };
    map.iter()
        .filter(|(key, _)| !key.trim().is_empty())
        .map(|(k, v)| (k.trim().to_owned(), path::display(v)))
        .collect()
}

fn body(method: &str, payload: &str, headers: &mut Vec<(String, String)>) -> Option<Vec<u8>> {
    let text = payload.trim();
    let nothing = matches!(
        text,
        "" | "''" | "\"\"" | "{}" | "undefined" | "null" | "[object Object]"
    );
    if nothing || method == "HEAD" {
        return None;
    }
    let kind = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("content-type"))
        .map(|(_, v)| v.to_lowercase());
    match kind.as_deref() {
        None => headers.push(("Content-Type".into(), "application/json".into())),
        Some(kind) if kind.contains("x-www-form-urlencoded") => {
            if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
                return Some(form(&fields).into_bytes());
            }
        }
        Some(_) => {}
    }
    Some(text.as_bytes().to_vec())
}

fn form(fields: &Map<String, Value>) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{}={}", percent(key), percent(&path::display(value))))
        .collect();
    pairs.join("&")
}

fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn add_query(url: &mut String, key: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&format!("{}={}", percent(key), percent(value)));
}

fn add_member(payload: &mut String, key: &str, value: &str) {
    let parsed = serde_json::from_str(payload).unwrap_or_else(|_| json!({}));
    if let Value::Object(mut map) = parsed {
        map.insert(key.to_owned(), json!(value));
        *payload = Value::Object(map).to_string();
    }
}

/// Stores the result of the call and runs the script after it.
pub(crate) fn finish(
    turn: &mut Turn<'_>,
    answer: Result<ServiceResponse, CallFailure>,
) -> Result<Flow, Failure> {
    let (dialog, _, component) = turn.current()?;
    let ComponentKind::Service(service) = &component.kind else {
        return Err(Failure::broken("the service of this turn has gone"));
    };
    let status = answer.as_ref().ok().map(|response| response.status);
    turn.out.events.push(Event::ServiceRun {
        component: component.name.clone(),
        dialog_id: dialog.id.clone(),
        status,
        failed: status.is_none(),
    });
    let response = match answer {
        Ok(response) => response,
        Err(CallFailure::Timeout) if matches!(service.on_timeout, OnTimeout::Node(_)) => {
            let OnTimeout::Node(target) = &service.on_timeout else {
                return Err(Failure::broken("no node for a timeout"));
            };
            if let Some(frame) = turn.frame_mut() {
                frame.inner = None;
            }
            return Ok(Flow::Goto(target.clone()));
        }
        Err(failure) => {
            let said = if failure == CallFailure::Timeout {
                Said::ServiceTimedOut
            } else {
                Said::ServiceFailed
            };
            return Err(Failure::service(
                format!("the service {} failed: {failure}", component.name),
                said,
            ));
        }
    };
    store(turn, component, &response);
    if let Some(source) = &service.post_script {
        turn.run_script(source, Kind::Script, &Extras::default())?;
    }
    Ok(Flow::Next)
}

fn store(turn: &mut Turn<'_>, component: &Component, response: &ServiceResponse) {
    let text = String::from_utf8_lossy(&response.body);
    let body = serde_json::from_str::<Value>(&text).unwrap_or_else(|_| json!(text));
    let mut headers = Map::new();
    for (key, value) in &response.headers {
        headers.insert(key.to_lowercase(), json!(value));
    }
    let result = json!({"statusCode": response.status, "body": body, "headers": headers});
    let slot = turn
        .context_mut()
        .entry(component.name.clone())
        .or_insert_with(|| json!({}));
    if !slot.is_object() {
        *slot = json!({});
    }
    slot["response"] = result;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_follows_its_content_type() {
        let form = (
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        );
        for (method, payload, headers, want) in [
            ("GET", "{}", vec![], None),
            ("POST", "undefined", vec![], None),
            ("POST", "{\"a\": 1}", vec![], Some("{\"a\": 1}")),
            (
                "POST",
                "{\"a b\": \"x&y\"}",
                vec![form.clone()],
                Some("a%20b=x%26y"),
            ),
            ("POST", "a=1", vec![form], Some("a=1")),
            ("POST", "{broken", vec![], Some("{broken")),
        ] {
            let mut headers = headers;
            let got = body(method, payload, &mut headers).map(|b| String::from_utf8(b).unwrap());
            assert_eq!(got.as_deref(), want, "{method} {payload}");
        }
    }

    #[test]
    fn profile_fields_join_the_query_and_the_body() {
        let mut url = "http://h/p".to_owned();
        add_query(&mut url, "k", "a b");
        add_query(&mut url, "l", "1");
        assert_eq!(url, "http://h/p?k=a%20b&l=1");
        let mut payload = String::new();
        add_member(&mut payload, "k", "v");
        assert_eq!(payload, "{\"k\":\"v\"}");
    }
}
