//! What a real server does with bodies that are too long, cut off, or sent twice at once.

use crate::binary::{Installation, Server};
use serde_json::{Value, json};
use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// A hundred megabytes.
const HUGE: usize = 100 << 20;

/// The beginning of a form with a file, up to the file's content.
const FORM: &str =
    "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"agent.zip\"\r\n\r\n";

/// Sends a head, the beginning of a body and then `length` bytes more, also while the answer comes, and gives the answer. With no length said the body is
/// chunked.
fn send(server: &Server, head: &str, begin: &str, length: usize, chunked: bool) -> String {
    let address = server.url.trim_start_matches("http://");
    let stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a time limit");
    let mut writer = stream.try_clone().expect("a second handle");
    let framing = match chunked {
        true => "transfer-encoding: chunked".to_owned(),
        false => format!("content-length: {}", begin.len() + length),
    };
    let begin = match (chunked, begin.len()) {
        (true, 1..) => format!("{:x}\r\n{begin}\r\n", begin.len()),
        _ => begin.to_owned(),
    };
    let head =
        format!("{head}\r\nhost: {address}\r\nconnection: close\r\n{framing}\r\n\r\n{begin}");
    let sending = thread::spawn(move || {
        let part = vec![b'x'; 1 << 16];
        writer.write_all(head.as_bytes()).expect("the head is sent");
        for _ in 0..length.div_ceil(part.len()) {
            // the server may have answered and hung up
            let sent = match chunked {
                true => writer
                    .write_all(b"10000\r\n")
                    .and_then(|()| writer.write_all(&part))
                    .and_then(|()| writer.write_all(b"\r\n")),
                false => writer.write_all(&part),
            };
            if sent.is_err() {
                return;
            }
        }
    });
    let mut answer = Vec::new();
    let mut reader = stream;
    let mut part = [0; 4096];
    loop {
        match reader.read(&mut part) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&part[..read]),
            // hung up with some of the body unread
            Err(e) if e.kind() == ErrorKind::ConnectionReset => break,
            Err(e) => panic!("{e}"),
        }
    }
    let _ = reader.shutdown(Shutdown::Both);
    sending.join().expect("the sender ends");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn lives(server: &Server) {
    let answer = reqwest::get(format!("{}/health", server.url)).await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

/// The token of an admin app that may upload and import.
fn importer(here: &Installation) -> String {
    let app = here.json(&["app", "create", "--kind", "admin", "--name", "Importer"]);
    let id = app["clientId"].as_str().expect("clientId").to_owned();
    here.json(&["scope", "grant", "--app", &id, "Bot Import"]);
    here.token(&id)
}

/// A form with a file and the words that go with it.
fn form(zip: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in [("fileContext", "bulkImport"), ("fileExtension", "zip")] {
        body.extend_from_slice(
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    body.extend_from_slice(FORM.as_bytes());
    body.extend_from_slice(zip);
    body.extend_from_slice(b"\r\n--x--\r\n");
    body
}

fn zip(here: &Installation, bot: &str) -> Vec<u8> {
    let file = here.scratch("agent.zip");
    here.json(&["agent", "export", bot, "--out", &file.display().to_string()]);
    std::fs::read(file).expect("the export")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_100_megabytes_is_refused_in_clear_words_and_the_server_lives_on() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (app, _) = here.app(&bot, &["Intent and Entity Detection"]);
    let (token, admin) = (here.token(&app), importer(&here));
    let server = here.serve(&[]);
    let find = format!(
        "POST /api/v1.1/rest/bot/{bot}/findIntent HTTP/1.1\r\nauth: {token}\r\ncontent-type: application/json"
    );
    let hook = format!(
        "POST /chatbot/hooks/{bot} HTTP/1.1\r\nauthorization: bearer {token}\r\ncontent-type: application/json"
    );
    let upload = format!(
        "POST /api/public/uploadfile HTTP/1.1\r\nauth: {admin}\r\ncontent-type: multipart/form-data; boundary=x"
    );
    let import = format!(
        "POST /api/public/bot/import HTTP/1.1\r\nauth: {admin}\r\ncontent-type: application/json"
    );
    let console = "POST /api/console/v1/session HTTP/1.1\r\ncontent-type: application/json";
    for (head, begin, text) in [
        (find.as_str(), "", "body"),
        (&hook, "", "body"),
        (&upload, FORM, "file: must have at most 64 mib"),
        (&import, "", "body"),
        (console, "", "body"),
    ] {
        for chunked in [false, true] {
            let begun = Instant::now();
            let answer = send(&server, head, begin, HUGE, chunked);
            let (first, rest) = answer.split_once("\r\n").unwrap_or((&answer, ""));
            let name = format!(
                "{} chunked: {chunked}",
                head.split(' ').nth(1).unwrap_or_default()
            );
            assert_eq!(first, "HTTP/1.1 413 Payload Too Large", "{name}: {answer}");
            assert!(rest.to_lowercase().contains(text), "{name}: {answer}");
            assert!(begun.elapsed() < Duration::from_secs(30), "{name}");
            lives(&server).await;
        }
    }
    // no part begins: there is nothing to look for in what follows
    let begun = Instant::now();
    let answer = send(&server, &upload, "", HUGE, true);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(
        answer.contains("not a whole multipart/form-data form"),
        "{answer}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    let (status, _) = server
        .find_intent(&bot, &here.token(&app), "where is my parcel")
        .await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_off_leaves_nothing_and_the_next_one_works() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let token = importer(&here);
    let body = form(&zip(&here, &bot));
    let server = here.serve(&[]);
    let head = format!(
        "POST /api/public/uploadfile HTTP/1.1\r\nhost: x\r\nauth: {token}\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    for share in [2, 3, body.len()] {
        let address = server.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("write");
        stream
            .write_all(&body[..body.len() / share])
            .expect("write");
        stream.shutdown(Shutdown::Write).expect("half closed");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
        assert!(!answer.contains("fileId"), "{answer}");
    }
    lives(&server).await;
    let (status, stored) = upload(&server, &token, body).await;
    assert_eq!(status, 200, "{stored}");
    assert_eq!(
        here.json(&["agent", "list"])["agents"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

async fn upload(server: &Server, token: &str, body: Vec<u8>) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}/api/public/uploadfile", server.url))
        .header("auth", token)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("json"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_over_http_make_two_whole_agents() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let token = importer(&here);
    let zip = zip(&here, &bot);
    let server = here.serve(&[]);
    let import = async |name: &str| {
        let (status, stored) = upload(&server, &token, form(&zip)).await;
        assert_eq!(status, 200, "{stored}");
        let body = json!({"uploadMode": "ZIP", "zipInfo": stored["fileId"], "name": name});
        let (status, asked) = server
            .post("/api/public/bot/import", ("auth", &token), &body)
            .await;
        assert_eq!(status, 200, "{asked}");
        let path = format!(
            "{}/api/public/bot/import/status/{}",
            server.url,
            asked["_id"].as_str().expect("_id")
        );
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let client = reqwest::Client::new();
            let answer = client.get(&path).header("auth", &token).send().await;
            let answer: Value = answer.expect("an answer").json().await.expect("json");
            match answer["status"].as_str() {
                Some("success") => return answer["streamId"].as_str().map(str::to_owned),
                Some("failed") => panic!("{answer}"),
                _ => assert!(Instant::now() < until, "{answer}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let (one, two) = tokio::join!(import("One"), import("Two"));
    assert!(one.is_some() && one != two, "{one:?} {two:?}");
    let agents = here.json(&["agent", "list"]);
    let mut names: Vec<&str> = agents["agents"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|agent| agent["name"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["One", "Parcel Desk", "Two"]);
    for bot in [one, two].into_iter().flatten() {
        here.json(&["agent", "publish", &bot]);
    }
}
