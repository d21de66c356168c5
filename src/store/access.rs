//! Who may in: accounts with their roles, passwords and PINs, and what was changed of them.
//!
//! Owns the account tables of `0002_access.sql` and `0010_access.sql` and how secrets are made and checked; sessions,
//! tokens, paired phones and the access log have files of their own. A password or PIN is kept as an Argon2id hash, the
//! secret of a session, token or phone as its SHA-256: it has 256 bits of its own, so a slow hash would add nothing.
//!
//! # Why
//! - Secrets are drawn from the operating system here, not handed in as other randomness is: a secret that a test could
//!   repeat, an attacker could.
//! - There is always an administrator: a change that would leave none is refused here, inside its transaction, and not on a
//!   page, where two changes at once could pass.

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

/// An account with how it comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The account.
    pub account: Account,
    /// When it was made.
    pub created: Instant,
    /// When it last signed in. `None`: never.
    pub last_sign_in: Option<Instant>,
    /// It has a password.
    pub password: bool,
    /// Its password was given by somebody else and must be replaced first.
    pub one_time: bool,
    /// It has a PIN for paired phones.
    pub pin: bool,
}

/// Somebody who changes an account or a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub name: String,
    /// When.
    pub at: Instant,
}

/// Something that was changed of an account or a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// By whom and when.
    pub by: Actor,
    /// The account, or `phone` and its name.
    pub account: String,
    /// What, for example `roles crew,officer`.
    pub what: String,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Altered {
    /// It was made.
    Done,
    /// There is no such account; nothing changed.
    Unknown,
    /// It would have left no administrator who can sign in; nothing changed.
    LastAdmin,
}

/// Tells whether a text can name an account: 1-64 of `a-z 0-9 . _ -`.
pub fn is_account_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

/// Why a password cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password has {0} characters; use at least {MIN_PASSWORD}")]
    Short(usize),
    /// Not a PIN.
    #[error("a PIN has {PIN_DIGITS} digits and nothing else")]
    NotPin,
    /// The hash failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Fewest characters of a password; length is what counts (NIST SP 800-63B, 3.1.1.2, asks for 8 where nothing else guards).
pub const MIN_PASSWORD: usize = 8;

/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;

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

/// Hashes a PIN as a password is hashed. Six digits can be tried out by whoever holds the database; what protects them is that
/// they are good on a paired phone alone, five times.
///
/// # Errors
/// When it is not six digits, or the hash fails.
pub fn hash_pin(pin: &str) -> Result<String, PasswordError> {
    if pin.len() != PIN_DIGITS || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(PasswordError::NotPin);
    }
    hash(pin)
}

/// Draws a PIN, each as likely as any other.
pub fn draw_pin() -> String {
    let mut bytes = [0_u8; 4];
    loop {
        rand::fill(&mut bytes);
        let drawn = u32::from_le_bytes(bytes);
        // The numbers beyond the last whole million would make some PINs likelier.
        if drawn < 4_294_000_000 {
            return format!("{:06}", drawn % 1_000_000);
        }
    }
}

/// Letters and digits that are not taken for one another, read aloud or on paper; `y` stands twice to make 32 of them.
const PLAIN_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789y";

/// Draws a text of `groups` groups of four plain letters and digits, for people to type once.
pub fn draw_readable(groups: usize) -> String {
    let mut bytes = vec![0_u8; groups * 4];
    rand::fill(&mut bytes[..]);
    let letters: Vec<u8> = bytes.iter().map(|byte| PLAIN_LETTERS[usize::from(byte % 32)]).collect();
    letters.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join("-")
}

fn hash(password: &str) -> Result<String, PasswordError> {
    // The crate's default: 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, Argon2id). A test holds it.
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

/// Appends to what was changed of an account, inside a transaction.
macro_rules! note {
    ($tx:ident, $by:expr, $account:expr, $what:expr) => {{
        let by: &$crate::store::Actor = $by;
        sqlx::query("insert into account_change (id, at_ms, changed_by, account, what) values ($1, $2, $3, $4, $5)")
            .bind(uuid::Uuid::now_v7().to_string())
            .bind(by.at.ms())
            .bind(&by.name)
            .bind($account)
            .bind($what)
            .execute(&mut *$tx)
            .await?;
    }};
}
pub(super) use note;

/// Lets one transaction after the other change who administers: PostgreSQL would let two at once each leave the other's admin.
macro_rules! one_at_a_time {
    ($tx:ident) => {
        sqlx::query(
            "insert into setting (key, value) values ('admins_turn', '') on conflict (key) do update set value = excluded.value",
        )
        .execute(&mut *$tx)
        .await?
    };
}

macro_rules! is_admin {
    ($tx:ident, $name:expr) => {{
        let row: (i64,) = sqlx::query_as("select count(*) from account_role where account = $1 and role = 'admin'")
            .bind($name)
            .fetch_one(&mut *$tx)
            .await?;
        row.0 > 0
    }};
}

macro_rules! no_admin {
    ($tx:ident) => {{
        let row: (i64,) = sqlx::query_as(
            "select count(*) from account join account_role on account_role.account = account.name \
             where account_role.role = 'admin' and account.enabled = 1",
        )
        .fetch_one(&mut *$tx)
        .await?;
        row.0 == 0
    }};
}

macro_rules! admin_lost {
    ($tx:ident, $name:expr) => {
        is_admin!($tx, $name) && no_admin!($tx)
    };
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

    /// Changes an account's password hash to one its owner chose and ends its sessions but `kept`. Gives `false` when there is
    /// no such account.
    pub async fn set_password(&self, name: &str, password: &str, kept: Option<&str>) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let changed = sqlx::query("update account set password = $2, one_time = 0 where name = $1")
                .bind(name)
                .bind(password)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            sqlx::query("delete from session where account = $1 and fingerprint <> $2")
                .bind(name)
                .bind(kept.unwrap_or_default())
                .execute(&mut *tx)
                .await?;
            changed > 0
        }))
    }

    /// Gives an account a password that must be replaced at the next sign-in, and ends its sessions. Gives `false` when there
    /// is no such account.
    pub async fn give_password(&self, name: &str, password: &str, by: &Actor) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let changed = sqlx::query("update account set password = $2, one_time = 1 where name = $1")
                .bind(name)
                .bind(password)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            sqlx::query("delete from session where account = $1").bind(name).execute(&mut *tx).await?;
            if changed > 0 {
                note!(tx, by, name, "password given");
            }
            changed > 0
        }))
    }

    /// Gives an account a PIN by its hash, or takes it away, and ends its sessions on phones and its lock-outs there. Gives `false`
    /// when there is no such account.
    pub async fn set_pin(&self, name: &str, pin: Option<&str>, by: &Actor) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            let changed = sqlx::query("update account set pin = $2 where name = $1")
                .bind(name)
                .bind(pin)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            sqlx::query("delete from session where account = $1 and phone is not null").bind(name).execute(&mut *tx).await?;
            sqlx::query("delete from pin_slip where account = $1").bind(name).execute(&mut *tx).await?;
            if changed > 0 {
                note!(tx, by, name, if pin.is_some() { "pin given" } else { "pin taken away" });
            }
            changed > 0
        }))
    }

    /// Enables or disables an account; disabling ends its sessions.
    pub async fn set_enabled(&self, name: &str, enabled: bool, by: &Actor) -> Result<Altered, StoreError> {
        Ok(writing!(self, tx => {
            one_at_a_time!(tx);
            let changed = sqlx::query("update account set enabled = $2 where name = $1")
                .bind(name)
                .bind(i64::from(enabled))
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if changed == 0 {
                return Ok(Altered::Unknown);
            }
            if !enabled && admin_lost!(tx, name) {
                // Leaving without a commit takes the change back.
                return Ok(Altered::LastAdmin);
            }
            if !enabled {
                sqlx::query("delete from session where account = $1").bind(name).execute(&mut *tx).await?;
            }
            note!(tx, by, name, if enabled { "enabled" } else { "disabled" });
            Altered::Done
        }))
    }

    /// Replaces the roles and hamlets of an account.
    pub async fn set_roles(
        &self,
        name: &str,
        roles: &BTreeSet<Role>,
        areas: &[AreaCode],
        by: &Actor,
    ) -> Result<Altered, StoreError> {
        let role_words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let area_codes: Vec<&str> = areas.iter().map(AreaCode::as_str).collect();
        let what = format!("roles {} areas {}", role_words.join(","), area_codes.join(","));
        Ok(writing!(self, tx => {
            one_at_a_time!(tx);
            let known: Option<(String,)> =
                sqlx::query_as("select name from account where name = $1").bind(name).fetch_optional(&mut *tx).await?;
            if known.is_none() {
                return Ok(Altered::Unknown);
            }
            let admin = roles.contains(&Role::Admin);
            let was_admin = is_admin!(tx, name);
            sqlx::query("delete from account_role where account = $1").bind(name).execute(&mut *tx).await?;
            sqlx::query("delete from account_area where account = $1").bind(name).execute(&mut *tx).await?;
            for role in &role_words {
                sqlx::query("insert into account_role (account, role) values ($1, $2)")
                    .bind(name).bind(role).execute(&mut *tx).await?;
            }
            for area in &area_codes {
                sqlx::query("insert into account_area (account, area) values ($1, $2)")
                    .bind(name).bind(area).execute(&mut *tx).await?;
            }
            if was_admin && !admin && no_admin!(tx) {
                return Ok(Altered::LastAdmin);
            }
            note!(tx, by, name, &what);
            Altered::Done
        }))
    }

    /// Writes down what was changed of an account where the change itself does not.
    pub async fn note_account_change(&self, change: &AccountChange) -> Result<(), StoreError> {
        writing!(self, tx => note!(tx, &change.by, &change.account, &change.what));
        Ok(())
    }

    /// Gives the latest changes of an account, latest first.
    pub async fn account_changes(&self, account: &str, limit: i64) -> Result<Vec<AccountChange>, StoreError> {
        let rows: Vec<(i64, String, String, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select at_ms, changed_by, account, what from account_change where account = $1 \
                 order by at_ms desc, id desc limit $2",
            )
            .bind(account)
            .bind(limit)
            .fetch_all(pool)
            .await?
        });
        let change = |(at_ms, name, account, what)| AccountChange {
            by: Actor { name, at: Instant::from_ms(at_ms) },
            account,
            what,
        };
        Ok(rows.into_iter().map(change).collect())
    }

    /// Gives every account with how it comes in, by name.
    pub async fn logins(&self) -> Result<Vec<Login>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select name, created_ms, last_sign_in_ms, cast(case when password is null then 0 else 1 end as bigint), \
                 one_time, cast(case when pin is null then 0 else 1 end as bigint) from account order by name",
            )
            .fetch_all(pool)
            .await?
        });
        let mut logins = Vec::with_capacity(rows.len());
        for (name, created_ms, last_ms, password, one_time, pin) in rows {
            let account = self.account(&name).await?;
            logins.extend(account.map(|account| Login {
                account,
                created: Instant::from_ms(created_ms),
                last_sign_in: last_ms.map(Instant::from_ms),
                password: password != 0,
                one_time: one_time != 0,
                pin: pin != 0,
            }));
        }
        Ok(logins)
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

    /// Gives the PIN's hash of an enabled account of a crew. `None`: no such account, disabled, no crew, or no PIN.
    pub async fn pin_of(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row: Option<(Option<String>,)> = reading!(self, pool => {
            sqlx::query_as(
                "select account.pin from account join account_role on account_role.account = account.name \
                 where account.name = $1 and account.enabled = 1 and account_role.role = 'crew'",
            )
            .bind(name)
            .fetch_optional(pool)
            .await?
        });
        Ok(row.and_then(|row| row.0))
    }

    /// Gives the names that may sign in on a paired phone: enabled accounts of crews with a PIN, by name.
    pub async fn names_with_pin(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select account.name from account join account_role on account_role.account = account.name \
                 where account.pin is not null and account.enabled = 1 and account_role.role = 'crew' order by account.name",
            )
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    pub(super) async fn enabled_account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        Ok(self.account(name).await?.filter(|account| account.enabled))
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
    fn passwords_and_pins_are_kept_as_argon2id_at_the_recommended_cost() {
        for kept in [hash_password("mot mat khau dai").expect("hashed"), hash_pin("041973").expect("hashed")] {
            assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        }
        for pin in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(matches!(hash_pin(pin), Err(PasswordError::NotPin)), "{pin}");
        }
    }

    #[test]
    fn what_people_type_once_is_drawn_from_letters_that_are_not_mixed_up() {
        let (one, other) = (draw_readable(4), draw_readable(4));
        assert_ne!(one, other);
        assert_eq!((one.len(), one.matches('-').count()), (19, 3));
        assert!(!one.contains(['0', 'o', '1', 'l', 'i']), "{one}");
        let pin = draw_pin();
        assert!(hash_pin(&pin).is_ok(), "{pin}");
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
