//! Utterances of a definition: replaced from a file, taken out into one.

use super::utterance_file::{Faults, Format, Row, Tagged};
use definition::{Agent, Component, ComponentKind, Package};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use types::Result;

/// What an import of utterances did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Utterances that were written.
    pub written: usize,
    /// Rows that said the same as an earlier one.
    pub repeated: usize,
}

/// Replaces, for each task that the file names, all utterances of that task by those of the file; other tasks stay as they are.
/// `fresh` gives ids.
///
/// # Errors
/// Bad input with each wrong row: an unknown task, language or entity, a tag outside the text, one utterance for two tasks.
/// Nothing is changed then.
pub fn replace(
    package: &mut Package,
    format: Format,
    rows: &[Row],
    fresh: &dyn Fn() -> String,
) -> Result<Replaced> {
    let agent = Agent::from_package(package);
    let mut faults = Faults::default();
    let mut seen: HashMap<(String, &str), (&str, usize)> = HashMap::new();
    let (mut lines, mut tasks, mut repeated) = (Vec::new(), HashSet::new(), 0);
    for row in rows {
        let Some(task) = task(&agent, row) else {
            let name = row.task_id.as_deref().unwrap_or(&row.task_name);
            faults.add(
                format,
                row.at,
                "taskName",
                format!("the agent has no task {name}"),
            );
            continue;
        };
        let language = row.language.as_deref().unwrap_or(&agent.default_language);
        if !agent.languages.iter().any(|known| known.code == language) {
            faults.add(
                format,
                row.at,
                "language",
                format!("the agent does not speak {language}"),
            );
            continue;
        }
        let key = (row.sentence.to_lowercase(), language);
        if let Some((other, at)) = seen.get(&key) {
            if *other == task.id {
                repeated += 1;
            } else {
                let message = format!("stands for another task too (row {at}); keep one");
                faults.add(format, row.at, "sentence", message);
            }
            continue;
        }
        seen.insert(key, (&task.id, row.at));
        tasks.insert(task.id.clone());
        let entities = tags(&agent, row, format, &mut faults);
        lines.push(json!({
            "_id": fresh(),
            "taskId": task.id,
            "taskName": task.name,
            "sentence": row.sentence,
            "type": "DialogIntent",
            "language": language,
            "entities": entities,
        }));
    }
    faults.done()?;
    let written = lines.len();
    let entry = &mut package.definition["sentences"];
    if !entry.is_array() {
        *entry = json!([]);
    }
    let all = entry.as_array_mut().expect("just made one");
    all.retain(|old| old["taskId"].as_str().is_none_or(|id| !tasks.contains(id)));
    all.append(&mut lines);
    Ok(Replaced { written, repeated })
}

/// The intent that a row is for: by id where the agent has it, else by name; spaces and underscores are alike.
fn task<'a>(agent: &'a Agent, row: &Row) -> Option<&'a Component> {
    let is_intent = |component: &&Component| matches!(component.kind, ComponentKind::Intent(_));
    let by_id = row.task_id.as_deref().and_then(|id| agent.component(id));
    if let Some(found) = by_id.filter(is_intent) {
        return Some(found);
    }
    if let Some(dialog) = agent.dialog_by_name(&row.task_name) {
        return agent.root_intent(dialog);
    }
    let fold = |name: &str| name.replace('_', " ").to_lowercase();
    let wanted = fold(&row.task_name);
    let mut intents = agent.components.iter().filter(is_intent);
    intents.find(|component| fold(&component.name) == wanted)
}

fn tags(agent: &Agent, row: &Row, format: Format, faults: &mut Faults) -> Vec<Value> {
    let units = row.sentence.encode_utf16().count();
    let mut out = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for tag in &row.entities {
        if tag.start >= tag.end || tag.end > units {
            let message = format!("{} to {} is not inside the text", tag.start, tag.end);
            faults.add(format, row.at, "entities", message);
        } else if taken
            .iter()
            .any(|(start, end)| tag.start < *end && *start < tag.end)
        {
            let message = format!("{} to {} overlaps another tag", tag.start, tag.end);
            faults.add(format, row.at, "entities", message);
        } else if let Some(entity) = entity(agent, tag) {
            taken.push((tag.start, tag.end));
            out.push(json!({"startIndex": tag.start, "endIndex": tag.end, "entityId": entity.id}));
        } else {
            let name = tag
                .id
                .as_deref()
                .or(tag.name.as_deref())
                .unwrap_or_default();
            faults.add(
                format,
                row.at,
                "entities",
                format!("the agent has no entity {name}"),
            );
        }
    }
    out
}

fn entity<'a>(agent: &'a Agent, tag: &Tagged) -> Option<&'a Component> {
    let is_entity = |component: &&Component| matches!(component.kind, ComponentKind::Entity(_));
    let by_id = tag.id.as_deref().and_then(|id| agent.component(id));
    by_id.filter(is_entity).or_else(|| {
        let name = tag.name.as_deref()?;
        let mut entities = agent.components.iter().filter(is_entity);
        entities.find(|component| component.name.eq_ignore_ascii_case(name))
    })
}

/// The utterances of a definition as a file.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn export(package: &Package, format: Format) -> Result<Vec<u8>> {
    let all = package
        .definition
        .get("sentences")
        .and_then(Value::as_array);
    let all: Vec<&Value> = all.into_iter().flatten().collect();
    super::utterance_file::write(format, &all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::utterance_file::read;

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn change(package: &mut Package, csv: &str) -> Result<Replaced> {
        let rows = read(Format::Csv, csv.as_bytes())?;
        replace(package, Format::Csv, &rows, &|| "id".to_owned())
    }

    fn lines(package: &Package, task: &str) -> usize {
        let all = package.definition["sentences"].as_array().expect("a list");
        all.iter().filter(|line| line["taskId"] == task).count()
    }

    #[test]
    fn a_task_of_the_file_is_replaced_and_the_others_stay() {
        let mut package = package();
        let agent = Agent::from_package(&package);
        let mut roots = agent
            .dialogs
            .iter()
            .filter_map(|dialog| agent.root_intent(dialog))
            .filter(|root| lines(&package, &root.id) > 2);
        let (first, second) = (
            roots.next().expect("one").clone(),
            roots.next().expect("two").clone(),
        );
        let before = lines(&package, &second.id);
        let name = first.name.replace(' ', "_").to_uppercase();
        let done = change(
            &mut package,
            &format!("taskName,sentence\n{name},one line\n{name},One line\n{name},two\n"),
        )
        .expect("imports");
        assert_eq!(
            done,
            Replaced {
                written: 2,
                repeated: 1
            }
        );
        assert_eq!(
            (lines(&package, &first.id), lines(&package, &second.id)),
            (2, before)
        );
    }

    #[test]
    fn wrong_rows_change_nothing() {
        let mut package = package();
        let before = package.clone();
        let agent = Agent::from_package(&package);
        let names: Vec<String> = agent
            .dialogs
            .iter()
            .filter_map(|dialog| agent.root_intent(dialog))
            .map(|root| root.name.clone())
            .collect();
        let csv = format!(
            "taskName,sentence,language\n{},same,en\n{},same,en\nnobody,x,en\n{},y,ja\n",
            names[0], names[1], names[0]
        );
        let error = change(&mut package, &csv).expect_err("wrong");
        let told: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            told,
            ["line 3, sentence", "line 4, taskName", "line 5, language"],
            "{error:?}"
        );
        assert_eq!(package, before);
    }

    #[test]
    fn an_export_can_be_imported_again_with_its_tags() {
        let mut package = package();
        let before = package.definition["sentences"].clone();
        let bytes = export(&package, Format::Json).expect("writes");
        let rows = read(Format::Json, &bytes).expect("reads");
        let done =
            replace(&mut package, Format::Json, &rows, &|| "id".to_owned()).expect("imports");
        assert_eq!(
            done.written + done.repeated,
            before.as_array().map_or(0, Vec::len)
        );
        let texts = |list: &Value| -> Vec<(String, Value)> {
            let mut all: Vec<_> = list
                .as_array()
                .into_iter()
                .flatten()
                .map(|line| (line["sentence"].to_string(), line["entities"].clone()))
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        };
        assert_eq!(texts(&package.definition["sentences"]), texts(&before));
    }
}
