//! Makes sure that the folder of the built console exists, so that a checkout
//! without Node still compiles; `index` then answers with a plain page.
use std::path::Path;

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    if !dist.exists() {
        std::fs::create_dir_all(&dist)
            .unwrap_or_else(|error| panic!("cannot create {}: {error}", dist.display()));
    }
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=build.rs");
}
