//! Sessions: when one starts, when it has ended, and its language.

use crate::scene::Extras;
use crate::turn::Turn;
use crate::{
    EndReason, FailureReason, InputKind, LogLevel, Session, SessionEnd, SessionEndReason,
    SessionStart,
};

impl Turn<'_> {
    /// Ends a session that is over and starts one when there is none.
    pub(crate) fn open_session(&mut self) {
        let now = self.input.now_ms;
        if let Some(session) = &self.state.session {
            let limit = i64::try_from(self.engine.agent.session.inactive_ms).unwrap_or(i64::MAX);
            let over_at = session.last_activity_ms.saturating_add(limit);
            if now >= over_at {
                self.leave_session(SessionEndReason::Inactive, over_at);
            } else if self.input.new_session {
                self.leave_session(SessionEndReason::Replaced, now);
            }
        }
        if self.state.session.is_none() && self.input.kind != InputKind::Close {
            let session = Session {
                id: self.input.session_id.clone(),
                started_ms: now,
                last_activity_ms: now,
                ..Session::default()
            };
            self.out.session.started = Some(SessionStart {
                id: session.id.clone(),
                at_ms: now,
            });
            self.state.session = Some(session);
        }
        if let Some(session) = &mut self.state.session {
            session.last_activity_ms = now;
            if self.input.kind == InputKind::Text {
                session.user_messages += 1;
            }
        }
    }

    /// Ends a session before the turn begins.
    fn leave_session(&mut self, reason: SessionEndReason, at_ms: i64) {
        if self.engine.agent.session.closing_script.is_some() {
            self.choose_language();
            self.prepare_scene();
            self.run_closing_script(false);
            self.save_scene();
            self.remember_writes();
        }
        self.end_session(reason, at_ms);
    }

    /// Runs the script that the agent has for the end of a session. What it prints is said where the user is still there, and a
    /// failure goes to the log only.
    pub(crate) fn run_closing_script(&mut self, says: bool) {
        let agent = self.engine.agent;
        let Some(source) = agent.session.closing_script.as_deref() else {
            return;
        };
        if self.state.session.is_none() || matches!(source.trim(), "" | ".") {
            return;
        }
        match self.run_script(source, script::Kind::Message, &Extras::default()) {
            Ok(ran) if says => self.say_printed(&ran.printed),
            Ok(_) => {}
            Err(failure) => self.log(
                LogLevel::Error,
                format!(
                    "the script at the end of the session failed: {}",
                    failure.cause
                ),
            ),
        }
    }

    /// Clears everything that lives as long as a session; values with a time of their own stay.
    pub(crate) fn end_session(&mut self, reason: SessionEndReason, at_ms: i64) {
        self.state.wishes.clear();
        let Some(session) = self.state.session.take() else {
            return;
        };
        self.out.session.closed.push(SessionEnd {
            id: session.id,
            at_ms,
            reason,
            interactive: session.user_messages > 0,
        });
        let why = match reason {
            SessionEndReason::Replaced => FailureReason::ChatRefreshed,
            SessionEndReason::Inactive | SessionEndReason::Closed => FailureReason::Inactivity,
        };
        let open: Vec<_> = self
            .state
            .held
            .drain(..)
            .chain(self.state.task.take())
            .collect();
        for task in &open {
            self.note_end(task, EndReason::Canceled, Some(why));
        }
        self.state.tones.clear();
        self.state.tags.clear();
        self.state.historic_tags.clear();
        self.state.question = None;
        self.state.history.clear();
        self.state.commands_off = false;
        self.state.last_said.clear();
        self.state.repeats = 0;
        self.state
            .bot_user_session
            .retain(|_, kept| kept.expires_ms.is_some());
        if self.engine.agent.language_mode != definition::LanguageMode::Lifetime {
            self.state.language = None;
        }
    }

    /// The client's wish for this turn, the language of the text, that of the conversation, or the agent's own. A choice that
    /// holds for the session or the user goes before the text.
    pub(crate) fn choose_language(&mut self) {
        let agent = self.engine.agent;
        let known = |code: &String| agent.enabled_languages().any(|have| have == code);
        let asked = self.input.language.clone().filter(known);
        let kept = self.state.language.clone().filter(known);
        let several: Vec<&str> = agent.enabled_languages().collect();
        let heard = match self.input.kind {
            InputKind::Text if several.len() > 1 => {
                crate::language::guess(&self.input.text, &several)
            }
            _ => None,
        };
        let heard = heard.map(str::to_owned);
        self.suggested = heard.iter().cloned().collect();
        let chosen = match agent.language_mode {
            definition::LanguageMode::PerTurn => asked.or(heard).or(kept),
            definition::LanguageMode::PerSession | definition::LanguageMode::Lifetime => {
                kept.or(asked).or(heard)
            }
        };
        self.language = chosen
            .clone()
            .unwrap_or_else(|| agent.default_language.clone());
        self.state.language = chosen;
    }
}
