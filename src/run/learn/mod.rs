//! The learner: what the kernel knows of its neighbours, told to the node as evidence.
//!
//! | file | holds |
//! |---|---|
//! | `decode` | rtnetlink messages as plain values |
//! | `netlink` | the sockets: notices and dumps |
//! | `devices` | network devices and addresses |
//! | `fdb`, `neighbors` | hearing ports, and what a neighbour entry is worth |
//! | `resync` | a whole dump, and why it is whole |
//! | here | the thread and the interfaces |
//!
//! Nothing is dropped on the way: the thread waits for the core, meanwhile the socket's buffer fills, and when it is
//! full the kernel says so and everything is dumped again.
//!
//! Invariant: the learner only reads. It never writes to the kernel: that is the kernel mirror's.

pub(crate) mod decode;
pub(crate) mod devices;
pub(crate) mod fdb;
pub(crate) mod neighbors;
pub(crate) mod netlink;
mod resync;

use super::platform::{InterfaceConfig, PortConfig};
use super::wake::Wake;
use crate::addr::{InterfaceId, Mac};
use crate::limits;
use crate::neighbor::{Attachment, Flags, Key};
use crate::node::io::Evidence;
use crossbeam_channel::{SendTimeoutError, Sender};
use devices::Devices;
use ipnet::IpNet;
use neighbors::{Interface, Neighbors, Own};
use netlink::{Channel, NetlinkError, Source, Table, wait_for_notices};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the learner is to look at.
#[derive(Clone, Debug)]
pub(crate) struct LearnConfig {
    /// The interfaces, with their network devices.
    pub(crate) interfaces: Vec<InterfaceConfig>,
    /// The ports by which hosts are heard.
    pub(crate) ports: Vec<PortConfig>,
    /// The notices' buffer to begin with, in bytes.
    pub(crate) receive_buffer: usize,
    /// Which entries are our own.
    pub(crate) own: Own,
}

/// What the learner tells, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// A dump begins …
    DumpBegin,
    /// … and ends.
    DumpEnd,
    /// The first dump is over.
    Complete,
    /// Evidence.
    Evidence(Vec<Evidence>),
    /// An interface has other facts than before.
    Interface(InterfaceFacts),
}

/// What the kernel says of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InterfaceFacts {
    /// Which.
    pub(crate) interface: InterfaceId,
    /// Its MAC.
    pub(crate) mac: Option<Mac>,
    /// Its addresses.
    pub(crate) addresses: Vec<IpNet>,
}

/// What outsiders may know of a running learner.
#[derive(Debug, Default)]
pub(crate) struct LearnStats {
    /// Dumps of everything.
    pub(crate) dumps: AtomicU64,
    /// Times that the kernel dropped notices because our buffer was full.
    pub(crate) overflows: AtomicU64,
}

/// Learning ended, and this is why.
pub(crate) enum Ended {
    /// As asked.
    Stopped,
    /// The system failed us.
    Failed(io::Error),
}

/// The learner, ready to run on its thread.
pub(crate) struct Learner {
    config: LearnConfig,
    own: Namespace,
    neighbors: Neighbors,
    /// The device's own addresses as the node holds them.
    own_told: BTreeMap<Key, Mac>,
    facts_told: HashMap<InterfaceId, InterfaceFacts>,
    table_fulls: BTreeMap<String, u64>,
    out: Sender<Learned>,
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    stats: Arc<LearnStats>,
}

/// One network namespace.
struct Namespace {
    channel: Channel,
    devices: Devices,
    stale: bool,
}

impl Namespace {
    fn open(groups: &[u32], receive_buffer: usize) -> io::Result<Namespace> {
        let channel = Channel::open(groups, receive_buffer)?;
        Ok(Namespace { channel, devices: Devices::default(), stale: true })
    }
}

impl Learner {
    /// Opens the sockets, in the calling thread's namespace.
    pub(crate) fn open(
        config: LearnConfig,
        out: Sender<Learned>,
        bell: Arc<Wake>,
        stop: Arc<AtomicBool>,
        stats: Arc<LearnStats>,
    ) -> io::Result<Learner> {
        let groups =
            [libc::RTNLGRP_LINK, libc::RTNLGRP_IPV4_IFADDR, libc::RTNLGRP_IPV6_IFADDR, libc::RTNLGRP_NEIGH];
        let own = Namespace::open(&groups, config.receive_buffer)?;
        Ok(Learner {
            neighbors: Neighbors::new(config.own),
            config,
            own,
            own_told: BTreeMap::new(),
            facts_told: HashMap::new(),
            table_fulls: BTreeMap::new(),
            out,
            bell,
            stop,
            stats,
        })
    }

    /// Learns until it is told to stop.
    pub(crate) fn run(mut self) -> Ended {
        match self.learn() {
            NetlinkError::Stopped => Ended::Stopped,
            NetlinkError::Io(e) => Ended::Failed(e),
        }
    }

    fn learn(&mut self) -> NetlinkError {
        let mut complete = false;
        loop {
            let step = self.catch_up().and_then(|()| {
                if !complete {
                    complete = true;
                    self.say_what_is_missing();
                    self.send(Learned::Complete)?;
                }
                self.follow()
            });
            if let Err(e) = step {
                return e;
            }
        }
    }

    /// Says which configured devices are not there yet. They may come; a slip of the pen never does.
    fn say_what_is_missing(&self) {
        let missing = |netdev: &&str| self.own.devices.index(netdev).is_none();
        for interface in &self.config.interfaces {
            if let Some(netdev) = interface.netdev.as_deref().filter(missing) {
                tracing::warn!(interface = %interface.name, netdev, "there is no such network device yet");
            }
        }
        for netdev in self.config.ports.iter().filter_map(|port| port.netdev.as_deref()).filter(missing) {
            tracing::warn!(netdev, "there is no such port yet");
        }
    }

    /// Dumps whatever is not known to be current.
    fn catch_up(&mut self) -> Result<(), NetlinkError> {
        while self.own.stale {
            self.resync_own()?;
        }
        Ok(())
    }

    /// Waits for notices and takes them in, until something must be dumped.
    fn follow(&mut self) -> Result<(), NetlinkError> {
        let mut checked = Instant::now();
        loop {
            if checked.elapsed() >= limits::KERNEL_TABLE_CHECK {
                checked = Instant::now();
                self.layout()?;
            }
            wait_for_notices(&[&self.own.channel], &self.bell, Some(limits::KERNEL_TABLE_CHECK))?;
            let mut devices_changed = false;
            let Learner { own, neighbors, .. } = self;
            let Namespace { channel, devices, .. } = own;
            let trouble = channel.read_notices(&mut |source, body| {
                devices_changed |= take(devices, neighbors, source, &body);
            })?;
            own.stale |= trouble.overflowed;
            if trouble.overflowed {
                self.note_overflow();
            }
            if devices_changed {
                self.own.stale |= self.assign()?;
            }
            self.send_evidence()?;
            if self.own.stale {
                return Ok(());
            }
        }
    }

    /// Matches the configuration with the devices that are there, and tells what changed of the interfaces. Answers
    /// true when neighbours must be dumped to know those of a device that is ours from now on.
    fn assign(&mut self) -> Result<bool, NetlinkError> {
        let devices = &self.own.devices;
        let mut interfaces = BTreeMap::new();
        for config in &self.config.interfaces {
            let Some(index) = config.netdev.as_deref().and_then(|name| devices.index(name)) else { continue };
            let lower = devices.device(index).and_then(|device| device.lower);
            let is_bridge = |i: &u32| devices.device(*i).is_some_and(|device| device.bridge);
            let bridge = [Some(index), lower].into_iter().flatten().find(is_bridge);
            interfaces.insert(index, Interface { id: config.name, attachment: config.attachment.0, bridge });
        }
        let ports = self.config.ports.iter();
        let ports =
            ports.filter_map(|port| Some((devices.index(port.netdev.as_deref()?)?, port.role))).collect();
        let dump = self.neighbors.assign(interfaces, ports);
        self.send_evidence()?;
        self.tell_interfaces(false)?;
        Ok(dump)
    }

    /// Tells the node what the interfaces' own addresses are; all of them when `naming`.
    fn tell_interfaces(&mut self, naming: bool) -> Result<(), NetlinkError> {
        let mut own = BTreeMap::new();
        let mut facts = Vec::new();
        for config in &self.config.interfaces {
            let index = config.netdev.as_deref().and_then(|name| self.own.devices.index(name));
            let device = index.and_then(|index| self.own.devices.device(index));
            let mac = config.mac.or_else(|| device.and_then(|d| d.mac));
            let addresses = match (&config.addresses, index) {
                (Some(fixed), _) => fixed.clone(),
                (None, Some(index)) => self.own.devices.addresses(index),
                (None, None) => Vec::new(),
            };
            if let Some(mac) = mac.filter(|mac| *mac != Mac::ZERO) {
                own.extend(addresses.iter().map(|net| (Key { interface: config.name, ip: net.addr() }, mac)));
            }
            facts.push(InterfaceFacts { interface: config.name, mac, addresses });
        }
        for fact in facts {
            if self.facts_told.get(&fact.interface) != Some(&fact) {
                self.facts_told.insert(fact.interface, fact.clone());
                self.send(Learned::Interface(fact))?;
            }
        }
        let told = std::mem::take(&mut self.own_told);
        let evidence = self.neighbors.out();
        evidence.extend(
            told.keys().filter(|key| !own.contains_key(key)).map(|key| Evidence::Forgotten { key: *key }),
        );
        let news = own.iter().filter(|(key, mac)| naming || told.get(key) != Some(mac));
        evidence.extend(news.map(|(key, mac)| Evidence::Learned {
            key: *key,
            mac: *mac,
            attachment: Attachment::Orphan,
            flags: Flags::INTERFACE,
            fresh: false,
        }));
        self.own_told = own;
        self.send_evidence()
    }

    fn send_evidence(&mut self) -> Result<(), NetlinkError> {
        while !self.neighbors.out().is_empty() {
            let evidence = self.neighbors.out();
            let rest = evidence.split_off(evidence.len().min(limits::EVIDENCE_AT_ONCE));
            let first = std::mem::replace(evidence, rest);
            self.send(Learned::Evidence(first))?;
        }
        Ok(())
    }

    fn send(&self, word: Learned) -> Result<(), NetlinkError> {
        Outlet { out: &self.out, stop: &self.stop }.send(word)
    }

    fn note_overflow(&mut self) {
        self.stats.overflows.fetch_add(1, Ordering::Relaxed);
        tracing::warn!("the kernel dropped neighbour notices: everything is dumped again");
        let doubled = self.own.channel.receive_buffer().saturating_mul(2);
        self.own.channel.enlarge(doubled.min(limits::NETLINK_BUFFER_MAX));
    }
}

/// The way to the core.
struct Outlet<'a> {
    out: &'a Sender<Learned>,
    stop: &'a AtomicBool,
}

impl Outlet<'_> {
    /// Hands a word over, however long that takes; only the daemon's end makes it give up.
    fn send(&self, mut word: Learned) -> Result<(), NetlinkError> {
        loop {
            match self.out.send_timeout(word, Duration::from_millis(100)) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) if !self.stop.load(Ordering::Relaxed) => word = back,
                Err(_) => return Err(NetlinkError::Stopped),
            }
        }
    }
}

/// The network devices of the calling thread's namespace that have a MAC, by name. Not by /sys, which shows the namespace
/// that it was mounted in.
pub(crate) fn netdev_macs() -> io::Result<BTreeMap<String, Mac>> {
    let mut devices = Devices::default();
    let bell = Wake::new()?;
    let mut channel = Channel::open(&[], limits::NETLINK_BUFFER)?;
    let dumped = channel.dump(Table::Links, &bell, &mut |source, body| _ = devices.handle(source, &body));
    dumped.map_err(|e| match e {
        NetlinkError::Io(e) => e,
        NetlinkError::Stopped => io::ErrorKind::Interrupted.into(),
    })?;
    Ok(devices.macs().collect())
}

/// Takes a message into the tables. Answers whether a device or an address changed.
fn take(devices: &mut Devices, neighbors: &mut Neighbors, source: Source, body: &decode::Body) -> bool {
    match body {
        decode::Body::Neighbor { gone, neighbor } => {
            neighbors.handle(source, *gone, neighbor);
            false
        }
        body => devices.handle(source, body),
    }
}

#[cfg(test)]
mod kernel_tests;
