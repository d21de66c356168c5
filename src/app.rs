//! The composition root: opens every part, joins them, watches over them, and ends them in good order.
//!
//! Owns the order of start and stop and the channels between the parts. Decides nothing else.

mod admission;
mod alerting;
mod commune;
mod credentials;
mod intake;
mod quarantine;
mod renewal;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use crate::changes::Imported;
pub use commune::{import, load_commune, load_register};
pub use credentials::{MosquittoFiles, draw_password, mosquitto_files};
pub use quarantine::{replay_all, replay_one};
pub use renewal::rebuild;

use crate::config::Config;
use crate::devices::Root;
use crate::domain::register::{Commune, Register};
use crate::domain::time::{Clock, Instant};
use crate::ingest::acks::{Acks, Owed};
use crate::ingest::writer::{Committed, Queues, Writer};
use crate::store::{AlertCounts, Store};
use crate::telemetry::{Gauge, Metrics};
use crate::tls::{Certificate, PemFiles};
use crate::web::{self, Live, Readiness, Web};

/// Live events kept for slow readers of the event stream; older ones are dropped for them.
const LIVE_KEPT: usize = 256;
/// Messages waiting for the writer: as many as it commits at once. Behind them their senders wait.
const MESSAGES_WAITING: usize = 8_192;
/// And of those that pass a backlog.
const LIVE_WAITING: usize = 512;

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the service reads the real clock")]
    fn now(&self) -> Instant {
        Instant::from(jiff::Timestamp::now())
    }
}

/// The channels by which the parts tell each other what they know.
#[derive(Clone)]
struct Channels {
    commune: watch::Sender<Arc<Commune>>,
    register: watch::Sender<Arc<Register>>,
    committed: watch::Sender<Committed>,
    database_ok: watch::Sender<bool>,
    broker_ok: watch::Sender<bool>,
    ready: watch::Sender<Readiness>,
    live: broadcast::Sender<Live>,
    alerts: watch::Sender<AlertCounts>,
}

/// A running service.
pub struct App {
    /// Address of the pages.
    pub http: SocketAddr,
    /// Address of the embedded broker. `None`: an outside broker is used.
    pub mqtt: Option<SocketAddr>,
    /// Address of the embedded broker with TLS. `None`: an outside broker is used, or `mqtt.tls_listen` is empty.
    pub mqtts: Option<SocketAddr>,
    /// The database.
    pub store: Store,
    /// What works and what does not; the demo tells its catch-up through it.
    pub ready: watch::Sender<Readiness>,
    /// Told after each commit.
    pub committed: watch::Receiver<Committed>,
    /// What happens, for the event stream.
    pub live: broadcast::Sender<Live>,
    /// Each change asks for the certificate of the pages to be read again.
    pub renewals: watch::Sender<u64>,
    intake: intake::Intake,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Starts every part. The database must hold a commune already ([`load_commune`]).
    pub async fn start(config: &Config, store: Store, commune: Commune, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let store = store.limiting_quarantine(config.quarantine.max_bytes);
        let http = listen(config.http.listen).await?;
        let certificate = certificate(config)?;
        let register = load_register(&store, &commune).await?;
        let metrics = Metrics::new();
        let channels = Channels {
            commune: watch::channel(Arc::new(commune)).0,
            register: watch::channel(Arc::new(register)).0,
            committed: watch::channel(Committed::default()).0,
            database_ok: watch::channel(true).0,
            broker_ok: watch::channel(false).0,
            ready: watch::channel(Readiness::default()).0,
            live: broadcast::channel(LIVE_KEPT).0,
            alerts: watch::channel(AlertCounts::default()).0,
        };
        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        let root = Root::parse(&config.mqtt.root)?;
        let (all, all_queued) = mpsc::channel(MESSAGES_WAITING);
        let (live, live_queued) = mpsc::channel(LIVE_WAITING);
        let queues = intake::Queues { all, live };
        let writer = Writer {
            store: store.clone(),
            root: root.clone(),
            commune: channels.commune.subscribe(),
            register: channels.register.subscribe(),
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
            committed: channels.committed.clone(),
            database_ok: channels.database_ok.clone(),
            owed: Owed::default(),
        };
        let admission = Arc::new(admission::Admission::new(
            store.clone(),
            channels.register.subscribe(),
            Arc::clone(&clock),
            metrics.clone(),
        ));
        let intake = intake::Intake::open(config, &root, queues, &channels, &admission, &clock, &tasks).await?;
        tasks.spawn(admission.keep_ledger(stopping.clone()));
        let acknowledge = intake.acknowledge();
        let acks = Acks {
            store: store.clone(),
            root: root.clone(),
            epoch: store.setting("epoch").await?.unwrap_or_default(),
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
            owed: writer.owed.clone(),
            behind: intake.behind(),
        };
        tasks.spawn(writer.run(Queues { all: all_queued, live: live_queued }, acknowledge));
        tasks.spawn(acks.run(intake.send()));
        tasks.spawn(renewal::run(
            store.clone(),
            channels.clone(),
            Arc::clone(&clock),
            metrics.clone(),
            stopping.clone(),
        ));
        tasks.spawn(quarantine::watch(store.clone(), config.quarantine.max_bytes, stopping.clone()));
        tasks.spawn(watch_readiness(channels.clone(), stopping.clone()));
        let web = Web {
            store: store.clone(),
            clock: Arc::clone(&clock),
            commune: channels.commune.subscribe(),
            register: channels.register.subscribe(),
            live: channels.live.clone(),
            alerts: channels.alerts.clone(),
            ready: channels.ready.subscribe(),
            replay: quarantine::replay_for_pages(store.clone(), root, channels.clone(), Arc::clone(&clock)),
            settings: web_settings(config),
        };
        let address = http.local_addr()?;
        let ended = stopping.clone();
        let door = match &certificate {
            Some(certificate) => web::Door::tls(http, Arc::clone(certificate))?,
            None => web::Door::from(http),
        };
        let renewals = watch::channel(0).0;
        if let Some(certificate) = certificate {
            tasks.spawn(certificate.keep_renewed(renewals.subscribe(), stopping.clone()));
        }
        tasks.spawn(async move {
            if let Err(error) = web::serve(door, web, ended.cancelled_owned()).await {
                tracing::error!(%error, "the web server ended");
            }
        });
        spawn_metrics(config, &metrics, &store, &stopping, &tasks).await?;
        Ok(Self {
            http: address,
            mqtt: intake.address(),
            mqtts: intake.tls_address(),
            store,
            ready: channels.ready,
            committed: channels.committed.subscribe(),
            live: channels.live,
            renewals,
            intake,
            stopping,
            tasks,
        })
    }

    /// Ends every part: no new messages, then what waits is committed, then the pages.
    pub async fn stop(self) {
        self.intake.close().await;
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await;
    }
}

fn web_settings(config: &Config) -> web::Settings {
    let public_origin = config.http.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
    let secure = config.http.reached_by_tls();
    web::Settings { public_origin, secure, trusted_proxies: config.http.trusted_proxies.clone() }
}

/// Reads the certificate of the pages, if one is set.
fn certificate(config: &Config) -> anyhow::Result<Option<Arc<Certificate>>> {
    let (Some(cert_file), Some(key_file)) = (config.http.tls_cert.clone(), config.http.tls_key.clone()) else {
        return Ok(None);
    };
    // HTTP/2 would need its own limits against floods; one page asks for a handful of files.
    let files = PemFiles { cert_file, key_file, protocols: &["http/1.1"] };
    let certificate = Certificate::open(files).context("`http.tls_cert` and `http.tls_key` cannot be used")?;
    Ok(Some(Arc::new(certificate)))
}

/// Listens, and says which address is taken when it is.
async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen for HTTP on {address}; stop what uses it or choose another address for `http.listen`")
    })
}

/// How long a scrape waits for the database: half of what Prometheus waits for an answer by default (`scrape_timeout`).
const SCRAPE_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Gives what the database answers in time, or nothing: the counters are told all the same.
async fn in_time(asked: impl Future<Output = Vec<Gauge>>) -> Vec<Gauge> {
    tokio::time::timeout(SCRAPE_PATIENCE, asked).await.unwrap_or_else(|_| {
        tracing::warn!("the database does not answer in time for the metrics");
        Vec::new()
    })
}

async fn spawn_metrics(
    config: &Config,
    metrics: &Metrics,
    store: &Store,
    stopping: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let address = config.metrics.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen for metrics on {address}; choose another `metrics.listen`"))?;
    let (metrics, store, stopping) = (metrics.clone(), store.clone(), stopping.clone());
    tasks.spawn(async move {
        let render = move || {
            let (metrics, store) = (metrics.clone(), store.clone());
            async move {
                let (held, refused, open) = tokio::join!(
                    in_time(gauges(&store)),
                    in_time(quarantine::gauges(&store)),
                    in_time(alerting::gauges(&store))
                );
                metrics.render_with(&[held, refused, open].concat())
            }
        };
        if let Err(error) = web::serve_metrics(listener, render, stopping.cancelled_owned()).await {
            tracing::error!(%error, "the metrics listener ended");
        }
    });
    Ok(())
}

/// Reads what the database holds. Empty when it cannot be read: the counters are told all the same.
async fn gauges(store: &Store) -> Vec<Gauge> {
    let totals = match store.number_totals().await {
        Ok(totals) => totals,
        Err(error) => {
            tracing::warn!(%error, "the database cannot be asked what it holds for the metrics");
            return Vec::new();
        }
    };
    let gauge = |name, help, value| Gauge { name, help, label: None, value };
    vec![
        gauge("phanloai_events_missing", "Events known to be missing.", totals.missing),
        gauge("phanloai_gaps", "Ranges of events known to be missing.", totals.gaps),
        gauge("phanloai_events_lost", "Events that devices declared lost.", totals.lost),
        gauge(
            "phanloai_events_voided",
            "Missing events of which a person said that they will never come.",
            totals.voided,
        ),
    ]
}

/// Keeps the readiness up to date with what the parts tell.
async fn watch_readiness(channels: Channels, stopping: CancellationToken) {
    let mut database = channels.database_ok.subscribe();
    let mut broker = channels.broker_ok.subscribe();
    loop {
        let (database_ok, broker_ok) = (*database.borrow_and_update(), *broker.borrow_and_update());
        channels.ready.send_modify(|ready| {
            ready.database = database_ok;
            ready.broker = broker_ok;
        });
        tokio::select! {
            () = stopping.cancelled() => return,
            changed = database.changed() => if changed.is_err() { return },
            changed = broker.changed() => if changed.is_err() { return },
        }
    }
}

/// Gives the folder of the files that a commune's file names.
pub fn folder_of(file: &str) -> PathBuf {
    PathBuf::from(file).parent().map(PathBuf::from).unwrap_or_default()
}
