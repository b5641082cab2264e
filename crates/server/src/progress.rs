//! How far a job is, for the person who waits for it.

use crate::wiring;
use serde_json::Value;
use service::{Caller, Ctx, work};
use settings::Settings;
use std::io::{IsTerminal, Write};
use store::{Job, JobState};
use types::id::JobId;

/// Columns of the bar.
const BAR: usize = 24;
/// Characters of a message beside the bar; a line that wraps cannot be drawn over.
const MESSAGE: usize = 46;

/// A bar on a terminal, a line for each new message elsewhere. All of it goes to standard error: standard output is the
/// command's own.
struct Line {
    terminal: bool,
    last: String,
}

impl Line {
    fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            last: String::new(),
        }
    }

    fn show(&mut self, job: &Job) {
        if let Some(text) = self.text(job.percent, &job.message) {
            let mut err = std::io::stderr().lock();
            // nobody reads any more: the job goes on all the same
            let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
        }
    }

    fn text(&mut self, percent: i64, message: &str) -> Option<String> {
        let percent = percent.clamp(0, 100);
        if self.terminal {
            let filled = usize::try_from(percent).unwrap_or(0) * BAR / 100;
            let (done, rest) = ("#".repeat(filled), "-".repeat(BAR - filled));
            let message: String = message.chars().take(MESSAGE).collect();
            return Some(format!("\r\x1b[2K[{done}{rest}] {percent:>3} %  {message}"));
        }
        if message.is_empty() || message == self.last {
            return None;
        }
        message.clone_into(&mut self.last);
        Some(format!("{percent:>3} %  {message}\n"))
    }

    fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
    }
}

/// Waits for a job, runs it here when no server does, and shows how far it is.
///
/// # Errors
/// The job failed: its reason; the store cannot be read.
pub async fn wait(
    ctx: &Ctx,
    caller: &Caller,
    settings: &Settings,
    job: &JobId,
) -> anyhow::Result<Value> {
    let worker = work::worker(ctx, wiring::job_settings(settings));
    let mut line = Line::new();
    let ended = worker
        .run_until(&caller.account, job, |row| line.show(row))
        .await;
    line.clear();
    let row = ended?;
    match row.state {
        JobState::Done => Ok(row.result.unwrap_or_default()),
        _ => anyhow::bail!(row.error.unwrap_or_else(|| "the job failed".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elsewhere_each_message_is_one_line() {
        let mut line = Line {
            terminal: false,
            last: String::new(),
        };
        assert_eq!(line.text(0, ""), None);
        assert_eq!(line.text(5, "Opening"), Some("  5 %  Opening\n".to_owned()));
        assert_eq!(line.text(9, "Opening"), None);
        assert_eq!(
            line.text(80, "Storing"),
            Some(" 80 %  Storing\n".to_owned())
        );
    }

    #[test]
    fn on_a_terminal_the_bar_is_drawn_over_itself() {
        let mut line = Line {
            terminal: true,
            last: String::new(),
        };
        let text = line.text(50, &"x".repeat(200)).expect("drawn");
        assert!(text.starts_with("\r\x1b[2K[############------------]  50 %"));
        assert!(text.ends_with(&"x".repeat(MESSAGE)) && text.len() < 100);
    }
}
