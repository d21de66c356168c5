//! What the broker crate asks on each connection, publish and subscription, answered from the [`Hooks`].
//!
//! Owns the book of live connections, which it needs to report wills, and the line of messages on their way to the database. It may not
//! start, stop or send anything.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use mqtt5::broker::auth::{AuthProvider, AuthResult};
use mqtt5::broker::{BrokerEventHandler, ClientConnectEvent, ClientDisconnectEvent, ClientPublishEvent, PublishAction};
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;

use super::line::Line;
use super::{Client, Hooks, Login, Publish, Refusal};

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Stands between the broker crate and the hooks.
pub(super) struct Gate {
    hooks: Hooks,
    allow_anonymous: bool,
    stopping: AtomicBool,
    connections: Mutex<HashMap<Arc<str>, Connection>>,
    line: Line,
    /// The ends of the front's connections, as the broker crate sees them.
    expected: Mutex<HashSet<SocketAddr>>,
}

/// One connection of the front; the broker crate takes no others.
pub(super) struct Expected<'a> {
    gate: &'a Gate,
    address: SocketAddr,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.gate.expected().remove(&self.address);
    }
}

/// The live connections of one client id: two for a moment when a new one takes over.
#[derive(Default)]
struct Connection {
    live: usize,
    will: Option<Will>,
}

struct Will {
    topic: String,
    payload: Bytes,
    retain: bool,
}

impl Gate {
    pub(super) fn new(hooks: Hooks, allow_anonymous: bool, line: Line) -> Self {
        Self {
            hooks,
            allow_anonymous,
            stopping: AtomicBool::new(false),
            connections: Mutex::default(),
            line,
            expected: Mutex::default(),
        }
    }

    /// The messages on their way to the database.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// Lets the connection in whose end here is `address`, until what is returned is dropped.
    pub(super) fn expect(&self, address: SocketAddr) -> Expected<'_> {
        self.expected().insert(address);
        Expected { gate: self, address }
    }

    fn expected(&self) -> MutexGuard<'_, HashSet<SocketAddr>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on lost connections are our own doing and their wills are not reported.
    pub(super) fn stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<Arc<str>, Connection>> {
        // Nothing that can panic runs under this lock.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connected(&self, event: ClientConnectEvent) {
        let will = event.will_topic.map(|topic| Will {
            topic: topic.as_ref().to_owned(),
            payload: event.will_payload.unwrap_or_default(),
            retain: event.will_retain.unwrap_or(false),
        });
        let mut connections = self.connections();
        let connection = connections.entry(event.client_id).or_default();
        connection.live += 1;
        connection.will = will;
    }

    /// Gives the will to report, if this was the client's last connection and it had one.
    fn disconnected(&self, client_id: &Arc<str>) -> Option<Will> {
        let mut connections = self.connections();
        let connection = connections.get_mut(client_id)?;
        connection.live = connection.live.saturating_sub(1);
        if connection.live > 0 {
            return None;
        }
        connections.remove(client_id)?.will
    }

    fn refuse(&self, refusal: Refusal) {
        match &refusal {
            Refusal::Login { client_id } => {
                tracing::warn!(client.id = client_id, "MQTT login refused");
            }
            Refusal::Publish { client, topic } => {
                tracing::warn!(client.id = &*client.client_id, topic, "MQTT publish refused: not this client's topic");
            }
            Refusal::Subscribe { client, filter } => {
                tracing::warn!(
                    client.id = &*client.client_id,
                    filter,
                    "MQTT subscription refused: not this client's topic"
                );
            }
        }
        (self.hooks.on_refused)(refusal);
    }
}

impl BrokerEventHandler for Gate {
    fn on_client_connect<'a>(&'a self, event: ClientConnectEvent) -> Answer<'a, ()> {
        self.connected(event);
        Box::pin(std::future::ready(()))
    }

    fn on_client_publish<'a>(&'a self, event: ClientPublishEvent) -> Answer<'a, PublishAction> {
        let taken = (self.hooks.on_publish)(Publish {
            topic: event.topic.as_ref().to_owned(),
            payload: event.payload,
            retain: event.retain,
            will: false,
            client: Client { client_id: event.client_id, user: event.user_id },
        });
        Box::pin(async move {
            self.line.take(taken.await);
            PublishAction::Continue
        })
    }

    fn on_client_disconnect<'a>(&'a self, event: ClientDisconnectEvent) -> Answer<'a, ()> {
        let will = self.disconnected(&event.client_id);
        let lost = event.unexpected && !self.stopping.load(Ordering::Acquire);
        let Some(will) = will.filter(|_| lost) else {
            return Box::pin(std::future::ready(()));
        };
        let client = Client { client_id: event.client_id, user: event.user_id };
        // The crate has asked too, for its own copy of the will, and a refusal is counted there.
        if !(self.hooks.may_publish)(&client, &will.topic) {
            return Box::pin(std::future::ready(()));
        }
        let Will { topic, payload, retain } = will;
        let taken = (self.hooks.on_publish)(Publish { topic, payload, retain, will: true, client });
        Box::pin(async move { self.line.take(taken.await) })
    }
}

impl AuthProvider for Gate {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        address: SocketAddr,
    ) -> Answer<'a, mqtt5::Result<AuthResult>> {
        Box::pin(async move {
            if !self.expected().contains(&address) {
                self.refuse(Refusal::Login { client_id: connect.client_id.clone() });
                return Ok(AuthResult::fail(ReasonCode::NotAuthorized));
            }
            let Some(user) = &connect.username else {
                if self.allow_anonymous {
                    return Ok(AuthResult::success());
                }
                self.refuse(Refusal::Login { client_id: connect.client_id.clone() });
                return Ok(AuthResult::fail(ReasonCode::NotAuthorized));
            };
            let login = Login {
                client_id: connect.client_id.clone(),
                user: user.clone(),
                password: connect.password.clone().unwrap_or_default(),
            };
            if (self.hooks.authenticate)(login).await {
                return Ok(AuthResult::success_with_user(user.clone()));
            }
            self.refuse(Refusal::Login { client_id: connect.client_id.clone() });
            Ok(AuthResult::fail(ReasonCode::BadUsernameOrPassword))
        })
    }

    fn authorize_publish<'a>(&'a self, client_id: &str, user_id: Option<&'a str>, topic: &'a str) -> Answer<'a, bool> {
        let client = Client { client_id: client_id.into(), user: user_id.map(Into::into) };
        let allowed = (self.hooks.may_publish)(&client, topic);
        if !allowed {
            self.refuse(Refusal::Publish { client, topic: topic.to_owned() });
        }
        Box::pin(std::future::ready(allowed))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        client_id: &str,
        user_id: Option<&'a str>,
        topic_filter: &'a str,
    ) -> Answer<'a, bool> {
        let client = Client { client_id: client_id.into(), user: user_id.map(Into::into) };
        let allowed = (self.hooks.may_subscribe)(&client, topic_filter);
        if !allowed {
            self.refuse(Refusal::Subscribe { client, filter: topic_filter.to_owned() });
        }
        Box::pin(std::future::ready(allowed))
    }
}
