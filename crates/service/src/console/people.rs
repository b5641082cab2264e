//! Who did something, in words that people of the account know.

use crate::{Caller, Ctx};
use std::collections::HashMap;
use types::{Result, id::UserId};

/// The people of an account by id: their names, else their addresses.
pub struct People(HashMap<UserId, String>);

/// Reads the people of the caller's account.
///
/// # Errors
/// When the store cannot be reached.
pub async fn people(ctx: &Ctx, caller: &Caller) -> Result<People> {
    let users = ctx.store().users().list(&caller.account).await?;
    let shown = |user: store::User| match user.name.trim() {
        "" => (user.id, user.email),
        name => (user.id, name.to_owned()),
    };
    Ok(People(users.into_iter().map(shown).collect()))
}

impl People {
    /// The name of an actor. A client app keeps its id; a person who is gone, too.
    pub fn name<'a>(&'a self, actor: &'a str) -> &'a str {
        match UserId::parse(actor).and_then(|id| self.0.get(&id)) {
            Some(name) => name,
            None if actor == "cli" => "the command line",
            None => actor,
        }
    }
}
