//! Strings as the format writes them: percent-encoded or raw, with HTML entities in patterns.

use std::borrow::Cow;

/// Decodes a string by the rule of the format: when it consists only of the characters that `encodeURIComponent` leaves,
/// and every `%` begins an escape, it was encoded; anything else is raw. What does not decode to UTF-8 stays as it is.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') || !is_encoded(text) {
        return Cow::Borrowed(text);
    }
    match String::from_utf8(unescape(text)) {
        Ok(decoded) => Cow::Owned(decoded),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Writes a text so that [`decode`] gives it back: as it is where that is safe, else percent-encoded.
pub fn encode_if_needed(text: &str) -> String {
    if decode(text) == text {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Decodes a service path. Old builders encode each placeholder but leave the slashes around it, which the whole-string
/// rule takes for raw text; so placeholders are decoded on their own and all other escapes stay, for they belong to the URL.
pub(crate) fn decode_path(text: &str) -> String {
    if is_encoded(text) {
        return decode(text).into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("%7B%7B") {
        let (before, from) = rest.split_at(at);
        let Some(len) = from.find("%7D%7D").map(|end| end + "%7D%7D".len()) else {
            break;
        };
        let (placeholder, after) = from.split_at(len);
        out.push_str(before);
        out.push_str(
            &String::from_utf8(unescape(placeholder)).unwrap_or_else(|_| placeholder.to_owned()),
        );
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Replaces the HTML entities that patterns are written with.
pub(crate) fn unescape_html(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    marks
        .iter()
        .fold(text.to_owned(), |out, (from, to)| out.replace(from, to))
}

fn is_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let escape = bytes.get(at + 1..at + 3);
                if !escape.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) {
                    return false;
                }
                at += 3;
            }
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => at += 1,
            byte if byte.is_ascii_alphanumeric() => at += 1,
            _ => return false,
        }
    }
    true
}

/// Bytes with every well-formed escape replaced.
fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strings_that_are_encoded_throughout_are_decoded() {
        for (written, read) in [
            ("Hello%20world%21", "Hello world!"),
            ("Hello world%21", "Hello world%21"),
            ("100%", "100%"),
            ("50%zz", "50%zz"),
            ("plain", "plain"),
            ("%C3%A9t%C3%A9", "été"),
            ("%FF%FE", "%FF%FE"),
            ("%7B%7Bcontext.x%7D%7D", "{{context.x}}"),
            ("", ""),
        ] {
            assert_eq!(decode(written), read, "{written}");
        }
    }

    #[test]
    fn a_path_has_its_placeholders_decoded_and_its_other_escapes_kept() {
        assert_eq!(
            decode_path("/a/%7B%7Benv.X%5B0%5D%7D%7D/?q=a%20b"),
            "/a/{{env.X[0]}}/?q=a%20b"
        );
        assert_eq!(
            decode_path("%7B%7Benv.URL%7D%7D%2Fa%3Fb"),
            "{{env.URL}}/a?b"
        );
        assert_eq!(decode_path("/a/%7B%7Bopen"), "/a/%7B%7Bopen");
    }

    #[test]
    fn entities_of_patterns_become_their_characters() {
        assert_eq!(unescape_html("&lt; be * &gt; &amp;lt;"), "< be * > &lt;");
    }
}
