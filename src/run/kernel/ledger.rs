//! What the kernel should hold of the peer's hosts, what it holds, and what to ask of it next.
//!
//! ```text
//!   want ─┐                    ┌─► nothing there   ─► write (only where nothing is)
//!         ├─► differs? ─► have ┼─► ours            ─► change, hand over, or remove
//!   have ─┘                    ├─► dead            ─► write over it
//!                              ├─► somebody else's ─► leave it until it goes
//!                              └─► unknown         ─► look
//! ```
//!
//! An entry is written as externally learned, externally validated where the kernel has that, and STALE: it is usable at
//! once, no garbage collection and no count touches it, and nothing is said of its being reachable, so that the kernel's
//! own step to REACHABLE is news. What the kernel or another program holds is never written over.
//!
//! When the kernel itself puts another MAC into an entry of ours, a host has spoken: nothing is written back. The learner
//! tells the node, which decides.
//!
//! Invariant: pure; messages and answers in, requests out. A key is in the queue once, however much happens to it.

use super::bulk::{Answer, How, Request, Verb, Write};
use crate::addr::{InterfaceId, Mac};
use crate::limits;
use crate::neighbor::Key;
use crate::node::io::{KernelSweep, KernelWant};
use crate::run::learn::decode::NeighborMessage;
use crate::time::Time;
use nix::errno::Errno;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// `NTF_EXT_EXT_VALIDATED`, of Linux 6.17: the kernel neither removes the entry nor makes it FAILED.
pub(super) const EXT_VALIDATED: u32 = 1 << 2;
/// `RTPROT_KERNEL`: whose an entry is that was handed over.
pub(super) const PROTOCOL_KERNEL: u8 = 2;

/// The device of an interface, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) index: u32,
    pub(super) up: bool,
}

/// What the kernel holds of a key, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Have {
    #[default]
    Nothing,
    /// An entry that resolves nothing, whosever it is.
    Dead,
    Ours {
        mac: Mac,
        router: bool,
        state: u16,
    },
    Foreign,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    mac: Mac,
    router: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    want: Option<Wanted>,
    /// What is there is the kernel's from now on.
    own: bool,
    /// From before the start, and nobody has said what it should be.
    leftover: bool,
    have: Have,
    queued: bool,
    parked: bool,
    /// The dump that last named it.
    named: u32,
}

impl Slot {
    fn is_as_wanted(&self) -> bool {
        match (self.want, self.have) {
            (Some(Wanted { mac, router }), Have::Ours { mac: m, router: r, .. }) => (mac, router) == (m, r),
            _ => false,
        }
    }
}

/// Whether the kernel has [`EXT_VALIDATED`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ExternValid {
    #[default]
    Untried,
    Has,
    Lacks,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) wanted: u64,
    pub(super) installed: u64,
    pub(super) foreign: u64,
    pub(super) leftovers: u64,
    pub(super) written: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
    pub(super) handed_over: u64,
    pub(super) refused: u64,
    pub(super) table_full: u64,
    pub(super) lost: u64,
}

/// The ledger.
#[derive(Debug)]
pub(super) struct Ledger {
    protocol: u8,
    links: BTreeMap<InterfaceId, Link>,
    slots: HashMap<Key, Slot>,
    queue: VecDeque<Key>,
    parked: Vec<Key>,
    /// When what is parked is tried again, and how often it was in vain.
    retry: Option<(Time, usize)>,
    attempts: usize,
    swept: bool,
    generation: u32,
    pub(super) extern_valid: ExternValid,
    pub(super) tally: Tally,
    /// The last refusal that is not somebody else's doing.
    pub(super) refusal: Option<Errno>,
}

impl Ledger {
    pub(super) fn new(protocol: u8) -> Ledger {
        Ledger {
            protocol,
            links: BTreeMap::new(),
            slots: HashMap::new(),
            queue: VecDeque::new(),
            parked: Vec::new(),
            retry: None,
            attempts: 0,
            swept: false,
            generation: 0,
            extern_valid: ExternValid::default(),
            tally: Tally::default(),
            refusal: None,
        }
    }

    /// What the node wants from now on.
    pub(super) fn take(&mut self, changes: &[(Key, KernelWant)]) {
        for (key, want) in changes {
            self.with(*key, |slot| {
                slot.leftover = false;
                slot.own = *want == KernelWant::Own;
                slot.want = match *want {
                    KernelWant::Host { mac, router } => Some(Wanted { mac, router }),
                    KernelWant::Own | KernelWant::Nothing => None,
                };
            });
            self.enqueue(*key);
        }
    }

    /// What nobody wants may go. Answers how many stay, because they are so many that a peer without its table is more
    /// likely.
    pub(super) fn sweep(&mut self, sweep: KernelSweep, guard: usize) -> u64 {
        let leftovers = self.tally.leftovers;
        if sweep == KernelSweep::Told && leftovers > guard as u64 && leftovers > self.tally.wanted {
            return leftovers;
        }
        self.swept = true;
        let keys: Vec<Key> = self.slots.iter().filter(|(_, s)| s.leftover).map(|(key, _)| *key).collect();
        for key in keys {
            self.disown(key);
        }
        0
    }

    /// A leftover that the kernel itself has met is its own; any other one goes.
    fn disown(&mut self, key: Key) {
        self.with(key, |slot| {
            slot.leftover = false;
            slot.own = matches!(slot.have, Have::Ours { state, .. } if state & libc::NUD_REACHABLE != 0);
        });
        self.enqueue(key);
    }

    /// The devices of the interfaces are these from now on.
    pub(super) fn set_links(&mut self, links: BTreeMap<InterfaceId, Link>) {
        if links == self.links {
            return;
        }
        let before = std::mem::replace(&mut self.links, links);
        let keys: Vec<Key> = self.slots.keys().copied().collect();
        for key in keys {
            let (old, new) = (before.get(&key.interface), self.links.get(&key.interface));
            if old == new {
                continue;
            }
            if old.map(|link| link.index) != new.map(|link| link.index) {
                self.with(key, |slot| slot.have = Have::Nothing);
            }
            self.enqueue(key);
        }
    }

    /// The devices of the interfaces.
    pub(super) fn links(&self) -> &BTreeMap<InterfaceId, Link> {
        &self.links
    }

    /// The key of an entry on one of our interfaces.
    pub(super) fn key_of(&self, message: &NeighborMessage) -> Option<Key> {
        let ip = message.ip?;
        let on = |(_, link): &(&InterfaceId, &Link)| link.index == message.ifindex;
        self.links.iter().find(on).map(|(interface, _)| Key { interface: *interface, ip })
    }

    /// A dump of the kernel's neighbours is about to be asked for.
    pub(super) fn begin_dump(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// It is complete: what it did not name is not there.
    pub(super) fn end_dump(&mut self) {
        let generation = self.generation;
        let gone = |slot: &Slot| slot.named != generation && slot.have != Have::Nothing;
        let keys: Vec<Key> = self.slots.iter().filter(|(_, s)| gone(s)).map(|(key, _)| *key).collect();
        for key in keys {
            self.with(key, |slot| slot.have = Have::Nothing);
            self.enqueue(key);
        }
    }

    /// The kernel says what it holds; of its own accord, or in a dump.
    pub(super) fn see(&mut self, key: Key, gone: bool, message: &NeighborMessage, dumped: bool) {
        let have = if gone { Have::Nothing } else { self.classify(message) };
        let generation = self.generation;
        if !self.slots.contains_key(&key) {
            if !dumped || !matches!(have, Have::Ours { .. }) {
                return;
            }
            self.with(key, |slot| *slot = Slot { leftover: true, have, named: generation, ..*slot });
            if self.swept {
                self.disown(key);
            }
            return;
        }
        let mut news = false;
        self.with(key, |slot| {
            slot.named = generation;
            // Where the kernel put another MAC into it, the node is to decide what follows.
            news = !matches!(have, Have::Ours { .. }) && slot.have != have;
            slot.have = have;
        });
        if news {
            self.enqueue(key);
        }
    }

    /// It is known otherwise that what is there is not ours any more.
    pub(super) fn lose(&mut self, key: Key) {
        if self.slots.contains_key(&key) {
            self.with(key, |slot| slot.have = Have::Foreign);
        }
    }

    /// Everything of ours, to be removed.
    pub(super) fn all_of_ours(&self) -> Vec<Request> {
        let ours = self.slots.iter().filter(|(_, slot)| matches!(slot.have, Have::Ours { .. }));
        let request = |(key, _): (&Key, &Slot)| {
            let link = self.links.get(&key.interface)?.index;
            Some(Request { link, ip: key.ip, verb: Verb::Remove })
        };
        ours.filter_map(request).collect()
    }

    /// True when there is something to ask.
    pub(super) fn has_work(&self) -> bool {
        !self.queue.is_empty()
    }

    /// What to ask of the kernel now, at most so much of it.
    pub(super) fn next(&mut self, most: usize) -> Vec<(Key, Request)> {
        let mut requests = Vec::new();
        while requests.len() < most
            && let Some(key) = self.queue.pop_front()
        {
            let Some(slot) = self.slots.get_mut(&key) else { continue };
            slot.queued = false;
            let slot = *slot;
            match self.links.get(&key.interface) {
                Some(link) if link.up => {
                    if let Some(verb) = self.decide(&slot) {
                        requests.push((key, Request { link: link.index, ip: key.ip, verb }));
                    }
                }
                // It is asked again when there is a device that takes it.
                _ => {}
            }
            self.with(key, |_| {});
        }
        requests
    }

    fn decide(&self, slot: &Slot) -> Option<Verb> {
        match (slot.want, slot.have) {
            _ if slot.leftover => None,
            (_, Have::Unknown) => Some(Verb::Look),
            (Some(want), Have::Nothing) => Some(self.host(want, How::New)),
            (Some(want), Have::Dead) => Some(self.host(want, How::Over)),
            (Some(_), Have::Ours { .. }) if slot.is_as_wanted() => None,
            (Some(want), Have::Ours { .. }) => Some(self.host(want, How::Change)),
            (None, Have::Ours { mac, router, state }) if slot.own => {
                Some(Verb::Write(hand_over(mac, router, state)))
            }
            (None, Have::Ours { .. }) => Some(Verb::Remove),
            (_, Have::Foreign) | (None, Have::Nothing | Have::Dead) => None,
        }
    }

    fn host(&self, Wanted { mac, router }: Wanted, how: How) -> Verb {
        Verb::Write(Write {
            how,
            mac,
            state: libc::NUD_STALE,
            flags: libc::NTF_EXT_LEARNED | if router { libc::NTF_ROUTER } else { 0 },
            flags_ext: if self.extern_valid == ExternValid::Lacks { 0 } else { EXT_VALIDATED },
            protocol: Some(self.protocol),
        })
    }

    /// What the kernel answered.
    pub(super) fn settle(&mut self, now: Time, key: Key, verb: &Verb, answer: Answer) {
        let mut again = true;
        let have = match (verb, answer) {
            (Verb::Write(write), Answer::Done) => {
                self.attempts = 0;
                let ours = write.protocol == Some(self.protocol);
                match (ours, write.how) {
                    (false, _) => self.tally.handed_over += 1,
                    (true, How::Change) => self.tally.changed += 1,
                    (true, _) => self.tally.written += 1,
                }
                let router = write.flags & libc::NTF_ROUTER != 0;
                match (ours, self.extern_valid) {
                    (false, _) => Have::Foreign,
                    // An older kernel passes an attribute over that it does not know: what became of it is looked at.
                    (true, ExternValid::Untried) => Have::Unknown,
                    (true, _) => Have::Ours { mac: write.mac, router, state: write.state },
                }
            }
            (Verb::Remove, Answer::Done) => {
                self.tally.removed += 1;
                Have::Nothing
            }
            (_, Answer::Row(row)) => {
                let have = self.classify(&row);
                if self.extern_valid == ExternValid::Untried && matches!(have, Have::Ours { .. }) {
                    self.extern_valid = ExternValid::Lacks;
                }
                have
            }
            (_, Answer::Lost | Answer::Done) => {
                self.tally.lost += 1;
                Have::Unknown
            }
            (_, Answer::Refused(Errno::EEXIST)) => Have::Unknown,
            (_, Answer::Refused(Errno::ENOENT)) => Have::Nothing,
            (Verb::Write(write), Answer::Refused(Errno::EINVAL))
                if write.flags_ext != 0 && self.extern_valid == ExternValid::Untried =>
            {
                self.extern_valid = ExternValid::Lacks;
                Have::Unknown
            }
            (_, Answer::Refused(errno)) => {
                again = false;
                self.refuse(now, key, errno);
                Have::Unknown
            }
        };
        self.with(key, |slot| slot.have = have);
        if again && self.slots.get(&key).is_some_and(|slot| self.decide(slot).is_some()) {
            self.enqueue(key);
        }
    }

    /// The kernel does not take it now: it is tried again, ever more rarely.
    fn refuse(&mut self, now: Time, key: Key, errno: Errno) {
        self.tally.refused += 1;
        if errno == Errno::ENOBUFS {
            self.tally.table_full += 1;
        }
        self.refusal = Some(errno);
        let waits = &limits::KERNEL_RETRY;
        let wait = waits[self.attempts.min(waits.len() - 1)];
        self.retry.get_or_insert((now + wait, self.attempts));
        let mut parked = false;
        self.with(key, |slot| parked = std::mem::replace(&mut slot.parked, true));
        if !parked {
            self.parked.push(key);
        }
    }

    /// When what was refused is tried again.
    pub(super) fn next_wake(&self) -> Option<Time> {
        self.retry.map(|(at, _)| at)
    }

    /// Time has passed.
    pub(super) fn wake(&mut self, now: Time) {
        let Some((_, attempts)) = self.retry.take_if(|(at, _)| *at <= now) else { return };
        self.attempts = attempts + 1;
        for key in std::mem::take(&mut self.parked) {
            self.with(key, |slot| slot.parked = false);
            self.enqueue(key);
        }
    }

    fn classify(&mut self, message: &NeighborMessage) -> Have {
        const DEAD: u16 = libc::NUD_INCOMPLETE | libc::NUD_FAILED;
        let ours = message.protocol == Some(self.protocol);
        let fixed = message.state & (libc::NUD_PERMANENT | libc::NUD_NOARP) != 0
            && message.flags & libc::NTF_EXT_LEARNED == 0;
        let Some(mac) = message.mac else { return Have::Dead };
        if message.state == libc::NUD_NONE || message.state & DEAD != 0 {
            return Have::Dead;
        }
        if !ours || fixed {
            return Have::Foreign;
        }
        if message.flags_ext & EXT_VALIDATED != 0 {
            self.extern_valid = ExternValid::Has;
        }
        Have::Ours { mac, router: message.flags & libc::NTF_ROUTER != 0, state: message.state }
    }

    fn enqueue(&mut self, key: Key) {
        if let Some(slot) = self.slots.get_mut(&key)
            && !slot.queued
            && !slot.parked
        {
            slot.queued = true;
            self.queue.push_back(key);
        }
    }

    /// Changes a slot and what is counted of it; one that says nothing any more is forgotten.
    fn with(&mut self, key: Key, change: impl FnOnce(&mut Slot)) {
        let slot = self.slots.entry(key).or_default();
        let count = |tally: &mut Tally, slot: &Slot, step: fn(u64, u64) -> u64| {
            let of = |is: bool| u64::from(is);
            tally.wanted = step(tally.wanted, of(slot.want.is_some()));
            tally.installed = step(tally.installed, of(slot.is_as_wanted()));
            tally.foreign = step(tally.foreign, of(slot.want.is_some() && slot.have == Have::Foreign));
            tally.leftovers = step(tally.leftovers, of(slot.leftover));
        };
        count(&mut self.tally, slot, u64::wrapping_sub);
        change(slot);
        count(&mut self.tally, slot, u64::wrapping_add);
        let idle = matches!(slot.have, Have::Nothing | Have::Dead | Have::Foreign);
        if slot.want.is_none() && idle && !slot.queued && !slot.parked {
            self.slots.remove(&key);
        }
    }
}

/// The entry as it is, and the kernel's own from now on: it ages there as any.
pub(super) fn hand_over(mac: Mac, router: bool, state: u16) -> Write {
    let state = if state & libc::NUD_REACHABLE != 0 { libc::NUD_REACHABLE } else { libc::NUD_STALE };
    let flags = if router { libc::NTF_ROUTER } else { 0 };
    Write { how: How::Change, mac, state, flags, flags_ext: 0, protocol: Some(PROTOCOL_KERNEL) }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
