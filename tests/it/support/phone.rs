//! A phone with one of the site's apps: a browser of its size, a signal that can be cut, and waiting for what it says.

use serde_json::{Value, json};

use super::chromium::{Browser, View};
use crate::faults::until;

/// The password of every account of these tests.
pub const PASSWORD: &str = "mat khau thu";

/// Somebody's phone.
pub struct Phone(pub Browser);

impl Phone {
    pub async fn start() -> Self {
        Self(Browser::start(View::PHONE).await)
    }

    /// Signs in and waits until the app is on the phone.
    pub async fn sign_in(&self, site: &str, app: &str, name: &str) {
        self.0.open(&format!("{site}/sign-in?next={app}")).await;
        self.0.fill("input[name=name]", name).await;
        self.0.fill("input[name=password]", PASSWORD).await;
        self.0.click("form.stack button").await;
        self.ready().await;
    }

    pub async fn ready(&self) {
        self.is("document.documentElement.dataset.ready !== undefined").await;
    }

    /// Waits until an expression holds, over changes of the page.
    pub async fn is(&self, condition: &str) {
        let script = format!("return !!({condition})");
        until(condition, async || (self.0.script(&script, &[]).await == Value::Bool(true)).then_some(())).await;
    }

    pub async fn shows(&self, css: &str) {
        self.is(&format!("document.querySelector({css:?})")).await;
    }

    pub async fn says(&self, css: &str, text: &str) {
        self.is(&format!("document.querySelector({css:?})?.innerText.replaceAll('\\u00a0', ' ').includes({text:?})"))
            .await;
    }

    pub async fn sent(&self) {
        self.says("#sync", "Đã gửi hết").await;
    }

    pub async fn signal(&self, there: bool) {
        let conditions = json!({ "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.0.devtools("Network.enable", json!({})).await;
        self.0.devtools("Network.emulateNetworkConditions", conditions).await;
        if there {
            self.meets().await;
        }
    }

    /// Lets the app look for the server now.
    pub async fn meets(&self) {
        self.0.script("dispatchEvent(new Event('online'))", &[]).await;
    }

    /// Taps what a selector finds, though what was said last may lie over it for some seconds.
    pub async fn taps(&self, css: &str) {
        self.shows(css).await;
        self.0.script("document.querySelector(arguments[0]).click()", &[json!(css)]).await;
    }

    /// Goes to a screen.
    pub async fn goes(&self, hash: &str) {
        self.0.script("location.hash = arguments[0]", &[json!(hash)]).await;
    }

    /// Signs out on another page, which leads through the app, and looks that nothing is left of any.
    pub async fn signs_out_of(&self, page: &str) {
        self.0.open(page).await;
        self.0.click("header form button").await;
        self.shows("#sign-out").await;
        self.0.click("#sign-out").await;
        self.is("location.pathname === '/'").await;
        let left = "const done = arguments[0]; (async () => {
            const bases = (await indexedDB.databases()).map((base) => base.name);
            const workers = (await navigator.serviceWorker.getRegistrations()).length;
            done([bases.length, (await caches.keys()).length, workers, localStorage.length]);
        })();";
        assert_eq!(self.0.script_async(left).await, json!([0, 0, 0, 0]));
    }

    /// Changes what the app keeps beside its outbox: `change` is an expression over `value`.
    pub async fn changes_kept(&self, base: &str, name: &str, change: &str) {
        let script = format!(
            "const done = arguments[0]; const request = indexedDB.open('{base}');
             request.onsuccess = () => {{
                const transaction = request.result.transaction('kept', 'readwrite');
                const store = transaction.objectStore('kept');
                store.get('{name}').onsuccess = (event) => {{ const value = event.target.result; store.put({change}, '{name}'); }};
                transaction.oncomplete = () => {{ request.result.close(); done(true); }};
             }};"
        );
        assert_eq!(self.0.script_async(&script).await, json!(true));
    }

    /// Changes every item of the outbox: `change` is an expression over `item`.
    pub async fn changes_items(&self, base: &str, change: &str) {
        let script = format!(
            "const done = arguments[0]; const request = indexedDB.open('{base}');
             request.onsuccess = () => {{
                const transaction = request.result.transaction('outbox', 'readwrite');
                const store = transaction.objectStore('outbox');
                store.getAll().onsuccess = (event) => {{ for (const item of event.target.result) store.put({change}); }};
                transaction.oncomplete = () => {{ request.result.close(); done(true); }};
             }};"
        );
        assert_eq!(self.0.script_async(&script).await, json!(true));
    }
}

pub async fn width_to_spare(browser: &Browser) -> i64 {
    let spare = browser.script("return innerWidth - document.documentElement.scrollWidth", &[]).await;
    spare.as_i64().unwrap()
}
