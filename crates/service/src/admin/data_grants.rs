//! What data apps may do with tables, views and their definitions. No scopes and no publish: a permission acts when it is saved.

use crate::{
    Caller, Ctx,
    admin::{
        Faults,
        apps::{self, AppKind},
    },
};
use serde_json::json;
use std::collections::HashSet;
use store::{DataGrant, DataKind};
use types::{Error, Result, id::ClientId};

/// Permissions of an app at most (ours).
const MAX: usize = 1000;
/// Longest name of a table or view, characters (ours).
const NAME_MAX: usize = 64;

/// What an app shall be allowed; without any of the three the permission goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What it is for: `table`, `view` or `definitions`.
    pub kind: String,
    /// Name of the table or view; empty for definitions.
    pub name: String,
    /// May read rows, or export definitions.
    pub read: bool,
    /// May add and change rows, or import definitions.
    pub write: bool,
    /// May delete rows.
    pub delete: bool,
}

/// What an app may do.
///
/// # Errors
/// Not found; a conflict for an app that is no data app.
pub async fn list(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<Vec<DataGrant>> {
    let app = apps::find(ctx.store(), caller, client).await?;
    apps::must_be(&app, AppKind::Data)?;
    let grants = ctx.store().data_grants();
    grants.list(&caller.account, client).await
}

/// Changes some permissions, all of them or none; answers what the app may do now.
///
/// # Errors
/// Not found; a conflict for an app that is no data app, or has too many; bad input that names the row.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    wishes: Vec<Wish>,
) -> Result<Vec<DataGrant>> {
    let wishes = checked(wishes)?;
    let account = &caller.account;
    let tx = ctx.store().begin().await?;
    let app = apps::find(&*tx, caller, client).await?;
    apps::must_be(&app, AppKind::Data)?;
    for (kind, wish) in &wishes {
        if !(wish.read || wish.write || wish.delete) {
            tx.data_grants()
                .remove(account, client, *kind, &wish.name)
                .await?;
            continue;
        }
        let grant = DataGrant {
            account: account.clone(),
            client: client.clone(),
            kind: *kind,
            name: wish.name.clone(),
            read: wish.read,
            write: wish.write,
            delete: wish.delete,
            changed_by: caller.actor(),
            changed_at: ctx.now(),
        };
        tx.data_grants().set(&grant).await?;
    }
    let now = tx.data_grants().list(account, client).await?;
    if now.len() > MAX {
        return Err(Error::conflict(format!(
            "An app has at most {MAX} permissions"
        )));
    }
    let rows: Vec<_> = wishes.iter().map(|(_, w)| json!({"kind": w.kind, "name": w.name, "read": w.read, "write": w.write, "delete": w.delete})).collect();
    let details = json!({"permissions": rows});
    apps::note(ctx, &*tx, caller, "app.data_grants", client, None, details).await?;
    tx.commit().await?;
    Ok(now)
}

/// Names are trimmed; none comes twice, and definitions have none and are not deleted. Every wrong row is named.
fn checked(wishes: Vec<Wish>) -> Result<Vec<(DataKind, Wish)>> {
    if wishes.len() > MAX {
        return Err(Error::field("items", format!("must be {MAX} at most")));
    }
    let (mut seen, mut faults) = (HashSet::new(), Faults::default());
    let mut read = Vec::with_capacity(wishes.len());
    for (at, mut wish) in wishes.into_iter().enumerate() {
        wish.name = wish.name.trim().to_owned();
        let name = &wish.name;
        let mut wrong =
            |member: &str, text: &str| faults.say(format!("items[{at}].{member}"), text);
        let kind = DataKind::parse(&wish.kind);
        let fits =
            (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        match kind {
            None => wrong("kind", "must be table, view or definitions"),
            Some(DataKind::Definitions) => {
                if !name.is_empty() {
                    wrong("name", "must be empty for definitions");
                }
                if wish.delete {
                    wrong("delete", "does not exist for definitions");
                }
            }
            Some(_) if !fits => wrong(
                "name",
                "must have 1 to 64 characters and no control characters",
            ),
            Some(_) => {}
        }
        if !seen.insert((kind, name.to_lowercase())) && kind.is_some() {
            wrong("name", "must not come twice");
        }
        read.extend(kind.map(|kind| (kind, wish)));
    }
    faults.done()?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(kind: DataKind, name: &str) -> Wish {
        Wish {
            kind: kind.as_str().to_owned(),
            name: name.to_owned(),
            read: true,
            write: false,
            delete: false,
        }
    }

    #[test]
    fn a_wrong_row_is_named() {
        let field = |wishes| checked(wishes).expect_err("wrong").fields[0].field.clone();
        let table = |name: &str| wish(DataKind::Table, name);
        assert_eq!(field(vec![table("a"), table(" ")]), "items[1].name");
        let long = "x".repeat(65);
        assert_eq!(field(vec![table(&long)]), "items[0].name");
        assert_eq!(field(vec![table("a\u{7}")]), "items[0].name");
        assert_eq!(
            field(vec![table("Orders"), table(" orders")]),
            "items[1].name"
        );
        assert_eq!(
            field(vec![wish(DataKind::Definitions, "x")]),
            "items[0].name"
        );
        let mut delete = wish(DataKind::Definitions, "");
        delete.delete = true;
        assert_eq!(field(vec![delete]), "items[0].delete");
        let mut many = checked(vec![
            Wish {
                kind: "row".to_owned(),
                ..wish(DataKind::Table, "a")
            },
            table(" "),
            wish(DataKind::Definitions, "x"),
        ])
        .expect_err("wrong")
        .fields;
        let named: Vec<String> = many.drain(..).map(|wrong| wrong.field).collect();
        assert_eq!(named, ["items[0].kind", "items[1].name", "items[2].name"]);
        // a view of the same name is another thing
        assert!(checked(vec![table("a"), wish(DataKind::View, "a")]).is_ok());
    }
}
