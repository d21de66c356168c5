//! Alerts: the list, one alert, and alerts on other pages.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::texts::WatchTexts;

/// An alert in a list.
#[derive(Clone, Debug)]
pub struct AlertLine {
    /// Its id.
    pub id: String,
    /// Class of its severity.
    pub class: &'static str,
    /// Icon of its severity, a name of the sprite.
    pub icon: &'static str,
    /// Severity, in words.
    pub severity: &'static str,
    /// Kind, in words.
    pub kind: &'static str,
    /// What it is about.
    pub subject: String,
    /// The page of that.
    pub href: String,
    /// Where that is; empty when nothing is to be said.
    pub at: String,
    /// What was found, a sentence.
    pub says: String,
    /// Since when, or from when to when.
    pub time: String,
    /// It is gone and rests before it closes, in words; empty when not.
    pub resting: String,
    /// Who takes care of it; empty: nobody.
    pub taken: String,
    /// What they say.
    pub note: String,
    /// It has not ended.
    pub open: bool,
    /// Identity of an acknowledgement made from here.
    pub receipt: String,
}

/// The alerts.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/alerts.html")]
pub struct Alerts {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// Those that have ended are shown.
    pub past: bool,
    /// Choices of kind.
    pub kinds: Vec<Choice>,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of acknowledged or not.
    pub takings: Vec<Choice>,
    /// How many by severity: class, icon, words.
    pub sums: Vec<(&'static str, &'static str, String)>,
    /// How many wait, in words.
    pub waiting: String,
    /// What to say when there is no row.
    pub none: &'static str,
    /// The rows.
    pub rows: Vec<AlertLine>,
    /// The filter as a query.
    pub query: String,
    /// The next page; empty when there is none.
    pub next: String,
}

/// One alert.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/alert.html")]
pub struct AlertPage {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// The alert.
    pub line: AlertLine,
    /// When its rule holds: the section of the definitions.
    pub anchor: String,
    /// What to do.
    pub advice: &'static str,
    /// Times: name and moment.
    pub times: Vec<(&'static str, String)>,
    /// Who acknowledged it or took that back, in words, with their notes, oldest first.
    pub said: Vec<(String, String)>,
    /// What was refused before; empty: nothing.
    pub refusal: String,
    /// Earlier alerts of the same subject.
    pub earlier: Vec<AlertLine>,
}
