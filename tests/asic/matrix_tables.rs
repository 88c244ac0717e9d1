//! The matrix of `matrix` for the other two tables: each status × operation × (before, after the hardware did it) × (alone,
//! two of eight), of FDB entries and of host routes.
//!
//! A cell is lived as there: the status is answered to each such call for two minutes, and the entry ends as the table says;
//! then the library is well again, and what waited comes right by itself, or when something else is wanted.

use crate::bed::{Bed, Table, ip, mac};
use crate::hardware::linked;
use crate::matrix::{End, statuses};
use mlagsync::mirror::batch::OpKind;
use mlagsync::node::view::HostState;
use mlagsync::sai::Status;
use sai::inspect::SimSwitch;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(120);

const KINDS: [OpKind; 4] = [OpKind::Create, OpKind::SetMac, OpKind::Remove, OpKind::Read];

#[derive(Clone, Debug)]
struct Cell {
    table: Table,
    status: Status,
    rule: String,
    kind: OpKind,
    after: bool,
    alone: bool,
}

impl Cell {
    fn size(&self) -> u32 {
        if self.alone { 1 } else { 8 }
    }

    fn struck(&self) -> &'static [u32] {
        if self.alone { &[0] } else { &[1, 5] }
    }

    /// Every such call fails so from now on. What is to be read has to be in doubt first.
    fn strike(&self, sim: &SimSwitch) {
        let op = match self.kind {
            OpKind::Create => "create",
            OpKind::SetMac => "set",
            OpKind::Remove => "remove",
            OpKind::Read => "get",
        };
        let moment = if self.after { "after" } else { "before" };
        let rules = self.struck().iter().map(|n| {
            let key = match self.table {
                Table::Fdb => format!("fdb {}", mac(*n)),
                Table::Route => format!("route {}/32", ip(*n)),
            };
            let doubt = match self.kind {
                OpKind::Read => format!("create {key} #1 fail FAILURE after; "),
                _ => String::new(),
            };
            format!("{doubt}{op} {key} fail {} {moment}", self.rule)
        });
        sim.set_faults(&rules.collect::<Vec<_>>().join(";"), 1).unwrap();
    }

    fn end(&self, sim: &SimSwitch, bed: &Bed, n: u32) -> End {
        let there = bed.look(sim).get(&n).copied();
        let true_there = there == bed.should().get(&n).copied();
        let shows = |status: Status| {
            let known = status == self.status || status == Status::ITEM_ALREADY_EXISTS;
            assert!(known, "{self:?}: it shows {status:?}");
        };
        if self.kind == OpKind::Remove {
            return match true_there {
                true => End::Table,
                false if self.status.is_not_found() => End::Believed,
                false => End::Leaving,
            };
        }
        match bed.state(n) {
            None | Some(HostState::Programmed) if true_there => End::Table,
            None | Some(HostState::Programmed) => End::Believed,
            Some(HostState::Pending | HostState::Unknown) => End::Backoff,
            Some(HostState::Parked { status }) => {
                shows(status);
                End::Parked
            }
            Some(HostState::Failed { status }) => {
                shows(status);
                End::Failed
            }
            Some(other) => panic!("{self:?}: {other:?}"),
        }
    }

    /// The status is answered for two minutes: how the entries end.
    fn suffer(&self) -> (SimSwitch, Bed, Vec<End>) {
        let (sim, switch) = linked(&[]);
        let mut bed = Bed::new(self.table, &switch);
        if matches!(self.kind, OpKind::SetMac | OpKind::Remove) {
            bed.learn(0..self.size());
            assert_eq!(bed.look(&sim), bed.should());
        }
        self.strike(&sim);
        bed.forget_asked();
        match self.kind {
            OpKind::Create | OpKind::Read => bed.learn(0..self.size()),
            OpKind::SetMac => bed.point(true),
            OpKind::Remove => bed.forget(0..self.size()),
        }
        bed.run(DEADLINE);
        let ends = self.struck().iter().map(|n| self.end(&sim, &bed, *n)).collect();
        let (mut others, mut wanted) = (bed.look(&sim), bed.should());
        others.retain(|n, _| !self.struck().contains(n));
        wanted.retain(|n, _| !self.struck().contains(n));
        assert_eq!(others, wanted, "{self:?}: the others");
        let removes = bed.asked.iter().filter(|asked| asked.kind == OpKind::Remove);
        let removed = removes.flat_map(|asked| &asked.hosts).filter(|n| bed.wanted.contains(n)).count();
        assert_eq!(removed, 0, "{self:?}: a wanted entry was removed");
        (sim, bed, ends)
    }

    /// The library is well again: what waited comes right by itself, and the rest when something else is wanted.
    fn recover(&self, sim: &SimSwitch, bed: &mut Bed, ends: &[End]) {
        sim.set_faults("", 1).unwrap();
        bed.run(DEADLINE);
        if !ends.iter().any(|end| matches!(end, End::Failed | End::Believed)) {
            assert_eq!(bed.look(sim), bed.should(), "{self:?}: when the library is well again");
        }
        bed.learn(0..self.size());
        bed.run(DEADLINE);
        bed.point(!bed.away);
        bed.run(DEADLINE);
        assert_eq!(bed.look(sim), bed.should(), "{self:?}: when something else is wanted");
    }

    /// How its entries end.
    fn expected(&self) -> End {
        let rows = match self.table {
            Table::Fdb => FDB,
            Table::Route => ROUTES,
        };
        let row = rows.iter().find(|(rule, _)| *rule == self.rule);
        let (_, row) = row.unwrap_or_else(|| panic!("{} is in no row", self.rule));
        let place = 2 * KINDS.iter().position(|kind| *kind == self.kind).unwrap() + usize::from(self.after);
        End::of(row.split_whitespace().nth(place).expect("eight columns"))
    }
}

/// Every cell of a table. A status without a row, or a row without a status, is a mistake.
fn cells(table: Table, rows: &[(&str, &str)]) -> Vec<Cell> {
    let statuses = statuses();
    assert_eq!(rows.len(), statuses.len(), "as many rows as statuses");
    assert!(rows.iter().all(|(_, row)| row.split_whitespace().count() == 2 * KINDS.len()));
    let mut cells = Vec::new();
    for (status, rule) in statuses {
        for kind in KINDS {
            for (after, alone) in [(false, false), (false, true), (true, false), (true, true)] {
                cells.push(Cell { table, status, rule: rule.clone(), kind, after, alone });
            }
        }
    }
    cells
}

fn live(table: Table, rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for cell in cells(table, rows) {
        let (sim, mut bed, ends) = cell.suffer();
        let expected = cell.expected();
        if ends.iter().any(|end| *end != expected) {
            wrong.push(format!("{cell:?}: {ends:?}, not {expected:?}"));
        }
        assert!(bed.calls <= most_calls(&cell), "{cell:?}: {} calls", bed.calls);
        cell.recover(&sim, &mut bed, &ends);
    }
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

/// Calls in two minutes: a probe a second at most, of up to three attributes; what goes one by one, once for each entry.
fn most_calls(cell: &Cell) -> u32 {
    match cell.rule.as_str() {
        "NOT_EXECUTED" => 120 * cell.size(),
        _ => 3 * 130,
    }
}

#[test]
fn rule_7_every_status_of_every_operation_on_an_fdb_entry_ends_as_the_table_says() {
    live(Table::Fdb, FDB);
}

#[test]
fn rule_7_every_status_of_every_operation_on_a_host_route_ends_as_the_table_says() {
    live(Table::Route, ROUTES);
}

/// How an FDB entry ends, for a status answered to each: create before and after the hardware did it, set, remove, read.
#[rustfmt::skip]
const FDB: &[(&str, &str)] = &[
    //                              create  set     remove  read
    ("FAILURE",                     "P T    P T     L T     P T"),
    ("NOT_SUPPORTED",               "F F    F F     L T     T T"),
    ("NO_MEMORY",                   "P T    P T     L T     P T"),
    ("INSUFFICIENT_RESOURCES",      "P T    P P     L T     P T"),
    ("INVALID_PARAMETER",           "F F    F F     L T     P T"),
    ("ITEM_ALREADY_EXISTS",         "P T    P P     L T     P T"),
    ("ITEM_NOT_FOUND",              "P T    P T     X T     P T"),
    ("BUFFER_OVERFLOW",             "P T    P P     L T     P T"),
    ("INVALID_PORT_NUMBER",         "P T    P P     L T     P T"),
    ("INVALID_PORT_MEMBER",         "P T    P P     L T     P T"),
    ("INVALID_VLAN_ID",             "P T    P P     L T     P T"),
    ("UNINITIALIZED",               "B T    B B     L T     B T"),
    ("TABLE_FULL",                  "P T    P P     L T     P T"),
    ("MANDATORY_ATTRIBUTE_MISSING", "F F    F F     L T     P T"),
    ("NOT_IMPLEMENTED",             "F F    F F     L T     T T"),
    ("ADDR_NOT_FOUND",              "P T    P T     X T     P T"),
    ("OBJECT_IN_USE",               "P T    P P     L T     P T"),
    ("INVALID_OBJECT_TYPE",         "F F    F F     L T     P T"),
    ("INVALID_OBJECT_ID",           "P T    P T     X T     P T"),
    ("INVALID_NV_STORAGE",          "P T    P T     L T     P T"),
    ("NV_STORAGE_FULL",             "P T    P T     L T     P T"),
    ("SW_UPGRADE_VERSION_MISMATCH", "P T    P T     L T     P T"),
    ("NOT_EXECUTED",                "P T    P T     L T     P T"),
    ("STAGE_MISMATCH",              "P T    P P     L T     P T"),
    ("INVALID_ATTRIBUTE:1",         "F F    F F     L T     T T"),
    ("INVALID_ATTRIBUTE_MAX",       "F F    F F     L T     T T"),
    ("INVALID_ATTR_VALUE:1",        "F F    F F     L T     T T"),
    ("INVALID_ATTR_VALUE_MAX",      "F F    F F     L T     T T"),
    ("ATTR_NOT_IMPLEMENTED:1",      "F F    F F     L T     T T"),
    ("ATTR_NOT_IMPLEMENTED_MAX",    "F F    F F     L T     T T"),
    ("UNKNOWN_ATTRIBUTE:1",         "F F    F F     L T     T T"),
    ("UNKNOWN_ATTRIBUTE_MAX",       "F F    F F     L T     T T"),
    ("ATTR_NOT_SUPPORTED:1",        "F F    F F     L T     T T"),
    ("ATTR_NOT_SUPPORTED_MAX",      "F F    F F     L T     T T"),
    ("-77",                         "P T    P T     L T     P T"),
    ("77",                          "P T    P T     L T     P T"),
    ("-2147483648",                 "P T    P T     L T     P T"),
];

/// How a host route ends.
#[rustfmt::skip]
const ROUTES: &[(&str, &str)] = &[
    //                              create  set     remove  read
    ("FAILURE",                     "P T    P T     L T     P T"),
    ("NOT_SUPPORTED",               "F F    F F     L T     T T"),
    ("NO_MEMORY",                   "P T    P T     L T     P T"),
    ("INSUFFICIENT_RESOURCES",      "P T    P P     L T     P T"),
    ("INVALID_PARAMETER",           "F F    F F     L T     P T"),
    ("ITEM_ALREADY_EXISTS",         "P T    P P     L T     P T"),
    ("ITEM_NOT_FOUND",              "P T    P T     X T     P T"),
    ("BUFFER_OVERFLOW",             "P T    P P     L T     P T"),
    ("INVALID_PORT_NUMBER",         "P T    P P     L T     P T"),
    ("INVALID_PORT_MEMBER",         "P T    P P     L T     P T"),
    ("INVALID_VLAN_ID",             "P T    P P     L T     P T"),
    ("UNINITIALIZED",               "B T    B B     L T     B T"),
    ("TABLE_FULL",                  "P T    P P     L T     P T"),
    ("MANDATORY_ATTRIBUTE_MISSING", "F F    F F     L T     P T"),
    ("NOT_IMPLEMENTED",             "F F    F F     L T     T T"),
    ("ADDR_NOT_FOUND",              "P T    P T     X T     P T"),
    ("OBJECT_IN_USE",               "P T    P P     L T     P T"),
    ("INVALID_OBJECT_TYPE",         "F F    F F     L T     P T"),
    ("INVALID_OBJECT_ID",           "P T    P T     X T     P T"),
    ("INVALID_NV_STORAGE",          "P T    P T     L T     P T"),
    ("NV_STORAGE_FULL",             "P T    P T     L T     P T"),
    ("SW_UPGRADE_VERSION_MISMATCH", "P T    P T     L T     P T"),
    ("NOT_EXECUTED",                "P T    P T     L T     P T"),
    ("STAGE_MISMATCH",              "P T    P P     L T     P T"),
    ("INVALID_ATTRIBUTE:1",         "F F    F F     L T     T T"),
    ("INVALID_ATTRIBUTE_MAX",       "F F    F F     L T     T T"),
    ("INVALID_ATTR_VALUE:1",        "F F    F F     L T     T T"),
    ("INVALID_ATTR_VALUE_MAX",      "F F    F F     L T     T T"),
    ("ATTR_NOT_IMPLEMENTED:1",      "F F    F F     L T     T T"),
    ("ATTR_NOT_IMPLEMENTED_MAX",    "F F    F F     L T     T T"),
    ("UNKNOWN_ATTRIBUTE:1",         "F F    F F     L T     T T"),
    ("UNKNOWN_ATTRIBUTE_MAX",       "F F    F F     L T     T T"),
    ("ATTR_NOT_SUPPORTED:1",        "F F    F F     L T     T T"),
    ("ATTR_NOT_SUPPORTED_MAX",      "F F    F F     L T     T T"),
    ("-77",                         "P T    P T     L T     P T"),
    ("77",                          "P T    P T     L T     P T"),
    ("-2147483648",                 "P T    P T     L T     P T"),
];
