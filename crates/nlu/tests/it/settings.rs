//! Every setting of the engines and of the resolver changes what the table says, and names the reason.

use super::{bank, detect, model, winners};
use nlu::{EngineConfig, Filter, Intent, Network, Outcome, Reason, TrainingInput};

fn with(change: impl Fn(&mut TrainingInput)) -> TrainingInput {
    let mut input = bank();
    change(&mut input);
    input
}

/// What a text answers: ids of the winners joined by `+`, and the reason why `of` did not win.
fn outcome(input: &TrainingInput, text: &str, of: &str) -> (String, Option<Reason>) {
    let detection = detect(input, text);
    let lost = detection.ranking.iter().find(|r| r.id == of);
    (
        winners(&detection).join("+"),
        lost.and_then(|r| r.eliminated),
    )
}

/// A name, the setting, a text, an intent to look at, and what is answered without and with the setting.
type Row = (
    &'static str,
    fn(&mut EngineConfig),
    &'static str,
    &'static str,
    (&'static str, Option<Reason>),
    (&'static str, Option<Reason>),
);

#[test]
fn each_setting_has_its_effect_and_its_reason() {
    let rows: &[Row] = &[
        (
            "ml.min_threshold",
            |c| c.ml.min_threshold = Some(0.99),
            "my credit card was stolen yesterday",
            "block",
            ("block", None),
            ("", Some(Reason::BelowMinThreshold)),
        ),
        (
            "ml.active",
            |c| c.ml.active = false,
            "my credit card was stolen yesterday",
            "block",
            ("block", None),
            ("", None),
        ),
        (
            "fm.active",
            |c| c.fm.active = false,
            "order paper statement now",
            "statement",
            ("statement", None),
            ("", None),
        ),
        (
            "faq.active",
            |c| c.faq.active = false,
            "opening time",
            "hours",
            ("hours", None),
            ("", None),
        ),
        (
            "fm.label_match",
            |c| c.fm.label_match = Some(false),
            "order paper statement now for me at home",
            "statement",
            ("statement", None),
            ("", None),
        ),
        (
            "fm.word_coverage",
            |c| c.fm.word_coverage = Some(100.0),
            "paper statement",
            "statement",
            ("", Some(Reason::OutOfScope)),
            ("", None),
        ),
        (
            "fm.spell_correction",
            |c| c.fm.spell_correction = false,
            "order paper statemant",
            "statement",
            ("statement", None),
            ("", Some(Reason::OutOfScope)),
        ),
        (
            "rr.version",
            |c| c.rr.version = 2,
            "order paper statement now",
            "statement",
            ("statement", None),
            ("", None),
        ),
    ];
    for (name, set, text, of, without, changed) in rows {
        let plain = bank();
        let mut input = bank();
        set(&mut input.config);
        assert_ne!(plain.config, input.config, "{name}");
        assert_eq!(
            outcome(&plain, text, of),
            (without.0.to_owned(), without.1),
            "{name} unset: {text}"
        );
        assert_eq!(
            outcome(&input, text, of),
            (changed.0.to_owned(), changed.1),
            "{name} set: {text}"
        );
    }
}

#[test]
fn an_exact_name_is_certain_only_with_its_setting() {
    let certain = |on: bool| {
        let input = with(|i| i.config.fm.exact_task_name = Some(on));
        let found = detect(&input, "please check balance");
        found
            .winners
            .iter()
            .any(|w| w.id == "balance" && w.definitive)
    };
    assert!(certain(true) && !certain(false));
}

#[test]
fn an_faq_is_certain_from_its_threshold_on() {
    let certain = |threshold: f64| {
        let input = with(|i| i.config.faq.exact_match_threshold = threshold);
        let found = detect(&input, "when does your branch open");
        found
            .ranking
            .iter()
            .any(|r| r.id == "hours" && r.definitive)
    };
    assert!(certain(60.0) && !certain(100.0));
}

#[test]
fn the_ml_threshold_of_certainty_and_preferring_certain_matches() {
    let at = |exact: f64, prefer: bool| {
        let input = with(|i| {
            i.config.ml.exact_match_threshold = Some(exact);
            i.config.rr.prefer_definitive = prefer;
        });
        let found = detect(&input, "my credit card was stolen yesterday");
        found.winners[0].definitive
    };
    assert!(at(80.0, true) && !at(100.0, true));
    let both = with(|i| {
        i.intents[3].patterns = vec!["paper please".to_owned()];
        i.config.rr.tolerance = 0.0;
    });
    let text = "paper please, my card was stolen";
    assert_eq!(
        outcome(&both, text, "block"),
        ("statement".to_owned(), Some(Reason::DefinitiveElsewhere))
    );
    let all = TrainingInput {
        config: EngineConfig {
            rr: nlu::RrConfig {
                prefer_definitive: false,
                ..both.config.rr.clone()
            },
            ..both.config.clone()
        },
        ..both
    };
    assert_ne!(
        outcome(&all, text, "block").1,
        Some(Reason::DefinitiveElsewhere)
    );
}

#[test]
fn proximity_and_rescoring_say_how_many_are_offered() {
    let twins = |change: fn(&mut EngineConfig)| {
        let mut input = bank();
        let intent = |id: &str, name: &str| Intent {
            id: id.to_owned(),
            name: name.to_owned(),
            ..Intent::default()
        };
        input
            .intents
            .push(intent("pension", "Yearly pension report"));
        input.intents.push(intent("tax", "Yearly pension paper"));
        input.config.ml.active = false;
        change(&mut input.config);
        detect(&input, "my yearly pension things please")
    };
    let found = twins(|_| {});
    assert_eq!(
        (found.result, winners(&found)),
        (Outcome::Ambiguous, vec!["pension", "tax"])
    );
    let scores: Vec<f64> = found.ranking.iter().map(|r| r.score).collect();
    assert_eq!(scores[0], scores[1]);
    // Another word of one name makes it the better one.
    let of = |change: fn(&mut EngineConfig)| {
        let mut input = bank();
        for (id, name) in [
            ("pension", "Yearly pension report"),
            ("tax", "Yearly pension report form"),
        ] {
            input.intents.push(Intent {
                id: id.to_owned(),
                name: name.to_owned(),
                ..Intent::default()
            });
        }
        input.config.ml.active = false;
        input.config.rr.elimination = false;
        input.config.fm.tolerance = Some(20.0);
        change(&mut input.config);
        let found = detect(&input, "a report of my yearly pension");
        let lost = found
            .ranking
            .iter()
            .find(|r| r.id == "tax")
            .and_then(|r| r.eliminated);
        (winners(&found).join("+"), lost)
    };
    assert_eq!(of(|_| {}), ("pension".to_owned(), Some(Reason::LowerScore)));
    assert_eq!(of(|c| c.rr.tolerance = 30.0).0, "pension+tax");
    assert_eq!(of(|c| c.rr.rescoring = Some(false)).0, "pension+tax");
    assert_eq!(
        of(|c| c.fm.tolerance = Some(0.0)),
        ("pension".to_owned(), None)
    );
}

#[test]
fn names_inside_other_names_are_eliminated_and_weak_ones_fall_to_the_dependency_model() {
    let names = |change: fn(&mut EngineConfig)| {
        let mut input = TrainingInput {
            language: "en".to_owned(),
            ..TrainingInput::default()
        };
        for (id, name) in [("card", "Card"), ("lost", "Lost Card")] {
            input.intents.push(Intent {
                id: id.to_owned(),
                name: name.to_owned(),
                ..Intent::default()
            });
        }
        input.config.fm.tolerance = Some(20.0);
        change(&mut input.config);
        let found = detect(&input, "about a card which got lost");
        let reason = |id: &str| {
            found
                .ranking
                .iter()
                .find(|r| r.id == id)
                .and_then(|r| r.eliminated)
        };
        (winners(&found).join("+"), reason("card"), reason("lost"))
    };
    let (won, inner, _) = names(|c| c.fm.tolerance = Some(20.0));
    assert_eq!(won, "lost");
    assert!(
        inner.is_none() || inner == Some(Reason::WithinAnotherTask),
        "{inner:?}"
    );
    let (won, _, weak) = names(|c| c.rr.least_dependency = Some(0.95));
    assert_eq!((won.as_str(), weak), ("", Some(Reason::BelowDependency)));
    assert_eq!(names(|c| c.rr.least_dependency = Some(0.5)).0, "lost");
}

#[test]
fn the_rules_engine_says_how_near_it_came() {
    let model = model(&bank());
    for (text, reason) in [
        ("order something", Reason::VerbOnly),
        ("a statement", Reason::EntityOnly),
        ("nothing of it", Reason::NoWord),
    ] {
        assert_eq!(model.near_miss(text, "statement"), reason, "{text}");
    }
    assert_eq!(model.near_miss("order", "gone"), Reason::NoWord);
}

#[test]
fn negation_and_negative_patterns_follow_their_switches() {
    let text = "i don't want to block card";
    let of = |negation: bool| {
        let input = with(|i| {
            i.config.ml.negation = negation;
            i.config.fm.exact_task_name = Some(false);
        });
        outcome(&input, text, "block")
    };
    assert_eq!(of(true).1, Some(Reason::Negated));
    assert_ne!(of(false).1, Some(Reason::Negated));
}

#[test]
fn a_zero_shot_model_knows_names_only_and_every_match_is_certain() {
    let input = with(|i| {
        i.config.ml.network = Network::FewShot;
        i.config.ml.zero_shot = true;
        i.config.fm.active = false;
    });
    let found = detect(&input, "order a paper statement");
    assert_eq!(winners(&found), ["statement"]);
    assert!(found.winners[0].definitive);
    assert_eq!(
        winners(&detect(&input, "wire money abroad tomorrow")).len(),
        0
    );
}

#[test]
fn substitutions_come_before_every_engine_and_spelling_before_those_that_want_it() {
    let input = with(|i| {
        i.concepts.insert(
            "~bot_substitutions".to_owned(),
            vec!["blce|balance".to_owned()],
        );
    });
    let found = detect(&input, "show my BLCE");
    assert_eq!(winners(&found), ["balance"]);
    assert!(found.via.contains("em"), "{}", found.via);
    let found = detect(&bank(), "transfer mnoey");
    assert_eq!(found.corrected.as_deref(), Some("transfer money"));
    assert_eq!(winners(&found), ["transfer"]);
    assert!(
        found.winners[0]
            .used
            .iter()
            .all(|(a, b)| *a < *b && *b <= "transfer mnoey".len())
    );
    let of = |on: bool| {
        let input = with(|i| {
            i.config.faq.spell_correction = on;
            i.config.faq.min_threshold = 0.0;
        });
        let found = detect(&input, "what are your openinng hours");
        found
            .ranking
            .iter()
            .find(|r| r.id == "hours")
            .and_then(|r| r.faq_score)
    };
    assert_eq!(of(true), Some(100.0));
    assert!(of(false) < Some(100.0));
    let of = |on: bool| {
        let input = with(|i| {
            i.config.ml.spell_correction = on;
            i.config.fm.active = false;
        });
        detect(&input, "show my balanec").via.contains("em")
    };
    assert!(of(true) && !of(false));
}

#[test]
fn several_wishes_come_out_in_the_order_in_which_they_are_meant() {
    let model = model(&bank());
    let table: &[(&str, &[&str])] = &[
        (
            "show my balance and then block the debit card",
            &["balance", "block"],
        ),
        (
            "block the debit card, but before that show my balance",
            &["balance", "block"],
        ),
        ("show my balance. i lost my card", &["balance", "block"]),
        (
            "move funds to savings and also show my balance, then freeze my credit card",
            &["transfer", "balance", "block"],
        ),
        ("show my balance and my funds", &[]),
        ("show my balance", &[]),
        ("", &[]),
    ];
    for (text, expected) in table {
        let wishes = model.wishes(text, &Filter::default());
        let found: Vec<&str> = wishes
            .iter()
            .map(|w| w.detection.winners[0].id.as_str())
            .collect();
        assert_eq!(&found, expected, "{text}");
        for wish in &wishes {
            assert!(text.get(wish.start..wish.end).is_some());
        }
    }
}

#[test]
fn any_language_trains_and_finds_its_own_lines_and_near_ones() {
    let rows: &[(&str, [&str; 6], &str)] = &[
        (
            "de",
            [
                "Karte sperren",
                "meine Karte ist weg",
                "Karte gestohlen",
                "Kontostand zeigen",
                "wie viel Geld habe ich",
                "mein Guthaben",
            ],
            "bitte die Karte sperren",
        ),
        (
            "es",
            [
                "bloquear tarjeta",
                "perdí mi tarjeta",
                "tarjeta robada",
                "ver mi saldo",
                "cuánto dinero tengo",
                "saldo de la cuenta",
            ],
            "quiero bloquear la tarjeta",
        ),
        (
            "fr",
            [
                "bloquer la carte",
                "carte perdue",
                "ma carte est volée",
                "voir mon solde",
                "combien d'argent ai-je",
                "solde du compte",
            ],
            "je veux bloquer ma carte",
        ),
        (
            "pt",
            [
                "bloquear cartão",
                "perdi meu cartão",
                "cartão roubado",
                "ver meu saldo",
                "quanto dinheiro tenho",
                "saldo da conta",
            ],
            "quero bloquear o cartão",
        ),
        (
            "hi",
            [
                "कार्ड ब्लॉक करें",
                "मेरा कार्ड खो गया",
                "कार्ड चोरी हो गया",
                "शेष राशि दिखाओ",
                "मेरे पास कितना पैसा है",
                "खाते में राशि",
            ],
            "मेरा कार्ड ब्लॉक करें",
        ),
        (
            "zh_cn",
            [
                "冻结我的卡",
                "我的卡丢了",
                "卡被偷了",
                "显示余额",
                "我有多少钱",
                "账户余额",
            ],
            "请冻结卡",
        ),
        (
            "ja",
            [
                "カードを止めて",
                "カードをなくした",
                "カードが盗まれた",
                "残高を見せて",
                "いくらありますか",
                "口座の残高",
            ],
            "カードを止めたい",
        ),
        (
            "ko",
            [
                "카드를 정지해",
                "카드를 잃어버렸어",
                "카드 도난",
                "잔액 보여줘",
                "돈이 얼마 있어",
                "계좌 잔액",
            ],
            "카드를 정지해 주세요",
        ),
        (
            "th",
            [
                "ระงับบัตร",
                "บัตรหาย",
                "บัตรถูกขโมย",
                "ดูยอดเงิน",
                "มีเงินเท่าไร",
                "ยอดเงินในบัญชี",
            ],
            "ขอระงับบัตร",
        ),
        (
            "ar",
            [
                "اوقف البطاقة",
                "فقدت بطاقتي",
                "سرقت البطاقة",
                "اعرض الرصيد",
                "كم لدي من المال",
                "رصيد الحساب",
            ],
            "اريد ان اوقف البطاقة",
        ),
        (
            "ru",
            [
                "заблокировать карту",
                "потерял карту",
                "карта украдена",
                "показать баланс",
                "сколько у меня денег",
                "баланс счёта",
            ],
            "хочу заблокировать карту",
        ),
        (
            "xx",
            [
                "abra kadabra karta",
                "karta fora",
                "karta lopta",
                "saldo vidi",
                "quanto dinaro",
                "saldo konta",
            ],
            "abra karta",
        ),
    ];
    for (language, lines, near) in rows {
        let intent = |id: &str, lines: &[&str]| Intent {
            id: id.to_owned(),
            name: id.to_owned(),
            utterances: lines.iter().map(|l| (*l).into()).collect(),
            ..Intent::default()
        };
        let model = model(&TrainingInput {
            language: (*language).to_owned(),
            intents: vec![intent("block", &lines[..3]), intent("balance", &lines[3..])],
            ..TrainingInput::default()
        });
        for (at, line) in lines.iter().enumerate() {
            let expected = if at < 3 { "block" } else { "balance" };
            let found = model.detect(line, &Filter::default());
            assert_eq!(winners(&found), [expected], "{language}: {line}");
        }
        let found = model.detect(near, &Filter::default());
        assert_eq!(found.ranking[0].id, "block", "{language}: {near}");
    }
}

#[test]
fn a_tagged_code_is_no_plain_word() {
    let mut input = nlu::TrainingInput::default();
    let codes = ["AA123", "BA2145", "DL44", "AA567"];
    let line = |code: &str| {
        let text = format!("please book a flight with number {code}");
        let end = text.chars().count();
        nlu::Utterance {
            tags: vec![nlu::Tag {
                entity: "flight".to_owned(),
                start: end - code.len(),
                end,
            }],
            text,
        }
    };
    input.intents.push(nlu::Intent {
        id: "book".to_owned(),
        name: "Book".to_owned(),
        utterances: codes.iter().map(|code| line(code)).collect(),
        ..nlu::Intent::default()
    });
    let model = nlu::train(&input, &mut |_| {});
    let found = |text: &str| -> Vec<String> {
        let spans = model.spans(text, Some("book"));
        spans
            .iter()
            .map(|s| text[s.start..s.end].to_owned())
            .collect()
    };
    assert_eq!(found("please book a flight with number KL99"), ["KL99"]);
    assert!(found("please book a flight with number tomorrow").is_empty());
}
