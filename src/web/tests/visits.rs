//! Visitors: whom they are told to go to, what they state, who may look; and that one visit is one act, however many there are.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{NOW_MS, Server, day};
use crate::domain::facts::Statement;
use crate::domain::state::{PathwayLevel, VisitResult};
use crate::store::{Change, Role, StateChange, VerifiedSpan, VisitCounts};

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

fn visit(number: u32, household: &str, streams: &Value) -> Value {
    json!({ "id": id(number), "on": "2026-11-23", "household": household, "streams": streams })
}

fn codes(list: &Value) -> Vec<&str> {
    list["households"].as_array().expect("households").iter().filter_map(|of| of["household"].as_str()).collect()
}

fn house<'a>(list: &'a Value, code: &str) -> &'a Value {
    let mut all = list["households"].as_array().expect("households").iter();
    all.find(|of| of["household"] == code).unwrap_or_else(|| panic!("no {code} in {list}"))
}

#[tokio::test]
async fn a_list_holds_whom_to_visit_and_what_was_done_since_it_began() {
    let server = Server::start().await;
    let visitor = server.account("truong-thon", &[Role::Visitor], &["B"]).await;
    let list = server.get("/api/v1/visits/list", Some(&visitor)).await.json();
    // 2026-11-23 is a Monday: the stretch begins with it, and the states are those of the evening before.
    let told = (&list["area"], &list["since"], &list["on"], codes(&list).len());
    assert_eq!(told, (&json!("B"), &json!("2026-11-23"), &json!("2026-11-22"), 12));
    assert_eq!(
        (&house(&list, "B-000")["why"], &house(&list, "B-000")["streams"]),
        (&json!("no_pickup"), &json!(["food"]))
    );
    let declared = visit(1, "B-000", &json!([{ "stream": "food", "found": "declared", "pathway": "compost" }]));
    assert_eq!(server.post("/api/v1/visits", &visitor, &declared).await.status, StatusCode::CREATED);
    let away = json!({ "id": id(2), "at": NOW_MS - 60_000, "household": "B-001", "outcome": "away" });
    let first = server.post("/api/v1/attempts", &visitor, &away).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(server.post("/api/v1/attempts", &visitor, &away).await.body, first.body, "the same receipt");
    let seen = visit(3, "B-002", &json!([{ "stream": "food", "found": "sorting", "pathway": "compost" }]));
    assert_eq!(server.post("/api/v1/visits", &visitor, &seen).await.status, StatusCode::CREATED);
    let list = server.get("/api/v1/visits/list", Some(&visitor)).await.json();
    assert_eq!((&list["visited_today"], &list["visited_week"]), (&json!(1), &json!(1)), "seen, not only heard of");
    let done = &house(&list, "B-002")["done"];
    assert_eq!(done.as_array().map(Vec::len), Some(1), "a write is one line: {done}");
    assert_eq!(
        done[0]["found"],
        json!([
            { "stream": null, "found": "sorting", "pathway": null },
            { "stream": "food", "found": "sorting", "pathway": "compost" },
        ])
    );
    assert_eq!(house(&list, "B-001")["done"][0]["outcome"], "away");
    assert_eq!(house(&list, "B-000")["declared"], json!([{ "stream": "food", "pathway": "compost" }]));
    for since in ["2026-11-24", "2026-01-01", "x"] {
        let refused = server.get(&format!("/api/v1/visits/list?since={since}"), Some(&visitor)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{since}");
    }
}

#[tokio::test]
async fn what_needs_no_visit_any_more_is_settled_and_what_came_to_need_one_is_not_listed() {
    let server = Server::start().await;
    let visitor = server.account("truong-thon", &[Role::Visitor], &["A"]).await;
    // The hamlet sorts; one household's verifications run out, another's did when the stretch began and were renewed since.
    let verified = |household: &str, from: &str, to: Option<&str>, until: &str| VerifiedSpan {
        household: household.into(),
        from: day(from),
        to: to.map(day),
        area: "A".into(),
        until: day(until),
        streams: vec!["food".into()],
    };
    let put = vec![
        verified("A-003", "2026-11-01", None, "2026-12-05"),
        verified("A-004", "2026-11-01", Some("2026-11-18"), "2026-11-30"),
        verified("A-004", "2026-11-19", None, "2027-05-18"),
        verified("A-005", "2026-11-01", None, "2026-12-18"),
        verified("A-006", "2026-11-01", None, "2027-02-01"),
    ];
    let change = StateChange { verified: Change { put, gone: Vec::new() }, ..StateChange::default() };
    server.store.apply_states(&change, &[]).await.expect("written");
    let list = server.get("/api/v1/visits/list?since=2026-11-17", Some(&visitor)).await.json();
    assert_eq!(codes(&list), ["A-004", "A-003", "A-005"], "the soonest first");
    let told = |code: &str| {
        let of = house(&list, code);
        (of["why"].as_str(), of["listed"].as_bool(), of["settled"].as_bool(), of["until"].as_str())
    };
    let running = |listed, settled, until| (Some("running_out"), Some(listed), Some(settled), Some(until));
    assert_eq!(told("A-004"), running(true, true, "2026-11-30"));
    assert_eq!(told("A-003"), running(true, false, "2026-12-05"));
    assert_eq!(told("A-005"), running(false, false, "2026-12-18"), "within 28 days only since");
    let page = server.get("/visits?since=2026-11-17", Some(&visitor)).await.body;
    assert!(page.contains("1 / 2 hộ") && page.contains("Thêm 1\u{a0}hộ mới"), "{page}");
}

#[tokio::test]
async fn a_visitor_sees_own_hamlets_an_officer_chooses_one_and_every_look_is_logged() {
    let server = Server::start().await;
    let visitor = server.account("truong-thon", &[Role::Visitor], &["B", "C"]).await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let lost = server.account("chua-giao", &[Role::Visitor], &[]).await;
    let now = server.get("/api/v1/visits/now", Some(&visitor)).await.json();
    assert_eq!(now["areas"], json!([{ "area": "B", "name": "Thôn B" }, { "area": "C", "name": "Thôn C" }]));
    assert_eq!((now["account"].as_str(), now["now_ms"].as_i64()), (Some("truong-thon"), Some(NOW_MS)));
    let areas = server.get("/api/v1/visits/now", Some(&officer)).await.json()["areas"].clone();
    assert_eq!(areas.as_array().map(Vec::len), Some(3));
    assert_eq!(server.get("/api/v1/visits/now", Some(&lost)).await.json()["areas"], json!([]));
    for (account, path, status) in [
        (&visitor, "/api/v1/visits/list", StatusCode::FORBIDDEN),
        (&visitor, "/api/v1/visits/list?area=A", StatusCode::FORBIDDEN),
        (&visitor, "/api/v1/visits/list?area=C", StatusCode::OK),
        (&officer, "/api/v1/visits/list", StatusCode::BAD_REQUEST),
        (&officer, "/api/v1/visits/list?area=A", StatusCode::OK),
        (&lost, "/api/v1/visits/list?area=A", StatusCode::FORBIDDEN),
        (&visitor, "/visits/house?household=A-001", StatusCode::FORBIDDEN),
        (&visitor, "/visits/house?household=b-001", StatusCode::OK),
        (&visitor, "/visits/house?household=Z-1", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(server.get(path, Some(account)).await.status, status, "{path}");
    }
    for (account, text) in [(&officer, "Thôn A"), (&visitor, "Thôn C"), (&lost, "chưa được giao thôn nào")] {
        let page = server.get("/visits", Some(account)).await;
        assert!(page.status == StatusCode::OK && page.body.contains(text) && page.body.contains("Chọn thôn"), "{text}");
    }
    let looks = server.store.looks(9_i64).await.expect("read");
    let told: Vec<(&str, usize)> =
        looks.iter().map(|look| (look.account.as_str(), look.seen.households.len())).collect();
    assert_eq!(told, [("truong-thon", 1), ("can-bo", 0), ("truong-thon", 9)], "latest first; hamlet A needs no visit");
}

#[tokio::test]
async fn a_visit_says_of_each_stream_what_was_found_and_goes_as_a_whole() {
    let server = Server::start().await;
    let visitor = server.account("truong-thon", &[Role::Visitor], &["B"]).await;
    let other = server.account("hoi-phu-nu", &[Role::Visitor], &["B"]).await;
    let both = json!([
        { "stream": "other", "found": "declared", "pathway": "given" },
        { "stream": "food", "found": "not_sorting" },
    ]);
    assert_eq!(server.post("/api/v1/visits", &visitor, &visit(1, "B-001", &both)).await.status, StatusCode::CREATED);
    let visits = server.store.operations_of_kind("visit").await.expect("read");
    assert!(matches!(visits[0].statement, Statement::Visit { result: VisitResult::NotSorting, stream: None, .. }));
    let pathways = server.store.operations_of_kind("pathway").await.expect("read");
    assert!(matches!(pathways[0].statement, Statement::Pathway { level: PathwayLevel::Declared, .. }));
    // Only declared: a pathway is what was stated first, and the whole goes when it is asked for.
    let declared = json!([
        { "stream": "food", "found": "declared", "pathway": "compost" },
        { "stream": "other", "found": "declared", "pathway": "given" },
    ]);
    let sent = server.post("/api/v1/visits", &visitor, &visit(2, "B-002", &declared)).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let void = |number: u32| json!({ "id": id(number), "at": NOW_MS, "reason": "nhầm", "whole": true });
    let path = format!("/api/v1/visits/{}/void", id(2));
    assert_eq!(server.post(&path, &other, &void(3)).await.status, StatusCode::FORBIDDEN, "another's");
    assert_eq!(server.post(&path, &visitor, &void(4)).await.status, StatusCode::CREATED);
    assert_eq!(server.post(&path, &visitor, &void(4)).await.status, StatusCode::OK, "the same once more");
    let voids = server.store.operations_of_kind("void").await.expect("read");
    assert_eq!(voids.len(), 2);
    let away = json!({ "id": id(5), "at": NOW_MS, "household": "B-003", "outcome": "declined" });
    assert_eq!(server.post("/api/v1/attempts", &visitor, &away).await.status, StatusCode::CREATED);
    let path = format!("/api/v1/visits/{}/void", id(5));
    assert_eq!(server.post(&path, &visitor, &void(6)).await.status, StatusCode::CREATED);
    for (streams, word) in [
        (json!([{ "stream": "food", "found": "declared" }]), "pathway"),
        (json!([{ "stream": "food", "found": "not_sorting", "pathway": "compost" }]), "compost"),
        (json!([{ "stream": "glas", "found": "sorting" }]), "glas"),
        (json!([{ "stream": "food", "found": "sorting" }, { "stream": "food", "found": "sorting" }]), "twice"),
        (json!([]), "says nothing"),
    ] {
        let refused = server.post("/api/v1/visits", &visitor, &visit(9, "B-004", &streams)).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains(word), "{}", refused.body);
    }
    let mut two = visit(9, "B-004", &json!([{ "stream": "food", "found": "sorting" }]));
    two["result"] = json!("sorting");
    assert_eq!(server.post("/api/v1/visits", &visitor, &two).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let outside = visit(9, "A-001", &json!([{ "stream": "food", "found": "sorting" }]));
    assert_eq!(server.post("/api/v1/visits", &visitor, &outside).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn visits_sent_one_by_one_wait_for_nobody_and_attempts_make_no_figure_stale() {
    let server = Server::start().await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let sorting = json!([{ "stream": "food", "found": "sorting" }]);
    for number in 0..12_u32 {
        let answer = server.post("/api/v1/visits", &officer, &visit(number, &format!("B-{number:03}"), &sorting)).await;
        assert_eq!(answer.status, StatusCode::CREATED);
    }
    assert_eq!(server.store.proposals_waiting().await.expect("read").len(), 0);
    assert_eq!(server.store.operations_of_kind("visit").await.expect("read").len(), 12);
    for kind in ["household", "statement"] {
        let marks = server.store.stale(kind, 99).await.expect("read");
        server.store.clear_stale(kind, &marks).await.expect("cleared");
    }
    let vacant = json!({ "id": id(50), "at": NOW_MS, "household": "C-001", "outcome": "vacant" });
    assert_eq!(server.post("/api/v1/attempts", &officer, &vacant).await.status, StatusCode::CREATED);
    assert_eq!(server.store.stale("household", 9).await.expect("read"), []);
    assert_eq!(server.store.stale("statement", 9).await.expect("read").len(), 1, "attempts are counted as such");
    let page = server.get("/crew-reports", Some(&officer)).await.body;
    assert!(page.contains("Nhà không có người ở") && page.contains("/households/C-001"), "{page}");
    let page = server.get("/households/C-001", Some(&officer)).await.body;
    assert!(page.contains("đến nhà: nhà không có người ở"), "{page}");
}

#[tokio::test]
async fn the_visitors_shell_holds_nobody_s_data_and_only_its_own_files() {
    let server = Server::start().await;
    let shell = server.get("/visits/shell", None).await;
    assert!(shell.status == StatusCode::OK && !shell.body.contains("B-001") && shell.body.contains("Chọn thôn"));
    let worker = server.get("/visits/worker.js", None).await;
    assert_eq!(worker.header("service-worker-allowed"), "/visits");
    let files = worker.body.split("FILES = ").nth(1).and_then(|rest| rest.split(";\n").next()).expect("a list");
    let files: Vec<String> = serde_json::from_str(files).expect("JSON");
    assert!(
        files.iter().any(|file| file.ends_with("/visits/main.js")) && !files.iter().any(|file| file.contains("/qr/"))
    );
    for file in &files {
        assert_eq!(server.get(file, None).await.status, StatusCode::OK, "{file}");
    }
    let manifest = server.get("/visits/app.webmanifest", None).await.json();
    assert_eq!((manifest["scope"].as_str(), manifest["short_name"].as_str()), (Some("/visits"), Some("Đến hộ")));
}

#[tokio::test]
async fn the_workload_is_told_by_page_file_and_chart_of_commune_and_hamlet() {
    let server = Server::start().await;
    let store = &server.store;
    let counts = |visited, not_seen| [("A".into(), VisitCounts { visited, not_seen })].into();
    store.put_visit_counts(day("2026-11-18"), &counts(6, 2)).await.expect("written");
    store.put_visit_counts(day("2026-11-23"), &counts(1, 0)).await.expect("written");
    let span = |household: &str, until: &str| VerifiedSpan {
        household: household.into(),
        from: day("2026-11-01"),
        to: None,
        area: "A".into(),
        until: day(until),
        streams: vec!["food".into()],
    };
    let put = vec![span("A-001", "2026-11-22"), span("A-002", "2026-12-01"), span("A-003", "2027-04-01")];
    let change = StateChange { verified: Change { put, gone: Vec::new() }, ..StateChange::default() };
    store.apply_states(&change, &[]).await.expect("written");
    let all = server.get("/api/v1/visiting", None).await.json();
    let told = [&all["to_visit"], &all["undetermined_by_reason"]["no_pickup"], &all["pace_a_week"]];
    assert_eq!(told, [&json!(21), &json!(21), &json!(2)]);
    assert_eq!((&all["on"], &all["running_out"][0]["households"]), (&json!("2026-11-22"), &json!(1)));
    assert_eq!(all["running_out"][1], json!({ "from": "2026-11-30", "to": "2026-12-06", "households": 1 }));
    let week = &all["done"][7];
    assert_eq!((&week["visited"], &week["not_seen"], &week["so_far"]), (&json!(6), &json!(2), &json!(false)));
    assert_eq!((&all["done"][8]["visited"], &all["done"][8]["so_far"]), (&json!(1), &json!(true)));
    // 21 now and one of this week, less a visit and a half a week.
    assert_eq!(all["worked_off"], json!({ "week": "2027-03-08", "weeks": 16 }));
    let signed_in = server.account("xem-so-lieu", &[Role::Viewer], &[]).await;
    let of_a = server.get("/api/v1/visiting?area=A", Some(&signed_in)).await.json();
    assert_eq!(
        (&of_a["to_visit"], &of_a["worked_off"], &of_a["needed_pace_a_week"]),
        (&json!(0), &Value::Null, &json!(1))
    );
    // A small hamlet is hidden from the public, and so is the next one; not from who sees households.
    let viewer = server.account("xem", &[Role::Viewer], &[]).await;
    for (token, status) in [(None, StatusCode::FORBIDDEN), (Some(&viewer), StatusCode::OK)] {
        for path in ["/api/v1/visiting?area=C", "/visiting.csv?area=C", "/charts/visiting.svg?area=C"] {
            assert_eq!(server.get(path, token.map(String::as_str)).await.status, status, "{path}");
        }
    }
    assert_eq!(server.get("/api/v1/visiting?area=Z", None).await.status, StatusCode::BAD_REQUEST);
    let file = server.get("/visiting.csv", None).await;
    assert!(
        file.body.contains("2026-11-16,2026-11-22,6,2,") && file.body.contains("2026-11-23,2026-11-29,1,0,1"),
        "{}",
        file.body
    );
    for path in ["/charts/visiting.png", "/charts/visiting.svg?form=narrow&theme=dark&lang=en"] {
        assert_eq!(server.get(path, None).await.status, StatusCode::OK, "{path}");
    }
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let page = server.get("/", Some(&officer)).await.body;
    for part in
        ["Việc đến hộ", "6 lượt đến", "tháng 3", "/definitions#visiting", "/charts/visiting.png", "href=\"/visits\""]
    {
        assert!(page.contains(part), "lacks `{part}`");
    }
    let definitions = server.get("/definitions", None).await.body;
    assert!(definitions.contains("id=\"visiting\"") && definitions.contains("id=\"attempt\""));
    let viewer = server.account("nguoi-xem", &[Role::Viewer], &[]).await;
    let page = server.get("/areas/A", Some(&viewer)).await.body;
    assert!(page.contains("Không còn hộ nào cần đến ngay") && !page.contains("Mở danh sách"), "{page}");
}
