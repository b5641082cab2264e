//! `ombud backup`

use crate::{cli::Global, output, shared::explained, wiring};
use anyhow::Context;
use clap::Args;
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What a dump of PostgreSQL ends with: the first server on the restored store knows that it is a copy (see crate::shared).
const MARK: &str = "\nINSERT INTO public.meta (name, value) VALUES ('copied', '') ON CONFLICT (name) DO NOTHING;\n";

#[derive(Debug, Args)]
pub struct Arguments {
    /// File to write; it must not exist
    path: PathBuf,
}

/// Writes a copy of the whole store, as it was at one moment, while servers run. The master key is not in it.
///
/// # Errors
/// The file exists or cannot be written; the database cannot be read; on PostgreSQL also: pg_dump is missing or fails.
pub async fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let settings = wiring::settings(global)?;
    let path = arguments.path;
    anyhow::ensure!(
        !path.exists(),
        "{} exists; give the name of a new file",
        path.display()
    );
    let draft = Draft::new(&path)?;
    match &settings.database_url {
        Some(url) => dump(url, &draft.path)?,
        None => {
            let store = wiring::open_store(&settings).await?;
            let copied = store.copy_to(&draft.path).await;
            copied.map_err(|error| explained(error, "the database cannot be copied"))?;
        }
    }
    let bytes = draft.keep(&path)?;
    let value = json!({"path": path, "bytes": bytes});
    output::result(global, &value, |_| {
        format!(
            "{} ({bytes} bytes). The master key is not in it: keep that elsewhere, without it the copy is worth nothing.",
            path.display()
        )
    });
    Ok(())
}

/// A file beside the one that is wanted; it gets that name when it is whole, and goes away otherwise.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn new(wanted: &Path) -> anyhow::Result<Self> {
        let mut name = wanted
            .file_name()
            .with_context(|| format!("{} is not the name of a file", wanted.display()))?
            .to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let path = wanted.with_file_name(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { path })
    }

    /// Gives it its name, once it is on the disk.
    fn keep(self, wanted: &Path) -> anyhow::Result<u64> {
        let what = || format!("{} cannot be written", wanted.display());
        let file = File::open(&self.path).with_context(what)?;
        file.sync_all().with_context(what)?;
        let bytes = file.metadata().with_context(what)?.len();
        // a link, not a rename: a file that came up meanwhile is not replaced
        std::fs::hard_link(&self.path, wanted).with_context(what)?;
        Ok(bytes)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Lets pg_dump write plain SQL. The password goes to it in a variable, not on its command line.
fn dump(url: &str, path: &Path) -> anyhow::Result<()> {
    let what = || format!("{} cannot be written", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .open(path)
        .with_context(what)?;
    let (address, password) = without_password(url);
    let mut command = Command::new("pg_dump");
    command
        .args(["--no-owner", "--no-privileges", "--dbname", &address])
        .stdin(Stdio::null())
        .stdout(file.try_clone().with_context(what)?);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let output = command.stderr(Stdio::piped()).spawn();
    let output = output
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow::anyhow!(
                "pg_dump is not installed; install the client programs of PostgreSQL, of the server's version or newer"
            ),
            _ => anyhow::Error::from(error).context("pg_dump does not start"),
        })?
        .wait_with_output()
        .context("pg_dump")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::bail!("pg_dump failed: {}", said.trim());
    }
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).with_context(what)?;
    file.write_all(MARK.as_bytes()).with_context(what)
}

/// The address without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let none = || (url.to_owned(), None);
    let Some((scheme, rest)) = url.split_once("://") else {
        return none();
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else {
        return none();
    };
    let Some((user, password)) = rest[..at].split_once(':') else {
        return none();
    };
    (
        format!("{scheme}://{user}{}", &rest[at..]),
        Some(unescaped(password)),
    )
}

/// Takes `%41` for `A`.
fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_password_leaves_the_address() {
        for (url, address, password) in [
            (
                "postgres://u:p%40x@h:5/d?a=b",
                "postgres://u@h:5/d?a=b",
                Some("p@x"),
            ),
            ("postgres://u@h/d", "postgres://u@h/d", None),
            (
                "postgres:///d?host=/x&user=y",
                "postgres:///d?host=/x&user=y",
                None,
            ),
            ("postgres://u:a@b@h/d", "postgres://u@h/d", Some("a@b")),
            ("postgres://u:100%@h/d", "postgres://u@h/d", Some("100%")),
        ] {
            let wanted = (address.to_owned(), password.map(str::to_owned));
            assert_eq!(super::without_password(url), wanted);
        }
    }
}
