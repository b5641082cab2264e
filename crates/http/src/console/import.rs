//! Import of an agent: the files come as a form.

use super::{
    agents::attachment,
    body::{self, Body},
    jobs::Started,
    signed::Signed,
};
use crate::{
    error::Problem,
    form::{self, Refused},
};
use axum::{
    Json,
    extract::{
        Multipart, Path, State,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use service::{
    Ctx,
    console::permission::Permission,
    definition::{
        Leave, file,
        part::{Choice, Merge},
    },
    work,
};
use tokio::sync::Semaphore;
use types::{
    Error, Kind, Result,
    id::{FileId, JobId},
};
use utoipa::ToSchema;

/// Bytes of all files of a form together (packed size of an agent at most).
const FILES_CAP: usize = 64 * 1024 * 1024;
/// Bytes of the whole body: the files, and the form around them.
pub(super) const BODY_CAP: usize = FILES_CAP + 1024 * 1024;
/// Files of a form at most (ours); an agent with more of them comes as a zip.
const FILES_MAX: usize = 1_000;
/// Longest path of a file, bytes (ours).
const PATH_CAP: usize = 1_024;
/// Longest name of an agent as sent, bytes; the exact limit is checked by the service.
const NAME_CAP: usize = 1_024;
/// Longest word that names a part, bytes (ours).
const WORD_CAP: usize = 100;
/// Words of a form at most (ours).
const WORDS_MAX: usize = 100;
/// Forms that are read at a time in one process (ours): what is read lies in memory until it is sealed.
pub(super) static READING: Semaphore = Semaphore::const_new(2);

/// The form.
#[derive(ToSchema)]
#[schema(as = ConsoleImportForm)]
#[expect(dead_code, reason = "describes the form in the document only")]
pub struct ImportForm {
    /// One zip, or the files of an agent with their names; 64 MiB together at most.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// Name of the agent; without it the one in the definition.
    name: Option<String>,
}

/// Starts an import as a new agent
///
/// The form holds one zip, or the files of an agent with their names.
///
/// # Errors
/// Bad input on `file` or `name`; too large.
#[utoipa::path(post, path = "", operation_id = "consoleImport", tag = "console", request_body(content = ImportForm, content_type = "multipart/form-data"), responses((status = 202, description = "The job", body = Started)))]
pub async fn import(
    State(ctx): State<Ctx>,
    signed: Signed,
    form: form::Form<BODY_CAP>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let form = form.0.map_err(refused)?;
    let _turn = READING.acquire().await.map_err(Error::internal)?;
    let form = read(form).await?;
    let package = work::read_files(form.files).await?;
    let job_id = work::ask_import(&ctx, caller, package, form.name.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// The form of an import into an agent.
#[derive(ToSchema)]
#[schema(as = ConsoleImportIntoForm)]
#[expect(dead_code, reason = "describes the form in the document only")]
pub struct ImportIntoForm {
    /// One zip, or the files of an agent with their names; 64 MiB together at most.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// A part to be taken over as `list.word`, for instance `tasks.botTask`; once for each. Everything when there is none.
    part: Option<Vec<String>>,
    /// `utterances` or `patterns`: they are added to those of the agent instead of replacing them; once for each.
    append: Option<Vec<String>>,
}

/// Starts an import into an agent, whole or by parts
///
/// It takes effect in the draft only.
///
/// # Errors
/// Not found; bad input on `file`, or that names a part that is not known; too large.
#[utoipa::path(post, path = "", operation_id = "consoleImportInto", tag = "console", request_body(content = ImportIntoForm, content_type = "multipart/form-data"), responses((status = 202, description = "The job", body = Started)))]
pub async fn import_into(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    form: form::Form<BODY_CAP>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let form = form.0.map_err(refused)?;
    let _turn = READING.acquire().await.map_err(Error::internal)?;
    let form = read(form).await?;
    let mut choice = Choice::default();
    for part in &form.parts {
        choice.words.push(word(part)?);
    }
    choice.check()?;
    let merge = Merge {
        append_utterances: form.append.iter().any(|word| word == "utterances"),
        append_patterns: form.append.iter().any(|word| word == "patterns"),
        ..Merge::default()
    };
    let package = work::read_files(form.files).await?;
    let job_id = work::ask_merge(&ctx, caller, &bot, package, choice, merge).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// A part as `list.word`.
///
/// # Errors
/// Bad input on `part`.
fn word(part: &str) -> Result<(String, String)> {
    let pair = part.split_once('.');
    let pair =
        pair.ok_or_else(|| Error::field("part", "must be a list and a word, as tasks.botTask"))?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

/// What is to be exported.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleExportIn)]
pub struct ExportIn {
    /// The copy in force instead of the draft.
    published: bool,
    /// Parts as `list.word`, for instance `tasks.botTask`; everything when empty.
    parts: Vec<String>,
}

/// Starts an export of an agent, whole or by parts
///
/// # Errors
/// Not found; not published; bad input that names a part that is not known.
#[utoipa::path(post, path = "", operation_id = "consoleStartExport", tag = "console", request_body = ExportIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn export(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<ExportIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let mut choice = Choice::default();
    for part in &ask.parts {
        choice.words.push(word(part)?);
    }
    let (bot, leave) = (body::bot(&bot)?, Leave::default());
    let job_id = work::ask_export(&ctx, caller, &bot, ask.published, leave, choice).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Kinds of jobs that end with a file.
const WITH_FILE: [&str; 3] = ["export", "utterance_export", "graph_export"];

/// Hands out the file of an export that is done: a package as a zip, utterances or a graph as CSV or JSON
///
/// # Errors
/// Not found, also while it runs and when it has expired.
#[utoipa::path(get, path = "", operation_id = "consoleDownloadExport", tag = "console", responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>)))]
pub async fn download(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, job)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let missing = || Error::not_found("There is no such export, or it has expired");
    let found = work::find(&ctx, caller, &JobId::trusted(job)).await;
    let job = found.map_err(|_| missing())?;
    let is_one = WITH_FILE.contains(&job.new.kind.as_str()) && job.new.bot.as_ref() == Some(&bot);
    let file = job.result.as_ref().and_then(|r| r["fileId"].as_str());
    let file = FileId::trusted(file.filter(|_| is_one).ok_or_else(missing)?);
    let (own, bytes) = file::read(&ctx, &caller.account, &file).await?;
    let name = service::definition::get(&ctx, caller, &bot).await?.name;
    let (kind, ending, what) = match own.rsplit_once('.') {
        Some((what, "csv")) => ("text/csv; charset=utf-8", "csv", what),
        Some((what, "json")) => ("application/json", "json", what),
        _ => ("application/zip", "zip", ""),
    };
    let name = match what {
        "" => name,
        what => format!("{name} {what}"),
    };
    let headers = [
        (header::CONTENT_TYPE, header::HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, attachment(&name, ending)),
    ];
    Ok((headers, bytes))
}

pub(super) fn refused(why: Refused) -> Error {
    match why {
        Refused::TooLarge => too_large(),
        Refused::NoForm(_) => Error::bad_input("The body must be multipart/form-data"),
    }
}

#[derive(Default)]
pub(super) struct Form {
    name: Option<String>,
    /// Names and contents.
    pub(super) files: Vec<(String, Vec<u8>)>,
    parts: Vec<String>,
    append: Vec<String>,
}

pub(super) async fn read(mut multipart: Multipart) -> Result<Form> {
    let mut form = Form::default();
    let mut left = FILES_CAP;
    while let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        match field.name() {
            Some("name") => {
                let text = bytes(field, NAME_CAP).await?;
                let text = text.ok_or_else(|| Error::field("name", "is too long"))?;
                let text = String::from_utf8(text);
                let text = text.map_err(|_| Error::field("name", "must be UTF-8 text"))?;
                form.name = Some(text).filter(|name| !name.trim().is_empty());
            }
            Some("file") => {
                if form.files.len() == FILES_MAX {
                    let text = format!("must be at most {FILES_MAX} files; send a zip instead");
                    return Err(Error::field("file", text));
                }
                let path = field.file_name().unwrap_or_default().to_owned();
                if path.is_empty() || path.len() > PATH_CAP {
                    let text = format!("must have a file name of 1 to {PATH_CAP} bytes");
                    return Err(Error::field("file", text));
                }
                let content = bytes(field, left).await?.ok_or_else(too_large)?;
                left -= content.len();
                form.files.push((path, content));
            }
            Some(list @ ("part" | "append")) => {
                let append = list == "append";
                let text = bytes(field, WORD_CAP)
                    .await?
                    .and_then(|b| String::from_utf8(b).ok());
                let text = text.ok_or_else(|| Error::field("part", "must be a short text"))?;
                let words = if append {
                    &mut form.append
                } else {
                    &mut form.parts
                };
                if words.len() == WORDS_MAX {
                    return Err(Error::field("part", format!("must be at most {WORDS_MAX}")));
                }
                words.push(text);
            }
            _ => {
                return Err(Error::bad_input(
                    "The form may hold file, name, part and append only",
                ));
            }
        }
    }
    match form.files.is_empty() {
        true => Err(Error::field("file", "is missing; send a zip or the files")),
        false => Ok(form),
    }
}

/// The content of a field; none when it is longer than `cap`.
async fn bytes(field: Field<'_>, cap: usize) -> Result<Option<Vec<u8>>> {
    form::bytes(field, cap).await.map_err(|e| broken(&e))
}

fn too_large() -> Error {
    let mib = FILES_CAP / (1024 * 1024);
    Error::new(
        Kind::TooLarge,
        format!("file: all files together must have at most {mib} MiB; a zip is smaller"),
    )
}

fn broken(error: &MultipartError) -> Error {
    match form::is_too_large(error) {
        true => too_large(),
        false => Error::bad_input("The form is cut off or broken"),
    }
}
