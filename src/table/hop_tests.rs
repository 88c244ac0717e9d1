//! The next hop of a routed interface's host, and hosts that nothing leads to: tables of cases.

use crate::addr::{InterfaceId, Mac, MlagId, VpnInstance};
use crate::neighbor::{Attachment, Claim, Flags, Host, Key};
use crate::sai::id::Oid;
use crate::table::desired::{Hop, Ownership, Verdict, View, desired, desired_hop};
use crate::table::evidence::{Binding, Footing, RifState};
use crate::table::ports::{LinkState, Member, PeerLink, Ports};
use crate::table::refusal::Refusal;
use std::collections::BTreeMap;

const ROUTED: Footing = Footing::Routed(Oid::from_raw(0x30));

fn mlag() -> MlagId {
    MlagId::new(1).unwrap()
}

fn binding(footing: Footing, state: RifState) -> Binding {
    Binding {
        interface: InterfaceId::Routed { mlag: mlag(), dot1q: None },
        vrf: "red".parse().unwrap(),
        rif: Oid::from_raw(2),
        mac: Mac([2, 0, 0, 0, 0, 0xfe]),
        addresses: Vec::new(),
        state,
        footing,
    }
}

fn ports(local: LinkState, peer: LinkState, named: bool) -> Ports {
    let mut ports = Ports::new();
    ports.set_member(Member { mlag: mlag(), port: None, local, peer });
    let vrf: VpnInstance = "red".parse().unwrap();
    let next_hops = if named { BTreeMap::from([(vrf, Oid::from_raw(0x40))]) } else { BTreeMap::new() };
    ports.set_peer_link(PeerLink { next_hops, ..PeerLink::default() });
    ports
}

fn claim(attachment: Attachment) -> Option<Claim> {
    Some(Claim { mac: Mac([2, 0, 0, 0, 0, 1]), attachment, flags: Flags::default(), counter: 0 })
}

fn view<'a>(binding: &'a Binding, ports: &'a Ports, remote: Option<Claim>) -> View<'a> {
    View {
        local: None,
        is_static: false,
        remote,
        vrf_differs: false,
        binding: Some(binding),
        we_win_ties: false,
        ownership: Ownership::All,
        rival: None,
        ports,
    }
}

fn key(ip: &str) -> Key {
    Key { interface: InterfaceId::Routed { mlag: mlag(), dot1q: None }, ip: ip.parse().unwrap() }
}

#[test]
fn by_which_next_hop_the_host_of_a_routed_interface_is_reached() {
    use LinkState::{Down, Forwarding, Up};
    let dual = claim(Attachment::Mlag(mlag()));
    let peer = Some(Hop::Peer(Oid::from_raw(0x40)));
    let bridged = Footing::Untold;
    // (this device's member, the peer's, a next hop is named, the router interface, what it stands on) -> by which
    let cases = [
        (Forwarding, Forwarding, true, RifState::Up, ROUTED, Some(Hop::Itself)),
        (Forwarding, Down, true, RifState::Up, ROUTED, Some(Hop::Itself)),
        (Down, Forwarding, true, RifState::Up, ROUTED, peer),
        (Down, Forwarding, true, RifState::Down, ROUTED, peer),
        (Up, Forwarding, true, RifState::Up, ROUTED, peer),
        (Down, Forwarding, false, RifState::Up, ROUTED, Some(Hop::Unnamed)),
        (Down, Forwarding, false, RifState::Down, ROUTED, None),
        (Forwarding, Forwarding, true, RifState::Down, ROUTED, None),
        (Down, Down, true, RifState::Up, ROUTED, None),
        (Forwarding, Forwarding, true, RifState::Up, bridged, None),
    ];
    for (local, theirs, named, state, footing, hop) in cases {
        let (binding, ports) = (binding(footing, state), ports(local, theirs, named));
        let view = view(&binding, &ports, dual);
        assert_eq!(desired_hop(&view, &key("10.0.0.2")), hop, "{local:?} {theirs:?} {named} {state:?}");
        assert_eq!(desired_hop(&view, &key("fe80::2")), None);
        let received = View { local: dual, ownership: Ownership::Received, ..view };
        assert_eq!(desired_hop(&received, &key("10.0.0.2")), None, "the NOS's");
    }
}

#[test]
fn a_host_that_nothing_leads_to_is_refused_unless_it_is_the_noss() {
    let (binding, ports) = (binding(ROUTED, RifState::Up), ports(LinkState::Down, LinkState::Down, true));
    let dual = claim(Attachment::Mlag(mlag()));
    let no_path = Verdict::Refused(Refusal::NoPath);
    let remote = view(&binding, &ports, dual);
    let local = View { local: dual, remote: None, ..remote };
    let nos = Verdict::Nos(Host { mac: Mac([2, 0, 0, 0, 0, 1]), no_host_route: true });
    for (view, verdict) in [
        (remote, no_path),
        (local, no_path),
        (View { ownership: Ownership::Received, ..remote }, no_path),
        (View { ownership: Ownership::Received, ..local }, nos),
    ] {
        assert_eq!(desired(&view, &key("10.0.0.2")), verdict);
    }
}
