use std::{rc::Rc, sync::Arc};

use rquickjs::{
    CatchResultExt, CaughtError, Context, Ctx, Function, Object, Runtime, context::EvalOptions,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    Globals, Limits, Outcome, ScriptError, StoreChange, StoreName, Tag, apart, host::Host, library,
    meter::Meter,
};

/// Runs scripts under [`Limits`]. It holds no state: share one, or make one per call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sandbox {
    limits: Limits,
}

/// An agent's bot-functions file. It runs first in each run, once the globals exist, because such files read
/// `context` and change prototypes when they load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotFunctions {
    source: Arc<str>,
}

impl BotFunctions {
    /// Takes the decoded text of the file.
    pub fn new(source: impl Into<Arc<str>>) -> Self {
        BotFunctions {
            source: source.into(),
        }
    }

    /// The text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Statements of a script node, with `return` allowed at the top.
    Script,
    /// Statements that print a message.
    Message,
    /// The inside of a placeholder or condition: an expression, or else statements whose last value counts.
    Expression,
}

/// One script to run.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// Its decoded text.
    pub source: &'a str,
    /// The agent's bot-functions file, if it has one.
    pub bot_functions: Option<&'a BotFunctions>,
    /// What the text is.
    pub kind: Kind,
}

impl Sandbox {
    /// A sandbox with these caps.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Sandbox { limits }
    }

    /// The caps.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Runs one script in a fresh engine. Blocks the thread for at most the time limit and a moment: never call it on an async
    /// thread without need.
    ///
    /// # Errors
    /// [`ScriptError`]; then nothing that the script did counts.
    pub fn run(&self, script: &Script<'_>, globals: &Globals) -> Result<Outcome, ScriptError> {
        self.run_logged(script, globals, &mut Vec::new())
    }

    /// As [`Sandbox::run`], but gives the debug log lines of a failed run too. They are added to `logs` either way, but for those
    /// of a run that had to be left behind.
    ///
    /// # Errors
    /// As [`Sandbox::run`].
    pub fn run_logged(
        &self,
        script: &Script<'_>,
        globals: &Globals,
        logs: &mut Vec<String>,
    ) -> Result<Outcome, ScriptError> {
        let (sandbox, globals) = (*self, globals.clone());
        let (source, kind) = (script.source.to_owned(), script.kind);
        let functions = script.bot_functions.cloned();
        let (result, lines) = apart::run(&self.limits, move || {
            let script = Script {
                source: &source,
                bot_functions: functions.as_ref(),
                kind,
            };
            let mut lines = Vec::new();
            let result = sandbox.run_here(&script, &globals, &mut lines);
            (result, lines)
        })?;
        logs.extend(lines);
        result
    }

    fn run_here(
        &self,
        script: &Script<'_>,
        globals: &Globals,
        logs: &mut Vec<String>,
    ) -> Result<Outcome, ScriptError> {
        let host = Host::new(&self.limits, globals);
        let result = self.within(&host, |ctx| {
            let collect = prepare(ctx, &host, globals, script.bot_functions)?;
            let value = evaluate(ctx, script)?;
            drain(ctx, &host);
            collect.call::<_, Option<String>>((value,))
        });
        logs.extend(host.logs());
        let text = result?.unwrap_or_default();
        let report = Report::read(&text)?;
        let mut outcome = report.into_outcome(globals, &self.limits)?;
        outcome.printed = host.printed();
        outcome.logs = host.logs();
        Ok(outcome)
    }

    /// Values of several expressions from one engine, as texts; see [`crate::render`]. `Err` in a place: that one threw.
    pub(crate) fn values(
        &self,
        expressions: &[&str],
        bot_functions: Option<&BotFunctions>,
        globals: &Globals,
        logs: &mut Vec<String>,
    ) -> Result<Vec<Result<String, ScriptError>>, ScriptError> {
        let (sandbox, globals) = (*self, globals.clone());
        let functions = bot_functions.cloned();
        let owned: Vec<String> = expressions.iter().map(|text| (*text).to_owned()).collect();
        let (result, lines) = apart::run(&self.limits, move || {
            let mut lines = Vec::new();
            let result = sandbox.values_here(&owned, functions.as_ref(), &globals, &mut lines);
            (result, lines)
        })?;
        logs.extend(lines);
        result
    }

    fn values_here(
        &self,
        expressions: &[String],
        bot_functions: Option<&BotFunctions>,
        globals: &Globals,
        logs: &mut Vec<String>,
    ) -> Result<Vec<Result<String, ScriptError>>, ScriptError> {
        let host = Host::new(&self.limits, globals);
        let result = self.within(&host, |ctx| {
            let module = prepare_module(ctx, &host, globals, bot_functions)?;
            let to_text: Function<'_> = module.get("text")?;
            let mut texts = Vec::with_capacity(expressions.len());
            for source in expressions {
                let value = evaluate_expression(ctx, source)
                    .and_then(|value| to_text.call::<_, String>((value,)));
                texts.push(match value.catch(ctx) {
                    Ok(text) => Ok(text),
                    Err(caught) => Err(host.explain(&caught)),
                });
                if host.overrun().is_some() {
                    break;
                }
            }
            Ok(texts)
        });
        logs.extend(host.logs());
        let mut texts = result?;
        texts.resize(
            expressions.len(),
            Err(ScriptError::Deadline {
                limit_ms: self.limits.cpu_ms,
            }),
        );
        Ok(texts)
    }

    /// A fresh engine with the caps set, the body run in it, and whatever it threw explained.
    pub(crate) fn within<T>(
        &self,
        host: &Rc<Host>,
        body: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        let broken = |error: rquickjs::Error| ScriptError::Engine {
            message: error.to_string(),
        };
        let meter = Meter::new(self.limits.block_bytes, host.end());
        let runtime = Runtime::new_with_alloc(meter).map_err(broken)?;
        runtime.set_memory_limit(self.limits.memory_bytes);
        runtime.set_max_stack_size(self.limits.stack_bytes);
        let watch = host.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || watch.is_late())));
        let context = Context::full(&runtime).map_err(|_| ScriptError::Memory {
            limit: self.limits.memory_bytes,
        })?;
        context.with(|ctx| {
            let result = body(&ctx)
                .catch(&ctx)
                .map_err(|caught| host.explain(&caught));
            // a native call may have been long without asking for the time
            host.is_late();
            match host.overrun() {
                Some(overrun) => Err(host.overrun_error(overrun)),
                None => result,
            }
        })
    }
}

/// Defines the globals, runs the bot-functions file, and gives the function that reports at the end.
fn prepare<'js>(
    ctx: &Ctx<'js>,
    host: &Rc<Host>,
    globals: &Globals,
    bot_functions: Option<&BotFunctions>,
) -> rquickjs::Result<Function<'js>> {
    prepare_module(ctx, host, globals, bot_functions)?.get("collect")
}

fn prepare_module<'js>(
    ctx: &Ctx<'js>,
    host: &Rc<Host>,
    globals: &Globals,
    bot_functions: Option<&BotFunctions>,
) -> rquickjs::Result<Object<'js>> {
    let set_up: Function<'js> = library::load(ctx, "prelude")?;
    let input = ctx.json_parse(input(globals))?;
    let module: Object<'js> = set_up.call((Host::object(host, ctx)?, input))?;
    if let Some(functions) = bot_functions {
        let ran = ctx.eval_with_options::<rquickjs::Value<'js>, _>(
            functions.source(),
            options("botfunctions.js"),
        );
        if let Err(caught) = ran.catch(ctx) {
            let error = host.explain(&caught);
            if host.overrun().is_some()
                || matches!(error, ScriptError::Memory { .. } | ScriptError::Stack)
            {
                return Err(caught.throw(ctx));
            }
            host.log(format!("bot functions: {error}"));
        }
    }
    Ok(module)
}

/// What the prelude starts from, as JSON text. `env` and `content` are handed over when first touched.
fn input(globals: &Globals) -> String {
    let mut stores = Map::new();
    for name in StoreName::ALL {
        stores.insert(
            name.as_str().into(),
            Value::Object(globals.stores.live(name, globals.now_ms)),
        );
    }
    let user = if globals.stores.user_context.is_object() {
        &globals.stores.user_context
    } else {
        &Value::Null
    };
    serde_json::json!({
        "context": globals.context,
        "stores": stores,
        "user": user,
        "choices": globals.choices,
        "response": globals.response,
        "options": globals.options,
        "ambiguous": globals.ambiguous_intents,
        "sessionId": globals.session_id,
        "now": globals.now_ms,
        "zone": globals.timezone,
    })
    .to_string()
}

fn evaluate<'js>(ctx: &Ctx<'js>, script: &Script<'_>) -> rquickjs::Result<rquickjs::Value<'js>> {
    match script.kind {
        Kind::Expression => evaluate_expression(ctx, script.source),
        Kind::Script | Kind::Message => evaluate_body(ctx, script.source),
    }
}

/// As the body of a sloppy function: `return` works, `this` is the global object. The first line keeps its number.
pub(crate) fn evaluate_body<'js>(
    ctx: &Ctx<'js>,
    source: &str,
) -> rquickjs::Result<rquickjs::Value<'js>> {
    compile_body(ctx, source)?.call(())
}

/// The function around a body, not called.
pub(crate) fn compile_body<'js>(ctx: &Ctx<'js>, source: &str) -> rquickjs::Result<Function<'js>> {
    ctx.eval_with_options(
        format!("(function () {{{source}\n}})"),
        options("script.js"),
    )
}

fn evaluate_expression<'js>(
    ctx: &Ctx<'js>,
    source: &str,
) -> rquickjs::Result<rquickjs::Value<'js>> {
    let wrapped = ctx.eval_with_options::<Function<'js>, _>(
        format!("(function () {{ return ({source}\n) }})"),
        options("script.js"),
    );
    match wrapped {
        Ok(function) => function.call(()),
        Err(rquickjs::Error::Exception) => {
            ctx.catch();
            ctx.eval_with_options(source, options("script.js"))
        }
        Err(other) => Err(other),
    }
}

fn options(file: &str) -> EvalOptions {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(file.to_owned());
    options
}

/// Runs promise reactions until none is left or the time is up; each one is under the deadline of the run.
fn drain(ctx: &Ctx<'_>, host: &Host) {
    while host.overrun().is_none() && ctx.execute_pending_job() {}
}

/// What the prelude's `collect()` gives, as JSON.
#[derive(Deserialize)]
struct Report {
    context: Value,
    #[serde(default)]
    value: Option<Value>,
    stores: Map<String, Value>,
    put: Vec<(StoreName, String, Option<f64>)>,
    tags: Vec<Tag>,
    #[serde(rename = "contextTags")]
    context_tags: Vec<String>,
    close: bool,
}

impl Report {
    fn read(text: &str) -> Result<Self, ScriptError> {
        let text = crate::host::mend_surrogates(text);
        serde_json::from_str(&text).map_err(|error| ScriptError::NotKept {
            message: error.to_string(),
        })
    }

    fn into_outcome(self, globals: &Globals, limits: &Limits) -> Result<Outcome, ScriptError> {
        let limit = limits.context_bytes;
        let bytes = length(&self.context);
        if bytes > limit {
            return Err(ScriptError::ContextTooLarge { bytes, limit });
        }
        let stores = self.changes(globals);
        for change in &stores {
            let bytes = change.value.as_ref().map_or(0, length);
            if bytes > limit {
                let key = format!("{}.{}", change.store.as_str(), change.key);
                return Err(ScriptError::StoreTooLarge { key, bytes, limit });
            }
        }
        Ok(Outcome {
            context: self.context,
            stores,
            value: self.value,
            tags: self.tags,
            context_tags: self.context_tags,
            close_session: self.close,
            ..Outcome::default()
        })
    }

    /// Compares the stores with what went in. A put counts even when it repeats the value, for its time starts anew.
    fn changes(&self, globals: &Globals) -> Vec<StoreChange> {
        let mut changes = Vec::new();
        for store in StoreName::ALL {
            let Some(after) = self.stores.get(store.as_str()).and_then(Value::as_object) else {
                continue;
            };
            let before = globals.stores.live(store, globals.now_ms);
            for (key, value) in after {
                let put = self
                    .put
                    .iter()
                    .rev()
                    .find(|(name, put, _)| *name == store && put == key);
                if put.is_some() || before.get(key) != Some(value) {
                    let ttl_minutes = put.and_then(|(_, _, minutes)| *minutes);
                    changes.push(StoreChange {
                        store,
                        key: key.clone(),
                        value: Some(value.clone()),
                        ttl_minutes,
                    });
                }
            }
            let gone = before.keys().filter(|key| !after.contains_key(*key));
            changes.extend(gone.map(|key| StoreChange {
                store,
                key: key.clone(),
                value: None,
                ttl_minutes: None,
            }));
        }
        changes
    }
}

fn length(value: &Value) -> usize {
    value.to_string().len()
}

/// Where and what a caught value says: text, name of the error class, line in the script, missing member.
pub(crate) struct Trouble {
    pub name: String,
    pub message: String,
    pub line: Option<u32>,
    pub member: Option<String>,
}

impl Trouble {
    pub(crate) fn read(caught: &CaughtError<'_>) -> Self {
        match caught {
            CaughtError::Exception(exception) => {
                let object = exception.as_object();
                let text = |key: &str| object.get::<_, Option<String>>(key).ok().flatten();
                let stack = exception.stack().unwrap_or_default();
                Trouble {
                    name: text("name").unwrap_or_default(),
                    message: exception.message().unwrap_or_default(),
                    line: line_of(&stack),
                    member: text("missingMember"),
                }
            }
            CaughtError::Value(value) => Trouble {
                name: String::new(),
                message: thrown_text(value),
                line: None,
                member: None,
            },
            CaughtError::Error(error) => Trouble {
                name: String::new(),
                message: error.to_string(),
                line: None,
                member: None,
            },
        }
    }
}

fn thrown_text(value: &rquickjs::Value<'_>) -> String {
    if let Some(text) = value.as_string().and_then(|text| text.to_string().ok()) {
        return text;
    }
    let json = value.ctx().json_stringify(value.clone()).ok().flatten();
    json.and_then(|text| text.to_string().ok())
        .unwrap_or_else(|| "undefined".into())
}

/// The line of the first frame that lies in the script.
fn line_of(stack: &str) -> Option<u32> {
    let (_, rest) = stack.split_once("script.js:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
