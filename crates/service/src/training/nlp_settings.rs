//! NLP settings of one language: `updateNlpConfigurations`. What is sent is checked as a whole, then laid over what is there, in the
//! places and under the names of an export.

use crate::{Caller, Ctx, definition::draft};
use definition::Package;
use serde_json::{Map, Value, json};
use types::{Error, Field, Result, id::BotId};

/// The model of the agent itself, as `groupName` says it.
pub const BOT_GROUP: &str = "Bot Level Intent Model";
/// The models of dialogs, as exports name them.
pub const DIALOG_GROUP: &str = "Dialog Models Group";
/// Settings of one list at most.
const LIST_MAX: usize = 100;
/// Longest text of a setting, characters.
const TEXT_MAX: usize = 1_000;

/// What a setting may hold.
#[derive(Clone, Copy)]
enum Kind {
    Flag,
    Number(f64, f64),
    Whole(i64, i64),
    Text,
    Word(&'static [&'static str]),
    /// Two whole numbers from 1 to 4, the second not below the first.
    Range,
    /// A number or text that is one of these.
    Version(&'static [&'static str]),
    Any,
    Inner(&'static [(&'static str, Kind)]),
}

type Keys = &'static [(&'static str, Kind)];

const PERCENT: Kind = Kind::Number(0.0, 100.0);

const ML: Keys = &[
    ("isActive", Kind::Flag),
    ("minThreshold", Kind::Number(0.0, 1.0)),
    ("maxThreshold", PERCENT),
    ("exactMatchThreshold", Kind::Number(80.0, 100.0)),
    ("nerThresholdValue", Kind::Number(0.0, 1.0)),
    ("useDependencyParser", Kind::Flag),
];

const FAQ: Keys = &[
    ("isActive", Kind::Flag),
    ("minThreshold", PERCENT),
    ("maxThreshold", PERCENT),
    ("exactMatchThreshold", PERCENT),
    ("useBotSynonyms", Kind::Flag),
    (
        "searchInAnswer",
        Kind::Inner(&[
            ("enabled", Kind::Flag),
            ("notifyUser", Kind::Flag),
            ("responseType", Kind::Text),
            ("customReadMoreURL", Kind::Text),
            ("useCustomReadMoreURL", Kind::Flag),
        ]),
    ),
    ("suggestionsCount", Kind::Whole(0, 5)),
    ("taskMatchTolerance", Kind::Number(0.0, 50.0)),
    ("pathCoverage", PERCENT),
    ("autoCorrPercentage", PERCENT),
    ("autoSpellCorrectEnabled", Kind::Flag),
    ("qualifyContextualPaths", Kind::Flag),
    ("longResponses", Kind::Inner(&[("readMore", Kind::Flag)])),
    ("enPatternLemma", Kind::Text),
    ("subType", Kind::Text),
    ("embeddingsModel", Kind::Any),
];

const CS: Keys = &[
    ("isActive", Kind::Flag),
    ("minThreshold", PERCENT),
    ("maxThreshold", PERCENT),
    ("exactMatchThreshold", PERCENT),
    ("taskMatchTolerance", Kind::Number(0.0, 20.0)),
    ("wordCoverage", PERCENT),
    ("labelMatch", Kind::Flag),
    ("isFMThreshold", Kind::Flag),
    ("fmThreshold", Kind::Number(0.0, 20.0)),
];

const RR: Keys = &[
    ("isActive", Kind::Flag),
    ("useDependencyParser", Kind::Flag),
    ("taskMatchTolerance", PERCENT),
    ("minMatchVal", Kind::Number(0.0, 1.0)),
    ("isPreferDefinitiveMatch", Kind::Flag),
    ("intentRescoring", Kind::Flag),
    ("rrVersion", Kind::Version(&["1", "2"])),
    ("rankingParameters", Kind::Any),
];

const ML_PARAMS: Keys = &[
    (
        "intentParams",
        Kind::Inner(&[
            ("useSynonyms", Kind::Flag),
            ("useStopwords", Kind::Flag),
            ("usePlaceholders", Kind::Flag),
            ("features", Kind::Word(&["n_gram", "skip_gram"])),
            (
                "skip_gram",
                Kind::Inner(&[
                    ("seqLength", Kind::Whole(2, 4)),
                    ("maxSkipDistance", Kind::Whole(1, 3)),
                ]),
            ),
            ("ngram", Kind::Range),
            ("minngram", Kind::Whole(1, 4)),
            ("maxngram", Kind::Whole(1, 4)),
            ("f_negation", Kind::Flag),
            ("useTestPlaceholders", Kind::Flag),
            ("type", Kind::Text),
        ]),
    ),
    (
        "nerParams",
        Kind::Inner(&[
            ("type", Kind::Word(&["corenlp", "spacy"])),
            ("thresholdValue", Kind::Number(0.0, 1.0)),
        ]),
    ),
    (
        "mlConfigurations",
        Kind::Inner(&[
            ("NoneIntent", Kind::Flag),
            ("ML_Add_FAQS_To_NoneIntent", Kind::Flag),
            ("NoneIntentCustomTraining", Kind::Flag),
        ]),
    ),
];

const NL: Keys = &[
    ("enableAutoUtteranceAddition", Kind::Flag),
    ("enableNegativePatterns", Kind::Flag),
];

/// Kinds of network, as the contract spells them.
const NETWORKS: &[&str] = &[
    "Standard",
    "MLP-BOW",
    "MLP-WordEmbeddings",
    "LSTM",
    "CNN",
    "Transformer",
    "KAEN",
    "Zero-shot Model with OpenAI",
    "Zero-shot Model",
    "Few-shot Model",
    "Few-shot Model (Kore.ai Hosted Embeddings)",
];

/// Known keys of `advancedNLPSettings` with their engine.
const ADVANCED: &[(&str, &str, Kind)] = &[
    ("network", "ML", Kind::Word(NETWORKS)),
    ("NoneIntent", "ML", Kind::Flag),
    ("Multiple_Intent_Models", "ML", Kind::Flag),
    ("ml_suggestion_proximity", "ML", Kind::Whole(0, 100)),
    ("TestPlaceHolders", "ML", Kind::Flag),
    ("exactTaskNameMatch", "FM", Kind::Flag),
    ("cosineSimilarityDampening", "KG", Kind::Flag),
    ("FAQ_Name_Intent_Name", "KG", Kind::Flag),
    ("f_negation", "General", Kind::Flag),
];

#[derive(Default)]
struct Faults(Vec<Field>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let (field, message) = (field.into(), message.into());
        self.0.push(Field { field, message });
    }

    fn keys(&mut self, at: &str, value: &Value, keys: &[(&str, Kind)]) {
        let Some(fields) = value.as_object() else {
            return self.add(at, "must be an object");
        };
        for (name, value) in fields {
            let at = format!("{at}.{name}");
            match keys.iter().find(|(known, _)| known == name) {
                Some((_, kind)) => self.one(&at, value, *kind),
                None => self.add(at, "is not a setting of this place"),
            }
        }
    }

    fn one(&mut self, at: &str, value: &Value, kind: Kind) {
        let number = |low: f64, high: f64| value.as_f64().is_some_and(|n| n >= low && n <= high);
        let wrong = match kind {
            Kind::Inner(keys) => return self.keys(at, value, keys),
            Kind::Flag => (!value.is_boolean()).then(|| "must be true or false".to_owned()),
            Kind::Number(low, high) => {
                (!number(low, high)).then(|| format!("must be a number from {low} to {high}"))
            }
            Kind::Whole(low, high) => {
                let fits = value.as_i64().is_some_and(|n| n >= low && n <= high);
                (!fits).then(|| format!("must be a whole number from {low} to {high}"))
            }
            Kind::Text => {
                let fits = value
                    .as_str()
                    .is_some_and(|t| t.chars().count() <= TEXT_MAX);
                (!fits).then(|| format!("must be a text of at most {TEXT_MAX} characters"))
            }
            Kind::Word(words) => {
                let fits = value.as_str().is_some_and(|t| words.contains(&t));
                (!fits).then(|| format!("must be one of {}", words.join(", ")))
            }
            Kind::Version(words) => {
                let fits = match value {
                    Value::String(text) => words.contains(&text.as_str()),
                    Value::Number(number) => words.contains(&number.to_string().as_str()),
                    _ => false,
                };
                (!fits).then(|| format!("must be one of {}", words.join(", ")))
            }
            Kind::Range => {
                let pair: Option<Vec<i64>> = value
                    .as_array()
                    .and_then(|all| all.iter().map(Value::as_i64).collect());
                let fits = matches!(pair.as_deref(), Some([low, high]) if *low >= 1 && low <= high && *high <= 4);
                (!fits)
                    .then(|| "must be two whole numbers from 1 to 4, the smaller first".to_owned())
            }
            Kind::Any => (!value.is_object()).then(|| "must be an object".to_owned()),
        };
        if let Some(message) = wrong {
            self.add(at, message);
        }
    }

    fn list<'a>(&mut self, body: &'a Map<String, Value>, name: &str) -> &'a [Value] {
        match body.get(name) {
            None => &[],
            Some(Value::Array(all)) if all.len() <= LIST_MAX => all,
            Some(Value::Array(_)) => {
                self.add(name, format!("must have at most {LIST_MAX} entries"));
                &[]
            }
            Some(_) => {
                self.add(name, "must be a list");
                &[]
            }
        }
    }

    fn engine(&mut self, at: &str, entry: &Value) {
        let Some(fields) = entry.as_object() else {
            return self.add(at, "must be an object");
        };
        let keys = match entry["mode"].as_str() {
            Some("ml") => ML,
            Some("faq") => FAQ,
            Some("cs") => CS,
            Some("rr") => RR,
            _ => return self.add(format!("{at}.mode"), "must be one of ml, faq, cs, rr"),
        };
        let mut rest = fields.clone();
        rest.remove("mode");
        self.keys(at, &Value::Object(rest), keys);
        let (low, high) = (
            entry["minThreshold"].as_f64(),
            entry["maxThreshold"].as_f64(),
        );
        if entry["mode"] != "ml" && low > high && high.is_some() {
            self.add(
                format!("{at}.minThreshold"),
                "must not be above maxThreshold",
            );
        }
    }

    fn advanced(&mut self, at: &str, entry: &Value) {
        if !entry.is_object() {
            return self.add(at, "must be an object");
        }
        let Some(name) = entry["configurationKeyName"].as_str() else {
            return self.add(format!("{at}.configurationKeyName"), "is required");
        };
        let Some((_, engine, kind)) = ADVANCED.iter().find(|(known, _, _)| *known == name) else {
            let known: Vec<&str> = ADVANCED.iter().map(|a| a.0).collect();
            let text = format!("must be one of {}", known.join(", "));
            return self.add(format!("{at}.configurationKeyName"), text);
        };
        if entry["nlpEngine"] != *engine {
            self.add(
                format!("{at}.nlpEngine"),
                format!("must be {engine} for {name}"),
            );
        }
        // clients send flags and numbers as texts too
        let value = loose(&entry["configurationValue"], *kind);
        self.one(&format!("{at}.configurationValue"), &value, *kind);
    }
}

/// A flag or a number that was written as a text, as what it is.
fn loose(value: &Value, kind: Kind) -> Value {
    match (kind, value.as_str()) {
        (Kind::Flag, Some("true")) => json!(true),
        (Kind::Flag, Some("false")) => json!(false),
        (Kind::Whole(..), Some(text)) => {
            text.trim().parse::<i64>().map_or(json!(text), |n| json!(n))
        }
        _ => value.clone(),
    }
}

/// Every fault of a change.
///
/// # Errors
/// Bad input that names each wrong field.
pub fn check(body: &Map<String, Value>) -> Result<()> {
    let mut faults = Faults::default();
    for name in body.keys() {
        const KNOWN: [&str; 4] = [
            "advancedNLPSettings",
            "configurations",
            "mlParams",
            "nlSettings",
        ];
        if !KNOWN.contains(&name.as_str()) {
            faults.add(name, format!("is unknown; there are {}", KNOWN.join(", ")));
        }
    }
    for (i, entry) in faults.list(body, "configurations").iter().enumerate() {
        faults.engine(&format!("configurations[{i}]"), entry);
    }
    for (i, entry) in faults.list(body, "advancedNLPSettings").iter().enumerate() {
        faults.advanced(&format!("advancedNLPSettings[{i}]"), entry);
    }
    for (name, keys) in [("mlParams", ML_PARAMS), ("nlSettings", NL)] {
        if let Some(value) = body.get(name) {
            faults.keys(name, value, keys);
        }
    }
    if faults.0.is_empty() {
        Ok(())
    } else {
        Err(Error::fields(faults.0))
    }
}

/// Changes settings of one language and answers how they stand now. It does not train.
///
/// # Errors
/// Not found; bad input that names each wrong field, `language` and `groupName` among them.
pub async fn update(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    group: Option<&str>,
    body: Map<String, Value>,
) -> Result<Value> {
    check(&body)?;
    let what = draft::Edit {
        action: "nlp.update",
        details: json!({"language": language, "settings": body.keys().collect::<Vec<_>>()}),
    };
    let (language, group) = (language.to_owned(), group.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        apply(package, &language, group.as_deref(), &body)
    })
    .await
}

/// The settings of one language, as [`update`] takes and answers them, and what they come to with the defaults.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn show(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
) -> Result<Settings> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let asked = asked.map(str::to_owned);
    let work = tokio::task::spawn_blocking(move || -> Result<Settings> {
        let agent = definition::Agent::from_package(&package);
        let language = super::parts::language(&agent, asked.as_deref())?;
        Ok(Settings {
            set: shown(&package.definition, &language, &[1]),
            config: super::corpus(&agent, &language).config,
            languages: agent.enabled_languages().map(str::to_owned).collect(),
            language,
        })
    });
    work.await.map_err(Error::internal)?
}

/// The settings of a language.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its code.
    pub language: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// What the definition sets.
    pub set: Value,
    /// What detection goes by.
    pub config: nlu::EngineConfig,
}

/// Lays a checked change over a definition.
///
/// # Errors
/// Bad input on `language` or `groupName`.
pub fn apply(
    package: &mut Package,
    language: &str,
    group: Option<&str>,
    body: &Map<String, Value>,
) -> Result<Value> {
    let agent = definition::Agent::from_package(package);
    if !agent.enabled_languages().any(|known| known == language) {
        return Err(Error::field("language", "is not a language of the agent"));
    }
    let models: &[i64] = match group {
        None | Some(BOT_GROUP) => &[1],
        Some(DIALOG_GROUP) => &[2, 3],
        Some(_) => {
            let text = format!("must be {BOT_GROUP} or {DIALOG_GROUP}");
            return Err(Error::field("groupName", text));
        }
    };
    let definition = &mut package.definition;
    let several = list(definition, "advancedNLSettings").iter().any(|s| {
        s["configurationKeyName"] == "Multiple_Intent_Models"
            && (s["language"] == language || s["language"].is_null())
            && matches!(&s["configurationValue"], Value::Bool(true))
    });
    if several && group.is_none() && changes_model(body) {
        let text = "is required while several intent models are on";
        return Err(Error::field("groupName", text));
    }
    if models != [1]
        && !list(definition, "mlParams")
            .iter()
            .any(|p| is_of(p, language, models))
    {
        return Err(Error::field(
            "groupName",
            "the agent has no such model in this language",
        ));
    }
    for entry in items(body, "configurations") {
        configure(definition, language, models, entry);
    }
    for entry in items(body, "advancedNLPSettings") {
        advance(definition, language, entry);
    }
    if let Some(params) = body.get("mlParams") {
        let places = params_of(definition, language, models);
        places.into_iter().for_each(|place| merge(place, params));
    }
    if let Some(flags) = body.get("nlSettings") {
        merge(definition, flags);
    }
    Ok(shown(definition, language, models))
}

fn changes_model(body: &Map<String, Value>) -> bool {
    body.contains_key("mlParams")
        || items(body, "configurations")
            .iter()
            .any(|c| c["mode"] == "ml")
}

fn items<'a>(body: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    body.get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn list<'a>(definition: &'a Value, name: &str) -> &'a [Value] {
    definition[name].as_array().map_or(&[], Vec::as_slice)
}

/// The list under a name, made where there is none.
fn list_mut<'a>(place: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    if !place[name].is_array() {
        place[name] = json!([]);
    }
    place[name].as_array_mut().expect("it was made a list")
}

fn is_of(params: &Value, language: &str, models: &[i64]) -> bool {
    params["language"] == language && models.contains(&params["type"].as_i64().unwrap_or(1))
}

/// The parameters of these models; those of the agent's own model are made where there are none.
fn params_of<'a>(definition: &'a mut Value, language: &str, models: &[i64]) -> Vec<&'a mut Value> {
    let all = list_mut(definition, "mlParams");
    if models == [1] && !all.iter().any(|p| is_of(p, language, models)) {
        all.push(json!({"language": language, "type": 1}));
    }
    all.iter_mut()
        .filter(|p| is_of(p, language, models))
        .collect()
}

/// The thresholds of one engine. Those of another model than the agent's own stand beside its parameters.
fn configure(definition: &mut Value, language: &str, models: &[i64], entry: &Value) {
    let mut entry = entry.clone();
    let of_ml = entry["mode"] == "ml";
    let fields = entry.as_object_mut().filter(|_| of_ml);
    let moved = fields.and_then(|fields| fields.remove("useDependencyParser"));
    if let Some(flag) = moved {
        let resolver = json!({"mode": "rr", "useDependencyParser": flag});
        lay(definition, language, &resolver);
    }
    if of_ml && models != [1] {
        if let Some(fields) = entry.as_object_mut() {
            fields.remove("mode");
        }
        let places = params_of(definition, language, models);
        places.into_iter().for_each(|place| merge(place, &entry));
        return;
    }
    if entry.as_object().is_some_and(|fields| fields.len() > 1) {
        lay(definition, language, &entry);
    }
}

fn lay(definition: &mut Value, language: &str, entry: &Value) {
    // the oldest layout has one set for all languages at the top
    let old = definition["confidenceConfigs"].as_array().cloned();
    if !definition["localeData"].is_object() {
        definition["localeData"] = json!({});
    }
    if !definition["localeData"][language].is_object() {
        definition["localeData"][language] = json!({});
    }
    let own = &mut definition["localeData"][language];
    if let (Some(old), false) = (old, own["confidenceConfigs"].is_array()) {
        own["confidenceConfigs"] = Value::Array(old);
    }
    let all = list_mut(own, "confidenceConfigs");
    match all.iter_mut().find(|known| known["mode"] == entry["mode"]) {
        Some(known) => merge(known, entry),
        None => all.push(entry.clone()),
    }
}

fn advance(definition: &mut Value, language: &str, entry: &Value) {
    let name = &entry["configurationKeyName"];
    let kind = ADVANCED
        .iter()
        .find(|known| name == known.0)
        .map(|known| known.2);
    let value = kind.map_or(Value::Null, |kind| {
        loose(&entry["configurationValue"], kind)
    });
    let all = list_mut(definition, "advancedNLSettings");
    let same = |known: &&mut Value| {
        known["configurationKeyName"] == *name && known["language"] == language
    };
    match all.iter_mut().find(same) {
        Some(known) => known["configurationValue"] = value,
        None => all.push(
            json!({"configurationKeyName": name, "configurationValue": value,
            "nlpEngine": entry["nlpEngine"], "language": language}),
        ),
    }
}

/// Lays `over` on `under`: objects member by member, everything else as a whole.
fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                merge(under.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// The settings of a language in the shape of the request.
fn shown(definition: &Value, language: &str, models: &[i64]) -> Value {
    let own = &definition["localeData"][language]["confidenceConfigs"];
    let configurations = if own.is_array() {
        own
    } else {
        &definition["confidenceConfigs"]
    };
    let advanced = list(definition, "advancedNLSettings").iter();
    let advanced: Vec<Value> = advanced
        .filter(|s| s["language"] == language || s["language"].is_null())
        .cloned()
        .collect();
    let params = list(definition, "mlParams")
        .iter()
        .find(|p| is_of(p, language, models));
    let flag = |name: &str| definition[name].as_bool().unwrap_or(false);
    json!({
        "advancedNLPSettings": advanced,
        "configurations": configurations.as_array().cloned().unwrap_or_default(),
        "mlParams": params.cloned().unwrap_or_else(|| json!({})),
        "nlSettings": {
            "enableAutoUtteranceAddition": flag("enableAutoUtteranceAddition"),
            "enableNegativePatterns": flag("enableNegativePatterns"),
        },
    })
}
