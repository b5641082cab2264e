//! The second tier, with an encoder of a few words in place of the real one: the rules do not depend on the weights.

use super::bank;
use nlu::{Embed, Filter, Model, Outcome, TrainingInput, train, train_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Vectors by topic: each known word points its own way, and words of one topic nearly the same way.
#[derive(Debug, Default)]
struct Topics {
    id: u64,
    asked: AtomicUsize,
}

const TOPICS: [&[&str]; 6] = [
    &[
        "money", "balance", "funds", "account", "savings", "left", "wealth",
    ],
    &["send", "transfer", "move", "wire", "remit"],
    &[
        "card", "stolen", "lost", "freeze", "block", "took", "plastic",
    ],
    &["hours", "open", "branch", "opening"],
    &["overdraft", "cost", "fee", "price"],
    &["weather", "lisbon", "physics"],
];

impl Embed for Topics {
    fn id(&self) -> u64 {
        self.id
    }

    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut out = vec![0.0f32; 384];
        out[383] = 0.2;
        for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
            for (topic, words) in TOPICS.iter().enumerate() {
                if let Some(at) = words.iter().position(|w| *w == word) {
                    out[topic] += 1.0;
                    out[10 + topic * 10 + at] += 0.2;
                }
            }
        }
        let length = out.iter().map(|v| v * v).sum::<f32>().sqrt();
        Some(out.into_iter().map(|v| v / length).collect())
    }
}

fn both(input: &TrainingInput) -> (Model, Arc<Topics>) {
    let encoder = Arc::new(Topics::default());
    let model = train_with(input, Some(&*encoder), None, &mut |_| {});
    (model.with_encoder(Some(encoder.clone())), encoder)
}

/// Thirty lines an intent, enough for cross-validation.
fn many() -> TrainingInput {
    let mut input = bank();
    for (intent, words) in input.intents.iter_mut().zip(TOPICS).take(3) {
        for a in [
            "please",
            "now",
            "today",
            "could you",
            "i want",
            "for me",
            "help",
            "kindly",
            "again",
            "quick",
            "soon",
        ] {
            for b in words {
                intent
                    .utterances
                    .push(format!("{a} {b} it").as_str().into());
            }
        }
    }
    input
}

#[test]
fn meaning_is_found_where_no_word_is_shared() {
    let (model, _) = both(&bank());
    assert!(model.is_semantic());
    for (text, id) in [
        ("remit", "transfer"),
        ("my wealth", "balance"),
        ("plastic gone", "block"),
    ] {
        let found = model.detect(text, &Filter::default());
        assert_eq!(
            found.winners.first().map(|w| w.id.as_str()),
            Some(id),
            "{text}: {:?}",
            found.ranking
        );
    }
    let first_alone = train(&bank(), &mut |_| {});
    assert_eq!(
        first_alone.detect("remit", &Filter::default()).result,
        Outcome::Fail
    );
}

#[test]
fn texts_of_another_topic_are_out_of_scope() {
    for input in [bank(), many()] {
        let (model, _) = both(&input);
        for text in ["weather lisbon", "physics", "zzz qqq"] {
            let found = model.detect(text, &Filter::default());
            assert_eq!(found.result, Outcome::Fail, "{text}: {:?}", found.ranking);
        }
    }
}

#[test]
fn faqs_are_found_by_meaning() {
    let (model, _) = both(&bank());
    let found = model.detect("overdraft price", &Filter::default());
    assert_eq!(
        found.winners.first().map(|w| w.id.as_str()),
        Some("fees"),
        "{:?}",
        found.ranking
    );
}

#[test]
fn lines_of_the_agent_and_sure_texts_do_not_ask_the_encoder() {
    let (model, encoder) = both(&many());
    let before = encoder.asked.load(Ordering::Relaxed);
    assert_eq!(
        model.detect("Show my balance!", &Filter::default()).winners[0].id,
        "balance"
    );
    assert_eq!(encoder.asked.load(Ordering::Relaxed), before);
    model.detect("remit wealth", &Filter::default());
    assert_eq!(encoder.asked.load(Ordering::Relaxed), before + 1);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_bytes_the_same_answers() {
    for input in [
        bank(),
        many(),
        TrainingInput {
            intents: Vec::new(),
            ..bank()
        },
    ] {
        let (model, encoder) = both(&input);
        let bytes = model.to_bytes();
        assert_eq!(bytes, both(&input).0.to_bytes());
        let loaded = Model::from_bytes(&bytes)
            .expect("bytes just written")
            .with_encoder(Some(encoder));
        assert_eq!(loaded.to_bytes(), bytes);
        for text in ["remit", "overdraft", "weather", "show my funds"] {
            assert_eq!(
                loaded.detect(text, &Filter::default()),
                model.detect(text, &Filter::default())
            );
        }
    }
}

#[test]
fn vectors_of_lines_that_stay_are_taken_over_and_make_the_same_model() {
    let input = many();
    let (before, encoder) = both(&input);
    let asked = encoder.asked.load(Ordering::Relaxed);
    let again = train_with(&input, Some(&*encoder), Some(&before), &mut |_| {});
    assert_eq!(encoder.asked.load(Ordering::Relaxed), asked);
    assert_eq!(again.to_bytes(), before.to_bytes());
    let other = Topics {
        id: 7,
        ..Topics::default()
    };
    let anew = train_with(&input, Some(&other), Some(&before), &mut |_| {});
    assert!(other.asked.load(Ordering::Relaxed) > 0);
    assert_eq!(anew.encoder_id(), Some(7));
}

#[test]
fn without_its_encoder_a_model_answers_by_the_first_tier() {
    let (model, _) = both(&bank());
    let other = Arc::new(Topics {
        id: 9,
        ..Topics::default()
    });
    let first_alone = train(&bank(), &mut |_| {});
    for encoder in [None, Some(other as Arc<dyn Embed>)] {
        let model = model.clone().with_encoder(encoder);
        assert!(!model.is_semantic());
        for text in [
            "remit",
            "my credit card was stolen yesterday",
            "opening times",
        ] {
            assert_eq!(
                model.detect(text, &Filter::default()),
                first_alone.detect(text, &Filter::default())
            );
        }
    }
}

#[test]
fn the_intents_name_counts_where_lines_are_few() {
    let mut input = bank();
    input.intents[1].name = "Remit".to_owned();
    input.intents[1].utterances = vec!["abc def".into(), "ghi jkl".into()];
    let (model, _) = both(&input);
    let found = model.detect("wire it", &Filter::default());
    assert_eq!(
        found.winners.first().map(|w| w.id.as_str()),
        Some("transfer"),
        "{:?}",
        found.ranking
    );
}

#[test]
fn traits_of_samples_are_found_by_meaning() {
    let mut input = bank();
    input.traits = vec![nlu::TraitGroup {
        name: "subject".to_owned(),
        traits: vec![
            nlu::Trait {
                name: "wealth".to_owned(),
                samples: vec!["savings".to_owned()],
            },
            nlu::Trait {
                name: "places".to_owned(),
                samples: vec!["weather".to_owned()],
            },
        ],
        ..nlu::TraitGroup::default()
    }];
    let (model, _) = both(&input);
    let found = |model: &Model, text: &str| model.detect(text, &Filter::default()).traits;
    assert_eq!(found(&model, "funds"), ["wealth"], "no word is shared");
    assert_eq!(found(&model, "lisbon"), ["places"]);
    assert!(found(&model, "overdraft").is_empty());
    let again = Model::from_bytes(&model.to_bytes()).unwrap_or_else(|e| panic!("{e}"));
    let again = again.with_encoder(Some(Arc::new(Topics::default())));
    assert_eq!(found(&again, "funds"), ["wealth"]);
    let first = train(&input, &mut |_| {});
    assert!(found(&first, "funds").is_empty(), "by words alone");
}

#[test]
fn the_encoder_reads_a_text_with_its_spelling_mended() {
    let input = many();
    let (model, encoder) = both(&input);
    let asked = encoder.asked.load(Ordering::Relaxed);
    let detection = model.detect("kindly blcok plastc", &Filter::default());
    assert!(
        encoder.asked.load(Ordering::Relaxed) > asked,
        "the encoder was asked"
    );
    assert_eq!(
        detection.winners.first().map(|w| w.id.as_str()),
        Some("block")
    );
}
