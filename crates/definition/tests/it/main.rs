//! Reading real packages.

mod limits;
mod round_trip;

use definition::{Agent, ImportReport, Limits, read_path, read_zip, to_zip};
use std::path::{Path, PathBuf};

fn folders(root: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            folders(&path, out);
        } else if path
            .file_name()
            .is_some_and(|name| name == "botDefinition.json")
        {
            out.push(path);
        }
    }
}

#[test]
fn the_sample_reads_without_a_warning() {
    let package =
        read_path(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk"))
            .expect("reads");
    let report = ImportReport::of(&package, &Agent::from_package(&package));
    assert!(
        report.kept.is_empty() && report.broken.is_empty(),
        "{report:?}"
    );
    assert!(
        report.secrets.is_empty() && report.warnings.is_empty(),
        "{report:?}"
    );
    assert!(package.bot_functions.is_some() && package.config.is_some());
}

#[test]
fn every_real_agent_round_trips_and_its_references_resolve() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/agents");
    let mut files = Vec::new();
    folders(&root, &mut files);
    if files.is_empty() {
        println!("skipped: no shared agents");
    }
    for file in files {
        let package = read_path(&file).expect("reads");
        let again = read_zip(&to_zip(&package).expect("reads"), &Limits::default()).expect("reads");
        assert_eq!(again.definition, package.definition, "{}", file.display());
        let report = ImportReport::of(&package, &Agent::from_package(&package));
        assert!(
            report.broken.is_empty(),
            "{}: {:?}",
            file.display(),
            report.broken
        );
    }
}

#[test]
fn a_path_outside_the_archive_is_refused() {
    let package = definition::Package {
        definition_name: "../botDefinition.json".into(),
        definition: serde_json::json!({"dialogs": [], "dialogComponents": []}),
        ..definition::Package::default()
    };
    let bytes = to_zip(&package).expect("writes");
    let read = read_zip(&bytes, &Limits::default());
    assert!(
        matches!(read, Err(definition::ReadError::Outside(_))),
        "{read:?}"
    );
}
