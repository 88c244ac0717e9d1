//! `verify`: the ASIC read back through SAI, compared with what it should hold, and repaired.

use crate::args::VerifyArgs;
use crate::control::{ask, connect};
use crate::failure::Failure;
use crate::stdio::Out;
use crate::table::{Facts, Table};
use mlagsync::addr::Mac;
use mlagsync::run::ctl::protocol::{AsicMethod, VerifyReport, VerifyRow};
use mlagsync::run::ctl::{Client, Reply, Request};
use std::io::Write;

/// Asks the daemon to compare, and to repair if that is wanted; true when nothing differs, or nothing does any more.
pub(crate) fn verify(args: &VerifyArgs, out: &mut Out) -> Result<bool, Failure> {
    let mut client = connect(args.to.control.as_deref())?;
    if args.repair {
        return repair(args, &mut client, out);
    }
    let Reply::Verify(report) = ask(&mut client, &Request::Verify)? else { return Err(Failure::WrongReply) };
    let clean = report.is_clean();
    match args.to.json {
        true => out.json(&report)?,
        false => print(&report, out)?,
    }
    Ok(clean)
}

fn repair(args: &VerifyArgs, client: &mut Client, out: &mut Out) -> Result<bool, Failure> {
    let Reply::Repaired(report) = ask(client, &Request::Repair)? else { return Err(Failure::WrongReply) };
    let clean = report.is_clean();
    if args.to.json {
        out.json(&report)?;
        return Ok(clean);
    }
    print(&report.before, out)?;
    if !report.before.is_clean() {
        writeln!(out, "\nafter what differed was programmed again:\n")?;
        print(&report.after, out)?;
        if report.unrepaired > 0 {
            writeln!(out, "{} could not be repaired; see mlagsync show hosts", report.unrepaired)?;
            out.flush()?;
        }
    }
    Ok(clean)
}

fn print(report: &VerifyReport, out: &mut Out) -> std::io::Result<()> {
    let mut facts = Facts::default();
    let how = match report.method {
        AsicMethod::Listed => "the library listed its entries",
        AsicMethod::ByKey => "asked for by key: the library cannot list, what is not ours stays invisible",
    };
    facts.add("how the ASIC was read", how);
    facts.add("entries in the ASIC", report.held.to_string());
    facts.add("wanted", report.wanted.to_string());
    facts.add("as wanted", report.equal.to_string());
    facts.add("unsettled, no verdict", report.unsettled.to_string());
    facts.add("missing", report.missing_count.to_string());
    facts.add("different", report.differing_count.to_string());
    facts.add("not ours", report.foreign_count.to_string());
    facts.print(out)?;
    let lists = [
        ("missing", &report.missing, report.missing_count),
        ("different", &report.differing, report.differing_count),
        ("not ours", &report.foreign, report.foreign_count),
    ];
    for (name, rows, count) in lists.into_iter().filter(|(_, rows, _)| !rows.is_empty()) {
        let mut table = Table::new(&[name, "interface", "wanted", "in the ASIC"]);
        rows.iter().for_each(|row| table.add(cells(row)));
        writeln!(out)?;
        table.print(out)?;
        let more = count.saturating_sub(rows.len() as u64);
        if more > 0 {
            writeln!(out, "and {more} more")?;
        }
    }
    writeln!(out, "\n{}", if report.is_clean() { "no difference" } else { "DIFFERENT" })?;
    out.flush()
}

fn cells(row: &VerifyRow) -> [String; 4] {
    let mac = |mac: Option<Mac>| mac.map_or("-".to_owned(), |mac| mac.to_string());
    let interface = row.interface.map_or(format!("oid:{:#x}", row.rif), |interface| interface.to_string());
    [row.ip.to_string(), interface, mac(row.wanted), mac(row.held)]
}
