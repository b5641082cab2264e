//! The FAQ engine: cosine similarity of content words to questions and alternates, on a scale of 0 to 100.

use crate::input::{TermUsage, TrainingInput};
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
    /// Base forms of mandatory terms by FAQ: of each inner list one must be said.
    mandatory: Vec<Vec<Vec<String>>>,
    count: usize,
}

/// An FAQ that the text is close to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FaqHit {
    pub faq: u32,
    /// 0 to 100.
    pub score: f64,
    /// A mandatory term of its path was not said.
    pub term_missing: bool,
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
        let mut this = Self {
            stop,
            count: input.faqs.len(),
            ..Self::default()
        };
        let mut lines = Vec::new();
        for (place, question) in questions(input) {
            lines.push(this.content(question));
            this.owners.push(place);
            let same = this.exact.entry(key(question)).or_default();
            if !same.contains(&place) {
                same.push(place);
            }
        }
        for faq in &input.faqs {
            let must = faq.terms.iter().filter(|t| t.usage == TermUsage::Mandatory);
            this.mandatory.push(
                must.map(|t| forms(std::iter::once(&t.label).chain(&t.synonyms), english))
                    .collect(),
            );
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
            kept.join(" ")
        }
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
                term_missing: score < 100.0 && self.misses_term(faq, tokens),
            })
            .collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.faq.cmp(&b.faq)));
        out
    }

    fn misses_term(&self, faq: usize, tokens: &Tokens) -> bool {
        let said = |form: &String| {
            tokens
                .words
                .iter()
                .any(|t| t.base == *form || t.text == *form)
        };
        self.mandatory[faq]
            .iter()
            .any(|forms| !forms.is_empty() && !forms.iter().any(said))
    }
}

fn forms<'a>(labels: impl Iterator<Item = &'a String>, english: bool) -> Vec<String> {
    labels
        .flat_map(|label| words(label))
        .map(|w| lemma(&w.text, english))
        .collect()
}
