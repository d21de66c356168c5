//! The listening socket of the pages: plain, or with TLS.
//!
//! # Why
//! - Handshakes run beside each other and have a time limit: axum takes one connection after the other, so that a single silent
//!   client would keep everybody else out.
//! - Who comes to the TLS port without TLS has typed the address without `https://` and is led to the right one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tokio_util::task::AbortOnDropHandle;

use crate::tls::Certificate;

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes under way at once; beyond it a newcomer waits in the system's queue. Each costs a task and a few kilobytes.
const SHAKING: usize = 512;
/// Connections ready and not yet taken; axum takes them at once.
const READY: usize = 64;
/// Wait after a failed accept, which fails again at once when the process has no more file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Bytes read of a request that came without TLS; its first lines are enough.
const PLAIN_MAX: usize = 4 * 1024;
/// The first byte of every TLS connection: a handshake record (RFC 8446, 5.1).
const TLS_RECORD: u8 = 22;

/// A connection, with TLS or without.
type Connection = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where the pages listen.
pub enum Door {
    /// Without TLS.
    Plain(TcpListener),
    /// With TLS.
    Tls(TlsDoor),
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self::Plain(listener)
    }
}

/// A door with TLS: one task accepts, another for each handshake.
pub struct TlsDoor {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    _accepting: AbortOnDropHandle<()>,
}

impl Door {
    /// Opens a door with TLS. Must be called where tokio runs.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn tls(listener: TcpListener, certificate: Arc<Certificate>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(READY);
        let accepting = tokio::spawn(accept(listener, certificate, sender));
        Ok(Self::Tls(TlsDoor { address, ready, _accepting: AbortOnDropHandle::new(accepting) }))
    }
}

async fn accept(
    listener: TcpListener,
    certificate: Arc<Certificate>,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let room = Arc::new(Semaphore::new(SHAKING));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept an HTTPS connection");
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let (certificate, ready) = (Arc::clone(&certificate), ready.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, shake(stream, &certificate)).await {
                Ok(Ok(Some(stream))) => {
                    // An error means that the server is stopping.
                    let _ = ready.send((stream, peer)).await;
                }
                Ok(Ok(None)) | Err(_) => {}
                Ok(Err(error)) => tracing::debug!(%peer, %error, "an HTTPS handshake failed"),
            }
            drop(place);
        });
    }
}

/// Shakes hands. `None`: the client spoke plain HTTP and was led to HTTPS.
async fn shake(mut stream: TcpStream, certificate: &Certificate) -> io::Result<Option<TlsStream<TcpStream>>> {
    stream.set_nodelay(true)?;
    let mut first = [0_u8; 1];
    if stream.peek(&mut first).await? == 1 && first[0] != TLS_RECORD {
        lead_to_https(&mut stream).await?;
        return Ok(None);
    }
    certificate.acceptor().accept(stream).await.map(Some)
}

async fn lead_to_https(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0_u8; 1024];
    while request.len() < PLAIN_MAX && !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await? {
            0 => break,
            bytes => request.extend_from_slice(&chunk[..bytes]),
        }
    }
    let answer = match secure_address(&request) {
        Some(address) => format!(
            "HTTP/1.1 308 Permanent Redirect\r\nLocation: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        None => "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// Gives the address over HTTPS of what a plain request asked for. `None`: it is no request of a page.
fn secure_address(request: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(request).ok()?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?, first.next()?);
    let host = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    })?;
    let plain_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let plain_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
    (matches!(method, "GET" | "HEAD") && !host.is_empty() && plain_host && plain_path)
        .then(|| format!("https://{host}{path}"))
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self {
            Self::Plain(listener) => {
                let (stream, peer) = Listener::accept(listener).await;
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "an HTTP connection keeps its delay");
                }
                (Either::Left(stream), peer)
            }
            Self::Tls(door) => match door.ready.recv().await {
                Some((stream, peer)) => (Either::Right(Box::new(stream)), peer),
                // The accepting task ends with this door only.
                None => std::future::pending().await,
            },
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(listener) => listener.local_addr(),
            Self::Tls(door) => Ok(door.address),
        }
    }
}

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(*stream.remote_addr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_asked_for_without_tls_is_led_to_its_address_with_tls_and_nothing_else_is() {
        let asked = b"GET /households?state=U HTTP/1.1\r\nhost: rac.example:8443\r\n\r\n";
        assert_eq!(secure_address(asked), Some("https://rac.example:8443/households?state=U".to_owned()));
        for other in [
            &b"POST /sign-in HTTP/1.1\r\nHost: rac.example\r\n\r\n"[..],
            b"GET /a HTTP/1.1\r\n\r\n",
            b"GET http://x/ HTTP/1.1\r\nHost: rac.example\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: rac.example/evil\r\n\r\n",
            b"\xff\xfe",
        ] {
            assert_eq!(secure_address(other), None);
        }
    }
}
