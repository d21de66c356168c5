//! What a person or a file changes in the register: read, checked, shown, and recorded in one act.
//!
//! Owns what must be computed again after a change, the retry when the register moved meanwhile, and the way from a proposal to what it
//! records. Decides nothing about a single cell: that is the imports'. Knows no page and no command.

pub mod cards;
mod files;
mod proposals;
mod second;
mod stale;

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization as _;

pub use files::{
    File, Imported, Preview, Written, exported, file_person, import, kept_person, preview, record_preview, unsaid,
};
pub use proposals::{decide, propose};
pub use second::{verified_alone, waiting};

use crate::domain::facts::Operation;
use crate::domain::ids::StreamCode;
use crate::domain::proposal::{Decision, NotYours};
use crate::domain::register::{Commune, Register, Row};
use crate::domain::time::Instant;
use crate::imports::{Context, ImportError};
use crate::store::{Person, Recorded, RegisterChange, Store, StoreError};

/// How often a change is checked again when the register moved meanwhile.
const ATTEMPTS: usize = 5;

/// Why a change was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is said does not fit the register.
    #[error(transparent)]
    Refused(#[from] ImportError),
    /// The person may not decide so.
    #[error(transparent)]
    NotYours(#[from] NotYours),
    /// Nothing is known of the proposal.
    #[error("no proposal `{0}` is kept; /register/proposals lists them")]
    NoProposal(String),
    /// Others changed the register at each attempt.
    #[error("the register is being changed by others; nothing was recorded, try again")]
    Busy,
}

/// The register as read, with what is needed to change it.
#[derive(Debug)]
pub struct Known {
    /// Number of the last change when it was read.
    pub version: Option<String>,
    /// The register, evaluated.
    pub register: Register,
    /// Every version of every row, oldest first.
    pub versions: Vec<(Instant, Row)>,
    newest: HashMap<(&'static str, String), usize>,
}

impl Known {
    /// Reads the register.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(store: &Store, commune: &Commune) -> Result<Self, StoreError> {
        // The number first: rows that come in between make a later change be checked again, never pass unchecked.
        let version = store.register_version().await?;
        let versions = store.register_rows().await?;
        let register = evaluated(commune, &versions, &[]);
        let newest = versions.iter().enumerate().map(|(at, (_, row))| ((row.kind(), row.key()), at)).collect();
        Ok(Self { version, register, versions, newest })
    }

    /// Gives the newest version of a row with the time of its recording. `None`: there is no such row.
    pub fn newest(&self, kind: &'static str, key: &str) -> Option<&(Instant, Row)> {
        self.newest.get(&(kind, key.to_owned())).and_then(|at| self.versions.get(*at))
    }

    /// Gives the newest version of every row, by kind and key.
    pub fn rows(&self) -> Vec<&Row> {
        let sorted: BTreeMap<&(&'static str, String), &Row> =
            self.newest.iter().filter_map(|(key, at)| self.versions.get(*at).map(|(_, row)| (key, row))).collect();
        sorted.into_values().collect()
    }

    /// Gives those rows that say something new.
    pub fn news(&self, rows: impl IntoIterator<Item = Row>) -> Vec<Row> {
        let is_new = |row: &Row| self.newest(row.kind(), &row.key()).is_none_or(|(_, held)| held != row);
        rows.into_iter().filter(is_new).collect()
    }

    /// Gives what a file or a form is read against.
    pub fn context<'a>(&'a self, commune: &'a Commune, streams: &'a [StreamCode], now: Instant) -> Context<'a> {
        Context { zone: &commune.zone, streams, known: &self.register, now }
    }

    /// Gives the time of recording for new versions: now, or just after the newest version that they replace.
    ///
    /// # Why
    /// A version is known by the time of its recording, so that a clock set back must not let it fall on or before the one it replaces.
    fn recording_time(&self, rows: &[Row], now: Instant) -> Instant {
        let held = rows.iter().filter_map(|row| self.newest(row.kind(), &row.key()));
        held.map(|(at, _)| at.plus_ms(1)).max().map_or(now, |after| after.max(now))
    }
}

/// Builds the register from recorded rows and rows to be.
fn evaluated(commune: &Commune, versions: &[(Instant, Row)], more: &[(Instant, Row)]) -> Register {
    Register::build(versions.iter().chain(more).map(|(at, row)| (commune.zone.day_of(*at), row.clone())))
}

/// Gives the codes of a commune's streams.
pub fn streams(commune: &Commune) -> Vec<StreamCode> {
    commune.streams.iter().map(|stream| stream.code.clone()).collect()
}

/// What is to be recorded, and in whose name.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// New versions of rows.
    pub rows: &'a [Row],
    /// Personal data.
    pub people: &'a [Person],
    /// Statements.
    pub operations: &'a [Operation],
    /// When.
    pub now: Instant,
    /// Who.
    pub by: &'a str,
    /// Why. `None`: nobody said.
    pub reason: Option<&'a str>,
    /// The proposal that this confirms, with the confirmation.
    pub confirms: Option<(&'a str, &'a Decision)>,
}

/// Records an act that was checked against the register as read, with what it makes stale.
///
/// # Errors
/// The database's.
pub async fn record(store: &Store, commune: &Commune, known: &Known, act: Act<'_>) -> Result<Recorded, StoreError> {
    let at = known.recording_time(act.rows, act.now);
    let through = store.computed_through().await?;
    let change = RegisterChange {
        rows: act.rows,
        people: act.people,
        stated: Some((act.operations, &commune.zone)),
        stale: stale::marks(store, commune, known, act.rows, (at, through)).await?,
        at,
        by: act.by,
        reason: act.reason,
        basis: Some(known.version.clone()),
        confirms: act.confirms,
    };
    let recorded = store.change_register(&change).await?;
    if through.is_none() && !act.rows.is_empty() && recorded != Recorded::Moved {
        // The first figures may have been computed meanwhile, without these rows.
        let through = store.computed_through().await?;
        for (kind, key, day) in stale::marks(store, commune, known, act.rows, (at, through)).await? {
            store.mark_stale(kind, [(key, day)]).await?;
        }
    }
    Ok(recorded)
}

/// Folds a text for search: no diacritics, no case, `đ` as `d`.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}
