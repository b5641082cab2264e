use super::{account_id, each, user_id};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Passkey, Passkeys, passkey::Challenge};
use types::{
    Error, Kind, Result,
    id::{AccountId, UserId},
};

fn read(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        id: row.get("id")?,
        account: account_id(row, "account")?,
        user: user_id(row, "user_id")?,
        name: row.get("name")?,
        party: row.get("party")?,
        public_key: row.get("public_key")?,
        counter: row.get("counter")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

#[async_trait]
impl Passkeys for Db {
    async fn add(&self, passkey: &Passkey) -> Result<()> {
        let sql = "INSERT INTO passkeys (id, account, user_id, name, party, public_key, counter, created_at, last_used_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
        let p = passkey;
        let args = args![
            &p.id,
            &p.account,
            &p.user,
            &p.name,
            &p.party,
            p.public_key.as_slice(),
            p.counter,
            p.created_at,
            p.last_used_at
        ];
        if self.write(sql, args).await? == 0 {
            let mut taken = Error::field("id", "is the id of a passkey that is known already");
            taken.kind = Kind::Conflict;
            return Err(taken);
        }
        Ok(())
    }
    async fn find_any(&self, id: &str) -> Result<Option<Passkey>> {
        let sql = "SELECT * FROM passkeys WHERE id = $1";
        let row = self.first(sql, args![id]).await?;
        row.as_ref().map(read).transpose()
    }
    async fn list(&self, account: &AccountId, user: &UserId) -> Result<Vec<Passkey>> {
        let sql =
            "SELECT * FROM passkeys WHERE account = $1 AND user_id = $2 ORDER BY created_at, id";
        each(&self.all(sql, args![account, user]).await?, read)
    }
    async fn rename(
        &self,
        account: &AccountId,
        user: &UserId,
        id: &str,
        name: &str,
    ) -> Result<bool> {
        let sql = "UPDATE passkeys SET name = $4 WHERE account = $1 AND user_id = $2 AND id = $3";
        Ok(self.write(sql, args![account, user, id, name]).await? > 0)
    }
    async fn used(
        &self,
        account: &AccountId,
        id: &str,
        before: i64,
        counter: i64,
        at: i64,
    ) -> Result<bool> {
        let sql = "UPDATE passkeys SET counter = $4, last_used_at = $5 WHERE account = $1 AND id = $2 AND counter = $3";
        let args = args![account, id, before, counter, at];
        Ok(self.write(sql, args).await? > 0)
    }
    async fn remove(&self, account: &AccountId, user: &UserId, id: &str) -> Result<bool> {
        let sql = "DELETE FROM passkeys WHERE account = $1 AND user_id = $2 AND id = $3";
        Ok(self.write(sql, args![account, user, id]).await? > 0)
    }
    async fn remove_of_user(&self, account: &AccountId, user: &UserId) -> Result<u64> {
        let sql = "DELETE FROM passkeys WHERE account = $1 AND user_id = $2";
        self.write(sql, args![account, user]).await
    }
    async fn add_challenge(&self, challenge: &Challenge) -> Result<()> {
        let sql = "INSERT INTO passkey_challenges (hash, user_id, expires_at) VALUES ($1, $2, $3)";
        let user = challenge.user.as_ref().map(UserId::as_str);
        self.write(sql, args![&challenge.hash, user, challenge.expires_at])
            .await?;
        Ok(())
    }
    async fn take_challenge(&self, hash: &str, now: i64) -> Result<Option<Challenge>> {
        let sql =
            "DELETE FROM passkey_challenges WHERE hash = $1 RETURNING hash, user_id, expires_at";
        let rows = self.write_returning(sql, args![hash]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let user: Option<String> = row.get("user_id")?;
        let challenge = Challenge {
            hash: row.get("hash")?,
            user: user.map(UserId::trusted),
            expires_at: row.get("expires_at")?,
        };
        Ok(Some(challenge).filter(|c| c.expires_at > now))
    }
    async fn remove_expired(&self, now: i64) -> Result<u64> {
        let sql = "DELETE FROM passkey_challenges WHERE expires_at <= $1";
        self.write(sql, args![now]).await
    }
}
