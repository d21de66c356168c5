//! Messages that no working device sends, and every broker meets: torn, too large, misaddressed, replayed.
//!
//! # Why
//! They carry no event of the truth, or one that has long been sent: whatever a service makes of them, its
//! figures must stay what they are.

use crate::dice::Dice;
use crate::wire;

/// Larger than the contract's 256 KiB, smaller than most brokers' own limit.
const OVERSIZED_BYTES: usize = 270 * 1_024;

/// A message out of order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disturbance {
    /// Half an envelope.
    Malformed {
        /// Makes one differ from the next.
        salt: u64,
    },
    /// An envelope beyond the contract's size.
    Oversized {
        /// Makes one differ from the next.
        salt: u64,
    },
    /// A whole envelope under a device's name that nobody has registered.
    WrongDevice {
        /// Makes one differ from the next.
        salt: u64,
    },
    /// An envelope sent before, now with the retain flag, as a misconfigured bridge does.
    RetainedReplay {
        /// The body as it was.
        body: Vec<u8>,
    },
}

impl Disturbance {
    /// Draws one of the first three kinds.
    pub(crate) fn salt(dice: &mut Dice) -> u64 {
        dice.bits() >> 16
    }

    /// Where it goes; `device` is where it comes from.
    #[must_use]
    pub fn topic(&self, root: &str, device: &str) -> String {
        match self {
            Self::Malformed { .. } | Self::Oversized { .. } | Self::RetainedReplay { .. } => {
                wire::events_topic(root, device)
            }
            Self::WrongDevice { .. } => wire::events_topic(root, &format!("{device}.unknown")),
        }
    }

    /// Whether the broker is asked to keep it.
    #[must_use]
    pub fn is_retained(&self) -> bool {
        match self {
            Self::RetainedReplay { .. } => true,
            Self::Malformed { .. } | Self::Oversized { .. } | Self::WrongDevice { .. } => false,
        }
    }

    /// Its bytes; simulated like all the rest, where there is room to say so.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match self {
            Self::Malformed { salt } => {
                format!(r#"{{"log":"{:08x}","boot":1,"sent_ms":1,"simulated":true,"events":[{{"seq":"#, salt >> 16)
                    .into_bytes()
            }
            Self::Oversized { salt } => {
                let mut body = format!(r#"{{"log":"{:08x}","boot":1,"sent_ms":1,"simulated":true,"padding":""#, salt >> 16);
                body.extend(std::iter::repeat_n('x', OVERSIZED_BYTES));
                body.push_str(r#"","events":[]}"#);
                body.into_bytes()
            }
            Self::WrongDevice { salt } => format!(
                r#"{{"log":"{:08x}","boot":1,"sent_ms":10,"simulated":true,"events":[{{"seq":1,"boot":1,"ms":5,"clock":"unset","type":"heartbeat"}}]}}"#,
                salt >> 16
            )
            .into_bytes(),
            Self::RetainedReplay { body } => body.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_malformed_is_no_json_and_only_the_oversized_is_too_large() {
        let salt = 0x1234_5678_9abc;
        let parses = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).is_ok();
        assert!(!parses(&Disturbance::Malformed { salt }.body()));
        let oversized = Disturbance::Oversized { salt }.body();
        assert!(parses(&oversized) && oversized.len() > 256 * 1_024);
        let wrong = Disturbance::WrongDevice { salt };
        assert!(parses(&wrong.body()) && wrong.topic("r", "P001-A") == "r/P001-A.unknown/events");
    }
}
