//! Accounts that are limited to hamlets, tried at every door that leads past the limit.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Server, day};
use crate::domain::attribution::Attribution;
use crate::domain::ids::{HouseholdCode, StreamCode};

use crate::domain::pickup::{Pickup, Source};
use crate::domain::proposal::{Proposal, Proposed};
use crate::domain::reading::Grade;
use crate::domain::register::{Area, Exclusion, Household, Register, Row, Validity};
use crate::domain::state::ExclusionReason;
use crate::domain::time::{Clock, Instant};
use crate::store::{Change, PlaceChange, Role};
use crate::web::jpeg::tests::picture;

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

/// A device's pickup at a point at 08:00 of 2026-11-23.
fn derived(id: &str, place: &str, household: &str) -> Pickup {
    Pickup {
        id: id.to_owned(),
        source: Source::Device,
        place: place.into(),
        station: place.into(),
        stream: StreamCode::new("food"),
        time: Instant::from_ms(super::NOW_MS - 3_600_000),
        grade: Grade::Device,
        day: day("2026-11-23"),
        round_start: None,
        household: Some(HouseholdCode::new(household)),
        attribution: Attribution::Known,
        named_by_crew: false,
        tag_read: true,
        net_g: Some(2_000),
        below_min: false,
        overload: false,
        void: false,
        result: None,
        readings: Vec::new(),
    }
}

async fn with_pickups() -> Server {
    let server = Server::start().await;
    let put = vec![
        derived("scale-b~1~1", "P-B", "B-001"),
        derived("scale-b~1~2", "P-B", "C-001"),
        derived("scale-c~1~1", "P-C", "C-002"),
    ];
    let pickups = Change { put, ..Change::default() };
    server.store.apply_place(&PlaceChange { pickups, ..PlaceChange::default() }).await.expect("written");
    server
}

fn void(number: u32) -> Value {
    json!({"id": id(number), "at": "2026-11-23T08:40:00+07:00", "reason": "nhầm"})
}

#[tokio::test]
async fn pickups_of_other_hamlets_are_not_told_and_whose_they_are_at_ones_own_point_neither() {
    let server = with_pickups().await;
    let own = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    let whole = server.account("canbo", &[Role::Officer], &[]).await;
    let all = server.get("/api/v1/pickups", Some(&whole)).await.json();
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(server.get("/api/v1/pickups", Some(&own)).await.status, StatusCode::BAD_REQUEST);
    for outside in ["place=P-C", "household=C-001", "place=P-C&household=B-001", "place=P-B&household=C-001"] {
        let answer = server.get(&format!("/api/v1/pickups?{outside}"), Some(&own)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{outside}");
    }
    let here = server.get("/api/v1/pickups?place=P-B", Some(&own)).await.json();
    let whose: Vec<&Value> = here["rows"].as_array().expect("rows").iter().map(|row| &row["household"]).collect();
    assert_eq!(whose, [&json!("B-001"), &Value::Null]);
    let looks = server.store.looks(1).await.expect("read");
    assert_eq!(looks[0].seen.households, [HouseholdCode::new("B-001")]);
}

#[tokio::test]
async fn nobody_takes_back_a_pickup_of_another_hamlet_or_one_that_nobody_knows() {
    let server = with_pickups().await;
    let own = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    let status = async |pickup: &str, number: u32| {
        server.post(&format!("/api/v1/pickups/{pickup}/void"), &own, &void(number)).await.status
    };
    assert_eq!(status("scale-c~1~1", 1).await, StatusCode::FORBIDDEN);
    assert_eq!(status("scale-b~1~2", 2).await, StatusCode::FORBIDDEN);
    assert_eq!(status("scale-z~1~1", 3).await, StatusCode::NOT_FOUND);
    assert!(server.store.operations_of_kind("void").await.expect("read").is_empty());
    assert_eq!(status("scale-b~1~1", 4).await, StatusCode::CREATED);
}

#[tokio::test]
async fn a_round_is_opened_and_a_report_made_in_ones_own_hamlets() {
    let server = Server::start().await;
    let crew = server.account("to-b", &[Role::Crew], &["B"]).await;
    let officer = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    let round = |number: u32, place: &str| {
        json!({"id": id(number), "place": place, "stream": "food", "service_date": "2026-11-23", "action": "open",
            "at": "2026-11-23T08:30:00+07:00"})
    };
    let report = |number: u32, place: &str| json!({"id": id(number), "at": "2026-11-23T08:30:00+07:00", "place": place, "report": "new_house", "note": "cuối ngõ"});
    for (number, token) in [(10, &crew), (20, &officer)] {
        let away = server.post("/api/v1/rounds", token, &round(number, "P-A")).await;
        assert_eq!(away.status, StatusCode::FORBIDDEN, "a round that is said to have run judges everybody there");
        assert_eq!(server.post("/api/v1/rounds", token, &round(number + 1, "P-B")).await.status, StatusCode::CREATED);
        let away = server.post("/api/v1/crew/reports", token, &report(number + 2, "P-A")).await;
        assert_eq!(away.status, StatusCode::FORBIDDEN);
        let here = server.post("/api/v1/crew/reports", token, &report(number + 3, "P-B")).await;
        assert_eq!(here.status, StatusCode::CREATED, "{}", here.body);
    }
}

#[tokio::test]
async fn reports_and_pictures_of_other_hamlets_are_neither_shown_nor_erased() {
    let server = Server::start().await;
    let crew = server.account("to1", &[Role::Crew], &[]).await;
    let own = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    let whole = server.account("canbo", &[Role::Officer], &[]).await;
    for (number, area) in [(1, "B"), (2, "C")] {
        let pickup = json!({"id": id(number), "at": "2026-11-23T08:30:00+07:00", "household": format!("{area}-001"),
            "place": format!("P-{area}"), "stream": "food", "result": "mixed"});
        assert_eq!(server.post("/api/v1/pickups", &crew, &pickup).await.status, StatusCode::CREATED);
        let path = format!("/api/v1/pickups/{}/photos?id={}", id(number), id(number + 10));
        let request = axum::http::Request::post(path)
            .header("authorization", format!("Bearer {crew}"))
            .header("content-type", "image/jpeg")
            .body(axum::body::Body::from(picture(64, 48, &[])))
            .expect("a request");
        assert_eq!(server.ask(request).await.status, StatusCode::CREATED);
        let lost = json!({"id": id(number + 20), "at": "2026-11-23T08:30:00+07:00", "household": format!("{area}-001"),
            "place": format!("P-{area}"), "report": "lost_tag"});
        assert_eq!(server.post("/api/v1/crew/reports", &crew, &lost).await.status, StatusCode::CREATED);
    }
    let (mine, away) = (format!("/api/v1/photos/{}", id(11)), format!("/api/v1/photos/{}", id(12)));
    assert_eq!(server.get(&mine, Some(&own)).await.status, StatusCode::OK);
    assert_eq!(server.get(&away, Some(&own)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.post(&format!("{away}/erase"), &own, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.get(&away, Some(&whole)).await.status, StatusCode::OK, "nothing was erased");
    for path in ["/crew-reports", "/api/v1/crew/reports"] {
        let page = server.get(path, Some(&own)).await.body;
        assert!(page.contains("B-001") && !page.contains("C-001"), "{path}: {page}");
        let page = server.get(path, Some(&whole)).await.body;
        assert!(page.contains("B-001") && page.contains("C-001"), "{path}: {page}");
    }
    let looks = server.store.looks(50).await.expect("read");
    let named = |account: &str, action: &str| {
        let of = looks.iter().find(|look| look.account == account && look.action == action);
        of.expect("logged").seen.households.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(named("canbo-b", "photo"), ["B-001"]);
    assert_eq!(named("canbo-b", "reports"), ["B-001"]);
}

#[tokio::test]
async fn a_proposal_is_seen_and_decided_by_who_may_see_all_of_its_households() {
    let server = Server::start().await;
    let own = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    let whole = server.account("canbo", &[Role::Officer], &[]).await;
    let exclusion = |household: &str| Exclusion {
        household: household.into(),
        reason: ExclusionReason::Vacant,
        from: day("2026-11-20"),
        to: None,
        by: "an".to_owned(),
    };
    for (number, households) in [(1, ["B-001", "C-001"]), (2, ["B-001", "B-002"])] {
        let proposal = Proposal {
            id: id(number),
            at: server.clock.now(),
            by: "an".to_owned(),
            reason: "khảo sát".to_owned(),
            proposed: Proposed::Exclusions { rows: households.map(exclusion).to_vec() },
            decision: None,
        };
        assert!(server.store.propose(&proposal).await.expect("kept"));
    }
    let list = server.get("/register/proposals", Some(&own)).await.body;
    assert!(list.contains(&id(2)) && !list.contains(&id(1)), "{list}");
    let away = format!("/register/proposals/{}", id(1));
    assert_eq!(server.get(&away, Some(&own)).await.status, StatusCode::FORBIDDEN);
    let decline = [("verdict", "declined"), ("reason", "không rõ")];
    assert_eq!(server.fill_in(&away, &own, &decline).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.store.proposal(&id(1)).await.expect("read").expect("kept").decision, None);
    assert_eq!(server.fill_in(&away, &whole, &decline).await.status, StatusCode::SEE_OTHER);
    let here = format!("/register/proposals/{}", id(2));
    assert_eq!(server.fill_in(&here, &own, &decline).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_household_that_moved_away_is_no_longer_its_old_hamlet_s_to_see() {
    let server = Server::start().await;
    let old = server.account("truongthon-b", &[Role::Visitor], &["B"]).await;
    let new = server.account("truongthon-c", &[Role::Visitor], &["C"]).await;
    let spell = |area: &str, from: &str, to: Option<&str>| {
        Row::Household(Household {
            code: "B-001".into(),
            area: area.into(),
            people: None,
            point: None,
            valid_from: day(from),
            valid_to: to.map(day),
        })
    };
    let hamlet = |code: &str| {
        Row::Area(Area { code: code.into(), name: format!("Thôn {code}"), validity: Validity::default() })
    };
    let rows = [hamlet("B"), hamlet("C"), spell("B", "2026-01-01", Some("2026-11-10")), spell("C", "2026-11-10", None)];
    let moved = Register::build(rows.into_iter().map(|row| (day("2026-11-01"), row)));
    server._channels.1.send_replace(Arc::new(moved));
    for path in ["/households/B-001", "/api/v1/households/B-001/evidence"] {
        for on in ["", "?on=2026-11-05"] {
            let path = format!("{path}{on}");
            assert_eq!(server.get(&path, Some(&old)).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(server.get(&path, Some(&new)).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test]
async fn what_concerns_the_whole_commune_is_not_signed_by_an_officer_of_some_hamlets() {
    let server = Server::start().await;
    let own = server.account("canbo-b", &[Role::Officer], &["B"]).await;
    for (path, fields) in [
        ("/rules/preview", vec![("version", "2"), ("effective_from", "2026-12-01"), ("window_days", "60")]),
        ("/reports/2026-10/close", vec![("reason", "chốt")]),
        ("/audit/draw", vec![("day", "2026-11-22"), ("size", "10")]),
    ] {
        let refused = server.fill_in(path, &own, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(refused.body.contains("canbo-b"), "{path}: {}", refused.body);
    }
}
