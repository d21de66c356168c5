//! The register's methods of the store tell the same on SQLite and on PostgreSQL: history, proposals, personal data.

use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::ids::HouseholdCode;
use phanloai::domain::proposal::{Decision, Proposal, Proposed, Stated, Verdict};
use phanloai::domain::register::{Area, Exclusion, Row};
use phanloai::domain::state::{ExclusionReason, VisitResult};
use phanloai::domain::time::{Instant, LocalDay, Zone};
use phanloai::store::{Erasure, Person, Recorded, RegisterChange, Store};

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
    Row::Area(Area { code: "A1".into(), name: name.to_owned() })
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
        assert_eq!(store.proposals_waiting().await.unwrap(), [second.clone()]);

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
