//! The number of a household's printed card: drawn at random, with a check digit.
//!
//! # Why
//! A card says nothing: its number is in the register as a tag of the technology `qr`, and only there leads to a household. 40 random
//! bits keep a guess from hitting one of ten thousand cards (one in a hundred million); they need not be a secret, since a number is
//! good for nothing without a crew's session. Hexadecimal, because tags' numbers are; eleven digits, because no tag that is read by
//! radio has an odd number of them. The check digit is that of the hybrid systems of ISO/IEC 7064 with 16 digits (MOD 17,16): it finds
//! every wrong digit and nearly every pair of digits that changed places.

use std::fmt;

use super::ids::TagUid;

/// The technology under which the register holds a printed card.
pub const PRINTED: &str = "qr";

/// Digits of a card's number, the check digit among them.
const DIGITS: usize = 11;

/// The number of a printed card.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber(String);

impl CardNumber {
    /// Makes a number of random bytes.
    pub fn of(bytes: [u8; 5]) -> Self {
        let mut text: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let check = check_digit(&text);
        text.push(check);
        Self(text)
    }

    /// Reads a number as the register holds it, or as people type it: in groups, in small letters. `None`: it is no card's number, or a
    /// digit is wrong.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect::<String>().to_uppercase();
        let (digits, check) = plain.split_at_checked(DIGITS - 1)?;
        let is_whole = plain.len() == DIGITS && plain.bytes().all(|digit| digit.is_ascii_hexdigit());
        (is_whole && check.starts_with(check_digit(digits))).then_some(Self(plain))
    }

    /// Gives the number as the register and the printed code hold it.
    pub fn uid(&self) -> TagUid {
        TagUid::new(self.0.as_str())
    }
}

/// Writes the number as people read it: in groups of four.
impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

fn check_digit(digits: &str) -> char {
    let product = digits.chars().filter_map(|digit| digit.to_digit(16)).fold(16, |product, digit| {
        let sum = (product + digit) % 16;
        (if sum == 0 { 16 } else { sum }) * 2 % 17
    });
    char::from_digit((17 - product) % 16, 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> impl Iterator<Item = CardNumber> {
        (0..200_u8).map(|n| CardNumber::of([n, n.wrapping_mul(37), n.wrapping_mul(101), n ^ 0x5A, n.wrapping_add(199)]))
    }

    #[test]
    fn a_number_is_read_as_printed_as_typed_and_as_kept() {
        let number = CardNumber::of([0x7A, 0x3C, 0x91, 0xD0, 0xE5]);
        let printed = number.to_string();
        assert_eq!((printed.len(), number.uid().as_str().len()), (13, 11));
        for text in [printed.clone(), printed.to_lowercase(), printed.replace('-', " "), number.uid().to_string()] {
            assert_eq!(CardNumber::read(&text), Some(number.clone()), "{text}");
        }
        for text in ["", "7A3C", "04A224B2C15F80", "7A3C-91D0-E5", "GGGG-GGGG-GGG", "ééééé"] {
            assert_eq!(CardNumber::read(text), None, "{text}");
        }
    }

    #[test]
    fn every_wrong_digit_and_nearly_every_exchange_is_found() {
        let (mut exchanges, mut found) = (0, 0);
        for number in numbers() {
            let text = number.uid().to_string();
            for at in 0..DIGITS {
                for digit in "0123456789ABCDEF".chars().filter(|digit| !text[at..].starts_with(*digit)) {
                    let wrong = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
                    assert_eq!(CardNumber::read(&wrong), None, "{text} typed as {wrong}");
                }
                if at + 1 < DIGITS && text[at..=at] != text[at + 1..at + 2] {
                    let wrong =
                        format!("{}{}{}{}", &text[..at], &text[at + 1..at + 2], &text[at..=at], &text[at + 2..]);
                    exchanges += 1;
                    found += i32::from(CardNumber::read(&wrong).is_none());
                }
            }
        }
        assert!(found * 100 > exchanges * 98, "{found} of {exchanges}");
    }
}
