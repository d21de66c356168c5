//! Pages over TLS, with a certificate authority of the test's own, and behind a proxy.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use phanloai::domain::register::{Commune, Register};
use phanloai::domain::rules::Rules;
use phanloai::domain::time::{Clock, Instant, LocalDay, Zone};
use phanloai::store::{Account, Replayed, Role, Store, hash_password};
use phanloai::tls::{Certificate, PemFiles};
use phanloai::web::{self, Door, Live, Readiness, Settings, Web};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::certificates::make_certificates;
use crate::support::{free_port, signal};

/// How long anything here may take.
const LONG: Duration = Duration::from_secs(30);

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::from_ms(1_795_399_200_000)
    }
}

fn files(folder: &Path) -> PemFiles {
    let (cert_file, key_file) = (folder.join("cert.pem"), folder.join("key.pem"));
    PemFiles { cert_file, key_file, protocols: &["http/1.1"] }
}

struct Server {
    address: SocketAddr,
    live: broadcast::Sender<Live>,
    certificate: Option<Arc<Certificate>>,
    folder: TempDir,
    _channels: (watch::Sender<Arc<Commune>>, watch::Sender<Arc<Register>>, watch::Sender<Readiness>),
}

impl Server {
    async fn start(tls: bool, settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("https.db").display())).await.unwrap();
        let account =
            Account { name: "can-bo".into(), roles: [Role::Officer].into(), areas: Vec::new(), enabled: true };
        store.add_account(&account, Some(&hash_password("mat khau thu").unwrap()), Stopped.now()).await.unwrap();
        let commune = Commune {
            code: "11779".into(),
            name: "xã Thử Nghiệm".into(),
            zone: Zone::named("Asia/Ho_Chi_Minh").unwrap(),
            simulated: true,
            streams: Vec::new(),
            targets: Vec::new(),
            rules: vec![Rules::standard("1", LocalDay::from_number(0))],
            assumptions: Default::default(),
            contact: String::new(),
        };
        let (communes, commune) = watch::channel(Arc::new(commune));
        let (registers, register) = watch::channel(Arc::new(Register::build(Vec::new())));
        let (readies, ready) = watch::channel(Readiness { database: true, broker: true, catch_up: None });
        let live = broadcast::channel(16).0;
        let web = Web {
            store,
            clock: Arc::new(Stopped),
            commune,
            register,
            live: live.clone(),
            ready,
            alerts: watch::channel(phanloai::store::AlertCounts::default()).0,
            replay: Arc::new(|_, _| Box::pin(async { Ok(Replayed::Unknown) })),
            settings,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut certificate = None;
        let door = if tls {
            make_certificates(folder.path());
            let opened = Arc::new(Certificate::open(files(folder.path())).unwrap());
            certificate = Some(Arc::clone(&opened));
            Door::tls(listener, opened).unwrap()
        } else {
            Door::from(listener)
        };
        tokio::spawn(web::serve(door, web, std::future::pending()));
        Self { address, live, certificate, folder, _channels: (communes, registers, readies) }
    }

    fn secure() -> Settings {
        Settings { public_origin: None, secure: true, trusted_proxies: Vec::new() }
    }
}

/// Shakes hands as a browser that trusts one authority.
async fn connect(address: SocketAddr, authority: &Path) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    tokio::time::timeout(LONG, TlsConnector::from(Arc::new(config)).connect(name, stream)).await?
}

fn request(method: &str, path: &str, more: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nContent-Length: {}\r\n{more}\r\n{body}",
        body.len()
    )
}

fn form(path: &str, more: &str, body: &str) -> String {
    request(
        "POST",
        path,
        &format!("Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n{more}"),
        body,
    )
}

/// Sends a request and gives all that comes until `end` stands in it, or the connection ends.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str, end: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = String::new();
    let mut chunk = [0_u8; 4096];
    while end.is_empty() || !answer.contains(end) {
        match tokio::time::timeout(LONG, stream.read(&mut chunk)).await.expect("an answer in time") {
            Ok(0) | Err(_) => break,
            Ok(bytes) => answer.push_str(&String::from_utf8_lossy(&chunk[..bytes])),
        }
    }
    answer
}

async fn over_tls(server: &Server, request: &str) -> String {
    let mut stream = connect(server.address, &server.folder.path().join("ca.pem")).await.unwrap();
    ask(&mut stream, request, "").await
}

const SIGN_IN: &str = "name=can-bo&password=mat+khau+thu&next=%2Fhouseholds";

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_one_signs_in_with_a_cookie_bound_to_the_host_and_hears_events() {
    let server = Server::start(true, Server::secure()).await;
    let front = over_tls(&server, &request("GET", "/definitions", "Connection: close\r\n", "")).await;
    assert!(front.starts_with("HTTP/1.1 200") && front.contains("strict-transport-security: max-age="), "{front}");
    let signed = over_tls(&server, &form("/sign-in", "Origin: https://localhost\r\n", SIGN_IN)).await;
    assert!(signed.starts_with("HTTP/1.1 303") && signed.contains("location: /households"), "{signed}");
    let cookie = signed.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.starts_with("__Host-session=") && cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let list =
        over_tls(&server, &request("GET", "/households", &format!("Cookie: {cookie}\r\nConnection: close\r\n"), ""))
            .await;
    assert!(list.starts_with("HTTP/1.1 200"), "{list}");
    // Without the cookie, back to the sign-in, on the same host and scheme.
    let turned = over_tls(&server, &request("GET", "/households", "Connection: close\r\n", "")).await;
    assert!(turned.contains("location: /sign-in?next=/households"), "{turned}");
    let insecure = over_tls(&server, &form("/sign-out", "Origin: http://localhost\r\n", "")).await;
    assert!(insecure.starts_with("HTTP/1.1 403"), "{insecure}");

    let mut stream = connect(server.address, &server.folder.path().join("ca.pem")).await.unwrap();
    let head = ask(&mut stream, &request("GET", "/events", "", ""), "\r\n\r\n").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    server.live.send(Live::Figures).expect("the stream listens");
    let event = ask(&mut stream, "", "data:").await;
    assert!(event.contains("event: figures"), "{event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_says_nothing_keeps_nobody_out_and_plain_http_is_led_to_https() {
    let server = Server::start(true, Server::secure()).await;
    let silent: Vec<TcpStream> =
        futures_util::future::try_join_all((0..20).map(|_| TcpStream::connect(server.address))).await.unwrap();
    let front = over_tls(&server, &request("GET", "/healthz", "Connection: close\r\n", "")).await;
    assert!(front.starts_with("HTTP/1.1 200"), "{front}");
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    let answer = ask(&mut plain, &request("GET", "/tonnage?area=A", "", ""), "").await;
    assert!(
        answer.starts_with("HTTP/1.1 308") && answer.contains("Location: https://localhost/tonnage?area=A"),
        "{answer}"
    );
    let other = tempfile::tempdir().unwrap();
    make_certificates(other.path());
    assert!(connect(server.address, &other.path().join("ca.pem")).await.is_err(), "another authority");
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_without_dropping_a_connection_and_a_broken_one_is_not() {
    let server = Server::start(true, Server::secure()).await;
    let certificate = server.certificate.as_ref().unwrap();
    let old_authority = server.folder.path().join("old.pem");
    std::fs::copy(server.folder.path().join("ca.pem"), &old_authority).unwrap();
    let mut standing = connect(server.address, &old_authority).await.unwrap();
    let health = request("GET", "/healthz", "", "");
    assert!(ask(&mut standing, &health, "}").await.starts_with("HTTP/1.1 200"));
    assert_eq!(certificate.renew(), Ok(false), "nothing has changed");

    make_certificates(server.folder.path());
    assert_eq!(certificate.renew(), Ok(true));
    let fresh = over_tls(&server, &request("GET", "/healthz", "Connection: close\r\n", "")).await;
    assert!(fresh.starts_with("HTTP/1.1 200"));
    assert!(connect(server.address, &old_authority).await.is_err(), "new connections get the new one");
    assert!(ask(&mut standing, &health, "}").await.starts_with("HTTP/1.1 200"), "the old connection stands");

    let key = server.folder.path().join("key.pem");
    std::fs::write(&key, "nonsense").unwrap();
    let told = certificate.renew().unwrap_err().to_string();
    assert!(told.starts_with(&format!("{}: holds no private key", key.display())), "{told}");
    assert_eq!(certificate.renew(), Ok(false), "told once");
    let still = over_tls(&server, &request("GET", "/healthz", "Connection: close\r\n", "")).await;
    assert!(still.starts_with("HTTP/1.1 200"), "the good one stays in use");
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_with_its_file() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_certificates(one.path());
    make_certificates(other.path());
    let told = |files: PemFiles| Certificate::open(files).err().expect("it cannot be used").to_string();
    let good = files(one.path());
    let absent = told(PemFiles { cert_file: "/nowhere/cert.pem".into(), ..good.clone() });
    assert!(absent.starts_with("/nowhere/cert.pem: No such file"), "{absent}");
    let swapped = told(PemFiles { cert_file: good.key_file.clone(), ..good.clone() });
    assert!(swapped.contains("key.pem: holds no certificate"), "{swapped}");
    let keyless = told(PemFiles { key_file: good.cert_file.clone(), ..good.clone() });
    assert!(keyless.contains("cert.pem: holds no private key"), "{keyless}");
    let mixed = told(PemFiles { key_file: other.path().join("key.pem"), ..good });
    assert!(mixed.contains("the key is not the certificate's"), "{mixed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_cookies_are_secure_and_the_real_address_is_counted() {
    let settings = Settings {
        public_origin: Some("https://rac.example".into()),
        secure: true,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
    };
    let server = Server::start(false, settings).await;
    let sign_in = async |from: &str, origin: &str, body: &str| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let more = format!("X-Forwarded-For: 198.51.100.7, {from}\r\nX-Forwarded-Proto: https\r\nOrigin: {origin}\r\n");
        ask(&mut stream, &form("/sign-in", &more, body), "").await
    };
    let wrong = SIGN_IN.replace("thu", "sai");
    for _ in 0..5 {
        assert!(sign_in("203.0.113.1", "https://rac.example", &wrong).await.starts_with("HTTP/1.1 401"));
    }
    // What the client itself wrote before the proxy's entry changes nothing.
    let locked = sign_in("203.0.113.1", "https://rac.example", SIGN_IN).await;
    assert!(locked.starts_with("HTTP/1.1 429"), "{locked}");
    let signed = sign_in("203.0.113.2", "https://rac.example", SIGN_IN).await;
    assert!(signed.starts_with("HTTP/1.1 303") && signed.contains("set-cookie: __Host-session="), "{signed}");
    let foreign = sign_in("203.0.113.3", "https://localhost", SIGN_IN).await;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
}

/// `phanloai serve` as a process; killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, as one with a bad certificate does.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const COMMUNE: &str = "[commune]\ncode = \"11779\"\nname = \"xã Thử\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n\n\
    [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nname_en = \"Food\"\nrequired = true\ncolour = \"#009E73\"\nicon = \"leaf\"\n";

/// Writes the settings of a service with TLS into a folder and gives the address of its pages.
fn settle(folder: &Path) -> SocketAddr {
    let [http, metrics, mqtt] = [(); 3].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
    std::fs::write(folder.join("commune.toml"), COMMUNE).unwrap();
    let place = folder.display();
    let text = format!(
        "[database]\nurl = \"sqlite://{place}/serve.db\"\n[mqtt]\nlisten = \"{mqtt}\"\n[commune]\nfile = \"{place}/commune.toml\"\n\
         [metrics]\nlisten = \"{metrics}\"\n[http]\nlisten = \"{http}\"\ntls_cert = \"{place}/cert.pem\"\ntls_key = \"{place}/key.pem\"\n"
    );
    std::fs::write(folder.join("phanloai.toml"), text).unwrap();
    http
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phanloai"));
    command
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Asks again until the answer is there.
async fn until<T>(what: &str, found: impl AsyncFn() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = found().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LONG, asking).await.unwrap_or_else(|_| panic!("{what}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_serves_https_reads_the_certificate_again_when_hung_up_and_refuses_a_bad_one() {
    let folder = tempfile::tempdir().unwrap();
    make_certificates(folder.path());
    let address = settle(folder.path());
    let first_authority = folder.path().join("first.pem");
    std::fs::copy(folder.path().join("ca.pem"), &first_authority).unwrap();
    let process = Process(program(folder.path(), &["serve"]).stderr(Stdio::null()).spawn().unwrap());
    until("it serves", async || connect(address, &first_authority).await.ok()).await;
    let mut adding =
        program(folder.path(), &["user", "add", "quan-tri", "--role", "admin"]).stdin(Stdio::piped()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all("mat khau thu\n".as_bytes()).unwrap();
    assert!(adding.wait().unwrap().success());
    let mut stream = connect(address, &first_authority).await.unwrap();
    let signed = ask(&mut stream, &form("/sign-in", "", "name=quan-tri&password=mat+khau+thu&next=%2Fusers"), "").await;
    assert!(signed.contains("location: /users") && signed.contains("set-cookie: __Host-session="), "{signed}");
    let refused = program(folder.path(), &["user", "disable", "quan-tri"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("last administrator"), "{refused:?}");

    make_certificates(folder.path());
    signal(process.0.id(), "-HUP");
    until("the new certificate is taken", async || connect(address, &folder.path().join("ca.pem")).await.ok()).await;
    drop(process);

    std::fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    let refused = program(folder.path(), &["serve"]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("http.tls_cert") && told.contains("cert.pem: holds no certificate"), "{told}");
}
