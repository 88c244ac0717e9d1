//! The two short tables of `show`: the session and the counters, and words for what they hold.

use crate::table::Facts;
use mlagsync::node::view::{Counters, SessionView};
use mlagsync::session::io::DownReason;
use serde::Serialize;
use std::fmt::Display;

/// A unit variant's stable name, as JSON has it.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('-', " "),
        Ok(other) => other.to_string(),
        Err(_) => "?".to_owned(),
    }
}

fn or_dash<T: Display>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// The session as a table.
pub(super) fn session(view: &SessionView) -> Facts {
    let since = seconds(view.since_ms);
    let mut facts = Facts::default();
    facts.add("session", format!("{} for {since}", if view.up { "up" } else { "down" }));
    if let Some(reason) = &view.reason {
        facts.add(if view.up { "last was down" } else { "because" }, reason_text(reason));
    }
    facts.add("dfs-group", or_dash(view.group));
    facts.add("source", or_dash(view.source));
    facts.add("peer", or_dash(view.peer));
    facts.add("tcp-port", or_dash(view.port));
    let vpn = view.vpn.as_ref().filter(|vpn| !vpn.is_public());
    facts.add("vpn-instance", or_dash(vpn));
    facts.add("node id", or_dash(view.node));
    facts.add("peer's node id", or_dash(view.peer_node));
    facts.add("connection opened by", view.role.as_ref().map_or("-".to_owned(), word));
    facts.add("hold time", view.hold_ms.map_or("-".to_owned(), |ms| format!("{ms} ms")));
    facts.add("peer named everything", yes(view.received_end));
    facts.add("we named everything", yes(view.sent_end));
    facts
}

fn yes(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn seconds(ms: u64) -> String {
    let (s, h) = (ms / 1000 % 60, ms / 3_600_000);
    match ms {
        0..60_000 => format!("{}.{} s", s, ms % 1000 / 100),
        _ => format!("{h}:{:02}:{s:02}", ms / 60_000 % 60),
    }
}

/// One sentence for each reason, with what to do where there is something to do.
pub(crate) fn reason_text(reason: &DownReason) -> String {
    match reason {
        DownReason::NotConfigured => "no peer-link is configured".to_owned(),
        DownReason::SourceNotLocal { source } => {
            format!("source address {source} is not an address of this device; waiting for it to appear")
        }
        DownReason::PortInUse { port, owner: Some(owner) } => format!("port {port} is in use by {owner}"),
        DownReason::PortInUse { port, owner: None } => format!("port {port} is in use by another program"),
        DownReason::ListenFailed { error } => format!("listening failed: {error}"),
        DownReason::Connecting => "connecting".to_owned(),
        DownReason::PeerRefuses { port } => {
            format!(
                "the peer's address answers, but nothing listens on port {port}: is the same port configured there?"
            )
        }
        DownReason::PeerSilent { port } => {
            format!(
                "the peer does not answer on port {port}: is it reachable, is the same port configured there?"
            )
        }
        DownReason::DialFailed { error } => format!("dialling failed: {error}"),
        DownReason::NobodyDials { seconds } => {
            format!("the peer, which has the larger address, has not dialled for {seconds} s")
        }
        DownReason::Handshake => "connected, waiting for the peer's HELLO".to_owned(),
        DownReason::NoHello { .. } => "connected, but the peer says no HELLO: is it mlagsync?".to_owned(),
        DownReason::PortDiffers { ours, theirs } => {
            format!("the port differs: {ours} here, {theirs} on the peer")
        }
        DownReason::GroupDiffers { ours, theirs } => {
            format!("the DFS group differs: {ours} here, {theirs} on the peer")
        }
        DownReason::SameNodeId { node } => format!("both devices have node id {node}"),
        DownReason::VersionDiffers { ours, theirs } => format!(
            "no protocol version in common: {} to {} here, {} to {} on the peer",
            ours.0, ours.1, theirs.0, theirs.1
        ),
        DownReason::HoldExpired { hold_ms } => format!("nothing was heard of the peer for {hold_ms} ms"),
        DownReason::ProtocolError { detail } => format!("the peer broke the protocol: {detail}"),
        DownReason::PeerNotified { code, text } => {
            format!("the peer refused: {} (code {code})", printable(text))
        }
        DownReason::ConnectionLost { cause } => format!("the connection broke: {}", word(cause)),
        DownReason::PeerGoodbye => "the peer said goodbye".to_owned(),
    }
}

/// The peer's words must not steer our terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The counters as a table.
pub(super) fn counters(view: &Counters) -> Facts {
    let mut facts = Facts::default();
    let rows = [
        ("local claims", view.local),
        ("peer's claims", view.remote),
        ("hosts wanted", view.wanted),
        ("hosts programmed", view.programmed),
        ("claims refused", view.refused),
        ("claims not kept", view.turned_away),
        ("hosts parked or failed", view.parked),
        ("pieces of local evidence", view.evidence),
        ("entries sent", view.sent_upserts),
        ("deletes sent", view.sent_deletes),
        ("entries received", view.received_upserts),
        ("deletes received", view.received_deletes),
        ("swept after a full sync", view.swept),
        ("bytes sent", view.sent_bytes),
        ("bytes received", view.received_bytes),
        ("sessions", view.sessions),
        ("full syncs received", view.syncs),
        ("batches to the ASIC", view.batches),
        ("SAI calls", view.sai_calls),
        ("entries created", view.creates),
        ("entries set", view.sets),
        ("entries removed", view.removes),
        ("entries read back", view.reads),
        ("refused by the ASIC", view.asic_refusals),
        ("unknown to the ASIC", view.asic_unknowns),
    ];
    for (name, value) in rows {
        facts.add(name, value.to_string());
    }
    facts.add("time inside SAI", format!("{:.3} ms", view.asic_ns as f64 / 1e6));
    facts
        .add("last full sync, BEGIN to last SAI status", format!("{:.3} ms", view.last_sync_ns as f64 / 1e6));
    facts
}
