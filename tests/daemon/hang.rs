//! A SAI call that does not come back for a long while.

use super::netns::REACHABLE;
use super::*;
use mlagsync::node::io::Event;
use mlagsync::node::view::HistoryView;

/// How long the call hangs: `MLAG_HANG_SECONDS=30` for what was seen of vendors' libraries.
fn seconds() -> u64 {
    std::env::var("MLAG_HANG_SECONDS").map_or(12, |text| text.parse().expect("seconds"))
}

/// Questions a second.
const RATE: u64 = 20;

fn history(switch: &Switch<'_>) -> Vec<Event> {
    match switch.ask(Request::ShowHistory) {
        Reply::History(HistoryView { entries, .. }) => entries.into_iter().map(|entry| entry.event).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rule_14_while_a_call_hangs_the_session_is_up_the_socket_answers_and_the_peer_is_told() {
    let (a, b) = pair();
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let fault = format!("SAI_SIM_FAULTS=create neighbor #1 stall {}", seconds() * 1000);
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").profile(&fault).start();
    until("the session is up", true, || left.session().up && right.session().up);
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), [2, 0, 0, 0, 1, 1], REACHABLE, 0));
    until("the claim is there", true, || right.counters().remote > 0);

    // The people's side: asked all the while, each time by a client of its own.
    let mut answers = Vec::new();
    let clock = crossbeam_channel::tick(Duration::from_millis(1000 / RATE));
    let end = Instant::now() + Duration::from_secs(seconds()) + PATIENCE;
    let back = |event: &Event| matches!(event, Event::AsicBack);
    loop {
        clock.recv().expect("it ticks for ever");
        let asked = Instant::now();
        let events = history(&right);
        answers.push(asked.elapsed());
        if events.iter().any(back) {
            break;
        }
        assert!(Instant::now() < end, "it never came back: {events:?}");
    }
    answers.sort_unstable();
    assert!(answers.len() as u64 > (seconds() - 2) * RATE / 2, "{} questions", answers.len());
    // Other programs have their turn on this machine, too.
    let (most, worst) = (answers[answers.len() * 9 / 10], answers[answers.len() - 1]);
    assert!(most <= Duration::from_millis(100), "nine of ten within {most:?}");
    assert!(worst <= Duration::from_secs(1), "{worst:?}");

    // Alarms, twice; the peer was told that it hangs, and that it is over.
    let alarms: Vec<u64> = history(&right)
        .iter()
        .filter_map(|event| match event {
            Event::AsicHangs { for_ms } => Some(*for_ms),
            _ => None,
        })
        .collect();
    assert!(matches!(alarms[..], [1000..5000, 10_000..15_000]), "{alarms:?}");
    let told = || {
        let events = history(&left);
        let said = events.iter().filter_map(|event| match event {
            Event::PeerAsic { hangs } => Some(*hangs),
            _ => None,
        });
        said.collect::<Vec<_>>()
    };
    until("the peer was told", vec![true, false], told);

    // One session all the while, and then the entry is there.
    for switch in [&left, &right] {
        let (session, counters) = (switch.session(), switch.counters());
        assert!(session.up && session.since_ms >= seconds() * 1000, "{session:?}");
        assert_eq!(counters.sessions, 1);
    }
    until("it is programmed", "02:00:00:00:01:01".to_owned(), || right.held("10.0.0.9"));
}

#[test]
fn rule_15_what_is_learned_while_a_call_hangs_is_not_lost() {
    const HOSTS: u8 = 100;
    let (a, b) = pair();
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let profile = "SAI_SIM_FAULTS=create neighbor #1 stall 2000";
    let right =
        Switch::new(&b, "10.1.0.4", "10.1.0.3").set("ownership", json!("all")).profile(profile).start();
    until("the session is up", true, || left.session().up && right.session().up);
    // From the peer and from its own kernel, more than any of its channels holds batches for.
    for n in 1..=HOSTS {
        let mac = [2, 0, 0, 0, 1, n];
        a.run(|net| net.neighbor("vlan10", ip(&format!("10.0.0.{}", 10 + n)), mac, REACHABLE, 0));
        b.run(|net| net.neighbor("vlan10", ip(&format!("10.0.0.{}", 120 + n)), mac, REACHABLE, 0));
    }
    // The kernels have neighbours of their own making, too.
    let ours = |row: &&AsicRow| row.mac.0[..5] == [2, 0, 0, 0, 1];
    until("all of them are in the ASIC", 2 * usize::from(HOSTS), || right.asic().iter().filter(ours).count());
    assert!(right.verify().expect("the ASIC is read").is_clean());
}
