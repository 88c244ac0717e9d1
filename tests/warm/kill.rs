//! A daemon that is killed at any call, and the ones that come after it.

use crate::life::{Hardware, Life, Place};
use crate::{CHANGING, Hosts, INTERFACES, STILL, hosts, key, mix};
use mlagsync::node::io::LinkState;
use mlagsync::run::journal::{Boot, Thing};
use sai::trace::{Key as TraceKey, Record, text};
use sai_sys::{Status, sai_object_type_t as T};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SCENE: &str = "MLAGSYNC_WARM_SCENE";
const DIR: &str = "MLAGSYNC_WARM_DIR";
const STEP: &str = "MLAGSYNC_WARM_STEP";
const SEED: &str = "MLAGSYNC_WARM_SEED";
const FAULTS: &str = "MLAGSYNC_WARM_FAULTS";
/// How many kills there are; the default is for every run of the suite.
const KILLS: &str = "MLAGSYNC_WARM_KILLS";
const KILLS_IN_CI: u64 = 200;
/// More than a life makes: some are killed outside their calls, or not at all.
const CALLS: u64 = 700;
/// Fewer creates than it takes to make the interfaces and ports.
const BRING_UP: u64 = 10;
/// Tables that a life lives through.
const STEPS: u64 = 3;

/// How M-LAG 1's member is at a step: when it is down, the routes lead to the peer.
fn trunk(step: u64) -> LinkState {
    if step % 3 == 1 { LinkState::Down } else { LinkState::Forwarding }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Not a test of its own: one life in a process that may be killed.
#[test]
fn child() {
    let Ok(scene) = std::env::var(SCENE) else { return };
    let (seed, step) = (variable(SEED).parse().unwrap(), variable(STEP).parse().unwrap());
    let hardware = Hardware::up(Path::new(&variable(DIR)), &[]);
    match scene.as_str() {
        "killed" => {
            hardware.sim.set_faults(&variable(FAULTS), seed).unwrap();
            let mut life = Life::full(&hardware);
            life.tick = || {
                print!(".");
                std::io::stdout().flush().unwrap();
            };
            life.member(1, trunk(step));
            life.hear(&hosts(seed, step));
            life.complete();
            life.settle();
            for more in 1..STEPS {
                life.member(1, trunk(step + more));
                life.hear(&hosts(seed, step + more));
                life.settle();
            }
        }
        "converges" => {
            converges(&hardware, &hosts(seed, step), trunk(step));
            unchanged(&hardware, &hosts(seed, step), trunk(step));
        }
        other => panic!("no scene {other}"),
    }
    // What the ASIC holds is not taken down: the process just ends.
    std::process::exit(0);
}

/// A life without faults ends with what is wanted, and nothing is there twice.
fn converges(hardware: &Hardware, wanted: &Hosts, trunk: LinkState) {
    let mut life = Life::full(hardware);
    life.member(1, trunk);
    life.hear(wanted);
    life.complete();
    life.settle();
    assert_eq!(hardware.holds(&life.topology), *wanted);
    let beside = life.beside(wanted, trunk);
    assert_eq!(hardware.beside(&life.topology), beside);
    let count = |object| hardware.sim.objects(object).len();
    assert_eq!(count(T::SAI_OBJECT_TYPE_ROUTER_INTERFACE), INTERFACES.len());
    assert_eq!(count(T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER), 3, "the default one, red, and the mark");
    assert_eq!(count(T::SAI_OBJECT_TYPE_BRIDGE), 2, "the default one, and Vbdif5010's");
    assert_eq!(count(T::SAI_OBJECT_TYPE_VLAN), 2, "the default one, and 10");
    assert_eq!(count(T::SAI_OBJECT_TYPE_LAG), 1);
    let hops = count(T::SAI_OBJECT_TYPE_NEXT_HOP);
    assert!(hops <= 1 + beside.routes.len(), "{hops}: the peer's, and at most one for each route");
    let named = |is: fn(&Thing) -> bool| {
        life.executor.journal().unwrap().things().filter(|(thing, _)| is(thing)).count()
    };
    assert_eq!(
        [
            named(|thing| matches!(thing, Thing::Neighbor(_))),
            named(|thing| matches!(thing, Thing::Fdb(_))),
            named(|thing| matches!(thing, Thing::Route(_))),
            named(|thing| matches!(thing, Thing::NextHop(_) | Thing::NextHopOf(_))),
        ],
        [wanted.len(), beside.fdb.len(), beside.routes.len(), hops - 1],
        "the journal names these and no others"
    );
}

/// Another life with the same table reads and does not write. Dropping the one before wrote nothing either.
fn unchanged(hardware: &Hardware, wanted: &Hosts, trunk: LinkState) {
    hardware.sim.reset_calls();
    let mut life = Life::full(hardware);
    life.member(1, trunk);
    assert_eq!((life.boot, life.foreign, life.adopted.neighbors.len()), (Boot::Kept, Some(0), wanted.len()));
    life.hear(wanted);
    life.complete();
    life.settle();
    assert_eq!(hardware.holds(&life.topology), *wanted);
    assert_eq!(hardware.beside(&life.topology), life.beside(wanted, trunk));
    drop(life);
    assert_eq!(hardware.holds(&Life::full(hardware).topology), *wanted);
    assert_eq!(hardware.writes(), [""; 0], "an unchanged table is not written");
}

fn spawn(scene: &str, dir: &Path, seed: u64, step: u64, faults: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(SCENE, scene)
        .env(DIR, dir)
        .env(SEED, seed.to_string())
        .env(STEP, step.to_string())
        .env(FAULTS, faults)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What happened to the entries that were wanted all the time, over all lives.
#[derive(Default)]
struct Watch {
    created: BTreeMap<(&'static str, IpAddr), u32>,
    /// On which objects the call was that a life died in.
    died_in: BTreeMap<String, u32>,
}

/// The object of a call, as the faults name it.
fn object(record: &Record) -> &'static str {
    match record.object {
        T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => "neighbor",
        T::SAI_OBJECT_TYPE_FDB_ENTRY => "fdb",
        T::SAI_OBJECT_TYPE_ROUTE_ENTRY => "route",
        T::SAI_OBJECT_TYPE_NEXT_HOP => "next_hop",
        _ => "other",
    }
}

impl Watch {
    /// Reads what the lives since the last time did, and forgets the trace.
    fn read(&mut self, dir: &Path, story: &str) {
        let path = dir.join("trace");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let always: BTreeMap<IpAddr, u32> = (0..STILL + CHANGING).map(|n| (key(n).ip, n)).collect();
        // Of the hosts that change their MAC, the FDB entries come and go.
        let still: BTreeMap<[u8; 6], IpAddr> =
            (0..STILL).map(|n| ([2, 0, 0, 0, 0, n as u8], key(n).ip)).collect();
        for record in text::read(&String::from_utf8_lossy(&bytes)).unwrap() {
            if !record.ended {
                *self.died_in.entry(format!("{} {}", record.what, object(&record))).or_default() += 1;
            }
            for item in &record.items {
                let (kind, ip) = match item.key {
                    TraceKey::Neighbor { ip, .. } => ("neighbor", ip),
                    TraceKey::Route { ip, .. } => ("route", ip),
                    TraceKey::Fdb { mac, .. } => match still.get(&mac) {
                        Some(ip) => ("fdb", *ip),
                        None => continue,
                    },
                    TraceKey::Id(_) => continue,
                };
                let Some(n) = always.get(&ip) else { continue };
                let status = item.status.unwrap_or(record.status);
                let line = || format!("{story}: {}", text::line(&record));
                match record.what {
                    "create" | "create_many" => {
                        assert_ne!(status, Status::ITEM_ALREADY_EXISTS.0, "made again: {}", line());
                        let created = self.created.entry((kind, ip)).or_default();
                        *created += u32::from(record.ended && status == 0);
                        assert!(*created <= 1, "{kind} {ip} was made twice: {}", line());
                    }
                    "remove" | "remove_many" | "remove_all" => panic!("removed: {}", line()),
                    "set" | "set_many" if kind == "neighbor" => {
                        assert!(*n >= STILL, "set although it never changes: {}", line());
                    }
                    "set" | "set_many" if kind == "fdb" => panic!("set although it never moves: {}", line()),
                    _ => {}
                }
            }
        }
    }
}

/// Kills until there were so many, and answers how often it was a fault that killed, and in which calls.
fn history(seed: u64, kills: u64) -> (u64, BTreeMap<String, u32>) {
    let place = Place::new();
    let dir = place.path();
    let mut watch = Watch::default();
    let (mut killed, mut by_fault) = (0, 0);
    let mut step = 0;
    while killed < kills {
        let dice = mix(seed ^ mix(step));
        // The first life makes the interfaces and ports; the others find them.
        let (call, op) = match step {
            0 => (1 + mix(dice) % BRING_UP, "create"),
            _ => (1 + mix(dice) % CALLS, "any"),
        };
        let when = if dice & 1 == 0 { "before" } else { "after" };
        let outside = dice >> 8 & 3 == 0 && step > 0;
        let faults = if outside { String::new() } else { format!("{op} any #{call} crash {when}") };
        let story = format!("seed {seed}, step {step}, {}", if outside { "SIGKILL" } else { &faults });
        let mut child = spawn("killed", dir, seed, step, &faults);
        if outside {
            kill_after(&mut child, (call % 40) as usize);
        }
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(101), "{story}: {words}");
        killed += u64::from(!output.status.success());
        by_fault += u64::from(!output.status.success() && !outside);
        step += STEPS;
        let after = spawn("converges", dir, seed, step, "").wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&after.stderr);
        assert!(after.status.success(), "{story}, and then: {words}");
        watch.read(dir, &story);
    }
    (by_fault, watch.died_in)
}

/// Kills a life from outside, once it has programmed so many batches.
fn kill_after(child: &mut Child, batches: usize) {
    let mut seen = 0;
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while seen < batches && out.read(&mut byte).unwrap() == 1 {
        seen += usize::from(byte[0] == b'.');
    }
    // It may have ended by then.
    let _ = child.kill();
}

#[test]
fn killed_at_any_call_it_removes_and_makes_anew_nothing_that_is_wanted_and_writes_nothing_unchanged() {
    let kills = std::env::var(KILLS).map_or(KILLS_IN_CI, |text| text.parse().unwrap());
    let seed = 20;
    let halves = [0, 1].map(|half| std::thread::spawn(move || history(seed + half, kills / 2)));
    let (mut by_fault, mut died_in) = (0, BTreeMap::<String, u32>::new());
    for half in halves {
        let (faults, calls) = half.join().unwrap();
        by_fault += faults;
        calls.into_iter().for_each(|(call, times)| *died_in.entry(call).or_default() += times);
    }
    assert!(by_fault >= kills / 3, "most are killed inside a call: {by_fault} of {kills}");
    // The kill point is drawn over all of them: entries of every table are written when it comes.
    let objects = ["neighbor", "fdb", "route", "next_hop", "other"];
    for object in objects.into_iter().filter(|_| kills >= KILLS_IN_CI) {
        let is_write = |call: &str| !call.starts_with("get") && call.ends_with(&format!(" {object}"));
        let times: u32 = died_in.iter().filter(|(call, _)| is_write(call)).map(|(_, times)| times).sum();
        assert!(times > 0, "no life died in a write of {object}: {died_in:?}");
    }
    println!("{kills} kills, {by_fault} of them in a call: {died_in:?}");
}
