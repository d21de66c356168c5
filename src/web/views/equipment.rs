//! Devices and collection points: lists, one device, one point.

use askama::Template;

use super::bar::Bar;
use super::frame::Frame;
use super::lists::Choice;
use super::overview::Figure;
use super::watch::AlertLine;
use crate::web::texts::WatchTexts;
use crate::web::views::filters;

/// A head of a table that can be sorted by.
#[derive(Clone, Debug)]
pub struct SortHead {
    /// Its words.
    pub label: &'static str,
    /// Where sorting by it leads; empty: it cannot be sorted by.
    pub href: String,
    /// `ascending`, `descending`, or empty when it is not sorted by.
    pub sorted: &'static str,
    /// It holds numbers.
    pub number: bool,
}

/// What is open about a device or point: class, icon and word.
#[derive(Clone, Debug)]
pub struct Care {
    /// The alert's page.
    pub href: String,
    /// Class of its severity.
    pub class: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its severity, in words.
    pub severity: &'static str,
    /// Its kind, in words.
    pub kind: &'static str,
}

/// The devices.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/devices.html")]
pub struct Devices {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// The text that is searched.
    pub q: String,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of kind.
    pub kinds: Vec<Choice>,
    /// Choices of what is shown.
    pub shown: Vec<Choice>,
    /// What it is sorted by, kept while other choices change.
    pub sort: String,
    /// How many are shown of all.
    pub sum: String,
    /// There is no device at all.
    pub none: bool,
    /// Heads.
    pub heads: Vec<SortHead>,
    /// The rows.
    pub rows: Vec<DeviceLine>,
    /// The list as a file.
    pub csv: String,
}

/// A device in a list.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// Its identity.
    pub device: String,
    /// Its page.
    pub href: String,
    /// Its kind and how its gaps are known.
    pub what: String,
    /// Where it stands.
    pub place: String,
    /// The page of that; empty: nowhere.
    pub place_href: String,
    /// The hamlet.
    pub area: String,
    /// Class, icon and word of its connection.
    pub connection: (&'static str, &'static str, &'static str),
    /// When it was heard last.
    pub last_seen: String,
    /// Battery with its unit; empty: never said.
    pub battery: String,
    /// Completeness of 7 days.
    pub week: String,
    /// Events missing.
    pub missing: String,
    /// Verified until, in words.
    pub verified: String,
    /// The verification has run out.
    pub overdue: bool,
    /// What is open.
    pub care: Vec<Care>,
}

/// A check of a scale.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is checked.
    pub name: &'static str,
    /// Its section of the definitions.
    pub anchor: &'static str,
    /// What was seen.
    pub seen: String,
    /// Class and icon of the verdict: `s` in order, `u` not known, `w` to watch, `n` not in order.
    pub class: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The verdict in words.
    pub verdict: &'static str,
}

/// A range of numbers that is missing, lost or voided.
#[derive(Clone, Debug)]
pub struct GapLine {
    /// The log.
    pub log: String,
    /// The numbers.
    pub numbers: String,
    /// First and last, for the form.
    pub range: (i64, i64),
    /// How many.
    pub count: String,
    /// What it is, in words.
    pub state: &'static str,
    /// The day it counts on, or why none.
    pub on: String,
    /// What a form may do: `void`, `restore` or nothing.
    pub act: &'static str,
    /// Identity of the word that is recorded.
    pub receipt: String,
}

/// A reading.
#[derive(Clone, Debug)]
pub struct ReadingLine {
    /// When.
    pub time: String,
    /// What, without whose.
    pub what: String,
    /// How the time is known.
    pub clock: &'static str,
    /// It came late, in words; empty: it did not.
    pub late: String,
}

/// One device.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/device.html")]
pub struct DevicePage {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// Its identity.
    pub device: String,
    /// Its page.
    pub here: String,
    /// Its kind.
    pub kind: String,
    /// Where it stands, and the page of that.
    pub place: (String, String),
    /// The hamlet.
    pub area: String,
    /// What is open.
    pub alerts: Vec<AlertLine>,
    /// Class, icon and word of its connection.
    pub connection: (&'static str, &'static str, &'static str),
    /// What is said of it: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// How its gaps are known, in short and at length.
    pub proof: (&'static str, &'static str),
    /// Its row of the register; empty where the reader may not open it.
    pub register_href: String,
    /// Completeness by day.
    pub completeness: Option<Figure>,
    /// Battery by day.
    pub battery: Option<Figure>,
    /// The scale's checks; empty: it is none.
    pub checks: Vec<Check>,
    /// The zero by day.
    pub zero: Option<Figure>,
    /// What is missing.
    pub gaps: Vec<GapLine>,
    /// Missing, explained.
    pub gaps_more: &'static str,
    /// How many more ranges there are than are shown, in words; empty when none.
    pub gaps_rest: String,
    /// Words on gaps: who and when, the numbers, why.
    pub words: Vec<(String, String, String)>,
    /// The reader may void and restore.
    pub manages: bool,
    /// Events by how their time is known: name, explanation, count, part.
    pub times: Vec<(&'static str, &'static str, String, String)>,
    /// Refusals, a sentence.
    pub refusals: String,
    /// The last refusal; empty for those who may not see it.
    pub last_refusal: String,
    /// Its password, in words; empty for those who may not see it.
    pub password: &'static str,
    /// The latest readings.
    pub readings: Vec<ReadingLine>,
    /// Earlier alerts.
    pub earlier: Vec<AlertLine>,
    /// Its days as a file.
    pub csv: String,
}

/// The points.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/points.html")]
pub struct Points {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// The text that is searched.
    pub q: String,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of what is shown.
    pub shown: Vec<Choice>,
    /// What it is sorted by, kept while other choices change.
    pub sort: String,
    /// How many are shown of all.
    pub sum: String,
    /// There is no point at all.
    pub none: bool,
    /// The days of the figures.
    pub period: String,
    /// The reader may see shares of single points.
    pub sees_shares: bool,
    /// Heads.
    pub heads: Vec<SortHead>,
    /// The rows.
    pub rows: Vec<PointLine>,
    /// The list as a file.
    pub csv: String,
}

/// A point in a list.
#[derive(Clone, Debug)]
pub struct PointLine {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Its code.
    pub code: String,
    /// The hamlet.
    pub area: String,
    /// Share of its households, and how many these are.
    pub share: (String, String),
    /// Completeness of 28 days.
    pub complete: String,
    /// Rounds that ran, of how many.
    pub rounds: String,
    /// Its rounds that were missed.
    pub missed: String,
    /// Mass of 28 days.
    pub mass: String,
    /// Devices.
    pub devices: String,
    /// What is open.
    pub care: Vec<Care>,
}

/// A day of the calendar.
#[derive(Clone, Debug)]
pub struct CalendarDay {
    /// The day of the month, with the month on its first.
    pub label: String,
    /// The day in full and its rounds, spoken.
    pub spoken: String,
    /// Its rounds; empty outside the period.
    pub href: String,
    /// The rounds: class and word of the fate, the stream's icon, colour and name.
    pub rounds: Vec<CalendarRound>,
}

/// A round of the calendar.
#[derive(Clone, Debug)]
pub struct CalendarRound {
    /// Class of its fate.
    pub class: &'static str,
    /// Icon of its fate.
    pub icon: &'static str,
    /// Its fate in short.
    pub fate: &'static str,
    /// The stream's icon.
    pub stream_icon: &'static str,
    /// The stream's colour.
    pub colour: String,
    /// The stream's name.
    pub stream: String,
}

/// The share of a point's households.
#[derive(Clone, Debug)]
pub struct PointShare {
    /// The share.
    pub share: String,
    /// S of E, a sentence.
    pub sentence: String,
    /// Upper bound, coverage.
    pub beside: [String; 2],
    /// The bar.
    pub bar: Option<Bar>,
    /// The day, a short sentence.
    pub day: String,
    /// Its shares by period.
    pub href: String,
    /// The list of its households; empty where the reader may not see it.
    pub households: String,
}

/// One point.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/point.html")]
pub struct PointPage {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// The hamlet and its page.
    pub area: (String, String),
    /// Its row of the register; empty where the reader may not open it.
    pub register_href: String,
    /// What is open, of the point and its devices.
    pub alerts: Vec<AlertLine>,
    /// The share of its households; `None`: the reader may not see it, or there are none.
    pub share: Option<PointShare>,
    /// Weeks of the calendar, Monday first.
    pub weeks: Vec<Vec<CalendarDay>>,
    /// Fates: class, icon, name, meaning, how many.
    pub fates: Vec<(&'static str, &'static str, &'static str, &'static str, String)>,
    /// Its rounds; empty where the reader may not open them.
    pub rounds_href: String,
    /// Tonnage by week.
    pub tonnage: Option<Figure>,
    /// Completeness by day.
    pub completeness: Option<Figure>,
    /// Its devices.
    pub devices: Vec<DeviceLine>,
    /// Earlier alerts of the point.
    pub earlier: Vec<AlertLine>,
    /// Its days as a file.
    pub csv: String,
}
