//! A real Redis on a free port.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis of one test, with nothing on disk; ended when dropped.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    options: Vec<String>,
    child: Option<Child>,
}

/// A fresh, empty Redis, or none (with a message) when it is not installed.
///
/// # Panics
/// When the server does not start, and when it is not installed though the variable `CI` is `true`.
pub fn redis() -> Option<Redis> {
    redis_with(&[])
}

/// The same with more options, for instance `["--maxmemory", "3mb"]`.
///
/// # Panics
/// As [`redis`].
pub fn redis_with(options: &[&str]) -> Option<Redis> {
    let installed = Command::new("redis-server")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !installed {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "redis-server is not installed"
        );
        eprintln!("skipped: redis-server is not installed");
        return None;
    }
    let options: Vec<String> = options.iter().map(|o| (*o).to_owned()).collect();
    // somebody else may take the port between the look and the start
    for _ in 0..20 {
        let mut redis = Redis {
            port: free_port(),
            options: options.clone(),
            child: None,
        };
        if redis.try_start() {
            return Some(redis);
        }
    }
    panic!("redis-server did not start");
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

impl Redis {
    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("ended");
    }

    /// Starts it again on the same port after [`Redis::kill`]; it has forgotten everything.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&mut self) {
        assert!(self.try_start(), "redis-server did not start again");
    }

    /// Sends a command and gives the first line of the answer, for instance `["FLUSHALL"]` and `+OK`.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn command(&self, words: &[&str]) -> String {
        self.ask(words).expect("an answer")
    }

    fn ask(&self, words: &[&str]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        stream.write_all(request.as_bytes())?;
        let mut line = Vec::new();
        let mut byte = [0u8; 1];
        while !line.ends_with(b"\r\n") && stream.read(&mut byte)? == 1 {
            line.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&line).trim().to_owned())
    }

    fn try_start(&mut self) -> bool {
        let mut child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .args(&self.options)
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let process = format!("process_id:{}", child.id());
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if child.try_wait().expect("asked").is_some() {
                return false;
            }
            if self.is_mine(&process) {
                self.child = Some(child);
                return true;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        let _ = child.kill();
        let _ = child.wait();
        false
    }

    /// The one that answers on the port is the one that was started.
    fn is_mine(&self, process: &str) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
        if stream
            .write_all(b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n")
            .is_err()
        {
            return false;
        }
        let mut text = Vec::new();
        let mut part = [0u8; 4096];
        while let Ok(read) = stream.read(&mut part) {
            text.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&text);
            if text.lines().any(|line| line.trim() == process) {
                return true;
            }
            if read == 0 {
                break;
            }
        }
        false
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
