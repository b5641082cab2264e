use std::sync::OnceLock;

use rquickjs::{
    Context, Ctx, Exception, Function, Module, Runtime, WriteOptions,
    loader::{Bundle, Loader},
};

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The licence text of a library that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    /// Name in the npm registry.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Short name of the licence.
    pub license: &'static str,
    /// The text as its authors ship it.
    pub text: &'static str,
}

/// Notices of the JavaScript libraries that scripts may use, for `ombud licenses`.
#[must_use]
pub fn notices() -> &'static [Notice] {
    NOTICES
}

type Compiled = &'static [(&'static str, &'static [u8])];

/// The function that a source of ours or a library is wrapped in, ready to be called.
pub(crate) fn load<'js>(ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
    let compiled = compiled()
        .as_ref()
        .map_err(|message| Exception::throw_message(ctx, message))?;
    let (module, _) = (Bundle { 0: *compiled }).load(ctx, name, None)?.eval()?;
    module.get("default")
}

/// As [`load`], for the prelude.
pub(crate) fn load_by_name<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Function<'js>> {
    load(&ctx, &name)
}

/// Bytecode of all sources, made once per process.
fn compiled() -> &'static Result<Compiled, String> {
    static COMPILED: OnceLock<Result<Compiled, String>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        compile().map_err(|error| format!("the script libraries do not compile: {error}"))
    })
}

/// The bytecode lives as long as the process, since engines may point into it: hence the leak, of a fixed size.
fn compile() -> rquickjs::Result<Compiled> {
    let runtime = Runtime::new()?;
    let context = Context::full(&runtime)?;
    let mut modules: Vec<(&'static str, &'static [u8])> = Vec::new();
    for (name, parameters, source) in SOURCES {
        let text = format!("export default function ({parameters}) {{{source}\n}}");
        let bytes = context.with(|ctx| {
            Module::declare(ctx, *name, text)?.write(WriteOptions {
                strip_source: true,
                ..WriteOptions::default()
            })
        })?;
        modules.push((name, Vec::leak(bytes)));
    }
    Ok(Vec::leak(modules))
}
