//! Sends what crews write to a service, in order, until each write has its receipt.
//!
//! # Why
//! One write at a time, as the phones' outboxes would: a void must not overtake its pickup. Sending a plan again is
//! harmless, because the service answers a known id with its first receipt.

use super::Write;
use serde::Deserialize;
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;

/// Longest answer of the service, bytes.
const ANSWER_BYTES: u64 = 64 * 1_024;
/// Reasons of refusals kept: enough to see what is wrong.
const REASONS_MAX: usize = 5;
/// Writes between two reports.
const REPORT_EVERY: u64 = 250;

/// Where to, and how patiently.
#[derive(Debug, Clone)]
pub struct PostOptions {
    /// Such as `http://127.0.0.1:8080`.
    pub server: String,
    /// Token of an account that may log pickups.
    pub token: String,
    /// Writes that a phone sends at or after this time, milliseconds since 1970 UTC, are left out.
    pub until_ms: i64,
    /// Pause before the first try again; each further one is twice as long.
    pub first_pause: Duration,
    /// Tries of one write before giving up.
    pub tries: u32,
}

impl PostOptions {
    /// Waits a quarter of a second, twice as long each time, ten times: four minutes in all.
    #[must_use]
    pub fn new(server: impl Into<String>, token: impl Into<String>, until_ms: i64) -> Self {
        Self {
            server: server.into().trim_end_matches('/').to_owned(),
            token: token.into(),
            until_ms,
            first_pause: Duration::from_millis(250),
            tries: 11,
        }
    }
}

/// What came of the writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// Writes to send.
    pub total: u64,
    /// Writes with a receipt, or refused.
    pub done: u64,
    /// Recorded now.
    pub created: u64,
    /// Answered with the first receipt: sent twice, or recorded by an earlier run.
    pub repeated: u64,
    /// Refused for good: nothing can be done by sending again.
    pub refused: u64,
    /// Sent again, because the connection broke or the service could not.
    pub tried_again: u64,
    /// What the service said to the first refusals.
    pub reasons: Vec<String>,
}

/// Why posting stopped.
#[derive(Debug, Error)]
pub enum PostError {
    /// The address cannot be used.
    #[error("cannot post to `{url}`: {cause}; check --server")]
    Address {
        /// Where to.
        url: String,
        /// What is wrong.
        cause: Box<ureq::Error>,
    },
    /// No answer, however often.
    #[error("`{url}` gives no answer after {tries} tries: {cause}; start the service and run this again")]
    NoAnswer {
        /// Where to.
        url: String,
        /// How often.
        tries: u32,
        /// The last failure.
        cause: String,
    },
    /// The token is not enough.
    #[error("`{url}` answers {status}: {told}; check that --token is a crew's")]
    NotAllowed {
        /// Where to.
        url: String,
        /// HTTP status.
        status: u16,
        /// What the service says.
        told: String,
    },
    /// A receipt for something else.
    #[error("`{url}` gave `{id}` the receipt of `{got}`")]
    OtherReceipt {
        /// Where to.
        url: String,
        /// Sent.
        id: Uuid,
        /// In the receipt.
        got: Uuid,
    },
    /// The same write has two receipts.
    #[error("`{url}` recorded `{id}` at {first} and again at {second}; it counts twice")]
    TwoReceipts {
        /// Where to.
        url: String,
        /// Sent.
        id: Uuid,
        /// In the first receipt.
        first: String,
        /// In the second.
        second: String,
    },
}

#[derive(Debug, Deserialize)]
struct Receipt {
    id: Uuid,
    recorded_at: String,
}

/// An answer that sending again does not change.
enum Answer {
    Created(Receipt),
    Repeated(Receipt),
    Refused(String),
}

/// Sends `writes`, in their order, and reports now and then and at the end.
///
/// # Errors
/// The service cannot be reached for long, does not accept the token, or gives receipts that contradict each other.
pub fn post(writes: &[Write], options: &PostOptions, mut report: impl FnMut(&Posted)) -> Result<Posted, PostError> {
    let phone = Phone::new(options);
    let due: Vec<&Write> = writes.iter().filter(|write| write.sent_at_ms < options.until_ms).collect();
    let mut posted = Posted { total: u64::try_from(due.len()).unwrap_or(u64::MAX), ..Posted::default() };
    for write in due {
        let mut first: Option<Receipt> = None;
        for _ in 0..write.times {
            let receipt = match phone.send(write, &mut posted.tried_again)? {
                Answer::Created(receipt) => {
                    posted.created += 1;
                    receipt
                }
                Answer::Repeated(receipt) => {
                    posted.repeated += 1;
                    receipt
                }
                Answer::Refused(told) => {
                    posted.refused += 1;
                    if posted.reasons.len() < REASONS_MAX {
                        posted.reasons.push(told);
                    }
                    break;
                }
            };
            phone.agree(write, first.as_ref(), &receipt)?;
            first = Some(receipt);
        }
        posted.done += 1;
        if posted.done.is_multiple_of(REPORT_EVERY) {
            report(&posted);
        }
    }
    report(&posted);
    Ok(posted)
}

struct Phone<'a> {
    agent: ureq::Agent,
    options: &'a PostOptions,
}

impl<'a> Phone<'a> {
    fn new(options: &'a PostOptions) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.http_status_as_error(false).build().into(), options }
    }

    /// Sends one write until it has an answer that sending again does not change.
    fn send(&self, write: &Write, tried_again: &mut u64) -> Result<Answer, PostError> {
        let url = format!("{}{}", self.options.server, write.path());
        let body = write.body();
        let mut pause = self.options.first_pause;
        let mut cause = String::new();
        for attempt in 0..self.options.tries {
            if attempt > 0 {
                *tried_again += 1;
                std::thread::sleep(pause);
                pause *= 2;
            }
            let (status, told) = match self.ask(&url, &body) {
                Ok(answer) => answer,
                Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
                    return Err(PostError::Address { url, cause: Box::new(error) });
                }
                Err(error) => {
                    cause = error.to_string();
                    continue;
                }
            };
            match status {
                200 | 201 => match serde_json::from_str(&told) {
                    Ok(receipt) if status == 201 => return Ok(Answer::Created(receipt)),
                    Ok(receipt) => return Ok(Answer::Repeated(receipt)),
                    Err(error) => cause = format!("no receipt: {error}"),
                },
                401 | 403 => return Err(PostError::NotAllowed { url, status, told }),
                // Too many at once is over after a while.
                429 => cause = told,
                400..=499 => return Ok(Answer::Refused(told)),
                _ => cause = format!("status {status}: {told}"),
            }
        }
        Err(PostError::NoAnswer { url, tries: self.options.tries, cause })
    }

    fn ask(&self, url: &str, body: &serde_json::Value) -> Result<(u16, String), ureq::Error> {
        let request = self.agent.post(url).header("Authorization", format!("Bearer {}", self.options.token));
        let mut response = request.send_json(body)?;
        let told = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_string()?;
        Ok((response.status().as_u16(), told))
    }

    fn agree(&self, write: &Write, first: Option<&Receipt>, receipt: &Receipt) -> Result<(), PostError> {
        let url = || format!("{}{}", self.options.server, write.path());
        if receipt.id != write.id {
            return Err(PostError::OtherReceipt { url: url(), id: write.id, got: receipt.id });
        }
        match first {
            Some(first) if first.recorded_at != receipt.recorded_at => Err(PostError::TwoReceipts {
                url: url(),
                id: write.id,
                first: first.recorded_at.clone(),
                second: receipt.recorded_at.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }
}
