//! Talking to an agent from the console.

use super::Session;
use crate::{
    Ctx, gate,
    runtime::{
        inbound::{Inbound, TEXT_CAP},
        turn,
    },
};
use serde_json::{Map, Value, json};
use std::time::Instant;
use types::{
    Error, Result,
    id::BotId,
    limit::{Limit, Per},
};

/// Messages of one person (ours).
const LIMIT: Limit = Limit {
    per: Per::User,
    minute: 120,
    hour: 3600,
};

/// What a person says to an agent.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The text.
    pub text: String,
    /// Ends the open session first.
    pub new_session: bool,
    /// To the draft instead of the snapshot in force.
    pub draft: bool,
}

/// What comes back.
#[derive(Debug)]
pub struct Heard {
    /// The turn.
    pub answer: turn::Answer,
    /// How long the turn took, milliseconds.
    pub took_ms: u64,
}

/// Runs one message of the signed-in person.
///
/// # Errors
/// Bad input on `text`; a full window; as [`turn::trial`].
pub async fn say(ctx: &Ctx, session: &Session, bot: &BotId, said: Said) -> Result<Heard> {
    let started = Instant::now();
    if said.text.trim().is_empty() {
        return Err(Error::field("text", "must not be empty"));
    }
    if said.text.chars().count() > TEXT_CAP {
        let most = format!("must hold at most {TEXT_CAP} characters");
        return Err(Error::field("text", most));
    }
    // an agent that is not the person's answers as unknown before anything is counted
    crate::definition::get(ctx, &session.caller, bot).await?;
    let user = &session.user;
    gate::hit(ctx, "console.chat", &LIMIT, user.id.as_str()).await?;
    let mut profile = Map::new();
    profile.insert("email".to_owned(), json!(user.email));
    profile.insert("firstName".to_owned(), json!(user.name));
    let message = Inbound {
        kind: dialog::InputKind::Text,
        text: said.text,
        identity: user.id.to_string(),
        profile,
        new_session: said.new_session,
        custom_data: Value::Null,
        tags: Vec::new(),
    };
    let answer = turn::trial(ctx, &session.caller, bot, said.draft, message).await?;
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Heard { answer, took_ms })
}
