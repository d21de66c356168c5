//! Papers to print, and what is kept of private codes.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;

/// Whose papers are asked for, as the form has it.
#[derive(Clone, Debug)]
pub struct PapersForm {
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// Choices of point and route.
    pub places: Vec<Choice>,
    /// Codes of households, as typed.
    pub households: String,
    /// The order's word.
    pub order: &'static str,
    /// The word of which households.
    pub which: &'static str,
    /// Names and addresses are printed.
    pub names: bool,
    /// Language of the paper.
    pub print: &'static str,
}

/// What printing would do.
#[derive(Clone, Debug)]
pub struct PapersPreview {
    /// How many are chosen and printed, how many are new, how many sheets.
    pub texts: [String; 3],
    /// The first: household, where, number of its card.
    pub lines: Vec<(String, String, String)>,
}

/// Cards.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/cards.html")]
pub struct Cards {
    /// What every page shares.
    pub frame: Frame,
    /// The form.
    pub form: PapersForm,
    /// What printing would do; `None`: not asked for.
    pub preview: Option<PapersPreview>,
    /// Hamlet, households, with a card, without.
    pub hamlets: Vec<(String, String, String, String)>,
}

/// Private codes.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/own_codes.html")]
pub struct OwnCodes {
    /// What every page shares.
    pub frame: Frame,
    /// The form.
    pub form: PapersForm,
    /// What making letters would do; `None`: not asked for.
    pub preview: Option<PapersPreview>,
    /// The address that letters would bear, where the configuration names none; empty: it does.
    pub address: String,
    /// What was done; empty: nothing.
    pub done: &'static str,
    /// One household's codes.
    pub of: Option<OwnCodesOf>,
    /// Hamlet, households, with a code, without.
    pub hamlets: Vec<(String, String, String, String)>,
}

/// A household's codes.
#[derive(Clone, Debug)]
pub struct OwnCodesOf {
    /// The household.
    pub household: String,
    /// The latest first.
    pub lines: Vec<OwnCodeLine>,
    /// One of them is good.
    pub is_good: bool,
}

/// A code.
#[derive(Clone, Debug)]
pub struct OwnCodeLine {
    /// When it was made.
    pub made: String,
    /// By whom.
    pub made_by: String,
    /// That it is good, or when it ended, by whom and why.
    pub ended: String,
}

/// A paper under way, or done.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/paper_job.html")]
pub struct PaperJob {
    /// What every page shares.
    pub frame: Frame,
    /// They are letters with private codes.
    pub is_codes: bool,
    /// Names it.
    pub id: String,
    /// Sheets done, in all, and in words; `None`: not under way.
    pub running: Option<(i64, i64, String)>,
    /// It failed.
    pub failed: bool,
    /// What is ready; empty: nothing.
    pub ready: String,
}
