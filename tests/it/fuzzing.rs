//! The decoders' promises under bytes that were changed at random, from the corpus and the fixtures: the functions of `tests/fuzz/targets.rs`
//! without a fuzzer.
//!
//! # Why
//! A fuzzer needs a nightly toolchain, and is run by hand. What is cheap is done each time: a fixed number of cases from a
//! fixed seed, so that a failure comes again; the bytes at fault are printed.

use std::path::Path;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};

#[path = "../fuzz/targets.rs"]
mod targets;

use targets::{TARGETS, Target};

/// Cases of one decoder.
const CASES: u32 = 8_000;
const LONG_CASES: u32 = 400_000;
/// Longest seed, bytes: what is longer is cut, so that a change meets something.
const SEED_MAX_BYTES: usize = 3_000;
/// Most changes of one case.
const MOST_CHANGES: usize = 6;

/// What breaks readers: ends of ranges, separators, escapes, deep nesting, long and odd texts.
const TOKENS: &[&str] = &[
    "0",
    "-1",
    "1",
    "256",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e400",
    "-0.0",
    "1.5",
    "null",
    "true",
    "false",
    "\"\"",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    "[[[[[[[[[[[[[[[[",
    ",",
    ":",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "đ",
    "ộ",
    "😀",
    "=",
    "+",
    "-",
    "@",
    "%",
    "%00",
    "%zz",
    "hunter2",
    "/",
    "//",
    "#",
    "$SYS",
    "events",
    "state",
    "::1",
    "[::1]",
    "/33",
    "65536",
    "2026-02-30",
    "29/02/2027",
    "9999-12-31",
    "24:00",
    "daily",
    "\"seq\":1,",
    "\"type\":\"lost\",",
    "\"events\":[],",
    "simulated",
    "[[stream]]\n",
    "[[rule]]\n",
];

fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).expect("the file can be read")).collect()
}

/// Gives what a decoder is used to: what a fuzzer starts from, and the fixtures of the device contract.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut corpus = files(&format!("tests/fuzz/corpus/{target}"));
    if target == "events" {
        corpus.extend(files("tests/fixtures/native/accepted"));
        corpus.extend(files("tests/fixtures/native/refused"));
    }
    for seed in &mut corpus {
        seed.truncate(SEED_MAX_BYTES);
    }
    assert!(!corpus.is_empty(), "{target} has something to start from");
    corpus
}

/// Changes a text at random, most often little.
fn changed(corpus: &[Vec<u8>], random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    let mut bytes = corpus[random.random_range(0..corpus.len())].clone();
    for _ in 0..random.random_range(0..=MOST_CHANGES) {
        let from = random.random_range(0..=bytes.len());
        let to = (from + random.random_range(0..=16)).min(bytes.len());
        match random.random_range(0..8) {
            0 if from < bytes.len() => bytes[from] ^= 1 << random.random_range(0..8),
            1 if from < bytes.len() => bytes[from] = random.random(),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let twice = bytes[from..to].to_vec();
                bytes.splice(to..to, twice);
            }
            4 => bytes.truncate(from.max(bytes.len() / 2)),
            5 => {
                let other = &corpus[random.random_range(0..corpus.len())];
                let begin = random.random_range(0..=other.len());
                let end = (begin + random.random_range(0..=200)).min(other.len());
                bytes.splice(from..from, other[begin..end].iter().copied());
            }
            6 => replace_number(&mut bytes, from, random),
            _ => {
                let token = TOKENS[random.random_range(0..TOKENS.len())];
                bytes.splice(from..from, token.bytes());
            }
        }
    }
    bytes
}

/// Puts a token in the place of the next digits.
fn replace_number(bytes: &mut Vec<u8>, from: usize, random: &mut Xoshiro256PlusPlus) {
    let Some(begin) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let length = bytes[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let token = TOKENS[random.random_range(0..TOKENS.len())];
    bytes.splice(begin..begin + length, token.bytes());
}

#[expect(clippy::disallowed_methods, reason = "the way in from tests/run.sh")]
fn cases() -> u32 {
    if std::env::var_os("PHANLOAI_LONG").is_some() { LONG_CASES } else { CASES }
}

fn holds_its_promises(name: &str) {
    let (_, target): &Target = TARGETS.iter().find(|(found, _)| *found == name).expect("a target of that name");
    let corpus = corpus(name);
    for seed in &corpus {
        target(seed);
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for case in 0..cases() {
        let bytes = changed(&corpus, &mut random);
        let held = std::panic::catch_unwind(|| target(&bytes));
        assert!(held.is_ok(), "case {case} of {name}, with these bytes:\n{}", bytes.escape_ascii());
    }
}

macro_rules! promises {
    ($($test:ident $target:literal)*) => {
        $(#[test]
        fn $test() {
            holds_its_promises($target);
        })*

        #[test]
        fn every_decoder_has_a_test_here() {
            let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$($target),*]);
        }
    };
}

#[test]
fn every_kind_of_import_has_a_file_to_start_from() {
    let corpus = corpus("imports");
    for kind in phanloai::imports::Kind::ALL {
        let named = format!("{}\n", kind.as_str());
        assert!(corpus.iter().any(|file| file.starts_with(named.as_bytes())), "{}", kind.as_str());
    }
}

promises! {
    changed_bytes_of_events_are_read_or_refused_in_words "events"
    changed_bytes_of_a_state_are_read_or_refused_in_words "state"
    changed_bytes_of_a_topic_are_read_or_refused_in_words "topic"
    changed_bytes_of_a_commune_file_are_read_or_refused_in_words "commune"
    changed_bytes_of_an_import_are_read_or_refused_in_words "imports"
    changed_bytes_of_a_configured_address_are_read_or_refused_in_words "config_address"
    changed_bytes_of_a_session_address_are_read_or_refused_in_words "session_address"
}
