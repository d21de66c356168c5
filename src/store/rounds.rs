//! Rounds of many places, as an officer looks at them, and how many were missed.

use super::derived::rows::RoundRow;
use super::{Store, StoreError, reading};
use crate::domain::ids::{PlaceCode, StreamCode};
use crate::domain::round::RoundOutcome;
use crate::domain::state::word;
use crate::domain::time::{Instant, LocalDay};

word!(
    /// What became of a scheduled round.
    RoundFate {
        /// It ended, and neither did a crew open it nor did an accepted pickup fall in it.
        Missed = "missed",
        /// It ran, and could not be observed.
        Unobserved = "unobserved",
        /// It ran and was observable: an opportunity.
        Counted = "counted",
    }
);

/// Which rounds are asked for.
#[derive(Clone, Debug)]
pub struct RoundsQuery {
    /// First service date.
    pub from: LocalDay,
    /// Last service date.
    pub to: LocalDay,
    /// A place only.
    pub place: Option<PlaceCode>,
    /// A stream only.
    pub stream: Option<StreamCode>,
    /// A fate only.
    pub fate: Option<RoundFate>,
    /// Rounds that had ended by then.
    pub ended_by: Instant,
    /// Rounds after this one of the list: service date, place, start in milliseconds, stream.
    pub after: Option<(LocalDay, String, i64, String)>,
    /// At most so many.
    pub limit: i64,
}

/// Rounds that ended, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundSums {
    /// Scheduled.
    pub scheduled: i64,
    /// Of them, ran.
    pub ran: i64,
    /// Of those, observable.
    pub counted: i64,
    /// Opened by a crew.
    pub crew_opened: i64,
}

impl RoundSums {
    /// Gives the rounds that did not run.
    pub const fn missed(&self) -> i64 {
        self.scheduled - self.ran
    }
}

/// The conditions that list and sums share; binds `$1` to `$6`.
const ASKED: &str = "day >= $1 and day <= $2 and ($3 = '' or place = $3) and ($4 = '' or stream = $4) and end_ms <= $5 \
                     and ($6 = '' or ($6 = 'missed' and ran = 0) or ($6 = 'unobserved' and ran = 1 and observable = 0) \
                     or ($6 = 'counted' and ran = 1 and observable = 1))";

impl Store {
    /// Gives ended rounds, the latest day first, within it by place and start.
    pub async fn listed_rounds(&self, query: &RoundsQuery) -> Result<Vec<RoundOutcome>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select place, stream, day, start_ms, end_ms, ran, observable, crew_opened from round where {ASKED} \
             and ($7 = '' or day < $7 or (day = $7 and (place, start_ms, stream) > ($8, $9, $10))) \
             order by day desc, place, start_ms, stream limit $11"
        ));
        let (day, place, start_ms, stream) = match &query.after {
            Some((day, place, start_ms, stream)) => (day.to_string(), place.as_str(), *start_ms, stream.as_str()),
            None => (String::new(), "", 0, ""),
        };
        let rows: Vec<RoundRow> = reading!(self, pool => {
            sqlx::query_as(sql)
                .bind(query.from.to_string())
                .bind(query.to.to_string())
                .bind(query.place.as_ref().map_or("", PlaceCode::as_str))
                .bind(query.stream.as_ref().map_or("", StreamCode::as_str))
                .bind(query.ended_by.ms())
                .bind(query.fate.map_or("", RoundFate::as_str))
                .bind(day)
                .bind(place)
                .bind(start_ms)
                .bind(stream)
                .bind(query.limit)
                .fetch_all(pool)
                .await?
        });
        rows.into_iter().map(RoundRow::into_outcome).collect()
    }

    /// Counts ended rounds, whatever their fate.
    pub async fn round_sums(&self, query: &RoundsQuery) -> Result<RoundSums, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select count(*), cast(coalesce(sum(ran), 0) as bigint), cast(coalesce(sum(ran * observable), 0) as bigint), \
             cast(coalesce(sum(crew_opened), 0) as bigint) from round where {ASKED}"
        ));
        let (scheduled, ran, counted, crew_opened): (i64, i64, i64, i64) = reading!(self, pool => {
            sqlx::query_as(sql)
                .bind(query.from.to_string())
                .bind(query.to.to_string())
                .bind(query.place.as_ref().map_or("", PlaceCode::as_str))
                .bind(query.stream.as_ref().map_or("", StreamCode::as_str))
                .bind(query.ended_by.ms())
                .bind("")
                .fetch_one(pool)
                .await?
        });
        Ok(RoundSums { scheduled, ran, counted, crew_opened })
    }
}
