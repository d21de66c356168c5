//! The renewal of figures, and the look for alerts: woken by commits, changes of the register, and midnight.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::alerting::Told;
use super::{Channels, load_commune, load_register};
use crate::domain::attribution::Windows;
use crate::domain::register::{Commune, Register};
use crate::domain::time::Clock;
use crate::recompute::{Pass, Recompute};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::web::Live;

/// How often the day and the register are looked at when nothing else happens.
const LOOK: Duration = Duration::from_secs(1);
/// Pause after a failed pass.
const PAUSE: Duration = Duration::from_secs(2);
/// How many times as long as a pass the next one waits while readings pour in. A pass that follows at once reads what the one before
/// it read, and some more, and takes from the intake what the machine has.
const RESTS: u32 = 3;
/// Pickups told to watching pages in one go; a page shows the last few only.
const PICKUPS_TOLD: usize = 20;

pub(super) async fn run(
    store: Store,
    channels: Channels,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    stopping: CancellationToken,
) {
    let mut committed = channels.committed.subscribe();
    // Unknown at first, so that the register is read again: rows may have come since the start.
    let mut seen = Seen::default();
    loop {
        let began = tokio::time::Instant::now();
        let turn = turn(&store, &channels, &clock, &metrics, &mut seen);
        let worked = tokio::select! {
            () = stopping.cancelled() => return,
            worked = turn => worked,
        };
        let pause = match worked {
            // While readings pour in, each pass is stale when it ends: most of the time is left to the intake.
            Ok(true) if committed.has_changed().unwrap_or(false) => {
                let rest = (began.elapsed() * RESTS).min(LOOK);
                committed.mark_unchanged();
                tokio::select! {
                    () = stopping.cancelled() => return,
                    () = tokio::time::sleep(rest) => continue,
                }
            }
            Ok(true) => continue,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::error!(%error, "figures could not be renewed; trying again");
                PAUSE
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = committed.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What was last seen of what other programs over the same database may change.
#[derive(Default)]
struct Seen {
    register_version: Option<String>,
    cut_off_ms: Option<String>,
    alerts: Told,
}

/// Does one turn. Gives true when there was something to do.
async fn turn(
    store: &Store,
    channels: &Channels,
    clock: &Arc<dyn Clock>,
    metrics: &Metrics,
    seen: &mut Seen,
) -> anyhow::Result<bool> {
    let now_version = store.setting("register_version").await?;
    if now_version != seen.register_version {
        let commune = load_commune(store, None).await?;
        let register = load_register(store, &commune).await?;
        channels.commune.send_replace(Arc::new(commune));
        channels.register.send_replace(Arc::new(register));
        seen.register_version = now_version;
    }
    let cut_off_ms = store.setting("cut_off_ms").await?;
    if cut_off_ms != seen.cut_off_ms {
        seen.cut_off_ms = cut_off_ms;
        // Another program over this database renewed figures.
        let _ = channels.live.send(Live::Figures);
    }
    seen.alerts.listens(channels, clock.now());
    seen.alerts.tell(store, channels).await?;
    let Some(mine) = store.take_turn().await? else {
        return Ok(false);
    };
    let worked = renew(store, channels, clock, metrics, seen).await;
    if worked.is_ok() {
        // A long pass may have outlasted the session with the broker.
        seen.alerts.listens(channels, clock.now());
        seen.alerts.look(store, channels, clock.now()).await;
    }
    mine.give_back().await?;
    worked
}

async fn renew(
    store: &Store,
    channels: &Channels,
    clock: &Arc<dyn Clock>,
    metrics: &Metrics,
    seen: &mut Seen,
) -> anyhow::Result<bool> {
    let recompute = Recompute {
        store: store.clone(),
        commune: channels.commune.borrow().clone(),
        register: channels.register.borrow().clone(),
        register_version: seen.register_version.clone(),
        windows: Windows::default(),
    };
    let now = clock.now();
    recompute.roll_to(recompute.commune.zone.day_of(now)).await?;
    if store.stale_count().await? == 0 {
        return Ok(false);
    }
    let pass = recompute.pass().await?;
    metrics.recompute_passes.increment(1);
    metrics.households_recomputed.increment(u64::try_from(pass.households).unwrap_or(0));
    let cut_off_ms = now.ms().to_string();
    store.put_setting("cut_off_ms", &cut_off_ms).await?;
    seen.cut_off_ms = Some(cut_off_ms);
    tell(&pass, &recompute.register, channels);
    Ok(true)
}

fn tell(pass: &Pass, register: &Register, channels: &Channels) {
    let mut newest: Vec<_> = pass.pickups.iter().filter(|pickup| pickup.is_accepted()).collect();
    newest.sort_by_key(|pickup| pickup.time);
    for pickup in newest.iter().rev().take(PICKUPS_TOLD).rev() {
        let place = register
            .points
            .get(&pickup.place)
            .map_or_else(|| pickup.place.to_string(), |point| point.newest().name.clone());
        // Nobody watching is no fault.
        let _ = channels.live.send(Live::Pickup {
            place,
            stream: pickup.stream.clone(),
            at: pickup.time,
            net_g: pickup.net_g,
        });
    }
    if pass.figures_changed || !pass.pickups.is_empty() {
        let _ = channels.live.send(Live::Figures);
    }
}

/// Drops every derived row and computes it again from facts.
///
/// `progress` is told how many marks are left.
pub async fn rebuild(
    store: &Store,
    commune: Arc<Commune>,
    register: Arc<Register>,
    clock: &dyn Clock,
    mut progress: impl FnMut(i64),
) -> anyhow::Result<()> {
    let today = commune.zone.day_of(clock.now());
    let register_version = store.setting("register_version").await?;
    let recompute =
        Recompute { store: store.clone(), commune, register, register_version, windows: Windows::default() };
    let turn = loop {
        match store.take_turn().await? {
            Some(turn) => break turn,
            None => tokio::time::sleep(LOOK).await,
        }
    };
    store.drop_derived().await?;
    recompute.mark_all(today).await?;
    loop {
        let left = store.stale_count().await?;
        progress(left);
        if left == 0 {
            break;
        }
        recompute.pass().await?;
    }
    Ok(turn.give_back().await?)
}
