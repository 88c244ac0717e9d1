//! Libraries that say SUCCESS before they are done.
//!
//! ```text
//!            SUCCESS            5 ms, 20 ms, 100 ms, 0.5 s, 2 s
//!  in flight ───────► written ─────────────────────────────────► read back ──► as written: held
//!                        ▲                                          ├────────► not yet: read again
//!                        └───────── written again, ever more seldom ◄───────┴► never: it was lost; three times: told
//! ```
//!
//! Whether a library is one of them is configured, or found out: of the first batches, and of some later ones, an entry is
//! read back at once. One that is not there as it was written is enough to mistrust the library; a thousand in a row that
//! are, and a minute, to trust it again.
//!
//! Invariant: while the library is mistrusted, nothing that it says of a write is believed before it was seen.

use crate::limits::{
    CONFIRM_LEAST, CONFIRM_PROMPT, CONFIRM_WAITS, LOST_TOLD, RETRY_WAITS, SAMPLES_EVERY, SAMPLES_FIRST,
};
use crate::mirror::Mirror;
use crate::mirror::entry::{Entry, Value};
use crate::mirror::slot::{Held, LOST_MOST, Place};
use crate::table::row::RowId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What SUCCESS means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Programming {
    /// It is found out.
    #[default]
    Detect,
    /// It is done.
    Synchronous,
    /// It will be done.
    Asynchronous,
}

/// Whether the library is believed.
#[derive(Debug, Default)]
pub(crate) struct Early {
    programming: Programming,
    /// It was caught.
    caught: bool,
    since: Time,
    /// Readings in a row that showed at once what was written.
    prompt: u32,
    /// Batches that wrote.
    batches: u32,
    news: Option<bool>,
}

impl Early {
    pub(crate) fn new(programming: Programming) -> Early {
        Early { programming, ..Early::default() }
    }

    /// True when what it says of a write is read back before it counts.
    pub(crate) fn confirms(&self) -> bool {
        match self.programming {
            Programming::Detect => self.caught,
            Programming::Synchronous => false,
            Programming::Asynchronous => true,
        }
    }

    /// True unless it is known that SUCCESS means done.
    pub(crate) fn may_be_late(&self) -> bool {
        self.programming != Programming::Synchronous
    }

    /// A batch of writes was answered. True when one of them is to be read back, to see.
    pub(crate) fn samples(&mut self) -> bool {
        if self.programming != Programming::Detect || self.caught {
            return false;
        }
        self.batches = self.batches.wrapping_add(1);
        self.batches <= SAMPLES_FIRST || self.batches.is_multiple_of(SAMPLES_EVERY)
    }

    /// An entry was not there as it was written.
    pub(crate) fn was_late(&mut self, now: Time) {
        self.prompt = 0;
        self.since = now;
        if self.programming == Programming::Detect && !self.caught {
            self.caught = true;
            self.news = Some(true);
        }
    }

    /// An entry was there as it was written the first time it was looked at.
    pub(crate) fn was_prompt(&mut self, now: Time) {
        self.prompt = self.prompt.saturating_add(1);
        if self.caught && self.prompt >= CONFIRM_PROMPT && now >= self.since + CONFIRM_LEAST {
            self.caught = false;
            self.batches = 0;
            self.news = Some(false);
        }
    }

    /// That it is mistrusted from now on, or is not any more.
    pub(crate) fn take_news(&mut self) -> Option<bool> {
        self.news.take()
    }
}

impl<E: Entry> Mirror<E> {
    /// What was written is to be read back after a while.
    pub(super) fn confirm_later(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        let level = usize::from(slot.patience).min(CONFIRM_WAITS.len() - 1);
        slot.due = now + CONFIRM_WAITS[level];
        self.queues.put(&mut self.slots, at, Place::Confirming(level as u8), now);
    }

    /// A write was never seen: it is tried again, at once after the first time, and from then on ever more seldom.
    pub(super) fn write_later(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        let last = RETRY_WAITS.len() as u8 - 1;
        let lost = slot.precedence.lost();
        slot.patience = if lost == LOST_MOST { last } else { lost.saturating_sub(2).min(last) };
        self.wait(now, at);
    }

    /// Rows whose writes the library answers with SUCCESS and never does.
    pub(crate) fn take_denied(&mut self) -> Vec<RowId> {
        std::mem::take(&mut self.denied)
    }

    /// An entry that was said to be written, or removed, was read back. True when it is to be read back once more.
    pub(super) fn was_seen(
        &mut self,
        early: &mut Early,
        now: Time,
        at: RowId,
        read: Option<E::Value>,
    ) -> bool {
        let slot = &mut self.slots[at as usize];
        let level = slot.patience;
        let as_said = match (slot.held, read) {
            (Held::Written(sent), Some(read)) => !sent.must_set(read),
            (Held::Erased, None) => true,
            _ => false,
        };
        if as_said && level == 0 {
            early.was_prompt(now);
        } else if level == 0 {
            early.was_late(now);
        }
        slot.patience = level + 1;
        if !as_said && usize::from(slot.patience) < CONFIRM_WAITS.len() {
            return true;
        }
        slot.patience = 0;
        slot.tries = slot.tries.saturating_add(u8::from(!as_said));
        let lost = if as_said { 0 } else { slot.precedence.lost() + 1 };
        slot.precedence.set_lost(lost);
        slot.held = read.map_or(Held::Nothing, Held::Host);
        if lost == LOST_TOLD {
            self.denied.push(at);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn one_late_entry_is_enough_to_mistrust_and_a_thousand_prompt_ones_and_a_minute_to_trust_again() {
        let mut early = Early::new(Programming::Detect);
        assert_eq!((0..SAMPLES_EVERY).filter(|_| early.samples()).count() as u32, SAMPLES_FIRST + 1);
        early.was_late(Time::ZERO);
        assert!(early.confirms() && !early.samples());
        assert_eq!(early.take_news(), Some(true));
        early.was_late(Time::ZERO);
        assert_eq!(early.take_news(), None, "it is known");
        let at = |seconds| Time::ZERO + Duration::from_secs(seconds);
        (0..2 * CONFIRM_PROMPT).for_each(|_| early.was_prompt(at(59)));
        assert!(early.confirms(), "it may only be at rest");
        early.was_late(at(60));
        (1..CONFIRM_PROMPT).for_each(|_| early.was_prompt(at(200)));
        assert!(early.confirms(), "one was late in between");
        early.was_prompt(at(200));
        assert_eq!((early.confirms(), early.take_news()), (false, Some(false)));
        assert!(early.samples(), "it is watched anew");
    }

    #[test]
    fn what_is_configured_is_not_found_out() {
        let mut early = Early::new(Programming::Synchronous);
        early.was_late(Time::ZERO);
        assert!(!early.confirms() && !early.samples());
        let mut early = Early::new(Programming::Asynchronous);
        (0..2 * CONFIRM_PROMPT).for_each(|_| early.was_prompt(Time::ZERO + CONFIRM_LEAST * 2));
        assert!(early.confirms() && early.take_news().is_none());
    }
}
