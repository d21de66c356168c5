//! Where messages come from: the embedded broker, or a session with an outside one.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Channels;
use super::admission::{self, Admission};
use crate::broker::{Broker, BrokerOptions, Client, Durable, Hooks, Publish, TlsListener};
use crate::config::{Config, Mqtt, MqttUrl};
use crate::devices::{Channel, Root};
use crate::domain::time::Clock;
use crate::ingest::acks::SendAck;
use crate::ingest::session::{AckToken, BrokerAddress, Delivery, Session, SessionOptions, SessionStatus};
use crate::ingest::writer::{Done, Message};

/// Bytes of messages that may wait for the database at once; then their senders wait.
const WAITING_BYTES: u32 = 64 * 1024 * 1024;

/// Of those that pass a backlog.
const LIVE_WAITING_BYTES: u32 = 8 * 1024 * 1024;

/// The writer's queues.
pub(super) struct Queues {
    pub(super) all: mpsc::Sender<Message>,
    pub(super) live: mpsc::Sender<Message>,
}

/// The memory that waiting messages may take.
#[derive(Clone)]
struct Room {
    free: Arc<Semaphore>,
    bytes: u32,
}

impl Room {
    fn of(bytes: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(usize::try_from(bytes).unwrap_or(usize::MAX))), bytes }
    }

    /// Waits until there is room for a message of so many bytes, and takes it.
    async fn for_bytes(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.bytes);
        // Never closed, so always given.
        Arc::clone(&self.free).acquire_many_owned(bytes).await.ok()
    }
}

/// The source of messages.
pub(super) enum Intake {
    Embedded(Broker),
    Outside { session: Arc<Session>, closing: CancellationToken },
}

impl Intake {
    pub(super) async fn open(
        config: &Config,
        root: &Root,
        queues: Queues,
        channels: &Channels,
        admission: &Arc<Admission>,
        clock: &Arc<dyn Clock>,
        tasks: &TaskTracker,
    ) -> anyhow::Result<Self> {
        let broker = match &config.mqtt.url {
            MqttUrl::Embedded => {
                let options = broker_options(&config.mqtt, channels.commune.borrow().simulated)?;
                let broker = Broker::start(options, hooks(root, queues.all, admission, clock)).await?;
                channels.broker_ok.send_replace(true);
                return Ok(Self::Embedded(broker));
            }
            MqttUrl::Outside(broker) => broker,
        };
        let login = broker.user.as_deref().map(|user| (user, broker.password.as_ref().map_or("", |p| p.expose())));
        let address = BrokerAddress::from_parts(broker.tls, &broker.host, broker.port, login);
        let topics = vec![root.filter(Channel::Events), root.filter(Channel::State)];
        let mut options = SessionOptions::new(address, config.mqtt.client_id.clone(), topics);
        options.shared_group = config.mqtt.shared_group.clone();
        options.ca_file = config.mqtt.ca_file.clone();
        options.live_topics = vec![root.filter(Channel::Events)];
        let (session, received) = Session::open(options)?;
        let mut status = session.status();
        let broker_ok = channels.broker_ok.clone();
        tasks.spawn(async move {
            loop {
                let connected = matches!(&*status.borrow_and_update(), SessionStatus::Connected { .. });
                broker_ok.send_if_modified(|ok| std::mem::replace(ok, connected) != connected);
                if status.changed().await.is_err() {
                    return;
                }
            }
        });
        let closing = CancellationToken::new();
        // The end of these tasks closes the writer's queues; the writer commits and acknowledges what waits, and then the
        // session has no holder left.
        let forwarding = [
            (received.all, queues.all, Room::of(WAITING_BYTES)),
            (received.live, queues.live, Room::of(LIVE_WAITING_BYTES)),
        ];
        for (deliveries, queue, room) in forwarding {
            tasks.spawn(forward(deliveries, queue, room, Arc::clone(clock), closing.clone()));
        }
        Ok(Self::Outside { session: Arc::new(session), closing })
    }

    /// Gives whether a backlog is worked off. `None`: devices keep theirs themselves.
    pub(super) fn behind(&self) -> Option<watch::Receiver<bool>> {
        match self {
            Self::Embedded(_) => None,
            Self::Outside { session, .. } => Some(session.behind()),
        }
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Embedded(broker) => Some(broker.local_addr()),
            Self::Outside { .. } => None,
        }
    }

    pub(super) fn tls_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Embedded(broker) => broker.tls_addr(),
            Self::Outside { .. } => None,
        }
    }

    /// Gives what acknowledges a delivery; the embedded broker needs none.
    pub(super) fn acknowledge(&self) -> impl Fn(AckToken) + Send + use<> {
        let session = match self {
            Self::Embedded(_) => None,
            Self::Outside { session, .. } => Some(Arc::clone(session)),
        };
        move |token| {
            if let Some(session) = &session {
                session.ack(token);
            }
        }
    }

    /// Gives what sends acknowledgements to devices.
    pub(super) fn send(&self) -> SendAck {
        match self {
            Self::Embedded(broker) => {
                let downlink = broker.downlink();
                Box::new(move |topic, body| {
                    let downlink = downlink.clone();
                    Box::pin(async move { downlink.publish(&topic, body, false).await.is_ok() })
                })
            }
            Self::Outside { session, .. } => {
                let session = Arc::clone(session);
                Box::new(move |topic, body| {
                    let session = Arc::clone(&session);
                    Box::pin(async move { session.publish(&topic, body, false).await.is_ok() })
                })
            }
        }
    }

    pub(super) async fn close(self) {
        match self {
            Self::Embedded(broker) => broker.stop().await,
            Self::Outside { session, closing } => {
                closing.cancel();
                drop(session);
            }
        }
    }
}

/// Hands deliveries to the writer, as far as there is room.
async fn forward(
    mut deliveries: mpsc::Receiver<Delivery>,
    queue: mpsc::Sender<Message>,
    room: Room,
    clock: Arc<dyn Clock>,
    closing: CancellationToken,
) {
    while let Some(Some(delivery)) = closing.run_until_cancelled(deliveries.recv()).await {
        let room = room.for_bytes(delivery.payload.len()).await;
        let message = Message {
            topic: delivery.topic,
            payload: delivery.payload,
            retain: delivery.retain,
            received: clock.now(),
            done: Done::Delivery(delivery.token),
            room,
        };
        if queue.send(message).await.is_err() {
            return;
        }
    }
}

/// Gives where the embedded broker listens and whom it lets in without a password: on this machine only, and there only for a
/// simulated commune, unless the settings say otherwise. What crosses a network in the open must be asked for by name.
fn broker_options(mqtt: &Mqtt, simulated: bool) -> anyhow::Result<BrokerOptions> {
    let mut options = BrokerOptions::new(mqtt.listen);
    let on_loopback = mqtt.listen.ip().is_loopback();
    if !on_loopback && !mqtt.plain_anywhere {
        anyhow::bail!(
            "`mqtt.listen` {} takes passwords and events without TLS from other machines; use `mqtt.tls_listen`, or say \
             `mqtt.plain_anywhere = true` where the network is closed",
            mqtt.listen
        );
    }
    // Behind the TLS listener every client looks like one of this machine.
    let closed = on_loopback && mqtt.tls_listen.is_none_or(|listen| listen.ip().is_loopback());
    if mqtt.allow_anonymous && !closed {
        anyhow::bail!(
            "`mqtt.allow_anonymous` is for a broker that listens on loopback only; give the devices passwords with \
             `phanloai device add`"
        );
    }
    options.allow_anonymous = closed && (simulated || mqtt.allow_anonymous);
    options.tls = match (mqtt.tls_listen, &mqtt.tls_cert, &mqtt.tls_key) {
        (Some(listen), Some(cert_file), Some(key_file)) => {
            Some(TlsListener { listen, cert_file: cert_file.clone(), key_file: key_file.clone() })
        }
        // `Config::load` lets the address go with its files only.
        (Some(_) | None, _, _) => None,
    };
    Ok(options)
}

fn hooks(root: &Root, queue: mpsc::Sender<Message>, admission: &Arc<Admission>, clock: &Arc<dyn Clock>) -> Hooks {
    let (clock, room) = (Arc::clone(clock), Room::of(WAITING_BYTES));
    let on_publish = move |publish: Publish| {
        let (queue, room, received) = (queue.clone(), room.clone(), clock.now());
        Box::pin(async move {
            let (done, committed) = oneshot::channel();
            let message = Message {
                room: room.for_bytes(publish.payload.len()).await,
                topic: publish.topic,
                payload: publish.payload,
                // Here the flag is the device's own wish; what the broker had kept never comes to the hook.
                retain: false,
                received,
                done: Done::Hook(done),
            };
            // When the writer has ended, its end of `committed` is gone, and the device sends again to the next start.
            drop(queue.send(message).await);
            Durable(committed)
        }) as futures_util::future::BoxFuture<'static, Durable>
    };
    let (publish_root, subscribe_root) = (root.clone(), root.clone());
    let (admission, ledger) = (Arc::clone(admission), Arc::clone(admission));
    Hooks {
        on_publish: Arc::new(on_publish),
        authenticate: Arc::new(move |login| {
            let admission = Arc::clone(&admission);
            Box::pin(async move { admission.admits(login).await })
        }),
        may_publish: Arc::new(move |client: &Client, topic: &str| admission::may_publish(&publish_root, client, topic)),
        may_subscribe: Arc::new(move |client: &Client, filter: &str| {
            admission::may_subscribe(&subscribe_root, client, filter)
        }),
        on_refused: Arc::new(move |refusal| ledger.ledger.count(refusal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(
        listen: &str,
        tls_listen: Option<&str>,
        simulated: bool,
        change: impl FnOnce(&mut Mqtt),
    ) -> Result<bool, String> {
        let mut mqtt = Config::default().mqtt;
        mqtt.listen = listen.parse().unwrap();
        mqtt.tls_listen = tls_listen.map(|listen| listen.parse().unwrap());
        change(&mut mqtt);
        broker_options(&mqtt, simulated).map(|options| options.allow_anonymous).map_err(|error| error.to_string())
    }

    #[test]
    fn nobody_comes_in_without_a_password_but_on_a_simulated_loopback_or_when_told() {
        assert_eq!(options("127.0.0.1:0", None, true, |_| {}), Ok(true));
        assert_eq!(options("127.0.0.1:0", None, false, |_| {}), Ok(false));
        assert_eq!(options("127.0.0.1:0", None, false, |mqtt| mqtt.allow_anonymous = true), Ok(true));
        assert_eq!(options("127.0.0.1:0", Some("0.0.0.0:0"), true, |_| {}), Ok(false));
        assert_eq!(options("0.0.0.0:0", None, true, |mqtt| mqtt.plain_anywhere = true), Ok(false));
        let refused = options("127.0.0.1:0", Some("0.0.0.0:0"), false, |mqtt| mqtt.allow_anonymous = true);
        assert!(
            refused.unwrap_err().starts_with("`mqtt.allow_anonymous` is for a broker that listens on loopback only")
        );
    }

    #[test]
    fn a_plain_listener_for_other_machines_must_be_asked_for() {
        let refused = options("192.0.2.1:1883", None, false, |_| {}).unwrap_err();
        assert!(
            refused.starts_with("`mqtt.listen` 192.0.2.1:1883 takes passwords and events without TLS"),
            "{refused}"
        );
    }
}
