//! What people look at of households and rounds reads the same on SQLite and on PostgreSQL.

use phanloai::domain::attribution::Attribution;
use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::ids::{EventId, HouseholdCode};
use phanloai::domain::pickup::{Pickup, Source};
use phanloai::domain::reading::{ClockState, Event, Grade, Reading};
use phanloai::domain::round::{Round, RoundOutcome};
use phanloai::domain::state::{DayState, FindingKind, Level, Reason, State, VisitResult};
use phanloai::domain::time::{HOUR_MS, Instant, LocalDay, Zone};
use phanloai::store::{
    Change, HouseholdsQuery, Person, PlaceChange, RegisterChange, RoundFate, RoundSums, RoundsQuery, StateChange,
    StateSpan, Store,
};

use crate::commune::conflict;
use crate::store_on_both::on_both;

/// 2026-09-01T08:00+07:00, a Tuesday.
const T: Instant = Instant::from_ms(1_788_224_400_000);

fn zone() -> Zone {
    Zone::named("Asia/Ho_Chi_Minh").unwrap()
}

fn first() -> LocalDay {
    zone().day_of(T)
}

fn span(household: &str, area: &str, state: State, reason: Option<Reason>, missing: &[&str]) -> StateSpan {
    let weakest = (state == State::Sorting).then_some(Level::Device);
    StateSpan {
        household: household.into(),
        from: first(),
        to: None,
        area: area.into(),
        state: DayState { state, reason, weakest, at_least_one: false, enrolled: false },
        missing: missing.iter().map(|code| (*code).into()).collect(),
    }
}

fn all(on: LocalDay) -> HouseholdsQuery {
    HouseholdsQuery {
        on,
        area: None,
        state: None,
        reason: None,
        missing: None,
        point: None,
        search: None,
        in_names: false,
        with_sorting: false,
        after: None,
        limit: 99,
    }
}

async fn listed(store: &Store, query: &HouseholdsQuery) -> Vec<String> {
    let rows = store.listed_households(query).await.unwrap();
    rows.into_iter().map(|row| row.span.household.to_string()).collect()
}

#[tokio::test]
async fn households_are_listed_in_the_order_of_visits_and_found_without_diacritics() {
    on_both(async |store: &Store| {
        let on = first();
        store.put_setting("computed_through", &on.to_string()).await.unwrap();
        let put = vec![
            span("H1", "A1", State::Sorting, None, &[]),
            span("H2", "A1", State::Undetermined, Some(Reason::NoPickup), &["food", "paper_1"]),
            span("H3", "A2", State::Undetermined, Some(Reason::OnlyOther), &["food"]),
            span("H4", "A1", State::NotSorting, None, &["paper_1"]),
            span("H5", "A1", State::Undetermined, Some(Reason::NoPickup), &["paper21"]),
        ];
        let spans = Change { put, gone: Vec::new() };
        store.apply_states(&StateChange { spans, ..StateChange::default() }, &[]).await.unwrap();
        let people = [Person {
            household: "H2".to_owned(),
            head_name: "Nguyễn Văn Đạt".to_owned(),
            address: "Ngõ 100%".to_owned(),
            folded: "nguyen van dat ngo 100%".to_owned(),
        }];
        let change = RegisterChange {
            rows: &[],
            people: &people,
            stated: None,
            stale: Vec::new(),
            at: T,
            by: "an",
            reason: None,
            basis: None,
            confirms: None,
        };
        store.change_register(&change).await.unwrap();
        assert_eq!(listed(store, &all(on)).await, ["H4", "H3", "H2", "H5"]);
        assert_eq!(listed(store, &all(on.next())).await, [""; 0], "a day that is not computed");
        let sorting = HouseholdsQuery { with_sorting: true, ..all(on) };
        assert_eq!(listed(store, &sorting).await, ["H4", "H3", "H2", "H5", "H1"]);
        assert_eq!(listed(store, &HouseholdsQuery { state: Some(State::Sorting), ..all(on) }).await, ["H1"]);
        let area = HouseholdsQuery { area: Some("A2".into()), ..all(on) };
        assert_eq!(listed(store, &area).await, ["H3"]);
        let reason = HouseholdsQuery { reason: Some(Reason::NoPickup), ..all(on) };
        assert_eq!(listed(store, &reason).await, ["H2", "H5"]);
        // `_` stands for itself.
        let missing = HouseholdsQuery { missing: Some("paper_1".into()), ..all(on) };
        assert_eq!(listed(store, &missing).await, ["H4", "H2"]);
        let named = |text: &str, in_names| HouseholdsQuery { search: Some(text.to_owned()), in_names, ..all(on) };
        assert_eq!(listed(store, &named("van dat", true)).await, ["H2"]);
        assert_eq!(listed(store, &named("van dat", false)).await, [""; 0], "names are not for this reader");
        assert_eq!(listed(store, &named("100%", true)).await, ["H2"]);
        assert_eq!(listed(store, &named("h3", false)).await, ["H3"]);
        let first_page = HouseholdsQuery { limit: 2, ..all(on) };
        let page = store.listed_households(&first_page).await.unwrap();
        let last = page.last().unwrap();
        let after = Some((last.visit_order, last.span.household.clone()));
        assert_eq!(listed(store, &HouseholdsQuery { after, ..all(on) }).await, ["H2", "H5"]);
        let found = store.listed_households(&named("van dat", true)).await.unwrap();
        assert_eq!((found[0].head_name.as_str(), found[0].address.as_str()), ("Nguyễn Văn Đạt", "Ngõ 100%"));
        assert_eq!(store.spans_between(&"H2".into(), on - 9, on - 1).await.unwrap(), []);
        assert_eq!(store.spans_between(&"H2".into(), on, on).await.unwrap(), [found[0].span.clone()]);
    })
    .await;
}

fn operation(id: &str, statement: Statement) -> Operation {
    Operation { id: id.to_owned(), recorded: T, by: "an".to_owned(), statement }
}

fn pickup(id: &str, later_ms: i64, readings: Vec<EventId>) -> Pickup {
    let time = T.plus_ms(later_ms);
    Pickup {
        id: id.to_owned(),
        source: Source::Device,
        place: "P1".into(),
        station: "P1-s".into(),
        stream: "food".into(),
        time,
        grade: Grade::Device,
        day: zone().day_of(time),
        round_start: None,
        household: Some("H1".into()),
        attribution: Attribution::Known,
        named_by_crew: false,
        tag_read: true,
        net_g: Some(900),
        below_min: false,
        overload: false,
        void: false,
        result: None,
        readings,
    }
}

#[tokio::test]
async fn what_stands_behind_a_household_is_read_between_two_instants() {
    on_both(async |store: &Store| {
        let household = HouseholdCode::new("H1");
        let (on, stream) = (first(), None);
        let visit = Statement::Visit { on, household: household.clone(), result: VisitResult::Sorting, stream };
        let (at, finding) = (T, FindingKind::Mixed);
        let mixed = Statement::Finding { at, household: household.clone(), stream: None, finding, reason: None };
        let void = |id: &str, of: &str, why: &str| {
            operation(id, Statement::Void { at: T, pickup: of.to_owned(), reason: why.to_owned() })
        };
        let operations = [
            operation("o1", mixed),
            operation("o2", visit),
            void("v1", "o2", "nhầm"),
            void("v2", "o2", "nhầm lần nữa"),
        ];
        store.record(&operations, &zone()).await.unwrap();
        let stated = store.stated_of(&household).await.unwrap();
        let told: Vec<_> = stated
            .iter()
            .map(|one| (one.operation.id.as_str(), one.void.as_ref().map(|void| void.id.as_str())))
            .collect();
        assert_eq!(told, [("o1", None), ("o2", Some("v1"))]);
        let id = |seq: i64| EventId { device: "d".into(), log: "0a11ce01".into(), seq };
        let reading = |seq: i64| Reading {
            id: id(seq),
            boot: 1,
            ms: seq,
            at: Some(T.plus_ms(seq)),
            clock: ClockState::Synced,
            sent_ms: None,
            received: T.plus_ms(500),
            simulated: false,
            event: Event::Tag { uid: "AA".into(), tech: "hf".to_owned(), rssi_dbm: None, antenna: None },
            extra: String::new(),
        };
        store.append(&[reading(1), reading(2), reading(3)], &[], &zone(), conflict).await.unwrap();
        let read = store.readings_of(&[id(3), id(1), id(9)]).await.unwrap();
        assert_eq!(read.iter().map(|one| one.reading.id.seq).collect::<Vec<_>>(), [1, 3]);
        let put =
            vec![pickup("a", 0, vec![id(1)]), pickup("b", HOUR_MS, vec![id(2)]), pickup("c", 2 * HOUR_MS, Vec::new())];
        let change = PlaceChange { pickups: Change { put, gone: Vec::new() }, ..PlaceChange::default() };
        store.apply_place(&change).await.unwrap();
        let between = store.pickups_between(&household, T, T.plus_ms(2 * HOUR_MS)).await.unwrap();
        assert_eq!(between.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn rounds_are_listed_latest_first_and_counted_with_their_denominators() {
    on_both(async |store: &Store| {
        let round = |place: &str, stream: &str, on: LocalDay, ran: bool, observable: bool, crew_opened: bool| {
            let start = zone().at_minute(on, 8 * 60);
            let (place, stream, end) = (place.into(), stream.into(), start.plus_ms(HOUR_MS));
            RoundOutcome { round: Round { place, stream, service_date: on, start, end }, ran, observable, crew_opened }
        };
        let on = first();
        let put = vec![
            round("P1", "food", on, true, true, false),
            round("P1", "other", on, true, false, false),
            round("P2", "food", on, false, true, false),
            round("P1", "food", on + 1, true, true, true),
            round("P1", "food", on + 9, false, false, false),
        ];
        let change = PlaceChange { rounds: Change { put, gone: Vec::new() }, ..PlaceChange::default() };
        store.apply_place(&change).await.unwrap();
        let query = RoundsQuery {
            from: on,
            to: on + 9,
            place: None,
            stream: None,
            fate: None,
            ended_by: T.plus_ms(3 * 24 * HOUR_MS),
            after: None,
            limit: 99,
        };
        let told = async |query: &RoundsQuery| -> Vec<String> {
            let rounds = store.listed_rounds(query).await.unwrap();
            rounds
                .iter()
                .map(|o| format!("{} {} {}", o.round.service_date - on, o.round.place, o.round.stream))
                .collect()
        };
        assert_eq!(told(&query).await, ["1 P1 food", "0 P1 food", "0 P1 other", "0 P2 food"]);
        let sums = RoundSums { scheduled: 4, ran: 3, counted: 2, crew_opened: 1 };
        assert_eq!(store.round_sums(&query).await.unwrap(), sums);
        assert_eq!(sums.missed(), 1);
        let of = |fate| RoundsQuery { fate: Some(fate), ..query.clone() };
        assert_eq!(told(&of(RoundFate::Missed)).await, ["0 P2 food"]);
        assert_eq!(told(&of(RoundFate::Unobserved)).await, ["0 P1 other"]);
        assert_eq!(told(&of(RoundFate::Counted)).await, ["1 P1 food", "0 P1 food"]);
        assert_eq!(store.round_sums(&of(RoundFate::Missed)).await.unwrap(), sums, "the denominator stays");
        assert_eq!(told(&RoundsQuery { place: Some("P2".into()), ..query.clone() }).await, ["0 P2 food"]);
        assert_eq!(told(&RoundsQuery { stream: Some("other".into()), ..query.clone() }).await, ["0 P1 other"]);
        let start_ms = zone().at_minute(on, 8 * 60).ms();
        let after = Some((on, "P1".to_owned(), start_ms, "food".to_owned()));
        assert_eq!(told(&RoundsQuery { after, ..query.clone() }).await, ["0 P1 other", "0 P2 food"]);
    })
    .await;
}
