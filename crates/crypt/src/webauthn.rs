//! Checks of passkeys: WebAuthn Level 2 sections 7.1 and 7.2, for credentials without attestation.
//!
//! Without attestation nobody vouches for the authenticator, so the attestation object says nothing that is worth reading: the
//! browser hands out authenticator data and public key apart, and only these are looked at.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    sha::sha256,
    sign::Verifier,
};
use serde::Deserialize;

/// Longest client data, authenticator data, key or signature that is looked at, bytes.
const PART_CAP: usize = 4096;
/// Longest id of a credential, bytes (the standard's own).
pub const ID_CAP: usize = 1023;
/// Bytes of authenticator data before the credential: digest of the party, flags, counter.
const HEAD: usize = 37;
/// Bytes of a credential before its id: model of the authenticator, length of the id.
const ATTESTED: usize = 18;
/// Flags of authenticator data: the person was there, was recognised, a credential follows.
const PRESENT: u8 = 0x01;
const RECOGNISED: u8 = 0x04;
const CREDENTIAL: u8 = 0x40;

/// What an answer must have been made for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Scheme, host and port of the page.
    pub origin: &'a str,
    /// The host that credentials belong to.
    pub party: &'a str,
    /// The challenge as base64url without padding.
    pub challenge: &'a str,
}

/// A credential that was made just now.
#[derive(Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub id: Vec<u8>,
    /// How often it was used, as it says itself.
    pub counter: u32,
}

/// Why an answer does not count; for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Client data that are no such JSON, or for something else.
    #[error("the client data are not those of this request")]
    ClientData,
    /// Authenticator data that are cut off, for another host, or made without the person.
    #[error("the authenticator data are not those of this request")]
    AuthenticatorData,
    /// A key of another kind than ES256, EdDSA or RS256 with 2048 bits or more.
    #[error("the key is of no kind that is taken")]
    Key,
    /// The signature does not fit.
    #[error("the signature is wrong")]
    Signature,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// Takes a new credential. `key` is its public key as DER SPKI.
///
/// # Errors
/// [`Refusal`]
pub fn register(
    expected: &Expected<'_>,
    client_data: &[u8],
    authenticator: &[u8],
    key: &[u8],
) -> Result<Registered, Refusal> {
    check_client_data(expected, "webauthn.create", client_data)?;
    let counter = check_head(expected, authenticator)?;
    let rest = &authenticator[HEAD..];
    let size = match rest.get(ATTESTED - 2..ATTESTED) {
        Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
        _ => return Err(Refusal::AuthenticatorData),
    };
    let id = rest.get(ATTESTED..ATTESTED + size).unwrap_or_default();
    let has = authenticator[32] & CREDENTIAL != 0;
    if !has || id.is_empty() || id.len() > ID_CAP {
        return Err(Refusal::AuthenticatorData);
    }
    read_key(key)?;
    let id = id.to_vec();
    Ok(Registered { id, counter })
}

/// Checks that somebody used the credential with this key; gives its counter.
///
/// # Errors
/// [`Refusal`]
pub fn assert(
    expected: &Expected<'_>,
    client_data: &[u8],
    authenticator: &[u8],
    signature: &[u8],
    key: &[u8],
) -> Result<u32, Refusal> {
    check_client_data(expected, "webauthn.get", client_data)?;
    let counter = check_head(expected, authenticator)?;
    let signed = [authenticator, &sha256(client_data)].concat();
    if verify(&read_key(key)?, &signed, signature) {
        Ok(counter)
    } else {
        Err(Refusal::Signature)
    }
}

fn check_client_data(expected: &Expected<'_>, kind: &str, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > PART_CAP {
        return Err(Refusal::ClientData);
    }
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Refusal::ClientData)?;
    let fits = data.r#type == kind
        && crate::same(data.challenge.as_bytes(), expected.challenge.as_bytes())
        && data.origin == expected.origin
        && !data.cross_origin;
    if fits {
        Ok(())
    } else {
        Err(Refusal::ClientData)
    }
}

/// Checks host and flags; gives the counter.
fn check_head(expected: &Expected<'_>, bytes: &[u8]) -> Result<u32, Refusal> {
    let wrong = Refusal::AuthenticatorData;
    if bytes.len() > PART_CAP {
        return Err(wrong);
    }
    let (head, _) = bytes.split_first_chunk::<HEAD>().ok_or(wrong)?;
    let flags = head[32];
    let there = PRESENT | RECOGNISED;
    if head[..32] != sha256(expected.party.as_bytes()) || flags & there != there {
        return Err(wrong);
    }
    Ok(u32::from_be_bytes([head[33], head[34], head[35], head[36]]))
}

fn read_key(der: &[u8]) -> Result<PKey<Public>, Refusal> {
    if der.len() > PART_CAP {
        return Err(Refusal::Key);
    }
    let key = PKey::public_key_from_der(der).map_err(|_| Refusal::Key)?;
    let taken = match key.id() {
        Id::EC => key
            .ec_key()
            .is_ok_and(|ec| ec.group().curve_name() == Some(Nid::X9_62_PRIME256V1)),
        Id::RSA => (2048..=8192).contains(&key.bits()),
        Id::ED25519 => true,
        _ => false,
    };
    if taken { Ok(key) } else { Err(Refusal::Key) }
}

fn verify(key: &PKey<Public>, signed: &[u8], signature: &[u8]) -> bool {
    let verifier = match key.id() {
        Id::ED25519 => Verifier::new_without_digest(key),
        _ => Verifier::new(MessageDigest::sha256(), key),
    };
    let fits = verifier.and_then(|mut verifier| verifier.verify_oneshot(signature, signed));
    fits.unwrap_or(false)
}

/// Bytes of a part as the page sends it: base64url without padding, [`PART_CAP`] bytes at most.
pub fn part(text: &str) -> Option<Vec<u8>> {
    let short = text.len() <= PART_CAP * 4 / 3 + 4;
    short.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()
}

/// The same the other way round.
pub fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::{
        ec::{EcGroup, EcKey},
        pkey::Private,
        rsa::Rsa,
        sign::Signer,
    };

    const EXPECTED: Expected<'static> = Expected {
        origin: "https://ombud.example",
        party: "ombud.example",
        challenge: "Y2hhbGxlbmdl",
    };

    fn client_data(kind: &str, challenge: &str, origin: &str, more: &str) -> Vec<u8> {
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
            .into_bytes()
    }

    fn authenticator(party: &str, flags: u8, credential: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = sha256(party.as_bytes()).to_vec();
        bytes.push(flags);
        bytes.extend(7u32.to_be_bytes());
        if let Some(id) = credential {
            bytes.extend([0; 16]);
            bytes.extend(u16::try_from(id.len()).expect("made").to_be_bytes());
            bytes.extend(id);
            bytes.extend([0xa5; 70]);
        }
        bytes
    }

    fn p256() -> PKey<Private> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("made");
        PKey::from_ec_key(EcKey::generate(&group).expect("made")).expect("made")
    }

    fn sign(key: &PKey<Private>, bytes: &[u8]) -> Vec<u8> {
        let mut signer = match key.id() {
            Id::ED25519 => Signer::new_without_digest(key).expect("made"),
            _ => Signer::new(MessageDigest::sha256(), key).expect("made"),
        };
        signer.sign_oneshot_to_vec(bytes).expect("made")
    }

    #[test]
    fn a_credential_made_for_this_request_is_taken() {
        let spki = p256().public_key_to_der().expect("made");
        let data = client_data("webauthn.create", EXPECTED.challenge, EXPECTED.origin, "");
        let good = authenticator(EXPECTED.party, 0x45, Some(b"credential"));
        let made = register(&EXPECTED, &data, &good, &spki).expect("made");
        assert_eq!(made.id, b"credential");
        assert_eq!(made.counter, 7);
    }

    #[test]
    fn a_credential_for_anything_else_is_refused() {
        let spki = p256().public_key_to_der().expect("made");
        let data = client_data("webauthn.create", EXPECTED.challenge, EXPECTED.origin, "");
        let good = authenticator(EXPECTED.party, 0x45, Some(b"credential"));
        for (name, data) in [
            (
                "kind",
                client_data("webauthn.get", EXPECTED.challenge, EXPECTED.origin, ""),
            ),
            (
                "challenge",
                client_data("webauthn.create", "b3RoZXI", EXPECTED.origin, ""),
            ),
            (
                "origin",
                client_data(
                    "webauthn.create",
                    EXPECTED.challenge,
                    "https://evil.example",
                    "",
                ),
            ),
            (
                "frame",
                client_data(
                    "webauthn.create",
                    EXPECTED.challenge,
                    EXPECTED.origin,
                    r#","crossOrigin":true"#,
                ),
            ),
            ("form", b"[]".to_vec()),
            ("size", vec![b' '; PART_CAP + 1]),
        ] {
            assert_eq!(
                register(&EXPECTED, &data, &good, &spki),
                Err(Refusal::ClientData),
                "{name}"
            );
        }
        for (name, bytes) in [
            (
                "party",
                authenticator("evil.example", 0x45, Some(b"credential")),
            ),
            (
                "nobody there",
                authenticator(EXPECTED.party, 0x44, Some(b"credential")),
            ),
            (
                "not recognised",
                authenticator(EXPECTED.party, 0x41, Some(b"credential")),
            ),
            (
                "no credential",
                authenticator(EXPECTED.party, 0x05, Some(b"credential")),
            ),
            ("empty id", authenticator(EXPECTED.party, 0x45, Some(b""))),
            (
                "long id",
                authenticator(EXPECTED.party, 0x45, Some(&[1; ID_CAP + 1])),
            ),
            ("cut off", good[..HEAD + ATTESTED + 3].to_vec()),
            ("cut off early", good[..HEAD - 1].to_vec()),
            ("nothing", Vec::new()),
        ] {
            let refused = register(&EXPECTED, &data, &bytes, &spki);
            assert_eq!(refused, Err(Refusal::AuthenticatorData), "{name}");
        }
        let weak = PKey::from_rsa(Rsa::generate(1024).expect("made")).expect("made");
        let group = EcGroup::from_curve_name(Nid::SECP384R1).expect("made");
        let other = PKey::from_ec_key(EcKey::generate(&group).expect("made")).expect("made");
        for key in [
            weak.public_key_to_der().expect("made"),
            other.public_key_to_der().expect("made"),
            b"key".to_vec(),
        ] {
            assert_eq!(register(&EXPECTED, &data, &good, &key), Err(Refusal::Key));
        }
    }

    #[test]
    fn a_use_counts_only_with_its_signature() {
        let data = client_data("webauthn.get", EXPECTED.challenge, EXPECTED.origin, "");
        let head = authenticator(EXPECTED.party, 0x05, None);
        let signed = [head.as_slice(), &sha256(&data)].concat();
        let rsa = PKey::from_rsa(Rsa::generate(2048).expect("made")).expect("made");
        for key in [p256(), rsa, PKey::generate_ed25519().expect("made")] {
            let spki = key.public_key_to_der().expect("made");
            let signature = sign(&key, &signed);
            assert_eq!(assert(&EXPECTED, &data, &head, &signature, &spki), Ok(7));
            // any bit of what was signed, and of the signature's end
            for at in 0..signed.len() {
                let mut bent = head.clone();
                if at < bent.len() {
                    bent[at] ^= 0x80;
                    assert!(
                        assert(&EXPECTED, &data, &bent, &signature, &spki).is_err(),
                        "{at}"
                    );
                }
            }
            let mut bent = signature.clone();
            *bent.last_mut().expect("made") ^= 1;
            assert_eq!(
                assert(&EXPECTED, &data, &head, &bent, &spki),
                Err(Refusal::Signature)
            );
            let other = p256().public_key_to_der().expect("made");
            assert_eq!(
                assert(&EXPECTED, &data, &head, &signature, &other),
                Err(Refusal::Signature)
            );
        }
    }

    #[test]
    fn parts_are_base64url_of_a_bounded_length() {
        assert_eq!(part(&text(&[1; PART_CAP])).map(|p| p.len()), Some(PART_CAP));
        assert_eq!(part(&text(&[1; PART_CAP + 10])), None);
        assert_eq!(part("a=="), None);
        assert_eq!(part("a+b/"), None);
    }
}
