//! The visitors' pages of forms.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::texts::VisitsTexts;

/// The hamlets to choose from.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/visit_areas.html")]
pub struct VisitAreas {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub v: &'static VisitsTexts,
    /// The hamlets: their lists, their names.
    pub areas: Vec<(String, String)>,
}

/// A hamlet's households to visit.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/visit_list.html")]
pub struct VisitLists {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub v: &'static VisitsTexts,
    /// The hamlet's name.
    pub name: String,
    /// Choices of hamlet; one alone is none.
    pub areas: Vec<Choice>,
    /// Choices of where the stretch begins.
    pub sinces: Vec<Choice>,
    /// Choices of reason.
    pub whys: Vec<Choice>,
    /// The text searched for.
    pub search: String,
    /// When the stretch began, in words.
    pub since: String,
    /// `37 / 120 hộ`.
    pub progress: String,
    /// Done, and all.
    pub counts: (usize, usize),
    /// Visited today and this week, in words.
    pub visited: String,
    /// How many came to need a visit since; empty: none.
    pub new_ones: String,
    /// The parts of the list: address, words, whether it is shown.
    pub parts: Vec<(String, String, bool)>,
    /// Which part is shown, for the form.
    pub part: &'static str,
    /// The households of that part.
    pub rows: Vec<VisitLine>,
    /// What is said when there are none.
    pub none: &'static str,
}

/// A household of the list.
#[derive(Clone, Debug)]
pub struct VisitLine {
    /// Its page.
    pub href: String,
    /// Its code.
    pub household: String,
    /// Name and address; empty when neither is known.
    pub who: String,
    /// `n`, `u` or `s`.
    pub class: &'static str,
    /// Why it is on the list.
    pub why: String,
    /// What was done.
    pub done: Vec<String>,
}

/// One household to visit.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/visit_house.html")]
pub struct VisitHousePage {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub v: &'static VisitsTexts,
    /// Back to the list.
    pub back: String,
    /// The hamlet's name.
    pub area_name: String,
    /// Its code.
    pub household: String,
    /// Name and address.
    pub who: String,
    /// `n`, `u` or `s`.
    pub class: &'static str,
    /// Why it is on the list.
    pub why: String,
    /// What to look at.
    pub look: Vec<String>,
    /// What was known before.
    pub known: Vec<String>,
    /// What was done in this stretch.
    pub done: Vec<VisitDoneLine>,
    /// The questions, one a required stream.
    pub questions: Vec<Question>,
    /// Why nothing was seen: word and name.
    pub outcomes: Vec<(&'static str, &'static str)>,
    /// Ids of both forms.
    pub ids: (String, String),
    /// The day, `YYYY-MM-DD`.
    pub today: String,
    /// The list's own place, sent along: hamlet and first day of the stretch.
    pub place: (String, String),
}

/// Something done, with what takes it back.
#[derive(Clone, Debug)]
pub struct VisitDoneLine {
    /// The write's id.
    pub stated: String,
    /// An id for the form that takes it back; empty: it is another's.
    pub id: String,
    /// When, what, by whom.
    pub text: String,
}

/// A question about a stream.
#[derive(Clone, Debug)]
pub struct Question {
    /// The field's name.
    pub field: String,
    /// The question.
    pub ask: String,
    /// Answers: value and words.
    pub answers: Vec<(String, String)>,
}
