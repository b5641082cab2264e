//! Reading packages from folders, zips and single files, and writing them as a zip.

use crate::Package;
use serde_json::Value;
use std::io::{Cursor, Read, Write};
use std::path::Path;

/// What a package may measure.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the archive.
    pub packed: u64,
    /// Bytes of all files, counted while they are inflated.
    pub unpacked: u64,
    /// Files in the archive.
    pub files: usize,
    /// Nesting of JSON.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packed: 64 << 20,
            unpacked: 512 << 20,
            files: 100_000,
            depth: 128,
        }
    }
}

/// Why a package cannot be read. Each text names the file and the mend.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system.
    #[error("{file}: cannot be read ({source}); check the path and its permissions")]
    Io {
        /// File.
        file: String,
        /// Cause.
        source: std::io::Error,
    },
    /// No zip, or a damaged one.
    #[error("the archive is damaged or no zip ({0}); export the agent again")]
    Archive(String),
    /// Over a limit.
    #[error("{what} is larger than the limit of {limit}; remove what the agent does not need")]
    TooLarge {
        /// File or archive.
        what: String,
        /// The limit with its unit.
        limit: String,
    },
    /// A name that leaves the archive.
    #[error(
        "{0:?}: the name leaves the archive or is a link; pack the files by plain relative names"
    )]
    Outside(String),
    /// Not UTF-8.
    #[error("{0}: is not UTF-8 text; save it as UTF-8")]
    Encoding(String),
    /// Not JSON.
    #[error("{file}: is not JSON ({cause}); export the agent again")]
    Json {
        /// File.
        file: String,
        /// Parser's words: position and kind only.
        cause: String,
    },
    /// Nested too deep.
    #[error("{file}: is nested deeper than {limit} levels; flatten it")]
    Depth {
        /// File.
        file: String,
        /// Levels.
        limit: usize,
    },
    /// No definition among the files.
    #[error("there is no botDefinition.json or appDefinition.json; import the whole export")]
    NoDefinition,
    /// A needed array is missing.
    #[error("{file}: has no array `{field}`; export the agent again with its tasks")]
    NoArray {
        /// File.
        file: String,
        /// Member.
        field: &'static str,
    },
}

/// Reads a folder, a zip, or a definition file with what stands beside it.
///
/// # Errors
/// [`ReadError`]; nothing is half read.
pub fn read_path(path: &Path) -> Result<Package, ReadError> {
    let limits = Limits::default();
    let io = |source| ReadError::Io {
        file: path.display().to_string(),
        source,
    };
    let meta = std::fs::metadata(path).map_err(io)?;
    let mut files = Vec::new();
    if meta.is_dir() {
        read_folder(path, "", &limits, &mut files)?;
        return from_files(files);
    }
    if meta.len() > limits.unpacked {
        return Err(too_large(&path.display().to_string(), limits.unpacked));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    if bytes.starts_with(b"PK")
        || path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
    {
        return read_zip(&bytes, &limits);
    }
    let own = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    for entry in std::fs::read_dir(folder).map_err(io)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != own && entry.file_type().is_ok_and(|t| t.is_file()) && is_part(&name) {
            files.push((name, std::fs::read(entry.path()).map_err(io)?));
        }
    }
    files.push(("botDefinition.json".to_owned(), bytes));
    if own.eq_ignore_ascii_case("appDefinition.json")
        && let Some(last) = files.last_mut()
    {
        last.0 = own;
    }
    from_files(files)
}

/// Files that belong to an agent when they stand beside its definition.
fn is_part(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "config.json"
        || name == "icon.png"
        || name.ends_with("botfunctions.js")
        || name.starts_with("tabledefinition_")
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    limits: &Limits,
    out: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), ReadError> {
    let io = |source| ReadError::Io {
        file: folder.display().to_string(),
        source,
    };
    let mut entries: Vec<_> = std::fs::read_dir(folder).map_err(io)?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(io)?;
        if kind.is_symlink() || prefix.matches('/').count() > limits.depth {
            return Err(ReadError::Outside(name));
        } else if kind.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), limits, out)?;
        } else {
            let total: u64 = out.iter().map(|(_, bytes)| bytes.len() as u64).sum();
            if out.len() >= limits.files
                || total + entry.metadata().map_err(io)?.len() > limits.unpacked
            {
                return Err(too_large("the folder", limits.unpacked));
            }
            out.push((name, std::fs::read(entry.path()).map_err(io)?));
        }
    }
    Ok(())
}

fn too_large(what: &str, limit: u64) -> ReadError {
    ReadError::TooLarge {
        what: what.to_owned(),
        limit: format!("{} MiB", limit >> 20),
    }
}

/// Reads a zip. Sizes are counted while inflating; headers are not trusted.
///
/// # Errors
/// [`ReadError`]; nothing is half read.
pub fn read_zip(bytes: &[u8], limits: &Limits) -> Result<Package, ReadError> {
    if bytes.len() as u64 > limits.packed {
        return Err(too_large("the archive", limits.packed));
    }
    let damaged = |e: &dyn std::fmt::Display| ReadError::Archive(e.to_string());
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    if zip.len() > limits.files {
        return Err(ReadError::TooLarge {
            what: "the archive".into(),
            limit: format!("{} files", limits.files),
        });
    }
    let (mut files, mut left) = (Vec::new(), limits.unpacked);
    for at in 0..zip.len() {
        let file = zip.by_index(at).map_err(|e| damaged(&e))?;
        let name = file.name().map_err(|e| damaged(&e))?.into_owned();
        let outside = name.starts_with('/')
            || name.contains(['\\', ':', '\0'])
            || name.split('/').any(|part| part == "..");
        if outside || file.is_symlink() {
            return Err(ReadError::Outside(name));
        }
        if file.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        file.take(left + 1)
            .read_to_end(&mut content)
            .map_err(|e| damaged(&e))?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| too_large("the unpacked archive", limits.unpacked))?;
        files.push((name, content));
    }
    from_files(files)
}

/// Sorts named files into a package. Folders in the names do not matter.
///
/// # Errors
/// [`ReadError`] when there is no definition or a file is no text or JSON.
pub fn from_files(files: Vec<(String, Vec<u8>)>) -> Result<Package, ReadError> {
    let depth = Limits::default().depth;
    let mut package = Package::default();
    for (name, bytes) in files {
        let base = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let lower = base.to_ascii_lowercase();
        match lower.as_str() {
            "botdefinition.json" | "appdefinition.json" if package.definition_name.is_empty() => {
                package.definition = json(&name, bytes, depth)?;
                package.definition_name = if lower.starts_with("app") {
                    "appDefinition.json"
                } else {
                    "botDefinition.json"
                }
                .to_owned();
            }
            "config.json" if package.config.is_none() => {
                package.config = Some(json(&name, bytes, depth)?)
            }
            "icon.png" if package.icon.is_none() => package.icon = Some(bytes),
            _ if lower.ends_with("botfunctions.js") && package.bot_functions.is_none() => {
                package.bot_functions = Some((base, utf8(&name, bytes)?));
            }
            _ if lower.starts_with("tabledefinition_") && lower.ends_with(".json") => {
                package.tables.push((base, json(&name, bytes, depth)?));
            }
            _ => package.extra.push((name, bytes)),
        }
    }
    if package.definition_name.is_empty() {
        return Err(ReadError::NoDefinition);
    }
    for field in ["dialogs", "dialogComponents"] {
        if !package.definition.get(field).is_some_and(Value::is_array) {
            return Err(ReadError::NoArray {
                file: package.definition_name,
                field,
            });
        }
    }
    Ok(package)
}

fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|_| ReadError::Encoding(name.to_owned()))
}

fn json(name: &str, bytes: Vec<u8>, limit: usize) -> Result<Value, ReadError> {
    let text = utf8(name, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if nesting(text) >= limit {
        return Err(ReadError::Depth {
            file: name.to_owned(),
            limit,
        });
    }
    serde_json::from_str(text).map_err(|e| ReadError::Json {
        file: name.to_owned(),
        cause: e.to_string(),
    })
}

/// Deepest nesting of brackets outside strings.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The package as a zip: same package, same bytes. Values of secured variables are written empty.
///
/// # Errors
/// [`ReadError::Archive`] when a name cannot be stored in a zip.
pub fn to_zip(package: &Package) -> Result<Vec<u8>, ReadError> {
    let failed = |e: &dyn std::fmt::Display| ReadError::Archive(e.to_string());
    let pretty = |value: &Value| serde_json::to_vec_pretty(value).map_err(|e| failed(&e));
    let mut files = vec![(
        package.definition_name.clone(),
        pretty(&package.definition)?,
    )];
    if let Some(config) = &package.config {
        files.push(("config.json".to_owned(), pretty(&without_secrets(config))?));
    }
    files.extend(
        package
            .bot_functions
            .iter()
            .map(|(name, source)| (name.clone(), source.clone().into_bytes())),
    );
    files.extend(
        package
            .icon
            .iter()
            .map(|icon| ("icon.png".to_owned(), icon.clone())),
    );
    for (name, table) in &package.tables {
        files.push((name.clone(), pretty(table)?));
    }
    files.extend(package.extra.iter().cloned());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        zip.start_file(name, options).map_err(|e| failed(&e))?;
        zip.write_all(&bytes).map_err(|e| failed(&e))?;
    }
    Ok(zip.finish().map_err(|e| failed(&e))?.into_inner())
}

fn without_secrets(config: &Value) -> Value {
    let mut config = config.clone();
    for entry in config
        .get_mut("envVariables")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if entry.get("isSecured") == Some(&Value::Bool(true)) {
            entry["value"] = Value::String(String::new());
        }
    }
    config
}

/// Replaces exactly the string values that equal the old agent id.
pub fn rebrand(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => *text = new.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| rebrand(item, old, new)),
        Value::Object(map) => map.values_mut().for_each(|item| rebrand(item, old, new)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str =
        r#"{"_id":"st-a","dialogs":[],"dialogComponents":[],"odd":{"z":1,"a":["st-a","st-ab"]}}"#;

    fn package(text: &str) -> Result<Package, ReadError> {
        from_files(vec![(
            "x/botDefinition.json".into(),
            text.as_bytes().to_vec(),
        )])
    }

    #[test]
    fn a_zip_gives_back_the_same_package_and_the_same_bytes() {
        let whole = package(SMALL).expect("reads");
        let bytes = to_zip(&whole).expect("reads");
        assert_eq!(bytes, to_zip(&whole).expect("reads"));
        assert_eq!(read_zip(&bytes, &Limits::default()).expect("reads"), whole);
    }

    #[test]
    fn only_strings_equal_to_the_old_id_change() {
        let mut value = package(SMALL).expect("reads").definition;
        rebrand(&mut value, "st-a", "st-b");
        assert_eq!(value.to_string(), SMALL.replace("\"st-a\"", "\"st-b\""));
    }

    #[test]
    fn bad_input_is_refused_with_its_reason() {
        let deep = format!(
            "{{\"dialogs\":{}{}}}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        assert!(matches!(package(&deep), Err(ReadError::Depth { .. })));
        assert!(matches!(
            package("{}"),
            Err(ReadError::NoArray {
                field: "dialogs",
                ..
            })
        ));
        assert!(matches!(from_files(vec![]), Err(ReadError::NoDefinition)));
        let bytes = from_files(vec![("botDefinition.json".into(), vec![b'"', 0xff, b'"'])]);
        assert!(matches!(bytes, Err(ReadError::Encoding(_))));
        let zip = to_zip(&package(SMALL).expect("reads")).expect("reads");
        assert!(matches!(
            read_zip(&zip[..zip.len() / 2], &Limits::default()),
            Err(ReadError::Archive(_))
        ));
        let tight = Limits {
            unpacked: 20,
            ..Limits::default()
        };
        assert!(matches!(
            read_zip(&zip, &tight),
            Err(ReadError::TooLarge { .. })
        ));
    }
}
