//! What the engines found, gathered by candidate before the resolver decides.

use crate::detection::{Kind, Ranked, Reason};
use crate::model::Model;

/// Engines that called a candidate certain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Certain {
    pub ml: bool,
    pub fm: bool,
    pub faq: bool,
}

impl Certain {
    pub(crate) fn any(self) -> bool {
        self.ml || self.fm || self.faq
    }

    /// Whether two candidates are certain for the same engine.
    pub(crate) fn shares(self, other: Self) -> bool {
        (self.ml && other.ml) || (self.fm && other.fm) || (self.faq && other.faq)
    }
}

/// One candidate: an intent, an FAQ or small talk by its place in the input.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub kind: Kind,
    pub place: u32,
    /// Probability, 0 to 1.
    pub ml: Option<f64>,
    /// 0 to 100.
    pub fm: Option<f64>,
    /// 0 to 100.
    pub faq: Option<f64>,
    pub certain: Certain,
    /// An exact utterance, name or question.
    pub exact: bool,
    /// A pattern fits.
    pub pattern: bool,
    pub used: Vec<(usize, usize)>,
    pub score: f64,
    pub eliminated: Option<Reason>,
}

impl Candidate {
    pub(crate) fn new(kind: Kind, place: u32) -> Self {
        Self {
            kind,
            place,
            ml: None,
            fm: None,
            faq: None,
            certain: Certain::default(),
            exact: false,
            pattern: false,
            used: Vec::new(),
            score: 0.0,
            eliminated: None,
        }
    }

    /// Engine marks joined by spaces.
    pub(crate) fn via(&self) -> String {
        let marks = [
            (self.ml.is_some(), "ml"),
            (self.fm.is_some(), "cs"),
            (self.faq.is_some(), "faq"),
            (self.exact, "em"),
            (self.pattern, "pm"),
            (self.kind == Kind::SmallTalk, "st"),
        ];
        let present: Vec<&str> = marks
            .into_iter()
            .filter(|(on, _)| *on)
            .map(|(_, mark)| mark)
            .collect();
        present.join(" ")
    }

    /// Id, `refId`, dialog `refId` and name.
    pub(crate) fn names<'m>(&self, model: &'m Model) -> (&'m str, &'m str, &'m str, &'m str) {
        let place = self.place as usize;
        match self.kind {
            Kind::Dialog => {
                let intent = &model.input.intents[place];
                (&intent.id, &intent.ref_id, &intent.dialog_ref, &intent.name)
            }
            Kind::Faq => {
                let faq = &model.input.faqs[place];
                (&faq.id, &faq.ref_id, "", &faq.question)
            }
            Kind::SmallTalk => {
                let talk = &model.input.small_talk[place];
                (&talk.id, &talk.ref_id, "", &talk.group)
            }
        }
    }

    pub(crate) fn ranked(&self, model: &Model) -> Ranked {
        let (id, ref_id, dialog_ref, name) = self.names(model);
        Ranked {
            kind: self.kind,
            id: id.to_owned(),
            ref_id: ref_id.to_owned(),
            dialog_ref: dialog_ref.to_owned(),
            name: name.to_owned(),
            ml_score: self.ml.map(|p| round(p, 4)),
            fm_score: self.fm.map(|s| round(s, 2)),
            faq_score: self.faq.map(|s| round(s, 2)),
            score: round(self.score, 2),
            definitive: self.certain.any(),
            via: self.via(),
            eliminated: self.eliminated,
        }
    }
}

pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let factor = 10f64.powi(digits);
    (value * factor).round() / factor
}
