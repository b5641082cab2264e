//! An agent from import to a found intent.

use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::accounts,
    definition::{self as agents, Publish},
    runtime::outbound::{Outbound, Reach},
    training::{
        self,
        find_intent::{Answer, Query, find_intent},
    },
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use types::{Clock, Error, FixedClock, RandomIds, Secret, codes, id::BotId};

const NOW: i64 = 1_800_000_000_000;

/// A store that counts how often it is asked.
struct Counting {
    inner: store_sql::SqlStore,
    asked: Arc<AtomicUsize>,
}

macro_rules! counted {
    ($($name:ident: $family:ident),* $(,)?) => {
        impl store::Families for Counting {
            $(fn $name(&self) -> &dyn store::$family {
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.inner.$name()
            })*
        }
    };
}

counted!(
    grants: Grants,
    data_grants: DataGrants,
    accesses: Accesses,
    platform_keys: PlatformKeys,
    accounts: Accounts,
    users: Users,
    logins: Logins,
    passkeys: Passkeys,
    apps: Apps,
    links: Links,
    mappings: Mappings,
    agents: Agents,
    definitions: Definitions,
    versions: Versions,
    models: Models,
    jobs: Jobs,
    files: Files,
    conversations: Conversations,
    sessions: Sessions,
    messages: Messages,
    debug_logs: DebugLogs,
    variables: Variables,
    audit: AuditLog,
    meta: Meta,
    batch_tests: BatchTests,
    extractions: Extractions,
    conversation_tests: ConversationTests,
);

#[async_trait::async_trait]
impl store::Store for Counting {
    async fn begin(&self) -> types::Result<Box<dyn store::Tx>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.inner.begin().await
    }
    async fn ping(&self) -> types::Result<()> {
        self.inner.ping().await
    }
    fn generation(&self) -> u64 {
        self.inner.generation()
    }
}

struct World {
    asked: Arc<AtomicUsize>,
    ctx: Ctx,
    caller: Caller,
    bot: BotId,
    _dir: tempfile::TempDir,
}

async fn account(ctx: &Ctx, email: &str) -> Caller {
    let new = accounts::NewAccount {
        name: email.into(),
        email: email.into(),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    Caller::cli(accounts::create(ctx, new).await.unwrap().0.id)
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = Counting {
        inner: sql,
        asked: Arc::clone(&asked),
    };
    let ctx = Ctx::new(Parts {
        store: Arc::new(counting),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::new(FixedClock::at(NOW)) as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    });
    let caller = account(&ctx, "ann@example.com").await;
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
    let package = definition::read_path(&sample).unwrap();
    let bot = agents::import(&ctx, &caller, package, None)
        .await
        .unwrap()
        .bot;
    World {
        asked,
        ctx,
        caller,
        bot,
        _dir: dir,
    }
}

impl World {
    async fn ask(&self, query: Query) -> Result<Answer, Error> {
        find_intent(&self.ctx, &self.caller, &self.bot, query).await
    }
    async fn refused(&self, query: Query) -> Error {
        self.ask(query).await.expect_err("refused")
    }
}

fn draft(input: &str) -> Query {
    Query {
        input: input.into(),
        stream_name: "any".into(),
        configured: true,
        ..Query::default()
    }
}

fn published(input: &str) -> Query {
    Query {
        configured: false,
        ..draft(input)
    }
}

fn code(error: &Error) -> Option<&'static str> {
    error.code.map(|code| code.name)
}

#[tokio::test]
async fn an_agent_finds_intents_only_once_it_is_trained_and_published() {
    let w = world().await;
    let line = "track a parcel";
    let refused = w.refused(published(line)).await;
    assert_eq!(code(&refused), Some(codes::BOT_NOT_PUBLISHED.name));
    let refused = w.refused(draft(line)).await;
    assert_eq!(code(&refused), Some(codes::BOT_NOT_TRAINED.name));

    assert!(
        training::train(&w.ctx, &w.caller, &w.bot, "en")
            .await
            .unwrap()
    );
    let of_draft = w.ask(draft(line)).await.unwrap();
    assert_eq!(of_draft.response.result, "successintent");
    assert_eq!(of_draft.response.sub_type, Some("dialog"));
    assert_eq!(of_draft.response.intent_status, "configured");
    let id = of_draft.response.task_id.clone().unwrap();
    assert!(id.starts_with("dg-"), "{id}");
    assert_eq!(of_draft.response.final_resolver.winning_intent.len(), 1);
    let refused = w.refused(published(line)).await;
    assert_eq!(code(&refused), Some(codes::BOT_NOT_PUBLISHED.name));

    agents::publish(&w.ctx, &w.caller, &w.bot, &Publish::default())
        .await
        .unwrap();
    let in_force = w.ask(published(line)).await.unwrap();
    assert_eq!(in_force.response.intent_status, "published");
    assert_eq!(in_force.response.task, of_draft.response.task);
}

#[tokio::test]
async fn the_same_inputs_are_not_trained_twice() {
    let w = world().await;
    let languages = training::train_all(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap();
    assert_eq!(languages, 2);
    assert_eq!(
        training::train_all(&w.ctx, &w.caller, &w.bot)
            .await
            .unwrap(),
        0
    );
    let row = agents::get(&w.ctx, &w.caller, &w.bot).await.unwrap();
    assert_eq!(row.trained.len(), 2);
    let unknown = training::train(&w.ctx, &w.caller, &w.bot, "xx").await;
    assert_eq!(unknown.expect_err("refused").fields[0].field, "language");
}

#[tokio::test]
async fn faqs_small_talk_and_nonsense_are_told_apart() {
    let w = world().await;
    training::train(&w.ctx, &w.caller, &w.bot, "en")
        .await
        .unwrap();
    let faq = w.ask(draft("How large may a parcel be")).await.unwrap();
    assert_eq!(faq.response.sub_type, Some("faq"));
    assert_eq!(
        faq.response.task.as_deref(),
        Some("How large may a parcel be")
    );
    assert_eq!(
        faq.response.task_id.as_deref(),
        Some("131d0610-5c7d-5277-8292-6d4689623df3")
    );
    let talk = w.ask(draft("thanks")).await.unwrap();
    assert_eq!(talk.response.sub_type, Some("smalltalk"));
    let nothing = w.ask(draft("xyzzy plugh")).await.unwrap();
    let wire = serde_json::to_value(&nothing).unwrap();
    assert_eq!(wire["response"]["result"], "failintent");
    assert_eq!(
        wire["response"]["finalResolver"]["winningIntent"],
        serde_json::json!([])
    );
    assert!(wire["response"].get("taskId").is_none());
}

#[tokio::test]
async fn wrong_language_wrong_parent_and_another_account_are_refused() {
    let w = world().await;
    training::train(&w.ctx, &w.caller, &w.bot, "en")
        .await
        .unwrap();
    w.ask(draft("track a parcel")).await.unwrap();
    let mut query = draft("track a parcel");
    query.language = Some("xx".into());
    assert_eq!(
        w.refused(query.clone()).await.fields[0].field,
        "bot-language"
    );
    query.language = Some("es".into());
    assert_eq!(
        code(&w.refused(query).await),
        Some(codes::BOT_NOT_TRAINED.name)
    );
    let mut query = draft("track a parcel");
    query.parent = Some("no such intent".into());
    assert_eq!(w.refused(query).await.fields[0].field, "parentIntent");
    let other = account(&w.ctx, "bob@example.com").await;
    let refused = find_intent(&w.ctx, &other, &w.bot, draft("track a parcel")).await;
    assert_eq!(
        code(&refused.expect_err("refused")),
        Some(codes::BOT_NOT_FOUND.name)
    );
}

#[tokio::test]
async fn a_second_question_asks_the_store_nothing_until_the_agent_changes() {
    let w = world().await;
    agents::publish(&w.ctx, &w.caller, &w.bot, &Publish::default())
        .await
        .unwrap();
    for configured in [true, false] {
        let mut query = draft("track a parcel");
        query.configured = configured;
        w.ask(query.clone()).await.unwrap();
        let before = w.asked.load(Ordering::Relaxed);
        assert!(before > 0);
        w.ask(query).await.unwrap();
        assert_eq!(w.asked.load(Ordering::Relaxed), before);
    }
    agents::publish(&w.ctx, &w.caller, &w.bot, &Publish::default())
        .await
        .unwrap();
    let before = w.asked.load(Ordering::Relaxed);
    w.ask(published("track a parcel")).await.unwrap();
    assert!(w.asked.load(Ordering::Relaxed) > before);
}

fn described(text: &str) -> impl Fn(&mut definition::Package) -> Result<(), Error> + use<> {
    let text = text.to_owned();
    move |package| {
        let agent = &mut package.definition;
        agent["seen"] = match agent["seen"].as_str() {
            Some(before) => format!("{before},{text}").into(),
            None => text.clone().into(),
        };
        Ok(())
    }
}

fn edit(action: &'static str) -> agents::draft::Edit {
    agents::draft::Edit {
        action,
        details: serde_json::json!({}),
    }
}

async fn rows(w: &World, action: &str) -> usize {
    let filter = store::AuditFilter {
        action: Some(action.to_owned()),
        ..Default::default()
    };
    let page = types::page::PageIn {
        limit: 100,
        cursor: None,
    };
    let rows = w
        .ctx
        .store()
        .audit()
        .list(&w.caller.account, &filter, &page);
    rows.await.unwrap().items.len()
}

#[tokio::test]
async fn edits_at_once_all_take_effect_and_stand_in_the_change_log() {
    let w = world().await;
    let one = |text: &str| {
        let (ctx, caller, bot, change) = (
            w.ctx.clone(),
            w.caller.clone(),
            w.bot.clone(),
            described(text),
        );
        async move { agents::draft::edit(&ctx, &caller, &bot, &edit("test.edit"), change).await }
    };
    let (a, b, c) = tokio::join!(one("a"), one("b"), one("c"));
    a.and(b).and(c).unwrap();
    let (_, package) = agents::draft::open(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap();
    let seen = package.definition["seen"].as_str().unwrap();
    let mut parts: Vec<_> = seen.split(',').collect();
    parts.sort_unstable();
    assert_eq!(parts, ["a", "b", "c"]);
    assert_eq!(rows(&w, "test.edit").await, 3);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_or_fails_writes_nothing() {
    let w = world().await;
    agents::draft::edit(&w.ctx, &w.caller, &w.bot, &edit("test.same"), |_| Ok(()))
        .await
        .unwrap();
    let what = edit("test.same");
    let refused = agents::draft::edit(&w.ctx, &w.caller, &w.bot, &what, |package| {
        package.definition["seen"] = "half".into();
        Err::<(), _>(Error::field("seen", "must not be"))
    });
    assert!(refused.await.is_err());
    assert_eq!(rows(&w, "test.same").await, 0);
    let (_, package) = agents::draft::open(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap();
    assert!(package.definition.get("seen").is_none());
    let other = account(&w.ctx, "eve@example.com").await;
    let foreign =
        agents::draft::edit(&w.ctx, &other, &w.bot, &edit("test.same"), described("x")).await;
    assert_eq!(code(&foreign.unwrap_err()), Some(codes::BOT_NOT_FOUND.name));
}
