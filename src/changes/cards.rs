//! Printed cards: whose are chosen, and giving a number to those that have none.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{ATTEMPTS, ChangeError, Known, stale};
use crate::domain::card::{CardNumber, PRINTED};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode, as_counted};
use crate::domain::register::{Commune, Register, Row, Tag};
use crate::domain::time::{Instant, LocalDay};
use crate::store::{Recorded, RegisterChange, Store, StoreError};

/// In which order cards are printed, and so lie when they are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By hamlet, then point, then code.
    #[default]
    Point,
    /// By route, in walking order; households of no route last.
    Route,
    /// By code.
    Code,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Point, Self::Route, Self::Code];

    /// Gives the word of addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Route => "route",
            Self::Code => "code",
        }
    }

    /// Finds the order of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.word() == word)
    }
}

/// Whose cards are chosen: those who meet all that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of one of these hamlets; empty: of any.
    pub areas: Vec<AreaCode>,
    /// Of this point or route.
    pub place: Option<PlaceCode>,
    /// These households; empty: all.
    pub households: Vec<HouseholdCode>,
    /// In which order.
    pub order: Order,
}

/// A household that is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its code.
    pub household: HouseholdCode,
    /// Its hamlet.
    pub area: AreaCode,
    /// Its point.
    pub point: Option<PlaceCode>,
    /// The route on which it is a stop, in the order by route.
    pub route: Option<PlaceCode>,
    /// The number of its printed card. `None`: it has none.
    pub card: Option<CardNumber>,
}

/// Gives the number of a household's printed card on a day; of several the one that began last.
pub fn card_of(register: &Register, household: &HouseholdCode, on: LocalDay) -> Option<CardNumber> {
    printed(register, household, on)
        .filter_map(|tag| Some((tag.valid_from, CardNumber::read(tag.uid.as_str())?)))
        .max()
        .map(|(_, number)| number)
}

/// Gives a household's tags of a day that are printed ones.
fn printed<'r>(register: &'r Register, household: &HouseholdCode, on: LocalDay) -> impl Iterator<Item = &'r Tag> {
    let holds = move |tag: &&Tag| tag.valid_from <= on && tag.valid_to.is_none_or(|to| on < to);
    register.tags_of(household).iter().filter(|tag| tag.tech.as_deref() == Some(PRINTED)).filter(holds)
}

/// A chosen household with what it is sorted by: its code as people count, and its stop on a route.
type Placed = (Vec<(String, u64)>, Option<i64>, Chosen);

/// Gives the households that are registered on a day and chosen, in order.
pub fn chosen(register: &Register, selection: &Selection, on: LocalDay) -> Vec<Chosen> {
    let named: HashSet<&HouseholdCode> = selection.households.iter().collect();
    let mut all: Vec<Placed> = Vec::new();
    for (code, registration) in &register.households {
        let Some(household) = registration.on(on) else { continue };
        let is_chosen = (selection.areas.is_empty() || selection.areas.contains(&household.area))
            && selection.place.as_ref().is_none_or(|place| register.serves(place, code, on))
            && (named.is_empty() || named.contains(code));
        if !is_chosen {
            continue;
        }
        let stop = || {
            let places = register.places_of(code).into_iter().filter(|place| !register.points.contains_key(place));
            let stops = places.filter_map(|route| Some((register.stop_order(&route, code, on)?, route)));
            stops.min_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)))
        };
        let stop = if selection.order == Order::Route { stop() } else { None };
        let (order, route) = stop.map_or((None, None), |(order, route)| (Some(order), Some(route)));
        let chosen = Chosen {
            household: code.clone(),
            area: household.area.clone(),
            point: household.point.clone(),
            route,
            card: card_of(register, code, on),
        };
        all.push((as_counted(code.as_str()), order, chosen));
    }
    all.sort_by(|(code, order, one), (other_code, other_order, other)| match selection.order {
        Order::Code => code.cmp(other_code),
        Order::Point => (&one.area, &one.point, code).cmp(&(&other.area, &other.point, other_code)),
        // Households of no route last.
        Order::Route => (one.route.is_none(), &one.route, order, code).cmp(&(
            other.route.is_none(),
            &other.route,
            other_order,
            other_code,
        )),
    });
    all.into_iter().map(|(_, _, chosen)| chosen).collect()
}

/// Names where a household's card is handed out: its hamlet, and its route or point.
pub fn place_of(register: &Register, chosen: &Chosen) -> String {
    let hamlet = register.areas.get(&chosen.area).map_or_else(|| chosen.area.to_string(), |area| area.name.clone());
    let place = chosen.route.as_ref().or(chosen.point.as_ref());
    let named = |place: &PlaceCode| {
        register.points.get(place).map_or_else(|| place.to_string(), |point| point.newest().name.clone())
    };
    place.map_or_else(|| hamlet.clone(), |place| format!("{hamlet}, {}", named(place)))
}

/// Which households get a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Those that have no printed card.
    Missing,
    /// All: the number that each had ends today, so that a lost card is good for nothing.
    Replace,
}

/// In whose name numbers are given, when and why.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// When.
    pub now: Instant,
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Gives numbers to households and records them in the register. Gives how many got one.
///
/// `draw` gives random bytes; a number that was ever given to anybody is drawn again.
///
/// # Errors
/// The database's; that others change the register all the time.
pub async fn issue(
    store: &Store,
    commune: &Commune,
    households: &[HouseholdCode],
    renewal: Renewal,
    issue: Issue<'_>,
    mut draw: impl FnMut() -> [u8; 5],
) -> Result<usize, ChangeError> {
    let today = commune.zone.day_of(issue.now);
    for _ in 0..ATTEMPTS {
        let known = Known::read(store, commune).await?;
        let (ended, new) = rows(&known, households, renewal, today, &mut draw);
        if new.is_empty() {
            return Ok(0);
        }
        if record(store, commune, &known, (&ended, &new), issue).await? != Recorded::Moved {
            return Ok(new.len());
        }
    }
    Err(ChangeError::Busy)
}

/// Makes the rows that end former numbers, and those that give new ones.
fn rows(
    known: &Known,
    households: &[HouseholdCode],
    renewal: Renewal,
    today: LocalDay,
    draw: &mut impl FnMut() -> [u8; 5],
) -> (Vec<Row>, Vec<Row>) {
    let register = &known.register;
    let mut given: BTreeSet<String> = known
        .versions
        .iter()
        .filter_map(|(_, row)| match row {
            Row::Tag(tag) => Some(tag.uid.to_string()),
            Row::Area(_)
            | Row::Point(_)
            | Row::Route(_)
            | Row::Household(_)
            | Row::Device(_)
            | Row::Schedule(_)
            | Row::Exclusion(_)
            | Row::Target(_)
            | Row::Rule(_) => None,
        })
        .collect();
    let (mut ended, mut new) = (Vec::new(), Vec::new());
    let registered = |code: &&HouseholdCode| register.households.get(*code).is_some_and(|of| of.on(today).is_some());
    for household in households.iter().filter(registered) {
        match renewal {
            Renewal::Missing if card_of(register, household, today).is_some() => continue,
            Renewal::Missing => {}
            Renewal::Replace => {
                let held = printed(register, household, today).cloned();
                ended.extend(held.map(|tag| Row::Tag(Tag { valid_to: Some(today), ..tag })));
            }
        }
        let number = loop {
            let number = CardNumber::of(draw());
            if given.insert(number.uid().to_string()) {
                break number;
            }
        };
        new.push(Row::Tag(Tag {
            uid: number.uid(),
            household: household.clone(),
            tech: Some(PRINTED.to_owned()),
            valid_from: today,
            valid_to: None,
        }));
    }
    (ended, new)
}

/// Records rows with what they make stale.
///
/// # Why
/// A number that was drawn just now was read nowhere, so no pickup can change: what is computed again is whether its household has a
/// card, from today on. The rule for tags of any origin would compute every day of every place again, for each of ten thousand cards.
async fn record(
    store: &Store,
    commune: &Commune,
    known: &Known,
    (ended, new): (&[Row], &[Row]),
    issue: Issue<'_>,
) -> Result<Recorded, StoreError> {
    let rows: Vec<Row> = ended.iter().chain(new).cloned().collect();
    let at = known.recording_time(&rows, issue.now);
    let through = store.computed_through().await?;
    let mut marks = stale::marks(store, commune, known, ended, (at, through)).await?;
    if through.is_some() {
        let mut from: BTreeMap<&HouseholdCode, LocalDay> = BTreeMap::new();
        for row in new {
            if let Row::Tag(tag) = row {
                from.insert(&tag.household, tag.valid_from);
            }
        }
        marks.extend(from.into_iter().map(|(household, day)| ("household", household.to_string(), day)));
    }
    let change = RegisterChange {
        rows: &rows,
        people: &[],
        stated: None,
        stale: marks,
        at,
        by: issue.by,
        reason: Some(issue.reason),
        basis: Some(known.version.clone()),
        confirms: None,
    };
    store.change_register(&change).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{Area, Household, Point, RouteStop, Validity};

    fn day(text: &str) -> LocalDay {
        text.parse().unwrap()
    }

    fn household(code: &str, area: &str, point: Option<&str>) -> Row {
        Row::Household(Household {
            code: code.into(),
            area: area.into(),
            people: None,
            point: point.map(Into::into),
            valid_from: day("2026-01-01"),
            valid_to: None,
        })
    }

    fn tag(uid: &str, household: &str, tech: &str, to: Option<&str>) -> Row {
        Row::Tag(Tag {
            uid: uid.into(),
            household: household.into(),
            tech: Some(tech.to_owned()),
            valid_from: day("2026-02-01"),
            valid_to: to.map(day),
        })
    }

    fn register() -> Register {
        let stop = |household: &str, order| {
            Row::Route(RouteStop {
                route: "T1".into(),
                household: household.into(),
                order,
                validity: Validity::default(),
            })
        };
        let point = |code: &str, area: &str| {
            Row::Point(Point {
                code: code.into(),
                name: code.into(),
                area: area.into(),
                lat: None,
                lon: None,
                validity: Validity::default(),
            })
        };
        let number = CardNumber::of([1, 2, 3, 4, 5]).uid().to_string();
        let rows = [
            Row::Area(Area { code: "A".into(), name: "A".into(), validity: Validity::default() }),
            Row::Area(Area { code: "B".into(), name: "B".into(), validity: Validity::default() }),
            point("P1", "A"),
            point("P2", "A"),
            household("H-10", "A", Some("P1")),
            household("H-9", "A", Some("P2")),
            household("H-2", "B", None),
            household("H-1", "A", Some("P1")),
            stop("H-9", 2),
            stop("H-10", 1),
            tag(&number, "H-9", "qr", None),
            tag("04A224B2C15F80", "H-10", "hf", None),
            tag(&CardNumber::of([9; 5]).uid().to_string(), "H-1", "qr", Some("2026-03-01")),
        ];
        Register::build(rows.into_iter().map(|row| (day("2026-01-01"), row)))
    }

    fn codes(selection: &Selection) -> Vec<String> {
        chosen(&register(), selection, day("2026-06-01")).iter().map(|of| of.household.to_string()).collect()
    }

    #[test]
    fn households_stand_by_point_by_route_or_by_code() {
        let by = |order| codes(&Selection { order, ..Selection::default() });
        assert_eq!(by(Order::Point), ["H-1", "H-10", "H-9", "H-2"]);
        assert_eq!(by(Order::Route), ["H-10", "H-9", "H-1", "H-2"]);
        assert_eq!(by(Order::Code), ["H-1", "H-2", "H-9", "H-10"]);
    }

    #[test]
    fn a_selection_names_hamlets_a_place_and_households() {
        let of = Selection { areas: vec!["A".into()], place: Some("P1".into()), ..Selection::default() };
        assert_eq!(codes(&of), ["H-1", "H-10"]);
        assert_eq!(
            codes(&Selection { place: Some("T1".into()), order: Order::Route, ..Selection::default() }),
            ["H-10", "H-9"]
        );
        assert_eq!(codes(&Selection { households: vec!["H-2".into(), "H-9".into()], ..of }), Vec::<String>::new());
    }

    #[test]
    fn a_printed_card_is_a_qr_tag_of_the_day_and_no_other_tag() {
        let on = |household: &str| card_of(&register(), &household.into(), day("2026-06-01"));
        assert_eq!(on("H-9"), Some(CardNumber::of([1, 2, 3, 4, 5])));
        assert_eq!((on("H-10"), on("H-1")), (None, None));
    }
}
