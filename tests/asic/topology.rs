//! What interfaces stand on: created once, found again, and every refusal named.

use crate::hardware::{linked, loaded};
use crate::{rif, vlanif};
use mlagsync::addr::{InterfaceId, Mac, VlanId, VpnInstance};
use mlagsync::run::topology::{InterfaceSpec, Topology, TopologyError};
use mlagsync::sai::RifKind;
use sai_sys::sai_object_type_t as T;

fn spec(interface: &str, vrf: &str) -> InterfaceSpec {
    let vrf = if vrf.is_empty() { VpnInstance::public() } else { vrf.parse().unwrap() };
    InterfaceSpec { interface: interface.parse().unwrap(), vrf, mac: None, underlay: None, tag: None }
}

#[test]
fn every_kind_of_interface_gets_its_router_interface() {
    let (sim, switch) = linked(&[]);
    let specs = [
        spec("Vlanif10", ""),
        InterfaceSpec { mac: Some(Mac([2, 0, 0, 0, 0, 9])), ..spec("Vlanif20", "red") },
        spec("Vlanif1", "red"),
        spec("Vbdif5010", "red"),
        spec("Eth-Trunk3", ""),
        spec("Eth-Trunk4.100", "blue"),
    ];
    let topology = Topology::build(&switch, &specs).unwrap();
    let mut rifs: Vec<_> = topology.rifs().map(|(_, rif)| rif).collect();
    rifs.sort_unstable();
    rifs.dedup();
    assert_eq!(rifs.len(), specs.len(), "each its own");
    assert_eq!(sim.objects(T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER).len(), 3, "public, red, blue");
    assert_eq!(sim.objects(T::SAI_OBJECT_TYPE_VLAN).len(), 3, "1 was there, 10 and 20 are new");
    for spec in &specs {
        let rif = topology.rif(spec.interface).unwrap();
        let wanted = spec.mac.unwrap_or_else(|| topology.mac().unwrap());
        assert_eq!(switch.router_interface_mac(rif), Ok(wanted), "{}", spec.interface);
        assert_eq!(topology.interface(rif), Some(spec.interface));
    }
    let red = |rif| switch.router_interfaces().unwrap().into_iter().find(|f| f.id == rif).unwrap();
    let by = |name: &str| red(topology.rif(name.parse().unwrap()).unwrap());
    assert_eq!(by("Vlanif20").virtual_router, by("Vbdif5010").virtual_router);
    assert_ne!(by("Vlanif20").virtual_router, by("Vlanif10").virtual_router);
    assert_eq!(by("Vlanif10").virtual_router, switch.default_virtual_router().unwrap());
    assert!(matches!(by("Eth-Trunk4.100").kind, Some(RifKind::SubPort { .. })));
}

#[test]
fn what_is_there_is_found_again_and_nothing_is_made_twice() {
    let (sim, switch) = linked(&[]);
    let specs =
        [spec("Vlanif30", "red"), spec("Vlanif10", ""), spec("Eth-Trunk3", "red"), spec("Eth-Trunk4.7", "")];
    let first = Topology::build(&switch, &specs).unwrap();
    sim.reset_calls();
    let second = Topology::build(&switch, &specs).unwrap();
    assert!(first.rifs().eq(second.rifs()));
    let made: Vec<_> =
        sim.calls().into_iter().filter(|c| c.calls > 0 && c.name.starts_with("create")).collect();
    assert!(made.is_empty(), "{made:?}");
    // An interface that joins them later lies in the same virtual router.
    let third = Topology::build(&switch, &[spec("Vlanif40", "red"), spec("Vlanif30", "red")]).unwrap();
    let routers: Vec<_> = switch.router_interfaces().unwrap();
    let router = |rif| routers.iter().find(|found| found.id == rif).unwrap().virtual_router;
    let of = |name: &str| router(third.rif(name.parse::<InterfaceId>().unwrap()).unwrap());
    assert_eq!(of("Vlanif40"), of("Vlanif30"));
}

#[test]
fn an_interface_that_lies_elsewhere_already_is_refused() {
    let (_sim, switch) = linked(&[]);
    Topology::build(&switch, &[spec("Vlanif10", ""), spec("Vlanif20", "red")]).unwrap();
    let error = Topology::build(&switch, &[spec("Vlanif20", "")]).map(|_| ()).unwrap_err();
    let text =
        "Vlanif20 is in the ASIC already, in another virtual router than the rest of VPN instance _public_";
    assert_eq!(error.to_string(), text);
}

#[test]
fn refusals_name_the_interface_the_call_and_the_status() {
    let (sim, switch) = linked(&[("SAI_SIM_PORTS", "2")]);
    let error = |specs: &[InterfaceSpec]| Topology::build(&switch, specs).map(|_| ()).unwrap_err();
    let wanted = "Eth-Trunk3 stands on front port 3, and the switch has 2";
    assert_eq!(error(&[spec("Eth-Trunk3", "")]).to_string(), wanted);
    sim.set_faults("create router_interface fail INVALID_ATTR_VALUE:1", 1).unwrap();
    let refused = error(&[vlanif(10)]);
    let text = refused.to_string();
    for part in ["Vlanif10", "create_router_interface", "SAI_STATUS_INVALID_ATTR_VALUE_0+1", "ATTR_TYPE"] {
        assert!(text.contains(part), "'{part}' is not in: {text}");
    }
    assert!(matches!(refused, TopologyError::Sai { .. }));
    sim.set_faults("create vlan fail TABLE_FULL", 1).unwrap();
    let text = error(&[vlanif(99)]).to_string();
    assert!(text.starts_with("VLAN 99: create_vlan: SAI_STATUS_TABLE_FULL"), "{text}");
}

#[test]
fn a_start_reads_no_attribute_of_the_switch_that_it_does_not_need() {
    let (sim, switch) = linked(&[]);
    sim.reset_calls();
    let with_mac = InterfaceSpec { mac: Some(Mac([2, 0, 0, 0, 0, 9])), ..spec("Vlanif10", "") };
    Topology::build(&switch, &[with_mac]).unwrap();
    let reads = |name: &str| sim.calls().into_iter().filter(|c| c.name == name).map(|c| c.calls).sum::<u64>();
    assert_eq!(reads("get_switch_attribute"), 1, "the default virtual router");
    Topology::build(&switch, &[spec("Eth-Trunk3", "")]).unwrap();
    assert_eq!(reads("get_switch_attribute"), 3, "that, and the ports");
}

#[test]
fn a_vlan_that_appeared_in_between_is_looked_up() {
    let (_sim, switch) = linked(&[]);
    let mut topology = Topology::new(&switch).unwrap();
    let vlan = switch.create_vlan(VlanId::new(77).unwrap()).unwrap();
    let rif = topology.add(&vlanif(77)).unwrap();
    let found = switch.router_interfaces().unwrap().into_iter().find(|found| found.id == rif).unwrap();
    assert_eq!(found.kind, Some(RifKind::Vlan(vlan)));
}

#[test]
fn a_loaded_library_says_what_it_has_room_for() {
    use mlagsync::sai::Family;
    let switch = loaded("SAI_SIM_HOST_CAPACITY=1000\nSAI_SIM_V6_SLOTS=2");
    rif(&switch);
    assert_eq!(switch.available_neighbors(Family::V4), Ok(1000));
    assert_eq!(switch.neighbor_availability(Family::V6), Ok(500));
    assert!(!switch.cpu_port().unwrap().is_null());
}
