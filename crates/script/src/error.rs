/// Why a run gave no outcome. Nothing of such a run is to be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The source is not JavaScript. `line` counts from 1 in the script as the author wrote it.
    #[error("syntax error{}: {message}", at(*line))]
    Syntax {
        /// What the parser says.
        message: String,
        /// Line of the script, when known.
        line: Option<u32>,
    },
    /// The script threw and did not catch.
    #[error("{message}{}", at(*line))]
    Thrown {
        /// Name and message of the error, or the thrown value as text.
        message: String,
        /// Line of the script, when known.
        line: Option<u32>,
    },
    /// The script asked for a host member that is not there yet, and did not catch.
    #[error("{member} does not exist here{}", at(*line))]
    UnknownMember {
        /// Its full name, such as `koreUtil.rrule`.
        member: String,
        /// Line of the script, when known.
        line: Option<u32>,
    },
    /// The time ran out.
    #[error("the script ran longer than {limit_ms} ms")]
    Deadline {
        /// The limit in milliseconds.
        limit_ms: u64,
    },
    /// The heap was full, or one text or list was longer than a block may be.
    #[error("the script used more than {limit} bytes of memory, or made too long a text or list")]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// Calls were nested too deeply.
    #[error("the script calls itself too deeply")]
    Stack,
    /// Too much was printed.
    #[error("the script printed more than {limit} bytes")]
    PrintedTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// `context` has grown over its limit; the write-back is refused.
    #[error("the context is {bytes} bytes long, {limit} are allowed")]
    ContextTooLarge {
        /// Length of its JSON text.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A value put into a session store is over the limit.
    #[error("the value of {key} is {bytes} bytes long, {limit} are allowed")]
    StoreTooLarge {
        /// Store and key, such as `BotContext.rates`.
        key: String,
        /// Length of its JSON text.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// What the script left behind cannot be written as JSON: cyclic, or nested too deeply.
    #[error("the script's values cannot be kept: {message}")]
    NotKept {
        /// What is wrong with them.
        message: String,
    },
    /// The engine failed where no script could be at fault.
    #[error("the script engine failed: {message}")]
    Engine {
        /// What it says.
        message: String,
    },
}

fn at(line: Option<u32>) -> String {
    line.map(|line| format!(" (line {line})"))
        .unwrap_or_default()
}
