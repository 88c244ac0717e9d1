//! What must hold when nothing is under way.
//!
//! | what | by |
//! |---|---|
//! | local claims are what the kernel knows, copies are what the other claims | both nodes |
//! | the ASIC holds what a model in simple words expects, and nothing else of ours | the ASIC's own table |
//! | FDB entries and routes lead where hosts are | the same |
//! | what is somebody else's is as whoever made it left it | the same |
//! | digests agree, and each says of every claim of the other's that it is done with it, or why not | both nodes |
//! | a second evaluation finds nothing to do, and the log repeats every output | each node |
//!
//! Invariant: nothing of the node's own code decides here.

use crate::model::{Claims, expected};
use crate::ways::{ROUTED, Said};
use crate::world::{World, base, hash_of, vlanif};
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::neighbor::{Claim, Key};
use mlagsync::node::log::Writer;
use mlagsync::node::view::Origin;
use mlagsync::node::{Ownership, replay};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::net::IpAddr;

impl World {
    /// Whether everything is as it should be, said in simple words.
    pub(crate) fn converged(&self) -> Result<(), String> {
        for side in 0..2 {
            let (me, peer) = (&self.switches[side], &self.switches[1 - side]);
            let mine = me.claims(None);
            let truth: BTreeMap<Key, (Mac, bool)> =
                me.truth.iter().map(|(key, truth)| (*key, (truth.mac, truth.is_static))).collect();
            let known =
                mine.iter().map(|(key, (claim, is_static))| (*key, (claim.mac, *is_static))).collect();
            same(&format!("switch {side}: kernel and local claims"), &truth, &known)?;
            let sent = |claims: Claims| -> BTreeMap<Key, Claim> {
                claims
                    .into_iter()
                    .filter(|(_, (_, is_static))| !is_static)
                    .map(|(k, (c, _))| (k, c))
                    .collect()
            };
            // What lies on an interface that is not bound there is not told.
            let mut theirs = peer.claims(None);
            theirs.retain(|key, _| peer.bound.contains_key(&key.interface));
            let (told, copy) = (sent(theirs.clone()), sent(me.claims(Some(Origin::Remote))));
            same(&format!("switch {side}: the peer's claims and their copy"), &told, &copy)?;
            let all_is_ours = self.ownership == Ownership::All;
            let peers = self.members(1 - side);
            let is_lost = |mine: bool, attachment| {
                me.ways.as_ref().is_some_and(|ways| ways.is_lost(mine, attachment, peers))
            };
            let routed = me.ways.as_ref().map(|_| vlanif(ROUTED));
            let larger = self.is_larger(side);
            let should = expected(&mine, &theirs, larger, all_is_ours, &me.bound, is_lost, routed);
            if let Some(ways) = &me.ways {
                let said = Said { mine: &mine, theirs: &theirs, i_am_larger: larger, peers };
                ways.judge(me, said, &should).map_err(|why| format!("switch {side}: {why}"))?;
            }
            let ours = |(key, held): &((InterfaceId, IpAddr), (Mac, bool))| {
                let left = me.left.contains(&(base(key.0), key.1));
                let excused = left || should.nos.contains(key) || me.asic.excuses(key, held.0);
                should.hosts.contains_key(key) || !excused
            };
            let holds = me.holds().into_iter().filter(ours).collect();
            same(&format!("switch {side}: expected hosts and the ASIC"), &should.hosts, &holds)
                .map_err(|why| format!("{why}\n{}", me.troubles()))?;
            me.asic.judge_strangers().map_err(|why| format!("switch {side}: {why}"))?;
            me.ways.as_ref().map_or(Ok(()), |ways| ways.judge_strangers())?;
        }
        crate::proof::agreed(self)
    }

    /// A second evaluation of everything must find nothing to do, and the log must repeat every output.
    pub(crate) fn check_determinism(&mut self) {
        for side in 0..2 {
            let switch = &mut self.switches[side];
            let before = switch.node.counters();
            switch.node.recompute();
            assert_eq!(switch.node.poll(), None, "switch {side}: the increments had missed something");
            assert_eq!(switch.node.counters(), before, "switch {side}");
            let log = std::mem::replace(
                &mut switch.log,
                Writer::new(Vec::new(), switch.node.settings()).expect("memory"),
            );
            let mut outputs = DefaultHasher::new();
            let log = log.into_inner();
            let replayed = replay(&log[..], |at, output| hash_of(&mut outputs, at, &output))
                .expect("it was just written");
            assert_eq!(
                outputs.finish(),
                switch.outputs.finish(),
                "switch {side}: the replay put out something else"
            );
            assert_eq!(replayed.counters(), before, "switch {side}: the replay counts otherwise");
        }
    }
}

fn same<K, V>(what: &str, left: &BTreeMap<K, V>, right: &BTreeMap<K, V>) -> Result<(), String>
where
    K: Ord + std::fmt::Debug,
    V: PartialEq + std::fmt::Debug,
{
    let keys: BTreeSet<&K> = left.keys().chain(right.keys()).collect();
    let differing = keys.into_iter().filter(|key| left.get(key) != right.get(key));
    let lines: Vec<String> =
        differing.map(|key| format!("  {key:?}: {:?} and {:?}", left.get(key), right.get(key))).collect();
    if lines.is_empty() { Ok(()) } else { Err(format!("{what} differ:\n{}", lines.join("\n"))) }
}
