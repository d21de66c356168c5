//! The embedded broker, with MQTT 3.1.1 and 5 clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use phanloai::broker::{Broker, BrokerError, BrokerOptions, Client, Durable, Hooks, Publish, Refusal, TlsListener};
use phanloai::ingest::session::{Session, SessionOptions, SessionStatus};
use rumqttc::v5;
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{Barrier, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);
const PASSWORD: &str = "right";

/// A broker with hooks that everybody with the right password may use, what it took, and what it refused.
struct Rig {
    broker: Broker,
    taken: UnboundedReceiver<Publish>,
    refused: UnboundedReceiver<Refusal>,
}

fn loopback() -> BrokerOptions {
    BrokerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// A client may publish under its own id and subscribe to anything but `secret`; `hold` is awaited for each message.
async fn rig_with(options: BrokerOptions, hold: impl AsyncHold) -> Rig {
    let (take, taken) = unbounded_channel();
    let (refuse, refused) = unbounded_channel();
    let hold = Arc::new(hold);
    let hooks = Hooks {
        on_publish: Arc::new(move |publish| {
            let (take, hold) = (take.clone(), Arc::clone(&hold));
            take.send(publish).unwrap();
            let (done, durable) = oneshot::channel();
            tokio::spawn(async move {
                hold.hold().await;
                let _ = done.send(());
            });
            Box::pin(std::future::ready(Durable(durable)))
        }),
        authenticate: Arc::new(|login| Box::pin(async move { login.password == PASSWORD.as_bytes() })),
        may_publish: Arc::new(|client, topic| topic.split('/').next() == Some(&client.client_id)),
        may_subscribe: Arc::new(|_, filter| filter != "secret"),
        on_refused: Arc::new(move |refusal| refuse.send(refusal).unwrap()),
    };
    Rig { broker: Broker::start(options, hooks).await.unwrap(), taken, refused }
}

async fn rig() -> Rig {
    rig_with(loopback(), ()).await
}

trait AsyncHold: Send + Sync + 'static {
    fn hold(&self) -> impl Future<Output = ()> + Send;
}

impl AsyncHold for () {
    async fn hold(&self) {}
}

impl AsyncHold for Arc<Semaphore> {
    async fn hold(&self) {
        self.acquire().await.unwrap().forget();
    }
}

impl AsyncHold for Barrier {
    async fn hold(&self) {
        self.wait().await;
    }
}

async fn soon<T>(of: &mut UnboundedReceiver<T>) -> T {
    timeout(PATIENCE, of.recv()).await.expect("it comes soon").expect("the other side lives")
}

/// An MQTT 5 client whose packets can be waited for. Dropped: hangs up without goodbye.
struct Device {
    client: v5::AsyncClient,
    packets: UnboundedReceiver<v5::Incoming>,
    polling: JoinHandle<()>,
}

impl Device {
    fn dial(broker: &Broker, id: &str, change: impl FnOnce(&mut v5::MqttOptions)) -> Self {
        let mut options = v5::MqttOptions::new(id, "127.0.0.1", broker.local_addr().port());
        options.set_credentials(id, PASSWORD);
        options.set_max_packet_size(Some(2 * 1024 * 1024));
        change(&mut options);
        let (client, mut events) = v5::AsyncClient::new(options, 1_000);
        let (arrive, packets) = unbounded_channel();
        let polling = tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                if let v5::Event::Incoming(packet) = event {
                    let _ = arrive.send(packet);
                }
            }
            // What came together with the end of the connection.
            for event in events.state.events.drain(..) {
                if let v5::Event::Incoming(packet) = event {
                    let _ = arrive.send(packet);
                }
            }
        });
        Self { client, packets, polling }
    }

    async fn connect(broker: &Broker, id: &str) -> Self {
        Self::connect_with(broker, id, |_| {}).await
    }

    async fn connect_with(broker: &Broker, id: &str, change: impl FnOnce(&mut v5::MqttOptions)) -> Self {
        let mut device = Self::dial(broker, id, change);
        assert!(matches!(soon(&mut device.packets).await, v5::Incoming::ConnAck(_)));
        device
    }

    async fn publish(&self, topic: &str, payload: impl Into<Vec<u8>>, retain: bool) {
        let qos = v5::mqttbytes::QoS::AtLeastOnce;
        self.client.publish(topic, qos, retain, payload.into()).await.unwrap();
    }

    async fn puback(&mut self) -> PubAckReason {
        loop {
            if let v5::Incoming::PubAck(puback) = soon(&mut self.packets).await {
                return puback.reason;
            }
        }
    }

    async fn subscribe(&mut self, filter: &str) {
        self.client.subscribe(filter, v5::mqttbytes::QoS::AtLeastOnce).await.unwrap();
        while !matches!(soon(&mut self.packets).await, v5::Incoming::SubAck(_)) {}
    }

    /// Topic, payload and retain flag of the next message.
    async fn message(&mut self) -> (String, String, bool) {
        loop {
            if let v5::Incoming::Publish(publish) = soon(&mut self.packets).await {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                return (text(&publish.topic), text(&publish.payload), publish.retain);
            }
        }
    }

    /// Waits until the connection is gone.
    async fn gone(mut self) {
        timeout(PATIENCE, &mut self.polling).await.expect("the broker hangs up").unwrap();
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

/// An MQTT 3.1.1 client.
struct OldDevice {
    client: rumqttc::AsyncClient,
    packets: UnboundedReceiver<rumqttc::Packet>,
    polling: JoinHandle<()>,
}

impl OldDevice {
    async fn connect(broker: &Broker, id: &str) -> Self {
        let mut options = rumqttc::MqttOptions::new(id, "127.0.0.1", broker.local_addr().port());
        options.set_credentials(id, PASSWORD);
        let (client, mut events) = rumqttc::AsyncClient::new(options, 10);
        let (arrive, mut packets) = unbounded_channel();
        let polling = tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                if let rumqttc::Event::Incoming(packet) = event {
                    let _ = arrive.send(packet);
                }
            }
        });
        assert!(matches!(soon(&mut packets).await, rumqttc::Packet::ConnAck(_)));
        Self { client, packets, polling }
    }

    async fn publish(&self, topic: &str, payload: &str) {
        self.client.publish(topic, rumqttc::QoS::AtLeastOnce, false, payload).await.unwrap();
    }
}

impl Drop for OldDevice {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn puback_waits_for_the_hook() {
    let gate = Arc::new(Semaphore::new(0));
    let mut rig = rig_with(loopback(), Arc::clone(&gate)).await;
    let mut device = Device::connect(&rig.broker, "new").await;
    let mut old_device = OldDevice::connect(&rig.broker, "old").await;
    device.publish("new/events", "1", false).await;
    old_device.publish("old/events", "2").await;
    soon(&mut rig.taken).await;
    soon(&mut rig.taken).await;

    // The broker has had time to answer others meanwhile.
    let mut other = Device::connect(&rig.broker, "other").await;
    for _ in 0..100 {
        other.subscribe("anything").await;
    }
    assert!(device.packets.try_recv().is_err());
    assert!(old_device.packets.try_recv().is_err());
    gate.add_permits(2);
    assert_eq!(device.puback().await, PubAckReason::Success);
    assert!(matches!(soon(&mut old_device.packets).await, rumqttc::Packet::PubAck(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_devices_next_messages_are_taken_while_the_first_wait_for_their_commit() {
    let gate = Arc::new(Semaphore::new(0));
    let mut rig = rig_with(loopback(), Arc::clone(&gate)).await;
    let mut device = Device::connect(&rig.broker, "scale").await;
    for number in 0..100 {
        device.publish("scale/events", number.to_string(), false).await;
    }
    for _ in 0..100 {
        soon(&mut rig.taken).await;
    }
    assert!(device.packets.try_recv().is_err(), "nothing is acknowledged yet");
    gate.add_permits(100);
    for _ in 0..100 {
        assert_eq!(device.puback().await, PubAckReason::Success);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_never_becomes_durable_is_never_acknowledged() {
    let (take, mut taken) = unbounded_channel();
    let hooks = Hooks {
        on_publish: Arc::new(move |publish: Publish| {
            take.send(publish.topic).unwrap();
            Box::pin(async { Durable(oneshot::channel().1) })
        }),
        authenticate: Arc::new(|_| Box::pin(async { true })),
        may_publish: Arc::new(|_, _| true),
        may_subscribe: Arc::new(|_, _| true),
        on_refused: Arc::new(|_| {}),
    };
    let broker = Broker::start(loopback(), hooks).await.unwrap();
    let mut device = Device::connect(&broker, "scale").await;
    device.publish("scale/events", "1", false).await;
    soon(&mut taken).await;
    // The connection itself is well meanwhile.
    device.subscribe("scale/ack").await;
    assert!(device.packets.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_different_clients_run_at_once() {
    // Nobody passes before fifty are there.
    let rig = rig_with(loopback(), Barrier::new(50)).await;
    let mut devices = Vec::new();
    for number in 0..50 {
        let device = Device::connect(&rig.broker, &format!("d{number}")).await;
        device.publish(&format!("d{number}/events"), "1", false).await;
        devices.push(device);
    }
    for device in &mut devices {
        assert_eq!(device.puback().await, PubAckReason::Success);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_clients_messages_come_in_order() {
    let mut rig = rig().await;
    let device = Device::connect(&rig.broker, "scale").await;
    for number in 0..500 {
        device.publish("scale/events", number.to_string(), false).await;
    }
    for number in 0..500 {
        let publish = soon(&mut rig.taken).await;
        let client = Client { client_id: "scale".into(), user: Some("scale".into()) };
        let payload = number.to_string().into();
        let topic = "scale/events".to_owned();
        assert_eq!(publish, Publish { topic, payload, retain: false, will: false, client });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_state_reaches_who_comes_later() {
    let mut rig = rig().await;
    let mut device = Device::connect(&rig.broker, "scale").await;
    device.publish("scale/state", "online", true).await;
    assert!(soon(&mut rig.taken).await.retain);
    device.puback().await;
    let mut watcher = Device::connect(&rig.broker, "watcher").await;
    watcher.subscribe("+/state").await;
    assert_eq!(watcher.message().await, ("scale/state".to_owned(), "online".to_owned(), true));
}

fn with_will(id: &str) -> impl FnOnce(&mut v5::MqttOptions) {
    let topic = format!("{id}/state");
    move |options| {
        let qos = v5::mqttbytes::QoS::AtLeastOnce;
        options.set_last_will(v5::mqttbytes::v5::LastWill::new(topic, "offline", qos, true, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_leaves_its_will() {
    let mut rig = rig().await;
    let polite = Device::connect_with(&rig.broker, "polite", with_will("polite")).await;
    polite.client.disconnect().await.unwrap();
    polite.gone().await;
    drop(Device::connect_with(&rig.broker, "scale", with_will("scale")).await);
    let will = soon(&mut rig.taken).await;
    assert_eq!(
        (will.topic.as_str(), &will.payload[..], will.retain, will.will),
        ("scale/state", &b"offline"[..], true, true)
    );
    assert_eq!(will.client.user.as_deref(), Some("scale"));
    let mut watcher = Device::connect(&rig.broker, "watcher").await;
    watcher.subscribe("scale/state").await;
    assert_eq!(watcher.message().await.1, "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_connects_again_is_not_offline() {
    let mut rig = rig().await;
    let first = Device::connect_with(&rig.broker, "scale", with_will("scale")).await;
    let mut second = Device::connect_with(&rig.broker, "scale", with_will("scale")).await;
    first.gone().await;
    second.publish("scale/state", "online", true).await;
    second.puback().await;
    let state = soon(&mut rig.taken).await;
    if state.will {
        // The old connection was gone before the new one was there: first offline, then online.
        assert_eq!(&soon(&mut rig.taken).await.payload[..], b"online");
    }
    drop(second);
    let will = soon(&mut rig.taken).await;
    assert!(will.will, "{will:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_will_on_another_devices_topic_is_refused() {
    let mut rig = rig().await;
    drop(Device::connect_with(&rig.broker, "thief", with_will("scale")).await);
    let client = Client { client_id: "thief".into(), user: Some("thief".into()) };
    assert_eq!(soon(&mut rig.refused).await, Refusal::Publish { client, topic: "scale/state".to_owned() });
    assert!(rig.taken.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_to_another_devices_topic_is_refused_and_counted() {
    let mut rig = rig().await;
    let mut device = Device::connect(&rig.broker, "thief").await;
    device.publish("scale/events", "1", false).await;
    assert_eq!(device.puback().await, PubAckReason::NotAuthorized);
    let mut old_device = OldDevice::connect(&rig.broker, "old-thief").await;
    old_device.publish("scale/events", "1").await;
    // MQTT 3.1.1 cannot say no.
    assert!(matches!(soon(&mut old_device.packets).await, rumqttc::Packet::PubAck(_)));
    for id in ["thief", "old-thief"] {
        let client = Client { client_id: id.into(), user: Some(id.into()) };
        assert_eq!(soon(&mut rig.refused).await, Refusal::Publish { client, topic: "scale/events".to_owned() });
    }
    assert!(rig.taken.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_password_opens() {
    let mut rig = rig().await;
    let wrong = Device::dial(&rig.broker, "wrong", |options| {
        options.set_credentials("wrong", "guess");
    });
    wrong.gone().await;
    assert_eq!(soon(&mut rig.refused).await, Refusal::Login { client_id: "wrong".to_owned() });
    let nobody = v5::MqttOptions::new("nobody", "127.0.0.1", rig.broker.local_addr().port());
    Device::dial(&rig.broker, "nobody", |options| *options = nobody.clone()).gone().await;
    assert_eq!(soon(&mut rig.refused).await, Refusal::Login { client_id: "nobody".to_owned() });

    let mut open = rig_with(BrokerOptions { allow_anonymous: true, ..loopback() }, ()).await;
    let mut guest = Device::connect_with(&open.broker, "guest", |options| {
        *options = v5::MqttOptions::new("guest", "127.0.0.1", open.broker.local_addr().port());
    })
    .await;
    guest.publish("guest/events", "1", false).await;
    assert_eq!(guest.puback().await, PubAckReason::Success);
    assert_eq!(soon(&mut open.taken).await.client.user, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_reaches_devices_of_both_versions() {
    let mut rig = rig().await;
    let mut device = Device::connect(&rig.broker, "new").await;
    device.subscribe("new/ack").await;
    let mut old_device = OldDevice::connect(&rig.broker, "old").await;
    old_device.client.subscribe("old/ack", rumqttc::QoS::AtLeastOnce).await.unwrap();
    assert!(matches!(soon(&mut old_device.packets).await, rumqttc::Packet::SubAck(_)));

    rig.broker.publish("new/ack", "1", false).await.unwrap();
    rig.broker.publish("old/ack", "2", false).await.unwrap();
    rig.broker.publish("nobody/ack", "3", false).await.unwrap();
    assert_eq!(device.message().await, ("new/ack".to_owned(), "1".to_owned(), false));
    let rumqttc::Packet::Publish(publish) = soon(&mut old_device.packets).await else { panic!("not a message") };
    assert_eq!(&publish.payload[..], b"2");
    assert!(rig.taken.try_recv().is_err(), "what we send is not taken for a device's");
    let error = rig.broker.publish("new/+/ack", "4", false).await.unwrap_err();
    assert!(matches!(error, BrokerError::Topic { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ack_for_a_sleeping_device_waits_for_it() {
    let rig = rig().await;
    let keeps = |options: &mut v5::MqttOptions| {
        options.set_clean_start(false);
        options.set_session_expiry_interval(Some(600));
    };
    let mut device = Device::connect_with(&rig.broker, "scale", keeps).await;
    device.subscribe("scale/ack").await;
    device.client.disconnect().await.unwrap();
    device.gone().await;
    rig.broker.publish("scale/ack", "1", false).await.unwrap();
    let mut device = Device::connect_with(&rig.broker, "scale", keeps).await;
    assert_eq!(device.message().await.1, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_over_the_limit_still_reaches_the_hook_and_a_packet_over_it_costs_the_connection() {
    let mut rig = rig().await;
    let device = Device::connect(&rig.broker, "scale").await;
    device.publish("scale/events", vec![1; 1_000_000], false).await;
    assert_eq!(soon(&mut rig.taken).await.payload.len(), 1_000_000);
    drop(device);
    let greedy = Device::connect_with(&rig.broker, "greedy", |options| {
        options.set_max_packet_size(None);
    })
    .await;
    greedy.publish("greedy/events", vec![1; 2_000_000], false).await;
    greedy.gone().await;
    assert!(rig.taken.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named() {
    let rig = rig().await;
    let address = rig.broker.local_addr();
    let hooks = Hooks {
        on_publish: Arc::new(|_| Box::pin(async { Durable(oneshot::channel().1) })),
        authenticate: Arc::new(|_| Box::pin(async { true })),
        may_publish: Arc::new(|_, _| true),
        may_subscribe: Arc::new(|_, _| true),
        on_refused: Arc::new(|_| {}),
    };
    let error = Broker::start(BrokerOptions::new(address), hooks.clone()).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen for MQTT on {address}: ")), "{error}");

    let tls =
        TlsListener { listen: address, cert_file: "/nowhere/cert.pem".into(), key_file: "/nowhere/key.pem".into() };
    let error = Broker::start(BrokerOptions { tls: Some(tls), ..loopback() }, hooks).await.unwrap_err();
    assert!(matches!(&error, BrokerError::Tls { address: named, .. } if *named == address), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_the_hook_finish_reports_no_will_and_frees_the_port() {
    let gate = Arc::new(Semaphore::new(0));
    let mut rig = rig_with(loopback(), Arc::clone(&gate)).await;
    let address = rig.broker.local_addr();
    let mut busy = Device::connect(&rig.broker, "busy").await;
    let idle = Device::connect_with(&rig.broker, "idle", with_will("idle")).await;
    busy.publish("busy/events", "1", false).await;
    soon(&mut rig.taken).await;

    let stopping = tokio::spawn(rig.broker.stop());
    idle.gone().await;
    gate.add_permits(1);
    assert_eq!(busy.puback().await, PubAckReason::Success);
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
    assert!(rig.taken.try_recv().is_err(), "nobody went offline");
    std::net::TcpListener::bind(address).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_subscription_shows_in_the_sessions_status() {
    let mut rig = rig().await;
    let url = format!("mqtt://reader:{PASSWORD}@{}", rig.broker.local_addr());
    let options = SessionOptions::new(url.parse().unwrap(), "reader", vec!["secret".to_owned()]);
    let (session, _received) = Session::open(options).unwrap();
    let mut status = session.status();
    let lost = status.wait_for(|status| matches!(status, SessionStatus::Disconnected { .. }));
    let shown = format!("{:?}", *timeout(PATIENCE, lost).await.unwrap().unwrap());
    assert!(shown.contains("refused the subscription to `secret`"), "{shown}");
    let client = Client { client_id: "reader".into(), user: Some("reader".into()) };
    assert_eq!(soon(&mut rig.refused).await, Refusal::Subscribe { client, filter: "secret".to_owned() });
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "real-parts")]
async fn a_session_over_tls_trusts_the_named_authority_only() {
    let dir = tempfile::tempdir().unwrap();
    crate::support::certificates::make_certificates(dir.path());
    let (cert_file, key_file) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let tls = TlsListener { listen: SocketAddr::from(([127, 0, 0, 1], 0)), cert_file, key_file };
    let rig = rig_with(BrokerOptions { tls: Some(tls), ..loopback() }, ()).await;
    let port = rig.broker.tls_addr().unwrap().port();
    // One that says nothing must not keep others out.
    let _silent = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let open = |ca: Option<&str>| {
        let url = format!("mqtts://reader:{PASSWORD}@localhost:{port}");
        let mut options =
            SessionOptions::new(url.parse().unwrap(), "reader", vec!["reader-commands/events".to_owned()]);
        options.ca_file = ca.map(|file| dir.path().join(file));
        Session::open(options)
    };
    let (session, mut received) = open(Some("ca.pem")).unwrap();
    session.publish("reader-commands/events", "1", false).await.unwrap();
    let mut status = session.status();
    let connected = status.wait_for(|status| matches!(status, SessionStatus::Connected { .. }));
    timeout(PATIENCE, connected).await.unwrap().unwrap();
    session.publish("reader-commands/events", "2", false).await.unwrap();
    assert!(timeout(PATIENCE, received.all.recv()).await.unwrap().is_some());
    session.close().await;

    // The system's authorities do not know this one; a machine without any is told so at once.
    if let Ok((session, _received)) = open(None) {
        let mut status = session.status();
        let lost = status.wait_for(|status| matches!(status, SessionStatus::Disconnected { .. }));
        let shown = format!("{:?}", *timeout(PATIENCE, lost).await.unwrap().unwrap());
        assert!(shown.contains("TLS") || shown.contains("certificate"), "{shown}");
    }
}
