//! Pages of rows: tonnage, devices, data quality.

use askama::Template;

use super::frame::Frame;
use super::overview::Figure;
use crate::web::views::filters;

/// A choice of a filter.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its value in the query.
    pub value: String,
    /// Its words.
    pub label: String,
    /// It is the one in force.
    pub chosen: bool,
}

/// Tonnage by week and stream.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/tonnage.html")]
pub struct TonnagePage {
    /// What every page shares.
    pub frame: Frame,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// The chart; `None` without any pickup.
    pub figure: Option<Figure>,
    /// The rows.
    pub rows: Vec<TonnageLine>,
}

/// A week and a stream.
#[derive(Clone, Debug)]
pub struct TonnageLine {
    /// The week.
    pub period: String,
    /// The stream's name.
    pub stream: String,
    /// The stream's colour, `#RRGGBB`.
    pub colour: String,
    /// The stream's icon, a name of the sprite.
    pub icon: &'static str,
    /// Weighed, manual, estimated, total, of which household unknown, pickups.
    pub cells: [String; 6],
}

/// The devices.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/devices.html")]
pub struct Devices {
    /// What every page shares.
    pub frame: Frame,
    /// The rows.
    pub rows: Vec<DeviceLine>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// Its identity.
    pub device: String,
    /// Where it stands.
    pub place: String,
    /// Its kind.
    pub kind: &'static str,
    /// Profile and grade.
    pub profile: String,
    /// Last seen.
    pub last_seen: String,
    /// Connection in words.
    pub connection: &'static str,
    /// Events received.
    pub received: String,
    /// Events missing.
    pub missing: String,
    /// Battery, volts.
    pub battery: String,
    /// Whether it has a password, in words.
    pub password: &'static str,
    /// How often it was refused.
    pub refused: String,
    /// The last refusal, when and what; empty when there was none.
    pub last_refusal: String,
    /// What is wrong; empty when nothing.
    pub faults: String,
}

/// Data quality.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/quality.html")]
pub struct Quality {
    /// What every page shares.
    pub frame: Frame,
    /// Completeness by day; `None` without devices.
    pub figure: Option<Figure>,
    /// Completeness of each hamlet: name and percent.
    pub hamlets: Vec<(String, String)>,
    /// The points with the least complete data: name, percent, events missing.
    pub points: Vec<(String, String, String)>,
    /// Quarantine by code: code and count.
    pub totals: Vec<(String, String)>,
    /// The latest quarantined messages.
    pub quarantine: Vec<QuarantineLine>,
    /// The reader may see messages and gaps of single devices.
    pub sees_gaps: bool,
    /// Known gaps: device and numbers.
    pub gaps: Vec<(String, String)>,
}

/// A quarantined message.
#[derive(Clone, Debug)]
pub struct QuarantineLine {
    /// The reason, whole.
    pub reason: String,
    /// The topic.
    pub topic: String,
    /// Last seen.
    pub last_seen: String,
    /// How often.
    pub times: String,
}
