//! How a package lies in the store: JSON, deflated, sealed as a whole (DECISIONS section 12).

use crypt::{MasterKey, Place};
use definition::Package;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{Read, Write};
use store::{Copy, Definition};
use types::{
    Error, Result,
    id::{AccountId, BotId},
};

/// Largest opened definition, bytes: the unpacked limit of a package, with room for the JSON around it.
const OPENED_MAX: u64 = 1024 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Stored {
    definition: Value,
    definition_name: String,
    config: Option<Value>,
    bot_functions: Option<(String, String)>,
    icon: Option<Vec<u8>>,
    tables: Vec<(String, Value)>,
    extra: Vec<(String, Vec<u8>)>,
}

/// Seals a package for its place. The digest is that of the opened form.
///
/// # Errors
/// Internal, when the package cannot be written.
pub fn seal(
    vault: &MasterKey,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    package: Package,
) -> Result<Definition> {
    let plain = plain(package)?;
    Ok(Definition {
        digest: crypt::sha256_hex(&plain),
        sealed: vault.seal(&place(account, &row(bot, copy)), &deflate(&plain)?),
    })
}

/// A package as bytes, for a place that is not a definition's.
///
/// # Errors
/// Internal, when the package cannot be written.
pub fn pack(package: Package) -> Result<Vec<u8>> {
    deflate(&plain(package)?)
}

fn plain(package: Package) -> Result<Vec<u8>> {
    let stored = Stored {
        definition: package.definition,
        definition_name: package.definition_name,
        config: package.config,
        bot_functions: package.bot_functions,
        icon: package.icon,
        tables: package.tables,
        extra: package.extra,
    };
    serde_json::to_vec(&stored).map_err(Error::internal)
}

fn deflate(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(plain).map_err(Error::internal)?;
    packed.finish().map_err(Error::internal)
}

/// Opens what [`seal`] made for the same place.
///
/// # Errors
/// Internal, when it was changed or belongs elsewhere.
pub fn open(
    vault: &MasterKey,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    definition: &Definition,
) -> Result<Package> {
    let packed = vault
        .open_sealed(&place(account, &row(bot, copy)), &definition.sealed)
        .map_err(Error::internal)?;
    unpack(&packed)
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// Internal, when it is something else.
pub fn unpack(packed: &[u8]) -> Result<Package> {
    let mut plain = Vec::new();
    DeflateDecoder::new(packed)
        .take(OPENED_MAX)
        .read_to_end(&mut plain)
        .map_err(Error::internal)?;
    let stored: Stored = serde_json::from_slice(&plain).map_err(Error::internal)?;
    Ok(Package {
        definition: stored.definition,
        definition_name: stored.definition_name,
        config: stored.config,
        bot_functions: stored.bot_functions,
        icon: stored.icon,
        tables: stored.tables,
        extra: stored.extra,
    })
}

fn row(bot: &BotId, copy: &Copy) -> String {
    format!("{bot}/{}", copy.as_str())
}

fn place<'a>(account: &'a AccountId, row: &'a str) -> Place<'a> {
    Place {
        kind: "definition",
        account: account.as_str(),
        row,
    }
}
