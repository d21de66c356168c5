//! The two connections to the broker, each driven by one task, and the acknowledgements between the caller and the receiving one.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubAck, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, Transport};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{AckToken, COMMANDS_WAITING, Delivery, MAX_PACKET_BYTES, SessionOptions, SessionStatus, WINDOW};

/// Time without traffic after which each side probes the other.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Deliveries waiting for the caller from which on the session is behind: about as many as it stores at once.
const BEHIND: usize = 4_096;
/// Room for the window's acknowledgements and the few other requests.
const REQUESTS: usize = WINDOW + 16;
/// How long what waits and the goodbye may take to leave.
const GOODBYE: Duration = Duration::from_secs(8);

/// Acknowledgements on their way to the broker.
pub(super) struct Acks {
    client: AsyncClient,
    state: Mutex<AckState>,
}

#[derive(Default)]
struct AckState {
    epoch: u64,
    /// What the client's channel had no room for. At most a window in one epoch, and empty unless the broker reuses packet identifiers.
    waiting: VecDeque<u16>,
}

impl Acks {
    fn new(client: AsyncClient) -> Self {
        Self { client, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, AckState> {
        // Nothing that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Epoch and channel are one step: no acknowledgement of an old epoch can enter behind [`Acks::next_epoch`].
    pub(super) fn ack(&self, token: &AckToken) {
        let mut state = self.state();
        if token.packet_id == 0 || token.epoch != state.epoch {
            return;
        }
        state.waiting.push_back(token.packet_id);
        self.hand_over(&mut state);
    }

    fn epoch(&self) -> u64 {
        self.state().epoch
    }

    fn next_epoch(&self) {
        let mut state = self.state();
        state.epoch += 1;
        state.waiting.clear();
    }

    fn hand_over_waiting(&self) {
        let mut state = self.state();
        if !state.waiting.is_empty() {
            self.hand_over(&mut state);
        }
    }

    fn hand_over(&self, state: &mut AckState) {
        let mut publish = Publish { qos: QoS::AtLeastOnce, ..Publish::default() };
        while let Some(&packet_id) = state.waiting.front() {
            publish.pkid = packet_id;
            if self.client.try_ack(&publish).is_err() {
                return;
            }
            state.waiting.pop_front();
        }
    }
}

/// The receiving connection.
pub(super) struct DeliveryLink {
    events: EventLoop,
    client: AsyncClient,
    acks: Arc<Acks>,
    filters: Vec<String>,
    deliveries: mpsc::Sender<Delivery>,
    /// Whether so much waits for the caller that what comes now would come late.
    behind: watch::Sender<bool>,
    status: watch::Sender<SessionStatus>,
    closing: CancellationToken,
    retry: Retry,
    epoch: u64,
    /// Deliveries of this connection that the queue took, and their acknowledgements that went out.
    taken: usize,
    settled: usize,
    /// The queue was full once: what this connection brings from then on is left to the next one.
    skipping: bool,
    session_present: bool,
    was_connected: bool,
}

/// Why the receiving connection is given up.
enum Loss {
    /// The connection broke, or the broker refused something.
    Broken(String),
    /// The caller was a whole window behind.
    Behind,
}

impl DeliveryLink {
    pub(super) fn new(
        options: &SessionOptions,
        transport: Transport,
        filters: Vec<String>,
        deliveries: mpsc::Sender<Delivery>,
        behind: watch::Sender<bool>,
        status: watch::Sender<SessionStatus>,
        closing: CancellationToken,
    ) -> Self {
        let mut mqtt = mqtt_options(options, &options.client_id, transport);
        mqtt.set_clean_start(false);
        mqtt.set_session_expiry_interval(Some(options.session_expiry_s));
        mqtt.set_manual_acks(true);
        // Said aloud, because Mosquitto gives a client that says nothing a window of 20.
        mqtt.set_receive_maximum(Some(u16::MAX));
        let (client, events) = AsyncClient::new(mqtt, REQUESTS);
        let acks = Arc::new(Acks::new(client.clone()));
        let retry = Retry::new(options);
        Self {
            events,
            client,
            acks,
            filters,
            deliveries,
            behind,
            status,
            closing,
            retry,
            epoch: 0,
            taken: 0,
            settled: 0,
            skipping: false,
            session_present: false,
            was_connected: false,
        }
    }

    pub(super) fn acks(&self) -> Arc<Acks> {
        Arc::clone(&self.acks)
    }

    pub(super) async fn run(mut self) {
        let closing = self.closing.clone();
        loop {
            let connected = matches!(*self.status.borrow(), SessionStatus::Connected { .. });
            let taken = match next_or_goodbye(&mut self.events, &self.client, &closing, connected).await {
                None => break,
                Some(Ok(Event::Incoming(packet))) => self.incoming(packet),
                Some(Ok(Event::Outgoing(Outgoing::PubAck(_)))) => self.acknowledged(),
                Some(Ok(Event::Outgoing(_))) => Ok(()),
                Some(Err(error)) => Err(Loss::Broken(reason(&error))),
            };
            match taken {
                Ok(()) => self.acks.hand_over_waiting(),
                Err(loss) => self.lost(loss).await,
            }
        }
        self.acks.next_epoch();
        self.status.send_replace(SessionStatus::Closed);
    }

    fn incoming(&mut self, packet: Packet) -> Result<(), Loss> {
        match packet {
            Packet::ConnAck(connack) => {
                self.session_present = connack.session_present;
                let filters = self.filters.iter().map(|filter| Filter::new(filter.as_str(), QoS::AtLeastOnce));
                self.client
                    .try_subscribe_many(filters)
                    .map_err(|_| Loss::Broken("there was no room to ask for the subscriptions".to_owned()))
            }
            Packet::SubAck(suback) => self.subscribed(&suback),
            Packet::Publish(publish) => self.deliver(publish),
            // rumqttc's enum, of which the rest is its own business.
            _ => Ok(()),
        }
    }

    fn subscribed(&mut self, suback: &SubAck) -> Result<(), Loss> {
        for (filter, code) in self.filters.iter().zip(&suback.return_codes) {
            if !matches!(code, SubscribeReasonCode::Success(_)) {
                let reason =
                    format!("the broker refused the subscription to `{filter}` ({code:?}); see its access list");
                return Err(Loss::Broken(reason));
            }
        }
        if self.was_connected && !self.session_present {
            tracing::warn!("the MQTT broker lost our session; devices send again what they were not acknowledged");
        }
        tracing::info!(session.present = self.session_present, "connected to the MQTT broker");
        self.was_connected = true;
        self.retry.reset();
        self.status.send_replace(SessionStatus::Connected { session_present: self.session_present });
        Ok(())
    }

    fn deliver(&mut self, publish: Publish) -> Result<(), Loss> {
        if self.skipping {
            return Ok(());
        }
        let acknowledged = usize::from(publish.pkid != 0);
        match self.deliveries.try_send(delivery(publish, self.epoch)) {
            Ok(()) => {
                self.taken += acknowledged;
                if self.waiting() > BEHIND {
                    self.behind.send_if_modified(|behind| !std::mem::replace(behind, true));
                }
                Ok(())
            }
            // All that waits came on earlier connections: nothing can be acknowledged on this one.
            Err(mpsc::error::TrySendError::Full(_)) if self.taken == self.settled => Err(Loss::Behind),
            Err(mpsc::error::TrySendError::Full(_)) => {
                tracing::warn!(
                    "{WINDOW} messages wait to be stored; the broker delivers the others again when they are"
                );
                self.skipping = true;
                Ok(())
            }
            Err(mpsc::error::TrySendError::Closed(_)) => {
                self.closing.cancel();
                Ok(())
            }
        }
    }

    fn waiting(&self) -> usize {
        WINDOW - self.deliveries.capacity()
    }

    /// Counts an acknowledgement that went out, and gives up a connection that has nothing more to bring.
    fn acknowledged(&mut self) -> Result<(), Loss> {
        self.settled += 1;
        if !self.skipping && self.waiting() == 0 {
            self.behind.send_if_modified(|behind| std::mem::replace(behind, false));
        }
        if self.skipping && self.settled == self.taken { Err(Loss::Behind) } else { Ok(()) }
    }

    /// Says goodbye and reads on until the broker hangs up, so that it has read every acknowledgement by then.
    async fn take_leave(&mut self) {
        if self.client.try_disconnect().is_ok() {
            let read_on = async { while self.events.poll().await.is_ok() {} };
            // A broker that does not hang up has still read most of them; what it has not is delivered once more.
            let _ = tokio::time::timeout(GOODBYE, read_on).await;
        }
    }

    /// Ends the epoch, says so, and waits until it makes sense to connect again.
    async fn lost(&mut self, loss: Loss) {
        if matches!(loss, Loss::Behind) {
            self.take_leave().await;
        }
        (self.taken, self.settled, self.skipping) = (0, 0, false);
        // First no more acknowledgements for this connection, then away with those already handed over, with an old request to
        // subscribe, and with the packets read but not looked at: they would all count as the next connection's.
        self.acks.next_epoch();
        self.epoch = self.acks.epoch();
        self.events.clean();
        self.events.pending.clear();
        self.events.state.events.clear();
        match loss {
            Loss::Broken(reason) => {
                self.report(reason);
                self.closing.clone().run_until_cancelled(self.retry.wait()).await;
            }
            Loss::Behind => {
                self.report(format!("{WINDOW} messages wait to be stored; connecting again when they are"));
                self.closing.clone().run_until_cancelled(self.deliveries.reserve_many(WINDOW)).await;
            }
        }
    }

    /// Logs a loss once, not at each vain retry.
    fn report(&self, reason: String) {
        let status = SessionStatus::Disconnected { reason: reason.clone() };
        if self.status.send_replace(status.clone()) != status {
            tracing::warn!(reason, "not connected to the MQTT broker; trying again");
        }
    }
}

/// Gives a message of the broker to the caller; of QoS 0, it has nothing to acknowledge.
pub(super) fn delivery(publish: Publish, epoch: u64) -> Delivery {
    Delivery {
        // MQTT 5, 1.5.4: a topic is UTF-8; a broker that breaks this gets it replaced, and the message ends in quarantine.
        topic: String::from_utf8_lossy(&publish.topic).into_owned(),
        payload: publish.payload,
        retain: publish.retain,
        dup: publish.dup,
        token: AckToken { epoch, packet_id: publish.pkid },
    }
}

/// The sending connection. A command that finds the connection broken is lost: commands are repeated by whoever needs them.
pub(super) struct CommandLink {
    events: EventLoop,
    client: AsyncClient,
    up: watch::Sender<bool>,
    closing: CancellationToken,
    retry: Retry,
}

impl CommandLink {
    pub(super) fn new(
        options: &SessionOptions,
        transport: Transport,
        up: watch::Sender<bool>,
        closing: CancellationToken,
    ) -> Self {
        let mut mqtt = mqtt_options(options, &format!("{}-commands", options.client_id), transport);
        mqtt.set_clean_start(true);
        let (client, events) = AsyncClient::new(mqtt, COMMANDS_WAITING);
        Self { events, client, up, closing, retry: Retry::new(options) }
    }

    pub(super) fn client(&self) -> AsyncClient {
        self.client.clone()
    }

    pub(super) async fn run(mut self) {
        let closing = self.closing.clone();
        loop {
            let connected = *self.up.borrow();
            match next_or_goodbye(&mut self.events, &self.client, &closing, connected).await {
                None => break,
                Some(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                    self.retry.reset();
                    self.up.send_replace(true);
                }
                Some(Ok(Event::Incoming(_) | Event::Outgoing(_))) => {}
                Some(Err(error)) => {
                    if self.up.send_replace(false) {
                        tracing::debug!(reason = reason(&error), "the sending MQTT connection is gone");
                    }
                    // rumqttc keeps a publish whose packet identifier was still in use, and takes no more requests until that one is
                    // acknowledged, which on a new connection never happens.
                    self.events.state.collision = None;
                    closing.run_until_cancelled(self.retry.wait()).await;
                }
            }
        }
        self.up.send_replace(false);
    }
}

/// Gives the next event; or, once the session is closing, takes leave if there is a connection and gives None.
///
/// Taking leave lets what waits go out first, then the DISCONNECT, and reads on until the broker hangs up: hanging up ourselves with
/// something unread makes TCP reset the connection, and the broker may lose what it had not read yet.
pub(super) async fn next_or_goodbye(
    events: &mut EventLoop,
    client: &AsyncClient,
    closing: &CancellationToken,
    connected: bool,
) -> Option<Result<Event, ConnectionError>> {
    let finished = {
        let mut poll = pin!(events.poll());
        if let Some(event) = closing.run_until_cancelled(poll.as_mut()).await {
            return Some(event);
        }
        if !connected {
            return None;
        }
        // A poll is never given up on an open connection: a request that it is just sending would be lost.
        let leave = async { tokio::join!(client.disconnect(), poll).1 };
        tokio::time::timeout(GOODBYE, leave).await
    };
    let read_on = async { while events.poll().await.is_ok() {} };
    if !matches!(finished, Ok(Ok(_))) || tokio::time::timeout(GOODBYE, read_on).await.is_err() {
        tracing::debug!("the MQTT broker did not take our goodbye in time");
    }
    None
}

pub(super) fn mqtt_options(options: &SessionOptions, client_id: &str, transport: Transport) -> MqttOptions {
    let mut mqtt = MqttOptions::new(client_id, options.address.host(), options.address.port());
    mqtt.set_transport(transport);
    mqtt.set_keep_alive(KEEP_ALIVE);
    mqtt.set_max_packet_size(Some(MAX_PACKET_BYTES));
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    mqtt.set_network_options(network);
    if let Some((user, password)) = options.address.login() {
        mqtt.set_credentials(user, password);
    }
    mqtt
}

pub(super) fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(code) => format!("the broker refused the login: {code:?}"),
        ConnectionError::Timeout(_) => "the broker did not answer in time".to_owned(),
        // rumqttc's enum: its own words will do for the rest.
        other => other.to_string(),
    }
}

/// Waits between attempts: `retry_first`, doubling up to `retry_at_most`.
pub(super) struct Retry {
    first: Duration,
    at_most: Duration,
    next: Duration,
}

impl Retry {
    pub(super) fn new(options: &SessionOptions) -> Self {
        let first = options.retry_first.min(options.retry_at_most);
        Self { first, at_most: options.retry_at_most, next: first }
    }

    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }

    pub(super) async fn wait(&mut self) {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.at_most);
        tokio::time::sleep(wait).await;
    }
}
