//! One connection to the broker: announces its devices, sends what their logs owe, hears acknowledgements, and
//! after a break goes on from the first event that is not settled.
//!
//! # Why
//! The client library keeps unacknowledged publishes too, but clears them when the broker answers a
//! reconnect without a session, which every broker restarted without its memory does. So each session here
//! is a new client; events are the device logs' to send again ([`super::outbox`]), states and disturbances
//! are kept here until their PUBACK.
//!
//! Whether a service acknowledges is not asked but seen: until the first acknowledgement PUBACK settles, as it
//! does with an older service. A service that falls silent is reminded once by sending again, then PUBACK
//! counts again: a simulation must get on, where a real device would wait.
//!
//! The client's event loop runs in a task of its own: its `poll` may not be dropped half-way through a
//! write, which a `select!` over it and the queue would do.

use super::outbox::{Outbox, Sending};
use super::{Desk, PublishError, stopped};
use crate::device_log::Ack;
use crate::disturbance::Disturbance;
use crate::event::Event as LogEvent;
use crate::wire;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, NetworkOptions, Outgoing,
    Packet, Publish, QoS, TlsConfiguration, Transport,
};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Envelopes sent and not yet acknowledged, per connection: enough to hide a round trip, small in memory.
const WINDOW: usize = 6;
/// The library's default of 10 KB would refuse an envelope; the contract's limit is 256 KiB.
const PACKET_BYTES: usize = 300 * 1_024;
/// More than are ever in flight, so that a packet identifier is free again long before its turn.
const INFLIGHT: u16 = 500;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// With envelopes at the broker and no acknowledgement for this long, the service is reminded: long enough for a
/// backlog at an outside broker, which sending again would only lengthen.
const SERVICE_PATIENCE: Duration = Duration::from_secs(60);
/// A stop waits this long for acknowledgements.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// An envelope's content.
pub(super) struct Parcel {
    pub number: u64,
    pub device: usize,
    pub events: Vec<LogEvent>,
}

impl Parcel {
    /// Earliest capture; a log's events come in order of capture.
    pub fn first_at_ms(&self) -> i64 {
        self.events.first().map_or(i64::MAX, |event| event.at_ms)
    }
}

/// Something to publish.
pub(super) enum Job {
    Parcel(Parcel),
    Online { device: usize, log: u32, next: u64 },
    Offline { device: usize },
    Disturbance { device: usize, disturbance: Disturbance },
}

enum SessionEnd {
    Done,
    Broken(String),
    Refused(String),
}

pub(super) struct Link {
    desk: Arc<Desk>,
    client: String,
    /// The device whose connection this is; `None`: shared by many.
    own: Option<usize>,
    /// What each device owes.
    outboxes: BTreeMap<usize, Outbox>,
    /// Devices announced as online, with the log and its next number as told.
    online: BTreeMap<usize, (u32, u64)>,
    /// States and disturbances without a PUBACK.
    unacked: VecDeque<(u64, Job)>,
    next_job: u64,
    closing: bool,
    pause: Duration,
    /// What made it connect.
    first: Option<Job>,
}

/// What a publish carried.
enum Ticket {
    Job(u64),
    Envelope { device: usize, log: u32, last_seq: u64 },
}

/// What one session has sent: first what has no packet identifier yet, then what has one.
#[derive(Default)]
struct Sent {
    unnamed: VecDeque<Ticket>,
    named: HashMap<u16, Ticket>,
}

impl Sent {
    fn under_way(&self) -> usize {
        self.unnamed.len() + self.named.len()
    }
}

/// How patiently a session waits for the service.
struct Patience {
    since: Instant,
    reminded: bool,
}

impl Patience {
    fn new() -> Self {
        Self { since: Instant::now(), reminded: false }
    }
}

impl Link {
    pub fn new(desk: Arc<Desk>, client: String, own: Option<usize>) -> Self {
        Self {
            desk,
            client,
            own,
            outboxes: BTreeMap::new(),
            online: BTreeMap::new(),
            unacked: VecDeque::new(),
            next_job: 0,
            closing: false,
            pause: FIRST_PAUSE,
            first: None,
        }
    }

    /// Connects at the first job and works until the queue is closed and all is acknowledged, or until stopped.
    pub async fn run(
        mut self,
        mut jobs: mpsc::Receiver<Job>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), PublishError> {
        let first = tokio::select! {
            job = jobs.recv() => job,
            () = stopped(&mut stop) => None,
        };
        let Some(first) = first else {
            return Ok(());
        };
        self.first = Some(first);
        loop {
            match self.session(&mut jobs, &mut stop).await {
                SessionEnd::Done => return Ok(()),
                SessionEnd::Refused(reason) => return Err(PublishError::Refused { client: self.client, reason }),
                SessionEnd::Broken(cause) => {
                    if *stop.borrow() {
                        return Ok(());
                    }
                    // Said once a break; the attempts that follow are only of use to who looks closely.
                    if self.pause == FIRST_PAUSE {
                        tracing::warn!(mqtt.client = %self.client, %cause, "connection to the broker lost; trying again");
                    } else {
                        tracing::debug!(mqtt.client = %self.client, %cause, "the broker is still out of reach");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(self.pause) => {}
                        () = stopped(&mut stop) => return Ok(()),
                    }
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn session(&mut self, jobs: &mut mpsc::Receiver<Job>, stop: &mut watch::Receiver<bool>) -> SessionEnd {
        // Room for everything that can be unacknowledged at once, so that handing over never waits.
        let room = WINDOW + 3 * self.desk.plan.commune.devices.len() + 8;
        let (client, mut eventloop) = AsyncClient::new(self.mqtt_options(), room);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        eventloop.set_network_options(network);
        let (events_to, mut events) = mpsc::channel(64);
        let poller = tokio::spawn(poll(eventloop, events_to));
        let end = self.converse(&client, &mut events, jobs, stop).await;
        poller.abort();
        // Aborted or ended: either way it holds nothing any more.
        let _ = poller.await;
        end
    }

    async fn converse(
        &mut self,
        client: &AsyncClient,
        events: &mut mpsc::Receiver<Result<Event, ConnectionError>>,
        jobs: &mut mpsc::Receiver<Job>,
        stop: &mut watch::Receiver<bool>,
    ) -> SessionEnd {
        let mut sent = Sent::default();
        let mut connected = false;
        let mut stop_patience: Option<Instant> = None;
        let mut patience = Patience::new();
        let mut disconnecting = false;
        loop {
            if connected {
                self.pump(client, &mut sent);
            }
            if connected && self.closing && sent.under_way() == 0 && !disconnecting {
                disconnecting = true;
                if client.try_disconnect().is_err() {
                    return SessionEnd::Done;
                }
            }
            let wants_jobs =
                connected && !self.closing && sent.under_way() < WINDOW && self.outboxes.values().all(Outbox::has_room);
            let stop_at = stop_patience.unwrap_or_else(|| Instant::now() + STOP_PATIENCE);
            let awaits = connected && self.outboxes.values().any(Outbox::awaits_service);
            tokio::select! {
                event = events.recv() => match event {
                    None => return SessionEnd::Broken("the client ended".to_owned()),
                    Some(Err(error)) => return broken(&error),
                    Some(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                        connected = true;
                        self.pause = FIRST_PAUSE;
                        patience = Patience::new();
                        self.begin(client, &mut sent);
                    }
                    Some(Ok(Event::Incoming(Packet::PubAck(ack)))) => {
                        if let Some(ticket) = sent.named.remove(&ack.pkid) {
                            self.settle(&ticket);
                        }
                    }
                    Some(Ok(Event::Incoming(Packet::Publish(message)))) => {
                        if self.hear(&message) {
                            patience = Patience::new();
                        }
                    }
                    Some(Ok(Event::Outgoing(Outgoing::Publish(pkid)))) => {
                        if let Some(ticket) = sent.unnamed.pop_front() {
                            sent.named.insert(pkid, ticket);
                        }
                    }
                    Some(Ok(Event::Outgoing(Outgoing::Disconnect))) => return SessionEnd::Done,
                    // Pings and other packets of the library's own keeping.
                    Some(Ok(_)) => {}
                },
                job = jobs.recv(), if wants_jobs => match job {
                    Some(job) => {
                        if !self.awaits_service() {
                            patience.since = Instant::now();
                        }
                        self.keep(client, &mut sent, job);
                    }
                    None => self.close(client, &mut sent),
                },
                () = tokio::time::sleep_until(patience.since + SERVICE_PATIENCE), if awaits => {
                    if patience.reminded {
                        tracing::warn!(mqtt.client = %self.client, "the service acknowledges no more; PUBACK counts again");
                    }
                    for outbox in self.outboxes.values_mut() {
                        outbox.stalled(patience.reminded, &self.desk.ledger);
                    }
                    patience = Patience { since: Instant::now(), reminded: !patience.reminded };
                }
                () = stopped(stop), if stop_patience.is_none() => {
                    if !connected {
                        return SessionEnd::Done;
                    }
                    stop_patience = Some(Instant::now() + STOP_PATIENCE);
                    jobs.close();
                    if !self.closing {
                        self.close(client, &mut sent);
                    }
                }
                () = tokio::time::sleep_until(stop_at), if stop_patience.is_some() => return SessionEnd::Done,
            }
        }
    }

    fn awaits_service(&self) -> bool {
        self.outboxes.values().any(Outbox::awaits_service)
    }

    /// No more jobs: says goodbye for every device, after what is still under way.
    fn close(&mut self, client: &AsyncClient, sent: &mut Sent) {
        self.closing = true;
        let devices: Vec<usize> = self.online.keys().copied().collect();
        for device in devices {
            self.keep(client, sent, Job::Offline { device });
        }
    }

    /// After a connect: listens, says online again (the will has said offline meanwhile), then sends what is
    /// owed, from the first event not settled.
    fn begin(&mut self, client: &AsyncClient, sent: &mut Sent) {
        let listening: Vec<usize> = match self.own {
            Some(device) => vec![device],
            None => self.online.keys().copied().collect(),
        };
        for device in listening {
            self.listen(client, device);
        }
        // A disturbance goes once: a broker that breaks the connection over one would break every one.
        self.unacked.retain(|(_, job)| !matches!(job, Job::Online { .. } | Job::Disturbance { .. }));
        if !self.closing {
            for (&device, &(log, next)) in self.online.iter().rev() {
                self.next_job += 1;
                self.unacked.push_front((self.next_job, Job::Online { device, log, next }));
            }
        }
        let numbers: Vec<u64> = self.unacked.iter().map(|(number, _)| *number).collect();
        for number in numbers {
            self.send(client, sent, number);
        }
        for outbox in self.outboxes.values_mut() {
            outbox.connected();
        }
        if let Some(first) = self.first.take() {
            self.keep(client, sent, first);
        }
    }

    /// Subscribes to a device's acknowledgements. A broker that does not allow it leaves PUBACK.
    fn listen(&self, client: &AsyncClient, device: usize) {
        let topic = wire::ack_topic(&self.desk.options.root, &self.desk.plan.commune.devices[device].code);
        // A full or closed queue means the session is ending: the next one listens again.
        let _ = client.try_subscribe(topic, QoS::AtLeastOnce);
    }

    /// A message from the broker. True: it settles something.
    fn hear(&mut self, message: &Publish) -> bool {
        let root = &self.desk.options.root;
        let devices = &self.desk.plan.commune.devices;
        let Some(ack): Option<Ack> = wire::read_ack(&message.payload) else {
            tracing::warn!(mqtt.topic = %message.topic, "an acknowledgement that cannot be read");
            return false;
        };
        let of = |device: &&usize| wire::ack_topic(root, &devices[**device].code) == message.topic;
        let Some(device) = self.outboxes.keys().find(of).copied() else {
            return false;
        };
        self.outboxes.get_mut(&device).is_some_and(|outbox| outbox.acknowledge(&ack, &self.desk.ledger))
    }

    fn keep(&mut self, client: &AsyncClient, sent: &mut Sent, job: Job) {
        if let Job::Online { device, log, next } = &job {
            let is_new = self.online.insert(*device, (*log, *next)).is_none();
            if is_new && self.own.is_none() {
                self.listen(client, *device);
            }
        }
        match job {
            Job::Parcel(parcel) => self.outboxes.entry(parcel.device).or_insert_with(Outbox::new).keep(parcel),
            Job::Online { .. } | Job::Offline { .. } | Job::Disturbance { .. } => {
                self.next_job += 1;
                self.unacked.push_back((self.next_job, job));
                self.send(client, sent, self.next_job);
            }
        }
    }

    /// Sends what the devices owe, as far as the window allows.
    fn pump(&mut self, client: &AsyncClient, sent: &mut Sent) {
        for (&device, outbox) in &mut self.outboxes {
            while sent.under_way() < WINDOW {
                let Some(Sending { log, last_seq, events }) = outbox.take() else { break };
                let now_ms = (self.desk.options.now_ms)();
                // The time since capture, on the clock of the boot the events belong to.
                let sent_ms = events.first().map_or(0, |event| event.ms + now_ms - event.at_ms);
                let body = wire::envelope(log, sent_ms, &events);
                let code = &self.desk.plan.commune.devices[device].code;
                let topic = wire::events_topic(&self.desk.options.root, code);
                // A full or closed queue means the session is ending: the log sends again in the next.
                if client.try_publish(topic, QoS::AtLeastOnce, false, body).is_ok() {
                    sent.unnamed.push_back(Ticket::Envelope { device, log, last_seq });
                }
            }
        }
    }

    fn send(&self, client: &AsyncClient, sent: &mut Sent, number: u64) {
        let Some((_, job)) = self.unacked.iter().find(|(kept, _)| *kept == number) else {
            return;
        };
        let root = &self.desk.options.root;
        let code = |index: &usize| &self.desk.plan.commune.devices[*index].code;
        let (topic, retain, body) = match job {
            Job::Parcel(_) => return,
            Job::Online { device, log, next } => {
                let held = self.outboxes.get(device).and_then(Outbox::state).filter(|(name, ..)| name == log);
                let (log, oldest, next) =
                    held.map_or((*log, *next, *next), |(log, oldest, held)| (log, oldest, held.max(*next)));
                (wire::state_topic(root, code(device)), true, wire::online_holding(log, oldest, next))
            }
            Job::Offline { device } => (wire::state_topic(root, code(device)), true, wire::offline()),
            Job::Disturbance { device, disturbance } => {
                (disturbance.topic(root, code(device)), disturbance.is_retained(), disturbance.body())
            }
        };
        // A full or closed queue means the session is ending: the job stays unacknowledged and goes again.
        if client.try_publish(topic, QoS::AtLeastOnce, retain, body).is_ok() {
            sent.unnamed.push_back(Ticket::Job(number));
        }
    }

    fn settle(&mut self, ticket: &Ticket) {
        match ticket {
            Ticket::Job(number) => self.unacked.retain(|(kept, _)| kept != number),
            Ticket::Envelope { device, log, last_seq } => {
                if let Some(outbox) = self.outboxes.get_mut(device) {
                    outbox.delivered(*log, *last_seq, &self.desk.ledger);
                }
            }
        }
    }

    fn mqtt_options(&self) -> MqttOptions {
        let options = &self.desk.options;
        let mut mqtt = MqttOptions::new(self.client.clone(), options.host.clone(), options.port);
        mqtt.set_keep_alive(KEEP_ALIVE);
        mqtt.set_clean_session(true);
        mqtt.set_max_packet_size(PACKET_BYTES, PACKET_BYTES);
        mqtt.set_inflight(INFLIGHT);
        if let Some(tls) = &options.tls {
            mqtt.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(tls))));
        }
        if let Some(given) = options.credentials.as_ref().and_then(|credentials| credentials(&self.client)) {
            mqtt.set_credentials(given.user, given.password);
        }
        if let Some(device) = self.own {
            let topic = wire::state_topic(&options.root, &self.desk.plan.commune.devices[device].code);
            mqtt.set_last_will(LastWill::new(topic, wire::offline(), QoS::AtLeastOnce, true));
        }
        mqtt
    }
}

/// Drives the client until it fails or has said goodbye.
async fn poll(mut eventloop: EventLoop, events: mpsc::Sender<Result<Event, ConnectionError>>) {
    loop {
        let polled = eventloop.poll().await;
        let is_last = polled.is_err() || matches!(polled, Ok(Event::Outgoing(Outgoing::Disconnect)));
        if events.send(polled).await.is_err() || is_last {
            return;
        }
    }
}

fn broken(error: &ConnectionError) -> SessionEnd {
    let hopeless = matches!(
        error,
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadClientId
        )
    );
    if hopeless { SessionEnd::Refused(error.to_string()) } else { SessionEnd::Broken(error.to_string()) }
}
