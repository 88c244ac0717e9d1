//! The control socket against awkward clients, awkward files and an ASIC that hangs.

use super::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

fn lone(netns: &Netns) -> Switch<'_> {
    netns.run(|net| net.device("vlan10"));
    Switch::new(netns, "10.1.0.3", "10.1.0.4")
}

#[test]
fn only_the_owner_may_connect_and_the_file_goes_with_the_daemon() {
    let netns = Netns::new();
    let mut switch = lone(&netns).start();
    let mode = std::fs::metadata(switch.control()).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    switch.stop();
    assert!(!exists(&switch.control()));
}

#[test]
fn a_live_daemons_socket_is_not_taken_a_dead_ones_is_and_a_plain_file_is_nobodys() {
    let netns = Netns::new();
    let mut switch = lone(&netns);
    let live = UnixListener::bind(switch.control()).expect("free");
    let words = switch.try_start().expect_err("somebody lives there").to_string();
    assert!(words.contains("another daemon answers there"), "{words}");
    drop(live);
    assert!(exists(&switch.control()), "the dead one's file is still there");
    switch.try_start().expect("it is replaced");
    switch.stop();

    std::fs::write(switch.control(), "precious").expect("writable");
    let words = switch.try_start().expect_err("that is no socket").to_string();
    assert!(words.contains("no socket"), "{words}");
    assert_eq!(std::fs::read_to_string(switch.control()).expect("untouched"), "precious");
}

#[test]
fn nonsense_is_answered_and_the_conversation_goes_on() {
    let netns = Netns::new();
    let switch = lone(&netns).start();
    let mut stream = UnixStream::connect(switch.control()).expect("it answers");
    stream.set_read_timeout(Some(PATIENCE)).expect("settable");
    let mut lines = BufReader::new(stream.try_clone().expect("another descriptor")).lines();
    let mut say = |line: &[u8]| {
        stream.write_all(line).expect("it reads");
        let answer = lines.next().expect("an answer").expect("text");
        serde_json::from_str::<Value>(&answer).expect("JSON")["reply"].as_str().expect("a word").to_owned()
    };
    assert_eq!(say(b"hello?\n"), "error");
    assert_eq!(say(b"{\"request\":\"reboot\"}\n"), "error");
    assert_eq!(say(b"\xff\xfe\n"), "error");
    assert_eq!(say(b"\n\n{\"request\":\"show-session\"}\n"), "session");
    assert_eq!(say(b"{\"request\":\"show-hosts\",\"limit\":0}\n"), "hosts");
    // Cut anywhere, and two at once.
    stream.write_all(b"{\"request\":\"show-").expect("it reads");
    stream.write_all(b"counters\"}\n{\"request\":\"show-config\"}\n").expect("it reads");
    for want in ["counters", "config"] {
        let answer = lines.next().expect("an answer").expect("text");
        assert!(answer.contains(&format!("\"reply\":\"{want}\"")), "{answer}");
    }
}

#[test]
fn an_endless_line_is_refused_and_costs_nobody_else() {
    let netns = Netns::new();
    let switch = lone(&netns).start();
    let mut endless = UnixStream::connect(switch.control()).expect("it answers");
    endless.set_read_timeout(Some(PATIENCE)).expect("settable");
    let chunk = [b'x'; 8192];
    while endless.write_all(&chunk).is_ok() {}
    let mut said = String::new();
    // The answer may be lost with the reset that our own excess causes; the connection is over either way.
    let _ = endless.read_to_string(&mut said);
    assert!(said.is_empty() || said.contains("error"), "{said}");
    switch.session();
}

#[test]
fn clients_that_do_not_read_hold_up_nobody_and_too_many_are_told_so() {
    let netns = Netns::new();
    let switch = lone(&netns).start();
    let mut deaf = Vec::new();
    for _ in 0..mlagsync::limits::CONTROL_CLIENTS - 1 {
        let mut stream = UnixStream::connect(switch.control()).expect("it answers");
        // Fills its own buffers with questions and takes no answer.
        stream.set_nonblocking(true).expect("settable");
        while stream.write(b"{\"request\":\"show-config\"}\n").is_ok() {}
        deaf.push(stream);
    }
    switch.session();
    // The daemon sees the end of that client's connection in its own time.
    let _last = {
        let mut held = None;
        until("there is room for one more", true, || {
            let mut client = switch.client();
            let room = matches!(client.ask(&Request::ShowSession), Ok(Reply::Session(_)));
            held = Some(client);
            room
        });
        held
    };
    let refusal = switch.client().ask(&Request::ShowSession).expect("a refusal");
    assert!(matches!(&refusal, Reply::Error { text } if text.contains("clients")), "{refusal:?}");
}

#[test]
fn while_the_asic_hangs_the_socket_answers_and_the_session_stays_up() {
    let (a, b) = pair();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), [2, 0, 0, 0, 1, 1], netns::REACHABLE, 0));
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let mut right =
        Switch::new(&b, "10.1.0.4", "10.1.0.3").profile("SAI_SIM_FAULTS=create neighbor hang").start();
    until("the claim is there", true, || right.counters().remote > 0);
    let refused = right.verify().expect_err("the ASIC cannot be read");
    assert!(refused.contains("inside one call for"), "{refused}");
    // For longer than the hold time.
    until("it was up all the while", true, || right.session().since_ms >= 5_000);
    let session = right.session();
    assert!(session.up && left.session().up && right.counters().sessions == 1, "{session:?}");
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), [2, 0, 0, 0, 1, 1], netns::REACHABLE, 0));
    until("TCP is read all the same", true, || right.counters().remote >= 2);
    assert_eq!(right.stop(), 1, "the thread that hangs is left behind, and only that");
}
