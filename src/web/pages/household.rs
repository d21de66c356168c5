//! One household: its state on a day, everything behind it, what would change it, and what is recorded of it.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect};
use axum::{Extension, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::households::{VisitForm, attempt_name, class_of, pathway_name, visit_fields};
use super::rounds::{anchor, fate_of, fate_words, why_unobserved};
use super::{frame, place_name, shown};
use crate::domain::facts::Statement;
use crate::domain::ids::{EventId, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::reading::Grade;
use crate::domain::register::Commune;
use crate::domain::sorting::explanation::{PickupStory, StreamStory};
use crate::domain::sorting::outlook::{Act, Turn};
use crate::domain::sorting::{Fate, Judged, Standing};
use crate::domain::state::{ExclusionReason, FindingKind, PathwayLevel, State, VisitResult};
use crate::domain::time::LocalDay;
use crate::store::{Role, RoundFate, Stated};
use crate::web::api::{At, PathwayStated, VoidWritten, day_of, log_look, record_pathways, record_visit, record_void};
use crate::web::ask::{self, Ask};
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::evidence::{self, TIMELINE_DAYS, Trail};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::{encoded, segment};
use crate::web::table::May;
use crate::web::texts::{HouseholdsTexts, Texts};
use crate::web::views::households::{Household, OwnPickup, OwnRound, StatedLine, StreamCard};

/// What the page is asked for.
#[derive(Debug, Deserialize)]
pub struct HouseholdAsk {
    on: Option<String>,
    /// A form was just recorded.
    saved: Option<String>,
}

/// A household's trail with the words to tell it in.
struct Teller<'a> {
    site: &'a Site,
    commune: &'a Commune,
    trail: &'a Trail,
    lang: Lang,
    t: &'static Texts,
    h: &'static HouseholdsTexts,
}

/// Shows one household. Each look is logged.
pub async fn household(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Ask(ask): Ask<HouseholdAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    frame.title = code.clone();
    let on = day_of(&site, &ask.on).await?;
    let found = evidence::household(&site, &who, &code, on)?;
    log_look(&site, &who, "evidence", format!("page household={} on={on}", found.0)).await?;
    let person = site.web.store.person(&found.0).await?;
    let trail = evidence::trail(&site, found, on).await?;
    let commune = read::commune(&site);
    let teller = Teller { site: &site, commune: &commune, trail: &trail, lang, t, h };
    let last = site.web.store.computed_through().await?.unwrap_or(on);
    let address = |on: LocalDay| format!("/households/{}?on={on}", segment(&code));
    let so_far = if on >= read::today(&site) { format!(" ({})", h.so_far) } else { String::new() };
    let who_it_is = person.into_iter().flat_map(|person| [person.head_name, person.address]);
    let (class, state, why) = teller.verdict();
    let view = Household {
        who: who_it_is
            .chain([read::area_name(&site, &trail.area)])
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        on: on.to_string(),
        day: format!("{}{so_far}", (t.end_of_day)(&lang.day(on))),
        earlier: address(on - 1),
        later: if on < last { address(on.next()) } else { String::new() },
        class,
        state,
        why,
        rule_version: trail.explanation.rule_version.clone(),
        saved: ask::given(&ask.saved).is_some(),
        turns: trail.turns.iter().map(|turn| teller.turn(turn)).collect(),
        timeline: teller.timeline(),
        spans: teller.spans(),
        streams: trail.explanation.streams.iter().map(|story| teller.stream(story)).collect(),
        contraries: teller.contraries(),
        statements: teller.statements(&who),
        fields: visit_fields(&site, (lang, t)),
        records: who.may(May::Visit),
        sees_rounds: who.may(May::Rounds),
        now_ms: site.web.clock.now().ms(),
        code,
        h,
        frame,
    };
    shown(&view)
}

/// Says why a household does not count.
pub(super) fn standing_told(t: &Texts, lang: Lang, standing: Standing) -> String {
    let h = t.households_room;
    match standing {
        Standing::NotRegistered | Standing::Counts => h.not_registered.to_owned(),
        Standing::Excluded { reason, from, to } => {
            let to = to.map_or_else(String::new, |to| lang.day(to));
            let reason = match reason {
                ExclusionReason::Absent => h.exclusions[0],
                ExclusionReason::Vacant => h.exclusions[1],
                ExclusionReason::Moved => h.exclusions[2],
                ExclusionReason::NotAHousehold => h.exclusions[3],
            };
            (h.excluded)(reason, &lang.day(from), &to)
        }
        Standing::New { counts_from, opportunities, enough } => {
            (h.new)(&opportunities.to_string(), &enough.to_string(), &lang.day(counts_from))
        }
    }
}

/// Names a finding.
pub(super) const fn finding_name(h: &HouseholdsTexts, finding: FindingKind) -> &'static str {
    match finding {
        FindingKind::Mixed => h.findings[0],
        FindingKind::Contaminated => h.findings[1],
        FindingKind::Refused => h.findings[2],
        FindingKind::Clean => h.findings[3],
    }
}

impl Teller<'_> {
    fn stream_name(&self, code: &StreamCode) -> String {
        stream_name(self.commune, code.as_str(), self.lang, self.t)
    }

    fn names<'s>(&self, streams: impl IntoIterator<Item = &'s StreamCode>) -> String {
        streams.into_iter().map(|code| self.stream_name(code)).collect::<Vec<_>>().join(", ")
    }

    fn day(&self, day: LocalDay) -> String {
        self.lang.day(day)
    }

    /// Gives class, state, and why it is so.
    fn verdict(&self) -> (&'static str, String, String) {
        let why = &self.trail.explanation;
        if let Some(judged) = &why.judged {
            let missing = judged.missing.codes(self.commune);
            let missing = if missing.is_empty() {
                String::new()
            } else {
                format!("{}: {}", self.h.missing, self.names(&missing))
            };
            let level = judged.state.weakest.map_or("", |level| self.t.level_name(level));
            let level = if level.is_empty() { String::new() } else { format!(" · {level}") };
            return (class_of(judged.state.state), format!("{}{level}", self.becomes(Some(judged))), missing);
        }
        ("x", self.h.not_counted.to_owned(), standing_told(self.t, self.lang, why.standing))
    }

    /// Names a verdict: the state with its reason.
    fn becomes(&self, judged: Option<&Judged>) -> String {
        let Some(judged) = judged else { return self.h.not_counted.to_owned() };
        let state = self.t.state_name(judged.state.state);
        judged
            .state
            .reason
            .map_or_else(|| state.to_owned(), |reason| format!("{state}, {}", self.t.reason_name(reason)))
    }

    fn turn(&self, turn: &Turn) -> String {
        let becomes = self.becomes(turn.becomes.as_ref());
        match &turn.act {
            Act::Nothing => (self.h.turn_nothing)(&self.day(turn.day), &becomes, &self.names(&turn.lapsed)),
            Act::Visit => (self.h.turn_visit)(&becomes),
            Act::Pathways(streams) => (self.h.turn_pathways)(&self.names(streams), &becomes),
            Act::Clean(stream) => (self.h.turn_clean)(&self.names(stream), &becomes),
            Act::Pickups(rounds) => match (rounds.as_slice(), turn.until) {
                ([round], Some(until)) => {
                    (self.h.turn_pickup)(&self.stream_name(&round.stream), &self.day(until), &becomes)
                }
                (rounds, _) => {
                    let each = rounds.iter().map(|round| {
                        format!("{} {}", self.stream_name(&round.stream), self.lang.short_day(round.service_date))
                    });
                    (self.h.turn_pickups)(&each.collect::<Vec<_>>().join(", "), &becomes)
                }
            },
            Act::NotSorting => (self.h.turn_not_sorting)(&becomes),
        }
    }

    /// Gives the bars of the timeline, in thousandths of its width so that no two overlap.
    fn timeline(&self) -> Vec<(String, String, &'static str, String)> {
        let last = self.trail.explanation.day;
        let first = last - (TIMELINE_DAYS - 1);
        let percent = |days: i32| format!("{:.3}%", f64::from(days) * 100.0 / f64::from(TIMELINE_DAYS));
        let spans = self.trail.spans.iter();
        spans
            .map(|span| {
                let (from, to) = (span.from.max(first), span.to.unwrap_or(last).min(last));
                let words = format!("{} – {}: {}", self.day(from), self.day(to), self.state_of(span.state));
                (percent(from - first), percent(to - from + 1), class_of(span.state.state), words)
            })
            .collect()
    }

    fn state_of(&self, state: crate::domain::state::DayState) -> String {
        let name = self.t.state_name(state.state);
        state.reason.map_or_else(|| name.to_owned(), |reason| format!("{name}, {}", self.t.reason_name(reason)))
    }

    fn spans(&self) -> Vec<[String; 3]> {
        let row = |span: &crate::store::StateSpan| {
            let to = span.to.map_or_else(|| self.h.still.to_owned(), |to| self.day(to));
            let missing = if span.missing.is_empty() || span.state.state == State::Sorting {
                String::new()
            } else {
                format!(" ({}: {})", self.h.missing.to_lowercase(), self.names(&span.missing))
            };
            [self.day(span.from), to, format!("{}{missing}", self.state_of(span.state))]
        };
        self.trail.spans.iter().rev().map(row).collect()
    }

    fn stream(&self, story: &StreamStory) -> StreamCard {
        let (h, zone) = (self.h, &self.commune.zone);
        let (colour, icon) = stream_mark(self.commune, story.stream.as_str());
        let (class, verdict) = match (story.required, story.accounted, story.declared) {
            (false, _, _) => ("x", h.not_required.to_owned()),
            (true, Some(level), _) => ("s", (h.accounted)(self.t.level_name(level))),
            (true, None, true) => ("u", format!("{}, {}", h.unaccounted, h.declared)),
            (true, None, false) => ("u", h.unaccounted.to_owned()),
        };
        let required = if story.required { format!("{}: {verdict}", h.required) } else { verdict };
        let in_window = story.opportunities.iter().filter(|opportunity| opportunity.in_window).count();
        let window = (h.window)(&self.lang.moment(zone, story.window_from), &in_window.to_string());
        let observed =
            (h.observed)(&story.opportunities.len().to_string(), &story.days.to_string(), &story.enough.to_string());
        let mut rounds: Vec<OwnRound> = self
            .trail
            .rounds_of(story)
            .map(|(at, outcome, counted)| {
                let fate = fate_of(outcome);
                let (class, words) = fate_words(h, fate);
                let why = self.trail.watches.get(&at).map(|watches| why_unobserved(h, watches));
                let fate = match (fate, counted.is_some_and(|counted| counted.in_window), why) {
                    (RoundFate::Counted, false, _) => h.counted_before.to_owned(),
                    (RoundFate::Unobserved, _, Some(why)) => format!("{words}: {why}"),
                    (RoundFate::Missed | RoundFate::Unobserved | RoundFate::Counted, _, _) => words.to_owned(),
                };
                let round = &outcome.round;
                let (place, day) = (encoded(round.place.as_str()), round.service_date);
                OwnRound {
                    when: format!(
                        "{} {} – {}",
                        self.day(day),
                        self.lang.time(zone, round.start),
                        self.lang.time(zone, round.end)
                    ),
                    place: place_name(self.site, &round.place),
                    href: format!("/rounds?from={day}&to={day}&place={place}#{}", encoded(&anchor(outcome))),
                    class,
                    fate,
                }
            })
            .collect();
        rounds.reverse();
        StreamCard {
            name: self.stream_name(&story.stream),
            colour,
            icon,
            class,
            verdict: required,
            window: format!("{window} {observed}"),
            rounds,
            pickups: story.pickups.iter().rev().map(|of| self.pickup(of)).collect(),
            verified: self.verified(story),
        }
    }

    fn pickup(&self, of: &PickupStory) -> OwnPickup {
        let (h, zone) = (self.h, &self.commune.zone);
        let pickup: &Pickup = &self.trail.pickups[of.pickup];
        let weight = pickup.net_g.map_or_else(|| self.t.no_weight.to_owned(), |net_g| self.lang.kilograms(net_g));
        let light = if pickup.below_min { format!(" ({})", h.below_min) } else { String::new() };
        let counts = match of.contested_by {
            Some(by) => (h.contested)(&self.stated(by)),
            None if of.in_window => h.counts_yes.to_owned(),
            None => h.out_of_window.to_owned(),
        };
        OwnPickup {
            when: self.lang.moment(zone, pickup.time),
            place: place_name(self.site, &pickup.place),
            weight: format!("{weight}{light}"),
            level: self.t.level_name(of.level),
            counts,
            summary: (h.readings)(&pickup.readings.len().to_string()),
            readings: pickup.readings.iter().map(|event| self.reading(event)).collect(),
        }
    }

    fn reading(&self, event: &EventId) -> [String; 5] {
        let (device, number) = (event.device.to_string(), format!("{} · {}", event.log, event.seq));
        let Some(stored) = self.trail.readings.get(event) else {
            return [device, number, self.h.reading_gone.to_owned(), String::new(), String::new()];
        };
        let zone = &self.commune.zone;
        let second = zone.datetime(stored.time).strftime("%H:%M:%S").to_string();
        let time = format!("{second} {}", self.day(zone.day_of(stored.time)));
        let grade = match stored.grade {
            Grade::Device => self.h.grades[0],
            Grade::Rebuilt => self.h.grades[1],
            Grade::Neighbour => self.h.grades[2],
            Grade::Received => self.h.grades[3],
        };
        let masses = stored.reading.event.masses_g();
        let weight = masses.map_or_else(String::new, |(gross_g, tare_g)| self.lang.kilograms(gross_g - tare_g));
        [device, number, time, grade.to_owned(), weight]
    }

    fn verified(&self, story: &StreamStory) -> Vec<String> {
        let h = self.h;
        let declared = story.declarations.iter().map(|at| (h.declaration)(&self.stated(*at)));
        let seen = story.verified.iter().map(|of| {
            let (what, last) = (self.stated(of.operation), self.day(of.last_day));
            match of.voided_by {
                Some(by) => (h.verified_void)(&what, &self.stated(by)),
                None if of.stands_on(self.trail.explanation.day) => (h.verified_until)(&what, &last),
                None => (h.verified_past)(&what, &last),
            }
        });
        seen.chain(declared).collect()
    }

    fn contraries(&self) -> Vec<[String; 2]> {
        let h = self.h;
        let told = self.trail.explanation.contraries.iter().rev().map(|story| {
            let fate = match story.fate {
                Fate::NotYet | Fate::Open => {
                    (h.open)(&story.closing.len().to_string(), &story.enough.to_string(), &self.day(story.last_day))
                }
                Fate::Silent => (h.silent)(&self.day(story.last_day)),
                Fate::Answered(by) => (h.answered)(&self.stated(by)),
                Fate::Outweighed => (h.outweighed)(&story.closing.len().to_string()),
            };
            [self.stated(story.operation), fate]
        });
        told.collect()
    }

    /// Says what a statement that holds says, with its day.
    fn stated(&self, at: usize) -> String {
        let statement = &self.trail.held[at].operation.statement;
        let day = self.commune.zone.day_of(statement.at(&self.commune.zone));
        format!("{}, {}", self.what(statement), self.day(day))
    }

    fn what(&self, statement: &Statement) -> String {
        let h = self.h;
        let of = |stream: Option<&StreamCode>| {
            stream.map_or_else(String::new, |stream| format!(" ({})", self.stream_name(stream)))
        };
        match statement {
            Statement::Visit { result: VisitResult::Sorting, stream, .. } => {
                format!("{}{}", h.visit_sorting, of(stream.as_ref()))
            }
            Statement::Visit { result: VisitResult::NotSorting, stream, .. } => {
                format!("{}{}", h.visit_not_sorting, of(stream.as_ref()))
            }
            Statement::Pathway { stream, pathway, level, .. } => {
                let level = match level {
                    PathwayLevel::Declared => h.declared,
                    PathwayLevel::Verified => h.seen,
                };
                format!("{} {}, {level}", self.stream_name(stream), pathway_name(h, *pathway))
            }
            Statement::Finding { finding, stream, .. } => {
                format!("{}{}", self.finding(*finding), of(stream.as_ref()))
            }
            Statement::Pickup { result, stream, .. } => {
                let finding = result.finding().map_or("", |finding| self.finding(finding));
                format!("{finding}{}", of(Some(stream)))
            }
            Statement::Attempt { outcome, .. } => attempt_name(h, *outcome).to_owned(),
            Statement::Round { .. } | Statement::Void { .. } | Statement::Ticket { .. } | Statement::Report { .. } => {
                String::new()
            }
        }
    }

    const fn finding(&self, finding: FindingKind) -> &'static str {
        finding_name(self.h, finding)
    }

    /// Tells everything stated by the day's end, newest first.
    fn statements(&self, who: &Who) -> Vec<StatedLine> {
        let zone = &self.commune.zone;
        let close = zone.start_of(self.trail.explanation.day.next());
        let mut all: Vec<&Stated> = self.trail.held.iter().chain(&self.trail.void).collect();
        // What was recorded since stands on the page of a later day; today's is shown at once.
        // What crews report is no evidence; officers find it among the reports.
        all.retain(|stated| !matches!(stated.operation.statement, Statement::Report { .. }));
        all.retain(|stated| {
            let at = stated.operation.statement.at(zone);
            at < close || zone.day_of(at) >= read::today(self.site)
        });
        all.sort_by_key(|stated| std::cmp::Reverse((stated.operation.statement.at(zone), stated.operation.id.clone())));
        let account = who.account.as_ref();
        let officer = account.is_some_and(|account| account.roles.contains(&Role::Officer));
        let line = |stated: &Stated| {
            let operation = &stated.operation;
            let own = account.is_some_and(|account| account.name == operation.by);
            let may = stated.void.is_none()
                && (own || officer)
                && matches!(
                    operation.statement,
                    Statement::Visit { .. }
                        | Statement::Pathway { .. }
                        | Statement::Finding { .. }
                        | Statement::Attempt { .. }
                );
            let void = stated.void.as_ref().map_or_else(String::new, |void| {
                (self.h.taken_back)(&void.by, void.statement.void_reason().unwrap_or_default())
            });
            StatedLine {
                id: operation.id.clone(),
                when: self.day(zone.day_of(operation.statement.at(zone))),
                what: self.what(&operation.statement),
                by: operation.by.clone(),
                void,
                void_id: may.then(|| Uuid::now_v7().to_string()),
            }
        };
        all.into_iter().map(line).collect()
    }
}

fn back_to(code: &str) -> Redirect {
    Redirect::to(&format!("/households/{}?saved=1", segment(code)))
}

/// Records a visit of the household, or only what it declares.
pub async fn write_visit(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let form = VisitForm::read(fields)?;
    let _receipt = match form.result {
        Some(result) => record_visit(&site, &who, &form.visit(form.id, &code, result)).await?,
        None if form.pathways.is_empty() => {
            return Err(Problem::unusable("nothing is declared; choose how a stream is treated at home"));
        }
        None => {
            let declared = form.pathways.iter().map(|(stream, pathway)| PathwayStated {
                id: form.id,
                on: form.on,
                household: code.clone(),
                stream: stream.clone(),
                pathway: *pathway,
                level: PathwayLevel::Declared,
                simulated: None,
            });
            record_pathways(&site, &who, form.id, &declared.collect::<Vec<_>>()).await?
        }
    };
    Ok(back_to(&code))
}

/// What the form to take something back sends.
#[derive(Debug, Deserialize)]
pub struct VoidForm {
    id: Uuid,
    at: i64,
    stated: String,
    reason: String,
}

/// Takes back what was stated of the household.
pub async fn write_void(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Form(form): Form<VoidForm>,
) -> Result<Redirect, Problem> {
    let void = VoidWritten { id: form.id, at: At::Ms(form.at), reason: form.reason, whole: false, simulated: None };
    record_void(&site, &who, &form.stated, void).await.map(|_| ())?;
    Ok(back_to(&code))
}
