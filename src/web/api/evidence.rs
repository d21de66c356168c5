//! What stands behind a household's state on a day, as data.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{log_look, stamp};
use crate::domain::facts::Statement;
use crate::domain::register::Commune;
use crate::domain::sorting::outlook::{Act, Turn};
use crate::domain::sorting::{Fate, Judged, Standing};
use crate::domain::time::LocalDay;
use crate::store::Stated;
use crate::web::ask::{self, Ask};
use crate::web::evidence::{self, Trail};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;

/// Of which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EvidenceAsk {
    /// Day, `YYYY-MM-DD`; the last finished day when left out.
    on: Option<String>,
}

/// A household's state and everything behind it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceOf {
    household: String,
    area: String,
    #[schema(value_type = String, format = Date)]
    on: LocalDay,
    /// `S`, `N`, `U`; null: it is not in the denominator.
    state: Option<&'static str>,
    /// Why undetermined.
    reason: Option<&'static str>,
    /// For S: the weakest of the streams' strongest levels.
    weakest_evidence: Option<&'static str>,
    /// Required streams that are not accounted for.
    missing: Vec<String>,
    /// `counts`, `not_registered`, `excluded` or `new`.
    standing: &'static str,
    rule_version: String,
    /// It has a tag on the day.
    tagged: bool,
    /// A crew opened one of its rounds of late.
    crew_logged: bool,
    /// It could have been seen.
    observable: bool,
    streams: Vec<StreamOf>,
    /// What speaks against it, oldest first.
    contraries: Vec<ContraryOf>,
    /// Everything stated of it by then, what was taken back included, oldest first.
    statements: Vec<StatedOf>,
    /// What would change the state.
    would_change: Vec<TurnOf>,
    /// Its states of the last 180 days.
    history: Vec<SpanOf>,
}

/// A stream of the household.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamOf {
    stream: String,
    required: bool,
    /// The level at which it is accounted for; null: it is not, or need not be.
    accounted: Option<&'static str>,
    declared: bool,
    /// First instant of the window, RFC 3339.
    #[schema(format = DateTime)]
    window_from: String,
    /// Days whose opportunities make the stream observable, and how many do.
    days: i32,
    enough_opportunities: usize,
    /// Rounds of those days that counted, ran unobserved, or were missed, oldest first.
    rounds: Vec<RoundOf>,
    pickups: Vec<PickupBehind>,
    verified: Vec<VerifiedOf>,
    /// Ids of declarations.
    declarations: Vec<String>,
}

/// A round of the household.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoundOf {
    place: String,
    #[schema(value_type = String, format = Date)]
    service_date: LocalDay,
    #[schema(format = DateTime)]
    start: String,
    #[schema(format = DateTime)]
    end: String,
    ran: bool,
    observable: bool,
    crew_opened: bool,
    /// An opportunity of the household.
    counts: bool,
    in_window: bool,
    /// For a round that ran unobserved: its devices; none: the place has none for the stream.
    devices: Vec<WatchOf>,
}

/// How long a device worked within a round.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchOf {
    device: String,
    working_percent: i64,
    enough: bool,
}

/// A pickup behind the state.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickupBehind {
    id: String,
    #[schema(format = DateTime)]
    at: String,
    place: String,
    level: &'static str,
    net_g: Option<i64>,
    below_min: bool,
    in_window: bool,
    /// Id of the finding that contests it.
    contested_by: Option<String>,
    readings: Vec<ReadingBehind>,
}

/// A reading behind a pickup.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingBehind {
    device: String,
    log: String,
    seq: i64,
    /// Null: no longer stored.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// How the time is known.
    grade: Option<&'static str>,
    kind: Option<&'static str>,
    gross_g: Option<i64>,
    tare_g: Option<i64>,
}

/// A verified pathway, or a visit that found sorting.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifiedOf {
    id: String,
    is_pathway: bool,
    #[schema(value_type = String, format = Date)]
    last_day: LocalDay,
    stands: bool,
    voided_by: Option<String>,
}

/// A contrary finding or visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContraryOf {
    id: String,
    /// `open`, `silent`, `answered` or `outweighed`.
    fate: &'static str,
    answered_by: Option<String>,
    /// Ids of pickups that help to close it, and how many rounds close it.
    closing_pickups: Vec<String>,
    enough_rounds: usize,
    #[schema(value_type = String, format = Date)]
    last_day: LocalDay,
}

/// A statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatedOf {
    id: String,
    kind: &'static str,
    #[schema(format = DateTime)]
    at: String,
    by: String,
    stream: Option<String>,
    /// What was found, or how the stream is treated.
    what: String,
    /// Who took it back, and why.
    void: Option<VoidOf>,
}

/// A statement taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoidOf {
    by: String,
    reason: String,
}

/// What would change the state.
#[derive(Debug, Serialize, ToSchema)]
pub struct TurnOf {
    /// `nothing` (time alone), `visit`, `pathways`, `clean`, `pickups` or `not_sorting`.
    act: &'static str,
    streams: Vec<String>,
    /// The day at whose end the state is another.
    #[schema(value_type = String, format = Date)]
    day: LocalDay,
    /// For a single pickup: the last service date on which it does the same.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<LocalDay>,
    state: Option<&'static str>,
    reason: Option<&'static str>,
    /// Streams that are no longer accounted for then.
    lapsed: Vec<String>,
}

/// A state over some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpanOf {
    #[schema(value_type = String, format = Date)]
    from: LocalDay,
    /// Null: it holds still.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<LocalDay>,
    state: &'static str,
    reason: Option<&'static str>,
}

/// A household's state on a day with everything behind it. Each look is logged.
#[utoipa::path(get, path = "/api/v1/households/{code}/evidence", tag = "households", params(EvidenceAsk,
    ("code" = String, Path, description = "The household's code")),
    responses((status = 200, body = EvidenceOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn evidence(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Ask(asked): Ask<EvidenceAsk>,
) -> Result<Json<EvidenceOf>, Problem> {
    let on = day_of(&site, &asked.on).await?;
    let found = evidence::household(&site, &who, &code, on)?;
    log_look(&site, &who, "evidence", format!("household={} on={on}", found.0)).await?;
    let trail = evidence::trail(&site, found, on).await?;
    Ok(Json(told(&read::commune(&site), &trail)))
}

/// Gives the day that is asked for: one whose states are computed, the last finished one when none is named.
pub async fn day_of(site: &Site, asked: &Option<String>) -> Result<LocalDay, Problem> {
    let through = site.web.store.computed_through().await?;
    match (ask::day("on", asked)?, through) {
        (Some(on), Some(through)) if on > through => {
            Err(Problem::bad_value(format!("parameter `on`: {on} has not come yet; the last day is {through}")))
        }
        (Some(on), _) => Ok(on),
        (None, _) => Ok(read::last_finished(site).await?.unwrap_or_else(|| read::today(site) - 1)),
    }
}

fn verdict(judged: Option<&Judged>) -> (Option<&'static str>, Option<&'static str>) {
    let state = judged.map(|judged| judged.state);
    (state.map(|state| state.state.as_str()), state.and_then(|state| state.reason).map(|reason| reason.as_str()))
}

fn told(commune: &Commune, trail: &Trail) -> EvidenceOf {
    let why = &trail.explanation;
    let id = |at: usize| trail.held[at].operation.id.clone();
    let (state, reason) = verdict(why.judged.as_ref());
    let mut statements: Vec<&Stated> = trail.held.iter().chain(&trail.void).collect();
    statements.retain(|stated| commune.zone.day_of(stated.operation.statement.at(&commune.zone)) <= why.day);
    statements.sort_by_key(|stated| stated.operation.statement.at(&commune.zone));
    EvidenceOf {
        household: trail.household.to_string(),
        area: trail.area.to_string(),
        on: why.day,
        state,
        reason,
        weakest_evidence: why.judged.and_then(|judged| judged.state.weakest).map(|level| level.as_str()),
        missing: why
            .judged
            .map(|judged| judged.missing.codes(commune).iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        standing: match why.standing {
            Standing::Counts => "counts",
            Standing::NotRegistered => "not_registered",
            Standing::Excluded { .. } => "excluded",
            Standing::New { .. } => "new",
        },
        rule_version: why.rule_version.clone(),
        tagged: why.tagged,
        crew_logged: why.crew_logged,
        observable: why.observable,
        streams: (0..why.streams.len()).map(|at| stream(commune, trail, at)).collect(),
        contraries: why
            .contraries
            .iter()
            .map(|story| ContraryOf {
                id: id(story.operation),
                fate: match story.fate {
                    Fate::NotYet | Fate::Open => "open",
                    Fate::Silent => "silent",
                    Fate::Answered(_) => "answered",
                    Fate::Outweighed => "outweighed",
                },
                answered_by: match story.fate {
                    Fate::Answered(by) => Some(id(by)),
                    Fate::NotYet | Fate::Open | Fate::Silent | Fate::Outweighed => None,
                },
                closing_pickups: story.closing.iter().map(|at| trail.pickups[*at].id.clone()).collect(),
                enough_rounds: story.enough,
                last_day: story.last_day,
            })
            .collect(),
        statements: statements.into_iter().map(|stated| statement(commune, stated)).collect(),
        would_change: trail.turns.iter().map(turn).collect(),
        history: trail
            .spans
            .iter()
            .map(|span| SpanOf {
                from: span.from,
                to: span.to,
                state: span.state.state.as_str(),
                reason: span.state.reason.map(|reason| reason.as_str()),
            })
            .collect(),
    }
}

fn stream(commune: &Commune, trail: &Trail, at: usize) -> StreamOf {
    let story = &trail.explanation.streams[at];
    let zone = &commune.zone;
    let id = |at: usize| trail.held[at].operation.id.clone();
    StreamOf {
        stream: story.stream.to_string(),
        required: story.required,
        accounted: story.accounted.map(|level| level.as_str()),
        declared: story.declared,
        window_from: stamp(zone, story.window_from),
        days: story.days,
        enough_opportunities: story.enough,
        rounds: trail
            .rounds_of(story)
            .map(|(round, outcome, counted)| RoundOf {
                place: outcome.round.place.to_string(),
                service_date: outcome.round.service_date,
                start: stamp(zone, outcome.round.start),
                end: stamp(zone, outcome.round.end),
                ran: outcome.ran,
                observable: outcome.observable,
                crew_opened: outcome.crew_opened,
                counts: counted.is_some(),
                in_window: counted.is_some_and(|counted| counted.in_window),
                devices: trail
                    .watches
                    .get(&round)
                    .into_iter()
                    .flatten()
                    .map(|watch| WatchOf {
                        device: watch.device.to_string(),
                        working_percent: watch.percent,
                        enough: watch.enough,
                    })
                    .collect(),
            })
            .collect(),
        pickups: story
            .pickups
            .iter()
            .map(|of| {
                let pickup = &trail.pickups[of.pickup];
                PickupBehind {
                    id: pickup.id.clone(),
                    at: stamp(zone, pickup.time),
                    place: pickup.place.to_string(),
                    level: of.level.as_str(),
                    net_g: pickup.net_g,
                    below_min: pickup.below_min,
                    in_window: of.in_window,
                    contested_by: of.contested_by.map(id),
                    readings: pickup.readings.iter().map(|event| reading(commune, trail, event)).collect(),
                }
            })
            .collect(),
        verified: story
            .verified
            .iter()
            .map(|of| VerifiedOf {
                id: id(of.operation),
                is_pathway: of.is_pathway,
                last_day: of.last_day,
                stands: of.stands_on(trail.explanation.day),
                voided_by: of.voided_by.map(id),
            })
            .collect(),
        declarations: story.declarations.iter().map(|at| id(*at)).collect(),
    }
}

fn reading(commune: &Commune, trail: &Trail, event: &crate::domain::ids::EventId) -> ReadingBehind {
    let stored = trail.readings.get(event);
    let masses = stored.and_then(|stored| stored.reading.event.masses_g());
    ReadingBehind {
        device: event.device.to_string(),
        log: event.log.to_string(),
        seq: event.seq,
        at: stored.map(|stored| stamp(&commune.zone, stored.time)),
        grade: stored.map(|stored| stored.grade.as_str()),
        kind: stored.map(|stored| stored.reading.event.kind()),
        gross_g: masses.map(|(gross_g, _)| gross_g),
        tare_g: masses.map(|(_, tare_g)| tare_g),
    }
}

fn statement(commune: &Commune, stated: &Stated) -> StatedOf {
    let operation = &stated.operation;
    let (stream, what) = match &operation.statement {
        Statement::Visit { stream, result, .. } => (stream.clone(), result.to_string()),
        Statement::Pathway { stream, pathway, level, .. } => (Some(stream.clone()), format!("{pathway} {level}")),
        Statement::Finding { stream, finding, .. } => (stream.clone(), finding.to_string()),
        Statement::Pickup { stream, result, .. } => (Some(stream.clone()), result.to_string()),
        Statement::Report { report, .. } => (None, report.to_string()),
        Statement::Attempt { outcome, .. } => (None, outcome.to_string()),
        Statement::Round { .. } | Statement::Void { .. } | Statement::Ticket { .. } => (None, String::new()),
    };
    let void = stated.void.as_ref().map(|void| VoidOf {
        by: void.by.clone(),
        reason: void.statement.void_reason().unwrap_or_default().to_owned(),
    });
    StatedOf {
        id: operation.id.clone(),
        kind: operation.statement.kind(),
        at: stamp(&commune.zone, operation.statement.at(&commune.zone)),
        by: operation.by.clone(),
        stream: stream.map(|stream| stream.to_string()),
        what,
        void,
    }
}

fn turn(turn: &Turn) -> TurnOf {
    let (act, streams): (&'static str, Vec<String>) = match &turn.act {
        Act::Nothing => ("nothing", Vec::new()),
        Act::Visit => ("visit", Vec::new()),
        Act::Pathways(streams) => ("pathways", streams.iter().map(ToString::to_string).collect()),
        Act::Clean(stream) => ("clean", stream.iter().map(ToString::to_string).collect()),
        Act::Pickups(rounds) => ("pickups", rounds.iter().map(|round| round.stream.to_string()).collect()),
        Act::NotSorting => ("not_sorting", Vec::new()),
    };
    let (state, reason) = verdict(turn.becomes.as_ref());
    let lapsed = turn.lapsed.iter().map(ToString::to_string).collect();
    TurnOf { act, streams, day: turn.day, until: turn.until, state, reason, lapsed }
}
