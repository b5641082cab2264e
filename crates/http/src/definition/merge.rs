//! `importBotIntoExisting`.

use super::{
    Fields,
    import::{ImportOut, shown},
};
use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{Json, body::Bytes, extract::State};
use serde_json::Value;
use service::{
    Ctx,
    console::permission::Permission,
    definition::part::{Choice, Merge},
    work::{self, Upload},
};
use types::{Error, Kind, Result, id::FileId};
use utoipa::ToSchema;

/// Imports into an agent that is there already.
pub struct ImportBotIntoExisting;

impl Operation for ImportBotIntoExisting {
    const ID: &'static str = "importBotIntoExisting";
}

impl Shared for ImportBotIntoExisting {
    const PERMISSION: Permission = Permission::Agents;
}

/// Lists of `importOptions` whose words name parts.
const LISTS: [&str; 4] = ["tasks", "nlpData", "settings", "AgentAssist"];
/// Lists of `importOptions` for what agents do not hold here.
const NOT_BUILT: [&str; 2] = ["qualityAI", "botComponents"];

/// The uploaded files, and what to take of them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct ImportIntoIn {
    /// The definition; needed without `zipInfo`.
    bot_definition: Option<String>,
    /// The configuration; needed without `zipInfo`.
    config_info: Option<String>,
    /// Shared functions.
    bot_functions: Option<Vec<String>>,
    /// `JSON` or `ZIP`.
    upload_mode: Option<String>,
    /// The packed export.
    zip_info: Option<String>,
    /// Parts to take; without a part, everything. What is not named stays as it is.
    import_options: Option<ImportOptionsIn>,
    /// As `importOptions.options`.
    options: Option<MergeIn>,
}

/// Parts of an agent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct ImportOptionsIn {
    /// `botTask`, `knowledgeGraph`, `smallTalk`, `forms`, `actions`, `alerts`.
    tasks: Option<Vec<String>>,
    /// `nlpSettings`, `utterances` (also `training_data`), `patterns`, `synonyms` (also `bot_synonyms`), `concepts`,
    /// `standardResponses`, `traits`, `rules`, `defaultDialog`.
    nlp_data: Option<Vec<String>>,
    /// `botSettings`, `botVariables`, `ivrSettings`, `genAIandLLMSettings`.
    settings: Option<Vec<String>>,
    /// `rules`, `playbooks`, `widgetSettings`, `layoutSettings`: they come together.
    #[schema(rename = "AgentAssist")]
    agent_assist: Option<Vec<String>>,
    /// Not built: with an entry the answer is 501.
    #[schema(rename = "qualityAI")]
    quality_ai: Option<Vec<String>>,
    /// The storyboard.
    story_board_scenes: Option<ScenesIn>,
    /// The dashboards.
    custom_dashboard: Option<bool>,
    /// Not built: with an entry the answer is 501.
    bot_components: Option<Vec<String>>,
    /// How to treat what both sides have.
    options: Option<MergeIn>,
}

/// The storyboard.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct ScenesIn {
    /// They are part of a scene, and come along always.
    include_comments: Option<bool>,
}

/// How to treat what both sides have.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct MergeIn {
    /// Utterances; they are replaced unless `append` is true.
    utterances: Option<AppendIn>,
    /// Patterns; they are replaced unless `append` is true.
    patterns: Option<AppendIn>,
    /// Variables.
    bot_variables: Option<IgnoredIn>,
}

/// Exactly one of the two is true.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `read` takes")]
struct AppendIn {
    /// Add to what is there.
    append: Option<bool>,
    /// Discard what is there.
    replace: Option<bool>,
}

/// Variables that stay as they are.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `read` takes")]
struct IgnoredIn {
    /// Their keys.
    ignore: Option<Vec<String>>,
}

/// Imports uploaded files into an agent that is there already, whole or by parts.
///
/// Answers at once; the import status tells when it is done. An import takes effect whole or not at all, in the draft only.
///
/// # Errors
/// Bad input that names each wrong field; a file that is not of the account answers as missing.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = ImportIntoIn, example = json!({"uploadMode": "ZIP", "zipInfo": "64aa00112233445566778805",
        "importOptions": {"tasks": ["botTask", "knowledgeGraph"], "nlpData": ["utterances"], "settings": ["botVariables"],
            "options": {"utterances": {"append": true, "replace": false}, "botVariables": {"ignore": ["apiHost"]}}}})),
    responses((status = 200, description = "The import waits for its turn", body = ImportOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "streamRefId": "49716544-a0ab-584e-b29d-01fdd34c43f8", "status": "pending",
        "statusLogs": [{"taskType": "importRequest", "taskName": "Parcel Desk", "status": "success"}], "requestType": "Botimport",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportBotIntoExisting>,
    body: Bytes,
) -> Result<Json<ImportOut>, Public> {
    let wanted = read(&body)?;
    wanted.choice.check()?;
    let caller = &allowed.caller;
    let package = work::read_upload(&ctx, caller, wanted.upload).await?;
    let asked = work::ask_merge(
        &ctx,
        caller,
        &allowed.bot,
        package,
        wanted.choice,
        wanted.merge,
    );
    let job = work::find(&ctx, caller, &asked.await?).await?;
    Ok(Json(shown(&ctx, &job).await?))
}

struct Wanted {
    upload: Upload,
    choice: Choice,
    merge: Merge,
}

fn read(body: &[u8]) -> Result<Wanted> {
    let mut fields = Fields::read(body)?;
    let mode = fields.word("uploadMode", &["JSON", "ZIP"]);
    let zip = fields.text("zipInfo", mode == Some("ZIP"));
    let single = zip.is_none() && mode != Some("ZIP");
    let definition = fields.text("botDefinition", single);
    let config = fields.text("configInfo", single);
    let functions = fields.texts("botFunctions");
    let mut choice = Choice::default();
    let mut merge = Merge::default();
    if let Some(mut inner) = inner(&mut fields, "importOptions") {
        for list in LISTS {
            let words = inner.texts(list).into_iter();
            choice
                .words
                .extend(words.map(|word| (list.to_owned(), word)));
        }
        for list in NOT_BUILT {
            if !inner.texts(list).is_empty() {
                let text = format!("importOptions.{list}: not built; leave it out");
                return Err(Error::new(Kind::NotBuilt, text));
            }
        }
        let scenes = inner
            .value("storyBoardScenes")
            .is_some_and(|v| v.is_object());
        let dashboards = inner.flag("customDashboard", false);
        let single = [
            ("storyBoardScenes", scenes),
            ("customDashboard", dashboards),
        ];
        for (name, _) in single.into_iter().filter(|(_, asked)| *asked) {
            choice.words.push((name.to_owned(), name.to_owned()));
        }
        options(&mut inner, &mut merge);
        fields.wrong.append(&mut inner.wrong);
    }
    options(&mut fields, &mut merge);
    fields.done()?;
    let file = |id: Option<String>| {
        let id = id.and_then(|id| FileId::parse(&id));
        id.ok_or_else(|| Error::not_found("Invalid file id"))
    };
    let upload = if single {
        let functions = functions.into_iter().map(|id| file(Some(id)));
        Upload::Files {
            definition: file(definition)?,
            config: file(config)?,
            icon: None,
            functions: functions.collect::<Result<_>>()?,
        }
    } else {
        Upload::Zip(file(zip)?)
    };
    Ok(Wanted {
        upload,
        choice,
        merge,
    })
}

/// A member that is an object.
fn inner(fields: &mut Fields, name: &str) -> Option<Fields> {
    let given = fields
        .value(name)
        .filter(|value: &Value| !value.is_null())?;
    let read = Fields::of(given).ok();
    if read.is_none() {
        fields.wrong(name, "must be an object");
    }
    read
}

/// Reads `options`, which stands in two places.
fn options(fields: &mut Fields, merge: &mut Merge) {
    let Some(mut options) = inner(fields, "options") else {
        return;
    };
    for (name, append) in [
        ("utterances", &mut merge.append_utterances),
        ("patterns", &mut merge.append_patterns),
    ] {
        let Some(mut how) = inner(&mut options, name) else {
            continue;
        };
        let (add, replace) = (how.flag("append", false), how.flag("replace", false));
        options.wrong.append(&mut how.wrong);
        if add == replace {
            let field = format!("options.{name}");
            options.wrong(&field, "exactly one of append and replace must be true");
        }
        *append = add;
    }
    if let Some(mut variables) = inner(&mut options, "botVariables") {
        merge.ignore.extend(variables.texts("ignore"));
        options.wrong.append(&mut variables.wrong);
    }
    fields.wrong.append(&mut options.wrong);
}
