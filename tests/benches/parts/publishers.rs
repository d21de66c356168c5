//! Devices that publish as fast as they are acknowledged.

use std::sync::Arc;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use tokio::task::JoinSet;

use super::devices::name;

/// Messages of one device under way at once.
const IN_FLIGHT: u16 = 500;

/// Lets each of `devices` publish `messages`, over a connection of its own, and returns when all are acknowledged.
pub async fn publish(port: u16, devices: usize, messages: &Arc<Vec<Bytes>>) {
    let mut publishers = JoinSet::new();
    for device in 0..devices {
        let mut options = MqttOptions::new(name(device), "127.0.0.1", port);
        options.set_outgoing_inflight_upper_limit(IN_FLIGHT);
        let (client, mut events) = AsyncClient::new(options, usize::from(IN_FLIGHT));
        let (mine, expected) = (Arc::clone(messages), messages.len());
        publishers.spawn(async move {
            let topic = format!("phanloai/v1/{}/events", name(device));
            for message in mine.iter() {
                let sent = client.publish_bytes(&topic, QoS::AtLeastOnce, false, message.clone()).await;
                assert!(sent.is_ok(), "the connection lives");
            }
            // Keeps the client, without which the other half ends before the last PUBACK.
            std::future::pending::<()>().await;
        });
        publishers.spawn(async move {
            let mut acknowledged = 0;
            while acknowledged < expected {
                if let Event::Incoming(Incoming::PubAck(_)) = events.poll().await.expect("the broker answers") {
                    acknowledged += 1;
                }
            }
        });
    }
    for _ in 0..devices {
        publishers.join_next().await.expect("as many halves end as there are devices").expect("no publisher fails");
    }
    publishers.abort_all();
}
