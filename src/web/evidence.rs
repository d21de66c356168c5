//! Everything that stands behind a household's state on a day, read from the store and explained by the domain.
//!
//! Reads the days that the rule looks at and no more: the work does not grow with history.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{Site, Who};
use super::problem::Problem;
use super::read;
use crate::domain::attribution::Observed;
use crate::domain::ids::{AreaCode, DeviceId, EventId, HouseholdCode};
use crate::domain::pickup::Pickup;
use crate::domain::round::{RoundOutcome, WORKING_AFTER_EVENT_MS, watches, worked_enough};
use crate::domain::sorting::HouseholdFacts;
use crate::domain::sorting::explanation::{Explanation, OpportunityStory, StreamStory};
use crate::domain::sorting::outlook::Turn;
use crate::domain::time::{Instant, LocalDay};
use crate::store::{Role, StateSpan, Stated, StoreError};

/// Days of the timeline.
pub const TIMELINE_DAYS: i32 = 180;

/// How long a device worked within a round.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The device.
    pub device: DeviceId,
    /// Share of the round's hours, whole percent, rounded down.
    pub percent: i64,
    /// It worked long enough.
    pub enough: bool,
}

/// Everything behind a household's state on a day.
pub struct Trail {
    /// The household.
    pub household: HouseholdCode,
    /// Its hamlet on the day.
    pub area: AreaCode,
    /// Why it has its state.
    pub explanation: Explanation,
    /// What would change it.
    pub turns: Vec<Turn>,
    /// The pickups that the explanation names by place.
    pub pickups: Vec<Pickup>,
    /// The statements that the explanation names by place: those that hold.
    pub held: Vec<Stated>,
    /// Statements that were taken back.
    pub void: Vec<Stated>,
    /// The rounds that the explanation names by place.
    pub rounds: Vec<RoundOutcome>,
    /// The household's own ended rounds within the days that the rule looks at.
    pub own: Vec<usize>,
    /// For rounds that ran and count for nobody: how long each device worked.
    pub watches: BTreeMap<usize, Vec<Watch>>,
    /// The readings behind the pickups.
    pub readings: BTreeMap<EventId, Observed>,
    /// Its states of late, oldest first, as stored.
    pub spans: Vec<StateSpan>,
}

impl Trail {
    /// Gives the household's rounds of a stream that the rule looks at, oldest first, each with what it is as an opportunity.
    pub fn rounds_of<'t>(
        &'t self,
        story: &'t StreamStory,
    ) -> impl Iterator<Item = (usize, &'t RoundOutcome, Option<&'t OpportunityStory>)> {
        let of_stream = self.own.iter().filter(|at| self.rounds[**at].round.stream == story.stream);
        of_stream.map(|at| (*at, &self.rounds[*at], story.opportunities.iter().find(|counted| counted.round == *at)))
    }
}

/// Tells whether the asker may see names and addresses of a hamlet: visitors in their own, officers in their scope.
pub fn sees_names(who: &Who, area: &AreaCode) -> bool {
    who.account.as_ref().is_some_and(|account| {
        let officer = account.roles.contains(&Role::Officer) && account.areas.is_empty();
        let named = account.roles.contains(&Role::Officer) || account.roles.contains(&Role::Visitor);
        officer || named && account.areas.contains(area)
    })
}

/// Finds a household that the asker may see, with its hamlet on a day. Who may is decided by where it is now: what stands behind a
/// day long past is told with the name of today.
pub fn household(site: &Site, who: &Who, code: &str, on: LocalDay) -> Result<(HouseholdCode, AreaCode), Problem> {
    let register = site.web.register.borrow();
    let found = register.households.get_key_value(code);
    let Some((code, registration)) = found else {
        return Err(Problem::not_found(format!("no household `{code}` is registered; search for it at /households")));
    };
    let area = &registration.on(read::today(site)).unwrap_or_else(|| registration.newest()).area;
    if sees_names(who, area) {
        let then = &registration.on(on).unwrap_or_else(|| registration.newest()).area;
        return Ok((code.clone(), then.clone()));
    }
    let name = who.account.as_ref().map_or("", |account| account.name.as_str());
    Err(Problem::forbidden(format!("household `{code}` is in area `{area}`, which is not one of account `{name}`'s")))
}

/// Reads and explains a household's state on a day.
pub async fn trail(site: &Site, (household, area): (HouseholdCode, AreaCode), on: LocalDay) -> Result<Trail, Problem> {
    let store = &site.web.store;
    let commune = read::commune(site);
    let register = site.web.register.borrow().clone();
    let reach = commune.rules.iter().map(|rules| rules.reach_days()).max().unwrap_or(0) + 1;
    let since = on - reach;
    let pickups =
        store.pickups_between(&household, commune.zone.start_of(since), commune.zone.start_of(on.next())).await?;
    let (held, void): (Vec<Stated>, Vec<Stated>) =
        store.stated_of(&household).await?.into_iter().partition(|stated| stated.void.is_none());
    let mut rounds = Vec::new();
    for place in register.places_of(&household) {
        rounds.extend(store.rounds(&place, since, on).await?);
    }
    let spans = store.spans_between(&household, on - (TIMELINE_DAYS - 1), on).await?;
    let computation = {
        let (commune, register, household) = (commune.clone(), register.clone(), household.clone());
        move || {
            let operations = held.iter().map(|stated| &stated.operation);
            let facts = HouseholdFacts::gather(&commune, &register, &household, &pickups, operations, &rounds);
            let (explanation, turns) = (facts.explain(on), facts.outlook(on));
            (explanation, turns, pickups, held, rounds)
        }
    };
    let (explanation, turns, pickups, held, rounds) = tokio::task::spawn_blocking(computation)
        .await
        .map_err(|error| Problem::internal("explaining the state", &error))?;
    let shown: BTreeSet<usize> = explanation
        .streams
        .iter()
        .flat_map(|story| &story.pickups)
        .map(|story| story.pickup)
        .chain(explanation.contraries.iter().flat_map(|story| story.closing.iter().copied()))
        .collect();
    let ids: Vec<EventId> = shown.iter().flat_map(|at| pickups[*at].readings.clone()).collect();
    let readings = store.readings_of(&ids).await?.into_iter().map(|one| (one.reading.id.clone(), one)).collect();
    let first = register.households.get(&household).map(|registration| registration.first_day());
    let close = commune.zone.start_of(on.next());
    let is_own = |outcome: &RoundOutcome| {
        let (round, date) = (&outcome.round, outcome.round.service_date);
        let days = explanation.streams.iter().find(|story| story.stream == round.stream).map(|story| story.days);
        days.is_some_and(|days| on - date < days)
            && round.end <= close
            && first.is_some_and(|first| first <= date)
            && register.serves(&round.place, &household, date)
    };
    let mut own: Vec<usize> = (0..rounds.len()).filter(|at| is_own(&rounds[*at])).collect();
    own.sort_by_key(|at| (rounds[*at].round.start, *at));
    let mut watches = BTreeMap::new();
    for at in own.iter().filter(|at| rounds[**at].ran && !rounds[**at].observable) {
        watches.insert(*at, watches_of(site, &rounds[*at]).await?);
    }
    Ok(Trail { household, area, explanation, turns, pickups, held, void, rounds, own, watches, readings, spans })
}

/// Reads how long each device that a round needs worked within it. None: the place has no device for the stream.
pub async fn watches_of(site: &Site, outcome: &RoundOutcome) -> Result<Vec<Watch>, StoreError> {
    let register = site.web.register.borrow().clone();
    let round = &outcome.round;
    let mut events: BTreeMap<DeviceId, Vec<Instant>> = BTreeMap::new();
    let devices: Vec<DeviceId> =
        register.devices_on(&round.place, round.service_date).map(|device| device.device.clone()).collect();
    for device in devices {
        let since = round.start.plus_ms(-WORKING_AFTER_EVENT_MS);
        let presence = site.web.store.presence(&device, since, round.end).await?;
        events.insert(device, presence.into_iter().filter(|event| event.1).map(|event| event.0).collect());
    }
    let percent = read::commune(site).rules_on(round.service_date).working_percent;
    let length_ms = round.end.since(round.start);
    let worked = watches(&register, round, |device| events.get(device).map_or(&[][..], Vec::as_slice));
    Ok(worked
        .into_iter()
        .map(|(device, working_ms)| Watch {
            device,
            percent: working_ms * 100 / length_ms.max(1),
            enough: worked_enough(working_ms, length_ms, percent),
        })
        .collect())
}
