//! Slows guessing down: attempts per address and name. Not scaled by the rate limit setting, which is for the API.

use crate::Ctx;
use kv::{Hit, Window};
use types::{Error, Result, codes};

/// 5 attempts a minute, 30 an hour.
const WINDOWS: [Window; 2] = [
    Window {
        length: 60_000,
        limit: 5,
    },
    Window {
        length: 3_600_000,
        limit: 30,
    },
];

/// Challenges and answers of one address: 30 a minute, 300 an hour. Nobody guesses an answer, but challenges take room in the store for a
/// while.
const PASSKEYS: [Window; 2] = [
    Window {
        length: 60_000,
        limit: 30,
    },
    Window {
        length: 3_600_000,
        limit: 300,
    },
];

/// Counts a challenge that is given to an address, or an answer that comes from one.
///
/// # Errors
/// As [`attempt`].
pub(super) async fn passkey(ctx: &Ctx, what: &str, from: Option<&str>) -> Result<()> {
    let key = format!("console.passkey.{what}\u{1f}{}", from.unwrap_or_default());
    count(ctx, &key, &PASSKEYS).await
}

/// Counts an attempt of `what` by `who` from `address`.
///
/// # Errors
/// [`codes::RATE_OTHER`] with the seconds to wait.
pub(super) async fn attempt(ctx: &Ctx, what: &str, who: &str, address: Option<&str>) -> Result<()> {
    // a digest, so that a long name takes no more room than a short one
    let who = crypt::sha256_hex(who.as_bytes());
    let key = format!(
        "console.{what}\u{1f}{who}\u{1f}{}",
        address.unwrap_or_default()
    );
    count(ctx, &key, &WINDOWS).await
}

async fn count(ctx: &Ctx, key: &str, windows: &[Window]) -> Result<()> {
    match ctx.parts.windows.hit(key, ctx.now(), windows).await? {
        Hit::Allowed { .. } => Ok(()),
        Hit::Limited { retry_after, .. } => {
            let mut error = Error::of(&codes::RATE_OTHER);
            error.retry_after = Some(retry_after);
            Err(error)
        }
    }
}
