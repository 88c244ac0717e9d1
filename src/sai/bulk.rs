//! How a batch gets through, whatever the library makes of bulk calls.
//!
//! ```text
//!   range ─► bulk ─┬─ some statuses written ──► they are the truth; runs left NOT_EXECUTED go again
//!                  ├─ none, SUCCESS ──────────► unknown
//!                  ├─ none, NOT_IMPLEMENTED … ► singles, and bulk is not asked again
//!                  ├─ none, the switch's fault ► stop
//!                  └─ none, another error ────► refused: halves, down to singles
//! ```
//!
//! Invariant: every entry gets one answer; no entry that was, or may have been, executed is sent again; a batch of n
//! entries takes at most [`BULK_CALLS`] + n calls. Nothing here calls C: see [`Calls`].

use super::error::Error;
use super::status::{Status, Verdict};
use std::ops::Range;

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// It was not, for this reason; the table is as before.
    Refused(Status),
    /// It may or may not have been done: it must be read back.
    Unknown(Status),
    /// It was certainly not attempted; it may be sent again as it is.
    NotExecuted,
}

/// What a batch took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// It is the switch, not the entries: what was left is [`Answer::NotExecuted`].
    pub trouble: Option<Status>,
    /// SAI calls.
    pub calls: u32,
    /// Time inside SAI, in nanoseconds.
    pub ns: u64,
}

/// One SAI call's status, and the nanoseconds that it took.
pub(super) type Timed = (Status, u64);

/// The calls for the entries of one batch.
pub(super) trait Calls {
    /// Fills the statuses of the range with NOT_EXECUTED and makes one bulk call that continues after errors.
    fn bulk(&mut self, range: Range<usize>) -> Result<Timed, Error>;
    /// The status of an entry after a bulk call.
    fn status(&self, at: usize) -> Status;
    /// Makes one single call.
    fn single(&mut self, at: usize) -> Result<Timed, Error>;
    /// Nothing is written: whatever is unclear may simply be asked again.
    fn only_reads(&self) -> bool;
}

/// What is remembered of a bulk function: the library said that it has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    pub(super) singles_only: bool,
}

/// Bulk calls that one batch may take; whoever is not through by then goes by single calls. Finding one bad entry
/// among 4,096 by halves takes 24 of them.
pub(super) const BULK_CALLS: u32 = 64;

/// So many single calls in a row that fail alike, without a reason that lies in their entries: it is the switch.
pub(super) const ALIKE: u32 = 16;

/// Gets `n` entries through and writes their answers.
pub(super) fn execute(
    calls: &mut impl Calls,
    n: usize,
    memory: &mut Memory,
    answers: &mut Vec<Answer>,
) -> Report {
    answers.clear();
    answers.resize(n, Answer::NotExecuted);
    let mut run = Run {
        calls,
        memory,
        answers,
        report: Report::default(),
        bulk_calls_left: BULK_CALLS,
        alike: (Status::SUCCESS, 0),
        // Ranges to be sent, the next one last.
        open: Vec::new(),
    };
    if n > 0 {
        run.open.push(0..n);
    }
    while let Some(range) = run.open.pop() {
        if run.report.trouble.is_some() {
            break;
        }
        if range.len() == 1 || run.memory.singles_only || run.bulk_calls_left == 0 {
            run.singles(range);
        } else {
            run.bulk(range);
        }
    }
    run.report
}

struct Run<'a, C> {
    calls: &'a mut C,
    memory: &'a mut Memory,
    answers: &'a mut [Answer],
    report: Report,
    bulk_calls_left: u32,
    alike: (Status, u32),
    open: Vec<Range<usize>>,
}

impl<C: Calls> Run<'_, C> {
    fn bulk(&mut self, range: Range<usize>) {
        let Ok((returned, ns)) = self.calls.bulk(range.clone()) else {
            // No function there: a table that is too short, or filled late. Singles this time.
            return self.singles(range);
        };
        self.bulk_calls_left -= 1;
        self.count(ns);
        let untouched = range.clone().all(|at| self.calls.status(at) == Status::NOT_EXECUTED);
        match returned.verdict() {
            _ if !untouched => self.settle(range, returned),
            Verdict::Done if self.calls.only_reads() => self.singles(range),
            Verdict::Done => self.answers[range].fill(Answer::Unknown(returned)),
            Verdict::Lacking => {
                self.memory.singles_only = true;
                self.singles(range);
            }
            Verdict::Switch => self.report.trouble = Some(returned),
            Verdict::Refused | Verdict::Unknown => {
                let middle = range.start + range.len() / 2;
                self.open.push(middle..range.end);
                self.open.push(range.start..middle);
            }
        }
    }

    /// The library wrote statuses: each tells of its entry. What it left is sent again, unless it said that it had
    /// done everything.
    fn settle(&mut self, range: Range<usize>, returned: Status) {
        let statuses = || range.clone().map(|at| self.calls.status(at));
        let first = self.calls.status(range.start);
        let all_alike = statuses().all(|status| status == first);
        if returned.is_lacking() && statuses().all(Status::is_lacking) {
            // It has no bulk function and said so for each entry.
            return self.singles(range);
        }
        let mut left: Option<Range<usize>> = None;
        let mut runs = Vec::new();
        for at in range.clone() {
            let status = self.calls.status(at);
            if status == Status::NOT_EXECUTED && (returned != Status::SUCCESS || self.calls.only_reads()) {
                left = Some(left.map_or(at, |run| run.start)..at + 1);
                continue;
            }
            runs.extend(left.take());
            self.answers[at] = match status {
                Status::SUCCESS => Answer::Done,
                Status::NOT_EXECUTED => Answer::Unknown(returned),
                status => self.answer(status),
            };
        }
        runs.extend(left);
        self.open.extend(runs.into_iter().rev());
        self.alike = (Status::SUCCESS, 0);
        if all_alike && range.len() as u32 >= ALIKE && says_nothing_of_the_entry(first) {
            self.report.trouble = Some(first);
        }
    }

    fn singles(&mut self, range: Range<usize>) {
        for at in range {
            let Ok((status, ns)) = self.calls.single(at) else {
                // Not even a single call is there now; it may be later.
                self.report.trouble = Some(Status::NOT_IMPLEMENTED);
                return;
            };
            self.count(ns);
            self.answers[at] = self.answer(status);
            let seen = if self.alike.0 == status { self.alike.1 } else { 0 };
            self.alike = (status, seen + 1);
            if self.alike.1 >= ALIKE && says_nothing_of_the_entry(status) {
                self.report.trouble = Some(status);
            }
            if self.report.trouble.is_some() {
                return;
            }
        }
    }

    /// What one entry's own status says of it.
    fn answer(&mut self, status: Status) -> Answer {
        match status.verdict() {
            Verdict::Done => Answer::Done,
            Verdict::Refused | Verdict::Lacking => Answer::Refused(status),
            Verdict::Unknown => Answer::Unknown(status),
            Verdict::Switch => {
                self.report.trouble = Some(status);
                if status == Status::UNINITIALIZED { Answer::NotExecuted } else { Answer::Unknown(status) }
            }
        }
    }

    fn count(&mut self, ns: u64) {
        self.report.calls += 1;
        self.report.ns += ns;
    }
}

/// The reason lies in no entry: the same from many of them speaks of the switch. A full table, a key that is taken or
/// not there, a wrong reference do lie in the entry, and a thousand of them in a row are a thousand reasons.
fn says_nothing_of_the_entry(status: Status) -> bool {
    matches!(status.verdict(), Verdict::Unknown | Verdict::Lacking | Verdict::Switch)
}
