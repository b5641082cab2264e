//! What a run costs: a fresh engine, a fresh realm on a used engine, and whole runs of small scripts.
//! Run with `cargo bench -p script --bench run`.

use rquickjs::{Context, Runtime};
use script::{Globals, Kind, Limits, Sandbox, Script};
use serde_json::json;
use std::time::Instant;

const ROUNDS: u32 = 2_000;

fn measure(what: &str, mut round: impl FnMut()) {
    for _ in 0..50 {
        round();
    }
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        round();
    }
    let each = begun.elapsed() / ROUNDS;
    println!("{what:<44} {:>8.1} µs", each.as_nanos() as f64 / 1_000.0);
}

fn main() {
    measure("an engine, made and dropped", || {
        let runtime = Runtime::new().expect("an engine");
        drop(runtime);
    });
    measure("an engine with a realm, made and dropped", || {
        let runtime = Runtime::new().expect("an engine");
        let context = Context::full(&runtime).expect("a realm");
        drop(context);
    });
    let runtime = Runtime::new().expect("an engine");
    measure("a realm on a used engine, made and dropped", || {
        let context = Context::full(&runtime).expect("a realm");
        drop(context);
        runtime.run_gc();
    });
    let sandbox = Sandbox::new(Limits::default());
    let globals = Globals {
        context: json!({"entities": {"city": "Rome", "amount": 3}, "history": vec![json!({"nodeId": "n", "state": "processed"}); 30]}),
        now_ms: 1_800_000_000_000,
        ..Globals::default()
    };
    for (what, source) in [
        ("run: one assignment", "context.a = 1"),
        (
            "run: a printed template",
            "print(JSON.stringify({type: 'template', payload: {text: context.entities.city}}))",
        ),
        (
            "run: lodash",
            "context.a = koreUtil._.get(context, 'entities.city')",
        ),
        (
            "run: moment",
            "context.a = koreUtil.moment().format('YYYY')",
        ),
    ] {
        measure(what, || {
            let script = Script {
                source,
                bot_functions: None,
                kind: Kind::Script,
            };
            sandbox.run(&script, &globals).expect("the script runs");
        });
    }
}
