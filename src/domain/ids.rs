//! Names of things, as newtypes: a household's code can never be passed where a device's is meant.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a code as written in the register or on the wire.
            pub fn new(code: impl Into<Arc<str>>) -> Self {
                Self(code.into())
            }
            /// Gives the code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                Self::new(code)
            }
        }

        impl From<String> for $name {
            fn from(code: String) -> Self {
                Self::new(code)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

code!(
    /// A household's register code, for example `TM-00042`; personal data together with a weight.
    HouseholdCode
);
code!(
    /// A hamlet (thôn).
    AreaCode
);
code!(
    /// A collection point or a route: where a round is held.
    PlaceCode
);
code!(
    /// A waste stream, for example `food`. Streams are data; the empty code means that no stream was named.
    StreamCode
);
code!(
    /// The devices of one place whose readings are joined.
    StationCode
);
code!(
    /// A device, 1-64 of `A-Z a-z 0-9 . _ -`.
    DeviceId
);
code!(
    /// A tag's number, upper hexadecimal without separators.
    TagUid
);
code!(
    /// A device's event log, 8 lower hexadecimal digits, random when the log was made.
    LogId
);

impl StreamCode {
    /// Stands for "no stream was named": its weight counts in tonnage, never as evidence.
    pub fn unnamed() -> Self {
        Self::new("")
    }

    /// Tells whether a stream was named.
    pub fn is_named(&self) -> bool {
        !self.as_str().is_empty()
    }
}

/// Identity of one event for ever: the device, its log, and the number in that log (1 ..= 2^53-1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId {
    /// The device that captured the event.
    pub device: DeviceId,
    /// The device's log.
    pub log: LogId,
    /// The event's number in the log.
    pub seq: i64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.device, self.log, self.seq)
    }
}

/// Gives what sorts codes as people count: `TM-9` before `TM-10`.
pub fn as_counted(code: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(text);
        let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_the_order_in_which_people_count() {
        let mut codes = ["TM-10", "TM-9", "TM-100", "A2-1", "A10-1", "TM-9b"];
        codes.sort_by_cached_key(|code| as_counted(code));
        assert_eq!(codes, ["A2-1", "A10-1", "TM-9", "TM-9b", "TM-10", "TM-100"]);
    }
}
