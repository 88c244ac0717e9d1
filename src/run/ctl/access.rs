//! Who may look, and who may change (PL-16).
//!
//! The daemon's own user and root have the configuration level. Others may only look, and only where the platform file
//! lets them: `monitors` is nobody (the default), everyone, or a group. Who somebody is the kernel says (SO_PEERCRED),
//! nothing that is sent over the socket.
//!
//! Invariant: every request is of one level ([`Request::level`](super::protocol::Request::level)), decided in one place.

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::{Gid, Group, chown, geteuid};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// What somebody at the control socket may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Look.
    Monitoring,
    /// Look and change.
    Configuration,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Monitoring => "monitoring",
            Level::Configuration => "configuration",
        })
    }
}

/// Who may look beside the daemon's user and root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Monitors {
    /// Nobody.
    #[default]
    Nobody,
    /// Everyone on this machine.
    Everyone,
    /// The members of this group.
    Group(String),
}

impl TryFrom<String> for Monitors {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["nobody"] => Ok(Monitors::Nobody),
            ["everyone"] => Ok(Monitors::Everyone),
            ["group", name] => Ok(Monitors::Group(name.to_owned())),
            _ => Err(format!("'{text}' says not who may look: write nobody, everyone or group NAME")),
        }
    }
}

impl From<Monitors> for String {
    fn from(monitors: Monitors) -> String {
        match monitors {
            Monitors::Nobody => "nobody".to_owned(),
            Monitors::Everyone => "everyone".to_owned(),
            Monitors::Group(name) => format!("group {name}"),
        }
    }
}

impl Monitors {
    /// The rights of the socket's file.
    pub(super) fn mode(&self) -> u32 {
        match self {
            Monitors::Nobody => 0o600,
            Monitors::Everyone => 0o666,
            Monitors::Group(_) => 0o660,
        }
    }

    /// Gives the socket's file to the group, where there is one.
    pub(super) fn hand_over(&self, path: &Path) -> io::Result<()> {
        let Monitors::Group(name) = self else { return Ok(()) };
        let group = match name.parse() {
            Ok(number) => Some(Gid::from_raw(number)),
            Err(_) => Group::from_name(name)?.map(|group| group.gid),
        };
        let group = group.ok_or_else(|| io::Error::other(format!("there is no group {name}")))?;
        Ok(chown(path, None, Some(group))?)
    }
}

/// What the process at the other end may do. One that cannot be named may only look.
pub(super) fn level_of(stream: &UnixStream) -> Level {
    let own = geteuid().as_raw();
    match getsockopt(stream, PeerCredentials) {
        Ok(peer) if peer.uid() == own || peer.uid() == 0 => Level::Configuration,
        _ => Level::Monitoring,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_read_back_and_others_are_refused() {
        for text in ["nobody", "everyone", "group netops"] {
            let monitors = Monitors::try_from(text.to_owned()).expect("legal");
            assert_eq!(String::from(monitors), text);
        }
        for text in ["", "all", "group", "group a b"] {
            Monitors::try_from(text.to_owned()).expect_err(text);
        }
    }
}
