//! Training while other things happen: edits, publishes, deletions, a dead worker; and the memory that models may take.

use crate::conversation::{World, package, two_nodes, world};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::json;
use service::{
    Ctx, Parts, Settings,
    definition::{
        self as agents,
        draft::{self, Edit},
    },
    runtime::outbound::{Outbound, Reach},
    training::{self, auto},
    work,
};
use std::sync::Arc;
use store::{Copy, JobFilter};
use types::{RandomIds, id::BotId, page::PageIn};

async fn run_jobs(world: &World) -> usize {
    let worker = work::worker(&world.ctx, jobs::Settings::default());
    worker.run_due().await.unwrap()
}

/// One more utterance for the intent.
async fn teach(world: &World, text: &str) {
    let what = Edit {
        action: "test.edit",
        details: json!({}),
    };
    let line = json!({"_id": format!("s-{text}"), "taskId": "dc-book", "taskName": "book pickup", "sentence": text,
        "type": "DialogIntent", "language": "en", "entities": []});
    draft::edit(&world.ctx, &world.caller, &world.bot, &what, move |p| {
        let all = p.definition.as_object_mut().unwrap();
        let all = all.entry("sentences").or_insert_with(|| json!([]));
        all.as_array_mut().unwrap().push(line.clone());
        Ok(())
    })
    .await
    .unwrap();
}

/// Whether the draft's model in use finds the intent.
async fn finds(world: &World, text: &str) -> bool {
    let (account, bot) = (&world.caller.account, &world.bot);
    let model = training::model(&world.ctx, account, bot, &Copy::Draft, "en").await;
    let found = model.unwrap().detect(text, &nlu::Filter::default());
    !found.winners.is_empty()
}

async fn waiting(world: &World) -> usize {
    let filter = JobFilter {
        open: true,
        ..JobFilter::default()
    };
    let page = PageIn {
        limit: 100,
        cursor: None,
    };
    let jobs = world.ctx.store().jobs();
    let found = jobs.list(&world.caller.account, &filter, &page).await;
    found.unwrap().items.len()
}

async fn train(world: &World) {
    let done = training::train_all(&world.ctx, &world.caller, &world.bot).await;
    done.unwrap();
}

async fn switch(world: &World, on: bool) {
    let done = auto::set(&world.ctx, &world.caller, &world.bot, on).await;
    done.unwrap();
}

const FIRST: &str = "please collect several boxes tomorrow morning";
const SECOND: &str = "zugzwang quorum fjord";

#[tokio::test]
async fn an_edit_is_trained_in_the_background_and_the_old_model_answers_until_then() {
    let mut worlds = vec![world().await];
    worlds.extend(two_nodes().await.map(|(one, ..)| one));
    for world in worlds {
        switch(&world, true).await;
        teach(&world, FIRST).await;
        assert_eq!(waiting(&world).await, 0, "it was never trained");
        train(&world).await;
        assert!(finds(&world, FIRST).await && !finds(&world, SECOND).await);
        teach(&world, SECOND).await;
        teach(&world, "another line").await;
        assert_eq!(waiting(&world).await, 1, "one training for several edits");
        assert_eq!(run_jobs(&world).await, 0, "it waits for the last edit");
        assert!(finds(&world, FIRST).await && !finds(&world, SECOND).await);
        world.clock.advance(auto::DELAY_MS);
        assert_eq!(run_jobs(&world).await, 1);
        assert!(finds(&world, FIRST).await && finds(&world, SECOND).await);
        let row = agents::get(&world.ctx, &world.caller, &world.bot).await;
        assert!(!training::is_stale(&world.ctx, &row.unwrap()).await.unwrap());
        switch(&world, false).await;
        teach(&world, "a third line").await;
        assert_eq!(waiting(&world).await, 0, "nobody asks for it");
        switch(&world, true).await;
        assert_eq!(waiting(&world).await, 1, "what is stale is trained at once");
    }
}

#[tokio::test]
async fn a_retraining_whose_worker_died_is_taken_up_again_and_an_agent_can_go_meanwhile() {
    let world = world().await;
    switch(&world, true).await;
    train(&world).await;
    teach(&world, SECOND).await;
    world.clock.advance(auto::DELAY_MS);
    let now = world.ctx.now();
    let jobs = world.ctx.store().jobs();
    let claimed = jobs.claim("dead", &["train"], now, now + 1_000).await;
    let job = claimed.unwrap().unwrap();
    assert_eq!(run_jobs(&world).await, 0, "somebody has it");
    assert!(!finds(&world, SECOND).await);
    // the job that is claimed may have read the draft already
    teach(&world, "and a later line").await;
    assert_eq!(waiting(&world).await, 2);
    world.clock.advance(auto::DELAY_MS);
    run_jobs(&world).await;
    assert!(finds(&world, SECOND).await);
    let done = work::find(&world.ctx, &world.caller, &job.new.id).await;
    assert_eq!(done.unwrap().state, store::JobState::Done);

    teach(&world, FIRST).await;
    world.clock.advance(auto::DELAY_MS);
    let now = world.ctx.now();
    let claimed = jobs.claim("dead", &["train"], now, now + 1_000).await;
    assert!(claimed.unwrap().is_some());
    agents::remove(&world.ctx, &world.caller, &world.bot)
        .await
        .unwrap();
    world.clock.advance(2_000);
    run_jobs(&world).await;
    let (account, bot) = (&world.caller.account, &world.bot);
    let heads = world.ctx.store().models().list(account, bot).await.unwrap();
    assert!(heads.is_empty(), "no model of an agent that is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publish_during_a_training_takes_the_model_of_its_own_definition() {
    let mut worlds = vec![world().await];
    worlds.extend(two_nodes().await.map(|(one, ..)| one));
    for world in worlds {
        train(&world).await;
        for round in 0..6 {
            teach(&world, &format!("line number {round} of the old draft")).await;
            let older = train(&world);
            let newer = async {
                teach(&world, &format!("line number {round} of the new draft")).await;
                world.publish().await;
            };
            tokio::join!(older, newer);
            train(&world).await;
            let (ctx, account, bot) = (&world.ctx, &world.caller.account, &world.bot);
            let row = agents::get(ctx, &world.caller, bot).await.unwrap();
            for copy in [Copy::Draft, Copy::Version(row.published.clone().unwrap())] {
                let agent = agents::load(ctx, account, bot, &copy).await.unwrap();
                let wanted = training::digest(&training::corpus(&agent, "en"));
                let head = training::head(ctx, account, bot, &copy, "en")
                    .await
                    .unwrap();
                assert_eq!(head.unwrap().inputs, wanted, "{copy:?} in round {round}");
            }
        }
    }
}

/// Agents in the store of the next test, and models that its budget holds.
const AGENTS: usize = 100;
const HELD: u64 = 8;

#[tokio::test]
async fn models_are_loaded_when_first_used_and_the_least_used_make_room() {
    let world = world().await;
    let (caller, store) = (&world.caller, world.ctx.parts.store.clone());
    train(&world).await;
    let account = &caller.account;
    let model = store.models().find(account, &world.bot, "en", &Copy::Draft);
    let size = model.await.unwrap().unwrap().bytes.len() as u64;
    let mut bots: Vec<BotId> = vec![world.bot.clone()];
    while bots.len() < AGENTS {
        let made = agents::import(&world.ctx, caller, package(), None).await;
        let bot = made.unwrap().bot;
        training::train_all(&world.ctx, caller, &bot).await.unwrap();
        bots.push(bot);
    }
    let small = Ctx::new(Parts {
        store,
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: world.ctx.parts.vault.clone(),
        clock: world.clock.clone(),
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings {
            model_bytes: HELD * size + size / 2,
            ..Settings::default()
        },
    });
    assert_eq!(small.models.loaded(), (0, 0), "nothing is used yet");
    for round in 0..2 {
        for bot in &bots {
            let model = training::model(&small, account, bot, &Copy::Draft, "en").await;
            let found = model
                .unwrap()
                .detect("book pickup", &nlu::Filter::default());
            assert!(!found.winners.is_empty(), "{bot} in round {round}");
        }
        let (count, bytes) = small.models.loaded();
        assert!((1..=HELD).contains(&count), "{count} models");
        assert!(bytes <= HELD * size + size / 2, "{bytes} bytes");
    }
    let (all, _) = world.ctx.models.loaded();
    assert!(all <= AGENTS as u64);
}
