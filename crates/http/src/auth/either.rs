//! Operations that two doors lead to: the token of an app, and the session of a person in the console.

use super::{Operation, token, verified};
use crate::{
    console::signed::{self, Signed},
    current,
    error::{Problem, Public},
};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use service::{Caller, Ctx, console::permission::Permission, definition, gate};
use std::marker::PhantomData;
use types::{Error, Result, codes, id::BotId, limit::Per, scope};

/// An operation that a person may call too.
pub trait Shared: Operation {
    /// What the person must be allowed to.
    const PERMISSION: Permission;
}

/// Passed one of the doors for operation `O` on the agent of the path.
pub struct Either<O> {
    /// Who calls.
    pub caller: Caller,
    /// The agent: linked to the caller's app, or of the person's account.
    pub bot: BotId,
    operation: PhantomData<O>,
}

/// Passed one of the doors for operation `O`, which belongs to no agent.
pub struct EitherAccount<O> {
    /// Who calls.
    pub caller: Caller,
    operation: PhantomData<O>,
}

impl<O: Shared> FromRequestParts<Ctx> for Either<O> {
    type Rejection = Public;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Public> {
        let missing = || Error::of(&codes::BOT_NOT_FOUND);
        let (caller, bot) = if by_session(parts) {
            let caller = person::<O>(parts, ctx).await?;
            let text = parameter(parts, ctx, "botId").await;
            let bot = text.and_then(|t| BotId::parse(t.trim_start_matches(':')));
            let bot = bot.ok_or_else(missing)?;
            definition::get(ctx, &caller, &bot).await?;
            (caller, bot)
        } else {
            let passed = verified(ctx, parts).await?;
            let text = parameter(parts, ctx, "botId").await;
            let bot = text.and_then(|t| BotId::parse(t.trim_start_matches(':')));
            let bot = bot.ok_or_else(missing)?;
            passed.linked(&bot)?;
            passed.scoped(&bot, O::ID)?;
            (passed.caller, bot)
        };
        hit::<O>(ctx, &caller, bot.as_str()).await?;
        Ok(Self {
            caller,
            bot,
            operation: PhantomData,
        })
    }
}

impl<O: Shared> FromRequestParts<Ctx> for EitherAccount<O> {
    type Rejection = Public;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Public> {
        let caller = if by_session(parts) {
            person::<O>(parts, ctx).await?
        } else {
            let passed = verified(ctx, parts).await?;
            // without a scope of the account, any enabled app may
            match scope::ALL.iter().any(|s| s.operations.contains(&O::ID)) {
                true => passed.scoped_account(O::ID)?,
                false => passed.not_of_data()?,
            }
            passed.caller
        };
        let request = parameter(parts, ctx, "importRequestId").await;
        hit::<O>(ctx, &caller, request.as_deref().unwrap_or_default()).await?;
        Ok(Self {
            caller,
            operation: PhantomData,
        })
    }
}

/// A token goes first: a browser adds its cookie without being asked.
fn by_session(parts: &Parts) -> bool {
    token(&parts.headers).is_none() && signed::has_cookie(parts)
}

async fn person<O: Shared>(parts: &mut Parts, ctx: &Ctx) -> Result<Caller> {
    let signed = Signed::from_request_parts(parts, ctx).await;
    let signed = signed.map_err(|Problem(error)| error)?;
    Ok(signed.may(O::PERMISSION)?.clone())
}

async fn parameter(parts: &mut Parts, ctx: &Ctx, name: &str) -> Option<String> {
    let path = RawPathParams::from_request_parts(parts, ctx).await.ok()?;
    let found = path.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| text.to_owned())
}

/// Counts the request for what the limit counts apart; `thing` is the agent or the request of the path.
async fn hit<O: Operation>(ctx: &Ctx, caller: &Caller, thing: &str) -> Result<()> {
    let key = match O::LIMIT.per {
        Per::Bot | Per::Request | Per::User => thing.to_owned(),
        Per::Account => caller.account.to_string(),
        Per::App => caller.actor(),
    };
    current::counted(gate::hit(ctx, O::ID, &O::LIMIT, &key).await?);
    Ok(())
}
