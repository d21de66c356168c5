//! The commune of a database: seeded once from its file, then ruled by its register; imports of every kind.

use std::path::Path;

use anyhow::{Context as _, bail};
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::facts::Operation;
use crate::domain::ids::StreamCode;
use crate::domain::register::{Commune, Register, Row};
use crate::domain::rules;
use crate::domain::time::{Clock, Instant, LocalDay};
use crate::imports::{self, Context, Kind};
use crate::store::{Person, Store};

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows of the file.
    pub rows: usize,
    /// Rows that say something new.
    pub changed: usize,
    /// What an officer should look at.
    pub warnings: Vec<String>,
}

/// Gives the commune of a database; an empty database is seeded from `file` first.
pub async fn load_commune(store: &Store, file: Option<&Path>) -> anyhow::Result<Commune> {
    let stored = store.setting("commune_toml").await?;
    let text = match (stored, file) {
        (Some(text), _) => text,
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the commune's file {}", file.display()))?;
            imports::commune_toml(&text).with_context(|| format!("in {}", file.display()))?;
            store.setting_or("commune_toml", &text).await?
        }
        (None, None) => bail!(
            "the database holds no commune yet; name its file in `commune.file` (see docs/operating.md), \
             or try `phanloai demo`"
        ),
    };
    let commune = with_recorded_rules(imports::commune_toml(&text)?, store).await?;
    let epoch = uuid::Uuid::now_v7().simple().to_string();
    store.setting_or("epoch", &epoch[epoch.len() - 4..]).await?;
    Ok(commune)
}

/// Adds the rule versions that officers recorded to those of the commune's file.
async fn with_recorded_rules(mut commune: Commune, store: &Store) -> anyhow::Result<Commune> {
    for recorded in store.recorded_rules().await? {
        rules::insert(&mut commune.rules, recorded.change.rules);
    }
    Ok(commune)
}

/// Builds the register from its recorded rows.
pub async fn load_register(store: &Store, commune: &Commune) -> anyhow::Result<Register> {
    let rows = store.register_rows().await?;
    Ok(Register::build(rows.into_iter().map(|(recorded, row)| (commune.zone.day_of(recorded), row))))
}

/// Imports a file's bytes. The same file again changes nothing. With `dry_run` nothing is written.
pub async fn import(
    store: &Store,
    commune: &Commune,
    kind: Kind,
    bytes: &[u8],
    clock: &dyn Clock,
    by: &str,
    dry_run: bool,
) -> anyhow::Result<Imported> {
    let register = load_register(store, commune).await?;
    let streams: Vec<StreamCode> = commune.streams.iter().map(|stream| stream.code.clone()).collect();
    let now = clock.now();
    let context = Context { zone: &commune.zone, streams: &streams, known: &register, now };
    let parsed = imports::parse(kind, bytes, &context)?;
    let held = held_rows(store).await?;
    let rows = parsed.rows.len() + parsed.operations.len();
    let new_rows: Vec<Row> = parsed.rows.into_iter().filter(|row| held.get(&held_key(row)) != Some(row)).collect();
    let people: Vec<Person> = parsed
        .people
        .into_iter()
        .map(|person| {
            let head_name = person.head_name.unwrap_or_default();
            let address = person.address.unwrap_or_default();
            let folded = fold(&format!("{head_name} {address}"));
            Person { household: person.household.to_string(), head_name, address, folded }
        })
        .collect();
    let mut changed = new_rows.len();
    if dry_run {
        changed += unknown(store, &parsed.operations).await?;
        return Ok(Imported { rows, changed, warnings: parsed.warnings });
    }
    let through = store.computed_through().await?;
    let marks = marks(store, commune, &new_rows, &register, (now, through)).await?;
    store.record_register(&new_rows, &people, marks, now, by).await?;
    if through.is_none() && !new_rows.is_empty() {
        // The first figures may have been computed meanwhile, without these rows.
        let through = store.computed_through().await?;
        for (kind, key, day) in self::marks(store, commune, &new_rows, &register, (now, through)).await? {
            store.mark_stale(kind, [(key, day)]).await?;
        }
    }
    if !parsed.operations.is_empty() {
        changed += usize::try_from(store.record(&parsed.operations, &commune.zone).await?)?;
    }
    Ok(Imported { rows, changed, warnings: parsed.warnings })
}

async fn unknown(store: &Store, operations: &[Operation]) -> anyhow::Result<usize> {
    let mut unknown = 0;
    for operation in operations {
        unknown += usize::from(store.operation(&operation.id).await?.is_none());
    }
    Ok(unknown)
}

fn held_key(row: &Row) -> (&'static str, String) {
    (row.kind(), row.key())
}

async fn held_rows(store: &Store) -> anyhow::Result<std::collections::HashMap<(&'static str, String), Row>> {
    let rows = store.register_rows().await?;
    Ok(rows.into_iter().map(|(_, row)| (held_key(&row), row)).collect())
}

/// What must be computed again: kind, key, and the day from on or of.
type Marks = Vec<(&'static str, String, LocalDay)>;

/// Finds what a changed register can touch.
///
/// # Why
/// A register row reaches back to its valid-from date, and may join or part readings of a station, so what it names is
/// computed again over all days. The marks are written with the rows: neither is ever there without the other.
async fn marks(
    store: &Store,
    commune: &Commune,
    rows: &[Row],
    before: &Register,
    (now, through): (Instant, Option<LocalDay>),
) -> anyhow::Result<Marks> {
    // Before anything is derived there is nothing to derive again.
    let Some(through) = through.filter(|_| !rows.is_empty()) else { return Ok(Vec::new()) };
    let recorded = store.register_rows().await?.into_iter().chain(rows.iter().map(|row| (now, row.clone())));
    let after = Register::build(recorded.map(|(at, row)| (commune.zone.day_of(at), row)));
    let begin = after.first_service_day().unwrap_or(through).min(through);
    let extents = store.reading_extents().await?;
    let mut households = std::collections::BTreeSet::new();
    let mut places = std::collections::BTreeSet::new();
    for row in rows {
        match row {
            Row::Area(_) => {}
            Row::Point(point) => {
                places.insert(point.code.clone());
            }
            Row::Route(stop) => {
                households.insert(stop.household.clone());
            }
            Row::Household(household) => {
                households.insert(household.code.clone());
            }
            Row::Tag(tag) => {
                households.insert(tag.household.clone());
                // Its reads may lie at any place.
                places.extend(after.scheduled_places().cloned());
                places.extend(after.devices.values().map(|versions| versions.newest().place.clone()));
            }
            Row::Device(device) => {
                places.insert(device.place.clone());
                if let Some(versions) = before.devices.get(&device.device) {
                    places.insert(versions.newest().place.clone());
                }
            }
            Row::Schedule(line) => {
                places.insert(line.place.clone());
                households.extend(after.households_at(&line.place).iter().cloned());
            }
            Row::Exclusion(exclusion) => {
                households.insert(exclusion.household.clone());
            }
            // No file holds a rule; what a new one makes stale is marked where it is recorded.
            Row::Rule(_) => {}
        }
    }
    let first = extents.iter().map(|(_, first, _)| commune.zone.day_of(*first)).min().unwrap_or(begin).min(begin);
    let mut marks: Marks = households.into_iter().map(|code| ("household", code.to_string(), begin)).collect();
    for place in places {
        marks.extend(first.through(through).map(|day| ("place", place.to_string(), day)));
    }
    Ok(marks)
}

/// Folds a text for search: no diacritics, no case, `đ` as `d`.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}
