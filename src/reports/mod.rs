//! Papers to print: sheets of households' cards, letters with a household's private code.
//!
//! Owns how they are laid out, as PDF. Takes what stands on them as it is: knows no register, no database and no network. The only
//! module that writes PDF.
//!
//! # Why
//! Drawn with krilla and not printed from a page: a card must come out in its size on every printer, its code sharp, its text
//! selectable, its fonts inside; and ten thousand of them in seconds. typst was rejected: three hundred crates for two papers.

mod cards;
mod letters;
mod paper;
#[cfg(test)]
mod tests;
mod words;

pub use cards::{CARDS_A_SHEET, Card, CardSheets};
pub use letters::{LETTERS_A_SHEET, Letter, Letters};

use crate::charts::{Lang, StreamLook};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum NoPdf {
    /// A code does not fit into a QR code.
    #[error("`{content}` does not fit into a QR code: {reason}")]
    Code {
        /// What it was to hold.
        content: String,
        /// What the encoder says.
        reason: String,
    },
    /// The document could not be written.
    #[error("the pdf could not be written: {0}")]
    Write(String),
}

/// What every paper says.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The language.
    pub lang: Lang,
    /// The commune's name.
    pub commune: String,
    /// The commune's streams, in their order.
    pub streams: Vec<StreamLook>,
    /// The commune is simulated: each card and letter says so.
    pub simulated: bool,
}
