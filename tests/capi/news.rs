//! Events that a program waits for arrive in C, each with its number and its fields: two switches in namespaces of their
//! own, with a cable between them.

use crate::common::netns::Netns;
use crate::nos::*;
use ::mlagsync::addr::{InterfaceId, VlanId, VpnInstance};
use ::mlagsync::capi::*;
use ::mlagsync::run::topology::{InterfaceSpec, Topology};
use sai::inspect::SimSwitch;
use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};
use std::thread;

#[track_caller]
fn ok(result: mlagsync_result_t) {
    assert_eq!(name(result), "MLAGSYNC_OK", "{}", last_error());
}

fn word(field: &[c_char]) -> String {
    // SAFETY: the header says that it ends with a zero.
    unsafe { CStr::from_ptr(field.as_ptr()) }.to_str().unwrap().to_owned()
}

/// A switch with router interfaces on VLAN 10 and 11.
struct Box {
    sim: SimSwitch,
    rifs: [u64; 2],
}

impl Box {
    fn new(profile: &[(&str, &str)]) -> Box {
        let (sim, switch) = crate::hardware::linked(profile);
        let interfaces = [10, 11].map(|n| InterfaceId::Vlanif(VlanId::new(n).unwrap()));
        let specs = interfaces.map(|interface| InterfaceSpec {
            interface,
            vrf: VpnInstance::public(),
            mac: None,
            underlay: None,
            tag: None,
        });
        let topology = Topology::build(&switch, &specs).unwrap();
        Box { sim, rifs: interfaces.map(|interface| topology.rif(interface).unwrap().raw()) }
    }

    fn builder(&self) -> *mut mlagsync_builder_t {
        builder(&self.sim)
    }

    fn binding(&self, vlan_id: u32) -> mlagsync_binding_t {
        let rif = self.rifs[usize::from(vlan_id == 11)];
        mlagsync_binding_t { interface: vlan(vlan_id), rif, ..binding() }
    }
}

/// Two of them, and their handles.
struct Pair {
    _spaces: [Netns; 2],
    boxes: [Box; 2],
    handles: [Handle; 2],
}

fn pair(limits: Option<mlagsync_limits_t>) -> Pair {
    let spaces = [Netns::new(), Netns::new()];
    spaces[0].veth("eth0", &spaces[1], "eth0");
    let boxes = [Box::new(&[]), Box::new(&[])];
    let mut handles = [null_mut(); 2];
    for (n, space) in spaces.iter().enumerate() {
        space.run(|net| net.address("eth0", ["10.1.0.3", "10.1.0.4"][n], 24));
        let its = boxes[n].builder();
        // SAFETY: a builder, and a struct that is there.
        unsafe {
            ok(mlagsync_builder_node_id(its, n as u64 + 3));
            if let Some(limits) = &limits {
                ok(mlagsync_builder_limits(its, limits));
            }
        }
        // A pointer is no other thread's; the name in it is anybody's. Its sockets are made where it is started.
        let address = its.addr();
        let started = space.inside(move || start(std::ptr::without_provenance_mut(address)).addr());
        handles[n] = std::ptr::without_provenance_mut(started);
        // SAFETY: a struct that is there.
        ok(unsafe { mlagsync_bind(handles[n], &boxes[n].binding(10)) });
    }
    Pair { _spaces: spaces, boxes, handles }
}

impl Pair {
    fn connect(&self) {
        for (n, handle) in self.handles.into_iter().enumerate() {
            let of = |last: u8| {
                let mut ip = ip(last);
                ip.octets[..3].copy_from_slice(&[10, 1, 0]);
                ip
            };
            let channel = mlagsync_channel_t { source: of(3 + n as u8), peer: of(4 - n as u8), ..channel() };
            // SAFETY: a struct that is there.
            ok(unsafe { mlagsync_configure_channel(handle, &channel, null_mut(), 0, null_mut()) });
        }
    }

    fn free(self) {
        for handle in self.handles {
            ok(free(handle));
        }
    }
}

fn learn(handle: Handle, item: mlagsync_learned_t) {
    let mut taken = 0;
    // SAFETY: a struct and a place.
    ok(unsafe { mlagsync_learned(handle, &item, 1, 1000, &raw mut taken) });
}

fn forget(handle: Handle, last: u8) {
    let mut taken = 0;
    // SAFETY: a struct and a place.
    ok(unsafe { mlagsync_forgotten(handle, &key(last), 1, 1000, &raw mut taken) });
}

/// Whose claim of the address wins on this switch, by the last octet of its MAC.
fn winner(handle: Handle, last: u8) -> Option<u8> {
    let filter = mlagsync_filter_t { ip: ip(last), ..init() };
    let mut rows = [init::<mlagsync_neighbor_t>(); 4];
    let (mut cursor, mut count) = (MLAGSYNC_CURSOR_BEGIN, 0);
    // SAFETY: four rows, and places.
    ok(unsafe {
        mlagsync_neighbors(handle, &filter, rows.as_mut_ptr(), 64, 4, &raw mut cursor, &raw mut count)
    });
    rows[..count].iter().find(|row| row.wins == 1).map(|row| row.mac[5])
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        thread::yield_now();
    }
}

fn of(key: &mlagsync_key_t) -> (u32, u8) {
    (key.interface.number, key.ip.octets[3])
}

#[test]
fn what_happens_between_two_switches_arrives() {
    let pair = pair(None);
    let [left, right] = pair.handles;
    pair.connect();
    let up = await_event(left, MLAGSYNC_EVENT_SESSION_UP);
    assert_eq!((up.peer, word(&up.reason)), (4, "session-up".to_owned()));
    for handle in pair.handles {
        // SAFETY: a handle.
        ok(unsafe { mlagsync_local_complete(handle) });
    }
    for of in [MLAGSYNC_EVENT_SELF_READY, MLAGSYNC_EVENT_PEER_READY] {
        while await_event(left, of).state != MLAGSYNC_READY_PROVED {}
    }

    // Refused: the interface is bound on one switch alone.
    let elsewhere = mlagsync_key_t { interface: vlan(11), ..key(5) };
    // SAFETY: a struct that is there.
    ok(unsafe { mlagsync_bind(right, &pair.boxes[1].binding(11)) });
    learn(right, mlagsync_learned_t { key: elsewhere, ..learned(5) });
    let refused = await_event(left, MLAGSYNC_EVENT_REFUSED);
    assert_eq!((of(&refused.key), refused.state), ((11, 5), MLAGSYNC_REFUSAL_INTERFACE_UNKNOWN));
    assert_eq!((word(&refused.reason), refused.status), ("interface-unknown".to_owned(), 0));

    // Conflict: what an operator configured here, the peer claims with another MAC.
    let mut taken = 0;
    // SAFETY: a struct and a place.
    ok(unsafe { mlagsync_static(left, &host(20), 1, 1000, &raw mut taken) });
    learn(right, mlagsync_learned_t { mac: [2, 0, 0, 0, 0, 99], ..learned(20) });
    let conflict = await_event(left, MLAGSYNC_EVENT_STATIC_DISPUTED);
    assert_eq!((of(&conflict.key), conflict.mac[5], conflict.other_mac[5]), ((10, 20), 20, 99));

    // Probe: the claim that lost counts again, and nobody has heard the host meanwhile.
    learn(left, learned(30));
    until("the peer knows", || winner(right, 30) == Some(30));
    learn(right, mlagsync_learned_t { mac: [2, 0, 0, 0, 0, 99], ..learned(30) });
    until("the other one wins", || winner(left, 30) == Some(99));
    forget(right, 30);
    assert_eq!(of(&await_event(left, MLAGSYNC_EVENT_PROBE).key), (10, 30));

    // Frozen: to and fro.
    let mut mac = 0;
    let frozen = 'moved: loop {
        for handle in [left, right] {
            mac += 1;
            learn(handle, mlagsync_learned_t { mac: [2, 0, 0, 0, 1, mac], ..learned(40) });
            let mut event = init::<mlagsync_event_t>();
            let mut froze = None;
            until("it moves, or does not any more", || {
                for of in pair.handles {
                    // SAFETY: a place.
                    let result = unsafe { mlagsync_next_event(of, &raw mut event, 0) };
                    if result == MLAGSYNC_OK && event.r#type == MLAGSYNC_EVENT_FROZEN {
                        froze = Some(event);
                    }
                }
                froze.is_some() || pair.handles.iter().all(|handle| winner(*handle, 40) == Some(mac))
            });
            if let Some(event) = froze {
                break 'moved event;
            }
        }
        assert!(mac < 100, "it is never frozen");
    };
    assert_eq!(of(&frozen.key), (10, 40));
    assert!(frozen.count > 0, "for how long");

    // Released, then down with its reason.
    // SAFETY: a struct that is there.
    ok(unsafe { mlagsync_unbind(left, &vlan(10)) });
    assert_eq!(await_event(left, MLAGSYNC_EVENT_RELEASED).key.interface.number, 10);
    ok(stop(right));
    let down = await_event(left, MLAGSYNC_EVENT_SESSION_DOWN);
    assert!(
        !word(&down.reason).is_empty() && word(&down.text).contains("session-down"),
        "{}",
        word(&down.text)
    );
    pair.free();
}

#[test]
fn what_there_is_no_room_for_is_told() {
    let limits = mlagsync_limits_t { slots: 10, ..init() };
    let pair = pair(Some(limits));
    let [left, right] = pair.handles;
    pair.connect();
    await_event(left, MLAGSYNC_EVENT_SESSION_UP);
    for n in 1..=12 {
        learn(right, learned(n));
    }
    let threshold = await_event(left, MLAGSYNC_EVENT_THRESHOLD);
    assert_eq!((threshold.scope, threshold.percent, threshold.state), (MLAGSYNC_SCOPE_TABLE, 70, 1));
    assert!((7..=10).contains(&threshold.count) && threshold.other == 10, "{}", threshold.count);
    let rejects = await_event(left, MLAGSYNC_EVENT_REJECTS);
    assert_eq!((rejects.scope, rejects.state), (MLAGSYNC_SCOPE_TABLE, MLAGSYNC_REFUSAL_CAPACITY));
    assert_eq!((rejects.key.interface.number, rejects.other, rejects.percent), (10, 10, 100));
    assert!(rejects.count > 0 && rejects.waiting > 0);
    let mut text = [0 as c_char; 8192];
    let mut needed = 0;
    // SAFETY: a buffer of that size, and a place.
    ok(unsafe {
        mlagsync_show(left, MLAGSYNC_SHOW_ADMISSION, text.as_mut_ptr(), text.len(), &raw mut needed)
    });
    let shown: serde_json::Value = serde_json::from_str(&word(&text)).unwrap();
    assert_eq!((&shown["table"]["of"], &shown["table"]["used"]), (&10.into(), &10.into()), "{shown}");
    pair.free();
}

/// A quota of one interface, and of one VPN instance.
#[test]
fn a_quota_is_told_with_what_it_is_of() {
    for of_interface in [true, false] {
        let unit = Box::new(&[]);
        let its = unit.builder();
        // SAFETY: a builder, and a struct that is there.
        unsafe {
            ok(mlagsync_builder_ownership(its, MLAGSYNC_OWNERSHIP_ALL));
            match of_interface {
                true => ok(mlagsync_builder_interface_hosts(its, &vlan(10), 2)),
                false => ok(mlagsync_builder_vrf_hosts(its, null(), 2)),
            }
        }
        let handle = start(its);
        // SAFETY: a struct that is there.
        ok(unsafe { mlagsync_bind(handle, &unit.binding(10)) });
        (1..=3).for_each(|n| learn(handle, learned(n)));
        let rejects = await_event(handle, MLAGSYNC_EVENT_REJECTS);
        let scope = if of_interface { MLAGSYNC_SCOPE_INTERFACE } else { MLAGSYNC_SCOPE_VRF };
        assert_eq!((rejects.scope, rejects.state), (scope, MLAGSYNC_REFUSAL_QUOTA));
        assert_eq!((rejects.key.interface.number, word(&rejects.vrf)), (10, String::new()));
        ok(free(handle));
        assert_eq!(unit.sim.neighbor_count(), 2);
    }
}

/// The second life takes over what the first one wrote, by the journal, and says so.
#[test]
fn what_the_journal_names_is_adopted_and_told() {
    let unit = Box::new(&[]);
    let dir = tempfile::tempdir().unwrap();
    let path = text(dir.path().join("journal").to_str().unwrap());
    let life = |hosts: u8| {
        let its = unit.builder();
        // SAFETY: a builder, and a text that ends.
        unsafe {
            ok(mlagsync_builder_ownership(its, MLAGSYNC_OWNERSHIP_ALL));
            ok(mlagsync_builder_journal(its, path.as_ptr()));
        }
        let handle = start(its);
        // SAFETY: a struct that is there.
        ok(unsafe { mlagsync_bind(handle, &unit.binding(10)) });
        (1..=hosts).for_each(|n| learn(handle, learned(n)));
        handle
    };
    let first = life(3);
    until("they are there", || unit.sim.neighbor_count() == 3);
    ok(free(first));
    unit.sim.reset_calls();
    let second = life(2);
    let mut adopted: Vec<(u32, u8, u8)> = (0..2)
        .map(|_| await_event(second, MLAGSYNC_EVENT_ADOPTED))
        .map(|event| (event.key.interface.number, event.key.ip.octets[3], event.other_mac[5]))
        .collect();
    adopted.sort_unstable();
    assert_eq!(adopted, [(10, 1, 1), (10, 2, 2)]);
    let mut counts = init::<mlagsync_counts_t>();
    // SAFETY: a place.
    ok(unsafe { mlagsync_counts(second, &raw mut counts) });
    assert_eq!((counts.creates, counts.sets), (0, 0), "nothing is written");
    // Without the journal it would be found out by trying.
    let tried = ["create_neighbor_entry", "create_neighbor_entries"].map(|name| unit.sim.call_count(name));
    assert_eq!(tried, [0, 0]);
    ok(free(second));
}

/// Somebody else empties the ASIC's host table.
fn forget_all(sim: &SimSwitch) {
    let mut table = null_mut();
    let api = sai_sys::sai_api_t::SAI_API_NEIGHBOR;
    // SAFETY: a place for the table of that API's functions.
    let status = unsafe { sai::sai_api_query(api, &raw mut table) };
    assert_eq!(status, 0);
    // SAFETY: the simulator's own table.
    let table = unsafe { &*table.cast::<sai_sys::sai_neighbor_api_t>() };
    // SAFETY: a switch of the simulator.
    let status = unsafe { table.remove_all_neighbor_entries.unwrap()(sim.id()) };
    assert_eq!((status, sim.neighbor_count()), (0, 0));
}

/// What somebody else took away is found and put right, on demand.
#[test]
fn a_repair_puts_right_what_differs() {
    let unit = Box::new(&[]);
    let its = unit.builder();
    // SAFETY: a builder.
    ok(unsafe { mlagsync_builder_ownership(its, MLAGSYNC_OWNERSHIP_ALL) });
    let handle = start(its);
    // SAFETY: a struct that is there.
    ok(unsafe { mlagsync_bind(handle, &unit.binding(10)) });
    (1..=3).for_each(|n| learn(handle, learned(n)));
    let programmed = || {
        let mut counts = init::<mlagsync_counts_t>();
        // SAFETY: a place.
        ok(unsafe { mlagsync_counts(handle, &raw mut counts) });
        counts.programmed
    };
    until("they are there", || programmed() == 3);
    forget_all(&unit.sim);
    let (mut before, mut after) = (init::<mlagsync_verdict_t>(), init::<mlagsync_verdict_t>());
    // SAFETY: places.
    ok(unsafe { mlagsync_repair(handle, &raw mut before, &raw mut after) });
    assert_eq!((before.clean, before.missing, before.wanted), (0, 3, 3));
    assert_eq!((after.clean, after.equal, after.unrepaired), (1, 3, 0));
    assert_eq!(unit.sim.neighbor_count(), 3);
    let mut history = [0 as c_char; 65536];
    let mut needed = 0;
    for what in [MLAGSYNC_SHOW_SESSION, MLAGSYNC_SHOW_COUNTERS, MLAGSYNC_SHOW_HISTORY] {
        // SAFETY: a buffer of that size, and a place.
        ok(unsafe { mlagsync_show(handle, what, history.as_mut_ptr(), history.len(), &raw mut needed) });
        let shown: serde_json::Value = serde_json::from_str(&word(&history)).unwrap();
        assert!(shown.is_object() && needed == word(&history).len() + 1, "{shown}");
    }
    ok(free(handle));
}
