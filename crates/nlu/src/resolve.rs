//! Ranking and resolving: one winner, several to choose from, or none.

use crate::candidate::{Candidate, round};
use crate::detection::{Detection, Kind, Match, Outcome, Reason};
use crate::input::Network;
use crate::model::Model;

/// What the classifier says about the text as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// No intent has lines: it cannot tell.
    Unknown,
    /// Some intent reaches `minThreshold`.
    In,
    /// None does.
    Out,
}

/// Decides. Candidates come with their engines' scores and vetoes.
pub(crate) fn resolve(model: &Model, mut candidates: Vec<Candidate>, scope: Scope) -> Detection {
    let config = &model.input.config;
    for candidate in &mut candidates {
        settle(candidate, scope);
    }
    if !candidates.iter().any(|c| live(c) && c.certain.any())
        && candidates
            .iter()
            .any(|c| live(c) && c.kind == Kind::SmallTalk && c.exact)
    {
        drop_all(&mut candidates, Reason::ExactSmallTalk, |c| {
            c.kind != Kind::SmallTalk
        });
    }
    let definitive =
        config.rr.prefer_definitive && candidates.iter().any(|c| live(c) && c.certain.any());
    if definitive {
        drop_all(&mut candidates, Reason::DefinitiveElsewhere, |c| {
            !c.certain.any()
        });
    } else if candidates.iter().any(|c| {
        // A doubtful answer is none to a text that is about a dialog, wished or not.
        c.kind == Kind::Dialog && (live(c) || c.eliminated == Some(Reason::Negated))
    }) {
        let doubtful = |c: &Candidate| c.kind == Kind::Faq && c.score < config.faq.max_threshold;
        drop_all(&mut candidates, Reason::LowConfidenceFaq, doubtful);
    }
    if candidates
        .iter()
        .any(|c| live(c) && c.kind != Kind::SmallTalk)
    {
        drop_all(&mut candidates, Reason::SmallTalkYields, |c| {
            c.kind == Kind::SmallTalk
        });
    }
    sort(&mut candidates);
    let did_you_mean = pick(model, &mut candidates, definitive);
    sort(&mut candidates);
    answer(model, &candidates, did_you_mean)
}

fn live(candidate: &Candidate) -> bool {
    candidate.eliminated.is_none()
}

/// The candidate's own score; drops what is only possible and out of scope.
fn settle(candidate: &mut Candidate, scope: Scope) {
    let ml = candidate.ml.unwrap_or(0.0) * 100.0;
    candidate.score = match candidate.kind {
        Kind::Dialog => ml.max(candidate.fm.unwrap_or(0.0)),
        Kind::Faq => candidate.faq.unwrap_or(0.0),
        Kind::SmallTalk => 100.0,
    };
    if candidate.kind != Kind::Dialog {
        return;
    }
    let vetoed = matches!(
        candidate.eliminated,
        Some(
            Reason::NegativePattern
                | Reason::Negated
                | Reason::BelowDependency
                | Reason::WithinAnotherTask
        )
    );
    if vetoed {
        return;
    }
    if candidate.certain.fm || candidate.exact {
        candidate.eliminated = None;
    } else if scope == Scope::Out {
        let rejected = candidate.eliminated.is_some();
        candidate.eliminated = Some(if rejected {
            Reason::BelowMinThreshold
        } else {
            Reason::OutOfScope
        });
    } else if candidate.fm.is_some() && candidate.eliminated == Some(Reason::BelowMinThreshold) {
        // In scope, and words of its name are said: possible for the rules engine.
        candidate.eliminated = None;
    }
}

fn drop_all(candidates: &mut [Candidate], reason: Reason, which: impl Fn(&Candidate) -> bool) {
    for candidate in candidates
        .iter_mut()
        .filter(|c| c.eliminated.is_none() && which(c))
    {
        candidate.eliminated = Some(reason);
    }
}

fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        let rank = |c: &Candidate| (c.eliminated.is_some(), c.kind == Kind::SmallTalk);
        rank(a)
            .cmp(&rank(b))
            .then(b.score.total_cmp(&a.score))
            .then((a.kind, a.place).cmp(&(b.kind, b.place)))
    });
}

/// Leaves the winners alive. Answers whether they are doubtful FAQs.
fn pick(model: &Model, candidates: &mut [Candidate], definitive: bool) -> bool {
    let config = &model.input.config;
    let Some(first) = candidates.first().filter(|c| live(c)).cloned() else {
        return false;
    };
    let only_faqs = candidates
        .iter()
        .filter(|c| live(c))
        .all(|c| c.kind == Kind::Faq);
    let few_shot = config.ml.network != Network::Standard;
    let rescoring = config.rr.rescoring.unwrap_or(!few_shot);
    let proximity = if only_faqs {
        config.faq.tolerance
    } else if !rescoring && few_shot {
        config.ml.suggestion_proximity
    } else if !rescoring && !definitive {
        100.0
    } else {
        config.rr.tolerance
    };
    let least = first.score * (1.0 - proximity.clamp(0.0, 100.0) / 100.0);
    let doubtful = only_faqs && !first.certain.any() && first.score < config.faq.max_threshold;
    let wide = if doubtful { 0.0 } else { least };
    let mut kept = 0;
    for (at, candidate) in candidates
        .iter_mut()
        .enumerate()
        .filter(|(_, c)| c.eliminated.is_none())
    {
        let other_engine = definitive && !candidate.certain.shares(first.certain);
        let close = candidate.score >= wide || other_engine;
        let exact_first = definitive
            && first.exact
            && !candidate.exact
            && candidate.certain.shares(first.certain);
        let full = only_faqs && kept >= config.faq.suggestions.clamp(1, 5);
        if at > 0 && (!close || exact_first || full) {
            candidate.eliminated = Some(Reason::LowerScore);
        } else {
            kept += 1;
        }
    }
    doubtful
}

fn answer(model: &Model, candidates: &[Candidate], did_you_mean: bool) -> Detection {
    let winners: Vec<Match> = candidates
        .iter()
        .filter(|c| live(c))
        .map(|c| winner(model, c))
        .collect();
    let result = match winners.len() {
        0 => Outcome::Fail,
        1 if !did_you_mean => Outcome::Success,
        _ => Outcome::Ambiguous,
    };
    Detection {
        result,
        did_you_mean,
        via: candidates
            .first()
            .filter(|c| live(c))
            .map(Candidate::via)
            .unwrap_or_default(),
        ranking: candidates.iter().map(|c| c.ranked(model)).collect(),
        winners,
        ..Detection::default()
    }
}

fn winner(model: &Model, candidate: &Candidate) -> Match {
    let (id, ref_id, dialog_ref, name) = candidate.names(model);
    let dialog_id = match candidate.kind {
        Kind::Dialog => model.input.intents[candidate.place as usize]
            .dialog_id
            .clone(),
        _ => String::new(),
    };
    let mut used = candidate.used.clone();
    used.sort_unstable();
    used.dedup();
    Match {
        kind: candidate.kind,
        id: id.to_owned(),
        ref_id: ref_id.to_owned(),
        dialog_ref: dialog_ref.to_owned(),
        dialog_id,
        name: name.to_owned(),
        score: round(candidate.score, 2),
        definitive: candidate.certain.any(),
        used,
    }
}
