//! Closed months: figures as an officer signed them, frozen as text with a hash.
//!
//! # Why
//! A report is kept as the very text that was hashed, and never written again: `sha256sum` of what the API gives is the
//! hash on the signed sheet. A format of later versions has another name, so that an old text is read by the rules of its own.
//! The households' states lie beside it as a list with a hash of its own: a difference can be told household by household, and
//! the report itself names none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::canonical::{canonical, sha256};
use super::{Store, StoreError, day, reading, unreadable, writing};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::month::Month;
use crate::domain::register::Commune;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::month::{AreaFigures, FigureChange, MonthFigures, MonthParts};
use crate::indicators::standing::{Listed, Moves, Standing, read_list};
use crate::indicators::{AreaPeriod, Completeness, Counts, Delivered, PeriodFacts, Scales, Tonnage, figures};
use crate::store::StatesQuery;

/// The format of reports that this version writes.
pub const MONTH_FORMAT: &str = "phanloai-month-1";
/// The share's indicator among the targets.
const HEADLINE: &str = "sorting_share";
/// Days whose completeness stands beside a share.
const COMPLETENESS_DAYS: i32 = 28;

/// How many households moved from one standing to another in a hamlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveLine {
    /// The hamlet.
    pub area: String,
    /// From: `S`, `N`, `U:` and the reason, or `-`.
    pub from: String,
    /// To, likewise.
    pub to: String,
    /// How many.
    pub households: i64,
}

/// Writes moves as lines.
pub fn move_lines(moves: &Moves) -> Vec<MoveLine> {
    let line = |((area, from, to), households): (&(AreaCode, Standing, Standing), &i64)| MoveLine {
        area: area.to_string(),
        from: from.word(),
        to: to.word(),
        households: *households,
    };
    moves.0.iter().map(line).collect()
}

/// The list of households that belongs to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListNamed {
    /// Households in it.
    pub count: i64,
    /// SHA-256 of its text, hexadecimal.
    pub sha256: String,
}

/// A closed month's report, in the format `phanloai-month-1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonthReport {
    /// The format's name.
    pub format: String,
    /// The commune's administrative code.
    pub commune_code: String,
    /// The commune's name.
    pub commune_name: String,
    /// The figures are simulated: never an official figure.
    pub simulated: bool,
    /// The month.
    pub month: Month,
    /// 1: the first closing; 2 and more: revisions.
    pub revision: i64,
    /// Hash of the revision before. `None` for the first.
    pub previous_sha256: Option<String>,
    /// The definition of the share, an anchor of the definitions page.
    pub definition: String,
    /// When it was closed, RFC 3339.
    pub closed_at: String,
    /// By whom.
    pub closed_by: String,
    /// It was closed within 30 days of the month's end.
    pub early: bool,
    /// Why it was revised. `None` for the first.
    pub reason: Option<String>,
    /// Data cut-off: the latest instant whose facts are in the figures, RFC 3339.
    pub data_until: Option<String>,
    /// The rule in force on the month's last day, with its numbers.
    pub rule: serde_json::Value,
    /// The register's version.
    pub register_version: Option<String>,
    /// The figures.
    pub figures: MonthFigures,
    /// Every eligible household's state at the month's end, kept beside the report.
    pub households: ListNamed,
    /// What differs from the revision before; empty for the first.
    pub changes: Vec<FigureChange>,
    /// Households whose state differs from the revision before; empty for the first.
    pub moves: Vec<MoveLine>,
}

impl MonthReport {
    /// Gives the rule's version.
    pub fn rule_version(&self) -> &str {
        self.rule.get("version").and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// Gives the report's canonical text.
    pub fn text(&self) -> String {
        canonical(&serde_json::to_value(self).expect("a report is plain data with names of text"))
    }
}

/// Gives the hash of figures alone, by which one can tell that they are still those that were looked at.
pub fn figures_sha256(figures: &MonthFigures) -> String {
    sha256(&canonical(&serde_json::to_value(figures).expect("figures are plain data with names of text")))
}

/// A report as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// The month.
    pub month: Month,
    /// The revision.
    pub revision: i64,
    /// The format's name.
    pub format: String,
    /// The hash of `content`, hexadecimal.
    pub sha256: String,
    /// The report's text.
    pub content: String,
    /// When it was closed.
    pub closed: Instant,
    /// By whom.
    pub by: String,
}

impl StoredReport {
    /// Reads the report.
    pub fn report(&self) -> Result<MonthReport, StoreError> {
        if self.format != MONTH_FORMAT {
            return Err(unreadable(
                "month report",
                &self.format,
                "it was written in another format than this version reads",
            ));
        }
        let shown = format!("{} revision {}", self.month, self.revision);
        serde_json::from_str(&self.content).map_err(|why| unreadable("month report", &shown, why))
    }

    /// Makes every hash again and tells what does not hold; nothing, when the report is what was signed.
    ///
    /// `states` is the list beside the report, `previous_sha256` the hash of the revision before.
    pub fn faults(&self, states: &str, previous_sha256: Option<&str>) -> Vec<String> {
        let mut faults = Vec::new();
        let made = sha256(&self.content);
        if made != self.sha256 {
            faults.push(format!("the text's hash is {made}, stored is {}", self.sha256));
        }
        let report = match self.report() {
            Ok(report) => report,
            Err(error) => {
                faults.push(error.to_string());
                return faults;
            }
        };
        if (report.month, report.revision) != (self.month, self.revision) {
            faults.push(format!("the text is of {} revision {}", report.month, report.revision));
        }
        let made = sha256(states);
        if made != report.households.sha256 {
            faults.push(format!(
                "the hash of the households' list is {made}, in the report it is {}",
                report.households.sha256
            ));
        }
        if report.previous_sha256.as_deref() != previous_sha256 {
            faults.push("the report names another hash for the revision before".to_owned());
        }
        match read_list(states) {
            Ok(listed) => {
                let mut counts = Counts::default();
                for row in &listed {
                    counts.add(&row.state, 1);
                }
                if counts != report.figures.commune.counts().states_alone() {
                    faults.push("the figures are not the sum of the households' states".to_owned());
                }
            }
            Err(line) => faults.push(format!("a line of the households' list cannot be read: `{line}`")),
        }
        faults
    }
}

type StoredRow = (String, i64, String, String, String, i64, String);

fn stored(row: StoredRow) -> Result<StoredReport, StoreError> {
    let (month, revision, format, sha256, content, closed_ms, by) = row;
    let month = month.parse().map_err(|why| unreadable("month", &month, why))?;
    Ok(StoredReport { month, revision, format, sha256, content, closed: Instant::from_ms(closed_ms), by })
}

impl Store {
    /// Gives every figure of a month: what is published, frozen and compared is made here and nowhere else.
    ///
    /// `areas` names the hamlets; one that has figures and no name keeps its code. `scales` counts a hamlet's scales at the month's
    /// end, or with `None` the commune's.
    pub async fn figures_of_month(
        &self,
        month: Month,
        commune: &Commune,
        areas: &BTreeMap<AreaCode, String>,
        scales: impl Fn(Option<&AreaCode>) -> Scales,
    ) -> Result<MonthFigures, StoreError> {
        let (first, last) = (month.first_day(), month.last_day());
        let before_end = self.completeness_by_area(last - (COMPLETENESS_DAYS - 1), last).await?;
        let mut periods = self.area_periods(first, last).await?;
        for area in before_end.keys().chain(areas.keys()) {
            periods.entry(area.clone()).or_default();
        }
        let is_required = |code: &StreamCode| commune.stream(code.as_str()).is_some_and(|stream| stream.required);
        let delivered: Vec<(bool, Delivered)> = self
            .delivered(first, last)
            .await?
            .into_iter()
            .map(|(_, delivered)| (is_required(&delivered.stream), delivered))
            .collect();
        let parts = |area: Option<&AreaCode>, period: &AreaPeriod, before_end: Completeness| {
            let facts = PeriodFacts {
                is_commune: area.is_none(),
                end: period.days.get(&last).copied(),
                days: period.days.values().copied().collect(),
                collected: period
                    .tonnage
                    .iter()
                    .map(|(of, tonnage)| (of.clone(), (is_required(of), tonnage.clone())))
                    .collect(),
                service: period.service,
                statements: period.statements.clone(),
                delivered: if area.is_none() { delivered.clone() } else { Vec::new() },
                completeness: period.completeness,
                events: period.events,
                scales: scales(area),
                per_person_day_g: commune.assumptions.per_person_day_g,
            };
            let mut tonnage = period.tonnage.clone();
            for stream in &commune.streams {
                tonnage.entry(stream.code.clone()).or_default();
            }
            MonthParts {
                counts: facts.end.unwrap_or_default(),
                target: commune.target(HEADLINE, month.year()),
                before_end,
                within: period.completeness,
                tonnage,
                indicators: figures(&facts),
            }
        };
        let (mut all, mut all_before_end) = (AreaPeriod::default(), Completeness::default());
        for (area, period) in &periods {
            all.merge(period);
            all_before_end.merge(&before_end.get(area).copied().unwrap_or_default());
        }
        // What lies at a place of no known hamlet counts for the commune.
        periods.remove("");
        let named = |area: &AreaCode| areas.get(area).cloned().unwrap_or_else(|| area.to_string());
        let of_area = |(area, period): (&AreaCode, &AreaPeriod)| {
            let parts = parts(Some(area), period, before_end.get(area).copied().unwrap_or_default());
            AreaFigures::of(area.as_str(), &named(area), &parts)
        };
        Ok(MonthFigures {
            commune: AreaFigures::of("", &commune.name, &parts(None, &all, all_before_end)),
            areas: periods.iter().map(of_area).collect(),
        })
    }

    /// Gives tonnage by hamlet and stream over a range of days.
    pub async fn tonnage_by_area(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<AreaCode, BTreeMap<StreamCode, Tonnage>>, StoreError> {
        let rows: Vec<(String, String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select area, stream, cast(sum(weighed_g) as bigint), cast(sum(manual_g) as bigint), \
                 cast(sum(estimated_g) as bigint), cast(sum(unknown_household_g) as bigint), \
                 cast(sum(pickups) as bigint) from tonnage_day \
                 where day >= $1 and day <= $2 group by area, stream order by area, stream",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        let mut by_area: BTreeMap<AreaCode, BTreeMap<StreamCode, Tonnage>> = BTreeMap::new();
        for (area, stream, weighed_g, manual_g, estimated_g, unknown_household_g, pickups) in rows {
            let tonnage = Tonnage { weighed_g, manual_g, estimated_g, unknown_household_g, pickups };
            by_area.entry(area.into()).or_default().insert(stream.into(), tonnage);
        }
        Ok(by_area)
    }

    /// Gives every eligible household with its state on a day, by code.
    pub async fn list_on(&self, on: LocalDay) -> Result<Vec<Listed>, StoreError> {
        let query = StatesQuery { on, area: None, state: None, reason: None, after: None, limit: i64::MAX };
        let rows = self.states(&query).await?;
        Ok(rows.into_iter().map(|row| Listed { household: row.household, area: row.area, state: row.state }).collect())
    }

    /// Appends a report with its list. False: the month has that revision already, and it stays as it is.
    pub async fn record_month_report(
        &self,
        report: &MonthReport,
        states: &str,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let content = report.text();
        let added = writing!(self, tx => {
            sqlx::query(
                "insert into month_report (month, revision, format, sha256, content, states, closed_ms, closed_by) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (month, revision) do nothing",
            )
            .bind(report.month.to_string()).bind(report.revision).bind(&report.format).bind(sha256(&content))
            .bind(&content).bind(states).bind(at.ms()).bind(&report.closed_by)
            .execute(&mut *tx).await?.rows_affected()
        });
        Ok(added > 0)
    }

    /// Gives every revision of every closed month, latest month first, its revisions in order.
    pub async fn month_reports(&self) -> Result<Vec<StoredReport>, StoreError> {
        let rows: Vec<StoredRow> = reading!(self, pool => {
            sqlx::query_as(
                "select month, revision, format, sha256, content, closed_ms, closed_by from month_report \
                 order by month desc, revision",
            )
            .fetch_all(pool).await?
        });
        rows.into_iter().map(stored).collect()
    }

    /// Gives a revision of a closed month, the latest when none is named. `None`: there is none.
    pub async fn month_report(&self, month: Month, revision: Option<i64>) -> Result<Option<StoredReport>, StoreError> {
        let row: Option<StoredRow> = reading!(self, pool => {
            sqlx::query_as(
                "select month, revision, format, sha256, content, closed_ms, closed_by from month_report \
                 where month = $1 and ($2 = 0 or revision = $2) order by revision desc limit 1",
            )
            .bind(month.to_string()).bind(revision.unwrap_or(0)).fetch_optional(pool).await?
        });
        row.map(stored).transpose()
    }

    /// Gives the households' list beside a report. `None`: there is no such report.
    pub async fn month_states(&self, month: Month, revision: i64) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as("select states from month_report where month = $1 and revision = $2")
                .bind(month.to_string()).bind(revision).fetch_optional(pool).await?
        });
        Ok(row.map(|row| row.0))
    }

    /// Gives the last day of the latest closed month. `None`: no month is closed.
    pub async fn closed_through(&self) -> Result<Option<LocalDay>, StoreError> {
        let row: (Option<String>,) = reading!(self, pool => {
            sqlx::query_as("select max(month) from month_report").fetch_one(pool).await?
        });
        row.0.map(|month| day(&format!("{month}-01")).map(LocalDay::month_end)).transpose()
    }

    /// Gives what is closed of a range of days: each closed month with the hamlets' counts at its end, as last signed.
    pub async fn closed_counts(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<Month, BTreeMap<AreaCode, Counts>>, StoreError> {
        let rows: Vec<StoredRow> = reading!(self, pool => {
            sqlx::query_as(
                "select month, revision, format, sha256, content, closed_ms, closed_by from month_report as r \
                 where month >= $1 and month <= $2 and revision = \
                 (select max(l.revision) from month_report as l where l.month = r.month)",
            )
            .bind(Month::of(from).to_string()).bind(Month::of(to).to_string()).fetch_all(pool).await?
        });
        let mut closed = BTreeMap::new();
        for row in rows {
            let stored = stored(row)?;
            closed.insert(stored.month, stored.report()?.figures.counts());
        }
        Ok(closed)
    }

    /// Makes every hash of a report again. `None`: there is no such report.
    pub async fn report_faults(&self, month: Month, revision: i64) -> Result<Option<Vec<String>>, StoreError> {
        let Some(stored) = self.month_report(month, Some(revision)).await? else { return Ok(None) };
        let states = self.month_states(month, revision).await?.unwrap_or_default();
        let before = match revision {
            ..=1 => None,
            2.. => self.month_report(month, Some(revision - 1)).await?.map(|before| before.sha256),
        };
        Ok(Some(stored.faults(&states, before.as_deref())))
    }
}
