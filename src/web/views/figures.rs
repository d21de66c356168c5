//! Pages of figures: shares by period, the indicators, the tickets.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use super::overview::Figure;
use crate::web::texts::FiguresTexts;
use crate::web::views::filters;

/// The shares by period, with what stands beside them.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/shares.html")]
pub struct Shares {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub f: &'static FiguresTexts,
    /// Whose, by name.
    pub whose: String,
    /// What is asked for.
    pub filter: Filter,
    /// The two main figures; `None`: no finished day.
    pub pair: Option<Pair>,
    /// The figures side by side as a picture.
    pub companions: Option<Figure>,
    /// Each with its value, what is divided, its definition and its anchor.
    pub definitions: Vec<(&'static str, String, String, &'static str)>,
    /// The periods as a picture.
    pub chart: Option<Figure>,
    /// The periods.
    pub rows: Vec<PeriodLine>,
    /// The periods as a file.
    pub csv: String,
    /// Targets: year and percent.
    pub targets: Vec<(String, String)>,
    /// The reader may change them.
    pub edits_targets: bool,
    /// Points; `None`: the reader may not see them.
    pub points: Option<Vec<PointLine>>,
    /// The guards.
    pub guards: Option<Guards>,
}

/// What a period page is asked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of step.
    pub steps: Vec<Choice>,
    /// The point, kept while other choices change; empty: none.
    pub point: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// *Tham gia* and *thực hiện* side by side.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The day, a short sentence.
    pub day: String,
    /// Enrolled: percent and count.
    pub enrolled: (String, String),
    /// Sorting: percent and count.
    pub sorting: (String, String),
    /// The badge's word and class.
    pub badge: (&'static str, &'static str),
    /// Upper bound, coverage, completeness.
    pub beside: [String; 3],
    /// The target, a short sentence.
    pub target: String,
}

/// A period.
#[derive(Clone, Debug)]
pub struct PeriodLine {
    /// Its name.
    pub period: String,
    /// What is special about it; empty when nothing.
    pub note: String,
    /// Enrolled, sorting, upper, coverage, at least one, participation, set-out, S, N, U, E, completeness.
    pub cells: [String; 12],
    /// The badge's word and class.
    pub badge: (&'static str, &'static str),
}

/// A collection point.
#[derive(Clone, Debug)]
pub struct PointLine {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its hamlet.
    pub hamlet: String,
    /// Enrolled, sorting, upper, coverage, E, completeness.
    pub cells: [String; 6],
}

/// Exclusions, and records by person.
#[derive(Clone, Debug)]
pub struct Guards {
    /// Hamlet, registered, the four reasons, excluded part, flag.
    pub exclusions: Vec<(String, [String; 6], &'static str)>,
    /// Who; separated, most on one day, verified, most on one day, not sorting, contrary, clean, taken back; flags.
    pub people: Vec<(String, [String; 8], String)>,
}

/// The indicators.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/indicators.html")]
pub struct Indicators {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub f: &'static FiguresTexts,
    /// Whose, by name.
    pub whose: String,
    /// What is asked for.
    pub filter: Filter,
    /// The latest period, in words; empty: there is none.
    pub period: String,
    /// Its completeness, in words.
    pub complete: String,
    /// The indicators in groups.
    pub groups: Vec<(&'static str, Vec<IndicatorLine>)>,
    /// Names of the earlier periods.
    pub earlier: Vec<String>,
    /// Indicators with their values in the earlier periods.
    pub history: Vec<(String, Vec<String>)>,
    /// As a file.
    pub csv: String,
    /// The alarm; `None`: the reader may not see it.
    pub alarm: Option<AlarmBox>,
}

/// An indicator.
#[derive(Clone, Debug)]
pub struct IndicatorLine {
    /// Its name, with its stream.
    pub name: String,
    /// Its definition in short.
    pub definition: &'static str,
    /// Where its data comes from.
    pub sources: String,
    /// Its anchor.
    pub anchor: String,
    /// Its value; empty: none.
    pub value: String,
    /// Why there is none.
    pub missing: &'static str,
    /// What is divided by what.
    pub made_from: String,
    /// How the mass is known, or what is assumed.
    pub notes: Vec<String>,
}

/// The re-mixing alarm.
#[derive(Clone, Debug)]
pub struct AlarmBox {
    /// It is raised.
    pub raised: bool,
    /// What it says.
    pub says: String,
    /// The days.
    pub period: String,
    /// Its rule.
    pub rule: String,
}

/// The tickets.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/tickets.html")]
pub struct Tickets {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub f: &'static FiguresTexts,
    /// Conflicts, in words; empty: none.
    pub conflicts: String,
    /// The tickets.
    pub rows: Vec<TicketLine>,
    /// Choices of stream.
    pub streams: Vec<Choice>,
    /// Choices of destination.
    pub destinations: Vec<Choice>,
    /// Destinations: code, name, kind.
    pub known: Vec<(String, String, &'static str)>,
    /// Choices of kind.
    pub kinds: Vec<Choice>,
    /// Now, for the form's field.
    pub now: String,
}

/// A ticket.
#[derive(Clone, Debug)]
pub struct TicketLine {
    /// Its identity.
    pub id: String,
    /// Number.
    pub ticket: String,
    /// When.
    pub at: String,
    /// Vehicle, stream, net, destination, who.
    pub cells: [String; 5],
    /// Standing in words.
    pub standing: &'static str,
    /// Standing's class.
    pub class: &'static str,
    /// It may be taken back.
    pub voidable: bool,
}
