//! The rules engine (FM): patterns, task names, negation.

use crate::input::TrainingInput;
use crate::lemma::lemma;
use crate::negate::Negation;
use crate::pattern::{Hit, Lexicon, Pattern, Tokens};
use crate::stop::polite;
use crate::text::{spoken, words};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Which list a pattern belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A pattern of an intent (its place in the input).
    Intent(u32),
    /// A negative pattern of an intent.
    Negative(u32),
    /// A pattern among an FAQ's alternates.
    Faq(u32),
    /// Small talk.
    SmallTalk(u32),
    /// A trait: group, trait.
    Trait(u32, u32),
}

/// Compiled patterns behind an index of the words they cannot do without.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    patterns: Vec<(Owner, Pattern)>,
    by_word: HashMap<String, Vec<u32>>,
    always: Vec<u32>,
    /// Base form of a word of a name (or its synonym) to the intents and the place of the word in the name.
    names: HashMap<String, Vec<(u32, u8)>>,
    /// How many words each name has, stop words aside.
    name_words: Vec<u8>,
    stop: HashSet<String>,
    english: bool,
    negation: Option<&'static Negation>,
}

/// A pattern that fits.
pub(crate) struct PatternHit {
    pub owner: Owner,
    pub hit: Hit,
}

/// Words of a task name in the text.
pub(crate) struct NameHit {
    pub intent: u32,
    /// 0 to 100.
    pub score: f64,
    /// The whole name stands at the begin or the end of the text, in order.
    pub whole_at_edge: bool,
    /// Places of the words in the text, rising.
    pub places: Vec<usize>,
    /// What the dependency model makes of it, 0 to 1: how much of the name is said, in its order, close together and early.
    pub dependency: f64,
}

impl Rules {
    pub(crate) fn new(input: &TrainingInput, stop: HashSet<String>, english: bool) -> Self {
        let mut this = Self {
            stop,
            english,
            negation: Negation::of(&input.language),
            ..Self::default()
        };
        let mut lexicon = Lexicon::new(&input.synonyms, &input.concepts, english);
        for (at, intent) in input.intents.iter().enumerate() {
            intent
                .patterns
                .iter()
                .for_each(|p| this.add(&mut lexicon, Owner::Intent(at as u32), p));
            if input.config.rr.negative_patterns {
                intent
                    .negative_patterns
                    .iter()
                    .for_each(|p| this.add(&mut lexicon, Owner::Negative(at as u32), p));
            }
        }
        for (at, faq) in input.faqs.iter().enumerate() {
            let patterns = faq.alternates.iter().filter_map(|a| a.strip_prefix("||"));
            patterns.for_each(|p| this.add(&mut lexicon, Owner::Faq(at as u32), p));
        }
        for (at, talk) in input.small_talk.iter().enumerate() {
            talk.patterns
                .iter()
                .for_each(|p| this.add(&mut lexicon, Owner::SmallTalk(at as u32), p));
        }
        for (group, traits) in input
            .traits
            .iter()
            .enumerate()
            .filter(|(_, g)| g.by_pattern)
        {
            for (at, one) in traits.traits.iter().enumerate() {
                one.samples
                    .iter()
                    .for_each(|p| this.add(&mut lexicon, Owner::Trait(group as u32, at as u32), p));
            }
        }
        let names: Vec<&str> = input.intents.iter().map(|i| i.name.as_str()).collect();
        this.index_names(&names, &input.synonyms);
        this
    }

    fn add(&mut self, lexicon: &mut Lexicon, owner: Owner, source: &str) {
        let Some(pattern) = lexicon.pattern(source) else {
            return;
        };
        let number = self.patterns.len() as u32;
        match pattern.anchors() {
            Some(anchors) => {
                let distinct: HashSet<&String> = anchors.iter().collect();
                for word in distinct {
                    self.by_word.entry(word.clone()).or_default().push(number);
                }
            }
            None => self.always.push(number),
        }
        self.patterns.push((owner, pattern));
    }

    fn index_names(&mut self, names: &[&str], synonyms: &BTreeMap<String, Vec<String>>) {
        for (intent, name) in names.iter().enumerate() {
            let all = words(&spoken(name));
            let content: Vec<String> = all
                .into_iter()
                .map(|w| w.text)
                .filter(|w| !self.stop.contains(w))
                .take(usize::from(u8::MAX))
                .collect();
            self.name_words.push(content.len() as u8);
            for (at, word) in content.iter().enumerate() {
                let base = lemma(word, self.english);
                let mut forms = vec![base.clone()];
                for key in [word, &base] {
                    let values = synonyms
                        .get(key)
                        .into_iter()
                        .flatten()
                        .filter(|v| !v.contains([' ', '~', '"']));
                    forms.extend(
                        values.map(|v| {
                            lemma(&v.trim_start_matches('+').to_lowercase(), self.english)
                        }),
                    );
                }
                forms.sort();
                forms.dedup();
                for form in forms {
                    self.names
                        .entry(form)
                        .or_default()
                        .push((intent as u32, at as u8));
                }
            }
        }
    }

    /// Whether a word carries no meaning by itself.
    pub(crate) fn empty_word(&self, word: &str) -> bool {
        self.stop.contains(word) || (self.english && polite(word))
    }

    /// All patterns that fit, by owner.
    pub(crate) fn patterns(&self, tokens: &Tokens) -> Vec<PatternHit> {
        if self.patterns.is_empty() {
            return Vec::new();
        }
        let mut numbers: Vec<u32> = self.always.clone();
        for token in &tokens.words {
            for form in [&token.base, &token.text] {
                numbers.extend(self.by_word.get(form).into_iter().flatten());
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let fits = |number: u32| {
            let (owner, pattern) = &self.patterns[number as usize];
            pattern
                .find(tokens)
                .map(|hit| PatternHit { owner: *owner, hit })
        };
        numbers.into_iter().filter_map(fits).collect()
    }

    /// Intents whose name is said at least to the share `coverage` (0 to 1).
    pub(crate) fn names(&self, tokens: &Tokens, coverage: f64) -> Vec<NameHit> {
        let mut said: BTreeMap<u32, Vec<(u8, usize)>> = BTreeMap::new();
        let mut content = 0usize;
        for (place, token) in tokens.words.iter().enumerate() {
            if self.stop.contains(&token.text) {
                continue;
            }
            content += 1;
            for (intent, at) in self.names.get(&token.base).into_iter().flatten() {
                said.entry(*intent).or_default().push((*at, place));
            }
        }
        let mut out = Vec::new();
        for (intent, places) in said {
            let total = usize::from(self.name_words[intent as usize]);
            let distinct: HashSet<u8> = places.iter().map(|(at, _)| *at).collect();
            if (distinct.len() as f64) < coverage * total as f64 {
                continue;
            }
            let share = 2.0 * distinct.len() as f64 / (total + content.max(distinct.len())) as f64;
            let whole_at_edge =
                total > 1 && distinct.len() == total && self.at_edge(&places, total, tokens);
            let mut said: Vec<usize> = places.iter().map(|(_, place)| *place).collect();
            said.dedup();
            out.push(NameHit {
                intent,
                score: share * 100.0,
                whole_at_edge,
                dependency: share * arrangement(&places),
                places: said,
            });
        }
        out
    }

    /// Places in an intent's name of the words that a text says.
    pub(crate) fn said(&self, tokens: &Tokens, intent: u32) -> Vec<u8> {
        let hits = tokens
            .words
            .iter()
            .filter_map(|t| self.names.get(&t.base))
            .flatten();
        hits.filter(|(i, _)| *i == intent)
            .map(|(_, at)| *at)
            .collect()
    }

    /// Whether the words of a name stand in order, stop words aside, at the begin or end of the text.
    fn at_edge(&self, places: &[(u8, usize)], total: usize, tokens: &Tokens) -> bool {
        let content: Vec<usize> = (0..tokens.words.len())
            .filter(|p| !self.stop.contains(&tokens.words[*p].text))
            .collect();
        let run = |from: usize| {
            (0..total).all(|step| {
                content
                    .get(from + step)
                    .is_some_and(|place| places.contains(&(step as u8, *place)))
            })
        };
        content.len() >= total && (run(0) || run(content.len() - total))
    }

    /// Whether the text negates a wish for what a name says: "I don't want to book a flight" for "Book flight".
    pub(crate) fn negates(&self, tokens: &Tokens, intent: u32) -> bool {
        let says = |base: &String| {
            self.names
                .get(base)
                .is_some_and(|all| all.iter().any(|(i, _)| *i == intent))
        };
        let unwished = self.negation.into_iter().flat_map(|n| n.unwished(tokens));
        unwished
            .flatten()
            .filter_map(|place| tokens.words.get(place))
            .any(|t| says(&t.base))
    }
}

/// How well words of a name are arranged, 0.7 to 1: in the order of the name, side by side, at the begin. `places` are place in the
/// name and place in the text, the latter rising.
fn arrangement(places: &[(u8, usize)]) -> f64 {
    const EARLY: usize = 3;
    const CLOSE: usize = 2;
    let ordered = places.windows(2).all(|p| p[0].0 <= p[1].0);
    let close = places.windows(2).all(|p| p[1].1 - p[0].1 <= CLOSE);
    let early = places.first().is_some_and(|(_, place)| *place <= EARLY);
    0.7 + [ordered, close, early]
        .into_iter()
        .filter(|holds| *holds)
        .count() as f64
        * 0.1
}
