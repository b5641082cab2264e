//! Linked apps: set in the draft, in force with a publish, and told by `getLinkedApps`.

use crate::world::{World, account, import, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use service::{
    definition::{draft, link},
    training::seen::Seen,
};
use types::{Kind, id::BotId};

async fn set(world: &World, bot: &BotId, children: &[&str]) -> types::Result<()> {
    let children: Vec<String> = children.iter().map(|id| (*id).to_owned()).collect();
    link::set(&world.ctx, &world.caller, bot, &children, Seen::default()).await
}

async fn told(world: &World) -> Value {
    let names = ["Get Linked App Details".to_owned()];
    let app = world.admin("links", &names).await;
    let bot = &world.bot;
    let path = format!("/api/1.1/public/bot/{bot}/universalbot/link?language=en");
    let request = Request::get(path).header("auth", app.token(&json!({})));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn links_are_configured_at_once_and_in_force_with_the_publish() {
    let world = world(0.0).await;
    let child = import(&world.ctx, &world.caller).await;
    set(&world, &world.bot, &[child.as_str()]).await.unwrap();
    let choice = link::choice(&world.ctx, &world.caller, &child).await;
    assert_eq!(choice.unwrap().parents[0].0, world.bot);
    world.publish().await;
    set(&world, &world.bot, &[]).await.unwrap();
    let choice = link::choice(&world.ctx, &world.caller, &child).await;
    assert_eq!(choice.unwrap().parents, []);
    let now = told(&world).await;
    assert_eq!(
        (&now["type"], &now["uxoUBConfigured"]["isUXOUB"]),
        (&json!("default"), &json!(false))
    );
    assert_eq!(now["configuredLinkedApps"], json!([]));
    let in_force = &now["publishedLinkedApps"][0];
    assert_eq!(in_force["_id"], child.as_str());
    assert_eq!(in_force["defaultLanguage"], "en");
    assert_eq!(in_force["status"], 0, "the child was never published");
    assert!(in_force["configuredVersion"].is_u64());
    assert_eq!(now["uxoUBPublished"]["linkedApps"], json!([child]));
}

#[tokio::test]
async fn a_link_keeps_the_state_that_it_was_made_for_until_it_is_synced() {
    let world = world(0.0).await;
    let child = import(&world.ctx, &world.caller).await;
    set(&world, &world.bot, &[child.as_str()]).await.unwrap();
    world.clock.advance(5_000);
    let what = draft::Edit {
        action: "language.add",
        details: json!({}),
    };
    draft::edit(&world.ctx, &world.caller, &child, &what, |package| {
        package.definition["localeData"]["en"]["description"] = json!("Changed");
        Ok(())
    })
    .await
    .unwrap();
    let now = || async {
        let links = link::links(&world.ctx, &world.caller, &world.bot).await;
        links.unwrap().configured.remove(0)
    };
    let before = now().await;
    assert!(before.behind);
    // a link that stays is not made anew
    set(&world, &world.bot, &[child.as_str()]).await.unwrap();
    assert_eq!(now().await, before);
    link::sync(&world.ctx, &world.caller, &world.bot)
        .await
        .unwrap();
    let after = now().await;
    assert!(!after.behind);
    assert_eq!(after.configured, before.configured + 5);
}

#[tokio::test]
async fn every_agent_that_cannot_be_linked_is_named_and_nothing_is_linked() {
    let world = world(0.0).await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let child = import(ctx, caller).await;
    let parent = import(ctx, caller).await;
    let stranger = account(ctx, "Other", "bob@example.com").await;
    let theirs = import(ctx, &stranger).await;
    let bare = import(ctx, caller).await;
    let what = draft::Edit {
        action: "dialog.remove",
        details: json!({}),
    };
    draft::edit(ctx, caller, &bare, &what, |package| {
        package.definition["dialogs"] = json!([]);
        Ok(())
    })
    .await
    .unwrap();
    set(&world, &parent, &[child.as_str()]).await.unwrap();
    let wrong = [
        world.bot.as_str(),
        "nonsense",
        theirs.as_str(),
        bare.as_str(),
        parent.as_str(),
        child.as_str(),
        child.as_str(),
    ];
    let error = set(&world, &world.bot, &wrong).await.unwrap_err();
    let said: Vec<_> = error
        .fields
        .iter()
        .map(|wrong| (wrong.field.as_str(), wrong.message.as_str()))
        .collect();
    let stranger = "is not an agent of this account";
    assert_eq!(
        said,
        [
            ("linkedApps[0]", "is this agent itself"),
            ("linkedApps[1]", stranger),
            ("linkedApps[2]", stranger),
            ("linkedApps[3]", "has no dialog"),
            ("linkedApps[4]", "links other agents itself"),
            ("linkedApps[6]", "is named twice"),
        ]
    );
    let links = link::links(ctx, caller, &world.bot).await.unwrap();
    assert_eq!(links.configured, []);
    // a child cannot become a parent
    let error = set(&world, &child, &[world.bot.as_str()]).await;
    assert_eq!(error.unwrap_err().kind, Kind::Conflict);
}

#[tokio::test]
async fn a_change_on_an_older_state_is_refused_and_a_deleted_child_is_left_out() {
    let world = world(0.0).await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let child = import(ctx, caller).await;
    let seen = link::choice(ctx, caller, &world.bot).await.unwrap().tag;
    set(&world, &world.bot, &[child.as_str()]).await.unwrap();
    let late = link::set(ctx, caller, &world.bot, &[], Seen(Some(seen))).await;
    assert!(late.is_err());
    service::definition::remove(ctx, caller, &child)
        .await
        .unwrap();
    let links = link::links(ctx, caller, &world.bot).await.unwrap();
    assert_eq!(links.configured, []);
}
