//! The knowledge graph and NLP settings through the real router.

use crate::work::{As, World, world};
use serde_json::{Value, json};
use service::definition::draft;

async fn post(w: &World, path: &str, body: Value) -> (u16, Value) {
    w.post(As::Owner, &path.replace("BOT", w.bot.as_str()), body)
        .await
}

async fn get(w: &World, path: &str) -> (u16, Value) {
    w.get(As::Owner, &path.replace("BOT", w.bot.as_str())).await
}

async fn definition(w: &World) -> Value {
    draft::open(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap()
        .1
        .definition
}

const NLP: &str = "/api/public/bot/BOT/configurations?language=en";

fn told(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().unwrap().iter();
    errors.map(|e| e["msg"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nlp_settings_change_only_what_is_sent_and_stand_where_an_export_has_them() {
    let w = world().await;
    let change = json!({
        "configurations": [{"mode": "ml", "minThreshold": 0.4, "useDependencyParser": true}, {"mode": "faq", "suggestionsCount": 5}],
        "advancedNLPSettings": [{"configurationKeyName": "network", "configurationValue": "Few-shot Model", "nlpEngine": "ML"},
            {"configurationKeyName": "NoneIntent", "configurationValue": "true", "nlpEngine": "ML"}],
        "mlParams": {"intentParams": {"features": "skip_gram", "skip_gram": {"seqLength": 4, "maxSkipDistance": 3}}, "nerParams": {"type": "spacy"}},
        "nlSettings": {"enableNegativePatterns": true}});
    let (status, body) = post(&w, NLP, change).await;
    assert_eq!(
        (status, &body["configurations"][0]["minThreshold"]),
        (200, &json!(0.4)),
        "{body}"
    );
    let now = definition(&w).await;
    let configs = &now["localeData"]["en"]["confidenceConfigs"];
    assert_eq!(
        configs[0],
        json!({"mode": "ml", "minThreshold": 0.4, "maxThreshold": 80, "exactMatchThreshold": 95})
    );
    let resolver = configs
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["mode"] == "rr")
        .unwrap();
    assert_eq!(resolver["useDependencyParser"], true);
    assert_eq!(
        now["mlParams"][0]["intentParams"]["skip_gram"]["seqLength"],
        4
    );
    assert_eq!(now["advancedNLSettings"][1]["configurationValue"], true);
    assert_eq!(now["enableNegativePatterns"], true);
    let (status, _) = post(
        &w,
        NLP,
        json!({"mlParams": {"intentParams": {"useSynonyms": true}}}),
    )
    .await;
    assert_eq!(status, 200);
    let params = definition(&w).await["mlParams"].clone();
    assert_eq!(params.as_array().map(Vec::len), Some(1));
    assert_eq!(params[0]["intentParams"]["features"], "skip_gram");
}

#[tokio::test]
async fn each_wrong_nlp_setting_is_named_and_none_is_taken() {
    let w = world().await;
    let before = definition(&w).await;
    let change = json!({
        "configurations": [{"mode": "ml", "exactMatchThreshold": 79, "minThreshold": 1.1}, {"mode": "faq", "suggestionsCount": 6, "taskMatchTolerance": 51},
            {"mode": "cs", "taskMatchTolerance": 21}, {"mode": "rr", "minMatchVal": 2, "rrVersion": 3}, {"mode": "xx"}],
        "mlParams": {"intentParams": {"skip_gram": {"seqLength": 5, "maxSkipDistance": 0}, "ngram": [3, 2], "features": "words"}, "nerParams": {"type": "crf"}},
        "advancedNLPSettings": [{"configurationKeyName": "network", "configurationValue": "Best", "nlpEngine": "KG"}],
        "nlSettings": {"enableNegativePatterns": "yes"}, "more": 1});
    let (status, body) = post(&w, NLP, change).await;
    assert_eq!(status, 400);
    let told = told(&body).join("\n");
    for field in [
        "more",
        "configurations[0].exactMatchThreshold",
        "configurations[0].minThreshold",
        "configurations[1].suggestionsCount",
        "configurations[1].taskMatchTolerance",
        "configurations[2].taskMatchTolerance",
        "configurations[3].minMatchVal",
        "configurations[3].rrVersion",
        "configurations[4].mode",
        "mlParams.intentParams.skip_gram.seqLength",
        "mlParams.intentParams.skip_gram.maxSkipDistance",
        "mlParams.intentParams.ngram",
        "mlParams.intentParams.features",
        "mlParams.nerParams.type",
        "advancedNLPSettings[0].configurationValue",
        "advancedNLPSettings[0].nlpEngine",
        "nlSettings.enableNegativePatterns",
    ] {
        assert!(told.contains(&format!("{field}: ")), "{field}: {told}");
    }
    assert_eq!(definition(&w).await, before);
    for query in ["", "?language=ja", "?language=en&groupName=Nobody"] {
        let (status, _) = post(
            &w,
            &format!("/api/public/bot/BOT/configurations{query}"),
            json!({}),
        )
        .await;
        assert_eq!(status, 400, "{query}");
    }
}

#[tokio::test]
async fn several_intent_models_need_the_name_of_the_group() {
    let w = world().await;
    let on = json!({"advancedNLPSettings": [{"configurationKeyName": "Multiple_Intent_Models", "configurationValue": true, "nlpEngine": "ML"}]});
    assert_eq!(post(&w, NLP, on).await.0, 200);
    let change = json!({"configurations": [{"mode": "ml", "minThreshold": 0.5}]});
    let (status, body) = post(&w, NLP, change.clone()).await;
    assert_eq!(status, 400);
    assert!(told(&body)[0].starts_with("groupName: "), "{body}");
    let group = format!("{NLP}&groupName=Bot%20Level%20Intent%20Model");
    assert_eq!(post(&w, &group, change).await.0, 200);
}

#[tokio::test]
async fn the_graph_trains_and_says_how_far_it_is() {
    let w = world().await;
    let status_of = "/api/public/bot/BOT/faqs/train/status?language=en";
    assert_eq!(get(&w, status_of).await.0, 400, "never trained");
    let train = "/api/public/bot/BOT/faqs/train";
    let (status, body) = post(&w, train, json!({"language": "en"})).await;
    assert_eq!(
        (status, &body["status"], &body["message"]),
        (200, &json!("in-progress"), &json!("in-progress")),
        "{body}"
    );
    assert_eq!(get(&w, status_of).await.1["status"], "in-progress");
    w.run().await;
    let (_, body) = get(&w, status_of).await;
    assert_eq!(
        (&body["status"], &body["message"]),
        (&json!("success"), &json!("Success")),
        "{body}"
    );
    assert_eq!(post(&w, train, json!({"language": "ja"})).await.0, 400);
    assert_eq!(post(&w, train, json!({})).await.0, 400);
    assert_eq!(
        get(&w, "/api/public/bot/BOT/faqs/train/status").await.0,
        400
    );
}

#[tokio::test]
async fn a_node_with_too_many_questions_fails_the_training_of_the_graph() {
    let w = world().await;
    let status_of = "/api/public/bot/BOT/faqs/train/status?language=en";
    let train = "/api/public/bot/BOT/faqs/train";
    let what = draft::Edit {
        action: "faq.add",
        details: json!({}),
    };
    draft::edit(&w.ctx, &w.caller, &w.bot, &what, |package| {
        let all = package.definition["knowledgeTasks"][0]["faqs"]["faqs"]
            .as_array_mut()
            .unwrap();
        let first = all[0].clone();
        all.extend((0..100).map(|i| {
            let mut more = first.clone();
            more["question"] = json!(format!("{} {i}", more["question"]));
            more
        }));
        Ok(())
    })
    .await
    .unwrap();
    post(&w, train, json!({"language": "en"})).await;
    w.run().await;
    let (_, body) = get(&w, status_of).await;
    assert_eq!(
        (&body["status"], &body["message"]),
        (&json!("failure"), &json!("failure")),
        "{body}"
    );
}
