//! The phones' outbox: which versions of its items this server takes.
//!
//! # Why
//! A phone can hold items for days, so the app that made them may be older than the server, or newer after a restore. Items carry the
//! version in a header of their request. What the server cannot take is answered apart from every other refusal (426), and the
//! phone keeps the item and says what to do: an item is a person's work and is never lost to an update.

use axum::http::HeaderMap;

use super::problem::Problem;

/// The header that an item's version travels in.
pub const HEADER: &str = "outbox-version";
/// Version of the items that this server's own app makes.
pub const NEWEST: u32 = 1;
/// Oldest version that is still taken.
pub const OLDEST: u32 = 1;

/// Checks the version of an item; a request without one is from another program.
pub fn taken(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(());
    };
    let version = value.to_str().ok().and_then(|text| text.parse::<u32>().ok());
    match version {
        Some(version) if (OLDEST..=NEWEST).contains(&version) => Ok(()),
        Some(version) if version > NEWEST => Err(Problem::other_version(format!(
            "items of version {version} are newer than this server, which takes {OLDEST} to {NEWEST}; the item stays on the phone; \
             tell an administrator"
        ))),
        Some(_) | None => Err(Problem::other_version(format!(
            "items of version `{}` are not taken any more, only {OLDEST} to {NEWEST}; the item stays on the phone; update the app: \
             open it while there is a signal",
            value.to_str().unwrap_or("?")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn an_item_of_another_version_is_kept_by_the_phone_and_told_the_way_out() {
        let asked = |version: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_static(version));
            taken(&headers)
        };
        assert_eq!((asked("1"), taken(&HeaderMap::new())), (Ok(()), Ok(())));
        for (version, way_out) in [("0", "update the app"), ("x", "update the app"), ("2", "tell an administrator")] {
            let problem = asked(version).expect_err("refused");
            assert_eq!(problem.status.as_u16(), 426);
            assert!(problem.detail.contains(way_out) && problem.detail.contains("stays on the phone"), "{problem:?}");
        }
    }
}
