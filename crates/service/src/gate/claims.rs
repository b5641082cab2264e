//! What the gate takes from the claims of a token.

use super::{
    table::{GateApp, GateTable},
    times::Times,
};
use crate::admin::apps::AppKind;
use jose::{Claims, Error};
use serde_json::Value;
use types::id::ClientId;

/// Longest jti, in bytes.
const JTI_CAP: usize = 256;

/// Whose rules apply to a token: the public API's or the channels'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Operations of the public API: `appId` only.
    Api,
    /// Channel paths: `appId`, else `kore_iss`, else `iss`.
    Channel,
    /// The exchange of a JWT for an access token: clients as on the channels, the jti as on the API.
    Grant,
}

/// The claims that count, read once and checked for shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The app, by `appId`.
    pub app_id: Option<ClientId>,
    /// The app, by `kore_iss`, else `iss`.
    pub issuer: Option<ClientId>,
    /// `sub` or `kore_sub`.
    pub subject: Option<String>,
    /// `jti` or `kore_jti`.
    pub jti: Option<String>,
    /// The times.
    pub times: Times,
    /// `isAnonymous`.
    pub anonymous: bool,
    /// `userIdentity`.
    pub user_identity: Option<String>,
    /// `secureCustomData`.
    pub secure_custom_data: Option<Value>,
    /// `privateClaims`.
    pub private_claims: Option<Value>,
}

impl Token {
    /// Reads the claims.
    ///
    /// # Errors
    /// [`Error::Claims`] when one that counts has a wrong shape, or two that stand for each other differ.
    pub fn read(claims: &Claims) -> Result<Self, Error> {
        let issuer = match claims.text("kore_iss")? {
            Some(text) => Some(text),
            None => claims.text("iss").unwrap_or_default(),
        };
        let jti = either(claims, "jti", "kore_jti")?;
        if jti
            .as_ref()
            .is_some_and(|j| j.is_empty() || j.len() > JTI_CAP)
        {
            return Err(Error::Claims);
        }
        let app_id = match claims.text("appId")? {
            Some(text) => Some(ClientId::parse(text).ok_or(Error::Claims)?),
            None => None,
        };
        Ok(Self {
            app_id,
            issuer: issuer.and_then(ClientId::parse),
            subject: either(claims, "sub", "kore_sub")?,
            jti,
            times: Times::read(|name| claims.get(name)).ok_or(Error::Claims)?,
            anonymous: claims.get("isAnonymous") == Some(&Value::Bool(true)),
            user_identity: claims.text("userIdentity")?.map(str::to_owned),
            secure_custom_data: claims.get("secureCustomData").cloned(),
            private_claims: claims.get("privateClaims").cloned(),
        })
    }

    /// The app that the token names on this surface.
    pub fn client(&self, surface: Surface) -> Option<&ClientId> {
        match surface {
            Surface::Api => self.app_id.as_ref(),
            Surface::Channel | Surface::Grant => self.app_id.as_ref().or(self.issuer.as_ref()),
        }
    }

    /// The same app in the table. On the API an app may allow to be named as on the channels; these take platform apps only.
    pub fn app<'t>(&self, surface: Surface, table: &'t GateTable) -> Option<&'t GateApp> {
        let named = self.client(surface).and_then(|client| table.app(client));
        match surface {
            Surface::Api => named.or_else(|| {
                let other = self.issuer.as_ref().filter(|_| self.app_id.is_none());
                other
                    .and_then(|c| table.app(c))
                    .filter(|app| app.sdk_tokens)
            }),
            Surface::Channel | Surface::Grant => named.filter(|app| app.kind == AppKind::Platform),
        }
    }

    /// Bytes that it takes in the cache, roughly.
    pub fn weight(&self) -> u32 {
        let texts = [&self.subject, &self.jti, &self.user_identity];
        let texts: usize = texts
            .iter()
            .map(|t| t.as_ref().map_or(0, String::len))
            .sum();
        let data = [&self.secure_custom_data, &self.private_claims];
        let data: usize = data
            .iter()
            .map(|d| d.as_ref().map_or(0, |v| 2 * v.to_string().len()))
            .sum();
        u32::try_from(512 + texts + data).unwrap_or(u32::MAX)
    }
}

fn either(claims: &Claims, plain: &str, own: &str) -> Result<Option<String>, Error> {
    match (claims.text(plain)?, claims.text(own)?) {
        (Some(a), Some(b)) if a != b => Err(Error::Claims),
        (a, b) => Ok(a.or(b).map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Token, Error> {
        Token::read(&serde_json::from_str(json).expect("claims"))
    }

    #[test]
    fn the_api_takes_app_id_only() {
        let sdk = read(r#"{"iss":"cs-1"}"#).expect("token");
        assert_eq!(sdk.client(Surface::Api), None);
        assert_eq!(
            sdk.client(Surface::Channel).map(ClientId::as_str),
            Some("cs-1")
        );
        let own = read(r#"{"iss":"https://issuer","kore_iss":"cs-2"}"#).expect("token");
        assert_eq!(
            own.client(Surface::Channel).map(ClientId::as_str),
            Some("cs-2")
        );
        let api = read(r#"{"appId":"cs-3","iss":"cs-1"}"#).expect("token");
        assert_eq!(
            api.client(Surface::Channel).map(ClientId::as_str),
            Some("cs-3")
        );
    }

    #[test]
    fn other_spellings_of_app_id_do_not_count() {
        for json in [
            r#"{"appid":"cs-1"}"#,
            r#"{"App ID":"cs-1"}"#,
            r#"{"app ID":"cs-1"}"#,
        ] {
            assert_eq!(read(json).expect("token").client(Surface::Channel), None);
        }
    }

    #[test]
    fn claims_that_stand_for_each_other_must_agree() {
        assert!(read(r#"{"sub":"a","kore_sub":"b"}"#).is_err());
        assert!(read(r#"{"jti":"a","kore_jti":"b"}"#).is_err());
        let same = read(r#"{"sub":"a","kore_sub":"a","kore_jti":"j"}"#).expect("token");
        assert_eq!(
            (same.subject.as_deref(), same.jti.as_deref()),
            (Some("a"), Some("j"))
        );
    }

    #[test]
    fn a_jti_is_a_text_of_1_to_256_bytes() {
        for jti in [
            r#""""#.to_owned(),
            "7".to_owned(),
            format!("{:?}", "x".repeat(257)),
        ] {
            assert!(read(&format!(r#"{{"jti":{jti}}}"#)).is_err(), "{jti}");
        }
        assert!(read(&format!(r#"{{"jti":{:?}}}"#, "x".repeat(256))).is_ok());
    }

    #[test]
    fn what_has_a_wrong_shape_is_refused() {
        for json in [
            r#"{"appId":7}"#,
            r#"{"appId":"nonsense"}"#,
            r#"{"sub":7}"#,
            r#"{"exp":"soon"}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
