//! What the two ways in carry when nothing is done with the messages: 10 publishers, 200-byte payloads, QoS 1, 100 in flight.
//!
//! `cargo bench --bench mqtt_null` measures the embedded broker; with `-- mqtt://127.0.0.1:1883` also the session with that broker
//! (Mosquitto wants `max_queued_messages 0`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use phanloai::broker::{Broker, BrokerOptions, Hooks};
use phanloai::ingest::session::{Session, SessionOptions, SessionStatus};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use tokio::task::JoinSet;

const PUBLISHERS: u32 = 10;
const EACH: u32 = 20_000;
const PAYLOAD_BYTES: usize = 200;
const IN_FLIGHT: u16 = 100;

#[tokio::main]
async fn main() {
    embedded().await;
    let url = std::env::args().find(|argument| argument.starts_with("mqtt"));
    if let Some(url) = url {
        session(&url).await;
    }
}

async fn embedded() {
    let taken = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&taken);
    let hooks = Hooks {
        on_publish: Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(std::future::ready(()))
        }),
        authenticate: Arc::new(|_| Box::pin(std::future::ready(true))),
        may_publish: Arc::new(|_, _| true),
        may_subscribe: Arc::new(|_, _| true),
        on_refused: Arc::new(|_| {}),
    };
    let mut options = BrokerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    options.allow_anonymous = true;
    let broker = Broker::start(options, hooks).await.expect("a free port");
    let started = Instant::now();
    publish_all("127.0.0.1", broker.local_addr().port()).await;
    report("embedded broker, PUBACK to PUBACK", taken.load(Ordering::Relaxed), started.elapsed());
    broker.stop().await;
}

async fn session(url: &str) {
    let address = url.parse().expect("mqtt://host:port");
    let (host, port) = url.trim_start_matches("mqtt://").rsplit_once(':').expect("mqtt://host:port");
    let options = SessionOptions::new(address, "mqtt-null", vec!["bench/+/events".to_owned()]);
    let (session, mut received) = Session::open(options).expect("valid options");
    let mut status = session.status();
    let connected = status.wait_for(|status| matches!(status, SessionStatus::Connected { .. })).await.is_ok();
    assert!(connected, "the session lives");
    let started = Instant::now();
    let publishing = tokio::spawn({
        let (host, port) = (host.to_owned(), port.parse().expect("a port"));
        async move { publish_all(&host, port).await }
    });
    for _ in 0..PUBLISHERS * EACH {
        session.ack(received.recv().await.expect("the session lives").token);
    }
    report("session, publish to ack", PUBLISHERS * EACH, started.elapsed());
    publishing.await.expect("no publisher fails");
    session.close().await;
}

/// Publishes everything and returns when everything is acknowledged.
async fn publish_all(host: &str, port: u16) {
    let mut publishers = JoinSet::new();
    for number in 0..PUBLISHERS {
        let mut options = MqttOptions::new(format!("publisher-{number}"), host, port);
        options.set_outgoing_inflight_upper_limit(IN_FLIGHT);
        let (client, mut events) = AsyncClient::new(options, usize::from(IN_FLIGHT));
        publishers.spawn(async move {
            let topic = format!("bench/publisher-{number}/events");
            for _ in 0..EACH {
                let sent = client.publish(&topic, QoS::AtLeastOnce, false, vec![0; PAYLOAD_BYTES]).await;
                assert!(sent.is_ok(), "the connection lives");
            }
            // Keeps the client, without which the other half ends before the last PUBACK.
            std::future::pending::<()>().await;
        });
        publishers.spawn(async move {
            let mut acknowledged = 0;
            while acknowledged < EACH {
                if let Event::Incoming(Incoming::PubAck(_)) = events.poll().await.expect("the broker answers") {
                    acknowledged += 1;
                }
            }
        });
    }
    for _ in 0..PUBLISHERS {
        publishers.join_next().await.expect("as many halves end as there are publishers").expect("no publisher fails");
    }
    publishers.abort_all();
}

fn report(what: &str, messages: u32, took: Duration) {
    let rate = f64::from(messages) / took.as_secs_f64();
    println!("{what}: {messages} messages in {:.2} s, {rate:.0} a second", took.as_secs_f64());
}
