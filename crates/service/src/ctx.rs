//! What every use case is handed: where things are kept, the time, who calls.

use crate::{gate::Gate, runtime::outbound::Outbound};
use crypt::MasterKey;
use kv::{JtiStore, Locks, Windows};
use serde_json::Value;
use std::{ops::Deref, sync::Arc};
use store::Store;
use types::{
    Clock, Ids,
    id::{AccountId, ClientId, UserId},
};

/// Settings that change what services do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Scales the documented rate limits; 0 lifts them.
    pub rate_limit_factor: f64,
    /// How long an uploaded file waits to be used, milliseconds (ours; no figure is published).
    pub file_life_ms: i64,
    /// Encrypted tokens with the old RSA wrap (RSA1_5) are opened.
    pub allow_rsa1_5: bool,
    /// Stored bytes of the models that stay in memory together.
    pub model_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit_factor: 1.0,
            file_life_ms: 24 * 3_600_000,
            allow_rsa1_5: false,
            model_bytes: 256 * 1024 * 1024,
        }
    }
}

/// The parts that [`Ctx`] is made of. The binary picks the back ends.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Spent token ids.
    pub jti: Arc<dyn JtiStore>,
    /// Rate windows.
    pub windows: Arc<dyn Windows>,
    /// Locks by name.
    pub locks: Arc<dyn Locks>,
    /// The installation's key.
    pub vault: Arc<MasterKey>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Outgoing calls of agents.
    pub outbound: Outbound,
    /// Settings.
    pub settings: Settings,
}

/// The parts, with the caches that belong to one process.
pub struct Inner {
    /// What was handed in.
    pub parts: Parts,
    /// Apps, links, scopes and verified tokens.
    pub gate: Gate,
    /// Trained models in use.
    pub models: crate::training::ModelCache,
    /// Loaded agents.
    pub agents: crate::definition::AgentCache,
    /// Woken when a job was added by this process.
    pub job_added: tokio::sync::Notify,
}

/// The context of every use case. Cheap to clone.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

impl Ctx {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let models = crate::training::ModelCache::new(parts.settings.model_bytes);
        Self(Arc::new(Inner {
            parts,
            gate: Gate::default(),
            models,
            agents: crate::definition::AgentCache::default(),
            job_added: tokio::sync::Notify::new(),
        }))
    }
    /// The time, milliseconds UTC.
    pub fn now(&self) -> i64 {
        self.parts.clock.now()
    }
    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }
    /// Fresh ids.
    pub fn ids(&self) -> &dyn Ids {
        &*self.parts.ids
    }
    /// The installation's key.
    pub fn vault(&self) -> &MasterKey {
        &self.parts.vault
    }
}

impl Deref for Ctx {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Through which door somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// The public API.
    Api,
    /// A channel (webhook, history).
    Channel,
    /// The console.
    Console,
    /// The command line.
    Cli,
}

/// What a channel token says beyond who made it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Visitor {
    /// `sub` or `kore_sub`.
    pub subject: Option<String>,
    /// `userIdentity`; when there, it must equal `from.id`.
    pub identity: Option<String>,
    /// `isAnonymous`.
    pub anonymous: bool,
    /// `secureCustomData`.
    pub secure_custom_data: Option<Value>,
    /// `privateClaims`.
    pub private_claims: Option<Value>,
}

/// Who calls. A value of this type was checked; there is no other way to tenant data.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The client app, on the public API and the channels.
    pub app: Option<ClientId>,
    /// The person, in the console.
    pub user: Option<UserId>,
    /// Through which door.
    pub door: Door,
    /// What the token says about the visitor.
    pub visitor: Visitor,
    /// Address of the caller, for the audit.
    pub address: Option<String>,
}

impl Caller {
    /// A caller of the command line, on one account.
    pub fn cli(account: AccountId) -> Self {
        Self {
            account,
            app: None,
            user: None,
            door: Door::Cli,
            visitor: Visitor::default(),
            address: None,
        }
    }
    /// A person in the console.
    pub fn console(account: AccountId, user: UserId, address: Option<String>) -> Self {
        Self {
            user: Some(user),
            door: Door::Console,
            address,
            ..Self::cli(account)
        }
    }
    /// Who it is, for audit rows and `createdBy`: a user id, a client id or `cli`.
    pub fn actor(&self) -> String {
        let user = self.user.as_ref().map(UserId::to_string);
        let app = self.app.as_ref().map(ClientId::to_string);
        user.or(app).unwrap_or_else(|| "cli".to_owned())
    }
}
