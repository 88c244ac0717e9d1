//! Where the FDB should have a MAC: a pure function over the claims to it.
//!
//! Invariant: total, no state: whoever sees the same claims, ports and learned port comes to the same answer.

use crate::neighbor::Attachment;
use crate::sai::id::{self, Oid};
use crate::table::ports::{Path, Ports, Whose};
use serde::{Deserialize, Serialize};

/// Everything that the decision about a MAC depends on.
#[derive(Clone, Copy, Debug)]
pub struct FdbView<'a> {
    /// Of the claims with that MAC which count: this device's, if there is one, else the one that changed last.
    pub claim: Option<(Whose, Attachment)>,
    /// The port on which the hardware heard it, as far as is known.
    pub learned: Option<Oid<id::BridgePort>>,
    /// Where hosts lie.
    pub ports: &'a Ports,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FdbVerdict {
    /// Nobody claims it, or it is reached by nothing.
    Nothing,
    /// The hardware keeps it, on this port where it is known: never fought over.
    Hardware(Option<Oid<id::BridgePort>>),
    /// We keep it on this port.
    Ours(Oid<id::BridgePort>),
}

/// Decides where the FDB should have a MAC.
pub fn desired_fdb(view: &FdbView<'_>) -> FdbVerdict {
    let Some((whose, attachment)) = view.claim else {
        return FdbVerdict::Nothing;
    };
    if let Some(port) = view.learned.filter(|port| view.ports.is_live(*port)) {
        return FdbVerdict::Hardware(Some(port));
    }
    let ours = |port: Option<_>| port.map_or(FdbVerdict::Nothing, FdbVerdict::Ours);
    match (view.ports.path(whose, attachment), whose) {
        (Path::Own | Path::Fabric, _) => FdbVerdict::Hardware(None),
        (Path::Member(port), Whose::Ours) => FdbVerdict::Hardware(port),
        (Path::Member(port), Whose::Theirs) => ours(port),
        // What is sent to a protected member leaves by the peer-link: nothing is to be pointed elsewhere.
        (Path::PeerLink, whose) => match (protected_member(view.ports, attachment), whose) {
            (Some(port), Whose::Ours) => FdbVerdict::Hardware(Some(port)),
            (Some(port), Whose::Theirs) => FdbVerdict::Ours(port),
            (None, _) => ours(view.ports.peer_port()),
        },
        (Path::Nowhere, _) => FdbVerdict::Nothing,
    }
}

fn protected_member(ports: &Ports, attachment: Attachment) -> Option<Oid<id::BridgePort>> {
    let Attachment::Mlag(mlag) = attachment else { return None };
    ports.member(mlag)?.port.filter(|port| ports.is_protected(*port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::MlagId;
    use crate::table::ports::{LinkState, Member, PeerLink, Protection};

    const MEMBER: Oid<id::BridgePort> = Oid::from_raw(0x3a01);
    const OTHER: Oid<id::BridgePort> = Oid::from_raw(0x3a02);
    const LONE: Oid<id::BridgePort> = Oid::from_raw(0x3a03);
    const PEER: Oid<id::BridgePort> = Oid::from_raw(0x3aff);

    fn ports(local: LinkState, peer: LinkState, link: LinkState) -> Ports {
        let mlag = |n| MlagId::new(n).unwrap();
        let mut ports = Ports::new();
        ports.set_member(Member { mlag: mlag(1), port: Some(MEMBER), local, peer });
        let dead = LinkState::Down;
        ports.set_member(Member { mlag: mlag(2), port: Some(OTHER), local: dead, peer: dead });
        ports.set_peer_link(PeerLink { port: Some(PEER), state: link, ..PeerLink::default() });
        ports
    }

    #[test]
    fn where_the_fdb_should_have_a_mac() {
        use FdbVerdict::{Hardware, Nothing, Ours};
        use LinkState::{Down, Forwarding, Up};
        let dual = Attachment::Mlag(MlagId::new(1).unwrap());
        let our = |attachment| Some((Whose::Ours, attachment));
        let their = |attachment| Some((Whose::Theirs, attachment));
        let (orphan, fabric) = (Attachment::Orphan, Attachment::Fabric);
        // (claim, learned on, this device's member, the peer's, the peer-link) -> where
        let cases = [
            (None, None, Forwarding, Forwarding, Forwarding, Nothing),
            (None, Some(LONE), Forwarding, Forwarding, Forwarding, Nothing),
            // The peer's host behind an M-LAG: the member while it forwards, the peer-link when it does not.
            (their(dual), None, Forwarding, Forwarding, Forwarding, Ours(MEMBER)),
            (their(dual), None, Forwarding, Down, Down, Ours(MEMBER)),
            (their(dual), None, Down, Forwarding, Forwarding, Ours(PEER)),
            (their(dual), None, Up, Forwarding, Forwarding, Ours(PEER)),
            // A peer-link that is down rewrites nothing.
            (their(dual), None, Down, Forwarding, Down, Ours(PEER)),
            (their(dual), None, Down, Down, Forwarding, Nothing),
            (their(orphan), None, Forwarding, Forwarding, Forwarding, Ours(PEER)),
            (their(orphan), None, Forwarding, Forwarding, Down, Ours(PEER)),
            // Our own host: the hardware has it, unless its member is down and the peer's is not.
            (our(dual), None, Forwarding, Forwarding, Forwarding, Hardware(Some(MEMBER))),
            (our(dual), None, Down, Forwarding, Forwarding, Ours(PEER)),
            (our(dual), None, Down, Down, Forwarding, Nothing),
            (our(orphan), None, Down, Down, Down, Hardware(None)),
            // The overlay's hosts are the NOS's.
            (their(fabric), None, Forwarding, Forwarding, Forwarding, Hardware(None)),
            (our(fabric), None, Forwarding, Forwarding, Forwarding, Hardware(None)),
            // What the hardware heard on a live port of this device is never fought over …
            (their(orphan), Some(LONE), Forwarding, Forwarding, Forwarding, Hardware(Some(LONE))),
            (their(dual), Some(MEMBER), Forwarding, Forwarding, Forwarding, Hardware(Some(MEMBER))),
            (our(orphan), Some(LONE), Forwarding, Forwarding, Forwarding, Hardware(Some(LONE))),
            (their(dual), Some(LONE), Down, Down, Forwarding, Hardware(Some(LONE))),
            // … on the peer-link or a dead member it says nothing.
            (their(dual), Some(PEER), Forwarding, Forwarding, Forwarding, Ours(MEMBER)),
            (their(dual), Some(MEMBER), Down, Forwarding, Forwarding, Ours(PEER)),
            (our(dual), Some(MEMBER), Down, Forwarding, Forwarding, Ours(PEER)),
            (their(orphan), Some(OTHER), Forwarding, Forwarding, Forwarding, Ours(PEER)),
        ];
        for (claim, learned, local, peer, link, verdict) in cases {
            let ports = ports(local, peer, link);
            let view = FdbView { claim, learned, ports: &ports };
            assert_eq!(desired_fdb(&view), verdict, "{claim:?} {learned:?} {local:?} {peer:?} {link:?}");
        }
    }

    #[test]
    fn nothing_is_pointed_elsewhere_while_the_port_is_protected() {
        let dual = Attachment::Mlag(MlagId::new(1).unwrap());
        let mut ports = ports(LinkState::Down, LinkState::Forwarding, LinkState::Forwarding);
        for (state, wanted, verdict) in [
            (Protection::Ready, true, FdbVerdict::Ours(MEMBER)),
            (Protection::On, true, FdbVerdict::Ours(MEMBER)),
            (Protection::Ready, false, FdbVerdict::Ours(PEER)),
            (Protection::Lacking, false, FdbVerdict::Ours(PEER)),
        ] {
            ports.set_protection(MEMBER, state, wanted);
            let view = FdbView { claim: Some((Whose::Theirs, dual)), learned: None, ports: &ports };
            assert_eq!(desired_fdb(&view), verdict, "{state:?}");
        }
    }

    #[test]
    fn without_a_port_for_the_peer_link_nothing_is_pointed_there() {
        let ports = Ports::new();
        let view = FdbView { claim: Some((Whose::Theirs, Attachment::Orphan)), learned: None, ports: &ports };
        assert_eq!(desired_fdb(&view), FdbVerdict::Nothing);
    }
}
