//! Languages of an agent: `addAndEnableLanguage`, `updateLanguage`, `setLanguageStatus`, `changeDefaultLanguage`.

use super::Fields;
use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{Json, body::Bytes, extract::State};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{
    Caller, Ctx,
    console::permission::Permission,
    definition::{
        file,
        language::{self, Counts, NewLanguage, Parts, Start, Translation},
    },
};
use types::{Error, Result, id::FileId};
use utoipa::ToSchema;

/// Adds a language.
pub struct AddAndEnableLanguage;

impl Operation for AddAndEnableLanguage {
    const ID: &'static str = "addAndEnableLanguage";
}

impl Shared for AddAndEnableLanguage {
    const PERMISSION: Permission = Permission::Agents;
}

/// Changes a language.
pub struct UpdateLanguage;

impl Operation for UpdateLanguage {
    const ID: &'static str = "updateLanguage";
}

impl Shared for UpdateLanguage {
    const PERMISSION: Permission = Permission::Agents;
}

/// Enables or disables a language.
pub struct SetLanguageStatus;

impl Operation for SetLanguageStatus {
    const ID: &'static str = "setLanguageStatus";
}

impl Shared for SetLanguageStatus {
    const PERMISSION: Permission = Permission::Agents;
}

/// Makes a language the default one.
pub struct ChangeDefaultLanguage;

impl Operation for ChangeDefaultLanguage {
    const ID: &'static str = "changeDefaultLanguage";
}

impl Shared for ChangeDefaultLanguage {
    const PERMISSION: Permission = Permission::Agents;
}

/// How input and answers of a language are treated.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `translation` takes")]
pub struct TranslationIn {
    /// Language that the engines work in.
    nlu_language: String,
    /// Input is translated first.
    input_translation: bool,
    /// Answers are translated.
    response_translation: bool,
}

/// Parts of the base language to begin with.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `parts` takes")]
pub struct PartsIn {
    training: Option<bool>,
    faqs: Option<bool>,
    ontology: Option<bool>,
    smalltalk: Option<bool>,
    traits: Option<bool>,
}

/// What a new language begins with.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `start` takes")]
pub struct LanguageStartIn {
    /// Language to begin with; the default one when not given.
    base_language: Option<String>,
    /// `Basic`, `advancedConfig` or `fileUpload`.
    #[schema(rename = "type")]
    kind: Option<String>,
    /// The uploaded file, for `fileUpload`.
    file_id: Option<String>,
    /// The parts, for `advancedConfig`.
    preferred_data: Option<PartsIn>,
}

/// A language to be added.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read_new` takes")]
pub struct LanguageIn {
    /// Language code.
    enable_language: String,
    lang_definition_mode: LanguageStartIn,
    multi_lingual_configurations: TranslationIn,
}

/// A changed language.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `update` takes")]
pub struct LanguageUpdateIn {
    /// Language code.
    update_language: String,
    /// An uploaded file with what the language says.
    file_id: Option<String>,
    /// Another spelling of `fileId`.
    field: Option<String>,
    multi_lingual_configurations: TranslationIn,
}

/// A language to be enabled or disabled.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `set_status` takes")]
pub struct LanguageStatusIn {
    /// Language code.
    language: String,
    enable: bool,
}

/// The new default language; one of the two.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `set_default` takes")]
pub struct DefaultLanguageIn {
    /// Language code.
    #[schema(rename = "languageCode")]
    language_code: Option<String>,
    /// Another spelling.
    #[schema(rename = "Language")]
    language: Option<String>,
}

/// What there is in the language now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CountsOut {
    dialogs: usize,
    alerts: usize,
    actions: usize,
    /// Knowledge graphs; clients know it by this spelling.
    #[serde(rename = "knowledgetTasks")]
    knowledge_tasks: usize,
    small_talk: usize,
    panels: usize,
    widgets: usize,
}

/// An added or changed language.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LanguageOut {
    message: &'static str,
    configuration_details: CountsOut,
}

/// The new default language.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefaultLanguageOut {
    /// `success`.
    status: &'static str,
    message: &'static str,
    /// Its code.
    #[serde(rename = "language code")]
    code: String,
}

/// Adds a language and enables it.
///
/// End users get it with the next publish.
///
/// # Errors
/// Bad input that names each wrong field; a language that the agent has already; a file that is not there.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = LanguageIn, example = json!({"enableLanguage": "fr",
        "langDefinitionMode": {"baseLanguage": "en", "type": "advancedConfig", "preferredData": {"training": true, "faqs": true}},
        "multiLingualConfigurations": {"nluLanguage": "fr", "inputTranslation": false, "responseTranslation": false}})),
    responses((status = 200, description = "The language was added", body = [LanguageOut], example = json!([
        {"message": "Enabled language successfully", "configurationDetails": {"dialogs": 6, "alerts": 0, "actions": 0,
            "knowledgetTasks": 1, "smallTalk": 0, "panels": 0, "widgets": 0}}]))),
)]
pub async fn add(
    State(ctx): State<Ctx>,
    allowed: Either<AddAndEnableLanguage>,
    body: Bytes,
) -> Result<Json<[LanguageOut; 1]>, Public> {
    let new = read_new(&ctx, &allowed.caller, &body).await?;
    let counts = language::add(&ctx, &allowed.caller, &allowed.bot, new).await?;
    Ok(Json([out("Enabled language successfully", counts)]))
}

/// Changes a language that the agent has.
///
/// # Errors
/// Bad input that names each wrong field; a language that the agent does not have.
#[utoipa::path(
    put,
    path = "/",
    tag = "definition",
    request_body(content = LanguageUpdateIn, example = json!({"updateLanguage": "es",
        "multiLingualConfigurations": {"nluLanguage": "es", "inputTranslation": false, "responseTranslation": true}})),
    responses((status = 200, description = "The language was changed", body = [LanguageOut], example = json!([
        {"message": "Updated language successfully", "configurationDetails": {"dialogs": 6, "alerts": 0, "actions": 0,
            "knowledgetTasks": 0, "smallTalk": 0, "panels": 0, "widgets": 0}}]))),
)]
pub async fn update(
    State(ctx): State<Ctx>,
    allowed: Either<UpdateLanguage>,
    body: Bytes,
) -> Result<Json<[LanguageOut; 1]>, Public> {
    let mut fields = Fields::read(&body)?;
    let code = fields.text("updateLanguage", true);
    let file = fields
        .text("fileId", false)
        .or_else(|| fields.text("field", false));
    let translation = translation(fields.value("multiLingualConfigurations"), &mut fields);
    fields.done()?;
    let file = match file {
        Some(id) => Some(read_file(&ctx, &allowed.caller, "fileId", &id).await?),
        None => None,
    };
    let (code, caller) = (code.unwrap_or_default(), &allowed.caller);
    let counts = language::update(&ctx, caller, &allowed.bot, &code, translation, file).await?;
    Ok(Json([out("Updated language successfully", counts)]))
}

/// Enables or disables a language that the agent has.
///
/// # Errors
/// Bad input that names each wrong field; the default language cannot be disabled.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = LanguageStatusIn, example = json!({"language": "es", "enable": true})),
    responses((status = 200, description = "A sentence that says what was done", body = String, content_type = "application/json",
        example = json!("Enabled Spanish language successfully"))),
)]
pub async fn set_status(
    State(ctx): State<Ctx>,
    allowed: Either<SetLanguageStatus>,
    body: Bytes,
) -> Result<Json<String>, Public> {
    let mut fields = Fields::read(&body)?;
    let code = fields.text("language", true);
    let on = fields.required_flag("enable");
    fields.done()?;
    let code = code.unwrap_or_default();
    let name = language::enable(&ctx, &allowed.caller, &allowed.bot, &code, on).await?;
    let done = if on { "Enabled" } else { "Disabled" };
    Ok(Json(format!("{done} {name} language successfully")))
}

/// Makes a language the default one, in the published agent too.
///
/// # Errors
/// Bad input on `languageCode`, with what has to be done first.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = DefaultLanguageIn, example = json!({"languageCode": "es"})),
    responses((status = 200, description = "It is the default language now", body = DefaultLanguageOut, example = json!(
        {"status": "success", "message": "Default language has been updated successfully.", "language code": "es"}))),
)]
pub async fn set_default(
    State(ctx): State<Ctx>,
    allowed: Either<ChangeDefaultLanguage>,
    body: Bytes,
) -> Result<Json<DefaultLanguageOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let code = fields.text("Language", false);
    let code = code.or_else(|| fields.text("languageCode", true));
    fields.done()?;
    let code = code.unwrap_or_default();
    let code = language::make_default(&ctx, &allowed.caller, &allowed.bot, &code).await?;
    Ok(Json(DefaultLanguageOut {
        status: "success",
        message: "Default language has been updated successfully.",
        code,
    }))
}

fn out(message: &'static str, counts: Counts) -> LanguageOut {
    LanguageOut {
        message,
        configuration_details: CountsOut {
            dialogs: counts.dialogs,
            alerts: counts.alerts,
            actions: counts.actions,
            knowledge_tasks: counts.knowledge,
            small_talk: counts.small_talk,
            panels: counts.panels,
            widgets: counts.widgets,
        },
    }
}

/// What a body asks for, before a file is opened.
struct Read {
    new: NewLanguage,
    file: Option<String>,
}

async fn read_new(ctx: &Ctx, caller: &Caller, body: &[u8]) -> Result<NewLanguage> {
    let Read { mut new, file } = read(body)?;
    if let Some(id) = file {
        let field = "langDefinitionMode.fileId";
        new.start = Start::File(read_file(ctx, caller, field, &id).await?);
    }
    Ok(new)
}

/// Takes one object, or a list of one (an older page of the contract).
fn read(body: &[u8]) -> Result<Read> {
    let mut fields = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Array(mut list)) if list.len() == 1 => Fields::of(list.remove(0))?,
        Ok(Value::Array(_)) => return Err(Error::field("body", "must be one language")),
        _ => Fields::read(body)?,
    };
    let code = fields.text("enableLanguage", true).unwrap_or_default();
    let mode = folded(fields.value("langDefinitionMode"));
    if mode.is_none() {
        fields.wrong("langDefinitionMode", "must be an object");
    }
    let mode = mode.unwrap_or_default();
    let text = |name: &str| mode.get(name).and_then(Value::as_str).map(str::to_owned);
    let base = text("baselanguage");
    let mut file = None;
    let start = match text("type")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "basic" => Start::Basic,
        "advancedconfig" => Start::Copied(parts(mode.get("preferreddata"), &mut fields)),
        "fileupload" => {
            file = text("fileid");
            if file.is_none() {
                fields.wrong("langDefinitionMode.fileId", "is required for fileUpload");
            }
            Start::Basic
        }
        _ => {
            let names = "must be Basic, advancedConfig or fileUpload";
            fields.wrong("langDefinitionMode.type", names);
            Start::Basic
        }
    };
    let translation = translation(fields.value("multiLingualConfigurations"), &mut fields);
    fields.done()?;
    let new = NewLanguage {
        code,
        base,
        start,
        translation,
    };
    Ok(Read { new, file })
}

/// The members of an object under names in small letters: the pages of the contract spell them in several ways.
fn folded(value: Option<Value>) -> Option<Map<String, Value>> {
    let Some(Value::Object(members)) = value else {
        return None;
    };
    let lower = |(name, value): (String, Value)| (name.to_ascii_lowercase(), value);
    Some(members.into_iter().map(lower).collect())
}

fn parts(value: Option<&Value>, fields: &mut Fields) -> Parts {
    let members = folded(value.cloned()).unwrap_or_default();
    let mut flag = |name: &str| match members.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(_) => {
            let field = format!("langDefinitionMode.preferredData.{name}");
            fields.wrong(&field, "must be true or false");
            false
        }
    };
    Parts {
        training: flag("training"),
        faqs: flag("faqs"),
        ontology: flag("ontology"),
        small_talk: flag("smalltalk"),
        traits: flag("traits"),
    }
}

fn translation(value: Option<Value>, fields: &mut Fields) -> Translation {
    const NAME: &str = "multiLingualConfigurations";
    let Some(Value::Object(members)) = value else {
        fields.wrong(NAME, "must be an object");
        return Translation {
            nlu_language: String::new(),
            input: false,
            response: false,
        };
    };
    let mut flag = |name: &str| match members.get(name) {
        Some(Value::Bool(flag)) => *flag,
        _ => {
            fields.wrong(&format!("{NAME}.{name}"), "must be true or false");
            false
        }
    };
    let (input, response) = (flag("inputTranslation"), flag("responseTranslation"));
    let language = members.get("nluLanguage").and_then(Value::as_str);
    if language.is_none() {
        fields.wrong(&format!("{NAME}.nluLanguage"), "is required");
    }
    Translation {
        nlu_language: language.unwrap_or_default().to_owned(),
        input,
        response,
    }
}

/// An uploaded file of the account as JSON.
async fn read_file(ctx: &Ctx, caller: &Caller, field: &str, id: &str) -> Result<Value> {
    let id = FileId::parse(id).ok_or_else(|| Error::not_found("Invalid file id"))?;
    let (_, bytes) = file::read(ctx, &caller.account, &id).await?;
    serde_json::from_slice(&bytes).map_err(|_| Error::field(field, "the file is not JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(mode: Value) -> Vec<u8> {
        json!({"enableLanguage": "fr", "langDefinitionMode": mode,
            "multiLingualConfigurations": {"nluLanguage": "fr", "inputTranslation": false, "responseTranslation": true}})
        .to_string()
        .into_bytes()
    }

    #[test]
    fn each_mode_is_read_however_its_keys_are_spelt() {
        let new = read(&body(json!({"type": "Basic"}))).expect("reads").new;
        assert!(matches!(new.start, Start::Basic) && new.translation.response);
        let mode = json!({"Type": "advancedConfig", "baseLanguage": "en", "preferredData": {"Training": true, "Smalltalk": true}});
        let new = read(&body(mode)).expect("reads").new;
        let Start::Copied(parts) = new.start else {
            panic!("parts")
        };
        assert!(parts.training && parts.small_talk && !parts.faqs);
        let read = read(&body(json!({"type": "fileUpload", "fileId": "5"}))).expect("reads");
        assert_eq!(read.file.as_deref(), Some("5"));
    }

    #[test]
    fn a_list_of_one_is_taken_and_every_wrong_field_is_named() {
        let one = format!(
            "[{}]",
            String::from_utf8(body(json!({"type": "basic"}))).expect("text")
        );
        assert!(read(one.as_bytes()).is_ok());
        assert!(read(b"[]").is_err() && read(b"{").is_err());
        let error = read(br#"{"langDefinitionMode": {"type": "x"}, "multiLingualConfigurations": {"inputTranslation": 1}}"#).err();
        let fields = error.expect("wrong").fields;
        let named: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            [
                "enableLanguage",
                "langDefinitionMode.type",
                "multiLingualConfigurations.inputTranslation",
                "multiLingualConfigurations.responseTranslation",
                "multiLingualConfigurations.nluLanguage",
            ]
        );
    }
}
