//! Who may in: accounts with their roles, sessions, tokens, and the log of who looked at what.
//!
//! Owns the tables of `0002_access.sql` and how their secrets are made and checked. A password is kept as an Argon2id
//! hash, a session's or token's secret as its SHA-256: it has 256 bits of its own, so a slow hash would add nothing.
//!
//! # Why
//! Secrets are drawn from the operating system here, not handed in as other randomness is: a secret that a test could
//! repeat, an attacker could.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use sha2::{Digest, Sha256};

use super::{Store, StoreError, reading, unreadable, writing};
use crate::domain::ids::AreaCode;
use crate::domain::state::word;
use crate::domain::time::Instant;

word!(
    /// What an account is for; an account may have several.
    Role {
        /// Collects: rounds, pickups, findings.
        Crew = "crew",
        /// Visits: hamlet head, Women's Union, Fatherland Front.
        Visitor = "visitor",
        /// Answers for the figures: register, imports, closes.
        Officer = "officer",
        /// Runs the system: users, devices, quarantine.
        Admin = "admin",
        /// Looks: household states without names.
        Viewer = "viewer",
    }
);

/// An account that may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, 1-64 of `a-z 0-9 . _ -`.
    pub name: String,
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// The hamlets it is limited to; empty: the whole commune for an officer, none for a visitor.
    pub areas: Vec<AreaCode>,
    /// A disabled account can neither sign in nor use its tokens.
    pub enabled: bool,
}

/// A look at personal data, for the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// When.
    pub at: Instant,
    /// Who.
    pub account: String,
    /// What was done, for example `states`.
    pub action: String,
    /// At what, for example `area=TM-01 state=U`.
    pub subject: String,
}

/// Why a password cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password has {0} characters; use at least {MIN_PASSWORD}")]
    Short(usize),
    /// The hash failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Fewest characters of a password; length is what counts (NIST SP 800-63B, 3.1.1.2, asks for 8 where nothing else guards).
pub const MIN_PASSWORD: usize = 8;

/// Hashes a password with Argon2id and a salt of its own. Takes tens of milliseconds: call it off the async threads.
///
/// # Errors
/// When it is too short, or the hash fails.
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        return Err(PasswordError::Short(length));
    }
    hash(password)
}

fn hash(password: &str) -> Result<String, PasswordError> {
    let hashed: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(hashed.to_string())
}

/// Checks a password against a kept hash. Without a hash (unknown account) it works as long and says no, so that time
/// tells nothing about which names exist. Takes tens of milliseconds: call it off the async threads.
pub fn verify_password(password: &str, kept: Option<&str>) -> bool {
    static NOBODY: OnceLock<Option<String>> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| hash(&Secret::new().plain).ok());
    let Some(against) = kept.or(nobody.as_deref()) else {
        return false;
    };
    let matches = Argon2::default().verify_password(password.as_bytes(), against).is_ok();
    matches && kept.is_some()
}

/// A fresh secret of 256 bits: shown once, kept as its fingerprint.
pub struct Secret {
    /// What its holder presents.
    pub plain: String,
    /// What is kept.
    pub fingerprint: String,
}

impl Secret {
    /// Draws a secret.
    #[expect(clippy::new_without_default, reason = "each one is different")]
    pub fn new() -> Self {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes);
        let plain = hex::encode(bytes);
        let fingerprint = fingerprint(&plain);
        Self { plain, fingerprint }
    }
}

/// Gives what is kept of a secret: its SHA-256, hexadecimal.
pub fn fingerprint(plain: &str) -> String {
    hex::encode(Sha256::digest(plain.as_bytes()))
}

impl Store {
    /// Adds an account. `password` is a hash by [`hash_password`]; `None`: no sign-in by password. Gives `false` when the
    /// name is taken, and then changes nothing.
    pub async fn add_account(
        &self,
        account: &Account,
        password: Option<&str>,
        at: Instant,
    ) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let added = sqlx::query(
                "insert into account (name, password, enabled, created_ms) values ($1, $2, $3, $4) on conflict (name) do nothing",
            )
            .bind(&account.name)
            .bind(password)
            .bind(i64::from(account.enabled))
            .bind(at.ms())
            .execute(&mut *tx)
            .await?
            .rows_affected()
                > 0;
            if added {
                for role in &account.roles {
                    sqlx::query("insert into account_role (account, role) values ($1, $2)")
                        .bind(&account.name)
                        .bind(role.as_str())
                        .execute(&mut *tx)
                        .await?;
                }
                for area in &account.areas {
                    sqlx::query("insert into account_area (account, area) values ($1, $2)")
                        .bind(&account.name)
                        .bind(area.as_str())
                        .execute(&mut *tx)
                        .await?;
                }
            }
            added
        }))
    }

    /// Changes an account's password hash and ends its sessions. Gives `false` when there is no such account.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let changed = sqlx::query("update account set password = $2 where name = $1")
                .bind(name)
                .bind(password)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            sqlx::query("delete from session where account = $1").bind(name).execute(&mut *tx).await?;
            changed > 0
        }))
    }

    /// Enables or disables an account; disabling ends its sessions. Gives `false` when there is no such account.
    pub async fn set_enabled(&self, name: &str, enabled: bool) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let changed = sqlx::query("update account set enabled = $2 where name = $1")
                .bind(name)
                .bind(i64::from(enabled))
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if !enabled {
                sqlx::query("delete from session where account = $1").bind(name).execute(&mut *tx).await?;
            }
            changed > 0
        }))
    }

    /// Gives every account, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let names: Vec<(String,)> =
            reading!(self, pool => sqlx::query_as("select name from account order by name").fetch_all(pool).await?);
        let mut accounts = Vec::with_capacity(names.len());
        for (name,) in names {
            accounts.extend(self.account(&name).await?);
        }
        Ok(accounts)
    }

    /// Gives an account. `None`: no such name.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let rows: Vec<(i64, Option<String>, Option<String>)> = reading!(self, pool => {
            sqlx::query_as(
                "select account.enabled, account_role.role, account_area.area from account \
                 left join account_role on account_role.account = account.name \
                 left join account_area on account_area.account = account.name \
                 where account.name = $1 order by account_area.area",
            )
            .bind(name)
            .fetch_all(pool)
            .await?
        });
        let Some(&(enabled, ..)) = rows.first() else {
            return Ok(None);
        };
        let mut account =
            Account { name: name.to_owned(), roles: BTreeSet::new(), areas: Vec::new(), enabled: enabled != 0 };
        for (_, role, area) in rows {
            if let Some(role) = role {
                let known = Role::from_word(&role).ok_or_else(|| unreadable("role", &role, "no such role"))?;
                account.roles.insert(known);
            }
            if let Some(area) = area.map(AreaCode::new)
                && !account.areas.contains(&area)
            {
                account.areas.push(area);
            }
        }
        Ok(Some(account))
    }

    /// Gives the password hash of an enabled account. `None`: no such account, disabled, or no sign-in by password.
    pub async fn password_of(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row: Option<(Option<String>,)> = reading!(self, pool => {
            sqlx::query_as("select password from account where name = $1 and enabled = 1").bind(name).fetch_optional(pool).await?
        });
        Ok(row.and_then(|row| row.0))
    }

    /// Opens a session, and forgets those that have expired.
    pub async fn open_session(
        &self,
        fingerprint: &str,
        account: &str,
        at: Instant,
        expires: Instant,
    ) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("delete from session where expires_ms <= $1").bind(at.ms()).execute(&mut *tx).await?;
            sqlx::query("insert into session (fingerprint, account, opened_ms, expires_ms) values ($1, $2, $3, $4)")
                .bind(fingerprint)
                .bind(account)
                .bind(at.ms())
                .bind(expires.ms())
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

    /// Gives the enabled account of a session that has not expired.
    pub async fn account_of_session(&self, fingerprint: &str, at: Instant) -> Result<Option<Account>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as("select account from session where fingerprint = $1 and expires_ms > $2")
                .bind(fingerprint)
                .bind(at.ms())
                .fetch_optional(pool)
                .await?
        });
        self.enabled_account(row).await
    }

    /// Keeps a token's fingerprint. `expires` `None`: until the account is disabled.
    pub async fn add_token(
        &self,
        fingerprint: &str,
        account: &str,
        at: Instant,
        expires: Option<Instant>,
    ) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("insert into token (fingerprint, account, created_ms, expires_ms) values ($1, $2, $3, $4)")
                .bind(fingerprint)
                .bind(account)
                .bind(at.ms())
                .bind(expires.map(Instant::ms))
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Gives the enabled account of a token that has not expired.
    pub async fn account_of_token(&self, fingerprint: &str, at: Instant) -> Result<Option<Account>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as("select account from token where fingerprint = $1 and (expires_ms is null or expires_ms > $2)")
                .bind(fingerprint)
                .bind(at.ms())
                .fetch_optional(pool)
                .await?
        });
        self.enabled_account(row).await
    }

    async fn enabled_account(&self, row: Option<(String,)>) -> Result<Option<Account>, StoreError> {
        let Some((name,)) = row else {
            return Ok(None);
        };
        Ok(self.account(&name).await?.filter(|account| account.enabled))
    }

    /// Writes a look at personal data into the access log.
    pub async fn log_look(&self, look: &Looked) -> Result<(), StoreError> {
        let id = uuid::Uuid::now_v7().to_string();
        writing!(self, tx => {
            sqlx::query("insert into access_log (id, at_ms, account, action, subject) values ($1, $2, $3, $4, $5)")
                .bind(&id)
                .bind(look.at.ms())
                .bind(&look.account)
                .bind(&look.action)
                .bind(&look.subject)
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Gives the latest entries of the access log, latest first.
    pub async fn looks(&self, limit: i64) -> Result<Vec<Looked>, StoreError> {
        let rows: Vec<(i64, String, String, String)> = reading!(self, pool => {
            sqlx::query_as("select at_ms, account, action, subject from access_log order by at_ms desc, id desc limit $1")
                .bind(limit)
                .fetch_all(pool)
                .await?
        });
        Ok(rows
            .into_iter()
            .map(|(at_ms, account, action, subject)| Looked { at: Instant::from_ms(at_ms), account, action, subject })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_checked_against_its_own_hash_only() {
        let kept = hash_password("mot mat khau dai").expect("hashed");
        assert!(verify_password("mot mat khau dai", Some(&kept)));
        assert!(!verify_password("mot mat khau sai", Some(&kept)));
        assert!(!verify_password("mot mat khau dai", None));
    }

    #[test]
    fn a_short_password_is_refused_with_the_length_to_use() {
        let refusal = hash_password("ngắn").map_err(|error| error.to_string());
        assert_eq!(refusal, Err("the password has 4 characters; use at least 8".to_owned()));
    }

    #[test]
    fn no_two_secrets_are_alike_and_the_fingerprint_does_not_tell_them() {
        let (one, other) = (Secret::new(), Secret::new());
        assert_ne!(one.plain, other.plain);
        assert_eq!(one.plain.len(), 64);
        assert_eq!(fingerprint(&one.plain), one.fingerprint);
        assert_ne!(one.plain, one.fingerprint);
    }
}
