//! Tokens of a text and their hashed features: the word and its neighbours, beginnings and endings, writing, known places.

/// A word or a single mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Hash of the word in lower case.
    word: u64,
    /// Hash of how it is written: capitals, small letters, digits.
    shape: u64,
    lower: String,
}

const FACTOR: u64 = 0x517c_c1b7_2722_0a95;

#[inline]
fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(FACTOR)
}

fn hash(text: &str) -> u64 {
    text.chars().fold(7, |hash, c| mix(hash, c as u64))
}

/// Cuts a text at spaces; letters and digits stay together, every other mark is a token of its own.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let part = c.is_alphanumeric() || is_sign(c);
        if part {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            out.push(token(text, from, at));
        }
        if !c.is_whitespace() {
            out.push(token(text, at, at + c.len_utf8()));
        }
    }
    if let Some(from) = start {
        out.push(token(text, from, text.len()));
    }
    out
}

/// Vowel signs and accents that stand behind their letter.
fn is_sign(c: char) -> bool {
    matches!(c as u32, 0x0300..=0x036F | 0x0900..=0x0DFF | 0x0E00..=0x0EFF)
}

fn token(text: &str, start: usize, end: usize) -> Token {
    let written = &text[start..end];
    let lower = written.to_lowercase();
    let mut shape = 11;
    let mut last = (0, 0);
    for c in written.chars() {
        let kind = match c {
            _ if c.is_uppercase() => 1u64,
            _ if c.is_alphabetic() => 2,
            _ if c.is_numeric() => 3,
            _ => c as u64,
        };
        // More than two alike count as two.
        last = if last.0 == kind {
            (kind, last.1 + 1)
        } else {
            (kind, 1)
        };
        if last.1 <= 2 {
            shape = mix(shape, kind);
        }
    }
    Token {
        start,
        end,
        word: hash(&lower),
        shape,
        lower,
    }
}

/// Marks of a token that come from elsewhere, such as lists of places.
pub type Marks = Vec<u8>;

/// Calls `emit` with the hash of each feature of the token at `at`.
pub fn features(all: &[Token], marks: &Marks, at: usize, mut emit: impl FnMut(u64)) {
    const BEGIN: u64 = 1;
    const END: u64 = 2;
    let place =
        |by: isize| -> Option<&Token> { at.checked_add_signed(by).and_then(|at| all.get(at)) };
    let edge = |by: isize| if by < 0 { BEGIN } else { END };
    let word = |by: isize| place(by).map_or(edge(by), |t| t.word);
    let shape = |by: isize| place(by).map_or(edge(by), |t| t.shape);
    let mut kind = 100u64;
    let mut push = |parts: &[u64]| {
        kind += 1;
        emit(
            parts
                .iter()
                .fold(mix(3, kind), |hash, part| mix(hash, *part)),
        );
    };
    push(&[]);
    push(&[word(0)]);
    push(&[shape(0)]);
    for by in [-1, 1, -2, 2, -3, 3] {
        push(&[word(by)]);
    }
    for (a, b) in [(-1, 0), (0, 1), (-2, -1), (1, 2), (-1, 1)] {
        push(&[word(a), word(b)]);
    }
    push(&[shape(-1)]);
    push(&[shape(1)]);
    push(&[shape(-1), shape(0)]);
    push(&[shape(0), shape(1)]);
    push(&[shape(0), word(-1)]);
    push(&[shape(0), word(1)]);
    let own: Vec<char> = all[at].lower.chars().collect();
    for length in 1..=4 {
        if own.len() > length {
            let part = |chars: &[char]| chars.iter().fold(5, |hash, c| mix(hash, *c as u64));
            push(&[part(&own[..length]), 1]);
            push(&[part(&own[own.len() - length..]), 2]);
        } else {
            kind_skip(&mut push);
        }
    }
    let mark = |by: isize| {
        at.checked_add_signed(by)
            .and_then(|at| marks.get(at))
            .map_or(0, |m| u64::from(*m))
    };
    push(&[mark(0)]);
    push(&[mark(0), mark(-1)]);
    push(&[mark(0), mark(1)]);
    push(&[mark(0), word(-1)]);
}

/// Keeps the numbering of features the same where a word is too short for one.
fn kind_skip(push: &mut impl FnMut(&[u64])) {
    push(&[0, 3]);
    push(&[0, 4]);
}
