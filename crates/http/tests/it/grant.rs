//! Access tokens of chat clients.

use crate::world::{Answer, App, NOW, World, account, import, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use service::{
    admin::{apps, keys, tokens},
    runtime::access,
};

const PATH: &str = "/api/oAuth/token/jwtgrant";

async fn post(world: &World, path: &str, kind: &str, body: String) -> Answer {
    let request = Request::post(path)
        .header("content-type", kind)
        .body(Body::from(body));
    world.send(request.unwrap()).await
}

async fn exchange(world: &World, assertion: &str, bot: &str) -> Answer {
    let body = json!({"assertion": assertion, "botInfo": {"chatBot": "Parcel Desk", "taskBotId": bot}, "token": {}});
    post(world, PATH, "application/json", body.to_string()).await
}

fn chat(app: &App, extra: Value) -> String {
    let mut claims = json!({"appId": null, "iss": app.id, "sub": "ann@example.com", "aud": "", "isAnonymous": false,
        "iat": NOW, "exp": NOW + 600});
    for (name, value) in extra.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let mut claims = claims;
    claims.as_object_mut().unwrap().retain(|_, v| !v.is_null());
    let key = jose::Key::hmac(jose::Algorithm::Hs256, app.secret.expose().as_bytes()).unwrap();
    jose::sign(&key, claims.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_jwt_is_exchanged_for_an_opaque_token_that_speaks_for_the_visitor() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let bot = world.bot.to_string();
    let custom = json!({"secureCustomData": {"tier": "gold"}, "isAnonymous": true});
    let answer = exchange(&world, &chat(&app, custom), &bot).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (auth, user) = (&answer.body["authorization"], &answer.body["userInfo"]);
    assert_eq!(auth["token_type"], "bearer");
    assert_eq!(user["identity"], format!("{}/ann@example.com", app.id));
    assert_eq!(user["userId"], auth["resourceOwnerID"]);
    assert_eq!(user["emailId"], "ann@example.com");
    assert_eq!(user["orgId"], auth["orgID"]);
    let named = auth["sesId"].as_str().unwrap();
    assert_eq!(named.len(), 24);
    assert!(!auth["accessToken"].as_str().unwrap().contains(named));
    assert_eq!(auth["expiresDate"], "2027-01-16T08:00:00.000Z");
    let token = auth["accessToken"].as_str().unwrap();
    let shown = access::find(&world.ctx, token, None).await.unwrap();
    assert_eq!(
        (shown.bot.as_str(), shown.user.as_str()),
        (bot.as_str(), user["userId"].as_str().unwrap())
    );
    assert_eq!(
        shown.caller.visitor.subject.as_deref(),
        Some("ann@example.com")
    );
    assert_eq!(
        shown.caller.visitor.secure_custom_data,
        Some(json!({"tier": "gold"}))
    );
    assert!(shown.caller.visitor.anonymous);
    let again = exchange(&world, &chat(&app, json!({})), &bot).await;
    assert_eq!(
        again.body["userInfo"]["userId"], user["userId"],
        "one visitor has one id"
    );
    assert_ne!(
        again.body["authorization"]["accessToken"],
        auth["accessToken"]
    );
    world.clock.advance(access::LIFE_MS);
    let error = access::find(&world.ctx, token, None).await.unwrap_err();
    assert_eq!(error.code.unwrap().name, "token_expired");
}

#[tokio::test]
async fn an_access_token_opens_no_operation_of_the_api() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    world.grant(&app, &["Bot Sessions".into()]).await;
    world.publish().await;
    let answer = exchange(&world, &chat(&app, json!({})), world.bot.as_str()).await;
    let token = answer.body["authorization"]["accessToken"]
        .as_str()
        .unwrap();
    for header in [
        ("auth", token.to_owned()),
        ("authorization", format!("bearer {token}")),
    ] {
        let request = Request::post(format!("/api/public/bot/{}/getSessions", world.bot))
            .header(header.0, header.1)
            .body(Body::from("{}"));
        let answer = world.send(request.unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["errors"][0]["code"]),
            (401, &json!(4002))
        );
    }
}

#[tokio::test]
async fn forms_encrypted_tokens_and_old_paths_are_taken() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let form = format!(
        "assertion={}&botInfo%5BchatBot%5D=x&botInfo[taskBotId]={}",
        chat(&app, json!({})),
        world.bot
    );
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    for path in [PATH, "/api/1.1/oAuth/token/jwtgrant"] {
        let answer = post(&world, path, kind, form.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let body = json!({"assertion": chat(&app, json!({}))}).to_string();
    let answer = post(&world, PATH, "application/json", body).await;
    assert_eq!(answer.status, 200, "the app has one agent only");
    let patch = apps::AppPatch {
        enforce_jwe: Some(true),
        ..Default::default()
    };
    apps::set(&world.ctx, &world.caller, &app.id, patch)
        .await
        .unwrap();
    let answer = exchange(&world, &chat(&app, json!({})), world.bot.as_str()).await;
    assert_eq!(
        answer.body["errors"][0]["msg"],
        "error verifying the jwt: token must be encrypted (JWE)"
    );
    keys::ensure(&world.ctx).await.unwrap();
    let made = tokens::mint(
        &world.ctx,
        &world.caller,
        &app.id,
        &tokens::NewToken::default(),
    )
    .await;
    let answer = exchange(&world, made.unwrap().expose(), world.bot.as_str()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn what_is_not_accepted_is_refused_with_the_documented_texts() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let bot = world.bot.to_string();
    let stranger = account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = import(&world.ctx, &stranger).await.to_string();
    let once = chat(&app, json!({"jti": "a"}));
    assert_eq!(exchange(&world, &once, &bot).await.status, 200);
    let cases = [
        (
            once,
            bot.as_str(),
            401,
            "error verifying the jwt: possibly a replay",
        ),
        (
            chat(&app, json!({"jti": "b", "exp": NOW + 7200})),
            &bot,
            401,
            "error verifying the jwt: if \"jti\" claim \"exp\" must be <= 1 hour(s)",
        ),
        (
            chat(&app, json!({"exp": NOW - 100})),
            &bot,
            401,
            "token expired",
        ),
        ("nonsense".to_owned(), &bot, 401, "Invalid SDK credentials"),
        ("a.b.c.d.e".to_owned(), &bot, 401, "Invalid SDK credentials"),
        (chat(&app, json!({})), &theirs, 404, "Bot not found"),
        (chat(&app, json!({})), "st-unknown", 404, "Bot not found"),
        (
            chat(&app, json!({"sub": ""})),
            &bot,
            400,
            "assertion.sub: must say who the visitor is, in 1 to 256 characters",
        ),
    ];
    for (assertion, bot, status, text) in cases {
        let answer = exchange(&world, &assertion, bot).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.body["errors"][0]["msg"].as_str()
            ),
            (status, Some(text))
        );
    }
    for body in ["", "[]", "{}", r#"{"assertion":7}"#, r#"{"assertion":{}}"#] {
        let answer = post(&world, PATH, "application/json", body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn access_tokens_end_with_revocation_their_app_and_a_rotation_without_grace() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let bot = world.bot.to_string();
    let fresh = || async {
        let answer = exchange(&world, &chat(&app, json!({})), &bot).await;
        answer.body["authorization"]["accessToken"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ended = |token: String| {
        let ctx = world.ctx.clone();
        async move { access::find(&ctx, &token, None).await.is_err() }
    };
    let token = fresh().await;
    let gone = access::revoke(&world.ctx, &world.caller, &app.id, Some("bob")).await;
    assert_eq!((gone.unwrap(), ended(token.clone()).await), (0, false));
    let stranger = account(&world.ctx, "Other", "bob@example.com").await;
    assert!(
        access::revoke(&world.ctx, &stranger, &app.id, None)
            .await
            .is_err()
    );
    let gone = access::revoke(&world.ctx, &world.caller, &app.id, Some("ann@example.com")).await;
    assert_eq!((gone.unwrap(), ended(token).await), (1, true));
    let token = fresh().await;
    let patch = |on| apps::AppPatch {
        enabled: Some(on),
        ..Default::default()
    };
    apps::set(&world.ctx, &world.caller, &app.id, patch(false))
        .await
        .unwrap();
    assert!(ended(token).await);
    apps::set(&world.ctx, &world.caller, &app.id, patch(true))
        .await
        .unwrap();
    let token = fresh().await;
    apps::rotate(&world.ctx, &world.caller, &app.id, 1)
        .await
        .unwrap();
    assert!(!ended(token.clone()).await);
    apps::rotate(&world.ctx, &world.caller, &app.id, 0)
        .await
        .unwrap();
    assert!(ended(token).await);
}

#[tokio::test]
async fn anonymous_visitors_come_only_where_the_app_allows_it() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let path = "/api/oAuth/token/jwtgrant/anonymous";
    let ask = |issuer: String| {
        let body = json!({"assertion": {"issuer": issuer, "subject": "5f0d5a54-0f4b-4b8e-9a46-6d9c3b9d6f10"},
            "botInfo": {"taskBotId": world.bot}});
        post(&world, path, "application/json", body.to_string())
    };
    assert_eq!(ask(app.id.to_string()).await.status, 401);
    let patch = apps::AppPatch {
        anonymous: Some(true),
        ..Default::default()
    };
    apps::set(&world.ctx, &world.caller, &app.id, patch)
        .await
        .unwrap();
    let answer = ask(app.id.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.body["authorization"]["accessToken"]
        .as_str()
        .unwrap();
    assert!(
        access::find(&world.ctx, token, None)
            .await
            .unwrap()
            .caller
            .visitor
            .anonymous
    );
    assert_eq!(ask("cs-unknown".into()).await.status, 401);
    assert_eq!(ask("nonsense".into()).await.status, 401);
    let patch = apps::AppPatch {
        enforce_jti: Some(true),
        ..Default::default()
    };
    apps::set(&world.ctx, &world.caller, &app.id, patch)
        .await
        .unwrap();
    assert_eq!(
        ask(app.id.to_string()).await.status,
        401,
        "nothing signed, nothing enforced"
    );
    let answer = post(
        &world,
        path,
        "application/json",
        r#"{"assertion":"a.b.c"}"#.into(),
    )
    .await;
    assert_eq!(answer.status, 400);
}
