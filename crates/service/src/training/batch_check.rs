//! Judges the cases of a batch test against a model: pure, for blocking threads.

use super::{
    batch_file::{Case, Expected},
    utterance_file::safe,
};
use definition::{Agent, ComponentKind, Entity, EntityType, ListValue};
use nlu::{
    Detection, EntityContext, EntityKind, Extraction, Filter, Kind, ListItem, Model, Ranked,
    Reason, TrainingInput,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use types::{Error, Result};

/// Counters of a run, as the API names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// One of the expected intents was found.
    #[serde(rename = "TP")]
    pub tp: u64,
    /// Nothing was to be found, and nothing was.
    #[serde(rename = "TN")]
    pub tn: u64,
    /// Something else was found.
    #[serde(rename = "FP")]
    pub fp: u64,
    /// Nothing was found.
    #[serde(rename = "FN")]
    pub fn_: u64,
    /// Cases of which intent or traits are as expected.
    pub success: u64,
    /// The other cases.
    pub failure: u64,
    /// Cases of traits that are as expected.
    #[serde(rename = "traitSuccess")]
    pub trait_success: u64,
    /// The other cases of traits.
    #[serde(rename = "traitFailure")]
    pub trait_failure: u64,
    /// Entities that were expected.
    #[serde(rename = "totalEntitiesCount")]
    pub total_entities: u64,
    /// Those found with their value.
    #[serde(rename = "matchedEntitiesCount")]
    pub matched_entities: u64,
    /// Traits that were expected.
    #[serde(rename = "totalTraitsCount")]
    pub total_traits: u64,
    /// Those found.
    #[serde(rename = "matchedTraitsCount")]
    pub matched_traits: u64,
    /// Cases with a wrong intent, trait or entity.
    #[serde(rename = "failedUtteranceCount")]
    pub failed_utterances: u64,
    /// Entities that were not found, or with another value.
    #[serde(rename = "failedEntitiesCount")]
    pub failed_entities: u64,
}

impl Counters {
    fn share(part: u64, other: u64) -> f64 {
        // counters are far below 2^52
        #[expect(clippy::cast_precision_loss, reason = "at most some thousand")]
        match part {
            0 => 0.0,
            part => part as f64 / (part + other) as f64,
        }
    }
    /// TP / (TP + FP), 0 when undefined.
    pub fn precision(&self) -> f64 {
        Self::share(self.tp, self.fp)
    }
    /// TP / (TP + FN), 0 when undefined.
    pub fn recall(&self) -> f64 {
        Self::share(self.tp, self.fn_)
    }
    /// The harmonic mean of both, 0 when undefined.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 {
            2.0 * p * r / (p + r)
        } else {
            0.0
        }
    }
}

/// How an entity came out.
pub struct EntityVerdict {
    name: String,
    expected: String,
    found: String,
    ok: bool,
    at: usize,
}

/// How a case came out.
pub struct Verdict {
    kind: &'static str,
    ok: bool,
    matched: String,
    matched_score: String,
    expected_score: String,
    state: &'static str,
    elimination: String,
    traits: (u64, u64),
    entities: Vec<EntityVerdict>,
}

/// What cases are judged by.
pub struct Judge {
    model: std::sync::Arc<Model>,
    /// Ids by every name that a case may use.
    names: HashMap<String, HashSet<String>>,
    children: HashSet<String>,
    /// How values are read, whether there are several, and the component's id.
    entities: HashMap<String, (EntityKind, bool, String)>,
    language: String,
    now: i64,
    published: bool,
}

fn fold(text: &str) -> String {
    text.replace('_', " ").trim().to_lowercase()
}

impl Judge {
    /// Makes ready for the cases of one run.
    pub fn new(
        agent: &Agent,
        input: &TrainingInput,
        model: std::sync::Arc<Model>,
        now: i64,
        published: bool,
    ) -> Self {
        let mut names: HashMap<String, HashSet<String>> = HashMap::new();
        let mut name = |text: &str, id: &str| {
            names.entry(fold(text)).or_default().insert(id.to_owned());
        };
        for intent in &input.intents {
            name(&intent.name, &intent.id);
        }
        for faq in &input.faqs {
            name(&faq.question, &faq.id);
        }
        for talk in &input.small_talk {
            name(&talk.group, &talk.id);
            for pattern in &talk.patterns {
                name(pattern, &talk.id);
                name(pattern.trim_start_matches('~'), &talk.id);
            }
        }
        let children = input.intents.iter().filter(|i| i.parent.is_some());
        let children = children.map(|intent| intent.id.clone()).collect();
        let entities = agent.components.iter().filter_map(|c| match &c.kind {
            ComponentKind::Entity(entity) => {
                let kind = kind(agent, entity, &input.language);
                Some((fold(&c.name), (kind, entity.is_array, c.id.clone())))
            }
            _ => None,
        });
        Self {
            entities: entities.collect(),
            children,
            names,
            model,
            language: input.language.clone(),
            now,
            published,
        }
    }

    /// Judges one case.
    pub fn judge(&self, case: &Case) -> Verdict {
        let parent = case.parent.as_ref().map(|name| self.ids(name).next());
        let found = match parent {
            // a parent that is gone: nothing can be found below it
            Some(None) => Detection::default(),
            Some(Some(id)) => self.model.detect(
                &case.input,
                &Filter {
                    parent: Some(id.clone()),
                    ..Filter::default()
                },
            ),
            None => self.model.detect(&case.input, &Filter::default()),
        };
        let wanted: HashSet<&String> = case.intents.iter().flat_map(|n| self.ids(n)).collect();
        let nothing = case.traits.is_empty()
            && wanted.is_empty()
            && case.intents.iter().any(|name| fold(name) == "none");
        let hit = !found.winners.is_empty() && found.winners.iter().all(|w| wanted.contains(&w.id));
        let traits: HashSet<String> = found.traits.iter().map(|t| fold(t)).collect();
        let matched_traits = case.traits.iter().filter(|t| traits.contains(&fold(t)));
        let matched_traits = matched_traits.count();
        let kind = match (case.traits.is_empty(), found.winners.is_empty()) {
            (false, _) => "Trait",
            (true, true) if nothing => "TN",
            (true, true) => "FN",
            (true, false) if hit => "TP",
            (true, false) => "FP",
        };
        let ok = match kind {
            "Trait" => matched_traits == case.traits.len(),
            kind => kind == "TP" || kind == "TN",
        };
        let expected = found.ranking.iter().find(|one| wanted.contains(&one.id));
        let best = found.ranking.iter().find(|one| one.eliminated.is_none());
        let names: Vec<&str> = match kind {
            "Trait" => found.traits.iter().map(String::as_str).collect(),
            _ => found.winners.iter().map(|w| w.name.as_str()).collect(),
        };
        Verdict {
            kind,
            ok,
            matched: names.join(" | "),
            matched_score: best.map(scores).unwrap_or_default(),
            expected_score: expected.map(scores).unwrap_or_default(),
            state: if self.published {
                "published"
            } else {
                "configured"
            },
            elimination: match ok || kind == "Trait" {
                true => String::new(),
                false => self.elimination(case, &wanted, expected),
            },
            traits: (count(matched_traits), count(case.traits.len())),
            entities: case
                .entities
                .iter()
                .map(|e| self.entity(case, e, found.winners.first().map(|w| w.id.as_str())))
                .collect(),
        }
    }

    fn ids(&self, name: &str) -> impl Iterator<Item = &String> {
        self.names.get(&fold(name)).into_iter().flatten()
    }

    fn elimination(
        &self,
        case: &Case,
        wanted: &HashSet<&String>,
        expected: Option<&Ranked>,
    ) -> String {
        if case.intents.iter().any(|name| fold(name) == "none") {
            return String::new();
        }
        if wanted.is_empty() {
            return "taskNotAvailable".to_owned();
        }
        let Some(lost) = expected else {
            let below = wanted.iter().all(|id| self.children.contains(*id));
            let hidden = below && case.parent.is_none();
            if hidden {
                return "subIntent".to_owned();
            }
            let near = wanted
                .iter()
                .map(|id| self.model.near_miss(&case.input, id));
            let best = near.min_by_key(|reason| match reason {
                Reason::VerbOnly => 0,
                Reason::EntityOnly => 1,
                _ => 2,
            });
            return match best {
                Some(Reason::VerbOnly) => "verbMatchOnly",
                Some(Reason::EntityOnly) => "entityMatchOnly",
                _ => "noWordMatch",
            }
            .to_owned();
        };
        match lost.eliminated {
            Some(Reason::BelowDependency) => "belowDependencyThreshold".to_owned(),
            Some(Reason::WithinAnotherTask) => "withinAnotherTask".to_owned(),
            Some(Reason::Negated | Reason::NegativePattern) => "negationIntent".to_owned(),
            Some(Reason::DefinitiveElsewhere | Reason::ExactSmallTalk) => {
                "foundDefinitive".to_owned()
            }
            Some(Reason::LowerScore | Reason::LowConfidenceFaq | Reason::SmallTalkYields) => {
                "outsideProximity".to_owned()
            }
            _ => scores(lost),
        }
    }

    fn entity(&self, case: &Case, expected: &Expected, intent: Option<&str>) -> EntityVerdict {
        let known = self.entities.get(&fold(&expected.name));
        let found = known.and_then(|(kind, many, id)| {
            if matches!(kind, EntityKind::Label | EntityKind::Description) {
                return Some(self.tagged(case, id, intent, *many));
            }
            let context = EntityContext {
                now_ms: self.now,
                timezone: "UTC".to_owned(),
                language: self.language.clone(),
                prompted: false,
                options_shown: false,
                many: *many || expected.values.iter().any(|v| v.contains("||")),
                ..EntityContext::default()
            };
            nlu::entity::extract(kind, &case.input, &context).ok()
        });
        let (found, at) = match found.unwrap_or_default() {
            Extraction::One(one) => (vec![flat(&one.value)], one.start),
            Extraction::Many(all) => {
                let at = all.first().map_or(usize::MAX, |one| one.start);
                (all.iter().map(|one| flat(&one.value)).collect(), at)
            }
            Extraction::Ambiguous { .. } | Extraction::None => (Vec::new(), usize::MAX),
        };
        let ok = expected.values.iter().any(|value| fits(value, &found));
        EntityVerdict {
            name: expected.name.clone(),
            expected: expected.values.join(" / "),
            found: found.join("||"),
            ok,
            at,
        }
    }
}

/// A value of an entity in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityValue {
    /// Name of the entity.
    pub entity: String,
    /// Type of the entity.
    pub kind: String,
    /// The value as one text.
    pub value: String,
    /// The words that it came from.
    pub words: String,
}

/// The values of the agent's entities in a text, by place. Entities that take any text say nothing here.
pub fn values(agent: &Agent, text: &str, language: &str, now: i64) -> Vec<EntityValue> {
    let mut all = Vec::new();
    for component in &agent.components {
        let ComponentKind::Entity(entity) = &component.kind else {
            continue;
        };
        let kind = kind(agent, entity, language);
        if matches!(kind, EntityKind::Label | EntityKind::Description) {
            continue;
        }
        let context = EntityContext {
            now_ms: now,
            timezone: "UTC".to_owned(),
            language: language.to_owned(),
            prompted: false,
            options_shown: false,
            many: entity.is_array,
            ..EntityContext::default()
        };
        let found = match nlu::entity::extract(&kind, text, &context) {
            Ok(Extraction::One(one)) => vec![one],
            Ok(Extraction::Many(many)) => many,
            Ok(Extraction::Ambiguous { .. } | Extraction::None) | Err(_) => Vec::new(),
        };
        all.extend(found.into_iter().map(|one| {
            let value = EntityValue {
                entity: component.name.clone(),
                kind: entity.entity_type.name().to_owned(),
                value: flat(&one.value),
                words: text.get(one.start..one.end).unwrap_or_default().to_owned(),
            };
            (one.start, value)
        }));
    }
    all.sort_by_key(|(start, _)| *start);
    all.into_iter().map(|(_, value)| value).collect()
}

impl Judge {
    /// A free text that training lines with tags let recognise.
    fn tagged(&self, case: &Case, id: &str, intent: Option<&str>, many: bool) -> Extraction {
        let mut spans = self.model.spans(&case.input, intent);
        spans.retain(|span| span.entity == id);
        if !many {
            spans.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            spans.truncate(1);
        }
        let found = |span: nlu::Span| nlu::Found {
            value: Value::from(&case.input[span.start..span.end]),
            start: span.start,
            end: span.end,
        };
        match spans.len() {
            0 => Extraction::None,
            1 if !many => Extraction::One(found(spans.swap_remove(0))),
            _ => Extraction::Many(spans.into_iter().map(found).collect()),
        }
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Whether the items found are those expected: the same text without case, or a text that the expression fits whole.
fn fits(expected: &str, found: &[String]) -> bool {
    let wanted: Vec<&str> = expected.split("||").map(str::trim).collect();
    wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| {
            fold(wanted) == fold(found)
                || regex::RegexBuilder::new(&format!("^(?:{wanted})$"))
                    .size_limit(1 << 20)
                    .build()
                    .is_ok_and(|pattern| pattern.is_match(found))
        })
}

/// A value as one text.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(all) => all.values().map(flat).collect::<Vec<_>>().join(" "),
        Value::Array(all) => all.iter().map(flat).collect::<Vec<_>>().join("||"),
        other => other.to_string(),
    }
}

fn scores(one: &Ranked) -> String {
    let figure = |score: Option<f64>, to: f64| {
        score.map_or("-".to_owned(), |score| format!("{:.2}", score * to))
    };
    match one.kind {
        Kind::Faq => format!("FAQ: {}", figure(one.faq_score, 1.0)),
        _ => format!(
            "FM: {}, ML: {}, FAQ: {}",
            figure(one.fm_score, 1.0),
            figure(one.ml_score, 1.0),
            figure(one.faq_score, 1.0)
        ),
    }
}

fn items(values: &[ListValue]) -> Vec<ListItem> {
    let item = |value: &ListValue| ListItem {
        title: value.title.clone(),
        value: Value::String(value.value.clone()),
        synonyms: value.synonyms.iter().map(|s| s.text.clone()).collect(),
    };
    values.iter().map(item).collect()
}

/// How a value of the entity is read; lists of the context do not exist outside a conversation.
fn kind(agent: &Agent, entity: &Entity, language: &str) -> EntityKind {
    let values = entity.values.get(language, &agent.default_language);
    let values = values.map(Vec::as_slice).unwrap_or_default();
    match &entity.entity_type {
        EntityType::ListOfValues => EntityKind::List(items(values)),
        EntityType::Lookup if entity.lookup.is_empty() => EntityKind::Lookup(items(values)),
        EntityType::Lookup => EntityKind::Lookup(items(&entity.lookup)),
        EntityType::Regex => match &entity.regex {
            Some(source) => EntityKind::Regex(source.clone()),
            None => EntityKind::Label,
        },
        other => EntityKind::system(other.name()).unwrap_or(EntityKind::Label),
    }
}

/// Adds the verdicts up.
pub fn add_up(verdicts: &[Verdict]) -> Counters {
    let mut sum = Counters::default();
    for one in verdicts {
        match one.kind {
            "TP" => sum.tp += 1,
            "TN" => sum.tn += 1,
            "FP" => sum.fp += 1,
            "FN" => sum.fn_ += 1,
            _ if one.ok => sum.trait_success += 1,
            _ => sum.trait_failure += 1,
        }
        if one.ok {
            sum.success += 1;
        } else {
            sum.failure += 1;
        }
        sum.matched_traits += one.traits.0;
        sum.total_traits += one.traits.1;
        let matched = one.entities.iter().filter(|e| e.ok).count();
        sum.total_entities += count(one.entities.len());
        sum.matched_entities += count(matched);
        sum.failed_entities += count(one.entities.len() - matched);
        if !one.ok || matched < one.entities.len() {
            sum.failed_utterances += 1;
        }
    }
    sum
}

/// What stands above the rows of a report.
pub struct Heading {
    /// Name of the agent.
    pub bot: String,
    /// Name of the suite.
    pub suite: String,
    /// Language code.
    pub language: String,
    /// `published` or `inDevelopment`.
    pub run_type: &'static str,
    /// ISO-8601.
    pub tested: String,
}

const SUMMARY: [&str; 12] = [
    "Bot Name",
    "Report Name",
    "Bot Language",
    "Run Type",
    "Threshold Settings",
    "Last Tested",
    "Utterance Count",
    "Success/Failure Ratio",
    "True Positive",
    "True Negative",
    "False Positive",
    "False Negative",
];
const THRESHOLDS: [&str; 9] = [
    "mode",
    "minThreshold",
    "maxThreshold",
    "exactMatchThreshold",
    "isActive",
    "taskMatchTolerance",
    "wordCoverage",
    "suggestionsCount",
    "pathCoverage",
];
const ROWS: [&str; 15] = [
    "Utterance",
    "Expected Intent",
    "Matched Intent",
    "Parent Intent",
    "Task State",
    "Result Type",
    "Entity Name",
    "Expected EntityValue",
    "Matched EntityValue",
    "Entity Result",
    "Expected Entity Order",
    "Actual Entity Order",
    "Matched Intent Score (FM/ML/KG)",
    "Expected Intent Score",
    "Elimination Info",
];

/// The report as CSV (`BatchTestReportCsv` of the contract); no cell is a formula.
///
/// # Errors
/// Internal only.
pub fn report(
    head: &Heading,
    config: &nlu::EngineConfig,
    cases: &[Case],
    verdicts: &[Verdict],
    sum: &Counters,
) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let mut put = |cells: &[&str]| {
        let cells = cells.iter().map(|cell| safe(cell));
        writer.write_record(cells).map_err(Error::internal)
    };
    put(&SUMMARY)?;
    let figures = [sum.tp, sum.tn, sum.fp, sum.fn_].map(|n| n.to_string());
    let (cases_n, ratio) = (
        cases.len().to_string(),
        format!("{}/{}", sum.success, sum.failure),
    );
    put(&[
        &head.bot,
        &head.suite,
        &head.language,
        head.run_type,
        "see below",
        &head.tested,
        &cases_n,
        &ratio,
        &figures[0],
        &figures[1],
        &figures[2],
        &figures[3],
    ])?;
    put(&THRESHOLDS)?;
    for row in thresholds(config) {
        put(&row.each_ref().map(String::as_str))?;
    }
    put(&ROWS)?;
    for (case, verdict) in cases.iter().zip(verdicts) {
        let expectation = case.expectation();
        let parent = case.parent.as_deref().unwrap_or_default();
        let mut seen: Vec<&EntityVerdict> = verdict.entities.iter().collect();
        seen.retain(|entity| entity.at != usize::MAX);
        seen.sort_by_key(|entity| entity.at);
        let actual: Vec<&str> = seen.iter().map(|e| e.name.as_str()).collect();
        let (wanted, actual) = (case.order.join(">"), actual.join(">"));
        let result = match (verdict.kind, verdict.ok) {
            ("Trait", true) => "Trait Success",
            ("Trait", false) => "Trait Failure",
            (kind, _) => kind,
        };
        for at in 0..verdict.entities.len().max(1) {
            let entity = verdict.entities.get(at);
            let part = |of: fn(&EntityVerdict) -> &str| entity.map(of).unwrap_or_default();
            put(&[
                &case.input,
                &expectation,
                &verdict.matched,
                parent,
                verdict.state,
                result,
                part(|e| &e.name),
                part(|e| &e.expected),
                part(|e| &e.found),
                part(|e| if e.ok { "TRUE" } else { "FALSE" }),
                &wanted,
                &actual,
                &verdict.matched_score,
                &verdict.expected_score,
                &verdict.elimination,
            ])?;
        }
    }
    let done = writer.into_inner();
    done.map_err(|error| Error::internal(error.to_string()))
}

/// How one case came out, as a report says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The utterance.
    pub input: String,
    /// What was expected.
    pub expected: String,
    /// What was found; empty for nothing.
    pub found: String,
    /// `TP`, `TN`, `FP`, `FN`, `Trait Success` or `Trait Failure`.
    pub result: String,
    /// Scores of what was found.
    pub found_score: String,
    /// Scores of what was expected.
    pub expected_score: String,
    /// Why the expected one did not win.
    pub elimination: String,
    /// Entities that came out otherwise than expected.
    pub wrong_entities: Vec<String>,
}

impl Outcome {
    /// Intents came out as expected.
    pub fn is_right(&self) -> bool {
        matches!(self.result.as_str(), "TP" | "TN" | "Trait Success")
    }
}

/// Reads the cases of a [`report`] again.
///
/// # Errors
/// Internal, when it is no report.
pub fn read_report(csv: &[u8]) -> Result<Vec<Outcome>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(csv);
    let mut all: Vec<Outcome> = Vec::new();
    let mut inside = false;
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let cell = |name: &str| {
            let at = ROWS.iter().position(|column| *column == name);
            let cell = at.and_then(|at| record.get(at)).unwrap_or_default();
            super::utterance_file::plain(cell).to_owned()
        };
        if !inside {
            inside = record.iter().eq(ROWS);
            continue;
        }
        let entity = cell("Entity Name");
        let wrong = !entity.is_empty() && cell("Entity Result") == "FALSE";
        let same = |last: &&mut Outcome| {
            !entity.is_empty()
                && last.input == cell("Utterance")
                && last.expected == cell("Expected Intent")
        };
        // each entity of a case beyond the first has a row of its own
        if let Some(last) = all.last_mut().filter(same) {
            last.wrong_entities.extend(wrong.then_some(entity));
            continue;
        }
        all.push(Outcome {
            input: cell("Utterance"),
            expected: cell("Expected Intent"),
            found: cell("Matched Intent"),
            result: cell("Result Type"),
            found_score: cell("Matched Intent Score (FM/ML/KG)"),
            expected_score: cell("Expected Intent Score"),
            elimination: cell("Elimination Info"),
            wrong_entities: wrong.then_some(entity).into_iter().collect(),
        });
    }
    Ok(all)
}

/// One row an engine, with what it has.
fn thresholds(config: &nlu::EngineConfig) -> [[String; 9]; 3] {
    let figure = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
    let none = String::new;
    let (ml, faq, fm) = (&config.ml, &config.faq, &config.fm);
    [
        [
            "ML".to_owned(),
            figure(ml.min_threshold),
            none(),
            figure(ml.exact_match_threshold),
            "true".to_owned(),
            none(),
            none(),
            none(),
            none(),
        ],
        [
            "FAQ".to_owned(),
            faq.min_threshold.to_string(),
            faq.max_threshold.to_string(),
            faq.exact_match_threshold.to_string(),
            "true".to_owned(),
            faq.tolerance.to_string(),
            none(),
            faq.suggestions.to_string(),
            faq.path_coverage.to_string(),
        ],
        [
            "FM".to_owned(),
            none(),
            none(),
            none(),
            "true".to_owned(),
            figure(fm.tolerance),
            figure(fm.word_coverage),
            none(),
            none(),
        ],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_a_run_follow_from_its_counters_and_are_zero_when_undefined() {
        let sum = Counters {
            tp: 3,
            fp: 1,
            ..Counters::default()
        };
        let text = |n: f64| format!("{n:.2}");
        assert_eq!(
            [sum.recall(), sum.precision(), sum.f1()].map(text),
            ["1.00", "0.75", "0.86"]
        );
        let none = Counters {
            fp: 2,
            ..Counters::default()
        };
        assert_eq!([none.recall(), none.precision(), none.f1()], [0.0; 3]);
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let case = |input: &str| Case {
            input: input.to_owned(),
            intents: vec!["Pay".to_owned()],
            traits: Vec::new(),
            parent: None,
            entities: Vec::new(),
            order: Vec::new(),
        };
        let entity = |name: &str, ok: bool| EntityVerdict {
            name: name.to_owned(),
            expected: "1".to_owned(),
            found: String::new(),
            ok,
            at: 0,
        };
        let verdict = |kind: &'static str, entities: Vec<EntityVerdict>| Verdict {
            kind,
            ok: kind == "TP",
            matched: "Pay".to_owned(),
            matched_score: "-".to_owned(),
            expected_score: String::new(),
            state: "configured",
            elimination: String::new(),
            traits: (0, 0),
            entities,
        };
        let cases = [case("=1+1"), case("pay, now")];
        let verdicts = [
            verdict("TP", vec![entity("a", true), entity("b", false)]),
            verdict("FP", vec![]),
        ];
        let head = Heading {
            bot: "b".to_owned(),
            suite: "s".to_owned(),
            language: "en".to_owned(),
            run_type: "inDevelopment",
            tested: String::new(),
        };
        let config = nlu::EngineConfig::default();
        let sum = add_up(&verdicts);
        let csv = report(&head, &config, &cases, &verdicts, &sum).expect("writes");
        let read = read_report(&csv).expect("reads");
        let told: Vec<_> = read
            .iter()
            .map(|one| {
                (
                    one.input.as_str(),
                    one.is_right(),
                    one.wrong_entities.join(" "),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("=1+1", true, "b".to_owned()),
                ("pay, now", false, String::new())
            ]
        );
    }

    #[test]
    fn a_value_fits_without_case_by_expression_or_item_by_item() {
        let one = ["Leeds".to_owned()];
        assert!(fits("leeds", &one) && fits("L.+s", &one));
        assert!(!fits("Lee", &one) && !fits("leeds||york", &one));
        assert!(fits("a || b", &["A".to_owned(), "B".to_owned()]) && !fits("(", &one));
    }
}
