//! `alg`: how the content key is brought to the recipient (RFC 7518 section 4).

use super::{Content, Jwe};
use crate::public::{bytes, coordinate, group};
use crate::{Claims, Error, KeyError, Kind, PrivateKey, PublicKey, SharedKey, base};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};
use openssl::derive::Deriver;
use openssl::ec::EcKey;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{HasPrivate, HasPublic, PKey, PKeyRef, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use openssl::sha::Sha256;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};

/// How the content key comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrap {
    /// RSA-OAEP with SHA-1.
    RsaOaep,
    /// RSA-OAEP with SHA-256.
    RsaOaep256,
    /// Agreed with an ephemeral key on P-256, then AES-256 key wrap.
    EcdhEsA256Kw,
    /// The shared key is the content key.
    Dir,
    /// AES-256 key wrap under the shared key.
    A256Kw,
    /// RSA PKCS #1 v1.5; for old clients only.
    Rsa1_5,
}

impl Wrap {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::EcdhEsA256Kw,
        Self::Dir,
        Self::A256Kw,
        Self::Rsa1_5,
    ];

    /// The `alg` of the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::Dir => "dir",
            Self::A256Kw => "A256KW",
            Self::Rsa1_5 => "RSA1_5",
        }
    }

    /// Finds one by its exact name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.name() == name)
    }

    /// Whether an encrypted key can have this length. RSA lengths depend on the key and are judged in [`unwrap`].
    pub(super) fn takes(self, length: usize, content: Content) -> bool {
        match self {
            Self::Dir => length == 0,
            Self::A256Kw | Self::EcdhEsA256Kw => length == content.key_bytes() + 8,
            Self::RsaOaep | Self::RsaOaep256 | Self::Rsa1_5 => (1..=1024).contains(&length),
        }
    }
}

/// The key to open with.
#[derive(Clone)]
pub enum Opener {
    /// RSA or P-256.
    Private(PrivateKey),
    /// For `dir` and `A256KW`.
    Shared(SharedKey),
}

/// The key to seal for.
#[derive(Clone)]
pub enum Recipient {
    /// RSA or P-256.
    Public(PublicKey),
    /// For `dir` and `A256KW`.
    Shared(SharedKey),
}

/// What an ephemeral key agreement needs beside the recipient's key.
pub(super) struct Agreement {
    peer: PublicKey,
    apu: Vec<u8>,
    apv: Vec<u8>,
}

impl Agreement {
    /// Reads `epk`, which must lie on P-256, and the optional party infos.
    pub(super) fn read(header: &Claims) -> Result<Self, Error> {
        let Some(Value::Object(epk)) = header.get("epk") else {
            return Err(Error::Header);
        };
        let epk = Claims(epk.clone());
        let is = |member, value| epk.text(member).ok().flatten() == Some(value);
        if !is("kty", "EC") || !is("crv", "P-256") || epk.get("d").is_some() {
            return Err(Error::Header);
        }
        let size = coordinate(Kind::P256);
        let point = || {
            PublicKey::ec(
                Kind::P256,
                &bytes(&epk, "x", size)?,
                &bytes(&epk, "y", size)?,
            )
        };
        let info = |member| -> Result<Vec<u8>, Error> {
            let text = header.text(member).map_err(|_| Error::Header)?;
            base::decode(text.unwrap_or_default()).map_err(|_| Error::Header)
        };
        Ok(Self {
            peer: point().map_err(|_| Error::Header)?,
            apu: info("apu")?,
            apv: info("apv")?,
        })
    }
}

type Bytes = Zeroizing<Vec<u8>>;

/// The content key, or a random one of the same length when the real one cannot be had. The only early error is a key of the
/// wrong sort, which is no secret.
pub(super) fn unwrap(jwe: &Jwe<'_>, key: &Opener) -> Result<Bytes, Error> {
    let length = jwe.content.key_bytes();
    let spare = random(length).map_err(|_| Error::Decryption)?;
    let sent = &jwe.encrypted_key;
    let found = match (jwe.wrap, key) {
        (Wrap::Dir, Opener::Shared(key)) => Ok(Zeroizing::new(key.bytes().to_vec())),
        (Wrap::A256Kw, Opener::Shared(key)) => aes_unwrap(key.bytes(), sent),
        (Wrap::EcdhEsA256Kw, Opener::Private(key)) if key.public().kind() == Kind::P256 => {
            let agreement = jwe.agreement.as_ref().ok_or(Error::Decryption)?;
            agree(
                key.pkey(),
                agreement.peer.pkey(),
                &agreement.apu,
                &agreement.apv,
            )
            .and_then(|shared| aes_unwrap(&shared, sent))
        }
        (Wrap::RsaOaep | Wrap::RsaOaep256 | Wrap::Rsa1_5, Opener::Private(key))
            if matches!(key.public().kind(), Kind::Rsa { .. }) =>
        {
            let (sent, whole) = fit(key.pkey(), sent).map_err(|_| Error::Decryption)?;
            let found = match jwe.wrap {
                Wrap::Rsa1_5 => rsa1_5(key.pkey(), &sent, &spare),
                _ => oaep(key.pkey(), jwe.wrap, &sent),
            };
            if whole { found } else { Ok(spare.clone()) }
        }
        _ => return Err(Error::Decryption),
    };
    Ok(found.ok().filter(|f| f.len() == length).unwrap_or(spare))
}

/// The content key and its encrypted form; the header gets what the recipient must know.
pub(super) fn wrap(
    wrap: Wrap,
    content: Content,
    to: &Recipient,
    header: &mut Map<String, Value>,
) -> Result<(Bytes, Vec<u8>), KeyError> {
    let cek = random(content.key_bytes())?;
    match (wrap, to) {
        (Wrap::Dir, Recipient::Shared(key)) if key.bytes().len() == content.key_bytes() => {
            Ok((Zeroizing::new(key.bytes().to_vec()), Vec::new()))
        }
        (Wrap::A256Kw, Recipient::Shared(key)) if key.bytes().len() == 32 => {
            let sent = aes_wrap(key.bytes(), &cek)?;
            Ok((cek, sent))
        }
        (Wrap::EcdhEsA256Kw, Recipient::Public(key)) if key.kind() == Kind::P256 => {
            let once = PKey::from_ec_key(EcKey::generate(&*group(Kind::P256)?)?)?;
            let shared = agree(&once, key.pkey(), b"", b"")?;
            header.insert("epk".into(), Value::Object(PublicKey::of(&once)?.jwk()));
            let sent = aes_wrap(&shared, &cek)?;
            Ok((cek, sent))
        }
        (Wrap::RsaOaep | Wrap::RsaOaep256 | Wrap::Rsa1_5, Recipient::Public(key))
            if matches!(key.kind(), Kind::Rsa { .. }) =>
        {
            let mut ctx = PkeyCtx::new(key.pkey())?;
            ctx.encrypt_init()?;
            pad(&mut ctx, wrap)?;
            let mut sent = Vec::new();
            ctx.encrypt_to_vec(&cek, &mut sent)?;
            Ok((cek, sent))
        }
        _ => Err(unfit(wrap, to)),
    }
}

fn unfit(wrap: Wrap, to: &Recipient) -> KeyError {
    KeyError::Unfit {
        algorithm: wrap.name(),
        needs: match wrap {
            Wrap::RsaOaep | Wrap::RsaOaep256 | Wrap::Rsa1_5 => "an RSA key",
            Wrap::EcdhEsA256Kw => "an EC key on P-256",
            Wrap::A256Kw => "a shared key of 32 bytes",
            Wrap::Dir => "a shared key as long as the content key",
        },
        has: match to {
            Recipient::Public(key) => key.kind().to_string(),
            Recipient::Shared(key) => format!("a shared key of {} bytes", key.bytes().len()),
        },
    }
}

pub(super) fn random(length: usize) -> Result<Bytes, ErrorStack> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    rand_bytes(&mut bytes)?;
    Ok(bytes)
}

fn pad<T>(ctx: &mut PkeyCtx<T>, wrap: Wrap) -> Result<(), ErrorStack> {
    let digest = match wrap {
        Wrap::Rsa1_5 => return ctx.set_rsa_padding(Padding::PKCS1),
        Wrap::RsaOaep256 => Md::sha256(),
        _ => Md::sha1(),
    };
    ctx.set_rsa_padding(Padding::PKCS1_OAEP)?;
    ctx.set_rsa_oaep_md(digest)?;
    ctx.set_rsa_mgf1_md(digest)
}

/// Brings a ciphertext to a number below the modulus, so that every one costs a whole private-key operation; `false` when it was
/// none, and its result must not count.
fn fit(key: &PKeyRef<Private>, sent: &[u8]) -> Result<(Vec<u8>, bool), ErrorStack> {
    let modulus = key.rsa()?.n().to_vec();
    if sent.len() != modulus.len() {
        let mut other = vec![0x5a; modulus.len()];
        other[0] = 0;
        return Ok((other, false));
    }
    let mut sent = sent.to_vec();
    let whole = sent < modulus;
    if !whole {
        sent[0] = 0;
    }
    Ok((sent, whole))
}

fn oaep(key: &PKeyRef<Private>, wrap: Wrap, sent: &[u8]) -> Result<Bytes, ErrorStack> {
    let mut ctx = PkeyCtx::new(key)?;
    ctx.decrypt_init()?;
    pad(&mut ctx, wrap)?;
    let mut plain = Zeroizing::new(vec![0; key.size()]);
    let length = ctx.decrypt(sent, Some(&mut plain))?;
    plain.truncate(length);
    Ok(plain)
}

/// Takes the old padding off without a branch on what it holds: the content key stands at a known place, as its length is known,
/// and any fault in front of it picks the spare key instead.
fn rsa1_5(key: &PKeyRef<Private>, sent: &[u8], spare: &[u8]) -> Result<Bytes, ErrorStack> {
    let mut ctx = PkeyCtx::new(key)?;
    ctx.decrypt_init()?;
    ctx.set_rsa_padding(Padding::NONE)?;
    let mut plain = Zeroizing::new(vec![0; key.size()]);
    ctx.decrypt(sent, Some(&mut plain))?;
    let split = plain.len() - spare.len();
    let (front, cek) = plain.split_at(split);
    let mut fault = front[0] | (front[1] ^ 2) | front[split - 1];
    for byte in &front[2..split - 1] {
        fault |= mask_of_zero(*byte);
    }
    // all ones when the padding is right
    let good = mask_of_zero(std::hint::black_box(fault));
    let picked = cek
        .iter()
        .zip(spare)
        .map(|(real, other)| (real & good) | (other & !good));
    Ok(Zeroizing::new(picked.collect()))
}

/// 0xff for zero, 0 for everything else.
fn mask_of_zero(byte: u8) -> u8 {
    ((u16::from(byte).wrapping_sub(1) >> 8) & 0xff) as u8
}

fn aes_wrap(key: &[u8], cek: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut ctx = CipherCtx::new()?;
    ctx.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
    ctx.encrypt_init(Some(Cipher::aes_256_wrap()), Some(key), None)?;
    let mut sent = Vec::new();
    ctx.cipher_update_vec(cek, &mut sent)?;
    ctx.cipher_final_vec(&mut sent)?;
    Ok(sent)
}

/// A key of another length than 32 bytes finds nothing.
fn aes_unwrap(key: &[u8], sent: &[u8]) -> Result<Bytes, ErrorStack> {
    if key.len() != 32 {
        return Ok(Zeroizing::default());
    }
    let mut ctx = CipherCtx::new()?;
    ctx.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
    ctx.decrypt_init(Some(Cipher::aes_256_wrap()), Some(key), None)?;
    let mut cek = Zeroizing::default();
    ctx.cipher_update_vec(sent, &mut cek)?;
    ctx.cipher_final_vec(&mut cek)?;
    Ok(cek)
}

/// Agrees on a wrapping key of 32 bytes.
fn agree<A: HasPrivate, B: HasPublic>(
    own: &PKeyRef<A>,
    peer: &PKeyRef<B>,
    apu: &[u8],
    apv: &[u8],
) -> Result<Bytes, ErrorStack> {
    let mut deriver = Deriver::new(own)?;
    deriver.set_peer(peer)?;
    let secret = Zeroizing::new(deriver.derive_to_vec()?);
    let name = Wrap::EcdhEsA256Kw.name();
    Ok(Zeroizing::new(concat(&secret, name, apu, apv, 32)))
}

/// The key derivation of RFC 7518 section 4.6.2 for up to 32 bytes, which are one round.
fn concat(secret: &[u8], name: &str, apu: &[u8], apv: &[u8], length: usize) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(&1u32.to_be_bytes());
    hash.update(secret);
    for part in [name.as_bytes(), apu, apv] {
        hash.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(&u32::try_from(length * 8).unwrap_or(u32::MAX).to_be_bytes());
    hash.finish()[..length.min(32)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivation_of_rfc_7518_appendix_c_comes_out() {
        let alice = PrivateKey::read(
            r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}"#,
        )
        .expect("key");
        let bob = PublicKey::read(
            r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}"#,
        )
        .expect("key");
        let mut deriver = Deriver::new(alice.pkey()).expect("deriver");
        deriver.set_peer(bob.pkey()).expect("peer");
        let secret = deriver.derive_to_vec().expect("secret");
        let key = concat(&secret, "A128GCM", b"Alice", b"Bob", 16);
        assert_eq!(base::encode(key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn the_key_wrap_of_rfc_3394_comes_out() {
        // section 4.6: 256 bits of data under 256 bits of key
        let kek: Vec<u8> = (0..32).collect();
        let mut cek: Vec<u8> = (0..16).map(|i| i * 0x11).collect();
        cek.extend(0..16);
        let sent = aes_wrap(&kek, &cek).expect("wrap");
        let want =
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21";
        let made: String = sent.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(made, want);
        assert_eq!(*aes_unwrap(&kek, &sent).expect("unwrap"), cek);
        let mut changed = sent;
        changed[3] ^= 1;
        assert!(aes_unwrap(&kek, &changed).is_err());
    }

    #[test]
    fn the_mask_is_set_for_zero_only() {
        for byte in 0..=255u8 {
            assert_eq!(mask_of_zero(byte), if byte == 0 { 0xff } else { 0 });
        }
    }
}
