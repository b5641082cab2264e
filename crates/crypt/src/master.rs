//! The installation's key: 32 bytes from the environment or from a file beside the store.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretBox};
use std::{
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use types::Secret;

/// Length of the key in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// The key that seals everything. It is never printed and is cleared on drop.
pub struct MasterKey(SecretBox<[u8; KEY_BYTES]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key of its own for one purpose. Who has it learns nothing about this one or about the keys of other purposes.
    pub fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let mut label = b"ombud derived key: ".to_vec();
        label.extend_from_slice(purpose.as_bytes());
        crate::mac(self.bytes(), &label)
    }
}

/// Why there is no key to work with. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The variable does not hold 32 bytes in base64.
    #[error(
        "OMBUD_MASTER_KEY must be 32 bytes in base64 (44 characters); make one with: openssl rand -base64 32"
    )]
    BadVariable,
    /// The file does not hold 32 bytes in base64.
    #[error("{0} does not hold a master key (32 bytes in base64); restore the file from a backup")]
    BadFile(PathBuf),
    /// Others than the owner may read the file.
    #[error("{0} can be read by others than its owner; run: chmod 600 {0}")]
    OpenFile(PathBuf),
    /// The store holds sealed values and there is no key.
    #[error(
        "the store holds sealed data but there is no master key; set OMBUD_MASTER_KEY or put the key file back at {0}"
    )]
    Missing(PathBuf),
    /// The store was sealed with another key.
    #[error(
        "the master key does not fit this store; set OMBUD_MASTER_KEY or the key file {0} to the key that the store was made with"
    )]
    Foreign(PathBuf),
    /// The file could not be read or written.
    #[error(
        "the key file {0} cannot be read or written: {1}; give the user of the server access to it, or set OMBUD_MASTER_KEY"
    )]
    Io(PathBuf, std::io::Error),
}

/// An opened key, and what is to be remembered about it.
#[derive(Debug)]
pub struct Opened {
    /// The key.
    pub key: MasterKey,
    /// The check value to write to the store, when the store had none yet.
    pub new_check: Option<Vec<u8>>,
}

impl MasterKey {
    /// Finds the key: `variable` (the value of `OMBUD_MASTER_KEY`) wins over `file`; with neither, and a store without a check
    /// value (`check` is none: the store is empty), a fresh key is written to `file` with mode 0600.
    ///
    /// `check` is what an earlier call answered as [`Opened::new_check`]; the caller keeps it in the store (`Meta::put_new`, so that of two
    /// processes that start at once one wins; the other calls again with the stored value).
    ///
    /// # Errors
    /// [`KeyError`], whose text says what to do.
    pub fn open(
        variable: Option<&Secret>,
        file: &Path,
        check: Option<&[u8]>,
    ) -> Result<Opened, KeyError> {
        let key = match variable {
            Some(text) => Self::parse(text.expose()).ok_or(KeyError::BadVariable)?,
            None => match read_file(file)? {
                Some(key) => key,
                None if check.is_some() => return Err(KeyError::Missing(file.to_owned())),
                None => create_file(file)?,
            },
        };
        match check {
            Some(check) if key.open_sealed(&CHECK_PLACE, check).is_err() => {
                Err(KeyError::Foreign(file.to_owned()))
            }
            Some(_) => Ok(Opened {
                key,
                new_check: None,
            }),
            None => {
                let value = key.seal(&CHECK_PLACE, b"ombud");
                Ok(Opened {
                    key,
                    new_check: Some(value),
                })
            }
        }
    }

    /// Reads a key from base64.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        let key: [u8; KEY_BYTES] = bytes.try_into().ok()?;
        Some(Self(SecretBox::new(Box::new(key))))
    }

    /// A fresh key, for tests and for a first start.
    pub fn generate() -> Self {
        let mut key = Box::new([0u8; KEY_BYTES]);
        crate::random::fill(key.as_mut_slice());
        Self(SecretBox::new(key))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }
}

const CHECK_PLACE: crate::Place<'static> = crate::Place {
    kind: "master_key_check",
    account: "",
    row: "",
};

fn read_file(path: &Path) -> Result<Option<MasterKey>, KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let io = |e| KeyError::Io(path.to_owned(), e);
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::OpenFile(path.to_owned()));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io)?;
    MasterKey::parse(&text)
        .map(Some)
        .ok_or_else(|| KeyError::BadFile(path.to_owned()))
}

/// Writes a fresh key under a name of its own, then links it into place: nobody ever reads half a key, and of two processes that
/// start at once both end with the same one.
fn create_file(path: &Path) -> Result<MasterKey, KeyError> {
    let io = |e| KeyError::Io(path.to_owned(), e);
    let key = MasterKey::generate();
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(io)?;
    let text = STANDARD.encode(key.bytes());
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    match linked {
        Ok(()) => Ok(key),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => read_file(path)?
            .ok_or_else(|| KeyError::Io(path.to_owned(), ErrorKind::NotFound.into())),
        Err(e) => Err(io(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn dir() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    #[test]
    fn first_start_writes_a_private_key_file_and_later_starts_find_it() {
        let dir = dir();
        let path = dir.path().join("master.key");
        let first = MasterKey::open(None, &path, None).expect("created");
        assert_eq!(
            std::fs::metadata(&path).expect("file").permissions().mode() & 0o777,
            0o600
        );
        let check = first.new_check.expect("a check value");
        let again = MasterKey::open(None, &path, Some(&check)).expect("found");
        assert!(again.new_check.is_none());
        assert_eq!(again.key.bytes(), first.key.bytes());
        assert_eq!(
            std::fs::read_dir(dir.path()).expect("listing").count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn a_missing_key_over_sealed_data_is_refused_and_nothing_is_created() {
        let dir = dir();
        let path = dir.path().join("master.key");
        let check = MasterKey::open(Some(&key(1)), &path, None)
            .expect("opened")
            .new_check
            .expect("check");
        let error = MasterKey::open(None, &path, Some(&check)).expect_err("refused");
        assert!(matches!(error, KeyError::Missing(_)), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_foreign_key_is_refused() {
        let dir = dir();
        let path = dir.path().join("master.key");
        let check = MasterKey::open(Some(&key(1)), &path, None)
            .expect("opened")
            .new_check
            .expect("check");
        assert!(matches!(
            MasterKey::open(Some(&key(2)), &path, Some(&check)),
            Err(KeyError::Foreign(_))
        ));
        assert!(MasterKey::open(Some(&key(1)), &path, Some(&check)).is_ok());
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let dir = dir();
        let path = dir.path().join("master.key");
        MasterKey::open(None, &path, None).expect("created");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        assert!(matches!(
            MasterKey::open(None, &path, None),
            Err(KeyError::OpenFile(_))
        ));
    }

    #[test]
    fn a_broken_variable_or_file_is_refused() {
        let dir = dir();
        let path = dir.path().join("master.key");
        assert!(matches!(
            MasterKey::open(Some(&Secret::new("short")), &path, None),
            Err(KeyError::BadVariable)
        ));
        MasterKey::open(None, &path, None).expect("created");
        std::fs::write(&path, "AAAA").expect("written");
        assert!(matches!(
            MasterKey::open(None, &path, None),
            Err(KeyError::BadFile(_))
        ));
    }

    #[test]
    fn two_that_start_at_once_end_with_one_key() {
        let dir = dir();
        let path = dir.path().join("master.key");
        let a = create_file(&path).expect("first");
        let b = create_file(&path).expect("second");
        assert_eq!(a.bytes(), b.bytes());
    }

    fn key(n: u8) -> Secret {
        Secret::new(STANDARD.encode([n; 32]))
    }
}
