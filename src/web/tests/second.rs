//! Ways round the second person, tried one by one: small acts, the form, endings, clean findings, lists, single writes by the hundred,
//! and the same id again.

use axum::http::StatusCode;
use serde_json::json;

use super::register::{hidden, recorded};
use super::{Answer, Server};
use crate::domain::proposal::Proposed;
use crate::store::Role;

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

/// Uploads a file and confirms what is shown.
async fn handed_in(server: &Server, token: &str, kind: &str, file: &str) -> Answer {
    let shown = server.upload(token, kind, file.as_bytes()).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    let (content, version, id) =
        (hidden(&shown.body, "content"), hidden(&shown.body, "version"), hidden(&shown.body, "id"));
    let form = [("kind", kind), ("content", &content), ("version", &version), ("id", &id), ("reason", "khảo sát")];
    server.fill_in("/register/files/confirm", token, &form).await
}

async fn waiting(server: &Server) -> Vec<Proposed> {
    server.store.proposals_waiting().await.expect("read").into_iter().map(|of| of.proposed).collect()
}

async fn exclusions(server: &Server) -> usize {
    server.store.register_versions("exclusion").await.expect("read").len()
}

#[tokio::test]
async fn ten_households_in_two_files_and_the_eleventh_by_the_form_wait_all_the_same() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let other = server.account("binh", &[Role::Officer], &[]).await;
    let file = |numbers: std::ops::Range<usize>, area: &str| {
        numbers.fold("household,reason,from,by\n".to_owned(), |file, number| {
            file + &format!("{area}-{number:03},vacant,2026-11-01,an\n")
        })
    };
    for numbers in [0..5, 5..10] {
        let done = handed_in(&server, &officer, "exclusions", &file(numbers, "A")).await;
        assert_eq!(done.header("location"), "/register/files?done=1", "{}", done.body);
    }
    assert_eq!(exclusions(&server).await, 10);
    let more = handed_in(&server, &officer, "exclusions", &file(0..1, "B")).await;
    assert!(more.header("location").starts_with("/register/proposals/"), "{}", more.body);
    assert_eq!(exclusions(&server).await, 10, "the eleventh waits");

    let (b_2, b_3) = (id(2), id(3));
    let form = |household: &'static str, why: &'static str, id: &'static str| {
        vec![
            ("c_household", household),
            ("c_reason", "vacant"),
            ("c_from", "2026-11-01"),
            ("c_by", "an"),
            ("why", why),
            ("id", id),
        ]
    };
    let (b_2, b_3): (&'static str, &'static str) = (b_2.leak(), b_3.leak());
    let silent = server.fill_in("/register/form/exclusions", &officer, &form("B-001", "", b_2)).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("phải chờ cán bộ thứ hai"), "{}", silent.body);
    for _ in 0..2 {
        let waits = server.fill_in("/register/form/exclusions", &officer, &form("B-001", "nhà trống", b_2)).await;
        assert_eq!(waits.header("location"), format!("/register/proposals/{b_2}"), "{}", waits.body);
    }
    assert_eq!((exclusions(&server).await, waiting(&server).await.len()), (10, 2));
    let alone = server.fill_in("/register/form/exclusions", &other, &form("B-002", "nhà trống", b_3)).await;
    assert!(alone.header("location").starts_with("/register/row/exclusions"), "another person's first: {}", alone.body);

    let page = format!("/register/proposals/{b_2}");
    let confirmed = server.fill_in(&page, &other, &[("verdict", "confirmed")]).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.body);
    assert_eq!(exclusions(&server).await, 12);
    server.clock.0.fetch_add(30 * 24 * 3_600_000, std::sync::atomic::Ordering::Relaxed);
    let later = server.fill_in("/register/form/exclusions", &officer, &form("B-003", "nhà trống", b_3)).await;
    assert!(later.header("location").starts_with("/register/row/exclusions"), "a month later: {}", later.body);
}

#[tokio::test]
async fn registrations_that_end_wait_and_a_household_that_moves_does_not() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let other = server.account("binh", &[Role::Officer], &[]).await;
    let mut file = "code,area,people,point,valid_from,valid_to\n".to_owned();
    for number in 0..11 {
        file += &format!("A-{number:03},A,4,P-A,2026-01-01,2026-11-01\n");
    }
    // Another household moves, and a third one has five people now.
    file += "B-000,B,4,P-B,2026-01-01,2026-11-01\nB-000,A,4,P-A,2026-11-01,\nB-001,B,5,P-B,2026-01-01,\n";
    let waits = handed_in(&server, &officer, "households", &file).await;
    let page = waits.header("location").to_owned();
    assert!(page.starts_with("/register/proposals/"), "{}", waits.body);
    let ended = async || {
        let versions = server.store.register_versions("household").await.expect("read");
        let rows = versions.iter().filter(|of| of.row.validity().1.is_some());
        rows.map(|of| of.row.key()).collect::<Vec<_>>()
    };
    assert_eq!(ended().await, ["B-000|2026-01-01"], "the move is recorded, the ends are not");
    let held = waiting(&server).await;
    assert!(matches!(held.as_slice(), [Proposed::Endings { rows }] if rows.len() == 11), "{held:?}");
    let seen = server.get(&page, Some(&other)).await.body;
    assert!(seen.contains("kết thúc đăng ký hộ") && seen.contains("A-010") && seen.contains("01/11/2026"), "{seen}");
    let confirmed = server.fill_in(&page, &other, &[("verdict", "confirmed")]).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.body);
    assert_eq!(ended().await.len(), 12);
    assert!(server.store.person(&"A-000".into()).await.expect("read").is_some(), "names stay until they are erased");
}

#[tokio::test]
async fn visits_in_several_small_files_add_up_whoever_they_name() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let file = |numbers: std::ops::Range<usize>, by: &str| {
        numbers.fold("household,on,result,by\n".to_owned(), |file, number| {
            file + &format!("A-{number:03},2026-11-20,sorting,{by}\n")
        })
    };
    let done = handed_in(&server, &officer, "visits", &file(0..10, "Trưởng thôn A")).await;
    assert_eq!(done.header("location"), "/register/files?done=1", "{}", done.body);
    let more = handed_in(&server, &officer, "visits", &file(10..11, "Hội Phụ nữ")).await;
    assert!(more.header("location").starts_with("/register/proposals/"), "{}", more.body);
    let list = [("id", &*id(7)), ("on", "2026-11-20"), ("result", "sorting"), ("household", "B-001")];
    let listed = server.fill_in("/households/visits", &officer, &list).await;
    assert_eq!(listed.header("location"), format!("/households/visits?waits={}", id(7)));
    assert_eq!(server.store.operations_of_kind("visit").await.expect("read").len(), 10);
    server.clock.0.fetch_add(24 * 3_600_000, std::sync::atomic::Ordering::Relaxed);
    let next_day = handed_in(&server, &officer, "visits", &file(11..12, "Hội Phụ nữ")).await;
    assert_eq!(next_day.header("location"), "/register/files?done=1");
}

#[tokio::test]
async fn clean_findings_by_the_dozen_wait_and_contrary_ones_do_not() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let file = |finding: &str| {
        (0..11).fold("household,finding,at,by\n".to_owned(), |file, number| {
            file + &format!("A-{number:03},{finding},2026-11-20 10:00,an\n")
        })
    };
    let contrary = handed_in(&server, &officer, "findings", &file("mixed")).await;
    assert_eq!(contrary.header("location"), "/register/files?done=1");
    let clean = handed_in(&server, &officer, "findings", &file("clean")).await;
    assert!(clean.header("location").starts_with("/register/proposals/"), "{}", clean.body);
    assert_eq!(server.store.operations_of_kind("finding").await.expect("read").len(), 11);
}

#[tokio::test]
async fn nobody_records_visits_by_the_hundred_and_the_way_out_is_a_list() {
    let server = Server::start().await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let households: Vec<String> = [("A", 40), ("B", 12), ("C", 9)]
        .into_iter()
        .flat_map(|(a, n)| (0..n).map(move |i| format!("{a}-{i:03}")))
        .collect();
    let visit = |number: usize, on: &str| json!({"id": id(u32::try_from(number).expect("few")), "on": on, "household": households[number], "result": "sorting"});
    for number in 0..60 {
        let done = server.post("/api/v1/visits", &officer, &visit(number, "2026-11-20")).await;
        assert_eq!(done.status, StatusCode::CREATED, "{number}: {}", done.body);
    }
    let again = server.post("/api/v1/visits", &officer, &visit(3, "2026-11-20")).await;
    assert_eq!(again.status, StatusCode::OK, "the same one sent again is answered as before");
    let more = server.post("/api/v1/visits", &officer, &visit(60, "2026-11-20")).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(more.body.contains("/households/visits"), "{}", more.body);
    let pathway = json!({"id": id(99), "on": "2026-11-20", "household": households[60], "stream": "food", "pathway": "compost", "level": "verified"});
    assert_eq!(server.post("/api/v1/pathways", &officer, &pathway).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let list = [("id", &*id(100)), ("on", "2026-11-20"), ("result", "sorting"), ("household", households[60].as_str())];
    let listed = server.fill_in("/households/visits", &officer, &list).await;
    assert_eq!(listed.header("location"), format!("/households/visits?waits={}", id(100)));
    let other_day = server.post("/api/v1/visits", &officer, &visit(60, "2026-11-19")).await;
    assert_eq!(other_day.status, StatusCode::CREATED, "a phone that was offline for days sends them all");
}

#[tokio::test]
async fn a_proposal_does_not_change_under_its_id() {
    let server = Server::start().await;
    let officer = server.account("an", &[Role::Officer], &[]).await;
    let list = |area: &str, count: usize| {
        let households = (0..count).map(|number| ("household", format!("{area}-{number:03}")));
        let fields = [("id", id(1)), ("on", "2026-11-20".to_owned()), ("result", "sorting".to_owned())];
        fields.into_iter().chain(households).collect::<Vec<_>>()
    };
    let send = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server.fill_in("/households/visits", &officer, &fields).await.status
    };
    assert_eq!(send(list("A", 11)).await, StatusCode::SEE_OTHER);
    assert_eq!(send(list("A", 11)).await, StatusCode::SEE_OTHER, "sent twice");
    assert_eq!(send(list("B", 11)).await, StatusCode::CONFLICT, "or what it says would be lost");
    assert_eq!(waiting(&server).await.len(), 1);
}
