//! The TLS listener: ends TLS and passes the bytes on to the plain listener of the same broker.
//!
//! Owns its socket and one task for each connection. It may not look into what passes.
//!
//! # Why
//! The broker crate has a TLS listener of its own, but it makes one handshake after the other, in the task that accepts, with no
//! time limit: a single silent connection keeps everybody else out for ever. The price of ours is a copy over loopback.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::{BrokerError, TlsListener};

/// How long a client may take to shake hands; a scale on a bad mobile line needs a few seconds.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Wait after a failed accept, which fails again at once when the process has no more file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// The running TLS listener. Dropping it ends it and its connections.
pub(super) struct TlsFront {
    address: SocketAddr,
    tasks: TaskTracker,
    stopping: DropGuard,
}

impl TlsFront {
    /// Listens and passes on to `plain`, at most `max_connections` at once.
    pub(super) async fn start(
        tls: &TlsListener,
        plain: SocketAddr,
        max_connections: usize,
    ) -> Result<Self, BrokerError> {
        let unusable = |reason: String| BrokerError::Tls { address: tls.listen, reason };
        let acceptor = acceptor(tls).map_err(unusable)?;
        let taken = |error: io::Error| unusable(format!("{error}; stop what uses the address or choose another"));
        let listener = TcpListener::bind(tls.listen).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let stopping = CancellationToken::new();
        let front = Accepting {
            listener,
            acceptor,
            plain: reachable(plain),
            room: Arc::new(Semaphore::new(max_connections)),
            tasks: TaskTracker::new(),
            stopping: stopping.clone(),
        };
        let tasks = front.tasks.clone();
        tasks.spawn(front.run());
        Ok(Self { address, tasks, stopping: stopping.drop_guard() })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the socket and every connection.
    pub(super) async fn stop(self) {
        self.stopping.disarm().cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Accepting {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    plain: SocketAddr,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Accepting {
    async fn run(self) {
        while let Some(accepted) = self.stopping.run_until_cancelled(self.listener.accept()).await {
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(error) => {
                    tracing::warn!(%error, "MQTT over TLS cannot accept a connection");
                    self.stopping.run_until_cancelled(tokio::time::sleep(AFTER_FAILURE)).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            tracing::warn!(%peer, "MQTT over TLS has no room for another connection");
            return;
        };
        let (acceptor, plain, stopping) = (self.acceptor.clone(), self.plain, self.stopping.clone());
        self.tasks.spawn(async move {
            if let Some(Err(error)) = stopping.run_until_cancelled(pass_on(acceptor, stream, plain)).await {
                tracing::debug!(%peer, %error, "MQTT connection over TLS ended");
            }
            drop(place);
        });
    }
}

async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, plain: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut outside = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await??;
    let mut inside = TcpStream::connect(plain).await?;
    inside.set_nodelay(true)?;
    copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}

/// Gives the address under which a listener on "any address" is reached from here.
fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listener.port())
}

fn acceptor(tls: &TlsListener) -> Result<TlsAcceptor, String> {
    let in_file = |path: &Path, reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.cert_file)
        .and_then(Iterator::collect)
        .map_err(|error| in_file(&tls.cert_file, &error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|error| in_file(&tls.key_file, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| in_file(&tls.cert_file, &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
