//! Import of an agent.

use super::{Task, Wanted, add, merge, package, payload};
use crate::{
    Caller, Ctx,
    admin::checked_name,
    definition::{self as agents, file, stored},
};
use async_trait::async_trait;
use definition::{Agent, Limits, Package, ReadError};
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Job;
use types::{
    Error, Kind, Result,
    id::{FileId, JobId},
};

const KIND: &str = "import";

#[derive(Serialize, Deserialize)]
struct Ask {
    package: FileId,
    name: Option<String>,
    title: String,
    ref_id: String,
}

/// What an import was asked to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Name of the agent to be.
    pub name: String,
    /// Reference id of the definition.
    pub ref_id: String,
}

/// Files that were uploaded before, to be imported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// A packed export.
    Zip(FileId),
    /// One by one.
    Files {
        /// The definition.
        definition: FileId,
        /// The configuration.
        config: FileId,
        /// The picture.
        icon: Option<FileId>,
        /// Shared functions.
        functions: Vec<FileId>,
    },
}

/// Files with shared functions that one import takes.
const FUNCTIONS_MAX: usize = 20;

/// Reads files that were uploaded before.
///
/// # Errors
/// Not found, for a file that is unknown, expired or another account's; bad input that says what is wrong with which file.
pub async fn read_upload(ctx: &Ctx, caller: &Caller, upload: Upload) -> Result<Package> {
    let read = async |id: &FileId| file::read(ctx, &caller.account, id).await;
    let mut files = Vec::new();
    match upload {
        Upload::Zip(id) => {
            let (_, bytes) = read(&id).await?;
            files.push(("export.zip".to_owned(), bytes));
        }
        Upload::Files {
            definition,
            config,
            icon,
            functions,
        } => {
            if functions.len() > FUNCTIONS_MAX {
                let text = format!("must be at most {FUNCTIONS_MAX} files");
                return Err(Error::field("botFunctions", text));
            }
            let (name, bytes) = read(&definition).await?;
            let app = name.to_ascii_lowercase().ends_with("appdefinition.json");
            let name = if app {
                "appDefinition.json"
            } else {
                "botDefinition.json"
            };
            files.push((name.to_owned(), bytes));
            files.push(("config.json".to_owned(), read(&config).await?.1));
            for (at, id) in functions.iter().enumerate() {
                let (name, bytes) = read(id).await?;
                let fits = name.to_ascii_lowercase().ends_with("botfunctions.js");
                let name = if fits {
                    name
                } else {
                    format!("{at}_botFunctions.js")
                };
                files.push((name, bytes));
            }
            if let Some(icon) = icon {
                let (name, bytes) = read(&icon).await?;
                let json = name.to_ascii_lowercase().ends_with(".json");
                let name = if json { "icon.json" } else { "icon.png" };
                files.push((name.to_owned(), bytes));
            }
        }
    }
    read_files(files).await
}

/// Reads an upload: one zip, or the files of an agent by their names.
///
/// # Errors
/// Bad input on `file` that says what is wrong with which file; too large.
pub async fn read_files(mut files: Vec<(String, Vec<u8>)>) -> Result<Package> {
    let work = tokio::task::spawn_blocking(move || match files.as_slice() {
        [(_, bytes)] if bytes.starts_with(b"PK") => definition::read_zip(bytes, &Limits::default()),
        [(name, bytes)] if name.to_ascii_lowercase().ends_with(".zip") => {
            definition::read_zip(bytes, &Limits::default())
        }
        [(name, _)] if name.to_ascii_lowercase().ends_with(".json") => {
            // a definition alone, under whatever name it was saved
            if !name.to_ascii_lowercase().ends_with("appdefinition.json") {
                "botDefinition.json".clone_into(&mut files[0].0);
            }
            definition::from_files(files)
        }
        _ => definition::from_files(files),
    });
    work.await.map_err(Error::internal)?.map_err(unreadable)
}

/// The refusal for a package that cannot be read.
fn unreadable(error: ReadError) -> Error {
    match error {
        ReadError::TooLarge { .. } => Error::new(Kind::TooLarge, format!("file: {error}")),
        error => Error::field("file", error.to_string()),
    }
}

/// Asks for an import as a new agent. The package is kept, sealed, until the job has taken it in.
///
/// # Errors
/// Bad input on `name`; when the store cannot be reached.
pub async fn ask_import(
    ctx: &Ctx,
    caller: &Caller,
    package: Package,
    name: Option<&str>,
) -> Result<JobId> {
    let name = name.map(|name| checked_name("name", name)).transpose()?;
    let work = tokio::task::spawn_blocking(move || {
        let view = Agent::from_package(&package);
        let title = view.name(&view.default_language).to_owned();
        Ok::<_, Error>((title, view.ref_id.clone(), stored::pack(package)?))
    });
    let (title, ref_id, packed) = work.await.map_err(Error::internal)??;
    let file = file::sealed(ctx, &caller.account, "package", packed).await?;
    let ask = Ask {
        package: file.id.clone(),
        title: name.clone().unwrap_or(title),
        name,
        ref_id,
    };
    let wanted = Wanted {
        id: JobId::with_prefix("bir-", ctx.ids()),
        kind: KIND,
        bot: None,
        file: Some(file),
    };
    add(ctx, caller, wanted, &ask).await
}

/// What a job imports; none when it is a job of another kind.
///
/// # Errors
/// Internal, when the job's payload cannot be opened.
pub fn asked(ctx: &Ctx, job: &Job) -> Result<Option<Asked>> {
    if job.new.kind == merge::KIND {
        let (_, ask) = payload::open::<merge::Ask>(ctx, job)?;
        return Ok(Some(Asked {
            name: ask.title,
            ref_id: ask.ref_id,
        }));
    }
    if job.new.kind != KIND {
        return Ok(None);
    }
    let (_, ask) = payload::open::<Ask>(ctx, job)?;
    Ok(Some(Asked {
        name: ask.title,
        ref_id: ask.ref_id,
    }))
}

pub(super) struct Import;

#[async_trait]
impl Handler<Ctx> for Import {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let task = Task::of(progress);
        task.say(5, &format!("Opening {}", ask.title)).await;
        let package = package::open(ctx, &caller.account, &ask.package).await?;
        let dialogs = package.definition["dialogs"].as_array().map_or(0, Vec::len);
        task.say(30, &format!("Checking {dialogs} dialogs")).await;
        agents::import_in(&task, ctx, &caller, package, ask.name).await?;
        package::remove(ctx, &caller.account, &ask.package).await;
        Ok(Value::Null)
    }
}
