//! The re-mixing alarm: waste that households kept apart, and that did not arrive apart.

use serde::Serialize;

/// When the alarm is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RemixingRule {
    /// Days over which both masses are added up: longer than waste waits between point and plant.
    pub days: i32,
    /// Part of the picked-up mass that may be missing at the plant, percent: moisture, scales, stock on the way.
    pub tolerance_percent: i64,
    /// Below this picked-up mass nothing is said, grams.
    pub least_g: i64,
}

impl RemixingRule {
    /// The rule in force: 28 days, 20 %, 100 kg.
    pub const STANDARD: Self = Self { days: 28, tolerance_percent: 20, least_g: 100_000 };

    /// Judges what was picked up separately against what tickets say was still separate.
    pub fn judge(&self, mass: &Remixing) -> Verdict {
        if mass.picked_up_g < self.least_g {
            return Verdict::TooLittle;
        }
        if mass.tickets == 0 {
            return Verdict::NoTicket;
        }
        let expected_g = i128::from(mass.picked_up_g) * i128::from(100 - self.tolerance_percent);
        if i128::from(mass.still_separate_g) * 100 >= expected_g {
            Verdict::Kept
        } else {
            Verdict::Alarm { missing_g: mass.picked_up_g - mass.still_separate_g }
        }
    }
}

/// What the alarm compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remixing {
    /// Waste of required streams that was picked up, weighed by devices or typed by crews, grams.
    pub picked_up_g: i64,
    /// Waste of required streams that tickets say a plant took, grams.
    pub still_separate_g: i64,
    /// Tickets of any stream and destination in the same days.
    pub tickets: i64,
}

/// What the alarm says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// Too little was picked up separately to say anything.
    TooLittle,
    /// No ticket at all came: nothing is known, and nothing is alarmed.
    NoTicket,
    /// What was picked up separately arrived separately, within the tolerance.
    Kept,
    /// It did not.
    Alarm {
        /// What is missing, grams.
        missing_g: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(picked_up_g: i64, still_separate_g: i64, tickets: i64) -> Verdict {
        RemixingRule::STANDARD.judge(&Remixing { picked_up_g, still_separate_g, tickets })
    }

    #[test]
    fn a_fifth_may_be_missing_and_a_gram_more_is_an_alarm() {
        assert_eq!(judge(1_000_000, 1_000_000, 3), Verdict::Kept);
        assert_eq!(judge(1_000_000, 800_000, 3), Verdict::Kept);
        assert_eq!(judge(1_000_000, 799_999, 3), Verdict::Alarm { missing_g: 200_001 });
    }

    #[test]
    fn all_of_it_at_the_dump_is_an_alarm_and_no_ticket_at_all_is_none() {
        assert_eq!(judge(1_000_000, 0, 3), Verdict::Alarm { missing_g: 1_000_000 });
        assert_eq!(judge(1_000_000, 0, 0), Verdict::NoTicket);
    }

    #[test]
    fn little_waste_says_nothing() {
        assert_eq!(judge(99_999, 0, 3), Verdict::TooLittle);
        assert_eq!(judge(100_000, 0, 3), Verdict::Alarm { missing_g: 100_000 });
    }
}
