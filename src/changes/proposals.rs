//! From a proposal to what it records.

use super::{ATTEMPTS, Act, ChangeError, Known, record, streams};
use crate::domain::facts::Operation;
use crate::domain::proposal::{Decision, Proposal, Proposed, Verdict};
use crate::domain::register::{Commune, Row};
use crate::imports::{self, Exported, ImportError, Kind};
use crate::store::{Recorded, Store, StoreError};

/// Keeps a proposal until a second person decides. Gives `false` when another one has its id, which stays.
///
/// # Errors
/// The database's.
pub async fn propose(store: &Store, proposal: &Proposal) -> Result<bool, StoreError> {
    if store.propose(proposal).await? {
        return Ok(true);
    }
    let held = store.proposal(&proposal.id).await?;
    Ok(held.is_some_and(|held| (&held.by, &held.proposed) == (&proposal.by, &proposal.proposed)))
}

/// Decides about a proposal; a confirmation records in the same transaction what was proposed. Gives the proposal as it stands then.
///
/// # Errors
/// An unknown proposal, somebody who may not decide so, exclusions that do not fit the register any more, the database's.
pub async fn decide(store: &Store, commune: &Commune, id: &str, decision: Decision) -> Result<Proposal, ChangeError> {
    for _ in 0..ATTEMPTS {
        let proposal = store.proposal(id).await?.ok_or_else(|| ChangeError::NoProposal(id.to_owned()))?;
        proposal.check(&decision)?;
        let done = match decision.verdict {
            Verdict::Confirmed => confirm(store, commune, &proposal, &decision).await?,
            // A decision that came first is told at the next attempt.
            Verdict::Declined | Verdict::Withdrawn => store.decide(id, &decision).await?,
        };
        if done {
            return Ok(Proposal { decision: Some(decision), ..proposal });
        }
    }
    Err(ChangeError::Busy)
}

async fn confirm(
    store: &Store,
    commune: &Commune,
    proposal: &Proposal,
    decision: &Decision,
) -> Result<bool, ChangeError> {
    let known = Known::read(store, commune).await?;
    let mut rows = Vec::new();
    let mut operations = Vec::new();
    match &proposal.proposed {
        Proposed::Exclusions { rows: proposed } => {
            let proposed: Vec<Row> = proposed.iter().cloned().map(Row::Exclusion).collect();
            rows = checked(&known, commune, (Kind::Exclusions, &proposed), decision)?;
        }
        Proposed::Endings { rows: proposed } => {
            let proposed: Vec<Row> = proposed.iter().cloned().map(Row::Household).collect();
            rows = checked(&known, commune, (Kind::Households, &proposed), decision)?;
        }
        Proposed::Statements { rows: stated } => {
            operations.extend(stated.iter().map(|stated| Operation {
                id: stated.id.clone(),
                recorded: decision.at,
                by: stated.by.clone(),
                statement: stated.statement.clone(),
            }));
        }
    }
    let act = Act {
        rows: &known.news(rows),
        people: &[],
        operations: &operations,
        now: decision.at,
        by: &proposal.by,
        reason: Some(&proposal.reason),
        confirms: Some((&proposal.id, decision)),
    };
    Ok(matches!(record(store, commune, &known, act).await?, Recorded::Done { .. }))
}

/// Checks rows against the register of now, which may have changed since they were proposed, by the rules of the imports.
fn checked(
    known: &Known,
    commune: &Commune,
    (kind, rows): (Kind, &[Row]),
    decision: &Decision,
) -> Result<Vec<Row>, ImportError> {
    let exported = Exported { rows, ..Exported::default() };
    let streams = streams(commune);
    let context = known.context(commune, &streams, decision.at);
    let cells = imports::cells_of(kind, &exported, &commune.zone);
    Ok(imports::parse_cells(kind, cells, &context)?.rows)
}
