//! What the core costs per entry, both sides by themselves: learn → change → bytes, and bytes → decision → batch.
//!
//! No socket, no thread, no SAI: bytes are handed over in memory, and every batch is answered at once. The bar is
//! 800 ns per entry for both sides together; 400 ns each.
//!
//! `cargo bench --bench core [-- entries]`

use mlagsync::addr::{InterfaceId, Mac, MlagId, NodeId, VlanId, VpnInstance};
use mlagsync::mirror::batch::{Batch, BatchDone, Op, OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Binding, Evidence, Input, Output, RifState};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::sai::Oid;
use mlagsync::session::io::{ConnId, Role, SessionInput, Settings, Transport};
use mlagsync::time::Time;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Entries of one piece of evidence, as a learner hands them over.
const EVIDENCE: usize = 256;
/// Bytes of one read from a socket.
const READ: usize = 64 * 1024;

struct Side {
    node: Node,
    conn: ConnId,
    /// Time spent in the node.
    spent: Duration,
    sent: Vec<u8>,
    batches: Vec<Batch>,
    operations: usize,
    now: Time,
}

impl Side {
    fn new(id: u64, source: &str, peer: &str) -> Self {
        let node = Node::new(NodeSettings {
            seed: id,
            ownership: Ownership::Received,
            fdb: Default::default(),
            tuning: Tuning::default(),
        });
        let (conn, now) = (ConnId(0), Time(1));
        let mut side =
            Side { node, conn, spent: Duration::ZERO, sent: vec![], batches: vec![], operations: 0, now };
        let settings = Settings {
            node_id: NodeId(id),
            group: 1,
            source: source.parse().expect("an address"),
            peer: peer.parse().expect("an address"),
            vpn: VpnInstance::public(),
            port: 2048,
            hold: Duration::from_secs(3600),
            keepalive: Duration::from_secs(600),
            connect: mlagsync::peering::ConnectMode::default(),
            security: mlagsync::peering::Security::default(),
            facts: mlagsync::peering::GroupFacts::default(),
        };
        side.tell(Input::Session(SessionInput::Configure(Some(settings))));
        side.tell(Input::Session(SessionInput::SourcePresent(true)));
        for vlan in 10..18 {
            let v4 = format!("10.{}.0.{id}/14", (vlan - 10) * 4).parse().expect("a subnet");
            let v6 = format!("2001:db8:{vlan}::{id}/64").parse().expect("a subnet");
            side.tell(Input::Bind(Binding {
                interface: vlanif(vlan),
                vrf: VpnInstance::public(),
                rif: Oid::from_raw(u64::from(vlan)),
                mac: Mac([2, 0, 0, 0, 0, 0xfe]),
                addresses: vec![v4, v6],
                state: RifState::Up,
                footing: Default::default(),
            }));
        }
        side
    }

    /// Tells the node something and takes what it asks for.
    fn tell(&mut self, input: Input) {
        let mut listens = None;
        let start = Instant::now();
        self.node.handle(self.now, input);
        while let Some(output) = self.node.poll() {
            match output {
                Output::Transport(Transport::Dial { conn, .. }) => self.conn = conn,
                Output::Transport(Transport::Listen { listener, .. }) => listens = Some(listener),
                Output::Transport(Transport::Send { bytes, .. }) => self.sent.extend_from_slice(&bytes),
                Output::Program(batch) => self.batches.push(batch),
                _ => {}
            }
        }
        self.spent += start.elapsed();
        if let Some(listener) = listens {
            self.tell(Input::Session(SessionInput::Listening { listener, result: Ok(()) }));
        }
    }

    fn answer(&mut self) {
        for batch in std::mem::take(&mut self.batches) {
            // What is read back, to see whether SUCCESS means that it is done, is as it was written.
            let reads = batch.kind == OpKind::Read;
            self.operations += if reads { 0 } else { batch.ops.len() };
            let outcome = |op: &Op| if reads { Outcome::Held(Some(op.host)) } else { Outcome::Done };
            let outcomes = batch.ops.iter().map(outcome).collect();
            let done = BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 };
            self.tell(Input::BatchDone(done));
        }
    }
}

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).expect("a VLAN"))
}

fn key(n: usize) -> Key {
    // Runs of one interface, half of them IPv6.
    let vlan = 10 + (n / 64 % 8) as u32;
    let host = (n / 512 * 64 + n % 64 + 256) as u32;
    let ip: IpAddr = if n.is_multiple_of(2) {
        std::net::Ipv4Addr::from(0x0a00_0000 | (vlan - 10) << 18 | host & 0x3_ffff).into()
    } else {
        let [a, b] = [(host >> 16) as u16, host as u16];
        std::net::Ipv6Addr::new(0x2001, 0xdb8, (vlan / 10 * 16 + vlan % 10) as u16, 0, 0, 0, a, b).into()
    };
    Key { interface: vlanif(vlan), ip }
}

fn evidence(n: usize) -> Evidence {
    let [.., a, b, c] = (n as u32).to_be_bytes();
    let attachment = Attachment::Mlag(MlagId::new(7).expect("an M-LAG"));
    Evidence::Learned {
        key: key(n),
        mac: Mac([2, 1, 1, a, b, c]),
        attachment,
        flags: Flags::default(),
        fresh: true,
    }
}

/// Hands over bytes until both sides fall silent.
fn exchange<'a>(mut from: &'a mut Side, mut to: &'a mut Side) {
    loop {
        let mut quiet = true;
        for _ in 0..2 {
            let bytes = std::mem::take(&mut from.sent);
            for piece in bytes.chunks(READ) {
                quiet = false;
                to.tell(Input::Session(SessionInput::Bytes { conn: to.conn, bytes: piece.to_vec() }));
                let written = piece.len() as u64;
                from.tell(Input::Session(SessionInput::Written { conn: from.conn, bytes: written }));
                to.answer();
            }
            std::mem::swap(&mut from, &mut to);
        }
        if quiet {
            return;
        }
    }
}

fn main() {
    let entries: usize = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(128 * 1024);
    let mut learner = Side::new(4, "10.99.0.4", "10.99.0.3");
    let mut receiver = Side::new(3, "10.99.0.3", "10.99.0.4");
    let start = cpu_ns();
    for first in (0..entries).step_by(EVIDENCE) {
        let pieces = (first..entries.min(first + EVIDENCE)).map(evidence).collect();
        learner.tell(Input::Evidence(pieces));
    }
    let learned = cpu_ns() - start;
    learner.spent = Duration::ZERO;
    receiver.spent = Duration::ZERO;
    learner.tell(Input::LocalComplete);
    receiver.tell(Input::LocalComplete);
    receiver.conn = ConnId(1 << 63);
    let address = |a: &str| SocketAddr::new(a.parse().expect("an address"), 2048);
    let conn = receiver.conn;
    let connected = |conn, role, remote| Input::Session(SessionInput::Connected { conn, role, remote });
    learner.tell(connected(learner.conn, Role::Dialled, address("10.99.0.3")));
    receiver.tell(connected(conn, Role::Accepted, address("10.99.0.4")));
    let start = cpu_ns();
    exchange(&mut learner, &mut receiver);
    let exchanged = cpu_ns() - start;

    let counters = receiver.node.counters();
    assert_eq!(counters.remote as usize, entries, "every entry arrived");
    assert_eq!(counters.programmed as usize, entries, "every entry was programmed");
    assert_eq!(receiver.operations, entries, "each by one operation");
    let per = |ns: u64| ns as f64 / entries as f64;
    let share = learner.spent.as_secs_f64() / (learner.spent + receiver.spent).as_secs_f64();
    println!("{entries} entries, ns of CPU each:");
    println!("  learn                 {:7.1}", per(learned));
    println!("  send                  {:7.1}", per(exchanged) * share);
    println!("  receive and program   {:7.1}", per(exchanged) * (1.0 - share));
    println!("  both sides together   {:7.1}", per(learned + exchanged));
}

/// CPU time of this thread: others on the machine do not count.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says it");
    text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number first")
}
