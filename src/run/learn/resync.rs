//! A whole dump, and why it is whole.
//!
//! The order is devices, addresses, FDB, neighbours: a neighbour is understood when it comes. Three things can make a
//! dump incomplete although the kernel reports success, and each makes it run again:
//!
//! - NLM_F_DUMP_INTR: devices or addresses changed between two parts of it;
//! - the neighbours' hash table was resized in between, so that entries moved behind the place that the dump had
//!   reached: the table's secret or its size (RTM_GETNEIGHTBL) differs before and after. It only ever grows by
//!   doubling, so this ends;
//! - an entry was deleted in between, which shifts its neighbours by one place within a bucket (or within the FDB's
//!   list), so that the row at the seam of two parts is stepped over. Rows of all passes are joined, so under constant
//!   churn a few passes are enough.
//!
//! An overflow of notices during the dump makes everything begin anew: only then may a row of it be outdated for good.
//! And what waits in the notices' buffer when a dump begins is thrown away, because after an overflow it is older than
//! the dump, and what would have put it right is among what the kernel dropped.

use super::decode::{Body, TableMessage};
use super::netlink::{NetlinkError, Source, Table, Trouble};
use super::{Learned, Learner, Namespace, take};
use crate::limits;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Where the neighbours' hash tables stand: name, secret and size.
type Layout = BTreeMap<String, (u32, u32)>;

impl Learner {
    /// Dumps everything of the daemon's own namespace and tells it to the node.
    pub(super) fn resync_own(&mut self) -> Result<(), NetlinkError> {
        self.own.stale = false;
        self.own.channel.discard_notices(&self.bell)?;
        self.stats.dumps.fetch_add(1, Ordering::Relaxed);
        self.send(Learned::DumpBegin)?;
        self.own.devices.begin_dump();
        self.neighbors.begin_dump();
        for table in [Table::Links, Table::Addresses] {
            while self.dump(table)?.interrupted {}
        }
        self.own.devices.end_dump();
        // The rows that follow find their interfaces; those of a device that appears meanwhile need another round.
        self.assign()?;
        self.tell_interfaces(true)?;
        if !self.config.ports.is_empty() {
            self.dump_fdb()?;
        }
        self.dump_neighbors()?;
        if self.own.stale {
            // Begin anew: what the lost notices said may be missing, and must not be swept on this dump's word.
            return Ok(());
        }
        self.neighbors.end_dump();
        self.send_evidence()?;
        self.send(Learned::DumpEnd)?;
        self.own.stale |= self.assign()?;
        Ok(())
    }

    fn dump_fdb(&mut self) -> Result<(), NetlinkError> {
        self.neighbors.fdb.begin_dump();
        for _ in 0..limits::DUMP_PASSES {
            let (_, deleted) = self.dump_watching(Table::Fdb, libc::AF_BRIDGE)?;
            if !deleted {
                break;
            }
        }
        self.neighbors.fdb.end_dump();
        Ok(())
    }

    fn dump_neighbors(&mut self) -> Result<(), NetlinkError> {
        for family in [libc::AF_INET, libc::AF_INET6] {
            let mut passes = 0;
            let mut before = self.layout()?;
            loop {
                let (trouble, deleted) = self.dump_watching(Table::Neighbors(family), family)?;
                passes += 1;
                let after = self.layout()?;
                let resized = std::mem::replace(&mut before, after) != before;
                let shifted = deleted && passes < limits::DUMP_PASSES;
                if !(resized || trouble.interrupted || shifted) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Dumps neighbours, and answers whether a notice told of a deleted one of that family meanwhile.
    fn dump_watching(&mut self, table: Table, family: i32) -> Result<(Trouble, bool), NetlinkError> {
        let mut deleted = false;
        let trouble = self.dump_with(table, &mut |source, body| {
            if let (Source::Notice, Body::Neighbor { gone: true, neighbor }) = (source, body) {
                deleted |= i32::from(neighbor.family) == family;
            }
        })?;
        Ok((trouble, deleted))
    }

    fn dump(&mut self, table: Table) -> Result<Trouble, NetlinkError> {
        self.dump_with(table, &mut |_, _| {})
    }

    /// Dumps a table into ours; `also` sees every message first.
    fn dump_with(
        &mut self,
        table: Table,
        also: &mut dyn FnMut(Source, &Body),
    ) -> Result<Trouble, NetlinkError> {
        let Learner { own, neighbors, bell, out, stop, .. } = self;
        let Namespace { channel, devices, .. } = own;
        let sender = super::Outlet { out, stop };
        let mut undelivered = None;
        let trouble = channel.dump(table, bell, &mut |source, body| {
            also(source, &body);
            take(devices, neighbors, source, &body);
            if neighbors.out().len() >= limits::EVIDENCE_AT_ONCE && undelivered.is_none() {
                undelivered = sender.send(Learned::Evidence(std::mem::take(neighbors.out()))).err();
            }
        })?;
        if let Some(e) = undelivered {
            return Err(e);
        }
        own.stale |= trouble.overflowed;
        if trouble.overflowed {
            self.note_overflow();
        }
        self.send_evidence()?;
        Ok(trouble)
    }

    /// Reads where the hash tables stand, and complains when the kernel had to refuse neighbours.
    pub(super) fn layout(&mut self) -> Result<Layout, NetlinkError> {
        let mut layout = Layout::new();
        let mut tables = Vec::new();
        self.dump_with(Table::Layout, &mut |_, body| {
            if let Body::Table(table) = body {
                layout.insert(table.name.clone(), (table.hash_rnd, table.hash_mask));
                tables.push(table.clone());
            }
        })?;
        for TableMessage { name, fulls, .. } in tables {
            let before = self.table_fulls.insert(name.clone(), fulls);
            if before.is_some_and(|before| before < fulls) {
                let family = if name == "arp_cache" { "ipv4" } else { "ipv6" };
                tracing::warn!(
                    "the kernel's neighbour table is full and refuses entries: \
                     raise net.{family}.neigh.default.gc_thresh3 on the host"
                );
            }
        }
        Ok(layout)
    }
}
