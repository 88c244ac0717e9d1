//! What is in force: the running configuration, and what a commit changed in it.

use std::fmt;

use serde::Serialize;

use super::peer_link::PeerLink;
use super::setting::Settings;
use crate::addr::DfsGroupId;
use crate::auth::{KeyRing, Psk};

/// The running configuration. By default there is no DFS group, hence no channel (PL-01).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// The device's one DFS group: a device is one half of one pair.
    pub dfs_group: Option<DfsGroup>,
}

/// A DFS group as committed: at most one form of the channel, whatever the candidate held (PL-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DfsGroup {
    /// The number that both devices give the pair (PL-09).
    pub id: DfsGroupId,
    /// Where the channel runs; none by default (PL-01).
    pub peer_link: Option<PeerLink>,
    /// The other lines.
    pub settings: Settings,
}

impl DfsGroup {
    /// A group with nothing in it.
    pub fn new(id: DfsGroupId) -> Self {
        Self { id, peer_link: None, settings: Settings::default() }
    }

    /// Its keys, each derived from its password, which takes a fraction of a second.
    pub fn key_ring(&self) -> KeyRing {
        let mut ring = KeyRing::default();
        for (id, password) in &self.settings.keys {
            ring.insert(*id, Psk::derive(self.id.number(), *id, password));
        }
        ring
    }
}

impl Config {
    /// The configured channel.
    pub fn peer_link(&self) -> Option<&PeerLink> {
        self.dfs_group.as_ref()?.peer_link.as_ref()
    }
}

impl fmt::Display for Config {
    /// The lines that make this configuration, as a file holds them, but for the passwords, which are masked; nothing if
    /// there is nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(group) = &self.dfs_group else { return Ok(()) };
        writeln!(f, "dfs-group {}", group.id)?;
        if let Some(link) = &group.peer_link {
            writeln!(f, " {link}")?;
        }
        group.settings.configured().iter().try_for_each(|setting| writeln!(f, " {setting}"))
    }
}

/// What a commit did to the running configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: the candidate said what was in force already (PL-17).
    Nothing,
    /// Something.
    Applied {
        /// The group that was in force.
        before: Option<Box<DfsGroup>>,
        /// The group that is.
        after: Option<Box<DfsGroup>>,
    },
}

/// What a [`Change`] means for the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelChange<'a> {
    /// It goes on as it is.
    Keep,
    /// There was none, and there is one now.
    Open(&'a DfsGroup, &'a PeerLink),
    /// There was one: say goodbye, received entries become stale.
    Close(&'a DfsGroup, &'a PeerLink),
    /// The same channel with other times, keys or facts: the session that stands goes on with it. What keeps others out
    /// counts for the next connection, which takes the place of this one without a loss.
    Adjust(&'a DfsGroup, &'a PeerLink),
    /// Another line, form or group: make the new one before the old one is broken, keep the entries (PL-17).
    Replace {
        /// The channel that was.
        before: (&'a DfsGroup, &'a PeerLink),
        /// The channel that is to be.
        after: (&'a DfsGroup, &'a PeerLink),
    },
}

impl Change {
    pub(super) fn between(before: Option<DfsGroup>, after: Option<DfsGroup>) -> Self {
        if before == after {
            Self::Nothing
        } else {
            Self::Applied { before: before.map(Box::new), after: after.map(Box::new) }
        }
    }

    /// What the edge has to do about the channel.
    pub fn channel(&self) -> ChannelChange<'_> {
        let Self::Applied { before, after } = self else { return ChannelChange::Keep };
        match (channel_of(before), channel_of(after)) {
            (None, None) => ChannelChange::Keep,
            (None, Some((group, link))) => ChannelChange::Open(group, link),
            (Some((group, link)), None) => ChannelChange::Close(group, link),
            (Some(before), Some((group, link))) if (before.0.id, before.1) == (group.id, link) => {
                ChannelChange::Adjust(group, link)
            }
            (Some(before), Some(after)) => ChannelChange::Replace { before, after },
        }
    }
}

fn channel_of(group: &Option<Box<DfsGroup>>) -> Option<(&DfsGroup, &PeerLink)> {
    let group = group.as_ref()?;
    Some((group, group.peer_link.as_ref()?))
}
