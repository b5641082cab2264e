//! Who calls, as a type: a handler that takes [`Allowed`] cannot be reached without token, link, scope and free window.

mod account;
mod either;
pub(crate) mod payload;

pub use account::{AllowedAccount, AnyApp};
pub use either::{Either, EitherAccount, Shared};

use crate::{current, edge, error::Public};
use axum::{
    extract::{FromRef, FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use service::{Caller, Ctx, gate};
use std::marker::PhantomData;
use types::{Error, codes, id::BotId, limit::Limit};

/// An operation of the public API.
pub trait Operation: Send + Sync + 'static {
    /// Its operationId, by which `types::scope` knows it.
    const ID: &'static str;
    /// Its windows.
    const LIMIT: Limit = types::limit::DEFAULT;
}

/// Passed the gate for operation `O` on the agent of the path.
pub struct Allowed<O> {
    /// Who calls.
    pub caller: Caller,
    /// The agent, which the caller's app reaches.
    pub bot: BotId,
    operation: PhantomData<O>,
}

impl<S, O: Operation> FromRequestParts<S> for Allowed<O>
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Public;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Public> {
        let ctx = Ctx::from_ref(state);
        let passed = verified(&ctx, parts).await?;
        let path = RawPathParams::from_request_parts(parts, state).await;
        let path = path.map_err(|_| Error::of(&codes::BOT_NOT_FOUND))?;
        let text = path
            .iter()
            .find(|(name, _)| *name == "botId")
            .map(|(_, text)| text);
        let bot = text.and_then(|t| BotId::parse(t.trim_start_matches(':')));
        let bot = bot.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
        passed.linked(&bot)?;
        passed.scoped(&bot, O::ID)?;
        current::counted(gate::hit(&ctx, O::ID, &O::LIMIT, bot.as_str()).await?);
        Ok(Self {
            caller: passed.caller,
            bot,
            operation: PhantomData,
        })
    }
}

/// Steps 1 to 7 of the gate for a request; what the layer of payloads has found out already is not asked again.
async fn verified(ctx: &Ctx, parts: &mut Parts) -> Result<gate::Passed, Public> {
    if let Some(passed) = parts.extensions.remove::<gate::Passed>() {
        return Ok(passed);
    }
    let address = edge::address(&parts.extensions);
    Ok(gate::verify(ctx, token(&parts.headers), address).await?)
}

/// The token of a request: `auth: <token>`, else `Authorization: bearer <token>`.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get("auth") {
        return Some(value.to_str().unwrap_or("not a token").trim());
    }
    let value = headers.get(header::AUTHORIZATION)?;
    let Ok(text) = value.to_str() else {
        return Some("not a token");
    };
    let (scheme, token) = text.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_carry_a_token_and_auth_goes_first() {
        let mut headers = HeaderMap::new();
        assert_eq!(token(&headers), None);
        headers.insert("authorization", "Basic abc".parse().expect("value"));
        assert_eq!(token(&headers), None);
        headers.insert("authorization", "BEARER a.b.c".parse().expect("value"));
        assert_eq!(token(&headers), Some("a.b.c"));
        headers.insert("auth", "d.e.f".parse().expect("value"));
        assert_eq!(token(&headers), Some("d.e.f"));
    }
}
