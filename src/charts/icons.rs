//! Small signs that let no meaning hang on a colour alone: the three states, and the streams.
//!
//! # Why
//! Drawn as strokes and not set as letters: the pages' font has none of these signs, and another font's would look
//! different on each machine.

use super::look::StreamLook;
use super::palette::Ink;
use super::sheet::{Field, Sheet, Side, Type, dots};
use crate::domain::state::State;

/// Draws a state's sign: a check on blue, a cross on vermilion, a question mark on hatching.
pub(super) fn state(sheet: &Sheet, field: Field, state: State) {
    let (x, y) = ((field.left + field.right) / 2, (field.top + field.bottom) / 2);
    match state {
        State::Sorting => {
            sheet.rect(field, Ink::Sorting);
            sheet.line(vec![(x - 14, y + 1), (x - 4, y + 11), (x + 14, y - 11)], Ink::OnSolid, 8);
        }
        State::NotSorting => {
            sheet.rect(field, Ink::NotSorting);
            sheet.line(vec![(x - 11, y - 11), (x + 11, y + 11)], Ink::OnSolid, 8);
            sheet.line(vec![(x - 11, y + 11), (x + 11, y - 11)], Ink::OnSolid, 8);
        }
        State::Undetermined => {
            sheet.rect(field, Ink::Undetermined);
            sheet.text("?", (x, y + dots(5)), Type::new(13, Ink::UndeterminedText).bold().at(Side::Middle));
        }
    }
}

/// Draws a stream's icon in a disc of its colour, 20 px across.
pub(super) fn stream(sheet: &Sheet, (x, y): (i32, i32), index: usize, look: &StreamLook) {
    sheet.disc((x, y), dots(10), Ink::Stream(index, super::palette::Texture::Flat));
    let ink = Ink::StreamGlyph;
    let strokes = stream_strokes(&look.icon);
    for stroke in strokes {
        sheet.line(stroke.iter().map(|&(dx, dy)| (x + i32::from(dx), y + i32::from(dy))).collect(), ink, 6);
    }
    if strokes.is_empty() {
        sheet.text(&look.initial(), (x, y + dots(4)), Type::new(12, ink).bold().at(Side::Middle));
    }
}

/// Lines through points, in fortieths of the radius of the disc that they stand in, from its centre.
pub type Strokes = &'static [&'static [(i16, i16)]];

/// Gives the strokes of a stream's icon; none for an icon that has no drawing: the name's first letter stands for it.
pub fn stream_strokes(icon: &str) -> Strokes {
    match icon {
        "leaf" | "food" => &[
            &[(-16, 18), (-18, 2), (-12, -10), (0, -17), (18, -19), (16, -2), (9, 10), (-2, 17), (-16, 18)],
            &[(-21, 23), (6, -6)],
        ],
        "recycle" | "recyclable" => {
            &[&[(-9, -4), (0, -19), (9, -4)], &[(12, 1), (20, 15), (4, 15)], &[(-4, 15), (-20, 15), (-12, 1)]]
        }
        "bin" | "other" => &[
            &[(-17, -12), (17, -12)],
            &[(-5, -12), (-5, -18), (5, -18), (5, -12)],
            &[(-13, -12), (-10, 19), (10, 19), (13, -12)],
        ],
        "box" | "bulky" => &[&[(-16, -13), (16, -13), (16, 15), (-16, 15), (-16, -13)], &[(-16, -3), (16, -3)]],
        "hazard" | "hazardous" => &[&[(0, -20), (19, 14), (-19, 14), (0, -20)], &[(0, -8), (0, 4)], &[(0, 8), (0, 10)]],
        _ => &[],
    }
}
