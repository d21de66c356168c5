//! The embedded MQTT broker, for installations that have none of their own.
//!
//! Owns the listening sockets, the MQTT sessions and everything of the `mqtt5` crate. It decides nothing about devices: who may
//! log in, who may use which topic and what becomes of a message is injected through [`Hooks`]. It may not touch the
//! configuration, the store or the decoders.
//!
//! # Why
//! - **PUBACK goes out after the commit**, so that to a device it means "durable". The hook takes a message in its client's order and gives
//!   what resolves with the commit; the acknowledgement waits for that on its way out (`front`), while the client's next
//!   messages are taken already, so that all that is in flight shares one commit. The rejected option, a client that
//!   subscribes to its own embedded broker, loses what the broker had acknowledged and the client had not yet read when the process
//!   is killed.
//! - **What cannot be committed is not answered.** MQTT has no way to refuse a publish for the moment. A hook without room
//!   for another message keeps its client waiting.
//! - **Server to device goes straight into the router** ([`Broker::publish`]); a loopback client would be a second MQTT stack, a
//!   second connection and a login of its own, for nothing.
//! - **Wills come to the hook too**, when the connection is lost. The crate routes a will to subscribers without telling
//!   its event handler of a publish, and a will is how a device's `{"online":false}` arrives. A will delay (MQTT 5) holds back
//!   the copy for subscribers only. No will is reported when a newer connection of the same client took over, nor when the broker
//!   itself stops: the device is not offline then.
//! - **Sessions and retained messages live in memory**: what must last is in the database, and a device gets its
//!   acknowledgement again whenever it comes online.
//! - **A publish refused by the access rules is answered, not held**: MQTT 3.1.1 has no error PUBACK, so such a device believes it
//!   was stored. Hence every refusal is logged and given to [`Hooks::on_refused`].
//! - **No retained-message limit and no rate limit**: both make the broker drop a publish *before* the hook sees it.

mod front;
mod gate;
mod held;
mod line;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mqtt5::QoS;
use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};
use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use mqtt5::packet::publish::PublishPacket;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use front::{Front, Inside};
use gate::Gate;
use line::Line;

use crate::tls::{self, PemFiles};

/// The greatest MQTT packet taken by default, bytes: four times the 256 KiB an envelope may have, so that one that breaks that rule
/// still reaches quarantine instead of costing the device its connection.
pub const MAX_PACKET_BYTES: usize = 1024 * 1024;

/// Publishes one MQTT 5 client may have under way (its Receive Maximum): enough to share a commit, and a bound for the memory of
/// those at QoS 2, each of which is held here until it is released.
const UNDER_WAY: u16 = 512;
/// Messages sent to one client and not yet acknowledged by it. Clients get little but acknowledgements, the latest replacing others.
const OUTBOUND_IN_FLIGHT: u16 = 64;
/// Messages waiting for one connected client's socket; a slow reader must not hold many.
const OUTBOUND_WAITING: usize = 1_000;
/// Messages, and their bytes, kept for a client that is away: it asks again when it is back.
const AWAY_MESSAGES: usize = 100;
const AWAY_BYTES: usize = 1024 * 1024;
/// Longest a session outlives its connection, whatever the client asks for.
const SESSION_KEPT: Duration = Duration::from_secs(3_600);
/// A device has one subscription; people who watch have a handful.
const SUBSCRIPTIONS_PER_CLIENT: usize = 100;

/// Where the broker listens and what it takes.
#[derive(Debug, Clone)]
pub struct BrokerOptions {
    /// Address of the plain listener; port 0 means any free one.
    pub listen: SocketAddr,
    /// Listener with TLS beside the plain one. None: plain only.
    pub tls: Option<TlsListener>,
    /// Greatest MQTT packet, bytes, at least 1024; a client that sends a greater one is disconnected.
    pub max_packet_bytes: usize,
    /// Clients connected at once.
    pub max_connections: usize,
    /// Whether a client that gives no user name is let in, without asking [`Hooks::authenticate`].
    pub allow_anonymous: bool,
}

impl BrokerOptions {
    /// Gives the safe options for `listen`: no TLS, no anonymous clients, packets up to [`MAX_PACKET_BYTES`], 10 000 clients.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, tls: None, max_packet_bytes: MAX_PACKET_BYTES, max_connections: 10_000, allow_anonymous: false }
    }
}

/// The listener with TLS.
#[derive(Debug, Clone)]
pub struct TlsListener {
    /// Its address; port 0 means any free one.
    pub listen: SocketAddr,
    /// PEM file with the certificate chain.
    pub cert_file: PathBuf,
    /// PEM file with the private key.
    pub key_file: PathBuf,
}

/// A connected client, as the access rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client {
    /// The MQTT client id; never empty (the broker gives one where the client gave none).
    pub client_id: Arc<str>,
    /// The user name it logged in with. None: let in as anonymous.
    pub user: Option<Arc<str>>,
}

/// What a client offers when it connects.
#[derive(Clone)]
pub struct Login {
    /// The MQTT client id.
    pub client_id: String,
    /// The user name; clients without one never get this far.
    pub user: String,
    /// The password as sent; empty if there was none.
    pub password: Vec<u8>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("client_id", &self.client_id).field("user", &self.user).finish_non_exhaustive()
    }
}

/// One message from a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The topic it was published to.
    pub topic: String,
    /// The payload, up to [`BrokerOptions::max_packet_bytes`].
    pub payload: Bytes,
    /// The retain flag as the client set it.
    pub retain: bool,
    /// Whether it is the will of a client whose connection was lost.
    pub will: bool,
    /// Who published it.
    pub client: Client,
}

/// What the broker turned away, for counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A connection: unknown user, wrong password, or no user name where one is needed.
    Login {
        /// The MQTT client id given.
        client_id: String,
    },
    /// A publish (or will) to a topic that is not the client's.
    Publish {
        /// Who tried.
        client: Client,
        /// The topic.
        topic: String,
    },
    /// A subscription to a filter that is not the client's.
    Subscribe {
        /// Who tried.
        client: Client,
        /// The topic filter.
        filter: String,
    },
}

/// Tells whether a client may use a topic, or a topic filter with its wildcards. Called for each message, so it must answer from memory.
pub type Rule = Arc<dyn Fn(&Client, &str) -> bool + Send + Sync>;

/// Tells when a message is durable. Its other end dropped without a word: it never will be, and is not acknowledged.
#[derive(Debug)]
pub struct Durable(pub oneshot::Receiver<()>);

/// What the rest of the program wants from each publish, connection and subscription.
#[derive(Clone)]
pub struct Hooks {
    /// Takes a message, and tells when it is durable: then PUBACK is sent. Runs at once for different clients, in order for one, whose
    /// next message is read when this one has been taken.
    pub on_publish: Arc<dyn Fn(Publish) -> BoxFuture<'static, Durable> + Send + Sync>,
    /// Tells whether a login is right. Costly password checks belong on a blocking thread. The client is dropped after 10 s.
    pub authenticate: Arc<dyn Fn(Login) -> BoxFuture<'static, bool> + Send + Sync>,
    /// Tells whether a client may publish to a topic.
    pub may_publish: Rule,
    /// Tells whether a client may subscribe to a topic filter.
    pub may_subscribe: Rule,
    /// Counts what was turned away. The broker logs it.
    pub on_refused: Arc<dyn Fn(Refusal) + Send + Sync>,
}

/// What can go wrong with the embedded broker.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The address cannot be had.
    #[error(
        "cannot listen for MQTT on {address}: {source}; stop what uses it or choose another address for `mqtt.listen`"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The TLS listener cannot be set up.
    #[error("cannot serve MQTT over TLS on {address}: {reason}")]
    Tls {
        /// The address asked for.
        address: SocketAddr,
        /// What is wrong with the address, the certificate or the key.
        reason: String,
    },
    /// The broker did not start, or its task died.
    #[error("the embedded MQTT broker does not run: {reason}")]
    NotRunning {
        /// What the broker said.
        reason: String,
    },
    /// A topic that no message can have.
    #[error("topic `{topic}` cannot be published to; it must not be empty and must not hold `+`, `#` or NUL")]
    Topic {
        /// The topic.
        topic: String,
    },
}

/// The running broker. Dropping it ends it at once; [`Broker::stop`] ends it in good order.
pub struct Broker {
    plain: Front,
    tls: Option<Front>,
    router: Arc<MessageRouter>,
    gate: Arc<Gate>,
    shutdown: BrokerShutdownHandle,
    task: AbortOnDropHandle<mqtt5::Result<()>>,
    _settling: AbortOnDropHandle<()>,
}

impl Broker {
    /// Starts the broker; when it returns, clients can connect. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`BrokerError::Listen`] if the address is taken or not ours, [`BrokerError::Tls`] for a bad certificate, key or TLS address,
    /// [`BrokerError::NotRunning`] for anything else the broker refuses.
    pub async fn start(options: BrokerOptions, hooks: Hooks) -> Result<Self, BrokerError> {
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|source| BrokerError::Listen { address: options.listen, source })?;
        let tls = match &options.tls {
            None => None,
            Some(tls) => Some(secure(tls).await?),
        };
        let (line, settling) = Line::new();
        let settling = AbortOnDropHandle::new(tokio::spawn(settling));
        let gate = Arc::new(Gate::new(hooks, options.allow_anonymous, line));
        let broker = MqttBroker::with_config(config(&options, &gate))
            .await
            .map_err(not_running)?
            .with_auth_provider(gate.clone());
        let address = broker.local_addr().ok_or_else(|| not_running("it has no address"))?;
        let (router, shutdown) = (broker.router(), broker.shutdown_handle());

        let mut ready = broker.ready_receiver();
        let mut running = broker;
        let task = AbortOnDropHandle::new(tokio::spawn(async move { running.run().await }));
        // A stop asked for before this point would go unheard; and the task may have died on the way.
        if ready.wait_for(|ready| *ready).await.is_err() {
            return Err(not_running(ended(task).await));
        }
        let inside = Inside { address, gate: gate.clone(), room: Arc::new(Semaphore::new(options.max_connections)) };
        let plain = Front::start(listener, None, inside.clone()).map_err(not_running)?;
        let tls = match tls {
            None => None,
            Some((listener, acceptor)) => Some(Front::start(listener, Some(acceptor), inside).map_err(not_running)?),
        };
        let tls_address = tls.as_ref().map(Front::address);
        tracing::info!(broker.address = %plain.address(), broker.tls_address = ?tls_address, "embedded MQTT broker listens");
        Ok(Self { plain, tls, router, gate, shutdown, task, _settling: settling })
    }

    /// The address of the plain listener, with the port it really got.
    pub fn local_addr(&self) -> SocketAddr {
        self.plain.address()
    }

    /// The address of the TLS listener, with the port it really got. None: no TLS.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(Front::address)
    }

    /// Gives the way down to the clients, for whoever sends beside the broker's owner.
    pub fn downlink(&self) -> Downlink {
        Downlink { router: Arc::downgrade(&self.router) }
    }

    /// Hands a message to everybody subscribed to `topic`: see [`Downlink::publish`].
    ///
    /// # Errors
    /// As [`Downlink::publish`].
    pub async fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), BrokerError> {
        if self.task.is_finished() {
            return Err(BrokerError::NotRunning { reason: "its task has ended".to_owned() });
        }
        self.downlink().publish(topic, payload, retain).await
    }

    /// Stops listening, hangs up, lets taken messages become durable and be acknowledged for up to five seconds, and ends.
    pub async fn stop(self) {
        let address = self.local_addr();
        self.gate.stopping();
        for front in std::iter::once(&self.plain).chain(&self.tls) {
            front.close();
        }
        self.shutdown.shutdown();
        let reason = ended(self.task).await;
        // After the broker, whose last words to its clients pass through here.
        let secure = async {
            if let Some(tls) = self.tls {
                tls.stop().await;
            }
        };
        tokio::join!(self.plain.stop(), secure);
        tracing::info!(broker.address = %address, reason, "embedded MQTT broker stopped");
    }
}

/// The way from this program to the clients. Outlives the broker without keeping anything of it, its hooks least of all: whoever
/// waits for their end would wait for ever.
#[derive(Clone)]
pub struct Downlink {
    router: Weak<MessageRouter>,
}

impl Downlink {
    /// Hands a message to everybody subscribed to `topic`, at QoS 1; it does not pass [`Hooks::on_publish`]. Nobody there is no error.
    /// Waits at most a few seconds for subscribers that read slowly.
    ///
    /// # Errors
    /// [`BrokerError::Topic`] for a topic that is empty or holds a wildcard; [`BrokerError::NotRunning`] if the broker ended.
    pub async fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), BrokerError> {
        mqtt5::validate_topic_name(topic).map_err(|_| BrokerError::Topic { topic: topic.to_owned() })?;
        let Some(router) = self.router.upgrade() else {
            return Err(BrokerError::NotRunning { reason: "it was stopped".to_owned() });
        };
        let mut packet = PublishPacket::new(topic, payload, QoS::AtLeastOnce);
        packet.retain = retain;
        router.route_message(&packet, None).await;
        Ok(())
    }
}

impl fmt::Debug for Downlink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downlink").finish_non_exhaustive()
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("address", &self.local_addr()).finish_non_exhaustive()
    }
}

async fn ended(task: AbortOnDropHandle<mqtt5::Result<()>>) -> String {
    match task.await {
        Ok(Ok(())) => "asked to".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    }
}

/// Gives the crate's configuration with every default that does not suit us replaced.
fn config(options: &BrokerOptions, gate: &Arc<Gate>) -> BrokerConfig {
    let mut config = BrokerConfig {
        // Any free port: only the front connects to it.
        bind_addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        max_clients: options.max_connections,
        max_packet_size: options.max_packet_bytes,
        session_expiry_interval: SESSION_KEPT,
        max_subscriptions_per_client: SUBSCRIPTIONS_PER_CLIENT,
        max_retained_messages: 0,
        max_retained_message_size: 0,
        client_channel_capacity: OUTBOUND_WAITING,
        max_outbound_inflight: OUTBOUND_IN_FLIGHT,
        server_receive_maximum: Some(UNDER_WAY),
        sys_topics_enabled: false,
        max_outbound_rate_per_client: 0,
        max_message_rate_per_client: 0,
        max_bandwidth_per_client: 0,
        storage_config: StorageConfig::new()
            .with_backend(StorageBackend::Memory)
            .with_max_queued_messages_per_client(AWAY_MESSAGES)
            .with_max_queued_bytes_per_client(AWAY_BYTES),
        event_handler: Some(gate.clone()),
        ..BrokerConfig::default()
    };
    // Only lets the crate start without a password file: its own check is replaced by `Gate`, which refuses anonymous clients.
    config.auth_config.allow_anonymous = true;
    config.auth_config.rate_limit.enabled = false;
    config
}

fn not_running(reason: impl fmt::Display) -> BrokerError {
    BrokerError::NotRunning { reason: reason.to_string() }
}

/// Takes the address of the listener with TLS and reads its certificate.
async fn secure(options: &TlsListener) -> Result<(TcpListener, TlsAcceptor), BrokerError> {
    let unusable = |reason: String| BrokerError::Tls { address: options.listen, reason };
    let (cert_file, key_file) = (options.cert_file.clone(), options.key_file.clone());
    let files = PemFiles { cert_file, key_file, protocols: &[] };
    let acceptor = tls::acceptor(&files).map_err(|error| unusable(error.to_string()))?;
    let taken = |error: io::Error| unusable(format!("{error}; stop what uses the address or choose another"));
    let listener = TcpListener::bind(options.listen).await.map_err(taken)?;
    Ok((listener, acceptor))
}
