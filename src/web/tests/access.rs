//! Accounts, passwords, tokens, paired phones and the access log, through the pages.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use super::super::Settings;
use super::{Answer, NOW_MS, Server};
use crate::domain::time::{Clock as _, HOUR_MS, MINUTE_MS};
use crate::store::{Actor, Grant, Role, Secret};

/// A browser that keeps its cookies.
struct Visitor<'a> {
    server: &'a Server,
    cookies: Vec<(String, String)>,
}

impl<'a> Visitor<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, cookies: Vec::new() }
    }

    async fn signed_in(server: &'a Server, name: &str, password: &str) -> Self {
        let mut visitor = Self::new(server);
        let answer = visitor.post("/sign-in", &[("name", name), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        visitor
    }

    async fn ask(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(header::COOKIE, cookies.join("; "))
            .header(header::USER_AGENT, "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0")
            .header("sec-fetch-site", "same-origin");
        let answer = self.server.ask(request.body(Body::from(body)).expect("a request")).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path), String::new()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", super::super::sign_in::encoded(value))).collect();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, body.join("&")).await
    }
}

/// Gives the secret on a page that shows one.
fn secret(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let rest = page.body.split("class=\"secret\"><code>").nth(1).expect("a secret is shown");
    rest.split("</code>").next().expect("it ends").to_owned()
}

#[tokio::test]
async fn a_new_user_gets_a_password_once_and_chooses_another_before_anything_else() {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    let given =
        admin.post("/users", &[("name", "Truong-Thon"), ("role", "visitor"), ("area", "A"), ("area", "B")]).await;
    let given = secret(&given);
    let account = server.store.account("truong-thon").await.expect("read").expect("added");
    assert_eq!((account.roles.len(), account.areas.len()), (1, 2));
    assert!(!admin.get("/users/truong-thon").await.body.contains(&given), "the password is shown once");
    assert!(admin.get("/users").await.body.contains("Chưa đặt mật khẩu riêng"));

    let mut user = Visitor::signed_in(&server, "truong-thon", &given).await;
    let elsewhere = user.get("/households").await;
    assert_eq!((elsewhere.status, elsewhere.header("location")), (StatusCode::SEE_OTHER, "/account"));
    assert_eq!(user.get("/api/v1/states?area=A").await.status, StatusCode::FORBIDDEN);
    assert_eq!(user.get("/").await.status, StatusCode::OK, "what is public stays so");
    let change = [("old", given.as_str()), ("new", "mat khau cua toi"), ("again", "mat khau cua toi")];
    let changed = user.post("/account/password", &change).await;
    assert_eq!(changed.header("location"), "/account?done=password", "{}", changed.body);
    assert_eq!(user.get("/households").await.status, StatusCode::OK);
    // The given one is good for nothing now.
    let mut other = Visitor::new(&server);
    let answer = other.post("/sign-in", &[("name", "truong-thon"), ("password", &given)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = admin.get("/users/truong-thon").await.body;
    assert!(page.contains("added with roles visitor") && page.contains("password given"), "{page}");
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_says_why_and_keeps_what_was_filled_in() {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    for (fields, told) in [
        (vec![("name", "có dấu"), ("role", "officer")], "Tên chỉ gồm"),
        (vec![("name", "moi")], "Chọn ít nhất một vai trò"),
        (vec![("name", "moi"), ("role", "visitor")], "cần ít nhất một thôn"),
        (vec![("name", "quan-tri"), ("role", "officer")], "đã có người dùng"),
    ] {
        let page = admin.post("/users", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let page = admin.post("/users", &[("name", "quan-tri"), ("role", "officer")]).await.body;
    assert!(page.contains("value=\"officer\" checked") && page.contains("value=\"quan-tri\""));
    assert_eq!(admin.post("/users", &[("name", "x"), ("role", "king")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(admin.get("/users/khong-ai").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn there_is_always_an_administrator() {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    let refused = admin.post("/users/quan-tri/disable", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("quản trị viên cuối cùng"));
    assert_eq!(admin.post("/users/quan-tri/roles", &[("role", "officer")]).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.get("/users").await.status, StatusCode::OK, "nothing was changed");
    server.account("thu-hai", &[Role::Admin], &[]).await;
    let done = admin.post("/users/thu-hai/disable", &[]).await;
    assert_eq!(done.header("location"), "/users/thu-hai?done=disabled");
    assert_eq!(admin.post("/users/quan-tri/disable", &[]).await.status, StatusCode::CONFLICT, "a disabled one is none");
    assert_eq!(admin.post("/users/thu-hai/enable", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.post("/users/quan-tri/roles", &[("role", "officer")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.get("/users").await.status, StatusCode::FORBIDDEN, "the role is gone at once");
}

#[tokio::test]
async fn changing_the_password_asks_for_the_old_one_and_ends_the_other_sessions() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    let mut here = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let mut elsewhere = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    for (old, new, again, told) in [
        ("mat khau sai", "mat khau moi", "mat khau moi", "Mật khẩu hiện tại chưa đúng"),
        ("mat khau dung", "mat khau moi", "mat khau mới", "không giống nhau"),
        ("mat khau dung", "mat khau dung", "mat khau dung", "phải khác"),
        ("mat khau dung", "ngan", "ngan", "ít nhất 8"),
    ] {
        let page = here.post("/account/password", &[("old", old), ("new", new), ("again", again)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(told), "{told}");
    }
    let change = [("old", "mat khau dung"), ("new", "mat khau moi"), ("again", "mat khau moi")];
    assert_eq!(here.post("/account/password", &change).await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER);
    // Guessing the old one is slowed as signing in is.
    for _ in 0..5 {
        here.post("/account/password", &[("old", "doan"), ("new", "mat khau nua"), ("again", "mat khau nua")]).await;
    }
    let locked =
        here.post("/account/password", &[("old", "mat khau moi"), ("new", "khac han"), ("again", "khac han")]).await;
    assert_eq!((locked.status, locked.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "301"));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone_and_by_lying_unused() {
    let server = Server::start().await;
    for name in ["can-bo", "nguoi-khac"] {
        server.account(name, &[Role::Officer], &[]).await;
    }
    let mut here = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let mut elsewhere = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let mut other = Visitor::signed_in(&server, "nguoi-khac", "mat khau dung").await;
    let page = here.get("/account").await.body;
    assert_eq!(page.matches("Firefox · Windows").count(), 2 + 1, "two sessions, one of them with a button: {page}");
    let id = page.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a session");
    other.post("/account/sessions/end", &[("session", id)]).await;
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::OK, "another's session cannot be ended");
    here.post("/account/sessions/end", &[("session", id)]).await;
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER);
    let mut third = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    here.post("/account/sessions/end", &[("session", "others")]).await;
    assert_eq!(
        (here.get("/account").await.status, third.get("/account").await.status),
        (StatusCode::OK, StatusCode::SEE_OTHER)
    );
    // Used again and again it lasts; left alone for four hours it does not.
    for hour in 1..=3 {
        server.clock.0.store(NOW_MS + hour * HOUR_MS, Ordering::Relaxed);
        assert_eq!(here.get("/account").await.status, StatusCode::OK);
    }
    server.clock.0.store(NOW_MS + 5 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    server.clock.0.store(NOW_MS + 9 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(here.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_carries_no_more_than_was_ticked_and_ends_when_it_says() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer, Role::Viewer], &[]).await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let mut officer = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    for (fields, told) in [
        (vec![("role", "viewer"), ("days", "30")], "dùng để làm gì"),
        (vec![("name", "x"), ("role", "admin"), ("days", "30")], "Chọn ít nhất một vai trò"),
        (vec![("name", "x"), ("role", "viewer"), ("days", "999")], "1 đến 366"),
    ] {
        let page = officer.post("/account/tokens", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(told), "{told}");
    }
    let make = [("name", "bảng tính"), ("role", "viewer"), ("days", "30")];
    let narrow = secret(&officer.post("/account/tokens", &make).await);
    assert_eq!(server.get("/api/v1/states", Some(&narrow)).await.status, StatusCode::OK);
    assert_eq!(server.get("/api/v1/pickups", Some(&narrow)).await.status, StatusCode::FORBIDDEN);
    let make = [("name", "chỉ đọc"), ("role", "officer"), ("read_only", "yes"), ("days", "30")];
    let reading = secret(&officer.post("/account/tokens", &make).await);
    assert_eq!(server.get("/api/v1/pickups", Some(&reading)).await.status, StatusCode::OK);
    let write = json!({"id": "018f2c4e-0000-7000-8000-000000000001", "at": "2026-11-23T08:30:00+07:00", "household": "A-001", "finding": "mixed"});
    let refused = server.post("/api/v1/findings", &reading, &write).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("read only"), "{}", refused.body);
    // It can neither make another nor change the account.
    let by_token = async |path: &str| {
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {narrow}"));
        server.ask(request.body(Body::empty()).expect("a request")).await.status
    };
    for path in ["/account/tokens", "/account/password", "/account/sessions/end", "/account/tokens/revoke", "/phones"] {
        assert_eq!(by_token(path).await, StatusCode::FORBIDDEN, "{path}");
    }
    let kept = server.store.tokens(Some("can-bo")).await.expect("read");
    assert!(kept.iter().all(|token| token.fingerprint != narrow && token.fingerprint != reading), "kept as hashes");
    let page = officer.get("/account/tokens").await.body;
    assert!(page.contains("bảng tính") && page.contains("chỉ đọc") && !page.contains(&narrow));
    let mut other = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    assert!(other.get("/account/tokens").await.body.contains("bảng tính"), "admins see all");
    let narrow_print = crate::store::fingerprint(&narrow);
    assert_eq!(other.post("/account/tokens/revoke", &[("token", &narrow_print)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(server.get("/api/v1/states", Some(&narrow)).await.status, StatusCode::UNAUTHORIZED);
    server.clock.0.store(NOW_MS + 30 * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(server.get("/api/v1/pickups", Some(&reading)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_loses_the_role_that_its_account_loses_and_nobody_revokes_another_s() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer, Role::Viewer], &[]).await;
    server.account("nguoi-khac", &[Role::Viewer], &[]).await;
    let token = Secret::new();
    let grant = Grant { roles: Some([Role::Officer].into()), ..Grant::default() };
    server.store.add_token(&token.fingerprint, "can-bo", server.clock.now(), grant).await.expect("added");
    let mut other = Visitor::signed_in(&server, "nguoi-khac", "mat khau dung").await;
    let refused = other.post("/account/tokens/revoke", &[("token", &token.fingerprint)]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(!other.get("/account/tokens").await.body.contains("can-bo"));
    assert_eq!(server.get("/api/v1/pickups", Some(&token.plain)).await.status, StatusCode::OK);
    let by = Actor { name: "x".into(), at: server.clock.now() };
    server.store.set_roles("can-bo", &[Role::Viewer].into(), &[], &by).await.expect("changed");
    assert_eq!(server.get("/api/v1/pickups", Some(&token.plain)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.get("/api/v1/states", Some(&token.plain)).await.status, StatusCode::FORBIDDEN);
}

/// Pairs a browser as a phone and gives a crew member on it a PIN.
async fn paired<'a>(server: &'a Server, officer: &mut Visitor<'_>, admin: &mut Visitor<'_>) -> (Visitor<'a>, String) {
    let code = secret(&officer.post("/phones", &[("name", "Tổ 1")]).await);
    let mut phone = Visitor::new(server);
    assert!(phone.get(&format!("/phones/pair?code={code}")).await.body.contains(&code));
    let answer = phone.post("/phones/pair", &[("code", &code.to_uppercase())]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/phones/sign-in"));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=34560000"), "{cookie}");
    let pin = secret(&admin.post("/users/to-1/pin", &[]).await);
    (phone, pin)
}

async fn crew_server() -> Server {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    server.account("to-1", &[Role::Crew, Role::Officer], &[]).await;
    server.account("khong-pin", &[Role::Crew], &[]).await;
    server
}

#[tokio::test]
async fn a_pin_is_good_on_a_paired_phone_and_carries_the_crew_s_role_alone() {
    let server = crew_server().await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    let mut officer = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let (mut phone, pin) = paired(&server, &mut officer, &mut admin).await;
    let page = phone.get("/sign-in?next=%2Fcrew").await;
    assert_eq!(page.header("location"), "/phones/sign-in?next=/crew");
    let page = phone.get("/phones/sign-in").await.body;
    assert!(page.contains("value=\"to-1\"") && !page.contains("khong-pin") && page.contains("Tổ 1"), "{page}");
    let answer = phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", &pin)]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/crew"));
    // An officer too, and by PIN a crew member only, who changes no keys.
    assert_eq!(phone.get("/households").await.status, StatusCode::FORBIDDEN);
    assert_eq!(phone.get("/account").await.status, StatusCode::OK);
    assert_eq!(
        phone.post("/account/tokens", &[("name", "x"), ("role", "crew"), ("days", "9")]).await.status,
        StatusCode::FORBIDDEN
    );
    let mut stranger = Visitor::new(&server);
    let page = stranger.get("/phones/sign-in").await.body;
    assert!(page.contains("chưa được ghép") && !page.contains("to-1"), "{page}");
    let answer = stranger.post("/phones/sign-in", &[("name", "to-1"), ("pin", &pin)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "the PIN is useless elsewhere");
    let answer = stranger.post("/sign-in", &[("name", "to-1"), ("password", &pin)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // Out of reach for hours, as on a round, it stays signed in; withdrawn, it is out at once.
    server.clock.0.store(NOW_MS + 11 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(phone.get("/account").await.status, StatusCode::OK);
    let mut officer = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let list = officer.get("/phones").await.body;
    let id = list.split("/phones/").find(|rest| rest.contains("/revoke\"")).and_then(|rest| rest.split('/').next());
    let id = id.expect("a phone").to_owned();
    assert_eq!(officer.post(&format!("/phones/{id}/revoke"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(phone.get("/account").await.status, StatusCode::SEE_OTHER);
    let answer = phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", &pin)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn five_wrong_pins_lock_an_account_on_that_phone_until_somebody_unlocks_it() {
    let server = crew_server().await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    let mut officer = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    let (mut phone, pin) = paired(&server, &mut officer, &mut admin).await;
    let wrong = if pin == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        let page = phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", wrong)]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.body.contains("chưa đúng"));
    }
    assert!(phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", wrong)]).await.body.contains("bị khóa"));
    // Waiting does not help, as it does for passwords.
    server.clock.0.store(NOW_MS + 30 * MINUTE_MS, Ordering::Relaxed);
    let page = phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", &pin)]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.body.contains("bị khóa"));
    let unknown = phone.post("/phones/sign-in", &[("name", "khong-ai"), ("pin", &pin)]).await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    let list = officer.get("/phones").await.body;
    assert!(list.contains("value=\"to-1\""), "{list}");
    let path = list.split("action=\"").find(|rest| rest.contains("/unlock\"")).and_then(|rest| rest.split('"').next());
    assert_eq!(officer.post(path.expect("a form"), &[("account", "to-1")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(phone.post("/phones/sign-in", &[("name", "to-1"), ("pin", &pin)]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_pairing_code_works_once_and_for_ten_minutes_and_cannot_be_guessed_at_leisure() {
    let server = crew_server().await;
    let mut officer = Visitor::signed_in(&server, "can-bo", "mat khau dung").await;
    assert_eq!(officer.post("/phones", &[("name", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = officer.post("/phones", &[("name", "Tổ 2")]).await;
    assert!(page.body.contains("<svg") && page.body.contains("http://localhost/phones/pair?code="), "{}", page.body);
    let code = secret(&page);
    let (mut one, mut other) = (Visitor::new(&server), Visitor::new(&server));
    assert_eq!(one.post("/phones/pair", &[("code", &code)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.post("/phones/pair", &[("code", &code)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let late = secret(&officer.post("/phones", &[("name", "Tổ 3")]).await);
    server.clock.0.store(NOW_MS + 10 * MINUTE_MS, Ordering::Relaxed);
    assert_eq!(other.post("/phones/pair", &[("code", &late)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..5 {
        other.post("/phones/pair", &[("code", "aaaa-aaaa-aaaa")]).await;
    }
    assert_eq!(other.post("/phones/pair", &[("code", "aaaa-aaaa-aaab")]).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_access_log_tells_who_saw_whom_and_how_many() {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let viewer = server.account("nguoi-xem", &[Role::Viewer], &[]).await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    server.get("/api/v1/states?area=B&limit=5", Some(&viewer)).await;
    server.get("/api/v1/states?area=A", Some(&viewer)).await;
    server.get("/api/v1/pickups?household=A-001", Some(&officer)).await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    let page = admin.get("/access-log").await.body;
    assert!(
        page.contains("nguoi-xem") && page.contains("can-bo") && page.contains(">40</td>") && page.contains(">5</td>"),
        "{page}"
    );
    let of = async |admin: &mut Visitor<'_>, query: &str| {
        let page = admin.get(&format!("/access-log?{query}")).await.body;
        page.matches("<th scope=\"row\">").count()
    };
    assert_eq!(of(&mut admin, "account=Nguoi-Xem").await, 2);
    assert_eq!(of(&mut admin, "household=A-001").await, 2, "a list that names the household counts");
    assert_eq!(of(&mut admin, "household=B-004").await, 1);
    assert_eq!(of(&mut admin, "household=B-005").await, 0, "it was on the next page, which nobody opened");
    assert_eq!(of(&mut admin, "household=A-00").await, 0, "part of a code is no code");
    assert_eq!(of(&mut admin, "from=2026-11-23&to=2026-11-23").await, 3);
    assert_eq!(of(&mut admin, "from=2026-11-24").await, 0);
    let file = admin.get("/access-log.csv?household=B-004").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let lines: Vec<&str> = file.body.trim_end().lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[1].contains(",nguoi-xem,states,") && lines[1].contains("B-000 B-001 B-002 B-003 B-004"),
        "{}",
        lines[1]
    );
    for number in 0..120 {
        server.get(&format!("/api/v1/pickups?household=C-{number}"), Some(&officer)).await;
    }
    let first = admin.get("/access-log?account=can-bo").await.body;
    let next =
        first.split("href=\"/access-log?account=can-bo&#38;after=").nth(1).and_then(|rest| rest.split('"').next());
    let next = next.unwrap_or_else(|| panic!("a next page: {first}"));
    assert_eq!(of(&mut admin, &format!("account=can-bo&after={next}")).await, 21);
}

#[tokio::test]
async fn headers_keep_pages_to_themselves_and_let_the_crew_s_app_work() {
    let server = Server::start().await;
    server.account("quan-tri", &[Role::Admin], &[]).await;
    let mut admin = Visitor::signed_in(&server, "quan-tri", "mat khau dung").await;
    for path in [
        "/account",
        "/account/tokens",
        "/users",
        "/users/quan-tri",
        "/phones",
        "/access-log",
        "/sign-in",
        "/phones/pair",
    ] {
        let page = admin.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cross-origin-resource-policy"), "same-origin", "{path}");
        let policy = page.header("content-security-policy");
        for part in ["worker-src 'self'", "manifest-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(page.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(
            !page.body.contains("<script>") && !page.body.contains(" style=\"") && !page.body.contains(" on"),
            "{path}"
        );
    }
    assert!(admin.get("/crew/anything").await.header("permissions-policy").contains("camera=(self)"));
}

#[tokio::test]
async fn with_tls_a_form_of_the_same_host_without_tls_is_another_site_s() {
    let settings = Settings { public_origin: None, secure: true, trusted_proxies: Vec::new() };
    let server = Server::start_with(settings).await;
    let from = async |origin: &str| {
        let request = Request::post("/sign-out").header(header::HOST, "rac.example").header("origin", origin);
        server.ask(request.body(Body::empty()).expect("a request")).await.status
    };
    assert_eq!(from("http://rac.example").await, StatusCode::FORBIDDEN);
    assert_eq!(from("https://rac.example").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_saw_a_household_is_found_whichever_list_file_or_sheet_it_stood_on() {
    let server = Server::start().await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let admin = server.account("quan-tri", &[Role::Admin], &[]).await;
    let paths = [
        "/households?q=b-003",
        "/households.csv?area=B",
        "/households/sheet?area=B",
        "/households/visits?area=B",
        "/households/B-003",
        "/api/v1/households/B-003/evidence",
        "/api/v1/states?area=B",
        "/register/export/households.csv",
        "/register/export/tags.xlsx",
        "/crew/round?place=P-B&stream=food",
    ];
    for path in paths {
        assert_eq!(server.get(path, Some(&officer)).await.status, StatusCode::OK, "{path}");
    }
    // What shows no household, or another one.
    for path in ["/register/export/areas.csv", "/households?area=C", "/households/C-003"] {
        assert_eq!(server.get(path, Some(&officer)).await.status, StatusCode::OK, "{path}");
    }
    let file = server.get("/access-log.csv?household=B-003", Some(&admin)).await.body;
    assert_eq!(file.trim_end().lines().count(), 1 + paths.len(), "{file}");
    let page = server.get("/access-log?household=B-003", Some(&admin)).await.body;
    assert!(page.contains("Xuất tệp") && page.contains("(mọi hộ trong xã)"), "{page}");
}
