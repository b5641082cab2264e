//! Runs the real binary in a folder of its own.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample agent.
pub fn sample() -> String {
    root().join("samples/parcel-desk").display().to_string()
}

/// A data folder and the commands in it.
pub struct Installation {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Installation {
    /// An empty data folder.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("folder"),
            variables: Vec::new(),
        }
    }
    /// The same with one more variable for every command.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }
    /// A file of the data folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }
    /// A place for other files.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    /// The command, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ombud"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OMBUD_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("OMBUD_DATA_DIR", self.folder.path().join("data"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts")
    }
    /// Runs a command that must succeed, with `--json`, and reads what it prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
            panic!(
                "{arguments:?}: {e}: {}",
                String::from_utf8_lossy(&output.stdout)
            )
        })
    }
    /// Runs a command that must fail, and gives its one line.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} should fail");
        let text = String::from_utf8(output.stderr).expect("utf-8");
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {text}");
        lines[0].to_owned()
    }
    /// Makes an account with its owner.
    pub fn setup(&self, account: &str) -> Value {
        let mut child = self
            .command(&[
                "--json",
                "setup",
                "--account",
                account,
                "--email",
                "ann@example.com",
                "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        child
            .stdin
            .take()
            .expect("stdin")
            .write_all(b"correct horse battery\n")
            .expect("write");
        let output = child.wait_with_output().expect("ends");
        assert!(
            output.status.success(),
            "setup: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("json")
    }
    /// Imports, trains and publishes the sample agent; gives its id.
    pub fn sample_agent(&self) -> String {
        let bot = self.json(&["agent", "import", &sample(), "--name", "Parcel Desk"])["botId"]
            .as_str()
            .expect("botId")
            .to_owned();
        self.json(&["agent", "publish", &bot]);
        bot
    }
    /// A client app of the agent with scopes that are in force; gives client id and secret.
    pub fn app(&self, bot: &str, scopes: &[&str]) -> (String, String) {
        let app = self.json(&[
            "app",
            "create",
            "--kind",
            "platform",
            "--name",
            &format!("Client {}", scopes.len()),
            "--bot",
            bot,
        ]);
        let id = app["clientId"].as_str().expect("clientId").to_owned();
        if !scopes.is_empty() {
            self.json(&[&["scope", "grant", "--app", &id, "--bot", bot], scopes].concat());
            self.json(&["agent", "publish", bot]);
        }
        (
            id,
            app["clientSecret"]
                .as_str()
                .expect("clientSecret")
                .to_owned(),
        )
    }
    /// A token of the app.
    pub fn token(&self, app: &str) -> String {
        let output = self.run(&["token", "--app", app]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("utf-8")
            .trim()
            .to_owned()
    }
    /// Starts a server on a free port and waits until it says where.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let mut child = self
            .command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (send, lines) = mpsc::channel();
        for stream in [
            Box::new(child.stdout.take().expect("stdout")) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().expect("stderr")),
        ] {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            });
        }
        let mut server = Server {
            child,
            url: String::new(),
            lines,
            printed: Vec::new(),
        };
        let said = server.printed_until("ombud is listening on ");
        let url = said
            .split("ombud is listening on ")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        server.url = url.expect("an address").to_owned();
        server
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    lines: mpsc::Receiver<String>,
    printed: Vec<String>,
}

impl Server {
    /// The process.
    #[allow(
        dead_code,
        reason = "the load test, which shares this file, asks for it"
    )]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
    /// Everything printed up to a line that holds `text`.
    pub fn printed_until(&mut self, text: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.printed.iter().any(|line| line.contains(text)) {
            let line = self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()));
            self.printed
                .push(line.unwrap_or_else(|_| panic!("never printed: {text}: {:?}", self.printed)));
        }
        self.printed.join("\n")
    }
    /// Ends the process at once, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }
    /// Asks the process to stop and gives its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .expect("kill")
                .success()
        );
        self.child.wait().expect("wait").code()
    }
    /// `findIntent` with a token.
    pub async fn find_intent(&self, bot: &str, token: &str, input: &str) -> (u16, Value) {
        let body = serde_json::json!({"input": input, "streamName": "Parcel Desk"});
        self.post(
            &format!("/api/v1.1/rest/bot/{bot}/findIntent"),
            ("auth", token),
            &body,
        )
        .await
    }
    /// A message over the webhook.
    pub async fn say(&self, bot: &str, token: &str, user: &str, text: &str) -> (u16, Value) {
        let body = serde_json::json!({"session": {"new": false}, "message": {"text": text}, "from": {"id": user}, "to": {"id": "x"}});
        self.post(
            &format!("/chatbot/hooks/{bot}"),
            ("authorization", &format!("bearer {token}")),
            &body,
        )
        .await
    }
    /// A POST with one header.
    pub async fn post(&self, path: &str, header: (&str, &str), body: &Value) -> (u16, Value) {
        let answer = reqwest::Client::new()
            .post(format!("{}{path}", self.url))
            .header(header.0, header.1)
            .json(body)
            .send()
            .await
            .expect("answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
