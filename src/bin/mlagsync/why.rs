//! `why`: one neighbour, from both claims to the hardware, in sentences.
//!
//! Invariant: nothing is decided here; the daemon says what it decided and for which reason.

use crate::args::WhyArgs;
use crate::control::{ask, connect};
use crate::failure::Failure;
use crate::show::host_state;
use crate::stdio::Out;
use crate::table::Facts;
use mlagsync::neighbor::{Claim, Flags};
use mlagsync::node::view::{
    Asked, Because, Decision, FdbState, FdbVerdict, Hop, NeighborView, Origin, What, WhyView,
};
use mlagsync::run::ctl::protocol::WhyQuery;
use mlagsync::run::ctl::{Reply, Request};
use std::io::Write;

/// Shows everything that is known of an address; false when nothing is.
pub(crate) fn why(args: &WhyArgs, out: &mut Out) -> Result<bool, Failure> {
    let mut client = connect(args.to.control.as_deref())?;
    let request = Request::Why(WhyQuery { ip: args.ip });
    let Reply::Why(rows) = ask(&mut client, &request)? else { return Err(Failure::WrongReply) };
    if args.to.json {
        out.json(&rows)?;
        return Ok(!rows.is_empty());
    }
    if rows.is_empty() {
        writeln!(out, "{} is claimed by nobody", args.ip)?;
    }
    for (nth, row) in rows.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        print(row, out)?;
    }
    out.flush()?;
    Ok(!rows.is_empty())
}

fn print(row: &WhyView, out: &mut Out) -> std::io::Result<()> {
    let vrf = row.vrf.as_ref().map_or("not bound here".to_owned(), |vrf| format!("VPN instance {vrf}"));
    writeln!(out, "{} on {} ({vrf})", row.ip, row.interface)?;
    let mut facts = Facts::default();
    for claim in &row.claims {
        let whose = match claim.origin {
            Origin::Local => "  this switch",
            Origin::Remote => "  the peer",
            Origin::Static => "  static entry",
        };
        facts.add(whose, neighbor(claim));
    }
    facts.add("  who counts", because(row.because));
    facts.add("  decision", decision(row.decision));
    if !row.elsewhere.is_empty() {
        let names: Vec<String> = row.elsewhere.iter().map(ToString::to_string).collect();
        facts.add("  also claimed on", names.join(", "));
    }
    if let Some(ms) = row.frozen_ms {
        facts.add("  frozen", format!("for {} s more: it moved too often", ms / 1000));
    }
    let hardware = row.host.as_ref().map_or("nothing of ours".to_owned(), |host| {
        let mac = host.programmed.map(|mac| format!("{mac}, ")).unwrap_or_default();
        format!("{mac}{}", host_state(&host.state))
    });
    facts.add("  in the ASIC", hardware);
    if let Some(fdb) = &row.fdb {
        let far = fdb.state.as_ref().map(|state| format!(", {}", host_state(state))).unwrap_or_default();
        facts.add("  in the FDB", format!("{}{far}", lies(fdb)));
    }
    if let Some(route) = &row.route {
        let far = route.state.as_ref().map(|state| format!(", {}", host_state(state))).unwrap_or_default();
        facts.add("  host route", format!("{}{far}", leads(route.hop)));
    }
    for event in &row.events {
        let ago = format!("  {}.{} s ago", event.ago_ms / 1000, event.ago_ms % 1000 / 100);
        facts.add(ago, happened(&event.what));
    }
    facts.print(out)
}

fn neighbor(row: &NeighborView) -> String {
    let NeighborView { mac, attachment, flags, counter, .. } = *row;
    let wins = if row.wins { "" } else { ", does not count" };
    format!("{}{wins}", claim(&Claim { mac, attachment, flags, counter }))
}

fn claim(claim: &Claim) -> String {
    let Claim { mac, attachment, flags, counter } = claim;
    let router = if flags.contains(Flags::ROUTER) { ", router" } else { "" };
    let own = if flags.contains(Flags::INTERFACE) { ", the device's own address" } else { "" };
    format!("{mac} on {attachment}, counter {counter}{router}{own}")
}

fn because(because: Because) -> &'static str {
    match because {
        Because::Nobody => "nobody claims it",
        Because::OnlyClaim => "there is one claim",
        Because::Agreement => "both switches say the same",
        Because::Static => "a static entry beats every claim",
        Because::OwnAddress => "a device's own address is uncontested",
        Because::HigherCounter => "the higher mobility counter: it was heard there last",
        Because::LargerNode => "equal mobility counters: the larger node id",
        Because::VrfDiffers => "the interface lies in another VRF at the peer, which speaks of another host",
    }
}

fn decision(decision: Decision) -> String {
    match decision {
        Decision::Nothing => "nothing is to be programmed".to_owned(),
        Decision::Refused { refusal } => format!("refused: {refusal}"),
        Decision::Nos { mac } => format!("{mac}, programmed by the NOS"),
        Decision::Ours { mac } => format!("{mac}, programmed by us"),
    }
}

fn lies(fdb: &FdbState) -> String {
    match fdb.decision {
        FdbVerdict::Nothing => "nowhere".to_owned(),
        FdbVerdict::Hardware(None) => "the hardware's".to_owned(),
        FdbVerdict::Hardware(Some(port)) => format!("the hardware's, heard on {port}"),
        FdbVerdict::Ours(port) => format!("on {port}"),
    }
}

fn leads(hop: Option<Hop>) -> String {
    match hop {
        None => "none".to_owned(),
        Some(Hop::Itself) => "to the host".to_owned(),
        Some(Hop::Peer(hop)) => format!("to the peer, by {hop}"),
        Some(Hop::Unnamed) => "to the host; no next hop to the peer is named in its VPN instance".to_owned(),
    }
}

fn happened(what: &What) -> String {
    let asked = |asked: &Asked| match asked {
        Asked::Create => "creation",
        Asked::SetMac => "change of the MAC",
        Asked::Remove => "removal",
        Asked::Read => "read-back",
    };
    match what {
        What::Claimed(now) => format!("heard here: {}", claim(now)),
        What::MadeStatic { mac } => format!("configured here: {mac}"),
        What::Forgotten => "forgotten here".to_owned(),
        What::PeerClaimed(now) => format!("claimed by the peer: {}", claim(now)),
        What::PeerForgot => "no longer claimed by the peer".to_owned(),
        What::Refused { refusal } => format!("refused: {refusal}"),
        What::Admitted => "no longer refused".to_owned(),
        What::Frozen => "frozen: it moved too often".to_owned(),
        What::Thawed => "thawed".to_owned(),
        What::Probed => "asked for: is it still there?".to_owned(),
        What::Disputed { theirs } => format!("the peer claims {theirs} against the static entry"),
        What::AsicRefused { asked: what, status } => format!("{} refused by the ASIC: {status}", asked(what)),
        What::AsicUnknown { asked: what, status } => {
            format!("{} with unknown outcome: {status}", asked(what))
        }
    }
}
