use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use openssl::{base64, hash};
use rquickjs::{CaughtError, Ctx, Exception, Function, Object};
use serde_json::{Map, Value};

use crate::{Globals, Limits, ScriptError, library, sandbox::Trouble};

/// The native side of one run: collects what is printed and logged, and gives the prelude what it cannot do itself.
pub(crate) struct Host {
    limits: Limits,
    env: Arc<Map<String, Value>>,
    content: Arc<Map<String, Value>>,
    printed: RefCell<Vec<String>>,
    printed_bytes: Cell<usize>,
    logs: RefCell<Vec<String>>,
    log_bytes: Cell<usize>,
    overrun: Cell<Option<Overrun>>,
    end: Instant,
}

/// A limit that ends the run, whatever the script catches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overrun {
    Deadline,
    Printed,
}

impl Host {
    pub(crate) fn new(limits: &Limits, globals: &Globals) -> Rc<Self> {
        Rc::new(Host {
            limits: *limits,
            env: globals.env.clone(),
            content: globals.content.clone(),
            printed: RefCell::default(),
            printed_bytes: Cell::new(0),
            logs: RefCell::default(),
            log_bytes: Cell::new(0),
            overrun: Cell::new(None),
            end: Instant::now() + Duration::from_millis(limits.cpu_ms),
        })
    }

    /// When the time is up.
    pub(crate) fn end(&self) -> Instant {
        self.end
    }

    /// The object that the prelude gets; scripts never see it.
    pub(crate) fn object<'js>(host: &Rc<Self>, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        let this = host.clone();
        object.set(
            "print",
            Function::new(ctx.clone(), move |ctx: Ctx<'js>, text: String| {
                this.print(&ctx, text)
            })?,
        )?;
        let this = host.clone();
        object.set(
            "log",
            Function::new(ctx.clone(), move |text: String| this.log(text))?,
        )?;
        let this = host.clone();
        object.set(
            "tick",
            Function::new(ctx.clone(), move |ctx: Ctx<'js>| this.tick(&ctx))?,
        )?;
        let this = host.clone();
        object.set(
            "env",
            Function::new(ctx.clone(), move || to_json(&this.env))?,
        )?;
        let this = host.clone();
        object.set(
            "content",
            Function::new(ctx.clone(), move || to_json(&this.content))?,
        )?;
        object.set(
            "library",
            Function::new(ctx.clone(), library::load_by_name)?,
        )?;
        object.set("digest", Function::new(ctx.clone(), digest)?)?;
        Ok(object)
    }

    /// Throws once the time is up: the engine itself looks at the clock only every few thousand steps, which is too
    /// seldom when each step is a long native call.
    fn tick(&self, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
        if self.is_late() {
            return Err(Exception::throw_range(ctx, "the time is up"));
        }
        Ok(())
    }

    /// Whether the time is up; from then on the run has failed, whatever the script catches.
    pub(crate) fn is_late(&self) -> bool {
        let late = Instant::now() >= self.end;
        if late {
            self.set_overrun(Overrun::Deadline);
        }
        late
    }

    fn print(&self, ctx: &Ctx<'_>, text: String) -> rquickjs::Result<()> {
        let bytes = self.printed_bytes.get() + text.len();
        if bytes > self.limits.printed_bytes {
            self.set_overrun(Overrun::Printed);
            return Err(Exception::throw_range(ctx, "too much is printed"));
        }
        self.printed_bytes.set(bytes);
        self.printed.borrow_mut().push(text);
        Ok(())
    }

    /// Adds a line to the debug log; past the limit one last line says that the rest is cut.
    pub(crate) fn log(&self, text: String) {
        let before = self.log_bytes.get();
        if before > self.limits.log_bytes {
            return;
        }
        // one extra byte a line, so that empty lines end too
        self.log_bytes.set(before + text.len() + 1);
        let cut = self.log_bytes.get() > self.limits.log_bytes;
        let line = if cut {
            "the rest of the debug log is cut".to_owned()
        } else {
            text
        };
        self.logs.borrow_mut().push(line);
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.printed.take()
    }

    pub(crate) fn logs(&self) -> Vec<String> {
        self.logs.borrow().clone()
    }

    pub(crate) fn set_overrun(&self, overrun: Overrun) {
        self.overrun
            .set(Some(self.overrun.get().unwrap_or(overrun)));
    }

    pub(crate) fn overrun(&self) -> Option<Overrun> {
        self.overrun.get()
    }

    pub(crate) fn overrun_error(&self, overrun: Overrun) -> ScriptError {
        match overrun {
            Overrun::Deadline => ScriptError::Deadline {
                limit_ms: self.limits.cpu_ms,
            },
            Overrun::Printed => ScriptError::PrintedTooLarge {
                limit: self.limits.printed_bytes,
            },
        }
    }

    /// Names what was caught.
    pub(crate) fn explain(&self, caught: &CaughtError<'_>) -> ScriptError {
        if let Some(overrun) = self.overrun() {
            return self.overrun_error(overrun);
        }
        let Trouble {
            name,
            message,
            line,
            member,
        } = Trouble::read(caught);
        // with no room left even for an error object, the engine throws null or nothing at all; scripts do neither
        if let CaughtError::Value(value) = caught
            && (value.is_null() || value.is_undefined())
        {
            return ScriptError::Memory {
                limit: self.limits.memory_bytes,
            };
        }
        if let Some(member) = member {
            return ScriptError::UnknownMember { member, line };
        }
        let engine = name == "InternalError" || name == "RangeError";
        match name.as_str() {
            "SyntaxError" => ScriptError::Syntax { message, line },
            "KeepError" => ScriptError::NotKept { message },
            _ if engine && message.contains("out of memory") => ScriptError::Memory {
                limit: self.limits.memory_bytes,
            },
            _ if engine
                && (message.contains("call stack") || message.contains("stack overflow")) =>
            {
                ScriptError::Stack
            }
            "" => ScriptError::Thrown { message, line },
            _ => ScriptError::Thrown {
                message: format!("{name}: {message}"),
                line,
            },
        }
    }
}

fn to_json(map: &Map<String, Value>) -> String {
    serde_json::to_string(map).unwrap_or_else(|_| "{}".into())
}

/// Digest of a text in hexadecimal or Base64.
fn digest(
    ctx: Ctx<'_>,
    algorithm: String,
    text: String,
    encoding: String,
) -> rquickjs::Result<String> {
    let name = algorithm.to_ascii_lowercase().replace('-', "");
    let method = match name.as_str() {
        "md5" => hash::MessageDigest::md5(),
        "sha1" => hash::MessageDigest::sha1(),
        "sha224" => hash::MessageDigest::sha224(),
        "sha256" => hash::MessageDigest::sha256(),
        "sha384" => hash::MessageDigest::sha384(),
        "sha512" => hash::MessageDigest::sha512(),
        _ => {
            return Err(Exception::throw_message(
                &ctx,
                &format!("unknown digest {algorithm:?}"),
            ));
        }
    };
    let bytes = hash::hash(method, text.as_bytes())
        .map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
    match encoding.as_str() {
        "hex" => Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Ok(base64::encode_block(&bytes)),
        _ => Err(Exception::throw_message(
            &ctx,
            &format!("unknown encoding {encoding:?}"),
        )),
    }
}

/// Replaces lone surrogates, which the engine writes as `\udXXX` and no Rust text can hold.
pub(crate) fn mend_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        out.push_str(&rest[..place]);
        let escape = &rest[place..];
        let lone = escape
            .as_bytes()
            .get(1..4)
            .is_some_and(|b| b[0] == b'u' && b[1] == b'd' && b[2] >= b'8');
        let taken = if lone { 6 } else { 2 }.min(escape.len());
        out.push_str(if lone { "\\ufffd" } else { &escape[..taken] });
        rest = &escape[taken..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}
