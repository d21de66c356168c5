//! Query parameters, parsed at the edge: what comes out cannot be wrong.

use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::guard::Site;
use super::problem::Problem;
use crate::domain::ids::AreaCode;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::Step;

/// Query parameters; what cannot be parsed is told as a problem.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::<T>::try_from_uri(&parts.uri).map(|Query(asked)| Self(asked)).map_err(|rejection| {
            Problem::bad_value(format!(
                "the query `{}` cannot be read: {}",
                parts.uri.query().unwrap_or_default(),
                rejection.body_text()
            ))
        })
    }
}

/// Gives a parameter that was filled in; forms send empty ones for "all".
pub fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Parses a day.
pub fn day(name: &str, text: &Option<String>) -> Result<Option<LocalDay>, Problem> {
    given(text)
        .map(|text| text.parse().map_err(|why| Problem::bad_value(format!("parameter `{name}`: {why}"))))
        .transpose()
}

/// Parses a word of a list.
pub fn word<T>(
    name: &str,
    text: &Option<String>,
    words: &[&str],
    of: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    given(text)
        .map(|text| {
            of(text).ok_or_else(|| {
                Problem::bad_value(format!("parameter `{name}`: unknown `{text}`; use {}", words.join(", ")))
            })
        })
        .transpose()
}

/// Parses a step; `default` when none is given.
pub fn step(text: &Option<String>, default: Step) -> Result<Step, Problem> {
    let step = word("step", text, &["day", "week", "month", "year"], |word| match word {
        "day" => Some(Step::Day),
        "week" => Some(Step::Week),
        "month" => Some(Step::Month),
        "year" => Some(Step::Year),
        _ => None,
    })?;
    Ok(step.unwrap_or(default))
}

/// Parses a number of rows, 1 ..= `most`; `default` when none is given.
pub fn limit(text: &Option<String>, default: i64, most: i64) -> Result<i64, Problem> {
    let Some(text) = given(text) else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| Problem::bad_value(format!("parameter `limit`: `{text}` is not a number from 1 to {most}")))
}

/// Parses a hamlet that the register knows.
pub fn area(site: &Site, text: &Option<String>) -> Result<Option<AreaCode>, Problem> {
    given(text).map(|text| known_area(site, text).map_err(|problem| Problem::bad_value(problem.detail))).transpose()
}

/// Finds a hamlet; an unknown one is "not found".
pub fn known_area(site: &Site, code: &str) -> Result<AreaCode, Problem> {
    let register = site.web.register.borrow();
    register.areas.get_key_value(code).map(|(code, _)| code.clone()).ok_or_else(|| {
        Problem::not_found(format!("unknown area `{code}`; /api/v1/sorting-share/areas lists the areas"))
    })
}

/// Days in a range at most: ten years.
const RANGE_DAYS_MAX: i32 = 3_660;

/// Checks a range of days.
pub fn range(from: LocalDay, to: LocalDay) -> Result<(LocalDay, LocalDay), Problem> {
    if from > to {
        return Err(Problem::bad_value(format!("parameter `from`: {from} is after `to` {to}; swap them")));
    }
    if to - from > RANGE_DAYS_MAX {
        return Err(Problem::bad_value(format!("from {from} to {to} is more than ten years; ask for a shorter range")));
    }
    Ok((from, to))
}

/// Parses an instant: a day (its start, or with `end` the start of the day after) or a time with its zone.
pub fn instant(site: &Site, name: &str, text: &Option<String>, end: bool) -> Result<Option<Instant>, Problem> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    if let Ok(day) = text.parse::<LocalDay>() {
        let zone = &site.web.commune.borrow().zone;
        return Ok(Some(zone.start_of(if end { day.next() } else { day })));
    }
    text.parse::<jiff::Timestamp>().map(|stamp| Some(stamp.into())).map_err(|_| {
        Problem::bad_value(format!(
            "parameter `{name}`: `{text}` is neither a day nor a time; write YYYY-MM-DD or 2026-11-23T06:00:00+07:00"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_parameter_is_none_and_a_wrong_one_is_named_with_the_way_out() {
        assert_eq!(day("on", &Some(String::new())), Ok(None));
        let problem = day("on", &Some("23/11/2026".into())).expect_err("not a day");
        assert_eq!(problem.detail, "parameter `on`: `23/11/2026` is not a day; write YYYY-MM-DD");
        let problem = step(&Some("hour".into()), Step::Day).expect_err("no such step");
        assert_eq!(problem.detail, "parameter `step`: unknown `hour`; use day, week, month, year");
        assert_eq!(
            limit(&Some("0".into()), 10, 100).expect_err("too few").detail,
            "parameter `limit`: `0` is not a number from 1 to 100"
        );
    }

    #[test]
    fn a_range_must_run_forwards() {
        let (first, last) = (LocalDay::from_number(10), LocalDay::from_number(11));
        assert!(range(first, last).is_ok());
        assert!(range(last, first).is_err());
    }
}
