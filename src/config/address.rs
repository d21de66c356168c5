//! Addresses with secrets in them, and networks.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an address. The text itself is not repeated where it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a database's address.
    #[error("write sqlite://path or postgres://user:password@host:5432/name")]
    Database,
    /// Not a broker's address.
    #[error("write embedded, mqtt://user:password@host:1883 or mqtts://user:password@host:8883")]
    Broker,
    /// Not a network.
    #[error("`{0}` is not an address or network; write for example 10.0.0.7 or 10.0.0.0/8")]
    Network(String),
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Gives the text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where facts are kept. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`, whole.
    Sqlite(String),
    /// `postgres://…`, whole.
    Postgres(String),
}

impl DatabaseUrl {
    /// Gives the address of a SQLite file.
    pub fn sqlite(path: &str) -> Self {
        Self::Sqlite(format!("sqlite://{path}"))
    }

    /// Gives the whole address, secrets included.
    pub fn expose(&self) -> &str {
        match self {
            Self::Sqlite(url) | Self::Postgres(url) => url,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let has_rest = |scheme: &str| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty());
        if has_rest("sqlite:") {
            Ok(Self::Sqlite(text.to_owned()))
        } else if has_rest("postgres://") || has_rest("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err(AddressError::Database)
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(url) => f.write_str(url),
            // Everything that may carry a secret goes: user information and query.
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "postgres://{}", rest.split('?').next().unwrap_or_default())
            }
        }
    }
}

/// The broker that devices use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MqttUrl {
    /// This process's own.
    Embedded,
    /// Another's.
    Outside(BrokerAddress),
}

/// How to reach an outside broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
    /// With TLS.
    pub tls: bool,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User name. None: anonymous.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Secret>,
}

impl BrokerAddress {
    /// Tells whether the broker is on this machine.
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for MqttUrl {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Broker)?;
        let (tls, usual_port) = match scheme {
            "mqtt" | "tcp" => (false, 1883),
            "mqtts" | "ssl" => (true, 8883),
            _ => return Err(AddressError::Broker),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, place) = rest.rsplit_once('@').map_or((None, rest), |(login, place)| (Some(login), place));
        let (host, port) = match place.rsplit_once(':') {
            // A colon inside brackets belongs to an IPv6 address.
            Some((host, port)) if !port.contains(']') => (host, port.parse::<u16>().map_err(|_| AddressError::Broker)?),
            Some(_) | None => (place, usual_port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains(['/', '?', '#', ' ']) {
            return Err(AddressError::Broker);
        }
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => (plain(user)?, plain(password)?),
            None => (String::new(), String::new()),
        };
        Ok(Self::Outside(BrokerAddress {
            tls,
            host: host.to_owned(),
            port,
            user: Some(user).filter(|user| !user.is_empty()),
            password: Some(password).filter(|password| !password.is_empty()).map(Secret),
        }))
    }
}

impl fmt::Display for MqttUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Outside(broker) => {
                write!(f, "{}://{}:{}", if broker.tls { "mqtts" } else { "mqtt" }, broker.host, broker.port)
            }
        }
    }
}

/// Takes percent signs apart (RFC 3986, 2.1).
fn plain(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = [rest.next().ok_or(AddressError::Broker)?, rest.next().ok_or(AddressError::Broker)?];
        bytes.extend(hex::decode(pair).map_err(|_| AddressError::Broker)?);
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Broker)
}

/// A range of addresses, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Tells whether an address belongs to it. An IPv4 address within IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix_bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix_bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let refuse = || AddressError::Network(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| refuse())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = prefix.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| refuse()))?;
        if prefix_bits > most { Err(refuse()) } else { Ok(Self { address, prefix_bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

macro_rules! as_text {
    ($name:ident, $write:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&Self) -> String = $write;
                serializer.serialize_str(&write(self))
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(DatabaseUrl, |url| format!("{url:?}"));
as_text!(MqttUrl, |url| url.to_string());
as_text!(Network, |network| network.to_string());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_address_is_taken_apart_and_hides_its_password() {
        let MqttUrl::Outside(broker) = "mqtts://thu%20gom:p%40ss:w@broker.vn".parse().unwrap() else {
            panic!("outside")
        };
        assert_eq!((broker.tls, broker.host.as_str(), broker.port), (true, "broker.vn", 8883));
        assert_eq!(broker.user.as_deref(), Some("thu gom"));
        assert_eq!(broker.password.as_ref().unwrap().expose(), "p@ss:w");
        assert!(!format!("{broker:?}").contains("p@ss"));
        let MqttUrl::Outside(broker) = "mqtt://[::1]:1884".parse().unwrap() else { panic!("outside") };
        assert_eq!((broker.host.as_str(), broker.port, broker.is_local()), ("::1", 1884, true));
        for text in ["", "Embedded", "http://a", "mqtt://", "mqtt://a:b", "mqtt://a/b", "mqtt://%zz@a"] {
            assert_eq!(text.parse::<MqttUrl>(), Err(AddressError::Broker), "{text}");
        }
    }

    #[test]
    fn a_database_address_hides_its_password() {
        let url: DatabaseUrl = "postgres://u:s3cret@db:5432/phanloai?sslpassword=s3cret".parse().unwrap();
        assert_eq!(format!("{url:?}"), "postgres://db:5432/phanloai");
        assert!("mysql://a".parse::<DatabaseUrl>().is_err() && "sqlite:".parse::<DatabaseUrl>().is_err());
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let holds = |network: &str, ip: &str| network.parse::<Network>().unwrap().contains(ip.parse().unwrap());
        assert!(
            holds("10.0.0.0/8", "10.9.8.7") && holds("10.0.0.0/8", "::ffff:10.9.8.7") && holds("0.0.0.0/0", "1.2.3.4")
        );
        assert!(holds("::/0", "fe80::1") && holds("127.0.0.1", "127.0.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1") && !holds("127.0.0.1", "127.0.0.2") && !holds("::1", "127.0.0.1"));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "localhost".parse::<Network>().is_err());
    }
}
