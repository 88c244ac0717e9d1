//! The two switches' world: six network namespaces, the links between them, and the kernels' neighbour tables.
//!
//! ```text
//!   host (m-lag side)   host (orphan side)          host (m-lag side)   host (orphan side)
//!        │ trunk7-10/20      │ port1-10/20               │                   │
//!   ┌────┴───────────────────┴────┐               ┌──────┴───────────────────┴──┐
//!   │ leaf-1  Vlanif10  Vlanif20  ├── peer-link ──┤ leaf-2  Vlanif10  Vlanif20  │
//!   └─────────────────────────────┘               └─────────────────────────────┘
//! ```
//!
//! Both Vlanifs are bridges. Invariant: what is learned here is learned by the kernel; the daemons are not told.

use super::error::{Asked, DemoError};
use super::hosts::{Host, Port, Vlan, Way};
use super::kernel;
use super::netlink::Rtnl;
use super::ns::Netns;
use mlagsync::addr::{InterfaceId, Mac};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

/// The names of the two switches.
pub(crate) const LEAVES: [&str; 2] = ["leaf-1", "leaf-2"];

/// The device of the channel on both switches.
const PEER_LINK: &str = "peer-link";

/// The discard service: what is sent there only has to be sent.
const DISCARD: u16 = 9;

/// One switch's part of the world.
pub(crate) struct Leaf {
    /// Its network namespace, where its daemon lives.
    pub(crate) ns: Netns,
    rtnl: Rtnl,
    /// The device of each name in it.
    devices: HashMap<String, u32>,
    /// The machines behind its M-LAG member ports and behind its orphan ports.
    machines: [Netns; 2],
}

/// Everything between the two switches.
pub(crate) struct World {
    /// The two switches.
    pub(crate) leaves: [Leaf; 2],
}

/// The name of a VLAN's bridge, which is its interface's.
pub(crate) fn bridge(vlan: Vlan) -> String {
    vlan.interface().to_string()
}

/// The name of a port in a VLAN.
pub(crate) fn port(port: Port, vlan: Vlan) -> String {
    match port {
        Port::MlagMember => format!("trunk7-{}", vlan.number()),
        Port::Orphan => format!("port1-{}", vlan.number()),
    }
}

impl World {
    /// Makes it for this many hosts. The peer-link stands; its ends have no addresses yet.
    pub(crate) fn new(count: u32) -> Result<World, DemoError> {
        let namespaces = LEAVES.map(Netns::new);
        let [one, two] = namespaces;
        let mut leaves = [Leaf::new(0, count, one?)?, Leaf::new(1, count, two?)?];
        let [left, right] = &mut leaves;
        let far = Some(right.ns.handle().as_raw_fd());
        left.rtnl
            .batch([kernel::veth(PEER_LINK, None, PEER_LINK, None, far)])
            .asked(|| "the link between the two switches".to_owned())?;
        for leaf in &mut leaves {
            leaf.configure(PEER_LINK, None, &[])?;
        }
        Ok(World { leaves })
    }

    /// Gives both ends of the peer-link their addresses, the dialling one's last: nothing can be refused then.
    pub(crate) fn connect(&mut self, ends: [IpAddr; 2], length: u8) -> Result<(), DemoError> {
        for (leaf, end) in self.leaves.iter_mut().zip(ends) {
            let device = leaf.device(PEER_LINK)?;
            leaf.rtnl
                .batch([kernel::address(device, end, length)])
                .asked(|| format!("address {end} on {PEER_LINK}"))?;
        }
        Ok(())
    }

    /// Has the kernels learn these hosts: some by asking for them, the others installed in bulk.
    pub(crate) fn learn(&mut self, hosts: impl Iterator<Item = Host> + Clone) -> Result<(), DemoError> {
        for (number, leaf) in self.leaves.iter_mut().enumerate() {
            let own = hosts.clone().filter(|host| host.leaf == number);
            leaf.install(own.clone().filter(|host| host.way == Way::Installed))?;
            leaf.resolve(own.filter(|host| host.way == Way::Resolved))?;
        }
        Ok(())
    }
}

impl Leaf {
    fn new(number: usize, count: u32, ns: Netns) -> Result<Leaf, DemoError> {
        let name = LEAVES[number];
        let machines = [Netns::new(&format!("{name}-m"))?, Netns::new(&format!("{name}-o"))?];
        let rtnl = ns.run(Rtnl::open).asked(|| "a netlink socket".to_owned())?;
        let mut leaf = Leaf { ns, rtnl, devices: HashMap::new(), machines };
        leaf.configure("lo", None, &[])?;
        for vlan in Vlan::ALL {
            let mac = vlan.router_mac();
            leaf.rtnl
                .batch([kernel::bridge(&bridge(vlan), mac)])
                .asked(|| format!("bridge {}", bridge(vlan)))?;
            leaf.configure(&bridge(vlan), None, &vlan.gateways())?;
            leaf.keep_stale_neighbors(vlan);
            leaf.connect_machines(number, count, vlan)?;
        }
        Ok(leaf)
    }

    /// Has the kernel keep the hosts that it resolved for as long as a demo may be looked at, where it lets us say so;
    /// by default it forgets them after a minute.
    fn keep_stale_neighbors(&self, vlan: Vlan) {
        self.ns.run(move || {
            for family in ["ipv4", "ipv6"] {
                let path = format!("/proc/sys/net/{family}/neigh/{}/gc_stale_time", bridge(vlan));
                // Where /proc is read-only the minute has to do.
                let _ = std::fs::write(path, "86400");
            }
        });
    }

    /// Hangs the machines on a VLAN's two ports. One of them answers ARP and ND there.
    fn connect_machines(&mut self, number: usize, count: u32, vlan: Vlan) -> Result<(), DemoError> {
        let answering = if vlan == Vlan::Ten { Port::MlagMember } else { Port::Orphan };
        for side in [Port::MlagMember, Port::Orphan] {
            let name = port(side, vlan);
            let machine = &self.machines[usize::from(side == Port::Orphan)];
            let mac = (side == answering).then(|| vlan.answering_mac(number));
            let far = Some(machine.handle().as_raw_fd());
            self.rtnl.batch([kernel::veth(&name, None, &name, mac, far)]).asked(|| format!("port {name}"))?;
            let master = self.device(&bridge(vlan))?;
            self.configure(&name, Some(master), &[])?;
            let addresses: Vec<(IpAddr, u8)> = match side == answering {
                true => answering_addresses(count, number, vlan),
                false => Vec::new(),
            };
            let machine = &self.machines[usize::from(side == Port::Orphan)];
            let mut rtnl = machine.run(Rtnl::open).asked(|| "a netlink socket".to_owned())?;
            configure(&mut rtnl, &name, None, &addresses)?;
        }
        Ok(())
    }

    fn configure(
        &mut self,
        name: &str,
        master: Option<u32>,
        addresses: &[(IpAddr, u8)],
    ) -> Result<(), DemoError> {
        let index = configure(&mut self.rtnl, name, master, addresses)?;
        self.devices.insert(name.to_owned(), index);
        Ok(())
    }

    fn device(&self, name: &str) -> Result<u32, DemoError> {
        let missing = || std::io::Error::from_raw_os_error(libc::ENODEV);
        self.devices.get(name).copied().ok_or_else(missing).asked(|| format!("device {name}"))
    }

    /// Installs entries, as a program does that learned them from hardware. Existing ones are replaced.
    pub(crate) fn install(&mut self, hosts: impl Iterator<Item = Host> + Clone) -> Result<(), DemoError> {
        let mut bridges = HashMap::new();
        let mut orphans = HashMap::new();
        for vlan in Vlan::ALL {
            bridges.insert(vlan, self.device(&bridge(vlan))?);
            orphans.insert(vlan, self.device(&port(Port::Orphan, vlan))?);
        }
        // The bridge's entries first: the port that hears a host is known before the host is.
        let orphaned = hosts.clone().filter(|host| host.port == Port::Orphan);
        let fdb = orphaned.map(|host| kernel::fdb_entry(orphans[&host.vlan], host.mac));
        self.rtnl.batch(fdb).asked(|| "entries of a bridge's forwarding table".to_owned())?;
        let entries = hosts.map(|host| kernel::neighbor(bridges[&host.vlan], host.ip, host.mac));
        self.rtnl.batch(entries).asked(|| "neighbour entries".to_owned())
    }

    /// Removes an entry.
    pub(crate) fn forget(&mut self, host: &Host) -> Result<(), DemoError> {
        let device = self.device(&bridge(host.vlan))?;
        self.rtnl.batch([kernel::delete_neighbor(device, host.ip)]).asked(|| format!("removing {}", host.ip))
    }

    /// Has the kernel ask for hosts by ARP and ND: it must, to send something to them.
    fn resolve(&mut self, hosts: impl Iterator<Item = Host>) -> Result<(), DemoError> {
        let addresses: Vec<IpAddr> = hosts.map(|host| host.ip).collect();
        if addresses.is_empty() {
            return Ok(());
        }
        let send = move || -> std::io::Result<()> {
            let v4 = UdpSocket::bind("0.0.0.0:0")?;
            let v6 = UdpSocket::bind("[::]:0")?;
            for ip in addresses {
                let socket = if ip.is_ipv4() { &v4 } else { &v6 };
                socket.send_to(b"hello", SocketAddr::new(ip, DISCARD))?;
            }
            Ok(())
        };
        self.ns.run(send).asked(|| "sending to the hosts that are to be resolved".to_owned())
    }

    /// The kernel's neighbours on the two interfaces, as a dump of its own tells.
    pub(crate) fn neighbors(&mut self) -> Result<HashMap<(InterfaceId, IpAddr), Mac>, DemoError> {
        let mut found = HashMap::new();
        for vlan in Vlan::ALL {
            let device = self.device(&bridge(vlan))?;
            let rows =
                kernel::neighbors(&mut self.rtnl, device).asked(|| "a dump of its neighbours".to_owned())?;
            found.extend(rows.into_iter().map(|(ip, mac)| ((vlan.interface(), ip), mac)));
        }
        Ok(found)
    }
}

/// Every address that the machine behind a VLAN's answering port has: those of the resolved hosts.
fn answering_addresses(count: u32, leaf: usize, vlan: Vlan) -> Vec<(IpAddr, u8)> {
    let resolved = super::hosts::hosts(count).take_while(|host| host.way == Way::Resolved);
    let own = resolved.filter(|host| host.leaf == leaf && host.vlan == vlan);
    own.map(|host| (host.ip, if host.ip.is_ipv4() { 12 } else { 64 })).collect()
}

/// Enslaves a device, gives it addresses and brings it up; answers its index.
fn configure(
    rtnl: &mut Rtnl,
    name: &str,
    master: Option<u32>,
    addresses: &[(IpAddr, u8)],
) -> Result<u32, DemoError> {
    let index = kernel::index_of(rtnl, name).asked(|| format!("device {name}"))?;
    if name != "lo" {
        rtnl.batch([kernel::without_link_local(index)]).asked(|| format!("IPv6 on {name}"))?;
    }
    rtnl.batch([kernel::up(index, master)]).asked(|| format!("bringing {name} up"))?;
    for &(ip, length) in addresses {
        rtnl.batch([kernel::address(index, ip, length)]).asked(|| format!("address {ip} on {name}"))?;
    }
    Ok(index)
}
