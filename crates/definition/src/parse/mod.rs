//! From raw JSON to the typed view. One file per noun; every reader gives defaults for what is missing or odd.

mod component;
mod condition;
mod dialog;
mod entity;
mod knowledge;
mod message;
mod nlu;
mod service;
mod settings;
pub(crate) mod value;
mod variable;

pub use knowledge::term;

use crate::{Agent, Language, LanguageMode, Layout, Package};
use serde_json::Value;
use value::{flag, object, raw, some_text, texts};

impl Agent {
    /// The typed view of a package. Never fails: what is missing or odd gives defaults (the import report names it).
    pub fn from_package(package: &Package) -> Self {
        let definition = &package.definition;
        let default_language = default_language(definition);
        let languages = languages(definition);
        let mut agent = Self {
            id: raw(definition, "_id"),
            ref_id: raw(definition, "refId"),
            layout: layout(package),
            names: variable::names(definition, "name"),
            descriptions: variable::names(definition, "description"),
            language_mode: match raw(object(definition, "languagePreferences"), "type").as_str() {
                "perSession" => LanguageMode::PerSession,
                "lifeTime" => LanguageMode::Lifetime,
                _ => LanguageMode::PerTurn,
            },
            languages: languages
                .iter()
                .map(|code| language(definition, code, &default_language))
                .collect(),
            dialogs: dialog::dialogs(definition),
            components: component::components(definition),
            default_dialog: some_text(definition, "defaultDialogId"),
            events: settings::events(definition),
            sentiment_events: settings::sentiment_events(definition),
            interruptions: settings::interruptions(definition),
            amend: settings::amend(definition),
            responses: settings::responses(definition),
            session: settings::session(definition),
            nlu: nlu::nlu(definition, &languages, &default_language),
            knowledge: knowledge::knowledge(definition, &default_language),
            small_talk: knowledge::small_talk(definition, &default_language),
            env: variable::env(package.config.as_ref()),
            content: variable::content(definition),
            profiles: variable::profiles(definition),
            forms: variable::forms(definition),
            bot_functions: package
                .bot_functions
                .as_ref()
                .map(|(_, source)| source.clone()),
            default_language,
            ..Self::default()
        };
        agent.build_index();
        agent
    }
}

/// Version 11 shows by its file name or by `appType`.
fn layout(package: &Package) -> Layout {
    let unified = package
        .definition_name
        .eq_ignore_ascii_case("appDefinition.json")
        || raw(&package.definition, "appType") == "unified";
    if unified {
        Layout::Unified
    } else {
        Layout::Classic
    }
}

fn default_language(definition: &Value) -> String {
    some_text(definition, "defaultLanguage")
        .or_else(|| texts(definition, "supportedLanguages").into_iter().next())
        .unwrap_or_else(|| "en".to_owned())
}

/// Supported languages, the default one first, without repeats.
fn languages(definition: &Value) -> Vec<String> {
    let mut codes = vec![default_language(definition)];
    for code in texts(definition, "supportedLanguages") {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// The default language is always on.
fn language(definition: &Value, code: &str, default: &str) -> Language {
    let config = object(object(definition, "languageConfigurations"), code);
    Language {
        code: code.to_owned(),
        enabled: code == default || flag(config, "enabled", true),
    }
}
