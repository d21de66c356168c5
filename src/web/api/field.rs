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
