//! Conversation test suites on the real turn engine, with mocked services.

use crate::conversation::{World, node, two_nodes, words, world, world_on};
use kv::MemoryLocks;
use serde_json::{Value, json};
use service::{
    definition::{
        draft::{self, Edit},
        file,
    },
    runtime::outbound::Reach,
    training::{
        self,
        conversation_test::{self as suites, Import, Run, State},
    },
    work,
};
use std::sync::Arc;
use types::{FixedClock, id::JobId};

async fn run_jobs(world: &World) -> usize {
    let worker = work::worker(&world.ctx, jobs::Settings::default());
    worker.run_due().await.unwrap()
}

async fn ask(world: &World, name: &str, content: &Value) -> types::Result<JobId> {
    let bytes = content.to_string().into_bytes();
    let kept = file::upload(&world.ctx, &world.caller, "suite.json", bytes).await;
    let import = Import {
        file: kept.unwrap().id,
        name: name.to_owned(),
        description: String::new(),
        tags: Vec::new(),
        email: "ann@example.com".to_owned(),
        language: None,
    };
    work::ask_conversation_import(&world.ctx, &world.caller, &world.bot, import).await
}

/// Imports a suite; answers the steps that did not come out as it says.
async fn import(world: &World, name: &str, content: &Value) -> Value {
    let job = ask(world, name, content).await.unwrap();
    assert_eq!(run_jobs(world).await, 1);
    let job = work::find(&world.ctx, &world.caller, &job).await.unwrap();
    assert_eq!(job.error, None);
    job.result.unwrap()["differing"].take()
}

async fn start(world: &World, name: &str, published: bool) -> JobId {
    let (ctx, caller, bot) = (&world.ctx, &world.caller, &world.bot);
    let run = suites::run(ctx, caller, bot, name, published, "ann@example.com").await;
    run.unwrap()
}

async fn status(world: &World, name: &str, run: &JobId) -> Run {
    let found = suites::status(&world.ctx, &world.caller, &world.bot, name, run).await;
    found.unwrap()
}

async fn done(world: &World, name: &str, published: bool) -> Run {
    let run = start(world, name, published).await;
    run_jobs(world).await;
    status(world, name, &run).await
}

fn happy() -> Value {
    json!({"testSteps": [
        {"input": "book pickup", "outputs": []},
        {"input": "3", "outputs": [{"text": "Booked {{n}}.",
            "assertions": {"context": {"enabled": true, "contains": [{"key": "entities.amount", "value": 3}, "BotContext.last"]}}}]},
    ]})
}

async fn change(world: &World, change: impl Fn(&mut Value) + Send + Sync + 'static) {
    let what = Edit {
        action: "test.edit",
        details: json!({}),
    };
    let done = draft::edit(&world.ctx, &world.caller, &world.bot, &what, move |p| {
        change(&mut p.definition);
        Ok(())
    });
    done.await.unwrap();
}

async fn trained(world: &World) {
    let done = training::train_all(&world.ctx, &world.caller, &world.bot).await;
    done.unwrap();
}

#[tokio::test]
async fn a_suite_records_what_the_agent_does_and_passes_until_that_changes() {
    let mut worlds = vec![world().await];
    worlds.extend(two_nodes().await.map(|(one, ..)| one));
    for world in worlds {
        trained(&world).await;
        assert_eq!(import(&world, "happy", &happy()).await, json!([]));
        let all = suites::list(&world.ctx, &world.caller, &world.bot).await;
        let steps = &all.unwrap()[0].0.content.steps;
        assert_eq!(steps[0].outputs[0].text, "How many parcels?");
        assert_eq!(steps[0].outputs[0].node_name, "amount");
        assert_eq!(steps[0].outputs[0].component_type, "entity");
        assert_eq!(steps[1].outputs[0].transition_node_names, ["keep", "said"]);
        let run = done(&world, "Happy", false).await;
        assert_eq!(run.state, State::Passed, "{:#?}", run.steps);
        let path: Vec<&str> = run.steps[1]
            .path
            .iter()
            .map(|n| n.node_name.as_str())
            .collect();
        assert_eq!(path, ["keep", "said"]);

        world.publish().await;
        change(&world, |all| {
            all["dialogComponents"][3]["message"] = words("Noted {{context.entities.amount}}.");
        })
        .await;
        let run = done(&world, "happy", false).await;
        assert_eq!((run.state, run.row.passed), (State::Failed, Some(1)));
        let wrong = &run.steps[1].outputs[0];
        assert_eq!(
            (wrong.text, wrong.flow, wrong.context),
            (Some(false), Some(true), Some(true))
        );
        assert_eq!(wrong.actual.as_deref(), Some("Noted 3."));
        assert_eq!(wrong.reasons, ["the text differs"]);
        assert_eq!(done(&world, "happy", true).await.state, State::Passed);

        change(&world, |all| {
            all["dialogComponents"][3]["message"] = words("Booked {{context.entities.amount}}.");
            all["dialogs"][0]["nodes"][1]["transitions"] = json!([{"default": "said"}]);
        })
        .await;
        let run = done(&world, "happy", false).await;
        let wrong = &run.steps[1].outputs[0];
        assert_eq!((wrong.text, wrong.flow), (Some(true), Some(false)));
        assert_eq!(
            wrong.reasons[0],
            "the way should be keep > said, and was said"
        );
        assert_eq!(wrong.context, Some(false), "the script did not run");
        let sessions = world.ctx.store().sessions();
        let filter = store::SessionFilter {
            limit: 1,
            ..store::SessionFilter::default()
        };
        let kept = sessions.list(&world.caller.account, &filter).await.unwrap();
        assert_eq!(kept.1, 0, "a test leaves no conversation behind");
    }
}

fn with_service() -> definition::Package {
    let named = |id: &str, kind: &str, mut more: Value| {
        for (key, value) in [("_id", id), ("refId", id), ("type", kind), ("name", id)] {
            more[key] = json!(value);
        }
        more
    };
    let node = |id: &str, kind: &str, of: &str, to: &str| json!({"nodeId": id, "type": kind, "componentId": of, "transitions": [{"default": to}]});
    let intent = json!({"dialogId": "dg-rate", "localeData": {"en": {"intent": "show rate"}}});
    let call = json!({"serviceNodeType": "custom", "serviceAPITimeout": 5,
        "endPoint": {"path": "http://127.0.0.1:9/rate", "method": "get"}});
    let said =
        "Rate {{context.rates.response.body.rate}}, {{context.session.BotUserSession.tier}}.";
    let mut intent = named("dc-rate", "intent", intent);
    intent["name"] = json!("show rate");
    let definition = json!({
        "_id": "st-1", "defaultLanguage": "en", "supportedLanguages": ["en"], "localeData": {"en": {"name": "Rates"}},
        "dialogs": [{"_id": "dg-rate", "refId": "ref-rate", "lname": "show rate", "localeData": {"en": {"name": "Show rate"}},
            "nodes": [node("intent0", "intent", "dc-rate", "call"), node("call", "service", "rates", "said"), node("said", "message", "said", "end")]}],
        "dialogComponents": [intent, named("rates", "service", call), named("said", "message", json!({"message": words(said)}))],
    });
    definition::Package {
        definition,
        definition_name: "botDefinition.json".into(),
        ..definition::Package::default()
    }
}

#[tokio::test]
async fn services_are_mocked_and_never_called_and_the_script_runs_before_each_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let clock = Arc::new(FixedClock::at(1_800_000_000_000));
    let vault = Arc::new(crypt::MasterKey::generate());
    // anything could be reached, and nothing is
    let ctx = node(
        Arc::new(sql),
        Arc::new(MemoryLocks::default()),
        vault,
        clock.clone(),
        Reach::Any,
    );
    let world = world_on(ctx, clock, dir, with_service()).await;
    trained(&world).await;
    let steps = json!([{"name": "one", "discardBefore": true, "messages": [
            {"input": "show rate", "outputs": ["Rate 7, gold."]}, {"input": "show rate", "outputs": ["Rate 8, gold."]}]},
        {"name": "two", "discardBefore": true, "messages": [{"input": "show rate", "outputs": [{"contains": {"allOf": ["8", "gold"]}}]}]}]);
    let file = json!({"testCases": steps, "preprocessor": "BotUserSession.put('tier', 'gold', 100);", "serviceMap": [
        {"name": "Rates", "status": 200, "body": {"rate": 7}}, {"name": "rates", "body": {"rate": 8}}]});
    assert_eq!(import(&world, "mocked", &file).await, json!([]));
    let run = done(&world, "mocked", false).await;
    assert_eq!(run.state, State::Passed, "{:#?}", run.steps);
    assert_eq!(run.steps[2].case.as_deref(), Some("two"));

    let file = json!({"testSteps": [{"input": "show rate", "outputs": [{"text": "Rate 7, ."}]}]});
    let differing = import(&world, "unmocked", &file).await;
    assert!(differing[0].as_str().unwrap().starts_with("step 1: "));
    let run = done(&world, "unmocked", false).await;
    assert_eq!(run.state, State::Failed);
    assert_eq!(run.steps[0].unmocked_services, ["rates"]);
}

#[tokio::test]
async fn a_run_whose_worker_died_is_taken_up_again_and_one_that_was_deleted_leaves_nothing() {
    let world = world().await;
    trained(&world).await;
    import(&world, "happy", &happy()).await;
    let run = start(&world, "happy", false).await;
    let now = world.ctx.now();
    let jobs = world.ctx.store().jobs();
    let claimed = jobs
        .claim_one(&run, "dead", now, now + 1_000)
        .await
        .unwrap();
    assert!(claimed.is_some());
    assert_eq!(run_jobs(&world).await, 0, "somebody has it");
    assert!(matches!(
        status(&world, "happy", &run).await.state,
        State::Running(_)
    ));
    world.clock.advance(2_000);
    assert_eq!(run_jobs(&world).await, 1);
    assert_eq!(status(&world, "happy", &run).await.state, State::Passed);

    let waiting = start(&world, "happy", false).await;
    let names = ["happy".to_owned()];
    let unknown = ["happy".to_owned(), "gone".to_owned()];
    let (ctx, caller, bot) = (&world.ctx, &world.caller, &world.bot);
    let error = suites::remove(ctx, caller, bot, &unknown)
        .await
        .unwrap_err();
    assert!(error.message.contains("gone"), "{}", error.message);
    suites::remove(ctx, caller, bot, &names).await.unwrap();
    assert_eq!(run_jobs(&world).await, 1);
    let job = work::find(ctx, caller, &waiting).await.unwrap();
    assert_eq!(job.result, Some(json!({"deleted": true})));
    assert!(suites::list(ctx, caller, bot).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_tested_is_refused_with_the_field() {
    let world = world().await;
    let (ctx, caller, bot) = (&world.ctx, &world.caller, &world.bot);
    let job = ask(&world, "early", &happy()).await.unwrap();
    run_jobs(&world).await;
    let failed = work::find(ctx, caller, &job).await.unwrap();
    assert!(failed.error.unwrap().contains("not trained"));
    trained(&world).await;
    import(&world, "happy", &happy()).await;
    let error = ask(&world, "HAPPY", &happy()).await.unwrap_err();
    assert_eq!(error.fields[0].field, "name");
    let error = ask(&world, "import", &happy()).await.unwrap_err();
    assert_eq!(error.fields[0].field, "name");
    let nobody = suites::run(ctx, caller, bot, "happy", false, "bob@example.com").await;
    assert_eq!(nobody.unwrap_err().fields[0].field, "userEmailId");
    let people = ctx.store().users();
    let mut tester = people.list(&caller.account).await.unwrap().remove(0);
    tester.id = types::id::UserId::new(ctx.ids());
    tester.email = "tess@example.com".to_owned();
    tester.role = "tester".to_owned();
    people.add(&tester).await.unwrap();
    let refused = suites::run(ctx, caller, bot, "happy", false, "tess@example.com").await;
    assert_eq!(refused.unwrap_err().fields[0].field, "userEmailId");
    let unpublished = suites::run(ctx, caller, bot, "happy", true, "ann@example.com").await;
    assert_eq!(unpublished.unwrap_err().message, "Bot is not published");
    let job = ask(&world, "broken", &json!({"testSteps": [{"input": ""}]})).await;
    let job = job.unwrap();
    run_jobs(&world).await;
    let failed = work::find(ctx, caller, &job).await.unwrap();
    assert!(failed.error.unwrap().contains("testSteps[0].input"));
}
