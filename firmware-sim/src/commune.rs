//! The commune: hamlets, collection points with their devices and hours, and households.
//!
//! Owns the shape alone: `invent` fills it from a seed, [`crate::files`] writes it as a register,
//! [`crate::walk`] lets its households live.

use crate::calendar::{Day, RoundPlan, Stream, Window};
use crate::fieldwork::FieldworkRates;
use crate::habits::{HabitCourse, HabitMix};
use jiff::civil::Date;

/// Households of the commune modelled.
pub const HOUSEHOLDS: u32 = 10_457;
const POINTS: u32 = 70;
const AREAS: u32 = 20;
/// Length of a round when none is asked for.
const ROUND_MINUTES: u32 = 180;

/// What to invent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommuneSpec {
    /// Households in the register, at least 1.
    pub households: u32,
    /// Collection points, at least 1.
    pub points: u32,
    /// Hamlets, at least 1 and at most as many as points.
    pub areas: u32,
    /// The same seed gives the same commune and the same events.
    pub seed: u64,
    /// The last day of the history, local; with `days` it fixes the origin and must be kept over restarts.
    pub today: Date,
    /// Days of history before `today`, at least 1.
    pub days: u32,
    /// What its households do.
    pub habits: HabitMix,
    /// What visitors and crews get wrong.
    pub fieldwork: FieldworkRates,
    /// Length of a round, minutes, at least 30.
    pub round_minutes: u32,
}

impl CommuneSpec {
    /// The full commune: 10 457 households, 70 points, 20 hamlets.
    #[must_use]
    pub fn new(today: Date, days: u32, seed: u64) -> Self {
        Self {
            households: HOUSEHOLDS,
            points: POINTS,
            areas: AREAS,
            seed,
            today,
            days,
            habits: HabitMix::default(),
            fieldwork: FieldworkRates::default(),
            round_minutes: ROUND_MINUTES,
        }
    }

    /// A commune of `households`, with points and hamlets scaled down or up with them.
    #[must_use]
    pub fn sized(households: u32, today: Date, days: u32, seed: u64) -> Self {
        let scaled = |full: u32| {
            let wanted = u64::from(households) * u64::from(full) / u64::from(HOUSEHOLDS);
            u32::try_from(wanted).unwrap_or(full).max(1)
        };
        let (points, areas) = (scaled(POINTS), scaled(POINTS).min(AREAS));
        Self { households, points, areas, ..Self::new(today, days, seed) }
    }
}

/// A card's chip number: seven bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(pub u64);

impl std::fmt::Display for Uid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:014X}", self.0)
    }
}

/// A hamlet (thôn).
#[derive(Debug, Clone)]
pub struct Area {
    /// Such as `T07`.
    pub code: String,
    /// Such as `Thôn Đông Hải`.
    pub name: String,
}

impl Area {
    /// The name within a sentence, such as `thôn Đông Hải`.
    #[must_use]
    pub fn inside(&self) -> String {
        self.name.replacen("Thôn", "thôn", 1)
    }
}

/// A collection point.
#[derive(Debug, Clone)]
pub struct Point {
    /// Such as `D-012`.
    pub code: String,
    /// Vietnamese name.
    pub name: String,
    /// Index of its hamlet.
    pub area: usize,
    /// Millionths of a degree north and east.
    pub position_udeg: (i64, i64),
    /// Hours of all its rounds.
    pub window: Window,
    /// What is collected on which days.
    pub rounds: Vec<RoundPlan>,
    /// Index of the device that reads tags.
    pub reader: usize,
    /// Index of the device that weighs; the same when combined.
    pub scale: usize,
    /// Index of the unattended bin for recyclables, where there is one.
    pub bin: Option<usize>,
    /// Indices of the households that use it from the start.
    pub households: Vec<usize>,
    /// Indices of the households that move here from another point.
    pub newcomers: Vec<usize>,
}

impl Point {
    /// Everybody who ever uses it.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.households.iter().chain(&self.newcomers).copied()
    }
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// Scale and reader in one.
    Combined,
    /// Reader only.
    TagReader,
    /// Scale only.
    Scale,
}

/// How a device weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One load at a time.
    Platform,
    /// Accumulating.
    Bin,
}

/// A device at a point.
#[derive(Debug, Clone)]
pub struct Device {
    /// Name in topics; also user name and client id.
    pub code: String,
    /// Index of its point.
    pub point: usize,
    /// What it is.
    pub kind: DeviceKind,
    /// Devices that share a station are joined within it.
    pub station: String,
    /// How it weighs.
    pub mode: Mode,
    /// The only stream it takes; `None`: each weight says.
    pub stream: Option<Stream>,
    /// Maximum, division and minimum of the scale, grams; `None` for a mere reader.
    pub capacity: Option<Capacity>,
    /// Its event log, 8 hex digits on the wire.
    pub log: u32,
    /// Last day of the scale's verification.
    pub verified_until: Date,
}

/// A scale's limits, grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Heaviest load.
    pub max_g: i64,
    /// Verification interval.
    pub division_g: i64,
    /// Lightest load whose weight is trusted.
    pub min_g: i64,
}

/// Limits of the platform scales.
pub const PLATFORM: Capacity = Capacity { max_g: 60_000, division_g: 20, min_g: 400 };
/// Limits of the bin scales.
pub const BIN: Capacity = Capacity { max_g: 150_000, division_g: 50, min_g: 1_000 };

/// A card given to a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Chip number.
    pub uid: Uid,
    /// First day it is theirs.
    pub valid_from: Date,
    /// First day it no longer is.
    pub valid_to: Option<Date>,
}

/// A house that a household moves into, within the commune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dwelling {
    /// First day there.
    pub from: Date,
    /// Index of its hamlet.
    pub area: usize,
    /// Index of its point.
    pub point: usize,
    /// Invented.
    pub address: String,
}

/// A household.
#[derive(Debug, Clone)]
pub struct Household {
    /// Such as `TM-00001`.
    pub code: String,
    /// Index of the hamlet it lives in first.
    pub area: usize,
    /// Index of the point it uses first.
    pub point: usize,
    /// Where it moves to within the commune.
    pub moved: Option<Dwelling>,
    /// Invented.
    pub head_name: String,
    /// Invented; of the first house.
    pub address: String,
    /// 1..=8.
    pub people: i64,
    /// First day in the register.
    pub valid_from: Date,
    /// First day it no longer is: it left the commune.
    pub valid_to: Option<Date>,
    /// None: it has no card.
    pub cards: Vec<Card>,
    /// What it does with its waste.
    pub habit: HabitCourse,
    /// Its own factor on how often it comes, per mille.
    pub diligence_permille: i64,
}

impl Household {
    /// Whether it is in the register on `date`.
    #[must_use]
    pub fn is_registered_on(&self, date: Date) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|to| date < to)
    }

    /// Index of the point it uses on `date`.
    #[must_use]
    pub fn point_on(&self, date: Date) -> usize {
        self.moved.as_ref().filter(|dwelling| dwelling.from <= date).map_or(self.point, |dwelling| dwelling.point)
    }

    /// The card in use on `date`.
    #[must_use]
    pub fn card_on(&self, date: Date) -> Option<Uid> {
        let holds = |card: &&Card| card.valid_from <= date && card.valid_to.is_none_or(|to| date < to);
        self.cards.iter().find(holds).map(|card| card.uid)
    }
}

/// The register and its devices.
#[derive(Debug, Clone)]
pub struct Commune {
    /// What was asked for, with the limits applied.
    pub spec: CommuneSpec,
    /// First day of history and of the schedule: `today` less `days`.
    pub origin: Day,
    /// Hamlets.
    pub areas: Vec<Area>,
    /// Collection points.
    pub points: Vec<Point>,
    /// Devices of all points.
    pub devices: Vec<Device>,
    /// Households in order of their code.
    pub households: Vec<Household>,
}

impl Commune {
    /// The streams scheduled at `point` on service day `day`.
    #[must_use]
    pub fn rounds_on(&self, point: &Point, day: Day) -> Vec<RoundPlan> {
        let runs = |row: &&RoundPlan| row.runs_on(day, self.origin);
        point.rounds.iter().filter(runs).cloned().collect()
    }
}

/// An index as a part of a question put to [`crate::dice::Dice`].
pub(crate) fn key(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}
