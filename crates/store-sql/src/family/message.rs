use super::{account_id, bot_id, each, message_id, session_id, tag, text, user_id};
use crate::{
    db::{Db, Row, args},
    filter::Filter,
};
use async_trait::async_trait;
use store::{Around, Direction, Message, MessageFilter, Messages, TagLevel};
use types::{Error, Result, id::AccountId};

fn read(row: &Row) -> Result<Message> {
    let direction: String = row.get("direction")?;
    Ok(Message {
        id: message_id(row, "id")?,
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        session: session_id(row, "session_id")?,
        user: user_id(row, "user_id")?,
        identity: row.get("identity")?,
        channel: row.get("channel")?,
        direction: Direction::parse(&direction)
            .ok_or_else(|| Error::internal(format!("unknown direction {direction}")))?,
        status: row.get("status")?,
        language: row.get("language")?,
        components: row.json("components")?,
        channels: row.json("channels")?,
        developer: row.get("developer")?,
        builder: row.get("builder")?,
        source: row.get("source")?,
        tags: row.json("tags")?,
        trace: row.get("trace")?,
        latency: row.maybe_json("latency")?,
        created_at: row.get("created_at")?,
    })
}

/// Time and number of the message that a filter starts from.
type Start = (i64, i64);

fn conditions(
    sql: &mut Filter,
    account: &AccountId,
    filter: &MessageFilter,
    start: Option<(Start, Around)>,
) {
    sql.and("account = ?", args![account]);
    sql.and_in("bot", filter.bots.iter());
    if let Some(user) = &filter.user {
        sql.and("(user_id = ? OR identity = ?)", args![user, user]);
    }
    sql.and_if("channel = ?", filter.channel.as_ref());
    sql.and_in("session_id", filter.sessions.iter());
    sql.and_if("created_at >= ?", filter.from);
    sql.and_if("created_at < ?", filter.to);
    sql.and_if("direction = ?", filter.direction.map(Direction::as_str));
    match start {
        Some(((at, seq), Around::Before)) => sql.and(
            "(created_at < ? OR (created_at = ? AND seq <= ?))",
            args![at, at, seq],
        ),
        Some(((at, seq), Around::After)) => sql.and(
            "(created_at > ? OR (created_at = ? AND seq >= ?))",
            args![at, at, seq],
        ),
        Some((_, Around::Both)) | None => {}
    }
    tag::filter(sql, &filter.tags, |level| match level {
        TagLevel::Message => "t.message_id = messages.id",
        TagLevel::User | TagLevel::Session => {
            "t.account = messages.account AND t.session_id = messages.session_id"
        }
    });
}

impl Db {
    async fn start(
        &self,
        account: &AccountId,
        filter: &MessageFilter,
    ) -> Result<Option<Option<(Start, Around)>>> {
        let Some((id, around)) = &filter.around else {
            return Ok(Some(None));
        };
        let mut sql = Filter::new("SELECT created_at, seq FROM messages", vec![]);
        sql.and("account = ?", args![account]);
        sql.and("id = ?", args![id]);
        sql.and_in("bot", filter.bots.iter());
        let (sql, args) = sql.done();
        let Some(row) = self.first(sql, args).await? else {
            return Ok(None);
        };
        Ok(Some(Some((
            (row.get("created_at")?, row.get("seq")?),
            *around,
        ))))
    }
}

#[async_trait]
impl Messages for Db {
    async fn add(&self, messages: &[Message]) -> Result<()> {
        let tx = self.scope().await?;
        for m in messages {
            let sql = "INSERT INTO messages (id, account, bot, session_id, user_id, identity, channel, direction, status, language, \
                       components, channels, developer, builder, source, tags, trace, latency, created_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
            let args = args![
                &m.id,
                &m.account,
                &m.bot,
                &m.session,
                &m.user,
                &m.identity,
                &m.channel,
                m.direction.as_str(),
                &m.status,
                &m.language,
                &m.components,
                &m.channels,
                m.developer,
                m.builder,
                m.source,
                text(&m.tags),
                &m.trace,
                m.latency.as_ref(),
                m.created_at
            ];
            tx.write(sql, args).await?;
            tx.add_tags(
                &m.account,
                &m.session,
                Some(&m.id),
                TagLevel::Message,
                &m.tags,
            )
            .await?;
        }
        tx.done().await
    }
    async fn list(
        &self,
        account: &AccountId,
        filter: &MessageFilter,
    ) -> Result<(Vec<Message>, u64)> {
        let Some(start) = self.start(account, filter).await? else {
            return Ok((Vec::new(), 0));
        };
        let mut count = Filter::new("SELECT COUNT(*) AS total FROM messages", vec![]);
        conditions(&mut count, account, filter, start);
        let mut sql = Filter::new("SELECT * FROM messages", vec![]);
        conditions(&mut sql, account, filter, start);
        let order = if filter.forward {
            " ORDER BY created_at, seq"
        } else {
            " ORDER BY created_at DESC, seq DESC"
        };
        sql.push(order, vec![]);
        sql.push(" LIMIT ? OFFSET ?", args![filter.limit, filter.skip]);
        let (sql, args) = sql.done();
        let rows = each(&self.all(sql, args).await?, read)?;
        Ok((rows, self.total(count).await?))
    }
}
