//! From a proposal to what it records.

use super::{ATTEMPTS, Act, ChangeError, Known, record, streams};
use crate::domain::facts::Operation;
use crate::domain::proposal::{Decision, Proposal, Proposed, Verdict};
use crate::domain::register::{Commune, Exclusion, Row};
use crate::imports::{self, Exported, ImportError, Kind};
use crate::store::{Recorded, Store, StoreError};

/// Keeps a proposal until a second person decides. Gives `false` when one of its id is kept already.
///
/// # Errors
/// The database's.
pub async fn propose(store: &Store, proposal: &Proposal) -> Result<bool, StoreError> {
    store.propose(proposal).await
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
        Proposed::Exclusions { rows: proposed } => rows = checked(&known, commune, proposed, decision)?,
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

/// Checks exclusions against the register of now, which may have changed since they were proposed, by the rules of the imports.
fn checked(
    known: &Known,
    commune: &Commune,
    proposed: &[Exclusion],
    decision: &Decision,
) -> Result<Vec<Row>, ImportError> {
    let rows: Vec<Row> = proposed.iter().cloned().map(Row::Exclusion).collect();
    let exported = Exported { rows: &rows, ..Exported::default() };
    let streams = streams(commune);
    let context = known.context(commune, &streams, decision.at);
    let cells = imports::export_cells(Kind::Exclusions, &exported, &commune.zone);
    Ok(imports::parse_cells(Kind::Exclusions, cells, &context)?.rows)
}
