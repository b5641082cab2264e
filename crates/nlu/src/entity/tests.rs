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
        ..EntityContext::default()
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
            ("John Smith, john@example.com", json!("John Smith")),
            ("Jane Doe +1 415 555 2671", json!("Jane Doe")),
            ("Jane Doe and my mail is j@x.org", json!("Jane Doe")),
            ("the weather is nice today", Value::Null),
        ],
    );
    table(
        &EntityKind::PersonName,
        &leftover,
        &[
            ("I am late", Value::Null),
            (
                "create employee John Smith john@example.com",
                json!("John Smith"),
            ),
            (
                "an employee named mary poppins with a mail",
                json!("mary poppins"),
            ),
            ("book a flight from New York to San Francisco", Value::Null),
            ("see you on Monday March 3", Value::Null),
            ("Create Employee please", Value::Null),
            ("create employee John", Value::Null),
        ],
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
    let leftover = EntityContext {
        prompted: false,
        ..context()
    };
    table(
        &list,
        &leftover,
        &[
            ("close the savings account", json!("SAV")),
            ("pay with plastic", json!("CC")),
            ("open an account", Value::Null),
            ("I have no credit", Value::Null),
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

#[test]
fn periods_run_from_a_day_to_a_day() {
    let period = |from: &str, to: &str| json!({"from": from, "to": to});
    table(
        &EntityKind::DatePeriod,
        &context(),
        &[
            (
                "from 1 December 2026 to 5 December 2026",
                period("2026-12-01", "2026-12-05"),
            ),
            ("December 12 to 15", period("2026-12-12", "2026-12-15")),
            ("12-15 december", period("2026-12-12", "2026-12-15")),
            (
                "between 20 december and 5 january",
                period("2026-12-20", "2027-01-05"),
            ),
            (
                "2026-12-01 - 2026-12-03",
                period("2026-12-01", "2026-12-03"),
            ),
            ("this week", period("2026-11-23", "2026-11-29")),
            ("next month", period("2026-12-01", "2026-12-31")),
            ("last 3 days", period("2026-11-21", "2026-11-24")),
            ("next weekend", period("2026-12-05", "2026-12-06")),
            ("this year", period("2026-01-01", "2026-12-31")),
            ("tomorrow", period("2026-11-25", "2026-11-25")),
            ("whenever", Value::Null),
        ],
    );
}

#[test]
fn money_has_a_code_and_an_amount() {
    let sum = |code: &str, amount: Value| json!({"code": code, "amount": amount});
    table(
        &EntityKind::Currency,
        &context(),
        &[
            ("pay $20", sum("USD", json!(20))),
            ("20€ please", sum("EUR", json!(20))),
            ("USD 1,250.50", sum("USD", json!(1250.5))),
            ("twenty five pounds", sum("GBP", json!(25))),
            ("5 dollars and 50 cents", sum("USD", json!(5.5))),
            ("Rs. 500", sum("INR", json!(500))),
            ("50 bucks", sum("USD", json!(50))),
            ("30eur", sum("EUR", json!(30))),
            ("5k usd", sum("USD", json!(5000))),
            ("A$ 5", sum("AUD", json!(5))),
            ("try 5 times", Value::Null),
            ("20", Value::Null),
            ("dollars", Value::Null),
        ],
    );
    let mut ruled = context();
    ruled.rules.default_code = Some("INR".to_owned());
    ruled.rules.currency_codes = vec!["INR".to_owned(), "EUR".to_owned()];
    table(
        &EntityKind::Currency,
        &ruled,
        &[
            ("20", sum("INR", json!(20))),
            ("20 euros", sum("EUR", json!(20))),
            ("20 dollars", Value::Null),
        ],
    );
    let many = EntityContext {
        many: true,
        ..context()
    };
    assert_eq!(
        value(&EntityKind::Currency, "5 euros or 6 dollars", &many),
        json!([sum("EUR", json!(5)), sum("USD", json!(6))])
    );
}

#[test]
fn quantities_have_unit_amount_family_and_source() {
    let of = |unit: &str, amount: Value, family: &str, source: &str| json!({"unit": unit, "amount": amount, "type": family, "source": source});
    table(
        &EntityKind::Quantity,
        &context(),
        &[
            ("5kg of rice", of("kilogram", json!(5), "weight", "5kg")),
            ("two hours", of("hour", json!(2), "time", "two hours")),
            ("2.5 miles", of("mile", json!(2.5), "length", "2.5 miles")),
            ("30 °C", of("celsius", json!(30), "temperature", "30 °C")),
            (
                "100 sq ft",
                of("square foot", json!(100), "area", "100 sq ft"),
            ),
            (
                "60 km/h",
                of("kilometer per hour", json!(60), "speed", "60 km/h"),
            ),
            ("16 GB", of("gigabyte", json!(16), "data", "16 GB")),
            ("12", Value::Null),
        ],
    );
    let mut ruled = context();
    ruled.rules.default_unit = Some("kg".to_owned());
    assert_eq!(
        value(&EntityKind::Quantity, "12", &ruled),
        of("kilogram", json!(12), "weight", "12")
    );
}

#[test]
fn places_by_name_code_and_answer() {
    let unprompted = EntityContext {
        prompted: false,
        ..context()
    };
    table(
        &EntityKind::City,
        &context(),
        &[
            ("to München please", json!("Munich")),
            ("new york", json!("New York")),
            ("I live in Heilbronn", json!("Heilbronn")),
            ("amsterdm", json!("Amsterdam")),
            ("I want to book a flight", Value::Null),
        ],
    );
    table(
        &EntityKind::City,
        &unprompted,
        &[
            ("a nice flight to Nice", json!("Nice")),
            ("from bombay", json!("Mumbai")),
            ("a nice flight", Value::Null),
            ("Heilbronn", Value::Null),
        ],
    );
    let germany = json!({"alpha2": "DE", "alpha3": "DEU", "localName": "Deutschland", "shortName": "Germany", "numericalCode": 276});
    table(
        &EntityKind::Country,
        &context(),
        &[
            ("Germany", germany.clone()),
            ("in deutschland", germany.clone()),
            ("germny", germany),
            ("tell us", Value::Null),
            ("nowhere", Value::Null),
        ],
    );
    assert_eq!(
        value(&EntityKind::Country, "the UK", &context())["alpha3"],
        "GBR"
    );
    assert_eq!(
        value(&EntityKind::Country, "US", &context())["numericalCode"],
        840
    );
    let heathrow = json!({"IATA": "LHR", "AirportName": "London Heathrow Airport", "City": "London", "ICAO": "EGLL"});
    table(
        &EntityKind::Airport,
        &context(),
        &[
            ("LHR", heathrow.clone()),
            ("from heathrow", heathrow.clone()),
            ("London Heathrow", heathrow),
            ("what for", Value::Null),
        ],
    );
    let london =
        extract(&EntityKind::Airport, "london", &context()).expect("airports have no expression");
    assert!(matches!(london, Extraction::Ambiguous { options, .. } if options.len() == 5));
    assert_eq!(
        value(&EntityKind::Location, "near Berlin", &context()),
        json!({"formatted_address": "Berlin, Germany", "lat": 52.52, "lng": 13.41})
    );
    table(
        &EntityKind::Address,
        &unprompted,
        &[
            (
                "ship to 221 Baker Street, Springfield, IL 62701 tomorrow",
                json!("221 Baker Street, Springfield, IL 62701"),
            ),
            (
                "nach Hauptstraße 12, 10115 Berlin",
                json!("Hauptstraße 12, 10115 Berlin"),
            ),
            ("I have 3 way tickets", Value::Null),
            ("no address", Value::Null),
        ],
    );
    table(
        &EntityKind::TimeZone,
        &context(),
        &[
            ("IST", json!("+05:30")),
            ("utc-6", json!("-06:00")),
            ("Europe/Berlin", json!("+01:00")),
            ("pacific time", json!("-08:00")),
            ("I am in Tokyo", json!("+09:00")),
            ("later", Value::Null),
        ],
    );
}

#[test]
fn colours_and_companies_have_their_usual_writing() {
    table(
        &EntityKind::Colour,
        &context(),
        &[
            ("a dark green car", json!("dark green")),
            ("navy blue", json!("navy blue")),
            ("rojo", json!("red")),
            ("big", Value::Null),
        ],
    );
    let unprompted = EntityContext {
        prompted: false,
        ..context()
    };
    table(
        &EntityKind::Company,
        &unprompted,
        &[
            ("I work for Microsoft", json!("Microsoft")),
            ("shares of Facebook", json!("Meta")),
            ("a letter from Acme Tools Ltd", json!("Acme Tools Ltd")),
            ("an apple a day", Value::Null),
        ],
    );
    assert_eq!(
        value(&EntityKind::Company, "I work for Tiny Shop", &context()),
        json!("Tiny Shop")
    );
}

#[test]
fn a_composite_is_an_object_of_what_is_said() {
    let part = |name: &str, kind: EntityKind| Part {
        name: name.to_owned(),
        kind,
        many: false,
    };
    let trip = EntityKind::Composite(vec![
        part("seats", EntityKind::Number),
        part("to", EntityKind::City),
        part("day", EntityKind::Date),
    ]);
    table(
        &trip,
        &context(),
        &[
            (
                "2 seats to Paris tomorrow",
                json!({"seats": 2, "to": "Paris", "day": "2026-11-25"}),
            ),
            ("to Rome", json!({"to": "Rome"})),
            ("hm", Value::Null),
        ],
    );
}

#[test]
fn six_languages_have_their_numbers_dates_and_times() {
    let rows: &[(&str, EntityKind, &str, Value)] = &[
        (
            "de",
            EntityKind::Number,
            "zweihundertfünfundzwanzig",
            json!(225),
        ),
        ("de", EntityKind::Number, "1.250,50", json!(1250.5)),
        ("de", EntityKind::Number, "drei Millionen", json!(3_000_000)),
        ("es", EntityKind::Number, "treinta y cinco", json!(35)),
        ("es", EntityKind::Number, "dos mil doscientos", json!(2200)),
        ("fr", EntityKind::Number, "quatre-vingt-dix-sept", json!(97)),
        ("fr", EntityKind::Number, "soixante et onze", json!(71)),
        ("fr", EntityKind::Number, "deux cent trois", json!(203)),
        ("pt", EntityKind::Number, "vinte e cinco mil", json!(25_000)),
        ("hi", EntityKind::Number, "दो सौ पच्चीस", json!(225)),
        ("hi", EntityKind::Number, "१२", json!(12)),
        ("de", EntityKind::Date, "übermorgen", json!("2026-11-26")),
        (
            "de",
            EntityKind::Date,
            "am 24. Dezember",
            json!("2026-12-24"),
        ),
        (
            "de",
            EntityKind::Date,
            "in drei Wochen",
            json!("2026-12-15"),
        ),
        ("de", EntityKind::Date, "vor 2 Tagen", json!("2026-11-22")),
        (
            "de",
            EntityKind::Date,
            "nächsten Freitag",
            json!("2026-11-27"),
        ),
        ("de", EntityKind::Date, "6.9.2027", json!("2027-09-06")),
        (
            "es",
            EntityKind::Date,
            "el 24 de diciembre de 2026",
            json!("2026-12-24"),
        ),
        (
            "es",
            EntityKind::Date,
            "la semana que viene",
            json!("2026-12-01"),
        ),
        ("es", EntityKind::Date, "hace dos días", json!("2026-11-22")),
        ("es", EntityKind::Date, "6/9/2027", json!("2027-09-06")),
        (
            "fr",
            EntityKind::Date,
            "le 1er janvier 2027",
            json!("2027-01-01"),
        ),
        (
            "fr",
            EntityKind::Date,
            "lundi prochain",
            json!("2026-11-30"),
        ),
        (
            "fr",
            EntityKind::Date,
            "dans trois jours",
            json!("2026-11-27"),
        ),
        ("pt", EntityKind::Date, "amanhã", json!("2026-11-25")),
        ("pt", EntityKind::Date, "segunda-feira", json!("2026-11-30")),
        ("pt", EntityKind::Date, "próximo mês", json!("2026-12-24")),
        ("hi", EntityKind::Date, "24 दिसंबर", json!("2026-12-24")),
        ("hi", EntityKind::Date, "तीन दिन बाद", json!("2026-11-27")),
        ("hi", EntityKind::Date, "अगले सोमवार", json!("2026-11-30")),
        (
            "de",
            EntityKind::Time,
            "um halb drei",
            json!("T02:30:00+05:30"),
        ),
        ("de", EntityKind::Time, "15 Uhr", json!("T15:00:00+05:30")),
        (
            "de",
            EntityKind::Time,
            "um acht Uhr abends",
            json!("T20:00:00+05:30"),
        ),
        (
            "es",
            EntityKind::Time,
            "a las ocho y media de la tarde",
            json!("T20:30:00+05:30"),
        ),
        ("fr", EntityKind::Time, "à 15h30", json!("T15:30:00+05:30")),
        ("fr", EntityKind::Time, "midi", json!("T12:00:00+05:30")),
        ("pt", EntityKind::Time, "às 15h", json!("T15:00:00+05:30")),
        ("hi", EntityKind::Time, "शाम 5 बजे", json!("T17:00:00+05:30")),
        (
            "en",
            EntityKind::Time,
            "at 8 in the evening",
            json!("T20:00:00+05:30"),
        ),
        (
            "en",
            EntityKind::Time,
            "three o'clock in the afternoon",
            json!("T15:00:00+05:30"),
        ),
        ("de", EntityKind::Percentage, "2,5 Prozent", json!(0.025)),
        (
            "de",
            EntityKind::Currency,
            "zwanzig Euro",
            json!({"code": "EUR", "amount": 20}),
        ),
        (
            "fr",
            EntityKind::DatePeriod,
            "du 12 au 15 décembre",
            json!({"from": "2026-12-12", "to": "2026-12-15"}),
        ),
    ];
    for (language, kind, text, expected) in rows {
        let context = EntityContext {
            language: (*language).to_owned(),
            ..context()
        };
        assert_eq!(&value(kind, text, &context), expected, "{language}: {text}");
    }
}

#[test]
fn rules_of_a_name_turn_leads_off_and_refuse_names() {
    let mut ruled = context();
    ruled.rules.disable_patterns = true;
    ruled.rules.negative_patterns = vec!["^acme".to_owned()];
    table(
        &EntityKind::PersonName,
        &ruled,
        &[
            ("well my name is Jane Doe yes", Value::Null),
            ("Jane Doe", json!("Jane Doe")),
            ("Acme", Value::Null),
        ],
    );
}
