use serde_json::{Number, Value};

use crate::{
    BotFunctions, Globals, Sandbox,
    path::{self, Found},
    placeholder::{Part, split},
};

/// A text with its placeholders filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Lines for the debug log: one for each placeholder that threw, and what the expressions logged.
    pub logs: Vec<String>,
}

impl Sandbox {
    /// Fills the `{{ expression }}` placeholders of a text. Plain paths into `context`, `env` and `content` are followed
    /// at once; all other expressions of the text share one engine, which is started only if there are any.
    ///
    /// Undefined and null give nothing, objects their JSON. An expression that throws, or a limit that is hit, gives
    /// nothing and a log line. A value of `content` may hold placeholders itself and is filled once more; no other value
    /// is looked at again. Changes that an expression makes to the context are dropped.
    #[must_use]
    pub fn render(
        &self,
        template: &str,
        globals: &Globals,
        bot_functions: Option<&BotFunctions>,
    ) -> Rendered {
        let mut logs = Vec::new();
        let once = self.fill(template, globals, bot_functions, true, &mut logs);
        Rendered { text: once, logs }
    }

    fn fill(
        &self,
        template: &str,
        globals: &Globals,
        bot_functions: Option<&BotFunctions>,
        again: bool,
        logs: &mut Vec<String>,
    ) -> String {
        let parts = split(template);
        let mut texts = self.plain(&parts, globals, logs);
        self.engine(&parts, &mut texts, globals, bot_functions, logs);
        let mut out = String::with_capacity(template.len());
        for (part, text) in parts.iter().zip(texts) {
            let text = text.unwrap_or_default();
            match part {
                Part::Expression(expression)
                    if again && is_content(expression) && text.contains("{{") =>
                {
                    out.push_str(&self.fill(&text, globals, bot_functions, false, logs));
                }
                _ => out.push_str(&text),
            }
        }
        out
    }

    /// The texts that need no engine; `None` where one is needed.
    fn plain(
        &self,
        parts: &[Part<'_>],
        globals: &Globals,
        logs: &mut Vec<String>,
    ) -> Vec<Option<String>> {
        let text = |part: &Part<'_>| match part {
            Part::Text(text) => Some((*text).to_owned()),
            Part::Expression("") => Some(String::new()),
            Part::Expression(expression) => match path::resolve(expression, globals) {
                Found::Value(value) => Some(show(&value)),
                Found::Nothing => Some(String::new()),
                Found::Broken => {
                    logs.push(format!(
                        "{{{{{expression}}}}}: a part of the path is missing"
                    ));
                    Some(String::new())
                }
                Found::NotPlain => None,
            },
        };
        parts.iter().map(text).collect()
    }

    /// Fills the gaps from one engine.
    fn engine(
        &self,
        parts: &[Part<'_>],
        texts: &mut [Option<String>],
        globals: &Globals,
        bot_functions: Option<&BotFunctions>,
        logs: &mut Vec<String>,
    ) {
        let open: Vec<(usize, &str)> = parts
            .iter()
            .enumerate()
            .filter(|(place, _)| texts[*place].is_none())
            .map(|(place, part)| match part {
                Part::Text(text) | Part::Expression(text) => (place, *text),
            })
            .collect();
        if open.is_empty() {
            return;
        }
        let expressions: Vec<&str> = open.iter().map(|(_, expression)| *expression).collect();
        match self.values(&expressions, bot_functions, globals, logs) {
            Err(error) => logs.push(format!("placeholders: {error}")),
            Ok(values) => {
                for ((place, expression), value) in open.into_iter().zip(values) {
                    match value {
                        Ok(text) => texts[place] = Some(text),
                        Err(error) => logs.push(format!("{{{{{expression}}}}}: {error}")),
                    }
                }
            }
        }
    }
}

fn is_content(expression: &str) -> bool {
    expression.starts_with("content.") || expression.starts_with("content[")
}

/// A value as JavaScript shows it.
fn show(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => whole(other).to_string(),
    }
}

/// Numbers without a fraction are shown without one: `2.0` is `2`.
fn whole(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => {
                Value::Number(Number::from(float as i64))
            }
            _ => value.clone(),
        },
        Value::Array(list) => list.iter().map(whole).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), whole(value)))
            .collect(),
        other => other.clone(),
    }
}
