/// What one run may use. Going over any of them ends the run with the matching [`ScriptError`](crate::ScriptError).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds from the start of the run to its end, library loading and write-back included. Default 5000.
    pub cpu_ms: u64,
    /// Bytes of the engine's heap. Default 64 MiB.
    pub memory_bytes: usize,
    /// Bytes of one block of that heap: one text, the slots of one list (16 bytes each). Default 8 MiB.
    pub block_bytes: usize,
    /// Bytes of native stack. Default 512 KiB.
    pub stack_bytes: usize,
    /// Bytes of the JSON text of `context` after a run, and of any one stored session value. Default 1 MiB.
    pub context_bytes: usize,
    /// Bytes of all `print` output of a run together. Default 1 MiB.
    pub printed_bytes: usize,
    /// Bytes of all debug log lines of a run together; what goes over is cut, the run goes on. Default 64 KiB.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_ms: 5_000,
            memory_bytes: 64 << 20,
            block_bytes: 8 << 20,
            stack_bytes: 512 << 10,
            context_bytes: 1 << 20,
            printed_bytes: 1 << 20,
            log_bytes: 64 << 10,
        }
    }
}
