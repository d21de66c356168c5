//! Households: the list, the visit sheet, visits by list, and one household with everything behind its state.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use super::register::FaultLine;
use crate::web::texts::{HouseholdsTexts, RegisterTexts};
use crate::web::views::filters;

/// What the list is filtered by.
#[derive(Clone, Debug)]
pub struct Filters {
    /// The text searched for.
    pub search: String,
    /// The reader may search names.
    pub in_names: bool,
    /// The collection point asked for; empty: all.
    pub point: String,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of state.
    pub states: Vec<Choice>,
    /// Choices of reason.
    pub reasons: Vec<Choice>,
    /// Choices of missing stream.
    pub missing: Vec<Choice>,
    /// All of it as a query, ending in `&` unless empty.
    pub query: String,
}

/// The list of households.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/households.html")]
pub struct Households {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub h: &'static HouseholdsTexts,
    /// The day, a short sentence.
    pub day: String,
    /// The filters.
    pub filters: Filters,
    /// The rows.
    pub rows: Vec<HouseholdLine>,
    /// The reader may see what stands behind a state.
    pub opens: bool,
    /// The reader may record visits.
    pub records: bool,
    /// The reader sees names.
    pub names: bool,
    /// A registered household that was searched for and is not counted; empty otherwise.
    pub not_listed: String,
    /// Its words.
    pub not_listed_more: String,
    /// The next page; empty when there is none.
    pub next: String,
}

/// A household of the list.
#[derive(Clone, Debug)]
pub struct HouseholdLine {
    /// Its code.
    pub household: String,
    /// Name of its head; empty when unknown or not for the reader.
    pub head_name: String,
    /// Address; the same.
    pub address: String,
    /// Its hamlet's name.
    pub hamlet: String,
    /// `s`, `n` or `u`.
    pub class: &'static str,
    /// The state's name.
    pub state: &'static str,
    /// Why undetermined; empty otherwise.
    pub reason: &'static str,
    /// Streams missing.
    pub missing: String,
    /// Since when.
    pub since: String,
}

/// The sheet that a visitor takes along.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/visit_sheet.html")]
pub struct VisitSheet {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub h: &'static HouseholdsTexts,
    /// Hamlet and day.
    pub head: String,
    /// Required streams with the home pathways to tick.
    pub streams: Vec<(String, Vec<&'static str>)>,
    /// The rows.
    pub rows: Vec<HouseholdLine>,
    /// Says that there are more; empty when there are not.
    pub more: String,
    /// Back to the list.
    pub back: String,
}

/// A required stream: code, name, home pathways (word, name).
pub type StreamField = (String, String, Vec<(&'static str, &'static str)>);

/// Fields of a visit.
#[derive(Clone, Debug)]
pub struct VisitFields {
    /// Identity of the write, so that a form sent twice counts once.
    pub id: String,
    /// The day, `YYYY-MM-DD`.
    pub today: String,
    /// Required streams.
    pub streams: Vec<StreamField>,
}

/// Visits by list.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/visits.html")]
pub struct Visits {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub h: &'static HouseholdsTexts,
    /// How it works.
    pub more: String,
    /// What was recorded; empty when nothing was.
    pub done: String,
    /// The proposal that waits; empty when none does, or it is not the reader's to see.
    pub proposal: String,
    /// Identity of the form for a file.
    pub file_id: String,
    /// How many faults a file had; empty: it had none, or there was none.
    pub faults_found: String,
    /// Its faults.
    pub faults: Vec<FaultLine>,
    /// How many more there are.
    pub faults_more: String,
    /// What it may hold.
    pub file_kinds: Vec<Choice>,
    /// What was pasted.
    pub typed: String,
    /// Its reason.
    pub file_reason: String,
    /// The words of the register.
    pub r: &'static RegisterTexts,
    /// The filters.
    pub filters: Filters,
    /// The fields.
    pub fields: VisitFields,
    /// The rows.
    pub rows: Vec<HouseholdLine>,
    /// The next page; empty when there is none.
    pub next: String,
}

/// One household.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/household.html")]
pub struct Household {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub h: &'static HouseholdsTexts,
    /// Its code.
    pub code: String,
    /// Name, address and hamlet, as far as they are known.
    pub who: String,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
    /// The day in words.
    pub day: String,
    /// Address of the day before and after; empty when there is none.
    pub earlier: String,
    /// See `earlier`.
    pub later: String,
    /// `s`, `n`, `u` or `x`: not counted.
    pub class: &'static str,
    /// State, reason and evidence, or that it is not counted.
    pub state: String,
    /// Why it is not counted, or what is missing; empty otherwise.
    pub why: String,
    /// Rule version.
    pub rule_version: String,
    /// It was just recorded.
    pub saved: bool,
    /// What would change it.
    pub turns: Vec<String>,
    /// The timeline: start and width in percent, class, words.
    pub timeline: Vec<(String, String, &'static str, String)>,
    /// The timeline as rows: from, to, state.
    pub spans: Vec<[String; 3]>,
    /// The streams.
    pub streams: Vec<StreamCard>,
    /// What speaks against it: what, what became of it.
    pub contraries: Vec<[String; 2]>,
    /// Everything stated.
    pub statements: Vec<StatedLine>,
    /// Fields of a visit.
    pub fields: VisitFields,
    /// The reader may record visits.
    pub records: bool,
    /// The reader may look at the rounds.
    pub sees_rounds: bool,
    /// Now, milliseconds, for what is taken back.
    pub now_ms: i64,
}

/// A stream of a household.
#[derive(Clone, Debug)]
pub struct StreamCard {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub colour: String,
    /// Its icon.
    pub icon: &'static str,
    /// `s` accounted for, `u` not, `x` not required.
    pub class: &'static str,
    /// Required or not, accounted for or not.
    pub verdict: String,
    /// Window and opportunities.
    pub window: String,
    /// Rounds.
    pub rounds: Vec<OwnRound>,
    /// Pickups.
    pub pickups: Vec<OwnPickup>,
    /// What was verified or declared.
    pub verified: Vec<String>,
}

/// A round of a household.
#[derive(Clone, Debug)]
pub struct OwnRound {
    /// Day and hours.
    pub when: String,
    /// Place.
    pub place: String,
    /// Where it stands among the rounds.
    pub href: String,
    /// `s` counts, `u` ran unobserved, `n` missed.
    pub class: &'static str,
    /// What became of it.
    pub fate: String,
}

/// A pickup of a household.
#[derive(Clone, Debug)]
pub struct OwnPickup {
    /// When.
    pub when: String,
    /// Place.
    pub place: String,
    /// Weight.
    pub weight: String,
    /// Level.
    pub level: &'static str,
    /// Whether it counts, and if not why.
    pub counts: String,
    /// How many readings.
    pub summary: String,
    /// Readings: device, log and number, time, how it is known, weight.
    pub readings: Vec<[String; 5]>,
}

/// Something stated.
#[derive(Clone, Debug)]
pub struct StatedLine {
    /// Its id.
    pub id: String,
    /// When.
    pub when: String,
    /// What.
    pub what: String,
    /// By whom.
    pub by: String,
    /// Who took it back, and why; empty when it holds.
    pub void: String,
    /// The reader may take it back; then with this id of the write.
    pub void_id: Option<String>,
}
