//! A private Mosquitto, quiet and with an empty memory; gone when dropped.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running Mosquitto.
pub struct Mosquitto {
    child: Child,
    /// Its port on the loopback address.
    pub port: u16,
    _folder: TempDir,
}

impl Mosquitto {
    /// Starts one. The program is `PHANLOAI_TEST_MOSQUITTO`, or where Debian keeps it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a free port").port();
        let config = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\n\
             max_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\nuser root\nlog_dest stderr\nlog_type information\n",
            folder.path().display()
        );
        let file = folder.path().join("mosquitto.conf");
        std::fs::write(&file, config).expect("a file in the temporary folder");
        let program = crate::setting("PHANLOAI_TEST_MOSQUITTO").unwrap_or_else(|| "/usr/sbin/mosquitto".to_owned());
        let mut child = Command::new(&program)
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {program}: {error}; install Mosquitto"));
        let mut log = BufReader::new(child.stderr.take().expect("its errors are piped")).lines().map_while(Result::ok);
        assert!(log.any(|line| line.ends_with(" running")), "mosquitto says that it runs");
        // Reads to the end, or Mosquitto would stop at a full pipe.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, port, _folder: folder }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
