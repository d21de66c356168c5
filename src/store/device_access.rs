//! What devices log in with, and how often they were turned away.
//!
//! Owns the tables of `0004_access_and_quarantine.sql`. Knows no password, only the form in which it is kept.

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::{Rows, Store, StoreError, json, reading, writing};
use crate::domain::ids::DeviceId;
use crate::domain::time::Instant;

const REFUSAL: Rows = Rows(&[("device", Text), ("count", Whole), ("last_ms", Whole), ("what", Text), ("detail", Text)]);

/// What a device logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The device: its user name and client id.
    pub device: DeviceId,
    /// The password's form, as text.
    pub password: String,
    /// A disabled device cannot log in.
    pub enabled: bool,
    /// When the password was made.
    pub made: Instant,
}

/// How often a device was turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceRefusals {
    /// The device.
    pub device: DeviceId,
    /// How often.
    pub count: i64,
    /// The last time.
    #[serde(rename = "last_ms")]
    pub last: Instant,
    /// What was refused that time: `login`, `publish` or `subscribe`.
    pub what: String,
    /// The topic, or why the login was refused.
    pub detail: String,
}

type CredentialRow = (String, String, i64, i64);

impl Store {
    /// Keeps a device's first password. Gives `false` when it has one, and then changes nothing.
    pub async fn add_credential(&self, device: &DeviceId, password: &str, at: Instant) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query(
                "insert into device_credential (device, password, enabled, made_ms) values ($1, $2, 1, $3) \
                 on conflict (device) do nothing",
            )
            .bind(device.as_str()).bind(password).bind(at.ms()).execute(&mut *tx).await?.rows_affected() > 0
        }))
    }

    /// Replaces a device's password, which also enables it again. Gives `false` when it has none.
    pub async fn rotate_credential(&self, device: &DeviceId, password: &str, at: Instant) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query("update device_credential set password = $2, made_ms = $3, enabled = 1 where device = $1")
                .bind(device.as_str()).bind(password).bind(at.ms()).execute(&mut *tx).await?.rows_affected() > 0
        }))
    }

    /// Lets a device log in no more. Gives `false` when it has no password.
    pub async fn disable_credential(&self, device: &DeviceId) -> Result<bool, StoreError> {
        Ok(writing!(self, tx => {
            sqlx::query("update device_credential set enabled = 0 where device = $1")
                .bind(device.as_str()).execute(&mut *tx).await?.rows_affected() > 0
        }))
    }

    /// Gives what a device logs in with.
    pub async fn credential(&self, device: &DeviceId) -> Result<Option<Credential>, StoreError> {
        let row: Option<CredentialRow> = reading!(self, pool => {
            sqlx::query_as("select device, password, enabled, made_ms from device_credential where device = $1")
                .bind(device.as_str()).fetch_optional(pool).await?
        });
        Ok(row.map(credential_of))
    }

    /// Gives what every device logs in with, by device.
    pub async fn credentials(&self) -> Result<Vec<Credential>, StoreError> {
        let rows: Vec<CredentialRow> = reading!(self, pool => {
            sqlx::query_as("select device, password, enabled, made_ms from device_credential order by device")
                .fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(credential_of).collect())
    }

    /// Adds to the count of refusals of each device; at most one row a device.
    pub async fn note_refusals(&self, refusals: &[DeviceRefusals]) -> Result<(), StoreError> {
        if refusals.is_empty() {
            return Ok(());
        }
        let note = self.insert(
            "device_refusal",
            REFUSAL,
            "on conflict (device) do update set count = device_refusal.count + excluded.count, last_ms = excluded.last_ms, \
             what = excluded.what, detail = excluded.detail",
        );
        writing!(self, tx => {
            sqlx::query(note).bind(json(&refusals)).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Gives the refusals of every device that was ever refused, by device.
    pub async fn refusals(&self) -> Result<Vec<DeviceRefusals>, StoreError> {
        let rows: Vec<(String, i64, i64, String, String)> = reading!(self, pool => {
            sqlx::query_as("select device, count, last_ms, what, detail from device_refusal order by device")
                .fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(device, count, last_ms, what, detail)| DeviceRefusals {
                device: device.into(),
                count,
                last: Instant::from_ms(last_ms),
                what,
                detail,
            })
            .collect())
    }
}

fn credential_of((device, password, enabled, made_ms): CredentialRow) -> Credential {
    Credential { device: device.into(), password, enabled: enabled != 0, made: Instant::from_ms(made_ms) }
}
