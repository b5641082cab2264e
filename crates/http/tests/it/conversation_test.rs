//! Conversation test suites on the wire.

use crate::work::{As, World, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

impl World {
    fn suites(&self, kind: &str, rest: &str) -> String {
        format!(
            "/api/public/{kind}/{}/conversation/testsuite{rest}",
            self.bot
        )
    }

    async fn suite_of(&self, name: &str, content: Value) -> (u16, Value) {
        let file = self.file("json", content.to_string().as_bytes()).await;
        let body = json!({"fileName": file, "name": name, "tags": ["release"], "userEmailId": "ann@example.com"});
        self.post(As::Owner, &self.suites("stream", "/import"), body)
            .await
    }
}

#[tokio::test]
async fn a_suite_is_imported_run_and_deleted_on_both_paths() {
    let w = world().await;
    service::training::train_all(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap();
    let steps = json!({"testSteps": [{"input": "where is my parcel", "outputs": []}]});
    let (status, body) = w.suite_of("happy path", steps).await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("IN_PROGRESS")),
        "{body}"
    );
    let job = body["dsId"].as_str().unwrap().to_owned();
    assert!(job.starts_with("ds-"));
    let path = w.suites("bot", &format!("/import/{job}/status"));
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(
        (
            &body["status"],
            &body["jobType"],
            body.get("response"),
            body.get("testSuiteId")
        ),
        (
            &json!("IN_PROGRESS"),
            &json!("CONVERSATION_TESTING_VALIDATE"),
            None,
            None
        )
    );
    w.run().await;
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(body["status"], "SUCCESS", "{body}");
    let suite = &body["response"];
    assert_eq!(
        (&suite["name"], &suite["tags"], &suite["metadataAvailable"]),
        (&json!("happy path"), &json!(["release"]), &json!(true))
    );
    let output = &suite["testSteps"][0]["outputs"][0];
    assert_ne!(output["nodeName"], "");
    assert_eq!(output["assertions"]["text"]["enabled"], true);
    assert_eq!(output["assertions"]["flowLevel"]["enabled"], true);
    assert_eq!(output["assertions"]["context"]["enabled"], false);

    let run = w.suites("stream", "/happy%20path/run");
    let ask = |version: &str| json!({"version": version, "userEmailId": "ann@example.com"});
    let (status, body) = w.post(As::Owner, &run, ask("published")).await;
    assert_eq!(status, 400, "{body}");
    let (status, body) = w.post(As::Owner, &run, json!({"version": "x"})).await;
    let text = body.to_string();
    assert!(
        status == 400 && text.contains("version: ") && text.contains("userEmailId: "),
        "{text}"
    );
    let (status, body) = w.post(As::Owner, &run, ask("inDevelopment")).await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("IN_PROGRESS")),
        "{body}"
    );
    let id = body["testRunId"].as_str().unwrap().to_owned();
    assert!(id.starts_with("ctr-"));
    let path = w.suites("stream", &format!("/happy%20path/{id}/status"));
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(
        (&body["status"], body["result"].get("stepDetails")),
        (&json!("inprogress"), None)
    );
    w.run().await;
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(
        (
            &body["status"],
            &body["totalTestStepsCount"],
            &body["percentageCompleted"]
        ),
        (&json!("passed"), &json!(1), &json!(100)),
        "{body}"
    );
    assert_eq!(body["result"]["version"], "configured");
    assert_eq!(
        body["result"]["stepDetails"],
        json!({"passed": 1, "failed": 0, "total": 1})
    );
    assert!(
        !body["result"]["steps"][0]["path"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let remove = |names: Value| {
        let request = Request::delete(w.suites("stream", ""));
        let body = json!({"testSuiteNames": names}).to_string();
        w.send(As::Owner, request, Body::from(body))
    };
    assert_eq!(remove(json!([])).await.0, 400);
    assert_eq!(remove(json!(["happy path", "gone"])).await.0, 404);
    let (status, body) = remove(json!(["happy path"])).await;
    assert_eq!((status, &body["status"]), (200, &json!("Success")));
    assert_eq!(w.get(As::Owner, &path).await.0, 404);
}

#[tokio::test]
async fn a_broken_file_fails_the_import_with_its_places_and_a_wrong_person_is_refused() {
    let w = world().await;
    service::training::train_all(&w.ctx, &w.caller, &w.bot)
        .await
        .unwrap();
    let broken = json!({"testSteps": [{"input": "", "outputs": []}]});
    let (_, body) = w.suite_of("broken", broken.clone()).await;
    let job = body["dsId"].as_str().unwrap().to_owned();
    w.run().await;
    let path = w.suites("stream", &format!("/import/{job}/status"));
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(body["status"], "FAILED", "{body}");
    assert!(
        body["statusLogs"]
            .to_string()
            .contains("testSteps[0].input")
    );
    let file = w.file("json", broken.to_string().as_bytes()).await;
    let body = json!({"fileName": file, "name": "x", "userEmailId": "nobody@example.com"});
    let (status, body) = w
        .post(As::Owner, &w.suites("stream", "/import"), body)
        .await;
    assert!(
        status == 400 && body.to_string().contains("userEmailId"),
        "{body}"
    );
    let body = json!({"fileName": "64f000000000000000000002", "name": "x", "userEmailId": "ann@example.com"});
    let (status, _) = w
        .post(As::Owner, &w.suites("stream", "/import"), body)
        .await;
    assert_eq!(status, 404);
}
