//! First run, sign-in, step-up, the person's own password.

use super::{
    body::Body,
    cookie::Way,
    passkey::{AnswerIn, Here},
    signed::{Origin, Signed},
};
use crate::error::Problem;
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::accounts::NewAccount,
    console::{Session, login, permission, setup},
};
use types::{Error, Secret};
use utoipa::ToSchema;

/// Body of `POST /setup`. What is missing counts as empty, so that the refusal names the field.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
pub struct SetUp {
    code: String,
    account: String,
    name: String,
    email: String,
    password: String,
}

/// Body of `POST /session`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
pub struct SignIn {
    email: String,
    password: String,
    /// Of the authenticator app, or one to recover with; of those who have set one up.
    code: String,
}

/// Body of `POST /session/confirm`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
pub struct Proof {
    password: String,
    /// A code of the authenticator app in place of the password.
    code: String,
    /// The answer of a passkey in place of both.
    passkey: Option<AnswerIn>,
}

/// Body of `PUT /session/password`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
pub struct Passwords {
    current: String,
    next: String,
}

/// Whether the set-up is still to be done.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleSetup)]
pub struct SetupOut {
    /// It is.
    needed: bool,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleSession)]
pub struct SessionOut {
    /// The person.
    user: UserOut,
    /// The account.
    account: AccountOut,
    /// What the person may do.
    permissions: Vec<&'static str>,
    /// Goes along with every change, in `x-csrf-token`.
    csrf_token: String,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleUser)]
pub struct UserOut {
    /// Their id.
    id: String,
    /// Their address.
    email: String,
    /// Their name.
    name: String,
    /// A first password is to be changed before anything else.
    must_change_password: bool,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleAccount)]
pub struct AccountOut {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// Says whether the set-up is still to be done
///
/// # Errors
/// Not found once an account exists.
#[utoipa::path(get, path = "", operation_id = "consoleSetupNeeded", tag = "console", security(()), responses((status = 200, description = "It is to be done", body = SetupOut)))]
pub async fn setup_needed(State(ctx): State<Ctx>) -> Result<Json<SetupOut>, Problem> {
    if setup::needed(&ctx).await? {
        return Ok(Json(SetupOut { needed: true }));
    }
    Err(Error::not_found("The set-up is done").into())
}

/// Makes the first account and signs its owner in
///
/// # Errors
/// As [`setup::run`].
#[utoipa::path(post, path = "", operation_id = "consoleSetUp", tag = "console", request_body = SetUp, security(()), responses((status = 201, description = "The session", body = SessionOut)))]
pub async fn set_up(
    State(ctx): State<Ctx>,
    Origin(address): Origin,
    way: Way,
    Body(body): Body<SetUp>,
) -> Result<Response, Problem> {
    let new = NewAccount {
        name: body.account,
        email: body.email,
        owner_name: body.name,
        password: Secret::new(body.password),
        must_change_password: false,
    };
    let begun = setup::run(&ctx, &Secret::new(body.code), new, address).await?;
    Ok(begin(StatusCode::CREATED, way, &begun))
}

/// Signs a person in
///
/// # Errors
/// As [`login::sign_in`].
#[utoipa::path(post, path = "", operation_id = "consoleSignIn", tag = "console", request_body = SignIn, security(()), responses((status = 200, description = "The session", body = SessionOut)))]
pub async fn sign_in(
    State(ctx): State<Ctx>,
    Origin(address): Origin,
    way: Way,
    Body(body): Body<SignIn>,
) -> Result<Response, Problem> {
    let password = Secret::new(body.password);
    let code = Some(body.code).filter(|code| !code.is_empty());
    let begun = login::sign_in(&ctx, &body.email, password, code.map(Secret::new), address).await?;
    Ok(begin(StatusCode::OK, way, &begun))
}

pub(super) fn begin(status: StatusCode, way: Way, begun: &login::SignedIn) -> Response {
    let cookie = [(header::SET_COOKIE, way.give(&begun.cookie))];
    (status, cookie, Json(view(&begun.session))).into_response()
}

/// Shows who is signed in
#[utoipa::path(get, path = "", operation_id = "consoleShowSession", tag = "console", responses((status = 200, description = "The session", body = SessionOut)))]
pub async fn show(signed: Signed) -> Json<SessionOut> {
    Json(view(signed.own()))
}

/// Ends the session
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(delete, path = "", operation_id = "consoleSignOut", tag = "console", responses((status = 204, description = "It is over")))]
pub async fn sign_out(State(ctx): State<Ctx>, signed: Signed) -> Result<Response, Problem> {
    login::sign_out(&ctx, signed.own()).await?;
    let cookie = [(header::SET_COOKIE, signed.way.take())];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Proves the identity anew
///
/// # Errors
/// As [`login::confirm`].
#[utoipa::path(post, path = "", operation_id = "consoleConfirm", tag = "console", request_body = Proof, responses((status = 204, description = "Proved")))]
pub async fn confirm(
    State(ctx): State<Ctx>,
    signed: Signed,
    here: Result<Here, Problem>,
    Body(body): Body<Proof>,
) -> Result<StatusCode, Problem> {
    let proof = match body.passkey {
        Some(answer) => login::Proof::Passkey(here?.0, answer.into()),
        None if body.code.is_empty() => login::Proof::Password(Secret::new(body.password)),
        None => login::Proof::Code(Secret::new(body.code)),
    };
    login::confirm(&ctx, signed.own(), proof).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the own password
///
/// # Errors
/// As [`login::change_password`].
#[utoipa::path(put, path = "", operation_id = "consoleChangePassword", tag = "console", request_body = Passwords, responses((status = 204, description = "Changed")))]
pub async fn change_password(
    State(ctx): State<Ctx>,
    signed: Signed,
    Body(body): Body<Passwords>,
) -> Result<StatusCode, Problem> {
    let (current, next) = (Secret::new(body.current), Secret::new(body.next));
    login::change_password(&ctx, signed.own(), current, next).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(session: &Session) -> SessionOut {
    let (user, account) = (&session.user, &session.account);
    let permissions = permission::of_role(&user.role).iter().map(|p| p.name());
    SessionOut {
        user: UserOut {
            id: user.id.to_string(),
            email: user.email.clone(),
            name: user.name.clone(),
            must_change_password: user.must_change_password,
        },
        account: AccountOut {
            id: account.id.to_string(),
            name: account.name.clone(),
        },
        permissions: permissions.collect(),
        csrf_token: session.login.csrf.clone(),
    }
}
