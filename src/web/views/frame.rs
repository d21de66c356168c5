//! What every page shares: the head, the band, the navigation, the switches.

use crate::web::lang::Lang;
use crate::web::texts::Texts;

/// A colour theme chosen by the reader; without one the system's preference rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
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

    /// Gives the word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A link of the navigation.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// Where it leads.
    pub href: &'static str,
    /// Its words.
    pub label: &'static str,
    /// The page shown is this one.
    pub current: bool,
    /// How much waits there; `None`: nothing is counted.
    pub badge: Option<Badge>,
}

/// A count beside a link of the navigation.
#[derive(Clone, Debug)]
pub struct Badge {
    /// The count; empty: nothing waits.
    pub count: String,
    /// The count, spoken.
    pub spoken: String,
    /// The spoken words with `{}` for the count, for the script that keeps it up to date.
    pub pattern: String,
}

/// The navigation, in one or two rows.
#[derive(Clone, Debug, Default)]
pub struct Nav {
    /// Sections; where there is but one, its pages.
    pub sections: Vec<NavLink>,
    /// Pages of the section that is open, when it has several.
    pub pages: Vec<NavLink>,
}

/// What every page shares.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language.
    pub lang: Lang,
    /// Its words.
    pub t: &'static Texts,
    /// The chosen theme, if any.
    pub theme: Option<Theme>,
    /// The page's own path with its query less `lang` and `theme`, ending in `?` or `&`, for the switches.
    pub here: String,
    /// The page's title, without the commune.
    pub title: String,
    /// The commune's name.
    pub commune: String,
    /// The figures are simulated.
    pub simulated: bool,
    /// Pages the reader may open.
    pub nav: Nav,
    /// Who is signed in.
    pub user: Option<String>,
    /// Seconds after which a page without script reloads itself; `None`: never.
    pub refresh_s: Option<u32>,
    /// Fingerprint of the styles and scripts, so that they can be cached for ever.
    pub version: String,
}

impl Frame {
    /// Gives the word for the root's `data-theme`, empty when the system's preference rules.
    pub fn theme_word(&self) -> &'static str {
        self.theme.map_or("", Theme::word)
    }
}
