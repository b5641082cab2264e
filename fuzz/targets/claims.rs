//! Claims: what is read is what serde_json reads, and nothing occurs twice.
#![no_main]
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(claims) = jose::Claims::read(bytes) {
        let other: Value = serde_json::from_slice(bytes).expect("it was JSON for the claims");
        let claims = Value::Object(claims.0);
        assert_eq!(claims, other);
        let again = jose::Claims::read(claims.to_string().as_bytes()).expect("our own JSON");
        assert_eq!(Value::Object(again.0), claims);
    }
});
