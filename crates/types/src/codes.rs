//! The catalogue of errors with fixed texts. Texts and statuses of the public API: DECISIONS section 2.

use crate::error::Kind;

/// The code on the wire: a number or a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Printed as a JSON number.
    Number(u16),
    /// Printed as a JSON string.
    Word(&'static str),
}

/// One entry of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, used by `application/problem+json` answers and in the docs.
    pub name: &'static str,
    /// Class of the error.
    pub kind: Kind,
    /// HTTP status.
    pub status: u16,
    /// `code` of the compatible answer.
    pub wire: Wire,
    /// `msg` of the compatible answer.
    pub text: &'static str,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $ident:ident = $name:literal, $kind:ident, $status:literal, $wire:expr, $text:literal;)*) => {
        $($(#[$doc])* pub static $ident: Code =
            Code { name: $name, kind: Kind::$kind, status: $status, wire: $wire, text: $text };)*
        /// Every entry, for the docs and the tests.
        pub static ALL: &[&Code] = &[$(&$ident),*];
    };
}
use Wire::{Number, Word};

codes! {
    /// No `auth` and no `Authorization` header.
    TOKEN_MISSING = "token_missing", Unauthenticated, 401, Number(401), "Authentication token is missing";
    /// Malformed, wrong key or algorithm, unknown, disabled or deleted app.
    CREDENTIALS = "invalid_credentials", Unauthenticated, 401, Number(4002), "Invalid SDK credentials";
    /// `exp` has passed.
    TOKEN_EXPIRED = "token_expired", Unauthenticated, 401, Word("TOKEN_EXPIRED"), "token expired";
    /// `nbf` or `iat` lies in the future.
    TOKEN_EARLY = "token_not_yet_valid", Unauthenticated, 401, Number(401), "token not yet valid";
    /// The app enforces JTI and the token has none.
    JTI_REQUIRED = "jti_required", Unauthenticated, 401, Number(401), "error verifying the jwt: \"jti\" claim is required";
    /// The account asks for `exp` and the token has none.
    EXP_REQUIRED = "exp_required", Unauthenticated, 401, Number(401), "error verifying the jwt: \"exp\" claim is required";
    /// The account lets other addresses in only.
    ADDRESS = "address_not_allowed", Forbidden, 403, Number(403), "Access from this address is not allowed";
    /// A payload came in clear though it must be encrypted.
    PAYLOAD_CLEAR = "payload_not_encrypted", BadInput, 400, Number(4005), "Request payload must be encrypted";
    /// A payload cannot be decrypted, or was made for another request.
    PAYLOAD_BROKEN = "payload_not_decrypted", BadInput, 400, Number(4006), "Request payload could not be decrypted";
    /// `includeMeta` asks for an encrypted answer and the app has no key.
    PAYLOAD_KEY = "payload_key_missing", BadInput, 400, Number(4005), "The app has no payload encryption key";
    /// A token with a jti lives too long, or has no `exp`.
    JTI_LIFETIME = "jti_lifetime", Unauthenticated, 401, Number(401), "error verifying the jwt: if \"jti\" claim \"exp\" must be <= 1 hour(s)";
    /// The jti was seen before.
    JTI_REPLAY = "jti_replay", Unauthenticated, 401, Number(401), "error verifying the jwt: possibly a replay";
    /// The app enforces JWE and the token came in three parts.
    JWE_REQUIRED = "jwe_required", Unauthenticated, 401, Number(401), "error verifying the jwt: token must be encrypted (JWE)";
    /// The scope is not in the app's published mapping.
    SCOPE = "scope_missing", Forbidden, 403, Number(4002), "Permission denied. Scope is incorrect!";
    /// The database or the shared key-value store cannot be reached.
    STORE_UNREACHABLE = "store_unreachable", Unavailable, 503, Number(503), "Service unavailable, please try again";
    /// Unknown agent, another account's agent, or one that the app is not linked to.
    BOT_NOT_FOUND = "bot_not_found", NotFound, 404, Number(404), "Bot not found";
    /// Rolling minute window.
    RATE_MINUTE = "rate_minute", Limited, 429, Number(429), "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";
    /// Rolling hour window.
    RATE_HOUR = "rate_hour", Limited, 429, Number(429), "You've exceeded the hourly rate limit. Please wait for sometime before retrying.";
    /// Any other window.
    RATE_OTHER = "rate_other", Limited, 429, Number(429), "Rate limit for this API has been reached. Please try again after some time.";
    /// The headers of a request are too long as a whole.
    HEADERS_LONG = "headers_too_long", TooLarge, 431, Number(431), "The headers of the request are too long";
    /// The body of a request is too long for its path.
    BODY_LONG = "body_too_long", TooLarge, 413, Number(413), "The body of the request is too long";
    /// The request was not read and answered in time.
    REQUEST_TIMEOUT = "request_timeout", Unavailable, 408, Number(408), "The request took too long";
    /// No endpoint at this path.
    NO_ENDPOINT = "no_endpoint", NotFound, 404, Number(404), "There is no such endpoint";
    /// The endpoint does not know this method.
    METHOD = "method_not_allowed", BadInput, 405, Number(405), "The endpoint does not take this method";
    /// Asked for the published copy of an agent that has none.
    BOT_NOT_PUBLISHED = "bot_not_published", BadInput, 400, Number(400), "Bot is not published";
    /// The agent was never trained.
    BOT_NOT_TRAINED = "bot_not_trained", BadInput, 400, Number(400), "Bot is not trained";
    /// Channel paths: any token that is not accepted (runtime.md section 12).
    CHANNEL_TOKEN = "channel_token", Unauthenticated, 401, Number(401), "Invalid Access token";
    /// Channel paths: the body is not what the channel takes.
    CHANNEL_PAYLOAD = "channel_payload", BadInput, 400, Number(400), "Invalid Request Payload";
    /// Channel paths: limit reached.
    CHANNEL_LIMIT = "channel_limit", Limited, 429, Number(429), "Too Many requests";
    /// Channel paths: no answer in time.
    CHANNEL_TIMEOUT = "channel_timeout", Unavailable, 504, Number(504), "The request has been timed-out";
    /// Console: the agent is not any more as the caller saw it.
    AGENT_CHANGED = "changed_meanwhile", Conflict, 412, Number(412), "The agent was changed meanwhile";
    /// Console: nobody is signed in.
    NO_SESSION = "no_session", Unauthenticated, 401, Number(401), "Sign in first";
    /// Console: address or password are wrong; which of them is not told.
    SIGN_IN = "sign_in_failed", Unauthenticated, 401, Number(401), "Address or password are wrong";
    /// Console: the password was right, and the person has a second factor.
    SECOND_FACTOR = "second_factor_required", Unauthenticated, 401, Number(401), "Type the code of your authenticator app";
    /// Console: a code that is wrong or was used.
    SECOND_FACTOR_WRONG = "second_factor_wrong", Unauthenticated, 401, Number(401), "This code is wrong, or was used before";
    /// Console: the password was right, and the person has a passkey and no authenticator app.
    PASSKEY = "passkey_required", Unauthenticated, 401, Number(401), "Sign in with your passkey";
    /// Console: a passkey that is not known here, or an answer that does not count.
    PASSKEY_WRONG = "passkey_wrong", Unauthenticated, 401, Number(401), "This passkey does not open an account here";
    /// Console: a change without the token of the session.
    CSRF = "csrf_token", Forbidden, 403, Number(403), "The x-csrf-token header is missing or wrong";
    /// Console: the last proof of identity is too old.
    STEP_UP = "step_up_required", Forbidden, 403, Number(403), "Confirm your password first";
    /// Console: a first password is still in use.
    PASSWORD_CHANGE = "password_change_required", Forbidden, 403, Number(403), "Change your password first";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|c| c.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(before, names.len());
    }
}
