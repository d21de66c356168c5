//! The register's methods of the store tell the same on SQLite and on PostgreSQL: history, proposals, personal data.

use phanloai::domain::attribution::Attribution;
use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::ids::{DeviceId, EventId, HouseholdCode, PlaceCode};
use phanloai::domain::pickup::{Pickup, Source};
use phanloai::domain::proposal::{Decision, Proposal, Proposed, Stated, Verdict};
use phanloai::domain::reading::{ClockState, Event, Grade, Reading};
use phanloai::domain::register::{Area, Exclusion, Row, Validity};
use phanloai::domain::register_faults::{CardUse, TagReads};
use phanloai::domain::state::{ExclusionReason, FindingKind, VisitResult};
use phanloai::domain::time::{Instant, LocalDay, Zone};
use phanloai::store::{Change, Erasure, Person, PlaceChange, Recorded, RegisterChange, Store};

use crate::store_on_both::on_both;

/// 2026-09-01T08:00+07:00, a Tuesday.
const T: Instant = Instant::from_ms(1_788_224_400_000);

fn zone() -> Zone {
    Zone::named("Asia/Ho_Chi_Minh").unwrap()
}

fn day() -> LocalDay {
    "2026-09-01".parse().unwrap()
}

fn area(name: &str) -> Row {
    Row::Area(Area { code: "A1".into(), name: name.to_owned(), validity: Validity::default() })
}

fn change<'a>(rows: &'a [Row], at: Instant, by: &'a str, reason: Option<&'a str>) -> RegisterChange<'a> {
    RegisterChange { rows, people: &[], stated: None, stale: Vec::new(), at, by, reason, basis: None, confirms: None }
}

fn proposal(id: &str, proposed: Proposed) -> Proposal {
    Proposal {
        id: id.to_owned(), at: T, by: "an".to_owned(), reason: "khảo sát".to_owned(), proposed, decision: None
    }
}

fn exclusion(household: &str) -> Exclusion {
    Exclusion {
        household: household.into(),
        reason: ExclusionReason::Vacant,
        from: day(),
        to: None,
        by: "an".to_owned(),
    }
}

fn decision(verdict: Verdict, by: &str, reason: Option<&str>) -> Decision {
    Decision { verdict, at: T.plus_ms(9), by: by.to_owned(), reason: reason.map(str::to_owned) }
}

#[tokio::test]
async fn each_version_keeps_who_recorded_it_when_and_why() {
    on_both(async |store: &Store| {
        let done = Recorded::Done { new_operations: 0 };
        let (first, second) = ([area("Thôn 1")], [area("Thôn Một")]);
        assert_eq!(store.change_register(&change(&first, T, "an", None)).await.unwrap(), done);
        let why = Some("tên mới theo nghị quyết");
        assert_eq!(store.change_register(&change(&second, T.plus_ms(1), "bình", why)).await.unwrap(), done);
        let history = store.register_history("area", "A1").await.unwrap();
        let told: Vec<_> = history.iter().map(|of| (of.at, of.by.as_str(), of.reason.as_deref(), &of.row)).collect();
        assert_eq!(told, [(T, "an", None, &first[0]), (T.plus_ms(1), "bình", why, &second[0])]);
        assert_eq!(store.register_versions("area").await.unwrap(), history);
        assert_eq!(store.register_versions("point").await.unwrap(), []);
        assert_eq!(store.register_history("area", "A2").await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_checked_against_one_register_only_the_first_is_recorded() {
    on_both(async |store: &Store| {
        let basis = store.register_version().await.unwrap();
        assert_eq!(basis, None);
        let (one, two) = ([area("một")], [area("hai")]);
        let of = |rows, at| RegisterChange { basis: Some(basis.clone()), ..change(rows, at, "an", None) };
        assert_eq!(store.change_register(&of(&one, T)).await.unwrap(), Recorded::Done { new_operations: 0 });
        assert_eq!(store.change_register(&of(&two, T.plus_ms(1))).await.unwrap(), Recorded::Moved);
        assert_eq!(store.register_rows().await.unwrap(), [(T, area("một"))]);
        let basis = store.register_version().await.unwrap();
        let again = RegisterChange { basis: Some(basis), ..change(&two, T.plus_ms(1), "an", None) };
        assert_eq!(store.change_register(&again).await.unwrap(), Recorded::Done { new_operations: 0 });
        assert_eq!(store.register_version().await.unwrap().as_deref(), Some("2"));
    })
    .await;
}

#[tokio::test]
async fn statements_come_with_the_rows_once_and_mark_what_they_touch() {
    on_both(async |store: &Store| {
        let visit = Operation {
            id: "v1".to_owned(),
            recorded: T,
            by: "an".to_owned(),
            statement: Statement::Visit {
                on: day(),
                household: "H1".into(),
                result: VisitResult::Sorting,
                stream: None,
            },
        };
        let (stated, zone) = ([visit.clone()], zone());
        let of = RegisterChange { stated: Some((&stated, &zone)), ..change(&[], T, "an", None) };
        assert_eq!(store.change_register(&of).await.unwrap(), Recorded::Done { new_operations: 1 });
        assert_eq!(store.stale("household", 9).await.unwrap(), [("H1".to_owned(), day(), 1)]);
        assert_eq!(store.change_register(&of).await.unwrap(), Recorded::Done { new_operations: 0 });
        assert_eq!(
            store.stale("household", 9).await.unwrap(),
            [("H1".to_owned(), day(), 1)],
            "nothing new, nothing stale"
        );
        assert_eq!(store.operation("v1").await.unwrap(), Some(visit));
        let known = store.known_operations(["v1", "v2"]).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), ["v1"]);
    })
    .await;
}

#[tokio::test]
async fn a_proposal_waits_until_one_decision_and_its_rows_come_with_the_confirmation() {
    on_both(async |store: &Store| {
        let visits = Proposed::Statements {
            rows: vec![Stated {
                id: "v1".to_owned(),
                by: "an".to_owned(),
                statement: Statement::Visit {
                    on: day(),
                    household: "H9".into(),
                    result: VisitResult::Sorting,
                    stream: None,
                },
            }],
        };
        let first = proposal("1", Proposed::Exclusions { rows: vec![exclusion("H1"), exclusion("H2")] });
        let second = Proposal { at: T.plus_ms(1), ..proposal("2", visits) };
        assert!(store.propose(&first).await.unwrap() && store.propose(&second).await.unwrap());
        assert!(!store.propose(&Proposal { reason: "khác".to_owned(), ..first.clone() }).await.unwrap());
        assert_eq!(store.proposals_waiting().await.unwrap(), [first.clone(), second.clone()]);
        assert_eq!(store.proposal("1").await.unwrap(), Some(first.clone()));
        assert_eq!(store.proposal("3").await.unwrap(), None);

        let yes = decision(Verdict::Confirmed, "bình", None);
        let rows = [Row::Exclusion(exclusion("H1")), Row::Exclusion(exclusion("H2"))];
        let confirmed = RegisterChange { confirms: Some(("1", &yes)), ..change(&rows, T.plus_ms(9), "an", None) };
        assert_eq!(store.change_register(&confirmed).await.unwrap(), Recorded::Done { new_operations: 0 });
        assert_eq!(store.change_register(&confirmed).await.unwrap(), Recorded::Decided);
        assert_eq!(store.register_rows().await.unwrap().len(), 2);
        assert_eq!(store.register_version().await.unwrap().as_deref(), Some("1"));

        // A register that moved leaves the proposal waiting.
        let moved = RegisterChange {
            basis: Some(None),
            confirms: Some(("2", &yes)),
            ..change(&rows, T.plus_ms(10), "an", None)
        };
        assert_eq!(store.change_register(&moved).await.unwrap(), Recorded::Moved);
        assert_eq!(store.proposals_waiting().await.unwrap(), std::slice::from_ref(&second));

        let no = decision(Verdict::Declined, "chi", Some("chưa tới thăm"));
        assert!(store.decide("2", &no).await.unwrap());
        assert!(!store.decide("2", &yes).await.unwrap(), "the first decision stays");
        let decided = store.proposals_decided(9).await.unwrap();
        let held = [Proposal { decision: Some(yes), ..first }, Proposal { decision: Some(no), ..second }];
        assert_eq!(decided, held);
        assert_eq!(store.proposals_decided(1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_one_person_recorded_alone_leaves_out_what_a_second_one_confirmed() {
    on_both(async |store: &Store| {
        let zone = zone();
        let visit = |id: &str, by: &str, household: &str, at: Instant| Operation {
            id: id.to_owned(),
            recorded: at,
            by: by.to_owned(),
            statement: Statement::Visit {
                on: day(),
                household: household.into(),
                result: VisitResult::Sorting,
                stream: None,
            },
        };
        let alone = [Row::Exclusion(exclusion("H1")), area("Thôn 1")];
        let stated = [visit("v1", "Trưởng thôn", "H1", T), visit("v2", "an", "H2", T)];
        let of = RegisterChange { stated: Some((&stated, &zone)), ..change(&alone, T, "an", None) };
        store.change_register(&of).await.unwrap();

        assert!(store.propose(&proposal("1", Proposed::Exclusions { rows: vec![exclusion("H3")] })).await.unwrap());
        let yes = decision(Verdict::Confirmed, "bình", None);
        let (confirmed, seen) = ([Row::Exclusion(exclusion("H3"))], [visit("v3", "an", "H3", yes.at)]);
        let of = RegisterChange {
            stated: Some((&seen, &zone)),
            confirms: Some(("1", &yes)),
            ..change(&confirmed, yes.at, "an", None)
        };
        store.change_register(&of).await.unwrap();

        let rows = store.rows_alone("an", T).await.unwrap();
        assert_eq!(rows.iter().map(|of| of.row.key()).collect::<Vec<_>>(), ["H1|vacant|2026-09-01"]);
        assert_eq!(store.rows_alone("an", T.plus_ms(1)).await.unwrap(), []);
        assert_eq!(store.rows_alone("bình", T).await.unwrap(), []);
        let ids = async |by: &str, since: Instant| {
            let stated = store.stated_alone(by, since).await.unwrap();
            stated.into_iter().map(|of| of.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("an", T).await, ["v1", "v2"], "who hands in, whoever is named");
        assert_eq!(ids("Trưởng thôn", T).await, Vec::<String>::new());
        assert_eq!(ids("an", T.plus_ms(1)).await, Vec::<String>::new());
        assert_eq!(store.visited_on("an", day(), "").await.unwrap(), 2);
        assert_eq!(store.visited_on("an", day(), "H2").await.unwrap(), 1);
        assert_eq!(store.visited_on("an", day() + 1, "").await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_took_back_of_others_is_counted_once_each() {
    on_both(async |store: &Store| {
        let finding = |id: &str, by: &str, statement: Statement| Operation {
            id: id.to_owned(),
            recorded: T,
            by: by.to_owned(),
            statement,
        };
        let mixed = || Statement::Finding {
            at: T,
            household: "H1".into(),
            stream: None,
            finding: FindingKind::Mixed,
            reason: None,
        };
        let void = |of: &str| Statement::Void { at: T, pickup: of.to_owned(), reason: "nhầm".to_owned() };
        let all = [
            finding("f1", "to1", mixed()),
            finding("f2", "an", mixed()),
            finding("w1", "an", void("f1")),
            finding("w2", "an", void("f1")),
            finding("w3", "an", void("f2")),
            finding("w4", "an", void("scale-1~9f1c22ab~7")),
        ];
        store.record(&all, &zone()).await.unwrap();
        let counts = store.taken_back_by_person(day(), day()).await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("an".to_owned(), 2)]);
        assert!(store.taken_back_by_person(day() + 1, day() + 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn erased_personal_data_leaves_only_that_it_was_erased() {
    on_both(async |store: &Store| {
        let household = HouseholdCode::new("H1");
        let person = |code: &str| Person {
            household: code.to_owned(),
            head_name: "Nguyễn Ả".to_owned(),
            address: "Thôn Đông".to_owned(),
            folded: "nguyen a thon dong".to_owned(),
        };
        store.record_register(&[], &[person("H1"), person("H2")], [], T, "an").await.unwrap();
        assert_eq!(store.person(&household).await.unwrap(), Some(person("H1")));
        let erasure = |later_ms: i64| Erasure {
            household: household.clone(),
            at: T.plus_ms(later_ms),
            by: "an".to_owned(),
            reason: "theo yêu cầu".to_owned(),
        };
        assert!(store.erase_person(&erasure(1)).await.unwrap());
        assert!(!store.erase_person(&erasure(2)).await.unwrap(), "nothing was left");
        assert_eq!(store.person(&household).await.unwrap(), None);
        assert_eq!(store.people().await.unwrap(), [person("H2")]);
        assert_eq!(store.erasures_of(&household).await.unwrap(), [erasure(1), erasure(2)]);
        assert_eq!(store.erasures_of(&"H2".into()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_register_is_counted_by_kind() {
    on_both(async |store: &Store| {
        assert!(store.register_counts().await.unwrap().is_empty());
        store.change_register(&change(&[area("một")], T, "an", None)).await.unwrap();
        store.change_register(&change(&[area("hai")], T.plus_ms(1), "an", None)).await.unwrap();
        let counts = store.register_counts().await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("area".to_owned(), 1)]);
    })
    .await;
}

fn tag_event(seq: i64, later_ms: i64, event: Event) -> Reading {
    Reading {
        id: EventId { device: "d".into(), log: "0a11ce01".into(), seq },
        boot: 1,
        ms: later_ms,
        at: Some(T.plus_ms(later_ms)),
        clock: ClockState::Synced,
        sent_ms: None,
        received: T.plus_ms(later_ms + 500),
        simulated: false,
        event,
        extra: "{}".to_owned(),
    }
}

#[tokio::test]
async fn reads_of_a_tag_are_summed_by_device() {
    on_both(async |store: &Store| {
        let tag = |uid: &str| Event::Tag { uid: uid.into(), tech: "hf".to_owned(), rssi_dbm: Some(-40), antenna: None };
        let heartbeat = Event::Heartbeat { battery_mv: None, rssi_dbm: None, queued: None, zero_g: None };
        let readings = [
            tag_event(1, 0, tag("0A")),
            tag_event(2, 5_000, tag("0A")),
            tag_event(3, 6_000, tag("0B")),
            tag_event(4, 7_000, heartbeat),
        ];
        store.append(&readings, &[], &zone(), crate::commune::conflict).await.unwrap();
        let devices = [(DeviceId::new("d"), PlaceCode::new("P1")), (DeviceId::new("e"), PlaceCode::new("P2"))];
        let read = |uid: &str, count: i64, first_ms: i64, last_ms: i64| TagReads {
            uid: uid.into(),
            place: "P1".into(),
            count,
            first: T.plus_ms(first_ms),
            last: T.plus_ms(last_ms),
        };
        assert_eq!(store.tag_reads(&devices, T).await.unwrap(), [read("0A", 2, 0, 5_000), read("0B", 1, 6_000, 6_000)]);
        assert_eq!(store.tag_reads(&devices, T.plus_ms(5_500)).await.unwrap(), [read("0B", 1, 6_000, 6_000)]);
        assert_eq!(store.tag_reads(&devices[1..], T).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn card_uses_are_summed_by_place_and_half_hour_of_the_local_day() {
    on_both(async |store: &Store| {
        let pickup = |id: &str, later_ms: i64, household: Option<&str>, void: bool| Pickup {
            id: id.to_owned(),
            source: Source::Device,
            place: "P1".into(),
            station: "P1".into(),
            stream: "food".into(),
            time: T.plus_ms(later_ms),
            grade: Grade::Device,
            day: day(),
            round_start: None,
            household: household.map(HouseholdCode::from),
            attribution: if household.is_some() { Attribution::Known } else { Attribution::Unknown },
            named_by_crew: false,
            tag_read: true,
            net_g: Some(1_000),
            below_min: false,
            overload: false,
            void,
            result: None,
            readings: Vec::new(),
        };
        let hour = 3_600_000;
        let place = PlaceChange {
            pickups: Change {
                put: vec![
                    pickup("1", 0, Some("H1"), false),
                    pickup("2", 60_000, Some("H1"), false),
                    pickup("3", hour, Some("H1"), false),
                    pickup("4", hour, None, false),
                    pickup("5", hour, Some("H1"), true),
                ],
                ..Change::default()
            },
            ..PlaceChange::default()
        };
        store.apply_place(&place).await.unwrap();
        let used = |slot: i64, recent: bool, count: i64, first_ms: i64, last_ms: i64| CardUse {
            household: "H1".into(),
            place: "P1".into(),
            slot,
            recent,
            count,
            first: T.plus_ms(first_ms),
            last: T.plus_ms(last_ms),
        };
        // 08:00 local is slot 16.
        let uses = store.card_uses(T, T.plus_ms(hour), T.plus_ms(2 * hour), 7 * hour).await.unwrap();
        assert_eq!(uses, [used(16, false, 2, 0, 60_000), used(18, true, 1, hour, hour)]);
        assert_eq!(store.card_uses(T, T, T.plus_ms(hour), 7 * hour).await.unwrap(), [used(16, true, 2, 0, 60_000)]);
    })
    .await;
}
