//! One connection to the broker: sends its jobs in order, holds each until its PUBACK, and sends what is
//! left again after a break.
//!
//! # Why
//! The client library keeps unacknowledged publishes too, but clears them when the broker answers a
//! reconnect without a session, which every broker restarted without its memory does. So each session here
//! is a new client, and the jobs it must send again are this module's own.
//!
//! The client's event loop runs in a task of its own: its `poll` may not be dropped half-way through a
//! write, which a `select!` over it and the queue would do.

use super::{Desk, PublishError, stopped};
use crate::walk::Event as LogEvent;
use crate::wire;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, NetworkOptions, Outgoing,
    Packet, QoS, TlsConfiguration, Transport,
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
    Online { device: usize, next: u64 },
    Offline { device: usize },
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
    unacked: VecDeque<(u64, Job)>,
    next_job: u64,
    /// Devices announced as online, with the next number of their log.
    online: BTreeMap<usize, u64>,
    closing: bool,
    pause: Duration,
}

/// What one session has sent: jobs whose packet identifier is not yet known, then those with one.
#[derive(Default)]
struct Sent {
    unnamed: VecDeque<u64>,
    named: HashMap<u16, u64>,
}

impl Link {
    pub fn new(desk: Arc<Desk>, client: String, own: Option<usize>) -> Self {
        Self {
            desk,
            client,
            own,
            unacked: VecDeque::new(),
            next_job: 0,
            online: BTreeMap::new(),
            closing: false,
            pause: FIRST_PAUSE,
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
        self.keep(first);
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
        let mut patience: Option<Instant> = None;
        let mut disconnecting = false;
        loop {
            if connected && self.closing && self.unacked.is_empty() && !disconnecting {
                disconnecting = true;
                if client.try_disconnect().is_err() {
                    return SessionEnd::Done;
                }
            }
            let wants_jobs = connected && !self.closing && self.unacked.len() < WINDOW;
            let deadline = patience.unwrap_or_else(|| Instant::now() + STOP_PATIENCE);
            tokio::select! {
                event = events.recv() => match event {
                    None => return SessionEnd::Broken("the client ended".to_owned()),
                    Some(Err(error)) => return broken(&error),
                    Some(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                        connected = true;
                        self.pause = FIRST_PAUSE;
                        self.resend(client, &mut sent);
                    }
                    Some(Ok(Event::Incoming(Packet::PubAck(ack)))) => {
                        if let Some(job) = sent.named.remove(&ack.pkid) {
                            self.settle(job);
                        }
                    }
                    Some(Ok(Event::Outgoing(Outgoing::Publish(pkid)))) => {
                        if let Some(job) = sent.unnamed.pop_front() {
                            sent.named.insert(pkid, job);
                        }
                    }
                    Some(Ok(Event::Outgoing(Outgoing::Disconnect))) => return SessionEnd::Done,
                    // Pings and other packets of the library's own keeping.
                    Some(Ok(_)) => {}
                },
                job = jobs.recv(), if wants_jobs => match job {
                    Some(job) => {
                        let number = self.keep(job);
                        self.send(client, &mut sent, number);
                    }
                    None => self.close(client, &mut sent),
                },
                () = stopped(stop), if patience.is_none() => {
                    if !connected {
                        return SessionEnd::Done;
                    }
                    patience = Some(Instant::now() + STOP_PATIENCE);
                    jobs.close();
                    if !self.closing {
                        self.close(client, &mut sent);
                    }
                }
                () = tokio::time::sleep_until(deadline), if patience.is_some() => return SessionEnd::Done,
            }
        }
    }

    /// No more jobs: says goodbye for every device, after what is still under way.
    fn close(&mut self, client: &AsyncClient, sent: &mut Sent) {
        self.closing = true;
        let devices: Vec<usize> = self.online.keys().copied().collect();
        for device in devices {
            let number = self.keep(Job::Offline { device });
            self.send(client, sent, number);
        }
    }

    /// After a connect: everything unacknowledged, in order. The will has said offline meanwhile, so the
    /// devices known say online again first.
    fn resend(&mut self, client: &AsyncClient, sent: &mut Sent) {
        self.unacked.retain(|(_, job)| !matches!(job, Job::Online { .. }));
        if !self.closing {
            for (&device, &next) in self.online.iter().rev() {
                self.next_job += 1;
                self.unacked.push_front((self.next_job, Job::Online { device, next }));
            }
        }
        let numbers: Vec<u64> = self.unacked.iter().map(|(number, _)| *number).collect();
        for number in numbers {
            self.send(client, sent, number);
        }
    }

    fn keep(&mut self, job: Job) -> u64 {
        match &job {
            Job::Online { device, next } => {
                self.online.insert(*device, *next);
            }
            Job::Parcel(parcel) => {
                if let Some(last) = parcel.events.last() {
                    self.online.insert(parcel.device, last.seq + 1);
                }
            }
            Job::Offline { .. } => {}
        }
        self.next_job += 1;
        self.unacked.push_back((self.next_job, job));
        self.next_job
    }

    fn send(&self, client: &AsyncClient, sent: &mut Sent, number: u64) {
        let Some((_, job)) = self.unacked.iter().find(|(kept, _)| *kept == number) else {
            return;
        };
        let root = &self.desk.options.root;
        let device = |index: usize| &self.desk.plan.commune.devices[index];
        let (topic, retain, body) = match job {
            Job::Parcel(parcel) => {
                let now_ms = (self.desk.options.now_ms)();
                // The time since capture, on the clock of the boot the event belongs to.
                let sent_ms = parcel.events.first().map_or(0, |event| event.ms + now_ms - event.at_ms);
                let device = device(parcel.device);
                let body = wire::envelope(device.log, sent_ms, &parcel.events);
                (wire::events_topic(root, &device.code), false, body)
            }
            Job::Online { device: index, next } => {
                let device = device(*index);
                (wire::state_topic(root, &device.code), true, wire::online(device.log, *next))
            }
            Job::Offline { device: index } => (wire::state_topic(root, &device(*index).code), true, wire::offline()),
        };
        // A full or closed queue means the session is ending: the job stays unacknowledged and goes again.
        if client.try_publish(topic, QoS::AtLeastOnce, retain, body).is_ok() {
            sent.unnamed.push_back(number);
        }
    }

    fn settle(&mut self, number: u64) {
        let Some(place) = self.unacked.iter().position(|(kept, _)| *kept == number) else {
            return;
        };
        if let Some((_, Job::Parcel(parcel))) = self.unacked.remove(place) {
            let events = crate::commune::key(parcel.events.len());
            self.desk.ledger.acked(parcel.first_at_ms(), parcel.number, events);
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
