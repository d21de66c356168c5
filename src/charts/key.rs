//! The key above a plot, where direct labels would not fit: samples of ink, each with its word.

use super::icons;
use super::palette::{Ink, Texture};
use super::sheet::{Field, Sheet, Type, dots};
use crate::domain::state::State;

/// Draws a key: samples of ink, each with its word, wrapped into rows. Gives the height used, dots.
pub(super) fn key(sheet: &Sheet, field: Field, entries: &[(Mark, String)]) -> i32 {
    let kind = Type::new(13, Ink::Text);
    let (mut x, mut row) = (field.left, 0);
    for (mark, word) in entries {
        let wide = dots(22) + kind.width(word);
        if x > field.left && x + wide > field.right {
            x = field.left;
            row += 1;
        }
        let top = field.top + row * KEY_ROW;
        let sample = Field { left: x, top: top + dots(3), right: x + dots(16), bottom: top + dots(17) };
        match mark {
            Mark::Swatch(ink) => sheet.rect(sample, *ink),
            Mark::State(state) => icons::state(sheet, sample, *state),
        }
        sheet.text(word, (x + dots(22), top + dots(15)), kind);
        x += wide + dots(16);
    }
    (row + 1) * KEY_ROW
}

/// Gives the height of a key in a field that wide, dots.
pub(super) fn key_height(wide: i32, words: &[&str]) -> i32 {
    let kind = Type::new(13, Ink::Text);
    let (mut x, mut row) = (0, 0);
    for word in words {
        let needs = dots(22) + kind.width(word);
        if x > 0 && x + needs > wide {
            x = 0;
            row += 1;
        }
        x += needs + dots(16);
    }
    (row + 1) * KEY_ROW
}

const KEY_ROW: i32 = dots(22);

/// The sample in front of a key's word.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Swatch(Ink),
    State(State),
}

impl Mark {
    pub const fn sample(texture: Texture) -> Self {
        Self::Swatch(Ink::Sample(texture))
    }
}
