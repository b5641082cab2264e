//! Who is signed in, as a type.

use super::cookie::Way;
use crate::{
    edge::{self, address},
    error::Problem,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use service::{
    Caller, Ctx,
    console::{Session, login, permission::Permission},
};
use types::Result;

/// A signed-in person. A change carries the token of the session.
pub struct Signed {
    session: Session,
    /// How the request came.
    pub way: Way,
}

impl Signed {
    /// The session, for what a person does to their own sign-in; everything else asks for [`Signed::may`].
    pub fn own(&self) -> &Session {
        &self.session
    }

    /// The session, for a change of the own sign-in that needs a fresh proof of identity.
    ///
    /// # Errors
    /// The proof is too old.
    pub fn own_after_proof(&self, ctx: &Ctx) -> Result<&Session> {
        self.session.check_proof(ctx.now())?;
        Ok(&self.session)
    }

    /// The person as a caller who may do this.
    ///
    /// # Errors
    /// Forbidden; a first password is to be changed.
    pub fn may(&self, permission: Permission) -> Result<&Caller> {
        self.session.allow(permission)?;
        Ok(&self.session.caller)
    }

    /// The same for what also needs a fresh proof of identity.
    ///
    /// # Errors
    /// As [`Signed::may`]; the proof is too old.
    pub fn may_after_proof(&self, ctx: &Ctx, permission: Permission) -> Result<&Caller> {
        let caller = self.may(permission)?;
        self.session.check_proof(ctx.now())?;
        Ok(caller)
    }
}

impl FromRequestParts<Ctx> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let way = Way::of(&parts.headers, edge::hop(&parts.extensions))?;
        let cookie = way.read(&parts.headers);
        let session = login::find(ctx, cookie, address(&parts.extensions)).await?;
        if !parts.method.is_safe() {
            let token = parts.headers.get("x-csrf-token");
            session.check_csrf(token.and_then(|v| v.to_str().ok()))?;
        }
        Ok(Self { session, way })
    }
}

/// Where a request came from.
pub struct Origin(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(address(&parts.extensions)))
    }
}

/// Whether a request carries the cookie of a session, be it valid or not.
pub(crate) fn has_cookie(parts: &Parts) -> bool {
    let way = Way::of(&parts.headers, edge::hop(&parts.extensions));
    way.is_ok_and(|way| way.read(&parts.headers).is_some())
}
