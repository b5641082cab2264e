//! Every way to be refused at the gate, in the order and with the texts of DECISIONS section 2.

use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps, scopes},
    gate,
    runtime::outbound::{Outbound, Reach},
};
use std::sync::Arc;
use store::Agent;
use types::{
    Clock, FixedClock, RandomIds, Result, Secret,
    id::{BotId, ClientId},
};

const NOW: i64 = 1_800_000_000_000;

struct World {
    ctx: Ctx,
    clock: Arc<FixedClock>,
    caller: Caller,
    bot: BotId,
    app: ClientId,
    secret: Secret,
    _dir: tempfile::TempDir,
}

async fn world(enforce_jti: bool) -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let clock = Arc::new(FixedClock::at(NOW));
    let ctx = Ctx::new(Parts {
        store: Arc::new(sql),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: clock.clone() as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    });
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(&ctx, new).await.unwrap();
    let caller = Caller::cli(account.id);
    let bot = add_agent(&ctx, &caller).await;
    let new = apps::NewApp {
        name: "web".into(),
        kind: "platform".into(),
        algorithm: "HS256".into(),
        enforce_jti,
        bots: vec![bot.clone()],
    };
    let (view, secret) = apps::create(&ctx, &caller, new).await.unwrap();
    World {
        ctx,
        clock,
        caller,
        bot,
        app: view.app.client_id,
        secret,
        _dir: dir,
    }
}

async fn add_agent(ctx: &Ctx, caller: &Caller) -> BotId {
    let bot = BotId::new(&RandomIds);
    let agent = Agent {
        bot: bot.clone(),
        account: caller.account.clone(),
        name: "helper".into(),
        description: String::new(),
        languages: vec!["en".into()],
        draft_digest: String::new(),
        trained: Default::default(),
        published: None,
        dialogs: 0,
        intents: 0,
        faqs: 0,
        report: json!({}),
        extra: json!({}),
        created_at: NOW,
        updated_at: NOW,
    };
    ctx.store().agents().add(&agent).await.unwrap();
    bot
}

impl World {
    fn token(&self, extra: Value) -> String {
        self.signed(self.secret.expose(), extra)
    }
    fn signed(&self, secret: &str, extra: Value) -> String {
        let mut claims = json!({"appId": self.app, "sub": "ann"});
        for (name, value) in extra.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let key = jose::Key::hmac(jose::Algorithm::Hs256, secret.as_bytes()).unwrap();
        jose::sign(&key, claims.to_string().as_bytes()).unwrap()
    }
    async fn call(&self, token: Option<&str>, bot: &BotId) -> Result<()> {
        let passed = gate::verify(&self.ctx, token, None).await?;
        passed.linked(bot)?;
        passed.scoped(bot, "findIntent")?;
        gate::hit(
            &self.ctx,
            "findIntent",
            &types::limit::DEFAULT,
            bot.as_str(),
        )
        .await?;
        Ok(())
    }
    async fn refusal(&self, token: &str) -> &'static str {
        let error = self.call(Some(token), &self.bot).await.unwrap_err();
        error.code.unwrap().name
    }
    async fn grant(&self, publish: bool) {
        let names = ["intent and entity detection".to_owned()];
        scopes::change(&self.ctx, &self.caller, &self.bot, &self.app, &names, true)
            .await
            .unwrap();
        if publish {
            self.ctx
                .store()
                .mappings()
                .publish(&self.caller.account, &self.bot)
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_scope_acts_once_it_is_published() {
    let w = world(false).await;
    let token = w.token(json!({}));
    assert_eq!(w.refusal(&token).await, "scope_missing");
    w.grant(false).await;
    assert_eq!(w.refusal(&token).await, "scope_missing");
    w.grant(true).await;
    w.call(Some(&token), &w.bot).await.unwrap();
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused() {
    let w = world(false).await;
    w.grant(true).await;
    let s = NOW / 1000;
    assert_eq!(
        w.call(None, &w.bot).await.unwrap_err().code.unwrap().name,
        "token_missing"
    );
    for (token, name) in [
        ("nonsense".to_owned(), "invalid_credentials"),
        ("x".repeat(1_000_000), "invalid_credentials"),
        (w.signed("wrong", json!({})), "invalid_credentials"),
        (
            w.token(json!({"appId": "cs-unknown"})),
            "invalid_credentials",
        ),
        (
            w.token(json!({"appId": null, "iss": w.app})),
            "invalid_credentials",
        ),
        (
            w.token(json!({"exp": s.to_string()})),
            "invalid_credentials",
        ),
        (w.token(json!({"exp": s - 61})), "token_expired"),
        (w.token(json!({"nbf": s + 61})), "token_not_yet_valid"),
        (w.token(json!({"jti": "a"})), "jti_lifetime"),
        (
            w.token(json!({"jti": "a", "exp": s + 7200})),
            "jti_lifetime",
        ),
    ] {
        assert_eq!(
            w.refusal(&token).await,
            name,
            "{}",
            &token[..token.len().min(60)]
        );
    }
}

#[tokio::test]
async fn a_jti_passes_once_and_is_demanded_when_enforced() {
    let w = world(true).await;
    w.grant(true).await;
    let s = NOW / 1000;
    assert_eq!(w.refusal(&w.token(json!({}))).await, "jti_required");
    let token = w.token(json!({"jti": "one", "exp": s + 60}));
    w.call(Some(&token), &w.bot).await.unwrap();
    assert_eq!(w.refusal(&token).await, "jti_replay");
}

#[tokio::test]
async fn disabled_deleted_and_rotated_apps_are_refused_at_once() {
    let w = world(false).await;
    w.grant(true).await;
    let token = w.token(json!({}));
    w.call(Some(&token), &w.bot).await.unwrap();
    let patch = |on| apps::AppPatch {
        enabled: Some(on),
        ..Default::default()
    };
    apps::set(&w.ctx, &w.caller, &w.app, patch(false))
        .await
        .unwrap();
    assert_eq!(w.refusal(&token).await, "invalid_credentials");
    apps::set(&w.ctx, &w.caller, &w.app, patch(true))
        .await
        .unwrap();
    apps::rotate(&w.ctx, &w.caller, &w.app, 1).await.unwrap();
    w.call(Some(&token), &w.bot).await.unwrap();
    w.clock.advance(3_600_000);
    assert_eq!(w.refusal(&token).await, "invalid_credentials");
    apps::remove(&w.ctx, &w.caller, &w.app).await.unwrap();
    assert_eq!(w.refusal(&token).await, "invalid_credentials");
}

#[tokio::test]
async fn unknown_and_unlinked_agents_look_alike() {
    let w = world(false).await;
    let token = w.token(json!({}));
    let unlinked = add_agent(&w.ctx, &w.caller).await;
    for bot in [unlinked, BotId::new(&RandomIds)] {
        let error = w.call(Some(&token), &bot).await.unwrap_err();
        assert_eq!(
            (error.code.unwrap().name, error.message.as_ref()),
            ("bot_not_found", "Bot not found")
        );
    }
}

#[tokio::test]
async fn the_sixty_first_request_of_a_minute_waits() {
    let w = world(false).await;
    w.grant(true).await;
    let token = w.token(json!({}));
    for _ in 0..60 {
        w.call(Some(&token), &w.bot).await.unwrap();
    }
    assert_eq!(w.refusal(&token).await, "rate_minute");
    w.clock.advance(60_001);
    w.call(Some(&token), &w.bot).await.unwrap();
}
