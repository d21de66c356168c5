//! What one device still owes the service: its event log, and the parcels it came in.
//!
//! # Why
//! The walk has numbered the events already, and a resumed run must give the same numbers; so the log here
//! only takes back what is in flash ([`DeviceLog::restore`]) and never declares anything lost itself: a
//! parcel waits in its queue until there is room. What the walk lets a full flash lose comes as events.

use super::ledger::Ledger;
use super::link::Parcel;
use crate::commune::key;
use crate::device_log::{Ack, Content, DeviceLog, Entry, Span, Stamp};
use crate::event::Event as LogEvent;
use crate::wire;
use std::collections::VecDeque;

/// Events a log holds here: a connection's window of full envelopes, and some for acknowledgements under way.
const CAPACITY: usize = 2_048;

/// A parcel whose events are in the log.
struct Owed {
    number: u64,
    first_at_ms: i64,
    last_seq: u64,
    events: u64,
}

/// The log of one unit, and what it still owes.
struct Unit {
    log: DeviceLog<LogEvent>,
    owed: VecDeque<Owed>,
}

/// One device's units: the last is the one in use, those before it were replaced.
pub(super) struct Outbox {
    units: VecDeque<Unit>,
}

/// An envelope ready to be published.
pub(super) struct Sending {
    pub log: u32,
    pub last_seq: u64,
    pub events: Vec<LogEvent>,
}

impl Outbox {
    pub fn new() -> Self {
        Self { units: VecDeque::new() }
    }

    /// Whether a full parcel can be taken in.
    pub fn has_room(&self) -> bool {
        self.units.back().is_none_or(|unit| unit.log.has_room_for(wire::MAX_EVENTS))
    }

    /// Name, oldest and next number of the log in use.
    pub fn state(&self) -> Option<(u32, u64, u64)> {
        self.units.back().map(|unit| (unit.log.name(), unit.log.oldest(), unit.log.next()))
    }

    /// Takes a parcel into the log.
    pub fn keep(&mut self, parcel: Parcel) {
        let (Some(name), first_at_ms) = (parcel.events.first().map(|event| event.log), parcel.first_at_ms()) else {
            return;
        };
        if self.units.back().is_none_or(|unit| unit.log.name() != name) {
            self.units.push_back(Unit { log: DeviceLog::format(name, CAPACITY), owed: VecDeque::new() });
        }
        let Some(unit) = self.units.back_mut() else { return };
        let last_seq = parcel.events.last().map_or(0, |event| event.seq);
        let events = key(parcel.events.len());
        for event in parcel.events {
            let stamp = Stamp { boot: event.boot, ms: event.ms, at_ms: event.clock_at_ms, clock: event.clock };
            let size_bytes = wire::MAX_EVENT_BYTES;
            // Taken in only while there is room, and in the order of the log.
            let kept = unit.log.restore(Entry { seq: event.seq, stamp, size_bytes, content: Content::Event(event) });
            debug_assert!(kept.is_ok(), "an event was out of order or had no room");
        }
        unit.owed.push_back(Owed { number: parcel.number, first_at_ms, last_seq, events });
    }

    /// A connection begins.
    pub fn connected(&mut self) {
        for unit in &mut self.units {
            unit.log.connected();
        }
    }

    /// The next envelope, units in order.
    pub fn take(&mut self) -> Option<Sending> {
        self.units.iter_mut().find_map(|unit| {
            let span: Span = unit.log.take()?;
            let events = unit.log.within(span).filter_map(|entry| match entry.content {
                Content::Event(event) => Some(event),
                Content::Lost(_) => None,
            });
            Some(Sending { log: unit.log.name(), last_seq: span.last, events: events.collect() })
        })
    }

    /// The broker has an envelope of `log` and all before it: brokers acknowledge in order (MQTT 3.1.1, 4.6).
    pub fn delivered(&mut self, log: u32, upto: u64, ledger: &Ledger) {
        for unit in self.units.iter_mut().filter(|unit| unit.log.name() == log) {
            unit.log.delivered(upto);
        }
        self.settle(ledger);
    }

    /// The service acknowledges. False: nothing is new.
    pub fn acknowledge(&mut self, ack: &Ack, ledger: &Ledger) -> bool {
        let mut obeyed = false;
        for unit in &mut self.units {
            let before = unit.log.held_settled_upto();
            obeyed |= unit.log.acknowledge(ack) && unit.log.held_settled_upto() != before;
        }
        self.settle(ledger);
        obeyed
    }

    /// Whether something the broker has is not yet acknowledged by a service that does acknowledge.
    pub fn awaits_service(&self) -> bool {
        self.units.iter().any(|unit| unit.log.is_acknowledged_by_a_service() && !unit.owed.is_empty())
    }

    /// Nothing has come back for long: sends again, or goes back to PUBACK.
    pub fn stalled(&mut self, again: bool, ledger: &Ledger) {
        for unit in &mut self.units {
            if again {
                unit.log.rely_on_puback();
            } else {
                unit.log.send_again();
            }
        }
        self.settle(ledger);
    }

    fn settle(&mut self, ledger: &Ledger) {
        for unit in &mut self.units {
            let upto = unit.log.held_settled_upto();
            while unit.owed.front().is_some_and(|owed| owed.last_seq <= upto) {
                if let Some(owed) = unit.owed.pop_front() {
                    ledger.acked(owed.first_at_ms, owed.number, owed.events);
                }
            }
        }
        while self.units.len() > 1 && self.units.front().is_some_and(|unit| unit.owed.is_empty()) {
            self.units.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;
    use crate::device_log::ClockGrade;
    use crate::event::Body;

    fn parcel(ledger: &Ledger, log: u32, seqs: std::ops::RangeInclusive<u64>) -> Parcel {
        let event = |seq: u64| LogEvent {
            log,
            seq,
            boot: 1,
            ms: 5,
            at_ms: 5,
            clock_at_ms: None,
            clock: ClockGrade::Unset,
            send_at_ms: 5,
            repeated: false,
            reordered: false,
            lost: false,
            body: Body::Heartbeat { battery_mv: 12_000, rssi_dbm: -70, zero_g: None },
        };
        Parcel { number: ledger.enter(5), device: 0, events: seqs.map(event).collect() }
    }

    fn ack(upto: u64) -> Ack {
        Ack { log: 1, epoch: "a".to_owned(), upto, missing: Vec::new(), refused: Vec::new(), now_ms: 0 }
    }

    #[test]
    fn a_silent_service_is_reminded_once_and_then_puback_counts() {
        let ledger = Ledger::new(Day(1), Box::new(|_| {}));
        let mut outbox = Outbox::new();
        outbox.keep(parcel(&ledger, 1, 1..=10));
        outbox.keep(parcel(&ledger, 1, 11..=20));
        assert_eq!(outbox.take().unwrap().events.len(), 20);
        assert!(outbox.acknowledge(&ack(10), &ledger));
        outbox.delivered(1, 20, &ledger);
        assert_eq!(ledger.progress().acked_events, 10, "PUBACK settles nothing any more");
        assert!(outbox.awaits_service() && outbox.take().is_none());
        outbox.stalled(false, &ledger);
        assert_eq!(outbox.take().unwrap().events.first().unwrap().seq, 11);
        outbox.stalled(true, &ledger);
        assert_eq!(ledger.progress().acked_events, 20);
        assert!(!outbox.awaits_service());
    }

    #[test]
    fn a_new_units_log_follows_the_old_ones() {
        let ledger = Ledger::new(Day(1), Box::new(|_| {}));
        let mut outbox = Outbox::new();
        outbox.keep(parcel(&ledger, 1, 1..=3));
        outbox.keep(parcel(&ledger, 2, 1..=2));
        let logs: Vec<u32> = std::iter::from_fn(|| outbox.take()).map(|sending| sending.log).collect();
        assert_eq!(logs, [1, 2]);
        assert_eq!(outbox.state(), Some((2, 1, 3)));
        outbox.delivered(1, 3, &ledger);
        outbox.delivered(2, 2, &ledger);
        assert_eq!(ledger.progress().acked_events, 5);
    }
}
