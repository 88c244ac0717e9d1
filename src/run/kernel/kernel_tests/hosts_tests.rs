//! Hosts of the peer's in the kernel: written, changed, removed; what is somebody else's is left alone.

use super::*;

#[test]
fn fifty_thousand_hosts_are_written_changed_and_removed_and_none_is_lost() {
    const MANY: u32 = 50_000;
    let netns = netns();
    let mut running = Running::start(&netns);
    let word_of = |running: &mut Running, want: &dyn Fn(u32) -> KernelWant| {
        let began = Instant::now();
        for first in (0..MANY).step_by(limits::KERNEL_WORD) {
            let end = MANY.min(first + limits::KERNEL_WORD as u32);
            running.word((first..end).map(|n| (nth_key(n), want(n))).collect(), None);
        }
        began
    };
    let began = word_of(&mut running, &|n| host(nth_mac(n, 1)));
    running.until_view("all are installed", |view| view.installed == u64::from(MANY));
    println!("{MANY} hosts written in {:?}", began.elapsed());
    let held = table(&netns);
    assert_eq!(held.len(), MANY as usize);
    assert!((0..MANY).all(|n| held[&nth(n)].mac == Some(nth_mac(n, 1))));
    assert!(held.values().all(|row| word(Some(row)).ends_with("stale ours learned")));
    let valid = held.values().all(|row| row.flags_ext & ledger::EXT_VALIDATED != 0);
    assert_eq!(running.view().extern_valid, Some(valid), "as the kernel has it");

    let began = word_of(&mut running, &|n| host(nth_mac(n, 2)));
    running.until_view("all are changed", |view| view.changed == u64::from(MANY));
    println!("{MANY} hosts changed in {:?}", began.elapsed());
    let held = table(&netns);
    assert!(held.len() == MANY as usize && (0..MANY).all(|n| held[&nth(n)].mac == Some(nth_mac(n, 2))));
    let view = running.view();
    assert_eq!((view.written, view.removed, view.refused), (u64::from(MANY), 0, 0), "each by one request");

    let began = word_of(&mut running, &|_| KernelWant::Nothing);
    running.until_view("all are removed", |view| view.removed == u64::from(MANY));
    println!("{MANY} hosts removed in {:?}", began.elapsed());
    assert_eq!(table(&netns).len(), 0);
    let view = running.view();
    assert_eq!((view.wanted, view.installed, view.written), (0, 0, u64::from(MANY)));
}

#[test]
fn both_families_and_the_router_flag_are_written() {
    let netns = netns();
    let mut running = Running::start(&netns);
    running.want("10.0.0.9", host(HOST));
    running.want("2001:db8::9", KernelWant::Host { mac: OTHER, router: true });
    running.until_held(&netns, "10.0.0.9", &format!("{HOST} stale ours learned"));
    running.until_held(&netns, "2001:db8::9", &format!("{OTHER} stale ours learned"));
    let router = |netns: &Netns| {
        let row = table(netns)[&"2001:db8::9".parse::<IpAddr>().expect("legal")];
        row.flags & libc::NTF_ROUTER != 0
    };
    assert!(router(&netns));
    running.want("2001:db8::9", host(OTHER));
    running.until("it is no router any more", |_| !router(&netns));
}

#[test]
fn what_the_kernel_or_somebody_else_holds_is_left_until_it_goes() {
    let netns = netns();
    netns.run(|net| {
        net.neighbor("vlan10", nth(1), HOST.0, STALE, 0);
        net.neighbor("vlan10", nth(2), HOST.0, PERMANENT, 0);
        net.neighbor("vlan10", nth(3), HOST.0, NOARP, libc::NTF_EXT_LEARNED);
    });
    let mut running = Running::start(&netns);
    running.word((1..=3).map(|n| (nth_key(n), host(OTHER))).collect(), None);
    running.until_view("all are somebody else's", |view| view.foreign == 3);
    let held = table(&netns);
    assert!(held.values().all(|row| row.mac == Some(HOST)), "{held:?}");
    netns.run(|net| (1..=3).for_each(|n| net.delete_neighbor("vlan10", nth(n))));
    running.until_view("all are ours", |view| view.installed == 3);
    // Nobody answers there: the kernel knows of the address, and nothing of it.
    netns.inside(|| {
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("a socket");
        let _ = socket.send_to(b"?", "10.1.0.4:9");
    });
    assert_eq!(word(table(&netns).get(&nth(4))), "- incomplete the kernel's");
    running.word(vec![(nth_key(4), host(OTHER))], None);
    running.until_held(&netns, "10.1.0.4", &format!("{OTHER} stale ours learned"));
}

#[test]
fn what_somebody_deletes_is_written_again() {
    let netns = netns();
    let mut running = Running::start(&netns);
    running.want("10.0.0.9", host(HOST));
    running.until_held(&netns, "10.0.0.9", &format!("{HOST} stale ours learned"));
    netns.run(|net| net.delete_neighbor("vlan10", "10.0.0.9".parse().expect("legal")));
    running.until_view("it is written again", |view| view.written == 2 && view.installed == 1);
    running.until_held(&netns, "10.0.0.9", &format!("{HOST} stale ours learned"));
}

#[test]
fn the_kernels_own_change_of_an_entry_of_ours_is_not_undone() {
    let netns = netns();
    let mut running = Running::start(&netns);
    running.want("10.0.0.9", host(HOST));
    running.until_view("it is there", |view| view.installed == 1);
    netns.run(|net| net.neighbor("vlan10", "10.0.0.9".parse().expect("legal"), OTHER.0, REACHABLE, 0));
    running.until_view("it is another's", |view| view.installed == 0);
    running.want("10.0.0.10", host(HOST));
    running.until_view("something else is done", |view| view.written == 2);
    running.until_held(&netns, "10.0.0.9", &format!("{OTHER} reachable ours"));
    // The node has heard of it: the host is here.
    running.want("10.0.0.9", KernelWant::Own);
    running.until_held(&netns, "10.0.0.9", &format!("{OTHER} reachable the kernel's"));
    assert_eq!(running.view().handed_over, 1);
    let row = table(&netns)[&key("10.0.0.9").ip];
    assert_eq!((row.flags_ext, row.protocol), (0, Some(ledger::PROTOCOL_KERNEL)), "it ages as any");
}

#[test]
fn where_answers_are_lost_every_entry_is_looked_at() {
    const MANY: u32 = 3000;
    let netns = netns();
    netns.run(|net| {
        for n in (0..MANY).step_by(2) {
            net.neighbor("vlan10", nth(n), HOST.0, NOARP, libc::NTF_EXT_LEARNED);
        }
    });
    // The smallest buffer there is: refusals do not fit into it.
    let mut running = Running::start_with(&netns, config(AtExit::Keep), |mirror| mirror.bulk.set_buffer(1));
    for first in (0..MANY).step_by(limits::KERNEL_WORD) {
        let end = MANY.min(first + limits::KERNEL_WORD as u32);
        running.word((first..end).map(|n| (nth_key(n), host(OTHER))).collect(), None);
    }
    let half = u64::from(MANY / 2);
    running.until_view("each is known", |view| (view.installed, view.foreign) == (half, half));
    assert!(running.view().lost_answers > 0, "the test makes the buffer overflow");
    let held = table(&netns);
    let right = |n: u32| held[&nth(n)].mac == Some(if n.is_multiple_of(2) { HOST } else { OTHER });
    assert!(held.len() == MANY as usize && (0..MANY).all(right));
}

#[test]
fn after_an_overflow_of_notices_what_is_missing_is_written_again() {
    const MANY: u32 = 3000;
    let netns = netns();
    let small = KernelConfig { receive_buffer: 1, ..config(AtExit::Keep) };
    let mut running = Running::start_with(&netns, small, |_| {});
    for first in (0..MANY).step_by(limits::KERNEL_WORD) {
        let end = MANY.min(first + limits::KERNEL_WORD as u32);
        running.word((first..end).map(|n| (nth_key(n), host(HOST))).collect(), None);
    }
    running.until_view("all are there", |view| view.installed == u64::from(MANY));
    netns.run(|net| (0..MANY).for_each(|n| _ = net.try_delete_neighbor("vlan10", nth(n))));
    running.until("all are there again", |running| {
        running.view().installed == u64::from(MANY) && table(&netns).len() == MANY as usize
    });
    assert!(running.view().overflows > 0, "the test makes the buffer overflow");
}
