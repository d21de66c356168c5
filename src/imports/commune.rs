//! `commune.toml`: what is fixed when a commune's database is created, with its streams, targets and rules.
//!
//! # Why
//! Unknown keys are looked for before anything is read: "unknown key `requird`, did you mean `required`?" helps, where a stream that
//! silently is not required would change the headline.

use serde::Deserialize;
use toml::{Table, Value};

use super::word::nearest;
use crate::domain::ids::StreamCode;
use crate::domain::register::{Assumptions, Commune, Stream, StreamGuide, Target};
use crate::domain::rules::{RuleOutOfRange, Rules};
use crate::domain::ticket::{Destination, DestinationKind};
use crate::domain::time::{LocalDay, UnknownZone, Zone};
use crate::domain::units::Percent;

/// Longest stream code, characters.
const STREAM_MAX_CHARS: usize = 32;
/// Version and first day (2026-01-01) of the rule that holds where a file gives none.
const STANDARD_RULE: (&str, LocalDay) = ("2026-1", LocalDay::from_number(20_454));
/// Colour of a stream that names none: a neutral grey.
const NEUTRAL_COLOUR: &str = "#6B7280";

const SECTIONS: &[&str] = &["commune", "stream", "target", "rule", "generation", "destination"];
const COMMUNE_KEYS: &[&str] = &["code", "name", "time_zone", "simulated", "contact"];
const STREAM_KEYS: &[&str] =
    &["code", "name", "name_en", "required", "colour", "icon", "mean_g", "examples", "examples_en", "how", "how_en"];
const GENERATION_KEYS: &[&str] = &["grams_per_person_day", "source"];
const DESTINATION_KEYS: &[&str] = &["code", "name", "kind"];
const TARGET_KEYS: &[&str] = &["indicator", "year", "percent"];

/// Why a `commune.toml` is refused.
#[derive(Debug, thiserror::Error)]
pub enum CommuneError {
    /// Not TOML.
    #[error("commune.toml is not TOML: {0}")]
    NotToml(String),
    /// A key or section that means nothing.
    #[error("unknown key `{key}` in {section}{hint}; known keys are {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        section: String,
        /// The nearest known key, as a clause; empty when none is near.
        hint: String,
        /// The known ones.
        known: String,
    },
    /// A section is missing.
    #[error("commune.toml has no `[{0}]`")]
    MissingSection(&'static str),
    /// A section has the wrong shape, lacks a key, or a value has the wrong type.
    #[error("{section}: {reason}")]
    BadSection {
        /// Which section.
        section: String,
        /// What serde says, one line.
        reason: String,
    },
    /// No such time zone.
    #[error("[commune]: {0}")]
    Zone(#[from] UnknownZone),
    /// A text is empty.
    #[error("{section}: `{key}` is empty")]
    Empty {
        /// Which section.
        section: String,
        /// Which key.
        key: &'static str,
    },
    /// A stream's code has the wrong form.
    #[error("stream code `{0}` is not 1 to 32 of a-z 0-9 _ -")]
    StreamCode(String),
    /// A stream comes twice.
    #[error("stream `{0}` comes twice")]
    RepeatedStream(String),
    /// No stream is required, so nobody could be sorting or not.
    #[error("no stream has `required = true`; the sorting rule needs at least one")]
    NoRequiredStream,
    /// Not a colour.
    #[error("colour `{colour}` of stream `{stream}` is not `#RRGGBB`, such as #009E73")]
    Colour {
        /// The stream.
        stream: String,
        /// The colour.
        colour: String,
    },
    /// A mean mass that no pickup has.
    #[error("`mean_g` of stream `{stream}` is {grams}; write 1 to 300000 grams, or leave it out")]
    Mean {
        /// The stream.
        stream: String,
        /// The mass, grams.
        grams: i64,
    },
    /// Not a percentage.
    #[error("target of `{indicator}` for {year} is {percent} %; write 0 to 100")]
    Percent {
        /// The indicator.
        indicator: String,
        /// The year.
        year: i16,
        /// The value.
        percent: f64,
    },
    /// A target comes twice.
    #[error("target of `{indicator}` for {year} comes twice")]
    RepeatedTarget {
        /// The indicator.
        indicator: String,
        /// The year.
        year: i16,
    },
    /// A mass a person and day that nobody makes.
    #[error("`grams_per_person_day` is {0}; write 1 to 5000 grams, or leave [generation] out")]
    Generation(i64),
    /// A destination's kind is unknown.
    #[error("kind `{kind}` of destination `{code}` is unknown; kinds are dump, plant")]
    DestinationKind {
        /// The destination.
        code: String,
        /// The kind.
        kind: String,
    },
    /// A destination comes twice.
    #[error("destination `{0}` comes twice")]
    RepeatedDestination(String),
    /// Two rules share a version or a day.
    #[error("rule `{0}` has the version or the effective date of another; each rule needs its own")]
    RepeatedRule(String),
    /// A rule's number makes no sense.
    #[error(transparent)]
    RuleNumber(#[from] RuleOutOfRange),
}

#[derive(Deserialize)]
struct CommuneSection {
    code: String,
    name: String,
    time_zone: String,
    simulated: bool,
    #[serde(default)]
    contact: String,
}

#[derive(Deserialize)]
struct StreamSection {
    code: String,
    name: String,
    name_en: Option<String>,
    #[serde(default)]
    required: bool,
    colour: Option<String>,
    #[serde(default)]
    icon: String,
    mean_g: Option<i64>,
    #[serde(default)]
    examples: String,
    #[serde(default)]
    examples_en: String,
    #[serde(default)]
    how: String,
    #[serde(default)]
    how_en: String,
}

#[derive(Deserialize)]
struct TargetSection {
    indicator: String,
    year: i16,
    percent: f64,
}

#[derive(Deserialize)]
struct GenerationSection {
    grams_per_person_day: i64,
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
struct DestinationSection {
    code: String,
    name: String,
    kind: String,
}

/// Reads a `commune.toml`. Where it gives no rule, the product's own first version holds.
///
/// # Errors
/// The first thing that does not fit: an unknown key, a wrong type, a value outside its range, or something that comes twice.
pub fn commune_toml(text: &str) -> Result<Commune, CommuneError> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| CommuneError::NotToml(error.to_string()))?;
    known_keys(&table, SECTIONS, "the file")?;
    let commune = match table.get("commune") {
        Some(Value::Table(section)) => section,
        Some(_) | None => return Err(CommuneError::MissingSection("commune")),
    };
    known_keys(commune, COMMUNE_KEYS, "[commune]")?;
    let commune: CommuneSection = typed("[commune]", commune.clone())?;
    for (key, value) in [("code", &commune.code), ("name", &commune.name)] {
        if value.trim().is_empty() {
            return Err(CommuneError::Empty { section: "[commune]".to_owned(), key });
        }
    }
    Ok(Commune {
        zone: Zone::named(&commune.time_zone)?,
        code: commune.code,
        name: commune.name,
        simulated: commune.simulated,
        contact: commune.contact.trim().to_owned(),
        streams: streams(&table)?,
        targets: targets(&table)?,
        rules: rules(&table)?,
        assumptions: assumptions(&table)?,
    })
}

fn streams(table: &Table) -> Result<Vec<Stream>, CommuneError> {
    let mut streams: Vec<Stream> = Vec::new();
    for (name, section) in sections(table, "stream", STREAM_KEYS)? {
        let section: StreamSection = typed(&name, section)?;
        let code = section.code;
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if !(1..=STREAM_MAX_CHARS).contains(&code.len()) || !code.bytes().all(fits) {
            return Err(CommuneError::StreamCode(code));
        }
        if streams.iter().any(|stream| stream.code.as_str() == code) {
            return Err(CommuneError::RepeatedStream(code));
        }
        if section.name.trim().is_empty() {
            return Err(CommuneError::Empty { section: name, key: "name" });
        }
        let colour = section.colour.unwrap_or_else(|| NEUTRAL_COLOUR.to_owned());
        let hex = colour.strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(CommuneError::Colour { stream: code, colour });
        }
        if let Some(grams) = section.mean_g.filter(|grams| !(1..=300_000).contains(grams)) {
            return Err(CommuneError::Mean { stream: code, grams });
        }
        streams.push(Stream {
            code: StreamCode::from(code),
            name_en: section.name_en.unwrap_or_else(|| section.name.clone()),
            name: section.name,
            required: section.required,
            colour,
            icon: section.icon,
            mean_g: section.mean_g,
            guide: StreamGuide {
                examples: section.examples,
                examples_en: section.examples_en,
                how: section.how,
                how_en: section.how_en,
            },
        });
    }
    if streams.iter().any(|stream| stream.required) { Ok(streams) } else { Err(CommuneError::NoRequiredStream) }
}

fn targets(table: &Table) -> Result<Vec<Target>, CommuneError> {
    let mut targets: Vec<Target> = Vec::new();
    for (name, section) in sections(table, "target", TARGET_KEYS)? {
        let TargetSection { indicator, year, percent } = typed(&name, section)?;
        let hundredths = format!("{:.0}", percent * 100.0).parse::<u32>().ok().filter(|value| *value <= 10_000);
        let Some(hundredths) = hundredths else {
            return Err(CommuneError::Percent { indicator, year, percent });
        };
        if targets.iter().any(|target| target.year == year && target.indicator == indicator) {
            return Err(CommuneError::RepeatedTarget { indicator, year });
        }
        targets.push(Target { indicator, year, percent: Percent::from_hundredths(hundredths) });
    }
    Ok(targets)
}

fn rules(table: &Table) -> Result<Vec<Rules>, CommuneError> {
    let (version, from) = STANDARD_RULE;
    let standard = Rules::standard(version, from);
    let keys = Table::try_from(&standard).expect("a rule is a flat table of text and numbers");
    let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
    let mut rules: Vec<Rules> = Vec::new();
    for (name, mut section) in sections(table, "rule", &keys)? {
        // TOML has dates of its own; the domain reads text.
        if let Some(Value::Datetime(date)) = section.get("effective_from") {
            let text = Value::String(date.to_string());
            section.insert("effective_from".to_owned(), text);
        }
        let rule: Rules = typed(&name, section)?;
        rule.check()?;
        if rules.iter().any(|held| held.version == rule.version || held.effective_from == rule.effective_from) {
            return Err(CommuneError::RepeatedRule(rule.version));
        }
        rules.push(rule);
    }
    rules.sort_by_key(|rule| rule.effective_from);
    Ok(if rules.is_empty() { vec![standard] } else { rules })
}

fn assumptions(table: &Table) -> Result<Assumptions, CommuneError> {
    let mut assumptions = Assumptions::default();
    if let Some(section) = table.get("generation") {
        let Value::Table(section) = section else {
            let reason = "write it as `[generation]`".to_owned();
            return Err(CommuneError::BadSection { section: "[generation]".to_owned(), reason });
        };
        known_keys(section, GENERATION_KEYS, "[generation]")?;
        let section: GenerationSection = typed("[generation]", section.clone())?;
        if !(1..=5_000).contains(&section.grams_per_person_day) {
            return Err(CommuneError::Generation(section.grams_per_person_day));
        }
        assumptions.per_person_day_g = Some(section.grams_per_person_day);
        assumptions.source = section.source;
    }
    for (name, section) in sections(table, "destination", DESTINATION_KEYS)? {
        let section: DestinationSection = typed(&name, section)?;
        let Some(kind) = DestinationKind::from_word(&section.kind) else {
            return Err(CommuneError::DestinationKind { code: section.code, kind: section.kind });
        };
        if section.code.trim().is_empty() {
            return Err(CommuneError::Empty { section: name, key: "code" });
        }
        if assumptions.destinations.iter().any(|held| held.code == section.code) {
            return Err(CommuneError::RepeatedDestination(section.code));
        }
        assumptions.destinations.push(Destination { code: section.code, name: section.name, kind });
    }
    Ok(assumptions)
}

/// Gives the tables of a repeated section with a name for messages, after a look at their keys.
fn sections(table: &Table, name: &'static str, keys: &[&str]) -> Result<Vec<(String, Table)>, CommuneError> {
    let items = match table.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.as_slice(),
        Some(_) => &[Value::Boolean(false)],
    };
    let mut sections = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let section = format!("[[{name}]] number {}", index + 1);
        let Value::Table(item) = item else {
            let reason = format!("write it as `[[{name}]]`");
            return Err(CommuneError::BadSection { section: format!("[[{name}]]"), reason });
        };
        known_keys(item, keys, &section)?;
        sections.push((section, item.clone()));
    }
    Ok(sections)
}

fn known_keys(table: &Table, known: &[&str], section: &str) -> Result<(), CommuneError> {
    let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
    let hint = nearest(key, known.iter().copied()).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    Err(CommuneError::UnknownKey { key: key.clone(), section: section.to_owned(), hint, known: known.join(", ") })
}

fn typed<'de, T: Deserialize<'de>>(section: &str, table: Table) -> Result<T, CommuneError> {
    T::deserialize(table).map_err(|error: toml::de::Error| CommuneError::BadSection {
        section: section.to_owned(),
        reason: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r##"
[commune]
code = "11779"
name = "Tân Minh"
time_zone = "Asia/Ho_Chi_Minh"
simulated = true
[[stream]]
code = "food"
name = "Thực phẩm"
name_en = "Food"
required = true
colour = "#009E73"
icon = "leaf"
mean_g = 900
[[stream]]
code = "other"
name = "Còn lại"
[[target]]
indicator = "sorting_share"
year = 2026
percent = 92.5
[[rule]]
version = "2026-2"
effective_from = 2026-07-01
window_days = 35
[[rule]]
version = "2026-1"
effective_from = "2026-01-01"
"##;

    fn refused(text: &str) -> String {
        commune_toml(text).unwrap_err().to_string()
    }

    #[test]
    fn a_commune_is_read_with_its_rules_by_date() {
        let commune = commune_toml(GOOD).unwrap();
        assert_eq!(commune.streams[0].mean_g, Some(900));
        assert_eq!((commune.streams[1].required, commune.streams[1].name_en.as_str()), (false, "Còn lại"));
        assert_eq!(commune.target("sorting_share", 2026).unwrap().to_string(), "92.50");
        let versions: Vec<_> = commune.rules.iter().map(|rule| (rule.version.as_str(), rule.window_days)).collect();
        assert_eq!(versions, [("2026-1", 28), ("2026-2", 35)]);
        let without = GOOD.split("[[rule]]").next().unwrap();
        let standard = commune_toml(without).unwrap().rules;
        assert_eq!(standard, [Rules::standard("2026-1", "2026-01-01".parse().unwrap())]);
    }

    #[test]
    fn what_people_are_told_is_read_where_it_is_given() {
        let told = GOOD.replacen("mean_g = 900", "mean_g = 900\nexamples = \"Cơm thừa\"\nhow_en = \"Drain it\"", 1);
        let told = told.replacen("simulated = true", "simulated = true\ncontact = \" 0900 000 000 \"", 1);
        let commune = commune_toml(&told).unwrap();
        let guide = &commune.streams[0].guide;
        assert_eq!((guide.examples.as_str(), guide.how.as_str(), guide.how_en.as_str()), ("Cơm thừa", "", "Drain it"));
        assert_eq!(commune.contact, "0900 000 000");
        assert_eq!(commune_toml(GOOD).unwrap().streams[0].guide, StreamGuide::default());
    }

    #[test]
    fn assumptions_and_destinations_are_read() {
        let more = "[generation]\ngrams_per_person_day = 380\nsource = \"survey\"\n\
            [[destination]]\ncode = \"bac-phong\"\nname = \"Bắc Phong\"\nkind = \"dump\"\n";
        let assumptions = commune_toml(&format!("{GOOD}{more}")).unwrap().assumptions;
        assert_eq!((assumptions.per_person_day_g, assumptions.source.as_str()), (Some(380), "survey"));
        assert_eq!(assumptions.destinations[0].kind, DestinationKind::Dump);
        assert_eq!(commune_toml(GOOD).unwrap().assumptions, Assumptions::default());
        assert_eq!(
            refused(&format!("{GOOD}{}", more.replace("dump", "tip"))),
            "kind `tip` of destination `bac-phong` is unknown; kinds are dump, plant"
        );
        assert!(refused(&format!("{GOOD}{}", more.replace("380", "0"))).contains("write 1 to 5000 grams"));
    }

    #[test]
    fn what_does_not_fit_is_named_with_the_way_out() {
        let change = |from: &str, to: &str| refused(&GOOD.replacen(from, to, 1));
        assert_eq!(
            change("required =", "requird ="),
            "unknown key `requird` in [[stream]] number 1, did you mean `required`?; known keys are code, name, name_en, required, colour, icon, mean_g, examples, examples_en, how, how_en"
        );
        assert!(change("window_days", "window_dais").contains("did you mean `window_days`?"));
        assert!(
            change("[[target]]", "[[targets]]").contains("unknown key `targets` in the file, did you mean `target`?")
        );
        assert_eq!(
            change("required = true", "required = false"),
            "no stream has `required = true`; the sorting rule needs at least one"
        );
        assert_eq!(change("\"other\"", "\"food\""), "stream `food` comes twice");
        assert_eq!(change("\"other\"", "\"Other one\""), "stream code `Other one` is not 1 to 32 of a-z 0-9 _ -");
        assert_eq!(change("#009E73", "green"), "colour `green` of stream `food` is not `#RRGGBB`, such as #009E73");
        assert_eq!(change("92.5", "120"), "target of `sorting_share` for 2026 is 120 %; write 0 to 100");
        assert_eq!(
            change("window_days = 35", "window_days = 0"),
            "rule `2026-2`: `window_days` is out of range; write 1 to 3660 days"
        );
        assert_eq!(
            change("2026-2", "2026-1"),
            "rule `2026-1` has the version or the effective date of another; each rule needs its own"
        );
        assert_eq!(
            change("Asia/Ho_Chi_Minh", "Hanoi"),
            "[commune]: unknown time zone `Hanoi`; write an IANA name such as Asia/Ho_Chi_Minh"
        );
        assert!(
            change("simulated = true", "simulated = \"no\"")
                .starts_with("[commune]: invalid type: string \"no\", expected a boolean")
        );
        assert!(change("name = \"Tân Minh\"\n", "").contains("missing field `name`"));
        assert_eq!(
            refused("stream = 1\n[commune]\ncode='a'\nname='b'\ntime_zone='UTC'\nsimulated=false"),
            "[[stream]]: write it as `[[stream]]`"
        );
        assert_eq!(refused(""), "commune.toml has no `[commune]`");
        assert!(refused("x = ").starts_with("commune.toml is not TOML: "));
    }
}
