//! Entries that are refreshed and probed by the real kernel.

use super::*;

fn probe(ip: &str, own: bool) -> Order {
    Order::Question(Question::Probe { key: key(ip), mac: HOST, own })
}

#[test]
fn a_confirmation_refreshes_the_kernels_own_entry_and_nothing_else() {
    let netns = netns();
    netns.run(|net| {
        net.neighbor("vlan10", nth(1), HOST.0, STALE, libc::NTF_EXT_LEARNED);
        net.neighbor("vlan10", nth(2), OTHER.0, STALE, 0);
        net.neighbor("vlan10", nth(3), HOST.0, PERMANENT, 0);
    });
    let mut running = Running::start(&netns);
    for n in 1..=4 {
        running.order(Order::Question(Question::Confirmed { key: nth_key(n), mac: HOST }));
    }
    running.until_held(&netns, "10.1.0.1", &format!("{HOST} reachable the kernel's learned"));
    // The questions are answered in order, so by the time that a later one is, all before it are.
    netns.run(|net| net.neighbor("vlan10", nth(5), HOST.0, STALE, 0));
    running.order(Order::Question(Question::Confirmed { key: nth_key(5), mac: HOST }));
    running.until_held(&netns, "10.1.0.5", &format!("{HOST} reachable the kernel's"));
    let held = table(&netns);
    assert_eq!(word(held.get(&nth(2))), format!("{OTHER} stale the kernel's"), "another host");
    assert_eq!(word(held.get(&nth(3))), format!("{HOST} permanent the kernel's"));
    assert!(!held.contains_key(&nth(4)), "nothing is invented");
    running.until_view("two were refreshed", |view| view.refreshed == 2);
}

#[test]
fn a_probe_that_nobody_answers_is_told_and_leaves_nothing_behind() {
    let netns = netns();
    netns.run(|net| net.neighbor("vlan10", nth(3), HOST.0, STALE, 0));
    let mut running = Running::start(&netns);
    running.want("10.1.0.1", host(HOST));
    running.until_view("the mirror has one of them", |view| view.installed == 1);
    for ip in ["10.1.0.1", "10.1.0.2"] {
        running.order(probe(ip, false));
    }
    running.order(probe("10.1.0.3", true));
    running.until("all were probed in vain", |running| {
        running.unanswered.len() == 2 && running.view().unanswered == 3
    });
    let mut unanswered = std::mem::take(&mut running.unanswered);
    unanswered.sort();
    assert_eq!(unanswered, [nth_key(1), nth_key(2)], "of a host of ours the learner tells");
    running.until_held(&netns, "10.1.0.2", "absent");
    let held = table(&netns);
    assert_eq!(word(held.get(&nth(1))), format!("{HOST} stale ours learned"), "it is the node's to end");
    let own = held.get(&nth(3)).is_none_or(|row| row.state == libc::NUD_FAILED);
    assert!(own, "the kernel has given it up: {held:?}");
}

#[test]
fn a_probe_that_is_answered_makes_the_entry_the_kernels_own() {
    let (netns, far) = (Netns::new(), Netns::new());
    netns.veth("vlan10", &far, "eth0");
    netns.run(|net| net.address("vlan10", "10.1.0.254", 24));
    far.run(|net| {
        net.mac("eth0", HOST.0);
        net.address("eth0", "10.1.0.1", 24);
        net.address("eth0", "10.1.0.2", 24);
        net.address("eth0", "10.1.0.3", 24);
    });
    netns.run(|net| net.neighbor("vlan10", nth(3), HOST.0, STALE, 0));
    let mut running = Running::start(&netns);
    running.want("10.1.0.1", host(HOST));
    running.until_view("the mirror has one of them", |view| view.installed == 1);
    running.order(probe("10.1.0.1", false));
    running.order(probe("10.1.0.2", false));
    running.order(probe("10.1.0.3", true));
    for ip in ["10.1.0.1", "10.1.0.2", "10.1.0.3"] {
        running.until_held(&netns, ip, &format!("{HOST} reachable the kernel's"));
    }
    running
        .until_view("all have answered", |view| (view.probed, view.answered, view.unanswered) == (3, 3, 0));
    running.until_view("one is the kernel's from now on", |view| (view.installed, view.foreign) == (0, 1));
    assert!(running.unanswered.is_empty());
}
