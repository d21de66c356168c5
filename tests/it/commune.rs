//! A commune in a database of its own, fed as the service feeds it, computed on a day of the test's choice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use phanloai::app::{import, load_commune, load_register};
use phanloai::devices::{Accepts, Root, Topic, decode};
use phanloai::domain::attribution::Windows;
use phanloai::domain::ids::StreamCode;
use phanloai::domain::reading::Reading;
use phanloai::domain::register::Commune;
use phanloai::domain::time::{Clock, Instant, LocalDay};
use phanloai::imports::Kind;
use phanloai::indicators::{Step, Tonnage};
use phanloai::recompute::Recompute;
use phanloai::store::{Refused, StatesQuery, Store};
use tempfile::TempDir;

use crate::oracle::world::World;

/// A clock that stands still.
pub struct Still(pub Instant);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }
}

/// 2026-11-23T05:00Z: after every test world.
pub const NOW: Instant = Instant::from_ms(1_795_410_000_000);

/// Envelopes in one transaction, as under load.
const ENVELOPES_TOGETHER: usize = 400;

/// A commune with its facts.
pub struct TestCommune {
    pub store: Store,
    pub commune: Arc<Commune>,
    _folder: TempDir,
}

impl TestCommune {
    /// Opens a commune in a SQLite file and imports the world's register and statements, from `files` where given.
    pub async fn empty_of_world(world: &World, files: Option<&Path>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
        Self::in_store(store, folder, world, files).await
    }

    /// The same in a store of the caller's.
    pub async fn in_store(store: Store, folder: TempDir, world: &World, files: Option<&Path>) -> Self {
        let toml = folder.path().join("commune.toml");
        std::fs::write(&toml, world.commune_toml()).unwrap();
        let commune = load_commune(&store, Some(&toml)).await.unwrap();
        let written = folder.path().join("csv");
        std::fs::create_dir_all(&written).unwrap();
        world.write_csvs(&written);
        let files = files.unwrap_or(&written);
        let opened = Self { store, commune: Arc::new(commune), _folder: folder };
        opened.import_files(files).await;
        opened
    }

    /// Imports a world's register and statements into a commune that may have some of them.
    pub async fn import_of_world(&self, world: &World) {
        let written = TempDir::new().unwrap();
        world.write_csvs(written.path());
        self.import_files(written.path()).await;
    }

    async fn import_files(&self, files: &Path) {
        for kind in Kind::ALL {
            let file = files.join(format!("{}.csv", kind.as_str()));
            if file.exists() {
                let bytes = std::fs::read(&file).unwrap();
                import(&self.store, &self.commune, *kind, &bytes, &Still(NOW), "test", false)
                    .await
                    .unwrap_or_else(|error| panic!("{}: {error:#}", file.display()));
            }
        }
    }

    /// Opens a commune and appends all of the world's events, envelope by envelope, and its operations.
    pub async fn of_world(world: &World, files: Option<&Path>) -> Self {
        let commune = Self::empty_of_world(world, files).await;
        for batch in world.envelopes().chunks(ENVELOPES_TOGETHER) {
            let envelopes: Vec<(&str, String)> = batch.iter().map(|(d, e)| (d.as_str(), e.to_string())).collect();
            commune.append(&envelopes).await;
        }
        commune.record(world).await;
        commune
    }

    /// Records the world's crew operations.
    pub async fn record(&self, world: &World) {
        let operations = crate::oracle_operations::operations(world);
        self.store.record(&operations, &self.commune.zone).await.unwrap();
    }

    /// Decodes envelopes and appends their readings in one transaction.
    pub async fn append(&self, envelopes: &[(&str, String)]) {
        let root = Root::parse("phanloai/v1").unwrap();
        let streams: Vec<StreamCode> = self.commune.streams.iter().map(|s| s.code.clone()).collect();
        let accepts = Accepts { streams: &streams, simulated: self.commune.simulated };
        let mut readings = Vec::new();
        for (device, envelope) in envelopes {
            let topic = Topic::parse(&root, &format!("phanloai/v1/{device}/events")).unwrap();
            let decoded = decode(&topic, envelope.as_bytes(), NOW, &accepts).unwrap();
            assert!(decoded.refused.is_empty(), "{:?}", decoded.refused);
            readings.extend(decoded.readings);
        }
        self.store.append(&readings, &[], &self.commune.zone, conflict).await.unwrap();
    }

    /// Gives the renewal over this commune's present register.
    pub async fn recompute(&self) -> Recompute {
        Recompute {
            store: self.store.clone(),
            commune: Arc::clone(&self.commune),
            register_version: self.store.setting("register_version").await.unwrap(),
            register: Arc::new(load_register(&self.store, &self.commune).await.unwrap()),
            windows: Windows::default(),
        }
    }

    /// Renews everything that is stale, as on `today`.
    pub async fn compute(&self, today: &str) {
        let recompute = self.recompute().await;
        recompute.roll_to(today.parse().unwrap()).await.unwrap();
        while self.store.stale_count().await.unwrap() > 0 {
            recompute.pass().await.unwrap();
        }
    }

    /// Computes everything again without writing, and gives the first difference.
    pub async fn check(&self) -> Option<String> {
        self.recompute().await.check().await.unwrap()
    }

    /// Gives the states of a day as `S:device`, `N`, `U:no_pickup`, by household.
    pub async fn states(&self, day: &str) -> BTreeMap<String, String> {
        let on: LocalDay = day.parse().unwrap();
        let query = StatesQuery { on, area: None, state: None, reason: None, after: None, limit: i64::MAX };
        let rows = self.store.states(&query).await.unwrap();
        rows.into_iter()
            .map(|row| {
                let detail = row.state.weakest.map(|l| l.as_str()).or(row.state.reason.map(|r| r.as_str()));
                let state = row.state.state.as_str();
                (row.household.to_string(), detail.map_or_else(|| state.to_owned(), |d| format!("{state}:{d}")))
            })
            .collect()
    }

    /// Gives tonnage by `day|stream`.
    pub async fn tonnage(&self, from: &str, to: &str) -> BTreeMap<String, Tonnage> {
        let rows = self.store.tonnage(None, from.parse().unwrap(), to.parse().unwrap(), Step::Day).await.unwrap();
        rows.into_iter().map(|row| (format!("{}|{}", row.from, row.stream), row.tonnage)).collect()
    }
}

/// Refuses a conflict; the worlds hold none.
pub fn conflict(reading: &Reading) -> Refused {
    panic!("{} was stored with other content", reading.id)
}
