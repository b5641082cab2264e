//! Words and sentences of a text, in any script.

/// A word with its place in the text it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word in lower case, curly quotes made straight.
    pub text: String,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// What a character is to the tokeniser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Part of a word.
    Word,
    /// A word by itself: scripts without spaces, emoji, symbols.
    Alone,
    /// An apostrophe: part of a word when it stands inside one.
    Quote,
    /// Separates words.
    Gap,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => Class::Word,
            '\'' => Class::Quote,
            _ => Class::Gap,
        };
    }
    match c as u32 {
        0x2019 | 0x2018 | 0x02BC => Class::Quote,
        0x3040..=0x30FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF => Class::Alone,
        0x2190..=0x2BFF | 0x1F000..=0x1FAFF => Class::Alone,
        // Vowel signs and marks that Unicode does not call alphabetic.
        0x0300..=0x036F | 0x0900..=0x0DFF | 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF => {
            Class::Word
        }
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

/// A task name as it is said: without underscores, and one word in camel case as its parts.
pub(crate) fn spoken(name: &str) -> String {
    let plain = name.trim().replace('_', " ");
    if plain.contains(char::is_whitespace) {
        return plain;
    }
    let chars: Vec<char> = plain.chars().collect();
    let mut parts = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let follows_small = before.is_some_and(|b| b.is_lowercase());
        let ends_capitals = before.is_some_and(char::is_uppercase)
            && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (follows_small || ends_capitals) {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut() {
            last.push(*c);
        }
    }
    // "iPhone" is one word
    match parts.iter().all(|part| part.chars().count() > 1) {
        true => parts.join(" "),
        false => plain,
    }
}

/// Splits a text into lower-case words. Scripts without spaces give one word a character; an emoji is a word.
pub fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(text.len() / 5 + 1);
    each_word(text, |word, start, end| {
        out.push(Word {
            text: word.to_owned(),
            start,
            end,
        })
    });
    out
}

/// Calls `emit` for every word with its bytes; the buffer is reused, so that nothing is allocated per word.
pub(crate) fn each_word(text: &str, mut emit: impl FnMut(&str, usize, usize)) {
    let mut buffer = String::with_capacity(24);
    let mut start = 0;
    let mut end = 0;
    let mut quote = false;
    for (at, c) in text.char_indices() {
        let kind = class(c);
        if kind == Class::Word {
            if buffer.is_empty() {
                start = at;
            } else if quote {
                buffer.push('\'');
            }
            quote = false;
            end = at + c.len_utf8();
            if c.is_ascii() {
                buffer.push(c.to_ascii_lowercase());
            } else {
                buffer.extend(c.to_lowercase());
            }
            continue;
        }
        if kind == Class::Quote && !buffer.is_empty() && !quote {
            quote = true;
            continue;
        }
        if !buffer.is_empty() {
            emit(&buffer, start, end);
            buffer.clear();
        }
        quote = false;
        if kind == Class::Alone {
            buffer.push(c);
            emit(&buffer, at, at + c.len_utf8());
            buffer.clear();
        }
    }
    if !buffer.is_empty() {
        emit(&buffer, start, end);
    }
}

/// The words joined by one space: two texts with the same key say the same.
pub fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each_word(text, |word, _, _| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    });
    if out.is_empty() {
        // Only punctuation: the text itself is the key.
        out.push_str(text.trim());
    }
    out
}

/// Splits a text into sentences at `.`, `!`, `?`, their wide forms and line ends. An empty text has none.
pub fn sentences(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let wide = matches!(c, '。' | '！' | '？' | '।');
        let ends = match c {
            '.' | '!' | '?' => chars.peek().is_none_or(|next| next.is_whitespace()),
            '\n' | '\r' => true,
            _ => wide,
        };
        current.push(c);
        if ends {
            push_trimmed(&mut out, &mut current);
        }
    }
    push_trimmed(&mut out, &mut current);
    out
}

fn push_trimmed(out: &mut Vec<String>, current: &mut String) {
    let trimmed = current.trim();
    if trimmed.chars().any(|c| class(c) != Class::Gap) {
        out.push(trimmed.to_owned());
    } else if let (Some(last), false) = (out.last_mut(), trimmed.is_empty()) {
        last.push_str(trimmed);
    } else if !trimmed.is_empty() {
        out.push(trimmed.to_owned());
    }
    current.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_camel_case_are_said_in_parts() {
        for (name, want) in [
            ("CreateEmployee", "Create Employee"),
            ("sendSMSNow", "send SMS Now"),
            ("Book_Cab", "Book Cab"),
            ("iPhone", "iPhone"),
            ("ServiceNow tickets", "ServiceNow tickets"),
            ("SMS", "SMS"),
            ("", ""),
        ] {
            assert_eq!(spoken(name), want);
        }
    }

    #[test]
    fn words_of_many_scripts() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  ", &[]),
            ("Hello, World!", &["hello", "world"]),
            ("what's up", &["what's", "up"]),
            ("what’s 'quoted'", &["what's", "quoted"]),
            ("Größe ÄNDERN", &["größe", "ändern"]),
            ("你好 ok", &["你", "好", "ok"]),
            ("नमस्ते दुनिया", &["नमस्ते", "दुनिया"]),
            ("👋 hi", &["👋", "hi"]),
            ("a-b_c", &["a", "b", "c"]),
            ("?!", &[]),
        ];
        for (text, expected) in table {
            let found: Vec<String> = words(text).into_iter().map(|w| w.text).collect();
            assert_eq!(&found, expected, "{text}");
        }
    }

    #[test]
    fn a_word_knows_its_bytes() {
        let text = "Zum Café!";
        let found = words(text);
        assert_eq!(&text[found[1].start..found[1].end], "Café");
    }

    #[test]
    fn sentences_end_at_marks_followed_by_space() {
        assert_eq!(
            sentences("Hi. I pay 3.50! ok?"),
            ["Hi.", "I pay 3.50!", "ok?"]
        );
        assert_eq!(sentences("wait..."), ["wait..."]);
        assert_eq!(sentences(""), Vec::<String>::new());
        assert_eq!(sentences("你好。再见"), ["你好。", "再见"]);
    }
}
