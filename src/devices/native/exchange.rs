//! The two small messages beside the events: a device's state and the service's acknowledgement.

use serde::Serialize;

use super::members::{MAX_WHOLE, Members};
use super::{log_id, object};
use crate::devices::Rejection;
use crate::domain::ids::LogId;
use crate::domain::time::Instant;

/// Most ranges in an acknowledgement's `missing`; `upto` is lowered to fit.
const MAX_MISSING: usize = 64;
/// Most ranges in `refused`: it only spares the device a second sending, so the newest are enough.
const MAX_REFUSED: usize = 64;

/// What a device says about itself, also by its will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// Connected.
    pub online: bool,
    /// Its present event log. `None`: not stated, as in a will.
    pub log: Option<LogId>,
    /// The oldest number that the log still holds.
    pub oldest: Option<i64>,
    /// The number that the log's next event will get; shows a missing tail.
    pub next: Option<i64>,
    /// Firmware version.
    pub firmware: Option<String>,
}

/// Decodes a message on a state topic. Unknown members are ignored.
///
/// # Errors
/// Undecodable, or a member has the wrong type or range.
pub fn decode_state(payload: &[u8]) -> Result<DeviceState, Rejection> {
    let (list, _) = object(payload)?;
    let members = Members(&list);
    let number = |member| members.int(member, (1, MAX_WHOLE), "a number is from 1 to 9007199254740991");
    Ok(DeviceState {
        online: members.flag("online")?.ok_or(Rejection::MissingMember { member: "online" })?,
        log: members.text("log")?.map(log_id).transpose()?,
        oldest: number("oldest")?,
        next: number("next")?,
        firmware: members.name("firmware")?,
    })
}

/// What the service tells a device about one of its logs. Ranges are first and last number, both included, rising.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ack {
    /// The log.
    pub log: LogId,
    /// Names the database's life: it changes when the database is made anew or restored.
    pub epoch: String,
    /// Every number up to this one is stored, refused or lost, except those in `missing`. 0: nothing yet.
    pub upto: i64,
    /// Numbers up to `upto` that are neither.
    pub missing: Vec<(i64, i64)>,
    /// Numbers in quarantine: not to be sent again.
    pub refused: Vec<(i64, i64)>,
    /// The service's time, for a device that has no better.
    pub now: Instant,
}

/// Writes an acknowledgement's body, lowering `upto` to the 64 first missing ranges and keeping the 64 last refused ones.
pub fn ack(ack: &Ack) -> Vec<u8> {
    let mut fitted = ack.clone();
    if let Some((first_left_out, _)) = fitted.missing.get(MAX_MISSING) {
        fitted.upto = first_left_out - 1;
        fitted.missing.truncate(MAX_MISSING);
    }
    let surplus = fitted.refused.len().saturating_sub(MAX_REFUSED);
    fitted.refused.drain(..surplus);
    serde_json::to_vec(&fitted).expect("an acknowledgement holds text and numbers only")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Ack {
        Ack {
            log: "9f1c22ab".into(),
            epoch: "5b0e".to_owned(),
            upto: 1043,
            missing: vec![(1030, 1031)],
            refused: vec![(990, 990)],
            now: Instant::from_ms(1_795_400_000_250),
        }
    }

    #[test]
    fn an_ack_is_written_as_the_contract_shows_it() {
        let expected = r#"{"log":"9f1c22ab","epoch":"5b0e","upto":1043,"missing":[[1030,1031]],"refused":[[990,990]],"now":1795400000250}"#;
        assert_eq!(String::from_utf8(ack(&sample())).unwrap(), expected);
    }

    #[test]
    fn too_many_missing_ranges_lower_upto() {
        let many = Ack { missing: (0..70).map(|n| (n * 2 + 1, n * 2 + 1)).collect(), ..sample() };
        let body: serde_json::Value = serde_json::from_slice(&ack(&many)).unwrap();
        assert_eq!(body["upto"], 128);
        assert_eq!(body["missing"].as_array().unwrap().len(), 64);
        let many = Ack { refused: (0..70).map(|n| (n, n)).collect(), ..sample() };
        let body: serde_json::Value = serde_json::from_slice(&ack(&many)).unwrap();
        assert_eq!(body["refused"][0][0], 6);
    }

    #[test]
    fn a_state_may_be_a_bare_will() {
        let online = br#"{"online":true,"log":"9F1C22AB","oldest":1031,"next":1044,"firmware":"1.4.2","new":1}"#;
        let state = decode_state(online).unwrap();
        assert_eq!(state.log, Some("9f1c22ab".into()));
        assert_eq!((state.online, state.oldest, state.next), (true, Some(1031), Some(1044)));
        assert_eq!(state.firmware.as_deref(), Some("1.4.2"));
        assert!(!decode_state(br#"{"online":false}"#).unwrap().online);
        assert_eq!(decode_state(b"{}").unwrap_err().to_string(), "member `online` is missing");
        assert_eq!(decode_state(br#"{"online":1}"#).unwrap_err().to_string(), "`online` is 1, not true or false");
    }
}
