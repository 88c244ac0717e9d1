//! The proof: one switch's kernel against the other switch's ASIC.
//!
//! Invariant: neither side is taken from the daemon's tables. The kernel is dumped by the demo itself, the ASIC is
//! read back through SAI.

use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::run::ctl::protocol::AsicRow;
use serde::Serialize;
use std::collections::HashMap;
use std::net::IpAddr;

/// Most entries that a report names.
const EXAMPLES: usize = 10;

/// What a comparison found.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Comparison {
    /// When it was made.
    pub(crate) when: &'static str,
    /// Whose kernel.
    pub(crate) kernel_of: &'static str,
    /// Whose ASIC.
    pub(crate) asic_of: &'static str,
    /// Entries of the kernel.
    pub(crate) kernel: u64,
    /// Entries of the ASIC.
    pub(crate) asic: u64,
    /// Entries that both have, with the same MAC.
    pub(crate) equal: u64,
    /// In the kernel and not in the ASIC.
    pub(crate) missing: u64,
    /// In both, with another MAC.
    pub(crate) different: u64,
    /// In the ASIC and not in the kernel.
    pub(crate) extra: u64,
    /// The first that are wrong, in words.
    pub(crate) examples: Vec<String>,
}

impl Comparison {
    /// True when every entry is there as it should be, and no other.
    pub(crate) fn is_clean(&self) -> bool {
        self.missing == 0 && self.different == 0 && self.extra == 0
    }
}

/// Compares what a kernel holds with what an ASIC holds.
pub(crate) fn compare(kernel: &HashMap<(InterfaceId, IpAddr), Mac>, asic: &[AsicRow]) -> Comparison {
    let mut found =
        Comparison { kernel: kernel.len() as u64, asic: asic.len() as u64, ..Comparison::default() };
    let mut wrong = Vec::new();
    let mut left = kernel.clone();
    for row in asic {
        match row.interface.and_then(|interface| left.remove(&(interface, row.ip))) {
            Some(mac) if mac == row.mac => found.equal += 1,
            Some(mac) => {
                found.different += 1;
                wrong.push((row.ip, format!("{}: {mac} in the kernel, {} in the ASIC", row.ip, row.mac)));
            }
            None => {
                found.extra += 1;
                wrong.push((row.ip, format!("{}: {} in the ASIC, not in the kernel", row.ip, row.mac)));
            }
        }
    }
    found.missing = left.len() as u64;
    let missing = |((interface, ip), mac): (&(InterfaceId, IpAddr), &Mac)| {
        (*ip, format!("{ip}: {mac} in the kernel on {interface}, not in the ASIC"))
    };
    wrong.extend(left.iter().map(missing));
    wrong.sort();
    found.examples = wrong.into_iter().map(|(_, text)| text).take(EXAMPLES).collect();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(ip: &str) -> (InterfaceId, IpAddr) {
        ("Vlanif10".parse().expect("legal"), ip.parse().expect("legal"))
    }

    fn row(ip: &str, mac: u8, ours: bool) -> AsicRow {
        let (interface, ip) = key(ip);
        AsicRow { interface: ours.then_some(interface), rif: 1, ip, mac: Mac([mac; 6]), no_host_route: false }
    }

    #[test]
    fn each_way_to_be_wrong_is_told_apart() {
        let kernel = HashMap::from([
            (key("10.0.0.1"), Mac([2; 6])),
            (key("10.0.0.2"), Mac([2; 6])),
            (key("fd00::3"), Mac([2; 6])),
        ]);
        let asic = [row("10.0.0.1", 2, true), row("10.0.0.2", 4, true), row("10.0.0.9", 2, true)];
        let found = compare(&kernel, &asic);
        assert_eq!((found.equal, found.missing, found.different, found.extra), (1, 1, 1, 1));
        assert_eq!(found.examples.len(), 3);
        assert!(!found.is_clean());
    }

    #[test]
    fn an_entry_on_a_router_interface_that_is_not_ours_is_extra() {
        let kernel = HashMap::from([(key("10.0.0.1"), Mac([2; 6]))]);
        let found = compare(&kernel, &[row("10.0.0.1", 2, false)]);
        assert_eq!((found.missing, found.extra), (1, 1));
    }

    #[test]
    fn nothing_equals_nothing() {
        assert!(compare(&HashMap::new(), &[]).is_clean());
    }
}
