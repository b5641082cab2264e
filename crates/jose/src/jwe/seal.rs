//! Encrypting.

use super::{Content, Recipient, Wrap, wrap};
use crate::{KeyError, base};
use serde_json::{Map, Value};

/// An encrypted text, to be written in either form.
pub struct Sealed {
    protected: String,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// Parameters that only [`seal`] itself sets, or that change how everything else is read.
const OWN: [&str; 8] = ["alg", "enc", "epk", "apu", "apv", "zip", "crit", "b64"];

/// Encrypts with a fresh content key and a fresh nonce. `extra` holds further parameters of the protected header, such as `kid` and
/// `cty`.
///
/// # Errors
/// [`KeyError::Unfit`] when the recipient's key does not go with `wrap` and `content`; [`KeyError::Form`] when `extra` holds one of
/// the parameters that are set here.
pub fn seal(
    to: &Recipient,
    wrap: Wrap,
    content: Content,
    extra: &Map<String, Value>,
    plain: &[u8],
) -> Result<Sealed, KeyError> {
    if OWN.iter().any(|own| extra.contains_key(*own)) {
        return Err(KeyError::Form(
            "The header parameters alg, enc, epk, apu, apv, zip, crit and b64 cannot be given.",
        ));
    }
    let mut header = Map::new();
    header.insert("alg".into(), wrap.name().into());
    header.insert("enc".into(), content.name().into());
    let (cek, encrypted_key) = wrap::wrap(wrap, content, to, &mut header)?;
    header.extend(
        extra
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let protected = serde_json::to_vec(&header).map_err(|_| KeyError::Failed)?;
    let protected = base::encode(protected);
    let iv = wrap::random(content.iv_bytes())?.to_vec();
    let (ciphertext, tag) = content.seal(&cek, &iv, protected.as_bytes(), plain)?;
    Ok(Sealed {
        protected,
        encrypted_key,
        iv,
        ciphertext,
        tag,
    })
}

impl Sealed {
    /// The compact form.
    pub fn compact(&self) -> String {
        let mut text = self.room(&self.protected);
        for part in [&self.encrypted_key, &self.iv, &self.ciphertext, &self.tag] {
            text.push('.');
            base::encode_to(part, &mut text);
        }
        text
    }

    /// The flattened JSON form.
    pub fn json(&self) -> String {
        let mut text = self.room(r#"{"protected":""#);
        text.push_str(&self.protected);
        let parts = [
            ("encrypted_key", &self.encrypted_key),
            ("iv", &self.iv),
            ("ciphertext", &self.ciphertext),
            ("tag", &self.tag),
        ];
        for (name, part) in parts {
            if name == "encrypted_key" && part.is_empty() {
                continue;
            }
            text.push_str(r#"",""#);
            text.push_str(name);
            text.push_str(r#"":""#);
            base::encode_to(part, &mut text);
        }
        text.push_str(r#""}"#);
        text
    }

    /// A text that begins so, with room for the rest.
    fn room(&self, start: &str) -> String {
        let bytes = self.ciphertext.len() + self.encrypted_key.len() + self.protected.len() + 256;
        let mut text = String::with_capacity(bytes / 3 * 4);
        text.push_str(start);
        text
    }
}
