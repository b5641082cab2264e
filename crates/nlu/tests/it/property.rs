use super::{bank, model};
use nlu::confirm::yes_no;
use nlu::entity::extract;
use nlu::{
    EntityContext, EntityKind, Filter, Intent, ListItem, Model, Outcome, SmallTalk, TrainingInput,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static BANK: LazyLock<Model> = LazyLock::new(|| model(&bank()));

fn kinds() -> Vec<EntityKind> {
    let item = ListItem {
        title: "Two words".to_owned(),
        value: serde_json::json!(2),
        synonyms: vec!["\"x\",<y>,é".to_owned()],
    };
    vec![
        EntityKind::Label,
        EntityKind::Description,
        EntityKind::List(vec![item.clone()]),
        EntityKind::Lookup(vec![item]),
        EntityKind::Number,
        EntityKind::PhoneNumber,
        EntityKind::Date,
        EntityKind::Time,
        EntityKind::DateTime,
        EntityKind::Email,
        EntityKind::Url,
        EntityKind::Zip,
        EntityKind::Percentage,
        EntityKind::PersonName,
        EntityKind::DatePeriod,
        EntityKind::Currency,
        EntityKind::Quantity,
        EntityKind::City,
        EntityKind::Country,
        EntityKind::Airport,
        EntityKind::Location,
        EntityKind::Address,
        EntityKind::TimeZone,
        EntityKind::Colour,
        EntityKind::Company,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_detection(text in "\\PC{0,80}|[a-z0-9 .,:/'?!🙂é\n-]{0,120}") {
        let detection = BANK.detect(&text, &Filter::default());
        prop_assert_eq!(detection.result == Outcome::Fail, detection.winners.is_empty());
        prop_assert_eq!(detection.result == Outcome::Success, detection.winners.len() == 1 && !detection.did_you_mean);
        let valid = |r: &nlu::Ranked| (0.0..=100.0).contains(&r.score) && r.ml_score.is_none_or(|p| (0.0..=1.0).contains(&p));
        prop_assert!(detection.ranking.iter().all(valid));
    }

    #[test]
    fn no_text_breaks_entities(text in "\\PC{0,40}|[a-z0-9 .,:/+%@-]{0,60}", now in any::<i64>(), language in "en|de|es|fr|pt|hi", prompted: bool, many: bool) {
        let context = EntityContext {
            now_ms: now, timezone: text.clone(), language: language.to_owned(), prompted, options_shown: prompted, many, ..EntityContext::default()
        };
        for kind in kinds() {
            prop_assert!(extract(&kind, &text, &context).is_ok());
        }
        let _ = extract(&EntityKind::Regex(text.clone()), &text, &context);
        let _ = yes_no(&text, std::slice::from_ref(&text), &[]);
    }

    #[test]
    fn no_pattern_breaks_training(pattern in "[a-c \\[\\](){}<>!~*_'\"0-9]{0,40}", text in "[a-c ]{0,20}") {
        let mut input = bank();
        input.intents[0].patterns.push(pattern.clone());
        input.small_talk.push(SmallTalk { id: "x".to_owned(), patterns: vec![pattern], ..SmallTalk::default() });
        input.intents.truncate(1);
        model(&input).detect(&text, &Filter::default());
    }

    #[test]
    fn the_same_input_gives_the_same_bytes_and_bytes_give_the_same_answers(lines in prop::collection::vec(("\\PC{0,20}", 0usize..3), 0..12)) {
        let mut intents: Vec<Intent> = (0..3).map(|i| Intent { id: i.to_string(), name: format!("name {i}"), ..Intent::default() }).collect();
        for (text, at) in &lines {
            intents[*at].utterances.push(text.as_str().into());
        }
        let input = TrainingInput { language: "en".to_owned(), intents, ..TrainingInput::default() };
        let first = model(&input);
        let bytes = first.to_bytes();
        prop_assert_eq!(&bytes, &model(&input).to_bytes());
        let loaded = Model::from_bytes(&bytes).expect("bytes just written");
        prop_assert_eq!(&bytes, &loaded.to_bytes());
        for (text, _) in &lines {
            prop_assert_eq!(first.detect(text, &Filter::default()), loaded.detect(text, &Filter::default()));
        }
    }
}

#[test]
fn long_texts_are_read_up_to_the_limit() {
    let long = "show my balance ".repeat(10_000);
    let detection = BANK.detect(&long, &Filter::default());
    assert!(
        detection
            .sentences
            .iter()
            .map(|s| s.chars().count())
            .sum::<usize>()
            <= nlu::LONGEST
    );
}

#[test]
fn progress_never_falls_and_ends_at_a_hundred() {
    let mut heard = Vec::new();
    nlu::train(&bank(), &mut |percent| heard.push(percent));
    assert!(heard.is_sorted());
    assert_eq!(heard.last(), Some(&100));
}
