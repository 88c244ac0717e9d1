//! The short tables of `show`, and words for what they hold.

use crate::table::{Facts, Table};
use mlagsync::node::io::Event;
use mlagsync::node::view::{Counters, ExceptionsView, HistoryView, PeerState, ProofView, Ready, SessionView};
use mlagsync::peering::{GroupFacts, TcpSigning, TtlSecurity};
use mlagsync::run::ctl::protocol::ConfigView;
use mlagsync::session::io::DownReason;
use mlagsync::table::change::Position;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};

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
    facts.add("connect-mode", word(&view.connect));
    let ids = |ids: &[u8]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let keys = if view.keys.is_empty() { "none configured".to_owned() } else { ids(&view.keys) };
    facts.add("authentication keys", keys);
    let proved = match (view.up, view.key) {
        (true, Some(key)) => format!("by key {key}"),
        (true, None) => "no".to_owned(),
        (false, _) => "-".to_owned(),
    };
    facts.add("authenticated", proved);
    facts.add("ttl-security", ttl(view.ttl));
    facts.add("tcp-authentication", tcp(view.tcp));
    for (whose, group) in [("", view.facts), ("peer's ", view.peer_facts.filter(|_| view.up))] {
        let Some(GroupFacts { priority, system_id }) = group else { continue };
        facts.add(format!("{whose}priority"), priority.to_string());
        facts.add(format!("{whose}m-lag system-id"), or_dash(system_id));
    }
    facts.add("peer named everything", yes(view.received_end));
    facts.add("we named everything", yes(view.sent_end));
    proof(&view.proof, &mut facts);
    facts
}

/// What was proved in both directions.
fn proof(view: &ProofView, facts: &mut Facts) {
    let at = |position: Option<Position>| or_dash(position.map(|position| position.0));
    facts.add("this switch is ready", view.ready.map_or("-".to_owned(), ready));
    for (whose, hangs) in [("hardware hangs", view.hangs), ("the peer's hardware hangs", view.peer_hangs)] {
        if hangs {
            facts.add(whose, "a SAI call does not come back".to_owned());
        }
    }
    facts.add("the peer is ready", view.peer_ready.map_or("-".to_owned(), ready));
    let ours = format!("{} of {} sent, {} changes", at(view.peer_acked), view.sent.0, view.tail.0);
    facts.add("peer's ASIC is done with", ours);
    facts.add("our ASIC is done with", format!("{} of {} received", view.acked.0, at(view.received)));
    facts.add("not in our ASIC", exceptions(&view.exceptions));
    if let Some(theirs) = &view.peer_exceptions {
        facts.add("not in the peer's ASIC", exceptions(theirs));
    }
    let audit = format!("{} of {} differed", view.digests_differed, view.digests_compared);
    facts.add("digests", audit);
}

fn ready(ready: Ready) -> String {
    match ready {
        Ready::Proved => "yes".to_owned(),
        Ready::Waiting { why } => format!("no: {why}"),
        Ready::Fallback { why } => format!("waited for long enough, although {why}"),
    }
}

fn exceptions(view: &ExceptionsView) -> String {
    if view.total == 0 {
        return "nothing is missing".to_owned();
    }
    let reasons: Vec<String> =
        view.reasons.iter().map(|row| format!("{} {}", row.count, word(&row.reason))).collect();
    let more = if view.overflow { ", not all of them listed" } else { "" };
    format!("{} ({}){more}", view.total, reasons.join(", "))
}

/// What the peer's hardware has done of a claim.
pub(super) fn peer_state(state: PeerState) -> String {
    match state {
        PeerState::Pending => "pending".to_owned(),
        PeerState::Done => "done".to_owned(),
        PeerState::Exception { reason, status: 0 } => word(&reason),
        PeerState::Exception { reason, status } => format!("{}, SAI status {status}", word(&reason)),
        PeerState::Unlisted => "done, or not listed".to_owned(),
    }
}

fn ttl(ttl: TtlSecurity) -> String {
    match ttl {
        TtlSecurity::Auto => "a neighbour, where the peer is on a connected subnet".to_owned(),
        TtlSecurity::Hops(hops) => format!("at most {hops} hops"),
        TtlSecurity::Disabled => "disabled".to_owned(),
    }
}

fn tcp(signing: Option<TcpSigning>) -> String {
    match signing {
        None => "none".to_owned(),
        Some(TcpSigning::Md5) => "md5".to_owned(),
        Some(TcpSigning::Ao { id }) => format!("ao, key {id}"),
    }
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

/// A reason in words, some of which may be the peer's: they must not steer our terminal.
pub(crate) fn reason_text(reason: &DownReason) -> String {
    reason.to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// What happened of late, the newest last, and the counts.
pub(super) fn history(view: &HistoryView, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&[">ago", ">times", "what"]);
    for entry in &view.entries {
        table.add([seconds(entry.last_ago_ms), entry.times.to_string(), event_text(&entry.event)]);
    }
    match view.entries.is_empty() {
        true => writeln!(out, "nothing happened")?,
        false => table.print(out)?,
    }
    if view.forgotten > 0 {
        writeln!(out, "and {} before these", view.forgotten)?;
    }
    if !view.downs.is_empty() {
        let mut table = Table::new(&["down because", ">times"]);
        view.downs.iter().for_each(|row| table.add([row.reason.clone(), row.count.to_string()]));
        writeln!(out)?;
        table.print(out)?;
    }
    out.flush()
}

/// An event in words: its stable name and its facts.
fn event_text(event: &Event) -> String {
    if let Event::SessionDown { reason } = event {
        return format!("session down: {}", reason_text(reason));
    }
    if let Event::Threshold { scope, percent, used, of, rising } = event {
        let (is, than) = if *rising { ("has reached", "") } else { ("is below", " again") };
        return format!("threshold: {scope} {is} {percent} %{than}, {used} of {of}");
    }
    if let Event::Rejects { reason, scope, count, example, waiting, used, of } = event {
        let of = of.map_or(String::new(), |of| format!(" of {of}"));
        let hosts = if *count == 1 { "host has" } else { "hosts have" };
        return format!(
            "rejects: {count} {hosts} no room in {scope} ({}; {used}{of} used), {example} among them; {waiting} wait",
            word(reason)
        );
    }
    let Ok(serde_json::Value::Object(mut facts)) = serde_json::to_value(event) else { return "?".to_owned() };
    let name = facts.remove("event").and_then(|name| name.as_str().map(|name| name.replace('-', " ")));
    let facts = facts.iter().map(|(name, value)| match value {
        serde_json::Value::String(text) => format!(", {} {text}", name.replace('_', " ")),
        value => format!(", {} {value}", name.replace('_', " ")),
    });
    let text = name.unwrap_or_default() + &facts.collect::<String>();
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The command lines in force and the interfaces.
pub(super) fn configuration(view: &ConfigView, out: &mut impl Write) -> io::Result<()> {
    let mut facts = Facts::default();
    facts.add("hostname", &view.hostname);
    facts.add("model", &view.model);
    facts.add("SAI library", &view.sai_library);
    facts.print(out)?;
    writeln!(
        out,
        "\n{}",
        if view.dfs_group.is_empty() { "no dfs-group" } else { view.dfs_group.trim_end() }
    )?;
    let mut table = Table::new(&["interface", "VPN instance", "netdev", "MAC", "addresses", "hosts hang on"]);
    for row in &view.interfaces {
        let addresses: Vec<String> = row.addresses.iter().map(ToString::to_string).collect();
        table.add([
            row.name.to_string(),
            row.vrf.to_string(),
            or_dash(row.netdev.as_ref()),
            row.mac.to_string(),
            addresses.join(" "),
            row.attachment.to_string(),
        ]);
    }
    writeln!(out)?;
    table.print(out)
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
        ("local claims not kept", view.local_turned_away),
        ("moves to this switch", view.moves),
        ("hosts frozen where they are", view.frozen),
        ("static entries disputed by the peer", view.statics_disputed),
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
        ("found otherwise and repaired", view.repaired),
        ("written by somebody else", view.contested),
        ("in the ASIC and not ours", view.foreign),
        ("without room in the journal", view.unrecorded),
    ];
    for (name, value) in rows {
        facts.add(name, value.to_string());
    }
    for (refusal, count) in &view.refusals {
        facts.add(format!("refused: {refusal}"), count.to_string());
    }
    facts.add("time inside SAI", format!("{:.3} ms", view.asic_ns as f64 / 1e6));
    facts
        .add("last full sync, BEGIN to last SAI status", format!("{:.3} ms", view.last_sync_ns as f64 / 1e6));
    facts
}
