//! A linear-chain conditional random field over hashed features, trained by adaptive steps down the gradient. Every intent has
//! its own set of labels; features count for all intents together and for the own one.

use crate::codec::{CodecError, Reader, Writer};
use crate::ml::solver::Random;

/// Labels of one intent: `O`, then begin and inside of each of its entities.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Entities, by place in the tagger's list.
    pub entities: Vec<u32>,
    /// From label (a row; the last row is the begin of a text) to label.
    pub steps: Vec<f32>,
}

impl Group {
    pub fn new(entities: Vec<u32>) -> Self {
        let width = 1 + 2 * entities.len();
        Self {
            entities,
            steps: vec![0.0; (width + 1) * width],
        }
    }

    pub fn width(&self) -> usize {
        1 + 2 * self.entities.len()
    }

    /// A number for a label that is the same in all groups.
    pub fn global(&self, label: usize) -> u32 {
        match label {
            0 => 0,
            _ => 1 + 2 * self.entities[(label - 1) / 2] + (label as u32 - 1) % 2,
        }
    }

    /// Inside follows begin or inside of the same entity only.
    pub fn may_follow(before: Option<usize>, label: usize) -> bool {
        let inside = label > 0 && label.is_multiple_of(2);
        !inside || before.is_some_and(|b| b == label || b + 1 == label)
    }

    fn step(&self, before: usize, label: usize) -> f32 {
        let width = self.width();
        let from = (before < width).then_some(before);
        if Self::may_follow(from, label) {
            self.steps[before * width + label]
        } else {
            NEVER
        }
    }

    /// The labels of the best path, and how sure each is (0 to 1).
    pub fn decode(&self, scores: &[f32]) -> (Vec<usize>, Vec<f32>) {
        let width = self.width();
        let count = scores.len() / width;
        if count == 0 {
            return Default::default();
        }
        let mut best: Vec<f32> = (0..width)
            .map(|l| scores[l] + self.step(width, l))
            .collect();
        let mut back = vec![0usize; count * width];
        for at in 1..count {
            let mut next = vec![NEVER; width];
            for label in 0..width {
                for (before, so_far) in best.iter().enumerate() {
                    let score = so_far + self.step(before, label);
                    if score > next[label] {
                        next[label] = score;
                        back[at * width + label] = before;
                    }
                }
                next[label] += scores[at * width + label];
            }
            best = next;
        }
        let last = (0..width).max_by(|a, b| best[*a].total_cmp(&best[*b]).then(b.cmp(a)));
        let mut path = vec![last.unwrap_or(0); count];
        for at in (1..count).rev() {
            path[at - 1] = back[at * width + path[at]];
        }
        let lattice = Lattice::of(self, scores);
        let sure = (0..count).map(|at| lattice.share(at, path[at])).collect();
        (path, sure)
    }
}

const NEVER: f32 = -1e4;

/// Sums over all paths.
struct Lattice {
    width: usize,
    forward: Vec<f32>,
    backward: Vec<f32>,
    total: f32,
}

fn log_sum(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(NEVER * 2.0, f32::max);
    most + values.map(|v| (v - most).exp()).sum::<f32>().ln()
}

impl Lattice {
    fn of(group: &Group, scores: &[f32]) -> Self {
        let width = group.width();
        let count = scores.len() / width;
        let mut forward = vec![0.0; scores.len()];
        let mut backward = vec![0.0; scores.len()];
        for label in 0..width {
            forward[label] = scores[label] + group.step(width, label);
        }
        for at in 1..count {
            for label in 0..width {
                let before = &forward[(at - 1) * width..at * width];
                let sums = before
                    .iter()
                    .enumerate()
                    .map(|(b, f)| f + group.step(b, label));
                forward[at * width + label] = log_sum(sums) + scores[at * width + label];
            }
        }
        for at in (0..count.saturating_sub(1)).rev() {
            for label in 0..width {
                let sums = (0..width).map(|next| {
                    let place = (at + 1) * width + next;
                    backward[place] + scores[place] + group.step(label, next)
                });
                backward[at * width + label] = log_sum(sums);
            }
        }
        let total = log_sum(forward[(count - 1) * width..].iter().copied());
        Self {
            width,
            forward,
            backward,
            total,
        }
    }

    /// The share of all paths that pass a label.
    fn share(&self, at: usize, label: usize) -> f32 {
        let place = at * self.width + label;
        (self.forward[place] + self.backward[place] - self.total)
            .exp()
            .min(1.0)
    }
}

/// One text to learn from.
pub struct Line {
    /// Hashes of the features of each token.
    pub features: Vec<Vec<u64>>,
    /// The group's labels.
    pub labels: Vec<usize>,
    /// The group.
    pub group: usize,
}

/// The place of a feature and a label in a table of `size` weights, a power of two.
#[inline]
fn place(size: usize, feature: u64, label: u32) -> usize {
    let hash = (feature ^ u64::from(label).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (hash >> 32) as usize & (size - 1)
}

/// The scores of all labels of a group for every token, from a table of `size` weights.
fn scores(
    size: usize,
    weight: impl Fn(usize) -> f32,
    features: &[Vec<u64>],
    own: u64,
    group: &Group,
) -> Vec<f32> {
    let width = group.width();
    let mut out = vec![0.0; features.len() * width];
    if size == 0 {
        return out;
    }
    let names: Vec<u32> = (0..width).map(|label| group.global(label)).collect();
    for (token, row) in features.iter().zip(out.chunks_exact_mut(width)) {
        for feature in token {
            for (name, score) in names.iter().zip(row.iter_mut()) {
                *score += weight(place(size, *feature, *name))
                    + weight(place(size, feature ^ own, *name));
            }
        }
    }
    out
}

/// Learnt weights in signed bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    bytes: Vec<i8>,
    scale: f32,
}

impl Table {
    /// Packs weights; the largest become 127.
    pub fn of(weights: &[f32]) -> Self {
        let most = weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        let scale = (most / 127.0).max(f32::MIN_POSITIVE);
        let bytes = weights.iter().map(|w| (w / scale).round() as i8).collect();
        Self { bytes, scale }
    }

    /// See [`scores`].
    pub fn scores(&self, features: &[Vec<u64>], own: u64, group: &Group) -> Vec<f32> {
        let mut out = scores(
            self.bytes.len(),
            |at| f32::from(self.bytes[at]),
            features,
            own,
            group,
        );
        out.iter_mut().for_each(|score| *score *= self.scale);
        out
    }

    /// Writes the weights that are not zero, each behind the number of zeros before it.
    pub fn write(&self, out: &mut Writer) {
        out.u64(self.bytes.len() as u64);
        out.f32(self.scale);
        let mut packed: Vec<u8> = Vec::new();
        let mut zeros = 0u64;
        for byte in &self.bytes {
            if *byte == 0 {
                zeros += 1;
                continue;
            }
            while zeros >= 0x80 {
                packed.push(0x80 | (zeros & 0x7F) as u8);
                zeros >>= 7;
            }
            packed.push(zeros as u8);
            packed.push(byte.cast_unsigned());
            zeros = 0;
        }
        out.block(&packed);
    }

    /// Reads what `write` wrote.
    pub fn read(input: &mut Reader) -> Result<Self, CodecError> {
        const DAMAGED: CodecError = CodecError::Damaged("the weights of a tagger are damaged");
        let size = input.u64()?;
        let scale = input.f32()?;
        if size > MOST || (size != 0 && !size.is_power_of_two()) {
            return Err(DAMAGED);
        }
        let mut bytes = vec![0i8; size as usize];
        let mut packed = input.block()?.iter();
        let mut at = 0usize;
        loop {
            let (mut zeros, mut shift) = (0usize, 0);
            let Some(mut byte) = packed.next() else {
                break;
            };
            while byte & 0x80 != 0 && shift < 28 {
                zeros |= usize::from(byte & 0x7F) << shift;
                shift += 7;
                byte = packed.next().ok_or(DAMAGED)?;
            }
            zeros |= usize::from(byte & 0x7F) << shift;
            at += zeros;
            let value = packed.next().ok_or(DAMAGED)?;
            *bytes.get_mut(at).ok_or(DAMAGED)? = value.cast_signed();
            at += 1;
        }
        Ok(Self { bytes, scale })
    }
}

/// More weights than this no tagger has.
const MOST: u64 = 1 << 24;

/// What makes the features of a group its own.
pub fn own(group: usize) -> u64 {
    (group as u64 + 1).wrapping_mul(0xA24B_AED4_963E_E407)
}

/// How training goes.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub epochs: usize,
    pub rate: f32,
    pub decay: f32,
}

/// Learns the weights, `size` of them, and the steps of the groups. `progress` hears a share from 0 to 1.
pub fn train(
    lines: &[Line],
    groups: &mut [Group],
    size: usize,
    settings: Settings,
    progress: &mut dyn FnMut(f32),
) -> Vec<f32> {
    let mut weights = vec![0.0f32; size];
    let mut squares = vec![1e-6f32; size];
    let mut step_squares: Vec<Vec<f32>> =
        groups.iter().map(|g| vec![1e-6; g.steps.len()]).collect();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let mut random = Random::default();
    for epoch in 0..settings.epochs {
        random.shuffle(&mut order);
        for &number in &order {
            let line = &lines[number];
            learn(
                line,
                &mut groups[line.group],
                &mut weights,
                (&mut squares, &mut step_squares[line.group]),
                settings,
            );
        }
        progress((epoch + 1) as f32 / settings.epochs as f32);
    }
    weights
}

fn learn(
    line: &Line,
    group: &mut Group,
    weights: &mut [f32],
    (squares, step_squares): (&mut [f32], &mut [f32]),
    settings: Settings,
) {
    let width = group.width();
    let own = own(line.group);
    let size = weights.len();
    let scores = scores(size, |at| weights[at], &line.features, own, group);
    let lattice = Lattice::of(group, &scores);
    let steps = step_slopes(line, group, &scores, &lattice);
    for (at, token) in line.features.iter().enumerate() {
        for label in 0..width {
            let slope = lattice.share(at, label) - f32::from(u8::from(line.labels[at] == label));
            if slope.abs() < 1e-4 {
                continue;
            }
            let name = group.global(label);
            for feature in token {
                for key in [*feature, feature ^ own] {
                    let place = place(size, key, name);
                    let value = &mut weights[place];
                    let gradient = slope + settings.decay * *value;
                    squares[place] += gradient * gradient;
                    *value -= settings.rate * gradient / squares[place].sqrt();
                }
            }
        }
    }
    for ((value, slope), square) in group.steps.iter_mut().zip(&steps).zip(step_squares) {
        let gradient = slope + settings.decay * *value;
        *square += gradient * gradient;
        *value -= settings.rate * gradient / square.sqrt();
    }
}

/// How the likelihood of a line falls with each step of its group.
fn step_slopes(line: &Line, group: &Group, scores: &[f32], lattice: &Lattice) -> Vec<f32> {
    /// Shares smaller than e to this do not count.
    const LEAST: f32 = -20.0;
    let width = group.width();
    let mut steps = vec![0.0f32; group.steps.len()];
    for (at, label) in line.labels.iter().enumerate() {
        let before = if at == 0 { width } else { line.labels[at - 1] };
        steps[before * width + label] -= 1.0;
        for next in 0..width {
            if at == 0 {
                steps[width * width + next] += lattice.share(0, next);
                continue;
            }
            let place = at * width + next;
            let tail = scores[place] + lattice.backward[place] - lattice.total;
            for before in 0..width {
                let from = lattice.forward[(at - 1) * width + before];
                let sum = from + group.step(before, next) + tail;
                if sum > LEAST {
                    steps[before * width + next] += sum.exp();
                }
            }
        }
    }
    steps
}
