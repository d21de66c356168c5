//! How often someone may try to sign in.
//!
//! # Why
//! Kept in memory and bounded: a guesser must not be able to fill the database, and a restart that forgets a few
//! attempts gives nothing away. Counted by name and address together, so that a stranger's guesses do not lock an officer
//! out; by address alone, against trying many names; and, far more loosely, by name alone, against many addresses.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::problem::Problem;
use crate::domain::time::{Instant, MINUTE_MS};

/// Wrong attempts allowed for a name from one address within the window.
const PAIR_MAX: usize = 5;
/// Wrong attempts allowed for a name from everywhere within the window.
const NAME_MAX: usize = 50;
/// Wrong attempts allowed from an address within the window; an office shares one.
const ADDRESS_MAX: usize = 30;
/// The window.
const WINDOW_MS: i64 = 5 * MINUTE_MS;
/// Names and addresses remembered at once; beyond it, the window's old entries go first.
const KEYS_MAX: usize = 10_000;

/// Passwords checked at once. Each takes 19 MiB and a core for tens of milliseconds; a flood of them waits here and the pages go on.
const CHECKS_AT_ONCE: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, Option<IpAddr>),
    Name(String),
    Address(IpAddr),
}

/// Wrong attempts of late.
#[derive(Debug)]
pub struct Attempts {
    wrong: Mutex<HashMap<Key, Vec<Instant>>>,
    checks: Arc<Semaphore>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { wrong: Mutex::default(), checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)) }
    }
}

impl Attempts {
    /// Runs a check of a password off the async threads, when fewer than four are under way.
    pub async fn check<T: Send + 'static>(&self, check: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = Arc::clone(&self.checks).acquire_owned().await;
        let done = tokio::task::spawn_blocking(check).await;
        drop(place);
        done.map_err(|error| Problem::internal("checking the password", &error))
    }

    /// Gives how long to wait, milliseconds, before a further attempt; 0: go on.
    pub fn wait_ms(&self, name: &str, address: Option<IpAddr>, now: Instant) -> i64 {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        keys(name, address)
            .map(|(key, max)| {
                let recent: Vec<Instant> =
                    wrong.get(&key).into_iter().flatten().copied().filter(|at| now.since(*at) < WINDOW_MS).collect();
                match recent.len().checked_sub(max) {
                    Some(beyond) => WINDOW_MS - now.since(recent[beyond]),
                    None => 0,
                }
            })
            .max()
            .unwrap_or(0)
    }

    /// Remembers a wrong attempt. Call it before the password is checked and [`Attempts::forgive`] afterwards, so that
    /// attempts made at the same time count too.
    pub fn count(&self, name: &str, address: Option<IpAddr>, now: Instant) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= KEYS_MAX {
            wrong.retain(|_, at| at.last().is_some_and(|last| now.since(*last) < WINDOW_MS));
        }
        if wrong.len() >= KEYS_MAX {
            wrong.clear();
        }
        for (key, max) in keys(name, address) {
            let attempts = wrong.entry(key).or_default();
            attempts.push(now);
            let surplus = attempts.len().saturating_sub(max);
            attempts.drain(..surplus);
        }
    }

    /// Forgets the attempts of a name that has signed in from an address, and this one in the wider counts.
    pub fn forgive(&self, name: &str, address: Option<IpAddr>) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.remove(&Key::Pair(name.to_owned(), address.map(counted)));
        for (key, _) in keys(name, address) {
            if let Some(attempts) = wrong.get_mut(&key) {
                attempts.pop();
            }
        }
    }
}

/// Gives what counts as one address. A house has 2^64 addresses of IPv6 at least, and so counts by its network.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

fn keys(name: &str, address: Option<IpAddr>) -> impl Iterator<Item = (Key, usize)> {
    let address = address.map(counted);
    [(Key::Pair(name.to_owned(), address), PAIR_MAX), (Key::Name(name.to_owned()), NAME_MAX)]
        .into_iter()
        .chain(address.map(|address| (Key::Address(address), ADDRESS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_wrong_attempts_a_name_waits_until_the_first_is_five_minutes_old() {
        let attempts = Attempts::default();
        for second in 0..5 {
            assert_eq!(attempts.wait_ms("an", None, Instant::from_ms(second * 1000)), 0);
            attempts.count("an", None, Instant::from_ms(second * 1000));
        }
        assert_eq!(attempts.wait_ms("an", None, Instant::from_ms(10_000)), WINDOW_MS - 10_000);
        assert_eq!(attempts.wait_ms("binh", None, Instant::from_ms(10_000)), 0);
        assert_eq!(attempts.wait_ms("an", None, Instant::from_ms(WINDOW_MS)), 0);
    }

    #[test]
    fn one_address_cannot_try_many_names() {
        let attempts = Attempts::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for number in 0..30 {
            attempts.count(&format!("name{number}"), address, Instant::from_ms(0));
        }
        assert!(attempts.wait_ms("another", address, Instant::from_ms(1)) > 0);
        assert_eq!(attempts.wait_ms("another", Some(IpAddr::from([192, 0, 2, 2])), Instant::from_ms(1)), 0);
    }

    #[test]
    fn the_many_addresses_of_one_house_count_as_one() {
        let attempts = Attempts::default();
        let of = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, last]));
        for number in 0..5 {
            attempts.count("an", of(number), Instant::from_ms(0));
        }
        assert!(attempts.wait_ms("an", of(77), Instant::from_ms(1)) > 0);
        let neighbour = Some(IpAddr::from([0x2001, 0xdb8, 1, 3, 0, 0, 0, 1]));
        assert_eq!(attempts.wait_ms("an", neighbour, Instant::from_ms(1)), 0);
    }

    #[test]
    fn a_stranger_s_guesses_do_not_lock_the_owner_out() {
        let attempts = Attempts::default();
        let stranger = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..5 {
            attempts.count("an", stranger, Instant::from_ms(0));
        }
        assert!(attempts.wait_ms("an", stranger, Instant::from_ms(1)) > 0);
        assert_eq!(attempts.wait_ms("an", Some(IpAddr::from([192, 0, 2, 2])), Instant::from_ms(1)), 0);
    }

    #[test]
    fn signing_in_forgives_the_slips_before_it() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            attempts.count("an", None, Instant::from_ms(0));
        }
        attempts.forgive("an", None);
        attempts.count("an", None, Instant::from_ms(1));
        assert_eq!(attempts.wait_ms("an", None, Instant::from_ms(2)), 0);
    }
}
