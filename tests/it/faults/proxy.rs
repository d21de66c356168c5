//! A network that breaks: a TCP proxy between a device and its broker, or between the service and its broker.
//!
//! Each connection carries a random number of bytes, both ways together, and then meets its fate, in the middle of a
//! packet more often than not. [`Proxy::heal`] ends all trouble.

use std::sync::{Arc, Mutex};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Closed on both sides.
    Cut,
    /// Open on both sides, and nothing passes any more.
    Stall,
    /// What the caller says still arrives; what it is answered does not.
    AnswersLost,
    /// Closed towards the caller; the other side never hears of it.
    HalfOpen,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 4] = [Self::Cut, Self::Stall, Self::AnswersLost, Self::HalfOpen];
}

/// A running proxy.
pub struct Proxy {
    port: u16,
    met: Arc<Mutex<Vec<Fate>>>,
    healed: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of a port of this machine, whose connections meet one of `fates` each.
    pub async fn start(target: u16, fates: &'static [Fate], bytes: std::ops::Range<usize>, seed: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", crate::support::free_port())).await.expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let (met, healed) = (Arc::new(Mutex::new(Vec::new())), watch::channel(false).0);
        let (noted, seen) = (Arc::clone(&met), healed.subscribe());
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            // Dropped with this task, and so are the connections.
            let mut connections = JoinSet::new();
            while let Ok((caller, _)) = listener.accept().await {
                let Ok(called) = TcpStream::connect(("127.0.0.1", target)).await else { continue };
                let fate = fates[random.random_range(0..fates.len())];
                let left = random.random_range(bytes.clone());
                let (noted, mut seen) = (Arc::clone(&noted), seen.clone());
                connections.spawn(async move {
                    let whole = *seen.borrow_and_update();
                    let left = if whole { usize::MAX } else { left };
                    let met = || noted.lock().expect("nobody panics with it").push(fate);
                    carry(caller, called, left, fate, met, seen, whole).await;
                });
            }
        }));
        Self { port, met, healed, _task: task }
    }

    /// The port that callers use.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Gives how often a fate was met.
    pub fn met(&self, fate: Fate) -> usize {
        self.met.lock().expect("nobody panics with it").iter().filter(|met| **met == fate).count()
    }

    /// Ends all trouble: what is broken is closed, and new connections are whole.
    pub fn heal(&self) {
        self.healed.send_replace(true);
    }
}

/// Carries bytes until one side closes, or all is healed, or the connection has met its fate.
async fn carry(
    caller: TcpStream,
    called: TcpStream,
    mut left: usize,
    fate: Fate,
    met: impl Fn(),
    mut healed: watch::Receiver<bool>,
    whole: bool,
) {
    // Small packets are sent as they come.
    let _ = (caller.set_nodelay(true), called.set_nodelay(true));
    let (mut from_caller, mut to_caller) = caller.into_split();
    let (mut from_called, mut to_called) = called.into_split();
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    let mut answers = true;
    // What goes on after its fate has to stay whole.
    let cuts = fate != Fate::AnswersLost;
    loop {
        let carried = tokio::select! {
            read = from_caller.read(&mut up) => pass(read, &up, &mut to_called, &mut left, (cuts, true)).await,
            read = from_called.read(&mut down) => pass(read, &down, &mut to_caller, &mut left, (cuts, answers)).await,
            () = healing(&mut healed), if !whole => return,
        };
        if !carried {
            return;
        }
        if left == 0 {
            met();
            match fate {
                Fate::Cut => return,
                Fate::AnswersLost => (answers, left) = (false, usize::MAX),
                Fate::Stall => break,
                Fate::HalfOpen => {
                    drop((from_caller, to_caller));
                    return healing(&mut healed).await;
                }
            }
        }
    }
    // All four halves are kept until then, and nothing is read.
    healing(&mut healed).await;
}

/// Waits until all trouble is over.
async fn healing(healed: &mut watch::Receiver<bool>) {
    // An error means that the proxy is gone.
    let _ = healed.wait_for(|healed| *healed).await;
}

/// Passes on what was read, at most what is left if it `cuts` there. Gives false when the connection has ended.
async fn pass(
    read: std::io::Result<usize>,
    bytes: &[u8],
    to: &mut OwnedWriteHalf,
    left: &mut usize,
    (cuts, heard): (bool, bool),
) -> bool {
    let Ok(read @ 1..) = read else { return false };
    let length = if cuts { read.min(*left) } else { read };
    *left = left.saturating_sub(length);
    !heard || to.write_all(&bytes[..length]).await.is_ok()
}
