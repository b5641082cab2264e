//! What data apps may do with tables, views and their definitions: in force as soon as it is saved.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, ClientId},
};

/// What a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataKind {
    /// The rows of a table.
    Table,
    /// The rows of a view; its tables stay closed.
    View,
    /// Definitions of tables and views as files: reading is export, writing is import. Has no name.
    Definitions,
}

impl DataKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Table, Self::View, Self::Definitions];

    /// The word in the store and on the console's wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::Definitions => "definitions",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The permissions of one app on one thing; each stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataGrant {
    /// The account.
    pub account: AccountId,
    /// The app.
    pub client: ClientId,
    /// What it is for.
    pub kind: DataKind,
    /// Name of the table or view; one without regard to case.
    pub name: String,
    /// May read rows.
    pub read: bool,
    /// May add and change rows.
    pub write: bool,
    /// May delete rows.
    pub delete: bool,
    /// Who changed it last.
    pub changed_by: String,
    /// When, milliseconds UTC.
    pub changed_at: i64,
}

/// The permissions of data apps.
#[async_trait]
pub trait DataGrants: Send + Sync {
    /// Writes a permission; [`types::Kind::NotFound`] when the app is not of this account.
    async fn set(&self, grant: &DataGrant) -> Result<()>;
    /// What an app may do with one thing.
    async fn find(
        &self,
        account: &AccountId,
        client: &ClientId,
        kind: DataKind,
        name: &str,
    ) -> Result<Option<DataGrant>>;
    /// The permissions of an app, by kind and name.
    async fn list(&self, account: &AccountId, client: &ClientId) -> Result<Vec<DataGrant>>;
    /// Takes a permission away.
    async fn remove(
        &self,
        account: &AccountId,
        client: &ClientId,
        kind: DataKind,
        name: &str,
    ) -> Result<bool>;
}
