//! One file a family: its SQL, and how its rows are read.

mod access;
mod account;
mod agent;
mod app;
mod audit;
mod batch_test;
mod conversation;
mod conversation_test;
mod data_grant;
mod debug_log;
mod definition;
mod extraction;
mod file;
mod grant;
mod job;
mod link;
mod login;
mod mapping;
mod message;
mod meta;
mod model;
mod passkey;
mod platform_key;
mod session;
mod tag;
mod user;
mod variable;
mod version;

use crate::db::Row;
use types::{Result, id};

/// A name as uniqueness and search see it.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

macro_rules! ids {
    ($($name:ident: $id:ty;)*) => {$(
        fn $name(row: &Row, column: &str) -> Result<$id> {
            row.text(column).map(<$id>::trusted)
        }
    )*};
}
ids! {
    account_id: id::AccountId;
    bot_id: id::BotId;
    client_id: id::ClientId;
    user_id: id::UserId;
    session_id: id::SessionId;
    message_id: id::MessageId;
    job_id: id::JobId;
    file_id: id::FileId;
    version_id: id::VersionId;
}

/// Reads every row.
fn each<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T>) -> Result<Vec<T>> {
    rows.iter().map(read).collect()
}

/// A document of ours as text.
fn text<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("our records have text keys only")
}
