//! What a server does now and then beside answering: closing idle sessions, noting when apps were last used,
//! forgetting files, jobs and access tokens of the past.

use service::Ctx;
use std::time::Duration;

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(30);

/// Does the rounds until the task is dropped. A failed round is logged; the next one tries again.
pub async fn run(ctx: Ctx) {
    let mut ticks = tokio::time::interval(ROUND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = service::runtime::closing::close_due(&ctx).await {
            tracing::warn!(%error, "idle sessions were not closed");
        }
        if let Err(error) = service::work::forget_old(&ctx).await {
            tracing::warn!(%error, "old files and jobs were not forgotten");
        }
        let ended = ctx.store().accesses().remove_expired(ctx.now()).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "access tokens that have ended were not forgotten");
        }
        let ended = ctx.store().passkeys().remove_expired(ctx.now()).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "challenges that nobody answered were not forgotten");
        }
        if let Err(error) = ctx.gate.flush_uses(&ctx).await {
            tracing::warn!(%error, "last uses of apps were not noted");
        }
    }
}
