//! What every app on a phone asks: who is signed in and what time it is; and how lists of houses stand.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::time::LocalDay;
use crate::store::Account;
use crate::web::guard::Site;
use crate::web::pages::App;
use crate::web::problem::Problem;
use crate::web::{outbox, read};

/// Who is signed in, and what time it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NowOf {
    /// The account.
    account: String,
    /// The server's time, milliseconds since 1970 UTC.
    now_ms: i64,
    /// The commune's day.
    #[schema(value_type = String, format = Date)]
    today: LocalDay,
    /// Oldest version of outbox items that is taken.
    oldest_items: u32,
    /// Newest version of outbox items that is taken.
    newest_items: u32,
    /// Fingerprint of the app that this server gives out.
    edition: String,
}

/// Tells an app who is signed in and the server's time, so that the phone can tell its own clock's error.
pub fn now_of(site: &Site, account: &Account, app: App) -> Result<NowOf, Problem> {
    Ok(NowOf {
        account: account.name.clone(),
        now_ms: site.web.clock.now().ms(),
        today: read::today(site),
        oldest_items: outbox::OLDEST,
        newest_items: outbox::NEWEST,
        edition: app.edition(site)?,
    })
}

/// Gives what sorts codes as people count: `TM-9` before `TM-10`.
pub fn by_number(code: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(text);
        let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_the_order_in_which_people_count() {
        let mut codes = ["TM-10", "TM-9", "TM-100", "A2-1", "A10-1", "TM-9b"];
        codes.sort_by_cached_key(|code| by_number(code));
        assert_eq!(codes, ["A2-1", "A10-1", "TM-9", "TM-9b", "TM-10", "TM-100"]);
    }
}
