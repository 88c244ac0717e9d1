//! The control socket, as somebody outside the process uses it.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use support::*;

/// Sends a command; answers the lines before `ok`, or the error.
fn ask(path: &Path, command: &str) -> Result<Vec<String>, String> {
    let mut stream = UnixStream::connect(path).unwrap();
    writeln!(stream, "{command}").unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(stream).lines() {
        match line.unwrap() {
            line if line == "ok" => return Ok(said),
            line if line.starts_with("error: ") => return Err(line),
            line => said.push(line),
        }
    }
    panic!("{command}: the socket closed after {said:?}");
}

fn socket(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("sai-sim-{name}-{}", std::process::id()))
}

#[test]
fn a_switch_is_looked_into_and_commanded_from_outside() {
    let path = socket("control");
    let client = Client::new(&[("SAI_SIM_CONTROL", path.to_str().unwrap()), ("SAI_SIM_PORTS", "2")]);
    assert_eq!(client.create(&client.entry("10.0.0.5"), &[mac(5)]), SUCCESS);
    let rif = client.rif;
    assert_eq!(ask(&path, "neighbors").unwrap(), [format!("{rif:#x} 10.0.0.5 02:00:00:00:00:05")]);
    assert!(ask(&path, "calls").unwrap().contains(&"create_neighbor_entry 1 1".to_owned()));
    assert_eq!(ask(&path, "objects router_interface").unwrap(), [format!("{rif:#x}")]);

    let bridge_port = ask(&path, "objects bridge_port").unwrap().remove(1);
    let (vlan, vr) = (client.switch.default_vlan(), client.switch.default_virtual_router());
    ask(&path, &format!("hear {vlan:#x} 02:00:00:00:00:05 {bridge_port}")).unwrap();
    assert_eq!(ask(&path, "fdb").unwrap(), [format!("{vlan:#x} 02:00:00:00:00:05 {bridge_port} dynamic")]);
    assert_eq!(
        ask(&path, &format!("forward {vr:#x} 10.0.0.5")).unwrap(),
        ["Drop"],
        "the port is not enabled"
    );
    ask(&path, &format!("age {vlan:#x} 02:00:00:00:00:05")).unwrap();
    assert!(ask(&path, "fdb").unwrap().is_empty());
    ask(&path, "faults create neighbor 10.0.0.6 lie").unwrap();
    assert_eq!(client.create(&client.entry("10.0.0.6"), &[mac(6)]), SUCCESS);
    assert_eq!(client.switch.neighbors().len(), 1);

    let misuse = ask(&path, "misuse").unwrap();
    assert_eq!((misuse.len(), &misuse[0][..], &misuse[3][..]), (4, "two-threads 0", "padding 0"));
    ask(&path, "faults remove neighbor late").unwrap();
    assert_eq!(client.remove(&client.entry("10.0.0.5")), SUCCESS);
    assert_eq!(ask(&path, "late").unwrap(), ["waiting 1", "lost 0"]);
    assert_eq!(ask(&path, "land").unwrap(), ["1"]);
    assert_eq!(client.switch.neighbor_count(), 0);
    let clock = || ask(&path, "clock").unwrap()[0].parse::<u64>().unwrap();
    let charged = clock();
    assert_eq!(charged, client.switch.charged_ns());
    ask(&path, "advance 5").unwrap();
    assert_eq!(clock(), charged + 5);

    let table = ask(&path, "table").unwrap();
    assert_eq!((table.len(), &table[0][..], &table[1][..]), (4, "taken 0", "slots 4194304"));
    assert_eq!(ask(&path, "hanging").unwrap(), ["0"]);
    ask(&path, "state failed").unwrap();
    ask(&path, "faults").unwrap();
    assert_eq!(client.create(&client.entry("10.0.0.6"), &[mac(6)]), SUCCESS);
    assert_eq!(client.switch.neighbors().len(), 1, "no rule is left");
    ask(&path, "async ns 1000000000").unwrap();
    assert_eq!(client.create(&client.entry("10.0.0.7"), &[mac(7)]), SUCCESS);
    assert_eq!((client.switch.neighbors().len(), &ask(&path, "late").unwrap()[0][..]), (1, "waiting 1"));
    ask(&path, "land").unwrap();
    ask(&path, "reset-calls").unwrap();
    assert!(ask(&path, "calls").unwrap().is_empty());
    let help = ask(&path, "help").unwrap();
    assert_eq!(help.len(), sai::commands::COMMANDS.len());
    assert!(help.contains(&"link PORT up|down: plugs a cable in, or pulls it".to_owned()), "{help:?}");

    for wrong in [
        "",
        "state asleep",
        "clock 5",
        "advance soon",
        "dance",
        "link 0x1 sideways",
        "age 0x1 nobody",
        "hear",
        "faults create",
        "async",
        "async ns soon",
        "objects cats",
    ] {
        ask(&path, wrong).unwrap_err();
    }
    assert_eq!(ask(&path, "age 1234 02:00:00:00:00:05").unwrap_err(), "error: INVALID_PARAMETER (-5)");
}

#[test]
fn a_call_that_hangs_is_let_go_from_outside() {
    let path = socket("hang");
    let profile =
        [("SAI_SIM_CONTROL", path.to_str().unwrap()), ("SAI_SIM_FAULTS", "create neighbor any hang")];
    assert!(sai::inspect::SimSwitch::new(&profile).is_err(), "`any` is no key");
    let profile = [("SAI_SIM_CONTROL", path.to_str().unwrap()), ("SAI_SIM_FAULTS", "create neighbor hang")];
    let client = Client::new(&profile);
    let view = client.switch.clone();
    std::thread::scope(|scope| {
        let hanging = scope.spawn(|| client.create(&client.entry("10.0.0.1"), &[mac(1)]));
        while view.hanging() == 0 {
            std::thread::yield_now();
        }
        assert_eq!(ask(&path, "release").unwrap(), ["1"]);
        assert_eq!(hanging.join().unwrap(), SUCCESS);
    });
}

#[test]
fn the_socket_goes_with_the_switch_and_a_stale_one_is_replaced() {
    let path = socket("stale");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let client = Client::new(&[("SAI_SIM_CONTROL", path.to_str().unwrap())]);
    assert!(ask(&path, "neighbors").unwrap().is_empty());
    drop(client);
    assert!(!path.exists());
}
