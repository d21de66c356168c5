//! The quarantine: its list, and one message.

use askama::Template;

use super::frame::Frame;
use crate::web::views::filters;

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/quarantine.html")]
pub struct Quarantine {
    /// What every page shares.
    pub frame: Frame,
    /// What is held, a sentence.
    pub held: String,
    /// What was dropped, a sentence; empty when nothing was.
    pub dropped: String,
    /// How often each reason was met: code and count.
    pub totals: Vec<(String, String)>,
    /// The rows.
    pub rows: Vec<Line>,
}

/// A message in quarantine.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// The reason, whole.
    pub reason: String,
    /// The topic.
    pub topic: String,
    /// First seen.
    pub first_seen: String,
    /// Last seen.
    pub last_seen: String,
    /// How often.
    pub times: String,
    /// What the last replay gave, when and by whom; empty when there was none.
    pub outcome: String,
}

/// One message.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/quarantined.html")]
pub struct Quarantined {
    /// What every page shares.
    pub frame: Frame,
    /// The message.
    pub row: Line,
    /// Machine word of the reason.
    pub code: String,
    /// Its size.
    pub size: String,
    /// The raw bytes, as far as they are text.
    pub raw: String,
    /// It can be replayed now.
    pub replayable: bool,
    /// Only its beginning is kept.
    pub cut: bool,
}
