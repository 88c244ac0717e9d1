//! The kernel mirror in words.

use crate::table::Facts;
use mlagsync::run::kernel::view::{AtExit, KernelView};

/// The kernel mirror as a table.
pub(super) fn kernel(view: &KernelView) -> Facts {
    let mut facts = Facts::default();
    facts.add("the peer's hosts are written", if view.mirror { "yes" } else { "no" }.to_owned());
    facts.add("under NDA_PROTOCOL", view.protocol.to_string());
    let at_exit = match view.at_exit {
        AtExit::Keep => "they stay",
        AtExit::Remove => "they go",
    };
    facts.add("when the daemon stops", at_exit.to_owned());
    let valid = match view.extern_valid {
        None => "not tried",
        Some(true) => "yes",
        Some(false) => "no: the kernel may give an entry up, and it is written again",
    };
    facts.add("externally validated", valid.to_owned());
    let rows = [
        ("hosts wanted", view.wanted),
        ("hosts installed", view.installed),
        ("hosts that the kernel has by itself", view.foreign),
        ("entries from before the restart", view.leftovers),
        ("entries written", view.written),
        ("entries changed", view.changed),
        ("entries removed", view.removed),
        ("entries handed over to the kernel", view.handed_over),
        ("entries refused by the kernel", view.refused),
        ("refused for want of room", view.table_full),
        ("own hosts refreshed", view.refreshed),
        ("hosts probed", view.probed),
        ("hosts that answered", view.answered),
        ("hosts that did not answer", view.unanswered),
        ("questions dropped", view.dropped),
        ("dumps of the kernel's table", view.dumps),
        ("times that notices were lost", view.overflows),
        ("answers lost", view.lost_answers),
    ];
    for (name, value) in rows {
        facts.add(name, value.to_string());
    }
    facts
}
