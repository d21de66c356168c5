//! What each page shows, as plain structs with their templates.
//!
//! Owns the composition of the pages (the markup itself lies in `dashboards/`). Asks nothing of the store and knows no
//! request: a page is a pure function of its struct, so it can be drawn and looked at without a server.

pub mod access;
pub mod bar;
pub mod crew;
pub mod equipment;
pub mod field;
pub mod figures;
pub mod frame;
pub mod households;
pub mod lists;
pub mod overview;
pub mod papers;
pub mod plain;
pub mod public;
pub mod quality;
pub mod quarantine;
pub mod register;
pub mod rounds;
pub mod signing;
pub mod visits;
pub mod watch;

/// Filters of the templates.
pub(crate) mod filters {
    use std::fmt;

    use askama::Values;

    /// Writes markup that this program drew itself (charts, rendered definitions) without escaping it.
    #[askama::filter_fn]
    pub fn own_markup<'a>(markup: &'a str, _: &dyn Values) -> askama::Result<askama::filters::Safe<&'a str>> {
        Ok(askama::filters::Safe(markup))
    }

    /// Gives the text, or a dash for an empty one.
    #[askama::filter_fn]
    pub fn or_dash(text: impl fmt::Display, _: &dyn Values) -> askama::Result<String> {
        let text = text.to_string();
        Ok(if text.is_empty() { "–".to_owned() } else { text })
    }
}
