use super::user_id;
use crate::db::{Db, args};
use async_trait::async_trait;
use store::{Conversation, ConversationKey, Conversations};
use types::{
    Error, Result,
    id::{SessionId, VersionId},
};

#[async_trait]
impl Conversations for Db {
    async fn find(&self, key: &ConversationKey) -> Result<Option<Conversation>> {
        let sql = "SELECT user_id, session_id, snapshot, state, version, updated_at FROM conversations \
                   WHERE account = $1 AND bot = $2 AND channel = $3 AND instance = $4 AND identity = $5";
        let Some(row) = self
            .first(
                sql,
                args![
                    &key.account,
                    &key.bot,
                    &key.channel,
                    &key.instance,
                    &key.identity
                ],
            )
            .await?
        else {
            return Ok(None);
        };
        Ok(Some(Conversation {
            key: key.clone(),
            user: user_id(&row, "user_id")?,
            session: row
                .get::<Option<String>>("session_id")?
                .map(SessionId::trusted),
            snapshot: row
                .get::<Option<String>>("snapshot")?
                .map(VersionId::trusted),
            state: row.json("state")?,
            version: row.get("version")?,
            updated_at: row.get("updated_at")?,
        }))
    }
    async fn save(&self, conversation: &Conversation) -> Result<i64> {
        let c = conversation;
        let sql = if c.version == 0 {
            "INSERT INTO conversations (account, bot, channel, instance, identity, user_id, session_id, state, updated_at, version, snapshot) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10 + 1, $11) \
             ON CONFLICT (account, bot, channel, instance, identity) DO NOTHING"
        } else {
            "UPDATE conversations SET user_id = $6, session_id = $7, state = $8, updated_at = $9, version = $10 + 1, snapshot = $11 \
             WHERE account = $1 AND bot = $2 AND channel = $3 AND instance = $4 AND identity = $5 AND version = $10"
        };
        let args = args![
            &c.key.account,
            &c.key.bot,
            &c.key.channel,
            &c.key.instance,
            &c.key.identity,
            &c.user,
            c.session.as_ref(),
            &c.state,
            c.updated_at,
            c.version,
            c.snapshot.as_ref()
        ];
        match self.write(sql, args).await? {
            0 => Err(Error::conflict("the conversation has moved on")),
            _ => Ok(c.version + 1),
        }
    }
    async fn lease(
        &self,
        key: &ConversationKey,
        owner: &str,
        now: i64,
        until: i64,
    ) -> Result<bool> {
        let sql = "INSERT INTO turns (account, bot, channel, instance, identity, owner, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                   ON CONFLICT (account, bot, channel, instance, identity) DO UPDATE \
                   SET owner = excluded.owner, until_at = excluded.until_at \
                   WHERE turns.until_at <= $8 OR turns.owner = excluded.owner";
        let args = args![
            &key.account,
            &key.bot,
            &key.channel,
            &key.instance,
            &key.identity,
            owner,
            until,
            now
        ];
        Ok(self.write(sql, args).await? > 0)
    }
    async fn release(&self, key: &ConversationKey, owner: &str) -> Result<()> {
        let sql = "DELETE FROM turns \
                   WHERE account = $1 AND bot = $2 AND channel = $3 AND instance = $4 AND identity = $5 AND owner = $6";
        self.write(
            sql,
            args![
                &key.account,
                &key.bot,
                &key.channel,
                &key.instance,
                &key.identity,
                owner
            ],
        )
        .await?;
        Ok(())
    }
    async fn remove(&self, key: &ConversationKey) -> Result<bool> {
        let sql = "DELETE FROM conversations \
                   WHERE account = $1 AND bot = $2 AND channel = $3 AND instance = $4 AND identity = $5";
        Ok(self
            .write(
                sql,
                args![
                    &key.account,
                    &key.bot,
                    &key.channel,
                    &key.instance,
                    &key.identity
                ],
            )
            .await?
            > 0)
    }
}
