//! Signed tokens: only those that were signed are accepted, in their one spelling.
#![no_main]
use fuzz::{CAP, SECRET, TOKENS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(jws) = jose::Jws::parse(text, CAP) {
        let known = TOKENS.iter().any(|token| token == text);
        assert_eq!(jws.verify(&SECRET).is_ok(), known);
    }
});
