//! API tokens: programs that act for an account, with no more than it may and perhaps less.

use std::collections::BTreeSet;

use super::access::{Account, Role};
use super::sessions::NOTED_EVERY_MS;
use super::{Store, StoreError, reading, unreadable, writing};
use crate::domain::time::Instant;

/// What a token is good for. From `Option<Instant>`: for all its account may, until then or until the account is disabled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// What it is for, in its owner's words.
    pub name: String,
    /// The roles it carries; those its account has lost do not count. `None`: all of its account's.
    pub roles: Option<BTreeSet<Role>>,
    /// It may read and change nothing.
    pub read_only: bool,
    /// Until when. `None`: until the account is disabled.
    pub expires: Option<Instant>,
}

impl From<Option<Instant>> for Grant {
    fn from(expires: Option<Instant>) -> Self {
        Self { expires, ..Self::default() }
    }
}

/// Who shows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The account, with the roles that the token carries.
    pub account: Account,
    /// It may read and change nothing.
    pub read_only: bool,
}

/// A token that was made, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeToken {
    /// Fingerprint of its secret.
    pub fingerprint: String,
    /// Whose.
    pub account: String,
    /// When it was made.
    pub created: Instant,
    /// Last used, give or take five minutes. `None`: never.
    pub used: Option<Instant>,
    /// What it is good for.
    pub grant: Grant,
}

type TokenRow = (String, String, i64, Option<i64>, Option<i64>, String, Option<String>, i64);

impl Store {
    /// Keeps a token's fingerprint.
    pub async fn add_token(
        &self,
        fingerprint: &str,
        account: &str,
        at: Instant,
        grant: impl Into<Grant>,
    ) -> Result<(), StoreError> {
        let grant: Grant = grant.into();
        let roles = grant.roles.as_ref().map(|roles| {
            let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            words.join(" ")
        });
        writing!(self, tx => {
            sqlx::query(
                "insert into token (fingerprint, account, created_ms, expires_ms, name, roles, read_only) \
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(fingerprint)
            .bind(account)
            .bind(at.ms())
            .bind(grant.expires.map(Instant::ms))
            .bind(&grant.name)
            .bind(&roles)
            .bind(i64::from(grant.read_only))
            .execute(&mut *tx)
            .await?;
        });
        Ok(())
    }

    /// Gives who shows a token that has not expired, and notes its use.
    pub async fn bearer(&self, fingerprint: &str, at: Instant) -> Result<Option<Bearer>, StoreError> {
        let row: Option<(String, Option<String>, i64, Option<i64>)> = reading!(self, pool => {
            sqlx::query_as(
                "select account, roles, read_only, used_ms from token \
                 where fingerprint = $1 and (expires_ms is null or expires_ms > $2)",
            )
            .bind(fingerprint)
            .bind(at.ms())
            .fetch_optional(pool)
            .await?
        });
        let Some((name, roles, read_only, used_ms)) = row else {
            return Ok(None);
        };
        if used_ms.is_none_or(|used_ms| at.ms() - used_ms >= NOTED_EVERY_MS) {
            writing!(self, tx => {
                sqlx::query("update token set used_ms = $2 where fingerprint = $1")
                    .bind(fingerprint)
                    .bind(at.ms())
                    .execute(&mut *tx)
                    .await?;
            });
        }
        let carried = roles.as_deref().map(roles_of).transpose()?;
        let account = self.enabled_account(&name).await?;
        Ok(account.map(|mut account| {
            if let Some(carried) = carried {
                account.roles.retain(|role| carried.contains(role));
            }
            Bearer { account, read_only: read_only != 0 }
        }))
    }

    /// Gives the tokens of an account, or of all, latest first; those that have expired, too.
    pub async fn tokens(&self, account: Option<&str>) -> Result<Vec<MadeToken>, StoreError> {
        let rows: Vec<TokenRow> = reading!(self, pool => {
            sqlx::query_as(
                "select fingerprint, account, created_ms, expires_ms, used_ms, name, roles, read_only from token \
                 where cast($1 as text) is null or account = $1 order by created_ms desc, fingerprint",
            )
            .bind(account)
            .fetch_all(pool)
            .await?
        });
        rows.into_iter()
            .map(|(fingerprint, account, created_ms, expires_ms, used_ms, name, roles, read_only)| {
                Ok(MadeToken {
                    fingerprint,
                    account,
                    created: Instant::from_ms(created_ms),
                    used: used_ms.map(Instant::from_ms),
                    grant: Grant {
                        name,
                        roles: roles.as_deref().map(roles_of).transpose()?,
                        read_only: read_only != 0,
                        expires: expires_ms.map(Instant::from_ms),
                    },
                })
            })
            .collect()
    }

    /// Forgets a token, of `account` only where one is given. Gives `false` when there is none such.
    pub async fn revoke_token(&self, fingerprint: &str, account: Option<&str>) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query("delete from token where fingerprint = $1 and (cast($2 as text) is null or account = $2)")
                .bind(fingerprint)
                .bind(account)
                .execute(&mut *tx)
                .await?
                .rows_affected()
                > 0
        }))
    }
}

fn roles_of(words: &str) -> Result<BTreeSet<Role>, StoreError> {
    words
        .split_whitespace()
        .map(|word| Role::from_word(word).ok_or_else(|| unreadable("role", word, "no such role")))
        .collect()
}
