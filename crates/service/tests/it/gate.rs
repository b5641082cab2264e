//! Every way to be refused at the gate, in the order and with the texts of DECISIONS section 2.

use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps, scopes, security},
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

pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<FixedClock>,
    pub caller: Caller,
    pub bot: BotId,
    pub app: ClientId,
    pub secret: Secret,
    _dir: tempfile::TempDir,
}

pub async fn world(enforce_jti: bool) -> World {
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
        ..apps::NewApp::default()
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

async fn add_account(ctx: &Ctx, name: &str) -> Caller {
    let new = accounts::NewAccount {
        name: name.into(),
        email: format!("{name}@example.com"),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    Caller::cli(accounts::create(ctx, new).await.unwrap().0.id)
}

/// An app of a kind in the world's account, and its secret.
async fn add_app(w: &World, kind: &str) -> (ClientId, Secret) {
    let new = apps::NewApp {
        name: format!("{kind} app"),
        kind: kind.into(),
        algorithm: "HS256".into(),
        ..apps::NewApp::default()
    };
    let (view, secret) = apps::create(&w.ctx, &w.caller, new).await.unwrap();
    (view.app.client_id, secret)
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
    pub fn token(&self, extra: Value) -> String {
        self.signed(self.secret.expose(), extra)
    }
    pub fn signed(&self, secret: &str, extra: Value) -> String {
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

fn code(result: Result<()>) -> &'static str {
    result.unwrap_err().code.unwrap().name
}

#[tokio::test]
async fn an_admin_scope_opens_every_agent_of_the_account_and_none_of_another_at_once() {
    let w = world(false).await;
    let (admin, secret) = add_app(&w, "admin").await;
    let token = w.signed(secret.expose(), json!({"appId": admin}));
    let second = add_agent(&w.ctx, &w.caller).await;
    let stranger = add_account(&w.ctx, "Other").await;
    let foreign = add_agent(&w.ctx, &stranger).await;
    assert_eq!(code(w.call(Some(&token), &w.bot).await), "scope_missing");
    let names = [
        "intent and entity detection".to_owned(),
        "bot import".to_owned(),
    ];
    scopes::change_admin(&w.ctx, &w.caller, &admin, &names, true)
        .await
        .unwrap();
    w.call(Some(&token), &w.bot).await.unwrap();
    w.call(Some(&token), &second).await.unwrap();
    assert_eq!(code(w.call(Some(&token), &foreign).await), "bot_not_found");
    let passed = gate::verify(&w.ctx, Some(&token), None).await.unwrap();
    passed.scoped_account("importBotAsNew").unwrap();
    assert_eq!(code(passed.scoped_account("getBots")), "scope_missing");
    scopes::change_admin(&w.ctx, &w.caller, &admin, &names[..1], false)
        .await
        .unwrap();
    assert_eq!(code(w.call(Some(&token), &w.bot).await), "scope_missing");
}

#[tokio::test]
async fn operations_of_the_account_are_closed_to_platform_and_data_apps() {
    let w = world(false).await;
    w.grant(true).await;
    let platform = gate::verify(&w.ctx, Some(&w.token(json!({}))), None)
        .await
        .unwrap();
    assert_eq!(code(platform.scoped_account("findIntent")), "scope_missing");
    platform.not_of_data().unwrap();
    let (data, secret) = add_app(&w, "data").await;
    let token = w.signed(secret.expose(), json!({"appId": data}));
    let passed = gate::verify(&w.ctx, Some(&token), None).await.unwrap();
    assert_eq!(code(passed.not_of_data()), "scope_missing");
    assert_eq!(code(passed.linked(&w.bot)), "bot_not_found");
    let (admin, _) = add_app(&w, "admin").await;
    let names = ["Train ML".to_owned()];
    let error = scopes::change(&w.ctx, &w.caller, &w.bot, &admin, &names, true);
    assert_eq!(error.await.unwrap_err().kind, types::Kind::Conflict);
    let error = scopes::change_admin(&w.ctx, &w.caller, &w.app, &names, true);
    assert_eq!(error.await.unwrap_err().kind, types::Kind::Conflict);
    let error = apps::link(&w.ctx, &w.caller, &admin, &w.bot, true).await;
    assert_eq!(error.unwrap_err().kind, types::Kind::Conflict);
}

#[tokio::test]
async fn an_app_may_allow_its_chat_tokens_on_the_api() {
    let w = world(false).await;
    w.grant(true).await;
    let sdk = |claims: Value| {
        let key = jose::Key::hmac(jose::Algorithm::Hs256, w.secret.expose().as_bytes()).unwrap();
        jose::sign(&key, claims.to_string().as_bytes()).unwrap()
    };
    let tokens = [
        sdk(json!({"iss": w.app, "sub": "ann"})),
        sdk(json!({"kore_iss": w.app, "iss": "else", "sub": "ann"})),
    ];
    for token in &tokens {
        assert_eq!(w.refusal(token).await, "invalid_credentials");
    }
    let patch = apps::AppPatch {
        sdk_tokens: Some(true),
        ..Default::default()
    };
    apps::set(&w.ctx, &w.caller, &w.app, patch).await.unwrap();
    for token in &tokens {
        w.call(Some(token), &w.bot).await.unwrap();
    }
}

#[tokio::test]
async fn rules_of_the_account_are_kept() {
    let w = world(false).await;
    w.grant(true).await;
    let token = w.token(json!({}));
    let patch = security::SecurityPatch {
        require_expiry: Some(true),
        ..Default::default()
    };
    security::set(&w.ctx, &w.caller, patch).await.unwrap();
    assert_eq!(w.refusal(&token).await, "exp_required");
    let token = w.token(json!({"exp": NOW / 1000 + 60}));
    w.call(Some(&token), &w.bot).await.unwrap();

    let patch = security::SecurityPatch {
        restrict_api: Some(true),
        addresses: Some(r"10.0.0.0/8, 192\.168\.0\.\d{1,3}".into()),
        ..Default::default()
    };
    security::set(&w.ctx, &w.caller, patch).await.unwrap();
    for (address, open) in [
        (Some("10.1.2.3"), true),
        (Some("::ffff:10.1.2.3"), true),
        (Some("192.168.0.7"), true),
        (Some("192.168.1.7"), false),
        (None, false),
    ] {
        let passed = gate::verify(&w.ctx, Some(&token), address.map(str::to_owned)).await;
        match passed {
            Ok(_) => assert!(open, "{address:?}"),
            Err(error) => assert_eq!(
                (error.code.unwrap().name, open),
                ("address_not_allowed", false)
            ),
        }
    }
    let forged = w.signed("wrong", json!({}));
    assert_eq!(
        w.refusal(&forged).await,
        "invalid_credentials",
        "the signature goes first"
    );
    let other = add_account(&w.ctx, "Other").await;
    assert_eq!(
        security::get(&w.ctx, &other).await.unwrap(),
        security::Security::default()
    );
}

#[tokio::test]
async fn whoever_restricts_addresses_cannot_lock_themselves_out() {
    let w = world(false).await;
    let person = Caller {
        address: Some("203.0.113.9".into()),
        ..w.caller.clone()
    };
    let patch = |addresses: &str| security::SecurityPatch {
        restrict: Some(true),
        addresses: Some(addresses.into()),
        ..Default::default()
    };
    for list in ["", "10.0.0.0/8", "10.0.0.1/99"] {
        let error = security::set(&w.ctx, &person, patch(list))
            .await
            .unwrap_err();
        assert_eq!(error.fields[0].field, "addresses", "{list}");
    }
    security::set(&w.ctx, &person, patch("203.0.113.0/24"))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_hardened_profile_makes_strict_apps_and_a_plain_token_of_one_is_refused() {
    let w = world(false).await;
    let patch = security::SecurityPatch {
        hardened: Some(true),
        ..Default::default()
    };
    security::set(&w.ctx, &w.caller, patch).await.unwrap();
    let (admin, secret) = add_app(&w, "admin").await;
    let app = apps::get(&w.ctx, &w.caller, &admin).await.unwrap().app;
    assert!(app.enforce_jti && app.enforce_jwe);
    let s = NOW / 1000;
    let no_jti = w.signed(secret.expose(), json!({"appId": admin, "exp": s + 60}));
    assert_eq!(w.refusal(&no_jti).await, "jti_required");
    let plain = w.signed(
        secret.expose(),
        json!({"appId": admin, "exp": s + 60, "jti": "x"}),
    );
    for _ in 0..2 {
        assert_eq!(
            w.refusal(&plain).await,
            "jwe_required",
            "the jti is not spent"
        );
    }
}

#[tokio::test]
async fn accepted_calls_of_a_week_are_counted_without_a_write_for_each() {
    let w = world(false).await;
    w.grant(true).await;
    let token = w.token(json!({}));
    let calls = async || {
        apps::dependents(&w.ctx, &w.caller, &w.app)
            .await
            .unwrap()
            .calls
    };
    for _ in 0..3 {
        w.call(Some(&token), &w.bot).await.unwrap();
    }
    w.refusal("no.token.at.all").await;
    assert_eq!(calls().await, 0, "nothing is written before the round");
    w.ctx.gate.flush_uses(&w.ctx).await.unwrap();
    w.ctx.gate.flush_uses(&w.ctx).await.unwrap();
    assert_eq!(calls().await, 3);
    w.clock.advance(7 * 86_400_000);
    w.call(Some(&token), &w.bot).await.unwrap();
    w.ctx.gate.flush_uses(&w.ctx).await.unwrap();
    assert_eq!(calls().await, 4);
    w.clock.advance(86_400_000);
    assert_eq!(calls().await, 1);
}

#[tokio::test]
async fn what_hangs_on_an_app_is_counted_when_it_goes() {
    let w = world(false).await;
    w.grant(true).await;
    let gone = apps::remove(&w.ctx, &w.caller, &w.app).await.unwrap();
    assert_eq!(
        (gone.agents.len(), gone.mappings, gone.admin_scopes),
        (1, 1, 0)
    );
    let error = apps::get(&w.ctx, &w.caller, &w.app).await.unwrap_err();
    assert_eq!(error.kind, types::Kind::NotFound);
}

#[tokio::test]
async fn a_name_is_one_per_account_without_regard_to_case() {
    let w = world(false).await;
    let new = |name: &str| apps::NewApp {
        name: name.into(),
        kind: "admin".into(),
        algorithm: "HS256".into(),
        ..Default::default()
    };
    let error = apps::create(&w.ctx, &w.caller, new("WEB"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.fields[0].field.as_str()),
        (types::Kind::Conflict, "name")
    );
    let other = add_account(&w.ctx, "Other").await;
    apps::create(&w.ctx, &other, new("web")).await.unwrap();
}

#[tokio::test]
async fn nothing_of_another_account_can_be_seen_or_touched() {
    let w = world(false).await;
    let other = add_account(&w.ctx, "Other").await;
    let (admin, _) = add_app(&w, "admin").await;
    let none = types::Kind::NotFound;
    let kind = |error: types::Error| error.kind;
    let ctx = &w.ctx;
    assert_eq!(
        apps::get(ctx, &other, &admin)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    assert_eq!(
        apps::reveal(ctx, &other, &admin)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    assert_eq!(
        apps::rotate(ctx, &other, &admin, 1)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    assert_eq!(
        apps::end_grace(ctx, &other, &admin)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    assert_eq!(
        apps::remove(ctx, &other, &admin)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    let patch = apps::AppPatch::default();
    assert_eq!(
        apps::set(ctx, &other, &admin, patch)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    let key = apps::NewKey::default();
    assert_eq!(
        apps::set_key(ctx, &other, &admin, key)
            .await
            .map_err(kind)
            .unwrap_err(),
        none
    );
    let names = ["Train ML".to_owned()];
    let set = scopes::set_admin(ctx, &other, &admin, &names).await;
    assert_eq!(set.map_err(kind).unwrap_err(), none);
    let gone = scopes::remove_admin(ctx, &other, &admin).await;
    assert_eq!(gone.map_err(kind).unwrap_err(), none);
    assert!(
        apps::list(ctx, &other, &Default::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(scopes::list_admin(ctx, &other).await.unwrap().is_empty());
}
