//! Parts of agents: imports into an agent that is there, exports of named parts, shared functions, the change log.

use crate::work::{As, World, world};
use serde_json::{Value, json};
use service::definition::{self, draft};
use std::path::Path;

fn sample() -> ::definition::Package {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
    ::definition::read_path(&folder).unwrap()
}

/// The sample with another text everywhere.
fn changed() -> ::definition::Package {
    let mut package = sample();
    package.definition["sessionInactiveTime"] = json!(60_000);
    let line = &mut package.definition["sentences"][0];
    line["sentence"] = json!("whither my parcel");
    line["_id"] = json!("0a63b8ba6f9b6647914bffff");
    let config = package.config.as_mut().unwrap();
    config["envVariables"][0]["value"] = json!("9");
    package.definition["contentVariables"][0]["odd"] = json!("new");
    package
}

impl World {
    async fn zip(&self, package: &::definition::Package) -> String {
        self.file("zip", &::definition::to_zip(package).unwrap())
            .await
    }

    async fn import_into(&self, zip: &str, options: Value) -> (u16, Value) {
        let path = format!("/api/public/bot/{}/import", self.bot);
        let ask = json!({"zipInfo": zip, "importOptions": options});
        self.post(As::Owner, &path, ask).await
    }

    async fn draft(&self) -> ::definition::Package {
        let open = draft::open(&self.ctx, &self.caller, &self.bot).await;
        open.unwrap().1
    }

    async fn state(&self, body: &Value) -> Value {
        let path = format!(
            "/api/public/bot/import/status/{}",
            body["_id"].as_str().unwrap()
        );
        self.get(As::Owner, &path).await.1
    }
}

#[tokio::test]
async fn parts_that_are_not_named_stay_and_ignored_variables_too() {
    let w = world().await;
    let before = w.draft().await;
    let zip = w.zip(&changed()).await;
    let options = json!({"nlpData": ["utterances"], "settings": ["botVariables"],
        "options": {"utterances": {"append": true, "replace": false}, "botVariables": {"ignore": ["REPLY_DAYS"]}}});
    let (status, body) = w.import_into(&zip, options.clone()).await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("pending")),
        "{body}"
    );
    assert!(body["_id"].as_str().unwrap().starts_with("bir-"));
    assert_eq!(w.draft().await, before, "nothing before the job");
    w.run().await;
    let done = w.state(&body).await;
    assert_eq!(
        (&done["status"], &done["streamId"]),
        (&json!("success"), &json!(w.bot)),
        "{done}"
    );
    let after = w.draft().await;
    assert_eq!(
        after.definition["sessionInactiveTime"],
        before.definition["sessionInactiveTime"]
    );
    assert_eq!(after.definition["dialogs"], before.definition["dialogs"]);
    assert_eq!(
        after.config.as_ref().unwrap()["envVariables"][0]["value"],
        "2"
    );
    assert_eq!(after.definition["contentVariables"][0]["odd"], "new");
    let count = |p: &::definition::Package| p.definition["sentences"].as_array().unwrap().len();
    assert_eq!(count(&after), count(&before) + 1, "appended once");
    w.import_into(&zip, options).await;
    w.run().await;
    assert_eq!(
        count(&w.draft().await),
        count(&after),
        "again changes nothing"
    );

    let (_, body) = w.import_into(&zip, Value::Null).await;
    w.run().await;
    assert_eq!(w.state(&body).await["status"], "success");
    let whole = w.draft().await;
    assert_eq!(whole.definition["sessionInactiveTime"], 60_000);
    assert_eq!(whole.definition["_id"], json!(w.bot));
    assert_eq!(count(&whole), count(&before), "replaced");
    assert_eq!(whole.config.unwrap()["envVariables"][0]["value"], "9");
}

#[tokio::test]
async fn a_wrong_import_is_refused_before_anything_is_stored() {
    let w = world().await;
    let before = w.draft().await;
    let zip = w.zip(&changed()).await;
    let first = |body: &Value| body["errors"][0]["msg"].as_str().unwrap().to_owned();
    let (status, body) = w.import_into(&zip, json!({"nlpData": ["poems"]})).await;
    assert_eq!(status, 400);
    assert!(
        first(&body).starts_with("nlpData: must hold only"),
        "{body}"
    );
    let both = json!({"options": {"patterns": {"append": true, "replace": true}}});
    let (status, body) = w.import_into(&zip, both).await;
    assert_eq!(
        (status, first(&body).as_str()),
        (
            400,
            "options.patterns: exactly one of append and replace must be true"
        )
    );
    let (status, _) = w
        .import_into(&zip, json!({"qualityAI": ["taxonomy"]}))
        .await;
    assert_eq!(status, 501);
    let (status, _) = w.import_into("64aa00112233445566778801", Value::Null).await;
    assert_eq!(status, 404);
    let path = format!("/api/public/bot/{}/import", w.bot);
    let (status, body) = w.post(As::Owner, &path, json!({})).await;
    assert_eq!(
        (status, first(&body).as_str()),
        (400, "botDefinition: is required")
    );
    assert_eq!(w.run().await, 0);
    assert_eq!(w.draft().await, before);

    let mut empty = sample();
    empty.definition.as_object_mut().unwrap().remove("traits");
    let (_, body) = w
        .import_into(&w.zip(&empty).await, json!({"nlpData": ["traits"]}))
        .await;
    w.run().await;
    let done = w.state(&body).await;
    assert_eq!(done["status"], "failed");
    assert!(
        done["error"].as_str().unwrap().contains("holds nothing"),
        "{done}"
    );
    assert_eq!(w.draft().await, before);
}

#[tokio::test]
async fn a_publish_beside_an_import_takes_the_draft_whole_or_conflicts() {
    let w = world().await;
    let zip = w.zip(&changed()).await;
    w.import_into(&zip, Value::Null).await;
    let ask = definition::Publish {
        skip_training: true,
        ..definition::Publish::default()
    };
    let (_, published) = tokio::join!(
        w.run(),
        definition::publish(&w.ctx, &w.caller, &w.bot, &ask)
    );
    let after = w.draft().await;
    assert_eq!(after.definition["sessionInactiveTime"], 60_000);
    match published {
        Ok(made) => {
            let copy = store::Copy::Version(made.version);
            let taken = draft::open_copy(&w.ctx, &w.caller, &w.bot, &copy)
                .await
                .unwrap();
            let old = taken.definition["sessionInactiveTime"] == 900_000;
            let line = &taken.definition["sentences"][0]["sentence"];
            assert_eq!(old, line != "whither my parcel", "one state, not a mixture");
        }
        Err(error) => assert_eq!(error.kind, types::Kind::Conflict),
    }
}

#[tokio::test]
async fn an_export_of_named_parts_holds_these_and_goes_back_in() {
    let w = world().await;
    let before = w.draft().await;
    let path = format!("/api/public/bot/{}/export", w.bot);
    let ask = json!({"exportType": "latest", "exportOptions": {"tasks": ["botTask"], "nlpData": ["utterances"]},
        "subTasks": {"dialogs": ["Track parcel"]}, "allTasks": true});
    assert_eq!(w.post(As::Owner, &path, ask).await.0, 200);
    w.run().await;
    let (_, done) = w
        .get(As::Owner, &format!("{path}/status?exportType=latest"))
        .await;
    let file = done["fileId"].as_str().unwrap().to_owned();
    let id = types::id::FileId::parse(&file).unwrap();
    let (_, bytes) = definition::file::read(&w.ctx, &w.caller.account, &id)
        .await
        .unwrap();
    let part = ::definition::read_zip(&bytes, &::definition::Limits::default()).unwrap();
    let dialogs = part.definition["dialogs"].as_array().unwrap();
    assert_eq!(dialogs.len(), 1);
    assert!(part.definition.get("knowledgeTasks").is_none());
    assert!(
        part.config
            .is_none_or(|config| config.get("envVariables").is_none())
    );
    let lines = part.definition["sentences"].as_array().unwrap().len();
    assert!(lines > 0 && lines < before.definition["sentences"].as_array().unwrap().len());
    let (_, body) = w.import_into(&file, json!({"tasks": ["botTask"]})).await;
    w.run().await;
    assert_eq!(w.state(&body).await["status"], "success");
    assert_eq!(
        w.draft().await.definition["dialogs"],
        before.definition["dialogs"]
    );

    let unknown = json!({"exportType": "latest", "subTasks": {"dialogs": ["Nowhere"]}});
    let (status, body) = w.post(As::Owner, &path, unknown).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["errors"][0]["msg"],
        "subTasks: the agent has no task Nowhere"
    );
    let word = json!({"exportType": "latest", "exportOptions": {"tasks": ["poem"]}});
    assert_eq!(w.post(As::Owner, &path, word).await.0, 400);
}

#[tokio::test]
async fn functions_are_parsed_before_they_replace_the_old_ones() {
    let w = world().await;
    let path = format!("/api/public/bot/{}/import/botfunctions", w.bot);
    let good = w.file("js", b"function twice(a) { return 2 * a; }").await;
    let more = w.file("js", b"function thrice(a) { return 3 * a; }").await;
    let bad = w.file("js", b"function (").await;
    let before = w.draft().await;
    for (ask, says) in [
        (json!([{"fileName": "a.js", "fileId": bad}]), "a.js: "),
        (
            json!([{"fileName": "a.js", "fileId": "64aa00112233445566778801"}]),
            "Invalid file id",
        ),
        (json!([{"fileName": "a.js"}]), "[0].fileId: is required"),
        (json!({}), "body: must be a list"),
    ] {
        let (status, body) = w.post(As::Owner, &path, ask).await;
        assert_eq!(status, 400, "{body}");
        assert!(
            body["errors"][0]["msg"].as_str().unwrap().starts_with(says),
            "{body}"
        );
    }
    assert_eq!(w.draft().await, before);
    let (status, body) = w
        .post(
            As::Owner,
            &path,
            json!([{"fileName": "helpers.js", "fileId": good}]),
        )
        .await;
    assert_eq!(
        (status, &body["status"], &body["requestType"]),
        (200, &json!("Success"), &json!("BotImport"))
    );
    assert!(body["createdBy"].as_str().unwrap().starts_with("u-"));
    let both = json!([{"fileName": "a.js", "fileId": good}, {"fileName": "b.js", "fileId": more}]);
    let (_, body) = w.post(As::Owner, &path, both).await;
    assert_eq!(body.as_array().unwrap().len(), 2);
    let (_, source) = w.draft().await.bot_functions.unwrap();
    assert!(source.contains("twice") && source.contains("thrice"));
}

#[tokio::test]
async fn the_change_log_tells_who_did_what_page_by_page() {
    let w = world().await;
    let path = format!("/api/public/bot/{}/changelogs", w.bot);
    let good = w.file("js", b"var a = 1;").await;
    let functions = format!("/api/public/bot/{}/import/botfunctions", w.bot);
    w.post(
        As::Owner,
        &functions,
        json!([{"fileName": "a.js", "fileId": good}]),
    )
    .await;
    let (status, all) = w.get(As::Owner, &path).await;
    assert_eq!(status, 200, "{all}");
    let messages: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["message"].as_str())
        .collect();
    assert_eq!(messages, ["Imported bot functions", "Imported the agent"]);
    assert_eq!(all[0]["userId"]["emailId"], "ann@example.com");
    let colour = all[0]["userId"]["profColour"].as_str().unwrap();
    assert!(colour.len() == 7 && colour.starts_with('#'), "{colour}");
    let (_, wrong) = w
        .get(
            As::Owner,
            &format!("{path}?offset=x&limit=0&startDate=a&endDate=b"),
        )
        .await;
    assert_eq!(wrong["errors"].as_array().map(Vec::len), Some(4), "{wrong}");
    assert!(all[0]["_id"].as_str().unwrap().starts_with("btl-"));
    let (_, second) = w.get(As::Owner, &format!("{path}?offset=1&limit=1")).await;
    assert_eq!(second, json!([all[1]]));
    let (_, none) = w.get(As::Owner, &format!("{path}?offset=9")).await;
    assert_eq!(none, json!([]));
    let (_, early) = w
        .get(As::Owner, &format!("{path}?endDate=2020-01-01"))
        .await;
    assert_eq!(early, json!([]));
    for wrong in ["limit=51", "limit=0", "offset=-1", "startDate=soon"] {
        assert_eq!(
            w.get(As::Owner, &format!("{path}?{wrong}")).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn unticked_part_keeps_its_published_copy() {
    let w = world().await;
    let publish = format!("/api/public/bot/{}/publish", w.bot);
    let whole = json!({"versionComment": "all"});
    assert_eq!(w.post(As::Owner, &publish, whole.clone()).await.0, 200);
    w.run().await;
    let zip = w.zip(&changed()).await;
    w.import_into(&zip, Value::Null).await;
    w.run().await;
    let in_force = async || {
        let agent = definition::get(&w.ctx, &w.caller, &w.bot).await.unwrap();
        let copy = store::Copy::Version(agent.published.unwrap());
        let open = draft::open_copy(&w.ctx, &w.caller, &w.bot, &copy).await;
        open.unwrap().definition
    };
    let chosen = format!("/api/console/v1/agents/{}/publish", w.bot);
    let wrong = json!({"comment": "x", "components": ["dialogs"]});
    let (status, body) = w.post(As::Owner, &chosen, wrong).await;
    assert_eq!(
        (status, &body["fields"][0]["field"]),
        (400, &json!("components"))
    );
    let settings = json!({"comment": "settings", "components": ["SETTINGS"]});
    assert_eq!(w.post(As::Owner, &chosen, settings).await.0, 202);
    w.run().await;
    let mixed = in_force().await;
    assert_eq!(mixed["sessionInactiveTime"], 60_000);
    assert_eq!(
        mixed["sentences"][0]["sentence"],
        sample().definition["sentences"][0]["sentence"]
    );
    assert_eq!(w.post(As::Owner, &publish, whole).await.0, 200);
    w.run().await;
    assert_eq!(
        in_force().await,
        w.draft().await.definition,
        "everything goes"
    );
}
