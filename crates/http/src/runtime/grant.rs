//! `jwtGrant` and `jwtGrantAnonymous`: an access token for a JWT.

use crate::{analytics::time::iso, edge, error::Public, valid};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{Extensions, HeaderMap, Uri, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{
    Ctx,
    runtime::access::{self, Granted},
};
use std::time::Duration;
use types::{
    Error, Kind, Result, codes,
    id::{BotId, ClientId},
};
use utoipa::ToSchema;

/// How long somebody waits who has failed too often; clients do not recover from 429 here.
const DELAY: Duration = Duration::from_secs(2);

/// A JWT, and for which agent. As JSON, or as a form with keys such as `botInfo[taskBotId]`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what is read below")]
pub struct JwtGrantIn {
    /// JWT, or the same encrypted to the platform (JWE).
    assertion: String,
    bot_info: Option<GrantBot>,
    /// Taken, but without an effect.
    #[schema(value_type = Option<Object>)]
    token: Option<Value>,
}

/// The agent that the visitor wants to talk to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what is read below")]
pub struct GrantBot {
    /// Name of the agent; taken, but without an effect.
    chat_bot: Option<String>,
    /// Id of the agent; may be left out where the app has one agent only.
    task_bot_id: Option<String>,
    /// Name of the agent; taken, but without an effect.
    name: Option<String>,
    /// Id of the agent, another word for `taskBotId`.
    #[schema(rename = "_id")]
    id: Option<String>,
    /// Taken, but without an effect here.
    #[schema(value_type = Option<Object>)]
    custom_data: Option<Value>,
    /// Taken, but without an effect here.
    #[schema(value_type = Option<GrantTags>)]
    meta_tags: Option<Value>,
    /// Taken, but without an effect.
    tenanturl: Option<String>,
    /// Taken, but without an effect.
    ui_version: Option<String>,
    /// Taken, but without an effect.
    channel_client: Option<String>,
}

/// Tags that a client sends along.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what is read below")]
pub struct GrantTags {
    message_level_tags: Option<Vec<GrantTag>>,
    session_level_tags: Option<Vec<GrantTag>>,
    user_level_tags: Option<Vec<GrantTag>>,
}

/// A tag.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what is read below")]
pub struct GrantTag {
    name: String,
    value: Option<Value>,
}

/// A visitor without a signature.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what is read below")]
pub struct AnonymousGrantIn {
    assertion: AnonymousAssertion,
    bot_info: Option<GrantBot>,
}

/// Who comes.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what is read below")]
pub struct AnonymousAssertion {
    /// Client id of the app.
    issuer: String,
    /// Random id of the visitor.
    subject: String,
}

/// An access token and whose it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantOut {
    authorization: GrantAuthorization,
    user_info: GrantUser,
}

/// The access token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct GrantAuthorization {
    /// Opaque; to be shown as bearer token when the socket is opened.
    access_token: String,
    /// Always `bearer`.
    #[serde(rename = "token_type")]
    token_type: &'static str,
    expires_date: String,
    issued_date: String,
    /// Our id of the visitor.
    #[serde(rename = "resourceOwnerID")]
    resource_owner_id: String,
    #[serde(rename = "clientID")]
    client_id: String,
    /// App and visitor, as in `cs-…/ann`.
    identity: String,
    /// Names this access token without opening anything.
    ses_id: String,
    account_id: String,
    managed_by: String,
    /// The account: there is no other organisation above it.
    #[serde(rename = "orgID")]
    org_id: String,
}

/// The visitor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct GrantUser {
    user_id: String,
    account_id: String,
    /// The account.
    org_id: String,
    /// App and visitor, as in `cs-…/ann`.
    identity: String,
    /// Always `free`: visitors have no licence.
    enroll_type: &'static str,
    managed_by: String,
    /// Empty: a token does not say it.
    f_name: &'static str,
    /// Empty: a token does not say it.
    l_name: &'static str,
    /// What the app calls the visitor, where that is an address; else empty.
    email_id: String,
}

impl From<Granted> for GrantOut {
    fn from(granted: Granted) -> Self {
        let identity = format!("{}/{}", granted.client, granted.identity);
        let account = granted.account.to_string();
        let email = granted.identity.clone();
        let is_email = email
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
        Self {
            authorization: GrantAuthorization {
                access_token: granted.token.expose().to_owned(),
                token_type: "bearer",
                expires_date: iso(granted.expires_at),
                issued_date: iso(granted.issued_at),
                resource_owner_id: granted.user.to_string(),
                client_id: granted.client.to_string(),
                identity: identity.clone(),
                ses_id: granted.session,
                account_id: account.clone(),
                managed_by: account.clone(),
                org_id: account.clone(),
            },
            user_info: GrantUser {
                user_id: granted.user.to_string(),
                account_id: account.clone(),
                org_id: account.clone(),
                identity,
                enroll_type: "free",
                managed_by: account,
                f_name: "",
                l_name: "",
                email_id: if is_email { email } else { String::new() },
            },
        }
    }
}

/// Exchanges a client's JWT for an access token.
///
/// # Errors
/// The texts of the gate for a JWT that is not accepted; bad input that names the field.
#[utoipa::path(
    post,
    path = "",
    operation_id = "jwtGrant",
    tag = "login",
    request_body(
        content(
            (JwtGrantIn = "application/json", example = json!({"assertion": "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJjcy0xIn0.c2ln",
                "botInfo": {"chatBot": "Parcel Desk", "taskBotId": "st-5c2f81e0-7b1d-5c0a-9a3e-2f4d6b8c0e11"}})),
            (JwtGrantIn = "application/x-www-form-urlencoded"),
        )
    ),
    responses(
        (status = 200, description = "The access token", body = GrantOut),
        (status = 400, description = "A field is missing or wrong"),
        (status = 401, description = "The JWT is not accepted"),
        (status = 404, description = "No such agent for this app"),
    )
)]
pub async fn jwt_grant(
    State(ctx): State<Ctx>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<GrantOut>, Public> {
    let body = read(&headers, &body)?;
    let assertion = match body.get("assertion") {
        Some(Value::String(text)) => Some(text.as_str()),
        None => return Err(Error::field("assertion", "is missing").into()),
        Some(_) => return Err(Error::field("assertion", "must be a JWT").into()),
    };
    let granted = access::grant(&ctx, assertion, bot(&body)?, edge::address(&extensions)).await;
    Ok(Json(unlimited(granted).await?.into()))
}

/// Gives an anonymous visitor an access token without a signature, where the app allows it.
///
/// # Errors
/// As [`jwt_grant`].
#[utoipa::path(
    post,
    path = "",
    operation_id = "jwtGrantAnonymous",
    tag = "login",
    request_body(content = AnonymousGrantIn, example = json!({"assertion": {"issuer": "cs-5c2f81e0-7b1d-5c0a-9a3e-2f4d6b8c0e11",
        "subject": "5f0d5a54-0f4b-4b8e-9a46-6d9c3b9d6f10"}})),
    responses(
        (status = 200, description = "The access token", body = GrantOut),
        (status = 400, description = "A field is missing or wrong"),
        (status = 401, description = "The app does not allow it"),
        (status = 404, description = "No such agent for this app"),
    )
)]
pub async fn jwt_grant_anonymous(
    State(ctx): State<Ctx>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<GrantOut>, Public> {
    let body = read(&headers, &body)?;
    let assertion = body.get("assertion").and_then(Value::as_object);
    let wrong = || Error::field("assertion", "must be an object with issuer and subject");
    let assertion = assertion.ok_or_else(wrong)?;
    let text = |name: &str| assertion.get(name).and_then(Value::as_str);
    let subject = text("subject").ok_or_else(wrong)?;
    let client = ClientId::parse(text("issuer").ok_or_else(wrong)?);
    let client = client.ok_or_else(|| Error::of(&codes::CREDENTIALS))?;
    let address = edge::address(&extensions);
    let granted = access::grant_anonymous(&ctx, &client, subject, bot(&body)?, address).await;
    Ok(Json(unlimited(granted).await?.into()))
}

/// A refusal for too many failures becomes a plain one, later.
async fn unlimited(granted: Result<Granted>) -> Result<Granted> {
    match granted {
        Err(error) if error.kind == Kind::Limited => {
            tokio::time::sleep(DELAY).await;
            Err(Error::of(&codes::CREDENTIALS).because(error))
        }
        other => other,
    }
}

/// The body: JSON, or a form whose keys say where in the object a value stands.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        return form(body);
    }
    match valid::json(body)? {
        Value::Object(body) => Ok(body),
        _ => Err(Error::field("body", "must be a JSON object")),
    }
}

fn form(body: &[u8]) -> Result<Map<String, Value>> {
    let wrong = || Error::field("body", "is no form that can be read");
    let text = std::str::from_utf8(body).map_err(|_| wrong())?;
    // a form has the shape of a query string
    let uri = Uri::builder().path_and_query(format!("/?{text}")).build();
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri.map_err(|_| wrong())?);
    let mut read = Map::new();
    for (key, value) in pairs.map_err(|_| wrong())?.0 {
        let (first, rest) = key.split_once('[').unwrap_or((&key, ""));
        let steps = rest
            .trim_end_matches(']')
            .split("][")
            .filter(|s| !s.is_empty());
        let mut at = read.entry(first).or_insert(Value::Null);
        for step in steps.take(8) {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = &mut at[step];
        }
        *at = Value::String(value);
    }
    Ok(read)
}

/// The agent that `botInfo` names, if it names one.
fn bot(body: &Map<String, Value>) -> Result<Option<BotId>> {
    let Some(info) = body.get("botInfo").filter(|i| !i.is_null()) else {
        return Ok(None);
    };
    let info = info.as_object();
    let info = info.ok_or_else(|| Error::field("botInfo", "must be an object"))?;
    let given = ["taskBotId", "_id"]
        .into_iter()
        .find_map(|name| info.get(name));
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let bot = BotId::parse(text.trim_start_matches(':'));
            bot.map(Some)
                .ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))
        }
        Some(_) => Err(Error::field(
            "botInfo.taskBotId",
            "must be the id of an agent",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_with_bracketed_keys_reads_as_the_object_it_stands_for() {
        let body = b"assertion=a.b.c&botInfo%5BchatBot%5D=Parcel+Desk&botInfo[taskBotId]=st-1&botInfo[customData][x][y]=%C3%A4";
        assert_eq!(
            Value::Object(form(body).expect("form")),
            json!({"assertion": "a.b.c", "botInfo": {"chatBot": "Parcel Desk", "taskBotId": "st-1",
                "customData": {"x": {"y": "ä"}}}})
        );
        assert!(form(b"\xff").is_err());
        assert!(form("a[b".as_bytes()).is_ok());
    }

    #[test]
    fn the_agent_is_read_where_clients_put_it() {
        let of = |value: Value| {
            bot(value.as_object().expect("object")).map(|b| b.map(|b| b.to_string()))
        };
        assert_eq!(of(json!({})).expect("none"), None);
        assert_eq!(
            of(json!({"botInfo": {"_id": "st-2"}})).expect("id"),
            Some("st-2".into())
        );
        assert_eq!(
            of(json!({"botInfo": {"taskBotId": "st-1", "_id": "st-2"}})).expect("id"),
            Some("st-1".into())
        );
        assert!(of(json!({"botInfo": {"taskBotId": "nonsense"}})).is_err());
        assert!(of(json!({"botInfo": {"taskBotId": 7}})).is_err());
        assert!(of(json!({"botInfo": 7})).is_err());
    }
}
