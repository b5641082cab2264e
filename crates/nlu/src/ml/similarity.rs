//! Cosine similarity of a text to stored lines, by an inverted index over the same features as the classifier.

use super::feature::Sparse;
use super::vocabulary::Vocabulary;

/// Lines and the features they hold.
#[derive(Debug, Clone, Default)]
pub struct Similarity {
    vocabulary: Vocabulary,
    /// Where the postings of each feature begin; one more than there are features.
    starts: Vec<u32>,
    /// Line and weight.
    postings: Vec<(u32, f32)>,
    lines: usize,
}

impl Similarity {
    /// Indexes the lines; their numbers are their places.
    pub fn new(lines: &[String]) -> Self {
        let (vocabulary, vectors, df) = Vocabulary::learn(lines.iter().map(String::as_str));
        let mut starts = Vec::with_capacity(df.len() + 1);
        let mut total = 0;
        for d in &df {
            starts.push(total);
            total += d;
        }
        starts.push(total);
        let mut next = starts.clone();
        let mut postings = vec![(0, 0.0); total as usize];
        for (line, vector) in vectors.iter().enumerate() {
            for &(feature, weight) in vector {
                let at = &mut next[feature as usize];
                postings[*at as usize] = (line as u32, weight);
                *at += 1;
            }
        }
        Self {
            vocabulary,
            starts,
            postings,
            lines: lines.len(),
        }
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// The cosine of the text to every line, 0 to 1, in line order.
    pub fn cosines(&self, text: &str) -> Vec<f32> {
        let mut out = vec![0.0; self.lines];
        if self.lines == 0 {
            return out;
        }
        let mut vector = Sparse::new();
        self.vocabulary
            .vector(text, &mut Vec::with_capacity(512), &mut vector);
        for &(feature, value) in &vector {
            let from = self.starts[feature as usize] as usize;
            let to = self.starts[feature as usize + 1] as usize;
            for &(line, weight) in &self.postings[from..to] {
                out[line as usize] += value * weight;
            }
        }
        out.iter_mut().for_each(|c| *c = c.clamp(0.0, 1.0));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_one_and_another_is_less() {
        let index = Similarity::new(&["reset my password".to_owned(), "opening hours".to_owned()]);
        let same = index.cosines("Reset my password?");
        assert!(same[0] > 0.999 && same[1] < 0.2);
        let near = index.cosines("reset password");
        assert!(near[0] > 0.4 && near[0] < 0.999);
        assert_eq!(index.cosines(""), [0.0, 0.0]);
    }
}
