//! Encrypted texts in the compact form: what opens was sealed.
#![no_main]
use fuzz::{ALL, CAP, open_with_each};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(jwe) = jose::Jwe::parse(text, CAP, &ALL) {
        open_with_each(&jwe);
    }
});
