//! Negation: whether a text says that something is not wished. "I don't want to book a flight" negates; "I never got my parcel" and "I
//! cannot log in" are complaints about the very thing, and do not.

use crate::pattern::Tokens;

/// Words behind a negated wish among which the thing is looked for.
const AHEAD: usize = 6;
/// Words between a negation and the word of wishing, on either side.
const WISH_BEFORE: usize = 4;
const WISH_BEHIND: usize = 3;
/// Words around a negation among which one of ability makes it a complaint.
const UNABLE: usize = 4;

/// How a language negates.
#[derive(Debug)]
pub(crate) struct Negation {
    /// Words that negate.
    negators: &'static [&'static str],
    /// Words of wishing: with one of them near, what follows is not wished.
    wishes: &'static [&'static str],
    /// Words of ability and of asking: with one of them near, it is a complaint or a question.
    unable: &'static [&'static str],
    /// Words that may stand before or behind the negation of a command: "please do not cancel".
    fillers: &'static [&'static str],
    /// A negator that is an answer unless this word follows.
    answers: Option<(&'static str, &'static str)>,
    /// What is not wished stands before the negation too.
    behind_object: bool,
}

static ENGLISH: Negation = Negation {
    negators: &["don't", "dont", "don’t", "not", "never", "no"],
    wishes: &[
        "want",
        "wanna",
        "wish",
        "need",
        "like",
        "intend",
        "plan",
        "planning",
        "care",
        "interested",
        "going",
        "looking",
    ],
    unable: &["why", "can", "can't", "cannot", "could", "able", "why's"],
    fillers: &[
        "please", "pls", "do", "i", "you", "we", "ever", "should", "must", "so", "but", "just",
        "ok", "okay", "a", "an", "the", "my", "this", "that", "any", "to", "me",
    ],
    answers: Some(("no", "need")),
    behind_object: false,
};
static SPANISH: Negation = Negation {
    negators: &["no", "nunca", "tampoco"],
    wishes: &[
        "quiero",
        "quisiera",
        "queremos",
        "quiere",
        "deseo",
        "deseamos",
        "necesito",
        "necesitamos",
        "pienso",
        "voy",
        "vamos",
    ],
    unable: &[
        "puedo", "puede", "pude", "podemos", "funciona", "logro", "consigo", "qué",
    ],
    fillers: &[
        "por", "favor", "yo", "me", "te", "se", "lo", "la", "el", "mi", "un", "una", "los", "las",
    ],
    answers: None,
    behind_object: false,
};
static PORTUGUESE: Negation = Negation {
    negators: &["não", "nao", "nunca"],
    wishes: &[
        "quero",
        "queria",
        "queremos",
        "desejo",
        "preciso",
        "precisamos",
        "pretendo",
        "vou",
        "gostaria",
    ],
    unable: &[
        "posso", "pode", "consigo", "consegui", "funciona", "recebi", "porque",
    ],
    fillers: &[
        "por", "favor", "eu", "me", "o", "a", "os", "as", "um", "uma", "meu", "minha",
    ],
    answers: None,
    behind_object: false,
};
static FRENCH: Negation = Negation {
    negators: &["pas", "jamais", "plus"],
    wishes: &[
        "veux",
        "veut",
        "voulons",
        "voudrais",
        "voudrait",
        "souhaite",
        "souhaitons",
        "désire",
        "besoin",
        "envie",
        "compte",
        "vais",
    ],
    unable: &[
        "peux",
        "peut",
        "pouvons",
        "pu",
        "arrive",
        "fonctionne",
        "marche",
        "reçu",
        "pourquoi",
    ],
    fillers: &[
        "ne", "n", "svp", "merci", "de", "d", "le", "la", "les", "un", "une", "mon", "ma", "mes",
        "surtout",
    ],
    answers: None,
    behind_object: false,
};
static GERMAN: Negation = Negation {
    negators: &[
        "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals",
    ],
    wishes: &[
        "will", "wollen", "möchte", "möchten", "mag", "brauche", "brauchen", "wünsche", "werde",
        "soll", "sollen",
    ],
    unable: &[
        "kann",
        "kannst",
        "können",
        "konnte",
        "konnten",
        "geht",
        "ging",
        "funktioniert",
        "klappt",
        "darf",
        "warum",
        "wieso",
        "angekommen",
        "bekommen",
        "erhalten",
    ],
    fillers: &[
        "bitte", "ich", "den", "die", "das", "der", "meinen", "meine", "mein",
    ],
    answers: None,
    behind_object: false,
};
static HINDI: Negation = Negation {
    negators: &["नहीं", "मत", "न"],
    wishes: &[
        "चाहिए",
        "चाहता",
        "चाहती",
        "चाहते",
        "करना",
        "करनी",
        "करवाना",
        "करवानी",
        "कीजिए",
        "करो",
        "करें",
    ],
    unable: &[
        "सकता",
        "सकती",
        "सकते",
        "पा",
        "मिला",
        "मिली",
        "मिले",
        "आया",
        "आई",
        "हुआ",
        "हुई",
        "क्यों",
    ],
    fillers: &["कृपया", "मैं", "मुझे", "मेरा", "मेरी", "को"],
    answers: None,
    behind_object: true,
};

impl Negation {
    /// How a language negates; nothing for other languages.
    pub(crate) fn of(language: &str) -> Option<&'static Self> {
        Some(match language.get(..2).unwrap_or("en") {
            "en" => &ENGLISH,
            "es" => &SPANISH,
            "pt" => &PORTUGUESE,
            "fr" => &FRENCH,
            "de" => &GERMAN,
            "hi" => &HINDI,
            _ => return None,
        })
    }

    /// The places of words that are said not to be wished, a range for each negation.
    pub(crate) fn unwished<'a>(
        &'a self,
        tokens: &'a Tokens,
    ) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        (0..tokens.words.len()).filter_map(|at| self.unwished_at(tokens, at))
    }

    fn unwished_at(&self, tokens: &Tokens, at: usize) -> Option<std::ops::Range<usize>> {
        let count = tokens.words.len();
        let text = |place: usize| tokens.words[place].text.as_str();
        if !self.negators.contains(&text(at)) {
            return None;
        }
        // The sentence around it.
        let begin = (0..=at).rev().find(|p| tokens.begins(*p)).unwrap_or(0);
        let end = (at + 1..count).find(|p| tokens.begins(*p)).unwrap_or(count);
        // "no, cancel it" answers; "no need to" negates.
        let follows = |with: &str| at + 1 < end && text(at + 1) == with;
        let answer = |(word, with): &(&str, &str)| text(at) == *word && !follows(with);
        if self.answers.as_ref().is_some_and(answer) {
            return None;
        }
        let any =
            |list: &[&str], from: usize, to: usize| (from..to).any(|p| list.contains(&text(p)));
        let near = |span: usize| (at.saturating_sub(span).max(begin), (at + span).min(end));
        let (from, to) = near(UNABLE);
        if any(self.unable, from, to) {
            return None;
        }
        let wish = (at.saturating_sub(WISH_BEFORE).max(begin)..(at + 1 + WISH_BEHIND).min(end))
            .find(|p| self.wishes.contains(&text(*p)));
        if let Some(wish) = wish {
            let behind = wish.max(at) + 1;
            let first = match self.behind_object {
                true => at.saturating_sub(AHEAD).max(begin),
                false => (at + 1).min(behind),
            };
            return Some(first..(behind + AHEAD).min(end));
        }
        // A command: nothing but fillers before it, and what is not to be done follows at once.
        let command = (begin..at).all(|p| self.fillers.contains(&text(p)));
        let next = (at + 1..end).find(|p| !self.fillers.contains(&text(*p)))?;
        let joined = tokens.words[at + 1].start <= tokens.words[at].end + 1;
        (command && joined).then_some(next..next + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwished(language: &str, text: &str) -> String {
        let tokens = Tokens::new(text, language == "en");
        let negation = Negation::of(language).expect("a language with negation");
        let places = negation.unwished(&tokens).flatten();
        let words: Vec<&str> = places.map(|p| tokens.words[p].text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_not_wished_is_negated_in_six_languages() {
        for (language, text, word) in [
            ("en", "I don't want to book a flight", "flight"),
            ("en", "please do not cancel my order", "cancel"),
            ("en", "never block my card", "block"),
            ("en", "there is no need to block my card", "block"),
            ("en", "I do not need a new card", "card"),
            ("en", "I am not interested in a loan", "loan"),
            ("es", "no quiero reservar un vuelo", "vuelo"),
            ("es", "por favor no canceles mi pedido", "canceles"),
            ("pt", "não quero cancelar o meu pedido", "cancelar"),
            ("fr", "je ne veux pas réserver un vol", "vol"),
            ("de", "ich möchte keinen Flug buchen", "flug"),
            ("de", "ich will nicht stornieren", "stornieren"),
            ("hi", "मुझे टिकट बुक नहीं करना", "टिकट"),
        ] {
            let found = unwished(language, text);
            assert!(found.split(' ').any(|w| w == word), "{text}: {found:?}");
        }
    }

    #[test]
    fn complaints_questions_and_answers_are_no_negation() {
        for (language, text, word) in [
            ("en", "I never got my parcel", "parcel"),
            ("en", "my parcel did not arrive", "arrive"),
            ("en", "I don't know my password", "password"),
            ("en", "I don't see my order", "order"),
            ("en", "I can not log in", "log"),
            ("en", "why don't you deliver on Sundays", "deliver"),
            ("en", "no, cancel my order", "cancel"),
            ("en", "not now. block my card", "block"),
            ("es", "no puedo entrar en mi cuenta", "entrar"),
            ("es", "no, cancela mi pedido", "cancela"),
            ("pt", "não consigo entrar na minha conta", "entrar"),
            ("fr", "je ne peux pas me connecter", "connecter"),
            ("de", "ich kann mich nicht anmelden", "anmelden"),
            ("de", "ich habe keine Karte bekommen", "karte"),
            ("hi", "मुझे पार्सल नहीं मिला", "पार्सल"),
        ] {
            let found = unwished(language, text);
            assert!(!found.split(' ').any(|w| w == word), "{text}: {found:?}");
        }
    }
}
