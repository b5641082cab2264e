//! Training the second tier.

use super::discriminant::{Discriminant, Sums};
use super::head::Head;
use super::packed::{Packed, Query, WIDTH};
use super::{Embed, Fusion, Scale, Semantic};
use crate::ml::calibrate::Calibration;
use crate::ml::classifier::HeldOut;
use crate::model::hash;
use crate::text::key;
use std::collections::HashMap;

const EPOCHS: usize = 12;
const FOLD_EPOCHS: usize = 4;
/// An intent with fewer lines takes its name as a line more.
const FEW: usize = 15;
/// The name counts as often as this share of the lines, at least once. Chosen by holding out fifths of the training lines of sets
/// with five and ten lines an intent.
const NAME_SHARE: (usize, usize) = (3, 8);
/// Costs of an error that are tried where lines are few; the first is taken where they are many.
const COSTS: [f32; 2] = [1.0, 0.4];
/// So many lines are many.
const MANY: usize = 3000;
/// Where lines are few, the discriminant speaks with this share beside the head, on scales of the same spread. Chosen, like
/// [`SHRINK`], on few lines drawn from the training lines of whole sets, judged by training lines that were not drawn.
const DISCRIMINANT_SHARE: f32 = 0.6;
/// Share of the spread within classes that the discriminant takes as equal in all directions.
const SHRINK: f32 = 0.8;
/// Weights of the first tier's margins that are tried.
const WEIGHTS: [f32; 6] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5];
/// Weights of the nearest line of a class that are tried.
const NEAREST_WEIGHTS: [f32; 5] = [0.0, 0.5, 1.0, 2.0, 4.0];
/// The first tier answers alone from the margin on at which it errs on no more than this share of held-out lines.
const EXIT_ERRORS: f64 = 0.008;

/// What the second tier is trained from.
pub(crate) struct Lines<'a> {
    /// Lines with their classes, in the order of the first tier.
    pub lines: &'a [(String, u32)],
    /// The name of each class.
    pub names: &'a [String],
    /// Questions of FAQs, in the order of their index.
    pub questions: &'a [String],
    /// Samples of traits.
    pub samples: &'a [String],
    /// Scores of the first tier under models that have not seen the line; none where lines are too few.
    pub held_out: Option<&'a HeldOut>,
    /// Where the chosen point lands.
    pub threshold: f64,
    /// A model whose vectors are taken over.
    pub before: Option<&'a Semantic>,
}

/// Trains; `None` when the encoder fails. `progress` hears a share from 0 to 1.
pub(crate) fn fit(
    encoder: &dyn Embed,
    input: &Lines,
    progress: &mut dyn FnMut(f32),
) -> Option<Semantic> {
    let before = input.before.filter(|b| b.encoder == encoder.id());
    let mut vectors = Vectors {
        encoder,
        index: before.map(index).unwrap_or_default(),
    };
    let width = input.names.len();
    let mut this = Semantic {
        encoder: encoder.id(),
        width,
        ..Semantic::default()
    };
    let total = (input.lines.len() + input.questions.len()).max(1) as f32;
    let mut counts = vec![0usize; width];
    for (at, (text, class)) in input.lines.iter().enumerate() {
        this.hashes.push(vectors.add(text, &mut this.lines)?);
        this.classes.push(*class);
        counts[*class as usize] += 1;
        progress(0.7 * at as f32 / total);
    }
    for (class, name) in input.names.iter().enumerate() {
        if counts[class] < FEW && !key(name).is_empty() {
            let hash = vectors.add(name, &mut this.lines)?;
            let times = (counts[class] * NAME_SHARE.0 / NAME_SHARE.1).max(1);
            this.lines.repeat_last(times - 1);
            this.hashes.extend(std::iter::repeat_n(hash, times));
            this.classes
                .extend(std::iter::repeat_n(class as u32, times));
        }
    }
    for question in input.questions {
        this.faq_hashes.push(vectors.add(question, &mut this.faqs)?);
    }
    for sample in input.samples {
        let hash = vectors.add(sample, &mut this.traits)?;
        this.trait_hashes.push(hash);
    }
    progress(0.7);
    this = this.index();
    let costs = match this.lines.len() {
        0..MANY if input.held_out.is_some() => COSTS.as_slice(),
        _ => &COSTS[..1],
    };
    let beside = match this.lines.len() {
        0..MANY => input.held_out.map(|held| Beside::new(&this, held)),
        _ => None,
    };
    let mut most = None;
    for (number, cost) in costs.iter().enumerate() {
        let mut head = settle(&this, *cost);
        let (fusion, right) = match input.held_out {
            Some(held) => fuse(&this, &mut head, beside.as_ref(), held, input.threshold),
            None => (fixed(input.threshold), 0),
        };
        if most.is_none_or(|most| right > most) {
            most = Some(right);
            (this.weights, this.bias, this.fusion) = (head.weights, head.bias, fusion);
        }
        progress(0.7 + 0.3 * (number + 1) as f32 / costs.len() as f32);
    }
    progress(1.0);
    Some(this)
}

/// The head over all lines.
fn settle(this: &Semantic, cost: f32) -> Head {
    let mut head = Head::new(this.lines.len(), this.width, cost);
    let all: Vec<usize> = (0..this.lines.len()).collect();
    if this.width > 1 {
        head.run(&this.lines, &this.classes, &all, EPOCHS);
    }
    head
}

/// Fixed points, for models that are too small for cross-validation.
fn fixed(threshold: f64) -> Fusion {
    Fusion {
        calibration: Calibration::similarity(threshold),
        ..Fusion::default()
    }
}

/// Vectors of texts, from the encoder or from the model before.
struct Vectors<'a> {
    encoder: &'a dyn Embed,
    index: HashMap<u64, (&'a Packed, usize)>,
}

fn index(before: &Semantic) -> HashMap<u64, (&Packed, usize)> {
    let lists = [
        (&before.hashes, &before.lines),
        (&before.faq_hashes, &before.faqs),
        (&before.trait_hashes, &before.traits),
    ];
    lists
        .into_iter()
        .flat_map(|(hashes, vectors)| {
            let places = hashes.iter().enumerate();
            places.map(move |(at, hash)| (*hash, (vectors, at)))
        })
        .collect()
}

impl Vectors<'_> {
    /// Adds the vector of a text; answers the hash that finds it again.
    fn add(&mut self, text: &str, to: &mut Packed) -> Option<u64> {
        let hash = hash(text.as_bytes());
        match self.index.get(&hash) {
            Some((vectors, at)) => to.push_from(vectors, *at),
            None => to.push(&self.encoder.embed(text)?),
        }
        Some(hash)
    }
}

/// The discriminant over all lines, and what those of the folds say of lines that they have not seen.
struct Beside {
    whole: Discriminant,
    held_out: Vec<f32>,
}

impl Beside {
    fn new(this: &Semantic, held: &HeldOut) -> Self {
        let width = this.width;
        let all: Vec<usize> = (0..this.lines.len()).collect();
        let mut sums = Sums::new(width);
        sums.add(&this.lines, &this.classes, &all, 1.0);
        let mut held_out = vec![0.0f32; held.scores.len()];
        let mut vector = [0.0; WIDTH];
        for fold in &held.folds {
            let mut rest = sums.clone();
            rest.add(&this.lines, &this.classes, fold, -1.0);
            let discriminant = rest.solve(SHRINK);
            for &line in fold {
                this.lines.unpack(line, &mut vector);
                discriminant.scores(&vector, &mut held_out[line * width..][..width]);
            }
        }
        Self {
            whole: sums.solve(SHRINK),
            held_out,
        }
    }

    /// Mixes the discriminant into the head and into its held-out scores.
    fn mix(&self, full: &mut Head, scores: &mut [f32]) {
        let own = (1.0 - DISCRIMINANT_SHARE) / Scale::of(scores).spread;
        let other = DISCRIMINANT_SHARE / Scale::of(&self.held_out).spread;
        let mix = |to: &mut [f32], from: &[f32]| {
            to.iter_mut()
                .zip(from)
                .for_each(|(a, b)| *a = *a * own + b * other);
        };
        mix(scores, &self.held_out);
        mix(&mut full.weights, &self.whole.weights);
        mix(&mut full.bias, &self.whole.bias);
    }
}

/// Scales, weights, threshold and exit by the folds of the first tier, and how many held-out lines they bring home. Mixes into the head
/// what stands beside it.
fn fuse(
    this: &Semantic,
    full: &mut Head,
    beside: Option<&Beside>,
    held: &HeldOut,
    threshold: f64,
) -> (Fusion, usize) {
    let width = this.width;
    let count = held.scores.len() / width;
    let mut vector = [0.0; WIDTH];
    let mut fold_of = vec![usize::MAX; this.lines.len()];
    for (number, fold) in held.folds.iter().enumerate() {
        fold.iter().for_each(|line| fold_of[*line] = number);
    }
    let mut scores = held_out(this, full, held, &fold_of);
    if let Some(beside) = beside {
        beside.mix(full, &mut scores);
    }
    let (head, margin) = (Scale::of(&scores), Scale::of(&held.scores));
    let head_factor = head.spread.recip();
    let fused = |weight: f32, line: usize| -> Vec<f32> {
        let pairs = scores[line * width..][..width]
            .iter()
            .zip(&held.scores[line * width..][..width]);
        pairs
            .map(|(h, s)| h * head_factor + s * weight / margin.spread)
            .collect()
    };
    let right = |weight: &f32| {
        (0..count)
            .filter(|line| best(&fused(*weight, *line)).0 == this.classes[*line] as usize)
            .count()
    };
    // The smallest of the best weights: `max_by_key` would answer the last.
    let weight = WEIGHTS.into_iter().rev().max_by_key(right).unwrap_or(0.0);
    let mut rows = Vec::with_capacity(count);
    for line in 0..count {
        let row = fused(weight, line);
        this.lines.unpack(line, &mut vector);
        let other = |other: usize| fold_of[other] != fold_of[line];
        let near = this.near(&Query::new(&vector), &row, other);
        rows.push((row, near));
    }
    let answer = |nearest: f32, line: usize| {
        let (row, near) = &rows[line];
        let mut row = row.clone();
        near.add(&mut row, nearest);
        best(&row)
    };
    let right = |nearest: &f32| {
        (0..count)
            .filter(|line| answer(*nearest, *line).0 == this.classes[*line] as usize)
            .count()
    };
    let nearest = NEAREST_WEIGHTS
        .into_iter()
        .rev()
        .max_by_key(right)
        .unwrap_or(0.0);
    let tops: Vec<f32> = (0..count).map(|line| answer(nearest, line).1).collect();
    let near: Vec<f32> = rows.iter().map(|(_, near)| near.mean).collect();
    let (top_scale, near_scale) = (Scale::of(&tops), Scale::of(&near));
    let sums = tops
        .iter()
        .zip(&near)
        .map(|(t, n)| top_scale.z(*t) + near_scale.z(*n))
        .collect();
    let fusion = Fusion {
        small: false,
        head: head_factor,
        margin: weight / margin.spread,
        nearest,
        fused: top_scale,
        near: near_scale,
        exit: exit(held, &this.classes, width),
        calibration: Calibration::wide(sums, threshold),
    };
    (fusion, right(&nearest))
}

/// What heads say of the lines that they have not seen: each starts from the head of all lines and forgets those of its fold.
fn held_out(this: &Semantic, full: &Head, held: &HeldOut, fold_of: &[usize]) -> Vec<f32> {
    let width = this.width;
    let mut scores = vec![0.0f32; held.scores.len()];
    let mut vector = [0.0; WIDTH];
    for (number, fold) in held.folds.iter().enumerate() {
        let mut head = full.clone();
        head.forget(&this.lines, &this.classes, fold);
        let rest: Vec<usize> = (0..this.lines.len())
            .filter(|l| fold_of[*l] != number)
            .collect();
        head.run(&this.lines, &this.classes, &rest, FOLD_EPOCHS);
        for &line in fold {
            this.lines.unpack(line, &mut vector);
            head.scores(&vector, &mut scores[line * width..][..width]);
        }
    }
    scores
}

/// The margin from which the first tier is nearly always right.
fn exit(held: &HeldOut, classes: &[u32], width: usize) -> f32 {
    let rows = held.scores.chunks_exact(width).zip(classes);
    let mut tops: Vec<(f32, bool)> = rows
        .map(|(row, class)| {
            let (at, top) = best(row);
            (top, at == *class as usize)
        })
        .collect();
    tops.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut wrong = 0usize;
    let mut exit = f32::INFINITY;
    for (at, (top, right)) in tops.iter().enumerate() {
        wrong += usize::from(!right);
        if wrong as f64 <= EXIT_ERRORS * (at + 1) as f64 {
            exit = *top;
        }
    }
    exit
}

fn best(row: &[f32]) -> (usize, f32) {
    let best = row
        .iter()
        .copied()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1));
    best.unwrap_or((usize::MAX, f32::MIN))
}
