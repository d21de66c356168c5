//! The crew's app in a real browser against the real program: a round with and without a signal, the service killed while a phone
//! sends, two phones at one house, and what is left on a phone when its crew has signed out.

use phanloai::app::{SystemClock, import, load_commune};
use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::time::{Clock, LocalDay};
use phanloai::imports::Kind;
use phanloai::indicators::{Step, Tonnage};
use phanloai::store::{Account, Role, Store, hash_password};
use serde_json::json;
use tempfile::TempDir;

use crate::faults::service::Service;
use crate::faults::until;
use crate::support::chromium::{Browser, View};
use crate::support::free_port;
use crate::support::phone::{PASSWORD, Phone, width_to_spare};

const COMMUNE: &str = "[commune]\ncode = \"C\"\nname = \"xã Thử Nghiệm\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n\n\
    [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nname_en = \"Food\"\nrequired = true\nicon = \"leaf\"\ncolour = \"#009E73\"\n";
/// Houses of the point.
const HOUSES: usize = 12;

/// A running service with one point, whose round lasts all day, and its database.
struct Field {
    service: Service,
    store: Store,
    _folder: TempDir,
}

impl Field {
    async fn start(crews: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("crew.db").display());
        let store = Store::open(&url).await.unwrap();
        let file = folder.path().join("commune.toml");
        std::fs::write(&file, COMMUNE).unwrap();
        let commune = load_commune(&store, Some(&file)).await.unwrap();
        let mut households = String::from("code,area,point,valid_from\n");
        let mut tags = String::from("uid,household,tech,valid_from\n");
        for house in 1..=HOUSES {
            households.push_str(&format!("TM-{house:04},A,P1,2026-01-01\n"));
            tags.push_str(&format!("04A2B1C0D0E0{house:02X},TM-{house:04},qr,2026-01-01\n"));
        }
        let schedule = "place,stream,weekdays,start,end,valid_from\nP1,food,daily,00:00,23:59,2026-01-01\n";
        for (kind, text) in [
            (Kind::Areas, "code,name\nA,Thôn Đông\n"),
            (Kind::Points, "code,name,area\nP1,Điểm tập kết nhà văn hóa,A\n"),
            (Kind::Households, &households),
            (Kind::Tags, &tags),
            (Kind::Schedule, schedule),
        ] {
            import(&store, &commune, kind, text.as_bytes(), &SystemClock, "test", false).await.unwrap();
        }
        let hash = hash_password(PASSWORD).unwrap();
        for name in crews {
            let roles = [Role::Crew].into_iter().collect();
            let account = Account { name: (*name).to_owned(), roles, areas: Vec::new(), enabled: true };
            store.add_account(&account, Some(&hash), SystemClock.now()).await.unwrap();
        }
        let mqtt = format!("url = \"embedded\"\nlisten = \"127.0.0.1:{}\"", free_port());
        let mut service = Service::new(folder.path(), "crew", &url, &mqtt);
        service.start().await;
        Self { service, store, _folder: folder }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.http())
    }

    async fn pickups(&self) -> Vec<Operation> {
        self.store.operations_of_kind("pickup").await.unwrap()
    }

    /// Gives what is counted once everything is in the figures.
    async fn counted(&self) -> Tonnage {
        until("nothing is stale", async || (self.store.stale_count().await.unwrap() == 0).then_some(())).await;
        let today: LocalDay =
            phanloai::domain::time::Zone::named("Asia/Ho_Chi_Minh").unwrap().day_of(SystemClock.now());
        let rows = self.store.tonnage(None, today - 1, today + 1, Step::Day).await.unwrap();
        let mut all = Tonnage::default();
        for row in rows {
            all.manual_g += row.tonnage.manual_g;
            all.pickups += row.tonnage.pickups;
        }
        all
    }
}

impl Phone {
    /// Signs in, waits until the app is on the phone, and opens the round.
    async fn in_the_round(field: &Field, crew: &str) -> Self {
        let phone = Self::start().await;
        phone.sign_in(&field.url(""), "/crew", crew).await;
        phone.shows("#screen .field-row").await;
        phone.0.script("document.querySelector('#screen .field-row').click()", &[]).await;
        phone.shows("#houses").await;
        phone.sent().await;
        phone
    }

    /// Logs a house by two taps: the house in the list, the result.
    async fn log(&self, house: &str, result: &str) {
        self.0.script("location.hash = arguments[0]", &[json!("#round")]).await;
        self.shows("#houses .field-row").await;
        let row = "return [...document.querySelectorAll('#houses .field-row')].find((row) => row.innerText.startsWith(arguments[0])).click()";
        self.0.script(row, &[json!(house)]).await;
        self.shows(&format!("[data-result={result}]")).await;
        self.0.click(&format!("[data-result={result}]")).await;
        if result != "separated" {
            self.shows("[data-reason]").await;
            self.0.click("[data-reason]").await;
        }
        self.says("#toast", house).await;
        self.is("location.hash === '#round'").await;
    }
}

fn household(operation: &Operation) -> &str {
    operation.statement.household().expect("a pickup names one").as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_goes_on_without_a_signal_and_everything_arrives_once() {
    let field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    assert!(phone.0.text(".field-count").await.contains("0 / 12 hộ"), "{}", phone.0.text(".field-count").await);
    phone.log("TM-0001", "separated").await;
    phone.sent().await;
    assert_eq!(field.pickups().await.len(), 1);

    phone.signal(false).await;
    phone.log("TM-0002", "separated").await;
    phone.says("#sync", "1 chờ gửi").await;
    phone.0.open(&field.url("/crew")).await;
    phone.is("document.documentElement.dataset.ready !== undefined").await;
    phone.says(".field-count", "2 / 12 hộ").await;
    phone.says("#sync", "1 chờ gửi").await;
    phone.log("TM-0003", "mixed").await;
    phone.log("TM-0004", "separated").await;
    // Taken back before it was sent: nothing of it need arrive.
    phone.0.click("#toast button").await;
    phone.says(".field-count", "3 / 12 hộ").await;
    // A typed code, and a scanned card: what the camera would give.
    phone.0.fill("#code", "12").await;
    phone.is("document.querySelectorAll('#houses .field-row').length === 1").await;
    phone.0.click("#houses .field-row").await;
    phone.shows("[data-result=separated]").await;
    assert_eq!(phone.0.text("h1").await, "TM-0012");
    phone.0.click("[data-result=separated]").await;
    phone.says("#sync", "3 chờ gửi").await;
    assert_eq!(field.pickups().await.len(), 1, "nothing arrives without a signal");

    phone.signal(true).await;
    phone.sent().await;
    let pickups = field.pickups().await;
    let mut arrived: Vec<&str> = pickups.iter().map(household).collect();
    arrived.sort_unstable();
    assert_eq!(arrived, ["TM-0001", "TM-0002", "TM-0003", "TM-0012"]);
    let mixed = pickups.iter().find(|pickup| household(pickup) == "TM-0003").unwrap();
    assert!(
        matches!(&mixed.statement, Statement::Pickup { result: CrewResult::Mixed, reason: Some(reason), .. } if reason == "Lẫn rác còn lại"),
        "{mixed:?}"
    );
    let late = pickups.iter().map(|pickup| match &pickup.statement {
        Statement::Pickup { at, .. } => SystemClock.now().since(*at).abs(),
        other => panic!("{other:?}"),
    });
    assert!(late.max().unwrap() < 300_000, "each stands at its own time");
    // Scripts that click are no person, to whom alone a phone may vibrate.
    let expected = |error: &String| error.contains("ERR_INTERNET_DISCONNECTED") || error.contains("navigator.vibrate");
    let errors = phone.0.console_errors().await;
    assert!(errors.iter().all(expected), "{errors:?}");
    // What arrived can be taken back from the list.
    phone.0.script("location.hash = '#house/TM-0002'", &[]).await;
    phone.shows(".field-item button").await;
    phone.0.click(".field-item button").await;
    phone.says("#toast", "đã hoàn tác").await;
    phone.sent().await;
    let voids = field.store.operations_of_kind("void").await.unwrap();
    assert_eq!(voids.len(), 1);
    assert_eq!(field.counted().await.pickups, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_while_a_phone_sends_loses_and_doubles_nothing() {
    let mut field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    for round in 0..3_usize {
        field.service.kill();
        for house in 1..=3 {
            phone.log(&format!("TM-{:04}", round * 3 + house), "separated").await;
        }
        phone.says("#sync", "3 chờ gửi").await;
        field.service.start().await;
        phone.meets().await;
        // Killed again at once, with a write under way or its answer not heard.
        let before = round * 3;
        until("one has arrived", async || (field.pickups().await.len() > before).then_some(())).await;
        field.service.kill();
        field.service.start().await;
        phone.meets().await;
        phone.sent().await;
    }
    let pickups = field.pickups().await;
    let mut arrived: Vec<&str> = pickups.iter().map(household).collect();
    arrived.sort_unstable();
    let expected: Vec<String> = (1..=9).map(|house| format!("TM-{house:04}")).collect();
    assert_eq!(arrived, expected);
    assert_eq!(field.counted().await.pickups, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_at_one_house_both_get_receipts_and_the_weight_counts_as_the_rules_say() {
    let field = Field::start(&["to1", "to2"]).await;
    let (one, two) = (Phone::in_the_round(&field, "to1").await, Phone::in_the_round(&field, "to2").await);
    for (phone, kilograms) in [(&one, "3,5"), (&two, "2")] {
        phone.0.script("location.hash = '#weigh/TM-0005'", &[]).await;
        phone.shows("#kilograms").await;
        phone.0.fill("#kilograms", kilograms).await;
        phone.0.click("form.stack button").await;
        phone.says(".crew-weight", "nhập tay").await;
        phone.0.click("[data-result=separated]").await;
        phone.says("#toast", "TM-0005").await;
        phone.sent().await;
    }
    // One phone logs without a weight: a presence stands behind a weight.
    one.log("TM-0006", "separated").await;
    one.sent().await;
    assert_eq!(field.pickups().await.len(), 3, "both are kept");
    let counted = field.counted().await;
    assert_eq!((counted.manual_g, counted.pickups), (5_500, 3), "two bags of one house, typed by two people");
    two.0.script("location.hash = '#house/TM-0006'; dispatchEvent(new Event('online'))", &[]).await;
    two.says("#screen", "đã được ghi").await;
    assert_eq!(two.0.script("return document.querySelectorAll('.field-item button').length", &[]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_keeps_the_work_and_sends_it_after_the_next_sign_in() {
    let field = Field::start(&["to1", "to2"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    assert!(
        field.store.set_password("to1", &hash_password(PASSWORD).unwrap(), None).await.unwrap(),
        "ends its sessions"
    );
    phone.log("TM-0001", "separated").await;
    phone.says("#sync", "cần đăng nhập lại").await;
    phone.says("#sync", "1 chờ gửi").await;
    // Another person's session sends nothing of it.
    phone.sign_in(&field.url(""), "/crew", "to2").await;
    phone.says("#screen", "Lượt thu gom hôm nay").await;
    phone.0.script("location.hash = '#outbox'", &[]).await;
    phone.says("#screen", "chờ to1 đăng nhập").await;
    assert!(field.pickups().await.is_empty());
    assert!(field.store.set_password("to2", &hash_password(PASSWORD).unwrap(), None).await.unwrap());
    phone.sign_in(&field.url(""), "/crew", "to1").await;
    phone.sent().await;
    let pickups = field.pickups().await;
    assert_eq!((pickups.len(), pickups[0].by.as_str()), (1, "to1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_empties_the_phone_and_never_loses_work() {
    let field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    phone.signal(false).await;
    phone.log("TM-0001", "separated").await;
    phone.0.script("location.hash = '#leave'", &[]).await;
    phone.says("#screen", "Còn 1 phiếu").await;
    assert_eq!(phone.0.script("return document.querySelectorAll('#sign-out').length", &[]).await, 0);
    phone.signal(true).await;
    phone.sent().await;
    phone.0.script("location.hash = '#round'", &[]).await;
    phone.shows("#houses").await;
    // From any other page, too, signing out leads through the app.
    phone.signs_out_of(&field.url("/")).await;
    phone.0.open(&field.url("/crew")).await;
    assert!(phone.0.address().await.contains("/sign-in"));
    assert_eq!(field.pickups().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_read_and_a_picture_leaves_its_place_and_time_on_the_phone() {
    let field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    // The vendored reader reads a code that the same library drew, and the round's list finds its house.
    let read = "const done = arguments[0]; (async () => {
        const script = document.querySelector('script[type=module]').src;
        const { encodeQR } = await import(new URL('../qr/index.js', script));
        const { read } = await import(new URL('../crew/scan.js', script));
        const { BarcodeDetector } = await import(new URL('../qr/decode.js', script));
        const bits = encodeQR('04A2B1C0D0E007', 'raw');
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = (bits.length + 8) * 6;
        const pen = canvas.getContext('2d');
        pen.fillStyle = '#fff'; pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.fillStyle = '#000';
        bits.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect((x + 4) * 6, (y + 4) * 6, 6, 6)));
        done([await read(canvas), await read(canvas, new BarcodeDetector({ formats: ['qr_code'] }))]);
    })().catch((error) => done(String(error)));";
    assert_eq!(phone.0.script_async(read).await, json!(["04A2B1C0D0E007", "04A2B1C0D0E007"]));
    // A large picture with a camera's data, taken with the pickup.
    phone.0.script("location.hash = '#house/TM-0007'", &[]).await;
    phone.shows("input[type=file]").await;
    let shoot = "const done = arguments[0]; (async () => {
        const canvas = document.createElement('canvas');
        canvas.width = 3000; canvas.height = 2000;
        const pen = canvas.getContext('2d');
        for (let x = 0; x < 3000; x += 10) { pen.fillStyle = `hsl(${x} 80% 50%)`; pen.fillRect(x, 0, 10, 2000); }
        const plain = new Uint8Array(await (await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'))).arrayBuffer());
        const exif = new TextEncoder().encode('Exif  GPS 21.03 N');
        const file = new File([plain.slice(0, 2), new Uint8Array([0xff, 0xe1, 0, exif.length + 2]), exif, plain.slice(2)], 'a.jpg', { type: 'image/jpeg' });
        const input = document.querySelector('input[type=file]');
        const files = new DataTransfer(); files.items.add(file);
        input.files = files.files;
        input.dispatchEvent(new Event('change'));
        done(file.size);
    })().catch((error) => done(String(error)));";
    assert!(phone.0.script_async(shoot).await.is_number());
    phone.shows(".crew-preview").await;
    phone.0.click("[data-result=separated]").await;
    phone.says("#toast", "TM-0007").await;
    phone.sent().await;
    let pickups = field.pickups().await;
    let kept = field.store.photos_of([pickups[0].id.as_str()]).await.unwrap();
    assert_eq!(kept.len(), 1);
    let jpeg = field.store.photo(&kept[0].id).await.unwrap().unwrap();
    assert!(jpeg.starts_with(&[0xff, 0xd8]) && !jpeg.windows(3).any(|bytes| bytes == b"GPS"));
    assert!(jpeg.len() < 512 * 1024, "{}", jpeg.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_s_clock_that_was_set_wrong_moves_no_pickup() {
    let field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    let told = phone
        .0
        .script_async(
            "const done = arguments[0]; (async () => {
                const { Clock } = await import(new URL('../field/clock.js', document.querySelector('script[type=module]').src));
                const kept = {}; const base = { kept: async (name) => kept[name], keep: async (name, value) => { kept[name] = value; } };
                let wall = 5_000_000, steady = 0; const told = [];
                const clock = new Clock(base, () => wall, () => steady);
                await clock.load();
                steady += 200; wall += 200; await clock.met(9_000_000, 0); told.push(clock.now());
                steady += 60_000; wall += 60_000; told.push(clock.now());
                steady += 1_000; wall -= 3_599_000; told.push(clock.now());
                wall += 600_000; told.push(clock.now());
                const restarted = new Clock(base, () => 5_800_200, () => 0);
                await restarted.load(); told.push(restarted.now());
                done(told);
            })().catch((error) => done(String(error)));",
        )
        .await;
    // Half the way of the answer; a minute; an hour set back; ten minutes of sleep, in which the monotonic clock stands still; a restart.
    assert_eq!(told, json!([9_000_100, 9_060_100, 9_061_100, 9_661_100, 9_800_100]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_another_version_keeps_its_items_and_says_update() {
    let field = Field::start(&["to1"]).await;
    let phone = Phone::in_the_round(&field, "to1").await;
    phone.signal(false).await;
    phone.log("TM-0001", "separated").await;
    phone.says("#sync", "1 chờ gửi").await;
    phone.changes_items("phanloai-crew", "item.about.kind === 'pickup' ? { ...item, version: 0 } : item").await;
    phone.signal(true).await;
    phone.says("#sync", "cần cập nhật").await;
    phone.says("#sync", "1 chờ gửi").await;
    assert!(field.pickups().await.is_empty());
    phone.changes_items("phanloai-crew", "{ ...item, version: 1 }").await;
    phone.meets().await;
    phone.sent().await;
    assert_eq!(field.pickups().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_forms_work_without_scripts_on_a_telephone() {
    let field = Field::start(&["to1"]).await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    browser.open(&field.url("/sign-in?next=/crew")).await;
    browser.fill("input[name=name]", "to1").await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.follow("form.stack button").await;
    browser.follow(".field-item button").await;
    browser.says(".field-count", "0 / 12 hộ").await;
    browser.follow(".field-list .field-row").await;
    assert!(width_to_spare(&browser).await >= 0, "the house is wider than the screen");
    browser.follow("form[action='/crew/pickups'] button").await;
    browser.says(".field-count", "1 / 12 hộ").await;
    assert!(width_to_spare(&browser).await >= 0, "the round is wider than the screen");
    browser.follow("form[action='/crew/voids'] button").await;
    browser.says(".field-count", "0 / 12 hộ").await;
    assert_eq!((field.pickups().await.len(), field.counted().await.pickups), (1, 0));
}
