//! Every word of the pages, once in each language.
//!
//! # Why
//! A struct with one constant a language: a text that one language lacks does not compile. A catalogue read at run
//! time (fluent, gettext) would find the gap in front of a reader. Sentences with figures in them are functions, since
//! the order of words differs.

use super::lang::Lang;
use crate::domain::register::DeviceKind;
use crate::domain::state::{Level, Reason, State};
use crate::indicators::Badge;

mod access;
mod crew;
mod en;
mod field;
mod figures;
mod flaws;
mod households;
mod public;
mod register;
mod signing;
mod vi;
mod visiting;
mod visits;
mod watch;

pub use access::AccessTexts;
pub use crew::CrewTexts;
pub use field::{FieldTexts, filled};
pub use figures::FiguresTexts;
pub use flaws::{flaw, warning};
pub use households::HouseholdsTexts;
pub use public::PublicTexts;
pub use register::RegisterTexts;
pub use signing::SigningTexts;
pub use visiting::VisitingTexts;
pub use visits::VisitsTexts;
pub use watch::WatchTexts;

/// The words of one language. A `fn` field takes its figures ready written.
#[derive(Debug)]
pub struct Texts {
    /// What an officer signs: rules, closed months, audits.
    pub signing: SigningTexts,
    /// Accounts, tokens, paired phones and the access log.
    pub access: AccessTexts,
    /// What everybody may see, cards and a household's own page.
    pub public: PublicTexts,
    /// Product name.
    pub product: &'static str,
    /// For the skip link.
    pub skip: &'static str,
    /// Says that all figures are simulated.
    pub simulated: &'static str,
    /// Why simulated, one sentence.
    pub simulated_more: &'static str,
    /// Name of the other language, in that language.
    pub other_language: &'static str,
    /// Theme switch: to dark.
    pub to_dark: &'static str,
    /// Theme switch: to light.
    pub to_light: &'static str,
    /// Navigation, for screen readers.
    pub navigation: &'static str,
    /// Navigation: the sections.
    pub sections: [&'static str; 7],
    /// Navigation, for screen readers: the pages of the section.
    pub pages_of_section: &'static str,
    /// Navigation: overview.
    pub overview: &'static str,
    /// Navigation: households.
    pub households: &'static str,
    /// Navigation: tonnage.
    pub tonnage: &'static str,
    /// Navigation: devices.
    pub devices: &'static str,
    /// Navigation: data quality.
    pub quality: &'static str,
    /// Navigation: definitions.
    pub definitions: &'static str,
    /// Navigation: interface for programs.
    pub api: &'static str,
    /// Sign in.
    pub sign_in: &'static str,
    /// Sign out.
    pub sign_out: &'static str,
    /// Field: user name.
    pub user_name: &'static str,
    /// Field: password.
    pub password: &'static str,
    /// What signing in is for.
    pub sign_in_why: &'static str,
    /// Refused sign-in, saying nothing about which part was wrong.
    pub sign_in_refused: &'static str,
    /// Too many attempts; takes the wait.
    pub sign_in_locked: fn(&str) -> String,
    /// The headline's name.
    pub share_title: &'static str,
    /// Headline sentence: S, E.
    pub share_sentence: fn(&str, &str) -> String,
    /// Target: year, percent.
    pub target: fn(&str, &str) -> String,
    /// No target for that year.
    pub no_target: &'static str,
    /// The day the states hold at.
    pub end_of_day: fn(&str) -> String,
    /// When the last event counted was received.
    pub as_of: &'static str,
    /// Rule version.
    pub rule_version: &'static str,
    /// Marks an open month.
    pub provisional: &'static str,
    /// Upper bound.
    pub upper: &'static str,
    /// Upper bound, what it means.
    pub upper_more: &'static str,
    /// Coverage.
    pub coverage: &'static str,
    /// Coverage, what it means.
    pub coverage_more: &'static str,
    /// Completeness.
    pub completeness: &'static str,
    /// Completeness, what it means.
    pub completeness_more: &'static str,
    /// No device scheduled, so no completeness.
    pub no_device: &'static str,
    /// Enrolled.
    pub enrolled: &'static str,
    /// Enrolled, what it means.
    pub enrolled_more: &'static str,
    /// At least one group.
    pub at_least_one: &'static str,
    /// At least one group, what it means.
    pub at_least_one_more: &'static str,
    /// S split by evidence.
    pub evidence: &'static str,
    /// `N hộ`.
    pub of_households: fn(&str) -> String,
    /// A device that will be in use: from when.
    pub in_use_from: fn(&str) -> String,
    /// A device that is no longer in use: since when.
    pub out_of_use: fn(&str) -> String,
    /// Nothing is there yet.
    pub nothing_yet: &'static str,
    /// What to do while nothing is there.
    pub nothing_yet_more: &'static str,
    /// Catch-up title.
    pub progress: &'static str,
    /// Catch-up: done, total, a second, pickups, eta.
    pub progress_line: fn(&str, &str, &str, &str, &str) -> String,
    /// All events are in, figures are being computed: events, pickups.
    pub progress_counting: fn(&str, &str) -> String,
    /// What is shown instead of figures until the first are there.
    pub progress_first: &'static str,
    /// What is shown meanwhile.
    pub progress_more: &'static str,
    /// Section: trend.
    pub trend: &'static str,
    /// Section: hamlets.
    pub hamlets: &'static str,
    /// Hamlets, how sorted and how to read.
    pub hamlets_more: &'static str,
    /// A hamlet hidden for privacy.
    pub hidden: &'static str,
    /// Some hamlets are hidden.
    pub hidden_more: &'static str,
    /// Section: what to do next.
    pub next: &'static str,
    /// What to do next, explained.
    pub next_more: &'static str,
    /// Nothing to do.
    pub next_none: &'static str,
    /// Section: tonnage.
    pub tonnage_title: &'static str,
    /// Section: last pickups.
    pub pickups: &'static str,
    /// No pickup yet.
    pub pickups_none: &'static str,
    /// Weight not measured.
    pub no_weight: &'static str,
    /// Unknown household.
    pub unknown_household: &'static str,
    /// Device kinds, in the order of `DeviceKind::ALL`.
    pub kinds: [&'static str; 4],
    /// Section: completeness.
    pub completeness_title: &'static str,
    /// Table beneath a chart.
    pub as_table: &'static str,
    /// Picture of a chart.
    pub as_picture: &'static str,
    /// Data of a chart, for programs.
    pub as_data: &'static str,
    /// Column: day.
    pub day: &'static str,
    /// Column: week or period.
    pub period: &'static str,
    /// Column: share.
    pub share: &'static str,
    /// Column: stream.
    pub stream: &'static str,
    /// Column: weighed.
    pub weighed: &'static str,
    /// Column: typed by the crew.
    pub manual: &'static str,
    /// Column: estimated.
    pub estimated: &'static str,
    /// Column: of which unknown household.
    pub unknown_mass: &'static str,
    /// Column: pickups.
    pub pickup_count: &'static str,
    /// Column: household.
    pub household: &'static str,
    /// Column: hamlet.
    pub hamlet: &'static str,
    /// Column: state.
    pub state: &'static str,
    /// Column: reason.
    pub reason: &'static str,
    /// All values of a filter.
    pub all: &'static str,
    /// Applies a filter.
    pub filter: &'static str,
    /// Next page.
    pub more: &'static str,
    /// No household in the list.
    pub households_none: &'static str,
    /// Households page, explained.
    pub households_more: &'static str,
    /// Total.
    pub total: &'static str,
    /// Column: device.
    pub device: &'static str,
    /// Column: place.
    pub place: &'static str,
    /// Column: kind.
    pub kind: &'static str,
    /// Column: last seen.
    pub last_seen: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// Column: events received.
    pub received: &'static str,
    /// A device without a password.
    pub password_none: &'static str,
    /// A device with a password.
    pub password_given: &'static str,
    /// A device whose password is disabled.
    pub password_disabled: &'static str,
    /// Column: events missing.
    pub missing: &'static str,
    /// Section: quarantine.
    pub quarantine: &'static str,
    /// Quarantine, explained.
    pub quarantine_more: &'static str,
    /// Navigation: quarantine.
    pub quarantine_short: &'static str,
    /// What is held: rows, kilobytes, conflicts.
    pub quarantine_held: fn(&str, &str, &str) -> String,
    /// What was dropped for want of room: rows.
    pub quarantine_dropped: fn(&str) -> String,
    /// Column: first seen.
    pub first_seen: &'static str,
    /// Size in bytes.
    pub bytes: &'static str,
    /// Replays a message.
    pub replay: &'static str,
    /// What replaying does.
    pub replay_more: &'static str,
    /// A message of which only the beginning is kept.
    pub replay_cut: &'static str,
    /// Column: the last replay.
    pub replay_last: &'static str,
    /// Replayed: all of it is stored.
    pub replay_taken: &'static str,
    /// Replayed: still refused.
    pub replay_refused: &'static str,
    /// Replayed: stored with other content.
    pub replay_conflict: &'static str,
    /// Empty quarantine.
    pub quarantine_none: &'static str,
    /// Column: times.
    pub times: &'static str,
    /// Column: topic.
    pub topic: &'static str,
    /// No gap.
    pub gaps_none: &'static str,
    /// Column: numbers of the events.
    pub numbers: &'static str,
    /// 404 title.
    pub not_found: &'static str,
    /// 404 text.
    pub not_found_more: &'static str,
    /// 403 title.
    pub forbidden: &'static str,
    /// 403 text.
    pub forbidden_more: &'static str,
    /// 401 text.
    pub sign_in_first: &'static str,
    /// 429 title.
    pub too_many: &'static str,
    /// 400 title.
    pub bad_request: &'static str,
    /// 500 title.
    pub broken: &'static str,
    /// 500 text.
    pub broken_more: &'static str,
    /// Link home.
    pub home: &'static str,
    /// Footer: where the figures come from.
    pub footer: &'static str,
    /// State names, S N U.
    pub states: [&'static str; 3],
    /// Reason names, in the order of `Reason::ALL`.
    pub reasons: [&'static str; 5],
    /// What to do about each reason, in the order of `Reason::ALL`.
    pub actions: [&'static str; 5],
    /// Evidence level names, in the order of `Level::ALL`.
    pub levels: [&'static str; 3],
    /// Badge names: sufficient, indicative, insufficient.
    pub badges: [&'static str; 3],
    /// Shares, indicators, tickets.
    pub figures: FiguresTexts,
    /// The pages of households and rounds.
    pub households_room: &'static HouseholdsTexts,
    /// The register's pages.
    pub register: &'static RegisterTexts,
    /// What the apps on phones share.
    pub field: FieldTexts,
    /// The crew's pages and app.
    pub crew: CrewTexts,
    /// Devices, collection points, data quality and alerts.
    pub watch: &'static WatchTexts,
    /// The workload of visits.
    pub visiting: VisitingTexts,
    /// The visitors' pages and app.
    pub visits: VisitsTexts,
}

impl Texts {
    /// Gives the words of a language.
    pub const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Vi => &vi::TEXTS,
            Lang::En => &en::TEXTS,
        }
    }

    /// Names a state.
    pub const fn state_name(&self, state: State) -> &'static str {
        match state {
            State::Sorting => self.states[0],
            State::NotSorting => self.states[1],
            State::Undetermined => self.states[2],
        }
    }

    /// Names a reason.
    pub const fn reason_name(&self, reason: Reason) -> &'static str {
        self.reasons[reason_place(reason)]
    }

    /// Says what to do about the households of a reason.
    pub const fn action(&self, reason: Reason) -> &'static str {
        self.actions[reason_place(reason)]
    }

    /// Names a level of evidence.
    pub const fn level_name(&self, level: Level) -> &'static str {
        match level {
            Level::Device => self.levels[0],
            Level::Crew => self.levels[1],
            Level::Verified => self.levels[2],
        }
    }

    /// Names a kind of device.
    pub const fn kind_name(&self, kind: DeviceKind) -> &'static str {
        match kind {
            DeviceKind::TagReader => self.kinds[0],
            DeviceKind::Scale => self.kinds[1],
            DeviceKind::Combined => self.kinds[2],
            DeviceKind::Weighbridge => self.kinds[3],
        }
    }

    /// Names a badge.
    pub const fn badge_name(&self, badge: Badge) -> &'static str {
        match badge {
            Badge::Sufficient => self.badges[0],
            Badge::Indicative => self.badges[1],
            Badge::Insufficient => self.badges[2],
        }
    }
}

const fn reason_place(reason: Reason) -> usize {
    match reason {
        Reason::OnlyOther => 0,
        Reason::OnlyDeclared => 1,
        Reason::OneStreamMissing => 2,
        Reason::NoPickup => 3,
        Reason::NotObservable => 4,
    }
}
