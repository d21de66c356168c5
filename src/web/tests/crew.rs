//! What crews' phones ask for and send: rounds, houses, weights, reports, pictures, versions; and the pages of forms.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, NOW_MS, Server, day};
use crate::domain::ids::EventId;
use crate::domain::reading::{ClockState, Event, Reading, Weight};
use crate::domain::register::{
    Device, DeviceKind, Exclusion, Household, Register, RouteStop, Row, ScaleMode, ScheduleRow, Tag, Validity,
};
use crate::domain::state::ExclusionReason;
use crate::domain::time::{Instant, Zone};
use crate::store::Role;
use crate::web::jpeg::tests::picture;

fn id(number: u32) -> String {
    format!("018f2c4e-0000-7000-8000-{number:012}")
}

/// A point with a scale and a schedule, a route of three houses in its own order, and two hamlets.
fn register() -> Register {
    let today = day("2026-11-23");
    let house = |code: &str, area: &str, point: Option<&str>| {
        Row::Household(Household {
            code: code.into(),
            area: area.into(),
            people: None,
            point: point.map(Into::into),
            valid_from: day("2026-01-01"),
            valid_to: None,
        })
    };
    let stop = |household: &str, order: i64| {
        Row::Route(RouteStop { route: "R-1".into(), household: household.into(), order, validity: Validity::default() })
    };
    let line = |place: &str, stream: &str, start_minute: i32| {
        Row::Schedule(ScheduleRow {
            place: place.into(),
            stream: stream.into(),
            weekdays: [true; 7],
            every_weeks: 1,
            start_minute,
            end_minute: start_minute + 180,
            valid_from: day("2026-01-01"),
            valid_to: None,
        })
    };
    let point = |code: &str, area: &str| {
        Row::Point(crate::domain::register::Point {
            code: code.into(),
            name: format!("Điểm {code}"),
            area: area.into(),
            lat: None,
            lon: None,
            validity: Validity::default(),
        })
    };
    let scale = Device {
        device: "scale-1".into(),
        place: "P-A".into(),
        kind: DeviceKind::Scale,
        station: None,
        profile: "native".to_owned(),
        mode: ScaleMode::Platform,
        stream: None,
        max_g: None,
        division_g: None,
        min_g: None,
        verified_until: None,
        after_read_s: None,
        before_read_s: None,
        together_s: None,
        validity: Validity::default(),
    };
    let card = Tag {
        uid: "04A224B2C15F80".into(),
        household: "A-9".into(),
        tech: Some("qr".to_owned()),
        valid_from: day("2026-01-01"),
        valid_to: None,
    };
    let vacant = Exclusion {
        household: "A-7".into(),
        reason: ExclusionReason::Vacant,
        from: day("2026-11-01"),
        to: None,
        by: "can-bo".to_owned(),
    };
    let rows = [
        point("P-A", "A"),
        point("P-B", "B"),
        house("A-10", "A", Some("P-A")),
        house("A-9", "A", Some("P-A")),
        house("A-7", "A", Some("P-A")),
        house("B-1", "B", None),
        house("B-2", "B", None),
        house("B-3", "B", None),
        stop("B-1", 30),
        stop("B-2", 10),
        stop("B-3", 20),
        line("P-A", "food", 8 * 60),
        line("P-A", "other", 18 * 60),
        line("P-B", "food", 5 * 60),
        Row::Device(scale),
        Row::Tag(card),
        Row::Exclusion(vacant),
    ];
    Register::build(rows.map(|row| (today, row)))
}

impl Server {
    async fn of_crews() -> (Self, String) {
        let server = Self::start().await;
        server._channels.1.send_replace(std::sync::Arc::new(register()));
        let crew = server.account("to1", &[Role::Crew], &[]).await;
        (server, crew)
    }

    async fn send(&self, path: &str, token: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::from(body)).expect("a request")).await
    }

    async fn send_photo(&self, pickup: &str, photo: u32, token: &str, jpeg: Vec<u8>) -> Answer {
        let path = format!("/api/v1/pickups/{pickup}/photos?id={}", id(photo));
        self.send(&path, token, &[("content-type", "image/jpeg")], jpeg).await
    }

    pub(super) async fn fill(&self, path: &str, token: &str, form: &str) -> Answer {
        self.send(path, token, &[("content-type", "application/x-www-form-urlencoded")], form.as_bytes().to_vec()).await
    }
}

fn pickup(number: u32, household: &str) -> Value {
    json!({ "id": id(number), "at": NOW_MS - 60_000, "household": household, "place": "P-A", "stream": "food", "result": "separated" })
}

fn codes(round: &Value) -> Vec<&str> {
    round["houses"].as_array().expect("houses").iter().filter_map(|house| house["household"].as_str()).collect()
}

#[tokio::test]
async fn today_s_rounds_come_with_the_open_and_the_current_first() {
    let (server, crew) = Server::of_crews().await;
    let rounds = server.get("/api/v1/crew/rounds", Some(&crew)).await.json();
    let told = |rounds: &Value| -> Vec<String> {
        let row = |row: &Value| {
            format!("{}/{} {}", row["place"].as_str().unwrap(), row["stream"].as_str().unwrap(), row["opened"])
        };
        rounds["rows"].as_array().expect("rows").iter().map(row).collect()
    };
    assert_eq!(told(&rounds), ["P-A/food false", "P-B/food false", "P-A/other false"]);
    assert_eq!(
        (rounds["rows"][0]["start"].as_str(), rounds["rows"][0]["households"].as_i64()),
        (Some("08:00"), Some(2))
    );
    let places = rounds["places"].as_array().expect("places").iter().filter_map(|one| one["place"].as_str());
    assert_eq!(
        places.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
        ["P-A", "P-B", "R-1"]
    );
    let open = json!({"id": id(1), "place": "R-1", "stream": "food", "service_date": "2026-11-23", "action": "open", "at": NOW_MS});
    assert_eq!(server.post("/api/v1/rounds", &crew, &open).await.status, StatusCode::CREATED);
    let rounds = server.get("/api/v1/crew/rounds", Some(&crew)).await.json();
    assert_eq!(told(&rounds)[0], "R-1/food true");
    let close = json!({"id": id(2), "place": "R-1", "stream": "food", "service_date": "2026-11-23", "action": "close", "at": NOW_MS + 1});
    assert_eq!(server.post("/api/v1/rounds", &crew, &close).await.status, StatusCode::CREATED);
    let rounds = server.get("/api/v1/crew/rounds", Some(&crew)).await.json();
    assert_eq!((told(&rounds)[3].as_str(), rounds["rows"][3]["closed"].as_bool()), ("R-1/food true", Some(true)));
}

#[tokio::test]
async fn a_round_s_houses_stand_in_walking_order_with_cards_and_without_names() {
    let (server, crew) = Server::of_crews().await;
    let at_point = server.get("/api/v1/crew/round?place=P-A&stream=food", Some(&crew)).await;
    let at_point = at_point.json();
    assert_eq!(codes(&at_point), ["A-9", "A-10"], "as people count, and without the house that stands empty");
    assert_eq!(at_point["houses"][0]["cards"], json!(["04A224B2C15F80"]));
    let route = server.get("/api/v1/crew/round?place=R-1&stream=food&on=2026-11-23", Some(&crew)).await.json();
    assert_eq!(codes(&route), ["B-2", "B-3", "B-1"]);
    let keys: Vec<&String> = route["houses"][0].as_object().expect("a house").keys().collect();
    assert_eq!(keys, ["cards", "done", "household"]);
    for path in ["/api/v1/crew/round?place=P-Z&stream=food", "/api/v1/crew/round?place=P-A&stream=glas"] {
        assert_eq!(server.get(path, Some(&crew)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let looks = server.store.looks(9).await.expect("read");
    assert_eq!((looks.len(), looks[0].action.as_str()), (2, "round"));
    let of_b = server.account("to2", &[Role::Crew], &["B"]).await;
    assert_eq!(server.get("/api/v1/crew/round?place=P-A&stream=food", Some(&of_b)).await.status, StatusCode::NOT_FOUND);
    let rounds = server.get("/api/v1/crew/rounds", Some(&of_b)).await.json();
    assert_eq!(rounds["rows"].as_array().map(Vec::len), Some(1), "{rounds}");
}

#[tokio::test]
async fn what_two_crews_log_shows_to_both_and_only_one_s_own_can_be_taken_back() {
    let (server, crew) = Server::of_crews().await;
    let other = server.account("to2", &[Role::Crew], &[]).await;
    for (number, household, token) in [(1, "A-9", &crew), (2, "A-9", &other), (3, "B-1", &other)] {
        let answer = server.post("/api/v1/pickups", token, &pickup(number, household)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    }
    let round = server.get("/api/v1/crew/round?place=P-A&stream=food", Some(&crew)).await.json();
    let own: Vec<_> =
        round["houses"][0]["done"].as_array().expect("done").iter().map(|done| done["own"].as_bool()).collect();
    assert_eq!(own, [Some(true), Some(false)]);
    assert_eq!(round["others"][0]["household"], "B-1", "a house of elsewhere is not hidden");
    let void = json!({"id": id(4), "at": NOW_MS, "reason": "ghi nhầm"});
    assert_eq!(server.post(&format!("/api/v1/pickups/{}/void", id(1)), &crew, &void).await.status, StatusCode::CREATED);
    let round = server.get("/api/v1/crew/round?place=P-A&stream=food", Some(&crew)).await.json();
    assert_eq!(round["houses"][0]["done"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_scale_s_latest_weight_is_offered_once_and_only_while_it_is_fresh() {
    let (server, crew) = Server::of_crews().await;
    let zone = Zone::named("Asia/Ho_Chi_Minh").expect("a zone");
    let reading = |seq: i64, earlier_ms: i64, gross_g: i64, stable: bool| Reading {
        id: EventId { device: "scale-1".into(), log: "9f1c22ab".into(), seq },
        boot: 1,
        ms: 1_000_000 - earlier_ms,
        at: Some(Instant::from_ms(NOW_MS - earlier_ms)),
        clock: ClockState::Synced,
        sent_ms: None,
        received: Instant::from_ms(NOW_MS - earlier_ms + 10),
        simulated: true,
        event: Event::Weight(Weight {
            gross_g,
            tare_g: 20,
            stable,
            load: None,
            stream: None,
            division_g: None,
            range: None,
            maintenance: false,
        }),
        extra: String::new(),
    };
    let weight = async || server.get("/api/v1/crew/weight?place=P-A&stream=food", Some(&crew)).await.json();
    assert_eq!(weight().await, json!({"scale": true, "weight": null}));
    let readings = [
        reading(1, 40_000, 9_000, true),
        reading(2, 12_000, 3_440, true),
        reading(3, 5_000, 3_900, false),
        reading(4, 1_000, 20, true),
    ];
    server.store.append(&readings, &[], &zone, |_| unreachable!()).await.expect("stored");
    let told = weight().await;
    assert_eq!((told["weight"]["seq"].as_i64(), told["weight"]["net_g"].as_i64()), (Some(2), Some(3_420)), "{told}");
    assert_eq!(told["weight"]["age_ms"], 12_000);
    let mut named = pickup(1, "A-9");
    named["reading"] = json!({"device": "scale-1", "log": "9f1c22ab", "seq": 2});
    assert_eq!(server.post("/api/v1/pickups", &crew, &named).await.status, StatusCode::CREATED);
    assert_eq!(weight().await["weight"], Value::Null, "a weight belongs to one household");
    assert_eq!(server.get("/api/v1/crew/weight?place=P-B&stream=food", Some(&crew)).await.json()["scale"], false);
}

#[tokio::test]
async fn reports_reach_the_officers_and_nobody_else() {
    let (server, crew) = Server::of_crews().await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let lost = json!({"id": id(1), "at": NOW_MS, "place": "P-A", "report": "lost_tag", "household": "A-9", "note": " <b>mất</b> "});
    let first = server.post("/api/v1/crew/reports", &crew, &lost).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(server.post("/api/v1/crew/reports", &crew, &lost).await.body, first.body);
    for (report, told) in [
        (json!({"id": id(2), "at": NOW_MS, "place": "P-A", "report": "new_house"}), "say where"),
        (json!({"id": id(2), "at": NOW_MS, "place": "P-A", "report": "empty_house"}), "`household` is missing"),
        (
            json!({"id": id(2), "at": NOW_MS, "place": "P-A", "report": "lost_tag", "household": "Z"}),
            "unknown household `Z`",
        ),
    ] {
        let answer = server.post("/api/v1/crew/reports", &crew, &report).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains(told), "{}", answer.body);
    }
    let rows = server.get("/api/v1/crew/reports", Some(&officer)).await.json();
    assert_eq!(
        (rows["rows"][0]["report"].as_str(), rows["rows"][0]["note"].as_str()),
        (Some("lost_tag"), Some("<b>mất</b>"))
    );
    for path in ["/api/v1/crew/reports", "/crew-reports"] {
        assert_eq!(server.get(path, Some(&crew)).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let page = server.get("/crew-reports", Some(&officer)).await.body;
    assert!(page.contains("Mất thẻ hoặc thẻ hỏng") && page.contains("A-9") && !page.contains("<b>mất"), "{page}");
}

#[tokio::test]
async fn a_picture_is_kept_bare_seen_by_officers_and_erased_for_good() {
    let (server, crew) = Server::of_crews().await;
    let other = server.account("to2", &[Role::Crew], &[]).await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let camera = || picture(1_280, 960, &[(0xe1, b"Exif\0\0GPS 21.03")]);
    assert_eq!(server.send_photo(&id(1), 8, &crew, camera()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.post("/api/v1/pickups", &crew, &pickup(1, "A-9")).await.status, StatusCode::CREATED);
    let first = server.send_photo(&id(1), 8, &crew, camera()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = server.send_photo(&id(1), 8, &crew, camera()).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body));
    assert_eq!(server.send_photo(&id(1), 8, &crew, picture(640, 480, &[])).await.status, StatusCode::CONFLICT);
    assert_eq!(server.send_photo(&id(1), 9, &other, camera()).await.status, StatusCode::FORBIDDEN);
    for (jpeg, told) in
        [(b"PNG".to_vec(), "no JPEG"), (picture(1_281, 8, &[]), "1281 x 8"), (vec![0xff; 530_000], "530000 bytes")]
    {
        let answer = server.send_photo(&id(1), 9, &crew, jpeg).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains(told), "{}", answer.body);
    }
    assert_eq!(server.send_photo(&id(1), 9, &crew, vec![0xff; 700_000]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for number in 20..22 {
        assert_eq!(server.send_photo(&id(1), number, &crew, camera()).await.status, StatusCode::CREATED);
    }
    let fourth = server.send_photo(&id(1), 23, &crew, camera()).await;
    assert!(fourth.body.contains("3 pictures already"), "{}", fourth.body);

    let path = format!("/api/v1/photos/{}", id(8));
    for token in [&crew, &other] {
        assert_eq!(server.get(&path, Some(token)).await.status, StatusCode::FORBIDDEN);
    }
    let seen = server.get(&path, Some(&officer)).await;
    assert_eq!((seen.status, seen.header("content-type")), (StatusCode::OK, "image/jpeg"));
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(
        server.store.photo(&id(8)).await.expect("read"),
        Some(picture(1_280, 960, &[])),
        "place and time are gone"
    );
    let looks = server.store.looks(1).await.expect("read");
    assert_eq!(
        (looks[0].action.as_str(), looks[0].seen.subject.as_str()),
        ("photo", format!("photo={} household=A-9", id(8)).as_str())
    );

    let page = server.get("/crew-reports", Some(&officer)).await.body;
    assert!(page.contains(&path) && page.contains("A-9 · Điểm P-A · Đã phân loại"), "{page}");
    let erase = format!("/api/v1/photos/{}/erase", id(8));
    assert_eq!(server.post(&erase, &crew, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.post(&erase, &officer, &json!({})).await.json()["by"], "can-bo");
    assert_eq!(server.get(&path, Some(&officer)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        server.send_photo(&id(1), 8, &crew, camera()).await.status,
        StatusCode::OK,
        "a late copy gets its receipt"
    );
    assert_eq!(server.get(&path, Some(&officer)).await.status, StatusCode::NOT_FOUND, "and does not come back");
    let erased = server.fill("/crew-reports/erase", &officer, &format!("id={}", id(20))).await;
    assert_eq!(erased.header("location"), "/crew-reports");
    assert!(server.get("/crew-reports", Some(&officer)).await.body.contains("đã xóa: can-bo"));
}

#[tokio::test]
async fn items_of_another_version_are_refused_apart_and_nothing_is_stored() {
    let (server, crew) = Server::of_crews().await;
    let body = pickup(1, "A-9").to_string().into_bytes();
    let send = async |version: &str| {
        let headers = [("content-type", "application/json"), ("outbox-version", version)];
        server.send("/api/v1/pickups", &crew, &headers, body.clone()).await
    };
    for version in ["0", "2", "x"] {
        let answer = send(version).await;
        assert_eq!(
            (answer.status, answer.json()["type"].as_str()),
            (StatusCode::UPGRADE_REQUIRED, Some("urn:phanloai:problem:other-version"))
        );
    }
    assert!(server.store.operations_of_kind("pickup").await.expect("read").is_empty());
    assert_eq!(send("1").await.status, StatusCode::CREATED);
    let now = server.get("/api/v1/crew/now", Some(&crew)).await.json();
    assert_eq!(
        (now["account"].as_str(), now["now_ms"].as_i64(), now["newest_items"].as_i64()),
        (Some("to1"), Some(NOW_MS), Some(1))
    );
}

#[tokio::test]
async fn the_app_s_shell_holds_nobody_s_data_and_its_files_are_all_there() {
    let (server, crew) = Server::of_crews().await;
    let shell = server.get("/crew/shell", None).await;
    assert_eq!(shell.status, StatusCode::OK);
    assert!(
        !shell.body.contains("A-9") && !shell.body.contains("to1") && shell.body.contains("chờ gửi"),
        "{}",
        shell.body
    );
    assert_eq!(shell.header("permissions-policy"), "camera=(self), geolocation=(), microphone=()");
    assert!(server.get("/", None).await.header("permissions-policy").starts_with("camera=()"));
    let worker = server.get("/crew/worker.js", None).await;
    assert_eq!((worker.header("service-worker-allowed"), worker.header("cache-control")), ("/crew", "no-cache"));
    let files = worker.body.split("FILES = ").nth(1).and_then(|rest| rest.split(";\n").next()).expect("a list");
    let files: Vec<String> = serde_json::from_str(files).expect("JSON");
    assert!(files.len() > 18 && files.iter().any(|file| file.ends_with("/qr/decode.js")), "{files:?}");
    for file in &files {
        let answer = server.get(file, None).await;
        assert!(
            answer.status == StatusCode::OK && !answer.header("content-type").contains("octet"),
            "{file}: {}",
            answer.status
        );
    }
    let manifest = server.get("/crew/app.webmanifest", None).await.json();
    for icon in manifest["icons"].as_array().expect("icons") {
        assert_eq!(server.get(icon["src"].as_str().expect("a path"), None).await.header("content-type"), "image/png");
    }
    assert_eq!(server.get("/app/000000000000/crew/main.js", None).await.status, StatusCode::NOT_FOUND);
    let edition = server.get("/api/v1/crew/now", Some(&crew)).await.json()["edition"].clone();
    assert!(worker.body.contains(&edition.to_string()) && shell.body.contains(edition.as_str().expect("a text")));
}

#[tokio::test]
async fn a_round_can_be_done_with_plain_forms_and_a_form_sent_twice_counts_once() {
    let (server, crew) = Server::of_crews().await;
    let rounds = server.get("/crew", Some(&crew)).await;
    assert!(rounds.body.contains("Điểm P-A") && rounds.body.contains("Mở lượt"), "{}", rounds.body);
    let open = format!("id={}&place=P-A&stream=food&on=2026-11-23&action=open", id(1));
    let opened = server.fill("/crew/rounds", &crew, &open).await;
    let to = "/crew/round?place=P-A&stream=food&on=2026-11-23";
    assert_eq!((opened.status, opened.header("location")), (StatusCode::SEE_OTHER, to));
    let round = server.get(to, Some(&crew)).await.body;
    assert!(round.contains("0 / 2 hộ") && round.contains("household=A-9"), "{round}");
    let house = server.get(&format!("{}&household=a-9", to.replace("/round", "/house")), Some(&crew)).await.body;
    assert!(house.contains("A-9</h1>") && house.contains("Đã phân loại"), "{house}");
    let log = format!(
        "id={}&place=P-A&stream=food&on=2026-11-23&household=A-9&result=mixed&reason=L%E1%BA%ABn&kilograms=3%2C4",
        id(2)
    );
    for _ in 0..2 {
        assert_eq!(server.fill("/crew/pickups", &crew, &log).await.header("location"), to);
        server.clock.0.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed);
    }
    assert_eq!(server.store.operations_of_kind("pickup").await.expect("read").len(), 1);
    let round = server.get(to, Some(&crew)).await.body;
    assert!(round.contains("1 / 2 hộ") && round.contains("Để lẫn"), "{round}");
    let undo = format!("id={}&pickup={}&place=P-A&stream=food&on=2026-11-23", id(3), id(2));
    assert_eq!(server.fill("/crew/voids", &crew, &undo).await.status, StatusCode::SEE_OTHER);
    assert!(server.get(to, Some(&crew)).await.body.contains("0 / 2 hộ"));
    let wrong = server.fill("/crew/pickups", &crew, &log.replace("3%2C4", "nhieu").replace(&id(2), &id(5))).await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("nhieu"), "{}", wrong.body);
    let report = format!("id={}&place=P-A&stream=food&on=2026-11-23&household=A-9&report=missed_stop&note=", id(6));
    assert_eq!(server.fill("/crew/reports", &crew, &report).await.status, StatusCode::SEE_OTHER);
    let viewer = server.account("xem", &[Role::Viewer], &[]).await;
    for path in ["/crew", to] {
        assert_eq!(server.get(path, Some(&viewer)).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
