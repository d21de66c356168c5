//! The visitors' app in a real browser against the real program: a hamlet with and without a signal, the service killed while a phone
//! sends, two phones at one household, and what is left on a phone when its visitor has signed out.

use phanloai::app::{SystemClock, import, load_commune};
use phanloai::domain::facts::{AttemptOutcome, Operation, Statement};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::state::{Pathway, PathwayLevel, VisitResult};
use phanloai::domain::time::{Clock, LocalDay, Zone};
use phanloai::imports::Kind;
use phanloai::store::{Account, Role, Store, hash_password};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::faults::service::Service;
use crate::faults::until;
use crate::support::chromium::{Browser, View};
use crate::support::free_port;
use crate::support::phone::{PASSWORD, Phone, width_to_spare};

const COMMUNE: &str = "[commune]\ncode = \"C\"\nname = \"xã Thử Nghiệm\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n\n\
    [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nname_en = \"Food\"\nrequired = true\nicon = \"leaf\"\n\n\
    [[stream]]\ncode = \"recyclable\"\nname = \"Tái chế\"\nname_en = \"Recyclable\"\nrequired = true\nicon = \"recycle\"\n\n\
    [[stream]]\ncode = \"other\"\nname = \"Còn lại\"\nname_en = \"Other\"\n";
/// Households of the hamlet that undergoes the visits.
const HOUSES: usize = 14;

fn today() -> LocalDay {
    Zone::named("Asia/Ho_Chi_Minh").unwrap().day_of(SystemClock.now())
}

/// A running service with two hamlets, whose figures are computed. In `A`, TM-0001 was found not sorting, TM-0002 declares both streams,
/// TM-0003 was verified so long ago that it runs out within days; the others are unknown.
struct Hamlets {
    service: Service,
    store: Store,
    _folder: TempDir,
}

impl Hamlets {
    async fn start(accounts: &[(&str, &[Role], &[&str])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("visits.db").display());
        let store = Store::open(&url).await.unwrap();
        let file = folder.path().join("commune.toml");
        std::fs::write(&file, COMMUNE).unwrap();
        let commune = load_commune(&store, Some(&file)).await.unwrap();
        let begin = today() - 300;
        let mut households = String::from("code,area,head_name,address,point,valid_from\n");
        for house in 1..=HOUSES {
            let name = if house == 5 { "Đặng Thị Hường".to_owned() } else { format!("Nguyễn Văn {house}") };
            households.push_str(&format!("TM-{house:04},A,{name},Xóm {house},P1,{begin}\n"));
        }
        households.push_str(&format!("TM-9001,B,Trần Văn Bình,Xóm Chùa,P2,{begin}\n"));
        let pathways = format!(
            "household,stream,pathway,level,on,by\nTM-0002,food,compost,declared,{on},an\nTM-0002,recyclable,sold,declared,{on},an\n",
            on = today() - 20
        );
        let visits = format!(
            "household,on,result,stream,by\nTM-0001,{},not_sorting,,an\nTM-0003,{},sorting,,an\n",
            today() - 12,
            today() - 177
        );
        let schedule =
            format!("place,stream,weekdays,start,end,valid_from\nP1,other,Mon,06:00,08:00,{}\n", today() - 30);
        for (kind, text) in [
            (Kind::Areas, "code,name\nA,Thôn Đông\nB,Thôn Đoài\n"),
            (Kind::Points, "code,name,area\nP1,Điểm 1,A\nP2,Điểm 2,B\n"),
            (Kind::Households, &households),
            (Kind::Schedule, &schedule),
            (Kind::Pathways, &pathways),
            (Kind::Visits, &visits),
        ] {
            import(&store, &commune, kind, text.as_bytes(), &SystemClock, "test", false).await.unwrap();
        }
        let hash = hash_password(PASSWORD).unwrap();
        for (name, roles, areas) in accounts {
            let roles = roles.iter().copied().collect();
            let areas = areas.iter().map(|area| (*area).into()).collect();
            let account = Account { name: (*name).to_owned(), roles, areas, enabled: true };
            store.add_account(&account, Some(&hash), SystemClock.now()).await.unwrap();
        }
        let mqtt = format!("url = \"embedded\"\nlisten = \"127.0.0.1:{}\"", free_port());
        let mut service = Service::new(folder.path(), "visits", &url, &mqtt);
        service.start().await;
        let hamlets = Self { service, store, _folder: folder };
        hamlets.computed().await;
        hamlets
    }

    /// Starts with one visitor of hamlet `A`.
    async fn with_a_visitor() -> Self {
        Self::start(&[("truong-thon", &[Role::Visitor], &["A"])]).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.http())
    }

    async fn computed(&self) {
        until("nothing is stale", async || {
            let ready = self.store.computed_through().await.unwrap() == Some(today());
            (ready && self.store.stale_count().await.unwrap() == 0).then_some(())
        })
        .await;
    }

    /// Gives what phones stated, of all kinds that a visit makes, without what the files held.
    async fn stated(&self) -> Vec<Operation> {
        let mut all = Vec::new();
        for kind in ["visit", "pathway", "attempt"] {
            let of_kind = self.store.operations_of_kind(kind).await.unwrap();
            all.extend(of_kind.into_iter().filter(|operation| operation.by != "an"));
        }
        all
    }

    async fn visited(&self) -> Vec<String> {
        let visits = self.stated().await.into_iter().filter(|of| matches!(of.statement, Statement::Visit { .. }));
        let mut codes: Vec<String> = visits.map(|of| of.statement.household().unwrap().to_string()).collect();
        codes.sort_unstable();
        codes
    }

    /// Gives a household's state today, as letters.
    async fn state(&self, household: &str) -> String {
        self.computed().await;
        let spans = self.store.spans_between(&household.into(), today(), today()).await.unwrap();
        let state = spans[0].state;
        state.reason.map_or_else(|| state.state.to_string(), |reason| format!("{}:{reason}", state.state))
    }
}

impl Phone {
    /// Signs in with the hamlet's list on the phone.
    async fn in_the_hamlet(hamlets: &Hamlets, visitor: &str) -> Self {
        let phone = Self::start().await;
        phone.sign_in(&hamlets.url(""), "/visits", visitor).await;
        phone.shows("#houses .field-row").await;
        phone.sent().await;
        phone
    }

    async fn codes(&self) -> Value {
        self.0
            .script(
                "return [...document.querySelectorAll('#houses .field-row')].map((row) => row.dataset.household)",
                &[],
            )
            .await
    }

    async fn opens(&self, household: &str) {
        self.goes("#list").await;
        self.taps(&format!("[data-household='{household}']")).await;
        self.shows("#record").await;
    }

    /// Records a visit by its answers, one a stream.
    async fn records(&self, household: &str, answers: &[&str]) {
        self.opens(household).await;
        self.taps("#record").await;
        for (at, answer) in answers.iter().enumerate() {
            self.is(&format!("location.hash.startsWith('#ask/') && location.hash.endsWith('/{at}')")).await;
            if answer.starts_with("declared") {
                self.taps("[data-answer='declared']").await;
                self.is("location.hash.startsWith('#said/')").await;
            }
            self.shows(&format!("[data-answer='{answer}']")).await;
            self.taps(&format!("[data-answer='{answer}']")).await;
        }
        self.says("#toast", "Đã ghi").await;
        self.is("location.hash === '#list'").await;
    }

    async fn tries(&self, household: &str) {
        self.opens(household).await;
        self.taps("[data-outcome='away']").await;
        self.says("#toast", "Vắng nhà").await;
        self.is("location.hash === '#list'").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hamlet_is_visited_without_a_signal_and_everything_arrives_once() {
    let hamlets = Hamlets::with_a_visitor().await;
    let phone = Phone::in_the_hamlet(&hamlets, "truong-thon").await;
    phone.says(".field-count", "0 / 14 hộ").await;
    let codes = phone.codes().await;
    let (first, last) = (&codes.as_array().unwrap()[..3], codes.as_array().unwrap().last().unwrap());
    assert_eq!((first, last), (&[json!("TM-0001"), json!("TM-0002"), json!("TM-0004")][..], &json!("TM-0003")));
    phone.says("[data-household='TM-0001']", "chưa phân loại").await;
    phone.says("[data-household='TM-0003']", "sắp hết hạn xác minh").await;
    phone.opens("TM-0002").await;
    phone.says("#screen", "Thực phẩm: hộ kê khai ủ phân, chưa ai thấy").await;
    phone.opens("TM-0001").await;
    phone.says("#screen", "Lần trước").await;

    phone.records("TM-0002", &["sorting:compost", "declared:sold"]).await;
    phone.sent().await;
    phone.says(".field-count", "1 / 14 hộ").await;
    assert_eq!(hamlets.stated().await.len(), 3, "a visit and two pathways");

    phone.signal(false).await;
    phone.records("TM-0001", &["sorting", "sorting:given"]).await;
    phone.says("#sync", "1 chờ gửi").await;
    phone.0.open(&hamlets.url("/visits")).await;
    phone.ready().await;
    phone.says(".field-count", "2 / 14 hộ").await;
    phone.says("#sync", "1 chờ gửi").await;
    phone.tries("TM-0004").await;
    phone.says("[data-part='tried']", "Chưa gặp (1)").await;
    phone.says(".field-count", "2 / 14 hộ").await;
    // Found without diacritics, wherever it is in the list; recorded, and taken back before it was sent: nothing of it need arrive.
    phone.0.fill("#search", "dang thi huong").await;
    phone.is("document.querySelectorAll('#houses .field-row').length === 1").await;
    phone.taps("#houses .field-row").await;
    phone.shows("#record").await;
    assert_eq!(phone.0.text("h1").await, "Đặng Thị Hường");
    // The search stands while one looks, and is over with what is recorded.
    phone.records("TM-0005", &["not_sorting", "not_sorting"]).await;
    phone.0.click("#toast button").await;
    phone.says(".field-count", "2 / 14 hộ").await;
    phone.records("TM-0006", &["not_sorting", "skip"]).await;
    phone.says("#sync", "3 chờ gửi").await;
    assert_eq!(hamlets.stated().await.len(), 3, "nothing arrives without a signal");

    phone.signal(true).await;
    phone.sent().await;
    assert_eq!(hamlets.visited().await, ["TM-0001", "TM-0002", "TM-0006"]);
    let stated = hamlets.stated().await;
    let of = |household: &str| -> Vec<&Statement> {
        stated.iter().map(|of| &of.statement).filter(|of| of.household().unwrap().as_str() == household).collect()
    };
    let (food, recyclable) = (StreamCode::new("food"), StreamCode::new("recyclable"));
    assert!(
        matches!(of("TM-0002")[0], Statement::Visit { result: VisitResult::Sorting, stream: Some(seen), .. } if *seen == food)
    );
    assert!(of("TM-0002").iter().any(|of| matches!(of,
        Statement::Pathway { stream, pathway: Pathway::Sold, level: PathwayLevel::Declared, .. } if *stream == recyclable)));
    assert!(matches!(of("TM-0001")[0], Statement::Visit { result: VisitResult::Sorting, stream: None, .. }));
    assert!(matches!(of("TM-0004")[..], [Statement::Attempt { outcome: AttemptOutcome::Away, .. }]));
    assert!(matches!(of("TM-0006")[..], [Statement::Visit { result: VisitResult::NotSorting, stream: Some(_), .. }]));
    assert!(stated.iter().all(|of| of.by == "truong-thon"));
    let states = [hamlets.state("TM-0001").await, hamlets.state("TM-0002").await, hamlets.state("TM-0004").await];
    assert_eq!(
        states,
        ["S", "U:only_declared", "U:not_observable"],
        "one of N by two kinds of evidence, one half seen, one tried"
    );
    assert_eq!(hamlets.state("TM-0006").await, "N");
    // Scripts that click are no person, to whom alone a phone may vibrate.
    let expected = |error: &String| error.contains("ERR_INTERNET_DISCONNECTED") || error.contains("navigator.vibrate");
    let errors = phone.0.console_errors().await;
    assert!(errors.iter().all(expected), "{errors:?}");

    // What arrived is taken back from the list, with everything that the visit stated.
    phone.taps("[data-part='done']").await;
    phone.taps("[data-household='TM-0002']").await;
    phone.shows(".field-item button").await;
    phone.taps(".field-item button").await;
    phone.says("#toast", "đã hoàn tác").await;
    phone.sent().await;
    assert_eq!(hamlets.store.operations_of_kind("void").await.unwrap().len(), 3);
    assert_eq!(hamlets.state("TM-0002").await, "U:only_declared");
    let looks = hamlets.store.looks(20_i64).await.unwrap();
    let list = looks.iter().find(|look| look.action == "visits").expect("the list was looked at");
    assert_eq!((list.account.as_str(), list.seen.households.len()), ("truong-thon", HOUSES));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_while_a_phone_sends_many_visits_loses_doubles_and_holds_back_nothing() {
    let mut hamlets = Hamlets::with_a_visitor().await;
    let phone = Phone::in_the_hamlet(&hamlets, "truong-thon").await;
    for round in 0..2_usize {
        hamlets.service.kill();
        for house in 1..=6 {
            phone.records(&format!("TM-{:04}", round * 6 + house), &["sorting:compost", "sorting:sold"]).await;
        }
        phone.says("#sync", "6 chờ gửi").await;
        hamlets.service.start().await;
        phone.meets().await;
        // Killed again at once, with a write under way or its answer not heard.
        let before = round * 6;
        until("one has arrived", async || (hamlets.visited().await.len() > before).then_some(())).await;
        hamlets.service.kill();
        hamlets.service.start().await;
        phone.meets().await;
        phone.sent().await;
    }
    let expected: Vec<String> = (1..=12).map(|house| format!("TM-{house:04}")).collect();
    assert_eq!(hamlets.visited().await, expected);
    assert_eq!(hamlets.stated().await.len(), 12 * 3);
    // Twelve visits of one evening are twelve acts: none waits for a second person.
    assert_eq!(hamlets.store.proposals_waiting().await.unwrap().len(), 0);
    assert_eq!(hamlets.state("TM-0012").await, "S");
    phone.says(".field-count", "12 / 14 hộ").await;
    // Sent once more, as after an answer that was not heard: the first receipts stand.
    phone.changes_items("phanloai-visits", "{ ...item, state: 'waiting' }").await;
    phone.meets().await;
    phone.sent().await;
    assert_eq!(hamlets.stated().await.len(), 12 * 3, "nothing counts twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_at_one_household_both_get_receipts_and_each_sees_what_the_other_did() {
    let visitors: [(&str, &[Role], &[&str]); 2] =
        [("truong-thon", &[Role::Visitor], &["A"]), ("hoi-phu-nu", &[Role::Visitor], &["A"])];
    let hamlets = Hamlets::start(&visitors).await;
    let one = Phone::in_the_hamlet(&hamlets, "truong-thon").await;
    let two = Phone::in_the_hamlet(&hamlets, "hoi-phu-nu").await;
    two.signal(false).await;
    two.records("TM-0004", &["sorting", "not_sorting"]).await;
    one.records("TM-0004", &["sorting", "sorting"]).await;
    one.sent().await;
    two.signal(true).await;
    two.sent().await;
    assert_eq!(hamlets.visited().await, ["TM-0004"; 3], "one visit of the whole, and one of each stream");
    // Of one day neither is later: what speaks against it stays open.
    assert_eq!(hamlets.state("TM-0004").await, "N");
    one.goes("#menu").await;
    one.shows("#reload").await;
    one.taps("#reload").await;
    one.says("#toast", "Đã tải").await;
    one.taps("[data-part='done']").await;
    one.taps("[data-household='TM-0004']").await;
    one.says("#screen", "hoi-phu-nu").await;
    assert_eq!(
        one.0.script("return document.querySelectorAll('.field-item button').length", &[]).await,
        1,
        "its own alone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_chooses_a_hamlet_and_names_leave_the_phone_with_the_list() {
    let accounts: [(&str, &[Role], &[&str]); 2] =
        [("can-bo", &[Role::Officer], &[]), ("truong-thon", &[Role::Visitor], &["B"])];
    let hamlets = Hamlets::start(&accounts).await;
    let phone = Phone::start().await;
    phone.sign_in(&hamlets.url(""), "/visits", "can-bo").await;
    phone.says("#screen", "Thôn Đoài").await;
    phone.taps("[data-area='A']").await;
    phone.says(".field-count", "0 / 14 hộ").await;
    phone.goes("#areas").await;
    phone.taps("[data-area='B']").await;
    phone.says("#houses", "Trần Văn Bình").await;
    let kept = "const done = arguments[0]; const request = indexedDB.open('phanloai-visits');
        request.onsuccess = () => { const all = request.result.transaction('kept').objectStore('kept').getAll();
            all.onsuccess = () => { request.result.close(); done(JSON.stringify(all.result)); }; };";
    let text = phone.0.script_async(kept).await.to_string();
    assert!(text.contains("Trần Văn Bình") && !text.contains("Nguyễn Văn"), "one hamlet's names at a time");
    // A link of the overview names a hamlet.
    phone.0.open(&hamlets.url("/visits?area=A")).await;
    phone.says(".field-count", "/ 14 hộ").await;
    phone.0.open(&hamlets.url("/visits?area=B")).await;
    phone.says("#houses", "Trần Văn Bình").await;
    // Older than seven days, it is gone when the app opens.
    phone.changes_kept("phanloai-visits", "list", "{ ...value, now_ms: value.now_ms - 8 * 86400000 }").await;
    phone.signal(false).await;
    phone.0.open(&hamlets.url("/visits")).await;
    phone.ready().await;
    phone.says("#screen", "quá 7 ngày").await;
    assert!(!phone.0.script_async(kept).await.to_string().contains("Trần Văn Bình"));
    phone.signal(true).await;
    phone.taps("[data-area='A']").await;
    phone.says(".field-count", "0 / 14 hộ").await;
    // Taken off by hand; and when another signs in.
    phone.goes("#menu").await;
    phone.shows("#drop").await;
    phone.taps("#drop").await;
    phone.says("#screen", "Chọn thôn").await;
    assert!(!phone.0.script_async(kept).await.to_string().contains("Nguyễn Văn"));
    phone.taps("[data-area='A']").await;
    phone.shows("#houses .field-row").await;
    phone.sign_in(&hamlets.url(""), "/visits", "truong-thon").await;
    phone.says("#houses", "Trần Văn Bình").await;
    assert!(!phone.0.script_async(kept).await.to_string().contains("Nguyễn Văn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_empties_the_phone_of_every_app_and_never_loses_work() {
    let hamlets = Hamlets::start(&[("can-bo", &[Role::Officer], &["A"])]).await;
    let phone = Phone::in_the_hamlet(&hamlets, "can-bo").await;
    // The crew's app on the same phone holds something that was not sent.
    phone.0.open(&hamlets.url("/crew")).await;
    phone.ready().await;
    let hold = "const done = arguments[0]; const request = indexedDB.open('phanloai-crew');
        request.onsuccess = () => { const transaction = request.result.transaction('outbox', 'readwrite');
            transaction.objectStore('outbox').add({ id: 'x', state: 'STATE', tried: 1, version: 1, made_ms: 1, account: 'to-khac',
                about: { kind: 'void', household: 'TM-0001' }, path: '/', body: { id: 'x' } });
            transaction.oncomplete = () => { request.result.close(); done(true); }; };";
    phone.0.script_async(&hold.replace("STATE", "waiting")).await;
    phone.0.open(&hamlets.url("/visits")).await;
    phone.ready().await;
    phone.goes("#leave").await;
    phone.shows("#sign-out").await;
    phone.0.click("#sign-out").await;
    phone.is("location.pathname === '/crew'").await;
    phone.says("#screen", "TM-0001").await;
    phone.changes_items("phanloai-crew", "{ ...item, state: 'sent' }").await;
    phone.0.open(&hamlets.url("/visits")).await;
    phone.ready().await;
    phone.signal(false).await;
    phone.tries("TM-0004").await;
    phone.goes("#leave").await;
    phone.says("#screen", "Còn 1 phiếu").await;
    assert_eq!(phone.0.script("return document.querySelectorAll('#sign-out').length", &[]).await, 0);
    phone.signal(true).await;
    phone.sent().await;
    // From any other page, too, signing out leads through an app.
    phone.signs_out_of(&hamlets.url("/")).await;
    assert_eq!(hamlets.stated().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_or_a_version_that_ended_keeps_the_visits_and_sends_them_afterwards() {
    let hamlets = Hamlets::with_a_visitor().await;
    let phone = Phone::in_the_hamlet(&hamlets, "truong-thon").await;
    assert!(hamlets.store.set_password("truong-thon", &hash_password(PASSWORD).unwrap(), None).await.unwrap());
    phone.records("TM-0004", &["sorting", "sorting"]).await;
    phone.says("#sync", "cần đăng nhập lại").await;
    phone.says("#sync", "1 chờ gửi").await;
    // Of an app that this server does not take any more, and dated by a clock that was set ahead.
    let tomorrow = today() + 1;
    let change = format!("{{ ...item, version: 0, tried: 0, body: {{ ...item.body, on: '{tomorrow}' }} }}");
    phone.changes_items("phanloai-visits", &change).await;
    phone.sign_in(&hamlets.url(""), "/visits", "truong-thon").await;
    phone.says("#sync", "cần cập nhật").await;
    assert!(hamlets.stated().await.is_empty());
    phone.changes_items("phanloai-visits", "{ ...item, version: 1 }").await;
    phone.meets().await;
    phone.sent().await;
    let stated = hamlets.stated().await;
    assert!(
        matches!(stated[..], [Operation { statement: Statement::Visit { on, .. }, .. }] if on == today()),
        "{stated:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_pages_of_forms_work_without_scripts_on_a_telephone() {
    let hamlets = Hamlets::start(&[("can-bo", &[Role::Officer], &[])]).await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    browser.open(&hamlets.url("/sign-in?next=/visits")).await;
    browser.fill("input[name=name]", "can-bo").await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.follow("form.stack button").await;
    browser.says("h1", "Chọn thôn").await;
    browser.follow(".field-list li:nth-child(2) .field-row").await;
    browser.says(".field-count", "0 / 14 hộ").await;
    assert!(width_to_spare(&browser).await >= 0, "the list is wider than the screen");
    browser.follow(".field-list li:nth-child(3) .field-row").await;
    browser.says("h1", "Nguyễn Văn 4").await;
    assert!(width_to_spare(&browser).await >= 0, "the household is wider than the screen");
    browser.click("input[name=stream-food][value='sorting:compost']").await;
    browser.click("input[name=stream-recyclable][value='declared:sold']").await;
    browser.follow("form[action='/visits/results'] button").await;
    browser.says(".field-count", "1 / 14 hộ").await;
    browser.follow(".field-list li:nth-child(3) .field-row").await;
    browser.says("h1", "Đặng Thị Hường").await;
    browser.follow("form[action='/visits/attempts'] button").await;
    browser.says(".field-parts", "Chưa gặp (1)").await;
    browser.follow(".field-parts li:nth-child(3) a").await;
    browser.follow(".field-list .field-row").await;
    browser.says("h1", "Nguyễn Văn 4").await;
    browser.follow("form[action='/visits/voids'] button").await;
    browser.says(".field-count", "0 / 14 hộ").await;
    assert_eq!((hamlets.stated().await.len(), hamlets.store.operations_of_kind("void").await.unwrap().len()), (4, 3));
}
