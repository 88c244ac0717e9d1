//! What the hardware holds after a batch, whatever the hardware did to it.

use crate::hardware::linked;
use crate::{batch, op, rif};
use mlagsync::mirror::batch::{OpKind, Outcome};
use mlagsync::run::asic::Executor;
use mlagsync::sai::{Kind, Status};

#[test]
fn rule_3_no_host_route_is_written_only_where_it_is_wanted() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    // A library that refuses the attribute refuses none of the others.
    let mut executor = Executor::new(&switch);
    let ops: Vec<_> = (0..100).map(|n| op(rif, n, 0)).collect();
    let done = executor.execute(&batch(OpKind::Create, ops.clone()));
    assert_eq!((done.outcomes, done.calls), (vec![Outcome::Done; 100], 1));
    for op in ops {
        let held = sim.neighbors().into_iter().find(|held| held.ip == op.ip).unwrap();
        assert_eq!((held.mac, held.no_host_route), (op.host.mac.0, op.host.no_host_route), "{}", op.ip);
    }
}

#[test]
fn rule_6_a_mac_change_is_one_set() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let mut executor = Executor::new(&switch);
    executor.execute(&batch(OpKind::Create, (0..50).map(|n| op(rif, n, 0))));
    sim.reset_calls();
    let done = executor.execute(&batch(OpKind::SetMac, (0..50).map(|n| op(rif, n, 1))));
    assert_eq!((done.outcomes, done.calls), (vec![Outcome::Done; 50], 1));
    let calls = sim.calls();
    let made: Vec<_> =
        calls.iter().filter(|called| called.calls > 0).map(|c| (c.name.clone(), c.calls)).collect();
    assert_eq!(made, [("set_neighbor_entries_attribute".to_owned(), 1)]);
}

#[test]
fn rule_4_a_full_table_refuses_what_has_no_room_and_takes_the_rest() {
    for bulk in ["spec", "whole-batch-reject", "early-return", "no-bulk"] {
        let (sim, switch) =
            linked(&[("SAI_SIM_HOST_CAPACITY", "40"), ("SAI_SIM_V6_SLOTS", "1"), ("SAI_SIM_BULK", bulk)]);
        let rif = rif(&switch);
        let mut executor = Executor::new(&switch);
        let ops: Vec<_> = (0..200).filter(|n| n % 21 != 0).map(|n| op(rif, n, 0)).collect();
        let done = executor.execute(&batch(OpKind::Create, ops.clone()));
        assert_eq!(done.switch_trouble, None, "{bulk}");
        let mut held = 0;
        for (op, outcome) in ops.iter().zip(&done.outcomes) {
            let is_there = sim.neighbors().iter().any(|held| held.ip == op.ip);
            match outcome {
                Outcome::Done => assert!(is_there, "{bulk}"),
                Outcome::Refused(status) => {
                    assert!(matches!(status.kind(), Kind::TableFull | Kind::InsufficientResources), "{bulk}");
                    assert!(!is_there, "{bulk}");
                }
                other => panic!("{bulk}: {other:?}"),
            }
            held += usize::from(is_there);
        }
        assert_eq!((held, sim.neighbor_count()), (40, 40), "{bulk}");
    }
}

#[test]
fn rule_4_what_the_hardware_half_did_is_told_entry_by_entry() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let mut executor = Executor::new(&switch);
    let ops = || (0..64).map(|n| op(rif, n, 0));
    // The tenth fails before, the twentieth after it was stored; both say FAILURE, which explains nothing.
    sim.set_faults("create neighbor #10 fail FAILURE; create neighbor #20 fail FAILURE after", 1).unwrap();
    let done = executor.execute(&batch(OpKind::Create, ops()));
    sim.set_faults("", 1).unwrap();
    for (n, outcome) in done.outcomes.iter().enumerate() {
        let wanted = if n == 9 || n == 19 { Outcome::Unknown(Status::FAILURE) } else { Outcome::Done };
        assert_eq!(*outcome, wanted, "entry {n}");
    }
    assert_eq!(sim.neighbor_count(), 63);
    let done = executor.execute(&batch(OpKind::Read, ops()));
    assert_eq!(done.outcomes[9], Outcome::Held(None));
    assert_eq!(done.outcomes[19], Outcome::Held(Some(op(rif, 19, 0).host)));
}

#[test]
fn rule_4_a_switch_that_is_out_of_memory_stops_the_batch() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let mut executor = Executor::new(&switch);
    sim.set_faults("create neighbor #33 abort NO_MEMORY", 1).unwrap();
    let done = executor.execute(&batch(OpKind::Create, (0..64).map(|n| op(rif, n, 0))));
    assert_eq!(
        (done.switch_trouble, done.calls),
        (None, 2),
        "an abort half-way: the rest goes again: {done:?}"
    );
    sim.set_faults("create neighbor fail NO_MEMORY", 1).unwrap();
    let done = executor.execute(&batch(OpKind::Create, (100..164).map(|n| op(rif, n, 0))));
    assert_eq!((done.switch_trouble, done.calls), (Some(Status::NO_MEMORY), 1));
}

#[test]
fn reading_shows_what_is_there_and_not_what_was_written() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let mut executor = Executor::new(&switch);
    sim.set_faults("create neighbor #3 corrupt-mac; create neighbor #5 lie", 1).unwrap();
    let ops = || (0..8).map(|n| op(rif, n, 0));
    let done = executor.execute(&batch(OpKind::Create, ops()));
    assert_eq!(done.outcomes, vec![Outcome::Done; 8], "the library says so");
    let dump = executor.dump().unwrap();
    assert_eq!(dump.entries.len(), 7);
    let read = executor.execute(&batch(OpKind::Read, ops())).outcomes;
    for (n, (op, outcome)) in ops().zip(read).enumerate() {
        match outcome {
            Outcome::Held(None) => assert_eq!(n, 4),
            Outcome::Held(Some(host)) => assert_eq!(host.mac != op.host.mac, n == 2),
            other => panic!("{other:?}"),
        }
    }
}
