//! What the kernel's neighbour entries are worth: evidence.
//!
//! | the kernel's entry | here |
//! |---|---|
//! | REACHABLE, STALE, DELAY, PROBE, or externally learned | learned |
//! | PERMANENT, NOARP | static, unless it is the kernel's own for a group, broadcast or loopback address |
//! | INCOMPLETE, FAILED, no MAC, deleted | forgotten, if it was known |
//! | under our own NDA_PROTOCOL value | our echo: nothing, unless the kernel itself has met the host: see below |
//!
//! The attachment is that of the port that heard the host last, by the bridge's FDB. An FDB entry that ages away takes
//! nothing back: the host was heard there and nowhere else since. A host heard on the peer-link is the peer's to claim;
//! only a dual-homed one stays ours, because its frames may come either way at any time.
//!
//! Evidence is fresh when it is a notice of a step to REACHABLE, of another MAC, of another port, or of an entry that
//! was not there. Rows of a dump never are, nor is anything STALE that is met while a dump runs.
//!
//! An entry that the kernel mirror wrote is known by its NDA_PROTOCOL value alone: other programs' externally learned
//! entries are learned as any. Of ours, a notice names the socket that caused it, so what the mirror did is told from what
//! the kernel did by itself:
//!
//! | on an entry of ours, by the kernel itself | here |
//! |---|---|
//! | another MAC than was last written | learned: a host has spoken |
//! | a step to REACHABLE, and it is known which port hears it | learned, or heard for the peer, as with any entry |
//! | a step to REACHABLE, and that is not known | heard: that it lives is certain, that it hangs here is not |
//! | STALE, DELAY, PROBE | our echo |
//!
//! In a dump nobody is named as the cause; there REACHABLE alone counts, which the mirror never writes.
//!
//! Invariant: pure. Messages in, evidence out; no socket, no clock.

use super::decode::NeighborMessage;
use super::fdb::{Fdb, Scope};
use super::netlink::Source;
use crate::addr::{InterfaceId, Mac};
use crate::limits::KERNEL_PROTOCOL;
use crate::neighbor::{Attachment, Flags, Key};
use crate::node::io::Evidence;
use crate::run::platform::PortRole;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

/// What this daemon itself writes into the kernel's table, and how that is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    /// The NDA_PROTOCOL value of the entries.
    pub(crate) protocol: u8,
    /// The netlink socket by which they are written, if there is one.
    pub(crate) socket: Option<u32>,
}

impl Default for Own {
    fn default() -> Self {
        Own { protocol: KERNEL_PROTOCOL, socket: None }
    }
}

/// A layer 3 interface whose neighbours are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    /// Its name on the wire.
    pub(crate) id: InterfaceId,
    /// Where a host hangs whose hearing port is not known.
    pub(crate) attachment: Attachment,
    /// The bridge whose FDB knows its hosts, where that can be told.
    pub(crate) bridge: Option<u32>,
}

impl Interface {
    fn vlan(&self) -> Option<u16> {
        match self.id {
            InterfaceId::Vlanif(vlan) => Some(vlan.number()),
            InterfaceId::Vbdif(_) | InterfaceId::Routed { .. } => None,
        }
    }
}

type KernelKey = (u32, IpAddr);

/// What is known of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    fact: Fact,
    heard: Option<PortRole>,
    /// What the node holds of it.
    told: Option<Evidence>,
    generation: u32,
}

/// What the kernel's entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fact {
    mac: Mac,
    fixed: bool,
    reachable: bool,
    router: bool,
}

/// The kernel's neighbours on our interfaces.
#[derive(Debug, Default)]
pub(crate) struct Neighbors {
    interfaces: BTreeMap<u32, Interface>,
    ports: BTreeMap<u32, PortRole>,
    pub(super) fdb: Fdb,
    known: HashMap<KernelKey, Entry>,
    own: Own,
    /// The MAC of each entry of ours as it was last seen, and the dump that named it.
    ours: HashMap<KernelKey, (Mac, u32)>,
    by_mac: BTreeSet<(Mac, u32, IpAddr)>,
    generation: u32,
    /// While a dump runs: the keys that notices spoke of.
    noticed: Option<HashSet<KernelKey>>,
    out: Vec<Evidence>,
}

impl Neighbors {
    /// A table in which our own echo is known as such.
    pub(crate) fn new(own: Own) -> Neighbors {
        Neighbors { own, ..Neighbors::default() }
    }

    /// Evidence that waits to be taken.
    pub(crate) fn out(&mut self) -> &mut Vec<Evidence> {
        &mut self.out
    }

    /// A dump of everything is about to be asked for. Everything that is there will be named, changed or not.
    pub(crate) fn begin_dump(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.noticed = Some(HashSet::new());
    }

    /// The dump is complete: what neither it nor a notice named is gone.
    pub(crate) fn end_dump(&mut self) {
        self.noticed = None;
        let generation = self.generation;
        let mut gone: Vec<KernelKey> =
            self.known.iter().filter(|(_, e)| e.generation != generation).map(|(key, _)| *key).collect();
        gone.sort_unstable();
        for key in gone {
            self.forget(key);
        }
        self.ours.retain(|_, (_, named)| *named == generation);
    }

    /// Says which devices are our interfaces and ports now. Answers true when an interface lies on a device whose
    /// neighbours were passed over until now: only a dump finds them.
    pub(crate) fn assign(
        &mut self,
        interfaces: BTreeMap<u32, Interface>,
        ports: BTreeMap<u32, PortRole>,
    ) -> bool {
        if interfaces == self.interfaces && ports == self.ports {
            return false;
        }
        let same = |index: &u32| match (self.interfaces.get(index), interfaces.get(index)) {
            (Some(old), Some(new)) => old.id == new.id,
            (None, None) => true,
            _ => false,
        };
        let mut lost: Vec<KernelKey> = self.known.keys().filter(|(index, _)| !same(index)).copied().collect();
        lost.sort_unstable();
        let found = interfaces.keys().any(|index| !same(index));
        for key in lost {
            self.forget(key);
        }
        self.interfaces = interfaces;
        self.ports = ports;
        let mut keys: Vec<KernelKey> = self.known.keys().copied().collect();
        keys.sort_unstable();
        for key in keys {
            self.hear_again(key, false);
        }
        found
    }

    /// Takes a neighbour message of any family in.
    pub(crate) fn handle(&mut self, source: Source, gone: bool, message: &NeighborMessage) {
        let notice = source == Source::Notice;
        if i32::from(message.family) == libc::AF_BRIDGE {
            if let Some(mac) = self.fdb.handle(notice, gone, message) {
                self.heard_elsewhere(mac, notice);
            }
            return;
        }
        let Some(ip) = message.ip.filter(host_address) else { return };
        if message.flags & libc::NTF_PROXY != 0 || !self.interfaces.contains_key(&message.ifindex) {
            return;
        }
        let key = (message.ifindex, ip);
        if let Some(noticed) = &mut self.noticed {
            if notice {
                noticed.insert(key);
            } else if noticed.contains(&key) {
                return;
            }
        }
        // What this daemon did to an entry says nothing of the host.
        let by_us = notice && self.own.socket == Some(message.cause);
        let fact = fact(gone, message);
        match fact {
            None => {
                self.ours.remove(&key);
                self.forget(key);
            }
            Some(fact) if message.protocol == Some(self.own.protocol) => self.meet(key, fact, notice, by_us),
            Some(fact) => {
                self.ours.remove(&key);
                self.learn(key, fact, notice && !by_us);
            }
        }
    }

    /// Takes an entry of ours in.
    fn meet(&mut self, key: KernelKey, fact: Fact, notice: bool, by_us: bool) {
        let written = self.ours.insert(key, (fact.mac, self.generation)).map(|(mac, _)| mac);
        if by_us {
            // Where the peer's host was written over one that was learned here, that one is not here any more.
            match self.known.get(&key) {
                Some(entry) if entry.fact.mac == fact.mac => self.learn(key, fact, false),
                Some(_) => self.forget(key),
                None => {}
            }
            return;
        }
        let spoke = notice && written.is_some_and(|mac| mac != fact.mac);
        if self.known.contains_key(&key) || fact.fixed || spoke {
            self.learn(key, fact, notice);
        } else if fact.reachable {
            match self.hearing(key.0, fact.mac, None) {
                Some(_) => self.learn(key, fact, notice),
                None if notice => {
                    let Some(interface) = self.interfaces.get(&key.0) else { return };
                    let key = Key { interface: interface.id, ip: key.1 };
                    self.out.push(Evidence::Heard { key, mac: fact.mac });
                }
                None => {}
            }
        }
    }

    fn learn(&mut self, key: KernelKey, fact: Fact, notice: bool) {
        let before = self.known.get(&key).copied();
        let last = before.filter(|b| b.fact.mac == fact.mac).and_then(|b| b.heard);
        let heard = self.hearing(key.0, fact.mac, last);
        let fresh = notice
            && match before {
                None => fact.reachable || self.noticed.is_none(),
                Some(b) => b.fact.mac != fact.mac || b.fact.fixed || (fact.reachable && !b.fact.reachable),
            };
        if let Some(b) = before.filter(|b| b.fact.mac != fact.mac) {
            self.by_mac.remove(&(b.fact.mac, key.0, key.1));
        }
        if before.is_none_or(|b| b.fact.mac != fact.mac) {
            self.by_mac.insert((fact.mac, key.0, key.1));
        }
        let told = before.and_then(|b| b.told);
        self.known.insert(key, Entry { fact, heard, told, generation: self.generation });
        self.tell(key, fresh);
    }

    fn forget(&mut self, key: KernelKey) {
        let Some(entry) = self.known.remove(&key) else { return };
        self.by_mac.remove(&(entry.fact.mac, key.0, key.1));
        if let Some(told) = entry.told {
            self.out.push(Evidence::Forgotten { key: told_key(&told) });
        }
    }

    /// The bridge heard `mac` on another port than before.
    fn heard_elsewhere(&mut self, mac: Mac, notice: bool) {
        let first = (mac, 0, IpAddr::from([0, 0, 0, 0]));
        let keys: Vec<KernelKey> = self
            .by_mac
            .range(first..)
            .take_while(|(m, ..)| *m == mac)
            .map(|(_, index, ip)| (*index, *ip))
            .collect();
        for key in keys {
            self.hear_again(key, notice);
        }
    }

    fn hear_again(&mut self, key: KernelKey, fresh: bool) {
        let Some(entry) = self.known.get(&key).copied() else { return };
        let heard = self.hearing(key.0, entry.fact.mac, entry.heard);
        if let Some(entry) = self.known.get_mut(&key) {
            let moved = entry.heard != heard;
            entry.heard = heard;
            self.tell(key, fresh && moved);
        }
    }

    /// The role of the port that hears `mac` on the interface; `last` where the FDB has nothing to say.
    fn hearing(&self, ifindex: u32, mac: Mac, last: Option<PortRole>) -> Option<PortRole> {
        let interface = self.interfaces.get(&ifindex)?;
        let is_bridge = interface.bridge == Some(ifindex);
        let scope = Scope { bridge: interface.bridge, vlan: interface.vlan(), is_bridge };
        let port = self.fdb.port(mac, scope);
        let Some(now) = port.and_then(|port| self.ports.get(&port)).copied() else { return last };
        match (last, now) {
            (Some(PortRole::Hosts(Attachment::Mlag(_))), PortRole::PeerLink) => last,
            _ => Some(now),
        }
    }

    /// Tells the node what there is to tell of an entry.
    fn tell(&mut self, key: KernelKey, fresh: bool) {
        let Some(interface) = self.interfaces.get(&key.0) else { return };
        let Some(entry) = self.known.get_mut(&key) else { return };
        let key = Key { interface: interface.id, ip: key.1 };
        let Fact { mac, fixed, router, .. } = entry.fact;
        let learned = |attachment| Evidence::Learned {
            key,
            mac,
            attachment,
            flags: if router { Flags::ROUTER } else { Flags::default() },
            fresh: false,
        };
        let now = match entry.heard {
            _ if fixed => Some(Evidence::Static { key, mac }),
            Some(PortRole::PeerLink) => None,
            Some(PortRole::Hosts(attachment)) => Some(learned(attachment)),
            None => Some(learned(interface.attachment)),
        };
        let naming = self.noticed.is_some();
        let before = std::mem::replace(&mut entry.told, now);
        match now {
            None => {
                if before.is_some() {
                    self.out.push(Evidence::Forgotten { key });
                }
                // It is the peer's to claim, and the peer may not have heard it for long.
                if fresh && entry.heard == Some(PortRole::PeerLink) {
                    self.out.push(Evidence::Heard { key, mac });
                }
            }
            Some(now) if before != Some(now) || fresh || naming => self.out.push(with_freshness(now, fresh)),
            Some(_) => {}
        }
    }
}

fn told_key(told: &Evidence) -> Key {
    match told {
        Evidence::Learned { key, .. }
        | Evidence::Heard { key, .. }
        | Evidence::Static { key, .. }
        | Evidence::Forgotten { key } => *key,
    }
}

fn with_freshness(evidence: Evidence, now: bool) -> Evidence {
    match evidence {
        Evidence::Learned { key, mac, attachment, flags, .. } => {
            Evidence::Learned { key, mac, attachment, flags, fresh: now }
        }
        other => other,
    }
}

/// Whether a host can have this address at all.
fn host_address(ip: &IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    !ip.is_multicast() && !ip.is_unspecified() && !ip.is_loopback() && !broadcast
}

/// What the entry says; nothing when it says that nobody is there.
fn fact(gone: bool, message: &NeighborMessage) -> Option<Fact> {
    const LEARNED: u16 = libc::NUD_REACHABLE | libc::NUD_STALE | libc::NUD_DELAY | libc::NUD_PROBE;
    const FIXED: u16 = libc::NUD_PERMANENT | libc::NUD_NOARP;
    let mac = message.mac.filter(|mac| *mac != Mac::ZERO)?;
    let external = message.flags & libc::NTF_EXT_LEARNED != 0;
    let fixed = message.state & FIXED != 0 && !external;
    // NOARP with a group MAC is how the kernel itself reaches broadcast and group addresses.
    let of_the_kernel = message.state & libc::NUD_NOARP != 0 && mac.is_multicast();
    let there = message.state & (LEARNED | FIXED) != 0;
    (!gone && there && !of_the_kernel).then_some(Fact {
        mac,
        fixed,
        reachable: message.state & libc::NUD_REACHABLE != 0,
        router: message.flags & libc::NTF_ROUTER != 0,
    })
}

#[cfg(test)]
#[path = "neighbors_tests.rs"]
mod tests;
