//! Question in the first column, answer in the second, no header (`ExtractionCsv` of the contract).

use super::{ANSWER_MAX, PAIRS_MAX, Pair, QUESTION_MAX};
use crate::training::utterance_file::{Faults, Format, plain, text_of};
use std::collections::HashMap;
use types::{Error, Result};

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Pair>> {
    let text = text_of(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut faults = Faults::default();
    let mut pairs = Vec::new();
    let mut seen: HashMap<String, (usize, String)> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Error::field("file", format!("is no CSV (line {line})"))
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let at = usize::try_from(line).unwrap_or(0);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cell = |n: usize| plain(record.get(n).unwrap_or_default().trim()).to_owned();
        let pair = Pair::new(cell(0), cell(1));
        let mut bad = false;
        for (name, text, most) in [
            ("question", &pair.question, QUESTION_MAX),
            ("answer", &pair.answer, ANSWER_MAX),
        ] {
            let length = text.chars().count();
            if length == 0 {
                faults.add(Format::Csv, at, name, "is empty");
            } else if length > most {
                let text = format!("has {length} characters; {most} are allowed");
                faults.add(Format::Csv, at, name, text);
            }
            bad |= length == 0 || length > most;
        }
        if bad {
            continue;
        }
        let known = seen.get(&pair.question.to_lowercase());
        match known {
            Some((_, answer)) if *answer == pair.answer => {}
            Some((first, _)) => {
                let text = format!("has another answer in line {first}; keep one");
                faults.add(Format::Csv, at, "question", text);
            }
            None => {
                seen.insert(pair.question.to_lowercase(), (at, pair.answer.clone()));
                pairs.push(pair);
            }
        }
        if pairs.len() > PAIRS_MAX {
            let text = format!("has more than {PAIRS_MAX} rows; take it in parts");
            return Err(Error::field("file", text));
        }
    }
    faults.done()?;
    if pairs.is_empty() {
        return Err(Error::field("file", "holds no questions with answers"));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Vec<String> {
        let fields = read(bytes).expect_err("wrong").fields;
        let each = fields
            .into_iter()
            .map(|f| format!("{}: {}", f.field, f.message));
        each.collect()
    }

    #[test]
    fn the_first_two_columns_are_read_and_there_is_no_header() {
        let csv = "\u{feff}Question,Answer,more\r\n\"Where, exactly?\",\"Two\nlines\",x\r\n\r\n'=A1?,'-5\n";
        let pairs = read(csv.as_bytes()).expect("reads");
        let wanted = [
            Pair::new("Question", "Answer"),
            Pair::new("Where, exactly?", "Two\nlines"),
            Pair::new("=A1?", "-5"),
        ];
        assert_eq!(pairs, wanted);
        let wide: Vec<u8> = "\u{feff}größer?,ja\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide).expect("reads"), [Pair::new("größer?", "ja")]);
    }

    #[test]
    fn wrong_lines_are_named_and_a_repeated_line_counts_once() {
        let long = "x".repeat(QUESTION_MAX + 1);
        let csv = format!("a?,1\na?,1\nA?,2\nonly\n,3\n{long},4\n");
        assert_eq!(
            told(csv.as_bytes()),
            [
                "line 3, question: has another answer in line 1; keep one",
                "line 4, answer: is empty",
                "line 5, question: is empty",
                "line 6, question: has 3001 characters; 3000 are allowed",
            ]
        );
        assert_eq!(
            told(b"\xff\xff"),
            ["file: is not UTF-8 text (line 1); save it as UTF-8"]
        );
        assert_eq!(told(b"\n"), ["file: holds no questions with answers"]);
        let many: String = (0..=PAIRS_MAX).map(|n| format!("q{n},a\n")).collect();
        assert!(told(many.as_bytes())[0].contains("more than 10000 rows"));
    }
}
