//! The core thread: owns the node, reads the clock for it, and joins it with the other threads.
//!
//! Its inboxes, each bounded, each emptied in turn a little at a time, so that none starves another: a peer that
//! floods us does not keep the ASIC's answers waiting. What the node puts out goes to bounded channels by `try_send`;
//! what a full one does not take waits here, in order. How much that can be is bounded by the node itself: the session
//! hands out no more bytes than its write window, the mirror no more batches than it may have in flight.
//!
//! Links go first: what the kernel and SAI say of ports is taken before everything else, and again between two pieces of
//! anything that comes in bulk.
//!
//! Invariant: nothing in here waits for anything but the inboxes.

mod ports;

mod answer;
mod fed;
mod gate;

use super::asic::{AsicHandle, Done, Order};
use super::configure::Adopt;
use super::ctl::protocol::{ConfigView, InterfaceView, Reply, Request};
use super::ctl::read_back::Rifs;
use super::kernel::outlet::KernelOutlet;
use super::learn::{InterfaceFacts, Learned};
use super::links::LinkWord;
use super::members::Members;
use super::peer::PeerOutlet;
use super::record::Recorder;
use super::source::SourceWord;
use crate::addr::InterfaceId;
use crate::limits;
use crate::neighbor::Key;
use crate::node::Node;
use crate::node::io::{Adopted, Binding, Event, FdbMode, Input, Limits, Member, Ours, Output};
use crate::node::ready::Ready;
use crate::sai::{Notices, Oid, PortState, id};
use crate::session::io::{DownReason, SessionInput, Transport};
use crate::time::Time;
use crossbeam_channel::{Receiver, Select, Sender};
use gate::Gate;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long one inbox is emptied before the others have their turn: four of them, and a question is still answered
/// within a blink.
const TURN: Duration = Duration::from_millis(10);
/// Sleeps no longer than this, so that a batch that a full channel did not take is offered again.
const RETRY: Duration = Duration::from_millis(5);
/// While a batch is with the ASIC, it is looked after this often.
const WATCH: Duration = Duration::from_millis(500);

/// A question of the control socket's, and what to do with the answer.
pub(crate) struct Question {
    /// What is asked; reading the ASIC and changing the configuration are not the core's to answer.
    pub(crate) request: Request,
    /// The entries that [`Request::Repair`] is about.
    pub(crate) keys: Vec<Key>,
    /// Takes the answer; must not wait.
    pub(crate) answer: Box<dyn FnOnce(Reply) + Send>,
}

/// Told of every event, in order; must not wait.
pub(crate) type News = Box<dyn FnMut(&Event) + Send>;

/// The core's ends of all channels.
pub(crate) struct Links {
    /// From the watcher of the ports' network devices.
    pub(crate) links: Receiver<LinkWord>,
    /// From SAI, of its own accord.
    pub(crate) notices: Option<Notices>,
    /// From SAI, when it was asked how the front ports are.
    pub(crate) port_states: Receiver<PortStates>,
    /// Where that is answered.
    pub(crate) port_states_in: Sender<PortStates>,
    /// From the learner.
    pub(crate) learned: Receiver<Learned>,
    /// From the NOS that links the library.
    pub(crate) fed: Receiver<Input>,
    /// What is ours in the ASIC, said once; until then nothing is taken from the NOS.
    pub(crate) warm: Option<Receiver<Ours>>,
    /// To the NOS.
    pub(crate) news: Option<News>,
    /// From the watcher of the channel's source address.
    pub(crate) source: Receiver<SourceWord>,
    /// From whoever commits a configuration.
    pub(crate) adopt: Receiver<Adopt>,
    /// From the socket's owner.
    pub(crate) session: Receiver<SessionInput>,
    /// From the SAI thread.
    pub(crate) done: Receiver<Done>,
    /// From the control socket.
    pub(crate) questions: Receiver<Question>,
    /// Never sends; its end wakes the core up to look at `stop`.
    pub(crate) stopped: Receiver<()>,
    /// To the socket's owner.
    pub(crate) peer: PeerOutlet,
    /// To the SAI thread.
    pub(crate) asic: AsicHandle,
    /// To the kernel mirror, where there is one, and from it.
    pub(crate) kernel: Option<KernelOutlet>,
}

/// What the core knows of the configuration, for the interfaces' bindings and for showing it.
pub(crate) struct Known {
    /// The configuration in force; its interfaces are kept current by what the learner tells.
    pub(crate) config: ConfigView,
    /// The number of the order that the source watcher's words must answer.
    pub(crate) watch: u64,
    /// The router interfaces, published for whoever reads the ASIC back.
    pub(crate) rifs: Rifs,
}

/// The core, ready to run on its thread.
pub(crate) struct Core {
    node: Node,
    links: Links,
    known: Known,
    recorder: Option<Recorder>,
    epoch: Instant,
    /// When the node was told something last: its views speak of that instant.
    told: Time,
    stop: Arc<AtomicBool>,
    held_transport: VecDeque<Transport>,
    held_orders: VecDeque<Order>,
    /// Batches that the SAI thread has and has not answered.
    in_flight: usize,
    /// Alarms given for the call that is in SAI now.
    alarmed: usize,
    bindings: BTreeMap<InterfaceId, Binding>,
    members: Members,
    /// The switch said that it is not to be used, and not yet that it is again.
    switch_down: bool,
    /// Front ports are to be asked for, and the SAI thread did not take it yet.
    ports_to_ask: bool,
    /// Entries of ours whose interfaces are not bound yet; `None` where no journal is kept for a NOS.
    unbound: Option<BTreeMap<InterfaceId, Vec<Adopted>>>,
    /// Router interfaces that the journal names until nothing of ours is left on them.
    leaving: BTreeMap<InterfaceId, Oid<id::RouterInterface>>,
    /// Bridge ports that were probed for protection.
    probed: BTreeSet<Oid<id::BridgePort>>,
    gate: Gate,
}

/// How front ports are.
pub(crate) type PortStates = Vec<(Oid<id::Port>, PortState)>;

impl Core {
    /// A core around a new node.
    pub(crate) fn new(
        node: Node,
        links: Links,
        members: Members,
        known: Known,
        recorder: Option<Recorder>,
        stop: Arc<AtomicBool>,
    ) -> Core {
        Core {
            node,
            links,
            known,
            recorder,
            epoch: Instant::now(),
            told: Time::ZERO,
            stop,
            held_transport: VecDeque::new(),
            held_orders: VecDeque::new(),
            in_flight: 0,
            alarmed: 0,
            bindings: BTreeMap::new(),
            members,
            switch_down: false,
            ports_to_ask: false,
            unbound: None,
            leaving: BTreeMap::new(),
            probed: BTreeSet::new(),
            gate: Gate::default(),
        }
    }

    /// Tells the node its bindings, what is ours in the ASIC, and its channel, and serves until it is told to stop; then it says goodbye, and after
    /// which time it means to be back, unless that is zero.
    pub(crate) fn run(
        mut self,
        room: Limits,
        bindings: Vec<Binding>,
        adopted: Ours,
        channel: Option<crate::session::io::Settings>,
        restart_ms: u32,
    ) {
        if self.links.kernel.as_ref().is_some_and(|kernel| kernel.view().mirror) {
            self.tell(Input::KernelMirror);
        }
        self.tell_ports();
        if room != Limits::default() {
            self.tell(Input::Limits(room));
        }
        for binding in bindings {
            self.bind(binding);
        }
        self.take_over_rest(&adopted);
        self.take_over(&adopted.neighbors);
        self.tell(Input::Session(SessionInput::Configure(channel)));
        while !self.stop.load(Ordering::Relaxed) {
            self.wait();
            self.take_turns();
            self.flush();
            if self.in_flight > 0 || self.alarmed > 0 {
                self.watch_asic();
            }
            let now = self.now();
            if let Some(recorder) = &mut self.recorder {
                recorder.tick(now);
            }
        }
        self.tell(Input::Session(SessionInput::Leave { restart_ms }));
        self.hand_over_last_words();
        if let Some(recorder) = &mut self.recorder {
            recorder.flush();
        }
    }

    /// Waits, for a moment, until the socket's owner has taken every order. It may be waiting for us to take its
    /// reports, which nobody needs any more.
    fn hand_over_last_words(&mut self) {
        let deadline = Instant::now() + limits::LAST_WORDS;
        loop {
            self.flush();
            let Some(commands) = self.links.peer.commands().filter(|_| !self.held_transport.is_empty())
            else {
                return;
            };
            let mut select = Select::new();
            select.send(commands);
            select.recv(&self.links.session);
            if select.ready_deadline(deadline).is_err() {
                return;
            }
            while self.links.session.try_recv().is_ok() {}
        }
    }

    fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    /// Sleeps until an inbox has something, a held output can go, or the node is due.
    fn wait(&self) {
        let Links { links, notices, port_states, kernel, .. } = &self.links;
        let Links { learned, fed, warm, source, adopt, session, done, questions, stopped, peer, .. } =
            &self.links;
        let mut select = Select::new();
        select.recv(links);
        select.recv(port_states);
        if let Some(notices) = notices {
            notices.urgent.select(&mut select);
            notices.fdb.select(&mut select);
        }
        select.recv(learned);
        match warm {
            Some(warm) => _ = select.recv(warm),
            None => _ = select.recv(fed),
        }
        select.recv(source);
        select.recv(adopt);
        select.recv(session);
        select.recv(done);
        select.recv(questions);
        select.recv(stopped);
        if let Some(kernel) = kernel {
            select.recv(kernel.inbox());
        }
        if let Some(commands) = peer.commands().filter(|_| !self.held_transport.is_empty()) {
            select.send(commands);
        }
        let now = self.now();
        let due = self.node.next_wake().map(|at| at.since(now));
        let held = !self.held_orders.is_empty()
            || self.ports_to_ask
            || kernel.as_ref().is_some_and(KernelOutlet::is_holding);
        let retry = held.then_some(RETRY);
        let watch = (self.in_flight > 0).then_some(WATCH);
        let flush = self.recorder.as_ref().and_then(|recorder| recorder.due()).map(|at| at.since(now));
        match [due, retry, watch, flush].into_iter().flatten().min() {
            Some(patience) => _ = select.ready_timeout(patience),
            None => _ = select.ready(),
        }
    }

    /// Says once, after each of some times, that a SAI call does not come back; and that it has.
    fn watch_asic(&mut self) {
        let inside = self.links.asic.health().in_call_for.unwrap_or_default();
        let passed = limits::CALL_ALARMS.iter().filter(|after| inside >= **after).count();
        let before = std::mem::replace(&mut self.alarmed, passed);
        if passed < before {
            // Another one may be inside already.
            self.tell(Input::Hanging { for_ms: 0 });
        }
        if passed > before || passed > 0 && passed < before {
            self.tell(Input::Hanging { for_ms: u64::try_from(inside.as_millis()).unwrap_or(u64::MAX) });
        }
    }

    /// Empties the inboxes a little, and lets time pass for the node.
    fn take_turns(&mut self) {
        self.take_urgent();
        self.take_fdb_notices();
        let turn = Turn::begin();
        while let Some(question) = turn.next(&self.links.questions) {
            let reply = self.answer(question.request, question.keys);
            (question.answer)(reply);
        }
        let turn = Turn::begin();
        while let Some(adopt) = turn.next(&self.links.adopt) {
            self.adopt(adopt);
        }
        while let Some(SourceWord { order, present }) = turn.next(&self.links.source) {
            // One about an earlier configuration's address says nothing of this one's.
            if order == self.known.watch {
                self.tell(Input::Session(SessionInput::SourcePresent(present)));
            }
        }
        let turn = Turn::begin();
        while let Some(input) = turn.next(&self.links.session) {
            self.tell(Input::Session(input));
            self.take_urgent();
        }
        let turn = Turn::begin();
        while let Some(told) = self.links.kernel.as_ref().and_then(|kernel| turn.next(kernel.inbox())) {
            self.tell(KernelOutlet::input(told));
        }
        let turn = Turn::begin();
        while let Some(learned) = turn.next(&self.links.learned) {
            self.learn(learned);
            self.take_urgent();
        }
        self.take_warm();
        let turn = Turn::begin();
        while self.links.warm.is_none()
            && let Some(input) = turn.next(&self.links.fed)
        {
            self.feed(input);
            self.take_urgent();
        }
        if self.node.next_wake().is_some_and(|at| at <= self.now()) {
            self.tell(Input::Wake);
        }
    }

    /// Links, then the ASIC's answers.
    fn take_urgent(&mut self) {
        self.take_links();
        self.take_answers();
    }

    /// Until the ASIC's answers are taken, its thread has nothing to do.
    fn take_answers(&mut self) {
        let turn = Turn::begin();
        while let Some(done) = turn.next(&self.links.done) {
            self.in_flight = self.in_flight.saturating_sub(usize::from(done.is_answer()));
            self.tell(done.into());
        }
    }

    fn learn(&mut self, learned: Learned) {
        match learned {
            Learned::DumpBegin => self.tell(Input::DumpBegin),
            Learned::DumpEnd => self.tell(Input::DumpEnd),
            Learned::Complete => self.tell(Input::LocalComplete),
            Learned::Evidence(evidence) => self.tell(Input::Evidence(evidence)),
            Learned::Interface(InterfaceFacts { interface, mac, addresses }) => {
                let Some(binding) = self.bindings.get(&interface) else { return };
                let mac = mac.unwrap_or(binding.mac);
                self.bind(Binding { mac, addresses, ..binding.clone() });
            }
        }
    }

    fn adopt(&mut self, Adopt { channel, dfs_group, watch, done }: Adopt) {
        self.known.config.dfs_group = dfs_group;
        self.known.watch = watch;
        self.tell(Input::Session(SessionInput::Configure(channel)));
        // Whoever asked may have given up.
        let _ = done.try_send(());
    }

    fn bind(&mut self, binding: Binding) {
        if self.bindings.get(&binding.interface) == Some(&binding) {
            return;
        }
        self.bindings.insert(binding.interface, binding.clone());
        let shown = self.known.config.interfaces.iter_mut().find(|shown| shown.name == binding.interface);
        if let Some(shown) = shown {
            let InterfaceView { vrf, rif, mac, addresses, .. } = shown;
            (*vrf, *rif) = (binding.vrf.clone(), binding.rif.raw());
            (*mac, *addresses) = (binding.mac, binding.addresses.clone());
        }
        self.known.rifs.set(binding.interface, Some(binding.rif));
        self.tell(Input::Bind(binding));
    }

    /// Tells the node, and takes from it what it puts out.
    fn tell(&mut self, input: Input) {
        let now = self.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.note(now, &input);
        }
        self.told = now;
        // Whoever programs the FDB wants to know whether a member's port can be protected.
        if let Input::Member(Member { port: Some(port), .. }) = input
            && self.node.settings().fdb == FdbMode::Managed
            && self.probed.insert(port)
        {
            self.held_orders.push_back(Order::Probe(port));
        }
        self.node.handle(now, input);
        while let Some(output) = self.node.poll() {
            match output {
                Output::Transport(transport) => self.held_transport.push_back(transport),
                Output::Program(batch) => self.held_orders.push_back(Order::Program(batch)),
                Output::Fdb(batch) => self.held_orders.push_back(Order::Fdb(batch)),
                Output::Route(batch) => self.held_orders.push_back(Order::Route(batch)),
                Output::Protect { port, by: _, on } => {
                    self.held_orders.push_back(Order::Protect { port, on });
                }
                Output::Survey => self.held_orders.push_back(Order::Survey),
                Output::Disown(entries) => self.held_orders.push_back(Order::Disown(entries)),
                Output::Kernel(word) => {
                    if let Some(kernel) = &mut self.links.kernel {
                        kernel.word(word);
                    }
                }
                Output::Event(event) => {
                    if let Some(kernel) = &mut self.links.kernel {
                        kernel.hear(&mut self.node, &event);
                    }
                    if let Event::Released { interface } = event
                        && let Some(rif) = self.leaving.remove(&interface)
                    {
                        self.held_orders.push_back(Order::Bound { interface, rif, gone: true });
                    }
                    self.gate.announce(now, &event);
                    if let Some(news) = &mut self.links.news {
                        news(&event);
                    }
                }
            }
        }
        self.flush();
    }

    /// Hands out what waits, as far as the channels take it.
    fn flush(&mut self) {
        self.links.peer.send(&mut self.held_transport);
        if let Some(kernel) = &mut self.links.kernel {
            kernel.flush();
        }
        while let Some(order) = self.held_orders.pop_front() {
            let is_answered = order.is_answered();
            if let Err(back) = self.links.asic.order(order) {
                self.held_orders.push_front(back);
                break;
            }
            self.in_flight += usize::from(is_answered);
        }
    }
}

/// One inbox's turn.
struct Turn(Instant);

impl Turn {
    fn begin() -> Turn {
        Turn(Instant::now())
    }

    /// True while it lasts.
    fn check(&self) -> bool {
        self.0.elapsed() < TURN
    }

    /// The inbox's next message, while the turn lasts.
    fn next<T>(&self, inbox: &Receiver<T>) -> Option<T> {
        if self.check() { inbox.try_recv().ok() } else { None }
    }
}

/// Writes an event to the log.
fn announce(event: &Event) {
    match event {
        Event::SessionUp { peer } => tracing::info!(%peer, "session up"),
        // On its way up, or not wanted: nothing is wrong.
        Event::SessionDown {
            reason: reason @ (DownReason::Connecting | DownReason::Handshake | DownReason::NotConfigured),
        } => tracing::info!(because = %reason, "session down"),
        Event::SessionDown { reason } => tracing::warn!(because = %reason, "session down"),
        Event::SyncBegan => tracing::info!("the peer begins to name everything"),
        Event::SyncEnded { claims, swept } => tracing::info!(claims, swept, "the peer has named everything"),
        Event::CopyTruncated { claims } => {
            tracing::warn!(claims, "the peer claims more than is kept of it; the rest is dropped")
        }
        Event::SweepHeld { claims, named } => tracing::warn!(
            claims,
            named,
            "the peer did not name most of what is held of it; it stays until the stale timer ends or an operator releases it"
        ),
        Event::LeftoversHeld { entries } => tracing::warn!(
            entries,
            "most of what is in the ASIC from before the restart is claimed by nobody; it stays until the stale timer ends or an operator releases it"
        ),
        Event::LeftoversSwept { entries } => {
            tracing::info!(
                entries,
                "what was in the ASIC from before the restart and nobody claims is removed"
            )
        }
        Event::Swept { claims } => tracing::info!(claims, "what awaited a sweep was swept"),
        Event::CopyDiffers { told, held, times } => {
            tracing::warn!(told, held, times, "what is held is not what the peer says it told")
        }
        Event::StaleEnded { gone, probed } => {
            tracing::warn!(gone, probed, "the peer has not come back: its single-homed hosts are given up")
        }
        Event::GhostsEnded { gone } => tracing::warn!(gone, "the peer's last claims are given up"),
        Event::PeerRestarts { after_ms } => tracing::info!(after_ms, "the peer leaves to come back"),
        Event::CopyRepaired { buckets } => {
            tracing::warn!(buckets, "the copy of the peer's claims was not what it told, and is again")
        }
        Event::CopyUnrepaired { told, held } => tracing::error!(
            told,
            held,
            "the copy of the peer's claims is not what it tells, and telling it again does not help"
        ),
        Event::SelfReady { state } => announce_ready("this switch", *state),
        Event::PeerReady { state } => announce_ready("the peer", *state),
        Event::Confirmed { key } => tracing::debug!(%key, "a host of ours answered the peer"),
        Event::Repointed { mlag, entries, protected, elapsed_ns } => {
            tracing::warn!(
                %mlag,
                entries,
                protected,
                elapsed_ms = elapsed_ns / 1_000_000,
                "the hosts of the M-LAG are reached the other way"
            );
        }
        Event::ProtectionFailed { mlag } => {
            tracing::error!(mlag = ?mlag.map(|mlag| mlag.to_string()), "a port cannot be protected; its hosts are pointed elsewhere one by one")
        }
        Event::ProtectionStuck { mlag } => {
            tracing::error!(mlag = ?mlag.map(|mlag| mlag.to_string()), "a port that forwards again does not leave its protection; it is asked again and again")
        }
        Event::PeerLinkGivenUp { given_up: true } => {
            tracing::error!("the peer-link is down for too long; hosts without another way are taken out")
        }
        Event::PeerLinkGivenUp { given_up: false } => tracing::warn!("the peer-link is back"),
        Event::KeptInUse { key } => {
            tracing::warn!(%key, "nobody claims the neighbour any more, and it stays because a next hop uses it")
        }
        Event::SyncProgrammed { elapsed_ns } => {
            tracing::info!(
                elapsed_ms = elapsed_ns / 1_000_000,
                "everything that the peer named is in the ASIC"
            );
        }
        Event::Resumed { position } => {
            tracing::info!(position = position.0, "the peer holds what it was told up to here")
        }
        Event::EndSent { position } => {
            tracing::info!(position = position.0, "the peer has been told everything")
        }
        Event::AsicDown { why } => {
            tracing::error!(?why, "the ASIC takes no order any more; nothing is programmed until it is back")
        }
        Event::AsicRestarted { intact, entries } => {
            tracing::warn!(?intact, entries, "the ASIC is back; what it should hold is looked at")
        }
        Event::AsicRestored { entries, written } => {
            tracing::info!(entries, written, "the ASIC holds again what it should")
        }
        Event::Repaired { key, found } => {
            tracing::warn!(%key, found = ?found.map(|mac| mac.to_string()), "an entry was not in the ASIC as it should be, and is programmed again")
        }
        Event::MoreRepaired { entries } => {
            tracing::warn!(entries, "so many more entries were not in the ASIC as they should be")
        }
        Event::Contested { key, found } => {
            tracing::error!(%key, found = ?found.map(|mac| mac.to_string()), "somebody else writes this entry; it is left alone for a while")
        }
        Event::Asynchronous { early: true } => tracing::warn!(
            "the SAI library says that it is done before it is; every entry is read back before it counts"
        ),
        Event::Asynchronous { early: false } => {
            tracing::info!(
                "the SAI library says that it is done when it is; entries are not read back any more"
            )
        }
        Event::ForeignEntries { entries: 0 } => {
            tracing::info!("the ASIC holds no entry any more on our interfaces that is not ours")
        }
        Event::WritesLost { entries, example } => tracing::error!(
            entries,
            example = example.map(|key| key.to_string()),
            "the ASIC says SUCCESS and these entries are never there; they are tried again ever more seldom"
        ),
        Event::JournalFull { why, records } => tracing::error!(
            records,
            todo = why.advice(),
            "the journal cannot grow: what is programmed from now on will not be known for ours after a restart"
        ),
        Event::JournalHasRoom { records } => tracing::info!(records, "the journal has room again"),
        Event::ForeignEntries { entries } => {
            tracing::warn!(entries, "the ASIC holds entries on our interfaces that are not ours; they stay")
        }
        Event::AsicTrouble { status } => {
            tracing::error!(status = status.0, "the ASIC as a whole cannot; backing off")
        }
        Event::AsicHangs { for_ms } => tracing::error!(
            seconds = for_ms / 1000,
            "a SAI call does not come back; nothing is programmed meanwhile"
        ),
        Event::AsicBack => tracing::info!("the SAI call that did not come back has come back"),
        Event::PeerAsic { hangs: true } => {
            tracing::warn!(
                "a SAI call of the peer's does not come back; nothing is programmed there meanwhile"
            )
        }
        Event::PeerAsic { hangs: false } => tracing::info!("the peer's SAI call has come back"),
        Event::Released { interface } => tracing::info!(%interface, "nothing is left on the interface"),
        Event::VrfDiffers { interface, theirs, ours } => {
            tracing::warn!(%interface, %theirs, %ours, "the interface lies in another VRF at the peer");
        }
        Event::Frozen { key, for_ms } => tracing::error!(
            %key,
            for_s = for_ms / 1000,
            "the host moves too often between the two switches: is its address used twice, or is there a loop?"
        ),
        Event::TakenAway { key } => {
            tracing::warn!(%key, "an entry of the NOS's was removed by an operation under way; it is to be programmed again");
        }
        Event::Threshold { scope, percent, used, of, rising: true } => {
            tracing::warn!(percent, used, of, "{scope} has come to be this full")
        }
        Event::Threshold { scope, percent, used, of, rising: false } => {
            tracing::info!(percent, used, of, "{scope} is not so full any more")
        }
        Event::Rejects { reason, scope, count, example, waiting, used, of } => {
            let of = of.map_or("an unknown number".to_owned(), |of| of.to_string());
            tracing::error!(?reason, count, %example, waiting, used, of, "hosts have no room in {scope}")
        }
        Event::Refused { key, reason, status } => {
            tracing::debug!(%key, ?reason, status = status.map(|status| status.0), "the host is refused")
        }
        Event::MoreRefused { hosts } => tracing::warn!(hosts, "so many more hosts are refused"),
        Event::Adopted { key, found } => {
            tracing::debug!(%key, %found, "the entry was in the ASIC already, and is taken over")
        }
        Event::MoreAdopted { entries } => {
            tracing::info!(entries, "so many more entries were in the ASIC already, and are taken over")
        }
        Event::Thawed { key } => tracing::info!(%key, "the host may move again"),
        Event::Probe { key } => tracing::debug!(%key, "is the host still there?"),
        Event::StaticDisputed { key, ours, theirs } => {
            tracing::warn!(%key, %ours, %theirs, "the peer contradicts a static entry; ours counts here");
        }
    }
}

fn announce_ready(who: &str, state: Ready) {
    match state {
        Ready::Proved => tracing::info!("{who} is ready: its ASIC holds what the other one told"),
        Ready::Waiting { why } => tracing::warn!("{who} is not ready: {why}"),
        Ready::Fallback { why } => {
            tracing::warn!("{who} counts as ready although {why}: it was waited for long enough")
        }
    }
}
