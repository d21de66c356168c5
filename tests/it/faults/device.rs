//! Devices with an event log, as the native contract wants them: what is not confirmed is sent again.
//!
//! Owns what is sent, and what was acknowledged of it. Its own writer of the protocol, with a connection that it gives up and
//! opens anew by itself, so that no library decides what is sent again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use phanloai::app::SystemClock;
use phanloai::domain::time::Clock as _;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};
use rumqttc::{AsyncClient, Event as Packet, Incoming, LastWill, MqttOptions, NetworkOptions, Outgoing, QoS};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::{patience, until};

/// The name of every device's log.
pub const LOG: &str = "9f1c22ab";
/// Messages of one device under way at once, unless its plan says otherwise.
const WINDOW: usize = 10;
/// Pause before a device connects again.
const AGAIN: Duration = Duration::from_millis(30);
/// Time between two events of a device, by its own clock.
const EVENT_MS: i64 = 100;
/// How long a device with nothing to send waits for the rest to be confirmed.
const UNCONFIRMED: Duration = Duration::from_secs(2);

/// Gives a device's name.
pub fn name(device: usize) -> String {
    format!("scale-{device:03}")
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    /// Its number.
    pub seq: i64,
    /// What the scale showed, grams.
    pub gross_g: i64,
}

/// One message, ready to be sent.
#[derive(Clone, Debug)]
struct Planned {
    events: Vec<Weight>,
    payload: Bytes,
}

/// What tells a device that an event is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// PUBACK: the embedded broker, or an outside one that does not crash.
    Puback,
    /// The service's own `ack`. Until one has ever come, what was sent is sent once more after the last fault.
    Ack,
}

/// What a fleet sends and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Devices.
    pub devices: usize,
    /// Number of the first one.
    pub first_device: usize,
    /// Messages of each.
    pub messages: usize,
    /// Events of a message at most.
    pub most_events: usize,
    /// Messages a second of all devices.
    pub per_second: u32,
    /// Messages of one device under way at once.
    pub window: usize,
    /// What counts as kept.
    pub proof: Proof,
    /// Time without traffic after which a device gives its connection up, seconds.
    pub keep_alive_s: u64,
    /// Where the events' weights and the messages' sizes come from.
    pub seed: u64,
}

impl Plan {
    /// Gives a plan for an embedded or well-behaved broker.
    pub fn new(devices: usize, messages: usize, per_second: u32, seed: u64) -> Self {
        Self {
            devices,
            first_device: 0,
            messages,
            most_events: 4,
            per_second,
            window: WINDOW,
            proof: Proof::Puback,
            keep_alive_s: 10,
            seed,
        }
    }

    /// Gives the messages of all devices together.
    pub fn total(&self) -> usize {
        self.devices * self.messages
    }
}

/// Devices that send.
pub struct Fleet {
    plan: Plan,
    logs: Vec<Arc<Vec<Planned>>>,
    acknowledged: watch::Receiver<usize>,
    faults_over: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Fleet {
    /// Lets devices begin to send to a broker of this machine.
    pub fn start(plan: Plan, port: u16) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(plan.seed);
        let begin_ms = SystemClock.now().ms() - 3 * 3_600_000;
        let logs: Vec<_> = (0..plan.devices).map(|_| Arc::new(log(&plan, begin_ms, &mut random))).collect();
        let (told, acknowledged) = watch::channel(0);
        let (faults_over, settled) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for (number, log) in logs.iter().enumerate() {
            let device = Device {
                name: name(plan.first_device + number),
                port,
                plan,
                log: Arc::clone(log),
                acknowledged: vec![false; plan.messages],
                confirmed: vec![false; plan.messages],
                ack_seen: false,
                sent_again: false,
                told: told.clone(),
                settled: settled.clone(),
            };
            tasks.spawn(device.run());
        }
        Self { plan, logs, acknowledged, faults_over, tasks }
    }

    /// Gives every event with its device.
    pub fn sent(&self) -> impl Iterator<Item = (usize, Weight)> {
        let first = self.plan.first_device;
        let logs = self.logs.iter().enumerate();
        logs.flat_map(move |(device, log)| log.iter().flat_map(|m| m.events.iter()).map(move |e| (first + device, *e)))
    }

    /// Gives the number of devices.
    pub fn devices(&self) -> usize {
        self.plan.devices
    }

    /// Gives the messages acknowledged by PUBACK so far, each counted once.
    pub fn acknowledged(&self) -> usize {
        *self.acknowledged.borrow()
    }

    /// Waits until that many messages are acknowledged by PUBACK.
    pub async fn until_acknowledged(&self, messages: usize) {
        let mut acknowledged = self.acknowledged.clone();
        let reached = acknowledged.wait_for(|now| *now >= messages);
        // An error means that all devices are done, so that all is acknowledged.
        let _ = tokio::time::timeout(patience(), reached)
            .await
            .unwrap_or_else(|_| panic!("{} of {messages} messages are acknowledged in time", self.acknowledged()));
    }

    /// Tells the devices that the last fault is over, and waits until each has everything confirmed.
    pub async fn finish(&mut self) {
        self.faults_over.send_replace(true);
        until("every device has everything confirmed", async || {
            while let Some(ended) = self.tasks.try_join_next() {
                ended.expect("no device fails");
            }
            self.tasks.is_empty().then_some(())
        })
        .await;
    }
}

fn log(plan: &Plan, begin_ms: i64, random: &mut Xoshiro256PlusPlus) -> Vec<Planned> {
    let mut seq = 0;
    let mut planned = Vec::with_capacity(plan.messages);
    for _ in 0..plan.messages {
        let mut events = Vec::new();
        let mut texts = Vec::new();
        for _ in 0..random.random_range(1..=plan.most_events) {
            seq += 1;
            let gross_g = random.random_range(200..6_000);
            let (ms, at_ms) = (seq * EVENT_MS, begin_ms + seq * EVENT_MS);
            texts.push(format!(
                "{{\"seq\":{seq},\"ms\":{ms},\"at\":{at_ms},\"clock\":\"synced\",\"type\":\"weight\",\
                 \"gross_g\":{gross_g},\"stable\":true,\"load\":{seq},\"stream\":\"food\"}}"
            ));
            events.push(Weight { seq, gross_g });
        }
        let text = format!("{{\"log\":\"{LOG}\",\"boot\":1,\"simulated\":true,\"events\":[{}]}}", texts.join(","));
        planned.push(Planned { events, payload: Bytes::from(text) });
    }
    planned
}

struct Device {
    name: String,
    port: u16,
    plan: Plan,
    log: Arc<Vec<Planned>>,
    acknowledged: Vec<bool>,
    confirmed: Vec<bool>,
    ack_seen: bool,
    sent_again: bool,
    told: watch::Sender<usize>,
    settled: watch::Receiver<bool>,
}

/// The part of the service's acknowledgement that a device needs.
#[derive(Deserialize)]
struct Ack {
    log: String,
    upto: i64,
    missing: Vec<(i64, i64)>,
}

impl Device {
    async fn run(mut self) {
        loop {
            self.connection().await;
            if self.is_done() {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    fn is_done(&self) -> bool {
        match self.plan.proof {
            Proof::Puback => self.confirmed.iter().all(|confirmed| *confirmed),
            Proof::Ack => *self.settled.borrow() && self.confirmed.iter().all(|confirmed| *confirmed),
        }
    }

    fn topic(&self, channel: &str) -> String {
        format!("phanloai/v1/{}/{channel}", self.name)
    }

    fn next_unconfirmed(&self, from: usize) -> Option<usize> {
        (from..self.log.len()).find(|message| !self.confirmed[*message])
    }

    /// Connects and sends from the first unconfirmed message on, until the connection is lost or all is confirmed.
    async fn connection(&mut self) {
        let mut options = MqttOptions::new(&self.name, "127.0.0.1", self.port);
        options.set_keep_alive(Duration::from_secs(self.plan.keep_alive_s));
        options.set_last_will(LastWill::new(self.topic("state"), "{\"online\":false}", QoS::AtLeastOnce, true));
        let (client, mut events) = AsyncClient::new(options, 4 * self.plan.window);
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(self.plan.keep_alive_s);
        events.set_network_options(network);
        let (sender, mut packets) = mpsc::unbounded_channel();
        let _polling = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Ok(packet) = events.poll().await {
                if sender.send(packet).is_err() {
                    return;
                }
            }
        }));
        let period = Duration::from_secs(1) * u32::try_from(self.plan.devices).expect("a count") / self.plan.per_second;
        let mut pace = tokio::time::interval(period);
        // Messages given to the client, in order; it tells their packet numbers in the same order. `None`: the state.
        let mut handed: VecDeque<Option<usize>> = VecDeque::new();
        let mut under_way: HashMap<u16, Option<usize>> = HashMap::new();
        let mut connected = false;
        let mut idle = false;
        let mut next = 0;
        loop {
            let waiting = if connected && handed.len() + under_way.len() < self.plan.window {
                self.next_unconfirmed(next)
            } else {
                None
            };
            tokio::select! {
                packet = packets.recv() => match packet {
                    None => return,
                    Some(Packet::Incoming(Incoming::ConnAck(_))) => {
                        connected = true;
                        let state = format!(
                            "{{\"online\":true,\"log\":\"{LOG}\",\"oldest\":1,\"next\":{}}}",
                            self.log.last().and_then(|m| m.events.last()).map_or(1, |event| event.seq + 1)
                        );
                        let asked = client.try_subscribe(self.topic("ack"), QoS::AtLeastOnce);
                        let told = client.try_publish(self.topic("state"), QoS::AtLeastOnce, true, state);
                        if asked.and(told).is_err() {
                            return;
                        }
                        handed.push_back(None);
                    }
                    Some(Packet::Outgoing(Outgoing::Publish(number))) => {
                        under_way.insert(number, handed.pop_front().expect("it was handed over"));
                    }
                    Some(Packet::Incoming(Incoming::PubAck(puback))) => {
                        if let Some(Some(message)) = under_way.remove(&puback.pkid) {
                            self.note_puback(message);
                        }
                    }
                    Some(Packet::Incoming(Incoming::Publish(publish))) => self.note_ack(&publish.payload),
                    Some(_) => {}
                },
                _ = pace.tick(), if waiting.is_some() => {
                    let message = waiting.expect("one waits");
                    let payload = self.log[message].payload.clone();
                    // There is always room: an error means that the connection is lost.
                    if client.try_publish(self.topic("events"), QoS::AtLeastOnce, false, payload).is_err() {
                        return;
                    }
                    handed.push_back(Some(message));
                    next = message + 1;
                }
                _ = self.settled.changed(), if self.plan.proof == Proof::Ack && !*self.settled.borrow() => {}
                // A message that came before the service had subscribed was given to nobody: connect and send again.
                () = tokio::time::sleep(UNCONFIRMED), if idle && self.ack_seen && *self.settled.borrow() => return,
            }
            if self.is_done() {
                // The goodbye may meet a connection that is lost already.
                let _ = client.try_disconnect();
                while packets.recv().await.is_some() {}
                return;
            }
            idle = connected && handed.is_empty() && under_way.is_empty() && self.next_unconfirmed(next).is_none();
            if self.plan.proof == Proof::Ack && idle && *self.settled.borrow() && !self.ack_seen && !self.sent_again {
                // No ack ever came: only a second sending after the last fault is proof.
                self.sent_again = true;
                next = 0;
            }
        }
    }

    fn note_puback(&mut self, message: usize) {
        if !std::mem::replace(&mut self.acknowledged[message], true) {
            self.told.send_modify(|acknowledged| *acknowledged += 1);
        }
        match self.plan.proof {
            Proof::Puback => self.confirmed[message] = true,
            Proof::Ack => self.confirmed[message] |= self.sent_again && !self.ack_seen,
        }
    }

    fn note_ack(&mut self, payload: &[u8]) {
        let ack: Ack = serde_json::from_slice(payload).expect("an ack is as the contract says");
        if ack.log != LOG {
            return;
        }
        self.ack_seen = true;
        if self.plan.proof == Proof::Puback {
            return;
        }
        for (message, planned) in self.log.iter().enumerate() {
            let is_kept = |event: &Weight| {
                event.seq <= ack.upto && !ack.missing.iter().any(|(from, to)| (*from..=*to).contains(&event.seq))
            };
            self.confirmed[message] = planned.events.iter().all(is_kept);
        }
    }
}
