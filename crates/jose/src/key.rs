//! Keys with the one algorithm that they serve.

use crate::Error;
use openssl::{hash::MessageDigest, memcmp, pkey::PKey, pkey::Private, sign::Signer};

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
}

impl Algorithm {
    /// The `alg` of the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
        }
    }
    /// Finds an algorithm by its exact name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Hs256].into_iter().find(|a| a.name() == name)
    }
}

/// A key, made once and used many times. It has no way to print itself.
pub struct Key {
    algorithm: Algorithm,
    inner: PKey<Private>,
}

impl Key {
    /// A key for an HMAC algorithm; `secret` is taken as it stands, never decoded.
    ///
    /// # Errors
    /// [`Error::Key`] for an empty secret.
    pub fn hmac(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        if secret.is_empty() {
            return Err(Error::Key);
        }
        let inner = PKey::hmac(secret).map_err(|_| Error::Key)?;
        Ok(Self { algorithm, inner })
    }

    /// The algorithm that this key serves.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Checks a signature in constant time.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify(&self, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        match self.algorithm {
            Algorithm::Hs256 => {
                let made = self.mac(MessageDigest::sha256(), input)?;
                let fits = made.len() == signature.len() && memcmp::eq(&made, signature);
                fits.then_some(()).ok_or(Error::Signature)
            }
        }
    }

    /// Signs.
    ///
    /// # Errors
    /// [`Error::Key`] when OpenSSL refuses the key.
    pub fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        match self.algorithm {
            Algorithm::Hs256 => self.mac(MessageDigest::sha256(), input),
        }
    }

    fn mac(&self, digest: MessageDigest, input: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signer = Signer::new(digest, &self.inner).map_err(|_| Error::Key)?;
        signer.sign_oneshot_to_vec(input).map_err(|_| Error::Key)
    }
}
