//! Pages of lists: a limit and an opaque cursor.

/// What part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageIn {
    /// Rows at most.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; none on the last page.
    pub next: Option<String>,
}
