//! What everybody may see: the public page, as a page and on a wall, and a household's own page.

use askama::Template;

use super::bar::Bar;
use super::frame::Frame;
use super::overview::{Figure, HamletLine, Part};
use crate::web::views::filters;

/// The public page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/public.html")]
pub struct Public {
    /// What every page shares.
    pub frame: Frame,
    /// What others show of a link to it.
    pub card: LinkCard,
    /// The share; `None`: no day is finished.
    pub head: Option<PublicHead>,
    /// The share by day.
    pub trend: Option<Figure>,
    /// The hamlets, highest share first.
    pub hamlets: Vec<HamletLine>,
    /// Some numbers are hidden.
    pub some_hidden: bool,
    /// Tonnage by week.
    pub tonnage: Option<Figure>,
    /// How to sort.
    pub guides: Vec<GuideLine>,
    /// Pictures to share.
    pub pictures: Vec<PictureLine>,
}

/// The same on a wall: one screen, without anybody at it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/public_wall.html")]
pub struct Wall {
    /// What every page shares.
    pub frame: Frame,
    /// The share; `None`: no day is finished.
    pub head: Option<PublicHead>,
    /// The share by day, SVG; empty: nothing to draw.
    pub trend: String,
    /// Tonnage by week, SVG; empty: nothing to draw.
    pub tonnage: String,
    /// The hamlets, highest share first.
    pub hamlets: Vec<HamletLine>,
    /// Some numbers are hidden.
    pub some_hidden: bool,
    /// How to sort.
    pub guides: Vec<GuideLine>,
    /// The address to open, without its scheme.
    pub address: String,
}

/// The share with all that stands beside it, ready written.
#[derive(Clone, Debug)]
pub struct PublicHead {
    /// The share, or that there is not enough evidence to publish one.
    pub figure: String,
    /// The figure is a sentence and no number.
    pub is_words: bool,
    /// How far it may be used.
    pub badge: &'static str,
    /// The badge's class.
    pub badge_class: &'static str,
    /// What it is made of, or what is missing to publish it.
    pub sentence: String,
    /// Between which bounds the truth lies.
    pub bounds: String,
    /// The bar.
    pub bar: Option<Bar>,
    /// What the bar says.
    pub spoken: String,
    /// The target, a short sentence.
    pub target: String,
    /// The day, a short sentence.
    pub day: String,
    /// The month is open.
    pub provisional: bool,
    /// S, U, N.
    pub parts: [Part; 3],
    /// Enrolled: percent and count.
    pub enrolled: (String, String),
    /// Evidence coverage.
    pub coverage: String,
    /// Data completeness.
    pub completeness: String,
    /// When the last event counted was received.
    pub as_of: String,
    /// The rule's version.
    pub rules: String,
}

/// What a messenger shows of a link (Open Graph).
#[derive(Clone, Debug)]
pub struct LinkCard {
    /// The page's address.
    pub address: String,
    /// Its title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// The picture's address.
    pub picture: String,
    /// `vi_VN` or `en_GB`.
    pub locale: &'static str,
}

/// How to sort a stream.
#[derive(Clone, Debug)]
pub struct GuideLine {
    /// Its name.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub colour: String,
    /// Its icon, a name of the sprite.
    pub icon: &'static str,
    /// The sorting rule asks for it.
    pub required: bool,
    /// What belongs to it; empty: not told.
    pub examples: String,
    /// What to do with it; empty: not told.
    pub how: String,
}

/// A picture to share.
#[derive(Clone, Debug)]
pub struct PictureLine {
    /// What it shows.
    pub title: &'static str,
    /// Its address for messengers, for a page, for a phone.
    pub addresses: [String; 3],
}

/// Where a household opens its own page by typing its code.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/own_page_form.html")]
pub struct OwnPageForm {
    /// What every page shares.
    pub frame: Frame,
    /// Why the code was not taken; empty: none was typed yet.
    pub refusal: String,
    /// The code as typed.
    pub typed: String,
}

/// A household's own page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/own_page.html")]
pub struct OwnPage {
    /// What every page shares.
    pub frame: Frame,
    /// The day at whose end it stands so.
    pub day: String,
    /// The state's class: `s`, `n`, `u`, or `x` for a household that does not count.
    pub class: &'static str,
    /// The state in plain words.
    pub state: String,
    /// Why, and what follows.
    pub why: Vec<String>,
    /// The streams that the rule asks for.
    pub streams: Vec<OwnStream>,
    /// What would help.
    pub hints: Vec<String>,
    /// Month ends, the latest first: month, class, state.
    pub months: Vec<(String, &'static str, String)>,
    /// Spells of days, the latest first: from, to, class, state.
    pub spells: Vec<(String, String, &'static str, String)>,
    /// Hand-overs, the latest first.
    pub hand_overs: Vec<OwnHandOver>,
    /// What was stated of it by visits, the latest first: day, what, until when it stands.
    pub seen: Vec<[String; 3]>,
    /// How to sort.
    pub guides: Vec<GuideLine>,
    /// Whom to ask.
    pub contact: String,
}

/// A stream that the rule asks for, of one household.
#[derive(Clone, Debug)]
pub struct OwnStream {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub colour: String,
    /// Its icon.
    pub icon: &'static str,
    /// `s`: accounted for; `u`: not.
    pub class: &'static str,
    /// By what it is accounted for, or that it is missing.
    pub verdict: String,
    /// The latest evidence; empty: none.
    pub latest: String,
}

/// A hand-over of the household.
#[derive(Clone, Debug)]
pub struct OwnHandOver {
    /// When.
    pub when: String,
    /// The stream's name.
    pub stream: String,
    /// Its colour.
    pub colour: String,
    /// Its icon.
    pub icon: &'static str,
    /// The weight, in words.
    pub weight: String,
    /// Seen by a device or a crew, and with what.
    pub how: String,
}
