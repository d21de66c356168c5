//! Audits: samples as they were drawn, and what the visits found. Appended, never changed.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ColumnType::{Text, Whole};
use super::canonical::sha256;
use super::{Rows, Store, StoreError, day, json, reading, unreadable, writing};
use crate::domain::ids::HouseholdCode;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::audit::{AuditResult, Stratum, Tally, draw};
use crate::indicators::standing::{Listed, write_list};

const SAMPLE: Rows = Rows(&[("audit", Text), ("household", Text), ("stratum", Text), ("position", Whole)]);
const RESULT: Rows = Rows(&[
    ("id", Text),
    ("audit", Text),
    ("household", Text),
    ("result", Text),
    ("day", Text),
    ("note", Text),
    ("recorded_ms", Whole),
    ("recorded_by", Text),
]);

/// An audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its id.
    pub id: String,
    /// The day whose states it looks into.
    pub day: LocalDay,
    /// The seed of the draw.
    pub seed: String,
    /// The size that was asked for.
    pub size: i64,
    /// SHA-256 of the list that was drawn from.
    pub frame_sha256: String,
    /// Households of each stratum of that list.
    pub strata: BTreeMap<Stratum, i64>,
    /// The closed month's revision whose list it is. `None`: the states of the day as they were at the draw.
    pub revision: Option<i64>,
    /// The register's version at the draw.
    pub register_version: Option<String>,
    /// When it was drawn.
    pub drawn: Instant,
    /// By whom.
    pub by: String,
}

/// A household of a sample, with the latest of what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// Its place in the sample, from 1.
    pub position: i64,
    /// Its stratum.
    pub stratum: Stratum,
    /// The household.
    pub household: HouseholdCode,
    /// What holds of it. `None`: nothing is entered yet.
    pub found: Option<Found>,
    /// How often something was entered; more than once: it was corrected.
    pub entries: i64,
}

/// What was found at a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Made by whoever enters it: the same once more changes nothing.
    pub id: String,
    /// The household.
    pub household: HouseholdCode,
    /// The result.
    pub result: AuditResult,
    /// The day of the visit.
    pub day: LocalDay,
    /// A note, or why an entry is corrected.
    pub note: String,
    /// When it was entered.
    pub recorded: Instant,
    /// By whom.
    pub by: String,
}

/// Draws a seed from the operating system: 16 hexadecimal digits.
///
/// # Why
/// Not handed in as other randomness is: whoever could choose the generator could choose the households.
pub fn draw_seed() -> String {
    let mut bytes = [0_u8; 8];
    rand::fill(&mut bytes);
    hex::encode(bytes)
}

/// Draws the sample of a list: within each stratum, households in the order of the SHA-256 of seed, day and code, with a line feed between.
pub fn draw_sample(frame: &[Listed], size: i64, seed: &str, on: LocalDay) -> Vec<(Stratum, HouseholdCode)> {
    draw(frame, size, |household| {
        let digest: [u8; 32] = Sha256::digest(format!("{seed}\n{on}\n{household}").as_bytes()).into();
        digest
    })
}

/// Counts a sample's results by stratum; strata without a household drawn are there too.
pub fn tallies(audit: &Audit, sample: &[Sampled]) -> BTreeMap<Stratum, Tally> {
    let mut tallies: BTreeMap<Stratum, Tally> = audit
        .strata
        .iter()
        .map(|(stratum, households)| (*stratum, Tally { households: *households, ..Tally::default() }))
        .collect();
    for row in sample {
        let tally = tallies.entry(row.stratum).or_default();
        tally.drawn += 1;
        if let Some(found) = &row.found {
            tally.note(found.result);
        }
    }
    tallies
}

#[derive(Serialize)]
struct SampleRow<'a> {
    audit: &'a str,
    household: &'a str,
    stratum: &'static str,
    position: i64,
}

#[derive(Serialize)]
struct ResultRow<'a> {
    id: &'a str,
    audit: &'a str,
    household: &'a str,
    result: &'static str,
    day: String,
    note: &'a str,
    recorded_ms: i64,
    recorded_by: &'a str,
}

type AuditRow = (String, String, String, i64, String, String, Option<i64>, Option<String>, i64, String);

fn audit_of(row: AuditRow) -> Result<Audit, StoreError> {
    let (id, on, seed, size, frame_sha256, strata, revision, register_version, drawn_ms, by) = row;
    let numbers: BTreeMap<String, i64> =
        serde_json::from_str(&strata).map_err(|why| unreadable("audit's strata", &strata, why))?;
    let strata = numbers
        .into_iter()
        .map(|(word, number)| {
            let stratum = Stratum::from_word(&word).ok_or_else(|| unreadable("stratum", &word, "unknown word"))?;
            Ok((stratum, number))
        })
        .collect::<Result<_, StoreError>>()?;
    let (day, drawn) = (day(&on)?, Instant::from_ms(drawn_ms));
    Ok(Audit { id, day, seed, size, frame_sha256, strata, revision, register_version, drawn, by })
}

type FoundRow = (String, String, String, String, String, i64, String);

fn found_of(row: FoundRow) -> Result<Found, StoreError> {
    let (id, household, result, on, note, recorded_ms, by) = row;
    Ok(Found {
        id,
        household: household.into(),
        result: AuditResult::from_word(&result).ok_or_else(|| unreadable("audit result", &result, "unknown word"))?,
        day: day(&on)?,
        note,
        recorded: Instant::from_ms(recorded_ms),
        by,
    })
}

/// The columns of an audit, in the order of [`AuditRow`].
const AUDIT: &str = "id, day, seed, size, frame_sha256, strata, revision, register_version, drawn_ms, drawn_by";

impl Store {
    /// Appends an audit: draws its sample from the list and keeps both. False: the id is known already, and nothing is changed.
    pub async fn add_audit(&self, audit: &Audit, frame: &[Listed]) -> Result<bool, StoreError> {
        let text = write_list(frame);
        let strata: BTreeMap<&str, i64> = audit.strata.iter().map(|(stratum, n)| (stratum.as_str(), *n)).collect();
        let sample = draw_sample(frame, audit.size, &audit.seed, audit.day);
        let rows: Vec<SampleRow<'_>> = sample
            .iter()
            .zip(1..)
            .map(|((stratum, household), position)| SampleRow {
                audit: &audit.id,
                household: household.as_str(),
                stratum: stratum.as_str(),
                position,
            })
            .collect();
        let insert = self.insert("audit_sample", SAMPLE, "");
        let sql = sqlx::AssertSqlSafe(format!(
            "insert into audit ({AUDIT}, frame) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             on conflict (id) do nothing"
        ));
        let added = writing!(self, tx => {
            let added = sqlx::query(sql)
                .bind(&audit.id).bind(audit.day.to_string()).bind(&audit.seed).bind(audit.size).bind(sha256(&text))
                .bind(json(&strata)).bind(audit.revision).bind(audit.register_version.as_deref()).bind(audit.drawn.ms())
                .bind(&audit.by).bind(&text)
                .execute(&mut *tx).await?.rows_affected() > 0;
            if added {
                sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?;
            }
            added
        });
        Ok(added)
    }

    /// Gives every audit, the latest drawn first.
    pub async fn audits(&self) -> Result<Vec<Audit>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {AUDIT} from audit order by drawn_ms desc, id desc"));
        let rows: Vec<AuditRow> = reading!(self, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        rows.into_iter().map(audit_of).collect()
    }

    /// Gives an audit. `None`: there is none.
    pub async fn audit(&self, id: &str) -> Result<Option<Audit>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {AUDIT} from audit where id = $1"));
        let row: Option<AuditRow> = reading!(self, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
        row.map(audit_of).transpose()
    }

    /// Gives the text of the list that an audit was drawn from. `None`: there is no such audit.
    pub async fn audit_frame(&self, id: &str) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as("select frame from audit where id = $1").bind(id).fetch_optional(pool).await?
        });
        Ok(row.map(|row| row.0))
    }

    /// Gives an audit's sample in its order, each household with the latest of what was found there.
    pub async fn audit_sample(&self, id: &str) -> Result<Vec<Sampled>, StoreError> {
        let rows: Vec<(i64, String, String)> = reading!(self, pool => {
            sqlx::query_as("select position, stratum, household from audit_sample where audit = $1 order by position")
                .bind(id).fetch_all(pool).await?
        });
        let mut found: BTreeMap<HouseholdCode, (Found, i64)> = BTreeMap::new();
        for result in self.audit_results(id).await? {
            let entries = found.get(&result.household).map_or(0, |(_, entries)| *entries) + 1;
            found.insert(result.household.clone(), (result, entries));
        }
        rows.into_iter()
            .map(|(position, stratum, household)| {
                let stratum =
                    Stratum::from_word(&stratum).ok_or_else(|| unreadable("stratum", &stratum, "unknown word"))?;
                let (found, entries) =
                    found.remove(household.as_str()).map_or((None, 0), |(found, entries)| (Some(found), entries));
                Ok(Sampled { position, stratum, household: household.into(), found, entries })
            })
            .collect()
    }

    /// Gives everything that was entered for an audit, oldest first.
    pub async fn audit_results(&self, id: &str) -> Result<Vec<Found>, StoreError> {
        let rows: Vec<FoundRow> = reading!(self, pool => {
            sqlx::query_as(
                "select id, household, result, day, note, recorded_ms, recorded_by from audit_result \
                 where audit = $1 order by recorded_ms, id",
            )
            .bind(id).fetch_all(pool).await?
        });
        rows.into_iter().map(found_of).collect()
    }

    /// Appends what was found, in one transaction. Gives how many entries are new; one whose id is known is left as it is.
    pub async fn add_audit_results(&self, audit: &str, found: &[Found]) -> Result<u64, StoreError> {
        let rows: Vec<ResultRow<'_>> = found
            .iter()
            .map(|found| ResultRow {
                id: &found.id,
                audit,
                household: found.household.as_str(),
                result: found.result.as_str(),
                day: found.day.to_string(),
                note: &found.note,
                recorded_ms: found.recorded.ms(),
                recorded_by: &found.by,
            })
            .collect();
        let insert = self.insert("audit_result", RESULT, "on conflict (id) do nothing");
        let added =
            writing!(self, tx => sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?.rows_affected());
        Ok(added)
    }
}
