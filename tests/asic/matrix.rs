//! Each status × operation × (before, after the hardware did it) × (alone, in a bulk call, a crowd of alike).
//!
//! A cell is lived three times. The status is answered to each such call for two minutes: the entry must end as the table
//! below says, with few calls, without a removal, and without harm to others. Then the library is well again: what waited
//! comes right by itself. In another life the former is wanted again while the status is still answered. At the end the
//! hardware holds what is wanted, whatever was answered.

use crate::rig::{Rig, Wanted, held, mac};
use mlagsync::addr::Mac;
use mlagsync::mirror::batch::OpKind;
use mlagsync::node::view::HostState;
use mlagsync::sai::Status;
use sai::inspect::SimSwitch;
use std::net::IpAddr;
use std::time::Duration;

/// How an entry stands while the status is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it is wanted.
    Table,
    /// It waits, to be tried again by itself, and shows the status.
    Parked,
    /// It shows the status, and waits for something else to be wanted.
    Failed,
    /// It is on its way out, to be tried again by itself.
    Leaving,
    /// It is not known, or not done: the switch as a whole is left alone for a while.
    Backoff,
    /// The node believes what the library said, and the library lied.
    Believed,
}

impl End {
    /// The end that stands in a table of them.
    pub(crate) fn of(letter: &str) -> End {
        match letter {
            "T" => End::Table,
            "P" => End::Parked,
            "F" => End::Failed,
            "L" => End::Leaving,
            "B" => End::Backoff,
            "X" => End::Believed,
            other => panic!("{other} is no end"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Company {
    /// A single call.
    Alone,
    /// Two of eight in a bulk call.
    Two,
    /// All of 24 in a bulk call.
    Crowd,
}

#[derive(Clone, Debug)]
struct Cell {
    status: Status,
    rule: String,
    kind: OpKind,
    after: bool,
    company: Company,
}

const DEADLINE: Duration = Duration::from_secs(120);

fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
}

impl Cell {
    fn size(&self) -> u32 {
        match self.company {
            Company::Alone => 1,
            Company::Two => 8,
            Company::Crowd => 24,
        }
    }

    fn struck(&self) -> Vec<u32> {
        match self.company {
            Company::Two => vec![1, 5],
            Company::Alone | Company::Crowd => (0..self.size()).collect(),
        }
    }

    fn op(&self) -> &'static str {
        match self.kind {
            OpKind::Create => "create",
            OpKind::SetMac => "set",
            OpKind::Remove => "remove",
            OpKind::Read => "get",
        }
    }

    /// Every such call fails so from now on. What is to be read has to be in doubt first.
    fn strike(&self, sim: &SimSwitch) {
        let moment = if self.after { "after" } else { "before" };
        let rules = self.struck().into_iter().map(|n| {
            let doubt = if self.kind == OpKind::Read {
                format!("create neighbor {} #1 fail FAILURE after; ", ip(n))
            } else {
                String::new()
            };
            format!("{doubt}{} neighbor {} fail {} {moment}", self.op(), ip(n), self.rule)
        });
        sim.set_faults(&rules.collect::<Vec<_>>().join(";"), 1).unwrap();
    }

    /// Brings everything up to the operation, and asks for it.
    fn begin(&self, sim: &SimSwitch, rig: &mut Rig) {
        if matches!(self.kind, OpKind::SetMac | OpKind::Remove) {
            rig.learn(self.all(1));
            assert_eq!(held(sim), rig.wanted);
        }
        self.strike(sim);
        rig.forget_asked();
        match self.kind {
            OpKind::Create | OpKind::Read => rig.learn(self.all(1)),
            OpKind::SetMac => rig.learn(self.all(2)),
            OpKind::Remove => rig.forget((0..self.size()).map(ip)),
        }
    }

    fn end(&self, sim: &SimSwitch, rig: &Rig, n: u32) -> End {
        let true_there = held(sim).get(&ip(n)) == rig.wanted.get(&ip(n));
        // What is told not to be there and is there refuses to be created.
        let shows = |status: Status| {
            let known = status == self.status || status == Status::ITEM_ALREADY_EXISTS;
            assert!(known, "{self:?}: it shows {status:?}");
        };
        match rig.host(ip(n)).map(|host| host.state) {
            None | Some(HostState::Programmed) if true_there => End::Table,
            None | Some(HostState::Programmed) => End::Believed,
            Some(HostState::Pending | HostState::Unknown) => End::Backoff,
            Some(HostState::Removing | HostState::Adopted) => End::Leaving,
            Some(HostState::Parked { status }) => {
                shows(status);
                End::Parked
            }
            Some(HostState::Failed { status }) => {
                shows(status);
                End::Failed
            }
            Some(HostState::Contested) => panic!("{self:?}: nobody looked"),
            Some(HostState::Refused { refusal }) => panic!("{self:?}: {refusal:?}"),
        }
    }

    /// The status is answered for two minutes: how the entries end.
    fn suffer(&self) -> (SimSwitch, Rig, Vec<End>) {
        let (sim, mut rig) = Rig::linked(&[]);
        self.begin(&sim, &mut rig);
        rig.run(DEADLINE);
        let ends: Vec<End> = self.struck().into_iter().map(|n| self.end(&sim, &rig, n)).collect();
        let others: Wanted = held(&sim).into_iter().filter(|(ip, _)| !self.is_struck(ip)).collect();
        let wanted: Wanted = rig.wanted.clone().into_iter().filter(|(ip, _)| !self.is_struck(ip)).collect();
        assert_eq!(others, wanted, "{self:?}: the others");
        (sim, rig, ends)
    }

    /// The library is well again: what waited comes right by itself. Then something else is wanted.
    fn recover(&self) {
        let (sim, mut rig, ends) = self.suffer();
        sim.set_faults("", 1).unwrap();
        rig.run(DEADLINE);
        if !ends.iter().any(|end| matches!(end, End::Failed | End::Believed)) {
            assert_eq!(held(&sim), rig.wanted, "{self:?}: when the library is well again");
        }
        self.want_another(&sim, &mut rig);
    }

    /// What is wanted is there in the end, whatever the library said.
    fn want_another(&self, sim: &SimSwitch, rig: &mut Rig) {
        rig.learn(self.all(3));
        rig.run(DEADLINE);
        assert_eq!(held(sim), rig.wanted, "{self:?}: when something else is wanted");
        assert!(rig.troubles().is_empty(), "{self:?}: {:?}", rig.troubles());
    }

    /// The former is wanted again before the library is well again.
    fn change(&self) {
        if self.kind == OpKind::Read && !self.after && self.status.is_not_found() {
            // It says when asked that it does not hold what it holds: nobody can know better.
            return;
        }
        let (sim, mut rig, ends) = self.suffer();
        match self.kind {
            OpKind::Create | OpKind::Read => rig.forget((0..self.size()).map(ip)),
            OpKind::SetMac | OpKind::Remove => rig.learn(self.all(1)),
        }
        rig.run(DEADLINE);
        sim.set_faults("", 1).unwrap();
        rig.run(DEADLINE);
        let troubles = rig.troubles();
        let failed = |state: &HostState| matches!(state, HostState::Failed { .. });
        assert!(troubles.values().all(failed), "{self:?}: {troubles:?}");
        let mut held_now = held(&sim);
        let mut wanted = rig.wanted.clone();
        held_now.retain(|ip, _| !troubles.contains_key(ip));
        wanted.retain(|ip, _| !troubles.contains_key(ip));
        assert_eq!(held_now, wanted, "{self:?}, {ends:?}: when the former is wanted again");
        self.want_another(&sim, &mut rig);
    }

    fn all(&self, generation: u8) -> impl Iterator<Item = (IpAddr, Mac)> + use<> {
        (0..self.size()).map(move |n| (ip(n), mac(n, generation)))
    }

    fn is_struck(&self, address: &IpAddr) -> bool {
        self.struck().into_iter().any(|n| ip(n) == *address)
    }
}

const COMPANIES: [Company; 3] = [Company::Alone, Company::Two, Company::Crowd];
const KINDS: [OpKind; 4] = [OpKind::Create, OpKind::SetMac, OpKind::Remove, OpKind::Read];

/// How an entry ends, for a status answered to each: create before and after the hardware did it, set, remove, read.
#[rustfmt::skip]
const ROWS: &[(&str, &str)] = &[
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

impl Cell {
    /// Every cell of the matrix. A status without a row, or a row without a status, is a mistake.
    fn all_cells() -> Vec<Cell> {
        let statuses = statuses();
        assert_eq!(ROWS.len(), statuses.len(), "as many rows as statuses");
        let mut cells = Vec::new();
        for (status, rule) in statuses {
            for kind in KINDS {
                for after in [false, true] {
                    for company in COMPANIES {
                        cells.push(Cell { status, rule: rule.clone(), kind, after, company });
                    }
                }
            }
        }
        cells
    }

    /// How its entries end.
    fn expected(&self) -> Vec<End> {
        let row = ROWS.iter().find(|(rule, _)| *rule == self.rule);
        let (_, row) = row.unwrap_or_else(|| panic!("{} is in no row", self.rule));
        let place = 2 * KINDS.iter().position(|kind| *kind == self.kind).unwrap() + usize::from(self.after);
        let end = End::of(row.split_whitespace().nth(place).expect("eight columns"));
        // A library that has the function for nobody: it is the switch, and some are told so each for itself.
        if self.company == Company::Crowd && self.status.is_lacking() && end == End::Failed {
            return vec![End::Failed, End::Backoff, End::Table];
        }
        vec![end]
    }

    /// Calls in two minutes: a probe a second at most; what goes one by one, once for each entry and attempt.
    fn most_calls(&self) -> u32 {
        match self.expected()[..] {
            [End::Failed] => 2,
            [End::Believed] => 2,
            _ if self.rule == "NOT_EXECUTED" => 40 * self.size(),
            _ => 130,
        }
    }
}

#[test]
fn rule_7_every_status_of_every_operation_before_and_after_it_was_done_ends_as_the_table_says() {
    for cell in Cell::all_cells() {
        let (_, rig, ends) = cell.suffer();
        let expected = cell.expected();
        assert!(ends.iter().all(|end| expected.contains(end)), "{cell:?}: {ends:?}, not {expected:?}");
        assert!(rig.calls <= cell.most_calls(), "{cell:?}: {} calls", rig.calls);
        let removed = rig.count(OpKind::Remove, |ip| rig.wanted.contains_key(ip));
        assert_eq!(removed, 0, "{cell:?}: a wanted entry was removed");
    }
}

#[test]
fn rule_7_when_the_library_is_well_again_what_waited_comes_right_by_itself() {
    for cell in Cell::all_cells() {
        cell.recover();
    }
}

#[test]
fn rule_7_what_a_refusal_did_all_the_same_is_found_when_something_else_is_wanted() {
    for cell in Cell::all_cells() {
        cell.change();
    }
}

/// Every status that the header names, attributes' with an index, and some that it does not name.
pub(crate) fn statuses() -> Vec<(Status, String)> {
    let named = sai_sys::Status::NAMED.iter().filter(|(status, _)| !status.is_success());
    let mut all: Vec<_> = named
        .map(|(status, name)| match name.strip_suffix("_0") {
            Some(range) => (Status(status.0 - 1), format!("{range}:1")),
            None => (Status(status.0), (*name).to_owned()),
        })
        .collect();
    assert_eq!(all.len(), sai_sys::Status::NAMED.len() - 1);
    all.extend([-77, 77, i32::MIN].map(|raw| (Status(raw), raw.to_string())));
    all
}
