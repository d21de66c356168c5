//! A PostgreSQL server of a test's own, to be stopped, killed and started while others use it.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

/// A server with its data, running or stopped; gone when dropped.
pub struct PostgresServer {
    // Before the folder, which is deleted last.
    child: Option<Child>,
    programs: PathBuf,
    /// PostgreSQL refuses to run as root. `None`: the test does not run as root.
    user: Option<(u32, u32)>,
    port: u16,
    folder: TempDir,
}

impl PostgresServer {
    /// Makes a server that lets everybody on this machine in, and starts it.
    pub async fn start() -> Self {
        let programs = PathBuf::from(super::required("PHANLOAI_TEST_POSTGRES_BIN"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let user = (id("-u", None) == 0).then(|| {
            let name = ["postgres", "nobody"].into_iter().find(|name| known(name)).expect("a user that is not root");
            (id("-u", Some(name)), id("-g", Some(name)))
        });
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("root may give files away");
        }
        let mut server = Self { child: None, programs, user, port: super::free_port(), folder };
        let made = server
            .program("initdb")
            .args(["--username=phanloai", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("-D")
            .arg(server.data())
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb makes a data directory");
        server.restart().await;
        server
    }

    /// `postgres://…`, the same after a restart.
    pub fn url(&self) -> String {
        format!("postgres://phanloai@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it, if it does not run, and returns when it answers.
    pub async fn restart(&mut self) {
        if self.child.is_some() {
            return;
        }
        let folder = self.folder.path().display().to_string();
        // fsync stays on: what is committed must outlive a crash.
        self.child = Some(
            self.program("postgres")
                .args(["-D", &format!("{folder}/data"), "-p", &self.port.to_string(), "-k", &folder])
                .args(["-c", "listen_addresses=127.0.0.1"])
                .stderr(Stdio::null())
                .spawn()
                .expect("postgres starts"),
        );
        let began = tokio::time::Instant::now();
        while let Err(error) = PgConnection::connect(&self.url()).await.map(drop) {
            assert!(began.elapsed().as_secs() < 60, "PostgreSQL answers within a minute: {error}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Ends it in good order, without waiting for who is connected.
    pub fn stop(&mut self) {
        self.end("-INT");
    }

    /// Ends it as a crash would: its log has to be replayed at the next start.
    pub fn crash(&mut self) {
        self.end("-QUIT");
    }

    fn end(&mut self, signal: &str) {
        if let Some(mut child) = self.child.take() {
            super::signal(child.id(), signal);
            child.wait().expect("it can be waited for");
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command.env_clear().env("LANG", "C.UTF-8").current_dir("/").stdin(Stdio::null());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.end("-QUIT");
    }
}

fn known(user: &str) -> bool {
    Command::new("id").arg(user).output().is_ok_and(|output| output.status.success())
}

fn id(what: &str, user: Option<&str>) -> u32 {
    let output = Command::new("id").arg(what).args(user).output().expect("id runs");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}
