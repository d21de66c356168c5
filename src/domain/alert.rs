//! Alerts: what somebody should look at, from when it is seen until it has ended.
//!
//! Owns the kinds, what each says, and the life of an alert; when a kind holds is `indicators`'.
//!
//! # Why
//! - **One open alert a kind and subject.** However often a rule finds the same thing, the alert that is open goes on. A person who
//!   has acknowledged it is asked again only when it has ended and come back.
//! - **Three verdicts, not two.** Between "it holds" and "it has ended" lies what proves neither: a value between two thresholds, or
//!   no data. It raises nothing and ends nothing, so a value that trembles at a threshold is one alert.
//! - **Two times**: a kind must hold for a while before it is raised, and be gone for a while before it is resolved.
//! - An alert says what was seen, and when. It is no fact and no figure: `rebuild` neither makes nor drops one.

use serde::{Deserialize, Serialize};

use super::ids::{AreaCode, DeviceId, PlaceCode};
use super::state::word;
use super::time::{HOUR_MS, Instant, LocalDay, MINUTE_MS};

word!(
    /// How much an alert matters, most first.
    Severity {
        /// Evidence or money is being lost now.
        Alarm = "alarm",
        /// Somebody should look this week.
        Warning = "warning",
        /// Something to know and to plan for.
        Notice = "notice",
    }
);

word!(
    /// What kind of thing is seen.
    AlertKind {
        /// A device says nothing in the hours of its rounds.
        Silent = "silent",
        /// A scale weighs nothing while cards are read beside it.
        ScaleMute = "scale_mute",
        /// A scale shows the same load again and again.
        ScaleStuck = "scale_stuck",
        /// Waste that was kept apart did not arrive apart.
        Remixing = "remixing",
        /// The quarantine drops messages for want of room.
        QuarantineDropping = "quarantine_dropping",
        /// The quarantine is nearly full.
        QuarantineFull = "quarantine_full",
        /// A hamlet's or point's data became less complete.
        CompletenessFell = "completeness_fell",
        /// Contamination rose in a hamlet or at a point.
        ContaminationRose = "contamination_rose",
        /// The scale's legal verification has run out.
        VerificationOverdue = "verification_overdue",
        /// The empty scale does not show zero.
        ScaleZero = "scale_zero",
        /// The display's step is not the registered division.
        ScaleStep = "scale_step",
        /// A device sent other content under a number that is taken.
        Conflict = "conflict",
        /// The broker refused a device something.
        Refused = "refused",
        /// A battery is low.
        LowBattery = "low_battery",
        /// Events of a device are known to be missing.
        Missing = "missing",
        /// Many levels of a scale do not settle, or are over its limit.
        ScaleUnsteady = "scale_unsteady",
        /// The scale's legal verification runs out soon.
        VerificationDue = "verification_due",
    }
);

impl AlertKind {
    /// Tells how much it matters.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Silent
            | Self::ScaleMute
            | Self::ScaleStuck
            | Self::Remixing
            | Self::QuarantineDropping
            | Self::QuarantineFull => Severity::Alarm,
            Self::CompletenessFell
            | Self::ContaminationRose
            | Self::VerificationOverdue
            | Self::ScaleZero
            | Self::ScaleStep
            | Self::Conflict
            | Self::Refused
            | Self::LowBattery
            | Self::Missing => Severity::Warning,
            Self::ScaleUnsteady | Self::VerificationDue => Severity::Notice,
        }
    }

    /// Gives how long it must hold before it is raised, milliseconds.
    pub const fn hold_ms(self) -> i64 {
        match self {
            // A device on its way sends what is missing within minutes.
            Self::Missing => HOUR_MS,
            // A modem that transmits pulls a battery down for seconds.
            Self::LowBattery => 15 * MINUTE_MS,
            Self::Silent
            | Self::ScaleMute
            | Self::ScaleStuck
            | Self::Remixing
            | Self::QuarantineDropping
            | Self::QuarantineFull
            | Self::CompletenessFell
            | Self::ContaminationRose
            | Self::VerificationOverdue
            | Self::ScaleZero
            | Self::ScaleStep
            | Self::Conflict
            | Self::Refused
            | Self::ScaleUnsteady
            | Self::VerificationDue => 0,
        }
    }

    /// Gives how long it must be gone before it is resolved, milliseconds.
    pub const fn rest_ms(self) -> i64 {
        match self {
            // A link that comes and goes is one alert.
            Self::Silent => 15 * MINUTE_MS,
            Self::LowBattery | Self::ScaleMute | Self::ScaleStuck | Self::ScaleZero => HOUR_MS,
            // Rules that have a memory of days of their own.
            Self::Remixing
            | Self::QuarantineDropping
            | Self::QuarantineFull
            | Self::CompletenessFell
            | Self::ContaminationRose
            | Self::VerificationOverdue
            | Self::ScaleStep
            | Self::Conflict
            | Self::Refused
            | Self::Missing
            | Self::ScaleUnsteady
            | Self::VerificationDue => 0,
        }
    }
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", content = "code", rename_all = "snake_case")]
pub enum Subject {
    /// The commune, or the service as a whole.
    Commune,
    /// A hamlet.
    Area(AreaCode),
    /// A collection point or route.
    Place(PlaceCode),
    /// A device.
    Device(DeviceId),
}

impl Subject {
    /// Gives the word of what it is, and its code; the commune has none.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Commune => ("commune", ""),
            Self::Area(area) => ("area", area.as_str()),
            Self::Place(place) => ("place", place.as_str()),
            Self::Device(device) => ("device", device.as_str()),
        }
    }

    /// Finds the subject of a word and a code.
    pub fn from_parts(of: &str, code: &str) -> Option<Self> {
        match of {
            "commune" => Some(Self::Commune),
            "area" => Some(Self::Area(code.into())),
            "place" => Some(Self::Place(code.into())),
            "device" => Some(Self::Device(code.into())),
            _ => None,
        }
    }
}

/// What was found, in numbers; a page makes a sentence of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// See [`AlertKind::Silent`].
    Silent {
        /// When it was heard of last. `None`: never.
        last_seen: Option<Instant>,
    },
    /// See [`AlertKind::ScaleMute`].
    ScaleMute {
        /// Cards read.
        reads: i64,
        /// The day.
        on: LocalDay,
    },
    /// See [`AlertKind::ScaleStuck`].
    ScaleStuck {
        /// The level, net grams.
        level_g: i64,
        /// How often in a row.
        times: i64,
        /// From the first to the last, milliseconds.
        for_ms: i64,
        /// The day.
        on: LocalDay,
    },
    /// See [`AlertKind::Remixing`].
    Remixing {
        /// Picked up separately, grams.
        picked_up_g: i64,
        /// Still separate at a plant, grams.
        still_separate_g: i64,
    },
    /// See [`AlertKind::QuarantineDropping`].
    QuarantineDropping {
        /// Rows dropped since the beginning.
        dropped: i64,
        /// When the last look found more of them than the one before.
        last: Instant,
    },
    /// See [`AlertKind::QuarantineFull`].
    QuarantineFull {
        /// Bytes held.
        bytes: i64,
        /// Bytes allowed.
        max_bytes: i64,
    },
    /// See [`AlertKind::CompletenessFell`].
    CompletenessFell {
        /// Completeness of the last days, hundredths of a percent.
        now: u32,
        /// … of the days before them. `None`: there were none.
        before: Option<u32>,
    },
    /// See [`AlertKind::ContaminationRose`].
    ContaminationRose {
        /// Contrary findings of the last days.
        contrary: i64,
        /// … of so many inspected.
        inspected: i64,
        /// Contrary findings of the days before.
        contrary_before: i64,
        /// … of so many inspected.
        inspected_before: i64,
        /// The most that the days before allowed for when it was raised, hundredths of a percent: it ends at or below.
        bar: u32,
    },
    /// See [`AlertKind::VerificationOverdue`].
    VerificationOverdue {
        /// Last day of the verification.
        until: LocalDay,
    },
    /// See [`AlertKind::ScaleZero`].
    ScaleZero {
        /// What the empty scale shows, grams. `None`: told by levels below zero only.
        zero_g: Option<i64>,
        /// The division, grams.
        division_g: i64,
    },
    /// See [`AlertKind::ScaleStep`].
    ScaleStep {
        /// The step that was seen, grams.
        seen_g: i64,
        /// The registered division, grams.
        registered_g: i64,
    },
    /// See [`AlertKind::Conflict`].
    Conflict {
        /// Events held in conflict.
        events: i64,
        /// When one came last.
        last: Instant,
    },
    /// See [`AlertKind::Refused`].
    Refused {
        /// Refusals since the beginning.
        times: i64,
        /// The last one.
        last: Instant,
    },
    /// See [`AlertKind::LowBattery`].
    LowBattery {
        /// Millivolts.
        battery_mv: i64,
    },
    /// See [`AlertKind::Missing`].
    Missing {
        /// Events known to be missing.
        events: i64,
    },
    /// See [`AlertKind::ScaleUnsteady`].
    ScaleUnsteady {
        /// Levels that did not settle.
        unstable: i64,
        /// Settled levels over the limit.
        overload: i64,
        /// Levels.
        levels: i64,
    },
    /// See [`AlertKind::VerificationDue`].
    VerificationDue {
        /// Last day of the verification.
        until: LocalDay,
    },
}

impl Cause {
    /// Gives the kind of alert that it is the cause of.
    pub const fn kind(&self) -> AlertKind {
        match self {
            Self::Silent { .. } => AlertKind::Silent,
            Self::ScaleMute { .. } => AlertKind::ScaleMute,
            Self::ScaleStuck { .. } => AlertKind::ScaleStuck,
            Self::Remixing { .. } => AlertKind::Remixing,
            Self::QuarantineDropping { .. } => AlertKind::QuarantineDropping,
            Self::QuarantineFull { .. } => AlertKind::QuarantineFull,
            Self::CompletenessFell { .. } => AlertKind::CompletenessFell,
            Self::ContaminationRose { .. } => AlertKind::ContaminationRose,
            Self::VerificationOverdue { .. } => AlertKind::VerificationOverdue,
            Self::ScaleZero { .. } => AlertKind::ScaleZero,
            Self::ScaleStep { .. } => AlertKind::ScaleStep,
            Self::Conflict { .. } => AlertKind::Conflict,
            Self::Refused { .. } => AlertKind::Refused,
            Self::LowBattery { .. } => AlertKind::LowBattery,
            Self::Missing { .. } => AlertKind::Missing,
            Self::ScaleUnsteady { .. } => AlertKind::ScaleUnsteady,
            Self::VerificationDue { .. } => AlertKind::VerificationDue,
        }
    }
}

/// What a rule says of a kind and a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds(Cause),
    /// Nothing is proven: between two thresholds, or too little is known. Raises nothing, ends nothing.
    Between,
    /// It does not hold.
    Clear,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identity of this episode.
    pub id: String,
    /// What it is about.
    pub subject: Subject,
    /// What was found last.
    pub cause: Cause,
    /// When it was first seen.
    pub first_seen: Instant,
    /// When it was raised. `None`: it has not held for long enough, and nobody is told.
    pub raised: Option<Instant>,
    /// When it was last seen.
    pub last_seen: Instant,
    /// Since when it is gone. `None`: it holds, or nothing is proven.
    pub clear_since: Option<Instant>,
    /// When it had ended. `None`: it is open.
    pub resolved: Option<Instant>,
}

impl Alert {
    /// Gives its kind.
    pub const fn kind(&self) -> AlertKind {
        self.cause.kind()
    }

    /// Begins an alert that is seen for the first time.
    fn begin(id: String, subject: Subject, cause: Cause, now: Instant) -> Self {
        let raised = (cause.kind().hold_ms() == 0).then_some(now);
        Self { id, subject, cause, first_seen: now, raised, last_seen: now, clear_since: None, resolved: None }
    }

    /// Takes one more look at an open alert.
    fn look(self, verdict: Verdict, now: Instant) -> Change {
        let kind = self.kind();
        match verdict {
            Verdict::Holds(cause) => {
                let ripe = self.raised.is_none() && now.since(self.first_seen) >= kind.hold_ms();
                let raised = self.raised.or(ripe.then_some(now));
                let alert = Self { cause, raised, last_seen: now, clear_since: None, ..self };
                if ripe { Change::Raised(alert) } else { Change::GoesOn(alert) }
            }
            // What was gone and is not proven gone any more has to be gone anew.
            Verdict::Between if self.clear_since.is_some() => Change::GoesOn(Self { clear_since: None, ..self }),
            Verdict::Between => Change::Nothing,
            Verdict::Clear if self.raised.is_none() => Change::Forgotten(self.id),
            Verdict::Clear => {
                let since = self.clear_since.unwrap_or(now);
                if now.since(since) >= kind.rest_ms() {
                    return Change::Resolved(Self { clear_since: Some(since), resolved: Some(since), ..self });
                }
                match self.clear_since {
                    Some(_) => Change::Nothing,
                    None => Change::GoesOn(Self { clear_since: Some(since), ..self }),
                }
            }
        }
    }
}

/// What a look changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// It is open as before, with what was found now; people see no other alerts than before.
    GoesOn(Alert),
    /// It is raised.
    Raised(Alert),
    /// It has ended.
    Resolved(Alert),
    /// It never was raised and is gone: the id of what need not be kept.
    Forgotten(String),
}

/// Judgements of one look: every verdict, and the kinds that were judged at all. What was judged and has no verdict is clear.
#[derive(Clone, Debug, Default)]
pub struct Look {
    verdicts: std::collections::BTreeMap<(AlertKind, Subject), Verdict>,
    judged: std::collections::BTreeSet<AlertKind>,
}

impl Look {
    /// Says that a kind is judged in this look, for every subject.
    pub fn judges(&mut self, kind: AlertKind) {
        self.judged.insert(kind);
    }

    /// Notes a verdict; its kind is judged with it.
    pub fn note(&mut self, kind: AlertKind, subject: Subject, verdict: Verdict) {
        self.judged.insert(kind);
        self.verdicts.insert((kind, subject), verdict);
    }

    /// Gives what the look changes of the open alerts. `id_of` names the episode of a kind and subject that begins now.
    pub fn changes(self, open: Vec<Alert>, now: Instant, id_of: impl Fn(AlertKind, &Subject) -> String) -> Vec<Change> {
        let Self { mut verdicts, judged } = self;
        let mut changes: Vec<Change> = Vec::new();
        for alert in open.into_iter().filter(|alert| judged.contains(&alert.kind())) {
            let verdict = verdicts.remove(&(alert.kind(), alert.subject.clone())).unwrap_or(Verdict::Clear);
            changes.push(alert.look(verdict, now));
        }
        for ((kind, subject), verdict) in verdicts {
            if let Verdict::Holds(cause) = verdict {
                let alert = Alert::begin(id_of(kind, &subject), subject, cause, now);
                changes.push(if alert.raised.is_some() { Change::Raised(alert) } else { Change::GoesOn(alert) });
            }
        }
        changes.retain(|change| *change != Change::Nothing);
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The open alerts after looks at given minutes, as the store would keep them, with what each look told people.
    struct Watch {
        open: Vec<Alert>,
        told: Vec<String>,
    }

    impl Watch {
        fn new() -> Self {
            Self { open: Vec::new(), told: Vec::new() }
        }

        fn look(&mut self, minute: i64, look: Look) {
            let now = Instant::from_ms(minute * MINUTE_MS);
            let id = |kind: AlertKind, subject: &Subject| format!("{kind} {} {minute}", subject.parts().1);
            for change in look.changes(self.open.clone(), now, id) {
                let keep = |open: &mut Vec<Alert>, alert: &Alert| {
                    open.retain(|held| held.id != alert.id);
                    open.extend(alert.resolved.is_none().then(|| alert.clone()));
                };
                match change {
                    Change::Nothing => {}
                    Change::GoesOn(alert) => keep(&mut self.open, &alert),
                    Change::Raised(alert) => {
                        self.told.push(format!("{minute}: + {}", alert.id));
                        keep(&mut self.open, &alert);
                    }
                    Change::Resolved(alert) => {
                        let ended = alert.resolved.expect("resolved").ms() / MINUTE_MS;
                        self.told.push(format!("{minute}: - {} at {ended}", alert.id));
                        keep(&mut self.open, &alert);
                    }
                    Change::Forgotten(id) => self.open.retain(|held| held.id != id),
                }
            }
        }

        fn silent(&mut self, minute: i64, verdict: Verdict) {
            let mut look = Look::default();
            look.note(AlertKind::Silent, Subject::Device("d".into()), verdict);
            self.look(minute, look);
        }

        fn battery(&mut self, minute: i64, verdict: Verdict) {
            let mut look = Look::default();
            look.note(AlertKind::LowBattery, Subject::Device("d".into()), verdict);
            self.look(minute, look);
        }
    }

    const SILENT: Verdict = Verdict::Holds(Cause::Silent { last_seen: None });
    const LOW: Verdict = Verdict::Holds(Cause::LowBattery { battery_mv: 3_200 });

    #[test]
    fn what_is_seen_again_and_again_is_one_alert() {
        let mut watch = Watch::new();
        for minute in 0..90 {
            watch.silent(minute, SILENT);
        }
        assert_eq!(watch.told, ["0: + silent d 0"]);
        assert_eq!(watch.open.len(), 1);
        assert_eq!(watch.open[0].last_seen.ms(), 89 * MINUTE_MS);
    }

    #[test]
    fn a_link_that_flaps_is_one_alert_until_it_has_rested() {
        let mut watch = Watch::new();
        for (minute, verdict) in
            [(0, SILENT), (5, Verdict::Clear), (19, Verdict::Clear), (19, SILENT), (20, Verdict::Clear)]
        {
            watch.silent(minute, verdict);
        }
        watch.silent(34, Verdict::Clear);
        assert_eq!(watch.told, ["0: + silent d 0"], "it was gone for 14 minutes at most");
        watch.silent(35, Verdict::Clear);
        assert_eq!(watch.told[1..], ["35: - silent d 0 at 20"]);
        // What comes back afterwards is a new one.
        watch.silent(36, SILENT);
        assert_eq!(watch.told[2..], ["36: + silent d 36"]);
    }

    #[test]
    fn a_value_between_two_thresholds_raises_nothing_and_ends_nothing() {
        let mut watch = Watch::new();
        watch.silent(0, Verdict::Between);
        assert!(watch.open.is_empty());
        watch.silent(1, SILENT);
        watch.silent(2, Verdict::Clear);
        // Not proven gone any more: the rest begins anew.
        watch.silent(10, Verdict::Between);
        watch.silent(16, Verdict::Clear);
        watch.silent(17, Verdict::Clear);
        assert_eq!(watch.open.len(), 1);
        watch.silent(31, Verdict::Clear);
        assert_eq!(watch.told, ["1: + silent d 1", "31: - silent d 1 at 16"]);
    }

    #[test]
    fn what_must_hold_for_a_while_is_told_only_then_and_otherwise_forgotten() {
        let mut watch = Watch::new();
        watch.battery(0, LOW);
        watch.battery(14, LOW);
        assert!(watch.told.is_empty());
        watch.battery(14, Verdict::Clear);
        assert!(watch.open.is_empty(), "nobody was told, nothing is kept");
        for minute in [20, 30, 35] {
            watch.battery(minute, LOW);
        }
        assert_eq!(watch.told, ["35: + low_battery d 20"]);
        assert_eq!(watch.open[0].first_seen.ms(), 20 * MINUTE_MS);
    }

    #[test]
    fn a_kind_that_is_not_judged_stays_as_it_is_and_a_subject_that_is_gone_is_clear() {
        let mut watch = Watch::new();
        watch.silent(0, SILENT);
        watch.battery(1, LOW);
        watch.battery(40, LOW);
        assert_eq!(watch.open.len(), 2);
        let mut look = Look::default();
        look.judges(AlertKind::LowBattery);
        watch.look(60, look);
        let mut look = Look::default();
        look.judges(AlertKind::LowBattery);
        watch.look(120, look);
        assert_eq!(watch.told[2..], ["120: - low_battery d 1 at 60"]);
        assert_eq!(watch.open[0].kind(), AlertKind::Silent);
    }

    #[test]
    fn a_cause_is_written_and_read_and_its_word_is_its_kinds() {
        let causes = [
            Cause::Silent { last_seen: Some(Instant::from_ms(7)) },
            Cause::ScaleMute { reads: 20, on: LocalDay::from_number(20_000) },
            Cause::CompletenessFell { now: 7_900, before: None },
        ];
        for cause in causes {
            let text = serde_json::to_value(&cause).expect("written");
            assert_eq!(text["kind"], cause.kind().as_str());
            assert_eq!(serde_json::from_value::<Cause>(text).expect("read"), cause);
        }
    }

    #[test]
    fn a_subject_is_found_by_its_parts() {
        for subject in
            [Subject::Commune, Subject::Area("A".into()), Subject::Place("P".into()), Subject::Device("d".into())]
        {
            let (of, code) = subject.parts();
            assert_eq!(Subject::from_parts(of, code), Some(subject.clone()));
        }
        assert_eq!(Subject::from_parts("household", "H"), None);
    }
}
