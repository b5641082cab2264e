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
    /// Nesting of JSON: a document must stay below this many levels. At most 128, which is where the parser stops.
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

/// What is left of the limits while files are read one after the other.
struct Budget {
    what: &'static str,
    limits: Limits,
    bytes: u64,
    files: usize,
}

impl Budget {
    fn new(what: &'static str, limits: &Limits) -> Self {
        Self {
            what,
            limits: *limits,
            bytes: limits.unpacked,
            files: limits.files,
        }
    }

    /// Reads one more file to its end, never further than what is left: sizes that a file system or archive tells are not trusted.
    fn read(
        &mut self,
        source: impl Read,
        failed: impl FnOnce(std::io::Error) -> ReadError,
    ) -> Result<Vec<u8>, ReadError> {
        self.files = self
            .files
            .checked_sub(1)
            .ok_or_else(|| ReadError::TooLarge {
                what: self.what.to_owned(),
                limit: format!("{} files", self.limits.files),
            })?;
        let mut content = Vec::new();
        source
            .take(self.bytes + 1)
            .read_to_end(&mut content)
            .map_err(failed)?;
        self.bytes = self
            .bytes
            .checked_sub(content.len() as u64)
            .ok_or_else(|| too_large(self.what, self.limits.unpacked))?;
        Ok(content)
    }

    fn read_file(&mut self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let io = |source| ReadError::Io {
            file: path.display().to_string(),
            source,
        };
        self.read(std::fs::File::open(path).map_err(io)?, io)
    }
}

/// Reads a folder, a zip, or a definition file with what stands beside it.
///
/// # Errors
/// [`ReadError`]; nothing is half read.
pub fn read_path(path: &Path) -> Result<Package, ReadError> {
    read_path_within(path, &Limits::default())
}

/// As [`read_path`], with limits of the caller's choice.
///
/// # Errors
/// [`ReadError`]; nothing is half read.
pub fn read_path_within(path: &Path, limits: &Limits) -> Result<Package, ReadError> {
    let io = |source| ReadError::Io {
        file: path.display().to_string(),
        source,
    };
    let meta = std::fs::metadata(path).map_err(io)?;
    if meta.is_dir() {
        let (mut files, mut budget) = (Vec::new(), Budget::new("the folder", limits));
        read_folder(path, "", &mut budget, &mut files)?;
        return assemble(files, limits.depth);
    }
    if is_zip(path).map_err(io)? {
        // looked at before a byte of it is in memory
        if meta.len() > limits.packed {
            return Err(too_large("the archive", limits.packed));
        }
        return read_zip(&std::fs::read(path).map_err(io)?, limits);
    }
    read_single(path, limits)
}

/// True for what begins like a zip or is named so.
fn is_zip(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(2).read_to_end(&mut start)?;
    let named = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("zip"));
    Ok(named || start == b"PK")
}

/// A definition file of any name, with the parts that stand beside it.
fn read_single(path: &Path, limits: &Limits) -> Result<Package, ReadError> {
    let mut budget = Budget::new("the definition with the files beside it", limits);
    let own = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = if own.eq_ignore_ascii_case("appDefinition.json") {
        "appDefinition.json"
    } else {
        "botDefinition.json"
    };
    let mut files = vec![(name.to_owned(), budget.read_file(path)?)];
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let io = |source| ReadError::Io {
        file: folder.display().to_string(),
        source,
    };
    let mut beside: Vec<_> = std::fs::read_dir(folder).map_err(io)?.flatten().collect();
    beside.sort_by_key(std::fs::DirEntry::file_name);
    for entry in beside {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != own && entry.file_type().is_ok_and(|t| t.is_file()) && is_part(&name) {
            files.push((name, budget.read_file(&entry.path())?));
        }
    }
    assemble(files, limits.depth)
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
    budget: &mut Budget,
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
        if kind.is_symlink() || prefix.matches('/').count() > budget.limits.depth {
            return Err(ReadError::Outside(name));
        } else if kind.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), budget, out)?;
        } else {
            out.push((name, budget.read_file(&entry.path())?));
        }
    }
    Ok(())
}

fn too_large(what: &str, limit: u64) -> ReadError {
    ReadError::TooLarge {
        what: what.to_owned(),
        limit: match limit {
            0..0x10_0000 => format!("{limit} bytes"),
            _ => format!("{} MiB", limit >> 20),
        },
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
    let (mut files, mut budget) = (Vec::new(), Budget::new("the unpacked archive", limits));
    if zip.len() > limits.files {
        return Err(ReadError::TooLarge {
            what: "the archive".into(),
            limit: format!("{} files", limits.files),
        });
    }
    for at in 0..zip.len() {
        let file = zip.by_index(at).map_err(|e| damaged(&e))?;
        let name = file.name().map_err(|e| damaged(&e))?.into_owned();
        let outside = name.starts_with('/')
            || name.contains(['\\', ':', '\0'])
            || name.split('/').any(|part| part == "..");
        if outside || file.is_symlink() {
            return Err(ReadError::Outside(name));
        }
        if !file.is_dir() {
            let content = budget.read(file, |e| damaged(&e))?;
            files.push((name, content));
        }
    }
    assemble(files, limits.depth)
}

/// Sorts named files into a package. Folders in the names do not matter.
///
/// # Errors
/// [`ReadError`] when there is no definition or a file is no text or JSON.
pub fn from_files(files: Vec<(String, Vec<u8>)>) -> Result<Package, ReadError> {
    assemble(files, Limits::default().depth)
}

/// True for the name of a definition, whatever its folder.
pub(crate) fn is_definition(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.eq_ignore_ascii_case("botDefinition.json")
        || base.eq_ignore_ascii_case("appDefinition.json")
}

/// The definition is the one nearest to the root; its parts are those that stand beside it, else the first of their kind.
fn assemble(mut files: Vec<(String, Vec<u8>)>, depth: usize) -> Result<Package, ReadError> {
    let folder = |name: &str| {
        name.rfind('/')
            .map_or(String::new(), |at| name[..at].to_owned())
    };
    let nearest = files
        .iter()
        .map(|(name, _)| name)
        .filter(|name| is_definition(name))
        .min_by_key(|name| (name.matches('/').count(), name.to_ascii_lowercase()))
        .ok_or(ReadError::NoDefinition)?;
    let home = folder(nearest);
    let nearest = nearest.clone();
    files.sort_by_key(|(name, _)| (*name != nearest, folder(name) != home));
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
    for (name, bytes) in &package.extra {
        // a second config.json is kept too, and its secured variables are as secret as those of the first
        let config = name
            .rsplit('/')
            .next()
            .is_some_and(|base| base.eq_ignore_ascii_case("config.json"));
        let bytes = match serde_json::from_slice::<Value>(bytes) {
            Ok(value) if config => pretty(&without_secrets(&value))?,
            _ => bytes.clone(),
        };
        files.push((name.clone(), bytes));
    }
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
