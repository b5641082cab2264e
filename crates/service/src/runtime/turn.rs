//! One turn of a conversation: loads where it stands, runs the engine, keeps everything in one transaction.
//!
//! One turn at a time per conversation. A turn that takes longer than [`TURN_LIMIT`] leaves nothing behind: the next one starts
//! where the one before it ended.

use super::{
    inbound::Inbound,
    keep,
    lease::Lease,
    outbound::{Call, CallError, Outbound},
};
use crate::{Caller, Ctx, definition, training};
use dialog::{
    CallFailure, ConversationState, Detector, Engine, Input, InputKind, Memory, Outcome,
    ServiceRequest, ServiceResponse, Step, User,
};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};
use store::{Conversation, ConversationKey, Copy, Session, VariableScope};
use tokio::{runtime::Handle, time::Instant};
use types::{
    Error, Kind, Result, codes,
    id::{AccountId, BotId, SessionId, UserId, VersionId},
};

/// How long a synchronous turn may take (runtime.md section 12).
pub const TURN_LIMIT: Duration = Duration::from_secs(15);
/// The webhook channel, as definitions name it.
const WEBHOOK: &str = "ivr";
/// Where people of the console try an agent out: as on web and mobile, in conversations of their own.
const TRIAL: &str = "rtm";
/// The instance of those that talk to the draft.
const DRAFT: &str = "draft";
/// Longest id of a channel instance, in bytes (ours).
const INSTANCE_CAP: usize = 64;

/// What a turn gave.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The session in which the turn ran.
    pub session: SessionId,
    /// What came out of the engine.
    pub outcome: Outcome,
}

/// A conversation as a turn finds it.
pub(super) struct Place {
    /// What names it.
    pub key: ConversationKey,
    /// Our id of the user.
    pub user: UserId,
    /// The stored version; 0 when there was none.
    pub version: i64,
    /// Milliseconds UTC.
    pub now: i64,
    /// The snapshot that answers; none for the draft.
    pub snapshot: Option<VersionId>,
    /// How long a session lives without a message, milliseconds.
    pub idle_ms: i64,
    /// Somebody who builds the agent talks to it.
    pub developer: bool,
}

/// Which conversation a turn belongs to, and on which copy of the agent it runs.
struct Seat {
    key: ConversationKey,
    draft: bool,
    developer: bool,
}

/// Runs one message of the webhook channel on the published copy of an agent. `instance` is the channel instance of the path;
/// the first one has none.
///
/// # Errors
/// [`codes::CHANNEL_TOKEN`] when the token speaks for another user; [`codes::BOT_NOT_PUBLISHED`]; [`codes::BOT_NOT_TRAINED`];
/// [`codes::CHANNEL_PAYLOAD`] for an instance that cannot be one; [`codes::CHANNEL_TIMEOUT`] after [`TURN_LIMIT`], the wait for
/// the turn before included, whichever node runs it.
pub async fn webhook(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    instance: Option<&str>,
    message: Inbound,
) -> Result<Answer> {
    message.check_visitor(&caller.visitor)?;
    let key = ConversationKey {
        account: caller.account.clone(),
        bot: bot.clone(),
        channel: WEBHOOK.to_owned(),
        instance: check_instance(instance)?,
        identity: message.identity.clone(),
    };
    let seat = Seat {
        key,
        draft: false,
        developer: false,
    };
    timed(ctx, seat, message).await
}

/// Runs one message of somebody who tries the agent out, on its draft or on the snapshot in force. Sessions and messages are marked
/// as a developer's.
///
/// # Errors
/// As [`webhook`]; on the draft the agent need not be published.
pub async fn trial(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    draft: bool,
    message: Inbound,
) -> Result<Answer> {
    let key = ConversationKey {
        account: caller.account.clone(),
        bot: bot.clone(),
        channel: TRIAL.to_owned(),
        instance: if draft { DRAFT } else { "published" }.to_owned(),
        identity: message.identity.clone(),
    };
    let seat = Seat {
        key,
        draft,
        developer: true,
    };
    timed(ctx, seat, message).await
}

/// One turn at a time per conversation, the wait for the one before included in the limit.
async fn timed(ctx: &Ctx, seat: Seat, message: Inbound) -> Result<Answer> {
    let until = Instant::now() + TURN_LIMIT;
    match tokio::time::timeout_at(until, run(ctx, seat, message, until)).await {
        Ok(done) => done,
        Err(_) => Err(Error::of(&codes::CHANNEL_TIMEOUT)),
    }
}

/// Each instance has conversations of its own; the first one has no name.
fn check_instance(instance: Option<&str>) -> Result<String> {
    let Some(instance) = instance else {
        return Ok(String::new());
    };
    let fits = !instance.is_empty()
        && instance.len() <= INSTANCE_CAP
        && instance
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    match fits {
        true => Ok(instance.to_owned()),
        false => Err(Error::of(&codes::CHANNEL_PAYLOAD).because("no id of a channel instance")),
    }
}

async fn run(ctx: &Ctx, seat: Seat, message: Inbound, until: Instant) -> Result<Answer> {
    let key = seat.key;
    let mut lease = Lease::queue(ctx, &key).await?;
    let newest = match seat.draft {
        true => Copy::Draft,
        false => published(ctx, &key.account, &key.bot).await?,
    };
    let newest = Speaker::load(ctx, &key, newest).await?;
    lease.wait().await?;
    let mut found = ctx.store().conversations().find(&key).await?;
    let begun = found.as_mut().and_then(|c| c.snapshot.take());
    let returning = found.is_some();
    let (user, version) = match &found {
        Some(known) => (known.user.clone(), known.version),
        None => (user_id(&key), 0),
    };
    let state = read_state(found)?;
    let gone = is_closed(ctx, &key.account, &state).await?;
    let over = gone || message.new_session;
    let speaker = match (begun, &state.session) {
        (Some(begun), Some(session)) if !over => newest.or_begun(ctx, &key, begun, session).await?,
        _ => newest,
    };
    let Speaker {
        copy,
        agent,
        models,
    } = speaker;
    let place = Place {
        user,
        version,
        snapshot: match copy {
            Copy::Version(version) => Some(version),
            Copy::Draft => None,
        },
        now: ctx.now(),
        idle_ms: i64::try_from(agent.session.inactive_ms).unwrap_or(i64::MAX / 2),
        developer: seat.developer,
        key,
    };
    let mut input = input(ctx, &place, message, returning).await?;
    input.new_session |= gone;
    let said = (input.kind == InputKind::Text).then(|| input.text.clone());
    let (handle, outbound) = (Handle::current(), ctx.parts.outbound.clone());
    let work = tokio::task::spawn_blocking(move || {
        let sandbox = script::Sandbox::new(script::Limits::default());
        let engine = Engine {
            agent: &agent,
            detector: &models,
            sandbox: &sandbox,
        };
        drive(engine, state, input, &handle, &outbound, until)
    });
    let outcome = work.await.map_err(Error::internal)??;
    let session = keep::turn(ctx, &place, said.as_deref(), &outcome, lease).await?;
    Ok(Answer { session, outcome })
}

/// Ends a session in the engine: runs the script that the agent has for it. `None`: it has none, or the conversation has gone on
/// without the session.
///
/// # Errors
/// When the store cannot be reached.
pub(super) async fn close(
    ctx: &Ctx,
    key: &ConversationKey,
    session: &Session,
) -> Result<Option<(Place, Outcome)>> {
    let Some(found) = ctx.store().conversations().find(key).await? else {
        return Ok(None);
    };
    let copy = match (&found.snapshot, session.instance == DRAFT) {
        (Some(begun), _) => Copy::Version(begun.clone()),
        (None, true) if session.developer => Copy::Draft,
        _ => match published(ctx, &key.account, &key.bot).await {
            Ok(copy) => copy,
            Err(e) if e.kind == Kind::Internal || e.kind == Kind::Unavailable => return Err(e),
            Err(_) => return Ok(None),
        },
    };
    let agent = definition::load(ctx, &key.account, &key.bot, &copy).await?;
    if agent.session.closing_script.is_none() {
        return Ok(None);
    }
    let place = Place {
        user: found.user.clone(),
        version: found.version,
        snapshot: None,
        now: ctx.now(),
        idle_ms: i64::try_from(agent.session.inactive_ms).unwrap_or(i64::MAX / 2),
        developer: session.developer,
        key: key.clone(),
    };
    let state = read_state(Some(found))?;
    if state.session.as_ref().map(|s| s.id.as_str()) != Some(session.id.as_str()) {
        return Ok(None);
    }
    let input = input(ctx, &place, Inbound::event(InputKind::Close, key), true).await?;
    let (handle, outbound) = (Handle::current(), ctx.parts.outbound.clone());
    let until = Instant::now() + TURN_LIMIT;
    let work = tokio::task::spawn_blocking(move || {
        let sandbox = script::Sandbox::new(script::Limits::default());
        let engine = Engine {
            agent: &agent,
            detector: &ByLanguage(HashMap::new()),
            sandbox: &sandbox,
        };
        drive(engine, state, input, &handle, &outbound, until)
    });
    let outcome = work.await.map_err(Error::internal)??;
    Ok(Some((place, outcome)))
}

/// Takes the engine from step to step; services are called from this thread.
fn drive(
    engine: Engine<'_>,
    state: ConversationState,
    input: Input,
    handle: &Handle,
    outbound: &Outbound,
    until: Instant,
) -> Result<Outcome> {
    let mut turn = engine.begin(state, input);
    loop {
        match turn.advance() {
            Step::Done(outcome) => return Ok(*outcome),
            Step::Call(request) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(Error::of(&codes::CHANNEL_TIMEOUT));
                }
                turn.supply(handle.block_on(call(outbound, request, left)));
            }
        }
    }
}

async fn call(
    outbound: &Outbound,
    request: ServiceRequest,
    left: Duration,
) -> std::result::Result<ServiceResponse, CallFailure> {
    let call = Call {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: request.body,
        timeout: Some(Duration::from_millis(request.timeout_ms).min(left)),
    };
    match outbound.send(call).await {
        Ok(answer) => Ok(ServiceResponse {
            status: answer.status,
            headers: answer.headers,
            body: answer.body.to_vec(),
        }),
        Err(CallError::Connection(_)) => Err(CallFailure::Connect),
        Err(CallError::Timeout) => Err(CallFailure::Timeout),
        Err(CallError::TooLarge) => Err(CallFailure::TooLarge),
        Err(CallError::Invalid(_)) => Err(CallFailure::Refused),
    }
}

async fn published(ctx: &Ctx, account: &AccountId, bot: &BotId) -> Result<Copy> {
    let row = ctx.store().agents().find(account, bot).await?;
    let row = row.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let version = row.published;
    version
        .map(Copy::Version)
        .ok_or_else(|| Error::of(&codes::BOT_NOT_PUBLISHED))
}

/// The copy of an agent that answers, with what that takes.
struct Speaker {
    copy: Copy,
    agent: Arc<::definition::Agent>,
    models: ByLanguage,
}

impl Speaker {
    async fn load(ctx: &Ctx, key: &ConversationKey, copy: Copy) -> Result<Self> {
        let agent = definition::load(ctx, &key.account, &key.bot, &copy).await?;
        let models = models(ctx, &key.account, &key.bot, &copy, &agent).await?;
        Ok(Self {
            copy,
            agent,
            models,
        })
    }

    /// The snapshot on which the session began, as long as the session lasts and the snapshot can be used; else this one.
    async fn or_begun(
        self,
        ctx: &Ctx,
        key: &ConversationKey,
        begun: VersionId,
        session: &dialog::Session,
    ) -> Result<Self> {
        let begun = Copy::Version(begun);
        if matches!(self.copy, Copy::Draft) || self.copy == begun {
            return Ok(self);
        }
        let one = match Self::load(ctx, key, begun).await {
            Ok(one) => one,
            // it was removed, or nothing here can read its models any more
            Err(e) if e.kind == Kind::NotFound || e.code == Some(&codes::BOT_NOT_TRAINED) => {
                return Ok(self);
            }
            Err(e) => return Err(e),
        };
        let idle = i64::try_from(one.agent.session.inactive_ms).unwrap_or(i64::MAX);
        match ctx.now() < session.last_activity_ms.saturating_add(idle) {
            true => Ok(one),
            false => Ok(self),
        }
    }
}

/// The models of an agent by language. A language without one finds nothing.
pub(crate) struct ByLanguage(HashMap<String, Arc<nlu::Model>>);

impl ByLanguage {
    /// There is a model of this language.
    pub(crate) fn has(&self, language: &str) -> bool {
        self.0.contains_key(language)
    }
}

impl Detector for ByLanguage {
    fn detect(&self, text: &str, language: &str, filter: &nlu::Filter) -> nlu::Detection {
        self.0
            .get(language)
            .map(|model| model.detect(text, filter))
            .unwrap_or_default()
    }

    fn wishes(&self, text: &str, language: &str, filter: &nlu::Filter) -> Vec<nlu::Wish> {
        self.0
            .get(language)
            .map(|model| model.wishes(text, filter))
            .unwrap_or_default()
    }

    fn spans(&self, text: &str, language: &str, intent: &str) -> Vec<nlu::Span> {
        self.0
            .get(language)
            .map(|model| model.spans(text, Some(intent)))
            .unwrap_or_default()
    }
}

/// Loads the models of a copy.
///
/// # Errors
/// [`codes::BOT_NOT_TRAINED`] when there is none of the default language.
pub(crate) async fn models(
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    agent: &::definition::Agent,
) -> Result<ByLanguage> {
    let mut models = HashMap::new();
    for language in agent.enabled_languages() {
        match training::model(ctx, account, bot, copy, language).await {
            Ok(model) => {
                models.insert(language.to_owned(), model);
            }
            // a language that was enabled without being trained does not stop the others
            Err(e) if e.code == Some(&codes::BOT_NOT_TRAINED) => {}
            Err(e) => return Err(e),
        }
    }
    match models.contains_key(&agent.default_language) {
        true => Ok(ByLanguage(models)),
        false => Err(Error::of(&codes::BOT_NOT_TRAINED)),
    }
}

/// Our id of a user: the same for everything the account knows this identity by, without a row that says so.
pub(super) fn user_id(key: &ConversationKey) -> UserId {
    let named = format!("user\u{1f}{}\u{1f}{}", key.account, key.identity);
    let mut b = [0u8; 16];
    b.copy_from_slice(&jose::fingerprint(named.as_bytes())[..16]);
    b[6] = (b[6] & 0x0f) | 0x50;
    b[8] = (b[8] & 0x3f) | 0x80;
    let hex: String = b.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    UserId::trusted(format!("{}{}", UserId::PREFIX, parts.join("-")))
}

fn read_state(found: Option<Conversation>) -> Result<ConversationState> {
    let Some(found) = found else {
        return Ok(ConversationState::default());
    };
    let state: ConversationState = serde_json::from_value(found.state).map_err(Error::internal)?;
    match state.version > dialog::STATE_VERSION {
        true => Err(Error::new(
            Kind::Unavailable,
            "The conversation was kept by a newer version",
        )),
        false => Ok(state),
    }
}

/// The session of the state was closed by the clock since the last turn, or its row is gone.
async fn is_closed(ctx: &Ctx, account: &AccountId, state: &ConversationState) -> Result<bool> {
    let Some(session) = &state.session else {
        return Ok(false);
    };
    let id = SessionId::trusted(&session.id);
    let row = ctx.store().sessions().find(account, &id).await?;
    Ok(row.is_none_or(|row| row.ended_at.is_some()))
}

async fn input(ctx: &Ctx, place: &Place, message: Inbound, returning: bool) -> Result<Input> {
    let tags = message.tags.iter().map(|(level, tag)| dialog::Tag {
        level: level.as_str().to_owned(),
        name: tag.name.clone(),
        value: tag.text(),
    });
    let mut seed = [0u8; 8];
    ctx.ids().fill(&mut seed);
    Ok(Input {
        kind: message.kind,
        tags: tags.collect(),
        text: message.text,
        now_ms: place.now,
        channel: place.key.channel.clone(),
        user: User {
            id: place.user.to_string(),
            profile: profile(&place.key, message.profile),
            returning,
        },
        custom_data: message.custom_data,
        new_session: message.new_session,
        session_id: SessionId::new(ctx.ids()).to_string(),
        seed: u64::from_le_bytes(seed),
        memory: memory(ctx, place).await?,
        ..Input::default()
    })
}

/// What `UserContext` shows.
fn profile(key: &ConversationKey, mut given: Map<String, Value>) -> Map<String, Value> {
    if let Some(email) = given.get("email").cloned() {
        given.entry("emailId").or_insert(email);
    }
    given.insert(
        "identities".into(),
        json!([{"type": key.channel, "val": key.identity}]),
    );
    given
}

async fn memory(ctx: &Ctx, place: &Place) -> Result<Memory> {
    let mut memory = Memory::default();
    for (into, scope) in [
        (&mut memory.user_session, dialog::Scope::UserSession),
        (&mut memory.bot_context, dialog::Scope::BotContext),
        (
            &mut memory.enterprise_context,
            dialog::Scope::EnterpriseContext,
        ),
    ] {
        let (scope, bot, owner) = shelf(place, scope);
        let variables = ctx.store().variables();
        let found = variables
            .list(&place.key.account, scope, bot, &owner, place.now)
            .await?;
        into.extend(found.into_iter().map(|v| (v.name, v.value)));
    }
    Ok(memory)
}

/// Where the store keeps a memory of the engine.
pub(super) fn shelf(
    place: &Place,
    scope: dialog::Scope,
) -> (VariableScope, Option<&BotId>, String) {
    match scope {
        dialog::Scope::UserSession => (VariableScope::UserSession, None, place.user.to_string()),
        dialog::Scope::BotContext => {
            let bot = &place.key.bot;
            (VariableScope::Bot, Some(bot), bot.to_string())
        }
        dialog::Scope::EnterpriseContext => (VariableScope::Enterprise, None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(account: &str, identity: &str) -> ConversationKey {
        ConversationKey {
            account: AccountId::trusted(account),
            bot: BotId::trusted("st-1"),
            channel: WEBHOOK.into(),
            instance: String::new(),
            identity: identity.into(),
        }
    }

    #[test]
    fn an_identity_is_one_user_in_its_account_and_another_elsewhere() {
        let id = user_id(&key("a", "ann"));
        assert_eq!(id, user_id(&key("a", "ann")));
        assert_ne!(id, user_id(&key("b", "ann")));
        assert_ne!(id, user_id(&key("a", "bob")));
        assert_eq!(UserId::parse(id.as_str()), Some(id));
    }

    #[test]
    fn each_instance_has_conversations_of_its_own() {
        assert_eq!(check_instance(None).expect("short form"), "");
        assert_eq!(check_instance(Some("hi-1")).expect("instance"), "hi-1");
        for text in ["", "a/b", "a b", &"x".repeat(65)] {
            assert!(check_instance(Some(text)).is_err(), "{text}");
        }
    }
}
