//! JavaScript regular expressions in a linear-time engine.

use super::EntityError;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

/// Compiled expressions kept at most.
const KEPT: usize = 256;
/// Largest compiled expression in bytes.
const LARGEST: usize = 2 << 20;

static READY: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

/// Compiles an expression, with or without `/…/flags` around it. Compiled ones are kept.
pub(super) fn compile(source: &str) -> Result<Regex, EntityError> {
    if let Some(ready) = READY.lock().ok().and_then(|map| map.get(source).cloned()) {
        return Ok(ready);
    }
    let (body, flags) = delimited(source);
    let built = RegexBuilder::new(&translate(body))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(LARGEST)
        .build()
        .map_err(|error| EntityError::Regex(reason(&error)))?;
    if let Ok(mut map) = READY.lock() {
        if map.len() >= KEPT {
            map.clear();
        }
        map.insert(source.to_owned(), built.clone());
    }
    Ok(built)
}

fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned()
}

fn delimited(source: &str) -> (&str, &str) {
    let inner = source
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match inner {
        Some((body, flags))
            if !body.is_empty() && flags.chars().all(|c| "dgimsuvy".contains(c)) =>
        {
            (body, flags)
        }
        _ => (source, ""),
    }
}

/// Rewrites what the two dialects read differently.
fn translate(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len() + 16);
    let mut class = false;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        match c {
            '\\' => {
                let Some(&next) = chars.get(at) else {
                    out.push_str("\\\\");
                    break;
                };
                at += 1;
                at += escape(&mut out, next, &chars[at..], class);
            }
            '[' if class => out.push_str("\\["),
            '[' => {
                class = true;
                out.push('[');
                if chars.get(at) == Some(&'^') {
                    out.push('^');
                    at += 1;
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            ']' => out.push_str("\\]"),
            '&' | '~' if class => {
                out.push('\\');
                out.push(c);
            }
            '-' if class && chars.get(at) == Some(&'-') => out.push_str("\\-"),
            '{' if !class && !quantifier(&chars[at..]) => out.push_str("\\{"),
            '}' if !class && !out_has_open(&out) => out.push_str("\\}"),
            _ => out.push(c),
        }
    }
    out
}

/// Writes an escape; answers how many characters behind it were used.
fn escape(out: &mut String, next: char, rest: &[char], class: bool) -> usize {
    let hex = |count: usize| -> Option<u32> {
        let digits: String = rest.get(..count)?.iter().collect();
        u32::from_str_radix(&digits, 16).ok()
    };
    match next {
        'd' => out.push_str(if class { "0-9" } else { "[0-9]" }),
        'w' => out.push_str(if class { "A-Za-z0-9_" } else { "[A-Za-z0-9_]" }),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^A-Za-z0-9_]"),
        'b' if class => out.push_str("\\x08"),
        'b' => out.push_str("(?-u:\\b)"),
        'B' => out.push_str("(?-u:\\B)"),
        'u' | 'x' => {
            let count = if next == 'u' { 4 } else { 2 };
            match hex(count) {
                Some(code) => {
                    out.push_str(&format!("\\x{{{code:X}}}"));
                    return count;
                }
                None => out.push(next),
            }
        }
        'n' | 'r' | 't' | 'f' | 'v' | 's' | 'S' | '0'..='9' | 'k' | 'p' | 'P' => {
            out.push('\\');
            out.push(next);
        }
        _ if next.is_alphanumeric() || matches!(next, '<' | '>' | '/' | ' ' | '_') => {
            out.push(next)
        }
        _ => {
            out.push('\\');
            out.push(next);
        }
    }
    0
}

/// Whether `{` begins a count such as `2}`, `2,}` or `2,5}`.
fn quantifier(rest: &[char]) -> bool {
    let Some(end) = rest.iter().position(|c| *c == '}') else {
        return false;
    };
    let inner: String = rest[..end].iter().collect();
    let (low, high) = inner.split_once(',').unwrap_or((&inner, ""));
    !low.is_empty() && low.chars().chain(high.chars()).all(|c| c.is_ascii_digit())
}

/// Whether a `{` written as an operator is still open.
fn out_has_open(out: &str) -> bool {
    let open = out.rfind('{').filter(|at| !out[..*at].ends_with('\\'));
    open.is_some_and(|at| !out[at..].contains('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_syntax_is_translated() {
        let table = [
            (r"^\d{3}-\d{4}$", "555-1234", Some("555-1234")),
            (r"[A-Z]{2}\d+", "order AB123 please", Some("AB123")),
            (r"/inc\d+/i", "my INC0042", Some("INC0042")),
            (r"[\w.-]+\/x", "a-b/x", Some("a-b/x")),
            (r"[[a]+", "[a[", Some("[a[")),
            (r"a{", "a{", Some("a{")),
            (r"\u0041+", "AAA", Some("AAA")),
            (r"[^\d\s]+", "12 ab", Some("ab")),
            (r"(?<year>\d{4})", "in 2024", Some("2024")),
            (r"}", "}", Some("}")),
            (r"\d+", "٣", None),
        ];
        for (pattern, text, expected) in table {
            let regex = compile(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            assert_eq!(regex.find(text).map(|m| m.as_str()), expected, "{pattern}");
        }
    }

    #[test]
    fn what_needs_backtracking_is_an_error_and_slow_patterns_are_fast() {
        for pattern in [r"(a)\1", r"a(?=b)", r"(?<!a)b", "(", "a{1000}{1000}{1000}"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        let slow = compile("^(a+)+$").expect("it is regular");
        assert!(!slow.is_match(&format!("{}b", "a".repeat(100_000))));
    }
}
