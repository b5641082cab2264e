//! Accounts with their owner.

use crate::{
    Caller, Ctx,
    admin::{Faults, checked_name},
    audit::{self, Change},
    console::permission,
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
    let mut faults = Faults::default();
    let name = faults.take(checked_name("account", &new.name))?;
    let email = faults.take(checked_email(&new.email))?;
    let owner_name = faults.take(checked_person(&new.owner_name))?;
    faults.take(check_password(&new.password))?;
    faults.done()?;
    let (name, email) = (name.unwrap_or_default(), email.unwrap_or_default());
    let owner_name = owner_name.flatten().unwrap_or_else(|| email.clone());
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
        name: owner_name,
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

/// A person to be added to an account.
#[derive(Debug)]
pub struct NewPerson {
    /// Address to sign in with.
    pub email: String,
    /// Name to show; the address when empty.
    pub name: String,
    /// One of [`permission::ROLES`], but not the owner's.
    pub role: String,
    /// The first password, which is to be changed at the first sign-in.
    pub password: Secret,
}

/// Adds a person to the caller's account.
///
/// # Errors
/// Bad input that names each wrong field; a conflict on `email` when the address is taken.
pub async fn add_person(ctx: &Ctx, caller: &Caller, new: NewPerson) -> Result<User> {
    let mut faults = Faults::default();
    let email = faults.take(checked_email(&new.email))?;
    let name = faults.take(checked_person(&new.name))?;
    faults.take(check_password(&new.password))?;
    let roles = &permission::ROLES[1..];
    if !roles.contains(&new.role.as_str()) {
        faults.say("role", format!("must be one of {}", roles.join(", ")));
    }
    faults.done()?;
    let email = email.unwrap_or_default();
    let password = new.password;
    let hash = tokio::task::spawn_blocking(move || crypt::password::hash(&password)).await;
    let user = User {
        id: UserId::new(ctx.ids()),
        account: caller.account.clone(),
        name: name.flatten().unwrap_or_else(|| email.clone()),
        email,
        password_hash: hash.map_err(Error::internal)?,
        must_change_password: true,
        role: new.role,
        enabled: true,
        created_at: ctx.now(),
        updated_at: ctx.now(),
    };
    let tx = ctx.store().begin().await?;
    tx.users().add(&user).await?;
    let change = Change {
        action: "user.create",
        target: user.id.as_str(),
        details: Some(json!({"email": user.email, "role": user.role})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(user)
}

/// The name of a person; none when it is blank.
fn checked_person(name: &str) -> Result<Option<String>> {
    match name.trim().is_empty() {
        true => Ok(None),
        false => checked_name("name", name).map(Some),
    }
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
