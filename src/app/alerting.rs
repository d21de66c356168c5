//! Alerts beside the running service: when it listens, what it tells, and its gauges.

use std::sync::Arc;

use tokio::sync::watch;

use super::Channels;
use crate::alerts::Watch;
use crate::domain::alert::AlertKind;
use crate::domain::time::Instant;
use crate::store::{AlertCounts, Store, StoreError};
use crate::telemetry::Gauge;
use crate::web::Live;

/// Since when the broker's session stands, and which alerts people were told of last.
#[derive(Default)]
pub(super) struct Told {
    broker: Option<watch::Receiver<bool>>,
    listening_since: Option<Instant>,
    version: Option<String>,
    /// Unknown at first: there may be alerts from before the start.
    known: bool,
}

impl Told {
    /// Notes whether events can come now.
    pub(super) fn listens(&mut self, channels: &Channels, now: Instant) {
        let broker = self.broker.get_or_insert_with(|| channels.broker_ok.subscribe());
        // Who was away meanwhile, and came back, has heard nobody while away.
        if broker.has_changed().unwrap_or(true) {
            self.listening_since = None;
        }
        self.listening_since = if *broker.borrow_and_update() { self.listening_since.or(Some(now)) } else { None };
    }

    /// Tells people of alerts that came, ended or were acknowledged, by whichever program over this database.
    pub(super) async fn tell(&mut self, store: &Store, channels: &Channels) -> Result<(), StoreError> {
        let version = store.alerts_version().await?;
        if self.known && version == self.version {
            return Ok(());
        }
        (self.known, self.version) = (true, version);
        channels.alerts.send_replace(AlertCounts::of(&store.open_alerts().await?));
        // Nobody watching is no fault.
        let _ = channels.live.send(Live::Alerts);
        Ok(())
    }

    /// Takes a look, if it is time for one. A look that fails is tried again and holds nothing up.
    pub(super) async fn look(&self, store: &Store, channels: &Channels, now: Instant) {
        let watch = Watch {
            store: store.clone(),
            commune: Arc::clone(&channels.commune.borrow()),
            register: Arc::clone(&channels.register.borrow()),
        };
        if let Err(error) = watch.look(now, self.listening_since).await {
            tracing::error!(%error, "alerts could not be judged; trying again");
        }
    }
}

/// Counts open alerts by kind, for whoever scrapes. Nothing while the database does not answer: a gap says so.
pub(super) async fn gauges(store: &Store) -> Vec<Gauge> {
    let Ok(open) = store.open_alerts().await else {
        return Vec::new();
    };
    let count = |kind: AlertKind| {
        let raised = open.iter().filter(|kept| kept.alert.raised.is_some() && kept.alert.kind() == kind);
        i64::try_from(raised.count()).unwrap_or(i64::MAX)
    };
    let waiting = Gauge {
        name: "phanloai_alerts_waiting",
        help: "Open alarms and warnings that nobody has acknowledged.",
        label: None,
        value: AlertCounts::of(&open).waiting,
    };
    let of_kind = |kind: &AlertKind| Gauge {
        name: "phanloai_alerts_open",
        help: "Open alerts, by kind.",
        label: Some(("kind", kind.as_str())),
        value: count(*kind),
    };
    AlertKind::ALL.iter().map(of_kind).chain([waiting]).collect()
}
