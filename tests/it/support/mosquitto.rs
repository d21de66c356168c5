//! A private Mosquitto: own free port, own directory, keeping its sessions on disk; gone when dropped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

const STARTING: Duration = Duration::from_secs(20);

/// A Mosquitto process, running or stopped, with its port and its saved sessions.
pub struct Mosquitto {
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Mosquitto {
    /// Starts one that lets everybody in.
    pub fn start() -> Self {
        Self::start_with("allow_anonymous true\n")
    }

    /// Starts one with these lines of configuration (access, TLS) beside those that every instance here has.
    pub fn start_with(config: &str) -> Self {
        let mut mosquitto = Self::stopped_with(config);
        mosquitto.restart();
        mosquitto
    }

    /// Makes one that does not run yet: its port answers nothing until [`Mosquitto::restart`].
    pub fn stopped() -> Self {
        Self::stopped_with("allow_anonymous true\n")
    }

    fn stopped_with(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = super::free_port();
        let path = dir.path().display();
        // Its own defaults, a window of 20 and Nagle's algorithm, slow a publisher down to 500 messages a second.
        let own = format!(
            "listener {port} 127.0.0.1\npersistence true\npersistence_location {path}/\nmax_queued_messages 0\n\
             max_inflight_messages 0\nset_tcp_nodelay true\nuser root\nlog_dest stderr\nlog_type all\nconnection_messages true\n"
        );
        std::fs::write(dir.path().join("mosquitto.conf"), own + config).unwrap();
        Self { dir, port, child: None }
    }

    /// `mqtt://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// The port it listens on, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it, if it does not run, and returns when it takes connections.
    pub fn restart(&mut self) {
        if self.child.is_some() {
            return;
        }
        let config = self.dir.path().join("mosquitto.conf");
        let mut child = Command::new(super::required("PHANLOAI_TEST_MOSQUITTO"))
            .arg("-c")
            .arg(&config)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (running, started) = mpsc::channel();
        std::thread::spawn(move || {
            let mut before = Vec::new();
            // Reads to the end, or Mosquitto would stop at a full pipe.
            for line in log.lines().map_while(Result::ok) {
                if before.len() < 50 {
                    before.push(line.clone());
                }
                if line.ends_with(" running") {
                    let _ = running.send(Ok(()));
                }
            }
            let _ = running.send(Err(before.join("\n")));
        });
        self.child = Some(child);
        started.recv_timeout(STARTING).expect("mosquitto says within 20 s that it runs").unwrap();
    }

    /// Stops it in good order: sessions and queued messages are saved.
    pub fn stop(&mut self) {
        self.end("-TERM");
    }

    /// Kills it: what was not saved is lost.
    pub fn kill(&mut self) {
        self.end("-KILL");
    }

    /// Kills it and deletes what it had saved, sessions included.
    pub fn kill_and_forget(&mut self) {
        self.kill();
        let _ = std::fs::remove_file(self.dir.path().join("mosquitto.db"));
    }

    fn end(&mut self, signal: &str) {
        if let Some(mut child) = self.child.take() {
            super::signal(child.id(), signal);
            child.wait().unwrap();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
