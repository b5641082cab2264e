//! Packages that are too large, too deep, or hold more than one agent.

use definition::{
    Agent, ImportReport, Limits, Package, ReadError, from_files, read_path, read_path_within,
    read_zip, to_zip,
};
use serde_json::json;
use std::fs;

const EMPTY: &str = r#"{"dialogs":[],"dialogComponents":[]}"#;

fn tight() -> Limits {
    Limits {
        packed: 400,
        unpacked: 2_000,
        files: 4,
        depth: 16,
    }
}

#[test]
fn a_folder_is_read_no_further_than_its_limits() {
    let folder = tempfile::tempdir().expect("folder");
    let put = |name: &str, bytes: usize| {
        fs::write(folder.path().join(name), vec![b'x'; bytes]).expect("writes")
    };
    fs::write(folder.path().join("botDefinition.json"), EMPTY).expect("writes");
    put("a.txt", 1_000);
    assert!(read_path_within(folder.path(), &tight()).is_ok());
    put("b.txt", 1_000);
    let read = read_path_within(folder.path(), &tight());
    assert!(
        matches!(&read, Err(ReadError::TooLarge { limit, .. }) if limit == "2000 bytes"),
        "{read:?}"
    );
    for name in ["b.txt", "c.txt", "d.txt", "e.txt"] {
        put(name, 1);
    }
    let read = read_path_within(folder.path(), &tight());
    assert!(
        matches!(&read, Err(ReadError::TooLarge { limit, .. }) if limit == "4 files"),
        "{read:?}"
    );
}

#[test]
fn the_files_beside_a_definition_count_too() {
    let folder = tempfile::tempdir().expect("folder");
    let definition = folder.path().join("mine.json");
    fs::write(&definition, EMPTY).expect("writes");
    fs::write(folder.path().join("icon.png"), vec![0; 3_000]).expect("writes");
    let read = read_path_within(&definition, &tight());
    assert!(matches!(read, Err(ReadError::TooLarge { .. })), "{read:?}");
    fs::write(folder.path().join("icon.png"), [1, 2, 3]).expect("writes");
    let read = read_path_within(&definition, &tight()).expect("reads");
    assert_eq!(read.icon, Some(vec![1, 2, 3]));
}

#[test]
fn a_large_archive_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("agent.zip");
    // sparse: 65 GiB that nobody could read into memory
    fs::File::create(&path)
        .and_then(|file| file.set_len(65 << 30))
        .expect("creates");
    let read = read_path(&path);
    assert!(
        matches!(&read, Err(ReadError::TooLarge { what, .. }) if what == "the archive"),
        "{read:?}"
    );
}

#[test]
fn nesting_is_counted_against_the_limit_of_the_caller() {
    let nested = |levels: usize| {
        let inner = format!("{}{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        let package = from_files(vec![(
            "botDefinition.json".into(),
            format!(r#"{{"dialogs":[],"dialogComponents":[],"odd":{inner}}}"#).into_bytes(),
        )]);
        package.map(|package| to_zip(&package).expect("writes"))
    };
    assert!(matches!(
        nested(128),
        Err(ReadError::Depth { limit: 128, .. })
    ));
    let bytes = nested(127).expect("reads");
    assert!(read_zip(&bytes, &Limits::default()).is_ok());
    let limits = Limits {
        depth: 20,
        ..Limits::default()
    };
    assert!(matches!(
        read_zip(&bytes, &limits),
        Err(ReadError::Depth { limit: 20, .. })
    ));
}

#[test]
fn a_hundred_megabytes_of_text_are_read_whole_and_written_back() {
    let text = "What a long question this is. ".repeat(100_000_000 / 30);
    let package = Package {
        definition: json!({"dialogs": [], "dialogComponents": [],
            "sentences": [{"sentence": text, "taskId": "none", "taskName": "none", "type": "DialogIntent", "language": "en"}]}),
        definition_name: "botDefinition.json".into(),
        ..Package::default()
    };
    let agent = Agent::from_package(&package);
    assert!(!ImportReport::of(&package, &agent).broken.is_empty());
    let zip = to_zip(&package).expect("writes");
    let again = read_zip(&zip, &Limits::default()).expect("reads");
    assert!(
        again.definition == package.definition,
        "the text comes back"
    );
}

#[test]
fn the_definition_nearest_to_the_root_is_taken_with_its_own_parts() {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let package = from_files(vec![
        file(
            "export/old/v7/botDefinition.json",
            r#"{"dialogs":[],"dialogComponents":[],"which":"old"}"#,
        ),
        file(
            "export/config.json",
            r#"{"name":"elsewhere","envVariables":[{"key":"k","value":"hush","isSecured":true}]}"#,
        ),
        file("export/v10/config.json", r#"{"name":"mine"}"#),
        file(
            "export/v10/botDefinition.json",
            r#"{"dialogs":[],"dialogComponents":[],"which":"mine"}"#,
        ),
    ])
    .expect("reads");
    assert_eq!(package.definition["which"], "mine");
    assert_eq!(
        package.config.as_ref().map(|c| c["name"].clone()),
        Some(json!("mine"))
    );
    let report = ImportReport::of(&package, &Agent::from_package(&package));
    assert!(
        report.warnings[0].starts_with("export/old/v7/botDefinition.json: a second definition"),
        "{:?}",
        report.warnings
    );
    let written = to_zip(&package).expect("writes");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(written)).expect("opens");
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut zip.by_name("export/config.json").expect("is there"),
        &mut text,
    )
    .expect("reads");
    assert!(
        !text.contains("hush"),
        "a secured variable leaves by no door: {text}"
    );
}

#[test]
fn a_zip_bomb_is_refused_while_it_inflates() {
    let package = Package {
        definition: json!({"dialogs": [], "dialogComponents": [], "zeros": "0".repeat(8 << 20)}),
        definition_name: "botDefinition.json".into(),
        ..Package::default()
    };
    let zip = to_zip(&package).expect("writes");
    assert!(zip.len() < 64 << 10);
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    assert!(matches!(
        read_zip(&zip, &limits),
        Err(ReadError::TooLarge { .. })
    ));
}

#[test]
fn circles_of_links_are_reported_once() {
    let dialog = |name: &str, target: &str| {
        json!({"_id": format!("dg-{name}"), "refId": name, "localeData": {"en": {"name": name}}, "nodes": [
            {"nodeId": "intent0", "type": "intent", "componentId": format!("dc-{name}")},
            {"nodeId": "intent1", "type": "intent", "componentId": format!("dc-{target}")},
        ]})
    };
    let component = |name: &str| {
        json!({"_id": format!("dc-{name}"), "refId": name, "name": name, "type": "intent", "dialogId": format!("dg-{name}"),
            "localeData": {"en": {"intent": name}}})
    };
    let components = ["a", "b", "c", "d"].map(component);
    let package = Package {
        definition: json!({"dialogs": [dialog("a", "b"), dialog("b", "c"), dialog("c", "a"), dialog("d", "a")],
            "dialogComponents": components, "tools": [{"refId": "t"}]}),
        definition_name: "botDefinition.json".into(),
        ..Package::default()
    };
    let report = ImportReport::of(&package, &Agent::from_package(&package));
    let circles: Vec<_> = report
        .warnings
        .iter()
        .filter(|w| w.contains("circle"))
        .collect();
    assert_eq!(circles.len(), 1, "{:?}", report.warnings);
    assert!(circles[0].contains("a, b, c "), "{circles:?}");
    assert!(
        report.warnings.iter().any(|w| w.starts_with("tools:")),
        "{:?}",
        report.warnings
    );
}
