//! The contract of bulk calls: which entries are worked on, what their statuses say, what the call answers.
//!
//! Invariant: one loop for all bulk calls; a profile changes the loop, never what is done to an entry.

use sai_sys::{Status, sai_bulk_op_error_mode_t as Mode, sai_status_t};

use super::writable;
use crate::profile::Bulk;
use crate::refusal::Result;
use crate::switch::Switch;

/// Where a bulk call's outcome goes.
pub(super) struct Reply {
    count: usize,
    stop: bool,
    statuses: *mut sai_status_t,
}

impl Reply {
    /// Judges the arguments that all bulk calls share.
    pub(super) fn new(count: u32, mode: Mode, statuses: *mut sai_status_t) -> Result<Self> {
        let stop = match mode {
            Mode::SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR => true,
            Mode::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR => false,
            _ => return Err(Status::INVALID_PARAMETER),
        };
        writable(statuses)?;
        if count == 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        Ok(Self { count: count as usize, stop, statuses })
    }

    #[inline]
    fn say(&self, index: usize, status: Status) {
        debug_assert!(index < self.count);
        // SAFETY: the caller's list has a place for each entry, and the index is below their count.
        let at = unsafe { self.statuses.add(index) };
        // SAFETY: within the caller's list, which was checked to be writable.
        unsafe { at.write(status.0) };
    }

    fn say_from(&self, first: usize, status: Status) {
        (first..self.count).for_each(|index| self.say(index, status));
    }
}

/// Works through a bulk call as the switch's profile has it. `check` judges an entry and changes nothing.
#[inline]
pub(super) fn run(
    switch: &mut Switch,
    reply: Reply,
    check: impl Fn(&Switch, usize) -> Result<()>,
    deed: impl FnMut(&mut Switch, usize) -> Result<()>,
) -> Result<()> {
    run_ahead(switch, reply, |_, _| 0, check, deed)
}

/// Entries whose memory is asked for together: their loads overlap instead of waiting for one another.
const AHEAD: usize = 16;

/// As [`run`], with `touch` called for some entries ahead of their deed; its answer means nothing.
#[inline]
pub(super) fn run_ahead(
    switch: &mut Switch,
    reply: Reply,
    touch: impl Fn(&Switch, usize) -> u64,
    check: impl Fn(&Switch, usize) -> Result<()>,
    mut deed: impl FnMut(&mut Switch, usize) -> Result<()>,
) -> Result<()> {
    let profile = switch.settings.bulk;
    match profile {
        Bulk::NoBulk | Bulk::NotImplemented => return Err(Status::NOT_IMPLEMENTED),
        Bulk::NotSupported => return Err(Status::NOT_SUPPORTED),
        Bulk::WholeBatchReject => {
            for index in 0..reply.count {
                if let Err(status) = check(switch, index) {
                    reply.say_from(0, Status::NOT_EXECUTED);
                    reply.say(index, status);
                    return Err(status);
                }
            }
        }
        Bulk::Spec | Bulk::EarlyReturn | Bulk::LazyTable => {}
    }
    let mut failed = false;
    for index in 0..reply.count {
        if index % AHEAD == 0 {
            switch.keep_pace(index, reply.count);
            switch.save_some();
            let group = index..reply.count.min(index + AHEAD);
            std::hint::black_box(group.map(|i| touch(switch, i)).fold(0, |all, one| all ^ one));
        }
        let result = deed(switch, index);
        if let Some(status) = switch.abort.take() {
            return Err(status);
        }
        match result {
            Ok(()) => reply.say(index, Status::SUCCESS),
            Err(status) if profile == Bulk::EarlyReturn => return Err(status),
            Err(status) => {
                failed = true;
                reply.say(index, status);
                if reply.stop {
                    reply.say_from(index + 1, Status::NOT_EXECUTED);
                    break;
                }
            }
        }
    }
    if failed { Err(Status::FAILURE) } else { Ok(()) }
}
