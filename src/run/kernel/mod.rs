//! The kernel mirror: the peer's hosts in this device's own kernel, and the kernel's own entries refreshed and probed.
//!
//! | file | holds |
//! |---|---|
//! | `bulk` | requests, many in one system call, and the kernel's answer to each |
//! | `ledger` | what should be there, what is, and what to ask next |
//! | `questions` | entries to be refreshed or probed |
//! | here | the thread |
//!
//! ```text
//!  core ── words, questions ─►┐                                       ┌─► requests ─► kernel
//!                             ├─► ledger, questions (what to ask now) ┤
//!  kernel ── notices, dumps ─►┘                                       └─► taken, unanswered ─► core
//! ```
//!
//! What of the kernel's is ours is known by NDA_PROTOCOL alone, so after a kill it is found again, and what is as it should
//! be is not written. At a clean stop it stays, or goes, as configured.
//!
//! Invariant: the thread never waits for the core but to hand over what it has taken, and a core that gives it more than
//! the kernel takes waits for that word.

mod bulk;
mod ledger;
pub(crate) mod outlet;
pub(crate) mod questions;
pub(crate) mod up;
pub mod view;

use super::learn::decode::{Body, NeighborMessage};
use super::learn::devices::Devices;
use super::learn::netlink::{Channel, NetlinkError, Source, Table};
use super::platform::InterfaceConfig;
use super::wake::Wake;
use crate::addr::InterfaceId;
use crate::limits;
use crate::neighbor::Key;
use crate::node::io::KernelWord;
use crate::time::Time;
use bulk::{Answer, Bulk, Request, Verb};
use crossbeam_channel::{Receiver, SendTimeoutError, Sender};
use ledger::{ExternValid, Ledger, Link};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use questions::{Purpose, Question, Questions};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use view::{AtExit, KernelView};

/// What the mirror is to do.
#[derive(Clone, Debug)]
pub(crate) struct KernelConfig {
    /// The interfaces, with their network devices.
    pub(crate) interfaces: Vec<InterfaceConfig>,
    /// Whether the peer's hosts are written; otherwise the kernel's own entries are refreshed and probed only.
    pub(crate) mirror: bool,
    /// The NDA_PROTOCOL value of what is written.
    pub(crate) protocol: u8,
    /// What becomes of it at a clean stop.
    pub(crate) at_exit: AtExit,
    /// The notices' buffer to begin with, in bytes.
    pub(crate) receive_buffer: usize,
}

/// What the core orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// What the peer's hosts are.
    Word(KernelWord),
    /// A host to be refreshed or probed.
    Question(Question),
}

/// What the mirror tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A word was taken.
    Taken,
    /// Nobody answered for these hosts of the peer's.
    Unanswered(Vec<Key>),
}

/// The core's end.
#[derive(Clone)]
pub(crate) struct KernelHandle {
    orders: Sender<Order>,
    bell: Arc<Wake>,
    view: Arc<Mutex<KernelView>>,
}

impl KernelHandle {
    /// Hands an order over, or gives it back.
    pub(crate) fn submit(&self, order: Order) -> Result<(), Order> {
        let sent = self.orders.try_send(order).map_err(|e| e.into_inner());
        if sent.is_ok() {
            self.bell.ring();
        }
        sent
    }

    /// What there is to show.
    pub(crate) fn view(&self) -> KernelView {
        self.view.lock().clone()
    }
}

/// What the thread is woken by.
pub(crate) struct Bells {
    /// Rung when there is an order.
    pub(crate) orders: Arc<Wake>,
    /// Rung at the end.
    pub(crate) end: Arc<Wake>,
    /// The end has come.
    pub(crate) stop: Arc<AtomicBool>,
}

/// The mirror, ready to run on its thread.
pub(crate) struct KernelMirror {
    config: KernelConfig,
    bulk: Bulk,
    channel: Channel,
    devices: Devices,
    ledger: Ledger,
    questions: Questions,
    orders: Receiver<Order>,
    out: Sender<Told>,
    bells: Bells,
    view: Arc<Mutex<KernelView>>,
    epoch: Instant,
    bulk_size: usize,
    /// The kernel's table is not known to be as the ledger has it.
    stale: bool,
    dumps: u64,
    overflows: u64,
    said_full: u64,
    said_valid: bool,
    held: u64,
}

impl KernelMirror {
    /// Opens the sockets, in the calling thread's namespace; refused where the kernel's table may not be written.
    pub(crate) fn open(
        config: KernelConfig,
        orders: (Sender<Order>, Receiver<Order>),
        out: Sender<Told>,
        bells: Bells,
    ) -> io::Result<(KernelMirror, KernelHandle)> {
        let mut bulk = Bulk::open()?;
        bulk.may_write()?;
        let groups = [libc::RTNLGRP_LINK, libc::RTNLGRP_NEIGH];
        let channel = Channel::open(&groups, config.receive_buffer)?;
        let view = Arc::new(Mutex::new(KernelView::new(&config)));
        let handle = KernelHandle { orders: orders.0, bell: bells.orders.clone(), view: view.clone() };
        let mirror = KernelMirror {
            ledger: Ledger::new(config.protocol),
            questions: Questions::new(config.protocol, bulk.port()),
            config,
            bulk,
            channel,
            devices: Devices::default(),
            orders: orders.1,
            out,
            bells,
            view,
            epoch: Instant::now(),
            bulk_size: limits::KERNEL_BULK,
            stale: true,
            dumps: 0,
            overflows: 0,
            said_full: 0,
            said_valid: false,
            held: 0,
        };
        Ok((mirror, handle))
    }

    /// The socket that writes, as notices name it.
    pub(crate) fn socket(&self) -> u32 {
        self.bulk.port()
    }

    /// Mirrors until it is told to stop; then it removes what it wrote, if that is how it is configured.
    pub(crate) fn run(mut self) -> io::Result<()> {
        loop {
            match self.step() {
                Ok(()) => {}
                Err(NetlinkError::Stopped) if self.bells.stop.load(Ordering::Relaxed) => break,
                Err(NetlinkError::Stopped) => {}
                Err(NetlinkError::Io(e)) => return Err(e),
            }
        }
        if self.config.mirror && self.config.at_exit == AtExit::Remove {
            let ours = self.ledger.all_of_ours();
            for requests in ours.chunks(limits::KERNEL_BULK) {
                self.bulk.round(requests)?;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), NetlinkError> {
        if self.bells.stop.load(Ordering::Relaxed) {
            return Err(NetlinkError::Stopped);
        }
        self.bells.orders.hush();
        while self.stale {
            self.resync()?;
        }
        self.take_orders()?;
        self.take_notices()?;
        self.write()?;
        self.ask()?;
        self.tell()?;
        self.show();
        self.wait()
    }

    fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    fn take_orders(&mut self) -> Result<(), NetlinkError> {
        for _ in 0..limits::KERNEL_BULK {
            match self.orders.try_recv() {
                Ok(Order::Word(word)) => {
                    self.ledger.take(&word.changes);
                    if let Some(sweep) = word.sweep {
                        self.held = self.ledger.sweep(sweep, limits::SWEEP_GUARD);
                        if self.held > 0 {
                            tracing::warn!(
                                entries = self.held,
                                "most of what is in the kernel from before the restart is claimed by nobody; it stays until the stale timer ends or an operator releases it"
                            );
                        }
                    }
                    self.send(Told::Taken)?;
                }
                Ok(Order::Question(question)) => self.questions.take(question),
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn take_notices(&mut self) -> Result<(), NetlinkError> {
        let socket = self.bulk.port();
        let KernelMirror { channel, devices, ledger, questions, .. } = self;
        let mut devices_changed = false;
        let trouble = channel.read_notices(&mut |source, body| match body {
            Body::Neighbor { gone, neighbor } => {
                let Some(key) = host_key(ledger, &neighbor) else { return };
                questions.notice(key, gone, &neighbor);
                // What we did is known by its answer.
                if neighbor.cause != socket {
                    ledger.see(key, gone, &neighbor, false);
                }
            }
            body => devices_changed |= devices.handle(source, &body),
        })?;
        if trouble.overflowed {
            self.overflows += 1;
            self.stale = true;
            let doubled = self.channel.receive_buffer().saturating_mul(2);
            self.channel.enlarge(doubled.min(limits::NETLINK_BUFFER_MAX));
        }
        if devices_changed {
            self.stale |= self.assign();
        }
        Ok(())
    }

    /// Matches the interfaces with the devices that are there. Answers true when one is another device than before: what
    /// that holds is not known.
    fn assign(&mut self) -> bool {
        let links = self.config.interfaces.iter().filter_map(|interface| {
            let index = self.devices.index(interface.netdev.as_deref()?)?;
            let up = self.devices.device(index)?.up;
            Some((interface.name, Link { index, up }))
        });
        let links: BTreeMap<InterfaceId, Link> = links.collect();
        let another = |(interface, link): (&InterfaceId, &Link)| {
            self.ledger.links().get(interface).is_none_or(|before| before.index != link.index)
        };
        let found = links.iter().any(another);
        self.ledger.set_links(links);
        found
    }

    /// Reads the kernel's table. What was lost of its notices is in there.
    fn resync(&mut self) -> Result<(), NetlinkError> {
        self.stale = false;
        self.dumps += 1;
        self.channel.discard_notices(&self.bells.end)?;
        self.devices.begin_dump();
        let KernelMirror { channel, devices, .. } = self;
        while channel
            .dump(Table::Links, &self.bells.end, &mut |source, body| _ = devices.handle(source, &body))?
            .interrupted
        {}
        self.devices.end_dump();
        self.assign();
        self.ledger.begin_dump();
        for family in [libc::AF_INET, libc::AF_INET6] {
            // Rows of all passes are joined: see the learner.
            for _ in 0..limits::DUMP_PASSES {
                let again = self.dump_neighbors(family)?;
                if !again {
                    break;
                }
            }
        }
        if !self.stale {
            self.ledger.end_dump();
        }
        Ok(())
    }

    /// One pass. Answers true when rows of it may be missing.
    fn dump_neighbors(&mut self, family: i32) -> Result<bool, NetlinkError> {
        let socket = self.bulk.port();
        let KernelMirror { channel, devices, ledger, questions, bells, .. } = self;
        let (mut shifted, mut devices_changed) = (false, false);
        let trouble = channel.dump(Table::Neighbors(family), &bells.end, &mut |source, body| match body {
            Body::Neighbor { gone, neighbor } => {
                shifted |= gone && i32::from(neighbor.family) == family;
                let Some(key) = host_key(ledger, &neighbor) else { return };
                let dumped = source == Source::Dump;
                if !dumped {
                    questions.notice(key, gone, &neighbor);
                }
                let of_a_probe = questions.is_probing(&key);
                if (dumped && !of_a_probe) || (!dumped && neighbor.cause != socket) {
                    ledger.see(key, gone, &neighbor, dumped);
                }
            }
            body => devices_changed |= devices.handle(source, &body),
        })?;
        if devices_changed {
            self.stale |= self.assign();
        }
        if trouble.overflowed {
            self.overflows += 1;
            self.stale = true;
        }
        Ok(trouble.interrupted || shifted)
    }

    /// Writes a round of what differs.
    fn write(&mut self) -> Result<(), NetlinkError> {
        self.ledger.wake(self.now());
        let asked = self.ledger.next(self.bulk_size);
        let requests: Vec<Request> = asked.iter().map(|(_, request)| *request).collect();
        let answers = self.bulk.round(&requests)?;
        let lost = answers.contains(&Answer::Lost);
        let now = self.now();
        for ((key, request), answer) in asked.iter().zip(answers) {
            self.ledger.settle(now, *key, &request.verb, answer);
        }
        self.bulk_size = match lost {
            true => (self.bulk_size / 2).max(limits::KERNEL_BULK_MIN),
            false => (self.bulk_size * 2).min(limits::KERNEL_BULK),
        };
        self.say();
        Ok(())
    }

    /// Refreshes and probes a round of hosts.
    fn ask(&mut self) -> Result<(), NetlinkError> {
        let now = self.now();
        let looks: Vec<(Key, Purpose)> = self.questions.looks(now);
        let mut writes = self.questions.follow();
        let known: Vec<(Key, Purpose, Request)> = looks
            .into_iter()
            .filter_map(|(key, purpose)| Some((key, purpose, self.request(key, Verb::Look)?)))
            .collect();
        let requests: Vec<Request> = known.iter().map(|(_, _, request)| *request).collect();
        for (part, requests) in known.chunks(limits::KERNEL_BULK).zip(requests.chunks(limits::KERNEL_BULK)) {
            let answers = self.bulk.round(requests)?;
            for ((key, purpose, _), answer) in part.iter().zip(&answers) {
                let verb = self.questions.judge(now, *key, *purpose, answer);
                writes.extend(verb.map(|verb| (*key, verb)));
            }
        }
        for part in writes.chunks(limits::KERNEL_BULK) {
            let part: Vec<(Key, Request)> =
                part.iter().filter_map(|(key, verb)| Some((*key, self.request(*key, *verb)?))).collect();
            let requests: Vec<Request> = part.iter().map(|(_, request)| *request).collect();
            for ((key, request), answer) in part.iter().zip(self.bulk.round(&requests)?) {
                if matches!(answer, Answer::Refused(_)) {
                    self.questions.refused(*key, &request.verb);
                }
            }
        }
        for key in self.questions.take_handed_over() {
            self.ledger.lose(key);
        }
        Ok(())
    }

    fn request(&self, key: Key, verb: Verb) -> Option<Request> {
        let link = self.ledger.links().get(&key.interface).filter(|link| link.up)?.index;
        Some(Request { link, ip: key.ip, verb })
    }

    fn tell(&mut self) -> Result<(), NetlinkError> {
        let unanswered = self.questions.take_unanswered();
        if unanswered.is_empty() { Ok(()) } else { self.send(Told::Unanswered(unanswered)) }
    }

    /// Hands a word over, however long that takes; only the daemon's end makes it give up.
    fn send(&self, mut word: Told) -> Result<(), NetlinkError> {
        loop {
            match self.out.send_timeout(word, Duration::from_millis(100)) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) if !self.bells.stop.load(Ordering::Relaxed) => {
                    word = back
                }
                Err(_) => return Err(NetlinkError::Stopped),
            }
        }
    }

    /// Says what an operator can do something about.
    fn say(&mut self) {
        let full = self.ledger.tally.table_full;
        if full > self.said_full {
            tracing::warn!(
                refused = full - self.said_full,
                "the kernel's neighbour table is full and refuses entries: raise net.ipv4.neigh.default.gc_thresh3 and net.ipv6.neigh.default.gc_thresh3 on the host"
            );
            self.said_full = full;
        }
        if let Some(errno) = self.ledger.refusal.take().filter(|errno| *errno != Errno::ENOBUFS) {
            tracing::warn!(%errno, "the kernel refuses neighbours; they are tried again");
        }
        if !self.said_valid && self.ledger.extern_valid == ExternValid::Lacks {
            self.said_valid = true;
            tracing::info!(
                "this kernel has no externally validated neighbours (Linux 6.17): where it gives an entry up, it is written again"
            );
        }
    }

    fn show(&self) {
        self.view.lock().fill(self);
    }

    /// Waits for an order, a notice, or for something to be due.
    fn wait(&self) -> Result<(), NetlinkError> {
        let busy = self.ledger.has_work() || self.questions.has_work() || !self.orders.is_empty();
        let due = [self.ledger.next_wake(), self.questions.next_wake()].into_iter().flatten().min();
        let patience = match (busy || self.stale, due) {
            (true, _) => PollTimeout::ZERO,
            (false, None) => PollTimeout::NONE,
            (false, Some(at)) => {
                let left = at.since(self.now()) + Duration::from_millis(1);
                PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
            }
        };
        let mut fds = [
            PollFd::new(self.bells.end.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.bells.orders.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.channel.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, patience) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

/// The key of an entry that a host can have.
fn host_key(ledger: &Ledger, message: &NeighborMessage) -> Option<Key> {
    if message.flags & libc::NTF_PROXY != 0 || i32::from(message.family) == libc::AF_BRIDGE {
        return None;
    }
    ledger.key_of(message)
}

#[cfg(test)]
mod kernel_tests;
