//! The audit chain on both databases: whatever is changed behind our back is named.

use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::json;
use service::{
    Caller, Ctx, Parts, Settings,
    admin::accounts,
    audit::{self, Change, Verdict, verify},
    runtime::outbound::{Outbound, Reach},
};
use std::sync::Arc;
use store::AuditLink;
use store_sql::SqlStore;
use types::{Clock, FixedClock, RandomIds, Secret, page::PageIn};

const NOW: i64 = 1_800_000_000_000;

/// The database, reached past the store.
enum Raw {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

impl Raw {
    async fn try_run(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlx::query(sql).execute(pool).await.map(drop),
            Self::Postgres(pool) => sqlx::query(sql).execute(pool).await.map(drop),
        }
    }
    async fn run(&self, sql: &'static str) {
        self.try_run(sql).await.unwrap();
    }
    /// Takes the guard away that refuses changes.
    async fn unguard(&self) {
        for name in ["audit_no_update", "audit_no_delete"] {
            let sql = match self {
                Self::Sqlite(_) => format!("DROP TRIGGER {name}"),
                Self::Postgres(_) => format!("DROP TRIGGER {name} ON audit"),
            };
            let sql = sqlx::AssertSqlSafe(sql);
            match self {
                Self::Sqlite(pool) => sqlx::query(sql).execute(pool).await.map(drop).unwrap(),
                Self::Postgres(pool) => sqlx::query(sql).execute(pool).await.map(drop).unwrap(),
            }
        }
    }
}

struct World {
    name: &'static str,
    ctx: Ctx,
    caller: Caller,
    raw: Raw,
    _dir: tempfile::TempDir,
}

fn context(store: SqlStore) -> Ctx {
    Ctx::new(Parts {
        store: Arc::new(store),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::new(FixedClock::at(NOW)) as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    })
}

async fn world(name: &'static str, store: SqlStore, raw: Raw, dir: tempfile::TempDir) -> World {
    let ctx = context(store);
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(&ctx, new).await.unwrap();
    World {
        name,
        ctx,
        caller: Caller::cli(account.id),
        raw,
        _dir: dir,
    }
}

/// A fresh installation on each database.
async fn worlds() -> Vec<World> {
    let dir = tempfile::tempdir().unwrap();
    let store = SqlStore::in_dir(dir.path()).await.unwrap();
    let address = format!("sqlite:{}", dir.path().join("ombud.db").display());
    let raw = Raw::Sqlite(sqlx::SqlitePool::connect(&address).await.unwrap());
    let mut all = vec![world("sqlite", store, raw, dir).await];
    if let Some(url) = testkit::postgres() {
        let store = SqlStore::connect(&url, None).await.unwrap();
        let raw = Raw::Postgres(sqlx::PgPool::connect(&url).await.unwrap());
        all.push(world("postgres", store, raw, tempfile::tempdir().unwrap()).await);
    }
    all
}

impl World {
    async fn note(&self, target: &str) {
        let change = Change {
            action: "test.change",
            target,
            before: Some("b".into()),
            details: Some(json!({"n": 1.5, "text": "é"})),
            ..Change::default()
        };
        let tx = self.ctx.store().begin().await.unwrap();
        audit::note(&self.ctx, &*tx, &self.caller, change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    async fn fill(&self, count: usize) {
        for i in 0..count {
            self.note(&format!("t{i}")).await;
        }
    }
    async fn head(&self) -> AuditLink {
        audit::head(&self.ctx).await.unwrap()
    }
    /// The number and the reason of the first broken place.
    async fn broken(&self, kept: Option<&AuditLink>) -> (Option<i64>, &'static str) {
        match verify(&self.ctx, kept).await.unwrap() {
            Verdict::Broken(broken) => (broken.number, broken.why),
            Verdict::Whole(head) => panic!("{}: whole up to {head:?}", self.name),
        }
    }
    async fn whole(&self, kept: Option<&AuditLink>) -> AuditLink {
        match verify(&self.ctx, kept).await.unwrap() {
            Verdict::Whole(head) => head,
            Verdict::Broken(broken) => panic!("{}: {broken:?}", self.name),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_at_once_keep_one_chain() {
    for w in worlds().await {
        let before = w.head().await.number;
        let w = Arc::new(w);
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let w = Arc::clone(&w);
                tokio::spawn(async move {
                    for i in 0..15 {
                        w.note(&format!("{writer}-{i}")).await;
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let head = w.whole(None).await;
        assert_eq!(head.number, before + 120, "{}", w.name);
        assert_eq!(head, w.head().await, "{}", w.name);
    }
}

#[tokio::test]
async fn a_change_that_is_taken_back_leaves_no_row_and_no_gap() {
    for w in worlds().await {
        let before = w.head().await;
        let tx = w.ctx.store().begin().await.unwrap();
        let change = Change {
            action: "test.change",
            target: "t",
            ..Change::default()
        };
        audit::note(&w.ctx, &*tx, &w.caller, change).await.unwrap();
        drop(tx);
        w.note("kept").await;
        assert_eq!(w.whole(None).await.number, before.number + 1, "{}", w.name);
    }
}

#[tokio::test]
async fn rows_are_only_added() {
    for w in worlds().await {
        w.fill(2).await;
        for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
            let error = w.raw.try_run(sql).await.unwrap_err().to_string();
            assert!(error.contains("only added"), "{}: {error}", w.name);
        }
        w.whole(None).await;
    }
}

#[tokio::test]
async fn each_change_of_a_row_is_found_at_that_row() {
    for column in [
        "UPDATE audit SET actor = 'x' WHERE number = 3",
        "UPDATE audit SET action = 'x' WHERE number = 3",
        "UPDATE audit SET target = 'x' WHERE number = 3",
        "UPDATE audit SET account = 'x' WHERE number = 3",
        "UPDATE audit SET bot = 'x' WHERE number = 3",
        "UPDATE audit SET address = 'x' WHERE number = 3",
        "UPDATE audit SET digest_before = NULL WHERE number = 3",
        "UPDATE audit SET digest_after = '' WHERE number = 3",
        "UPDATE audit SET details = '{}' WHERE number = 3",
        "UPDATE audit SET created_at = created_at + 1 WHERE number = 3",
        "UPDATE audit SET mac = NULL WHERE number = 3",
    ] {
        for w in worlds().await {
            w.fill(5).await;
            w.raw.unguard().await;
            w.raw.run(column).await;
            assert_eq!(w.broken(None).await.0, Some(3), "{} {column}", w.name);
        }
    }
}

#[tokio::test]
async fn rows_that_are_missing_moved_cut_off_or_slipped_in_are_found() {
    for w in worlds().await {
        w.fill(5).await;
        w.raw.unguard().await;
        w.raw.run("DELETE FROM audit WHERE number = 2").await;
        assert_eq!(
            w.broken(None).await,
            (Some(2), "the row is missing"),
            "{}",
            w.name
        );
    }
    for w in worlds().await {
        w.fill(5).await;
        w.raw.unguard().await;
        w.raw
            .run("UPDATE audit SET number = -1 WHERE number = 2")
            .await;
        w.raw
            .run("UPDATE audit SET number = 2 WHERE number = 3")
            .await;
        w.raw
            .run("UPDATE audit SET number = 3 WHERE number = -1")
            .await;
        assert_eq!(w.broken(None).await.0, Some(2), "{}", w.name);
    }
    for w in worlds().await {
        w.fill(5).await;
        let last = w.head().await.number;
        w.raw.unguard().await;
        let sql = "DELETE FROM audit WHERE number = (SELECT number FROM audit_head)";
        w.raw.run(sql).await;
        assert_eq!(
            w.broken(None).await,
            (Some(last), "the row is missing"),
            "{}",
            w.name
        );
    }
    for w in worlds().await {
        w.fill(2).await;
        let sql = "INSERT INTO audit (account, actor, action, target, details, created_at) VALUES ('a', 'x', 'y', 'z', '{}', 1)";
        w.raw.run(sql).await;
        let (number, why) = w.broken(None).await;
        assert_eq!(
            (number, why),
            (None, "the row has no place in the chain"),
            "{}",
            w.name
        );
    }
}

#[tokio::test]
async fn a_chain_that_was_cut_back_with_its_head_is_found_by_a_head_that_was_kept() {
    for w in worlds().await {
        w.fill(4).await;
        let kept = w.head().await;
        w.whole(Some(&kept)).await;
        w.fill(2).await;
        w.whole(Some(&kept)).await;
        w.raw.unguard().await;
        let cut = "DELETE FROM audit WHERE number > 3";
        w.raw.run(cut).await;
        let back =
            "UPDATE audit_head SET number = 3, mac = (SELECT mac FROM audit WHERE number = 3)";
        w.raw.run(back).await;
        // by itself the shorter chain is whole
        w.whole(None).await;
        let (number, why) = w.broken(Some(&kept)).await;
        assert_eq!(number, Some(kept.number), "{}", w.name);
        assert_eq!(why, "the chain ends before the head that was kept");
        // grown again to the same length, it is another one
        w.fill(3).await;
        assert_eq!(
            w.broken(Some(&kept)).await.0,
            Some(kept.number),
            "{}",
            w.name
        );
    }
}

#[tokio::test]
async fn another_accounts_rows_are_not_listed() {
    for w in worlds().await {
        w.fill(1).await;
        let new = accounts::NewAccount {
            name: "Other".into(),
            email: "bob@example.com".into(),
            owner_name: String::new(),
            password: Secret::new("correct horse battery"),
            must_change_password: false,
        };
        let (other, _) = accounts::create(&w.ctx, new).await.unwrap();
        let page = PageIn {
            limit: 100,
            cursor: None,
        };
        let other = Caller::cli(other.id);
        let rows = audit::list(&w.ctx, &other, &Default::default(), &page)
            .await
            .unwrap()
            .items;
        assert!(rows.iter().all(|row| row.new.account == other.account));
        assert!(rows.iter().all(|row| row.new.action != "test.change"));
        w.whole(None).await;
    }
}
