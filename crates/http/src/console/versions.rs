//! Versions of an agent: made, compared, taken back into the draft, exported, deleted.

use super::{
    agents::attachment,
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    definition::{
        self,
        compare::{Difference, Kind},
        version::{self, Listed, Side},
    },
    work,
};
use std::collections::{BTreeMap, HashMap};
use store::Copy;
use types::{Error, Result, id::BotId};
use utoipa::ToSchema;

/// A version of an agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleVersion)]
pub struct VersionOut {
    /// 1 for the first one.
    number: i64,
    /// Its id.
    id: String,
    /// What a person calls it; empty for the version of a publish.
    name: String,
    /// Comment of the publish, or what the person says about it.
    description: String,
    /// Made by a person, not by a publish. Only these can be deleted.
    by_hand: bool,
    /// It answers on the channels.
    in_force: bool,
    /// Digest of its definition.
    digest: String,
    /// Who made it.
    created_by: String,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
}

/// A version with what it holds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleVersionDetail)]
pub struct DetailOut {
    /// The version.
    #[serde(flatten)]
    version: VersionOut,
    /// Languages, the default first.
    languages: Vec<String>,
    /// Dialogs.
    dialogs: usize,
    /// FAQs.
    faqs: usize,
    /// Languages that have a model.
    trained: Vec<String>,
}

/// The versions, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleVersions)]
pub struct VersionsOut {
    /// The versions.
    items: Vec<VersionOut>,
}

/// Body of `POST /agents/{botId}/versions`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleVersionIn)]
pub struct VersionIn {
    /// Name, 1 to 100 characters.
    name: String,
    /// What it is for, at most 2,000 characters.
    description: String,
}

/// What happened to a component.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsoleDifferenceKind)]
pub enum KindOut {
    /// Only in the second copy.
    Added,
    /// In both, and not the same.
    Changed,
    /// Only in the first copy.
    Removed,
}

/// A component that differs.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleDifference)]
pub struct DifferenceOut {
    /// For instance `dialogs`, `sentences`, `faqs`, `variables`, `settings`.
    component: String,
    /// Its id in the definition.
    id: String,
    /// Its name, as far as it has one.
    name: String,
    /// What happened to it.
    kind: KindOut,
    /// Where it changed, at most 20 places; never the values.
    fields: Vec<String>,
}

/// How many components of a sort differ.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleDifferenceCount)]
pub struct CountOut {
    added: usize,
    changed: usize,
    removed: usize,
}

/// What differs between two copies.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleComparison)]
pub struct ComparisonOut {
    /// By component.
    counts: BTreeMap<String, CountOut>,
    /// The differences, by component, at most 2,000.
    items: Vec<DifferenceOut>,
    /// There are more than are listed.
    cut: bool,
}

impl From<Difference> for DifferenceOut {
    fn from(one: Difference) -> Self {
        Self {
            component: one.component,
            id: one.id,
            name: one.name,
            kind: match one.kind {
                Kind::Added => KindOut::Added,
                Kind::Changed => KindOut::Changed,
                Kind::Removed => KindOut::Removed,
            },
            fields: one.fields,
        }
    }
}

async fn view(ctx: &Ctx, listed: Listed) -> Result<VersionOut> {
    let new = listed.version.new;
    Ok(VersionOut {
        number: listed.version.number,
        created_by: work::person(ctx, &new.account, &new.created_by).await?,
        id: new.id.to_string(),
        name: new.name,
        description: new.comment,
        by_hand: new.by_hand,
        in_force: listed.in_force,
        digest: new.digest,
        created_at: new.created_at,
    })
}

fn of_path((bot, number): (String, String)) -> Result<(BotId, i64)> {
    let bot = body::bot(&bot)?;
    let read = number.parse().ok().filter(|n| *n > 0);
    let number = read.ok_or_else(|| Error::not_found("The number of a version is 1 or more"))?;
    Ok((bot, number))
}

/// Lists the versions of an agent, the newest first
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleListVersions", tag = "console", responses((status = 200, description = "The versions", body = VersionsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<VersionsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let mut items = Vec::new();
    for listed in version::list(&ctx, caller, &body::bot(&bot)?).await? {
        items.push(view(&ctx, listed).await?);
    }
    Ok(Json(VersionsOut { items }))
}

/// Makes a version of the draft; nothing is put in force
///
/// # Errors
/// Not found; bad input on `name` or `description`; a conflict when the draft changed meanwhile.
#[utoipa::path(post, path = "", operation_id = "consoleCreateVersion", tag = "console", request_body = VersionIn, responses((status = 201, description = "The version", body = VersionOut)))]
pub async fn create(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<VersionIn>,
) -> Result<(StatusCode, Json<VersionOut>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let made = version::create(&ctx, caller, &bot, &ask.name, &ask.description).await?;
    let listed = Listed {
        version: made,
        in_force: false,
    };
    Ok((StatusCode::CREATED, Json(view(&ctx, listed).await?)))
}

/// Shows a version
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowVersion", tag = "console", responses((status = 200, description = "The version", body = DetailOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(path): Path<(String, String)>,
) -> Result<Json<DetailOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let (bot, number) = of_path(path)?;
    let listed = version::find(&ctx, caller, &bot, number).await?;
    let copy = Copy::Version(listed.version.new.id.clone());
    let agent = definition::load(&ctx, &caller.account, &bot, &copy).await?;
    let models = ctx.store().models().list(&caller.account, &bot).await?;
    let models = models.into_iter().filter(|head| head.copy == copy);
    Ok(Json(DetailOut {
        languages: agent.enabled_languages().map(str::to_owned).collect(),
        dialogs: agent.dialogs.len(),
        faqs: agent.knowledge.iter().map(|task| task.faqs.len()).sum(),
        trained: models.map(|head| head.language).collect(),
        version: view(&ctx, listed).await?,
    }))
}

/// Deletes a version that a person made
///
/// # Errors
/// Not found; a conflict for one that is in force, in use, or of a publish.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveVersion", tag = "console", responses((status = 204, description = "Deleted")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, number) = of_path(path)?;
    version::remove(&ctx, caller, &bot, number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a version in the place of the draft; what is in force stays
///
/// # Errors
/// Not found; a conflict when the draft keeps being changed.
#[utoipa::path(post, path = "", operation_id = "consoleRestoreVersion", tag = "console", responses((status = 200, description = "The version that the draft is now", body = VersionOut)))]
pub async fn restore(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(path): Path<(String, String)>,
) -> Result<Json<VersionOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, number) = of_path(path)?;
    version::restore(&ctx, caller, &bot, number).await?;
    let listed = version::find(&ctx, caller, &bot, number).await?;
    Ok(Json(view(&ctx, listed).await?))
}

/// Compares a version with another one or with the draft
///
/// # Errors
/// Not found; bad input on `with`.
#[utoipa::path(get, path = "", operation_id = "consoleCompareVersions", tag = "console", params(("with" = Option<String>, Query, description = "Number of the version to compare with, or `draft` (when missing)")), responses((status = 200, description = "What was added, changed and removed on the way from the version of the path to the other one", body = ComparisonOut)))]
pub async fn compare(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(path): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ComparisonOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let (bot, number) = of_path(path)?;
    let with = match query.get("with").map(|text| text.trim()) {
        None | Some("" | "draft") => Side::Draft,
        Some(text) => {
            let read = text.parse().ok().filter(|n| *n > 0).map(Side::Number);
            read.ok_or_else(|| Error::field("with", "must be the number of a version, or draft"))?
        }
    };
    let found = version::compare(&ctx, caller, &bot, Side::Number(number), with).await?;
    let counts = found.counts.into_iter();
    Ok(Json(ComparisonOut {
        counts: counts
            .map(|(component, [added, changed, removed])| {
                let count = CountOut {
                    added,
                    changed,
                    removed,
                };
                (component, count)
            })
            .collect(),
        items: found.items.into_iter().map(DifferenceOut::from).collect(),
        cut: found.cut,
    }))
}

/// Hands out a version as a zip
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleExportVersion", tag = "console", responses(
    (status = 200, description = "The zip", content_type = "application/zip", body = Vec<u8>),
))]
pub async fn export(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(path): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, number) = of_path(path)?;
    let name = definition::get(&ctx, caller, &bot).await?.name;
    let copy = version::copy(&ctx, caller, &bot, Side::Number(number)).await?;
    let zip = definition::export_copy(&ctx, caller, &bot, &copy).await?;
    let kind = HeaderValue::from_static("application/zip");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("{name} {number}"), "zip"),
        ),
    ];
    Ok((headers, zip))
}
