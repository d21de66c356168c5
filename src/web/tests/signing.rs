//! Pages of what an officer signs: who may, what they show, what they refuse, and what stays.

use super::*;
use crate::indicators::audit::AuditResult;

/// 2026-12-05 09:00 in Hanoi.
const LATER_MS: i64 = 1_796_436_000_000;

async fn form(server: &Server, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
    server.form(path, Some(token), fields).await
}

/// Lets December come: November's last day is computed, with the states that it began with.
async fn december() -> Server {
    let server = Server::start().await;
    let mut change = StateChange::default();
    for (area, households) in [("A", 40), ("B", 12), ("C", 9)] {
        let sorts = area == "A";
        let state = DayState {
            state: if sorts { State::Sorting } else { State::Undetermined },
            reason: if sorts { None } else { Some(Reason::NoPickup) },
            weakest: if sorts { Some(Level::Device) } else { None },
            at_least_one: sorts,
            enrolled: sorts,
        };
        for on in day("2026-11-24").through(day("2026-12-05")) {
            let counts: &mut Counts = change.totals.entry((AreaCode::new(area), on)).or_default();
            (0..households).for_each(|_| counts.add(&state, 1));
        }
    }
    server.store.apply_states(&change, &[]).await.expect("written");
    server.store.put_setting("computed_from", "2026-11-01").await.expect("set");
    server.store.put_setting("computed_through", "2026-12-05").await.expect("set");
    server.clock.0.store(LATER_MS, Ordering::Relaxed);
    server
}

/// Gives the value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let from = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    from.split('"').next().unwrap_or_default().to_owned()
}

/// Makes one household of hamlet A undetermined from the month's beginning on, as late data may.
async fn late_data(server: &Server) {
    let was = DayState {
        state: State::Sorting,
        reason: None,
        weakest: Some(Level::Device),
        at_least_one: true,
        enrolled: true,
    };
    let is = DayState { state: State::Undetermined, reason: Some(Reason::OneStreamMissing), weakest: None, ..was };
    let span = |state| StateSpan {
        household: HouseholdCode::new("A-000"),
        from: day("2026-11-01"),
        to: None,
        area: "A".into(),
        state,
        missing: Vec::new(),
    };
    let mut change = StateChange::default();
    change.spans.gone.push(span(was));
    change.spans.put.push(span(is));
    for on in day("2026-11-01").through(day("2026-12-05")) {
        let counts: &mut Counts = change.totals.entry((AreaCode::new("A"), on)).or_default();
        counts.add(&was, -1);
        counts.add(&is, 1);
    }
    server.store.apply_states(&change, &[]).await.expect("written");
}

#[tokio::test]
async fn a_month_is_closed_by_an_officer_once_and_marked_simulated_on_its_sheet() {
    let server = december().await;
    let officer = server.account("officer", &[Role::Officer], &[]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let list = server.get("/reports", Some(&viewer)).await.body;
    assert!(list.contains("Tháng 11/2026") && list.contains("chưa chốt") && list.contains("65,57\u{a0}%"), "{list}");
    let page = server.get("/reports/2026-11", Some(&officer)).await.body;
    let figures = hidden(&page, "figures");
    assert_eq!(figures.len(), 64);
    assert!(page.contains("Tháng mới kết thúc 5 ngày"), "{page}");
    assert!(!server.get("/reports/2026-11", Some(&viewer)).await.body.contains("confirm_early"));
    let close = "/reports/2026-11/close";
    assert_eq!(form(&server, close, &viewer, &[("figures", &figures)]).await.status, StatusCode::FORBIDDEN);
    let unconfirmed = form(&server, close, &officer, &[("figures", &figures)]).await;
    assert_eq!(unconfirmed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unconfirmed.body.contains("Hãy đánh dấu xác nhận"));
    let confirmed = [("figures", figures.as_str()), ("confirm_early", "yes")];
    let moved = form(&server, close, &officer, &[("figures", "0a"), ("confirm_early", "yes")]).await;
    assert!(moved.body.contains("Số liệu vừa thay đổi"), "{}", moved.body);
    let closed = form(&server, close, &officer, &confirmed).await;
    assert_eq!((closed.status, closed.header("location")), (StatusCode::SEE_OTHER, "/reports/2026-11/1"));
    let sheet = server.get("/reports/2026-11/1", Some(&viewer)).await.body;
    let stored =
        server.store.month_report("2026-11".parse().expect("a month"), None).await.expect("read").expect("closed");
    for shown in
        ["DỮ LIỆU MÔ PHỎNG", "chưa đủ căn cứ để công bố", "65,57\u{a0}%", "Người duyệt", &stored.sha256, "Thôn C"]
    {
        assert!(sheet.contains(shown), "`{shown}` is not on the sheet:\n{sheet}");
    }
    let again = form(&server, close, &officer, &confirmed).await;
    assert!(again.body.contains("không khác bản đã ký"), "{}", again.body);
    let december = form(&server, "/reports/2026-12/close", &officer, &[("confirm_early", "yes")]).await;
    assert!(december.body.contains("chưa thể chốt"), "{}", december.body);
}

#[tokio::test]
async fn the_provisional_mark_follows_the_closed_month_and_comes_back_when_figures_move() {
    let server = december().await;
    let officer = server.account("officer", &[Role::Officer], &[]).await;
    let provisional = async |on: &str| {
        let share = server.get(&format!("/api/v1/sorting-share?on={on}"), None).await.json();
        let areas = server.get(&format!("/api/v1/sorting-share/areas?on={on}"), None).await.json();
        assert_eq!(areas["rows"][0]["provisional"], share["provisional"]);
        share["provisional"].as_bool()
    };
    assert_eq!(provisional("2026-11-20").await, Some(true));
    let closed =
        server.post("/api/v1/reports/2026-11/close", &officer, &serde_json::json!({"confirm_early": true})).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.body);
    assert_eq!((provisional("2026-11-20").await, provisional("2026-12-02").await), (Some(false), Some(true)));
    let series = server.get("/api/v1/sorting-share/series?from=2026-11-30&to=2026-12-01", None).await.json();
    assert_eq!((&series["rows"][0]["provisional"], &series["rows"][1]["provisional"]), (&false.into(), &true.into()));
    late_data(&server).await;
    assert_eq!(provisional("2026-11-20").await, Some(true));
    let page = server.get("/reports/2026-11?lang=en", Some(&officer)).await.body;
    for shown in ["Different from what was signed", "65.57%", "63.93%", "one stream missing", "Make a revision"] {
        assert!(page.to_lowercase().contains(&shown.to_lowercase()), "`{shown}` is not on the page:\n{page}");
    }
    let figures = hidden(&page, "figures");
    let reason = [("figures", figures.as_str()), ("confirm_early", "yes"), ("reason", "dữ liệu về muộn")];
    let short = form(&server, "/reports/2026-11/close", &officer, &[reason[0], reason[1], ("reason", "vì")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let revised = form(&server, "/reports/2026-11/close", &officer, &reason).await;
    assert_eq!(revised.header("location"), "/reports/2026-11/2");
    let sheet = server.get("/reports/2026-11/2", Some(&officer)).await.body;
    assert!(sheet.contains("Điểm khác so với bản 1") && sheet.contains("dữ liệu về muộn"), "{sheet}");
    assert!(server.get("/reports/2026-11/1", Some(&officer)).await.body.contains("65,57\u{a0}%"));
    assert_eq!(provisional("2026-11-20").await, Some(false));
    let verified = server.get("/reports/verify", Some(&officer)).await.body;
    assert_eq!(verified.matches("Đúng như đã ký").count(), 2, "{verified}");
    let csv = server.get("/api/v1/reports/2026-11/latest/csv", Some(&officer)).await;
    assert!(csv.body.contains(",xã Thử Nghiệm,share_percent,63.93\r\n") && csv.body.contains(",simulated,true\r\n"));
    assert_eq!(server.get("/api/v1/reports/2026-11/9", Some(&officer)).await.status, StatusCode::NOT_FOUND);
    let rows = server.get("/api/v1/reports", Some(&officer)).await.json();
    assert_eq!(rows["rows"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_rule_is_previewed_before_it_is_saved_and_cannot_reach_into_a_closed_month() {
    let server = december().await;
    let officer = server.account("officer", &[Role::Officer], &[]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let page = server.get("/rules", Some(&officer)).await.body;
    assert!(!server.get("/rules", Some(&viewer)).await.body.contains("effective_from"));
    let names = [
        "window_opportunities",
        "window_days",
        "observable_opportunities",
        "sparse_window_days",
        "sparse_observable_opportunities",
        "verified_days",
        "contrary_days",
        "closing_rounds",
        "contested_within_ms",
        "new_household_days",
        "new_household_opportunities",
        "working_percent",
    ];
    let usual: Vec<String> = names.iter().map(|name| hidden(&page, name)).collect();
    assert_eq!(usual.join(" "), "3 28 3 90 2 180 90 2 120 30 3 80");
    let filled = |from: &'static str, days: &'static str| {
        let mut fields: Vec<(&str, String)> = names.iter().copied().zip(usual.iter().cloned()).collect();
        fields[1].1 = days.to_owned();
        fields.push(("version", "2026-2".to_owned()));
        fields.push(("effective_from", from.to_owned()));
        fields
    };
    let send = async |token: &str, fields: Vec<(&str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form(&server, "/rules/preview", token, &fields).await
    };
    assert_eq!(send(&viewer, filled("2026-12-01", "21")).await.status, StatusCode::FORBIDDEN);
    for (from, days, told) in [
        ("2026-12-01", "28", "giống phiên bản đang có hiệu lực"),
        ("2026-12-01", "0", "Cửa sổ dài nhất"),
        ("", "21", "Hãy chọn ngày có hiệu lực"),
        ("2029-01-01", "21", "hơn một năm"),
    ] {
        let refused = send(&officer, filled(from, days)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {days}");
        assert!(refused.body.contains(told), "{from} {days}: {}", refused.body);
    }
    let begun = send(&officer, filled("2026-12-01", "21")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let preview = begun.header("location").to_owned();
    let mut shown = server.get(&preview, Some(&officer)).await;
    while shown.headers.contains_key("refresh") {
        tokio::task::yield_now().await;
        shown = server.get(&preview, Some(&officer)).await;
    }
    assert!(shown.body.contains("Lưu phiên bản này") && shown.body.contains("04/12/2026"), "{}", shown.body);
    let save = format!("{preview}/save");
    assert!(form(&server, &save, &officer, &[("why", "vì")]).await.body.contains("từ 5 đến 500"));
    let closed =
        server.post("/api/v1/reports/2026-11/close", &officer, &serde_json::json!({"confirm_early": true})).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.body);
    let refused = send(&officer, filled("2026-11-30", "21")).await;
    assert!(refused.body.contains("đã chốt và ký"), "{}", refused.body);
    let saved = form(&server, &save, &officer, &[("why", "theo nghị quyết mới")]).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/rules"));
    let recorded = server.store.recorded_rules().await.expect("read");
    assert_eq!((recorded[0].by.as_str(), recorded[0].change.rules.window_days), ("officer", 21));
    assert_eq!(server.store.stale("household", 100).await.expect("read").len(), 61);
    assert_eq!(server.store.stale_through(day("2026-11-30")).await.expect("read"), 0);
}

#[tokio::test]
async fn an_audit_stands_beside_the_published_share_and_names_stay_with_officers() {
    let server = december().await;
    let officer = server.account("officer", &[Role::Officer], &[]).await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let draw = [("day", "2026-11-30"), ("size", "30"), ("seed", "hạt 7")];
    assert_eq!(form(&server, "/audit/draw", &viewer, &draw).await.status, StatusCode::FORBIDDEN);
    for wrong in [("2026-12-05", "30"), ("2026-11-30", "0"), ("hôm nay", "30")] {
        let refused = form(&server, "/audit/draw", &officer, &[("day", wrong.0), ("size", wrong.1)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
    let drawn = form(&server, "/audit/draw", &officer, &draw).await;
    let path = drawn.header("location").to_owned();
    let id = path.rsplit('/').next().expect("an id").to_owned();
    let sample = server.store.audit_sample(&id).await.expect("read");
    assert_eq!(sample.len(), 30);
    let sheet = server.get(&format!("{path}/sheet"), Some(&officer)).await;
    assert!(sheet.body.contains("DỮ LIỆU MÔ PHỎNG") && !sheet.body.contains("chưa giao"), "{}", sheet.body);
    assert_eq!(server.get(&format!("{path}/sheet"), Some(&viewer)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.store.looks(1).await.expect("read")[0].action, "names");

    let csv: String = sample
        .iter()
        .map(|row| {
            let result = if row.position % 3 == 0 { AuditResult::NotSorting } else { AuditResult::Sorting };
            format!("{},{result},2026-12-03,\n", row.household)
        })
        .collect();
    let results = format!("{path}/results");
    let broken = format!("{csv}B-999,sorting,2026-12-03,\n");
    let refused = form(&server, &results, &officer, &[("csv", &broken)]).await;
    assert!(refused.body.contains("Dòng 31") && refused.body.contains("B-999"), "{}", refused.body);
    assert!(server.store.audit_results(&id).await.expect("read").is_empty());
    for _ in 0..2 {
        let entered = form(&server, &results, &officer, &[("csv", &format!("household,result,day,note\n{csv}"))]).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    }
    assert_eq!(server.store.audit_results(&id).await.expect("read").len(), 30);
    let household = sample[0].household.as_str();
    let correction = [("household", household), ("result", "refused"), ("day", "2026-12-04"), ("note", "không tiếp")];
    assert_eq!(form(&server, &results, &officer, &correction).await.status, StatusCode::SEE_OTHER);
    let page = server.get(&path, Some(&viewer)).await.body;
    for shown in ["65,57\u{a0}%", "khoảng tin cậy 95", "29", "không tiếp", "đã sửa", "MOVER"] {
        assert!(page.contains(shown), "`{shown}` is not on the page:\n{page}");
    }
    let overview = server.get("/", None).await.body;
    assert!(overview.contains("Kiểm tra mẫu") && overview.contains("cho hết ngày 30/11/2026"), "{overview}");
    assert!(!overview.contains(&path));
    assert!(overview.contains("65,57\u{a0}%"), "the published share stays");
}
