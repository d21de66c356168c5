//! The writer: takes whatever waits, decodes it, commits it in one transaction, and then lets it be acknowledged.
//!
//! # Why
//! One writer serves both brokers. It never waits for a batch to fill: under load batches grow by themselves, and a lone
//! message is committed at once. A failed commit is tried again with growing pauses and nothing is acknowledged
//! meanwhile, so a broken database stops the flow instead of losing it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use super::acks::Owed;
use super::session::AckToken;
use crate::devices::{self, Accepts, Channel, Decoded, Rejection, Root, Topic, native};
use crate::domain::ids::{DeviceId, LogId, StreamCode};
use crate::domain::reading::Reading;
use crate::domain::register::{Commune, Register};
use crate::domain::time::{Clock, Instant};
use crate::store::{Appended, FURTHEST_AHEAD, Refused, Store, StoreError};
use crate::telemetry::Metrics;

/// Messages taken into one transaction at most: bounds its memory and the time the others wait.
const MESSAGES_A_COMMIT: usize = 8_192;
/// Bytes taken into one transaction at most.
const BYTES_A_COMMIT: usize = 16 * 1024 * 1024;
/// Of these, messages of what comes now: it goes first, and leaves room for the others.
const LIVE_A_COMMIT: usize = 512;
/// The word for an identity that was stored with other content.
const CONFLICT: &str = "conflict";
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Raw bytes kept of a refused message.
const RAW_KEPT: usize = 256 * 1024;

/// A message on its way in.
#[derive(Debug)]
pub struct Message {
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Bytes,
    /// The broker had kept it.
    pub retain: bool,
    /// When it was received.
    pub received: Instant,
    /// What waits for its commit.
    pub done: Done,
    /// Its share of the memory that waiting messages may take, given back with the message. `None`: not counted.
    pub room: Option<OwnedSemaphorePermit>,
}

/// Where the writer's messages come from.
#[derive(Debug)]
pub struct Queues {
    /// Every message. When it is closed and empty, the writer ends.
    pub all: mpsc::Receiver<Message>,
    /// What comes now, past a backlog in `all`.
    pub live: mpsc::Receiver<Message>,
}

impl From<mpsc::Receiver<Message>> for Queues {
    /// A queue that nothing has to pass.
    fn from(all: mpsc::Receiver<Message>) -> Self {
        Self { all, live: mpsc::channel(1).1 }
    }
}

impl Queues {
    /// Waits for messages of either queue unless some wait already, and gives those that come now; the others are added to `waiting`.
    /// `None`: there will be no more.
    async fn next(&mut self, waiting: &mut Vec<Message>) -> Option<Vec<Message>> {
        let mut live: Vec<Message> = std::iter::from_fn(|| self.live.try_recv().ok()).take(LIVE_A_COMMIT).collect();
        if !waiting.is_empty() {
            return Some(live);
        }
        if live.is_empty() {
            tokio::select! {
                biased;
                received = self.all.recv_many(waiting, MESSAGES_A_COMMIT) => if received == 0 { return None },
                Some(message) = self.live.recv() => live.push(message),
            }
        } else {
            waiting.extend(std::iter::from_fn(|| self.all.try_recv().ok()).take(MESSAGES_A_COMMIT));
        }
        Some(live)
    }
}

/// What waits for a commit.
#[derive(Debug)]
pub enum Done {
    /// The embedded broker's publish hook, before it answers the device.
    Hook(oneshot::Sender<()>),
    /// The outside broker's delivery.
    Delivery(AckToken),
}

/// Told after each commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Commits so far.
    pub commits: u64,
    /// New readings so far.
    pub readings: u64,
}

/// The writer's parts.
pub struct Writer {
    /// The database.
    pub store: Store,
    /// Where the topics begin.
    pub root: Root,
    /// The commune in force.
    pub commune: watch::Receiver<Arc<Commune>>,
    /// The register in force.
    pub register: watch::Receiver<Arc<Register>>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Counters.
    pub metrics: Metrics,
    /// Told after each commit.
    pub committed: watch::Sender<Committed>,
    /// True while commits succeed.
    pub database_ok: watch::Sender<bool>,
    /// Told after each commit which devices are owed an acknowledgement; closed at the end.
    pub owed: Owed,
}

/// A batch, decoded.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) readings: Vec<Reading>,
    pub(super) refused: Vec<Refused>,
    states: Vec<(DeviceId, native::DeviceState)>,
}

impl Writer {
    /// Runs until the queue of all is closed and empty. `acknowledge` is called for each delivery after its commit.
    pub async fn run(self, queues: impl Into<Queues>, acknowledge: impl Fn(AckToken) + Send) {
        let mut queues = queues.into();
        let mut waiting = Vec::new();
        let mut furthest: HashMap<(DeviceId, LogId), i64> = HashMap::new();
        loop {
            let Some(mut messages) = queues.next(&mut waiting).await else {
                self.owed.close();
                return;
            };
            let taken = within_bytes(&waiting);
            messages.extend(waiting.drain(..taken));
            self.metrics.messages_received.increment(u64::try_from(messages.len()).unwrap_or(0));
            let (messages, mut batch) = self.decode(messages).await;
            self.refuse_leaps(&mut batch, &mut furthest).await;
            self.commit(&batch).await;
            for message in messages {
                match message.done {
                    // The broker may have dropped its client meanwhile: then nobody waits for the answer.
                    Done::Hook(done) => drop(done.send(())),
                    Done::Delivery(token) => acknowledge(token),
                }
            }
        }
    }

    /// Decodes off the runtime's threads: a large batch takes many milliseconds.
    async fn decode(&self, messages: Vec<Message>) -> (Vec<Message>, Batch) {
        let (root, commune, register) =
            (self.root.clone(), self.commune.borrow().clone(), self.register.borrow().clone());
        let work = move || {
            let streams: Vec<StreamCode> = commune.streams.iter().map(|stream| stream.code.clone()).collect();
            let accepts = Accepts { streams: &streams, simulated: commune.simulated };
            let mut batch = Batch::default();
            for message in &messages {
                decode_one(message, &root, &accepts, &register, &mut batch);
            }
            (messages, batch)
        };
        tokio::task::spawn_blocking(work).await.expect("decoding never panics and is never cancelled")
    }

    /// Refuses events whose number leaps too far ahead of what their log has shown.
    async fn refuse_leaps(&self, batch: &mut Batch, furthest: &mut HashMap<(DeviceId, LogId), i64>) {
        let mut leaps: Vec<usize> = Vec::new();
        for (at, reading) in batch.readings.iter().enumerate() {
            let key = (reading.id.device.clone(), reading.id.log.clone());
            let seen = match furthest.get(&key) {
                Some(seen) => Some(*seen),
                None => self.store.last_number(&key.0, &key.1).await.ok().flatten(),
            };
            let leap = seen.is_some_and(|seen| reading.id.seq > seen.saturating_add(FURTHEST_AHEAD));
            if leap {
                leaps.push(at);
            } else {
                let held = furthest.entry(key).or_insert(reading.id.seq);
                *held = (*held).max(reading.id.seq).max(seen.unwrap_or(0));
            }
        }
        for at in leaps.into_iter().rev() {
            let reading = batch.readings.remove(at);
            batch.refused.push(leap(&self.root, &reading));
        }
    }

    /// Commits a batch, however often it takes.
    async fn commit(&self, batch: &Batch) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = tokio::time::Instant::now();
            match self.try_commit(batch).await {
                Ok(appended) => {
                    self.database_ok.send_if_modified(|ok| !std::mem::replace(ok, true));
                    self.metrics.committed(began.elapsed());
                    self.metrics.events_accepted.increment(appended.new);
                    self.metrics.events_duplicate.increment(appended.duplicates);
                    for refused in &batch.refused {
                        self.metrics.event_refused(refused.code);
                    }
                    for _ in &appended.conflicts {
                        self.metrics.event_refused(CONFLICT);
                    }
                    self.owed.add(appended.logs.into_iter().chain(come_online(&batch.states)));
                    self.committed.send_modify(|committed| {
                        committed.commits += 1;
                        committed.readings += appended.new;
                    });
                    return;
                }
                Err(error) => {
                    self.metrics.commits_failed.increment(1);
                    if self.database_ok.send_if_modified(|ok| std::mem::replace(ok, false)) {
                        tracing::error!(%error, "the database takes no readings; nothing is acknowledged until it does");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn try_commit(&self, batch: &Batch) -> Result<Appended, StoreError> {
        let zone = self.commune.borrow().zone.clone();
        let conflict = |reading: &Reading| conflict(&self.root, reading);
        let appended = self.store.append(&batch.readings, &batch.refused, &zone, conflict).await?;
        let now = self.clock.now();
        for (device, state) in &batch.states {
            let log = state.log.as_ref().map(LogId::as_str);
            self.store.note_device_state(device, state.online, now, state.firmware.as_deref(), log, state.next).await?;
        }
        Ok(appended)
    }
}

/// Gives the logs of the devices that came online.
fn come_online(states: &[(DeviceId, native::DeviceState)]) -> impl Iterator<Item = (DeviceId, LogId)> + '_ {
    let online = states.iter().filter(|(_, state)| state.online);
    online.filter_map(|(device, state)| Some((device.clone(), state.log.clone()?)))
}

fn within_bytes(messages: &[Message]) -> usize {
    let mut bytes = 0;
    let within = messages.iter().take_while(|message| {
        let fits = bytes < BYTES_A_COMMIT;
        bytes += message.payload.len();
        fits
    });
    within.count().max(1).min(messages.len())
}

pub(super) fn decode_one(
    message: &Message,
    root: &Root,
    accepts: &Accepts<'_>,
    register: &Register,
    batch: &mut Batch,
) {
    let Some(topic) = Topic::parse(root, &message.topic) else {
        let reason =
            format!("topic `{}` is not of the native profile; write {}/<device>/events", message.topic, root.as_str());
        batch.refused.push(of_message(message, None, "unknown_topic", reason));
        return;
    };
    // A kept message tells nothing new: it may be counted already, whoever sent it.
    if message.retain && topic.channel == Channel::Events {
        return;
    }
    if !register.devices.contains_key(&topic.device) {
        let reason =
            format!("unknown device `{}`; enter it in the register (devices) and replay this message", topic.device);
        batch.refused.push(of_message(message, Some(&topic.device), "unknown_device", reason));
        return;
    }
    match topic.channel {
        Channel::Events => match devices::decode(&topic, &message.payload, message.received, accepts) {
            Ok(decoded) => take(decoded, message, &topic, batch),
            Err(rejection) => batch.refused.push(rejected(message, &topic, &rejection)),
        },
        Channel::State => match native::decode_state(&message.payload) {
            Ok(state) => batch.states.push((topic.device, state)),
            Err(rejection) => batch.refused.push(rejected(message, &topic, &rejection)),
        },
        Channel::Ack => {}
    }
}

fn take(decoded: Decoded, message: &Message, topic: &Topic, batch: &mut Batch) {
    batch.readings.extend(decoded.readings);
    for event in decoded.refused {
        batch.refused.push(Refused {
            id: digest(&[topic.device.as_str().as_bytes(), event.raw.as_bytes()]),
            code: event.rejection.code(),
            reason: event.rejection.to_string(),
            topic: message.topic.clone(),
            device: Some(topic.device.to_string()),
            log: event.log.as_ref().map(LogId::to_string),
            seq: event.seq,
            size_bytes: i64::try_from(event.message.len()).unwrap_or(i64::MAX),
            raw_hex: hex::encode(&event.message),
            at: message.received,
            last: message.received,
            count: 1,
        });
    }
}

fn rejected(message: &Message, topic: &Topic, rejection: &Rejection) -> Refused {
    of_message(message, Some(&topic.device), rejection.code(), rejection.to_string())
}

fn of_message(message: &Message, device: Option<&DeviceId>, code: &'static str, reason: String) -> Refused {
    Refused {
        id: digest(&[message.topic.as_bytes(), &message.payload]),
        code,
        reason,
        topic: message.topic.clone(),
        device: device.map(DeviceId::to_string),
        log: None,
        seq: None,
        raw_hex: hex::encode(&message.payload[..message.payload.len().min(RAW_KEPT)]),
        size_bytes: i64::try_from(message.payload.len()).unwrap_or(i64::MAX),
        at: message.received,
        last: message.received,
        count: 1,
    }
}

/// Refuses a reading whose number leaps ahead of its log.
pub(super) fn leap(root: &Root, reading: &Reading) -> Refused {
    let reason = format!(
        "event number {} is more than {FURTHEST_AHEAD} ahead of its log; check the device's counter",
        reading.id.seq
    );
    of_reading(root, reading, "seq_leap", reason)
}

/// Refuses a reading whose identity is stored with other content.
pub(super) fn conflict(root: &Root, reading: &Reading) -> Refused {
    let reason = format!(
        "event {} of log {} was stored before with other content; the first one stays",
        reading.id.seq, reading.id.log
    );
    of_reading(root, reading, CONFLICT, reason)
}

fn of_reading(root: &Root, reading: &Reading, code: &'static str, reason: String) -> Refused {
    let message = native::message_of(reading);
    Refused {
        id: digest(&[reading.id.to_string().as_bytes(), raw_content(reading).as_bytes()]),
        code,
        reason,
        topic: root.events(&reading.id.device),
        device: Some(reading.id.device.to_string()),
        log: Some(reading.id.log.to_string()),
        seq: Some(reading.id.seq),
        size_bytes: i64::try_from(message.len()).unwrap_or(i64::MAX),
        raw_hex: hex::encode(&message),
        at: reading.received,
        last: reading.received,
        count: 1,
    }
}

/// Gives what two readings of one identity are compared by, as text.
fn raw_content(reading: &Reading) -> String {
    format!(
        "{{\"seq\":{},\"boot\":{},\"ms\":{},\"clock\":\"{}\",\"at\":{},\"event\":{}}}",
        reading.id.seq,
        reading.boot,
        reading.ms,
        reading.clock,
        reading.at.map_or_else(|| "null".to_owned(), |at| at.ms().to_string()),
        serde_json::to_string(&reading.event).unwrap_or_default()
    )
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..16])
}
