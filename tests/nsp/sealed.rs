//! Two nodes that have a key in common, and somebody on the way who has not.

use crate::device::{ADDRESSES, Device, settings};
use mlagsync::auth::{KeyRing, Psk};
use mlagsync::limits;
use mlagsync::session::io::ConnId;

/// The tag behind each frame once both have proved that they have the key.
const TAG: usize = 16;

/// Both nodes, and what is on its way to each: frames with their tags.
struct Wire {
    ends: [Device; 2],
    conns: [ConnId; 2],
    on_the_way: [Vec<Vec<u8>>; 2],
    /// How many arrived at each.
    arrived: [usize; 2],
}

fn with_key(side: usize) -> Device {
    let mut keys = KeyRing::default();
    keys.insert(7, Psk::of([0x5a; 32]));
    let mut settings = settings(side);
    settings.security.keys = keys;
    Device::with(settings, side)
}

impl Wire {
    fn new() -> Wire {
        let mut ends = [with_key(0), with_key(1)];
        ends.iter_mut().for_each(Device::settle);
        let dialler = ends[1].answer().expect("the larger address dials");
        let listener = ends[0].accept(ADDRESSES[1]);
        let mut wire =
            Wire { ends, conns: [listener, dialler], on_the_way: Default::default(), arrived: [0; 2] };
        wire.collect();
        wire
    }

    fn collect(&mut self) {
        for (from, speaks) in self.conns.into_iter().enumerate() {
            let sent = std::mem::take(&mut self.ends[from].sent);
            let said: Vec<u8> =
                sent.into_iter().filter(|(conn, _)| *conn == speaks).flat_map(|(_, bytes)| bytes).collect();
            self.on_the_way[1 - from].extend(units(&said));
        }
    }

    /// What arrives at `to` next, if anything is on its way.
    fn next(&mut self, to: usize) -> Option<Vec<u8>> {
        (!self.on_the_way[to].is_empty()).then(|| self.on_the_way[to].remove(0))
    }

    fn deliver(&mut self, to: usize, bytes: &[u8]) {
        self.ends[to].receive(self.conns[to], bytes);
        self.ends[to].settle();
        self.arrived[to] += 1;
        self.collect();
    }

    /// Everything arrives, up to the `nth` that is on its way to `to`: that one is answered. `None`: there are fewer.
    fn up_to(&mut self, to: usize, nth: usize) -> Option<Vec<u8>> {
        loop {
            let mut idle = true;
            for end in [1 - to, to] {
                if end == to && self.arrived[to] == nth && !self.on_the_way[to].is_empty() {
                    return self.next(to);
                }
                if let Some(unit) = self.next(end) {
                    self.deliver(end, &unit);
                    idle = false;
                }
            }
            if idle {
                return None;
            }
        }
    }

    /// Somebody says this to `to`: it ends the connection, and nothing of it is applied.
    #[track_caller]
    fn refuses(&mut self, to: usize, bytes: &[u8], case: &str) {
        let copy = self.ends[to].copy();
        self.deliver(to, bytes);
        assert!(!self.ends[to].open.contains_key(&self.conns[to]), "{case}: the connection goes on");
        assert!(!self.ends[to].node.session().up, "{case}: the session stands");
        assert_eq!(self.ends[to].copy(), copy, "{case}: something was applied");
    }
}

/// Frames with what belongs to them: HELLO and AUTH have no tag yet.
fn units(mut said: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(head) = said.first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes(*head.first_chunk().unwrap())).unwrap();
        let tag = if matches!(head[4], 1 | 5) { 0 } else { TAG };
        // A NOTIFY of who has no keys yet is without one.
        let (unit, rest) = said.split_at((length + tag).min(said.len()));
        all.push(unit.to_vec());
        said = rest;
    }
    all
}

#[test]
fn both_prove_themselves_and_hold_what_the_other_claims() {
    for to in 0..2 {
        let mut wire = Wire::new();
        assert_eq!(wire.up_to(to, usize::MAX), None);
        assert!(wire.arrived[to] >= 6, "HELLO, AUTH, RESUME, BEGIN, a window, END: {:?}", wire.arrived);
        assert!(wire.ends[to].node.session().up);
        assert_eq!(wire.ends[to].copy().len(), 2);
    }
}

#[test]
fn every_flipped_bit_of_a_sealed_session_ends_it_and_nothing_is_applied() {
    let after = vec![0x55; limits::MAX_FRAME + TAG];
    for to in 0..2 {
        let mut nth = 0;
        while let Some(whole) = Wire::new().up_to(to, nth) {
            for bit in 0..whole.len() * 8 {
                let mut wire = Wire::new();
                let mut unit = wire.up_to(to, nth).expect("as often as before");
                unit[bit / 8] ^= 1 << (bit % 8);
                // What is told to be longer than it is waits for the rest.
                if bit < 32 {
                    unit.extend(&after);
                }
                wire.refuses(to, &unit, &format!("to {to}: frame {nth}, bit {bit}"));
            }
            nth += 1;
        }
        assert!(nth >= 6, "only {nth} frames were looked at");
    }
}

/// Whole frames with right tags, but not those that are due.
#[test]
fn a_frame_that_is_repeated_left_out_or_sent_back_ends_the_session() {
    for to in 0..2 {
        // Behind HELLO and AUTH, from where on frames are sealed.
        let mut nth = 2;
        while let Some(unit) = Wire::new().up_to(to, nth) {
            let mut wire = Wire::new();
            assert_eq!(wire.up_to(to, nth).as_ref(), Some(&unit), "a seed decides everything");
            wire.deliver(to, &unit);
            wire.refuses(to, &unit, &format!("to {to}: frame {nth} a second time"));

            let mut wire = Wire::new();
            wire.up_to(to, nth);
            if let Some(next) = wire.next(to) {
                wire.refuses(to, &next, &format!("to {to}: frame {} in the place of {nth}", nth + 1));
            }

            let mut wire = Wire::new();
            wire.up_to(to, nth);
            // What it last said itself; it counts as many frames in both directions, or nearly so.
            let own = Wire::new().up_to(1 - to, nth).expect("both say as much");
            wire.refuses(to, &own, &format!("to {to}: its own frame {nth}"));
            nth += 1;
        }
    }
}
