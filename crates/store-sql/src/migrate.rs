//! Brings the tables up to date: only forward, one transaction, safe when two processes start at once.

use crate::{db::Db, db::args, dialect::Dialect};
use sqlx::AssertSqlSafe;
use types::Result;

/// One step.
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub text: &'static str,
}

/// The steps of the store.
pub(crate) const MAIN: &[Migration] = &[
    Migration {
        number: 1,
        name: "base",
        text: include_str!("../migrations/main/0001_base.sql"),
    },
    Migration {
        number: 2,
        name: "channel_instance",
        text: include_str!("../migrations/main/0002_channel_instance.sql"),
    },
    Migration {
        number: 3,
        name: "gate",
        text: include_str!("../migrations/main/0003_gate.sql"),
    },
    Migration {
        number: 4,
        name: "audit_chain",
        text: include_str!("../migrations/main/0004_audit_chain.sql"),
    },
    Migration {
        number: 5,
        name: "second_factor",
        text: include_str!("../migrations/main/0005_second_factor.sql"),
    },
    Migration {
        number: 6,
        name: "batch_test",
        text: include_str!("../migrations/main/0006_batch_test.sql"),
    },
    Migration {
        number: 7,
        name: "version",
        text: include_str!("../migrations/main/0007_version.sql"),
    },
    Migration {
        number: 8,
        name: "extraction",
        text: include_str!("../migrations/main/0008_extraction.sql"),
    },
    Migration {
        number: 9,
        name: "conversation_test",
        text: include_str!("../migrations/main/0009_conversation_test.sql"),
    },
    Migration {
        number: 10,
        name: "passkey",
        text: include_str!("../migrations/main/0010_passkey.sql"),
    },
    Migration {
        number: 11,
        name: "data_grant",
        text: include_str!("../migrations/main/0011_data_grant.sql"),
    },
    Migration {
        number: 12,
        name: "app_calls",
        text: include_str!("../migrations/main/0012_app_calls.sql"),
    },
];

/// The steps of the spent token ids.
pub(crate) const JTI: &[Migration] = &[Migration {
    number: 1,
    name: "jti",
    text: include_str!("../migrations/jti/0001_jti.sql"),
}];

/// Any number, the same for every process: the name of the lock on PostgreSQL.
const LOCK: i64 = 0x6f6d_6275_6400;

/// Runs the steps of a `set` that have not run yet; answers how many. Steps that a newer version has run are left alone.
pub(crate) async fn run(db: &Db, set: &'static str, steps: &[Migration]) -> Result<usize> {
    // on SQLite the transaction itself keeps others out: it begins as a writer
    let tx = db.begin().await?;
    if tx.dialect() == Dialect::Postgres {
        tx.all("SELECT pg_advisory_xact_lock($1)", args![LOCK])
            .await?;
    }
    tx.write(
        "CREATE TABLE IF NOT EXISTS migrations (step_set TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, \
         CONSTRAINT migrations_pk PRIMARY KEY (step_set, number))",
        vec![],
    )
    .await?;
    let rows = tx
        .all(
            "SELECT number FROM migrations WHERE step_set = $1",
            args![set],
        )
        .await?;
    let applied: Vec<i64> = rows
        .iter()
        .map(|row| row.get("number"))
        .collect::<Result<_>>()?;
    let mut count = 0;
    for step in steps.iter().filter(|step| !applied.contains(&step.number)) {
        for statement in statements(&tx.dialect().fill(step.text)) {
            tx.write(AssertSqlSafe(statement), vec![]).await?;
        }
        tx.write(
            "INSERT INTO migrations (step_set, number, name) VALUES ($1, $2, $3)",
            args![set, step.number, step.name],
        )
        .await?;
        tracing::info!(
            set,
            number = step.number,
            name = step.name,
            "migration applied"
        );
        count += 1;
    }
    tx.finish().await?;
    Ok(count)
}

/// The statements of a step: they end with a semicolon at the end of a line; lines that begin with `--` are comments.
fn statements(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.starts_with("--"))
        .flat_map(|line| [line, "\n"])
        .collect();
    code.split(";\n")
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn statements_are_cut_at_the_end_of_lines() {
        assert_eq!(
            super::statements("-- a;\nA (\n b\n);\n\nB;\n"),
            ["A (\n b\n)", "B"]
        );
    }

    #[test]
    fn numbers_rise_by_one() {
        for steps in [super::MAIN, super::JTI] {
            for (i, step) in steps.iter().enumerate() {
                assert_eq!(step.number, i as i64 + 1, "{}", step.name);
            }
        }
    }
}
