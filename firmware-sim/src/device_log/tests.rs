//! The log against a service that is a set of numbers, over a link that loses, repeats and reorders.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const STAMP: Stamp = Stamp { boot: 1, ms: 5, at_ms: None, clock: ClockGrade::Unset };

fn ack(upto: u64, missing: &[(u64, u64)], refused: &[(u64, u64)]) -> Ack {
    let spans = |pairs: &[(u64, u64)]| pairs.iter().map(|&(first, last)| Span { first, last }).collect();
    Ack { log: 7, epoch: "a".to_owned(), upto, missing: spans(missing), refused: spans(refused), now_ms: 0 }
}

fn filled(capacity: usize, events: u64) -> DeviceLog<u64> {
    let mut log = DeviceLog::format(7, capacity);
    for n in 1..=events {
        log.append(STAMP, 100, n);
    }
    log
}

fn sent<E>(log: &mut DeviceLog<E>) -> Vec<u64> {
    let mut seqs = Vec::new();
    while let Some(span) = log.take() {
        seqs.extend(log.within(span).map(|entry| entry.seq));
    }
    seqs
}

fn spans(pairs: &[(u64, u64)]) -> Vec<Span> {
    pairs.iter().map(|&(first, last)| Span { first, last }).collect()
}

#[test]
fn an_envelope_holds_256_events_of_one_boot_and_255_kib() {
    let mut log = filled(2_000, 300);
    log.reboot();
    log.append(Stamp { boot: log.boot(), ..STAMP }, 200_000, 1);
    log.append(Stamp { boot: log.boot(), ..STAMP }, 100_000, 2);
    let envelopes: Vec<(u64, u64)> = std::iter::from_fn(|| log.take()).map(|span| (span.first, span.last)).collect();
    assert_eq!(envelopes, [(1, 256), (257, 300), (301, 301), (302, 302)]);
}

#[test]
fn after_a_reconnect_it_sends_from_the_first_unacknowledged_and_skips_the_refused() {
    let mut log = filled(100, 20);
    assert_eq!(sent(&mut log).len(), 20);
    assert!(log.acknowledge(&ack(8, &[(3, 4)], &[(12, 13)])));
    log.connected();
    assert_eq!(sent(&mut log), [3, 4, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20]);
}

#[test]
fn what_the_service_misses_is_sent_again_at_once_and_once() {
    let mut log = filled(100, 20);
    sent(&mut log);
    assert!(log.acknowledge(&ack(20, &[(3, 4), (9, 9)], &[])));
    assert_eq!(sent(&mut log), [3, 4, 9]);
    assert!(log.acknowledge(&ack(20, &[(3, 4), (9, 9)], &[])));
    assert_eq!(sent(&mut log), [0; 0]);
}

#[test]
fn a_lower_acknowledgement_counts_only_in_a_new_epoch() {
    let mut log = filled(100, 20);
    sent(&mut log);
    assert!(log.acknowledge(&Ack { now_ms: 50, ..ack(15, &[], &[]) }));
    assert!(!log.acknowledge(&Ack { now_ms: 60, ..ack(9, &[], &[]) }));
    assert!(!log.acknowledge(&Ack { log: 8, now_ms: 60, ..ack(19, &[], &[]) }));
    let renewed = Ack { epoch: "b".to_owned(), now_ms: 70, ..ack(0, &[], &[]) };
    assert!(log.acknowledge(&renewed));
    assert_eq!(sent(&mut log).len(), 20, "everything held goes again");
    let late = Ack { now_ms: 55, ..ack(20, &[], &[]) };
    assert!(!log.acknowledge(&late), "a late message of the former database");
    assert_eq!(log.settled_upto(), 0);
}

#[test]
fn only_what_is_acknowledged_goes_and_only_for_room() {
    let mut log = filled(16, 16);
    sent(&mut log);
    assert!(log.acknowledge(&ack(10, &[], &[])));
    assert_eq!(log.oldest(), 1);
    log.append(STAMP, 100, 17);
    assert_eq!(log.oldest(), 2);
}

#[test]
fn full_flash_drops_a_block_and_declares_it() {
    let log = filled(32, 33);
    assert_eq!(log.held().count(), 32);
    let declared: Vec<&Entry<u64>> = log.held().filter(|e| matches!(e.content, Content::Lost(_))).collect();
    assert_eq!(declared[0].content, Content::Lost(Span { first: 1, last: 2 }));
    assert_eq!(declared[0].seq, 33);
    assert_eq!(log.next(), 35);
}

#[test]
fn without_a_service_that_acknowledges_puback_is_enough() {
    let mut log = filled(16, 16);
    sent(&mut log);
    log.delivered(12);
    log.connected();
    assert_eq!(sent(&mut log), [13, 14, 15, 16]);
    log.append(STAMP, 100, 17);
    assert!(log.held().all(|entry| matches!(entry.content, Content::Event(_))));
}

#[test]
fn holes_that_the_service_misses_are_named_until_declared() {
    let mut log: DeviceLog<u64> = DeviceLog::format(7, 100);
    for seq in [1, 2, 6, 7, 11] {
        log.restore(Entry { seq, stamp: STAMP, size_bytes: 100, content: Content::Event(seq) }).unwrap();
    }
    assert!(log.acknowledge(&ack(11, &[(2, 5), (8, 10)], &[])));
    assert_eq!(log.missing_for_ever(), spans(&[(3, 5), (8, 10)]));
    log.declare_lost(STAMP, Span { first: 3, last: 5 });
    assert_eq!(log.missing_for_ever(), spans(&[(8, 10)]));
}

#[test]
fn a_clock_is_set_from_an_acknowledgement_only_when_it_has_none_better() {
    let mut clock = Clock::default();
    assert_eq!(clock.stamp(1, 10), Stamp { boot: 1, ms: 10, at_ms: None, clock: ClockGrade::Unset });
    clock.offer(1_000_000, 1_000);
    clock.offer(9_000_000, 2_000);
    assert_eq!(clock.stamp(1, 3_000).at_ms, Some(1_002_000));
    assert_eq!(clock.grade(90_000_000), ClockGrade::Holdover);
    clock.offer(95_000_000, 90_000_000);
    assert_eq!(clock.stamp(1, 90_000_000).at_ms, Some(95_000_000));
}

/// What happens to a device and its link.
#[derive(Debug, Clone)]
enum Happening {
    Append(u8),
    Send(u8),
    /// One message under way arrives; it may stay under way, to come again.
    Arrive {
        which: u8,
        again: bool,
    },
    LoseOne(u8),
    LinkLost,
    Connect,
    ServiceAcks,
    AckArrives {
        which: u8,
        again: bool,
    },
    AckLost(u8),
    Reboot,
    SendAgain,
    Wiped,
    DatabaseSaved,
    DatabaseRestored,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (1_u8..60).prop_map(Happening::Append),
        6 => (1_u8..5).prop_map(Happening::Send),
        8 => (any::<u8>(), any::<bool>()).prop_map(|(which, again)| Happening::Arrive { which, again }),
        2 => any::<u8>().prop_map(Happening::LoseOne),
        2 => Just(Happening::LinkLost),
        3 => Just(Happening::Connect),
        6 => Just(Happening::ServiceAcks),
        6 => (any::<u8>(), any::<bool>()).prop_map(|(which, again)| Happening::AckArrives { which, again }),
        2 => any::<u8>().prop_map(Happening::AckLost),
        1 => Just(Happening::Reboot),
        1 => Just(Happening::SendAgain),
        1 => Just(Happening::Wiped),
        1 => Just(Happening::DatabaseSaved),
        1 => Just(Happening::DatabaseRestored),
    ]
}

/// The service: which numbers of the log it knows.
#[derive(Debug, Clone, Default)]
struct Service {
    epoch: u32,
    stored: BTreeSet<u64>,
    declared: BTreeSet<u64>,
    refused: BTreeSet<u64>,
}

impl Service {
    fn receive(&mut self, message: &[(u64, Option<Span>)]) {
        for (seq, lost) in message {
            // Every 29th is a bad one.
            if seq % 29 == 0 && lost.is_none() {
                self.refused.insert(*seq);
            } else {
                self.stored.insert(*seq);
            }
            if let Some(span) = lost {
                self.declared.extend(span.first..=span.last);
            }
        }
    }

    fn knows(&self, seq: u64) -> bool {
        self.stored.contains(&seq) || self.declared.contains(&seq) || self.refused.contains(&seq)
    }

    fn acks(&self, log: u32, now_ms: i64) -> Ack {
        let known = || self.stored.iter().chain(&self.declared).chain(&self.refused);
        let mut upto = known().max().copied().unwrap_or(0);
        let gaps = (1..=upto).filter(|seq| !self.knows(*seq)).map(|seq| Span { first: seq, last: seq });
        let mut missing = Span::joined(gaps.collect());
        if missing.len() > 3 {
            upto = missing[3].first - 1;
            missing.truncate(3);
        }
        let refused = self.refused.iter().map(|&seq| Span { first: seq, last: seq }).collect();
        Ack { log, epoch: self.epoch.to_string(), upto, missing, refused: Span::joined(refused), now_ms }
    }
}

/// The log, and each event's number with what it declares lost.
type Message = (u32, Vec<(u64, Option<Span>)>);

struct World {
    log: DeviceLog<u64>,
    connected: bool,
    up: Vec<Message>,
    down: Vec<Ack>,
    service: Service,
    saved: Service,
    now_ms: i64,
    /// Numbers before this one were acknowledged by a database that is no more: nobody answers for them.
    excused: BTreeSet<u64>,
}

impl World {
    fn new(capacity: usize) -> Self {
        Self {
            log: DeviceLog::format(1, capacity),
            connected: false,
            up: Vec::new(),
            down: Vec::new(),
            service: Service::default(),
            saved: Service::default(),
            now_ms: 0,
            excused: BTreeSet::new(),
        }
    }

    fn send(&mut self, envelopes: usize) {
        for _ in 0..envelopes {
            let Some(span) = self.log.take() else { return };
            let message = self.log.within(span).map(|entry| match entry.content {
                Content::Event(_) => (entry.seq, None),
                Content::Lost(lost) => (entry.seq, Some(lost)),
            });
            let message: Vec<_> = message.collect();
            assert!(message.len() <= MAX_ENVELOPE_EVENTS && !message.is_empty());
            self.up.push((self.log.name(), message));
        }
    }

    fn arrive(&mut self, which: usize, again: bool) {
        if self.up.is_empty() {
            return;
        }
        let which = which % self.up.len();
        let (log, message) = if again { self.up[which].clone() } else { self.up.remove(which) };
        if log == self.log.name() {
            self.service.receive(&message);
        }
    }

    fn obey(&mut self, ack: &Ack) {
        let before = self.log.ack.as_ref().map(|last| last.epoch.clone());
        if self.log.acknowledge(ack) && before.is_some_and(|epoch| epoch != ack.epoch) {
            let held: BTreeSet<u64> = self.log.held().map(|entry| entry.seq).collect();
            self.excused.extend((1..self.log.next()).filter(|seq| !held.contains(seq)));
        }
        for span in self.log.missing_for_ever() {
            self.log.declare_lost(STAMP, span);
        }
    }

    fn happens(&mut self, happening: &Happening) {
        self.now_ms += 1;
        match *happening {
            Happening::Append(count) => {
                for n in 0..count {
                    let stamp = Stamp { boot: self.log.boot(), ..STAMP };
                    self.log.append(stamp, 100, u64::from(n));
                }
            }
            Happening::Send(count) if self.connected => self.send(usize::from(count)),
            Happening::Arrive { which, again } => self.arrive(usize::from(which), again),
            Happening::LoseOne(which) if !self.up.is_empty() => {
                self.up.remove(usize::from(which) % self.up.len());
            }
            Happening::LinkLost => {
                self.connected = false;
                self.up.clear();
            }
            Happening::Connect => {
                self.connected = true;
                self.log.connected();
            }
            Happening::ServiceAcks => self.down.push(self.service.acks(self.log.name(), self.now_ms)),
            Happening::AckArrives { which, again } if !self.down.is_empty() => {
                let which = usize::from(which) % self.down.len();
                let ack = if again { self.down[which].clone() } else { self.down.remove(which) };
                self.obey(&ack);
            }
            Happening::AckLost(which) if !self.down.is_empty() => {
                self.down.remove(usize::from(which) % self.down.len());
            }
            Happening::Reboot => self.log.reboot(),
            Happening::SendAgain => self.log.send_again(),
            Happening::Wiped => {
                self.log = DeviceLog::format(self.log.name() + 1, self.log.capacity);
                self.service = Service { epoch: self.service.epoch, ..Service::default() };
                self.saved = self.service.clone();
                self.excused.clear();
            }
            Happening::DatabaseSaved => self.saved = self.service.clone(),
            Happening::DatabaseRestored => {
                let epoch = self.service.epoch + 1;
                self.service = Service { epoch, ..self.saved.clone() };
            }
            Happening::Send(_) | Happening::LoseOne(_) | Happening::AckArrives { .. } | Happening::AckLost(_) => {}
        }
    }

    /// Every number is held, or named as lost by what is held, or the last acknowledgement obeyed covers it.
    fn assert_nothing_vanished(&self) {
        let held: BTreeSet<u64> = self.log.held().map(|entry| entry.seq).collect();
        let mut declared: BTreeSet<u64> = self.service.declared.clone();
        for entry in self.log.held() {
            if let Content::Lost(span) = entry.content {
                declared.extend(span.first..=span.last);
            }
        }
        let settled = |seq: u64| self.log.ack.as_ref().is_some_and(|ack| ack.covers(seq));
        for seq in 1..self.log.next() {
            let accounted = held.contains(&seq) || declared.contains(&seq) || settled(seq);
            assert!(accounted || self.excused.contains(&seq), "number {seq} vanished");
        }
    }

    /// The link is good from now on.
    fn settles(&mut self) {
        self.up.clear();
        self.down.clear();
        for _ in 0..500 {
            self.now_ms += 1;
            self.log.connected();
            self.send(usize::MAX);
            while !self.up.is_empty() {
                self.arrive(0, false);
            }
            let ack = self.service.acks(self.log.name(), self.now_ms);
            self.obey(&ack);
            if self.log.held_settled_upto() == self.log.next() - 1 && self.log.missing_for_ever().is_empty() {
                return;
            }
        }
        panic!("never settles: {:?}", self.service.acks(0, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_service_ends_with_every_event_not_declared_lost(
        capacity in 8_usize..200,
        happenings in prop::collection::vec(happening(), 1..120),
    ) {
        let mut world = World::new(capacity);
        for happening in &happenings {
            world.happens(happening);
            world.assert_nothing_vanished();
        }
        world.settles();
        world.assert_nothing_vanished();
        for seq in 1..world.log.next() {
            assert!(world.service.knows(seq) || world.excused.contains(&seq), "the service lacks number {seq}");
        }
    }
}
