//! `show`: tables for people, JSON for machines, of the same values.
//!
//! Invariant: a long table is printed page by page; nothing here holds all of it.

mod admission;
mod facts;
mod kernel;

pub(crate) use facts::reason_text;

use crate::args::{Show, ShowArgs};
use crate::control::{ask, connect, pages};
use crate::failure::Failure;
use crate::stdio::Out;
use mlagsync::node::view::{HostState, HostView, NeighborView, Origin};
use mlagsync::run::ctl::protocol::{HostQuery, NeighborQuery};
use mlagsync::run::ctl::{Client, Reply, Request};
use serde::Serialize;
use std::io::Write;

/// Shows what was asked for.
pub(crate) fn show(args: &ShowArgs, out: &mut Out) -> Result<(), Failure> {
    let mut client = connect(args.to.control.as_deref())?;
    match args.what {
        Show::Session => session(&mut client, args.to.json, out),
        Show::Neighbors => neighbors(&mut client, args.to.json, out),
        Show::Hosts => hosts(&mut client, args.to.json, out),
        Show::Counters => counters(&mut client, args.to.json, out),
        Show::Admission => admission(&mut client, args.to.json, out),
        Show::History => history(&mut client, args.to.json, out),
        Show::Kernel => kernel(&mut client, args.to.json, out),
        Show::Ports => ports(&mut client, args.to.json, out),
        Show::Configuration => configuration(&mut client, args.to.json, out),
    }
}

fn session(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Session(view) = ask(client, &Request::ShowSession)? else { return Err(Failure::WrongReply) };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(facts::session(&view).print(out)?)
}

fn counters(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Counters(view) = ask(client, &Request::ShowCounters)? else { return Err(Failure::WrongReply) };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(facts::counters(&view).print(out)?)
}

fn admission(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Admission(view) = ask(client, &Request::ShowAdmission)? else {
        return Err(Failure::WrongReply);
    };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(admission::admission(&view, out)?)
}

fn history(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::History(view) = ask(client, &Request::ShowHistory)? else { return Err(Failure::WrongReply) };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(facts::history(&view, out)?)
}

fn kernel(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Kernel(view) = ask(client, &Request::ShowKernel)? else { return Err(Failure::WrongReply) };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(kernel::kernel(&view).print(out)?)
}

fn ports(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Ports { ports } = ask(client, &Request::ShowPorts)? else { return Err(Failure::WrongReply) };
    crate::ports::print(&ports, json, out)
}

fn configuration(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let Reply::Config(view) = ask(client, &Request::ShowConfig)? else { return Err(Failure::WrongReply) };
    if json {
        return Ok(out.json(&view)?);
    }
    Ok(facts::configuration(&view, out)?)
}

fn neighbors(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let columns =
        ["interface", "address", "MAC", "learned by", "attachment", "counter", "wins", "peer's ASIC"];
    let mut rows = Rows::new(json, columns.to_vec());
    let request = |after| Request::ShowNeighbors(NeighborQuery { after, ..NeighborQuery::default() });
    let page = |reply| match reply {
        Reply::Neighbors(page) => Some(page),
        _ => None,
    };
    pages(client, request, page, |page| Ok(rows.add(&page, neighbor_row, out)?))?;
    Ok(rows.end(out)?)
}

fn neighbor_row(row: &NeighborView) -> Vec<String> {
    let origin = match row.origin {
        Origin::Local => "this switch",
        Origin::Remote => "the peer",
        Origin::Static => "static",
    };
    vec![
        row.interface.to_string(),
        row.ip.to_string(),
        row.mac.to_string(),
        origin.to_owned(),
        row.attachment.to_string(),
        row.counter.to_string(),
        if row.wins { "yes" } else { "no" }.to_owned(),
        row.peer.map_or("-".to_owned(), facts::peer_state),
    ]
}

fn hosts(client: &mut Client, json: bool, out: &mut Out) -> Result<(), Failure> {
    let mut rows = Rows::new(json, vec!["interface", "address", "wanted", "in the ASIC", "state"]);
    let request = |after| Request::ShowHosts(HostQuery { after, ..HostQuery::default() });
    let page = |reply| match reply {
        Reply::Hosts(page) => Some(page),
        _ => None,
    };
    pages(client, request, page, |page| Ok(rows.add(&page, host_row, out)?))?;
    Ok(rows.end(out)?)
}

fn host_row(row: &HostView) -> Vec<String> {
    let mac = |mac: Option<mlagsync::addr::Mac>| mac.map_or("-".to_owned(), |mac| mac.to_string());
    let state = host_state(&row.state);
    vec![row.interface.to_string(), row.ip.to_string(), mac(row.mac), mac(row.programmed), state]
}

/// How far the ASIC is with an entry, in words.
pub(crate) fn host_state(state: &HostState) -> String {
    match state {
        HostState::Programmed => "programmed".to_owned(),
        HostState::Pending => "on its way".to_owned(),
        HostState::Adopted => "from before the restart, not claimed yet".to_owned(),
        HostState::Removing => "being removed".to_owned(),
        HostState::Unknown => "unknown, to be read back".to_owned(),
        HostState::Parked { status } => format!("parked: {status}"),
        HostState::Contested => "somebody else writes it".to_owned(),
        HostState::Failed { status } => format!("failed: {status}"),
        HostState::Refused { refusal } => format!("refused: {refusal}"),
    }
}

/// A table that comes in pages: one JSON array, or a printed table a page.
struct Rows {
    json: bool,
    columns: Vec<&'static str>,
    count: u64,
    widths: Vec<usize>,
}

impl Rows {
    fn new(json: bool, columns: Vec<&'static str>) -> Rows {
        let widths = columns.iter().map(|name| name.len()).collect();
        Rows { json, columns, count: 0, widths }
    }

    fn add<T: Serialize>(
        &mut self,
        page: &[T],
        cells: impl Fn(&T) -> Vec<String>,
        out: &mut Out,
    ) -> std::io::Result<()> {
        if self.json {
            for row in page {
                out.write_all(if self.count == 0 { b"[" } else { b",\n" })?;
                serde_json::to_writer(&mut *out, row)?;
                self.count += 1;
            }
            return Ok(());
        }
        let page: Vec<Vec<String>> = page.iter().map(cells).collect();
        for row in &page {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        if self.count == 0 && !page.is_empty() {
            let names = self.columns.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
            self.line(&names, out)?;
        }
        self.count += page.len() as u64;
        page.iter().try_for_each(|row| self.line(row, out))
    }

    fn line(&self, cells: &[String], out: &mut Out) -> std::io::Result<()> {
        let padded: Vec<String> =
            cells.iter().zip(&self.widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())
    }

    fn end(&self, out: &mut Out) -> std::io::Result<()> {
        match (self.json, self.count) {
            (true, 0) => writeln!(out, "[]")?,
            (true, _) => writeln!(out, "]")?,
            (false, 0) => writeln!(out, "none")?,
            (false, _) => {}
        }
        out.flush()
    }
}
