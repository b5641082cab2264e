//! Import into an agent that is there already.

use super::{Task, Wanted, add, package, payload};
use crate::{
    Caller, Ctx,
    definition::{
        self as agents, file,
        part::{Choice, Merge},
        stored,
    },
};
use async_trait::async_trait;
use definition::{Agent, Package};
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Job;
use types::{
    Error, Result,
    id::{BotId, FileId, JobId},
};

pub(super) const KIND: &str = "import-into";

#[derive(Serialize, Deserialize)]
pub(super) struct Ask {
    package: FileId,
    pub(super) title: String,
    pub(super) ref_id: String,
    choice: Choice,
    merge: Merge,
}

/// Asks for an import into an agent. The package is kept, sealed, until the job has taken it in.
///
/// # Errors
/// Not found; bad input that names a part that is not known.
pub async fn ask_merge(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    package: Package,
    choice: Choice,
    merge: Merge,
) -> Result<JobId> {
    agents::get(ctx, caller, bot).await?;
    choice.check()?;
    let work = tokio::task::spawn_blocking(move || {
        let view = Agent::from_package(&package);
        let title = view.name(&view.default_language).to_owned();
        Ok::<_, Error>((title, view.ref_id.clone(), stored::pack(package)?))
    });
    let (title, ref_id, packed) = work.await.map_err(Error::internal)??;
    let file = file::sealed(ctx, &caller.account, "package", packed).await?;
    let ask = Ask {
        package: file.id.clone(),
        title,
        ref_id,
        choice,
        merge,
    };
    let wanted = Wanted {
        id: JobId::with_prefix("bir-", ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: Some(file),
    };
    add(ctx, caller, wanted, &ask).await
}

pub(super) struct Merging;

#[async_trait]
impl Handler<Ctx> for Merging {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let bot = super::agent_of(job)?;
        let task = Task::of(progress);
        task.say(5, &format!("Opening {}", ask.title)).await;
        let package = package::open(ctx, &caller.account, &ask.package).await?;
        task.say(30, "Taking the parts over").await;
        agents::merge_in(&task, ctx, &caller, bot, package, ask.choice, ask.merge).await?;
        package::remove(ctx, &caller.account, &ask.package).await;
        Ok(Value::Null)
    }
}
