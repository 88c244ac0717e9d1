//! What the ASIC tells of its own accord, from a thread of its own.

use crate::hardware::linked;
use mlagsync::addr::{Mac, VlanId};
use mlagsync::sai::{FdbEvent, FdbNotice, Inbox, Notice, Oid, PortState, SwitchState, Told};
use sai_sys::sai_switch_oper_status_t as State;

const MAC: [u8; 6] = [2, 0, 0, 0, 0, 9];

/// Takes everything. A command waits for its callback, so what it caused is there.
fn all<T>(inbox: &Inbox<T>) -> Vec<Told<T>> {
    std::iter::from_fn(|| inbox.next()).collect()
}

#[test]
fn ports_the_fdb_and_the_switch_tell_until_nobody_listens() {
    let (sim, switch) = linked(&[("SAI_SIM_PORTS", "4")]);
    let vlan = switch.create_vlan(VlanId::new(10).unwrap()).unwrap();
    let ports = switch.ports().unwrap();
    let port = |n: usize| switch.bridge_port_of(ports[n]).unwrap().expect("in the default bridge");
    let (one, two) = (port(0), port(1));
    let (listening, notices, refused) = switch.listen(64).unwrap();
    assert_eq!(refused, []);

    assert_eq!(switch.port_state(ports[0]).unwrap(), PortState::Down);
    switch.set_port_enabled(ports[0], true).unwrap();
    assert_eq!(switch.port_state(ports[0]).unwrap(), PortState::Up);
    sim.link(ports[0].raw(), false).unwrap();
    sim.switch_state(State::SAI_SWITCH_OPER_STATUS_FAILED).unwrap();
    let link = |state| Told::Notice(Notice::Ports(vec![(ports[0], state)]));
    let expected =
        [link(PortState::Up), link(PortState::Down), Told::Notice(Notice::Switch(SwitchState::Failed))];
    assert_eq!(all(&notices.urgent), expected);

    sim.hear(vlan.raw(), MAC, one.raw()).unwrap();
    sim.hear(vlan.raw(), MAC, two.raw()).unwrap();
    sim.age(vlan.raw(), MAC).unwrap();
    sim.hear(vlan.raw(), MAC, one.raw()).unwrap();
    sim.flush(one.raw()).unwrap();
    let told = |event, port| {
        let (domain, mac) = (Some(vlan.raw()), Some(Mac(MAC)));
        Told::Notice(vec![FdbNotice { event, domain, mac, port: Some(port) }])
    };
    let expected = [
        told(FdbEvent::Learned, one),
        told(FdbEvent::Moved, two),
        told(FdbEvent::Aged, two),
        told(FdbEvent::Learned, one),
        told(FdbEvent::Flushed, one),
    ];
    assert_eq!(all(&notices.fdb), expected);

    listening.stop();
    sim.link(ports[0].raw(), true).unwrap();
    sim.hear(vlan.raw(), MAC, one.raw()).unwrap();
    assert_eq!((all(&notices.urgent), all(&notices.fdb)), (vec![], vec![]));
    assert_eq!(sim.misuse(), Default::default());
}

#[test]
fn a_flood_of_macs_is_cut_off_and_said_and_hides_no_link() {
    const ROOM: usize = 32;
    let (sim, switch) = linked(&[("SAI_SIM_PORTS", "2")]);
    let vlan = switch.create_vlan(VlanId::new(10).unwrap()).unwrap();
    let ports = switch.ports().unwrap();
    let port = switch.bridge_port_of(ports[0]).unwrap().expect("in the default bridge");
    let (listening, notices, _) = switch.listen(ROOM).unwrap();
    for n in 0..1000u16 {
        let [high, low] = n.to_be_bytes();
        sim.hear(vlan.raw(), [2, 0, 0, 1, high, low], port.raw()).unwrap();
    }
    switch.set_port_enabled(ports[1], true).unwrap();
    // Behind it, so that the port's own callback is over.
    sim.switch_state(State::SAI_SWITCH_OPER_STATUS_UP).unwrap();
    let told = all(&notices.fdb);
    assert_eq!(told.len(), ROOM + 1);
    assert_eq!(told.last(), Some(&Told::Lost));
    assert_eq!(told.iter().filter(|told| **told == Told::Lost).count(), 1);
    let up = Told::Notice(Notice::Ports(vec![(Oid::from_raw(ports[1].raw()), PortState::Up)]));
    assert_eq!(all(&notices.urgent), [up, Told::Notice(Notice::Switch(SwitchState::Up))]);
    // And what comes afterwards is heard.
    sim.age(vlan.raw(), [2, 0, 0, 1, 0, 0]).unwrap();
    assert_eq!(all(&notices.fdb).len(), 1);
    listening.stop();
}

#[test]
fn two_switches_are_told_apart() {
    let (one, first) = linked(&[("SAI_SIM_PORTS", "1")]);
    let (_two, second) = linked(&[("SAI_SIM_PORTS", "1")]);
    let (listening, heard, _) = first.listen(8).unwrap();
    let (other, silence, _) = second.listen(8).unwrap();
    one.switch_state(State::SAI_SWITCH_OPER_STATUS_DOWN).unwrap();
    assert_eq!(all(&heard.urgent), [Told::Notice(Notice::Switch(SwitchState::Down))]);
    assert_eq!(all(&silence.urgent), []);
    listening.stop();
    other.stop();
}
