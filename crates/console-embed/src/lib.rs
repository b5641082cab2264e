//! The built console as bytes.
//!
//! A release build carries `console/dist` inside the binary; a debug build
//! reads the folder at run time, so that a rebuilt console shows at once.
//! The crate knows nothing of HTTP: the caller sets status, caching and the
//! content security policy (`console.md` section 8).

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_embed::RustEmbed;

/// Stands in `index.html` where the nonce of a response belongs.
const NONCE_MARK: &str = "__CSP_NONCE__";

/// What is shown when the console was not built before the server.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
<title>Ombud</title></head>\n<body><main><h1>Ombud</h1><p>The console was not built. \
Run <code>npm ci &amp;&amp; npm run build</code> in the folder <code>console</code>, \
then start the server again.</p></main></body>\n</html>\n";

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
struct Dist;

/// One file of the console.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The content as built.
    pub bytes: Cow<'static, [u8]>,
    /// The same content compressed with gzip, when the build made one.
    pub gzip: Option<Cow<'static, [u8]>>,
    /// Value for `content-type`.
    pub mime: &'static str,
    /// Strong entity tag of `bytes`, quotes included. An answer with `gzip`
    /// needs a tag of its own, see [`Asset::gzip_etag`].
    pub etag: String,
    /// The name holds a hash of the content, so it may be cached for ever.
    pub immutable: bool,
}

impl Asset {
    /// Strong entity tag of the compressed variant, quotes included.
    pub fn gzip_etag(&self) -> String {
        format!("{}-gz\"", self.etag.trim_end_matches('"'))
    }
}

/// The file at `path` (relative to the console's root, with or without a
/// leading slash), or nothing. `index.html` is never given out here, as it
/// needs a nonce: use [`index`].
pub fn file(path: &str) -> Option<Asset> {
    let path = path.trim_start_matches('/');
    if path.is_empty() || path == "index.html" || path.ends_with(".gz") || leaves_root(path) {
        return None;
    }
    let found = Dist::get(path)?;
    let gzip = Dist::get(&format!("{path}.gz")).map(|file| file.data);
    Some(Asset {
        etag: etag(&found.metadata.sha256_hash()),
        bytes: found.data,
        gzip,
        mime: mime(path),
        immutable: has_hash(path),
    })
}

/// The console's page with `nonce` in place. The nonce is fresh for each
/// response and equal to the one in its `content-security-policy` header;
/// characters that do not belong in a nonce are dropped.
pub fn index(nonce: &str) -> String {
    let page = Dist::get("index.html")
        .and_then(|file| String::from_utf8(file.data.into_owned()).ok())
        .unwrap_or_else(|| NOT_BUILT.to_owned());
    let nonce: String = nonce.chars().filter(|c| nonce_char(*c)).collect();
    page.replace(NONCE_MARK, &nonce)
}

/// Whether `console/dist` holds a console.
pub fn is_built() -> bool {
    Dist::get("index.html").is_some()
}

fn nonce_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_')
}

fn leaves_root(path: &str) -> bool {
    path.contains('\\')
        || path.contains('\0')
        || path.split('/').any(|part| matches!(part, ".." | "." | ""))
}

fn etag(hash: &[u8; 32]) -> String {
    let mut out = String::with_capacity(34);
    out.push('"');
    for byte in &hash[..16] {
        write!(out, "{byte:02x}").expect("writing to a string cannot fail");
    }
    out.push('"');
    out
}

/// Bundled files are named `name-XXXXXXXX.ext` by the build.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem.len() > 9
        && stem.is_char_boundary(stem.len() - 9)
        && stem.as_bytes()[stem.len() - 9] == b'-'
        && path.starts_with("assets/")
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_carries_the_nonce_and_no_mark() {
        let page = index("abc+/=123");
        assert!(!page.contains(NONCE_MARK));
        if is_built() {
            assert!(page.contains("abc+/=123"));
        } else {
            assert!(page.contains("was not built"));
        }
    }

    #[test]
    fn a_nonce_cannot_break_out_of_its_attribute() {
        let page = index("\"><script>x</script>");
        assert!(!page.contains("<script>x"));
    }

    #[test]
    fn paths_outside_the_console_are_not_found() {
        for path in [
            "",
            "/",
            "index.html",
            "/index.html",
            "../Cargo.toml",
            "assets/../../package.json",
            "assets\\..\\x",
            "assets//x.js",
            "/etc/passwd",
            "assets/app.js.gz",
        ] {
            assert!(file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn bundled_names_are_cached_for_ever_and_others_are_not() {
        assert!(has_hash("assets/index-BxT3_a9k.js"));
        assert!(has_hash("assets/inter-latin-400-normal-C38fXH4l.woff2"));
        assert!(!has_hash("assets/scheme.js"));
        assert!(!has_hash("index-BxT3_a9k.js"));
    }

    #[test]
    fn built_files_have_type_tag_and_compressed_twin() {
        if !is_built() {
            eprintln!("skipped: console/dist holds no console");
            return;
        }
        let scheme = file("/assets/scheme.js").expect("the start script is part of each build");
        assert_eq!(scheme.mime, "text/javascript; charset=utf-8");
        assert!(scheme.etag.starts_with('"') && scheme.etag.ends_with('"'));
        assert_ne!(scheme.etag, scheme.gzip_etag());
        let app = Dist::iter()
            .find(|name| name.starts_with("assets/index-") && name.ends_with(".js"))
            .expect("the app script is part of each build");
        let app = file(&app).expect("listed files are found");
        assert!(app.immutable);
        assert!(app.gzip.is_some_and(|gz| gz.len() < app.bytes.len()));
    }
}
