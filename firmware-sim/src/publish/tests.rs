//! Runs against a broker of a few lines that speaks just enough MQTT 3.1.1, and can misbehave on order.

use super::*;
use crate::commune::{Commune, CommuneSpec};
use crate::event::Event;
use crate::fault::Faults;
use crate::walk::Walk;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// 2026-11-23 17:40 local, a busy hour.
const NOW_MS: i64 = 1_795_430_400_000;

/// Topic, retained, body.
type Message = (String, bool, Vec<u8>);

#[derive(Clone, Default)]
struct Stub {
    /// In order of arrival.
    received: Arc<Mutex<Vec<Message>>>,
    /// Connections still to be broken, each after its third publish, which is received but not acknowledged.
    breaks: Arc<Mutex<u32>>,
    /// Acknowledge like the service, by what has been received.
    acks: bool,
    /// Envelopes still to be taken with a PUBACK and then forgotten, as a broker does that crashes.
    forgets: Arc<Mutex<u32>>,
    /// The CONNACK's code.
    code: u8,
}

impl Stub {
    async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stub = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stub = stub.clone();
                tokio::spawn(async move { stub.talk(stream).await });
            }
        });
        port
    }

    async fn talk(&self, mut stream: TcpStream) -> Option<()> {
        let mut publishes = 0;
        loop {
            let (kind, body) = packet(&mut stream).await?;
            match kind >> 4 {
                1 => stream.write_all(&[0x20, 2, 0, self.code]).await.ok()?,
                3 => {
                    let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
                    let topic = String::from_utf8(body[2..2 + length].to_vec()).unwrap();
                    let rest = &body[2 + length..];
                    let forgotten = topic.ends_with("/events") && self.forgets_now();
                    if !forgotten {
                        self.received.lock().unwrap().push((topic.clone(), kind & 1 == 1, rest[2..].to_vec()));
                    }
                    publishes += 1;
                    if publishes == 3 && self.breaks_now() {
                        return None;
                    }
                    stream.write_all(&[0x40, 2, rest[0], rest[1]]).await.ok()?;
                    if self.acks {
                        stream.write_all(&self.ack(&topic, &rest[2..])).await.ok()?;
                    }
                }
                8 => stream.write_all(&[0x90, 3, body[0], body[1], 1]).await.ok()?,
                12 => stream.write_all(&[0xd0, 0]).await.ok()?,
                _ => return None,
            }
        }
    }

    fn forgets_now(&self) -> bool {
        let mut forgets = self.forgets.lock().unwrap();
        *forgets = forgets.saturating_sub(1);
        *forgets > 0
    }

    /// The packet that acknowledges the log that `body` speaks of.
    fn ack(&self, topic: &str, body: &[u8]) -> Vec<u8> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(log) = body["log"].as_str() else { return Vec::new() };
        let known: Vec<u64> = self.seqs().remove(log).unwrap_or_default();
        let mut missing = Vec::new();
        let mut next = 1;
        for seq in known {
            if seq > next {
                missing.push([next, seq - 1]);
            }
            next = seq + 1;
        }
        let upto = missing.get(64).map_or(next - 1, |gap| gap[0] - 1);
        missing.truncate(64);
        let now = NOW_MS;
        let ack =
            serde_json::json!({"log": log, "epoch": "e", "upto": upto, "missing": missing, "refused": [], "now": now});
        let topic = topic.replace("/events", "/ack").replace("/state", "/ack");
        let mut content = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
        content.extend(topic.bytes());
        content.extend(ack.to_string().bytes());
        let mut packet = vec![0x30];
        let mut length = content.len();
        while length >= 0x80 {
            packet.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        packet.push(u8::try_from(length).unwrap());
        packet.extend(content);
        packet
    }

    fn breaks_now(&self) -> bool {
        let mut breaks = self.breaks.lock().unwrap();
        *breaks = breaks.saturating_sub(1);
        *breaks > 0
    }

    /// Envelopes by log, in order of arrival.
    fn envelopes(&self) -> BTreeMap<String, Vec<Value>> {
        let mut by_log: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (topic, _, body) in self.received.lock().unwrap().iter() {
            let known = topic.ends_with("/events") && !topic.ends_with(".unknown/events");
            if let (true, Ok(envelope)) = (known, serde_json::from_slice::<Value>(body)) {
                by_log.entry(envelope["log"].as_str().unwrap().to_owned()).or_default().push(envelope);
            }
        }
        by_log
    }

    /// Distinct sequence numbers by log; fails on one identity with two contents.
    fn seqs(&self) -> BTreeMap<String, Vec<u64>> {
        let distinct = |envelopes: Vec<Value>| {
            let mut seen: BTreeMap<u64, Value> = BTreeMap::new();
            for event in envelopes.iter().flat_map(|e| e["events"].as_array().unwrap()) {
                let seq = event["seq"].as_u64().unwrap();
                let first = seen.entry(seq).or_insert_with(|| event.clone());
                assert_eq!(first, event);
            }
            seen.into_keys().collect()
        };
        let by_log = self.envelopes().into_iter().map(|(log, envelopes)| (log, distinct(envelopes)));
        // An oversized message names a log and holds nothing of it.
        by_log.filter(|(_, seqs): &(String, Vec<u64>)| !seqs.is_empty()).collect()
    }
}

async fn packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await.ok()?;
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let byte = stream.read_u8().await.ok()?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((kind, body))
}

fn plan(households: u32, days: u32) -> Arc<Plan> {
    let spec = CommuneSpec::sized(households, Date::constant(2026, 11, 23), days, 3);
    Arc::new(Plan { commune: Commune::generate(&spec), faults: Faults::moderate() })
}

fn history(port: u16, now_ms: i64) -> PublishOptions {
    let mut options = PublishOptions::new("127.0.0.1", port);
    options.live = false;
    options.now_ms = Arc::new(move || now_ms);
    options
}

/// What must have arrived by `now_ms`.
fn expected(plan: &Arc<Plan>, now_ms: i64) -> BTreeMap<String, Vec<u64>> {
    let mut walk = Walk::new(Arc::clone(plan));
    let mut by_log: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    while Walk::earliest_ms(walk.day()) <= now_ms {
        for events in walk.next_day().events {
            let sent = |event: &&Event| !event.lost && event.send_at_ms <= now_ms;
            for event in events.iter().filter(sent) {
                by_log.entry(crate::wire::log_name(event.log)).or_default().push(event.seq);
            }
        }
    }
    by_log
}

fn running() -> watch::Receiver<bool> {
    watch::channel(false).1
}

#[tokio::test]
async fn the_history_arrives_whole_and_in_the_order_of_each_log() {
    let (stub, plan) = (Stub::default(), plan(900, 4));
    let port = stub.listen().await;
    let summary = run(Arc::clone(&plan), history(port, NOW_MS), |_| {}, running()).await.unwrap();
    assert_eq!(summary.acked_events, summary.published_events);
    assert!(!summary.stopped);
    let expected = expected(&plan, NOW_MS);
    assert_eq!(stub.seqs(), expected);
    assert_eq!(summary.acked_events, expected.values().map(|seqs| crate::commune::key(seqs.len())).sum::<u64>());
    for envelopes in stub.envelopes().values() {
        let mut last = 0;
        for envelope in envelopes {
            let events = envelope["events"].as_array().unwrap();
            assert!(events.len() <= crate::wire::MAX_EVENTS);
            assert_eq!(envelope["simulated"], Value::Bool(true));
            let first = events[0]["seq"].as_u64().unwrap();
            assert!(first > last);
            last = events.iter().map(|e| e["seq"].as_u64().unwrap()).max().unwrap();
            for event in events {
                assert_eq!(event["boot"], envelope["boot"]);
                let age_ms = envelope["sent_ms"].as_i64().unwrap() - event["ms"].as_i64().unwrap();
                assert_eq!(age_ms, NOW_MS - event["at"].as_i64().unwrap());
            }
        }
    }
    let received = stub.received.lock().unwrap();
    let states: Vec<_> = received.iter().filter(|(topic, ..)| topic.ends_with("/state")).collect();
    assert!(states.iter().all(|(_, retained, _)| *retained));
    let goodbyes = states.iter().filter(|(_, _, body)| *body == crate::wire::offline()).count();
    assert_eq!(goodbyes, plan.commune.devices.len());
}

#[tokio::test]
async fn a_broken_connection_loses_nothing() {
    let (stub, plan) = (Stub::default(), plan(900, 4));
    *stub.breaks.lock().unwrap() = 12;
    let port = stub.listen().await;
    let summary = run(Arc::clone(&plan), history(port, NOW_MS), |_| {}, running()).await.unwrap();
    assert_eq!(stub.seqs(), expected(&plan, NOW_MS));
    assert_eq!(summary.acked_events, summary.published_events);
    assert!(*stub.breaks.lock().unwrap() < 11, "some connection must have been broken");
}

#[tokio::test]
async fn what_a_broker_took_and_forgot_is_sent_again_to_a_service_that_acknowledges() {
    let (stub, plan) = (Stub { acks: true, ..Stub::default() }, plan(900, 4));
    *stub.forgets.lock().unwrap() = 9;
    *stub.breaks.lock().unwrap() = 5;
    let port = stub.listen().await;
    let summary = run(Arc::clone(&plan), history(port, NOW_MS), |_| {}, running()).await.unwrap();
    assert_eq!(stub.seqs(), expected(&plan, NOW_MS));
    assert_eq!(summary.acked_events, summary.published_events);
}

#[tokio::test]
async fn every_fault_at_once_still_brings_every_event_that_is_not_lost() {
    let spec = CommuneSpec::sized(900, Date::constant(2026, 11, 23), 12, 4);
    let plan = Arc::new(Plan { commune: Commune::generate(&spec), faults: Faults::all_at_once() });
    let stub = Stub { acks: true, ..Stub::default() };
    let port = stub.listen().await;
    run(Arc::clone(&plan), history(port, NOW_MS), |_| {}, running()).await.unwrap();
    assert_eq!(stub.seqs(), expected(&plan, NOW_MS));
}

#[tokio::test]
async fn few_connections_carry_all_devices() {
    for acks in [false, true] {
        let (stub, plan) = (Stub { acks, ..Stub::default() }, plan(1_200, 3));
        let mut options = history(stub.listen().await, NOW_MS);
        options.connections = Some(2);
        run(Arc::clone(&plan), options, |_| {}, running()).await.unwrap();
        assert_eq!(stub.seqs(), expected(&plan, NOW_MS));
    }
}

#[tokio::test]
async fn a_resumed_run_sends_the_rest_under_the_same_numbers() {
    let (stub, plan) = (Stub::default(), plan(900, 4));
    let port = stub.listen().await;
    let earlier_ms = NOW_MS - 30 * 3_600_000;
    let first = run(Arc::clone(&plan), history(port, earlier_ms), |_| {}, running()).await.unwrap();
    let mut options = history(port, NOW_MS);
    options.resume_from_ms = Some(first.resume_from_ms);
    let second = run(Arc::clone(&plan), options, |_| {}, running()).await.unwrap();
    assert_eq!(stub.seqs(), expected(&plan, NOW_MS));
    assert!(second.published_events < first.published_events);
}

#[tokio::test]
async fn a_refused_client_ends_the_run() {
    let stub = Stub { code: 5, ..Stub::default() };
    let port = stub.listen().await;
    let refused = run(plan(300, 2), history(port, NOW_MS), |_| {}, running()).await;
    assert!(matches!(refused, Err(PublishError::Refused { .. })));
}

#[tokio::test]
async fn a_run_without_a_broker_can_be_stopped() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let (stopper, stop) = watch::channel(false);
    let options = history(free, NOW_MS);
    let run = tokio::spawn(run(plan(300, 2), options, |_| {}, stop));
    stopper.send(true).unwrap();
    let summary = run.await.unwrap().unwrap();
    assert!(summary.stopped);
    assert_eq!(summary.acked_events, 0);
}

#[tokio::test]
async fn live_events_follow_the_history_at_their_time() {
    let (stub, plan) = (Stub::default(), plan(10_457, 1));
    let mut options = history(stub.listen().await, NOW_MS);
    let started = Instant::now();
    let clock: ClockMs = Arc::new(move || NOW_MS + i64::try_from(started.elapsed().as_millis()).unwrap());
    options.now_ms = Arc::clone(&clock);
    options.live = true;
    let (stopper, stop) = watch::channel(false);
    let (seen, mut live_events) = watch::channel(0);
    let past = Mutex::new(None);
    let report = move |progress: Progress| {
        if progress.phase == Phase::Live {
            let past = *past.lock().unwrap().get_or_insert(progress.acked_events);
            seen.send_replace(progress.acked_events - past);
        }
    };
    let run = tokio::spawn(run(Arc::clone(&plan), options, report, stop));
    let waited = tokio::time::timeout(Duration::from_secs(60), live_events.wait_for(|&count| count >= 4));
    waited.await.unwrap().unwrap();
    stopper.send(true).unwrap();
    let summary = run.await.unwrap().unwrap();
    let now_ms = clock();
    assert!(summary.stopped);
    let due = expected(&plan, now_ms);
    for (log, seqs) in stub.seqs() {
        let due = &due[&log];
        assert_eq!(seqs, due[..seqs.len()]);
    }
}
