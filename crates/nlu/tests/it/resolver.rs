use super::{bank, detect, model, winners};
use nlu::{
    Filter, Kind, ModelError, Network, Outcome, Reason, Term, TermUsage, TrainingInput, Trait,
    TraitGroup,
};

#[test]
fn each_engine_finds_what_the_table_says() {
    let model = model(&bank());
    let table: &[(&str, &[&str], &str)] = &[
        ("Show my balance!", &["balance"], "em"),
        ("please block card", &["block"], "em"),
        ("i want to transfer money", &["transfer"], "em"),
        ("my credit card was stolen yesterday", &["block"], "ml"),
        ("order paper statement now", &["statement"], "cs"),
        ("What are your opening hours", &["hours"], "faq"),
        ("opening time", &["hours"], "pm"),
        ("hello there", &["hello"], "st"),
        ("quantum chromodynamics lecture", &[], ""),
        ("", &[], ""),
        ("🦀🦀🦀", &[], ""),
    ];
    for (text, expected, mark) in table {
        let detection = model.detect(text, &Filter::default());
        assert_eq!(
            winners(&detection),
            *expected,
            "{text}: {:?}",
            detection.ranking
        );
        assert!(
            mark.is_empty() || detection.via.split(' ').any(|m| m == *mark),
            "{text}: {}",
            detection.via
        );
    }
}

#[test]
fn winner_and_ranking_carry_names_scores_and_reasons() {
    let detection = detect(&bank(), "show my balance");
    let winner = &detection.winners[0];
    assert_eq!(
        (
            winner.kind,
            winner.name.as_str(),
            winner.dialog_ref.as_str()
        ),
        (Kind::Dialog, "Check Balance", "dialog-balance")
    );
    assert!(winner.definitive && winner.score == 100.0);
    assert_eq!(detection.result.wire(), "successintent");
    assert_eq!(detection.ranking[0].ml_score, Some(1.0));
    assert!(
        detection.ranking[1..]
            .iter()
            .all(|r| r.eliminated.is_some())
    );
}

#[test]
fn an_utterance_of_two_intents_is_ambiguous() {
    let mut input = bank();
    input.intents[1].utterances.push("show my balance".into());
    let detection = detect(&input, "show my balance");
    assert_eq!(detection.result, Outcome::Ambiguous);
    assert_eq!(winners(&detection), ["balance", "transfer"]);
}

#[test]
fn definitive_matches_of_different_engines_are_for_the_user_to_choose() {
    let mut input = bank();
    input.faqs[0].alternates.push("show my balance".to_owned());
    let detection = detect(&input, "show my balance");
    assert_eq!(detection.result, Outcome::Ambiguous);
    assert_eq!(detection.winners.len(), 2);
    assert!(!detection.did_you_mean);
}

#[test]
fn a_doubtful_faq_asks_did_you_mean_and_yields_to_an_intent() {
    let mut input = bank();
    input.intents.clear();
    input.config.faq.max_threshold = 99.5;
    input.config.faq.exact_match_threshold = 100.0;
    let detection = detect(&input, "branch opening hours");
    assert!(
        detection.did_you_mean && winners(&detection) == ["hours"],
        "{:?}",
        detection.ranking
    );
    assert_eq!(detection.result, Outcome::Ambiguous);
}

#[test]
fn negative_patterns_drop_intents_only_when_switched_on() {
    let mut input = bank();
    input.intents[0]
        .negative_patterns
        .push("balance".to_owned());
    assert_eq!(winners(&detect(&input, "show my balance")), ["balance"]);
    input.config.rr.negative_patterns = true;
    let detection = detect(&input, "show my balance");
    assert!(!winners(&detection).contains(&"balance"));
    assert!(
        detection
            .ranking
            .iter()
            .any(|r| r.id == "balance" && r.eliminated == Some(Reason::NegativePattern))
    );
}

#[test]
fn a_negated_intent_does_not_fire() {
    let mut input = bank();
    assert!(winners(&detect(&input, "i don't want to transfer money")).is_empty());
    input.intents[1]
        .utterances
        .push("i don't want to keep money here".into());
    let detection = detect(&input, "i don't want to transfer money");
    assert!(
        !detection
            .ranking
            .iter()
            .any(|r| r.eliminated == Some(Reason::Negated))
    );
}

#[test]
fn complaints_do_not_negate_what_they_are_about() {
    let input = bank();
    for text in ["i never got my card, block card", "i can not block card"] {
        let detection = detect(&input, text);
        let negated = |r: &nlu::Ranked| r.eliminated == Some(Reason::Negated);
        assert!(!detection.ranking.iter().any(negated), "{text}");
    }
}

#[test]
fn other_languages_negate_too() {
    for (language, name, line, text) in [
        (
            "de",
            "Flug buchen",
            "ich möchte einen Flug buchen",
            "ich möchte keinen Flug buchen",
        ),
        (
            "es",
            "Reservar vuelo",
            "quiero reservar un vuelo",
            "no quiero reservar un vuelo",
        ),
        (
            "fr",
            "Réserver vol",
            "je veux réserver un vol",
            "je ne veux pas réserver un vol",
        ),
        (
            "pt",
            "Reservar voo",
            "quero reservar um voo",
            "não quero reservar um voo",
        ),
        (
            "hi",
            "टिकट बुक",
            "मुझे टिकट बुक करना है",
            "मुझे टिकट बुक नहीं करना है",
        ),
    ] {
        let mut input = bank();
        input.language = language.to_owned();
        input.intents[0].name = name.to_owned();
        input.intents[0].utterances = vec![line.into()];
        let id = input.intents[0].id.clone();
        assert_eq!(winners(&detect(&input, line)), [id.as_str()], "{language}");
        assert!(
            !winners(&detect(&input, text)).contains(&id.as_str()),
            "{language}"
        );
    }
}

#[test]
fn patterns_of_intents_are_definitive() {
    let mut input = bank();
    input.intents[2]
        .patterns
        .push("[ kill destroy ] plastic".to_owned());
    let detection = detect(&input, "please kill my plastic");
    assert_eq!(winners(&detection), ["block"]);
    assert!(detection.winners[0].definitive);
    assert_eq!(detection.winners[0].used, [(7, 22)]);
}

#[test]
fn follow_ups_and_sub_intents_count_only_when_the_filter_lets_them() {
    let mut input = bank();
    input.intents[0].follow_up = true;
    input.intents[1].parent = Some("block".to_owned());
    let model = model(&input);
    let ask = |text: &str, filter: &Filter| {
        model
            .detect(text, filter)
            .winners
            .into_iter()
            .map(|w| w.id)
            .collect::<Vec<_>>()
    };
    assert!(ask("show my balance", &Filter::default()).is_empty());
    assert!(ask("make a transfer", &Filter::default()).is_empty());
    let allowed = Filter {
        allowed_follow_ups: vec!["balance".to_owned()],
        ..Filter::default()
    };
    assert_eq!(ask("show my balance", &allowed), ["balance"]);
    let parent = Filter {
        parent: Some("block".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ask("make a transfer", &parent), ["transfer"]);
    assert!(ask("i lost my card", &parent).is_empty());
    let excluded = Filter {
        excluded: vec!["block".to_owned(), "hours".to_owned()],
        ..Filter::default()
    };
    assert!(ask("i lost my card", &excluded).is_empty());
    assert!(ask("what are your opening hours", &excluded).is_empty());
}

#[test]
fn mandatory_terms_must_be_said() {
    let mut input = bank();
    input.faqs[1].terms = vec![Term {
        label: "mortgage".to_owned(),
        usage: TermUsage::Mandatory,
        ..Term::default()
    }];
    input.faqs[1].question = "What does it cost to cancel a loan early".to_owned();
    let detection = detect(&input, "cost to cancel the loan early please");
    assert!(
        !winners(&detection).contains(&"fees"),
        "{:?}",
        detection.ranking
    );
}

#[test]
fn agents_without_lines_or_with_one_intent_still_answer() {
    let mut input = bank();
    input.intents.iter_mut().for_each(|i| i.utterances.clear());
    assert_eq!(winners(&detect(&input, "transfer money")), ["transfer"]);
    assert_eq!(
        winners(&detect(&input, "i would like a new paper statement order")),
        ["statement"]
    );
    let mut one = TrainingInput {
        intents: vec![bank().intents.remove(2)],
        ..TrainingInput::default()
    };
    assert_eq!(
        winners(&detect(&one, "my card was stolen today")),
        ["block"]
    );
    assert!(winners(&detect(&one, "weather in lisbon")).is_empty());
    one.config.ml.network = Network::FewShot;
    one.intents[0].utterances.clear();
    assert_eq!(winners(&detect(&one, "block card")), ["block"]);
    assert!(winners(&detect(&TrainingInput::default(), "anything")).is_empty());
}

#[test]
fn traits_are_found_by_pattern_and_by_sample_and_rules_follow() {
    let mut input = bank();
    let one = |name: &str, samples: &[&str]| Trait {
        name: name.to_owned(),
        samples: samples.iter().map(|s| (*s).to_owned()).collect(),
    };
    input.traits = vec![
        TraitGroup {
            name: "mood".to_owned(),
            by_pattern: true,
            threshold: None,
            traits: vec![one("angry", &["[ damn hell ]"])],
        },
        TraitGroup {
            name: "urgency".to_owned(),
            traits: vec![one("urgent", &["as soon as possible"])],
            ..TraitGroup::default()
        },
    ];
    input.intents[2].trait_rules = vec![vec!["angry".to_owned(), "urgent".to_owned()]];
    let detection = detect(&input, "damn, as soon as possible");
    assert_eq!(detection.traits, ["angry", "urgent"]);
    assert_eq!(winners(&detection), ["block"]);
}

#[test]
fn the_agents_min_threshold_acts_on_the_calibrated_scale() {
    let mut input = bank();
    let text = "somebody took a card of mine";
    assert_eq!(winners(&detect(&input, text)), ["block"]);
    input.config.ml.min_threshold = Some(1.0);
    input.config.ml.exact_match_threshold = Some(100.0);
    let detection = detect(&input, text);
    assert_eq!(detection.result, Outcome::Fail);
    assert!(
        detection
            .ranking
            .iter()
            .any(|r| r.eliminated == Some(Reason::BelowMinThreshold))
    );
}

#[test]
fn bytes_of_another_kind_version_or_state_are_refused_with_the_reason() {
    let bytes = model(&bank()).to_bytes();
    let load = |bytes: &[u8]| {
        nlu::Model::from_bytes(bytes)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    assert!(nlu::Model::from_bytes(b"{}").is_err_and(|e| e == ModelError::NotAModel));
    let mut other = bytes.clone();
    other[8] = 9;
    assert!(load(&other).contains("version 9"));
    let mut changed = bytes.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert!(load(&changed).contains("damaged"));
    for cut in [0, 7, 11, 19, 40, bytes.len() - 1] {
        assert!(!load(&bytes[..cut]).is_empty(), "{cut}");
    }
}

#[test]
fn a_text_without_a_known_feature_scores_near_zero() {
    let two = TrainingInput {
        intents: bank().intents[..2].to_vec(),
        ..bank()
    };
    let single = TrainingInput {
        intents: bank().intents[..1].to_vec(),
        ..bank()
    };
    for input in [bank(), two, single] {
        for text in ["жжж ъъъ", "ξξξ", "日本"] {
            let found = detect(&input, text);
            let most = found
                .ranking
                .iter()
                .filter_map(|r| r.ml_score)
                .fold(0.0, f64::max);
            assert!(most < 0.05, "{text}: {:?}", found.ranking);
            assert_eq!(found.result, Outcome::Fail);
        }
    }
}

#[test]
fn small_talk_that_is_the_whole_text_goes_before_a_guess_but_not_before_a_certain_match() {
    let mut input = bank();
    input.small_talk[0].patterns = vec!["lost my card".to_owned()];
    let text = "so i lost my card";
    let found = detect(&input, text);
    assert_eq!(winners(&found), ["hello"], "{:?}", found.ranking);
    let guess = found
        .ranking
        .iter()
        .find(|r| r.id == "block")
        .expect("ranked");
    assert_eq!(guess.eliminated, Some(Reason::ExactSmallTalk));
    assert_eq!(winners(&detect(&input, "i lost my card")), ["block"]);
    assert_eq!(
        winners(&detect(&input, "i lost my card in town")),
        ["block"]
    );
}

#[test]
fn a_name_in_camel_case_is_found_by_its_parts() {
    let mut input = bank();
    input.intents.iter_mut().for_each(|i| i.utterances.clear());
    input.intents[0].name = "CreateEmployee".to_owned();
    let id = input.intents[0].id.clone();
    for text in [
        "create employee",
        "CreateEmployee",
        "please create an employee named Mary Poppins with email mary@x.org",
    ] {
        assert_eq!(winners(&detect(&input, text)), [id.as_str()], "{text}");
    }
}

#[test]
fn a_number_is_no_emoji_of_a_word_list() {
    let mut input = bank();
    input.concepts.insert(
        "~no".to_owned(),
        vec!["< no >".to_owned(), ":-1:".to_owned()],
    );
    input.small_talk[0].patterns = vec!["~no".to_owned()];
    let model = model(&input);
    for (text, found) in [
        ("no", true),
        ("👎", true),
        ("👎🏽", true),
        ("1", false),
        ("-1", false),
    ] {
        let detection = model.detect(text, &Filter::default());
        assert_eq!(!detection.winners.is_empty(), found, "{text}");
    }
}
