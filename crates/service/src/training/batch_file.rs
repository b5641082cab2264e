//! Files of batch test cases: `BatchTestSuiteFileJson` and `BatchTestSuiteFileCsv` of the contract.

use super::utterance_file::{Faults, Format, SENTENCE_MAX, plain, safe, text_of};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::{Error, Result};

/// Cases of a file at most.
pub const CASES_MAX: usize = 1_000;
/// Intents of which one must be found, at most.
const INTENTS_MAX: usize = 3;
/// Entities of a case at most (ours).
const ENTITIES_MAX: usize = 50;
/// Longest name or value, characters (ours).
const WORD_MAX: usize = 1_000;
const HEADER: [&str; 6] = [
    "input",
    "intent",
    "parentIntent",
    "entityName",
    "entityValue",
    "entityOrder",
];

/// An entity that must be found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Its name.
    pub name: String,
    /// Values of which one must be found; plain or a regular expression, several items joined by `||`.
    pub values: Vec<String>,
}

/// One assertion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What is said.
    pub input: String,
    /// Names of which one must be found; `None` when nothing may be found.
    pub intents: Vec<String>,
    /// Traits that must all be found.
    pub traits: Vec<String>,
    /// The intent whose sub-intents alone are looked for.
    pub parent: Option<String>,
    /// Entities that must be found.
    pub entities: Vec<Expected>,
    /// The order in which they are to be filled.
    pub order: Vec<String>,
}

impl Case {
    /// The expectation in one text, as a file has it.
    pub fn expectation(&self) -> String {
        if self.traits.is_empty() {
            self.intents.join(" | ")
        } else {
            format!("trait: {}", self.traits.join("||"))
        }
    }
}

#[derive(Default)]
struct Draft {
    at: usize,
    input: String,
    intent: String,
    parent: String,
    entities: Vec<(String, String)>,
    order: Vec<String>,
}

/// Reads a file whole. Neighbours that differ in the values of entities alone become one case.
///
/// # Errors
/// Bad input: the encoding, the layout, too many cases, or each wrong row.
pub fn read(format: Format, delimiter: u8, bytes: &[u8]) -> Result<Vec<Case>> {
    let text = text_of(bytes)?;
    let mut faults = Faults::default();
    let drafts = match format {
        Format::Csv => read_csv(&text, delimiter, &mut faults)?,
        Format::Json => read_json(&text, &mut faults)?,
    };
    if drafts.len() > CASES_MAX {
        let text = format!(
            "has {} test cases; {CASES_MAX} are allowed, split it into several suites",
            drafts.len()
        );
        return Err(Error::field("file", text));
    }
    let mut cases: Vec<Case> = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        let case = checked(format, draft, &mut faults);
        match cases.last_mut() {
            Some(last) if alternative(last, &case) => merge(last, case),
            _ => cases.push(case),
        }
    }
    faults.done()?;
    if cases.is_empty() {
        return Err(Error::field("file", "has no test case"));
    }
    Ok(cases)
}

fn checked(format: Format, draft: &Draft, faults: &mut Faults) -> Case {
    let mut wrong = |name: &str, message: String| faults.add(format, draft.at, name, message);
    let length = draft.input.chars().count();
    if length == 0 {
        wrong("input", "is empty".to_owned());
    } else if length > SENTENCE_MAX {
        wrong(
            "input",
            format!("has {length} characters; {SENTENCE_MAX} are allowed"),
        );
    }
    let list = |text: &str, by: &str| -> Vec<String> {
        let parts = text
            .split(by)
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let of_traits = draft
        .intent
        .get(..6)
        .filter(|head| head.eq_ignore_ascii_case("trait:"));
    let (intents, traits) = match of_traits {
        Some(_) => (Vec::new(), list(&draft.intent[6..], "||")),
        None => (list(&draft.intent, "|"), Vec::new()),
    };
    if intents.is_empty() && traits.is_empty() {
        wrong(
            "intent",
            "is empty; write None where nothing may be found".to_owned(),
        );
    }
    if intents.len() > INTENTS_MAX {
        wrong(
            "intent",
            format!("names {} intents; {INTENTS_MAX} are allowed", intents.len()),
        );
    }
    if draft.entities.len() > ENTITIES_MAX {
        wrong("entityName", format!("{ENTITIES_MAX} entities are allowed"));
    }
    let words = draft
        .entities
        .iter()
        .flat_map(|(name, value)| [name, value]);
    let words = words
        .chain([&draft.intent, &draft.parent])
        .chain(&draft.order);
    if words
        .into_iter()
        .any(|word| word.chars().count() > WORD_MAX)
    {
        wrong(
            "row",
            format!("a name or value is longer than {WORD_MAX} characters"),
        );
    }
    let mut case = Case {
        input: draft.input.clone(),
        intents,
        traits,
        parent: list(&draft.parent.replace(">>", "||"), "||").pop(),
        entities: Vec::new(),
        order: draft.order.clone(),
    };
    for (name, value) in &draft.entities {
        if name.is_empty() || value.is_empty() {
            wrong(
                "entityName",
                "an entity needs a name and a value".to_owned(),
            );
        }
        case.entities.push(Expected {
            name: name.clone(),
            values: vec![value.clone()],
        });
    }
    case
}

fn names(case: &Case) -> impl Iterator<Item = &str> {
    case.entities.iter().map(|entity| entity.name.as_str())
}

fn alternative(last: &Case, next: &Case) -> bool {
    last.input == next.input
        && last.intents == next.intents
        && last.traits == next.traits
        && last.parent == next.parent
        && !last.entities.is_empty()
        && names(last).eq(names(next))
}

fn merge(last: &mut Case, next: Case) {
    for (mine, other) in last.entities.iter_mut().zip(next.entities) {
        for value in other.values {
            if !mine.values.contains(&value) {
                mine.values.push(value);
            }
        }
    }
}

fn read_csv(text: &str, delimiter: u8, faults: &mut Faults) -> Result<Vec<Draft>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut columns: Option<[Option<usize>; 6]> = None;
    let mut drafts: Vec<Draft> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Error::field("file", format!("is no CSV (line {line})"))
        })?;
        let at = record.position().map_or(0, csv::Position::line);
        let at = usize::try_from(at).unwrap_or(0);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Some(header(&record)?);
            continue;
        };
        let cell = |column: usize| {
            let cell = columns[column].and_then(|place| record.get(place));
            plain(cell.unwrap_or_default().trim()).to_owned()
        };
        if !cell(0).is_empty() || !cell(1).is_empty() {
            if drafts.len() > CASES_MAX {
                break;
            }
            drafts.push(Draft {
                at,
                input: cell(0),
                intent: cell(1),
                parent: cell(2),
                ..Draft::default()
            });
        }
        let Some(draft) = drafts.last_mut() else {
            faults.add(
                Format::Csv,
                at,
                "input",
                "is empty, and no test case stands above",
            );
            continue;
        };
        if !cell(3).is_empty() || !cell(4).is_empty() {
            draft.entities.push((cell(3), cell(4)));
        }
        let order: Vec<String> = order(&cell(5));
        if !order.is_empty() {
            draft.order = order;
        }
    }
    Ok(drafts)
}

fn order(text: &str) -> Vec<String> {
    let parts = text.split('>').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn header(record: &csv::StringRecord) -> Result<[Option<usize>; 6]> {
    let found = HEADER.map(|name| {
        let mut cells = record.iter();
        cells.position(|cell| cell.trim().eq_ignore_ascii_case(name))
    });
    if found[0].is_none() || found[1].is_none() {
        let text = format!(
            "must begin with a row of column names: {} (is the delimiter right?)",
            HEADER.join(",")
        );
        return Err(Error::field("file", text));
    }
    Ok(found)
}

fn read_json(text: &str, faults: &mut Faults) -> Result<Vec<Draft>> {
    let file: Value = serde_json::from_str(text).map_err(|error| {
        let at = (error.line(), error.column());
        Error::field(
            "file",
            format!("is no JSON (line {}, column {})", at.0, at.1),
        )
    })?;
    let Some(list) = file["testCases"].as_array() else {
        return Err(Error::field(
            "file",
            "must be an object with a list `testCases`",
        ));
    };
    let mut drafts = Vec::new();
    for (place, entry) in list.iter().enumerate() {
        let at = place + 1;
        let mut text = |of: &Value, name: &str| match &of[name] {
            Value::String(text) => text.trim().to_owned(),
            Value::Null => String::new(),
            _ => {
                faults.add(Format::Json, at, name, "must be a text");
                String::new()
            }
        };
        let mut draft = Draft {
            at,
            input: text(entry, "input"),
            intent: text(entry, "intent"),
            parent: text(entry, "parentIntent"),
            ..Draft::default()
        };
        for entity in entry["entities"].as_array().into_iter().flatten() {
            let pair = (text(entity, "entityName"), text(entity, "entityValue"));
            draft.entities.push(pair);
        }
        draft.order = match &entry["entityOrder"] {
            Value::String(text) => order(text),
            Value::Array(all) => all
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        drafts.push(draft);
    }
    Ok(drafts)
}

/// Writes cases as CSV that can be read again; no cell is a formula.
///
/// # Errors
/// Internal only.
pub fn write(cases: &[Case]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |cells: [&str; 6]| {
        writer
            .write_record(cells.map(safe))
            .map_err(Error::internal)
    };
    put(HEADER)?;
    for case in cases {
        let (expectation, order) = (case.expectation(), case.order.join(">"));
        let parent = case.parent.as_deref().unwrap_or_default();
        let ways = case.entities.iter().map(|e| e.values.len()).max();
        for way in 0..ways.unwrap_or(1) {
            if case.entities.is_empty() {
                put([&case.input, &expectation, parent, "", "", &order])?;
            }
            for (at, entity) in case.entities.iter().enumerate() {
                let value = entity.values.get(way).or(entity.values.last());
                let value = value.map(String::as_str).unwrap_or_default();
                let last = at + 1 == case.entities.len();
                let order = if last { order.as_str() } else { "" };
                let head = match at {
                    0 => [case.input.as_str(), &expectation, parent],
                    _ => [""; 3],
                };
                put([head[0], head[1], head[2], &entity.name, value, order])?;
            }
        }
    }
    let done = writer.into_inner();
    done.map_err(|error| Error::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "input,intent,parentIntent,entityName,entityValue,entityOrder,\n\
        renew my pass,Renew | Buy,,Kind,monthly,\n,,,Zone,2,Kind>Zone\n\
        go to Leeds,Travel,,City,Leeds,\ngo to Leeds,Travel,,City,LDS,\n'=1+1,trait: A||B,,,,\n";

    #[test]
    fn rows_below_a_case_are_its_entities_and_equal_neighbours_are_alternatives() {
        let cases = read(Format::Csv, b',', CSV.as_bytes()).expect("reads");
        assert_eq!(cases.len(), 3, "{cases:?}");
        assert_eq!(cases[0].intents, ["Renew", "Buy"]);
        assert_eq!(cases[0].entities.len(), 2);
        assert_eq!(cases[0].order, ["Kind", "Zone"]);
        assert_eq!(cases[1].entities[0].values, ["Leeds", "LDS"]);
        assert_eq!(cases[2].traits, ["A", "B"]);
    }

    #[test]
    fn what_is_written_is_no_formula_and_reads_the_same() {
        let cases = read(Format::Csv, b',', CSV.as_bytes()).expect("reads");
        let bytes = write(&cases).expect("writes");
        assert!(!String::from_utf8_lossy(&bytes).contains("\n=1"));
        assert_eq!(read(Format::Csv, b',', &bytes).expect("reads"), cases);
    }

    #[test]
    fn each_wrong_row_is_named() {
        let long = "x".repeat(SENTENCE_MAX + 1);
        let text = format!("input;intent\n;Renew\nhello;\nhi;a|b|c|d\n{long};Renew\n");
        let error = read(Format::Csv, b';', text.as_bytes()).expect_err("wrong");
        let told: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            told,
            [
                "line 2, input",
                "line 3, intent",
                "line 4, intent",
                "line 5, input"
            ]
        );
        let text = r#"{"testCases": [{"input": 5, "intent": "A"}, {"input": "a", "intent": "A", "entities": [{"entityName": "x"}]}]}"#;
        let error = read(Format::Json, b',', text.as_bytes()).expect_err("wrong");
        assert!(error.fields.iter().any(|f| f.field == "entry 1, input"));
        assert!(
            error
                .fields
                .iter()
                .any(|f| f.field == "entry 2, entityName")
        );
        assert!(read(Format::Csv, b',', b"a,b\n").is_err());
        let many = "x,A\n".repeat(CASES_MAX + 1);
        let many = format!("input,intent\n{many}");
        assert!(read(Format::Csv, b',', many.as_bytes()).is_err());
    }
}
