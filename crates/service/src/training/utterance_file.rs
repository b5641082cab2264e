//! Files of utterances: CSV and JSON, read with an error for each bad row, written so that they can be read again.
//! Layouts: `MlUtterancesFileCsv` and `MlUtterancesFileJson` of the contract.

use serde_json::{Value, json};
use types::{Error, Field, Result};

/// Rows of a file at most (ours).
pub const ROWS_MAX: usize = 1_000_000;
/// Longest utterance, characters.
pub const SENTENCE_MAX: usize = 3_000;
/// Wrong rows that an answer names.
const NAMED_MAX: usize = 100;

/// Layout of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A JSON array.
    Json,
}

impl Format {
    /// The layout by a file's name.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// `csv` or `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// A tagged part of an utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// First UTF-16 unit.
    pub start: usize,
    /// One past the last UTF-16 unit.
    pub end: usize,
    /// Component of the entity.
    pub id: Option<String>,
    /// Name of the entity, where there is no id.
    pub name: Option<String>,
}

/// One utterance of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Line of the file (CSV) or position in the list from 1 (JSON).
    pub at: usize,
    /// The text.
    pub sentence: String,
    /// Component of the intent.
    pub task_id: Option<String>,
    /// Name of the task.
    pub task_name: String,
    /// Language code.
    pub language: Option<String>,
    /// Tags.
    pub entities: Vec<Tagged>,
}

/// Wrong rows, gathered.
#[derive(Debug, Default)]
pub struct Faults {
    named: Vec<Field>,
    count: usize,
}

impl Faults {
    /// Notes what is wrong in a row. `place` is for instance `line 7`.
    pub fn add(&mut self, format: Format, at: usize, name: &str, message: impl Into<String>) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            let row = match format {
                Format::Csv => format!("line {at}"),
                Format::Json => format!("entry {at}"),
            };
            self.named.push(Field {
                field: format!("{row}, {name}"),
                message: message.into(),
            });
        }
    }

    /// The rows that are wrong as one error.
    ///
    /// # Errors
    /// Bad input with each of the first 100, and how many more there are.
    pub fn done(mut self) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        if self.count > self.named.len() {
            let more = self.count - self.named.len();
            self.named.push(Field {
                field: "file".to_owned(),
                message: format!("{more} more rows are wrong"),
            });
        }
        Err(Error::fields(self.named))
    }
}

/// Reads a file whole.
///
/// # Errors
/// Bad input: the encoding, the layout, or each wrong row.
pub fn read(format: Format, bytes: &[u8]) -> Result<Vec<Row>> {
    let text = text_of(bytes)?;
    let mut faults = Faults::default();
    let rows = match format {
        Format::Csv => read_csv(&text, &mut faults)?,
        Format::Json => read_json(&text, &mut faults)?,
    };
    for row in &rows {
        let length = row.sentence.chars().count();
        if length == 0 {
            faults.add(format, row.at, "sentence", "is empty");
        } else if length > SENTENCE_MAX {
            let message = format!("has {length} characters; {SENTENCE_MAX} are allowed");
            faults.add(format, row.at, "sentence", message);
        }
        if row.task_name.is_empty() && row.task_id.is_none() {
            faults.add(format, row.at, "taskName", "is empty");
        }
    }
    faults.done()?;
    Ok(rows)
}

/// UTF-8 with or without a mark, or UTF-16 with one.
pub fn text_of(bytes: &[u8]) -> Result<String> {
    let wide = |order: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units = rest
            .chunks(2)
            .map(|pair| order([pair[0], *pair.get(1).unwrap_or(&0)]));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .ok()
    };
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        all => std::str::from_utf8(all).ok().map(str::to_owned),
    };
    text.ok_or_else(|| {
        let good = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len);
        let line = bytes[..good].iter().filter(|b| **b == b'\n').count() + 1;
        Error::field(
            "file",
            format!("is not UTF-8 text (line {line}); save it as UTF-8"),
        )
    })
}

/// Columns by their header, else task name and utterance.
struct Columns {
    sentence: usize,
    task: usize,
    language: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let find = |names: &[&str]| {
            header.iter().position(|cell| {
                let name: String = cell.chars().filter(|c| c.is_alphanumeric()).collect();
                names.contains(&name.to_lowercase().as_str())
            })
        };
        Some(Self {
            sentence: find(&["sentence", "utterance", "utterances", "text"])?,
            task: find(&["taskname", "task", "intent", "intentname"])?,
            language: find(&["language", "lang"]),
        })
    }
}

fn read_csv(text: &str, faults: &mut Faults) -> Result<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Error::field("file", format!("is no CSV (line {line})"))
        })?;
        let at = record
            .position()
            .map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if columns.is_none() {
            match Columns::of(&record) {
                Some(found) => {
                    columns = Some(found);
                    continue;
                }
                None => {
                    columns = Some(Columns {
                        task: 0,
                        sentence: 1,
                        language: None,
                    });
                }
            }
        }
        let Some(columns) = &columns else { continue };
        let cell = |at: usize| plain(record.get(at).unwrap_or_default().trim()).to_owned();
        if record.get(columns.sentence).is_none() {
            faults.add(
                Format::Csv,
                at,
                "sentence",
                "the column is missing in this row",
            );
            continue;
        }
        rows.push(Row {
            at,
            sentence: cell(columns.sentence),
            task_name: cell(columns.task),
            language: columns.language.map(cell).filter(|code| !code.is_empty()),
            ..Row::default()
        });
        limit(rows.len())?;
    }
    Ok(rows)
}

fn limit(rows: usize) -> Result<()> {
    if rows > ROWS_MAX {
        return Err(Error::field(
            "file",
            format!("has more than {ROWS_MAX} rows; import it in parts"),
        ));
    }
    Ok(())
}

fn read_json(text: &str, faults: &mut Faults) -> Result<Vec<Row>> {
    let list: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        let at = (error.line(), error.column());
        Error::field(
            "file",
            format!("must be a JSON array (line {}, column {})", at.0, at.1),
        )
    })?;
    limit(list.len())?;
    let mut rows = Vec::with_capacity(list.len());
    for (place, entry) in list.iter().enumerate() {
        let at = place + 1;
        if !entry.is_object() {
            faults.add(Format::Json, at, "entry", "must be an object");
            continue;
        }
        let text = |name: &str| entry[name].as_str().map(|text| text.trim().to_owned());
        let mut row = Row {
            at,
            sentence: text("sentence").unwrap_or_default(),
            task_id: text("taskId").filter(|id| !id.is_empty()),
            task_name: text("taskName").unwrap_or_default(),
            language: text("language").filter(|code| !code.is_empty()),
            entities: Vec::new(),
        };
        for tag in entry["entities"].as_array().into_iter().flatten() {
            match tagged(tag) {
                Some(tag) => row.entities.push(tag),
                None => {
                    let message = "each needs startIndex, endIndex and entityId or entityName";
                    faults.add(Format::Json, at, "entities", message);
                }
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

fn tagged(tag: &Value) -> Option<Tagged> {
    let place = |name: &str| tag[name].as_u64().and_then(|n| usize::try_from(n).ok());
    let text = |name: &str| {
        tag[name]
            .as_str()
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    };
    let (id, name) = (text("entityId"), text("entityName"));
    (id.is_some() || name.is_some()).then_some(())?;
    Some(Tagged {
        start: place("startIndex")?,
        end: place("endIndex")?,
        id,
        name,
    })
}

/// Writes `sentences[]` entries of a definition. CSV has no tags.
pub fn write(format: Format, sentences: &[&Value]) -> Result<Vec<u8>> {
    if format == Format::Json {
        return serde_json::to_vec_pretty(&json!(sentences)).map_err(Error::internal);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |cells: [&str; 4]| writer.write_record(cells).map_err(Error::internal);
    put(["type", "taskName", "sentence", "language"])?;
    for sentence in sentences {
        let cell = |name: &str| safe(sentence[name].as_str().unwrap_or_default());
        let cells = ["type", "taskName", "sentence", "language"].map(cell);
        put([&cells[0], &cells[1], &cells[2], &cells[3]])?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula: an apostrophe goes in front of what looks like one.
pub fn safe(text: &str) -> String {
    if looks_like_formula(text.trim_start_matches('\'')) {
        return format!("'{text}");
    }
    text.to_owned()
}

/// The cell without the apostrophe of [`safe`].
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if looks_like_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(result: Result<Vec<Row>>) -> Vec<String> {
        let fields = result.expect_err("wrong").fields;
        fields
            .into_iter()
            .map(|f| format!("{}: {}", f.field, f.message))
            .collect()
    }

    #[test]
    fn csv_is_read_by_its_header_or_by_position() {
        let rows = read(Format::Csv, b"\xef\xbb\xbftype,taskName,sentence,language\nDialogIntent,Track,\"where, is it\",en\n\n").expect("reads");
        assert_eq!((rows.len(), rows[0].at), (1, 2));
        assert_eq!(
            (rows[0].task_name.as_str(), rows[0].sentence.as_str()),
            ("Track", "where, is it")
        );
        assert_eq!(rows[0].language.as_deref(), Some("en"));
        let rows =
            read(Format::Csv, b"Track,where is it\r\nTrack,\"two\nlines\"\n").expect("reads");
        assert_eq!(
            (
                rows.len(),
                rows[1].sentence.as_str(),
                rows[0].language.as_ref()
            ),
            (2, "two\nlines", None)
        );
    }

    #[test]
    fn other_encodings_are_read_by_their_mark_or_refused_with_the_line() {
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(
                "Track,wo ist größer\n"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes),
            )
            .collect();
        assert_eq!(
            read(Format::Csv, &wide).expect("reads")[0].sentence,
            "wo ist größer"
        );
        let told = fields(read(Format::Csv, b"Track,a\nTrack,gr\xf6\xdfer\n"));
        assert_eq!(told, ["file: is not UTF-8 text (line 2); save it as UTF-8"]);
    }

    #[test]
    fn each_wrong_row_is_named_with_its_line() {
        let long = "x".repeat(SENTENCE_MAX + 1);
        let told = fields(read(
            Format::Csv,
            format!("taskName,sentence\nTrack,\n,hello\nTrack,{long}\nTrack\n").as_bytes(),
        ));
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told[0].starts_with("line 5, sentence: the column"),
            "{told:?}"
        );
        assert_eq!(told[1], "line 2, sentence: is empty");
        assert_eq!(told[2], "line 3, taskName: is empty");
        assert!(told[3].contains("3001 characters"), "{told:?}");
        let many = "T,\n".repeat(250);
        let told = fields(read(Format::Csv, many.as_bytes()));
        assert_eq!(
            (told.len(), told[100].as_str()),
            (101, "file: 150 more rows are wrong")
        );
    }

    #[test]
    fn json_keeps_tags() {
        let text = r#"[{"sentence": "to Leeds", "taskName": "Go", "entities": [{"startIndex": 3, "endIndex": 8, "entityName": "City"}]}, 5,
            {"sentence": "x", "taskId": "dc-1", "entities": [{"startIndex": 1}]}]"#;
        let told = fields(read(Format::Json, text.as_bytes()));
        assert_eq!(told[0], "entry 2, entry: must be an object");
        assert!(told[1].starts_with("entry 3, entities:"), "{told:?}");
        let rows = read(
            Format::Json,
            &text.as_bytes()[..text.find(", 5").expect("there")]
                .iter()
                .copied()
                .chain(*b"]")
                .collect::<Vec<_>>(),
        )
        .expect("reads");
        assert_eq!(
            rows[0].entities,
            [Tagged {
                start: 3,
                end: 8,
                id: None,
                name: Some("City".to_owned())
            }]
        );
        assert!(fields(read(Format::Json, b"{}"))[0].contains("JSON array"));
    }

    #[test]
    fn no_cell_of_an_export_is_a_formula_and_every_text_comes_back() {
        let texts = ["=1+1", "+5", "-x", "@me", "'quoted", "'=x", "a\nb", "\"q\""];
        let lines: Vec<Value> = texts.iter().map(|t| json!({"type": "DialogIntent", "taskName": "Go", "sentence": t, "language": "en"})).collect();
        let bytes = write(Format::Csv, &lines.iter().collect::<Vec<_>>()).expect("writes");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        for record in reader.records() {
            let record = record.expect("reads");
            assert!(!record.iter().any(looks_like_formula), "{record:?}");
        }
        let rows = read(Format::Csv, &bytes).expect("reads");
        let back: Vec<&str> = rows.iter().map(|row| row.sentence.as_str()).collect();
        assert_eq!(back, texts);
    }
}
