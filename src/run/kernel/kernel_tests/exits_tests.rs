//! Ends and starts: what stays, what is found again, what is swept.

use super::*;

/// A mirror that installed so many hosts and has ended.
fn ended(netns: &Netns, at_exit: AtExit, many: u32) {
    let mut running = Running::start_with(netns, config(at_exit), |_| {});
    running.word((0..many).map(|n| (nth_key(n), host(HOST))).collect(), None);
    running.until_view("all are there", |view| view.installed == u64::from(many));
}

#[test]
fn at_a_clean_stop_entries_stay_or_go_as_configured() {
    let netns = netns();
    ended(&netns, AtExit::Keep, 100);
    assert_eq!(table(&netns).len(), 100);
    netns.run(|net| net.neighbor("vlan10", nth(1000), OTHER.0, STALE, 0));
    ended(&netns, AtExit::Remove, 100);
    assert_eq!(table(&netns).keys().copied().collect::<Vec<_>>(), [nth(1000)], "only what is ours");
}

#[test]
fn a_start_adopts_what_is_wanted_without_a_write_and_sweeps_the_rest() {
    let netns = netns();
    ended(&netns, AtExit::Keep, 100);
    netns.run(|net| {
        net.neighbor_of("vlan10", nth(500), HOST.0, 186);
        net.neighbor("vlan10", nth(501), HOST.0, STALE, 0);
    });
    let mut running = Running::start(&netns);
    running.until_view("they are found", |view| view.leftovers == 100);
    let mut changes: Vec<_> = (0..90).map(|n| (nth_key(n), host(HOST))).collect();
    changes[0].1 = host(OTHER);
    running.word(changes, None);
    running.until_view("they are adopted", |view| view.installed == 90 && view.leftovers == 10);
    assert_eq!(table(&netns).len(), 102, "the rest waits for its claims");
    running.word(vec![], Some(KernelSweep::Told));
    running.until_view("the rest is swept", |view| view.removed == 10);
    let view = running.view();
    assert_eq!((view.written, view.changed, view.removed, view.leftovers), (0, 1, 10, 0));
    let held = table(&netns);
    assert_eq!(held.len(), 92);
    assert!(held.contains_key(&nth(500)) && held.contains_key(&nth(501)), "other programs' and the kernel's");
}

#[test]
fn most_of_a_large_table_is_not_swept_on_an_empty_peers_word() {
    let many = limits::SWEEP_GUARD as u32 + 500;
    let netns = netns();
    ended(&netns, AtExit::Keep, many);
    let mut running = Running::start(&netns);
    running.word(vec![(nth_key(0), host(HOST))], Some(KernelSweep::Told));
    running.word(vec![(nth_key(many), host(HOST))], None);
    running.until_view("it is taken", |view| view.installed == 2);
    assert_eq!(table(&netns).len(), many as usize + 1);
    assert_eq!(running.view().leftovers, u64::from(many) - 1);
    running.word(vec![], Some(KernelSweep::All));
    running
        .until_view("it was waited for", |view| view.leftovers == 0 && view.removed == u64::from(many) - 1);
    assert_eq!(table(&netns).len(), 2);
}

#[test]
fn a_leftover_that_the_kernel_has_met_becomes_its_own() {
    let netns = netns();
    ended(&netns, AtExit::Keep, 2);
    netns.run(|net| net.neighbor("vlan10", nth(0), HOST.0, REACHABLE, 0));
    let mut running = Running::start(&netns);
    running.word(vec![], Some(KernelSweep::All));
    running.until_view("both are dealt with", |view| view.removed == 1 && view.handed_over == 1);
    running.until_held(&netns, "10.1.0.0", &format!("{HOST} reachable the kernel's"));
}
