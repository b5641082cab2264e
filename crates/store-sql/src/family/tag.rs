//! Tags as rows, for filters. The records carry them as documents too.

use crate::{
    db::{Db, args},
    filter::Filter,
};
use store::{Tag, TagClause, TagLevel};
use types::{
    Result,
    id::{AccountId, MessageId, SessionId},
};

impl Db {
    /// Adds tags of a session (no message) or of one of its messages.
    pub(super) async fn add_tags(
        &self,
        account: &AccountId,
        session: &SessionId,
        message: Option<&MessageId>,
        level: TagLevel,
        tags: &[Tag],
    ) -> Result<()> {
        for tag in tags {
            let sql = "INSERT INTO tags (account, session_id, message_id, level, name, value) VALUES ($1, $2, $3, $4, $5, $6)";
            let message = message.map(|id| id.as_str());
            self.write(
                sql,
                args![
                    account,
                    session,
                    message,
                    level.as_str(),
                    &tag.name,
                    tag.text()
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// Forgets the tags of a session, but not those of its messages.
    pub(super) async fn drop_session_tags(
        &self,
        account: &AccountId,
        session: &SessionId,
    ) -> Result<()> {
        let sql = "DELETE FROM tags WHERE account = $1 AND session_id = $2 AND message_id IS NULL";
        self.write(sql, args![account, session]).await?;
        Ok(())
    }
}

/// Adds one condition for each clause. `owned` is the condition that ties a tag `t` of this level to the row.
pub(super) fn filter(
    sql: &mut Filter,
    clauses: &[TagClause],
    owned: impl Fn(TagLevel) -> &'static str,
) {
    for clause in clauses {
        sql.and("EXISTS (SELECT 1 FROM tags t WHERE ", vec![]);
        sql.push(owned(clause.level), vec![]);
        sql.push(
            " AND t.level = ? AND t.name = ?",
            args![clause.level.as_str(), &clause.name],
        );
        if !clause.values.is_empty() {
            sql.push(" AND t.value", vec![]);
            sql.list(clause.values.iter().map(Into::into));
        }
        sql.push(")", vec![]);
    }
}
