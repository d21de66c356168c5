//! A service's answers over its HTTP API, as its published contract words them.

use super::{Answers, DayAnswer, PickupAnswer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;
use thiserror::Error;

/// Most rows the API gives at once.
const PAGE_ROWS: &str = "5000";
/// A page of pickups is about 2 MB.
const PAGE_BYTES: u64 = 64 * 1_024 * 1_024;
/// A cold service computes a month's series in well under this.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the answers could not be had.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The service cannot be reached, or refuses.
    #[error("`{url}`: {cause}; check --server, and that --token is an officer's")]
    Ask {
        /// What was asked.
        url: String,
        /// What went wrong.
        cause: Box<ureq::Error>,
    },
}

#[derive(Deserialize)]
struct Page<T> {
    rows: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct StateRow {
    household: String,
    state: String,
}

#[derive(Deserialize)]
struct ShareRow {
    on: String,
    share_percent: Option<f64>,
    upper_percent: Option<f64>,
}

#[derive(Deserialize)]
struct TonnageRow {
    stream: String,
    weighed_g: i64,
}

struct Client {
    agent: ureq::Agent,
    server: String,
    token: Option<String>,
}

/// Asks `server` (such as `http://127.0.0.1:8080`) for everything between the local days `from` and `to`,
/// both included. States and pickups need the token of an account that may see them.
///
/// # Errors
/// The service cannot be reached, refuses, or answers in other words than its contract's.
pub fn fetch(server: &str, token: Option<&str>, from: &str, to: &str) -> Result<Answers, FetchError> {
    let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    let client = Client { agent, server: server.trim_end_matches('/').to_owned(), token: token.map(str::to_owned) };
    let span = [("from", from), ("to", to)];
    let pickups: Vec<PickupAnswer> = client.all("/api/v1/pickups", &span)?;
    let shares: Page<ShareRow> = client.get("/api/v1/sorting-share/series", &[span[0], span[1], ("step", "day")])?;
    let tonnage: Page<TonnageRow> = client.get("/api/v1/tonnage", &[span[0], span[1], ("step", "month")])?;
    let mut weighed_g = BTreeMap::new();
    for row in tonnage.rows {
        *weighed_g.entry(row.stream).or_default() += row.weighed_g;
    }
    let mut days = Vec::with_capacity(shares.rows.len());
    for row in shares.rows {
        let states: Vec<StateRow> = client.all("/api/v1/states", &[("on", &row.on)])?;
        days.push(DayAnswer {
            states: states.into_iter().map(|of| (of.household, of.state)).collect(),
            on: row.on,
            share_percent: row.share_percent,
            upper_percent: row.upper_percent,
        });
    }
    Ok(Answers { pickups, days, weighed_g })
}

impl Client {
    /// Every page of a list.
    fn all<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<T>, FetchError> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let mut asked = query.to_vec();
            asked.push(("limit", PAGE_ROWS));
            asked.extend(after.as_deref().map(|after| ("after", after)));
            let page: Page<T> = self.get(path, &asked)?;
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return Ok(rows);
            }
        }
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, FetchError> {
        let url = format!("{}{path}", self.server);
        let failed = |cause| FetchError::Ask { url: url.clone(), cause: Box::new(cause) };
        let mut request = self.agent.get(&url).query_pairs(query.iter().copied());
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut response = request.call().map_err(failed)?;
        response.body_mut().with_config().limit(PAGE_BYTES).read_json().map_err(failed)
    }
}
