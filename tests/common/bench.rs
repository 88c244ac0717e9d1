//! Two switches with a daemon each: namespaces, wires, and the platform files that the daemons are started with.
#![allow(dead_code, missing_docs, unreachable_pub)]

use super::netns::{self, Netns};
use super::program::{Daemon, simulator};
use super::proxy::Proxy;
use serde_json::Value;
use std::net::IpAddr;
use tempfile::TempDir;

/// The addresses of both ends of the channel, that of the one that is dialled first.
pub const ENDS: [&str; 2] = ["10.1.0.3", "10.1.0.4"];
const NAMES: [&str; 2] = ["leaf-1", "leaf-2"];
/// The channel's port.
pub const PORT: u16 = 2048;
/// What a program installs that learned a neighbour elsewhere.
const EXT_LEARNED: u8 = libc::NTF_EXT_LEARNED;

/// Two switches' namespaces with a link between them, and a bridge with a port each.
pub struct Bench {
    pub spaces: [Netns; 2],
    _machines: [Netns; 2],
    pub dir: TempDir,
}

impl Bench {
    /// Two that are wired to each other.
    pub fn new() -> Bench {
        let bench = Bench::apart();
        bench.spaces[0].veth("peer-link", &bench.spaces[1], "peer-link");
        bench.address();
        bench
    }

    /// Two with a proxy between them, which does what it is told.
    pub fn through_proxy() -> (Bench, Proxy) {
        let bench = Bench::apart();
        let rooms = [Netns::new(), Netns::new()];
        for (own, room) in rooms.iter().enumerate() {
            bench.spaces[own].veth("peer-link", room, "peer-link");
            room.run(|net| net.address("peer-link", ENDS[1 - own], 24));
        }
        bench.address();
        let ends = ENDS.map(|end| end.parse().expect("an address"));
        let proxy = Proxy::between([&rooms[0], &rooms[1]], ends, PORT);
        (bench, proxy)
    }

    fn apart() -> Bench {
        let bench = Bench {
            spaces: [Netns::new(), Netns::new()],
            _machines: [Netns::new(), Netns::new()],
            dir: tempfile::tempdir().expect("a temporary directory"),
        };
        for (own, space) in bench.spaces.iter().enumerate() {
            space.veth("port1", &bench._machines[own], "port1");
            space.run(|net| {
                net.bridge("Vlanif10");
                net.mac("Vlanif10", [0, 0, 0x5e, 0, 1, 10]);
                net.address("Vlanif10", "10.16.0.1", 12);
                net.address("Vlanif10", "fd00:10::1", 64);
                net.master("port1", Some("Vlanif10"));
            });
        }
        bench
    }

    fn address(&self) {
        for (own, space) in self.spaces.iter().enumerate() {
            space.run(|net| net.address("peer-link", ENDS[own], 24));
        }
    }

    /// A daemon on each.
    pub fn pair(&self) -> [Daemon; 2] {
        [0, 1].map(|own| self.start(own, &line(own, PORT)))
    }

    /// Makes the kernel of one learn `count` neighbours, each with the MAC of this generation. Answers how many
    /// neighbours' changes that were.
    pub fn learn_many(&self, own: usize, count: u32, generation: u16) -> u64 {
        self.spaces[own].run(|net| net.learn_many("Vlanif10", count, generation));
        u64::from(count)
    }

    pub fn start(&self, own: usize, line: &str) -> Daemon {
        self.start_in_group(own, 1, line)
    }

    pub fn start_in_group(&self, own: usize, group: u32, line: &str) -> Daemon {
        self.start_as(own, group, line, "")
    }

    pub fn start_with_profile(&self, own: usize, line: &str, profile: &str) -> Daemon {
        self.start_as(own, 1, line, profile)
    }

    pub fn start_as(&self, own: usize, group: u32, line: &str, profile: &str) -> Daemon {
        let platform = format!(
            "hostname = '{}'\nnode-id = {}\nscrub-s = 0\ndfs-group = '''\ndfs-group {group}\n {line}\n'''\n\
             [sai]\nlibrary = '{}'\nprofile = '{profile}'\nprogramming = 'synchronous'\n\
             [[interface]]\nname = 'Vlanif10'\nnetdev = 'Vlanif10'\nattachment = 'm-lag 7'\n\
             [[port]]\nnetdev = 'port1'\nrole = 'orphan'\n",
            NAMES[own],
            own + 1,
            simulator().display()
        );
        Daemon::start(&self.spaces[own], self.dir.path(), NAMES[own], &platform)
    }

    pub fn learn(&self, own: usize, ip: &str, mac: u8) {
        let ip: IpAddr = ip.parse().expect("an address");
        self.spaces[own]
            .run(|net| net.neighbor("Vlanif10", ip, [2, 0, 0, 0, 0, mac], netns::STALE, EXT_LEARNED));
    }

    pub fn forget(&self, own: usize, ip: &str) {
        let ip: IpAddr = ip.parse().expect("an address");
        self.spaces[own].run(|net| net.delete_neighbor("Vlanif10", ip));
    }
}

/// The channel's line on one of the two, with this port.
pub fn line(own: usize, port: u16) -> String {
    format!("peer-link source ip {} peer {} tcp-port {port}", ENDS[own], ENDS[1 - own])
}

/// Waits until a switch's ASIC holds exactly these, by the daemon's table and by reading the ASIC back.
pub fn await_hosts(daemon: &mut Daemon, expected: &[(&str, u8)]) {
    let wanted: Vec<(String, String)> =
        expected.iter().map(|(ip, mac)| ((*ip).to_owned(), format!("02:00:00:00:00:{mac:02x}"))).collect();
    daemon.await_shown("hosts", |shown| {
        // Both have the same gateway, and each refuses to have it for a host.
        let rows: Vec<&Value> =
            shown.as_array().expect("a list").iter().filter(|row| row["state"] != "refused").collect();
        let held: Vec<(String, String)> = rows
            .iter()
            .filter(|row| row["state"] == "programmed")
            .map(|row| (word(&row["ip"]), word(&row["programmed"])))
            .collect();
        rows.len() == held.len() && held.len() == wanted.len() && wanted.iter().all(|row| held.contains(row))
    });
    let output = daemon.ask(&["verify", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["equal"], wanted.len() as u64, "{report}");
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Waits until a switch's ASIC holds all that the other one's kernel was made to learn by [`Bench::learn_many`], by the
/// daemon's table and by reading the ASIC back.
pub fn await_many(daemon: &mut Daemon, count: u32, generation: u16) {
    daemon.await_shown("counters", |shown| shown["programmed"] == count);
    let [high, low] = generation.to_be_bytes();
    let end = format!("{high:02x}:{low:02x}");
    daemon.await_shown("hosts", |shown| {
        let rows = shown.as_array().expect("a list");
        let good = |row: &&Value| row["state"] == "programmed" && word(&row["programmed"]).ends_with(&end);
        rows.iter().filter(good).count() == count as usize
    });
    let output = daemon.ask(&["verify", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!((output.status.code(), &report["equal"]), (Some(0), &Value::from(count)), "{report}");
}
