//! What the quarantine keeps when it has no room for everything.
//!
//! Owns that decision and nothing else: it is told what comes and what is held, and says what is kept and what goes.
//!
//! # Why
//! - **What has been replayed goes first**: its events are facts by now.
//! - **Then the greatest holder pays.** A device that floods gets no more room, so its first messages stay, which show the fault; what
//!   others send takes its room, oldest first. Dropping the oldest of all would let one broken device wipe out everybody's
//!   evidence, and refusing everything new would hide the next fault. What is dropped is counted for ever.

use std::collections::BTreeMap;

use serde::Serialize;

use super::append::Refused;

/// Bytes that a row takes on disk beside its texts, with its index entries, roughly.
const ROW_BYTES: i64 = 256;

/// A row on its way in, with what it takes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Incoming {
    #[serde(flatten)]
    refused: Refused,
    kept_bytes: i64,
}

impl Incoming {
    pub(super) fn new(refused: Refused) -> Self {
        let texts =
            [&refused.raw_hex, &refused.reason, &refused.topic].map(|text| i64::try_from(text.len()).unwrap_or(0));
        let kept_bytes = ROW_BYTES + texts.iter().sum::<i64>();
        Self { refused, kept_bytes }
    }

    pub(super) fn id(&self) -> &str {
        &self.refused.id
    }

    pub(super) fn kept_bytes(&self) -> i64 {
        self.kept_bytes
    }

    pub(super) fn holder(&self) -> &str {
        self.refused.device.as_deref().unwrap_or_default()
    }
}

/// What a holder has, or how that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Share {
    pub holder: String,
    pub held_rows: i64,
    pub held_bytes: i64,
}

/// A row that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evictable {
    pub id: String,
    pub holder: String,
    pub kept_bytes: i64,
}

/// What the quarantine is asked before new rows come in.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Bytes left; negative where the limit was lowered.
    pub left: i64,
    /// The greatest holder and its bytes.
    pub greatest: (String, i64),
    /// Replayed rows, oldest first: they go for anybody.
    pub replayed: Vec<Evictable>,
    /// The greatest holder's other rows, oldest first: they go for anybody else.
    pub oldest: Vec<Evictable>,
}

/// What is decided.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub kept: Vec<Incoming>,
    pub evicted: Vec<Evictable>,
    /// Rows that are lost: new ones not kept, old ones gone that were not replayed.
    pub dropped: i64,
    /// How the holders' shares change.
    pub shares: BTreeMap<String, Share>,
}

impl Settled {
    fn count(&mut self, holder: &str, rows: i64, bytes: i64) {
        let fresh = || Share { holder: holder.to_owned(), ..Share::default() };
        let share = self.shares.entry(holder.to_owned()).or_insert_with(fresh);
        share.held_rows += rows;
        share.held_bytes += bytes;
    }

    fn evict(&mut self, row: Evictable) -> i64 {
        self.count(&row.holder, -1, -row.kept_bytes);
        let freed = row.kept_bytes;
        self.evicted.push(row);
        freed
    }

    /// Gives how all shares together change: rows and bytes.
    pub(super) fn sum(&self) -> (i64, i64) {
        self.shares.values().fold((0, 0), |sum, share| (sum.0 + share.held_rows, sum.1 + share.held_bytes))
    }
}

/// Decides which new rows are kept and which old ones go.
pub(super) fn settle(fresh: Vec<Incoming>, room: Room) -> Settled {
    let mut settled = Settled::default();
    let Room { mut left, greatest, replayed, oldest } = room;
    let (mut replayed, mut oldest) = (replayed.into_iter(), oldest.into_iter());
    let mut incoming: BTreeMap<String, i64> = BTreeMap::new();
    for row in fresh {
        while left < row.kept_bytes
            && let Some(old) = replayed.next()
        {
            left += settled.evict(old);
        }
        let own = incoming.entry(row.holder().to_owned()).or_default();
        let others_pay = row.holder() != greatest.0 && *own < greatest.1;
        while others_pay
            && left < row.kept_bytes
            && let Some(old) = oldest.next()
        {
            left += settled.evict(old);
            settled.dropped += 1;
        }
        if left >= row.kept_bytes {
            left -= row.kept_bytes;
            *own += row.kept_bytes;
            settled.count(row.holder(), 1, row.kept_bytes);
            settled.kept.push(row);
        } else {
            settled.dropped += 1;
        }
    }
    settled
}

pub(super) fn evictable((id, holder, kept_bytes): (String, String, i64)) -> Evictable {
    Evictable { id, holder, kept_bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Instant;

    fn fresh(id: &str, device: &str) -> Incoming {
        let at = Instant::from_ms(0);
        let device = (!device.is_empty()).then(|| device.to_owned());
        // 256 and 44 bytes.
        let refused = Refused {
            id: id.to_owned(),
            code: "not_json",
            reason: "r".repeat(10),
            topic: "t".repeat(14),
            device,
            log: None,
            seq: None,
            raw_hex: "0".repeat(20),
            size_bytes: 10,
            at,
            last: at,
            count: 1,
        };
        Incoming::new(refused)
    }

    fn old(id: &str, holder: &str) -> Evictable {
        Evictable { id: id.to_owned(), holder: holder.to_owned(), kept_bytes: 300 }
    }

    fn told(settled: &Settled) -> (Vec<&str>, Vec<&str>, i64) {
        let kept = settled.kept.iter().map(Incoming::id).collect();
        (kept, settled.evicted.iter().map(|row| row.id.as_str()).collect(), settled.dropped)
    }

    #[test]
    fn the_greatest_holder_gets_no_more_room_and_others_take_its_oldest() {
        let room = || Room {
            left: 300,
            greatest: ("flood".to_owned(), 9_000),
            replayed: Vec::new(),
            oldest: vec![old("f1", "flood"), old("f2", "flood")],
        };
        let settled = settle(vec![fresh("f8", "flood"), fresh("f9", "flood"), fresh("d1", "d")], room());
        assert_eq!(told(&settled), (vec!["f8", "d1"], vec!["f1"], 2));
        assert_eq!((settled.shares["flood"].held_rows, settled.shares["d"].held_bytes), (0, 300));
        assert_eq!(settled.sum(), (1, 300));
        let settled = settle((1..=5).map(|number| fresh(&format!("d{number}"), "d")).collect(), room());
        assert_eq!(told(&settled), (vec!["d1", "d2", "d3"], vec!["f1", "f2"], 4), "never above the limit");
    }

    #[test]
    fn what_was_replayed_goes_first_for_anybody_and_is_no_loss() {
        let room = Room {
            left: 0,
            greatest: ("flood".to_owned(), 9_000),
            replayed: vec![old("r1", "d"), old("r2", "flood")],
            oldest: vec![old("f1", "flood")],
        };
        let settled = settle(vec![fresh("f8", "flood"), fresh("d1", "d"), fresh("f9", "flood")], room);
        assert_eq!(told(&settled), (vec!["f8", "d1"], vec!["r1", "r2"], 1));
    }

    #[test]
    fn a_lowered_limit_keeps_nothing_new_until_there_is_room() {
        let room = Room { left: -700, greatest: ("flood".to_owned(), 9_000), ..Room::default() };
        assert_eq!(told(&settle(vec![fresh("d1", "d")], room)), (vec![], vec![], 1));
    }
}
