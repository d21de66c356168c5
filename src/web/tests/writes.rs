//! Rounds, pickups, findings and visits written through the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Server, day};
use crate::domain::facts::{CrewResult, Statement};
use crate::domain::state::{FindingKind, Pathway, PathwayLevel, VisitResult};
use crate::store::Role;

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

fn pickup(number: u32) -> Value {
    json!({
        "id": id(number), "at": "2026-11-23T08:30:00+07:00", "household": "A-001", "place": "P-A", "stream": "food",
        "result": "separated", "manual_g": 1_200, "reading": {"device": "scale-1", "log": "9f1c22ab", "seq": 7}
    })
}

#[tokio::test]
async fn the_same_id_answers_the_first_receipt_and_counts_once() {
    let server = Server::start().await;
    let crew = server.account("to1", &[Role::Crew], &[]).await;
    let first = server.post("/api/v1/pickups", &crew, &pickup(1)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    server.clock.0.fetch_add(60_000, std::sync::atomic::Ordering::Relaxed);
    let again = server.post("/api/v1/pickups", &crew, &pickup(1)).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body));
    let mut other = pickup(1);
    other["manual_g"] = json!(1_300);
    let other = server.post("/api/v1/pickups", &crew, &other).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.body);
    let stored = server.store.operations_of_kind("pickup").await.expect("read");
    assert_eq!((stored.len(), stored[0].by.as_str()), (1, "to1"));
    assert!(
        matches!(&stored[0].statement, Statement::Pickup { result: CrewResult::Separated, manual_g: Some(1_200), reading: Some(reading), .. }
            if reading.to_string() == "scale-1~9f1c22ab~7"),
        "{stored:?}"
    );
}

#[tokio::test]
async fn each_write_becomes_its_fact() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let writes = [
        (
            "/api/v1/rounds",
            json!({"id": id(1), "place": "P-A", "stream": "food", "service_date": "2026-11-23", "action": "open", "at": 1_795_399_000_000_i64}),
        ),
        ("/api/v1/pickups", pickup(2)),
        (
            &*format!("/api/v1/pickups/{}/void", id(2)),
            json!({"id": id(3), "at": "2026-11-23T08:31:00+07:00", "reason": "nhầm hộ"}),
        ),
        (
            "/api/v1/findings",
            json!({"id": id(4), "at": "2026-11-23T08:32:00+07:00", "household": "A-002", "finding": "mixed", "reason": "lẫn ni lông"}),
        ),
        (
            "/api/v1/visits",
            json!({"id": id(5), "on": "2026-11-22", "household": "A-003", "result": "sorting", "pathways": [{"stream": "food", "pathway": "compost"}]}),
        ),
    ];
    for (path, body) in &writes {
        let answer = server.post(path, &officer, body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.body);
    }
    let mut stored = Vec::new();
    for kind in ["round", "void", "finding", "visit", "pathway"] {
        stored.extend(server.store.operations_of_kind(kind).await.expect("read").into_iter().map(|one| one.statement));
    }
    let (at, household) =
        (|minute: i64| crate::domain::time::Instant::from_ms(1_795_397_400_000 + minute * 60_000), "A-003");
    assert_eq!(
        stored,
        [
            Statement::Round {
                place: "P-A".into(),
                stream: "food".into(),
                service_date: day("2026-11-23"),
                open: true,
                at: crate::domain::time::Instant::from_ms(1_795_399_000_000)
            },
            Statement::Void { at: at(1), pickup: id(2), reason: "nhầm hộ".into() },
            Statement::Finding {
                at: at(2),
                household: "A-002".into(),
                stream: None,
                finding: FindingKind::Mixed,
                reason: Some("lẫn ni lông".into())
            },
            Statement::Visit {
                on: day("2026-11-22"),
                household: household.into(),
                result: VisitResult::Sorting,
                stream: None
            },
            Statement::Pathway {
                on: day("2026-11-22"),
                household: household.into(),
                stream: "food".into(),
                pathway: Pathway::Compost,
                level: PathwayLevel::Verified
            },
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_value_and_the_way_out() {
    let server = Server::start().await;
    let crew = server.account("to1", &[Role::Crew], &[]).await;
    let changed = |key: &str, value: Value| {
        let mut body = pickup(9);
        body[key] = value;
        body
    };
    let cases = [
        (changed("household", json!("A-999")), 422, "unknown household `A-999`"),
        (changed("place", json!("P-Z")), 422, "unknown place `P-Z`"),
        (changed("stream", json!("glas")), 422, "streams are food, other"),
        (changed("at", json!("2026-11-24T08:30:00+07:00")), 422, "set the phone's clock"),
        (changed("at", json!("hôm nay")), 400, "`hôm nay` is no time"),
        (changed("manual_g", json!(0)), 422, "`manual_g` is 0"),
        (changed("simulated", json!(false)), 422, "never mixed"),
        (changed("result", json!("fine")), 400, "fine"),
        (changed("household_name", json!("Nguyễn Văn A")), 400, "household_name"),
        (changed("id", json!("7")), 400, "UUID"),
    ];
    for (body, status, told) in cases {
        let answer = server.post("/api/v1/pickups", &crew, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert!(answer.body.contains(told), "{body}: {}", answer.body);
    }
    assert!(server.store.operations_of_kind("pickup").await.expect("read").is_empty());
}

#[tokio::test]
async fn everybody_writes_what_is_theirs_only() {
    let server = Server::start().await;
    let crew = server.account("to1", &[Role::Crew], &[]).await;
    let other_crew = server.account("to2", &[Role::Crew], &[]).await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let visit = |household: &str| json!({"id": id(1), "on": "2026-11-22", "household": household, "result": "sorting"});
    assert_eq!(server.post("/api/v1/visits", &visitor, &visit("A-001")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.post("/api/v1/visits", &visitor, &visit("B-001")).await.status, StatusCode::CREATED);
    assert_eq!(server.post("/api/v1/visits", &crew, &visit("B-001")).await.status, StatusCode::FORBIDDEN);
    for account in [&visitor, &viewer] {
        assert_eq!(server.post("/api/v1/pickups", account, &pickup(2)).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(server.post("/api/v1/pickups", &crew, &pickup(2)).await.status, StatusCode::CREATED);
    let void = json!({"id": id(3), "at": "2026-11-23T08:40:00+07:00", "reason": "nhầm"});
    let path = format!("/api/v1/pickups/{}/void", id(2));
    assert_eq!(server.post(&path, &other_crew, &void).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.post(&path, &crew, &void).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused_and_never_cut() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let (fits, too_long) = ("ệ".repeat(500), "ệ".repeat(501));
    for (note, expected) in [(&fits, StatusCode::NOT_FOUND), (&too_long, StatusCode::BAD_REQUEST)] {
        let sent = server.post("/api/v1/alerts/none/acknowledge", &officer, &json!({"id": id(1), "note": note})).await;
        assert_eq!(sent.status, expected, "{}", sent.body);
        let fields = [("id", &*id(1)), ("note", note)];
        let filled_in = server.form("/alerts/none/acknowledge", Some(&officer), &fields).await;
        assert_eq!(filled_in.status, expected, "{}", filled_in.body);
        if expected == StatusCode::BAD_REQUEST {
            assert!(sent.body.contains("`note`") && filled_in.body.contains("500"), "{}", filled_in.body);
        }
    }
}
