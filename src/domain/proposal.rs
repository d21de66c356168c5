//! Acts over many households, which one person proposes and a second one confirms.
//!
//! # Why
//! One act that takes a hundred households out of the denominator, or says of a hundred that they sort, moves the headline. It is kept
//! whole, with its reason, until somebody else has looked at it; until then no figure knows of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::facts::Statement;
use super::ids::HouseholdCode;
use super::register::Exclusion;
use super::state::word;
use super::time::Instant;

/// Most households that one person may exclude, or verify, in one act.
pub const ALONE_MAX: usize = 10;

/// Tells whether an act over so many households needs a second person.
pub const fn needs_second(households: usize) -> bool {
    households > ALONE_MAX
}

word!(
    /// What became of a proposal.
    Verdict {
        /// A second person agreed: it is recorded.
        Confirmed = "confirmed",
        /// A second person refused it.
        Declined = "declined",
        /// Its author took it back.
        Withdrawn = "withdrawn",
    }
);

/// A statement to be recorded once it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The operation's id to be.
    pub id: String,
    /// Who states it.
    pub by: String,
    /// What.
    pub statement: Statement,
}

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Proposed {
    /// Households leave the denominator for a while.
    Exclusions {
        /// Each of them.
        rows: Vec<Exclusion>,
    },
    /// Visits and home pathways: households are verified.
    Statements {
        /// Each of them.
        rows: Vec<Stated>,
    },
}

impl Proposed {
    /// Gives the kind's word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exclusions { .. } => "exclusions",
            Self::Statements { .. } => "statements",
        }
    }

    /// Gives the households that it speaks of.
    pub fn households(&self) -> BTreeSet<&HouseholdCode> {
        match self {
            Self::Exclusions { rows } => rows.iter().map(|row| &row.household).collect(),
            Self::Statements { rows } => rows.iter().filter_map(|row| row.statement.household()).collect(),
        }
    }

    /// Tells whether it needs a second person.
    pub fn needs_second(&self) -> bool {
        needs_second(self.households().len())
    }
}

/// What somebody decided about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// Why; a refusal always says it.
    pub reason: Option<String>,
}

/// An act over many households that waits for a second person, or once did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Made by the client (UUID): the same one sent twice is one proposal.
    pub id: String,
    /// When it was proposed.
    pub at: Instant,
    /// Who proposed it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What.
    pub proposed: Proposed,
    /// What became of it. `None`: it waits.
    pub decision: Option<Decision>,
}

/// Why somebody may not decide about a proposal in this way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYours {
    /// The author cannot be the second person.
    #[error("`{0}` proposed this; another officer confirms or declines it")]
    Own(String),
    /// Only the author takes back.
    #[error("`{0}` proposed this and alone can withdraw it; decline it instead")]
    Another(String),
    /// It was decided before.
    #[error("this was {verdict} by `{by}` before; a decision stays", verdict = .0.verdict, by = .0.by)]
    Decided(Decision),
    /// A refusal without its reason.
    #[error("no reason is given; say why the proposal is declined")]
    NoReason,
}

impl Proposal {
    /// Checks that `decision.by` may decide so.
    ///
    /// # Errors
    /// The author's own confirmation or refusal, another's withdrawal, a second decision, a refusal without a reason.
    pub fn check(&self, decision: &Decision) -> Result<(), NotYours> {
        if let Some(held) = &self.decision {
            return Err(NotYours::Decided(held.clone()));
        }
        let own = self.by == decision.by;
        match decision.verdict {
            Verdict::Confirmed | Verdict::Declined if own => Err(NotYours::Own(self.by.clone())),
            Verdict::Withdrawn if !own => Err(NotYours::Another(self.by.clone())),
            Verdict::Declined if decision.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) => {
                Err(NotYours::NoReason)
            }
            Verdict::Confirmed | Verdict::Declined | Verdict::Withdrawn => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::state::ExclusionReason;
    use crate::domain::time::LocalDay;

    fn proposal(households: usize) -> Proposal {
        let row = |number: usize| Exclusion {
            household: HouseholdCode::new(format!("H{number}")),
            reason: ExclusionReason::Vacant,
            from: LocalDay::from_number(1),
            to: None,
            by: "an".to_owned(),
        };
        Proposal {
            id: "1".to_owned(),
            at: Instant::from_ms(1),
            by: "an".to_owned(),
            reason: "survey".to_owned(),
            proposed: Proposed::Exclusions { rows: (0..households).map(row).collect() },
            decision: None,
        }
    }

    fn decision(verdict: Verdict, by: &str) -> Decision {
        Decision { verdict, at: Instant::from_ms(2), by: by.to_owned(), reason: Some("seen".to_owned()) }
    }

    #[test]
    fn the_eleventh_household_needs_a_second_person() {
        assert!(!proposal(10).proposed.needs_second());
        assert!(proposal(11).proposed.needs_second());
    }

    #[test]
    fn a_household_named_twice_counts_once() {
        let Proposed::Exclusions { mut rows } = proposal(10).proposed else { panic!("exclusions") };
        rows.extend(rows.clone());
        assert!(!Proposed::Exclusions { rows }.needs_second());
    }

    #[test]
    fn the_author_never_is_the_second_person() {
        let proposal = proposal(11);
        assert_eq!(proposal.check(&decision(Verdict::Confirmed, "an")), Err(NotYours::Own("an".to_owned())));
        assert_eq!(proposal.check(&decision(Verdict::Declined, "an")), Err(NotYours::Own("an".to_owned())));
        assert_eq!(proposal.check(&decision(Verdict::Withdrawn, "an")), Ok(()));
        assert_eq!(proposal.check(&decision(Verdict::Confirmed, "binh")), Ok(()));
        assert_eq!(proposal.check(&decision(Verdict::Withdrawn, "binh")), Err(NotYours::Another("an".to_owned())));
    }

    #[test]
    fn a_refusal_says_why_and_a_decision_stays() {
        let mut proposal = proposal(11);
        let silent = Decision { reason: Some(" ".to_owned()), ..decision(Verdict::Declined, "binh") };
        assert_eq!(proposal.check(&silent), Err(NotYours::NoReason));
        let first = decision(Verdict::Declined, "binh");
        proposal.decision = Some(first.clone());
        assert_eq!(proposal.check(&decision(Verdict::Confirmed, "chi")), Err(NotYours::Decided(first)));
    }
}
