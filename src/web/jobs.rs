//! Work that takes longer than an answer may: done beside the requests, watched by the page that asked, its outcome kept until newer
//! ones push it out.
//!
//! # Why
//! It lives in memory only: previews and papers to print can be made again. Few are kept, so that a forgotten one costs little.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::AbortOnDropHandle;

/// Jobs kept, under way or done: one an officer and a few to spare. A newer one ends the oldest.
const KEPT: usize = 4;

/// How far a job is.
#[derive(Clone, Debug)]
pub enum Progress<T> {
    /// Parts done, and in all.
    Running(usize, usize),
    /// Done.
    Done(T),
    /// It failed; the log says why.
    Failed,
}

/// Hears how far a job is.
#[derive(Clone, Debug)]
pub struct Told(Arc<(AtomicUsize, AtomicUsize)>);

impl Told {
    /// Takes the parts that are done, and all.
    pub fn tell(&self, done: usize, all: usize) {
        self.0.0.store(done, Ordering::Relaxed);
        self.0.1.store(all, Ordering::Relaxed);
    }
}

struct Job<A, T> {
    id: String,
    about: A,
    told: Told,
    outcome: Arc<Mutex<Option<Progress<T>>>>,
    _task: AbortOnDropHandle<()>,
}

/// The jobs of one kind: what each is about, and what comes of it.
pub struct Jobs<A, T>(Mutex<VecDeque<Job<A, T>>>);

impl<A, T> Default for Jobs<A, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left half done is made again.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<A: Clone, T: Clone + Send + 'static> Jobs<A, T> {
    /// Gives what a job is about and how far it is. `None`: it is not kept any more.
    pub fn find(&self, id: &str) -> Option<(A, Progress<T>)> {
        let jobs = locked(&self.0);
        let job = jobs.iter().find(|job| job.id == id)?;
        let progress = locked(&job.outcome).clone().unwrap_or_else(|| {
            Progress::Running(job.told.0.0.load(Ordering::Relaxed), job.told.0.1.load(Ordering::Relaxed))
        });
        Some((job.about.clone(), progress))
    }

    /// Begins a job of `all` parts and gives its id. What it gives is its outcome; `None`: it failed.
    pub fn begin<F>(&self, about: A, all: usize, job: impl FnOnce(Told) -> F) -> String
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let told = Told(Arc::new((AtomicUsize::new(0), AtomicUsize::new(all))));
        let outcome = Arc::new(Mutex::new(None));
        let (work, kept) = (job(told.clone()), Arc::clone(&outcome));
        let task = tokio::spawn(async move {
            let done = work.await.map_or(Progress::Failed, Progress::Done);
            *locked(&kept) = Some(done);
        });
        let id = uuid::Uuid::now_v7().simple().to_string();
        let job = Job { id: id.clone(), about, told, outcome, _task: AbortOnDropHandle::new(task) };
        let mut jobs = locked(&self.0);
        jobs.push_back(job);
        while jobs.len() > KEPT {
            jobs.pop_front();
        }
        id
    }
}
