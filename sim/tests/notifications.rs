//! What hardware does by itself, as a client hears of it.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::sync::Mutex;
use std::thread::ThreadId;

use sai_sys::*;
use support::*;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Heard {
    Port(u64, bool),
    Fdb { event: sai_fdb_event_t, bv: u64, mac: [u8; 6], kind: u32, port: u64 },
    Switch(u64, u32),
}

/// What all callbacks of this process heard, with their switch and thread.
static HEARD: Mutex<Vec<(u64, ThreadId, Heard)>> = Mutex::new(Vec::new());

fn hear(switch: u64, heard: Heard) {
    HEARD.lock().unwrap().push((switch, std::thread::current().id(), heard));
}

unsafe extern "C" fn on_port(count: u32, data: *const sai_port_oper_status_notification_t) {
    // SAFETY: the library passes as many as it says.
    for event in unsafe { std::slice::from_raw_parts(data, count as usize) } {
        let up = event.port_state == sai_port_oper_status_t::SAI_PORT_OPER_STATUS_UP;
        hear(sai::sai_switch_id_query(event.port_id), Heard::Port(event.port_id, up));
    }
}

unsafe extern "C" fn on_fdb(count: u32, data: *const sai_fdb_event_notification_data_t) {
    // SAFETY: the library passes as many as it says.
    for event in unsafe { std::slice::from_raw_parts(data, count as usize) } {
        // SAFETY: as above.
        let attrs = unsafe { std::slice::from_raw_parts(event.attr, event.attr_count as usize) };
        let value = |id: sai_fdb_entry_attr_t| attrs.iter().find(|a| a.id == id.0).unwrap().value;
        // SAFETY: the attribute's own member.
        let kind = unsafe { value(sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_TYPE).u32_ };
        // SAFETY: the attribute's own member.
        let port = unsafe { value(sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID).oid };
        let entry = event.fdb_entry;
        let heard =
            Heard::Fdb { event: event.event_type, bv: entry.bv_id, mac: entry.mac_address, kind, port };
        hear(entry.switch_id, heard);
    }
}

unsafe extern "C" fn on_switch(switch: u64, state: sai_switch_oper_status_t) {
    hear(switch, Heard::Switch(switch, state.0));
}

/// A client whose callbacks are set, and what it heard since it was last asked.
struct Listener {
    client: Client,
}

impl Listener {
    fn new() -> Self {
        use sai_switch_attr_t as A;
        let client = Client::new(&[("SAI_SIM_PORTS", "4")]);
        let api: &sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
        let callbacks: [(sai_switch_attr_t, sai_pointer_t); 3] = [
            (A::SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY, on_port as *mut _),
            (A::SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY, on_fdb as *mut _),
            (A::SAI_SWITCH_ATTR_SWITCH_STATE_CHANGE_NOTIFY, on_switch as *mut _),
        ];
        for (id, callback) in callbacks {
            let attr = attr(id.0, |v| v.ptr = callback);
            // SAFETY: all places are ours.
            let status = unsafe { api.set_switch_attribute.unwrap()(client.switch.id(), &raw const attr) };
            assert_eq!(status, SUCCESS);
        }
        Self { client }
    }

    fn heard(&self) -> Vec<Heard> {
        let mut all = HEARD.lock().unwrap();
        let mine = |switch: u64| switch == self.client.switch.id();
        assert!(all.iter().all(|(_, thread, _)| *thread != std::thread::current().id()));
        let heard = all.iter().filter(|(switch, ..)| mine(*switch)).map(|(.., heard)| *heard).collect();
        all.retain(|(switch, ..)| !mine(*switch));
        heard
    }
}

#[test]
fn a_cable_that_is_pulled_is_heard_of_and_seen() {
    let listener = Listener::new();
    let switch = &listener.client.switch;
    let api: &sai_port_api_t = table(sai_api_t::SAI_API_PORT);
    let port = switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_PORT)[1];
    let admin = flag(sai_port_attr_t::SAI_PORT_ATTR_ADMIN_STATE.0, true);
    // SAFETY: all places are ours.
    assert_eq!(unsafe { api.set_port_attribute.unwrap()(port, &raw const admin) }, SUCCESS);
    let oper = || {
        let mut attr = num(sai_port_attr_t::SAI_PORT_ATTR_OPER_STATUS.0, 0);
        // SAFETY: all places are ours.
        assert_eq!(unsafe { api.get_port_attribute.unwrap()(port, 1, &raw mut attr) }, SUCCESS);
        // SAFETY: an enumeration is an s32.
        unsafe { attr.value.u32_ == sai_port_oper_status_t::SAI_PORT_OPER_STATUS_UP.0 }
    };
    assert!(oper());
    switch.link(port, false).unwrap();
    assert!(!oper());
    switch.link(port, true).unwrap();
    assert!(oper());
    let heard = [true, false, true].map(|up| Heard::Port(port, up));
    assert_eq!(listener.heard(), heard, "enabled, pulled, plugged in");
    assert_eq!(switch.link(switch.default_vlan(), true), Err(Status::INVALID_OBJECT_TYPE));
}

#[test]
fn a_port_s_link_follows_its_admin_state_and_the_client_hears_of_it() {
    let listener = Listener::new();
    let switch = &listener.client.switch;
    let api: &sai_port_api_t = table(sai_api_t::SAI_API_PORT);
    let port = switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_PORT)[1];
    let admin = |on| flag(sai_port_attr_t::SAI_PORT_ATTR_ADMIN_STATE.0, on);
    // SAFETY: all places are ours.
    let set = |attr: sai_attribute_t| unsafe { api.set_port_attribute.unwrap()(port, &raw const attr) };
    // A command waits for its callback, and so for those before it.
    let heard = || {
        switch.switch_state(sai_switch_oper_status_t::SAI_SWITCH_OPER_STATUS_UP).unwrap();
        let mut heard = listener.heard();
        assert!(matches!(heard.pop(), Some(Heard::Switch(..))));
        heard
    };
    assert_eq!(set(admin(true)), SUCCESS);
    assert_eq!(heard(), [Heard::Port(port, true)]);
    assert_eq!(set(admin(true)), SUCCESS);
    assert_eq!(set(num(sai_port_attr_t::SAI_PORT_ATTR_MTU.0, 9000)), SUCCESS);
    assert_eq!(heard(), [], "nothing changed");
    assert_eq!(set(admin(false)), SUCCESS);
    assert_eq!(heard(), [Heard::Port(port, false)]);
    switch.link(port, false).unwrap();
    heard();
    assert_eq!(set(admin(true)), SUCCESS);
    assert_eq!(heard(), [], "enabled, without a cable");

    // In bulk, and of a call that says that it failed and did not.
    switch.set_faults("set port fail FAILURE after", 1).unwrap();
    let second = switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_PORT)[2];
    let (ids, attrs, mut statuses) = ([second], [admin(true)], [UNTOUCHED]);
    let set_many = api.set_ports_attribute.unwrap();
    // SAFETY: all places are ours.
    let status = unsafe { set_many(1, ids.as_ptr(), attrs.as_ptr(), STOP, statuses.as_mut_ptr()) };
    assert_eq!((status, statuses), (SAI_STATUS_FAILURE, [SAI_STATUS_FAILURE]));
    assert_eq!(heard(), [Heard::Port(second, true)]);

    let (mut id, mut lane) = (0, 1000);
    let lanes = sai_u32_list_t { count: 1, list: &raw mut lane };
    use sai_port_attr_t as A;
    let attrs = [
        attr(A::SAI_PORT_ATTR_HW_LANE_LIST.0, |v| v.u32list = lanes),
        num(A::SAI_PORT_ATTR_SPEED.0, 100_000),
        admin(true),
    ];
    // SAFETY: all places are ours.
    let status = unsafe { api.create_port.unwrap()(&raw mut id, switch.id(), 3, attrs.as_ptr()) };
    assert_eq!(status, SUCCESS);
    assert_eq!(heard(), [Heard::Port(id, true)], "created enabled");
}

#[test]
fn macs_are_learned_and_move_and_age() {
    let listener = Listener::new();
    let switch = &listener.client.switch;
    let (bv, mac) = (switch.default_vlan(), [2, 0, 0, 0, 0, 9]);
    let ports = switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE_PORT);
    let dynamic = sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_DYNAMIC.0;
    let event = |event, port| Heard::Fdb { event, bv, mac, kind: dynamic, port };
    switch.hear(bv, mac, ports[0]).unwrap();
    switch.hear(bv, mac, ports[0]).unwrap();
    assert_eq!(listener.heard(), [event(sai_fdb_event_t::SAI_FDB_EVENT_LEARNED, ports[0])], "once");
    switch.hear(bv, mac, ports[1]).unwrap();
    assert_eq!(listener.heard(), [event(sai_fdb_event_t::SAI_FDB_EVENT_MOVE, ports[1])]);
    assert_eq!(switch.fdb().len(), 1);
    switch.age(bv, mac).unwrap();
    assert_eq!(listener.heard(), [event(sai_fdb_event_t::SAI_FDB_EVENT_AGED, ports[1])]);
    assert!(switch.fdb().is_empty());
    assert_eq!(switch.age(bv, mac), Err(Status::ITEM_NOT_FOUND));
    switch.hear(bv, mac, ports[2]).unwrap();
    switch.flush(ports[2]).unwrap();
    let flushed = event(sai_fdb_event_t::SAI_FDB_EVENT_FLUSHED, ports[2]);
    assert_eq!(listener.heard().last(), Some(&flushed));
    assert!(switch.fdb().is_empty());
}

#[test]
fn a_static_mac_moves_only_if_it_allows_that() {
    use sai_fdb_entry_attr_t as A;
    let listener = Listener::new();
    let switch = &listener.client.switch;
    let (bv, mac) = (switch.default_vlan(), [2, 0, 0, 0, 0, 9]);
    let ports = switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE_PORT);
    let entry = sai_fdb_entry_t { switch_id: switch.id(), mac_address: mac, bv_id: bv };
    let attrs = [
        num(A::SAI_FDB_ENTRY_ATTR_TYPE.0, sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_STATIC.0),
        oid(A::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID.0, ports[0]),
    ];
    // SAFETY: all places are ours.
    assert_eq!(unsafe { listener.client.fdb.create_fdb_entry.unwrap()(&entry, 2, attrs.as_ptr()) }, SUCCESS);
    switch.hear(bv, mac, ports[1]).unwrap();
    assert_eq!((listener.heard(), switch.fdb()[0].bridge_port), (vec![], ports[0]));
    let allow = flag(A::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE.0, true);
    // SAFETY: all places are ours.
    let status = unsafe { listener.client.fdb.set_fdb_entry_attribute.unwrap()(&entry, &raw const allow) };
    assert_eq!(status, SUCCESS);
    switch.hear(bv, mac, ports[1]).unwrap();
    assert_eq!((listener.heard().len(), switch.fdb()[0].bridge_port), (1, ports[1]));
    assert_eq!(switch.age(bv, mac), Err(Status::INVALID_PARAMETER), "a static entry does not age");
}

#[test]
fn the_switch_tells_its_state_and_nobody_need_listen() {
    let listener = Listener::new();
    let down = sai_switch_oper_status_t::SAI_SWITCH_OPER_STATUS_DOWN;
    listener.client.switch.switch_state(down).unwrap();
    assert_eq!(listener.heard(), [Heard::Switch(listener.client.switch.id(), down.0)]);
    let deaf = Client::new(&[("SAI_SIM_PORTS", "1")]);
    deaf.switch.switch_state(down).unwrap();
    let bridge_port = deaf.switch.objects(sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE_PORT)[0];
    deaf.switch.hear(deaf.switch.default_vlan(), [2, 0, 0, 0, 0, 1], bridge_port).unwrap();
    assert_eq!(deaf.switch.fdb().len(), 1);
}
