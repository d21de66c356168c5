//! Whom to visit, what runs out and what was done read the same on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use phanloai::domain::ids::HouseholdCode;
use phanloai::domain::state::{DayState, Level, Reason, State};
use phanloai::domain::time::{Instant, LocalDay};
use phanloai::store::{Change, Person, RegisterChange, StateChange, StateSpan, Store, VerifiedSpan, VisitCounts};

use crate::store_on_both::on_both;

const T: Instant = Instant::from_ms(1_788_224_400_000);

fn day(text: &str) -> LocalDay {
    text.parse().unwrap()
}

fn first() -> LocalDay {
    day("2026-09-01")
}

fn span(household: &str, area: &str, state: State, reason: Option<Reason>) -> StateSpan {
    let weakest = (state == State::Sorting).then_some(Level::Verified);
    StateSpan {
        household: household.into(),
        from: first(),
        to: None,
        area: area.into(),
        state: DayState { state, reason, weakest, at_least_one: false, enrolled: false },
        missing: vec!["food".into()],
    }
}

fn verified(household: &str, area: &str, until: &str, streams: &[&str]) -> VerifiedSpan {
    VerifiedSpan {
        household: household.into(),
        from: first(),
        to: None,
        area: area.into(),
        until: day(until),
        streams: streams.iter().map(|code| (*code).into()).collect(),
    }
}

#[tokio::test]
async fn whom_to_visit_stands_in_order_and_what_runs_out_is_counted_by_day() {
    on_both(async |store: &Store| {
        let on = first();
        store.put_setting("computed_through", &on.to_string()).await.unwrap();
        let put = vec![
            span("H1", "A1", State::Sorting, None),
            span("H2", "A1", State::Undetermined, Some(Reason::NoPickup)),
            span("H3", "A2", State::Undetermined, Some(Reason::OnlyOther)),
            span("H4", "A1", State::NotSorting, None),
            span("H5", "A1", State::Undetermined, Some(Reason::OnlyDeclared)),
            span("H6", "A1", State::Sorting, None),
            span("H7", "A1", State::Sorting, None),
            span("H8", "A2", State::Sorting, None),
        ];
        let ended = VerifiedSpan { to: Some(on - 1), from: on - 30, ..verified("H2", "A1", "2026-09-10", &["food"]) };
        let held = vec![
            verified("H1", "A1", "2026-09-20", &["food", "paper_1"]),
            verified("H6", "A1", "2026-09-10", &["food"]),
            verified("H7", "A1", "2026-12-01", &["food"]),
            verified("H8", "A2", "2026-09-10", &["food"]),
            ended.clone(),
        ];
        let change = StateChange {
            spans: Change { put, gone: Vec::new() },
            verified: Change { put: held.clone(), gone: Vec::new() },
            ..StateChange::default()
        };
        store.apply_states(&change, &[]).await.unwrap();
        let people = [Person {
            household: "H6".to_owned(),
            head_name: "Trần Thị Bé".to_owned(),
            address: "Xóm 3".to_owned(),
            folded: "tran thi be xom 3".to_owned(),
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
        let list = store.to_visit(&"A1".into(), on, day("2026-09-29")).await.unwrap();
        let told: Vec<(&str, i64)> = list.iter().map(|of| (of.span.household.as_str(), of.visit_order)).collect();
        assert_eq!(told, [("H4", 0), ("H5", 2), ("H2", 4), ("H6", 9), ("H1", 9)]);
        assert_eq!(list[3].runs_out, Some((day("2026-09-10"), vec!["food".into()])));
        assert_eq!((list[3].head_name.as_str(), list[3].address.as_str()), ("Trần Thị Bé", "Xóm 3"));
        assert_eq!(list[4].runs_out, Some((day("2026-09-20"), vec!["food".into(), "paper_1".into()])));
        assert_eq!((list[2].runs_out.as_ref(), list[2].head_name.as_str()), (None, ""));
        assert_eq!(store.to_visit(&"A1".into(), on.next(), on + 28).await.unwrap(), [], "a day that is not computed");

        let range = (on, day("2026-11-30"));
        let all = store.run_outs(None, on, range).await.unwrap();
        assert_eq!(all, [(day("2026-09-10"), 2), (day("2026-09-20"), 1)]);
        assert_eq!(store.run_outs(Some(&"A2".into()), on, range).await.unwrap(), [(day("2026-09-10"), 1)]);
        let before = store.run_outs(None, on - 1, range).await.unwrap();
        assert_eq!(before, [(day("2026-09-10"), 1)], "as it stood the day before");

        let codes: Vec<HouseholdCode> = ["H1", "H2"].map(HouseholdCode::new).to_vec();
        assert_eq!(store.verified_spans(&codes, on, on).await.unwrap(), [held[0].clone()]);
        assert_eq!(store.verified_spans(&codes, on - 1, on).await.unwrap(), [held[0].clone(), ended.clone()]);
        let gone = StateChange { verified: Change { put: Vec::new(), gone: held }, ..StateChange::default() };
        store.apply_states(&gone, &[]).await.unwrap();
        assert_eq!(store.verified_spans(&codes, on - 99, on).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_visitors_did_is_replaced_by_day_and_added_up_over_hamlets() {
    on_both(async |store: &Store| {
        let on = first();
        let counts = |rows: &[(&str, i64, i64)]| -> BTreeMap<_, _> {
            rows.iter().map(|&(area, visited, not_seen)| (area.into(), VisitCounts { visited, not_seen })).collect()
        };
        store.put_visit_counts(on, &counts(&[("A9", 5, 5)])).await.unwrap();
        let today = counts(&[("A1", 3, 1), ("A2", 4, 0)]);
        store.put_visit_counts(on, &today).await.unwrap();
        store.put_visit_counts(on + 2, &counts(&[("A1", 2, 6)])).await.unwrap();
        assert_eq!(store.visit_counts(on).await.unwrap(), today);
        assert_eq!(store.visit_counts(on + 1).await.unwrap(), BTreeMap::new());
        let of = |visited, not_seen| VisitCounts { visited, not_seen };
        assert_eq!(store.visit_days(None, on, on + 2).await.unwrap(), [(on, of(7, 1)), (on + 2, of(2, 6))]);
        assert_eq!(store.visit_days(Some(&"A1".into()), on, on + 1).await.unwrap(), [(on, of(3, 1))]);
        store.put_visit_counts(on, &BTreeMap::new()).await.unwrap();
        assert_eq!(store.visit_days(None, on, on).await.unwrap(), []);
    })
    .await;
}
