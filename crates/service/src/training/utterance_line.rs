//! The utterances of an intent, one by one: added, changed, removed, each with its tags.

use super::parts::{component, fold, language, language_of, list_mut, sentences};
use crate::{
    Caller, Ctx,
    definition::draft::{self, Edit},
};
use definition::{Agent, ComponentKind, Package};
use serde_json::{Value, json};
use std::collections::HashSet;
use types::{Error, Field, Result, id::BotId};

/// Longest utterance, characters.
const TEXT_MAX: usize = 3_000;
/// Utterances that one request adds or removes at most (ours).
const LINES_MAX: usize = 1_000;

/// Words that are the value of an entity; places are UTF-16 units, as JavaScript counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// First unit.
    pub start: usize,
    /// The unit after the last.
    pub end: usize,
    /// Id of the entity.
    pub entity: String,
}

/// An utterance to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewLine {
    /// The text.
    pub text: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// An utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// The text.
    pub text: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Names of the other intents that have the same utterance.
    pub also_in: Vec<String>,
}

/// What adding utterances did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Utterances that are new.
    pub added: usize,
    /// Utterances that the intent had already, or that stood twice in the list.
    pub repeated: usize,
}

/// Adds utterances to an intent.
///
/// # Errors
/// Not found; bad input that names each wrong line; nothing is added then.
pub async fn add(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    intent: &str,
    asked: Option<&str>,
    lines: Vec<NewLine>,
) -> Result<Added> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Error::field(
            "lines",
            format!("must be 1 to {LINES_MAX} utterances"),
        ));
    }
    let what = Edit {
        action: "utterance.add",
        details: json!({"intent": intent, "count": lines.len()}),
    };
    let (inner, intent, asked) = (ctx.clone(), intent.to_owned(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let fresh = || inner.ids().hex24();
        add_to(package, &intent, asked.as_deref(), &lines, &fresh)
    })
    .await
}

fn add_to(
    package: &mut Package,
    intent: &str,
    asked: Option<&str>,
    lines: &[NewLine],
    fresh: &dyn Fn() -> String,
) -> Result<Added> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let owner = component(&agent, intent)?;
    let mut have: HashSet<String> = sentences(package)
        .iter()
        .filter(|l| l["taskId"] == *intent && language_of(l, &agent.default_language) == language)
        .filter_map(|line| line["sentence"].as_str().map(fold))
        .collect();
    let mut wrong = Vec::new();
    let mut new = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let line = checked(&agent, &format!("lines[{at}]"), line, &mut wrong);
        if have.insert(fold(&line.text)) {
            new.push(json!({
                "_id": fresh(),
                "taskId": owner.id,
                "taskName": owner.name,
                "sentence": line.text,
                "type": "DialogIntent",
                "language": language,
                "entities": entities(&line),
            }));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let done = Added {
        added: new.len(),
        repeated: lines.len() - new.len(),
    };
    list_mut(&mut package.definition, "sentences").append(&mut new);
    Ok(done)
}

/// Changes one utterance of an intent: its text, its tags, or both.
///
/// # Errors
/// Not found; bad input; the intent has the new text already.
pub async fn change(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    (intent, line): (&str, &str),
    new: NewLine,
) -> Result<()> {
    let what = Edit {
        action: "utterance.change",
        details: json!({"intent": intent}),
    };
    let (intent, id) = (intent.to_owned(), line.to_owned());
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = Agent::from_package(package);
        component(&agent, &intent)?;
        let mut wrong = Vec::new();
        let new = checked(&agent, "text", &new, &mut wrong);
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        let all = list_mut(&mut package.definition, "sentences");
        let at = all
            .iter()
            .position(|one| one["taskId"] == *intent && id_of(one) == id);
        let at = at.ok_or_else(|| Error::not_found("There is no such utterance any more"))?;
        let tongue = |one: &Value| language_of(one, &agent.default_language).to_owned();
        let twin = all.iter().enumerate().any(|(other, one)| {
            other != at
                && one["taskId"] == *intent
                && tongue(one) == tongue(&all[at])
                && fold(one["sentence"].as_str().unwrap_or_default()) == fold(&new.text)
        });
        if twin {
            return Err(Error::field(
                "text",
                "the intent has this utterance already",
            ));
        }
        all[at]["sentence"] = new.text.clone().into();
        all[at]["entities"] = entities(&new);
        Ok(())
    })
    .await
}

/// Removes utterances of an intent; answers how many there were.
///
/// # Errors
/// Not found; bad input on `ids`.
pub async fn remove(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    intent: &str,
    ids: Vec<String>,
) -> Result<usize> {
    if ids.is_empty() || ids.len() > LINES_MAX {
        let text = format!("must be 1 to {LINES_MAX} ids");
        return Err(Error::field("ids", text));
    }
    let what = Edit {
        action: "utterance.remove",
        details: json!({"intent": intent, "count": ids.len()}),
    };
    let (intent, ids) = (intent.to_owned(), ids.into_iter().collect::<HashSet<_>>());
    draft::edit(ctx, caller, bot, &what, move |package| {
        component(&Agent::from_package(package), &intent)?;
        let all = list_mut(&mut package.definition, "sentences");
        let before = all.len();
        all.retain(|one| one["taskId"] != *intent || !ids.contains(&id_of(one)));
        Ok(before - all.len())
    })
    .await
}

/// The id of an utterance; old definitions have some without one, which go by their content.
pub(super) fn id_of(line: &Value) -> String {
    match line["_id"].as_str() {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => super::seen::tag(&json!([line["taskId"], line["sentence"], line["language"]])),
    }
}

/// The tags of an utterance that can be read.
pub(super) fn tags_of(line: &Value) -> Vec<Tag> {
    let place = |tag: &Value, name: &str| {
        let number = tag[name].as_u64();
        number
            .or_else(|| tag[name].as_str()?.parse().ok())
            .and_then(|n| usize::try_from(n).ok())
    };
    let tags = line["entities"].as_array().into_iter().flatten();
    let read = |tag: &Value| {
        Some(Tag {
            start: place(tag, "startIndex")?,
            end: place(tag, "endIndex")?,
            entity: tag["entityId"].as_str()?.to_owned(),
        })
    };
    tags.filter_map(read)
        .filter(|tag| tag.start < tag.end)
        .collect()
}

/// A line without white space around it, its tags moved along; or what is wrong with it.
fn checked(agent: &Agent, at: &str, line: &NewLine, wrong: &mut Vec<Field>) -> NewLine {
    let mut say = |message: String| {
        wrong.push(Field {
            field: at.to_owned(),
            message,
        });
    };
    let text = line.text.trim();
    if text.is_empty() {
        say("must not be empty".to_owned());
    }
    if text.chars().count() > TEXT_MAX {
        say(format!("must have at most {TEXT_MAX} characters"));
    }
    if text.chars().any(char::is_control) {
        say("must be one line without control characters".to_owned());
    }
    let before = line.text.len() - line.text.trim_start().len();
    let before = line.text[..before].encode_utf16().count();
    let units = text.encode_utf16().count();
    let mut tags: Vec<Tag> = Vec::new();
    for tag in &line.tags {
        let (start, end) = (
            tag.start.saturating_sub(before),
            tag.end.saturating_sub(before),
        );
        let known = agent.component(&tag.entity);
        if start >= end || end > units {
            say(format!("the tag {start} to {end} is not inside the text"));
        } else if tags.iter().any(|t| start < t.end && t.start < end) {
            say(format!("the tag {start} to {end} overlaps another one"));
        } else if !known.is_some_and(|c| matches!(c.kind, ComponentKind::Entity(_))) {
            say("a tag names an entity that the agent does not have".to_owned());
        } else {
            let entity = tag.entity.clone();
            tags.push(Tag { start, end, entity });
        }
    }
    tags.sort_by_key(|tag| tag.start);
    NewLine {
        text: text.to_owned(),
        tags,
    }
}

fn entities(line: &NewLine) -> Value {
    let one =
        |tag: &Tag| json!({"startIndex": tag.start, "endIndex": tag.end, "entityId": tag.entity});
    line.tags.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::intent::detail, *};

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn first(package: &Package) -> String {
        sentences(package)[0]["taskId"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    fn line(text: &str, tags: Vec<Tag>) -> NewLine {
        NewLine {
            text: text.to_owned(),
            tags,
        }
    }

    #[test]
    fn an_utterance_is_added_once_without_the_space_around_it() {
        let mut package = package();
        let intent = first(&package);
        let lines = [
            line("  a new one ", vec![]),
            line("A NEW ONE", vec![]),
            line("where is my parcel", vec![]),
        ];
        let done = add_to(&mut package, &intent, None, &lines, &|| "id".to_owned());
        let counts = Added {
            added: 1,
            repeated: 2,
        };
        assert_eq!(done.expect("adds"), counts);
        let shown = detail(&package, &intent, None).expect("shows");
        assert_eq!(shown.lines.last().expect("a line").text, "a new one");
    }

    #[test]
    fn tags_outside_the_text_over_each_other_or_of_no_entity_are_refused_each_by_its_line() {
        let mut package = package();
        let intent = first(&package);
        let agent = Agent::from_package(&package);
        let entity = agent
            .components
            .iter()
            .find(|c| matches!(c.kind, ComponentKind::Entity(_)))
            .expect("an entity")
            .id
            .clone();
        let tag = |start, end, entity: &str| Tag {
            start,
            end,
            entity: entity.to_owned(),
        };
        let lines = [
            line("to Bonn", vec![tag(3, 8, &entity)]),
            line("to Bonn", vec![tag(3, 7, &entity), tag(5, 7, &entity)]),
            line("to Bonn", vec![tag(3, 7, "nothing")]),
            line(" ", vec![]),
        ];
        let before = package.clone();
        let error = add_to(&mut package, &intent, None, &lines, &|| "id".to_owned());
        let error = error.expect_err("wrong");
        let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["lines[0]", "lines[1]", "lines[2]", "lines[3]"]);
        assert_eq!(package, before);
        // a tag moves along with the white space that goes
        let moved = [line("  to Bonn", vec![tag(5, 9, &entity)])];
        add_to(&mut package, &intent, None, &moved, &|| "id".to_owned()).expect("adds");
        let shown = detail(&package, &intent, None).expect("shows");
        assert_eq!(
            shown.lines.last().expect("a line").tags,
            [tag(3, 7, &entity)]
        );
    }

    #[test]
    fn an_utterance_of_two_intents_says_so() {
        let mut package = package();
        let intent = first(&package);
        let other = sentences(&package)
            .iter()
            .find(|l| l["taskId"] != *intent)
            .expect("another")["taskId"]
            .as_str()
            .expect("a text")
            .to_owned();
        let lines = [line("Where is my PARCEL", vec![])];
        add_to(&mut package, &other, None, &lines, &|| "id".to_owned()).expect("adds");
        let name = detail(&package, &intent, None).expect("shows").name;
        let shown = detail(&package, &other, None).expect("shows");
        assert_eq!(shown.lines.last().expect("a line").also_in, [name]);
    }
}
