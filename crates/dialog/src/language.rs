//! Which of an agent's languages a text is written in: by its script, else by the small words that it holds.

/// Small words that are frequent in one language. A word may stand in several lists; then it decides nothing alone.
const SMALL_WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "is", "are", "i", "you", "my", "what", "how", "to", "of", "and", "for", "with",
            "want", "need", "please", "can", "do", "would", "like", "it", "in", "this", "that",
            "have", "where", "when",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "ist", "sind", "ich", "sie", "mein", "meine", "was", "wie", "zu",
            "und", "für", "mit", "möchte", "bitte", "kann", "ein", "eine", "einen", "nicht", "wo",
            "wann", "auf", "den", "von", "es", "will", "haben",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "est", "sont", "je", "vous", "mon", "ma", "mes", "que", "quoi",
            "comment", "de", "et", "pour", "avec", "veux", "voudrais", "un", "une", "des", "ne",
            "pas", "où", "quand", "du", "au", "il", "suis",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "es", "son", "yo", "usted", "mi", "mis", "qué", "cómo",
            "como", "de", "y", "para", "con", "quiero", "por", "favor", "un", "una", "no", "dónde",
            "cuándo", "del", "al", "necesito", "puedo", "está",
        ],
    ),
    (
        "it",
        &[
            "il", "lo", "la", "gli", "è", "sono", "io", "mio", "mia", "che", "cosa", "come", "di",
            "e", "per", "con", "voglio", "vorrei", "un", "una", "non", "dove", "quando", "del",
            "al", "posso", "ho", "della",
        ],
    ),
    (
        "pt",
        &[
            "o", "a", "os", "as", "é", "são", "eu", "você", "meu", "minha", "que", "como", "de",
            "e", "para", "com", "quero", "gostaria", "um", "uma", "não", "onde", "quando", "do",
            "da", "no", "na", "preciso", "posso",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "is", "zijn", "ik", "u", "mijn", "wat", "hoe", "en", "voor", "met", "wil",
            "graag", "kan", "een", "niet", "waar", "wanneer", "van", "op", "aan", "je",
        ],
    ),
];

/// Scripts that only one of our languages is written in, by a range of characters.
const SCRIPTS: &[(&str, char, char)] = &[
    ("ja", '\u{3040}', '\u{30ff}'),
    ("ko", '\u{ac00}', '\u{d7af}'),
    ("zh", '\u{4e00}', '\u{9fff}'),
    ("hi", '\u{0900}', '\u{097f}'),
    ("ar", '\u{0600}', '\u{06ff}'),
    ("he", '\u{0590}', '\u{05ff}'),
    ("th", '\u{0e00}', '\u{0e7f}'),
    ("el", '\u{0370}', '\u{03ff}'),
    ("ru", '\u{0400}', '\u{04ff}'),
    ("ta", '\u{0b80}', '\u{0bff}'),
    ("te", '\u{0c00}', '\u{0c7f}'),
];

/// The language of `text` among the codes `known`; `None` when the text does not tell.
pub(crate) fn guess<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let find = |code: &str| {
        known
            .iter()
            .find(|k| k.split(['-', '_']).next() == Some(code))
            .copied()
    };
    for (code, first, last) in SCRIPTS {
        if let Some(found) = find(code)
            && text.chars().any(|c| (*first..=*last).contains(&c))
        {
            return Some(found);
        }
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let mut scores: Vec<(usize, &'a str)> = SMALL_WORDS
        .iter()
        .filter_map(|(code, small)| {
            let hits = words.iter().filter(|word| small.contains(word)).count();
            Some((hits, find(code)?))
        })
        .collect();
    scores.sort_by_key(|(hits, _)| std::cmp::Reverse(*hits));
    match scores.as_slice() {
        // two words at least, and more than in any other language
        [(best, code), rest @ ..]
            if *best >= 2 && rest.first().is_none_or(|(next, _)| next < best) =>
        {
            Some(code)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_script_or_small_words_or_not_at_all() {
        let all = ["en", "de", "fr", "es", "it", "ja", "hi"];
        for (text, want) in [
            ("I want to book a flight", Some("en")),
            ("Ich möchte einen Flug buchen", Some("de")),
            ("je voudrais un vol pour Paris", Some("fr")),
            ("quiero reservar un vuelo por favor", Some("es")),
            ("vorrei prenotare un volo per Roma", Some("it")),
            ("フライトを予約したい", Some("ja")),
            ("मुझे मदद चाहिए", Some("hi")),
            ("Rome", None),
            ("7", None),
            ("", None),
        ] {
            assert_eq!(guess(text, &all), want, "{text}");
        }
        assert_eq!(guess("Ich möchte einen Flug", &["en", "fr"]), None);
        assert_eq!(
            guess("I want to book a flight", &["en-US", "de"]),
            Some("en-US")
        );
    }
}
