//! The rules of the store, on both back ends.

use serde_json::json;
use std::sync::Arc;
use store::*;
use store_sql::SqlStore;
use types::{Kind, RandomIds, id::*, page::PageIn};

/// Runs a rule on SQLite and, where it is installed, on PostgreSQL.
async fn both<F: Future<Output = ()>>(rule: impl Fn(Arc<SqlStore>) -> F) {
    let dir = tempfile::tempdir().expect("a directory");
    rule(Arc::new(
        SqlStore::in_dir(dir.path()).await.expect("SQLite opens"),
    ))
    .await;
    if let Some(url) = testkit::postgres() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Arc::new(
            SqlStore::connect(&url, Some(dir.path()))
                .await
                .expect("PostgreSQL opens"),
        );
        rule(store.clone()).await;
        store.close().await;
    }
}

async fn account(store: &dyn Families, name: &str) -> AccountId {
    let id = AccountId::new(&RandomIds);
    let account = Account {
        id: id.clone(),
        name: name.into(),
        settings: json!({"b": 1, "a": 2}),
        created_at: 1,
        updated_at: 1,
    };
    store.accounts().add(&account).await.expect("added");
    assert_eq!(
        store.accounts().find(&id).await.expect("read"),
        Some(account)
    );
    id
}

async fn agent(store: &dyn Families, account: &AccountId, name: &str) -> BotId {
    let agent = Agent {
        bot: BotId::new(&RandomIds),
        account: account.clone(),
        name: name.into(),
        description: String::new(),
        languages: vec!["en".into()],
        draft_digest: "d".into(),
        trained: Default::default(),
        published: None,
        dialogs: 1,
        intents: 2,
        faqs: 3,
        report: json!({}),
        extra: json!({}),
        created_at: 1,
        updated_at: 1,
    };
    store.agents().add(&agent).await.expect("added");
    assert_eq!(
        store
            .agents()
            .find(account, &agent.bot)
            .await
            .expect("read"),
        Some(agent.clone())
    );
    agent.bot
}

async fn app(store: &dyn Families, account: &AccountId, name: &str) -> types::Result<ClientId> {
    let app = App {
        client_id: ClientId::new(&RandomIds),
        account: account.clone(),
        kind: "platform".into(),
        name: name.into(),
        algorithm: "HS256".into(),
        enforce_jti: false,
        enforce_jwe: false,
        sdk_tokens: false,
        anonymous: false,
        secret: vec![1, 0, 255],
        previous_secret: None,
        public_key: None,
        previous_public_key: None,
        previous_until: None,
        payload: None,
        enforce_payload: false,
        enabled: true,
        created_at: 1,
        updated_at: 1,
        last_used_at: None,
    };
    store.apps().add(&app).await?;
    assert_eq!(
        store.apps().find_any(&app.client_id).await?,
        Some(app.clone())
    );
    Ok(app.client_id)
}

fn job(account: &AccountId, at: i64) -> NewJob {
    NewJob {
        id: JobId::with_prefix("bir-", &RandomIds),
        kind: "import".into(),
        account: account.clone(),
        bot: None,
        payload: vec![7],
        created_by: "u".into(),
        run_at: at,
        created_at: at,
    }
}

#[tokio::test]
async fn a_draft_is_replaced_only_while_it_is_the_one_that_was_read() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let bot = agent(&*store, &a, "x").await;
        let mut row = store
            .agents()
            .find(&a, &bot)
            .await
            .expect("read")
            .expect("there");
        row.draft_digest = "e".into();
        assert!(
            !store
                .agents()
                .set_draft(&row, "other")
                .await
                .expect("asked")
        );
        assert!(store.agents().set_draft(&row, "d").await.expect("set"));
        assert!(!store.agents().set_draft(&row, "d").await.expect("asked"));
        let now = store
            .agents()
            .find(&a, &bot)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(now.draft_digest, "e");
        row.account = account(&*store, "B").await;
        assert!(!store.agents().set_draft(&row, "e").await.expect("asked"));
    })
    .await;
}

#[tokio::test]
async fn another_accounts_rows_answer_as_missing() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        let (bot, client) = (
            agent(&*store, &a, "x").await,
            app(&*store, &a, "x").await.expect("added"),
        );
        assert_eq!(store.agents().find(&b, &bot).await.expect("read"), None);
        assert_eq!(store.apps().find(&b, &client).await.expect("read"), None);
        assert!(!store.agents().remove(&b, &bot).await.expect("asked"));
        let other = agent(&*store, &b, "y").await;
        let error = store
            .links()
            .add(&a, &client, &other, 1)
            .await
            .expect_err("foreign agent");
        assert_eq!(error.kind, Kind::NotFound);
        store
            .links()
            .add(&a, &client, &bot, 1)
            .await
            .expect("linked");
        assert!(store.links().exists(&a, &client, &bot).await.expect("read"));
    })
    .await;
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_that_names_the_field() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        app(&*store, &a, "One").await.expect("added");
        let error = app(&*store, &a, "ONE").await.expect_err("taken");
        assert_eq!(
            (error.kind, error.fields[0].field.as_str()),
            (Kind::Conflict, "name")
        );
    })
    .await;
}

#[tokio::test]
async fn rollback_leaves_nothing_and_commit_moves_the_generation() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let before = store.generation();
        let tx = store.begin().await.expect("begun");
        let bot = agent(&*tx, &a, "x").await;
        drop(tx);
        assert_eq!(store.agents().find(&a, &bot).await.expect("read"), None);
        assert_eq!(store.generation(), before);
        let tx = store.begin().await.expect("begun");
        let bot = agent(&*tx, &a, "x").await;
        tx.commit().await.expect("committed");
        assert!(store.agents().find(&a, &bot).await.expect("read").is_some());
        assert!(store.generation() > before);
    })
    .await;
}

#[tokio::test]
async fn jobs_of_one_millisecond_keep_the_order_in_which_they_were_asked_for() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let mut asked = Vec::new();
        for _ in 0..8 {
            let new = job(&a, 10);
            let tx = store.begin().await.expect("begun");
            tx.jobs().add(&new).await.expect("added");
            tx.commit().await.expect("committed");
            asked.insert(0, new.id);
        }
        let first = PageIn {
            limit: 5,
            cursor: None,
        };
        let all = JobFilter::default();
        let page = store.jobs().list(&a, &all, &first).await.expect("listed");
        let next = PageIn {
            limit: 5,
            cursor: page.next,
        };
        let rest = store.jobs().list(&a, &all, &next).await.expect("listed");
        let found: Vec<_> = page.items.into_iter().chain(rest.items).collect();
        let found: Vec<_> = found.into_iter().map(|job| job.new.id).collect();
        assert_eq!(found, asked);
    })
    .await;
}

#[tokio::test]
async fn two_claimers_never_get_one_job_and_a_lost_lease_is_claimed_again() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let new = job(&a, 10);
        store.jobs().add(&new).await.expect("added");
        let (one, two) = tokio::join!(
            store.jobs().claim("x", &["import"], 20, 30),
            store.jobs().claim("y", &["import"], 20, 30)
        );
        let got: Vec<_> = [one.expect("asked"), two.expect("asked")]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(got.len(), 1);
        let first = got[0].lease_owner.clone().expect("owned");
        assert!(
            store
                .jobs()
                .claim("z", &["import"], 29, 60)
                .await
                .expect("asked")
                .is_none()
        );
        let again = store
            .jobs()
            .claim("z", &["import"], 30, 60)
            .await
            .expect("asked")
            .expect("lease ran out");
        assert_eq!(again.attempts, 2);
        assert!(
            !store
                .jobs()
                .finish(&new.id, &first, &json!(1), 31)
                .await
                .expect("asked")
        );
        assert!(
            store
                .jobs()
                .finish(&new.id, "z", &json!({"ok": true}), 31)
                .await
                .expect("asked")
        );
        let over = store
            .jobs()
            .find(&a, &new.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(
            (over.state, over.result),
            (JobState::Done, Some(json!({"ok": true})))
        );
    })
    .await;
}

#[tokio::test]
async fn drafts_come_into_force_by_a_publish_only() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let (bot, client) = (
            agent(&*store, &a, "x").await,
            app(&*store, &a, "x").await.expect("added"),
        );
        store
            .links()
            .add(&a, &client, &bot, 1)
            .await
            .expect("linked");
        store
            .mappings()
            .set_draft(&a, &bot, &client, &["s:1".into()], "me", 2)
            .await
            .expect("set");
        let read = || async {
            store
                .mappings()
                .find(&a, &bot, &client)
                .await
                .expect("read")
        };
        assert_eq!(read().await.expect("there").published, None);
        store.mappings().publish(&a, &bot).await.expect("published");
        assert_eq!(
            read().await.expect("there").published,
            Some(vec!["s:1".to_owned()])
        );
        assert!(
            store
                .mappings()
                .remove_draft(&a, &bot, &client, "me", 3)
                .await
                .expect("asked")
        );
        assert_eq!(read().await.expect("there").draft, None);
        store.mappings().publish(&a, &bot).await.expect("published");
        assert_eq!(read().await, None);
    })
    .await;
}

#[tokio::test]
async fn a_turn_is_stored_and_goes_with_its_agent() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let bot = agent(&*store, &a, "x").await;
        let user = UserId::new(&RandomIds);
        let tag = |n: &str| Tag {
            name: n.into(),
            value: json!("v"),
        };
        let mut session = Session {
            id: SessionId::new(&RandomIds),
            account: a.clone(),
            bot: bot.clone(),
            user: user.clone(),
            identity: "e@x".into(),
            channel: "rtm".into(),
            instance: "two".into(),
            languages: vec!["en".into()],
            started_at: 100,
            ended_at: None,
            active_at: 100,
            closes_at: 200,
            interactive: true,
            developer: false,
            containment: None,
            user_tags: vec![],
            session_tags: vec![tag("s")],
            messages: 0,
            tasks: 0,
        };
        store.sessions().add(&session).await.expect("added");
        let message = |n: i64, direction| Message {
            id: MessageId::new(&RandomIds),
            account: a.clone(),
            bot: bot.clone(),
            session: session.id.clone(),
            user: user.clone(),
            identity: "e@x".into(),
            channel: "rtm".into(),
            direction,
            status: "received".into(),
            language: "en".into(),
            components: json!([{"cT": "text", "data": {"text": n}}]),
            channels: json!([]),
            developer: false,
            builder: false,
            source: 1,
            tags: vec![tag("m")],
            trace: None,
            latency: None,
            created_at: 100,
        };
        let (one, two) = (
            message(1, Direction::Incoming),
            message(2, Direction::Outgoing),
        );
        store
            .messages()
            .add(&[one.clone(), two.clone()])
            .await
            .expect("added");
        let clause = |level, name: &str| TagClause {
            level,
            name: name.into(),
            values: vec!["v".into()],
        };
        let filter = MessageFilter {
            bots: vec![bot.clone()],
            user: Some("e@x".into()),
            tags: vec![
                clause(TagLevel::Message, "m"),
                clause(TagLevel::Session, "s"),
            ],
            forward: true,
            limit: 10,
            ..Default::default()
        };
        assert_eq!(
            store.messages().list(&a, &filter).await.expect("read"),
            (vec![one, two.clone()], 2)
        );
        let newest = MessageFilter {
            forward: false,
            limit: 1,
            ..filter
        };
        assert_eq!(
            store.messages().list(&a, &newest).await.expect("read"),
            (vec![two], 2)
        );
        session.messages = 2;
        session.ended_at = Some(150);
        store.sessions().set(&session).await.expect("set");
        let filter = SessionFilter {
            from: Some(100),
            to: Some(101),
            closed: Some(true),
            limit: 5,
            ..Default::default()
        };
        assert_eq!(
            store.sessions().list(&a, &filter).await.expect("read"),
            (vec![session.clone()], 1)
        );
        let key = ConversationKey {
            account: a.clone(),
            bot: bot.clone(),
            channel: "rtm".into(),
            instance: String::new(),
            identity: "e@x".into(),
        };
        let other = ConversationKey {
            instance: "two".into(),
            ..key.clone()
        };
        assert!(
            store
                .conversations()
                .lease(&other, "n2", 1, 50)
                .await
                .expect("instances do not wait for each other")
        );
        assert!(
            store
                .conversations()
                .lease(&key, "n1", 1, 5)
                .await
                .expect("asked")
        );
        assert!(
            !store
                .conversations()
                .lease(&key, "n2", 4, 9)
                .await
                .expect("asked")
        );
        assert!(
            store
                .conversations()
                .lease(&key, "n2", 5, 9)
                .await
                .expect("asked")
        );
        let state = Conversation {
            key: key.clone(),
            user,
            session: None,
            snapshot: None,
            state: json!({"z": 1, "a": 2}),
            version: 0,
            updated_at: 1,
        };
        assert_eq!(store.conversations().save(&state).await.expect("saved"), 1);
        assert_eq!(
            store
                .conversations()
                .save(&state)
                .await
                .expect_err("moved on")
                .kind,
            Kind::Conflict
        );
        assert!(store.agents().remove(&a, &bot).await.expect("removed"));
        assert_eq!(
            store.sessions().find(&a, &session.id).await.expect("read"),
            None
        );
        assert_eq!(store.conversations().find(&key).await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn definitions_versions_models_and_pages() {
    both(|store| async move {
        let a = account(&*store, "A").await;
        let bot = agent(&*store, &a, "x").await;
        let definition = Definition {
            digest: "d".into(),
            sealed: vec![9; 10],
        };
        store
            .definitions()
            .put(&a, &bot, &Copy::Draft, &definition)
            .await
            .expect("put");
        assert_eq!(
            store
                .definitions()
                .find(&a, &bot, &Copy::Draft)
                .await
                .expect("read"),
            Some(definition)
        );
        let head = ModelHead {
            account: a.clone(),
            bot: bot.clone(),
            language: "en".into(),
            copy: Copy::Draft,
            inputs: "i".into(),
            engine: "1".into(),
            report: json!({}),
            created_at: 1,
        };
        store
            .models()
            .put(&Model {
                head,
                bytes: vec![3],
            })
            .await
            .expect("put");
        let new = NewVersion {
            id: VersionId::new(&RandomIds),
            account: a.clone(),
            bot: bot.clone(),
            name: String::new(),
            by_hand: false,
            digest: "d".into(),
            comment: String::new(),
            components: vec![],
            created_by: "u".into(),
            created_at: 1,
        };
        assert_eq!(store.versions().add(&new).await.expect("added").number, 1);
        let copy = Copy::Version(new.id.clone());
        assert_eq!(
            store
                .models()
                .copy(&a, &bot, &Copy::Draft, &copy)
                .await
                .expect("copied"),
            1
        );
        assert_eq!(
            store
                .models()
                .find(&a, &bot, "en", &copy)
                .await
                .expect("read")
                .expect("there")
                .bytes,
            [3]
        );
        store
            .agents()
            .set_published(&a, &bot, &new.id, 2)
            .await
            .expect("set");
        store
            .agents()
            .set_trained(&a, &bot, "en", "i", 2)
            .await
            .expect("set");
        let tx = store.begin().await.expect("begun");
        let held = tx.agents().hold(&a, &bot).await.expect("held");
        assert_eq!(held, tx.agents().find(&a, &bot).await.expect("read"));
        let unknown = BotId::new(&RandomIds);
        assert_eq!(tx.agents().hold(&a, &unknown).await.expect("asked"), None);
        drop(tx);
        let second = agent(&*store, &a, "Y%").await;
        let page = PageIn {
            limit: 1,
            cursor: None,
        };
        let first = store
            .agents()
            .list(&a, &AgentFilter::default(), &page)
            .await
            .expect("read");
        assert_eq!(first.items[0].bot, bot);
        let next = store
            .agents()
            .list(
                &a,
                &AgentFilter::default(),
                &PageIn {
                    limit: 1,
                    cursor: first.next,
                },
            )
            .await
            .expect("read");
        assert_eq!((next.items[0].bot.clone(), next.next), (second, None));
        assert!(store.meta().put_new("k", b"1").await.expect("put"));
        assert!(!store.meta().put_new("k", b"2").await.expect("put"));
    })
    .await;
}

#[tokio::test]
async fn opening_twice_applies_no_migration_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = SqlStore::in_dir(dir.path()).await.expect("opens");
    let second = SqlStore::in_dir(dir.path()).await.expect("opens");
    assert_eq!(
        (first.migrations_applied() > 0, second.migrations_applied()),
        (true, 0)
    );
    let before = second.generation();
    account(&first, "A").await;
    assert!(
        second.generation() > before,
        "another process on the same directory sees the change at once"
    );
}

#[tokio::test]
async fn an_app_keeps_its_keys_and_every_one_is_listed_for_the_gate() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        let client = app(&*store, &a, "x").await.expect("added");
        app(&*store, &b, "x")
            .await
            .expect("a name is one per account");
        let mut row = store
            .apps()
            .find(&a, &client)
            .await
            .expect("read")
            .expect("there");
        row.enforce_jwe = true;
        row.public_key = Some("{}".into());
        row.secret = Vec::new();
        row.payload = Some(PayloadKey {
            mode: PayloadMode::Shared,
            key: vec![9, 0],
            print: "p".into(),
            set_at: 3,
        });
        row.enforce_payload = true;
        store.apps().set(&row).await.expect("set");
        let rows = store.apps().all().await.expect("read");
        assert_eq!(rows.len(), 2);
        assert!(rows.contains(&row));
        let bot = agent(&*store, &a, "bot").await;
        store
            .links()
            .add(&a, &client, &bot, 1)
            .await
            .expect("linked");
        assert_eq!(
            store.links().all().await.expect("read"),
            [(client.clone(), bot.clone())]
        );
        assert_eq!(
            store.agents().owners().await.expect("read"),
            [(bot.clone(), a.clone())]
        );
        let scopes = ["s".to_owned()];
        store
            .mappings()
            .set_draft(&a, &bot, &client, &scopes, "me", 1)
            .await
            .expect("set");
        assert!(
            store
                .mappings()
                .all_published()
                .await
                .expect("read")
                .is_empty()
        );
        store.mappings().publish(&a, &bot).await.expect("published");
        assert_eq!(
            store.mappings().all_published().await.expect("read").len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn admin_scopes_belong_to_one_account_and_go_with_the_app() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        let client = app(&*store, &a, "x").await.expect("added");
        let mut grant = Grant {
            account: b.clone(),
            client: client.clone(),
            scopes: vec!["s".into()],
            changed_by: "me".into(),
            changed_at: 1,
        };
        let error = store.grants().set(&grant).await.expect_err("foreign app");
        assert_eq!(error.kind, Kind::NotFound);
        grant.account = a.clone();
        let before = store.generation();
        store.grants().set(&grant).await.expect("set");
        assert_ne!(store.generation(), before, "the gate must see it");
        assert_eq!(store.grants().find(&b, &client).await.expect("read"), None);
        assert!(!store.grants().remove(&b, &client).await.expect("asked"));
        assert_eq!(
            store.grants().list(&a).await.expect("read"),
            [grant.clone()]
        );
        assert_eq!(store.grants().all().await.expect("read"), [grant]);
        store.apps().remove(&a, &client).await.expect("removed");
        assert!(store.grants().all().await.expect("read").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_generation_has_one_platform_key_of_a_kind_and_a_retired_one_has_no_private_half() {
    both(|store| async move {
        let key = |kid: &str, generation| PlatformKey {
            kid: kid.into(),
            kind: "RSA".into(),
            generation,
            state: KeyState::Current,
            public: "{}".into(),
            private: vec![1],
            created_at: 1,
            retired_at: None,
        };
        let keys = store.platform_keys();
        keys.add(&key("k1", 1)).await.expect("added");
        let error = keys
            .add(&key("k2", 1))
            .await
            .expect_err("second of its kind");
        assert_eq!(error.kind, Kind::Conflict);
        keys.demote().await.expect("demoted");
        keys.add(&key("k2", 2)).await.expect("added");
        assert!(keys.retire("k1", 5).await.expect("retired"));
        assert!(!keys.retire("k1", 6).await.expect("asked"));
        let rows = keys.list().await.expect("read");
        let states: Vec<_> = rows
            .iter()
            .map(|k| (k.kid.as_str(), k.state, k.private.len()))
            .collect();
        assert_eq!(
            states,
            [("k2", KeyState::Current, 1), ("k1", KeyState::Retired, 0)]
        );
    })
    .await;
}

#[tokio::test]
async fn an_access_token_ends_by_time_by_revocation_and_with_its_link() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        let client = app(&*store, &a, "x").await.expect("added");
        let bot = agent(&*store, &a, "bot").await;
        let access = |hash: &str| Access {
            hash: hash.into(),
            account: a.clone(),
            client: client.clone(),
            bot: bot.clone(),
            user: UserId::new(&RandomIds),
            identity: "ann".into(),
            anonymous: false,
            data: vec![7],
            issued_at: 1,
            expires_at: 10,
        };
        let error = store
            .accesses()
            .add(&access("h"))
            .await
            .expect_err("not linked");
        assert_eq!(error.kind, Kind::NotFound);
        store
            .links()
            .add(&a, &client, &bot, 1)
            .await
            .expect("linked");
        let first = access("h1");
        store.accesses().add(&first).await.expect("added");
        assert_eq!(
            store.accesses().find("h1", 9).await.expect("read"),
            Some(first)
        );
        assert_eq!(store.accesses().find("h1", 10).await.expect("read"), None);
        assert!(!store.accesses().revoke(&b, "h1").await.expect("asked"));
        assert!(store.accesses().revoke(&a, "h1").await.expect("revoked"));
        store.accesses().add(&access("h2")).await.expect("added");
        assert_eq!(
            store
                .accesses()
                .revoke_of_app(&a, &client, Some("bob"))
                .await
                .expect("asked"),
            0
        );
        assert_eq!(
            store.accesses().count(&a, &client, 2).await.expect("read"),
            1
        );
        assert_eq!(
            store
                .accesses()
                .revoke_of_app(&a, &client, Some("ann"))
                .await
                .expect("asked"),
            1
        );
        store.accesses().add(&access("h3")).await.expect("added");
        assert_eq!(store.accesses().remove_expired(9).await.expect("asked"), 0);
        store
            .links()
            .remove(&a, &client, &bot)
            .await
            .expect("unlinked");
        assert_eq!(store.accesses().find("h3", 2).await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_replaced_only_by_who_has_seen_the_last_one() {
    both(|store| async move {
        let account = account(&*store, "A").await;
        let user = User {
            id: UserId::new(&RandomIds),
            account: account.clone(),
            email: "ann@example.com".into(),
            name: "Ann".into(),
            password_hash: "h".into(),
            must_change_password: false,
            role: "owner".into(),
            enabled: true,
            created_at: 1,
            updated_at: 1,
        };
        store.users().add(&user).await.expect("added");
        let set = |before: Option<&'static [u8]>, after: Option<&'static [u8]>| {
            let (store, user) = (store.clone(), user.clone());
            async move {
                let users = store.users();
                let done = users.set_second_factor(&user.account, &user.id, before, after);
                done.await.expect("asked")
            }
        };
        let users = store.users();
        assert_eq!(
            users.second_factor(&account, &user.id).await.expect("read"),
            None
        );
        assert!(set(None, Some(b"1")).await);
        assert!(!set(None, Some(b"2")).await);
        assert!(!set(Some(b"2"), Some(b"3")).await);
        assert!(set(Some(b"1"), Some(b"3")).await);
        let kept = users.second_factor(&account, &user.id).await.expect("read");
        assert_eq!(kept.as_deref(), Some(&b"3"[..]));
        assert!(set(Some(b"3"), None).await);
        assert_eq!(
            users.second_factor(&account, &user.id).await.expect("read"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn agents_are_listed_in_parts_of_their_account_only() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        for name in ["b", "A", "c"] {
            agent(&*store, &a, name).await;
        }
        agent(&*store, &b, "x").await;
        let part = |offset, limit| {
            let (store, a) = (store.clone(), a.clone());
            async move {
                let (rows, total) = store.agents().part(&a, offset, limit).await.expect("read");
                let names: Vec<String> = rows.into_iter().map(|r| r.name).collect();
                (names.join(""), total)
            }
        };
        assert_eq!(part(0, 2).await, ("Ab".to_owned(), 3));
        assert_eq!(part(2, 2).await, ("c".to_owned(), 3));
        assert_eq!(part(u64::MAX, 2).await, (String::new(), 3));
    })
    .await;
}

#[tokio::test]
async fn a_batch_test_run_ends_once_and_goes_with_its_suite_and_agent() {
    both(|store| async move {
        let (a, b) = (account(&*store, "A").await, account(&*store, "B").await);
        let bot = agent(&*store, &a, "x").await;
        let suite = |name: &str| store::TestSuite {
            id: TestSuiteId::new(&RandomIds),
            account: a.clone(),
            bot: bot.clone(),
            name: name.into(),
            language: "en".into(),
            cases: 2,
            sealed: vec![1, 2],
            created_by: "u-1".into(),
            created_at: 1,
            updated_at: 1,
        };
        let tests = store.batch_tests();
        let (one, two) = (suite("Smoke"), suite("smoke "));
        tests.put_suite(&one).await.expect("added");
        let taken = tests.put_suite(&two).await.expect_err("taken");
        assert_eq!(taken.kind, types::Kind::Conflict);
        let changed = store::TestSuite {
            sealed: vec![3],
            updated_at: 2,
            ..one.clone()
        };
        tests.put_suite(&changed).await.expect("replaced");
        let found = tests.find_suite(&a, &bot, " SMOKE").await.expect("read");
        assert_eq!(found, Some(changed.clone()));
        assert_eq!(
            tests.find_suite(&b, &bot, "smoke").await.expect("read"),
            None
        );
        assert_eq!(tests.count_suites(&a, &bot).await.expect("read"), 1);
        assert_eq!(tests.list_suites(&a, &bot, 1, 5).await.expect("read"), []);
        let run = |id: &str, at: i64| store::TestRun {
            id: JobId::trusted(id),
            account: a.clone(),
            bot: bot.clone(),
            suite: one.id.clone(),
            published: true,
            cases: 2,
            created_by: "u-1".into(),
            started_at: at,
            ended_at: None,
            counters: None,
            report: None,
            file: None,
        };
        tests.add_run(&run("tr-1", 1)).await.expect("added");
        tests.add_run(&run("tr-2", 2)).await.expect("added");
        let id = JobId::trusted("tr-1");
        let end = |who: AccountId| {
            let (store, id) = (store.clone(), id.clone());
            async move {
                let tests = store.batch_tests();
                tests.end_run(&who, &id, &json!({"TP": 1}), &[9], 7).await
            }
        };
        assert!(!end(b.clone()).await.expect("not theirs"));
        assert!(end(a.clone()).await.expect("ended"));
        assert!(!end(a.clone()).await.expect("has ended"));
        let listed = tests.list_runs(&a, &one.id, 9).await.expect("read");
        assert_eq!((listed.len(), listed[1].ended_at), (2, Some(7)));
        assert_eq!(listed[1].report, None);
        let found = tests.find_run(&a, &one.id, &id).await.expect("read");
        assert_eq!(found.and_then(|run| run.report), Some(vec![9]));
        assert!(
            !tests
                .remove_run(&b, &one.id, &id)
                .await
                .expect("not theirs")
        );
        assert!(tests.remove_run(&a, &one.id, &id).await.expect("removed"));
        assert!(
            !tests
                .remove_suite(&b, &bot, &one.id)
                .await
                .expect("not theirs")
        );
        assert!(store.agents().remove(&a, &bot).await.expect("removed"));
        assert_eq!(
            tests.get_suite(&a, &bot, &one.id).await.expect("read"),
            None
        );
        assert_eq!(tests.list_runs(&a, &one.id, 9).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_a_passkey_counts_up() {
    both(|store| async move {
        let account = account(&*store, "A").await;
        let user = User {
            id: UserId::new(&RandomIds),
            account: account.clone(),
            email: "ann@example.com".into(),
            name: "Ann".into(),
            password_hash: "h".into(),
            must_change_password: false,
            role: "owner".into(),
            enabled: true,
            created_at: 1,
            updated_at: 1,
        };
        store.users().add(&user).await.expect("added");
        let keys = store.passkeys();
        for (hash, user) in [("h1", None), ("h2", Some(user.id.clone())), ("h3", None)] {
            let challenge = store::passkey::Challenge {
                hash: hash.into(),
                user,
                expires_at: 10,
            };
            keys.add_challenge(&challenge).await.expect("remembered");
        }
        let taken = keys
            .take_challenge("h2", 9)
            .await
            .expect("asked")
            .expect("there");
        assert_eq!(taken.user, Some(user.id.clone()));
        assert_eq!(keys.take_challenge("h2", 9).await.expect("asked"), None);
        assert_eq!(keys.take_challenge("h1", 10).await.expect("asked"), None);
        assert_eq!(keys.remove_expired(10).await.expect("done"), 1);

        let passkey = store::Passkey {
            id: "credential".into(),
            account: account.clone(),
            user: user.id.clone(),
            name: "Laptop".into(),
            party: "localhost".into(),
            public_key: vec![1, 2, 3],
            counter: 0,
            created_at: 2,
            last_used_at: None,
        };
        keys.add(&passkey).await.expect("added");
        let again = keys.add(&passkey).await.expect_err("known");
        assert_eq!(again.kind, Kind::Conflict);
        assert_eq!(
            keys.find_any("credential").await.expect("read"),
            Some(passkey.clone())
        );
        assert!(
            keys.used(&account, "credential", 0, 5, 7)
                .await
                .expect("asked")
        );
        assert!(
            !keys
                .used(&account, "credential", 0, 6, 8)
                .await
                .expect("asked")
        );
        let other = AccountId::new(&RandomIds);
        assert!(
            !keys
                .rename(&other, &user.id, "credential", "x")
                .await
                .expect("asked")
        );
        assert!(
            keys.rename(&account, &user.id, "credential", "Phone")
                .await
                .expect("asked")
        );
        let all = keys.list(&account, &user.id).await.expect("read");
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].name.as_str(), all[0].counter, all[0].last_used_at),
            ("Phone", 5, Some(7))
        );
        assert!(
            !keys
                .remove(&other, &user.id, "credential")
                .await
                .expect("asked")
        );
        assert_eq!(
            keys.remove_of_user(&account, &user.id).await.expect("done"),
            1
        );
        assert_eq!(keys.find_any("credential").await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn calls_of_an_app_add_up_by_day_and_go_with_it() {
    both(|store| async move {
        let account = account(&*store, "A").await;
        let client = app(&*store, &account, "Busy").await.expect("added");
        let gone = ClientId::new(&RandomIds);
        let apps = store.apps();
        let before = store.generation();
        for (day, calls) in [(100, 2), (100, 3), (107, 1)] {
            let calls = [(client.clone(), calls), (gone.clone(), 9)];
            apps.count_calls(day, &calls).await.expect("counted");
        }
        let since = async |day| apps.calls(&account, &client, day).await.expect("read");
        assert_eq!((since(100).await, since(101).await), (6, 1));
        let other = AccountId::new(&RandomIds);
        assert_eq!(apps.calls(&other, &client, 0).await.expect("read"), 0);
        apps.count_calls(132, &[]).await.expect("counted");
        assert_eq!(since(0).await, 1);
        assert_eq!(store.generation(), before);
        assert!(apps.remove(&account, &client).await.expect("removed"));
        assert_eq!(since(0).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_data_grant_is_of_one_thing_and_goes_with_its_app() {
    both(|store| async move {
        let account = account(&*store, "A").await;
        let app = app(&*store, &account, "Reader").await.expect("added");
        let grants = store.data_grants();
        let grant = |kind, name: &str, read| store::DataGrant {
            account: account.clone(),
            client: app.clone(),
            kind,
            name: name.into(),
            read,
            write: false,
            delete: true,
            changed_by: "u".into(),
            changed_at: 3,
        };
        use store::DataKind::{Definitions, Table, View};
        grants
            .set(&grant(Table, "Orders", false))
            .await
            .expect("set");
        grants.set(&grant(View, "orders", true)).await.expect("set");
        grants
            .set(&grant(Definitions, "", true))
            .await
            .expect("set");
        grants
            .set(&grant(Table, "ORDERS", true))
            .await
            .expect("set");
        let all = grants.list(&account, &app).await.expect("read");
        assert_eq!(all.len(), 3);
        let found = grants
            .find(&account, &app, Table, "orders")
            .await
            .expect("read");
        assert_eq!(found, Some(grant(Table, "ORDERS", true)));
        let other = AccountId::new(&RandomIds);
        assert_eq!(grants.list(&other, &app).await.expect("read"), []);
        let mut foreign = grant(Table, "x", true);
        foreign.account = other.clone();
        assert!(grants.set(&foreign).await.is_err());
        assert!(
            !grants
                .remove(&other, &app, View, "orders")
                .await
                .expect("asked")
        );
        assert!(
            grants
                .remove(&account, &app, View, "ORDERS")
                .await
                .expect("asked")
        );
        assert!(store.apps().remove(&account, &app).await.expect("removed"));
        assert_eq!(grants.list(&account, &app).await.expect("read"), []);
    })
    .await;
}
