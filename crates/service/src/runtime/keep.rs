//! Keeps what a turn gave: sessions, messages, variables, debug logs and the state, all or nothing.

use super::{
    lease::Lease,
    turn::{Place, shelf},
};
use crate::Ctx;
use dialog::{BubbleBody, EndReason, Event, LogLevel, Outcome};
use serde_json::{Value, json};
use store::{
    Conversation, DebugLog, Direction, Families, Message, Session, Tag, TagLevel, Variable,
};
use types::{
    Error, Result,
    id::{MessageId, SessionId},
};

/// Writes a turn and says in which session it ran. `said` is what the user wrote; none for an event of the client.
///
/// # Errors
/// A conflict when the conversation changed since it was read; when the store cannot be reached.
pub(super) async fn turn(
    ctx: &Ctx,
    place: &Place,
    said: Option<&str>,
    outcome: &Outcome,
    lease: Lease,
) -> Result<SessionId> {
    let id = session_of(outcome)?;
    let tx = ctx.store().begin().await?;
    for end in &outcome.session.closed {
        if end.id != id.as_str() {
            end_session(&*tx, place, &SessionId::trusted(&end.id), end.at_ms).await?;
        }
    }
    count_turn(&*tx, place, &id, said.is_some(), outcome).await?;
    for end in &outcome.session.closed {
        if end.id == id.as_str() {
            end_session(&*tx, place, &id, end.at_ms).await?;
        }
    }
    tx.messages()
        .add(&messages(ctx, place, &id, said, outcome))
        .await?;
    write_memory(&*tx, place, outcome).await?;
    let lines = debug_lines(place, &id, outcome);
    if !lines.is_empty() {
        tx.debug_logs().add(&lines).await?;
    }
    let conversation = Conversation {
        key: place.key.clone(),
        user: place.user.clone(),
        session: Some(id.clone()),
        snapshot: match &outcome.state.session {
            Some(_) => place.snapshot.clone(),
            None => None,
        },
        state: serde_json::to_value(&outcome.state).map_err(Error::internal)?,
        version: place.version,
        updated_at: place.now,
    };
    tx.conversations().save(&conversation).await?;
    tx.conversations()
        .release(&place.key, lease.owner())
        .await?;
    tx.commit().await?;
    lease.spend();
    Ok(id)
}

/// Writes what the end of a session gave that no turn ended.
///
/// # Errors
/// As [`turn`].
pub(super) async fn closed(
    tx: &dyn Families,
    place: &Place,
    id: &SessionId,
    outcome: &Outcome,
) -> Result<()> {
    write_memory(tx, place, outcome).await?;
    let lines = debug_lines(place, id, outcome);
    if !lines.is_empty() {
        tx.debug_logs().add(&lines).await?;
    }
    let conversation = Conversation {
        key: place.key.clone(),
        user: place.user.clone(),
        session: None,
        snapshot: None,
        state: serde_json::to_value(&outcome.state).map_err(Error::internal)?,
        version: place.version,
        updated_at: place.now,
    };
    tx.conversations().save(&conversation).await.map(|_| ())
}

/// The open session, else the one that this turn closed.
fn session_of(outcome: &Outcome) -> Result<SessionId> {
    let open = outcome.state.session.as_ref().map(|s| s.id.as_str());
    let last = outcome.session.closed.last().map(|end| end.id.as_str());
    open.or(last)
        .map(SessionId::trusted)
        .ok_or_else(|| Error::internal("a turn ran in no session"))
}

/// Closes a row, unless the clock was faster.
async fn end_session(tx: &dyn Families, place: &Place, id: &SessionId, at: i64) -> Result<()> {
    let Some(mut row) = tx.sessions().find(&place.key.account, id).await? else {
        return Ok(());
    };
    if row.ended_at.is_none() {
        row.ended_at = Some(at);
        row.containment = Some(super::closing::containment(&row).to_owned());
        tx.sessions().set(&row).await?;
    }
    Ok(())
}

/// Counts the turn in the row of its session, which is added when it is new.
async fn count_turn(
    tx: &dyn Families,
    place: &Place,
    id: &SessionId,
    heard: bool,
    outcome: &Outcome,
) -> Result<()> {
    let found = tx.sessions().find(&place.key.account, id).await?;
    let is_new = found.is_none();
    let mut row = found.unwrap_or_else(|| fresh(place, id));
    row.active_at = place.now;
    row.closes_at = place.now.saturating_add(place.idle_ms);
    row.interactive |= heard;
    let said = i64::try_from(outcome.messages.len()).unwrap_or(i64::MAX - 1);
    row.messages += i64::from(heard) + said;
    let started = |e: &&Event| matches!(e, Event::TaskStarted { .. });
    let started = outcome.events.iter().filter(started).count();
    row.tasks += i64::try_from(started).unwrap_or(i64::MAX);
    if !row.languages.contains(&outcome.language) {
        row.languages.push(outcome.language.clone());
    }
    replace(&mut row.user_tags, tags(outcome, TagLevel::User));
    replace(&mut row.session_tags, tags(outcome, TagLevel::Session));
    row.containment = containment(row.containment.as_deref(), outcome).map(str::to_owned);
    match is_new {
        true => tx.sessions().add(&row).await,
        false => tx.sessions().set(&row).await,
    }
}

fn fresh(place: &Place, id: &SessionId) -> Session {
    Session {
        id: id.clone(),
        account: place.key.account.clone(),
        bot: place.key.bot.clone(),
        user: place.user.clone(),
        identity: place.key.identity.clone(),
        channel: place.key.channel.clone(),
        instance: place.key.instance.clone(),
        languages: Vec::new(),
        started_at: place.now,
        ended_at: None,
        active_at: place.now,
        closes_at: place.now,
        interactive: false,
        developer: place.developer,
        containment: None,
        user_tags: Vec::new(),
        session_tags: Vec::new(),
        messages: 0,
        tasks: 0,
    }
}

/// What a turn makes of the containment of its session (analytics-model.md). A hand-over to a person decides for good; a task that
/// waits leaves it open; then the last thing that happened counts, and nothing said changes nothing.
fn containment<'a>(before: Option<&'a str>, outcome: &Outcome) -> Option<&'a str> {
    let handed_over = |event: &Event| matches!(event, Event::AgentTransfer { .. });
    if before == Some("agent") || outcome.events.iter().any(handed_over) {
        return Some("agent");
    }
    if outcome.state.task.is_some() || !outcome.state.held.is_empty() {
        return None;
    }
    let mut verdicts = outcome.events.iter().filter_map(|event| match event {
        Event::TaskFailed { .. } | Event::IntentNotFound => Some("dropOff"),
        Event::TaskEnded { reason, .. } => Some(match reason {
            EndReason::Fulfilled | EndReason::FulfilledLinkedDialog => "selfService",
            _ => "dropOff",
        }),
        Event::IntentFound { kind, .. } if *kind != nlu::Kind::Dialog => Some("selfService"),
        _ => None,
    });
    // the dialog of an event that answers an unknown intent completes no task of the user's
    let unknown = outcome
        .events
        .iter()
        .any(|event| matches!(event, Event::IntentNotFound));
    match verdicts.next_back() {
        Some(_) if unknown => Some("dropOff"),
        Some(verdict) => Some(verdict),
        None => before,
    }
}

/// Tags of one level; a level that is none counts as message.
fn tags(outcome: &Outcome, level: TagLevel) -> Vec<Tag> {
    let of_level =
        |t: &&dialog::Tag| TagLevel::parse(&t.level).unwrap_or(TagLevel::Message) == level;
    let tags = outcome.tags.iter().filter(of_level).map(|t| Tag {
        name: t.name.clone(),
        value: json!(t.value),
    });
    tags.collect()
}

/// The last value of a name stands.
fn replace(tags: &mut Vec<Tag>, with: Vec<Tag>) {
    for tag in with {
        tags.retain(|t| t.name != tag.name);
        tags.push(tag);
    }
}

/// What the user said, then what the agent said.
fn messages(
    ctx: &Ctx,
    place: &Place,
    session: &SessionId,
    said: Option<&str>,
    outcome: &Outcome,
) -> Vec<Message> {
    let trace = format!("RTM-TRACE-{}", ctx.ids().uuid());
    let message = |direction: Direction, data: Value| Message {
        id: MessageId::new(ctx.ids()),
        account: place.key.account.clone(),
        bot: place.key.bot.clone(),
        session: session.clone(),
        user: place.user.clone(),
        identity: place.key.identity.clone(),
        channel: place.key.channel.clone(),
        direction,
        status: match direction {
            Direction::Incoming => "received".to_owned(),
            Direction::Outgoing => "delivered".to_owned(),
        },
        language: outcome.language.clone(),
        components: json!([data]),
        channels: json!([{
            "type": place.key.channel,
            "channelUId": place.key.identity,
            "handle": {"userId": place.key.identity},
        }]),
        developer: place.developer,
        builder: place.developer,
        source: 1,
        tags: match direction {
            Direction::Incoming => tags(outcome, TagLevel::Message),
            Direction::Outgoing => Vec::new(),
        },
        trace: Some(trace.clone()),
        latency: None,
        created_at: place.now,
    };
    let heard = said.map(|text| {
        message(
            Direction::Incoming,
            json!({"cT": "text", "data": {"text": text}}),
        )
    });
    let mut all: Vec<Message> = heard.into_iter().collect();
    for bubble in &outcome.messages {
        let data = match &bubble.body {
            BubbleBody::Text(text) => json!({"cT": "text", "data": {"text": text}}),
            BubbleBody::Template(value) => {
                json!({"cT": "template", "data": {"text": value.to_string()}})
            }
        };
        all.push(message(Direction::Outgoing, data));
    }
    all
}

/// Changes of the memory that outlives a session.
async fn write_memory(tx: &dyn Families, place: &Place, outcome: &Outcome) -> Result<()> {
    let account = &place.key.account;
    for write in &outcome.writes {
        let (scope, bot, owner) = shelf(place, write.scope);
        let Some(value) = &write.value else {
            tx.variables()
                .remove(account, scope, bot, &owner, &write.key)
                .await?;
            continue;
        };
        let variable = Variable {
            name: write.key.clone(),
            value: value.clone(),
            expires_at: write.expires_ms,
        };
        tx.variables()
            .put(account, scope, bot, &owner, &[variable])
            .await?;
    }
    Ok(())
}

fn debug_lines(place: &Place, session: &SessionId, outcome: &Outcome) -> Vec<DebugLog> {
    let lines = outcome.debug_logs.iter().map(|line| DebugLog {
        account: place.key.account.clone(),
        bot: place.key.bot.clone(),
        session: Some(session.clone()),
        level: match line.level {
            LogLevel::Debug => "debug".to_owned(),
            LogLevel::Warning => "warn".to_owned(),
            LogLevel::Error => "error".to_owned(),
        },
        text: line.text.clone(),
        data: json!({"dialogId": line.dialog_id, "component": line.component}),
        created_at: line.at_ms,
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::{FailureReason, Task};

    fn ended(reason: EndReason) -> Event {
        Event::TaskEnded {
            task_id: "dg-1".into(),
            task_name: "Book".into(),
            reason,
            why: None,
        }
    }

    #[test]
    fn containment_follows_what_happened_last_and_a_hand_over_stays() {
        let found = |kind| Event::IntentFound {
            kind,
            name: "x".into(),
            ref_id: "r".into(),
            score: 90.0,
        };
        let failed = Event::TaskFailed {
            task_id: "dg-1".into(),
            task_name: "Book".into(),
            cause: "x".into(),
            why: FailureReason::Service,
        };
        let transfer = Event::AgentTransfer {
            component: "agent".into(),
            dialog_id: "dg-1".into(),
        };
        for (before, events, running, want) in [
            (None, vec![], false, None),
            (Some("selfService"), vec![], false, Some("selfService")),
            (
                None,
                vec![ended(EndReason::Fulfilled)],
                false,
                Some("selfService"),
            ),
            (
                None,
                vec![ended(EndReason::Canceled)],
                false,
                Some("dropOff"),
            ),
            (
                Some("selfService"),
                vec![failed.clone()],
                false,
                Some("dropOff"),
            ),
            (
                Some("selfService"),
                vec![Event::IntentNotFound, ended(EndReason::Fulfilled)],
                false,
                Some("dropOff"),
            ),
            (
                None,
                vec![found(nlu::Kind::Faq)],
                false,
                Some("selfService"),
            ),
            (
                Some("selfService"),
                vec![found(nlu::Kind::Dialog)],
                true,
                None,
            ),
            (None, vec![transfer, failed], false, Some("agent")),
            (
                Some("agent"),
                vec![ended(EndReason::Fulfilled)],
                false,
                Some("agent"),
            ),
        ] {
            let mut outcome = Outcome {
                events,
                ..Outcome::default()
            };
            outcome.state.task = running.then(Task::default);
            assert_eq!(
                containment(before, &outcome),
                want,
                "{before:?} {:?}",
                outcome.events
            );
        }
    }
}
