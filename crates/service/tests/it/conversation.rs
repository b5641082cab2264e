//! A published agent in conversation: turns, what is kept of them, and who may speak for whom.

use kv::{Held, Locks, MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::accounts,
    definition as agents,
    runtime::{
        closing,
        inbound::Inbound,
        outbound::{Outbound, Reach},
        turn::{self, Answer},
    },
};
use std::sync::Arc;
use store::{Direction, MessageFilter, SessionFilter};
use types::{Clock, FixedClock, RandomIds, Result, Secret, id::BotId};

const NOW: i64 = 1_800_000_000_000;

pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<FixedClock>,
    pub caller: Caller,
    pub bot: BotId,
    _dir: tempfile::TempDir,
}

pub fn words(text: &str) -> Value {
    json!([{"channel": "default", "localeData": {"en": {"text": text, "type": "basic"}}}])
}

/// Asks for a number of parcels, calls a service, and repeats the number.
pub fn package() -> ::definition::Package {
    let component = |id: &str, kind: &str, mut more: Value| {
        for (key, value) in [("_id", id), ("refId", id), ("type", kind), ("name", id)] {
            more[key] = json!(value);
        }
        more
    };
    let node = |id: &str, kind: &str, of: &str, to: &str| json!({"nodeId": id, "type": kind, "componentId": of, "transitions": [{"default": to}]});
    let intent = json!({"dialogId": "dg-book", "localeData": {"en": {"intent": "book pickup"}}});
    let ask = json!({"entityType": "number", "message": words("How many parcels?"),
        "errorMessage": words("Say a number."), "localeData": {"en": {"label": "amount"}}});
    let script = "BotContext.put('last', context.entities.amount, 100); \
        koreDebugger.log('booked');";
    let definition = json!({
        "_id": "st-1", "defaultLanguage": "en", "supportedLanguages": ["en"],
        "localeData": {"en": {"name": "Pickup"}}, "sessionInactiveTime": 900_000,
        "dialogs": [{"_id": "dg-book", "refId": "ref-book", "lname": "book pickup",
            "localeData": {"en": {"name": "Book pickup"}},
            "nodes": [
                node("intent0", "intent", "dc-book", "amount"),
                node("amount", "entity", "amount", "keep"),
                node("keep", "script", "keep", "said"),
                node("said", "message", "said", "end"),
            ]}],
        "dialogComponents": [
            component("dc-book", "intent", intent),
            component("amount", "entity", ask),
            component("keep", "script", json!({"script": script})),
            component("said", "message", json!({"message": words("Booked {{context.entities.amount}}.")})),
        ],
    });
    let mut package = ::definition::Package {
        definition,
        definition_name: "botDefinition.json".into(),
        ..::definition::Package::default()
    };
    package.definition["dialogComponents"][0]["name"] = json!("book pickup");
    package
}

pub async fn world() -> World {
    world_with(Arc::new(MemoryLocks::default())).await
}

async fn world_of(package: ::definition::Package) -> World {
    world_with_package(Arc::new(MemoryLocks::default()), package).await
}

async fn world_with(locks: Arc<dyn Locks>) -> World {
    world_with_package(locks, package()).await
}

async fn world_with_package(locks: Arc<dyn Locks>, package: ::definition::Package) -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let vault = Arc::new(crypt::MasterKey::generate());
    let clock = Arc::new(FixedClock::at(NOW));
    let ctx = node(Arc::new(sql), locks, vault, clock.clone(), Reach::Off);
    world_on(ctx, clock, dir, package).await
}

/// A process of its own on a store.
pub fn node(
    store: Arc<store_sql::SqlStore>,
    locks: Arc<dyn Locks>,
    vault: Arc<crypt::MasterKey>,
    clock: Arc<FixedClock>,
    reach: Reach,
) -> Ctx {
    Ctx::new(Parts {
        store,
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks,
        vault,
        clock: clock as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(reach),
        settings: Settings::default(),
    })
}

pub async fn world_on(
    ctx: Ctx,
    clock: Arc<FixedClock>,
    dir: tempfile::TempDir,
    package: ::definition::Package,
) -> World {
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(&ctx, new).await.unwrap();
    let caller = Caller::cli(account.id);
    let imported = agents::import(&ctx, &caller, package, None).await.unwrap();
    World {
        ctx,
        clock,
        caller,
        bot: imported.bot,
        _dir: dir,
    }
}

impl World {
    pub async fn publish(&self) {
        let ask = agents::Publish::default();
        agents::publish(&self.ctx, &self.caller, &self.bot, &ask)
            .await
            .unwrap();
    }
    pub async fn say(&self, body: Value) -> Result<Answer> {
        let inbound = Inbound::read(&body).unwrap();
        turn::webhook(&self.ctx, &self.caller, &self.bot, None, inbound).await
    }
    pub async fn texts(&self, user: &str, text: &str) -> Vec<String> {
        let body = json!({"message": {"text": text}, "from": {"id": user}});
        let answer = self.say(body).await.unwrap();
        let texts = answer.outcome.messages.iter();
        texts.map(|m| m.text().unwrap().to_owned()).collect()
    }
    async fn sessions(&self) -> Vec<store::Session> {
        let filter = SessionFilter {
            limit: 10,
            ..SessionFilter::default()
        };
        let sessions = self.ctx.store().sessions();
        sessions
            .list(&self.caller.account, &filter)
            .await
            .unwrap()
            .0
    }
}

#[tokio::test]
async fn an_agent_that_is_not_published_does_not_answer() {
    let world = world().await;
    let body = json!({"message": {"text": "hello"}, "from": {"id": "ann"}});
    let error = world.say(body).await.unwrap_err();
    assert_eq!(error.message, "Bot is not published");
}

#[tokio::test]
async fn a_task_goes_on_over_turns_and_everything_of_it_is_kept() {
    let world = world().await;
    world.publish().await;
    assert_eq!(
        world.texts("ann", "book pickup").await,
        ["How many parcels?"]
    );
    assert_eq!(world.sessions().await[0].containment, None);
    let body = json!({"message": {"text": "3"}, "from": {"id": "ann"},
        "metaTags": {"sessionLevelTags": [{"name": "shop", "value": "west"}]}});
    let answer = world.say(body).await.unwrap();
    assert_eq!(answer.outcome.messages[0].text(), Some("Booked 3."));
    let end = answer.outcome.end_of_task.unwrap();
    assert_eq!(
        (end.task_id.as_str(), end.reason.wire()),
        ("dg-book", "Fulfilled")
    );

    let sessions = world.sessions().await;
    assert_eq!(sessions.len(), 1);
    let session = &sessions[0];
    assert_eq!(
        (session.messages, session.tasks, session.interactive),
        (4, 1, true)
    );
    assert_eq!(session.containment.as_deref(), Some("selfService"));
    assert_eq!(session.session_tags[0].text(), "west");

    let filter = MessageFilter {
        user: Some("ann".into()),
        forward: true,
        limit: 10,
        ..MessageFilter::default()
    };
    let store = world.ctx.store();
    let account = &world.caller.account;
    let (messages, _) = store.messages().list(account, &filter).await.unwrap();
    let seen: Vec<_> = messages
        .iter()
        .map(|m| {
            (
                m.direction,
                m.components[0]["data"]["text"].as_str().unwrap(),
            )
        })
        .collect();
    let (user, agent) = (Direction::Incoming, Direction::Outgoing);
    assert_eq!(
        seen,
        [
            (user, "book pickup"),
            (agent, "How many parcels?"),
            (user, "3"),
            (agent, "Booked 3.")
        ]
    );

    let owner = world.bot.as_str();
    let kept = store
        .variables()
        .list(
            account,
            store::VariableScope::Bot,
            Some(&world.bot),
            owner,
            NOW,
        )
        .await
        .unwrap();
    assert_eq!((kept[0].name.as_str(), &kept[0].value), ("last", &json!(3)));
    let logs = store
        .debug_logs()
        .list(account, &world.bot, Some(&answer.session), 10);
    assert!(
        logs.await
            .unwrap()
            .iter()
            .any(|line| line.text.contains("booked"))
    );
}

#[tokio::test]
async fn a_new_session_on_demand_or_after_the_clock_closed_one_forgets_the_task() {
    let world = world().await;
    world.publish().await;
    world.texts("ann", "book pickup").await;
    world.clock.advance(1_000);
    let body = json!({"message": {"text": "3"}, "from": {"id": "ann"}, "session": {"new": true}});
    let answer = world.say(body).await.unwrap();
    assert_ne!(answer.outcome.messages[0].text(), Some("Booked 3."));
    let sessions = world.sessions().await;
    assert_eq!(
        (sessions.len(), sessions[1].ended_at),
        (2, Some(NOW + 1_000))
    );
    assert_eq!(sessions[1].containment.as_deref(), Some("dropOff"));

    world.texts("ann", "book pickup").await;
    world.clock.advance(900_000);
    assert_eq!(closing::close_due(&world.ctx).await.unwrap(), 1);
    assert_ne!(world.texts("ann", "3").await, ["Booked 3."]);
    assert_eq!(world.sessions().await.len(), 3);
}

#[tokio::test]
async fn a_client_that_connects_is_greeted_in_a_session_that_is_not_interactive_until_something_is_said()
 {
    let mut package = package();
    package.definition["botEvents"] = json!({"ON_CONNECT_EVENT": {"enabled": true, "action": "showMsg", "msg": words("Welcome!")}});
    let world = world_of(package).await;
    world.publish().await;
    let connect = json!({"session": {"new": true}, "message": {"type": "event", "val": "ON_CONNECT"}, "from": {"id": "ann"}});
    let answer = world.say(connect).await.unwrap();
    assert_eq!(answer.outcome.messages[0].text(), Some("Welcome!"));
    let session = world.sessions().await.remove(0);
    assert_eq!((session.interactive, session.messages), (false, 1));
    assert_eq!(
        world.texts("ann", "book pickup").await,
        ["How many parcels?"]
    );
    let session = world.sessions().await.remove(0);
    assert_eq!((session.interactive, session.messages), (true, 3));
}

#[tokio::test]
async fn the_closing_script_runs_when_the_clock_closes_a_session() {
    let mut package = package();
    package.definition["runCustomScript"] = json!({"enable": true,
        "script": "BotContext.put('left', context.session.BotUserSession.lastMessage.messagePayload.message.body); koreDebugger.log('closing')"});
    let world = world_of(package).await;
    world.publish().await;
    world.texts("ann", "book pickup").await;
    let session = world.sessions().await.remove(0);
    world.clock.advance(900_000);
    assert_eq!(closing::close_due(&world.ctx).await.unwrap(), 1);
    assert_eq!(closing::close_due(&world.ctx).await.unwrap(), 0);
    assert_eq!(world.sessions().await[0].ended_at, Some(NOW + 900_000));
    let (store, account) = (world.ctx.store(), &world.caller.account);
    let scope = store::VariableScope::Bot;
    let kept = store.variables().list(
        account,
        scope,
        Some(&world.bot),
        world.bot.as_str(),
        world.ctx.now(),
    );
    let kept = kept.await.unwrap();
    assert_eq!((kept[0].name.as_str(), kept.len()), ("left", 1));
    let lines = store
        .debug_logs()
        .list(account, &world.bot, Some(&session.id), 10);
    let lines = lines.await.unwrap();
    assert_eq!(
        lines.iter().filter(|l| l.text.contains("closing")).count(),
        1
    );
    assert_ne!(
        world.texts("ann", "3").await,
        ["Booked 3."],
        "the task has gone with its session"
    );
}

#[tokio::test]
async fn two_messages_at_once_of_one_user_run_one_after_the_other_and_users_stay_apart() {
    let world = world().await;
    world.publish().await;
    let (a, b, other) = tokio::join!(
        world.texts("ann", "book pickup"),
        world.texts("ann", "3"),
        world.texts("bob", "3"),
    );
    assert_eq!(
        (a, b),
        (
            vec!["How many parcels?".into()],
            vec!["Booked 3.".to_owned()]
        )
    );
    assert_ne!(other, ["Booked 3."]);
}

#[tokio::test]
async fn a_token_for_one_user_does_not_speak_for_another() {
    let mut world = world().await;
    world.publish().await;
    world.caller.visitor.identity = Some("bob".into());
    let body = json!({"message": {"text": "book pickup"}, "from": {"id": "ann"}});
    let error = world.say(body).await.unwrap_err();
    assert_eq!(error.message, "Invalid Access token");
    assert!(world.sessions().await.is_empty());
}

#[tokio::test]
async fn an_instance_of_the_channel_has_conversations_of_its_own_and_is_the_same_channel() {
    let world = world().await;
    world.publish().await;
    world.texts("ann", "book pickup").await;
    let body = json!({"message": {"text": "3"}, "from": {"id": "ann"}});
    let inbound = Inbound::read(&body).unwrap();
    let answer = turn::webhook(&world.ctx, &world.caller, &world.bot, Some("hi-2"), inbound)
        .await
        .unwrap();
    assert_ne!(answer.outcome.messages[0].text(), Some("Booked 3."));
    let filter = SessionFilter {
        channel: Some("ivr".into()),
        limit: 10,
        ..SessionFilter::default()
    };
    let sessions = world.ctx.store().sessions();
    let (found, _) = sessions.list(&world.caller.account, &filter).await.unwrap();
    let mut instances: Vec<_> = found.iter().map(|s| s.instance.as_str()).collect();
    instances.sort_unstable();
    assert_eq!(instances, ["", "hi-2"]);
    world.clock.advance(900_000);
    assert_eq!(closing::close_due(&world.ctx).await.unwrap(), 2);
}

/// Two processes on one PostgreSQL, each with locks of its own; none when PostgreSQL is not installed.
pub async fn two_nodes() -> Option<(World, World, Arc<store_sql::SqlStore>)> {
    let url = testkit::postgres()?;
    let vault = Arc::new(crypt::MasterKey::generate());
    let clock = Arc::new(FixedClock::at(NOW));
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let dir = tempfile::tempdir().unwrap();
        let store = store_sql::SqlStore::connect(&url, Some(dir.path()));
        let store = Arc::new(store.await.unwrap());
        let locks = Arc::new(MemoryLocks::default());
        let ctx = node(
            store.clone(),
            locks,
            vault.clone(),
            clock.clone(),
            Reach::Off,
        );
        nodes.push((ctx, store, dir));
    }
    let (other, _, other_dir) = nodes.pop().unwrap();
    let (ctx, store, dir) = nodes.pop().unwrap();
    let world = world_on(ctx, clock.clone(), dir, package()).await;
    let twin = World {
        ctx: other,
        clock,
        caller: world.caller.clone(),
        bot: world.bot.clone(),
        _dir: other_dir,
    };
    Some((world, twin, store))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn turns_of_one_conversation_on_two_nodes_wait_for_each_other() {
    let Some((one, two, _store)) = two_nodes().await else {
        return;
    };
    one.publish().await;
    let body = |n: usize| json!({"message": {"text": format!("line {n}")}, "from": {"id": "ann"}});
    let mut turns = Vec::new();
    for n in 0..12 {
        let node = if n % 2 == 0 { &one } else { &two };
        turns.push(node.say(body(n)));
    }
    for done in futures::future::join_all(turns).await {
        done.unwrap();
    }
    let sessions = one.sessions().await;
    assert_eq!(sessions.len(), 1);
    let said = one
        .ctx
        .store()
        .messages()
        .list(
            &one.caller.account,
            &MessageFilter {
                user: Some("ann".into()),
                forward: true,
                limit: 100,
                ..MessageFilter::default()
            },
        )
        .await
        .unwrap()
        .0;
    let incoming = said.iter().filter(|m| m.direction == Direction::Incoming);
    assert_eq!(incoming.count(), 12);
    assert_eq!(sessions[0].messages, i64::try_from(said.len()).unwrap());
}

#[tokio::test]
async fn the_clock_leaves_a_session_whose_turn_runs_and_a_dead_node_holds_nobody_for_long() {
    let Some((one, two, store)) = two_nodes().await else {
        return;
    };
    one.publish().await;
    one.texts("ann", "book pickup").await;
    let key = store::ConversationKey {
        account: one.caller.account.clone(),
        bot: one.bot.clone(),
        channel: "ivr".into(),
        instance: String::new(),
        identity: "ann".into(),
    };
    one.clock.advance(900_000);
    let now = one.ctx.now();
    let families: &dyn store::Families = &*store;
    let leased = families
        .conversations()
        .lease(&key, "gone", now, now + 16_000);
    assert!(leased.await.unwrap());
    assert_eq!(closing::close_due(&two.ctx).await.unwrap(), 0);
    two.clock.advance(16_000);
    assert_eq!(closing::close_due(&two.ctx).await.unwrap(), 1);
    assert_eq!(two.texts("ann", "book pickup").await, ["How many parcels?"]);
}

#[tokio::test]
async fn a_turn_that_fails_gives_the_conversation_back() {
    let world = world().await;
    world.publish().await;
    world.texts("ann", "book pickup").await;
    let key = store::ConversationKey {
        account: world.caller.account.clone(),
        bot: world.bot.clone(),
        channel: "ivr".into(),
        instance: String::new(),
        identity: "ann".into(),
    };
    let store = world.ctx.store();
    let mut kept = store.conversations().find(&key).await.unwrap().unwrap();
    kept.state = json!({"version": dialog::STATE_VERSION + 1});
    store.conversations().save(&kept).await.unwrap();
    let body = json!({"message": {"text": "3"}, "from": {"id": "ann"}});
    let error = world.say(body.clone()).await.unwrap_err();
    assert_eq!(error.kind, types::Kind::Unavailable);
    kept.version += 1;
    kept.state = json!({});
    store.conversations().save(&kept).await.unwrap();
    // the clock stands still: were the lease still taken, this would time out
    assert!(world.say(body).await.is_ok());
}

/// The turn before never ends.
struct Taken;

#[async_trait::async_trait]
impl Locks for Taken {
    async fn lock(&self, _: &str) -> types::Result<Box<dyn Held>> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn after_fifteen_seconds_the_answer_is_a_timeout_and_nothing_is_kept() {
    let world = world_with(Arc::new(Taken)).await;
    world.publish().await;
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    let body = json!({"message": {"text": "book pickup"}, "from": {"id": "ann"}});
    let error = world.say(body).await.unwrap_err();
    let waited = begin.elapsed();
    tokio::time::resume();
    assert_eq!(error.message, "The request has been timed-out");
    assert_eq!(error.code.unwrap().status, 504);
    assert!(waited >= turn::TURN_LIMIT && waited < turn::TURN_LIMIT * 2);
    assert!(world.sessions().await.is_empty());
}
