//! Who dials, how often, and what is said when nothing comes of it.

use super::world::World;
use super::{ADDRESSES, settings};
use crate::limits;
use crate::session::io::{Cause, DownReason, Role, SessionInput};
use std::net::SocketAddr;
use std::time::Duration;

#[test]
fn the_larger_address_dials() {
    let world = World::up(1);
    assert!(world.ends[0].dials.is_empty());
    assert_eq!(world.ends[1].dials.len(), 1);
    assert_eq!(world.ends[0].session.status().role, Some(Role::Accepted));
    assert_eq!(world.ends[1].session.status().role, Some(Role::Dialled));
    assert_eq!(world.ends[0].session.status().peer, Some(settings(1).node_id));
}

#[test]
fn larger_means_numerically_larger_not_as_text() {
    let mut world = World::bare();
    let (nine, ten) = ("10.1.0.9".parse().unwrap(), "10.1.0.10".parse().unwrap());
    let mut smaller = settings(0);
    (smaller.source, smaller.peer) = (nine, ten);
    let mut larger = settings(1);
    (larger.source, larger.peer) = (ten, nine);
    world.configure(0, smaller);
    world.configure(1, larger);
    world.run_until("up", World::is_up);
    assert_eq!((world.ends[0].dials.len(), world.ends[1].dials.len()), (0, 1));
}

#[test]
fn a_session_between_ipv6_addresses() {
    let mut world = World::bare();
    for side in 0..2 {
        let mut settings = settings(side);
        settings.source = format!("2001:db8:1::{}", side + 1).parse().unwrap();
        settings.peer = format!("2001:db8:1::{}", 2 - side).parse().unwrap();
        world.configure(side, settings);
    }
    world.run_until("up", World::is_up);
    assert_eq!(world.ends[0].dials.len(), 0);
}

/// Pauses between the dials of the dialling side, in milliseconds.
fn pauses(world: &World) -> Vec<u128> {
    world.ends[1].dials.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect()
}

#[test]
fn a_peer_that_refuses_is_dialled_at_least_every_second() {
    let mut world = World::bare();
    world.configure(1, settings(1));
    world.run(Duration::from_secs(60));
    assert_eq!(world.ends[1].downs(), [DownReason::Connecting, DownReason::PeerRefuses { port: 2048 }]);
    let pauses = pauses(&world);
    assert!(pauses[0] <= 126 && pauses[0] >= 75, "{pauses:?}");
    assert!(pauses.iter().all(|ms| *ms <= 1002), "{pauses:?}");
    assert!(pauses[4..].iter().all(|ms| *ms >= 600), "{pauses:?}");
    let start = world.now;
    world.configure(0, settings(0));
    world.run_until("up", World::is_up);
    assert!(world.now.since(start) <= Duration::from_millis(1_010));
}

#[test]
fn a_peer_that_is_silent_is_dialled_ever_more_rarely_and_each_dial_ends() {
    let mut world = World::new();
    world.cut = true;
    world.run(Duration::from_secs(120));
    assert_eq!(world.ends[1].reason(), DownReason::PeerSilent { port: 2048 });
    let pauses = pauses(&world);
    assert!(pauses[0] >= 3_075 && pauses[0] <= 3_125, "{pauses:?}");
    assert!(pauses.iter().all(|ms| *ms <= 3_000 + 6_250), "{pauses:?}");
    assert!(pauses[8..].iter().all(|ms| *ms >= 3_000 + 3_750), "{pauses:?}");
    world.cut = false;
    world.run_until("up", World::is_up);
}

#[test]
fn the_side_that_waits_says_that_nobody_dials_but_not_every_second() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_secs(3600));
    let downs = world.ends[0].downs();
    assert_eq!(downs[..2], [DownReason::Connecting, DownReason::NobodyDials { seconds: 12 }]);
    assert!(matches!(downs[2], DownReason::NobodyDials { seconds: 24 }));
    assert!(downs.len() < 12, "{} events in an hour", downs.len());
    world.configure(1, settings(1));
    world.run_until("up", World::is_up);
}

#[test]
fn pl_14_without_its_source_address_the_channel_is_held_down_and_comes_up_by_itself() {
    let mut world = World::bare();
    world.input(1, SessionInput::Configure(Some(settings(1))));
    world.configure(0, settings(0));
    world.run(Duration::from_secs(2));
    assert_eq!(
        (world.ends[1].listens, world.ends[1].dials.len()),
        (0, 0),
        "nothing was said of the source yet"
    );
    world.input(1, SessionInput::SourcePresent(false));
    let held = DownReason::SourceNotLocal { source: ADDRESSES[1] };
    assert_eq!(world.ends[1].reason(), held);
    world.run(Duration::from_secs(30));
    assert_eq!((world.ends[1].listens, world.ends[1].dials.len()), (0, 0));
    world.input(1, SessionInput::SourcePresent(true));
    world.run_until("up", World::is_up);

    world.input(1, SessionInput::SourcePresent(false));
    assert_eq!(world.ends[1].downs().last(), Some(&held));
    world.run(Duration::from_secs(1));
    assert!(!world.ends[0].session.status().up);
    world.input(1, SessionInput::SourcePresent(true));
    world.run_until("up again", World::is_up);
}

#[test]
fn pl_07_a_port_that_another_program_has_holds_the_channel_down_until_it_is_free() {
    let mut world = World::bare();
    world.ends[1].port_taken = true;
    world.configure(0, settings(0));
    world.configure(1, settings(1));
    world.run(Duration::from_millis(10_500));
    let taken = DownReason::PortInUse { port: 2048, owner: Some("other (77)".into()) };
    assert_eq!(world.ends[1].downs(), [DownReason::Connecting, taken], "said once");
    assert_eq!(world.ends[1].listens, 11, "tried again every second");
    assert!(world.ends[1].dials.is_empty());
    world.ends[1].port_taken = false;
    let start = world.now;
    world.run_until("up", World::is_up);
    assert!(world.now.since(start) <= limits::LISTEN_RETRY + Duration::from_millis(10));
}

#[test]
fn listening_that_breaks_is_begun_anew() {
    let mut world = World::new();
    world.run_until("up", World::is_up);
    let listener = crate::session::io::ListenId(1);
    let result = Err(Cause::Other("cannot assign requested address".into()));
    world.input(0, SessionInput::Listening { listener, result });
    assert!(world.is_up(), "the session stands without its listener");
    world.run(Duration::from_secs(2));
    assert_eq!(world.ends[0].listens, 2);
}

#[test]
fn a_stranger_is_turned_away_before_anything_else() {
    let mut world = World::up(5);
    let news = world.ends[0].news.len();
    let stranger = SocketAddr::new("10.1.0.5".parse().unwrap(), 4_000);
    let conn = world.intrude(0, stranger);
    assert!(!world.is_open(0, conn));
    assert!(world.ends[0].watched[&conn].is_empty(), "a stranger is told nothing");
    assert_eq!(world.ends[0].session.counters().strangers, 1);
    world.run(Duration::from_secs(10));
    assert_eq!(world.ends[0].news.len(), news);
    assert!(world.is_up());
}

#[test]
fn a_restarted_peer_is_back_within_a_second() {
    for end in 0..2 {
        let mut world = World::up(10);
        world.run(Duration::from_secs(20));
        let start = world.now;
        world.restart(end);
        if end == 0 {
            // Its kernel answers for it: nobody has that connection.
            world.reset_all();
        }
        world.run_until("synced again", |w| w.is_up() && w.ends[end].ends == 2);
        assert!(world.now.since(start) < Duration::from_secs(1));
        assert!(world.in_step());
    }
}
