//! `phanloai demo`: a simulated commune on this machine, through the same doors as a real one.
//!
//! # Why
//! The simulator runs as a library in this process, but publishes over a real MQTT connection to the broker, and its
//! commune comes in as `commune.toml` and CSV files: the demo shows the product, not a short cut past it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Moment};

use anyhow::{Context as _, bail};
use clap::Args;
use firmware_sim::publish::{Phase, Progress as SimProgress, PublishOptions};
use firmware_sim::{Commune as SimCommune, CommuneSpec, Faults, Plan};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::serve::stopped;
use crate::app::{App, SystemClock, import, load_commune};
use crate::config::{Config, DatabaseUrl};
use crate::domain::ids::AreaCode;
use crate::domain::register::Commune;
use crate::domain::time::Clock;
use crate::imports::Kind;
use crate::store::{Account, Role, Secret, Store, hash_password};
use crate::web::{Live, Progress};

/// Days of history when none are asked for: a month, and the longest usual window.
const DAYS: u32 = 30;
const SEED: u64 = 20_260_331;
/// How often the progress is told.
const TELL: Duration = Duration::from_millis(500);
/// Ports tried upwards from a taken one.
const PORTS_TRIED: u16 = 50;

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Address of the pages; port 0 means any free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Address of the embedded broker; port 0 means any free one.
    #[arg(long, default_value = "127.0.0.1:1883")]
    mqtt: SocketAddr,
    /// Where the demo keeps its files.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Households of the commune.
    #[arg(long)]
    households: Option<u32>,
    /// Days of history.
    #[arg(long)]
    days: Option<u32>,
    /// The same seed gives the same commune.
    #[arg(long)]
    seed: Option<u64>,
    /// Publishes the history only.
    #[arg(long)]
    no_live: bool,
    /// Written once the replayed history is in the figures: addresses, token and logins as JSON.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// What a demo must keep over restarts.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    households: u32,
    days: u32,
    seed: u64,
    /// Local day of the first start: the history ends there.
    first_start: Date,
    /// Everything captured before is acknowledged.
    resume_from_ms: Option<i64>,
    token: String,
    logins: Vec<Login>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Login {
    name: String,
    password: String,
    roles: Vec<String>,
}

pub(super) async fn run(arguments: DemoArguments) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    std::fs::create_dir_all(&arguments.data)
        .with_context(|| format!("cannot make the folder {}", arguments.data.display()))?;
    let kept_file = arguments.data.join("demo.json");
    let mut kept = kept(&arguments, &kept_file, clock.as_ref())?;
    let plan = Arc::new(plan(&kept));
    let files = arguments.data.join("commune");
    let fresh = !files.join("commune.toml").exists();
    if fresh {
        std::fs::create_dir_all(&files).with_context(|| format!("cannot make the folder {}", files.display()))?;
        plan.commune.write_files(&files)?;
    }
    let config = config(&arguments).await?;
    let store = Store::open(config.database.url.expose()).await?;
    let commune = load_commune(&store, Some(&files.join("commune.toml"))).await?;
    if kept.logins.is_empty() {
        import_all(&store, &commune, &files, clock.as_ref()).await?;
        (kept.logins, kept.token) = add_logins(&store, &plan, clock.as_ref()).await?;
        keep(&kept_file, &kept)?;
    }
    let app = App::start(&config, store, commune, Arc::clone(&clock)).await?;
    let mqtt = app.mqtt.context("the demo runs the embedded broker")?;
    println!("Simulated commune: {} households, seed {}", kept.households, kept.seed);
    println!("Pages:   http://{}", app.http);
    println!("Broker:  mqtt://{mqtt}");
    let (stop, stop_seen) = watch::channel(false);
    let options = PublishOptions {
        resume_from_ms: kept.resume_from_ms,
        live: !arguments.no_live,
        ..PublishOptions::new(mqtt.ip().to_string(), mqtt.port())
    };
    let (progress, progress_seen) = watch::channel(None);
    let told = move |step: SimProgress| {
        progress.send_replace(Some(step));
    };
    let simulator = tokio::spawn(firmware_sim::run(Arc::clone(&plan), options, told, stop_seen));
    let shared = Arc::new(Mutex::new(kept));
    let watching = watch_over(&app, progress_seen, Arc::clone(&shared), &kept_file, &arguments, mqtt);
    tokio::select! {
        () = stopped() => {}
        done = watching => { done?; stopped().await; }
    }
    println!("\nStopping…");
    stop.send_replace(true);
    let summary = simulator.await??;
    app.stop().await;
    let mut kept = shared.lock().map_err(|_| anyhow::anyhow!("the demo's notes were left half-written"))?.clone();
    kept.resume_from_ms = Some(summary.resume_from_ms);
    keep(&kept_file, &kept)?;
    Ok(ExitCode::SUCCESS)
}

fn kept(arguments: &DemoArguments, file: &Path, clock: &dyn Clock) -> anyhow::Result<Kept> {
    let zone = crate::domain::time::Zone::named("Asia/Ho_Chi_Minh")?;
    let today = zone.day_of(clock.now()).date();
    if !file.exists() {
        return Ok(Kept {
            households: arguments.households.unwrap_or(firmware_sim::commune::HOUSEHOLDS).max(1),
            days: arguments.days.unwrap_or(DAYS).max(1),
            seed: arguments.seed.unwrap_or(SEED),
            first_start: today,
            resume_from_ms: None,
            token: String::new(),
            logins: Vec::new(),
        });
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let kept: Kept = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a demo's; remove its folder to start anew", file.display()))?;
    let other = arguments.households.is_some_and(|households| households != kept.households)
        || arguments.days.is_some_and(|days| days != kept.days)
        || arguments.seed.is_some_and(|seed| seed != kept.seed);
    if other {
        bail!(
            "{} holds another demo ({} households, {} days, seed {}); remove it, or choose another folder with --data",
            arguments.data.display(),
            kept.households,
            kept.days,
            kept.seed
        );
    }
    Ok(kept)
}

fn plan(kept: &Kept) -> Plan {
    let spec = CommuneSpec::sized(kept.households, kept.first_start, kept.days, kept.seed);
    Plan { commune: SimCommune::generate(&spec), faults: Faults::moderate() }
}

fn keep(file: &Path, kept: &Kept) -> anyhow::Result<()> {
    let partial = file.with_extension("partial");
    std::fs::write(&partial, serde_json::to_string_pretty(kept)?)
        .and_then(|()| std::fs::rename(&partial, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

async fn config(arguments: &DemoArguments) -> anyhow::Result<Config> {
    let mut config = Config::default();
    let database = arguments.data.join("phanloai.db");
    config.database.url = DatabaseUrl::sqlite(&database.display().to_string());
    config.data.dir = arguments.data.clone();
    config.http.listen = free(arguments.http, "http").await?;
    config.mqtt.listen = free(arguments.mqtt, "mqtt").await?;
    config.metrics.listen = free(config.metrics.listen, "metrics").await?;
    Ok(config)
}

/// Finds the next free port, and says so when the wanted one is taken.
async fn free(wanted: SocketAddr, what: &str) -> anyhow::Result<SocketAddr> {
    let mut address = wanted;
    for _ in 0..PORTS_TRIED {
        if TcpListener::bind(address).await.is_ok() {
            if address != wanted {
                println!("{wanted} is taken; {what} uses {address}");
            }
            return Ok(address);
        }
        address.set_port(address.port().checked_add(1).context("there is no free port")?);
    }
    bail!("no free port from {wanted} on; choose another with --{what}")
}

async fn import_all(store: &Store, commune: &Commune, files: &Path, clock: &dyn Clock) -> anyhow::Result<()> {
    for kind in Kind::ALL {
        let file = files.join(format!("{}.csv", kind.as_str()));
        if !file.exists() {
            continue;
        }
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        import(store, commune, *kind, &bytes, clock, "demo", false)
            .await
            .with_context(|| format!("in {}", file.display()))?;
    }
    Ok(())
}

async fn add_logins(store: &Store, plan: &Plan, clock: &dyn Clock) -> anyhow::Result<(Vec<Login>, String)> {
    let first_area = plan.commune.areas.first().map(|area| AreaCode::new(area.code.as_str()));
    let wanted: [(&str, &[Role], bool); 5] = [
        ("canbo", &[Role::Officer], false),
        ("quantri", &[Role::Admin], false),
        ("thugom", &[Role::Crew], false),
        ("truongthon", &[Role::Visitor], true),
        ("xem", &[Role::Viewer], false),
    ];
    let mut logins = Vec::new();
    for (name, roles, in_area) in wanted {
        let password: String = Secret::new().plain.chars().take(10).collect();
        let hashing = password.clone();
        let hash = tokio::task::spawn_blocking(move || hash_password(&hashing)).await??;
        let areas = first_area.iter().filter(|_| in_area).cloned().collect();
        let account = Account { name: name.to_owned(), roles: roles.iter().copied().collect(), areas, enabled: true };
        store.add_account(&account, Some(&hash), clock.now()).await?;
        let roles = roles.iter().map(|role| role.to_string()).collect();
        logins.push(Login { name: name.to_owned(), password, roles });
    }
    let owner = Account {
        name: "demo".to_owned(),
        roles: [Role::Officer, Role::Admin].into_iter().collect(),
        areas: Vec::new(),
        enabled: true,
    };
    store.add_account(&owner, None, clock.now()).await?;
    let secret = Secret::new();
    store.add_token(&secret.fingerprint, "demo", clock.now(), None).await?;
    Ok((logins, secret.plain))
}

/// Tells the progress until the history is in the figures, then says where to look.
async fn watch_over(
    app: &App,
    mut progress: watch::Receiver<Option<SimProgress>>,
    kept: Arc<Mutex<Kept>>,
    kept_file: &Path,
    arguments: &DemoArguments,
    mqtt: SocketAddr,
) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("History  {bar:36} {percent:>3} %  {msg}")?;
    let bar = ProgressBar::new(1).with_style(style);
    let began = Moment::now();
    let mut ticks = tokio::time::interval(TELL);
    loop {
        ticks.tick().await;
        let Some(step) = *progress.borrow_and_update() else { continue };
        let history_sent = step.phase != Phase::History;
        let stale = app.store.stale_count().await?;
        let (_, pickups) = app.store.stored_totals().await?;
        let told = progress_of(&step, pickups, began.elapsed());
        bar.set_length(step.total_events.max(1));
        bar.set_position(step.acked_events);
        bar.set_message(format!(
            "{} events/s, {} pickups, {} left",
            told.per_second,
            told.pickups,
            told.eta_s.map_or_else(|| "…".to_owned(), |seconds| format!("{seconds} s"))
        ));
        if history_sent && stale == 0 {
            break;
        }
        app.ready.send_modify(|ready| ready.catch_up = Some(told));
        // Nobody watching is no fault.
        let _ = app.live.send(Live::Progress(told));
    }
    bar.finish_and_clear();
    app.ready.send_modify(|ready| ready.catch_up = None);
    let _ = app.live.send(Live::Figures);
    let notes = kept.lock().map_err(|_| anyhow::anyhow!("the demo's notes were left half-written"))?.clone();
    println!("History replayed in {} s.", began.elapsed().as_secs());
    println!("Sign in at http://{}/sign-in as", app.http);
    for login in &notes.logins {
        println!("  {:<11} {}   ({})", login.name, login.password, login.roles.join(", "));
    }
    println!("API token (officer, admin): {}", notes.token);
    if let Some(file) = &arguments.ready_file {
        let ready = serde_json::json!({
            "http": format!("http://{}", app.http),
            "mqtt": format!("mqtt://{mqtt}"),
            "token": notes.token,
            "logins": notes.logins,
        });
        std::fs::write(file, serde_json::to_string_pretty(&ready)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    // A killed demo resumes near where it was.
    loop {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let Some(step) = *progress.borrow() else { continue };
        let mut notes = kept.lock().map_err(|_| anyhow::anyhow!("the demo's notes were left half-written"))?.clone();
        notes.resume_from_ms = Some(step.resume_from_ms);
        keep(kept_file, &notes)?;
    }
}

fn progress_of(step: &SimProgress, pickups: i64, elapsed: Duration) -> Progress {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let elapsed_ms = whole(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)).max(1);
    let (done, total) = (whole(step.acked_events), whole(step.total_events));
    let per_second = done.saturating_mul(1000) / elapsed_ms;
    let eta_s = (per_second > 0).then(|| (total - done).max(0) / per_second);
    Progress { done, total, per_second, eta_s, pickups }
}
