//! The whole neighbour table, read back a slice at a time.

use crate::neighbor::Host;
use crate::sai::{Error, NeighborKey, NeighborTable, Reading, Status};

/// Entries that a dump reads between two looks at the orders.
const DUMP_SLICE: usize = 256;

/// The neighbour table as the ASIC holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// What it holds, in the library's order.
    pub entries: Vec<(NeighborKey, Host)>,
    /// Entries that it listed and then would not show. One that went in between is in neither list.
    pub unread: Vec<(NeighborKey, Option<Status>)>,
}

/// A dump on its way.
pub(super) struct DumpJob {
    keys: Vec<NeighborKey>,
    next: usize,
    pub(super) dump: Dump,
}

impl DumpJob {
    pub(super) fn begin(table: &NeighborTable) -> Result<DumpJob, Error> {
        Ok(DumpJob { keys: table.list()?, next: 0, dump: Dump::default() })
    }

    /// Reads a slice; true when it was the last one.
    pub(super) fn step(&mut self, table: &mut NeighborTable) -> bool {
        let end = self.keys.len().min(self.next + DUMP_SLICE);
        let slice = &self.keys[self.next..end];
        table.read(slice);
        for (key, reading) in slice.iter().zip(table.readings()) {
            match *reading {
                Reading::Held(host) => self.dump.entries.push((*key, host)),
                Reading::Missing => {}
                Reading::Refused(status) | Reading::Unknown(status) => {
                    self.dump.unread.push((*key, Some(status)));
                }
                Reading::NotExecuted => self.dump.unread.push((*key, None)),
            }
        }
        self.next = end;
        end == self.keys.len()
    }
}
