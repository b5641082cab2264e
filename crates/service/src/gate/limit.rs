//! Rolling rate limits of the operations (DECISIONS section 2 item 10).

use crate::ctx::Ctx;
use kv::{Hit, Window};
use types::{Error, Result, codes, limit::Limit};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

/// What is left after a request, for the `RateLimit-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// Requests of the tightest window.
    pub limit: u32,
    /// How many are left in it.
    pub left: u32,
    /// Whole seconds until it is free of all counted so far.
    pub reset: u64,
}

/// Counts a request for an operation under `key` (what the limit counts apart). None: limits are lifted.
///
/// # Errors
/// [`codes::RATE_MINUTE`] or [`codes::RATE_HOUR`] with the seconds to wait; unavailable when the counters cannot be reached.
pub async fn hit(
    ctx: &Ctx,
    operation: &str,
    limit: &Limit,
    key: &str,
) -> Result<Option<Remaining>> {
    let factor = ctx.parts.settings.rate_limit_factor;
    if factor <= 0.0 {
        return Ok(None);
    }
    let scaled = |limit: u32| (f64::from(limit) * factor).ceil().min(f64::from(u32::MAX)) as u32;
    let windows = [
        Window {
            length: MINUTE,
            limit: scaled(limit.minute),
        },
        Window {
            length: HOUR,
            limit: scaled(limit.hour),
        },
    ];
    match ctx
        .parts
        .windows
        .hit(&format!("{operation}\u{1f}{key}"), ctx.now(), &windows)
        .await?
    {
        Hit::Allowed {
            remaining,
            limit,
            reset_after,
        } => Ok(Some(Remaining {
            limit,
            left: remaining,
            reset: reset_after,
        })),
        Hit::Limited {
            length,
            retry_after,
            limit,
        } => {
            let code = match length {
                MINUTE => &codes::RATE_MINUTE,
                HOUR => &codes::RATE_HOUR,
                _ => &codes::RATE_OTHER,
            };
            let mut error = Error::of(code);
            error.retry_after = Some(retry_after);
            error.limit = Some(limit);
            Err(error)
        }
    }
}
