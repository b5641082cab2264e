//! Shapes that several answers of the family share.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A meta tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagOut {
    /// Its key.
    name: String,
    /// Its value, of any JSON type.
    value: Value,
}

impl From<store::Tag> for TagOut {
    fn from(tag: store::Tag) -> Self {
        let store::Tag { name, value } = tag;
        Self { name, value }
    }
}

/// A filter by meta tags: every clause holds.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::analytics reads")]
pub struct TagFilter {
    /// The clauses.
    and: Vec<TagClause>,
}

/// A tag of this level and name has one of these values.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::analytics reads")]
pub struct TagClause {
    /// Its key.
    name: String,
    /// Any of these values.
    values: Vec<String>,
    /// `user`, `session` or `message`.
    #[schema(rename = "type")]
    level: String,
}
