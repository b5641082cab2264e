//! The settings of a server: one typed tree, read from a TOML file, then from `OMBUD_*` variables.
//!
//! Nested keys take two underscores: `OMBUD_HTTP__LISTEN` is `http.listen`. A key that is not known is an error that
//! names it, so that a misspelt protection never stays off in silence.
//!
//! **Must not know**: what the settings do. To add one: a field here with its default, a line in
//! `docs/reference/settings.md`.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use types::net::Network;

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folder of database, keys and models.
    pub data_dir: PathBuf,
    /// `postgres://…`; without it the embedded database in `data_dir` is used.
    pub database_url: Option<String>,
    /// `redis://…`: where several nodes share token ids, rate windows and locks; without it the database keeps the token ids.
    pub redis_url: Option<String>,
    /// 32 bytes in base64 that seal every secret of the store; without it a key file in `data_dir`.
    pub master_key: Option<String>,
    /// Scales the documented rate limits; 0 lifts them.
    pub rate_limit_factor: f64,
    /// Mebibytes of trained models that stay in memory together, as they are stored.
    pub model_memory_mb: u64,
    /// Where scripts, service nodes and webhooks may connect to.
    pub outbound: Outbound,
    /// Level of the log, as `tracing` filters are written.
    pub log: String,
    /// The HTTP side.
    pub http: Http,
    /// Background workers.
    pub jobs: Jobs,
    /// Encrypted tokens.
    pub jose: Jose,
}

/// Where outgoing calls may go (DECISIONS section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outbound {
    /// Public addresses only, resolved once and pinned.
    Public,
    /// Any address.
    Any,
    /// Every outgoing call fails as a connection failure.
    Off,
}

/// Settings of the HTTP side.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// `HOST:PORT` to listen on.
    pub listen: String,
    /// Proxies in front, as networks: what they say in `x-forwarded-for` and `x-forwarded-proto` counts, and nobody else's word.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<Network>,
    /// Seconds in which a request is read and answered.
    pub timeout_seconds: u16,
}

/// A list, or one text with commas, as variables hold it.
fn networks<'de, D: serde::Deserializer<'de>>(read: D) -> Result<Vec<Network>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    let texts = match Either::deserialize(read)? {
        Either::List(list) => list,
        Either::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let filled = texts.iter().filter(|t| !t.trim().is_empty());
    filled
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .collect()
}

/// Settings of the background workers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Jobs that one process runs at a time.
    pub workers: u16,
    /// After how many seconds without a sign of life of its worker a job is taken up by another one.
    pub lease_seconds: u16,
}

/// Settings of encrypted tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jose {
    /// The old RSA wrap RSA1_5 is opened too.
    pub allow_rsa1_5: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            database_url: None,
            redis_url: None,
            master_key: None,
            rate_limit_factor: 1.0,
            model_memory_mb: 256,
            outbound: Outbound::Public,
            log: "info".to_owned(),
            http: Http::default(),
            jobs: Jobs::default(),
            jose: Jose::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "localhost:7878".to_owned(),
            trusted_proxies: Vec::new(),
            timeout_seconds: 120,
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            workers: 2,
            lease_seconds: 15,
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is not there or cannot be read, or a key is unknown or of a wrong kind.
    #[error("settings: {0}")]
    Read(#[from] config::ConfigError),
    /// A variable `OMBUD_…` that no setting reads.
    #[error("settings: the variable {0} is not known; see `ombud config` for the keys")]
    UnknownVariable(String),
    /// A file that a variable `…_FILE` names cannot be read.
    #[error("settings: {name}_FILE: {path:?} cannot be read: {error}")]
    File {
        /// The variable without `_FILE`.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A value is given itself and in a file.
    #[error("settings: set {0} or {0}_FILE, not both")]
    Twice(&'static str),
    /// A value outside its range.
    #[error("settings: {key}: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong and how to mend it.
        problem: &'static str,
    },
}

/// Variables that other parts read, and which are therefore not settings.
const NOT_SETTINGS: &[&str] = &["OMBUD_CONFIG", "OMBUD_BIN", "OMBUD_NLU_DATA"];

/// Reads the settings: defaults, then `file` (or `ombud.toml` in the working folder when there is one), then the
/// variables.
///
/// # Errors
/// A file that is missing or no TOML; an unknown key or variable; a value of a wrong kind. Each is named.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Settings, SettingsError> {
    let mut variables: std::collections::HashMap<String, String> = variables
        .filter(|(k, _)| k.starts_with("OMBUD_") && !NOT_SETTINGS.contains(&k.as_str()))
        .collect();
    read_files(&mut variables)?;
    for name in variables.keys() {
        let key = name["OMBUD_".len()..]
            .to_ascii_lowercase()
            .replace("__", ".");
        if !KEYS.contains(&key.as_str()) {
            return Err(SettingsError::UnknownVariable(name.clone()));
        }
    }
    let source = match file {
        Some(path) => config::File::from(path).required(true),
        None => config::File::from(Path::new("ombud.toml")).required(false),
    };
    let environment = config::Environment::with_prefix("OMBUD")
        .separator("__")
        .prefix_separator("_")
        .try_parsing(true)
        .source(Some(variables));
    let settings: Settings = config::Config::builder()
        .add_source(source)
        .add_source(environment)
        .build()?
        .try_deserialize()?;
    check(&settings)?;
    Ok(settings)
}

/// Variables whose value may stand in a file that a variable of this name and `_FILE` names, as mounted secrets do.
const IN_FILES: [&str; 3] = ["OMBUD_DATABASE_URL", "OMBUD_REDIS_URL", "OMBUD_MASTER_KEY"];

fn read_files(
    variables: &mut std::collections::HashMap<String, String>,
) -> Result<(), SettingsError> {
    for name in IN_FILES {
        let Some(path) = variables.remove(&format!("{name}_FILE")) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).map_err(|error| SettingsError::File {
            name,
            path: path.into(),
            error,
        })?;
        let given = variables.insert(name.to_owned(), text.trim().to_owned());
        if given.is_some() {
            return Err(SettingsError::Twice(name));
        }
    }
    Ok(())
}

/// Every key, as it is written in the file.
pub const KEYS: &[&str] = &[
    "data_dir",
    "database_url",
    "redis_url",
    "master_key",
    "rate_limit_factor",
    "model_memory_mb",
    "outbound",
    "log",
    "http.listen",
    "http.trusted_proxies",
    "http.timeout_seconds",
    "jobs.workers",
    "jobs.lease_seconds",
    "jose.allow_rsa1_5",
];

fn check(settings: &Settings) -> Result<(), SettingsError> {
    if !settings.rate_limit_factor.is_finite() || settings.rate_limit_factor < 0.0 {
        return Err(SettingsError::Value {
            key: "rate_limit_factor",
            problem: "must be a number from 0 (no limits) upwards",
        });
    }
    if settings.model_memory_mb == 0 {
        return Err(SettingsError::Value {
            key: "model_memory_mb",
            problem: "must be at least 1",
        });
    }
    if settings.jobs.workers == 0 {
        return Err(SettingsError::Value {
            key: "jobs.workers",
            problem: "must be at least 1",
        });
    }
    if settings.http.timeout_seconds == 0 {
        return Err(SettingsError::Value {
            key: "http.timeout_seconds",
            problem: "must be at least 1",
        });
    }
    if let Some(url) = &settings.database_url
        && !url.starts_with("postgres://")
        && !url.starts_with("postgresql://")
    {
        return Err(SettingsError::Value {
            key: "database_url",
            problem: "must begin with postgres://; leave it out for the embedded database",
        });
    }
    let redis = ["redis://", "rediss://", "redis+unix://"];
    if let Some(url) = &settings.redis_url
        && !redis.iter().any(|scheme| url.starts_with(scheme))
    {
        return Err(SettingsError::Value {
            key: "redis_url",
            problem: "must begin with redis://, rediss:// (TLS) or redis+unix://; leave it out to do without",
        });
    }
    Ok(())
}

/// The settings as TOML-like lines, secrets masked.
pub fn print(settings: &Settings) -> Vec<(String, String)> {
    let mask = |set: bool| {
        if set {
            "••••••••".to_owned()
        } else {
            "(not set)".to_owned()
        }
    };
    vec![
        (
            "data_dir".into(),
            format!("{:?}", settings.data_dir.display().to_string()),
        ),
        (
            "database_url".into(),
            settings
                .database_url
                .as_deref()
                .map_or_else(|| "(not set)".into(), mask_password),
        ),
        (
            "redis_url".into(),
            settings
                .redis_url
                .as_deref()
                .map_or_else(|| "(not set)".into(), mask_password),
        ),
        ("master_key".into(), mask(settings.master_key.is_some())),
        (
            "rate_limit_factor".into(),
            settings.rate_limit_factor.to_string(),
        ),
        (
            "model_memory_mb".into(),
            settings.model_memory_mb.to_string(),
        ),
        (
            "outbound".into(),
            format!("{:?}", format!("{:?}", settings.outbound).to_lowercase()),
        ),
        ("log".into(), format!("{:?}", settings.log)),
        ("http.listen".into(), format!("{:?}", settings.http.listen)),
        (
            "http.trusted_proxies".into(),
            format!("{:?}", proxies(&settings.http)),
        ),
        (
            "http.timeout_seconds".into(),
            settings.http.timeout_seconds.to_string(),
        ),
        ("jobs.workers".into(), settings.jobs.workers.to_string()),
        (
            "jobs.lease_seconds".into(),
            settings.jobs.lease_seconds.to_string(),
        ),
        (
            "jose.allow_rsa1_5".into(),
            settings.jose.allow_rsa1_5.to_string(),
        ),
    ]
}

fn proxies(http: &Http) -> Vec<String> {
    http.trusted_proxies
        .iter()
        .map(Network::to_string)
        .collect()
}

/// Keeps scheme, user, host and name of a database address, and hides the password.
fn mask_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "••••••••".to_owned();
    };
    let rest = rest.split('?').next().unwrap_or(rest);
    match rest.rsplit_once('@') {
        Some((login, host)) => format!(
            "{scheme}://{}:••••••••@{host}",
            login.split(':').next().unwrap_or("")
        ),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let file = tempfile::Builder::new()
            .suffix(".toml")
            .tempfile()
            .expect("file");
        std::fs::write(file.path(), toml).expect("write");
        load(
            Some(file.path()),
            variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn variables_win_over_the_file() {
        let settings = read(
            "data_dir = '/a'\n[http]\nlisten = 'x:1'",
            &[("OMBUD_DATA_DIR", "/b"), ("OMBUD_RATE_LIMIT_FACTOR", "0")],
        )
        .expect("settings");
        assert_eq!(settings.data_dir, PathBuf::from("/b"));
        assert_eq!(settings.http.listen, "x:1");
        assert_eq!(settings.rate_limit_factor, 0.0);
    }

    #[test]
    fn secrets_may_stand_in_files() {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), "redis://cache:6379\n").expect("write");
        let path = file.path().to_str().expect("utf-8");
        let settings = read("", &[("OMBUD_REDIS_URL_FILE", path)]).expect("settings");
        assert_eq!(settings.redis_url.as_deref(), Some("redis://cache:6379"));
        let both = [
            ("OMBUD_REDIS_URL_FILE", path),
            ("OMBUD_REDIS_URL", "redis://x"),
        ];
        let error = read("", &both).expect_err("twice").to_string();
        assert!(error.contains("OMBUD_REDIS_URL_FILE"), "{error}");
        let error = read("", &[("OMBUD_MASTER_KEY_FILE", "/no/such/file")]);
        let error = error.expect_err("missing").to_string();
        assert!(error.contains("/no/such/file"), "{error}");
        assert!(read("", &[("OMBUD_LOG_FILE", path)]).is_err());
    }

    #[test]
    fn unknown_keys_are_named() {
        let file = read("data_dri = '/a'", &[])
            .expect_err("unknown key")
            .to_string();
        assert!(file.contains("data_dri"), "{file}");
        let nested = read("[http]\nlistne = 'x'", &[])
            .expect_err("unknown key")
            .to_string();
        assert!(nested.contains("listne"), "{nested}");
        let variable = read("", &[("OMBUD_DATA_DRI", "/b")])
            .expect_err("unknown variable")
            .to_string();
        assert!(variable.contains("OMBUD_DATA_DRI"), "{variable}");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for toml in [
            "rate_limit_factor = -1",
            "outbound = 'some'",
            "database_url = 'mysql://x'",
            "redis_url = 'localhost:6379'",
            "[jobs]\nworkers = 0",
            "[http]\ntrusted_proxies = ['10.0.0.0/33']",
            "[http]\ntimeout_seconds = 0",
        ] {
            assert!(read(toml, &[]).is_err(), "{toml}");
        }
    }

    #[test]
    fn proxies_are_a_list_in_the_file_and_have_commas_in_the_variable() {
        let file = read("[http]\ntrusted_proxies = ['10.0.0.0/8', '::1']", &[]).expect("settings");
        let variable = ("OMBUD_HTTP__TRUSTED_PROXIES", "10.0.0.0/8, ::1");
        let variable = read("", &[variable]).expect("settings");
        assert_eq!(proxies(&file.http), ["10.0.0.0/8", "::1/128"]);
        assert_eq!(proxies(&variable.http), proxies(&file.http));
        let one = read("", &[("OMBUD_HTTP__TRUSTED_PROXIES", "127.0.0.1")]).expect("settings");
        assert_eq!(proxies(&one.http), ["127.0.0.1/32"]);
    }

    #[test]
    fn secrets_are_masked() {
        let settings = Settings {
            database_url: Some("postgres://ann:s3cret@db:5432/ombud?password=s3cret".into()),
            redis_url: Some("redis://:s3cret@cache:6379/1".into()),
            master_key: Some("s3cret".into()),
            ..Settings::default()
        };
        let text = format!("{:?}", print(&settings));
        assert!(!text.contains("s3cret"), "{text}");
        assert!(
            text.contains("ann") && text.contains("db:5432/ombud"),
            "{text}"
        );
    }

    #[test]
    fn every_key_is_printed() {
        let printed: Vec<String> = print(&Settings::default())
            .into_iter()
            .map(|(k, _)| k)
            .collect();
        assert_eq!(printed, KEYS);
    }
}
