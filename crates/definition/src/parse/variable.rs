//! Variables, auth profiles, forms.

use super::value::{flag, list, localized, object, raw, text};
use crate::{AuthField, AuthProfile, ContentVariable, EnvVariable, Form};
use serde_json::Value;

/// `envVariables` of `config.json`. Values are taken as written: they are settings and keys, not texts.
pub(crate) fn env(config: Option<&Value>) -> Vec<EnvVariable> {
    let read = |entry: &Value| EnvVariable {
        key: raw(entry, "key"),
        value: raw(entry, "value"),
        secured: flag(entry, "isSecured", false),
        ask_on_install: raw(entry, "scope") == "askOnInstall",
        hint: text(entry, "hint"),
    };
    config
        .map_or(&[][..], |config| list(config, "envVariables"))
        .iter()
        .map(read)
        .collect()
}

/// `contentVariables`.
pub(crate) fn content(definition: &Value) -> Vec<ContentVariable> {
    let read = |entry: &Value| ContentVariable {
        key: raw(entry, "key"),
        values: localized(entry, |content| {
            content.get("value").map(|_| text(content, "value"))
        }),
    };
    list(definition, "contentVariables")
        .iter()
        .map(read)
        .collect()
}

/// `idpConfigurations`.
pub(crate) fn profiles(definition: &Value) -> Vec<AuthProfile> {
    let field = |entry: &Value| AuthField {
        place: raw(entry, "type"),
        key: raw(entry, "key"),
        value: raw(entry, "value"),
    };
    let read = |entry: &Value| AuthProfile {
        name: raw(entry, "name"),
        kind: raw(entry, "sso_type"),
        fields: list(entry, "fields").iter().map(field).collect(),
    };
    list(definition, "idpConfigurations")
        .iter()
        .map(read)
        .collect()
}

/// `forms`.
pub(crate) fn forms(definition: &Value) -> Vec<Form> {
    let read = |entry: &Value| Form {
        ref_id: raw(entry, "refId"),
        name: raw(entry, "name"),
        raw: entry.clone(),
    };
    list(definition, "forms").iter().map(read).collect()
}

/// Names in `localeData`, decoded.
pub(crate) fn names(definition: &Value, key: &str) -> crate::Localized<String> {
    let supported = super::languages(definition);
    let found = super::value::localized_text(definition, key);
    let kept: Vec<_> = found
        .iter()
        .filter(|(code, _)| {
            supported.is_empty() || supported.iter().any(|language| language == code)
        })
        .map(|(code, name)| (code.to_owned(), name.clone()))
        .collect();
    if kept.is_empty() && object(definition, "name").is_string() {
        return crate::Localized::single("en", text(definition, "name"));
    }
    crate::Localized::new(kept)
}
