//! Which of the broker's packets may go to a client yet: acknowledgements wait, everything else passes.
//!
//! Pure: bytes in, bytes out. It may not touch sockets or clocks.
//!
//! # Why
//! Marks instead of packet identifiers: when the broker has written a PUBACK, its publish has been counted as taken, so that it
//! is durable once everything counted until then is. Waiting for a few messages of others too costs nothing, as they
//! are in the same commit or the one before. Nothing needs to be known of clients, sessions and protocol versions.

use std::collections::VecDeque;

use bytes::{BufMut, BytesMut};

const PUBACK: u8 = 4;
const PUBREC: u8 = 5;
const DISCONNECT: u8 = 14;
/// The longest packet header: one byte of type, four of length (MQTT 5, 2.1.4).
const HEADER_BYTES: usize = 5;

/// The way from the broker to one client.
#[derive(Debug, Default)]
pub(super) struct Held {
    packet: Packet,
    /// Acknowledgements in order, each with the number of taken messages it waits for.
    waiting: VecDeque<(u64, BytesMut)>,
    ready: BytesMut,
}

/// Where in a packet the last bytes ended.
#[derive(Debug)]
enum Packet {
    /// In its header, of which these bytes are known.
    Header(BytesMut),
    /// In the body of one that passes, with so many bytes to come.
    Passing(usize),
    /// In the body of one that waits, with so many bytes to come.
    Waiting(BytesMut, usize),
}

impl Default for Packet {
    fn default() -> Self {
        Self::Header(BytesMut::new())
    }
}

/// The broker wrote what is no MQTT packet.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a packet of the broker has no valid length")]
pub(super) struct BadLength;

impl Held {
    /// Takes bytes of the broker, at a moment when `taken` messages had been taken.
    pub(super) fn take(&mut self, mut bytes: &[u8], taken: u64) -> Result<(), BadLength> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match &mut self.packet {
                Packet::Header(header) => {
                    header.put_u8(byte);
                    bytes = rest;
                    if header.len() > 1 && byte < 0x80 {
                        let header = std::mem::take(header);
                        self.begin(header, taken);
                    } else if header.len() == HEADER_BYTES {
                        return Err(BadLength);
                    }
                }
                Packet::Passing(left) => {
                    let (body, rest) = bytes.split_at(bytes.len().min(*left));
                    self.ready.extend_from_slice(body);
                    *left -= body.len();
                    bytes = rest;
                    if *left == 0 {
                        self.packet = Packet::default();
                    }
                }
                Packet::Waiting(packet, left) => {
                    let (body, rest) = bytes.split_at(bytes.len().min(*left));
                    packet.extend_from_slice(body);
                    *left -= body.len();
                    bytes = rest;
                    if *left == 0 {
                        let packet = std::mem::take(packet);
                        self.packet = Packet::default();
                        self.hold(packet, taken);
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, header: BytesMut, taken: u64) {
        let length = header[1..].iter().rev().fold(0, |length, byte| (length << 7) | usize::from(byte & 0x7f));
        let kind = header[0] >> 4;
        // A farewell must not overtake what it would make worthless.
        let waits = matches!(kind, PUBACK | PUBREC) || (kind == DISCONNECT && !self.waiting.is_empty());
        match (waits, length) {
            (true, 0) => self.hold(header, taken),
            (true, left) => self.packet = Packet::Waiting(header, left),
            (false, left) => {
                self.ready.extend_from_slice(&header);
                if left > 0 {
                    self.packet = Packet::Passing(left);
                }
            }
        }
    }

    fn hold(&mut self, packet: BytesMut, taken: u64) {
        match self.waiting.back_mut() {
            Some((mark, packets)) if *mark == taken => packets.extend_from_slice(&packet),
            Some(_) | None => self.waiting.push_back((taken, packet)),
        }
    }

    /// Lets go what waited for `durable` messages or fewer.
    pub(super) fn release(&mut self, durable: u64) {
        while let Some((_, packets)) = self.waiting.pop_front_if(|(mark, _)| *mark <= durable) {
            self.ready.extend_from_slice(&packets);
        }
    }

    /// The number of durable messages that the next acknowledgement waits for.
    pub(super) fn next(&self) -> Option<u64> {
        self.waiting.front().map(|(mark, _)| *mark)
    }

    /// What may be written to the client now.
    pub(super) fn ready(&mut self) -> &mut BytesMut {
        &mut self.ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PINGRESP: [u8; 2] = [0xd0, 0];
    const PUBACK_1: [u8; 4] = [0x40, 2, 0, 1];
    const PUBACK_2: [u8; 5] = [0x40, 3, 0, 2, 0x87];

    fn ready(held: &mut Held) -> Vec<u8> {
        held.ready().split().to_vec()
    }

    #[test]
    fn acknowledgements_wait_and_the_rest_passes() {
        let mut held = Held::default();
        held.take(&[&PUBACK_1[..], &PINGRESP].concat(), 3).unwrap();
        held.take(&PUBACK_2, 5).unwrap();
        assert_eq!(ready(&mut held), PINGRESP);
        held.release(2);
        assert_eq!((ready(&mut held), held.next()), (vec![], Some(3)));
        held.release(3);
        assert_eq!((ready(&mut held), held.next()), (PUBACK_1.to_vec(), Some(5)));
        held.release(9);
        assert_eq!((ready(&mut held), held.next()), (PUBACK_2.to_vec(), None));
    }

    #[test]
    fn a_farewell_comes_after_the_acknowledgements() {
        let mut held = Held::default();
        let farewell = [0xe0, 2, 0x8b, 0];
        held.take(&[&PUBACK_1[..], &farewell].concat(), 1).unwrap();
        assert_eq!(ready(&mut held), [0_u8; 0]);
        held.release(1);
        assert_eq!(ready(&mut held), [&PUBACK_1[..], &farewell].concat());
        held.take(&farewell, 7).unwrap();
        assert_eq!(ready(&mut held), farewell);
    }

    #[test]
    fn a_length_without_end_is_refused() {
        assert_eq!(Held::default().take(&[0x30, 0x80, 0x80, 0x80, 0x80, 1], 0), Err(BadLength));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_however_the_bytes_are_cut(
            bodies in prop::collection::vec((prop::sample::select(vec![0x20_u8, 0x30, 0x40, 0x50, 0xd0]), 0_usize..300), 1..30),
            cuts in prop::collection::vec(1_usize..40, 1..40),
        ) {
            let (mut bytes, mut passing, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
            for (kind, length) in bodies {
                let mut packet = vec![kind];
                let (low, high) = (u8::try_from(length % 128).unwrap(), u8::try_from(length / 128).unwrap());
                if high > 0 { packet.extend([low | 0x80, high]) } else { packet.push(low) }
                packet.extend((0..length).map(|at| u8::try_from(at % 251).unwrap()));
                bytes.extend_from_slice(&packet);
                if matches!(kind >> 4, PUBACK | PUBREC) { waiting.extend(packet) } else { passing.extend(packet) }
            }
            let mut held = Held::default();
            let (mut rest, mut taken, mut cuts) = (bytes.as_slice(), 0, cuts.iter().cycle());
            while !rest.is_empty() {
                let (chunk, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                taken += 1;
                held.take(chunk, taken).unwrap();
                rest = later;
            }
            prop_assert_eq!(ready(&mut held), passing);
            held.release(taken);
            prop_assert_eq!(ready(&mut held), waiting);
            prop_assert_eq!(held.next(), None);
        }
    }
}
