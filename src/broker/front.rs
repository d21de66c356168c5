//! The listening sockets: ends TLS, passes a client's bytes on to the broker crate, and holds its acknowledgements back until
//! what they acknowledge is durable.
//!
//! Owns the sockets and one task for each connection. Who may do what is none of its business.
//!
//! # Why
//! - **Acknowledgements are held here.** The crate awaits its publish hook inside the loop that reads a client's packets, so a hook that
//!   waited for the commit left every device one message a commit: 660 messages/s where a hundred in flight give forty times that.
//!   Now the hook only queues the message, and the PUBACK waits on its way out ([`super::held`]).
//! - **TLS ends here.** The crate's own TLS listener makes one handshake after the other, in the task that accepts, with no time limit: a
//!   single silent connection keeps everybody else out for ever.
//! - The price is a copy over loopback. The crate listens there on a port of its own and [`super::gate`] lets nobody in but
//!   these connections, so there is no way around the waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::gate::Gate;
use super::held::Held;

/// How long a client may take to shake hands; a scale on a bad mobile line needs a few seconds.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a client may take to read what it was sent, before it is taken for dead.
const READS_WITHIN: Duration = Duration::from_secs(60);
/// How long the last acknowledgements may take to become due once the broker has hung up.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Wait after a failed accept, which fails again at once when the process has no more file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Bytes read from the broker at once; it sends a client little but acknowledgements.
const CHUNK_BYTES: usize = 8 * 1024;

/// What both listeners share.
#[derive(Clone)]
pub(super) struct Inside {
    /// Where the broker crate listens.
    pub(super) address: SocketAddr,
    /// Whom it asks.
    pub(super) gate: Arc<Gate>,
    /// Connections there may still be.
    pub(super) room: Arc<Semaphore>,
}

/// A running listener. Dropping it ends it and its connections.
pub(super) struct Front {
    address: SocketAddr,
    tasks: TaskTracker,
    closing: CancellationToken,
    ending: DropGuard,
}

impl Front {
    /// Passes on what comes to `listener`, over TLS if there is an acceptor.
    pub(super) fn start(listener: TcpListener, tls: Option<TlsAcceptor>, inside: Inside) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (closing, ending) = (CancellationToken::new(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let accepting = Accepting { tls, inside, tasks: tasks.clone(), ending: ending.clone() };
        tasks.spawn(accepting.run(listener, closing.clone()));
        Ok(Self { address, tasks, closing, ending: ending.drop_guard() })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the socket; connections stay.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }

    /// Waits until the broker has hung up on every connection and its last acknowledgements are out, and ends what is left.
    pub(super) async fn stop(self) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_WORDS, self.tasks.wait()).await.is_err() {
            self.ending.disarm().cancel();
            self.tasks.wait().await;
        }
    }
}

struct Accepting {
    tls: Option<TlsAcceptor>,
    inside: Inside,
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Accepting {
    async fn run(self, listener: TcpListener, closing: CancellationToken) {
        let ended = async {
            tokio::select! { () = closing.cancelled() => {}, () = self.ending.cancelled() => {} }
        };
        tokio::pin!(ended);
        loop {
            let accepted = tokio::select! {
                () = &mut ended => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept an MQTT connection");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = Arc::clone(&self.inside.room).try_acquire_owned() else {
            tracing::warn!(%peer, "no room for another MQTT connection");
            return;
        };
        let (tls, inside, ending) = (self.tls.clone(), self.inside.clone(), self.ending.clone());
        self.tasks.spawn(async move {
            if let Some(Err(error)) = ending.run_until_cancelled(pass_on(tls, stream, inside)).await {
                tracing::debug!(%peer, %error, "MQTT connection ended");
            }
            drop(place);
        });
    }
}

async fn pass_on(tls: Option<TlsAcceptor>, outside: TcpStream, inside: Inside) -> io::Result<()> {
    outside.set_nodelay(true)?;
    match tls {
        None => {
            let (reading, writing) = outside.into_split();
            relay(reading, writing, inside).await
        }
        Some(tls) => {
            let outside = tokio::time::timeout(HANDSHAKE, tls.accept(outside)).await??;
            let (reading, writing) = tokio::io::split(outside);
            relay(reading, writing, inside).await
        }
    }
}

/// Passes bytes both ways until the broker hangs up or the client reads no more.
async fn relay(
    mut from_client: impl AsyncRead + Unpin,
    to_client: impl AsyncWrite + Unpin,
    inside: Inside,
) -> io::Result<()> {
    let broker = TcpStream::connect(inside.address).await?;
    broker.set_nodelay(true)?;
    let _known = inside.gate.expect(broker.local_addr()?);
    let (from_broker, mut to_broker) = broker.into_split();
    let up = async {
        let copied = tokio::io::copy(&mut from_client, &mut to_broker).await;
        // The broker sees the end of the connection and makes of it what it must: a will, perhaps.
        drop(to_broker);
        if let Err(error) = copied {
            tracing::debug!(%error, "an MQTT client's connection broke");
        }
        std::future::pending().await
    };
    tokio::select! {
        ended = down(from_broker, to_client, &inside.gate) => ended,
        () = up => Ok(()),
    }
}

async fn down(
    mut from_broker: impl AsyncRead + Unpin,
    mut to_client: impl AsyncWrite + Unpin,
    gate: &Gate,
) -> io::Result<()> {
    let line = gate.line();
    let mut durable = line.durable();
    let mut held = Held::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let next = held.next();
        tokio::select! {
            read = from_broker.read(&mut chunk) => match read? {
                0 => break,
                bytes => held.take(&chunk[..bytes], line.taken()).map_err(io::Error::other)?,
            },
            due = durable.wait_for(|durable| next.is_some_and(|next| *durable >= next)), if next.is_some() => drop(due),
        }
        held.release(*durable.borrow_and_update());
        write(&mut to_client, &mut held).await?;
    }
    let last_words = async {
        while let Some(next) = held.next() {
            let due = durable.wait_for(|durable| *durable >= next).await.map(|durable| *durable);
            held.release(due.map_err(io::Error::other)?);
            write(&mut to_client, &mut held).await?;
        }
        to_client.shutdown().await
    };
    tokio::time::timeout(LAST_WORDS, last_words).await?
}

async fn write(to_client: &mut (impl AsyncWrite + Unpin), held: &mut Held) -> io::Result<()> {
    let ready = held.ready();
    if !ready.is_empty() {
        let written = async {
            to_client.write_all(ready).await?;
            to_client.flush().await
        };
        tokio::time::timeout(READS_WITHIN, written).await??;
        ready.clear();
    }
    Ok(())
}
