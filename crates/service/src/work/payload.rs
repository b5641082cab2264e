//! What was asked for and by whom, sealed.

use crate::{Caller, Ctx, Door};
use crypt::Place;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Job;
use types::{
    Error, Result,
    id::{AccountId, ClientId, JobId, UserId},
};

#[derive(Serialize, Deserialize)]
struct Payload<T> {
    app: Option<ClientId>,
    user: Option<UserId>,
    door: String,
    address: Option<String>,
    ask: T,
}

fn word(door: Door) -> &'static str {
    match door {
        Door::Api => "api",
        Door::Channel => "channel",
        Door::Console => "console",
        Door::Cli => "cli",
    }
}

fn door(word: &str) -> Door {
    let all = [Door::Api, Door::Channel, Door::Console];
    all.into_iter()
        .find(|door| self::word(*door) == word)
        .unwrap_or(Door::Cli)
}

/// Seals what is asked for, bound to the job.
pub(super) fn seal<T: Serialize>(
    ctx: &Ctx,
    caller: &Caller,
    job: &JobId,
    ask: &T,
) -> Result<Vec<u8>> {
    let payload = Payload {
        app: caller.app.clone(),
        user: caller.user.clone(),
        door: word(caller.door).to_owned(),
        address: caller.address.clone(),
        ask,
    };
    let plain = serde_json::to_vec(&payload).map_err(Error::internal)?;
    Ok(ctx.vault().seal(&place(&caller.account, job), &plain))
}

/// Who asked, and for what.
pub(super) fn open<T: DeserializeOwned>(ctx: &Ctx, job: &Job) -> Result<(Caller, T)> {
    let new = &job.new;
    let plain = ctx
        .vault()
        .open_sealed(&place(&new.account, &new.id), &new.payload);
    let plain = plain.map_err(Error::internal)?;
    let payload: Payload<T> = serde_json::from_slice(&plain).map_err(Error::internal)?;
    let caller = Caller {
        app: payload.app,
        user: payload.user,
        door: door(&payload.door),
        address: payload.address,
        ..Caller::cli(new.account.clone())
    };
    Ok((caller, payload.ask))
}

fn place<'a>(account: &'a AccountId, job: &'a JobId) -> Place<'a> {
    Place {
        kind: "job",
        account: account.as_str(),
        row: job.as_str(),
    }
}
