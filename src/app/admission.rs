//! Who may come in at the embedded broker, and what becomes of those who may not.
//!
//! Owns the check of a device's login against the database, what is remembered of it, and the count of refusals. Knows nothing of
//! MQTT packets: the broker asks through its hooks.
//!
//! # Why
//! - **Every login reads its row**: what the command line changes holds from the next login on, without a restart and without
//!   a message between the processes. A connection that is open already stays open until it ends: to refuse its publishes would lose
//!   them, since MQTT 3.1.1 has no other answer than "stored".
//! - **Only the costly part is remembered**, as a digest of device, kept form and password: a fleet that reconnects is checked in
//!   microseconds, and a rotated password is unknown again by itself.
//! - **Wrong passwords slow the name down, and the right one still opens** where it was seen before: a name must not be a way to lock
//!   its owner out. Addresses are of no use here: a gateway or a mobile network puts a whole fleet behind one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::broker::{Client, Login, Refusal};
use crate::devices::credential::{FormError, ITERATIONS_DRAWN, PasswordForm, SALT_BYTES};
use crate::devices::topic::device_id;
use crate::devices::{Channel, Root, Topic, access};
use crate::domain::ids::DeviceId;
use crate::domain::register::Register;
use crate::domain::time::{Clock, Instant, MINUTE_MS};
use crate::store::{DeviceRefusals, Store};
use crate::telemetry::Metrics;

/// Logins checked at once; each may hold a thread and a database connection for milliseconds, and others need those, too.
const CHECKS: usize = 4;
/// How long a login waits for its turn; the broker itself gives up after 10 s.
const PATIENCE: Duration = Duration::from_secs(5);
/// Wrong attempts of a name that cost it nothing: a technician's slips.
const SLIPS: u32 = 5;
/// First and longest time in which a slowed name is not listened to.
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = MINUTE_MS;
/// Names remembered for wrong attempts; beyond it all are forgotten, which gives a guesser of 128-bit secrets nothing.
const NAMES_MOST: usize = 10_000;
/// How often counted refusals are written down.
const WRITE: Duration = Duration::from_secs(1);

/// Why a login is refused, for the log and the list of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denial {
    NotDevice,
    OtherClientId,
    NoCredential,
    Disabled,
    WrongPassword,
    Slowed,
    Busy,
    Unreadable(FormError),
    NoDatabase,
}

impl Denial {
    const fn words(self) -> &'static str {
        match self {
            Self::NotDevice => "the user name is no device's",
            Self::OtherClientId => "the client id is not the user name; both are the device's name",
            Self::NoCredential => "it has no password; make one with `phanloai device add`",
            Self::Disabled => "it is disabled; `phanloai device rotate` lets it in again",
            Self::WrongPassword => "wrong password",
            Self::Slowed => "too many wrong passwords; it is listened to again within a minute",
            Self::Busy => "too many logins at once; it may try again",
            Self::Unreadable(_) => "its kept password cannot be read; make it anew with `phanloai device rotate`",
            Self::NoDatabase => "the database did not answer",
        }
    }
}

/// Checks logins.
pub(super) struct Admission {
    store: Store,
    clock: Arc<dyn Clock>,
    turns: Arc<Semaphore>,
    /// The digest of each device's last right login; one a device that has a password, so bounded by the register.
    right: Mutex<HashMap<DeviceId, [u8; 32]>>,
    slowed: Mutex<HashMap<String, Slowed>>,
    pub(super) ledger: Ledger,
}

#[derive(Clone, Copy, Debug)]
struct Slowed {
    wrong: u32,
    until: Instant,
    /// When the password was made that was missed; a new one begins anew.
    made: Option<Instant>,
}

impl Admission {
    pub(super) fn new(
        store: Store,
        register: watch::Receiver<Arc<Register>>,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
    ) -> Self {
        let ledger = Ledger { register, clock: Arc::clone(&clock), metrics, counted: Mutex::default() };
        let turns = Arc::new(Semaphore::new(CHECKS));
        Self { store, clock, turns, right: Mutex::default(), slowed: Mutex::default(), ledger }
    }

    /// Tells whether a login is right.
    pub(super) async fn admits(&self, login: Login) -> bool {
        match self.check(&login).await {
            Ok(()) => true,
            Err(denial) => {
                self.ledger.explain(&login.client_id, denial);
                false
            }
        }
    }

    async fn check(&self, login: &Login) -> Result<(), Denial> {
        let device = device_id(&login.user).ok_or(Denial::NotDevice)?;
        if login.client_id != login.user {
            return Err(Denial::OtherClientId);
        }
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Denial::Busy)?;
        let credential = self.store.credential(&device).await.map_err(|error| {
            tracing::error!(%error, "a login cannot be checked: the database does not answer");
            Denial::NoDatabase
        })?;
        let kept = credential.as_ref().filter(|credential| credential.enabled);
        let digest = kept.map(|kept| digest(&device, &kept.password, &login.password));
        if digest.is_some() && lock(&self.right).get(&device) == digest.as_ref() {
            return Ok(());
        }
        let made = credential.as_ref().map(|credential| credential.made);
        if self.is_slowed(&login.user, made) {
            return Err(Denial::Slowed);
        }
        let form = kept.map(|kept| PasswordForm::parse(&kept.password)).transpose().map_err(Denial::Unreadable)?;
        let password = login.password.clone();
        let matches = tokio::task::spawn_blocking(move || {
            // The client may be gone: its turn ends with the work and not with the wait for it.
            let _turn = turn;
            match form {
                Some(form) => form.matches(&password),
                // As long as a real check, so that time does not tell which devices there are.
                None => {
                    PasswordForm::of(&password, [0; SALT_BYTES], ITERATIONS_DRAWN);
                    false
                }
            }
        });
        if matches.await.unwrap_or(false) {
            lock(&self.slowed).remove(&login.user);
            if let Some(digest) = digest {
                lock(&self.right).insert(device, digest);
            }
            return Ok(());
        }
        self.slow(&login.user, made);
        Err(match credential {
            None => Denial::NoCredential,
            Some(credential) if !credential.enabled => Denial::Disabled,
            Some(_) => Denial::WrongPassword,
        })
    }

    fn is_slowed(&self, name: &str, made: Option<Instant>) -> bool {
        let now = self.clock.now();
        lock(&self.slowed).get(name).is_some_and(|slowed| slowed.made == made && slowed.until > now)
    }

    fn slow(&self, name: &str, made: Option<Instant>) {
        let now = self.clock.now();
        let mut names = lock(&self.slowed);
        if names.len() >= NAMES_MOST && !names.contains_key(name) {
            names.clear();
        }
        let fresh = Slowed { wrong: 0, until: now, made };
        let slowed = names.entry(name.to_owned()).or_insert(fresh);
        if slowed.made != made {
            *slowed = fresh;
        }
        slowed.wrong = slowed.wrong.saturating_add(1);
        if let Some(beyond) = slowed.wrong.checked_sub(SLIPS) {
            let pause_ms = FIRST_PAUSE_MS.saturating_mul(1 << beyond.min(16)).min(LONGEST_PAUSE_MS);
            slowed.until = now.plus_ms(pause_ms);
        }
    }

    /// Writes counted refusals down until it is told to stop, and what is left then.
    pub(super) async fn keep_ledger(self: Arc<Self>, stopping: CancellationToken) {
        while stopping.run_until_cancelled(tokio::time::sleep(WRITE)).await.is_some() {
            self.write_ledger().await;
        }
        self.write_ledger().await;
    }

    async fn write_ledger(&self) {
        let counted = self.ledger.take();
        if let Err(error) = self.store.note_refusals(&counted).await {
            tracing::debug!(%error, "refusals could not be written down; trying again");
            self.ledger.put_back(counted);
        }
    }
}

/// Tells whether a client may publish to a topic. An anonymous client is one of this machine or of a simulation.
pub(super) fn may_publish(root: &Root, client: &Client, topic: &str) -> bool {
    match &client.user {
        Some(device) => access::may_publish(root, device, topic),
        // What is no topic of ours is shown in quarantine.
        None => Topic::parse(root, topic).is_none_or(|topic| match topic.channel {
            Channel::Events | Channel::State => true,
            Channel::Ack => false,
        }),
    }
}

/// Tells whether a client may subscribe to a topic filter.
pub(super) fn may_subscribe(root: &Root, client: &Client, filter: &str) -> bool {
    access::may_subscribe(root, client.user.as_ref().unwrap_or(&client.client_id), filter)
}

/// Refusals counted and not yet written down.
pub(super) struct Ledger {
    register: watch::Receiver<Arc<Register>>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    /// One a registered device at most.
    devices: HashMap<DeviceId, DeviceRefusals>,
    /// Why a login is about to be refused; taken out at once by [`Ledger::count`].
    denials: HashMap<String, Denial>,
}

impl Ledger {
    fn explain(&self, client_id: &str, denial: Denial) {
        tracing::warn!(client.id = client_id, reason = denial.words(), "a device may not log in");
        lock(&self.counted).denials.insert(client_id.to_owned(), denial);
    }

    /// Counts a refusal. Only registered devices are counted one by one: strangers choose their names.
    pub(super) fn count(&self, refusal: Refusal) {
        let mut counted = lock(&self.counted);
        let (client_id, what, detail) = match refusal {
            Refusal::Login { client_id } => {
                let denial = counted.denials.remove(&client_id);
                let detail = denial.map_or("no user name", Denial::words).to_owned();
                (client_id, "login", detail)
            }
            Refusal::Publish { client, topic } => (client.client_id.to_string(), "publish", shortened(&topic)),
            Refusal::Subscribe { client, filter } => (client.client_id.to_string(), "subscribe", shortened(&filter)),
        };
        self.metrics.broker_refused(what);
        let device = DeviceId::from(client_id);
        if !self.register.borrow().devices.contains_key(&device) {
            return;
        }
        let last = self.clock.now();
        let count = counted.devices.get(&device).map_or(0, |held| held.count) + 1;
        counted.devices.insert(device.clone(), DeviceRefusals { device, count, last, what: what.to_owned(), detail });
    }

    fn take(&self) -> Vec<DeviceRefusals> {
        std::mem::take(&mut lock(&self.counted).devices).into_values().collect()
    }

    fn put_back(&self, refusals: Vec<DeviceRefusals>) {
        let mut counted = lock(&self.counted);
        for refusal in refusals {
            let count = refusal.count;
            counted.devices.entry(refusal.device.clone()).and_modify(|newer| newer.count += count).or_insert(refusal);
        }
    }
}

/// A topic may have 65 535 bytes, and the database's text holds no NUL.
fn shortened(topic: &str) -> String {
    topic.chars().take(200).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn digest(device: &DeviceId, form: &str, password: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    // Neither name nor form holds a NUL.
    for part in [device.as_str().as_bytes(), form.as_bytes()] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.update(password);
    hasher.finalize().into()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic runs under these locks.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
