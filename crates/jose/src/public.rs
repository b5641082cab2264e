//! Public keys as people upload them.

use crate::{Algorithm, Claims, KEY_CAP, KeyError, base, weak};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use serde_json::{Map, Value, json};
use std::fmt;

/// What sort of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSA with the bits of its modulus.
    Rsa {
        /// 2048 to 8192.
        bits: u32,
    },
    /// Elliptic curve P-256.
    P256,
    /// Elliptic curve P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::P256 => f.write_str("EC P-256"),
            Self::P384 => f.write_str("EC P-384"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// Bytes of a coordinate.
pub(crate) fn coordinate(kind: Kind) -> usize {
    if kind == Kind::P384 { 48 } else { 32 }
}

/// The curve of an EC kind.
pub(crate) fn group(kind: Kind) -> Result<EcGroup, KeyError> {
    let nid = match kind {
        Kind::P384 => Nid::SECP384R1,
        _ => Nid::X9_62_PRIME256V1,
    };
    Ok(EcGroup::from_curve_name(nid)?)
}

/// A public key that is strong enough for its kind.
#[derive(Clone)]
pub struct PublicKey {
    inner: PKey<Public>,
    kind: Kind,
    members: Members,
    meant_use: Option<String>,
    meant_alg: Option<String>,
}

/// The required members of the JWK, in base64url.
#[derive(Clone, PartialEq, Eq)]
enum Members {
    Rsa { n: String, e: String },
    Ec { x: String, y: String },
    Okp { x: String },
}

impl PublicKey {
    /// Reads what a person uploads: a public key in PEM form (SPKI), a PEM certificate, or a JWK. The dates and the issuer of a
    /// certificate are not looked at. Costs some milliseconds for RSA.
    ///
    /// # Errors
    /// A [`KeyError`] that says what to do, for private, weak or unknown keys.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let key = Self::read_unchecked(text)?;
        if let Ok(rsa) = key.inner.rsa() {
            weak::arithmetic(rsa.n())?;
        }
        Ok(key)
    }

    /// Reads a key that [`PublicKey::read`] has accepted before: sizes and curves are checked again, but no factors are looked for.
    ///
    /// # Errors
    /// As [`PublicKey::read`].
    pub fn read_unchecked(text: &str) -> Result<Self, KeyError> {
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
        Self::from_pem(text)
    }

    /// Reads a JWK that is taken apart already. Members other than those of the key, `use` and `alg` are ignored.
    ///
    /// # Errors
    /// As [`PublicKey::read`].
    pub fn from_jwk(jwk: &Claims) -> Result<Self, KeyError> {
        if jwk.get("keys").is_some() {
            return Err(KeyError::Form(
                "This is a JWK Set. Paste one key of its \"keys\" list.",
            ));
        }
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .any(|m| jwk.get(m).is_some())
        {
            return Err(KeyError::Private);
        }
        Self::from_members(jwk)
    }

    /// The public part of a JWK, whatever else it holds.
    pub(crate) fn from_members(jwk: &Claims) -> Result<Self, KeyError> {
        let mut key = match text(jwk, "kty")? {
            "RSA" => {
                let (n, e) = (number(jwk, "n")?, number(jwk, "e")?);
                Self::rsa(n, e)?
            }
            "EC" => {
                let kind = match text(jwk, "crv")? {
                    "P-256" => Kind::P256,
                    "P-384" => Kind::P384,
                    other => return Err(KeyError::Kind(format!("EC {}", short(other)))),
                };
                Self::ec(
                    kind,
                    &bytes(jwk, "x", coordinate(kind))?,
                    &bytes(jwk, "y", coordinate(kind))?,
                )?
            }
            "OKP" => match text(jwk, "crv")? {
                "Ed25519" => Self::ed25519(&bytes(jwk, "x", 32)?)?,
                other => return Err(KeyError::Kind(short(other))),
            },
            "oct" => return Err(KeyError::Private),
            other => return Err(KeyError::Kind(short(other))),
        };
        key.meant_use = optional(jwk, "use")?;
        key.meant_alg = optional(jwk, "alg")?;
        Ok(key)
    }

    fn from_pem(text: &str) -> Result<Self, KeyError> {
        let label = pem_label(text)?;
        let failed = |_| {
            KeyError::Form(
                "The PEM text is damaged. Copy it again, from the line BEGIN to the line END.",
            )
        };
        let inner = match label {
            "PUBLIC KEY" => PKey::public_key_from_pem(text.as_bytes()).map_err(failed)?,
            "CERTIFICATE" => X509::from_pem(text.as_bytes())
                .and_then(|c| c.public_key())
                .map_err(failed)?,
            "RSA PUBLIC KEY" => {
                return Err(KeyError::Form(
                    "This is a PKCS #1 key. Convert it: openssl rsa -RSAPublicKey_in -in key.pem -pubout",
                ));
            }
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
                return Err(KeyError::Form(
                    "This is a certificate request. Take its key: openssl req -in request.pem -noout -pubkey",
                ));
            }
            _ => {
                return Err(KeyError::Form(
                    "The PEM text holds no public key. It must begin with BEGIN PUBLIC KEY or BEGIN CERTIFICATE.",
                ));
            }
        };
        Self::of(&inner)
    }

    /// The public part of any key of OpenSSL.
    pub(crate) fn of<T: HasPublic>(key: &PKeyRef<T>) -> Result<Self, KeyError> {
        match key.id() {
            Id::RSA => {
                let rsa = key.rsa()?;
                Self::rsa(rsa.n().to_owned()?, rsa.e().to_owned()?)
            }
            Id::EC => {
                let ec = key.ec_key()?;
                let kind = match ec.group().curve_name() {
                    Some(Nid::X9_62_PRIME256V1) => Kind::P256,
                    Some(Nid::SECP384R1) => Kind::P384,
                    Some(nid) => {
                        let name = nid.short_name().unwrap_or("unknown curve");
                        return Err(KeyError::Kind(format!("EC {name}")));
                    }
                    None => return Err(KeyError::Kind("EC with its own curve".to_owned())),
                };
                let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
                let mut ctx = BigNumContext::new()?;
                ec.public_key()
                    .affine_coordinates(ec.group(), &mut x, &mut y, &mut ctx)?;
                let size = i32::try_from(coordinate(kind)).unwrap_or(0);
                Self::ec(kind, &x.to_vec_padded(size)?, &y.to_vec_padded(size)?)
            }
            Id::ED25519 => Self::ed25519(&key.raw_public_key()?),
            Id::RSA_PSS => Err(KeyError::Form(
                "The key is bound to RSA-PSS by its certificate or PEM. Use a plain RSA key; PS256 works with it.",
            )),
            id => {
                let name = Nid::from_raw(id.as_raw()).long_name();
                Err(KeyError::Kind(name.unwrap_or("unknown").to_owned()))
            }
        }
    }

    fn rsa(n: BigNum, e: BigNum) -> Result<Self, KeyError> {
        weak::sizes(&n, &e)?;
        let members = Members::Rsa {
            n: base::encode(n.to_vec()),
            e: base::encode(e.to_vec()),
        };
        let bits = u32::try_from(n.num_bits()).unwrap_or(0);
        let inner = PKey::from_rsa(Rsa::from_public_components(n, e)?)?;
        Ok(Self::new(inner, Kind::Rsa { bits }, members))
    }

    pub(crate) fn ec(kind: Kind, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        let off = |_| KeyError::Unsafe("its point does not lie on the curve");
        let (bx, by) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
        let (group, mut ctx) = (group(kind)?, BigNumContext::new()?);
        let mut point = EcPoint::new(&group)?;
        // refuses what is not on the curve; the curves have a prime order, so that each point but infinity, which has no such
        // coordinates, is a good key
        point
            .set_affine_coordinates(&group, &bx, &by, &mut ctx)
            .map_err(off)?;
        let ec = EcKey::from_public_key(&group, &point)?;
        let members = Members::Ec {
            x: base::encode(x),
            y: base::encode(y),
        };
        Ok(Self::new(PKey::from_ec_key(ec)?, kind, members))
    }

    fn ed25519(x: &[u8]) -> Result<Self, KeyError> {
        if small_order(x) {
            return Err(KeyError::Unsafe("its point has a small order"));
        }
        let inner = PKey::public_key_from_raw_bytes(x, Id::ED25519)?;
        Ok(Self::new(
            inner,
            Kind::Ed25519,
            Members::Okp { x: base::encode(x) },
        ))
    }

    fn new(inner: PKey<Public>, kind: Kind, members: Members) -> Self {
        Self {
            inner,
            kind,
            members,
            meant_use: None,
            meant_alg: None,
        }
    }

    /// What sort of key it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the key can check signatures of an algorithm.
    ///
    /// # Errors
    /// [`KeyError::Unfit`] for another kind or curve; [`KeyError::Meant`] when the JWK's own `use` or `alg` says otherwise.
    pub fn fits(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        let (fits, needs) = match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => (false, "a shared secret"),
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 => {
                (matches!(self.kind, Kind::Rsa { .. }), "an RSA key")
            }
            Algorithm::Es256 => (self.kind == Kind::P256, "an EC key on P-256"),
            Algorithm::Es384 => (self.kind == Kind::P384, "an EC key on P-384"),
            Algorithm::EdDsa => (self.kind == Kind::Ed25519, "an Ed25519 key"),
        };
        self.suits(algorithm.name(), fits, needs, "sig", |alg| {
            alg == algorithm.name() || (algorithm == Algorithm::EdDsa && alg == "Ed25519")
        })
    }

    /// Whether payloads can be encrypted to the key: RSA or P-256.
    ///
    /// # Errors
    /// As [`PublicKey::fits`].
    pub fn fits_encryption(&self) -> Result<(), KeyError> {
        let fits = matches!(self.kind, Kind::Rsa { .. } | Kind::P256);
        self.suits(
            "Payload encryption",
            fits,
            "an RSA key or an EC key on P-256",
            "enc",
            |alg| match self.kind {
                Kind::Rsa { .. } => alg.starts_with("RSA-OAEP") || alg == "RSA1_5",
                _ => alg.starts_with("ECDH-ES"),
            },
        )
    }

    fn suits(
        &self,
        algorithm: &'static str,
        fits: bool,
        needs: &'static str,
        usage: &str,
        alg_fits: impl Fn(&str) -> bool,
    ) -> Result<(), KeyError> {
        if !fits {
            let has = self.kind.to_string();
            return Err(KeyError::Unfit {
                algorithm,
                needs,
                has,
            });
        }
        let meant = |member, says: &str| KeyError::Meant {
            member,
            says: short(says),
            algorithm,
        };
        match (&self.meant_use, &self.meant_alg) {
            (Some(says), _) if says != usage => Err(meant("use", says)),
            (_, Some(says)) if !alg_fits(says) => Err(meant("alg", says)),
            _ => Ok(()),
        }
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url.
    pub fn thumbprint(&self) -> String {
        let crv = self.crv();
        let canonical = match &self.members {
            Members::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Members::Ec { x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Members::Okp { x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        };
        base::encode(openssl::sha::sha256(canonical.as_bytes()))
    }

    fn crv(&self) -> &'static str {
        match self.kind {
            Kind::Rsa { .. } => "",
            Kind::P256 => "P-256",
            Kind::P384 => "P-384",
            Kind::Ed25519 => "Ed25519",
        }
    }

    /// The members of the JWK: `kty` and the key itself. `kid`, `use` and `alg` are the caller's to add.
    pub fn jwk(&self) -> Map<String, Value> {
        let crv = self.crv();
        let jwk = match &self.members {
            Members::Rsa { n, e } => json!({"kty": "RSA", "n": n, "e": e}),
            Members::Ec { x, y } => json!({"kty": "EC", "crv": crv, "x": x, "y": y}),
            Members::Okp { x } => json!({"kty": "OKP", "crv": crv, "x": x}),
        };
        match jwk {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// The key as PEM (SPKI), its normal form for keeping.
    ///
    /// # Errors
    /// [`KeyError::Failed`] when OpenSSL cannot write it.
    pub fn pem(&self) -> Result<String, KeyError> {
        String::from_utf8(self.inner.public_key_to_pem()?).map_err(|_| KeyError::Failed)
    }

    pub(crate) fn pkey(&self) -> &PKey<Public> {
        &self.inner
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.members == other.members
    }
}

/// The label of the one PEM block of a text.
pub(crate) fn pem_label(text: &str) -> Result<&str, KeyError> {
    let mut labels = text.lines().filter_map(|line| {
        line.trim()
            .strip_prefix("-----BEGIN ")?
            .strip_suffix("-----")
    });
    let Some(label) = labels.next() else {
        return Err(KeyError::Form(
            if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
                "This is an SSH key. Convert it: ssh-keygen -e -m pkcs8 -f key.pub"
            } else if text.starts_with("---- BEGIN SSH2") {
                "This is an SSH key. Convert it: ssh-keygen -i -f key.pub > key.ssh && ssh-keygen -e -m pkcs8 -f key.ssh"
            } else {
                "This is not a key in PEM form, a PEM certificate or a JWK. A DER file becomes PEM with: openssl pkey -pubin -inform DER -in key.der -pubout"
            },
        ));
    };
    if std::iter::once(label)
        .chain(labels.clone())
        .any(|l| l.contains("PRIVATE"))
    {
        return Err(KeyError::Private);
    }
    if labels.next().is_some() {
        return Err(KeyError::Several);
    }
    Ok(label)
}

fn text<'a>(jwk: &'a Claims, name: &'static str) -> Result<&'a str, KeyError> {
    let found = jwk.text(name).ok().flatten();
    found.ok_or(KeyError::Member(name))
}

fn optional(jwk: &Claims, name: &'static str) -> Result<Option<String>, KeyError> {
    let found = jwk.text(name).map_err(|_| KeyError::Member(name))?;
    Ok(found.map(str::to_owned))
}

/// A big number; leading zeros are dropped, as some libraries write a sign byte.
pub(crate) fn number(jwk: &Claims, name: &'static str) -> Result<BigNum, KeyError> {
    let bytes = base::decode(text(jwk, name)?).map_err(|_| KeyError::Member(name))?;
    Ok(BigNum::from_slice(&bytes)?)
}

/// Bytes of a fixed length.
pub(crate) fn bytes(jwk: &Claims, name: &'static str, length: usize) -> Result<Vec<u8>, KeyError> {
    let bytes = base::decode(text(jwk, name)?).map_err(|_| KeyError::Member(name))?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(KeyError::Member(name))
    }
}

/// The start of a foreign text, for a message.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The points of Ed25519 whose order divides 8, by their y: a signature under such a key can be made by anybody.
fn small_order(point: &[u8]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let Ok(mut y) = <[u8; 32]>::try_from(point) else {
        return true;
    };
    y[31] &= 0x7f;
    // 2^255 - 19 = p: y may be written as y or y + p below 2^255, so 0, 1 and p - 1, p, p + 1 are the small spellings
    let is_p_plus = |last: u8| y[0] == last && y[1..31].iter().all(|b| *b == 0xff) && y[31] == 0x7f;
    let is_word = |word: u8| y[0] == word && y[1..].iter().all(|b| *b == 0);
    is_word(0)
        || is_word(1)
        || [0xec, 0xed, 0xee].into_iter().any(is_p_plus)
        || ORDER_8.contains(&y)
}
