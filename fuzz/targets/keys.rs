//! Uploaded keys: what is read can be written and read again.
#![no_main]
use fuzz::write_and_read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(key) = jose::PublicKey::read_unchecked(text) {
        write_and_read(&key);
    }
    if let Ok(key) = jose::PrivateKey::read(text) {
        write_and_read(key.public());
        let again = jose::PrivateKey::read(key.jwk().expect("jwk").expose()).expect("our own JWK");
        assert_eq!(again.public().thumbprint(), key.public().thumbprint());
    }
});
