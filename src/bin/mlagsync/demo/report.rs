//! What the demo measured: one value, printed as tables or as JSON.

use super::compare::Comparison;
use super::error::DemoError;
use crate::raw::RawResult;
use crate::stdio::Out;
use crate::table::Table;
use serde::Serialize;
use std::io::Write;

/// Everything that the demo found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// `pass`, or `fail` when one of `problems` was found.
    pub(crate) verdict: &'static str,
    /// What is wrong, in sentences.
    pub(crate) problems: Vec<String>,
    /// This program's release.
    pub(crate) version: &'static str,
    /// The SAI library of both switches.
    pub(crate) library: String,
    /// How many neighbours were asked for.
    pub(crate) neighbors: u32,
    /// The channel's command line on each switch.
    pub(crate) command_lines: [String; 2],
    /// From the start of the first daemon until both had learned everything that their kernels knew.
    pub(crate) learn_ms: f64,
    /// The two switches, after the first synchronisation.
    pub(crate) switches: [SwitchReport; 2],
    /// The raw bulk loop; absent when there was nothing to create.
    pub(crate) raw: Option<RawResult>,
    /// The slower switch's rate, from BEGIN to the last SAI status, as a share of the raw loop's.
    pub(crate) ratio: Option<f64>,
    /// What happened afterwards.
    pub(crate) acts: Vec<Act>,
    /// Every comparison of a kernel with the other switch's ASIC.
    pub(crate) comparisons: Vec<Comparison>,
}

/// One switch's numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct SwitchReport {
    /// Its name.
    pub(crate) name: &'static str,
    /// Entries that its kernel has, by the demo's own dump.
    pub(crate) kernel: u64,
    /// Of them, resolved by ARP and ND.
    pub(crate) resolved: u64,
    /// Entries that the daemon learned by netlink, its own interfaces' addresses among them.
    pub(crate) learned: u64,
    /// Entries that it sent.
    pub(crate) sent: u64,
    /// Entries that it received.
    pub(crate) received: u64,
    /// Of those received, the ones that it refused: addresses that are its own as well.
    pub(crate) refused: u64,
    /// Entries in its ASIC.
    pub(crate) programmed: u64,
    /// SAI calls that this took.
    pub(crate) sai_calls: u64,
    /// Time inside them.
    pub(crate) sai_ms: f64,
    /// From the peer's BEGIN to the last SAI status.
    pub(crate) sync_ms: f64,
}

impl SwitchReport {
    /// Entries a second, from BEGIN to the last SAI status.
    pub(crate) fn rate(&self) -> Option<f64> {
        (self.sync_ms > 0.0 && self.programmed > 0).then(|| self.programmed as f64 / self.sync_ms * 1e3)
    }
}

/// Something that happened to the pair, and how long the other ASIC took to follow.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Act {
    /// What happened.
    pub(crate) what: String,
    /// How often.
    pub(crate) times: usize,
    /// Until the other switch's ASIC had it: the median.
    pub(crate) median_ms: f64,
    /// The longest.
    pub(crate) longest_ms: f64,
}

impl Report {
    /// True when nothing is wrong.
    pub(crate) fn passed(&self) -> bool {
        self.problems.is_empty()
    }

    /// Prints the tables and the verdict.
    pub(crate) fn print(&self, out: &mut Out) -> Result<(), DemoError> {
        self.tables(out).map_err(DemoError::Output)
    }

    fn tables(&self, out: &mut Out) -> std::io::Result<()> {
        self.switch_table().print(out)?;
        writeln!(out, "\nboth daemons started and everything learned: {}", time(self.learn_ms))?;
        self.raw_lines(out)?;
        let mut acts = Table::new(&["then", ">times", ">median", ">longest"]);
        for act in &self.acts {
            acts.add([act.what.clone(), act.times.to_string(), time(act.median_ms), time(act.longest_ms)]);
        }
        acts.print(out)?;
        writeln!(out)?;
        let mut table = Table::new(&[
            "compared",
            "kernel of",
            "ASIC of",
            ">entries",
            ">equal",
            ">missing",
            ">different",
            ">extra",
        ]);
        for found in &self.comparisons {
            let names = [found.when, found.kernel_of, found.asic_of].map(str::to_owned);
            let counts = [found.kernel, found.equal, found.missing, found.different, found.extra];
            table.add(names.into_iter().chain(counts.map(|count| count.to_string())));
        }
        table.print(out)?;
        writeln!(out)?;
        for problem in &self.problems {
            writeln!(out, "WRONG: {problem}")?;
        }
        match self.passed() {
            true => writeln!(
                out,
                "PASS: what each kernel learned is in the other switch's ASIC, and nothing else"
            )?,
            false => writeln!(out, "FAIL")?,
        }
        out.flush()
    }

    fn switch_table(&self) -> Table {
        let [one, two] = &self.switches;
        let mut table = Table::new(&["", &format!(">{}", one.name), &format!(">{}", two.name)]);
        type Cell = fn(&SwitchReport) -> String;
        let rows: [(&str, Cell); 10] = [
            ("neighbours in the kernel", |switch| switch.kernel.to_string()),
            ("  resolved by real ARP and ND", |switch| switch.resolved.to_string()),
            ("learned by netlink, own addresses too", |switch| switch.learned.to_string()),
            ("sent to the peer", |switch| switch.sent.to_string()),
            ("received from the peer", |switch| switch.received.to_string()),
            ("  refused: its own address as well", |switch| switch.refused.to_string()),
            ("programmed into the ASIC", |switch| switch.programmed.to_string()),
            ("SAI calls", |switch| switch.sai_calls.to_string()),
            ("time inside SAI", |switch| time(switch.sai_ms)),
            ("BEGIN to last SAI status", |switch| time(switch.sync_ms)),
        ];
        for (name, cell) in rows {
            table.add([name.to_owned(), cell(one), cell(two)]);
        }
        table
    }

    fn raw_lines(&self, out: &mut Out) -> std::io::Result<()> {
        let Some(raw) = &self.raw else { return Ok(()) };
        writeln!(
            out,
            "raw bulk loop on the same library: {} entries in {} calls, {}: {:.0} entries/s",
            raw.entries,
            raw.calls,
            time(raw.ms),
            raw.rate()
        )?;
        if let (Some(ratio), Some(rate)) = (self.ratio, self.slower_rate()) {
            writeln!(
                out,
                "the pair, both at once, BEGIN to last SAI status: {rate:.0} entries/s: {ratio:.2} of it"
            )?;
        }
        writeln!(out)
    }

    /// The rate of the slower switch.
    pub(crate) fn slower_rate(&self) -> Option<f64> {
        self.switches.iter().filter_map(SwitchReport::rate).min_by(f64::total_cmp)
    }
}

/// A time in the unit that reads best.
fn time(ms: f64) -> String {
    match ms {
        1000.0.. => format!("{:.2} s", ms / 1000.0),
        1.0.. => format!("{ms:.1} ms"),
        _ => format!("{:.0} µs", ms * 1000.0),
    }
}
