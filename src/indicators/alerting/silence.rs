//! A device that says nothing in the hours in which it should.
//!
//! # Why
//! - Devices may be powered around their rounds only, so silence outside them says nothing. What counts is the last round that has
//!   begun: a device that fell silent in it stays silent until it is heard, also after the round's end.
//! - It counts when an event *arrives*. A device without a link keeps its events and sends them later; until then nobody knows.
//! - A service that was down has heard nobody, which says nothing of the devices: silence counts from when it listens.

use crate::domain::alert::{Cause, Verdict};
use crate::domain::time::{HOUR_MS, Instant, MINUTE_MS};

/// What was heard of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When an event of it came last. `None`: never.
    pub last_seen: Option<Instant>,
    /// Since when the service listens without a break. `None`: it does not.
    pub listening_since: Option<Instant>,
    /// It sends heartbeats, at least every five minutes while it works.
    pub beats: bool,
}

/// When a device is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilenceRule {
    /// Silence within a round, of a device with heartbeats, milliseconds: six of them.
    pub in_round_ms: i64,
    /// Rounds that ended without any event, of a device without heartbeats.
    pub rounds: usize,
    /// Silence of a device that no round needs, milliseconds.
    pub unscheduled_ms: i64,
}

impl SilenceRule {
    /// The rule in force: 30 minutes; 3 rounds; 3 days.
    pub const STANDARD: Self = Self { in_round_ms: 30 * MINUTE_MS, rounds: 3, unscheduled_ms: 72 * HOUR_MS };

    /// Judges a device by the rounds that need it, in order of their start.
    pub fn judge(&self, heard: Heard, rounds: &[(Instant, Instant)], now: Instant) -> Verdict {
        let quiet_from = match (rounds.is_empty(), heard.beats) {
            (true, _) => Some(now.plus_ms(-self.unscheduled_ms)),
            (false, true) => self.with_heartbeats(rounds, now),
            (false, false) => self.without_heartbeats(rounds, now),
        };
        // No round has begun that could tell.
        let Some(quiet_from) = quiet_from else { return Verdict::Between };
        let is_quiet = |since: Option<Instant>| since.is_none_or(|since| since < quiet_from);
        match (is_quiet(heard.last_seen), heard.listening_since) {
            (false, _) => Verdict::Clear,
            (true, Some(since)) if since < quiet_from => Verdict::Holds(Cause::Silent { last_seen: heard.last_seen }),
            (true, Some(_) | None) => Verdict::Between,
        }
    }

    /// Gives the instant from which a device must have been heard: so long before the end of the last round, or before now.
    fn with_heartbeats(&self, rounds: &[(Instant, Instant)], now: Instant) -> Option<Instant> {
        let begun = rounds.iter().filter(|(start, _)| now.since(*start) >= self.in_round_ms);
        let end = begun.map(|(_, end)| *end).max()?;
        Some(now.min(end).plus_ms(-self.in_round_ms))
    }

    /// Gives the start of the first of the last rounds that ended.
    fn without_heartbeats(&self, rounds: &[(Instant, Instant)], now: Instant) -> Option<Instant> {
        let ended = rounds.iter().rev().filter(|(_, end)| *end <= now);
        ended.take(self.rounds).nth(self.rounds - 1).map(|(start, _)| *start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(minute: i64) -> Instant {
        Instant::from_ms(minute * MINUTE_MS)
    }

    /// 06:00 to 08:00 on three days.
    const ROUNDS: [(Instant, Instant); 3] = [(at(360), at(480)), (at(1_800), at(1_920)), (at(3_240), at(3_360))];

    fn judged(last_seen: Option<i64>, now: i64) -> Verdict {
        let heard = Heard { last_seen: last_seen.map(at), listening_since: Some(at(0)), beats: true };
        SilenceRule::STANDARD.judge(heard, &ROUNDS, at(now))
    }

    fn silent(last_seen: Option<i64>) -> Verdict {
        Verdict::Holds(Cause::Silent { last_seen: last_seen.map(at) })
    }

    #[test]
    fn a_device_is_silent_half_an_hour_into_a_silence_of_its_round() {
        assert_eq!(judged(Some(400), 430), Verdict::Clear);
        assert_eq!(judged(Some(400), 431), silent(Some(400)));
        assert_eq!(judged(None, 390), silent(None));
        assert_eq!(judged(None, 389), Verdict::Between, "it may still be starting");
    }

    #[test]
    fn outside_its_rounds_a_device_may_sleep() {
        // Heard until 07:55, asked at noon and the next morning before the round is half an hour old.
        assert_eq!(judged(Some(475), 720), Verdict::Clear);
        assert_eq!(judged(Some(475), 1_829), Verdict::Clear);
        assert_eq!(judged(Some(475), 1_830), silent(Some(475)));
    }

    #[test]
    fn who_fell_silent_in_a_round_stays_silent_after_it() {
        assert_eq!(judged(Some(400), 490), silent(Some(400)));
        assert_eq!(judged(Some(400), 1_700), silent(Some(400)));
        assert_eq!(judged(Some(450), 1_700), Verdict::Clear, "heard within the last half hour of the round");
        assert_eq!(judged(Some(1_000), 1_700), Verdict::Clear, "heard afterwards");
    }

    #[test]
    fn a_service_that_has_just_begun_to_listen_knows_nothing() {
        let heard = |listening_since| Heard { last_seen: Some(at(100)), listening_since, beats: true };
        let judge = |listening, now| SilenceRule::STANDARD.judge(heard(listening), &ROUNDS, at(now));
        assert_eq!(judge(Some(at(420)), 440), Verdict::Between);
        assert_eq!(judge(Some(at(420)), 451), silent(Some(100)));
        assert_eq!(judge(None, 460), Verdict::Between, "the broker is away");
        assert_eq!(judge(Some(at(500)), 1_700), Verdict::Between, "it was down for the whole round");
    }

    #[test]
    fn without_heartbeats_three_rounds_without_an_event_are_silence() {
        let heard =
            |last_seen: i64| Heard { last_seen: Some(at(last_seen)), listening_since: Some(at(0)), beats: false };
        let judge = |last_seen, now| SilenceRule::STANDARD.judge(heard(last_seen), &ROUNDS, at(now));
        assert_eq!(judge(359, 3_359), Verdict::Between, "the third round has not ended");
        assert_eq!(judge(359, 3_360), silent(Some(359)));
        assert_eq!(judge(360, 9_000), Verdict::Clear);
    }

    #[test]
    fn a_device_that_no_round_needs_may_be_silent_for_three_days() {
        let judge = |now: i64| {
            let heard = Heard { last_seen: Some(at(100)), listening_since: Some(at(0)), beats: true };
            SilenceRule::STANDARD.judge(heard, &[], at(now))
        };
        assert_eq!(judge(100 + 72 * 60), Verdict::Clear);
        assert_eq!(judge(101 + 72 * 60), silent(Some(100)));
    }

    #[test]
    fn rounds_of_the_same_hours_are_one() {
        let rounds = [(at(360), at(480)), (at(360), at(540))];
        let heard = Heard { last_seen: Some(at(470)), listening_since: Some(at(0)), beats: true };
        assert_eq!(SilenceRule::STANDARD.judge(heard, &rounds, at(501)), silent(Some(470)));
    }
}
