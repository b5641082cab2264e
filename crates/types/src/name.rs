//! Names that people give to things, compared as people see them.

use unicode_normalization::UnicodeNormalization;

/// Letters of other scripts and the Latin ones that they cannot be told from, in lower case. A letter that differs in lower case is
/// here when its capital does not (Cyrillic В and Latin B).
const LATIN: [(&str, &str); 3] = [
    ("авекмнорстухіјѕһԁԛԝ", "abekmhopctyxijshdqw"),
    ("αβεζηικμνορτυχ", "abezhikmnoptyx"),
    ("ıɑɡ", "iag"),
];

/// What a name looks like: two names that look alike are the same here. Case, width, ligatures, spaces that differ, letters of other
/// scripts with a Latin twin, and what is not seen make no difference.
pub fn look(text: &str) -> String {
    let plain: String = text
        .nfkc()
        .filter(|c| !is_hidden(*c) && !is_joiner(*c))
        .collect();
    let folded: String = plain
        .to_uppercase()
        .to_lowercase()
        .chars()
        .map(latin)
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes no room or turns the direction of what follows: has no place in a name. Joiners do, some scripts need them.
pub fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn latin(c: char) -> char {
    let twin = |(from, to): &(&str, &str)| {
        let at = from.chars().position(|one| one == c)?;
        to.chars().nth(at)
    };
    LATIN.iter().find_map(twin).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_the_same() {
        for other in [
            "PARCEL api",
            " Parcel  API ",
            "Parcel\u{a0}API",
            "Ｐａｒｃｅｌ API",
            "Pаrсеl АРІ",
            "Ραrcel API",
            "Par\u{200d}cel API",
            "Par\u{200b}cel API",
        ] {
            assert_eq!(look(other), look("Parcel API"), "{other:?}");
        }
        assert_eq!(look("Straße"), look("STRASSE"));
        assert_eq!(look("ﬁle"), look("file"));
        assert_ne!(look("Café"), look("Cafe"));
        assert_ne!(look("Parcel API"), look("Parcel API 2"));
    }

    #[test]
    fn every_letter_has_one_twin() {
        for (from, to) in LATIN {
            assert_eq!(from.chars().count(), to.chars().count(), "{from}");
            assert!(to.is_ascii());
        }
    }
}
