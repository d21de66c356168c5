//! The session with an MQTT broker outside this program: the only place that uses `rumqttc`.
//!
//! Owns two connections, one that receives and one that sends, their reconnecting and the acknowledgements on their way. It may not
//! look into a payload nor decide when something is stored: the caller acknowledges with [`Session::ack`] once it is.
//!
//! # Why
//! - **MQTT 5, fixed client id, no clean start, long expiry, QoS 1, acknowledged by hand**: the broker keeps for us whatever we have not
//!   committed, across our restarts and its own.
//! - **Two connections**: on one, acknowledgements would wait behind publishes that the other side has not yet acknowledged.
//! - **[`Session::ack`] never waits**: an acknowledgement that waits for the task that reads, which waits for room in the queue that the
//!   acknowledging task should empty, is a dead stop.
//! - **Each connection is an epoch** and an acknowledgement of an older one is dropped: a broker that lost our session gives the
//!   same packet identifier to another message, which would be acknowledged unread. What is dropped is delivered once more.
//! - **The reading task keeps reading while the caller is slow**, because the keep-alive lives in it. The queue holds a whole window,
//!   65 535 messages: there are no more packet identifiers, and Mosquitto 2.0.11 ignores a smaller Receive Maximum after a
//!   reconnect (its issue 2301): it sends its whole backlog at once. What the queue has no room for is then read and left
//!   unacknowledged, until all that the queue took is acknowledged; after that a new connection brings the rest. Nothing is
//!   dropped, and each connection gets a window further, however slow the database is. Giving the connection up at once was
//!   rejected: the acknowledgements of a whole window would be void, and a service that stores more slowly than the broker
//!   sends would get the same window for ever. Not reading was rejected too: answers to pings would wait behind the backlog.
//! - **What comes now does not wait for a backlog**: see [`Received::live`].
//! - **Subscribing again on each connection** costs nothing with a session kept and repairs one that was lost.

mod address;
mod links;
mod live;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::v5::AsyncClient;
use rumqttc::v5::mqttbytes::{QoS, valid_filter, valid_topic};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use address::{AddressError, BrokerAddress};
use links::{Acks, CommandLink, DeliveryLink};
use live::{LIVE_WAITING, LiveLink};

/// The greatest MQTT packet taken, bytes: above the broker's own limit, so that no message can stop the session.
pub const MAX_PACKET_BYTES: u32 = 1024 * 1024;
/// MQTT packet identifiers, hence messages delivered and not yet acknowledged.
const WINDOW: usize = 65_535;
/// Commands waiting for the sending connection; they are small, and a publisher that is ahead of the broker should wait.
const COMMANDS_WAITING: usize = 1_024;
/// How long a command waits for a connection before it is given back as undeliverable.
const COMMAND_PATIENCE: Duration = Duration::from_secs(5);
/// How long closing may take before the connections are just dropped.
const CLOSING_PATIENCE: Duration = Duration::from_secs(10);

/// How to reach the broker and what to receive.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Where the broker is and how to log in.
    pub address: BrokerAddress,
    /// The client id, the same at each start: the broker keeps the session under it. The sending connection adds `-commands`.
    pub client_id: String,
    /// Topic filters to receive; they should not overlap, or a message comes twice.
    pub topics: Vec<String>,
    /// Those of them whose messages should not wait behind a backlog, where the same message may come twice.
    pub live_topics: Vec<String>,
    /// Group that shares these topics among several instances (`$share/<group>/…`). None: this instance gets all.
    pub shared_group: Option<String>,
    /// PEM file of the certificate authority for `mqtts`. None: those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// How long the broker keeps the session after we are gone, seconds.
    pub session_expiry_s: u32,
    /// First wait before connecting again; doubles up to `retry_at_most`.
    pub retry_first: Duration,
    /// Longest wait before connecting again.
    pub retry_at_most: Duration,
}

impl SessionOptions {
    /// Gives the usual options: no group, the system's authorities, a session kept for 30 days, retries after 0.25 s to 15 s.
    pub fn new(address: BrokerAddress, client_id: impl Into<String>, topics: Vec<String>) -> Self {
        Self {
            address,
            client_id: client_id.into(),
            topics,
            live_topics: Vec::new(),
            shared_group: None,
            ca_file: None,
            session_expiry_s: 30 * 24 * 3_600,
            retry_first: Duration::from_millis(250),
            retry_at_most: Duration::from_secs(15),
        }
    }

    fn filters(&self) -> Result<Vec<String>, SessionError> {
        if self.topics.is_empty() {
            return Err(SessionError::NoTopics);
        }
        self.topics.iter().map(|topic| self.filter(topic, "")).collect()
    }

    /// Gives the filters of what should not wait. In a group of its own: those who are behind share it among them.
    fn live_filters(&self) -> Result<Vec<String>, SessionError> {
        self.live_topics.iter().map(|topic| self.filter(topic, "-live")).collect()
    }

    fn filter(&self, topic: &str, group_suffix: &str) -> Result<String, SessionError> {
        if !valid_filter(topic) {
            return Err(SessionError::Filter { filter: topic.to_owned() });
        }
        match &self.shared_group {
            None => Ok(topic.to_owned()),
            // MQTT 5, 4.8.2: a share name is not empty and holds no `/`, `+` or `#`
            Some(group) if group.is_empty() || group.contains(['/', '+', '#']) => {
                Err(SessionError::Group { group: group.clone() })
            }
            Some(group) => Ok(format!("$share/{group}{group_suffix}/{topic}")),
        }
    }
}

/// One message from the broker.
#[derive(Debug)]
pub struct Delivery {
    /// The topic it was published to.
    pub topic: String,
    /// The payload, up to [`MAX_PACKET_BYTES`].
    pub payload: Bytes,
    /// Whether the broker had kept it and sends it because we subscribed.
    pub retain: bool,
    /// Whether it may have been delivered before.
    pub dup: bool,
    /// What to give to [`Session::ack`] once it is stored.
    pub token: AckToken,
}

/// What arrives. Dropping it closes the session.
#[derive(Debug)]
pub struct Received {
    /// Everything, in the broker's order, kept by the broker until it is acknowledged.
    pub all: mpsc::Receiver<Delivery>,
    /// While so much waits in `all` that what comes now would come late: messages of the live topics as they come, which come in
    /// `all` too. Nothing to acknowledge, and some may be left out.
    pub live: mpsc::Receiver<Delivery>,
}

/// The right to acknowledge one delivery, once.
#[derive(Debug, PartialEq, Eq)]
pub struct AckToken {
    epoch: u64,
    /// 0: a QoS 0 message, which has nothing to acknowledge.
    packet_id: u16,
}

/// How the receiving connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionStatus {
    /// Not connected yet.
    Connecting,
    /// Connected, and every subscription granted.
    Connected {
        /// Whether the broker had kept our session. False on a later connection: it lost it, and with it what it had not yet delivered.
        session_present: bool,
    },
    /// Not connected; trying again.
    Disconnected {
        /// Why, in plain words, without secrets.
        reason: String,
    },
    /// Closed by us; stays so.
    Closed,
}

/// What can go wrong with a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Nothing to receive.
    #[error("no topics to subscribe to; give at least one topic filter")]
    NoTopics,
    /// The session would not survive a restart.
    #[error("the MQTT client id is empty; the broker needs one to keep our session")]
    NoClientId,
    /// A topic filter that breaks the rules of MQTT.
    #[error(
        "topic filter `{filter}` is not valid; `+` stands for one whole level, `#` for all that follow, at the end only"
    )]
    Filter {
        /// The filter.
        filter: String,
    },
    /// A shared group that breaks the rules of MQTT.
    #[error("shared group `{group}` is not valid; it must not be empty nor hold `/`, `+` or `#`")]
    Group {
        /// The group.
        group: String,
    },
    /// The certificate authorities cannot be used.
    #[error("cannot use the certificate authorities of {place}: {reason}")]
    Authorities {
        /// The file, or the operating system.
        place: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A topic that no message can have.
    #[error("topic `{topic}` cannot be published to; it must not be empty and must not hold `+` or `#`")]
    Topic {
        /// The topic.
        topic: String,
    },
    /// A command found no connection.
    #[error("not connected to the MQTT broker; the message for `{topic}` was not sent")]
    NotConnected {
        /// Its topic.
        topic: String,
    },
}

/// A session with the broker. Dropping it says goodbye in the background; [`Session::close`] waits for that.
pub struct Session {
    acks: Arc<Acks>,
    commands: AsyncClient,
    commands_up: watch::Receiver<bool>,
    status: watch::Receiver<SessionStatus>,
    behind: watch::Receiver<bool>,
    tasks: TaskTracker,
    closing: DropGuard,
}

impl Session {
    /// Starts connecting and gives the queues of what arrives; connects again for as long as the session lives. Must be
    /// called within a Tokio runtime.
    ///
    /// # Errors
    /// Only for options that cannot work: no client id, a bad topic filter or group, unusable certificate authorities. A broker
    /// that cannot be reached is no error but a [`SessionStatus`].
    pub fn open(options: SessionOptions) -> Result<(Self, Received), SessionError> {
        if options.client_id.is_empty() {
            return Err(SessionError::NoClientId);
        }
        let filters = options.filters()?;
        let live_filters = options.live_filters()?;
        let transport = options.address.transport(options.ca_file.as_deref())?;
        let closing = CancellationToken::new();
        let (deliveries, all) = mpsc::channel(WINDOW);
        let (live_deliveries, live) = mpsc::channel(LIVE_WAITING);
        let (behind_sender, behind) = watch::channel(false);
        let (status_sender, status) = watch::channel(SessionStatus::Connecting);
        let (up_sender, commands_up) = watch::channel(false);

        let link = DeliveryLink::new(
            &options,
            transport.clone(),
            filters,
            deliveries,
            behind_sender,
            status_sender,
            closing.clone(),
        );
        let acks = link.acks();
        let command_link = CommandLink::new(&options, transport.clone(), up_sender, closing.clone());
        let commands = command_link.client();

        let tasks = TaskTracker::new();
        tasks.spawn(link.run());
        tasks.spawn(command_link.run());
        if !live_filters.is_empty() {
            let closing = closing.clone();
            let link = LiveLink::new(&options, transport, live_filters, live_deliveries, behind.clone(), closing);
            tasks.spawn(link.run());
        }
        tasks.close();
        let session = Self { acks, commands, commands_up, status, behind, tasks, closing: closing.drop_guard() };
        Ok((session, Received { all, live }))
    }

    /// Tells the broker that a delivery is stored. Never waits; does nothing if the connection it came on is gone, for then the broker
    /// delivers it again.
    pub fn ack(&self, token: AckToken) {
        self.acks.ack(&token);
    }

    /// Sends a message at QoS 1 over the sending connection. Ok means it is on its way, not that the broker has it: if the
    /// connection breaks just then it is lost, so send only what is sent again.
    ///
    /// # Errors
    /// [`SessionError::Topic`] for a topic with wildcards; [`SessionError::NotConnected`] if there is no connection within 5 s.
    pub async fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), SessionError> {
        if topic.is_empty() || !valid_topic(topic) {
            return Err(SessionError::Topic { topic: topic.to_owned() });
        }
        let not_connected = || SessionError::NotConnected { topic: topic.to_owned() };
        let mut up = self.commands_up.clone();
        let sent = async {
            up.wait_for(|up| *up).await.map_err(|_| not_connected())?;
            let queued = self.commands.publish_bytes(topic, QoS::AtLeastOnce, retain, payload.into());
            queued.await.map_err(|_| not_connected())
        };
        tokio::time::timeout(COMMAND_PATIENCE, sent).await.map_err(|_| not_connected())?
    }

    /// How the receiving connection stands, now and as it changes.
    pub fn status(&self) -> watch::Receiver<SessionStatus> {
        self.status.clone()
    }

    /// Whether a backlog is worked off, now and as it changes.
    pub fn behind(&self) -> watch::Receiver<bool> {
        self.behind.clone()
    }

    /// Sends the acknowledgements given so far, says goodbye and ends; the broker keeps the session and what is not acknowledged. Waits
    /// up to ten seconds: a window of acknowledgements takes its time.
    pub async fn close(self) {
        let Self { tasks, closing, .. } = self;
        closing.disarm().cancel();
        if tokio::time::timeout(CLOSING_PATIENCE, tasks.wait()).await.is_err() {
            tracing::warn!("the MQTT broker did not take our goodbye; what it was not told is delivered again");
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("status", &*self.status.borrow()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(port: u16) -> SessionOptions {
        let address = format!("mqtt://127.0.0.1:{port}").parse().unwrap();
        SessionOptions::new(address, "reader", vec!["a/events".to_owned()])
    }

    #[tokio::test]
    async fn a_command_without_connection_is_given_back() {
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let (session, _received) = Session::open(options(nobody.port())).unwrap();
        let error = session.publish("a/ack", "{}", false).await.unwrap_err();
        assert_eq!(error.to_string(), "not connected to the MQTT broker; the message for `a/ack` was not sent");
        let error = session.publish("a/+/ack", "{}", false).await.unwrap_err();
        assert!(error.to_string().starts_with("topic `a/+/ack` cannot be published to"), "{error}");
        session.close().await;
    }

    #[test]
    fn options_that_cannot_work_are_refused() {
        let refused = |change: fn(&mut SessionOptions)| {
            let mut options = options(1883);
            change(&mut options);
            Session::open(options).unwrap_err().to_string()
        };
        assert!(refused(|options| options.client_id.clear()).contains("client id is empty"));
        assert!(refused(|options| options.topics.clear()).contains("no topics"));
        assert!(refused(|options| options.topics.push("a/#/b".to_owned())).contains("topic filter `a/#/b`"));
        assert!(refused(|options| options.shared_group = Some("a/b".to_owned())).contains("shared group `a/b`"));
    }

    #[test]
    fn a_shared_group_stands_before_each_filter() {
        let mut options = options(1883);
        options.shared_group = Some("writers".to_owned());
        assert_eq!(options.filters().unwrap(), ["$share/writers/a/events"]);
    }
}
