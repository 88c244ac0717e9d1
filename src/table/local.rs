//! What this device learned by itself, and the rule that turns evidence into a claim.
//!
//! Invariant: only own claims enter the order of change, so only own claims are ever sent.

use crate::limits::MAX_LOCAL_RIVALS;
use crate::neighbor::{Attachment, Claim, Flags, Key};
use crate::table::Table;
use crate::table::desired::differ;
use crate::table::evidence::Evidence;
use crate::table::lookup::{AHEAD, Glimpse};
use crate::table::row::{Facts, RowId};
use crate::table::trail::What;

/// The claim that follows from hearing a neighbour, given the claim so far and the peer's.
///
/// A counter rises in one case alone: fresh evidence for something that contradicts the peer. So a dump, a repeat or
/// an entry that grew old never takes a host away from where it went.
pub fn heard(heard: Claim, fresh: bool, before: Option<Claim>, remote: Option<Claim>) -> Claim {
    let counter = before.map_or(0, |claim| claim.counter);
    // A device's own address is uncontested on either side: no counter decides about it.
    let own = heard.flags.contains(Flags::INTERFACE);
    let contradicts =
        |remote: &Claim| differ(&heard, remote) && !own && !remote.flags.contains(Flags::INTERFACE);
    match remote.filter(contradicts) {
        Some(remote) if fresh => Claim { counter: counter.max(remote.counter.saturating_add(1)), ..heard },
        _ => Claim { counter, ..heard },
    }
}

impl Table {
    /// Takes local evidence, in the order in which it was heard.
    pub(crate) fn evidence(&mut self, evidence: &[Evidence]) {
        for evidence in evidence.chunks(AHEAD) {
            let ahead = self.look_ahead(evidence.iter().map(Evidence::key));
            for (piece, glimpse) in evidence.iter().zip(&ahead) {
                self.evidence_one(piece, glimpse);
            }
        }
    }

    fn evidence_one(&mut self, evidence: &Evidence, glimpse: &Option<Glimpse>) {
        match evidence {
            &Evidence::Learned { ref key, mac, attachment, flags, fresh } => {
                let Some(at) = self.local_row(key, glimpse) else { return };
                let row = &self.rows[at as usize];
                let before = row.local.filter(|_| !row.facts.has(Facts::STATIC));
                // In another VRF the peer speaks of another host.
                let same_vrf = |_: &Claim| !self.interfaces.at(row.interface).vrf_differs();
                let remote = row.remote.filter(same_vrf);
                let now = Claim { mac, attachment, flags, counter: 0 };
                let mut claim = heard(now, fresh, before, remote);
                if claim.counter > before.map_or(0, |claim| claim.counter) && !self.may_move(at) {
                    claim = heard(now, false, before, remote);
                }
                if fresh && remote.is_some_and(|remote| !differ(&now, &remote)) {
                    self.hear_of_theirs(key, mac, remote);
                }
                self.name_local(at);
                self.set_local(at, key, Some(claim), false);
            }
            &Evidence::Heard { ref key, mac } => {
                let remote = self.find(key).and_then(|at| self.rows[at as usize].remote);
                self.hear_of_theirs(key, mac, remote);
            }
            &Evidence::Static { ref key, mac } => {
                let Some(at) = self.local_row(key, glimpse) else { return };
                let claim =
                    Claim { mac, attachment: Attachment::Orphan, flags: Flags::default(), counter: 0 };
                self.name_local(at);
                self.set_local(at, key, Some(claim), true);
            }
            Evidence::Forgotten { key } => {
                if let Some(at) = self.find(key) {
                    self.set_local(at, key, None, false);
                }
            }
        }
    }

    /// A dump of everything known here begins.
    pub(crate) fn dump_begin(&mut self) {
        self.local_mark = self.local_mark.wrapping_add(1);
        self.dumping = true;
        self.leave_unnamed();
    }

    /// A dump ends: what it did not name is gone.
    pub(crate) fn dump_end(&mut self) {
        if std::mem::take(&mut self.dumping) {
            self.look_for_unnamed();
        }
    }

    /// The row's claim, or its interface, is not what it was: the peer is told of it, or what it was told is taken back.
    /// What `is_news` is told again.
    pub(super) fn announce_or_withdraw(&mut self, at: RowId, is_news: bool) {
        let facts = self.rows[at as usize].facts;
        let told = facts.has(Facts::ORDERED) && !facts.has(Facts::TOMBSTONE);
        match (self.is_announced(at), told) {
            (true, told) if !told || is_news => self.order.changed(&mut self.rows, at),
            (false, true) => {
                let left = self.order.died(&mut self.rows, at);
                self.touch_all(left);
            }
            (true, _) | (false, false) => {}
        }
    }

    /// The row for a claim of this device's, if it is kept.
    fn local_row(&mut self, key: &Key, glimpse: &Option<Glimpse>) -> Option<RowId> {
        let at = self.row_among(key, glimpse, MAX_LOCAL_RIVALS);
        self.local_turned_away += u64::from(at.is_none());
        at
    }

    /// Drops a claim that can no longer be kept.
    pub(super) fn turn_local_away(&mut self, at: RowId) {
        if self.rows[at as usize].local.is_some() {
            self.local_turned_away += 1;
            self.set_local(at, &self.key(at), None, false);
        }
    }

    fn name_local(&mut self, at: RowId) {
        self.rows[at as usize].local_mark = self.local_mark;
    }

    /// Takes the local claim to a key, or that there is none any more. The key comes along because a row that was written
    /// just now is dear to read.
    pub(super) fn set_local(&mut self, at: RowId, key: &Key, claim: Option<Claim>, is_static: bool) {
        let row = &mut self.rows[at as usize];
        if row.local == claim && row.facts.has(Facts::STATIC) == is_static {
            return;
        }
        self.local_count = self.local_count + usize::from(claim.is_some()) - usize::from(row.local.is_some());
        let is_known = row.local.is_some();
        row.local = claim;
        row.facts.set(Facts::STATIC, is_static);
        match claim {
            Some(claim) if is_static => self.note_of(*key, What::MadeStatic { mac: claim.mac }),
            // What a dump names first is the claim itself.
            Some(claim) if is_known || !self.dumping => self.note_of(*key, What::Claimed(claim)),
            Some(_) => {}
            None => self.note_of(*key, What::Forgotten),
        }
        if self.is_announced(at) {
            self.order.changed(&mut self.rows, at);
        } else {
            self.announce_or_withdraw(at, false);
        }
        self.touch(at);
    }

    /// True when the peer is to hold the row's local claim.
    fn is_announced(&self, at: RowId) -> bool {
        let row = &self.rows[at as usize];
        let dynamic = row.local.is_some() && !row.facts.has(Facts::STATIC);
        dynamic && self.interfaces.at(row.interface).binding.is_some()
    }
}
