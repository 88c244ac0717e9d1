//! Whole daemons in private network namespaces: real kernel tables, a real TCP connection, a simulated ASIC behind the
//! SAI C ABI, and everything that is asserted is asked through the control socket.

#[path = "../common/netns.rs"]
mod netns;

mod admission;
mod configure;
mod control;
mod hang;
mod hostile;
mod kernel;
mod pair;
mod ports;
mod start;
mod verify;

use mlagsync::node::view::Origin;
use mlagsync::run::ctl::protocol::{
    AsicDump, AsicRow, ConfigView, HostQuery, NeighborQuery, RepairReport, VerifyReport,
};
use mlagsync::run::ctl::{Client, Reply, Request};
use mlagsync::run::{Daemon, Platform, StartError, StartOptions};
use mlagsync::sai::{Library, NeighborTable, Oid, Options, Profile, id};
use netns::Netns;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A directory that goes with the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Dir {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("mlagsync-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for the test");
        Dir(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The simulator under a name of its own: a library that this process has not loaded yet, with a state of its own.
fn library(dir: &Dir) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    let built = test.parent().expect("it lies in deps").join("libsai.so");
    let copy = dir.path("libsai.so");
    std::fs::copy(&built, &copy).unwrap_or_else(|e| panic!("{}: {e}", built.display()));
    copy
}

/// A switch: a namespace with a device `vlan10`, and a daemon in it.
struct Switch<'n> {
    netns: &'n Netns,
    dir: Dir,
    platform: Value,
    daemon: Option<Daemon>,
}

impl<'n> Switch<'n> {
    /// A switch whose channel goes from `source` to `peer`.
    fn new(netns: &'n Netns, source: &str, peer: &str) -> Switch<'n> {
        let dir = Dir::new();
        let form = if source.contains(':') { "ipv6" } else { "ip" };
        let platform = json!({
            "hostname": "switch",
            "control": dir.path("control"),
            "dfs-group": format!("dfs-group 1\n peer-link source {form} {source} peer {peer} tcp-port 2048\n"),
            "sai": {"library": library(&dir)},
            "interface": [{"name": "Vlanif10", "netdev": "vlan10"}],
        });
        Switch { netns, dir, platform, daemon: None }
    }

    fn set(mut self, key: &str, value: Value) -> Self {
        self.platform[key] = value;
        self
    }

    fn profile(mut self, lines: &str) -> Self {
        self.platform["sai"]["profile"] = json!(lines);
        self
    }

    fn try_start(&mut self) -> Result<(), StartError> {
        let platform: Platform = serde_json::from_value(self.platform.clone()).expect("a legal platform");
        let started = self.netns.inside(|| Daemon::start(platform, StartOptions::default()));
        started.map(|daemon| self.daemon = Some(daemon))
    }

    fn start(mut self) -> Self {
        self.try_start().unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// Stops it, and answers how many threads were left behind.
    fn stop(&mut self) -> usize {
        self.daemon.take().expect("it runs").stop()
    }

    fn control(&self) -> PathBuf {
        self.dir.path("control")
    }

    fn client(&self) -> Client {
        Client::connect(self.control()).expect("the daemon answers")
    }

    fn ask(&self, request: Request) -> Reply {
        self.client().ask(&request).expect("an answer")
    }

    fn session(&self) -> mlagsync::node::view::SessionView {
        match self.ask(Request::ShowSession) {
            Reply::Session(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn counters(&self) -> mlagsync::node::view::Counters {
        match self.ask(Request::ShowCounters) {
            Reply::Counters(counters) => counters,
            other => panic!("{other:?}"),
        }
    }

    fn config(&self) -> ConfigView {
        match self.ask(Request::ShowConfig) {
            Reply::Config(view) => view,
            other => panic!("{other:?}"),
        }
    }

    /// What the ASIC holds, once it can be read.
    fn asic(&self) -> Vec<AsicRow> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.ask(Request::DumpAsic) {
                Reply::Asic(AsicDump { rows, .. }) => return rows,
                Reply::Error { .. } if Instant::now() < deadline => std::thread::yield_now(),
                other => panic!("{other:?}"),
            }
        }
    }

    /// The MAC that the ASIC holds for an address, in words.
    fn held(&self, ip: &str) -> String {
        let ip: IpAddr = ip.parse().expect("an address");
        let row = self.asic().into_iter().find(|row| row.ip == ip);
        row.map_or("absent".to_owned(), |row| row.mac.to_string())
    }

    /// The ASIC's neighbours, as somebody else in this process reaches them: behind the daemon's back.
    fn back_door(&self) -> (NeighborTable, Oid<id::RouterInterface>) {
        let text = self.platform["sai"]["profile"].as_str().unwrap_or_default();
        let profile: Profile = text.parse().expect("the daemon has taken it");
        let path = self.platform["sai"]["library"].as_str().expect("a path");
        let library = Library::open(Path::new(path), &profile, Options::default()).expect("it is open");
        // The simulator's first switch.
        let switch = mlagsync::sai::Switch::given(&library, Oid::from_raw(1 << 48 | 0x21 << 40 | 1));
        let rif = self.config().interfaces[0].rif;
        (NeighborTable::new(&switch), Oid::from_raw(rif))
    }

    fn repair(&self) -> Result<RepairReport, String> {
        match self.ask(Request::Repair) {
            Reply::Repaired(report) => Ok(report),
            Reply::Error { text } => Err(text),
            other => panic!("{other:?}"),
        }
    }

    fn verify(&self) -> Result<VerifyReport, String> {
        match self.ask(Request::Verify) {
            Reply::Verify(report) => Ok(report),
            Reply::Error { text } => Err(text),
            other => panic!("{other:?}"),
        }
    }

    /// Where this switch says that a host hangs, in words.
    fn attachment(&self, address: &str) -> String {
        self.claimed(address, Origin::Local)
    }

    /// The same of a static entry.
    fn static_attachment(&self, address: &str) -> String {
        self.claimed(address, Origin::Static)
    }

    fn claimed(&self, address: &str, origin: Origin) -> String {
        let query = NeighborQuery { ip: Some(ip(address)), origin: Some(origin), ..NeighborQuery::default() };
        match self.ask(Request::ShowNeighbors(query)) {
            Reply::Neighbors(page) => {
                page.rows.first().map_or("unknown".to_owned(), |row| row.attachment.to_string())
            }
            other => panic!("{other:?}"),
        }
    }

    fn hosts(&self) -> usize {
        match self.ask(Request::ShowHosts(HostQuery::default())) {
            Reply::Hosts(page) => page.rows.len(),
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Switch<'_> {
    fn drop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.stop();
        }
    }
}

/// Asks until the answer is the wanted one. Each question is a round trip to the daemon, which makes it wait.
#[track_caller]
fn until<T: PartialEq + std::fmt::Debug>(what: &str, want: T, ask: impl FnMut() -> T) {
    until_or(what, want, ask, String::new);
}

/// The same, with something to say when it does not come.
#[track_caller]
fn until_or<T: PartialEq + std::fmt::Debug>(
    what: &str,
    want: T,
    mut ask: impl FnMut() -> T,
    more: impl Fn() -> String,
) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let got = ask();
        if got == want {
            return;
        }
        assert!(Instant::now() < deadline, "{what}: {got:?}, not {want:?}\n{}", more());
        std::thread::yield_now();
    }
}

/// Two namespaces on one wire, with the addresses of the examples and a device each.
fn pair() -> (Netns, Netns) {
    let (a, b) = (Netns::new(), Netns::new());
    a.veth("eth0", &b, "eth0");
    for (netns, last, v4, v6) in [(&a, 1, "10.1.0.3", "2001:db8:1::1"), (&b, 2, "10.1.0.4", "2001:db8:1::2")]
    {
        netns.run(|net| {
            net.address("eth0", v4, 24);
            net.address("eth0", v6, 64);
            net.device("vlan10");
            net.mac("vlan10", [2, 0, 0, 0, 0, last]);
        });
    }
    (a, b)
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}
