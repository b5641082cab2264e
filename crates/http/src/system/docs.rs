//! The interactive page of the API document: every file comes from this server, and the page may reach nothing else.

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// What the page may use: itself. Pictures also as `data:`, which the style sheet of the page holds.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Starts the page. No validator: it would send the document to a server elsewhere.
const START: &str = "window.onload = function () {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    validatorUrl: null,
    layout: 'StandaloneLayout',
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset]
  });
};
";

/// `GET /docs/api`
pub async fn entrance() -> Redirect {
    Redirect::permanent("/docs/api/index.html")
}

/// `GET /docs/api/{file}`
pub async fn file(Path(file): Path<String>) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    if file == "swagger-initializer.js" {
        let kind = HeaderValue::from_static("text/javascript");
        return (
            [
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::CONTENT_TYPE, kind),
            ],
            START,
        )
            .into_response();
    }
    let Ok(Some(found)) = utoipa_swagger_ui::serve(&file, Arc::new(Config::from("/openapi.json")))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = HeaderValue::from_str(&found.content_type);
    let kind = kind.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, kind),
    ];
    let mut answer = (headers, found.bytes.into_owned()).into_response();
    if found.gzpipped {
        let gzip = HeaderValue::from_static("gzip");
        answer.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    answer
}
