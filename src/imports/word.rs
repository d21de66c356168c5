//! Words as people write them: compared without case and diacritics.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters that make a spreadsheet take a cell for a formula, or that it drops before it looks again.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Folds a text for comparison: lower case, no diacritics, `đ` as `d`, and `_`, `.`, `*` and runs of spaces as one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        let plain = match character {
            'đ' => 'd',
            '_' | '.' | '*' => ' ',
            other if other.is_whitespace() => ' ',
            other => other,
        };
        if plain != ' ' || !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(plain);
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Takes away the `'` that marks a text which a spreadsheet would take for a formula.
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if looks_like_formula(rest) => rest,
        Some(_) | None => text,
    }
}

/// Puts a `'` before a text that a spreadsheet would take for a formula.
pub fn guard(text: &str) -> String {
    if looks_like_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// Looks through leading `'`, so that a text that has one of its own comes back whole.
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// Finds the nearest of the candidates, where one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_without_case_and_diacritics() {
        assert_eq!(fold("  Mã   HỘ * "), "ma ho");
        assert_eq!(fold("Điểm_thu.gom"), "diem thu gom");
    }

    #[test]
    fn a_guarded_text_comes_back_whole() {
        for text in ["=1+1", "'=1", "''-x", "'tis", "plain", "-", "+84 90", ""] {
            assert_eq!(unguard(&guard(text)), text);
        }
        assert_eq!(guard("=1+1"), "'=1+1");
        assert_eq!(guard("'tis"), "'tis");
    }

    #[test]
    fn the_nearest_word_must_be_near() {
        assert_eq!(nearest("glas", ["glass", "food"]), Some("glass"));
        assert_eq!(nearest("xyz", ["glass", "food"]), None);
    }
}
