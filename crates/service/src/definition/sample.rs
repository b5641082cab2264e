//! The sample agents that come with the program: the catalogue of `installSampleBot`.

use super::{Imported, import};
use crate::{Caller, Ctx};
use definition::Package;
use serde_json::{Value, json};
use std::sync::LazyLock;
use store::{AgentFilter, User};
use types::{
    Error, Result, codes,
    id::{BotId, UserId},
    page::PageIn,
};

/// Longest name of an agent, characters.
const NAME_MAX: usize = 64;
/// Copies of one sample that one person can have before a name must be given up, at most (ours).
const COPIES_MAX: u32 = 1_000;

/// A sample.
pub struct Sample {
    /// Its id in the catalogue.
    pub id: BotId,
    /// Its name.
    pub name: String,
    package: Package,
}

type Files = &'static [(&'static str, &'static [u8])];

const PARCEL_DESK: Files = &[
    (
        "botDefinition.json",
        include_bytes!("../../../../samples/parcel-desk/botDefinition.json"),
    ),
    (
        "config.json",
        include_bytes!("../../../../samples/parcel-desk/config.json"),
    ),
    (
        "parcel_desk_botfunctions.js",
        include_bytes!("../../../../samples/parcel-desk/parcel_desk_botfunctions.js"),
    ),
];

static CATALOGUE: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let all: [Files; 1] = [PARCEL_DESK];
    let read = |files: &Files| {
        let files = files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect();
        let package = definition::from_files(files).expect("a test reads every sample");
        let id = package.definition["_id"].as_str().unwrap_or_default();
        let view = definition::Agent::from_package(&package);
        Sample {
            id: BotId::trusted(id),
            name: view.name(&view.default_language).to_owned(),
            package,
        }
    };
    all.iter().map(read).collect()
});

/// Every sample.
pub fn catalogue() -> &'static [Sample] {
    &CATALOGUE
}

/// A copy of a sample.
#[derive(Debug)]
pub struct Installed {
    /// What was made.
    pub made: Imported,
    /// Name of the sample.
    pub original: String,
    /// Whose it is.
    pub owner: User,
}

/// Copies a sample into the account as an agent of one person: `owner`, else the person who asks, else the owner of the account.
///
/// # Errors
/// [`codes::BOT_NOT_FOUND`] for an unknown sample; not found for a person of another account.
pub async fn install(
    ctx: &Ctx,
    caller: &Caller,
    sample: &BotId,
    owner: Option<&UserId>,
) -> Result<Installed> {
    let sample = catalogue().iter().find(|one| one.id == *sample);
    let sample = sample.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let owner = person(ctx, caller, owner).await?;
    let name = free_name(ctx, caller, &sample.name, &owner.email).await?;
    let mut package = sample.package.clone();
    note(&mut package, &sample.name, &owner);
    let made = import(ctx, caller, package, Some(name)).await?;
    Ok(Installed {
        made,
        original: sample.name.clone(),
        owner,
    })
}

/// What the copy says about where it comes from.
fn note(package: &mut Package, original: &str, owner: &User) {
    if let Some(members) = package.definition.as_object_mut() {
        members.insert("originalName".to_owned(), original.into());
        let visibility = json!({"namespace": "private", "namespaceIds": [owner.id]});
        members.insert("visibility".to_owned(), visibility);
        members.insert("state".to_owned(), Value::from("setup"));
    }
}

async fn person(ctx: &Ctx, caller: &Caller, wanted: Option<&UserId>) -> Result<User> {
    let people = ctx.store().users().list(&caller.account).await?;
    let wanted = wanted.or(caller.user.as_ref());
    let found = match wanted {
        Some(id) => people.into_iter().find(|user| user.id == *id),
        None => people
            .into_iter()
            .filter(|user| user.role == "owner")
            .min_by_key(|user| user.created_at),
    };
    found.ok_or_else(|| Error::not_found("There is no such person in the account"))
}

/// The name of the sample with the address of the person, and a number where that is taken.
async fn free_name(ctx: &Ctx, caller: &Caller, sample: &str, email: &str) -> Result<String> {
    for copy in 0..COPIES_MAX {
        let tail = match copy {
            0 => String::new(),
            _ => format!("_{copy}"),
        };
        let room = NAME_MAX - tail.len();
        let mut name: String = format!("{sample}_{email}").chars().take(room).collect();
        name.push_str(&tail);
        let filter = AgentFilter {
            name: Some(name.clone()),
            text: None,
        };
        let page = PageIn {
            limit: 1,
            cursor: None,
        };
        let agents = ctx.store().agents();
        let taken = agents.list(&caller.account, &filter, &page).await?;
        if taken.items.is_empty() {
            return Ok(name);
        }
    }
    Err(Error::conflict(
        "There are too many copies of this sample; delete some first",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_read_and_has_an_id_of_its_own() {
        let all = catalogue();
        assert!(!all.is_empty());
        for (at, sample) in all.iter().enumerate() {
            assert!(BotId::parse(sample.id.as_str()).is_some(), "{}", sample.id);
            assert!(!sample.name.is_empty());
            assert!(all[at + 1..].iter().all(|other| other.id != sample.id));
        }
    }
}
