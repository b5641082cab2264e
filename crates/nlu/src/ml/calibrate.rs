//! Turns a margin into a probability: a monotone, piecewise linear map. The point that cross-validation picks (5 % of the
//! training lines rejected) lands on the network's default `minThreshold`.

/// Share of the training lines that lie below the threshold.
const REJECTED: f64 = 0.05;
/// The fixed point where cross-validation is not possible: the margin of a text without a known feature, plus this share of
/// its distance to zero, lands on the default `minThreshold`. Chosen on drawn small agents (2 to 30 intents, 2 to 10 lines
/// each) from the training and validation lines of public sets, together with the blanks of the classifier it lets most lines in and keeps most others out.
const FIXED_SHARE: f32 = 0.5;
/// The threshold lies at least this far above the margin of a text without a known feature.
const LEAST_GAP: f32 = 0.05;
/// The fixed points of the second tier: nothing in common, the default `minThreshold`, the middle, nearly certain.
const SIMILARITY: [f32; 4] = [0.05, 0.38, 0.60, 0.90];
/// Probability of a text without a known feature.
const NOTHING: f32 = 0.02;

/// Knots of the map, margins rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    knots: Vec<(f32, f32)>,
}

impl Calibration {
    /// From the held-out best margins of the training lines, the margin of a text without a known feature, and the network's
    /// default threshold.
    pub fn from_held_out(mut margins: Vec<f32>, nothing: f32, threshold: f64) -> Self {
        margins.sort_by(f32::total_cmp);
        let at = |share: f64| margins[((margins.len() - 1) as f64 * share).round() as usize];
        Self::through(nothing, at(REJECTED), at(0.5), at(0.85), threshold as f32)
    }

    /// The fixed map for models that are too small for cross-validation.
    pub fn fixed(nothing: f32, threshold: f64) -> Self {
        let low = nothing + nothing.abs() * FIXED_SHARE;
        Self::through(nothing, low, 0.0, 0.6, threshold as f32)
    }

    /// For the second tier, from its held-out fused scores and the network's default threshold.
    pub fn wide(mut scores: Vec<f32>, threshold: f64) -> Self {
        scores.sort_by(f32::total_cmp);
        let at = |share: f64| scores[((scores.len() - 1) as f64 * share).round() as usize];
        let low = at(REJECTED);
        let middle = at(0.5).max(low + 0.05);
        let high = at(0.85).max(middle + 0.05);
        let (below, above) = (middle - low, high - middle);
        let threshold = threshold as f32;
        let knots = vec![
            (low - 5.0 * below, 0.0),
            (low - 2.0 * below, NOTHING.min(threshold / 2.0)),
            (low, threshold),
            (middle, threshold + (1.0 - threshold) * 0.6),
            (high, threshold + (1.0 - threshold) * 0.92),
            (high + 5.0 * above, 1.0),
        ];
        Self { knots }
    }

    /// The fixed map of the second tier for models that are too small for cross-validation: similarity of the nearest line
    /// plus a share of the margin.
    pub fn similarity(threshold: f64) -> Self {
        let [nothing, low, middle, high] = SIMILARITY;
        Self::through(nothing, low, middle, high, threshold as f32)
    }

    fn through(nothing: f32, low: f32, middle: f32, high: f32, threshold: f32) -> Self {
        let low = low.max(nothing + LEAST_GAP);
        let middle = middle.max(low + 0.05);
        let high = high.max(middle + 0.05);
        let knots = vec![
            (nothing - 1.0, 0.0),
            (nothing, NOTHING.min(threshold / 2.0)),
            (low, threshold),
            (middle, threshold + (1.0 - threshold) * 0.6),
            (high, threshold + (1.0 - threshold) * 0.92),
            (high + 0.8, 1.0),
        ];
        Self { knots }
    }

    /// The probability of a margin, 0 to 1; never falls when the margin rises.
    pub fn probability(&self, margin: f32) -> f64 {
        let Some(&(first, low)) = self.knots.first() else {
            return 0.0;
        };
        if margin.is_nan() || margin <= first {
            return f64::from(low);
        }
        for pair in self.knots.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if margin <= x1 {
                let share = (margin - x0) / (x1 - x0);
                return f64::from(y0 + share * (y1 - y0));
            }
        }
        1.0
    }

    pub(crate) fn write(&self, out: &mut crate::codec::Writer) {
        out.f32s(
            &self
                .knots
                .iter()
                .flat_map(|(x, y)| [*x, *y])
                .collect::<Vec<_>>(),
        );
    }

    pub(crate) fn read(input: &mut crate::codec::Reader) -> Result<Self, crate::codec::CodecError> {
        let flat = input.f32s()?;
        Ok(Self {
            knots: flat
                .chunks_exact(2)
                .map(|pair| (pair[0], pair[1]))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_percent_land_below_the_threshold_and_the_map_never_falls() {
        let margins: Vec<f32> = (0..1000).map(|i| -1.0 + i as f32 / 500.0).collect();
        for threshold in [0.3, 0.6] {
            let map = Calibration::from_held_out(margins.clone(), -0.95, threshold);
            let below = margins
                .iter()
                .filter(|m| map.probability(**m) < threshold - 1e-6)
                .count();
            assert!((45..=55).contains(&below), "{below}");
            let mut last = 0.0;
            for step in -300..300 {
                let p = map.probability(step as f32 / 100.0);
                assert!(p >= last && (0.0..=1.0).contains(&p));
                last = p;
            }
        }
    }
}
