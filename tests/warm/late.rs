//! What lands in the ASIC after a warm restart has read it back.

use crate::life::{Hardware, Life, Place};
use crate::{Hosts, key};
use mlagsync::addr::Mac;
use std::path::Path;
use std::process::Command;

const SCENE: &str = "MLAGSYNC_LATE_SCENE";
const DIR: &str = "MLAGSYNC_LATE_DIR";
const FAULTS: &str = "MLAGSYNC_LATE_FAULTS";
const TABLE: &str = "MLAGSYNC_LATE_TABLE";

/// Hosts by number and MAC, as in `1:7 3:3`.
fn table(text: &str) -> Hosts {
    let host = |word: &str| {
        let (n, mac) = word.split_once(':').unwrap();
        (key(n.parse().unwrap()), Mac([2, 0, 0, 0, 0, mac.parse().unwrap()]))
    };
    text.split_whitespace().map(host).collect()
}

/// Not a test of its own: one life in a process.
#[test]
fn child() {
    let Ok(scene) = std::env::var(SCENE) else { return };
    let hardware = Hardware::up(Path::new(&std::env::var(DIR).unwrap()), &[]);
    let mut life = Life::begin(&hardware);
    if scene == "dies" {
        life.hear(&table("1:1 2:2"));
        life.complete();
        life.settle();
        hardware.sim.set_faults(&std::env::var(FAULTS).unwrap(), 1).unwrap();
        life.hear(&table("1:7 3:3"));
        return;
    }
    // It reads everything back, then the hardware does what the one before had told it.
    let wanted = table(&std::env::var(TABLE).unwrap());
    life.hear(&wanted);
    life.complete();
    assert_eq!(hardware.sim.late().0, 1, "it has been read back, and the old call has not landed");
    assert_eq!(hardware.sim.land(), 1);
    life.settle();
    assert_eq!(hardware.holds(&life.topology), wanted);
    let journal = life.executor.journal().unwrap();
    let named = journal.things().filter(|(t, _)| matches!(t, mlagsync::run::journal::Thing::Neighbor(_)));
    assert_eq!(named.count(), wanted.len());
}

/// One life ends in a call, which the hardware has taken and not yet done; another one begins.
fn restart(faults: &str, wanted: &str) {
    let place = Place::new();
    let spawn = |scene: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "late::child", "--nocapture"]).env(SCENE, scene).env(DIR, place.path());
        child.env(FAULTS, faults).env(TABLE, wanted).env("RUST_BACKTRACE", "0").output().unwrap()
    };
    let ended = spawn("dies").status;
    assert!(!ended.success() && ended.code() != Some(101), "it died in the call: {ended}");
    let after = spawn("takes over");
    assert!(after.status.success(), "{faults}, {wanted}: {}", String::from_utf8_lossy(&after.stderr));
}

#[test]
fn trap_an_operation_that_lands_after_a_warm_restart_has_read_it_back() {
    let create = format!("create neighbor {} late crash", key(3).ip);
    let set = format!("set neighbor {} late crash", key(1).ip);
    let remove = format!("remove neighbor {} late crash", key(2).ip);
    // Nobody wants it any more: it goes. Others want it otherwise: it is put right.
    restart(&create, "1:7");
    restart(&create, "1:7 3:3");
    restart(&create, "1:7 3:9");
    restart(&set, "1:1");
    restart(&set, "2:2");
    restart(&remove, "1:1 2:2");
    restart(&remove, "1:1");
}
