//! A node with everything around it that is not fuzzed: sockets that work, an ASIC that answers.
//!
//! What must hold after every input is held here.

use mlagsync::addr::{InterfaceId, Mac, NodeId, VlanId, VpnInstance};
use mlagsync::limits;
use mlagsync::mirror::batch::{Batch, BatchDone, OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Binding, Event, Evidence, Input, Output};
use mlagsync::node::view::{NeighborFilter, NeighborView, Origin};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::sai::{Oid, Status};
use mlagsync::session::io::{Cause, ConnId, DownReason, ListenId, Role, SessionInput, Settings, Transport};
use mlagsync::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

pub(crate) const ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(10, 1, 0, 3)), IpAddr::V4(Ipv4Addr::new(10, 1, 0, 4))];
pub(crate) const PORT: u16 = 2048;

/// More outputs than one input may bring forth: a window's frames, batches, and news of each interface.
const MOST_OUTPUTS: usize = 20_000;
/// Wakes without progress: a timer that is due again and again at the same instant would never let the device sleep.
const MOST_WAKES: u32 = 100;

pub(crate) struct Device {
    pub(crate) node: Node,
    pub(crate) now: Time,
    pub(crate) side: usize,
    listener: Option<ListenId>,
    /// What it asked to be dialled, and nobody has answered.
    pub(crate) dialled: Option<ConnId>,
    /// Connections that stand, with what the kernel has not taken.
    pub(crate) open: BTreeMap<ConnId, u64>,
    /// What it sent and nobody has fetched.
    pub(crate) sent: Vec<(ConnId, Vec<u8>)>,
    /// What it closed and nobody has heard of.
    pub(crate) closed: Vec<ConnId>,
    pub(crate) batches: VecDeque<Batch>,
    held: BTreeMap<(u64, IpAddr), mlagsync::neighbor::Host>,
    /// The last input ended the session for what the peer sent.
    pub(crate) faulted: bool,
    /// All news so far.
    pub(crate) news: Vec<Event>,
    made: u64,
}

pub(crate) fn vlanif(n: u8) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(u32::from(n) + 1).expect("a VLAN"))
}

pub(crate) fn settings(side: usize) -> Settings {
    Settings {
        node_id: NodeId(side as u64 + 1),
        group: 1,
        source: ADDRESSES[side],
        peer: ADDRESSES[1 - side],
        vpn: VpnInstance::public(),
        port: PORT,
        hold: limits::HOLD,
        keepalive: limits::KEEPALIVE,
        connect: Default::default(),
        security: Default::default(),
        facts: Default::default(),
    }
}

impl Device {
    /// One that has three interfaces, two neighbours, and a channel that nobody has answered on.
    pub(crate) fn new(side: usize) -> Device {
        Device::with(settings(side), side)
    }

    /// One whose channel has these settings.
    pub(crate) fn with(settings: Settings, side: usize) -> Device {
        let ownership = Ownership::default();
        let mut device = Device {
            node: Node::new(NodeSettings {
                seed: 7 + side as u64,
                ownership,
                fdb: Default::default(),
                tuning: Tuning::default(),
            }),
            now: Time::ZERO + Duration::from_secs(1),
            side,
            listener: None,
            dialled: None,
            open: BTreeMap::new(),
            sent: Vec::new(),
            closed: Vec::new(),
            batches: VecDeque::new(),
            held: BTreeMap::new(),
            faulted: false,
            news: Vec::new(),
            made: 1 << 63,
        };
        (0..3).for_each(|n| device.bind(n));
        for n in 0..2 {
            device.learn(n, 100 + n + 10 * side as u8, n, true);
        }
        device.tell(Input::LocalComplete);
        device.configure(Some(settings));
        device
    }

    pub(crate) fn bind(&mut self, n: u8) {
        self.tell(Input::Bind(Binding {
            interface: vlanif(n),
            vrf: VpnInstance::public(),
            rif: Oid::from_raw(0x1000 + u64::from(n)),
            mac: Mac([2, 0, 0, 0, 0, 0xfe]),
            addresses: vec![format!("10.{n}.0.1/16").parse().expect("a subnet")],
            state: Default::default(),
            footing: Default::default(),
        }));
    }

    pub(crate) fn learn(&mut self, interface: u8, host: u8, mac: u8, fresh: bool) {
        let key = key(interface, host);
        let mac = Mac([2, 0, 0, 1, self.side as u8, mac]);
        let attachment = if host.is_multiple_of(2) { Attachment::Orphan } else { Attachment::Fabric };
        let flags = Flags::default();
        self.tell(Input::Evidence(vec![Evidence::Learned { key, mac, attachment, flags, fresh }]));
    }

    pub(crate) fn forget(&mut self, interface: u8, host: u8) {
        self.tell(Input::Evidence(vec![Evidence::Forgotten { key: key(interface, host) }]));
    }

    pub(crate) fn configure(&mut self, settings: Option<Settings>) {
        self.session(SessionInput::Configure(settings));
        self.session(SessionInput::SourcePresent(true));
    }

    pub(crate) fn session(&mut self, input: SessionInput) {
        self.tell(Input::Session(input));
    }

    /// Tells the node something and takes what it answers.
    pub(crate) fn tell(&mut self, input: Input) {
        self.faulted = false;
        self.node.handle(self.now, input);
        let mut outputs = 0;
        while let Some(output) = self.node.poll() {
            outputs += 1;
            assert!(outputs < MOST_OUTPUTS, "one input brings forth {outputs} outputs and more");
            self.take(output);
        }
        for (conn, outstanding) in &self.open {
            let most = (limits::WRITE_WINDOW + limits::MAX_FRAME) as u64;
            assert!(*outstanding <= most, "{outstanding} bytes wait on {conn:?}");
        }
        assert!(self.open.len() <= 64 + limits::MAX_PENDING);
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Transport(Transport::Listen { listener, .. }) => {
                self.listener = Some(listener);
                // Answered when it is looked at next.
                self.closed.retain(|conn| self.open.contains_key(conn));
            }
            Output::Transport(Transport::Dial { conn, .. }) => self.dialled = Some(conn),
            Output::Transport(Transport::Send { conn, bytes }) => {
                if let Some(outstanding) = self.open.get_mut(&conn) {
                    *outstanding += bytes.len() as u64;
                    self.sent.push((conn, bytes));
                }
            }
            Output::Transport(Transport::Close { conn, .. }) => {
                if self.open.remove(&conn).is_some() {
                    self.closed.push(conn);
                }
                self.dialled.take_if(|dialled| *dialled == conn);
            }
            Output::Protect { .. } => unreachable!("nobody says that a port can be protected"),
            Output::Transport(_) | Output::Disown(_) | Output::Survey => {}
            Output::Fdb(_) | Output::Route(_) | Output::Kernel(_) => {
                unreachable!("no FDB of ours here, and no routed interface")
            }
            Output::Program(batch) => self.batches.push_back(batch),
            Output::Event(event) => {
                self.faulted |=
                    matches!(&event, Event::SessionDown { reason: DownReason::ProtocolError { .. } });
                self.news.push(event);
            }
        }
    }

    /// Does what its surroundings do by themselves: listening succeeds, the kernel takes bytes.
    pub(crate) fn settle(&mut self) {
        if let Some(listener) = self.listener.take() {
            self.session(SessionInput::Listening { listener, result: Ok(()) });
        }
        let waiting: Vec<_> = self.open.iter().map(|(conn, bytes)| (*conn, *bytes)).collect();
        for (conn, bytes) in waiting.into_iter().filter(|(_, bytes)| *bytes > 0) {
            self.open.insert(conn, 0);
            self.session(SessionInput::Written { conn, bytes });
        }
    }

    /// The ASIC answers its oldest batch: `refuses` the first operation, or does all.
    pub(crate) fn asic(&mut self, how: u8) {
        let Some(batch) = self.batches.pop_front() else { return };
        let outcome = |n: usize, kind: OpKind, held: Option<mlagsync::neighbor::Host>| match how {
            1 if n == 0 => Outcome::Refused(Status::from(-7)),
            2 if n == 0 => Outcome::Unknown(Status::from(-1)),
            3 => Outcome::NotExecuted,
            _ if kind == OpKind::Read => Outcome::Held(held),
            _ => Outcome::Done,
        };
        let mut outcomes = Vec::new();
        for (n, op) in batch.ops.iter().enumerate() {
            let at = (op.rif.raw(), op.ip);
            let outcome = outcome(n, batch.kind, self.held.get(&at).copied());
            if outcome == Outcome::Done {
                match batch.kind {
                    OpKind::Remove => _ = self.held.remove(&at),
                    _ => _ = self.held.insert(at, op.host),
                }
            }
            outcomes.push(outcome);
        }
        let done = BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 };
        self.tell(Input::BatchDone(done));
    }

    /// Lets time pass; every timer that is due on the way is heard.
    pub(crate) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        let mut at_this_instant = 0;
        while let Some(wake) = self.node.next_wake().filter(|wake| *wake <= until) {
            at_this_instant = if wake > self.now { 0 } else { at_this_instant + 1 };
            assert!(at_this_instant < MOST_WAKES, "a timer is due without end");
            self.now = self.now.max(wake);
            self.tell(Input::Wake);
        }
        self.now = until;
    }

    /// A connection from `from` stands.
    pub(crate) fn accept(&mut self, from: IpAddr) -> ConnId {
        self.made += 1;
        let conn = ConnId(self.made);
        self.open.insert(conn, 0);
        let remote = SocketAddr::new(from, 40_000);
        self.session(SessionInput::Connected { conn, role: Role::Accepted, remote });
        conn
    }

    /// What it dialled stands.
    pub(crate) fn answer(&mut self) -> Option<ConnId> {
        let conn = self.dialled.take()?;
        self.open.insert(conn, 0);
        let remote = SocketAddr::new(ADDRESSES[1 - self.side], PORT);
        self.session(SessionInput::Connected { conn, role: Role::Dialled, remote });
        Some(conn)
    }

    pub(crate) fn receive(&mut self, conn: ConnId, bytes: &[u8]) {
        if self.open.contains_key(&conn) && !bytes.is_empty() {
            self.session(SessionInput::Bytes { conn, bytes: bytes.to_vec() });
        }
    }

    pub(crate) fn lose(&mut self, conn: ConnId) {
        if self.open.remove(&conn).is_some() {
            self.session(SessionInput::Closed { conn, cause: Cause::Refused });
        }
    }

    /// What it holds of the peer's.
    pub(crate) fn copy(&self) -> Vec<NeighborView> {
        self.claims(Origin::Remote)
    }

    pub(crate) fn claims(&self, origin: Origin) -> Vec<NeighborView> {
        let filter = NeighborFilter { origin: Some(origin), ..NeighborFilter::default() };
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = self.node.neighbors(after, 10_000, &filter);
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// What holds of every node at rest: increments and a full evaluation come to the same.
    pub(crate) fn check(&mut self) {
        self.node.recompute();
        assert_eq!(self.node.poll(), None, "evaluating everything anew changes something");
    }
}

pub(crate) fn key(interface: u8, host: u8) -> Key {
    Key { interface: vlanif(interface), ip: IpAddr::from([10, interface, 0, host]) }
}
