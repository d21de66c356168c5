//! A commune of scales with its database, and the verdict over what the database holds in the end.

use std::collections::BTreeSet;

use phanloai::app::{SystemClock, import, load_commune};
use phanloai::imports::Kind;
use phanloai::store::Store;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use super::device::{Fleet, LOG, Weight, name};
use super::service::Service;
use super::until;

const COMMUNE: &str = "[commune]\ncode = \"F\"\nname = \"Faults\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n\n\
                       [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nrequired = true\n";

/// A folder with a database, which holds a commune of nothing but scales.
pub struct Stage {
    pub folder: TempDir,
    pub database_url: String,
}

impl Stage {
    /// Makes a commune of `devices` scales in a SQLite file.
    pub async fn on_sqlite(devices: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database_url = format!("sqlite://{}", folder.path().join("data/phanloai.db").display());
        Self::make(folder, database_url, devices).await
    }

    /// Makes a commune of `devices` scales in an empty PostgreSQL database.
    pub async fn on_postgres(url: &str, devices: usize) -> Self {
        Self::make(tempfile::tempdir().expect("a temporary folder"), url.to_owned(), devices).await
    }

    async fn make(folder: TempDir, database_url: String, devices: usize) -> Self {
        let store = Store::open(&database_url).await.expect("a database");
        let file = folder.path().join("commune.toml");
        std::fs::write(&file, COMMUNE).expect("a file in the temporary folder");
        let commune = load_commune(&store, Some(&file)).await.expect("a valid commune");
        let mut points = String::from("code,name,area\n");
        let mut scales = String::from("device,place,kind,mode,max_g,division_g\n");
        for device in 0..devices {
            points.push_str(&format!("P{device},Point {device},A\n"));
            scales.push_str(&format!("{},P{device},scale,platform,60000,10\n", name(device)));
        }
        for (kind, text) in [(Kind::Areas, "code,name\nA,Hamlet\n"), (Kind::Points, &points), (Kind::Devices, &scales)]
        {
            import(&store, &commune, kind, text.as_bytes(), &SystemClock, "test", false).await.expect("a valid file");
        }
        store.close().await;
        Self { folder, database_url }
    }

    /// Gives a service over this database with the embedded broker at a port.
    pub fn embedded(&self, port: u16) -> Service {
        self.service("embedded", &format!("url = \"embedded\"\nlisten = \"127.0.0.1:{port}\""))
    }

    /// Gives a service over this database with an outside broker.
    pub fn outside(&self, url: &str) -> Service {
        self.service("outside", &format!("url = \"{url}\""))
    }

    /// Gives a service over this database, with the lines of its section `[mqtt]`.
    pub fn service(&self, name: &str, mqtt: &str) -> Service {
        Service::new(self.folder.path(), name, &self.database_url, mqtt)
    }

    /// Waits until the database holds that many events.
    pub async fn until_stored(&self, events: usize) {
        let events = i64::try_from(events).expect("a count");
        let query = "select count(*) from reading";
        until("the events are stored", async || (self.number(query).await >= events).then_some(())).await;
    }

    /// Waits until every event sent is stored and in the figures, and holds the database, the figures and a rebuild against
    /// what was sent. `services` run, and are stopped.
    pub async fn verdict(&self, fleets: &[&Fleet], services: &mut [&mut Service]) {
        let events: BTreeSet<(String, String, i64)> =
            sent(fleets).map(|(device, event)| (name(device), LOG.to_owned(), event.seq)).collect();
        self.until_stored(events.len()).await;
        until("nothing is stale", async || (self.number("select count(*) from stale").await == 0).then_some(())).await;
        let first = services.first().expect("a service runs");
        let tonnage = first.json("/api/v1/tonnage").await;
        for service in &mut *services {
            service.stop().await;
        }

        let stored = self.identities().await;
        let distinct: BTreeSet<_> = stored.iter().cloned().collect();
        let lost: Vec<_> = events.difference(&distinct).collect();
        assert!(lost.is_empty(), "{} lost, first {:?}", lost.len(), lost.first());
        assert_eq!(stored.len(), distinct.len(), "no event is stored twice");
        assert_eq!(distinct.len(), events.len(), "nothing is stored that was not sent");
        let ranges = self.number("select count(*) from log_range").await;
        let known = self.number("select cast(sum(last - first + 1) as bigint) from log_range").await;
        let whole = (fleets.iter().map(|fleet| fleet.devices()).sum(), events.len());
        assert_eq!((usize::try_from(ranges), usize::try_from(known)), (Ok(whole.0), Ok(whole.1)), "no log has a gap");
        assert_eq!(self.number("select count(*) from quarantine").await, 0, "nothing is in quarantine");
        let rows = tonnage["rows"].as_array().expect("rows").iter();
        let weighed_g: i64 = rows.map(|row| row["weighed_g"].as_i64().expect("grams")).sum();
        let sent_g: i64 = sent(fleets).map(|(_, event)| event.gross_g).sum();
        assert_eq!(weighed_g, sent_g, "the tonnage is what was sent, to the gram: {tonnage}");
        let rebuilt = services[0].command(&["rebuild", "--check"]);
        assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stdout));
    }

    /// Gives the number that a query of one row and column answers; asked of the database itself.
    pub async fn number(&self, query: &'static str) -> i64 {
        match self.connect().await {
            Connection::Sqlite(mut own) => sqlx::query_scalar(query).fetch_one(&mut own).await,
            Connection::Postgres(mut own) => sqlx::query_scalar(query).fetch_one(&mut own).await,
        }
        .expect("the database answers")
    }

    async fn identities(&self) -> Vec<(String, String, i64)> {
        let query = "select device, log, seq from reading";
        match self.connect().await {
            Connection::Sqlite(mut own) => sqlx::query_as(query).fetch_all(&mut own).await,
            Connection::Postgres(mut own) => sqlx::query_as(query).fetch_all(&mut own).await,
        }
        .expect("the database answers")
    }

    async fn connect(&self) -> Connection {
        match self.database_url.strip_prefix("sqlite://") {
            Some(file) => {
                let options = SqliteConnectOptions::new().filename(file).read_only(true);
                Connection::Sqlite(options.connect().await.expect("the file can be read"))
            }
            None => Connection::Postgres(PgConnection::connect(&self.database_url).await.expect("the server answers")),
        }
    }
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

fn sent(fleets: &[&Fleet]) -> impl Iterator<Item = (usize, Weight)> {
    fleets.iter().flat_map(|fleet| fleet.sent())
}
