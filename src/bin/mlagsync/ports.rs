//! `port`, `fdb` and `show ports`: what an operator says of links and MACs, and what is known of them.

use crate::args::{FdbArgs, FdbWord, LinkWord, PortArgs, SideWord, WhichPort};
use crate::control::{ask, connect};
use crate::failure::Failure;
use crate::stdio::Out;
use crate::table::Table;
use mlagsync::addr::MlagId;
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::{FdbChange, LinkState};
use mlagsync::run::ctl::protocol::{FdbQuery, PortQuery, PortSide, PortSource, PortView};
use mlagsync::run::ctl::{Reply, Request};
use mlagsync::run::platform::PortRole;
use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;

/// Says how a port is.
pub(crate) fn port(args: &PortArgs, out: &mut Out) -> Result<(), Failure> {
    let (role, side, state, to) = match &args.which {
        WhichPort::MLag { number, side, state, to } => {
            let mlag = MlagId::new(u32::from(*number)).expect("the words allow an M-LAG's numbers only");
            let side = if *side == SideWord::Peer { PortSide::Peer } else { PortSide::Local };
            (PortRole::Hosts(Attachment::Mlag(mlag)), side, state, to)
        }
        WhichPort::PeerLink { state, to } => (PortRole::PeerLink, PortSide::Local, state, to),
    };
    let state = match state {
        LinkWord::Down => Some(LinkState::Down),
        LinkWord::Up => Some(LinkState::Up),
        LinkWord::Forwarding => Some(LinkState::Forwarding),
        LinkWord::Auto => None,
    };
    let mut client = connect(to.control.as_deref())?;
    match ask(&mut client, &Request::SetPort(PortQuery { role, side, state }))? {
        Reply::Ports { ports } => print(&ports, to.json, out),
        _ => Err(Failure::WrongReply),
    }
}

/// Says what happened in the FDB.
pub(crate) fn fdb(args: &FdbArgs, out: &mut Out) -> Result<(), Failure> {
    let change = match args.change {
        FdbWord::Learned => FdbChange::Learned,
        FdbWord::Moved => FdbChange::Moved,
        FdbWord::Aged => FdbChange::Aged,
        FdbWord::Flushed => FdbChange::Flushed,
    };
    let (role, bridge_port) = match args.port.as_deref() {
        None => (None, None),
        Some(word) => match word.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16)) {
            Some(Ok(raw)) => (None, Some(raw)),
            _ => (parsed("port", Some(word))?, None),
        },
    };
    let query = FdbQuery {
        change,
        interface: parsed("interface", args.interface.as_deref())?,
        mac: parsed("mac", args.mac.as_deref())?,
        role,
        bridge_port,
    };
    let mut client = connect(args.to.control.as_deref())?;
    let Reply::Done { .. } = ask(&mut client, &Request::TellFdb(query))? else {
        return Err(Failure::WrongReply);
    };
    if args.to.json {
        return Ok(out.json(&serde_json::json!({ "told": true }))?);
    }
    writeln!(out, "told")?;
    Ok(out.flush()?)
}

fn parsed<T: FromStr<Err: Display>>(option: &'static str, word: Option<&str>) -> Result<Option<T>, Failure> {
    let wrong = |why: T::Err, word: &str| Failure::Word {
        option,
        word: word.chars().map(|c| if c.is_control() { '?' } else { c }).take(40).collect(),
        why: why.to_string(),
    };
    word.map(|word| word.parse().map_err(|why| wrong(why, word))).transpose()
}

/// Prints ports.
pub(crate) fn print(ports: &[PortView], json: bool, out: &mut Out) -> Result<(), Failure> {
    if json {
        return Ok(out.json(&ports)?);
    }
    if ports.is_empty() {
        writeln!(out, "none")?;
        return Ok(out.flush()?);
    }
    let mut table = Table::new(&[
        "port",
        "netdev",
        "in the ASIC",
        "bridge port",
        "this switch",
        "says",
        "the peer",
        "says",
    ]);
    for port in ports {
        table.add([
            port.role.to_string(),
            dash(port.netdevs.join(" ")),
            place(port),
            port.bridge_port.map_or("-".to_owned(), |raw| format!("{raw:#x}")),
            state(port.local).to_owned(),
            source(port.local_by).to_owned(),
            port.peer.map_or("-", state).to_owned(),
            port.peer_by.map_or("-", source).to_owned(),
        ]);
    }
    Ok(table.print(out)?)
}

fn dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

fn place(port: &PortView) -> String {
    let numbers = port.front_ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    match (port.lag, numbers.is_empty()) {
        (_, true) => "-".to_owned(),
        (true, false) => format!("LAG of {numbers}"),
        (false, false) => format!("port {numbers}"),
    }
}

fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Down => "down",
        LinkState::Up => "up, not forwarding",
        LinkState::Forwarding => "forwarding",
    }
}

fn source(source: PortSource) -> &'static str {
    match source {
        PortSource::Netdev => "the kernel",
        PortSource::Asic => "the ASIC",
        PortSource::Hand => "an operator",
        PortSource::Nobody => "nobody",
    }
}
