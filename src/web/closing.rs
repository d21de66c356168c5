//! Closing a month and revising a closed one: what must hold before it is frozen, and the freezing.
//!
//! # Why
//! Figures are read while nobody renews them (the turn is taken) and nothing that reaches the month waits to be computed: what is frozen
//! is one state of the facts, not a mixture of two. Whoever closes may name the hash of the figures that they looked at; when
//! the figures moved since, nothing is closed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api::stamp;
use super::figures::scales;
use super::guard::Site;
use super::problem::Problem;
use super::read;
use crate::domain::ids::AreaCode;
use crate::domain::month::Month;
use crate::domain::time::LocalDay;
use crate::indicators::month::{FigureChange, MonthFigures, differences};
use crate::indicators::standing::{Listed, Moves, read_list, write_list};
use crate::store::{
    ListNamed, MONTH_FORMAT, MonthReport, StoreError, StoredReport, Turn, figures_sha256, move_lines, sha256,
};

/// Within so many days of the month's end much data may still be under way: closing warns.
pub const EARLY_DAYS: i32 = 30;
/// How often, and how long between, the turn is asked for: ten seconds in all.
const TURN_TRIES: u32 = 100;
const TURN_PAUSE: Duration = Duration::from_millis(100);
/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 5..=500;
/// The definition that the share follows, an anchor of `/definitions`.
const DEFINITION: &str = "sorting-share";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The month.
    pub month: Month,
    /// Closing within 30 days of the month's end is meant.
    pub confirm_early: bool,
    /// Why a closed month is revised.
    pub reason: Option<String>,
    /// Hash of the figures that were looked at. `None`: whatever they are.
    pub figures_sha256: Option<String>,
    /// Who closes.
    pub by: String,
}

/// Why a month is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its last day is not over, or not computed.
    NotOver,
    /// No household counts at its end.
    Empty,
    /// Figures that reach it are being computed.
    Computing,
    /// It ended less than 30 days ago, and that was not confirmed. Days since then.
    Early(i32),
    /// The figures are not those that were looked at.
    Moved,
    /// It is closed, and nothing differs.
    Same,
    /// A revision needs a reason.
    Reason,
    /// Another closed it meanwhile.
    Taken,
}

impl Refusal {
    /// Tells a program.
    pub fn problem(&self, month: Month) -> Problem {
        match self {
            Self::NotOver => Problem::unusable(format!("{month} is not over, or its last day is not computed yet")),
            Self::Empty => {
                Problem::unusable(format!("no household counts at the end of {month}; there is nothing to close"))
            }
            Self::Computing => {
                Problem::taken(format!("figures that reach {month} are being computed; try again in a moment"))
            }
            Self::Early(days) => Problem::unusable(format!(
                "{month} ended {days} days ago, and data may come for {EARLY_DAYS} days; close it later, or send `confirm_early: true`"
            )),
            Self::Moved => Problem::taken(format!(
                "the figures of {month} are not those of `figures_sha256` any more; read them again"
            )),
            Self::Same => Problem::taken(format!("{month} is closed and nothing differs from what was signed")),
            Self::Reason => Problem::unusable(format!(
                "{month} is closed; a revision needs a `reason` of {} to {} characters",
                REASON.start(),
                REASON.end()
            )),
            Self::Taken => Problem::taken(format!("{month} was closed by another meanwhile; look at it again")),
        }
    }
}

/// Gives the names of the hamlets.
pub fn area_names(site: &Site) -> BTreeMap<AreaCode, String> {
    let register = site.web.register.borrow();
    register.areas.values().map(|area| (area.code.clone(), area.name.clone())).collect()
}

/// Gives a month's figures as they are now.
pub async fn figures_now(site: &Site, month: Month) -> Result<MonthFigures, StoreError> {
    let register = site.web.register.borrow().clone();
    let scales = |area: Option<&AreaCode>| scales(&register, area, month.last_day());
    site.web.store.figures_of_month(month, &read::commune(site), &area_names(site), scales).await
}

/// What differs between a signed report and the figures of now.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Figures.
    pub changes: Vec<FigureChange>,
    /// Households whose state is another.
    pub moves: Moves,
}

impl Difference {
    /// Tells whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.moves.0.is_empty()
    }
}

/// Compares a signed report with figures and states of now.
pub async fn difference(
    site: &Site,
    signed: &StoredReport,
    figures: &MonthFigures,
    listed: &[Listed],
) -> Result<Difference, Problem> {
    let report = signed.report()?;
    let states = site.web.store.month_states(signed.month, signed.revision).await?.unwrap_or_default();
    let before = read_list(&states).map_err(|line| {
        Problem::internal("reading a closed month's list", &std::io::Error::other(format!("line `{line}`")))
    })?;
    Ok(Difference { changes: differences(&report.figures, figures), moves: Moves::between(&before, listed) })
}

/// Tells whether a month's last day is over and computed.
pub fn is_over(month: Month, last_finished: Option<LocalDay>) -> bool {
    last_finished.is_some_and(|day| month.last_day() <= day)
}

/// Gives how many days ago a month ended, when that is fewer than data may take. `None`: long enough ago.
pub fn early(site: &Site, month: Month) -> Option<i32> {
    Some(read::today(site) - month.last_day()).filter(|days| *days <= EARLY_DAYS)
}

async fn take_turn(site: &Site) -> Result<Option<Turn>, StoreError> {
    for _ in 0..TURN_TRIES {
        if let Some(turn) = site.web.store.take_turn().await? {
            return Ok(Some(turn));
        }
        tokio::time::sleep(TURN_PAUSE).await;
    }
    Ok(None)
}

/// Closes a month, or revises a closed one, and gives what was signed.
pub async fn close(site: &Site, asked: &Closing) -> Result<Result<StoredReport, Refusal>, Problem> {
    if !is_over(asked.month, read::last_finished(site).await?) {
        return Ok(Err(Refusal::NotOver));
    }
    let Some(turn) = take_turn(site).await? else { return Ok(Err(Refusal::Computing)) };
    let closed = freeze(site, asked).await;
    turn.give_back().await?;
    if matches!(closed, Ok(Ok(_))) {
        // Nobody watching is no fault.
        let _ = site.web.live.send(super::Live::Figures);
    }
    closed
}

async fn freeze(site: &Site, asked: &Closing) -> Result<Result<StoredReport, Refusal>, Problem> {
    let store = &site.web.store;
    let month = asked.month;
    if store.stale_through(month.last_day()).await? > 0 {
        return Ok(Err(Refusal::Computing));
    }
    let before = store.month_report(month, None).await?;
    let figures = figures_now(site, month).await?;
    if figures.commune.counts().eligible == 0 {
        return Ok(Err(Refusal::Empty));
    }
    if asked.figures_sha256.as_ref().is_some_and(|seen| *seen != figures_sha256(&figures)) {
        return Ok(Err(Refusal::Moved));
    }
    let listed = store.list_on(month.last_day()).await?;
    let early = early(site, month);
    let reason = asked.reason.as_deref().map(str::trim).filter(|reason| REASON.contains(&reason.chars().count()));
    let difference = match &before {
        Some(before) => {
            let difference = difference(site, before, &figures, &listed).await?;
            if difference.is_empty() {
                return Ok(Err(Refusal::Same));
            }
            if reason.is_none() {
                return Ok(Err(Refusal::Reason));
            }
            difference
        }
        None => Difference::default(),
    };
    if let Some(days) = early.filter(|_| !asked.confirm_early) {
        return Ok(Err(Refusal::Early(days)));
    }
    let commune = read::commune(site);
    let now = site.web.clock.now();
    let states = write_list(&listed);
    let report = MonthReport {
        format: MONTH_FORMAT.to_owned(),
        commune_code: commune.code.clone(),
        commune_name: commune.name.clone(),
        simulated: commune.simulated,
        month,
        revision: before.as_ref().map_or(0, |before| before.revision) + 1,
        previous_sha256: before.as_ref().map(|before| before.sha256.clone()),
        definition: DEFINITION.to_owned(),
        closed_at: stamp(&commune.zone, now),
        closed_by: asked.by.clone(),
        early: early.is_some(),
        reason: before.as_ref().and(reason).map(str::to_owned),
        data_until: read::cut_off(site).await?.map(|at| stamp(&commune.zone, at)),
        rule: serde_json::to_value(commune.rules_on(month.last_day())).expect("a rule is text and numbers"),
        register_version: store.setting("register_version").await?,
        figures,
        households: ListNamed { count: i64::try_from(listed.len()).unwrap_or(i64::MAX), sha256: sha256(&states) },
        changes: difference.changes,
        moves: move_lines(&difference.moves),
    };
    if !store.record_month_report(&report, &states, now).await? {
        return Ok(Err(Refusal::Taken));
    }
    match store.month_report(month, Some(report.revision)).await? {
        Some(stored) => Ok(Ok(stored)),
        None => Ok(Err(Refusal::Taken)),
    }
}
