//! Accuracy, speed and size on public intent sets. Run with `cargo bench -p nlu --bench detect`.
//! The sets are looked for in `OMBUD_NLU_DATA`, else beside the repository.

use nlu::{Filter, Intent, Kind, Model, Outcome, TrainingInput, train};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

struct Line {
    text: String,
    intent: String,
}

fn main() {
    let root = std::env::var_os("OMBUD_NLU_DATA").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/nlu-data"
            ))
        },
        PathBuf::from,
    );
    if !root.is_dir() {
        println!(
            "no data at {}: set OMBUD_NLU_DATA to the folder of the sets",
            root.display()
        );
        return;
    }
    println!(
        "| set | lines | best intent | accepted and right | out of scope rejected | AUROC | fit s | model MB | p50 µs | p99 µs |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for set in [
        "clinc150",
        "clinc150_10shot",
        "clinc150_5shot",
        "hwu64",
        "hwu64_10shot",
        "hwu64_5shot",
        "snips2017_small",
    ] {
        let lines = read(&root.join(set).join("train.jsonl"));
        let test = read(&root.join(set).join("test.jsonl"));
        let outside = if set.starts_with("clinc") {
            read(&root.join("clinc150/oos_test.jsonl"))
        } else {
            Vec::new()
        };
        if lines.is_empty() || test.is_empty() {
            println!("{set}: missing");
            continue;
        }
        report(set, &input(&lines), lines.len(), &test, &outside);
    }
    few(&root);
    thousand(&root);
}

/// Two lines an intent: too few for cross-validation, so the fixed point decides.
fn few(root: &Path) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = read(&root.join("clinc150_5shot/train.jsonl"));
    lines.retain(|line| {
        let count = seen.entry(line.intent.clone()).or_default();
        *count += 1;
        *count <= 2
    });
    let (test, outside) = (
        read(&root.join("clinc150/test.jsonl")),
        read(&root.join("clinc150/oos_test.jsonl")),
    );
    if !lines.is_empty() && !test.is_empty() {
        report(
            "clinc150, 2 lines an intent",
            &input(&lines),
            lines.len(),
            &test,
            &outside,
        );
    }
}

/// Fitting 1,000 lines, cross-validation included.
fn thousand(root: &Path) {
    let lines: Vec<Line> = read(&root.join("clinc150_10shot/train.jsonl"))
        .into_iter()
        .take(1000)
        .collect();
    if lines.is_empty() {
        return;
    }
    let input = input(&lines);
    let start = Instant::now();
    let mut fitted = None;
    train(&input, &mut |percent| {
        if percent >= 50 && fitted.is_none() {
            fitted = Some(start.elapsed());
        }
    });
    let whole = start.elapsed();
    println!(
        "\n1,000 lines: fit {:.2} s, with cross-validation {:.2} s",
        fitted.unwrap_or(whole).as_secs_f64(),
        whole.as_secs_f64()
    );
}

fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(Line {
            text: value["text"].as_str()?.to_owned(),
            intent: value["intent"].as_str()?.to_owned(),
        })
    };
    text.lines().filter_map(line).collect()
}

fn input(lines: &[Line]) -> TrainingInput {
    let mut intents: BTreeMap<&str, Intent> = BTreeMap::new();
    for line in lines {
        let intent = intents.entry(&line.intent).or_insert_with(|| Intent {
            id: line.intent.clone(),
            name: line.intent.replace('_', " "),
            ..Intent::default()
        });
        intent.utterances.push(line.text.as_str().into());
    }
    TrainingInput {
        language: "en".to_owned(),
        intents: intents.into_values().collect(),
        ..TrainingInput::default()
    }
}

fn report(set: &str, input: &TrainingInput, lines: usize, test: &[Line], outside: &[Line]) {
    let start = Instant::now();
    let model = train(input, &mut |_| {});
    let fit = start.elapsed().as_secs_f64();
    let bytes = model.to_bytes();
    let model = Model::from_bytes(&bytes).expect("bytes just written");
    let filter = Filter::default();
    let mut times = Vec::new();
    let (mut best, mut right) = (0usize, 0usize);
    let mut inside = Vec::new();
    for line in test {
        let start = Instant::now();
        let detection = model.detect(&line.text, &filter);
        times.push(start.elapsed().as_nanos());
        let (top, score) = top(&detection);
        best += usize::from(top == line.intent);
        inside.push(score);
        right += usize::from(
            detection.result == Outcome::Success && detection.winners[0].id == line.intent,
        );
    }
    let mut foreign = Vec::new();
    let mut rejected = 0usize;
    for line in outside {
        let detection = model.detect(&line.text, &filter);
        foreign.push(top(&detection).1);
        rejected += usize::from(detection.result == Outcome::Fail);
    }
    times.sort_unstable();
    let share = |part: usize, whole: usize| {
        if whole == 0 {
            "–".to_owned()
        } else {
            format!("{:.2} %", 100.0 * part as f64 / whole as f64)
        }
    };
    let area = if foreign.is_empty() {
        "–".to_owned()
    } else {
        format!("{:.4}", auroc(&inside, &foreign))
    };
    println!(
        "| {set} | {lines} | {} | {} | {} | {area} | {fit:.2} | {:.1} | {:.1} | {:.1} |",
        share(best, test.len()),
        share(right, test.len()),
        share(rejected, outside.len()),
        bytes.len() as f64 / 1e6,
        times[times.len() / 2] as f64 / 1e3,
        times[times.len() * 99 / 100] as f64 / 1e3,
    );
}

/// The intent with the highest ML score, before any rejection.
fn top(detection: &nlu::Detection) -> (String, f64) {
    let scored = detection.ranking.iter().filter(|r| r.kind == Kind::Dialog);
    let best = scored.max_by(|a, b| {
        a.ml_score
            .unwrap_or(0.0)
            .total_cmp(&b.ml_score.unwrap_or(0.0))
    });
    best.map_or_else(Default::default, |r| {
        (r.id.clone(), r.ml_score.unwrap_or(0.0))
    })
}

/// The chance that a line inside scores above a line outside.
fn auroc(inside: &[f64], outside: &[f64]) -> f64 {
    let mut sum = 0.0;
    for a in inside {
        for b in outside {
            sum += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    sum / (inside.len() * outside.len()) as f64
}
