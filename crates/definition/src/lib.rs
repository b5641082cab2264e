//! Definitions of agents.

mod localized;
mod model;
mod model_component;
mod model_dialog;
mod model_knowledge;
mod model_nlu;
mod package;
mod parse;
mod text;

pub use localized::Localized;
pub use model::*;
pub use package::Package;
pub use text::decode;
