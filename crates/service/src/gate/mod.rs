//! The gate of the public API and the channels: who calls, on which agent, with which scope, how often.
//! The order and the texts are those of DECISIONS section 2.

mod address;
mod claims;
mod limit;
pub mod payload;
pub mod ring;
mod room;
mod table;
mod times;

pub use address::Addresses;
pub use claims::{Surface, Token};
pub use limit::{Remaining, hit};
pub use table::{GateAccount, GateApp, GateTable};
pub use times::{JTI_LIFE_MS, LEEWAY_MS};

use crate::{
    admin::apps::{AppKind, day},
    ctx::{Caller, Ctx, Door, Visitor},
};
use jose::{Accept, Algorithm, Jwe, Jws, Key, TOKEN_CAP, Wrap};
use kv::Spent;
use moka::sync::Cache;
use room::Room;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use times::Verdict;
use types::{
    Error, Result, codes,
    id::{AccountId, BotId, ClientId},
};

/// Bytes that verified tokens may take in memory.
const TOKEN_CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// A token whose signature was checked, and the key that it was checked with.
struct Verified {
    token: Token,
    key: [u8; 32],
    opened: Option<OpenedBy>,
}

/// How an encrypted token was opened.
struct OpenedBy {
    kid: String,
    old_wrap: bool,
}

/// The table in force and the tokens seen.
pub struct Gate {
    table: RwLock<Arc<GateTable>>,
    loading: tokio::sync::Mutex<()>,
    tokens: Cache<[u8; 32], Arc<Verified>>,
    room: Room,
}

impl Default for Gate {
    fn default() -> Self {
        let tokens = Cache::builder()
            .max_capacity(TOKEN_CACHE_BYTES)
            .weigher(|_, seen: &Arc<Verified>| seen.token.weight());
        Self {
            table: RwLock::default(),
            loading: tokio::sync::Mutex::default(),
            tokens: tokens.build(),
            room: Room::default(),
        }
    }
}

/// A caller of the public API or a channel whose token holds: steps 1 to 7 have passed, the jti is spent.
#[derive(Clone)]
pub struct Passed {
    /// Who calls.
    pub caller: Caller,
    client: ClientId,
    table: Arc<GateTable>,
}

impl Gate {
    /// The table, read anew when the store has changed since.
    ///
    /// # Errors
    /// When the store cannot be reached; an old table is never used instead.
    pub async fn table(&self, ctx: &Ctx) -> Result<Arc<GateTable>> {
        if let Some(table) = self.fresh(ctx) {
            return Ok(table);
        }
        let _one = self.loading.lock().await;
        if let Some(table) = self.fresh(ctx) {
            return Ok(table);
        }
        let before = self.current();
        let table = Arc::new(GateTable::load(ctx.store(), ctx.vault(), &before).await?);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&table);
        Ok(table)
    }

    fn current(&self) -> Arc<GateTable> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn fresh(&self, ctx: &Ctx) -> Option<Arc<GateTable>> {
        let table = self.current();
        (table.generation == Some(ctx.store().generation())).then_some(table)
    }

    /// Writes the last uses of apps and their calls to the store; to be called now and then. Calls count for the day of the writing.
    ///
    /// # Errors
    /// When the store cannot be reached; the calls are written the next time then.
    pub async fn flush_uses(&self, ctx: &Ctx) -> Result<()> {
        let table = self.current();
        let uses = table.uses();
        if uses.is_empty() {
            return Ok(());
        }
        ctx.store().apps().touch(&uses).await?;
        let calls = table.take_calls();
        let written = ctx.store().apps().count_calls(day(ctx.now()), &calls).await;
        if written.is_err() {
            table.return_calls(&calls);
        }
        written
    }
}

/// Checks a token of the public API: steps 1 to 7. `address` is where the caller comes from.
///
/// # Errors
/// The texts of DECISIONS section 2; the precise cause goes to the log only.
pub async fn verify(ctx: &Ctx, token: Option<&str>, address: Option<String>) -> Result<Passed> {
    let (table, seen) = check(ctx, token, Surface::Api, address.as_deref()).await?;
    let jti = seen.token.jti.as_deref().unwrap_or_default();
    spend(ctx, &table, &seen, Surface::Api, jti, "").await?;
    pass(ctx, table, &seen, Surface::Api, address)
}

/// Checks a token that is to be exchanged for an access token: as [`verify`], but any platform app counts, however it is named.
/// Without `bot` the app must have one agent only.
///
/// # Errors
/// As [`verify`]; [`codes::BOT_NOT_FOUND`] for an agent that the app is not linked to; bad input on `botInfo.taskBotId`.
pub async fn verify_grant(
    ctx: &Ctx,
    token: Option<&str>,
    bot: Option<&BotId>,
    address: Option<String>,
) -> Result<(Caller, BotId)> {
    let (table, seen) = check(ctx, token, Surface::Grant, address.as_deref()).await?;
    let jti = seen.token.jti.as_deref().unwrap_or_default();
    spend(ctx, &table, &seen, Surface::Grant, jti, "").await?;
    let passed = pass(ctx, table, &seen, Surface::Grant, address)?;
    let app = passed.app().ok_or_else(|| refused(jose::Error::Claims))?;
    let bot = agent_of(app, bot)?;
    Ok((passed.caller, bot))
}

/// Lets somebody in without a signature, where the app allows it and asks for nothing that only a token can bring. Answers account and
/// agent.
///
/// # Errors
/// [`codes::CREDENTIALS`]; [`codes::ADDRESS`]; [`codes::BOT_NOT_FOUND`]; bad input on `botInfo.taskBotId`.
pub async fn admit_anonymous(
    ctx: &Ctx,
    client: &ClientId,
    bot: Option<&BotId>,
    address: Option<&str>,
) -> Result<(AccountId, BotId)> {
    let table = ctx.gate.table(ctx).await?;
    let app = table.app(client).filter(|app| {
        let strict = app.enforce_jti || app.enforce_jwe;
        app.enabled && app.anonymous && app.kind == AppKind::Platform && !strict
    });
    let app = app.ok_or_else(|| refused(jose::Error::Claims))?;
    let account = table.account(&app.account);
    allow_address(
        account.ok_or_else(|| refused(jose::Error::Claims))?,
        address,
    )?;
    let bot = agent_of(app, bot)?;
    app.usage.note(ctx.now());
    Ok((app.account.clone(), bot))
}

/// The agent that is meant: the named one if the app is linked to it, else its only one.
fn agent_of(app: &GateApp, bot: Option<&BotId>) -> Result<BotId> {
    let missing = || Error::of(&codes::BOT_NOT_FOUND);
    match bot {
        Some(bot) => app
            .bots
            .contains_key(bot)
            .then(|| bot.clone())
            .ok_or_else(missing),
        None if app.bots.len() > 1 => Err(Error::field(
            "botInfo.taskBotId",
            "must name the agent: the app is linked to several",
        )),
        None => app.bots.keys().next().cloned().ok_or_else(missing),
    }
}

/// A caller of a channel path, with the token that speaks for one user.
pub struct Guest {
    /// Who calls.
    pub caller: Caller,
    seen: Arc<Verified>,
    table: Arc<GateTable>,
}

impl Guest {
    /// The token's jti, when it has one, speaks for the user (`from.id`) whom it named first, and for nobody else.
    ///
    /// # Errors
    /// [`codes::CHANNEL_TOKEN`].
    pub async fn speaks_for(&self, ctx: &Ctx, identity: &str) -> Result<()> {
        let Some(jti) = &self.seen.token.jti else {
            return Ok(());
        };
        // no jti that a token carries is longer than 256 bytes, so this one is its own
        let own = format!("{jti}\u{1f}{:256}", "from.id");
        let spent = spend(
            ctx,
            &self.table,
            &self.seen,
            Surface::Channel,
            &own,
            identity,
        )
        .await;
        spent.map_err(of_channel)
    }
}

/// Checks a token of a channel path for one agent (none: the path names no id at all). The same jti passes again until `exp`,
/// bound to app, agent and subject.
///
/// # Errors
/// [`codes::CHANNEL_TOKEN`] for every token that is not accepted; [`codes::BOT_NOT_FOUND`] for an agent that the app is not linked to.
pub async fn verify_channel(
    ctx: &Ctx,
    token: Option<&str>,
    bot: Option<&BotId>,
    address: Option<String>,
) -> Result<Guest> {
    let passed = async {
        let (table, seen) = check(ctx, token, Surface::Channel, address.as_deref()).await?;
        let subject = seen.token.subject.as_deref().unwrap_or_default();
        let bound = format!("{}\u{1f}{subject}", bot.map_or("", BotId::as_str));
        let jti = seen.token.jti.as_deref().unwrap_or_default();
        spend(ctx, &table, &seen, Surface::Channel, jti, &bound).await?;
        let passed = pass(ctx, table, &seen, Surface::Channel, address)?;
        Ok((passed, seen))
    };
    let (passed, seen) = passed.await.map_err(of_channel)?;
    passed.linked(bot.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?)?;
    Ok(Guest {
        caller: passed.caller,
        seen,
        table: passed.table,
    })
}

fn of_channel(error: Error) -> Error {
    match error.kind {
        types::Kind::Unauthenticated => Error::of(&codes::CHANNEL_TOKEN).because(error),
        _ => error,
    }
}

impl Passed {
    /// Step 8: the app reaches the agent: a platform app is linked to it, an admin app is of its account.
    ///
    /// # Errors
    /// [`codes::BOT_NOT_FOUND`], the same for an agent that does not exist.
    pub fn linked(&self, bot: &BotId) -> Result<()> {
        let reached = self.app().is_some_and(|app| match app.kind {
            AppKind::Platform => app.bots.contains_key(bot),
            AppKind::Admin => self.table.owns(&app.account, bot),
            AppKind::Data => false,
        });
        reached
            .then_some(())
            .ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))
    }

    /// Step 9 for an operation on an agent: a published scope of a platform app there, or an admin scope of an admin app.
    ///
    /// # Errors
    /// [`codes::SCOPE`].
    pub fn scoped(&self, bot: &BotId, operation: &str) -> Result<()> {
        let open = self.app().is_some_and(|app| match app.kind {
            AppKind::Platform => app.bots.get(bot).is_some_and(|o| o.contains(operation)),
            AppKind::Admin => app.operations.contains(operation),
            AppKind::Data => false,
        });
        open.then_some(()).ok_or_else(|| Error::of(&codes::SCOPE))
    }

    /// Step 9 for an operation on the account: an admin scope of an admin app.
    ///
    /// # Errors
    /// [`codes::SCOPE`].
    pub fn scoped_account(&self, operation: &str) -> Result<()> {
        let open = self
            .app()
            .is_some_and(|app| app.kind == AppKind::Admin && app.operations.contains(operation));
        open.then_some(()).ok_or_else(|| Error::of(&codes::SCOPE))
    }

    /// Step 9 for what any app of agents or of the account may do.
    ///
    /// # Errors
    /// [`codes::SCOPE`] for a data app.
    pub fn not_of_data(&self) -> Result<()> {
        let open = self.app().is_some_and(|app| app.kind != AppKind::Data);
        open.then_some(()).ok_or_else(|| Error::of(&codes::SCOPE))
    }

    /// What the gate knows about the app.
    pub fn app(&self) -> Option<&GateApp> {
        self.table.app(&self.client)
    }
}

/// Steps 1 to 7 without the memory of token ids.
async fn check(
    ctx: &Ctx,
    token: Option<&str>,
    surface: Surface,
    address: Option<&str>,
) -> Result<(Arc<GateTable>, Arc<Verified>)> {
    let token = token
        .filter(|t| !t.is_empty())
        .ok_or_else(|| Error::of(&codes::TOKEN_MISSING))?;
    if token.len() > TOKEN_CAP {
        return Err(refused(jose::Error::TooLong));
    }
    let table = ctx.gate.table(ctx).await?;
    let now = ctx.now();
    let seen = signature(ctx, &table, token, surface, address).await?;
    let app = seen.token.app(surface, &table);
    let app = app.ok_or_else(|| refused(jose::Error::Signature))?;
    let account = table.account(&app.account);
    let account = account.ok_or_else(|| refused(jose::Error::Signature))?;
    allow_address(account, address)?;
    check_claims(&seen.token, app, account, now)?;
    match &seen.opened {
        None if app.enforce_jwe => return Err(Error::of(&codes::JWE_REQUIRED)),
        Some(by) if by.old_wrap && account.rules.hardened => {
            return Err(refused(jose::Error::Algorithm));
        }
        _ => {}
    }
    if !app.enabled {
        return Err(Error::of(&codes::CREDENTIALS).because("the app is disabled"));
    }
    Ok((table, seen))
}

/// An account that restricts the API lets no unknown address in.
pub(crate) fn allow_address(account: &GateAccount, address: Option<&str>) -> Result<()> {
    match &account.addresses {
        Some(list) if !address.is_some_and(|a| list.allow(a)) => Err(Error::of(&codes::ADDRESS)),
        _ => Ok(()),
    }
}

/// Steps 4 and 5: times, and whether there is a jti.
fn check_claims(token: &Token, app: &GateApp, account: &GateAccount, now: i64) -> Result<()> {
    match token.times.verdict(now) {
        Verdict::Expired => return Err(Error::of(&codes::TOKEN_EXPIRED)),
        Verdict::Early => return Err(Error::of(&codes::TOKEN_EARLY)),
        Verdict::Valid => {}
    }
    if token.times.exp.is_none() && account.rules.wants_expiry() {
        return Err(Error::of(&codes::EXP_REQUIRED));
    }
    match &token.jti {
        None if app.enforce_jti => Err(Error::of(&codes::JTI_REQUIRED)),
        Some(_) if !token.times.jti_life_fits(now) => Err(Error::of(&codes::JTI_LIFETIME)),
        _ => Ok(()),
    }
}

fn refused(why: jose::Error) -> Error {
    tracing::debug!(%why, "token refused");
    Error::of(&codes::CREDENTIALS).because(why)
}

/// A key that no app has: an unknown client id costs as much as a wrong signature.
static NOBODY: LazyLock<Key> = LazyLock::new(|| {
    let secret = crypt::random::secret(32);
    Key::hmac(Algorithm::Hs256, secret.expose().as_bytes()).expect("the secret is not empty")
});

/// Steps 2 and 3: finds the token in the cache, or opens it, takes it apart and checks its signature with the keys of its app.
async fn signature(
    ctx: &Ctx,
    table: &Arc<GateTable>,
    text: &str,
    surface: Surface,
    address: Option<&str>,
) -> Result<Arc<Verified>> {
    let now = ctx.now();
    let print = jose::fingerprint(text.as_bytes());
    if let Some(seen) = ctx.gate.tokens.get(&print)
        && still_good(&seen, table, surface, now)
    {
        return Ok(seen);
    }
    let seen = if text.bytes().filter(|b| *b == b'.').count() == 4 {
        // what has not even the form of one costs nothing, and counts for nothing
        Jwe::parse(text, TOKEN_CAP, &accepted(ctx)).map_err(refused)?;
        ctx.gate.room.admit(address, now)?;
        let (inner, by) = open_token(ctx, table, text, address).await?;
        let seen = signed(table, &inner, surface, now, Some(by));
        seen.inspect_err(|_| ctx.gate.room.failed(address, now))
    } else {
        signed(table, text, surface, now, None)
    };
    let seen = Arc::new(seen.map_err(refused)?);
    // elsewhere a token with a jti does not come again
    if surface == Surface::Channel || seen.token.jti.is_none() {
        ctx.gate.tokens.insert(print, Arc::clone(&seen));
    }
    Ok(seen)
}

/// A cached token counts while its key is in force, and the platform key that it was opened with.
fn still_good(seen: &Verified, table: &GateTable, surface: Surface, now: i64) -> bool {
    let app = seen.token.app(surface, table);
    app.is_some_and(|app| app.keys(now).any(|key| key.id == seen.key))
        && seen
            .opened
            .as_ref()
            .is_none_or(|by| table.keys.find(&by.kid).is_some())
}

/// Which encrypted tokens are opened at all.
fn accepted(ctx: &Ctx) -> Accept {
    match ctx.parts.settings.allow_rsa1_5 {
        true => Accept::TOKEN_WITH_RSA1_5,
        false => Accept::TOKEN,
    }
}

/// Step 2: decrypts a token with the platform key that it names. Without such a key any other does the work for nothing, so that
/// the refusal takes as long.
async fn open_token(
    ctx: &Ctx,
    table: &Arc<GateTable>,
    text: &str,
    address: Option<&str>,
) -> Result<(String, OpenedBy)> {
    let accept = accepted(ctx);
    let (table, text) = (Arc::clone(table), text.to_owned());
    let work = move || -> std::result::Result<(String, OpenedBy), jose::Error> {
        let jwe = Jwe::parse(&text, TOKEN_CAP, &accept)?;
        let named = jwe.kid().and_then(|kid| table.keys.find(kid));
        let key = named.or_else(|| table.keys.any());
        let key = key.ok_or(jose::Error::Decryption)?;
        let plain = jwe.open(key.opener());
        named.ok_or(jose::Error::Decryption)?;
        let inner = String::from_utf8(plain?).map_err(|_| jose::Error::Malformed)?;
        let by = OpenedBy {
            kid: key.kid.clone(),
            old_wrap: jwe.wrap() == Wrap::Rsa1_5,
        };
        Ok((inner, by))
    };
    let done = ctx.gate.room.run(work).await?;
    done.map_err(|why| {
        ctx.gate.room.failed(address, ctx.now());
        refused(why)
    })
}

/// Step 3: takes a signed token apart and checks its signature with the keys of its app.
fn signed(
    table: &GateTable,
    text: &str,
    surface: Surface,
    now: i64,
    opened: Option<OpenedBy>,
) -> std::result::Result<Verified, jose::Error> {
    let jws = Jws::parse(text, TOKEN_CAP)?;
    let token = Token::read(jws.unverified())?;
    let Some(app) = token.app(surface, table) else {
        let _ = jws.verify(&NOBODY);
        return Err(jose::Error::Signature);
    };
    let key = app.keys(now).find(|key| jws.verify(&key.key).is_ok());
    let key = key.ok_or(jose::Error::Signature)?.id;
    Ok(Verified { token, key, opened })
}

/// Step 5, after 6 and 7: remembers `jti` for a token that carries one.
async fn spend(
    ctx: &Ctx,
    table: &GateTable,
    seen: &Verified,
    surface: Surface,
    jti: &str,
    bound: &str,
) -> Result<()> {
    let (Some(_), Some(exp)) = (&seen.token.jti, seen.token.times.exp) else {
        return Ok(());
    };
    let client = seen.token.app(surface, table);
    let client = client.map(|app| app.client.as_str()).unwrap_or_default();
    let door = match surface {
        Surface::Api | Surface::Grant => kv::Surface::Api,
        Surface::Channel => kv::Surface::Channel,
    };
    let until = exp.saturating_add(LEEWAY_MS);
    let id = kv::Use {
        client,
        surface: door,
        jti,
        bound,
        // an exp lies at most this far ahead of the first use, so a token without iat is not older
        issued: seen
            .token
            .times
            .iat
            .unwrap_or_else(|| until.saturating_sub(JTI_LIFE_MS + 2 * LEEWAY_MS)),
        expires: until,
        now: ctx.now(),
    };
    match ctx.parts.jti.spend(&id).await? {
        Spent::Fresh | Spent::Again => Ok(()),
        Spent::Seen => Err(Error::of(&codes::JTI_REPLAY)),
        Spent::Forgotten => {
            Err(Error::of(&codes::JTI_REPLAY).because("issued before the token ids were lost"))
        }
        Spent::Full => Err(Error::unavailable("no room for token ids")),
    }
}

fn pass(
    ctx: &Ctx,
    table: Arc<GateTable>,
    seen: &Verified,
    surface: Surface,
    address: Option<String>,
) -> Result<Passed> {
    let app = seen.token.app(surface, &table);
    let app = app.ok_or_else(|| refused(jose::Error::Claims))?;
    let client = app.client.clone();
    app.usage.note(ctx.now());
    let visitor = Visitor {
        subject: seen.token.subject.clone(),
        identity: seen.token.user_identity.clone(),
        anonymous: seen.token.anonymous,
        secure_custom_data: seen.token.secure_custom_data.clone(),
        private_claims: seen.token.private_claims.clone(),
    };
    let caller = Caller {
        account: app.account.clone(),
        app: Some(client.clone()),
        user: None,
        door: match surface {
            Surface::Api => Door::Api,
            Surface::Channel | Surface::Grant => Door::Channel,
        },
        visitor,
        address,
    };
    Ok(Passed {
        caller,
        client,
        table,
    })
}
