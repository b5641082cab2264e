use std::time::{Duration, Instant};

use script::{Limits, ScriptError, check};
use serde_json::json;

use crate::{globals, run, run_with, value};

fn short() -> Limits {
    Limits {
        cpu_ms: 60,
        ..Limits::default()
    }
}

#[test]
fn a_script_that_does_not_end_is_stopped_at_the_deadline() {
    let endless = [
        "while (true) {}",
        "while (true) { try { while (true) {} } catch (e) {} }",
        "try { while (true) {} } finally { while (true) {} }",
        "/^(a+)+$/.test('a'.repeat(60) + 'b')",
        "function go() { Promise.resolve().then(go) } go()",
        "context.x = { toJSON() { while (true) {} } }",
        "context = { get x() { while (true) {} } }",
        "[1, 2].sort(() => { while (true) {} })",
        "for (;;) { try { new Array(4e6).reverse() } catch (e) {} }",
        "for (;;) 'x'.repeat(1e6).indexOf('y')",
        "for (;;) JSON.stringify('x'.repeat(1e5))",
        "const x = 2n ** 500000n; for (;;) x * x",
        "const x = 2n ** 900000n - 1n; for (;;) x / 3n",
        "const x = 2n ** 200000n - 1n; for (;;) String(x)",
        "for (;;) { try { let x = 7n; for (;;) x = x * x } catch (e) {} }",
        "for (;;) BigInt('9'.repeat(200000))",
        "for (;;) 'ab'.repeat(2e6)",
        "let t = 'x'; for (;;) { t += t; if (t.length > 2e6) t = t[0] + '' }",
        "const t = '9'.repeat(2e6); for (;;) +t",
        "const a = 'é'.repeat(1e6), b = a + ''; for (;;) a.localeCompare(b)",
        "const a = new Float64Array(5e5); for (;;) a.fill(1).sort()",
        "const a = new Array(4e5).fill(1); for (;;) a.indexOf(2)",
        "const m = new Map(); for (;;) m.set('k'.repeat(1e6) + m.size % 2, 1)",
        "/(x+x+)+y/.test('x'.repeat(5000))",
        "for (;;) 'x'.repeat(1e5).replace(/(x*)*y/, '')",
    ];
    for source in endless {
        let begun = Instant::now();
        let result = run_with(short(), source, &globals(json!({})));
        assert_eq!(
            result,
            Err(ScriptError::Deadline { limit_ms: 60 }),
            "{source}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "{source} took {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn natives_that_would_loop_for_hours_refuse_their_input() {
    let endless = [
        "new Array(3e9).sort()",
        "String([[new Array(3e9)]])",
        "[].reverse.call({length: 3e9})",
        "[].join.call({get length() { return this.n = (this.n || 0) + 3e9 }})",
        "[].concat(new Array(3e9), new Array(3e9))",
        "[[new Array(3e9)]].flat(2)",
        "[1].flatMap(() => new Array(3e9))",
        "'a'.repeat(6e6).indexOf('a'.repeat(3e6) + 'b')",
        "new Array(3e9).indexOf(1)",
        "new Array(3e9).includes(1)",
        "new Array(3e9).forEach(x => x)",
        "new Array(3e9).reduce((a, b) => a, 0)",
        "[].filter.call({length: 3e9}, x => x)",
    ];
    for source in endless {
        let error = run(source, &globals(json!({}))).unwrap_err();
        assert!(
            matches!(error, ScriptError::Thrown { ref message, .. } if message.starts_with("RangeError: ")),
            "{source}: {error:?}"
        );
    }
}

#[test]
fn guarded_natives_work_as_ever() {
    let table = [
        ("[1, [2, [3]]].flat()", json!([1, 2, [3]])),
        ("[1, [2, [3]]].flat(Infinity)", json!([1, 2, 3])),
        ("[1].concat([2], 3, [[4]])", json!([1, 2, 3, [4]])),
        ("[3, 1, 2].sort((a, b) => b - a)", json!([3, 2, 1])),
        ("[1, 2].flatMap(x => [x, x])", json!([1, 1, 2, 2])),
        ("[1, 2, 3].splice(1, 1)", json!([2])),
        (
            "Array.prototype.slice.call({0: 'a', length: 1})",
            json!(["a"]),
        ),
        (
            "(function () { return [].shift.call(arguments) + arguments.length })(9, 8)",
            json!(10),
        ),
        ("'a,b'.split(',')", json!(["a", "b"])),
        ("'a1'.split(/\\d/)", json!(["a", ""])),
        ("'abc'.split()", json!(["abc"])),
        ("'a1b2'.replace(/\\d/g, x => +x + 1)", json!("a2b3")),
        ("'a-a'.replaceAll('a', '$&$&')", json!("aa-aa")),
        ("'null'.indexOf(null)", json!(0)),
        ("[1, [2, 3]] + ''", json!("1,2,3")),
        (
            "[1, 2, 3].map(x => x * 2).filter(x => x > 2)",
            json!([4, 6]),
        ),
        ("[1, 2].reduce((a, b) => a + b)", json!(3)),
        (
            "[1, 2].indexOf(2) + [1, 2].lastIndexOf(1) + +[3].includes(3)",
            json!(2),
        ),
        ("[1, , 3].some(x => x === undefined)", json!(false)),
        (
            "Array.prototype.map.call('ab', x => x + x)",
            json!(["aa", "bb"]),
        ),
        (
            "(() => { const o = {length: 2}; [].fill.call(o, 7); return o })()",
            json!({"length": 2, "0": 7, "1": 7}),
        ),
        ("new Map([['a', 1]]).get('a')", json!(1)),
        ("Array.from(new Uint8Array([3, 1]).sort())", json!([1, 3])),
        ("String(2n ** 64n)", json!("18446744073709551616")),
        ("Object.keys([1, 2].constructor.prototype)", json!([])),
    ];
    for (source, expected) in table {
        assert_eq!(value(&format!("return {source}")), expected, "{source}");
    }
}

#[test]
fn calls_nested_too_deeply_are_refused() {
    let error = run("function f() { return 1 + f() } f()", &globals(json!({})));
    assert_eq!(error, Err(ScriptError::Stack));
}

#[test]
fn memory_is_bounded() {
    let limits = Limits {
        memory_bytes: 8 << 20,
        ..Limits::default()
    };
    for source in [
        "const all = []; for (;;) all.push('x'.repeat(1000) + all.length)",
        "const a = []; for (;;) { try { for (;;) a.push(new Array(1000).fill(1)) } catch (e) { throw e } }",
        "JSON.stringify(Array.from({length: 2e6}, () => 'xxxxxxxx'))",
    ] {
        let error = run_with(limits, source, &globals(json!({}))).unwrap_err();
        assert_eq!(error, ScriptError::Memory { limit: 8 << 20 }, "{source}");
    }
}

#[test]
fn one_text_or_list_is_bounded_too() {
    for source in [
        "'x'.repeat(9e6)",
        "new Array(4e6).fill(0)",
        "let t = 'x'; for (;;) t = (t + t).slice(0)",
        "const a = []; for (;;) a.push(a.length)",
        "new ArrayBuffer(1e9)",
        "2n ** 1000000n ** 2n",
    ] {
        let begun = Instant::now();
        let error = run(source, &globals(json!({}))).unwrap_err();
        assert!(
            matches!(
                error,
                ScriptError::Memory { .. } | ScriptError::Thrown { .. }
            ),
            "{source}: {error:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(4), "{source}");
    }
    assert_eq!(value("return 'x'.repeat(5e6).length"), json!(5_000_000));
}

#[test]
fn comparing_long_texts_ends_too() {
    let source = "const a = 'x'.repeat(1e6), b = 'x'.repeat(1e6); for (;;) a === b";
    let begun = Instant::now();
    let result = run_with(short(), source, &globals(json!({})));
    assert_eq!(result, Err(ScriptError::Deadline { limit_ms: 60 }));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_step_that_cannot_be_stopped_keeps_nobody_waiting() {
    for source in [
        "const x = 2n ** 1000000n - 1n; context.n = String(x).length",
        "const x = 2n ** 1000000n - 1n; context.n = `${x}${x}`.length",
        "const x = 3n ** 660000n; context.n = (x * x + x).toString().length",
        "context.n = BigInt('9'.repeat(300000)).toLocaleString().length",
    ] {
        let begun = Instant::now();
        let result = run_with(short(), source, &globals(json!({})));
        assert_eq!(
            result,
            Err(ScriptError::Deadline { limit_ms: 60 }),
            "{source}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{source} took {:?}",
            begun.elapsed()
        );
    }
    // those that are left behind end by themselves, and scripts run as ever
    assert_eq!(value("return 2 ** 10"), json!(1024));
}

#[test]
fn an_uncaught_error_tells_its_message_and_line() {
    let thrown = |source| run(source, &globals(json!({}))).unwrap_err();
    let error = ScriptError::Thrown {
        message: "TypeError: no".into(),
        line: Some(2),
    };
    assert_eq!(thrown("\nthrow new TypeError('no')"), error);
    assert_eq!(
        thrown("throw 'plain'"),
        ScriptError::Thrown {
            message: "plain".into(),
            line: None
        }
    );
    assert!(matches!(
        thrown("\n\nmissing.x"),
        ScriptError::Thrown { line: Some(3), .. }
    ));
}

#[test]
fn a_syntax_error_tells_its_line() {
    let error = check("let a = 1;\nlet b = ;\n");
    assert!(
        matches!(error, Err(ScriptError::Syntax { line: Some(2), .. })),
        "{error:?}"
    );
    assert!(matches!(
        run("if (", &globals(json!({}))),
        Err(ScriptError::Syntax { .. })
    ));
    assert_eq!(check("return context.x // end"), Ok(()));
}

#[test]
fn printing_too_much_ends_the_run_even_when_caught() {
    let limits = Limits {
        printed_bytes: 1_000,
        ..Limits::default()
    };
    let source = "for (let i = 0; i < 100; i++) try { print('x'.repeat(100)) } catch (e) {}";
    let error = run_with(limits, source, &globals(json!({})));
    assert_eq!(error, Err(ScriptError::PrintedTooLarge { limit: 1_000 }));
}

#[test]
fn logging_too_much_is_cut() {
    let limits = Limits {
        log_bytes: 100,
        ..Limits::default()
    };
    let source = "for (let i = 0; i < 1000; i++) koreDebugger.log('xxxxxxxxx')";
    let ran = run_with(limits, source, &globals(json!({}))).unwrap();
    assert_eq!(ran.logs.len(), 11);
    assert_eq!(ran.logs[10], "the rest of the debug log is cut");
}

#[test]
fn a_context_over_the_limit_is_refused() {
    let error = run("context.big = 'x'.repeat(1100000)", &globals(json!({}))).unwrap_err();
    assert_eq!(
        error,
        ScriptError::ContextTooLarge {
            bytes: 1_100_010,
            limit: 1_048_576
        }
    );
    let error = run(
        "BotContext.put('big', 'x'.repeat(1100000))",
        &globals(json!({})),
    )
    .unwrap_err();
    assert!(
        matches!(error, ScriptError::StoreTooLarge { ref key, .. } if key == "BotContext.big"),
        "{error:?}"
    );
}

#[test]
fn what_is_no_json_is_refused_and_not_half_kept() {
    let cyclic = run("context.self = context", &globals(json!({}))).unwrap_err();
    assert!(matches!(cyclic, ScriptError::NotKept { .. }), "{cyclic:?}");
    let deep = run(
        "let a = context; for (let i = 0; i < 500; i++) a = a.a = {}",
        &globals(json!({})),
    )
    .unwrap_err();
    assert!(matches!(deep, ScriptError::NotKept { .. }), "{deep:?}");
}

#[test]
fn half_a_character_does_not_break_the_write_back() {
    let source = "context.x = '\\ud83d'; context.y = '\\\\ud83d'; print('\\ud83d!')";
    let ran = run(source, &globals(json!({}))).unwrap();
    assert_eq!(ran.context, json!({"x": "\u{fffd}", "y": "\\ud83d"}));
    assert_eq!(ran.printed, ["\u{fffd}!"]);
}

#[test]
fn nothing_leaks_from_one_run_to_the_next() {
    let source = "Object.prototype.evil = 1; Array.prototype.map = null; leaked = 2; globalThis.print = null";
    run(source, &globals(json!({}))).unwrap();
    let after = value("return [{}.evil === undefined, typeof [].map, typeof leaked, typeof print]");
    assert_eq!(after, json!([true, "function", "undefined", "function"]));
}

#[test]
fn there_is_no_way_out() {
    let names = [
        "require",
        "fetch",
        "process",
        "setTimeout",
        "setInterval",
        "XMLHttpRequest",
        "Proxy",
        "host",
        "input",
        "std",
        "os",
        "module",
    ];
    for name in names {
        assert_eq!(
            value(&format!("return typeof {name}")),
            json!("undefined"),
            "{name}"
        );
    }
}
