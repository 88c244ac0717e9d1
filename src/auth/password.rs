//! A password within its bounds, which nobody is shown.

use crate::limits;
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// What is shown instead of a password.
pub const MASK: &str = "******";

/// A password as it was configured: 8 to 80 printable ASCII characters without quotes.
///
/// It is compared in constant time, wiped when it goes, and neither shown nor serialised.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The words, for whoever derives a key from them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Why a word is no password. Says nothing of the word.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Too few or too many characters.
    #[error(
        "A password has {} to {} characters; this one has {length}.",
        limits::PASSWORD_MIN,
        limits::PASSWORD_MAX
    )]
    Length {
        /// How many there are.
        length: usize,
    },
    /// A character that terminals and files might change.
    #[error("A password is made of printable ASCII characters other than the quote; use other characters.")]
    Character,
    /// What is shown instead of a password.
    #[error("The password is masked; write the password itself.")]
    Masked,
}

impl FromStr for Password {
    type Err = PasswordError;

    fn from_str(word: &str) -> Result<Self, PasswordError> {
        if word == MASK {
            return Err(PasswordError::Masked);
        }
        if !word.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"') {
            return Err(PasswordError::Character);
        }
        if !(limits::PASSWORD_MIN..=limits::PASSWORD_MAX).contains(&word.len()) {
            return Err(PasswordError::Length { length: word.len() });
        }
        Ok(Password(Zeroizing::new(word.to_owned())))
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Password {
    /// The mask.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_exact() {
        let length = |n: usize| "x".repeat(n).parse::<Password>().err();
        assert_eq!(length(limits::PASSWORD_MIN - 1), Some(PasswordError::Length { length: 7 }));
        assert_eq!(length(limits::PASSWORD_MIN), None);
        assert_eq!(length(limits::PASSWORD_MAX), None);
        assert_eq!(length(limits::PASSWORD_MAX + 1), Some(PasswordError::Length { length: 81 }));
        for wrong in ["pass\tword", "passw\u{f6}rd", "pass\"word", "pass\nword"] {
            assert_eq!(wrong.parse::<Password>(), Err(PasswordError::Character), "{wrong:?}");
        }
        assert_eq!(MASK.parse::<Password>(), Err(PasswordError::Masked));
        assert!("with spaces, too ~".parse::<Password>().is_ok());
    }

    #[test]
    fn nothing_that_is_shown_holds_it() {
        let password: Password = "correct horse".parse().unwrap();
        assert_eq!(format!("{password} {password:?}"), "****** ******");
        assert_ne!(password, "correct house".parse().unwrap());
        assert_eq!(password, "correct horse".parse().unwrap());
    }
}
