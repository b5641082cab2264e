//! The seal of a row.

use crypt::MasterKey;
use store::NewAuditRow;

/// The key of the chain; it exists only while the installation's key is there.
pub(super) fn key(vault: &MasterKey) -> [u8; 32] {
    vault.derive("audit chain 1")
}

/// Seals a row over the seal before it.
pub(super) fn seal(key: &[u8; 32], number: i64, before: &[u8], row: &NewAuditRow) -> Vec<u8> {
    crypt::mac(key, &bytes(number, before, row)).to_vec()
}

/// Everything that the seal covers. Each part has its length before it, and a missing part differs from an empty one, so that no two
/// rows read the same.
fn bytes(number: i64, before: &[u8], row: &NewAuditRow) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&row.at.to_be_bytes());
    let details = row.details.to_string();
    let parts = [
        Some(before),
        Some(row.account.as_str().as_bytes()),
        Some(row.actor.as_bytes()),
        Some(row.action.as_bytes()),
        Some(row.target.as_bytes()),
        row.bot.as_ref().map(|bot| bot.as_str().as_bytes()),
        row.address.as_deref().map(str::as_bytes),
        row.before.as_deref().map(str::as_bytes),
        row.after.as_deref().map(str::as_bytes),
        Some(details.as_bytes()),
    ];
    for part in parts {
        match part {
            None => out.push(0),
            Some(part) => {
                out.push(1);
                out.extend_from_slice(&(part.len() as u64).to_be_bytes());
                out.extend_from_slice(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::id::{AccountId, BotId};

    fn row() -> NewAuditRow {
        NewAuditRow {
            account: AccountId::trusted("a"),
            actor: "u-1".into(),
            action: "app.rotate".into(),
            target: "cs-1".into(),
            bot: None,
            address: None,
            before: None,
            after: None,
            details: serde_json::json!({"b": 1.5, "a": [null, "x"]}),
            at: 5,
        }
    }

    #[test]
    fn every_part_of_a_row_counts() {
        let key = [7; 32];
        let first = seal(&key, 1, b"before", &row());
        assert_eq!(first, seal(&key, 1, b"before", &row()));
        let mut others = vec![
            seal(&[8; 32], 1, b"before", &row()),
            seal(&key, 2, b"before", &row()),
            seal(&key, 1, b"other", &row()),
        ];
        let changes: [fn(&mut NewAuditRow); 11] = [
            |r| r.account = AccountId::trusted("b"),
            |r| r.actor = "u-2".into(),
            |r| r.action = "app.rotated".into(),
            |r| r.target = "cs-2".into(),
            |r| r.bot = Some(BotId::trusted("st-1")),
            |r| r.address = Some(String::new()),
            |r| r.before = Some("d".into()),
            |r| r.after = Some("d".into()),
            |r| r.details["a"] = serde_json::json!([]),
            |r| r.at = 6,
            |r| (r.actor, r.action) = ("u-1a".into(), "pp.rotate".into()),
        ];
        for change in changes {
            let mut row = row();
            change(&mut row);
            others.push(seal(&key, 1, b"before", &row));
        }
        others.push(first);
        others.sort();
        let count = others.len();
        others.dedup();
        assert_eq!(others.len(), count);
    }
}
