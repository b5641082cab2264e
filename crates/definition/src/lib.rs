//! Definitions of agents: reads an exported package whole, keeps every key of it, and gives a typed view of it.
//!
//! It must not know of stores, HTTP, engines or conversations.
//!
//! To add a kind of node: add it to [`ComponentKind`], read it in `parse/component.rs`, and say in [`ImportReport`]
//! whether it runs.

mod archive;
mod circle;
mod localized;
mod model;
mod model_component;
mod model_dialog;
mod model_knowledge;
mod model_nlu;
mod package;
mod parse;
mod report;
mod text;

pub use archive::{
    Limits, ReadError, from_files, read_path, read_path_within, read_zip, rebrand, to_zip,
};
pub use localized::Localized;
pub use model::*;
pub use package::Package;
pub use parse::term;
pub use report::{Broken, ImportReport, Kept, Runs, SecretFound};
pub use text::{decode, encode_if_needed};
