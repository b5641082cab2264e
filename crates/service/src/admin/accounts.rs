//! Accounts with their owner.

use crate::{
    Caller, Ctx,
    admin::checked_name,
    audit::{self, Change},
};
use serde_json::json;
use store::{Account, User};
use types::{
    Error, Kind, Result, Secret,
    id::{AccountId, UserId},
};

/// Shortest password of a person, in characters.
pub const PASSWORD_MIN: usize = 12;

/// An account to be made.
#[derive(Debug)]
pub struct NewAccount {
    /// Its name.
    pub name: String,
    /// Address of its owner.
    pub email: String,
    /// Name of its owner; the address when empty.
    pub owner_name: String,
    /// Password of its owner.
    pub password: Secret,
    /// The password must be changed at the first sign-in.
    pub must_change_password: bool,
}

/// Makes an account with its owner.
///
/// # Errors
/// A conflict on `account` when the name is taken (nothing changes then); bad input that names the field.
pub async fn create(ctx: &Ctx, new: NewAccount) -> Result<(Account, User)> {
    let name = checked_name("account", &new.name)?;
    let email = checked_email(&new.email)?;
    check_password(&new.password)?;
    if ctx.store().accounts().find_by_name(&name).await?.is_some() {
        return Err(taken());
    }
    let password = new.password;
    let hash = tokio::task::spawn_blocking(move || crypt::password::hash(&password)).await;
    let now = ctx.now();
    let account = Account {
        id: AccountId::new(ctx.ids()),
        name,
        settings: json!({}),
        created_at: now,
        updated_at: now,
    };
    let owner = User {
        id: UserId::new(ctx.ids()),
        account: account.id.clone(),
        name: if new.owner_name.trim().is_empty() {
            email.clone()
        } else {
            checked_name("name", &new.owner_name)?
        },
        email,
        password_hash: hash.map_err(Error::internal)?,
        must_change_password: new.must_change_password,
        role: "owner".to_owned(),
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    let tx = ctx.store().begin().await?;
    tx.accounts()
        .add(&account)
        .await
        .map_err(|e| if e.kind == Kind::Conflict { taken() } else { e })?;
    tx.users().add(&owner).await?;
    let caller = Caller::cli(account.id.clone());
    let details = Some(json!({"owner": owner.id}));
    audit::note(
        ctx,
        &*tx,
        &caller,
        Change {
            action: "account.create",
            target: account.id.as_str(),
            details,
            ..Change::default()
        },
    )
    .await?;
    tx.commit().await?;
    Ok((account, owner))
}

/// The account with this name, or the first one when no name is given.
///
/// # Errors
/// Not found, with what to do.
pub async fn pick(ctx: &Ctx, name: Option<&str>) -> Result<Account> {
    match name {
        Some(name) => {
            let found = ctx.store().accounts().find_by_name(name).await?;
            found.ok_or_else(|| Error::not_found(format!("No account is named {name:?}")))
        }
        None => {
            let first = ctx.store().accounts().list().await?.into_iter().next();
            first.ok_or_else(|| {
                Error::not_found("There is no account yet; make one with: ombud setup")
            })
        }
    }
}

/// Checks an address for the shape of one and makes it lower case.
///
/// # Errors
/// Names the field `email`.
pub fn checked_email(text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let fits = text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        })
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    fits.then_some(text)
        .ok_or_else(|| Error::field("email", "must be an e-mail address"))
}

/// Checks a password for its length.
///
/// # Errors
/// Names the field `password`.
pub fn check_password(password: &Secret) -> Result<()> {
    let length = password.expose().chars().count();
    if (PASSWORD_MIN..=256).contains(&length) {
        return Ok(());
    }
    Err(Error::field(
        "password",
        format!("must have {PASSWORD_MIN} to 256 characters"),
    ))
}

fn taken() -> Error {
    let mut error = Error::field("account", "an account of this name exists already");
    error.kind = Kind::Conflict;
    error
}
