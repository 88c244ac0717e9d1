//! The socket's owner over a real wire between two network namespaces.

use super::*;
use crate::peering::TtlSecurity;
use crate::run::netns_of_tests::Netns;
use crossbeam_channel::{bounded, unbounded};

pub(super) const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const A: &str = "10.1.0.3";
pub(super) const B: &str = "10.1.0.4";

/// A socket's owner that runs on its thread, and what it reported.
pub(super) struct Running {
    commands: Option<PeerOutlet>,
    pub(super) reports: Receiver<SessionInput>,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Running {
    /// The thread lives inside `netns`: that is the daemon's own namespace.
    pub(super) fn start(netns: &Netns) -> Running {
        let (commands, to_do) = bounded(256);
        // The core always takes what is reported; a test looks at one side at a time.
        let (core, reports) = unbounded();
        let bell = Arc::new(Wake::new().expect("an eventfd"));
        let platform: super::super::Platform =
            serde_json::from_value(serde_json::json!({"hostname": "a"})).expect("legal");
        let peer = Peer::new(Places::of(&platform), to_do, core, bell.clone());
        let thread = netns.spawn(move || peer.run());
        Running { commands: Some(PeerOutlet::new(commands, bell)), reports, thread: Some(thread) }
    }

    pub(super) fn tell(&self, command: Transport) {
        let mut waiting = VecDeque::from([command]);
        self.commands.as_ref().expect("it runs").send(&mut waiting);
        assert!(waiting.is_empty(), "the channel has room for a test's orders");
    }

    pub(super) fn next(&self) -> SessionInput {
        self.reports.recv_timeout(PATIENCE).expect("a report")
    }

    fn listen(&self, local: &str) -> Result<(), Cause> {
        let local = SocketAddr::new(addr(local), 2048);
        let (vpn, protection) = (VpnInstance::public(), open_to(if local.ip() == addr(A) { B } else { A }));
        self.tell(Transport::Listen { listener: ListenId(1), local, vpn, protection });
        match self.next() {
            SessionInput::Listening { listener: ListenId(1), result } => result,
            other => panic!("{other:?}"),
        }
    }

    fn dial(&self, conn: u64, local: &str, remote: &str) {
        let remote = SocketAddr::new(addr(remote), 2048);
        self.tell(Transport::Dial {
            conn: ConnId(conn),
            local: addr(local),
            remote,
            vpn: VpnInstance::public(),
            protection: open_to(&remote.ip().to_string()),
        });
    }

    pub(super) fn send(&self, conn: ConnId, bytes: &[u8]) {
        self.tell(Transport::Send { conn, bytes: bytes.to_vec() });
    }

    /// Everything that arrives on `conn` until it is so long; reports of written bytes are added up.
    fn receive(&self, conn: ConnId, length: usize, written: &mut u64) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < length {
            match self.next() {
                SessionInput::Bytes { conn: on, bytes } if on == conn => {
                    assert!(bytes.len() <= limits::READ_CHUNK);
                    all.extend(bytes);
                }
                SessionInput::Written { bytes, .. } => *written += bytes,
                other => panic!("{other:?}"),
            }
        }
        all
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends when it is told to").expect("no system error");
        }
    }
}

/// A channel to `peer` that takes what comes from anywhere.
fn open_to(peer: &str) -> Protection {
    Protection { peer: addr(peer), ttl: TtlSecurity::Disabled, tcp: None, hold: limits::HOLD }
}

pub(super) fn addr(ip: &str) -> IpAddr {
    ip.parse().expect("legal")
}

/// Two namespaces on one wire, with the addresses of the examples.
pub(super) fn pair() -> (Netns, Netns) {
    let (a, b) = (Netns::new(), Netns::new());
    a.veth("eth0", &b, "eth0");
    for (netns, v4, v6) in [(&a, A, "2001:db8:1::1"), (&b, B, "2001:db8:1::2")] {
        netns.run(|net| {
            net.address("eth0", v4, 24);
            net.address("eth0", v6, 64);
        });
    }
    (a, b)
}

#[test]
fn bytes_go_both_ways_in_order_and_are_reported_as_written() {
    let (a, b) = pair();
    for (from, to) in [(A, B), ("2001:db8:1::1", "2001:db8:1::2")] {
        let (left, right) = (Running::start(&a), Running::start(&b));
        right.listen(to).expect("the port is free");
        left.dial(7, from, to);
        let SessionInput::Connected { conn: ConnId(7), role: Role::Dialled, remote } = left.next() else {
            panic!("the dial succeeds")
        };
        assert_eq!(remote, SocketAddr::new(addr(to), 2048));
        let SessionInput::Connected { conn, role: Role::Accepted, remote } = right.next() else { panic!() };
        assert_eq!(
            (remote.ip(), conn.0 >> 63),
            (addr(from), 1),
            "the source is bound; the name has the top bit"
        );

        let bytes: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
        let mut written = 0;
        for piece in bytes.chunks(65_536) {
            left.send(ConnId(7), piece);
        }
        assert!(right.receive(conn, bytes.len(), &mut 0) == bytes, "whole and in order");
        right.send(conn, b"thanks");
        assert_eq!(left.receive(ConnId(7), 6, &mut written), b"thanks");
        assert_eq!(written, bytes.len() as u64);

        // The last words arrive although the connection is closed right behind them.
        left.send(ConnId(7), b"bye");
        left.tell(Transport::Close { conn: ConnId(7), abort: false });
        assert_eq!(right.receive(conn, 3, &mut 0), b"bye");
        loop {
            match right.next() {
                SessionInput::Written { .. } => {}
                SessionInput::Closed { cause: Cause::Closed, .. } => break,
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_peer_that_does_not_read_costs_what_the_kernel_takes_and_no_more() {
    let (a, b) = pair();
    let left = Running::start(&a);
    let idle = b.inside(|| std::net::TcpListener::bind((B, 2048)).expect("free"));
    left.dial(1, A, B);
    assert!(matches!(left.next(), SessionInput::Connected { .. }));
    let held = idle.accept().expect("it dialled");
    // 64 MiB are more than any default buffers take.
    for _ in 0..64 {
        left.send(ConnId(1), &[0; 1 << 20]);
    }
    left.tell(Transport::Unlisten { listener: ListenId(9) });
    let mut written = 0;
    while let Ok(SessionInput::Written { bytes, .. }) = left.reports.recv_timeout(Duration::from_millis(500))
    {
        written += bytes;
    }
    assert!(written < 64 << 20, "all {written} bytes were taken: nothing pushed back");
    drop(held);
    loop {
        match left.next() {
            SessionInput::Written { .. } => {}
            SessionInput::Closed { cause, .. } => {
                assert_eq!(cause, Cause::Refused, "a socket closed with unread bytes resets");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn each_way_to_fail_has_its_cause() {
    let (a, b) = pair();
    let left = Running::start(&a);
    left.dial(1, A, B);
    assert_eq!(left.next(), SessionInput::DialFailed { conn: ConnId(1), cause: Cause::Refused });
    left.dial(2, "10.9.9.9", B);
    let SessionInput::DialFailed { cause: Cause::Other(words), .. } = left.next() else { panic!() };
    assert!(words.contains("assign"), "the source is not an address of this device: {words}");
    left.dial(3, A, "10.1.0.99");
    assert_eq!(
        left.next(),
        SessionInput::DialFailed { conn: ConnId(3), cause: Cause::TimedOut },
        "no ARP answer"
    );
    left.tell(Transport::Dial {
        conn: ConnId(4),
        local: addr(A),
        remote: SocketAddr::new(addr(B), 2048),
        vpn: "elsewhere".parse().expect("legal"),
        protection: open_to(B),
    });
    assert!(matches!(left.next(), SessionInput::DialFailed { cause: Cause::Other(_), .. }));

    let right = Running::start(&b);
    right.listen(B).expect("free");
    left.dial(5, A, B);
    assert!(matches!(left.next(), SessionInput::Connected { .. }));
    let SessionInput::Connected { conn, .. } = right.next() else { panic!() };
    right.tell(Transport::Close { conn, abort: true });
    assert_eq!(left.next(), SessionInput::Closed { conn: ConnId(5), cause: Cause::Refused });
}

#[test]
fn a_port_in_use_names_its_owner_and_is_free_again_at_once() {
    let (a, _b) = pair();
    let left = Running::start(&a);
    let other = a.inside(|| std::net::TcpListener::bind((A, 2048)).expect("free"));
    let Err(Cause::PortInUse { owner: Some(owner) }) = left.listen(A) else { panic!("the port is in use") };
    assert!(owner.contains(&std::process::id().to_string()), "'{owner}' is this test");
    drop(other);
    left.listen(A).expect("it is free again");
    left.tell(Transport::Unlisten { listener: ListenId(1) });
    left.listen(A).expect("our own old listener does not count");
}

#[test]
fn the_channels_sockets_have_their_options() {
    let (a, _b) = pair();
    let socket =
        a.inside(|| socket::listen(&Place::Here, SocketAddr::new(addr(A), 2048), &open_to(B)).expect("free"));
    assert!(socket.tcp_nodelay().expect("readable"));
    assert_eq!(socket.ttl_v4().expect("readable"), 255);
    assert_eq!(socket.tcp_user_timeout().expect("readable"), Some(4 * limits::HOLD));
    assert_eq!(socket.tcp_notsent_lowat().expect("readable"), limits::NOT_SENT);
    // The kernel doubles it, for what it needs by itself.
    assert_eq!(socket.recv_buffer_size().expect("readable"), 2 * limits::RECEIVE_BUFFER);
    assert_eq!(socket.tcp_keepalive_retries().expect("readable"), 3);
}

/// A socket's owner that a test works by hand, with a connection to a socket of the test's.
fn by_hand() -> (Peer, Receiver<SessionInput>, std::net::TcpListener) {
    let (_, to_do) = bounded(1);
    let (core, reports) = unbounded();
    let platform: super::super::Platform =
        serde_json::from_value(serde_json::json!({"hostname": "a"})).expect("legal");
    let bell = Arc::new(Wake::new().expect("an eventfd"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("free");
    (Peer::new(Places::of(&platform), to_do, core, bell), reports, listener)
}

fn connect(peer: &mut Peer, id: u64, listener: &std::net::TcpListener) -> std::net::TcpStream {
    let ours = std::net::TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
    ours.set_nonblocking(true).expect("settable");
    peer.conns.insert(ConnId(id), Conn::new(ours.into(), State::Open));
    listener.accept().expect("it was dialled").0
}

/// The other side says its last words and is gone before we get to read them; what we notice first is that we cannot
/// write.
#[test]
fn last_words_are_heard_although_writing_fails_before() {
    use std::io::Write;
    let (mut peer, reports, listener) = by_hand();
    let mut theirs = connect(&mut peer, 1, &listener);
    theirs.write_all(b"goodbye").expect("there is room");
    SockRef::from(&theirs).set_linger(Some(Duration::ZERO)).expect("settable");
    drop(theirs);
    assert!(peer.carry_out(Transport::Send { conn: ConnId(1), bytes: vec![0; 20] }).is_ok());
    let words = SessionInput::Bytes { conn: ConnId(1), bytes: b"goodbye".to_vec() };
    assert_eq!(reports.try_recv(), Ok(words));
    assert!(matches!(reports.try_recv(), Ok(SessionInput::Closed { conn: ConnId(1), .. })));
    assert!(peer.conns.is_empty() && reports.try_recv().is_err());
}

/// The other side still sends while we leave: a socket that was simply closed would answer with a reset, and take our
/// last words back that it has not read.
#[test]
fn a_daemon_that_ends_waits_for_the_other_side_to_close() {
    use std::io::{Read, Write};
    let (mut peer, _reports, listener) = by_hand();
    let mut theirs = connect(&mut peer, 1, &listener);
    assert!(peer.carry_out(Transport::Send { conn: ConnId(1), bytes: b"goodbye".to_vec() }).is_ok());
    assert!(peer.carry_out(Transport::Close { conn: ConnId(1), abort: false }).is_ok());
    // Its core is gone already: nothing orders it, and it runs to its end.
    peer.bell.ring();
    let ending = std::thread::spawn(move || peer.run());
    theirs.write_all(&[0; 1000]).expect("it is heard out");
    let mut words = Vec::new();
    theirs.read_to_end(&mut words).expect("no reset");
    assert_eq!(words, b"goodbye");
    theirs.write_all(&[0; 1000]).expect("it is heard out to the end");
    drop(theirs);
    ending.join().expect("no panic").expect("no system error");
}

#[test]
fn connections_that_linger_are_bounded() {
    let (mut peer, _reports, listener) = by_hand();
    let mut theirs = Vec::new();
    for id in 0..limits::LINGERING as u64 + 20 {
        theirs.push(connect(&mut peer, id, &listener));
        assert!(peer.carry_out(Transport::Close { conn: ConnId(id), abort: false }).is_ok());
        assert!(peer.conns.len() <= limits::LINGERING);
    }
    assert!(!peer.conns.contains_key(&ConnId(0)) && peer.conns.contains_key(&ConnId(20)), "the oldest went");
}

/// Strangers knock without end, and nobody has the time to read what was ordered in between.
#[test]
fn a_flood_of_connections_does_not_keep_orders_waiting() {
    let (mut peer, reports, listener) = by_hand();
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("settable");
    peer.listeners.insert(
        ListenId(1),
        Listener { socket: listener.into(), rests_until: None, hold: limits::HOLD, drops: None },
    );
    let knocking: Vec<_> = (0..3 * limits::ACCEPTS_AT_ONCE)
        .map(|_| std::net::TcpStream::connect(address).expect("the backlog has room"))
        .collect();
    assert!(peer.accept(ListenId(1)).is_ok());
    assert_eq!(reports.try_iter().count(), limits::ACCEPTS_AT_ONCE);
    assert!(peer.accept(ListenId(1)).is_ok());
    assert_eq!(reports.try_iter().count(), limits::ACCEPTS_AT_ONCE, "the others are still there");
    drop(knocking);
}
