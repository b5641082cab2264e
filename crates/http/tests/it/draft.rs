//! Operations that change a draft: languages, variables, utterances.

use crate::work::{As, World, world};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use http_api::{HttpSettings, router};
use serde_json::{Value, json};
use service::definition::{self, draft};
use store::Copy;
use tower::ServiceExt;

impl World {
    async fn call(&self, path: &str, body: Value) -> (u16, Value) {
        let path = path.replace("BOT", self.bot.as_str());
        self.post(As::Owner, &path, body).await
    }

    async fn ask(&self, path: &str) -> (u16, Value) {
        let path = path.replace("BOT", self.bot.as_str());
        self.get(As::Owner, &path).await
    }

    async fn definition(&self) -> Value {
        draft::open(&self.ctx, &self.caller, &self.bot)
            .await
            .unwrap()
            .1
            .definition
    }
}

const LANGUAGE: &str = "/api/1.1/public/bot/BOT/language";

fn french(start: Value) -> Value {
    json!({"enableLanguage": "fr", "langDefinitionMode": start,
        "multiLingualConfigurations": {"nluLanguage": "fr", "inputTranslation": false, "responseTranslation": false}})
}

#[tokio::test]
async fn a_language_is_added_changed_switched_off_and_made_the_default() {
    let w = world().await;
    let parts = json!({"baseLanguage": "en", "type": "advancedConfig", "preferredData": {"training": true, "faqs": true}});
    let (status, body) = w.call(LANGUAGE, french(parts)).await;
    assert_eq!(
        (status, &body[0]["message"]),
        (200, &json!("Enabled language successfully")),
        "{body}"
    );
    assert_eq!(body[0]["configurationDetails"]["knowledgetTasks"], 1);
    let (status, body) = w.call(LANGUAGE, french(json!({"type": "Basic"}))).await;
    assert_eq!(
        (status, &body["errors"][0]["code"]),
        (400, &json!(400)),
        "{body}"
    );

    let default = "/api/1.1/public/bot/BOT/defaultLanguage";
    let (status, body) = w.call(default, json!({"languageCode": "fr"})).await;
    assert_eq!(status, 400, "not published: {body}");
    let publish = definition::Publish::default();
    definition::publish(&w.ctx, &w.caller, &w.bot, &publish)
        .await
        .unwrap();
    let (status, body) = w
        .call(
            "/api/1.1/public/bot/BOT/language/status",
            json!({"language": "en", "enable": false}),
        )
        .await;
    assert_eq!(status, 400, "the default: {body}");
    let (status, body) = w.call(default, json!({"Language": "fr"})).await;
    assert_eq!(
        (status, &body["language code"]),
        (200, &json!("fr")),
        "{body}"
    );
    let row = definition::get(&w.ctx, &w.caller, &w.bot).await.unwrap();
    let in_force = Copy::Version(row.published.unwrap());
    let published = definition::load(&w.ctx, &w.caller.account, &w.bot, &in_force)
        .await
        .unwrap();
    assert_eq!(published.default_language, "fr");
    let (status, body) = w
        .call(
            "/api/1.1/public/bot/BOT/language/status",
            json!({"language": "en", "enable": false}),
        )
        .await;
    assert_eq!(
        (status, body),
        (200, json!("Disabled English language successfully"))
    );
    let (status, _) = w.call(default, json!({"languageCode": "en"})).await;
    assert_eq!(status, 400, "disabled");
}

#[tokio::test]
async fn a_language_comes_from_a_file_of_the_account_only() {
    let w = world().await;
    let file = json!({"localeData": {"fr": {"name": "Colis"}}, "sentences": [{"sentence": "ou est mon colis", "language": "fr", "taskId": "dc-x"}]});
    let id = w.file("json", file.to_string().as_bytes()).await;
    let (status, body) = w
        .call(
            LANGUAGE,
            french(json!({"type": "fileUpload", "fileId": id})),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(w.definition().await["localeData"]["fr"]["name"], "Colis");
    let (status, _) = w
        .call(
            LANGUAGE,
            french(json!({"type": "fileUpload", "fileId": "000000000000000000000000"})),
        )
        .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn variables_go_in_and_come_out_and_a_wrong_one_takes_none_with_it() {
    let w = world().await;
    let path = "/api/1.1/public/builder/bot/BOT/variables/import";
    let good =
        json!({"key": "host", "value": "a.example.com", "variableType": "env", "scope": "hidden"});
    let (status, body) = w.call(path, json!([good, {"key": "x"}])).await;
    assert_eq!(status, 400);
    assert!(
        body["errors"].as_array().is_some_and(|all| all.len() > 1),
        "{body}"
    );
    let out = "/api/1.1/public/builder/bot/BOT/variables/export";
    let before = w.call(out, Value::Null).await.1;
    assert!(
        before
            .as_array()
            .unwrap()
            .iter()
            .all(|v| v["key"] != "host")
    );
    let (status, body) = w.call(path, json!([good])).await;
    assert_eq!(
        (status, &body["message"]),
        (200, &json!("1 Variables imported/updated successfully."))
    );
    let after = w.call(out, Value::Null).await.1;
    let host = after
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["key"] == "host")
        .unwrap();
    assert_eq!(host["value"], "a.example.com");
}

#[tokio::test]
async fn utterances_are_replaced_from_a_file_and_exported_to_one() {
    let w = world().await;
    let before = w.definition().await;
    let task = before["sentences"][0]["taskName"]
        .as_str()
        .unwrap()
        .to_owned();
    let csv = format!("taskName,sentence\n{task},=1+1 parcels\n{task},my new line\n");
    let file = w.file("csv", csv.as_bytes()).await;
    let (status, body) = w
        .call(
            "/api/public/bot/BOT/mlimport",
            json!({"fileName": "u.csv", "fileID": file}),
        )
        .await;
    assert_eq!(
        (status, &body["status"], &body["requestType"]),
        (200, &json!("pending"), &json!("MLimport")),
        "{body}"
    );
    assert_eq!(w.run().await, 1);
    let id = body["_id"].as_str().unwrap();
    let (status, body) = w
        .ask(&format!("/api/public/stream/BOT/mlimport/status/{id}"))
        .await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("success")),
        "{body}"
    );
    assert_eq!(
        body["message"],
        "File import completed. 2 utterances copied successfully"
    );
    let now = w.definition().await;
    let own = now["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["taskId"] == before["sentences"][0]["taskId"])
        .count();
    assert_eq!(own, 2);

    let (status, body) = w
        .call(
            "/api/public/bot/BOT/mlexport?state=configured&=&type=csv",
            Value::Null,
        )
        .await;
    assert_eq!(
        (status, &body["status"], &body["fileType"]),
        (200, &json!("IN_PROGRESS"), &json!("CSV")),
        "{body}"
    );
    w.run().await;
    let (_, body) = w.ask("/api/public/bot/BOT/mlexport/status").await;
    assert_eq!(body["status"], "SUCCESS", "{body}");
    let url = body["downloadUrl"]
        .as_str()
        .unwrap()
        .strip_prefix("http://localhost")
        .unwrap()
        .to_owned();
    let get = |url: String| {
        let router = router(w.ctx.clone(), HttpSettings::default());
        router.oneshot(
            Request::get(url)
                .header("host", "localhost")
                .body(Body::empty())
                .unwrap(),
        )
    };
    let answer = get(url.clone()).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(
        text.contains("'=1+1 parcels") && text.contains("my new line"),
        "{text}"
    );
    let broken = format!("{}A", &url[..url.len() - 1]);
    if broken != url {
        assert_eq!(get(broken).await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn a_file_with_wrong_rows_changes_nothing_and_says_which() {
    let w = world().await;
    let before = w.definition().await;
    let file = w.file("csv", b"taskName,sentence\nNobody,hello\n").await;
    let (_, body) = w
        .call(
            "/api/public/bot/BOT/mlimport",
            json!({"fileName": "u.csv", "fileId": file}),
        )
        .await;
    w.run().await;
    let id = body["_id"].as_str().unwrap();
    let (_, body) = w
        .ask(&format!("/api/public/bot/BOT/mlimport/status/{id}"))
        .await;
    assert_eq!(body["status"], "failed");
    assert_eq!(
        body["statusLogs"],
        json!(["line 2, taskName: the agent has no task Nobody"])
    );
    assert_eq!(w.definition().await, before);
    let (status, _) = w
        .call(
            "/api/public/bot/BOT/mlimport",
            json!({"fileName": "u.txt", "fileId": file}),
        )
        .await;
    assert_eq!(status, 400);
    let (status, _) = w
        .call(
            "/api/public/bot/BOT/mlimport",
            json!({"fileName": "u.csv", "fileId": "000000000000000000000000"}),
        )
        .await;
    assert_eq!(status, 404);
}
