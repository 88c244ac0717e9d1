//! The composition: inputs in, outputs out.
//!
//! ```text
//!  Input ─► handle ─┬─► session ──► Received ─┐                  ┌─► mirror ─► Program ─┐
//!                   ├─► table ◄───────────────┘─► dirty ─► desired                      ├─► poll ─► Output
//!                   └─► mirror.settle                            └─► Event, Transport ──┘
//! ```
//!
//! Use: [`Node::handle`], then [`Node::poll`] until it is empty, and [`Node::handle`] with [`Input::Wake`] at
//! [`Node::next_wake`] at the latest.
//!
//! Invariant: handlers change tables and mark rows dirty; only `evaluate` decides what the ASIC should hold, and it
//! looks at nothing but the row. So evaluating everything anew changes nothing ([`Node::recompute`]).

pub mod admission;
mod asic;
mod audit;
mod binding;
mod fdb;
mod forwarding;
mod hardware;
mod history;
pub mod io;
pub mod kernel;
mod life;
mod lingering;
pub mod log;
mod lost;
mod mac_rows;
mod proof;
mod proof_view;
pub mod ready;
mod releasing;
mod room;
mod route;
mod scrub;
mod settings;
mod show;
mod survey;
mod tell;
#[cfg(test)]
mod tests;
pub mod view;
mod warm;
mod why;

pub use crate::mirror::early::Programming;
pub use io::{Input, Output};
pub use life::Lifetimes;
pub use log::{replay, replay_with};
pub use scrub::Scrub;
pub use settings::{NodeSettings, Tuning};

pub use crate::table::desired::Ownership;

use crate::addr::{InterfaceId, NodeId};
use crate::mirror::Mirror;
use crate::mirror::batch::{FdbOp, Op, RouteOp};
use crate::mirror::entry::{FdbEntry, HostRoute, HwTable, Rif, Router};
use crate::mirror::line::Line;
use crate::mirror::slot::RifId;
use crate::mirror::tickets::Ticket;
use crate::neighbor::{Host, Key};
use crate::session::Session;
use crate::session::io::{Received, SessionInput, SessionOutput};
use crate::table::Table;
use crate::table::change::Position;
use crate::table::desired::{Hop, Verdict, desired, desired_hop};
use crate::table::macs::Macs;
use crate::table::row::RowId;
use crate::table::standing::{News, Standing};
use crate::time::Time;
use crate::wire::resume::reason;
use admission::{Admission, Wish};
use asic::AsicState;
use binding::Ground;
use forwarding::Repointing;
use hardware::Reason;
use history::History;
use io::{Event, FdbMode, Footing};
use kernel::KernelCursor;
use life::Life;
use lingering::Lingering;
use proof::Proof;
use releasing::Releasing;
use scrub::Scrubber;
use std::collections::{BTreeMap, VecDeque};
use tell::Telling;
use warm::Warm;

/// One switch of the pair.
#[derive(Debug)]
pub struct Node {
    settings: NodeSettings,
    now: Time,
    session: Session,
    session_wake: Option<Time>,
    peer: Option<NodeId>,
    table: Table,
    /// The way to the ASIC …
    line: Line,
    scrub: Scrubber,
    survey: survey::Survey,
    lost: lost::Lost,
    asic: AsicState,
    /// … of neighbours …
    mirror: Mirror,
    /// … FDB entries …
    fdb: Mirror<FdbEntry>,
    /// … and host routes.
    routes: Mirror<HostRoute>,
    /// The router interface of each bound interface, by name …
    bound: BTreeMap<InterfaceId, RifId>,
    /// … and by the table's number for it.
    rif_of: Vec<RifId>,
    out: VecDeque<Output>,
    /// So many rows may yet be looked at for the present input.
    budget: usize,
    /// The peer said END, and not all that it named is evaluated.
    ended: bool,
    lingering: Lingering,
    /// The peer's position that has been received, and not all rows that it concerns are marked.
    position: Option<Position>,
    counts: Counts,
    history: History,
    life: Life,
    proof: Proof,
    warm: Warm,
    macs: Macs,
    fdb_state: fdb::Fdb,
    repointing: Repointing,
    grounds: BTreeMap<InterfaceId, Ground>,
    releasing: Releasing,
    kernel: KernelCursor,
    admission: Admission,
    telling: Telling,
}

/// What the node counts by itself.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    evidence: u64,
    swept: u64,
    given_up: u64,
    repointed: u64,
    syncs: u64,
    last_sync_ns: u64,
}

impl Node {
    /// A node that knows nothing yet.
    pub fn new(settings: NodeSettings) -> Self {
        let mut table = Table::new(settings.seed, settings.ownership);
        table.set_bounds(settings.tuning.claims, settings.tuning.tombstones);
        let session = Session::new(settings.seed, settings.tuning.session);
        table.set_incarnation(session.incarnation().0);
        Node {
            now: Time::ZERO,
            session,
            session_wake: None,
            peer: None,
            table,
            line: Line::new(settings.tuning.programming),
            scrub: Scrubber::new(settings.tuning.scrub),
            survey: Default::default(),
            lost: Default::default(),
            asic: AsicState::default(),
            mirror: Mirror::default(),
            fdb: Mirror::default(),
            routes: Mirror::default(),
            bound: BTreeMap::new(),
            rif_of: Vec::new(),
            out: VecDeque::new(),
            budget: 0,
            ended: false,
            lingering: Lingering::default(),
            position: None,
            counts: Counts::default(),
            history: History::default(),
            life: Life::new(settings.tuning.life),
            proof: Proof::new(),
            warm: Warm::default(),
            macs: Macs::new(settings.seed),
            fdb_state: fdb::Fdb::default(),
            repointing: Repointing::default(),
            grounds: BTreeMap::new(),
            releasing: Releasing::default(),
            kernel: KernelCursor::default(),
            admission: Admission::default(),
            telling: Telling::default(),
            settings,
        }
    }

    /// What it was made with.
    pub fn settings(&self) -> &NodeSettings {
        &self.settings
    }

    /// Takes an input in. `now` must not go back.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.now = now;
        self.budget = self.settings.tuning.work.max(1);
        self.line.wake(now);
        self.mirror.wake(now);
        self.fdb.wake(now);
        self.routes.wake(now);
        self.table.tick(now);
        self.watch_peer_link();
        self.watch_protection();
        match input {
            Input::Session(input) => self.session.handle(now, input),
            Input::Bind(binding) => self.bind(binding),
            Input::Unbind(interface) => self.unbind(interface),
            Input::Evidence(evidence) => {
                self.counts.evidence += evidence.len() as u64;
                self.table.evidence(&evidence);
            }
            Input::DumpBegin => self.table.dump_begin(),
            Input::DumpEnd => self.table.dump_end(),
            Input::Limits(limits) => self.admission.set_limits(limits),
            Input::Lifetimes(times) => self.life.set_times(times),
            Input::Unanswered(keys) => self.unanswered(&keys),
            Input::Adopt(entries) => self.adopt(&entries),
            Input::AdoptFdb(entries) => self.adopt_fdb(&entries),
            Input::AdoptRoutes(entries) => self.adopt_routes(&entries),
            Input::Sweep => {
                self.sweep_held();
                if self.holds_leftovers() {
                    self.release_leftovers();
                }
                self.release_kernel_sweep();
            }
            Input::Repair(keys) => self.repair(&keys),
            Input::Resync => self.ask_resync(reason::OPERATOR),
            Input::Member(member) => self.set_member(member),
            Input::MemberGone(mlag) => self.remove_member(mlag),
            Input::PeerLink(link) => self.set_peer_link(link),
            Input::Protection { port, state } => self.set_protection(port, state),
            Input::Fdb(news) => self.fdb_news(&news),
            Input::InUse { keys, used } => self.set_in_use(&keys, used),
            Input::FdbDone(done) => {
                let trouble = self.fdb.settle(&mut self.line, now, &done);
                self.scrubbed(done.asic_ns);
                self.tell_trouble(trouble);
            }
            Input::RouteDone(done) => {
                let trouble = self.routes.settle(&mut self.line, now, &done);
                self.scrubbed(done.asic_ns);
                self.tell_trouble(trouble);
            }
            Input::LocalComplete => self.table.set_complete(),
            Input::KernelMirror => self.kernel.begin(now),
            Input::KernelTaken => self.kernel.taken(),
            Input::Hanging { for_ms } => self.hanging(for_ms),
            Input::Asic(news) => self.asic_news(news),
            Input::Listed(listed) => self.surveyed(&listed),
            Input::Journal { full, unrecorded, records } => self.journal_news(full, unrecorded, records),
            Input::BatchDone(done) => {
                let trouble = self.mirror.settle(&mut self.line, now, &done);
                self.scrubbed(done.asic_ns);
                for (row, what) in self.mirror.take_failures() {
                    self.table.note(row, what);
                    self.tell_rejected(row, what);
                }
                self.tell_trouble(trouble);
            }
            Input::Wake => self.session.handle(now, SessionInput::Wake),
        }
        self.tell_disowned();
        self.watch_for_loss(now);
        self.take_from_session();
        self.age();
        self.evaluate_dirty();
        self.session.drive(now, &mut self.table);
        self.take_from_session();
        self.evaluate_dirty();
        self.session.set_truncated(self.table.is_truncated());
        self.close_window();
        self.look_at_restoration();
        self.prove();
        self.take_from_session();
        self.session_wake = self.session.next_wake();
        if self.ended && !self.table.has_work() {
            self.ended = false;
            self.mirror.sync_end();
        }
        self.sweep_leftovers();
        self.tell_disowned();
        self.tell_findings();
        self.tell_lost();
        self.tell_progress();
    }

    /// The next thing to do for the owner, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front().or_else(|| self.next_batch()).or_else(|| self.next_kernel_word())
    }

    /// When to come back with [`Input::Wake`] if nothing else comes first. At once, while there is work left: one input
    /// is answered with a bounded amount of it.
    pub fn next_wake(&self) -> Option<Time> {
        let work = self.has_work().then_some(self.now);
        self.session_wake
            .into_iter()
            .chain(work)
            .chain(self.line.next_wake())
            .chain(self.mirror.next_wake())
            .chain(self.fdb.next_wake())
            .chain(self.routes.next_wake())
            .chain(self.link_given_up_at())
            .chain(self.protection_due())
            .chain(self.admission.next_wake(&self.mirror))
            .chain(self.table.next_wake())
            .chain(self.life.next_wake(self.now))
            .chain(self.leftovers_due())
            .chain(self.kernel_due())
            .chain(self.scrub_due())
            .chain(self.findings_due())
            .chain(self.telling.next_wake())
            .chain(self.survey_due())
            .chain(self.lost_due())
            .chain(self.proof.next_wake(self.now))
            .min()
    }

    fn has_work(&self) -> bool {
        self.table.has_work()
            || self.repointing.is_walking()
            || self.fdb_state.has_work()
            || self.admission.has_work()
    }

    /// Evaluates every row anew. It changes nothing, whatever came before: what handlers mark is all that can have
    /// changed. Tests and `verify` call it to see that this is true.
    pub fn recompute(&mut self) {
        self.budget = usize::MAX;
        self.evaluate_dirty();
        for row in 0..self.table.rows() {
            self.evaluate(row, 0);
        }
        for at in 0..self.macs.len() {
            if self.macs.is_live(at) {
                self.evaluate_mac(at, false);
            }
        }
        self.evaluate_dirty();
    }

    /// The next batch, if the ASIC may have one.
    fn next_batch(&mut self) -> Option<Output> {
        if let Some(sample) = self.next_sample() {
            return Some(sample);
        }
        let tallies = [self.fdb.tally(), self.mirror.tally(), self.routes.tally()];
        self.line.unconfirmed = tallies.iter().map(|tally| tally.unconfirmed as usize).sum();
        let queues = [self.fdb.queues(), self.mirror.queues(), self.routes.queues()];
        let Some(turn) = self.line.turn(self.now, queues) else {
            return self.next_survey().or_else(|| self.next_scrub());
        };
        let (table, macs) = (&self.table, &self.macs);
        Some(match turn.lane.table {
            HwTable::Neighbor => Output::Program(self.mirror.take_batch(
                self.now,
                turn,
                |row, rif, host, _| neighbor_op(table, row, rif, host),
            )),
            HwTable::Fdb => Output::Fdb(self.fdb.take_batch(self.now, turn, |row, domain, host, was| {
                FdbOp { row, domain, mac: macs.mac(row).1, host, was }
            })),
            HwTable::Route => {
                Output::Route(self.routes.take_batch(self.now, turn, |row, router: Router, via, _| RouteOp {
                    row,
                    virtual_router: router.oid,
                    ip: table.ip(row),
                    via,
                }))
            }
        })
    }

    fn take_from_session(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                SessionOutput::Transport(transport) => self.out.push_back(Output::Transport(transport)),
                SessionOutput::Received(received) => self.receive(received),
                SessionOutput::Up { peer } => {
                    self.life.session_up();
                    self.peer = Some(peer);
                    let own = self.session.settings().map(|settings| settings.node_id);
                    self.table.set_ties(own > Some(peer));
                    self.say(Event::SessionUp { peer });
                }
                SessionOutput::PeerRestarts { after } => {
                    self.life.announce(after);
                    self.say(Event::PeerRestarts { after_ms: after.as_millis() as u64 });
                }
                SessionOutput::Down(reason) => {
                    self.life.session_down(self.now);
                    self.proof_down();
                    self.say(Event::SessionDown { reason });
                }
                SessionOutput::Resumed { position } => self.say(Event::Resumed { position }),
                SessionOutput::EndSent { position } => self.say(Event::EndSent { position }),
            }
        }
    }

    fn receive(&mut self, received: Received) {
        match received {
            Received::Begin => {
                self.copy_begins();
                self.position = None;
                self.proof_begins();
                self.table.remote_begin();
                self.mirror.sync_begin(self.now);
                self.say(Event::SyncBegan);
            }
            Received::Interface { interface, vrf } => {
                if self.table.name_remote(interface, vrf) {
                    self.tell_vrf_conflict(interface);
                }
            }
            Received::Upserts(claims) => {
                let whole = !self.table.is_truncated();
                self.table.remote_upsert(&claims);
                if whole && self.table.is_truncated() {
                    self.say(Event::CopyTruncated { claims: self.table.remote_count() as u64 });
                }
            }
            Received::Deletes(keys) => self.table.remote_delete(&keys),
            Received::End { count, sum } => {
                let Some(swept) = self.copy_ends(count, sum) else { return };
                self.ended = true;
                self.peer_has_named();
                self.proof_ends();
                self.counts.swept += swept;
                self.counts.syncs += 1;
                self.say(Event::SyncEnded { claims: self.table.remote_count() as u64, swept });
            }
            Received::Position(position) => {
                self.position = Some(position);
                self.close_window();
            }
            proof => self.receive_proof(proof),
        }
    }

    /// Everything that leads up to the peer's position is marked, once all rows that it concerns were looked at.
    fn close_window(&mut self) {
        if let Some(position) = self.position.take_if(|_| !self.table.is_walking()) {
            self.mirror.tickets.close(position, self.table.marks());
        }
    }

    /// Decides about rows that changed, as far as the budget goes. What the ASIC has let go of may make way for others,
    /// so this goes on until nothing changes any more.
    fn evaluate_dirty(&mut self) {
        self.settle_fdb();
        self.settle_routes();
        self.count_leftovers();
        self.flush_some();
        self.repoint_some();
        let mut vacated = Vec::new();
        loop {
            self.mirror.take_vacated(&mut vacated);
            self.routes.take_vacated(&mut vacated);
            for row in vacated.drain(..) {
                self.admission.vacated(row);
                self.withhold_route(row);
                self.table.touch(row);
                if self.holds(row) {
                    continue;
                }
                for (domain, ip) in self.lingering.leave(row) {
                    self.table.touch_at(domain, ip);
                }
            }
            self.table.walk(&mut self.budget);
            if self.budget == 0 {
                return self.admission.interrupt();
            }
            let Some(row) = self.table.next_dirty() else {
                // Who has room, and who makes way, is decided when everybody who wants to be in has been heard.
                let Some(row) = self.admission.poll(self.now, &self.mirror, &mut self.budget) else { return };
                self.table.touch(row);
                continue;
            };
            self.budget -= 1;
            let ticket = self.mirror.tickets.look();
            self.evaluate(row, ticket);
            // Rows that compete are decided about together, or two of them might be programmed at a time. Their windows
            // wait for their own turn.
            if self.table.is_shared(row) {
                for rival in self.table.rivals(row) {
                    if self.table.is_dirty(rival) {
                        self.evaluate(rival, 0);
                    }
                }
            }
        }
    }

    /// The one place where it is decided what the ASIC should hold. The window of the peer's changes waits for it.
    fn evaluate(&mut self, row: RowId, ticket: Ticket) {
        let Some((key, view)) = self.table.view(row) else {
            return;
        };
        let verdict = desired(&view, &key);
        let wish = Wish::of(&view, &key, verdict);
        // What the peer did not say is not waited for, unless it is that it says no more.
        let peers = view.remote.is_some() || view.local.is_none();
        let standing = Standing::of(&view);
        let routed = view.binding.is_some_and(|binding| matches!(binding.footing, Footing::Routed(_)));
        let hop = if routed { desired_hop(&view, &key) } else { None };
        let managed = self.settings.fdb == FdbMode::Managed;
        let says = if managed { Self::says(&view) } else { None };
        self.kernel.want(row, &view, &verdict);
        let verdict = self.admit(row, verdict, wish);
        let refusal = verdict.refusal();
        let seated = self.admission.refusal(row).is_none();
        self.table.set_standing(row, standing);
        self.table.set_refusal(row, refusal);
        if managed {
            self.hang(row, says, self.mirror.is_present(row));
        }
        let mut withheld = false;
        let rif = self.rif_of.get(self.table.interface(row) as usize).copied();
        let leaves = self.leaves_under_route(row, rif.filter(|_| matches!(verdict, Verdict::Ours(_))));
        let news = match verdict {
            Verdict::Ours(_) | Verdict::Nothing | Verdict::Refused(_) if leaves => false,
            Verdict::Ours(host) => {
                let rif = self.rif_of[self.table.interface(row) as usize];
                // A host table is keyed by VRF and address: the old interface's entry goes first.
                let shared = self.table.is_shared(row);
                let taken = shared && self.table.rivals(row).into_iter().any(|r| self.holds(r))
                    || self.lingering.blocks((self.table.domain_at(row), key.ip), row);
                withheld = taken && !self.holds(row);
                let news = self.mirror.want(self.now, row, (!withheld).then_some((rif, host)), shared);
                self.prioritize(row, wish);
                news
            }
            Verdict::Nos(_) => {
                self.mirror.release(row);
                true
            }
            Verdict::Nothing | Verdict::Refused(_) => self.mirror.want(self.now, row, None, false),
        };
        if routed || self.routes.slot(row).is_some() {
            // Another way to the host does not supersede the claim to it.
            let hop = hop.filter(|_| !withheld && seated);
            self.evaluate_route(row, key.interface, verdict, hop, leaves);
        }
        if managed && !routed {
            self.keep_open_for_mac(row);
        }
        if peers && ticket != 0 {
            self.mirror.hold(row, ticket, news);
        }
        let unnamed = hop == Some(Hop::Unnamed);
        let sinks = managed && matches!(self.footed(row), mac_rows::Footed::Lacks(..));
        if refusal.is_some() || withheld || unnamed || sinks || self.mirror.may_be_exception(row) {
            self.mirror.note(row);
        }
        self.release_vacant(row);
    }

    /// True when the ASIC holds, or may hold, something of ours for the row.
    fn holds(&self, row: RowId) -> bool {
        self.mirror.is_present(row) || self.routes.is_present(row)
    }

    /// Gives the row back if nobody needs it any more.
    fn release_vacant(&mut self, row: RowId) {
        let vacant = self.mirror.is_vacant(row) && self.routes.is_vacant(row) && self.kernel.is_done(row);
        if vacant && self.macs.of(row).is_none() {
            self.tell_disowned();
            self.table.release(row);
        }
    }

    /// Neighbours that the NOS uses, or uses no more.
    fn set_in_use(&mut self, keys: &[Key], used: bool) {
        for key in keys {
            let row = if used { self.table.adopt(key) } else { self.table.find(key) };
            if let Some(row) = row {
                self.mirror.pin(self.now, row, used);
                self.release_vacant(row);
            }
        }
    }

    /// The switch as a whole began to be in trouble.
    fn tell_trouble(&mut self, trouble: Option<crate::sai::status::Status>) {
        if let Some(status) = trouble {
            self.say(Event::AsicTrouble { status });
        }
    }

    fn tell_vrf_conflict(&mut self, interface: InterfaceId) {
        if let Some((theirs, ours)) = self.table.vrf_conflict(interface) {
            self.say(Event::VrfDiffers { interface, theirs, ours });
        }
    }

    fn tell_progress(&mut self) {
        let mut news = Vec::new();
        self.table.take_news(&mut news);
        for news in news {
            self.say(match news {
                News::Refused(key, refusal) => {
                    self.tell_refused(key, Reason::Refused(refusal), None);
                    continue;
                }
                News::Froze(key, time) => Event::Frozen { key, for_ms: time.as_millis() as u64 },
                News::Thawed(key) => Event::Thawed { key },
                News::Probe(key) => Event::Probe { key },
                News::Disputed { key, ours, theirs } => Event::StaticDisputed { key, ours, theirs },
            });
        }
        if let Some(elapsed) = self.mirror.poll_synced(self.now) {
            let elapsed_ns = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
            self.counts.last_sync_ns = elapsed_ns;
            self.say(Event::SyncProgrammed { elapsed_ns });
        }
        self.tell_admission();
        self.tell_hosts();
        while let Some(row) = self.mirror.poll_taken_away() {
            let key = self.table.key(row);
            self.say(Event::TakenAway { key });
        }
        self.tell_released();
        self.tell_repointed();
    }

    fn say(&mut self, event: Event) {
        self.history.note(self.now, &event);
        self.out.push_back(Output::Event(event));
    }
}

/// An operation on a neighbour.
fn neighbor_op(table: &Table, row: RowId, rif: Rif, host: Option<Host>) -> Op {
    Op { row, rif: rif.oid, ip: table.ip(row), host: host.unwrap_or_default() }
}
