//! Turns service days into envelopes and hands them to the connections: the past at once, the future at its time.

use super::link::{Job, Parcel};
use super::{Desk, PublishError, stopped};
use crate::commune::key;
use crate::disturbance::Disturbance;
use crate::event::Event;
use crate::walk::{ServiceDay, Walk};
use crate::wire::MAX_EVENTS;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// A coming day is made this long before its first event.
const LOOKAHEAD_MS: i64 = 10 * 60_000;
/// Live events that fall due this close together leave together.
const GATHER: Duration = Duration::from_millis(250);
/// While a connection's queue is full, live events wait this long before the next attempt.
const FULL_PAUSE: Duration = Duration::from_secs(1);
/// The live loop looks up at least this often: a sleeping machine's clock may have jumped.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);

/// Events waiting for their time: by when they leave, device and number.
type Waiting = BTreeMap<(i64, usize, u64), Event>;

struct Feed {
    desk: Arc<Desk>,
    queues: Vec<mpsc::Sender<Job>>,
    stop: watch::Receiver<bool>,
    waiting: Waiting,
    announced: Vec<bool>,
    started: Instant,
    paced_events: u64,
    /// Capture of the first envelope of the past.
    first_past_ms: Option<i64>,
}

/// Publishes history, then live when asked. True: it came to its own end; false: it was stopped.
pub(super) async fn feed(
    desk: Arc<Desk>,
    queues: Vec<mpsc::Sender<Job>>,
    stop: watch::Receiver<bool>,
) -> Result<bool, PublishError> {
    let walk = Walk::new(Arc::clone(&desk.plan));
    let mut feed = Feed {
        announced: vec![false; queues.len()],
        desk,
        queues,
        stop,
        waiting: Waiting::new(),
        started: Instant::now(),
        paced_events: 0,
        first_past_ms: None,
    };
    feed.count(walk.clone()).await?;
    let Some(walk) = feed.history(walk).await? else {
        return Ok(false);
    };
    tokio::select! {
        () = feed.desk.ledger.settled() => {}
        () = stopped(&mut feed.stop) => return Ok(false),
    }
    if !feed.desk.options.live {
        return Ok(true);
    }
    feed.desk.ledger.go_live();
    feed.live(walk).await?;
    Ok(false)
}

impl Feed {
    /// Counts the history, by walking it once without sending.
    async fn count(&self, mut walk: Walk) -> Result<(), PublishError> {
        let now_ms = self.now_ms();
        let from_ms = self.sends_from_ms();
        let total = tokio::task::spawn_blocking(move || {
            let mut total = 0;
            while Walk::earliest_ms(walk.day()) <= now_ms {
                let service = walk.next_day();
                let events = service.events.iter().flatten();
                total += key(events.filter(|event| is_due(event, from_ms, now_ms)).count());
            }
            total
        })
        .await?;
        self.desk.ledger.expect(total);
        Ok(())
    }

    /// Sends everything that has left its device by now. `None`: stopped.
    async fn history(&mut self, mut walk: Walk) -> Result<Option<Walk>, PublishError> {
        loop {
            let now_ms = self.now_ms();
            let day = walk.day();
            if Walk::earliest_ms(day) > now_ms {
                self.announce_all(&walk).await;
                return Ok(Some(walk));
            }
            let (returned, mut service) = next_day(walk).await?;
            walk = returned;
            let disturbances = std::mem::take(&mut service.disturbances);
            let parcels = self.sort_out(service, now_ms);
            self.desk.ledger.entered_up_to(day, self.waiting_from_ms(&walk));
            for parcel in parcels {
                if !self.send_past(parcel).await {
                    return Ok(None);
                }
            }
            if !self.disturb(disturbances).await {
                return Ok(None);
            }
        }
    }

    /// Sends a day's messages out of order, after the day's own. False: stopped.
    async fn disturb(&mut self, disturbances: Vec<(i64, usize, Disturbance)>) -> bool {
        let from_ms = self.sends_from_ms();
        for (at_ms, device, disturbance) in disturbances {
            if at_ms >= from_ms && !self.hand_over(device, Job::Disturbance { device, disturbance }).await {
                return false;
            }
        }
        true
    }

    /// Parts a day into envelopes of what is due, in order of time across devices, and what must wait.
    fn sort_out(&mut self, service: ServiceDay, now_ms: i64) -> Vec<Parcel> {
        let from_ms = self.sends_from_ms();
        let mut parcels = Vec::new();
        for (device, events) in service.events.into_iter().enumerate() {
            let mut due = Vec::new();
            for event in events {
                if is_due(&event, from_ms, now_ms) {
                    due.push(event);
                } else if !event.lost && event.at_ms >= from_ms {
                    self.waiting.insert((event.send_at_ms, device, event.seq), event);
                }
            }
            parcels.extend(self.parcels(device, due));
        }
        parcels.sort_by_key(|parcel| (parcel.first_at_ms(), parcel.device, parcel.number));
        parcels
    }

    /// Cuts a device's events into envelopes, and enters them in the ledger.
    fn parcels(&self, device: usize, events: Vec<Event>) -> Vec<Parcel> {
        let mut parcels: Vec<Parcel> = Vec::new();
        let mut size = 0;
        for event in events {
            let takes = if event.repeated { 2 } else { 1 };
            let fits = |parcel: &&mut Parcel| {
                size + takes <= MAX_EVENTS
                    && parcel.events.last().is_none_or(|last| (last.log, last.boot) == (event.log, event.boot))
            };
            if let Some(parcel) = parcels.last_mut().filter(fits) {
                parcel.events.push(event);
                size += takes;
            } else {
                parcels.push(Parcel { number: 0, device, events: vec![event] });
                size = takes;
            }
        }
        for parcel in &mut parcels {
            parcel.number = self.desk.ledger.enter(parcel.first_at_ms());
        }
        parcels
    }

    /// When an envelope of the past may go. `None`: at once.
    fn due(&mut self, parcel: &Parcel) -> Option<Instant> {
        let options = &self.desk.options;
        let first_ms = *self.first_past_ms.get_or_insert(parcel.first_at_ms());
        let by_rate = options.max_events_per_s.map(|rate| self.paced_events * 1_000 / u64::from(rate.max(1)));
        let by_speed = options.history_speed.map(|times| {
            let since_ms = u64::try_from(parcel.first_at_ms() - first_ms).unwrap_or(0);
            since_ms / u64::from(times.max(1))
        });
        by_rate.max(by_speed).map(|due_ms| self.started + Duration::from_millis(due_ms))
    }

    /// Sends an envelope of the past, at the rate asked for. False: stopped.
    async fn send_past(&mut self, parcel: Parcel) -> bool {
        let device = parcel.device;
        let events = key(parcel.events.len());
        if let Some(due) = self.due(&parcel) {
            tokio::select! {
                () = tokio::time::sleep_until(due) => {}
                () = stopped(&mut self.stop) => return false,
            }
        }
        self.paced_events += events;
        if !self.announced[device] {
            self.announced[device] = true;
            let (log, next) = parcel.events.first().map_or((0, 1), |event| (event.log, event.seq));
            if !self.hand_over(device, Job::Online { device, log, next }).await {
                return false;
            }
        }
        if !self.hand_over(device, Job::Parcel(parcel)).await {
            return false;
        }
        self.desk.ledger.published(events);
        true
    }

    async fn hand_over(&mut self, device: usize, job: Job) -> bool {
        tokio::select! {
            sent = self.queues[device].send(job) => sent.is_ok(),
            () = stopped(&mut self.stop) => false,
        }
    }

    /// Tells, at the end of the history, where each log stands.
    async fn announce_all(&mut self, walk: &Walk) {
        let mut next: Vec<u64> = (0..self.queues.len()).map(|device| walk.next_seq(device)).collect();
        for ((_, device, seq), event) in &self.waiting {
            if event.log == walk.log_of(*device) {
                next[*device] = next[*device].min(*seq);
            }
        }
        for (device, next) in next.into_iter().enumerate() {
            self.announced[device] = true;
            if !self.hand_over(device, Job::Online { device, log: walk.log_of(device), next }).await {
                return;
            }
        }
    }

    /// Sends each event at its time, until stopped.
    async fn live(&mut self, mut walk: Walk) -> Result<(), PublishError> {
        loop {
            let now_ms = self.now_ms();
            if Walk::earliest_ms(walk.day()) - LOOKAHEAD_MS <= now_ms {
                let (returned, mut service) = next_day(walk).await?;
                walk = returned;
                let disturbances = std::mem::take(&mut service.disturbances);
                self.disturb(disturbances).await;
                for parcel in self.sort_out(service, i64::MIN) {
                    // With nothing due, there is no parcel; kept whole so that none could be lost.
                    self.hand_over(parcel.device, Job::Parcel(parcel)).await;
                }
                continue;
            }
            let all_sent = self.send_due(now_ms);
            self.desk.ledger.entered_up_to(walk.day().plus(-1), self.waiting_from_ms(&walk));
            let next_ms = self.waiting.first_key_value().map_or(i64::MAX, |((at_ms, _, _), _)| *at_ms);
            let ahead_ms = next_ms.saturating_sub(self.now_ms());
            let wait = Duration::from_millis(u64::try_from(ahead_ms).unwrap_or(0));
            let wait = if all_sent { wait + GATHER } else { FULL_PAUSE };
            tokio::select! {
                () = tokio::time::sleep(wait.min(LONGEST_SLEEP)) => {}
                () = stopped(&mut self.stop) => return Ok(()),
            }
        }
    }

    /// Sends what has fallen due. False: some connection was full, its events wait on.
    fn send_due(&mut self, now_ms: i64) -> bool {
        let later = self.waiting.split_off(&(now_ms.saturating_add(1), 0, 0));
        let due = std::mem::replace(&mut self.waiting, later);
        let mut by_device: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
        for ((_, device, _), event) in due {
            by_device.entry(device).or_default().push(event);
        }
        let mut all_sent = true;
        for (device, mut events) in by_device {
            while !events.is_empty() {
                let Ok(place) = self.queues[device].try_reserve() else {
                    all_sent = false;
                    let back = events.drain(..).map(|event| ((event.send_at_ms, device, event.seq), event));
                    self.waiting.extend(back);
                    break;
                };
                // One envelope at a time: half the limit leaves room for every event to be repeated.
                let first = events[0];
                let same = |event: &&Event| (event.log, event.boot) == (first.log, first.boot);
                let same_boot = events.iter().take_while(same).count();
                let rest = events.split_off(same_boot.min(MAX_EVENTS / 2));
                let count = key(events.len());
                let mut parcel = Parcel { number: 0, device, events: std::mem::replace(&mut events, rest) };
                parcel.number = self.desk.ledger.enter(parcel.first_at_ms());
                place.send(Job::Parcel(parcel));
                self.desk.ledger.published(count);
            }
        }
        all_sent
    }

    /// Earliest capture not yet handed over.
    fn waiting_from_ms(&self, walk: &Walk) -> i64 {
        let waiting = self.waiting.values().map(|event| event.at_ms).min();
        let coming = Walk::earliest_ms(walk.day());
        waiting.map_or(coming, |at_ms| at_ms.min(coming))
    }

    fn now_ms(&self) -> i64 {
        (self.desk.options.now_ms)()
    }

    fn sends_from_ms(&self) -> i64 {
        self.desk.options.resume_from_ms.unwrap_or(i64::MIN)
    }
}

fn is_due(event: &Event, from_ms: i64, now_ms: i64) -> bool {
    !event.lost && event.at_ms >= from_ms && event.send_at_ms <= now_ms
}

/// Makes a day off the async threads: a full commune's takes milliseconds.
async fn next_day(mut walk: Walk) -> Result<(Walk, ServiceDay), PublishError> {
    let made = tokio::task::spawn_blocking(move || {
        let service = walk.next_day();
        (walk, service)
    });
    Ok(made.await?)
}
