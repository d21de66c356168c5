//! Paired phones: the devices on which crews sign in by a PIN.
//!
//! Owns the tables `phone` and `pin_slip`. A phone is paired by a code of short life, used once, and known from then on by a
//! secret of its own; both are kept as fingerprints.

use super::access::{Actor, note};
use super::sessions::NOTED_EVERY_MS;
use super::{Store, StoreError, reading, writing};
use crate::domain::time::Instant;

/// Wrong PINs of an account on a phone until it is locked there. A million PINs and five tries: one guess in 200 000.
pub const PIN_TRIES: i64 = 5;

/// A phone for crews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Names it in addresses and rows.
    pub id: String,
    /// Names it for people.
    pub name: String,
    /// By whom and when its code was made.
    pub made: Actor,
    /// Until when its code pairs it.
    pub code_expires: Instant,
    /// When it was paired. `None`: not yet.
    pub paired: Option<Instant>,
    /// Last used, give or take five minutes.
    pub used: Option<Instant>,
    /// Accounts locked on it.
    pub locked: Vec<String>,
}

type PhoneRow = (String, String, i64, String, i64, Option<i64>, Option<i64>);

impl Store {
    /// Makes a phone that waits to be paired by a code.
    pub async fn invite_phone(
        &self,
        id: &str,
        name: &str,
        code: &str,
        expires: Instant,
        by: &Actor,
    ) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query(
                "insert into phone (id, name, made_ms, made_by, code, code_expires_ms) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(name)
            .bind(by.at.ms())
            .bind(&by.name)
            .bind(code)
            .bind(expires.ms())
            .execute(&mut *tx)
            .await?;
            note!(tx, by, format!("phone {name}"), "code made");
        });
        Ok(())
    }

    /// Pairs the phone that shows a code, which is then used up: from now on it is known by `secret`. Gives `false` when the code is
    /// unknown, used, withdrawn or too old.
    pub async fn pair_phone(&self, code: &str, secret: &str, at: Instant) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query(
                "update phone set code = null, fingerprint = $2, paired_ms = $3, used_ms = $3 \
                 where code = $1 and code_expires_ms > $3 and fingerprint is null and revoked_ms is null",
            )
            .bind(code)
            .bind(secret)
            .bind(at.ms())
            .execute(&mut *tx)
            .await?
            .rows_affected()
                > 0
        }))
    }

    /// Gives the paired phone of a secret, and notes its use.
    pub async fn phone_of(&self, secret: &str, at: Instant) -> Result<Option<Phone>, StoreError> {
        let row: Option<PhoneRow> = reading!(self, pool => {
            sqlx::query_as(
                "select id, name, made_ms, made_by, code_expires_ms, paired_ms, used_ms from phone \
                 where fingerprint = $1 and revoked_ms is null",
            )
            .bind(secret)
            .fetch_optional(pool)
            .await?
        });
        let Some(row) = row else {
            return Ok(None);
        };
        if row.6.is_none_or(|used_ms| at.ms() - used_ms >= NOTED_EVERY_MS) {
            writing!(self, tx => {
                sqlx::query("update phone set used_ms = $2 where fingerprint = $1")
                    .bind(secret)
                    .bind(at.ms())
                    .execute(&mut *tx)
                    .await?;
            });
        }
        let locked = self.locked_on(&row.0).await?;
        Ok(Some(phone(row, locked)))
    }

    /// Gives the phones that are paired or may still be at `at`, by name.
    pub async fn phones(&self, at: Instant) -> Result<Vec<Phone>, StoreError> {
        let rows: Vec<PhoneRow> = reading!(self, pool => {
            sqlx::query_as(
                "select id, name, made_ms, made_by, code_expires_ms, paired_ms, used_ms from phone \
                 where revoked_ms is null and (fingerprint is not null or code_expires_ms > $1) order by name, id",
            )
            .bind(at.ms())
            .fetch_all(pool)
            .await?
        });
        let mut phones = Vec::with_capacity(rows.len());
        for row in rows {
            let locked = self.locked_on(&row.0).await?;
            phones.push(phone(row, locked));
        }
        Ok(phones)
    }

    async fn locked_on(&self, phone: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as("select account from pin_slip where phone = $1 and wrong >= $2 order by account")
                .bind(phone)
                .bind(PIN_TRIES)
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Withdraws a phone: its code, its secret and its sessions end. Gives `false` when there is none such.
    pub async fn revoke_phone(&self, id: &str, by: &Actor) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let name: Option<(String,)> = sqlx::query_as("select name from phone where id = $1 and revoked_ms is null")
                .bind(id)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some((name,)) = &name {
                sqlx::query("update phone set code = null, fingerprint = null, revoked_ms = $2, revoked_by = $3 where id = $1")
                    .bind(id)
                    .bind(by.at.ms())
                    .bind(&by.name)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("delete from session where phone = $1").bind(id).execute(&mut *tx).await?;
                note!(tx, by, format!("phone {name}"), "withdrawn");
            }
            name.is_some()
        }))
    }

    /// Counts a try of a PIN before it is checked, so that tries at the same time count too. Gives whether it may go on; an account that
    /// does not exist counts nothing and may not.
    pub async fn count_pin_try(&self, phone: &str, account: &str) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query(
                "insert into pin_slip (phone, account, wrong) select $1, name, 0 from account where name = $2 \
                 on conflict (phone, account) do nothing",
            )
            .bind(phone)
            .bind(account)
            .execute(&mut *tx)
            .await?;
            sqlx::query("update pin_slip set wrong = wrong + 1 where phone = $1 and account = $2 and wrong < $3")
                .bind(phone)
                .bind(account)
                .bind(PIN_TRIES)
                .execute(&mut *tx)
                .await?
                .rows_affected()
                > 0
        }))
    }

    /// Forgets the wrong PINs of an account on a phone: after the right one, or to unlock it.
    pub async fn forgive_pin(&self, phone: &str, account: &str) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("delete from pin_slip where phone = $1 and account = $2")
                .bind(phone)
                .bind(account)
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }
}

fn phone((id, name, made_ms, made_by, expires_ms, paired_ms, used_ms): PhoneRow, locked: Vec<String>) -> Phone {
    Phone {
        id,
        name,
        made: Actor { name: made_by, at: Instant::from_ms(made_ms) },
        code_expires: Instant::from_ms(expires_ms),
        paired: paired_ms.map(Instant::from_ms),
        used: used_ms.map(Instant::from_ms),
        locked,
    }
}
