//! The trace: what is in it, that it can be played and compared, and that the same calls give the same trace for ever.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[path = "support/member.rs"]
mod member;
#[allow(dead_code, reason = "each test binary uses its part")]
mod sequences;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use member::{as_fn, member};
use sai::facts;
use sai::trace::{Key, Record, Value, diff, text};
use sai_sys::*;
use sequences::{Binding, build, library_dir, run, scratch};
use support::*;

/// Hash of the trace of [`sequence`] with seed 7. It changes when the simulator answers anything there differently;
/// whoever changes it says why.
const COMMITTED: u64 = 0x166e_c400_74de_9552;

/// A place for a trace, empty.
fn place(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trace-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

fn load(path: &Path) -> Vec<Record> {
    text::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A fixed sequence of calls, mixed by a seed: creates, sets, gets and removes, singly and in bulk, good and bad.
fn sequence(client: &Client, seed: u64) {
    let mut state = seed;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..500 {
        let host = random(20) as u8;
        let ip = if random(2) == 0 { format!("10.0.0.{host}") } else { format!("2001:db8::{host:x}") };
        let (entry, last) = (client.entry(&ip), random(9) as u8);
        let attrs = if last == 0 { vec![] } else { vec![mac(last)] };
        match random(7) {
            0 | 1 => drop(client.create(&entry, &attrs)),
            2 => drop(client.remove(&entry)),
            3 => drop(client.set(&entry, &flag(NO_HOST_ROUTE, last > 4))),
            4 => drop(client.mac_of(&entry)),
            5 => {
                let list: Vec<_> =
                    (0..4).map(|n| client.entry(&format!("10.0.1.{}", host / 2 + n))).collect();
                let mode = if last > 4 { STOP } else { IGNORE };
                drop(client.create_many(&list, &vec![attrs; 4], mode));
            }
            _ => {
                let list: Vec<_> =
                    (0..4).map(|n| client.entry(&format!("10.0.1.{}", host / 2 + n))).collect();
                drop(client.remove_many(&list, IGNORE));
            }
        }
    }
}

fn traced_sequence(name: &str, seed: u64, more: &[(&str, &str)]) -> Vec<Record> {
    let path = place(name);
    let mut profile = vec![("SAI_SIM_TRACE", path.to_str().unwrap()), ("SAI_SIM_HOST_CAPACITY", "24")];
    profile.extend_from_slice(more);
    let client = Client::new(&profile);
    sequence(&client, seed);
    drop(client);
    let mut records = load(&path);
    std::fs::remove_file(path).unwrap();
    // The switch comes and goes too; the sequence is what is between.
    for record in [records.remove(0), records.pop().unwrap()] {
        assert_eq!(record.object, sai_object_type_t::SAI_OBJECT_TYPE_SWITCH);
    }
    records
}

#[test]
fn a_seeded_sequence_leaves_the_trace_that_it_always_left() {
    let faults =
        ("SAI_SIM_FAULTS", "create neighbor p 0.1 fail FAILURE; any neighbor p 0.05 fail NO_MEMORY after");
    let records = traced_sequence("committed", 7, &[faults]);
    assert_eq!(records.len(), 501, "a router interface, and 500 calls on neighbours");
    assert!(records.iter().any(|r| r.status == SAI_STATUS_NO_MEMORY));
    assert_eq!(diff::hash(&records), COMMITTED, "{:016x}", diff::hash(&records));
    assert_ne!(diff::hash(&traced_sequence("other", 8, &[faults])), COMMITTED);
}

#[test]
fn what_was_passed_and_what_was_answered_is_in_the_trace() {
    let path = place("shown");
    let client = Client::new(&[("SAI_SIM_TRACE", path.to_str().unwrap()), ("SAI_SIM_PORTS", "1")]);
    let entry = client.entry("10.0.0.5");
    assert_eq!(client.create(&entry, &[mac(5)]), SUCCESS);
    assert_eq!(client.mac_of(&entry), Ok([2, 0, 0, 0, 0, 5]));
    let pair = [entry, client.entry("10.0.0.6")];
    client.create_many(&pair, &[vec![mac(1)], vec![mac(2)]], IGNORE);
    // SAFETY: a null entry is what is tested.
    unsafe { client.neighbor.remove_neighbor_entry.unwrap()(std::ptr::null()) };
    let (switch, rif) = (client.switch.id(), client.rif);
    drop(client);
    let records = load(&path);
    let lines: Vec<_> =
        records.iter().map(|record| text::line(&Record { ns: 0, ..record.clone() })).collect();
    let neighbor = |n: u8| format!("n:{switch:x}/{rif:x}/10.0.0.{n}");
    assert_eq!(
        lines[2..5],
        [
            format!("create neighbor_entry 0 0 0 - - {}{{0=m020000000005}}", neighbor(5)),
            format!("get neighbor_entry 0 0 0 - - {}{{0=m020000000005}}", neighbor(5)),
            format!(
                "create_many neighbor_entry -1 0 0 1 - {}{{0=m020000000001}}-6 {}{{0=m020000000002}}0",
                neighbor(5),
                neighbor(6)
            ),
        ]
    );
    assert!(
        lines[0].starts_with("create switch 0 0 ") && lines[0].contains(&format!(" {switch:x}{{116=n1,"))
    );
    assert!(lines[1].starts_with("create router_interface 0 0 "), "{}", lines[1]);
    assert!(lines[1].contains(&format!(" {rif:x}{{")), "{}", lines[1]);
    assert!(records[2].ns > 0, "the duration");
    assert_eq!(lines[5], format!("remove switch 0 0 0 - - {switch:x}{{}}"));
    // The null entry leads to no switch, and the library itself is not traced here.
    assert_eq!(lines.len(), 6);
    for record in &records {
        let view: serde_json::Value = serde_json::from_str(&sai::trace::json::line(record)).unwrap();
        assert_eq!(view["call"], record.what);
    }
    let view: serde_json::Value = serde_json::from_str(&sai::trace::json::line(&records[4])).unwrap();
    assert_eq!(view["items"][0]["attributes"]["DST_MAC_ADDRESS"], "02:00:00:00:00:01");
    assert_eq!(view["items"][0]["status"], "ITEM_ALREADY_EXISTS (-6)");
    std::fs::remove_file(path).unwrap();
}

fn tool(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sai-trace"));
    // Cargo points it at its own directories, where another build's library may lie.
    command.args(args).env_remove("LD_LIBRARY_PATH").output().unwrap()
}

#[track_caller]
fn says(args: &[&str], code: i32) -> String {
    let output = tool(args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
    out.into_owned()
}

/// The start of a whole system, from initialise to uninitialise, played into a library that is as it was and
/// into one that is not healthy.
#[test]
fn a_client_s_start_is_played_again_and_the_difference_is_found() {
    let dir = scratch("trace-play");
    let program = build(&dir, Binding::Linked, &[]).unwrap_or_else(|why| panic!("{why}"));
    let library = library_dir().join("libsai.so");
    for sequence in ["sonic", "fboss"] {
        let (path, again) = (dir.join(sequence), dir.join(format!("{sequence}-again")));
        let profile = ["SAI_SIM_NEIGHBOR_MACS=any".to_owned(), format!("SAI_SIM_TRACE={}", path.display())];
        let said = run(&program, sequence, &profile, &[]);
        assert!(said.success, "{}", said.text);
        let (trace, again) = (path.to_str().unwrap(), again.to_str().unwrap());
        let records = load(&path);
        assert_eq!(records.first().map(|r| r.what), Some("initialize"));
        assert_eq!(records.last().map(|r| r.what), Some("uninitialize"));
        assert!(records.len() > 100, "{}", records.len());

        let (library, any) = (library.to_str().unwrap(), "SAI_SIM_NEIGHBOR_MACS=any");
        let out = says(&["play", library, trace, again, any], 0);
        assert!(out.ends_with(" 0 left out\n"), "{out}");
        assert_eq!(says(&["hash", trace], 0), says(&["hash", again], 0));
        says(&["diff", trace, again], 0);
        assert_eq!(says(&["view", trace], 0).lines().count(), records.len());

        let fault = "SAI_SIM_FAULTS=create neighbor #1 fail TABLE_FULL";
        let out = says(&["play", library, trace, again, any, fault], 1);
        assert!(out.contains("\n+ ") && out.contains("create neighbor_entry -13 "), "{out}");
        assert!(!says(&["diff", trace, again], 1).is_empty());
    }
}

/// Ids of a library that lived before: another switch of its process came first, and objects were made and removed.
fn lived_before(path: &Path) {
    let _first = Client::new(&[("SAI_SIM_PORTS", "1")]);
    let client = Client::new(&[("SAI_SIM_STATE", path.to_str().unwrap())]);
    for facts in facts::ALL {
        let (Some(create), Some(remove)) =
            (member(&format!("create_{}", facts.name)), member(&format!("remove_{}", facts.name)))
        else {
            panic!("no functions of {}", facts.name);
        };
        // What is made of so little is enough to spend ids, of one type after the other.
        let attrs: &[sai_attribute_t] = match facts.name {
            "vlan" => &[num(0, 9)],
            "bridge" | "isolation_group" | "hostif_trap" | "hostif_user_defined_trap" => {
                &[num(0, 1), num(1, 1)]
            }
            "next_hop_group" => &[num(2, 0)],
            "lag" | "virtual_router" | "hostif_trap_group" => &[],
            _ => continue,
        };
        let attrs = &attrs[..attrs.len().min(if facts.name == "hostif_trap" { 2 } else { 1 })];
        for _ in 0..5 {
            let mut id = 0;
            let create = as_fn!(create, fn(*mut u64, u64, u32, *const sai_attribute_t));
            // SAFETY: all places are ours.
            let status =
                unsafe { create(&raw mut id, client.switch.id(), attrs.len() as u32, attrs.as_ptr()) };
            assert_eq!(status, SUCCESS, "{}", facts.name);
            let remove = as_fn!(remove, fn(u64));
            // SAFETY: no pointers.
            assert_eq!(unsafe { remove(id) }, SUCCESS, "{}", facts.name);
        }
    }
    assert_eq!(client.remove_rif(client.rif), SUCCESS);
    // The switch goes as in a crash: what its file holds stays.
}

/// Every id that calls of a trace have made or read.
fn ids_of(records: &[Record]) -> BTreeSet<u64> {
    let id = |key: &Key| if let Key::Id(id) = key { Some(*id) } else { None };
    records.iter().flat_map(|r| &r.items).filter_map(|item| id(&item.key)).filter(|id| *id != 0).collect()
}

fn without_own_mac(mut records: Vec<Record>) -> Vec<Record> {
    let attrs = records.iter_mut().flat_map(|r| &mut r.items).flat_map(|item| &mut item.attrs);
    for attr in attrs {
        if matches!(attr.value, Some(Value::Mac([2, 0x51, 0x4d, ..]))) {
            attr.value = None;
        }
    }
    records
}

/// The start of a whole system, played into a library in which every object has another id.
#[test]
fn a_trace_is_played_into_a_library_that_gives_other_ids() {
    let dir = scratch("trace-ids");
    let program = build(&dir, Binding::Linked, &[]).unwrap_or_else(|why| panic!("{why}"));
    let library = library_dir().join("libsai.so");
    for sequence in ["sonic", "fboss"] {
        let (path, again, state) = (
            dir.join(sequence),
            dir.join(format!("{sequence}-again")),
            dir.join(format!("{sequence}-state")),
        );
        let profile = ["SAI_SIM_NEIGHBOR_MACS=any".to_owned(), format!("SAI_SIM_TRACE={}", path.display())];
        let said = run(&program, sequence, &profile, &[]);
        assert!(said.success, "{}", said.text);
        lived_before(&state);
        let state = format!("SAI_SIM_STATE={}", state.display());
        let (trace, again) = (path.to_str().unwrap(), again.to_str().unwrap());
        let play = [
            "play",
            library.to_str().unwrap(),
            trace,
            again,
            "SAI_SIM_NEIGHBOR_MACS=any",
            &state,
            "SAI_BOOT_TYPE=1",
        ];
        // A switch's own MAC has its number in it, so whoever reads that one finds a difference.
        let out = says(&play, i32::from(sequence == "sonic"));
        assert!(out.contains(" 0 left out\n"), "{out}");
        let (old, new) = (without_own_mac(load(&path)), without_own_mac(load(Path::new(again))));
        assert_eq!(diff::diff(&old, &new, 9), Vec::<String>::new());
        let (old, new) = (ids_of(&old), ids_of(&new));
        assert!(old.len() > 30, "{}", old.len());
        assert_eq!(old.len(), new.len());
        assert!(old.is_disjoint(&new), "the library was to give other ids: {:x?}", old.intersection(&new));
        // The serial numbers differ too, not only the switch in whose ids they are.
        let serials = |ids: &BTreeSet<u64>| -> BTreeSet<u64> { ids.iter().map(|id| id << 16).collect() };
        let spent = serials(&new).difference(&serials(&old)).count();
        assert!(spent >= 3, "{sequence}: {spent}");
    }
}

#[test]
fn a_second_library_with_other_ids_gets_its_own() {
    let path = place("ids");
    let first = Client::new(&[("SAI_SIM_TRACE", path.to_str().unwrap())]);
    first.create(&first.entry("10.0.0.1"), &[mac(1)]);
    drop(first);
    let one = load(&path);
    std::fs::remove_file(&path).unwrap();
    let second = Client::new(&[("SAI_SIM_TRACE", path.to_str().unwrap())]);
    second.create(&second.entry("10.0.0.1"), &[mac(1)]);
    drop(second);
    let two = load(&path);
    assert_ne!(one[2].items, two[2].items, "another switch of the process has other ids");
    assert_eq!(diff::diff(&one, &two, 9), Vec::<String>::new());
    let mut three = two.clone();
    three[2].status = SAI_STATUS_TABLE_FULL;
    assert_eq!(diff::diff(&two, &three, 9).len(), 2, "a line of each");
    assert_eq!(diff::diff(&two, &three[..3], 9).len(), 3, "and one that is missing");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_call_that_hangs_is_the_last_line_until_it_returns() {
    let path = place("hang");
    let faults = ("SAI_SIM_FAULTS", "create neighbor hang");
    let client = Client::new(&[("SAI_SIM_TRACE", path.to_str().unwrap()), faults]);
    let view = client.switch.clone();
    std::thread::scope(|scope| {
        let hanging = scope.spawn(|| client.create(&client.entry("10.0.0.1"), &[mac(1)]));
        while view.hanging() == 0 {
            std::thread::yield_now();
        }
        let last = load(&path).pop();
        // Before anything is judged, so that a failure does not hang.
        view.release_hangs();
        assert_eq!(hanging.join().unwrap(), SUCCESS);
        let last = last.unwrap();
        assert_eq!(
            (last.what, last.object, last.ended),
            ("create", sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, false)
        );
        assert_eq!(last.items.len(), 1, "with its key and attributes");
        let view_of_it: serde_json::Value = serde_json::from_str(&sai::trace::json::line(&last)).unwrap();
        assert!(view_of_it["status"].is_null() && view_of_it["ended"] == false, "{view_of_it}");
    });
    let last = load(&path).pop().unwrap();
    assert!(last.ended && last.status == SUCCESS && last.ns > 0);
    std::fs::remove_file(path).unwrap();
}

/// The process dies inside a call; the call is known, can be played, and is the difference.
#[test]
fn the_last_line_of_a_process_that_died_names_the_call_that_it_was_in() {
    let dir = scratch("trace-crash");
    let program = build(&dir, Binding::Linked, &[]).unwrap_or_else(|why| panic!("{why}"));
    let (path, again) = (dir.join("trace"), dir.join("again"));
    let _ = std::fs::remove_file(&path);
    let profile = [
        "SAI_SIM_NEIGHBOR_MACS=any".to_owned(),
        format!("SAI_SIM_TRACE={}", path.display()),
        "SAI_SIM_FAULTS=create neighbor #1 crash".to_owned(),
    ];
    assert!(!run(&program, "sonic", &profile, &[]).success);
    let records = load(&path);
    let last = records.last().unwrap();
    assert_eq!(
        (last.what, last.object, last.ended),
        ("create", sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, false)
    );
    assert!(records[..records.len() - 1].iter().all(|record| record.ended));

    let (trace, again) = (path.to_str().unwrap(), again.to_str().unwrap());
    let library = library_dir().join("libsai.so");
    let out = says(&["play", library.to_str().unwrap(), trace, again, "SAI_SIM_NEIGHBOR_MACS=any"], 1);
    let first = format!("- {}: create neighbor_entry ? ", records.len());
    assert!(out.contains("0 left out") && out.lines().nth(1).unwrap().starts_with(&first), "{out}");
    assert!(
        out.lines().nth(2).unwrap().contains("create neighbor_entry 0 ") && out.lines().count() == 3,
        "{out}"
    );
    says(&["diff", trace, again], 1);
    assert_eq!(says(&["view", trace], 0).lines().count(), records.len());
    assert_ne!(says(&["hash", trace], 0), says(&["hash", again], 0));
    // The next process goes on behind it.
    assert!(run(&program, "sonic", &profile[..2], &[]).success);
    let more = load(&path);
    assert!(more.len() > 2 * records.len() - 1 && !more[records.len() - 1].ended);
    assert_eq!(more.iter().filter(|record| !record.ended).count(), 1);
}

#[test]
fn a_torn_line_is_closed_by_the_next_process_that_writes() {
    let path = place("torn");
    std::fs::write(&path, format!("{}\nbegin 1.1 create neigh", text::HEADER)).unwrap();
    drop(Client::new(&[("SAI_SIM_TRACE", path.to_str().unwrap())]));
    let calls: Vec<_> = load(&path).iter().map(|record| record.what).collect();
    assert_eq!(calls, ["create", "create", "remove"], "the switch, its interface, and the switch again");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_is_no_trace_is_refused() {
    let path = place("wrong");
    std::fs::write(&path, "hello\n").unwrap();
    let output = tool(&["view", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 1"));
    assert_eq!(tool(&["dance"]).status.code(), Some(2));
    assert_eq!(tool(&["play", "/no/such/libsai.so", path.to_str().unwrap()]).status.code(), Some(2));
    std::fs::remove_file(path).unwrap();
}
