//! The profile: key=value pairs that a library asks for while it starts.
//!
//! Does not hold how C reads them: `service`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ffi::CString;
use std::str::FromStr;
use thiserror::Error;

/// Key=value pairs in the order in which they were stated; keys are unique.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Profile {
    entries: Vec<(CString, CString)>,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProfileError {
    /// A line without `=`.
    #[error("line {line}: '{text}' is not key=value")]
    NoPair {
        /// Counted from 1.
        line: usize,
        /// The line.
        text: String,
    },
    /// In a line: the pair is not acceptable.
    #[error("line {line}: {source}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// Why.
        source: Box<ProfileError>,
    },
    /// Nothing before the `=`.
    #[error("a key is empty")]
    NoKey,
    /// C strings end at a zero byte.
    #[error("'{0}' has a zero byte in its key or value")]
    Zero(String),
    /// The key is there already.
    #[error("'{0}' is stated twice")]
    Twice(String),
}

impl Profile {
    /// An empty profile.
    pub fn new() -> Self {
        Profile::default()
    }

    /// Adds a pair at the end.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), ProfileError> {
        let c = |s: &str| CString::new(s).map_err(|_| ProfileError::Zero(key.replace('\0', "\\0")));
        if key.is_empty() {
            return Err(ProfileError::NoKey);
        }
        if self.value(key).is_some() {
            return Err(ProfileError::Twice(key.to_owned()));
        }
        self.entries.push((c(key)?, c(value)?));
        Ok(())
    }

    /// States a pair, over the one that the key had.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ProfileError> {
        self.entries.retain(|(known, _)| known.as_bytes() != key.as_bytes());
        self.insert(key, value)
    }

    /// With one more pair.
    pub fn with(mut self, key: &str, value: &str) -> Result<Self, ProfileError> {
        self.insert(key, value)?;
        Ok(self)
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// The pairs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        const UTF8: &str = "made from str, cut nowhere";
        self.entries.iter().map(|(k, v)| (k.to_str().expect(UTF8), v.to_str().expect(UTF8)))
    }

    /// The pairs as C sees them.
    pub(super) fn entries(&self) -> &[(CString, CString)] {
        &self.entries
    }

    /// The keys in which both differ.
    pub(super) fn differs_in(&self, other: &Profile) -> BTreeSet<String> {
        let one_way = |a: &Profile, b: &Profile| -> Vec<String> {
            a.iter().filter(|(k, v)| b.value(k) != Some(v)).map(|(k, _)| k.to_owned()).collect()
        };
        one_way(self, other).into_iter().chain(one_way(other, self)).collect()
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    /// One `key=value` a line, spaces around either ignored; empty lines and lines that begin with `#` are skipped.
    fn from_str(s: &str) -> Result<Self, ProfileError> {
        let mut profile = Profile::new();
        for (n, text) in s.lines().enumerate() {
            let (line, text) = (n + 1, text.trim());
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let Some((key, value)) = text.split_once('=') else {
                return Err(ProfileError::NoPair { line, text: text.to_owned() });
            };
            let pair = profile.insert(key.trim_end(), value.trim_start());
            pair.map_err(|source| ProfileError::Line { line, source: Box::new(source) })?;
        }
        Ok(profile)
    }
}

impl TryFrom<Vec<(String, String)>> for Profile {
    type Error = ProfileError;
    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, ProfileError> {
        pairs.iter().try_fold(Profile::new(), |profile, (key, value)| profile.with(key, value))
    }
}

impl From<Profile> for Vec<(String, String)> {
    fn from(profile: Profile) -> Self {
        profile.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_in_order_and_skips_comments() {
        let profile: Profile = "# ports\nb = 2\n\n  a=1=1 \n#c=3\nempty=\n".parse().unwrap();
        let pairs: Vec<_> = profile.iter().collect();
        assert_eq!(pairs, [("b", "2"), ("a", "1=1"), ("empty", "")]);
    }

    #[test]
    fn wrong_lines_are_named_by_number() {
        let error = |text: &str| text.parse::<Profile>().unwrap_err().to_string();
        assert_eq!(error("a=1\n\nnonsense"), "line 3: 'nonsense' is not key=value");
        assert_eq!(error("a=1\n=2"), "line 2: a key is empty");
        assert_eq!(error("a=1\n#\na = 2"), "line 3: 'a' is stated twice");
        assert_eq!(error("a=1\0"), "line 1: 'a' has a zero byte in its key or value");
    }

    #[test]
    fn says_in_which_keys_two_differ() {
        let one: Profile = "a=1\nb=2\nc=3".parse().unwrap();
        let other: Profile = "c=3\na=9\nd=4".parse().unwrap();
        assert_eq!(one.differs_in(&other).into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    }
}
