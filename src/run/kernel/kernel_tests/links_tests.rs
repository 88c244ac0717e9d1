//! Devices that go down, go away and come back.

use super::*;

#[test]
fn what_an_interface_loses_when_it_is_down_is_written_when_it_is_up() {
    let netns = netns();
    let mut running = Running::start(&netns);
    running.word((1..=100).map(|n| (nth_key(n), host(HOST))).collect(), None);
    running.until_view("all are there", |view| view.installed == 100);
    netns.run(|net| net.down("vlan10"));
    running.until_view("the kernel has dropped them", |view| view.installed == 0);
    running.word(vec![(nth_key(101), host(HOST)), (nth_key(1), KernelWant::Nothing)], None);
    netns.run(|net| net.up("vlan10"));
    running.until_view("all are there again", |view| view.installed == 100);
    let held = table(&netns);
    assert!((2..=101).all(|n| held[&nth(n)].mac == Some(HOST)) && !held.contains_key(&nth(1)));
    assert_eq!(running.view().refused, 0, "nothing is asked of a device that is down");
}

#[test]
fn an_interface_may_come_later_go_and_be_made_again() {
    let netns = Netns::new();
    let mut running = Running::start(&netns);
    running.want("10.0.0.9", host(HOST));
    running.until_view("it is taken", |view| view.wanted == 1);
    for round in 1..=3 {
        netns.run(|net| net.device("vlan10"));
        running.until_view("it is written", |view| view.installed == 1 && view.written == round);
        running.until_held(&netns, "10.0.0.9", &format!("{HOST} stale ours learned"));
        netns.run(|net| net.delete("vlan10"));
        running.until_view("it is gone", |view| view.installed == 0);
    }
}

#[test]
fn an_entry_on_another_device_is_nobodys_business() {
    let netns = netns();
    netns.run(|net| {
        net.device("other");
        net.neighbor_of("other", nth(1), HOST.0, limits::KERNEL_PROTOCOL);
    });
    let mut running = Running::start(&netns);
    running.word(vec![(nth_key(1), host(OTHER))], Some(KernelSweep::All));
    running.until_view("it is written", |view| view.installed == 1);
    running.word(vec![(nth_key(1), KernelWant::Nothing)], None);
    running.until_view("and removed", |view| view.removed == 1);
    let names = netns.inside(|| {
        let mut channel = Channel::open(&[], limits::NETLINK_BUFFER).expect("a socket");
        let bell = Wake::new().expect("an eventfd");
        let mut macs = Vec::new();
        let dumped = channel.dump(Table::Neighbors(libc::AF_INET), &bell, &mut |_, body| {
            if let Body::Neighbor { neighbor, .. } = body
                && neighbor.ip == Some(nth(1))
            {
                macs.push(neighbor.mac);
            }
        });
        dumped.expect("a dump");
        macs
    });
    assert_eq!(names, [Some(HOST)]);
}
