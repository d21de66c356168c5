//! What an officer signs tells the same on SQLite and on PostgreSQL: rules recorded, months closed, audits drawn.

use std::collections::BTreeMap;

use phanloai::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use phanloai::domain::month::Month;
use phanloai::domain::pickup::Grams;
use phanloai::domain::register::{Commune, Row, Stream, Target};
use phanloai::domain::rules::{RuleChange, Rules};
use phanloai::domain::state::{DayState, Level, Reason, State};
use phanloai::domain::time::{Instant, LocalDay, Zone};
use phanloai::domain::units::Percent;
use phanloai::indicators::audit::{AuditResult, Stratum, estimate};
use phanloai::indicators::standing::{read_list, write_list};
use phanloai::store::{
    Audit, Change, DeviceDay, Found, ListNamed, MONTH_FORMAT, MonthReport, PlaceChange, StateChange, StateSpan, Store,
    TonnageDay, draw_sample, draw_seed, sha256, tallies,
};

use crate::store_on_both::on_both;

/// 2026-12-05T09:00+07:00.
const NOW: Instant = Instant::from_ms(1_796_436_000_000);

fn day(text: &str) -> LocalDay {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A commune of one required stream.
pub fn commune() -> Commune {
    Commune {
        code: "11779".into(),
        name: "xã Thử Nghiệm".into(),
        zone: Zone::named("Asia/Ho_Chi_Minh").unwrap(),
        simulated: true,
        streams: vec![Stream {
            code: "food".into(),
            name: "Thực phẩm".into(),
            name_en: "Food".into(),
            required: true,
            colour: "#009E73".into(),
            icon: "leaf".into(),
            mean_g: None,
            guide: Default::default(),
        }],
        targets: vec![Target {
            indicator: "sorting_share".into(),
            year: 2026,
            percent: Percent::from_hundredths(10_000),
        }],
        rules: vec![Rules::standard("2026-1", day("2026-01-01"))],
        assumptions: Default::default(),
        contact: String::new(),
    }
}

fn state(sorts: bool) -> DayState {
    DayState {
        state: if sorts { State::Sorting } else { State::Undetermined },
        reason: (!sorts).then_some(Reason::NoPickup),
        weakest: sorts.then_some(Level::Device),
        at_least_one: sorts,
        enrolled: sorts,
    }
}

/// Writes 40 households of hamlet A, of which 30 sort, and 12 of B, of which none does, in November 2026; with waste of one place.
async fn fill(store: &Store) {
    let mut change = StateChange::default();
    for (area, households, sorting) in [("A", 40, 30), ("B", 12, 0)] {
        for number in 0..households {
            let state = state(number < sorting);
            change.spans.put.push(StateSpan {
                household: HouseholdCode::new(format!("{area}-{number:03}")),
                from: day("2026-11-01"),
                to: None,
                area: area.into(),
                state,
                missing: Vec::new(),
            });
            for on in day("2026-11-01").through(day("2026-12-05")) {
                change.totals.entry((AreaCode::new(area), on)).or_default().add(&state, 1);
            }
        }
    }
    store.apply_states(&change, &[]).await.unwrap();
    store.put_setting("computed_from", "2026-11-01").await.unwrap();
    store.put_setting("computed_through", "2026-12-05").await.unwrap();
    let tonnage = |area: &str, on: &str, weighed_g: i64| TonnageDay {
        place: PlaceCode::new(format!("P-{area}")),
        stream: "food".into(),
        day: day(on),
        area: area.into(),
        grams: Grams { weighed_g, manual_g: 5, estimated_g: 0, unknown_household_g: 3, pickups: 2 },
    };
    let device = DeviceDay {
        device: "d-1".into(),
        day: day("2026-11-30"),
        place: "P-A".into(),
        area: "A".into(),
        working_ms: 3,
        scheduled_ms: 4,
        received: 10,
        missing: 0,
        events: Default::default(),
    };
    let change = PlaceChange {
        tonnage: Change {
            put: vec![tonnage("A", "2026-11-02", 1_000), tonnage("A", "2026-12-02", 7), tonnage("", "2026-11-03", 200)],
            gone: Vec::new(),
        },
        device_days: Change { put: vec![device], gone: Vec::new() },
        ..PlaceChange::default()
    };
    store.apply_place(&change).await.unwrap();
}

async fn report(store: &Store, revision: i64, previous: Option<String>) -> (MonthReport, String) {
    let names =
        BTreeMap::from([(AreaCode::new("A"), "Thôn A".to_owned()), (AreaCode::new("B"), "Thôn \"B\"".to_owned())]);
    let figures = store.figures_of_month(month("2026-11"), &commune(), &names, |_| Default::default()).await.unwrap();
    let listed = store.list_on(day("2026-11-30")).await.unwrap();
    let states = write_list(&listed);
    let report = MonthReport {
        format: MONTH_FORMAT.to_owned(),
        commune_code: "11779".to_owned(),
        commune_name: "xã Thử Nghiệm".to_owned(),
        simulated: true,
        month: month("2026-11"),
        revision,
        previous_sha256: previous,
        definition: "sorting-share".to_owned(),
        closed_at: "2026-12-05T09:00:00.000+07:00".to_owned(),
        closed_by: "can-bo".to_owned(),
        early: true,
        reason: (revision > 1).then(|| "dữ liệu về muộn".to_owned()),
        data_until: None,
        rule: serde_json::to_value(commune().rules_on(day("2026-11-30"))).unwrap(),
        register_version: Some("3".to_owned()),
        figures,
        households: ListNamed { count: 52, sha256: sha256(&states) },
        changes: Vec::new(),
        moves: Vec::new(),
    };
    (report, states)
}

#[tokio::test]
async fn a_closed_month_is_kept_to_the_byte_and_no_rebuild_touches_it() {
    on_both(async |store| {
        fill(store).await;
        assert_eq!(store.closed_through().await.unwrap(), None);
        assert_eq!(store.month_report(month("2026-11"), None).await.unwrap(), None);
        let (first, states) = report(store, 1, None).await;
        let commune = &first.figures.commune;
        assert_eq!((commune.whole("eligible"), commune.whole("sorting")), (52, 30));
        // Waste of no known hamlet counts for the commune; December's does not.
        assert_eq!((commune.whole("tonnage.food.weighed_g"), commune.whole("tonnage.food.manual_g")), (1_200, 10));
        assert_eq!(commune.percent("completeness_percent"), Some(Percent::from_hundredths(7_500)));
        assert_eq!(first.figures.areas.iter().map(|of| of.area.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(first.figures.areas[0].whole("tonnage.food.weighed_g"), 1_000);
        let by_area = store.tonnage_by_area(day("2026-12-01"), day("2026-12-31")).await.unwrap();
        assert_eq!(by_area[&AreaCode::new("A")].values().map(|of| of.weighed_g).sum::<i64>(), 7);
        assert!(store.record_month_report(&first, &states, NOW).await.unwrap());
        assert!(!store.record_month_report(&first, "other", NOW).await.unwrap());
        let stored = store.month_report(month("2026-11"), None).await.unwrap().unwrap();
        assert_eq!(
            (stored.content.as_str(), stored.sha256.as_str()),
            (first.text().as_str(), sha256(&first.text()).as_str())
        );
        assert_eq!(stored.report().unwrap(), first);
        assert_eq!(store.month_states(month("2026-11"), 1).await.unwrap().as_deref(), Some(states.as_str()));
        assert_eq!(store.report_faults(month("2026-11"), 1).await.unwrap(), Some(Vec::new()));
        assert_eq!(store.report_faults(month("2026-11"), 2).await.unwrap(), None);
        assert_eq!(store.closed_through().await.unwrap(), Some(day("2026-11-30")));

        let (second, _) = report(store, 2, Some(stored.sha256.clone())).await;
        assert!(store.record_month_report(&second, &states, NOW).await.unwrap());
        assert_eq!(store.report_faults(month("2026-11"), 2).await.unwrap(), Some(Vec::new()));
        let closed = store.closed_counts(day("2026-11-20"), day("2026-12-20")).await.unwrap();
        assert_eq!(closed.keys().copied().collect::<Vec<_>>(), [month("2026-11")]);
        assert_eq!(closed[&month("2026-11")][&AreaCode::new("A")].sorting, 30);
        assert!(store.closed_counts(day("2026-12-01"), day("2026-12-20")).await.unwrap().is_empty());

        let before = store.month_reports().await.unwrap();
        assert_eq!(before.iter().map(|of| of.revision).collect::<Vec<_>>(), [1, 2]);
        store.drop_derived().await.unwrap();
        assert_eq!(store.month_reports().await.unwrap(), before);
        assert_eq!(store.month_states(month("2026-11"), 1).await.unwrap().as_deref(), Some(states.as_str()));
    })
    .await;
}

#[tokio::test]
async fn a_report_that_was_tampered_with_says_what_does_not_hold() {
    on_both(async |store| {
        fill(store).await;
        let (first, states) = report(store, 1, None).await;
        store.record_month_report(&first, &states, NOW).await.unwrap();
        let stored = store.month_report(month("2026-11"), Some(1)).await.unwrap().unwrap();
        assert_eq!(stored.faults(&states, None), Vec::<String>::new());
        let fewer: String = states.lines().skip(1).map(|line| format!("{line}\n")).collect();
        let faults = stored.faults(&fewer, None).join("; ");
        assert!(faults.contains("households' list") && faults.contains("not the sum"), "{faults}");
        let mut changed = stored.clone();
        changed.content = changed.content.replace("\"sorting\":30", "\"sorting\":31");
        let faults = changed.faults(&states, None).join("; ");
        assert!(faults.contains("the text's hash is") && faults.contains("not the sum"), "{faults}");
        assert!(stored.faults(&states, Some("0a")).join("; ").contains("revision before"));
    })
    .await;
}

#[tokio::test]
async fn rules_are_recorded_with_who_and_why_and_marks_are_counted_by_day() {
    on_both(async |store| {
        assert_eq!(store.recorded_rules().await.unwrap(), []);
        let rules = Rules { window_days: 21, ..Rules::standard("2026-2", day("2026-11-10")) };
        let change = RuleChange { rules, why: "theo nghị quyết".to_owned() };
        let stale = [("household", "H-1".to_owned(), day("2026-11-10")), ("place", "P".to_owned(), day("2026-11-12"))];
        store.record_register(&[Row::Rule(change.clone())], &[], stale, NOW, "can-bo").await.unwrap();
        let recorded = store.recorded_rules().await.unwrap();
        assert_eq!(
            (recorded[0].change.clone(), recorded[0].by.as_str(), recorded[0].recorded),
            (change, "can-bo", NOW)
        );
        assert_eq!(store.setting("register_version").await.unwrap().as_deref(), Some("1"));
        assert_eq!(store.stale_through(day("2026-11-09")).await.unwrap(), 0);
        assert_eq!(store.stale_through(day("2026-11-11")).await.unwrap(), 1);
        assert_eq!(store.stale_through(day("2026-11-30")).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_audit_is_drawn_again_from_its_seed_and_its_later_entries_hold() {
    on_both(async |store| {
        fill(store).await;
        let listed = store.list_on(day("2026-11-30")).await.unwrap();
        assert_eq!(listed.len(), 52);
        let strata = BTreeMap::from([(Stratum::Device, 30), (Stratum::NoPickup, 22)]);
        let audit = Audit {
            id: "a-1".to_owned(),
            day: day("2026-11-30"),
            seed: "hạt giống 7".to_owned(),
            size: 20,
            frame_sha256: sha256(&write_list(&listed)),
            strata: strata.clone(),
            revision: Some(1),
            register_version: None,
            drawn: NOW,
            by: "can-bo".to_owned(),
        };
        assert!(store.add_audit(&audit, &listed).await.unwrap());
        assert!(!store.add_audit(&audit, &listed).await.unwrap());
        assert_eq!(store.audits().await.unwrap(), std::slice::from_ref(&audit));
        assert_eq!(store.audit("a-1").await.unwrap(), Some(audit.clone()));
        assert_eq!(store.audit("a-2").await.unwrap(), None);
        let frame = store.audit_frame("a-1").await.unwrap().unwrap();
        assert_eq!(sha256(&frame), audit.frame_sha256);
        let sample = store.audit_sample("a-1").await.unwrap();
        let again = draw_sample(&read_list(&frame).unwrap(), audit.size, &audit.seed, audit.day);
        let kept: Vec<(Stratum, HouseholdCode)> =
            sample.iter().map(|row| (row.stratum, row.household.clone())).collect();
        assert_eq!(kept, again);
        assert_eq!(sample.iter().filter(|row| row.stratum == Stratum::Device).count(), 12);
        let other = draw_sample(&listed, audit.size, "hạt giống 8", audit.day);
        assert_ne!(other, again);

        let found = |id: &str, household: &HouseholdCode, result: AuditResult, later_ms: i64| Found {
            id: id.to_owned(),
            household: household.clone(),
            result,
            day: day("2026-12-03"),
            note: "ủ 'phân'".to_owned(),
            recorded: NOW.plus_ms(later_ms),
            by: "can-bo".to_owned(),
        };
        let entries: Vec<Found> = sample
            .iter()
            .map(|row| found(&format!("r-{}", row.position), &row.household, AuditResult::Sorting, 0))
            .collect();
        assert_eq!(store.add_audit_results("a-1", &entries).await.unwrap(), 20);
        assert_eq!(store.add_audit_results("a-1", &entries[..2]).await.unwrap(), 0);
        let correction = found("s-1", &sample[19].household, AuditResult::Refused, 1);
        assert_eq!(store.add_audit_results("a-1", std::slice::from_ref(&correction)).await.unwrap(), 1);
        assert_eq!(store.audit_results("a-1").await.unwrap().len(), 21);
        let sample = store.audit_sample("a-1").await.unwrap();
        assert_eq!((sample[19].found.clone(), sample[19].entries), (Some(correction), 2));
        assert_eq!((sample[0].found.clone(), sample[0].entries), (Some(entries[0].clone()), 1));
        let tallies = tallies(&audit, &sample);
        assert_eq!((tallies[&Stratum::NoPickup].refused, tallies[&Stratum::NoPickup].answered()), (1, 7));
        assert_eq!(estimate(&tallies).unwrap().share, Percent::from_hundredths(10_000));
        assert_eq!(draw_seed().len(), 16);
    })
    .await;
}
