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

impl FaqIndex {
    pub(crate) fn new(input: &TrainingInput, stop: HashSet<String>) -> Self {
        let english = input.language.is_empty() || input.language.starts_with("en");
        let mut this = Self {
            stop,
            count: input.faqs.len(),
            ..Self::default()
        };
        let mut lines = Vec::new();
        for (place, faq) in input.faqs.iter().enumerate() {
            let samples = faq.alternates.iter().filter(|a| !a.starts_with("||"));
            for question in std::iter::once(&faq.question)
                .chain(samples)
                .filter(|q| !q.trim().is_empty())
            {
                lines.push(this.content(question));
                this.owners.push(place as u32);
                let same = this.exact.entry(key(question)).or_default();
                if !same.contains(&(place as u32)) {
                    same.push(place as u32);
                }
            }
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

    /// FAQs at or above `least` (0 to 100), best first. `text_key` is [`key`] of the text.
    pub(crate) fn find(
        &self,
        text: &str,
        text_key: &str,
        tokens: &Tokens,
        least: f64,
    ) -> Vec<FaqHit> {
        if self.index.is_empty() {
            return Vec::new();
        }
        let mut best = vec![0.0f64; self.count];
        for (line, cosine) in self
            .index
            .cosines(&self.content(text))
            .into_iter()
            .enumerate()
        {
            let score = (f64::from(cosine).sqrt() * 100.0).min(99.0);
            let faq = self.owners[line] as usize;
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
