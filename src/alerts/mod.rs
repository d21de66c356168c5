//! Alerts: reads the figures, has them judged, and keeps what follows.
//!
//! Owns when which rule is asked and where its figures come from. Decides nothing: the rules are `indicators::alerting`, the life of an
//! alert is `domain::alert`, and the store keeps both.
//!
//! # Why
//! - **On a schedule, not per request.** A look costs some milliseconds and is taken once a minute, whoever looks at pages. What is made
//!   of whole days is looked at every ten minutes.
//! - **By the instance that renews figures**, within its turn: two services over one database raise one alert. When it looked last, and
//!   what the next look needs to know, is a setting, so that a restart or another instance goes on.
//! - **Figures that are being renewed prove nothing.** While a finished day waits to be computed, as after a long outage, the rules made
//!   of days are not asked, and what is open stays open.

mod days;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::alert::{Alert, AlertKind, Look, Subject};
use crate::domain::ids::DeviceId;
use crate::domain::register::{Commune, Device, Register};
use crate::domain::round::{needs, rounds_on};
use crate::domain::state::Proof;
use crate::domain::time::{Instant, LocalDay, MINUTE_MS};
use crate::indicators::alerting::{self, Dropped, Heard, SilenceRule};
use crate::store::{Store, StoreError, sha256};

/// How often devices and the quarantine are looked at.
const EVERY_MS: i64 = MINUTE_MS;
/// How often what is made of days is looked at.
const DAYS_EVERY_MS: i64 = 10 * MINUTE_MS;
/// Days back in which a round is looked for that a device was needed in: one every four weeks is found.
const ROUNDS_BACK: i32 = 28;
/// The setting that holds what the next look needs.
const MEMORY: &str = "alerts_memory";

/// What one look leaves for the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    /// When it was looked last.
    looked: Option<Instant>,
    /// When what is made of days was looked at last.
    days: Option<Instant>,
    /// What the quarantine had dropped.
    dropped: Option<Dropped>,
}

/// What a look is taken with.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The database.
    pub store: Store,
    /// The commune.
    pub commune: Arc<Commune>,
    /// The register as it is now.
    pub register: Arc<Register>,
}

impl Watch {
    /// Takes a look, if it is time for one. Gives whether it was.
    ///
    /// `listening_since`: since when events can come without a break. `None`: the broker is away.
    pub async fn look(&self, now: Instant, listening_since: Option<Instant>) -> Result<bool, StoreError> {
        let mut memory = self.memory().await?;
        if !is_due(memory.looked, EVERY_MS, now) {
            return Ok(false);
        }
        let open: Vec<Alert> = self.store.open_alerts().await?.into_iter().map(|kept| kept.alert).collect();
        let mut look = Look::default();
        let today = self.commune.zone.day_of(now);
        self.devices(&mut look, today, now, listening_since).await?;
        memory.dropped = Some(self.quarantine(&mut look, memory.dropped, now).await?);
        if is_due(memory.days, DAYS_EVERY_MS, now) && self.store.stale_through(today - 1).await? == 0 {
            self.days(&mut look, today, &open).await?;
            memory.days = Some(now);
        }
        let id = |kind: AlertKind, subject: &Subject| id_of(kind, subject, now);
        self.store.keep_alerts(&look.changes(open, now, id)).await?;
        memory.looked = Some(now);
        let kept = serde_json::to_string(&memory).expect("numbers always serialise");
        self.store.put_setting(MEMORY, &kept).await?;
        Ok(true)
    }

    /// What cannot be read is forgotten: the next look is the first one again.
    async fn memory(&self) -> Result<Memory, StoreError> {
        let kept = self.store.setting(MEMORY).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn devices(
        &self,
        look: &mut Look,
        today: LocalDay,
        now: Instant,
        listening_since: Option<Instant>,
    ) -> Result<(), StoreError> {
        for kind in
            [AlertKind::Silent, AlertKind::LowBattery, AlertKind::Missing, AlertKind::Conflict, AlertKind::Refused]
        {
            look.judges(kind);
        }
        let heard = self.store.heard().await?;
        for (id, versions) in &self.register.devices {
            let device = versions.on(today);
            // What is not in use needs no care.
            if !device.validity.holds(today) {
                continue;
            }
            let known = heard.get(id);
            let judged = Heard {
                last_seen: known.and_then(|known| known.last_seen),
                listening_since,
                beats: Proof::has_heartbeats(&device.profile),
            };
            let silence = SilenceRule::STANDARD.judge(judged, &self.rounds(device, today), now);
            look.note(AlertKind::Silent, Subject::Device(id.clone()), silence);
            let battery_mv = known.and_then(|known| known.battery).map(|(battery_mv, _)| battery_mv);
            look.note(AlertKind::LowBattery, Subject::Device(id.clone()), alerting::battery(battery_mv));
        }
        let mut missing: BTreeMap<DeviceId, i64> = BTreeMap::new();
        for gap in self.store.gaps(None).await? {
            *missing.entry(gap.device.clone()).or_default() += gap.numbers();
        }
        for (device, events) in missing {
            look.note(AlertKind::Missing, Subject::Device(device), alerting::missing(events));
        }
        for (device, events, last) in self.store.conflicts().await? {
            look.note(AlertKind::Conflict, Subject::Device(device), alerting::conflict(events, last, now));
        }
        for refusals in self.store.refusals().await? {
            let verdict = alerting::refused(refusals.count, refusals.last, now);
            look.note(AlertKind::Refused, Subject::Device(refusals.device), verdict);
        }
        Ok(())
    }

    /// Gives the hours of the rounds of late that need a device, in order of their start.
    fn rounds(&self, device: &Device, today: LocalDay) -> Vec<(Instant, Instant)> {
        let mut rounds: Vec<(Instant, Instant)> = (today - ROUNDS_BACK)
            .through(today)
            .flat_map(|day| rounds_on(&self.register, &self.commune.zone, &device.place, day))
            .filter(|round| needs(device, &round.stream))
            .map(|round| (round.start, round.end))
            .collect();
        rounds.sort_unstable();
        // Several streams are collected in the same hours.
        rounds.dedup();
        rounds
    }

    async fn quarantine(&self, look: &mut Look, before: Option<Dropped>, now: Instant) -> Result<Dropped, StoreError> {
        let sum = self.store.quarantine_sum().await?;
        let full = alerting::full(sum.bytes, self.store.quarantine_room());
        look.note(AlertKind::QuarantineFull, Subject::Commune, full);
        let (dropped, verdict) = alerting::dropping(before, sum.dropped, now);
        look.note(AlertKind::QuarantineDropping, Subject::Commune, verdict);
        Ok(dropped)
    }
}

/// Tells whether it is time to look again; a clock that was set back asks for a look, too.
fn is_due(last: Option<Instant>, every_ms: i64, now: Instant) -> bool {
    last.is_none_or(|last| !(0..every_ms).contains(&now.since(last)))
}

/// Names the episode of a kind and subject that begins now.
fn id_of(kind: AlertKind, subject: &Subject, now: Instant) -> String {
    let (of, code) = subject.parts();
    let digest = sha256(&format!("{kind}\n{of}\n{code}\n{}", now.ms()));
    digest.chars().take(16).collect()
}
