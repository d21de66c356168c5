//! Where a broker is and how to log in, parsed from `mqtt://user:password@host:port`.
//!
//! Owns the password and never shows it: neither in `Debug` and `Display` nor in an error.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use rumqttc::{TlsConfiguration, Transport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::SessionError;

const PLAIN_PORT: u16 = 1883;
const TLS_PORT: u16 = 8883;

/// The address of a broker: `mqtt://` or `mqtts://`, optionally user and password (percent-encoded where they hold `@ : / %`), host,
/// optionally port (1883, 8883). Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    tls: bool,
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
}

/// Why an address is not one. The text at fault is not repeated where it might be part of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another protocol, or none.
    #[error("the broker's address must start with `mqtt://` or `mqtts://`")]
    Scheme,
    /// Nothing where the host should be.
    #[error("the broker's address has no host; write `mqtt://host:1883`")]
    Host,
    /// A port that is none.
    #[error(
        "the port in the broker's address is not a number from 1 to 65535; write `@ : / %` in a password as %40 %3A %2F %25"
    )]
    Port,
    /// Something behind host and port.
    #[error("the broker's address must end after host and port; write `@ : / %` in a password as %40 %3A %2F %25")]
    Rest,
    /// Broken percent-encoding.
    #[error("user or password in the broker's address is not valid percent-encoding; write `%` as %25")]
    Escape,
    /// A numeric IPv6 address with TLS.
    #[error("`mqtts://` needs a host name or an IPv4 address, not the IPv6 address {host}")]
    TlsToIpv6 {
        /// The address.
        host: String,
    },
}

impl BrokerAddress {
    /// Takes an address that was parsed already. IPv6 hosts come in brackets.
    pub fn from_parts(tls: bool, host: &str, port: u16, login: Option<(&str, &str)>) -> Self {
        Self {
            tls,
            host: host.to_owned(),
            port,
            user: login.map(|(user, _)| user.to_owned()),
            password: login.map(|(_, password)| password.to_owned()),
        }
    }

    /// The host as a socket address wants it: IPv6 in brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// User name and password, if there is a user.
    pub(super) fn login(&self) -> Option<(&str, &str)> {
        self.user.as_deref().map(|user| (user, self.password.as_deref().unwrap_or_default()))
    }

    /// Gives plain TCP or TLS, trusting `ca_file` or the operating system's authorities.
    pub(super) fn transport(&self, ca_file: Option<&Path>) -> Result<Transport, SessionError> {
        if !self.tls {
            return Ok(Transport::tcp());
        }
        let place = ca_file.map_or_else(|| "the operating system".to_owned(), |path| path.display().to_string());
        let unusable = |reason: String| SessionError::Authorities { place: place.clone(), reason };
        let certificates: Vec<CertificateDer<'static>> = match ca_file {
            Some(path) => CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect)
                .map_err(|error| unusable(error.to_string()))?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        let (usable, _unreadable) = roots.add_parsable_certificates(certificates);
        if usable == 0 {
            return Err(unusable("there is no certificate; name a PEM file".to_owned()));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))))
    }
}

impl FromStr for BrokerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (tls, rest) = match text.split_once("://") {
            Some(("mqtt", rest)) => (false, rest),
            Some(("mqtts", rest)) => (true, rest),
            Some(_) | None => return Err(AddressError::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        if place.contains(['/', '?', '#']) {
            return Err(AddressError::Rest);
        }
        let (host, port) = host_and_port(place, if tls { TLS_PORT } else { PLAIN_PORT })?;
        if tls && host.starts_with('[') {
            return Err(AddressError::TlsToIpv6 { host: host.to_owned() });
        }
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => (Some(percent_decoded(user)?), Some(percent_decoded(password)?)),
            None => (None, None),
        };
        Ok(Self { tls, host: host.to_owned(), port, user, password })
    }
}

/// Splits `host:port`, `host`, `[v6]:port` or `[v6]`.
fn host_and_port(place: &str, default_port: u16) -> Result<(&str, u16), AddressError> {
    let port_at = match place.rfind(']') {
        Some(end) => end + 1,
        None => place.find(':').unwrap_or(place.len()),
    };
    let (host, port) = place.split_at(port_at);
    if host.is_empty() || host == "[]" {
        return Err(AddressError::Host);
    }
    if port.is_empty() {
        return Ok((host, default_port));
    }
    match port.strip_prefix(':').map(str::parse::<u16>) {
        Some(Ok(port)) if port > 0 => Ok((host, port)),
        Some(Ok(_) | Err(_)) | None => Err(AddressError::Port),
    }
}

fn percent_decoded(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).ok_or(AddressError::Escape)?;
        bytes.push(byte);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| AddressError::Escape)
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(String, Option<(String, String)>), AddressError> {
        let address: BrokerAddress = text.parse()?;
        let login = address.login().map(|(user, password)| (user.to_owned(), password.to_owned()));
        Ok((address.to_string(), login))
    }

    #[test]
    fn an_address_needs_only_scheme_and_host() {
        assert_eq!(parsed("mqtt://broker"), Ok(("mqtt://broker:1883".to_owned(), None)));
        assert_eq!(parsed("mqtts://broker.example/"), Ok(("mqtts://broker.example:8883".to_owned(), None)));
        assert_eq!(parsed("mqtt://[::1]:2883"), Ok(("mqtt://[::1]:2883".to_owned(), None)));
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        let login = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(parsed("mqtt://ph:a%40b%3A%25@h:1"), Ok(("mqtt://h:1".to_owned(), login("ph", "a@b:%"))));
        assert_eq!(parsed("mqtt://ph:t%E1%BA%A5n@h"), Ok(("mqtt://h:1883".to_owned(), login("ph", "tấn"))));
        assert_eq!(parsed("mqtt://ph@h"), Ok(("mqtt://h:1883".to_owned(), login("ph", ""))));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(parsed("broker:1883"), Err(AddressError::Scheme));
        assert_eq!(parsed("http://broker"), Err(AddressError::Scheme));
        assert_eq!(parsed("mqtt://"), Err(AddressError::Host));
        assert_eq!(parsed("mqtt://user:pw@:1883"), Err(AddressError::Host));
        assert_eq!(parsed("mqtt://broker:0"), Err(AddressError::Port));
        assert_eq!(parsed("mqtt://broker:99999"), Err(AddressError::Port));
        assert_eq!(parsed("mqtt://[::1]1883"), Err(AddressError::Port));
        assert_eq!(parsed("mqtt://broker/a/b"), Err(AddressError::Rest));
        assert_eq!(parsed("mqtt://u:a%zzb@broker"), Err(AddressError::Escape));
        assert_eq!(parsed("mqtt://u:a%@broker"), Err(AddressError::Escape));
        assert_eq!(parsed("mqtt://u:%é@broker"), Err(AddressError::Escape));
        assert_eq!(parsed("mqtts://[::1]"), Err(AddressError::TlsToIpv6 { host: "[::1]".to_owned() }));
    }

    #[test]
    fn a_password_is_never_shown() {
        let address: BrokerAddress = "mqtt://reader:hunter2@broker:1883".parse().unwrap();
        assert!(!format!("{address} {address:?} {address:#?}").contains("hunter2"));
        for broken in
            ["mqtt://reader:hunter2", "mqtt://reader:hunter2/@broker", "mqtt://reader:hunter2%@b", "reader:hunter2@b"]
        {
            if let Err(error) = broken.parse::<BrokerAddress>() {
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{broken}");
            }
        }
        assert!("mqtt://reader:hunter2".parse::<BrokerAddress>().is_err());
    }

    #[test]
    fn tls_without_usable_authorities_says_which_file() {
        let address: BrokerAddress = "mqtts://broker".parse().unwrap();
        let error = address.transport(Some(Path::new("/nowhere/ca.pem"))).err().unwrap();
        assert!(
            error.to_string().starts_with("cannot use the certificate authorities of /nowhere/ca.pem: "),
            "{error}"
        );
    }
}
