//! A third connection, for what happens now while a backlog is worked off.
//!
//! # Why
//! A broker delivers a session's messages in the order in which they came, so what comes now waits for the whole backlog. A second
//! subscription without a session gets what comes from now on, at once. Everything in it also comes through the session, and an event
//! counts once however often it comes: so this one needs no acknowledgement, and what the caller has no room for is left to the
//! session. It stands only while the session is behind, because each of its messages is stored twice over.

use std::time::Duration;

use rumqttc::Transport;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, RetainForwardRule};
use rumqttc::v5::{AsyncClient, Event, EventLoop};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::links::{Retry, delivery, mqtt_options, next_or_goodbye, reason};
use super::{Delivery, SessionOptions};

/// Messages of this connection that may wait for the caller.
pub(super) const LIVE_WAITING: usize = 64;
/// Room for the request to subscribe and the goodbye.
const REQUESTS: usize = 4;
/// How long the session must have caught up before this connection goes: a backlog of several windows comes with pauses.
const LINGER: Duration = Duration::from_secs(20);

pub(super) struct LiveLink {
    options: SessionOptions,
    transport: Transport,
    filters: Vec<String>,
    deliveries: mpsc::Sender<Delivery>,
    behind: watch::Receiver<bool>,
    closing: CancellationToken,
}

impl LiveLink {
    pub(super) fn new(
        options: &SessionOptions,
        transport: Transport,
        filters: Vec<String>,
        deliveries: mpsc::Sender<Delivery>,
        behind: watch::Receiver<bool>,
        closing: CancellationToken,
    ) -> Self {
        Self { options: options.clone(), transport, filters, deliveries, behind, closing }
    }

    pub(super) async fn run(mut self) {
        let closing = self.closing.clone();
        loop {
            let behind = closing.run_until_cancelled(self.behind.wait_for(|behind| *behind)).await;
            if !matches!(behind, Some(Ok(_))) {
                return;
            }
            drop(behind);
            tracing::info!("a backlog is worked off; what comes now is taken beside it");
            let ended = closing.child_token();
            let watching = async {
                ended.run_until_cancelled(caught_up(self.behind.clone())).await;
                ended.cancel();
            };
            tokio::join!(self.receive(&ended), watching);
        }
    }

    async fn receive(&self, ended: &CancellationToken) {
        let mut mqtt = mqtt_options(&self.options, &format!("{}-live", self.options.client_id), self.transport.clone());
        mqtt.set_clean_start(true);
        let (client, mut events): (AsyncClient, EventLoop) = AsyncClient::new(mqtt, REQUESTS);
        let mut retry = Retry::new(&self.options);
        let mut connected = false;
        loop {
            match next_or_goodbye(&mut events, &client, ended, connected).await {
                None => return,
                Some(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                    connected = true;
                    retry.reset();
                    let filters = self.filters.iter().map(|filter| Filter {
                        // What the broker keeps is nothing new, and the session gets it.
                        retain_forward_rule: RetainForwardRule::Never,
                        ..Filter::new(filter.as_str(), QoS::AtMostOnce)
                    });
                    if client.try_subscribe_many(filters).is_err() {
                        tracing::debug!("there was no room to ask for what comes now");
                    }
                }
                Some(Ok(Event::Incoming(Packet::Publish(publish)))) => {
                    if self.deliveries.try_send(delivery(publish, 0)).is_err() {
                        tracing::trace!("no room for what comes now; the session brings it");
                    }
                }
                Some(Ok(Event::Incoming(_) | Event::Outgoing(_))) => {}
                Some(Err(error)) => {
                    connected = false;
                    tracing::debug!(reason = reason(&error), "the connection for what comes now is gone");
                    ended.run_until_cancelled(retry.wait()).await;
                }
            }
        }
    }
}

/// Waits until the session has caught up, and has stayed so for a while.
async fn caught_up(mut behind: watch::Receiver<bool>) {
    loop {
        if behind.wait_for(|behind| !*behind).await.is_err() {
            return;
        }
        match tokio::time::timeout(LINGER, behind.wait_for(|behind| *behind)).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}
