//! The quarantine beside the running service: its replay, its gauges, and the alarm when it has no more room.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Channels, load_register};
use crate::devices::Root;
use crate::domain::register::Commune;
use crate::domain::time::Clock;
use crate::ingest::replay::{Replay, ReplayTotals};
use crate::store::{Replayed, Store};
use crate::telemetry::Gauge;
use crate::web;

/// How often the sums are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Looks without a further loss that end an episode: ten minutes.
const QUIET_LOOKS: u32 = 120;

/// Replays one row under the present register.
pub async fn replay_one(
    store: &Store,
    root: &str,
    commune: &Commune,
    id: &str,
    clock: Arc<dyn Clock>,
    by: &str,
) -> anyhow::Result<Replayed> {
    Ok(replay_of(store, root, commune, clock).await?.one(id, by).await?)
}

/// Replays every row that can be, of one reason or of all, under the present register.
pub async fn replay_all(
    store: &Store,
    root: &str,
    commune: &Commune,
    code: Option<&str>,
    clock: Arc<dyn Clock>,
    by: &str,
) -> anyhow::Result<ReplayTotals> {
    Ok(replay_of(store, root, commune, clock).await?.all(code, by).await?)
}

async fn replay_of(store: &Store, root: &str, commune: &Commune, clock: Arc<dyn Clock>) -> anyhow::Result<Replay> {
    let register = Arc::new(load_register(store, commune).await?);
    Ok(Replay { store: store.clone(), root: Root::parse(root)?, commune: Arc::new(commune.clone()), register, clock })
}

/// Gives the pages their way to replay.
pub(super) fn replay_for_pages(store: Store, root: Root, channels: Channels, clock: Arc<dyn Clock>) -> web::Replay {
    Arc::new(move |id, by| {
        let replay = Replay {
            store: store.clone(),
            root: root.clone(),
            commune: channels.commune.borrow().clone(),
            register: channels.register.borrow().clone(),
            clock: Arc::clone(&clock),
        };
        Box::pin(async move { replay.one(&id, &by).await })
    })
}

/// Reads what the quarantine holds, for whoever scrapes. Nothing while the database does not answer: a gap says so.
pub(super) async fn gauges(store: &Store) -> Vec<Gauge> {
    let Ok(sum) = store.quarantine_sum().await else {
        return Vec::new();
    };
    let gauge = |name, help, value| Gauge { name, help, label: None, value };
    vec![
        gauge("phanloai_quarantine_rows", "Messages and events held in quarantine.", sum.rows),
        gauge("phanloai_quarantine_bytes", "Bytes that the quarantine takes, roughly.", sum.bytes),
        gauge(
            "phanloai_quarantine_dropped",
            "Messages and events dropped since the beginning, for want of room.",
            sum.dropped,
        ),
        gauge(
            "phanloai_quarantine_conflicts",
            "Events in quarantine whose identity is stored with other content.",
            sum.conflicts,
        ),
    ]
}

/// Raises the alarm once when the quarantine begins to drop, and again only after ten quiet minutes.
pub(super) async fn watch(store: Store, max_bytes: u64, stopping: CancellationToken) {
    let mut seen = store.quarantine_sum().await.ok().map(|sum| sum.dropped);
    let mut quiet_looks = QUIET_LOOKS;
    while stopping.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let Ok(sum) = store.quarantine_sum().await else { continue };
        let lost = sum.dropped - seen.replace(sum.dropped).unwrap_or(sum.dropped);
        if lost > 0 && quiet_looks >= QUIET_LOOKS {
            tracing::error!(
                quarantine.dropped = lost,
                quarantine.max_bytes = max_bytes,
                "the quarantine has no more room and drops what is refused; see its greatest senders, or raise `quarantine.max_bytes`"
            );
        }
        quiet_looks = if lost > 0 { 0 } else { quiet_looks.saturating_add(1) };
    }
}
