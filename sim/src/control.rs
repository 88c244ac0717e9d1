//! The control socket of a switch in a running process: `SAI_SIM_CONTROL` names it, a line is a command.
//!
//! ```text
//! neighbors                       each: interface address mac
//! fdb                             each: vlan-or-bridge mac bridge-port static|dynamic
//! objects TYPE                    ids of a type by its name: port, router_interface, bridge_port …
//! calls                           each function that was called: name calls entries
//! forward VR ADDRESS              the packet question
//! link PORT up|down               a cable is plugged in or pulled
//! hear BV MAC BRIDGE-PORT         a frame with this source comes in
//! age BV MAC                      a dynamic MAC ages out
//! flush BRIDGE-PORT               the dynamic MACs of a bridge port go
//! faults RULES                    replaces the fault rules
//! misuse                          how often clients did what they must not
//! late                            changes that were answered and have not landed; those that were lost
//! land                            lets all of them land; how many
//! clock                           nanoseconds that the calls so far were to take
//! advance NS                      sets the clock forward
//! release                         lets calls go that hang; how many
//! ```
//!
//! The answer is the lines asked for, then `ok`, or `error: ` and why. Ids are hexadecimal.
//!
//! Invariant: nothing that `inspect` cannot do; a client on the socket waits for nobody but the switch.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::facts;
use crate::inspect::{Mac, View};

/// Answers on a socket until the switch is gone.
pub(crate) fn serve(path: &Path, switch: u64) -> std::io::Result<()> {
    // What a dead process left there is nobody's.
    if UnixStream::connect(path).is_err() {
        let _ = std::fs::remove_file(path);
    }
    let listener = UnixListener::bind(path)?;
    let run = move || {
        for stream in listener.incoming() {
            let (Ok(stream), Some(_)) = (stream, View::of(switch)) else { break };
            // One that cannot be served closes; the next may be served.
            let _ = std::thread::Builder::new().name("sai-sim-control".into()).spawn(move || {
                let _ = talk(&stream, switch);
            });
        }
    };
    std::thread::Builder::new().name("sai-sim-control".into()).spawn(run).map(|_| ())
}

/// Takes the socket away and wakes its thread, which finds the switch gone.
pub(crate) fn close(path: &Path) {
    let _ = UnixStream::connect(path);
    let _ = std::fs::remove_file(path);
}

fn talk(mut stream: &UnixStream, switch: u64) -> std::io::Result<()> {
    for line in BufReader::new(stream).lines() {
        // A look keeps its switch alive, so it lasts for one command only.
        let answer = match View::of(switch) {
            Some(view) => answer(&view, &line?),
            None => Err("the switch is gone".into()),
        };
        let text = match answer {
            Ok(lines) => lines + "ok\n",
            Err(why) => format!("error: {why}\n"),
        };
        stream.write_all(text.as_bytes())?;
    }
    Ok(())
}

type Answer = Result<String, String>;

fn answer(view: &View, line: &str) -> Answer {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    let done =
        |result: Result<(), sai_sys::Status>| result.map(|()| String::new()).map_err(|s| s.to_string());
    match (command, &words[..]) {
        ("neighbors", []) => {
            Ok(lines(view.neighbors(), |n| format!("{:#x} {} {}", n.rif, n.ip, mac_text(n.mac))))
        }
        ("fdb", []) => Ok(lines(view.fdb(), |e| {
            let kind = if e.is_static { "static" } else { "dynamic" };
            format!("{:#x} {} {:#x} {kind}", e.bv, mac_text(e.mac), e.bridge_port)
        })),
        ("objects", [name]) => {
            let facts = facts::ALL.iter().find(|f| f.name == *name).ok_or("no such type")?;
            Ok(lines(view.objects(facts.object), |id| format!("{id:#x}")))
        }
        ("calls", []) => Ok(lines(view.calls(), |c| format!("{} {} {}", c.name, c.calls, c.entries))),
        ("forward", [vr, to]) => {
            let to = to.parse().map_err(|_| "no address")?;
            Ok(format!("{:x?}\n", view.forward(id(vr)?, to)))
        }
        ("link", [port, "up"]) => done(view.link(id(port)?, true)),
        ("link", [port, "down"]) => done(view.link(id(port)?, false)),
        ("hear", [bv, mac, port]) => done(view.hear(id(bv)?, mac_of(mac)?, id(port)?)),
        ("age", [bv, mac]) => done(view.age(id(bv)?, mac_of(mac)?)),
        ("flush", [port]) => done(view.flush(id(port)?)),
        ("faults", _) => view.set_faults(rest, 1).map(|()| String::new()),
        ("misuse", []) => {
            let m = view.misuse();
            Ok(format!(
                "two-threads {}\nafter-end {}\nstale-switch {}\npadding {}\n",
                m.two_threads, m.after_end, m.stale_switch, m.padding
            ))
        }
        ("late", []) => {
            let (waiting, lost) = view.late();
            Ok(format!("waiting {waiting}\nlost {lost}\n"))
        }
        ("land", []) => Ok(format!("{}\n", view.land())),
        ("clock", []) => Ok(format!("{}\n", view.charged_ns())),
        ("advance", [ns]) => {
            view.advance(ns.parse().map_err(|_| "no number")?);
            Ok(String::new())
        }
        ("release", []) => Ok(format!("{}\n", view.release_hangs())),
        _ => Err(format!("`{line}` is no command")),
    }
}

fn lines<T>(list: Vec<T>, line: impl Fn(T) -> String) -> String {
    list.into_iter().map(|item| line(item) + "\n").collect()
}

fn id(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map_err(|_| format!("`{text}` is no id"))
}

fn mac_of(text: &str) -> Result<Mac, String> {
    crate::faults::parse_mac(text).ok_or_else(|| format!("`{text}` is no MAC"))
}

fn mac_text(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}
