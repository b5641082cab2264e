//! Linear support vector machines, one against the rest for all classes at once, by dual coordinate descent (squared hinge loss).
//! The order in which lines are visited is drawn from a fixed seed: same lines, same weights.

use super::feature::Sparse;

/// Cost of an error. Larger fits the lines more closely.
const COST: f32 = 2.0;
/// Weight of the constant feature that carries the bias.
const BIAS: f32 = 1.0;
/// Changes smaller than this are left out.
const LEAST_STEP: f32 = 1e-4;
/// Training ends when no step of an epoch was larger.
const TOLERANCE: f32 = 0.02;

/// The class of a line that belongs to none: it is a counter-example for all.
pub const NO_CLASS: u32 = u32::MAX;

/// The lines to learn.
pub struct Problem<'a> {
    /// A vector a line.
    pub lines: &'a [Sparse],
    /// The class of each line, or [`NO_CLASS`].
    pub classes: &'a [u32],
    /// Number of classes.
    pub width: usize,
    /// Number of features.
    pub features: usize,
}

/// Weights under way.
#[derive(Clone)]
pub struct State {
    /// Feature-major: the weights of all classes of feature 0, then of feature 1.
    pub weights: Vec<f32>,
    /// A bias a class.
    pub bias: Vec<f32>,
    /// Line-major dual variables, at least 0.
    pub alpha: Vec<f32>,
}

impl State {
    /// All zero.
    pub fn new(problem: &Problem) -> Self {
        Self {
            weights: vec![0.0; problem.features * problem.width],
            bias: vec![0.0; problem.width],
            alpha: vec![0.0; problem.lines.len() * problem.width],
        }
    }

    /// Margin of every class for a vector.
    pub fn scores(&self, vector: &Sparse, out: &mut [f32]) {
        let width = out.len();
        for (score, bias) in out.iter_mut().zip(&self.bias) {
            *score = bias * BIAS;
        }
        for &(feature, value) in vector {
            let row = &self.weights[feature as usize * width..][..width];
            for (score, weight) in out.iter_mut().zip(row) {
                *score += value * weight;
            }
        }
    }

    /// Takes the influence of some lines out again, as if they had never been seen.
    pub fn forget(&mut self, problem: &Problem, lines: &[usize]) {
        let width = problem.width;
        for &line in lines {
            let mut steps = Vec::new();
            for class in 0..width {
                let alpha = std::mem::take(&mut self.alpha[line * width + class]);
                if alpha > 0.0 {
                    steps.push((class, -alpha * sign(problem, line, class)));
                }
            }
            self.apply(&problem.lines[line], width, &steps);
        }
    }

    fn apply(&mut self, vector: &Sparse, width: usize, steps: &[(usize, f32)]) {
        if steps.is_empty() {
            return;
        }
        for &(class, step) in steps {
            self.bias[class] += step * BIAS;
        }
        for &(feature, value) in vector {
            let row = &mut self.weights[feature as usize * width..][..width];
            for &(class, step) in steps {
                row[class] += value * step;
            }
        }
    }

    /// Visits the given lines up to `epochs` times.
    pub fn run(
        &mut self,
        problem: &Problem,
        lines: &[usize],
        epochs: usize,
        mut after: impl FnMut(usize),
    ) {
        let width = problem.width;
        let mut order = lines.to_vec();
        let mut random = Random::default();
        let mut scores = vec![0.0; width];
        let mut steps = Vec::new();
        for epoch in 0..epochs {
            random.shuffle(&mut order);
            let mut largest = 0.0f32;
            for &line in &order {
                let vector = &problem.lines[line];
                let square: f32 = vector.iter().map(|(_, v)| v * v).sum::<f32>() + BIAS * BIAS;
                self.scores(vector, &mut scores);
                steps.clear();
                for (class, score) in scores.iter().enumerate() {
                    let sign = sign(problem, line, class);
                    let alpha = &mut self.alpha[line * width + class];
                    let gradient = sign * score - 1.0 + *alpha * (0.5 / COST);
                    if *alpha == 0.0 && gradient >= 0.0 {
                        continue;
                    }
                    let next = (*alpha - gradient / (square + 0.5 / COST)).max(0.0);
                    let step = next - *alpha;
                    if step.abs() > LEAST_STEP {
                        largest = largest.max(step.abs());
                        *alpha = next;
                        steps.push((class, step * sign));
                    }
                }
                self.apply(vector, width, &steps);
            }
            after(epoch + 1);
            if largest < TOLERANCE {
                break;
            }
        }
    }
}

/// 1 for the line's own class, −1 for the others.
pub fn sign(problem: &Problem, line: usize, class: usize) -> f32 {
    if problem.classes[line] as usize == class {
        1.0
    } else {
        -1.0
    }
}

/// A small generator with a fixed seed.
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x2545_F491_4F6C_DD1D)
    }
}

impl Random {
    /// Puts the items in another order.
    pub fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            items.swap(last, (self.0 >> 33) as usize % (last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(lines: &[Sparse]) -> Problem<'_> {
        Problem {
            lines,
            classes: &[0, 0, 1, 1],
            width: 2,
            features: 3,
        }
    }

    #[test]
    fn separable_lines_are_separated_and_forgotten_lines_leave_no_trace() {
        let lines: Vec<Sparse> = vec![
            vec![(0, 1.0)],
            vec![(0, 0.8), (2, 0.6)],
            vec![(1, 1.0)],
            vec![(1, 0.8), (2, 0.6)],
        ];
        let problem = problem(&lines);
        let mut state = State::new(&problem);
        state.run(&problem, &[0, 1, 2, 3], 20, |_| {});
        let mut scores = [0.0; 2];
        for (line, class) in lines.iter().zip([0usize, 0, 1, 1]) {
            state.scores(line, &mut scores);
            assert!(scores[class] > scores[1 - class]);
        }
        state.forget(&problem, &[0, 1, 2, 3]);
        assert!(
            state
                .weights
                .iter()
                .chain(&state.bias)
                .all(|w| w.abs() < 1e-4)
        );
    }
}
