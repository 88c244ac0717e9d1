//! The commands to a simulated switch, once for all who give them: a line on the control socket, a function of
//! `sai_sim.h` in C, a method of [`View`] in Rust.
//!
//! Invariant: whatever `View` can do beyond SAI has a row here, and a row has all three forms.

use sai_sys::sai_switch_oper_status_t as State;

use crate::facts;
use crate::inspect::{Mac, View};

/// What a command answers on the socket: lines, or why not.
type Answer = Result<String, String>;

/// One command.
pub struct Command {
    /// The word on the control socket.
    pub word: &'static str,
    /// What follows the word: names of what varies in capitals, alternatives with a bar, what may be missing in
    /// brackets.
    pub args: &'static str,
    /// What it does, or answers.
    pub says: &'static str,
    /// The function in C.
    pub c: &'static str,
    /// The methods of [`View`].
    pub rust: &'static [&'static str],
    /// Does it. `None`: the words are not as `args` says.
    run: fn(&View, &[&str]) -> Option<Answer>,
}

macro_rules! commands {
    ($($word:literal $args:literal $says:literal $c:literal [$($rust:literal)*] $run:expr;)*) => {
        /// Every command.
        pub const COMMANDS: &[Command] = &[$(Command {
            word: $word, args: $args, says: $says, c: $c, rust: &[$($rust),*], run: $run,
        }),*];
    };
}

commands! {
    "neighbors" ""
    "each neighbour: interface, address, MAC"
    "sai_sim_neighbors" ["neighbors"] |view, words| {
        let [] = words else { return None };
        Some(Ok(lines(view.neighbors(), |n| format!("{:#x} {} {}", n.rif, n.ip, mac_text(n.mac)))))
    };
    "fdb" ""
    "each FDB entry: VLAN or bridge, MAC, bridge port, `static` or `dynamic`"
    "sai_sim_fdb" ["fdb"] |view, words| {
        let [] = words else { return None };
        Some(Ok(lines(view.fdb(), |e| {
            let kind = if e.is_static { "static" } else { "dynamic" };
            format!("{:#x} {} {:#x} {kind}", e.bv, mac_text(e.mac), e.bridge_port)
        })))
    };
    "routes" ""
    "each route: virtual router, prefix, next hop"
    "sai_sim_routes" ["routes"] |view, words| {
        let [] = words else { return None };
        Some(Ok(lines(view.routes(), |r| {
            format!("{:#x} {}/{} {:#x}", r.virtual_router, r.ip, r.length, r.next_hop)
        })))
    };
    "objects" "TYPE"
    "the id of each object of a type: `port`, `router_interface`, …"
    "sai_sim_objects" ["objects"] |view, words| {
        let [name] = words else { return None };
        let known = facts::ALL.iter().find(|f| f.name == *name).ok_or_else(|| "no such type".to_owned());
        Some(known.map(|facts| lines(view.objects(facts.object), |id| format!("{id:#x}"))))
    };
    "table" ""
    "the host table: slots taken, slots, addresses that were moved between banks, bytes of memory"
    "sai_sim_host_table" ["host_slots" "relocations" "host_bytes"] |view, words| {
        let [] = words else { return None };
        let (taken, slots) = view.host_slots();
        let (moved, bytes) = (view.relocations(), view.host_bytes());
        Some(Ok(format!("taken {taken}\nslots {slots}\nmoved {moved}\nbytes {bytes}\n")))
    };
    "forward" "VR ADDRESS"
    "where a packet would go"
    "sai_sim_forward" ["forward"] |view, words| {
        let [vr, to] = words else { return None };
        Some(id(vr).and_then(|vr| {
            let to = to.parse().map_err(|_| format!("`{to}` is no address"))?;
            Ok(format!("{:x?}\n", view.forward(vr, to)))
        }))
    };
    "calls" ""
    "each function that was called: name, calls, entries"
    "sai_sim_calls" ["calls"] |view, words| {
        let [] = words else { return None };
        Some(Ok(lines(view.calls(), |c| format!("{} {} {}", c.name, c.calls, c.entries))))
    };
    "reset-calls" ""
    "starts counting anew"
    "sai_sim_reset_calls" ["reset_calls"] |view, words| {
        let [] = words else { return None };
        view.reset_calls();
        Some(Ok(String::new()))
    };
    "misuse" ""
    "how often clients did what they must not"
    "sai_sim_misuse" ["misuse"] |view, words| {
        let [] = words else { return None };
        let m = view.misuse();
        let text = format!(
            "two-threads {}\nafter-end {}\nstale-switch {}\npadding {}\n",
            m.two_threads, m.after_end, m.stale_switch, m.padding
        );
        Some(Ok(text))
    };
    "link" "PORT up|down"
    "plugs a cable in, or pulls it"
    "sai_sim_link" ["link"] |view, words| {
        let [port, state] = words else { return None };
        let up = match *state {
            "up" => true,
            "down" => false,
            _ => return None,
        };
        Some(id(port).and_then(|port| done(view.link(port, up))))
    };
    "hear" "BV MAC BRIDGE-PORT"
    "a frame with this source comes in"
    "sai_sim_hear" ["hear"] |view, words| {
        let [bv, mac, port] = words else { return None };
        Some(id(bv).and_then(|bv| done(view.hear(bv, mac_of(mac)?, id(port)?))))
    };
    "age" "BV MAC"
    "a dynamic MAC ages out"
    "sai_sim_age" ["age"] |view, words| {
        let [bv, mac] = words else { return None };
        Some(id(bv).and_then(|bv| done(view.age(bv, mac_of(mac)?))))
    };
    "flush" "BRIDGE-PORT"
    "the dynamic MACs of a bridge port go"
    "sai_sim_flush" ["flush"] |view, words| {
        let [port] = words else { return None };
        Some(id(port).and_then(|port| done(view.flush(port))))
    };
    "state" "unknown|up|down|failed"
    "the switch says that its state changed"
    "sai_sim_switch_state" ["switch_state"] |view, words| {
        let [state] = words else { return None };
        let state = match *state {
            "unknown" => State::SAI_SWITCH_OPER_STATUS_UNKNOWN,
            "up" => State::SAI_SWITCH_OPER_STATUS_UP,
            "down" => State::SAI_SWITCH_OPER_STATUS_DOWN,
            "failed" => State::SAI_SWITCH_OPER_STATUS_FAILED,
            _ => return None,
        };
        Some(done(view.switch_state(state)))
    };
    "faults" "[RULES]"
    "replaces the fault rules; without any, none is left"
    "sai_sim_set_faults" ["set_faults"] |view, words| {
        Some(view.set_faults(&words.join(" "), view.seed()).map(|()| String::new()))
    };
    "async" "DELAY"
    "from now on changes are answered before they are programmed, as with `SAI_SIM_ASYNC`"
    "sai_sim_set_async" ["set_async"] |view, words| {
        Some(view.set_async(&words.join(" ")).map(|()| String::new()))
    };
    "hanging" ""
    "how many calls hang"
    "sai_sim_hanging" ["hanging"] |view, words| {
        let [] = words else { return None };
        Some(Ok(format!("{}\n", view.hanging())))
    };
    "release" ""
    "lets calls go that hang; how many"
    "sai_sim_release_hangs" ["release_hangs"] |view, words| {
        let [] = words else { return None };
        Some(Ok(format!("{}\n", view.release_hangs())))
    };
    "late" ""
    "changes that were answered and have not landed; those that were lost"
    "sai_sim_late" ["late"] |view, words| {
        let [] = words else { return None };
        let (waiting, lost) = view.late();
        Some(Ok(format!("waiting {waiting}\nlost {lost}\n")))
    };
    "land" ""
    "lets all of them land; how many"
    "sai_sim_land" ["land"] |view, words| {
        let [] = words else { return None };
        Some(Ok(format!("{}\n", view.land())))
    };
    "clock" ""
    "nanoseconds that the calls so far were to take"
    "sai_sim_clock" ["charged_ns"] |view, words| {
        let [] = words else { return None };
        Some(Ok(format!("{}\n", view.charged_ns())))
    };
    "advance" "NS"
    "sets the clock forward"
    "sai_sim_advance" ["advance"] |view, words| {
        let [ns] = words else { return None };
        let ns = ns.parse().map_err(|_| format!("`{ns}` is no number"));
        Some(ns.map(|ns| {
            view.advance(ns);
            String::new()
        }))
    };
}

/// Does what a line says; `help` lists the commands.
pub(crate) fn answer(view: &View, line: &str) -> Answer {
    let mut words = line.split_whitespace();
    let word = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    if word == "help" {
        return Ok(COMMANDS.iter().map(|c| format!("{}: {}\n", usage(c), c.says)).collect());
    }
    let command = COMMANDS.iter().find(|command| command.word == word);
    let command = command.ok_or_else(|| format!("`{line}` is no command; `help` lists them"))?;
    (command.run)(view, &words).unwrap_or_else(|| Err(format!("`{line}` is not `{}`", usage(command))))
}

fn usage(command: &Command) -> String {
    format!("{} {}", command.word, command.args).trim_end().to_owned()
}

fn done(result: Result<(), sai_sys::Status>) -> Answer {
    result.map(|()| String::new()).map_err(|status| status.to_string())
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
