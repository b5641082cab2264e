//! Base forms of English words, by rule. Other languages keep the word as it is.

/// The base form of a lower-case word.
pub fn lemma(word: &str, english: bool) -> String {
    if !english || !word.is_ascii() {
        return word.to_owned();
    }
    if let Some(base) = irregular(word) {
        return base.to_owned();
    }
    let word = word.strip_suffix("'s").unwrap_or(word);
    regular(word)
}

fn irregular(word: &str) -> Option<&'static str> {
    Some(match word {
        "am" | "is" | "are" | "was" | "were" | "been" | "being" | "i'm" => "be",
        "has" | "had" | "having" => "have",
        "does" | "did" | "done" | "doing" => "do",
        "goes" | "went" | "gone" | "going" => "go",
        "bought" => "buy",
        "paid" => "pay",
        "sent" => "send",
        "lost" => "lose",
        "said" => "say",
        "got" | "gotten" => "get",
        "made" => "make",
        "took" | "taken" => "take",
        "found" => "find",
        "forgot" | "forgotten" => "forget",
        "people" => "person",
        "children" => "child",
        "men" => "man",
        "women" => "woman",
        _ => return None,
    })
}

const KEPT: &[&str] = &[
    "this",
    "his",
    "its",
    "us",
    "yes",
    "bus",
    "gas",
    "news",
    "always",
    "as",
    "thing",
    "nothing",
    "something",
    "anything",
    "everything",
    "need",
    "speed",
    "feed",
    "red",
    "bed",
    "during",
    "morning",
    "evening",
    "spring",
    "string",
    "king",
    "ring",
    "bring",
    "sing",
    "wedding",
    "hundred",
];

fn regular(word: &str) -> String {
    if word.len() < 4 || KEPT.contains(&word) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|s| s.len() >= 2) {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    if word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !word.ends_with("is")
    {
        return word[..word.len() - 1].to_owned();
    }
    if let Some(stem) = word.strip_suffix("ied").filter(|s| s.len() >= 2) {
        return format!("{stem}y");
    }
    for ending in ["ing", "ed"] {
        if let Some(stem) = word
            .strip_suffix(ending)
            .filter(|s| s.len() >= 3 && s.contains(vowel))
        {
            return restore(stem);
        }
    }
    word.to_owned()
}

fn vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Mends a stem whose ending was cut: `stopp` → `stop`, `cancell` → `cancel`, `updat` → `update`.
fn restore(stem: &str) -> String {
    let bytes = stem.as_bytes();
    let (last, before) = (bytes[bytes.len() - 1], bytes[bytes.len() - 2]);
    if last == before
        && !matches!(last, b's' | b'z' | b'e' | b'o')
        && !(last == b'l' && stem.len() == 4)
    {
        return stem[..stem.len() - 1].to_owned();
    }
    let needs_e = [
        "at", "iv", "ang", "urg", "rs", "uc", "ov", "us", "iz", "ur", "eas", "av", "ak", "rv",
        "bl", "ut", "as", "os",
    ];
    let short = ["eat", "heat", "treat", "repeat", "chat", "float"];
    if needs_e.iter().any(|end| stem.ends_with(end)) && !short.contains(&stem) {
        return format!("{stem}e");
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_forms_share_a_base() {
        let table = [
            ("flights", "flight"),
            ("booking", "book"),
            ("booked", "book"),
            ("cancelled", "cancel"),
            ("stopping", "stop"),
            ("cities", "city"),
            ("are", "be"),
            ("boxes", "box"),
            ("changed", "change"),
            ("updating", "update"),
            ("this", "this"),
            ("status", "status"),
            ("tried", "try"),
            ("calling", "call"),
            ("passing", "pass"),
            ("travelling", "travel"),
        ];
        for (word, base) in table {
            assert_eq!(lemma(word, true), base, "{word}");
        }
        assert_eq!(lemma("flights", false), "flights");
    }
}
