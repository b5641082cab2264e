//! Service components.

use super::value::{count, flag, list, object, raw, scalar, some_text, text};
use crate::text::{decode, decode_path};
use crate::{Endpoint, OnTimeout, SampleResponse, Service, ServiceKind};
use serde_json::Value;

/// Bodies that editors write when there is none.
const NO_BODY: [&str; 4] = ["", "{}", "undefined", "[object Object]"];

pub(crate) fn service(value: &Value) -> Service {
    let payload = text_or_json(object(object(value, "payload"), "value"));
    Service {
        kind: match raw(value, "serviceNodeType").as_str() {
            "" | "custom" => ServiceKind::Custom,
            "datatable" => ServiceKind::DataTable,
            other => ServiceKind::Other(other.to_owned()),
        },
        soap: raw(value, "serviceType").eq_ignore_ascii_case("soap"),
        endpoint: endpoint(object(value, "endPoint")),
        headers: text_or_json(object(object(value, "headers"), "value")),
        payload: if NO_BODY.contains(&payload.trim()) {
            String::new()
        } else {
            payload
        },
        raw_payload: object(value, "payload").clone(),
        profile: some_text(value, "idp").filter(|name| name != "none"),
        timeout_seconds: count(value, "serviceAPITimeout")
            .filter(|seconds| *seconds > 0)
            .unwrap_or(20),
        on_timeout: on_timeout(object(value, "timeOutError")),
        pre_script: some_text(value, "preProcessor"),
        post_script: some_text(value, "postProcessor"),
        client_certificate: flag(value, "isClientCertEnabled", false),
        connector: flag(object(value, "endPoint"), "connectorEnabled", false),
        samples: list(value, "sampleResponse").iter().map(sample).collect(),
    }
}

fn endpoint(value: &Value) -> Endpoint {
    let method = raw(value, "method").trim().to_ascii_uppercase();
    Endpoint {
        protocol: text(value, "protocol").trim().to_owned(),
        host: decode_path(&raw(value, "host")).trim().to_owned(),
        port: raw(value, "port").trim().to_owned(),
        path: decode_path(&raw(value, "path")).trim().to_owned(),
        method: if method.is_empty() {
            "GET".to_owned()
        } else {
            method
        },
    }
}

fn text_or_json(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => value.to_string(),
        other => decode(&scalar(other)).into_owned(),
    }
}

fn on_timeout(value: &Value) -> OnTimeout {
    let target = ["nodeId", "ref", "node"]
        .iter()
        .find_map(|key| some_text(value, key));
    match target {
        Some(node) if !flag(value, "closeConversation", false) => OnTimeout::Node(node),
        _ => OnTimeout::Close,
    }
}

fn sample(value: &Value) -> SampleResponse {
    SampleResponse {
        name: text(value, "name"),
        is_default: flag(value, "isDefault", false),
        body: text_or_json(object(value, "response")),
    }
}
