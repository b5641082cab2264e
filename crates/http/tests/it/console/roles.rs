//! What people of each role may do with apps.

use super::*;
use service::console::permission::ROLES;

impl World {
    /// Somebody of a role, who has changed the first password.
    async fn person(&self, role: &str) -> Browser {
        let caller = self.caller("Acme").await;
        let new = accounts::NewPerson {
            email: format!("{role}@example.com"),
            name: String::new(),
            role: role.to_owned(),
            password: Secret::new(PASSWORD),
        };
        let user = accounts::add_person(&self.ctx, &caller, new).await.unwrap();
        let body = json!({"email": user.email, "password": PASSWORD});
        let inside = self
            .call(&Browser::default(), "POST", "/session", body)
            .await;
        let browser = inside.browser();
        let next = json!({"current": PASSWORD, "next": "another long pass phrase"});
        let changed = self.call(&browser, "PUT", "/session/password", next).await;
        assert_eq!(changed.status, 204, "{}", changed.body);
        let body = json!({"email": user.email, "password": "another long pass phrase"});
        self.call(&Browser::default(), "POST", "/session", body)
            .await
            .browser()
    }

    async fn app_of(&self, who: &Browser, kind: &str) -> String {
        let body = json!({"name": kind, "kind": kind, "algorithm": "HS256"});
        let made = self.call(who, "POST", "/apps", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["app"]["clientId"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_secret_shows_to_those_only_who_may_change_its_kind_of_app() {
    let world = world().await;
    let owner = world.owner().await;
    let mut apps = Vec::new();
    for kind in ["platform", "admin", "data"] {
        apps.push((kind, world.app_of(&owner, kind).await));
    }
    for role in &ROLES[1..] {
        let person = world.person(role).await;
        let listed = world.call(&person, "GET", "/apps", Value::Null).await;
        for (kind, client) in &apps {
            let may = match *role {
                "admin" => true,
                "developer" => *kind == "platform",
                _ => false,
            };
            let expected = if may { 200 } else { 403 };
            let path = format!("/apps/{client}");
            let about = format!("{role} {kind}");
            for (method, path, body) in [
                ("POST", format!("{path}/secret/reveal"), Value::Null),
                ("POST", format!("{path}/secret/rotate"), json!({})),
                ("PATCH", path.clone(), json!({"enforceJti": false})),
            ] {
                let answer = world.call(&person, method, &path, body).await;
                assert_eq!(
                    answer.status.as_u16(),
                    expected,
                    "{about} {path}: {}",
                    answer.body
                );
            }
            let shown = world.call(&person, "GET", &path, Value::Null).await;
            assert_eq!(
                (shown.status.as_u16(), &shown.body["mine"]),
                (200, &json!(may)),
                "{about}"
            );
            let all = listed.body["items"].as_array().unwrap();
            let row = all.iter().find(|app| app["clientId"] == **client).unwrap();
            assert_eq!(row["mine"], may, "{about}");
            if !may {
                let gone = world.call(&person, "DELETE", &path, Value::Null).await;
                assert_eq!(gone.refusal(), (403, "forbidden"), "{about}");
            }
        }
    }
}

#[tokio::test]
async fn developers_make_platform_apps_and_nothing_for_the_whole_account() {
    let world = world().await;
    let owner = world.owner().await;
    let admin = world.app_of(&owner, "admin").await;
    let developer = world.person("developer").await;
    world.app_of(&developer, "platform").await;
    for (method, path, body) in [
        (
            "POST",
            "/apps".to_owned(),
            json!({"name": "x", "kind": "admin", "algorithm": "HS256"}),
        ),
        (
            "POST",
            "/apps".to_owned(),
            json!({"name": "x", "kind": "data", "algorithm": "HS256"}),
        ),
        (
            "PUT",
            format!("/account/scope-mappings/{admin}"),
            json!({"scopes": ["User Management"]}),
        ),
        ("POST", "/keys/rotate".to_owned(), Value::Null),
        (
            "PATCH",
            "/settings/security".to_owned(),
            json!({"revealSecrets": true}),
        ),
        ("GET", "/audit".to_owned(), Value::Null),
    ] {
        let answer = world.call(&developer, method, &path, body).await;
        assert_eq!(answer.refusal(), (403, "forbidden"), "{path}");
    }
}

#[tokio::test]
async fn a_person_is_added_with_every_wrong_field_named() {
    let world = world().await;
    world.owner().await;
    let caller = world.caller("Acme").await;
    let add = |email: &str, role: &str, password: &str| {
        let new = accounts::NewPerson {
            email: email.to_owned(),
            name: "x".repeat(65),
            role: role.to_owned(),
            password: Secret::new(password),
        };
        accounts::add_person(&world.ctx, &caller, new)
    };
    let error = add("nobody", "owner", "short").await.unwrap_err();
    let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(named, ["email", "name", "password", "role"]);
}
