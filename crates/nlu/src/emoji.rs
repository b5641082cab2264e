//! Emoji that word lists name between colons, as `:wave:`.

/// Names and what they stand for; the sign without tone and sex.
const NAMES: &[(&str, &str)] = &[
    ("+1", "👍"),
    ("thumbsup", "👍"),
    ("-1", "👎"),
    ("thumbsdown", "👎"),
    ("ok_hand", "👌"),
    ("wave", "👋"),
    ("pray", "🙏"),
    ("clap", "👏"),
    ("raised_hands", "🙌"),
    ("handshake", "🤝"),
    ("muscle", "💪"),
    ("fist", "✊"),
    ("facepunch", "👊"),
    ("v", "✌"),
    ("crossed_fingers", "🤞"),
    ("the_horns", "🤘"),
    ("i_love_you_hand_sign", "🤟"),
    ("left-facing_fist", "🤛"),
    ("right-facing_fist", "🤜"),
    ("bow", "🙇"),
    ("man-bowing", "🙇"),
    ("woman-bowing", "🙇"),
    ("no_good", "🙅"),
    ("man-gesturing-no", "🙅"),
    ("woman-gesturing-no", "🙅"),
    ("ok_woman", "🙆"),
    ("man-gesturing-ok", "🙆"),
    ("woman-gesturing-ok", "🙆"),
    ("shrug", "🤷"),
    ("smile", "😄"),
    ("smiley", "😃"),
    ("grin", "😁"),
    ("grinning", "😀"),
    ("grinning_face_with_star_eyes", "🤩"),
    ("star-struck", "🤩"),
    ("laughing", "😆"),
    ("satisfied", "😆"),
    ("joy", "😂"),
    ("rolling_on_the_floor_laughing", "🤣"),
    ("sweat_smile", "😅"),
    ("blush", "😊"),
    ("relaxed", "☺"),
    ("slightly_smiling_face", "🙂"),
    ("wink", "😉"),
    ("yum", "😋"),
    ("relieved", "😌"),
    ("sunglasses", "😎"),
    ("heart_eyes", "😍"),
    ("kissing_heart", "😘"),
    ("kissing", "😗"),
    ("hugging_face", "🤗"),
    ("stuck_out_tongue", "😛"),
    ("stuck_out_tongue_winking_eye", "😜"),
    ("stuck_out_tongue_closed_eyes", "😝"),
    ("smiley_cat", "😺"),
    ("smile_cat", "😸"),
    ("joy_cat", "😹"),
    ("heart_eyes_cat", "😻"),
    ("heart", "❤"),
    ("tada", "🎉"),
    ("fire", "🔥"),
    ("100", "💯"),
    ("white_check_mark", "✅"),
    ("heavy_check_mark", "✔"),
    ("x", "❌"),
    ("no_entry_sign", "🚫"),
    ("thinking_face", "🤔"),
    ("neutral_face", "😐"),
    ("confused", "😕"),
    ("disappointed", "😞"),
    ("worried", "😟"),
    ("cry", "😢"),
    ("sob", "😭"),
    ("angry", "😠"),
    ("rage", "😡"),
];

/// Whether a member of a word list is the name of an emoji.
pub(crate) fn is_name(piece: &str) -> bool {
    name(piece).is_some()
}

/// The sign that a name stands for; nothing for a name that is not known here.
pub(crate) fn sign(piece: &str) -> Option<&'static str> {
    let name = name(piece)?;
    let found = NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, sign)| *sign)
}

fn name(piece: &str) -> Option<&str> {
    let inner = piece.strip_prefix(':')?.strip_suffix(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    (!inner.is_empty() && inner.chars().all(fits)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_signs_and_other_words_for_themselves() {
        assert_eq!(sign(":-1:"), Some("👎"));
        assert_eq!(sign(":wave:"), Some("👋"));
        assert!(is_name(":no_such_sign:") && sign(":no_such_sign:").is_none());
        for plain in ["-1", "wave", "a:b:c", "::", ":two words:"] {
            assert!(!is_name(plain), "{plain}");
        }
    }
}
