//! The turn engine as its callers see it.

mod kit;
mod rules;
mod walk;
