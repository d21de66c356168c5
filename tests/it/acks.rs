//! Acknowledgements as a device sees them, over the embedded broker and over Mosquitto.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use phanloai::app::{App, load_commune};
use phanloai::config::Config;
use phanloai::devices::Root;
use phanloai::domain::ids::EventId;
use phanloai::domain::reading::{ClockState, Event, Reading};
use phanloai::domain::time::Zone;
use phanloai::ingest::acks::{Acks, Owed};
use phanloai::store::Store;
use phanloai::telemetry::Metrics;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event as Packet, Incoming, MqttOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::commune::{NOW, Still, TestCommune, conflict};
use crate::oracle::generate::generate;
use crate::oracle::world::World;

const PATIENCE: Duration = Duration::from_secs(30);
const LOG: &str = "0a11ce01";

/// A commune whose devices have sent nothing.
fn silent() -> World {
    let mut world = (9_000..).map(generate).find(|world| !world.devices.is_empty()).unwrap();
    world.events.clear();
    world.operations.clear();
    world
}

/// A running service.
struct Service {
    app: App,
    folder: TempDir,
    device: String,
}

impl Service {
    async fn start(choose: impl FnOnce(&mut Config)) -> Self {
        let world = silent();
        let folder = TempDir::new().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite://{}", folder.path().join("acks.db").display()).parse().unwrap();
        for listen in [&mut config.http.listen, &mut config.mqtt.listen, &mut config.metrics.listen] {
            *listen = "127.0.0.1:0".parse().unwrap();
        }
        config.mqtt.allow_anonymous = true;
        choose(&mut config);
        let store = Store::open(config.database.url.expose()).await.unwrap();
        let commune = TestCommune::in_store(store.clone(), TempDir::new().unwrap(), &world, None).await;
        drop(commune);
        let commune = load_commune(&store, None).await.unwrap();
        let app = App::start(&config, store, commune, Arc::new(Still(NOW))).await.unwrap();
        let mut ready = app.ready.subscribe();
        ready.wait_for(|ready| ready.broker).await.unwrap();
        Self { app, folder, device: world.devices[0].device.clone() }
    }

    async fn unit(&self, port: u16) -> Unit {
        Unit::connect(port, &self.device).await
    }
}

/// A device that is connected and listens for acknowledgements.
struct Unit {
    name: String,
    client: AsyncClient,
    acks: UnboundedReceiver<Value>,
    polling: JoinHandle<()>,
}

impl Unit {
    async fn connect(port: u16, name: &str) -> Self {
        let (client, mut events) = AsyncClient::new(MqttOptions::new(name, "127.0.0.1", port), 100);
        client.subscribe(format!("phanloai/v1/{name}/ack"), QoS::AtLeastOnce).await.unwrap();
        let (arrive, acks) = unbounded_channel();
        while !matches!(timeout(PATIENCE, events.poll()).await.unwrap().unwrap(), Packet::Incoming(Incoming::SubAck(_)))
        {
        }
        let polling = tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                if let Packet::Incoming(Incoming::Publish(publish)) = event {
                    assert!(!publish.retain && publish.qos == QoS::AtLeastOnce);
                    let _ = arrive.send(serde_json::from_slice(&publish.payload).unwrap());
                }
            }
        });
        Self { name: name.to_owned(), client, acks, polling }
    }

    async fn publish(&self, channel: &str, body: &Value) {
        let topic = format!("phanloai/v1/{}/{channel}", self.name);
        self.client.publish(topic, QoS::AtLeastOnce, channel == "state", body.to_string()).await.unwrap();
    }

    async fn send(&self, log: &str, events: &[Value]) {
        self.publish("events", &json!({"log": log, "boot": 1, "sent_ms": 900_000, "events": events})).await;
    }

    /// Waits for an acknowledgement that says so.
    async fn told(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let ack = self.acks.recv().await.expect("the connection holds");
                if wanted(&ack) {
                    return ack;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("it is acknowledged")
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

fn heartbeat(seq: i64) -> Value {
    json!({"seq": seq, "ms": seq * 1_000, "at": NOW.ms() - 900_000 + seq * 1_000, "clock": "synced", "type": "heartbeat"})
}

/// What a device is told of one log, without the service's clock.
fn extent(ack: &Value) -> (i64, String, String) {
    (ack["upto"].as_i64().unwrap(), ack["missing"].to_string(), ack["refused"].to_string())
}

async fn tells_all_that_happens_to_a_log(service: Service, port: u16) {
    let mut unit = service.unit(port).await;
    let epoch = service.app.store.setting("epoch").await.unwrap().unwrap();
    unit.publish("state", &json!({"online": true, "log": LOG, "oldest": 1, "next": 7})).await;
    let ack = unit.told(|ack| ack["upto"] == 0).await;
    assert_eq!((&ack["log"], &ack["epoch"], &ack["now"]), (&json!(LOG), &json!(epoch), &json!(NOW.ms())));
    assert!(epoch.len() == 4 && epoch.bytes().all(|b| b.is_ascii_hexdigit()), "{epoch}");
    // Of five events one never came and the last one is of a type that nobody knows.
    let mut strange = heartbeat(5);
    strange["type"] = json!("levitation");
    unit.send(LOG, &[heartbeat(1), heartbeat(2), heartbeat(4), strange.clone()]).await;
    let ack = unit.told(|ack| ack["upto"] != 0).await;
    assert_eq!(extent(&ack), (5, "[[3,3]]".to_owned(), "[[5,5]]".to_owned()));
    // Everything in it was there before, and is acknowledged again.
    for again in [vec![heartbeat(1)], vec![strange]] {
        unit.send(LOG, &again).await;
        assert_eq!(extent(&unit.told(|_| true).await), (5, "[[3,3]]".to_owned(), "[[5,5]]".to_owned()));
    }
    // The flash was full: the third one is gone for ever.
    let mut lost = heartbeat(6);
    (lost["type"], lost["from"], lost["to"]) = (json!("lost"), json!(3), json!(3));
    unit.send(LOG, &[lost]).await;
    assert_eq!(extent(&unit.told(|ack| ack["upto"] == 6).await), (6, "[]".to_owned(), "[[5,5]]".to_owned()));
    // The unit is replaced: the new log is told apart from the old one.
    unit.send("0a11ce02", &[heartbeat(2)]).await;
    let ack = unit.told(|ack| ack["log"] == "0a11ce02").await;
    assert_eq!(extent(&ack), (2, "[[1,1]]".to_owned(), "[]".to_owned()));
    // Absent while it was acknowledged, it is told when it comes online.
    let mut unit = Unit::connect(port, &unit.name).await;
    unit.publish("state", &json!({"online": true, "log": LOG, "next": 7})).await;
    assert_eq!(extent(&unit.told(|ack| ack["log"] == LOG).await).0, 6);
    assert!(service.folder.path().exists());
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_told_what_became_of_its_log() {
    let service = Service::start(|_| {}).await;
    let port = service.app.mqtt.unwrap().port();
    tells_all_that_happens_to_a_log(service, port).await;
}

#[cfg(feature = "real-parts")]
#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_told_what_became_of_its_log_by_mosquitto() {
    let broker = crate::support::mosquitto::Mosquitto::start();
    let service = Service::start(|config| config.mqtt.url = broker.url().parse().unwrap()).await;
    let port = broker.url().rsplit(':').next().unwrap().parse().unwrap();
    tells_all_that_happens_to_a_log(service, port).await;
}

/// Gives the parts of a sender of acknowledgements over a database in a folder.
async fn parts(folder: &TempDir, behind: Option<watch::Receiver<bool>>) -> Acks {
    let url = format!("sqlite://{}", folder.path().join("owed.db").display());
    Acks {
        store: Store::open(&url).await.unwrap(),
        root: Root::parse("phanloai/v1").unwrap(),
        epoch: "5b0e".to_owned(),
        clock: Arc::new(Still(NOW)),
        metrics: Metrics::new(),
        owed: Owed::default(),
        behind,
    }
}

#[tokio::test]
async fn while_a_backlog_is_worked_off_no_device_is_told_of_gaps_that_it_may_fill() {
    let folder = TempDir::new().unwrap();
    let (behind, told) = watch::channel(true);
    let acks = parts(&folder, Some(told)).await;
    let stored = |device: &str, seq| Reading {
        id: EventId { device: device.into(), log: LOG.into(), seq },
        boot: 1,
        ms: 1_000,
        at: Some(NOW),
        clock: ClockState::Synced,
        sent_ms: None,
        received: NOW,
        simulated: false,
        event: Event::Heartbeat { battery_mv: None, rssi_dbm: None, queued: None, zero_g: None },
        extra: String::new(),
    };
    let zone = Zone::named("Asia/Ho_Chi_Minh").unwrap();
    let readings = [stored("whole", 1), stored("gap", 2)];
    acks.store.append(&readings, &[], &zone, conflict).await.unwrap();
    let (sent, mut taken) = unbounded_channel();
    let owed = acks.owed.clone();
    let running = tokio::spawn(acks.run(Box::new(move |topic, _| {
        sent.send(topic).unwrap();
        Box::pin(std::future::ready(true))
    })));
    let log = |reading: &Reading| (reading.id.device.clone(), reading.id.log.clone());
    owed.add([log(&readings[1])]);
    owed.add([log(&readings[0])]);
    assert_eq!(taken.recv().await.unwrap(), "phanloai/v1/whole/ack");
    behind.send_replace(false);
    assert_eq!(taken.recv().await.unwrap(), "phanloai/v1/gap/ack", "it is owed until the backlog is through");
    owed.close();
    running.await.unwrap();
    assert_eq!(taken.recv().await, None);
}

#[tokio::test]
async fn a_device_without_connection_gets_the_latest_and_holds_up_nobody() {
    let folder = TempDir::new().unwrap();
    let acks = parts(&folder, None).await;
    let owed = acks.owed.clone();
    let (sent, mut taken) = unbounded_channel();
    let tries = Arc::new(AtomicUsize::new(0));
    let refusals = Arc::clone(&tries);
    let running = tokio::spawn(acks.run(Box::new(move |topic, _| {
        let away = topic.contains("/away/") && refusals.fetch_add(1, Ordering::Relaxed) < 2;
        let sent = sent.clone();
        Box::pin(async move {
            if !away {
                sent.send(topic).unwrap();
            }
            !away
        })
    })));
    let log = |device: &str| (device.into(), LOG.into());
    owed.add([log("away"), log("here"), log("away")]);
    assert_eq!(taken.recv().await.unwrap(), "phanloai/v1/here/ack");
    owed.add([log("here"), log("here")]);
    let mut rest = [taken.recv().await.unwrap(), taken.recv().await.unwrap()];
    rest.sort();
    assert_eq!(rest, ["phanloai/v1/away/ack", "phanloai/v1/here/ack"], "each once, however often it was owed");
    owed.close();
    running.await.unwrap();
    assert_eq!((taken.recv().await, tries.load(Ordering::Relaxed)), (None, 3));
}
