//! What the ASIC should hold for a key: one pure function over both claims.
//!
//! Invariant: total, no state, no order of arrival: whoever sees the same claims comes to the same answer, on either
//! device and at any time.

use crate::addr::{InterfaceId, Mac};
use crate::neighbor::{Attachment, Claim, Flags, Host, Key};
use crate::sai::id::{self, Oid};
use crate::table::evidence::{Binding, Footing, RifState};
use crate::table::ports::{Path, Ports, Whose};
pub use crate::table::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::net::IpAddr;

/// Who programs what this device learned by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ownership {
    /// The NOS programs its own learns; only what the peer claims is ours.
    #[default]
    Received,
    /// Everything is ours.
    All,
}

/// Everything that the decision about a key depends on.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// This device's claim.
    pub local: Option<Claim>,
    /// It is an operator's.
    pub is_static: bool,
    /// The peer's claim.
    pub remote: Option<Claim>,
    /// The interface lies in another VRF at the peer.
    pub vrf_differs: bool,
    /// What the interface is here; `None` when it is not bound.
    pub binding: Option<&'a Binding>,
    /// Our node id is the larger one.
    pub we_win_ties: bool,
    /// Who programs what was learned here.
    pub ownership: Ownership,
    /// The best claim to the same address on another interface of the VRF.
    pub rival: Option<Rank>,
    /// Where hosts lie.
    pub ports: &'a Ports,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody claims it.
    Nothing,
    /// It is claimed and must not be programmed.
    Refused(Refusal),
    /// It is the NOS's to program: never written by us.
    Nos(Host),
    /// It is ours to program.
    Ours(Host),
}

impl Verdict {
    /// Why not, if so.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Verdict::Refused(refusal) => Some(refusal),
            Verdict::Nothing | Verdict::Nos(_) | Verdict::Ours(_) => None,
        }
    }
}

/// Whose claim counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// This device's.
    Local,
    /// The peer's.
    Remote,
    /// Both say the same.
    Both,
}

impl Winner {
    /// Whose word for where the host hangs is taken.
    pub fn whose(self) -> Whose {
        match self {
            Winner::Local | Winner::Both => Whose::Ours,
            Winner::Remote => Whose::Theirs,
        }
    }
}

/// How good an interface's claim to an address is, compared with another interface's of the VRF: the longest subnet
/// that holds the address, then the higher counter, then the smaller identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u8, u32, Reverse<InterfaceId>);

/// Decides what the ASIC should hold for a key.
#[inline]
pub fn desired(view: &View<'_>, key: &Key) -> Verdict {
    desired_on(view, key, view.binding.map_or(RifState::Up, |binding| binding.state))
}

fn desired_on(view: &View<'_>, key: &Key, state: RifState) -> Verdict {
    let Some((winner, claim)) = winning(view) else {
        return if view.remote.is_some() { Verdict::Refused(Refusal::VrfDiffers) } else { Verdict::Nothing };
    };
    let own_address = winner == Winner::Local && claim.flags.contains(Flags::INTERFACE);
    if own_address && view.remote.is_none() {
        return Verdict::Nothing;
    }
    let Some(binding) = view.binding else {
        return Verdict::Refused(Refusal::InterfaceUnknown);
    };
    let refuse_rif = || match state {
        RifState::Up => None,
        RifState::Down => Some(Refusal::RifDown),
        RifState::Virtual => Some(Refusal::RifVirtual),
    };
    let refusal = refuse_ip(key.ip, binding).or_else(|| refuse_mac(claim.mac, binding)).or_else(refuse_rif);
    if let Some(refusal) = refusal {
        return Verdict::Refused(refusal);
    }
    if view.rival.is_some_and(|rival| rival > rank(&claim, key, binding)) {
        return Verdict::Refused(Refusal::AddressElsewhere);
    }
    let routed = matches!(binding.footing, Footing::Routed(_));
    let host = Host { mac: claim.mac, no_host_route: routed || is_link_local(key.ip) };
    match (winner, view.ownership) {
        (Winner::Local | Winner::Both, Ownership::Received) => Verdict::Nos(host),
        (winner, _) if view.ports.path(winner.whose(), claim.attachment) == Path::Nowhere => {
            Verdict::Refused(Refusal::NoPath)
        }
        (Winner::Remote, _) | (_, Ownership::All) => Verdict::Ours(host),
    }
}

/// By which next hop the host of a routed interface is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hop {
    /// Itself.
    Itself,
    /// The peer, by this next hop.
    Peer(Oid<id::NextHop>),
    /// The peer, and nobody named a next hop to it in the VRF: itself, for when it can be reached again.
    Unnamed,
}

/// Decides by which next hop the host of a routed interface is to be reached; `None` where there is to be no route of
/// ours. The router interface may be down: the way over the peer does not lead there.
pub fn desired_hop(view: &View<'_>, key: &Key) -> Option<Hop> {
    let binding = view.binding.filter(|binding| matches!(binding.footing, Footing::Routed(_)))?;
    let Verdict::Ours(_) = desired_on(view, key, RifState::Up) else { return None };
    let (winner, claim) = winning(view)?;
    let itself = |hop| (binding.state == RifState::Up).then_some(hop);
    match view.ports.path(winner.whose(), claim.attachment) {
        _ if is_link_local(key.ip) => None,
        Path::Own | Path::Fabric | Path::Member(_) => itself(Hop::Itself),
        Path::PeerLink => view.ports.next_hop(&binding.vrf).map(Hop::Peer).or_else(|| itself(Hop::Unnamed)),
        Path::Nowhere => None,
    }
}

/// What a row says of where its MAC lies in the FDB: the claim that counts, and its MAC. What is no host's MAC is not
/// looked for there, nor what is this device's own address.
pub fn lies(view: &View<'_>) -> Option<(Mac, Whose, Attachment)> {
    let (winner, claim) = winning(view)?;
    let binding = view.binding?;
    let own = claim.flags.contains(Flags::INTERFACE) && winner == Winner::Local;
    let good = refuse_mac(claim.mac, binding).is_none() && !own;
    good.then(|| (claim.mac, winner.whose(), claim.attachment))
}

/// Whose claim counts, and what it says. A claim of the peer's in another VRF speaks of another host.
#[inline]
pub fn winning(view: &View<'_>) -> Option<(Winner, Claim)> {
    let (local, remote) = match (view.local, view.remote.filter(|_| !view.vrf_differs)) {
        (None, None) => return None,
        (Some(local), None) => return Some((Winner::Local, local)),
        (None, Some(remote)) => return Some((Winner::Remote, remote)),
        (Some(local), Some(_)) if view.is_static => return Some((Winner::Local, local)),
        (Some(local), Some(remote)) => (local, remote),
    };
    let router = Flags((local.flags | remote.flags).0 & Flags::ROUTER.0);
    if !differ(&local, &remote) {
        let counter = local.counter.max(remote.counter);
        return Some((Winner::Both, Claim { flags: local.flags | router, counter, ..local }));
    }
    let uncontested = |claim: &Claim| claim.flags.contains(Flags::INTERFACE);
    let strength = |claim: &Claim, wins_ties: bool| (uncontested(claim), claim.counter, wins_ties);
    if strength(&local, view.we_win_ties) > strength(&remote, !view.we_win_ties) {
        Some((Winner::Local, Claim { flags: local.flags | router, ..local }))
    } else {
        Some((Winner::Remote, Claim { flags: remote.flags | router, ..remote }))
    }
}

/// The reason why somebody's claim counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// Nobody's does.
    Nobody,
    /// There is one.
    OnlyClaim,
    /// Both say the same.
    Agreement,
    /// This device's is an operator's.
    Static,
    /// It is a device's own address.
    OwnAddress,
    /// It has the higher counter.
    HigherCounter,
    /// The counters are equal, and the node id is the larger one.
    LargerNode,
    /// The peer's is of another VRF, and so of another host.
    VrfDiffers,
}

/// Why [`winning`] answers as it does.
pub fn because(view: &View<'_>) -> Because {
    match (view.local, view.remote) {
        (None, None) => Because::Nobody,
        (_, Some(_)) if view.vrf_differs => Because::VrfDiffers,
        (Some(_), None) | (None, Some(_)) => Because::OnlyClaim,
        (Some(_), Some(_)) if view.is_static => Because::Static,
        (Some(local), Some(remote)) if !differ(&local, &remote) => Because::Agreement,
        (Some(local), Some(remote)) => {
            let own = |claim: Claim| claim.flags.contains(Flags::INTERFACE);
            match (own(local) != own(remote), local.counter != remote.counter) {
                (true, _) => Because::OwnAddress,
                (false, true) => Because::HigherCounter,
                (false, false) => Because::LargerNode,
            }
        }
    }
}

/// True when two devices' claims cannot both hold: another MAC, another attachment, or two single-homed ports.
pub fn differ(a: &Claim, b: &Claim) -> bool {
    a.mac != b.mac || a.attachment != b.attachment || a.attachment == Attachment::Orphan
}

/// How good the view's claim to the address is; `None` when it has none that could be programmed.
pub fn rank_of(view: &View<'_>, key: &Key) -> Option<Rank> {
    match desired(&View { rival: None, ..*view }, key) {
        Verdict::Ours(_) | Verdict::Nos(_) => {
            let (_, claim) = winning(view)?;
            view.binding.map(|binding| rank(&claim, key, binding))
        }
        Verdict::Nothing | Verdict::Refused(_) => None,
    }
}

/// True for addresses that mean something on their own link only: fe80::/10 and 169.254/16.
#[inline]
pub fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn rank(claim: &Claim, key: &Key, binding: &Binding) -> Rank {
    let subnets = binding.addresses.iter().filter(|net| net.contains(&key.ip));
    let longest = subnets.map(|net| net.prefix_len()).max().unwrap_or(0);
    Rank(longest, claim.counter, Reverse(key.interface))
}

#[inline]
fn refuse_mac(mac: Mac, binding: &Binding) -> Option<Refusal> {
    match mac {
        Mac::ZERO => Some(Refusal::MacZero),
        Mac::BROADCAST => Some(Refusal::MacBroadcast),
        mac if mac.is_multicast() => Some(Refusal::MacMulticast),
        mac if mac == binding.mac => Some(Refusal::MacOwn),
        _ => None,
    }
}

#[inline]
fn refuse_ip(ip: IpAddr, binding: &Binding) -> Option<Refusal> {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    // A link-local address comes by itself with every interface and says nothing of whose hosts are behind it.
    let subnets = || binding.addresses.iter().filter(|net| !is_link_local(net.addr()));
    let outside = || subnets().next().is_some() && !subnets().any(|net| net.contains(&ip));
    match ip {
        ip if ip.is_unspecified() => Some(Refusal::IpUnspecified),
        ip if ip.is_multicast() || broadcast => Some(Refusal::IpMulticast),
        ip if ip.is_loopback() => Some(Refusal::IpLoopback),
        ip if binding.addresses.iter().any(|net| net.addr() == ip) => Some(Refusal::IpOwn),
        ip if !is_link_local(ip) && outside() => Some(Refusal::IpOutsideSubnets),
        _ => None,
    }
}
