//! Encrypted tokens and payloads: what is accepted, the two forms, opening and sealing.
//!
//! A failure past parsing is one and the same error, and takes the same way: when the content key cannot be unwrapped, a random
//! one takes its place and the tag decides (RFC 7516 section 11.5). Nothing is decrypted in CBC mode before its tag was checked.

mod content;
mod seal;
mod wrap;

pub use content::Content;
pub use seal::{Sealed, seal};
pub use wrap::{Opener, Recipient, Wrap};

use crate::jws::{check_type, read_header};
use crate::{Claims, Error, base};
use serde::Deserialize;
use std::borrow::Cow;

/// What a caller is willing to open. The header only picks from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// Ways of bringing the content key.
    pub wraps: &'static [Wrap],
    /// Ways of encrypting the content.
    pub contents: &'static [Content],
    /// The content is a JWT: `typ` and `cty`, where they stand, must say so.
    pub jwt: bool,
}

impl Accept {
    /// Encrypted tokens (DECISIONS section 2 item 2).
    pub const TOKEN: Self = Self {
        wraps: &[Wrap::RsaOaep, Wrap::RsaOaep256, Wrap::EcdhEsA256Kw],
        contents: &Content::ALL,
        jwt: true,
    };
    /// The same for a server that allows the old wrap, `jose.allow_rsa1_5`.
    pub const TOKEN_WITH_RSA1_5: Self = Self {
        wraps: &[
            Wrap::RsaOaep,
            Wrap::RsaOaep256,
            Wrap::EcdhEsA256Kw,
            Wrap::Rsa1_5,
        ],
        ..Self::TOKEN
    };
    /// Payloads in public-key mode (DECISIONS section 3).
    pub const PAYLOAD: Self = Self {
        wraps: &[Wrap::RsaOaep256, Wrap::EcdhEsA256Kw],
        contents: &[Content::A256Gcm],
        jwt: false,
    };
    /// Payloads in symmetric mode (DECISIONS section 3).
    pub const SHARED: Self = Self {
        wraps: &[Wrap::Dir, Wrap::A256Kw],
        contents: &[Content::A256Gcm],
        jwt: false,
    };
}

/// An encrypted token or payload that was taken apart; nothing in it is trusted before [`Jwe::open`] has passed.
pub struct Jwe<'a> {
    header: Claims,
    protected: Cow<'a, str>,
    wrap: Wrap,
    content: Content,
    agreement: Option<wrap::Agreement>,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// The flattened JSON form. Other members (`unprotected`, `header`, `aad`, `recipients`) are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flattened<'a> {
    #[serde(borrow)]
    protected: Cow<'a, str>,
    #[serde(borrow, default)]
    encrypted_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    iv: Cow<'a, str>,
    #[serde(borrow)]
    ciphertext: Cow<'a, str>,
    #[serde(borrow)]
    tag: Cow<'a, str>,
}

impl<'a> Jwe<'a> {
    /// Takes the compact form, at most `cap` bytes, apart.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Malformed`], [`Error::Header`] or [`Error::Algorithm`]. None of them depends on any key.
    pub fn parse(text: &'a str, cap: usize, accept: &Accept) -> Result<Self, Error> {
        if text.len() > cap {
            return Err(Error::TooLong);
        }
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(Error::Malformed);
        let (protected, key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(Error::Malformed);
        }
        Self::of(Cow::Borrowed(protected), key, iv, ciphertext, tag, accept)
    }

    /// Takes the flattened JSON form, at most `cap` bytes, apart.
    ///
    /// # Errors
    /// As [`Jwe::parse`].
    pub fn parse_json(text: &'a str, cap: usize, accept: &Accept) -> Result<Self, Error> {
        if text.len() > cap {
            return Err(Error::TooLong);
        }
        let parts: Flattened<'a> = serde_json::from_str(text).map_err(|_| Error::Malformed)?;
        let key = parts.encrypted_key.as_deref().unwrap_or_default();
        let (iv, ciphertext, tag) = (&*parts.iv, &*parts.ciphertext, &*parts.tag);
        Self::of(parts.protected, key, iv, ciphertext, tag, accept)
    }

    /// Takes a request body apart: flattened JSON when it begins with a brace, else compact.
    ///
    /// # Errors
    /// As [`Jwe::parse`].
    pub fn read(body: &'a [u8], cap: usize, accept: &Accept) -> Result<Self, Error> {
        if body.len() > cap {
            return Err(Error::TooLong);
        }
        let text = std::str::from_utf8(body).map_err(|_| Error::Malformed)?;
        if text.trim_ascii_start().starts_with('{') {
            Self::parse_json(text, cap, accept)
        } else {
            Self::parse(text, cap, accept)
        }
    }

    fn of(
        protected: Cow<'a, str>,
        encrypted_key: &str,
        iv: &str,
        ciphertext: &str,
        tag: &str,
        accept: &Accept,
    ) -> Result<Self, Error> {
        let header = read_header(&protected)?;
        if accept.jwt {
            check_type(&header)?;
        }
        header.text("kid").map_err(|_| Error::Header)?;
        let name = |member| {
            header
                .text(member)
                .map_err(|_| Error::Header)?
                .ok_or(Error::Header)
        };
        let wrap = Wrap::find(name("alg")?).filter(|w| accept.wraps.contains(w));
        let wrap = wrap.ok_or(Error::Algorithm)?;
        let content = Content::find(name("enc")?).filter(|c| accept.contents.contains(c));
        let content = content.ok_or(Error::Algorithm)?;
        let agreement = match wrap {
            Wrap::EcdhEsA256Kw => Some(wrap::Agreement::read(&header)?),
            _ => None,
        };
        let jwe = Self {
            wrap,
            content,
            agreement,
            encrypted_key: base::decode(encrypted_key)?,
            iv: base::decode(iv)?,
            ciphertext: base::decode(ciphertext)?,
            tag: base::decode(tag)?,
            header,
            protected,
        };
        let fits = jwe.iv.len() == content.iv_bytes()
            && jwe.tag.len() == content.tag_bytes()
            && content.takes(jwe.ciphertext.len())
            && wrap.takes(jwe.encrypted_key.len(), content);
        fits.then_some(jwe).ok_or(Error::Malformed)
    }

    /// The protected header; trusted once [`Jwe::open`] has passed.
    pub fn header(&self) -> &Claims {
        &self.header
    }

    /// The `kid` that names the key to open it with.
    pub fn kid(&self) -> Option<&str> {
        self.header.text("kid").ok().flatten()
    }

    /// How the content key came.
    pub fn wrap(&self) -> Wrap {
        self.wrap
    }

    /// How the content is encrypted.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Decrypts. With a private key this costs a private-key operation, failures too: call it on a bounded pool. For a `kid` that
    /// nobody knows, open it with any key and throw the answer away, so that it takes as long.
    ///
    /// # Errors
    /// [`Error::Decryption`], whatever the reason.
    pub fn open(&self, key: &Opener) -> Result<Vec<u8>, Error> {
        let cek = wrap::unwrap(self, key)?;
        self.content.open(
            &cek,
            &self.iv,
            self.protected.as_bytes(),
            &self.ciphertext,
            &self.tag,
        )
    }
}
