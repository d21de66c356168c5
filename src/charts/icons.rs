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
    let at = |points: &[(i32, i32)]| -> Vec<(i32, i32)> { points.iter().map(|&(dx, dy)| (x + dx, y + dy)).collect() };
    match look.icon.as_str() {
        "leaf" | "food" => {
            let edge =
                at(&[(-16, 18), (-18, 2), (-12, -10), (0, -17), (18, -19), (16, -2), (9, 10), (-2, 17), (-16, 18)]);
            sheet.line(edge, ink, 6);
            sheet.line(at(&[(-21, 23), (6, -6)]), ink, 6);
        }
        "recycle" | "recyclable" => {
            for turn in 0..3 {
                let arrow =
                    [[(-9, -4), (0, -19), (9, -4)], [(12, 1), (20, 15), (4, 15)], [(-4, 15), (-20, 15), (-12, 1)]];
                sheet.line(at(&arrow[turn]), ink, 6);
            }
        }
        "bin" | "other" => {
            sheet.line(at(&[(-17, -12), (17, -12)]), ink, 6);
            sheet.line(at(&[(-5, -12), (-5, -18), (5, -18), (5, -12)]), ink, 6);
            sheet.line(at(&[(-13, -12), (-10, 19), (10, 19), (13, -12)]), ink, 6);
        }
        "box" | "bulky" => {
            sheet.line(at(&[(-16, -13), (16, -13), (16, 15), (-16, 15), (-16, -13)]), ink, 6);
            sheet.line(at(&[(-16, -3), (16, -3)]), ink, 6);
        }
        "hazard" | "hazardous" => {
            sheet.line(at(&[(0, -20), (19, 14), (-19, 14), (0, -20)]), ink, 6);
            sheet.line(at(&[(0, -8), (0, 4)]), ink, 6);
            sheet.line(at(&[(0, 8), (0, 10)]), ink, 6);
        }
        _ => {
            let letter: String =
                look.name.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
            sheet.text(&letter, (x, y + dots(4)), Type::new(12, ink).bold().at(Side::Middle));
        }
    }
}
