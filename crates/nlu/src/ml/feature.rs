//! Hashed features of a text: word 1-2 grams and character 2-5 grams, as 32-bit hashes.

use crate::text::each_word;

/// A sparse vector: feature number and weight, sorted by feature.
pub type Sparse = Vec<(u32, f32)>;

const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
const LONGEST_GRAM: usize = 5;

#[inline]
fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(FACTOR)
}

#[inline]
fn fold(hash: u64) -> u32 {
    let low = (hash ^ (hash >> 32)) as u32;
    let low = low.wrapping_mul(0x9E37_79B1);
    low ^ (low >> 15)
}

/// Calls `emit` with the hash of every feature, in text order, repeats included.
pub fn features(text: &str, mut emit: impl FnMut(u32)) {
    let mut previous: Option<u64> = None;
    let mut chars: Vec<u64> = Vec::with_capacity(text.len() + 2);
    chars.push(u64::from(b' '));
    each_word(text, |word, _, _| {
        let mut hash = 1;
        for c in word.chars() {
            hash = mix(hash, c as u64);
            chars.push(c as u64);
        }
        chars.push(u64::from(b' '));
        emit(fold(hash));
        if let Some(before) = previous {
            emit(fold(mix(mix(before, 3), hash)));
        }
        previous = Some(hash);
    });
    if previous.is_none() {
        return;
    }
    for start in 0..chars.len() {
        let mut hash = 2;
        for (length, &c) in chars[start..].iter().take(LONGEST_GRAM).enumerate() {
            hash = mix(hash, c);
            if length > 0 {
                emit(fold(hash));
            }
        }
    }
}

/// The features of a text with how often each occurs, sorted by hash. `buffer` is scratch space.
pub fn counts(text: &str, buffer: &mut Vec<u32>, mut emit: impl FnMut(u32, u32)) {
    buffer.clear();
    features(text, |hash| buffer.push(hash));
    buffer.sort_unstable();
    for run in buffer.chunk_by(|a, b| a == b) {
        emit(run[0], run.len() as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_words_has_no_features() {
        for text in ["", "  ", "?!"] {
            features(text, |_| panic!("a feature of {text:?}"));
        }
    }

    #[test]
    fn case_and_punctuation_make_no_difference() {
        let of = |text: &str| {
            let mut out = Vec::new();
            features(text, |h| out.push(h));
            out
        };
        assert_eq!(of("Book a FLIGHT!"), of("book a flight"));
        assert_ne!(of("book a flight"), of("a flight book"));
    }

    #[test]
    fn repeats_are_counted() {
        let mut most = 0;
        counts("bye bye bye", &mut Vec::new(), |_, n| most = most.max(n));
        assert!(most >= 3);
    }
}
