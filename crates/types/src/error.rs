//! The one error of services and stores. Renderers turn it into an answer in one place (crate `http-api`).

use crate::codes::Code;
use std::borrow::Cow;

/// What went wrong, as far as a caller may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong; the caller can mend it.
    BadInput,
    /// Nobody we know.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// No such thing for this caller.
    NotFound,
    /// The thing changed or exists already.
    Conflict,
    /// Too many requests.
    Limited,
    /// Larger than a documented limit.
    TooLarge,
    /// A shared part (store, kv) cannot be reached.
    Unavailable,
    /// Not built on purpose (DECISIONS section 8).
    NotBuilt,
    /// Our fault.
    Internal,
}

/// One field of the input and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Path of the field, for instance `message.text`.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// An error with a text for the caller (`message`) and a cause for the log (`source`), which never leaves the server.
#[derive(Debug)]
pub struct Error {
    /// The class.
    pub kind: Kind,
    /// The stable code, when the class alone does not say it.
    pub code: Option<&'static Code>,
    /// Text for the caller.
    pub message: Cow<'static, str>,
    /// The fields that are wrong, each named.
    pub fields: Vec<Field>,
    /// For [`Kind::Limited`]: whole seconds until it is worth trying again.
    pub retry_after: Option<u64>,
    /// For [`Kind::Limited`]: requests that the full window takes.
    pub limit: Option<u32>,
    /// Cause, for the log only.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind with a text for the caller.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
            limit: None,
            source: None,
        }
    }
    /// An error of the catalogue.
    pub fn of(code: &'static Code) -> Self {
        Self {
            code: Some(code),
            ..Self::new(code.kind, code.text)
        }
    }
    /// Wrong input in one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![Field {
            field: field.into(),
            message: message.into(),
        }])
    }
    /// Wrong input in several fields.
    pub fn fields(fields: Vec<Field>) -> Self {
        let message = fields
            .first()
            .map_or_else(String::new, |f| format!("{}: {}", f.field, f.message));
        Self {
            fields,
            ..Self::new(Kind::BadInput, message)
        }
    }
    /// Wrong input as a whole.
    pub fn bad_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::BadInput, message)
    }
    /// No such thing for this caller.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, message)
    }
    /// The thing exists or changed.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, message)
    }
    /// Our fault; the cause goes to the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Kind::Internal, "Internal error")
        }
    }
    /// A shared part cannot be reached; the cause goes to the log.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::of(&crate::codes::STORE_UNREACHABLE)
        }
    }
    /// The same error with its cause for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
