//! Topics of the native contract, as types: `<root>/<device>/events`, `/state`, `/ack`.
//!
//! Owns their writing and reading. A [`Topic`] that exists has a valid device id, so nothing is checked again later.

use std::fmt;

use crate::domain::ids::DeviceId;
use crate::domain::state::word;

/// Longest topic root, bytes. MQTT allows 65 535 for a topic; a root longer than this is a mistake.
const ROOT_MAX_BYTES: usize = 200;
/// Longest device id, bytes.
const DEVICE_MAX_BYTES: usize = 64;

word!(
    /// The last level of a native topic.
    Channel {
        /// Up: envelopes of events.
        Events = "events",
        /// Up, retained, also the will: whether the device is online.
        State = "state",
        /// Down: what the service has stored.
        Ack = "ack",
    }
);

/// Where all native topics begin, for example `phanloai/v1`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Root(String);

/// Why a text is not a topic root.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Nothing is left of it.
    #[error("the topic root is empty; write for example `phanloai/v1`")]
    Empty,
    /// Too long.
    #[error("the topic root has {0} bytes; at most 200")]
    TooLong(usize),
    /// An empty level: two slashes in a row, or one at an end.
    #[error("topic root `{0}` has an empty level; write it without a slash at either end and without `//`")]
    EmptyLevel(String),
    /// A character that MQTT reserves.
    #[error("topic root `{root}` holds {character:?}, which MQTT reserves; use letters, digits, `.`, `_`, `-` and `/`")]
    Reserved {
        /// The root.
        root: String,
        /// The character.
        character: char,
    },
}

impl Root {
    /// Reads a root.
    ///
    /// # Errors
    /// It is empty, longer than 200 bytes, has an empty level, or holds `+`, `#`, a leading `$` or a control character.
    pub fn parse(text: &str) -> Result<Self, RootError> {
        if text.is_empty() {
            return Err(RootError::Empty);
        }
        if text.len() > ROOT_MAX_BYTES {
            return Err(RootError::TooLong(text.len()));
        }
        let reserved = |c: char| c == '+' || c == '#' || c.is_control();
        let leading_dollar = text.chars().next().filter(|c| *c == '$');
        if let Some(character) = leading_dollar.or_else(|| text.chars().find(|c| reserved(*c))) {
            return Err(RootError::Reserved { root: text.to_owned(), character });
        }
        if text.split('/').any(str::is_empty) {
            return Err(RootError::EmptyLevel(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Gives the root as text, without a slash at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the topic of a device's channel.
    pub fn topic(&self, device: &DeviceId, channel: Channel) -> String {
        format!("{}/{device}/{channel}", self.0)
    }

    /// Gives the topic on which a device publishes its events.
    pub fn events(&self, device: &DeviceId) -> String {
        self.topic(device, Channel::Events)
    }

    /// Gives the topic on which a device publishes its state.
    pub fn state(&self, device: &DeviceId) -> String {
        self.topic(device, Channel::State)
    }

    /// Gives the topic on which a device is told what is stored.
    pub fn ack(&self, device: &DeviceId) -> String {
        self.topic(device, Channel::Ack)
    }

    /// Gives the subscription to one channel of every device.
    pub fn filter(&self, channel: Channel) -> String {
        format!("{}/+/{channel}", self.0)
    }

    /// Gives the same subscription, shared between the instances of a group (MQTT 5, 4.8.2).
    pub fn shared_filter(&self, group: &str, channel: Channel) -> String {
        format!("$share/{group}/{}", self.filter(channel))
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A native topic that was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// The device that it belongs to.
    pub device: DeviceId,
    /// Its last level.
    pub channel: Channel,
}

impl Topic {
    /// Reads a topic. `None`: it is not below the root, has another shape, or names no valid device.
    pub fn parse(root: &Root, topic: &str) -> Option<Self> {
        let rest = topic.strip_prefix(root.as_str())?.strip_prefix('/')?;
        let (device, channel) = rest.split_once('/')?;
        let channel = Channel::from_word(channel)?;
        Some(Self { device: device_id(device)?, channel })
    }
}

/// Reads a device id. `None`: it is not 1-64 of `A-Z a-z 0-9 . _ -`.
pub fn device_id(text: &str) -> Option<DeviceId> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let valid = (1..=DEVICE_MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed);
    valid.then(|| DeviceId::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Root {
        Root::parse("phanloai/v1").unwrap()
    }

    #[test]
    fn a_topic_that_was_written_is_read_back() {
        for channel in Channel::ALL {
            let written = root().topic(&DeviceId::from("scale-7.b_X"), *channel);
            let read = Topic::parse(&root(), &written).unwrap();
            assert_eq!(read, Topic { device: DeviceId::from("scale-7.b_X"), channel: *channel });
        }
        assert_eq!(root().events(&"d".into()), "phanloai/v1/d/events");
        assert_eq!(root().shared_filter("g", Channel::Events), "$share/g/phanloai/v1/+/events");
    }

    #[test]
    fn other_topics_are_no_topics_of_ours() {
        let long = format!("phanloai/v1/{}/events", "d".repeat(65));
        for topic in [
            "",
            "phanloai/v1",
            "phanloai/v1/",
            "phanloai/v1//events",
            "phanloai/v1/d",
            "phanloai/v1/d/",
            "phanloai/v1/d/Events",
            "phanloai/v1/d/events/",
            "phanloai/v1/d/e/events",
            "phanloai/v10/d/events",
            "/phanloai/v1/d/events",
            "phanloai/v1/thôn/events",
            "phanloai/v1/a b/events",
            "phanloai/v1/+/events",
            &long,
        ] {
            assert_eq!(Topic::parse(&root(), topic), None, "{topic}");
        }
    }

    #[test]
    fn a_root_that_mqtt_would_misread_is_refused() {
        assert_eq!(Root::parse(""), Err(RootError::Empty));
        for text in ["/a", "a/", "a//b"] {
            assert_eq!(Root::parse(text), Err(RootError::EmptyLevel(text.to_owned())));
        }
        for (text, character) in [("a/+", '+'), ("#", '#'), ("$SYS/a", '$'), ("a\0", '\0')] {
            assert_eq!(Root::parse(text), Err(RootError::Reserved { root: text.to_owned(), character }));
        }
        assert_eq!(Root::parse(&"a".repeat(201)), Err(RootError::TooLong(201)));
    }
}
