//! The register: lists, rows with their history, forms, files, and what waits for a second person.

use askama::Template;

use super::frame::Frame;
use crate::web::texts::RegisterTexts;

/// A table of words.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// Rows of cells.
    pub rows: Vec<Vec<String>>,
}

/// A proposal in a list.
#[derive(Clone, Debug)]
pub struct ProposalLine {
    /// Its id.
    pub id: String,
    /// What it proposes.
    pub what: &'static str,
    /// How many households.
    pub households: String,
    /// Why.
    pub reason: String,
    /// Who proposed it, when.
    pub proposed: String,
    /// What became of it.
    pub outcome: String,
}

/// The proposals.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/proposals.html")]
pub struct Proposals {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// Those that wait.
    pub waiting: Vec<ProposalLine>,
    /// Those that were decided.
    pub decided: Vec<ProposalLine>,
}

/// One proposal.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/proposal.html")]
pub struct ProposalPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The proposal.
    pub line: ProposalLine,
    /// The reason of the decision; empty when there is none.
    pub decision_reason: String,
    /// It waits.
    pub waits: bool,
    /// The reader proposed it.
    pub own: bool,
    /// Why the last attempt was refused; empty at first.
    pub refusal: String,
    /// The reason typed before, kept.
    pub typed: String,
    /// What would be recorded.
    pub sheets: Vec<Sheet>,
}
