//! Shares by period, indicators and tickets, as they are asked for.

use std::collections::BTreeMap;

use super::*;
use crate::domain::sorting::Practice;
use crate::store::{PlaceChange, PlaceDay, StatementDay};

/// Puts practice beside the households of hamlet A and its point, rounds and what a crew stated.
async fn with_practice(server: &Server) {
    let practice = Practice {
        served: true,
        measured: true,
        participating: true,
        opportunities: 3,
        set_outs: 2,
        home_treated: true,
    };
    let mut change = StateChange::default();
    for on in day("2026-10-01").through(day("2026-11-23")) {
        let counts = change.totals.entry(("A".into(), on)).or_default();
        for _ in 0..40 {
            counts.add_practice(&practice, Some(4), 1);
        }
        let state = DayState {
            state: State::Sorting,
            reason: None,
            weakest: Some(Level::Device),
            at_least_one: true,
            enrolled: true,
        };
        if on < day("2026-11-01") {
            for _ in 0..40 {
                counts.add(&state, 1);
            }
        }
        let mut counts = *counts;
        if on >= day("2026-11-01") {
            for _ in 0..40 {
                counts.add(&state, 1);
            }
        }
        change.points.insert(("P-A".into(), on), counts);
    }
    server.store.apply_states(&change, &[]).await.expect("written");
    let service = crate::indicators::Service { scheduled: 4, ran: 3, ..Default::default() };
    let place_day =
        PlaceDay { place: "P-A".into(), stream: "food".into(), day: day("2026-11-20"), area: "A".into(), service };
    let change = PlaceChange {
        place_days: crate::store::Change { put: vec![place_day], gone: Vec::new() },
        ..PlaceChange::default()
    };
    server.store.apply_place(&change).await.expect("written");
    let row = |word: &str, count| StatementDay {
        day: "2026-11-20".to_owned(),
        area: "A".to_owned(),
        recorded_by: "to-thu-gom-7".to_owned(),
        word: word.to_owned(),
        count,
    };
    let rows = [row("pickup.mixed", 1), row("pickup.separated", 3), row("visit.sorting", 41)];
    server.store.put_statement_counts(day("2026-11-20"), &rows, &[]).await.expect("written");
}

#[tokio::test]
async fn shares_show_both_words_of_the_programme_with_their_companions_and_why_they_differ() {
    let server = Server::start().await;
    with_practice(&server).await;
    let signed_in = server.account("xem-so-lieu", &[Role::Viewer], &[]).await;
    let page = server.get("/shares?area=A&from=2026-10-01&to=2026-11-22", Some(&signed_in)).await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["Tham gia", "Thực hiện", "Tham gia tính cả hộ mới chỉ kê khai", "66,66", "10/2026", "11/2026", "<svg"]
    {
        assert!(page.body.contains(said), "{said}");
    }
    let page = server.get("/shares?area=A&step=year&lang=en", Some(&signed_in)).await;
    assert!(page.body.contains("mean of 1 months"), "October's end is the only finished one");
    let empty = server.get("/shares?from=2020-01-01&to=2020-01-31", None).await;
    assert!(empty.body.contains("Không có ngày đã hết nào"));
    let wrong = server.get("/shares?step=hour", None).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_share_series_gives_companions_and_a_year_its_mean_with_the_last_month_end() {
    let server = Server::start().await;
    with_practice(&server).await;
    let signed_in = server.account("xem-so-lieu", &[Role::Viewer], &[]).await;
    let answer = server
        .get("/api/v1/sorting-share/series?area=A&step=month&from=2026-10-01&to=2026-11-22", Some(&signed_in))
        .await;
    let rows: Value = serde_json::from_str(&answer.body).expect("JSON");
    let companions = &rows["rows"][0]["companions"];
    assert_eq!(companions["set_out_percent"], 66.66);
    assert_eq!(companions["participation_percent"], 100.0);
    assert_eq!(companions["measured"], 40);
    let answer = server.get("/api/v1/sorting-share/series?area=A&step=year", Some(&signed_in)).await;
    let rows: Value = serde_json::from_str(&answer.body).expect("JSON");
    let year = &rows["rows"][0];
    assert_eq!((year["on"].as_str(), year["year"]["months"].as_i64()), (Some("2026-10-31"), Some(1)));
    assert_eq!(year["year"]["mean_share_percent"], 100.0);
}

#[tokio::test]
async fn points_are_shown_to_those_who_see_household_states_there() {
    let server = Server::start().await;
    with_practice(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let visitor = server.account("truong-b", &[Role::Visitor], &["B"]).await;
    let address = "/api/v1/sorting-share/points";
    assert_eq!(server.get(address, None).await.status, StatusCode::UNAUTHORIZED);
    let answer = server.get(address, Some(&officer)).await;
    let rows: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((rows["rows"][0]["point"].as_str(), rows["rows"][0]["eligible"].as_i64()), (Some("P-A"), Some(40)));
    let series = format!("{address}/P-A/series?step=month&from=2026-10-01&to=2026-11-22");
    let rows: Value = serde_json::from_str(&server.get(&series, Some(&officer)).await.body).expect("JSON");
    assert_eq!(rows["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.get(&series, Some(&visitor)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.get("/shares?point=P-A", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/charts/companions.svg?point=P-A", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/shares?point=P-A", Some(&officer)).await.status, StatusCode::OK);
    assert_eq!(server.get("/charts/periods.png?point=P-A&step=week", Some(&officer)).await.status, StatusCode::OK);
    assert_eq!(server.get("/shares?point=P-9", Some(&officer)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn records_by_person_carry_names_for_officers_only() {
    let server = Server::start().await;
    with_practice(&server).await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let viewer = server.account("xem", &[Role::Viewer], &[]).await;
    let page = server.get("/shares", Some(&officer)).await.body;
    assert!(page.contains("to-thu-gom-7") && page.contains("quá 40 lượt xác minh một ngày"));
    let page = server.get("/shares", Some(&viewer)).await.body;
    assert!(!page.contains("to-thu-gom-7") && page.contains("Người ghi 1"));
    let page = server.get("/shares", None).await.body;
    assert!(!page.contains("to-thu-gom-7") && !page.contains("Người ghi 1"));
    assert!(page.contains("Hộ không tính, theo lý do"));
}

#[tokio::test]
async fn indicators_have_a_value_or_a_reason_and_never_a_zero_for_nothing() {
    let server = Server::start().await;
    with_practice(&server).await;
    let signed_in = server.account("xem-so-lieu", &[Role::Viewer], &[]).await;
    let answer = server.get("/api/v1/indicators?area=A&from=2026-11-01&to=2026-11-22", Some(&signed_in)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let rows: Value = serde_json::from_str(&answer.body).expect("JSON");
    let of: BTreeMap<&str, &Value> = rows["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["indicator"].as_str().expect("a name"), row))
        .collect();
    assert_eq!(of["missed_rounds"]["value"], 25.0);
    assert_eq!(of["contamination_rate"]["value"], 25.0);
    assert_eq!(of["service_coverage"]["value"], 100.0);
    assert_eq!(of["home_treatment_share"]["value"], 100.0);
    for (name, why) in
        [("landfill_rate", "commune_only"), ("collection_rate", "no_assumption"), ("late_events", "no_event")]
    {
        assert_eq!((&of[name]["value"], of[name]["missing"].as_str()), (&Value::Null, Some(why)), "{name}");
    }
    let page = server.get("/indicators", None).await;
    assert!(page.body.contains("chưa có phiếu cân nào trong kỳ") && !page.body.contains("Báo động trộn lại rác"));
    let file = server.get("/indicators.csv?area=A&from=2026-11-01&to=2026-11-22", Some(&signed_in)).await;
    assert!(file.headers[header::CONTENT_TYPE].to_str().is_ok_and(|kind| kind.starts_with("text/csv")));
    assert!(
        file.body.contains("2026-11-01,2026-11-22,A,missed_rounds,percent,schedule devices crew,,25,,1,4,"),
        "{}",
        file.body
    );
    let file = server.get("/shares.csv?area=A&step=month&from=2026-11-01&to=2026-11-22", Some(&signed_in)).await;
    assert!(file.body.contains("2026-11-01,2026-11-30,A,,2026-11-22,40,40,0,0,100.00,100.00,100.00,100.00,,40,"));
    // What the public may not see of a small hamlet, it may not see by another way.
    for address in ["/shares?area=C", "/indicators?area=C", "/shares.csv?area=C", "/api/v1/indicators?area=C"] {
        assert_eq!(server.get(address, None).await.status, StatusCode::FORBIDDEN, "{address}");
    }
}

impl Server {
    async fn tickets(&self, token: &str) -> Vec<Value> {
        let answer = self.get("/api/v1/tickets", Some(token)).await;
        let rows: Value = serde_json::from_str(&answer.body).expect("JSON");
        rows["rows"].as_array().expect("rows").clone()
    }
}

const TICKET: &str =
    "ticket=BP-1&vehicle=29H-1&at=2026-11-22T10:00&stream=food&gross_kg=9000&tare_kg=4000.5&destination=u-phan";

#[tokio::test]
async fn an_officer_writes_a_ticket_once_and_takes_it_back() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    let crew = server.account("to-1", &[Role::Crew], &[]).await;
    assert_eq!(server.fill("/tickets", &crew, TICKET).await.status, StatusCode::FORBIDDEN);
    let unknown = server.fill("/tickets", &officer, TICKET).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "the destination is not registered");
    let added = server.fill("/destinations", &officer, "code=u-phan&name=Tr%E1%BA%A1m+%E1%BB%A7&kind=plant").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    for _ in 0..2 {
        assert_eq!(server.fill("/tickets", &officer, TICKET).await.status, StatusCode::SEE_OTHER);
    }
    let tickets = server.tickets(&officer).await;
    assert_eq!(tickets.len(), 1);
    assert_eq!((tickets[0]["net_g"].as_i64(), tickets[0]["standing"].as_str()), (Some(4_999_500), Some("counts")));
    let differing = TICKET.replace("9000", "9100");
    assert_eq!(server.fill("/tickets", &officer, &differing).await.status, StatusCode::SEE_OTHER);
    let standings: Vec<Value> = server.tickets(&officer).await.iter().map(|row| row["standing"].clone()).collect();
    assert!(standings.contains(&"conflicts".into()) && standings.len() == 2, "{standings:?}");
    assert!(server.get("/tickets", Some(&officer)).await.body.contains("1 phiếu mâu thuẫn"));
    let heavier = TICKET.replace("4000.5", "9001");
    assert_eq!(server.fill("/tickets", &officer, &heavier).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for row in server.tickets(&officer).await {
        let id = row["id"].as_str().expect("an id");
        let void = server.fill("/tickets/void", &officer, &format!("id={id}&reason=sai+s%E1%BB%91+c%C3%A2n")).await;
        assert_eq!(void.status, StatusCode::SEE_OTHER);
    }
    assert!(server.tickets(&officer).await.iter().all(|row| row["standing"] == "void"));
    assert_eq!(server.fill("/tickets/void", &officer, "id=nobody&reason=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn officers_alone_see_the_alarm_when_separated_waste_does_not_arrive() {
    let server = Server::start().await;
    let officer = server.account("canbo", &[Role::Officer], &[]).await;
    server.fill("/destinations", &officer, "code=bac-phong&name=B%E1%BA%AFc+Phong&kind=dump").await;
    let tonnage = crate::store::TonnageDay {
        place: "P-A".into(),
        stream: "food".into(),
        day: day("2026-11-20"),
        area: "A".into(),
        grams: crate::domain::pickup::Grams { weighed_g: 600_000, pickups: 90, ..Default::default() },
    };
    let change = PlaceChange {
        tonnage: crate::store::Change { put: vec![tonnage], gone: Vec::new() },
        ..PlaceChange::default()
    };
    server.store.apply_place(&change).await.expect("written");
    let page = server.get("/indicators", Some(&officer)).await.body;
    assert!(page.contains("chưa có phiếu cân nào: chưa biết"), "no ticket is no alarm");
    let to_the_dump = TICKET.replace("u-phan", "bac-phong");
    assert_eq!(server.fill("/tickets", &officer, &to_the_dump).await.status, StatusCode::SEE_OTHER);
    for address in ["/", "/indicators"] {
        let page = server.get(address, Some(&officer)).await.body;
        assert!(page.contains("thiếu 600,00\u{a0}kg"), "{address}");
        assert!(!server.get(address, None).await.body.contains("thiếu 600,00"), "{address}");
    }
}
