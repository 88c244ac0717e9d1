//! What a session shows of itself.

use super::io::{DownReason, Role};
use crate::addr::NodeId;
use crate::auth::KeyId;
use crate::peering::GroupFacts;
use crate::time::Time;
use std::time::Duration;

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Established?
    pub up: bool,
    /// Why not; the last reason when up.
    pub reason: DownReason,
    /// Since when it is up or down.
    pub since: Time,
    /// The peer, when up.
    pub peer: Option<NodeId>,
    /// Who opened the connection, when up.
    pub role: Option<Role>,
    /// The key that the peer proved, when up and authenticated.
    pub key: Option<KeyId>,
    /// The group as the peer has it, when up and it says so.
    pub peer_facts: Option<GroupFacts>,
    /// The hold time in force, when up.
    pub hold: Option<Duration>,
    /// The peer has named everything since this connection came up.
    pub received_end: bool,
    /// We have named everything since this connection came up.
    pub sent_end: bool,
}

/// Counts since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Times that a session came up.
    pub sessions: u64,
    /// Times that a newer connection took over from the established one.
    pub superseded: u64,
    /// Dials.
    pub dials: u64,
    /// Connections from addresses that are not the peer's.
    pub strangers: u64,
    /// Connections that made room for a newer one before their HELLO.
    pub crowded_out: u64,
    /// HELLOs refused.
    pub refused_hellos: u64,
    /// Of these, those that did not authenticate.
    pub refused_auths: u64,
    /// Sessions that ended with a wrong tag.
    pub not_authentic: u64,
    /// Times that a connection was to be replaced by a newer one of the same configuration.
    pub renewals: u64,
    /// Segments that the kernel threw away without telling anybody else.
    pub dropped_segments: u64,
    /// Frames or sequences of frames that broke the protocol.
    pub faults: u64,
    /// Sessions on which we went on where the peer's copy stood.
    pub resumed: u64,
    /// Full syncs that we asked the peer for.
    pub asked_resyncs: u64,
    /// Full syncs that the peer asked for.
    pub served_resyncs: u64,
    /// Neighbours of the peer's that were confirmed to it.
    pub sent_confirms: u64,
    /// Upserts sent.
    pub sent_upserts: u64,
    /// Deletes sent.
    pub sent_deletes: u64,
    /// Upserts received.
    pub received_upserts: u64,
    /// Deletes received.
    pub received_deletes: u64,
    /// Frames received on established sessions.
    pub received_frames: u64,
    /// Bytes handed to connections.
    pub sent_bytes: u64,
    /// Bytes taken from connections.
    pub received_bytes: u64,
}
