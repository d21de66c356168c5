//! Pages in a real Chromium, driven through its own private chromedriver.
//!
//! Owns: the WebDriver calls the tests need, and the flags that keep the browser from talking to anything but this
//! machine. Knows no page of the product.
//!
//! # Why
//! The WebDriver protocol is a dozen JSON requests to one known server, which answers plain HTTP/1.1. A client crate
//! would bring a second HTTP stack and its own TLS for it. The size, the colour scheme and scripts on or off are set
//! by DevTools commands, because a window cannot be made as narrow as a telephone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a single call may take; a page that needs longer is a finding.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How often an element that a new page replaced is looked for again.
const ATTEMPTS: usize = 5;

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Width of the page area, CSS pixels.
    pub width: u32,
    /// Height of the page area, CSS pixels.
    pub height: u32,
    /// Whether the reader prefers a dark colour scheme.
    pub dark: bool,
    /// Whether the page's scripts run.
    pub scripts: bool,
}

impl View {
    /// An office screen.
    pub const DESK: Self = Self { width: 1440, height: 900, dark: false, scripts: true };
    /// A small telephone.
    pub const PHONE: Self = Self { width: 360, height: 740, dark: false, scripts: true };
}

/// One browser with one page, closed with this value.
pub struct Browser {
    chromedriver: Child,
    driver: SocketAddr,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser with an empty profile, looking as `view` says.
    pub async fn start(view: View) -> Self {
        let browser = tokio::task::spawn_blocking(start_session).await.expect("the browser starts");
        browser.look(view).await;
        browser
    }

    /// Changes how the page is looked at; scripts on or off takes effect with the next page.
    pub async fn look(&self, view: View) {
        let View { width, height, dark, scripts } = view;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
    }

    /// Opens `url` and waits until the page has loaded.
    pub async fn open(&self, url: &str) {
        self.call("POST", "/url", json!({ "url": url })).await;
    }

    /// Gives the address of the page that is shown.
    pub async fn address(&self) -> String {
        text_of(self.call("GET", "/url", Value::Null).await)
    }

    /// Gives the visible text of the first element that matches `css`.
    pub async fn text(&self, css: &str) -> String {
        text_of(self.of_element(css, "GET", "text", Value::Null).await)
    }

    /// Waits until the first element that matches `css` shows a text with `part` in it; panics after ten seconds. Needs no scripts.
    pub async fn says(&self, css: &str, part: &str) {
        let mut shown = String::new();
        for _ in 0..200 {
            let found =
                self.script("return document.querySelector(arguments[0])?.innerText ?? ''", &[json!(css)]).await;
            shown = text_of(found);
            if shown.contains(part) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("`{css}` shows `{shown}`, not `{part}`");
    }

    /// Waits until the page's address ends so; panics after ten seconds.
    pub async fn arrives(&self, end: &str) {
        let mut address = String::new();
        for _ in 0..200 {
            address = self.address().await;
            if address.ends_with(end) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the page is `{address}`, not `…{end}`");
    }

    /// Clicks the first element that matches `css`.
    pub async fn click(&self, css: &str) {
        self.of_element(css, "POST", "click", json!({})).await;
    }

    /// Clicks a link or a form's button and waits for the page that it leads to; panics after ten seconds. Needs no scripts.
    ///
    /// # Why
    /// The driver waits for a page only when its loading has begun by the end of the click; what is read before that
    /// is the old page's.
    pub async fn follow(&self, css: &str) {
        self.script("window.left = true", &[]).await;
        self.click(css).await;
        let there = json!({ "script": "return !window.left && document.readyState === 'complete'", "args": [] });
        for _ in 0..200 {
            // Between two pages there is none that could answer.
            if self.try_call("POST", "/execute/sync", there.clone()).await == Ok(json!(true)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("`{css}` leads to no other page");
    }

    /// Types `text` into the first element that matches `css`.
    pub async fn fill(&self, css: &str, text: &str) {
        self.of_element(css, "POST", "value", json!({ "text": text })).await;
    }

    /// Runs the body of a function in the page, `arguments` and `return` as usual, and gives what it returns.
    /// Works with the page's own scripts off, too.
    pub async fn script(&self, body: &str, arguments: &[Value]) -> Value {
        self.call("POST", "/execute/sync", json!({ "script": body, "args": arguments })).await
    }

    /// Runs the body of a function in the page, which calls its first argument with what it gives.
    pub async fn script_async(&self, body: &str) -> Value {
        self.call("POST", "/execute/async", json!({ "script": body, "args": [] })).await
    }

    /// Waits until the expression `condition` is true in the page; panics after ten seconds. Needs scripts.
    pub async fn wait_until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[0], end = performance.now() + 10000;
             (function look() {{
                if ({condition}) return done(true);
                if (performance.now() > end) return done(false);
                setTimeout(look, 20);
             }})();"
        );
        let seen = self.call("POST", "/execute/async", json!({ "script": script, "args": [] })).await;
        assert_eq!(seen, Value::Bool(true), "not within 10 s: {condition}");
    }

    /// Writes what is in view to `file`, as PNG.
    pub async fn screenshot(&self, file: &Path) {
        write_png(file, self.call("GET", "/screenshot", Value::Null).await);
    }

    /// Writes the whole page, down to its end, to `file`, as PNG.
    pub async fn screenshot_whole(&self, file: &Path) {
        let mut answer = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        write_png(file, answer["data"].take());
    }

    /// Gives the errors the page wrote to the console since the last call: failed scripts and loads, refusals by the
    /// content security policy.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.call("POST", "/se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().expect("a list of log entries");
        let errors = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| text_of(entry["message"].clone())).collect()
    }

    /// Gives the addresses the page asked for since the last call, whether or not they answered.
    pub async fn requests(&self) -> Vec<String> {
        let entries = self.call("POST", "/se/log", json!({ "type": "performance" })).await;
        let entries = entries.as_array().expect("a list of log entries").iter();
        let messages = entries.map(|entry| {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().expect("a text")).expect("JSON in the log");
            message["message"].clone()
        });
        let sent = messages.filter(|message| message["method"] == "Network.requestWillBeSent");
        sent.map(|message| text_of(message["params"]["request"]["url"].clone())).collect()
    }

    /// Sends a DevTools command and gives its answer.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.call("POST", "/goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn element(&self, css: &str) -> String {
        let found = self.call("POST", "/element", json!({ "using": "css selector", "value": css })).await;
        // The key is fixed by the WebDriver recommendation, section 12.
        text_of(found["element-6066-11e4-a52e-4f735466cecf"].clone())
    }

    /// Asks the first element that matches `css`; once more when a new page took its place meanwhile.
    async fn of_element(&self, css: &str, method: &'static str, what: &str, body: Value) -> Value {
        for _ in 1..ATTEMPTS {
            let element = self.element(css).await;
            match self.try_call(method, &format!("/element/{element}/{what}"), body.clone()).await {
                Err(error) if error.contains("stale element") => {}
                answer => return answer.unwrap_or_else(|error| panic!("{error}")),
            }
        }
        let element = self.element(css).await;
        self.call(method, &format!("/element/{element}/{what}"), body).await
    }

    async fn call(&self, method: &'static str, path: &str, body: Value) -> Value {
        self.try_call(method, path, body).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn try_call(&self, method: &'static str, path: &str, body: Value) -> Result<Value, String> {
        let (driver, path) = (self.driver, format!("/session/{}{path}", self.session));
        tokio::task::spawn_blocking(move || request(driver, method, &path, &body))
            .await
            .expect("the call does not panic")
    }
}

impl Drop for Browser {
    /// Ends the session, which ends Chromium, and then the driver.
    fn drop(&mut self) {
        // A failure here has nothing left to spoil: the driver is killed in any case.
        drop(request(self.driver, "DELETE", &format!("/session/{}", self.session), &Value::Null));
        drop(self.chromedriver.kill());
        drop(self.chromedriver.wait());
    }
}

fn start_session() -> Browser {
    let profile = tempfile::tempdir().expect("a temporary directory");
    let mut chromedriver = Command::new(super::required("PHANLOAI_TEST_CHROMEDRIVER"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let mut output = BufReader::new(chromedriver.stdout.take().expect("its output is a pipe")).lines();
    let port = output
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
        .expect("chromedriver says its port");
    // Read on, so that the pipe never fills.
    std::thread::spawn(move || output.for_each(drop));
    let driver = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let answer = request(driver, "POST", "/session", &capabilities(profile.path()));
    let session = match answer {
        Ok(answer) => text_of(answer["sessionId"].clone()),
        Err(error) => {
            // Half a session: asking the driver to stop ends a Chromium that came up late, too.
            drop(request(driver, "GET", "/shutdown", &Value::Null));
            drop(chromedriver.kill());
            drop(chromedriver.wait());
            panic!("{error}")
        }
    };
    Browser { chromedriver, driver, session, _profile: profile }
}

fn capabilities(profile: &Path) -> Value {
    let flags = [
        "--headless=new".to_owned(),
        // Root may not use the sandbox; only pages of our own are opened.
        "--no-sandbox".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        // No other machine is reached, whatever a page asks for.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1".to_owned(),
        "--hide-scrollbars".to_owned(),
        "--force-color-profile=srgb".to_owned(),
        "--font-render-hinting=none".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    // An empty page at the start: the browser's own asks for hundreds of things, and its errors would count as the page's.
    let start = json!({ "session": { "restore_on_startup": 4, "startup_urls": ["about:blank"] } });
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "timeouts": { "script": 30_000, "pageLoad": 30_000, "implicit": 10_000 },
        "goog:chromeOptions": { "binary": super::required("PHANLOAI_TEST_CHROMIUM"), "args": flags, "prefs": start },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    } } })
}

/// Sends one WebDriver request and gives the `value` of the answer, or what went wrong in words.
fn request(driver: SocketAddr, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let said = |what: &str| format!("chromedriver, {method} {path}: {what}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = exchange(driver, method, path, &body).map_err(|error| said(&error.to_string()))?;
    let mut answer: Value = serde_json::from_str(&answer).map_err(|error| said(&error.to_string()))?;
    match answer["value"]["error"].as_str() {
        Some(error) => Err(said(&format!("{error}: {}", answer["value"]["message"]))),
        None => Ok(answer["value"].take()),
    }
}

fn exchange(driver: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&driver, CALL_TIMEOUT)?;
    stream.set_read_timeout(Some(CALL_TIMEOUT))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {driver}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    // Chromedriver gives the length of every answer and keeps the connection open.
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut answer = String::new();
    stream.take(length).read_to_string(&mut answer)?;
    Ok(answer)
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("expected a text, got {other}"),
    }
}

fn write_png(file: &Path, base64: Value) {
    let png = base64::engine::general_purpose::STANDARD.decode(text_of(base64)).expect("base64 of a picture");
    std::fs::write(file, png).expect("the picture can be written");
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "data:text/html;charset=utf-8,<!doctype html><meta name=viewport content='width=device-width'>\
        <style>body{font:20px sans-serif} @media(prefers-color-scheme:dark){body{background:black;color:white}} \
        %23tall{height:2000px}</style><h1>Hộ thực hiện phân loại</h1><p id=state>chưa chạy</p><button \
        onclick=\"state.textContent='đã bấm'\">Bấm</button><input id=name><div id=tall></div>\
        <script>state.textContent='đã chạy'; setTimeout(()=>document.title='xong',50)</script>";

    #[tokio::test]
    async fn a_page_is_read_clicked_filled_and_awaited() {
        let browser = Browser::start(View::PHONE).await;
        browser.open(PAGE).await;
        assert_eq!(browser.text("h1").await, "Hộ thực hiện phân loại");
        assert_eq!(browser.text("#state").await, "đã chạy");
        browser.wait_until("document.title === 'xong'").await;
        browser.click("button").await;
        assert_eq!(browser.text("#state").await, "đã bấm");
        browser.fill("#name", "Thôn Đông").await;
        let name = browser.script("return document.querySelector(arguments[0]).value", &[json!("#name")]).await;
        assert_eq!(name, "Thôn Đông");
        assert_eq!(browser.script("return innerWidth", &[]).await, 360);
    }

    #[tokio::test]
    async fn scripts_and_colour_scheme_are_the_views() {
        let browser = Browser::start(View { dark: true, scripts: false, ..View::DESK }).await;
        browser.open(PAGE).await;
        assert_eq!(browser.text("#state").await, "chưa chạy");
        let colour = browser.script("return getComputedStyle(document.body).backgroundColor", &[]).await;
        assert_eq!(colour, "rgb(0, 0, 0)");
        browser.look(View::DESK).await;
        browser.open(PAGE).await;
        assert_eq!(browser.text("#state").await, "đã chạy");
    }

    #[tokio::test]
    async fn what_the_page_asks_for_and_fails_at_is_known() {
        let browser = Browser::start(View::DESK).await;
        browser.open("data:text/html,<img src='https://example.org/a.png'><script>missing()</script>").await;
        let errors = browser.console_errors().await;
        assert!(errors.iter().any(|error| error.contains("missing is not defined")), "{errors:?}");
        assert!(errors.iter().any(|error| error.contains("ERR_NAME_NOT_RESOLVED")), "{errors:?}");
        assert!(browser.requests().await.contains(&"https://example.org/a.png".to_owned()));
        assert!(browser.console_errors().await.is_empty());
    }

    #[tokio::test]
    async fn pictures_have_the_views_size_and_the_pages_length() {
        let directory = tempfile::tempdir().unwrap();
        let (seen, whole) = (directory.path().join("seen.png"), directory.path().join("whole.png"));
        let browser = Browser::start(View::PHONE).await;
        browser.open(PAGE).await;
        browser.screenshot(&seen).await;
        browser.screenshot_whole(&whole).await;
        assert_eq!(size_of_png(&seen), (360, 740));
        let (width, height) = size_of_png(&whole);
        assert_eq!(width, 360);
        assert!(height > 2000, "{height}");
    }

    /// Width and height stand in the first chunk, big endian.
    fn size_of_png(file: &Path) -> (u32, u32) {
        let png = std::fs::read(file).unwrap();
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }
}
