//! Environment and content variables: import and export.

use super::draft::{self, Edit};
use crate::{Caller, Ctx};
use definition::Package;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use types::{Error, Field, Result, id::BotId};

/// Variables of one import at most (ours).
const COUNT_MAX: usize = 10_000;
/// Longest key, characters (ours).
const KEY_MAX: usize = 255;
/// Longest value, bytes (ours).
const VALUE_MAX: usize = 256 * 1024;

/// Creates or updates variables by their keys; answers how many. The body is a list, or an object with collections
/// (`importBotVariables` of the contract). All or nothing.
///
/// # Errors
/// Not found; every wrong field with its place in the list.
pub async fn import(ctx: &Ctx, caller: &Caller, bot: &BotId, body: Value) -> Result<usize> {
    let wanted = Wanted::read(body)?;
    let count = wanted.variables.len();
    let what = Edit {
        action: "variable.import",
        details: json!({"count": count}),
    };
    draft::edit(ctx, caller, bot, &what, move |package| {
        wanted.apply(package);
        Ok(count)
    })
    .await
}

/// Every variable as [`import`] takes them; values of secured ones are empty. With collections: the object form.
///
/// # Errors
/// Not found.
pub async fn export(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Value> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    Ok(exported(&package))
}

/// A variable to be written by a person.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Its key; no hyphen.
    pub key: String,
    /// An environment variable, else a content variable.
    pub env: bool,
    /// The value; none: the one that there is.
    pub value: Option<String>,
    /// Language of a content variable's value.
    pub language: String,
    /// Notes.
    pub hint: String,
    /// Group.
    pub group: String,
    /// `prePopulated`, `askOnInstall` or `hidden`.
    pub scope: String,
    /// The value is shown to nobody, and exports leave it out.
    pub secured: bool,
}

/// Writes one variable; `new` says that it must not be there yet.
///
/// # Errors
/// Not found; bad input that names each wrong field.
pub async fn put(ctx: &Ctx, caller: &Caller, bot: &BotId, variable: New, new: bool) -> Result<()> {
    let what = Edit {
        action: match new {
            true => "variable.add",
            false => "variable.change",
        },
        details: json!({"key": variable.key}),
    };
    draft::edit(ctx, caller, bot, &what, move |package| {
        put_in(package, &variable, new)
    })
    .await
}

fn put_in(package: &mut Package, variable: &New, new: bool) -> Result<()> {
    let key = variable.key.trim();
    let mut wrong = Vec::new();
    let mut say = |field: &str, message: &str| {
        wrong.push(Field {
            field: field.to_owned(),
            message: message.to_owned(),
        });
    };
    if key.is_empty() || key.chars().count() > KEY_MAX || key.contains('-') {
        say("key", "must have 1 to 255 characters and no hyphen");
    }
    let long = variable.value.as_ref().is_some_and(|v| v.len() > VALUE_MAX);
    if long {
        say("value", "is longer than 256 KiB");
    }
    if variable.hint.chars().count() > KEY_MAX || variable.group.chars().count() > KEY_MAX {
        say("hint", "notes and group must have at most 255 characters");
    }
    if !["prePopulated", "askOnInstall", "hidden"].contains(&variable.scope.as_str()) {
        say("scope", "must be prePopulated, askOnInstall or hidden");
    }
    let list = place_of(package, variable.env);
    let known = list.iter().position(|one| one["key"] == *key);
    if new && known.is_some() {
        say("key", "is there already");
    }
    if !new && known.is_none() {
        return Err(Error::not_found("There is no such variable any more"));
    }
    let old = known.map(|at| list[at].clone());
    let was_secured = old.as_ref().is_some_and(|one| one["isSecured"] == true);
    if was_secured && !variable.secured && variable.value.is_none() {
        say(
            "value",
            "must be given anew when the variable is secured no longer",
        );
    }
    if new && variable.value.is_none() {
        say("value", "must be given");
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let mut entry = old.unwrap_or_else(|| json!({"key": key, "propagateValue": true}));
    entry["hint"] = variable.hint.trim().into();
    entry["group"] = variable.group.trim().into();
    entry["scope"] = variable.scope.clone().into();
    entry["isSecured"] = variable.secured.into();
    if let Some(value) = &variable.value {
        let value = definition::encode_if_needed(value);
        if variable.env {
            entry["value"] = value.into();
        } else {
            if !entry["localeData"].is_object() {
                entry["localeData"] = json!({});
            }
            entry["localeData"][&variable.language]["value"] = value.into();
        }
    }
    match known {
        Some(at) => list[at] = entry,
        None if list.len() >= COUNT_MAX => {
            let text = format!("an agent has at most {COUNT_MAX} variables");
            return Err(Error::field("key", text));
        }
        None => list.push(entry),
    }
    Ok(())
}

fn place_of(package: &mut Package, env: bool) -> &mut Vec<Value> {
    if env {
        let config = package.config.get_or_insert_with(|| json!({}));
        return list_of(config, "envVariables");
    }
    list_of(&mut package.definition, "contentVariables")
}

/// Removes a variable.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, env: bool, key: &str) -> Result<()> {
    let what = Edit {
        action: "variable.remove",
        details: json!({"key": key}),
    };
    let key = key.to_owned();
    draft::edit(ctx, caller, bot, &what, move |package| {
        let list = place_of(package, env);
        let before = list.len();
        list.retain(|one| one["key"] != *key);
        match before > list.len() {
            true => Ok(()),
            false => Err(Error::not_found("There is no such variable any more")),
        }
    })
    .await
}

/// A checked import.
struct Wanted {
    variables: Vec<Map<String, Value>>,
    collections: Option<(Value, Value)>,
}

impl Wanted {
    fn read(body: Value) -> Result<Self> {
        let (list, place, collections) = match body {
            Value::Array(list) => (list, "", None),
            Value::Object(mut members) => {
                let list = members.remove("botVariables");
                let Some(Value::Array(list)) = list else {
                    return Err(Error::field("botVariables", "must be a list of variables"));
                };
                let mut part = |key: &str| members.remove(key).unwrap_or_else(|| json!([]));
                let collections = (part("botCollections"), part("botCollectionVariables"));
                (list, "botVariables", Some(collections))
            }
            _ => {
                return Err(Error::field(
                    "body",
                    "must be a list of variables, or an object with botVariables",
                ));
            }
        };
        if list.len() > COUNT_MAX {
            return Err(Error::field(
                "body",
                format!("holds more than {COUNT_MAX} variables; send them in parts"),
            ));
        }
        let mut wrong = Wrong(Vec::new());
        let mut keys = HashSet::new();
        let mut variables = Vec::new();
        for (at, entry) in list.into_iter().enumerate() {
            let place = format!("{place}[{at}]");
            let Value::Object(variable) = entry else {
                wrong.add(&place, "", "must be an object");
                continue;
            };
            check(&variable, &place, &mut wrong);
            let key = variable
                .get("key")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !key.is_empty() && !keys.insert(key.to_owned()) {
                wrong.add(&place, "key", "occurs twice");
            }
            variables.push(variable);
        }
        if let Some((collections, values)) = &collections {
            check_collections(collections, values, &keys, &mut wrong);
        }
        wrong.done()?;
        Ok(Self {
            variables,
            collections,
        })
    }

    fn apply(&self, package: &mut Package) {
        for variable in &self.variables {
            let secured = variable.get("variableType").and_then(Value::as_str) == Some("env");
            let list = if secured {
                let config = package.config.get_or_insert_with(|| json!({}));
                list_of(config, "envVariables")
            } else {
                list_of(&mut package.definition, "contentVariables")
            };
            let key = variable.get("key");
            let mut fresh = stored(variable);
            match list.iter_mut().find(|old| old.get("key") == key) {
                Some(Value::Object(old)) => old.extend(fresh),
                _ => {
                    fresh.entry("isSecured").or_insert(false.into());
                    list.push(fresh.into());
                }
            }
        }
        if let Some((collections, values)) = &self.collections {
            let config = package.config.get_or_insert_with(|| json!({}));
            config["botCollections"] = collections.clone();
            config["botCollectionVariables"] = values.clone();
        }
    }
}

/// Wrong fields, gathered.
struct Wrong(Vec<Field>);

impl Wrong {
    fn add(&mut self, place: &str, name: &str, message: &str) {
        let field = match name {
            "" => place.to_owned(),
            name => format!("{place}.{name}"),
        };
        // a file that is wrong throughout must not make an answer as long as itself
        if self.0.len() < 100 {
            self.0.push(Field {
                field,
                message: message.to_owned(),
            });
        }
    }

    fn done(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::fields(self.0))
    }
}

fn check(variable: &Map<String, Value>, place: &str, wrong: &mut Wrong) {
    let text = |name: &str| variable.get(name).and_then(Value::as_str);
    match text("key") {
        Some(key) if !key.trim().is_empty() && key.chars().count() <= KEY_MAX => {}
        _ => wrong.add(place, "key", "must be a text of 1 to 255 characters"),
    }
    if !matches!(
        text("scope"),
        Some("prePopulated" | "askOnInstall" | "hidden")
    ) {
        wrong.add(
            place,
            "scope",
            "must be prePopulated, askOnInstall or hidden",
        );
    }
    for name in ["hint", "group", "audioTag"] {
        if variable
            .get(name)
            .is_some_and(|v| !v.is_string() && !v.is_null())
        {
            wrong.add(place, name, "must be a text");
        }
    }
    match text("variableType") {
        Some("env") => check_value(variable.get("value"), place, "value", wrong),
        Some("locale") => match variable.get("localeData") {
            Some(Value::Object(languages)) if !languages.is_empty() => {
                for (language, data) in languages {
                    if types::language::english_name(language).is_none() {
                        wrong.add(
                            place,
                            &format!("localeData.{language}"),
                            "is no language code",
                        );
                    }
                    let name = format!("localeData.{language}.value");
                    check_value(data.get("value"), place, &name, wrong);
                }
            }
            _ => wrong.add(place, "localeData", "must have an entry for each language"),
        },
        _ => wrong.add(place, "variableType", "must be env or locale"),
    }
    let named = |entry: &Value| entry["name"].is_string() && entry["refId"].is_string();
    match variable.get("vNameSpace") {
        None | Some(Value::Null) => {}
        Some(Value::Array(spaces)) if spaces.iter().all(named) => {}
        Some(_) => wrong.add(
            place,
            "vNameSpace",
            "must be a list of objects with name and refId",
        ),
    }
}

fn check_value(value: Option<&Value>, place: &str, name: &str, wrong: &mut Wrong) {
    match value {
        Some(Value::String(text)) if text.len() <= VALUE_MAX => {}
        Some(Value::String(_)) => wrong.add(place, name, "is longer than 256 KiB"),
        _ => wrong.add(place, name, "must be a text"),
    }
}

fn check_collections(
    collections: &Value,
    values: &Value,
    keys: &HashSet<String>,
    wrong: &mut Wrong,
) {
    let (Value::Array(collections), Value::Array(values)) = (collections, values) else {
        wrong.add(
            "botCollections",
            "",
            "botCollections and botCollectionVariables must be lists",
        );
        return;
    };
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let mut known = HashSet::new();
    for (at, collection) in collections.iter().enumerate() {
        let (name, id) = (text(collection, "name"), text(collection, "refId"));
        if name.is_empty() || id.is_empty() || !known.insert(id) {
            let place = format!("botCollections[{at}]");
            wrong.add(&place, "", "must have a name and a refId of its own");
        }
    }
    let mut seen = HashSet::new();
    for (at, value) in values.iter().enumerate() {
        let place = format!("botCollectionVariables[{at}]");
        let (key, id) = (text(value, "key"), text(value, "refId"));
        if !keys.contains(&key) {
            wrong.add(&place, "key", "is no key of botVariables");
        }
        if !known.contains(&id) {
            wrong.add(&place, "refId", "is no refId of botCollections");
        }
        check_value(value.get("value"), &place, "value", wrong);
        if !seen.insert((key, id)) {
            wrong.add(&place, "key", "has a value in this collection already");
        }
    }
}

/// The list under a key, made when it is missing or something else.
fn list_of<'a>(parent: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    if !parent.is_object() {
        *parent = json!({});
    }
    let entry = &mut parent[key];
    if !entry.is_array() {
        *entry = json!([]);
    }
    entry.as_array_mut().expect("just made one")
}

/// A variable as definitions hold it: values that would be taken for percent-encoded text are encoded, name spaces are ids.
fn stored(variable: &Map<String, Value>) -> Map<String, Value> {
    let mut out = variable.clone();
    out.remove("isSecured");
    if let Some(Value::String(text)) = out.get_mut("value") {
        *text = definition::encode_if_needed(text);
    }
    if let Some(Value::Object(languages)) = out.get_mut("localeData") {
        for data in languages.values_mut() {
            if let Some(Value::String(text)) = data.get_mut("value") {
                *text = definition::encode_if_needed(text);
            }
        }
    }
    if let Some(Value::Array(spaces)) = out.get_mut("vNameSpace") {
        for space in spaces.iter_mut() {
            *space = space["refId"].take();
        }
    }
    out
}

fn exported(package: &Package) -> Value {
    let names = namespaces(&package.definition);
    let config = package.config.as_ref().unwrap_or(&Value::Null);
    let env = config.get("envVariables").and_then(Value::as_array);
    let content = package
        .definition
        .get("contentVariables")
        .and_then(Value::as_array);
    let mut list = Vec::new();
    for (kind, variables) in [("env", env), ("locale", content)] {
        for variable in variables.into_iter().flatten().filter_map(Value::as_object) {
            list.push(Value::Object(wire(variable, kind, &names)));
        }
    }
    match config.get("botCollections").and_then(Value::as_array) {
        Some(collections) if !collections.is_empty() => json!({
            "botVariables": list,
            "botCollections": collections,
            "botCollectionVariables": config.get("botCollectionVariables").cloned().unwrap_or_else(|| json!([])),
        }),
        _ => list.into(),
    }
}

/// Name spaces of the agent by their ids.
fn namespaces(agent: &Value) -> Vec<(String, String)> {
    let list = agent.get("namespaces").and_then(Value::as_array);
    let pair = |space: &Value| {
        Some((
            space["refId"].as_str()?.to_owned(),
            space["name"].as_str()?.to_owned(),
        ))
    };
    list.into_iter().flatten().filter_map(pair).collect()
}

fn wire(
    variable: &Map<String, Value>,
    kind: &str,
    names: &[(String, String)],
) -> Map<String, Value> {
    const KEPT: [&str; 9] = [
        "key",
        "value",
        "hint",
        "audioTag",
        "scope",
        "localeData",
        "group",
        "propagateValue",
        "isSecured",
    ];
    let mut out: Map<String, Value> = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), variable.get(*name)?.clone())))
        .collect();
    let secured = variable.get("isSecured") == Some(&Value::Bool(true));
    for value in values(&mut out) {
        *value = match value.as_str() {
            _ if secured => "".into(),
            Some(text) => definition::decode(text).into_owned().into(),
            None => continue,
        };
    }
    out.insert("variableType".to_owned(), kind.into());
    out.entry("scope").or_insert("prePopulated".into());
    out.entry("isSecured").or_insert(false.into());
    out.entry("propagateValue").or_insert(true.into());
    let spaces = variable.get("vNameSpace").and_then(Value::as_array);
    let spaces: Vec<Value> = spaces
        .into_iter()
        .flatten()
        .filter_map(|id| {
            let id = id.as_str()?;
            let (_, name) = names.iter().find(|(known, _)| known == id)?;
            Some(json!({"name": name, "refId": id}))
        })
        .collect();
    out.insert("vNameSpace".to_owned(), spaces.into());
    out
}

/// Every value of a variable, in each language.
fn values(variable: &mut Map<String, Value>) -> Vec<&mut Value> {
    let mut all = Vec::new();
    for (name, value) in variable.iter_mut() {
        match (name.as_str(), value) {
            ("value", value) => all.push(value),
            ("localeData", Value::Object(languages)) => {
                all.extend(
                    languages
                        .values_mut()
                        .filter_map(|data| data.get_mut("value")),
                );
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package {
            definition: json!({"dialogs": [], "dialogComponents": [], "namespaces": [{"name": "default", "refId": "n1"}]}),
            definition_name: "botDefinition.json".to_owned(),
            config: Some(json!({"envVariables": [
                {"key": "token", "value": "hush", "isSecured": true, "scope": "hidden", "odd": 1, "vNameSpace": ["n1"]}]})),
            ..Package::default()
        }
    }

    fn import(package: &mut Package, body: Value) -> Result<()> {
        Wanted::read(body).map(|wanted| wanted.apply(package))
    }

    #[test]
    fn variables_are_made_or_updated_by_key_and_come_back_as_they_were_sent() {
        let mut package = package();
        let sent = json!([
            {"key": "host", "value": "100%25 api.example.com", "hint": "", "variableType": "env", "scope": "prePopulated"},
            {"key": "greet", "variableType": "locale", "scope": "hidden", "localeData": {"en": {"value": "Hello", "hint": ""}},
                "vNameSpace": [{"name": "default", "refId": "n1"}]},
        ]);
        import(&mut package, sent.clone()).expect("imports");
        import(&mut package, sent).expect("imports again");
        let out = exported(&package);
        assert_eq!(out.as_array().map(Vec::len), Some(3), "{out}");
        assert_eq!(
            (&out[0]["key"], &out[0]["value"], &out[0]["isSecured"]),
            (&json!("token"), &json!(""), &json!(true))
        );
        assert_eq!(out[1]["value"], "100%25 api.example.com");
        assert_eq!(out[2]["localeData"]["en"]["value"], "Hello");
        assert_eq!(
            out[2]["vNameSpace"],
            json!([{"name": "default", "refId": "n1"}])
        );
        import(&mut package, out).expect("the export can be fed back");
        let config = package.config.expect("config");
        assert_eq!(config["envVariables"][0]["odd"], 1);
    }

    #[test]
    fn a_secured_variable_stays_secured_when_it_gets_a_value() {
        let mut package = package();
        import(&mut package, json!([{"key": "token", "value": "new", "variableType": "env", "scope": "hidden", "isSecured": false}]))
            .expect("imports");
        let config = package.config.expect("config");
        assert_eq!(config["envVariables"][0]["value"], "new");
        assert_eq!(config["envVariables"][0]["isSecured"], true);
    }

    #[test]
    fn every_wrong_field_is_named_with_its_place_and_nothing_is_taken() {
        let body = json!([
            {"key": "", "variableType": "env", "scope": "x", "value": 5},
            {"key": "a", "variableType": "locale", "scope": "hidden", "localeData": {"xx": {}}},
            7,
            {"key": "a", "variableType": "other", "scope": "hidden", "vNameSpace": "n"},
        ]);
        let error = Wanted::read(body).err().expect("refused");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            [
                "[0].key",
                "[0].scope",
                "[0].value",
                "[1].localeData.xx",
                "[1].localeData.xx.value",
                "[2]",
                "[3].variableType",
                "[3].vNameSpace",
                "[3].key",
            ]
        );
        for body in [json!(null), json!({"botVariables": 1}), json!("x")] {
            assert!(Wanted::read(body).is_err());
        }
    }

    #[test]
    fn collections_refer_to_what_is_there() {
        let variable =
            json!({"key": "host", "value": "a", "variableType": "env", "scope": "hidden"});
        let body = |key: &str, id: &str| {
            json!({"botVariables": [variable], "botCollections": [{"name": "Stage", "refId": "c1"}],
            "botCollectionVariables": [{"key": key, "value": "b", "refId": id}]})
        };
        let mut package = package();
        import(&mut package, body("host", "c1")).expect("imports");
        let out = exported(&package);
        assert_eq!(
            out["botCollectionVariables"],
            json!([{"key": "host", "value": "b", "refId": "c1"}])
        );
        assert!(import(&mut package, body("none", "c1")).is_err());
        assert!(import(&mut package, body("host", "c2")).is_err());
    }
}
