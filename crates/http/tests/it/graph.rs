//! The knowledge graph by API: looking at it, adding and changing questions, extraction, files, and what detection makes of it.

use crate::work::{As, World, world, world_reaching};
use serde_json::{Value, json};
use service::{definition::draft, runtime::outbound::Reach};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const ROOT: &str = "d35734c6-1437-5d50-9091-2dacad695cb8";

async fn get(w: &World, path: &str) -> (u16, Value) {
    let path = format!("/api/public/bot/{}/{path}", w.bot);
    w.get(As::Owner, &path).await
}

async fn post(w: &World, path: &str, body: Value) -> (u16, Value) {
    let path = format!("/api/public/bot/{}/{path}", w.bot);
    w.post(As::Owner, &path, body).await
}

fn told(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().unwrap().iter();
    errors
        .map(|e| e["msg"].as_str().unwrap().to_owned())
        .collect()
}

/// The draft's graph in English.
async fn task(w: &World, state: &str) -> Value {
    let (status, body) = get(w, &format!("knowledgeTasks?language=en&state={state}")).await;
    assert_eq!(status, 200, "{body}");
    body[0].clone()
}

async fn questions(w: &World, query: &str) -> Vec<String> {
    let (status, body) = get(w, &format!("v2/faqs?state=Configured&language=en&{query}")).await;
    assert_eq!(status, 200, "{body}");
    let all = body["faqs"].as_array().unwrap().iter();
    all.map(|f| {
        f["questionPayload"]["question"]
            .as_str()
            .unwrap()
            .to_owned()
    })
    .collect()
}

/// A question for the root of the sample's graph.
fn new(w: &World, task: &Value, question: &str) -> Value {
    json!({"questionPayload": {"question": question, "tagsPayload": ["post", {"name": "stamp"}]},
        "answerPayload": [{"text": "Yes%2C%20we%20do", "type": "basic", "channel": "default"}], "knowledgeTaskId": task["_id"],
        "responseType": "message", "streamId": w.bot, "parent": ROOT, "leafterm": "Parcel Desk"})
}

/// The file of a graph in the place of the sample's.
async fn import(w: &World, name: &str, content: &str) -> Value {
    let extension = name.rsplit('.').next().unwrap();
    let file = w.file(extension, content.as_bytes()).await;
    let body = json!({"fileName": name, "fileId": file});
    let (status, body) = post(w, "faqs/import?language=en", body).await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("pending")),
        "{body}"
    );
    w.run().await;
    let path = format!("faqs/import/status/{}", body["_id"].as_str().unwrap());
    get(w, &path).await.1
}

#[tokio::test]
async fn the_graph_is_an_array_of_one_task_with_flat_and_nested_nodes() {
    let w = world().await;
    let csv =
        "Faq,Path,Primary Question,Answer\n,\"Parcel Desk,**Prices,Abroad\",How much abroad?,Ten\n";
    assert_eq!(import(&w, "graph.csv", csv).await["status"], "success");
    let task = task(&w, "configured").await;
    let flat = task["taxonomy"].as_array().unwrap();
    let each: Vec<_> = flat
        .iter()
        .map(|n| {
            (
                n["label"].as_str().unwrap(),
                n["level"].as_str().unwrap(),
                n["termUsage"].as_str().unwrap(),
                n["faqCount"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        each,
        [
            ("Parcel Desk", "l0", "organizer", 0),
            ("Prices", "l1", "mandatory", 0),
            ("Abroad", "l2", "default", 1)
        ]
    );
    assert_eq!(flat[1]["parent"], json!([ROOT]), "the root kept its id");
    let nested = &task["metadata"]["taxonomy"][0];
    assert_eq!(nested["nodes"][0]["nodes"][0]["label"], "Abroad");
    assert_eq!(
        (&task["lock"]["islocked"], &task["faqCount"]),
        (&json!("false"), &json!(1))
    );
    assert_eq!(get(&w, "knowledgeTasks").await.0, 400);
    assert_eq!(get(&w, "knowledgeTasks?language=ja").await.0, 400);
    assert_eq!(
        get(&w, "knowledgeTasks?language=en&state=published")
            .await
            .0,
        400,
        "not published"
    );
    assert_eq!(
        get(&w, "knowledgeTasks?language=en&state=other").await.0,
        400
    );
}

#[tokio::test]
async fn the_id_of_a_task_selects_the_copy_and_pages_tell_what_is_left() {
    let w = world().await;
    let draft_id = task(&w, "configured").await["_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"versionComment": "one"});
    let (status, body) = post(&w, "publish", body).await;
    assert_eq!(status, 200, "{body}");
    w.run().await;
    let published = task(&w, "published").await;
    assert_ne!(published["_id"], draft_id.as_str());
    assert_eq!(published["parentId"], draft_id.as_str());
    let body = json!({"faqs": [new(&w, &task(&w, "configured").await, "Do you sell stamps")]});
    assert_eq!(post(&w, "faqs/bulk?language=en", body).await.0, 200);
    let count = |id: String| {
        let w = &w;
        async move {
            let (status, body) = get(
                w,
                &format!("faqs?ktId={id}&language=en&limit=5&offset=&parentId=&type=all"),
            )
            .await;
            assert_eq!(status, 200, "{body}");
            (
                body["count"].as_u64().unwrap(),
                body["faqs"].as_array().unwrap().len(),
                body["moreAvailable"].as_bool().unwrap(),
            )
        }
    };
    assert_eq!(count(draft_id.clone()).await, (9, 5, true));
    assert_eq!(
        count(published["_id"].as_str().unwrap().to_owned()).await,
        (8, 5, true)
    );
    let (_, last) = get(&w, &format!("faqs?ktId={draft_id}&language=en&offset=8")).await;
    assert_eq!(
        (
            last["faqs"].as_array().unwrap().len(),
            &last["moreAvailable"]
        ),
        (1, &json!(false))
    );
    let faq = &last["faqs"][0];
    assert_eq!(
        faq["answerPayload"][0]["text"], "Yes%2C%20we%20do",
        "percent-encoded text comes back as it was sent"
    );
    assert!(
        faq["answerPayload"][0]["lMod"]
            .as_str()
            .unwrap()
            .ends_with("(Coordinated Universal Time)")
    );
    assert!(faq["createdOn"].as_str().unwrap().ends_with('Z') && faq["sortId"].is_i64());
    let id = faq["answerPayload"][0]["_id"].as_str().unwrap();
    let path = format!("/api/1.1/public/users/u-1/faqs/resolvedResponse/{id}");
    let (status, whole) = w.get(As::Owner, &path).await;
    let wanted = json!({"response": "Yes, we do", "primaryQuestion": "Do you sell stamps"});
    assert_eq!((status, &whole), (200, &wanted));
    let linked = w.app(&w.caller, &w.bot, &[]).await;
    assert_eq!(
        w.get(As::Token(&linked), &path).await.0,
        200,
        "no scope is asked for"
    );
    assert_eq!(w.get(As::Owner, &format!("{path}7")).await.0, 404);
    assert_eq!(
        (&faq["isPublished"], &faq["fullPath"]),
        (&json!(false), &json!(["Parcel Desk"]))
    );
    assert_eq!(
        faq["questionPayload"]["tagsPayload"],
        json!([{"name": "post"}, {"name": "stamp"}])
    );
    assert_eq!(get(&w, "faqs?ktId=other&language=en").await.0, 404);
    let (status, body) = get(
        &w,
        &format!("faqs?ktId={draft_id}&limit=51&type=some&withallchild=x"),
    )
    .await;
    assert_eq!(status, 400);
    let told = told(&body).join("\n");
    for field in ["language: ", "limit: ", "type: ", "withallchild: "] {
        assert!(told.contains(field), "{told}");
    }
}

#[tokio::test]
async fn nodes_and_names_narrow_a_list() {
    let w = world().await;
    let csv = "Faq,Path,Primary Question,Alternate Question,Answer,ReferenceId,Display Name\n,Prices,one?,,1,R-7,First of all\n,\"Prices,Abroad\",two?,,2,,\n,Hours,three?,,3,,\n";
    assert_eq!(import(&w, "graph.csv", csv).await["status"], "success");
    assert_eq!(questions(&w, "nodeName=prices").await, ["one?"]);
    assert_eq!(
        questions(&w, "nodeName=Prices&withallchild=true").await,
        ["one?", "two?"]
    );
    assert_eq!(
        questions(&w, &format!("nodeName={ROOT}&withallchild=true"))
            .await
            .len(),
        3
    );
    assert_eq!(questions(&w, "search=r-7").await, ["one?"]);
    assert_eq!(questions(&w, "search=FIRST").await, ["one?"]);
    assert_eq!(
        questions(&w, "search=t&nodeName=Hours&limit=&offset=").await,
        ["three?"]
    );
    let (status, _) = get(&w, "v2/faqs?state=configured&language=en&nodeName=Nowhere").await;
    assert_eq!(status, 400);
    assert_eq!(
        get(&w, "v2/faqs?language=en").await.0,
        400,
        "state is required"
    );
    assert_eq!(
        get(&w, "v2/faqs?language=en&state=Published").await.0,
        400,
        "not published"
    );
}

#[tokio::test]
async fn questions_are_added_all_or_none_and_every_wrong_field_is_named() {
    let w = world().await;
    let task = task(&w, "configured").await;
    let mut bad = new(&w, &task, "x");
    bad["parent"] = json!("nowhere");
    bad["qsId"] = json!("kq-none-0");
    let mut worse = new(&w, &task, "Is my parcel insured");
    worse["leafterm"] = json!("Other");
    worse["responseType"] = json!("dialog");
    worse["answerPayload"][0]["text"] = json!("no-dialog");
    let body = json!({"faqs": [new(&w, &task, "fine"), bad, worse, new(&w, &task, "FINE")]});
    let (status, body) = post(&w, "faqs/bulk?language=en", body).await;
    assert_eq!(status, 400);
    let told_all = told(&body).join("\n");
    for part in [
        "faqs[1].parent: ",
        "faqs[2].leafterm: ",
        "faqs[2].dialogRefId: ",
        "faqs[2].questionPayload.question: the node has",
        "faqs[3].questionPayload.question: stands in faqs[0]",
    ] {
        assert!(told_all.contains(part), "{part}: {told_all}");
    }
    let mut empty = new(&w, &task, "y");
    empty["answerPayload"] = json!([]);
    empty["questionPayload"] = json!({});
    empty["responseType"] = json!("song");
    let (_, body) = post(&w, "faqs/bulk?language=en", json!({"faqs": [empty]})).await;
    let told_all = told(&body).join("\n");
    for part in [
        "faqs[0].answerPayload: ",
        "faqs[0].questionPayload.question: ",
        "faqs[0].responseType: ",
    ] {
        assert!(told_all.contains(part), "{part}: {told_all}");
    }
    assert_eq!(questions(&w, "").await.len(), 8, "nothing was added");
    let mut foreign = new(&w, &task, "z");
    foreign["streamId"] = json!("st-00000000-0000-5000-8000-000000000001");
    let (status, body) = post(&w, "faqs/bulk?language=en", json!({"faqs": [foreign]})).await;
    assert_eq!(
        (status, told(&body)),
        (404, vec!["Bot not found".to_owned()])
    );
    let mut good = new(&w, &task, "Do you sell stamps");
    good["subQuestions"] = json!([{"question": "|| buy * stamps"}, {"question": "stamps"}]);
    good["subAnswers"] =
        json!(["Of course.", [{"text": "print('x')", "type": "advance", "channel": "rtm"}]]);
    let (status, body) = post(&w, "faqs/bulk?language=en", json!({"faqs": [good]})).await;
    assert_eq!((status, &body), (200, &json!({"status": "success"})));
    let (_, body) = get(&w, "v2/faqs?state=configured&language=en&search=stamps").await;
    let faq = &body["faqs"][0];
    assert_eq!(faq["subQuestions"][0]["question"], "|| buy * stamps");
    assert_eq!(faq["subAnswers"][1][0]["type"], "advance");
    assert_eq!(faq["fullPath"], json!(["Parcel Desk"]));
}

#[tokio::test]
async fn updates_count_one_by_one_and_only_answers_and_states_change() {
    let w = world().await;
    let update = |query: Value, update: Value| json!({"query": query, "update": update});
    let body = json!({"payload": [
        update(json!({"language": "en", "faqPath": "Parcel Desk", "primaryQuestion": "is my parcel insured"}),
            json!({"primaryResponse": {"text": "Up to 750 euros.", "type": "basic", "channel": "default"}, "extendedResponses": [{"text": "More", "type": "basic"}]})),
        update(json!({"language": "en", "referenceId": "13be1c73-b19c-5d85-848b-c636e4e52895", "primaryQuestion": "Is my parcel insured"}), json!({"faqStatus": false})),
        update(json!({"language": "en", "faqPath": ["Elsewhere"], "primaryQuestion": "Is my parcel insured"}), json!({"faqStatus": true})),
        update(json!({"language": "en", "faqPath": "Parcel Desk", "primaryQuestion": "Is my parcel insured"}), json!({})),
        update(json!({"language": "en", "primaryQuestion": 5}), json!({"faqStatus": "on"}))]});
    let (status, body) = post(&w, "faqs/bulkupdates", body).await;
    assert_eq!(status, 200, "{body}");
    let each: Vec<&str> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["status"].as_str().unwrap())
        .collect();
    assert_eq!(each, ["success", "success", "failed", "failed", "failed"]);
    assert!(
        body[2]["errors"][0]["msg"]
            .as_str()
            .unwrap()
            .contains("no such question")
    );
    assert!(
        body[3]["errors"][0]["msg"]
            .as_str()
            .unwrap()
            .starts_with("payload[3].update: ")
    );
    assert_eq!(body[4]["errors"].as_array().unwrap().len(), 4, "{body}");
    let (_, body) = get(&w, "v2/faqs?state=configured&language=en&search=insured").await;
    let faq = &body["faqs"][0];
    assert_eq!(faq["answerPayload"][0]["text"], "Up to 750 euros.");
    assert_eq!(
        (&faq["answerPayload"][1]["text"], &faq["faqStatus"]),
        (&json!("More"), &json!(false))
    );
    for body in [json!({}), json!({"payload": []}), json!({"payload": "x"})] {
        assert_eq!(post(&w, "faqs/bulkupdates", body).await.0, 400);
    }
    let other = json!({"payload": [update(json!({"language": "en", "faqPath": "x", "primaryQuestion": "x", "botId": "st-00000000-0000-5000-8000-000000000001"}), json!({"faqStatus": true}))]});
    assert_eq!(post(&w, "faqs/bulkupdates", other).await.0, 404);
}

/// Waits for nobody: the job of the extraction runs, then its entry of the history.
async fn extracted(w: &World, body: Value) -> Value {
    let (status, body) = post(w, "qna/import?language=en", body).await;
    assert_eq!(
        (status, &body["status"]),
        (200, &json!("success")),
        "{body}"
    );
    w.run().await;
    let (_, history) = get(w, "qna/history?language=en").await;
    let all = history["metaqnas"].as_array().unwrap();
    let own = all.iter().find(|one| one["_id"] == body["_id"]);
    own.unwrap().clone()
}

#[tokio::test]
async fn extracted_questions_move_into_the_graph_once() {
    let w = world().await;
    let csv = (0..60)
        .map(|n| format!("Question {n}?,Answer {n}\n"))
        .collect::<String>();
    let file = w.file("csv", csv.as_bytes()).await;
    let one = extracted(&w, json!({"fileId": file, "name": "list"})).await;
    assert_eq!(
        (
            &one["status"],
            &one["qnaExtractedCount"],
            &one["qnaAddedCount"]
        ),
        (&json!("success"), &json!(60), &json!(0)),
        "{one}"
    );
    let path = format!("qna/{}/questions", one["_id"].as_str().unwrap());
    let (_, all) = get(&w, &format!("{path}?limit=&offset=")).await;
    assert_eq!(
        all["extractions"].as_array().unwrap().len(),
        50,
        "the default"
    );
    let (_, rest) = get(&w, &format!("{path}?limit=100&offset=50")).await;
    assert_eq!(rest["extractions"].as_array().unwrap().len(), 10);
    let pair = &all["extractions"][3];
    assert_eq!(
        (
            &pair["question"],
            &pair["answer"],
            &pair["status"],
            &pair["kEId"]
        ),
        (
            &json!("Question 3?"),
            &json!("Answer 3"),
            &json!(false),
            &one["_id"]
        )
    );
    let task = task(&w, "configured").await;
    let mut faq = new(&w, &task, "Question 3?");
    faq["qsId"] = pair["_id"].clone();
    let add = json!({"faqs": [faq.clone()]});
    assert_eq!(post(&w, "faqs/bulk?language=en", add.clone()).await.0, 200);
    let (_, history) = get(&w, "qna/history?language=en").await;
    assert_eq!(
        (
            &history["metaqnas"][0]["qnaAddedCount"],
            &history["metaqnas"][0]["isVisited"]
        ),
        (&json!(1), &json!(true))
    );
    let (_, again) = get(&w, &path).await;
    assert_eq!(again["extractions"][3]["status"], true);
    faq["questionPayload"]["question"] = json!("Question three?");
    let (status, body) = post(&w, "faqs/bulk?language=en", json!({"faqs": [faq]})).await;
    assert_eq!(status, 400);
    assert!(
        told(&body)[0].starts_with("faqs[0].qsId: was added"),
        "{body}"
    );
    // changed in the graph: it may be moved again
    let change = json!({"payload": [{"query": {"language": "en", "faqPath": "Parcel Desk", "primaryQuestion": "Question 3?"}, "update": {"faqStatus": false}}]});
    assert_eq!(
        post(&w, "faqs/bulkupdates", change).await.1[0]["status"],
        "success"
    );
    let mut faq = new(&w, &task, "Question three?");
    faq["qsId"] = pair["_id"].clone();
    assert_eq!(
        post(&w, "faqs/bulk?language=en", json!({"faqs": [faq]}))
            .await
            .0,
        200
    );
    assert_eq!(get(&w, "qna/ke-none/questions").await.0, 404);
    assert_eq!(get(&w, &format!("{path}?limit=0")).await.0, 400);
}

/// A server of pages; every address that it does not know answers 404.
async fn pages(all: Vec<(&'static str, &'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            let mut buffer = [0u8; 1024];
            while !head.windows(4).any(|w| w == b"\r\n\r\n") {
                match socket.read(&mut buffer).await {
                    Ok(n) if n > 0 => head.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = all.iter().find(|(known, _, _)| *known == path);
            let (status, media, body) = match found {
                Some((_, media, body)) => ("200 OK", *media, body.as_str()),
                None => ("404 Not Found", "text/plain", ""),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn pages_are_read_in_each_layout_and_what_fails_says_why() {
    let w = world_reaching(Reach::Any).await;
    let html = "text/html; charset=utf-8";
    let base = pages(vec![
        ("/list", html, "<h2>How do I pay?</h2><p>By card.</p><h2>When?</h2><p>Now.</p>".into()),
        ("/links", html, "<a href=/one>Why one?</a><br><p><a href=/two>Why two?</a></p><p><a href=/gone>Why three?</a></p>".into()),
        ("/one", html, "<h1>Why one?</h1><p>One.</p>".into()),
        ("/two", html, "<h1>Why two?</h1><p>Two.</p>".into()),
        ("/mixed", html, "<a href=/one>Why one?</a><h2>Why two?</h2><p>Two.</p>".into()),
        ("/table", "text/csv", "a?,b\nc?\n".into()),
        ("/image", "image/png", "x".into()),
    ])
    .await;
    let run = |path: &'static str| {
        let (w, url) = (&w, format!("{base}{path}"));
        async move { extracted(w, json!({"fileUrl": url, "name": path})).await }
    };
    let list = run("/list").await;
    assert_eq!(
        (&list["status"], &list["qnaCount"]),
        (&json!("success"), &json!(2)),
        "{list}"
    );
    assert_eq!(list["fileUrl"], format!("{base}/list"));
    let links = run("/links").await;
    assert_eq!(
        (&links["status"], &links["qnaCount"]),
        (&json!("success"), &json!(2)),
        "{links}"
    );
    for (path, part) in [
        ("/mixed", "mixes layouts"),
        ("/nothing", "answered with status 404"),
        ("/table", "line 2, answer: is empty"),
        ("/image", "is no page, PDF or CSV file"),
    ] {
        let failed = run(path).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        let logs = failed["statusLogs"][0].as_str().unwrap();
        assert!(logs.contains(part), "{path}: {logs}");
    }
}

#[tokio::test]
async fn pages_inside_are_not_fetched_and_wrong_requests_are_refused() {
    let w = world_reaching(Reach::Public).await;
    let base = pages(vec![(
        "/",
        "text/html",
        "<h2>Secret?</h2><p>Yes.</p>".into(),
    )])
    .await;
    let failed = extracted(&w, json!({"fileUrl": format!("{base}/"), "name": "inside"})).await;
    assert_eq!(failed["status"], "failed");
    let logs = failed["statusLogs"][0].as_str().unwrap();
    assert!(logs.contains("not public"), "{logs}");
    for body in [
        json!({"name": "x"}),
        json!({"name": "x", "fileUrl": "https://x.example", "fileId": "64f000000000000000000003"}),
        json!({"fileUrl": "https://x.example"}),
        json!({"name": "x", "fileUrl": "ftp://x.example/"}),
    ] {
        assert_eq!(
            post(&w, "qna/import?language=en", body.clone()).await.0,
            400,
            "{body}"
        );
    }
    let body = json!({"name": "x", "fileId": "64f000000000000000000003"});
    assert_eq!(post(&w, "qna/import?language=en", body).await.0, 404);
    let file = w.file("json", b"{}").await;
    let (status, body) = post(
        &w,
        "qna/import?language=en",
        json!({"name": "x", "fileId": file}),
    )
    .await;
    assert_eq!(status, 400);
    assert!(told(&body)[0].starts_with("fileId: "), "{body}");
    assert_eq!(
        post(
            &w,
            "qna/import",
            json!({"name": "x", "fileUrl": "https://x.example"})
        )
        .await
        .0,
        400
    );
}

#[tokio::test]
async fn a_refused_file_changes_nothing_and_names_each_line() {
    let w = world().await;
    let csv = "Faq,Path,Primary Question,Answer\n,A,one?,1\n,A,one?,2\n,A,,x\n,A,two?,\n";
    let (_, before) = draft::open(&w.ctx, &w.caller, &w.bot).await.unwrap();
    let failed = import(&w, "graph.csv", csv).await;
    assert_eq!(failed["status"], "failed");
    let logs: Vec<&str> = failed["statusLogs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l.as_str().unwrap())
        .collect();
    assert_eq!(logs.len(), 2, "{logs:?}");
    assert!(
        logs[0].starts_with("line 3, question: ") && logs[1].starts_with("line 5, answer: "),
        "{logs:?}"
    );
    let (_, after) = draft::open(&w.ctx, &w.caller, &w.bot).await.unwrap();
    assert_eq!(before.definition, after.definition);
    let failed = import(&w, "graph.json", "[1]").await;
    assert_eq!(failed["status"], "failed");
    let body = json!({"fileName": "graph.txt", "fileId": "64f000000000000000000003"});
    assert_eq!(post(&w, "faqs/import?language=en", body).await.0, 400);
    let (status, _) = get(&w, "faqs/export/status").await;
    assert_eq!(status, 404, "no export was asked for");
    let (status, body) = post(&w, "faqs/export?language=en&type=csv", json!({})).await;
    assert_eq!((status, &body["fileType"]), (200, &json!("CSV")), "{body}");
    w.run().await;
    let (_, body) = get(&w, "faqs/export/status").await;
    assert_eq!(body["status"], "success");
    assert!(body["downloadUrl"].as_str().unwrap().contains("ticket="));
}

/// Asks the draft.
async fn find(w: &World, token: &str, input: &str) -> Value {
    let path = format!(
        "/api/v1.1/rest/bot/{}/findIntent?fetchConfiguredTasks=true",
        w.bot
    );
    let body = json!({"input": input, "streamName": "Parcel Desk"});
    let (status, body) = w.post(As::Token(token), &path, body).await;
    assert_eq!(status, 200, "{body}");
    body["response"].clone()
}

fn winners(found: &Value) -> Vec<&str> {
    let all = found["finalResolver"]["winningIntent"].as_array().unwrap();
    all.iter()
        .map(|one| one["intent"].as_str().unwrap())
        .collect()
}

async fn retrained(w: &World) {
    let (status, body) = post(w, "faqs/train", json!({"language": "en"})).await;
    assert_eq!(status, 200, "{body}");
    w.run().await;
}

async fn set(w: &World, config: Value) {
    let mut config = config;
    config["mode"] = json!("faq");
    let body = json!({"configurations": [config]});
    let (status, body) = post(w, "configurations?language=en", body).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn an_imported_graph_decides_by_its_paths_terms_and_thresholds() {
    let w = world().await;
    let csv = "Faq,Path,Primary Question,Alternate Question,Tags,Answer\n\
        ,\"Parcel Desk,!!Extras,Wrapping,Colour\",How do I change the ribbon of a present,,bow,Ask us\n\
        ,\"Parcel Desk,**Insurance/cover/\",Which proof do I need after a loss,,,A receipt\n\
        ,\"Parcel Desk,Calm\",Whom can I tell about a rude driver,,,Us\n\
        ,Parcel Desk,Where is the nearest counter for tall people,,,Here\n\
        ,Parcel Desk,Where is the nearest counter for small people,,,There\n\
        Node,Nodepath,Tag,Precondition,outputcontext,Traits\n,\"Parcel Desk,Calm\",,,,Angry\n\
        Synonyms,Phrase,Synonyms\n,ribbon,shiny string\n\
        Traits,lang,GroupName,matchStrategy,scoreThreshold,TraitName,Training data\n,en,Mood,pattern,,Angry,furious\n";
    let done = import(&w, "graph.csv", csv).await;
    assert_eq!(done["status"], "success", "{done}");
    let token = w
        .app(&w.caller, &w.bot, &["Intent and Entity Detection"])
        .await;
    retrained(&w).await;
    let ribbon = "How do I change the ribbon of a present";
    let close = "can I change the ribbon of a present";
    let found = find(&w, &token, close).await;
    assert_eq!(
        winners(&found),
        [] as [&str; 0],
        "neither wrapping nor colour is said: {found}"
    );
    let ranking = &found["finalResolver"]["ranking"][0];
    assert_eq!(ranking["intent"], ribbon, "it was close: {found}");
    for text in [
        format!("{close} wrapping"),
        format!("{close} in a colour"),
        format!("{close} bow"),
        format!("{ribbon}?"),
    ] {
        let found = find(&w, &token, &text).await;
        assert_eq!(winners(&found), [ribbon], "{text}: {found}");
        assert_eq!(
            (&found["result"], &found["subType"]),
            (&json!("successintent"), &json!("faq")),
            "{text}"
        );
    }
    let found = find(
        &w,
        &token,
        "change the shiny string of a present and its wrapping",
    )
    .await;
    assert_eq!(winners(&found), [ribbon], "a synonym of the graph: {found}");
    // mandatory terms
    let loss = "Which proof do I need after a loss";
    let found = find(&w, &token, "which proof do I need after a big loss").await;
    assert_eq!(winners(&found), [] as [&str; 0], "{found}");
    for word in ["insurance", "cover"] {
        let text = format!("which proof do I need after a loss {word}");
        let found = find(&w, &token, &text).await;
        assert_eq!(winners(&found), [loss], "{text}: {found}");
    }
    // traits
    let rude = "Whom can I tell about a rude driver";
    let text = "whom can I calm and tell about that rude driver";
    assert_eq!(winners(&find(&w, &token, text).await), [] as [&str; 0]);
    let found = find(&w, &token, &format!("{text} furious")).await;
    assert_eq!(winners(&found), [rude], "{found}");
    // two that are as close
    let text = "where is the nearest counter for people";
    let found = find(&w, &token, text).await;
    assert_eq!(found["result"], "ambiguousintent", "{found}");
    assert_eq!(winners(&found).len(), 2);
    // settings act after a training
    set(&w, json!({"suggestionsCount": 1, "pathCoverage": 60})).await;
    assert_eq!(
        winners(&find(&w, &token, text).await).len(),
        2,
        "not trained yet"
    );
    retrained(&w).await;
    assert_eq!(winners(&find(&w, &token, text).await).len(), 1);
    assert_eq!(
        winners(&find(&w, &token, &format!("{close} wrapping")).await),
        [] as [&str; 0]
    );
    assert_eq!(
        winners(&find(&w, &token, &format!("{close} wrapping colour")).await),
        [ribbon]
    );
    set(
        &w,
        json!({"pathCoverage": 50, "minThreshold": 99, "maxThreshold": 99}),
    )
    .await;
    retrained(&w).await;
    assert_eq!(
        winners(&find(&w, &token, &format!("{close} wrapping")).await),
        [] as [&str; 0],
        "below the lower threshold"
    );
    assert_eq!(
        winners(&find(&w, &token, ribbon).await),
        [ribbon],
        "word by word"
    );
}
