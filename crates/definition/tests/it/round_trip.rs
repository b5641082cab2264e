//! Whatever stands in a definition comes back out of it.

use definition::{Agent, ImportReport, Limits, Package, from_files, read_zip, to_zip};
use proptest::{collection, prelude::*};
use serde_json::{Map, Value, json};

/// Any JSON value, some levels deep, with strings as exports write them: raw, percent-encoded, half of each.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[a-z%0-9A-F ]{0,12}",
        Just("%7B%22a%22%3A1%7D".to_owned()),
        Just("100% sure".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no such number", |n| n.is_finite())
            .prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::vec((key(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Names that the reader knows, so that their values have any shape at all, and names that nobody knows.
fn key() -> impl Strategy<Value = String> {
    let known = [
        "_id",
        "refId",
        "name",
        "nodes",
        "nodeId",
        "type",
        "componentId",
        "transitions",
        "localeData",
        "en",
        "intent",
        "message",
        "default",
        "channel",
        "text",
        "patterns",
        "sentences",
        "taskId",
        "faqs",
        "entityType",
        "dialogId",
        "sessionClosureSettings",
        "supportedLanguages",
        "defaultLanguage",
        "knowledgeTasks",
        "smallTalks",
        "advancedNLSettings",
        "mlParams",
        "botEvents",
        "interruptOptions",
        "allowedValues",
        "values",
        "synonyms",
        "if",
        "then",
        "op",
        "field",
        "context",
        "nodeOptions",
    ];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        "\\PC{0,8}"
    ]
}

fn package() -> impl Strategy<Value = Package> {
    let members = collection::vec((key(), value()), 0..12);
    let items = || collection::vec(value(), 0..6);
    (members, items(), items(), proptest::option::of(value())).prop_map(
        |(members, dialogs, components, config)| {
            let mut definition: Map<String, Value> = members.into_iter().collect();
            definition.insert("dialogs".into(), dialogs.into());
            definition.insert("dialogComponents".into(), components.into());
            Package {
                definition: definition.into(),
                definition_name: "botDefinition.json".into(),
                config,
                bot_functions: Some(("x_botfunctions.js".into(), "function f() {}".into())),
                tables: vec![("tableDefinition_t_1.json".into(), json!({"name": "t"}))],
                extra: vec![("notes.txt".into(), b"kept".to_vec())],
                ..Package::default()
            }
        },
    )
}

/// Secured variables are the one thing that does not come back.
fn has_secured(package: &Package) -> bool {
    package
        .config
        .as_ref()
        .is_some_and(|config| config.to_string().contains("isSecured"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_key_and_every_order_comes_back(package in package()) {
        prop_assume!(!has_secured(&package));
        let bytes = to_zip(&package).expect("writes");
        let again = read_zip(&bytes, &Limits::default()).expect("reads");
        prop_assert_eq!(again.definition.to_string(), package.definition.to_string());
        prop_assert_eq!(&again, &package);
    }

    #[test]
    fn no_shape_of_a_known_key_breaks_the_reader(package in package()) {
        let agent = Agent::from_package(&package);
        let report = ImportReport::of(&package, &agent);
        prop_assert!(!agent.languages.is_empty());
        drop(report);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in collection::vec(any::<u8>(), 0..400), cut in 0usize..2_000) {
        let _ = read_zip(&bytes, &Limits::default());
        let _ = from_files(vec![("botDefinition.json".into(), bytes.clone())]);
        let sample = Package {
            definition: json!({"dialogs": [], "dialogComponents": [], "filler": "x".repeat(900)}),
            definition_name: "botDefinition.json".into(),
            ..Package::default()
        };
        let mut zip = to_zip(&sample).expect("writes");
        let at = cut % zip.len();
        zip[at] ^= bytes.first().copied().unwrap_or(1) | 1;
        // damaged somewhere: refused, or the damage was in a place that does not matter; never another definition
        if let Ok(read) = read_zip(&zip, &Limits::default()) {
            prop_assert_eq!(read.definition, sample.definition);
        }
    }
}
