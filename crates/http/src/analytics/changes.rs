//! `getChangeLogs`.

use super::time::iso;
use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
    fields::{QueryFields, both},
};
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Serialize;
use service::{
    Ctx,
    analytics::changes::{self, Changed},
    console::permission::Permission,
};
use std::collections::HashMap;
use types::Result;
use utoipa::ToSchema;

/// Lists the changes of an agent.
pub struct GetChangeLogs;

impl Operation for GetChangeLogs {
    const ID: &'static str = "getChangeLogs";
}

impl Shared for GetChangeLogs {
    const PERMISSION: Permission = Permission::Audit;
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeOut {
    /// Id of the entry, `btl-…`.
    #[serde(rename = "_id")]
    id: String,
    /// Who made it; a person that is gone is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<PersonOut>,
    /// The agent.
    stream_id: String,
    /// What was changed.
    resource_id: String,
    /// `stream`: the entry is about the agent as a whole.
    resource_type: &'static str,
    /// What was done, in a sentence.
    message: String,
    /// When, ISO-8601.
    created_on: String,
    /// Version of the record.
    #[serde(rename = "__v")]
    version: u8,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PersonOut {
    /// Its id.
    id: String,
    /// Its id, once more.
    #[serde(rename = "_id")]
    again: String,
    /// First word of its name.
    first_name: String,
    /// The rest of its name.
    last_name: String,
    /// Its address.
    email_id: String,
    /// `active` or `suspended`.
    activation_status: &'static str,
    /// Colour of its picture, `#rrggbb`.
    prof_colour: String,
    /// Its picture; `no-avatar`, as people here have none.
    prof_image: &'static str,
    /// Its account.
    org_id: String,
}

/// Lists the changes that were made to an agent, the newest first.
///
/// # Errors
/// Bad input that names the parameter.
#[utoipa::path(
    get,
    path = "/",
    tag = "analytics",
    params(("offset" = Option<u32>, Query, description = "Number of the page, from 0", example = 0),
        ("limit" = Option<u32>, Query, description = "Entries of a page, 50 at most", example = 10),
        ("startDate" = Option<String>, Query, description = "First day; the creation of the agent where there is none", example = "2026-02-03"),
        ("endDate" = Option<String>, Query, description = "Last day")),
    responses((status = 200, description = "A page of changes", body = Vec<ChangeOut>, example = json!([{
        "_id": "btl-00000000000000000000002a", "userId": {"id": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
            "_id": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "firstName": "Ann", "lastName": "", "emailId": "ann@example.com",
            "activationStatus": "active", "profColour": "#4a7c3f", "profImage": "no-avatar", "orgId": "64aa00112233445566778801"},
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "resourceId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "resourceType": "stream", "message": "Published the agent", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}]))),
)]
pub async fn list(
    State(ctx): State<Ctx>,
    allowed: Either<GetChangeLogs>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Vec<ChangeOut>>, Public> {
    let mut fields = QueryFields::new(&query);
    let wanted = changes::Query {
        page: fields
            .number("offset", 0, Some(changes::PAGES))
            .unwrap_or(0),
        limit: fields.number("limit", 1, Some(changes::ROWS)),
        start: fields.text("startDate").map(str::to_owned),
        end: fields.text("endDate").map(str::to_owned),
    };
    both(fields.done(), wanted.check())?;
    let found = changes::list(&ctx, &allowed.caller, &allowed.bot, &wanted).await?;
    let bot = allowed.bot.as_str();
    Ok(Json(found.iter().map(|each| shown(bot, each)).collect()))
}

/// A colour that is always the same for a person.
fn colour(id: &str) -> String {
    let sum = id.bytes().fold(2_166_136_261_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    // dark enough for white letters
    let part = |shift: u32| 0x20 + ((sum >> shift) & 0x7f);
    format!("#{:02x}{:02x}{:02x}", part(0), part(8), part(16))
}

fn shown(bot: &str, each: &Changed) -> ChangeOut {
    let new = &each.row.new;
    ChangeOut {
        id: format!("btl-{:024x}", each.row.number),
        user_id: each.by.as_ref().map(|user| {
            let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
            PersonOut {
                id: user.id.to_string(),
                again: user.id.to_string(),
                first_name: first.to_owned(),
                last_name: last.to_owned(),
                email_id: user.email.clone(),
                activation_status: if user.enabled { "active" } else { "suspended" },
                prof_colour: colour(user.id.as_str()),
                prof_image: "no-avatar",
                org_id: user.account.to_string(),
            }
        }),
        stream_id: bot.to_owned(),
        resource_id: new.target.clone(),
        resource_type: "stream",
        message: changes::sentence(&new.action),
        created_on: iso(new.at),
        version: 0,
    }
}
