//! What an agent is trained from, taken out of its definition.

use definition::{
    Agent, Component, ComponentKind, ConfidenceConfig, Dialog, IntentUse, KnowledgeTask, Sentence,
    TaxonomyNode,
};
use nlu::{
    EngineConfig, FaqConfig, FmConfig, Intent, MlConfig, Network, RrConfig, TrainingInput,
    Utterance,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Nodes on the way from a node to its root at most: a graph that names itself as its parent ends here.
const PATH_MAX: usize = 64;

/// The training input of one language. FAQs go by their key, small talk by the id of its pair, as conversations look them up.
pub fn corpus(agent: &Agent, language: &str) -> TrainingInput {
    let nlu = &agent.nlu;
    let words = |map: Option<&HashMap<String, Vec<String>>>| -> BTreeMap<String, Vec<String>> {
        map.into_iter()
            .flatten()
            .map(|(key, list)| (key.clone(), list.clone()))
            .collect()
    };
    let stop_words = nlu.ml(language).map(|params| params.stop_words.clone());
    TrainingInput {
        language: language.to_owned(),
        intents: intents(agent, language),
        faqs: faqs(agent, language),
        small_talk: small_talk(agent, language),
        synonyms: words(nlu.synonyms.exact(language)),
        concepts: words(nlu.concepts.exact(language)),
        stop_words: stop_words.unwrap_or_default(),
        traits: traits(agent, language),
        config: config(agent, language),
        ..TrainingInput::default()
    }
}

/// Digest of a training input: the same input gives the same model.
pub fn digest(input: &TrainingInput) -> String {
    let bytes = serde_json::to_vec(input).expect("plain data with text keys always serialises");
    crypt::sha256_hex(&bytes)
}

/// Digests of the parts of a training input, by which somebody sees what has changed since.
pub(super) fn parts(input: &TrainingInput) -> BTreeMap<&'static str, String> {
    let of = |value: Value| crypt::sha256_hex(value.to_string().as_bytes());
    let each = |part: fn(&Intent) -> Value| {
        let all = input.intents.iter().map(|i| json!([i.id, part(i)]));
        Value::Array(all.collect())
    };
    let texts = |i: &Intent| json!(i.utterances.iter().map(|u| &u.text).collect::<Vec<_>>());
    let tags = |i: &Intent| json!(i.utterances.iter().map(|u| &u.tags).collect::<Vec<_>>());
    let patterns = |i: &Intent| json!([i.patterns, i.negative_patterns]);
    let places = |i: &Intent| {
        json!([
            i.ref_id,
            i.dialog_ref,
            i.name,
            i.hidden,
            i.follow_up,
            i.parent
        ])
    };
    BTreeMap::from([
        ("sentences", of(each(texts))),
        ("synonyms", of(json!(input.synonyms))),
        ("parameters", of(json!([input.config, input.stop_words]))),
        (
            "traits",
            of(json!([input.traits, each(|i| json!(i.trait_rules))])),
        ),
        ("smallTalk", of(json!(input.small_talk))),
        ("entities", of(each(tags))),
        ("intents", of(each(places))),
        ("patterns", of(json!([input.concepts, each(patterns)]))),
        ("whole", digest(input)),
    ])
}

/// Roots of dialogs and the sub-intents inside them, each component once.
fn intents(agent: &Agent, language: &str) -> Vec<Intent> {
    let mut lines: HashMap<&str, Vec<&Sentence>> = HashMap::new();
    for sentence in agent
        .nlu
        .sentences
        .iter()
        .filter(|s| s.language == language)
    {
        lines.entry(&sentence.intent_id).or_default().push(sentence);
    }
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for dialog in &agent.dialogs {
        let root = agent.root_intent(dialog);
        if let Some(component) = root.filter(|root| seen.insert(root.id.as_str())) {
            let mut intent = intent(agent, component, language, &lines);
            intent.name = agent.dialog_title(dialog, language);
            intent.dialog_ref = dialog.ref_id.clone();
            intent.dialog_id = dialog.id.clone();
            intent.hidden = dialog.is_hidden;
            intent.follow_up = dialog.is_follow_up;
            all.push(intent);
        }
        for component in sub_intents(agent, dialog) {
            if seen.insert(component.id.as_str()) {
                let mut intent = intent(agent, component, language, &lines);
                intent.follow_up = root.is_none();
                intent.parent = root.map(|root| root.id.clone());
                all.push(intent);
            }
        }
    }
    all
}

fn sub_intents<'a>(agent: &'a Agent, dialog: &'a Dialog) -> impl Iterator<Item = &'a Component> {
    (1..dialog.nodes.len()).filter_map(|at| match agent.intent_use(dialog, at) {
        IntentUse::SubIntent(component) => Some(component),
        _ => None,
    })
}

fn intent(
    agent: &Agent,
    component: &Component,
    language: &str,
    lines: &HashMap<&str, Vec<&Sentence>>,
) -> Intent {
    let (name, negative) = match &component.kind {
        ComponentKind::Intent(intent) => (
            intent.names.get(language, &agent.default_language),
            intent.negative_patterns.exact(language),
        ),
        _ => (None, None),
    };
    let patterns = agent.nlu.patterns_of(&component.ref_id);
    let lines = lines.get(component.id.as_str()).into_iter().flatten();
    Intent {
        id: component.id.clone(),
        ref_id: component.ref_id.clone(),
        name: name.unwrap_or(&component.name).clone(),
        utterances: lines.map(|sentence| utterance(sentence)).collect(),
        patterns: patterns
            .and_then(|by| by.exact(language))
            .cloned()
            .unwrap_or_default(),
        negative_patterns: negative.cloned().unwrap_or_default(),
        ..Intent::default()
    }
}

fn utterance(sentence: &Sentence) -> Utterance {
    let place = |units: usize| chars_before(&sentence.text, units);
    let tags = sentence.spans.iter().map(|span| nlu::Tag {
        entity: span.entity_id.clone(),
        start: place(span.start),
        end: place(span.end),
    });
    Utterance {
        text: sentence.text.clone(),
        tags: tags.collect(),
    }
}

/// How many characters begin before this UTF-16 unit.
fn chars_before(text: &str, units: usize) -> usize {
    let mut at = 0;
    let mut count = 0;
    for c in text.chars() {
        if at >= units {
            break;
        }
        at += c.len_utf16();
        count += 1;
    }
    count
}

fn faqs(agent: &Agent, language: &str) -> Vec<nlu::Faq> {
    let tasks = agent.knowledge.iter().filter(|t| t.language == language);
    tasks.flat_map(faqs_of).collect()
}

/// The questions of a graph that are offered.
fn faqs_of(task: &KnowledgeTask) -> Vec<nlu::Faq> {
    let by_path = nodes_by_path(task);
    let mut all = Vec::new();
    for faq in task.faqs.iter().filter(|faq| faq.enabled) {
        // from the leaf to the root, as the terms
        let labels: Vec<String> = faq.terms.iter().map(|t| t.label.to_lowercase()).collect();
        let nodes: Vec<Option<&TaxonomyNode>> = (0..labels.len())
            .map(|at| by_path.get(&labels[at..]).copied())
            .collect();
        if nodes.iter().flatten().any(|node| node.disabled) {
            continue;
        }
        let terms = faq.terms.iter().zip(&nodes);
        all.push(nlu::Faq {
            id: faq.key.clone(),
            ref_id: faq.ref_id.clone(),
            question: faq.question.clone(),
            alternates: faq
                .alternates
                .iter()
                .map(|other| match other.is_pattern {
                    true => format!("||{}", other.text),
                    false => other.text.clone(),
                })
                .collect(),
            terms: terms.map(|(t, node)| term(task, t, *node)).collect(),
            tags: faq.tags.iter().map(|tag| tag.label.clone()).collect(),
            traits: nodes
                .iter()
                .flatten()
                .filter(|node| !node.traits.is_empty())
                .map(|node| node.traits.clone())
                .collect(),
        });
    }
    all
}

/// Nodes by the labels from them to their root.
fn nodes_by_path(task: &KnowledgeTask) -> HashMap<Vec<String>, &TaxonomyNode> {
    let by_id: HashMap<&str, &TaxonomyNode> = task
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut out = HashMap::new();
    for node in &task.nodes {
        let mut path = Vec::new();
        let mut at = Some(node);
        while let Some(one) = at.filter(|_| path.len() < PATH_MAX) {
            path.push(one.label.to_lowercase());
            at = one.parent.as_deref().and_then(|id| by_id.get(id)).copied();
        }
        out.entry(path).or_insert(node);
    }
    out
}

/// A term with the synonyms of its node and of the graph beside its own.
fn term(task: &KnowledgeTask, term: &definition::Term, node: Option<&TaxonomyNode>) -> nlu::Term {
    let graph = task
        .synonyms
        .iter()
        .filter(|(word, _)| word.eq_ignore_ascii_case(&term.label))
        .flat_map(|(_, words)| words);
    let own = node.into_iter().flat_map(|node| &node.synonyms);
    let mut synonyms: Vec<String> = Vec::new();
    for word in term.synonyms.iter().chain(own).chain(graph) {
        if !synonyms.contains(word) {
            synonyms.push(word.clone());
        }
    }
    let usage = match (term.usage, node) {
        (definition::TermUsage::Default, Some(node)) => node.usage,
        (usage, _) => usage,
    };
    nlu::Term {
        label: term.label.clone(),
        synonyms,
        usage: match usage {
            definition::TermUsage::Default => nlu::TermUsage::Default,
            definition::TermUsage::Organizer => nlu::TermUsage::Organizer,
            definition::TermUsage::Mandatory => nlu::TermUsage::Mandatory,
        },
    }
}

fn small_talk(agent: &Agent, language: &str) -> Vec<nlu::SmallTalk> {
    let talks = agent.small_talk.iter().filter(|t| t.language == language);
    talks
        .flat_map(|talk| &talk.pairs)
        .map(|pair| nlu::SmallTalk {
            id: pair.id.clone(),
            ref_id: pair.id.clone(),
            group: pair.group.clone(),
            patterns: pair.patterns.clone(),
        })
        .collect()
}

fn traits(agent: &Agent, language: &str) -> Vec<nlu::TraitGroup> {
    let groups = agent.nlu.traits.iter().filter(|g| g.language == language);
    groups
        .map(|group| nlu::TraitGroup {
            name: group.name.clone(),
            by_pattern: group.by_pattern,
            threshold: Some(group.threshold),
            traits: group
                .traits
                .iter()
                .map(|one| nlu::Trait {
                    name: one.name.clone(),
                    samples: one.samples.clone(),
                })
                .collect(),
        })
        .collect()
}

fn config(agent: &Agent, language: &str) -> EngineConfig {
    let of = |mode: &str| {
        agent
            .nlu
            .confidence(mode, language, &agent.default_language)
    };
    EngineConfig {
        ml: ml(agent, language, of("ml")),
        faq: graph_words(agent, language, of("faq").map(faq).unwrap_or_default()),
        fm: fm(agent, language, of("cs")),
        rr: rr(agent, of("rr")),
    }
}

fn ml(agent: &Agent, language: &str, set: Option<&ConfidenceConfig>) -> MlConfig {
    let base = MlConfig::default();
    let params = agent.nlu.ml(language);
    let network = agent.nlu.advanced("network", language);
    let network = network.and_then(Value::as_str).unwrap_or_default();
    let network = network.to_lowercase();
    let proximity = agent.nlu.advanced("ml_suggestion_proximity", language);
    MlConfig {
        network: match network.as_str() {
            name if name.contains("few-shot") => Network::FewShot,
            name if name.contains("zero-shot") => Network::FewShot,
            _ => Network::Standard,
        },
        min_threshold: set
            .and_then(|s| s.min_threshold)
            .or(params.and_then(|p| p.min_threshold)),
        exact_match_threshold: set
            .and_then(|s| s.exact_match_threshold)
            .or(params.and_then(|p| p.exact_match_threshold)),
        suggestion_proximity: proximity
            .and_then(number)
            .unwrap_or(base.suggestion_proximity),
        use_synonyms: params.is_some_and(|p| p.use_synonyms),
        use_stop_words: params.is_some_and(|p| p.use_stop_words),
        use_placeholders: params.is_none_or(|p| p.placeholders),
        none_intent: params.is_none_or(|p| p.none_intent),
        negation: agent
            .nlu
            .advanced("f_negation", language)
            .and_then(boolean)
            .unwrap_or(base.negation),
        zero_shot: network.contains("zero-shot"),
        active: active(set),
        spell_correction: agent
            .nlu
            .advanced("ml_spell_correction", language)
            .and_then(boolean)
            .unwrap_or(base.spell_correction),
        ner_threshold: set
            .and_then(|s| s.raw.get("nerThresholdValue"))
            .and_then(number),
    }
}

fn faq(set: &ConfidenceConfig) -> FaqConfig {
    let base = FaqConfig::default();
    FaqConfig {
        min_threshold: set.min_threshold.unwrap_or(base.min_threshold),
        max_threshold: set.max_threshold.unwrap_or(base.max_threshold),
        exact_match_threshold: set
            .exact_match_threshold
            .unwrap_or(base.exact_match_threshold),
        tolerance: set.proximity.unwrap_or(base.tolerance),
        suggestions: set
            .suggestions
            .map_or(base.suggestions, |count| count as usize),
        path_coverage: set.path_coverage.unwrap_or(base.path_coverage),
        use_synonyms: set
            .raw
            .get("useBotSynonyms")
            .and_then(boolean)
            .unwrap_or(base.use_synonyms),
        embedding: set.raw.get("subType").and_then(Value::as_str) == Some("embeddingKG"),
        active: active(Some(set)),
        spell_correction: set
            .raw
            .get("autoSpellCorrectEnabled")
            .and_then(boolean)
            .unwrap_or(base.spell_correction),
        ..base
    }
}

/// Whether an engine takes part: it does unless `isActive` says no.
fn active(set: Option<&ConfidenceConfig>) -> bool {
    set.and_then(|s| s.raw.get("isActive"))
        .and_then(boolean)
        .unwrap_or(true)
}

/// The settings with the words of the graph.
fn graph_words(agent: &Agent, language: &str, set: FaqConfig) -> FaqConfig {
    let mut set = set;
    for task in agent.knowledge.iter().filter(|t| t.language == language) {
        set.synonyms.extend(task.synonyms.iter().cloned());
        set.stop_words.extend(task.stop_words.iter().cloned());
    }
    set
}

fn fm(agent: &Agent, language: &str, set: Option<&ConfidenceConfig>) -> FmConfig {
    FmConfig {
        active: active(set),
        spell_correction: agent
            .nlu
            .advanced("fm_spell_correction", language)
            .and_then(boolean)
            .unwrap_or(true),
        tolerance: set.and_then(|s| s.proximity),
        word_coverage: set.and_then(|s| s.word_coverage),
        label_match: set.and_then(|s| s.raw.get("labelMatch")).and_then(boolean),
        exact_task_name: agent
            .nlu
            .advanced("exactTaskNameMatch", language)
            .and_then(boolean),
    }
}

fn rr(agent: &Agent, set: Option<&ConfidenceConfig>) -> RrConfig {
    let base = RrConfig::default();
    RrConfig {
        tolerance: set.and_then(|s| s.proximity).unwrap_or(base.tolerance),
        prefer_definitive: set
            .and_then(|s| s.prefer_definitive)
            .unwrap_or(base.prefer_definitive),
        rescoring: set
            .and_then(|s| s.raw.get("intentRescoring"))
            .and_then(boolean),
        negative_patterns: agent.nlu.negative_patterns,
        least_dependency: set
            .filter(|s| s.raw.get("useDependencyParser").and_then(boolean) == Some(true))
            .map(|s| s.raw.get("minMatchVal").and_then(number).unwrap_or(0.5)),
        elimination: base.elimination,
        version: match set.and_then(|s| s.version) {
            Some(2) => 2,
            _ => base.version,
        },
    }
}

/// A number, also written as text.
fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A boolean, also written as text.
fn boolean(value: &Value) -> Option<bool> {
    value
        .as_bool()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use definition::{AdvancedSetting, Faq, Localized, SmallTalk, SmallTalkPair, Span};

    #[test]
    fn spans_count_characters_where_the_definition_counts_utf16_units() {
        let sentence = Sentence {
            text: "🚆 to Bonn".into(),
            spans: vec![Span {
                entity_id: "city".into(),
                start: 6,
                end: 10,
            }],
            ..Sentence::default()
        };
        let tag = &utterance(&sentence).tags[0];
        let value: String = sentence
            .text
            .chars()
            .skip(tag.start)
            .take(tag.end - tag.start)
            .collect();
        assert_eq!(value, "Bonn");
    }

    #[test]
    fn faqs_go_by_key_small_talk_by_pair_and_other_languages_stay_out() {
        let task = |language: &str| KnowledgeTask {
            language: language.into(),
            faqs: vec![
                Faq {
                    key: format!("key-{language}"),
                    enabled: true,
                    ..Faq::default()
                },
                Faq {
                    key: "off".into(),
                    ..Faq::default()
                },
            ],
            ..KnowledgeTask::default()
        };
        let pair = SmallTalkPair {
            id: "pair".into(),
            ..SmallTalkPair::default()
        };
        let mut agent = Agent::default();
        agent.knowledge = vec![task("en"), task("de")];
        agent.small_talk = vec![SmallTalk {
            language: "en".into(),
            pairs: vec![pair],
        }];
        let input = corpus(&agent, "en");
        let ids: Vec<&str> = input.faqs.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, ["key-en"]);
        assert_eq!(input.small_talk[0].id, "pair");
        assert!(corpus(&agent, "de").small_talk.is_empty());
        assert_ne!(digest(&input), digest(&corpus(&agent, "de")));
        assert_eq!(digest(&input), digest(&corpus(&agent, "en")));
    }

    #[test]
    fn engine_settings_come_from_the_definition() {
        let setting = |mode: &str, raw: Value| ConfidenceConfig {
            mode: mode.into(),
            min_threshold: Some(0.4),
            proximity: Some(7.0),
            raw,
            ..ConfidenceConfig::default()
        };
        let mut agent = Agent::default();
        agent.default_language = "en".into();
        agent.nlu.confidence = Localized::single(
            "en",
            vec![
                setting("ml", Value::Null),
                setting("cs", serde_json::json!({"labelMatch": false})),
                setting("rr", serde_json::json!({"intentRescoring": "false"})),
            ],
        );
        agent.nlu.advanced = vec![AdvancedSetting {
            key: "network".into(),
            value: "Few-shot Model".into(),
            engine: "ML".into(),
            language: "en".into(),
        }];
        let config = corpus(&agent, "en").config;
        assert_eq!(config.ml.network, Network::FewShot);
        assert_eq!(config.ml.min_threshold, Some(0.4));
        assert_eq!(config.fm.label_match, Some(false));
        assert_eq!(config.rr.rescoring, Some(false));
        assert_eq!(config.rr.tolerance, 7.0);
        assert_eq!(config.faq, FaqConfig::default());
    }
}
