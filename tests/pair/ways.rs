//! Members, peer-links, FDBs and host routes: what an ASIC is beside its neighbours, what happens to it, and what it should
//! hold, said in simple words.
//!
//! Invariant: nothing of the node's own code decides here; where several claims to a MAC differ, each of them is good.

use crate::amiss::Amiss;
use crate::asic::{Asic, Faults};
use crate::dice::Dice;
use crate::model::{Claims, Expected, winner};
use crate::world::{Interface, Switch, vlanif};
use mlagsync::addr::{InterfaceId, Mac, MlagId, VpnInstance};
use mlagsync::mirror::batch::{Batch, BatchDone, FdbHost, FdbOp, OpKind, Outcome, RouteOp, Via};
use mlagsync::neighbor::{Attachment, Key};
use mlagsync::node::io::{
    FdbChange, FdbMode, FdbNews, Footing, Input, LinkState, Member, PeerLink, Protection,
};
use mlagsync::sai::id::{self, Domain, Oid};
use mlagsync::sai::status::Status;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Ports that a host may be heard on here: two members, two single ones; and the peer-link.
const MEMBERS: [u64; 2] = [0x31, 0x32];
const SINGLE: [u64; 2] = [0x35, 0x36];
const PEER: u64 = 0x3f;

/// What both switches say, as one of them sees it.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) mine: &'a Claims,
    pub(crate) theirs: &'a Claims,
    pub(crate) i_am_larger: bool,
    /// The members of the other switch.
    pub(crate) peers: [LinkState; 2],
}

/// Which of the interfaces is a routed one.
pub(crate) const ROUTED: u32 = 30;

pub(crate) fn m_lag(n: u32) -> MlagId {
    MlagId::new(n).expect("an M-LAG")
}

/// Where hosts lie on a switch, and what its ASIC holds of it.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    pub(crate) mode: FdbMode,
    pub(crate) members: [LinkState; 2],
    pub(crate) link: LinkState,
    /// VRFs for which a next hop to the peer is named.
    pub(crate) named: BTreeSet<&'static str>,
    pub(crate) can_protect: bool,
    pub(crate) protected: BTreeSet<u64>,
    pub(crate) fdb: BTreeMap<(Domain, Mac), FdbHost>,
    pub(crate) routes: BTreeMap<(u64, IpAddr), Via>,
    /// What was there when the process was last restarted: nobody knows whose it is.
    pub(crate) left_fdb: BTreeSet<(Domain, Mac)>,
    pub(crate) left_routes: BTreeSet<(u64, IpAddr)>,
    pub(crate) dice: Dice,
    pub(crate) writes: u64,
    /// What goes wrong beyond refusals.
    pub(crate) amiss: Amiss,
}

pub(crate) fn domain(interface: InterfaceId) -> Domain {
    let InterfaceId::Vlanif(vlan) = interface else { panic!("all are VLAN interfaces") };
    Domain::Vlan(Oid::from_raw(0x26_0000 + u64::from(vlan.number())))
}

fn router(vrf: &str) -> Oid<id::VirtualRouter> {
    Oid::from_raw(if vrf == "red" { 0x301 } else { 0x302 })
}

fn next_hop(vrf: &str) -> Oid<id::NextHop> {
    Oid::from_raw(if vrf == "red" { 0x401 } else { 0x402 })
}

/// What an interface stands on.
pub(crate) fn footing(interface: InterfaceId, vrf: &str) -> Footing {
    if interface == vlanif(ROUTED) {
        Footing::Routed(router(vrf))
    } else {
        Footing::Bridged(domain(interface))
    }
}

impl Ways {
    pub(crate) fn new(seed: u64, mode: FdbMode) -> Self {
        let mut dice = Dice::new(seed ^ 0x3a15);
        let named = if dice.chance(800) { BTreeSet::from(["red", "blue"]) } else { BTreeSet::from(["red"]) };
        Ways {
            mode,
            members: [LinkState::Forwarding; 2],
            link: LinkState::Forwarding,
            named,
            can_protect: dice.chance(300),
            protected: BTreeSet::new(),
            fdb: BTreeMap::new(),
            routes: BTreeMap::new(),
            left_fdb: BTreeSet::new(),
            left_routes: BTreeSet::new(),
            dice,
            writes: 0,
            amiss: Amiss::default(),
        }
    }

    /// The process is gone; the ASIC is kept, or is not.
    pub(crate) fn crash(&mut self, keep_asic: bool) {
        if keep_asic {
            self.left_fdb.extend(self.fdb.keys());
            self.left_routes.extend(self.routes.keys());
        } else {
            self.fdb.clear();
            self.routes.clear();
            self.amiss.fdb.clear();
            self.amiss.routes.clear();
            self.protected.clear();
        }
    }

    /// What is told of M-LAG `n` (0 or 1), whose other member is as the peer's switch says.
    pub(crate) fn member(&self, n: usize, theirs: LinkState) -> Input {
        let port = Some(Oid::from_raw(MEMBERS[n]));
        Input::Member(Member { mlag: m_lag(n as u32 + 1), port, local: self.members[n], peer: theirs })
    }

    /// What is told of the peer-link.
    pub(crate) fn peer_link(&self) -> Input {
        let hop = |vrf: &&str| (vrf.parse::<VpnInstance>().expect("a VRF's name"), next_hop(vrf));
        let next_hops = self.named.iter().map(hop).collect();
        Input::PeerLink(PeerLink { port: Some(Oid::from_raw(PEER)), state: self.link, next_hops })
    }

    /// What is told of ports that can be protected.
    pub(crate) fn protection(&self) -> Vec<Input> {
        let one = |port: &u64| {
            let on = self.protected.contains(port);
            let state = if on { Protection::On } else { Protection::Ready };
            Input::Protection { port: Oid::from_raw(*port), state }
        };
        if self.can_protect { MEMBERS.iter().map(one).collect() } else { Vec::new() }
    }

    /// Protects a port, or fails to. Answers what is told of it.
    pub(crate) fn protect(&mut self, port: u64, on: bool, faults: &Faults) -> Input {
        assert!(self.can_protect, "nobody said so");
        let fails = self.dice.chance(faults.refused * 3);
        let state = match (on, fails) {
            (true, true) => Protection::Lacking,
            (true, false) => {
                self.protected.insert(port);
                Protection::On
            }
            (false, _) => {
                self.protected.remove(&port);
                Protection::Ready
            }
        };
        Input::Protection { port: Oid::from_raw(port), state }
    }

    pub(crate) fn program_fdb(&mut self, batch: &Batch<FdbOp>, faults: &Faults) -> BatchDone<FdbHost> {
        assert_eq!(self.mode, FdbMode::Managed, "the FDB is the NOS's");
        let mut outcomes = Vec::new();
        for op in &batch.ops {
            let how = op.host.filter(|_| batch.kind != OpKind::Read);
            let at = (op.domain, op.mac);
            self.look_for_strangers(batch.kind, at);
            let room = self.amiss.fdb_room.is_none_or(|room| self.fdb.len() < room);
            outcomes.push(self.fate(faults, batch.kind, room, |ways| {
                ways.writes += u64::from(batch.kind != OpKind::Read);
                obey(&mut ways.fdb, batch.kind, at, how)
            }));
            if batch.kind == OpKind::Remove
                && outcomes.last() == Some(&Outcome::Done)
                && self.fdb.contains_key(&at)
            {
                self.left_fdb.insert(at);
            }
        }
        answer(batch, outcomes)
    }

    pub(crate) fn program_routes(
        &mut self,
        batch: &Batch<RouteOp>,
        asic: &Asic,
        faults: &Faults,
    ) -> BatchDone<Via> {
        let mut outcomes = Vec::new();
        for op in &batch.ops {
            if let (OpKind::Create | OpKind::SetMac, Some(Via::Neighbor(rif))) = (batch.kind, op.via) {
                let there = asic.interface_of(rif).is_some_and(|at| asic.holds().contains_key(&(at, op.ip)));
                if !there && asic.sdk.misleads(asic.interface_of(rif), op.ip) {
                    outcomes.push(Outcome::Refused(Status::ITEM_NOT_FOUND));
                    continue;
                }
                assert!(there, "a route to a neighbour that is not there: {op:?}");
            }
            let key = (op.virtual_router.raw(), op.ip);
            if batch.kind != OpKind::Read {
                assert!(!self.amiss.routes.contains_key(&key), "a route that is not ours is written: {op:?}");
            }
            let room = self.amiss.route_room.is_none_or(|room| self.routes.len() < room);
            outcomes.push(self.fate(faults, batch.kind, room, |ways| {
                ways.writes += u64::from(batch.kind != OpKind::Read);
                if batch.kind == OpKind::Create && !ways.routes.contains_key(&key) {
                    ways.left_routes.remove(&key);
                }
                obey(&mut ways.routes, batch.kind, key, op.via)
            }));
            if batch.kind == OpKind::Remove
                && outcomes.last() == Some(&Outcome::Done)
                && self.routes.contains_key(&key)
            {
                self.left_routes.insert(key);
            }
        }
        answer(batch, outcomes)
    }

    /// A neighbour is about to be removed: no route of this life may stand on it.
    pub(crate) fn judge_removal(&self, rif: Oid<id::RouterInterface>, ip: IpAddr) {
        for (key, via) in self.routes.iter().filter(|((_, other), _)| *other == ip) {
            let stands = *via == Via::Neighbor(rif) && !self.left_routes.contains(key);
            assert!(!stands, "the neighbour {ip} is removed under its route");
        }
    }

    fn fate<H>(
        &mut self,
        faults: &Faults,
        kind: OpKind,
        room: bool,
        execute: impl FnOnce(&mut Self) -> Outcome<H>,
    ) -> Outcome<H> {
        if !room && kind == OpKind::Create {
            self.amiss.note("no room beside the neighbours");
            return Outcome::Refused(Status::TABLE_FULL);
        }
        if self.dice.chance(faults.refused) {
            let create = [Status::TABLE_FULL, Status::INSUFFICIENT_RESOURCES];
            let any = [Status::OBJECT_IN_USE, Status::NO_MEMORY];
            return Outcome::Refused(*self.dice.pick(if kind == OpKind::Create { &create } else { &any }));
        }
        if self.dice.chance(faults.unknown) {
            if self.dice.chance(500) {
                execute(self);
            }
            return Outcome::Unknown(Status::FAILURE);
        }
        if self.dice.chance(faults.skipped) { Outcome::NotExecuted } else { self.lie(kind, execute) }
    }

    /// Something happens to the FDB: a host is heard on a port, an entry ages, many are flushed. Answers what is told.
    pub(crate) fn disturb(&mut self, mac: Mac, interface: InterfaceId) -> Vec<FdbNews> {
        let domain = domain(interface);
        match self.dice.below(10) {
            0..5 => {
                let ports = [MEMBERS[0], MEMBERS[1], SINGLE[0], SINGLE[1], PEER];
                let port = Oid::from_raw(*self.dice.pick(&ports));
                let before = self.fdb.get(&(domain, mac)).copied();
                if before.is_some_and(|before| before.port == port) {
                    return Vec::new();
                }
                let dynamic = before.is_none_or(|before| before.dynamic);
                self.fdb.insert((domain, mac), FdbHost { port, dynamic });
                let change = if before.is_some() { FdbChange::Moved } else { FdbChange::Learned };
                vec![FdbNews { change, domain: Some(domain), mac: Some(mac), port: Some(port) }]
            }
            5..8 => {
                let aged = self.fdb.get(&(domain, mac)).copied().filter(|host| host.dynamic);
                let Some(host) = aged else {
                    // One that aged elsewhere long ago is told late.
                    let port = Some(Oid::from_raw(SINGLE[0]));
                    let elsewhere = self.fdb.get(&(domain, mac)).is_some_and(|host| Some(host.port) != port);
                    let late =
                        FdbNews { change: FdbChange::Aged, domain: Some(domain), mac: Some(mac), port };
                    return if elsewhere { vec![late] } else { Vec::new() };
                };
                self.fdb.remove(&(domain, mac));
                let port = Some(host.port);
                vec![FdbNews { change: FdbChange::Aged, domain: Some(domain), mac: Some(mac), port }]
            }
            _ => {
                let domain = self.dice.chance(500).then_some(domain);
                let port = self.dice.chance(500).then(|| Oid::from_raw(*self.dice.pick(&MEMBERS)));
                let flushed = |at: &(Domain, Mac), host: &FdbHost| {
                    domain.is_none_or(|domain| domain == at.0) && port.is_none_or(|port| port == host.port)
                };
                self.fdb.retain(|at, host| !flushed(at, host));
                self.amiss.fdb.retain(|at, host| !flushed(at, host));
                vec![FdbNews { change: FdbChange::Flushed, domain, mac: None, port }]
            }
        }
    }

    /// By what a host is reached: a member's port, the peer-link's, nothing; `None` for what is nobody's business here.
    fn way(&self, mine: bool, attachment: Attachment, theirs: [LinkState; 2]) -> Option<Option<u64>> {
        match attachment {
            Attachment::Fabric => None,
            Attachment::Orphan => (!mine).then_some(Some(PEER)),
            Attachment::Mlag(mlag) => {
                let n = (1..=2).position(|n| m_lag(n) == mlag).expect("one of two");
                Some(match (self.members[n], theirs[n]) {
                    (LinkState::Forwarding, _) => Some(MEMBERS[n]),
                    (_, LinkState::Down) => None,
                    _ => Some(PEER),
                })
            }
        }
    }

    /// True when nothing leads to a host.
    pub(crate) fn is_lost(&self, mine: bool, attachment: Attachment, theirs: [LinkState; 2]) -> bool {
        self.way(mine, attachment, theirs) == Some(None)
    }

    fn is_live(&self, port: u64) -> bool {
        let dead = MEMBERS
            .iter()
            .zip(self.members)
            .any(|(member, state)| *member == port && state != LinkState::Forwarding);
        port != PEER && !dead
    }

    /// Whether the FDB and the routes are as they should be.
    pub(crate) fn judge(&self, switch: &Switch, said: Said<'_>, should: &Expected) -> Result<(), String> {
        if self.mode == FdbMode::Managed {
            self.judge_fdb(&switch.bound, said)?;
        }
        self.judge_routes(switch, said, should)
    }

    fn judge_fdb(
        &self,
        bound: &BTreeMap<InterfaceId, Interface>,
        Said { mine, theirs, i_am_larger, peers }: Said<'_>,
    ) -> Result<(), String> {
        let mut said: BTreeMap<(Domain, Mac), Vec<(bool, Attachment)>> = BTreeMap::new();
        let keys: BTreeSet<Key> = mine.keys().chain(theirs.keys()).copied().collect();
        for key in keys {
            let Some((claim, is_mine)) = winner(&key, mine, theirs, i_am_larger) else { continue };
            let good =
                claim.mac != Mac::ZERO && claim.mac.0[0] & 1 == 0 && claim.mac != crate::world::OWN_MAC;
            if bound.contains_key(&key.interface) && key.interface != vlanif(ROUTED) && good {
                said.entry((domain(key.interface), claim.mac)).or_default().push((is_mine, claim.attachment));
            }
        }
        let all: BTreeSet<_> = said.keys().chain(self.fdb.keys()).copied().collect();
        for at in all {
            let mut claims = said.get(&at).cloned().unwrap_or_default();
            if claims.iter().any(|(is_mine, _)| *is_mine) {
                claims.retain(|(is_mine, _)| *is_mine);
            }
            let held = self.fdb.get(&at).copied();
            let fixed = held.filter(|host| !host.dynamic).map(|host| host.port.raw());
            // What the hardware heard on a port of this device that lives is right whatever is claimed.
            let heard = held.is_some_and(|host| host.dynamic && self.is_live(host.port.raw()));
            let is_good = |(is_mine, attachment): &(bool, Attachment)| {
                let way = self.way(*is_mine, *attachment, peers);
                let protected = |port: u64| match *attachment {
                    Attachment::Mlag(mlag) if port == PEER => (0..2)
                        .find(|n| m_lag(*n as u32 + 1) == mlag)
                        .is_some_and(|n| self.protected.contains(&MEMBERS[n]) && fixed == Some(MEMBERS[n])),
                    _ => false,
                };
                let kept = held.is_none_or(|host| host.dynamic);
                match (way, *is_mine) {
                    (None, _) | (Some(None), _) => kept,
                    (Some(Some(port)), true) if port != PEER => kept,
                    (Some(Some(port)), true) => {
                        let covered = match *attachment {
                            Attachment::Mlag(mlag) => (0..2)
                                .any(|n| m_lag(n as u32 + 1) == mlag && self.protected.contains(&MEMBERS[n])),
                            _ => false,
                        };
                        fixed == Some(port) || heard || covered && kept
                    }
                    (Some(Some(port)), false) => fixed == Some(port) || heard || protected(port),
                }
            };
            let good = if claims.is_empty() {
                fixed.is_none() || self.left_fdb.contains(&at)
            } else {
                claims.iter().any(is_good) || fixed.is_some() && self.left_fdb.contains(&at)
            };
            if !good {
                return Err(format!("the FDB has {held:?} for {at:?}, which is claimed so: {claims:?}"));
            }
        }
        Ok(())
    }

    fn judge_routes(
        &self,
        switch: &Switch,
        Said { mine, theirs, i_am_larger, peers }: Said<'_>,
        Expected { hosts, nos }: &Expected,
    ) -> Result<(), String> {
        let mut wanted = BTreeMap::new();
        let routed = vlanif(ROUTED);
        let Some(facts) = switch.bound.get(&routed) else { return Ok(()) };
        let link_local =
            |ip: &IpAddr| ip.to_string().starts_with("fe80") || ip.to_string().starts_with("169.254");
        for (interface, ip) in hosts.keys().filter(|(interface, ip)| *interface == routed && !link_local(ip))
        {
            let key = Key { interface: *interface, ip: *ip };
            let Some((claim, is_mine)) = winner(&key, mine, theirs, i_am_larger) else { continue };
            let by_peer = self.way(is_mine, claim.attachment, peers) == Some(Some(PEER));
            let via = if by_peer && self.named.contains(facts.vrf) {
                Via::NextHop(next_hop(facts.vrf))
            } else {
                Via::Neighbor(switch.asic.rif(routed))
            };
            wanted.insert((router(facts.vrf).raw(), *ip), via);
        }
        let keys: BTreeSet<_> = wanted.keys().chain(self.routes.keys()).copied().collect();
        for key in keys {
            let theirs = nos.contains(&(routed, key.1))
                || self.left_routes.contains(&key)
                || switch.left.contains(&(routed, key.1));
            let (wanted, held) = (wanted.get(&key), self.routes.get(&key));
            if wanted != held && !(theirs && wanted.is_none()) {
                return Err(format!("the route of {key:?} is {held:?} and should be {wanted:?}"));
            }
        }
        Ok(())
    }
}

fn answer<O, H>(batch: &Batch<O>, outcomes: Vec<Outcome<H>>) -> BatchDone<H> {
    let asic_ns = 20_000 + 5_000 * batch.ops.len() as u64;
    BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns, calls: 1 }
}

fn obey<K: Ord, V: Copy>(table: &mut BTreeMap<K, V>, kind: OpKind, key: K, value: Option<V>) -> Outcome<V> {
    match (kind, table.contains_key(&key)) {
        (OpKind::Create, true) => Outcome::Refused(Status::ITEM_ALREADY_EXISTS),
        (OpKind::SetMac | OpKind::Remove, false) => Outcome::Refused(Status::ITEM_NOT_FOUND),
        (OpKind::Read, _) => Outcome::Held(table.get(&key).copied()),
        (OpKind::Create | OpKind::SetMac, _) => {
            table.insert(key, value.expect("a value"));
            Outcome::Done
        }
        (OpKind::Remove, true) => {
            table.remove(&key);
            Outcome::Done
        }
    }
}
