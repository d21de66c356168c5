//! The commune of a database: seeded once from its file, then ruled by its register; imports of every kind.

use std::path::Path;

use crate::changes::{self, File, Imported};
use crate::domain::register::{Commune, Register};
use crate::domain::time::Clock;
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
    let commune = imports::commune_toml(&text)?;
    let epoch = uuid::Uuid::now_v7().simple().to_string();
    store.setting_or("epoch", &epoch[epoch.len() - 4..]).await?;
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
