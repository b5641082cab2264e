//! The trained classifier: weights in bytes, one row a feature. A feature seen in one line only shares the row of that line.

use super::calibrate::Calibration;
use super::feature::Sparse;
use super::solver::{NO_CLASS, Problem, State, sign};
use super::vocabulary::Vocabulary;
use crate::codec::{CodecError, Reader, Writer};

const EPOCHS: usize = 12;
const FOLDS: usize = 5;
const FOLD_EPOCHS: usize = 4;
/// An intent with fewer lines rules cross-validation out.
const LEAST_LINES: usize = 3;
/// So few lines in all rule it out too: five percent of them are too few to place a threshold by.
const LEAST_IN_ALL: usize = 200;
/// How many empty lines of no class a model that is too small for cross-validation learns beside its own, so that words it
/// does not know speak against every class. With two classes they would otherwise speak for neither and for both.
const BLANKS: usize = 3;

/// Margins of classes for a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    width: usize,
    vocabulary: Vocabulary,
    /// Row of each feature.
    row: Vec<u32>,
    /// What a row's weights are multiplied with for each feature.
    factor: Vec<f32>,
    rows: Vec<i8>,
    bias: Vec<f32>,
    /// Too few lines for cross-validation.
    pub small: bool,
    /// From margin to probability.
    pub calibration: Calibration,
}

impl Classifier {
    /// Learns lines of text with their classes (0 to `width` − 1). Needs two classes; with fewer there is nothing to tell apart.
    /// `threshold` is where the cross-validated point lands; `progress` hears percent.
    pub fn train(
        texts: &[(String, u32)],
        width: usize,
        threshold: f64,
        progress: &mut dyn FnMut(u8),
    ) -> Option<(Self, Option<HeldOut>)> {
        if width < 2 || texts.is_empty() {
            return None;
        }
        let (vocabulary, mut lines, df) =
            Vocabulary::learn(texts.iter().map(|(text, _)| text.as_str()));
        let mut classes: Vec<u32> = texts.iter().map(|(_, class)| *class).collect();
        let folds = folds(&classes, width);
        if folds.is_none() {
            lines.extend(std::iter::repeat_n(Sparse::new(), BLANKS));
            classes.extend(std::iter::repeat_n(NO_CLASS, BLANKS));
        }
        let problem = Problem {
            lines: &lines,
            classes: &classes,
            width,
            features: vocabulary.len(),
        };
        let all: Vec<usize> = (0..lines.len()).collect();
        let mut state = State::new(&problem);
        state.run(&problem, &all, EPOCHS, |epoch| {
            progress((epoch * 50 / EPOCHS) as u8)
        });
        let nothing = state.bias.iter().copied().fold(f32::MIN, f32::max);
        let held = folds.map(|folds| held_out(&problem, &state, folds, progress));
        let calibration = match &held {
            Some(held) => Calibration::from_held_out(held.best(width), nothing, threshold),
            None => Calibration::fixed(nothing, threshold),
        };
        let mut this = Self {
            width,
            row: vec![0; vocabulary.len()],
            factor: vec![0.0; vocabulary.len()],
            vocabulary,
            rows: Vec::new(),
            bias: state.bias.clone(),
            small: problem.classes.contains(&NO_CLASS),
            calibration,
        };
        this.pack(&problem, &state, &df);
        progress(100);
        Some((this, held))
    }

    /// The margin of every class, in class order. `out` is filled anew.
    pub fn margins(&self, text: &str, out: &mut Vec<f32>) {
        let mut vector = Sparse::new();
        self.vocabulary
            .vector(text, &mut Vec::with_capacity(512), &mut vector);
        out.clear();
        out.extend_from_slice(&self.bias);
        for &(feature, value) in &vector {
            let row = &self.rows[self.row[feature as usize] as usize * self.width..][..self.width];
            let value = value * self.factor[feature as usize];
            for (score, weight) in out.iter_mut().zip(row) {
                *score += value * f32::from(*weight);
            }
        }
    }

    /// Which share of a word's features is known, 0 to 1.
    pub fn known_share(&self, word: &str) -> f32 {
        self.vocabulary.known_share(word)
    }

    fn pack(&mut self, problem: &Problem, state: &State, df: &[u32]) {
        let width = self.width;
        let mut placed = vec![false; df.len()];
        for (line, vector) in problem.lines.iter().enumerate() {
            let mut shared: Option<(u32, f32)> = None;
            for &(feature, value) in vector {
                let at = feature as usize;
                if std::mem::replace(&mut placed[at], true) {
                    continue;
                }
                if df[at] == 1 {
                    let (row, factor) = *shared.get_or_insert_with(|| {
                        let own: Vec<f32> = (0..width)
                            .map(|class| {
                                state.alpha[line * width + class] * sign(problem, line, class)
                            })
                            .collect();
                        self.push_row(&own)
                    });
                    self.row[at] = row;
                    self.factor[at] = factor * value;
                } else {
                    (self.row[at], self.factor[at]) =
                        self.push_row(&state.weights[at * width..][..width]);
                }
            }
        }
    }

    fn push_row(&mut self, weights: &[f32]) -> (u32, f32) {
        let largest = weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        let factor = largest / 127.0;
        let row = (self.rows.len() / self.width) as u32;
        let inverse = if factor > 0.0 { 1.0 / factor } else { 0.0 };
        self.rows
            .extend(weights.iter().map(|w| (w * inverse).round() as i8));
        (row, factor)
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.u32(self.width as u32);
        self.vocabulary.write(out);
        out.u32s(&self.row);
        out.f32s(&self.factor);
        out.i8s(&self.rows);
        out.f32s(&self.bias);
        out.u32(u32::from(self.small));
        self.calibration.write(out);
    }

    pub(crate) fn read(input: &mut Reader) -> Result<Self, CodecError> {
        let width = input.u32()? as usize;
        let this = Self {
            width,
            vocabulary: Vocabulary::read(input)?,
            row: input.u32s()?,
            factor: input.f32s()?,
            rows: input.i8s()?,
            bias: input.f32s()?,
            small: input.u32()? != 0,
            calibration: Calibration::read(input)?,
        };
        let features = this.vocabulary.len();
        let rows = this.rows.len().checked_div(width).unwrap_or(0);
        if this.bias.len() != width || this.row.len() != features || this.factor.len() != features {
            return Err(CodecError::Damaged("the weights do not fit the vocabulary"));
        }
        if this.row.iter().any(|row| *row as usize >= rows) {
            return Err(CodecError::Damaged("a row is missing"));
        }
        Ok(this)
    }
}

/// The lines of each fold, or nothing when there are too few lines for cross-validation.
fn folds(classes: &[u32], width: usize) -> Option<Vec<Vec<usize>>> {
    let mut seen = vec![0usize; width];
    let mut folds: Vec<Vec<usize>> = vec![Vec::new(); FOLDS];
    for (line, class) in classes.iter().enumerate() {
        let class = *class as usize;
        folds[(seen[class] + class) % FOLDS].push(line);
        seen[class] += 1;
    }
    let few = classes.len() < LEAST_IN_ALL || seen.iter().any(|lines| *lines < LEAST_LINES);
    (!few).then_some(folds)
}

/// What models say of lines that they have not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// The lines of each fold.
    pub folds: Vec<Vec<usize>>,
    /// The margins of all classes, line after line.
    pub scores: Vec<f32>,
}

impl HeldOut {
    /// The best margin of every line.
    fn best(&self, width: usize) -> Vec<f32> {
        let rows = self.scores.chunks_exact(width);
        rows.map(|row| row.iter().copied().fold(f32::MIN, f32::max))
            .collect()
    }
}

/// The margins of every line under a model that has not seen it.
/// Each fold starts from the full solution, forgets its lines, and settles again.
fn held_out(
    problem: &Problem,
    full: &State,
    folds: Vec<Vec<usize>>,
    progress: &mut dyn FnMut(u8),
) -> HeldOut {
    let width = problem.width;
    let mut scores = vec![0.0; problem.lines.len() * width];
    for (number, fold) in folds.iter().enumerate() {
        let mut state = full.clone();
        state.forget(problem, fold);
        let mut held = vec![false; problem.lines.len()];
        fold.iter().for_each(|line| held[*line] = true);
        let rest: Vec<usize> = (0..problem.lines.len())
            .filter(|line| !held[*line])
            .collect();
        state.run(problem, &rest, FOLD_EPOCHS, |_| {});
        for &line in fold {
            state.scores(&problem.lines[line], &mut scores[line * width..][..width]);
        }
        progress((50 + (number + 1) * 50 / FOLDS) as u8);
    }
    HeldOut { folds, scores }
}
