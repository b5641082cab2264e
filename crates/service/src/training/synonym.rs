//! Synonyms and concepts of a language: a word, and others that mean the same. Names of concepts begin with `~`.

use super::{
    parts::language,
    seen::{self, Seen},
};
use crate::{
    Caller, Ctx,
    definition::{
        self as agents,
        draft::{self, Edit},
    },
};
use definition::{Agent, Package};
use serde_json::{Value, json};
use std::collections::HashSet;
use store::Copy;
use types::{Error, Field, Result, id::BotId};

/// Terms of a language at most (ours).
const TERMS_MAX: usize = 5_000;
/// Words of a term at most (ours).
const WORDS_MAX: usize = 500;
/// Longest term or word, characters (ours).
const WORD_MAX: usize = 200;

/// A term with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word, or the concept's name with `~`.
    pub term: String,
    /// The words that mean the same, or the concept's members.
    pub words: Vec<String>,
    /// State of the term, for [`set`].
    pub tag: String,
}

/// The terms of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The language.
    pub language: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// The terms, by name; concepts after words.
    pub items: Vec<Term>,
}

fn state(words: &[String]) -> String {
    seen::tag(&json!(words))
}

/// The terms of the draft in one language, the default one where none is named.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, asked: Option<&str>) -> Result<Terms> {
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let language = language(&agent, asked)?;
    let maps = [
        agent.nlu.synonyms.exact(&language),
        agent.nlu.concepts.exact(&language),
    ];
    let mut items: Vec<Term> = maps
        .into_iter()
        .flatten()
        .flatten()
        .map(|(term, words)| Term {
            term: term.clone(),
            tag: state(words),
            words: words.clone(),
        })
        .collect();
    let key = |one: &Term| (one.term.starts_with('~'), one.term.to_lowercase());
    items.sort_by_key(key);
    Ok(Terms {
        items,
        languages: agent.enabled_languages().map(str::to_owned).collect(),
        language,
    })
}

/// Writes the words of a term, if it is still as it was seen; without words the term goes. `seen` of a new term is `new`.
///
/// # Errors
/// Not found; bad input on `term` or `words`; somebody else was faster.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
    (term, words): (&str, Vec<String>),
    seen: Seen,
) -> Result<()> {
    let (term, words) = checked(term, &words)?;
    let what = Edit {
        action: match words.is_empty() {
            true => "synonym.remove",
            false => "synonym.change",
        },
        details: json!({"language": asked, "words": words.len()}),
    };
    let asked = asked.map(str::to_owned);
    draft::edit(ctx, caller, bot, &what, move |package| {
        apply(package, asked.as_deref(), &term, &words, &seen)
    })
    .await
}

fn checked(term: &str, words: &[String]) -> Result<(String, Vec<String>)> {
    let mut wrong = Vec::new();
    let mut say = |field: String, message: String| wrong.push(Field { field, message });
    let term = term.trim();
    let fits = |text: &str| text.chars().count() <= WORD_MAX && !text.chars().any(char::is_control);
    let bare = term.trim_start_matches('~').trim();
    if bare.is_empty() || !fits(term) {
        let text = format!("must be one line of 1 to {WORD_MAX} characters");
        say("term".to_owned(), text);
    }
    if words.len() > WORDS_MAX {
        say("words".to_owned(), format!("must be at most {WORDS_MAX}"));
    }
    let mut have = HashSet::new();
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let word = word.trim();
        if !fits(word) {
            let text = format!("must be one line of at most {WORD_MAX} characters");
            say(format!("words[{at}]"), text);
        }
        if !word.is_empty() && have.insert(word.to_lowercase()) {
            out.push(word.to_owned());
        }
    }
    match wrong.is_empty() {
        true => Ok((term.to_owned(), out)),
        false => Err(Error::fields(wrong)),
    }
}

fn apply(
    package: &mut Package,
    asked: Option<&str>,
    term: &str,
    words: &[String],
    seen: &Seen,
) -> Result<()> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let known = match term.starts_with('~') {
        true => agent.nlu.concepts.exact(&language),
        false => agent.nlu.synonyms.exact(&language),
    };
    let known = known.and_then(|all| all.get(term));
    let fresh = seen.0.as_deref() == Some("new");
    if known.is_some() && fresh {
        return Err(Error::field("term", "is there already; change it instead"));
    }
    if !fresh {
        seen.check(&state(known.map_or(&[], Vec::as_slice)))?;
    }
    let definition = &mut package.definition;
    for name in ["localeData", &language, "synonyms"]
        .iter()
        .scan(String::new(), |path, step| {
            *path = format!("{path}/{step}");
            Some(path.clone())
        })
    {
        let there = definition.pointer(&name).is_some_and(Value::is_object);
        if there {
            continue;
        }
        let (parent, last) = name.rsplit_once('/').unwrap_or_default();
        if let Some(place) = definition.pointer_mut(parent) {
            place[last] = json!({});
        }
    }
    let all = definition["localeData"][&language]["synonyms"].as_object_mut();
    let all = all.ok_or_else(|| Error::bad_input("The definition has no place for synonyms"))?;
    if words.is_empty() {
        all.shift_remove(term);
        return Ok(());
    }
    if known.is_none() && all.len() >= TERMS_MAX {
        let text = format!("a language has at most {TERMS_MAX} terms");
        return Err(Error::field("term", text));
    }
    all.insert(term.to_owned(), json!(words));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Kind;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|w| (*w).to_owned()).collect()
    }

    fn known(package: &Package, term: &str) -> Option<Vec<String>> {
        let agent = Agent::from_package(package);
        agent.nlu.synonyms.exact("en")?.get(term).cloned()
    }

    #[test]
    fn a_term_is_written_changed_only_as_it_was_seen_and_removed_without_words() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        let mut package = definition::read_path(&path).expect("reads");
        let new = Seen(Some("new".to_owned()));
        let (term, list) = checked(" courier ", &words(&["driver", "Driver", " "])).expect("fits");
        apply(&mut package, None, &term, &list, &new).expect("writes");
        assert_eq!(known(&package, "courier"), Some(words(&["driver"])));
        let twice = apply(&mut package, None, &term, &list, &new).expect_err("there");
        assert_eq!(twice.fields[0].field, "term");
        let old = Seen(Some(state(&words(&["rider"]))));
        let late = apply(&mut package, None, &term, &words(&["van"]), &old).expect_err("late");
        assert_eq!(late.kind, Kind::Conflict);
        let now = Seen(Some(state(&list)));
        apply(&mut package, None, &term, &[], &now).expect("removes");
        assert_eq!(known(&package, "courier"), None);
    }

    #[test]
    fn a_word_that_is_too_long_is_named() {
        let error = checked("x", &["y".repeat(201)]).expect_err("long");
        assert_eq!(error.fields[0].field, "words[0]");
        assert!(checked(" ~ ", &[]).is_err());
    }
}
