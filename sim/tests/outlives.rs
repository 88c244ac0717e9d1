//! What outlives a process, however it ends: the state file, as far as the hardware had come, and the trace.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sai::inspect::SimSwitch;
use sai_sys::*;
use support::*;

/// What the child does.
const SCENARIO: &str = "SAI_SIM_TEST_SCENARIO";
/// Where it keeps its state, or its trace.
const FILE: &str = "SAI_SIM_TEST_FILE";
/// Its fault rules.
const RULES: &str = "SAI_SIM_TEST_RULES";

/// Entries of the bulk call that is cut short.
const MANY: usize = 1000;
/// Bytes that the full disk takes.
const DISK: u64 = 64 << 10;

/// A switch comes back under the index that it had, so two of them cannot be up in this process at once.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file of one test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("outlives-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Last bytes of the addresses that a switch comes up with.
    fn neighbors(&self) -> Vec<u32> {
        let switch = SimSwitch::new(&[("SAI_SIM_STATE", self.text()), ("SAI_BOOT_TYPE", "1")]).unwrap();
        let mut list: Vec<u32> = switch.neighbors().iter().map(|n| number(n.ip)).collect();
        list.sort_unstable();
        list
    }

    /// Waits until the file, which a process is writing, holds at least so many neighbours.
    fn wait_for(&self, count: usize) {
        let copy = Self(self.0.with_extension("copy"));
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            fs::copy(&self.0, &copy.0).unwrap();
            if copy.neighbors().len() >= count {
                return;
            }
            assert!(Instant::now() < end, "the file never held {count}");
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn number(ip: std::net::IpAddr) -> u32 {
    match ip {
        std::net::IpAddr::V4(ip) => u32::from(ip) & 0xff_ffff,
        std::net::IpAddr::V6(_) => 0,
    }
}

fn entries(client: &Client, count: usize) -> (Vec<sai_neighbor_entry_t>, Vec<Vec<sai_attribute_t>>) {
    let entry = |n: u32| client.entry_at(client.rif, (0x0a00_0000 + n).to_be_bytes().into());
    (1..=count as u32).map(|n| (entry(n), vec![mac(1)])).unzip()
}

/// Not a test of its own: the process that ends.
#[test]
fn child() {
    let Ok(scenario) = std::env::var(SCENARIO) else { return };
    let (file, rules) = (std::env::var(FILE).unwrap(), std::env::var(RULES).unwrap_or_default());
    let profile = [("SAI_SIM_PORTS", "1"), ("SAI_SIM_STATE", &*file), ("SAI_SIM_FAULTS", &*rules)];
    let say = |text: &str| {
        println!("{text}");
        std::io::stdout().flush().unwrap();
    };
    match &*scenario {
        "bulk" => {
            let client = Client::new(&profile);
            let (entries, attrs) = entries(&client, MANY);
            say("ready");
            client.create_many(&entries, &attrs, STOP);
        }
        "slow" => {
            let client = Client::new(&[&profile[..], &[("SAI_SIM_ENTRY_NS", "20000000")]].concat());
            let (entries, attrs) = entries(&client, MANY);
            say("ready");
            client.create_many(&entries, &attrs, STOP);
        }
        "wild" => {
            let client = Client::new(&profile);
            let (entries, attrs) = entries(&client, MANY);
            let mut lists: Vec<_> = attrs.iter().map(|list| list.as_ptr()).collect();
            // The client's bug: an address where nothing is.
            lists[499] = std::ptr::without_provenance(64);
            let (counts, mut statuses) = ([1; MANY], [UNTOUCHED; MANY]);
            let create = client.neighbor.create_neighbor_entries.unwrap();
            let (entries, counts, statuses) = (entries.as_ptr(), counts.as_ptr(), statuses.as_mut_ptr());
            // SAFETY: none; that the process dies of it is what is tested.
            unsafe { create(MANY as u32, entries, counts, lists.as_mut_ptr(), STOP, statuses) };
        }
        "hold" => {
            let _client = Client::new(&profile);
            say("ready");
            let _ = std::io::stdin().read(&mut [0]);
        }
        "refused" => say(&SimSwitch::new(&profile).err().unwrap()),
        "full" => full(&profile),
        "no-room" => {
            setrlimit(Resource::RLIMIT_FSIZE, 100, RLIM_INFINITY).unwrap();
            let why = SimSwitch::new(&profile).err().unwrap();
            setrlimit(Resource::RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY).unwrap();
            say(&why);
        }
        "trace" => {
            let client = Client::new(&[("SAI_SIM_PORTS", "1"), ("SAI_SIM_TRACE", &file)]);
            for entry in entries(&client, 100).0 {
                client.create(&entry, &[mac(1)]);
            }
            kill(Pid::this(), Signal::SIGKILL).unwrap();
        }
        _ => panic!("no such scenario"),
    }
}

/// A disk that fills up, and later has room.
fn full(profile: &[(&str, &str)]) {
    let client = Client::new(profile);
    let (entries, _) = entries(&client, 10 * MANY);
    setrlimit(Resource::RLIMIT_FSIZE, DISK, RLIM_INFINITY).unwrap();
    let statuses: Vec<_> = entries.iter().map(|entry| client.create(entry, &[mac(1)])).collect();
    let stored = statuses.iter().take_while(|status| **status == SUCCESS).count();
    assert!(stored > 100, "{stored}");
    assert!(statuses[stored..].iter().all(|status| *status == SAI_STATUS_INVALID_NV_STORAGE));
    // The hardware has done the one that could not be written, and nothing behind it.
    assert_eq!(client.switch.neighbor_count(), stored + 1);
    let (status, each) = client.create_many(&entries[stored + 1..][..3], &vec![vec![mac(1)]; 3], IGNORE);
    assert_eq!((status, each), (SAI_STATUS_INVALID_NV_STORAGE, vec![UNTOUCHED; 3]));
    assert_eq!(client.mac_of(&entries[stored]), Ok([2, 0, 0, 0, 0, 1]), "what is there can be read");
    setrlimit(Resource::RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY).unwrap();
    assert_eq!(client.create(&entries[stored + 1], &[mac(1)]), SUCCESS);
    println!("stored {}", stored + 2);
    std::io::stdout().flush().unwrap();
    kill(Pid::this(), Signal::SIGKILL).unwrap();
}

/// The child in a scenario. A file that is too long answers an error there instead of a signal.
fn start(scenario: &str, place: &Place, rules: &str) -> Child {
    Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(SCENARIO, scenario), (FILE, place.text()), (RULES, rules)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the child has said so.
fn wait_ready(child: &mut Child) {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.ends_with("ready")), "the child ended");
}

/// Kills the child from outside.
fn kill_now(mut child: Child) {
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

/// How the child ends by itself: its signal, what it said, and what stands on stderr about the state.
fn ends(child: Child) -> (Option<i32>, String, Vec<String>) {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let about = stderr.lines().filter(|line| line.starts_with("SAI_SIM: ")).map(str::to_owned).collect();
    assert!(!stderr.contains("panicked"), "{stderr}");
    (output.status.signal(), String::from_utf8(output.stdout).unwrap(), about)
}

fn first(count: usize) -> Vec<u32> {
    (1..=count as u32).collect()
}

#[test]
fn a_crash_within_a_bulk_call_leaves_what_was_done_before_it() {
    let _alone = alone();
    for (rule, left) in [("crash before", 499), ("crash after", 500)] {
        let place = Place::new("crash");
        let child = start("bulk", &place, &format!("create neighbor #500 {rule}"));
        assert_eq!(ends(child).0, Some(6), "{rule}");
        assert_eq!(place.neighbors(), first(left), "{rule}");
    }
}

#[test]
fn who_is_killed_while_a_bulk_call_stands_still_leaves_what_was_done_before_it() {
    let _alone = alone();
    for rule in ["hang", "stall 3600000"] {
        let place = Place::new("still");
        let mut child = start("bulk", &place, &format!("create neighbor #500 {rule}"));
        wait_ready(&mut child);
        place.wait_for(499);
        kill_now(child);
        assert_eq!(place.neighbors(), first(499), "{rule}");
    }
}

#[test]
fn who_is_killed_while_a_bulk_call_takes_its_time_leaves_its_first_entries() {
    let _alone = alone();
    let place = Place::new("slow");
    let mut child = start("slow", &place, "");
    wait_ready(&mut child);
    place.wait_for(1);
    kill_now(child);
    let left = place.neighbors();
    assert!(left.len() < MANY, "the call takes 20 s");
    assert_eq!(left, first(left.len()));
}

#[test]
fn who_dies_within_a_bulk_call_that_takes_no_time_leaves_its_first_entries() {
    let _alone = alone();
    let place = Place::new("wild");
    assert_eq!(ends(start("wild", &place, "")).0, Some(11));
    let left = place.neighbors();
    assert!((499 - 64..=499).contains(&left.len()), "{}", left.len());
    assert_eq!(left, first(left.len()));
}

#[test]
fn a_state_file_has_one_owner_until_that_one_is_dead() {
    let _alone = alone();
    let place = Place::new("owner");
    let mut holder = start("hold", &place, "");
    wait_ready(&mut holder);
    let before = fs::read(&place.0).unwrap();
    let (signal, said, about) = ends(start("refused", &place, ""));
    assert_eq!(signal, None);
    let status = Status::OBJECT_IN_USE.to_string();
    assert!(said.contains(&status), "{said}");
    assert_eq!(
        about,
        [format!("SAI_SIM: SAI_SIM_STATE: {}: another switch keeps its state there", place.text())]
    );
    assert_eq!(fs::read(&place.0).unwrap(), before, "who was refused has touched nothing");
    kill_now(holder);
    assert!(place.neighbors().is_empty());
}

#[test]
fn two_switches_of_a_process_cannot_share_a_state_file() {
    let _alone = alone();
    let place = Place::new("shared");
    let first = SimSwitch::new(&[("SAI_SIM_STATE", place.text())]).unwrap();
    let second = || SimSwitch::new(&[("SAI_SIM_STATE", place.text())]).map(drop);
    assert_eq!(second(), Err(Status::OBJECT_IN_USE.to_string()));
    drop(first);
    assert_eq!(second(), Ok(()));
}

#[test]
fn a_full_disk_is_said_costs_nothing_that_was_stored_and_is_over_when_there_is_room() {
    let _alone = alone();
    let place = Place::new("full");
    let (signal, said, about) = ends(start("full", &place, ""));
    assert_eq!(signal, Some(9), "{said}");
    let stored = said.lines().find_map(|line| line.split_once("stored ")).unwrap().1.parse().unwrap();
    assert_eq!(about.len(), 1, "said once: {about:?}");
    assert!(about[0].starts_with(&format!("SAI_SIM: SAI_SIM_STATE: {}: ", place.text())), "{about:?}");
    assert_eq!(place.neighbors(), first(stored));

    // A start that finds no room leaves the file to those who do.
    let before = fs::read(&place.0).unwrap();
    let (_, said, about) = ends(start("no-room", &place, ""));
    assert!(said.contains(&Status::INVALID_NV_STORAGE.to_string()), "{said}");
    assert_eq!((about.len(), fs::read(&place.0).unwrap()), (1, before));
    assert_eq!(place.neighbors(), first(stored));
}

#[test]
fn a_state_file_is_written_anew_before_what_was_overtaken_fills_it() {
    let _alone = alone();
    let place = Place::new("anew");
    let client = Client::new(&[("SAI_SIM_STATE", place.text()), ("SAI_SIM_PORTS", "1")]);
    let (entries, attrs) = entries(&client, MANY);
    assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
    let (mut longest, mut written) = (0, 0);
    for n in 0..100 {
        let before = fs::metadata(&place.0).unwrap().len();
        assert_eq!(client.set_many(&entries, &vec![mac(n); MANY], STOP).0, SUCCESS);
        let length = fs::metadata(&place.0).unwrap().len();
        longest = longest.max(length);
        written += length.saturating_sub(before);
    }
    assert!(written > 3 << 20 && longest < 3 << 19, "{written} bytes written, the file had {longest}");
    let copy = Place::new("anew-copy");
    fs::copy(&place.0, &copy.0).unwrap();
    let macs: Vec<_> = client.switch.neighbors();
    drop(client);
    let switch = SimSwitch::new(&[("SAI_SIM_STATE", copy.text()), ("SAI_BOOT_TYPE", "1")]).unwrap();
    assert_eq!(switch.neighbors(), macs);
}

#[test]
fn a_trace_has_every_call_of_a_process_that_was_killed() {
    let place = Place::new("trace");
    assert_eq!(ends(start("trace", &place, "")).0, Some(9));
    let records = sai::trace::text::read(&fs::read_to_string(&place.0).unwrap()).unwrap();
    let created = |r: &&sai::trace::Record| {
        r.what == "create" && r.object == sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY
    };
    assert_eq!(records.iter().filter(created).count(), 100);
}
