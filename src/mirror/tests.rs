//! The mirror against an ASIC whose every answer the test writes.

mod adoption;
mod ownership;
mod scrub;

use super::batch::{Batch, BatchDone, BatchId, Op, OpKind, Outcome};
use super::line::Line;
use super::slot::{Place, RifId, Slot};
use super::*;
use crate::addr::{Mac, VlanId};
use crate::limits::{BATCH_FIRST, BATCH_MAX, ROOM_PROBE};
use crate::neighbor::Host;
use std::collections::BTreeMap;
use std::net::IpAddr;

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn host(n: u8) -> Host {
    Host { mac: Mac([2, 0, 0, 0, 0, n]), no_host_route: false }
}

fn ip(row: RowId) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + row).into()
}

struct Rig {
    mirror: Mirror,
    line: Line,
    rif: RifId,
    now: Time,
    /// What the ASIC holds.
    asic: BTreeMap<RowId, Host>,
}

impl Rig {
    fn new() -> Self {
        let mut mirror = Mirror::<Neighbor>::default();
        let rif = mirror.open(vlanif(10), Oid::from_raw(1));
        Rig { mirror, line: Line::default(), rif, now: Time::ZERO, asic: BTreeMap::new() }
    }

    fn want(&mut self, row: RowId, host: Option<Host>) {
        self.mirror.want(self.now, row, host.map(|host| (self.rif, host)), false);
    }

    fn next(&mut self) -> Option<Batch> {
        let nothing = Queues::default();
        let turn = self.line.turn(self.now, [&nothing, self.mirror.queues(), &nothing])?;
        Some(self.mirror.take_batch(self.now, turn, |row, rif: Rif, host, _| Op {
            row,
            rif: rif.oid,
            ip: ip(row),
            host: host.unwrap_or_default(),
        }))
    }

    fn answer(&mut self, batch: &Batch, outcomes: Vec<Outcome>) -> Option<Status> {
        let done = BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 };
        self.mirror.settle(&mut self.line, self.now, &done)
    }

    /// Does what a batch says, as a good library would.
    fn obey(&mut self, batch: &Batch) {
        let mut outcomes = Vec::new();
        for op in &batch.ops {
            let held = self.asic.get(&op.row).copied();
            outcomes.push(match (batch.kind, held) {
                (OpKind::Create, Some(_)) => Outcome::Refused(Status::ITEM_ALREADY_EXISTS),
                (OpKind::SetMac | OpKind::Remove, None) => Outcome::Refused(Status::ITEM_NOT_FOUND),
                (OpKind::Read, held) => Outcome::Held(held),
                (OpKind::Create | OpKind::SetMac, _) => {
                    self.asic.insert(op.row, op.host);
                    Outcome::Done
                }
                (OpKind::Remove, Some(_)) => {
                    self.asic.remove(&op.row);
                    Outcome::Done
                }
            });
        }
        self.answer(batch, outcomes);
    }

    /// Refuses or garbles the next batch, which must be of this kind and about one row.
    fn fail(&mut self, kind: OpKind, outcome: Outcome) {
        let batch = self.next().expect("a batch");
        assert_eq!((batch.kind, batch.ops.len()), (kind, 1));
        self.answer(&batch, vec![outcome]);
    }

    /// Obeys until nothing is left to do, and answers what was asked, kind by kind.
    fn drain(&mut self) -> Vec<OpKind> {
        let mut asked = Vec::new();
        while let Some(batch) = self.next() {
            asked.push(batch.kind);
            self.obey(&batch);
            assert!(asked.len() < 1000, "it never ends");
        }
        asked
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.line.wake(self.now);
        self.mirror.wake(self.now);
    }

    fn programmed(row: RowId, n: u8) -> Self {
        let mut rig = Rig::new();
        rig.want(row, Some(host(n)));
        assert_eq!(rig.drain(), [OpKind::Create]);
        rig
    }
}

#[test]
fn a_create_that_exists_already_is_read_back_and_adopted_or_set() {
    for (found, then) in [(1, vec![]), (2, vec![OpKind::SetMac])] {
        let mut rig = Rig::new();
        rig.asic.insert(5, host(found));
        rig.want(5, Some(host(1)));
        let asked = rig.drain();
        assert_eq!(asked, [vec![OpKind::Create, OpKind::Read], then].concat());
        assert_eq!(rig.asic[&5], host(1));
        assert_eq!(rig.mirror.tally().programmed, 1);
    }
}

#[test]
fn a_set_of_what_is_not_there_becomes_a_create() {
    let mut rig = Rig::programmed(5, 1);
    rig.asic.clear();
    rig.want(5, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::SetMac, OpKind::Create]);
    assert_eq!(rig.asic[&5], host(2));
}

#[test]
fn a_remove_of_what_is_not_there_is_done() {
    let mut rig = Rig::programmed(5, 1);
    rig.asic.clear();
    rig.want(5, None);
    assert_eq!(rig.drain(), [OpKind::Remove]);
    assert!(rig.mirror.is_vacant(5));
}

#[test]
fn what_is_unknown_is_read_back() {
    for (happened, then) in [(true, vec![OpKind::Read]), (false, vec![OpKind::Read, OpKind::Create])] {
        let mut rig = Rig::new();
        rig.want(5, Some(host(1)));
        rig.fail(OpKind::Create, Outcome::Unknown(Status::FAILURE));
        if happened {
            rig.asic.insert(5, host(1));
        }
        assert_eq!(rig.mirror.tally().programmed, 0, "unknown is not programmed");
        assert_eq!(rig.drain(), then);
        assert_eq!(rig.asic[&5], host(1));
    }
}

#[test]
fn where_nothing_can_be_read_back_it_is_found_out_by_writing() {
    for held in [None, Some(host(9))] {
        let mut rig = Rig::new();
        rig.want(5, Some(host(1)));
        rig.fail(OpKind::Create, Outcome::Unknown(Status::FAILURE));
        rig.asic.extend(held.map(|host| (5, host)));
        rig.fail(OpKind::Read, Outcome::Refused(Status::NOT_IMPLEMENTED));
        rig.drain();
        assert_eq!(rig.asic[&5], host(1));
        assert_eq!(rig.mirror.tally().programmed, 1);
    }
}

#[test]
fn what_was_not_executed_is_sent_again_as_it_is() {
    let mut rig = Rig::new();
    for row in [1, 2] {
        rig.want(row, Some(host(1)));
    }
    let batch = rig.next().unwrap();
    rig.asic.insert(1, host(1));
    rig.answer(&batch, vec![Outcome::Done, Outcome::NotExecuted]);
    let again = rig.next().unwrap();
    assert_eq!((again.kind, again.ops.iter().map(|op| op.row).collect()), (OpKind::Create, vec![2]));
}

#[test]
fn what_is_wrong_is_not_repeated_until_it_changes() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let wrong = Status(sai_sys::Status::INVALID_ATTR_VALUE_0.0);
    rig.fail(OpKind::Create, Outcome::Refused(wrong));
    rig.want(5, Some(host(1)));
    rig.pass(Duration::from_secs(3600));
    assert_eq!(rig.drain(), []);
    assert_eq!(rig.mirror.slot(5).unwrap().place, Place::Failed);
    assert_eq!(rig.mirror.tally().parked, 1);
    rig.want(5, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::Create]);
    assert_eq!(rig.mirror.tally().parked, 0);
}

#[test]
fn an_address_that_the_fdb_does_not_know_waits_from_1_to_60_seconds() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let mut waits = Vec::new();
    for _ in 0..9 {
        rig.fail(OpKind::Create, Outcome::Refused(Status::ADDR_NOT_FOUND));
        assert!(rig.next().is_none());
        let due = rig.mirror.next_wake().unwrap();
        waits.push(due.since(rig.now).as_secs());
        rig.pass(due.since(rig.now));
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(rig.drain(), [OpKind::Create]);
}

#[test]
fn what_is_in_use_is_removed_later_and_never_given_up() {
    let mut rig = Rig::programmed(5, 1);
    rig.want(5, None);
    for _ in 0..20 {
        rig.fail(OpKind::Remove, Outcome::Refused(Status::OBJECT_IN_USE));
        assert!(rig.next().is_none());
        rig.pass(Duration::from_secs(60));
    }
    assert_eq!(rig.drain(), [OpKind::Remove]);
}

#[test]
fn a_full_table_is_probed_once_a_second_and_asked_for_as_much_as_was_freed() {
    let mut rig = Rig::new();
    for row in 0..10 {
        rig.want(row, Some(host(1)));
    }
    let batch = rig.next().unwrap();
    let mut outcomes = vec![Outcome::Refused(Status::TABLE_FULL); 10];
    outcomes[0] = Outcome::Done;
    outcomes[1] = Outcome::Done;
    rig.asic.extend([(0, host(1)), (1, host(1))]);
    rig.answer(&batch, outcomes);
    assert_eq!((rig.mirror.tally().parked, rig.mirror.tally().programmed), (8, 2));
    assert!(rig.next().is_none(), "nothing is tried while nothing changed");
    // A probe a second; candidates rotate.
    let mut probed = Vec::new();
    for _ in 0..3 {
        rig.pass(ROOM_PROBE);
        let probe = rig.next().unwrap();
        assert_eq!(probe.ops.len(), 1);
        probed.push(probe.ops[0].row);
        rig.answer(&probe, vec![Outcome::Refused(Status::TABLE_FULL)]);
        assert!(rig.next().is_none());
    }
    assert_eq!(probed, [2, 3, 4]);
    // One goes: one is tried.
    rig.want(0, None);
    let remove = rig.next().unwrap();
    assert_eq!(remove.kind, OpKind::Remove);
    rig.obey(&remove);
    let retry = rig.next().unwrap();
    assert_eq!((retry.kind, retry.ops.len(), retry.ops[0].row), (OpKind::Create, 1, 5));
    rig.obey(&retry);
    assert!(rig.next().is_none());
    // A probe that finds room doubles the next one.
    let mut sizes = Vec::new();
    for _ in 0..3 {
        rig.pass(ROOM_PROBE);
        let probe = rig.next().unwrap();
        sizes.push(probe.ops.len());
        rig.obey(&probe);
    }
    assert_eq!(sizes, [1, 2, 4]);
    assert_eq!((rig.mirror.tally().parked, rig.mirror.tally().programmed), (0, 9));
}

#[test]
fn one_operation_per_entry_is_in_flight_and_what_changed_meanwhile_is_decided_anew() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let create = rig.next().unwrap();
    rig.want(5, Some(host(2)));
    rig.want(5, Some(host(3)));
    assert!(rig.next().is_none(), "its create is still in flight");
    rig.obey(&create);
    assert_eq!(rig.drain(), [OpKind::SetMac]);
    assert_eq!(rig.asic[&5], host(3));
    rig.want(5, Some(host(4)));
    let set = rig.next().unwrap();
    rig.want(5, None);
    rig.obey(&set);
    assert_eq!(rig.drain(), [OpKind::Remove]);
    // A refusal of what is no longer wanted parks nothing.
    rig.want(6, Some(host(1)));
    let create = rig.next().unwrap();
    rig.want(6, Some(host(2)));
    rig.answer(&create, vec![Outcome::Refused(Status::TABLE_FULL)]);
    assert_eq!(rig.drain(), [OpKind::Create]);
}

#[test]
fn a_change_and_its_opposite_before_the_batch_is_no_operation() {
    let mut rig = Rig::programmed(5, 1);
    rig.want(5, None);
    rig.want(5, Some(host(1)));
    rig.want(6, Some(host(1)));
    rig.want(6, None);
    assert_eq!(rig.drain(), []);
}

#[test]
fn urgent_first_then_deletes_then_what_is_new() {
    let mut rig = Rig::new();
    for row in 0..4 {
        rig.want(row, Some(host(1)));
    }
    rig.drain();
    rig.want(9, Some(host(1)));
    rig.want(0, None);
    rig.want(1, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::SetMac, OpKind::Remove, OpKind::Create]);
}

#[test]
fn a_batch_is_of_one_kind_16_entries_at_first_and_at_most_two_are_in_flight() {
    let mut rig = Rig::new();
    for row in 0..10_000 {
        rig.want(row, Some(host(1)));
    }
    let (first, second) = (rig.next().unwrap(), rig.next().unwrap());
    assert_eq!((first.id, second.id), (BatchId(1), BatchId(2)));
    assert_eq!(first.ops.len(), BATCH_FIRST);
    assert!(rig.next().is_none());
    rig.obey(&first);
    rig.obey(&second);
    let mut largest = 0;
    while let Some(batch) = rig.next() {
        largest = largest.max(batch.ops.len());
        rig.obey(&batch);
    }
    assert_eq!(largest, BATCH_MAX);
    assert_eq!(rig.mirror.tally().programmed, 10_000);
}

#[test]
fn a_single_change_does_not_wait_for_company() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    assert_eq!(rig.next().unwrap().ops.len(), 1);
    rig.want(6, Some(host(1)));
    assert_eq!(rig.next().unwrap().ops.len(), 1);
}

#[test]
fn a_switch_in_trouble_is_left_alone_for_longer_and_longer() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let mut pauses = Vec::new();
    for nth in 0..9 {
        let batch = rig.next().unwrap();
        let status = Status::UNINITIALIZED;
        let outcomes = vec![Outcome::Refused(status)];
        let done = BatchDone { id: batch.id, outcomes, switch_trouble: Some(status), asic_ns: 1, calls: 1 };
        let told = rig.mirror.settle(&mut rig.line, rig.now, &done);
        assert_eq!(told, (nth == 0).then_some(status), "told once");
        assert!(rig.next().is_none());
        assert_eq!(rig.mirror.tally().parked, 0, "it is the switch, not the entry");
        let due = rig.line.next_wake().unwrap();
        pauses.push(due.since(rig.now).as_millis());
        rig.pass(due.since(rig.now));
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    assert_eq!(rig.drain(), [OpKind::Create]);
}

#[test]
fn a_library_that_contradicts_itself_is_not_asked_in_a_loop() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let mut asked = 0;
    while let Some(batch) = rig.next() {
        let outcome = match batch.kind {
            OpKind::Create => Outcome::Refused(Status::ITEM_ALREADY_EXISTS),
            OpKind::Read => Outcome::Held(None),
            OpKind::SetMac | OpKind::Remove => Outcome::Refused(Status::ITEM_NOT_FOUND),
        };
        rig.answer(&batch, vec![outcome]);
        asked += 1;
        assert!(asked < 20, "it goes round in circles");
    }
    assert!(rig.mirror.next_wake().is_some(), "it is tried again later");
}

#[test]
fn what_is_the_noss_is_left_alone_and_looked_at_when_it_comes_back() {
    let mut rig = Rig::programmed(5, 1);
    rig.mirror.release(5);
    assert_eq!(rig.drain(), []);
    assert_eq!(rig.asic[&5], host(1), "released without a write");
    rig.want(5, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Read]);
    // Released while an operation is in flight: its answer says nothing about an entry of ours.
    rig.want(5, Some(host(2)));
    let set = rig.next().unwrap();
    rig.mirror.release(5);
    rig.obey(&set);
    assert_eq!(rig.drain(), []);
    // Released and wanted again before the answer came: the NOS may have written it in between.
    rig.want(5, Some(host(3)));
    rig.drain();
    rig.want(5, Some(host(4)));
    let set = rig.next().unwrap();
    rig.mirror.release(5);
    rig.want(5, Some(host(4)));
    rig.obey(&set);
    assert_eq!(rig.drain(), [OpKind::Read]);
    rig.mirror.release(5);
    // The NOS lost it, and so did everybody.
    rig.want(5, None);
    assert_eq!(rig.drain(), []);
    assert!(rig.mirror.is_vacant(5));
}

#[test]
fn another_router_interface_means_remove_there_and_create_here() {
    let mut rig = Rig::programmed(5, 1);
    let old = rig.rif;
    rig.rif = rig.mirror.open(vlanif(10), Oid::from_raw(2));
    rig.mirror.close(old);
    assert_eq!(rig.mirror.poll_released(), None);
    rig.want(5, Some(host(1)));
    let remove = rig.next().unwrap();
    assert_eq!((remove.kind, remove.ops[0].rif), (OpKind::Remove, Oid::from_raw(1)));
    rig.obey(&remove);
    assert_eq!(rig.mirror.poll_released().map(|rif| rif.interface), Some(vlanif(10)));
    let create = rig.next().unwrap();
    assert_eq!((create.kind, create.ops[0].rif), (OpKind::Create, Oid::from_raw(2)));
}

#[test]
fn an_answer_to_a_batch_that_nobody_asked_is_ignored_and_a_short_one_leaves_the_rest_unknown() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let batch = rig.next().unwrap();
    let done = BatchDone {
        id: BatchId(99),
        outcomes: vec![Outcome::Done],
        switch_trouble: None,
        asic_ns: 1,
        calls: 1,
    };
    assert_eq!(rig.mirror.settle(&mut rig.line, rig.now, &done), None);
    assert_eq!(rig.mirror.tally().programmed, 0);
    rig.asic.insert(5, host(1));
    rig.answer(&batch, vec![]);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(rig.mirror.tally().programmed, 1);
}

#[test]
fn answers_to_something_else_than_was_asked_are_not_taken_for_progress() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    rig.fail(OpKind::Create, Outcome::Unknown(Status::FAILURE));
    let mut asked = 0;
    while let Some(batch) = rig.next() {
        assert_eq!(batch.kind, OpKind::Read);
        rig.answer(&batch, vec![Outcome::Done]);
        asked += 1;
        assert!(asked < 10, "it is asked in a loop");
    }
    assert!(rig.mirror.next_wake().is_some(), "it is tried again later");
}

#[test]
fn an_entry_costs_at_most_200_bytes() {
    // The index may be just grown: 8 places for 3.5 rows.
    let index = crate::table::index::PLACE_BYTES as f64 * 8.0 / 3.5;
    let entry = size_of::<crate::table::row::Row>() + size_of::<Slot>();
    let dirty = size_of::<RowId>();
    let total = entry as f64 + index + dirty as f64;
    assert!(total <= 200.0, "{total} bytes: slot {}, both {entry}", size_of::<Slot>());
}
