//! A store, a clock that stands still, and kinds of jobs that do what a test wants.

use async_trait::async_trait;
use jobs::{Handler, JobError, Progress, Registry, Settings, Worker};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use store::{Account, AuditFilter, Families, Job, NewAuditRow, NewJob, Store};
use store_sql::SqlStore;
use tokio::sync::{Semaphore, mpsc};
use types::{
    Clock, FixedClock, RandomIds,
    id::{AccountId, JobId},
    page::PageIn,
};

/// Long enough that no lease is renewed during a test.
pub const LEASE: i64 = 3_600_000;

pub struct Stage {
    pub store: Arc<SqlStore>,
    pub clock: Arc<FixedClock>,
    pub account: AccountId,
    /// How often each job began.
    pub begun: Mutex<BTreeMap<String, usize>>,
    /// Jobs that run now.
    busy: Mutex<BTreeSet<String>>,
    /// Jobs that ran twice at a time.
    pub clashes: Mutex<Vec<String>>,
    /// What a waiting job needs one permit of.
    pub go: Semaphore,
    /// Told of each waiting job that has begun, and of each counted one that has ended.
    pub seen: mpsc::UnboundedSender<String>,
    _dir: tempfile::TempDir,
}

impl Stage {
    pub async fn new() -> (Arc<Self>, mpsc::UnboundedReceiver<String>) {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqlStore::in_dir(dir.path()).await.unwrap());
        let account = AccountId::new(&RandomIds);
        let row = Account {
            id: account.clone(),
            name: "Acme".into(),
            settings: json!({}),
            created_at: 1,
            updated_at: 1,
        };
        store.accounts().add(&row).await.unwrap();
        let (seen, told) = mpsc::unbounded_channel();
        let stage = Self {
            store,
            clock: Arc::new(FixedClock::at(1_000_000)),
            account,
            begun: Mutex::default(),
            busy: Mutex::default(),
            clashes: Mutex::default(),
            go: Semaphore::new(0),
            seen,
            _dir: dir,
        };
        (Arc::new(stage), told)
    }

    pub fn worker(self: &Arc<Self>, owner: &str, slots: usize) -> Arc<Worker<Arc<Self>>> {
        let kinds = [
            "count",
            "wait",
            "retry once",
            "retry",
            "fail",
            "panic",
            "effect",
        ];
        let registry = kinds
            .into_iter()
            .fold(Registry::default(), |all, kind| all.with(Kind(kind)));
        let settings = Settings {
            slots,
            lease: LEASE,
            poll: 3_600_000,
            delay: 1_000,
            attempts: 3,
        };
        let store: Arc<dyn Store> = self.store.clone();
        let clock: Arc<dyn Clock> = self.clock.clone();
        Worker::new(
            store,
            clock,
            Arc::new(self.clone()),
            registry,
            owner,
            settings,
        )
    }

    pub async fn add(&self, kind: &str) -> JobId {
        let id = JobId::with_prefix("j-", &RandomIds);
        let now = self.clock.now();
        let job = NewJob {
            id: id.clone(),
            kind: kind.into(),
            account: self.account.clone(),
            bot: None,
            payload: vec![1],
            created_by: "cli".into(),
            run_at: now,
            created_at: now,
        };
        self.store.jobs().add(&job).await.unwrap();
        id
    }

    pub async fn job(&self, id: &JobId) -> Job {
        let found = self.store.jobs().find(&self.account, id).await;
        found.unwrap().unwrap()
    }

    /// How many effects were written.
    pub async fn effects(&self) -> usize {
        let page = PageIn {
            limit: 100,
            cursor: None,
        };
        let (log, all) = (self.store.audit(), AuditFilter::default());
        let rows = log.list(&self.account, &all, &page);
        rows.await.unwrap().items.len()
    }

    /// Writes an effect while the job is held.
    async fn effect(&self, progress: &Progress) -> Result<Value, JobError> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        progress.claim().hold(&*tx, now).await?;
        let row = NewAuditRow {
            account: self.account.clone(),
            actor: "cli".into(),
            action: "effect".into(),
            target: progress.claim().job.to_string(),
            bot: None,
            address: None,
            before: None,
            after: None,
            details: json!({}),
            at: now,
        };
        tx.audit().add(&row, &|_, _, _| vec![0; 32]).await?;
        tx.commit().await?;
        Ok(json!("written"))
    }
}

struct Kind(&'static str);

#[async_trait]
impl Handler<Arc<Stage>> for Kind {
    fn kind(&self) -> &'static str {
        self.0
    }

    async fn run(
        &self,
        stage: &Arc<Stage>,
        job: &Job,
        progress: &Progress,
    ) -> Result<Value, JobError> {
        let id = job.new.id.to_string();
        *stage.begun.lock().unwrap().entry(id.clone()).or_default() += 1;
        match self.0 {
            "count" => {
                if !stage.busy.lock().unwrap().insert(id.clone()) {
                    stage.clashes.lock().unwrap().push(id.clone());
                }
                tokio::task::yield_now().await;
                progress.set(50, "half way").await;
                stage.busy.lock().unwrap().remove(&id);
                stage.seen.send(id).unwrap();
                Ok(json!("counted"))
            }
            "wait" => {
                stage.seen.send(id).unwrap();
                stage.go.acquire().await.unwrap().forget();
                Ok(json!("waited"))
            }
            "retry once" if job.attempts > 1 => Ok(json!("at last")),
            "retry" | "retry once" => Err(JobError::Retry("not yet".into())),
            "fail" => Err(JobError::Fail("never".into())),
            "panic" => panic!("on purpose"),
            _ => {
                stage.seen.send(id).unwrap();
                stage.go.acquire().await.unwrap().forget();
                stage.effect(progress).await
            }
        }
    }
}
