//! Two nodes, and somebody on the way between them.

use super::bytes::{Bytes, frame, frames, seal};
use super::device::Device;
use mlagsync::node::view::{NeighborView, Origin};
use mlagsync::session::io::ConnId;
use mlagsync::wire::hello::capability;
use std::collections::VecDeque;
use std::time::Duration;

const STEPS: usize = 300;
/// The capability by which copies are compared.
const DIGEST: u64 = 2;
/// How long the two may take to agree once nobody is on the way any more: past every timer but those that only clean up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What each byte does to what is on the way.
pub fn relay(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut road = Road::new();
    for _ in 0..STEPS {
        if bytes.is_empty() {
            break;
        }
        road.step(&mut bytes);
    }
    road.end();
}

struct Road {
    ends: [Device; 2],
    /// The connection's names at both ends.
    conns: Option<[ConnId; 2]>,
    /// Frames on their way to each end, and whether one of them is not what was sent.
    queues: [VecDeque<Vec<u8>>; 2],
    /// Somebody has put something on the way, or taken something away.
    touched: bool,
}

impl Road {
    fn new() -> Road {
        let mut road = Road {
            ends: [Device::new(0), Device::new(1)],
            conns: None,
            queues: Default::default(),
            touched: false,
        };
        road.connect();
        road
    }

    /// Both are where they would be if all had gone well, but for what lies in the queues.
    fn connect(&mut self) {
        if self.conns.is_some() {
            return;
        }
        self.ends.iter_mut().for_each(Device::settle);
        // The larger address dials.
        let Some(dialler) = self.ends[1].answer() else { return };
        let acceptor = self.ends[0].accept(super::device::ADDRESSES[1]);
        self.conns = Some([acceptor, dialler]);
        self.queues = Default::default();
        self.collect();
    }

    fn cut(&mut self) {
        if let Some(conns) = self.conns.take() {
            for (end, conn) in self.ends.iter_mut().zip(conns) {
                end.lose(conn);
                end.sent.clear();
                end.closed.clear();
            }
        }
        self.queues = Default::default();
    }

    /// Puts what both have sent on its way.
    fn collect(&mut self) {
        let Some(conns) = self.conns else { return };
        for (from, speaks) in conns.into_iter().enumerate() {
            for (conn, bytes) in std::mem::take(&mut self.ends[from].sent) {
                if conn == speaks {
                    self.queues[1 - from].extend(frames(&bytes).expect("a node writes whole frames"));
                }
            }
            self.ends[from].settle();
        }
        let gone = (0..2).any(|n| !self.ends[n].open.contains_key(&conns[n]));
        let over = self.queues.iter().all(VecDeque::is_empty);
        if gone && over {
            self.cut();
        }
    }

    /// Lets the first frame on the way to `to` arrive.
    fn deliver(&mut self, to: usize, tampered: Option<Vec<u8>>) {
        let Some(conns) = self.conns else { return };
        let Some(frame) = tampered.or_else(|| self.queues[to].pop_front()) else { return };
        let before = self.ends[to].copy();
        self.ends[to].receive(conns[to], &frame);
        if self.ends[to].faulted {
            assert_eq!(before, self.ends[to].copy(), "a frame that was refused changed the copy");
            assert!(self.touched, "what a node sends is refused by another one");
        }
        self.collect();
    }

    fn step(&mut self, bytes: &mut Bytes) {
        let how = bytes.byte();
        let to = usize::from(how >> 7);
        match how & 0x7f {
            0..=39 => self.deliver(to, None),
            40..=47 => (0..how & 7).for_each(|_| self.deliver(to, None)),
            48..=55 => {
                let Some(mut frame) = self.queues[to].pop_front() else { return };
                let at = usize::from(bytes.word()) % frame.len();
                if at >= 4 {
                    frame[at] ^= bytes.byte();
                }
                seal(&mut frame);
                self.touched = true;
                self.deliver(to, Some(frame));
            }
            56..=58 => {
                self.touched |= self.queues[to].pop_front().is_some();
            }
            59..=61 => {
                let Some(frame) = self.queues[to].front().cloned() else { return };
                self.touched = true;
                self.deliver(to, Some(frame));
            }
            62..=64 => {
                self.touched |= self.queues[to].len() > 1;
                self.queues[to].rotate_left(usize::from(self.queues[to].len() > 1));
            }
            65..=67 => {
                let (number, position, length) = (bytes.byte(), bytes.number(), bytes.byte());
                let body = bytes.take(length.into()).to_vec();
                self.touched = true;
                self.deliver(to, Some(frame(number, bytes.below(2), bytes.number() as u16, position, &body)));
            }
            68..=72 => self.cut(),
            73..=80 => self.run(Duration::from_millis(1 << bytes.below(16))),
            81..=99 => self.ends[to].learn(bytes.below(3), bytes.byte(), bytes.byte(), how & 1 == 0),
            100..=106 => self.ends[to].forget(bytes.below(3), bytes.byte()),
            107..=112 => self.ends[to].asic(bytes.below(6)),
            113..=114 => self.ends[to].bind(bytes.below(3)),
            115 => self.ends[to].tell(mlagsync::node::Input::Unbind(super::device::vlanif(bytes.below(3)))),
            // Another process, with what its kernel knows.
            116..=117 => {
                self.cut();
                let now = self.ends[to].now;
                self.ends[to] = Device::new(to);
                self.ends[to].now = now;
            }
            _ => self.connect(),
        }
        self.collect();
    }

    fn run(&mut self, time: Duration) {
        self.ends.iter_mut().for_each(|end| end.run(time));
    }

    /// Nobody is on the way any more: a new connection, on which both come to agree.
    fn end(mut self) {
        self.cut();
        // Frames with right checksums that nobody has sent: a copy that they have falsified is found by its digest, and
        // by nothing else.
        let falsified = self.touched && capability::ALL & DIGEST == 0;
        self.touched = false;
        for end in &mut self.ends {
            (0..3).for_each(|n| end.bind(n));
        }
        let steps = PATIENCE.as_millis() / 100;
        for _ in 0..steps {
            self.connect();
            while self.queues.iter().any(|queue| !queue.is_empty()) {
                (0..2).for_each(|to| self.deliver(to, None));
            }
            for end in &mut self.ends {
                while !end.batches.is_empty() {
                    end.asic(0);
                }
            }
            self.collect();
            self.run(Duration::from_millis(100));
            self.collect();
        }
        for side in 0..2 {
            let session = self.ends[side].node.session();
            assert!(session.up && session.received_end && session.sent_end, "{session:?}");
            if falsified {
                continue;
            }
            let (claims, copy) = (self.ends[side].claims(Origin::Local), self.ends[1 - side].copy());
            assert_eq!(said(&claims), said(&copy), "what {side} claims is not what the other one holds");
        }
        self.ends.iter_mut().for_each(Device::check);
    }
}

/// What of a claim is the same on both sides.
fn said(rows: &[NeighborView]) -> Vec<String> {
    let word = |row: &NeighborView| {
        format!(
            "{} {} {} {:?} {:?} {}",
            row.interface, row.ip, row.mac, row.attachment, row.flags, row.counter
        )
    };
    let mut words: Vec<String> = rows.iter().map(word).collect();
    words.sort();
    words
}
