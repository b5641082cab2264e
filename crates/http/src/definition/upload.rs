//! `uploadFile`.

use crate::{
    auth::{EitherAccount, Operation, Shared},
    error::Public,
    form::{self, Refused},
};
use axum::{
    Json,
    extract::{
        Multipart, State,
        multipart::{Field, MultipartError},
    },
};
use serde::Serialize;
use service::{Ctx, console::permission::Permission, definition::file};
use types::{
    Error, Kind, Result,
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Largest body, bytes: a packed export, with room for what stands around it.
pub const BODY_MAX: usize = FILE_MAX + 64 * 1024;
/// Largest file, bytes.
const FILE_MAX: usize = 64 << 20;
/// Longest part that is no file, bytes (ours).
const TEXT_MAX: usize = 1_000;
/// What a file may be for.
const CONTEXTS: &[&str] = &["bulkImport", "findly"];
/// Kinds of files, with or without a dot before them.
const EXTENSIONS: &[&str] = &[
    "json", "js", "csv", "png", "pdf", "docx", "txt", "pptx", "zip",
];

/// Stores a file and gives its id.
pub struct UploadFile;

impl Operation for UploadFile {
    const ID: &'static str = "uploadFile";
    const LIMIT: Limit = Limit {
        per: Per::App,
        ..types::limit::DEFAULT
    };
}

impl Shared for UploadFile {
    const PERMISSION: Permission = Permission::Agents;
}

/// The parts of the form.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct UploadFileIn {
    /// The file, 64 MiB at most.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `bulkImport` for the files of agents, `findly` for search.
    #[schema(example = "bulkImport")]
    file_context: String,
    /// Kind of the file, with or without a dot: json, js, csv, png, pdf, docx, txt, pptx, zip.
    #[schema(example = "json")]
    file_extension: String,
    /// Its name, where the part of the file has none.
    #[schema(rename = "Filename")]
    filename: Option<String>,
}

/// What was stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadFileOut {
    /// Its id, 24 hex digits; it can be used for a day, inside the account.
    file_id: String,
    /// SHA-256 of the content.
    hash: String,
}

/// Stores a file for a later import.
///
/// One file a call: definition, config, functions and icon go up one by one; an export goes up as one zip.
///
/// # Errors
/// Bad input that names each wrong part; too large.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = UploadFileIn, content_type = "multipart/form-data",
        example = json!({"file": "(the bytes)", "fileContext": "bulkImport", "fileExtension": "zip"})),
    responses((status = 200, description = "The file is stored", body = UploadFileOut,
        example = json!({"fileId": "64aa00112233445566778805", "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))),
)]
pub async fn upload(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<UploadFile>,
    form: form::Form<BODY_MAX>,
) -> Result<Json<UploadFileOut>, Public> {
    let form = form.0.map_err(|refused| match refused {
        Refused::TooLarge => too_large(),
        Refused::NoForm(text) => Error::field("body", text),
    })?;
    let form = read(form).await?;
    let stored = file::upload(&ctx, &allowed.caller, &form.name, form.bytes).await?;
    Ok(Json(UploadFileOut {
        file_id: stored.id.to_string(),
        hash: stored.hash,
    }))
}

struct Form {
    name: String,
    bytes: Vec<u8>,
}

async fn read(mut form: Multipart) -> Result<Form> {
    let (mut file, mut context, mut extension, mut name) = (None, None, None, None);
    while let Some(part) = form.next_field().await.map_err(|e| broken(&e))? {
        match part.name().unwrap_or_default() {
            "file" if file.is_some() => {
                return Err(Error::field("file", "must stand in the form once"));
            }
            "file" => {
                let given = part.file_name().map(str::to_owned);
                let bytes = form::bytes(part, FILE_MAX).await;
                let bytes = bytes.map_err(|e| broken(&e))?;
                file = Some((given, bytes.ok_or_else(too_large)?));
            }
            "fileContext" => context = Some(text("fileContext", part).await?),
            "fileExtension" => extension = Some(text("fileExtension", part).await?),
            "Filename" => name = Some(text("Filename", part).await?),
            _ => {}
        }
    }
    let mut wrong = Vec::new();
    let mut complain = |field: &str, message: String| {
        wrong.push(types::Field {
            field: field.to_owned(),
            message,
        });
    };
    match &context {
        None => complain("fileContext", "is required".to_owned()),
        Some(given) if !CONTEXTS.contains(&given.as_str()) => {
            complain(
                "fileContext",
                format!("must be one of {}", CONTEXTS.join(", ")),
            );
        }
        Some(_) => {}
    }
    let extension = extension.map(|e| e.trim_start_matches('.').to_ascii_lowercase());
    match &extension {
        None => complain("fileExtension", "is required".to_owned()),
        Some(given) if !EXTENSIONS.contains(&given.as_str()) => {
            complain(
                "fileExtension",
                format!("must be one of {}", EXTENSIONS.join(", ")),
            );
        }
        Some(_) => {}
    }
    if file.is_none() {
        complain("file", "is required".to_owned());
    }
    let (Some((given, bytes)), true) = (file, wrong.is_empty()) else {
        return Err(Error::fields(wrong));
    };
    let name = given.filter(|n| !n.is_empty()).or(name);
    Ok(Form {
        name: name.unwrap_or_else(|| format!("file.{}", extension.unwrap_or_default())),
        bytes,
    })
}

async fn text(name: &str, part: Field<'_>) -> Result<String> {
    let long = || Error::field(name, format!("must have at most {TEXT_MAX} characters"));
    let bytes = form::bytes(part, TEXT_MAX).await.map_err(|e| broken(&e))?;
    let text = String::from_utf8(bytes.ok_or_else(long)?);
    let text = text.map_err(|_| Error::field(name, "must be UTF-8 text"))?;
    Ok(text.trim().to_owned())
}

fn broken(error: &MultipartError) -> Error {
    if form::is_too_large(error) {
        return too_large();
    }
    Error::field("body", "is not a whole multipart/form-data form")
}

fn too_large() -> Error {
    let text = format!("file: must have at most {} MiB", FILE_MAX >> 20);
    Error::new(Kind::TooLarge, text)
}
