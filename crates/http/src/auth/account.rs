//! Operations that belong to no agent: of the account, or of any app.

use super::{Operation, verified};
use crate::{current, error::Public};
use axum::{extract::FromRef, extract::FromRequestParts, http::request::Parts};
use service::{Caller, Ctx, gate};
use std::marker::PhantomData;
use types::limit::Per;

/// Passed the gate for operation `O` on the account: an admin app with the scope.
pub struct AllowedAccount<O> {
    /// Who calls.
    pub caller: Caller,
    operation: PhantomData<O>,
}

impl<S, O: Operation> FromRequestParts<S> for AllowedAccount<O>
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Public;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Public> {
        let ctx = Ctx::from_ref(state);
        let passed = verified(&ctx, parts).await?;
        passed.scoped_account(O::ID)?;
        hit::<O>(&ctx, &passed.caller).await?;
        Ok(Self {
            caller: passed.caller,
            operation: PhantomData,
        })
    }
}

/// Passed the gate for operation `O` that any enabled app of agents or of the account may call.
pub struct AnyApp<O> {
    /// Who calls.
    pub caller: Caller,
    operation: PhantomData<O>,
}

impl<S, O: Operation> FromRequestParts<S> for AnyApp<O>
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Public;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Public> {
        let ctx = Ctx::from_ref(state);
        let passed = verified(&ctx, parts).await?;
        passed.not_of_data()?;
        hit::<O>(&ctx, &passed.caller).await?;
        Ok(Self {
            caller: passed.caller,
            operation: PhantomData,
        })
    }
}

/// Counts by app where the operation says so, else by account: there is no agent.
async fn hit<O: Operation>(ctx: &Ctx, caller: &Caller) -> Result<(), Public> {
    let app = caller.app.as_ref().filter(|_| O::LIMIT.per == Per::App);
    let key = app.map_or_else(|| caller.account.as_str(), |app| app.as_str());
    current::counted(gate::hit(ctx, O::ID, &O::LIMIT, key).await?);
    Ok(())
}
