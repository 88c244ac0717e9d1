//! Everything that a node is told, and everything that it asks for.
//!
//! Invariant: an [`Input`] is a plain serialisable value. A log of `(Time, Input)` and the seed repeat a run exactly.

use crate::addr::{InterfaceId, Mac, MlagId, VpnInstance};
use crate::mirror::batch::{Batch, BatchDone, FdbHost, FdbOp, Owned, RouteOp, Via};
use crate::neighbor::Key;
pub use crate::node::admission::{Limits, Scope};
use crate::node::hardware::Reason;
pub use crate::node::kernel::{KernelSweep, KernelWant, KernelWord};
pub use crate::node::life::Lifetimes;
use crate::node::ready::Ready;
use crate::sai::id::{self, Domain, Oid};
use crate::session::io::{DownReason, SessionInput, Transport};
use crate::table::change::Position;
pub use crate::table::evidence::{Binding, Evidence, RifState};
pub use crate::table::ports::{
    FdbChange, FdbMode, FdbNews, Footing, LinkState, Member, PeerLink, Protection,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a node is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// For the session.
    Session(SessionInput),
    /// An interface that both devices share is bound here, or bound anew with other facts.
    Bind(Binding),
    /// The interface is gone: its entries are to be taken out of the ASIC.
    Unbind(InterfaceId),
    /// The members of an M-LAG: told anew whenever one of them changes.
    Member(Member),
    /// There is no such M-LAG any more.
    MemberGone(MlagId),
    /// The link between both devices: told anew whenever it changes.
    PeerLink(PeerLink),
    /// What happened in the FDB, in the order in which it did.
    Fdb(Vec<FdbNews>),
    /// Whether a bridge port can be protected, after it was probed; or how it stands after [`Output::Protect`] asked for
    /// it, or later if it fails by itself.
    Protection {
        /// Which port.
        port: Oid<id::BridgePort>,
        /// How it stands.
        state: Protection,
    },
    /// The NOS uses these neighbours for next hops of its own, or uses them no more. One that is used is not removed.
    InUse {
        /// Which.
        keys: Vec<Key>,
        /// It does.
        used: bool,
    },
    /// Local evidence, in the order in which it was heard.
    Evidence(Vec<Evidence>),
    /// A dump of everything that is known locally begins …
    DumpBegin,
    /// … and ends: local claims that it did not name are gone.
    DumpEnd,
    /// This device has reported everything it knew at start.
    LocalComplete,
    /// How many hosts may be in the ASIC, from now on.
    Limits(Limits),
    /// How long the peer's claims live on without a session, from now on.
    Lifetimes(Lifetimes),
    /// Nobody answered when these hosts were probed, as [`Event::Probe`] asked for: stale claims of the peer's to them end.
    Unanswered(Vec<Key>),
    /// Entries that are in the ASIC, or may be, and are ours: after a start, when all interfaces are bound, and before
    /// anything is heard of their hosts. In as many pieces as it takes.
    Adopt(Vec<Adopted>),
    /// The same of FDB entries.
    AdoptFdb(Vec<AdoptedFdb>),
    /// The same of host routes.
    AdoptRoutes(Vec<AdoptedRoute>),
    /// An operator releases a sweep that waits ([`Event::SweepHeld`]).
    Sweep,
    /// Somebody found that the ASIC does not hold these entries as they should be: they are read back, and programmed
    /// again where that is so.
    Repair(Vec<Key>),
    /// An operator has the peer name everything anew.
    Resync,
    /// A SAI call has not come back for so long; zero: it has.
    Hanging {
        /// Milliseconds.
        for_ms: u64,
    },
    /// News of the ASIC as a whole, from its notifications or from whoever restarts its SDK.
    Asic(AsicNews),
    /// The ASIC has listed what it holds, as [`Output::Survey`] asked for.
    Listed(Listed),
    /// The journal has no room, or has some again, or has been without for some more entries.
    Journal {
        /// Why it has none.
        full: Option<NoRoom>,
        /// So often something found no room since it is full.
        unrecorded: u64,
        /// Records that it has.
        records: u64,
    },
    /// The ASIC answered a batch.
    BatchDone(BatchDone),
    /// The ASIC answered a batch of FDB entries.
    FdbDone(BatchDone<FdbHost>),
    /// The ASIC answered a batch of host routes.
    RouteDone(BatchDone<Via>),
    /// The kernel is to be told of the peer's hosts: said before anything else is.
    KernelMirror,
    /// The kernel mirror has taken an [`Output::Kernel`].
    KernelTaken,
    /// Time passed.
    Wake,
}

/// News of the ASIC as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "asic")]
pub enum AsicNews {
    /// It takes no order any more. Nothing is asked of it until it is said to be back, and what it answers from now on
    /// proves nothing.
    Down {
        /// Why.
        why: AsicDown,
    },
    /// It, or its SDK, is back. Interfaces whose router interfaces have other ids now are bound anew before this is told, and
    /// after it was said to be down: then they are known to be the same ones, and what is on them is looked for there.
    Restarted {
        /// What was programmed is still there; or it is not, and everything is programmed again; or nobody knows, and
        /// everything is read back.
        intact: Option<bool>,
    },
}

/// Why the ASIC takes no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum AsicDown {
    /// The switch is said to be down.
    Switch,
    /// The switch is said to have failed.
    Failed,
    /// It, or its SDK, is being shut down or restarted.
    Shutdown,
    /// It answered so for as long as it was asked.
    Answers {
        /// Its status.
        status: crate::sai::Status,
    },
}

/// An entry of ours from before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The interface; it need not be bound any more.
    pub interface: InterfaceId,
    /// Its router interface.
    pub rif: Oid<id::RouterInterface>,
    /// The neighbour's address.
    pub ip: IpAddr,
    /// An operation was under way when the process ended: it may land at any time.
    pub doubt: bool,
}

/// Neighbours in the ASIC, or some of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Which, as far as the journal does not name them; `None`: the library cannot list.
    pub keys: Option<Vec<(Oid<id::RouterInterface>, IpAddr)>>,
    /// There are more: they are asked for next.
    pub more: bool,
    /// Time spent inside SAI, in nanoseconds.
    pub asic_ns: u64,
}

/// Why the journal cannot grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoRoom {
    /// The disk is full.
    DiskFull,
    /// The user's share of the disk is used up.
    Quota,
    /// The process may not write so large a file (`RLIMIT_FSIZE`), or the file system cannot hold one.
    FileLimit,
    /// It has as many records as it may.
    Bound,
    /// The system says something else, which is in the log.
    Refused,
}

impl NoRoom {
    /// What is to be done about it.
    pub fn advice(self) -> &'static str {
        match self {
            NoRoom::DiskFull => "make room on the disk of the journal",
            NoRoom::Quota => "raise the quota of the user whom the daemon runs as, or make room",
            NoRoom::FileLimit => "raise the limit on the size of files (LimitFSIZE= of the unit, ulimit -f)",
            NoRoom::Bound => {
                "more is recorded than any host table holds: tell whoever maintains this program"
            }
            NoRoom::Refused => "see the log for what the system says",
        }
    }
}

/// An FDB entry of ours from before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptedFdb {
    /// Where the MAC lies.
    pub domain: Domain,
    /// The MAC.
    pub mac: Mac,
    /// An operation was under way when the process ended: it may land at any time.
    pub doubt: bool,
}

/// A host route of ours from before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptedRoute {
    /// The virtual router.
    pub virtual_router: Oid<id::VirtualRouter>,
    /// The host's address.
    pub ip: IpAddr,
    /// Where the host was, as far as that is known: it is claimed by whoever wants a route to it in that virtual router.
    pub interface: InterfaceId,
    /// An operation was under way when the process ended: it may land at any time.
    pub doubt: bool,
}

/// Everything of ours from before a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// Neighbours.
    pub neighbors: Vec<Adopted>,
    /// FDB entries.
    pub fdb: Vec<AdoptedFdb>,
    /// Host routes; their next hops come with them.
    pub routes: Vec<AdoptedRoute>,
}

/// What a node asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Of the socket's owner.
    Transport(Transport),
    /// Of the SAI thread.
    Program(Batch),
    /// Of the SAI thread: FDB entries, in order with the other batches.
    Fdb(Batch<FdbOp>),
    /// Of the SAI thread: host routes, in order with the other batches.
    Route(Batch<RouteOp>),
    /// Of the SAI thread: what is sent to a bridge port is to leave by another one, or not any more. It is answered with
    /// [`Input::Protection`].
    Protect {
        /// A member of an M-LAG.
        port: Oid<id::BridgePort>,
        /// The peer-link.
        by: Oid<id::BridgePort>,
        /// It is.
        on: bool,
    },
    /// Of the journal: these entries are not ours any more, or are not there. To be taken in order with the batches.
    Disown(Vec<Owned>),
    /// Of the SAI thread: to list the neighbours that are in the ASIC, whosever they are, or to go on doing so. It is answered
    /// with [`Input::Listed`].
    Survey,
    /// Of the kernel mirror, where there is one ([`Input::KernelMirror`]).
    Kernel(KernelWord),
    /// News for people and for the NOS.
    Event(Event),
}

/// News.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum Event {
    /// The session is up.
    SessionUp {
        /// The peer's node id.
        peer: crate::addr::NodeId,
    },
    /// The session is down, or down for another reason than before.
    SessionDown {
        /// Why.
        #[serde(flatten)]
        reason: DownReason,
    },
    /// The peer begins to name everything.
    SyncBegan,
    /// The peer has named everything.
    SyncEnded {
        /// Claims of the peer's held now.
        claims: u64,
        /// Claims that were swept.
        swept: u64,
    },
    /// The peer named less than half of what is held of it: a table that large does not leave at once, so what it did not
    /// name stays until the stale timer ends or [`Input::Sweep`] comes.
    SweepHeld {
        /// Claims that are to be swept.
        claims: u64,
        /// Claims that it named.
        named: u64,
    },
    /// So many entries of ours from before the restart are claimed by nobody that they stay until the stale timer ends or
    /// [`Input::Sweep`] comes: a peer that came back without its table is more likely.
    LeftoversHeld {
        /// Entries.
        entries: u64,
    },
    /// Entries of ours from before the restart that nobody claims were removed.
    LeftoversSwept {
        /// Entries.
        entries: u64,
    },
    /// What awaited a sweep was swept.
    Swept {
        /// Claims.
        claims: u64,
    },
    /// What is held is not what the peer says it told. Nothing was swept; the peer is asked to name everything anew, after
    /// some attempts less often.
    CopyDiffers {
        /// Claims that it told.
        told: u64,
        /// Claims of these that are held.
        held: u64,
        /// So often in a row.
        times: u32,
    },
    /// The stale timer has ended: the session was lost and the peer has not come back to END.
    StaleEnded {
        /// Claims to single-homed hosts that were given up.
        gone: u64,
        /// Claims to others, for each of which [`Event::Probe`] was said.
        probed: u64,
    },
    /// The peer has been away for so long that its last claims were given up.
    GhostsEnded {
        /// Claims.
        gone: u64,
    },
    /// The peer left and said when it means to be back: the stale timer runs for that long.
    PeerRestarts {
        /// After how many milliseconds.
        after_ms: u64,
    },
    /// The copy was not what the peer told, and is again: so many of its buckets were told again.
    CopyRepaired {
        /// Of 1,024; all of them when the peer named everything anew.
        buckets: u64,
    },
    /// The copy is not what the peer told, and neither telling parts of it again nor all of it has helped: one of both
    /// devices is at fault. It is looked at again after a while.
    CopyUnrepaired {
        /// Claims that the peer told.
        told: u64,
        /// Claims of the peer's held now.
        held: u64,
    },
    /// What this device's ASIC holds is what the peer told, or it was waited for long enough: ports may be opened.
    SelfReady {
        /// Which of both.
        #[serde(flatten)]
        state: Ready,
    },
    /// The same of the peer, as it says; or that it does not say so any more.
    PeerReady {
        /// Which.
        #[serde(flatten)]
        state: Ready,
    },
    /// A host of ours answered the peer: it is not to be aged out.
    Confirmed {
        /// Which.
        key: Key,
    },
    /// Claims of the peer's are not kept: it claims more than this device holds for it.
    CopyTruncated {
        /// Claims of the peer's held now.
        claims: u64,
    },
    /// A member of an M-LAG went down or came up, and the hosts behind it are reached the other way now.
    Repointed {
        /// Which M-LAG.
        mlag: MlagId,
        /// FDB entries and host routes that were pointed elsewhere, one by one.
        entries: u64,
        /// The port was protected, or is not any more: one write for all that lies behind it.
        protected: bool,
        /// From the news to the last SAI status, in nanoseconds.
        elapsed_ns: u64,
    },
    /// A bridge port cannot be protected although it was said that it can: its hosts are pointed elsewhere one by one.
    ProtectionFailed {
        /// Which M-LAG's member it is, if any's.
        mlag: Option<MlagId>,
    },
    /// A member forwards again, and its bridge port does not leave its protection: its hosts are reached by the peer-link. It
    /// is asked again, after longer and longer pauses.
    ProtectionStuck {
        /// Which M-LAG's member it is, if any's.
        mlag: Option<MlagId>,
    },
    /// The peer-link has been down for as long as a lost peer is waited for: what has no other way goes. Or it is back.
    PeerLinkGivenUp {
        /// It is given up.
        given_up: bool,
    },
    /// A neighbour that nobody claims any more stays, because the NOS uses it for a next hop.
    KeptInUse {
        /// Which.
        key: Key,
    },
    /// Every claim that the sync brought has its final outcome in the ASIC.
    SyncProgrammed {
        /// From BEGIN to the last SAI status, in nanoseconds.
        elapsed_ns: u64,
    },
    /// The peer holds our claims up to this position of ours; the session goes on behind it.
    Resumed {
        /// The position.
        position: Position,
    },
    /// Everything up to this position of ours was handed to the channel for the first time since the session came up.
    EndSent {
        /// The position.
        position: Position,
    },
    /// The ASIC takes no order any more; nothing is programmed until it is back.
    AsicDown {
        /// Why.
        #[serde(flatten)]
        why: AsicDown,
    },
    /// The ASIC is back: what it should hold is programmed again, or read back first.
    AsicRestarted {
        /// What was programmed is said to be there still, or not.
        intact: Option<bool>,
        /// Entries that are looked at.
        entries: u64,
    },
    /// Everything that the ASIC should hold after its restart was found there, or was programmed again.
    AsicRestored {
        /// Entries that were looked at.
        entries: u64,
        /// Writes that it took: none where everything was there.
        written: u64,
    },
    /// An entry was not in the ASIC as it should be, although the ASIC had confirmed it, and is programmed again.
    Repaired {
        /// Which.
        key: Key,
        /// The MAC that was found there; none when nothing was.
        found: Option<Mac>,
    },
    /// So many more entries were repaired than were told of one by one.
    MoreRepaired {
        /// Entries.
        entries: u64,
    },
    /// An entry had to be repaired again and again: somebody else writes it. It is left as it is for a while.
    Contested {
        /// Which.
        key: Key,
        /// The MAC that was found there last; none when nothing was.
        found: Option<Mac>,
    },
    /// The ASIC says that it is done before it is, or not: from now on every entry is read back before it counts, or is not
    /// any more.
    Asynchronous {
        /// It says so before.
        early: bool,
    },
    /// Entries in the ASIC on interfaces of ours that are not ours, each time that their number changes; they are never
    /// touched.
    ForeignEntries {
        /// How many; none when the last is gone.
        entries: u64,
    },
    /// The ASIC says SUCCESS, and the entries are never there, several times in a row. They are tried again ever more seldom.
    WritesLost {
        /// So many entries since it was told last.
        entries: u64,
        /// One of them.
        example: Option<Key>,
    },
    /// The journal cannot grow. What is programmed from now on is programmed all the same, and will not be known for ours
    /// after a restart.
    JournalFull {
        /// Why.
        why: NoRoom,
        /// Records that it has.
        records: u64,
    },
    /// The journal has room again. What found none is named when it is read back the next time.
    JournalHasRoom {
        /// Records that it has.
        records: u64,
    },
    /// The ASIC answered as a whole that it cannot; the mirror backs off.
    AsicTrouble {
        /// Its status.
        status: crate::sai::Status,
    },
    /// A SAI call does not come back; nothing is programmed meanwhile.
    AsicHangs {
        /// For how long it has been inside, in milliseconds.
        for_ms: u64,
    },
    /// The SAI call that did not come back has come back.
    AsicBack,
    /// The peer says that a SAI call of its does not come back, or that it has.
    PeerAsic {
        /// It does not.
        hangs: bool,
    },
    /// Nothing of ours is left on an interface that was unbound.
    Released {
        /// Which.
        interface: InterfaceId,
    },
    /// A peer's interface lies in another VRF here.
    VrfDiffers {
        /// The interface.
        interface: InterfaceId,
        /// The peer's VRF.
        theirs: VpnInstance,
        /// Ours.
        ours: VpnInstance,
    },
    /// A host moved between the devices too often: somebody uses its address twice, or there is a loop. This device
    /// raises its claim no more for a while; the higher counter still wins, on both.
    Frozen {
        /// Which.
        key: Key,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// A frozen host's claim may be raised again.
    Thawed {
        /// Which.
        key: Key,
    },
    /// Is the host still there? It is to be asked for: its claim counts, and has not been heard for long. Unanswered, it
    /// is to be taken back with [`Evidence::Forgotten`]; where it is a claim of a peer's that is away, it is told with
    /// [`Input::Unanswered`].
    Probe {
        /// Which.
        key: Key,
    },
    /// The peer claims with another MAC what an operator configured here. The static entry counts on this device.
    StaticDisputed {
        /// Which.
        key: Key,
        /// The static entry's MAC.
        ours: Mac,
        /// The peer's.
        theirs: Mac,
    },
    /// The host table, or a quota, has come to be so full; or not so full any more.
    Threshold {
        /// What.
        scope: Scope,
        /// The threshold, in percent.
        percent: u8,
        /// How much is used.
        used: u64,
        /// Of how much.
        of: u64,
        /// It was reached, and not left.
        rising: bool,
    },
    /// There was not room for all hosts: told at the first one that is turned away, then once in a while.
    Rejects {
        /// Who turned them away.
        reason: Reason,
        /// Where there was no room.
        scope: Scope,
        /// So many since it was told last.
        count: u64,
        /// One of them.
        example: Key,
        /// Hosts that wait for room there now.
        waiting: u64,
        /// How much is used there now …
        used: u64,
        /// … of how much, where that is known. In a table of hash buckets hosts are refused long before it is full.
        of: Option<u64>,
    },
    /// A host is not in the ASIC because its claim is refused: before the ASIC is asked, or by the ASIC as wrong. Some of
    /// these are told of one by one. Hosts for which there is no room are told of as [`Event::Rejects`].
    Refused {
        /// Which.
        key: Key,
        /// Why.
        reason: Reason,
        /// What the ASIC answered, where it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<crate::sai::Status>,
    },
    /// So many more hosts were refused than were told of one by one.
    MoreRefused {
        /// Hosts.
        hosts: u64,
    },
    /// An entry that was in the ASIC already, from before a restart or made by somebody else, is claimed and is ours from
    /// now on: it stays if it is as it should be, and is set if not. Some of these are told of one by one.
    Adopted {
        /// Which.
        key: Key,
        /// The MAC that was found there.
        found: Mac,
    },
    /// So many more entries were adopted than were told of one by one.
    MoreAdopted {
        /// Entries.
        entries: u64,
    },
    /// The NOS is to program this entry of its own again: a removal of ours was in flight when the key became the NOS's,
    /// and may have taken away what the NOS wrote.
    TakenAway {
        /// Which.
        key: Key,
    },
}
