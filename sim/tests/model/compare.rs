//! What a switch comes up with, and the comparison of all that it holds with all that it should.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sai_sys::*;

use crate::plain::*;
use crate::real::{Read, Real};
use crate::rows::{kind, kinds};
use crate::steps::{COUNTED, Step, Way};
use crate::support::{Client, SUCCESS};
use crate::value::Value;

/// The model of a switch, and how much room there was at first.
pub(crate) struct Start {
    pub(crate) model: Model,
    /// By type, and of neighbours by family.
    left: BTreeMap<(u32, bool), u64>,
}

/// Keys of all objects of a type, as the library lists them.
fn listed(switch: u64, object: u32) -> Vec<sai_object_key_t> {
    let object = sai_object_type_t(object);
    let mut count = 0;
    // SAFETY: the place is ours, and the list has room for nothing.
    let status = unsafe { sai::sai_get_object_key(switch, object, &raw mut count, std::ptr::null_mut()) };
    assert_eq!(status, if count == 0 { SUCCESS } else { SAI_STATUS_BUFFER_OVERFLOW });
    // SAFETY: any bits are a value of the struct.
    let mut keys: Vec<sai_object_key_t> = vec![unsafe { std::mem::zeroed() }; count as usize];
    // SAFETY: the list has room for as many as it says.
    let status = unsafe { sai::sai_get_object_key(switch, object, &raw mut count, keys.as_mut_ptr()) };
    assert_eq!((status, count as usize), (SUCCESS, keys.len()));
    keys
}

fn listed_ids(switch: u64, object: u32) -> Vec<u64> {
    // SAFETY: the key of a type without keys is an id.
    listed(switch, object).iter().map(|key| unsafe { key.key.object_id }).collect()
}

/// An address that the library wrote.
fn address(family: sai_ip_addr_family_t, addr: sai_ip_addr_t) -> IpAddr {
    if family == sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4 {
        // SAFETY: the family says which member is in use.
        Ipv4Addr::from(unsafe { addr.ip4 }.to_ne_bytes()).into()
    } else {
        // SAFETY: as above.
        Ipv6Addr::from(unsafe { addr.ip6 }).into()
    }
}

fn listed_keys(switch: u64, object: u32) -> Vec<Key> {
    let key = |key: &sai_object_key_t| match object {
        NEIGHBOR_ENTRY => {
            // SAFETY: the key of a neighbour.
            let entry = unsafe { key.key.neighbor_entry };
            assert_eq!(entry.switch_id, switch);
            let ip = address(entry.ip_address.addr_family, entry.ip_address.addr);
            Key::Neighbor { rif: entry.rif_id, ip }
        }
        FDB_ENTRY => {
            // SAFETY: the key of an FDB entry.
            let entry = unsafe { key.key.fdb_entry };
            assert_eq!(entry.switch_id, switch);
            Key::Fdb { bv: entry.bv_id, mac: entry.mac_address }
        }
        _ => {
            // SAFETY: the key of a route.
            let entry = unsafe { key.key.route_entry };
            assert_eq!(entry.switch_id, switch);
            let to = entry.destination;
            let (ip, mask) = (address(to.addr_family, to.addr), address(to.addr_family, to.mask));
            Key::Route { vr: entry.vr_id, ip, mask }
        }
    };
    listed(switch, object).iter().map(key).collect()
}

const ENTRIES: [u32; 3] = [NEIGHBOR_ENTRY, FDB_ENTRY, ROUTE_ENTRY];

impl Start {
    /// A switch as it comes up: the first port is the CPU's; each other one has a lane, a speed, an enabled bridge
    /// port on the default bridge, and is in VLAN 1.
    pub(crate) fn of(client: &Client, profile: Profile) -> Self {
        let switch = client.switch.id();
        let mut model = Model {
            profile,
            live: BTreeMap::new(),
            known: BTreeMap::new(),
            pinned: BTreeSet::new(),
            entries: BTreeMap::new(),
            unplugged: BTreeSet::new(),
            switch,
            cpu_port: 0,
            default_bridge: client.switch.default_bridge(),
            endless: false,
        };
        for object in 1..sai_object_type_t::SAI_OBJECT_TYPE_MAX.0 {
            if !ENTRIES.contains(&object) {
                for id in listed_ids(switch, object) {
                    model.known.insert(id, object);
                    model.live.insert(id, Object { object, attrs: Attrs::new() });
                    if !matches!(object, PORT | BRIDGE_PORT | VLAN_MEMBER | ROUTER_INTERFACE) {
                        model.pinned.insert(id);
                    }
                }
            }
        }
        let ports = model.ids(PORT);
        model.cpu_port = ports[0];
        model.pinned.insert(ports[0]);
        let mut give = |id: u64, attrs: &[(u32, Value)]| {
            model.live.get_mut(&id).unwrap().attrs = attrs.iter().cloned().collect();
        };
        let number = Value::Number;
        for (n, port) in ports.iter().enumerate() {
            let lane = Value::Numbers(vec![n as i64]);
            let speed = (sai_port_attr_t::SAI_PORT_ATTR_SPEED.0, number(100_000));
            give(*port, &[(sai_port_attr_t::SAI_PORT_ATTR_HW_LANE_LIST.0, lane), speed]);
        }
        use sai_bridge_port_attr_t as BridgePort;
        use sai_vlan_member_attr_t as Member;
        let vlan = client.switch.default_vlan();
        let (bridge_ports, members) = (listed_ids(switch, BRIDGE_PORT), listed_ids(switch, VLAN_MEMBER));
        assert_eq!((bridge_ports.len(), members.len()), (ports.len() - 1, ports.len() - 1));
        for (n, port) in ports[1..].iter().enumerate() {
            let port = (BridgePort::SAI_BRIDGE_PORT_ATTR_PORT_ID.0, Value::Id(*port));
            let on = (BridgePort::SAI_BRIDGE_PORT_ATTR_ADMIN_STATE.0, number(1));
            give(bridge_ports[n], &[(BridgePort::SAI_BRIDGE_PORT_ATTR_TYPE.0, number(0)), port, on]);
            let at = (Member::SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID.0, Value::Id(bridge_ports[n]));
            give(members[n], &[(Member::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0, Value::Id(vlan)), at]);
        }
        give(vlan, &[(sai_vlan_attr_t::SAI_VLAN_ATTR_VLAN_ID.0, number(1))]);
        give(client.switch.default_bridge(), &[(sai_bridge_attr_t::SAI_BRIDGE_ATTR_TYPE.0, number(0))]);
        // The interface that every client of these tests begins with.
        use sai_router_interface_attr_t as Rif;
        let router = (
            Rif::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0,
            Value::Id(client.switch.default_virtual_router()),
        );
        let on = (Rif::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0, Value::Id(vlan));
        give(client.rif, &[(Rif::SAI_ROUTER_INTERFACE_ATTR_TYPE.0, number(1)), router, on]);
        // What others take their defaults from is the device's choice.
        let real = Real { client };
        let wanted: BTreeSet<u32> =
            kinds()
                .values()
                .flat_map(|kind| &kind.rows)
                .filter_map(|row| {
                    if let crate::rows::Default::OfSwitch(id) = row.default { Some(id) } else { None }
                })
                .collect();
        for id in wanted {
            let step = Step::Get(SWITCH, Way::Single, vec![(Name::Id(switch), vec![(id, 64)])]);
            if let Read::Is(value) = real.run(&step).values[0][0].clone() {
                model.live.get_mut(&switch).unwrap().attrs.insert(id, value);
            }
        }
        let mut start = Self { model, left: BTreeMap::new() };
        start.left = start.room(switch);
        start
    }

    /// How much more the library says would fit.
    fn room(&self, switch: u64) -> BTreeMap<(u32, bool), u64> {
        let family = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY.0;
        let mut left = BTreeMap::new();
        for (object, v6) in [
            (NEIGHBOR_ENTRY, false),
            (NEIGHBOR_ENTRY, true),
            (FDB_ENTRY, false),
            (ROUTE_ENTRY, false),
            (NEXT_HOP, false),
            (NEXT_HOP_GROUP, false),
            (NEXT_HOP_GROUP_MEMBER, false),
        ] {
            let attrs = [crate::support::num(family, v6.into())];
            let given = u32::from(object == NEIGHBOR_ENTRY);
            let (mut count, object_type) = (0, sai_object_type_t(object));
            // SAFETY: all places are ours.
            let status = unsafe {
                sai::sai_object_type_get_availability(
                    switch,
                    object_type,
                    given,
                    attrs.as_ptr(),
                    &raw mut count,
                )
            };
            assert_eq!(status, SUCCESS);
            left.insert((object, v6), count);
        }
        left
    }

    /// Holds all that the library tells against all that the model holds.
    pub(crate) fn compare(&mut self, real: &Real) {
        let switch = self.model.switch;
        for object in 1..sai_object_type_t::SAI_OBJECT_TYPE_MAX.0 {
            if ENTRIES.contains(&object) {
                let mut keys = listed_keys(switch, object);
                keys.sort_unstable();
                assert_eq!(keys, self.model.keys(object));
            } else if object != QUEUE {
                let mut ids = listed_ids(switch, object);
                ids.sort_unstable();
                assert_eq!(ids, self.model.ids(object), "type {object}");
            }
        }
        let known = |(id, object): (&u64, &Object)| {
            let described = kinds().contains_key(&object.object) && object.object != SWITCH;
            described.then_some((object.object, Name::Id(*id)))
        };
        let mut all: Vec<(u32, Name)> = self.model.live.iter().filter_map(known).collect();
        all.extend(self.model.entries.keys().map(|key| (key.object(), Name::Key(key.clone()))));
        for (object, name) in all {
            for row in &kind(object).rows {
                let unsure = self.model.get(object, &name, row.id) == Ok(Answer::Perhaps);
                let step = Step::Get(object, Way::Single, vec![(name.clone(), vec![(row.id, 64)])]);
                let said = real.run(&step);
                if unsure {
                    let answers = [SUCCESS, SAI_STATUS_ATTR_NOT_IMPLEMENTED_0];
                    assert!(answers.contains(&said.status), "{}: {}", row.name, said.status);
                } else {
                    self.model.follow(&step, &said);
                }
            }
            if let Name::Id(id) = name
                && COUNTED.contains(&object)
            {
                let step = Step::Stats(object, id, 2);
                self.model.follow(&step, &real.run(&step));
            }
        }
        self.compare_room(switch);
        self.compare_inside(real);
    }

    fn compare_room(&self, switch: u64) {
        let free = self.model.profile.host_capacity - self.model.slots(&self.model.entries);
        for ((object, v6), now) in self.room(switch) {
            let expected = match object {
                NEIGHBOR_ENTRY if v6 => free / self.model.profile.v6_slots,
                NEIGHBOR_ENTRY => free,
                FDB_ENTRY => self.model.profile.fdb_capacity - self.model.keys(object).len() as u64,
                _ => {
                    let taken = self.model.ids(object).len() + self.model.keys(object).len();
                    self.left[&(object, v6)] - taken as u64
                }
            };
            assert_eq!(now, expected, "room for type {object}");
        }
    }

    /// What the inspection API tells is the same.
    fn compare_inside(&self, real: &Real) {
        let view = &real.client.switch;
        let mut neighbors = Vec::new();
        let mut fdb = Vec::new();
        for (key, attrs) in &self.model.entries {
            match key {
                Key::Neighbor { rif, ip } => {
                    let (mac, no_host_route) = Model::neighbor(attrs);
                    neighbors.push(sai::inspect::Neighbor { rif: *rif, ip: *ip, mac, no_host_route });
                }
                Key::Fdb { bv, mac } => {
                    let (bridge_port, is_static) = Model::station(attrs);
                    fdb.push(sai::inspect::FdbEntry { bv: *bv, mac: *mac, bridge_port, is_static });
                }
                Key::Route { .. } => {}
            }
        }
        neighbors.sort_unstable();
        fdb.sort_unstable();
        assert_eq!(view.neighbors(), neighbors);
        assert_eq!(view.fdb(), fdb);
        let slots = (self.model.slots(&self.model.entries), self.model.profile.host_capacity);
        assert_eq!(view.host_slots(), slots);
    }
}
