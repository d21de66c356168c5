//! As many envelopes a second as asked for, from as many devices, and how long each took to be acknowledged.
//!
//! # Why
//! Envelopes leave by the clock, whatever comes back, and each is timed from the moment it should have left:
//! a stalled broker cannot hide its stall by being sent less (coordinated omission).

use crate::commune::Commune;
use crate::device_log::ClockGrade;
use crate::event::{Body, Event as LogEvent};
use crate::publish::PublishOptions;
use crate::wire;
use hdrhistogram::Histogram;
use rumqttc::{
    AsyncClient, ConnectionError, Event, MqttOptions, NetworkOptions, Outgoing, Packet, QoS, TlsConfiguration,
    Transport,
};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Latencies are kept to three figures, up to ten minutes.
const LONGEST_US: u64 = 600_000_000;
/// After the last envelope, acknowledgements are waited for this long.
const GRACE: Duration = Duration::from_secs(10);
const PACKET_BYTES: usize = 64 * 1_024;
/// Every packet identifier there is: the load is to be the broker's limit, not the client's.
const INFLIGHT: u16 = u16::MAX;

/// What to send.
#[derive(Clone)]
pub struct Load {
    /// Broker, credentials, root and clock; what concerns history is not used.
    pub options: PublishOptions,
    /// Whose devices and cards to use; each device is one connection.
    pub commune: Arc<Commune>,
    /// Devices, at most the commune's.
    pub devices: usize,
    /// Envelopes a second over all devices; each holds a card and its load.
    pub envelopes_per_s: u32,
    /// How long.
    pub lasts: Duration,
}

/// Why no load could be put on.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A connection failed.
    #[error("device `{device}`: {cause}")]
    Connection {
        /// Whose.
        device: String,
        /// What happened.
        cause: Box<ConnectionError>,
    },
    /// A task failed: a defect.
    #[error("a task of the load failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What came back. Latencies are microseconds from the moment an envelope should have left.
#[derive(Debug, Clone)]
pub struct LoadReport {
    /// Envelopes sent.
    pub sent: u64,
    /// To the broker's PUBACK.
    pub to_puback_us: Histogram<u64>,
    /// To the service's acknowledgement of its last event; empty, where none acknowledges.
    pub to_ack_us: Histogram<u64>,
    /// From the first envelope to the last PUBACK.
    pub took: Duration,
}

impl LoadReport {
    fn empty() -> Self {
        let histogram = || Histogram::new_with_max(LONGEST_US, 3).expect("three figures up to ten minutes are allowed");
        Self { sent: 0, to_puback_us: histogram(), to_ack_us: histogram(), took: Duration::ZERO }
    }

    /// One line a histogram: count, p50, p99, p99.9 and maximum in milliseconds.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |name: &str, of: &Histogram<u64>| {
            let ms = |us: u64| format!("{}.{:03}", us / 1_000, us % 1_000);
            let at = |quantile: f64| ms(of.value_at_quantile(quantile));
            format!(
                "{name}: {} envelopes, p50 {} ms, p99 {} ms, p99.9 {} ms, max {} ms",
                of.len(),
                at(0.5),
                at(0.99),
                at(0.999),
                ms(of.max())
            )
        };
        let took_ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = self.to_puback_us.len() * 1_000 / took_ms;
        let mut lines = vec![
            format!("simulated load: {} envelopes sent, {rate} a second acknowledged", self.sent),
            line("to PUBACK", &self.to_puback_us),
        ];
        if self.to_ack_us.is_empty() {
            lines.push("to ack: no service acknowledged".to_owned());
        } else {
            lines.push(line("to ack", &self.to_ack_us));
        }
        lines
    }
}

/// Puts the load on, until it has lasted or `stop` is true.
///
/// # Errors
/// A connection fails: a load with fewer devices than asked for would be another.
pub async fn put_on(load: Load, stop: watch::Receiver<bool>) -> Result<LoadReport, LoadError> {
    let devices = load.devices.clamp(1, load.commune.devices.len());
    let started = Instant::now();
    let load = Arc::new(load);
    let mut tasks = JoinSet::new();
    for device in 0..devices {
        let pusher = Pusher::new(Arc::clone(&load), device, devices, started);
        tasks.spawn(pusher.run(stop.clone()));
    }
    let mut report = LoadReport::empty();
    while let Some(ended) = tasks.join_next().await {
        let of = ended??;
        report.sent += of.sent;
        report.took = report.took.max(of.took);
        // Same bounds on both sides, so that adding cannot fail.
        report.to_puback_us += &of.to_puback_us;
        report.to_ack_us += &of.to_ack_us;
    }
    Ok(report)
}

/// One device.
struct Pusher {
    load: Arc<Load>,
    device: usize,
    /// Between two envelopes of this device.
    every: Duration,
    first: Instant,
    started: Instant,
    seq: u64,
    log: u32,
    unnamed: VecDeque<Instant>,
    named: HashMap<u16, Instant>,
    /// Last number of each envelope, and when it should have left.
    owed: VecDeque<(u64, Instant)>,
    report: LoadReport,
}

impl Pusher {
    fn new(load: Arc<Load>, device: usize, devices: usize, started: Instant) -> Self {
        let rate = load.envelopes_per_s.max(1);
        let every = Duration::from_secs(1) * u32::try_from(devices).unwrap_or(u32::MAX) / rate;
        // Devices are spread over one interval, so that they do not send in step.
        let share = u32::try_from(device).unwrap_or(0);
        let first = started + Duration::from_secs(1) + Duration::from_secs(1) * share / rate;
        // A log of its own for every run: numbers begin at one.
        let now_ms = (load.options.now_ms)();
        let salt = u32::try_from(now_ms.rem_euclid(i64::from(u32::MAX))).unwrap_or(0);
        let log = load.commune.devices[device].log ^ salt;
        Self {
            load,
            device,
            every,
            first,
            started,
            seq: 1,
            log,
            unnamed: VecDeque::new(),
            named: HashMap::new(),
            owed: VecDeque::new(),
            report: LoadReport::empty(),
        }
    }

    async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<LoadReport, LoadError> {
        let (client, mut eventloop) = AsyncClient::new(self.mqtt_options(), usize::from(INFLIGHT));
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        eventloop.set_network_options(network);
        let (events_to, mut events) = mpsc::channel(256);
        // In a task of its own: a poll may not be dropped half-way through a write.
        let poller = tokio::spawn(async move {
            loop {
                let polled = eventloop.poll().await;
                let failed = polled.is_err();
                if events_to.send(polled).await.is_err() || failed {
                    return;
                }
            }
        });
        let code = self.load.commune.devices[self.device].code.clone();
        let root = self.load.options.root.clone();
        // A queue this long has room at the start.
        let _ = client.try_subscribe(wire::ack_topic(&root, &code), QoS::AtLeastOnce);
        let _ = client.try_publish(
            wire::state_topic(&root, &code),
            QoS::AtMostOnce,
            true,
            wire::online(self.log, self.seq),
        );
        let ends = self.first + self.load.lasts;
        let mut next = self.first;
        let mut stopped = false;
        loop {
            let sending = next < ends && !stopped;
            if !sending && self.unnamed.is_empty() && self.named.is_empty() && self.owed_by_service() == 0 {
                break;
            }
            tokio::select! {
                event = events.recv() => match event {
                    None => break,
                    Some(Err(cause)) => {
                        return Err(LoadError::Connection { device: code, cause: Box::new(cause) });
                    }
                    Some(Ok(event)) => self.hear(&event),
                },
                () = tokio::time::sleep_until(next), if sending => {
                    let body = self.envelope();
                    let topic = wire::events_topic(&root, &code);
                    // A full queue is the broker falling behind; the envelope's time still runs.
                    if client.try_publish(topic, QoS::AtLeastOnce, false, body).is_ok() {
                        self.unnamed.push_back(next);
                        self.owed.push_back((self.seq - 1, next));
                        self.report.sent += 1;
                    }
                    next += self.every;
                }
                () = tokio::time::sleep_until(ends.max(self.first) + GRACE), if !sending => break,
                stopping = stop.wait_for(|stop| *stop), if !stopped => stopped = stopping.is_ok(),
            }
        }
        poller.abort();
        // Aborted or ended: either way it holds nothing any more.
        let _ = poller.await;
        Ok(self.report)
    }

    /// Envelopes a service that has acknowledged before still owes; 0 where none ever has.
    fn owed_by_service(&self) -> usize {
        if self.report.to_ack_us.is_empty() { 0 } else { self.owed.len() }
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Outgoing(Outgoing::Publish(pkid)) if *pkid != 0 => {
                if let Some(due) = self.unnamed.pop_front() {
                    self.named.insert(*pkid, due);
                }
            }
            Event::Incoming(Packet::PubAck(ack)) => {
                if let Some(due) = self.named.remove(&ack.pkid) {
                    self.report.to_puback_us.saturating_record(micros_since(due));
                    self.report.took = self.started.elapsed().saturating_sub(Duration::from_secs(1));
                }
            }
            Event::Incoming(Packet::Publish(message)) => {
                let Some(ack) = wire::read_ack(&message.payload).filter(|ack| ack.log == self.log) else { return };
                while let Some((_, due)) = self.owed.front().copied().filter(|(seq, _)| *seq <= ack.upto) {
                    self.report.to_ack_us.saturating_record(micros_since(due));
                    self.owed.pop_front();
                }
            }
            // Pings and other packets of the library's own keeping.
            Event::Outgoing(_) | Event::Incoming(_) => {}
        }
    }

    /// A card of the device's point and a load of two kilograms and a bit.
    fn envelope(&mut self) -> Vec<u8> {
        let commune = &self.load.commune;
        let device = &commune.devices[self.device];
        let households = &commune.points[device.point].households;
        let now_ms = (self.load.options.now_ms)();
        let nth = usize::try_from(self.seq).unwrap_or(0) % households.len().max(1);
        let card = households.get(nth).and_then(|&household| commune.households[household].cards.first());
        let event = |seq: u64, body: Body| LogEvent {
            log: self.log,
            seq,
            boot: 1,
            ms: 3_600_000,
            at_ms: now_ms,
            clock_at_ms: Some(now_ms),
            clock: ClockGrade::Synced,
            send_at_ms: now_ms,
            repeated: false,
            reordered: false,
            lost: false,
            body,
        };
        let capacity = device.capacity.unwrap_or(crate::commune::PLATFORM);
        let gross_g = 2_000 + i64::try_from(self.seq % 97).unwrap_or(0) * capacity.division_g;
        let stream = device.stream.unwrap_or(crate::calendar::Stream::Other);
        let load = Some(self.seq);
        let mut events = Vec::with_capacity(2);
        events.extend(card.map(|card| event(self.seq, Body::Tag { uid: card.uid })));
        let weight = Body::Weight { gross_g, stable: true, load, stream, capacity };
        events.push(event(self.seq + crate::commune::key(events.len()), weight));
        self.seq += crate::commune::key(events.len());
        wire::envelope(self.log, 3_600_000, &events)
    }

    fn mqtt_options(&self) -> MqttOptions {
        let options = &self.load.options;
        let code = &self.load.commune.devices[self.device].code;
        let mut mqtt = MqttOptions::new(code, options.host.clone(), options.port);
        mqtt.set_clean_session(true);
        mqtt.set_max_packet_size(PACKET_BYTES, PACKET_BYTES);
        mqtt.set_inflight(INFLIGHT);
        if let Some(tls) = &options.tls {
            mqtt.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(tls))));
        }
        if let Some(given) = options.credentials.as_ref().and_then(|credentials| credentials(code)) {
            mqtt.set_credentials(given.user, given.password);
        }
        mqtt
    }
}

fn micros_since(due: Instant) -> u64 {
    u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_gives_its_quantiles_in_milliseconds() {
        let mut report = LoadReport::empty();
        for us in 1..=1_000 {
            report.to_puback_us.saturating_record(us * 1_000);
        }
        report.sent = 1_000;
        report.took = Duration::from_secs(10);
        let lines = report.lines();
        assert_eq!(lines[0], "simulated load: 1000 envelopes sent, 100 a second acknowledged");
        assert!(lines[1].starts_with("to PUBACK: 1000 envelopes, p50 500."), "{}", lines[1]);
        assert_eq!(lines[2], "to ack: no service acknowledged");
    }
}
