//! The apps, links and published scopes of the whole installation in memory. Built again only when the store's
//! generation has moved, so that no request asks the store.

use crypt::MasterKey;
use jose::{Algorithm, Key};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
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
    /// Fingerprint of the sealed secret: a rotated secret has another one.
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
    /// Not switched off.
    pub enabled: bool,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// The secret in force.
    pub current: AppKey,
    /// The secret before, and until when it works (milliseconds UTC).
    pub previous: Option<(AppKey, i64)>,
    /// The agents it is linked to, each with the operations that its published scopes open.
    pub bots: HashMap<BotId, HashSet<&'static str>>,
    /// Last accepted token, milliseconds UTC.
    pub used_at: Arc<AtomicI64>,
}

impl GateApp {
    /// The keys that count at `now`.
    pub fn keys(&self, now: i64) -> impl Iterator<Item = &AppKey> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current).chain(previous.map(|(key, _)| key))
    }
}

/// Everything that the gate looks up.
#[derive(Default)]
pub struct GateTable {
    /// The store's generation before it was read; none: never read.
    pub generation: Option<u64>,
    apps: HashMap<ClientId, GateApp>,
}

impl GateTable {
    /// An app by its client id.
    pub fn app(&self, client: &ClientId) -> Option<&GateApp> {
        self.apps.get(client)
    }

    /// Reads the store. `before` is the table that this one replaces.
    ///
    /// # Errors
    /// When the store cannot be reached. An app whose secret cannot be opened is left out and logged.
    pub async fn load(store: &dyn Store, vault: &MasterKey, before: &Self) -> Result<Self> {
        let generation = store.generation();
        let mut apps = HashMap::new();
        for account in store.accounts().list().await? {
            for app in store.apps().list(&account.id, &Default::default()).await? {
                let Some(mut row) = open(&app, vault) else {
                    tracing::error!(client = %app.client_id, "secret of the app cannot be opened");
                    continue;
                };
                for bot in store
                    .links()
                    .agents_of(&app.account, &app.client_id)
                    .await?
                {
                    row.bots.insert(bot, HashSet::new());
                }
                for mapping in store
                    .mappings()
                    .list_of_app(&app.account, &app.client_id)
                    .await?
                {
                    if let Some(bot) = row.bots.get_mut(&mapping.bot) {
                        *bot = operations(mapping.published.as_deref().unwrap_or_default());
                    }
                }
                if let Some(old) = before.app(&app.client_id) {
                    row.used_at = Arc::clone(&old.used_at);
                }
                apps.insert(app.client_id.clone(), row);
            }
        }
        Ok(Self {
            generation: Some(generation),
            apps,
        })
    }

    /// Apps with the time of their last accepted token, for those that had one.
    pub fn uses(&self) -> Vec<(ClientId, i64)> {
        let used = self
            .apps
            .values()
            .map(|a| (a.client.clone(), a.used_at.load(Ordering::Relaxed)));
        used.filter(|(_, at)| *at > 0).collect()
    }
}

fn open(app: &App, vault: &MasterKey) -> Option<GateApp> {
    let algorithm = Algorithm::find(&app.algorithm)?;
    let key = |sealed: &[u8]| -> Option<AppKey> {
        let secret =
            crate::admin::apps::open_secret(vault, &app.account, &app.client_id, sealed).ok()?;
        Some(AppKey {
            id: jose::fingerprint(sealed),
            key: Key::hmac(algorithm, secret.expose().as_bytes()).ok()?,
        })
    };
    let previous = match (&app.previous_secret, app.previous_until) {
        (Some(sealed), Some(until)) => Some((key(sealed)?, until)),
        _ => None,
    };
    Some(GateApp {
        client: app.client_id.clone(),
        account: app.account.clone(),
        enabled: app.enabled,
        enforce_jti: app.enforce_jti,
        current: key(&app.secret)?,
        previous,
        bots: HashMap::new(),
        used_at: Arc::new(AtomicI64::new(0)),
    })
}

/// The operations that some platform scopes open together.
fn operations(scopes: &[String]) -> HashSet<&'static str> {
    let granted = scope::ALL
        .iter()
        .filter(|s| s.side == Side::Platform && scopes.iter().any(|id| id == s.id));
    granted.flat_map(|s| s.operations.iter().copied()).collect()
}
