//! Account-wide rules of security: what tokens must have, from where people and apps may come, what is shown.

use crate::{
    Caller, Ctx,
    audit::{self, Change},
    gate::Addresses,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Account;
use types::{Error, Result};

/// Where the rules stand among the settings of an account.
const KEY: &str = "security";

/// The rules. Everything is off in a new account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Security {
    /// Tokens without `exp` are refused.
    pub require_expiry: bool,
    /// New apps enforce JTI and JWE and take no legacy algorithm; tokens without `exp` are refused; the old RSA wrap is refused.
    pub hardened: bool,
    /// Get Bots shows client secrets in clear.
    pub reveal_secrets: bool,
    /// Only `addresses` are let in to the console.
    pub restrict: bool,
    /// And to the public API and the channels.
    pub restrict_api: bool,
    /// Addresses, networks and patterns, parted by commas; see [`Addresses::parse`].
    pub addresses: String,
}

/// What is to be changed; none leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityPatch {
    /// See [`Security::require_expiry`].
    pub require_expiry: Option<bool>,
    /// See [`Security::hardened`].
    pub hardened: Option<bool>,
    /// See [`Security::reveal_secrets`].
    pub reveal_secrets: Option<bool>,
    /// See [`Security::restrict`].
    pub restrict: Option<bool>,
    /// See [`Security::restrict_api`].
    pub restrict_api: Option<bool>,
    /// See [`Security::addresses`].
    pub addresses: Option<String>,
}

impl Security {
    /// The rules of an account.
    ///
    /// # Errors
    /// When they cannot be read: rules are never guessed.
    pub fn of(account: &Account) -> Result<Self> {
        match account.settings.get(KEY) {
            None => Ok(Self::default()),
            Some(value) => serde_json::from_value(value.clone()).map_err(Error::internal),
        }
    }

    /// Tokens must have `exp`.
    pub fn wants_expiry(&self) -> bool {
        self.require_expiry || self.hardened
    }

    fn patched(mut self, patch: SecurityPatch) -> Self {
        let put = |to: &mut bool, from: Option<bool>| *to = from.unwrap_or(*to);
        put(&mut self.require_expiry, patch.require_expiry);
        put(&mut self.hardened, patch.hardened);
        put(&mut self.reveal_secrets, patch.reveal_secrets);
        put(&mut self.restrict, patch.restrict);
        put(&mut self.restrict_api, patch.restrict_api);
        self.addresses = patch.addresses.unwrap_or(self.addresses);
        self
    }
}

/// The rules of the caller's account.
///
/// # Errors
/// When the store cannot be reached.
pub async fn get(ctx: &Ctx, caller: &Caller) -> Result<Security> {
    Security::of(&account(ctx.store(), caller).await?)
}

/// Changes rules. Whoever restricts addresses from the console must come from one that is let in.
///
/// # Errors
/// Bad input on `addresses`.
pub async fn set(ctx: &Ctx, caller: &Caller, patch: SecurityPatch) -> Result<Security> {
    let tx = ctx.store().begin().await?;
    let mut account = account(&*tx, caller).await?;
    let before = Security::of(&account)?;
    let after = before.clone().patched(patch);
    check(&after, caller)?;
    if after == before {
        return Ok(after);
    }
    let value = serde_json::to_value(&after).map_err(Error::internal)?;
    if !account.settings.is_object() {
        account.settings = json!({});
    }
    account.settings[KEY] = value.clone();
    tx.accounts()
        .set_settings(&account.id, &account.settings, ctx.now())
        .await?;
    let changed = changes(
        &serde_json::to_value(&before).map_err(Error::internal)?,
        &value,
    );
    let change = Change {
        action: "security.set",
        target: account.id.as_str(),
        details: Some(changed),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(after)
}

fn check(rules: &Security, caller: &Caller) -> Result<()> {
    let list = Addresses::parse(&rules.addresses)?;
    if !rules.restrict && !rules.restrict_api {
        return Ok(());
    }
    if rules.addresses.trim().is_empty() {
        return Err(Error::field(
            "addresses",
            "must name at least one address when they are restricted",
        ));
    }
    match &caller.address {
        Some(own) if rules.restrict && !list.allow(own) => Err(Error::field(
            "addresses",
            format!("must let your own address {own} in, or you would lock yourself out"),
        )),
        _ => Ok(()),
    }
}

/// The members that differ, with their new values.
fn changes(before: &Value, after: &Value) -> Value {
    let members = after.as_object().into_iter().flatten();
    let changed = members.filter(|(name, value)| before.get(name.as_str()) != Some(*value));
    Value::Object(
        changed
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

async fn account(rows: &(impl store::Families + ?Sized), caller: &Caller) -> Result<Account> {
    let found = rows.accounts().find(&caller.account).await?;
    found.ok_or_else(|| Error::not_found("Account not found"))
}
