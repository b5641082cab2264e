//! Agents as definitions: files, import, publish, export.

pub mod export;
pub mod functions;
pub mod import;
pub mod language;
pub mod merge;
pub mod publish;
mod published;
pub mod sample;
pub mod upload;
pub mod variable;

use crate::fields::Fields;
