//! Room in the host table and quotas, as a table.

use crate::table::{Facts, Table};
use mlagsync::node::view::{AdmissionView, LimitView};
use std::io::{self, Write};

/// Room, and who has it.
pub(super) fn admission(view: &AdmissionView, out: &mut impl Write) -> io::Result<()> {
    let mut facts = Facts::default();
    facts.add("slots that an IPv6 host takes", view.v6_slots.to_string());
    facts.add("refused by the ASIC for want of room", view.no_room.to_string());
    facts.add("made way in the ASIC for others", view.made_way.to_string());
    let minute = format!("{} of at most {}", view.evicted_last_minute, view.evicted_most);
    facts.add("had to make way in the last minute", minute);
    facts.add("had to make way so far", view.evicted.to_string());
    facts.print(out)?;
    let mut table = Table::new(&[
        "room in",
        ">used",
        ">of",
        ">full",
        ">passed",
        ">local",
        ">dual-homed",
        ">orphan",
        ">waiting",
    ]);
    for row in std::iter::once(&view.table).chain(&view.quotas) {
        table.add(cells(row));
    }
    writeln!(out)?;
    table.print(out)
}

fn cells(row: &LimitView) -> [String; 9] {
    let dash = || "-".to_owned();
    let full = row.of.filter(|of| *of > 0).map(|of| format!("{} %", row.used.saturating_mul(100) / of));
    [
        row.scope.to_string(),
        row.used.to_string(),
        row.of.map_or_else(dash, |of| of.to_string()),
        full.unwrap_or_else(dash),
        row.threshold.map_or_else(dash, |percent| format!("{percent} %")),
        row.local.to_string(),
        row.dual_homed.to_string(),
        row.orphan.to_string(),
        row.waiting.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlagsync::node::view::Scope;

    #[test]
    fn a_bound_says_how_full_it_is_and_who_waits() {
        let limit = |scope, used, of, threshold| LimitView {
            scope,
            used,
            of,
            threshold,
            local: 1,
            dual_homed: 2,
            orphan: used - 3,
            waiting: 5,
        };
        let view = AdmissionView {
            v6_slots: 2,
            table: limit(Scope::Table, 900, Some(1000), Some(85)),
            quotas: vec![limit(Scope::Interface("Vlanif10".parse().unwrap()), 50, None, None)],
            no_room: 3,
            made_way: 4,
            evicted_last_minute: 6,
            evicted_most: 100,
            evicted: 70,
        };
        let mut text = Vec::new();
        admission(&view, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let row = |starts: &str| {
            let line = text.lines().find(|line| line.starts_with(starts)).unwrap_or_else(|| panic!("{text}"));
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row("the host table"), "the host table 900 1000 90 % 85 % 1 2 897 5");
        assert_eq!(row("interface"), "interface Vlanif10 50 - - - 1 2 47 5");
        assert!(text.contains("6 of at most 100"), "{text}");
    }
}
