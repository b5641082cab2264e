//! What scripts and placeholders see, and what comes back from them.

use crate::failure::Failure;
use crate::turn::{Shared, Turn};
use crate::{Event, Kept, LogLevel, Scope, StoreWrite, path};
use script::{BotFunctions, Globals, Kind, Script, StoreName, Stored};
use serde_json::{Map, Value, json};
use std::sync::Arc;

impl Turn<'_> {
    /// Fills in `env`, `content` and the session variables.
    pub(crate) fn prepare_scene(&mut self) {
        let agent = self.engine.agent;
        let env = agent
            .env
            .iter()
            .map(|v| (v.key.clone(), json!(v.value)))
            .collect::<Map<_, _>>();
        let content = agent
            .content
            .iter()
            .filter_map(|v| {
                Some((
                    v.key.clone(),
                    json!(v.values.get(&self.language, &agent.default_language)?),
                ))
            })
            .collect::<Map<_, _>>();
        let functions = agent.bot_functions.as_deref().map(BotFunctions::new);
        self.shared = Shared {
            env: Arc::new(env),
            content: Arc::new(content),
            functions,
        };
        let plain = |map: &Map<String, Value>| {
            map.iter()
                .map(|(k, v)| (k.clone(), Stored::from(v.clone())))
                .collect()
        };
        self.stores.user_session = plain(&self.input.memory.user_session);
        self.stores.bot_context = plain(&self.input.memory.bot_context);
        self.stores.enterprise_context = plain(&self.input.memory.enterprise_context);
        self.stores.bot_user_session = std::mem::take(&mut self.state.bot_user_session)
            .into_iter()
            .map(|(key, kept)| {
                (
                    key,
                    Stored {
                        value: kept.value,
                        expires_at_ms: kept.expires_ms,
                    },
                )
            })
            .collect();
        let mut profile = self.input.user.profile.clone();
        profile
            .entry("_id")
            .or_insert_with(|| json!(self.input.user.id));
        profile
            .entry("customData")
            .or_insert_with(|| self.input.custom_data.clone());
        self.stores.user_context = Value::Object(profile);
        self.set_session_values();
    }

    fn set_session_values(&mut self) {
        let message = json!({
            "channel": self.input.channel,
            "messagePayload": {
                "message": {"body": self.input.text},
                "meta": {"timezone": self.input.timezone, "locale": self.language},
                "botInfo": {
                    "chatBot": self.engine.agent.name(&self.language),
                    "taskBotId": self.engine.agent.id,
                    "customData": self.input.custom_data,
                },
                "clientMessageId": self.input.client_message_id,
            },
        });
        let values = &mut self.stores.bot_user_session;
        values.insert("lastMessage".into(), Stored::from(message));
        values.insert(
            "isReturningUser".into(),
            Stored::from(json!(self.input.user.returning)),
        );
        if !self.input.text.is_empty() {
            values.insert(
                "lastUserMessageTime".into(),
                Stored::from(json!(self.input.now_ms)),
            );
        }
    }

    /// Moves the session variables back into the state.
    pub(crate) fn save_scene(&mut self) {
        let now = self.input.now_ms;
        self.state.bot_user_session = std::mem::take(&mut self.stores.bot_user_session)
            .into_iter()
            .filter(|(_, stored)| !stored.is_expired(now))
            .map(|(key, stored)| {
                (
                    key,
                    Kept {
                        value: stored.value,
                        expires_ms: stored.expires_at_ms,
                    },
                )
            })
            .collect();
    }

    /// What was written to the longer memory is in it for the rest of the turn.
    pub(crate) fn remember_writes(&mut self) {
        let now = self.input.now_ms;
        for write in &self.out.writes {
            let memory = match write.scope {
                Scope::UserSession => &mut self.input.memory.user_session,
                Scope::BotContext => &mut self.input.memory.bot_context,
                Scope::EnterpriseContext => &mut self.input.memory.enterprise_context,
            };
            let live = write.expires_ms.is_none_or(|end| end > now);
            match &write.value {
                Some(value) if live => {
                    memory.insert(write.key.clone(), value.clone());
                }
                _ => {
                    memory.shift_remove(&write.key);
                }
            }
        }
    }

    /// The dialog context, or the passing one outside a task.
    pub(crate) fn context_mut(&mut self) -> &mut Map<String, Value> {
        match &mut self.state.task {
            Some(task) => &mut task.context,
            None => &mut self.scratch,
        }
    }

    pub(crate) fn context(&self) -> &Map<String, Value> {
        self.state
            .task
            .as_ref()
            .map_or(&self.scratch, |task| &task.context)
    }

    /// The context with the members that are filled in anew each time.
    fn live_context(&self) -> Map<String, Value> {
        let agent = self.engine.agent;
        let mut context = self.context().clone();
        let held: Vec<Value> = self
            .state
            .held
            .iter()
            .map(|t| json!({"id": t.dialog_id, "name": t.name}))
            .collect();
        let (message_tone, dialog_tone) = self.shown_tones();
        for (key, value) in [
            ("bot", json!(agent.name(&self.language))),
            ("botid", json!(agent.id)),
            ("currentLanguage", json!(self.language)),
            ("history", Value::Array(self.state.history.clone())),
            ("onHoldTasks", Value::Array(held)),
            ("suggestedLanguages", json!(self.suggested)),
            ("message_tone", message_tone),
            ("dialog_tone", dialog_tone),
            ("currentTags", json!({"tags": self.state.tags})),
            ("historicTags", json!([{"tags": self.state.historic_tags}])),
            (
                "userInputs",
                json!({"originalInput": {"sentence": self.input.text, "timestamp": self.input.now_ms}}),
            ),
            (
                "session",
                json!({"opts": {"userId": self.input.user.id, "streamId": agent.id}}),
            ),
        ] {
            context.insert(key.into(), value);
        }
        for (key, value) in [("entities", json!({})), ("traits", json!([]))] {
            context.entry(key).or_insert(value);
        }
        context
    }

    pub(crate) fn globals(&self, extras: &Extras) -> Globals {
        Globals {
            context: Value::Object(self.live_context()),
            env: self.shared.env.clone(),
            content: self.shared.content.clone(),
            stores: self.stores.clone(),
            choices: extras.choices.clone(),
            response: extras
                .choices
                .as_ref()
                .map(|c| json!({"message": extras.message, "choices": c})),
            options: extras.choices.clone().unwrap_or(Value::Null),
            ambiguous_intents: self
                .context()
                .get("resultsFound")
                .cloned()
                .unwrap_or(Value::Null),
            session_id: self
                .state
                .session
                .as_ref()
                .map(|s| s.id.clone())
                .unwrap_or_default(),
            now_ms: self.input.now_ms,
            timezone: (!self.input.timezone.is_empty()).then(|| self.input.timezone.clone()),
        }
    }

    /// Runs a script and keeps what it changed.
    ///
    /// # Errors
    /// The script failed; nothing it did is kept.
    pub(crate) fn run_script(
        &mut self,
        source: &str,
        kind: Kind,
        extras: &Extras,
    ) -> Result<script::Outcome, Failure> {
        let globals = self.globals(extras);
        let functions = self.shared.functions.clone();
        let script = Script {
            source,
            bot_functions: functions.as_ref(),
            kind,
        };
        let mut logs = Vec::new();
        let begun = std::time::Instant::now();
        let result = self.engine.sandbox.run_logged(&script, &globals, &mut logs);
        let took_us = begun.elapsed().as_micros() as u64;
        for line in logs {
            self.log(LogLevel::Debug, line);
        }
        if kind != Kind::Expression {
            let component = self
                .current()
                .map(|(_, _, c)| c.name.clone())
                .unwrap_or_default();
            let dialog_id = self
                .frame()
                .map(|f| f.dialog_id.clone())
                .unwrap_or_default();
            self.out.events.push(Event::ScriptRun {
                component,
                dialog_id,
                failed: result.is_err(),
                took_us,
            });
        }
        let ran = result.map_err(|error| Failure::script(error.to_string()))?;
        self.keep(&ran);
        Ok(ran)
    }

    fn keep(&mut self, ran: &script::Outcome) {
        let now = self.input.now_ms;
        if let Value::Object(context) = &ran.context {
            let mut context = context.clone();
            for live in [
                "bot",
                "botid",
                "history",
                "onHoldTasks",
                "userInputs",
                "session",
                "currentLanguage",
                "suggestedLanguages",
                "message_tone",
                "dialog_tone",
                "currentTags",
                "historicTags",
            ] {
                context.remove(live);
            }
            *self.context_mut() = context;
        }
        self.stores.apply(&ran.stores, now);
        for change in &ran.stores {
            let scope = match change.store {
                StoreName::BotUserSession => continue,
                StoreName::UserSession => Scope::UserSession,
                StoreName::BotContext => Scope::BotContext,
                StoreName::EnterpriseContext => Scope::EnterpriseContext,
            };
            let expires_ms = change
                .ttl_minutes
                .map(|m| now.saturating_add((m * 60_000.0) as i64));
            self.out.writes.push(StoreWrite {
                scope,
                key: change.key.clone(),
                value: change.value.clone(),
                expires_ms,
            });
        }
        for tag in &ran.tags {
            let level = format!("{:?}", tag.level).to_lowercase();
            self.out.tags.push(crate::Tag {
                level,
                name: tag.name.clone(),
                value: tag.value.clone(),
            });
        }
        self.add_context_tags(&ran.context_tags);
        self.close_session |= ran.close_session;
    }

    /// Value of a path or expression; `Null` for what is not there or throws (then with a debug line).
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        if let Some(value) = self.read(expression) {
            return value;
        }
        match self.run_script(expression, Kind::Expression, &Extras::default()) {
            Ok(ran) => ran.value.unwrap_or(Value::Null),
            Err(failure) => {
                self.log(
                    LogLevel::Warning,
                    format!("an expression gave nothing: {}", failure.cause),
                );
                Value::Null
            }
        }
    }

    /// Value of a plain path, without JavaScript; `None` when the text is another expression.
    pub(crate) fn read(&self, text: &str) -> Option<Value> {
        let keys = path::parse(text)?;
        let Some(path::Key::Name(root)) = keys.first() else {
            return None;
        };
        let rest = &keys[1..];
        match root.as_str() {
            "env" => Some(path::read(&Value::Object((*self.shared.env).clone()), rest)),
            "content" => Some(path::read(
                &Value::Object((*self.shared.content).clone()),
                rest,
            )),
            "context" => Some(self.read_context(rest)),
            _ => None,
        }
    }

    fn read_context(&self, keys: &[path::Key]) -> Value {
        use path::Key::Name;
        if let [Name(session), Name(scope), rest @ ..] = keys
            && session == "session"
        {
            if scope == "UserContext" {
                return path::read(&self.stores.user_context, rest);
            }
            if let (Some(store), Some((Name(key), rest))) =
                (StoreName::parse(scope), rest.split_first())
            {
                let stored = self
                    .stores
                    .get(store)
                    .get(key)
                    .filter(|s| !s.is_expired(self.input.now_ms));
                return stored.map_or(Value::Null, |s| path::read(&s.value, rest));
            }
        }
        if let Some((Name(first), rest)) = keys.split_first()
            && let Some(value) = self.context().get(first)
        {
            return path::read(value, rest);
        }
        path::read(&Value::Object(self.live_context()), keys)
    }

    /// Applies assignments of link and logic nodes.
    pub(crate) fn assign(&mut self, list: &[definition::Assignment]) {
        for assignment in list {
            let value = match assignment.source.trim() {
                "null" => None,
                source if is_path(source) => Some(self.evaluate(source)),
                source => Some(Value::String(source.to_owned())),
            };
            self.set(&assignment.target, value);
        }
    }

    /// Sets a path of the context or of the session variables.
    fn set(&mut self, target: &str, value: Option<Value>) {
        let plain = target.trim();
        let plain = plain.strip_prefix("context.").unwrap_or(plain);
        let Some(keys) = path::parse(plain) else {
            self.log(
                LogLevel::Warning,
                format!("an assignment to {target} is not possible"),
            );
            return;
        };
        use path::Key::Name;
        if let [Name(session), Name(scope), Name(key)] = keys.as_slice()
            && session == "session"
            && let Some(store) = StoreName::parse(scope)
        {
            let change = script::StoreChange {
                store,
                key: key.clone(),
                value,
                ttl_minutes: None,
            };
            let ran = script::Outcome {
                stores: vec![change],
                ..script::Outcome::default()
            };
            self.keep(&ran);
            return;
        }
        if !path::write(self.context_mut(), &keys, value) {
            self.log(
                LogLevel::Warning,
                format!("an assignment to {target} is not possible"),
            );
        }
    }

    pub(crate) fn entity(&self, name: &str) -> Value {
        self.context()
            .get("entities")
            .and_then(|e| e.get(name))
            .cloned()
            .unwrap_or(Value::Null)
    }

    pub(crate) fn set_entity(&mut self, name: &str, value: Value) {
        let entities = self
            .context_mut()
            .entry("entities")
            .or_insert_with(|| json!({}));
        if !entities.is_object() {
            *entities = json!({});
        }
        entities[name] = value;
    }
}

/// True for a text that is a path rather than a literal.
pub(crate) fn is_path(text: &str) -> bool {
    ["context.", "env.", "content."]
        .iter()
        .any(|head| text.trim_start().starts_with(head))
}

/// What only some scripts see.
#[derive(Default, Clone)]
pub(crate) struct Extras {
    pub choices: Option<Value>,
    pub message: String,
}
