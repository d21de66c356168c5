//! Settings: defaults, then `phanloai.toml`, then the environment (`PHANLOAI_SECTION__KEY`), the later over the earlier.
//!
//! Owns the keys, their defaults and the text of the default file, which is printed from those defaults. It opens nothing: whether a
//! certificate is there is for the one who reads it. The environment comes in as pairs.
//!
//! # Why
//! - **Unknown keys are an error with the nearest known one named**: a misspelt `trusted_proxies` must not pass in silence. Variables
//!   without `__` belong to others (`PHANLOAI_TEST_…`), unless they are one underscore away from a key.
//! - **Empty means none.** TOML has no null, and an environment variable is easier to empty than to unset.
//! - **Environment values are read as the type of their key**, not guessed: a password `12345` stays text.

mod address;
mod layers;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::domain::state::word;

pub use address::{AddressError, BrokerAddress, DatabaseUrl, MqttUrl, Network, Secret};

/// Every setting, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Where facts are kept.
    pub database: Database,
    /// How devices reach the service.
    pub mqtt: Mqtt,
    /// Where people reach the service.
    pub http: Http,
    /// What an empty database begins with.
    pub commune: Commune,
    /// Where the service is watched.
    pub metrics: MetricsListener,
    /// What cannot be counted.
    pub quarantine: Quarantine,
    /// Files of the service itself.
    pub data: Data,
    /// What the service says.
    pub log: Log,
}

/// `[database]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// `sqlite://path` or `postgres://user:password@host/name`.
    pub url: DatabaseUrl,
}

/// `[mqtt]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mqtt {
    /// The broker: `embedded`, or the address of an outside one.
    pub url: MqttUrl,
    /// Where the embedded broker listens without TLS.
    pub listen: SocketAddr,
    /// Where the embedded broker listens with TLS. None: nowhere.
    #[serde(with = "layers::maybe")]
    pub tls_listen: Option<SocketAddr>,
    /// PEM file of the embedded broker's certificate chain.
    #[serde(with = "layers::maybe")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the embedded broker's private key.
    #[serde(with = "layers::maybe")]
    pub tls_key: Option<PathBuf>,
    /// Clients without a password are let in on loopback, whatever the commune; a simulated one lets them in there anyway.
    pub allow_anonymous: bool,
    /// `listen` may be an address that other machines reach, without TLS.
    pub plain_anywhere: bool,
    /// Where all topics begin.
    pub root: String,
    /// Group in which several instances share an outside broker's messages. None: this instance takes all.
    #[serde(with = "layers::maybe")]
    pub shared_group: Option<String>,
    /// Client id at an outside broker; fixed, because the session is kept under it.
    pub client_id: String,
    /// PEM file with the authority of an outside broker's certificate. None: the public ones.
    #[serde(with = "layers::maybe")]
    pub ca_file: Option<PathBuf>,
}

/// `[http]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Http {
    /// Where pages and API listen.
    pub listen: SocketAddr,
    /// PEM file of the certificate chain. None: plain HTTP.
    #[serde(with = "layers::maybe")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the private key.
    #[serde(with = "layers::maybe")]
    pub tls_key: Option<PathBuf>,
    /// The address that people type, for links and cookies. None: as listened on.
    #[serde(with = "layers::maybe")]
    pub public_url: Option<String>,
    /// Proxies whose `Forwarded` headers are believed.
    pub trusted_proxies: Vec<Network>,
}

/// `[commune]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commune {
    /// `commune.toml`, which seeds an empty database only. None: the database must be there.
    #[serde(with = "layers::maybe")]
    pub file: Option<PathBuf>,
}

/// `[metrics]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsListener {
    /// Where `/metrics` listens.
    pub listen: SocketAddr,
}

/// `[quarantine]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Most bytes kept; what is dropped is counted and alarmed.
    pub max_bytes: u64,
}

/// `[data]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Folder for files of the service.
    pub dir: PathBuf,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
}

word!(
    /// How log lines look.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
);

/// Every key with what the default file says about it.
const KEYS: &[(&str, &str, &str)] = &[
    ("database", "url", "Where facts are kept: sqlite://path, or postgres://user:password@host:5432/name."),
    ("mqtt", "url", "The broker: embedded, mqtt://user:password@host:1883 or mqtts://user:password@host:8883."),
    ("mqtt", "listen", "Where the embedded broker listens without TLS; on loopback, unless plain_anywhere is true."),
    ("mqtt", "tls_listen", "Where the embedded broker listens with TLS, for example 0.0.0.0:8883; empty: nowhere."),
    ("mqtt", "tls_cert", "PEM file of the embedded broker's certificate chain."),
    ("mqtt", "tls_key", "PEM file of the embedded broker's private key."),
    ("mqtt", "allow_anonymous", "Lets clients without a password in on loopback; a simulated commune does so anyway."),
    (
        "mqtt",
        "plain_anywhere",
        "Lets listen be an address that other machines reach, without TLS: only in a closed network.",
    ),
    ("mqtt", "root", "Where all topics begin."),
    ("mqtt", "shared_group", "Group in which several instances share an outside broker's messages; empty: none."),
    ("mqtt", "client_id", "Client id at an outside broker; each instance needs its own, and keeps it."),
    ("mqtt", "ca_file", "PEM file with the authority of an outside broker's certificate; empty: the public ones."),
    ("http", "listen", "Where pages and API listen."),
    (
        "http",
        "tls_cert",
        "PEM file of the certificate chain, read again when it changes; empty: plain HTTP, for a proxy with HTTPS in front.",
    ),
    ("http", "tls_key", "PEM file of the private key, which goes with tls_cert."),
    ("http", "public_url", "The address that people type, for example https://rac.example.vn; empty: as listened on."),
    (
        "http",
        "trusted_proxies",
        "Proxies whose Forwarded headers are believed, for example [\"127.0.0.1\", \"10.0.0.0/8\"].",
    ),
    ("commune", "file", "commune.toml, which seeds an empty database only; empty: the database is there already."),
    ("metrics", "listen", "Where /metrics listens."),
    ("quarantine", "max_bytes", "Most bytes of quarantine kept; what is dropped is counted and alarmed."),
    ("data", "dir", "Folder for files of the service itself."),
    ("log", "format", "How log lines look: text or json."),
];

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file is not there.
    #[error("cannot read config file `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// Not TOML.
    #[error("config file `{path}` is not TOML: {reason}")]
    NotToml {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// A key that means nothing.
    #[error("unknown key `{key}` in {origin}{hint}")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// File or environment.
        origin: String,
        /// The nearest known key, or all of them, as a clause.
        hint: String,
    },
    /// A value of the wrong type or form.
    #[error("`{key}` in {origin}: {reason}")]
    BadValue {
        /// The key.
        key: String,
        /// File, environment or default.
        origin: String,
        /// What is wrong.
        reason: String,
    },
    /// The address that people type is none, or is not the one that is served.
    #[error("`http.public_url` `{url}`: {reason}")]
    PublicUrl {
        /// The address.
        url: String,
        /// What is wrong, and the way out.
        reason: &'static str,
    },
    /// One of two settings that go together is missing.
    #[error("`{given}` is set but `{missing}` is not; set both or neither")]
    Half {
        /// The one that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
}

impl Default for Config {
    /// Gives the settings that need nothing: SQLite, the embedded broker, everything on loopback.
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            database: Database { url: DatabaseUrl::sqlite("data/phanloai.db") },
            mqtt: Mqtt {
                url: MqttUrl::Embedded,
                listen: loopback(1883),
                tls_listen: None,
                tls_cert: None,
                tls_key: None,
                allow_anonymous: false,
                plain_anywhere: false,
                root: "phanloai/v1".to_owned(),
                shared_group: None,
                client_id: "phanloai".to_owned(),
                ca_file: None,
            },
            http: Http {
                listen: loopback(8080),
                tls_cert: None,
                tls_key: None,
                public_url: None,
                trusted_proxies: Vec::new(),
            },
            commune: Commune { file: None },
            metrics: MetricsListener { listen: loopback(9184) },
            quarantine: Quarantine { max_bytes: 256 * 1024 * 1024 },
            data: Data { dir: PathBuf::from("data") },
            log: Log { format: LogFormat::Text },
        }
    }
}

impl Http {
    /// Tells whether browsers reach the pages by TLS: here, or at a proxy that `public_url` names.
    pub fn reached_by_tls(&self) -> bool {
        self.tls_cert.is_some() || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    fn check_public_url(&self) -> Result<(), ConfigError> {
        let Some(url) = &self.public_url else {
            return Ok(());
        };
        let refuse = |reason| Err(ConfigError::PublicUrl { url: url.clone(), reason });
        let Some((scheme, rest)) = url.split_once("://") else {
            return refuse("it has no scheme; write https://rac.example.vn");
        };
        if !matches!(scheme, "http" | "https") {
            return refuse("its scheme is neither http nor https; write https://rac.example.vn");
        }
        let host = rest.trim_end_matches('/');
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
            return refuse("it is more or less than scheme, host and port; write https://rac.example.vn");
        }
        if scheme == "http" && self.tls_cert.is_some() {
            return refuse("`http.tls_cert` serves https; write https:// here too");
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let open = !self.listen.ip().is_loopback();
        if open && self.tls_cert.is_none() && self.trusted_proxies.is_empty() {
            warnings.push(format!(
                "`http.listen` {} takes passwords without TLS; set `http.tls_cert` and `http.tls_key`, or put a proxy before it and \
                 name it in `http.trusted_proxies`",
                self.listen
            ));
        }
        if !self.trusted_proxies.is_empty() && !self.reached_by_tls() {
            warnings.push(
                "`http.trusted_proxies` is set and `http.public_url` is not https: sign-in cookies may cross a network in the open; \
                 write the proxy's https address in `http.public_url`"
                    .to_owned(),
            );
        }
        let proxied = self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        if proxied && self.tls_cert.is_none() && self.trusted_proxies.is_empty() {
            warnings.push(
                "`http.public_url` is https and no TLS is served here, so there is a proxy: name it in `http.trusted_proxies`, or \
                 everybody shares one address and one limit of sign-in attempts"
                    .to_owned(),
            );
        }
        warnings
    }
}

impl Config {
    /// Reads the settings: defaults, then `file` if there is one, then `environment`.
    ///
    /// # Errors
    /// The file cannot be read or is not TOML, a key is unknown, a value does not fit, or half of a pair is missing.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|reason| ConfigError::Unreadable { path: path.to_owned(), reason })?;
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::NotToml {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
            layers::check_file(&table, path)?;
            figment = figment.merge(Toml::file_exact(path));
        }
        let figment = figment.merge(layers::Environment::read(environment)?);
        let config: Self = figment.extract().map_err(layers::explain)?;
        config.check_pairs()?;
        config.http.check_public_url()?;
        Ok(config)
    }

    fn check_pairs(&self) -> Result<(), ConfigError> {
        let (mqtt, http) = (&self.mqtt, &self.http);
        let both = |given, one: bool, missing, other: bool| {
            if one && !other { Err(ConfigError::Half { given, missing }) } else { Ok(()) }
        };
        both("http.tls_cert", http.tls_cert.is_some(), "http.tls_key", http.tls_key.is_some())?;
        both("http.tls_key", http.tls_key.is_some(), "http.tls_cert", http.tls_cert.is_some())?;
        both("mqtt.tls_listen", mqtt.tls_listen.is_some(), "mqtt.tls_cert", mqtt.tls_cert.is_some())?;
        both("mqtt.tls_cert", mqtt.tls_cert.is_some(), "mqtt.tls_key", mqtt.tls_key.is_some())?;
        both("mqtt.tls_key", mqtt.tls_key.is_some(), "mqtt.tls_cert", mqtt.tls_cert.is_some())
    }

    /// Gives what an operator should know at start: secrets and passwords that would cross a network in the open.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        match &self.mqtt.url {
            MqttUrl::Embedded if !self.mqtt.listen.ip().is_loopback() => {
                let listen = self.mqtt.listen;
                warnings.push(format!(
                    "`mqtt.listen` {listen} takes passwords and events from other machines without TLS; use `mqtt.tls_listen`"
                ));
            }
            MqttUrl::Embedded if self.mqtt.allow_anonymous => warnings.push(
                "`mqtt.allow_anonymous` lets every program on this machine publish for any device; use it for a trial only"
                    .to_owned(),
            ),
            MqttUrl::Outside(broker) if !broker.tls && !broker.is_local() => {
                warnings.push(format!("`mqtt.url` reaches {} without TLS; use mqtts://", broker.host));
            }
            MqttUrl::Embedded | MqttUrl::Outside(_) => {}
        }
        warnings.extend(self.http.warnings());
        warnings
    }

    /// Gives the text of a config file that holds every key with its default.
    pub fn default_file() -> String {
        let values = toml::Table::try_from(Self::default()).expect("settings are tables of text, numbers and lists");
        let mut text = String::from(
            "# phanloai.toml: every key with its default. Each can also be set in the environment, for example\n# PHANLOAI_HTTP__LISTEN=0.0.0.0:8080. Empty means none.\n",
        );
        let mut current = "";
        for (section, key, meaning) in KEYS {
            if *section != current {
                current = section;
                text.push_str(&format!("\n[{section}]\n"));
            }
            let value = values.get(*section).and_then(|table| table.get(*key)).expect("every listed key has a default");
            text.push_str(&format!("# {meaning}\n{key} = {value}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests;
