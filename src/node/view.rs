//! What a node shows of itself: plain values, the same for a table on a terminal and for `--json`.

use crate::addr::{InterfaceId, Mac, NodeId, VpnInstance};
use crate::auth::KeyId;
pub use crate::mirror::batch::{FdbHost, Via};
use crate::neighbor::{Attachment, Flags};
pub use crate::node::admission::{AdmissionView, LimitView, Priority, Scope};
pub use crate::node::hardware::{PeerState, Reason};
use crate::node::io::Event;
pub use crate::node::proof_view::{ExceptionView, ExceptionsView, ProofView, ReasonView};
pub use crate::node::ready::{Missing, Ready};
use crate::peering::{ConnectMode, GroupFacts, TcpSigning, TtlSecurity};
use crate::sai::Status;
use crate::sai::id::{self, Oid};
use crate::session::io::{DownReason, Role};
pub use crate::table::desired::{Because, Hop, Refusal};
pub use crate::table::fdb::FdbVerdict;
pub use crate::table::trail::{Asked, What};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// Established?
    pub up: bool,
    /// Why not, when not; the last reason when up again.
    pub reason: Option<DownReason>,
    /// This device.
    pub node: Option<NodeId>,
    /// The peer, once it said hello.
    pub peer_node: Option<NodeId>,
    /// The DFS group.
    pub group: Option<u16>,
    /// The source address.
    pub source: Option<IpAddr>,
    /// The peer's address.
    pub peer: Option<IpAddr>,
    /// The VPN instance.
    pub vpn: Option<VpnInstance>,
    /// The port.
    pub port: Option<u16>,
    /// Who opened the connection.
    pub role: Option<Role>,
    /// The hold time in force, in milliseconds.
    pub hold_ms: Option<u64>,
    /// The ids of the keys that are configured, the highest first; none: nobody is authenticated.
    #[serde(default)]
    pub keys: Vec<KeyId>,
    /// The key that the peer proved, when up and authenticated.
    #[serde(default)]
    pub key: Option<KeyId>,
    /// Which side dials.
    #[serde(default)]
    pub connect: ConnectMode,
    /// How far away the peer may be.
    #[serde(default)]
    pub ttl: TtlSecurity,
    /// How TCP signs segments.
    #[serde(default)]
    pub tcp: Option<TcpSigning>,
    /// The group as this device has it …
    #[serde(default)]
    pub facts: Option<GroupFacts>,
    /// … and as the peer said when the session came up, if it differs from the defaults there.
    #[serde(default)]
    pub peer_facts: Option<GroupFacts>,
    /// For how long it has been up or down, in milliseconds.
    pub since_ms: u64,
    /// True once the peer has named everything it claims.
    pub received_end: bool,
    /// True when claims of the peer's were not kept, because it claims more than this device holds for it.
    #[serde(default)]
    pub truncated: bool,
    /// For how long the copy has been stale: the session was lost and has not come to END since.
    pub stale_ms: Option<u64>,
    /// Claims that await a sweep, because they are most of the copy.
    pub awaits_sweep: u64,
    /// True once we have named everything we claim.
    pub sent_end: bool,
    /// What was proved in both directions.
    #[serde(default)]
    pub proof: Box<ProofView>,
}

/// Which table a neighbour row speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// This device's claim.
    Local,
    /// The peer's claim.
    Remote,
    /// A local static entry.
    Static,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighborView {
    /// The VRF of the interface, where it is bound.
    pub vrf: Option<VpnInstance>,
    /// The interface.
    pub interface: InterfaceId,
    /// The address.
    pub ip: IpAddr,
    /// The MAC.
    pub mac: Mac,
    /// Whose.
    pub origin: Origin,
    /// Where it hangs.
    pub attachment: Attachment,
    /// Facts beside.
    pub flags: Flags,
    /// The mobility counter.
    pub counter: u32,
    /// Does it win?
    pub wins: bool,
    /// What the peer's hardware has done of it, where it is told of it and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerState>,
    /// Its place in the order of this device's changes, where the peer is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}

/// What the mirror believes of one entry of the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum HostState {
    /// Held as wanted.
    Programmed,
    /// Wanted, and on its way.
    Pending,
    /// Ours from before a restart; whether it is wanted is not known yet.
    Adopted,
    /// Not wanted any more, and on its way out.
    Removing,
    /// Not known: to be read back.
    Unknown,
    /// Refused by the ASIC; tried again when room appears.
    Parked {
        /// The SAI status.
        status: Status,
    },
    /// Refused by the ASIC as wrong; not tried again until it changes.
    Failed {
        /// The SAI status.
        status: Status,
    },
    /// Somebody else writes it; it is programmed again now and then.
    Contested,
    /// Refused before the ASIC was asked.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// One row of the host table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostView {
    /// The VRF.
    pub vrf: Option<VpnInstance>,
    /// The interface.
    pub interface: InterfaceId,
    /// The address.
    pub ip: IpAddr,
    /// The MAC that is wanted there.
    pub mac: Option<Mac>,
    /// The MAC that is known to be there.
    pub programmed: Option<Mac>,
    /// How far it is.
    #[serde(flatten)]
    pub state: HostState,
}

/// Everything that is known of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WhyView {
    /// The VRF of the interface, where it is bound.
    pub vrf: Option<VpnInstance>,
    /// The interface.
    pub interface: InterfaceId,
    /// The address.
    pub ip: IpAddr,
    /// This device's claim and the peer's, as far as there are any.
    pub claims: Vec<NeighborView>,
    /// Why the one that counts does.
    pub because: Because,
    /// What follows for the ASIC.
    pub decision: Decision,
    /// Other interfaces of the VRF on which the address is claimed, too.
    pub elsewhere: Vec<InterfaceId>,
    /// It moved too often, and this device's claim is not raised for so many milliseconds more.
    pub frozen_ms: Option<u64>,
    /// How far the ASIC is.
    pub host: Option<HostView>,
    /// Where its MAC lies, where we keep the FDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fdb: Option<FdbState>,
    /// Its host route, on a routed interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteState>,
    /// What happened to it of late, oldest first.
    pub events: Vec<WhyEvent>,
}

/// Where a MAC lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FdbState {
    /// Where it should lie.
    pub decision: FdbVerdict,
    /// The port on which the hardware heard it, as far as is known.
    pub heard_on: Option<Oid<id::BridgePort>>,
    /// The entry of ours that is known to be there.
    pub held: Option<FdbHost>,
    /// How far it is; `None` when the entry is the hardware's.
    pub state: Option<HostState>,
}

/// A host route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RouteState {
    /// By which next hop the host should be reached; `None`: there is to be no route.
    pub hop: Option<Hop>,
    /// The route that is known to be there.
    pub held: Option<Via>,
    /// How far it is.
    pub state: Option<HostState>,
}

/// What is to be in the ASIC, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum Decision {
    /// Nothing.
    Nothing,
    /// Nothing, although it is claimed.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// This, and the NOS programs it.
    Nos {
        /// The MAC.
        mac: Mac,
    },
    /// This, and we program it.
    Ours {
        /// The MAC.
        mac: Mac,
    },
}

/// Something that happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WhyEvent {
    /// So many milliseconds ago.
    pub ago_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Where a page ends, to go on from there. Opaque: rows that live through all pages are shown once; others may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub u32);

/// Some rows of a longer table, in no order that means anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where to go on; `None` when the table ends here. A page may be empty and yet not be the last: a filter looks
    /// at a bounded number of rows at a time.
    pub next: Option<Cursor>,
}

/// Which claims are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NeighborFilter {
    /// Only this interface's.
    pub interface: Option<InterfaceId>,
    /// Only this address's.
    pub ip: Option<IpAddr>,
    /// Only this MAC's.
    pub mac: Option<Mac>,
    /// Only this table's.
    pub origin: Option<Origin>,
}

/// Which hosts are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFilter {
    /// Only this interface's.
    pub interface: Option<InterfaceId>,
    /// Only this address's.
    pub ip: Option<IpAddr>,
    /// Only this MAC's, wanted or programmed.
    pub mac: Option<Mac>,
    /// Only those that are not as wanted.
    pub trouble: bool,
}

/// What happened of late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryView {
    /// The newest last.
    pub entries: Vec<HistoryEntry>,
    /// Events before these.
    pub forgotten: u64,
    /// How often the channel was said to be down, by the reason's stable name.
    pub downs: Vec<ReasonCount>,
}

/// An event that people ask about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// How long ago it happened first, in milliseconds.
    pub first_ago_ms: u64,
    /// How long ago it happened last, without another event in between.
    pub last_ago_ms: u64,
    /// How often.
    pub times: u64,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The reason's stable name.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// Counts since start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Local claims now.
    pub local: u64,
    /// Claims of the peer's now.
    pub remote: u64,
    /// Claims of the peer's that were not kept.
    pub turned_away: u64,
    /// Hosts wanted in the ASIC now.
    pub wanted: u64,
    /// Hosts known to be in the ASIC as wanted now.
    pub programmed: u64,
    /// Claims refused now.
    pub refused: u64,
    /// How many, by reason; hosts for which the ASIC has no room among them, which are parked and not refused.
    #[serde(default)]
    pub refusals: BTreeMap<Refusal, u64>,
    /// Hosts that moved too often, whose claim is not raised for a while.
    #[serde(default)]
    pub frozen: u64,
    /// Times that a claim was raised above the peer's because the host was heard here.
    #[serde(default)]
    pub moves: u64,
    /// Local static entries that the peer contradicts now.
    #[serde(default)]
    pub statics_disputed: u64,
    /// Local claims that were not kept: one address on too many interfaces of a VRF.
    #[serde(default)]
    pub local_turned_away: u64,
    /// Hosts parked or failed now.
    pub parked: u64,
    /// Pieces of local evidence.
    pub evidence: u64,
    /// Entries sent: upserts.
    pub sent_upserts: u64,
    /// Entries sent: deletes.
    pub sent_deletes: u64,
    /// Entries received: upserts.
    pub received_upserts: u64,
    /// Entries received: deletes.
    pub received_deletes: u64,
    /// Claims removed because a full sync did not name them.
    pub swept: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Bytes received.
    pub received_bytes: u64,
    /// Times that a session came up.
    pub sessions: u64,
    /// Full syncs received to their END.
    pub syncs: u64,
    /// Batches that the ASIC answered.
    pub batches: u64,
    /// SAI calls that wrote or read neighbour entries.
    pub sai_calls: u64,
    /// Entries created.
    pub creates: u64,
    /// Entries whose MAC was set.
    pub sets: u64,
    /// Entries removed.
    pub removes: u64,
    /// Entries read back.
    pub reads: u64,
    /// Outcomes that were refusals.
    pub asic_refusals: u64,
    /// Outcomes that were unknown.
    pub asic_unknowns: u64,
    /// FDB entries and host routes that were pointed elsewhere because a member went down or came up.
    #[serde(default)]
    pub repointed: u64,
    /// Time inside SAI, in nanoseconds.
    pub asic_ns: u64,
    /// Entries that were read back although they were believed to be as they should be.
    #[serde(default)]
    pub scrubbed: u64,
    /// Times that everything was read back.
    #[serde(default)]
    pub scrub_rounds: u64,
    /// Entries that were found otherwise, and programmed again.
    #[serde(default)]
    pub repaired: u64,
    /// Entries that somebody else writes, now.
    #[serde(default)]
    pub contested: u64,
    /// Entries in the ASIC on interfaces of ours that are not ours, when it was looked last.
    #[serde(default)]
    pub foreign: u64,
    /// Times that something found no room in the journal since that is full; zero while it has room.
    #[serde(default)]
    pub unrecorded: u64,
    /// Time from the BEGIN of the last full sync received to its last SAI status, in nanoseconds.
    pub last_sync_ns: u64,
}
