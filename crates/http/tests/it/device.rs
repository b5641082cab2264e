//! A passkey in software.

use serde_json::{Value, json};

/// An authenticator with one passkey, and the page that it is used on.
pub struct Device {
    /// What it signs with.
    pub key: jose::PrivateKey,
    /// Id of its credential.
    pub id: &'static [u8],
    /// Host and port of the page.
    pub host: &'static str,
}

impl Device {
    pub fn new(host: &'static str) -> Self {
        Self {
            key: jose::PrivateKey::generate(jose::Kind::Ed25519).unwrap(),
            id: b"a credential",
            host,
        }
    }

    /// The public key as DER.
    fn spki(&self) -> String {
        let jwk = self.key.public().jwk();
        let raw = crypt::webauthn::part(jwk["x"].as_str().unwrap()).unwrap();
        let head = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];
        crypt::webauthn::text(&[head.as_slice(), &raw].concat())
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({"type": kind, "challenge": challenge, "origin": format!("http://{}", self.host)});
        data.to_string().into_bytes()
    }

    fn data(&self, counter: u32, credential: bool) -> Vec<u8> {
        let party = self.host.split(':').next().unwrap();
        let mut data = digest(party.as_bytes());
        data.push(if credential { 0x45 } else { 0x05 });
        data.extend(counter.to_be_bytes());
        if credential {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(self.id);
        }
        data
    }

    pub fn made(&self, name: &str, challenge: &Value) -> Value {
        let text = crypt::webauthn::text;
        json!({"name": name, "clientData": text(&self.client_data("webauthn.create", challenge)),
            "authenticatorData": text(&self.data(1, true)), "publicKey": self.spki()})
    }

    pub fn answer(&self, counter: u32, challenge: &Value) -> Value {
        let text = crypt::webauthn::text;
        let (client, data) = (
            self.client_data("webauthn.get", challenge),
            self.data(counter, false),
        );
        let key = jose::Key::signing(jose::Algorithm::EdDsa, &self.key).unwrap();
        let signature = key.sign(&[data.as_slice(), &digest(&client)].concat());
        json!({"id": text(self.id), "clientData": text(&client), "authenticatorData": text(&data),
            "signature": text(&signature.unwrap())})
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    let hex = crypt::sha256_hex(bytes);
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..64).step_by(2).map(pair).collect()
}
