//! Versions: what stays with the one it began on, what is put in force again, and what is forgotten.

use crate::conversation::{World, two_nodes, world};
use serde_json::json;
use service::definition::{
    self as agents, Publish,
    compare::Kind,
    draft::{self, Edit},
    version::{self, Side},
};
use store::Copy;
use types::Kind as ErrorKind;

/// The same agent on SQLite, and on PostgreSQL where that is installed.
async fn worlds() -> Vec<World> {
    let mut all = vec![world().await];
    all.extend(two_nodes().await.map(|(one, ..)| one));
    all
}

/// Changes what the agent says at the end of its task.
async fn says(world: &World, word: &'static str) {
    let what = Edit {
        action: "test.edit",
        details: json!({}),
    };
    draft::edit(
        &world.ctx,
        &world.caller,
        &world.bot,
        &what,
        move |package| {
            let said = &mut package.definition["dialogComponents"][3];
            said["message"] =
                crate::conversation::words(&format!("{word} {{{{context.entities.amount}}}}."));
            Ok(())
        },
    )
    .await
    .unwrap();
}

async fn again(world: &World, number: i64) {
    let ask = Publish {
        version: Some(number),
        ..Publish::default()
    };
    let done = agents::publish(&world.ctx, &world.caller, &world.bot, &ask).await;
    assert_eq!(done.unwrap().number, number);
}

async fn numbers(world: &World) -> Vec<(i64, bool)> {
    let all = version::list(&world.ctx, &world.caller, &world.bot).await;
    let all = all.unwrap().into_iter();
    all.map(|one| (one.version.number, one.in_force)).collect()
}

#[tokio::test]
async fn a_conversation_in_progress_finishes_on_the_version_it_began_with() {
    for world in worlds().await {
        world.publish().await;
        world.texts("ann", "book pickup").await;
        says(&world, "Noted").await;
        world.publish().await;
        assert_eq!(world.texts("ann", "3").await, ["Booked 3."]);
        world.texts("bob", "book pickup").await;
        assert_eq!(world.texts("bob", "4").await, ["Noted 4."]);
        world.texts("ann", "book pickup").await;
        assert_eq!(
            world.texts("ann", "5").await,
            ["Booked 5."],
            "the session goes on, and with it the version"
        );
        world.clock.advance(900_000);
        world.texts("ann", "book pickup").await;
        assert_eq!(world.texts("ann", "6").await, ["Noted 6."]);
    }
}

#[tokio::test]
async fn a_session_that_is_begun_anew_takes_the_version_in_force() {
    let world = world().await;
    world.publish().await;
    world.texts("ann", "book pickup").await;
    says(&world, "Noted").await;
    world.publish().await;
    let body = json!({"message": {"text": "book pickup"}, "from": {"id": "ann"}, "session": {"new": true}});
    world.say(body).await.unwrap();
    assert_eq!(world.texts("ann", "3").await, ["Noted 3."]);
}

#[tokio::test]
async fn an_earlier_version_is_put_in_force_again_on_every_node_and_the_draft_stays() {
    let Some((one, two, _store)) = two_nodes().await else {
        return;
    };
    one.publish().await;
    says(&one, "Noted").await;
    one.publish().await;
    two.texts("ann", "book pickup").await;
    assert_eq!(two.texts("ann", "1").await, ["Noted 1."]);
    let before = agents::get(&one.ctx, &one.caller, &one.bot).await.unwrap();
    again(&one, 1).await;
    two.texts("bob", "book pickup").await;
    assert_eq!(two.texts("bob", "2").await, ["Booked 2."]);
    assert_eq!(numbers(&two).await, [(2, false), (1, true)]);
    let after = agents::get(&one.ctx, &one.caller, &one.bot).await.unwrap();
    assert_eq!(before.draft_digest, after.draft_digest);
}

#[tokio::test]
async fn a_version_whose_model_cannot_be_used_any_more_is_made_ready_before_it_answers() {
    let world = world().await;
    world.publish().await;
    says(&world, "Noted").await;
    world.publish().await;
    let (account, bot) = (&world.caller.account, &world.bot);
    let first = version::find(&world.ctx, &world.caller, bot, 1).await;
    let copy = Copy::Version(first.unwrap().version.new.id);
    let models = world.ctx.store().models();
    let mut old = models
        .find(account, bot, "en", &copy)
        .await
        .unwrap()
        .unwrap();
    let engine = std::mem::replace(&mut old.head.engine, "another/1".into());
    old.bytes = vec![1, 2, 3];
    models.put(&old).await.unwrap();
    again(&world, 1).await;
    let now = models
        .find(account, bot, "en", &copy)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(now.head.engine, engine);
    world.texts("ann", "book pickup").await;
    assert_eq!(world.texts("ann", "3").await, ["Booked 3."]);
    let ask = Publish {
        version: Some(9),
        ..Publish::default()
    };
    let error = agents::publish(&world.ctx, &world.caller, bot, &ask).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn twenty_versions_are_kept_beside_those_that_are_in_force_or_in_use() {
    for world in worlds().await {
        world.publish().await;
        world.texts("ann", "book pickup").await;
        for _ in 0..version::KEPT + 2 {
            world.publish().await;
        }
        let kept = numbers(&world).await;
        assert_eq!(kept.len(), version::KEPT + 1);
        assert_eq!(kept[0], (23, true));
        assert_eq!(kept[version::KEPT], (1, false), "a conversation is on it");
        assert_eq!(world.texts("ann", "3").await, ["Booked 3."]);
        world.clock.advance(900_000);
        service::runtime::closing::close_due(&world.ctx)
            .await
            .unwrap();
        world.publish().await;
        assert_eq!(numbers(&world).await.len(), version::KEPT);
    }
}

#[tokio::test]
async fn a_version_made_by_hand_is_compared_taken_back_and_deleted() {
    for world in worlds().await {
        let (ctx, caller, bot) = (&world.ctx, &world.caller, &world.bot);
        let error = version::create(ctx, caller, bot, " ", "").await;
        assert_eq!(error.unwrap_err().fields[0].field, "name");
        let made = version::create(ctx, caller, bot, "before the sale", "").await;
        assert_eq!(made.unwrap().number, 1);
        assert_eq!(numbers(&world).await, [(1, false)], "nothing is in force");
        says(&world, "Noted").await;
        let found = version::compare(ctx, caller, bot, Side::Number(1), Side::Draft).await;
        let found = found.unwrap();
        let seen = |d: &agents::compare::Difference| (d.component.clone(), d.id.clone(), d.kind);
        assert_eq!(
            found.items.iter().map(seen).collect::<Vec<_>>(),
            [("dialogComponents".into(), "said".into(), Kind::Changed)]
        );
        world.publish().await;
        version::restore(ctx, caller, bot, 1).await.unwrap();
        let same = version::compare(ctx, caller, bot, Side::Number(1), Side::Draft).await;
        assert!(same.unwrap().items.is_empty());
        world.texts("ann", "book pickup").await;
        assert_eq!(
            world.texts("ann", "3").await,
            ["Noted 3."],
            "what is in force stays"
        );
        let error = version::remove(ctx, caller, bot, 2).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "of a publish");
        again(&world, 1).await;
        let error = version::remove(ctx, caller, bot, 1).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "in force");
        world.texts("bob", "book pickup").await;
        again(&world, 2).await;
        let error = version::remove(ctx, caller, bot, 1).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "bob is on it");
        world.clock.advance(900_000);
        service::runtime::closing::close_due(ctx).await.unwrap();
        version::remove(ctx, caller, bot, 1).await.unwrap();
        assert_eq!(numbers(&world).await, [(2, true)]);
    }
}

/// Changes the definition of the draft.
async fn edit(world: &World, change: fn(&mut serde_json::Value)) {
    let what = Edit {
        action: "test.edit",
        details: json!({}),
    };
    draft::edit(
        &world.ctx,
        &world.caller,
        &world.bot,
        &what,
        move |package| {
            change(&mut package.definition);
            Ok(())
        },
    )
    .await
    .unwrap();
}

async fn publish_parts(world: &World, parts: &[&str]) -> types::Result<agents::Published> {
    let ask = Publish {
        components: parts.iter().map(|part| (*part).to_owned()).collect(),
        ..Publish::default()
    };
    agents::publish(&world.ctx, &world.caller, &world.bot, &ask).await
}

#[tokio::test]
async fn unticked_part_keeps_its_published_copy() {
    for world in worlds().await {
        let (ctx, caller, bot) = (&world.ctx, &world.caller, &world.bot);
        world.publish().await;
        says(&world, "Noted").await;
        edit(&world, |whole| {
            whole["sentences"] = json!([{"_id": "s1", "taskId": "dc-book", "taskName": "book pickup",
                "sentence": "collect my boxes", "language": "en", "type": "DialogIntent"}]);
            whole["sessionInactiveTime"] = json!(600_000);
        })
        .await;
        let made = publish_parts(&world, &["NL"]).await.unwrap();
        let copy = Copy::Version(made.version.clone());
        let now = draft::open_copy(ctx, caller, bot, &copy)
            .await
            .unwrap()
            .definition;
        assert_eq!(now["sentences"][0]["sentence"], "collect my boxes");
        assert_eq!(now["sessionInactiveTime"], 900_000);
        let found = version::find(ctx, caller, bot, made.number).await.unwrap();
        assert_eq!(found.version.new.components, ["NL"]);
        // the model is of the mix, and the dialog is the published one
        let view = agents::load(ctx, &caller.account, bot, &copy)
            .await
            .unwrap();
        let inputs = service::training::digest(&service::training::corpus(&view, "en"));
        let head = service::training::head(ctx, &caller.account, bot, &copy, "en").await;
        assert_eq!(head.unwrap().unwrap().inputs, inputs);
        world.texts("ann", "collect my boxes").await;
        assert_eq!(world.texts("ann", "3").await, ["Booked 3."]);

        publish_parts(&world, &["TASKS"]).await.unwrap();
        world.texts("bob", "collect my boxes").await;
        assert_eq!(world.texts("bob", "4").await, ["Noted 4."]);
        let last = publish_parts(&world, &["SETTINGS"]).await.unwrap().number;
        let rest = version::compare(ctx, caller, bot, Side::Number(last), Side::Draft).await;
        assert!(
            rest.unwrap().items.is_empty(),
            "part by part all is in force"
        );
        again(&world, 1).await;
        world.texts("cid", "book pickup").await;
        assert_eq!(world.texts("cid", "5").await, ["Booked 5."]);
    }
}

#[tokio::test]
async fn parts_that_do_not_fit_what_stays_in_force_are_refused() {
    let world = world().await;
    world.publish().await;
    edit(&world, |whole| {
        let more = json!({"_id": "dc-more", "refId": "more", "type": "intent", "name": "more"});
        whole["dialogComponents"].as_array_mut().unwrap().push(more);
        whole["sentences"] = json!([{"_id": "s1", "taskId": "dc-more", "taskName": "more",
            "sentence": "another one", "language": "en", "type": "DialogIntent"}]);
    })
    .await;
    let error = publish_parts(&world, &["NL"]).await.unwrap_err();
    assert!(error.message.contains("tick TASKS too"), "{error:?}");
    assert_eq!(numbers(&world).await, [(1, true)], "nothing was made");
    publish_parts(&world, &["NL", "TASKS"]).await.unwrap();
    let error = publish_parts(&world, &["dialogs"]).await.unwrap_err();
    assert_eq!(error.fields[0].field, "components");
}

#[tokio::test]
async fn without_a_version_in_force_the_whole_definition_goes() {
    let world = world().await;
    publish_parts(&world, &["NL"]).await.unwrap();
    world.texts("ann", "book pickup").await;
    assert_eq!(world.texts("ann", "3").await, ["Booked 3."]);
}
