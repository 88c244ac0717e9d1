//! The way to the ASIC: whose turn it is, how many batches are under way, and when the ASIC is left alone.
//!
//! There is one, whatever is programmed: three mirrors share the thread that calls SAI, its time and its trouble. What is
//! handed over is executed in that order, so an FDB entry that is handed over before the neighbour that lies behind it
//! is there before it.
//!
//! Invariant: within a class what others stand on is made before them and removed after them; a batch is of one kind.

use crate::limits::{ASIC_LOST, BATCHES_IN_FLIGHT, CONFIRM_WINDOW, TROUBLE_MAX, TROUBLE_MIN};
use crate::mirror::batch::{BatchId, OpKind};
use crate::mirror::early::{Early, Programming};
use crate::mirror::entry::{HwTable, TABLES};
use crate::mirror::pace::{CLASSES, Lane, Pace};
use crate::mirror::queues::Queues;
use crate::sai::status::Status;
use crate::table::row::RowId;
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
    /// Since when it answers nothing but that it is not there.
    lost: Option<Time>,
    /// The ASIC takes no order.
    fenced: bool,
    /// What was handed over up to this one is answered across a restart, or by a call that was given up.
    doubted: u64,
    /// Whether what the library says of a write is believed.
    pub(crate) early: Early,
    /// Entries that the library said it wrote and that were not seen.
    pub(crate) unconfirmed: usize,
    /// An entry that is to be read back at once, to see whether the library says SUCCESS before it is done.
    pub(crate) sample: Option<(HwTable, RowId)>,
}

impl Line {
    /// To a library whose SUCCESS means this.
    pub(crate) fn new(programming: Programming) -> Line {
        Line { early: Early::new(programming), ..Line::default() }
    }

    /// Whose turn it is, if the ASIC may have another batch. `queues` are those of the FDB, the neighbours, the routes.
    pub(crate) fn turn(&mut self, now: Time, queues: [&Queues; TABLES]) -> Option<Turn> {
        if !self.is_open(now) {
            return None;
        }
        let full = self.unconfirmed >= CONFIRM_WINDOW;
        let len = |class, lane: &Lane| match lane.kind {
            OpKind::Create if full => 0,
            kind => queues[lane.table as usize].len(class, kind),
        };
        let lanes: [Option<Lane>; CLASSES] =
            std::array::from_fn(|class| LANES.into_iter().find(|lane| len(class, lane) > 0));
        let waiting = lanes.map(|lane| lane.is_some());
        let class = self.pace.choose(waiting, |class| lanes[class].unwrap_or(LANES[0]))?;
        let lane = lanes[class]?;
        let out_of_turn = waiting.iter().position(|w| *w) != Some(class);
        let share = if out_of_turn { self.pace.allowance(class, lane) } else { usize::MAX };
        let count = self.pace.size(lane).min(share).min(len(class, &lane));
        self.pace.charge(class, lane, count, waiting);
        Some(Turn { id: self.out_of_turn(), lane, class, count })
    }

    /// The name of another batch; whoever takes it hands that over.
    pub(crate) fn out_of_turn(&mut self) -> BatchId {
        self.in_flight += 1;
        self.last_id += 1;
        BatchId(self.last_id)
    }

    /// True when the ASIC may have another batch.
    pub(crate) fn is_open(&self, now: Time) -> bool {
        !self.fenced && self.in_flight < BATCHES_IN_FLIGHT && self.pause.is_none_or(|until| until <= now)
    }

    /// True when the ASIC has nothing to do, and may be asked for something.
    pub(crate) fn is_idle(&self, now: Time) -> bool {
        self.in_flight == 0 && self.is_open(now)
    }

    /// Entries of this table that the ASIC reads within a time.
    pub(crate) fn readable_within(&self, table: HwTable, time: Duration) -> usize {
        let per_op = self.pace.per_op_ns(Lane { table, kind: OpKind::Read });
        usize::try_from(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / per_op.max(1))
            .unwrap_or(usize::MAX)
    }

    /// From now on no batch goes out, and what is answered proves nothing.
    pub(crate) fn fence(&mut self) {
        self.fenced = true;
    }

    /// The ASIC is back: batches go out again. What is in flight now was asked of the one before.
    pub(crate) fn unfence(&mut self) {
        self.fenced = false;
        self.doubted = self.last_id;
        self.pause = None;
        self.trouble = None;
        self.lost = None;
        self.pace.restart();
    }

    /// The call that executes this batch does not come back: what it answers when it does proves nothing.
    pub(crate) fn doubt(&mut self, hanging: BatchId) {
        self.doubted = self.doubted.max(hanging.0);
    }

    /// True when the answer to this batch proves nothing.
    pub(crate) fn doubts(&self, id: BatchId) -> bool {
        self.fenced || id.0 <= self.doubted
    }

    /// True when it has answered for long, and with nothing else, that it is not there.
    pub(crate) fn is_lost(&self, now: Time) -> bool {
        self.lost.is_some_and(|since| now >= since + ASIC_LOST)
    }

    /// True when it answered last as one that is there.
    pub(crate) fn answers(&self) -> bool {
        self.lost.is_none()
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
            self.lost = None;
            return None;
        };
        self.lost = if status == Status::UNINITIALIZED { self.lost.or(Some(now)) } else { None };
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
