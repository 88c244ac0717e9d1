//! What becomes of the channel when its own ends change: addresses that go and come, ports that others take.

use super::*;
use common::bench::{ENDS, line};

/// PL-14: the address may go at any time, and come back.
#[test]
fn an_address_that_goes_while_the_session_is_up_takes_it_down_and_brings_it_back() {
    for own in 0..2 {
        let bench = Bench::new();
        bench.learn(own, "10.16.1.1", 0x11);
        let mut daemons = bench.pair();
        await_hosts(&mut daemons[1 - own], &[("10.16.1.1", 0x11)]);
        bench.spaces[own].run(|net| net.delete_address("peer-link", ENDS[own], 24));
        let reason = daemons[own].await_reason("source-not-local");
        assert_eq!(reason["source"], ENDS[own]);
        daemons[1 - own].await_shown("session", |shown| shown["up"] == false);
        // Nothing is deleted for it, and what is learned meanwhile is not lost.
        await_hosts(&mut daemons[1 - own], &[("10.16.1.1", 0x11)]);
        bench.learn(own, "10.16.1.2", 0x12);
        bench.spaces[own].run(|net| net.address("peer-link", ENDS[own], 24));
        await_hosts(&mut daemons[1 - own], &[("10.16.1.1", 0x11), ("10.16.1.2", 0x12)]);
        assert_eq!(count(&mut daemons[1 - own], "removes"), 0);
        await_up(&mut daemons);
    }
}

/// PL-07: the port is free when the daemon starts, and another program has it when the address comes back.
#[test]
fn a_port_that_is_taken_later_is_named_and_taken_back_when_it_is_free() {
    let bench = Bench::new();
    let mut daemons = bench.pair();
    await_up(&mut daemons);
    bench.spaces[0].run(|net| net.delete_address("peer-link", ENDS[0], 24));
    daemons[0].await_reason("source-not-local");
    // On every address, which needs none of them to be there.
    let squatter = bench.spaces[0].inside(|| std::net::TcpListener::bind("0.0.0.0:2048"));
    let squatter = squatter.expect("nobody listens while the address is away");
    bench.spaces[0].run(|net| net.address("peer-link", ENDS[0], 24));
    let reason = daemons[0].await_reason("port-in-use");
    assert_eq!(reason["port"], 2048);
    let owner = reason["owner"].as_str().unwrap_or_default();
    assert!(owner.contains(&std::process::id().to_string()), "'{owner}' is this test");
    // Whoever dials does not take the other program for its peer.
    daemons[1].await_shown("session", |shown| shown["up"] == false);
    drop(squatter);
    await_up(&mut daemons);
}

/// The other daemon is gone, but its machine answers: nobody listens. Then its port is shut without a word.
#[test]
fn a_port_that_is_closed_and_one_that_is_silent_have_their_reasons() {
    let (bench, proxy) = Bench::through_proxy();
    let mut dialler = bench.start(1, &line(1, 2048));
    proxy.refuse(1, true);
    assert_eq!(dialler.await_reason("peer-refuses")["port"], 2048);
    proxy.refuse(1, false);
    proxy.silence(true);
    assert_eq!(dialler.await_reason("peer-silent")["port"], 2048);
    proxy.silence(false);
    let mut listener = bench.start(0, &line(0, 2048));
    for daemon in [&mut dialler, &mut listener] {
        daemon.await_shown("session", |shown| shown["up"] == true);
    }
}
