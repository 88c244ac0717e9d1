//! Entries that the ASIC still holds where their rows no longer lie: their interface was unbound or changed its VRF.
//!
//! A host table is keyed by VRF and address. Until such an entry is gone, nobody else may be given its address in the
//! VRF that it is in, although the table knows nothing any more of a rival there.
//!
//! Invariant: an entry is listed until the ASIC holds nothing of its row.

use crate::mirror::slot::RifId;
use crate::table::row::RowId;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A domain of the table, and an address in it.
pub(super) type Spot = (u64, IpAddr);

/// The list.
#[derive(Debug, Default)]
pub(super) struct Lingering {
    spots: BTreeSet<(Spot, RowId)>,
    /// Where a row's entry is in the way, and on which router interface it is.
    rows: BTreeMap<RowId, (RifId, BTreeSet<Spot>)>,
}

impl Lingering {
    /// The ASIC holds, or may be given, a row's entry on this router interface.
    pub(super) fn add(&mut self, spot: Spot, row: RowId, rif: RifId) {
        self.spots.insert((spot, row));
        let (on, spots) = self.rows.entry(row).or_default();
        *on = rif;
        spots.insert(spot);
    }

    /// The ASIC holds nothing of the row any more: where somebody may have waited for that.
    pub(super) fn leave(&mut self, row: RowId) -> BTreeSet<Spot> {
        let spots = if self.rows.is_empty() { None } else { self.rows.remove(&row) };
        let spots = spots.map(|(_, spots)| spots).unwrap_or_default();
        for spot in &spots {
            self.spots.remove(&(*spot, row));
        }
        spots
    }

    /// The router interface is the one of a bound interface again, in whatever VRF that is: its entries are where their
    /// rows are.
    pub(super) fn return_to(&mut self, rif: RifId) -> Vec<Spot> {
        let rows: Vec<RowId> =
            self.rows.iter().filter(|(_, (on, _))| *on == rif).map(|(row, _)| *row).collect();
        rows.into_iter().flat_map(|row| self.leave(row)).collect()
    }

    /// True when another row's entry is in the way.
    pub(super) fn blocks(&self, spot: Spot, row: RowId) -> bool {
        !self.spots.is_empty()
            && self.spots.range((spot, 0)..=(spot, RowId::MAX)).any(|(_, other)| *other != row)
    }
}
