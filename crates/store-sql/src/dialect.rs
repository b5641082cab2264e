//! The words that differ between the two back ends.

/// A back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Fills the words in braces of a migration.
    pub fn fill(self, text: &str) -> String {
        let words: [(&str, &str); 6] = match self {
            Self::Sqlite => [
                ("{blob}", "BLOB"),
                ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{empty_blob}", "X''"),
                ("{audit_guard_function}", ""),
                (
                    "{audit_guard_update}",
                    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END",
                ),
                (
                    "{audit_guard_delete}",
                    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END",
                ),
            ],
            Self::Postgres => [
                ("{blob}", "BYTEA"),
                (
                    "{serial}",
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                ),
                ("{empty_blob}", "''"),
                (
                    "{audit_guard_function}",
                    "CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit rows are only added'; END $$",
                ),
                (
                    "{audit_guard_update}",
                    "CREATE TRIGGER audit_no_update BEFORE UPDATE OR TRUNCATE ON audit EXECUTE FUNCTION audit_guard()",
                ),
                (
                    "{audit_guard_delete}",
                    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit EXECUTE FUNCTION audit_guard()",
                ),
            ],
        };
        words.iter().fold(text.to_owned(), |text, (word, filled)| {
            text.replace(word, filled)
        })
    }

    /// What a claim adds to its inner query, so that two claimers do not wait for each other. SQLite has one writer anyway.
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_migrations_is_known() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for migration in crate::migrate::MAIN.iter().chain(crate::migrate::JTI) {
                let filled = dialect.fill(migration.text);
                assert!(
                    !filled.contains(['{', '}']),
                    "{dialect:?} {}",
                    migration.name
                );
            }
        }
    }
}
