//! Training and detection through the public functions.

mod property;
mod resolver;
mod semantic;
mod settings;

use nlu::{Detection, Faq, Filter, Intent, Model, SmallTalk, TrainingInput, train};

/// Three trained intents, one known by its name only, two FAQs, one pair of small talk.
fn bank() -> TrainingInput {
    let intent = |id: &str, name: &str, lines: &[&str]| Intent {
        id: id.to_owned(),
        ref_id: format!("ref-{id}"),
        dialog_ref: format!("dialog-{id}"),
        name: name.to_owned(),
        utterances: lines.iter().map(|l| (*l).into()).collect(),
        ..Intent::default()
    };
    let faq = |id: &str, question: &str, alternates: &[&str]| Faq {
        id: id.to_owned(),
        ref_id: format!("ref-{id}"),
        question: question.to_owned(),
        alternates: alternates.iter().map(|a| (*a).to_owned()).collect(),
        ..Faq::default()
    };
    TrainingInput {
        language: "en".to_owned(),
        intents: vec![
            intent(
                "balance",
                "Check Balance",
                &[
                    "how much money do i have",
                    "show my balance",
                    "what is left on my account",
                    "balance of my savings",
                    "tell me my funds",
                ],
            ),
            intent(
                "transfer",
                "Transfer Money",
                &[
                    "send 50 dollars to ana",
                    "transfer cash to my brother",
                    "move funds to savings",
                    "wire money abroad",
                    "make a transfer",
                ],
            ),
            intent(
                "block",
                "Block Card",
                &[
                    "i lost my card",
                    "my card was stolen",
                    "freeze my credit card",
                    "block the debit card",
                    "someone took my card",
                ],
            ),
            intent("statement", "Order Paper Statement", &[]),
        ],
        faqs: vec![
            faq(
                "hours",
                "What are your opening hours?",
                &["when does the branch open", "||opening *2 time"],
            ),
            faq("fees", "What does an overdraft cost?", &[]),
        ],
        small_talk: vec![SmallTalk {
            id: "hello".to_owned(),
            ref_id: "ref-hello".to_owned(),
            group: "greetings".to_owned(),
            patterns: vec!["~emohello".to_owned()],
        }],
        ..TrainingInput::default()
    }
}

fn model(input: &TrainingInput) -> Model {
    train(input, &mut |_| {})
}

fn detect(input: &TrainingInput, text: &str) -> Detection {
    model(input).detect(text, &Filter::default())
}

/// Ids of the winners, best first.
fn winners(detection: &Detection) -> Vec<&str> {
    detection.winners.iter().map(|w| w.id.as_str()).collect()
}
