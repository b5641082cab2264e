//! What the services ask of storage: records, filters and one trait a family. No SQL and no back end.
//!
//! **Must not know**: SQL, files, HTTP, encryption. What is sealed at rest comes in and goes out as bytes.
//!
//! [`Store`] and [`Tx`] give the same families ([`Families`]). On the store each call stands alone; in a
//! transaction all calls take effect together at [`Tx::commit`], and none when the transaction is dropped.
//! A write through the store while a transaction of the same task is open waits for that transaction: inside a
//! transaction use the transaction only.
//!
//! Every call takes the account where the row has one; another account's row answers as missing. The few calls
//! that find an account (`Apps::find_any`, `Agents::owner`, `Logins::find`, …) say so.
//!
//! `find` answers one or none, `list` many; `set_…` on a missing row is [`types::Kind::NotFound`]; `remove` says whether there was
//! something; a broken uniqueness rule is [`types::Kind::Conflict`] that names the field.
//!
//! To add a family: a file here with its record and trait, a line in [`Families`], its tables in a new migration, its SQL
//! in `store-sql`, and its rules in the conformance suite there.

pub mod access;
pub mod account;
pub mod agent;
pub mod app;
pub mod audit;
pub mod batch_test;
pub mod conversation;
pub mod conversation_test;
pub mod data_grant;
pub mod debug_log;
pub mod definition;
pub mod extraction;
pub mod file;
pub mod grant;
pub mod job;
pub mod link;
pub mod login;
pub mod mapping;
pub mod message;
pub mod meta;
pub mod model;
pub mod passkey;
pub mod platform_key;
pub mod session;
pub mod tag;
pub mod user;
pub mod variable;
pub mod version;

pub use access::{Access, Accesses};
pub use account::{Account, Accounts};
pub use agent::{Agent, AgentFilter, Agents};
pub use app::{App, AppFilter, Apps, PayloadKey, PayloadMode};
pub use audit::{AuditFilter, AuditLink, AuditLog, AuditRow, NewAuditRow, Seal};
pub use batch_test::{BatchTests, TestRun, TestSuite};
pub use conversation::{Conversation, ConversationKey, Conversations};
pub use conversation_test::{ConversationRun, ConversationSuite, ConversationTests};
pub use data_grant::{DataGrant, DataGrants, DataKind};
pub use debug_log::{DebugLog, DebugLogs};
pub use definition::{Copy, Definition, Definitions};
pub use extraction::{Extraction, ExtractionState, Extractions};
pub use file::{File, Files};
pub use grant::{Grant, Grants};
pub use job::{Job, JobFilter, JobState, Jobs, NewJob};
pub use link::Links;
pub use login::{Login, Logins};
pub use mapping::{Mapping, Mappings};
pub use message::{Around, Direction, Message, MessageFilter, Messages};
pub use meta::Meta;
pub use model::{Model, ModelHead, Models};
pub use passkey::{Passkey, Passkeys};
pub use platform_key::{KeyState, PlatformKey, PlatformKeys};
pub use session::{Session, SessionFilter, Sessions};
pub use tag::{Tag, TagClause, TagLevel};
pub use user::{User, Users};
pub use variable::{Variable, VariableScope, Variables};
pub use version::{NewVersion, Version, Versions};

use async_trait::async_trait;
use types::Result;

/// The families of rows, the same on the store and in a transaction.
pub trait Families: Send + Sync {
    /// Tenants.
    fn accounts(&self) -> &dyn Accounts;
    /// People who sign in to the console.
    fn users(&self) -> &dyn Users;
    /// Console sign-ins.
    fn logins(&self) -> &dyn Logins;
    /// Passkeys of those people.
    fn passkeys(&self) -> &dyn Passkeys;
    /// Client apps.
    fn apps(&self) -> &dyn Apps;
    /// Which app may speak for which agent.
    fn links(&self) -> &dyn Links;
    /// Scopes of an app on an agent.
    fn mappings(&self) -> &dyn Mappings;
    /// Scopes of admin apps.
    fn grants(&self) -> &dyn Grants;
    /// Permissions of data apps.
    fn data_grants(&self) -> &dyn DataGrants;
    /// Access tokens of chat clients.
    fn accesses(&self) -> &dyn Accesses;
    /// The platform's own encryption keys.
    fn platform_keys(&self) -> &dyn PlatformKeys;
    /// Agents.
    fn agents(&self) -> &dyn Agents;
    /// Sealed definitions of drafts and versions.
    fn definitions(&self) -> &dyn Definitions;
    /// Published snapshots.
    fn versions(&self) -> &dyn Versions;
    /// Trained models.
    fn models(&self) -> &dyn Models;
    /// Background work.
    fn jobs(&self) -> &dyn Jobs;
    /// Batch test suites and their runs.
    fn batch_tests(&self) -> &dyn BatchTests;
    /// Questions and answers taken out of files and pages.
    fn extractions(&self) -> &dyn Extractions;
    /// Conversation test suites and their runs.
    fn conversation_tests(&self) -> &dyn ConversationTests;
    /// Uploaded files.
    fn files(&self) -> &dyn Files;
    /// Where each conversation stands.
    fn conversations(&self) -> &dyn Conversations;
    /// Conversation sessions.
    fn sessions(&self) -> &dyn Sessions;
    /// Messages between users and agents.
    fn messages(&self) -> &dyn Messages;
    /// Debug log lines of agents.
    fn debug_logs(&self) -> &dyn DebugLogs;
    /// Variables that outlive a turn.
    fn variables(&self) -> &dyn Variables;
    /// Who changed what.
    fn audit(&self) -> &dyn AuditLog;
    /// Single values of the whole installation.
    fn meta(&self) -> &dyn Meta;
}

/// A store.
#[async_trait]
pub trait Store: Families + 'static {
    /// Opens a transaction for writing.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when the back end cannot be reached.
    async fn begin(&self) -> Result<Box<dyn Tx>>;

    /// Asks the back end for a sign of life.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when there is none.
    async fn ping(&self) -> Result<()>;

    /// A number that differs from an earlier one when something that the gate or a loaded agent depends on has changed since:
    /// apps, links, mappings, grants, platform keys, agents, definitions, versions, models, accounts. Cheap (no query); changes of this process, and of
    /// other processes on the same data directory, show at once, those of other nodes within a second.
    fn generation(&self) -> u64;
}

/// An open transaction; dropped without [`Tx::commit`] it leaves nothing.
#[async_trait]
pub trait Tx: Families {
    /// Makes everything take effect.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when the back end cannot be reached; then nothing may be taken for granted.
    async fn commit(self: Box<Self>) -> Result<()>;
}
