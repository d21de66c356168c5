//! Why a message or an event is kept in quarantine, in words for a technician.

use super::topic::Channel;

/// Why a message or an event is refused. [`code`](Self::code) is for metrics and the database, the text for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not on an events topic.
    #[error("the message is on `{channel}`; events are taken on `events` only")]
    NotEvents {
        /// The topic's last level.
        channel: Channel,
    },
    /// Over the size limit.
    #[error("the message has {bytes} bytes; at most 262144, so send fewer events in one message")]
    TooLarge {
        /// Its size, bytes.
        bytes: usize,
    },
    /// Over the event limit.
    #[error("the message holds {events} events; at most 256, so send several messages")]
    TooManyEvents {
        /// Their number.
        events: usize,
    },
    /// Not UTF-8.
    #[error("the message is not UTF-8 text: byte {at} does not fit; send JSON in UTF-8")]
    NotUtf8 {
        /// First byte that does not fit, from 0.
        at: usize,
    },
    /// Not JSON.
    #[error("the message is not JSON: {reason}")]
    NotJson {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// More than one JSON value.
    #[error("the message holds something after its first JSON value, at column {column}; send one envelope a message")]
    SeveralValues {
        /// Where the second begins.
        column: usize,
    },
    /// Not an object.
    #[error("the {what} is {found}, not an object")]
    NotAnObject {
        /// Message or event.
        what: &'static str,
        /// What came instead.
        found: String,
    },
    /// A member comes twice.
    #[error("member `{member}` comes twice; which of them holds cannot be known")]
    RepeatedMember {
        /// The member.
        member: String,
    },
    /// A member is absent.
    #[error("member `{member}` is missing")]
    MissingMember {
        /// The member.
        member: &'static str,
    },
    /// A member has the wrong type.
    #[error("`{member}` is {found}, not {expected}")]
    WrongType {
        /// The member.
        member: &'static str,
        /// What it should be, with its article.
        expected: &'static str,
        /// What came instead.
        found: String,
    },
    /// A number is outside its range.
    #[error("`{member}` is {found}; {limit}")]
    OutOfRange {
        /// The member.
        member: &'static str,
        /// What came.
        found: String,
        /// What is allowed, as a sentence.
        limit: &'static str,
    },
    /// A mass that no scale sends.
    #[error("weight `{member}` is {grams} g; a scale sends at most {limit} g either way")]
    AbsurdMass {
        /// The member.
        member: &'static str,
        /// What came, grams.
        grams: i64,
        /// Limit, grams.
        limit: i64,
    },
    /// A tare below zero.
    #[error("tare `tare_g` is {grams} g; a tare is 0 g or more")]
    NegativeTare {
        /// What came, grams.
        grams: i64,
    },
    /// A log's name has the wrong form.
    #[error("log `{log}` is not 8 hexadecimal digits, such as 9f1c22ab")]
    BadLog {
        /// What came.
        log: String,
    },
    /// A type that this version does not know.
    #[error("unknown type `{found}`; types are tag, weight, lift, ticket, heartbeat, lost")]
    UnknownType {
        /// What came.
        found: String,
    },
    /// A word that is none of the allowed ones.
    #[error("unknown {member} `{found}`; it is one of {allowed}")]
    UnknownWord {
        /// The member.
        member: &'static str,
        /// What came.
        found: String,
        /// The words.
        allowed: &'static str,
    },
    /// A stream that the commune does not have.
    #[error("unknown stream `{found}`; streams are {streams}")]
    UnknownStream {
        /// What came.
        found: String,
        /// The commune's streams.
        streams: String,
    },
    /// A tag's number has the wrong form.
    #[error("tag `{uid}` is not 2 to 128 hexadecimal digits, with or without `-` and `:`, such as 04A224B2C15F80")]
    BadUid {
        /// What came.
        uid: String,
    },
    /// Not a time.
    #[error("time `at` is {found}; write 2026-11-23T18:05:31.250+07:00, or whole milliseconds since 1970 UTC")]
    BadTime {
        /// What came.
        found: String,
    },
    /// A text that cannot be kept.
    #[error("`{member}` is `{found}`; write 1 to 200 characters without control characters")]
    BadText {
        /// The member.
        member: &'static str,
        /// What came.
        found: String,
    },
    /// Simulated events at a real commune, or the reverse.
    #[error("{}", if *simulated {
        "the event is simulated and this commune is real; unset `simulated` on the device, or send to a simulated commune"
    } else {
        "the event is not marked `simulated` and this commune is a simulated one; send it to the real commune"
    })]
    WrongSimulated {
        /// The event's mark.
        simulated: bool,
    },
    /// A declared loss that makes no sense.
    #[error(
        "`lost` names {from} to {to} in event {seq}; `from` is 1 or more, not after `to`, and `to` is before the event's own number"
    )]
    BadLoss {
        /// First.
        from: i64,
        /// Last.
        to: i64,
        /// The event's own number.
        seq: i64,
    },
}

impl Rejection {
    /// Gives the reason as one word for metrics, the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotEvents { .. } => "not_events",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyEvents { .. } => "too_many_events",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::SeveralValues { .. } => "several_values",
            Self::NotAnObject { .. } => "not_an_object",
            Self::RepeatedMember { .. } => "repeated_member",
            Self::MissingMember { .. } => "missing_member",
            Self::WrongType { .. } => "wrong_type",
            Self::OutOfRange { .. } => "out_of_range",
            Self::AbsurdMass { .. } => "absurd_mass",
            Self::NegativeTare { .. } => "negative_tare",
            Self::BadLog { .. } => "bad_log",
            Self::UnknownType { .. } => "unknown_type",
            Self::UnknownWord { .. } => "unknown_word",
            Self::UnknownStream { .. } => "unknown_stream",
            Self::BadUid { .. } => "bad_uid",
            Self::BadTime { .. } => "bad_time",
            Self::BadText { .. } => "bad_text",
            Self::WrongSimulated { .. } => "wrong_simulated",
            Self::BadLoss { .. } => "bad_loss",
        }
    }
}
