//! Somebody in the peer's place who is not the peer: from its address, while the session with the peer stands.

use super::*;
use common::bench::ENDS;
use socket2::{Domain, SockAddr, Socket, Type};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};

/// A connection from `source` to the channel's port, on the wire of switch 1.
fn knock(source: &str, to: &str) -> TcpStream {
    let socket = bound(source);
    socket.connect(&at(to, 2048)).expect("it listens");
    socket.into()
}

fn bound(source: &str) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    // A neighbour's, so that nothing but what it says tells it from the peer.
    socket.set_ttl_v4(255).expect("an option that every kernel has");
    socket.bind(&at(source, 0)).expect("an address of this namespace");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("an option that every kernel has");
    socket
}

fn at(ip: &str, port: u16) -> SockAddr {
    SocketAddr::new(ip.parse::<IpAddr>().expect("an address"), port).into()
}

/// A pair that is up, and that must be as it was at the end.
struct Undisturbed {
    bench: Bench,
    daemons: [Daemon; 2],
    resident_kib: u64,
}

impl Undisturbed {
    fn new() -> Undisturbed {
        let bench = Bench::new();
        bench.learn(0, "10.16.1.1", 0x11);
        bench.learn(1, "10.16.2.1", 0x21);
        bench.spaces[1].run(|net| net.address("peer-link", "10.1.0.9", 24));
        let mut daemons = bench.pair();
        await_hosts(&mut daemons[1], &[("10.16.1.1", 0x11)]);
        await_hosts(&mut daemons[0], &[("10.16.2.1", 0x21)]);
        // What a first stranger costs is no growth.
        drop(bench.spaces[1].inside(|| knock("10.1.0.9", ENDS[0])));
        let resident_kib = daemons[0].resident_kib();
        Undisturbed { bench, daemons, resident_kib }
    }

    /// Runs what the hostile does, on the peer's side of the wire.
    fn suffer<T: Send>(&self, hostile: impl FnOnce() -> T + Send) -> T {
        self.bench.spaces[1].inside(hostile)
    }

    /// The session is the one that it was, it works, and nothing has grown.
    #[track_caller]
    fn check(mut self) {
        self.bench.learn(0, "10.16.1.1", 0x12);
        self.bench.learn(1, "10.16.2.2", 0x22);
        await_hosts(&mut self.daemons[1], &[("10.16.1.1", 0x12)]);
        await_hosts(&mut self.daemons[0], &[("10.16.2.1", 0x21), ("10.16.2.2", 0x22)]);
        for daemon in &mut self.daemons {
            assert_eq!(count(daemon, "sessions"), 1);
            assert_eq!(count(daemon, "syncs"), 1);
        }
        let now = self.daemons[0].resident_kib();
        assert!(now <= self.resident_kib + 2_048, "it grew from {} to {now} KiB", self.resident_kib);
    }
}

#[test]
fn ten_thousand_connections_disturb_nobody() {
    let pair = Undisturbed::new();
    pair.suffer(|| {
        // Some hundred at a time, the oldest of which go; whether they stand by then is not waited for.
        let (mut open, mut stood) = (VecDeque::new(), 0);
        for n in 0..10_000u32 {
            let stranger = n.is_multiple_of(4);
            let socket = bound(if stranger { "10.1.0.9" } else { ENDS[1] });
            socket.set_nonblocking(true).expect("an option that every kernel has");
            // It goes on in the background.
            let _ = socket.connect(&at(ENDS[0], 2048));
            open.push_back(socket);
            if open.len() > 300 {
                stood += u32::from(open.pop_front().is_some_and(|socket| socket.peer_addr().is_ok()));
            }
        }
        assert!(stood > 10, "only {stood} ever stood");
    });
    pair.check();
}

/// Reads until the other side closes; a reset is a close as well.
fn hear_out(mut stream: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return said,
            Ok(length) => said.extend(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("it is still open"),
            Err(_) => return said,
        }
    }
}

#[test]
fn a_stranger_is_told_nothing() {
    let pair = Undisturbed::new();
    let said = pair.suffer(|| hear_out(knock("10.1.0.9", ENDS[0])));
    assert_eq!(said, b"");
    pair.check();
}

#[test]
fn one_byte_and_silence_is_closed_in_time() {
    let pair = Undisturbed::new();
    let (said, took) = pair.suffer(|| {
        let mut stream = knock(ENDS[1], ENDS[0]);
        stream.write_all(&[0]).expect("it is open");
        let since = Instant::now();
        (hear_out(stream), since.elapsed())
    });
    assert!(took >= Duration::from_secs(2), "it is given {took:?}");
    // HELLO, and at the end NOTIFY 9: the HELLO did not come.
    assert_eq!(said[4], 1);
    let notify = &said[u32::from_be_bytes([said[0], said[1], said[2], said[3]]) as usize..];
    assert_eq!((notify[4], &notify[20..22]), (2, &[0, 9][..]));
    pair.check();
}

#[test]
fn oversized_frames_and_noise_are_refused_at_once() {
    let pair = Undisturbed::new();
    let first: Vec<Vec<u8>> = vec![
        // Lengths of two gigabytes, of one byte more than a stranger may say, and of none at all.
        [0x80, 0, 0, 0].repeat(5),
        [0, 0, 2, 1].repeat(5),
        vec![0; 20],
        b"GET / HTTP/1.1\r\nHost: leaf-1\r\n\r\n".to_vec(),
        (0..60_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
    ];
    for bytes in first {
        let (said, took) = pair.suffer(|| {
            let mut stream = knock(ENDS[1], ENDS[0]);
            let since = Instant::now();
            // It may be closed before it is written whole.
            let _ = stream.write_all(&bytes);
            (hear_out(stream), since.elapsed())
        });
        assert!(took < Duration::from_secs(2), "a fault is no matter of time: {took:?}");
        assert!(said.is_empty() || said[4] == 1, "{said:?}");
    }
    pair.check();
}
