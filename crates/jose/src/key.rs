//! Keys with the one signature algorithm that they serve.

use crate::hmac::{Hash, Hmac};
use crate::{Algorithm, Error, KeyError, PrivateKey, PublicKey};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::{HasPrivate, HasPublic, PKey, PKeyRef, Private, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};

/// A key, made once and used many times. It has no way to print itself.
pub struct Key {
    algorithm: Algorithm,
    inner: Inner,
}

enum Inner {
    Secret(Box<Hmac>),
    Checking(PKey<Public>),
    Signing(PKey<Private>),
}

impl Key {
    /// A key for an HMAC algorithm; `secret` is taken as it stands, never decoded.
    ///
    /// # Errors
    /// [`Error::Key`] for an empty secret or an algorithm that is no HMAC.
    pub fn hmac(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        let hash = match algorithm {
            Algorithm::Hs256 => Hash::Sha256,
            Algorithm::Hs384 => Hash::Sha384,
            Algorithm::Hs512 => Hash::Sha512,
            _ => return Err(Error::Key),
        };
        if secret.is_empty() {
            return Err(Error::Key);
        }
        let inner = Inner::Secret(Box::new(Hmac::new(hash, secret)));
        Ok(Self { algorithm, inner })
    }

    /// A key that can only check signatures.
    ///
    /// # Errors
    /// [`KeyError::Unfit`] or [`KeyError::Meant`] when the key does not go with the algorithm; see [`PublicKey::fits`].
    pub fn checking(algorithm: Algorithm, key: &PublicKey) -> Result<Self, KeyError> {
        key.fits(algorithm)?;
        let inner = Inner::Checking(key.pkey().clone());
        Ok(Self { algorithm, inner })
    }

    /// A key that can sign and check.
    ///
    /// # Errors
    /// As [`Key::checking`].
    pub fn signing(algorithm: Algorithm, key: &PrivateKey) -> Result<Self, KeyError> {
        key.public().fits(algorithm)?;
        let inner = Inner::Signing(key.pkey().clone());
        Ok(Self { algorithm, inner })
    }

    /// The algorithm that this key serves.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Checks a signature; HMACs in constant time.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify(&self, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        let fits = match &self.inner {
            Inner::Secret(hmac) => {
                let made = hmac.tag(&[input]);
                made.len() == signature.len() && memcmp::eq(&made, signature)
            }
            Inner::Checking(key) => check(self.algorithm, key, input, signature),
            Inner::Signing(key) => check(self.algorithm, key, input, signature),
        };
        fits.then_some(()).ok_or(Error::Signature)
    }

    /// Signs.
    ///
    /// # Errors
    /// [`Error::Key`] when the key has no private part or OpenSSL refuses it.
    pub fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.inner {
            Inner::Secret(hmac) => Ok(hmac.tag(&[input]).to_vec()),
            Inner::Checking(_) => Err(Error::Key),
            Inner::Signing(key) => make(self.algorithm, key, input).map_err(|_| Error::Key),
        }
    }
}

/// The hash of an algorithm with a key pair; Ed25519 has its own inside.
fn digest(algorithm: Algorithm) -> Option<MessageDigest> {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => {
            Some(MessageDigest::sha256())
        }
        Algorithm::Hs384 | Algorithm::Rs384 | Algorithm::Es384 => Some(MessageDigest::sha384()),
        Algorithm::Hs512 | Algorithm::Rs512 => Some(MessageDigest::sha512()),
        Algorithm::EdDsa => None,
    }
}

/// Bytes of one of the two numbers of an ECDSA signature.
fn half(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Es256 => Some(32),
        Algorithm::Es384 => Some(48),
        _ => None,
    }
}

fn check<T: HasPublic>(algorithm: Algorithm, key: &PKeyRef<T>, input: &[u8], sent: &[u8]) -> bool {
    let der = match half(algorithm) {
        Some(half) if sent.len() != 2 * half => return false,
        Some(half) => match to_der(sent, half) {
            Ok(der) => Some(der),
            Err(_) => return false,
        },
        None => None,
    };
    let checked = || -> Result<bool, ErrorStack> {
        let mut verifier = match digest(algorithm) {
            Some(digest) => Verifier::new(digest, key)?,
            None => Verifier::new_without_digest(key)?,
        };
        if algorithm == Algorithm::Ps256 {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        verifier.verify_oneshot(der.as_deref().unwrap_or(sent), input)
    };
    checked().unwrap_or(false)
}

fn make<T: HasPrivate>(
    algorithm: Algorithm,
    key: &PKeyRef<T>,
    input: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let mut signer = match digest(algorithm) {
        Some(digest) => Signer::new(digest, key)?,
        None => Signer::new_without_digest(key)?,
    };
    if algorithm == Algorithm::Ps256 {
        signer.set_rsa_padding(Padding::PKCS1_PSS)?;
        signer.set_rsa_mgf1_md(MessageDigest::sha256())?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }
    let made = signer.sign_oneshot_to_vec(input)?;
    match half(algorithm) {
        None => Ok(made),
        Some(half) => {
            let pair = EcdsaSig::from_der(&made)?;
            let size = i32::try_from(half).unwrap_or(i32::MAX);
            let mut both = pair.r().to_vec_padded(size)?;
            both.extend(pair.s().to_vec_padded(size)?);
            Ok(both)
        }
    }
}

/// The two numbers side by side, as JOSE has them, in the form that OpenSSL reads.
fn to_der(both: &[u8], half: usize) -> Result<Vec<u8>, ErrorStack> {
    let (r, s) = both.split_at(half);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}
