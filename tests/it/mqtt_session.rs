//! The session with an outside broker, against a real Mosquitto.
#![cfg(feature = "real-parts")]

use std::collections::BTreeSet;
use std::time::Duration;

use phanloai::ingest::session::{Delivery, Received, Session, SessionOptions, SessionStatus};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::support::mosquitto::Mosquitto;

const PATIENCE: Duration = Duration::from_secs(60);
/// What the queue of a session holds.
const WINDOW: usize = 65_535;

fn options(url: &str, client_id: &str, topic: &str) -> SessionOptions {
    let mut options = SessionOptions::new(url.parse().unwrap(), client_id, vec![topic.to_owned()]);
    options.retry_first = Duration::from_millis(20);
    options.retry_at_most = Duration::from_millis(100);
    options
}

async fn open(url: &str, client_id: &str, topic: &str) -> (Session, Receiver<Delivery>) {
    let (session, received) = Session::open(options(url, client_id, topic)).unwrap();
    connected(&session).await;
    (session, received.all)
}

async fn reached(session: &Session, wanted: impl FnMut(&SessionStatus) -> bool) -> SessionStatus {
    timeout(PATIENCE, session.status().wait_for(wanted)).await.expect("the status is reached").unwrap().clone()
}

async fn connected(session: &Session) -> bool {
    match reached(session, |status| matches!(status, SessionStatus::Connected { .. })).await {
        SessionStatus::Connected { session_present } => session_present,
        SessionStatus::Connecting | SessionStatus::Disconnected { .. } | SessionStatus::Closed => unreachable!(),
    }
}

async fn disconnected(session: &Session) -> String {
    match reached(session, |status| matches!(status, SessionStatus::Disconnected { .. })).await {
        SessionStatus::Disconnected { reason } => reason,
        SessionStatus::Connecting | SessionStatus::Connected { .. } | SessionStatus::Closed => unreachable!(),
    }
}

async fn next(received: &mut Receiver<Delivery>) -> Delivery {
    timeout(PATIENCE, received.recv()).await.expect("a delivery comes").expect("the session lives")
}

fn number(delivery: &Delivery) -> u32 {
    std::str::from_utf8(&delivery.payload).unwrap().parse().unwrap()
}

/// Publishes the numbers and returns when the broker has acknowledged them.
async fn publish(url: &str, topic: &'static str, numbers: std::ops::Range<u32>) {
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let (client, mut events) = AsyncClient::new(MqttOptions::new("publisher", "127.0.0.1", port), 100);
    let mut unacknowledged = numbers.len();
    let sending = tokio::spawn(async move {
        for number in numbers {
            client.publish(topic, QoS::AtLeastOnce, false, number.to_string()).await.unwrap();
        }
        // Kept, or the other half would end.
        client
    });
    while unacknowledged > 0 {
        let event = timeout(PATIENCE, events.poll()).await.expect("the broker answers").unwrap();
        unacknowledged -= usize::from(matches!(event, Event::Incoming(Incoming::PubAck(_))));
    }
    sending.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unacked_messages_come_again_and_acked_ones_do_not() {
    let broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/+/events").await;
    publish(&broker.url(), "a/scale-1/events", 0..100).await;
    for _ in 0..100 {
        let delivery = next(&mut received).await;
        assert_eq!((delivery.topic.as_str(), delivery.retain, delivery.dup), ("a/scale-1/events", false, false));
        if number(&delivery).is_multiple_of(2) {
            session.ack(delivery.token);
        }
    }
    session.close().await;

    let (session, Received { all: mut received, .. }) =
        Session::open(options(&broker.url(), "reader", "a/+/events")).unwrap();
    assert!(connected(&session).await, "the broker kept the session");
    let mut again = BTreeSet::new();
    for _ in 0..50 {
        let delivery = next(&mut received).await;
        assert!(delivery.dup);
        again.insert(number(&delivery));
        session.ack(delivery.token);
    }
    assert_eq!(again, (0..100).filter(|number| number % 2 == 1).collect());
    session.close().await;

    let (_session, mut received) = open(&broker.url(), "reader", "a/+/events").await;
    publish(&broker.url(), "a/scale-1/events", 100..101).await;
    assert_eq!(number(&next(&mut received).await), 100, "nothing is left of the first hundred");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_messages_flow_before_the_first_ack() {
    let broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 0..20_000).await;
    let mut tokens = Vec::new();
    for wanted in 0..20_000 {
        let delivery = next(&mut received).await;
        assert_eq!(number(&delivery), wanted);
        tokens.push(delivery.token);
    }
    for token in tokens {
        session.ack(token);
    }
    session.close().await;

    let (_session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 20_000..20_001).await;
    assert_eq!(number(&next(&mut received).await), 20_000, "closing sent every acknowledgement");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_sent_while_we_are_away_wait_for_us() {
    let broker = Mosquitto::start();
    let (session, received) = open(&broker.url(), "reader", "a/events").await;
    session.close().await;
    drop(received);
    publish(&broker.url(), "a/events", 0..5_000).await;
    let (_session, mut received) = open(&broker.url(), "reader", "a/events").await;
    for wanted in 0..5_000 {
        assert_eq!(number(&next(&mut received).await), wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_broker_is_found_again_with_the_session() {
    let mut broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 0..10).await;
    for _ in 0..10 {
        next(&mut received).await;
    }
    broker.stop();
    disconnected(&session).await;
    broker.restart();
    assert!(connected(&session).await);
    for wanted in 0..10 {
        let delivery = next(&mut received).await;
        assert_eq!((number(&delivery), delivery.dup), (wanted, true));
    }
    publish(&broker.url(), "a/events", 10..11).await;
    assert_eq!(number(&next(&mut received).await), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_forgot_us_gets_the_subscriptions_again_and_no_old_ack() {
    let mut broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 0..1).await;
    let old = next(&mut received).await;
    broker.kill_and_forget();
    disconnected(&session).await;
    broker.restart();
    assert!(!connected(&session).await, "the session is gone");

    publish(&broker.url(), "a/events", 1..2).await;
    assert_eq!(number(&next(&mut received).await), 1, "subscribed again");
    // The new broker gave message 1 the packet identifier that message 0 had.
    session.ack(old.token);
    session.close().await;
    let (_session, mut received) = open(&broker.url(), "reader", "a/events").await;
    assert_eq!(number(&next(&mut received).await), 1, "an old ack acknowledged nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_drops_nothing() {
    let mut broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 0..40_000).await;
    let all_wait = async {
        while received.len() < 40_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, all_wait).await.expect("all wait in the queue");
    // The second connection brings all of them again, more than the queue has room for.
    broker.stop();
    disconnected(&session).await;
    broker.restart();
    connected(&session).await;
    let queue_is_full = async {
        while received.len() < WINDOW {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, queue_is_full).await.expect("the queue is full");
    let mut seen = BTreeSet::new();
    let mut deliveries = 0;
    // What the queue took of the second connection is acknowledged on it; a third one brings the rest.
    while deliveries < 2 * 40_000 {
        let delivery = next(&mut received).await;
        deliveries += 1;
        seen.insert(number(&delivery));
        session.ack(delivery.token);
    }
    assert_eq!(seen.len(), 40_000);
    session.close().await;
    let (_session, mut received) = open(&broker.url(), "reader", "a/events").await;
    publish(&broker.url(), "a/events", 40_000..40_001).await;
    assert_eq!(number(&next(&mut received).await), 40_000, "all were acknowledged in the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_several_windows_gets_through_to_a_caller_that_is_slower_than_the_broker() {
    const BACKLOG: u32 = 200_000;
    let broker = Mosquitto::start();
    let (session, _received) = open(&broker.url(), "reader", "a/events").await;
    session.close().await;
    publish(&broker.url(), "a/events", 0..BACKLOG).await;
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    let backlog = usize::try_from(BACKLOG).unwrap();
    let mut seen = BTreeSet::new();
    let mut deliveries = 0;
    while seen.len() < backlog {
        // Nothing is taken, and so nothing acknowledged, before the queue is as full as it can get.
        let expected = WINDOW.min(backlog - seen.len());
        let waiting = async {
            while received.len() < expected {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the queue fills up");
        for _ in 0..expected {
            let delivery = next(&mut received).await;
            deliveries += 1;
            seen.insert(number(&delivery));
            session.ack(delivery.token);
        }
    }
    assert!(deliveries < backlog + WINDOW, "{deliveries} deliveries of {backlog} messages");
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_now_passes_a_backlog_and_comes_again_in_its_turn() {
    const BACKLOG: u32 = 10_000;
    let broker = Mosquitto::start();
    let mut options = options(&broker.url(), "reader", "a/events");
    options.live_topics = options.topics.clone();
    let (session, mut received) = Session::open(options).unwrap();
    connected(&session).await;
    assert!(!*session.behind().borrow(), "nothing waits");
    publish(&broker.url(), "a/events", 0..BACKLOG).await;
    let mut behind = session.behind();
    timeout(PATIENCE, behind.wait_for(|behind| *behind)).await.expect("nothing is taken, so it falls behind").unwrap();
    // The second connection stands at some moment: what is published from then on comes by it.
    let mut sent = BACKLOG;
    let mut passed = None;
    while passed.is_none() {
        assert!(sent < BACKLOG + 500, "what comes now never came");
        publish(&broker.url(), "a/events", sent..sent + 1).await;
        sent += 1;
        while let Ok(Some(delivery)) = timeout(Duration::from_millis(200), received.live.recv()).await {
            passed = passed.or_else(|| Some(number(&delivery)).filter(|number| *number >= BACKLOG));
            session.ack(delivery.token);
        }
    }
    for wanted in 0..sent {
        let delivery = next(&mut received.all).await;
        assert_eq!(number(&delivery), wanted, "in the broker's order, with nothing left out");
        session.ack(delivery.token);
    }
    timeout(PATIENCE, behind.wait_for(|behind| !*behind)).await.expect("it has caught up").unwrap();
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_is_waited_for() {
    let mut broker = Mosquitto::stopped();
    let (session, _received) = Session::open(options(&broker.url(), "reader", "a/events")).unwrap();
    let reason = disconnected(&session).await;
    assert!(reason.contains("refused"), "{reason}");
    broker.restart();
    connected(&session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_so_and_shows_no_password() {
    let broker = Mosquitto::start_with("allow_anonymous false\n");
    let url = format!("mqtt://reader:hunter2@127.0.0.1:{}", broker.port());
    let options = options(&url, "reader", "a/events");
    let shown = format!("{options:?}");
    let (session, _received) = Session::open(options).unwrap();
    let reason = disconnected(&session).await;
    assert!(reason.contains("refused the login"), "{reason}");
    let all = format!("{shown} {reason} {session:?} {:?}", session.status());
    assert!(!all.contains("hunter2"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_group_splits_the_messages() {
    let broker = Mosquitto::start();
    let member = |client_id: &str| {
        let mut options = options(&broker.url(), client_id, "a/events");
        options.shared_group = Some("writers".to_owned());
        Session::open(options).unwrap()
    };
    let (first, mut first_received) = member("reader-1");
    let (second, mut second_received) = member("reader-2");
    connected(&first).await;
    connected(&second).await;
    publish(&broker.url(), "a/events", 0..1_000).await;
    let mut seen = [BTreeSet::new(), BTreeSet::new()];
    while seen[0].len() + seen[1].len() < 1_000 {
        let (member, delivery) = tokio::select! {
            delivery = next(&mut first_received.all) => (0, delivery),
            delivery = next(&mut second_received.all) => (1, delivery),
        };
        seen[member].insert(number(&delivery));
        [&first, &second][member].ack(delivery.token);
    }
    assert!(!seen[0].is_empty() && !seen[1].is_empty(), "both got some");
    assert!(seen[0].is_disjoint(&seen[1]), "none got another's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_message_says_that_it_is_one() {
    let broker = Mosquitto::start();
    let (publisher, _nothing) = open(&broker.url(), "publisher", "nothing/to/receive").await;
    publisher.publish("a/state", "1", true).await.unwrap();
    publisher.close().await;
    let (_session, mut received) = open(&broker.url(), "reader", "a/state").await;
    assert!(next(&mut received).await.retain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_mebibyte_less_its_header_passes() {
    let broker = Mosquitto::start();
    let (session, mut received) = open(&broker.url(), "reader", "a/events").await;
    session.publish("a/events", vec![7_u8; 1024 * 1024 - 100], false).await.unwrap();
    assert_eq!(next(&mut received).await.payload.len(), 1024 * 1024 - 100);
}
