//! The packet question, and what becomes of stations that the FDB does not know.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::net::IpAddr;

use sai::inspect::Verdict;
use sai_sys::*;
use support::*;

type T = sai_object_type_t;

/// The MAC that [`mac`] makes.
const fn station(last: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, last]
}

struct Net {
    client: Client,
    ports: Vec<u64>,
    bridge_ports: Vec<u64>,
}

macro_rules! create {
    ($net:expr, $table:ty, $api:ident, $create:ident, $attrs:expr) => {{
        let (api, attrs, mut id): (&'static $table, Vec<sai_attribute_t>, u64) =
            (table(sai_api_t::$api), $attrs, 0);
        let switch = $net.client.switch.id();
        // SAFETY: all places are ours.
        let status = unsafe { api.$create.unwrap()(&raw mut id, switch, attrs.len() as u32, attrs.as_ptr()) };
        assert_eq!(status, SUCCESS);
        id
    }};
}

impl Net {
    /// Four ports, enabled, all in VLAN 1 with a router interface.
    fn new(profile: &[(&str, &str)]) -> Self {
        let client = Client::new(&[&[("SAI_SIM_PORTS", "4")], profile].concat());
        let ports = client.switch.objects(T::SAI_OBJECT_TYPE_PORT)[1..].to_vec();
        let bridge_ports = client.switch.objects(T::SAI_OBJECT_TYPE_BRIDGE_PORT);
        let api: &sai_port_api_t = table(sai_api_t::SAI_API_PORT);
        let admin = flag(sai_port_attr_t::SAI_PORT_ATTR_ADMIN_STATE.0, true);
        for port in &ports {
            // SAFETY: all places are ours.
            assert_eq!(unsafe { api.set_port_attribute.unwrap()(*port, &raw const admin) }, SUCCESS);
        }
        Self { client, ports, bridge_ports }
    }

    fn ask(&self, to: &str) -> Verdict {
        self.client.switch.forward(self.client.switch.default_virtual_router(), to.parse().unwrap())
    }

    fn neighbor(&self, ip: &str, last: u8) {
        assert_eq!(self.client.create(&self.client.entry(ip), &[mac(last)]), SUCCESS);
    }

    fn learn(&self, last: u8, port: usize) {
        let vlan = self.client.switch.default_vlan();
        self.client.switch.hear(vlan, station(last), self.bridge_ports[port]).unwrap();
    }

    fn route(&self, prefix: &str, length: u32, attrs: &[sai_attribute_t]) {
        let api: &sai_route_api_t = table(sai_api_t::SAI_API_ROUTE);
        let ip: IpAddr = prefix.parse().unwrap();
        let all = if ip.is_ipv6() { IpAddr::from(mask128(length)) } else { IpAddr::from(mask32(length)) };
        let (addr, mask) = (address(ip), address(all));
        let entry = sai_route_entry_t {
            switch_id: self.client.switch.id(),
            vr_id: self.client.switch.default_virtual_router(),
            destination: sai_ip_prefix_t { addr_family: addr.addr_family, addr: addr.addr, mask: mask.addr },
        };
        // SAFETY: all places are ours.
        let status = unsafe { api.create_route_entry.unwrap()(&entry, attrs.len() as u32, attrs.as_ptr()) };
        assert_eq!(status, SUCCESS);
    }

    fn hop(&self, rif: u64, ip: &str) -> u64 {
        let ip = address(ip.parse().unwrap());
        let attrs = vec![num(0, 0), attr(1, |v| v.ipaddr = ip), oid(2, rif)];
        create!(self, sai_next_hop_api_t, SAI_API_NEXT_HOP, create_next_hop, attrs)
    }
}

fn mask32(length: u32) -> [u8; 4] {
    u32::MAX.checked_shl(32 - length).unwrap_or(0).to_be_bytes()
}

fn mask128(length: u32) -> [u8; 16] {
    u128::MAX.checked_shl(128 - length).unwrap_or(0).to_be_bytes()
}

const NEXT_HOP: u32 = sai_route_entry_attr_t::SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID.0;

#[test]
fn a_host_behind_a_vlan_is_where_the_fdb_says() {
    let net = Net::new(&[]);
    for ip in ["10.0.0.5", "2001:db8::5"] {
        assert_eq!(net.ask(ip), Verdict::Drop, "no route");
        net.neighbor(ip, 5);
        let bv = net.client.switch.default_vlan();
        assert_eq!(net.ask(ip), Verdict::Flood { bv, mac: station(5) });
        net.learn(5, 2);
        assert_eq!(net.ask(ip), Verdict::Port { port: net.ports[2], mac: station(5) });
        net.learn(5, 3);
        assert_eq!(net.ask(ip), Verdict::Port { port: net.ports[3], mac: station(5) });
        net.client.switch.link(net.ports[3], false).unwrap();
        assert_eq!(net.ask(ip), Verdict::Drop, "the link is down");
        net.client.switch.link(net.ports[3], true).unwrap();
        assert_eq!(net.client.set(&net.client.entry(ip), &num(1, 4)), SUCCESS);
        assert_eq!(net.ask(ip), Verdict::Trap, "the neighbour's action");
        net.client.switch.age(bv, station(5)).unwrap();
    }
}

#[test]
fn a_vlan_sends_nothing_to_a_port_that_is_not_in_it() {
    let net = Net::new(&[]);
    net.neighbor("10.0.0.5", 5);
    net.learn(5, 2);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Port { port: net.ports[2], mac: station(5) });
    let api: &sai_vlan_api_t = table(sai_api_t::SAI_API_VLAN);
    let members = net.client.switch.objects(T::SAI_OBJECT_TYPE_VLAN_MEMBER);
    // SAFETY: takes a number.
    assert_eq!(unsafe { api.remove_vlan_member.unwrap()(members[2]) }, SUCCESS);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Drop);
    net.learn(5, 3);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Port { port: net.ports[3], mac: station(5) });
}

#[test]
fn the_longest_prefix_decides_and_a_full_length_route_goes_before_a_host() {
    let net = Net::new(&[]);
    let action = |action: u32| [num(sai_route_entry_attr_t::SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION.0, action)];
    net.route("0.0.0.0", 0, &action(4));
    net.route("10.0.0.0", 8, &action(0));
    net.route("10.0.0.0", 24, &[oid(NEXT_HOP, net.client.rif)]);
    assert_eq!(net.ask("192.0.2.1"), Verdict::Trap);
    assert_eq!(net.ask("10.1.1.1"), Verdict::Drop);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Trap, "on link, and not resolved");
    net.neighbor("10.0.0.5", 5);
    net.learn(5, 0);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Port { port: net.ports[0], mac: station(5) });
    let on = flag(NO_HOST_ROUTE, true);
    assert_eq!(net.client.set(&net.client.entry("10.0.0.5"), &on), SUCCESS);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Port { port: net.ports[0], mac: station(5) }, "on link");
    assert_eq!(net.client.set(&net.client.entry("10.0.0.5"), &flag(NO_HOST_ROUTE, false)), SUCCESS);
    net.route("10.0.0.5", 32, &action(0));
    assert_eq!(net.ask("10.0.0.5"), Verdict::Drop);
    assert_eq!(net.ask("2001:db8::1"), Verdict::Drop, "the other family has no route");
}

#[test]
fn a_host_route_over_a_routed_lag_follows_its_members_and_its_next_hop() {
    let net = Net::new(&[]);
    let lag = create!(net, sai_lag_api_t, SAI_API_LAG, create_lag, vec![]);
    for port in &net.ports[..2] {
        create!(net, sai_lag_api_t, SAI_API_LAG, create_lag_member, vec![oid(0, lag), oid(1, *port)]);
    }
    let vr = net.client.switch.default_virtual_router();
    let routed = |port: u64| {
        create!(
            net,
            sai_router_interface_api_t,
            SAI_API_ROUTER_INTERFACE,
            create_router_interface,
            vec![oid(0, vr), num(1, 0), oid(2, port)]
        )
    };
    let (own, peer) = (routed(lag), routed(net.ports[3]));
    let neighbor = |rif: u64, ip: &str, last: u8| {
        let entry = net.client.entry_at(rif, ip.parse().unwrap());
        assert_eq!(net.client.create(&entry, &[mac(last), flag(NO_HOST_ROUTE, true)]), SUCCESS);
    };
    neighbor(own, "10.0.0.5", 5);
    neighbor(peer, "10.9.9.9", 9);
    let group = create!(
        net,
        sai_next_hop_group_api_t,
        SAI_API_NEXT_HOP_GROUP,
        create_next_hop_group,
        vec![num(2, 0)]
    );
    for hop in [net.hop(own, "10.0.0.5"), net.hop(peer, "10.9.9.9")] {
        create!(
            net,
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group_member,
            vec![oid(0, group), oid(1, hop)]
        );
    }
    net.route("10.0.0.5", 32, &[oid(NEXT_HOP, group)]);
    let out = |n: usize, last: u8| Verdict::Port { port: net.ports[n], mac: station(last) };
    assert_eq!(net.ask("10.0.0.5"), out(0, 5));
    net.client.switch.link(net.ports[0], false).unwrap();
    assert_eq!(net.ask("10.0.0.5"), out(1, 5), "the other member");
    net.client.switch.link(net.ports[1], false).unwrap();
    assert_eq!(net.ask("10.0.0.5"), out(3, 9), "the other next hop");
    net.client.switch.link(net.ports[3], false).unwrap();
    assert_eq!(net.ask("10.0.0.5"), Verdict::Drop);
}

#[test]
fn a_station_that_the_fdb_does_not_know_is_what_the_profile_says() {
    for (miss, verdict) in [("drop", Verdict::Drop), ("trap", Verdict::Trap)] {
        let net = Net::new(&[("SAI_SIM_FDB_MISS", miss)]);
        net.neighbor("10.0.0.5", 5);
        assert_eq!(net.ask("10.0.0.5"), verdict);
    }
    let net = Net::new(&[("SAI_SIM_FDB_MISS", "refuse")]);
    let entry = net.client.entry("10.0.0.5");
    assert_eq!(net.client.create(&entry, &[mac(5)]), SAI_STATUS_ADDR_NOT_FOUND);
    net.learn(5, 1);
    assert_eq!(net.client.create(&entry, &[mac(5)]), SUCCESS);
    assert_eq!(net.client.set(&entry, &mac(6)), SAI_STATUS_ADDR_NOT_FOUND);
    assert_eq!(net.ask("10.0.0.5"), Verdict::Port { port: net.ports[1], mac: station(5) });
    let routed = create!(
        net,
        sai_router_interface_api_t,
        SAI_API_ROUTER_INTERFACE,
        create_router_interface,
        vec![oid(0, net.client.switch.default_virtual_router()), num(1, 0), oid(2, net.ports[2])]
    );
    let entry = net.client.entry_at(routed, "10.0.0.6".parse().unwrap());
    assert_eq!(net.client.create(&entry, &[mac(6)]), SUCCESS, "only a VLAN asks its FDB");
}
