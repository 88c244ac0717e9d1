//! Private network namespaces for tests, and the few rtnetlink requests that fill them. No other program is needed.
//!
//! Without the privilege to make a namespace every test that needs one fails: a test that was not run did not pass.
#![allow(dead_code, missing_docs, unreachable_pub)]

use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A network namespace that lives as long as this value.
pub struct Netns {
    file: File,
}

impl Netns {
    /// A new namespace, its loopback device up.
    pub fn new() -> Netns {
        let make = || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        };
        let made = std::thread::spawn(make).join().expect("the thread only makes a namespace");
        let file = made.unwrap_or_else(|e| {
            panic!("this test makes network namespaces and needs root (or `unshare -Ur` around it): {e}")
        });
        let netns = Netns { file };
        netns.run(|net| net.up("lo"));
        netns
    }

    /// The same namespace once more: it lives as long as the last of them.
    pub fn again(&self) -> Netns {
        Netns { file: self.file.try_clone().expect("another descriptor of it") }
    }

    /// Calls `f` on a thread inside.
    pub fn inside<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                setns(&self.file, CloneFlags::CLONE_NEWNET).expect("whoever made it may enter it");
                f()
            });
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Starts a thread inside that stays there.
    pub fn spawn<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> std::thread::JoinHandle<T> {
        let file = self.file.try_clone().expect("another descriptor of it");
        std::thread::spawn(move || {
            setns(&file, CloneFlags::CLONE_NEWNET).expect("whoever made it may enter it");
            f()
        })
    }

    /// Calls `f` with an rtnetlink socket inside.
    pub fn run<T: Send>(&self, f: impl FnOnce(&mut Net) -> T + Send) -> T {
        self.inside(|| f(&mut Net::open()))
    }

    /// A veth pair between two namespaces.
    pub fn veth(&self, name: &str, other: &Netns, other_name: &str) {
        self.run(|net| net.veth(name, other_name, other));
    }

    /// Gives it a name under /run/netns, by which programs find it, for as long as the answer lives.
    pub fn named(&self) -> Name {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        self.named_as(&format!("mlagsync-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// The same under a name that was another one's before.
    pub fn named_as(&self, name: &str) -> Name {
        let name = Name { path: PathBuf::from("/run/netns").join(name) };
        std::fs::create_dir_all("/run/netns").expect("root may make it");
        File::create(&name.path).expect("root may write there");
        let source = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        let bind = mount(Some(source.as_str()), &name.path, None::<&str>, MsFlags::MS_BIND, None::<&str>);
        bind.expect("root may mount");
        name
    }

    /// The path by which another process or thread can enter.
    pub fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd())
    }
}

/// A name of a namespace; it goes with this value.
pub struct Name {
    path: PathBuf,
}

impl Name {
    /// The name.
    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).expect("made of text")
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let _ = umount2(&self.path, MntFlags::MNT_DETACH);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// An rtnetlink socket of the namespace of the thread that opened it.
pub struct Net {
    socket: Socket,
    sequence: u32,
}

/// Which state a neighbour entry gets.
pub use nud::*;
mod nud {
    pub const REACHABLE: u16 = libc::NUD_REACHABLE;
    pub const STALE: u16 = libc::NUD_STALE;
    pub const NOARP: u16 = libc::NUD_NOARP;
    pub const PERMANENT: u16 = libc::NUD_PERMANENT;
}

const NDA_PROTOCOL: u16 = 12;
const VETH_INFO_PEER: u16 = 1;
const IFLA_BR_FORWARD_DELAY: u16 = 1;
const IFLA_BR_STP_STATE: u16 = 5;

impl Net {
    /// Opens one here.
    pub fn open() -> Net {
        let mut socket = Socket::new(NETLINK_ROUTE).expect("a netlink socket");
        socket.bind_auto().expect("an address for it");
        Net { socket, sequence: 0 }
    }

    /// The index of a device.
    pub fn index(&self, name: &str) -> u32 {
        self.find(name).unwrap_or_else(|| panic!("no device {name}"))
    }

    /// The index of a device, if it is there.
    pub fn find(&self, name: &str) -> Option<u32> {
        nix::net::if_::if_nametoindex(name).ok()
    }

    /// Makes a device up.
    pub fn up(&mut self, name: &str) {
        self.flags(name, libc::IFF_UP as u32);
    }

    /// Makes a device down.
    pub fn down(&mut self, name: &str) {
        self.flags(name, 0);
    }

    fn flags(&mut self, name: &str, flags: u32) {
        let header = ifinfo(self.index(name), flags, libc::IFF_UP as u32);
        self.ask(libc::RTM_NEWLINK, 0, &header, Attributes::default());
    }

    /// Makes a bridge, up.
    pub fn bridge(&mut self, name: &str) {
        self.link(name, "bridge", Attributes::default());
        self.up(name);
    }

    fn link(&mut self, name: &str, kind: &str, data: Attributes) {
        let info =
            Attributes::default().add(libc::IFLA_INFO_KIND, kind.as_bytes()).nest(libc::IFLA_INFO_DATA, data);
        let all = Attributes::default().text(libc::IFLA_IFNAME, name).nest(libc::IFLA_LINKINFO, info);
        self.ask(libc::RTM_NEWLINK, CREATE, &ifinfo(0, 0, 0), all);
    }

    /// Makes a veth pair, the other end in another namespace; both up.
    pub fn veth(&mut self, name: &str, other_name: &str, other: &Netns) {
        let mut peer = Attributes { bytes: ifinfo(0, 0, 0) };
        peer = peer
            .text(libc::IFLA_IFNAME, other_name)
            .add(libc::IFLA_NET_NS_FD, &(other.file.as_raw_fd() as u32).to_ne_bytes());
        self.link(name, "veth", Attributes::default().nest(VETH_INFO_PEER, peer));
        self.up(name);
        other.run(|net| net.up(other_name));
    }

    /// Makes a device that hosts can be behind, up and with a carrier. A bridge without ports has none, and the kernel
    /// may notice only later that it has none, and then forgets the device's neighbours.
    pub fn device(&mut self, name: &str) {
        self.veth_here(name, &format!("{name}-far"));
    }

    /// Makes a veth pair with both ends here, up.
    pub fn veth_here(&mut self, name: &str, other: &str) {
        let peer = Attributes { bytes: ifinfo(0, 0, 0) }.text(libc::IFLA_IFNAME, other);
        self.link(name, "veth", Attributes::default().nest(VETH_INFO_PEER, peer));
        self.up(name);
        self.up(other);
    }

    /// Puts a device into a bridge; `None` takes it out.
    pub fn master(&mut self, name: &str, bridge: Option<&str>) {
        let master = bridge.map_or(0, |bridge| self.index(bridge));
        let header = ifinfo(self.index(name), 0, 0);
        let all = Attributes::default().add(libc::IFLA_MASTER, &master.to_ne_bytes());
        self.ask(libc::RTM_NEWLINK, 0, &header, all);
    }

    /// Makes a bridge with spanning tree, up: its ports listen and learn for two seconds each before they forward, as
    /// short as the kernel has it.
    pub fn spanning_tree_bridge(&mut self, name: &str) {
        let data = Attributes::default()
            .add(IFLA_BR_FORWARD_DELAY, &200u32.to_ne_bytes())
            .add(IFLA_BR_STP_STATE, &1u32.to_ne_bytes());
        self.link(name, "bridge", data);
        self.up(name);
    }

    /// Gives a device another name. It must be down.
    pub fn rename(&mut self, name: &str, new: &str) {
        let header = ifinfo(self.index(name), 0, 0);
        self.ask(libc::RTM_NEWLINK, 0, &header, Attributes::default().text(libc::IFLA_IFNAME, new));
    }

    /// Gives a device a MAC.
    pub fn mac(&mut self, name: &str, mac: [u8; 6]) {
        let header = ifinfo(self.index(name), 0, 0);
        self.ask(libc::RTM_NEWLINK, 0, &header, Attributes::default().add(libc::IFLA_ADDRESS, &mac));
    }

    /// Deletes a device.
    pub fn delete(&mut self, name: &str) {
        let header = ifinfo(self.index(name), 0, 0);
        self.ask(libc::RTM_DELLINK, 0, &header, Attributes::default());
    }

    /// Adds an address. IPv6 without duplicate address detection, so that it is usable at once.
    pub fn address(&mut self, name: &str, ip: &str, prefix: u8) {
        self.change_address(libc::RTM_NEWADDR, CREATE, name, ip, prefix);
    }

    /// Takes an address away.
    pub fn delete_address(&mut self, name: &str, ip: &str, prefix: u8) {
        self.change_address(libc::RTM_DELADDR, 0, name, ip, prefix);
    }

    fn change_address(&mut self, kind: u16, flags: u16, name: &str, ip: &str, prefix: u8) {
        let ip: IpAddr = ip.parse().expect("an address");
        let mut header = vec![family(ip), prefix, libc::IFA_F_NODAD as u8, 0];
        header.extend(self.index(name).to_ne_bytes());
        let all = Attributes::default().add(libc::IFA_LOCAL, &octets(ip)).add(libc::IFA_ADDRESS, &octets(ip));
        self.ask(kind, flags, &header, all);
    }

    /// Adds or replaces a neighbour.
    pub fn neighbor(&mut self, name: &str, ip: IpAddr, mac: [u8; 6], state: u16, flags: u8) {
        let header = ndmsg(family(ip), self.index(name), state, flags);
        let all = Attributes::default().add(libc::NDA_DST, &octets(ip)).add(libc::NDA_LLADDR, &mac);
        self.ask(libc::RTM_NEWNEIGH, REPLACE, &header, all);
    }

    /// Adds or replaces the neighbours 10.17.0.0 and following, whose MACs end in the generation, as fast as the kernel
    /// takes them: many in one message, and none of them answered.
    pub fn learn_many(&mut self, name: &str, count: u32, generation: u16) {
        let index = self.index(name);
        let header = ndmsg(libc::AF_INET as u8, index, libc::NUD_STALE, libc::NTF_EXT_LEARNED);
        let [high, low] = generation.to_be_bytes();
        let mut message = Vec::new();
        for n in 0..count {
            let ip = IpAddr::from(std::net::Ipv4Addr::from(0x0a11_0000 + n));
            let mac = [2, (n >> 16) as u8, (n >> 8) as u8, n as u8, high, low];
            let all = Attributes::default().add(libc::NDA_DST, &octets(ip)).add(libc::NDA_LLADDR, &mac);
            self.append(&mut message, libc::RTM_NEWNEIGH, REPLACE, &header, all);
            if message.len() > 30_000 || n + 1 == count {
                self.socket.send_to(&message, &SocketAddr::new(0, 0), 0).expect("the kernel takes it");
                message.clear();
            }
        }
        // Only a refusal is answered, and behind all of them comes the answer to this.
        let found = self.try_ask(libc::RTM_NEWLINK, 0, &ifinfo(index, 0, 0), Attributes::default());
        found.unwrap_or_else(|e| panic!("a neighbour was refused: {e}"));
    }

    /// Adds or replaces a neighbour on behalf of a routing protocol.
    pub fn neighbor_of(&mut self, name: &str, ip: IpAddr, mac: [u8; 6], protocol: u8) {
        let header = ndmsg(family(ip), self.index(name), libc::NUD_NOARP, libc::NTF_EXT_LEARNED);
        let all = Attributes::default()
            .add(libc::NDA_DST, &octets(ip))
            .add(libc::NDA_LLADDR, &mac)
            .add(NDA_PROTOCOL, &[protocol]);
        self.ask(libc::RTM_NEWNEIGH, REPLACE, &header, all);
    }

    /// Deletes a neighbour.
    pub fn delete_neighbor(&mut self, name: &str, ip: IpAddr) {
        let header = ndmsg(family(ip), self.index(name), 0, 0);
        self.ask(libc::RTM_DELNEIGH, 0, &header, Attributes::default().add(libc::NDA_DST, &octets(ip)));
    }

    /// Deletes a neighbour that may have gone by itself.
    pub fn try_delete_neighbor(&mut self, name: &str, ip: IpAddr) -> io::Result<()> {
        let header = ndmsg(family(ip), self.index(name), 0, 0);
        self.try_ask(libc::RTM_DELNEIGH, 0, &header, Attributes::default().add(libc::NDA_DST, &octets(ip)))
    }

    /// Adds or replaces an entry of the FDB of the bridge that `port` belongs to.
    pub fn fdb(&mut self, port: &str, mac: [u8; 6]) {
        self.change_fdb(libc::RTM_NEWNEIGH, REPLACE, port, mac);
    }

    /// Deletes such an entry.
    pub fn delete_fdb(&mut self, port: &str, mac: [u8; 6]) {
        self.change_fdb(libc::RTM_DELNEIGH, 0, port, mac);
    }

    fn change_fdb(&mut self, kind: u16, flags: u16, port: &str, mac: [u8; 6]) {
        let header = ndmsg(libc::AF_BRIDGE as u8, self.index(port), libc::NUD_REACHABLE, libc::NTF_MASTER);
        self.ask(kind, flags, &header, Attributes::default().add(libc::NDA_LLADDR, &mac));
    }

    fn ask(&mut self, kind: u16, flags: u16, header: &[u8], attributes: Attributes) {
        self.try_ask(kind, flags, header, attributes)
            .unwrap_or_else(|e| panic!("rtnetlink request {kind}: {e}"));
    }

    fn append(&mut self, out: &mut Vec<u8>, kind: u16, flags: u16, header: &[u8], attributes: Attributes) {
        self.sequence += 1;
        let length = 16 + header.len() + attributes.bytes.len();
        out.extend((length as u32).to_ne_bytes());
        out.extend(kind.to_ne_bytes());
        out.extend((flags | libc::NLM_F_REQUEST as u16).to_ne_bytes());
        out.extend(self.sequence.to_ne_bytes());
        out.extend(0u32.to_ne_bytes());
        out.extend(header);
        out.extend(attributes.bytes);
    }

    fn try_ask(&mut self, kind: u16, flags: u16, header: &[u8], attributes: Attributes) -> io::Result<()> {
        let mut request = Vec::new();
        self.append(&mut request, kind, flags | libc::NLM_F_ACK as u16, header, attributes);
        self.socket.send_to(&request, &SocketAddr::new(0, 0), 0)?;
        let (answer, _) = self.socket.recv_from_full()?;
        let code = i32::from_ne_bytes(answer[16..20].try_into().expect("four bytes"));
        if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(-code)) }
    }
}

const CREATE: u16 = (libc::NLM_F_CREATE | libc::NLM_F_EXCL) as u16;
const REPLACE: u16 = (libc::NLM_F_CREATE | libc::NLM_F_REPLACE) as u16;

#[derive(Default)]
struct Attributes {
    bytes: Vec<u8>,
}

impl Attributes {
    fn add(mut self, kind: u16, value: &[u8]) -> Self {
        self.bytes.extend((4 + value.len() as u16).to_ne_bytes());
        self.bytes.extend(kind.to_ne_bytes());
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    fn text(self, kind: u16, value: &str) -> Self {
        self.add(kind, &[value.as_bytes(), &[0]].concat())
    }

    fn nest(self, kind: u16, inner: Attributes) -> Self {
        self.add(kind, &inner.bytes)
    }
}

fn ifinfo(index: u32, flags: u32, change: u32) -> Vec<u8> {
    let mut header = vec![0; 4];
    header.extend(index.to_ne_bytes());
    header.extend(flags.to_ne_bytes());
    header.extend(change.to_ne_bytes());
    header
}

fn ndmsg(family: u8, index: u32, state: u16, flags: u8) -> Vec<u8> {
    let mut header = vec![family, 0, 0, 0];
    header.extend(index.to_ne_bytes());
    header.extend(state.to_ne_bytes());
    header.extend([flags, 0]);
    header
}

fn family(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { libc::AF_INET as u8 } else { libc::AF_INET6 as u8 }
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
