//! Acts over many households, which one person proposes and a second one confirms.
//!
//! # Why
//! One act that takes a hundred households out of the denominator, or says of a hundred that they sort, moves the headline. It is kept
//! whole, with its reason, until somebody else has looked at it; until then no figure knows of it. Several small acts of one person add
//! up: what was done alone of late counts with what is done now.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::facts::Statement;
use super::ids::HouseholdCode;
use super::register::{Exclusion, Household, Register, Row};
use super::state::{FindingKind, PathwayLevel, word};
use super::time::{Instant, LocalDay};

/// Most households that one person may take out of the denominator within [`ALONE_DAYS`] days, or verify by lists within one day.
pub const ALONE_MAX: usize = 10;
/// Days over which what one person takes out of the denominator adds up.
pub const ALONE_DAYS: i32 = 30;
/// Most households that one person may visit on one day, each visit recorded by itself.
pub const VISITS_A_DAY_MAX: i64 = 60;

impl Statement {
    /// Tells whether it verifies a household or clears it of a contrary finding: a mere declaration never reaches the headline.
    pub const fn verifies(&self) -> bool {
        match self {
            Self::Visit { .. }
            | Self::Pathway { level: PathwayLevel::Verified, .. }
            | Self::Finding { finding: FindingKind::Clean, .. } => true,
            Self::Pathway { level: PathwayLevel::Declared, .. }
            | Self::Finding {
                finding: FindingKind::Mixed | FindingKind::Contaminated | FindingKind::Refused, ..
            }
            | Self::Round { .. }
            | Self::Pickup { .. }
            | Self::Void { .. }
            | Self::Ticket { .. }
            | Self::Attempt { .. }
            | Self::Report { .. } => false,
        }
    }
}

/// Gives the household that a new version of a row takes out of the denominator: a new or longer exclusion, or a registration that ends
/// earlier, with none after it. `before`: the version that it replaces.
pub fn takes_out<'r>(before: Option<&Row>, row: &'r Row, after: &Register) -> Option<&'r HouseholdCode> {
    match (before, row) {
        (Some(Row::Exclusion(before)), Row::Exclusion(row)) => ends_later(row.to, before.to).then_some(&row.household),
        (_, Row::Exclusion(row)) => row.to.is_none_or(|to| to > row.from).then_some(&row.household),
        (Some(Row::Household(before)), Row::Household(row)) => {
            let end = row.valid_to.filter(|_| ends_later(before.valid_to, row.valid_to))?;
            let goes_on = after.households.get(&row.code).is_some_and(|spells| spells.on(end).is_some());
            (!goes_on).then_some(&row.code)
        }
        (_, _) => None,
    }
}

/// Tells whether one end lies after another; none lies after all.
fn ends_later(end: Option<LocalDay>, other: Option<LocalDay>) -> bool {
    match (end, other) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(end), Some(other)) => end > other,
    }
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
    /// Registrations end: households leave the denominator for good.
    Endings {
        /// Each of them, with its end.
        rows: Vec<Household>,
    },
    /// Visits, home pathways and clean findings: households are verified.
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
            Self::Endings { .. } => "endings",
            Self::Statements { .. } => "statements",
        }
    }

    /// Gives the households that it speaks of.
    pub fn households(&self) -> BTreeSet<&HouseholdCode> {
        match self {
            Self::Exclusions { rows } => rows.iter().map(|row| &row.household).collect(),
            Self::Endings { rows } => rows.iter().map(|row| &row.code).collect(),
            Self::Statements { rows } => rows.iter().filter_map(|row| row.statement.household()).collect(),
        }
    }

    /// Tells whether it needs a second person, after what its author did alone of late.
    pub fn needs_second(&self, alone: &BTreeSet<HouseholdCode>) -> bool {
        let households = self.households();
        let all = households.len() + alone.iter().filter(|household| !households.contains(household)).count();
        !households.is_empty() && all > ALONE_MAX
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
    fn the_eleventh_household_needs_a_second_person_in_one_act_or_in_several() {
        let needs = |households: usize, alone: std::ops::Range<usize>| {
            let alone = alone.map(|number| HouseholdCode::new(format!("H{number}"))).collect();
            proposal(households).proposed.needs_second(&alone)
        };
        assert!(!needs(10, 0..0) && needs(11, 0..0));
        assert!(!needs(10, 0..10), "the same act once more");
        assert!(needs(10, 0..11) && needs(1, 1..11) && !needs(1, 1..10));
        assert!(!needs(0, 0..50), "nothing is proposed");
    }

    #[test]
    fn a_household_named_twice_counts_once() {
        let Proposed::Exclusions { mut rows } = proposal(10).proposed else { panic!("exclusions") };
        rows.extend(rows.clone());
        assert!(!Proposed::Exclusions { rows }.needs_second(&BTreeSet::new()));
    }

    #[test]
    fn a_longer_exclusion_and_an_ended_registration_take_a_household_out_and_a_move_does_not() {
        let day = LocalDay::from_number;
        let exclusion = |from: i32, to: Option<i32>| {
            Row::Exclusion(Exclusion {
                household: "H".into(),
                reason: ExclusionReason::Absent,
                from: day(from),
                to: to.map(day),
                by: "an".to_owned(),
            })
        };
        let spell = |from: i32, to: Option<i32>| {
            let (valid_from, valid_to) = (day(from), to.map(day));
            Row::Household(Household {
                code: "H".into(),
                area: "A".into(),
                people: None,
                point: None,
                valid_from,
                valid_to,
            })
        };
        let out = |before: Option<Row>, row: Row, more: Option<Row>| {
            let after = Register::build([Some(row.clone()), more].into_iter().flatten().map(|row| (day(0), row)));
            takes_out(before.as_ref(), &row, &after).is_some()
        };
        assert!(out(None, exclusion(1, None), None) && out(None, exclusion(1, Some(9)), None));
        assert!(!out(None, exclusion(9, Some(9)), None), "it never holds");
        assert!(out(Some(exclusion(1, Some(9))), exclusion(1, Some(10)), None));
        assert!(out(Some(exclusion(1, Some(9))), exclusion(1, None), None));
        assert!(!out(Some(exclusion(1, None)), exclusion(1, Some(9)), None), "it counts again");
        assert!(out(Some(spell(1, None)), spell(1, Some(9)), None));
        assert!(!out(Some(spell(1, None)), spell(1, Some(9)), Some(spell(9, None))), "it moved");
        assert!(!out(Some(spell(1, Some(9))), spell(1, None), None), "it is back");
        assert!(!out(None, spell(1, None), None) && !out(None, spell(1, Some(9)), None));
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
