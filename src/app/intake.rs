//! Where messages come from: the embedded broker, or a session with an outside one.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Channels;
use crate::broker::{Broker, BrokerOptions, Client, Durable, Hooks, Publish};
use crate::config::{Config, MqttUrl};
use crate::devices::{Channel, Root, Topic};
use crate::domain::time::Clock;
use crate::ingest::acks::SendAck;
use crate::ingest::session::{AckToken, BrokerAddress, Session, SessionOptions, SessionStatus};
use crate::ingest::writer::{Done, Message};
use crate::telemetry::Metrics;

/// The source of messages.
pub(super) enum Intake {
    Embedded(Broker),
    Outside { session: Arc<Session>, closing: CancellationToken },
}

impl Intake {
    pub(super) async fn open(
        config: &Config,
        root: &Root,
        queue: mpsc::Sender<Message>,
        channels: &Channels,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        tasks: &TaskTracker,
    ) -> anyhow::Result<Self> {
        let broker = match &config.mqtt.url {
            MqttUrl::Embedded => {
                if config.mqtt.tls_listen.is_some() {
                    anyhow::bail!(
                        "devices have no passwords in this version, so the embedded broker does not listen with TLS: leave \
                         mqtt.tls_listen empty, or use an outside broker"
                    );
                }
                let mut options = BrokerOptions::new(config.mqtt.listen);
                // On the machine itself any client may publish; from outside nobody without a password.
                options.allow_anonymous = config.mqtt.listen.ip().is_loopback();
                let broker = Broker::start(options, hooks(root, queue, metrics, clock)).await?;
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
        let (session, mut deliveries) = Session::open(options)?;
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
        let clock = Arc::clone(clock);
        let closing = CancellationToken::new();
        let closed = closing.clone();
        tasks.spawn(async move {
            // The end of this task closes the writer's queue; the writer commits and acknowledges what waits, and then the
            // session has no holder left.
            while let Some(Some(delivery)) = closed.run_until_cancelled(deliveries.recv()).await {
                let message = Message {
                    topic: delivery.topic,
                    payload: delivery.payload,
                    retain: delivery.retain,
                    received: clock.now(),
                    done: Done::Delivery(delivery.token),
                };
                if queue.send(message).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self::Outside { session: Arc::new(session), closing })
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Embedded(broker) => Some(broker.local_addr()),
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

fn hooks(root: &Root, queue: mpsc::Sender<Message>, metrics: &Metrics, clock: &Arc<dyn Clock>) -> Hooks {
    let clock = Arc::clone(clock);
    let on_publish = move |publish: Publish| {
        let (queue, received) = (queue.clone(), clock.now());
        let (done, committed) = oneshot::channel();
        let message = Message {
            topic: publish.topic,
            payload: publish.payload,
            retain: publish.retain,
            received,
            done: Done::Hook(done),
        };
        Box::pin(async move {
            // When the writer has ended, its end of `committed` is gone, and the device sends again to the next start.
            drop(queue.send(message).await);
            Durable(committed)
        }) as futures_util::future::BoxFuture<'static, Durable>
    };
    let (publish_root, subscribe_root, metrics) = (root.clone(), root.clone(), metrics.clone());
    let may_publish = move |_: &Client, topic: &str| {
        Topic::parse(&publish_root, topic).is_none_or(|topic| match topic.channel {
            Channel::Events | Channel::State => true,
            Channel::Ack => false,
        })
    };
    let may_subscribe = move |client: &Client, filter: &str| {
        Topic::parse(&subscribe_root, filter).is_some_and(|topic| match topic.channel {
            Channel::Ack => topic.device.as_str() == &*client.client_id,
            Channel::Events | Channel::State => false,
        })
    };
    Hooks {
        on_publish: Arc::new(on_publish),
        authenticate: Arc::new(|_| Box::pin(async { false })),
        may_publish: Arc::new(may_publish),
        may_subscribe: Arc::new(may_subscribe),
        on_refused: Arc::new(move |_| metrics.broker_refused_publishes.increment(1)),
    }
}
