//! The way to the ASIC: whose turn it is, how many batches are under way, and when the ASIC is left alone.
//!
//! There is one, whatever is programmed: three mirrors share the thread that calls SAI, its time and its trouble. What is
//! handed over is executed in that order, so an FDB entry that is handed over before the neighbour that lies behind it
//! is there before it.
//!
//! Invariant: within a class what others stand on is made before them and removed after them; a batch is of one kind.

use crate::limits::{BATCHES_IN_FLIGHT, TROUBLE_MAX, TROUBLE_MIN};
use crate::mirror::batch::{BatchId, OpKind};
use crate::mirror::entry::{HwTable, TABLES};
use crate::mirror::pace::{CLASSES, Lane, Pace};
use crate::mirror::queues::Queues;
use crate::sai::status::Status;
use crate::time::Time;
use std::time::Duration;

/// Within a class: what forwards wrongly first, then what makes way for others, then what is new.
const LANES: [Lane; 12] = {
    use HwTable::{Fdb, Neighbor, Route};
    use OpKind::{Create, Read, Remove, SetMac};
    const fn lane(table: HwTable, kind: OpKind) -> Lane {
        Lane { table, kind }
    }
    [
        lane(Fdb, SetMac),
        lane(Fdb, Create),
        lane(Neighbor, SetMac),
        lane(Route, SetMac),
        lane(Route, Remove),
        lane(Neighbor, Remove),
        lane(Fdb, Remove),
        lane(Neighbor, Create),
        lane(Route, Create),
        lane(Fdb, Read),
        lane(Neighbor, Read),
        lane(Route, Read),
    ]
};

/// What is handed over next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) id: BatchId,
    pub(crate) lane: Lane,
    pub(crate) class: usize,
    pub(crate) count: usize,
}

/// The way to the ASIC.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pace: Pace,
    in_flight: usize,
    last_id: u64,
    pause: Option<Time>,
    trouble: Option<Duration>,
}

impl Line {
    /// Whose turn it is, if the ASIC may have another batch. `queues` are those of the FDB, the neighbours, the routes.
    pub(crate) fn turn(&mut self, now: Time, queues: [&Queues; TABLES]) -> Option<Turn> {
        if self.in_flight >= BATCHES_IN_FLIGHT || self.pause.is_some_and(|until| until > now) {
            return None;
        }
        let len = |class, lane: &Lane| queues[lane.table as usize].len(class, lane.kind);
        let lanes: [Option<Lane>; CLASSES] =
            std::array::from_fn(|class| LANES.into_iter().find(|lane| len(class, lane) > 0));
        let waiting = lanes.map(|lane| lane.is_some());
        let class = self.pace.choose(waiting, |class| lanes[class].unwrap_or(LANES[0]))?;
        let lane = lanes[class]?;
        let out_of_turn = waiting.iter().position(|w| *w) != Some(class);
        let share = if out_of_turn { self.pace.allowance(class, lane) } else { usize::MAX };
        let count = self.pace.size(lane).min(share).min(len(class, &lane));
        self.pace.charge(class, lane, count, waiting);
        self.in_flight += 1;
        self.last_id += 1;
        Some(Turn { id: BatchId(self.last_id), lane, class, count })
    }

    /// A batch was answered.
    pub(crate) fn answered(&mut self, lane: Lane, ops: usize, asic_ns: u64) {
        self.in_flight -= 1;
        self.pace.measured(lane, ops, asic_ns);
    }

    /// The switch as a whole is in trouble, or is not. Answers the status when that begins.
    pub(crate) fn settle_trouble(&mut self, now: Time, trouble: Option<Status>) -> Option<Status> {
        let Some(status) = trouble else {
            self.trouble = None;
            return None;
        };
        let pause = self.trouble.map_or(TROUBLE_MIN, |last| (last * 2).min(TROUBLE_MAX));
        let first = self.trouble.replace(pause).is_none();
        self.pause = Some(now + pause);
        self.pace.restart();
        first.then_some(status)
    }

    /// Time passed.
    pub(crate) fn wake(&mut self, now: Time) {
        self.pause.take_if(|until| *until <= now);
    }

    /// When [`Line::wake`] is due.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.pause
    }
}
