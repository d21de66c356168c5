//! Proposals: acts over many households that wait for a second person, and what became of them.

use super::{Store, StoreError, json, reading, unreadable, writing};
use crate::domain::proposal::{Decision, Proposal, Verdict};
use crate::domain::time::Instant;

pub(super) const DECIDE: &str = "insert into proposal_decision (proposal, verdict, decided_ms, decided_by, reason) \
                                 values ($1, $2, $3, $4, $5) on conflict (proposal) do nothing";
const PROPOSAL: &str = "select p.id, p.reason, p.proposed_ms, p.proposed_by, p.body, d.verdict, d.decided_ms, d.decided_by, \
                        d.reason as decision_reason from proposal as p left join proposal_decision as d on d.proposal = p.id";

#[derive(sqlx::FromRow)]
struct StoredProposal {
    id: String,
    reason: String,
    proposed_ms: i64,
    proposed_by: String,
    body: String,
    verdict: Option<String>,
    decided_ms: Option<i64>,
    decided_by: Option<String>,
    decision_reason: Option<String>,
}

impl StoredProposal {
    fn into_proposal(self) -> Result<Proposal, StoreError> {
        let proposed = serde_json::from_str(&self.body).map_err(|why| unreadable("proposal", &self.body, why))?;
        let decision = match (self.verdict, self.decided_ms, self.decided_by) {
            (Some(word), Some(ms), Some(by)) => {
                let verdict = Verdict::from_word(&word).ok_or_else(|| unreadable("verdict", &word, "unknown word"))?;
                Some(Decision { verdict, at: Instant::from_ms(ms), by, reason: self.decision_reason })
            }
            (_, _, _) => None,
        };
        let at = Instant::from_ms(self.proposed_ms);
        Ok(Proposal { id: self.id, at, by: self.proposed_by, reason: self.reason, proposed, decision })
    }
}

impl Store {
    /// Keeps a proposal until somebody decides. Gives `false` when one of its id is kept already; the first stays.
    pub async fn propose(&self, proposal: &Proposal) -> Result<bool, StoreError> {
        let households = i64::try_from(proposal.proposed.households().len()).unwrap_or(i64::MAX);
        let kept = writing!(self, tx => {
            sqlx::query(
                "insert into proposal (id, kind, reason, households, proposed_ms, proposed_by, body) \
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
            )
            .bind(&proposal.id).bind(proposal.proposed.kind()).bind(&proposal.reason).bind(households)
            .bind(proposal.at.ms()).bind(&proposal.by).bind(json(&proposal.proposed))
            .execute(&mut *tx).await?.rows_affected()
        });
        Ok(kept > 0)
    }

    /// Gives a proposal with what became of it.
    pub async fn proposal(&self, id: &str) -> Result<Option<Proposal>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{PROPOSAL} where p.id = $1"));
        let row: Option<StoredProposal> =
            reading!(self, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
        row.map(StoredProposal::into_proposal).transpose()
    }

    /// Gives the proposals that wait, oldest first.
    pub async fn proposals_waiting(&self) -> Result<Vec<Proposal>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{PROPOSAL} where d.proposal is null order by p.proposed_ms, p.id"));
        let rows: Vec<StoredProposal> = reading!(self, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        rows.into_iter().map(StoredProposal::into_proposal).collect()
    }

    /// Gives the proposals that were decided, latest decision first, at most `limit`.
    pub async fn proposals_decided(&self, limit: i64) -> Result<Vec<Proposal>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{PROPOSAL} where d.proposal is not null order by d.decided_ms desc, p.id limit $1"
        ));
        let rows: Vec<StoredProposal> = reading!(self, pool => sqlx::query_as(sql).bind(limit).fetch_all(pool).await?);
        rows.into_iter().map(StoredProposal::into_proposal).collect()
    }

    /// Keeps a refusal or a withdrawal. A confirmation comes with what it records: [`Store::change_register`]. Gives `false` when
    /// somebody decided before; the first decision stays.
    pub async fn decide(&self, proposal: &str, decision: &Decision) -> Result<bool, StoreError> {
        let kept = writing!(self, tx => {
            sqlx::query(DECIDE)
                .bind(proposal).bind(decision.verdict.as_str()).bind(decision.at.ms()).bind(&decision.by)
                .bind(&decision.reason).execute(&mut *tx).await?.rows_affected()
        });
        Ok(kept > 0)
    }
}
