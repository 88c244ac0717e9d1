//! Two nodes in one process, and everything that they say to each other, frame by frame.

use crate::bytes::frames;
use crate::device::{ADDRESSES, Device};
use mlagsync::session::io::ConnId;
use std::fmt::Write;
use std::time::Duration;

/// Who says something: the one that is dialled, or the one that dials.
pub(crate) const NAMES: [&str; 2] = ["listener", "dialler"];

/// Both nodes, wired to each other; what is said is written down.
pub(crate) struct Recording {
    pub(crate) ends: [Device; 2],
    conns: Option<[ConnId; 2]>,
    pub(crate) text: String,
}

impl Recording {
    pub(crate) fn new() -> Recording {
        Recording { ends: [Device::new(0), Device::new(1)], conns: None, text: String::new() }
    }

    /// The dialler's connection stands, and both say what they have to say.
    pub(crate) fn connect(&mut self) {
        self.ends.iter_mut().for_each(Device::settle);
        for _ in 0..100 {
            if self.ends[1].dialled.is_none() {
                self.wait(Duration::from_millis(100));
            }
        }
        let dialler = self.ends[1].answer().expect("the larger address dials");
        let listener = self.ends[0].accept(ADDRESSES[1]);
        self.conns = Some([listener, dialler]);
        self.text.push_str("connect\n");
        self.talk();
    }

    /// Both hear what is said until neither says anything more.
    pub(crate) fn talk(&mut self) {
        let Some(conns) = self.conns else { return };
        loop {
            let mut silent = true;
            for from in 0..2 {
                for (conn, bytes) in std::mem::take(&mut self.ends[from].sent) {
                    assert_eq!(conn, conns[from]);
                    for frame in frames(&bytes).expect("a node writes whole frames") {
                        let hex: Vec<String> = frame.iter().map(|byte| format!("{byte:02x}")).collect();
                        writeln!(self.text, "{} {}", NAMES[from], hex.join(" ")).unwrap();
                        self.ends[1 - from].receive(conns[1 - from], &frame);
                    }
                    silent = false;
                }
            }
            self.ends.iter_mut().for_each(|end| {
                end.settle();
                while !end.batches.is_empty() {
                    end.asic(0);
                }
            });
            if silent {
                break;
            }
        }
    }

    /// Time passes on both, in steps that neither takes for the other's silence.
    pub(crate) fn wait(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(Duration::from_millis(500));
            left -= step;
            writeln!(self.text, "wait {}", step.as_millis()).unwrap();
            self.ends.iter_mut().for_each(|end| end.run(step));
            self.talk();
        }
    }

    /// The connection is gone.
    pub(crate) fn lose(&mut self) {
        self.text.push_str("lost\n");
        for (end, conn) in self.ends.iter_mut().zip(self.conns.take().expect("it stood")) {
            end.lose(conn);
        }
    }
}
