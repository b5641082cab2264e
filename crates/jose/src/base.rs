//! base64url without padding, in its one canonical spelling.

use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Decodes; padding, white space, other letters and set bits after the last byte are refused.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Malformed)
}

/// Encodes.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Encodes behind what `text` holds already.
pub fn encode_to(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}
