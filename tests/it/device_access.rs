//! Devices' passwords, at the embedded broker and at a real Mosquitto, with and without TLS.

use phanloai::domain::ids::DeviceId;
use rumqttc::v5::mqttbytes::v5::PubAckReason;

use crate::scales::{Scale, Service, envelope, topic, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_uses_its_own_topics_and_what_it_is_refused_is_counted() {
    let service = Service::start(false, |_, _| {}).await;
    let password = service.password("scale-1").await;
    let mut scale = Scale::connect("scale-1", service.port(), Some(("scale-1", &password))).await.unwrap();
    assert_eq!(scale.publish(&topic("scale-1", "events"), envelope(1..=2, "food", false)).await, PubAckReason::Success);
    assert_eq!(service.store.stored_totals().await.unwrap().0, 2, "PUBACK means stored");
    for foreign in [topic("scale-2", "events"), topic("scale-1", "ack"), "elsewhere".to_owned()] {
        assert_eq!(scale.publish(&foreign, envelope(1..=2, "food", false)).await, PubAckReason::NotAuthorized);
    }
    assert!(scale.subscribe(&topic("scale-1", "ack")).await);
    for foreign in [topic("scale-2", "ack"), topic("+", "ack"), "#".to_owned(), topic("scale-2", "events")] {
        assert!(!scale.subscribe(&foreign).await, "{foreign}");
    }
    until(async || service.store.refusals().await.unwrap().iter().map(|refused| refused.count).sum::<i64>() == 7).await;
    let refusals = service.store.refusals().await.unwrap();
    assert_eq!((refusals[0].device.as_str(), refusals[0].what.as_str()), ("scale-1", "subscribe"));
    assert_eq!(refusals[0].detail, topic("scale-2", "events"));
    assert_eq!(service.store.stored_totals().await.unwrap().0, 2);
    assert_eq!(service.store.quarantine(9).await.unwrap(), []);
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_changes_holds_from_the_next_login_on() {
    let service = Service::start(false, |_, _| {}).await;
    let login = async |user: &str, password: &str| {
        Scale::connect(user, service.port(), Some((user, password))).await.map(drop).map_err(|_| ())
    };
    assert!(login("scale-1", "guess").await.is_err(), "no password yet");
    let first = service.password("scale-1").await;
    assert_eq!(login("scale-1", &first).await, Ok(()));
    let second = service.password("scale-1").await;
    assert!(login("scale-1", &first).await.is_err(), "rotated");
    assert_eq!(login("scale-1", &second).await, Ok(()));
    assert!(service.store.disable_credential(&DeviceId::from("scale-1")).await.unwrap());
    assert!(login("scale-1", &second).await.is_err(), "disabled");
    let third = service.password("scale-1").await;
    assert_eq!(login("scale-1", &third).await, Ok(()), "a new password lets it in again");
    let other_name = Scale::connect("scale-2", service.port(), Some(("scale-1", &third))).await;
    assert!(other_name.is_err(), "the client id is the user name");
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_slow_a_name_down_and_never_shut_its_owner_out() {
    let service = Service::start(false, |_, _| {}).await;
    let login = async |user: &str, password: &str| {
        Scale::connect(user, service.port(), Some((user, password))).await.map(drop).map_err(|_| ())
    };
    let (seen, unseen) = (service.password("scale-1").await, service.password("scale-2").await);
    assert_eq!(login("scale-1", &seen).await, Ok(()));
    for _ in 0..8 {
        assert!(login("scale-1", "guess").await.is_err() && login("scale-2", "guess").await.is_err());
    }
    assert_eq!(login("scale-1", &seen).await, Ok(()), "it was right before");
    assert!(login("scale-2", &unseen).await.is_err(), "nobody knows yet that it is right");
    let renewed = service.password("scale-2").await;
    assert_eq!(login("scale-2", &renewed).await, Ok(()), "a new password begins anew");
    let told = async || {
        let refusals = service.store.refusals().await.unwrap();
        refusals.iter().any(|refused| refused.count == 9 && refused.detail.starts_with("too many wrong passwords"))
    };
    until(told).await;
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_simulated_commune_lets_anonymous_clients_in() {
    let real = Service::start(false, |_, _| {}).await;
    assert_eq!(Scale::connect("scale-1", real.port(), None).await.err().unwrap(), "NotAuthorized");
    real.app.stop().await;
    let simulated = Service::start(true, |_, _| {}).await;
    let mut gateway = Scale::connect("gateway", simulated.port(), None).await.unwrap();
    for device in ["scale-1", "scale-2"] {
        gateway.publish(&topic(device, "events"), envelope(1..=1, "food", true)).await;
    }
    assert_eq!(simulated.store.stored_totals().await.unwrap().0, 2);
    simulated.app.stop().await;
}

#[cfg(feature = "real-parts")]
mod real {
    use std::path::Path;

    use phanloai::app::{SystemClock, draw_password, mosquitto_files};
    use phanloai::domain::time::Clock as _;
    use rumqttc::v5::Incoming;
    use rumqttc::{TlsConfiguration, Transport};
    use tempfile::TempDir;

    use super::*;
    use crate::support::certificates::make_certificates;
    use crate::support::mosquitto::Mosquitto;

    fn tls(ca: &Path) -> Transport {
        let ca = std::fs::read(ca).unwrap();
        Transport::tls_with_config(TlsConfiguration::Simple { ca, alpn: None, client_auth: None })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_device_reaches_the_embedded_broker_over_tls_if_it_trusts_its_authority() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificates = TempDir::new().unwrap();
        make_certificates(certificates.path());
        let service = Service::start(true, |config, _| {
            config.mqtt.tls_listen = Some("0.0.0.0:0".parse().unwrap());
            config.mqtt.tls_cert = Some(certificates.path().join("cert.pem"));
            config.mqtt.tls_key = Some(certificates.path().join("key.pem"));
        })
        .await;
        let port = service.app.mqtts.unwrap().port();
        let password = service.password("scale-1").await;
        let login = Some(("scale-1", password.as_str()));
        let mut scale =
            Scale::connect_by("scale-1", port, login, tls(&certificates.path().join("ca.pem"))).await.unwrap();
        scale.publish(&topic("scale-1", "events"), envelope(1..=1, "food", true)).await;
        assert_eq!(service.store.stored_totals().await.unwrap().0, 1);
        let anonymous = Scale::connect_by("scale-1", port, None, tls(&certificates.path().join("ca.pem"))).await;
        assert!(anonymous.is_err(), "a simulated commune lets nobody in from outside without a password");
        let others = TempDir::new().unwrap();
        make_certificates(others.path());
        let deceived = Scale::connect_by("scale-1", port, login, tls(&others.path().join("ca.pem"))).await;
        let why = deceived.err().unwrap();
        assert!(why.contains("certificate") || why.contains("TLS"), "{why}");
        service.app.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn mosquitto_holds_devices_to_the_same_rules_by_the_written_files() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let (store, commune) = Service::open(&folder, false).await;
        let mut passwords = Vec::new();
        for device in ["scale-1", "scale-2", "scale-3"] {
            let (password, form) = draw_password().await.unwrap();
            store.add_credential(&device.into(), &form.to_string(), SystemClock.now()).await.unwrap();
            passwords.push(password);
        }
        store.disable_credential(&"scale-3".into()).await.unwrap();
        let files = mosquitto_files(&store, "phanloai/v1", None, "phanloai").await.unwrap();
        assert_eq!((files.devices, files.service.as_str()), (2, "phanloai"));
        let again = mosquitto_files(&store, "phanloai/v1", Some(("scale-1", "p")), "phanloai").await;
        assert!(again.err().unwrap().to_string().contains("a device is called `scale-1`"));
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("phanloai.acl"), &files.acl).unwrap();
        std::fs::write(at("phanloai.passwd"), &files.passwords).unwrap();
        make_certificates(folder.path());
        let shown = |name: &str| at(name).display().to_string();
        let mosquitto = Mosquitto::start_with(&format!(
            "allow_anonymous false\npassword_file {}\nacl_file {}\ncafile {}\ncertfile {}\nkeyfile {}\n",
            shown("phanloai.passwd"),
            shown("phanloai.acl"),
            shown("ca.pem"),
            shown("cert.pem"),
            shown("key.pem"),
        ));
        let port = mosquitto.port();
        let service_password = files.drawn.unwrap();
        let service = Service::run(folder, store, commune, |config, folder| {
            config.mqtt.url = format!("mqtts://phanloai:{service_password}@localhost:{port}").parse().unwrap();
            config.mqtt.ca_file = Some(folder.join("ca.pem"));
        })
        .await;
        service.app.ready.subscribe().wait_for(|ready| ready.broker).await.unwrap();

        let ca = service.folder.path().join("ca.pem");
        let connect = async |device: &str, password: &str| {
            Scale::connect_by(device, port, Some((device, password)), tls(&ca)).await
        };
        assert!(connect("scale-1", "guess").await.is_err(), "wrong password");
        assert!(connect("scale-3", &passwords[2]).await.is_err(), "disabled");
        let mut second = connect("scale-2", &passwords[1]).await.unwrap();
        // Mosquitto grants any subscription and delivers what may be read.
        second.subscribe(&topic("scale-1", "ack")).await;
        second.subscribe(&topic("scale-1", "events")).await;
        second.subscribe(&topic("scale-2", "ack")).await;
        // Mosquitto 2.0.11 hangs up after a refused publish.
        let thief = connect("scale-1", &passwords[0]).await.unwrap();
        thief.attempt(&topic("scale-2", "events"), envelope(7..=9, "food", false)).await;
        let mut first = connect("scale-1", &passwords[0]).await.unwrap();
        first.publish(&topic("scale-1", "events"), envelope(1..=2, "food", false)).await;
        service.stored(2).await;
        second.publish(&topic("scale-2", "events"), envelope(1..=1, "food", false)).await;
        service.stored(3).await;
        assert_eq!(service.store.stored_totals().await.unwrap().0, 3, "nothing came by another's topic");
        assert_eq!(service.store.quarantine(9).await.unwrap(), []);

        // The service may write every device's ack; each device hears its own only.
        let mut acknowledging =
            Scale::connect_by("phanloai-test", port, Some(("phanloai", &service_password)), tls(&ca)).await.unwrap();
        acknowledging.publish(&topic("scale-1", "ack"), "for the first").await;
        acknowledging.publish(&topic("scale-2", "ack"), "for the second").await;
        loop {
            if let Incoming::Publish(heard) = second.next().await
                && heard.payload.starts_with(b"for the")
            {
                assert_eq!(&heard.payload[..], b"for the second");
                break;
            }
        }
        service.app.stop().await;
    }
}
