//! Sessions: who is signed in, from which browser or paired phone, since when.
//!
//! Owns the `session` table. A session is known by the fingerprint of its secret, which tells nothing about the secret itself.

use super::access::{Account, Role};
use super::{Store, StoreError, reading, writing};
use crate::domain::time::{HOUR_MS, Instant, MINUTE_MS};

/// How long a session opened by password may lie unused: half a working day, so that a desk left at noon is signed out by the
/// evening. A phone's session is not ended so: it is out of reach of the network for whole rounds.
pub const IDLE_MS: i64 = 4 * HOUR_MS;
/// How old the noted last use may grow before it is noted anew, so that not every request writes.
pub(super) const NOTED_EVERY_MS: i64 = 5 * MINUTE_MS;

/// A session about to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Fingerprint of its secret.
    pub fingerprint: &'a str,
    /// Whose.
    pub account: &'a str,
    /// From when.
    pub at: Instant,
    /// Until when at most.
    pub expires: Instant,
    /// What the browser said of itself, in two words.
    pub browser: &'a str,
    /// The paired phone on which a PIN opened it. `None`: a password did.
    pub phone: Option<&'a str>,
}

/// Who is signed in by a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The account. By PIN it carries the crew's role alone, whatever else it has: six digits are worth no more.
    pub account: Account,
    /// The paired phone on which a PIN opened it. `None`: a password did.
    pub phone: Option<String>,
    /// The password was given by somebody else and must be replaced first.
    pub one_time: bool,
}

/// An open session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Fingerprint of its secret.
    pub fingerprint: String,
    /// Since when.
    pub opened: Instant,
    /// Last used, give or take five minutes.
    pub used: Instant,
    /// What the browser said of itself.
    pub browser: String,
    /// Name of the paired phone. `None`: opened by password.
    pub phone: Option<String>,
}

impl Store {
    /// Opens a session, notes the sign-in, and forgets sessions that have expired.
    pub async fn open_session(&self, opening: &Opening<'_>) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("delete from session where expires_ms <= $1").bind(opening.at.ms()).execute(&mut *tx).await?;
            sqlx::query(
                "insert into session (fingerprint, account, opened_ms, expires_ms, used_ms, browser, phone) \
                 values ($1, $2, $3, $4, $3, $5, $6)",
            )
            .bind(opening.fingerprint)
            .bind(opening.account)
            .bind(opening.at.ms())
            .bind(opening.expires.ms())
            .bind(opening.browser)
            .bind(opening.phone)
            .execute(&mut *tx)
            .await?;
            sqlx::query("update account set last_sign_in_ms = $2 where name = $1")
                .bind(opening.account)
                .bind(opening.at.ms())
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Ends a session.
    pub async fn close_session(&self, fingerprint: &str) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("delete from session where fingerprint = $1").bind(fingerprint).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Ends sessions of an account: `only` one of them, or all but `kept`. Gives how many.
    pub async fn close_sessions(
        &self,
        account: &str,
        only: Option<&str>,
        kept: Option<&str>,
    ) -> Result<u64, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query(
                "delete from session where account = $1 and (cast($2 as text) is null or fingerprint = $2) and fingerprint <> $3",
            )
            .bind(account)
            .bind(only)
            .bind(kept.unwrap_or_default())
            .execute(&mut *tx)
            .await?
            .rows_affected()
        }))
    }

    /// Gives the sessions of an account that are open, last used first.
    pub async fn sessions(&self, account: &str, at: Instant) -> Result<Vec<OpenSession>, StoreError> {
        let rows: Vec<(String, i64, i64, String, Option<String>)> = reading!(self, pool => {
            sqlx::query_as(
                "select session.fingerprint, session.opened_ms, session.used_ms, session.browser, phone.name from session \
                 left join phone on phone.id = session.phone where session.account = $1 and session.expires_ms > $2 \
                 and (session.phone is not null or session.used_ms > $3) order by session.used_ms desc, session.fingerprint",
            )
            .bind(account)
            .bind(at.ms())
            .bind(at.ms() - IDLE_MS)
            .fetch_all(pool)
            .await?
        });
        let line = |(fingerprint, opened_ms, used_ms, browser, phone)| OpenSession {
            fingerprint,
            opened: Instant::from_ms(opened_ms),
            used: Instant::from_ms(used_ms),
            browser,
            phone,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Gives who is signed in by a session that has neither expired nor lain unused for [`IDLE_MS`], and notes its use.
    pub async fn signed_in(&self, fingerprint: &str, at: Instant) -> Result<Option<SignedIn>, StoreError> {
        let row: Option<(String, Option<String>, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select session.account, session.phone, session.used_ms, account.one_time from session \
                 join account on account.name = session.account where session.fingerprint = $1 and session.expires_ms > $2 \
                 and (session.phone is not null or session.used_ms > $3)",
            )
            .bind(fingerprint)
            .bind(at.ms())
            .bind(at.ms() - IDLE_MS)
            .fetch_optional(pool)
            .await?
        });
        let Some((name, phone, used_ms, one_time)) = row else {
            return Ok(None);
        };
        if at.ms() - used_ms >= NOTED_EVERY_MS {
            writing!(self, tx => {
                sqlx::query("update session set used_ms = $2 where fingerprint = $1 and used_ms < $2")
                    .bind(fingerprint)
                    .bind(at.ms())
                    .execute(&mut *tx)
                    .await?;
            });
        }
        let account = self.enabled_account(&name).await?;
        Ok(account.map(|mut account| {
            if phone.is_some() {
                account.roles.retain(|role| *role == Role::Crew);
            }
            SignedIn { account, one_time: one_time != 0 && phone.is_none(), phone }
        }))
    }
}
