//! Points, practice, rounds, statements and tickets are the same on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::{AreaCode, PlaceCode};
use phanloai::domain::pickup::Grams;
use phanloai::domain::reading::{ClockState, Event, Reading, Weight};
use phanloai::domain::sorting::Practice;
use phanloai::domain::ticket::{Destination, DestinationKind, Standing, TicketFact, standings};
use phanloai::domain::time::{HOUR_MS, Instant, LocalDay, Zone};
use phanloai::indicators::{AreaPeriod, Counts, Delivered, EventQuality, Service};
use phanloai::store::{
    Change, DeviceDay, PlaceChange, PlaceDay, PlaceStatementDay, PracticeSpan, StateChange, StatementDay, TonnageDay,
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

fn practice(set_outs: i64) -> Practice {
    Practice {
        served: true,
        measured: true,
        participating: set_outs > 0,
        opportunities: 3,
        set_outs,
        home_treated: false,
    }
}

fn span(household: &str, from: LocalDay, to: Option<LocalDay>, set_outs: i64) -> PracticeSpan {
    let point = Some("P1".into());
    PracticeSpan { household: household.into(), from, to, point, practice: practice(set_outs), people: Some(4) }
}

fn put<T>(put: Vec<T>) -> Change<T> {
    Change { put, gone: Vec::new() }
}

fn counts(set_outs: &[i64]) -> Counts {
    let mut counts = Counts { eligible: i64::try_from(set_outs.len()).unwrap(), ..Counts::default() };
    for one in set_outs {
        counts.add_practice(&practice(*one), Some(4), 1);
    }
    counts
}

#[tokio::test]
async fn practice_and_points_totals_move_together() {
    on_both(async |store| {
        let (on, next) = (first(), first() + 1);
        let point = PlaceCode::new("P1");
        store.put_setting("computed_through", &on.to_string()).await.unwrap();
        let (one, two) = (span("H1", on, None, 2), span("H2", on - 1, None, 0));
        let change = StateChange {
            practice: put(vec![one.clone(), two.clone()]),
            points: BTreeMap::from([
                ((point.clone(), on), counts(&[2, 0])),
                ((point.clone(), on - 1), counts(&[0])),
                ((point.clone(), on - 2), Counts::default()),
            ]),
            totals: BTreeMap::from([((AreaCode::new("A1"), on), counts(&[2, 0]))]),
            ..StateChange::default()
        };
        store.apply_states(&change, &[]).await.unwrap();
        let both = ["H2".into(), "H1".into()];
        assert_eq!(store.practice_spans(&both, on, next).await.unwrap(), [one.clone(), two.clone()]);
        assert_eq!(store.counts_on(on).await.unwrap()[&AreaCode::new("A1")], counts(&[2, 0]));
        assert_eq!(store.point_counts_on(on - 2).await.unwrap(), BTreeMap::new());
        // The next day begins.
        store.roll(on, next, []).await.unwrap();
        assert_eq!(store.point_counts_on(next).await.unwrap()[&point], counts(&[2, 0]));
        let mut less = Counts::default();
        less.add_practice(&practice(2), Some(4), -1);
        less.add_practice(&practice(3), None, 1);
        let later = PracticeSpan { people: None, point: None, ..span("H1", next, None, 3) };
        let change = StateChange {
            practice: Change { put: vec![span("H1", on, Some(on), 2), later.clone()], gone: vec![one] },
            points: BTreeMap::from([((point.clone(), next), less)]),
            ..StateChange::default()
        };
        store.apply_states(&change, &[]).await.unwrap();
        assert_eq!(store.practice_spans(&both[1..], next, next).await.unwrap(), [later]);
        let series = store.point_series(&point, on - 9, next).await.unwrap();
        assert_eq!(series.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [on - 1, on, next]);
        assert_eq!((series[1].1.set_outs, series[2].1.set_outs, series[2].1.people), (2, 3, 4));
        assert_eq!(store.point_series(&"P2".into(), on, next).await.unwrap(), []);
        store.drop_derived().await.unwrap();
        assert_eq!(store.practice_spans(&both, on, next).await.unwrap(), []);
        assert_eq!(store.point_series(&point, on, next).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn rounds_and_hand_overs_add_up_by_day_and_hamlet() {
    on_both(async |store| {
        let (on, next) = (first(), first() + 1);
        let service =
            Service { scheduled: 2, ran: 1, observable: 1, hand_overs: 9, tagged: 8, overload: 1, below_min: 3 };
        let row = |stream: &str, day, area: &str| PlaceDay {
            place: "P1".into(),
            stream: stream.into(),
            day,
            area: area.into(),
            service,
        };
        let events = EventQuality { in_use: 9, weights: 4, unstable: 1, late: 2, clock_doubted: 3 };
        let device = DeviceDay {
            device: "d".into(),
            day: on,
            place: "P1".into(),
            area: "A1".into(),
            working_ms: 1,
            scheduled_ms: 2,
            received: 3,
            missing: 4,
            events,
        };
        let rows = vec![row("food", on, "A1"), row("other", on, "A1"), row("food", next, "A2")];
        let grams = Grams { weighed_g: 900, manual_g: 10, estimated_g: 5, unknown_household_g: 3, pickups: 2 };
        let mass =
            |stream: &str, day| TonnageDay { place: "P1".into(), stream: stream.into(), day, area: "A1".into(), grams };
        let change = PlaceChange {
            place_days: put(rows.clone()),
            device_days: put(vec![device.clone()]),
            tonnage: put(vec![mass("food", on), mass("other", next)]),
            ..PlaceChange::default()
        };
        assert!(!change.is_empty());
        store.apply_place(&change).await.unwrap();
        assert_eq!(store.place_days(&"P1".into(), on, next).await.unwrap(), rows);
        assert_eq!(store.place_days(&"P2".into(), on, next).await.unwrap(), []);
        let mut twice = service;
        twice.merge(&service);
        assert_eq!(store.service_days(None, on, next).await.unwrap(), [(on, twice), (next, service)]);
        assert_eq!(store.service_days(Some(&"A2".into()), on, next).await.unwrap(), [(next, service)]);
        assert_eq!(store.quality_by_day(Some(&"A1".into()), on, next).await.unwrap(), [(on, events)]);
        assert_eq!(store.quality_by_day(Some(&"A2".into()), on, next).await.unwrap(), []);
        let complete = store.place_completeness(&"P1".into(), on, next).await.unwrap();
        assert_eq!((complete.len(), complete[0].day, complete[0].completeness.missing), (1, on, 4));
        assert_eq!(store.place_completeness(&"P2".into(), on, next).await.unwrap(), []);
        let mut thrice = twice;
        thrice.merge(&service);
        assert_eq!(store.service_by_place(on, next).await.unwrap(), BTreeMap::from([("P1".into(), thrice)]));
        assert_eq!(store.service_by_place(next, next).await.unwrap(), BTreeMap::from([("P1".into(), service)]));
        assert_eq!(store.quality_by_place(on, next).await.unwrap(), BTreeMap::from([("P1".into(), events)]));
        assert_eq!(store.quality_by_place(next, next).await.unwrap(), BTreeMap::new());
        let by_device = store.completeness_by_device(on, next).await.unwrap();
        assert_eq!(by_device, BTreeMap::from([("d".into(), device.completeness())]));
        let by_place = store.tonnage_by_place(on, next).await.unwrap();
        assert_eq!((by_place.len(), by_place[&PlaceCode::new("P1")].weighed_g), (1, 1_800));
        assert_eq!(by_place[&PlaceCode::new("P1")].pickups, 4);
        let less = Service { ran: 2, ..service };
        let change = PlaceChange {
            place_days: Change {
                put: vec![PlaceDay { service: less, ..row("food", on, "A1") }],
                gone: vec![row("food", next, "A2")],
            },
            ..PlaceChange::default()
        };
        store.apply_place(&change).await.unwrap();
        assert_eq!(store.place_days(&"P1".into(), on, next).await.unwrap()[0].service, less);
        assert_eq!(store.service_days(None, next, next).await.unwrap(), []);
    })
    .await;
}

fn operation(id: &str, by: &str, statement: Statement) -> Operation {
    Operation { id: id.to_owned(), recorded: T, by: by.to_owned(), statement }
}

fn crew_pickup(household: &str) -> Statement {
    Statement::Pickup {
        at: T,
        household: household.into(),
        place: "P1".into(),
        stream: "food".into(),
        result: CrewResult::Separated,
        reason: None,
        manual_g: None,
        reading: None,
    }
}

#[tokio::test]
async fn statements_are_counted_by_day_hamlet_person_and_word() {
    on_both(async |store| {
        let on = first();
        let void = Statement::Void { at: T, pickup: "o2".to_owned(), reason: "nhầm".to_owned() };
        let operations = [
            operation("o1", "to-1", crew_pickup("H1")),
            operation("o2", "to-1", crew_pickup("H2")),
            operation("o3", "to-1", void),
        ];
        store.record(&operations, &zone()).await.unwrap();
        assert_eq!(store.stale("statement", 9).await.unwrap(), [(String::new(), on, 1)]);
        let alive = store.statements_on(on).await.unwrap();
        assert_eq!(alive.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>(), ["o1"]);
        assert_eq!(store.statement_days().await.unwrap(), [on]);
        let row = |day: LocalDay, area: &str, by: &str, count| StatementDay {
            day: day.to_string(),
            area: area.to_owned(),
            recorded_by: by.to_owned(),
            word: "pickup.separated".to_owned(),
            count,
        };
        let at = |day: LocalDay, place: &str, count| PlaceStatementDay {
            day: day.to_string(),
            place: place.to_owned(),
            word: "pickup.separated".to_owned(),
            count,
        };
        let places = [at(on, "P1", 6), at(on, "P2", 2)];
        let rows = [row(on, "A1", "to-1", 5), row(on, "A2", "to-1", 2), row(on, "A2", "to-2", 1)];
        store.put_statement_counts(on, &[row(on, "A9", "to-9", 1)], &[]).await.unwrap();
        store.put_statement_counts(on, &rows, &places).await.unwrap();
        store.put_statement_counts(on + 1, &[row(on + 1, "A1", "to-1", 4)], &[at(on + 1, "P1", 4)]).await.unwrap();
        assert_eq!(store.statement_counts(on).await.unwrap(), rows);
        assert_eq!(store.place_statement_counts(on).await.unwrap(), places);
        let word = "pickup.separated".to_owned();
        let sums = store.statement_sums(None, on, on + 1).await.unwrap();
        assert_eq!(sums, [(on, word.clone(), 8), (on + 1, word.clone(), 4)]);
        assert_eq!(store.statement_sums(Some(&"A2".into()), on, on + 1).await.unwrap(), [(on, word.clone(), 3)]);
        let by_place = store.place_statement_sums(on, on + 1).await.unwrap();
        assert_eq!(by_place, [("P1".into(), word.clone(), 10), ("P2".into(), word.clone(), 2)]);
        let by_area = store.area_statement_sums(on, on + 1).await.unwrap();
        assert_eq!(by_area, [("A1".into(), word.clone(), 9), ("A2".into(), word.clone(), 3)]);
        let people = store.statements_by_person(None, on, on + 1).await.unwrap();
        assert_eq!(people[&("to-1".to_owned(), word.clone())], (11, 7));
        assert_eq!(people[&("to-2".to_owned(), word)], (1, 1));
        store.put_statement_counts(on, &[], &[]).await.unwrap();
        assert_eq!(store.statement_counts(on).await.unwrap(), []);
        assert_eq!(store.place_statement_counts(on).await.unwrap(), []);
    })
    .await;
}

fn ticket(id: &str, number: &str, known_ms: i64, gross_g: i64, device: bool) -> TicketFact {
    TicketFact {
        id: id.to_owned(),
        ticket: number.to_owned(),
        day: first(),
        at: T,
        vehicle: "29H-123.45".to_owned(),
        stream: "food".into(),
        gross_g,
        tare_g: 4_000_000,
        destination: "u-phan".to_owned(),
        known: T.plus_ms(known_ms),
        by: if device { "can-xe".to_owned() } else { "canbo".to_owned() },
        device,
        void: false,
    }
}

#[tokio::test]
async fn of_tickets_with_one_number_the_first_that_is_not_void_counts() {
    on_both(async |store| {
        let on = first();
        let plant = Destination { code: "u-phan".into(), name: "Trạm ủ".into(), kind: DestinationKind::Dump };
        store.put_destination(&plant, Instant::from_ms(0), "commune.toml").await.unwrap();
        let plant = Destination { kind: DestinationKind::Plant, ..plant };
        store.put_destination(&plant, T, "canbo").await.unwrap();
        store.put_destination(&plant, T, "canbo").await.unwrap();
        assert_eq!(store.destinations().await.unwrap(), [plant]);
        let from_device = ticket("can-xe~0a11ce01~7", "UP-1", 0, 5_000_000, true);
        let change = PlaceChange { tickets: put(vec![from_device.clone()]), ..PlaceChange::default() };
        assert!(!change.is_empty());
        store.apply_place(&change).await.unwrap();
        let repeat = ticket("t1", "UP-1", 10, 5_000_000, false);
        let differs = ticket("t2", "UP-1", 5, 6_000_000, false);
        let other = TicketFact { destination: "dau-do".to_owned(), ..ticket("t3", "UP-2", 9, 4_500_000, false) };
        store.put_tickets(&[repeat.clone(), differs.clone(), other.clone()], &["t9".to_owned()]).await.unwrap();
        assert_eq!(store.stated_tickets().await.unwrap(), [repeat.clone(), differs.clone(), other.clone()]);
        assert_eq!(store.device_tickets(&"can-xe".into(), on, on).await.unwrap(), std::slice::from_ref(&from_device));
        assert_eq!(store.device_tickets(&"can-xe".into(), on + 1, on + 1).await.unwrap(), []);
        assert_eq!(store.tickets_by_id(["t2", "tx"]).await.unwrap(), std::slice::from_ref(&differs));
        let of_food = |kind, net_g| Delivered { stream: "food".into(), kind, net_g, tickets: 1 };
        let delivered = store.delivered(on, on).await.unwrap();
        assert_eq!(delivered, [(on, of_food(None, 500_000)), (on, of_food(Some(DestinationKind::Plant), 1_000_000))]);
        assert_eq!(store.delivered(on + 1, on + 9).await.unwrap(), []);
        // The one that counted is taken back: the next known takes its place.
        let taken_back = TicketFact { void: true, ..from_device };
        let change = PlaceChange { tickets: put(vec![taken_back]), ..PlaceChange::default() };
        store.apply_place(&change).await.unwrap();
        assert_eq!(store.delivered(on, on).await.unwrap()[1].1.net_g, 2_000_000);
        let listed = store.tickets(on, on, 50).await.unwrap();
        let one: Vec<TicketFact> = listed.into_iter().filter(|ticket| ticket.ticket == "UP-1").collect();
        let mut standing = standings(&one);
        standing.sort();
        assert_eq!(standing, [Standing::Counts, Standing::Conflicts, Standing::Void]);
        store.put_tickets(&[], &["t2".to_owned(), "t3".to_owned()]).await.unwrap();
        assert_eq!(store.delivered(on, on).await.unwrap(), [(on, of_food(Some(DestinationKind::Plant), 1_000_000))]);
    })
    .await;
}

fn reading(seq: i64, at_ms: i64, late_ms: i64, event: Event) -> Reading {
    Reading {
        id: phanloai::domain::ids::EventId { device: "can-xe".into(), log: "0a11ce01".into(), seq },
        boot: 1,
        ms: at_ms,
        at: Some(T.plus_ms(at_ms)),
        clock: ClockState::Synced,
        sent_ms: None,
        received: T.plus_ms(at_ms + late_ms),
        simulated: false,
        event,
        extra: String::new(),
    }
}

#[tokio::test]
async fn events_show_their_quality_and_hamlets_days_add_up() {
    on_both(async |store| {
        let weight = |stable| {
            let (stream, range) = (Some("food".into()), None);
            Event::Weight(Weight {
                gross_g: 1,
                tare_g: 0,
                stable,
                load: None,
                stream,
                division_g: None,
                range,
                maintenance: false,
            })
        };
        let event = Event::Ticket {
            vehicle: "29H".to_owned(),
            gross_g: 5_000_000,
            tare_g: 4_000_000,
            stream: "food".into(),
            destination: "u-phan".to_owned(),
            ticket: "UP-1".to_owned(),
        };
        let beat = Event::Heartbeat { battery_mv: None, rssi_dbm: None, queued: None, zero_g: None };
        let unset = Reading { clock: ClockState::Unset, at: None, ..reading(4, 3_000, 0, weight(true)) };
        let readings = [
            reading(1, 0, HOUR_MS, weight(false)),
            reading(2, 1_000, HOUR_MS + 1, event),
            reading(3, 2_000, 0, beat),
            unset,
        ];
        store.append(&readings, &[], &zone(), conflict).await.unwrap();
        let device = "can-xe".into();
        let latest = store.latest_readings(&device, 2).await.unwrap();
        assert_eq!(latest.iter().map(|observed| observed.reading.id.seq).collect::<Vec<_>>(), [4, 3]);
        assert!(store.latest_readings(&"khac".into(), 2).await.unwrap().is_empty());
        let found = store.event_quality(&device, T, T.plus_ms(HOUR_MS)).await.unwrap();
        let mut all = EventQuality::default();
        found.iter().for_each(|(_, quality, _)| all.merge(quality));
        assert_eq!(all, EventQuality { in_use: 3, weights: 2, unstable: 1, late: 1, clock_doubted: 1 });
        assert_eq!(found.iter().filter(|(_, _, is_ticket)| *is_ticket).count(), 1);
        let tickets = store.ticket_readings(&device, T, T.plus_ms(HOUR_MS)).await.unwrap();
        let made = TicketFact::of_reading(&tickets[0], false, &zone()).unwrap();
        assert_eq!((made.ticket.as_str(), made.net_g(), tickets.len()), ("UP-1", 1_000_000, 1));
        let counts = Counts { eligible: 2, sorting: 1, not_sorting: 1, ..Counts::default() };
        let change = StateChange {
            totals: BTreeMap::from([
                ((AreaCode::new("A1"), first()), counts),
                ((AreaCode::new("A2"), first()), counts),
            ]),
            ..StateChange::default()
        };
        store.apply_states(&change, &[]).await.unwrap();
        let rows = store.counts_by_area(first() - 3, first() + 3).await.unwrap();
        assert_eq!(rows, [("A1".into(), first(), counts), ("A2".into(), first(), counts)]);
        let periods = store.area_periods(first() - 3, first() + 3).await.unwrap();
        assert_eq!(periods[&AreaCode::new("A2")].days, BTreeMap::from([(first(), counts)]));
        let mut all = AreaPeriod::default();
        periods.values().for_each(|of| all.merge(of));
        assert_eq!(all.days[&first()], Counts { eligible: 4, sorting: 2, not_sorting: 2, ..counts });
    })
    .await;
}
