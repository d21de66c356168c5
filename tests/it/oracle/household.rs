//! One household at the end of one local day.

use super::gather::{Facts, Level, Pickup, Says, Word};
use super::rounds::{Round, weekdays};
use super::time::{Day, holds};
use super::world::{Limits, World};

/// Grams taken for a pickup without weight; nothing when none is configured.
pub fn mean_g(world: &World, code: &str) -> i64 {
    world.streams.iter().find(|stream| stream.code == code).and_then(|stream| stream.mean_g).unwrap_or(0)
}

/// What concerns one household, whatever the day.
pub struct Subject<'a> {
    world: &'a World,
    code: &'a str,
    rounds: &'a [Round],
    /// The first day of its first version.
    valid_from: Day,
    /// Accepted pickups, contested or not.
    pickups: Vec<&'a Pickup>,
    words: Vec<&'a Word>,
    /// Rounds at its point and on its routes since its valid-from, by start.
    offered: Vec<&'a Round>,
}

impl<'a> Subject<'a> {
    pub fn new(facts: &'a Facts<'a>, code: &'a str) -> Subject<'a> {
        let world = facts.world;
        let valid_from = world.households.iter().filter(|row| row.code == code).map(|row| row.valid_from).min();
        let valid_from = valid_from.expect("a household has a row");
        let is_own = |pickup: &&Pickup| pickup.accepted && pickup.household.as_deref() == Some(code);
        let is_offered = |round: &&Round| {
            round.date >= valid_from && places(world, code, round.date).contains(&round.place.as_str())
        };
        Subject {
            world,
            code,
            rounds: &facts.rounds,
            valid_from,
            pickups: facts.pickups.iter().filter(is_own).collect(),
            words: facts.words.iter().filter(|word| word.household == code).collect(),
            offered: facts.rounds.iter().filter(is_offered).collect(),
        }
    }
}

/// The household's point on that day, and its routes.
fn places<'a>(world: &'a World, code: &str, day: Day) -> Vec<&'a str> {
    let mut places: Vec<&str> = world
        .households
        .iter()
        .filter(|row| row.code == code && holds(row.valid_from, row.valid_to, day))
        .filter_map(|row| row.point.as_deref())
        .collect();
    places.extend(world.routes.iter().filter(|row| row.household == code).map(|row| row.route.as_str()));
    places
}

/// Looks at one household at the end of one day.
pub struct Eye<'a> {
    pub subject: &'a Subject<'a>,
    pub day: Day,
}

impl<'a> Eye<'a> {
    /// Active and registered, not excluded, not new.
    pub fn is_eligible(&self) -> bool {
        let (world, code) = (self.subject.world, self.subject.code);
        let active =
            world.households.iter().any(|row| row.code == code && holds(row.valid_from, row.valid_to, self.day));
        let excluded = world.exclusions.iter().any(|row| row.household == code && holds(row.from, row.to, self.day));
        active && !excluded && !self.is_new()
    }

    fn limits(&self) -> Limits {
        self.subject.world.limits(self.day)
    }

    fn is_new(&self) -> bool {
        let limits = self.limits();
        let opportunities: usize = self.required().iter().map(|stream| self.opportunities(stream).len()).sum();
        self.day < self.subject.valid_from.plus(limits.new_days) && opportunities < limits.new_opportunities
    }

    /// `S:…`, `N` or `U:…`.
    pub fn state(&self) -> String {
        if self.has_open_contrary() {
            return "N".to_owned();
        }
        let levels: Vec<Option<Level>> = self.required().iter().map(|stream| self.accounted(stream)).collect();
        if let Some(levels) = levels.into_iter().collect::<Option<Vec<Level>>>()
            && let Some(weakest) = levels.iter().min()
        {
            return match weakest {
                Level::Device => "S:device".to_owned(),
                Level::Crew => "S:crew".to_owned(),
                Level::Verified => "S:verified".to_owned(),
            };
        }
        format!("U:{}", self.reason())
    }

    fn reason(&self) -> &'static str {
        let required = self.required();
        if required.iter().all(|stream| self.accounted(stream).is_some() || self.is_declared(stream)) {
            return "only_declared";
        }
        if required.iter().any(|stream| self.accounted(stream).is_some()) {
            return "one_stream_missing";
        }
        if !self.is_observable() {
            return "not_observable";
        }
        let other = |stream: &&str| {
            self.subject
                .pickups
                .iter()
                .any(|pickup| pickup.stream == **stream && self.in_window(stream, pickup.time_ms))
        };
        if self.streams(false).iter().any(other) { "only_other" } else { "no_pickup" }
    }

    /// No open X and one required stream accounted for.
    pub fn sorts_one_group(&self) -> bool {
        !self.has_open_contrary() && self.required().iter().any(|stream| self.accounted(stream).is_some())
    }

    /// Declared or accounted for in at least one required stream.
    pub fn is_enrolled(&self) -> bool {
        self.required().iter().any(|stream| self.accounted(stream).is_some() || self.is_declared(stream))
    }

    /// Served, measured, participating, opportunities, set-outs, food treated at home.
    pub fn practice(&self) -> (bool, bool, bool, i64, i64, bool) {
        let served = self.subject.offered.iter().any(|round| {
            round.ran && round.end_ms <= self.day.end_ms() && round.date >= self.day.plus(1 - self.limits().window_days)
        });
        let (mut measured, mut participating, mut opportunities, mut set_outs) = (false, false, 0, 0);
        for stream in self.required() {
            let limits = self.limits();
            let (days, enough) = if self.is_rare(stream) {
                (limits.rare_window_days, limits.rare_opportunities)
            } else {
                (limits.window_days, limits.window_opportunities)
            };
            let mut all = self.opportunities(stream);
            all.retain(|round| round.date >= self.day.plus(1 - days));
            let Some(first) = all.len().checked_sub(enough) else { continue };
            let out = all[first..].iter().filter(|round| self.set_out_in(round)).count();
            measured = true;
            participating |= out > 0;
            opportunities += i64::try_from(enough).unwrap();
            set_outs += i64::try_from(out).unwrap();
        }
        (served, measured, participating, opportunities, set_outs, self.treats_food_at_home())
    }

    /// Of a household that sorts by visits alone in some stream: the last day on which all that it needs stands, if nothing else comes,
    /// and the streams that then lack something.
    pub fn verified_until(&self) -> Option<(Day, Vec<String>)> {
        if self.state() != "S:verified" {
            return None;
        }
        let mut ends: Vec<(Day, &str)> = Vec::new();
        for stream in self.required() {
            let handed_over =
                self.subject.pickups.iter().any(|pickup| {
                    pickup.stream == stream && !pickup.contested && self.in_window(stream, pickup.time_ms)
                });
            if handed_over {
                continue;
            }
            let stands = |later: &i64| {
                self.words().any(|word| {
                    matches!(word.says, Says::Sorting { .. })
                        && of_stream(word, stream)
                        && self.age_days(word) + later <= self.limits().verified_days
                        && !self.is_voided(word, stream)
                })
            };
            let later = (0..).take_while(stands).last().expect("it stands today");
            ends.push((self.day.plus(later), stream));
        }
        let first = ends.iter().map(|(day, _)| *day).min()?;
        Some((first, ends.into_iter().filter(|(day, _)| *day == first).map(|(_, stream)| stream.to_owned()).collect()))
    }

    fn set_out_in(&self, round: &Round) -> bool {
        let place = self.subject.rounds.iter().position(|other| std::ptr::eq(other, round));
        self.subject
            .pickups
            .iter()
            .any(|pickup| pickup.round == place && !pickup.contested && pickup.time_ms < self.day.end_ms())
    }

    fn treats_food_at_home(&self) -> bool {
        self.words().filter(|word| word.says == Says::Sorting { pathway: true }).any(|word| {
            let of_food = self.subject.world.pathways.iter().any(|pathway| {
                pathway.household == self.subject.code
                    && pathway.level == "verified"
                    && Some(&pathway.stream) == word.stream.as_ref()
                    && pathway.on == Day::of(word.time_ms)
                    && ["compost", "animal_feed"].contains(&pathway.pathway.as_str())
            });
            let stream = word.stream.as_deref().unwrap_or_default();
            of_food && self.age_days(word) <= self.limits().verified_days && !self.is_voided(word, stream)
        })
    }

    fn required(&self) -> Vec<&'a str> {
        self.streams(true)
    }

    fn streams(&self, required: bool) -> Vec<&'a str> {
        self.subject
            .world
            .streams
            .iter()
            .filter(|stream| stream.required == required)
            .map(|stream| stream.code.as_str())
            .collect()
    }

    /// Rounds offered to the household that have ended by the end of the day.
    fn offered(&self, stream: &str) -> Vec<&'a Round> {
        let ended = |round: &&&Round| round.stream == stream && round.end_ms <= self.day.end_ms();
        self.subject.offered.iter().filter(ended).copied().collect()
    }

    fn opportunities(&self, stream: &str) -> Vec<&'a Round> {
        self.offered(stream).into_iter().filter(|round| round.ran && round.observable).collect()
    }

    /// Scheduled for the household on this day, but fewer than once a week.
    fn is_rare(&self, stream: &str) -> bool {
        let places = places(self.subject.world, self.subject.code, self.day);
        let rows: Vec<_> = self
            .subject
            .world
            .schedule
            .iter()
            .filter(|row| row.stream == stream && places.contains(&row.place.as_str()))
            .filter(|row| holds(row.valid_from, row.valid_to, self.day))
            .collect();
        let often = rows.iter().any(|row| {
            let days = i64::try_from(weekdays(row).len()).expect("at most 7");
            days >= row.every_weeks.unwrap_or(1)
        });
        !rows.is_empty() && !often
    }

    fn window_start_ms(&self, stream: &str) -> i64 {
        if self.is_rare(stream) {
            return self.day.plus(1 - self.limits().rare_window_days).start_ms();
        }
        let longest_ms = self.day.plus(1 - self.limits().window_days).start_ms();
        let opportunities = self.opportunities(stream);
        match opportunities.iter().rev().nth(self.limits().window_opportunities - 1) {
            Some(third_last) => third_last.start_ms.max(longest_ms),
            None => longest_ms,
        }
    }

    fn in_window(&self, stream: &str, time_ms: i64) -> bool {
        self.window_start_ms(stream) <= time_ms && time_ms < self.day.end_ms()
    }

    /// What was said of the household by the end of the day.
    fn words(&self) -> impl Iterator<Item = &'a Word> {
        let end_ms = self.day.end_ms();
        self.subject.words.iter().copied().filter(move |word| word.time_ms < end_ms)
    }

    fn age_days(&self, word: &Word) -> i64 {
        self.day.0 - Day::of(word.time_ms).0
    }

    /// The strongest level at which the stream is accounted for.
    fn accounted(&self, stream: &str) -> Option<Level> {
        let by_pickup = self
            .subject
            .pickups
            .iter()
            .filter(|pickup| pickup.stream == stream && !pickup.contested && self.in_window(stream, pickup.time_ms))
            .map(|pickup| pickup.level)
            .max();
        let verified = self
            .words()
            .filter(|word| matches!(word.says, Says::Sorting { .. }) && of_stream(word, stream))
            .any(|word| self.age_days(word) <= self.limits().verified_days && !self.is_voided(word, stream));
        by_pickup.or(verified.then_some(Level::Verified))
    }

    /// A later contrary finding or not-sorting visit of the stream, or of none named.
    fn is_voided(&self, verified: &Word, stream: &str) -> bool {
        self.words().any(|word| {
            matches!(word.says, Says::Contrary | Says::NotSorting)
                && of_stream(word, stream)
                && word.time_ms > verified.time_ms
        })
    }

    /// A declared pathway, or a verified one past its time that nothing voided.
    fn is_declared(&self, stream: &str) -> bool {
        let declared = self.subject.world.pathways.iter().any(|pathway| {
            pathway.household == self.subject.code
                && pathway.stream == stream
                && pathway.level == "declared"
                && pathway.on <= self.day
        });
        let was_verified = self.words().any(|word| {
            word.says == Says::Sorting { pathway: true }
                && of_stream(word, stream)
                && self.age_days(word) > self.limits().verified_days
                && !self.is_voided(word, stream)
        });
        declared || was_verified
    }

    fn has_open_contrary(&self) -> bool {
        self.words()
            .filter(|word| matches!(word.says, Says::Contrary | Says::NotSorting))
            .any(|word| self.age_days(word) <= self.limits().contrary_days && !self.is_closed(word))
    }

    fn is_closed(&self, contrary: &Word) -> bool {
        let by_word = self.words().any(|word| {
            matches!(word.says, Says::Clean | Says::Sorting { .. })
                && word.time_ms > contrary.time_ms
                && (word.stream.is_none() || contrary.stream.is_none() || word.stream == contrary.stream)
        });
        by_word || self.rounds_since(contrary) >= self.limits().closing_rounds
    }

    /// Rounds that started after the contrary word and hold an uncontested accepted pickup of its stream.
    fn rounds_since(&self, contrary: &Word) -> usize {
        let required = self.required();
        let of_its_stream = |stream: &str| match &contrary.stream {
            Some(named) => named == stream,
            None => required.contains(&stream),
        };
        let mut rounds: Vec<usize> = self
            .subject
            .pickups
            .iter()
            .filter(|pickup| !pickup.contested && pickup.time_ms < self.day.end_ms() && of_its_stream(&pickup.stream))
            .filter_map(|pickup| pickup.round)
            .filter(|round| self.subject.rounds[*round].start_ms > contrary.time_ms)
            .collect();
        rounds.sort_unstable();
        rounds.dedup();
        rounds.len()
    }

    fn is_observable(&self) -> bool {
        let limits = self.limits();
        let world = self.subject.world;
        let has_tag = world
            .tags
            .iter()
            .any(|tag| tag.household == self.subject.code && holds(tag.valid_from, tag.valid_to, self.day));
        let streams = [self.streams(true), self.streams(false)].concat();
        let crew_logged = streams.iter().any(|stream| {
            let days = if self.is_rare(stream) { limits.rare_window_days } else { limits.window_days };
            self.offered(stream).iter().any(|round| round.opened && round.date >= self.day.plus(1 - days))
        });
        let often_enough = streams.iter().any(|stream| {
            let (days, enough) = if self.is_rare(stream) {
                (limits.rare_window_days, limits.rare_opportunities)
            } else {
                (limits.window_days, limits.observable_opportunities)
            };
            let recent = self.opportunities(stream).into_iter().filter(|round| round.date >= self.day.plus(1 - days));
            recent.count() >= enough
        });
        (has_tag || crew_logged) && often_enough
    }
}

/// True for a word of the stream, or of none named.
fn of_stream(word: &Word, stream: &str) -> bool {
    word.stream.as_deref().is_none_or(|named| named == stream)
}
