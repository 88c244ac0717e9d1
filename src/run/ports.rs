//! Who holds a TCP port (PL-07).
//!
//! Two questions, two sources. *Is it taken?* is answered by the kernel: a socket is bound to the address exactly as the
//! channel's listener will be, and closed again. *By whom?* is read from `/proc`, which may be forbidden or late, so it
//! only ever supplies words.
//!
//! How the trial bind is made decides what it proves:
//!
//! - With `SO_REUSEADDR`, as the listener has it. Without, the port would look taken for a minute after our own last
//!   connection, because the kernel keeps its address in TIME_WAIT.
//! - Without `SO_REUSEPORT`. With it, another program that also set it would look as if it were not there.
//! - With `IP_FREEBIND`. An address that this device does not have (yet) is a down reason of the channel (PL-14); without
//!   the option it would hide that somebody listens on the port at *every* address.
//! - Bound, never listening: a peer that dials in this instant must be refused, not accepted and dropped.
//!
//! Between the answer and the listener somebody else may take the port; then the listener's own failure says so.
//!
//! Invariant: looks at the network namespace of the calling thread, by the socket and by `/proc/thread-self` alike; who
//! asks about another one enters it first.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use crate::config::PortOwner;

/// Who holds `address`, if somebody other than our own listener at `own` does.
///
/// `own` is where this daemon listens already *in the same VPN instance*.
pub fn port_owner(address: SocketAddr, own: Option<SocketAddr>) -> Option<PortOwner> {
    port_owner_on(None, address, own)
}

/// The same for sockets that are bound to `device`, a VRF.
pub fn port_owner_on(
    device: Option<&str>,
    address: SocketAddr,
    own: Option<SocketAddr>,
) -> Option<PortOwner> {
    if own == Some(address) {
        return None;
    }
    match try_bind(device, address) {
        Ok(()) => None,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Some(describe(address)),
        // The trial itself is not possible here, so a listener that can be seen is the best evidence there is.
        Err(error) => {
            tracing::debug!(%address, %error, "cannot try the port, reading the table of sockets instead");
            let listens = holders(address).into_iter().find(|socket| socket.listening)?;
            Some(words_for(&listens))
        }
    }
}

fn try_bind(device: Option<&str>, address: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    match address {
        SocketAddr::V4(_) => socket.set_freebind_v4(true)?,
        SocketAddr::V6(_) => {
            socket.set_only_v6(true)?;
            socket.set_freebind_v6(true)?;
        }
    }
    if let Some(device) = device {
        socket.bind_device(Some(device.as_bytes()))?;
    }
    socket.bind(&address.into())
}

/// Words for whoever keeps `address` from being bound.
fn describe(address: SocketAddr) -> PortOwner {
    match holders(address).first() {
        Some(socket) => words_for(socket),
        None => PortOwner { what: "another process".to_owned() },
    }
}

fn words_for(socket: &TcpSocket) -> PortOwner {
    let what = match process_of(socket.inode) {
        Some((pid, _)) if pid == std::process::id() => format!("this daemon itself (pid {pid})"),
        Some((pid, name)) => format!("{name} (pid {pid})"),
        // An orphan has left its process and is saying goodbye.
        None if socket.inode == 0 => "a connection that is closing".to_owned(),
        None => format!("another process (uid {})", socket.uid),
    };
    PortOwner { what }
}

/// The sockets that stand in the way of `address`, the likeliest first.
fn holders(address: SocketAddr) -> Vec<TcpSocket> {
    let read = |name: &str| fs::read_to_string(format!("/proc/thread-self/net/{name}")).unwrap_or_default();
    let tables = [read("tcp"), read("tcp6")];
    let mut found: Vec<TcpSocket> = tables
        .iter()
        .flat_map(|table| sockets(table))
        .filter(|socket| socket.conflicts_with(address))
        .collect();
    // A listener before a connection, the very address before a wildcard, the same family before the other.
    let likely = |socket: &TcpSocket| {
        let exact = socket.local.ip() == address.ip();
        (socket.listening, exact, socket.local.is_ipv4() == address.is_ipv4())
    };
    found.sort_by_key(|socket| Reverse(likely(socket)));
    found
}

/// One row of `/proc/net/tcp` or `/proc/net/tcp6`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TcpSocket {
    local: SocketAddr,
    listening: bool,
    uid: u32,
    /// 0 when no process holds it any more.
    inode: u64,
}

impl TcpSocket {
    /// Whether a bind to `address` may fail because of this socket. An IPv6 wildcard counts against IPv4, because the
    /// table does not tell whether it takes IPv4 connections, and by default it does.
    fn conflicts_with(&self, address: SocketAddr) -> bool {
        let ip = self.local.ip();
        let wildcard = match ip {
            IpAddr::V4(ip) => ip.is_unspecified() && address.is_ipv4(),
            IpAddr::V6(ip) => ip.is_unspecified(),
        };
        self.local.port() == address.port() && (wildcard || ip.to_canonical() == address.ip())
    }
}

/// The rows of a table. What is not a row, such as the heading, is passed over.
fn sockets(table: &str) -> impl Iterator<Item = TcpSocket> + '_ {
    table.lines().filter_map(socket)
}

/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`
fn socket(row: &str) -> Option<TcpSocket> {
    const LISTEN: u8 = 0x0a;
    let mut fields = row.split_ascii_whitespace().skip(1);
    let (ip, port) = fields.next()?.split_once(':')?;
    let local = SocketAddr::new(address(ip)?, u16::from_str_radix(port, 16).ok()?);
    let state = u8::from_str_radix(fields.nth(1)?, 16).ok()?;
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    Some(TcpSocket { local, listening: state == LISTEN, uid, inode })
}

/// Eight hexadecimal digits per 32 bits, each group a number in the machine's own byte order.
fn address(hex: &str) -> Option<IpAddr> {
    let group = |at: usize| -> Option<[u8; 4]> {
        let digits = hex.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(group(0)?))),
        32 => {
            let mut octets = [0; 16];
            for (at, part) in octets.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&group(at)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(octets)))
        }
        _ => None,
    }
}

/// The process that has this socket open, and its name; none if we may not look into it or it is in another pid
/// namespace.
fn process_of(inode: u64) -> Option<(u32, String)> {
    if inode == 0 {
        return None;
    }
    let link = format!("socket:[{inode}]");
    let pids = fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let pid = pids.into_iter().find(|pid| {
        let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        open.flatten()
            .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target.as_os_str() == link.as_str()))
    })?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    // A process chooses its own name, and this one goes to a terminal.
    let name: String =
        name.trim_end().chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    Some((pid, if name.is_empty() { "a process".to_owned() } else { name }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 16410 1 00000000 100 0 0 10 0
   1: 0300010A:0800 0400010A:C350 01 00000000:00000000 00:00000000 00000000  1000        0 77001 1 00000000 20 4 30 10 -1
   2: 00000000:0800 00000000:0000 0A 00000000:00000000 00:00000000 00000000   812        0 77002 1 00000000 100 0 0 10 0
   3: 0300010A:0800 0400010A:C351 06 00000000:00000000 03:00000A10 00000000     0        0 0 3 0000000000000000
";
    const TCP6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: B80D0120000001000000000001000000:0800 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 501 1 00000000 100 0 0 10 0
   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 502 1 00000000 100 0 0 10 0
   2: 0000000000000000FFFF00000300010A:0800 0000000000000000FFFF00000400010A:C350 01 00000000:00000000 00:00000000 00000000     0        0 503 1 00000000 20 4 0 10 -1
";

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_kernels_tables_are_read() {
        let rows: Vec<_> = sockets(TCP).map(|s| (s.local.to_string(), s.listening, s.uid, s.inode)).collect();
        let expected = [
            ("127.0.0.1:631", true, 0, 16410),
            ("10.1.0.3:2048", false, 1000, 77001),
            ("0.0.0.0:2048", true, 812, 77002),
            ("10.1.0.3:2048", false, 0, 0),
        ];
        assert_eq!(
            rows,
            expected.map(|(local, listening, uid, inode)| (local.to_owned(), listening, uid, inode))
        );
        let rows: Vec<_> = sockets(TCP6).map(|s| s.local.to_string()).collect();
        assert_eq!(rows, ["[2001:db8:1::1]:2048", "[::]:22", "[::ffff:10.1.0.3]:2048"]);
    }

    #[test]
    fn what_is_no_row_is_passed_over() {
        for text in [
            "",
            "\n\n",
            "0:",
            "0: 0100007F",
            "0: 0100007F:02 x",
            "0: zz00007F:0277 0:0 0A a b c 0 0 1",
            "0: \u{e9}\u{e9}\u{e9}\u{e9}:0 0 0A a b c 0 0 1",
        ] {
            assert_eq!(sockets(text).count(), 0, "{text:?}");
        }
    }

    #[test]
    fn wildcards_and_mapped_addresses_stand_in_the_way() {
        let cases = [
            ("10.1.0.3:2048", "10.1.0.3:2048", true),
            ("10.1.0.3:2048", "10.1.0.3:2049", false),
            ("10.1.0.3:2048", "10.1.0.4:2048", false),
            ("0.0.0.0:2048", "10.1.0.3:2048", true),
            ("0.0.0.0:2048", "[2001:db8::1]:2048", false),
            ("[::]:2048", "[2001:db8::1]:2048", true),
            ("[::]:2048", "10.1.0.3:2048", true),
            ("[::ffff:10.1.0.3]:2048", "10.1.0.3:2048", true),
            ("[2001:db8::1]:2048", "[2001:db8::2]:2048", false),
        ];
        for (held, wanted, expected) in cases {
            let socket = TcpSocket { local: at(held), listening: true, uid: 0, inode: 1 };
            assert_eq!(socket.conflicts_with(at(wanted)), expected, "{held} {wanted}");
        }
    }

    fn listener(address: &str) -> (TcpListener, u16) {
        let listener = TcpListener::bind(address).expect("loopback can be listened on");
        let port = listener.local_addr().expect("it is bound").port();
        (listener, port)
    }

    fn ourselves() -> Option<PortOwner> {
        Some(PortOwner { what: format!("this daemon itself (pid {})", std::process::id()) })
    }

    #[test]
    fn pl_07_a_listener_is_found_with_its_owner() {
        let (_held, port) = listener("127.0.0.1:0");
        assert_eq!(port_owner(SocketAddr::new(at("127.0.0.1:0").ip(), port), None), ourselves());
        assert_eq!(
            port_owner(SocketAddr::new(at("127.0.0.2:0").ip(), port), None),
            None,
            "another address is free"
        );
        let (_held, port) = listener("[::1]:0");
        assert_eq!(port_owner(SocketAddr::new(at("[::1]:0").ip(), port), None), ourselves());
    }

    #[test]
    fn pl_07_a_wildcard_holds_every_address_even_one_that_is_not_here() {
        for wildcard in ["0.0.0.0:0", "[::]:0"] {
            let (_held, port) = listener(wildcard);
            for wanted in ["127.0.0.1:0", "192.0.2.1:0"] {
                assert_eq!(
                    port_owner(SocketAddr::new(at(wanted).ip(), port), None),
                    ourselves(),
                    "{wildcard} {wanted}"
                );
            }
        }
        let (_held, port) = listener("[::]:0");
        assert_eq!(port_owner(SocketAddr::new(at("[2001:db8::1]:0").ip(), port), None), ourselves());
    }

    #[test]
    fn pl_07_an_address_that_is_not_here_is_nobodys() {
        let (_held, port) = listener("127.0.0.1:0");
        for wanted in ["192.0.2.1:0", "[2001:db8::1]:0"] {
            assert_eq!(port_owner(SocketAddr::new(at(wanted).ip(), port), None), None, "{wanted}");
        }
    }

    /// A socket that is bound and does not listen, as `/proc` does not list it.
    fn silent(wildcard: &str) -> (Socket, u16) {
        let address = at(wildcard);
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
        socket.bind(&address.into()).expect("a wildcard can be bound");
        let port = socket.local_addr().expect("it is bound").as_socket().expect("an address").port();
        (socket, port)
    }

    #[test]
    fn pl_07_the_kernel_is_believed_over_the_table() {
        for (wildcard, absent) in [("0.0.0.0:0", "192.0.2.1:0"), ("[::]:0", "[2001:db8::1]:0")] {
            let (_held, port) = silent(wildcard);
            let wanted = SocketAddr::new(at(absent).ip(), port);
            let somebody = Some(PortOwner { what: "another process".to_owned() });
            assert_eq!(port_owner(wanted, None), somebody, "{wildcard}");
            assert_eq!(
                port_owner_on(Some("no-such-vrf"), wanted, None),
                None,
                "what cannot be tried is not guessed"
            );
        }
    }

    #[test]
    fn pl_07_our_own_old_listener_does_not_count() {
        let (held, _) = listener("127.0.0.1:0");
        let own = held.local_addr().expect("it is bound");
        assert_eq!(port_owner(own, Some(own)), None);
        let elsewhere = SocketAddr::new(at("127.0.0.9:0").ip(), own.port());
        assert_eq!(port_owner(own, Some(elsewhere)), ourselves(), "only that very one does not count");
    }

    #[test]
    fn pl_07_an_address_in_time_wait_is_free() {
        let (held, _) = listener("127.0.0.1:0");
        let address = held.local_addr().expect("it is bound");
        let mut client = TcpStream::connect(address).expect("it listens");
        let (accepted, _) = held.accept().expect("the client dialled");
        // Who closes first keeps TIME_WAIT: that is to be the listener's side.
        drop((accepted, held));
        assert_eq!(client.read(&mut [0]).expect("the end of the stream"), 0);
        drop(client);
        let plain = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        assert!(plain.bind(&address.into()).is_err(), "the kernel does keep the address");
        assert_eq!(port_owner(address, None), None);
    }

    #[test]
    fn pl_07_a_connection_that_holds_the_port_is_found_too() {
        let (held, _) = listener("127.0.0.1:0");
        let client = TcpStream::connect(held.local_addr().expect("it is bound")).expect("it listens");
        let address = client.local_addr().expect("it is bound");
        assert_eq!(port_owner(address, None), ourselves());
        assert_eq!(port_owner_on(Some("no-such-vrf"), address, None), None, "a guess takes listeners only");
    }

    #[test]
    fn pl_07_another_process_is_named() {
        let (held, _) = listener("127.0.0.1:0");
        let address = held.local_addr().expect("it is bound");
        // A connection of our own on that port must not hide the listener.
        let _client = TcpStream::connect(address).expect("it listens");
        let _accepted = held.accept().expect("the client dialled");
        let held = Socket::from(held);
        held.set_cloexec(false).expect("the child is to inherit it");
        let mut child =
            Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("cat runs");
        drop(held);
        let owner = port_owner(address, None);
        drop(child.stdin.take());
        child.wait().expect("cat ends with its input");
        assert_eq!(owner, Some(PortOwner { what: format!("cat (pid {})", child.id()) }));
    }

    #[test]
    fn pl_07_the_calling_threads_own_namespace_is_looked_at() {
        use nix::sched::{CloneFlags, unshare};
        let inside = || {
            unshare(CloneFlags::CLONE_NEWNET)
                .expect("this test makes a network namespace and needs root (or `unshare -Ur` around it)");
            // Port 1, because nobody outside listens on it.
            let (held, port) = listener("0.0.0.0:1");
            let wanted = SocketAddr::new(at("192.0.2.1:0").ip(), port);
            (port_owner(wanted, None), wanted, held)
        };
        let (owner, wanted, _held) = std::thread::spawn(inside).join().expect("the thread only looks");
        assert_eq!(owner, ourselves());
        assert_eq!(port_owner(wanted, None), None, "the listener is in another namespace");
    }

    #[test]
    fn pl_07_sockets_of_a_device_are_looked_for_on_it() {
        let (held, port) = listener("127.0.0.1:0");
        let address = held.local_addr().expect("it is bound");
        assert_eq!(port_owner_on(Some("lo"), address, None), ourselves());
        // A device that is not there cannot be tried, so the table of sockets answers.
        assert_eq!(port_owner_on(Some("no-such-vrf"), address, None), ourselves());
        let free = SocketAddr::new(at("127.0.0.2:0").ip(), port);
        assert_eq!(port_owner_on(Some("no-such-vrf"), free, None), None);
    }
}
