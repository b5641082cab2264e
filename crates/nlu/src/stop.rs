//! Words that carry no meaning by themselves, and words of politeness around a request.

/// Stop words of a language; empty when the language has no list.
pub(crate) fn stop_words(language: &str) -> &'static [&'static str] {
    match language.get(..2).unwrap_or(language) {
        "en" => ENGLISH,
        "de" => GERMAN,
        "es" => SPANISH,
        "fr" => FRENCH,
        "pt" => PORTUGUESE,
        "hi" => HINDI,
        _ => &[],
    }
}

const ENGLISH: &[&str] = &[
    "a", "an", "the", "is", "are", "am", "was", "were", "be", "been", "i", "me", "my", "mine",
    "we", "our", "us", "you", "your", "it", "its", "this", "that", "these", "those", "to", "of",
    "in", "on", "at", "for", "with", "from", "by", "as", "and", "or", "do", "does", "did", "can",
    "could", "would", "should", "will", "shall", "may", "might", "must", "have", "has", "had",
    "what", "whats", "what's", "how", "hows", "how's", "when", "where", "which", "who", "whom",
    "why", "there", "so", "if", "then", "than", "please", "i'm", "i'd", "i'll", "i've", "about",
    "any", "some", "into", "want", "need", "like", "get", "tell", "know", "let",
];
const GERMAN: &[&str] = &[
    "der", "die", "das", "ein", "eine", "einen", "einem", "einer", "ich", "mir", "mich", "mein",
    "meine", "meinen", "du", "sie", "wir", "ist", "sind", "war", "bin", "zu", "zum", "zur", "von",
    "vom", "in", "im", "auf", "an", "am", "für", "mit", "und", "oder", "wie", "was", "wann", "wo",
    "wer", "kann", "können", "möchte", "will", "habe", "hat", "bitte", "es",
];
const SPANISH: &[&str] = &[
    "el", "la", "los", "las", "un", "una", "de", "del", "en", "a", "al", "por", "para", "con", "y",
    "o", "mi", "mis", "yo", "me", "es", "son", "que", "qué", "cómo", "cuándo", "dónde", "puedo",
    "quiero", "favor", "se", "lo", "su",
];
const FRENCH: &[&str] = &[
    "le", "la", "les", "un", "une", "des", "de", "du", "d", "l", "à", "au", "en", "et", "ou", "je",
    "j", "mon", "ma", "mes", "est", "sont", "que", "quel", "quelle", "comment", "quand", "où",
    "puis", "veux", "voudrais", "pour", "avec", "il", "ce",
];
const PORTUGUESE: &[&str] = &[
    "o", "a", "os", "as", "um", "uma", "de", "do", "da", "em", "no", "na", "por", "para", "com",
    "e", "ou", "meu", "minha", "eu", "me", "é", "são", "que", "como", "quando", "onde", "posso",
    "quero", "favor", "se",
];

const HINDI: &[&str] = &[
    "का",
    "के",
    "की",
    "को",
    "में",
    "से",
    "पर",
    "है",
    "हैं",
    "था",
    "थे",
    "थी",
    "हूं",
    "हूँ",
    "हो",
    "और",
    "या",
    "एक",
    "यह",
    "ये",
    "वह",
    "वे",
    "मैं",
    "मुझे",
    "मेरा",
    "मेरी",
    "मेरे",
    "आप",
    "आपका",
    "आपकी",
    "हम",
    "हमें",
    "क्या",
    "कैसे",
    "कब",
    "कहां",
    "कहाँ",
    "कौन",
    "कितना",
    "कितने",
    "कृपया",
    "चाहता",
    "चाहती",
    "चाहिए",
    "सकता",
    "सकती",
    "सकते",
    "कर",
    "करना",
    "करें",
    "लिए",
    "तक",
    "भी",
    "ही",
    "तो",
    "ने",
    "अपना",
    "अपनी",
    "अपने",
];

/// English words around a request that do not belong to it.
const POLITE: &[&str] = &[
    "please", "pls", "hi", "hello", "hey", "thanks", "thank", "you", "i", "id", "i'd", "i'm", "im",
    "we", "want", "wanna", "would", "like", "need", "to", "can", "could", "let's", "lets", "let",
    "me", "help", "with", "a", "an", "the", "my", "us", "now", "just", "kindly", "ok", "okay",
    "so", "will", "have", "do", "some",
];

/// Whether an English word belongs to politeness and not to the request.
pub(crate) fn polite(word: &str) -> bool {
    POLITE.contains(&word)
}

/// Takes politeness off both ends of a key (words joined by spaces). What would be left empty is kept whole.
pub(crate) fn gleaned(key: &str, english: bool) -> &str {
    if !english {
        return key;
    }
    let mut rest = key;
    while let Some((first, tail)) = rest
        .split_once(' ')
        .filter(|(first, _)| POLITE.contains(first))
    {
        let _ = first;
        rest = tail;
    }
    while let Some((head, _)) = rest
        .rsplit_once(' ')
        .filter(|(_, last)| matches!(*last, "please" | "pls" | "thanks" | "now"))
    {
        rest = head;
    }
    if POLITE.contains(&rest) { key } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn politeness_is_taken_off_both_ends() {
        let table = [
            ("i would like to book a flight please", "book a flight"),
            ("help", "help"),
            ("please help me", "please help me"),
            ("my balance", "balance"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(gleaned(text, true), expected);
        }
        assert_eq!(gleaned("my balance", false), "my balance");
    }
}
