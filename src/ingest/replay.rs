//! Replay: what lies in quarantine is decoded again, under the register and the rules of today, with its first receive time.
//!
//! Owns the choice of what is decoded together. Decoding, committing and the rules are the writer's and the store's: a replayed
//! message goes the way of a received one, so it counts once however often it is replayed.
//!
//! # Why
//! A state message tells of a moment long past: replayed it is done with, and changes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::writer::{self, Batch, Done, Message};
use crate::devices::{Accepts, Root};
use crate::domain::ids::StreamCode;
use crate::domain::register::{Commune, Register};
use crate::domain::time::Clock;
use crate::store::{FURTHEST_AHEAD, QuarantineRow, ReplayOutcome, Replayed, Replaying, Store, StoreError};

/// Rows of one transaction: with 256 KiB each they stay within what the writer itself takes together.
const TOGETHER: i64 = 64;

/// What is needed to replay.
pub struct Replay {
    /// The database.
    pub store: Store,
    /// Where the topics begin.
    pub root: Root,
    /// The commune in force.
    pub commune: Arc<Commune>,
    /// The register in force.
    pub register: Arc<Register>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
}

/// What a replay of many rows gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayTotals {
    /// Rows of which nothing is refused any more.
    pub taken: u64,
    /// Rows that are still refused.
    pub refused: u64,
    /// Rows that are in conflict with what is stored.
    pub conflicts: u64,
}

impl Replay {
    /// Replays one row. What was taken before is left as it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn one(&self, id: &str, by: &str) -> Result<Replayed, StoreError> {
        let Some(row) = self.store.quarantined(id).await? else {
            return Ok(Replayed::Unknown);
        };
        if !row.whole {
            return Ok(Replayed::Cut);
        }
        if row.outcome == Some(ReplayOutcome::Taken) {
            return Ok(Replayed::Done(ReplayOutcome::Taken));
        }
        let ids = [id.to_owned()];
        let outcomes = self.together(&ids, by).await?;
        Ok(outcomes.first().map_or(Replayed::Unknown, |outcome| Replayed::Done(*outcome)))
    }

    /// Replays every row that can be, of one reason or of all.
    ///
    /// # Errors
    /// The database's; what was committed before stays.
    pub async fn all(&self, code: Option<&str>, by: &str) -> Result<ReplayTotals, StoreError> {
        let mut totals = ReplayTotals::default();
        let mut after = String::new();
        loop {
            let ids = self.store.replayable(code.unwrap_or_default(), &after, TOGETHER).await?;
            let Some(last) = ids.last() else { return Ok(totals) };
            after.clone_from(last);
            for outcome in self.together(&ids, by).await? {
                match outcome {
                    ReplayOutcome::Taken => totals.taken += 1,
                    ReplayOutcome::Refused => totals.refused += 1,
                    ReplayOutcome::Conflict => totals.conflicts += 1,
                }
            }
        }
    }

    /// Replays some rows in one transaction.
    async fn together(&self, ids: &[String], by: &str) -> Result<Vec<ReplayOutcome>, StoreError> {
        let mut messages = Vec::with_capacity(ids.len());
        for id in ids {
            if let (Some(row), Some(raw)) = (self.store.quarantined(id).await?, self.store.quarantined_raw(id).await?) {
                messages.push((id.clone(), message(row, &raw)));
            }
        }
        let ids: Vec<String> = messages.iter().map(|(id, _)| id.clone()).collect();
        let mut batch = self.decode(messages).await;
        self.refuse_leaps(&mut batch).await?;
        let replaying = Replaying { ids: &ids, at: self.clock.now(), by };
        let conflict = |reading: &_| writer::conflict(&self.root, reading);
        self.store.append_replayed(&batch.readings, &batch.refused, &self.commune.zone, conflict, replaying).await
    }

    async fn decode(&self, messages: Vec<(String, Message)>) -> Batch {
        let (root, commune, register) = (self.root.clone(), Arc::clone(&self.commune), Arc::clone(&self.register));
        let work = move || {
            let streams: Vec<StreamCode> = commune.streams.iter().map(|stream| stream.code.clone()).collect();
            let accepts = Accepts { streams: &streams, simulated: commune.simulated };
            let mut batch = Batch::default();
            for (_, message) in &messages {
                writer::decode_one(message, &root, &accepts, &register, &mut batch);
            }
            batch
        };
        tokio::task::spawn_blocking(work).await.expect("decoding never panics and is never cancelled")
    }

    async fn refuse_leaps(&self, batch: &mut Batch) -> Result<(), StoreError> {
        let mut furthest = HashMap::new();
        let mut kept = Vec::with_capacity(batch.readings.len());
        for reading in std::mem::take(&mut batch.readings) {
            let key = (reading.id.device.clone(), reading.id.log.clone());
            if !furthest.contains_key(&key) {
                let seen = self.store.last_number(&key.0, &key.1).await?;
                furthest.insert(key.clone(), seen);
            }
            let seen = furthest.get(&key).copied().flatten();
            if seen.is_some_and(|seen| reading.id.seq > seen.saturating_add(FURTHEST_AHEAD)) {
                batch.refused.push(writer::leap(&self.root, &reading));
            } else {
                kept.push(reading);
            }
        }
        batch.readings = kept;
        Ok(())
    }
}

/// Makes the message again as it came.
fn message(row: QuarantineRow, raw_hex: &str) -> Message {
    Message {
        topic: row.topic,
        payload: Bytes::from(hex::decode(raw_hex).unwrap_or_default()),
        retain: false,
        received: row.first_seen,
        // Nobody waits for the answer: it was given when the message came.
        done: Done::Hook(oneshot::channel().0),
        room: None,
    }
}
