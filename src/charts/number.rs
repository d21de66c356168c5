//! Numbers and days as a Vietnamese or an English reader writes them.
//!
//! Owns no rounding but that of masses: shares come as [`Percent`], which has rounded already.

use super::look::Lang;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';

/// Gives a whole number: `10.457` or `10,457`.
pub fn whole(count: i64, lang: Lang) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut out = String::new();
    if count < 0 {
        out.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(match lang {
                Lang::Vi => '.',
                Lang::En => ',',
            });
        }
        out.push(digit);
    }
    out
}

/// Gives a share with its two decimals: `92,83 %` or `92.83%`; the whole is `100 %` or `100%`.
pub fn percent(share: Percent, lang: Lang) -> String {
    let hundredths = share.hundredths();
    let decimals = if hundredths == 10_000 { None } else { Some(hundredths % 100) };
    let number = match (decimals, lang) {
        (None, Lang::Vi | Lang::En) => (hundredths / 100).to_string(),
        (Some(decimals), Lang::Vi) => format!("{},{decimals:02}", hundredths / 100),
        (Some(decimals), Lang::En) => format!("{}.{decimals:02}", hundredths / 100),
    };
    with_percent_sign(number, lang)
}

/// Gives a target or an axis label, whose zero decimals say nothing: `80 %`, `87,5 %`.
pub fn percent_plain(share: Percent, lang: Lang) -> String {
    let hundredths = share.hundredths();
    let separator = match lang {
        Lang::Vi => ',',
        Lang::En => '.',
    };
    let number = match (hundredths / 100, hundredths % 100) {
        (units, 0) => units.to_string(),
        (units, decimals) => format!("{units}{separator}{decimals:02}").trim_end_matches('0').to_owned(),
    };
    with_percent_sign(number, lang)
}

fn with_percent_sign(number: String, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{number}{NBSP}%"),
        Lang::En => format!("{number}%"),
    }
}

/// The unit a mass is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MassUnit {
    /// Kilograms, whole.
    Kilogram,
    /// Tonnes, with one decimal under 100.
    Tonne,
}

impl MassUnit {
    /// Chooses the unit in which the greatest of several masses reads best: tonnes from 2 t on.
    pub const fn for_greatest(mass_g: i64) -> Self {
        if mass_g >= 2_000_000 { Self::Tonne } else { Self::Kilogram }
    }

    /// Gives the unit's size, grams.
    pub const fn grams(self) -> i64 {
        match self {
            Self::Kilogram => 1_000,
            Self::Tonne => 1_000_000,
        }
    }

    /// Gives the unit's word.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Kilogram, Lang::Vi | Lang::En) => "kg",
            (Self::Tonne, Lang::Vi) => "tấn",
            (Self::Tonne, Lang::En) => "t",
        }
    }
}

/// Gives a mass without its unit's word, rounded half up: `1.234,5` tonnes or `812` kilograms.
pub fn mass(mass_g: i64, unit: MassUnit, lang: Lang) -> String {
    match unit {
        MassUnit::Kilogram => whole((mass_g + 500).div_euclid(1_000), lang),
        MassUnit::Tonne => {
            let tenths = (mass_g + 50_000).div_euclid(100_000);
            let separator = match lang {
                Lang::Vi => ',',
                Lang::En => '.',
            };
            format!("{}{separator}{}", whole(tenths.div_euclid(10), lang), tenths.rem_euclid(10))
        }
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month_name(day: LocalDay) -> &'static str {
    let index = usize::try_from(day.date().month() - 1).expect("a month is 1 to 12");
    MONTHS[index]
}

/// Gives a day within its year: `22/11` or `22 Nov`.
pub fn day_short(day: LocalDay, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{}/{}", day.date().day(), day.date().month()),
        Lang::En => format!("{} {}", day.date().day(), month_name(day)),
    }
}

/// Gives a day: `22/11/2026` or `22 Nov 2026`.
pub fn day_long(day: LocalDay, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{}/{}/{}", day.date().day(), day.date().month(), day.date().year()),
        Lang::En => format!("{} {} {}", day.date().day(), month_name(day), day.date().year()),
    }
}

/// Gives a month: `11/2026` or `Nov 2026`.
pub fn month(day: LocalDay, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{}/{}", day.date().month(), day.date().year()),
        Lang::En => format!("{} {}", month_name(day), day.date().year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_reader() {
        assert_eq!(whole(10_457, Lang::Vi), "10.457");
        assert_eq!(whole(-1_234_567, Lang::En), "−1,234,567");
        assert_eq!(percent(Percent::from_hundredths(9_283), Lang::Vi), "92,83\u{a0}%");
        assert_eq!(percent(Percent::from_hundredths(9_205), Lang::En), "92.05%");
        assert_eq!(percent_plain(Percent::from_hundredths(8_750), Lang::Vi), "87,5\u{a0}%");
        assert_eq!(mass(1_234_450_000, MassUnit::Tonne, Lang::Vi), "1.234,5");
        assert_eq!(mass(812_400, MassUnit::Kilogram, Lang::En), "812");
    }

    #[test]
    fn a_hundred_percent_is_shown_only_when_whole() {
        assert_eq!(percent(Percent::from_hundredths(9_999), Lang::Vi), "99,99\u{a0}%");
        assert_eq!(percent(Percent::from_hundredths(10_000), Lang::Vi), "100\u{a0}%");
    }

    #[test]
    fn days_follow_the_reader() {
        let day: LocalDay = "2026-11-02".parse().unwrap();
        assert_eq!(day_short(day, Lang::Vi), "2/11");
        assert_eq!(day_long(day, Lang::En), "2 Nov 2026");
        assert_eq!(month(day, Lang::Vi), "11/2026");
    }
}
