//! What a test in Rust may know and do beyond SAI: bring a switch of its own up, look into its tables, count calls,
//! command faults, let hanging calls go.
//!
//! Each test makes its own [`SimSwitch`], with its own profile; tests that run in parallel in one process do not see
//! each other.
//!
//! ```
//! use sai::inspect::SimSwitch;
//!
//! let switch = SimSwitch::new(&[("SAI_SIM_HOST_CAPACITY", "100")]).unwrap();
//! assert!(switch.neighbors().is_empty());
//! assert_eq!(sai::sai_switch_id_query(switch.default_virtual_router()), switch.id());
//! ```
//!
//! Invariant: reads, and commands to the simulated hardware; what a client does goes through SAI.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sai_sys::{
    Status, sai_object_id_t, sai_object_type_t as T, sai_status_t, sai_switch_attr_t,
    sai_switch_oper_status_t,
};

pub use crate::calls::{Called, Op};
pub use crate::faults::WORDS as FAULT_WORDS;
pub use crate::misuse::Misuse;
pub use crate::oid::Oid;
pub use crate::profile::{Bulk, FdbMiss, KEYS};
pub use crate::switch::forward::Verdict;
pub use crate::value::Mac;

use crate::abi::notify::{self, Event};
use crate::abi::record;
use crate::abi::services::Services;
use crate::faults::Faults;
use crate::profile::Settings;
use crate::switch::Switch;
use crate::switch::fdb::Flush;
use crate::switch::late::Delay;
use crate::trace::Record;
use crate::value::Value;
use crate::world::{self, Cell, Session};

/// A neighbour in the host table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Neighbor {
    /// Router interface.
    pub rif: sai_object_id_t,
    /// Address.
    pub ip: IpAddr,
    /// Where frames to it go.
    pub mac: Mac,
    /// Does it take no slot of the host table?
    pub no_host_route: bool,
}

/// An FDB entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FdbEntry {
    /// VLAN or bridge.
    pub bv: sai_object_id_t,
    /// Address.
    pub mac: Mac,
    /// Bridge port, or the null id.
    pub bridge_port: sai_object_id_t,
    /// STATIC, or DYNAMIC?
    pub is_static: bool,
}

/// A route.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Route {
    /// Virtual router.
    pub virtual_router: sai_object_id_t,
    /// Address of the prefix.
    pub ip: IpAddr,
    /// Its length.
    pub length: u8,
    /// Next hop, group, interface or port; or the null id.
    pub next_hop: sai_object_id_t,
}

/// Initialises the library with these profile pairs if nobody has yet. The error is the line that a C caller finds
/// on stderr.
pub fn initialize(profile: &[(&str, &str)]) -> Result<(), String> {
    let settings = Settings::parse(profile.iter().copied())?;
    let tape = world::tape(&settings).map_err(|status| status.to_string())?;
    if world::is_initialized() {
        return Ok(());
    }
    let mut record = Record::new("initialize", T::SAI_OBJECT_TYPE_NULL, 0);
    record.input.push(0);
    let session = Session { services: Services::default(), settings, tape };
    match Status(record::written(record, || raw(world::initialize(session)), |_| ())) {
        // FAILURE: somebody was faster.
        Status::SUCCESS | Status::FAILURE => Ok(()),
        status => Err(status.to_string()),
    }
}

fn raw(result: Result<(), Status>) -> sai_status_t {
    result.err().unwrap_or(Status::SUCCESS).0
}

/// Uninitialises the library: every switch is gone, those of other tests too.
pub fn reset() {
    let record = || Record::new("uninitialize", T::SAI_OBJECT_TYPE_NULL, 0);
    record::traced(record, || raw(world::uninitialize()), |_| ());
}

/// How often clients did what they must not, as far as it belongs to no switch; also after uninitialise.
#[must_use]
pub fn misuse() -> Misuse {
    crate::misuse::Counts::default().sum()
}

/// A look into one switch. It keeps what it looks at alive.
#[derive(Clone)]
pub struct View {
    id: sai_object_id_t,
    cell: Arc<Cell>,
}

impl View {
    /// The switch with this id, or of this object. Waits for no call, not even one that hangs.
    #[must_use]
    pub fn of(id: sai_object_id_t) -> Option<Self> {
        let cell = world::find(id).ok()?;
        Some(Self { id: cell.id, cell })
    }

    /// The switch's id.
    #[must_use]
    pub fn id(&self) -> sai_object_id_t {
        self.id
    }

    fn with<R>(&self, look: impl FnOnce(&mut Switch) -> R) -> R {
        let mut switch = self.cell.lock();
        // Time has passed since the last call, and with it what waits for time may have landed.
        if switch.land(false) > 0 {
            // What the file does not take now it is asked to take with the next call.
            let _ = switch.save();
        }
        look(&mut switch)
    }

    /// Every neighbour, sorted.
    #[must_use]
    pub fn neighbors(&self) -> Vec<Neighbor> {
        self.with(|switch| {
            let object = T::SAI_OBJECT_TYPE_ROUTER_INTERFACE;
            let rif = |serial: u32| Oid { switch: switch.id.switch, object, serial: serial.into() }.id();
            let mut list: Vec<_> = switch
                .neighbors
                .entries()
                .into_iter()
                .map(|(key, body)| Neighbor {
                    rif: rif(key.rif()),
                    ip: key.ip(),
                    mac: body.mac,
                    no_host_route: body.no_host_route,
                })
                .collect();
            list.sort_unstable();
            list
        })
    }

    /// How many neighbours there are.
    #[must_use]
    pub fn neighbor_count(&self) -> usize {
        self.with(|switch| switch.neighbors.len())
    }

    /// Every FDB entry, sorted.
    #[must_use]
    pub fn fdb(&self) -> Vec<FdbEntry> {
        self.with(|switch| {
            let entry = |(key, body): (crate::switch::fdb::Key, crate::switch::fdb::Body)| FdbEntry {
                bv: key.bv(switch),
                mac: key.mac,
                bridge_port: body.port(switch),
                is_static: body.is_static,
            };
            let mut list: Vec<_> = switch.fdb.entries().into_iter().map(entry).collect();
            list.sort_unstable();
            list
        })
    }

    /// Every route, sorted.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        use sai_sys::sai_route_entry_attr_t as Attr;
        self.with(|switch| {
            let route = |key: crate::switch::route::Key| {
                let (ip, length) = key.prefix();
                let of = |(id, value): &(u32, Value)| {
                    (*id == Attr::SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID.0).then(|| value.num()).flatten()
                };
                let next_hop = switch.routes.extras(&key).iter().find_map(of).unwrap_or(0);
                Route { virtual_router: key.vr(switch), ip, length, next_hop }
            };
            let mut list: Vec<_> = switch.routes.keys().into_iter().map(route).collect();
            list.sort_unstable();
            list
        })
    }

    /// Ids of all objects of a type, oldest first.
    #[must_use]
    pub fn objects(&self, object: T) -> Vec<sai_object_id_t> {
        self.with(|switch| switch.ids(object).map(|(id, _)| id).collect())
    }

    /// The virtual router that comes with the switch.
    #[must_use]
    pub fn default_virtual_router(&self) -> sai_object_id_t {
        self.with(|switch| switch.defaults.virtual_router)
    }

    /// VLAN 1.
    #[must_use]
    pub fn default_vlan(&self) -> sai_object_id_t {
        self.with(|switch| switch.defaults.vlan)
    }

    /// The 802.1Q bridge.
    #[must_use]
    pub fn default_bridge(&self) -> sai_object_id_t {
        self.with(|switch| switch.defaults.bridge)
    }

    /// Slots of the host table: taken, and all.
    #[must_use]
    pub fn host_slots(&self) -> (u64, u64) {
        self.with(|switch| (switch.host_slots, switch.settings.host_capacity))
    }

    /// How many addresses were moved between the banks of the host table to make room for others.
    #[must_use]
    pub fn relocations(&self) -> u64 {
        self.with(|switch| switch.banks.as_ref().map_or(0, |banks| banks.moves()))
    }

    /// Bytes of memory that the host table has allocated.
    #[must_use]
    pub fn host_bytes(&self) -> usize {
        self.with(|switch| switch.neighbors.heap_bytes())
    }

    /// Functions that were called on the switch, with how often.
    #[must_use]
    pub fn calls(&self) -> Vec<Called> {
        self.with(|switch| switch.calls.list())
    }

    /// How often one function was called, by its name in the method table: `create_neighbor_entries`.
    #[must_use]
    pub fn call_count(&self, name: &str) -> u64 {
        self.calls().iter().find(|called| called.name == name).map_or(0, |called| called.calls)
    }

    /// Starts counting anew.
    pub fn reset_calls(&self) {
        self.with(|switch| switch.calls.reset());
    }

    /// Replaces the fault rules; the grammar is that of `SAI_SIM_FAULTS`.
    pub fn set_faults(&self, rules: &str, seed: u64) -> Result<(), String> {
        let faults = Faults::parse(rules, seed)?;
        self.with(|switch| switch.settings.faults = faults);
        Ok(())
    }

    /// What everything random begins with.
    pub(crate) fn seed(&self) -> u64 {
        self.with(|switch| switch.settings.seed)
    }

    /// Does something to the hardware, and waits until the client's callback for it has returned.
    fn command(&self, deed: impl FnOnce(&mut Switch) -> Result<Option<Event>, Status>) -> Result<(), Status> {
        let receipt = self.with(|switch| {
            let event = deed(switch)?;
            switch.save()?;
            Ok::<_, Status>(event.map(|event| notify::emit(switch, event)))
        })?;
        if let Some(receipt) = receipt {
            receipt.wait();
        }
        Ok(())
    }

    /// Pulls a cable, or plugs it in. The port is up if it is enabled too. Returns when the client's callback has.
    pub fn link(&self, port: sai_object_id_t, up: bool) -> Result<(), Status> {
        self.command(|switch| switch.link(port, up).map(Some))
    }

    /// Lets a frame with this source come in on a bridge port: the MAC is learned, or moves. Static entries stay.
    /// Returns when the client's callback has.
    pub fn hear(&self, bv: sai_object_id_t, mac: Mac, bridge_port: sai_object_id_t) -> Result<(), Status> {
        self.command(|switch| switch.hear(bv, mac, bridge_port))
    }

    /// Ages a dynamic FDB entry out. Returns when the client's callback has.
    pub fn age(&self, bv: sai_object_id_t, mac: Mac) -> Result<(), Status> {
        self.command(|switch| switch.age(bv, mac).map(Some))
    }

    /// Flushes the dynamic FDB entries of a bridge port, as hardware does when its link goes. Returns when the
    /// client's callback has.
    pub fn flush(&self, bridge_port: sai_object_id_t) -> Result<(), Status> {
        let flush = Flush { port: Some(bridge_port), bv: None, is_static: Some(false) };
        self.command(|switch| {
            switch.resolve(bridge_port, T::SAI_OBJECT_TYPE_BRIDGE_PORT)?;
            Ok(switch.flush(flush))
        })
    }

    /// Tells the client that the switch changed its state. Returns when the client's callback has.
    pub fn switch_state(&self, state: sai_switch_oper_status_t) -> Result<(), Status> {
        self.command(|switch| Ok(Some(Event::Switch(switch.id.id(), state))))
    }

    /// The packet question: where does a packet to this address in this virtual router go?
    #[must_use]
    pub fn forward(&self, virtual_router: sai_object_id_t, to: IpAddr) -> Verdict {
        self.with(|switch| switch.forward(virtual_router, to))
    }

    /// Nanoseconds that all calls so far were to take by the cost model, stalls among them, and that the clock was
    /// set forward. With `SAI_SIM_CLOCK=virtual` this is the switch's time.
    #[must_use]
    pub fn charged_ns(&self) -> u64 {
        self.with(|switch| switch.clock.charged())
    }

    /// Sets the clock forward. A real one counts it as charged, and goes on as it did.
    pub fn advance(&self, ns: u64) {
        self.with(|switch| {
            let _ = switch.clock.charge(ns);
            switch.land(false);
            let _ = switch.save();
        });
    }

    /// From now on changes of entries are answered before they are programmed, and land after this delay, in the words of
    /// `SAI_SIM_ASYNC`.
    pub fn set_async(&self, delay: &str) -> Result<(), String> {
        let delay = Delay::parse(delay).ok_or_else(|| format!("`{delay}` is no delay"))?;
        self.with(|switch| switch.settings.asynchronous = Some(delay));
        Ok(())
    }

    /// Changes that were answered and have not landed, and those that were lost because they no longer could.
    #[must_use]
    pub fn late(&self) -> (usize, u64) {
        self.with(|switch| switch.late.counts())
    }

    /// Lets all changes land that were answered and have not; how many those were.
    pub fn land(&self) -> usize {
        self.with(|switch| {
            let landed = switch.land(true);
            let _ = switch.save();
            landed
        })
    }

    /// How often clients did what they must not: on this switch, or after the end, or on switches that are gone.
    /// Waits for no call.
    #[must_use]
    pub fn misuse(&self) -> Misuse {
        self.cell.misuse.sum()
    }

    /// How many calls hang.
    #[must_use]
    pub fn hanging(&self) -> u64 {
        self.cell.gate.waiting()
    }

    /// Lets every call go that hangs; how many that were.
    pub fn release_hangs(&self) -> u64 {
        self.cell.gate.release()
    }
}

/// A switch of one's own; dropping it removes it.
pub struct SimSwitch {
    view: View,
}

impl SimSwitch {
    /// Brings a switch up with these profile pairs, whatever the library was initialised with. The error is the line
    /// that a C caller finds on stderr.
    pub fn new(profile: &[(&str, &str)]) -> Result<Self, String> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        initialize(&[])?;
        let settings = Settings::parse(profile.iter().copied())?;
        let info = format!("inspect-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let given = vec![
            (sai_switch_attr_t::SAI_SWITCH_ATTR_INIT_SWITCH.0, Value::flag(true)),
            (
                sai_switch_attr_t::SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO.0,
                Value::List(info.bytes().map(u64::from).collect()),
            ),
        ];
        let id = crate::abi::boot_traced(settings, given).map_err(|status| status.to_string())?;
        let view = View::of(id).ok_or("the switch went away")?;
        Ok(Self { view })
    }
}

impl Deref for SimSwitch {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Drop for SimSwitch {
    fn drop(&mut self) {
        // It may be gone already: by remove_switch, or by uninitialise.
        crate::abi::remove_traced(self.view.id);
    }
}
