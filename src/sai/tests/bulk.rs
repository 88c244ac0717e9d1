//! The way of a batch through libraries of every temper, without C.

use crate::sai::bulk::{ALIKE, Answer, BULK_CALLS, Calls, Memory, Report, Timed, execute};
use crate::sai::error::Error;
use crate::sai::status::Status;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How a library takes a bulk call that has entries which it cannot take.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Temper {
    /// As the header says.
    Spec,
    /// Looks at all entries first, ignores the mode, writes the status of the first bad one, executes nothing.
    WholeBatch,
    /// The same, and writes no status at all.
    Refuses,
    /// Ignores the mode and stops at the first bad entry.
    Stops,
    /// Stops there, and does not even write that entry's status.
    StopsSilently,
    /// Has no bulk function, and says so by its return code.
    NoBulk(Status),
    /// Has no bulk function, and says so for each entry.
    NoBulkEach(Status),
    /// Its pointer is NULL.
    Absent,
    /// Takes no more than so many entries.
    AtMost(usize),
}

const TEMPERS: &[Temper] = &[
    Temper::Spec,
    Temper::WholeBatch,
    Temper::Refuses,
    Temper::Stops,
    Temper::StopsSilently,
    Temper::NoBulk(Status::NOT_IMPLEMENTED),
    Temper::NoBulk(Status::NOT_SUPPORTED),
    Temper::NoBulkEach(Status::NOT_IMPLEMENTED),
    Temper::Absent,
    Temper::AtMost(100),
];

struct Library {
    temper: Temper,
    /// Entries that it cannot take, and why.
    bad: BTreeMap<usize, Status>,
    statuses: Vec<Status>,
    /// How often each entry was executed with success.
    executed: Vec<u32>,
    bulk_calls: u32,
    single_calls: u32,
    reads: bool,
}

impl Library {
    fn new(temper: Temper, n: usize, bad: impl IntoIterator<Item = (usize, Status)>) -> Self {
        Library {
            temper,
            bad: bad.into_iter().collect(),
            statuses: vec![Status(0x5a5a); n],
            executed: vec![0; n],
            bulk_calls: 0,
            single_calls: 0,
            reads: false,
        }
    }

    fn run(&mut self) -> (Vec<Answer>, Report) {
        let mut answers = Vec::new();
        let n = self.statuses.len();
        let report = execute(self, n, &mut Memory::default(), &mut answers);
        assert_eq!(report.calls, self.bulk_calls + self.single_calls);
        assert!(report.calls as usize <= BULK_CALLS as usize + n, "{report:?}");
        (answers, report)
    }

    fn take(&mut self, at: usize) -> Status {
        match self.bad.get(&at) {
            Some(status) => *status,
            None => {
                self.executed[at] += 1;
                Status::SUCCESS
            }
        }
    }
}

impl Calls for Library {
    fn bulk(&mut self, range: Range<usize>) -> Result<Timed, Error> {
        if self.temper == Temper::Absent {
            return Err(Error::Absent { call: "bulk" });
        }
        self.bulk_calls += 1;
        self.statuses[range.clone()].fill(Status::NOT_EXECUTED);
        let first_bad = self.bad.range(range.clone()).next().map(|(at, status)| (*at, *status));
        let returned = match (self.temper, first_bad) {
            (Temper::NoBulk(status), _) => status,
            (Temper::NoBulkEach(status), _) => {
                self.statuses[range].fill(status);
                status
            }
            (Temper::AtMost(most), _) if range.len() > most => Status::INVALID_PARAMETER,
            (Temper::WholeBatch, Some((at, status))) => {
                self.statuses[at] = status;
                status
            }
            (Temper::Refuses, Some((_, status))) => status,
            (Temper::Stops | Temper::StopsSilently, Some((bad, status))) => {
                for at in range.start..bad {
                    self.statuses[at] = self.take(at);
                }
                if self.temper == Temper::Stops {
                    self.statuses[bad] = status;
                }
                Status::FAILURE
            }
            _ => {
                for at in range {
                    self.statuses[at] = self.take(at);
                }
                if first_bad.is_some() { Status::FAILURE } else { Status::SUCCESS }
            }
        };
        Ok((returned, 10))
    }

    fn status(&self, at: usize) -> Status {
        self.statuses[at]
    }

    fn single(&mut self, at: usize) -> Result<Timed, Error> {
        self.single_calls += 1;
        Ok((self.take(at), 1))
    }

    fn only_reads(&self) -> bool {
        self.reads
    }
}

#[test]
fn rule_4_every_good_entry_gets_through_once_whatever_the_library_makes_of_bad_ones() {
    const N: usize = 1000;
    let all: Vec<usize> = (0..N).collect();
    let every = |step: usize| all.iter().copied().step_by(step).collect::<Vec<_>>();
    let sets = [vec![], vec![0], vec![N - 1], vec![500, 501], every(100), every(7), every(2), every(1)];
    for temper in TEMPERS {
        for set in &sets {
            let why = [Status::ITEM_ALREADY_EXISTS, Status::TABLE_FULL, Status::INVALID_PARAMETER];
            let bad = set.iter().enumerate().map(|(n, at)| (*at, why[n % why.len()]));
            let mut library = Library::new(*temper, N, bad);
            let (answers, report) = library.run();
            assert_eq!(report.trouble, None, "{temper:?} {}", set.len());
            for (at, answer) in answers.iter().enumerate() {
                let (wanted, times) = match library.bad.get(&at) {
                    Some(status) => (Answer::Refused(*status), 0),
                    None => (Answer::Done, 1),
                };
                assert_eq!((*answer, library.executed[at]), (wanted, times), "{temper:?}, entry {at}");
            }
        }
    }
}

#[test]
fn rule_4_one_bad_entry_among_4096_is_found_by_halves() {
    for (temper, most) in [(Temper::WholeBatch, 3), (Temper::Refuses, 26), (Temper::StopsSilently, 26)] {
        let mut library = Library::new(temper, 4096, [(3_333, Status::OBJECT_IN_USE)]);
        let (answers, report) = library.run();
        assert_eq!(answers[3_333], Answer::Refused(Status::OBJECT_IN_USE));
        assert!(report.calls <= most, "{temper:?} took {} calls", report.calls);
    }
}

/// Answers bulk calls with what a test says, and singles with SUCCESS.
struct Scripted<F> {
    statuses: Vec<Status>,
    bulk: F,
    single: Status,
    singles: u32,
    bulks: u32,
    reads: bool,
}

fn scripted<F: FnMut(&mut [Status]) -> Status>(n: usize, single: Status, bulk: F) -> Scripted<F> {
    Scripted { statuses: vec![Status::SUCCESS; n], bulk, single, singles: 0, bulks: 0, reads: false }
}

impl<F: FnMut(&mut [Status]) -> Status> Calls for Scripted<F> {
    fn bulk(&mut self, range: Range<usize>) -> Result<Timed, Error> {
        self.bulks += 1;
        self.statuses[range.clone()].fill(Status::NOT_EXECUTED);
        Ok(((self.bulk)(&mut self.statuses[range]), 1))
    }
    fn status(&self, at: usize) -> Status {
        self.statuses[at]
    }
    fn single(&mut self, _at: usize) -> Result<Timed, Error> {
        self.singles += 1;
        Ok((self.single, 1))
    }
    fn only_reads(&self) -> bool {
        self.reads
    }
}

fn run<F: FnMut(&mut [Status]) -> Status>(calls: &mut Scripted<F>) -> (Vec<Answer>, Report) {
    let mut answers = Vec::new();
    let n = calls.statuses.len();
    let report = execute(calls, n, &mut Memory::default(), &mut answers);
    (answers, report)
}

#[test]
fn rule_4_success_with_untouched_statuses_is_unknown_for_all() {
    let mut calls = scripted(100, Status::SUCCESS, |_| Status::SUCCESS);
    let (answers, report) = run(&mut calls);
    assert_eq!(answers, vec![Answer::Unknown(Status::SUCCESS); 100]);
    assert_eq!((report.calls, calls.singles), (1, 0), "nothing that may have been done is sent again");
}

#[test]
fn rule_4_what_a_read_left_open_is_simply_read_again() {
    let mut calls = scripted(100, Status::SUCCESS, |_| Status::SUCCESS);
    calls.reads = true;
    let (answers, _) = run(&mut calls);
    assert_eq!((answers, calls.singles), (vec![Answer::Done; 100], 100));
}

#[test]
fn rule_4_the_return_code_decides_nothing_that_a_status_says() {
    // An error with every entry done, SUCCESS with an entry refused, SUCCESS with a list that ends early.
    let mut calls = scripted(40, Status::SUCCESS, |statuses| {
        statuses.fill(Status::SUCCESS);
        Status::FAILURE
    });
    assert_eq!(run(&mut calls).0, vec![Answer::Done; 40]);
    let mut calls = scripted(40, Status::SUCCESS, |statuses| {
        statuses.fill(Status::SUCCESS);
        statuses[7] = Status::TABLE_FULL;
        statuses[39] = Status::NOT_EXECUTED;
        Status::SUCCESS
    });
    let (answers, report) = run(&mut calls);
    assert_eq!(answers[7], Answer::Refused(Status::TABLE_FULL));
    assert_eq!(answers[39], Answer::Unknown(Status::SUCCESS));
    assert_eq!((answers[38], report.calls), (Answer::Done, 1));
}

#[test]
fn rule_4_garbage_in_a_status_is_unknown_and_not_sent_again() {
    let garbage = [Status(1), Status(i32::MAX), Status(-999_999_999), Status::FAILURE, Status(i32::MIN)];
    let mut calls = scripted(20, Status::SUCCESS, |statuses| {
        statuses.fill(Status::SUCCESS);
        statuses[..garbage.len()].copy_from_slice(&garbage);
        Status::FAILURE
    });
    let (answers, report) = run(&mut calls);
    for (answer, status) in answers.iter().zip(garbage) {
        assert_eq!(*answer, Answer::Unknown(status));
    }
    assert_eq!((answers[garbage.len()..].to_vec(), report.calls), (vec![Answer::Done; 15], 1));
}

#[test]
fn rule_4_the_switchs_fault_stops_the_batch_and_blames_no_entry() {
    for fault in [Status::UNINITIALIZED, Status::NO_MEMORY] {
        let mut calls = scripted(1000, Status::SUCCESS, |_| fault);
        let (answers, report) = run(&mut calls);
        assert_eq!(report.trouble, Some(fault));
        assert_eq!((report.calls, answers), (1, vec![Answer::NotExecuted; 1000]));
    }
    // Half-way: what was done was done, what was not is not sent again now.
    let mut calls = scripted(10, Status::SUCCESS, |statuses| {
        statuses[..4].fill(Status::SUCCESS);
        statuses[4] = Status::NO_MEMORY;
        Status::NO_MEMORY
    });
    let (answers, report) = run(&mut calls);
    assert_eq!((report.trouble, report.calls), (Some(Status::NO_MEMORY), 1));
    assert_eq!(answers[..4], [Answer::Done; 4]);
    assert_eq!(answers[4], Answer::Unknown(Status::NO_MEMORY));
    assert_eq!(answers[5..], [Answer::NotExecuted; 5]);
}

#[test]
fn rule_4_sixteen_singles_that_fail_alike_are_the_switch() {
    for fault in [Status::FAILURE, Status(-4711), Status::NOT_IMPLEMENTED] {
        let mut calls = scripted(1000, fault, |_| Status::NOT_IMPLEMENTED);
        let (answers, report) = run(&mut calls);
        assert_eq!((report.trouble, calls.singles), (Some(fault), ALIKE));
        assert_eq!(answers[ALIKE as usize..], vec![Answer::NotExecuted; 1000 - ALIKE as usize]);
    }
    // The same by halves: a library that refuses every call, and says nothing of any entry.
    let mut calls = scripted(4096, Status::FAILURE, |_| Status::FAILURE);
    let (answers, report) = run(&mut calls);
    assert_eq!((report.trouble, calls.singles), (Some(Status::FAILURE), ALIKE));
    assert!(report.calls <= BULK_CALLS + ALIKE);
    let tried = answers.iter().filter(|answer| **answer != Answer::NotExecuted).count();
    assert_eq!(tried, ALIKE as usize);
    // And in a status list.
    let mut calls = scripted(100, Status::SUCCESS, |statuses| {
        statuses.fill(Status::FAILURE);
        Status::FAILURE
    });
    let (answers, report) = run(&mut calls);
    assert_eq!((report.trouble, report.calls), (Some(Status::FAILURE), 1));
    assert_eq!(answers, vec![Answer::Unknown(Status::FAILURE); 100]);
}

#[test]
fn rule_4_a_reason_that_lies_in_the_entry_never_blames_the_switch() {
    let mine = [
        Status::ITEM_ALREADY_EXISTS,
        Status::ITEM_NOT_FOUND,
        Status::TABLE_FULL,
        Status::INSUFFICIENT_RESOURCES,
        Status::OBJECT_IN_USE,
        Status::INVALID_PARAMETER,
        Status(sai_sys::SAI_STATUS_ATTR_NOT_SUPPORTED_0 - 1),
    ];
    for fault in mine {
        let mut calls = scripted(200, fault, |_| Status::NOT_IMPLEMENTED);
        let (answers, report) = run(&mut calls);
        assert_eq!((report.trouble, answers), (None, vec![Answer::Refused(fault); 200]), "{fault}");
    }
}

#[test]
fn rule_5_no_bulk_function_is_remembered_and_singles_go_on() {
    for lacking in [Status::NOT_IMPLEMENTED, Status::NOT_SUPPORTED] {
        let mut calls = scripted(100, Status::SUCCESS, |_| lacking);
        let (mut memory, mut answers) = (Memory::default(), Vec::new());
        for _ in 0..3 {
            execute(&mut calls, 100, &mut memory, &mut answers);
            assert_eq!(answers, vec![Answer::Done; 100]);
        }
        assert_eq!((calls.bulks, calls.singles), (1, 300), "{lacking}");
    }
}

#[test]
fn rule_5_only_an_untouched_list_is_remembered() {
    let mut calls = scripted(10, Status::SUCCESS, |statuses| {
        statuses[0] = Status::SUCCESS;
        Status::NOT_IMPLEMENTED
    });
    let (mut memory, mut answers) = (Memory::default(), Vec::new());
    execute(&mut calls, 10, &mut memory, &mut answers);
    assert!(!memory.singles_only);
    let mut absent = Library::new(Temper::Absent, 10, []);
    execute(&mut absent, 10, &mut memory, &mut answers);
    assert!(!memory.singles_only, "NULL means absent now, not for ever");
    assert_eq!(answers.iter().copied().map(|a| format!("{a:?}")).collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn an_empty_batch_makes_no_call() {
    let mut library = Library::new(Temper::Spec, 0, []);
    let (answers, report) = library.run();
    assert_eq!((answers.len(), report.calls), (0, 0));
}
