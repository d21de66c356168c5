//! The real program as a process, and what can be seen of it from outside.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::until;
use crate::support::{free_port, signal};

/// Lines of its log that are shown when something goes wrong.
const LOG_SHOWN: usize = 30;

/// `phanloai serve` with a configuration of its own, running or not; killed when dropped.
pub struct Service {
    name: String,
    config: PathBuf,
    log: PathBuf,
    http: SocketAddr,
    metrics: SocketAddr,
    child: Option<Child>,
}

impl Service {
    /// Writes the configuration of a service that does not run yet. `database` and `mqtt` are their sections' lines.
    pub fn new(folder: &Path, name: &str, database_url: &str, mqtt: &str) -> Self {
        let [http, metrics] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        let config = folder.join(format!("{name}.toml"));
        let text = format!(
            "[database]\nurl = \"{database_url}\"\n\n[mqtt]\n{mqtt}\n\n[http]\nlisten = \"{http}\"\n\n\
             [metrics]\nlisten = \"{metrics}\"\n\n[data]\ndir = \"{}\"\n",
            folder.join(name).display()
        );
        std::fs::write(&config, text).expect("a file in the temporary folder");
        let log = folder.join(format!("{name}.log"));
        Self { name: name.to_owned(), config, log, http, metrics, child: None }
    }

    /// The address of its pages, the same after each start.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Starts the process and returns at once.
    pub fn spawn(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.name);
        // A file that grows beyond a limit is a write that fails, not a signal that kills (tests of the full disk).
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_phanloai"), "serve", "--config"]);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).expect("a log file");
        command.arg(&self.config).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().expect("the program starts"));
    }

    /// Starts the process and returns when it is ready.
    pub async fn start(&mut self) {
        self.spawn();
        self.ready().await;
    }

    /// Waits until `/readyz` is green.
    pub async fn ready(&mut self) {
        let what = format!("{} is ready; its log ends:\n{}", self.name, self.log());
        let (http, name, log) = (self.http, self.name.clone(), self.log.clone());
        let child = self.child.as_mut().expect("it was started");
        until(&what, async || {
            if let Some(ended) = child.try_wait().expect("it can be asked") {
                panic!("{name} ended by itself ({ended}); its log ends:\n{}", tail(&log));
            }
            get(http, "/readyz").await.is_some_and(|(status, _)| status == 200).then_some(())
        })
        .await;
    }

    /// Waits until `/readyz` is red.
    pub async fn not_ready(&self) {
        until("/readyz is red", async || self.status("/readyz").await.filter(|status| *status == 503)).await;
    }

    /// Gives the status that a path answers with. `None`: no answer.
    pub async fn status(&self, path: &str) -> Option<u16> {
        get(self.http, path).await.map(|(status, _)| status)
    }

    /// Gives the JSON of a path that answers 200.
    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = get(self.http, path).await.expect("the service answers");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("the API answers in JSON")
    }

    /// Gives a counter.
    pub async fn counted(&self, name: &str) -> u64 {
        let (_, text) = get(self.metrics, "/metrics").await.expect("the metrics answer");
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no counter {name} in\n{text}"))
    }

    /// Gives the process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Gives the most memory that the process ever had resident, KiB (`proc_pid_status(5)`).
    pub fn greatest_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
        line.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// Kills the process with signal 9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it can be waited for");
        }
    }

    /// Stops the process in good order.
    pub async fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        signal(child.id(), "-TERM");
        let ended = until("the service stops", async || child.try_wait().expect("it can be asked")).await;
        assert!(ended.success(), "{} stops in good order: {ended}\n{}", self.name, self.log());
    }

    /// Runs another command of the program with this configuration.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phanloai"));
        command.args(arguments).arg("--config").arg(&self.config).env_clear().stdin(Stdio::null());
        command.output().expect("the program runs")
    }

    /// Gives the end of its log.
    pub fn log(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the log of {} ends:\n{}", self.name, self.log());
        }
        self.kill();
    }
}

fn tail(file: &Path) -> String {
    let text = std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_SHOWN)..].join("\n")
}

/// Asks for a path. `None`: nobody answers.
async fn get(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    let answer = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        // HTTP/1.0: the answer ends with the connection and comes in one piece.
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), answer).await.ok()?
}
