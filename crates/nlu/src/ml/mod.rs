//! The ML engine: hashed n-grams into a sparse linear classifier, and a similarity index over the same features.

pub mod calibrate;
pub mod classifier;
pub mod feature;
pub mod similarity;
pub mod solver;
pub mod vocabulary;
