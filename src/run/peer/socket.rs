//! TCP sockets as the channel wants them.
//!
//! An option that the kernel lacks is said once and done without: each makes a loss shorter or a stranger rarer, none
//! makes the channel work. What was configured to keep strangers out is not of that kind (`protect`).

use super::protect;
use crate::limits;
use crate::run::netns;
use crate::run::vpn::Place;
use crate::session::io::Protection;
use parking_lot::Mutex;
use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Connections that may wait to be accepted. One peer dials, one at a time; the others are strangers, and where they fill
/// this up the kernel drops the peer's SYN, which costs it a second each time.
const BACKLOG: i32 = 1024;

/// A listening socket at `local`. What it accepts is to be given to [`accepted`].
pub(super) fn listen(place: &Place, local: SocketAddr, protection: &Protection) -> io::Result<Socket> {
    let socket = open(place, local)?;
    // A port whose last connection waits in TIME_WAIT is ours all the same.
    socket.set_reuse_address(true)?;
    if local.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Inherited by what is accepted: the handshake itself has the options already.
    tune(&socket, local, protection.hold);
    protect::set_key(&socket, protection)?;
    let least = protect::least_ttl(place, local.ip(), protection);
    protect::set_least_ttl(&socket, local.ip(), least, protection)?;
    socket.bind(&local.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// A socket that connects from `local`, any port, to `remote`; the connection stands once it can be written to, and is
/// then to be given to [`protect::set_least_ttl`]. Not before: a refusal comes from no socket, with an ordinary TTL, and
/// is to be heard.
pub(super) fn dial(
    place: &Place,
    local: IpAddr,
    remote: SocketAddr,
    protection: &Protection,
) -> io::Result<Socket> {
    let socket = open(place, remote)?;
    tune(&socket, remote, protection.hold);
    protect::set_key(&socket, protection)?;
    socket.bind(&SocketAddr::new(local, 0).into())?;
    match socket.connect(&SockAddr::from(remote)) {
        Err(e) if e.raw_os_error() != Some(libc::EINPROGRESS) => Err(e),
        _ => Ok(socket),
    }
}

/// Makes an accepted socket as a dialled one.
pub(super) fn accepted(socket: &Socket, remote: SocketAddr, hold: Duration) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    tune(socket, remote, hold);
    Ok(())
}

/// TCP gives up after four hold times: the session has long been given up then, and its socket is to follow.
pub(super) fn outlive(socket: &Socket, hold: Duration) {
    try_option("TCP_USER_TIMEOUT", socket.set_tcp_user_timeout(Some(4 * hold)));
}

fn open(place: &Place, address: SocketAddr) -> io::Result<Socket> {
    let kind = Type::STREAM.nonblocking().cloexec();
    let new = || Socket::new(Domain::for_address(address), kind, Some(Protocol::TCP));
    match place {
        Place::Here => new(),
        Place::Netns(name) => netns::within(name, new),
        Place::Device(name) => {
            let socket = new()?;
            let bound = socket.bind_device(Some(name.as_bytes()));
            bound.map_err(|e| io::Error::new(e.kind(), format!("binding to device {name}: {e}")))?;
            Ok(socket)
        }
        Place::Nowhere => Err(io::Error::new(
            io::ErrorKind::NotFound,
            "this VPN instance has neither a device nor a network namespace",
        )),
    }
}

fn tune(socket: &Socket, address: SocketAddr, hold: Duration) {
    let second = Duration::from_secs(1);
    let keepalive = TcpKeepalive::new().with_time(second).with_interval(second).with_retries(3);
    try_option("TCP_NODELAY", socket.set_tcp_nodelay(true));
    outlive(socket, hold);
    try_option("SO_KEEPALIVE", socket.set_tcp_keepalive(&keepalive));
    try_option("TCP_NOTSENT_LOWAT", socket.set_tcp_notsent_lowat(limits::NOT_SENT));
    try_option("SO_RCVBUF", socket.set_recv_buffer_size(limits::RECEIVE_BUFFER));
    // The peer may check that nothing further than the next hop can have sent it (RFC 5082).
    match address {
        SocketAddr::V4(_) => try_option("IP_TTL", socket.set_ttl_v4(255)),
        SocketAddr::V6(_) => try_option("IPV6_UNICAST_HOPS", socket.set_unicast_hops_v6(255)),
    }
}

/// Says once when an option cannot be had.
pub(super) fn try_option(name: &'static str, result: io::Result<()>) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if let Err(error) = result
        && SAID.lock().insert(name)
    {
        tracing::warn!(option = name, %error, "the kernel does not take a socket option; going on without");
    }
}
