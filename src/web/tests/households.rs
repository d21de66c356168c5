//! Households on pages and in the API: who sees what, the trail behind a state, visits and what is taken back.

use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Server};
use crate::domain::time::Instant;
use crate::store::{Person, RegisterChange, Role};

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

async fn named(server: &Server) {
    let person = |household: &str, head_name: &str, folded: &str| Person {
        household: household.to_owned(),
        head_name: head_name.to_owned(),
        address: String::new(),
        folded: folded.to_owned(),
    };
    let people =
        [person("B-001", "Nguyễn Văn Đạt", "nguyen van dat "), person("C-001", "Nguyễn Văn Đông", "nguyen van dong ")];
    let change = RegisterChange {
        rows: &[],
        people: &people,
        stated: None,
        stale: Vec::new(),
        at: Instant::from_ms(1),
        by: "an",
        reason: None,
        basis: None,
        confirms: None,
    };
    server.store.change_register(&change).await.expect("written");
}

async fn send(server: &Server, path: &str, token: &str, form: &str) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(form.to_owned()))
        .expect("a request");
    server.ask(request).await
}

#[tokio::test]
async fn names_are_found_without_diacritics_and_shown_to_those_in_charge_only() {
    let server = Server::start().await;
    named(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let page = server.get("/households?q=nguyen+van", Some(&officer)).await.body;
    assert!(page.contains("Nguyễn Văn Đạt") && page.contains("Nguyễn Văn Đông"), "{page}");
    let page = server.get("/households?q=NGUY%E1%BB%84N+v%C4%83n", Some(&visitor)).await.body;
    assert!(page.contains("Nguyễn Văn Đạt") && !page.contains("Đông"), "{page}");
    let page = server.get("/households?q=nguyen+van", Some(&viewer)).await.body;
    assert!(!page.contains("B-001"), "a reader without names finds none by them");
    let page = server.get("/households?q=b-001", Some(&viewer)).await.body;
    assert!(page.contains("B-001") && !page.contains("Nguyễn"), "{page}");
    for path in ["/households.csv?q=b-001", "/households/sheet?q=b-001"] {
        assert!(!server.get(path, Some(&viewer)).await.body.contains("Nguyễn"), "{path}");
        let own = server.get(path, Some(&visitor)).await;
        assert!(own.body.contains("Nguyễn Văn Đạt"), "{path}: {}", own.body);
    }
    assert_eq!(server.get("/households?area=C", Some(&visitor)).await.status, StatusCode::FORBIDDEN);
    let looks = server.store.looks(50).await.expect("read");
    assert!(
        looks.iter().any(|look| look.account == "viewer" && look.seen.subject.starts_with("csv on=2026-11-22")),
        "{looks:?}"
    );
    assert!(
        looks.iter().all(|look| !look.seen.subject.contains("nguyen")),
        "what is searched may be a name: {looks:?}"
    );
}

#[tokio::test]
async fn the_list_goes_on_where_the_page_before_ended() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let page = server.get("/households?state=S&after=9_A-030", Some(&officer)).await.body;
    assert!(page.contains("/households/A-031") && !page.contains("/households/A-030"), "{page}");
    assert!(page.contains("/households/A-031"));
    assert_eq!(server.get("/households?after=x", Some(&officer)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.get("/households?missing=glas", Some(&officer)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_trail_of_a_household_is_for_those_in_charge_and_every_look_is_logged() {
    let server = Server::start().await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    for path in ["/households/B-001", "/api/v1/households/B-001/evidence"] {
        assert_eq!(server.get(path, Some(&visitor)).await.status, StatusCode::OK, "{path}");
        assert_eq!(server.get(path, Some(&viewer)).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(server.get(&path.replace('B', "C"), Some(&visitor)).await.status, StatusCode::FORBIDDEN, "{path}");
        let unknown = server.get(&path.replace("B-001", "Z-1"), Some(&visitor)).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{path}");
        let ahead = server.get(&format!("{path}?on=2026-12-24"), Some(&visitor)).await;
        assert_eq!(ahead.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let evidence = server.get("/api/v1/households/B-001/evidence?on=2026-11-21", Some(&visitor)).await.json();
    assert_eq!((&evidence["state"], &evidence["reason"]), (&json!("U"), &json!("not_observable")));
    assert_eq!((&evidence["on"], &evidence["rule_version"]), (&json!("2026-11-21"), &json!("1")));
    assert_eq!(evidence["missing"], json!(["food"]));
    let acts: Vec<&Value> =
        evidence["would_change"].as_array().expect("a list").iter().map(|turn| &turn["act"]).collect();
    assert_eq!(acts, ["visit", "pathways", "not_sorting"]);
    assert_eq!(evidence["would_change"][0]["state"], "S");
    let looks = server.store.looks(50).await.expect("read");
    assert!(
        looks
            .iter()
            .any(|look| look.action == "evidence" && look.seen.subject.contains("household=B-001 on=2026-11-21"))
    );
}

#[tokio::test]
async fn a_visit_on_the_page_is_the_api_s_visit_and_is_taken_back_by_its_author_or_an_officer() {
    let server = Server::start().await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let other = server.account("phunu", &[Role::Visitor], &["B"]).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let form = format!("id={}&on=2026-11-22&result=sorting&stream=&pathway-food=compost", id(1));
    let path = "/households/B-001/visits";
    assert_eq!(send(&server, path, &visitor, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&server, path, &visitor, &form).await.status, StatusCode::SEE_OTHER, "sent twice");
    let away = send(&server, "/households/C-001/visits", &visitor, &form.replace("0001&", "0009&")).await;
    assert_eq!(away.status, StatusCode::FORBIDDEN);
    let visits = server.store.operations_of_kind("visit").await.expect("read");
    let pathways = server.store.operations_of_kind("pathway").await.expect("read");
    assert_eq!((visits.len(), pathways.len()), (1, 1));
    let trail = server.get("/api/v1/households/B-001/evidence?on=2026-11-22", Some(&officer)).await.json();
    assert_eq!((&trail["state"], &trail["weakest_evidence"]), (&json!("S"), &json!("verified")));
    assert_eq!(trail["streams"][0]["verified"][0]["last_day"], "2027-05-21");
    let page = server.get("/households/B-001?on=2026-11-22", Some(&visitor)).await.body;
    assert!(page.contains("ủ phân") && page.contains("Rút lại"), "{page}");
    let void = format!("id={}&at=1795399200000&stated={}&reason=nh%E1%BA%A7m", id(2), id(1));
    let path = "/households/B-001/void";
    assert_eq!(send(&server, path, &other, &void).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&server, path, &visitor, &void).await.status, StatusCode::SEE_OTHER);
    let trail = server.get("/api/v1/households/B-001/evidence?on=2026-11-22", Some(&officer)).await.json();
    assert_eq!(trail["state"], "U");
    let taken_back: Vec<&Value> =
        trail["statements"].as_array().expect("a list").iter().map(|stated| &stated["void"]["reason"]).collect();
    assert_eq!(taken_back, ["nhầm", "nhầm"], "the pathway goes with its visit");
    let write = json!({"id": id(5), "on": "2026-11-22", "household": "B-002", "stream": "food", "pathway": "sold", "level": "declared"});
    assert_eq!(server.post("/api/v1/pathways", &visitor, &write).await.status, StatusCode::CREATED);
    let void = json!({"id": id(6), "at": "2026-11-23T08:40:00+07:00", "reason": "nhầm"});
    let path = format!("/api/v1/visits/{}/void", id(5));
    assert_eq!(server.post(&path, &other, &void).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.post(&path, &officer, &void).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn ten_households_in_one_act_are_recorded_and_eleven_wait_for_a_second_officer() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let form = |number: u32, count: u32| {
        let ticked: String = (0..count).map(|at| format!("&household=B-{at:03}")).collect();
        format!("id={}&on=2026-11-22&result=sorting&reason=%C4%91%E1%BB%A3t+1{ticked}", id(number))
    };
    let path = "/households/visits";
    let done = send(&server, path, &officer, &form(1, 10)).await;
    assert_eq!(done.header("location"), "/households/visits?done=10");
    send(&server, path, &officer, &form(1, 10)).await;
    assert_eq!(server.store.operations_of_kind("visit").await.expect("read").len(), 10);
    let waits = send(&server, path, &officer, &form(2, 11)).await;
    assert_eq!(waits.header("location"), format!("/households/visits?waits={}", id(2)));
    assert_eq!(server.store.operations_of_kind("visit").await.expect("read").len(), 10);
    let proposal = server.store.proposal(&id(2)).await.expect("read").expect("kept");
    assert_eq!((proposal.by.as_str(), proposal.reason.as_str()), ("canbo", "đợt 1"));
    for back in ["//evil.example", "a%0D%0ASet-Cookie:x", "x%23y", "%C4%83"] {
        let led = send(&server, path, &officer, &format!("{}&back={back}", form(4, 1))).await;
        assert_eq!(led.header("location"), "/households/visits?done=1", "{back}");
    }
    let led = send(&server, path, &officer, &format!("{}&back=area%3DB%26q%3Dl%25C3%25AA%26", form(4, 1))).await;
    assert_eq!(led.header("location"), "/households/visits?area=B&q=l%C3%AA&done=1");
    let none = send(&server, path, &officer, &form(3, 0)).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_list_as_a_file_counts_once_and_stays_within_the_account_s_hamlets() {
    let server = Server::start().await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let file = |household: &str, number: u32| {
        format!("id={}&kind=visits&file=household,on,result,stream,by%0A{household},2026-11-22,sorting,,an", id(number))
    };
    let path = "/households/visits-file";
    let done = send(&server, path, &visitor, &file("B-003", 1)).await;
    assert_eq!(done.header("location"), "/households/visits?done=1", "{}", done.body);
    send(&server, path, &visitor, &file("B-003", 2)).await;
    let visits = server.store.operations_of_kind("visit").await.expect("read");
    assert_eq!((visits.len(), visits[0].by.as_str()), (1, "truongthon"));
    assert_eq!(send(&server, path, &visitor, &file("C-003", 3)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&server, path, &visitor, &file("Z", 4)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_does_not_fit_in_a_visitor_s_list_is_told_row_by_row_and_what_was_pasted_stays() {
    let server = Server::start().await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let form = format!(
        "id={}&kind=pathways&reason=th%C3%A1ng+11&file=M%C3%A3+h%E1%BB%99,Nh%C3%B3m,C%C3%A1ch+x%E1%BB%AD+l%C3%BD,M%E1%BB%A9c,Ng%C3%A0y,Ng%C6%B0%E1%BB%9Di+ghi%0AB-1,food,compost,seen,22/11/2026,an",
        id(1)
    );
    let page = send(&server, "/households/visits-file", &visitor, &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "Tệp có 2 chỗ sai",
        "Mã hộ (household)",
        "Không có hộ “B-1” trong sổ (gần nhất là “B-011”)",
        "“seen” không dùng được ở cột “Mức bằng chứng”; viết một trong: declared (kê khai), verified (đã xác minh)",
        "B-1,food,compost,seen,22/11/2026,an</textarea>",
        "value=\"tháng 11\"",
        "value=\"pathways\" selected",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let english = send(&server, "/households/visits-file?lang=en", &visitor, &form).await.body;
    assert!(english.contains("Unknown household `B-1` (nearest is `B-011`); correct it, or import households first"));
    assert!(server.store.operations_of_kind("pathway").await.expect("read").is_empty());
}

#[tokio::test]
async fn a_visit_of_the_page_does_not_count_again_when_it_comes_back_in_a_file() {
    let server = Server::start().await;
    super::register::recorded(&server).await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let form = format!("id={}&on=2026-11-22&result=sorting&pathway-food=compost", id(1));
    send(&server, "/households/B-001/visits", &visitor, &form).await;
    let exported = server.get("/register/export/visits.csv", Some(&officer)).await.body;
    assert!(exported.contains("B-001,2026-11-22,sorting,,truongthon"), "{exported}");
    let preview = server.upload(&officer, "visits", exported.as_bytes()).await;
    assert!(preview.body.contains("1 dòng: 0 mới, 0 thay bản cũ, 1 không đổi"), "{}", preview.body);
    let file = format!("id={}&kind=visits&file={}", id(2), exported.replace(',', "%2C").replace('\n', "%0A"));
    let done = send(&server, "/households/visits-file", &visitor, &file).await;
    assert_eq!(done.header("location"), "/households/visits?done=0", "{}", done.body);
    assert_eq!(server.store.operations_of_kind("visit").await.expect("read").len(), 1);

    let void = format!("id={}&at=1795399200000&stated={}&reason=nh%E1%BA%A7m", id(3), id(1));
    send(&server, "/households/B-001/void", &visitor, &void).await;
    let left = server.get("/register/export/visits.csv", Some(&officer)).await.body;
    assert_eq!(left.lines().count(), 1, "what was taken back is not handed out: {left}");
    let list = server.get("/register/rows/visits", Some(&officer)).await.body;
    assert!(!list.contains("B-001"), "{list}");
    let all = server.get("/register/rows/visits?all=1", Some(&officer)).await.body;
    assert!(all.contains("B-001"), "{all}");
    let preview = server.upload(&officer, "visits", exported.as_bytes()).await;
    assert!(preview.body.contains("0 mới"), "and does not stand again by an older file: {}", preview.body);
}

#[tokio::test]
async fn rounds_are_for_officers() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let visitor = server.account("truongthon", &[Role::Visitor], &["B"]).await;
    for path in ["/rounds", "/rounds.csv"] {
        assert_eq!(server.get(path, Some(&officer)).await.status, StatusCode::OK);
        assert_eq!(server.get(path, Some(&visitor)).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(server.get("/rounds?fate=lost", Some(&officer)).await.status, StatusCode::BAD_REQUEST);
}
