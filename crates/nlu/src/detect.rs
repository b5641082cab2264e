//! Detection: traits, then the three engines, then the resolver.

use crate::candidate::Candidate;
use crate::detection::{Detection, Filter, Kind, Reason};
use crate::input::Network;
use crate::ml::classifier::Classifier;
use crate::model::{Model, trait_samples};
use crate::pattern::Tokens;
use crate::resolve::{Scope, resolve};
use crate::rules::{NameHit, Owner, PatternHit};
use crate::stop::gleaned;
use crate::text::{key, sentences};
use crate::train::cut;
use std::borrow::Cow;

/// Intents reported by the ML engine at most.
const ML_REPORTED: usize = 5;
/// Similarity to the nearest line that lands on `minThreshold` where only one intent has lines.
const SINGLE_POINT: f64 = 0.35;
/// Share of the score that words of a task name can reach without the ML engine.
const NAME_WEIGHT: f64 = 0.8;
/// Share of a word's features that must be known for the word to count as known in a model of few lines.
const KNOWN_ENOUGH: f64 = 0.5;
/// Share of a task name that must be said, in percent.
const WORD_COVERAGE: f64 = 60.0;

impl Model {
    /// Finds what a text means. Any text is accepted; what exceeds 3,000 characters is not read.
    pub fn detect(&self, text: &str, filter: &Filter) -> Detection {
        let original = cut(text);
        let config = &self.input.config;
        let reading = Reading::new(self, original);
        let text: &str = reading.for_engine(config.ml.spell_correction);
        let tokens = reading.tokens(config.fm.spell_correction);
        let hits = self.derived.rules.patterns(tokens);
        let mut found = Found {
            model: self,
            whole: (0, original.len()),
            text,
            meant: reading.meant(),
            said: &reading.said,
            tokens,
            hits: &hits,
            filter,
            candidates: Vec::new(),
            vector: None,
        };
        let text_key = key(text);
        let near = found.samples();
        let traits = self.traits(text, &hits, near.as_deref());
        let allowed = self.allowed(filter);
        let scope = match config.ml.active {
            true => found.ml(&allowed, &text_key),
            false => Scope::Unknown,
        };
        found.exact(&text_key, &allowed);
        if config.fm.active {
            let name_key = key(reading.for_engine(config.fm.spell_correction));
            found.exact_names(&name_key, &allowed);
            found.rules(&allowed, &traits);
        }
        if config.faq.active && !filter.no_faqs && filter.parent.is_none() {
            let text = reading.for_engine(config.faq.spell_correction);
            found.faqs(text, &key(text), &traits);
        }
        if !filter.no_small_talk && filter.parent.is_none() {
            found.small_talk();
        }
        found.vetoes();
        let candidates = found.candidates;
        let mut detection = resolve(self, candidates, scope);
        detection.sentences = sentences(original);
        detection.traits = traits;
        detection.corrected = reading.mended.map(|(text, _)| text);
        detection
    }

    /// Why the rules engine did not report an intent (by its component id): no word of its name is said, only the first, or only
    /// others.
    pub fn near_miss(&self, text: &str, intent: &str) -> Reason {
        let Some(place) = self.derived.ids.get(intent) else {
            return Reason::NoWord;
        };
        let reading = Reading::new(self, cut(text));
        let tokens = reading.tokens(self.input.config.fm.spell_correction);
        let said = self.derived.rules.said(tokens, *place);
        match (said.contains(&0), said.iter().any(|at| *at > 0)) {
            (false, false) => Reason::NoWord,
            (true, _) => Reason::VerbOnly,
            (false, true) => Reason::EntityOnly,
        }
    }

    /// Which intents count, by place.
    fn allowed(&self, filter: &Filter) -> Vec<bool> {
        let ids = &self.derived.ids;
        let mut allowed = match &filter.parent {
            None => self.derived.primary.clone(),
            Some(parent) => self
                .input
                .intents
                .iter()
                .map(|i| i.parent.as_ref() == Some(parent))
                .collect(),
        };
        for id in &filter.allowed_follow_ups {
            if let Some(place) = ids.get(id) {
                allowed[*place as usize] = true;
            }
        }
        for id in &filter.excluded {
            if let Some(place) = ids.get(id) {
                allowed[*place as usize] = false;
            }
        }
        allowed
    }

    /// Traits of a text. Those that are trained by samples are found by their words or, with the encoder, by meaning; of each group the
    /// best one.
    fn traits(&self, text: &str, hits: &[PatternHit], near: Option<&[f32]>) -> Vec<String> {
        let mut best: Vec<Option<(f32, usize)>> = vec![None; self.input.traits.len()];
        let mut better = |group: usize, place: usize, score: f32| {
            let held = &mut best[group];
            if held.is_none_or(|(most, _)| score > most) {
                *held = Some((score, place));
            }
        };
        for (group, (index, owners)) in self.derived.traits.iter().enumerate() {
            for (score, place) in index.cosines(text).into_iter().zip(owners) {
                better(group, *place as usize, score);
            }
        }
        let near = near.into_iter().flatten();
        for (score, (group, place, _)) in near.zip(trait_samples(&self.input)) {
            better(group, place, *score);
        }
        let mut out = Vec::new();
        for (group, settings) in self.input.traits.iter().enumerate() {
            for (place, one) in settings.traits.iter().enumerate() {
                let owner = Owner::Trait(group as u32, place as u32);
                if hits.iter().any(|h| h.owner == owner) {
                    out.push(one.name.clone());
                }
            }
            let least = settings.threshold.unwrap_or(0.5);
            if let Some((_, place)) = best[group].filter(|(score, _)| f64::from(*score) >= least) {
                out.push(settings.traits[place].name.clone());
            }
        }
        out
    }
}

/// A text after substitution, and with its spelling mended.
struct Reading<'a> {
    text: Cow<'a, str>,
    said: Tokens,
    /// Where mending changed something.
    mended: Option<(String, Tokens)>,
    /// For the encoder, where mending changed a word that it does not know.
    meant: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(model: &Model, original: &'a str) -> Self {
        let derived = &model.derived;
        let mut said = Tokens::new(original, derived.english);
        let changed = derived.substitutions.apply(&mut said, derived.english);
        let text = match changed && !said.words.is_empty() {
            true => Cow::Owned(said.text()),
            false => Cow::Borrowed(original),
        };
        let slips = said
            .words
            .iter()
            .any(|t| derived.speller.mend(&t.text).is_some());
        let mended = slips.then(|| {
            let mut tokens = said.clone();
            derived
                .speller
                .apply(&mut tokens, derived.english, |_| false);
            (tokens.text(), tokens)
        });
        let encoder = model.tier().filter(|_| slips);
        let meant = encoder.and_then(|(_, encoder)| {
            let mut tokens = said.clone();
            let right = |word: &str| encoder.knows(word);
            let changed = derived.speller.apply(&mut tokens, derived.english, right);
            changed.then(|| tokens.text())
        });
        Self {
            text,
            said,
            mended,
            meant,
        }
    }

    /// The text as the encoder reads it. Word pieces of a slip mean nothing, so slips are mended whatever the settings of the engines;
    /// a word that the encoder knows is right although the agent never says it.
    fn meant(&self) -> &str {
        self.meant.as_deref().unwrap_or(&self.text)
    }

    /// The text for an engine that wants its spelling mended, or not.
    fn for_engine(&self, mend: bool) -> &str {
        match &self.mended {
            Some((text, _)) if mend => text,
            _ => &self.text,
        }
    }

    fn tokens(&self, mend: bool) -> &Tokens {
        match &self.mended {
            Some((_, tokens)) if mend => tokens,
            _ => &self.said,
        }
    }
}

struct Found<'a> {
    model: &'a Model,
    /// All bytes of the input.
    whole: (usize, usize),
    text: &'a str,
    /// The text as the encoder reads it.
    meant: &'a str,
    /// Words as they were said.
    said: &'a Tokens,
    /// Words for patterns and names.
    tokens: &'a Tokens,
    hits: &'a [PatternHit],
    filter: &'a Filter,
    candidates: Vec<Candidate>,
    /// The encoder's vector of the text, when it was asked.
    vector: Option<Vec<f32>>,
}

impl Found<'_> {
    fn candidate(&mut self, kind: Kind, place: u32) -> &mut Candidate {
        let at = self
            .candidates
            .iter()
            .position(|c| c.kind == kind && c.place == place)
            .unwrap_or_else(|| {
                self.candidates.push(Candidate::new(kind, place));
                self.candidates.len() - 1
            });
        &mut self.candidates[at]
    }

    /// Probabilities. Answers whether the text is in scope as far as the classifier can tell.
    fn ml(&mut self, allowed: &[bool], text_key: &str) -> Scope {
        let model = self.model;
        let config = &model.input.config.ml;
        if model.classes.is_empty() || self.said.words.is_empty() {
            return if model.classes.is_empty() {
                Scope::Unknown
            } else {
                Scope::Out
            };
        }
        let text = model.derived.prepare.text(self.text);
        let mut scored: Vec<(f64, u32)> = Vec::with_capacity(model.classes.len());
        let mut margins = Vec::with_capacity(model.classes.len());
        if let Some(classifier) = &model.classifier {
            classifier.margins(&text, &mut margins);
        }
        if let Some(found) = self.semantic(&margins, allowed, text_key) {
            scored = found;
        } else if let Some(classifier) = &model.classifier {
            let known = if classifier.small {
                self.known(classifier)
            } else {
                1.0
            };
            let best = best_margins(&margins, &model.classes, allowed);
            scored.extend(best.into_iter().map(|(margin, place)| {
                (classifier.calibration.probability(margin) * known, place)
            }));
        } else if let Some(place) = model.classes.first().filter(|p| allowed[**p as usize]) {
            let nearest = model
                .derived
                .single
                .cosines(&text)
                .into_iter()
                .fold(0.0f32, f32::max);
            scored.push((
                single_probability(f64::from(nearest), config.default_min_threshold()),
                *place,
            ));
        }
        let definitive = match config.zero_shot {
            true => config.min(),
            false => config.exact(),
        };
        let top = scored.iter().fold(0.0f64, |most, (p, _)| most.max(*p));
        for (probability, place) in scored {
            let candidate = self.candidate(Kind::Dialog, place);
            candidate.ml = Some(probability);
            candidate.certain.ml = probability >= definitive;
            if probability < config.min() {
                candidate.eliminated = Some(Reason::BelowMinThreshold);
            }
        }
        if top < config.min() {
            Scope::Out
        } else {
            Scope::In
        }
    }

    /// Similarity to each sample of a trait, where there are any and there is an encoder.
    fn samples(&mut self) -> Option<Vec<f32>> {
        let model = self.model;
        let (semantic, encoder) = model.tier()?;
        trait_samples(&model.input).next()?;
        let vector = encoder.embed(self.meant)?;
        let near = semantic.samples(&vector);
        self.vector = Some(vector);
        Some(near)
    }

    /// Probabilities of the second tier, or nothing where it is not asked: there is none, the text is a line of the agent, or the
    /// first tier is sure.
    fn semantic(
        &mut self,
        margins: &[f32],
        allowed: &[bool],
        text_key: &str,
    ) -> Option<Vec<(f64, u32)>> {
        let model = self.model;
        let (semantic, encoder) = model.tier()?;
        let open = |class: usize| allowed[model.classes[class] as usize];
        let tops = margins.iter().enumerate().filter(|(class, _)| open(*class));
        let top = tops.fold(f32::MIN, |most, (_, margin)| most.max(*margin));
        if semantic.exits(top) || model.exact(text_key).next().is_some() {
            return None;
        }
        if self.vector.is_none() {
            self.vector = Some(encoder.embed(self.meant)?);
        }
        let probabilities = semantic.probabilities(self.vector.as_deref()?, margins, open);
        let order: Vec<f32> = probabilities.iter().map(|p| *p as f32).collect();
        let best = best_margins(&order, &model.classes, allowed);
        Some(
            best.into_iter()
                .map(|(p, place)| (f64::from(p), place))
                .collect(),
        )
    }

    /// How far the words that carry meaning are known, 0 to 1: in a model of few lines, words like "tell me a" alone are
    /// enough for a good margin. One word that is known, or is nearly spelled like one, suffices.
    fn known(&self, classifier: &Classifier) -> f64 {
        let rules = &self.model.derived.rules;
        let content = self
            .said
            .words
            .iter()
            .filter(|t| !rules.empty_word(&t.text));
        let shares = content.map(|t| f64::from(classifier.known_share(&t.text)));
        let most = shares.fold(None, |most: Option<f64>, share| {
            Some(most.unwrap_or(0.0).max(share))
        });
        most.map_or(1.0, |share| (share / KNOWN_ENOUGH).min(1.0))
    }

    /// Exact utterances.
    fn exact(&mut self, text_key: &str, allowed: &[bool]) {
        let model = self.model;
        let lines = model
            .exact(text_key)
            .filter(|_| model.input.config.ml.active);
        for place in lines.filter(|p| allowed[*p as usize]) {
            let candidate = self.candidate(Kind::Dialog, place);
            candidate.ml = Some(1.0);
            candidate.certain.ml = true;
            candidate.exact = true;
            candidate.eliminated = None;
        }
    }

    /// Exact names.
    fn exact_names(&mut self, text_key: &str, allowed: &[bool]) {
        let model = self.model;
        let whole = self.whole;
        let fm = &model.input.config.fm;
        let few_shot = model.input.config.ml.network != Network::Standard;
        if !fm.exact_task_name.unwrap_or(!few_shot) || model.input.config.rr.version == 2 {
            return;
        }
        let names = model
            .derived
            .names
            .get(gleaned(text_key, model.derived.english));
        for place in names
            .into_iter()
            .flatten()
            .copied()
            .filter(|p| allowed[*p as usize])
        {
            let candidate = self.candidate(Kind::Dialog, place);
            candidate.fm = Some(100.0);
            candidate.certain.fm = true;
            candidate.exact = true;
            candidate.used.push(whole);
            candidate.eliminated = None;
        }
    }

    /// Patterns, rules over traits, words of task names.
    fn rules(&mut self, allowed: &[bool], traits: &[String]) {
        let model = self.model;
        if model.input.config.rr.version == 2 {
            return;
        }
        for found in self.hits {
            if let Owner::Intent(place) = found.owner
                && allowed[place as usize]
            {
                let hit = found.hit;
                let candidate = self.candidate(Kind::Dialog, place);
                let score = 90.0 + (hit.words as f64).min(9.0);
                candidate.fm = Some(candidate.fm.unwrap_or(0.0).max(score));
                candidate.certain.fm = true;
                candidate.pattern = true;
                candidate.used.push((hit.start, hit.end));
                candidate.eliminated = None;
            }
        }
        for (place, intent) in model
            .input
            .intents
            .iter()
            .enumerate()
            .filter(|(place, _)| allowed[*place])
        {
            let holds = |rule: &Vec<String>| {
                !rule.is_empty() && rule.iter().all(|name| traits.contains(name))
            };
            if intent.trait_rules.iter().any(holds) {
                let candidate = self.candidate(Kind::Dialog, place as u32);
                candidate.fm = Some(candidate.fm.unwrap_or(0.0).max(95.0));
                candidate.certain.fm = true;
                candidate.eliminated = None;
            }
        }
        self.names(allowed);
    }

    fn names(&mut self, allowed: &[bool]) {
        let model = self.model;
        let fm = &model.input.config.fm;
        if !fm
            .label_match
            .unwrap_or(model.input.config.ml.network == Network::Standard)
        {
            return;
        }
        let coverage = fm.word_coverage.unwrap_or(WORD_COVERAGE).clamp(1.0, 100.0) / 100.0;
        let mut hits = model.derived.rules.names(self.tokens, coverage);
        hits.retain(|hit| allowed[hit.intent as usize]);
        let top = hits.iter().fold(0.0f64, |most, hit| most.max(hit.score));
        let least = top * (1.0 - fm.tolerance.unwrap_or(2.0).clamp(0.0, 20.0) / 100.0);
        let rr = &model.input.config.rr;
        let within: Vec<bool> = hits
            .iter()
            .map(|hit| rr.elimination && hits.iter().any(|other| contains(other, hit)))
            .collect();
        let taken = hits
            .into_iter()
            .zip(within)
            .filter(|(hit, _)| hit.score >= least || hit.whole_at_edge);
        for (hit, within) in taken {
            let below = rr
                .least_dependency
                .is_some_and(|least| hit.dependency < least);
            if below || (within && !hit.whole_at_edge) {
                let candidate = self.candidate(Kind::Dialog, hit.intent);
                // What the ML engine found stands without the name.
                if candidate.ml.is_none() && !candidate.certain.any() {
                    candidate.fm = Some(hit.score * NAME_WEIGHT);
                    candidate.eliminated = Some(match below {
                        true => Reason::BelowDependency,
                        false => Reason::WithinAnotherTask,
                    });
                }
                continue;
            }
            let trained = model.classes.contains(&hit.intent);
            let candidate = self.candidate(Kind::Dialog, hit.intent);
            candidate.fm = Some(candidate.fm.unwrap_or(0.0).max(hit.score * NAME_WEIGHT));
            // An intent without lines is known by its name only: a text that begins or ends with all of it is certain.
            if hit.whole_at_edge && !trained {
                candidate.certain.fm = true;
                candidate.fm = Some(90.0);
            }
        }
    }

    fn faqs(&mut self, text: &str, text_key: &str, traits: &[String]) {
        let model = self.model;
        let config = &model.input.config.faq;
        for found in self.hits {
            if let Owner::Faq(place) = found.owner {
                let candidate = self.candidate(Kind::Faq, place);
                candidate.faq = Some(100.0);
                candidate.certain.faq = true;
                candidate.pattern = true;
            }
        }
        // Where no intent has lines, the encoder was not asked yet.
        if self.vector.is_none() && model.classes.is_empty() && !model.input.faqs.is_empty() {
            self.vector = model
                .tier()
                .and_then(|(_, encoder)| encoder.embed(self.meant));
        }
        let near = model.tier().zip(self.vector.as_deref());
        let near = near.map(|((semantic, _), vector)| semantic.questions(vector));
        for hit in model.derived.faqs.find(
            text,
            text_key,
            self.tokens,
            config.min_threshold,
            near.as_deref(),
            traits,
        ) {
            let candidate = self.candidate(Kind::Faq, hit.faq);
            candidate.faq = Some(candidate.faq.unwrap_or(0.0).max(hit.score));
            candidate.certain.faq |=
                hit.score >= config.exact_match_threshold && hit.missing.is_none();
            candidate.exact |= hit.score >= 100.0;
            if !candidate.pattern {
                candidate.eliminated = hit.missing;
            }
        }
        let excluded = |place: u32| {
            self.filter
                .excluded
                .contains(&model.input.faqs[place as usize].id)
        };
        self.candidates
            .retain(|c| c.kind != Kind::Faq || !excluded(c.place));
    }

    /// The first pair whose pattern fits.
    fn small_talk(&mut self) {
        let model = self.model;
        let open = |place: &u32| {
            !self
                .filter
                .excluded
                .contains(&model.input.small_talk[*place as usize].id)
        };
        let fits = self.hits.iter().filter_map(|h| match h.owner {
            Owner::SmallTalk(place) => Some((place, self.all_said(h.hit.start, h.hit.end))),
            _ => None,
        });
        let first = fits
            .filter(|(place, _)| open(place))
            .min_by_key(|(place, whole)| (!whole, *place));
        if let Some((place, whole)) = first {
            let candidate = self.candidate(Kind::SmallTalk, place);
            candidate.pattern = true;
            candidate.exact = whole;
        }
    }

    /// Whether the text says nothing outside these bytes but words that carry no meaning.
    fn all_said(&self, start: usize, end: usize) -> bool {
        let rules = &self.model.derived.rules;
        let mut outside = self.tokens.words.iter();
        outside.all(|t| (t.start >= start && t.end <= end) || rules.empty_word(&t.text))
    }

    /// Negative patterns and negation.
    fn vetoes(&mut self) {
        let model = self.model;
        for candidate in self
            .candidates
            .iter_mut()
            .filter(|c| c.kind == Kind::Dialog)
        {
            if self
                .hits
                .iter()
                .any(|h| h.owner == Owner::Negative(candidate.place))
            {
                candidate.eliminated = Some(Reason::NegativePattern);
            } else if model.input.config.ml.negation
                && !candidate.exact
                && !candidate.pattern
                && !model.negated_lines[candidate.place as usize]
                && model.derived.rules.negates(self.tokens, candidate.place)
            {
                candidate.eliminated = Some(Reason::Negated);
            }
        }
    }
}

/// Whether the words of one name in the text are among those of another, longer one.
fn contains(longer: &NameHit, hit: &NameHit) -> bool {
    longer.intent != hit.intent
        && longer.places.len() > hit.places.len()
        && hit.places.iter().all(|place| longer.places.contains(place))
}

/// The best few allowed classes, best first, as margin and place of the intent.
fn best_margins(margins: &[f32], classes: &[u32], allowed: &[bool]) -> Vec<(f32, u32)> {
    let mut best: Vec<(f32, u32)> = Vec::with_capacity(ML_REPORTED + 1);
    for (margin, place) in margins
        .iter()
        .zip(classes)
        .filter(|(_, place)| allowed[**place as usize])
    {
        if best.len() == ML_REPORTED && best.last().is_some_and(|(last, _)| margin <= last) {
            continue;
        }
        let at = best.partition_point(|(other, _)| other >= margin);
        best.insert(at, (*margin, *place));
        best.truncate(ML_REPORTED);
    }
    best
}

fn single_probability(cosine: f64, threshold: f64) -> f64 {
    if cosine <= SINGLE_POINT {
        threshold * cosine / SINGLE_POINT
    } else {
        threshold + (1.0 - threshold) * (cosine - SINGLE_POINT) / (1.0 - SINGLE_POINT)
    }
}
