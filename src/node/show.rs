//! What a node shows of itself, page by page.
//!
//! Invariant: looking changes nothing, and one look costs a bounded time however large the table is.

use crate::limits::VIEW_SCAN;
use crate::mirror::slot::{Facts, Held, Place};
use crate::neighbor::{Claim, Key};
use crate::node::Node;
use crate::node::view::{
    Counters, Cursor, HistoryView, HostFilter, HostState, HostView, NeighborFilter, NeighborView, Origin,
    Page, SessionView,
};
use crate::table::desired::{Verdict, View, Winner, winning};
use crate::table::refusal::Refusal;
use crate::table::row::RowId;
use std::collections::BTreeMap;

impl Node {
    /// The channel.
    pub fn session(&self) -> SessionView {
        let status = self.session.status();
        let settings = self.session.settings();
        let ms = |d: std::time::Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        SessionView {
            up: status.up,
            reason: Some(status.reason),
            node: settings.map(|s| s.node_id),
            peer_node: self.peer,
            group: settings.map(|s| s.group),
            source: settings.map(|s| s.source),
            peer: settings.map(|s| s.peer),
            vpn: settings.map(|s| s.vpn.clone()),
            port: settings.map(|s| s.port),
            role: status.role,
            hold_ms: status.hold.map(ms),
            keys: settings.map(|s| s.security.keys.ids().collect()).unwrap_or_default(),
            key: status.key,
            connect: settings.map(|s| s.connect).unwrap_or_default(),
            ttl: settings.map(|s| s.security.ttl).unwrap_or_default(),
            tcp: settings.and_then(|s| s.security.tcp.as_ref()).map(|key| key.signing),
            facts: settings.map(|s| s.facts),
            peer_facts: status.peer_facts,
            since_ms: ms(self.now.since(status.since)),
            received_end: status.received_end,
            truncated: self.table.is_truncated(),
            stale_ms: self.life.stale_since().map(|since| ms(self.now.since(since))),
            awaits_sweep: self.life.sweep_at().map_or(0, |_| self.table.unnamed_count()),
            sent_end: status.sent_end,
            proof: Box::new(self.proof()),
        }
    }

    /// Counts since start.
    pub fn counters(&self) -> Counters {
        let (mirror, session) = (self.mirror.tally(), self.session.counters());
        Counters {
            local: self.table.local_count() as u64,
            remote: self.table.remote_count() as u64,
            turned_away: self.table.turned_away(),
            wanted: mirror.wanted,
            programmed: mirror.programmed,
            refused: self.table.refusals().map(|(_, count)| count).sum(),
            refusals: self.refusals(),
            frozen: self.table.mobility().0,
            moves: self.table.mobility().1,
            statics_disputed: self.table.disputed(),
            local_turned_away: self.table.local_turned_away(),
            parked: mirror.parked,
            evidence: self.counts.evidence,
            sent_upserts: session.sent_upserts,
            sent_deletes: session.sent_deletes,
            received_upserts: session.received_upserts,
            received_deletes: session.received_deletes,
            swept: self.counts.swept,
            sent_bytes: session.sent_bytes,
            received_bytes: session.received_bytes,
            sessions: session.sessions,
            syncs: self.counts.syncs,
            batches: mirror.batches,
            sai_calls: mirror.calls,
            creates: mirror.creates,
            sets: mirror.sets,
            removes: mirror.removes,
            reads: mirror.reads,
            asic_refusals: mirror.refusals,
            asic_unknowns: mirror.unknowns,
            repointed: self.counts.repointed,
            asic_ns: mirror.asic_ns,
            scrubbed: mirror.scrubbed + self.fdb.tally().scrubbed + self.routes.tally().scrubbed,
            scrub_rounds: self.scrub.rounds(),
            repaired: mirror.repaired + self.fdb.tally().repaired + self.routes.tally().repaired,
            contested: mirror.contested,
            foreign: self.survey.foreign(),
            unrecorded: self.lost.unrecorded,
            last_sync_ns: self.counts.last_sync_ns,
        }
    }

    /// What happened of late.
    pub fn history(&self) -> HistoryView {
        self.history.view(self.now)
    }

    fn refusals(&self) -> BTreeMap<Refusal, u64> {
        let mut refusals: BTreeMap<Refusal, u64> = self.table.refusals().collect();
        let room = self.mirror.without_room() as u64;
        if room > 0 {
            *refusals.entry(Refusal::Capacity).or_default() += room;
        }
        refusals
    }

    /// Claims, from behind `after` on, about `limit` of them: a key's claims are never torn apart.
    pub fn neighbors(
        &self,
        after: Option<Cursor>,
        limit: usize,
        filter: &NeighborFilter,
    ) -> Page<NeighborView> {
        self.page(after, limit, |key, view, row, rows| {
            if filter.interface.is_some_and(|i| i != key.interface)
                || filter.ip.is_some_and(|ip| ip != key.ip)
            {
                return;
            }
            let winner = winning(view).map(|(winner, _)| winner);
            let local = if view.is_static { Origin::Static } else { Origin::Local };
            let claims = [
                (local, view.local, matches!(winner, Some(Winner::Local | Winner::Both))),
                (Origin::Remote, view.remote, matches!(winner, Some(Winner::Remote | Winner::Both))),
            ];
            for (origin, claim, wins) in claims {
                let Some(claim) = claim else { continue };
                if filter.origin.is_none_or(|o| o == origin) && filter.mac.is_none_or(|mac| mac == claim.mac)
                {
                    let mut shown = neighbor(key, view, origin, claim, wins);
                    shown.peer = (origin == Origin::Local).then(|| self.peer_state(key, row)).flatten();
                    let place = self.table.place(row);
                    shown.position = (origin == Origin::Local && place > 0).then_some(place);
                    rows.push(shown);
                }
            }
        })
    }

    /// Hosts that are wanted, refused, or still held, from behind `after` on, at most `limit` of them.
    pub fn hosts(&self, after: Option<Cursor>, limit: usize, filter: &HostFilter) -> Page<HostView> {
        self.page(after, limit, |key, view, row, rows| {
            if filter.interface.is_some_and(|i| i != key.interface)
                || filter.ip.is_some_and(|ip| ip != key.ip)
            {
                return;
            }
            let Some(host) = self.host(key, view, row) else { return };
            let fine = matches!(host.state, HostState::Programmed);
            let other_mac = |mac| host.mac != Some(mac) && host.programmed != Some(mac);
            if !(filter.trouble && fine || filter.mac.is_some_and(other_mac)) {
                rows.push(host);
            }
        })
    }

    pub(super) fn host(&self, key: &Key, view: &View<'_>, row: RowId) -> Option<HostView> {
        let slot = self.mirror.slot(row);
        let verdict = self.verdict(row, view, key);
        let wanted = match verdict {
            Verdict::Ours(host) => Some(host),
            Verdict::Nothing | Verdict::Refused(_) | Verdict::Nos(_) => None,
        };
        let present = slot.is_some_and(|slot| slot.is_present() && !slot.handed);
        let state = match (verdict, slot) {
            (Verdict::Ours(_), Some(slot)) => match slot.place {
                _ if slot.is_programmed() => self.with_its_mac(row),
                Place::Failed if slot.is_contested() => HostState::Contested,
                Place::Failed => HostState::Failed { status: slot.status },
                Place::Room | Place::Waiting(_) => HostState::Parked { status: slot.status },
                _ if slot.held.is_uncertain() => HostState::Unknown,
                _ => HostState::Pending,
            },
            (Verdict::Ours(_), None) => HostState::Pending,
            (Verdict::Nothing | Verdict::Refused(_), Some(slot))
                if present && slot.facts.has(Facts::KEPT) =>
            {
                HostState::Adopted
            }
            (Verdict::Nothing | Verdict::Refused(_) | Verdict::Nos(_), Some(_)) if present => {
                HostState::Removing
            }
            (Verdict::Refused(refusal), _) => HostState::Refused { refusal },
            (Verdict::Nothing | Verdict::Nos(_), _) => return None,
        };
        let programmed = slot.and_then(|slot| match slot.held {
            Held::Host(host) => Some(host.mac),
            Held::Nothing | Held::Unknown | Held::Found(_) | Held::Written(_) | Held::Erased => None,
        });
        Some(HostView {
            vrf: view.binding.map(|binding| binding.vrf.clone()),
            interface: key.interface,
            ip: key.ip,
            mac: wanted.map(|host| host.mac),
            programmed,
            state,
        })
    }

    /// Walks the rows behind `after` until there are enough results or enough was looked at.
    fn page<T>(
        &self,
        after: Option<Cursor>,
        limit: usize,
        mut each: impl FnMut(&Key, &View<'_>, RowId, &mut Vec<T>),
    ) -> Page<T> {
        let first = after.map_or(0, |Cursor(row)| row.saturating_add(1));
        let mut rows = Vec::new();
        for row in first..self.table.rows() {
            if let Some((key, view)) = self.table.peek(row) {
                each(&key, &view, row, &mut rows);
            }
            let last = row + 1 == self.table.rows();
            if !last && (rows.len() >= limit.max(1) || (row - first) as usize >= VIEW_SCAN) {
                return Page { rows, next: Some(Cursor(row)) };
            }
        }
        Page { rows, next: None }
    }
}

pub(super) fn neighbor(key: &Key, view: &View<'_>, origin: Origin, claim: Claim, wins: bool) -> NeighborView {
    NeighborView {
        vrf: view.binding.map(|binding| binding.vrf.clone()),
        interface: key.interface,
        ip: key.ip,
        mac: claim.mac,
        origin,
        attachment: claim.attachment,
        flags: claim.flags,
        counter: claim.counter,
        wins,
        peer: None,
        position: None,
    }
}
