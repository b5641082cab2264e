//! Substitutions before everything else (`~bot_substitutions`): `word|replacement`, an empty replacement deletes, `?_unit|x` is a
//! number with its unit, and `< word|x` counts at the begin of a sentence only. Case does not matter.

use crate::input::TrainingInput;
use crate::pattern::Tokens;
use crate::text::words;

/// The concept that holds them.
const CONCEPT: &str = "bot_substitutions";

/// One substitution.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    /// Words to find; `?` is any number.
    find: Vec<String>,
    replace: Vec<String>,
    at_start: bool,
}

/// All substitutions of an agent; longer ones go first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Substitutions {
    rules: Vec<Rule>,
}

fn listed(text: &str) -> Vec<String> {
    words(&text.replace('_', " "))
        .into_iter()
        .map(|w| w.text)
        .collect()
}

impl Substitutions {
    pub(crate) fn new(input: &TrainingInput) -> Self {
        let maps = input.concepts.iter().chain(&input.synonyms);
        let own =
            maps.filter(|(name, _)| name.trim_start_matches('~').eq_ignore_ascii_case(CONCEPT));
        let mut rules: Vec<Rule> = own
            .flat_map(|(_, members)| members)
            .filter_map(|member| rule(member))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.find.len()));
        Self { rules }
    }

    /// Substitutes in place. Answers whether anything changed.
    pub(crate) fn apply(&self, tokens: &mut Tokens, english: bool) -> bool {
        let mut changed = false;
        if self.rules.is_empty() {
            return changed;
        }
        let mut at = 0;
        while at < tokens.words.len() {
            match self.rules.iter().find(|rule| rule.fits(tokens, at)) {
                Some(rule) => {
                    let words = rule.words(tokens, at);
                    at += words.len();
                    tokens.replace(at - words.len(), rule.find.len(), &words, english);
                    changed = true;
                }
                None => at += 1,
            }
        }
        changed
    }
}

fn rule(member: &str) -> Option<Rule> {
    let member = member.replace("&lt;", "<");
    let (find, replace) = member.split_once('|')?;
    let find = find.trim();
    let (find, at_start) = match find.strip_prefix('<') {
        Some(rest) => (rest, true),
        None => (find, false),
    };
    let mut wanted = listed(find);
    if find.trim_start().starts_with('?') {
        wanted.insert(0, "?".to_owned());
    }
    (!wanted.is_empty()).then(|| Rule {
        find: wanted,
        replace: replace_words(replace),
        at_start,
    })
}

fn replace_words(replace: &str) -> Vec<String> {
    let mut out = listed(replace);
    if replace.trim_start().starts_with('?') {
        out.insert(0, "?".to_owned());
    }
    out
}

fn number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

impl Rule {
    fn fits(&self, tokens: &Tokens, at: usize) -> bool {
        let said = &tokens.words[at..];
        let same = |(wanted, token): (&String, &crate::pattern::Token)| match wanted.as_str() {
            "?" => number(&token.text),
            wanted => wanted == token.text,
        };
        self.find.len() <= said.len()
            && (!self.at_start || tokens.begins(at))
            && self.find.iter().zip(said).all(same)
    }

    /// What takes the place of the words at `at`; a `?` keeps the number.
    fn words(&self, tokens: &Tokens, at: usize) -> Vec<String> {
        let said = tokens.words.get(at).map_or("", |t| t.text.as_str());
        let one = |word: &String| match word.as_str() {
            "?" => said.to_owned(),
            word => word.to_owned(),
        };
        self.replace.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_form_of_a_substitution_does_what_it_says() {
        let members = [
            "cc|credit card",
            "um|",
            "?_gb|data",
            "< need|want",
            "New_York|nyc",
        ];
        let input = TrainingInput {
            concepts: BTreeMap::from([(
                "~bot_substitutions".to_owned(),
                members.iter().map(|m| (*m).to_owned()).collect(),
            )]),
            ..TrainingInput::default()
        };
        let all = Substitutions::new(&input);
        for (text, expected, changes) in [
            ("Block my CC", "block my credit card", true),
            ("um hello", "hello", true),
            ("buy 5 gb", "buy data", true),
            ("need it. need it", "want it want it", true),
            ("I need it", "i need it", false),
            ("to new york", "to nyc", true),
            ("", "", false),
        ] {
            let mut tokens = Tokens::new(text, true);
            assert_eq!(all.apply(&mut tokens, true), changes, "{text}");
            assert_eq!(tokens.text(), expected, "{text}");
            for token in &tokens.words {
                assert!(text.get(token.start..token.end).is_some(), "{text}");
            }
        }
    }
}
