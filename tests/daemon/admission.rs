//! Room, quotas and who has it, asked of a running daemon: by the control socket, and by the program in words and in JSON.

use super::*;
use mlagsync::node::view::{AdmissionView, Scope};

fn admission(switch: &Switch<'_>) -> AdmissionView {
    match switch.ask(Request::ShowAdmission) {
        Reply::Admission(view) => view,
        other => panic!("{other:?}"),
    }
}

/// What the program prints of it.
fn shown(switch: &Switch<'_>, json: bool) -> String {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_mlagsync"));
    program.args(["show", "admission", "--control"]).arg(switch.control());
    if json {
        program.arg("--json");
    }
    let output = program.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn show_admission_has_the_slots_that_sai_tells_the_quotas_and_who_waits() {
    let netns = Netns::new();
    netns.run(|net| net.device("vlan10"));
    let switch = Switch::new(&netns, "10.1.0.3", "10.1.0.4")
        .profile("SAI_SIM_HOST_CAPACITY=40")
        .set("limits", json!({"slots": "sai"}))
        .set("ownership", json!("all"))
        .set("interface", json!([{"name": "Vlanif10", "netdev": "vlan10", "hosts": 3}]))
        .start();
    let view = admission(&switch);
    assert_eq!((&view.table.scope, view.table.of, view.table.used), (&Scope::Table, Some(40), 0));
    for n in 1..=5u8 {
        netns.run(|net| {
            let address = format!("10.0.0.{n}");
            net.neighbor("vlan10", ip(&address), [2, 0, 0, 0, 1, n], netns::REACHABLE, 0);
        });
    }
    until("three are in and two wait", (3, 2), || {
        let quota = admission(&switch).quotas.pop().expect("the interface's");
        (quota.used, quota.waiting)
    });
    let view = admission(&switch);
    let quota = &view.quotas[0];
    assert_eq!((view.table.used, view.table.local), (3, 3));
    assert_eq!((quota.of, quota.local, quota.threshold), (Some(3), 3, Some(85)));
    until("the ASIC has three", 3, || switch.asic().len());

    // The program says the same, as a table and in JSON.
    let told: AdmissionView = serde_json::from_str(&shown(&switch, true)).expect("JSON");
    assert_eq!(told, admission(&switch));
    let words = shown(&switch, false);
    let line = |what: &str| {
        let line = words.lines().find(|line| line.contains(what));
        let line = line.unwrap_or_else(|| panic!("no {what} in\n{words}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert!(line("the host table").contains("3 40 7 % - 3 0 0 0"), "{words}");
    assert!(line("Vlanif10").contains("3 3 100 % 85 % 3 0 0 2"), "{words}");
    assert!(line("slots that an IPv6 host takes").ends_with('1'), "{words}");
}
