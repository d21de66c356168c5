//! The device's log, as the simulator carries it out, against the acknowledgements that the service writes.

use firmware_sim::device_log::{ClockGrade, DeviceLog, Span, Stamp};
use firmware_sim::wire::read_ack;
use phanloai::devices::native::{Ack, ack};
use phanloai::domain::ids::LogId;
use phanloai::domain::time::Instant;

const NAME: u32 = 0x9f1c_22ab;

fn written(upto: i64, missing: Vec<(i64, i64)>, refused: Vec<(i64, i64)>) -> Vec<u8> {
    let log: LogId = "9f1c22ab".into();
    let now = Instant::from_ms(1_795_431_940_000);
    ack(&Ack { log, epoch: "5b0e".to_owned(), upto, missing, refused, now })
}

fn filled(events: u64) -> DeviceLog<u64> {
    let mut log = DeviceLog::format(NAME, 100);
    for n in 1..=events {
        log.append(Stamp { boot: 1, ms: 5, at_ms: None, clock: ClockGrade::Unset }, 100, n);
    }
    log
}

fn sent(log: &mut DeviceLog<u64>) -> Vec<u64> {
    let mut seqs = Vec::new();
    while let Some(span) = log.take() {
        seqs.extend(log.within(span).map(|entry| entry.seq));
    }
    seqs
}

#[test]
fn a_device_reads_what_the_service_writes() {
    let read = read_ack(&written(43, vec![(30, 31)], vec![(9, 9)])).unwrap();
    assert_eq!((read.log, read.epoch.as_str(), read.upto, read.now_ms), (NAME, "5b0e", 43, 1_795_431_940_000));
    assert_eq!(read.missing, [Span { first: 30, last: 31 }]);
    assert_eq!(read.refused, [Span { first: 9, last: 9 }]);
}

#[test]
fn a_device_sends_again_what_the_service_misses_and_no_more() {
    let mut log = filled(50);
    assert_eq!(sent(&mut log).len(), 50);
    assert!(log.acknowledge(&read_ack(&written(43, vec![(30, 31)], vec![(9, 9)])).unwrap()));
    assert_eq!(sent(&mut log), [30, 31]);
    log.connected();
    assert_eq!(sent(&mut log), [30, 31, 44, 45, 46, 47, 48, 49, 50]);
}
