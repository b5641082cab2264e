use super::*;
use serde_json::json;

/// Tuesday 2026-11-24 10:00 in Kolkata.
fn context() -> EntityContext {
    EntityContext {
        now_ms: 1_795_494_600_000,
        timezone: "Asia/Kolkata".to_owned(),
        language: "en".to_owned(),
        prompted: true,
        options_shown: false,
        many: false,
    }
}

fn value(kind: &EntityKind, text: &str, context: &EntityContext) -> Value {
    match extract(kind, text, context).expect("the expression is fine") {
        Extraction::None => Value::Null,
        Extraction::One(found) => {
            assert!(text.get(found.start..found.end).is_some(), "{text}");
            found.value
        }
        Extraction::Many(all) => all.into_iter().map(|f| f.value).collect(),
        Extraction::Ambiguous { options, .. } => {
            json!({"ambiguous": options.into_iter().map(|o| o.value).collect::<Vec<_>>()})
        }
    }
}

fn table(kind: &EntityKind, context: &EntityContext, rows: &[(&str, Value)]) {
    for (text, expected) in rows {
        assert_eq!(&value(kind, text, context), expected, "{text}");
    }
}

#[test]
fn numbers_in_digits_and_words() {
    table(
        &EntityKind::Number,
        &context(),
        &[
            ("I need 3 tickets", json!(3)),
            ("1,250.50", json!(1250.5)),
            ("12,34,567", json!(1_234_567)),
            ("-4", json!(-4)),
            ("5k", json!(5000)),
            ("two hundred and five", json!(205)),
            ("twenty five thousand", json!(25_000)),
            ("three", json!(3)),
            ("INC0042", Value::Null),
            ("none", Value::Null),
            ("1234567890123456789", Value::Null),
            ("", Value::Null),
        ],
    );
    let many = EntityContext {
        many: true,
        ..context()
    };
    assert_eq!(
        value(&EntityKind::Number, "1, 2 and three", &many),
        json!([1, 2, 3])
    );
}

#[test]
fn phones_mails_addresses_codes_and_shares() {
    table(
        &EntityKind::PhoneNumber,
        &context(),
        &[
            ("call +91 98765-43210", json!("+919876543210")),
            ("(555) 123 4567.", json!("5551234567")),
            ("911", json!("911")),
            ("12", Value::Null),
            ("1234567890123", Value::Null),
        ],
    );
    table(
        &EntityKind::Email,
        &context(),
        &[
            (
                "mail me: Jo.Doe+x@mail.example.com.",
                json!("Jo.Doe+x@mail.example.com"),
            ),
            ("jo@", Value::Null),
        ],
    );
    table(
        &EntityKind::Url,
        &context(),
        &[
            (
                "see https://a.example/x?y=1.",
                json!("https://a.example/x?y=1"),
            ),
            ("hello", Value::Null),
        ],
    );
    table(
        &EntityKind::Zip,
        &context(),
        &[
            ("02139", json!("02139")),
            ("sw1a 1aa", json!("SW1A 1AA")),
            ("no", Value::Null),
        ],
    );
    table(
        &EntityKind::Percentage,
        &context(),
        &[
            ("7%", json!(0.07)),
            ("20 percent", json!(0.2)),
            ("20", Value::Null),
        ],
    );
}

#[test]
fn dates_are_resolved_from_the_clock() {
    table(
        &EntityKind::Date,
        &context(),
        &[
            ("2026-12-01", json!("2026-12-01")),
            ("today", json!("2026-11-24")),
            ("Tomorrow please", json!("2026-11-25")),
            ("the day after tomorrow", json!("2026-11-26")),
            ("yesterday", json!("2026-11-23")),
            ("in three days", json!("2026-11-27")),
            ("2 weeks from now", json!("2026-12-08")),
            ("2 days ago", json!("2026-11-22")),
            ("next week", json!("2026-12-01")),
            ("friday", json!("2026-11-27")),
            ("tuesday", json!("2026-12-01")),
            ("next friday", json!("2026-12-04")),
            ("last friday", json!("2026-11-20")),
            ("6 June 2027", json!("2027-06-06")),
            ("on the 6th of june", json!("2027-06-06")),
            ("December 24", json!("2026-12-24")),
            ("25/12/2026", json!("2026-12-25")),
            ("12/25/2026", json!("2026-12-25")),
            ("24.12.2026", json!("2026-12-24")),
            (
                "6/9/2027",
                json!({"ambiguous": ["2027-06-09", "2027-09-06"]}),
            ),
            ("6/9", json!({"ambiguous": ["2027-06-09", "2027-09-06"]})),
            ("6/6/2027", json!("2027-06-06")),
            ("31/2/2026", Value::Null),
            ("3.50", Value::Null),
            ("maybe", Value::Null),
            ("in 99999999999 days", Value::Null),
        ],
    );
}

#[test]
fn times_carry_the_offset_of_the_zone() {
    table(
        &EntityKind::Time,
        &context(),
        &[
            ("6am", json!("T06:00:00+05:30")),
            ("at 6:30 pm", json!("T18:30:00+05:30")),
            ("18:45", json!("T18:45:00+05:30")),
            ("12 am", json!("T00:00:00+05:30")),
            ("noon", json!("T12:00:00+05:30")),
            ("half past six pm", json!("T18:30:00+05:30")),
            ("quarter to 5 am", json!("T04:45:00+05:30")),
            ("in 2 hours", json!("T12:00:00+05:30")),
            (
                "7",
                json!({"ambiguous": ["T07:00:00+05:30", "T19:00:00+05:30"]}),
            ),
            ("25:00", Value::Null),
            ("later", Value::Null),
        ],
    );
    let elsewhere = EntityContext {
        timezone: "-03:30".to_owned(),
        ..context()
    };
    assert_eq!(
        value(&EntityKind::Time, "9 pm", &elsewhere),
        json!("T21:00:00-03:30")
    );
    table(
        &EntityKind::DateTime,
        &context(),
        &[
            ("tomorrow at 6pm", json!("2026-11-25T18:00:00+05:30")),
            ("9 am", json!("2026-11-25T09:00:00+05:30")),
            ("tomorrow", Value::Null),
        ],
    );
}

#[test]
fn texts_names_and_expressions() {
    table(
        &EntityKind::Label,
        &context(),
        &[("  any text ", json!("any text")), (" ", Value::Null)],
    );
    let leftover = EntityContext {
        prompted: false,
        ..context()
    };
    assert_eq!(
        value(&EntityKind::Description, "any text", &leftover),
        Value::Null
    );
    table(
        &EntityKind::PersonName,
        &context(),
        &[
            ("My name is Jane Doe", json!("Jane Doe")),
            ("jane", json!("jane")),
            ("I'm Ana-María, hello", json!("Ana-María")),
            ("O'Neil", json!("O'Neil")),
            ("I want to book a flight", Value::Null),
            ("12345", Value::Null),
        ],
    );
    assert_eq!(
        value(&EntityKind::PersonName, "I am late", &leftover),
        Value::Null
    );
    assert_eq!(
        value(
            &EntityKind::Regex(r"[A-Z]{3}\d+".to_owned()),
            "it is INC42",
            &context()
        ),
        json!("INC42")
    );
    assert!(extract(&EntityKind::Regex("(?=a)".to_owned()), "a", &context()).is_err());
}

fn items() -> Vec<ListItem> {
    let item = |title: &str, value: &str, synonyms: &[&str]| ListItem {
        title: title.to_owned(),
        value: json!(value),
        synonyms: synonyms.iter().map(|s| (*s).to_owned()).collect(),
    };
    vec![
        item("Savings account", "SAV", &["savings, nest egg"]),
        item(
            "Current account",
            "CUR",
            &["\"checking account\"", "<day to day>"],
        ),
        item("Credit card", "CC", &["plastic"]),
    ]
}

#[test]
fn list_values_by_title_value_synonym_part_and_place() {
    let list = EntityKind::List(items());
    table(
        &list,
        &context(),
        &[
            ("my savings account please", json!("SAV")),
            ("cc", json!("CC")),
            ("the nest egg", json!("SAV")),
            ("plastic", json!("CC")),
            ("credit", json!("CC")),
            ("checking account", json!("CUR")),
            ("checking", Value::Null),
            ("day to day", json!("CUR")),
            ("from day to day", Value::Null),
            ("account", json!({"ambiguous": ["SAV", "CUR"]})),
            ("savings or plastic", json!({"ambiguous": ["SAV", "CC"]})),
            ("2", Value::Null),
            ("", Value::Null),
        ],
    );
    let shown = EntityContext {
        options_shown: true,
        ..context()
    };
    table(
        &list,
        &shown,
        &[
            ("2", json!("CUR")),
            ("b", json!("CUR")),
            ("the second one", json!("CUR")),
            ("last", json!("CC")),
            ("1st", json!("SAV")),
            ("one", json!("SAV")),
            ("9", Value::Null),
            ("0", Value::Null),
            ("99999999999999999999", Value::Null),
        ],
    );
    let many = EntityContext {
        many: true,
        ..context()
    };
    assert_eq!(
        value(&list, "savings and plastic", &many),
        json!(["SAV", "CC"])
    );
    assert_eq!(value(&list, "saivngs", &context()), Value::Null);
    assert_eq!(
        value(&EntityKind::Lookup(items()), "plastik", &context()),
        json!("CC")
    );
}
