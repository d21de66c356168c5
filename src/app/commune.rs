//! The commune of a database: seeded once from its file, then ruled by its register; imports of every kind.

use std::collections::BTreeMap;
use std::path::Path;

use crate::changes::{self, File, Imported};
use crate::domain::register::{Commune, Register, Row, Target};
use crate::domain::rules;
use crate::domain::time::{Clock, Instant};
use crate::imports::{self, Kind};
use crate::store::Store;
use anyhow::{Context as _, bail};

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
    let commune = with_recorded_targets(commune, store).await?;
    for destination in &commune.assumptions.destinations {
        // From the beginning of time: whatever is recorded later rules.
        store.put_destination(destination, Instant::from_ms(0), "commune.toml").await?;
    }
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

/// Puts the recorded targets in place of those of the commune's file, which are recorded first, from the beginning of time.
async fn with_recorded_targets(mut commune: Commune, store: &Store) -> anyhow::Result<Commune> {
    let mut targets: BTreeMap<String, Target> = BTreeMap::new();
    // By key, oldest first: the newest version stays.
    for version in store.register_versions("target").await? {
        if let Row::Target(target) = &version.row {
            targets.insert(version.row.key(), target.clone());
        }
    }
    let file = commune.targets.into_iter().map(Row::Target);
    let missing: Vec<Row> = file.filter(|row| !targets.contains_key(&row.key())).collect();
    if !missing.is_empty() {
        store.record_register(&missing, &[], [], Instant::from_ms(0), "commune.toml").await?;
    }
    for row in missing {
        let key = row.key();
        if let Row::Target(target) = row {
            targets.insert(key, target);
        }
    }
    commune.targets = targets.into_values().collect();
    Ok(commune)
}

/// Builds the register from its recorded rows.
pub async fn load_register(store: &Store, commune: &Commune) -> anyhow::Result<Register> {
    let rows = store.register_rows().await?;
    Ok(Register::build(rows.into_iter().map(|(recorded, row)| (commune.zone.day_of(recorded), row))))
}

/// Imports a CSV file's bytes. The same file again changes nothing. With `dry_run` nothing is written.
pub async fn import(
    store: &Store,
    commune: &Commune,
    kind: Kind,
    bytes: &[u8],
    clock: &dyn Clock,
    by: &str,
    dry_run: bool,
) -> anyhow::Result<Imported> {
    let file = File { kind, format: imports::Format::Csv, bytes };
    if dry_run {
        return Ok(changes::preview(store, commune, file, clock.now()).await?.imported());
    }
    Ok(changes::import(store, commune, file, clock.now(), by, None).await?)
}
