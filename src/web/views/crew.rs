//! The crew's pages of forms, and what crews reported.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::views::filters;

/// Today's rounds.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/crew.html")]
pub struct Rounds {
    /// What every page shares.
    pub frame: Frame,
    /// The rounds.
    pub rows: Vec<RoundLine>,
    /// Choices of place.
    pub places: Vec<Choice>,
    /// Choices of stream.
    pub streams: Vec<Choice>,
    /// The service date, `YYYY-MM-DD`.
    pub on: String,
    /// An id for the form that opens another round.
    pub id: String,
}

/// A round to choose.
#[derive(Clone, Debug)]
pub struct RoundLine {
    /// An id for its form.
    pub id: String,
    /// Point or route.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Stream.
    pub stream: String,
    /// The stream's name.
    pub stream_name: String,
    /// The stream's colour, `#RRGGBB`.
    pub colour: String,
    /// The stream's icon, a name of the sprite.
    pub icon: &'static str,
    /// Hours and households.
    pub more: String,
    /// State in words; empty when there is nothing to say.
    pub state: &'static str,
    /// It is open: the form only leads there.
    pub open: bool,
}

/// Which round a form belongs to.
#[derive(Clone, Debug)]
pub struct Place {
    /// Point or route.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Stream.
    pub stream: String,
    /// The stream's name.
    pub stream_name: String,
    /// Service date, `YYYY-MM-DD`.
    pub on: String,
    /// The same, as it is read.
    pub day: String,
    /// The round as a query.
    pub query: String,
}

/// A round.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/crew_round.html")]
pub struct Round {
    /// What every page shares.
    pub frame: Frame,
    /// The round.
    pub place: Place,
    /// `37 / 120 hộ`.
    pub progress: String,
    /// Done, and all.
    pub counts: (usize, usize),
    /// Houses left.
    pub left: Vec<HouseLine>,
    /// Houses done.
    pub done: Vec<HouseLine>,
    /// Heads of both lists.
    pub heads: (String, String),
    /// An id for the form that closes it.
    pub id: String,
}

/// A house.
#[derive(Clone, Debug)]
pub struct HouseLine {
    /// Its code.
    pub household: String,
    /// Its page.
    pub href: String,
    /// What stands of it.
    pub done: Vec<DoneLine>,
}

/// A pickup of a house.
#[derive(Clone, Debug)]
pub struct DoneLine {
    /// The pickup's id.
    pub pickup: String,
    /// An id for the form that takes it back; empty: it is another's.
    pub id: String,
    /// When and what.
    pub text: String,
}

/// One house.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/crew_house.html")]
pub struct House {
    /// What every page shares.
    pub frame: Frame,
    /// The round.
    pub place: Place,
    /// Its code.
    pub household: String,
    /// What stands of it.
    pub done: Vec<DoneLine>,
    /// Results to choose.
    pub results: Vec<(&'static str, &'static str)>,
    /// Reasons to choose.
    pub reasons: Vec<&'static str>,
    /// Reports to choose.
    pub reports: Vec<(&'static str, &'static str)>,
    /// Ids of both forms.
    pub ids: (String, String),
}

/// What crews reported, for officers.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/crew_reports.html")]
pub struct Reports {
    /// What every page shares.
    pub frame: Frame,
    /// The reports.
    pub rows: Vec<ReportLine>,
    /// The pictures.
    pub photos: Vec<PhotoLine>,
    /// Houses in which nobody lives, as visitors told.
    pub vacant: Vec<VacantLine>,
}

/// A house in which nobody lives, as a visitor told.
#[derive(Clone, Debug)]
pub struct VacantLine {
    /// When.
    pub at: String,
    /// Household.
    pub household: String,
    /// Who.
    pub by: String,
}

/// A report.
#[derive(Clone, Debug)]
pub struct ReportLine {
    /// When.
    pub at: String,
    /// What.
    pub what: &'static str,
    /// Where.
    pub place: String,
    /// Household; may be empty.
    pub household: String,
    /// Note; may be empty.
    pub note: String,
    /// Who.
    pub by: String,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct PhotoLine {
    /// Its id.
    pub id: String,
    /// When it came.
    pub at: String,
    /// Household, place and result.
    pub what: String,
    /// Who took it.
    pub by: String,
    /// Who erased it; empty: it is kept.
    pub erased: String,
}
