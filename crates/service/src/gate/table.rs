//! The apps, links, scopes and rules of the whole installation in memory. Built again only when the store's generation has
//! moved, so that no request asks the store.

use super::{Addresses, payload::GatePayload, ring::KeyRing};
use crate::admin::{apps::AppKind, security::Security};
use crypt::MasterKey;
use jose::{Algorithm, Key, PublicKey};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use store::{App, Store};
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
    scope::{self, Side},
};

/// A key of an app, with a number that no other key of this process has had.
pub struct AppKey {
    /// Fingerprint of the sealed secret or the public key: a rotated one has another.
    pub id: [u8; 32],
    /// The key.
    pub key: Key,
}

/// What the gate knows about an app.
pub struct GateApp {
    /// Its client id.
    pub client: ClientId,
    /// Its account.
    pub account: AccountId,
    /// What it is for.
    pub kind: AppKind,
    /// Not switched off.
    pub enabled: bool,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// Each token must be encrypted.
    pub enforce_jwe: bool,
    /// `iss` and `kore_iss` name it on the public API too.
    pub sdk_tokens: bool,
    /// Visitors get an access token without a signature.
    pub anonymous: bool,
    /// The key in force.
    pub current: Arc<AppKey>,
    /// The key before, and until when it works (milliseconds UTC).
    pub previous: Option<(Arc<AppKey>, i64)>,
    /// The agents it is linked to, each with the operations that its published scopes open.
    pub bots: HashMap<BotId, HashSet<&'static str>>,
    /// The operations that its admin scopes open.
    pub operations: HashSet<&'static str>,
    /// The key of its encrypted payloads.
    pub payload: Option<Arc<GatePayload>>,
    /// What its accepted tokens leave behind.
    pub usage: Arc<Usage>,
}

/// What is noted of an app's accepted tokens until it is written to the store.
#[derive(Debug, Default)]
pub struct Usage {
    at: AtomicI64,
    calls: AtomicU64,
}

impl Usage {
    /// A token was accepted at `now`, milliseconds UTC.
    pub fn note(&self, now: i64) {
        self.at.store(now, Ordering::Relaxed);
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

impl GateApp {
    /// The keys that count at `now`.
    pub fn keys(&self, now: i64) -> impl Iterator<Item = &AppKey> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current)
            .chain(previous.map(|(key, _)| key))
            .map(|key| &**key)
    }
}

/// What the gate knows about an account.
#[derive(Default)]
pub struct GateAccount {
    /// Its rules.
    pub rules: Security,
    /// Who is let in, where the API is restricted.
    pub addresses: Option<Addresses>,
}

/// Everything that the gate looks up.
#[derive(Default)]
pub struct GateTable {
    /// The store's generation before it was read; none: never read.
    pub generation: Option<u64>,
    apps: HashMap<ClientId, GateApp>,
    agents: HashMap<BotId, AccountId>,
    accounts: HashMap<AccountId, GateAccount>,
    /// The platform's keys.
    pub keys: KeyRing,
}

impl GateTable {
    /// An app by its client id.
    pub fn app(&self, client: &ClientId) -> Option<&GateApp> {
        self.apps.get(client)
    }

    /// An account.
    pub fn account(&self, account: &AccountId) -> Option<&GateAccount> {
        self.accounts.get(account)
    }

    /// Whether the agent is of the account.
    pub fn owns(&self, account: &AccountId, bot: &BotId) -> bool {
        self.agents.get(bot) == Some(account)
    }

    /// Reads the store, a handful of queries whatever its size. `before` is the table that this one replaces: keys that have not
    /// changed are taken over.
    ///
    /// # Errors
    /// When the store cannot be reached. An app whose keys cannot be opened is left out and logged, and so are the apps of an
    /// account whose rules cannot be read.
    pub async fn load(store: &dyn Store, vault: &MasterKey, before: &Self) -> Result<Self> {
        let mut table = Self {
            generation: Some(store.generation()),
            ..Self::default()
        };
        for account in store.accounts().list().await? {
            match rules(&account) {
                Ok(rules) => drop(table.accounts.insert(account.id, rules)),
                Err(error) => {
                    tracing::error!(account = %account.id, %error, "rules of the account cannot be read")
                }
            }
        }
        table.agents = store.agents().owners().await?.into_iter().collect();
        for app in store.apps().all().await? {
            let Some(row) = open(&app, vault, before.app(&app.client_id)) else {
                tracing::error!(client = %app.client_id, "keys of the app cannot be opened");
                continue;
            };
            if table.accounts.contains_key(&app.account) {
                table.apps.insert(app.client_id, row);
            }
        }
        let keys = store.platform_keys().list().await?;
        table.keys = KeyRing::open(&keys, vault, &before.keys)?;
        table.load_scopes(store).await?;
        Ok(table)
    }

    async fn load_scopes(&mut self, store: &dyn Store) -> Result<()> {
        for (client, bot) in store.links().all().await? {
            if let Some(app) = self.apps.get_mut(&client) {
                app.bots.insert(bot, HashSet::new());
            }
        }
        for mapping in store.mappings().all_published().await? {
            let app = self.apps.get_mut(&mapping.client);
            if let Some(bot) = app.and_then(|app| app.bots.get_mut(&mapping.bot)) {
                let scopes = mapping.published.as_deref().unwrap_or_default();
                *bot = operations(Side::Platform, scopes);
            }
        }
        for grant in store.grants().all().await? {
            let app = self.apps.get_mut(&grant.client);
            if let Some(app) = app.filter(|app| app.kind == AppKind::Admin) {
                app.operations = operations(Side::Admin, &grant.scopes);
            }
        }
        Ok(())
    }

    /// Apps with the time of their last accepted token, for those that had one.
    pub fn uses(&self) -> Vec<(ClientId, i64)> {
        let used = self
            .apps
            .values()
            .map(|a| (a.client.clone(), a.usage.at.load(Ordering::Relaxed)));
        used.filter(|(_, at)| *at > 0).collect()
    }

    /// Takes the accepted calls since the last time, for apps that had some.
    pub fn take_calls(&self) -> Vec<(ClientId, u64)> {
        let apps = self.apps.values();
        let calls = apps.map(|a| (a.client.clone(), a.usage.calls.swap(0, Ordering::Relaxed)));
        calls.filter(|(_, calls)| *calls > 0).collect()
    }

    /// Gives calls back that could not be written.
    pub fn return_calls(&self, calls: &[(ClientId, u64)]) {
        for (client, calls) in calls {
            if let Some(app) = self.apps.get(client) {
                app.usage.calls.fetch_add(*calls, Ordering::Relaxed);
            }
        }
    }
}

fn rules(account: &store::Account) -> Result<GateAccount> {
    let rules = Security::of(account)?;
    let addresses = rules
        .restrict_api
        .then(|| Addresses::parse(&rules.addresses));
    Ok(GateAccount {
        addresses: addresses.transpose()?,
        rules,
    })
}

fn open(app: &App, vault: &MasterKey, before: Option<&GateApp>) -> Option<GateApp> {
    let algorithm = Algorithm::find(&app.algorithm)?;
    let opener = Opener {
        app,
        algorithm,
        vault,
        before,
    };
    let (current, previous) = match &app.public_key {
        Some(jwk) => (
            opener.public(jwk)?,
            app.previous_public_key
                .as_deref()
                .map(|jwk| opener.public(jwk)),
        ),
        None => (
            opener.secret(&app.secret)?,
            app.previous_secret
                .as_deref()
                .map(|sealed| opener.secret(sealed)),
        ),
    };
    let previous = match (previous, app.previous_until) {
        (Some(key), Some(until)) => Some((key?, until)),
        _ => None,
    };
    Some(GateApp {
        client: app.client_id.clone(),
        account: app.account.clone(),
        kind: AppKind::parse(&app.kind)?,
        enabled: app.enabled,
        enforce_jti: app.enforce_jti,
        enforce_jwe: app.enforce_jwe,
        sdk_tokens: app.sdk_tokens,
        anonymous: app.anonymous,
        current,
        previous,
        bots: HashMap::new(),
        operations: HashSet::new(),
        payload: GatePayload::of(app, vault, before.and_then(|b| b.payload.as_ref())).ok()?,
        usage: before.map_or_else(Arc::default, |b| Arc::clone(&b.usage)),
    })
}

/// Opens the keys of an app, or takes over those that the table before holds.
struct Opener<'a> {
    app: &'a App,
    algorithm: Algorithm,
    vault: &'a MasterKey,
    before: Option<&'a GateApp>,
}

impl Opener<'_> {
    fn known(&self, id: [u8; 32]) -> Option<Arc<AppKey>> {
        let before = self.before?;
        let previous = before.previous.as_ref().map(|(key, _)| key);
        let mut keys = std::iter::once(&before.current).chain(previous);
        keys.find(|k| k.id == id && k.key.algorithm() == self.algorithm)
            .map(Arc::clone)
    }

    fn secret(&self, sealed: &[u8]) -> Option<Arc<AppKey>> {
        let id = jose::fingerprint(sealed);
        self.known(id).or_else(|| {
            let (account, client) = (&self.app.account, &self.app.client_id);
            let secret =
                crate::admin::apps::open_secret(self.vault, account, client, sealed).ok()?;
            let key = Key::hmac(self.algorithm, secret.expose().as_bytes()).ok()?;
            Some(Arc::new(AppKey { id, key }))
        })
    }

    fn public(&self, jwk: &str) -> Option<Arc<AppKey>> {
        let id = jose::fingerprint(jwk.as_bytes());
        self.known(id).or_else(|| {
            let key = PublicKey::read_unchecked(jwk).ok()?;
            let key = Key::checking(self.algorithm, &key).ok()?;
            Some(Arc::new(AppKey { id, key }))
        })
    }
}

/// The operations that some scopes of a side open together.
fn operations(side: Side, scopes: &[String]) -> HashSet<&'static str> {
    let granted = scope::ALL
        .iter()
        .filter(|s| s.side == side && scopes.iter().any(|id| id == s.id));
    granted.flat_map(|s| s.operations.iter().copied()).collect()
}
