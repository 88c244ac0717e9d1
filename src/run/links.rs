//! How the network devices of the configured ports are, as the kernel says it: a thread with a netlink socket of its own.
//!
//! ```text
//!   RTNLGRP_LINK ─► Netdevs ─► what changed of the ports' devices ─► core, before everything else
//! ```
//!
//! Not the learner's business: that may wait for the core with its hands full of neighbours, and a link that is down is
//! not to wait behind them.
//!
//! | the kernel says | the link |
//! |---|---|
//! | no such device, not IFF_UP, no carrier, operstate down, lower layer down or not present | is down |
//! | operstate testing or dormant | is up |
//! | a bridge's port that is not in state forwarding (spanning tree, or the bridge is down) | is up |
//! | everything else | forwards |
//!
//! Invariant: what is told is a level, never an edge: a link that went down and up while the core was busy is told as it is
//! now, and what did not change is not told.

use super::learn::decode::{Body, LinkMessage};
use super::learn::netlink::{Channel, NetlinkError, Source, Table, wait_for_notices};
use super::wake::Wake;
use crate::node::io::LinkState;
use crossbeam_channel::{SendTimeoutError, Sender};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// `BR_STATE_FORWARDING`.
const BR_STATE_FORWARDING: u8 = 3;

/// A network device is like this from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkWord {
    /// Its name.
    pub(crate) netdev: String,
    /// How it is.
    pub(crate) state: LinkState,
}

/// What is known of one network device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Netdev {
    name: String,
    flags: u32,
    operstate: Option<u8>,
    /// Its state as a bridge's port.
    bridge_port: Option<u8>,
}

impl Netdev {
    fn state(&self) -> LinkState {
        let has = |flag: i32| self.flags & flag.cast_unsigned() != 0;
        let oper = i32::from(self.operstate.unwrap_or(0));
        let is_down = [libc::IF_OPER_NOTPRESENT, libc::IF_OPER_DOWN, libc::IF_OPER_LOWERLAYERDOWN];
        if !has(libc::IFF_UP) || !has(libc::IFF_LOWER_UP) || is_down.contains(&oper) {
            return LinkState::Down;
        }
        let waits = [libc::IF_OPER_TESTING, libc::IF_OPER_DORMANT].contains(&oper);
        let blocked = self.bridge_port.is_some_and(|state| state != BR_STATE_FORWARDING);
        if waits || blocked { LinkState::Up } else { LinkState::Forwarding }
    }
}

/// The network devices of a namespace, as far as their links are concerned.
#[derive(Debug, Default)]
struct Netdevs {
    rows: BTreeMap<u32, Netdev>,
    dump: Option<Window>,
}

/// What a running dump has named, and what notices said meanwhile, which know better than it.
#[derive(Debug, Default)]
struct Window {
    named: BTreeSet<u32>,
    noticed: BTreeSet<u32>,
    /// States of bridges' ports.
    ports: BTreeMap<u32, Option<u8>>,
}

impl Netdevs {
    fn begin_dump(&mut self) {
        self.dump = Some(Window::default());
    }

    fn end_dump(&mut self) {
        let Some(Window { named, noticed, .. }) = self.dump.take() else { return };
        self.rows.retain(|index, _| named.contains(index) || noticed.contains(index));
    }

    fn handle(&mut self, source: Source, body: &Body) {
        let Body::Link { gone, link } = body else { return };
        match i32::from(link.family) {
            libc::AF_UNSPEC => self.handle_device(source, *gone, link),
            // A bridge's own word of one of its ports; that it is gone means that it left the bridge.
            libc::AF_BRIDGE => self.handle_port(link.ifindex, link.bridge_port.filter(|_| !gone)),
            _ => {}
        }
    }

    fn handle_device(&mut self, source: Source, gone: bool, link: &LinkMessage) {
        let LinkMessage { ifindex, name, flags, operstate, mut bridge_port, .. } = link.clone();
        if let Some(Window { named, noticed, ports }) = &mut self.dump {
            match source {
                Source::Notice => {
                    noticed.insert(ifindex);
                    ports.remove(&ifindex);
                }
                Source::Dump if noticed.contains(&ifindex) => return,
                Source::Dump => {
                    named.insert(ifindex);
                    bridge_port = ports.get(&ifindex).copied().unwrap_or(bridge_port);
                }
            }
        }
        if gone {
            self.rows.remove(&ifindex);
        } else {
            self.rows.insert(ifindex, Netdev { name, flags, operstate, bridge_port });
        }
    }

    fn handle_port(&mut self, index: u32, state: Option<u8>) {
        if let Some(window) = &mut self.dump {
            window.ports.insert(index, state);
        }
        if let Some(row) = self.rows.get_mut(&index) {
            row.bridge_port = state;
        }
    }

    fn state(&self, name: &str) -> LinkState {
        let found = self.rows.values().find(|row| row.name == name);
        found.map_or(LinkState::Down, Netdev::state)
    }
}

/// The watcher, ready to run on its thread.
pub(crate) struct LinkWatcher {
    channel: Channel,
    netdevs: Netdevs,
    told: BTreeMap<String, LinkState>,
    out: Sender<LinkWord>,
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    /// How often everything was dumped.
    dumps: Arc<AtomicU64>,
}

impl LinkWatcher {
    /// Listens in the calling thread's namespace to these devices, and finds out how they are now.
    pub(crate) fn open(
        names: impl IntoIterator<Item = String>,
        receive_buffer: usize,
        out: Sender<LinkWord>,
        bell: Arc<Wake>,
        stop: Arc<AtomicBool>,
    ) -> io::Result<LinkWatcher> {
        let channel = Channel::open(&[libc::RTNLGRP_LINK], receive_buffer)?;
        let told = names.into_iter().map(|name| (name, LinkState::Down)).collect();
        let dumps = Arc::default();
        let mut watcher = LinkWatcher { channel, netdevs: Netdevs::default(), told, out, bell, stop, dumps };
        loop {
            match watcher.dump() {
                Ok(overflowed) if overflowed => {}
                Ok(_) => break,
                Err(NetlinkError::Io(error)) => return Err(error),
                Err(NetlinkError::Stopped) => return Err(io::ErrorKind::Interrupted.into()),
            }
        }
        let LinkWatcher { netdevs, told, .. } = &mut watcher;
        told.iter_mut().for_each(|(name, state)| *state = netdevs.state(name));
        Ok(watcher)
    }

    /// How each device is, as it was found when this was made; what changes from then on is told.
    pub(crate) fn found(&self) -> impl Iterator<Item = LinkWord> {
        self.told.iter().map(|(netdev, state)| LinkWord { netdev: netdev.clone(), state: *state })
    }

    /// Watches until it is told to stop.
    pub(crate) fn run(mut self) -> io::Result<()> {
        match self.watch() {
            NetlinkError::Stopped => Ok(()),
            NetlinkError::Io(error) => Err(error),
        }
    }

    fn watch(&mut self) -> NetlinkError {
        let mut stale = false;
        loop {
            if let Err(error) = self.step(&mut stale) {
                return error;
            }
        }
    }

    fn step(&mut self, stale: &mut bool) -> Result<(), NetlinkError> {
        if *stale {
            *stale = self.dump()?;
        } else {
            wait_for_notices(&[&self.channel], &self.bell, None)?;
            let LinkWatcher { channel, netdevs, .. } = self;
            *stale = channel.read_notices(&mut |source, body| netdevs.handle(source, &body))?.overflowed;
        }
        self.tell()
    }

    /// Dumps all devices; true when it has to be done again.
    fn dump(&mut self) -> Result<bool, NetlinkError> {
        let LinkWatcher { channel, netdevs, bell, dumps, .. } = self;
        dumps.fetch_add(1, Ordering::Relaxed);
        let mut overflowed = false;
        channel.discard_notices(bell)?;
        netdevs.begin_dump();
        loop {
            let trouble =
                channel.dump(Table::Links, bell, &mut |source, body| netdevs.handle(source, &body))?;
            overflowed |= trouble.overflowed;
            if !trouble.interrupted {
                break;
            }
        }
        netdevs.end_dump();
        Ok(overflowed)
    }

    fn tell(&mut self) -> Result<(), NetlinkError> {
        let LinkWatcher { netdevs, told, out, stop, .. } = self;
        for (netdev, told) in told.iter_mut() {
            let state = netdevs.state(netdev);
            if *told != state {
                *told = state;
                send(out, stop, LinkWord { netdev: netdev.clone(), state })?;
            }
        }
        Ok(())
    }
}

/// Hands a word over, however long that takes; only the daemon's end makes it give up.
fn send(out: &Sender<LinkWord>, stop: &AtomicBool, mut word: LinkWord) -> Result<(), NetlinkError> {
    loop {
        match out.send_timeout(word, Duration::from_millis(100)) {
            Ok(()) => return Ok(()),
            Err(SendTimeoutError::Timeout(back)) if !stop.load(Ordering::Relaxed) => word = back,
            Err(_) => return Err(NetlinkError::Stopped),
        }
    }
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
