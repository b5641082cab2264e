//! Batch test suites: from a file to a report.

use crate::work::{As, World, world};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use http_api::{HttpSettings, router};
use serde_json::{Value, json};
use tower::ServiceExt;
use types::id::JobId;

const CASES: &str = "input,intent,parentIntent,entityName,entityValue,entityOrder\n\
    where is my parcel,Track Parcel | Gone Intent,,,,\n\
    where is my parcel,Gone Intent,,,,\n\
    qwzx vfpl grmbl,None,,,,\n\
    =where is my parcel,trait: Nothing||More,,,,\n";

impl World {
    async fn suite(&self, name: &str, kind: &str, extension: &str, text: &str) -> (u16, Value) {
        let file = self.file(extension, text.as_bytes()).await;
        let body = json!({"fileName": file, "fileType": extension, "importType": kind, "name": name, "description": "d"});
        self.post(As::Owner, &self.tests("/import"), body).await
    }

    fn tests(&self, rest: &str) -> String {
        format!("/api/public/bot/{}/testsuite{rest}", self.bot)
    }

    async fn trained(&self) {
        let done = service::training::train(&self.ctx, &self.caller, &self.bot, "en").await;
        assert!(done.unwrap());
    }

    async fn start(&self, name: &str) -> String {
        let body = json!({"version": "inDevelopment"});
        let path = self.tests(&format!("/{name}/run"));
        let (status, body) = self.post(As::Owner, &path, body).await;
        assert_eq!(
            (status, &body["status"]),
            (200, &json!("accepted")),
            "{body}"
        );
        body["requestId"].as_str().unwrap().to_owned()
    }

    async fn remove(&self, rest: &str) -> (u16, Value) {
        let request = Request::delete(self.tests(rest));
        self.send(As::Owner, request, Body::empty()).await
    }

    async fn download(&self, url: &Value) -> String {
        let path = url.as_str().unwrap().split_once("/api/").unwrap().1;
        let request = Request::get(format!("/api/{path}")).header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        let answer = router(self.ctx.clone(), HttpSettings::default());
        let answer = answer.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let bytes = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

#[tokio::test]
async fn a_suite_runs_when_it_is_new_and_reports_what_was_found_and_why_not() {
    let w = world().await;
    w.trained().await;
    let (status, body) = w.suite("Smoke", "new", "csv", CASES).await;
    assert_eq!((status, &body["language"]), (200, &json!("en")), "{body}");
    let id = body["_id"].as_str().unwrap().to_owned();
    assert_eq!(
        w.run().await,
        1,
        "the draft is tested; nothing is published"
    );
    let (_, list) = w.get(As::Owner, &w.tests("")).await;
    assert_eq!(
        (&list["count"], &list["moreAvailable"]),
        (&json!(1), &json!(false))
    );
    let first = &list[&id]["results"][0];
    assert_eq!(first["version"], "inDevelopment", "{list}");
    let run = w.start("smoke").await;
    let path = w.tests(&format!("/smoke/{run}/status"));
    let (_, body) = w.get(As::Owner, &path).await;
    assert_eq!(
        (&body["status"], &body["totalUtterances"]),
        (&json!("running"), &json!(4)),
        "{body}"
    );
    w.run().await;
    let (_, body) = w.get(As::Owner, &path).await;
    let result = &body["result"];
    assert_eq!(
        (&body["status"], &result["runType"]),
        (&json!("completed"), &json!("inDevelopment")),
        "{body}"
    );
    let counts = &result["results"];
    for (name, wanted) in [
        ("TP", 1),
        ("FP", 1),
        ("TN", 1),
        ("FN", 0),
        ("success", 2),
        ("failure", 2),
        ("traitFailure", 1),
        ("totalTraitsCount", 2),
        ("matchedTraitsCount", 0),
        ("failedUtteranceCount", 2),
    ] {
        assert_eq!(counts[name], wanted, "{name}: {body}");
    }
    let scores =
        ["recall", "precision", "f1_score"].map(|name| result[name].as_str().unwrap().to_owned());
    assert_eq!(scores, ["1.00", "0.50", "0.67"]);
    let report = w.download(&result["fileUrl"]).await;
    assert!(
        report.contains("Utterance,Expected Intent,Matched Intent,Parent Intent,Task State"),
        "{report}"
    );
    assert!(report.contains("taskNotAvailable"), "{report}");
    assert!(report.contains("\n'=where is my parcel,"), "{report}");
    let (_, again) = w.get(As::Owner, &path).await;
    assert_eq!(again["result"]["fileId"], result["fileId"]);
    let (_, body) = w
        .post(As::Owner, &w.tests("/Smoke/export"), json!({}))
        .await;
    let csv = w.download(&body["downloadUrl"]).await;
    assert!(
        csv.starts_with(
            "input,intent,parentIntent,entityName,entityValue,entityOrder\nwhere is my parcel,"
        ),
        "{csv}"
    );
    let (status, _) = w.suite("Again", "new", "csv", &csv).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_wrong_file_or_name_is_refused_with_its_rows() {
    let w = world().await;
    let (status, body) = w
        .suite("a", "new", "csv", "input,intent\n,x\nhello,\n")
        .await;
    assert_eq!(status, 400, "{body}");
    let text = body.to_string();
    assert!(
        text.contains("line 2, input") && text.contains("line 3, intent"),
        "{text}"
    );
    let (status, body) = w
        .suite("a", "new", "json", r#"{"testCases": [{"input": "x"}]}"#)
        .await;
    assert!(
        status == 400 && body.to_string().contains("entry 1, intent"),
        "{body}"
    );
    let good = r#"{"testCases": [{"input": "x", "intent": "None"}]}"#;
    assert_eq!(w.suite("a", "update", "json", good).await.0, 404);
    assert_eq!(w.suite("import", "new", "json", good).await.0, 400);
    assert_eq!(w.suite("a", "new", "json", good).await.0, 200);
    assert_eq!(w.suite("A", "new", "json", good).await.0, 400);
    assert_eq!(w.suite("a", "update", "json", good).await.0, 200);
    let (status, body) = w
        .post(As::Owner, &w.tests("/a/run"), json!({"version": "newest"}))
        .await;
    assert_eq!(status, 400, "{body}");
    let (status, _) = w
        .post(
            As::Owner,
            &w.tests("/a/run"),
            json!({"version": "published"}),
        )
        .await;
    assert_ne!(status, 200, "it is not published");
    let dgpt = json!({"version": "inDevelopment", "engine": "dgpt"});
    assert_eq!(w.post(As::Owner, &w.tests("/a/run"), dgpt).await.0, 501);
    assert_eq!(
        w.post(
            As::Owner,
            &w.tests("/b/run"),
            json!({"version": "inDevelopment"})
        )
        .await
        .0,
        404
    );
}

#[tokio::test]
async fn a_deleted_run_or_suite_leaves_nothing_even_while_its_job_waits() {
    let w = world().await;
    assert_eq!(w.suite("smoke", "new", "csv", CASES).await.0, 200);
    w.trained().await;
    let (one, two) = (w.start("smoke").await, w.start("smoke").await);
    let (status, body) = w.remove(&format!("/smoke/{one}")).await;
    assert_eq!(
        (status, &body["message"]),
        (200, &json!("Test Result Removed Successfully"))
    );
    assert_eq!(w.remove(&format!("/smoke/{one}")).await.0, 404);
    assert_eq!(w.run().await, 2);
    assert_eq!(
        w.get(As::Owner, &w.tests(&format!("/smoke/{one}/status")))
            .await
            .0,
        404
    );
    let (_, body) = w
        .get(As::Owner, &w.tests(&format!("/smoke/{two}/status")))
        .await;
    assert_eq!(body["status"], "completed", "{body}");
    w.start("smoke").await;
    let (status, body) = w.remove("/smoke").await;
    assert_eq!(
        (status, &body["message"]),
        (200, &json!("Test Suite removed successfully"))
    );
    w.run().await;
    let (_, list) = w.get(As::Owner, &w.tests("")).await;
    assert_eq!(list, json!({"count": 0, "moreAvailable": false}));
}

#[tokio::test]
async fn a_run_whose_worker_died_is_taken_up_again_and_counts_once() {
    let w = world().await;
    assert_eq!(w.suite("smoke", "new", "csv", CASES).await.0, 200);
    w.trained().await;
    let run = w.start("smoke").await;
    let id = JobId::parse(&run).unwrap();
    let now = w.ctx.now();
    let jobs = w.ctx.store().jobs();
    let claimed = jobs.claim_one(&id, "dead", now, now + 1_000).await.unwrap();
    assert!(claimed.is_some());
    assert_eq!(w.run().await, 0, "somebody has it");
    w.clock.advance(2_000);
    assert_eq!(w.run().await, 1);
    let (_, body) = w
        .get(As::Owner, &w.tests(&format!("/smoke/{run}/status")))
        .await;
    assert_eq!(
        (&body["status"], &body["result"]["results"]["TP"]),
        (&json!("completed"), &json!(1)),
        "{body}"
    );
    let late = jobs.finish(&id, "dead", &json!({}), now).await.unwrap();
    assert!(!late, "the dead worker's lease is gone");
    assert_eq!(w.run().await, 0);
}
