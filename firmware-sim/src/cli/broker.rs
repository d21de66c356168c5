//! `mqtt://` and `mqtts://` addresses, certificates and passwords.

use anyhow::{Context, bail};
use clap::Args;
use firmware_sim::publish::{Credentials, PublishOptions};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args)]
pub struct Broker {
    /// Broker: mqtt://[user:password@]host[:port], or mqtts:// for TLS.
    #[arg(long, default_value = "mqtt://127.0.0.1:1883")]
    broker: String,
    /// Certificate authorities to trust with mqtts://, PEM; the system's, if not given.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Passwords by device: lines of `device,password`. The user name is the device's.
    #[arg(long, value_name = "FILE")]
    passwords: Option<PathBuf>,
    /// Topic root.
    #[arg(long, default_value = "phanloai/v1")]
    root: String,
}

impl Broker {
    pub fn options(&self) -> anyhow::Result<PublishOptions> {
        let mut options = parse(&self.broker, self.ca.as_deref())?;
        options.root.clone_from(&self.root);
        if let Some(file) = &self.passwords {
            let passwords = passwords(file)?;
            options.credentials = Some(Arc::new(move |client| {
                passwords
                    .get(client)
                    .map(|password| Credentials { user: client.to_owned(), password: password.clone() })
            }));
        }
        Ok(options)
    }
}

fn parse(url: &str, ca: Option<&Path>) -> anyhow::Result<PublishOptions> {
    let (rest, tls) = match (url.strip_prefix("mqtt://"), url.strip_prefix("mqtts://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => bail!("broker `{url}` is not of the form mqtt[s]://[user:password@]host[:port]"),
    };
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, rest),
    };
    let place = place.trim_end_matches('/');
    let usual = if tls { 8_883 } else { 1_883 };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().with_context(|| format!("port `{port}` of broker `{url}`"))?),
        None => (place, usual),
    };
    let mut options = PublishOptions::new(host, port);
    if tls {
        options.tls = Some(client_config(ca)?);
    } else if ca.is_some() {
        bail!("--ca is for mqtts://; broker `{url}` is not asked for a certificate");
    }
    if let Some((user, password)) = login.and_then(|login| login.split_once(':')) {
        let given = Credentials { user: user.to_owned(), password: password.to_owned() };
        options.credentials = Some(Arc::new(move |_| Some(given.clone())));
    }
    Ok(options)
}

fn client_config(ca: Option<&Path>) -> anyhow::Result<Arc<rustls::ClientConfig>> {
    let mut roots = rustls::RootCertStore::empty();
    match ca {
        Some(file) => {
            let certificates = CertificateDer::pem_file_iter(file)
                .with_context(|| format!("cannot read the certificates of `{}`", file.display()))?;
            for certificate in certificates {
                let certificate = certificate.with_context(|| format!("in `{}`", file.display()))?;
                roots.add(certificate).with_context(|| format!("in `{}`", file.display()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        bail!("no certificate authority to trust; name a file of them with --ca");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn passwords(file: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let mut passwords = HashMap::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((device, password)) = line.split_once(',') else {
            bail!("line {} of `{}` is not `device,password`", index + 1, file.display());
        };
        passwords.insert(device.trim().to_owned(), password.trim().to_owned());
    }
    Ok(passwords)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_host_port_and_login() {
        let options = parse("mqtt://ann:pa:ss@host.example:1884/", None).unwrap();
        assert_eq!((options.host.as_str(), options.port), ("host.example", 1_884));
        let given = options.credentials.unwrap()("any").unwrap();
        assert_eq!((given.user.as_str(), given.password.as_str()), ("ann", "pa:ss"));
        assert_eq!(parse("mqtt://host", None).unwrap().port, 1_883);
        assert!(parse("http://host", None).is_err());
        assert!(parse("mqtt://host", Some(Path::new("ca.pem"))).is_err());
    }
}
