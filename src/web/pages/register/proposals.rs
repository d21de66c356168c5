//! Acts that wait for a second person.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::cells::{file_cells, sheet};
use super::{Filled, account, frame, shown};
use crate::changes::{self, ChangeError};
use crate::domain::facts::Operation;
use crate::domain::proposal::{Decision, NotYours, Proposal, Proposed, Verdict};
use crate::domain::register::Row;
use crate::domain::time::Zone;
use crate::imports::Kind;
use crate::store::Seen;
use crate::web::api::log_look;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::Scope;
use crate::web::texts::{RegisterTexts, flaw};
use crate::web::views::register::{ProposalLine, ProposalPage, Proposals, Sheet};

/// Decided proposals on the page.
const DECIDED: i64 = 50;

fn line(proposal: &Proposal, zone: &Zone, lang: Lang, r: &'static RegisterTexts) -> ProposalLine {
    let households = i64::try_from(proposal.proposed.households().len()).unwrap_or(i64::MAX);
    ProposalLine {
        id: crate::web::sign_in::encoded(&proposal.id),
        what: match proposal.proposed {
            Proposed::Exclusions { .. } => r.proposed[0],
            Proposed::Statements { .. } => r.proposed[1],
            Proposed::Endings { .. } => r.proposed[2],
        },
        households: lang.count(households),
        reason: proposal.reason.clone(),
        proposed: (r.proposed_by)(&proposal.by, &lang.moment(zone, proposal.at)),
        outcome: proposal.decision.as_ref().map_or_else(
            || r.waiting.to_owned(),
            |decision| (r.decided_by)(r.verdict(decision.verdict), &decision.by, &lang.moment(zone, decision.at)),
        ),
    }
}

/// Lists what waits, and what was decided of late.
pub async fn proposals(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.proposals.to_owned();
    let zone = read::commune(&site).zone.clone();
    let (scope, register) = (Scope::of(&who)?, site.web.register.borrow().clone());
    let lines = |proposals: Vec<Proposal>| {
        let own = proposals.iter().filter(|of| scope.admits_proposal(&register, of));
        own.map(|of| line(of, &zone, lang, r)).collect()
    };
    let waiting = lines(site.web.store.proposals_waiting().await?);
    let decided = lines(site.web.store.proposals_decided(DECIDED).await?);
    shown(&Proposals { frame, r, waiting, decided })
}

/// Shows one proposal with everything that it would record.
pub async fn proposal(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    drawn(&site, &who, &id, (&headers, &uri), String::new(), String::new()).await
}

async fn drawn(
    site: &Site,
    who: &Who,
    id: &str,
    (headers, uri): (&HeaderMap, &Uri),
    refusal: String,
    typed: String,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.proposals.to_owned();
    let zone = read::commune(site).zone.clone();
    let proposal = found(site, who, id).await?;
    let households: Vec<_> = proposal.proposed.households().into_iter().cloned().collect();
    let count = households.len();
    log_look(site, who, "proposal", Seen::list(format!("proposal={id}"), households, count)).await?;
    let view = ProposalPage {
        line: line(&proposal, &zone, lang, r),
        decision_reason: proposal.decision.as_ref().and_then(|of| of.reason.clone()).unwrap_or_default(),
        waits: proposal.decision.is_none(),
        own: account(who)?.name == proposal.by,
        refusal,
        typed,
        sheets: sheets(&proposal, &zone, lang, r),
        frame,
        r,
    };
    shown(&view)
}

/// Finds a proposal all of whose households lie in the account's hamlets.
async fn found(site: &Site, who: &Who, id: &str) -> Result<Proposal, Problem> {
    let proposal = site.web.store.proposal(id).await?;
    let proposal = proposal.ok_or_else(|| Problem::not_found(ChangeError::NoProposal(id.to_owned()).to_string()))?;
    if Scope::of(who)?.admits_proposal(&site.web.register.borrow(), &proposal) {
        return Ok(proposal);
    }
    Err(Problem::forbidden(format!("proposal `{id}` speaks of households outside the account's hamlets")))
}

fn sheets(proposal: &Proposal, zone: &Zone, lang: Lang, r: &'static RegisterTexts) -> Vec<Sheet> {
    let (rows, operations): (Vec<Row>, Vec<Operation>) = match &proposal.proposed {
        Proposed::Exclusions { rows } => (rows.iter().cloned().map(Row::Exclusion).collect(), Vec::new()),
        Proposed::Endings { rows } => (rows.iter().cloned().map(Row::Household).collect(), Vec::new()),
        Proposed::Statements { rows } => {
            let operation = |stated: &crate::domain::proposal::Stated| Operation {
                id: stated.id.clone(),
                recorded: proposal.at,
                by: stated.by.clone(),
                statement: stated.statement.clone(),
            };
            (Vec::new(), rows.iter().map(operation).collect())
        }
    };
    let kinds = [
        (Kind::Exclusions, r.proposed[0]),
        (Kind::Households, r.proposed[2]),
        (Kind::Visits, r.proposed[1]),
        (Kind::Pathways, r.column("pathway")),
        (Kind::Findings, r.column("finding")),
    ];
    kinds
        .into_iter()
        .map(|(kind, caption)| sheet(kind, caption, file_cells(kind, &rows, &operations, &[], zone), lang, r))
        .filter(|sheet| !sheet.rows.is_empty())
        .collect()
}

/// Tells in the reader's words why a decision was not taken.
fn refusal_of(error: &ChangeError, zone: &Zone, lang: Lang, r: &'static RegisterTexts) -> String {
    match error {
        ChangeError::NotYours(NotYours::Own(_)) => r.decide_own.to_owned(),
        ChangeError::NotYours(NotYours::Another(by)) => (r.decide_another)(by),
        ChangeError::NotYours(NotYours::Decided(before)) => {
            (r.decided_by)(r.verdict(before.verdict), &before.by, &lang.moment(zone, before.at))
        }
        ChangeError::NotYours(NotYours::NoReason) => r.decide_no_reason.to_owned(),
        ChangeError::Refused(error) => {
            let faults = error.faults.iter().map(|fault| format!("{}: {}", fault.value, flaw(&fault.flaw, lang, r)));
            format!("{} {}", r.decide_refused, faults.collect::<Vec<_>>().join("; "))
        }
        ChangeError::Busy => r.busy.to_owned(),
        ChangeError::Store(_) | ChangeError::NoProposal(_) => error.to_string(),
    }
}

/// Confirms, declines or withdraws a proposal and leads back to it.
pub async fn decide(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    filled: Filled,
) -> Result<Response, Problem> {
    let word = filled.field("verdict");
    let verdict = Verdict::from_word(word).ok_or_else(|| {
        Problem::bad_value(format!("field `verdict`: unknown `{word}`; use confirmed, declined or withdrawn"))
    })?;
    found(&site, &who, &id).await?;
    let reason = Some(filled.field("reason").to_owned()).filter(|reason| !reason.is_empty());
    let by = account(&who)?.name.clone();
    let decision = Decision { verdict, at: site.web.clock.now(), by, reason: reason.clone() };
    let commune = read::commune(&site);
    match changes::decide(&site.web.store, &commune, &id, decision).await {
        Ok(_) => {
            Ok(Redirect::to(&format!("/register/proposals/{}", crate::web::sign_in::encoded(&id))).into_response())
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
        Err(error @ ChangeError::NoProposal(_)) => Err(Problem::not_found(error.to_string())),
        Err(error @ (ChangeError::Refused(_) | ChangeError::NotYours(_) | ChangeError::Busy)) => {
            let typed = reason.unwrap_or_default();
            let (lang, t) = crate::web::pages::words(&headers, &uri);
            let refusal = refusal_of(&error, &commune.zone, lang, t.register);
            let page = drawn(&site, &who, &id, (&headers, &uri), refusal, typed).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}
