//! Whose a weight is, from the tag reads around it.

use std::collections::BTreeSet;

use super::time::{Day, SECOND_MS, holds};
use super::world::{EventKey, Tag};

const VISIT_REACHES_MS: i64 = 30 * SECOND_MS;
const TAG_MAY_FOLLOW_MS: i64 = 15 * SECOND_MS;
const TOGETHER_MS: i64 = 2 * SECOND_MS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Household(String),
    Unknown,
    Ambiguous,
}

/// Who holds a tag on the day of a read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    Household(String),
    Unregistered(String),
}

/// One tag read of a station.
#[derive(Clone, Debug)]
pub struct Read {
    pub time_ms: i64,
    pub uid: String,
    pub holder: Holder,
    pub key: EventKey,
}

/// The reads of one station, by time.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    pub all: Vec<Read>,
}

impl Reads {
    /// Whose a weight settled at `time_ms` is.
    pub fn owner_of_weight(&self, time_ms: i64) -> Owner {
        let before = self.all.iter().rposition(|read| read.time_ms <= time_ms);
        if let Some(number) = before
            && time_ms - self.all[number].time_ms <= VISIT_REACHES_MS
        {
            return self.owner_of_visit(number);
        }
        let after: Vec<usize> = (0..self.all.len())
            .filter(|number| {
                let read_ms = self.all[*number].time_ms;
                time_ms < read_ms && read_ms - time_ms <= TAG_MAY_FOLLOW_MS
            })
            .collect();
        let holders: BTreeSet<&Holder> = after.iter().map(|number| &self.all[*number].holder).collect();
        match holders.len() {
            0 => Owner::Unknown,
            1 => self.owner_of_visit(after[0]),
            _ => Owner::Ambiguous,
        }
    }

    /// Whose the visit with this read is: nobody's for sure when another holder's tag was read within 2 s of any of
    /// its reads.
    fn owner_of_visit(&self, number: usize) -> Owner {
        let together = |from: usize, to: usize| {
            let (a, b) = (&self.all[from], &self.all[to]);
            a.uid == b.uid && (a.time_ms - b.time_ms).abs() <= VISIT_REACHES_MS
        };
        let (mut first, mut last) = (number, number);
        while first > 0 && together(first - 1, first) {
            first -= 1;
        }
        while last + 1 < self.all.len() && together(last, last + 1) {
            last += 1;
        }
        let holder = &self.all[number].holder;
        let disturbed = self.all[first..=last].iter().any(|own| {
            self.all.iter().any(|other| other.holder != *holder && (other.time_ms - own.time_ms).abs() <= TOGETHER_MS)
        });
        if disturbed { Owner::Ambiguous } else { owner(holder) }
    }
}

/// Upper-case hex without separators.
pub fn normal_uid(uid: &str) -> String {
    uid.replace(['-', ':'], "").to_uppercase()
}

/// Who that is, as far as the register knows.
pub fn owner(holder: &Holder) -> Owner {
    match holder {
        Holder::Household(household) => Owner::Household(household.clone()),
        Holder::Unregistered(_) => Owner::Unknown,
    }
}

/// The household whose tag this is on the local day of the read.
pub fn holder(tags: &[Tag], uid: &str, time_ms: i64) -> Holder {
    let day = Day::of(time_ms);
    tags.iter()
        .find(|tag| normal_uid(&tag.uid) == uid && holds(tag.valid_from, tag.valid_to, day))
        .map_or_else(|| Holder::Unregistered(uid.to_owned()), |tag| Holder::Household(tag.household.clone()))
}
