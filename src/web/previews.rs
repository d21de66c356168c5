//! Previews of new rules: computed beside the requests, watched by the page that asked, kept until newer ones push them out.
//!
//! # Why
//! Every household is judged twice, which takes seconds at ten thousand of them: too long for one answer, and nothing to keep. So a
//! preview lives in memory only; after a restart it is made again. Saving a rule names the preview that was looked at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::AbortOnDropHandle;

use super::guard::Site;
use super::read;
use crate::domain::attribution::Windows;
use crate::domain::rules::Rules;
use crate::recompute::{Effect, Recompute};
use crate::store::StoreError;

/// Previews kept, under way or done: one an officer and a few to spare. A newer one ends the oldest.
const KEPT: usize = 4;

/// How far a preview is.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Households done, and in all.
    Running(usize, usize),
    /// Done. `None`: there is no finished day to compute.
    Done(Option<Arc<Effect>>),
    /// It failed; the log says why.
    Failed,
}

struct Job {
    id: String,
    rules: Rules,
    progress: Arc<(AtomicUsize, AtomicUsize)>,
    outcome: Arc<Mutex<Option<Progress>>>,
    _task: AbortOnDropHandle<()>,
}

/// The previews of a site.
#[derive(Default)]
pub struct Previews(Mutex<VecDeque<Job>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left half done is a preview, which is made again.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Previews {
    /// Gives a preview's rule and how far it is. `None`: it is not kept any more.
    pub fn find(&self, id: &str) -> Option<(Rules, Progress)> {
        let jobs = locked(&self.0);
        let job = jobs.iter().find(|job| job.id == id)?;
        let progress = locked(&job.outcome).clone().unwrap_or_else(|| {
            Progress::Running(job.progress.0.load(Ordering::Relaxed), job.progress.1.load(Ordering::Relaxed))
        });
        Some((job.rules.clone(), progress))
    }

    /// Begins a preview and gives its id.
    pub async fn begin(&self, site: &Site, rules: Rules) -> Result<Option<String>, StoreError> {
        let Some(last_day) = read::last_finished(site).await? else { return Ok(None) };
        let closed = site.web.store.closed_through().await?;
        let recompute = Recompute {
            store: site.web.store.clone(),
            commune: read::commune(site),
            register: site.web.register.borrow().clone(),
            register_version: None,
            windows: Windows::default(),
        };
        let progress = Arc::new((AtomicUsize::new(0), AtomicUsize::new(recompute.register.households.len())));
        let outcome = Arc::new(Mutex::new(None));
        let (told, kept, proposed) = (Arc::clone(&progress), Arc::clone(&outcome), rules.clone());
        let task = tokio::spawn(async move {
            let tell = |done, all| {
                told.0.store(done, Ordering::Relaxed);
                told.1.store(all, Ordering::Relaxed);
            };
            let done = match recompute.effect_of(&proposed, last_day, closed, tell).await {
                Ok(effect) => Progress::Done(effect.map(Arc::new)),
                Err(error) => {
                    tracing::error!(%error, "the preview of a rule failed");
                    Progress::Failed
                }
            };
            *locked(&kept) = Some(done);
        });
        let id = uuid::Uuid::now_v7().simple().to_string();
        let job = Job { id: id.clone(), rules, progress, outcome, _task: AbortOnDropHandle::new(task) };
        let mut jobs = locked(&self.0);
        jobs.push_back(job);
        while jobs.len() > KEPT {
            jobs.pop_front();
        }
        Ok(Some(id))
    }
}
