//! Alerts as they were seen, and who acknowledged them.
//!
//! Owns the tables `alert` (what is open goes on, what has ended stays) and `alert_acknowledgement` (appended only), and the number of
//! their last change, by which every instance over this database knows that it must look again.

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::{Rows, Store, StoreError, json, reading, unreadable, writing};
use crate::domain::alert::{Alert, AlertKind, Change, Subject};
use crate::domain::time::Instant;

const ALERT: Rows = Rows(&[
    ("id", Text),
    ("kind", Text),
    ("subject_of", Text),
    ("subject", Text),
    ("cause", Text),
    ("first_ms", Whole),
    ("raised_ms", Whole),
    ("last_ms", Whole),
    ("clear_ms", Whole),
    ("resolved_ms", Whole),
]);

/// The setting that counts changes of what people see of alerts.
const VERSION: &str = "alerts_version";
const RAISE_VERSION: &str = "insert into setting (key, value) values ('alerts_version', '1') on conflict (key) do update \
                             set value = cast(cast(setting.value as bigint) + 1 as text)";

/// An alert with its last acknowledgement.
const LISTED: &str = "select x.id, x.kind, x.subject_of, x.subject, x.cause, x.first_ms, x.raised_ms, x.last_ms, x.clear_ms, \
    x.resolved_ms, a.id as ack_id, a.taken_back, a.note, a.recorded_ms, a.recorded_by from alert as x \
    left join alert_acknowledgement as a on a.id = (select b.id from alert_acknowledgement as b where b.alert = x.id \
    order by b.recorded_ms desc, b.id desc limit 1)";

/// That somebody takes care of an alert, or does not after all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Identity: the same one twice is one.
    pub id: String,
    /// The alert.
    pub alert: String,
    /// An earlier one is taken back.
    pub taken_back: bool,
    /// What the person says; may be empty.
    pub note: String,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
}

/// An alert with who takes care of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAlert {
    /// The alert.
    pub alert: Alert,
    /// The last acknowledgement. `None`: there is none, or it was taken back.
    pub acknowledged: Option<Acknowledgement>,
}

/// What became of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is kept, now or from an earlier sending.
    Done,
    /// There is no such alert.
    Unknown,
    /// The alert had ended before.
    Over,
}

/// Which alerts of the past are asked for.
#[derive(Clone, Debug, Default)]
pub struct PastAlerts {
    /// A kind only.
    pub kind: Option<AlertKind>,
    /// A subject only.
    pub subject: Option<Subject>,
    /// After this one of the list: when it ended, and its id.
    pub after: Option<(Instant, String)>,
    /// At most so many.
    pub limit: i64,
}

/// How many alerts are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertCounts {
    /// Raised and not ended.
    pub open: i64,
    /// Of these, alarms and warnings that nobody has acknowledged.
    pub waiting: i64,
}

impl AlertCounts {
    /// Counts alerts; what was not raised does not count.
    pub fn of(alerts: &[KeptAlert]) -> Self {
        let raised = || alerts.iter().filter(|kept| kept.alert.raised.is_some() && kept.alert.resolved.is_none());
        let waits = |kept: &&KeptAlert| {
            let severity = kept.alert.kind().severity();
            kept.acknowledged.is_none() && severity < crate::domain::alert::Severity::Notice
        };
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Self { open: whole(raised().count()), waiting: whole(raised().filter(waits).count()) }
    }
}

#[derive(Serialize)]
struct AlertRow<'a> {
    id: &'a str,
    kind: &'static str,
    subject_of: &'static str,
    subject: &'a str,
    cause: String,
    first_ms: i64,
    raised_ms: Option<i64>,
    last_ms: i64,
    clear_ms: Option<i64>,
    resolved_ms: Option<i64>,
}

fn alert_row(alert: &Alert) -> AlertRow<'_> {
    let (subject_of, subject) = alert.subject.parts();
    AlertRow {
        id: &alert.id,
        kind: alert.kind().as_str(),
        subject_of,
        subject,
        cause: json(&alert.cause),
        first_ms: alert.first_seen.ms(),
        raised_ms: alert.raised.map(Instant::ms),
        last_ms: alert.last_seen.ms(),
        clear_ms: alert.clear_since.map(Instant::ms),
        resolved_ms: alert.resolved.map(Instant::ms),
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: String,
    subject_of: String,
    subject: String,
    cause: String,
    first_ms: i64,
    raised_ms: Option<i64>,
    last_ms: i64,
    clear_ms: Option<i64>,
    resolved_ms: Option<i64>,
    ack_id: Option<String>,
    taken_back: Option<i64>,
    note: Option<String>,
    recorded_ms: Option<i64>,
    recorded_by: Option<String>,
}

impl ListedRow {
    fn into_kept(self) -> Result<KeptAlert, StoreError> {
        let subject = Subject::from_parts(&self.subject_of, &self.subject)
            .ok_or_else(|| unreadable("subject of an alert", &self.subject_of, "unknown word"))?;
        let cause = serde_json::from_str(&self.cause).map_err(|why| unreadable("cause", &self.cause, why))?;
        let said = (self.ack_id, self.taken_back, self.note, self.recorded_ms, self.recorded_by);
        let acknowledged = match said {
            (Some(id), Some(0), Some(note), Some(ms), Some(by)) => Some(Acknowledgement {
                id,
                alert: self.id.clone(),
                taken_back: false,
                note,
                at: Instant::from_ms(ms),
                by,
            }),
            (_, _, _, _, _) => None,
        };
        let alert = Alert {
            id: self.id,
            subject,
            cause,
            first_seen: Instant::from_ms(self.first_ms),
            raised: self.raised_ms.map(Instant::from_ms),
            last_seen: Instant::from_ms(self.last_ms),
            clear_since: self.clear_ms.map(Instant::from_ms),
            resolved: self.resolved_ms.map(Instant::from_ms),
        };
        Ok(KeptAlert { alert, acknowledged })
    }
}

impl Store {
    /// Gives the alerts that have not ended, those that are not raised yet among them, by id.
    pub async fn open_alerts(&self) -> Result<Vec<KeptAlert>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{LISTED} where x.resolved_ms is null order by x.id"));
        let rows: Vec<ListedRow> = reading!(self, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        rows.into_iter().map(ListedRow::into_kept).collect()
    }

    /// Gives alerts that have ended, the last first.
    pub async fn past_alerts(&self, query: &PastAlerts) -> Result<Vec<KeptAlert>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{LISTED} where x.resolved_ms is not null and ($1 = '' or x.kind = $1) \
             and ($2 = '' or (x.subject_of = $2 and x.subject = $3)) \
             and (x.resolved_ms < $4 or (x.resolved_ms = $4 and x.id < $5)) order by x.resolved_ms desc, x.id desc limit $6"
        ));
        let (of, code) = query.subject.as_ref().map_or(("", ""), Subject::parts);
        let (after_ms, after_id) = query.after.clone().map_or((i64::MAX, String::new()), |(at, id)| (at.ms(), id));
        let rows: Vec<ListedRow> = reading!(self, pool => {
            sqlx::query_as(sql)
                .bind(query.kind.map_or("", AlertKind::as_str))
                .bind(of)
                .bind(code)
                .bind(after_ms)
                .bind(after_id)
                .bind(query.limit)
                .fetch_all(pool)
                .await?
        });
        rows.into_iter().map(ListedRow::into_kept).collect()
    }

    /// Gives an alert, open or ended.
    pub async fn alert(&self, id: &str) -> Result<Option<KeptAlert>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{LISTED} where x.id = $1"));
        let row: Option<ListedRow> = reading!(self, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
        row.map(ListedRow::into_kept).transpose()
    }

    /// Gives the acknowledgements of an alert, those taken back among them, oldest first.
    pub async fn acknowledgements(&self, alert: &str) -> Result<Vec<Acknowledgement>, StoreError> {
        let rows: Vec<(String, i64, String, i64, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select id, taken_back, note, recorded_ms, recorded_by from alert_acknowledgement where alert = $1 \
                 order by recorded_ms, id",
            )
            .bind(alert).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(id, taken_back, note, ms, by)| Acknowledgement {
                id,
                alert: alert.to_owned(),
                taken_back: taken_back != 0,
                note,
                at: Instant::from_ms(ms),
                by,
            })
            .collect())
    }

    /// Keeps what a look changed, in one transaction.
    pub async fn keep_alerts(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        let (mut forgotten, mut told) = (Vec::new(), false);
        for change in changes {
            match change {
                Change::Nothing => {}
                Change::GoesOn(alert) => rows.push(alert_row(alert)),
                Change::Raised(alert) | Change::Resolved(alert) => {
                    rows.push(alert_row(alert));
                    told = true;
                }
                Change::Forgotten(id) => forgotten.push(id.as_str()),
            }
        }
        if rows.is_empty() && forgotten.is_empty() {
            return Ok(());
        }
        let put = self.insert(
            "alert",
            ALERT,
            "on conflict (id) do update set cause = excluded.cause, raised_ms = excluded.raised_ms, \
             last_ms = excluded.last_ms, clear_ms = excluded.clear_ms, resolved_ms = excluded.resolved_ms",
        );
        let forget = sqlx::AssertSqlSafe(format!(
            "delete from alert where raised_ms is null and id in (select r.key from {})",
            self.rows(super::facts::KEYS)
        ));
        writing!(self, tx => {
            if !forgotten.is_empty() {
                sqlx::query(forget).bind(super::facts::keys(forgotten)).execute(&mut *tx).await?;
            }
            if !rows.is_empty() {
                sqlx::query(put).bind(json(&rows)).execute(&mut *tx).await?;
            }
            if told {
                sqlx::query(RAISE_VERSION).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Records that somebody takes care of an alert, or does not after all; once by its id.
    pub async fn acknowledge(&self, said: &Acknowledgement) -> Result<Acknowledged, StoreError> {
        Ok(writing!(self, tx => {
            let known: Option<(String,)> = sqlx::query_as("select id from alert_acknowledgement where id = $1")
                .bind(&said.id).fetch_optional(&mut *tx).await?;
            let alert: Option<(Option<i64>, Option<i64>)> =
                sqlx::query_as("select raised_ms, resolved_ms from alert where id = $1")
                    .bind(&said.alert).fetch_optional(&mut *tx).await?;
            match (known, alert) {
                (Some(_), _) => Acknowledged::Done,
                (None, None | Some((None, _))) => Acknowledged::Unknown,
                (None, Some((Some(_), Some(_)))) => Acknowledged::Over,
                (None, Some((Some(_), None))) => {
                    sqlx::query(
                        "insert into alert_acknowledgement (id, alert, taken_back, note, recorded_ms, recorded_by) \
                         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
                    )
                    .bind(&said.id).bind(&said.alert).bind(i64::from(said.taken_back)).bind(&said.note)
                    .bind(said.at.ms()).bind(&said.by)
                    .execute(&mut *tx).await?;
                    sqlx::query(RAISE_VERSION).execute(&mut *tx).await?;
                    Acknowledged::Done
                }
            }
        }))
    }

    /// Gives the number of the last change of what people see of alerts. `None`: there never was one.
    pub async fn alerts_version(&self) -> Result<Option<String>, StoreError> {
        self.setting(VERSION).await
    }
}
