//! Languages of an agent: add, update, enable, make the default.

use super::{
    draft::{self, Edit},
    get, stored,
};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
};
use serde_json::{Map, Value, json};
use store::{Copy, Model, NewVersion};
use types::{
    Error, Result,
    id::{BotId, VersionId},
    language::english_name,
};

/// Languages of an agent at most (ours).
const LANGUAGES_MAX: usize = 100;

/// How user input and answers of a language are treated (`multiLingualConfigurations`).
#[derive(Debug, Clone)]
pub struct Translation {
    /// Code of the language that the engines work in.
    pub nlu_language: String,
    /// Input is translated first.
    pub input: bool,
    /// Answers are translated.
    pub response: bool,
}

/// Which parts of the base language a new language begins with (`preferredData`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Utterances, patterns and synonyms.
    pub training: bool,
    /// Questions and answers.
    pub faqs: bool,
    /// The graph without its questions.
    pub ontology: bool,
    /// Small talk.
    pub small_talk: bool,
    /// Traits.
    pub traits: bool,
}

/// What a new language begins with.
#[derive(Debug, Clone)]
pub enum Start {
    /// Names only.
    Basic,
    /// Parts of the base language.
    Copied(Parts),
    /// What a file in the layout of a definition says in that language.
    File(Value),
}

/// A language to be added.
#[derive(Debug, Clone)]
pub struct NewLanguage {
    /// Its code.
    pub code: String,
    /// The language to begin with; the default one when not given.
    pub base: Option<String>,
    /// What it begins with.
    pub start: Start,
    /// Translation.
    pub translation: Translation,
}

/// What there is in a language now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Dialogs.
    pub dialogs: usize,
    /// Alerts.
    pub alerts: usize,
    /// Actions.
    pub actions: usize,
    /// Knowledge graphs.
    pub knowledge: usize,
    /// Small talk.
    pub small_talk: usize,
    /// Panels.
    pub panels: usize,
    /// Widgets.
    pub widgets: usize,
}

/// A language of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its code.
    pub code: String,
    /// Its English name.
    pub name: &'static str,
    /// It is enabled.
    pub enabled: bool,
    /// It is the default one.
    pub default: bool,
    /// Enabled in the copy in force.
    pub published: bool,
    /// Utterances in it.
    pub utterances: usize,
    /// Questions in it.
    pub faqs: usize,
    /// Pairs of small talk in it.
    pub small_talk: usize,
}

/// The languages of the draft, the default one first.
///
/// # Errors
/// Not found.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<Shown>> {
    let account = &caller.account;
    let agent = super::load(ctx, account, bot, &Copy::Draft).await?;
    let in_force = match get(ctx, caller, bot).await?.published {
        Some(version) => Some(super::load(ctx, account, bot, &Copy::Version(version)).await?),
        None => None,
    };
    let show = |one: &definition::Language| {
        let code = one.code.as_str();
        let faqs = agent.knowledge.iter().filter(|task| task.language == code);
        let talks = agent.small_talk.iter().filter(|talk| talk.language == code);
        Shown {
            code: code.to_owned(),
            name: english_name(code).unwrap_or(""),
            enabled: one.enabled,
            default: agent.default_language == code,
            published: in_force
                .as_ref()
                .is_some_and(|copy| copy.enabled_languages().any(|known| known == code)),
            utterances: agent
                .nlu
                .sentences
                .iter()
                .filter(|s| s.language == code)
                .count(),
            faqs: faqs.map(|task| task.faqs.len()).sum(),
            small_talk: talks.map(|talk| talk.pairs.len()).sum(),
        }
    };
    let mut all: Vec<Shown> = agent.languages.iter().map(show).collect();
    all.sort_by_key(|one| !one.default);
    Ok(all)
}

/// Adds a language to the draft and enables it. End users get it with the next publish.
///
/// # Errors
/// Not found; each wrong field; a language that the agent has already.
pub async fn add(ctx: &Ctx, caller: &Caller, bot: &BotId, new: NewLanguage) -> Result<Counts> {
    let code = known("enableLanguage", &new.code)?;
    known(
        "multiLingualConfigurations.nluLanguage",
        &new.translation.nlu_language,
    )?;
    let what = Edit {
        action: "language.add",
        details: json!({"language": code}),
    };
    let inner = ctx.clone();
    draft::edit(ctx, caller, bot, &what, move |package| {
        add_to(&mut package.definition, &new, &|| inner.ids().hex24())
    })
    .await
}

/// Changes a language that the agent has; `file` replaces what the file says in that language.
///
/// # Errors
/// Not found; a language that the agent does not have.
pub async fn update(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    code: &str,
    translation: Translation,
    file: Option<Value>,
) -> Result<Counts> {
    let code = known("updateLanguage", code)?;
    known(
        "multiLingualConfigurations.nluLanguage",
        &translation.nlu_language,
    )?;
    let what = Edit {
        action: "language.update",
        details: json!({"language": code}),
    };
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = &mut package.definition;
        if !has(agent, &code) {
            return Err(Error::field(
                "updateLanguage",
                format!("the agent does not have {code}; add it first"),
            ));
        }
        set_translation(agent, &code, &translation);
        if let Some(file) = &file {
            take_from_file(agent, &code, file)?;
        }
        Ok(counts(agent, &code))
    })
    .await
}

/// Enables or disables a language; answers its English name.
///
/// # Errors
/// Not found; a language that the agent does not have; disabling the default language.
pub async fn enable(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    code: &str,
    on: bool,
) -> Result<&'static str> {
    let code = known("language", code)?;
    let what = Edit {
        action: if on {
            "language.enable"
        } else {
            "language.disable"
        },
        details: json!({"language": code}),
    };
    let name = english_name(&code).unwrap_or("");
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = &mut package.definition;
        if !has(agent, &code) {
            return Err(Error::field(
                "language",
                format!("the agent does not have {code}; add it first"),
            ));
        }
        if !on && agent.get("defaultLanguage").and_then(Value::as_str) == Some(&code) {
            return Err(Error::field(
                "language",
                format!("{code} is the default language; make another one the default first"),
            ));
        }
        member(object(agent, "languageConfigurations"), &code)
            .insert("enabled".to_owned(), on.into());
        Ok(())
    })
    .await?;
    Ok(name)
}

/// Makes a language the default one, in the draft and at once in the published agent too (a new snapshot that differs in nothing else).
///
/// # Errors
/// Not found; a language that is unknown, not configured, disabled, already the default, or not published yet.
pub async fn make_default(ctx: &Ctx, caller: &Caller, bot: &BotId, code: &str) -> Result<String> {
    let code = known("languageCode", code)?;
    let refuse = |text: String| Err(Error::field("languageCode", text));
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let view = definition::Agent::from_package(&package);
    let Some(language) = view.languages.iter().find(|language| language.code == code) else {
        return refuse(format!(
            "{code} cannot be the default: the agent does not have it; add it and publish once"
        ));
    };
    if view.default_language == code {
        return refuse(format!("{code} already is the default language"));
    }
    if !language.enabled {
        return refuse(format!(
            "{code} cannot be the default: it is disabled; enable it first"
        ));
    }
    let published = get(ctx, caller, bot).await?.published;
    let not_yet = || format!("publish the whole agent with {code} first");
    let Some(published) = published else {
        return refuse(not_yet());
    };
    let old = Copy::Version(published);
    let in_force = super::load(ctx, &caller.account, bot, &old).await?;
    if !in_force
        .enabled_languages()
        .any(|language| language == code)
    {
        return refuse(not_yet());
    }
    write_default(ctx, caller, bot, &code, &old).await?;
    Ok(code)
}

/// Both copies in one transaction.
async fn write_default(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    code: &str,
    old: &Copy,
) -> Result<()> {
    let account = &caller.account;
    let language = code.to_owned();
    let prepared = draft::prepare(ctx, caller, bot, move |package| {
        package.definition["defaultLanguage"] = language.into();
        Ok(())
    })
    .await?;
    let missing = || Error::not_found("The published agent has no definition");
    let row = ctx.store().definitions().find(account, bot, old).await?;
    let row = row.ok_or_else(missing)?;
    let id = VersionId::new(ctx.ids());
    let copy = Copy::Version(id.clone());
    let sealed = {
        let (ctx, account, bot) = (ctx.clone(), account.clone(), bot.clone());
        let (old, copy, language) = (old.clone(), copy.clone(), code.to_owned());
        let work = tokio::task::spawn_blocking(move || {
            let mut package = stored::open(ctx.vault(), &account, &bot, &old, &row)?;
            package.definition["defaultLanguage"] = language.into();
            stored::seal(ctx.vault(), &account, &bot, &copy, package)
        });
        work.await.map_err(Error::internal)??
    };
    let agent = get(ctx, caller, bot).await?;
    let mut models = Vec::new();
    for language in &agent.languages {
        models.extend(
            ctx.store()
                .models()
                .find(account, bot, language, old)
                .await?,
        );
    }
    let tx = ctx.store().begin().await?;
    let what = Edit {
        action: "language.default",
        details: json!({"language": code, "version": id}),
    };
    let still = tx
        .agents()
        .find(account, bot)
        .await?
        .and_then(|agent| agent.published);
    if still.map(Copy::Version).as_ref() != Some(old)
        || !prepared.write(ctx, caller, &*tx, &what).await?
    {
        return Err(Error::conflict("The agent changed meanwhile; try again"));
    }
    let version = NewVersion {
        id: id.clone(),
        account: account.clone(),
        bot: bot.clone(),
        name: String::new(),
        by_hand: false,
        digest: sealed.digest.clone(),
        comment: format!("Default language {code}"),
        components: Vec::new(),
        created_by: caller.actor(),
        created_at: ctx.now(),
    };
    tx.versions().add(&version).await?;
    tx.definitions().put(account, bot, &copy, &sealed).await?;
    for mut model in models {
        model.head.copy = copy.clone();
        model.head.created_at = ctx.now();
        tx.models().put(&Model { ..model }).await?;
    }
    tx.agents()
        .set_published(account, bot, &id, ctx.now())
        .await?;
    let change = Change {
        action: "agent.publish",
        target: bot.as_str(),
        bot: Some(bot),
        after: Some(sealed.digest),
        details: Some(json!({"version": id, "defaultLanguage": code})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await
}

/// The code as it is written in definitions, if it is one.
fn known(field: &str, code: &str) -> Result<String> {
    let code = code.trim();
    match english_name(code) {
        Some(_) => Ok(code.to_owned()),
        None => Err(Error::field(
            field,
            "must be a language code such as en, es-ES or zh_cn",
        )),
    }
}

fn has(agent: &Value, code: &str) -> bool {
    let listed = agent.get("supportedLanguages").and_then(Value::as_array);
    listed.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(code)))
}

/// The object under a key of a document, made when it is missing or something else.
fn object<'a>(document: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    if !document.is_object() {
        *document = json!({});
    }
    member(document.as_object_mut().expect("just made one"), key)
}

/// The object under a key of an object, made when it is missing or something else.
fn member<'a>(members: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let entry = members.entry(key.to_owned()).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    entry.as_object_mut().expect("just made one")
}

/// The array under a key, made when it is missing or something else.
fn array<'a>(agent: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    let entry = &mut agent[key];
    if !entry.is_array() {
        *entry = json!([]);
    }
    entry.as_array_mut().expect("just made one")
}

fn set_translation(agent: &mut Value, code: &str, translation: &Translation) {
    let settings = json!({
        "nluLanguage": translation.nlu_language,
        "inputTranslation": translation.input,
        "responseTranslation": translation.response,
    });
    object(agent, "multiLingualConfigurations").insert(code.to_owned(), settings);
}

fn add_to(agent: &mut Value, new: &NewLanguage, fresh: &dyn Fn() -> String) -> Result<Counts> {
    let code = new.code.trim();
    if has(agent, code) {
        return Err(Error::field(
            "enableLanguage",
            format!("the agent has {code} already; update or enable it instead"),
        ));
    }
    if array(agent, "supportedLanguages").len() >= LANGUAGES_MAX {
        return Err(Error::field(
            "enableLanguage",
            format!("an agent has {LANGUAGES_MAX} languages at most"),
        ));
    }
    let default = agent["defaultLanguage"].as_str().unwrap_or("en").to_owned();
    let base = new.base.clone().unwrap_or(default);
    if !matches!(new.start, Start::File(_)) && !has(agent, &base) {
        return Err(Error::field(
            "langDefinitionMode.baseLanguage",
            format!("the agent does not have {base}"),
        ));
    }
    array(agent, "supportedLanguages").push(code.into());
    member(object(agent, "languageConfigurations"), code).insert("enabled".to_owned(), true.into());
    set_translation(agent, code, &new.translation);
    copy_names(agent, &base, code);
    match &new.start {
        Start::Basic => {}
        Start::Copied(parts) => copy_parts(agent, &base, code, *parts, fresh),
        Start::File(file) => take_from_file(agent, code, file)?,
    }
    Ok(counts(agent, code))
}

/// Name and description of the agent, so that it has both in every language.
fn copy_names(agent: &mut Value, base: &str, code: &str) {
    let names: Map<String, Value> = ["name", "description"]
        .iter()
        .filter_map(|key| {
            let text = agent["localeData"][base].get(*key)?;
            Some(((*key).to_owned(), text.clone()))
        })
        .collect();
    let own = member(object(agent, "localeData"), code);
    for (key, text) in names {
        own.entry(key).or_insert(text);
    }
}

fn copy_parts(agent: &mut Value, base: &str, code: &str, parts: Parts, fresh: &dyn Fn() -> String) {
    let of_base = |list: &[Value]| -> Vec<Value> {
        let spoken = |entry: &&Value| entry.get("language").and_then(Value::as_str) == Some(base);
        let mut copies: Vec<Value> = list.iter().filter(spoken).cloned().collect();
        for entry in &mut copies {
            entry["language"] = code.into();
        }
        copies
    };
    if parts.training {
        let mut lines = of_base(array(agent, "sentences"));
        for line in &mut lines {
            line["_id"] = fresh().into();
        }
        array(agent, "sentences").append(&mut lines);
        copy_patterns(agent, base, code);
        let synonyms = agent["localeData"][base].get("synonyms").cloned();
        if let Some(synonyms) = synonyms {
            member(object(agent, "localeData"), code).insert("synonyms".to_owned(), synonyms);
        }
    }
    if parts.faqs || parts.ontology {
        let mut graphs = of_base(array(agent, "knowledgeTasks"));
        for graph in &mut graphs {
            if !parts.faqs {
                graph["faqs"]["faqs"] = json!([]);
            }
        }
        array(agent, "knowledgeTasks").append(&mut graphs);
    }
    for (wanted, key) in [(parts.small_talk, "smallTalk"), (parts.traits, "traits")] {
        if wanted {
            let mut copies = of_base(array(agent, key));
            array(agent, key).append(&mut copies);
        }
    }
}

/// Patterns stand under `localeData` of each entry of `patterns[]`.
fn copy_patterns(agent: &mut Value, base: &str, code: &str) {
    for entry in array(agent, "patterns") {
        if let Some(Value::Object(own)) = entry["localeData"].get(base).cloned() {
            member(object(entry, "localeData"), code).extend(own);
        }
    }
}

/// Replaces the parts of one language by those of a file in the layout of a definition (the layout of such files is not
/// published; ours).
fn take_from_file(agent: &mut Value, code: &str, file: &Value) -> Result<()> {
    if !file.is_object() {
        return Err(Error::field(
            "fileId",
            "the file must hold a JSON object in the layout of a definition",
        ));
    }
    if let Some(Value::Object(own)) = file["localeData"].get(code) {
        member(object(agent, "localeData"), code).extend(own.clone());
    }
    let spoken = |entry: &Value| entry.get("language").and_then(Value::as_str) == Some(code);
    let mut taken = 0;
    for key in ["sentences", "knowledgeTasks", "smallTalk", "traits"] {
        let Some(list) = file.get(key).and_then(Value::as_array) else {
            continue;
        };
        let own: Vec<Value> = list.iter().filter(|entry| spoken(entry)).cloned().collect();
        if own.is_empty() {
            continue;
        }
        taken += own.len();
        let all = array(agent, key);
        all.retain(|entry| !spoken(entry));
        all.extend(own);
    }
    if taken == 0 && file["localeData"].get(code).is_none() {
        return Err(Error::field(
            "fileId",
            format!("the file says nothing in {code}"),
        ));
    }
    Ok(())
}

fn counts(agent: &Value, code: &str) -> Counts {
    let all = |key: &str| agent.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let spoken = |key: &str| {
        let list = agent.get(key).and_then(Value::as_array);
        list.map_or(0, |list| {
            let own = |entry: &&Value| entry.get("language").and_then(Value::as_str) == Some(code);
            list.iter().filter(own).count()
        })
    };
    Counts {
        dialogs: all("dialogs"),
        alerts: all("alerts"),
        actions: all("actions"),
        knowledge: spoken("knowledgeTasks"),
        small_talk: spoken("smallTalk"),
        panels: all("panels"),
        widgets: all("widgets"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Value {
        json!({
            "defaultLanguage": "en", "supportedLanguages": ["en"],
            "localeData": {"en": {"name": "Desk", "description": "Parcels", "synonyms": {"parcel": ["box"]}}},
            "dialogs": [{}, {}], "dialogComponents": [],
            "sentences": [{"_id": "1", "sentence": "track it", "language": "en", "taskId": "dc-a"}],
            "patterns": [{"refId": "a", "localeData": {"en": {"patterns": ["track *"]}}}],
            "knowledgeTasks": [{"refId": "k", "language": "en", "taxonomy": [1], "faqs": {"faqs": [{"refId": "f"}]}}],
            "smallTalk": [{"language": "en", "groups": []}],
            "traits": [{"groupName": "g", "language": "en"}],
        })
    }

    fn new(start: Start) -> NewLanguage {
        NewLanguage {
            code: "es".to_owned(),
            base: None,
            start,
            translation: Translation {
                nlu_language: "es".to_owned(),
                input: false,
                response: false,
            },
        }
    }

    fn add(agent: &mut Value, start: Start) -> Result<Counts> {
        add_to(agent, &new(start), &|| "fresh".to_owned())
    }

    #[test]
    fn a_basic_language_has_names_and_nothing_else() {
        let mut agent = agent();
        let counts = add(&mut agent, Start::Basic).expect("adds");
        assert_eq!(
            (counts.dialogs, counts.knowledge, counts.small_talk),
            (2, 0, 0)
        );
        assert_eq!(agent["supportedLanguages"], json!(["en", "es"]));
        assert_eq!(agent["languageConfigurations"]["es"]["enabled"], true);
        assert_eq!(
            agent["localeData"]["es"],
            json!({"name": "Desk", "description": "Parcels"})
        );
        assert_eq!(
            agent["multiLingualConfigurations"]["es"]["nluLanguage"],
            "es"
        );
        assert!(add(&mut agent, Start::Basic).is_err(), "twice");
    }

    #[test]
    fn chosen_parts_are_copied_from_the_base_language() {
        let mut agent = agent();
        let parts = Parts {
            training: true,
            ontology: true,
            traits: true,
            ..Parts::default()
        };
        let counts = add(&mut agent, Start::Copied(parts)).expect("adds");
        assert_eq!((counts.knowledge, counts.small_talk), (1, 0));
        assert_eq!(
            agent["sentences"][1],
            json!({"_id": "fresh", "sentence": "track it", "language": "es", "taskId": "dc-a"})
        );
        assert_eq!(
            agent["patterns"][0]["localeData"]["es"]["patterns"],
            json!(["track *"])
        );
        assert_eq!(
            agent["localeData"]["es"]["synonyms"],
            json!({"parcel": ["box"]})
        );
        assert_eq!(agent["knowledgeTasks"][1]["faqs"]["faqs"], json!([]));
        assert_eq!(agent["knowledgeTasks"][1]["taxonomy"], json!([1]));
        assert_eq!(agent["traits"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_file_replaces_what_it_says_in_the_language() {
        let mut agent = agent();
        let file = json!({
            "localeData": {"es": {"name": "Mostrador"}},
            "sentences": [{"_id": "9", "sentence": "rastrear", "language": "es", "taskId": "dc-a"},
                {"_id": "8", "sentence": "no", "language": "en", "taskId": "dc-a"}],
        });
        add(&mut agent, Start::File(file.clone())).expect("adds");
        take_from_file(&mut agent, "es", &file).expect("again");
        assert_eq!(agent["sentences"].as_array().map(Vec::len), Some(2));
        assert_eq!(agent["localeData"]["es"]["name"], "Mostrador");
        assert!(take_from_file(&mut agent, "fr", &file).is_err());
        assert!(take_from_file(&mut agent, "es", &json!([])).is_err());
    }
}
