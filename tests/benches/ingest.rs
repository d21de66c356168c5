//! What durable ingest costs: ratios within one run, and no judgement.
//!
//! `cargo bench --bench ingest [-- mosquitto|embedded|stored|append]` needs Mosquitto for the first part. The embedded variants run
//! alone by their names, such as `embedded-1-writer`, for a profiler. Three measurements:
//!
//! - **mosquitto**: publishers -> Mosquitto -> this program, from the first publish to the last commit, beside a bare
//!   rumqttc client that receives and acknowledges and keeps nothing;
//! - **embedded**: publishers -> the embedded broker, from the first publish to the last PUBACK, beside the same broker with a bare
//!   rumqttc subscriber that receives and acknowledges and keeps nothing, and beside the same broker with a hook that does nothing;
//! - **stored**: publishers -> the embedded broker -> commit, with few and with many readings stored before
//!   (`PHANLOAI_BENCH_STORED`, default 1000000; the few are 10000): what a reading costs, and what it costs with its part of moving
//!   the journal to where the data stays, which SQLite does once in many commits;
//! - **append**: beside it, the database's part alone, one transaction of readings after the other.
//!
//! Each message is one event in 200 bytes. *Writer* is session or hook, decoding and commit; *service* is the whole
//! program, which renews figures beside it.
//!
//! # Why
//! Machines differ, and a shared one differs from minute to minute: only what runs side by side can be compared. So every
//! round measures all variants in turn, and the ratio of each round is told beside their median.

mod parts {
    pub mod devices;
    pub mod mosquitto;
    pub mod publishers;
}

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use bytes::Bytes;
use parts::devices::{self, PAYLOAD_BYTES};
use parts::mosquitto::Mosquitto;
use parts::publishers::publish;
use phanloai::app::{App, SystemClock, load_register};
use phanloai::broker::{Broker, BrokerOptions, Durable, Hooks, Publish};
use phanloai::config::Config;
use phanloai::devices::{Accepts, Root, Topic, decode};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::reading::Reading;
use phanloai::domain::register::Commune;
use phanloai::domain::time::Clock as _;
use phanloai::ingest::acks::Owed;
use phanloai::ingest::session::{Session, SessionOptions, SessionStatus};
use phanloai::ingest::writer::{Committed, Done, Message, Writer};
use phanloai::store::{Refused, Store};
use phanloai::telemetry::Metrics;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

const ROUNDS: usize = 3;
/// Rounds beside stored readings: one round differs from the next by more than few stored readings from many.
const STORED_ROUNDS: usize = 9;
const MESSAGES: usize = 40_000;
/// Devices, and their messages together.
const EMBEDDED: [(usize, usize); 3] = [(1, 20_000), (10, 40_000), (100, 40_000)];
const WAITING: usize = 65_535;
const FEW_STORED: usize = 10_000;
const APPENDING_DEVICES: [usize; 2] = [10, 100];
/// How long ago the stored readings begin.
const STORED_AGE_MS: i64 = 400 * 86_400_000;
/// Readings of one transaction: what waits under load.
const TOGETHER: usize = 1_000;
const APPENDS: usize = 40;
const FILTER: &str = "phanloai/v1/+/events";

#[expect(clippy::disallowed_methods, reason = "a program that measures has no configuration")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|word| part.contains(word.as_str()));
    println!("{PAYLOAD_BYTES}-byte messages of one event, SQLite, {ROUNDS} rounds");
    if wanted("mosquitto") {
        for publishers in [10, 100] {
            mosquitto(publishers).await;
        }
    }
    for (publishers, messages) in EMBEDDED {
        embedded(publishers, messages, |variant| wanted(&format!("embedded-{publishers}-{variant}"))).await;
    }
    if wanted("stored") || wanted("append") {
        for devices in APPENDING_DEVICES {
            beside_stored(devices, wanted("stored"), wanted("append")).await;
        }
    }
}

/// Messages a second by round, and messages a commit.
#[derive(Default)]
struct Rates(Vec<f64>, Vec<f64>);

impl Rates {
    fn add(&mut self, messages: usize, took: Duration) {
        let messages = u32::try_from(messages).expect("a bench sends less than 2^32 messages");
        self.0.push(f64::from(messages) / took.as_secs_f64());
    }

    fn add_committed(&mut self, messages: usize, (took, commits): (Duration, u64)) {
        self.add(messages, took);
        let count = |number: u64| f64::from(u32::try_from(number).expect("a bench commits less than 2^32 times"));
        self.1.push(count(u64::try_from(messages).expect("a count")) / count(commits));
    }

    fn tell(&self, what: &str, nulls: &[(&str, &Rates)]) {
        if self.0.is_empty() {
            return;
        }
        print!("  {what:<28} {:>8.0} /s", median(&self.0));
        for (name, null) in nulls.iter().filter(|(_, null)| !null.0.is_empty()) {
            let ratios: Vec<f64> = self.0.iter().zip(&null.0).map(|(own, null)| own / null).collect();
            let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
            print!("   ratio to {name} {:.2}  ({})", median(&ratios), each.join(" "));
        }
        if !self.1.is_empty() {
            print!("   {:.0} a commit", median(&self.1));
        }
        println!();
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

async fn mosquitto(publishers: usize) {
    let messages = devices::messages(MESSAGES / publishers);
    let (mut null, mut writer, mut service) = (Rates::default(), Rates::default(), Rates::default());
    for _ in 0..ROUNDS {
        null.add(MESSAGES, through_null(publishers, &messages).await);
        writer.add(MESSAGES, through_writer(publishers, &messages).await);
        service.add(MESSAGES, through_service(publishers, &messages).await);
    }
    println!("Mosquitto, {publishers} publishers, {MESSAGES} messages: first publish to last commit");
    null.tell("null: receive and ack", &[]);
    writer.tell("writer", &[("null", &null)]);
    service.tell("service", &[("null", &null)]);
}

fn publishing(port: u16, publishers: usize, messages: &Arc<Vec<Bytes>>) -> JoinHandle<()> {
    let messages = Arc::clone(messages);
    tokio::spawn(async move { publish(port, publishers, &messages).await })
}

async fn through_null(publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let mosquitto = Mosquitto::start();
    through_subscriber(mosquitto.port, publishers, messages).await
}

/// Time from the first publish to the last message that a bare subscriber received and acknowledged.
async fn through_subscriber(port: u16, publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let mut options = MqttOptions::new("null", "127.0.0.1", port);
    options.set_clean_start(true);
    let (client, mut events) = AsyncClient::new(options, 10);
    client.subscribe(FILTER, QoS::AtLeastOnce).await.expect("the queue has room");
    while !matches!(events.poll().await.expect("the broker answers"), Event::Incoming(Incoming::SubAck(_))) {}
    let began = Moment::now();
    let publishing = publishing(port, publishers, messages);
    let mut left = publishers * messages.len();
    while left > 0 {
        if let Event::Incoming(Incoming::Publish(_)) = events.poll().await.expect("the broker answers") {
            left -= 1;
        }
    }
    let took = began.elapsed();
    publishing.await.expect("no publisher fails");
    took
}

/// The writer on its own, as the service runs it.
struct Running {
    queue: mpsc::Sender<Message>,
    committed: watch::Receiver<Committed>,
    writer: JoinHandle<()>,
    _folder: Option<TempDir>,
}

async fn start_writer(
    publishers: usize,
    acknowledge: impl Fn(phanloai::ingest::session::AckToken) + Send + 'static,
) -> Running {
    let folder = folder();
    let (store, commune) = devices::open(folder.path(), publishers).await;
    writer_into(store, commune, Some(folder), acknowledge).await
}

async fn writer_into(
    store: Store,
    commune: Commune,
    folder: Option<TempDir>,
    acknowledge: impl Fn(phanloai::ingest::session::AckToken) + Send + 'static,
) -> Running {
    let register = load_register(&store, &commune).await.expect("a register");
    let (queue, queued) = mpsc::channel(WAITING);
    let (told, committed) = watch::channel(Committed::default());
    let writer = Writer {
        store,
        root: Root::parse("phanloai/v1").expect("a root"),
        commune: watch::channel(Arc::new(commune)).1,
        register: watch::channel(Arc::new(register)).1,
        clock: Arc::new(SystemClock),
        metrics: Metrics::new(),
        committed: told,
        database_ok: watch::channel(true).0,
        owed: Owed::default(),
    };
    Running { queue, committed, writer: tokio::spawn(writer.run(queued, acknowledge)), _folder: folder }
}

async fn all_committed(committed: &mut watch::Receiver<Committed>, expected: usize) {
    let expected = u64::try_from(expected).expect("a bench sends less than 2^64 messages");
    committed.wait_for(|committed| committed.readings >= expected).await.expect("the writer lives");
}

async fn through_writer(publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let mosquitto = Mosquitto::start();
    let address = format!("mqtt://127.0.0.1:{}", mosquitto.port).parse().expect("an address");
    let (session, mut received) =
        Session::open(SessionOptions::new(address, "bench", vec![FILTER.to_owned()])).expect("valid options");
    let mut status = session.status();
    let connected = status.wait_for(|status| matches!(status, SessionStatus::Connected { .. })).await.is_ok();
    assert!(connected, "the session lives");
    let session = Arc::new(session);
    let acks = Arc::clone(&session);
    let Running { queue, mut committed, writer, _folder } =
        start_writer(publishers, move |token| acks.ack(token)).await;
    let feeding = tokio::spawn(async move {
        while let Some(delivery) = received.all.recv().await {
            let message = Message {
                topic: delivery.topic,
                payload: delivery.payload,
                retain: delivery.retain,
                received: SystemClock.now(),
                done: Done::Delivery(delivery.token),
                room: None,
            };
            queue.send(message).await.expect("the writer lives");
        }
    });
    let began = Moment::now();
    let publishing = publishing(mosquitto.port, publishers, messages);
    all_committed(&mut committed, publishers * messages.len()).await;
    let took = began.elapsed();
    publishing.await.expect("no publisher fails");
    feeding.abort();
    writer.abort();
    took
}

async fn start_service(folder: &Path, publishers: usize, mqtt: Option<u16>) -> App {
    let (store, commune) = devices::open(folder, publishers).await;
    let mut config = Config::default();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (config.http.listen, config.mqtt.listen, config.metrics.listen) = (any, any, any);
    if let Some(port) = mqtt {
        config.mqtt.url = format!("mqtt://127.0.0.1:{port}").parse().expect("an address");
    }
    App::start(&config, store, commune, Arc::new(SystemClock)).await.expect("every part starts")
}

async fn through_service(publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let mosquitto = Mosquitto::start();
    let folder = folder();
    let app = start_service(folder.path(), publishers, Some(mosquitto.port)).await;
    let mut ready = app.ready.subscribe();
    assert!(ready.wait_for(|ready| ready.broker).await.is_ok(), "the service lives");
    let mut committed = app.committed.clone();
    let began = Moment::now();
    let publishing = publishing(mosquitto.port, publishers, messages);
    all_committed(&mut committed, publishers * messages.len()).await;
    let took = began.elapsed();
    publishing.await.expect("no publisher fails");
    // The next round has a broker and a database of its own and waits for nothing of this one.
    drop(tokio::spawn(app.stop()));
    took
}

async fn embedded(publishers: usize, count: usize, wanted: impl Fn(&str) -> bool) {
    let messages = devices::messages(count / publishers);
    let (mut null, mut empty) = (Rates::default(), Rates::default());
    let (mut writer, mut service) = (Rates::default(), Rates::default());
    for _ in 0..ROUNDS {
        if wanted("null") {
            null.add(count, embedded_subscriber(publishers, &messages).await);
        }
        if wanted("empty") {
            empty.add(count, embedded_empty(publishers, &messages).await);
        }
        if wanted("writer") {
            writer.add_committed(count, embedded_writer(publishers, &messages).await);
        }
        if wanted("service") {
            service.add_committed(count, embedded_service(publishers, &messages).await);
        }
    }
    if [&null, &empty, &writer, &service].iter().any(|rates| !rates.0.is_empty()) {
        println!("Embedded broker, devices: {publishers}, {count} messages: first publish to last PUBACK");
    }
    null.tell("null: receive and ack", &[]);
    empty.tell("empty hook", &[]);
    writer.tell("writer", &[("null", &null), ("empty hook", &empty)]);
    service.tell("service", &[("null", &null), ("empty hook", &empty)]);
}

async fn broker(
    on_publish: impl Fn(Publish) -> futures_util::future::BoxFuture<'static, Durable> + Send + Sync + 'static,
) -> Broker {
    let hooks = Hooks {
        on_publish: Arc::new(on_publish),
        authenticate: Arc::new(|_| Box::pin(std::future::ready(false))),
        may_publish: Arc::new(|_, _| true),
        may_subscribe: Arc::new(|_, _| true),
        on_refused: Arc::new(|_| {}),
    };
    let mut options = BrokerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    options.allow_anonymous = true;
    Broker::start(options, hooks).await.expect("a free port")
}

async fn embedded_with_nothing() -> Broker {
    broker(|_| {
        let (done, durable) = oneshot::channel();
        done.send(()).expect("its receiver is here");
        Box::pin(std::future::ready(Durable(durable)))
    })
    .await
}

async fn embedded_subscriber(publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let broker = embedded_with_nothing().await;
    let took = through_subscriber(broker.local_addr().port(), publishers, messages).await;
    broker.stop().await;
    took
}

async fn embedded_empty(publishers: usize, messages: &Arc<Vec<Bytes>>) -> Duration {
    let broker = embedded_with_nothing().await;
    let began = Moment::now();
    publish(broker.local_addr().port(), publishers, messages).await;
    let took = began.elapsed();
    broker.stop().await;
    took
}

async fn embedded_writer(publishers: usize, messages: &Arc<Vec<Bytes>>) -> (Duration, u64) {
    published_into(start_writer(publishers, drop).await, publishers, messages).await
}

async fn published_into(running: Running, publishers: usize, messages: &Arc<Vec<Bytes>>) -> (Duration, u64) {
    let Running { queue, committed, writer, _folder } = running;
    let broker = broker(move |publish| {
        let queue = queue.clone();
        let (done, answer) = oneshot::channel();
        let message = Message {
            topic: publish.topic,
            payload: publish.payload,
            retain: publish.retain,
            received: SystemClock.now(),
            done: Done::Hook(done),
            room: None,
        };
        Box::pin(async move {
            queue.send(message).await.expect("the writer lives");
            Durable(answer)
        })
    })
    .await;
    let began = Moment::now();
    publish(broker.local_addr().port(), publishers, messages).await;
    let took = began.elapsed();
    assert_eq!(committed.borrow().readings, u64::try_from(publishers * messages.len()).expect("a count"));
    broker.stop().await;
    writer.abort();
    (took, committed.borrow().commits)
}

async fn embedded_service(publishers: usize, messages: &Arc<Vec<Bytes>>) -> (Duration, u64) {
    let folder = folder();
    let app = start_service(folder.path(), publishers, None).await;
    let port = app.mqtt.expect("the embedded broker runs").port();
    let began = Moment::now();
    publish(port, publishers, messages).await;
    let took = began.elapsed();
    let commits = app.committed.borrow().commits;
    app.stop().await;
    (took, commits)
}

/// A database that readings are appended to.
struct Filling {
    store: Store,
    commune: Commune,
    devices: usize,
    stored: usize,
    folder: TempDir,
}

impl Filling {
    async fn open(devices: usize, wanted: usize) -> Self {
        let folder = folder();
        let (store, commune) = devices::open(folder.path(), devices).await;
        let mut filling = Self { store, commune, devices, stored: 0, folder };
        while filling.stored < wanted {
            let readings = filling.next((wanted - filling.stored).min(10_000));
            filling.append(&readings).await;
        }
        filling
    }

    /// Gives the next readings, the same number of each device.
    fn next(&self, count: usize) -> Vec<Reading> {
        let streams = [StreamCode::from("food")];
        let accepts = Accepts { streams: &streams, simulated: true };
        let root = Root::parse("phanloai/v1").expect("a root");
        let received = SystemClock.now();
        let first = self.stored / self.devices;
        let mut readings = Vec::with_capacity(count);
        for device in 0..self.devices {
            let name = devices::name(device);
            let topic = Topic::parse(&root, &format!("phanloai/v1/{name}/events")).expect("a topic");
            for seq in first + 1..=first + count / self.devices {
                let message = devices::weight(seq, received.ms() - STORED_AGE_MS);
                let decoded = decode(&topic, message.as_bytes(), received, &accepts).expect("a valid message");
                readings.extend(decoded.readings);
            }
        }
        readings
    }

    /// Receives the next readings by MQTT and gives the microseconds that each one took to its PUBACK, and those with its part of
    /// moving the journal.
    async fn receive(&mut self) -> (f64, f64) {
        let first = self.stored / self.devices;
        let begin_ms = SystemClock.now().ms() - STORED_AGE_MS;
        let next = first + 1..=first + MESSAGES / self.devices;
        let messages = Arc::new(next.map(|seq| Bytes::from(devices::weight(seq, begin_ms))).collect());
        let running = writer_into(self.store.clone(), self.commune.clone(), None, drop).await;
        self.move_journal().await;
        let (took, _) = published_into(running, self.devices, &messages).await;
        let moved = self.move_journal().await;
        self.stored += MESSAGES;
        let each = u32::try_from(MESSAGES).expect("a bench sends less than 2^32 messages");
        let a_reading = |took: Duration| took.as_secs_f64() * 1e6 / f64::from(each);
        (a_reading(took), a_reading(took + moved))
    }

    /// Moves what the database's journal holds to where it stays, and gives how long that took.
    async fn move_journal(&self) -> Duration {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("bench.db"));
        let mut database = options.connect().await.expect("the database");
        let began = Moment::now();
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut database).await.expect("a checkpoint");
        assert_eq!(busy, 0, "nothing else is at the database");
        began.elapsed()
    }

    async fn append(&mut self, readings: &[Reading]) -> Duration {
        let conflict = |reading: &Reading| -> Refused { panic!("{} was stored before", reading.id) };
        let began = Moment::now();
        let appended =
            self.store.append(readings, &[], &self.commune.zone, conflict).await.expect("the database takes them");
        let took = began.elapsed();
        assert_eq!(appended.new, u64::try_from(readings.len()).expect("a count"), "every reading is new");
        self.stored += readings.len();
        took
    }
}

/// Times what readings cost beside few and beside many that are stored already.
async fn beside_stored(devices: usize, whole: bool, alone: bool) {
    let many_stored = setting("PHANLOAI_BENCH_STORED").and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut many = Filling::open(devices, many_stored).await;
    if whole {
        let (mut few_us, mut many_us) = (Vec::new(), Vec::new());
        for _ in 0..STORED_ROUNDS {
            few_us.push(Filling::open(devices, FEW_STORED).await.receive().await);
            many_us.push(many.receive().await);
        }
        let (few_us, few_moved_us): (Vec<f64>, Vec<f64>) = few_us.into_iter().unzip();
        let (many_us, many_moved_us): (Vec<f64>, Vec<f64>) = many_us.into_iter().unzip();
        println!(
            "{MESSAGES} readings of {devices} devices, first publish to last PUBACK: a reading, median of \
             {STORED_ROUNDS}"
        );
        compare(&few_us, &many_us, many_stored, "µs");
        println!("The same with the journal moved after each round");
        compare(&few_moved_us, &many_moved_us, many_stored, "µs");
    }
    if alone {
        let (mut few_ms, mut many_ms) = (Vec::new(), Vec::new());
        let mut few = Filling::open(devices, FEW_STORED).await;
        for _ in 0..APPENDS {
            let readings = few.next(TOGETHER);
            few_ms.push(few.append(&readings).await.as_secs_f64() * 1_000.0);
            let readings = many.next(TOGETHER);
            many_ms.push(many.append(&readings).await.as_secs_f64() * 1_000.0);
        }
        println!("One transaction of {TOGETHER} readings of {devices} devices, median of {APPENDS}");
        compare(&few_ms, &many_ms, many_stored, "ms");
    }
}

fn compare(few: &[f64], many: &[f64], many_stored: usize, unit: &str) {
    let mut ratios: Vec<f64> = few.iter().zip(many).map(|(few, many)| many / few).collect();
    ratios.sort_by(f64::total_cmp);
    let (few, many) = (median(few), median(many));
    println!("  with {FEW_STORED:>9} stored        {few:>8.2} {unit}");
    println!(
        "  with {many_stored:>9} stored        {many:>8.2} {unit}   ratio {:.2}, of each round {:.2} ({:.2} to {:.2})",
        many / few,
        median(&ratios),
        ratios[ratios.len() / 4],
        ratios[ratios.len() * 3 / 4]
    );
}
