//! Private keys: made here, kept sealed, or read from a file.

use crate::public::{bytes, coordinate, group, number, pem_label};
use crate::{Claims, KEY_CAP, KeyError, Kind, PublicKey, base, weak};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::EcKey;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Rsa, RsaPrivateKeyBuilder};
use secrecy::zeroize::Zeroizing;
use serde_json::json;
use types::Secret;

/// A private key with its public part. It has no way to print itself.
#[derive(Clone)]
pub struct PrivateKey {
    inner: PKey<Private>,
    public: PublicKey,
}

impl PrivateKey {
    /// Makes a new key. RSA of 3072 bits takes up to a second: call it on a blocking thread.
    ///
    /// # Errors
    /// [`KeyError::Short`] or [`KeyError::Long`] for other than 2048 to 8192 bits; [`KeyError::Failed`].
    pub fn generate(kind: Kind) -> Result<Self, KeyError> {
        let inner = match kind {
            Kind::Rsa { bits } if bits < *weak::BITS.start() => return Err(KeyError::Short(bits)),
            Kind::Rsa { bits } if bits > *weak::BITS.end() => return Err(KeyError::Long(bits)),
            Kind::Rsa { bits } => PKey::from_rsa(Rsa::generate(bits)?)?,
            Kind::P256 | Kind::P384 => PKey::from_ec_key(EcKey::generate(&*group(kind)?)?)?,
            Kind::Ed25519 => PKey::generate_ed25519()?,
        };
        Self::of(inner)
    }

    fn of(inner: PKey<Private>) -> Result<Self, KeyError> {
        let public = PublicKey::of(&inner)?;
        Ok(Self { inner, public })
    }

    /// Reads a private JWK, or PEM without a passphrase (PKCS #8, PKCS #1 or SEC 1).
    ///
    /// # Errors
    /// A [`KeyError`] that says what to do.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.len() > KEY_CAP {
            return Err(KeyError::TooLong);
        }
        if text.starts_with('{') {
            let jwk = Claims::read(text.as_bytes()).map_err(|_| {
                KeyError::Form("The JWK is not a JSON object whose members each occur once.")
            })?;
            return Self::from_jwk(&jwk);
        }
        if text.contains("ENCRYPTED") {
            return Err(KeyError::Locked);
        }
        match pem_label(text) {
            Err(KeyError::Private) => {}
            Ok(_) => return Err(KeyError::Public),
            Err(other) => return Err(other),
        }
        // the callback keeps OpenSSL from asking for a passphrase on the terminal
        let inner = PKey::private_key_from_pem_callback(text.as_bytes(), |_| Ok(0));
        let damaged = KeyError::Form(
            "The PEM text is damaged. Copy it again, from the line BEGIN to the line END.",
        );
        let key = Self::of(inner.map_err(|_| damaged)?)?;
        // OpenSSL takes the public half as it stands in the file; as a JWK, both halves are held against each other
        Self::read(key.jwk()?.expose())
    }

    fn from_jwk(jwk: &Claims) -> Result<Self, KeyError> {
        if jwk.get("d").is_none() {
            return Err(KeyError::Public);
        }
        let public = PublicKey::from_members(jwk)?;
        let inner = match public.kind() {
            Kind::Rsa { .. } => rsa(jwk)?,
            kind @ (Kind::P256 | Kind::P384) => {
                let d = Zeroizing::new(bytes(jwk, "d", coordinate(kind))?);
                let mut d = BigNum::from_slice(&d)?;
                d.set_const_time();
                let ec = public.pkey().ec_key()?;
                let ec = EcKey::from_private_components(ec.group(), &d, ec.public_key())?;
                ec.check_key().map_err(|_| KeyError::Member("d"))?;
                PKey::from_ec_key(ec)?
            }
            Kind::Ed25519 => {
                let d = Zeroizing::new(bytes(jwk, "d", 32)?);
                PKey::private_key_from_raw_bytes(&d, Id::ED25519)?
            }
        };
        if !PublicKey::of(&inner)?.same(&public) {
            return Err(KeyError::Member("d"));
        }
        Ok(Self { inner, public })
    }

    /// The public part.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as a private JWK, for sealed storage.
    ///
    /// # Errors
    /// [`KeyError::Failed`] when OpenSSL does not give the parts out.
    pub fn jwk(&self) -> Result<Secret, KeyError> {
        let mut jwk = self.public.jwk();
        let mut add = |name: &str, bytes: Vec<u8>| {
            jwk.insert(name.to_owned(), json!(base::encode(Zeroizing::new(bytes))));
        };
        match self.public.kind() {
            Kind::Rsa { .. } => {
                let rsa = self.inner.rsa()?;
                add("d", rsa.d().to_vec());
                let parts = [
                    ("p", rsa.p()),
                    ("q", rsa.q()),
                    ("dp", rsa.dmp1()),
                    ("dq", rsa.dmq1()),
                    ("qi", rsa.iqmp()),
                ];
                for (name, part) in parts {
                    add(name, part.ok_or(KeyError::Failed)?.to_vec());
                }
            }
            kind @ (Kind::P256 | Kind::P384) => {
                let size = i32::try_from(coordinate(kind)).unwrap_or(0);
                add("d", self.inner.ec_key()?.private_key().to_vec_padded(size)?);
            }
            Kind::Ed25519 => add("d", self.inner.raw_private_key()?),
        }
        let text = serde_json::to_string(&jwk).map_err(|_| KeyError::Failed)?;
        Ok(Secret::new(text))
    }

    /// The key as PEM (PKCS #8, without a passphrase).
    ///
    /// # Errors
    /// [`KeyError::Failed`] when OpenSSL cannot write it.
    pub fn pem(&self) -> Result<Secret, KeyError> {
        let pem = self.inner.private_key_to_pem_pkcs8()?;
        let text = String::from_utf8(pem).map_err(|_| KeyError::Failed)?;
        Ok(Secret::new(text))
    }

    pub(crate) fn pkey(&self) -> &PKey<Private> {
        &self.inner
    }
}

/// An RSA key with both primes; the parts are held against each other, so that a mixed-up key is refused.
fn rsa(jwk: &Claims) -> Result<PKey<Private>, KeyError> {
    let part = |name| -> Result<BigNum, KeyError> {
        let mut part = number(jwk, name)?;
        part.set_const_time();
        Ok(part)
    };
    let (n, e) = (number(jwk, "n")?, number(jwk, "e")?);
    let (d, p, q) = (part("d")?, part("p")?, part("q")?);
    let (dp, dq, qi) = (part("dp")?, part("dq")?, part("qi")?);
    let mut ctx = BigNumContext::new()?;
    let mut product = BigNum::new()?;
    product.checked_mul(&p, &q, &mut ctx)?;
    if product != n || !p.is_odd() || !q.is_odd() {
        return Err(KeyError::Member("p"));
    }
    let one = BigNum::from_u32(1)?;
    for (name, prime, exponent) in [("dp", &p, &dp), ("dq", &q, &dq)] {
        let (mut less, mut left, mut right) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        less.checked_sub(prime, &one)?;
        left.mod_mul(exponent, &e, &less, &mut ctx)?;
        right.nnmod(&d, &less, &mut ctx)?;
        if left != one || &right != exponent {
            return Err(KeyError::Member(name));
        }
    }
    let mut inverse = BigNum::new()?;
    inverse.mod_mul(&qi, &q, &p, &mut ctx)?;
    if inverse != one {
        return Err(KeyError::Member("qi"));
    }
    let key = RsaPrivateKeyBuilder::new(n, e, d)?.set_factors(p, q)?;
    Ok(PKey::from_rsa(key.set_crt_params(dp, dq, qi)?.build())?)
}
