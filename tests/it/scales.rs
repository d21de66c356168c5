//! A running service with three scales in its register, and clients that speak for them.

use std::sync::Arc;
use std::time::Duration;

use phanloai::app::{App, SystemClock, draw_password, import, load_commune};
use phanloai::config::{Config, DatabaseUrl};
use phanloai::domain::ids::DeviceId;
use phanloai::domain::register::Commune;
use phanloai::domain::time::Clock as _;
use phanloai::imports::Kind;
use phanloai::store::Store;
use rumqttc::Transport;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, Incoming, MqttOptions};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub const PATIENCE: Duration = Duration::from_secs(30);
pub const LOG: &str = "9f1c22ab";
pub const NAMES: [&str; 3] = ["scale-1", "scale-2", "scale-3"];

/// A running service.
pub struct Service {
    pub app: App,
    pub store: Store,
    pub folder: TempDir,
}

impl Service {
    /// Starts one with a commune that is `simulated` or not; `change` is given the settings and the folder of its files.
    pub async fn start(simulated: bool, change: impl FnOnce(&mut Config, &std::path::Path)) -> Self {
        let folder = TempDir::new().unwrap();
        let (store, commune) = Self::open(&folder, simulated).await;
        Self::run(folder, store, commune, change).await
    }

    /// Opens the database, with its register.
    pub async fn open(folder: &TempDir, simulated: bool) -> (Store, Commune) {
        let store = Store::open(&url(folder)).await.unwrap();
        let file = folder.path().join("commune.toml");
        let toml = format!(
            "[commune]\ncode = \"T\"\nname = \"Xã thử\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = {simulated}\n\n\
             [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nrequired = true\n"
        );
        std::fs::write(&file, toml).unwrap();
        let commune = load_commune(&store, Some(&file)).await.unwrap();
        let files = [
            (Kind::Areas, "code,name\nA,Thôn A\n".to_owned()),
            (Kind::Points, "code,name,area\nP,Đình làng,A\n".to_owned()),
            (Kind::Devices, devices_file(&NAMES)),
        ];
        for (kind, text) in files {
            import(&store, &commune, kind, text.as_bytes(), &SystemClock, "test", false).await.unwrap();
        }
        (store, commune)
    }

    /// Runs the service on an open database.
    pub async fn run(
        folder: TempDir,
        store: Store,
        commune: Commune,
        change: impl FnOnce(&mut Config, &std::path::Path),
    ) -> Self {
        let mut config = Config::default();
        config.database.url = DatabaseUrl::sqlite(&folder.path().join("scales.db").display().to_string());
        for listen in [&mut config.http.listen, &mut config.mqtt.listen, &mut config.metrics.listen] {
            *listen = "127.0.0.1:0".parse().unwrap();
        }
        change(&mut config, folder.path());
        let app = App::start(&config, store.clone(), commune, Arc::new(SystemClock)).await.unwrap();
        Self { app, store, folder }
    }

    /// Gives a device a password, as the command line does in a process of its own.
    pub async fn password(&self, device: &str) -> String {
        let other_process = Store::open(&url(&self.folder)).await.unwrap();
        let (password, form) = draw_password().await.unwrap();
        let device = DeviceId::from(device);
        let now = SystemClock.now();
        if !other_process.add_credential(&device, &form.to_string(), now).await.unwrap() {
            assert!(other_process.rotate_credential(&device, &form.to_string(), now).await.unwrap());
        }
        other_process.close().await;
        password
    }

    /// The plain port of the embedded broker.
    pub fn port(&self) -> u16 {
        self.app.mqtt.unwrap().port()
    }

    /// Waits until so many readings are stored.
    #[cfg(feature = "real-parts")]
    pub async fn stored(&self, readings: i64) {
        until(async || self.store.stored_totals().await.unwrap().0 >= readings).await;
    }
}

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("scales.db").display())
}

/// A device file of platform scales at the one point.
pub fn devices_file(names: &[&str]) -> String {
    let lines = names.iter().map(|name| format!("{name},P,scale,platform\n"));
    format!("device,place,kind,mode\n{}", lines.collect::<String>())
}

/// Waits until something that no channel tells holds.
pub async fn until(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it holds soon");
}

/// An envelope with one weight of `stream` under each number.
pub fn envelope(numbers: std::ops::RangeInclusive<i64>, stream: &str, simulated: bool) -> String {
    let event = |seq: i64| {
        format!(
            "{{\"seq\":{seq},\"ms\":{},\"clock\":\"unset\",\"type\":\"weight\",\"gross_g\":{},\"stable\":true,\"load\":{seq},\
             \"stream\":\"{stream}\"}}",
            seq * 1_000,
            1_000 + seq
        )
    };
    let (sent_ms, events) = (numbers.end() * 1_000 + 500, numbers.map(event).collect::<Vec<_>>().join(","));
    format!("{{\"log\":\"{LOG}\",\"boot\":1,\"sent_ms\":{sent_ms},\"simulated\":{simulated},\"events\":[{events}]}}")
}

/// The topic of a device's channel.
pub fn topic(device: &str, channel: &str) -> String {
    format!("phanloai/v1/{device}/{channel}")
}

/// A client whose packets can be waited for.
pub struct Scale {
    pub client: AsyncClient,
    packets: UnboundedReceiver<Incoming>,
    polling: JoinHandle<()>,
}

impl Scale {
    /// Connects; `login` is user name and password. `Err`: how the broker refused.
    pub async fn connect(id: &str, port: u16, login: Option<(&str, &str)>) -> Result<Self, String> {
        Self::connect_by(id, port, login, Transport::tcp()).await
    }

    /// The same over any transport.
    pub async fn connect_by(
        id: &str,
        port: u16,
        login: Option<(&str, &str)>,
        transport: Transport,
    ) -> Result<Self, String> {
        let mut options = MqttOptions::new(id, "localhost", port);
        options.set_transport(transport);
        options.set_max_packet_size(Some(2 * 1024 * 1024));
        if let Some((user, password)) = login {
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, 100);
        match timeout(PATIENCE, events.poll()).await.expect("the broker answers") {
            Ok(Event::Incoming(Incoming::ConnAck(_))) => {}
            Ok(other) => return Err(format!("{other:?}")),
            Err(ConnectionError::ConnectionRefused(code)) => return Err(format!("{code:?}")),
            Err(other) => return Err(other.to_string()),
        }
        let (arrive, packets) = unbounded_channel();
        let polling = tokio::spawn(async move {
            let lost = loop {
                match events.poll().await {
                    Ok(Event::Incoming(packet)) => drop(arrive.send(packet)),
                    Ok(Event::Outgoing(_)) => {}
                    Err(lost) => break lost,
                }
            };
            eprintln!("a client lost its connection: {lost}");
        });
        Ok(Self { client, packets, polling })
    }

    pub async fn next(&mut self) -> Incoming {
        timeout(PATIENCE, self.packets.recv()).await.expect("it comes soon").expect("the connection lives")
    }

    /// Publishes and gives the broker's answer.
    pub async fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>) -> PubAckReason {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload.into()).await.unwrap();
        loop {
            if let Incoming::PubAck(puback) = self.next().await {
                return puback.reason;
            }
        }
    }

    /// Publishes and waits until the broker has answered or hung up.
    #[cfg(feature = "real-parts")]
    pub async fn attempt(mut self, topic: &str, payload: impl Into<Vec<u8>>) {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload.into()).await.unwrap();
        loop {
            let packet = timeout(PATIENCE, self.packets.recv()).await.expect("it comes soon");
            if matches!(packet, None | Some(Incoming::PubAck(_))) {
                return;
            }
        }
    }

    /// Subscribes and tells whether the broker granted it.
    pub async fn subscribe(&mut self, filter: &str) -> bool {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        loop {
            if let Incoming::SubAck(suback) = self.next().await {
                return matches!(suback.return_codes[..], [SubscribeReasonCode::Success(_)]);
            }
        }
    }
}

impl Drop for Scale {
    fn drop(&mut self) {
        self.polling.abort();
    }
}
