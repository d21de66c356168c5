//! A device's password in the form in which it is kept: Mosquitto's PBKDF2-SHA512, `$7$iterations$salt$hash`.
//!
//! Owns the form's writing, reading and checking. Draws nothing itself: password and salt come in.
//!
//! # Why
//! - **Mosquitto's form** and not the Argon2id of people's passwords: the same secret must open the embedded broker and Mosquitto, and
//!   the plain password is kept nowhere, so there is nothing to turn into another form later.
//! - **Few iterations for drawn passwords**: one of 128 random bits cannot be guessed however cheap a guess is, and Mosquitto checks
//!   passwords in the one thread that also carries every message. A password that a person chose gets many.

use std::fmt;
use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2;

/// Bytes of the salt, as Mosquitto 2 writes it.
pub const SALT_BYTES: usize = 12;
/// Iterations for a password of 128 random bits.
pub const ITERATIONS_DRAWN: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");
/// Iterations for a password that a person chose (OWASP, Password Storage Cheat Sheet, asks for 210 000 with SHA-512).
pub const ITERATIONS_CHOSEN: NonZeroU32 = NonZeroU32::new(210_000).expect("not zero");
/// More would hold up whoever checks: a second and above.
const ITERATIONS_MOST: u32 = 1_000_000;
const HASH_BYTES: usize = 64;

/// Why a text is not the form of a password. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Not four parts that begin with `$7$`.
    #[error("a kept password is `$7$iterations$salt$hash`; make it anew with `phanloai device rotate`")]
    Parts,
    /// Iterations that are no number, none, or too many.
    #[error("a kept password has 1 to 1000000 iterations; make it anew with `phanloai device rotate`")]
    Iterations,
    /// Salt or hash is not base64 of the right length.
    #[error("salt and hash of a kept password are base64; make it anew with `phanloai device rotate`")]
    Encoding,
}

/// A password's form: enough to check it, not to know it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordForm {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash: [u8; HASH_BYTES],
}

impl PasswordForm {
    /// Makes the form of a password. Takes about a microsecond an iteration.
    pub fn of(password: &[u8], salt: [u8; SALT_BYTES], iterations: NonZeroU32) -> Self {
        let mut hash = [0; HASH_BYTES];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, iterations, &salt, password, &mut hash);
        Self { iterations, salt: salt.to_vec(), hash }
    }

    /// Reads a kept form.
    ///
    /// # Errors
    /// It has another shape, impossible iterations, or is not base64.
    pub fn parse(text: &str) -> Result<Self, FormError> {
        let parts: Vec<&str> = text.strip_prefix("$7$").ok_or(FormError::Parts)?.split('$').collect();
        let [iterations, salt, hash] = parts[..] else { return Err(FormError::Parts) };
        let iterations = iterations.parse().ok().filter(|count: &u32| *count <= ITERATIONS_MOST);
        let iterations = iterations.and_then(NonZeroU32::new).ok_or(FormError::Iterations)?;
        let salt = STANDARD.decode(salt).map_err(|_| FormError::Encoding)?;
        let hash = STANDARD.decode(hash).ok().and_then(|hash| hash.try_into().ok()).ok_or(FormError::Encoding)?;
        Ok(Self { iterations, salt, hash })
    }

    /// Tells whether a password is the one, in constant time. Takes about a microsecond an iteration: call it off the async threads.
    pub fn matches(&self, password: &[u8]) -> bool {
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA512, self.iterations, &self.salt, password, &self.hash).is_ok()
    }
}

impl fmt::Display for PasswordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$7${}${}${}", self.iterations, STANDARD.encode(&self.salt), STANDARD.encode(self.hash))
    }
}

impl fmt::Debug for PasswordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `mosquitto_passwd -b` of Mosquitto 2.0.11 for the password `mot mat khau dai`.
    const MOSQUITTOS: &str = "$7$101$ETiA/NaUZIzEDRbo$rIRaReLEBrY0RwAEeII442uueS7l4A5A+FJfVjemRNDpchDMKayXnoNapd2ZIV8/HFr9O3DlCgi0xs5sEmwW3A==";

    #[test]
    fn a_form_that_mosquitto_wrote_is_read_checked_and_written_back() {
        let form = PasswordForm::parse(MOSQUITTOS).unwrap();
        assert!(form.matches(b"mot mat khau dai"));
        assert!(!form.matches(b"mot mat khau sai") && !form.matches(b""));
        assert_eq!(form.to_string(), MOSQUITTOS);
        assert!(!format!("{form:?}").contains('$'));
    }

    #[test]
    fn a_password_is_told_from_others_by_its_own_form_only() {
        let form = PasswordForm::of(b"secret", [7; SALT_BYTES], ITERATIONS_DRAWN);
        let other = PasswordForm::of(b"secret", [8; SALT_BYTES], ITERATIONS_DRAWN);
        assert!(form.to_string().starts_with("$7$1000$BwcHBwcHBwcHBwcH$"));
        assert_ne!(form.to_string(), other.to_string());
        assert!(PasswordForm::parse(&form.to_string()).unwrap().matches(b"secret"));
        assert!(!form.matches(b"Secret"));
    }

    #[test]
    fn what_is_no_form_is_refused_without_being_repeated() {
        let parse = |text: &str| PasswordForm::parse(text).err();
        for text in ["", "secret", "$6$101$AAAA$AAAA", "$7$101$AAAA", "$7$101$AAAA$AAAA$AAAA"] {
            assert_eq!(parse(text), Some(FormError::Parts), "{text}");
        }
        for text in ["$7$0$AAAA$AAAA", "$7$-1$AAAA$AAAA", "$7$9999999$AAAA$AAAA", "$7$x$AAAA$AAAA"] {
            assert_eq!(parse(text), Some(FormError::Iterations), "{text}");
        }
        for text in ["$7$101$A$AAAA", "$7$101$AAAA$AAAA", "$7$101$AAAA$*"] {
            assert_eq!(parse(text), Some(FormError::Encoding), "{text}");
        }
    }
}
