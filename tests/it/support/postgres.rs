//! A fresh PostgreSQL database for each test.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// An empty database of its own, dropped with this value, whoever is still connected.
pub struct Database {
    /// `postgres://…` of this database, for a user who may do everything in it.
    pub url: String,
    name: String,
}

impl Database {
    /// Creates an empty database on the server that `PHANLOAI_TEST_POSTGRES` names.
    pub async fn create() -> Self {
        let server = server_url();
        let name = unique_name();
        // `template0`, which nobody can be connected to: creating from the other template fails while someone is.
        execute(&server, format!("create database {name} template template0")).await;
        let (host, _) = server.rsplit_once('/').expect("a URL with a database name");
        Self { url: format!("{host}/{name}"), name }
    }
}

impl Drop for Database {
    /// Drops the database from a thread with its own runtime: the test's may be gone or busy.
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(execute(&server_url(), statement));
        })
        .join();
        if dropped.is_err() && !std::thread::panicking() {
            panic!("the test database {} could not be dropped", self.name);
        }
    }
}

fn server_url() -> String {
    super::required("PHANLOAI_TEST_POSTGRES")
}

#[expect(clippy::disallowed_methods, reason = "names must differ between tests, processes and runs")]
fn unique_name() -> String {
    format!("test_{:016x}", rand::random::<u64>())
}

async fn execute(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.expect("PostgreSQL of PHANLOAI_TEST_POSTGRES answers");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("the statement is right");
    connection.close().await.expect("the connection closes");
}

#[tokio::test]
async fn a_test_database_is_empty_and_gone_afterwards() {
    let (first, second) = (Database::create().await, Database::create().await);
    assert_ne!(first.url, second.url);
    let mut connection = PgConnection::connect(&first.url).await.unwrap();
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'public'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(tables, 0);
    // Dropped although `connection` is still open.
    let url = first.url.clone();
    drop(first);
    assert!(PgConnection::connect(&url).await.is_err());
    assert!(PgConnection::connect(&second.url).await.is_ok());
}
