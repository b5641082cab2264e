//! The features seen in training and their weights (TF-IDF). A feature not seen counts in the length of a vector, so that
//! a text of unknown words comes out short.

use super::feature::{Sparse, counts, features};
use crate::codec::{CodecError, Reader, Writer};

/// Numbers features in the order in which they were first seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vocabulary {
    hashes: Vec<u32>,
    idf: Vec<f32>,
    unknown: f32,
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl Vocabulary {
    /// Learns from texts; answers the vocabulary, each text's vector and in how many texts each feature occurs.
    pub fn learn<'a>(texts: impl Iterator<Item = &'a str>) -> (Self, Vec<Sparse>, Vec<u32>) {
        let mut this = Self::default();
        this.grow(1024);
        let mut df: Vec<u32> = Vec::new();
        let mut raw: Vec<Sparse> = Vec::new();
        let mut buffer = Vec::new();
        for text in texts {
            let mut line = Sparse::new();
            counts(text, &mut buffer, |hash, times| {
                let feature = this.intern(hash);
                if feature as usize == df.len() {
                    df.push(0);
                }
                df[feature as usize] += 1;
                line.push((feature, frequency(times)));
            });
            raw.push(line);
        }
        let lines = raw.len() as f32 + 1.0;
        this.idf = df
            .iter()
            .map(|&d| (lines / (d as f32 + 1.0)).ln() + 1.0)
            .collect();
        this.unknown = lines.ln() + 1.0;
        for line in &mut raw {
            for (feature, weight) in line.iter_mut() {
                *weight *= this.idf[*feature as usize];
            }
            let squares: f32 = line.iter().map(|(_, w)| w * w).sum();
            scale(line, squares);
        }
        (this, raw, df)
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The vector of a text, length at most one; sorted by hash, not by feature. `out` is filled anew.
    pub fn vector(&self, text: &str, buffer: &mut Vec<u32>, out: &mut Sparse) {
        out.clear();
        let mut squares = 0.0;
        counts(text, buffer, |hash, times| {
            let tf = frequency(times);
            match self.find(hash) {
                Some(feature) => {
                    let weight = tf * self.idf[feature as usize];
                    squares += weight * weight;
                    out.push((feature, weight));
                }
                None => squares += (tf * self.unknown) * (tf * self.unknown),
            }
        });
        scale(out, squares);
    }

    /// Which share of a text's features is known, 0 to 1.
    pub fn known_share(&self, text: &str) -> f32 {
        let (mut all, mut known) = (0u32, 0u32);
        features(text, |hash| {
            all += 1;
            known += u32::from(self.find(hash).is_some());
        });
        known as f32 / all.max(1) as f32
    }

    fn find(&self, hash: u32) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let feature = self.slots[at];
            if feature == EMPTY {
                return None;
            }
            if self.hashes[feature as usize] == hash {
                return Some(feature);
            }
            at = (at + 1) & mask;
        }
    }

    fn intern(&mut self, hash: u32) -> u32 {
        if let Some(feature) = self.find(hash) {
            return feature;
        }
        if (self.hashes.len() + 1) * 2 > self.slots.len() {
            self.grow(self.slots.len() * 2);
        }
        let feature = self.hashes.len() as u32;
        self.hashes.push(hash);
        self.place(hash, feature);
        feature
    }

    fn place(&mut self, hash: u32, feature: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = feature;
    }

    fn grow(&mut self, size: usize) {
        self.slots = vec![EMPTY; size];
        for feature in 0..self.hashes.len() {
            self.place(self.hashes[feature], feature as u32);
        }
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.u32s(&self.hashes);
        out.f32s(&self.idf);
        out.f32(self.unknown);
    }

    pub(crate) fn read(input: &mut Reader) -> Result<Self, CodecError> {
        let mut this = Self {
            hashes: input.u32s()?,
            idf: input.f32s()?,
            unknown: input.f32()?,
            slots: Vec::new(),
        };
        if this.hashes.len() != this.idf.len() {
            return Err(CodecError::Damaged(
                "the vocabulary does not fit its weights",
            ));
        }
        this.grow((this.hashes.len() * 2 + 2).next_power_of_two());
        Ok(this)
    }
}

fn frequency(times: u32) -> f32 {
    if times == 1 {
        1.0
    } else {
        1.0 + (times as f32).ln()
    }
}

fn scale(line: &mut Sparse, squares: f32) {
    if squares > 0.0 {
        let factor = squares.sqrt().recip();
        line.iter_mut().for_each(|(_, weight)| *weight *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_text_has_length_one_and_unknown_words_shorten_it() {
        let (vocabulary, lines, _) =
            Vocabulary::learn(["book a flight", "cancel the order"].into_iter());
        let length = |v: &Sparse| v.iter().map(|(_, w)| w * w).sum::<f32>();
        assert!((length(&lines[0]) - 1.0).abs() < 1e-5);
        let mut out = Sparse::new();
        vocabulary.vector("book a flight", &mut Vec::new(), &mut out);
        assert!((length(&out) - 1.0).abs() < 1e-5);
        vocabulary.vector("book a zeppelin", &mut Vec::new(), &mut out);
        assert!(length(&out) < 0.9);
    }
}
