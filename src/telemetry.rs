//! What the service says about itself: log lines and counters.
//!
//! Owns the set-up of `tracing` and the one [`Metrics`] value, which is made once and cloned into whoever counts. Touches no
//! network: another serves what [`Metrics::render`] gives.
//!
//! # Why
//! - **Metrics have a recorder of their own, not the process's global one**: two services in one test process count apart, and what
//!   is counted is a field, not a name in a string.
//! - **Counters count what this process did. Gauges show what the database holds** and are read when somebody asks, so that two
//!   instances say the same and a restart changes nothing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{Counter, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// What is logged where `RUST_LOG` says nothing. A statement that took a second is no fault, and its text fills a screen.
const DEFAULT_DIRECTIVES: &str = "warn,phanloai=info,sqlx::query=error";
/// Upper bounds of the commit time's buckets, seconds: a commit takes milliseconds, a stuck disk seconds.
const COMMIT_BUCKETS_S: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];
/// Observations after which the histogram is folded, so that memory stays bounded while nobody asks for the metrics.
const FOLD_EVERY: u64 = 4_096;
const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The directives cannot be read.
    #[error("RUST_LOG `{directives}` cannot be read: {reason}; write for example `info` or `phanloai=debug,warn`")]
    Directives {
        /// The directives.
        directives: String,
        /// What the parser says.
        reason: String,
    },
    /// Logging was begun before.
    #[error("logging has been set up already: {0}")]
    AlreadySet(String),
}

/// Begins logging to standard error. `directives` is the content of `RUST_LOG`, if any.
///
/// # Errors
/// The directives cannot be read, or logging was begun before.
pub fn init_logging(format: LogFormat, directives: Option<&str>) -> Result<(), TelemetryError> {
    let directives = directives.filter(|text| !text.trim().is_empty()).unwrap_or(DEFAULT_DIRECTIVES);
    let filter = EnvFilter::try_new(directives)
        .map_err(|error| TelemetryError::Directives { directives: directives.to_owned(), reason: error.to_string() })?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    }
    .map_err(|error| TelemetryError::AlreadySet(error.to_string()))
}

/// Counters of this process. Cloning shares them.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    observations: Arc<AtomicU64>,
    /// Messages taken from the broker.
    pub messages_received: Counter,
    /// Events stored for the first time.
    pub events_accepted: Counter,
    /// Events that were stored already.
    pub events_duplicate: Counter,
    /// Transactions that were committed.
    pub commits: Counter,
    /// Transactions that failed and are tried again.
    pub commits_failed: Counter,
    /// Acknowledgements sent to devices.
    pub acks_sent: Counter,
    /// Passes of recomputation.
    pub recompute_passes: Counter,
    /// Households whose states were computed anew.
    pub households_recomputed: Counter,
    commit_seconds: Histogram,
}

/// A number that the database holds, for [`Metrics::render_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Name, with its unit.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Label and its value, of a number that is told in parts. Parts of one name follow each other.
    pub label: Option<(&'static str, &'static str)>,
    /// Its value now.
    pub value: i64,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Makes a set of counters, all at zero.
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("phanloai_commit_seconds".to_owned()), &COMMIT_BUCKETS_S)
            .expect("there are buckets")
            .build_recorder();
        let counter = |name: &'static str, help: &'static str| {
            recorder.describe_counter(KeyName::from_const_str(name), None, help.into());
            recorder.register_counter(&Key::from_static_name(name), &METADATA)
        };
        let seconds = |name: &'static str, help: &'static str| {
            recorder.describe_histogram(KeyName::from_const_str(name), Some(Unit::Seconds), help.into());
            recorder.register_histogram(&Key::from_static_name(name), &METADATA)
        };
        let refused = KeyName::from_const_str("phanloai_events_refused_total");
        recorder.describe_counter(refused, None, "Events and messages kept in quarantine, by reason.".into());
        let turned_away = KeyName::from_const_str("phanloai_broker_refused_total");
        recorder.describe_counter(
            turned_away,
            None,
            "Logins, publishes and subscriptions that the embedded broker refused.".into(),
        );
        Self {
            messages_received: counter("phanloai_messages_received_total", "Messages taken from the broker."),
            events_accepted: counter("phanloai_events_accepted_total", "Events stored for the first time."),
            events_duplicate: counter("phanloai_events_duplicate_total", "Events that were stored already."),
            commits: counter("phanloai_commits_total", "Transactions committed."),
            commits_failed: counter("phanloai_commits_failed_total", "Transactions that failed and are tried again."),
            acks_sent: counter("phanloai_acks_sent_total", "Acknowledgements sent to devices."),
            recompute_passes: counter("phanloai_recompute_passes_total", "Passes of recomputation."),
            households_recomputed: counter(
                "phanloai_households_recomputed_total",
                "Households whose states were computed anew.",
            ),
            commit_seconds: seconds("phanloai_commit_seconds", "Time of a commit."),
            observations: Arc::new(AtomicU64::new(0)),
            handle: recorder.handle(),
            recorder: Arc::new(recorder),
        }
    }

    /// Counts an event or a message that went to quarantine; `code` is the rejection's word.
    pub fn event_refused(&self, code: &'static str) {
        let key = Key::from_parts("phanloai_events_refused_total", vec![Label::new("code", code)]);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// Counts a refusal of the embedded broker; `what` is `login`, `publish` or `subscribe`.
    pub fn broker_refused(&self, what: &'static str) {
        let key = Key::from_parts("phanloai_broker_refused_total", vec![Label::new("what", what)]);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// Counts a commit with its time.
    pub fn committed(&self, took: Duration) {
        self.commits.increment(1);
        self.commit_seconds.record(took.as_secs_f64());
        if self.observations.fetch_add(1, Ordering::Relaxed) % FOLD_EVERY == FOLD_EVERY - 1 {
            self.handle.run_upkeep();
        }
    }

    /// Gives all counters as Prometheus reads them (text format 0.0.4).
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Gives all counters, and what the database holds now.
    pub fn render_with(&self, gauges: &[Gauge]) -> String {
        let mut text = self.render();
        let mut last = "";
        for Gauge { name, help, label, value } in gauges {
            if *name != last {
                writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge").expect("text can grow");
                last = name;
            }
            let label = label.map_or_else(String::new, |(label, of)| format!("{{{label}=\"{of}\"}}"));
            writeln!(text, "{name}{label} {value}").expect("text can grow");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_rendered_and_clones_share_it() {
        let metrics = Metrics::new();
        let clone = metrics.clone();
        clone.messages_received.increment(3);
        clone.event_refused("unknown_stream");
        clone.event_refused("unknown_stream");
        clone.committed(Duration::from_millis(4));
        let gauge = |name, label, value| Gauge { name, help: "So many.", label, value };
        let text = metrics.render_with(&[
            gauge("phanloai_households", None, 10_457),
            gauge("phanloai_alerts_open", Some(("kind", "silent")), 3),
            gauge("phanloai_alerts_open", Some(("kind", "missing")), 0),
        ]);
        assert_eq!(text.matches("# TYPE phanloai_alerts_open gauge").count(), 1, "{text}");
        for line in [
            "phanloai_messages_received_total 3",
            "phanloai_events_accepted_total 0",
            "phanloai_events_refused_total{code=\"unknown_stream\"} 2",
            "phanloai_commits_total 1",
            "phanloai_commit_seconds_bucket{le=\"0.002\"} 0",
            "phanloai_commit_seconds_bucket{le=\"0.005\"} 1",
            "phanloai_commit_seconds_count 1",
            "# TYPE phanloai_events_refused_total counter",
            "phanloai_households 10457",
            "phanloai_alerts_open{kind=\"silent\"} 3",
            "phanloai_alerts_open{kind=\"missing\"} 0",
        ] {
            assert!(text.lines().any(|held| held == line), "{line} in\n{text}");
        }
        assert!(Metrics::new().render().contains("phanloai_messages_received_total 0"), "each set counts apart");
    }

    #[test]
    fn directives_that_cannot_be_read_are_named() {
        let error = init_logging(LogFormat::Text, Some("phanloai=loud")).unwrap_err().to_string();
        assert!(error.starts_with("RUST_LOG `phanloai=loud` cannot be read: "), "{error}");
    }
}
