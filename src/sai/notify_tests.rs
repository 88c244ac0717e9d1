//! What the callbacks make of what libraries hand them.

use super::*;
use sai_sys::{sai_fdb_entry_attr_t, sai_fdb_entry_t, sai_port_error_status_t, sai_port_oper_status_t};

const SWITCH: u64 = 0x21;

/// A slot's callbacks as a library would call them, and what comes out.
struct Heard {
    urgent: Inbox<Notice>,
    fdb: Inbox<Vec<FdbNotice>>,
    slot: usize,
}

type OnFdb = unsafe extern "C" fn(u32, *const sai_fdb_event_notification_data_t);
type OnPorts = unsafe extern "C" fn(u32, *const sai_port_oper_status_notification_t);
type OnSwitch = unsafe extern "C" fn(u64, sai_switch_oper_status_t);

impl Heard {
    fn new(room: usize) -> Heard {
        let ((urgent, urgent_in), (fdb, fdb_in)) = (inbox(room), inbox(room));
        let slot = take_slot(Sink { switch: SWITCH, urgent: urgent_in, fdb: fdb_in }).expect("a free slot");
        Heard { urgent, fdb, slot }
    }

    fn callback(&self, n: usize) -> sai_sys::sai_pointer_t {
        CALLBACKS[self.slot]()[n].0
    }

    fn fdb(&self, count: u32, data: *const sai_fdb_event_notification_data_t) {
        // SAFETY: the first callback of a slot is of this type.
        let call = unsafe { std::mem::transmute::<sai_sys::sai_pointer_t, OnFdb>(self.callback(0)) };
        // SAFETY: what a library hands over, or what it must not.
        unsafe { call(count, data) };
    }

    fn ports(&self, count: u32, data: *const sai_port_oper_status_notification_t) {
        // SAFETY: the second callback of a slot is of this type.
        let call = unsafe { std::mem::transmute::<sai_sys::sai_pointer_t, OnPorts>(self.callback(1)) };
        // SAFETY: as above.
        unsafe { call(count, data) };
    }

    fn switch(&self, switch: u64, state: u32) {
        // SAFETY: the third callback of a slot is of this type.
        let call = unsafe { std::mem::transmute::<sai_sys::sai_pointer_t, OnSwitch>(self.callback(2)) };
        // SAFETY: no pointers.
        unsafe { call(switch, sai_switch_oper_status_t(state)) };
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        *SLOT[self.slot].write() = None;
    }
}

fn event(
    kind: u32,
    switch: u64,
    bv: u64,
    mac: [u8; 6],
    attributes: &mut [sai_attribute_t],
) -> sai_fdb_event_notification_data_t {
    sai_fdb_event_notification_data_t {
        event_type: sai_fdb_event_t(kind),
        fdb_entry: sai_fdb_entry_t { switch_id: switch, mac_address: mac, bv_id: bv },
        attr_count: attributes.len() as u32,
        attr: if attributes.is_empty() { std::ptr::null_mut() } else { attributes.as_mut_ptr() },
    }
}

fn port_attribute(port: u64) -> sai_attribute_t {
    // SAFETY: any bytes are an attribute.
    let mut slot: sai_attribute_t = unsafe { std::mem::zeroed() };
    slot.id = sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID.0;
    slot.value.oid = port;
    slot
}

fn oper(port: u64, state: u32) -> sai_port_oper_status_notification_t {
    sai_port_oper_status_notification_t {
        port_id: port,
        port_state: sai_port_oper_status_t(state),
        port_error_status: sai_port_error_status_t::SAI_PORT_ERROR_STATUS_CLEAR,
    }
}

#[test]
fn zeros_mean_all_of_them_and_another_switchs_events_are_none() {
    let heard = Heard::new(8);
    let (mut one, mut none) = ([port_attribute(7)], [port_attribute(0)]);
    let events = [
        event(0, SWITCH, 10, [2; 6], &mut one),
        event(3, SWITCH, 0, [0; 6], &mut none),
        event(1, SWITCH, 10, [2; 6], &mut []),
        event(2, SWITCH + 1, 10, [2; 6], &mut []),
    ];
    heard.fdb(4, events.as_ptr());
    let learned = FdbNotice {
        event: FdbEvent::Learned,
        domain: Some(10),
        mac: Some(Mac([2; 6])),
        port: Some(Oid::from_raw(7)),
    };
    let flushed = FdbNotice { event: FdbEvent::Flushed, domain: None, mac: None, port: None };
    let aged = FdbNotice { event: FdbEvent::Aged, port: None, ..learned };
    assert_eq!(heard.fdb.next(), Some(Told::Notice(vec![learned, flushed, aged])));
    assert_eq!(heard.fdb.next(), None);
}

#[test]
fn what_cannot_be_read_counts_as_lost_and_the_rest_is_told() {
    let heard = Heard::new(8);
    heard.fdb(3, std::ptr::null());
    assert_eq!((heard.fdb.next(), heard.fdb.next()), (Some(Told::Lost), None));
    let one = event(0, SWITCH, 10, [2; 6], &mut []);
    heard.fdb(u32::MAX, &raw const one);
    assert_eq!(heard.fdb.next(), Some(Told::Lost));
    let mut attributes = [port_attribute(7)];
    let mut absurd = event(0, SWITCH, 10, [3; 6], &mut attributes);
    absurd.attr_count = u32::MAX;
    let events = [event(99, SWITCH, 10, [2; 6], &mut []), absurd, event(0, SWITCH, 10, [4; 6], &mut [])];
    heard.fdb(3, events.as_ptr());
    let Some(Told::Notice(told)) = heard.fdb.next() else { panic!("the one that can be read is told") };
    assert_eq!(told.len(), 1);
    assert_eq!((heard.fdb.next(), heard.fdb.next()), (Some(Told::Lost), None));
    heard.ports(2, std::ptr::null());
    assert_eq!((heard.urgent.next(), heard.urgent.next()), (Some(Told::Lost), None));
    heard.ports(0, std::ptr::null());
    heard.fdb(0, std::ptr::null());
    assert_eq!((heard.urgent.next(), heard.fdb.next()), (None, None), "nothing is no news");
}

#[test]
fn a_full_queue_keeps_what_it_has_and_says_that_something_was_lost() {
    let heard = Heard::new(2);
    for n in 0..5 {
        let up = oper(n, 1);
        heard.ports(1, &raw const up);
    }
    let first = |n| Some(Told::Notice(Notice::Ports(vec![(Oid::from_raw(n), PortState::Up)])));
    assert_eq!(heard.urgent.next(), first(0));
    assert_eq!(heard.urgent.next(), first(1));
    assert_eq!(heard.urgent.next(), Some(Told::Lost), "behind what was told before");
    assert_eq!(heard.urgent.next(), None, "once");
    // Entries of the FDB are in nobody's way.
    heard.fdb(1, std::ptr::null());
    heard.switch(SWITCH, 1);
    heard.switch(SWITCH + 1, 2);
    assert_eq!(heard.urgent.next(), Some(Told::Notice(Notice::Switch(SwitchState::Up))));
    assert_eq!(heard.urgent.next(), None);
}

#[test]
fn what_is_lost_wakes_whoever_waits() {
    let heard = Heard::new(1);
    heard.fdb(9, std::ptr::null());
    let mut select = Select::new();
    heard.fdb.select(&mut select);
    assert!(select.try_ready().is_ok(), "there is something to be woken by");
    assert_eq!(heard.fdb.next(), Some(Told::Lost));
}

#[test]
fn only_up_is_up() {
    let heard = Heard::new(8);
    let states: Vec<_> = (0..6).map(|state| oper(u64::from(state), state)).collect();
    heard.ports(6, states.as_ptr());
    let Some(Told::Notice(Notice::Ports(ports))) = heard.urgent.next() else { panic!("it was told") };
    let up: Vec<_> =
        ports.iter().filter(|(_, state)| *state == PortState::Up).map(|(port, _)| port.raw()).collect();
    assert_eq!(up, [u64::from(sai_port_oper_status_t::SAI_PORT_OPER_STATUS_UP.0)]);
    for (raw, state) in [
        (0, SwitchState::Unknown),
        (2, SwitchState::Down),
        (3, SwitchState::Failed),
        (9, SwitchState::Unknown),
    ] {
        heard.switch(SWITCH, raw);
        assert_eq!(heard.urgent.next(), Some(Told::Notice(Notice::Switch(state))));
    }
}
