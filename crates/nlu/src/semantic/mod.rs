//! The second tier: a head over the vectors of a frozen sentence encoder, fused with the margins of the first tier.
//!
//! With enough lines, what a class scores is `head + w · margin` plus how near the text is to its five nearest lines, all on
//! scales that cross-validation gives; the same cross-validation picks `w`, the threshold, and the margin from which the first
//! tier answers alone. With few lines the encoder decides alone, by fixed points.

mod discriminant;
mod fit;
mod head;
mod packed;

use crate::codec::{CodecError, Reader, Writer};
use crate::ml::calibrate::Calibration;
use packed::{Packed, Query};

pub(crate) use fit::{Lines, fit};

/// Turns texts into vectors of length one. Implemented by the caller over the encoder that is installed.
pub trait Embed: Send + Sync + std::fmt::Debug {
    /// Changes with the encoder: vectors of two ids do not go together.
    fn id(&self) -> u64;
    /// The vector of a text; `None` when the encoder failed, and the first tier answers.
    fn embed(&self, text: &str) -> Option<Vec<f32>>;
    /// Whether a word in small letters has a meaning to the encoder as a whole; then it is no slip. Nothing is known unless said.
    fn knows(&self, _word: &str) -> bool {
        false
    }
}

/// Nearest lines whose mean similarity counts.
const NEAREST: usize = 5;
/// Best classes among whose lines the nearest are looked for.
const CLASSES: usize = 5;
/// Weight of the head's margin beside the nearest line's similarity, where lines are few.
const SMALL_MARGIN: f32 = 0.25;

/// Head, lines and scales.
#[derive(Debug, Clone, Default)]
pub(crate) struct Semantic {
    encoder: u64,
    width: usize,
    /// Vectors of the lines, and of the names of intents with few lines.
    lines: Packed,
    hashes: Vec<u64>,
    classes: Vec<u32>,
    /// Vectors of the questions of FAQs, in the order of the index.
    faqs: Packed,
    faq_hashes: Vec<u64>,
    /// Vectors of the samples of traits, group after group.
    traits: Packed,
    trait_hashes: Vec<u64>,
    /// A row a class.
    weights: Vec<f32>,
    bias: Vec<f32>,
    fusion: Fusion,
    /// Lines of each class; rebuilt at loading.
    by_class: Vec<Vec<u32>>,
}

/// Scales of the fused score.
#[derive(Debug, Clone, PartialEq)]
struct Fusion {
    /// Too few lines for cross-validation.
    small: bool,
    head: f32,
    margin: f32,
    /// Weight of a class's nearest line.
    nearest: f32,
    fused: Scale,
    near: Scale,
    /// The first tier answers alone from this margin on.
    exit: f32,
    calibration: Calibration,
}

impl Default for Fusion {
    fn default() -> Self {
        Self {
            small: true,
            head: 1.0,
            margin: 0.0,
            nearest: 0.0,
            fused: Scale::default(),
            near: Scale::default(),
            exit: f32::INFINITY,
            calibration: Calibration::fixed(-1.0, 0.3),
        }
    }
}

/// Brings a score to mean 0 and spread 1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    mean: f32,
    spread: f32,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            mean: 0.0,
            spread: 1.0,
        }
    }
}

impl Scale {
    fn of(values: &[f32]) -> Self {
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / count;
        Self {
            mean,
            spread: square.sqrt().max(1e-3),
        }
    }

    fn z(self, value: f32) -> f32 {
        (value - self.mean) / self.spread
    }
}

/// How near a text is to the lines of the best classes.
struct Near {
    /// Mean similarity of the nearest lines.
    mean: f32,
    /// Similarity of the nearest line of each of those classes.
    classes: Vec<(usize, f32)>,
}

impl Near {
    /// Adds the nearest line's similarity to the scores of those classes.
    fn add(&self, scores: &mut [f32], weight: f32) {
        for (class, similarity) in &self.classes {
            scores[*class] += similarity * weight;
        }
    }
}

impl Semantic {
    /// The encoder whose vectors these are.
    pub fn encoder(&self) -> u64 {
        self.encoder
    }

    /// Whether it has this many classes.
    pub fn fits(&self, classes: usize) -> bool {
        self.width == classes
    }

    /// Similarity of the text to each question of the FAQs.
    pub fn questions(&self, vector: &[f32]) -> Vec<f32> {
        let query = Query::new(vector);
        (0..self.faqs.len())
            .map(|at| query.cosine(&self.faqs, at))
            .collect()
    }

    /// Similarity of the text to each sample of the traits that are not patterns, in the order of [`crate::model::trait_samples`].
    pub fn samples(&self, vector: &[f32]) -> Vec<f32> {
        let query = Query::new(vector);
        (0..self.traits.len())
            .map(|at| query.cosine(&self.traits, at))
            .collect()
    }

    /// Whether the first tier answers alone.
    pub fn exits(&self, margin: f32) -> bool {
        margin >= self.fusion.exit
    }

    /// Probability of each class. `margins` are those of the first tier, empty where it has none; classes that `open` refuses
    /// count for nothing and answer 0.
    pub fn probabilities(
        &self,
        vector: &[f32],
        margins: &[f32],
        open: impl Fn(usize) -> bool,
    ) -> Vec<f64> {
        let query = Query::new(vector);
        let mut scores = self.head(vector);
        let fusion = &self.fusion;
        for (class, score) in scores.iter_mut().enumerate() {
            *score = if !open(class) {
                f32::NEG_INFINITY
            } else if fusion.small {
                *score * SMALL_MARGIN + self.nearest(&query, class)
            } else {
                *score * fusion.head + margins.get(class).copied().unwrap_or(0.0) * fusion.margin
            };
        }
        if !fusion.small {
            let near = self.near(&query, &scores, |_| true);
            near.add(&mut scores, fusion.nearest);
            let mean = fusion.near.z(near.mean);
            for score in &mut scores {
                *score = fusion.fused.z(*score) + mean;
            }
        }
        let probability = |score: f32| match score.is_finite() {
            true => fusion.calibration.probability(score),
            false => 0.0,
        };
        scores.into_iter().map(probability).collect()
    }

    /// Margins of the head.
    fn head(&self, vector: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(vector.len().max(1));
        rows.zip(&self.bias)
            .map(|(row, bias)| packed::dot(row, vector) + bias)
            .collect()
    }

    /// Similarity of the nearest line of a class.
    fn nearest(&self, query: &Query, class: usize) -> f32 {
        let lines = self.by_class[class].iter();
        lines
            .map(|line| query.cosine(&self.lines, *line as usize))
            .fold(0.0, f32::max)
    }

    /// The nearest lines of the best classes; a line that `counts` refuses is left out.
    fn near(&self, query: &Query, scores: &[f32], counts: impl Fn(usize) -> bool) -> Near {
        let mut best: Vec<usize> = (0..scores.len())
            .filter(|class| scores[*class].is_finite())
            .collect();
        let order = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
        if best.len() > CLASSES {
            best.select_nth_unstable_by(CLASSES - 1, order);
            best.truncate(CLASSES);
        }
        let mut top = [0.0f32; NEAREST];
        let mut classes = Vec::with_capacity(best.len());
        for class in best {
            let mut most = 0.0f32;
            let lines = self.by_class[class].iter().map(|line| *line as usize);
            for line in lines.filter(|line| counts(*line)) {
                let mut cosine = query.cosine(&self.lines, line);
                most = most.max(cosine);
                for place in &mut top {
                    if cosine > *place {
                        std::mem::swap(&mut cosine, place);
                    }
                }
            }
            classes.push((class, most));
        }
        Near {
            mean: top.iter().sum::<f32>() / NEAREST as f32,
            classes,
        }
    }

    fn index(mut self) -> Self {
        self.by_class = vec![Vec::new(); self.width];
        for (line, class) in self.classes.iter().enumerate() {
            self.by_class[*class as usize].push(line as u32);
        }
        self
    }

    pub fn write(&self, out: &mut Writer) {
        out.u64(self.encoder);
        out.u32(self.width as u32);
        self.lines.write(out);
        out.u64s(&self.hashes);
        out.u32s(&self.classes);
        self.faqs.write(out);
        out.u64s(&self.faq_hashes);
        self.traits.write(out);
        out.u64s(&self.trait_hashes);
        out.f32s(&self.weights);
        out.f32s(&self.bias);
        let fusion = &self.fusion;
        out.u32(u32::from(fusion.small));
        let scales = [fusion.fused, fusion.near]
            .map(|s| [s.mean, s.spread])
            .concat();
        out.f32s(
            &[
                &[fusion.head, fusion.margin, fusion.nearest, fusion.exit],
                scales.as_slice(),
            ]
            .concat(),
        );
        fusion.calibration.write(out);
    }

    pub fn read(input: &mut Reader) -> Result<Self, CodecError> {
        let mut this = Self {
            encoder: input.u64()?,
            width: input.u32()? as usize,
            lines: Packed::read(input)?,
            hashes: input.u64s()?,
            classes: input.u32s()?,
            faqs: Packed::read(input)?,
            faq_hashes: input.u64s()?,
            traits: Packed::read(input)?,
            trait_hashes: input.u64s()?,
            weights: input.f32s()?,
            bias: input.f32s()?,
            ..Self::default()
        };
        let small = input.u32()? != 0;
        let &[head, margin, nearest, exit, a, b, c, d] = input.f32s()?.as_slice() else {
            return Err(CodecError::Damaged("the scales are missing"));
        };
        let scale = |mean, spread| Scale { mean, spread };
        this.fusion = Fusion {
            small,
            head,
            margin,
            nearest,
            fused: scale(a, b),
            near: scale(c, d),
            exit,
            calibration: Calibration::read(input)?,
        };
        let (lines, width) = (this.lines.len(), this.width);
        let fits = this.hashes.len() == lines
            && this.classes.len() == lines
            && this.faq_hashes.len() == this.faqs.len()
            && this.trait_hashes.len() == this.traits.len()
            && this.bias.len() == width
            && this.weights.len() == width * packed::WIDTH;
        if !fits || this.classes.iter().any(|class| *class as usize >= width) {
            return Err(CodecError::Damaged("the lines do not fit the head"));
        }
        Ok(this.index())
    }
}
