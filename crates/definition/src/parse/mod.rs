//! From raw JSON to the typed view. One file per noun; every reader gives defaults for what is missing.

mod value;

use crate::{Agent, Package};
use value::text;

impl Agent {
    /// The typed view of a package. Never fails: what is missing or odd gives defaults (the report names it).
    pub fn from_package(package: &Package) -> Self {
        let mut agent = Agent {
            id: text(&package.definition, "_id"),
            ..Agent::default()
        };
        agent.build_index();
        agent
    }
}
