//! Parts of a definition by the names that the API gives them: what an export keeps, what an import takes over.

use definition::Package;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use types::{Error, Field, Kind, Result};

/// Names in one list at most (ours).
const NAMES_MAX: usize = 1_000;

/// Where a part lies.
enum Place {
    /// A member of the definition.
    Top(&'static str),
    /// A member of each language of `localeData`.
    Language(&'static str),
    /// A member of `config.json`.
    Config(&'static str),
}

use Place::{Config, Language, Top};

/// List of the API, its words for one part, and where that lies.
type Part = (&'static str, &'static [&'static str], &'static [Place]);

const TASKS: &str = "tasks";
const NLP: &str = "nlpData";
const SETTINGS: &str = "settings";
const ASSIST: &str = "AgentAssist";

const PARTS: &[Part] = &[
    (
        TASKS,
        &["botTask", "dialogs"],
        &[
            Top("dialogs"),
            Top("dialogComponents"),
            Top("forms"),
            Top("defaultDialogId"),
            Top("botEvents"),
            Top("botSentimentEvents"),
            Top("actions"),
            Top("alerts"),
            Top("customTemplates"),
            Top("tools"),
            Top("experienceFlows"),
        ],
    ),
    (TASKS, &["forms"], &[Top("forms")]),
    (TASKS, &["actions"], &[Top("actions")]),
    (TASKS, &["alerts"], &[Top("alerts")]),
    (TASKS, &["knowledgeGraph"], &[Top("knowledgeTasks")]),
    (TASKS, &["smallTalk"], &[Top("smallTalk")]),
    (NLP, &["utterances", "training_data"], &[Top("sentences")]),
    (NLP, &["patterns"], &[Top("patterns")]),
    (NLP, &["traits"], &[Top("traits")]),
    (NLP, &["rules"], &[Top("mlParams")]),
    (
        NLP,
        &["synonyms", "bot_synonyms", "concepts"],
        &[Language("synonyms")],
    ),
    (NLP, &["standardResponses"], &[Top("koraResponses")]),
    (NLP, &["defaultDialog"], &[Top("defaultDialogId")]),
    (
        NLP,
        &["nlpSettings"],
        &[
            Top("advancedNLSettings"),
            Top("isNLEnabled"),
            Top("isCsMatchEnabled"),
            Top("enableNegativePatterns"),
            Top("detectMultiIntent"),
            Top("enableAutoUtteranceAddition"),
            Top("externalNluAdapters"),
            Language("confidenceConfigs"),
            Language("nlMeta"),
            Language("nlpVersion"),
        ],
    ),
    (
        SETTINGS,
        &["botSettings"],
        &[
            Top("sessionInactiveTime"),
            Top("sessionClosureProcess"),
            Top("skipSessionMessage"),
            Top("clearAllAuthTokens"),
            Top("runCustomScript"),
            Top("interruptOptions"),
            Top("interruptsEnabled"),
            Top("amendConfig"),
            Top("languagePreferences"),
            Top("idpConfigurations"),
            Top("channels"),
            Top("strict_pii"),
            Top("enable_pii"),
            Top("pii_patterns"),
        ],
    ),
    (
        SETTINGS,
        &["botVariables"],
        &[
            Top("contentVariables"),
            Top("namespaces"),
            Config("envVariables"),
        ],
    ),
    (
        SETTINGS,
        &["ivrSettings"],
        &[
            Top("ivrSettings"),
            Top("twilioVoiceSettings"),
            Top("audioCodesSettings"),
            Top("korevgSettings"),
        ],
    ),
    (
        SETTINGS,
        &["genAIandLLMSettings"],
        &[
            Top("llmConfigsForStream"),
            Top("llmConfiguration"),
            Top("promptLibraries"),
            Top("dialogGPTSettings"),
            Top("answers"),
        ],
    ),
    (
        ASSIST,
        &["rules", "playbooks", "widgetSettings", "layoutSettings"],
        &[Top("agentAssistExport"), Top("agentAssistSettings")],
    ),
    (
        "storyBoardScenes",
        &["storyBoardScenes"],
        &[Top("scenes"), Top("sceneComponents")],
    ),
    (
        "customDashboard",
        &["customDashboard"],
        &[Top("customDashboards")],
    ),
];

/// The part that a member of the definition, or of one language of it, belongs to: its list and the first of its words.
pub(super) fn owner(key: &str, in_language: bool) -> Option<(&'static str, &'static str)> {
    let lies = |place: &Place| match place {
        Top(own) => !in_language && *own == key,
        Language(own) => in_language && *own == key,
        Config(_) => false,
    };
    let part = PARTS.iter().find(|part| part.2.iter().any(lies))?;
    Some((part.0, part.1[0]))
}

/// A choice of parts. Without a single name it means everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Pairs of list and word.
    pub words: Vec<(String, String)>,
    /// Only these dialogs, by name; empty: every one.
    pub dialogs: Vec<String>,
    /// Only these alerts, actions and experience flows, as pairs of list and name.
    pub others: Vec<(String, String)>,
    /// Take along the dialogs that the named ones call.
    pub dependent: bool,
}

impl Choice {
    /// Everything is meant.
    pub fn is_everything(&self) -> bool {
        self.words.is_empty() && !self.names_tasks()
    }

    fn names_tasks(&self) -> bool {
        !self.dialogs.is_empty() || !self.others.is_empty()
    }

    /// Refuses words that no part has, and lists that are too long.
    ///
    /// # Errors
    /// Bad input that names each wrong list.
    pub fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        let mut say = |field: &str, message: String| {
            wrong.push(Field {
                field: field.to_owned(),
                message,
            });
        };
        for (list, word) in &self.words {
            let known = || PARTS.iter().filter(|part| part.0 == list);
            if known().any(|part| part.1.contains(&word.as_str())) {
                continue;
            }
            let words: Vec<&str> = known().flat_map(|part| part.1).copied().collect();
            say(list, format!("must hold only {}", words.join(", ")));
        }
        let names = [self.words.len(), self.dialogs.len(), self.others.len()];
        if names.into_iter().any(|count| count > NAMES_MAX) {
            say(
                "body",
                format!("must hold at most {NAMES_MAX} names a list"),
            );
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Error::fields(wrong))
    }

    fn picks(&self, part: &Part) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let named =
            |(list, word): &(String, String)| part.0 == list && part.1.contains(&word.as_str());
        let tasks = part.0 == TASKS && part.1.contains(&"botTask") && self.names_tasks();
        tasks || self.words.iter().any(named)
    }

    /// The dialogs that are wanted, by id; every one when none is named.
    ///
    /// # Errors
    /// Bad input on `subTasks` that names what the agent does not have.
    pub fn dialogs_in(&self, package: &Package) -> Result<HashSet<String>> {
        let view = definition::Agent::from_package(package);
        if !self.names_tasks() {
            return Ok(view
                .dialogs
                .iter()
                .map(|dialog| dialog.id.clone())
                .collect());
        }
        let fold = |name: &str| name.trim().replace('_', " ").to_lowercase();
        let mut unknown = Vec::new();
        let mut open = Vec::new();
        for name in &self.dialogs {
            let named = view.dialog_by_name(name).or_else(|| {
                view.dialogs.iter().find(|dialog| {
                    fold(&view.dialog_title(dialog, &view.default_language)) == fold(name)
                })
            });
            match named {
                Some(dialog) => open.push(dialog.id.clone()),
                None => unknown.push(name.as_str()),
            }
        }
        for (list, name) in &self.others {
            let found = items(&package.definition, list).any(|item| is_named(item, name));
            if !found {
                unknown.push(name);
            }
        }
        if !unknown.is_empty() {
            let text = format!("the agent has no task {}", unknown.join(", "));
            return Err(Error::field("subTasks", text));
        }
        let calls = calls(&package.definition);
        let mut wanted = HashSet::new();
        while let Some(id) = open.pop() {
            if wanted.insert(id.clone()) && self.dependent {
                open.extend(calls.get(&id).into_iter().flatten().cloned());
            }
        }
        Ok(wanted)
    }

    /// Takes out of a package what is not chosen, and notes the choice in it. Members that no part names stay.
    ///
    /// # Errors
    /// As [`Choice::dialogs_in`].
    pub(super) fn keep(&self, package: &mut Package) -> Result<()> {
        if self.is_everything() {
            return Ok(());
        }
        let wanted = self.dialogs_in(package)?;
        for part in PARTS {
            for place in part.2 {
                let kept = PARTS
                    .iter()
                    .any(|other| self.picks(other) && other.2.iter().any(|p| same(p, place)));
                if !kept {
                    drop_place(package, place);
                }
            }
        }
        if self.names_tasks() {
            sift(&mut package.definition, &wanted);
            for list in ["alerts", "actions", "experienceFlows"] {
                let named: Vec<&str> = self
                    .others
                    .iter()
                    .filter(|o| o.0 == list)
                    .map(|o| o.1.as_str())
                    .collect();
                if let Some(Value::Array(all)) = package.definition.get_mut(list) {
                    all.retain(|item| named.iter().any(|name| is_named(item, name)));
                }
            }
        }
        let tasks = PARTS
            .iter()
            .any(|part| part.1.contains(&"botTask") && self.picks(part));
        if !tasks {
            package.bot_functions = None;
        }
        package.definition["exportOptions"] = self.noted();
        // a definition has these two whatever was chosen
        for list in ["dialogs", "dialogComponents"] {
            if !package.definition[list].is_array() {
                package.definition[list] = json!([]);
            }
        }
        Ok(())
    }

    fn noted(&self) -> Value {
        let list = |name: &str| -> Vec<&str> {
            let words = self.words.iter().filter(|(list, _)| list == name);
            words.map(|(_, word)| word.as_str()).collect()
        };
        let other = |name: &str| -> Vec<&str> {
            let names = self.others.iter().filter(|(list, _)| list == name);
            names.map(|(_, word)| word.as_str()).collect()
        };
        json!({
            "tasks": list(TASKS), "nlpData": list(NLP), "settings": list(SETTINGS),
            "subTasks": {"dialogs": self.dialogs, "alerts": other("alerts"), "actions": other("actions"),
                "experienceFlows": other("experienceFlows")},
            "IncludeDependentTasks": self.dependent,
        })
    }
}

/// How an import treats what both sides have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Add utterances to those of the agent, instead of replacing them.
    pub append_utterances: bool,
    /// Add patterns to those of the agent.
    pub append_patterns: bool,
    /// Keys of variables that stay as they are.
    pub ignore: Vec<String>,
}

/// What an import into an agent left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Utterances whose task the agent does not have.
    pub utterances: usize,
}

/// Takes the chosen parts of `fresh` over into `draft`. A part that `fresh` does not hold stays as it is; a package that was
/// exported with named dialogs adds or replaces just those. With everything chosen, members that no part names come too.
///
/// # Errors
/// Bad input, when nothing of what was chosen is in the package.
pub(super) fn take(
    draft: &mut Package,
    fresh: Package,
    choice: &Choice,
    merge: &Merge,
) -> Result<Skipped> {
    let mut fresh = fresh;
    let before = draft.clone();
    if let (Some(own), Some(old)) = (
        draft.definition["_id"].as_str(),
        fresh.definition["_id"].as_str(),
    ) {
        let (own, old) = (own.to_owned(), old.to_owned());
        definition::rebrand(&mut fresh.definition, &old, &own);
    }
    let holds_tasks = items(&fresh.definition, "dialogs").next().is_some();
    let single = !fresh.definition["exportOptions"]["subTasks"]["dialogs"]
        .as_array()
        .is_none_or(Vec::is_empty);
    let mut taken = 0;
    for part in PARTS.iter().filter(|part| choice.picks(part)) {
        for place in part.2 {
            let tasks = matches!(place, Top("dialogs" | "dialogComponents" | "forms"));
            if tasks && !holds_tasks && !matches!(place, Top("forms")) {
                continue;
            }
            let how = match place {
                Top("sentences") if merge.append_utterances => How::Append,
                Top("patterns") if merge.append_patterns => How::Append,
                Top("contentVariables") | Config("envVariables") => How::Variables,
                _ if tasks && single => How::ByReference,
                _ => How::Replace,
            };
            taken += usize::from(put(draft, &fresh, place, &how, merge));
        }
    }
    let functions = PARTS
        .iter()
        .any(|part| part.1.contains(&"botTask") && choice.picks(part));
    if functions && fresh.bot_functions.is_some() {
        draft.bot_functions = fresh.bot_functions.take();
        taken += 1;
    }
    if choice.is_everything() {
        rest(draft, &mut fresh);
        taken += 1;
    }
    if taken == 0 {
        let text = "the package holds nothing of what importOptions names";
        return Err(Error::new(Kind::BadInput, format!("importOptions: {text}")));
    }
    Ok(Skipped {
        utterances: link(&mut draft.definition, &before.definition, &fresh.definition),
    })
}

/// What no part names: looks, languages, files.
fn rest(draft: &mut Package, fresh: &mut Package) {
    let named = |key: &str| {
        PARTS
            .iter()
            .flat_map(|p| p.2)
            .any(|p| matches!(p, Top(top) if *top == key))
    };
    let Some(members) = fresh.definition.as_object() else {
        return;
    };
    for (key, value) in members {
        if !named(key) && key != "localeData" && key != "exportOptions" {
            draft.definition[key.as_str()] = value.clone();
        }
    }
    // a language's own words; synonyms and settings of it came with their parts
    for (language, content) in members
        .get("localeData")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let Some(content) = content.as_object() else {
            continue;
        };
        let nested = |key: &str| {
            PARTS
                .iter()
                .flat_map(|p| p.2)
                .any(|p| matches!(p, Language(own) if *own == key))
        };
        for (key, value) in content.iter().filter(|(key, _)| !nested(key)) {
            draft.definition["localeData"][language.as_str()][key.as_str()] = value.clone();
        }
    }
    if fresh.icon.is_some() {
        draft.icon = fresh.icon.take();
    }
    if !fresh.tables.is_empty() {
        draft.tables = std::mem::take(&mut fresh.tables);
    }
}

enum How {
    Replace,
    Append,
    ByReference,
    Variables,
}

/// Puts one place over; false when the package has nothing there.
fn put(draft: &mut Package, fresh: &Package, place: &Place, how: &How, merge: &Merge) -> bool {
    match place {
        Top(key) => {
            let Some(new) = fresh.definition.get(key).filter(|new| !new.is_null()) else {
                return false;
            };
            let old = draft.definition.get(key).cloned().unwrap_or_default();
            draft.definition[*key] = merged(old, new, how, merge);
            true
        }
        Config(key) => {
            let Some(new) = fresh.config.as_ref().and_then(|config| config.get(key)) else {
                return false;
            };
            let config = draft.config.get_or_insert_with(|| json!({}));
            let old = config.get(key).cloned().unwrap_or_default();
            config[*key] = merged(old, new, how, merge);
            true
        }
        Language(key) => {
            let languages = fresh.definition["localeData"].as_object();
            let mut any = false;
            for (language, content) in languages.into_iter().flatten() {
                if let Some(new) = content.get(key) {
                    draft.definition["localeData"][language.as_str()][*key] = new.clone();
                    any = true;
                }
            }
            any
        }
    }
}

fn merged(old: Value, new: &Value, how: &How, merge: &Merge) -> Value {
    let (Value::Array(old), Value::Array(new)) = (old, new) else {
        return new.clone();
    };
    match how {
        How::Replace => Value::Array(new.clone()),
        How::Append => {
            let known: HashSet<String> = old.iter().map(likeness).collect();
            let more = new.iter().filter(|item| !known.contains(&likeness(item)));
            let more: Vec<Value> = more.cloned().collect();
            old.into_iter().chain(more).collect()
        }
        How::ByReference => {
            let mut all = old;
            for item in new {
                let reference = &item["refId"];
                match all
                    .iter_mut()
                    .find(|o| !reference.is_null() && &o["refId"] == reference)
                {
                    Some(place) => *place = item.clone(),
                    None => all.push(item.clone()),
                }
            }
            Value::Array(all)
        }
        How::Variables => variables(&old, new, &merge.ignore),
    }
}

/// An item without what is new in each copy of it.
fn likeness(item: &Value) -> String {
    let mut item = item.clone();
    if let Some(members) = item.as_object_mut() {
        for key in ["_id", "taskId", "entities"] {
            members.remove(key);
        }
    }
    item.to_string().to_lowercase()
}

/// The variables of an import; ignored keys stay as they are, and a secured value that came empty keeps its present one.
fn variables(old: &[Value], new: &[Value], ignore: &[String]) -> Value {
    let ignored = |item: &&Value| ignore.iter().any(|key| item["key"] == **key);
    let mut all: Vec<Value> = new.iter().filter(|item| !ignored(item)).cloned().collect();
    for item in &mut all {
        let empty = item["value"].as_str().is_none_or(str::is_empty);
        let present = old.iter().find(|o| o["key"] == item["key"]);
        if let (true, true, Some(present)) = (item["isSecured"] == true, empty, present) {
            item["value"] = present["value"].clone();
        }
    }
    all.extend(old.iter().filter(ignored).cloned());
    Value::Array(all)
}

/// Components of one copy, to be found by the ids that they have in others.
pub(super) struct Twins {
    ids: HashSet<String>,
    by_reference: HashMap<String, String>,
    references: HashMap<String, String>,
}

impl Twins {
    /// The components of `whole`; the later of `others` goes first where both have an id.
    pub(super) fn of(whole: &Value, others: [&Value; 2]) -> Self {
        let own = |whole: &Value, from: &str, to: &str| -> HashMap<String, String> {
            let pair = |item: &Value| {
                Some((
                    item[from].as_str()?.to_owned(),
                    item[to].as_str()?.to_owned(),
                ))
            };
            items(whole, "dialogComponents").filter_map(pair).collect()
        };
        Self {
            ids: own(whole, "_id", "_id").into_keys().collect(),
            by_reference: own(whole, "refId", "_id"),
            references: others
                .into_iter()
                .flat_map(|other| own(other, "_id", "refId"))
                .collect(),
        }
    }

    /// The id that a component has here.
    pub(super) fn find(&self, id: &str) -> Option<&str> {
        let same = self.ids.get(id);
        same.or_else(|| self.by_reference.get(self.references.get(id)?))
            .map(String::as_str)
    }
}

/// Mends the references of utterances after parts from two copies came together: ids differ from copy to copy, reference ids do
/// not. Utterances whose task is not there go; answers how many of the package's did.
fn link(draft: &mut Value, before: &Value, fresh: &Value) -> usize {
    let twins = Twins::of(draft, [before, fresh]);
    let find = |id: &str| twins.find(id).map(str::to_owned);
    let names: HashMap<String, String> = items(draft, "dialogComponents")
        .filter(|item| item["type"] == "intent")
        .filter_map(|item| {
            Some((
                fold(item["name"].as_str()?),
                item["_id"].as_str()?.to_owned(),
            ))
        })
        .collect();
    let came: HashSet<&str> = items(fresh, "sentences")
        .filter_map(|item| item["_id"].as_str())
        .collect();
    let mut lost = 0;
    let Some(Value::Array(sentences)) = draft.get_mut("sentences") else {
        return 0;
    };
    sentences.retain_mut(|sentence| {
        let Some(id) = sentence["taskId"].as_str() else {
            return true;
        };
        let named = || names.get(&fold(sentence["taskName"].as_str()?)).cloned();
        let Some(task) = find(id).or_else(named) else {
            lost += usize::from(sentence["_id"].as_str().is_some_and(|id| came.contains(id)));
            return false;
        };
        sentence["taskId"] = task.into();
        if let Some(Value::Array(entities)) = sentence.get_mut("entities") {
            entities.retain_mut(|tag| match tag["entityId"].as_str().map(find) {
                Some(Some(entity)) => {
                    tag["entityId"] = entity.into();
                    true
                }
                Some(None) => false,
                None => true,
            });
        }
        true
    });
    lost
}

fn fold(name: &str) -> String {
    name.trim().replace('_', " ").to_lowercase()
}

pub(super) fn items<'a>(whole: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    whole[list].as_array().into_iter().flatten()
}

fn is_named(item: &Value, name: &str) -> bool {
    let locale = item["localeData"].as_object().into_iter().flatten();
    let titles = locale.map(|(_, content)| &content["name"]);
    let mut names = [&item["lname"], &item["name"]].into_iter().chain(titles);
    names.any(|known| {
        known
            .as_str()
            .is_some_and(|known| fold(known) == fold(name))
    })
}

fn same(a: &Place, b: &Place) -> bool {
    match (a, b) {
        (Top(a), Top(b)) | (Language(a), Language(b)) | (Config(a), Config(b)) => a == b,
        _ => false,
    }
}

fn drop_place(package: &mut Package, place: &Place) {
    match place {
        Top(key) => {
            if let Some(members) = package.definition.as_object_mut() {
                members.shift_remove(*key);
            }
        }
        Config(key) => {
            if let Some(members) = package.config.as_mut().and_then(Value::as_object_mut) {
                members.shift_remove(*key);
            }
        }
        Language(key) => {
            let languages = package
                .definition
                .get_mut("localeData")
                .and_then(Value::as_object_mut);
            for (_, content) in languages.into_iter().flatten() {
                content
                    .as_object_mut()
                    .map(|members: &mut Map<String, Value>| members.shift_remove(*key));
            }
        }
    }
}

/// Nodes of a dialog, those inside bot actions too.
fn nodes(dialog: &Value) -> Vec<&Value> {
    let mut all: Vec<&Value> = items(dialog, "nodes").collect();
    let mut at = 0;
    while at < all.len() {
        let inner: Vec<&Value> = items(all[at], "nodes").collect();
        all.extend(inner);
        at += 1;
    }
    all
}

/// Dialog → the dialogs that it calls.
fn calls(whole: &Value) -> HashMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let components: HashMap<String, String> = items(whole, "dialogComponents")
        .filter_map(|item| Some((text(&item["_id"])?, text(&item["dialogId"])?)))
        .collect();
    let references: HashMap<String, String> = items(whole, "dialogs")
        .filter_map(|item| Some((text(&item["refId"])?, text(&item["_id"])?)))
        .collect();
    let called = |dialog: &Value| -> Vec<String> {
        let all = nodes(dialog);
        let linked = all
            .iter()
            .filter_map(|node| references.get(node["flowTaskId"].as_str()?));
        let named = all
            .iter()
            .filter_map(|node| components.get(node["componentId"].as_str()?));
        linked.chain(named).cloned().collect()
    };
    items(whole, "dialogs")
        .filter_map(|dialog| Some((text(&dialog["_id"])?, called(dialog))))
        .collect()
}

/// Leaves the wanted dialogs, and of components, forms, utterances and patterns those that belong to them.
fn sift(whole: &mut Value, wanted: &HashSet<String>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut components = HashSet::new();
    for dialog in items(whole, "dialogs") {
        if dialog["_id"].as_str().is_some_and(|id| wanted.contains(id)) {
            components.extend(
                nodes(dialog)
                    .into_iter()
                    .filter_map(|node| text(&node["componentId"])),
            );
        }
    }
    // a form's fields are components that only the form names
    let used = |item: &Value| {
        item["_id"]
            .as_str()
            .is_some_and(|id| components.contains(id))
    };
    let forms: HashSet<String> = items(whole, "dialogComponents")
        .filter(|item| used(item))
        .filter_map(|item| text(&item["resourceId"]))
        .collect();
    let kept: Vec<&Value> = items(whole, "dialogComponents")
        .filter(|item| used(item))
        .collect();
    let references: HashSet<String> = kept
        .iter()
        .filter_map(|item| text(&item["refId"]))
        .collect();
    let ids: HashSet<String> = kept.iter().filter_map(|item| text(&item["_id"])).collect();
    let mut retain = |list: &str, key: &str, known: &HashSet<String>| {
        if let Some(Value::Array(all)) = whole.get_mut(list) {
            all.retain(|item| item[key].as_str().is_none_or(|id| known.contains(id)));
        }
    };
    retain("dialogs", "_id", wanted);
    retain("dialogComponents", "_id", &ids);
    retain("forms", "refId", &forms);
    retain("sentences", "taskId", &ids);
    retain("patterns", "refId", &references);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn package() -> Package {
        let sample =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&sample).unwrap()
    }

    fn choice(words: &[(&str, &str)]) -> Choice {
        let words = words
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Choice {
            words: words.collect(),
            ..Choice::default()
        }
    }

    #[test]
    fn an_unknown_word_is_named_with_the_known_ones() {
        let error = choice(&[("nlpData", "poems")]).check().unwrap_err();
        assert_eq!(error.fields[0].field, "nlpData");
        assert!(error.fields[0].message.contains("utterances"));
        for part in PARTS {
            for word in part.1 {
                choice(&[(part.0, word)]).check().unwrap();
            }
        }
    }

    #[test]
    fn a_choice_keeps_its_parts_and_what_no_part_names() {
        let mut kept = package();
        choice(&[("nlpData", "utterances")])
            .keep(&mut kept)
            .unwrap();
        let whole = &kept.definition;
        assert_eq!(whole["sentences"], package().definition["sentences"]);
        assert_eq!(whole["dialogs"], json!([]));
        assert!(whole.get("knowledgeTasks").is_none() && whole.get("botEvents").is_none());
        assert_eq!(whole["refId"], package().definition["refId"]);
        assert!(kept.bot_functions.is_none());
    }

    #[test]
    fn dependent_dialogs_come_along_only_when_asked_for() {
        let all = package();
        let calls = calls(&all.definition);
        let (caller, called) = calls
            .iter()
            .find_map(|(from, to)| Some((from.clone(), to.iter().find(|id| *id != from)?.clone())))
            .expect("the sample links two dialogs");
        let name = items(&all.definition, "dialogs")
            .find(|d| d["_id"] == *caller)
            .unwrap();
        let name = name["lname"].as_str().unwrap().to_owned();
        for dependent in [false, true] {
            let choice = Choice {
                dialogs: vec![name.clone()],
                dependent,
                ..Choice::default()
            };
            let mut kept = package();
            choice.keep(&mut kept).unwrap();
            let ids: Vec<&str> = items(&kept.definition, "dialogs")
                .filter_map(|d| d["_id"].as_str())
                .collect();
            assert!(ids.contains(&caller.as_str()));
            assert_eq!(ids.contains(&called.as_str()), dependent);
            let known: HashSet<&str> = items(&kept.definition, "dialogComponents")
                .filter_map(|c| c["_id"].as_str())
                .collect();
            assert!(
                items(&kept.definition, "sentences")
                    .all(|s| known.contains(s["taskId"].as_str().unwrap()))
            );
        }
    }

    #[test]
    fn parts_of_another_copy_find_their_tasks_by_reference() {
        let mut draft = package();
        let mut other = package();
        let text = other.definition.to_string().replace("dc-", "dc-0");
        other.definition = serde_json::from_str(&text).unwrap();
        let lines = draft.definition["sentences"].as_array().unwrap().len();
        let skipped = take(
            &mut draft,
            other,
            &choice(&[("tasks", "botTask")]),
            &Merge::default(),
        )
        .unwrap();
        assert_eq!(skipped.utterances, 0);
        let known: HashSet<&str> = items(&draft.definition, "dialogComponents")
            .filter_map(|c| c["_id"].as_str())
            .collect();
        assert!(known.iter().all(|id| id.starts_with("dc-0")));
        assert_eq!(items(&draft.definition, "sentences").count(), lines);
        assert!(
            items(&draft.definition, "sentences")
                .all(|s| known.contains(s["taskId"].as_str().unwrap()))
        );
    }

    #[test]
    fn a_secured_value_that_came_empty_stays_and_ignored_keys_too() {
        let old = [
            json!({"key": "a", "value": "1"}),
            json!({"key": "t", "value": "hush", "isSecured": true}),
        ];
        let new = [
            json!({"key": "a", "value": "2"}),
            json!({"key": "t", "value": "", "isSecured": true}),
        ];
        let out = variables(&old, &new, &["a".to_owned()]);
        assert_eq!(
            out,
            json!([{"key": "t", "value": "hush", "isSecured": true}, {"key": "a", "value": "1"}])
        );
    }
}
