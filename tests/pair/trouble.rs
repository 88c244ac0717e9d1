//! What happens to SDKs in the pair world, and when: they go and come back, promises land, processes die with a journal.
//!
//! Invariant: as in the world: one seed decides everything.

use crate::net::Side;
use crate::sdk::{Lies, Tables};
use crate::world::{World, base};
use mlagsync::mirror::batch::{Batch, BatchDone, Outcome};
use mlagsync::neighbor::Key;
use mlagsync::node::Ownership;
use mlagsync::node::io::{Adopted, AsicDown, AsicNews, Input, Limits};
use mlagsync::sai::Status;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What an SDK is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coming {
    /// Its end is told.
    End(AsicDown),
    /// It is back with this, and its ids are as before, or others.
    Back(Tables, bool),
    /// That is told.
    Told(Option<bool>),
    /// What it promised is done.
    Lands,
}

/// How an SDK restarts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restart {
    /// After how long its end is told, if it is.
    pub(crate) end: Option<Duration>,
    pub(crate) back: Duration,
    pub(crate) tables: Tables,
    pub(crate) other_ids: bool,
    /// After how long that is told, and what is said of the tables.
    pub(crate) told: Duration,
    pub(crate) intact: Option<bool>,
}

impl Default for Restart {
    fn default() -> Self {
        Restart {
            end: Some(Duration::ZERO),
            back: Duration::from_millis(100),
            tables: Tables::Kept,
            other_ids: false,
            told: Duration::from_millis(1),
            intact: None,
        }
    }
}

/// The answer of an SDK that is not there.
pub(crate) fn unanswered<O, H: Copy>(batch: &Batch<O>) -> BatchDone<H> {
    let outcomes = vec![Outcome::NotExecuted; batch.ops.len()];
    let switch_trouble = Some(Status::UNINITIALIZED);
    BatchDone { id: batch.id, outcomes, switch_trouble, asic_ns: 20_000, calls: 1 }
}

impl World {
    /// The SDK of a switch restarts.
    pub(crate) fn restart_sdk(&mut self, side: Side, how: Restart) {
        let now = self.now;
        let switch = &mut self.switches[side];
        if switch.asic.sdk.gone || switch.down_until.is_some() {
            return;
        }
        switch.asic.sdk.note("an SDK restarts");
        if how.other_ids {
            switch.asic.sdk.note("an SDK restarts with other ids");
        }
        switch.asic.disturbed = true;
        switch.asic.sdk.gone = true;
        switch.asic.sdk.untold = true;
        // What was to be said of an earlier one is not said any more.
        switch.coming.retain(|(_, coming)| matches!(coming, Coming::Lands));
        // Whose ids change says that it is gone before it says by which ids it is known.
        let end = how.end.or(how.other_ids.then_some(how.back));
        if let Some(end) = end {
            switch.coming.push((now + end.min(how.back), Coming::End(AsicDown::Shutdown)));
        }
        switch.coming.push((now + how.back, Coming::Back(how.tables, how.other_ids)));
        switch.coming.push((now + how.back + how.told, Coming::Told(how.intact)));
    }

    /// Something that an SDK is about to do is due.
    pub(crate) fn sdk_is_due(&mut self) -> bool {
        for side in 0..2 {
            let now = self.now;
            let switch = &mut self.switches[side];
            if switch.asic.sdk.died {
                switch.asic.sdk.died = false;
                switch.asic.sdk.note("killed in the middle of a batch");
                let back_in = Duration::from_millis(switch.asic.dice.below(3000));
                self.crash(side, true, false, back_in);
                return true;
            }
            let Some(nth) = switch.coming.iter().position(|(at, _)| *at <= now) else { continue };
            let (_, coming) = switch.coming.remove(nth);
            match coming {
                Coming::End(why) => self.tell(side, Input::Asic(AsicNews::Down { why })),
                Coming::Back(tables, other_ids) => self.come_back(side, tables, other_ids),
                Coming::Told(intact) => {
                    let interfaces: Vec<_> = self.switches[side].bound.keys().copied().collect();
                    for interface in interfaces {
                        let binding = self.switches[side].binding(interface);
                        self.tell(side, Input::Bind(binding));
                    }
                    self.tell(side, Input::Asic(AsicNews::Restarted { intact }));
                    let sdk = &mut self.switches[side].asic.sdk;
                    (sdk.untold, sdk.restored) = (false, false);
                }
                Coming::Lands => switch.asic.land(),
            }
            return true;
        }
        false
    }

    fn come_back(&mut self, side: Side, tables: Tables, other_ids: bool) {
        let all_is_ours = self.ownership == Ownership::All;
        let switch = &mut self.switches[side];
        let bound = switch.bound.keys().map(|interface| switch.bound_name(*interface)).collect();
        let ids = switch.asic.come_back(tables, other_ids, &bound);
        if let Some(ways) = &mut switch.ways {
            ways.come_back(tables, &ids);
        }
        if tables != Tables::Kept && all_is_ours {
            let holds = switch.holds();
            switch.left.retain(|place| holds.keys().any(|(at, ip)| (base(*at), *ip) == *place));
        }
    }

    /// A library that says SUCCESS first: what it promised lands after so long.
    pub(crate) fn land_in(&mut self, side: Side, time: Duration) {
        self.switches[side].coming.push((self.now + time, Coming::Lands));
    }

    /// A process is dead: what the next one finds. An SDK that was away is there by then.
    pub(crate) fn take_stock(&mut self, side: Side, keep_asic: bool) {
        let pending = std::mem::take(&mut self.switches[side].coming);
        for (at, coming) in pending {
            match coming {
                Coming::Back(tables, other_ids) if keep_asic => {
                    self.come_back(side, tables, other_ids);
                    if other_ids {
                        // The record names ids that nobody has any more.
                        let holds = self.switches[side].holds();
                        let places = holds.keys().map(|(interface, ip)| (base(*interface), *ip));
                        self.switches[side].left.extend(places);
                    }
                }
                Coming::Lands => self.switches[side].coming.push((at, coming)),
                Coming::Back(..) | Coming::End(_) | Coming::Told(_) => {}
            }
        }
        let switch = &mut self.switches[side];
        switch.asic.sdk.gone = false;
        switch.asic.sdk.untold = false;
        switch.asic.sdk.doomed = false;
        switch.asic.sdk.died = false;
        switch.named = if keep_asic { switch.asic.recall() } else { Vec::new() };
    }

    /// The journal is read for the new process.
    pub(crate) fn tell_named(&mut self, side: Side) {
        let switch = &mut self.switches[side];
        let named = std::mem::take(&mut switch.named);
        let entry = |(key, doubt): &(mlagsync::sai::NeighborKey, bool)| {
            let interface = base(switch.asic.interface_of(key.rif)?);
            Some(Adopted { interface, rif: key.rif, ip: key.ip, doubt: *doubt })
        };
        let named: Vec<Adopted> = named.iter().filter_map(entry).collect();
        // Killed between two router interfaces of one interface: one of both records is followed.
        let mut seen = BTreeSet::new();
        let twice = named.iter().filter(|adopted| !seen.insert((adopted.interface, adopted.ip)));
        let twice: Vec<_> = twice.map(|adopted| (adopted.interface, adopted.ip)).collect();
        self.switches[side].left.extend(twice);
        for piece in named.chunks(5) {
            self.tell(side, Input::Adopt(piece.to_vec()));
        }
    }

    /// A journal for each.
    pub(crate) fn keep_journals(&mut self) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        for switch in &mut self.switches {
            let name =
                format!("mlagsync-pair-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            switch.asic.keep_journal(std::env::temp_dir().join(name));
        }
    }

    /// SDKs are honest from now on, are there, and have room; what SUCCESS means stays as it is.
    pub(crate) fn heal_sdks(&mut self) {
        for side in 0..2 {
            let switch = &mut self.switches[side];
            let sdk = &mut switch.asic.sdk;
            (sdk.lies, sdk.room, sdk.doomed) = (Lies::default(), None, false);
            sdk.deaf.clear();
            if let Some(ways) = &mut switch.ways {
                (ways.amiss.lies, ways.amiss.fdb_room, ways.amiss.route_room) = (Lies::default(), None, None);
            }
            self.tell(side, Input::Limits(Limits::default()));
        }
    }

    /// The NOS learns every MAC that a neighbour may need.
    pub(crate) fn teach_macs(&mut self) {
        for side in 0..2 {
            let needs = self.switches[side].ways.as_ref().is_some_and(|ways| ways.amiss.needs_macs);
            let keys: Vec<(Key, mlagsync::addr::Mac)> = self
                .switches
                .iter()
                .flat_map(|switch| switch.truth.iter().map(|(key, truth)| (*key, truth.mac)))
                .collect();
            for (key, mac) in keys.into_iter().filter(|_| needs) {
                let ways = self.switches[side].ways.as_mut().expect("it needs MACs");
                let news = ways.hear(mac, key.interface);
                if !news.is_empty() {
                    self.tell(side, Input::Fdb(news));
                }
            }
        }
    }
}
