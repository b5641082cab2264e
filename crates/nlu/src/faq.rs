//! The FAQ engine: cosine similarity of content words to questions and alternates, on a scale of 0 to 100.

use crate::detection::Reason;
use crate::input::{Faq, Term, TermUsage, TrainingInput};
use crate::lemma::lemma;
use crate::ml::similarity::Similarity;
use crate::pattern::Tokens;
use crate::text::{key, words};
use std::collections::{HashMap, HashSet};

/// Questions of all FAQs.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaqIndex {
    index: Similarity,
    /// The FAQ of each indexed line.
    owners: Vec<u32>,
    exact: HashMap<String, Vec<u32>>,
    stop: HashSet<String>,
    /// The place of each FAQ in the ontology.
    ways: Vec<Way>,
    /// Share of a path that must be said, percent; none: paths do not count.
    coverage: Option<f64>,
    canon: Canon,
    count: usize,
}

/// A term as it may be said: of the phrases one, with all of its words (base forms, in any order).
type Phrases = Vec<Vec<String>>;

/// What of its path an FAQ asks for.
#[derive(Debug, Clone, Default)]
struct Way {
    /// Terms that count in the coverage: neither the root nor organizers.
    counted: Vec<Phrases>,
    mandatory: Vec<Phrases>,
    tags: Vec<Phrases>,
    traits: Vec<Vec<Vec<String>>>,
}

/// Synonyms of the graph: what is said is put back to the term before questions are compared.
#[derive(Debug, Clone, Default)]
struct Canon {
    english: bool,
    /// By the base form of the first word: all words, and the term; the longest first.
    phrases: HashMap<String, Vec<(Vec<String>, String)>>,
}

impl Canon {
    fn new(input: &TrainingInput, english: bool) -> Self {
        let mut this = Self {
            english,
            phrases: HashMap::new(),
        };
        let own = input.config.faq.synonyms.iter();
        let bot = input
            .synonyms
            .iter()
            .filter(|_| input.config.faq.use_synonyms);
        for (term, more) in own.chain(bot) {
            for phrase in more.iter().filter(|phrase| !phrase.starts_with('~')) {
                let words = bases(phrase, english);
                if let Some(first) = words
                    .first()
                    .cloned()
                    .filter(|_| words != bases(term, english))
                {
                    let entry = (words, term.to_lowercase());
                    this.phrases.entry(first).or_default().push(entry);
                }
            }
        }
        for list in this.phrases.values_mut() {
            list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        this
    }

    /// The words with each synonym put back to its term.
    fn put_back(&self, words: Vec<String>) -> Vec<String> {
        if self.phrases.is_empty() {
            return words;
        }
        let base: Vec<String> = words.iter().map(|w| lemma(w, self.english)).collect();
        let mut out = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let known = self.phrases.get(&base[at]).into_iter().flatten();
            let mut fits = known.filter(|(phrase, _)| base[at..].starts_with(phrase));
            match fits.next() {
                Some((phrase, term)) => {
                    out.push(term.clone());
                    at += phrase.len();
                }
                None => {
                    out.push(words[at].clone());
                    at += 1;
                }
            }
        }
        out
    }
}

fn bases(text: &str, english: bool) -> Vec<String> {
    words(text)
        .iter()
        .map(|w| lemma(&w.text, english))
        .collect()
}

/// An FAQ that the text is close to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FaqHit {
    pub faq: u32,
    /// 0 to 100.
    pub score: f64,
    /// What its path asks for and the text does not have.
    pub missing: Option<Reason>,
}

/// Each question and alternate with the place of its FAQ; patterns aside.
pub(crate) fn questions(input: &TrainingInput) -> impl Iterator<Item = (u32, &String)> {
    input.faqs.iter().enumerate().flat_map(|(place, faq)| {
        let samples = faq.alternates.iter().filter(|a| !a.starts_with("||"));
        std::iter::once(&faq.question)
            .chain(samples)
            .filter(|q| !q.trim().is_empty())
            .map(move |q| (place as u32, q))
    })
}

/// Cosines of the encoder and the scores that they stand for.
const SCORES: [(f64, f64); 5] = [
    (0.3, 0.0),
    (0.58, 60.0),
    (0.76, 80.0),
    (0.95, 95.0),
    (1.0, 99.0),
];

fn semantic_score(cosine: f32) -> f64 {
    let cosine = f64::from(cosine);
    let steps = SCORES.windows(2).map(|pair| (pair[0], pair[1]));
    let above = |((_, _), (to, _)): &((f64, f64), (f64, f64))| cosine <= *to;
    steps
        .into_iter()
        .find(above)
        .map_or(99.0, |((from, low), (to, high))| {
            low + (high - low) * ((cosine - from) / (to - from)).max(0.0)
        })
}

impl FaqIndex {
    pub(crate) fn new(input: &TrainingInput, stop: HashSet<String>) -> Self {
        let english = input.language.is_empty() || input.language.starts_with("en");
        let config = &input.config.faq;
        let own = config.stop_words.iter().map(|w| w.to_lowercase());
        let mut this = Self {
            stop: stop.into_iter().chain(own).collect(),
            count: input.faqs.len(),
            coverage: (!config.embedding).then_some(config.path_coverage),
            canon: Canon::new(input, english),
            ..Self::default()
        };
        this.ways = input
            .faqs
            .iter()
            .map(|faq| this.way(faq, english))
            .collect();
        let mut lines = Vec::new();
        for (place, question) in questions(input) {
            lines.push(this.content(question));
            this.owners.push(place);
            let same = this.exact.entry(key(question)).or_default();
            if !same.contains(&place) {
                same.push(place);
            }
        }
        this.index = Similarity::new(&lines);
        this
    }

    /// The text without stop words; the text itself when it has no other words.
    fn content(&self, text: &str) -> String {
        let kept: Vec<String> = words(text)
            .into_iter()
            .map(|w| w.text)
            .filter(|w| !self.stop.contains(w))
            .collect();
        if kept.is_empty() {
            text.to_owned()
        } else {
            self.canon.put_back(kept).join(" ")
        }
    }

    fn way(&self, faq: &Faq, english: bool) -> Way {
        let phrases = |term: &Term| {
            let all = std::iter::once(&term.label).chain(&term.synonyms);
            self.phrases(all, english)
        };
        let under = faq.terms.len().saturating_sub(1);
        let counted = faq.terms[..under].iter();
        let counted = counted.filter(|t| t.usage != TermUsage::Organizer);
        let must = faq.terms.iter().filter(|t| t.usage == TermUsage::Mandatory);
        Way {
            counted: counted.map(phrases).collect(),
            mandatory: must.map(phrases).collect(),
            tags: faq
                .tags
                .iter()
                .map(|tag| self.phrases(std::iter::once(tag), english))
                .collect(),
            traits: faq.traits.clone(),
        }
    }

    /// Labels as phrases of base forms. Stop words do not count, unless there is nothing else.
    fn phrases<'a>(&self, labels: impl Iterator<Item = &'a String>, english: bool) -> Phrases {
        let phrase = |label: &String| {
            let all = words(label);
            let kept = all.iter().filter(|w| !self.stop.contains(&w.text));
            let kept: Vec<String> = kept.map(|w| lemma(&w.text, english)).collect();
            match kept.is_empty() {
                true => all.iter().map(|w| lemma(&w.text, english)).collect(),
                false => kept,
            }
        };
        labels
            .map(phrase)
            .filter(|phrase: &Vec<String>| !phrase.is_empty())
            .collect()
    }

    /// FAQs at or above `least` (0 to 100), best first. `text_key` is [`key`] of the text; `near` has the encoder's similarity
    /// to each question, when it was asked, and then decides alone.
    pub(crate) fn find(
        &self,
        text: &str,
        text_key: &str,
        tokens: &Tokens,
        least: f64,
        near: Option<&[f32]>,
        traits: &[String],
    ) -> Vec<FaqHit> {
        if self.index.is_empty() {
            return Vec::new();
        }
        let mut best = vec![0.0f64; self.count];
        let scores: Vec<f64> = match near.filter(|near| near.len() == self.owners.len()) {
            Some(near) => near.iter().map(|cosine| semantic_score(*cosine)).collect(),
            None => {
                let cosines = self.index.cosines(&self.content(text));
                let score = |cosine: f32| (f64::from(cosine).sqrt() * 100.0).min(99.0);
                cosines.into_iter().map(score).collect()
            }
        };
        for (score, faq) in scores.into_iter().zip(&self.owners) {
            let faq = *faq as usize;
            best[faq] = best[faq].max(score);
        }
        for faq in self.exact.get(text_key).into_iter().flatten() {
            best[*faq as usize] = 100.0;
        }
        let mut out: Vec<FaqHit> = best
            .into_iter()
            .enumerate()
            .filter(|(_, score)| *score >= least)
            .map(|(faq, score)| FaqHit {
                faq: faq as u32,
                score,
                // what is asked word by word needs no path
                missing: match score < 100.0 {
                    true => self.missing(faq, tokens, traits),
                    false => None,
                },
            })
            .collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.faq.cmp(&b.faq)));
        out
    }

    /// What the path of an FAQ asks for and the text does not have.
    fn missing(&self, faq: usize, tokens: &Tokens, traits: &[String]) -> Option<Reason> {
        let least = self.coverage?;
        let way = &self.ways[faq];
        let word = |form: &String| {
            let mut words = tokens.words.iter();
            words.any(|t| t.base == *form || t.text == *form)
        };
        let said = |phrases: &Phrases| {
            phrases.is_empty() || phrases.iter().any(|phrase| phrase.iter().all(word))
        };
        if !way.mandatory.iter().all(said) {
            return Some(Reason::MandatoryTermMissing);
        }
        let found = |names: &Vec<String>| names.iter().all(|name| traits.contains(name));
        if !way.traits.iter().all(|rule| rule.iter().any(found)) {
            return Some(Reason::TraitMissing);
        }
        let count = way.counted.iter().filter(|phrases| said(phrases)).count();
        let covered = count as f64 * 100.0 >= least * way.counted.len() as f64;
        // a tag that is said leads to its question by itself
        let tagged = || {
            way.tags
                .iter()
                .any(|phrases| !phrases.is_empty() && said(phrases))
        };
        (!covered && !tagged()).then_some(Reason::PathNotCovered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(label: &str, usage: TermUsage, synonyms: &[&str]) -> Term {
        Term {
            label: label.into(),
            synonyms: synonyms.iter().map(|s| (*s).to_owned()).collect(),
            usage,
        }
    }

    fn input(terms: Vec<Term>) -> TrainingInput {
        let faq = Faq {
            id: "ribbon".into(),
            question: "How do I change the ribbon of a present".into(),
            terms,
            ..Faq::default()
        };
        TrainingInput {
            language: "en".into(),
            faqs: vec![faq],
            ..TrainingInput::default()
        }
    }

    fn ask(input: &TrainingInput, text: &str, traits: &[&str]) -> Option<(f64, Option<Reason>)> {
        let index = FaqIndex::new(input, HashSet::from(["the".to_owned(), "of".to_owned()]));
        let traits: Vec<String> = traits.iter().map(|t| (*t).to_owned()).collect();
        let tokens = Tokens::new(text, true);
        let found = index.find(text, &key(text), &tokens, 40.0, None, &traits);
        found.first().map(|hit| (hit.score, hit.missing))
    }

    fn missing(input: &TrainingInput, text: &str) -> Option<Reason> {
        ask(input, text, &[]).expect("is close enough").1
    }

    #[test]
    fn half_of_the_path_must_be_said_and_the_root_and_organizers_do_not_count() {
        let way = vec![
            term("colours", TermUsage::Default, &["shade of paper"]),
            term("extras", TermUsage::Organizer, &[]),
            term("wrapping", TermUsage::Default, &[]),
            term("desk", TermUsage::Default, &[]),
        ];
        let mut input = input(way);
        let close = "can I change the ribbon of a present";
        assert_eq!(missing(&input, close), Some(Reason::PathNotCovered));
        assert_eq!(
            missing(&input, &format!("{close} desk extras")),
            Some(Reason::PathNotCovered)
        );
        assert_eq!(missing(&input, &format!("{close} wrapping")), None);
        assert_eq!(
            missing(&input, &format!("{close} in a colour")),
            None,
            "any form of the word"
        );
        assert_eq!(
            missing(&input, &format!("{close} in a shade of my paper")),
            None,
            "a synonym of several words"
        );
        assert_eq!(
            missing(&input, &format!("{close} in a shade")),
            Some(Reason::PathNotCovered)
        );
        assert_eq!(
            missing(&input, "How do I change the ribbon of a present?"),
            None,
            "word by word"
        );
        input.config.faq.path_coverage = 60.0;
        assert_eq!(
            missing(&input, &format!("{close} wrapping")),
            Some(Reason::PathNotCovered)
        );
        assert_eq!(missing(&input, &format!("{close} wrapping colour")), None);
        input.faqs[0].tags = vec!["bow".into()];
        assert_eq!(missing(&input, &format!("{close} bow")), None, "a tag");
        input.config.faq.embedding = true;
        assert_eq!(missing(&input, close), None);
    }

    #[test]
    fn mandatory_terms_and_traits_are_asked_for_whatever_the_coverage() {
        let way = vec![
            term("colour", TermUsage::Default, &[]),
            term("gift wrapping", TermUsage::Mandatory, &["packaging"]),
            term("desk", TermUsage::Organizer, &[]),
        ];
        let mut input = input(way);
        let close = "can I change the ribbon of a present";
        assert_eq!(
            missing(&input, &format!("{close} colour")),
            Some(Reason::MandatoryTermMissing)
        );
        assert_eq!(
            missing(&input, &format!("{close} wrapping")),
            Some(Reason::MandatoryTermMissing),
            "all words of a term"
        );
        assert_eq!(missing(&input, &format!("{close} packaging")), None);
        input.faqs[0].traits = vec![vec![
            vec!["Angry".into()],
            vec!["Sad".into(), "Late".into()],
        ]];
        let text = format!("{close} packaging");
        assert_eq!(missing(&input, &text), Some(Reason::TraitMissing));
        assert_eq!(ask(&input, &text, &["Angry"]).expect("close").1, None);
        assert_eq!(
            ask(&input, &text, &["Late"]).expect("close").1,
            Some(Reason::TraitMissing)
        );
        assert_eq!(ask(&input, &text, &["Late", "Sad"]).expect("close").1, None);
    }

    #[test]
    fn synonyms_of_the_graph_make_questions_alike() {
        let mut input = input(Vec::new());
        let text = "change the bow tie of a gift";
        let before = ask(&input, text, &[]).map_or(0.0, |(score, _)| score);
        input
            .config
            .faq
            .synonyms
            .insert("ribbon".into(), vec!["bow tie".into()]);
        input
            .config
            .faq
            .synonyms
            .insert("present".into(), vec!["gift".into()]);
        let after = ask(&input, text, &[]).expect("found").0;
        assert!(after > before + 10.0, "{before} {after}");
        input.config.faq.synonyms.clear();
        input
            .synonyms
            .insert("ribbon".into(), vec!["bow tie".into()]);
        let off = ask(&input, text, &[]).map_or(0.0, |(score, _)| score);
        assert_eq!(off, before, "those of the agent only when asked for");
        input.config.faq.use_synonyms = true;
        assert!(ask(&input, text, &[]).expect("found").0 > before);
        let words = ask(&input, "ribbon of a present", &[]).expect("found").0;
        input.config.faq.stop_words = vec!["how".into(), "do".into(), "i".into(), "change".into()];
        let fewer = ask(&input, "ribbon of a present", &[]).expect("found").0;
        assert!(
            fewer > words && fewer > 95.0,
            "words that do not count: {words} {fewer}"
        );
    }
}
