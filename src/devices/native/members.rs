//! Typed access to the members of an object, with the reason when one does not fit.

use crate::devices::Rejection;
use crate::devices::json::{Json, Member, excerpt};

/// Greatest whole number that every JSON reader keeps exactly, 2^53 - 1 (RFC 8259, section 6).
pub const MAX_WHOLE: i64 = 9_007_199_254_740_991;
/// Longest text that is kept, characters.
const TEXT_MAX_CHARS: usize = 200;

/// The members of an object, sorted by name and each there once. `null` means absent.
#[derive(Clone, Copy)]
pub struct Members<'a, 'p>(pub &'a [Member<'p>]);

impl<'a, 'p> Members<'a, 'p> {
    /// Finds a member. `None`: absent or null.
    pub fn get(&self, name: &str) -> Option<&'a Json<'p>> {
        let at = self.0.binary_search_by(|(held, _)| held.as_ref().cmp(name)).ok()?;
        match &self.0[at].1 {
            Json::Null => None,
            value => Some(value),
        }
    }

    /// Finds a member that must be there.
    pub fn need(&self, name: &'static str) -> Result<&'a Json<'p>, Rejection> {
        self.get(name).ok_or(Rejection::MissingMember { member: name })
    }

    /// Gives a whole number within `least ..= most`; `limit` says so in words.
    pub fn int(
        &self,
        member: &'static str,
        (least, most): (i64, i64),
        limit: &'static str,
    ) -> Result<Option<i64>, Rejection> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let number = whole(member, value)?;
        if number.is_some_and(|number| (least..=most).contains(&number)) {
            return Ok(number);
        }
        Err(Rejection::OutOfRange { member, found: value.excerpt(), limit })
    }

    /// Gives a whole number of 0 or more.
    pub fn count(&self, member: &'static str) -> Result<Option<i64>, Rejection> {
        self.int(member, (0, MAX_WHOLE), "it is 0 or more, below 2^53")
    }

    /// Gives a whole number of either sign.
    pub fn level(&self, member: &'static str) -> Result<Option<i64>, Rejection> {
        self.int(member, (-MAX_WHOLE, MAX_WHOLE), "its size is below 2^53")
    }

    /// Gives a truth value.
    pub fn flag(&self, member: &'static str) -> Result<Option<bool>, Rejection> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(wrong_type(member, "true or false", other)),
        }
    }

    /// Gives a text.
    pub fn text(&self, member: &'static str) -> Result<Option<&'a str>, Rejection> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::Text(value)) => Ok(Some(value)),
            Some(other) => Err(wrong_type(member, "text", other)),
        }
    }

    /// Gives a text that must be there.
    pub fn need_text(&self, member: &'static str) -> Result<&'a str, Rejection> {
        self.text(member)?.ok_or(Rejection::MissingMember { member })
    }

    /// Gives a text of 1 to 200 characters, without control characters (PostgreSQL cannot hold U+0000).
    pub fn name(&self, member: &'static str) -> Result<Option<String>, Rejection> {
        let Some(text) = self.text(member)? else { return Ok(None) };
        let fits = !text.is_empty() && text.chars().count() <= TEXT_MAX_CHARS && !text.chars().any(char::is_control);
        if fits { Ok(Some(text.to_owned())) } else { Err(Rejection::BadText { member, found: excerpt(text) }) }
    }

    /// Gives a name that must be there.
    pub fn need_name(&self, member: &'static str) -> Result<String, Rejection> {
        self.name(member)?.ok_or(Rejection::MissingMember { member })
    }
}

/// Says that a member has the wrong type.
pub fn wrong_type(member: &'static str, expected: &'static str, value: &Json<'_>) -> Rejection {
    Rejection::WrongType { member, expected, found: value.excerpt() }
}

/// Gives a whole number, also where it is written with a fraction of zero. `Ok(None)`: whole, but too large to keep.
fn whole(member: &'static str, value: &Json<'_>) -> Result<Option<i64>, Rejection> {
    match value {
        Json::Int(number) => Ok(Some(*number)),
        Json::Large(_) => Ok(None),
        Json::Float(number) if number.fract() == 0.0 => Ok(format!("{number:.0}").parse().ok()),
        Json::Float(_) | Json::Null | Json::Bool(_) | Json::Text(_) | Json::Array(_) | Json::Object(_) => {
            Err(wrong_type(member, "a whole number", value))
        }
    }
}
