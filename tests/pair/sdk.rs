//! What an SDK does that it should not: it lies, it is late, it dies and comes back, it has room for few; and somebody
//! else writes the same ASIC.
//!
//! The lies are the simulator's own, below the C ABI, so that the executor and its journal hear what they would hear.
//!
//! Invariant: as in the world: one seed decides everything; what was done to which entry is known to whoever judges.

use crate::asic::{Asic, built};
use crate::model::is_link_local;
use crate::ways::Ways;
use crate::world::base;
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::mirror::batch::{Batch, BatchDone, OpKind, Outcome};
use mlagsync::neighbor::Host;
use mlagsync::run::asic::Executor;
use mlagsync::run::journal::{Journal, Standing, Thing};
use mlagsync::sai::{NeighborKey, NeighborTable, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

/// An entry by its interface.
pub(crate) type Place = (InterfaceId, IpAddr);

/// How often the library says what is not so, in thousandths of the entries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lies {
    /// SUCCESS, and nothing happened.
    pub(crate) lied: u64,
    /// The same of removals.
    pub(crate) kept: u64,
    /// A failure, and it happened.
    pub(crate) stored: u64,
    /// The bulk call ends here.
    pub(crate) aborted: u64,
    /// It cannot be read.
    pub(crate) unread: u64,
}

/// What became of the tables while the SDK was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Kept,
    Lost,
    /// Some of it is gone, some is as it was never.
    Garbled,
}

/// The state of an SDK.
#[derive(Debug)]
pub(crate) struct Sdk {
    pub(crate) lies: Lies,
    /// SUCCESS comes first, and what was asked for later.
    pub(crate) is_late: bool,
    /// It is not there.
    pub(crate) gone: bool,
    /// It is not what the node believes, and nobody has said so.
    pub(crate) untold: bool,
    /// What the node believes was read back since then.
    pub(crate) restored: bool,
    /// The process dies in the next batch that writes …
    pub(crate) doomed: bool,
    /// … and did.
    pub(crate) died: bool,
    /// Entries of this address are written for nobody until it is healed.
    pub(crate) deaf: BTreeSet<IpAddr>,
    /// So many neighbours find room.
    pub(crate) room: Option<usize>,
    /// What somebody else wrote where nobody else has business.
    pub(crate) strangers: BTreeMap<Place, Mac>,
    /// What somebody else wrote where a host of ours may come to be.
    pub(crate) planted: BTreeMap<Place, Mac>,
    /// Entries that are not as the library said, or not as they were left.
    pub(crate) tainted: BTreeSet<Place>,
    /// Entries that the library said are removed.
    pub(crate) ghosts: BTreeSet<Place>,
    /// Faults that struck, by kind.
    pub(crate) struck: BTreeMap<&'static str, u64>,
    /// What was written, in order, while somebody looks.
    pub(crate) written: Vec<(OpKind, Place)>,
    /// Where the record of what is ours is.
    pub(crate) journal: Option<PathBuf>,
}

impl Sdk {
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.struck.entry(what).or_default() += 1;
    }
}

impl Default for Sdk {
    fn default() -> Self {
        Sdk {
            lies: Lies::default(),
            is_late: false,
            gone: false,
            untold: false,
            restored: true,
            doomed: false,
            died: false,
            deaf: BTreeSet::new(),
            room: None,
            strangers: BTreeMap::new(),
            planted: BTreeMap::new(),
            tainted: BTreeSet::new(),
            ghosts: BTreeSet::new(),
            struck: BTreeMap::new(),
            written: Vec::new(),
            journal: None,
        }
    }
}

impl Sdk {
    /// A node may believe that an entry is there which is not.
    pub(crate) fn misleads(&self, interface: Option<InterfaceId>, ip: IpAddr) -> bool {
        self.untold
            || !self.restored
            || interface.is_none_or(|interface| self.tainted.contains(&(interface, ip)))
    }
}

impl Drop for Sdk {
    fn drop(&mut self) {
        if let Some(path) = &self.journal {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// An address that none of our hosts has.
fn strange(n: u64) -> IpAddr {
    let text =
        if n.is_multiple_of(3) { format!("2001:db8:10:0:20::f{n}") } else { format!("10.0.20.{}", 240 + n) };
    text.parse().expect("an address")
}

impl Asic {
    /// What is ours is written down from now on.
    pub(crate) fn keep_journal(&mut self, path: PathBuf) {
        let journal = Journal::open(&path).expect("a journal");
        self.sdk.journal = Some(path);
        self.executor = Executor::with_journal(&self.switch, Some(journal));
    }

    /// What the record names, after whoever wrote it died.
    pub(crate) fn recall(&mut self) -> Vec<(NeighborKey, bool)> {
        let Some(path) = &self.sdk.journal else { return Vec::new() };
        // The file has one owner at a time.
        self.executor = Executor::new(&self.switch);
        let journal = Journal::open(path).expect("a journal");
        let mut named: Vec<_> = journal
            .things()
            .filter_map(|(thing, standing)| match thing {
                Thing::Neighbor(key) => Some((key, standing == Standing::Doubt)),
                _ => None,
            })
            .collect();
        named.sort();
        self.executor = Executor::with_journal(&self.switch, Some(journal));
        named
    }

    /// Refuses creates that find no room, or not what they need.
    pub(crate) fn turn_away(
        &mut self,
        batch: &Batch,
        fates: &mut [Option<(Outcome, bool)>],
        lacking: Option<&Ways>,
    ) {
        if let (OpKind::Create, Some(ways)) = (batch.kind, lacking) {
            for (op, fate) in batch.ops.iter().zip(fates.iter_mut()) {
                let known = self.interface_of(op.rif).is_none_or(|at| ways.finds(base(at), op.host.mac));
                if fate.is_none() && !known {
                    *fate = Some((Outcome::Refused(Status::ADDR_NOT_FOUND), false));
                    self.sdk.note("no MAC");
                    self.disturbed = true;
                }
            }
        }
        let Some(room) = self.sdk.room.filter(|_| batch.kind == OpKind::Create) else { return };
        let mut left = room.saturating_sub(self.view().neighbor_count());
        for fate in fates.iter_mut().filter(|fate| fate.is_none()) {
            match left.checked_sub(1) {
                Some(less) => left = less,
                None => {
                    *fate = Some((Outcome::Refused(Status::TABLE_FULL), false));
                    self.sdk.note("no room");
                }
            }
        }
    }

    fn rules(&mut self, kind: OpKind) -> String {
        let Lies { lied, kept, stored, aborted, unread } = self.sdk.lies;
        let p = |permille: u64| format!("p {}.{:03}", permille / 1000, permille % 1000);
        let mut rules = Vec::new();
        if self.sdk.doomed && kind != OpKind::Read {
            let (half, some) = (p(500), p(200));
            rules.push(format!("any neighbor {some} abort FAILURE; any neighbor {half} fail FAILURE after"));
        }
        for ip in &self.sdk.deaf {
            rules.push(format!("create neighbor {ip} lie; set neighbor {ip} lie"));
        }
        let status = ["FAILURE", "TABLE_FULL", "NO_MEMORY", "OBJECT_IN_USE", "ITEM_NOT_FOUND"];
        let status = *self.dice.pick(&status[..if kind == OpKind::Remove { 5 } else { 4 }]);
        let all = [
            (lied, "create neighbor", "lie".to_owned()),
            (lied, "set neighbor", "lie".to_owned()),
            (kept, "remove neighbor", "lie".to_owned()),
            (stored, "create neighbor", format!("fail {status} after")),
            (stored, "set neighbor", format!("fail {status} after")),
            (stored, "remove neighbor", format!("fail {status} after")),
            (aborted, "any neighbor", "abort FAILURE".to_owned()),
            (unread, "get neighbor", "fail FAILURE".to_owned()),
        ];
        for (rate, what, action) in all.into_iter().filter(|(rate, ..)| *rate > 0) {
            rules.push(format!("{what} {} {action}", p(rate)));
        }
        rules.join("; ")
    }

    /// Executes a batch as this SDK does.
    pub(crate) fn execute_by_sdk(&mut self, batch: &Batch) -> BatchDone {
        let rules = self.rules(batch.kind);
        if rules.is_empty()
            && self.sdk.planted.is_empty()
            && self.sdk.strangers.is_empty()
            && !self.sdk.is_late
        {
            return self.executor.execute(batch);
        }
        self.disturbed = true;
        let view = self.view();
        view.set_faults(&rules, self.dice.next()).expect("rules of faults");
        let done = self.executor.execute(batch);
        view.set_faults("", 0).expect("no rules");
        if std::mem::take(&mut self.sdk.doomed) && batch.kind != OpKind::Read {
            self.sdk.died = true;
        }
        self.compare(batch, &done);
        done
    }

    /// Remembers where the library said what is not so.
    fn compare(&mut self, batch: &Batch, done: &BatchDone) {
        let holds = self.holds();
        for (op, outcome) in batch.ops.iter().zip(&done.outcomes) {
            let Some(interface) = self.interface_of(op.rif) else { continue };
            let place = (interface, op.ip);
            let held = holds.get(&place).map(|(mac, _)| *mac);
            if batch.kind != OpKind::Read {
                assert!(
                    !self.sdk.strangers.contains_key(&place),
                    "an entry that is not ours is written: {op:?}"
                );
                self.sdk.planted.remove(&place);
            }
            match (batch.kind, outcome) {
                (OpKind::Create | OpKind::SetMac, Outcome::Done) if held != Some(op.host.mac) => {
                    self.sdk.note("SUCCESS, and nothing happened");
                    self.sdk.tainted.insert(place);
                }
                (OpKind::Remove, Outcome::Done) if held.is_some() && !self.sdk.is_late => {
                    self.sdk.note("a removal that did not happen");
                    self.sdk.ghosts.insert(place);
                }
                (OpKind::Create, Outcome::Refused(_) | Outcome::Unknown(_)) if held == Some(op.host.mac) => {
                    self.sdk.note("a failure that happened");
                }
                (OpKind::Read, Outcome::Unknown(_) | Outcome::Refused(_)) => self.sdk.note("unread"),
                (_, Outcome::NotExecuted) => self.sdk.note("half-done"),
                _ => {}
            }
        }
    }

    /// What was promised is done.
    pub(crate) fn land(&mut self) {
        if self.view().land() > 0 {
            self.sdk.note("late");
        }
    }

    /// The SDK comes back, and this is what it has. Answers which router interface has become which.
    /// What was on an interface that is not among the `bound` ones and has another id now nobody can name any more: it is
    /// not there.
    pub(crate) fn come_back(
        &mut self,
        tables: Tables,
        other_ids: bool,
        bound: &BTreeSet<InterfaceId>,
    ) -> BTreeMap<u64, u64> {
        self.sdk.gone = false;
        self.disturbed = true;
        // What it had promised nobody remembers: that is landed only to be overwritten.
        let before = self.holds();
        self.view().land();
        let mut left: BTreeMap<Place, Host> = BTreeMap::new();
        for (place, (mac, no_host_route)) in &before {
            let mut mac = *mac;
            let stays = match tables {
                Tables::Kept => true,
                Tables::Lost => false,
                Tables::Garbled => {
                    if self.dice.chance(200) && !self.sdk.strangers.contains_key(place) {
                        mac = Mac([2, 0, 0, 0, 7, 7]);
                    }
                    self.dice.chance(500)
                }
            };
            if stays && (!other_ids || bound.contains(&place.0)) {
                left.insert(*place, Host { mac, no_host_route: *no_host_route });
            }
        }
        let routers = self.routers();
        if other_ids {
            let (switch, topology) = built(&self.layout());
            // The journal has one owner at a time.
            self.executor = Executor::new(&switch);
            let journal = self.sdk.journal.as_ref().map(|path| Journal::open(path).expect("a journal"));
            self.executor = Executor::with_journal(&switch, journal);
            self.topology = topology;
            self.switch = switch;
        }
        if self.sdk.is_late {
            self.set_late();
        }
        let all: Vec<_> = self.holds().into_keys().map(|place| self.key(place)).collect();
        let mut table = NeighborTable::new(&self.switch);
        if !all.is_empty() {
            table.remove(all.into_iter());
            self.view().land();
        }
        if !left.is_empty() {
            let entries: Vec<_> = left.iter().map(|(place, host)| (self.key(*place), *host)).collect();
            table.create(entries.into_iter());
            self.view().land();
        }
        let macs: BTreeMap<Place, Mac> = left.iter().map(|(place, host)| (*place, host.mac)).collect();
        assert_eq!(self.holds().into_iter().map(|(p, (mac, _))| (p, mac)).collect::<BTreeMap<_, _>>(), macs);
        self.sdk.strangers.retain(|place, _| macs.contains_key(place));
        self.sdk.planted.retain(|place, mac| macs.get(place) == Some(mac));
        self.sdk.ghosts.retain(|place| macs.contains_key(place));
        let now = self.routers();
        routers.into_iter().map(|(interface, rif)| (rif, now[&interface])).collect()
    }

    fn routers(&self) -> BTreeMap<InterfaceId, u64> {
        self.topology.rifs().map(|(interface, rif)| (interface, rif.raw())).collect()
    }

    /// From now on SUCCESS comes first.
    pub(crate) fn set_late(&mut self) {
        self.sdk.is_late = true;
        self.view().set_async("command").expect("a delay");
    }

    fn key(&self, (interface, ip): Place) -> NeighborKey {
        NeighborKey { rif: self.rif(interface), ip }
    }

    /// Somebody else writes the table.
    pub(crate) fn intrude(&mut self, ip: IpAddr, interface: InterfaceId, routed: Option<InterfaceId>) {
        if self.sdk.gone {
            return;
        }
        self.disturbed = true;
        self.land();
        let holds = self.holds();
        let mac = Mac([2, 0, 0, 0, 9, self.dice.below(4) as u8]);
        let mut table = NeighborTable::new(&self.switch);
        let what = self.dice.below(10);
        let strange = (interface, strange(self.dice.below(6)));
        match what {
            // Theirs: made, changed, removed.
            0..3 => match holds.get(&strange) {
                None => {
                    table.create([(self.key(strange), Host { mac, no_host_route: false })].into_iter());
                    self.sdk.strangers.insert(strange, mac);
                    self.sdk.note("somebody makes an entry");
                }
                Some(_) if self.dice.chance(500) => {
                    table.set_mac([(self.key(strange), mac)].into_iter());
                    self.sdk.strangers.insert(strange, mac);
                }
                Some(_) => {
                    table.remove([self.key(strange)].into_iter());
                    self.sdk.strangers.remove(&strange);
                }
            },
            // Where a host of ours may come to be.
            3..5 if !holds.contains_key(&(interface, ip)) => {
                let host = Host { mac, no_host_route: is_link_local(ip) || routed == Some(interface) };
                table.create([(self.key((interface, ip)), host)].into_iter());
                self.sdk.planted.insert((interface, ip), mac);
                self.sdk.tainted.insert((interface, ip));
                self.sdk.note("somebody makes an entry of a host of ours");
            }
            _ => {
                let ours: Vec<Place> =
                    holds.into_keys().filter(|place| !self.sdk.strangers.contains_key(place)).collect();
                if ours.is_empty() {
                    return;
                }
                let place = *self.dice.pick(&ours);
                self.sdk.tainted.insert(place);
                if what < 8 {
                    table.set_mac([(self.key(place), mac)].into_iter());
                    self.sdk.planted.entry(place).and_modify(|planted| *planted = mac);
                    self.sdk.note("somebody changes an entry of ours");
                } else {
                    table.remove([self.key(place)].into_iter());
                    self.sdk.planted.remove(&place);
                    self.sdk.ghosts.remove(&place);
                    self.sdk.note("somebody removes an entry of ours");
                }
            }
        }
        self.land();
    }

    /// What is not ours is as whoever made it left it.
    pub(crate) fn judge_strangers(&self) -> Result<(), String> {
        let holds = self.holds();
        for (place, mac) in &self.sdk.strangers {
            let held = holds.get(place).map(|(mac, _)| *mac);
            if held != Some(*mac) {
                return Err(format!("somebody else's entry {place:?} of {mac} is {held:?}"));
            }
        }
        Ok(())
    }

    /// An entry that may be there although nobody wants it.
    pub(crate) fn excuses(&self, place: &Place, mac: Mac) -> bool {
        self.sdk.strangers.contains_key(place)
            || self.sdk.planted.get(place) == Some(&mac)
            || self.sdk.ghosts.contains(place)
    }

    /// It takes the place of this one, and nothing of that is left.
    pub(crate) fn succeed(&mut self, old: Asic) {
        let Sdk { lies, is_late, room, ref struck, ref journal, .. } = old.sdk;
        (self.sdk.lies, self.sdk.room, self.sdk.struck) = (lies, room, struck.clone());
        let path = journal.clone();
        if is_late {
            self.set_late();
        }
        drop(old);
        if let Some(path) = path {
            self.keep_journal(path);
        }
    }
}
