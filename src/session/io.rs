//! What goes into the session and what comes out of it.
//!
//! Invariant: values only. Whoever owns a socket carries [`Transport`] out and reports what happened as
//! [`SessionInput`]; whoever owns the tables takes [`Received`].
//!
//! The socket's owner may report late: what names a connection or a listener that was closed meanwhile is ignored.
//! After [`SessionInput::Closed`] or [`SessionInput::DialFailed`] the name is used up, and no [`Transport::Close`]
//! follows.

use crate::addr::{InterfaceId, NodeId, VpnInstance};
use crate::auth::KeyId;
use crate::limits;
use crate::neighbor::{Claim, Key};
use crate::peering::{ConnectMode, GroupFacts, Security, TcpKey, TtlSecurity};
use crate::table::change::{Buckets, Digest, Incarnation, Position};
use crate::wire::hello::capability;
use crate::wire::proof::{Exception, Hardware};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Names one connection, or one attempt at one, between the session and the socket's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnId(pub u64);

/// Names one attempt at listening, so that a late answer to an old one is not taken for the present one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListenId(pub u64);

/// The committed channel and who we are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// This device.
    pub node_id: NodeId,
    /// The DFS group.
    pub group: u16,
    /// The source address.
    pub source: IpAddr,
    /// The peer's address.
    pub peer: IpAddr,
    /// The VPN instance that both lie in.
    pub vpn: VpnInstance,
    /// The TCP port on both devices.
    pub port: u16,
    /// Our hold time; the larger of both ends' counts.
    pub hold: Duration,
    /// How often we send at least something.
    pub keepalive: Duration,
    /// Which side dials.
    #[serde(default)]
    pub connect: ConnectMode,
    /// What keeps others out.
    #[serde(default)]
    pub security: Security,
    /// The group as this device has it.
    #[serde(default)]
    pub facts: GroupFacts,
}

impl Settings {
    /// What a socket of this channel has to be like.
    pub(super) fn protection(&self) -> Protection {
        let Security { keys: _, ttl, tcp } = &self.security;
        Protection { peer: self.peer, ttl: *ttl, tcp: tcp.clone(), hold: self.hold }
    }
}

/// What a socket of the channel is to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The peer's address: whose segments are signed.
    pub peer: IpAddr,
    /// How far away the peer may be.
    pub ttl: TtlSecurity,
    /// What signs segments.
    pub tcp: Option<TcpKey>,
    /// The hold time: after four of them without an answer TCP gives up.
    pub hold: Duration,
}

/// Segments that the kernel threw away, as its counters tell them apart. Nobody is told of them otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilentDrop {
    /// TCP-MD5 is configured here; they have no signature.
    Md5Missing,
    /// They are signed with TCP-MD5; none is configured here.
    Md5Unexpected,
    /// Their TCP-MD5 signature is wrong.
    Md5Wrong,
    /// TCP-AO is configured here; they have no signature.
    AoMissing,
    /// They are signed with a TCP-AO key whose id is not configured here.
    AoUnexpected,
    /// Their TCP-AO signature is wrong.
    AoWrong,
    /// Their TTL or hop limit is too low: they come from further away than configured.
    TtlTooLow,
}

/// What a session offers and how much of it it does at once: the defaults are for production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// The capabilities that HELLO states.
    pub capabilities: u64,
    /// Changes that leave the cursor in one window.
    pub window: usize,
    /// The longest frame that is taken, and sent where the peer takes it: 4 KiB to 512 KiB.
    pub frame: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning { capabilities: capability::ALL, window: limits::WINDOW_CHANGES, frame: limits::MAX_FRAME }
    }
}

impl Tuning {
    /// The longest frame, within what the protocol allows.
    pub(super) fn frame(&self) -> usize {
        self.frame.clamp(limits::MIN_MAX_FRAME, limits::MAX_FRAME_AGREED)
    }
}

/// Which of both opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// This device dialled.
    Dialled,
    /// This device accepted.
    Accepted,
}

/// Why a socket could not be opened, or is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The other side closed in good order.
    Closed,
    /// The other side, or a host on the way, answered with a reset or a refusal: nobody listens on that port.
    Refused,
    /// Nothing answered in time.
    TimedOut,
    /// The local port is taken; by whom, if that can be found.
    PortInUse {
        /// The owner as the kernel names it: program and process id.
        owner: Option<String>,
    },
    /// No route, no such device, permission, …: the system's own words.
    Other(String),
}

/// What the session is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionInput {
    /// The channel's configuration; `None` when there is none (PL-01). A differing one replaces the running one.
    Configure(Option<Settings>),
    /// The device stops, with nothing changed in its configuration: as `Configure(None)`, but the peer is told after which
    /// time it means to be back; zero when that is not known.
    Leave {
        /// In milliseconds.
        restart_ms: u32,
    },
    /// Whether the source address of the latest [`SessionInput::Configure`] is an address of this device in that VPN
    /// instance (PL-14). It is to be told after every Configure whose source or VPN instance differs from the one
    /// before: until then nothing is listened on or dialled.
    SourcePresent(bool),
    /// What became of [`Transport::Listen`]; an error also later, when listening broke.
    Listening {
        /// Which.
        listener: ListenId,
        /// Whether it listens.
        result: Result<(), Cause>,
    },
    /// A connection stands.
    Connected {
        /// Its name: the one from [`Transport::Dial`], or one that the socket's owner chose with the top bit set.
        conn: ConnId,
        /// Who opened it.
        role: Role,
        /// The other end.
        remote: SocketAddr,
    },
    /// A dial failed.
    DialFailed {
        /// Which.
        conn: ConnId,
        /// Why.
        cause: Cause,
    },
    /// Bytes arrived.
    Bytes {
        /// On which connection.
        conn: ConnId,
        /// In order, any split.
        #[serde(with = "crate::session::io::hex")]
        bytes: Vec<u8>,
    },
    /// The kernel took this many more of the bytes that were handed over with [`Transport::Send`].
    Written {
        /// On which connection.
        conn: ConnId,
        /// How many.
        bytes: u64,
    },
    /// The connection is gone.
    Closed {
        /// Which.
        conn: ConnId,
        /// Why.
        cause: Cause,
    },
    /// The kernel threw segments away since it was last asked, in the channel's network namespace.
    Dropped {
        /// Why.
        what: SilentDrop,
        /// How many.
        segments: u64,
    },
    /// Time passed: [`crate::session`]'s `next_wake` is due, or the owner's claims changed.
    Wake,
}

/// What the socket's owner is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Listen on this address and port in this VPN instance, and report [`SessionInput::Listening`].
    Listen {
        /// The attempt's name.
        listener: ListenId,
        /// Where.
        local: SocketAddr,
        /// In which VPN instance.
        vpn: VpnInstance,
        /// What the socket is to be like.
        protection: Protection,
    },
    /// Stop listening there. Connections that it accepted stay. Not said of a listener that reported an error: its name
    /// is used up by that.
    Unlisten {
        /// Which.
        listener: ListenId,
    },
    /// Open a connection from `local` (any port) to `remote`.
    Dial {
        /// The attempt's name.
        conn: ConnId,
        /// The source address.
        local: IpAddr,
        /// The peer.
        remote: SocketAddr,
        /// In which VPN instance.
        vpn: VpnInstance,
        /// What the socket is to be like.
        protection: Protection,
    },
    /// The hold time in force on a connection, where it differs from what its socket was opened with.
    Hold {
        /// Which connection.
        conn: ConnId,
        /// The larger of both sides'.
        hold: Duration,
    },
    /// Write these bytes behind what was sent before.
    Send {
        /// On which connection.
        conn: ConnId,
        /// What.
        bytes: Vec<u8>,
    },
    /// Close once everything handed over is written, or at once when `abort`. Gives up a dial that is under way. How
    /// long a peer that does not read may put off the first is for the socket's owner to bound.
    Close {
        /// Which.
        conn: ConnId,
        /// Drop what is not yet written.
        abort: bool,
    },
}

/// What the channel brought, for the table of the peer's claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// The peer names everything it claims from here to [`Received::End`], over as many connections as it takes. It may come again before an END, when
    /// another connection took over: the marks of the sync start afresh.
    Begin,
    /// The peer names an interface, before its first entry on this connection, and again when its VRF changes. That
    /// the VRFs agree is a verdict of `desired`, taken again when either side's changes; here nothing is refused.
    Interface {
        /// The interface.
        interface: InterfaceId,
        /// The VRF that it lies in at the peer; `None` when it is not bound there (any more).
        vrf: Option<VpnInstance>,
    },
    /// Claims, new or changed.
    Upserts(Vec<(Key, Claim)>),
    /// Claims that are gone.
    Deletes(Vec<Key>),
    /// The peer named everything; what it did not name is swept, if the copy then holds what the peer says it told. It
    /// comes after a resume, too, when everything up to that moment was told.
    End {
        /// How many claims were told, where that is known.
        count: Option<u64>,
        /// The sum of their hashes, where that is kept.
        sum: Option<u128>,
    },
    /// A connection begins, and this is the peer's process. What ran on another connection does not go on.
    Owner(Incarnation),
    /// What the copy must hold by now.
    Digest(Digest),
    /// What it must hold, by bucket, from the first of these on.
    Buckets {
        /// The first one's number.
        first: u16,
        /// They.
        digests: Vec<Digest>,
    },
    /// The peer names these buckets again …
    ScopeBegin(Buckets),
    /// … and has named them.
    ScopeEnd,
    /// Neighbours of ours answered the peer.
    Confirms(Vec<Key>),
    /// What the peer's hardware has done of our changes.
    Hardware(Hardware),
    /// Claims of ours that the peer's hardware does not hold, or holds again.
    Exceptions(Vec<Exception>),
    /// Everything up to this position of the peer's has been handed over.
    Position(Position),
}

/// What a session tells its owner: the transport's work, the peer's claims, and news for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOutput {
    /// For the socket.
    Transport(Transport),
    /// For the tables.
    Received(Received),
    /// The session is established. Not said again when a newer connection takes over from the present one.
    Up {
        /// Who is there.
        peer: NodeId,
    },
    /// It is down, and why; also when the reason changed while down.
    Down(DownReason),
    /// The peer is about to leave, and says after which time it means to be back. [`SessionOutput::Down`] follows.
    PeerRestarts {
        /// As it says.
        after: Duration,
    },
    /// The peer holds our claims up to this position: we go on behind it.
    Resumed {
        /// The position.
        position: Position,
    },
    /// Our END went out: the peer has been told everything we knew when the sync began.
    EndSent {
        /// The position that the cursor had passed.
        position: Position,
    },
}

/// Why there is no session: one stable enum, shown on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum DownReason {
    /// No channel is configured (PL-01).
    NotConfigured,
    /// The source address is not an address of this device in that VPN instance (PL-14).
    SourceNotLocal {
        /// The address.
        source: IpAddr,
    },
    /// Another program has the port (PL-07).
    PortInUse {
        /// The port.
        port: u16,
        /// Whose it is, if that can be found.
        owner: Option<String>,
    },
    /// Listening failed otherwise.
    ListenFailed {
        /// The system's words.
        error: String,
    },
    /// Just configured: nothing has been tried for long enough to say more.
    Connecting,
    /// The peer's address answers, but nothing listens there on our port.
    PeerRefuses {
        /// The port: is the same one configured there?
        port: u16,
    },
    /// The peer's address does not answer.
    PeerSilent {
        /// The port.
        port: u16,
    },
    /// Dialling failed on this device.
    DialFailed {
        /// The system's words.
        error: String,
    },
    /// We wait to be dialled, and nobody does.
    NobodyDials {
        /// For how many seconds now.
        seconds: u64,
    },
    /// Connected, the peer's HELLO is awaited.
    Handshake,
    /// A connection stood, but no HELLO came.
    NoHello {
        /// Why it ended; `None` when our patience did. A peer that closes at once may not have our address as its
        /// peer's.
        cause: Option<Cause>,
    },
    /// The peer's channel uses another port (PL-09).
    PortDiffers {
        /// Ours.
        ours: u16,
        /// Theirs.
        theirs: u16,
    },
    /// The peer is in another DFS group (PL-09).
    GroupDiffers {
        /// Ours.
        ours: u16,
        /// Theirs.
        theirs: u16,
    },
    /// Both devices have the same node id.
    SameNodeId {
        /// The id.
        node: NodeId,
    },
    /// No protocol version in common.
    VersionDiffers {
        /// What we speak, lowest and highest.
        ours: (u16, u16),
        /// What they speak.
        theirs: (u16, u16),
    },
    /// The peer's HELLO offers no key, and this device has keys.
    AuthRequired,
    /// The peer's HELLO offers keys, and this device has none.
    AuthNotConfigured,
    /// The peer authenticates in a way that is not known here.
    AuthAlgorithmDiffers {
        /// Its number.
        theirs: u8,
    },
    /// Both have keys, with no id in common.
    NoCommonKey {
        /// The ids of ours.
        ours: Vec<KeyId>,
        /// The ids of theirs.
        theirs: Vec<KeyId>,
    },
    /// The peer does not prove the key: another password, or somebody else.
    WrongPassword {
        /// The key's id.
        key: KeyId,
    },
    /// HELLO was in order, but no AUTH came.
    NoAuth {
        /// Why it ended; `None` when our patience did.
        cause: Option<Cause>,
    },
    /// A frame's tag was wrong: it was changed on its way, or somebody else sent it.
    NotAuthentic,
    /// Nothing is heard, and the kernel throws segments away.
    SegmentsDropped {
        /// Why.
        what: SilentDrop,
    },
    /// Nothing was heard for the hold time.
    HoldExpired {
        /// The hold time in milliseconds.
        hold_ms: u64,
    },
    /// The peer broke the protocol.
    ProtocolError {
        /// What it did.
        detail: String,
    },
    /// The peer closed the session and said why.
    PeerNotified {
        /// Its code.
        code: u16,
        /// Its words.
        text: String,
    },
    /// The connection broke.
    ConnectionLost {
        /// How.
        cause: Cause,
    },
    /// The peer said goodbye: it stops, or its channel was undone.
    PeerGoodbye,
}

/// Byte strings as hexadecimal text, so that a log of inputs stays readable.
pub(crate) mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let text: String =
            bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(DIGITS[usize::from(n)])).collect();
        s.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        let bad = || serde::de::Error::custom("not an even number of hexadecimal digits");
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|n| n as u8)).collect();
        let digits = digits.filter(|d| d.len() % 2 == 0).ok_or_else(bad)?;
        Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
    }
}
