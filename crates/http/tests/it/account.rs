//! Operations of the account, with admin apps.

use crate::world::{Answer, App, World, account, import, world};
use axum::{body::Body, http::Request};
use serde_json::json;
use service::{
    Caller,
    admin::{apps, scopes, security},
};

async fn admin(world: &World, caller: &Caller, names: &[&str]) -> App {
    let new = apps::NewApp {
        name: "admin".into(),
        kind: "admin".into(),
        algorithm: "HS256".into(),
        ..Default::default()
    };
    let (view, secret) = apps::create(&world.ctx, caller, new).await.unwrap();
    let id = view.app.client_id;
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    scopes::change_admin(&world.ctx, caller, &id, &names, true)
        .await
        .unwrap();
    App { id, secret }
}

async fn get(world: &World, app: &App, path: &str) -> Answer {
    let request = Request::get(path).header("auth", app.token(&json!({})));
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn get_bots_lists_the_own_agents_with_masked_secrets() {
    let world = world(0.0).await;
    let web = world.app("web", true).await;
    let stranger = account(&world.ctx, "Other", "bob@example.com").await;
    import(&world.ctx, &stranger).await;
    import(&world.ctx, &world.caller).await;
    let app = admin(&world, &world.caller, &["Role Management"]).await;
    let answer = get(&world, &app, "/api/public/bots").await;
    assert_eq!(
        (&answer.body["total"], &answer.body["availableMore"]),
        (&json!(2), &json!(false))
    );
    let bots = answer.body["bots"].as_array().unwrap();
    let bot = bots
        .iter()
        .find(|b| b["_id"] == world.bot.as_str())
        .unwrap();
    assert_eq!(bot["accountId"], world.caller.account.as_str());
    let listed = &bot["jwtApps"][0];
    assert_eq!(
        (&listed["clientId"], &listed["clientSecret"]),
        (&json!(web.id), &json!("********"))
    );
    assert_eq!(
        (
            &listed["jtiClaimEnforced"],
            &listed["jweEncryptionEnforced"]
        ),
        (&json!(true), &json!(false))
    );
    let part = get(&world, &app, "/api/public/bots?limit=1").await;
    assert_eq!(
        (
            &part.body["availableMore"],
            part.body["bots"].as_array().unwrap().len()
        ),
        (&json!(true), 1)
    );
    let part = get(&world, &app, "/api/public/bots?offset=1&limit=1").await;
    assert_eq!(
        (
            &part.body["availableMore"],
            part.body["bots"].as_array().unwrap().len()
        ),
        (&json!(false), 1)
    );
    for wrong in ["limit=0", "limit=51", "limit=x", "offset=-1"] {
        let answer = get(&world, &app, &format!("/api/public/bots?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let patch = security::SecurityPatch {
        reveal_secrets: Some(true),
        ..Default::default()
    };
    security::set(&world.ctx, &world.caller, patch)
        .await
        .unwrap();
    let answer = get(&world, &app, "/api/public/bots?limit=50").await;
    let shown = answer.body["bots"]
        .as_array()
        .unwrap()
        .iter()
        .find(|b| b["_id"] == world.bot.as_str());
    assert_eq!(
        shown.unwrap()["jwtApps"][0]["clientSecret"],
        web.secret.expose()
    );
}

#[tokio::test]
async fn operations_of_the_account_ask_for_their_admin_scope() {
    let world = world(0.0).await;
    let web = world.app("web", false).await;
    let other = admin(&world, &world.caller, &["Train ML"]).await;
    for app in [&web, &other] {
        let answer = get(&world, app, "/api/public/bots").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["errors"][0]["msg"]),
            (403, &json!("Permission denied. Scope is incorrect!"))
        );
    }
    let import =
        || Request::post("/api/public/bot/import").header("content-type", "application/json");
    for app in [&web, &other] {
        let request = import()
            .header("auth", app.token(&json!({})))
            .body(Body::from("{}"));
        assert_eq!(world.send(request.unwrap()).await.status, 403);
    }
    let names = ["Bot Import".to_owned()];
    scopes::change_admin(&world.ctx, &world.caller, &other.id, &names, true)
        .await
        .unwrap();
    let request = import()
        .header("auth", other.token(&json!({})))
        .body(Body::from("{}"));
    assert_eq!(
        world.send(request.unwrap()).await.status,
        400,
        "past the gate, and no file is named"
    );
}

#[tokio::test]
async fn an_admin_app_reaches_the_agents_of_its_account_and_no_others() {
    let world = world(0.0).await;
    let names = ["Get Linked App Details", "Publish", "Bot Sessions"];
    let app = admin(&world, &world.caller, &names).await;
    let stranger = account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = import(&world.ctx, &stranger).await;
    let paths = |bot: &str| {
        [
            format!("/api/1.1/public/bot/{bot}/universalbot/link?language=en"),
            format!("/api/public/bot/{bot}/publish/status"),
        ]
    };
    let own = get(&world, &app, &paths(world.bot.as_str())[0]).await;
    assert_eq!(
        (own.status.as_u16(), &own.body["configuredLinkedApps"]),
        (200, &json!([]))
    );
    assert_ne!(
        get(&world, &app, &paths(world.bot.as_str())[1])
            .await
            .status,
        403
    );
    let mut said = Vec::new();
    for bot in [theirs.as_str(), "st-unknown"] {
        for path in paths(bot) {
            let answer = get(&world, &app, &path).await;
            assert_eq!(answer.status, 404, "{path}");
            said.push(answer.bytes);
        }
    }
    assert!(
        said.windows(2).all(|pair| pair[0] == pair[1]),
        "alike to the byte"
    );
    let foreign = admin(&world, &stranger, &names).await;
    let answer = get(&world, &foreign, &paths(world.bot.as_str())[0]).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn every_unknown_scope_is_named_and_what_changes_nothing_leaves_no_row_in_the_audit() {
    let world = world(0.0).await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let app = admin(&world, caller, &[]).await;
    let names = ["Bot Import", "Nonsense", "Role Management", "Rubbish"].map(str::to_owned);
    let refused = scopes::change_admin(ctx, caller, &app.id, &names, true).await;
    let said = refused.unwrap_err().fields;
    assert_eq!(said.len(), 2);
    assert!(
        said[0].message.starts_with("\"Nonsense\"") && said[1].message.starts_with("\"Rubbish\"")
    );
    scopes::remove_admin(ctx, caller, &app.id).await.ok();
    let before = rows(&world).await;
    let web = world.app("web", false).await;
    let made = rows(&world).await;
    assert!(made > before, "a new app has a row");
    assert!(scopes::remove_admin(ctx, caller, &app.id).await.is_err());
    assert!(
        scopes::remove(ctx, caller, &world.bot, &web.id)
            .await
            .is_err()
    );
    assert!(
        scopes::revoke(ctx, caller, &world.bot, &web.id)
            .await
            .is_err()
    );
    let nothing = security::SecurityPatch::default();
    security::set(ctx, caller, nothing).await.unwrap();
    assert_eq!(rows(&world).await, made);
}

/// How many rows the audit has.
async fn rows(world: &World) -> i64 {
    service::audit::head(&world.ctx).await.unwrap().number
}
