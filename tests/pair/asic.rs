//! A switch's ASIC: the simulator behind the real executor, with faults drawn from the seed.
//!
//! Invariant: what the ASIC holds is asked of the simulator, never of the node.

use crate::dice::Dice;
use crate::sdk::Sdk;
use crate::ways::Ways;
use mlagsync::addr::{InterfaceId, Mac, VpnInstance};
use mlagsync::mirror::batch::{Batch, BatchDone, OpKind, Outcome};
use mlagsync::run::asic::Executor;
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::{Functions, Library, Oid, Options, Profile, Start, Status, Switch, SwitchSpec, id};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often what goes wrong, in thousandths of the entries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Refused, and nothing happened.
    pub(crate) refused: u64,
    /// The answer does not say whether it happened; it did in half of the cases.
    pub(crate) unknown: u64,
    /// Not executed.
    pub(crate) skipped: u64,
    /// The whole batch, because the switch is in trouble (in thousandths of the batches).
    pub(crate) trouble: u64,
}

/// One ASIC with its router interfaces.
pub(crate) struct Asic {
    pub(crate) switch: Switch,
    pub(crate) topology: Topology,
    pub(crate) executor: Executor,
    /// What the SDK does that it should not.
    pub(crate) sdk: Sdk,
    /// What goes wrong now.
    pub(crate) faults: Faults,
    pub(crate) dice: Dice,
    vrfs: BTreeMap<InterfaceId, VpnInstance>,
    /// Calls that changed the table, by kind.
    pub(crate) writes: u64,
    /// Of these, changes of a MAC.
    pub(crate) sets: u64,
    /// Writes that left the table as it was although no fault preceded them.
    pub(crate) needless: Vec<String>,
    /// The most entries that there ever were for one address in one VRF, link-local addresses aside.
    pub(crate) most_with_one_address: usize,
    /// What is believed is read back, too.
    pub(crate) scrubs: bool,
    /// True from the first fault on: what follows one may look needless.
    pub(crate) disturbed: bool,
}

pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let functions = Functions {
            api_query: sai::sai_api_query,
            query_api_version: Some(sai::sai_query_api_version),
            api_initialize: Some(sai::sai_api_initialize),
            api_uninitialize: Some(sai::sai_api_uninitialize),
            get_object_count: Some(sai::sai_get_object_count),
            get_object_key: Some(sai::sai_get_object_key),
            object_type_get_availability: Some(sai::sai_object_type_get_availability),
        };
        // SAFETY: the functions are the simulator's own, part of this program.
        unsafe { Library::resident(functions, "the simulator", &Profile::new(), Options::default()) }
            .expect("the simulator starts")
    })
}

/// A switch of its own, with router interfaces that have ids of their own.
pub(crate) fn built(interfaces: &[(InterfaceId, VpnInstance)]) -> (Switch, Topology) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!("pair-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let hardware_info = Some(CString::new(name).expect("no NUL in it"));
    let how =
        SwitchSpec { start: Start::Initialise, src_mac: Some(Mac([2, 0, 0, 0, 0, 0xfe])), hardware_info };
    let switch = Switch::create(library(), how).expect("the simulator makes a switch");
    let spec = |(interface, vrf): &(InterfaceId, VpnInstance)| InterfaceSpec {
        interface: *interface,
        vrf: vrf.clone(),
        mac: None,
        underlay: None,
        tag: None,
    };
    let specs: Vec<InterfaceSpec> = interfaces.iter().map(spec).collect();
    let topology = Topology::build(&switch, &specs).expect("the simulator makes router interfaces");
    (switch, topology)
}

impl Asic {
    /// A new, empty switch with these interfaces.
    pub(crate) fn new(seed: u64, interfaces: &[(InterfaceId, VpnInstance)]) -> Self {
        let (switch, topology) = built(interfaces);
        let executor = Executor::new(&switch);
        let dice = Dice::new(seed ^ 0xa51c);
        let faults = Faults::default();
        let vrfs = interfaces.iter().cloned().collect();
        Asic {
            switch,
            topology,
            executor,
            sdk: Sdk::default(),
            faults,
            dice,
            writes: 0,
            sets: 0,
            needless: Vec::new(),
            most_with_one_address: 0,
            vrfs,
            disturbed: false,
            scrubs: true,
        }
    }

    /// These entries are not ours any more.
    pub(crate) fn disown(&mut self, entries: &[mlagsync::mirror::batch::Owned]) {
        self.executor.disown(entries);
    }

    /// The router interface of an interface.
    pub(crate) fn rif(&self, interface: InterfaceId) -> Oid<id::RouterInterface> {
        self.topology.rif(interface).expect("it was built with the switch")
    }

    /// The interface of a router interface; one from before a restart has none.
    pub(crate) fn interface_of(&self, rif: Oid<id::RouterInterface>) -> Option<InterfaceId> {
        self.topology.interface(rif)
    }

    /// The interface of a router interface that is there.
    pub(crate) fn interface(&self, rif: Oid<id::RouterInterface>) -> InterfaceId {
        self.interface_of(rif).expect("it was built with the switch")
    }

    /// The simulator's switch, to be looked into.
    pub(crate) fn view(&self) -> sai::inspect::View {
        sai::inspect::View::of(self.switch.id().raw()).expect("the switch is there")
    }

    /// The interfaces, and where they lie.
    pub(crate) fn layout(&self) -> Vec<(InterfaceId, VpnInstance)> {
        self.vrfs.iter().map(|(interface, vrf)| (*interface, vrf.clone())).collect()
    }

    /// What the ASIC holds.
    pub(crate) fn holds(&self) -> BTreeMap<(InterfaceId, IpAddr), (Mac, bool)> {
        let view = self.view();
        let entry = |n: sai::inspect::Neighbor| {
            ((self.interface(Oid::from_raw(n.rif)), n.ip), (Mac(n.mac), n.no_host_route))
        };
        view.neighbors().into_iter().map(entry).collect()
    }

    /// Executes a batch, or what the faults leave of it. Time is what a cost model says, so that a run repeats.
    /// `lacking`: an FDB without which a neighbour is refused.
    pub(crate) fn execute(&mut self, batch: &Batch, lacking: Option<&Ways>) -> BatchDone {
        let cost = 20_000 + 5_000 * batch.ops.len() as u64;
        let gone = self.sdk.gone;
        if gone || self.dice.chance(self.faults.trouble) {
            self.disturbed = true;
            let outcomes = vec![Outcome::NotExecuted; batch.ops.len()];
            let switch_trouble = Some(Status::UNINITIALIZED);
            return BatchDone { id: batch.id, outcomes, switch_trouble, asic_ns: cost, calls: 1 };
        }
        let mut fates: Vec<Option<(Outcome, bool)>> =
            batch.ops.iter().map(|_| self.fate(batch.kind)).collect();
        self.turn_away(batch, &mut fates, lacking);
        self.disturbed |= fates.iter().any(Option::is_some);
        if !self.disturbed {
            self.look_for_needless(batch);
        }
        let executed = fates.iter().map(|fate| fate.is_none_or(|(_, executed)| executed));
        let ops =
            batch.ops.iter().zip(executed).filter(|(_, executed)| *executed).map(|(op, _)| *op).collect();
        let done = self.execute_by_sdk(&Batch { id: batch.id, kind: batch.kind, ops });
        self.count_addresses();
        let mut answers = done.outcomes.into_iter();
        let mut outcomes = Vec::new();
        for (op, fate) in batch.ops.iter().zip(&fates) {
            let answer =
                fate.is_none_or(|(_, executed)| executed).then(|| answers.next().expect("one for each"));
            if answer == Some(Outcome::Done) && batch.kind != OpKind::Read {
                self.writes += 1;
                self.sets += u64::from(batch.kind == OpKind::SetMac);
                if let Some(interface) = self.interface_of(op.rif) {
                    self.sdk.written.push((batch.kind, (interface, op.ip)));
                }
            }
            outcomes.push(fate.map(|(outcome, _)| outcome).or(answer).expect("executed, or a fault's"));
        }
        BatchDone {
            id: batch.id,
            outcomes,
            switch_trouble: done.switch_trouble,
            asic_ns: cost,
            calls: done.calls,
        }
    }

    /// What goes wrong with one entry: the answer, and whether it takes place all the same.
    fn fate(&mut self, kind: OpKind) -> Option<(Outcome, bool)> {
        if self.dice.chance(self.faults.refused) {
            let any = [
                Status::TABLE_FULL,
                Status::INSUFFICIENT_RESOURCES,
                Status::OBJECT_IN_USE,
                Status::NO_MEMORY,
            ];
            let create = [Status::TABLE_FULL, Status::ADDR_NOT_FOUND, Status::INSUFFICIENT_RESOURCES];
            let status =
                if kind == OpKind::Create { *self.dice.pick(&create) } else { *self.dice.pick(&any) };
            return Some((Outcome::Refused(status), false));
        }
        if self.dice.chance(self.faults.unknown) {
            return Some((Outcome::Unknown(Status::FAILURE), self.dice.chance(500)));
        }
        self.dice.chance(self.faults.skipped).then_some((Outcome::NotExecuted, false))
    }

    fn count_addresses(&mut self) {
        let mut counts: BTreeMap<(&VpnInstance, IpAddr), usize> = BTreeMap::new();
        for ((interface, ip), (_, no_host_route)) in self.holds() {
            *counts.entry((&self.vrfs[&interface], ip)).or_default() += usize::from(!no_host_route);
        }
        let most = counts.into_values().max().unwrap_or(0);
        self.most_with_one_address = self.most_with_one_address.max(most);
    }

    fn look_for_needless(&mut self, batch: &Batch) {
        let holds = self.holds();
        for op in &batch.ops {
            let Some(interface) = self.interface_of(op.rif) else { continue };
            let held = holds.get(&(interface, op.ip)).map(|(mac, _)| *mac);
            let needless = match batch.kind {
                OpKind::Create => held.is_some(),
                OpKind::SetMac => held.is_none_or(|mac| mac == op.host.mac),
                OpKind::Remove => held.is_none(),
                OpKind::Read => !self.scrubs,
            };
            if needless {
                self.needless.push(format!("{:?} of {op:?} where the ASIC holds {held:?}", batch.kind));
            }
        }
    }
}
