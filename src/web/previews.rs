//! Previews of new rules: computed beside the requests.
//!
//! # Why
//! Every household is judged twice, which takes seconds at ten thousand of them: too long for one answer, and nothing to keep. So a
//! preview lives in memory only; after a restart it is made again. Saving a rule names the preview that was looked at.

use std::sync::Arc;

use super::guard::Site;
use super::jobs::Jobs;
use super::read;
use crate::domain::attribution::Windows;
use crate::domain::rules::Rules;
use crate::recompute::{Effect, Recompute};
use crate::store::StoreError;

/// The previews of a site: the rule, and what it would change. `None`: there is no finished day to compute.
pub type Previews = Jobs<Rules, Option<Arc<Effect>>>;

/// How far a preview is.
pub type Progress = super::jobs::Progress<Option<Arc<Effect>>>;

/// Begins a preview and gives its id. `None`: no day is finished.
pub async fn begin(site: &Site, rules: Rules) -> Result<Option<String>, StoreError> {
    let Some(last_day) = read::last_finished(site).await? else { return Ok(None) };
    let closed = site.web.store.closed_through().await?;
    let recompute = Recompute {
        store: site.web.store.clone(),
        commune: read::commune(site),
        register: site.web.register.borrow().clone(),
        register_version: None,
        windows: Windows::default(),
    };
    let (all, proposed) = (recompute.register.households.len(), rules.clone());
    Ok(Some(site.previews.begin(rules, all, |told| async move {
        match recompute.effect_of(&proposed, last_day, closed, |done, all| told.tell(done, all)).await {
            Ok(effect) => Some(effect.map(Arc::new)),
            Err(error) => {
                tracing::error!(%error, "the preview of a rule failed");
                None
            }
        }
    })))
}
