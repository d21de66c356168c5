//! The device's half of the contract: an event log in flash, what of it to send next, and what an
//! acknowledgement allows.
//!
//! Owns numbers, capacity and the marks of what is acknowledged; touches no clock, no network and no bytes.
//! The caller appends an event with its [`Stamp`], asks [`DeviceLog::take`] what to send, and tells what
//! came back. Real firmware can take this file over: it needs a queue and small lists of ranges, nothing else.
//!
//! | What happens | Call |
//! |---|---|
//! | something is captured | [`DeviceLog::append`] |
//! | the broker lets the device in | [`DeviceLog::connected`], then [`DeviceLog::take`] until it gives nothing |
//! | the broker acknowledges an envelope (PUBACK) | [`DeviceLog::delivered`] |
//! | the service acknowledges events | [`DeviceLog::acknowledge`] |
//! | nothing comes back for long | [`DeviceLog::send_again`] |
//! | the device starts | [`DeviceLog::reboot`] |
//!
//! # Why
//! Until a service has acknowledged anything, PUBACK counts instead: an older service, or a device on a
//! best-effort profile, would otherwise fill its flash and declare lost what has long arrived. From the first
//! acknowledgement on, only acknowledgements count.
//!
//! Full flash gives up a block of the oldest events at once, as flash erases sectors, and declares it in one
//! `lost` event. One event at a time would fill the flash with declarations.
//!
//! A changed epoch in an acknowledgement whose `now` is older than the last one's is a late message from the
//! former database, and is ignored: obeying it would let the device delete what the new one has never seen.

mod ack;
mod clock;
#[cfg(test)]
mod tests;

pub use ack::{Ack, Span};
pub use clock::{Clock, ClockGrade, Stamp};

use std::collections::VecDeque;

/// Most events in one envelope, by the contract.
pub const MAX_ENVELOPE_EVENTS: usize = 256;
/// Largest envelope, bytes: the contract's 256 KiB, less room for what surrounds the events.
pub const MAX_ENVELOPE_BYTES: usize = 255 * 1_024;
/// Fewest events a log can be made for: room for a block of declarations and an event.
pub const MIN_CAPACITY: usize = 8;

/// What an entry of the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<E> {
    /// What was captured.
    Event(E),
    /// These numbers of this log are gone for ever.
    Lost(Span),
}

/// An event in flash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<E> {
    /// Its number: 1 and up, never used again.
    pub seq: u64,
    /// When.
    pub stamp: Stamp,
    /// Upper bound of its length in an envelope, bytes.
    pub size_bytes: usize,
    /// What.
    pub content: Content<E>,
}

/// The event log of one device since its flash was formatted.
#[derive(Debug, Clone)]
pub struct DeviceLog<E> {
    name: u32,
    boot: u32,
    capacity: usize,
    next: u64,
    /// In order of number; holes are numbers lost without a word.
    entries: VecDeque<Entry<E>>,
    /// The latest acknowledgement obeyed.
    ack: Option<Ack>,
    /// The broker has every event up to this number.
    delivered: u64,
    /// First number not sent in this connection.
    cursor: u64,
    /// Missing ranges already sent again in this connection.
    sent_again: Vec<Span>,
}

impl<E> DeviceLog<E> {
    /// A freshly formatted log for `capacity` events (at least [`MIN_CAPACITY`]); `name` is random.
    #[must_use]
    pub fn format(name: u32, capacity: usize) -> Self {
        Self {
            name,
            boot: 1,
            capacity: capacity.max(MIN_CAPACITY),
            next: 1,
            entries: VecDeque::new(),
            ack: None,
            delivered: 0,
            cursor: 1,
            sent_again: Vec::new(),
        }
    }

    /// A log whose events up to `next` less one are all settled and forgotten, in start `boot`.
    #[must_use]
    pub fn resuming(name: u32, boot: u32, next: u64, capacity: usize) -> Self {
        let settled = next.saturating_sub(1);
        Self { boot, next, delivered: settled, cursor: next, ..Self::format(name, capacity) }
    }

    /// The log's name; 8 hex digits on the wire.
    #[must_use]
    pub fn name(&self) -> u32 {
        self.name
    }

    /// The start the device is in.
    #[must_use]
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// The number the next event will get.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The oldest number still held; the next one, when nothing is.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.entries.front().map_or(self.next, |entry| entry.seq)
    }

    /// Everything held, oldest first.
    pub fn held(&self) -> impl ExactSizeIterator<Item = &Entry<E>> {
        self.entries.iter()
    }

    /// The device starts anew; what it knew of the connection is gone.
    pub fn reboot(&mut self) {
        self.boot += 1;
        self.connected();
    }

    /// Logs `event` and gives its number. Full flash makes room first: by what is acknowledged, else by
    /// declaring the oldest lost.
    pub fn append(&mut self, stamp: Stamp, size_bytes: usize, event: E) -> u64 {
        self.make_room(stamp);
        self.push(stamp, size_bytes, Content::Event(event))
    }

    /// Takes back an event found in flash at the start, with the number it was logged under; later numbers
    /// go on from it. Numbers skipped are holes: lost without a word.
    ///
    /// Gives it back when its number is not above those held, or when the log is full of what is not
    /// acknowledged.
    pub fn restore(&mut self, entry: Entry<E>) -> Result<(), Entry<E>> {
        if entry.seq < self.next {
            return Err(entry);
        }
        if self.entries.len() >= self.capacity && !self.drop_settled() {
            return Err(entry);
        }
        self.next = entry.seq + 1;
        self.entries.push_back(entry);
        Ok(())
    }

    /// Whether `count` more events fit without losing any.
    #[must_use]
    pub fn has_room_for(&self, count: usize) -> bool {
        let free = self.capacity.saturating_sub(self.entries.len());
        free + self.entries.iter().take(count).take_while(|entry| self.is_settled(entry.seq)).count() >= count
    }

    /// A connection begins: sends again from the first event that is not settled.
    pub fn connected(&mut self) {
        self.cursor = self.settled_upto() + 1;
        self.rewound();
    }

    /// Sends what is not settled once more within this connection: nothing has come back for long.
    pub fn send_again(&mut self) {
        self.connected();
    }

    /// The numbers of the next envelope, or none when all is sent. Its events are [`DeviceLog::within`] the
    /// span: at most 256 and [`MAX_ENVELOPE_BYTES`], of one boot, in order.
    pub fn take(&mut self) -> Option<Span> {
        if let Some(span) = self.take_missing() {
            return Some(span);
        }
        let start = self.entries.partition_point(|entry| entry.seq < self.cursor);
        let Some(span) = self.envelope_from(start, u64::MAX) else {
            self.cursor = self.cursor.max(self.next);
            return None;
        };
        self.cursor = span.last + 1;
        Some(span)
    }

    /// The events of a span to be sent: those held, less what is settled by now.
    pub fn within(&self, span: Span) -> impl Iterator<Item = &Entry<E>> {
        let start = self.entries.partition_point(|entry| entry.seq < span.first);
        self.entries.iter().skip(start).take_while(move |e| e.seq <= span.last).filter(|e| !self.is_settled(e.seq))
    }

    /// The broker has acknowledged (PUBACK) every envelope up to the one that ends with `upto`.
    pub fn delivered(&mut self, upto: u64) {
        self.delivered = self.delivered.max(upto);
    }

    /// Obeys an acknowledgement of the service. False: it is of another log, or overtaken by a later one.
    pub fn acknowledge(&mut self, ack: &Ack) -> bool {
        if ack.log != self.name {
            return false;
        }
        let is_new_epoch = match &self.ack {
            None => false,
            Some(last) if last.epoch == ack.epoch => {
                if ack.upto < last.upto {
                    return false;
                }
                false
            }
            Some(last) if ack.now_ms < last.now_ms => return false,
            Some(_) => true,
        };
        self.ack = Some(ack.clone());
        if is_new_epoch {
            self.cursor = 0;
            self.rewound();
        }
        true
    }

    /// Goes back to PUBACK until the next acknowledgement: the service has fallen silent, and the device has
    /// decided that the broker's word must do.
    pub fn rely_on_puback(&mut self) {
        self.ack = None;
    }

    /// Whether a service has acknowledged anything of this log: from then on PUBACK settles nothing.
    #[must_use]
    pub fn is_acknowledged_by_a_service(&self) -> bool {
        self.ack.is_some()
    }

    /// Whether the device may forget event `seq`: acknowledged, refused, or, before the first
    /// acknowledgement, with the broker.
    #[must_use]
    pub fn is_settled(&self, seq: u64) -> bool {
        match &self.ack {
            Some(ack) => ack.covers(seq),
            None => seq <= self.delivered,
        }
    }

    /// Every event up to this number is settled, whether held or not.
    #[must_use]
    pub fn settled_upto(&self) -> u64 {
        match &self.ack {
            Some(ack) => ack.missing.first().map_or(ack.upto, |gap| ack.upto.min(gap.first.saturating_sub(1))),
            None => self.delivered,
        }
    }

    /// Every event held up to this number is settled: as [`DeviceLog::settled_upto`], but what the service
    /// misses and this log no longer holds does not stand in the way.
    #[must_use]
    pub fn held_settled_upto(&self) -> u64 {
        let settled_upto = self.settled_upto();
        let start = self.entries.partition_point(|entry| entry.seq <= settled_upto);
        let unsettled = self.entries.iter().skip(start).find(|entry| !self.is_settled(entry.seq));
        unsettled.map_or(self.next - 1, |entry| entry.seq - 1)
    }

    /// Numbers the service misses and this log no longer holds: what firmware declares by
    /// [`DeviceLog::declare_lost`], so that nobody waits for them.
    #[must_use]
    pub fn missing_for_ever(&self) -> Vec<Span> {
        let Some(ack) = &self.ack else { return Vec::new() };
        let mut gone = Vec::new();
        for gap in &ack.missing {
            let mut first = gap.first;
            let start = self.entries.partition_point(|entry| entry.seq < gap.first);
            for entry in self.entries.iter().skip(start).take_while(|entry| entry.seq <= gap.last) {
                if entry.seq > first {
                    gone.push(Span { first, last: entry.seq - 1 });
                }
                first = entry.seq + 1;
            }
            if first <= gap.last && first < self.next {
                gone.push(Span { first, last: gap.last.min(self.next - 1) });
            }
        }
        let declared = |span: &Span| {
            self.entries.iter().any(|entry| matches!(&entry.content, Content::Lost(lost) if lost.holds(*span)))
        };
        gone.retain(|span| !declared(span));
        gone
    }

    /// Logs that `span` is gone for ever.
    pub fn declare_lost(&mut self, stamp: Stamp, span: Span) -> u64 {
        self.make_room(stamp);
        self.push(stamp, clock::LOST_BYTES, Content::Lost(span))
    }

    fn push(&mut self, stamp: Stamp, size_bytes: usize, content: Content<E>) -> u64 {
        let seq = self.next;
        self.next += 1;
        self.entries.push_back(Entry { seq, stamp, size_bytes, content });
        seq
    }

    /// The cursor stands before everything missing: it goes out in its turn.
    fn rewound(&mut self) {
        self.sent_again = self.ack.as_ref().map(|ack| ack.missing.clone()).unwrap_or_default();
    }

    /// The next held part of what the service misses, once a connection each.
    fn take_missing(&mut self) -> Option<Span> {
        let gaps = self.ack.as_ref().map(|ack| ack.missing.as_slice()).unwrap_or_default();
        let cursor = self.cursor;
        for gap in gaps {
            // What lies beyond the cursor comes in its turn.
            let mut first = gap.first;
            while let Some(done) = self.sent_again.iter().find(|done| done.contains(first)) {
                first = done.last + 1;
            }
            let last = gap.last.min(cursor.saturating_sub(1));
            if first > last {
                continue;
            }
            let start = self.entries.partition_point(|entry| entry.seq < first);
            if let Some(span) = self.envelope_from(start, last) {
                self.sent_again.push(Span { first, last: span.last });
                return Some(span);
            }
        }
        None
    }

    /// An envelope from the entry at `start`, none of its numbers above `last`.
    fn envelope_from(&self, start: usize, last: u64) -> Option<Span> {
        let mut span: Option<(Span, u32)> = None;
        let (mut events, mut bytes) = (0, 0);
        for entry in self.entries.iter().skip(start).take_while(|entry| entry.seq <= last) {
            if self.is_settled(entry.seq) {
                continue;
            }
            bytes += entry.size_bytes;
            let fits = events < MAX_ENVELOPE_EVENTS && (bytes <= MAX_ENVELOPE_BYTES || events == 0);
            match &mut span {
                None => span = Some((Span { first: entry.seq, last: entry.seq }, entry.stamp.boot)),
                Some((span, boot)) if fits && *boot == entry.stamp.boot => span.last = entry.seq,
                Some(_) => break,
            }
            events += 1;
        }
        span.map(|(span, _)| span)
    }

    /// Forgets the oldest settled event. False: the oldest is not settled.
    fn drop_settled(&mut self) -> bool {
        let can = self.entries.front().is_some_and(|entry| self.is_settled(entry.seq));
        can && self.entries.pop_front().is_some()
    }

    /// Frees at least one place.
    fn make_room(&mut self, stamp: Stamp) {
        while self.entries.len() >= self.capacity {
            if !self.drop_settled() {
                self.drop_block(stamp);
            }
        }
    }

    /// Gives up the oldest block and declares what of it was not settled; a declaration given up unsettled
    /// is declared again with the rest.
    fn drop_block(&mut self, stamp: Stamp) {
        let block = (self.capacity / 16).max(2);
        let mut lost: Vec<Span> = Vec::new();
        for _ in 0..block {
            let Some(entry) = self.entries.pop_front() else { break };
            if self.is_settled(entry.seq) {
                continue;
            }
            if let Content::Lost(span) = entry.content {
                lost.push(span);
            }
            lost.push(Span { first: entry.seq, last: entry.seq });
        }
        let mut runs = Span::joined(lost);
        if runs.len() >= block {
            // Settled events in between are declared with them: the service keeps what it has.
            let (first, last) = (runs[0].first, runs[runs.len() - 1].last);
            runs = vec![Span { first, last }];
        }
        for span in runs {
            self.push(stamp, clock::LOST_BYTES, Content::Lost(span));
        }
    }
}
