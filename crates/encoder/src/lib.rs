//! A frozen sentence encoder: all-MiniLM-L6-v2, converted to eight-bit weights, run in pure Rust. A text becomes a vector of
//! length one; texts that mean the same lie close together.
//!
//! **Must not know**: intents, agents, the network. [`convert_path`] turns the published weights into the bytes of one file,
//! [`Encoder::from_bytes`] reads them, [`Encoder::encode`] answers a vector. The same text always gives the same vector on the same
//! processor kind.

mod bytes;
mod convert;
mod model;
mod safetensors;
mod source;
mod wordpiece;

pub use convert::convert;
pub use model::Encoder;
pub use source::{WEIGHTS_SHA256, convert_path};

/// Numbers in a vector.
pub const WIDTH: usize = 384;
/// Tokens read of a text, marks at both ends included; what follows is not read.
pub const LONGEST: usize = 128;

/// Why weights cannot be converted or an encoder not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// The file of weights is cut or another format.
    #[error("the weights cannot be read: {0}")]
    Weights(String),
    /// Weights of another model.
    #[error("these are the weights of another model: {0}")]
    OtherModel(String),
    /// The list of word pieces does not fit.
    #[error("the list of word pieces does not fit the model: {0}")]
    Vocabulary(String),
    /// The converted file is cut, changed, or made by another version.
    #[error(
        "the encoder file is damaged or of another version: {0}; run `ombud model install` again"
    )]
    Damaged(String),
    /// The runtime refused the graph or failed in it.
    #[error("the encoder failed: {0}")]
    Runtime(String),
}
