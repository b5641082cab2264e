use super::{account_id, client_id, each};
use crate::{
    db::{Arg, Db, Row, args, must_touch},
    filter::Filter,
};
use async_trait::async_trait;
use store::{App, AppFilter, Apps, PayloadKey, PayloadMode};
use types::{
    Error, Result,
    id::{AccountId, ClientId},
    name::look,
};

fn read(row: &Row) -> Result<App> {
    Ok(App {
        client_id: client_id(row, "client_id")?,
        account: account_id(row, "account")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        algorithm: row.get("algorithm")?,
        enforce_jti: row.get("enforce_jti")?,
        enforce_jwe: row.get("enforce_jwe")?,
        sdk_tokens: row.get("sdk_tokens")?,
        anonymous: row.get("anonymous")?,
        secret: row.get("secret")?,
        previous_secret: row.get("previous_secret")?,
        public_key: row.get("public_key")?,
        previous_public_key: row.get("previous_public_key")?,
        previous_until: row.get("previous_until")?,
        payload: payload(row)?,
        enforce_payload: row.get("enforce_payload")?,
        enabled: row.get("enabled")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

fn payload(row: &Row) -> Result<Option<PayloadKey>> {
    let Some(mode) = row.get::<Option<String>>("payload_mode")? else {
        return Ok(None);
    };
    let mode = PayloadMode::parse(&mode);
    Ok(Some(PayloadKey {
        mode: mode.ok_or_else(|| Error::internal("unknown mode of a payload key"))?,
        key: row.get("payload_key")?,
        print: row.get("payload_print")?,
        set_at: row.get("payload_set_at")?,
    }))
}

/// What can be changed, in the order of the columns that both statements name.
fn changeable(a: &App) -> Vec<Arg> {
    let payload = a.payload.as_ref();
    args![
        &a.name,
        look(&a.name),
        &a.algorithm,
        a.enforce_jti,
        a.enforce_jwe,
        a.sdk_tokens,
        a.anonymous,
        &a.secret,
        &a.previous_secret,
        &a.public_key,
        &a.previous_public_key,
        a.previous_until,
        payload.map(|p| p.mode.as_str()),
        &payload.map(|p| p.key.clone()),
        payload.map(|p| p.print.as_str()),
        payload.map(|p| p.set_at),
        a.enforce_payload,
        a.enabled,
        a.updated_at,
    ]
}

#[async_trait]
impl Apps for Db {
    async fn add(&self, app: &App) -> Result<()> {
        let sql = "INSERT INTO apps (client_id, account, kind, created_at, last_used_at, name, name_key, algorithm, enforce_jti, \
                   enforce_jwe, sdk_tokens, anonymous, secret, previous_secret, public_key, previous_public_key, previous_until, \
                   payload_mode, payload_key, payload_print, payload_set_at, enforce_payload, enabled, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
                   $23, $24)";
        let a = app;
        let mut args = args![
            &a.client_id,
            &a.account,
            &a.kind,
            a.created_at,
            a.last_used_at
        ];
        args.extend(changeable(a));
        self.change(sql, args).await?;
        Ok(())
    }
    async fn find_any(&self, client: &ClientId) -> Result<Option<App>> {
        self.first("SELECT * FROM apps WHERE client_id = $1", args![client])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<App>> {
        let sql = "SELECT * FROM apps WHERE account = $1 AND client_id = $2";
        self.first(sql, args![account, client])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find_by_name(&self, account: &AccountId, name: &str) -> Result<Option<App>> {
        let sql = "SELECT * FROM apps WHERE account = $1 AND name_key = $2";
        self.first(sql, args![account, look(name)])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn list(&self, account: &AccountId, filter: &AppFilter) -> Result<Vec<App>> {
        let mut sql = Filter::new("SELECT * FROM apps", vec![]);
        sql.and("account = ?", args![account]);
        sql.and_if("kind = ?", filter.kind.as_ref());
        sql.and_if(
            "EXISTS (SELECT 1 FROM links l WHERE l.account = apps.account AND l.client_id = apps.client_id AND l.bot = ?)",
            filter.bot.as_ref(),
        );
        sql.push(" ORDER BY name_key", vec![]);
        let (sql, args) = sql.done();
        each(&Db::all(self, sql, args).await?, read)
    }
    async fn all(&self) -> Result<Vec<App>> {
        let rows = Db::all(self, "SELECT * FROM apps", vec![]).await?;
        each(&rows, read)
    }
    async fn set(&self, app: &App) -> Result<()> {
        let sql = "UPDATE apps SET name = $3, name_key = $4, algorithm = $5, enforce_jti = $6, enforce_jwe = $7, sdk_tokens = $8, \
                   anonymous = $9, secret = $10, previous_secret = $11, public_key = $12, previous_public_key = $13, \
                   previous_until = $14, payload_mode = $15, payload_key = $16, payload_print = $17, payload_set_at = $18, \
                   enforce_payload = $19, enabled = $20, updated_at = $21 WHERE account = $1 AND client_id = $2";
        let mut args = args![&app.account, &app.client_id];
        args.extend(changeable(app));
        must_touch(self.change(sql, args).await?, "no such app")
    }
    async fn touch(&self, uses: &[(ClientId, i64)]) -> Result<()> {
        let tx = self.scope().await?;
        for (client, at) in uses {
            let sql = "UPDATE apps SET last_used_at = $2 WHERE client_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
            tx.write(sql, args![client, *at]).await?;
        }
        tx.done().await
    }
    async fn count_calls(&self, day: i64, calls: &[(ClientId, u64)]) -> Result<()> {
        let tx = self.scope().await?;
        for (client, calls) in calls {
            let sql = "INSERT INTO app_calls (account, client_id, day, calls) \
                       SELECT account, client_id, $2, $3 FROM apps WHERE client_id = $1 \
                       ON CONFLICT (account, client_id, day) DO UPDATE SET calls = app_calls.calls + excluded.calls";
            let calls = i64::try_from(*calls).unwrap_or(i64::MAX);
            tx.write(sql, args![client, day, calls]).await?;
        }
        tx.write("DELETE FROM app_calls WHERE day < $1", args![day - 31])
            .await?;
        tx.done().await
    }
    async fn calls(&self, account: &AccountId, client: &ClientId, from: i64) -> Result<u64> {
        let sql = "SELECT calls FROM app_calls WHERE account = $1 AND client_id = $2 AND day >= $3";
        let mut sum = 0;
        for row in Db::all(self, sql, args![account, client, from]).await? {
            let calls: i64 = row.get("calls")?;
            sum += u64::try_from(calls).unwrap_or_default();
        }
        Ok(sum)
    }
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool> {
        Ok(self
            .change(
                "DELETE FROM apps WHERE account = $1 AND client_id = $2",
                args![account, client],
            )
            .await?
            > 0)
    }
}
