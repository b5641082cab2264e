//! The document of the API: gathered from the notes above the handlers while the routes are put together, then finished with what
//! the code knows anyway (scopes, limits, who may call, the errors of the gate).
//!
//! [`Contents::at`] is the one way to a documented route; a route outside the document says so with [`Contents::unlisted`].

mod example;
mod finish;

pub use finish::{finish, json};

use crate::auth::{Operation as Guarded, Shared, payload};
use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn, routing::MethodRouter};
use serde_json::{Value, json as value};
use service::Ctx;
use types::limit::{Limit, Per};
use utoipa::openapi::{
    Components, Info, License, OpenApi, OpenApiBuilder,
    extensions::ExtensionsBuilder,
    path::{Operation, PathItem, Paths},
};
use utoipa_axum::router::UtoipaMethodRouter;

/// Handlers of one path with their notes, as `routes!` gathers them.
pub type Routes = UtoipaMethodRouter<Ctx>;

/// Where the finishing pass finds what a route said about itself; it is taken out again.
pub(crate) const MARK: &str = "x-ombud-route";

/// Routes and their document, side by side.
pub struct Contents {
    router: Router<Ctx>,
    api: OpenApi,
    unlisted: Vec<&'static str>,
}

impl Default for Contents {
    fn default() -> Self {
        let mut license = License::new("Apache-2.0");
        license.identifier = Some("Apache-2.0".to_owned());
        let mut info = Info::new("Ombud", env!("CARGO_PKG_VERSION"));
        info.license = Some(license);
        Self {
            router: Router::new(),
            api: OpenApiBuilder::new().info(info).paths(Paths::new()).build(),
            unlisted: Vec::new(),
        }
    }
}

impl Contents {
    /// Handlers at a path.
    ///
    /// # Panics
    /// When two types that differ have one name in the document: name one with `#[schema(as = …)]`.
    #[must_use]
    pub fn at(mut self, path: &str, (schemas, paths, methods): Routes) -> Self {
        let components = self.api.components.get_or_insert_with(Components::new);
        for (name, schema) in schemas {
            let known = components.schemas.get(&name);
            assert!(
                known.is_none_or(|known| *known == schema),
                "two types are named {name} in the document"
            );
            components.schemas.insert(name, schema);
        }
        for item in paths.paths.into_values() {
            let listed = self.api.paths.paths.entry(path.to_owned()).or_default();
            listed.merge_operations(item);
        }
        self.router = self.router.route(path, methods);
        self
    }

    /// A route that is no part of the API, such as a file of a page.
    #[must_use]
    pub fn unlisted(mut self, path: &'static str, methods: MethodRouter<Ctx>) -> Self {
        self.unlisted.push(path);
        self.router = self.router.route(path, methods);
        self
    }

    /// The routes of `other` under a prefix.
    #[must_use]
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        let components = self.api.components.get_or_insert_with(Components::new);
        for (name, schema) in other.api.components.unwrap_or_default().schemas {
            let known = components.schemas.get(&name);
            assert!(
                known.is_none_or(|known| *known == schema),
                "two types are named {name} in the document"
            );
            components.schemas.insert(name, schema);
        }
        for (path, item) in other.api.paths.paths {
            self.api.paths.paths.insert(format!("{prefix}{path}"), item);
        }
        self.unlisted.extend(other.unlisted);
        self.router = self.router.nest(prefix, other.router);
        self
    }

    /// The router as a whole is changed, for layers and fallbacks.
    #[must_use]
    pub fn map(mut self, change: impl FnOnce(Router<Ctx>) -> Router<Ctx>) -> Self {
        self.router = change(self.router);
        self
    }

    /// Every operation says through which door it is reached.
    #[must_use]
    pub(crate) fn mark_all(mut self, mark: &Value) -> Self {
        for item in self.api.paths.paths.values_mut() {
            for operation in operations(item) {
                put_mark(operation, mark);
            }
        }
        self
    }

    /// Router, document, and the paths outside the document.
    pub fn into_parts(self) -> (Router<Ctx>, OpenApi, Vec<&'static str>) {
        (self.router, self.api, self.unlisted)
    }
}

/// Handlers of an operation of the public API, which an app reaches with a scope. `O` is the type in their [`crate::auth::Allowed`].
/// Where payloads can be encrypted, the layer for it goes around them.
pub fn api<O: Guarded>(routes: Routes) -> Routes {
    let routes = with_payloads::<O>(routes);
    marked(routes, &mark("api", O::ID, &O::LIMIT), O::ID)
}

/// Handlers of an operation that a person in the console reaches too. `O` is the type in their [`crate::auth::Either`].
pub fn shared<O: Shared>(routes: Routes) -> Routes {
    shared_alias::<O>(O::ID, routes)
}

/// The same at one more path; the document needs another name for it.
pub fn shared_alias<O: Shared>(name: &str, routes: Routes) -> Routes {
    let mut mark = mark("api", O::ID, &O::LIMIT);
    mark["session"] = value!(true);
    marked(routes, &mark, name)
}

fn with_payloads<O: Guarded>((schemas, paths, methods): Routes) -> Routes {
    if !service::gate::payload::covers(O::ID) {
        return (schemas, paths, methods);
    }
    (schemas, paths, methods.layer(from_fn(payload::around)))
}

/// The same operation at one more path; the document needs another name for it.
pub fn alias<O: Guarded>(name: &str, routes: Routes) -> Routes {
    let routes = with_payloads::<O>(routes);
    marked(routes, &mark("api", O::ID, &O::LIMIT), name)
}

/// The same handlers with room for a longer body than elsewhere.
pub fn large(bytes: usize, (schemas, paths, methods): Routes) -> Routes {
    (schemas, paths, methods.layer(DefaultBodyLimit::max(bytes)))
}

/// Handlers of a channel, which an app reaches without a scope.
pub fn channel(name: &str, limit: &Limit, routes: Routes) -> Routes {
    marked(routes, &mark("channel", name, limit), name)
}

/// The same handler, which everybody reaches, at one more path; the document needs another name for it.
pub fn open_alias(name: &str, mut routes: Routes) -> Routes {
    for item in routes.1.paths.values_mut() {
        for operation in operations(item) {
            operation.operation_id = Some(name.to_owned());
        }
    }
    open(routes)
}

/// Handlers that everybody reaches.
pub fn open(mut routes: Routes) -> Routes {
    let door = value!({"door": "open"});
    for item in routes.1.paths.values_mut() {
        for operation in operations(item) {
            put_mark(operation, &door);
        }
    }
    routes
}

fn mark(door: &str, id: &str, limit: &Limit) -> Value {
    let per = match limit.per {
        Per::Bot => "bot",
        Per::Account => "account",
        Per::App => "app",
        Per::Request => "request",
        Per::User => "user",
    };
    let limit = value!({"per": per, "minute": limit.minute, "hour": limit.hour});
    value!({"door": door, "operation": id, "limit": limit})
}

fn marked(mut routes: Routes, mark: &Value, name: &str) -> Routes {
    for item in routes.1.paths.values_mut() {
        for operation in operations(item) {
            operation.operation_id = Some(name.to_owned());
            put_mark(operation, mark);
        }
    }
    routes
}

fn put_mark(operation: &mut Operation, mark: &Value) {
    let mark = ExtensionsBuilder::new().add(MARK, mark.clone()).build();
    operation
        .extensions
        .get_or_insert_with(Default::default)
        .merge(mark);
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ];
    all.into_iter().filter_map(Option::as_mut)
}
