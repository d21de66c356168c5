//! Where the register and what devices read disagree: what an officer should look at, never what changes a figure.
//!
//! # Why
//! A report that cries wolf is not read. Each rule below is conservative: one odd reading is nobody's fault, and two households are named
//! as exchanged only where each is the only one that fits the other.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{HouseholdCode, PlaceCode, TagUid};
use super::register::{Household, Register, Tag};
use super::state::word;
use super::time::{Instant, LocalDay};

/// Days that the report looks back, and again as many before them for what was usual.
pub const DAYS: i32 = 28;
/// Length of a slot of the day, minutes.
pub const SLOT_MINUTES: i64 = 30;
/// Fewest hand-overs at a far point that are told.
const FAR_LEAST: i64 = 3;
/// Fewest hand-overs of a card from which its usual place or hour is taken.
const USUAL_LEAST: i64 = 6;
/// Part of a card's hand-overs that makes a place or an hour its usual one, percent.
const USUAL_PERCENT: i64 = 80;
/// Slots around the median that are one hour of the day.
const NEAR_SLOTS: i64 = 1;
/// Slots from which two households' hours differ: two hours.
const APART_SLOTS: i64 = 4;

word!(
    /// What is wrong.
    FaultKind {
        /// A tag that belongs to no household on the day of its last read.
        UnknownTag = "unknown_tag",
        /// A tag that belongs to two households at once.
        TagTwice = "tag_twice",
        /// A household's card is used at a place that does not serve it.
        FarPoint = "far_point",
        /// A registered household without a tag.
        NoTag = "no_tag",
        /// A registered household without a point or route.
        NoPlace = "no_place",
        /// A registered household whose number of people is not stated.
        NoPeople = "no_people",
        /// Two households whose cards seem to have changed places.
        Exchanged = "exchanged",
    }
);

/// Reads of one tag at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagReads {
    /// The tag.
    pub uid: TagUid,
    /// Where.
    pub place: PlaceCode,
    /// How often.
    pub count: i64,
    /// First read.
    pub first: Instant,
    /// Last read.
    pub last: Instant,
}

/// A household's hand-overs by card at one place in one slot of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardUse {
    /// Whose card.
    pub household: HouseholdCode,
    /// Where.
    pub place: PlaceCode,
    /// Half hour of the local day, 0..=47.
    pub slot: i64,
    /// Within the last [`DAYS`] days; otherwise in as many days before.
    pub recent: bool,
    /// How often.
    pub count: i64,
    /// First.
    pub first: Instant,
    /// Last.
    pub last: Instant,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The tag. `None`: it is about a household.
    pub uid: Option<TagUid>,
    /// The households.
    pub households: Vec<HouseholdCode>,
    /// Where it was seen.
    pub places: Vec<PlaceCode>,
    /// How often; 0 where nothing is counted.
    pub count: i64,
    /// First and last seen.
    pub seen: Option<(Instant, Instant)>,
}

impl Fault {
    fn of(kind: FaultKind, households: &[&HouseholdCode]) -> Self {
        let households = households.iter().map(|of| (*of).clone()).collect();
        Self { kind, uid: None, households, places: Vec::new(), count: 0, seen: None }
    }
}

/// Finds every fault as of a day, by kind, the most frequent first.
///
/// `day_of` gives the local day of an instant.
pub fn faults(
    register: &Register,
    day: LocalDay,
    reads: &[TagReads],
    uses: &[CardUse],
    day_of: impl Fn(Instant) -> LocalDay,
) -> Vec<Fault> {
    let mut all = unknown_tags(register, reads, day_of);
    all.extend(tags_twice(register, day));
    all.extend(far_points(register, day, uses));
    all.extend(without(register, day));
    all.extend(exchanged(register, day, uses));
    all.sort_by(|one, other| {
        let of = |fault: &Fault| (fault.kind, std::cmp::Reverse(fault.count));
        of(one).cmp(&of(other)).then_with(|| (&one.uid, &one.households).cmp(&(&other.uid, &other.households)))
    });
    all
}

fn unknown_tags(register: &Register, reads: &[TagReads], day_of: impl Fn(Instant) -> LocalDay) -> Vec<Fault> {
    let mut by_tag: BTreeMap<&TagUid, Fault> = BTreeMap::new();
    let mut newest: BTreeMap<&TagUid, Instant> = BTreeMap::new();
    for read in reads {
        let last = newest.entry(&read.uid).or_insert(read.last);
        *last = (*last).max(read.last);
    }
    for read in reads {
        if register.household_of(&read.uid, day_of(newest[&read.uid])).is_some() {
            continue;
        }
        let empty = || Fault { uid: Some(read.uid.clone()), ..Fault::of(FaultKind::UnknownTag, &[]) };
        let fault = by_tag.entry(&read.uid).or_insert_with(empty);
        fault.count += read.count;
        fault.places.push(read.place.clone());
        let (first, last) = fault.seen.unwrap_or((read.first, read.last));
        fault.seen = Some((first.min(read.first), last.max(read.last)));
    }
    by_tag.into_values().collect()
}

fn tags_twice(register: &Register, day: LocalDay) -> Vec<Fault> {
    let mut by_uid: BTreeMap<&TagUid, Vec<&Tag>> = BTreeMap::new();
    for tag in register.households.keys().flat_map(|household| register.tags_of(household)) {
        if tag.valid_to.is_none_or(|to| day < to) {
            by_uid.entry(&tag.uid).or_default().push(tag);
        }
    }
    let mut all = Vec::new();
    for (uid, tags) in by_uid {
        let together = |one: &Tag, other: &Tag| {
            one.household != other.household
                && one.valid_to.is_none_or(|to| other.valid_from < to)
                && other.valid_to.is_none_or(|to| one.valid_from < to)
        };
        let shared: BTreeSet<&HouseholdCode> =
            tags.iter().filter(|one| tags.iter().any(|other| together(one, other))).map(|tag| &tag.household).collect();
        if !shared.is_empty() {
            let households: Vec<&HouseholdCode> = shared.into_iter().collect();
            all.push(Fault { uid: Some(uid.clone()), ..Fault::of(FaultKind::TagTwice, &households) });
        }
    }
    all
}

fn is_served(register: &Register, household: &HouseholdCode) -> bool {
    !register.places_of(household).is_empty()
}

fn far_points(register: &Register, day: LocalDay, uses: &[CardUse]) -> Vec<Fault> {
    let mut far: BTreeMap<(&HouseholdCode, &PlaceCode), Fault> = BTreeMap::new();
    for used in uses.iter().filter(|used| used.recent) {
        let household = &used.household;
        // Whom nothing serves has no far point; that is a fault of its own.
        if register.serves(&used.place, household, day) || !is_served(register, household) {
            continue;
        }
        let empty = || Fault { places: vec![used.place.clone()], ..Fault::of(FaultKind::FarPoint, &[household]) };
        let fault = far.entry((household, &used.place)).or_insert_with(empty);
        fault.count += used.count;
        let (first, last) = fault.seen.unwrap_or((used.first, used.last));
        fault.seen = Some((first.min(used.first), last.max(used.last)));
    }
    far.into_values().filter(|fault| fault.count >= FAR_LEAST).collect()
}

fn without(register: &Register, day: LocalDay) -> Vec<Fault> {
    let mut all = Vec::new();
    for (code, registration) in &register.households {
        let Some(household) = registration.on(day) else { continue };
        let excluded = register.exclusions.get(code).into_iter().flatten();
        // A vacant house needs no tag.
        if excluded.into_iter().any(|of| of.from <= day && of.to.is_none_or(|to| day < to)) {
            continue;
        }
        let lacks = |kind: FaultKind, lacking: bool| lacking.then(|| Fault::of(kind, &[code]));
        all.extend(lacks(FaultKind::NoTag, !register.has_tag(code, day)));
        all.extend(lacks(FaultKind::NoPlace, has_no_place(register, code, household, day)));
        all.extend(lacks(FaultKind::NoPeople, household.people.is_none()));
    }
    all
}

fn has_no_place(register: &Register, code: &HouseholdCode, household: &Household, day: LocalDay) -> bool {
    let open_point = household.point.as_ref().is_some_and(|point| register.is_open(point, day));
    let is_route = |place: &PlaceCode| !register.points.contains_key(place) && register.serves(place, code, day);
    !open_point && !register.places_of(code).iter().any(is_route)
}

/// What is usual of a card in one of the two spans of days.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Usual {
    /// The place of four fifths of its hand-overs. `None`: there is none.
    place: Option<PlaceCode>,
    /// The median slot of the day, where four fifths of its hand-overs lie around it. `None`: there is none.
    slot: Option<i64>,
}

fn usual(uses: &[&CardUse]) -> Option<Usual> {
    let total: i64 = uses.iter().map(|used| used.count).sum();
    if total < USUAL_LEAST {
        return None;
    }
    let is_usual = |count: i64| count * 100 >= total * USUAL_PERCENT;
    let mut by_place: BTreeMap<&PlaceCode, i64> = BTreeMap::new();
    let mut by_slot: BTreeMap<i64, i64> = BTreeMap::new();
    for used in uses {
        *by_place.entry(&used.place).or_default() += used.count;
        *by_slot.entry(used.slot).or_default() += used.count;
    }
    let place = by_place.iter().find(|(_, count)| is_usual(**count)).map(|(place, _)| (*place).clone());
    let mut seen = 0;
    let median = by_slot.iter().find_map(|(slot, count)| {
        seen += count;
        (seen * 2 >= total).then_some(*slot)
    });
    let slot = median.filter(|median| {
        let near = by_slot.range(median - NEAR_SLOTS..=median + NEAR_SLOTS).map(|(_, count)| count).sum();
        is_usual(near)
    });
    Some(Usual { place, slot })
}

/// Finds pairs of households whose cards changed places: each is the only one that fits the other.
fn exchanged(register: &Register, day: LocalDay, uses: &[CardUse]) -> Vec<Fault> {
    let mut by_household: BTreeMap<&HouseholdCode, (Vec<&CardUse>, Vec<&CardUse>)> = BTreeMap::new();
    for used in uses {
        let (recent, before) = by_household.entry(&used.household).or_default();
        if used.recent { recent.push(used) } else { before.push(used) }
    }
    let cards: Vec<(&HouseholdCode, Usual, Option<Usual>)> = by_household
        .iter()
        .filter_map(|(household, (recent, before))| Some((*household, usual(recent)?, usual(before))))
        .collect();
    let mut pairs: Vec<(&HouseholdCode, &HouseholdCode)> = Vec::new();
    by_place(register, day, &cards, &mut pairs);
    by_hour(register, day, &cards, &mut pairs);
    let mut partners: BTreeMap<&HouseholdCode, BTreeSet<&HouseholdCode>> = BTreeMap::new();
    for (one, other) in &pairs {
        partners.entry(one).or_default().insert(other);
        partners.entry(other).or_default().insert(one);
    }
    let is_only = |one: &HouseholdCode| partners.get(one).is_some_and(|others| others.len() == 1);
    let found: BTreeSet<(&HouseholdCode, &HouseholdCode)> =
        pairs.into_iter().filter(|(one, other)| is_only(one) && is_only(other)).collect();
    found
        .into_iter()
        .map(|(one, other)| {
            let of = |code: &HouseholdCode| {
                cards.iter().find(|(of, _, _)| *of == code).and_then(|(_, now, _)| now.place.clone())
            };
            let places = [of(one), of(other)].into_iter().flatten().collect();
            Fault { places, ..Fault::of(FaultKind::Exchanged, &[one, other]) }
        })
        .collect()
}

type Card<'a> = (&'a HouseholdCode, Usual, Option<Usual>);

/// Each card's usual place serves the other household and not its own.
fn by_place<'a>(
    register: &Register,
    day: LocalDay,
    cards: &[Card<'a>],
    pairs: &mut Vec<(&'a HouseholdCode, &'a HouseholdCode)>,
) {
    let mut strays: Vec<(&HouseholdCode, &PlaceCode)> = Vec::new();
    for (household, now, _) in cards {
        if let Some(place) = &now.place
            && is_served(register, household)
            && !register.serves(place, household, day)
        {
            strays.push((household, place));
        }
    }
    for (at, (one, seen)) in strays.iter().enumerate() {
        for (other, seen_other) in &strays[at + 1..] {
            if register.serves(seen, other, day) && register.serves(seen_other, one, day) {
                pairs.push((one, other));
            }
        }
    }
}

/// At one place that serves both, each card's hours became the other's former hours, which lie far apart.
fn by_hour<'a>(
    register: &Register,
    day: LocalDay,
    cards: &[Card<'a>],
    pairs: &mut Vec<(&'a HouseholdCode, &'a HouseholdCode)>,
) {
    type Hours<'a> = (&'a HouseholdCode, i64, i64);
    let mut at_place: BTreeMap<&PlaceCode, Vec<Hours<'a>>> = BTreeMap::new();
    for (household, now, before) in cards {
        let Some(before) = before else { continue };
        if let (Some(place), Some(then), Some(slot)) = (&now.place, before.slot, now.slot)
            && before.place.as_ref() == Some(place)
            && register.serves(place, household, day)
            // Whose hours did not change did not change cards.
            && (slot - then).abs() >= APART_SLOTS
        {
            at_place.entry(place).or_default().push((household, then, slot));
        }
    }
    for moved in at_place.values() {
        for (at, (one, then, now)) in moved.iter().enumerate() {
            for (other, other_then, other_now) in &moved[at + 1..] {
                let near = |left: i64, right: i64| (left - right).abs() <= NEAR_SLOTS;
                if near(*now, *other_then) && near(*other_now, *then) && (then - other_then).abs() >= APART_SLOTS {
                    pairs.push((one, other));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{Area, Exclusion, Point, Row, Validity};
    use crate::domain::state::ExclusionReason;

    const T: Instant = Instant::from_ms(0);

    fn day() -> LocalDay {
        LocalDay::from_number(100)
    }

    fn household(code: &str, point: Option<&str>, people: Option<i64>) -> Row {
        Row::Household(Household {
            code: code.into(),
            area: "A".into(),
            people,
            point: point.map(PlaceCode::from),
            valid_from: LocalDay::from_number(0),
            valid_to: None,
        })
    }

    fn tag(uid: &str, household: &str) -> Row {
        let valid_from = LocalDay::from_number(0);
        Row::Tag(Tag { uid: uid.into(), household: household.into(), tech: None, valid_from, valid_to: None })
    }

    /// Households A and B at P1, C and D at P2, each with a tag and people.
    fn register(more: Vec<Row>) -> Register {
        let point = |code: &str| {
            Row::Point(Point {
                code: code.into(),
                name: code.to_owned(),
                area: "A".into(),
                lat: None,
                lon: None,
                validity: Validity::default(),
            })
        };
        let mut rows = vec![
            Row::Area(Area { code: "A".into(), name: "A".to_owned(), validity: Validity::default() }),
            point("P1"),
            point("P2"),
        ];
        for (code, at) in [("A", "P1"), ("B", "P1"), ("C", "P2"), ("D", "P2")] {
            rows.push(household(code, Some(at), Some(3)));
            rows.push(tag(&format!("0{code}"), code));
        }
        rows.extend(more);
        Register::build(rows.into_iter().map(|row| (LocalDay::from_number(1), row)))
    }

    fn used(household: &str, place: &str, slot: i64, recent: bool, count: i64) -> CardUse {
        CardUse { household: household.into(), place: place.into(), slot, recent, count, first: T, last: T }
    }

    fn told(register: &Register, reads: &[TagReads], uses: &[CardUse]) -> Vec<(FaultKind, String)> {
        faults(register, day(), reads, uses, |_| day())
            .into_iter()
            .map(|fault| {
                let names: Vec<String> = fault.households.iter().map(ToString::to_string).collect();
                (fault.kind, fault.uid.map_or_else(|| names.join("+"), |uid| uid.to_string()))
            })
            .collect()
    }

    #[test]
    fn a_sound_register_has_no_fault() {
        let uses = [used("A", "P1", 12, true, 8), used("C", "P2", 30, true, 8)];
        let reads = [TagReads { uid: "0A".into(), place: "P1".into(), count: 8, first: T, last: T }];
        assert_eq!(told(&register(Vec::new()), &reads, &uses), []);
    }

    #[test]
    fn an_unknown_tag_is_told_once_with_all_its_places() {
        let read =
            |place: &str, count: i64| TagReads { uid: "FF".into(), place: place.into(), count, first: T, last: T };
        let found = faults(&register(Vec::new()), day(), &[read("P1", 2), read("P2", 3)], &[], |_| day());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, found[0].count, found[0].places.len()), (FaultKind::UnknownTag, 5, 2));
    }

    #[test]
    fn what_a_household_lacks_is_told_unless_it_is_excluded() {
        let bare = |code: &str| household(code, None, None);
        let excluded = Row::Exclusion(Exclusion {
            household: "F".into(),
            reason: ExclusionReason::Vacant,
            from: day() - 1,
            to: None,
            by: "x".to_owned(),
        });
        let found = told(&register(vec![bare("E"), bare("F"), excluded]), &[], &[]);
        let of = |kind| (kind, "E".to_owned());
        assert_eq!(found, [of(FaultKind::NoTag), of(FaultKind::NoPlace), of(FaultKind::NoPeople)]);
    }

    #[test]
    fn a_tag_of_two_households_is_told() {
        let mut second = tag("0A", "B");
        if let Row::Tag(tag) = &mut second {
            tag.valid_from = LocalDay::from_number(5);
        }
        assert_eq!(told(&register(vec![second]), &[], &[]), [(FaultKind::TagTwice, "0A".to_owned())]);
    }

    #[test]
    fn a_card_used_elsewhere_three_times_is_told_and_twice_is_not() {
        let uses = [used("A", "P2", 12, true, 3), used("B", "P2", 12, true, 2), used("C", "P1", 12, false, 9)];
        assert_eq!(told(&register(Vec::new()), &[], &uses), [(FaultKind::FarPoint, "A".to_owned())]);
    }

    #[test]
    fn two_cards_used_at_each_other_s_point_are_exchanged() {
        let uses = [used("A", "P2", 12, true, 8), used("A", "P1", 12, true, 2), used("C", "P1", 12, true, 6)];
        let found = told(&register(Vec::new()), &[], &uses);
        assert!(found.contains(&(FaultKind::Exchanged, "A+C".to_owned())), "{found:?}");
        // One in four at the own point, or too few hand-overs: nobody is named.
        let mixed = [used("A", "P2", 12, true, 6), used("A", "P1", 12, true, 2), used("C", "P1", 12, true, 6)];
        let few = [used("A", "P2", 12, true, 5), used("C", "P1", 12, true, 6)];
        for uses in [&mixed[..], &few[..]] {
            let found = told(&register(Vec::new()), &[], uses);
            assert!(found.iter().all(|(kind, _)| *kind != FaultKind::Exchanged), "{found:?}");
        }
    }

    #[test]
    fn where_two_could_be_meant_nobody_is_named() {
        let uses = [used("A", "P2", 12, true, 8), used("B", "P2", 12, true, 8), used("C", "P1", 12, true, 8)];
        let found = told(&register(Vec::new()), &[], &uses);
        assert!(found.iter().all(|(kind, _)| *kind != FaultKind::Exchanged), "{found:?}");
    }

    #[test]
    fn at_one_point_hours_that_changed_places_tell_exchanged_cards() {
        let hours = |a: (i64, i64), b: (i64, i64)| {
            vec![
                used("A", "P1", a.0, false, 8),
                used("A", "P1", a.1, true, 8),
                used("B", "P1", b.0, false, 8),
                used("B", "P1", b.1, true, 8),
            ]
        };
        let found = |uses: &[CardUse]| told(&register(Vec::new()), &[], uses);
        assert_eq!(found(&hours((12, 36), (36, 12))), [(FaultKind::Exchanged, "A+B".to_owned())]);
        assert_eq!(found(&hours((12, 37), (36, 11))), [(FaultKind::Exchanged, "A+B".to_owned())]);
        // Hours close together, only one that changed, or both to the same: habits, not cards.
        for (a, b) in [((12, 15), (15, 12)), ((12, 36), (36, 36)), ((12, 40), (36, 12))] {
            assert_eq!(found(&hours(a, b)), [], "{a:?} {b:?}");
        }
    }
}
