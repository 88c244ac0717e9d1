//! One node, and a peer without manners.

use super::bytes::{Bytes, frame, frames, seal};
use super::device::{ADDRESSES, Device, PORT, settings};
use mlagsync::session::io::{ConnId, SessionInput, Settings};
use std::time::Duration;

/// Kinds of frames, known ones and one that nobody knows: its number and its flags.
const KINDS: &[(u8, u8)] = &[
    (1, 1),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (6, 1),
    (16, 1),
    (17, 1),
    (18, 1),
    (19, 1),
    (20, 1),
    (21, 1),
    (22, 1),
    (23, 1),
    (24, 1),
    (25, 1),
    (32, 1),
    (33, 1),
    (34, 1),
    (35, 1),
    (36, 1),
    (37, 1),
    (48, 1),
    (49, 1),
    (50, 1),
    (200, 0),
];
/// Steps of one run: what is longer says nothing new, and costs the fuzzer its speed.
const STEPS: usize = 200;

/// The first byte is the state that it begins in, the rest is what the peer does.
pub fn session(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut peer = Peer::begin(&mut bytes);
    for _ in 0..STEPS {
        if bytes.is_empty() {
            break;
        }
        peer.step(&mut bytes);
    }
    peer.end();
}

struct Peer {
    device: Device,
    conn: ConnId,
    /// Everything on this connection so far was whole frames.
    whole: bool,
    capabilities: u64,
}

impl Peer {
    /// Gets the session into one of its states.
    fn begin(bytes: &mut Bytes) -> Peer {
        let how = bytes.byte();
        let capabilities = u64::from(bytes.byte() & 0x0f);
        let mut device = Device::new(usize::from(how & 1));
        device.settle();
        let conn = device.accept(ADDRESSES[1 - device.side]);
        let mut peer = Peer { device, conn, whole: true, capabilities };
        let depth = (how >> 1) % 8;
        if depth >= 1 {
            peer.hello();
        }
        if depth >= 2 {
            peer.resume(&mut Bytes(&[]));
            peer.begin_sync(1);
            peer.name(&[0, 1, 2]);
            peer.upsert(0, 1, 0, 1);
        }
        if depth >= 3 {
            peer.end_sync(1, 2);
        }
        match depth {
            4 => peer.configure(|settings| settings.port += 1),
            5 => peer.configure(|settings| settings.hold *= 2),
            6 => peer.device.lose(peer.conn),
            7 => peer.device.run(Duration::from_secs(6)),
            _ => {}
        }
        peer
    }

    fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = settings(self.device.side);
        change(&mut settings);
        self.device.configure(Some(settings));
    }

    /// The HELLO of a peer that is configured as it should be.
    fn hello(&mut self) {
        let mut body = b"NSPH".to_vec();
        body.extend([0, 1, 0, 1]);
        body.extend(self.capabilities.to_be_bytes());
        body.extend((1 - self.device.side as u64 + 1).to_be_bytes());
        body.extend(1u16.to_be_bytes());
        body.extend(PORT.to_be_bytes());
        body.extend(5_000u32.to_be_bytes());
        body.extend(65_536u32.to_be_bytes());
        body.extend(16_384u32.to_be_bytes());
        body.extend(u32::MAX.to_be_bytes());
        body.extend(*b"a nonce of a peer");
        body.truncate(60);
        body.extend([0; 4]);
        self.say(&frame(1, 1, 0, 0, &body));
    }

    /// Sends one whole frame; when it is refused, nothing of it may be there.
    fn say(&mut self, frame: &[u8]) {
        let before = self.whole.then(|| self.device.copy());
        self.device.receive(self.conn, frame);
        if let Some(before) = before.filter(|_| self.device.faulted) {
            assert_eq!(before, self.device.copy(), "a frame that was refused changed the copy");
        }
    }

    /// Says RESUME, where that is in force: what it holds of the node's, by the node's own word or nearly so.
    fn resume(&mut self, bytes: &mut Bytes) {
        if self.capabilities & 1 == 0 {
            return;
        }
        let mut said = self.device.sent.iter().rev().filter_map(|(_, bytes)| frames(bytes)).flatten();
        let theirs = said.find(|frame| frame[4] == 6 && frame.len() >= 28);
        let mut body = [0, 0, 0, 0, 0, 0, 0, 5].to_vec();
        match theirs.filter(|_| bytes.byte() & 1 == 1) {
            Some(theirs) => body.extend(&theirs[20..28]),
            None => body.extend([0; 8]),
        }
        if body[8..] == [0; 8] {
            body.extend([0; 16]);
        } else {
            body.extend([0, 0, 0, bytes.below(4), 0, bytes.below(8), 0, 0]);
            body.extend(bytes.number().to_be_bytes());
        }
        self.say(&frame(6, 1, 0, 0, &body));
    }

    fn begin_sync(&mut self, number: u8) {
        let body: &[u8] = if self.capabilities & 1 == 0 { &[] } else { &[0, 0, 0, number] };
        self.say(&frame(16, 1, 0, 0, body));
    }

    fn end_sync(&mut self, number: u8, position: u64) {
        let mut body = Vec::new();
        if self.capabilities & 1 != 0 {
            body.extend([0, 0, 0, number]);
            body.resize(32, 0);
        }
        self.say(&frame(17, 1, 0, position, &body));
    }

    fn name(&mut self, interfaces: &[u8]) {
        let mut body = Vec::new();
        for n in interfaces {
            body.extend([0, *n, 1, 8, 0, 0, 0, n + 1, 0, 0, 0, 0]);
            body.extend(b"_public_");
        }
        self.say(&frame(18, 1, interfaces.len() as u16, 0, &body));
    }

    fn upsert(&mut self, interface: u8, host: u8, mac: u8, position: u64) {
        let counter = mac >> 4;
        let record = [0, 0, 0, interface, 0, 0, 0, 0, 0, counter, 2, 0, 0, 2, 0, mac, 10, interface, 0, host];
        self.say(&frame(32, 1, 1, position, &record));
    }

    fn step(&mut self, bytes: &mut Bytes) {
        match bytes.below(25) {
            0 => {
                let (number, flags) = KINDS[usize::from(bytes.byte()) % KINDS.len()];
                let (count, position, length) =
                    (bytes.number() as u16, bytes.number(), bytes.number() as u16);
                let body = bytes.take(usize::from(length)).to_vec();
                self.say(&frame(number, flags, count, position, &body));
            }
            1 => {
                let (number, flags, count) = (bytes.byte(), bytes.byte(), bytes.word());
                let length = bytes.byte();
                let body = bytes.take(length.into()).to_vec();
                self.say(&frame(number, flags, count, bytes.number(), &body));
            }
            2 => {
                let length = bytes.byte();
                self.whole = false;
                let raw = bytes.take(length.into()).to_vec();
                self.device.receive(self.conn, &raw);
            }
            3 => self.hello(),
            4 => self.begin_sync(bytes.below(4)),
            5 => self.end_sync(bytes.below(4), bytes.number()),
            6 => self.name(&[bytes.below(6), bytes.below(6)]),
            7..=9 => self.upsert(bytes.below(4), bytes.byte(), bytes.byte(), bytes.number()),
            10 => {
                let record = [0, 0, 0, bytes.below(4), 0, 0, 0, 0, 10, bytes.below(4), 0, bytes.byte()];
                self.say(&frame(34, 1, 1, bytes.number(), &record));
            }
            11 => self.flood(bytes),
            12 => self.device.run(Duration::from_millis(1 << bytes.below(20))),
            13 => self.device.settle(),
            14 => self.device.asic(bytes.below(6)),
            15 => self.device.learn(bytes.below(4), bytes.byte(), bytes.byte(), bytes.byte() & 1 == 0),
            16 => self.device.forget(bytes.below(4), bytes.byte()),
            17 => self.reflect(bytes),
            18 => match bytes.below(6) {
                0 => self.device.configure(None),
                1 => self.configure(|settings| settings.group = 2),
                2 => self.configure(|settings| settings.keepalive /= 2),
                3 => self.configure(|settings| settings.port = 4000),
                4 => self.device.session(SessionInput::SourcePresent(false)),
                _ => self.configure(|_| {}),
            },
            19 => {
                let stranger = bytes.below(4) == 3;
                let from = ADDRESSES[if stranger { self.device.side } else { 1 - self.device.side }];
                self.conn = self.device.accept(from);
                self.whole = true;
            }
            20 => {
                if let Some(conn) = self.device.answer() {
                    self.conn = conn;
                    self.whole = true;
                }
            }
            21 => self.device.lose(self.conn),
            22 => self.device.bind(bytes.below(4)),
            23 => self.resume(bytes),
            _ => self.device.tell(mlagsync::node::Input::Unbind(super::device::vlanif(bytes.below(4)))),
        }
    }

    /// Many records in one frame.
    fn flood(&mut self, bytes: &mut Bytes) {
        let (interface, first, many) = (bytes.below(4), bytes.byte(), bytes.byte());
        let mut body = Vec::new();
        for n in 0..many {
            body.extend([0, 0, 0, interface, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3, 0, n]);
            body.extend([10, interface, n, first]);
        }
        self.say(&frame(32, 1, many.into(), bytes.number(), &body));
    }

    /// Sends something that the node itself has said, as it was or a little changed.
    fn reflect(&mut self, bytes: &mut Bytes) {
        let said: Vec<Vec<u8>> =
            self.device.sent.iter().filter_map(|(_, bytes)| frames(bytes)).flatten().collect();
        if said.is_empty() {
            return;
        }
        let mut frame = said[usize::from(bytes.byte()) % said.len()].clone();
        for _ in 0..bytes.below(4) {
            let at = usize::from(bytes.word()) % frame.len();
            // A length that is wrong is no whole frame.
            if at >= 4 {
                frame[at] ^= bytes.byte();
            }
        }
        seal(&mut frame);
        self.say(&frame);
    }

    /// Whatever was done: a peer with manners is welcome, and the device comes to rest.
    fn end(mut self) {
        let side = self.device.side;
        self.device.configure(None);
        self.device.run(Duration::from_secs(4));
        self.device.configure(Some(settings(side)));
        self.device.settle();
        let open: Vec<ConnId> = self.device.open.keys().copied().collect();
        open.into_iter().for_each(|conn| self.device.lose(conn));
        self.conn = self.device.accept(ADDRESSES[1 - side]);
        self.whole = true;
        self.hello();
        assert!(self.device.node.session().up, "{:?}", self.device.node.session());
        for _ in 0..10_000 {
            if self.device.batches.is_empty() {
                break;
            }
            self.device.asic(0);
        }
        assert!(self.device.batches.is_empty(), "the ASIC is asked without end");
        self.device.check();
    }
}
