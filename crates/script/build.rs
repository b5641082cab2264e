//! Takes the JavaScript libraries from `lib/node_modules` into the program. Needs no network.

use std::{env, fmt::Write as _, fs, path::PathBuf, process::exit};

/// Library, the file that holds it, and the parameters of the function that its text becomes the body of.
const LIBRARIES: [(&str, &str, &str); 3] = [
    ("lodash", "lodash.min.js", "module, exports"),
    ("moment", "min/moment.min.js", "module, exports"),
    (
        "moment-timezone",
        "builds/moment-timezone-with-data-1970-2030.min.js",
        "module, exports, require",
    ),
];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let modules = root.join("lib/node_modules");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=lib/package-lock.json");
    let prelude = root.join("src/prelude.js").display().to_string();
    let mut sources = format!("    (\"prelude\", \"host, input\", include_str!({prelude:?})),\n");
    let mut notices = String::new();
    for (name, file, parameters) in LIBRARIES {
        let folder = modules.join(name);
        let (source, license) = (folder.join(file), folder.join("LICENSE"));
        for needed in [&source, &license] {
            println!("cargo::rerun-if-changed={}", needed.display());
            if !needed.is_file() {
                println!(
                    "cargo::error={} is missing: run `make setup`",
                    needed.display()
                );
                exit(1);
            }
        }
        let version = version(&folder.join("package.json"));
        let (source, license) = (source.display().to_string(), license.display().to_string());
        let _ = writeln!(
            sources,
            "    ({name:?}, {parameters:?}, include_str!({source:?})),"
        );
        let _ = writeln!(
            notices,
            "    Notice {{ name: {name:?}, version: {version:?}, license: \"MIT\", text: include_str!({license:?}) }},"
        );
    }
    let text = format!(
        "const SOURCES: &[(&str, &str, &str)] = &[\n{sources}];\nconst NOTICES: &[Notice] = &[\n{notices}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("sources.rs");
    fs::write(out, text).expect("the build folder can be written");
}

/// The `version` of a package file.
fn version(package: &PathBuf) -> String {
    let text = fs::read_to_string(package).unwrap_or_default();
    let after = text.split("\"version\"").nth(1).unwrap_or_default();
    after.split('"').nth(1).unwrap_or("unknown").to_owned()
}
