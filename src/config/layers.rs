//! Where values come from, and what is said when one does not fit.

use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::{Config, ConfigError, KEYS};

/// What every variable begins with.
const PREFIX: &str = "PHANLOAI_";
/// What stands between section and key.
const SEPARATOR: &str = "__";
/// Likeness, 0 to 1, from which a known key is named.
const NEAR: f64 = 0.5;

/// The variables of the environment that are settings.
pub struct Environment(Dict);

impl Environment {
    /// Picks and reads the settings.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let defaults =
            toml::Table::try_from(Config::default()).expect("settings are tables of text, numbers and lists");
        let mut dict = Dict::new();
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let Some((section, key)) = rest.split_once(SEPARATOR) else {
                one_underscore_short(&name, rest)?;
                continue;
            };
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            let Some(default) = defaults.get(&section).and_then(|table| table.get(&key)) else {
                let hint = nearest(&format!("{section}.{key}")).map(|near| did_you_mean(variable(&near)));
                let hint = hint.unwrap_or_else(all_keys);
                return Err(ConfigError::UnknownKey { key: name, origin: "the environment".to_owned(), hint });
            };
            let value = typed(&text, default).ok_or_else(|| ConfigError::BadValue {
                key: name.clone(),
                origin: "the environment".to_owned(),
                reason: format!("`{text}` is not {}", expected(default)),
            })?;
            if let Value::Dict(_, table) = dict.entry(section).or_insert_with(|| Value::from(Dict::new())) {
                table.insert(key, value);
            }
        }
        Ok(Self(dict))
    }
}

/// Reads a variable as the type that its key has.
fn typed(text: &str, default: &toml::Value) -> Option<Value> {
    match default {
        toml::Value::Integer(_) => text.trim().parse::<u64>().ok().map(Value::from),
        toml::Value::Array(_) => {
            let list = text.trim().trim_start_matches('[').trim_end_matches(']');
            let items = list.split(',').map(|item| item.trim().trim_matches('"')).filter(|item| !item.is_empty());
            Some(Value::from(items.map(Value::from).collect::<Vec<_>>()))
        }
        toml::Value::Boolean(_) => text.trim().parse::<bool>().ok().map(Value::from),
        toml::Value::String(_) | toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => {
            Some(Value::from(text))
        }
    }
}

fn expected(default: &toml::Value) -> &'static str {
    if default.is_bool() { "true or false" } else { "a whole number of 0 or more" }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
            .interpolater(|_: &Profile, keys: &[&str]| format!("{PREFIX}{}", keys.join(SEPARATOR).to_uppercase()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

/// Looks for keys of a file that mean nothing.
pub fn check_file(table: &toml::Table, path: &Path) -> Result<(), ConfigError> {
    let refuse = |key: String| {
        let hint = nearest(&key).map(did_you_mean).unwrap_or_else(all_keys);
        Err(ConfigError::UnknownKey { key, origin: format!("`{}`", path.display()), hint })
    };
    for (section, keys) in table {
        let toml::Value::Table(keys) = keys else {
            return refuse(section.clone());
        };
        if let Some(key) = keys.keys().find(|key| !KEYS.iter().any(|(s, k, _)| s == section && k == key)) {
            return refuse(format!("{section}.{key}"));
        }
        if !KEYS.iter().any(|(known, _, _)| known == section) {
            return refuse(section.clone());
        }
    }
    Ok(())
}

/// Turns the library's error into ours: which key, from where, and what is wrong.
pub fn explain(error: figment::Error) -> ConfigError {
    let key = error.path.join(".");
    let origin = match &error.metadata {
        Some(metadata) => match metadata.source.as_ref().and_then(|source| source.file_path()) {
            Some(path) => format!("`{}`", path.display()),
            None => metadata.name.to_string(),
        },
        None => "the settings".to_owned(),
    };
    ConfigError::BadValue { key, origin, reason: error.kind.to_string() }
}

fn one_underscore_short(name: &str, rest: &str) -> Result<(), ConfigError> {
    let meant = KEYS.iter().find(|(section, key, _)| format!("{section}_{key}").eq_ignore_ascii_case(rest));
    match meant {
        None => Ok(()),
        Some((section, key, _)) => Err(ConfigError::UnknownKey {
            key: name.to_owned(),
            origin: "the environment".to_owned(),
            hint: did_you_mean(variable(&format!("{section}.{key}"))),
        }),
    }
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', SEPARATOR).to_uppercase())
}

fn did_you_mean(near: impl AsRef<str>) -> String {
    format!(", did you mean `{}`?", near.as_ref())
}

fn all_keys() -> String {
    let keys: Vec<String> = KEYS.iter().map(|(section, key, _)| format!("{section}.{key}")).collect();
    format!("; known keys are {}", keys.join(", "))
}

/// Finds the known key that is meant, as `section.key`.
fn nearest(key: &str) -> Option<String> {
    let last = key.rsplit('.').next().unwrap_or(key);
    let likeness = |section: &str, known: &str| {
        let whole = strsim::normalized_damerau_levenshtein(key, &format!("{section}.{known}"));
        // A key in the wrong section, or in none, is found by its last part.
        whole.max(strsim::normalized_damerau_levenshtein(last, known) * 0.9)
    };
    KEYS.iter()
        .map(|(section, known, _)| (likeness(section, known), section, known))
        .filter(|(likeness, _, _)| *likeness >= NEAR)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, section, known)| format!("{section}.{known}"))
}

/// An optional value that is written as text; empty means none.
pub mod maybe {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer};

    /// What can be written: addresses, paths and text.
    pub trait Written {
        /// Gives the text.
        fn written(&self) -> String;
    }

    impl Written for std::net::SocketAddr {
        fn written(&self) -> String {
            self.to_string()
        }
    }

    impl Written for std::path::PathBuf {
        fn written(&self) -> String {
            self.display().to_string()
        }
    }

    impl Written for String {
        fn written(&self) -> String {
            self.clone()
        }
    }

    /// Writes the value, or empty text.
    pub fn serialize<T: Written, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.as_ref().map(Written::written).unwrap_or_default())
    }

    /// Reads the value; empty text is none.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|error| serde::de::Error::custom(format!("`{text}`: {error}")))
    }
}
