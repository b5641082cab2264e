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
    /// `platform` (of agents), `admin` (of the account) or `data` (of tables).
    pub kind: String,
    /// Its name, unique in the account without regard to case.
    pub name: String,
    /// JOSE name of the one algorithm that is accepted.
    pub algorithm: String,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// Each token must be encrypted.
    pub enforce_jwe: bool,
    /// Tokens that name the app by `iss` or `kore_iss` open operations with a scope too.
    pub sdk_tokens: bool,
    /// Visitors get an access token without a signature.
    pub anonymous: bool,
    /// The sealed secret; empty where the app signs with a key of its own.
    pub secret: Vec<u8>,
    /// The sealed secret before the last rotation.
    pub previous_secret: Option<Vec<u8>>,
    /// The app's public key (JWK text), where the algorithm asks for one.
    pub public_key: Option<String>,
    /// The public key before the last change.
    pub previous_public_key: Option<String>,
    /// Until when the previous secret or key works, milliseconds UTC.
    pub previous_until: Option<i64>,
    /// The key of encrypted payloads.
    pub payload: Option<PayloadKey>,
    /// Payloads in clear are refused where a key exists.
    pub enforce_payload: bool,
    /// Not switched off.
    pub enabled: bool,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
    /// Last accepted token, milliseconds UTC; written now and then, see [`Apps::touch`].
    pub last_used_at: Option<i64>,
}

/// The key that an app's payloads are encrypted with (DECISIONS section 3).
#[derive(Clone, PartialEq, Eq)]
pub struct PayloadKey {
    /// The client's public key, or a key that both sides hold.
    pub mode: PayloadMode,
    /// The public key as JWK text, or the sealed shared key.
    pub key: Vec<u8>,
    /// RFC 7638 thumbprint of the public key, or a fingerprint of the shared one; may be shown.
    pub print: String,
    /// When it was put there, milliseconds UTC.
    pub set_at: i64,
}

/// How payload keys are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadMode {
    /// Answers go to the client's public key, requests to the platform's.
    Public,
    /// One key for both ways.
    Shared,
}

impl PayloadMode {
    /// The word in the store and on the console's wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Shared => "symmetric",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Public, Self::Shared]
            .into_iter()
            .find(|m| m.as_str() == text)
    }
}

impl std::fmt::Debug for PayloadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayloadKey")
            .field("mode", &self.mode)
            .field("print", &self.print)
            .finish_non_exhaustive()
    }
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
    /// Every app of the installation: the gate holds them in memory.
    async fn all(&self) -> Result<Vec<App>>;
    /// Replaces name, algorithm, flags, secrets and keys (all but kind, creation and last use).
    async fn set(&self, app: &App) -> Result<()>;
    /// Notes the last use of some apps; not a change for [`crate::Store::generation`]. An earlier time does not overwrite a later one.
    async fn touch(&self, uses: &[(ClientId, i64)]) -> Result<()>;
    /// Adds accepted calls to those of a day (days since 1970 UTC), and forgets days that are more than 31 before it; not a change for
    /// [`crate::Store::generation`]. Apps that are gone are passed over.
    async fn count_calls(&self, day: i64, calls: &[(ClientId, u64)]) -> Result<()>;
    /// The accepted calls of an app from this day on.
    async fn calls(&self, account: &AccountId, client: &ClientId, from: i64) -> Result<u64>;
    /// Removes an app with its links, mappings and access tokens.
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool>;
}
