//! The indicators beside the share: each with its name, unit, parts and source, or the reason why it has no value.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Completeness, Counts, Delivered, EventQuality, RemixingRule, Service, Tonnage};
use crate::domain::ids::StreamCode;
use crate::domain::state::word;
use crate::domain::ticket::DestinationKind;
use crate::domain::units::Percent;

word!(
    /// An indicator's name: an anchor of `/definitions`, with `_` for `-`.
    Name {
        /// Grams of a stream a served household and week.
        Yield = "yield",
        /// Required-stream mass / all collected mass.
        SeparateCollection = "separate_collection_rate",
        /// Mass delivered to a dump / collected mass.
        Landfill = "landfill_rate",
        /// Collected mass / generated mass.
        Collection = "collection_rate",
        /// Contrary findings / inspected separated pickups.
        Contamination = "contamination_rate",
        /// Refused / attempted.
        Refusal = "refusal_rate",
        /// Served households / E.
        ServiceCoverage = "service_coverage",
        /// Households with a verified food pathway / E.
        HomeTreatment = "home_treatment_share",
        /// Separated mass still separate at a plant / separated mass picked up.
        StreamIntegrity = "stream_integrity",
        /// Scheduled rounds that did not run / scheduled rounds.
        MissedRounds = "missed_rounds",
        /// Hand-overs with a registered tag read / hand-overs.
        TagReads = "tag_read_rate",
        /// Weighed mass of known households / weighed mass.
        AttributedWeight = "attributed_weight",
        /// Levels that had not settled / levels.
        Unstable = "unstable_share",
        /// Overloaded hand-overs / hand-overs.
        Overload = "overload_share",
        /// Hand-overs below the scale's minimum / hand-overs.
        BelowMin = "below_minimum_share",
        /// Hours working / hours scheduled.
        DeviceHours = "device_hours",
        /// Events known to be missing / events.
        KnownMissing = "known_missing_events",
        /// Events more than an hour late / events.
        LateEvents = "late_events",
        /// Events whose time is not the device's own / events.
        ClockDoubted = "clock_skew",
        /// Scales past their verification / scales.
        PastVerification = "past_verification",
    }
);

word!(
    /// Why an indicator has no value.
    Missing {
        /// Nothing was collected.
        NoCollection = "no_collection",
        /// No household was served.
        NobodyServed = "nobody_served",
        /// No household is eligible.
        NobodyEligible = "nobody_eligible",
        /// No ticket came.
        NoTicket = "no_ticket",
        /// Tickets speak of the commune only.
        CommuneOnly = "commune_only",
        /// The tickets weigh more than what was collected: part of the collection is not recorded.
        MoreThanCollected = "more_than_collected",
        /// Plants took far more than what was picked up: part of the collection is not recorded.
        MoreArrived = "more_arrived",
        /// More was collected than the assumption says was generated: it, or the persons, cannot hold.
        MoreThanGenerated = "more_than_generated",
        /// The commune's file states no mass a person and day.
        NoAssumption = "no_assumption",
        /// No household states its persons.
        NoPersons = "no_persons",
        /// Nothing was inspected.
        NoInspection = "no_inspection",
        /// Nothing was attempted.
        NoAttempt = "no_attempt",
        /// No round was scheduled.
        NoRound = "no_round",
        /// No device took a hand-over.
        NoHandOver = "no_hand_over",
        /// No device weighed anything.
        NothingWeighed = "nothing_weighed",
        /// No device was scheduled.
        NoDevice = "no_device",
        /// No event came.
        NoEvent = "no_event",
        /// No scale is registered with the day until which it is verified.
        NoVerification = "no_verification",
        /// It would tell of single households.
        Hidden = "hidden",
    }
);

word!(
    /// Where the data of an indicator comes from.
    DataSource {
        /// Scales and tag readers.
        Devices = "devices",
        /// What crews log.
        Crew = "crew",
        /// Visits, and findings by themselves.
        Visits = "visits",
        /// Weighbridge tickets.
        Tickets = "tickets",
        /// The collection schedule.
        Schedule = "schedule",
        /// The register.
        Register = "register",
        /// The assumption of the commune's file.
        Assumption = "assumption",
    }
);

impl Name {
    /// Gives where the indicator's data comes from.
    pub const fn sources(self) -> &'static [DataSource] {
        use DataSource::{Assumption, Crew, Devices, Register, Schedule, Tickets, Visits};
        match self {
            Self::Yield => &[Devices, Crew, Schedule, Register],
            Self::SeparateCollection => &[Devices, Crew],
            Self::Landfill | Self::StreamIntegrity => &[Tickets, Devices, Crew],
            Self::Collection => &[Devices, Crew, Register, Assumption],
            Self::Contamination => &[Crew, Visits],
            Self::Refusal => &[Crew, Visits, Devices],
            Self::ServiceCoverage => &[Schedule, Devices, Crew, Register],
            Self::HomeTreatment => &[Visits, Register],
            Self::MissedRounds => &[Schedule, Devices, Crew],
            Self::TagReads
            | Self::AttributedWeight
            | Self::Unstable
            | Self::Overload
            | Self::BelowMin
            | Self::KnownMissing
            | Self::LateEvents
            | Self::ClockDoubted => &[Devices],
            Self::DeviceHours => &[Devices, Schedule],
            Self::PastVerification => &[Register],
        }
    }
}

word!(
    /// What an indicator is counted in.
    Unit {
        /// Percent.
        Percent = "percent",
        /// Grams a household and week.
        GramsPerHouseholdWeek = "g_per_household_week",
    }
);

/// A mass by how it is known, grams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Masses {
    /// Weighed by devices.
    pub weighed_g: i64,
    /// Typed by crews.
    pub manual_g: i64,
    /// At the stream's mean.
    pub estimated_g: i64,
}

impl Masses {
    fn add(&mut self, tonnage: &Tonnage) {
        self.weighed_g += tonnage.weighed_g;
        self.manual_g += tonnage.manual_g;
        self.estimated_g += tonnage.estimated_g;
    }

    /// Gives all together, grams.
    pub fn total_g(&self) -> i64 {
        self.weighed_g + self.manual_g + self.estimated_g
    }
}

/// Scales and their verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scales {
    /// Scales registered with the day until which they are verified.
    pub stated: i64,
    /// Of these, scales past that day.
    pub past: i64,
}

/// Everything that the indicators of an area and a period are made of. Days that are not over are left out.
#[derive(Clone, Debug, Default)]
pub struct PeriodFacts {
    /// The commune, and no single hamlet.
    pub is_commune: bool,
    /// Counts at the end of the period's last day. `None`: no day has an eligible household.
    pub end: Option<Counts>,
    /// Counts of each day.
    pub days: Vec<Counts>,
    /// Collected by stream, each with whether it is required.
    pub collected: BTreeMap<StreamCode, (bool, Tonnage)>,
    /// Rounds and hand-overs.
    pub service: Service,
    /// What was stated, by word.
    pub statements: BTreeMap<String, i64>,
    /// Deliveries, each with whether its stream is required.
    pub delivered: Vec<(bool, Delivered)>,
    /// Completeness.
    pub completeness: Completeness,
    /// Quality of the events.
    pub events: EventQuality,
    /// Scales at the end of the period.
    pub scales: Scales,
    /// Generated waste, grams a person and day. `None`: not stated.
    pub per_person_day_g: Option<i64>,
}

/// An indicator's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A share.
    Percent(Percent),
    /// Grams a household and week, truncated.
    GramsPerHouseholdWeek(i64),
    /// None, and why.
    Missing(Missing),
}

/// An indicator of an area and a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which.
    pub name: Name,
    /// For one stream. `None`: for all.
    pub stream: Option<StreamCode>,
    /// The value, or why there is none.
    pub value: Value,
    /// What is divided, in the indicator's own terms (grams, households, rounds …).
    pub part: i64,
    /// By what.
    pub whole: i64,
    /// Of a mass that was collected: how it is known.
    pub masses: Option<Masses>,
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn share(name: Name, part: i64, whole: i64, without: Missing) -> Figure {
    let value = Percent::share(count(part), count(whole)).map_or(Value::Missing(without), Value::Percent);
    Figure { name, stream: None, value, part, whole, masses: None }
}

fn missing(name: Name, why: Missing) -> Figure {
    Figure { name, stream: None, value: Value::Missing(why), part: 0, whole: 0, masses: None }
}

/// Gives every indicator of an area and a period, in the order of the definitions.
pub fn figures(facts: &PeriodFacts) -> Vec<Figure> {
    let mut all = yields(facts);
    all.extend([separate_collection(facts), landfill(facts), collection(facts), contamination(facts), refusal(facts)]);
    let end = facts.end.unwrap_or_default();
    all.push(share(Name::ServiceCoverage, end.served, end.eligible, Missing::NobodyEligible));
    all.push(share(Name::HomeTreatment, end.home_treated, end.eligible, Missing::NobodyEligible));
    all.extend(integrity(facts));
    let service = &facts.service;
    all.push(share(Name::MissedRounds, service.scheduled - service.ran, service.scheduled, Missing::NoRound));
    all.push(share(Name::TagReads, service.tagged, service.hand_overs, Missing::NoHandOver));
    let weighed_g: i64 = facts.collected.values().map(|(_, tonnage)| tonnage.weighed_g).sum();
    let unknown_g: i64 = facts.collected.values().map(|(_, tonnage)| tonnage.unknown_household_g).sum();
    all.push(share(Name::AttributedWeight, weighed_g - unknown_g, weighed_g, Missing::NothingWeighed));
    let events = &facts.events;
    all.push(share(Name::Unstable, events.unstable, events.weights, Missing::NothingWeighed));
    all.push(share(Name::Overload, service.overload, service.hand_overs, Missing::NoHandOver));
    all.push(share(Name::BelowMin, service.below_min, service.hand_overs, Missing::NoHandOver));
    let complete = &facts.completeness;
    all.push(share(Name::DeviceHours, complete.working_ms, complete.scheduled_ms, Missing::NoDevice));
    let known = complete.received + complete.missing;
    all.push(share(Name::KnownMissing, complete.missing, known, Missing::NoEvent));
    all.push(share(Name::LateEvents, events.late, events.in_use, Missing::NoEvent));
    all.push(share(Name::ClockDoubted, events.clock_doubted, events.in_use, Missing::NoEvent));
    all.push(share(Name::PastVerification, facts.scales.past, facts.scales.stated, Missing::NoVerification));
    all
}

/// Gives all collected mass, or that of required streams.
fn collected(facts: &PeriodFacts, required_only: bool) -> Masses {
    let mut masses = Masses::default();
    for (required, tonnage) in facts.collected.values() {
        if *required || !required_only {
            masses.add(tonnage);
        }
    }
    masses
}

/// A stream's grams / household-weeks served: each day adds a seventh of a week for every served household.
fn yields(facts: &PeriodFacts) -> Vec<Figure> {
    let served_days: i64 = facts.days.iter().map(|day| day.served).sum();
    facts
        .collected
        .iter()
        .filter(|(stream, _)| !stream.as_str().is_empty())
        .map(|(stream, (_, tonnage))| {
            let mut masses = Masses::default();
            masses.add(tonnage);
            let value = if served_days > 0 {
                let grams = i128::from(masses.total_g()) * 7 / i128::from(served_days);
                Value::GramsPerHouseholdWeek(i64::try_from(grams).unwrap_or(i64::MAX))
            } else {
                Value::Missing(Missing::NobodyServed)
            };
            Figure {
                name: Name::Yield,
                stream: Some(stream.clone()),
                value,
                part: masses.total_g(),
                whole: served_days,
                masses: Some(masses),
            }
        })
        .collect()
}

fn separate_collection(facts: &PeriodFacts) -> Figure {
    let (separate, all) = (collected(facts, true), collected(facts, false));
    let figure = share(Name::SeparateCollection, separate.total_g(), all.total_g(), Missing::NoCollection);
    Figure { masses: Some(separate), ..figure }
}

fn landfill(facts: &PeriodFacts) -> Figure {
    if !facts.is_commune {
        return missing(Name::Landfill, Missing::CommuneOnly);
    }
    let dumped = facts.delivered.iter().filter(|(_, delivered)| delivered.kind == Some(DestinationKind::Dump));
    let dumped_g: i64 = dumped.map(|(_, delivered)| delivered.net_g).sum();
    let all = collected(facts, false);
    let why = if facts.delivered.is_empty() {
        Some(Missing::NoTicket)
    } else if all.total_g() > 0 && dumped_g > all.total_g() {
        Some(Missing::MoreThanCollected)
    } else {
        None
    };
    let figure = share(Name::Landfill, dumped_g, all.total_g(), Missing::NoCollection);
    let value = why.map_or(figure.value, Value::Missing);
    Figure { value, masses: Some(all), ..figure }
}

/// Collected / generated. Where only some households state their persons, the others count like them.
fn collection(facts: &PeriodFacts) -> Figure {
    let Some(per_person_day_g) = facts.per_person_day_g else {
        return missing(Name::Collection, Missing::NoAssumption);
    };
    let a_day = |day: &Counts| {
        let persons = i128::from(day.people) * i128::from(day.eligible);
        let persons_g = persons * i128::from(per_person_day_g);
        if day.people_stated > 0 { persons_g / i128::from(day.people_stated) } else { 0 }
    };
    let generated_g = i64::try_from(facts.days.iter().map(a_day).sum::<i128>()).unwrap_or(i64::MAX);
    let all = collected(facts, false);
    let figure = share(Name::Collection, all.total_g(), generated_g, Missing::NoPersons);
    let too_much = generated_g > 0 && all.total_g() > generated_g;
    let value = if too_much { Value::Missing(Missing::MoreThanGenerated) } else { figure.value };
    Figure { value, masses: Some(all), ..figure }
}

fn stated(facts: &PeriodFacts, words: &[&str]) -> i64 {
    words.iter().filter_map(|word| facts.statements.get(*word)).sum()
}

/// Words of statements that speak against sorting.
pub(super) const CONTRARY: [&str; 6] = [
    "pickup.mixed",
    "pickup.contaminated",
    "pickup.refused",
    "finding.mixed",
    "finding.contaminated",
    "finding.refused",
];

/// Words of statements that say that what was inspected was clean.
pub(super) const CLEAN: [&str; 2] = ["pickup.separated", "finding.clean"];

fn contamination(facts: &PeriodFacts) -> Figure {
    let contrary = stated(facts, &CONTRARY);
    let inspected = contrary + stated(facts, &CLEAN);
    share(Name::Contamination, contrary, inspected, Missing::NoInspection)
}

fn refusal(facts: &PeriodFacts) -> Figure {
    let refused = stated(facts, &["pickup.refused", "finding.refused"]);
    let taken: i64 = facts.collected.values().map(|(_, tonnage)| tonnage.pickups).sum();
    share(Name::Refusal, refused, refused + taken, Missing::NoAttempt)
}

/// For all required streams together, then for each. Estimated mass is no pickup that a ticket could be held against. As much may
/// arrive in excess as may be missing without an alarm: scales differ, and what waited before the period comes in it.
fn integrity(facts: &PeriodFacts) -> Vec<Figure> {
    if !facts.is_commune {
        return vec![missing(Name::StreamIntegrity, Missing::CommuneOnly)];
    }
    let kept_g = |stream: Option<&StreamCode>| -> i64 {
        let at_plants = facts.delivered.iter().filter(|(required, delivered)| {
            *required
                && delivered.kind == Some(DestinationKind::Plant)
                && stream.is_none_or(|stream| *stream == delivered.stream)
        });
        at_plants.map(|(_, delivered)| delivered.net_g).sum()
    };
    let figure = |stream: Option<&StreamCode>, masses: Masses| {
        let picked_up_g = masses.weighed_g + masses.manual_g;
        let figure = share(Name::StreamIntegrity, kept_g(stream), picked_up_g, Missing::NoCollection);
        let most_g = i128::from(picked_up_g) * i128::from(100 + RemixingRule::STANDARD.tolerance_percent);
        let value = if facts.delivered.is_empty() {
            Value::Missing(Missing::NoTicket)
        } else if picked_up_g > 0 && i128::from(figure.part) * 100 > most_g {
            Value::Missing(Missing::MoreArrived)
        } else {
            figure.value
        };
        Figure { value, stream: stream.cloned(), masses: Some(masses), ..figure }
    };
    let mut all = vec![figure(None, collected(facts, true))];
    for (stream, (_, tonnage)) in facts.collected.iter().filter(|(_, (required, _))| *required) {
        let mut masses = Masses::default();
        masses.add(tonnage);
        all.push(figure(Some(stream), masses));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tonnage(weighed_g: i64, manual_g: i64, estimated_g: i64, pickups: i64) -> Tonnage {
        Tonnage { weighed_g, manual_g, estimated_g, unknown_household_g: weighed_g / 4, pickups }
    }

    fn delivered(stream: &str, kind: Option<DestinationKind>, net_g: i64) -> Delivered {
        Delivered { stream: stream.into(), kind, net_g, tickets: 1 }
    }

    /// Two weeks, 10 households of which 8 are served, half of them stating 4 persons each.
    fn facts() -> PeriodFacts {
        let day =
            Counts { eligible: 10, served: 8, home_treated: 3, people: 20, people_stated: 5, ..Counts::default() };
        PeriodFacts {
            is_commune: true,
            end: Some(day),
            days: vec![day; 14],
            collected: [
                ("food".into(), (true, tonnage(40_000, 8_000, 0, 30))),
                ("other".into(), (false, tonnage(50_000, 0, 2_000, 20))),
            ]
            .into(),
            service: Service {
                scheduled: 12,
                ran: 9,
                observable: 8,
                hand_overs: 40,
                tagged: 36,
                overload: 1,
                below_min: 2,
            },
            statements: [
                ("pickup.separated".to_owned(), 15),
                ("pickup.mixed".to_owned(), 2),
                ("pickup.refused".to_owned(), 1),
                ("finding.clean".to_owned(), 1),
                ("finding.contaminated".to_owned(), 1),
                ("visit.sorting".to_owned(), 9),
            ]
            .into(),
            delivered: vec![
                (true, delivered("food", Some(DestinationKind::Plant), 36_000)),
                (false, delivered("other", Some(DestinationKind::Dump), 60_000)),
                (true, delivered("food", None, 9_000)),
            ],
            completeness: Completeness { working_ms: 90, scheduled_ms: 100, received: 970, missing: 30 },
            events: EventQuality { in_use: 200, weights: 80, unstable: 4, late: 10, clock_doubted: 6 },
            scales: Scales { stated: 4, past: 1 },
            per_person_day_g: Some(400),
        }
    }

    fn value(facts: &PeriodFacts, name: Name) -> Value {
        figures(facts).into_iter().find(|figure| figure.name == name).expect("every indicator is there").value
    }

    fn percent(hundredths: u32) -> Value {
        Value::Percent(Percent::from_hundredths(hundredths))
    }

    #[test]
    fn every_indicator_of_a_commune_counted_by_hand() {
        let facts = facts();
        // 48 000 g x 7 / (8 households x 14 days) = 3 000 g a household and week.
        assert_eq!(value(&facts, Name::Yield), Value::GramsPerHouseholdWeek(3_000));
        assert_eq!(value(&facts, Name::SeparateCollection), percent(4_800));
        assert_eq!(value(&facts, Name::Landfill), percent(6_000));
        // 4 persons x 10 households x 400 g x 14 days = 224 000 g; 100 000 of them collected.
        assert_eq!(value(&facts, Name::Collection), percent(4_464));
        // 4 contrary of 4 + 15 + 1 inspected.
        assert_eq!(value(&facts, Name::Contamination), percent(2_000));
        // 1 refused of 1 + 50 attempted.
        assert_eq!(value(&facts, Name::Refusal), percent(196));
        assert_eq!(value(&facts, Name::ServiceCoverage), percent(8_000));
        assert_eq!(value(&facts, Name::HomeTreatment), percent(3_000));
        // 36 000 of 48 000.
        assert_eq!(value(&facts, Name::StreamIntegrity), percent(7_500));
        assert_eq!(value(&facts, Name::MissedRounds), percent(2_500));
        assert_eq!(value(&facts, Name::TagReads), percent(9_000));
        assert_eq!(value(&facts, Name::AttributedWeight), percent(7_500));
        assert_eq!(value(&facts, Name::Unstable), percent(500));
        assert_eq!(value(&facts, Name::Overload), percent(250));
        assert_eq!(value(&facts, Name::BelowMin), percent(500));
        assert_eq!(value(&facts, Name::DeviceHours), percent(9_000));
        assert_eq!(value(&facts, Name::KnownMissing), percent(300));
        assert_eq!(value(&facts, Name::LateEvents), percent(500));
        assert_eq!(value(&facts, Name::ClockDoubted), percent(300));
        assert_eq!(value(&facts, Name::PastVerification), percent(2_500));
        let names: std::collections::BTreeSet<Name> = figures(&facts).iter().map(|figure| figure.name).collect();
        assert_eq!(names.len(), Name::ALL.len());
    }

    #[test]
    fn where_nothing_is_known_there_is_a_reason_and_never_a_zero() {
        let empty = PeriodFacts { is_commune: true, ..PeriodFacts::default() };
        for figure in figures(&empty) {
            assert!(matches!(figure.value, Value::Missing(_)), "{:?}", figure);
        }
        assert_eq!(value(&empty, Name::Landfill), Value::Missing(Missing::NoTicket));
        assert_eq!(value(&empty, Name::Collection), Value::Missing(Missing::NoAssumption));
    }

    #[test]
    fn tickets_that_weigh_more_than_what_was_collected_give_no_landfill_rate() {
        let mut facts = facts();
        facts.delivered.push((false, delivered("other", Some(DestinationKind::Dump), 50_000)));
        assert_eq!(value(&facts, Name::Landfill), Value::Missing(Missing::MoreThanCollected));
    }

    #[test]
    fn more_collected_than_was_generated_is_no_hundred_percent() {
        let mut facts = facts();
        facts.per_person_day_g = Some(180);
        // 4 persons x 10 households x 180 g x 14 days = 100 800 g; 100 000 of them collected.
        assert_eq!(value(&facts, Name::Collection), percent(9_920));
        facts.per_person_day_g = Some(178);
        assert_eq!(value(&facts, Name::Collection), Value::Missing(Missing::MoreThanGenerated));
    }

    #[test]
    fn a_fifth_more_may_arrive_than_was_picked_up_and_a_gram_more_says_nothing() {
        let mut facts = facts();
        // 48 000 g of food were picked up, and 36 000 arrived.
        facts.delivered.push((true, delivered("food", Some(DestinationKind::Plant), 21_600)));
        assert_eq!(value(&facts, Name::StreamIntegrity), percent(10_000));
        facts.delivered.push((true, delivered("food", Some(DestinationKind::Plant), 1)));
        assert_eq!(value(&facts, Name::StreamIntegrity), Value::Missing(Missing::MoreArrived));
    }

    #[test]
    fn a_hamlet_has_no_figure_made_of_tickets() {
        let facts = PeriodFacts { is_commune: false, ..facts() };
        assert_eq!(value(&facts, Name::Landfill), Value::Missing(Missing::CommuneOnly));
        assert_eq!(value(&facts, Name::StreamIntegrity), Value::Missing(Missing::CommuneOnly));
    }
}
