/// A part of a text: as it stands, or the inside of `{{ … }}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    Expression(&'a str),
}

/// Splits a text at its placeholders. What is opened and never closed stays text.
pub(crate) fn split(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let inside = &rest[start + 2..];
        let Some(end) = closing(inside) else { break };
        if start > 0 {
            parts.push(Part::Text(&rest[..start]));
        }
        parts.push(Part::Expression(inside[..end].trim()));
        rest = &inside[end + 2..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Place of the `}}` that ends a placeholder: the first outside brackets and quotes, else the first at all.
fn closing(inside: &str) -> Option<usize> {
    let first = inside.find("}}")?;
    Some(balanced(inside.as_bytes()).unwrap_or(first))
}

fn balanced(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b'}') if depth == 0 && text.get(at + 1) == Some(&b'}') => return Some(at),
            (None, b')' | b']' | b'}') => depth = depth.checked_sub(1)?,
            // another placeholder starts only after this one has ended
            (None, b';') | (None, _) => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Part::*, *};

    #[test]
    fn a_text_is_split_at_its_placeholders() {
        assert_eq!(split("plain"), [Text("plain")]);
        assert_eq!(
            split("Hi {{ context.name }}!"),
            [Text("Hi "), Expression("context.name"), Text("!")]
        );
        assert_eq!(split("{{a}}{{b}}"), [Expression("a"), Expression("b")]);
        assert!(split("").is_empty());
    }

    #[test]
    fn the_end_is_outside_brackets_and_quotes() {
        assert_eq!(
            split("{{f({a:{b:1}})}}."),
            [Expression("f({a:{b:1}})"), Text(".")]
        );
        assert_eq!(split("{{'}}'}}."), [Expression("'}}'"), Text(".")]);
    }

    #[test]
    fn an_unbalanced_inside_ends_at_the_first_braces() {
        assert_eq!(
            split("{{user's}} {{b}}"),
            [Expression("user's"), Text(" "), Expression("b")]
        );
    }

    #[test]
    fn what_is_never_closed_stays_text() {
        assert_eq!(split("a {{b"), [Text("a {{b")]);
    }
}
