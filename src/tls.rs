//! The certificate and key of a listener with TLS, read from PEM files and read again when they have changed.
//!
//! Owns the form of the rustls settings. It opens no socket and knows neither HTTP nor MQTT.
//!
//! # Why
//! - **What is compared is what the files hold**, not their times: certificate tools replace files through links, and some
//!   write them anew unchanged.
//! - **A new pair that does not fit is told and not taken**: certificate and key are replaced one after the other, so for a moment they
//!   do not belong together, and an old certificate serves better than none.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at; a renewed certificate is valid weeks before the old one ends.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(60);

/// Why a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The certificate's file holds none.
    #[error("{}: holds no certificate; it needs the chain in PEM, from `-----BEGIN CERTIFICATE-----` on, the server's own first", .0.display())]
    NoCertificate(PathBuf),
    /// The key's file holds none.
    #[error("{}: holds no private key that can be read ({reason}); it needs one in PEM, without a passphrase", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key do not go together, or one is of no use.
    #[error("{} with {}: {reason}", cert_file.display(), key_file.display())]
    Unfit {
        /// The certificate's file.
        cert_file: PathBuf,
        /// The key's file.
        key_file: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Where a certificate comes from, and for which protocols over TLS it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemFiles {
    /// PEM file with the certificate chain.
    pub cert_file: PathBuf,
    /// PEM file with the private key.
    pub key_file: PathBuf,
    /// Names of the protocols offered to clients (ALPN); empty: none is named.
    pub protocols: &'static [&'static str],
}

/// What both files hold.
type Held = (Vec<u8>, Vec<u8>);

impl PemFiles {
    fn read(&self) -> Result<Held, TlsError> {
        let read = |file: &Path| {
            std::fs::read(file)
                .map_err(|error| TlsError::Unreadable { file: file.to_owned(), reason: error.to_string() })
        };
        Ok((read(&self.cert_file)?, read(&self.key_file)?))
    }

    fn acceptor(&self, (cert, key): &Held) -> Result<TlsAcceptor, TlsError> {
        let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(cert).collect();
        let chain = chain.unwrap_or_default();
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(self.cert_file.clone()));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| TlsError::NoKey { file: self.key_file.clone(), reason: error.to_string() })?;
        let unfit = |error: rustls::Error| TlsError::Unfit {
            cert_file: self.cert_file.clone(),
            key_file: self.key_file.clone(),
            reason: match error {
                rustls::Error::InconsistentKeys(_) => "the key is not the certificate's".to_owned(),
                other => other.to_string(),
            },
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(unfit)?;
        config.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Reads certificate and key once.
///
/// # Errors
/// A file cannot be read, or what is in them cannot be used.
pub fn acceptor(files: &PemFiles) -> Result<TlsAcceptor, TlsError> {
    files.acceptor(&files.read()?)
}

/// A certificate that is read again when its files change. Connections that stand are left alone.
pub struct Certificate {
    files: PemFiles,
    current: watch::Sender<TlsAcceptor>,
    last_read: Mutex<Held>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// As [`acceptor`].
    pub fn open(files: PemFiles) -> Result<Self, TlsError> {
        let held = files.read()?;
        let current = watch::channel(files.acceptor(&held)?).0;
        Ok(Self { files, current, last_read: Mutex::new(held) })
    }

    /// Gives what the next connection is to be accepted with.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.current.borrow().clone()
    }

    /// Reads the files again and takes what they hold, if it is new. Gives whether it was.
    ///
    /// # Errors
    /// As [`acceptor`], once for each change of the files; the certificate in use stays.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let held = self.files.read()?;
        let mut last_read = self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
        if held == *last_read {
            return Ok(false);
        }
        *last_read = held;
        self.current.send_replace(self.files.acceptor(&last_read)?);
        Ok(true)
    }

    /// Renews it every minute and whenever `asked` has something, until `stopping`.
    pub async fn keep_renewed(self: Arc<Self>, mut asked: watch::Receiver<u64>, stopping: CancellationToken) {
        let mut look = tokio::time::interval(LOOKED_AT_EVERY);
        let mut more_to_come = true;
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = look.tick() => {}
                changed = asked.changed(), if more_to_come => more_to_come = changed.is_ok(),
            }
            let own = Arc::clone(&self);
            match tokio::task::spawn_blocking(move || own.renew()).await {
                Ok(Ok(true)) => tracing::info!(file = %self.files.cert_file.display(), "new certificate taken"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => tracing::error!(%error, "the new certificate cannot be used; the old one stays"),
                Err(error) => tracing::error!(%error, "reading the certificate failed"),
            }
        }
    }
}
