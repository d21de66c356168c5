//! The register's pages: lists, history, forms, files, what waits for a second person, personal data.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::{Answer, Server, day};
use crate::domain::register::{Area, Household, Point, Row, Validity};
use crate::domain::time::Clock;
use crate::store::{Person, Role};

/// Hamlets A and B with a point each and twelve households each, recorded by `import`.
pub(super) async fn recorded(server: &Server) {
    let mut rows = Vec::new();
    let mut people = Vec::new();
    for area in ["A", "B"] {
        rows.push(Row::Area(Area { code: area.into(), name: format!("Thôn {area}"), validity: Validity::default() }));
        let point = format!("P-{area}");
        let name = format!("Điểm {area}");
        rows.push(Row::Point(Point {
            code: point.as_str().into(),
            name,
            area: area.into(),
            lat: None,
            lon: None,
            validity: Validity::default(),
        }));
        for number in 0..12 {
            let code = format!("{area}-{number:03}");
            rows.push(Row::Household(Household {
                code: code.as_str().into(),
                area: area.into(),
                people: Some(4),
                point: Some(point.as_str().into()),
                valid_from: day("2026-01-01"),
                valid_to: None,
            }));
            people.push(Person {
                head_name: format!("Đỗ Thị Ấm {code}"),
                address: "Ngõ 3".to_owned(),
                folded: crate::changes::fold(&format!("Đỗ Thị Ấm {code} Ngõ 3")),
                household: code,
            });
        }
    }
    server.store.record_register(&rows, &people, [], server.clock.now(), "import").await.expect("recorded");
}

impl Server {
    pub(super) async fn fill_in(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = crate::web::sign_in::encoded;
        let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.join("&")))
            .expect("a request");
        self.ask(request).await
    }

    pub(super) async fn upload(&self, token: &str, kind: &str, file: &[u8]) -> Answer {
        let mut body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--cut\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(file);
        body.extend(b"\r\n--cut--\r\n");
        let request = Request::post("/register/files")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .body(Body::from(body))
            .expect("a request");
        self.ask(request).await
    }
}

/// Gives the value of a hidden field of a page.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

const KEY: &str = "A-001|2026-01-01";

fn fields<'a>(people: &'a str, why: &'a str, seen: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("key", KEY),
        ("seen", seen),
        ("c_code", "A-001"),
        ("c_area", "A"),
        ("c_head_name", "Đỗ Thị Ấm A-001"),
        ("c_address", "Ngõ 3"),
        ("c_people", people),
        ("c_point", "P-A"),
        ("c_valid_from", "2026-01-01"),
        ("c_valid_to", ""),
        ("why", why),
    ]
}

#[tokio::test]
async fn an_edit_is_a_new_version_with_who_and_why_and_the_earlier_one_can_be_recorded_again() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let path = "/register/form/households?key=A-001%7C2026-01-01";
    let form = server.get(path, Some(&officer)).await;
    assert!(form.status.is_success() && form.body.contains("Đỗ Thị Ấm A-001"), "{}", form.body);
    let seen = hidden(&form.body, "seen");
    let silent = server.fill_in("/register/form/households", &officer, &fields("5", "", &seen)).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("Hãy nêu lý do") && silent.body.contains("value=\"5\""), "{}", silent.body);
    let done = server.fill_in("/register/form/households", &officer, &fields("5", "sinh con", &seen)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = server.get(done.header("location"), Some(&officer)).await;
    assert!(page.body.contains("Số người: 4 → 5") && page.body.contains("sinh con"), "{}", page.body);
    assert!(page.body.contains("canbo ghi lúc") && page.body.contains("import ghi lúc"), "{}", page.body);
    let history = server.store.register_history("household", KEY).await.expect("read");
    assert_eq!((history.len(), history[1].by.as_str()), (2, "canbo"));
    // Undo: the earlier version recorded again is a third one.
    let again = server.get(&format!("{path}&version={}", history[0].at.ms()), Some(&officer)).await;
    assert!(again.body.contains("value=\"4\"") && again.body.contains("ghi lại bản của"), "{}", again.body);
    let seen = hidden(&again.body, "seen");
    let undone = server.fill_in("/register/form/households", &officer, &fields("4", "nhầm", &seen)).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    let history = server.store.register_history("household", KEY).await.expect("read");
    assert_eq!((history.len(), &history[2].row), (3, &history[0].row));
    assert!(history[0].at < history[1].at && history[1].at < history[2].at, "each version has a time of its own");
}

#[tokio::test]
async fn who_comes_second_is_told_and_keeps_what_was_typed() {
    let server = Server::start().await;
    recorded(&server).await;
    let first = server.account("an", &[Role::Officer], &[]).await;
    let second = server.account("binh", &[Role::Officer], &[]).await;
    let form = server.get("/register/form/households?key=A-001%7C2026-01-01", Some(&first)).await;
    let seen = hidden(&form.body, "seen");
    let done = server.fill_in("/register/form/households", &first, &fields("5", "sinh con", &seen)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let late = server.fill_in("/register/form/households", &second, &fields("6", "đón bà", &seen)).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("an vừa sửa dòng này"), "{}", late.body);
    assert!(late.body.contains("value=\"6\"") && late.body.contains("value=\"đón bà\""), "{}", late.body);
    let seen = hidden(&late.body, "seen");
    let knowing = server.fill_in("/register/form/households", &second, &fields("6", "đón bà", &seen)).await;
    assert_eq!(knowing.status, StatusCode::SEE_OTHER, "{}", knowing.body);
}

#[tokio::test]
async fn what_does_not_fit_is_told_at_its_field_and_nothing_is_recorded() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let seen =
        hidden(&server.get("/register/form/households?key=A-001%7C2026-01-01", Some(&officer)).await.body, "seen");
    let wrong = server.fill_in("/register/form/households", &officer, &fields("many", "x", &seen)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("id=\"f-c_people\">“many” không phải số từ 0 đến 1000"), "{}", wrong.body);
    let mut renamed = fields("4", "x", &seen);
    renamed[2] = ("c_code", "A-777");
    let renamed = server.fill_in("/register/form/households", &officer, &renamed).await;
    assert!(renamed.body.contains("Ô này nhận diện dòng"), "{}", renamed.body);
    let tag = [("c_uid", "04A2"), ("c_household", "Z-9"), ("c_valid_from", "2026-11-01")];
    let tag = server.fill_in("/register/form/tags", &officer, &tag).await;
    assert!(tag.body.contains("Không có hộ “Z-9” trong sổ") && tag.body.contains("value=\"04A2\""), "{}", tag.body);
    let same = server.fill_in("/register/form/households", &officer, &fields("4", "x", &seen)).await;
    assert!(same.body.contains("Không có gì thay đổi"), "{}", same.body);
    assert_eq!(server.store.register_history("household", KEY).await.expect("read").len(), 1);
    assert_eq!(server.store.register_versions("tag").await.expect("read").len(), 0);
}

#[tokio::test]
async fn a_list_is_searched_without_diacritics_as_of_a_day_and_each_look_is_logged() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let found = server.get("/register/rows/households?q=do+thi+AM+b-00", Some(&officer)).await;
    assert!(
        found.body.contains("10 dòng") && found.body.contains("B-003") && !found.body.contains("A-003"),
        "{}",
        found.body
    );
    let before = server.get("/register/rows/households?on=2025-12-31", Some(&officer)).await;
    assert!(before.body.contains("0 dòng"), "{}", before.body);
    let all = server.get("/register/rows/households?on=2025-12-31&all=1", Some(&officer)).await;
    assert!(all.body.contains("24 dòng"), "{}", all.body);
    let looks = server.store.looks(9).await.expect("read");
    assert!(looks.iter().all(|look| look.account == "canbo" && look.action == "register"), "{looks:?}");
    assert_eq!(looks.len(), 3);
    assert!(
        looks.iter().all(|look| !look.seen.subject.contains("thi")),
        "a searched name stays out of the log: {looks:?}"
    );
}

#[tokio::test]
async fn an_officer_of_some_hamlets_sees_and_changes_only_theirs() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &["B"]).await;
    let list = server.get("/register/rows/households", Some(&officer)).await;
    assert!(list.body.contains("B-003") && !list.body.contains("A-003"), "{}", list.body);
    let row = server.get("/register/row/households?key=A-001%7C2026-01-01", Some(&officer)).await;
    assert_eq!(row.status, StatusCode::FORBIDDEN);
    let form = server.get("/register/form/households?key=A-001%7C2026-01-01", Some(&officer)).await;
    assert_eq!(form.status, StatusCode::FORBIDDEN);
    let tag = [("c_uid", "04A2"), ("c_household", "A-001"), ("c_valid_from", "2026-11-01")];
    let tag = server.fill_in("/register/form/tags", &officer, &tag).await;
    assert!(tag.body.contains("ngoài các thôn"), "{}", tag.body);
    let upload = server.upload(&officer, "areas", b"code,name\nZ,Z\n").await;
    assert_eq!(upload.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        server.get("/register/export/households.csv", Some(&officer)).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let visitor = server.account("hoi", &[Role::Visitor, Role::Viewer, Role::Crew, Role::Admin], &["B"]).await;
    for path in ["/register/form/tags", "/register/erase", "/register/files/confirm", "/register/proposals/1"] {
        let denied = server.fill_in(path, &visitor, &[]).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_file_is_shown_first_and_recorded_when_it_is_confirmed() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let faulty = server.upload(&officer, "tags", b"uid,household,valid_from\nAB01,A-999,2026-01-01\n").await;
    assert_eq!(faulty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        faulty.body.contains("Tệp có 1 chỗ sai") && faulty.body.contains("Không có hộ “A-999” trong sổ"),
        "{}",
        faulty.body
    );
    let file = "Mã thẻ;Mã hộ;Từ ngày\nAB01;A-001;1/1/2026\nAB02;A-002;1/1/2026\n";
    let shown = server.upload(&officer, "tags", file.as_bytes()).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(shown.body.contains("2 dòng: 2 mới, 0 thay bản cũ, 0 không đổi"), "{}", shown.body);
    assert_eq!(server.store.register_versions("tag").await.expect("read").len(), 0, "shown only");
    let (content, version) = (hidden(&shown.body, "content"), hidden(&shown.body, "version"));
    let confirm = |version: String, reason: &'static str| {
        let content = content.clone();
        let (server, officer) = (&server, &officer);
        async move {
            let form = [("kind", "tags"), ("content", &content), ("version", &version), ("reason", reason)];
            server.fill_in("/register/files/confirm", officer, &form).await
        }
    };
    let stale = confirm("0".to_owned(), "phát thẻ").await;
    assert!(stale.status == StatusCode::OK && stale.body.contains("Sổ vừa có thay đổi"), "{}", stale.body);
    assert_eq!(server.store.register_versions("tag").await.expect("read").len(), 0, "shown again only");
    let done = confirm(version, "phát thẻ").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let versions = server.store.register_versions("tag").await.expect("read");
    let told: Vec<_> = versions.iter().map(|of| (of.by.as_str(), of.reason.as_deref())).collect();
    assert_eq!(told, [("canbo", Some("phát thẻ")); 2]);
    let again = server.upload(&officer, "tags", file.as_bytes()).await;
    assert!(again.body.contains("Mọi dòng đã có trong sổ"), "{}", again.body);
    let csv = server.get("/register/export/tags.csv", Some(&officer)).await;
    assert_eq!(csv.body.lines().count(), 3);
    let xlsx = server.get("/register/export/tags.xlsx", Some(&officer)).await;
    assert!(xlsx.body.starts_with("PK"));
}

#[tokio::test]
async fn more_than_ten_exclusions_in_one_file_wait_for_another_officer() {
    let server = Server::start().await;
    recorded(&server).await;
    let first = server.account("an", &[Role::Officer], &[]).await;
    let second = server.account("binh", &[Role::Officer], &[]).await;
    let mut file = "household,reason,from,by\n".to_owned();
    for number in 0..11 {
        file += &format!("A-{number:03},vacant,2026-11-01,an\n");
    }
    let shown = server.upload(&first, "exclusions", file.as_bytes()).await;
    assert!(shown.body.contains("cần một cán bộ khác xác nhận"), "{}", shown.body);
    let (content, version, id) =
        (hidden(&shown.body, "content"), hidden(&shown.body, "version"), hidden(&shown.body, "id"));
    let form =
        [("kind", "exclusions"), ("content", &content), ("version", &version), ("id", &id), ("reason", "khảo sát")];
    let sent = server.fill_in("/register/files/confirm", &first, &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let page = sent.header("location").to_owned();
    assert_eq!(page, format!("/register/proposals/{id}"));
    assert_eq!(server.store.register_versions("exclusion").await.expect("read").len(), 0);
    let twice = server.fill_in("/register/files/confirm", &first, &form).await;
    assert_eq!((twice.status, server.store.proposals_waiting().await.expect("read").len()), (StatusCode::SEE_OTHER, 1));
    let own = server.fill_in(&page, &first, &[("verdict", "confirmed")]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    let declined = server.fill_in(&page, &second, &[("verdict", "declined")]).await;
    assert!(declined.body.contains("hãy nói vì sao từ chối"), "{}", declined.body);
    assert!(own.body.contains("Bạn là người đề nghị"), "{}", own.body);
    let seen = server.get(&page, Some(&second)).await;
    assert!(
        seen.body.contains("A-010") && seen.body.contains("nhà trống") && seen.body.contains("khảo sát"),
        "{}",
        seen.body
    );
    let confirmed = server.fill_in(&page, &second, &[("verdict", "confirmed")]).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.body);
    let versions = server.store.register_versions("exclusion").await.expect("read");
    assert_eq!((versions.len(), versions[0].by.as_str()), (11, "an"));
    let after = server.get(&page, Some(&first)).await;
    assert!(after.body.contains("đã xác nhận · binh"), "{}", after.body);
    let listed = server.get("/register/proposals", Some(&first)).await;
    assert!(
        listed.body.contains("Không có việc nào đang chờ") && listed.body.contains("đã xác nhận"),
        "{}",
        listed.body
    );
}

#[tokio::test]
async fn personal_data_is_erased_after_the_code_was_typed_again_with_a_reason() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let wrong = server.fill_in("/register/erase", &officer, &[("key", KEY), ("sure", "A-002"), ("reason", "x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("chưa xóa gì"), "{}", wrong.body);
    assert!(server.store.person(&"A-001".into()).await.expect("read").is_some());
    let form = [("key", KEY), ("sure", "A-001"), ("reason", "theo yêu cầu của hộ")];
    let done = server.fill_in("/register/erase", &officer, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(server.store.person(&"A-001".into()).await.expect("read"), None);
    let page = server.get(done.header("location"), Some(&officer)).await;
    assert!(page.body.contains("canbo đã xóa lúc") && page.body.contains("theo yêu cầu của hộ"), "{}", page.body);
    assert!(!page.body.contains("Đỗ Thị Ấm"), "{}", page.body);
}

#[tokio::test]
async fn the_report_of_faults_leads_to_where_each_is_corrected() {
    let server = Server::start().await;
    recorded(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let page = server.get("/register/faults", Some(&officer)).await;
    assert!(page.status.is_success() && page.body.contains("Hộ chưa có thẻ"), "{}", page.body);
    assert!(page.body.contains("/register/row/households?key=A-001%7C2026-01-01"), "{}", page.body);
    let file = server.get("/register/faults.csv", Some(&officer)).await;
    assert!(file.body.starts_with("fault,uid,households,places,count,first,last\n"), "{}", file.body);
    assert!(file.body.contains("no_tag,,A-001,,0,,"), "{}", file.body);
}

#[tokio::test]
async fn a_target_is_added_edited_with_its_reason_and_keeps_its_history() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let form = |percent: &'static str, more: &[(&'static str, &'static str)]| {
        let fields = [("c_indicator", "sorting_share"), ("c_year", "2027"), ("c_percent", percent)];
        fields.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let path = "/register/form/targets";
    let wrong = server.fill_in(path, &officer, &form("101", &[])).await;
    assert!(wrong.body.contains("“101” không phải số từ 0 đến 100"), "{}", wrong.body);
    let added = server.fill_in(path, &officer, &form("100", &[])).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = server.get("/register/form/targets?key=sorting_share%7C2027", Some(&officer)).await.body;
    let seen = hidden(&page, "seen");
    let more = [("key", "sorting_share|2027"), ("seen", seen.leak()), ("why", "công văn 12")];
    let edited = server.fill_in(path, &officer, &form("95,5", &more)).await;
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.body);
    let row = server.get("/register/row/targets?key=sorting_share%7C2027", Some(&officer)).await.body;
    assert!(row.contains("Mục tiêu (%): 100 → 95.50") && row.contains("công văn 12"), "{row}");
    let list = server.get("/register/rows/targets", Some(&officer)).await.body;
    assert!(list.contains("tỷ lệ hộ thực hiện phân loại") && list.contains("2027"), "{list}");
}
