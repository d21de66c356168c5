//! The overview of the commune or of one hamlet.

use askama::Template;

use super::bar::Bar;
use super::figures::AlarmBox;
use super::frame::Frame;
use super::watch::AlertLine;
use crate::web::views::filters;

/// The overview page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/overview.html")]
pub struct Overview {
    /// What every page shares.
    pub frame: Frame,
    /// The hamlet's name; `None` for the commune.
    pub hamlet: Option<String>,
    /// Its shares by period.
    pub shares: String,
    /// The share with all that must stand beside it; `None` before the first finished day.
    pub headline: Option<Headline>,
    /// How far the catch-up is; `None` when all is loaded.
    pub progress: Option<ProgressLine>,
    /// The trend by day.
    pub trend: Option<Figure>,
    /// Hamlets, highest share first; empty on a hamlet's own page.
    pub hamlets: Vec<HamletLine>,
    /// Some hamlet is hidden for privacy.
    pub some_hidden: bool,
    /// The reasons are hidden from the reader.
    pub reasons_hidden: bool,
    /// What to do next, largest first.
    pub next: Vec<NextLine>,
    /// The workload of visits; `None`: there is none to speak of.
    pub visiting: Option<VisitingPart>,
    /// Tonnage by week.
    pub tonnage: Option<Figure>,
    /// The list of households behind the numbers, to which a question is added; `None` when the reader may not see it.
    pub behind: Option<String>,
    /// The reader may see the page of data quality.
    pub quality: bool,
    /// Completeness by day.
    pub completeness: Option<Figure>,
    /// Latest pickups; `None`: the reader may not see them.
    pub pickups: Option<Vec<PickupLine>>,
    /// What was handed over today so far, for readers who see no single pickup.
    pub today: Vec<TodayLine>,
    /// It is the commune's page.
    pub is_commune: bool,
    /// The most important open alerts; `None` when the reader may not see alerts.
    pub care: Option<Care>,
    /// The re-mixing alarm, for those who may see it, when it is raised.
    pub alarm: Option<AlarmBox>,
}

/// The share with all that must stand beside it, ready written.
#[derive(Clone, Debug)]
pub struct Headline {
    /// The share, or a dash when there is nobody to count.
    pub share: String,
    /// S of E, a sentence.
    pub sentence: String,
    /// Says that small numbers are hidden; empty when none is.
    pub hidden: &'static str,
    /// The badge's word.
    pub badge: &'static str,
    /// The badge's class: `sufficient`, `indicative`, `insufficient`.
    pub badge_class: &'static str,
    /// The bar.
    pub bar: Option<Bar>,
    /// The target, a short sentence.
    pub target: String,
    /// The day, a short sentence.
    pub day: String,
    /// The month is open.
    pub provisional: bool,
    /// S, N and U, each with its count and its part of E.
    pub parts: [Part; 3],
    /// Upper bound.
    pub upper: String,
    /// Coverage.
    pub coverage: String,
    /// Completeness of the 28 days.
    pub completeness: String,
    /// Households enrolled: count and part of E.
    pub enrolled: (String, String),
    /// At least one group: count and part of E.
    pub at_least_one: (String, String),
    /// WRAP's participation and set-out rates.
    pub rates: [String; 2],
    /// Widths of enrolled and of the coverage, SVG lengths; `None`: nobody is eligible.
    pub widths: Option<(String, String)>,
    /// S by evidence: level and count.
    pub evidence: [(&'static str, String); 3],
    /// The latest audit's estimate, and its page; empty where the reader may not open it. `None`: there is none.
    pub audit: Option<(String, String)>,
    /// Cut-off, local time; empty before the first event.
    pub as_of: String,
    /// The rules' version.
    pub rules: String,
}

/// One state's households.
#[derive(Clone, Debug)]
pub struct Part {
    /// `s`, `n` or `u`, for icon and colour.
    pub class: &'static str,
    /// The state's name.
    pub name: &'static str,
    /// How many.
    pub count: String,
    /// Their part of E.
    pub percent: String,
}

/// How far the catch-up is.
#[derive(Clone, Debug)]
pub struct ProgressLine {
    /// Events done.
    pub done: i64,
    /// Events in all.
    pub total: i64,
    /// In words.
    pub line: String,
}

/// A chart on a page: its drawings for each width and theme, and its figures as a table.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The drawings: classes (`wide light` …) and SVG.
    pub drawings: Vec<(&'static str, String)>,
    /// Table heads.
    pub head: Vec<&'static str>,
    /// Table rows.
    pub rows: Vec<Vec<String>>,
    /// The chart as a picture file.
    pub picture: String,
    /// The chart's data in the API.
    pub api: String,
}

/// A hamlet beside the others.
#[derive(Clone, Debug)]
pub struct HamletLine {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its figures; `None` when hidden.
    pub shown: Option<HamletFigures>,
}

/// A hamlet's figures.
#[derive(Clone, Debug)]
pub struct HamletFigures {
    /// Share.
    pub share: String,
    /// S, N, U and E in one sentence, for readers of the text.
    pub spoken: String,
    /// Households.
    pub eligible: String,
    /// The bar.
    pub bar: Bar,
}

/// A reason with its households.
#[derive(Clone, Debug)]
pub struct NextLine {
    /// How many households.
    pub count: String,
    /// The reason.
    pub reason: &'static str,
    /// What to do.
    pub action: &'static str,
    /// Their list; empty when the reader may not see households.
    pub href: String,
}

/// The workload of visits.
#[derive(Clone, Debug)]
pub struct VisitingPart {
    /// What was done and what runs out, by week.
    pub figure: Figure,
    /// Whom to visit: why, how many, their list (empty when the reader may not see households), and whether it is a sum.
    pub rows: Vec<(String, String, String, bool)>,
    /// What was done, when the list would be done, and the pace that would do.
    pub told: Vec<String>,
    /// The reader's own list of visits; empty: none.
    pub list: String,
}

/// A pickup.
#[derive(Clone, Debug)]
pub struct PickupLine {
    /// Local time.
    pub time: String,
    /// The stream's name.
    pub stream: String,
    /// The stream's colour, `#RRGGBB`.
    pub colour: String,
    /// The stream's icon, a name of the sprite.
    pub icon: &'static str,
    /// Where.
    pub place: String,
    /// Whose.
    pub household: String,
    /// Weight.
    pub weight: String,
}

/// A stream's pickups of today.
#[derive(Clone, Debug)]
pub struct TodayLine {
    /// The stream's name.
    pub stream: String,
    /// The stream's colour, `#RRGGBB`.
    pub colour: String,
    /// The stream's icon, a name of the sprite.
    pub icon: &'static str,
    /// How many, in words.
    pub pickups: String,
}

/// What needs care most.
#[derive(Clone, Debug)]
pub struct Care {
    /// The most important open alerts.
    pub lines: Vec<AlertLine>,
    /// How many more, in words; empty when none.
    pub more: String,
}
