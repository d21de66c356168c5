//! The letters: how wide a text is in Be Vietnam Pro, and how it is cut or wrapped to fit.
//!
//! Lengths are in dots, a quarter of a pixel (see `canvas`).

use std::sync::OnceLock;

use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

use super::canvas::DOTS_PER_PX;

/// The font's files, in the order of [`Weight`].
pub const FONTS: [&[u8]; 3] = [
    include_bytes!("../../dashboards/fonts/BeVietnamPro-Regular.ttf"),
    include_bytes!("../../dashboards/fonts/BeVietnamPro-SemiBold.ttf"),
    include_bytes!("../../dashboards/fonts/BeVietnamPro-Bold.ttf"),
];

/// The family's name, as the pages' style sheet and the PNG's font list know it.
pub(super) const FAMILY: &str = "Be Vietnam Pro";

/// How heavy a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    SemiBold,
}

fn faces() -> &'static [Face<'static>; 2] {
    static FACES: OnceLock<[Face<'static>; 2]> = OnceLock::new();
    FACES.get_or_init(|| {
        [FONTS[0], FONTS[1]].map(|bytes| Face::parse(bytes, 0).expect("the font shipped with the program is whole"))
    })
}

/// Gives the width of a text set at `size_px`, in dots, rounded up.
pub(super) fn width(text: &str, size_px: i32, weight: Weight) -> i32 {
    let (units, per_em) = advance(text, weight);
    (units * size_px * DOTS_PER_PX).div_euclid(i32::from(per_em)) + 1
}

/// Gives the width of a text in the font's units, and how many of them make its size.
pub fn advance(text: &str, weight: Weight) -> (i32, u16) {
    let face = match weight {
        Weight::Regular => &faces()[0],
        Weight::SemiBold => &faces()[1],
    };
    let of = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).map_or(600, i32::from);
    (clean(text).chars().map(of).sum(), face.units_per_em())
}

/// Composes the accents (NFC), replaces the signs that the font lacks, and drops what an SVG may not hold.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        match letter {
            '\u{2264}' => out.push_str("<="),
            '\u{2265}' => out.push_str(">="),
            '\u{2192}' => out.push('–'),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{E000}'..='\u{F8FF}' | '\u{FFFE}' | '\u{FFFF}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Breaks a text at its spaces into lines no wider than `max` dots; a word longer than that is cut.
pub(super) fn wrap(text: &str, size_px: i32, weight: Weight, max: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = shorten(word, size_px, weight, max);
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size_px, weight) <= max => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) | None => lines.push(word),
        }
    }
    lines
}

/// Cuts a text to `max` dots with an ellipsis.
pub(super) fn shorten(text: &str, size_px: i32, weight: Weight, max: i32) -> String {
    let text = clean(text);
    if width(&text, size_px, weight) <= max {
        return text;
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let candidate: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&candidate, size_px, weight) <= max {
            return candidate;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_and_composed_names_are_one_text() {
        assert_eq!(clean("Ta\u{0302}n"), "Tân");
        assert_eq!(width("Ta\u{0302}n", 13, Weight::Regular), width("Tân", 13, Weight::Regular));
    }

    #[test]
    fn a_shortened_text_fits() {
        let name = "Thôn Trung tâm xã Tân Minh khu tái định cư số 2 mở rộng";
        let cut = shorten(name, 13, Weight::Regular, 500);
        assert!(cut.ends_with('…') && width(&cut, 13, Weight::Regular) <= 500);
        assert_eq!(shorten("Thôn 1", 13, Weight::Regular, 500), "Thôn 1");
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "Phần trăm số hộ trong diện tính của mỗi thôn";
        let lines = wrap(text, 13, Weight::Regular, 600);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| width(line, 13, Weight::Regular) <= 600));
        assert_eq!(lines.join(" "), text);
    }
}
