//! How a picture is asked for: language, width, colours, and what must stand beside its figures.

use crate::domain::ids::StreamCode;
use crate::domain::register::Stream;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// The language of words and numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Vietnamese: `92,83 %`, `10.457`.
    #[default]
    Vi,
    /// English: `92.83%`, `10,457`.
    En,
}

impl Lang {
    /// Finds the language of a code, `vi` or `en`.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Gives the code, as in `lang=`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}

/// The width a picture is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// 360 px: a phone, without zoom.
    Narrow,
    /// 880 px: a desk or a printed page.
    #[default]
    Wide,
    /// 1200 x 630 pixels, however much there is to draw: what messengers show of a link.
    Share,
}

impl Form {
    /// Finds the form of a word, `narrow`, `wide` or `share`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "narrow" => Some(Self::Narrow),
            "wide" => Some(Self::Wide),
            "share" => Some(Self::Share),
            _ => None,
        }
    }
}

/// Where a picture's colours come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark ink on white.
    #[default]
    Light,
    /// Light ink on near black.
    Dark,
    /// The custom properties of the page around an inline SVG ([`page_tokens`](super::page_tokens)), the light colours where it has none.
    Page,
}

impl Theme {
    /// Finds the theme of a word, `light` or `dark`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// How a picture is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// Language of words and numbers.
    pub lang: Lang,
    /// Width it is made for.
    pub form: Form,
    /// Where its colours come from.
    pub theme: Theme,
    /// The data are simulated: a band across the picture says so.
    pub simulated: bool,
}

/// A stream as the commune's file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamLook {
    /// Its code.
    pub code: StreamCode,
    /// Its Vietnamese name.
    pub name: String,
    /// Its English name; the Vietnamese one stands in where it is empty.
    pub name_en: String,
    /// Its colour, `#RRGGBB`; anything else is drawn grey.
    pub colour: String,
    /// Its icon: `leaf`, `recycle`, `bin`, `box` or `hazard`; anything else is drawn as the name's first letter.
    pub icon: String,
}

impl From<&Stream> for StreamLook {
    fn from(stream: &Stream) -> Self {
        Self {
            code: stream.code.clone(),
            name: stream.name.clone(),
            name_en: stream.name_en.clone(),
            colour: stream.colour.clone(),
            icon: stream.icon.clone(),
        }
    }
}

impl StreamLook {
    /// Gives the name's first letter.
    pub fn initial(&self) -> String {
        self.name.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
    }

    /// Gives the name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.name_en.is_empty() => &self.name_en,
            Lang::Vi | Lang::En => &self.name,
        }
    }
}

/// What must stand beside the figures of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The commune or hamlet, as titles name it: `xã Tân Minh`.
    pub place: String,
    /// The period, in the picture's language: `1/11 – 22/11/2026`.
    pub period: String,
    /// The cut-off, in the picture's language: `22/11/2026 24:00`.
    pub as_of: String,
    /// The version of the rule in force.
    pub rule_version: String,
    /// Data completeness of the place and period. `None` where no device is scheduled.
    pub completeness: Option<Percent>,
    /// The day that is not over, drawn as "so far". `None` when the period has ended.
    pub today: Option<LocalDay>,
    /// The commune's streams, in the order in which they stack.
    pub streams: Vec<StreamLook>,
    /// Where a hamlet's name leads, its code appended: `/areas/`. `None` makes no links.
    pub area_href: Option<String>,
}
