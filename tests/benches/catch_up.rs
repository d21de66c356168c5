//! How fast a backlog is worked off: ratios within one run, and no judgement.
//!
//! `cargo bench --bench catch_up` needs Mosquitto. Messages of one event in 200 bytes wait in Mosquitto for a session that
//! was away; measured is the time from the start of the service to the last commit, beside a bare rumqttc client that
//! receives and acknowledges the same backlog and keeps nothing. `PHANLOAI_BENCH_BACKLOG` sets their number, 100000 when
//! left out: more than a session's window of 65 535.
//!
//! # Why
//! As in the bench of ingest: machines differ, so the two are measured in turn and their ratio is told for each round.

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
use phanloai::app::{App, SystemClock};
use phanloai::config::Config;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, EventLoop, Incoming, MqttOptions};

const ROUNDS: usize = 3;
const BACKLOG: usize = 100_000;
const DEVICES: usize = 100;
const FILTER: &str = "phanloai/v1/+/events";
const SESSION_KEPT_S: u32 = 3_600;

#[expect(clippy::disallowed_methods, reason = "a program that measures has no configuration")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() {
    let backlog = setting("PHANLOAI_BENCH_BACKLOG").and_then(|text| text.parse().ok()).unwrap_or(BACKLOG);
    let messages = devices::messages(backlog / DEVICES);
    let count = f64::from(u32::try_from(messages.len() * DEVICES).expect("a bench sends less than 2^32 messages"));
    println!(
        "Catching up {count} {PAYLOAD_BYTES}-byte messages of {DEVICES} devices: Mosquitto, SQLite, {ROUNDS} rounds"
    );
    for _ in 0..ROUNDS {
        let null = count / by_null(&messages).await.as_secs_f64();
        let service = count / by_service(&messages).await.as_secs_f64();
        println!("  null {null:>8.0} /s   service {service:>8.0} /s   ratio to null {:.2}", service / null);
    }
}

async fn by_null(messages: &Arc<Vec<Bytes>>) -> Duration {
    let mosquitto = Mosquitto::start();
    let connect = || {
        let mut options = MqttOptions::new("null", "127.0.0.1", mosquitto.port);
        options.set_clean_start(false).set_session_expiry_interval(Some(SESSION_KEPT_S));
        options.set_receive_maximum(Some(u16::MAX));
        AsyncClient::new(options, 10)
    };
    let (client, mut events) = connect();
    client.subscribe(FILTER, QoS::AtLeastOnce).await.expect("the queue has room");
    until(&mut events, |packet| matches!(packet, Incoming::SubAck(_))).await;
    drop((client, events));
    publish(mosquitto.port, DEVICES, messages).await;
    let began = Moment::now();
    let (_client, mut events) = connect();
    for _ in 0..DEVICES * messages.len() {
        until(&mut events, |packet| matches!(packet, Incoming::Publish(_))).await;
    }
    began.elapsed()
}

async fn until(events: &mut EventLoop, wanted: impl Fn(&Incoming) -> bool) {
    loop {
        if let Event::Incoming(packet) = events.poll().await.expect("mosquitto answers")
            && wanted(&packet)
        {
            return;
        }
    }
}

async fn start(folder: &Path, port: u16) -> App {
    let (store, commune) = devices::open(folder, DEVICES).await;
    let mut config = Config::default();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (config.http.listen, config.mqtt.listen, config.metrics.listen) = (any, any, any);
    config.mqtt.url = format!("mqtt://127.0.0.1:{port}").parse().expect("an address");
    App::start(&config, store, commune, Arc::new(SystemClock)).await.expect("every part starts")
}

async fn by_service(messages: &Arc<Vec<Bytes>>) -> Duration {
    let mosquitto = Mosquitto::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let app = start(folder.path(), mosquitto.port).await;
    let ready = app.ready.subscribe().wait_for(|ready| ready.broker).await.is_ok();
    assert!(ready, "the service lives");
    app.stop().await;
    publish(mosquitto.port, DEVICES, messages).await;
    let began = Moment::now();
    let app = start(folder.path(), mosquitto.port).await;
    let expected = u64::try_from(DEVICES * messages.len()).expect("a count");
    let all = app.committed.clone().wait_for(|committed| committed.readings >= expected).await.is_ok();
    assert!(all, "the writer lives");
    let took = began.elapsed();
    app.stop().await;
    took
}
