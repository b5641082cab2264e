//! Access tokens: what a chat client gets for its JWT and shows when it opens a socket. They are opaque, the store holds their hashes
//! only, and they open no operation of the API.

use super::turn::user_id;
use crate::{
    Caller, Ctx, Door, Visitor,
    admin::apps::{self, AppKind},
    audit::{self, Change},
    gate,
};
use crypt::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Access, ConversationKey};
use types::{
    Error, Result, Secret, codes,
    id::{AccountId, BotId, ClientId, UserId},
};

/// How long an access token works, milliseconds (ours; clients keep it from page load to the first message and over reconnects).
pub const LIFE_MS: i64 = 24 * 3_600_000;
/// Random bytes of a token.
const BYTES: usize = 32;
/// Longest identity, characters.
const IDENTITY_CAP: usize = 256;
/// Largest claims that are kept with a token, bytes.
const DATA_CAP: usize = 64 * 1024;

/// A token that was given out.
#[derive(Debug)]
pub struct Granted {
    /// The token; it is shown here only.
    pub token: Secret,
    /// Names the token without opening anything.
    pub session: String,
    /// The account.
    pub account: AccountId,
    /// The app.
    pub client: ClientId,
    /// Our id of the visitor.
    pub user: UserId,
    /// What the client calls the visitor.
    pub identity: String,
    /// Milliseconds UTC.
    pub issued_at: i64,
    /// Milliseconds UTC.
    pub expires_at: i64,
}

/// Who shows an access token, and on which agent.
#[derive(Debug)]
pub struct Shown {
    /// The visitor, as a caller on a channel.
    pub caller: Caller,
    /// The agent.
    pub bot: BotId,
    /// Our id of the visitor.
    pub user: UserId,
    /// When the token ends, milliseconds UTC.
    pub expires_at: i64,
}

/// What of the JWT goes on with the conversation; sealed in the store.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Carried {
    identity: Option<String>,
    custom: Option<Value>,
    private: Option<Value>,
}

/// Gives an access token for a JWT.
///
/// # Errors
/// As [`gate::verify_grant`]; bad input on `botInfo.taskBotId` where the app has several agents, or the JWT no subject.
pub async fn grant(
    ctx: &Ctx,
    assertion: Option<&str>,
    bot: Option<BotId>,
    address: Option<String>,
) -> Result<Granted> {
    let (caller, bot) = gate::verify_grant(ctx, assertion, bot.as_ref(), address).await?;
    let identity = caller.visitor.subject.clone().unwrap_or_default();
    give(ctx, &caller, &bot, &identity).await
}

/// Gives an access token without a signature, where the app allows it.
///
/// # Errors
/// [`codes::CREDENTIALS`] for an app that does not, that enforces JTI or JWE, or that does not exist; [`codes::BOT_NOT_FOUND`];
/// [`codes::ADDRESS`].
pub async fn grant_anonymous(
    ctx: &Ctx,
    client: &ClientId,
    subject: &str,
    bot: Option<BotId>,
    address: Option<String>,
) -> Result<Granted> {
    let (account, bot) =
        gate::admit_anonymous(ctx, client, bot.as_ref(), address.as_deref()).await?;
    let caller = Caller {
        account,
        app: Some(client.clone()),
        user: None,
        door: Door::Channel,
        visitor: Visitor {
            subject: Some(subject.to_owned()),
            anonymous: true,
            ..Visitor::default()
        },
        address,
    };
    give(ctx, &caller, &bot, subject).await
}

/// Finds the visitor of an access token. A token of an app that was switched off does not count.
///
/// # Errors
/// [`codes::TOKEN_EXPIRED`] for every token that does not count: clients then fetch a new one; [`codes::ADDRESS`].
pub async fn find(ctx: &Ctx, token: &str, address: Option<String>) -> Result<Shown> {
    let nobody = || Error::of(&codes::TOKEN_EXPIRED);
    if token.len() != BYTES * 2 {
        return Err(nobody());
    }
    let found = ctx.store().accesses().find(&hash(token), ctx.now()).await?;
    let access = found.ok_or_else(nobody)?;
    let table = ctx.gate.table(ctx).await?;
    let app = table.app(&access.client).filter(|app| app.enabled);
    app.filter(|app| app.bots.contains_key(&access.bot))
        .ok_or_else(nobody)?;
    let account = table.account(&access.account).ok_or_else(nobody)?;
    gate::allow_address(account, address.as_deref())?;
    let sealed = ctx
        .vault()
        .open_sealed(&place(&access.account, &access.hash), &access.data);
    let plain = sealed.map_err(Error::internal)?;
    let carried: Carried = serde_json::from_slice(&plain).map_err(Error::internal)?;
    let visitor = Visitor {
        subject: Some(access.identity),
        identity: carried.identity,
        anonymous: access.anonymous,
        secure_custom_data: carried.custom,
        private_claims: carried.private,
    };
    Ok(Shown {
        caller: Caller {
            account: access.account,
            app: Some(access.client),
            user: None,
            door: Door::Channel,
            visitor,
            address,
        },
        bot: access.bot,
        user: access.user,
        expires_at: access.expires_at,
    })
}

/// Ends the access tokens of an app, or of one visitor of it; answers how many.
///
/// # Errors
/// Not found for the app.
pub async fn revoke(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    identity: Option<&str>,
) -> Result<u64> {
    let tx = ctx.store().begin().await?;
    let app = apps::find(&*tx, caller, client).await?;
    apps::must_be(&app, AppKind::Platform)?;
    let ended = tx
        .accesses()
        .revoke_of_app(&caller.account, client, identity)
        .await?;
    let change = Change {
        action: "access.revoke",
        target: client.as_str(),
        details: Some(json!({"ended": ended, "oneVisitor": identity.is_some()})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn give(ctx: &Ctx, caller: &Caller, bot: &BotId, identity: &str) -> Result<Granted> {
    let length = identity.chars().count();
    if !(1..=IDENTITY_CAP).contains(&length) || identity.chars().any(char::is_control) {
        let text = format!("must say who the visitor is, in 1 to {IDENTITY_CAP} characters");
        return Err(Error::field("assertion.sub", text));
    }
    let carried = Carried {
        identity: caller.visitor.identity.clone(),
        custom: caller.visitor.secure_custom_data.clone(),
        private: caller.visitor.private_claims.clone(),
    };
    let data = serde_json::to_vec(&carried).map_err(Error::internal)?;
    if data.len() > DATA_CAP {
        return Err(Error::field(
            "assertion",
            "carries more than 64 KiB of custom data",
        ));
    }
    let token = Secret::new(crypt::random::hex(BYTES));
    let hash = hash(token.expose());
    let key = ConversationKey {
        account: caller.account.clone(),
        bot: bot.clone(),
        channel: "rtm".to_owned(),
        instance: String::new(),
        identity: identity.to_owned(),
    };
    let client = caller.app.clone();
    let client = client.ok_or_else(|| Error::internal("an access token without an app"))?;
    let access = Access {
        account: caller.account.clone(),
        client,
        bot: bot.clone(),
        user: user_id(&key),
        identity: identity.to_owned(),
        anonymous: caller.visitor.anonymous,
        data: ctx.vault().seal(&place(&caller.account, &hash), &data),
        issued_at: ctx.now(),
        expires_at: ctx.now() + LIFE_MS,
        hash,
    };
    ctx.store().accesses().add(&access).await?;
    let mut session = crypt::sha256_hex(access.hash.as_bytes());
    session.truncate(24);
    Ok(Granted {
        token,
        session,
        account: access.account,
        client: access.client,
        user: access.user,
        identity: access.identity,
        issued_at: access.issued_at,
        expires_at: access.expires_at,
    })
}

fn hash(token: &str) -> String {
    crypt::sha256_hex(token.as_bytes())
}

fn place<'a>(account: &'a AccountId, hash: &'a str) -> Place<'a> {
    Place {
        kind: "access_token",
        account: account.as_str(),
        row: hash,
    }
}
