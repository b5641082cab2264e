//! Runs `wrk` with a script of ours and reads its figures.

use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

/// Seconds of each run.
const SECONDS: u32 = 8;

/// What is sent.
pub enum Shape<'a> {
    /// The same small body each time.
    Fixed,
    /// `findIntent` with these lines in turn.
    Detect(&'a [String]),
    /// A first message of another user each time.
    Message,
}

/// One run.
pub struct Load<'a> {
    pub url: &'a str,
    pub path: &'a str,
    pub token: &'a str,
    pub shape: Shape<'a>,
    pub clients: u32,
}

/// Its figures.
pub struct Figures {
    pub rate: f64,
    p50: f64,
    p99: f64,
}

impl Figures {
    pub fn print(&self, what: &str) {
        println!(
            "| {what} | {:.0} | {:.2} | {:.2} |",
            self.rate, self.p50, self.p99
        );
    }
}

/// True when `wrk` can be started.
pub fn is_there() -> bool {
    Command::new("wrk")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

impl Load<'_> {
    /// Runs `wrk`; every answer must be a 200.
    pub fn run(&self) -> Figures {
        let folder = tempfile::tempdir().expect("folder");
        let script = folder.path().join("load.lua");
        std::fs::write(&script, self.script()).expect("writes");
        let output = Command::new("wrk")
            .args([
                "-t1",
                &format!("-c{}", self.clients),
                &format!("-d{SECONDS}s"),
                "-s",
            ])
            .arg(&script)
            .arg(self.url)
            .output()
            .expect("wrk starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("Non-2xx"), "refused: {text}");
        let figures = text
            .lines()
            .find_map(|line| line.strip_prefix("figures "))
            .unwrap_or_else(|| panic!("no figures: {text}"));
        let numbers: Vec<f64> = figures.split(' ').filter_map(|n| n.parse().ok()).collect();
        Figures {
            rate: numbers[0],
            p50: numbers[1],
            p99: numbers[2],
        }
    }

    fn script(&self) -> String {
        let mut lua = String::new();
        let _ = writeln!(
            lua,
            "local headers = {{ [\"content-type\"] = \"application/json\", [\"auth\"] = {:?} }}",
            self.token
        );
        let _ = writeln!(lua, "local path, count = {:?}, 0", self.path);
        match self.shape {
            Shape::Fixed => lua.push_str("function request() return wrk.format(\"POST\", path, headers, '{\"input\":\"hello\"}') end\n"),
            Shape::Detect(lines) => {
                lua.push_str("local lines = {\n");
                for line in lines {
                    let body = json!({"input": line, "streamName": "bench"}).to_string();
                    let _ = writeln!(lua, "[==[{body}]==],");
                }
                lua.push_str("}\nfunction request() count = count + 1; return wrk.format(\"POST\", path, headers, lines[count % #lines + 1]) end\n");
            }
            Shape::Message => lua.push_str(
                "math.randomseed(os.time())\nlocal run = math.random(1, 1e9)\nfunction request()\n  count = count + 1\n  local id = \"user-\" .. run .. \"-\" .. count\n  local body = '{\"session\":{\"new\":true},\"message\":{\"text\":\"where is my parcel\"},\"from\":{\"id\":\"' .. id .. '\"},\"to\":{\"id\":\"bench\"}}'\n  return wrk.format(\"POST\", path, headers, body)\nend\n",
            ),
        }
        lua.push_str("function done(summary, latency)\n  io.write(string.format(\"figures %.3f %.4f %.4f\\n\", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000))\nend\n");
        lua
    }
}

/// The folder with the public intent sets.
pub fn data() -> PathBuf {
    std::env::var_os("OMBUD_NLU_DATA").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/nlu-data"
            ))
        },
        PathBuf::from,
    )
}

/// An agent with the training lines of a public intent set, and the test lines to ask it with.
pub fn agent_of(set: &str) -> Option<(Value, Vec<String>)> {
    let root = data();
    let train = read(&root.join(set).join("train.jsonl"));
    let test = read(&root.join(set).join("test.jsonl"));
    if train.is_empty() || test.is_empty() {
        return None;
    }
    let mut intents: Vec<&str> = train.iter().map(|(_, intent)| intent.as_str()).collect();
    intents.sort_unstable();
    intents.dedup();
    let dialog = |name: &&str| {
        json!({"_id": format!("dg-{name}"), "refId": format!("rd-{name}"), "localeData": {"en": {"name": name.replace('_', " ")}},
            "nodes": [{"nodeId": "intent0", "type": "intent", "componentId": format!("dc-{name}"), "transitions": [{"default": "end"}]}]})
    };
    let component = |name: &&str| {
        json!({"_id": format!("dc-{name}"), "refId": format!("rc-{name}"), "name": name, "type": "intent", "dialogId": format!("dg-{name}"),
            "localeData": {"en": {"intent": name.replace('_', " ")}}})
    };
    let sentence = |(text, intent): &(String, String)| json!({"sentence": text, "taskId": format!("dc-{intent}"), "taskName": intent, "type": "DialogIntent", "language": "en"});
    let dialogs: Vec<Value> = intents.iter().map(dialog).collect();
    let components: Vec<Value> = intents.iter().map(component).collect();
    let sentences: Vec<Value> = train.iter().map(sentence).collect();
    let agent = json!({"_id": "st-00000000-0000-5000-8000-000000000000", "defaultLanguage": "en", "supportedLanguages": ["en"],
        "localeData": {"en": {"name": "bench"}}, "dialogs": dialogs, "dialogComponents": components, "sentences": sentences});
    Some((agent, test.into_iter().map(|(text, _)| text).collect()))
}

fn read(path: &std::path::Path) -> Vec<(String, String)> {
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).ok()?;
        Some((
            value["text"].as_str()?.to_owned(),
            value["intent"].as_str()?.to_owned(),
        ))
    };
    std::fs::read_to_string(path)
        .unwrap_or_default()
        .lines()
        .filter_map(line)
        .collect()
}
