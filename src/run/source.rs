//! Whether the channel's source address is an address of this device, in its VPN instance (PL-14), as long as the
//! configuration asks for it.
//!
//! A thread of its own: the channel may lie in another network namespace than the neighbours, and another commit may
//! move it while the neighbours' tables are being dumped.
//!
//! A named network namespace may be missing, or be deleted and made again under the same name, which is another
//! namespace: its file is looked at every [`limits::NETNS_CHECK`].
//!
//! Invariant: every word carries the number of the order that it answers, so that a late one about an earlier
//! configuration is known as such.

use super::learn::devices::Devices;
use super::learn::netlink::{Channel, NetlinkError, Table, wait_for_notices};
use super::netns;
use super::wake::Wake;
use crate::limits;
use crossbeam_channel::{Receiver, SendTimeoutError, Sender};
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The address to watch for, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceWatch {
    /// The address.
    pub(crate) ip: IpAddr,
    /// The VRF device that it must be behind.
    pub(crate) device: Option<String>,
    /// The named network namespace that it must be in.
    pub(crate) netns: Option<String>,
}

/// What is to be watched from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchOrder {
    /// The order's number, which the answers carry.
    pub(crate) number: u64,
    /// The address; nothing when there is no channel.
    pub(crate) watch: Option<SourceWatch>,
}

/// Whether the address of that order is there, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceWord {
    /// The order's number.
    pub(crate) order: u64,
    /// Is it there?
    pub(crate) present: bool,
}

/// The watcher, ready to run on its thread.
pub(crate) struct SourceWatcher {
    orders: Receiver<WatchOrder>,
    out: Sender<SourceWord>,
    /// Rung after an order was given, and at the end.
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    told: Option<SourceWord>,
}

impl SourceWatcher {
    /// A watcher that waits for its first order.
    pub(crate) fn new(
        orders: Receiver<WatchOrder>,
        out: Sender<SourceWord>,
        bell: Arc<Wake>,
        stop: Arc<AtomicBool>,
    ) -> SourceWatcher {
        SourceWatcher { orders, out, bell, stop, told: None }
    }

    /// Watches until it is told to stop.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut order = WatchOrder { number: 0, watch: None };
        loop {
            let (bell, stop, orders) = (&self.bell, &self.stop, &self.orders);
            let (stopped, newest) =
                bell.hush_then(|| (stop.load(Ordering::Acquire), orders.try_iter().last()));
            if stopped {
                return Ok(());
            }
            order = newest.unwrap_or(order);
            match self.follow(&order) {
                Ok(()) | Err(NetlinkError::Stopped) => {}
                Err(NetlinkError::Io(error)) => return Err(error),
            }
        }
    }

    /// Watches what was ordered until the bell rings, or until the place is to be opened anew.
    fn follow(&mut self, order: &WatchOrder) -> Result<(), NetlinkError> {
        let Some(watch) = &order.watch else { return wait_for_notices(&[], &self.bell, None) };
        let name = watch.netns.as_deref();
        let file = name.and_then(namespace_file);
        let check = name.map(|_| limits::NETNS_CHECK);
        if name.is_some() && file.is_none() {
            self.tell(order, false)?;
            return wait_for_notices(&[], &self.bell, check);
        }
        let groups = [libc::RTNLGRP_LINK, libc::RTNLGRP_IPV4_IFADDR, libc::RTNLGRP_IPV6_IFADDR];
        let mut channel = match netns::within_or_here(name, || Channel::open(&groups, limits::NETLINK_BUFFER))
        {
            Ok(channel) => channel,
            Err(error) if name.is_none() => return Err(error.into()),
            Err(error) => {
                // It may be gone since it was looked at.
                tracing::warn!(%error, "the channel's network namespace cannot be watched");
                self.tell(order, false)?;
                return wait_for_notices(&[], &self.bell, check);
            }
        };
        let mut devices = Devices::default();
        let mut stale = true;
        loop {
            while stale {
                stale = dump(&mut channel, &mut devices, &self.bell)?;
            }
            self.tell(order, devices.has_address(watch.ip, watch.device.as_deref()))?;
            wait_for_notices(&[&channel], &self.bell, check)?;
            stale |= channel.read_notices(&mut |source, body| _ = devices.handle(source, &body))?.overflowed;
            if name.and_then(namespace_file) != file {
                // What listens in the namespace that is gone is to go, even if the next one has the address as well.
                self.tell(order, false)?;
                return Ok(());
            }
        }
    }

    fn tell(&mut self, order: &WatchOrder, present: bool) -> Result<(), NetlinkError> {
        let mut word = SourceWord { order: order.number, present };
        if self.told == Some(word) {
            return Ok(());
        }
        self.told = Some(word);
        loop {
            match self.out.send_timeout(word, Duration::from_millis(100)) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) if !self.stop.load(Ordering::Relaxed) => word = back,
                Err(_) => return Err(NetlinkError::Stopped),
            }
        }
    }
}

/// Dumps devices and addresses; true when it has to be done again.
fn dump(channel: &mut Channel, devices: &mut Devices, bell: &Wake) -> Result<bool, NetlinkError> {
    let mut overflowed = false;
    channel.discard_notices(bell)?;
    devices.begin_dump();
    for table in [Table::Links, Table::Addresses] {
        loop {
            let trouble = channel.dump(table, bell, &mut |source, body| _ = devices.handle(source, &body))?;
            overflowed |= trouble.overflowed;
            if !trouble.interrupted {
                break;
            }
        }
    }
    devices.end_dump();
    Ok(overflowed)
}

/// Which namespace stands behind the name, now: device and inode of its file, if it is one.
fn namespace_file(name: &str) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(netns::path(name)).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::netns_of_tests::Netns;
    use crossbeam_channel::bounded;

    const PATIENCE: Duration = Duration::from_secs(20);

    struct Running {
        orders: Sender<WatchOrder>,
        words: Receiver<SourceWord>,
        bell: Arc<Wake>,
        stop: Arc<AtomicBool>,
        thread: Option<std::thread::JoinHandle<()>>,
    }

    impl Running {
        fn start(netns: &Netns) -> Running {
            let (orders, orders_out) = bounded(4);
            let (out, words) = bounded(4);
            let bell = Arc::new(Wake::new().expect("an eventfd"));
            let stop = Arc::new(AtomicBool::new(false));
            let watcher = SourceWatcher::new(orders_out, out, bell.clone(), stop.clone());
            let thread = netns.inside(|| std::thread::spawn(move || watcher.run().expect("netlink works")));
            Running { orders, words, bell, stop, thread: Some(thread) }
        }

        fn order(&self, number: u64, ip: &str, netns: Option<&str>) {
            let ip = ip.parse().expect("an address");
            let watch = SourceWatch { ip, device: None, netns: netns.map(str::to_owned) };
            self.orders.send(WatchOrder { number, watch: Some(watch) }).expect("it runs");
            self.bell.ring();
        }

        #[track_caller]
        fn expect(&self, order: u64, present: bool) {
            let word = self.words.recv_timeout(PATIENCE).expect("a word");
            assert_eq!(word, SourceWord { order, present });
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            self.stop.store(true, Ordering::Relaxed);
            self.bell.ring();
            let ended = self.thread.take().expect("it was started").join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }

    #[test]
    fn pl_14_an_address_is_followed_and_another_order_takes_over() {
        let (netns, far) = (Netns::new(), Netns::new());
        netns.veth("eth0", &far, "eth0");
        let running = Running::start(&netns);
        running.order(1, "10.1.0.3", None);
        running.expect(1, false);
        // The same address elsewhere means nothing here.
        far.run(|net| net.address("eth0", "10.1.0.3", 24));
        netns.run(|net| net.address("eth0", "10.1.0.3", 24));
        running.expect(1, true);
        running.order(2, "10.1.0.3", None);
        running.expect(2, true);
        running.order(3, "10.1.0.99", None);
        running.expect(3, false);
        netns.run(|net| net.address("eth0", "10.1.0.99", 24));
        running.expect(3, true);
        netns.run(|net| net.delete_address("eth0", "10.1.0.99", 24));
        running.expect(3, false);
    }

    #[test]
    fn pl_04_a_namespace_that_is_deleted_and_made_again_is_followed() {
        let (home, wire) = (Netns::new(), Netns::new());
        let (first, second) = (Netns::new(), Netns::new());
        for netns in [&first, &second] {
            netns.veth("eth0", &wire, if std::ptr::eq(netns, &first) { "a" } else { "b" });
        }
        first.run(|net| net.address("eth0", "10.1.0.3", 24));
        let running = Running::start(&home);
        let named = first.named();
        let name = named.name().to_owned();
        running.order(1, "10.1.0.3", Some(&name));
        running.expect(1, true);
        drop(named);
        running.expect(1, false);
        let named = second.named_as(&name);
        second.run(|net| net.address("eth0", "10.1.0.3", 24));
        running.expect(1, true);
        // The address is in the next one, too, before anybody could see that it was gone.
        let third = Netns::new();
        third.veth("eth0", &wire, "c");
        third.run(|net| net.address("eth0", "10.1.0.3", 24));
        drop(named);
        let _named = third.named_as(&name);
        running.expect(1, false);
        running.expect(1, true);
    }
}
