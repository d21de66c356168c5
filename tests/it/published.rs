//! What the API publishes is what the second evaluator computes: shares of every day and period of the commune, its hamlets and its
//! points, and the other indicators of whole weeks and months.

use serde_json::Value;

use crate::commune::{NOW, TestCommune};
use crate::oracle::evaluate::Outcome;
use crate::oracle::period::{Books, Told};
use crate::oracle::random::Random;
use crate::oracle::time::Day;
use crate::oracle::world::World;
use crate::signing::Office;

/// A percentage of the API, which has two decimals.
fn hundredths(value: &Value) -> Option<i64> {
    value.as_f64().map(|real| format!("{:.0}", real * 100.0).parse().unwrap())
}

/// Finds a figure of the share, wherever the API keeps it.
fn figure(row: &Value, name: &str) -> Option<i64> {
    let places = [&row[name], &row["undetermined_by_reason"][name], &row["evidence"][name], &row["companions"][name]];
    let found = places.into_iter().find(|value| !value.is_null())?;
    if name.ends_with("_percent") { hundredths(found) } else { found.as_i64() }
}

/// The last day of the week or month that holds a day.
fn last_of(step: &str, day: Day) -> Day {
    let is_last = |day: &Day| match step {
        "week" => day.weekday() == "Sun",
        _ => day.to_string()[..7] != day.plus(1).to_string()[..7],
    };
    (day.0..day.0 + 31).map(Day).find(is_last).unwrap()
}

struct Desk<'a> {
    office: Office,
    books: Books<'a>,
    begin: Day,
    to: Day,
    differences: Vec<String>,
}

impl Desk<'_> {
    async fn ask(&self, path: &str) -> Value {
        let (status, body) = self.office.ask("GET", path, None).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn compare_share(&mut self, what: &str, row: &Value, area: Option<&str>, point: Option<&str>, day: Day) {
        for (name, wanted) in self.books.share_on(area, point, day) {
            let got = figure(row, name);
            if got != wanted {
                self.differences.push(format!("{what} {day} {name}: expected {wanted:?}, got {got:?}"));
            }
        }
    }

    async fn shares(&mut self, area: Option<&str>) {
        let of = area.map(|area| format!("&area={area}")).unwrap_or_default();
        let (begin, to) = (self.begin, self.to);
        for step in ["day", "week", "month"] {
            let path = format!("/api/v1/sorting-share/series?from={begin}&to={to}&step={step}{of}");
            for row in self.ask(&path).await["rows"].as_array().unwrap() {
                let day: Day = row["on"].as_str().unwrap().parse().unwrap();
                let end = last_of(step, day).min(to);
                if step != "day" && day != end {
                    self.differences.push(format!("{step} {of}: is told at {day}, and ends with {end}"));
                }
                self.compare_share(&format!("series {step} {of}"), row, area, None, day);
            }
        }
        let path = format!("/api/v1/sorting-share/series?from={to}&to={to}&step=year{of}");
        let (months, wanted) = self.books.year(area, begin, to);
        let rows = self.ask(&path).await["rows"].as_array().unwrap().clone();
        let got = rows.last().map(|row| {
            let year = &row["year"];
            let names = ["mean_share_percent", "mean_upper_percent", "mean_coverage_percent"];
            (year["months"].as_i64().unwrap_or(0), names.map(|name| hundredths(&year[name])))
        });
        if got != (months > 0).then_some((months, wanted)) {
            self.differences.push(format!("year {of}: expected {months} {wanted:?}, got {got:?}"));
        }
    }

    async fn indicators(&mut self, area: Option<&str>, step: &str) {
        let of = area.map(|area| format!("&area={area}")).unwrap_or_default();
        let (begin, to) = (self.begin, self.to);
        let path = format!("/api/v1/indicators?from={begin}&to={to}&step={step}{of}");
        let rows = self.ask(&path).await["rows"].as_array().unwrap().clone();
        let day = |row: &Value, name: &str| -> Day { row[name].as_str().unwrap().parse().unwrap() };
        for rows in rows.chunk_by(|a, b| a["from"] == b["from"]) {
            let (first, last) = (day(&rows[0], "from"), day(&rows[0], "to"));
            if first < begin {
                continue;
            }
            let mut wanted = self.books.indicators(area, first, last);
            for row in rows {
                let key = (row["indicator"].as_str().unwrap().to_owned(), row["stream"].as_str().map(str::to_owned));
                let grams = |value: &Value| value.as_f64().map(|real| format!("{real:.0}").parse().unwrap());
                let value = if key.0 == "yield" { grams(&row["value"]) } else { hundredths(&row["value"]) };
                let got: Told = (row["part"].as_i64().unwrap(), row["whole"].as_i64().unwrap(), value);
                let wanted = wanted.remove(&key);
                if wanted != Some(got) {
                    self.differences.push(format!("{step} {first} {of} {key:?}: expected {wanted:?}, got {got:?}"));
                }
            }
            if !wanted.is_empty() {
                self.differences.push(format!("{step} {first} {of}: not published: {wanted:?}"));
            }
        }
    }
}

/// Gives what is published and is not what the second evaluator computes. `world` is settled.
pub async fn differences(
    commune: &TestCommune,
    world: &World,
    outcome: &Outcome,
    begin: Day,
    seed: u64,
) -> Vec<String> {
    let office = Office::open(commune, NOW, "canbo").await;
    let books = Books::open(world, outcome, NOW.ms());
    let mut desk = Desk { office, books, begin, to: world.to, differences: Vec::new() };
    let areas: Vec<&str> = world.areas.iter().map(|area| area.code.as_str()).collect();
    for area in std::iter::once(None).chain(areas.iter().copied().map(Some)) {
        desk.shares(area).await;
        desk.indicators(area, "week").await;
        desk.indicators(area, "month").await;
    }
    let mut random = Random::new(seed ^ 0xda75);
    for day in [world.to, Day(random.between(begin.0, world.to.0))] {
        for row in desk.ask(&format!("/api/v1/sorting-share/areas?on={day}")).await["rows"].as_array().unwrap() {
            let area = row["area"].as_str().unwrap().to_owned();
            desk.compare_share(&format!("hamlets {area}"), row, Some(&area), None, day);
        }
        for row in desk.ask(&format!("/api/v1/sorting-share/points?on={day}")).await["rows"].as_array().unwrap() {
            let point = row["point"].as_str().unwrap().to_owned();
            desk.compare_share(&format!("points {point}"), row, None, Some(&point), day);
        }
    }
    desk.differences
}
