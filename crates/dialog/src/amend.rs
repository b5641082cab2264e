//! Changing a value that was given before (dialog-runtime.md section 11). English only; whole values are replaced.

use crate::failure::Failure;
use crate::nodes::entity;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{Event, Given, Offer, Question};
use definition::{Amend, ComponentKind, Entity, Node, PromptOption};
use serde_json::{Value, json};

const CHANGE_WORDS: &[&str] = &[
    "amend", "change", "modify", "alter", "update", "replace", "make", "move", "upgrade", "want",
];
/// What may stand in front of the change-word.
const POLITE: &[&str] = &[
    "please", "can", "could", "would", "you", "i", "i'd", "like", "to", "no", "actually", "sorry",
    "wait", "ok", "lets", "let's", "need", "oh", "and", "also",
];

/// What an input asks to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// What stands between the change-word and the value; names the entity, holds the value, or both.
    pub about: String,
    /// The value to be replaced.
    pub old: Option<String>,
    /// The new value.
    pub new: Option<String>,
}

/// Reads a wish to change something; `None` when the text is none.
pub(crate) fn wish(text: &str) -> Option<Wish> {
    let text = text.trim().trim_end_matches(['.', '!', '?']);
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')
            .to_lowercase()
    };
    let at = words
        .iter()
        .position(|word| !POLITE.contains(&plain(word).as_str()));
    let changes = at.is_some_and(|at| CHANGE_WORDS.contains(&plain(words[at]).as_str()));
    let rest = match (changes, at) {
        (true, Some(at)) => words[at + 1..].join(" "),
        _ => words.join(" "),
    };
    let lower = rest.to_lowercase();
    if let Some((before, old)) = cut(&rest, &lower, " instead of ") {
        let lower = before.to_lowercase();
        let (about, new) = match cut(&format!(" {before}"), &format!(" {lower}"), " to ") {
            Some((about, new)) => (about, new),
            None if changes => (String::new(), before),
            None => return None,
        };
        return Some(Wish {
            about: about.trim().to_owned(),
            old: Some(old),
            new: Some(new),
        });
    }
    if !changes || rest.is_empty() {
        return None;
    }
    if let Some((before, pair)) = cut(&format!(" {rest}"), &format!(" {lower}"), " from ")
        && let Some((old, new)) = cut(&pair, &pair.to_lowercase(), " to ")
    {
        return Some(Wish {
            about: before,
            old: Some(old),
            new: Some(new),
        });
    }
    let (about, new) = match cut(&rest, &lower, " to ") {
        Some((about, new)) => (about, Some(new)),
        None => (rest.clone(), None),
    };
    Some(Wish {
        about,
        old: None,
        new,
    })
}

/// The parts of `text` around `mark`, found in its lower-case twin of the same length.
fn cut(text: &str, lower: &str, mark: &str) -> Option<(String, String)> {
    if text.len() != lower.len() {
        return None;
    }
    let at = lower.find(mark)?;
    let (before, after) = (text.get(..at)?, text.get(at + mark.len()..)?);
    (!after.trim().is_empty()).then(|| (before.trim().to_owned(), after.trim().to_owned()))
}

/// A value that was given, with what is known of its entity.
#[derive(Clone)]
struct Target<'a> {
    given: Given,
    node: &'a Node,
    component: &'a definition::Component,
    entity: &'a Entity,
}

impl<'a> Turn<'a> {
    /// The settings in force: dialog over agent.
    fn amending(&self) -> Option<&'a Amend> {
        let own = self
            .current()
            .ok()
            .and_then(|(dialog, _, _)| dialog.amend.as_ref());
        own.or(self.engine.agent.amend.as_ref())
            .filter(|amend| amend.enabled)
            .filter(|_| self.language.starts_with("en"))
    }

    /// Changes what the input asks to change. False: it asks for nothing that can be changed.
    pub(crate) fn amend(&mut self, text: &str) -> Result<bool, Failure> {
        let Some(settings) = self.amending() else {
            return Ok(false);
        };
        let Some(wish) = wish(text) else {
            return Ok(false);
        };
        let targets = self.targets(settings.allow_hidden);
        let named: Vec<&Target<'a>> = targets
            .iter()
            .filter(|t| self.is_named(t, &wish.about))
            .collect();
        if let Some(target) = named.first().copied().cloned() {
            let value = wish
                .new
                .clone()
                .or_else(|| self.rest_of(&target, &wish.about));
            return match value {
                Some(words) => self.amend_to(settings, &target, &words, true),
                None => self.ask_anew(&target),
            };
        }
        let words = wish.new.as_deref().unwrap_or(&wish.about);
        let old = wish.old.as_deref();
        let mut fitting: Vec<Target<'a>> = Vec::new();
        for target in targets {
            let fits = old.is_none_or(|old| self.has_value(&target, old));
            if fits
                && entity::read_value(self, target.component, target.entity, words, old.is_some())
                    .is_some()
            {
                fitting.push(target);
            }
        }
        match fitting.as_slice() {
            [] => Ok(false),
            [one] => self.amend_to(settings, &one.clone(), words, old.is_some()),
            several => {
                let names: Vec<String> = several.iter().map(|t| t.given.entity.clone()).collect();
                let offers: Vec<Offer> = several
                    .iter()
                    .map(|t| Offer {
                        title: entity::label(self, t.component),
                        value: json!(t.given.entity),
                    })
                    .collect();
                self.offer(Said::WhichAmend, &offers);
                self.state.question = Some(Question::Amend {
                    entities: names,
                    offers,
                    text: words.to_owned(),
                });
                Ok(true)
            }
        }
    }

    /// The user said which value is to be changed.
    pub(crate) fn answer_amend(
        &mut self,
        entities: &[String],
        offers: &[Offer],
        words: &str,
        text: &str,
    ) -> Result<(), Failure> {
        let picked = crate::listen::pick(offers, text).and_then(|at| entities.get(at));
        let Some((settings, name)) = self.amending().zip(picked) else {
            return self.understand(text);
        };
        let target = self
            .targets(settings.allow_hidden)
            .into_iter()
            .find(|t| t.given.entity == *name);
        match target {
            Some(target) if self.amend_to(settings, &target, words, true)? => Ok(()),
            _ => self.prompt_again(),
        }
    }

    /// Values given in the running task that may be changed, the latest first, one a name.
    fn targets(&self, hidden_too: bool) -> Vec<Target<'a>> {
        let agent = self.engine.agent;
        let given = self
            .state
            .task
            .as_ref()
            .map_or(&[][..], |task| task.given.as_slice());
        let mut targets: Vec<Target<'a>> = Vec::new();
        for given in given.iter().rev() {
            if targets.iter().any(|t| t.given.entity == given.entity) {
                continue;
            }
            let node = agent
                .dialog(&given.dialog_id)
                .and_then(|dialog| dialog.node(&given.node));
            let Some((node, component)) = node.and_then(|n| Some((n, agent.component_of(n)?)))
            else {
                continue;
            };
            let ComponentKind::Entity(entity) = &component.kind else {
                continue;
            };
            if hidden_too || node.options.prompt != PromptOption::Hidden {
                targets.push(Target {
                    given: given.clone(),
                    node,
                    component,
                    entity,
                });
            }
        }
        targets
    }

    /// Names of an entity: identifier, label, synonyms.
    fn names(&self, target: &Target<'a>) -> Vec<String> {
        let default = &self.engine.agent.default_language;
        let own = target.entity.synonyms.get(&self.language, default);
        let mut names = vec![
            target.component.name.replace('_', " "),
            entity::label(self, target.component),
        ];
        names.extend(own.into_iter().flatten().cloned());
        let mut names: Vec<String> = names
            .iter()
            .map(|name| name.trim().to_lowercase())
            .collect();
        names.retain(|name| !name.is_empty());
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }

    fn is_named(&self, target: &Target<'a>, about: &str) -> bool {
        let about = format!(" {} ", about.to_lowercase());
        self.names(target)
            .iter()
            .any(|name| about.contains(&format!(" {name} ")))
    }

    /// What is left of `about` when the name of the entity is taken out, if it holds a value.
    fn rest_of(&mut self, target: &Target<'a>, about: &str) -> Option<String> {
        let lower = about.to_lowercase();
        let name = self
            .names(target)
            .into_iter()
            .find(|name| lower.contains(name.as_str()))?;
        let at = lower.find(&name)?;
        let rest = about.get(at + name.len()..)?.trim();
        let rest = rest
            .strip_prefix("as ")
            .or(rest.strip_prefix("is "))
            .unwrap_or(rest);
        entity::read_value(self, target.component, target.entity, rest, true)
            .map(|_| rest.to_owned())
    }

    fn has_value(&self, target: &Target<'a>, old: &str) -> bool {
        let value = crate::path::display(&self.entity(&target.given.entity)).to_lowercase();
        let old = old.trim().to_lowercase();
        !value.is_empty() && (value.contains(&old) || old.contains(&value))
    }

    fn amend_to(
        &mut self,
        settings: &'a Amend,
        target: &Target<'a>,
        words: &str,
        told: bool,
    ) -> Result<bool, Failure> {
        let Some(value) = entity::read_value(self, target.component, target.entity, words, told)
        else {
            return Ok(false);
        };
        let name = target.given.entity.clone();
        let old = self.entity(&name);
        let length = self.input.text.len();
        self.use_last_words(0, length, target.node.options.lock_words);
        self.set_entity(&name, value.clone());
        self.out.events.push(Event::Amended {
            component: name.clone(),
            dialog_id: target.given.dialog_id.clone(),
        });
        let record = json!({"entityName": name, "oldValue": old, "newValue": value});
        self.context_mut().insert("amendedEntity".into(), record);
        self.after_amend(settings, target)?;
        Ok(true)
    }

    /// Goes on from the amended node, at a given node, or where the user was.
    fn after_amend(&mut self, settings: &'a Amend, target: &Target<'a>) -> Result<(), Failure> {
        let jump = settings
            .target
            .as_deref()
            .filter(|_| !settings.after.starts_with("continue"));
        if let Some(node) = jump
            && self
                .current()
                .is_ok_and(|(dialog, _, _)| dialog.node(node).is_some())
        {
            return self.go_to(node);
        }
        if settings.after != "continueFromAmendedNode" || !self.rewind(target) {
            return self.prompt_again();
        }
        if settings.clear_later {
            self.forget_after(&target.given);
        }
        self.skip_shown = settings.skip_shown;
        self.leave()
    }

    /// Makes the amended node the current one again. False: its dialog has ended.
    fn rewind(&mut self, target: &Target<'a>) -> bool {
        let Some(task) = &mut self.state.task else {
            return false;
        };
        let Some(at) = task
            .stack
            .iter()
            .rposition(|frame| frame.dialog_id == target.given.dialog_id)
        else {
            return false;
        };
        task.stack.truncate(at + 1);
        self.go_to(&target.given.node).is_ok()
    }

    /// Clears the values that were given after this one.
    fn forget_after(&mut self, given: &Given) {
        let Some(task) = &mut self.state.task else {
            return;
        };
        let Some(at) = task.given.iter().rposition(|have| have == given) else {
            return;
        };
        let later: Vec<Given> = task.given.split_off(at + 1);
        for gone in later.iter().filter(|gone| gone.entity != given.entity) {
            self.set_entity(&gone.entity, Value::Null);
        }
    }

    /// Asks for the value again, as if it had never been given.
    fn ask_anew(&mut self, target: &Target<'a>) -> Result<bool, Failure> {
        if !self.rewind(target) {
            return Ok(false);
        }
        self.set_entity(&target.given.entity, Value::Null);
        let length = self.input.text.len();
        self.use_last_words(0, length, true);
        entity::prompt(self, target.node, target.component, target.entity)?;
        self.wait(crate::Waiting::Entity);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_told_from_other_texts() {
        let made = |about: &str, old: Option<&str>, new: Option<&str>| {
            Some(Wish {
                about: about.into(),
                old: old.map(str::to_owned),
                new: new.map(str::to_owned),
            })
        };
        for (text, want) in [
            ("change the city", made("the city", None, None)),
            (
                "Please change the city to Rome.",
                made("the city", None, Some("Rome")),
            ),
            ("can you make it 5", made("it 5", None, None)),
            (
                "change from Paris to Rome",
                made("", Some("Paris"), Some("Rome")),
            ),
            (
                "change the city from Paris to Rome",
                made("the city", Some("Paris"), Some("Rome")),
            ),
            (
                "to Rome instead of Paris",
                made("", Some("Paris"), Some("Rome")),
            ),
            (
                "change to Rome instead of Paris",
                made("", Some("Paris"), Some("Rome")),
            ),
            ("Rome", None),
            ("Rome instead of Paris", None),
            ("I like Paris", None),
            ("change", None),
            ("", None),
        ] {
            assert_eq!(wish(text), want, "{text}");
        }
    }
}
