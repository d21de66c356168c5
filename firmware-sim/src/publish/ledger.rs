//! What is published, what the broker has acknowledged, and from when on a next run must send again.

use super::{Phase, Progress};
use crate::calendar::Day;
use crate::walk::Walk;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

type Report = Box<dyn Fn(Progress) + Send + Sync>;

pub(super) struct Ledger {
    books: Mutex<Books>,
    settled: Notify,
    report: Report,
}

struct Books {
    phase: Phase,
    published: u64,
    acked: u64,
    total: u64,
    day: Day,
    /// Earliest capture not yet entered below.
    unsent_from_ms: i64,
    /// Envelopes not acknowledged: first capture and number.
    outstanding: BTreeSet<(i64, u64)>,
    next_parcel: u64,
}

impl Ledger {
    pub fn new(origin: Day, report: Report) -> Self {
        let books = Books {
            phase: Phase::History,
            published: 0,
            acked: 0,
            total: 0,
            day: origin,
            unsent_from_ms: Walk::earliest_ms(origin),
            outstanding: BTreeSet::new(),
            next_parcel: 0,
        };
        Self { books: Mutex::new(books), settled: Notify::new(), report }
    }

    /// The history holds `total` events.
    pub fn expect(&self, total: u64) {
        self.books().total = total;
        (self.report)(self.progress());
    }

    /// Enters an envelope, whose earliest capture is `first_at_ms`; gives its number.
    pub fn enter(&self, first_at_ms: i64) -> u64 {
        let mut books = self.books();
        books.next_parcel += 1;
        let number = books.next_parcel;
        books.outstanding.insert((first_at_ms, number));
        number
    }

    /// Everything captured before `at_ms` has been entered; the day being published is `day`.
    pub fn entered_up_to(&self, day: Day, at_ms: i64) {
        let mut books = self.books();
        books.day = day;
        books.unsent_from_ms = at_ms;
    }

    /// An envelope of `events` events went to its connection.
    pub fn published(&self, events: u64) {
        let mut books = self.books();
        books.published += events;
        if books.phase == Phase::Live {
            books.total = books.published;
        }
    }

    /// The broker acknowledged an envelope.
    pub fn acked(&self, first_at_ms: i64, number: u64, events: u64) {
        let progress = {
            let mut books = self.books();
            if !books.outstanding.remove(&(first_at_ms, number)) {
                return;
            }
            books.acked += events;
            if books.outstanding.is_empty() {
                self.settled.notify_waiters();
            }
            books.progress()
        };
        (self.report)(progress);
    }

    /// Waits until every envelope entered is acknowledged.
    pub async fn settled(&self) {
        loop {
            let notified = self.settled.notified();
            if self.books().outstanding.is_empty() {
                return;
            }
            notified.await;
        }
    }

    /// The history is through.
    pub fn go_live(&self) {
        let progress = {
            let mut books = self.books();
            books.phase = Phase::Live;
            books.total = books.published;
            books.progress()
        };
        (self.report)(progress);
    }

    /// Nothing more will be sent.
    pub fn finish(&self) {
        self.books().phase = Phase::Done;
        (self.report)(self.progress());
    }

    pub fn progress(&self) -> Progress {
        self.books().progress()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // Every change is a single assignment or insertion: a panic elsewhere leaves the books whole.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn progress(&self) -> Progress {
        let oldest = self.outstanding.first().map(|(at_ms, _)| *at_ms);
        Progress {
            phase: self.phase,
            published_events: self.published,
            total_events: self.total.max(self.published),
            acked_events: self.acked,
            day: self.day.date(),
            resume_from_ms: oldest.map_or(self.unsent_from_ms, |at_ms| at_ms.min(self.unsent_from_ms)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_run_starts_at_the_oldest_event_not_acknowledged() {
        let ledger = Ledger::new(Day(10), Box::new(|_| {}));
        let (one, two) = (ledger.enter(1_000), ledger.enter(2_000));
        ledger.entered_up_to(Day(10), 9_000);
        ledger.acked(2_000, two, 5);
        assert_eq!(ledger.progress().resume_from_ms, 1_000);
        ledger.acked(1_000, one, 5);
        ledger.acked(1_000, one, 5);
        assert_eq!(ledger.progress().resume_from_ms, 9_000);
        assert_eq!(ledger.progress().acked_events, 10);
    }
}
