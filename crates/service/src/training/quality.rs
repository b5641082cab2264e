//! How good the training data of a language is: what a model finds that was trained without a part of the utterances, utterances
//! that two intents share nearly, and what to mend first.

use nlu::{Embed, Filter, Intent, Model, TrainingInput};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Parts that the utterances are cut into (ours).
const FOLDS: usize = 3;
/// Utterances of one language that are tested at most (ours); of more, a part is taken.
const LINES_MAX: usize = 20_000;
/// Pairs and confusions that a report holds at most (ours).
const LISTED: usize = 200;
/// Utterances that show a confusion (ours).
const SHOWN: usize = 5;
/// Share of common words from which two utterances overlap (ours).
const OVERLAP: f64 = 0.75;
/// Utterances from which an intent has enough (ours).
const ENOUGH: usize = 10;
/// Below this share of right answers an intent is weak (ours).
const WEAK: f64 = 0.7;

/// One intent in the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    /// Component id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its utterances.
    pub lines: usize,
    /// Those that were tested.
    pub tested: usize,
    /// Tested ones that found it.
    pub right: usize,
    /// Tested ones of any intent that found it.
    pub found: usize,
}

impl Quality {
    /// Share of its utterances that found it.
    pub fn recall(&self) -> f64 {
        share(self.right, self.tested)
    }

    /// Share of what found it that was right.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }
}

fn share(part: usize, of: usize) -> f64 {
    // at most some ten thousand
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    if of == 0 {
        0.0
    } else {
        part as f64 / of as f64
    }
}

/// Utterances of one intent that found something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Confusion {
    /// The intent that they belong to.
    pub expected: String,
    /// Its name.
    pub expected_name: String,
    /// What was found: an id; empty for nothing.
    pub found: String,
    /// Its name; empty for nothing.
    pub found_name: String,
    /// How many.
    pub count: usize,
    /// Some of them.
    pub lines: Vec<String>,
}

/// Two utterances of different intents that are nearly the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overlap {
    /// Component id of the first.
    pub left: String,
    /// Name of the first intent.
    pub left_name: String,
    /// The first utterance.
    pub left_text: String,
    /// Component id of the second.
    pub right: String,
    /// Name of the second intent.
    pub right_name: String,
    /// The second utterance.
    pub right_text: String,
    /// Share of common words, 0 to 1.
    pub score: f64,
}

/// What to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mend {
    /// The intent has neither utterances nor patterns.
    NoLines,
    /// It has few utterances.
    FewLines,
    /// Its utterances find other intents too often.
    LowRecall,
    /// Utterances of other intents find it too often.
    LowPrecision,
    /// Utterances of it stand nearly alike in another intent.
    Overlaps,
}

/// A suggestion for one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// What to mend.
    pub mend: Mend,
    /// Component id.
    pub intent: String,
    /// Its name.
    pub name: String,
    /// How many: utterances that there are, wrong ones, or pairs.
    pub count: usize,
}

/// The report on one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Language code.
    pub language: String,
    /// Digest of the training input.
    pub inputs: String,
    /// `a` or `b`: the tier that was tested.
    pub tier: String,
    /// Parts of the cross-validation.
    pub folds: usize,
    /// Utterances that were tested.
    pub tested: usize,
    /// Those that found their intent.
    pub right: usize,
    /// Those that found nothing.
    pub nothing: usize,
    /// By intent, the weakest first.
    pub intents: Vec<Quality>,
    /// The most frequent first.
    pub confusions: Vec<Confusion>,
    /// The nearest first.
    pub overlaps: Vec<Overlap>,
    /// The most urgent first.
    pub suggestions: Vec<Suggestion>,
}

/// Digest of what a report is made from.
pub fn inputs(input: &TrainingInput) -> String {
    super::digest(&thinned(input))
}

/// What a tested line found.
type Finding = (usize, String, Option<(String, String)>);

/// Tests the training data of a language. `progress` hears percent.
pub fn measure(
    input: &TrainingInput,
    encoder: Option<std::sync::Arc<dyn Embed>>,
    before: Option<&Model>,
    progress: &mut dyn FnMut(u8),
) -> Report {
    let input = thinned(input);
    let mut found: Vec<Finding> = Vec::new();
    let mut tier = "a";
    for fold in 0..FOLDS {
        let (rest, held) = split(&input, fold);
        if held.is_empty() {
            continue;
        }
        let from = 90 * fold / FOLDS;
        let model = nlu::train_with(&rest, encoder.as_deref(), before, &mut |percent| {
            let part = usize::from(percent) * 80 / 100 / FOLDS;
            progress(u8::try_from(from + part).unwrap_or(99));
        });
        let model = model.with_encoder(encoder.clone());
        if model.is_semantic() {
            tier = "b";
        }
        for (at, line) in held {
            let filter = filter(&input.intents[at]);
            let best = model.detect(&line, &filter).winners.into_iter().next();
            found.push((at, line, best.map(|one| (one.id, one.name))));
        }
    }
    progress(92);
    let overlaps = overlaps(&input);
    progress(98);
    report(&input, tier, &found, overlaps)
}

/// The input, of a very large one every n-th utterance.
fn thinned(input: &TrainingInput) -> TrainingInput {
    let mut out = input.clone();
    let all: usize = input.intents.iter().map(|one| one.utterances.len()).sum();
    let step = all.div_ceil(LINES_MAX).max(1);
    for intent in &mut out.intents {
        let mut at = 0;
        intent.utterances.retain(|_| {
            at += 1;
            (at - 1) % step == 0
        });
    }
    out
}

/// The input without a part of the utterances, and that part with the places of its intents.
fn split(input: &TrainingInput, fold: usize) -> (TrainingInput, Vec<(usize, String)>) {
    let mut rest = input.clone();
    let mut held = Vec::new();
    for (place, intent) in rest.intents.iter_mut().enumerate() {
        // an intent with a single utterance cannot spare it
        if intent.utterances.len() < 2 {
            continue;
        }
        let lines = std::mem::take(&mut intent.utterances);
        for (at, line) in lines.into_iter().enumerate() {
            match at % FOLDS == fold {
                true => held.push((place, line.text)),
                false => intent.utterances.push(line),
            }
        }
    }
    (rest, held)
}

fn filter(intent: &Intent) -> Filter {
    Filter {
        parent: intent.parent.clone(),
        allowed_follow_ups: match intent.follow_up && intent.parent.is_none() {
            true => vec![intent.id.clone()],
            false => Vec::new(),
        },
        ..Filter::default()
    }
}

fn report(input: &TrainingInput, tier: &str, found: &[Finding], overlaps: Vec<Overlap>) -> Report {
    let mut intents: Vec<Quality> = input
        .intents
        .iter()
        .map(|one| Quality {
            id: one.id.clone(),
            name: one.name.clone(),
            lines: one.utterances.len(),
            tested: 0,
            right: 0,
            found: 0,
        })
        .collect();
    let places: HashMap<&str, usize> = input
        .intents
        .iter()
        .enumerate()
        .map(|(at, one)| (one.id.as_str(), at))
        .collect();
    let mut wrong: BTreeMap<(usize, String), Confusion> = BTreeMap::new();
    for (at, line, best) in found {
        intents[*at].tested += 1;
        let (id, name) = best.clone().unwrap_or_default();
        if let Some(place) = places.get(id.as_str()) {
            intents[*place].found += 1;
        }
        if input.intents[*at].id == id {
            intents[*at].right += 1;
            continue;
        }
        let confusion = wrong.entry((*at, id.clone())).or_insert_with(|| Confusion {
            expected: input.intents[*at].id.clone(),
            expected_name: input.intents[*at].name.clone(),
            found: id,
            found_name: name,
            count: 0,
            lines: Vec::new(),
        });
        confusion.count += 1;
        if confusion.lines.len() < SHOWN {
            confusion.lines.push(line.clone());
        }
    }
    let suggestions = suggestions(input, &intents, &overlaps);
    let mut confusions: Vec<Confusion> = wrong.into_values().collect();
    confusions.sort_by_key(|one| std::cmp::Reverse(one.count));
    confusions.truncate(LISTED);
    intents.sort_by(|a, b| {
        let empty = |one: &Quality| one.tested == 0;
        (empty(a), a.recall())
            .partial_cmp(&(empty(b), b.recall()))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    Report {
        language: input.language.clone(),
        inputs: super::digest(input),
        tier: tier.to_owned(),
        folds: FOLDS,
        tested: found.len(),
        right: intents.iter().map(|one| one.right).sum(),
        nothing: found.iter().filter(|(_, _, best)| best.is_none()).count(),
        intents,
        confusions,
        overlaps,
        suggestions,
    }
}

fn suggestions(
    input: &TrainingInput,
    intents: &[Quality],
    overlaps: &[Overlap],
) -> Vec<Suggestion> {
    let mut out = Vec::new();
    for (intent, one) in input.intents.iter().zip(intents) {
        let mut say = |mend: Mend, count: usize| {
            out.push(Suggestion {
                mend,
                count,
                intent: one.id.clone(),
                name: one.name.clone(),
            });
        };
        let by_other_ways = !intent.patterns.is_empty() || intent.hidden;
        if one.lines == 0 && !by_other_ways {
            say(Mend::NoLines, 0);
        }
        if one.lines > 0 && one.lines < ENOUGH {
            say(Mend::FewLines, one.lines);
        }
        if one.tested > 0 && one.recall() < WEAK {
            say(Mend::LowRecall, one.tested - one.right);
        }
        if one.found > 0 && one.precision() < WEAK {
            say(Mend::LowPrecision, one.found - one.right);
        }
        let pairs = overlaps
            .iter()
            .filter(|p| p.left == one.id || p.right == one.id);
        let pairs = pairs.count();
        if pairs > 0 {
            say(Mend::Overlaps, pairs);
        }
    }
    let rank = |one: &Suggestion| match one.mend {
        Mend::LowRecall => 0,
        Mend::LowPrecision => 1,
        Mend::Overlaps => 2,
        Mend::NoLines => 3,
        Mend::FewLines => 4,
    };
    out.sort_by_key(|one| (rank(one), std::cmp::Reverse(one.count)));
    out.truncate(LISTED);
    out
}

/// Pairs of utterances of different intents that share most of their words. Two sets of words that share so many must share one of
/// the rarest words of each, so only those are looked up.
fn overlaps(input: &TrainingInput) -> Vec<Overlap> {
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric());
        let set: HashSet<&str> = parts.filter(|word| !word.is_empty()).collect();
        set.into_iter().map(str::to_owned).collect()
    };
    let mut lines: Vec<(usize, &str, Vec<String>)> = Vec::new();
    for (place, intent) in input.intents.iter().enumerate() {
        for line in &intent.utterances {
            lines.push((place, &line.text, words(&line.text)));
        }
    }
    let mut count: HashMap<&str, usize> = HashMap::new();
    for word in lines.iter().flat_map(|(_, _, words)| words) {
        *count.entry(word).or_default() += 1;
    }
    let count: HashMap<String, usize> = count.into_iter().map(|(w, n)| (w.to_owned(), n)).collect();
    for (_, _, words) in &mut lines {
        words.sort_by(|a, b| count[a].cmp(&count[b]).then_with(|| a.cmp(b)));
    }
    let mut index: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut out: Vec<Overlap> = Vec::new();
    for (at, (place, text, words)) in lines.iter().enumerate() {
        let mut seen = HashSet::new();
        for word in words.iter().take(prefix(words.len())) {
            let others = index.entry(word).or_default();
            for other in others.iter() {
                let (there, with, theirs) = &lines[*other];
                if there == place || !seen.insert(*other) {
                    continue;
                }
                let score = jaccard(words, theirs);
                if score >= OVERLAP {
                    out.push(pair(input, (*there, with), (*place, text), score));
                }
            }
            others.push(at);
        }
    }
    out.sort_by(|a, b| b.score.total_cmp(&a.score));
    out.truncate(LISTED);
    out
}

/// How many of a set's rarest words must be looked up.
fn prefix(len: usize) -> usize {
    let kept = (1..=len).find(|n| share(*n, len) >= OVERLAP).unwrap_or(len);
    len - kept + 1
}

fn jaccard(one: &[String], other: &[String]) -> f64 {
    let set: HashSet<&String> = one.iter().collect();
    let both = other.iter().filter(|word| set.contains(word)).count();
    share(both, one.len() + other.len() - both)
}

fn pair(input: &TrainingInput, left: (usize, &str), right: (usize, &str), score: f64) -> Overlap {
    let (one, other) = (&input.intents[left.0], &input.intents[right.0]);
    Overlap {
        left: one.id.clone(),
        left_name: one.name.clone(),
        left_text: left.1.to_owned(),
        right: other.id.clone(),
        right_name: other.name.clone(),
        right_text: right.1.to_owned(),
        score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(id: &str, lines: &[&str]) -> Intent {
        Intent {
            id: id.to_owned(),
            name: id.to_owned(),
            utterances: lines.iter().map(|text| (*text).to_owned().into()).collect(),
            ..Intent::default()
        }
    }

    fn input() -> TrainingInput {
        TrainingInput {
            language: "en".to_owned(),
            intents: vec![
                intent(
                    "track",
                    &[
                        "where is my parcel",
                        "track my parcel",
                        "parcel tracking please",
                        "follow the parcel",
                        "has my parcel moved",
                        "locate my parcel now",
                    ],
                ),
                intent(
                    "hours",
                    &[
                        "when do you open",
                        "opening hours please",
                        "are you open today",
                        "when do you close",
                        "closing time of the shop",
                        "is the shop open",
                    ],
                ),
                intent(
                    "shop",
                    &["is the shop open now", "shop address", "where is the shop"],
                ),
                intent("lonely", &["one line only"]),
                intent("empty", &[]),
            ],
            ..TrainingInput::default()
        }
    }

    #[test]
    fn every_utterance_but_a_lonely_one_is_tested_once_by_a_model_without_it() {
        let mut told = Vec::new();
        let report = measure(&input(), None, None, &mut |percent| told.push(percent));
        assert_eq!(report.tested, 15);
        assert_eq!(report.tier, "a");
        let lonely = report
            .intents
            .iter()
            .find(|one| one.id == "lonely")
            .expect("there");
        assert_eq!((lonely.lines, lonely.tested), (1, 0));
        let confused: usize = report.confusions.iter().map(|one| one.count).sum();
        assert_eq!(report.right + confused, report.tested);
        assert!(told.is_sorted() && told.len() > 3, "{told:?}");
        for fold in 0..FOLDS {
            let (rest, held) = split(&input(), fold);
            for (at, line) in held {
                assert!(
                    rest.intents[at]
                        .utterances
                        .iter()
                        .all(|one| one.text != line)
                );
            }
        }
    }

    #[test]
    fn utterances_that_two_intents_share_nearly_are_paired_and_suggested() {
        let report = measure(&input(), None, None, &mut |_| {});
        let pair = &report.overlaps[0];
        assert_eq!((pair.left.as_str(), pair.right.as_str()), ("hours", "shop"));
        assert_eq!(
            (pair.left_text.as_str(), pair.right_text.as_str()),
            ("is the shop open", "is the shop open now")
        );
        assert!((pair.score - 0.8).abs() < 1e-9);
        let said = |mend: Mend, id: &str| {
            report
                .suggestions
                .iter()
                .any(|s| s.mend == mend && s.intent == id)
        };
        assert!(
            said(Mend::Overlaps, "shop")
                && said(Mend::NoLines, "empty")
                && said(Mend::FewLines, "lonely")
        );
        assert!(!said(Mend::Overlaps, "track"));
    }

    #[test]
    fn the_rare_words_of_a_pair_find_it() {
        // by brute force over many small sets: no pair above the bound is missed
        let vocabulary = ["a", "b", "c", "d", "e", "f"];
        let texts: Vec<String> = (1..64u32)
            .map(|bits| {
                let words = vocabulary.iter().enumerate();
                let words = words.filter(|(at, _)| bits >> at & 1 == 1);
                words.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
            })
            .collect();
        let half = texts.len() / 2;
        fn of(texts: &[String]) -> Vec<&str> {
            texts.iter().map(String::as_str).collect()
        }
        let input = TrainingInput {
            intents: vec![
                intent("x", &of(&texts[..half])),
                intent("y", &of(&texts[half..])),
            ],
            ..TrainingInput::default()
        };
        let set = |text: &String| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let wanted = texts[..half]
            .iter()
            .flat_map(|one| texts[half..].iter().map(move |other| (one, other)))
            .filter(|(one, other)| jaccard(&set(one), &set(other)) >= OVERLAP)
            .count();
        assert!(wanted > 5);
        assert_eq!(overlaps(&input).len(), wanted.min(LISTED));
    }
}
