//! Training data and engine settings.

use super::component::pattern_texts;
use super::value::{count, flag, list, localized, number, object, raw, scalar, text, texts};
use crate::{
    AdvancedSetting, ConfidenceConfig, Localized, MlParams, NluData, PatternSet, Sentence, Span,
    Trait, TraitGroup,
};
use serde_json::Value;
use std::collections::HashMap;

/// All training data. Language maps keep only `languages`, for newer agents carry stock words of thirty.
pub(crate) fn nlu(definition: &Value, languages: &[String], default: &str) -> NluData {
    let wanted = |code: &str| languages.iter().any(|language| language == code);
    NluData {
        sentences: list(definition, "sentences")
            .iter()
            .filter_map(|s| sentence(s, default))
            .collect(),
        patterns: list(definition, "patterns")
            .iter()
            .filter_map(pattern_set)
            .collect(),
        traits: list(definition, "traits")
            .iter()
            .map(|group| trait_group(group, default))
            .collect(),
        ml_params: list(definition, "mlParams").iter().map(ml_params).collect(),
        advanced: list(definition, "advancedNLSettings")
            .iter()
            .map(advanced)
            .collect(),
        synonyms: words(definition, &wanted, false),
        concepts: words(definition, &wanted, true),
        confidence: confidence(definition, &wanted, default),
        negative_patterns: flag(definition, "enableNegativePatterns", false),
        multi_intent: flag(definition, "detectMultiIntent", false),
        enabled: flag(definition, "isNLEnabled", true),
    }
}

fn sentence(value: &Value, default: &str) -> Option<Sentence> {
    let text = raw(value, "sentence");
    let language = raw(value, "language");
    let spans = list(value, "entities").iter().filter_map(|span| {
        let (start, end) = (
            count(span, "startIndex")? as usize,
            count(span, "endIndex")? as usize,
        );
        (start < end).then(|| Span {
            entity_id: raw(span, "entityId"),
            start,
            end,
        })
    });
    (!text.trim().is_empty()).then(|| Sentence {
        intent_id: raw(value, "taskId"),
        spans: spans.collect(),
        language: if language.is_empty() {
            default.to_owned()
        } else {
            language
        },
        text,
    })
}

fn pattern_set(value: &Value) -> Option<PatternSet> {
    let patterns = localized(value, |content| {
        Some(pattern_texts(content, "patterns")).filter(|list| !list.is_empty())
    });
    (!patterns.is_empty()).then(|| PatternSet {
        ref_id: raw(value, "refId"),
        for_entity: raw(value, "taskType") == "entity",
        patterns,
    })
}

fn trait_group(value: &Value, default: &str) -> TraitGroup {
    let ngram = object(object(value, "configuration"), "n_gram");
    let language = raw(value, "language");
    let members = object(value, "traits").as_object().into_iter().flatten();
    let read = |(key, content): (&String, &Value)| {
        let shown = text(content, "displayName");
        Trait {
            id: raw(content, "traitId"),
            name: if shown.is_empty() { key.clone() } else { shown },
            samples: texts(content, "data"),
        }
    };
    TraitGroup {
        name: text(value, "groupName"),
        by_pattern: raw(value, "matchStrategy") == "pattern",
        threshold: number(value, "scoreThreshold").unwrap_or(0.5),
        language: if language.is_empty() {
            default.to_owned()
        } else {
            language
        },
        ngram: (
            count(ngram, "minVal").unwrap_or(1),
            count(ngram, "maxVal").unwrap_or(1),
        ),
        traits: members.map(read).collect(),
    }
}

fn ml_params(value: &Value) -> MlParams {
    let (intent, configuration) = (
        object(value, "intentParams"),
        object(value, "mlConfigurations"),
    );
    let threshold = |key: &str| {
        [value, configuration, intent]
            .iter()
            .find_map(|place| number(place, key))
    };
    MlParams {
        language: raw(value, "language"),
        model: count(value, "type").unwrap_or(1),
        dialogs: texts(value, "dialogIntents"),
        stop_words: raw(object(value, "intentData"), "stopwords")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        use_stop_words: flag(intent, "useStopwords", false),
        use_synonyms: flag(intent, "useSynonyms", false),
        placeholders: flag(intent, "usePlaceholders", true),
        none_intent: flag(configuration, "NoneIntent", true),
        faqs_in_none_intent: flag(configuration, "ML_Add_FAQS_To_NoneIntent", false),
        min_threshold: threshold("minThreshold"),
        max_threshold: threshold("maxThreshold"),
        exact_match_threshold: threshold("exactMatchThreshold"),
        raw: value.clone(),
    }
}

fn advanced(value: &Value) -> AdvancedSetting {
    AdvancedSetting {
        key: raw(value, "configurationKeyName"),
        value: object(value, "configurationValue").clone(),
        engine: raw(value, "nlpEngine"),
        language: raw(value, "language"),
    }
}

/// Synonyms and concepts share one map; keys of concepts begin with `~`.
fn words(
    definition: &Value,
    wanted: &dyn Fn(&str) -> bool,
    concepts: bool,
) -> Localized<HashMap<String, Vec<String>>> {
    let languages = object(definition, "localeData")
        .as_object()
        .into_iter()
        .flatten();
    let read = |(code, content): (&String, &Value)| {
        let map = object(content, "synonyms").as_object()?;
        let entries = map
            .iter()
            .filter(|(key, _)| key.starts_with('~') == concepts);
        let entries = entries.map(|(key, list)| {
            let members = list
                .as_array()
                .into_iter()
                .flatten()
                .map(scalar)
                .filter(|word| !word.trim().is_empty());
            (key.clone(), members.collect())
        });
        wanted(code).then(|| (code.clone(), entries.collect()))
    };
    Localized::new(languages.filter_map(read).collect())
}

/// Thresholds by language; the oldest layout has one set for all at the top.
fn confidence(
    definition: &Value,
    wanted: &dyn Fn(&str) -> bool,
    default: &str,
) -> Localized<Vec<ConfidenceConfig>> {
    let configs = |content: &Value| -> Vec<ConfidenceConfig> {
        list(content, "confidenceConfigs")
            .iter()
            .map(confidence_config)
            .collect()
    };
    let languages = object(definition, "localeData")
        .as_object()
        .into_iter()
        .flatten();
    let read = languages
        .filter(|(code, _)| wanted(code))
        .map(|(code, content)| (code.clone(), configs(content)));
    let entries: Vec<_> = read.filter(|(_, configs)| !configs.is_empty()).collect();
    if entries.is_empty() && !list(definition, "confidenceConfigs").is_empty() {
        return Localized::single(default, configs(definition));
    }
    Localized::new(entries)
}

fn confidence_config(value: &Value) -> ConfidenceConfig {
    ConfidenceConfig {
        mode: raw(value, "mode"),
        min_threshold: number(value, "minThreshold"),
        max_threshold: number(value, "maxThreshold"),
        exact_match_threshold: number(value, "exactMatchThreshold"),
        proximity: number(value, "taskMatchTolerance"),
        suggestions: count(value, "suggestionsCount"),
        path_coverage: number(value, "pathCoverage"),
        word_coverage: number(value, "wordCoverage"),
        prefer_definitive: value
            .get("isPreferDefinitiveMatch")
            .map(|_| flag(value, "isPreferDefinitiveMatch", true)),
        sub_type: raw(value, "subType"),
        version: count(value, "rrVersion"),
        raw: value.clone(),
    }
}
