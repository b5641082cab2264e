//! The compact form of a signature: three parts of base64url.

use crate::{Algorithm, Claims, Error, HEADER_CAP, Key, base};

/// A token that was taken apart; nothing in it is trusted until [`Jws::verify`] has passed.
pub struct Jws<'a> {
    algorithm: Option<Algorithm>,
    input: &'a [u8],
    signature: Vec<u8>,
    claims: Claims,
}

impl<'a> Jws<'a> {
    /// Takes a token of at most `cap` bytes apart and reads its claims. Unknown members of the header are ignored;
    /// `crit`, `zip` and `b64` are refused, `typ` and `cty` must say `JWT` when they are there.
    ///
    /// # Errors
    /// What is wrong with the form; see [`Error`].
    pub fn parse(token: &'a str, cap: usize) -> Result<Self, Error> {
        if token.len() > cap {
            return Err(Error::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Malformed);
        };
        let input = &token.as_bytes()[..header.len() + 1 + payload.len()];
        let header = read_header(header)?;
        check_type(&header)?;
        let algorithm = header.text("alg").map_err(|_| Error::Header)?;
        let algorithm = Algorithm::find(algorithm.ok_or(Error::Header)?);
        let signature = base::decode(signature)?;
        let claims = Claims::read(&base::decode(payload)?)?;
        Ok(Self {
            algorithm,
            input,
            signature,
            claims,
        })
    }

    /// What the token claims about itself, to find the key by.
    pub fn unverified(&self) -> &Claims {
        &self.claims
    }

    /// Checks that the header names the key's algorithm and that the signature fits, and hands out the claims.
    ///
    /// # Errors
    /// [`Error::Algorithm`] or [`Error::Signature`]. The signature is checked in both cases, so that they take as long.
    pub fn verify(&self, key: &Key) -> Result<&Claims, Error> {
        let signed = key.verify(self.input, &self.signature);
        if self.algorithm != Some(key.algorithm()) {
            return Err(Error::Algorithm);
        }
        signed.map(|()| &self.claims)
    }
}

/// Makes a token of claims that are JSON text already.
///
/// # Errors
/// [`Error::Key`] when the key cannot sign.
pub fn sign(key: &Key, claims: &[u8]) -> Result<String, Error> {
    let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, key.algorithm().name());
    let mut token = base::encode(header);
    token.push('.');
    base::encode_to(claims, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    base::encode_to(signature, &mut token);
    Ok(token)
}

/// A protected header without the parameters that would change how everything else is read.
pub(crate) fn read_header(part: &str) -> Result<Claims, Error> {
    if part.len() > HEADER_CAP {
        return Err(Error::TooLong);
    }
    let header = Claims::read(&base::decode(part)?).map_err(|_| Error::Header)?;
    let changes = ["crit", "zip", "b64"];
    if changes.iter().any(|m| header.get(m).is_some()) {
        return Err(Error::Header);
    }
    Ok(header)
}

/// `typ` and `cty` must say `JWT` when they are there.
pub(crate) fn check_type(header: &Claims) -> Result<(), Error> {
    for member in ["typ", "cty"] {
        let text = header.text(member).map_err(|_| Error::Header)?;
        if text.is_some_and(|t| !t.eq_ignore_ascii_case("JWT")) {
            return Err(Error::Header);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TOKEN_CAP;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    fn key(secret: &str) -> Key {
        Key::hmac(Algorithm::Hs256, secret.as_bytes()).expect("key")
    }

    fn raw(header: &str, claims: &str, key: &Key) -> String {
        let input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = key.sign(input.as_bytes()).expect("sign");
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn refused(token: &str) -> Error {
        match Jws::parse(token, TOKEN_CAP) {
            Err(error) => error,
            Ok(jws) => jws.verify(&key("right")).expect_err("must be refused"),
        }
    }

    #[test]
    fn the_example_of_rfc_7515_is_accepted() {
        // RFC 7515 appendix A.1; the key is 64 bytes of base64url there.
        let secret = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .expect("key");
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let jws = Jws::parse(token, TOKEN_CAP).expect("parse");
        let claims = jws
            .verify(&Key::hmac(Algorithm::Hs256, &secret).expect("key"))
            .expect("verify");
        assert_eq!(claims.text("iss"), Ok(Some("joe")));
    }

    #[test]
    fn what_is_not_a_token_is_refused() {
        let right = key("right");
        let good = sign(&right, br#"{"sub":"a"}"#).expect("sign");
        for (token, why) in [
            (String::new(), Error::Malformed),
            ("a.b".into(), Error::Malformed),
            (format!("{good}.x.y"), Error::Malformed),
            (format!("{good}="), Error::Malformed),
            ("x".repeat(1_000_000), Error::TooLong),
            (sign(&key("wrong"), b"{}").expect("sign"), Error::Signature),
            (
                good[..good.rfind('.').expect("dot") + 1].to_owned(),
                Error::Signature,
            ),
            (raw(r#"{"alg":"none"}"#, "{}", &right), Error::Algorithm),
            (raw(r#"{"alg":"HS512"}"#, "{}", &right), Error::Algorithm),
            (raw(r#"{"alg":"hs256"}"#, "{}", &right), Error::Algorithm),
            (raw("{}", "{}", &right), Error::Header),
            (
                raw(r#"{"alg":"HS256","crit":["b64"]}"#, "{}", &right),
                Error::Header,
            ),
            (
                raw(r#"{"alg":"HS256","zip":"DEF"}"#, "{}", &right),
                Error::Header,
            ),
            (
                raw(r#"{"alg":"none","alg":"HS256"}"#, "{}", &right),
                Error::Header,
            ),
            (
                raw(r#"{"alg":"HS256","typ":"JWE"}"#, "{}", &right),
                Error::Header,
            ),
            (
                raw(r#"{"alg":"HS256"}"#, r#"{"a":1,"a":2}"#, &right),
                Error::Claims,
            ),
            (
                raw(r#"{"alg":"HS256"}"#, r#"{"exp":1e400}"#, &right),
                Error::Claims,
            ),
            (raw(r#"{"alg":"HS256"}"#, "[]", &right), Error::Claims),
            (
                raw(r#"{"alg":"HS256"}"#, &"[".repeat(5000), &right),
                Error::Claims,
            ),
        ] {
            assert_eq!(refused(&token), why, "{}", &token[..token.len().min(80)]);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_a_panic(text in ".{0,400}") {
            let _ = Jws::parse(&text, TOKEN_CAP).map(|jws| jws.verify(&key("right")).is_ok());
        }

        #[test]
        fn a_changed_byte_is_refused(at in 0usize..100, with in any::<u8>()) {
            let right = key("right");
            let good = sign(&right, br#"{"sub":"somebody"}"#).expect("sign").into_bytes();
            let mut changed = good.clone();
            let at = at % changed.len();
            changed[at] = with;
            prop_assume!(changed != good);
            let Ok(text) = String::from_utf8(changed) else { return Ok(()) };
            let accepted = Jws::parse(&text, TOKEN_CAP).is_ok_and(|jws| jws.verify(&right).is_ok());
            prop_assert!(!accepted);
        }
    }
}
