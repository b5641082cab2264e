//! Client apps.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
};

/// A client app.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// Its client id.
    pub client_id: ClientId,
    /// Its account.
    pub account: AccountId,
    /// `platform` (more kinds to come).
    pub kind: String,
    /// Its name, unique in the account without regard to case.
    pub name: String,
    /// JOSE name of the one algorithm that is accepted.
    pub algorithm: String,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The sealed secret before the last rotation.
    pub previous_secret: Option<Vec<u8>>,
    /// Until when the previous secret works, milliseconds UTC.
    pub previous_until: Option<i64>,
    /// Not switched off.
    pub enabled: bool,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
    /// Last accepted token, milliseconds UTC; written now and then, see [`Apps::touch`].
    pub last_used_at: Option<i64>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .field("account", &self.account)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Which apps of an account are wanted; what is not given does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppFilter {
    /// Only this kind.
    pub kind: Option<String>,
    /// Only apps linked to this agent.
    pub bot: Option<BotId>,
}

/// The client apps.
#[async_trait]
pub trait Apps: Send + Sync {
    /// Adds an app; a taken name is a conflict on `name`.
    async fn add(&self, app: &App) -> Result<()>;
    /// The app with this client id, in any account: the gate starts from the token, which does not name an account.
    async fn find_any(&self, client: &ClientId) -> Result<Option<App>>;
    /// The app of this account.
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<App>>;
    /// The app of this account by name, without regard to case.
    async fn find_by_name(&self, account: &AccountId, name: &str) -> Result<Option<App>>;
    /// The apps of an account, by name.
    async fn list(&self, account: &AccountId, filter: &AppFilter) -> Result<Vec<App>>;
    /// Replaces name, algorithm, flags and secrets (all but kind, creation and last use).
    async fn set(&self, app: &App) -> Result<()>;
    /// Notes the last use of some apps; not a change for [`crate::Store::generation`]. An earlier time does not overwrite a later one.
    async fn touch(&self, uses: &[(ClientId, i64)]) -> Result<()>;
    /// Removes an app with its links and mappings.
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool>;
}
