use script::{Globals, Limits, Sandbox};
use serde_json::json;

use crate::globals;

fn filled() -> Globals {
    let mut globals = globals(json!({
        "name": "Ann", "n": 2.0, "list": [1, {"k": "v"}], "none": null, "inject": "{{env.HOST}}", "yes": true
    }));
    globals
        .stores
        .bot_context
        .insert("k".into(), json!("stored").into());
    globals
}

#[test]
fn placeholders_are_filled_by_the_table() {
    let table = [
        ("Hi {{context.name}}!", "Hi Ann!"),
        ("{{ env.HOST }}/x", "https://api.example/x"),
        ("{{content.HELLO}}", "Hello Ann"),
        ("{{content.NEST}}", "Hello {{context.name}}"),
        ("{{content.A-B}}", "dash"),
        ("{{context.n}} {{context.yes}}", "2 true"),
        ("{{context.list}}", "[1,{\"k\":\"v\"}]"),
        ("{{context.list[1].k}}", "v"),
        ("{{context.none}}{{context.missing}}{{env.NONE}}", ""),
        ("{{context.inject}}", "{{env.HOST}}"),
        ("{{context.name.length}}", "3"),
        (
            "{{context.name.toUpperCase()}} {{Math.round(2.6)}}",
            "ANN 3",
        ),
        ("{{JSON.stringify({a: {b: 1}})}}", "{\"a\":{\"b\":1}}"),
        (
            "{{BotContext.get(\"k\")}} {{context.session.BotContext.k}}",
            "stored stored",
        ),
        ("{{delete context.name}}", "true"),
        ("{{}}", ""),
        ("{{open", "{{open"),
        ("no placeholder", "no placeholder"),
    ];
    for (template, expected) in table {
        let rendered = Sandbox::default().render(template, &filled(), None);
        assert_eq!(rendered.text, expected, "{template}: {:?}", rendered.logs);
        assert!(rendered.logs.is_empty(), "{template}: {:?}", rendered.logs);
    }
}

#[test]
fn what_throws_gives_nothing_and_a_log_line() {
    for template in [
        "<{{context.missing.deep}}>",
        "<{{nobody.x}}>",
        "<{{a b}}>",
        "<{{koreUtil.rrule}}>",
    ] {
        let rendered = Sandbox::default().render(template, &filled(), None);
        assert_eq!(rendered.text, "<>", "{template}");
        assert_eq!(rendered.logs.len(), 1, "{template}: {:?}", rendered.logs);
    }
}

#[test]
fn one_bad_placeholder_does_not_spoil_the_others() {
    let rendered = Sandbox::default().render("{{nobody.x}}-{{1 + 1}}", &filled(), None);
    assert_eq!(rendered.text, "-2");
}

#[test]
fn an_endless_placeholder_gives_nothing() {
    let sandbox = Sandbox::new(Limits {
        cpu_ms: 50,
        ..Limits::default()
    });
    let rendered = sandbox.render("a{{(() => { for (;;); })()}}b", &filled(), None);
    assert_eq!(rendered.text, "ab");
    assert!(!rendered.logs.is_empty());
}
