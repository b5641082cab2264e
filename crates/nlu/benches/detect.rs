//! Accuracy, speed and size on public intent sets, with and without the sentence encoder. Run with `cargo bench -p nlu --bench detect`.
//! The sets are looked for in `OMBUD_NLU_DATA`, else beside the repository; the encoder in `OMBUD_ENCODER` (the wheel, a folder, or the
//! converted file), else in the wheel that `scripts/setup.sh test` loads. Words after `--` pick sets by name.

use nlu::{Embed, Filter, Intent, Kind, Model, Outcome, Tag, TrainingInput, Utterance, train_with};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

struct Line {
    text: String,
    intent: String,
    tags: Vec<Tag>,
}

#[derive(Debug)]
struct Sentences(encoder::Encoder);

impl Embed for Sentences {
    fn id(&self) -> u64 {
        self.0.id()
    }
    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        self.0.encode(text).ok()
    }
    fn knows(&self, word: &str) -> bool {
        self.0.knows(word)
    }
}

type Tier = Option<Arc<dyn Embed>>;

/// Names the folder with files to load, for the second process of [`memory_rows`].
const LOADS: &str = "OMBUD_BENCH_LOADS";

fn main() {
    if let Some(folder) = std::env::var_os(LOADS) {
        return load(Path::new(&folder));
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("OMBUD_NLU_DATA")
        .map_or_else(|| here.join("../../../shared/nlu-data"), PathBuf::from);
    if !root.is_dir() {
        println!(
            "no data at {}: set OMBUD_NLU_DATA to the folder of the sets",
            root.display()
        );
        return;
    }
    let picked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let wanted = |name: &str| picked.is_empty() || picked.iter().any(|p| p == name);
    if picked.iter().any(|p| p == "memory") {
        return memory_rows(&root, here);
    }
    let encoder = encoder(here);
    let tiers: Vec<(&str, Tier)> = match &encoder {
        Some(encoder) => vec![("a", None), ("b", Some(Arc::clone(encoder)))],
        None => vec![("a", None)],
    };
    if std::env::var_os("OMBUD_BENCH_DRAWN").is_some() {
        drawn(&root, &tiers);
        return;
    }
    println!(
        "| set | tier | lines | best intent | accepted and right | out of scope rejected | AUROC | rejected where 95 % are kept | fit CPU s | model MB | tier (a) alone | mean µs | p50 µs | p99 µs |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let names = [
        "clinc150",
        "clinc150_10shot",
        "clinc150_5shot",
        "hwu64",
        "hwu64_10shot",
        "hwu64_5shot",
        "snips2017_small",
    ];
    for set in names.into_iter().filter(|set| wanted(set)) {
        let lines = read(&root.join(set).join("train.jsonl"));
        // `valid` instead of `test` while settings are looked for.
        let part = if std::env::var_os("OMBUD_BENCH_VALID").is_some() {
            "valid"
        } else {
            "test"
        };
        let whole = set.trim_end_matches("_10shot").trim_end_matches("_5shot");
        let test = read(&root.join(whole).join(format!("{part}.jsonl")));
        let outside = match set.starts_with("clinc") {
            true => read(&root.join(format!("clinc150/oos_{part}.jsonl"))),
            false => Vec::new(),
        };
        if lines.is_empty() || test.is_empty() {
            println!("{set}: missing");
            continue;
        }
        if std::env::var_os("OMBUD_BENCH_FOLDS").is_some() {
            folds(set, &lines, &tiers);
            continue;
        }
        for (name, tier) in &tiers {
            report(
                set,
                name,
                tier,
                &input(&lines),
                lines.len(),
                &test,
                &outside,
            );
        }
    }
    if wanted("spans") {
        spans(&root, &tiers);
    }
    if wanted("small") {
        small(&root, &tiers);
    }
    if wanted("thousand") {
        thousand(&root, &tiers);
    }
}

/// Resident memory of a process that answers with both tiers: one process makes the files, another loads them, as a server does.
fn memory_rows(root: &Path, here: &Path) {
    let (Some(bytes), lines) = (
        encoder_bytes(here),
        read(&root.join("clinc150/train.jsonl")),
    ) else {
        return;
    };
    let folder = std::env::temp_dir().join(format!("ombud-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("the temporary folder is writable");
    };
    write("encoder.bin", &bytes);
    let encoder = Sentences(encoder::Encoder::from_bytes(&bytes).expect("the encoder loads"));
    let model = train_with(&input(&lines), Some(&encoder), None, &mut |_| {});
    write("model.bin", &model.to_bytes());
    let test = read(&root.join("clinc150/test.jsonl"));
    let texts: Vec<&str> = test.iter().map(|line| line.text.as_str()).collect();
    write("texts.txt", texts.join("\n").as_bytes());
    let program = std::env::current_exe().expect("this program has a path");
    let child = std::process::Command::new(program)
        .env(LOADS, &folder)
        .status();
    child.expect("this program starts");
    let _ = std::fs::remove_dir_all(&folder);
}

fn load(folder: &Path) {
    const THREADS: usize = 64;
    const TEXTS: usize = 40;
    let read = |name: &str| std::fs::read(folder.join(name)).expect("the file is there");
    println!("\n| what is in memory | resident MB |\n|---|---|");
    println!("| the program | {:.1} |", memory());
    let loaded = encoder::Encoder::from_bytes(&read("encoder.bin")).expect("the encoder loads");
    let encoder: Arc<dyn Embed> = Arc::new(Sentences(loaded));
    println!("| and the encoder | {:.1} |", memory());
    let model = Model::from_bytes(&read("model.bin")).expect("the model loads");
    let model = model.with_encoder(Some(encoder));
    println!("| and the model | {:.1} |", memory());
    let texts = String::from_utf8(read("texts.txt")).expect("the texts are UTF-8");
    let texts: Vec<&str> = texts.lines().collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (model, texts) = (&model, &texts);
            scope.spawn(move || {
                for at in 0..TEXTS {
                    let text = texts[(thread * TEXTS + at) % texts.len()];
                    std::hint::black_box(model.detect(text, &Filter::default()));
                }
            });
        }
    });
    let rate = (THREADS * TEXTS) as f64 / start.elapsed().as_secs_f64();
    println!(
        "| after {TEXTS} texts by each of {THREADS} threads ({rate:.0} texts/s) | {:.1} |",
        memory()
    );
}

fn encoder(here: &Path) -> Tier {
    let bytes = encoder_bytes(here)?;
    let before = memory();
    let loaded = encoder::Encoder::from_bytes(&bytes).expect("the encoder loads");
    println!(
        "encoder: {:.1} MB on disk, {:.1} MB in memory\n",
        bytes.len() as f64 / 1e6,
        memory() - before
    );
    Some(Arc::new(Sentences(loaded)))
}

/// The converted encoder.
fn encoder_bytes(here: &Path) -> Option<Vec<u8>> {
    let cache = here.join("../../.cache/encoder");
    let wheel = || {
        let files = std::fs::read_dir(&cache)
            .ok()?
            .filter_map(|e| Some(e.ok()?.path()));
        files
            .filter(|p| p.extension().is_some_and(|e| e == "whl"))
            .min()
    };
    let Some(path) = std::env::var_os("OMBUD_ENCODER")
        .map(PathBuf::from)
        .or_else(wheel)
    else {
        println!("no encoder: tier (a) only");
        return None;
    };
    Some(match path.extension().is_some_and(|e| e == "bin") {
        true => std::fs::read(&path).expect("the converted encoder is readable"),
        false => encoder::convert_path(&path).expect("the encoder converts"),
    })
}

/// Resident megabytes.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e3
}

/// Seconds of CPU that the process has used, all threads together.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Drawn agents of few lines: lines of other intents and lines out of scope must be refused.
fn small(root: &Path, tiers: &[(&str, Tier)]) {
    println!("\n| drawn agents | tier | accepted and right | wrong dialog | other texts refused |");
    println!("|---|---|---|---|---|");
    for (set, outside) in [
        ("clinc150", Some("clinc150/oos_valid.jsonl")),
        ("hwu64", None),
    ] {
        let lines = read(&root.join(set).join("train.jsonl"));
        let valid = read(&root.join(set).join("valid.jsonl"));
        let mut by: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
        lines
            .iter()
            .for_each(|line| by.entry(&line.intent).or_default().push(line));
        let names: Vec<&str> = by.keys().copied().collect();
        let foreign = outside
            .map(|file| read(&root.join(file)))
            .unwrap_or_default();
        for (count, each) in [(2, 3), (2, 8), (3, 5), (6, 2), (6, 10), (15, 5), (15, 10)] {
            let mut tallies = vec![[0usize; 5]; tiers.len()];
            for draw in 0..6 {
                let own: Vec<&str> = (0..count)
                    .map(|i| names[(draw * 7 + i * 11 + count) % names.len()])
                    .collect();
                let taken = own.iter().flat_map(|name| {
                    let all = &by[name];
                    (0..each).map(move |i| all[(draw * 13 + i * 5) % all.len()])
                });
                let taken: Vec<Line> = taken
                    .map(|l| Line {
                        text: l.text.clone(),
                        intent: l.intent.clone(),
                        tags: Vec::new(),
                    })
                    .collect();
                let input = input(&taken);
                for ((_, tier), tally) in tiers.iter().zip(&mut tallies) {
                    let model = train_with(&input, tier.as_deref(), None, &mut |_| {})
                        .with_encoder(tier.clone());
                    let others = valid
                        .iter()
                        .filter(|l| !own.contains(&l.intent.as_str()))
                        .step_by(23)
                        .chain(&foreign);
                    for line in valid
                        .iter()
                        .filter(|l| own.contains(&l.intent.as_str()))
                        .chain(others)
                    {
                        let found = model.detect(&line.text, &Filter::default());
                        let inside = own.contains(&line.intent.as_str());
                        let right = found.winners.len() == 1 && found.winners[0].id == line.intent;
                        tally[0] += usize::from(inside);
                        tally[1] += usize::from(inside && right);
                        tally[2] += usize::from(inside && !right && !found.winners.is_empty());
                        tally[3] += usize::from(!inside);
                        tally[4] += usize::from(!inside && found.winners.is_empty());
                    }
                }
            }
            for ((name, _), t) in tiers.iter().zip(&tallies) {
                println!(
                    "| {set}, {count} intents of {each} lines | {name} | {} | {} | {} |",
                    share(t[1], t[0]),
                    share(t[2], t[0]),
                    share(t[4], t[3])
                );
            }
        }
    }
}

/// Few lines drawn from the training lines of the whole sets, judged by training lines that were not drawn.
fn drawn(root: &Path, tiers: &[(&str, Tier)]) {
    const JUDGES: usize = 1500;
    for (set, draws) in [("hwu64", 4u64), ("clinc150", 2)] {
        let lines = read(&root.join(set).join("train.jsonl"));
        for shots in [5, 10] {
            for (name, tier) in tiers {
                let (mut right, mut all) = (0, 0);
                for draw in 0..draws {
                    let mut order: Vec<(u64, &Line)> = lines
                        .iter()
                        .enumerate()
                        .map(|(at, line)| (mix(at as u64 + draw * 1_000_003), line))
                        .collect();
                    order.sort_unstable_by_key(|(key, _)| *key);
                    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
                    let mut taken = Vec::new();
                    let mut rest = Vec::new();
                    for (_, line) in order {
                        let count = seen.entry(&line.intent).or_default();
                        *count += 1;
                        match *count <= shots {
                            true => taken.push(Line {
                                text: line.text.clone(),
                                intent: line.intent.clone(),
                                tags: Vec::new(),
                            }),
                            false => rest.push(line),
                        }
                    }
                    let model = train_with(&input(&taken), tier.as_deref(), None, &mut |_| {})
                        .with_encoder(tier.clone());
                    for line in rest.iter().take(JUDGES) {
                        all += 1;
                        right += usize::from(
                            top(&model.detect(&line.text, &Filter::default())).0 == line.intent,
                        );
                    }
                }
                println!(
                    "| {set}, {shots} lines drawn | {name} | {} |",
                    share(right, all)
                );
            }
        }
    }
}

/// An order that looks random and is the same each time.
fn mix(value: u64) -> u64 {
    let v = (value.wrapping_add(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let v = (v ^ (v >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    v ^ (v >> 31)
}

/// Five-fold cross-validation on training lines alone: how settings of sets with few lines are chosen.
fn folds(set: &str, lines: &[Line], tiers: &[(&str, Tier)]) {
    const FOLDS: usize = 5;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let fold = |line: &Line, seen: &mut usize| {
        *seen += 1;
        (*seen + line.intent.len()) % FOLDS
    };
    let numbers: Vec<usize> = lines
        .iter()
        .map(|line| fold(line, seen.entry(&line.intent).or_default()))
        .collect();
    for (name, tier) in tiers {
        let whole = train_with(&input(lines), tier.as_deref(), None, &mut |_| {});
        let mut right = 0usize;
        for number in 0..FOLDS {
            let rest = lines.iter().zip(&numbers).filter(|(_, n)| **n != number);
            let rest: Vec<Line> = rest
                .map(|(l, _)| Line {
                    text: l.text.clone(),
                    intent: l.intent.clone(),
                    tags: Vec::new(),
                })
                .collect();
            let model = train_with(&input(&rest), tier.as_deref(), Some(&whole), &mut |_| {})
                .with_encoder(tier.clone());
            let held = lines.iter().zip(&numbers).filter(|(_, n)| **n == number);
            for (line, _) in held {
                let found = model.detect(&line.text, &Filter::default());
                right += usize::from(top(&found).0 == line.intent);
            }
        }
        println!(
            "| {set} | {name} | held out | {} |",
            share(right, lines.len())
        );
    }
}

/// Values of entities, found by the tags of the training lines, in the intent that was detected: exact spans of the right entity.
fn spans(root: &Path, tiers: &[(&str, Tier)]) {
    let set = root.join("snips2017_small");
    let (lines, test) = (
        read(&set.join("train.jsonl")),
        read(&set.join("test.jsonl")),
    );
    if lines.is_empty() {
        return;
    }
    let input = input(&lines);
    println!();
    for (name, tier) in tiers {
        let model =
            train_with(&input, tier.as_deref(), None, &mut |_| {}).with_encoder(tier.clone());
        let (mut right, mut found, mut tagged) = (0usize, 0usize, 0usize);
        let mut times = Vec::new();
        for line in &test {
            let (intent, _) = top(&model.detect(&line.text, &Filter::default()));
            let start = Instant::now();
            let spans = model.spans(&line.text, Some(&intent));
            times.push(start.elapsed().as_nanos());
            let chars = |byte: usize| line.text[..byte].chars().count();
            let same = |tag: &Tag| {
                let fits = |s: &nlu::Span| {
                    s.entity == tag.entity && chars(s.start) == tag.start && chars(s.end) == tag.end
                };
                spans.iter().any(fits)
            };
            right += line.tags.iter().filter(|tag| same(tag)).count();
            found += spans.len();
            tagged += line.tags.len();
        }
        times.sort_unstable();
        println!(
            "SNIPS entity spans, intents of tier {name}: precision {}, recall {}, F1 {}, p50 {:.0} µs a line",
            share(right, found),
            share(right, tagged),
            share(2 * right, found + tagged),
            times[times.len() / 2] as f64 / 1e3,
        );
    }
}

/// Fitting 1,000 lines, cross-validation included.
fn thousand(root: &Path, tiers: &[(&str, Tier)]) {
    let lines: Vec<Line> = read(&root.join("clinc150_10shot/train.jsonl"))
        .into_iter()
        .take(1000)
        .collect();
    if lines.is_empty() {
        return;
    }
    let input = input(&lines);
    println!();
    for (name, tier) in tiers {
        let start = cpu();
        let model = train_with(&input, tier.as_deref(), None, &mut |_| {});
        let first = cpu();
        train_with(&input, tier.as_deref(), Some(&model), &mut |_| {});
        println!(
            "1,000 lines, tier {name}: {:.2} s of CPU with cross-validation, {:.2} s with vectors taken over",
            first - start,
            cpu() - first
        );
    }
}

fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let tag = |tag: &serde_json::Value| {
        Some(Tag {
            entity: tag["entity"].as_str()?.to_owned(),
            start: tag["start"].as_u64()? as usize,
            end: tag["end"].as_u64()? as usize,
        })
    };
    let line = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(Line {
            text: value["text"].as_str()?.to_owned(),
            intent: value["intent"].as_str()?.to_owned(),
            tags: value["entities"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(tag)
                .collect(),
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
        intent.utterances.push(Utterance {
            text: line.text.clone(),
            tags: line.tags.clone(),
        });
    }
    TrainingInput {
        language: "en".to_owned(),
        intents: intents.into_values().collect(),
        ..TrainingInput::default()
    }
}

fn share(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{:.2} %", 100.0 * part as f64 / whole as f64),
    }
}

fn report(
    set: &str,
    name: &str,
    tier: &Tier,
    input: &TrainingInput,
    lines: usize,
    test: &[Line],
    outside: &[Line],
) {
    let start = cpu();
    let model = train_with(input, tier.as_deref(), None, &mut |_| {});
    let fit = cpu() - start;
    let bytes = model.to_bytes();
    let model = Model::from_bytes(&bytes)
        .expect("bytes just written")
        .with_encoder(tier.clone());
    let filter = Filter::default();
    let mut times = Vec::new();
    let (mut best, mut right, mut alone) = (0usize, 0usize, 0usize);
    let mut inside = Vec::new();
    for line in test {
        let start = Instant::now();
        let detection = model.detect(&line.text, &filter);
        let took = start.elapsed().as_nanos();
        times.push(took);
        // The encoder needs several hundred microseconds; nothing else comes near.
        alone += usize::from(took < 250_000);
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
    inside.sort_by(f64::total_cmp);
    let kept = inside[inside.len() / 20];
    let (area, recall) = match foreign.is_empty() {
        true => ("–".to_owned(), "–".to_owned()),
        false => (
            format!("{:.4}", auroc(&inside, &foreign)),
            share(foreign.iter().filter(|s| **s < kept).count(), foreign.len()),
        ),
    };
    println!(
        "| {set} | {name} | {lines} | {} | {} | {} | {area} | {recall} | {fit:.2} | {:.1} | {} | {:.0} | {:.1} | {:.1} |",
        share(best, test.len()),
        share(right, test.len()),
        share(rejected, outside.len()),
        bytes.len() as f64 / 1e6,
        share(alone, test.len()),
        times.iter().sum::<u128>() as f64 / times.len() as f64 / 1e3,
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
