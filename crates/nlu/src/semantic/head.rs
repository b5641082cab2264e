//! The head: linear machines over dense vectors, one against the rest for all classes at once, by dual coordinate descent on
//! the squared hinge loss. The order of the lines is drawn from a fixed seed.

use super::packed::{Packed, WIDTH, dot};
use crate::ml::solver::Random;

/// Weight of the constant feature that carries the bias.
const BIAS: f32 = 1.0;
/// Smaller changes are left out.
const LEAST_STEP: f32 = 1e-4;
/// Training ends when no step of an epoch was larger.
const TOLERANCE: f32 = 0.02;

/// Weights under way: a row a class, a bias a class, and line-major dual variables.
#[derive(Clone)]
pub struct Head {
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
    alpha: Vec<f32>,
    width: usize,
    /// Cost of an error: larger fits the lines more closely.
    cost: f32,
}

impl Head {
    pub fn new(lines: usize, width: usize, cost: f32) -> Self {
        Self {
            weights: vec![0.0; width * WIDTH],
            bias: vec![0.0; width],
            alpha: vec![0.0; lines * width],
            width,
            cost,
        }
    }

    /// The margin of every class.
    pub fn scores(&self, vector: &[f32; WIDTH], out: &mut [f32]) {
        let rows = self.weights.chunks_exact(WIDTH).zip(&self.bias);
        for (score, (row, bias)) in out.iter_mut().zip(rows) {
            *score = dot(row, vector) + bias * BIAS;
        }
    }

    fn step(&mut self, class: usize, vector: &[f32; WIDTH], step: f32) {
        self.bias[class] += step * BIAS;
        let row = &mut self.weights[class * WIDTH..][..WIDTH];
        row.iter_mut().zip(vector).for_each(|(w, v)| *w += step * v);
    }

    /// Takes the influence of lines out again.
    pub fn forget(&mut self, lines: &Packed, classes: &[u32], which: &[usize]) {
        let mut vector = [0.0; WIDTH];
        for &line in which {
            lines.unpack(line, &mut vector);
            for class in 0..self.width {
                let alpha = std::mem::take(&mut self.alpha[line * self.width + class]);
                if alpha > 0.0 {
                    self.step(class, &vector, -alpha * sign(classes[line], class));
                }
            }
        }
    }

    /// Visits the lines up to `epochs` times.
    pub fn run(&mut self, lines: &Packed, classes: &[u32], which: &[usize], epochs: usize) {
        let mut order = which.to_vec();
        let mut random = Random::default();
        let mut vector = [0.0; WIDTH];
        for _ in 0..epochs {
            random.shuffle(&mut order);
            let mut largest = 0.0f32;
            for &line in &order {
                lines.unpack(line, &mut vector);
                let square = dot(&vector, &vector) + BIAS * BIAS;
                for class in 0..self.width {
                    let row = &self.weights[class * WIDTH..][..WIDTH];
                    let sign = sign(classes[line], class);
                    let score = dot(row, &vector) + self.bias[class] * BIAS;
                    let alpha = &mut self.alpha[line * self.width + class];
                    let gradient = sign * score - 1.0 + *alpha * (0.5 / self.cost);
                    if *alpha == 0.0 && gradient >= 0.0 {
                        continue;
                    }
                    let next = (*alpha - gradient / (square + 0.5 / self.cost)).max(0.0);
                    let step = next - *alpha;
                    if step.abs() > LEAST_STEP {
                        largest = largest.max(step.abs());
                        *alpha = next;
                        self.step(class, &vector, step * sign);
                    }
                }
            }
            if largest < TOLERANCE {
                break;
            }
        }
    }
}

fn sign(own: u32, class: usize) -> f32 {
    if own as usize == class { 1.0 } else { -1.0 }
}
