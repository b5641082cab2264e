//! The files of an agent, kept whole.

use serde_json::Value;

/// An agent's files. `definition` and `config` keep every key; nothing is interpreted here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Package {
    /// The definition as it came, keys in their order.
    pub definition: Value,
    /// `botDefinition.json` or `appDefinition.json`.
    pub definition_name: String,
    /// `config.json`. May hold secrets: never log it.
    pub config: Option<Value>,
    /// Name and source of the shared JavaScript functions.
    pub bot_functions: Option<(String, String)>,
    /// The picture.
    pub icon: Option<Vec<u8>>,
    /// Data table definitions by file name.
    pub tables: Vec<(String, Value)>,
    /// Other files by name, kept as they came.
    pub extra: Vec<(String, Vec<u8>)>,
}
