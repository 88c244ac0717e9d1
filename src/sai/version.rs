//! Releases of the SAI API: which one a library is, and which ones can be used.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A release of the SAI API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(pub(super) sai_sys::releases::Release);

/// Not a release number.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("'{0}' is not a SAI release: write it as 1.9 or 1.18.1")]
pub struct VersionError(String);

impl Version {
    /// The oldest release whose attribute ids are the ones that this program speaks.
    pub const OLDEST: Version = Version(sai_sys::releases::Release::OLDEST);
    /// The release that this program was written against.
    pub const CURRENT: Version = Version(sai_sys::releases::Release::CURRENT);
    /// The first release that exports `sai_query_api_version`.
    pub const FIRST_TO_TELL: Version = Version::new(1, 10, 0);

    /// The release with these numbers.
    pub const fn new(major: u16, minor: u16, revision: u16) -> Version {
        Version(sai_sys::releases::Release { major, minor, revision })
    }

    /// Takes apart what `sai_query_api_version` gave.
    pub(super) fn from_raw(raw: u64) -> Option<Version> {
        sai_sys::releases::Release::from_api_version(raw).map(Version)
    }

    /// The number that `sai_query_api_version` gives for it.
    pub fn raw(self) -> u64 {
        self.0.api_version()
    }

    /// Can this program call a library of this release? What is newer than known has at least what is known: tables
    /// only grow at their end, within a major release.
    pub(super) fn is_usable(self) -> bool {
        self >= Version::OLDEST && self.0.major == Version::CURRENT.0.major
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(s: &str) -> Result<Self, VersionError> {
        let bad = || VersionError(s.to_owned());
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = s.split('.').collect();
        if !(2..=3).contains(&parts.len()) || !parts.iter().all(|part| digits(part)) {
            return Err(bad());
        }
        let number = |at: usize| parts.get(at).map_or(Ok(0), |p| p.parse::<u16>()).map_err(|_| bad());
        Ok(Version::new(number(0)?, number(1)?, number(2)?))
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;
    fn try_from(s: String) -> Result<Self, VersionError> {
        s.parse()
    }
}

impl From<Version> for String {
    fn from(v: Version) -> String {
        v.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_libraries_say() {
        assert_eq!("1.9".parse(), Ok(Version::new(1, 9, 0)));
        assert_eq!("1.18.1".parse(), Ok(Version::new(1, 18, 1)));
        for wrong in ["", "1", "1.", "1.x", "1.2.3.4", "+1.9", "1.99999", " 1.9"] {
            assert_eq!(wrong.parse::<Version>(), Err(VersionError(wrong.into())));
        }
        assert_eq!(Version::from_raw(11_801), Some(Version::CURRENT));
        assert_eq!(Version::new(1, 10, 2).raw(), 11_002);
    }

    #[test]
    fn usable_from_1_9_within_the_major_release() {
        assert!(!Version::new(1, 8, 99).is_usable());
        assert!(Version::new(1, 9, 0).is_usable());
        assert!(Version::new(1, 30, 0).is_usable());
        assert!(!Version::new(2, 0, 0).is_usable());
    }
}
