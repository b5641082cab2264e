//! A second view of the same vectors: how far a text lies from the mean of each class, measured by the spread that lines have within
//! their class. All classes share one spread, so few lines a class suffice, and what comes out is a row and a bias a class like those
//! of the head.

use super::packed::{Packed, WIDTH, dot};

/// A class with less has no line left: counts are whole, but are added up as fractions.
const LEAST: f32 = 0.5;
/// Bias of a class without lines.
const UNSEEN: f32 = -1e4;

/// The rows and biases of the classes.
pub struct Discriminant {
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Sums over all lines, from which those of a fold can be taken away.
#[derive(Clone)]
pub struct Sums {
    /// Sum of each class's vectors.
    means: Vec<f32>,
    counts: Vec<f32>,
    /// Upper half of the sum of outer products.
    square: Vec<f32>,
    width: usize,
}

impl Sums {
    pub fn new(width: usize) -> Self {
        Self {
            means: vec![0.0; width * WIDTH],
            counts: vec![0.0; width],
            square: vec![0.0; WIDTH * WIDTH],
            width,
        }
    }

    /// Adds lines, or takes them away with a `sign` of −1.
    pub fn add(&mut self, lines: &Packed, classes: &[u32], which: &[usize], sign: f32) {
        let mut vector = [0.0; WIDTH];
        for &line in which {
            lines.unpack(line, &mut vector);
            let class = classes[line] as usize;
            self.counts[class] += sign;
            let mean = &mut self.means[class * WIDTH..][..WIDTH];
            mean.iter_mut()
                .zip(&vector)
                .for_each(|(m, v)| *m += sign * v);
            for (at, v) in vector.iter().enumerate() {
                let factor = sign * v;
                let row = &mut self.square[at * WIDTH..][at..WIDTH];
                row.iter_mut()
                    .zip(&vector[at..])
                    .for_each(|(s, w)| *s += factor * w);
            }
        }
    }

    /// Solves for the classes; `shrink` is the share of the spread that is taken as equal in all directions.
    pub fn solve(&self, shrink: f32) -> Discriminant {
        let mut means = self.means.clone();
        let total = self.counts.iter().sum::<f32>().max(1.0);
        let mut spread = self.square.clone();
        for (mean, count) in means.chunks_exact_mut(WIDTH).zip(&self.counts) {
            if *count < LEAST {
                continue;
            }
            mean.iter_mut().for_each(|m| *m /= count);
            for at in 0..WIDTH {
                let factor = mean[at] * count;
                let row = &mut spread[at * WIDTH..][at..WIDTH];
                row.iter_mut()
                    .zip(&mean[at..])
                    .for_each(|(s, m)| *s -= factor * m);
            }
        }
        let trace: f32 = (0..WIDTH).map(|at| spread[at * WIDTH + at]).sum::<f32>() / total;
        let even = shrink * trace.max(1e-6) / WIDTH as f32;
        for at in 0..WIDTH {
            let row = &mut spread[at * WIDTH..][at..WIDTH];
            row.iter_mut().for_each(|s| *s *= (1.0 - shrink) / total);
            row[0] += even;
        }
        factor(&mut spread);
        self.classes(&means, &spread)
    }

    /// Rows and biases, from the means of the classes and the factor of their spread.
    fn classes(&self, means: &[f32], spread: &[f32]) -> Discriminant {
        let width = self.width;
        let seen = |class: &usize| self.counts[*class] >= LEAST;
        let known = (0..width).filter(seen).count().max(1) as f32;
        let mut centre = [0.0f32; WIDTH];
        for class in (0..width).filter(seen) {
            let mean = &means[class * WIDTH..][..WIDTH];
            centre
                .iter_mut()
                .zip(mean)
                .for_each(|(c, m)| *c += m / known);
        }
        let mut weights = vec![0.0; width * WIDTH];
        let mut bias = vec![UNSEEN; width];
        for class in (0..width).filter(seen) {
            let mean = &means[class * WIDTH..][..WIDTH];
            let row = &mut weights[class * WIDTH..][..WIDTH];
            row.iter_mut()
                .zip(mean.iter().zip(&centre))
                .for_each(|(w, (m, c))| *w = m - c);
            back(spread, row);
            let middle: Vec<f32> = mean
                .iter()
                .zip(&centre)
                .map(|(m, c)| (m + c) / 2.0)
                .collect();
            bias[class] = -dot(row, &middle);
        }
        Discriminant { weights, bias }
    }
}

impl Discriminant {
    /// What every class scores.
    pub fn scores(&self, vector: &[f32], out: &mut [f32]) {
        let rows = self.weights.chunks_exact(WIDTH).zip(&self.bias);
        for (score, (row, bias)) in out.iter_mut().zip(rows) {
            *score = dot(row, vector) + bias;
        }
    }
}

/// Cholesky: the upper half of a matrix becomes the factor U with UᵀU = A.
fn factor(upper: &mut [f32]) {
    for at in 0..WIDTH {
        let (done, rest) = upper.split_at_mut((at + 1) * WIDTH);
        let pivot_row = &mut done[at * WIDTH..][at..WIDTH];
        let pivot = pivot_row[0].max(1e-9).sqrt();
        pivot_row.iter_mut().for_each(|v| *v /= pivot);
        for (step, row) in rest.chunks_exact_mut(WIDTH).enumerate() {
            let factor = pivot_row[step + 1];
            let tail = &mut row[at + 1 + step..];
            tail.iter_mut()
                .zip(&pivot_row[step + 1..])
                .for_each(|(r, p)| *r -= factor * p);
        }
    }
}

/// Solves UᵀU x = b in place.
fn back(upper: &[f32], b: &mut [f32]) {
    for at in 0..WIDTH {
        let row = &upper[at * WIDTH..][at..WIDTH];
        let value = b[at] / row[0];
        b[at] = value;
        b[at + 1..]
            .iter_mut()
            .zip(&row[1..])
            .for_each(|(v, u)| *v -= value * u);
    }
    for at in (0..WIDTH).rev() {
        let row = &upper[at * WIDTH..][at..WIDTH];
        b[at] = (b[at] - dot(&row[1..], &b[at + 1..])) / row[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(class: usize, seed: usize) -> Vec<f32> {
        let mut out = vec![0.0f32; WIDTH];
        out[class] = 0.4;
        // what lines of a class differ by, larger than what classes differ by
        out[100 + seed % 3] = if seed.is_multiple_of(2) { 0.9 } else { -0.9 };
        out
    }

    #[test]
    fn what_lines_of_one_class_differ_by_counts_less_than_what_classes_differ_by() {
        let mut lines = Packed::default();
        let classes: Vec<u32> = (0..24).map(|at| at % 3).collect();
        for (at, class) in classes.iter().enumerate() {
            lines.push(&vector(*class as usize, at / 3));
        }
        let all: Vec<usize> = (0..24).collect();
        let mut sums = Sums::new(3);
        sums.add(&lines, &classes, &all, 1.0);
        let solved = sums.solve(0.2);
        let mut scores = [0.0; 3];
        for class in 0..3 {
            for seed in 0..6 {
                solved.scores(&vector(class, seed), &mut scores);
                let best = (0..3).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
                assert_eq!(best, Some(class), "{scores:?}");
            }
        }
        let plain = |at: usize| solved.weights[at].abs();
        assert!(plain(0) > 5.0 * plain(100), "{} {}", plain(0), plain(100));
    }

    #[test]
    fn lines_taken_away_leave_no_trace_and_a_class_without_lines_does_not_win() {
        let mut lines = Packed::default();
        let classes = [0, 0, 1, 1, 2, 2];
        for (at, class) in classes.iter().enumerate() {
            lines.push(&vector(*class as usize, at));
        }
        let mut less = Sums::new(3);
        less.add(&lines, &classes, &[0, 1, 2, 3, 4, 5], 1.0);
        less.add(&lines, &classes, &[4, 5], -1.0);
        let mut fresh = Sums::new(3);
        fresh.add(&lines, &classes, &[0, 1, 2, 3], 1.0);
        let (less, fresh) = (less.solve(0.5), fresh.solve(0.5));
        let (mut a, mut b) = ([0.0; 3], [0.0; 3]);
        less.scores(&vector(0, 1), &mut a);
        fresh.scores(&vector(0, 1), &mut b);
        assert!(
            a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.01),
            "{a:?} {b:?}"
        );
        assert!(a[2] < a[0] && a[2] < a[1]);
    }
}
