//! What keeps others out of the sockets, over a real wire between two network namespaces: distance (GTSM), TCP-MD5,
//! TCP-AO, and that the kernel's counters tell why nothing comes.

use super::tests::{A, B, PATIENCE, Running, addr, pair};
use super::*;
use crate::peering::{TcpKey, TcpSigning, TtlSecurity};
use crate::run::netns_of_tests::Netns;
use crate::session::io::SilentDrop;
use std::net::TcpStream;

fn near(peer: &str) -> Protection {
    Protection { peer: addr(peer), ttl: TtlSecurity::Auto, tcp: None, hold: limits::HOLD }
}

fn signed(peer: &str, signing: TcpSigning, password: &str) -> Protection {
    let tcp = Some(TcpKey { signing, password: password.parse().ok() });
    Protection { ttl: TtlSecurity::Disabled, tcp, ..near(peer) }
}

impl Running {
    fn listen_with(&self, local: &str, protection: Protection) -> Result<(), Cause> {
        let (local, vpn) = (SocketAddr::new(addr(local), 2048), VpnInstance::public());
        self.tell(Transport::Listen { listener: ListenId(9), local, vpn, protection });
        loop {
            match self.next() {
                SessionInput::Listening { listener: ListenId(9), result } => return result,
                SessionInput::Closed { .. } | SessionInput::Dropped { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn dial_with(&self, conn: u64, local: &str, protection: Protection) {
        let remote = SocketAddr::new(protection.peer, 2048);
        let (local, vpn) = (addr(local), VpnInstance::public());
        self.tell(Transport::Dial { conn: ConnId(conn), local, remote, vpn, protection });
    }

    fn hang_up(&self, conn: u64) {
        self.tell(Transport::Close { conn: ConnId(conn), abort: true });
    }

    /// Waits until the kernel is reported to have thrown something away, and for that reason; nothing else may come.
    #[track_caller]
    fn expect_dropped(&self, reason: SilentDrop) {
        let report = self.reports.recv_timeout(PATIENCE).expect("a report");
        let SessionInput::Dropped { what, segments } = report else { panic!("{report:?}") };
        assert!(what == reason && segments > 0, "{what:?}, {segments}");
    }

    /// The connection stands on both sides.
    #[track_caller]
    fn expect_connected(&self, other: &Running) {
        for side in [self, other] {
            loop {
                match side.reports.recv_timeout(PATIENCE).expect("a report") {
                    SessionInput::Connected { .. } => break,
                    SessionInput::Dropped { .. } => {}
                    report => panic!("{report:?}"),
                }
            }
        }
    }
}

/// Connects as any program does, with an ordinary TTL, and gives up after a moment: for what is not to be answered.
fn knock(netns: &Netns, to: &str) -> bool {
    connect(netns, to, Duration::from_millis(300))
}

/// The same with the patience that an answer may need on a machine that has other things to do.
fn comes_in(netns: &Netns, to: &str) -> bool {
    connect(netns, to, PATIENCE)
}

fn connect(netns: &Netns, to: &str, patience: Duration) -> bool {
    let to = SocketAddr::new(addr(to), 2048);
    netns.inside(|| TcpStream::connect_timeout(&to, patience).is_ok())
}

#[test]
fn whoever_does_not_send_with_the_highest_ttl_is_not_let_in_on_a_connected_subnet() {
    let (a, b) = pair();
    for (ours, theirs) in [(A, B), ("2001:db8:1::1", "2001:db8:1::2")] {
        let (left, right) = (Running::start(&a), Running::start(&b));
        left.listen_with(ours, near(theirs)).expect("free");
        assert!(!knock(&b, ours), "an ordinary TTL is not answered");
        left.expect_dropped(SilentDrop::TtlTooLow);
        right.dial_with(1, theirs, near(ours));
        right.expect_connected(&left);
    }
}

#[test]
fn distance_is_a_setting_where_the_peer_is_further_away() {
    let (a, b) = pair();
    // The peer's address is no neighbour's: by default it may be anywhere.
    let far = Protection { peer: addr("198.51.100.7"), ..near(B) };
    let left = Running::start(&a);
    left.listen_with(A, far.clone()).expect("free");
    assert!(comes_in(&b, A));
    assert!(matches!(left.next(), SessionInput::Connected { .. }));
    left.tell(Transport::Unlisten { listener: ListenId(9) });
    left.listen_with(A, Protection { ttl: TtlSecurity::Hops(3), ..far.clone() }).expect("free");
    assert!(!knock(&b, A), "64 is further away than three hops");
    left.tell(Transport::Unlisten { listener: ListenId(9) });
    left.listen_with(A, Protection { ttl: TtlSecurity::Hops(200), ..far }).expect("free");
    assert!(comes_in(&b, A), "and nearer than two hundred");
}

/// A refusal comes from no socket, with an ordinary TTL: the dialler has to hear it all the same.
#[test]
fn a_dialler_that_minds_distance_hears_that_it_is_refused() {
    let (a, _b) = pair();
    let left = Running::start(&a);
    left.dial_with(1, A, near(B));
    assert_eq!(left.next(), SessionInput::DialFailed { conn: ConnId(1), cause: Cause::Refused });
}

#[test]
fn segments_are_signed_with_tcp_md5_and_each_misfit_is_told_apart() {
    let (a, b) = pair();
    let md5 = |peer, password| signed(peer, TcpSigning::Md5, password);
    let none = |peer| Protection { ttl: TtlSecurity::Disabled, ..near(peer) };
    for (ours, theirs) in [(A, B), ("2001:db8:1::1", "2001:db8:1::2")] {
        let (left, right) = (Running::start(&a), Running::start(&b));
        left.listen_with(ours, md5(theirs, "correct horse")).expect("this kernel has TCP-MD5");
        right.dial_with(1, theirs, none(ours));
        left.expect_dropped(SilentDrop::Md5Missing);
        right.hang_up(1);
        right.dial_with(2, theirs, md5(ours, "correct house"));
        left.expect_dropped(SilentDrop::Md5Wrong);
        right.hang_up(2);
        right.dial_with(3, theirs, md5(ours, "correct horse"));
        right.expect_connected(&left);
        right.send(ConnId(3), b"signed");
        let mut seen = Vec::new();
        while seen != b"signed" {
            if let SessionInput::Bytes { bytes, .. } = left.next() {
                seen.extend(bytes);
            }
        }
        left.tell(Transport::Unlisten { listener: ListenId(9) });
        left.listen_with(ours, none(theirs)).expect("free");
        right.dial_with(4, theirs, md5(ours, "correct horse"));
        left.expect_dropped(SilentDrop::Md5Unexpected);
    }
}

#[test]
fn tcp_ao_is_used_where_the_kernel_has_it_and_explained_where_it_has_not() {
    let (a, b) = pair();
    let ao = |peer, password| signed(peer, TcpSigning::Ao { id: 7 }, password);
    let (left, right) = (Running::start(&a), Running::start(&b));
    match left.listen_with(A, ao(B, "correct horse")) {
        Ok(()) => {
            right.dial_with(1, B, ao(A, "correct house"));
            left.expect_dropped(SilentDrop::AoWrong);
            right.hang_up(1);
            right.dial_with(2, B, ao(A, "correct horse"));
            right.expect_connected(&left);
        }
        Err(Cause::Other(words)) => {
            assert!(words.contains("no TCP-AO") && words.contains("CONFIG_TCP_AO"), "{words}");
            right.dial_with(1, B, ao(A, "correct horse"));
            let SessionInput::DialFailed { cause: Cause::Other(words), .. } = right.next() else { panic!() };
            assert!(words.contains("no TCP-AO"), "{words}");
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn tcp_gives_up_after_four_hold_times_in_force() {
    let (a, _b) = pair();
    let protection = Protection { hold: Duration::from_secs(2), ..near(B) };
    let socket =
        a.inside(|| socket::listen(&Place::Here, SocketAddr::new(addr(A), 2048), &protection)).expect("free");
    assert_eq!(socket.tcp_user_timeout().expect("readable"), Some(Duration::from_secs(8)));
    socket::outlive(&socket, Duration::from_secs(30));
    assert_eq!(socket.tcp_user_timeout().expect("readable"), Some(Duration::from_secs(120)));
}

/// The listener's port goes to another program while the address is away.
#[test]
fn a_port_that_is_taken_later_is_named_and_had_again() {
    let (a, _b) = pair();
    let left = Running::start(&a);
    left.listen_with(A, near(B)).expect("free");
    left.tell(Transport::Unlisten { listener: ListenId(9) });
    // Only when that was carried out is the port free for somebody else.
    left.dial_with(1, A, near(B));
    assert!(matches!(left.next(), SessionInput::DialFailed { .. }));
    let thief = a.inside(|| std::net::TcpListener::bind((A, 2048)).expect("free"));
    assert!(matches!(left.listen_with(A, near(B)), Err(Cause::PortInUse { owner: Some(_) })));
    drop(thief);
    left.listen_with(A, near(B)).expect("free again");
}
