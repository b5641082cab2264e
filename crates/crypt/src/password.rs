//! Password hashes: Argon2id in PHC form.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::LazyLock;
use types::Secret;

/// Hashes a password with a fresh salt. Takes tens of milliseconds of CPU and 19 MiB: call it on a blocking thread.
pub fn hash(password: &Secret) -> String {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.expose().as_bytes())
        .expect("the default parameters fit any password");
    hash.to_string()
}

/// Is this the password of the hash? Without a hash (nobody has this address) it works as long and answers no, so that
/// the time does not tell which addresses exist.
pub fn verify(password: &Secret, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| self::hash(&crate::random::secret(32)));
    let fits = |text: &str| {
        PasswordHash::new(text).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.expose().as_bytes(), &parsed)
                .is_ok()
        })
    };
    match hash {
        Some(hash) => fits(hash),
        None => {
            fits(&NOBODY);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_passes() {
        let hash = hash(&Secret::new("correct horse"));
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify(&Secret::new("correct horse"), Some(&hash)));
        assert!(!verify(&Secret::new("correct hors"), Some(&hash)));
        assert!(!verify(&Secret::new(""), Some(&hash)));
    }

    #[test]
    fn nobody_and_a_broken_hash_never_pass() {
        assert!(!verify(&Secret::new("x"), None));
        assert!(!verify(&Secret::new("x"), Some("not a hash")));
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hash(&Secret::new("a")), hash(&Secret::new("a")));
    }
}
