//! How often each function was called, and with how many entries.
//!
//! Invariant: counts; a call that never reached a switch is counted nowhere.

use sai_sys::sai_object_type_t;

use crate::facts::{self, TYPES};

/// What a function does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Op {
    /// `create_X`.
    Create,
    /// `remove_X`.
    Remove,
    /// `set_X_attribute`.
    Set,
    /// `get_X_attribute`.
    Get,
    /// `create_Xs`.
    BulkCreate,
    /// `remove_Xs`.
    BulkRemove,
    /// `set_Xs_attribute`.
    BulkSet,
    /// `get_Xs_attribute`, `sai_bulk_get_attribute`.
    BulkGet,
    /// `get_X_stats`, `get_X_stats_ext`.
    Stats,
    /// `clear_X_stats`.
    ClearStats,
    /// `remove_all_X`.
    RemoveAll,
    /// `flush_X`.
    Flush,
    /// `sai_get_object_count`.
    Count,
    /// `sai_get_object_key`.
    Keys,
    /// Capability and availability queries.
    Query,
}

/// Number of operations.
const OPS: usize = Op::Query as usize + 1;

impl Op {
    const ALL: [Self; OPS] = [
        Self::Create,
        Self::Remove,
        Self::Set,
        Self::Get,
        Self::BulkCreate,
        Self::BulkRemove,
        Self::BulkSet,
        Self::BulkGet,
        Self::Stats,
        Self::ClearStats,
        Self::RemoveAll,
        Self::Flush,
        Self::Count,
        Self::Keys,
        Self::Query,
    ];

    /// Can it change what the switch holds?
    pub(crate) const fn changes(self) -> bool {
        use Op::{BulkCreate, BulkRemove, BulkSet, Create, Flush, Remove, RemoveAll, Set};
        matches!(self, Create | Remove | Set | BulkCreate | BulkRemove | BulkSet | RemoveAll | Flush)
    }

    /// The function's name.
    #[must_use]
    pub fn name(self, object: sai_object_type_t) -> String {
        let (one, many) = facts::of(object).map_or(("object", "objects"), |f| (f.name, f.plural));
        match self {
            Self::Create => format!("create_{one}"),
            Self::Remove => format!("remove_{one}"),
            Self::Set => format!("set_{one}_attribute"),
            Self::Get => format!("get_{one}_attribute"),
            Self::BulkCreate => format!("create_{many}"),
            Self::BulkRemove => format!("remove_{many}"),
            Self::BulkSet => format!("set_{many}_attribute"),
            Self::BulkGet => format!("get_{many}_attribute"),
            Self::Stats => format!("get_{one}_stats"),
            Self::ClearStats => format!("clear_{one}_stats"),
            Self::RemoveAll => format!("remove_all_{many}"),
            Self::Flush => format!("flush_{many}"),
            Self::Count => format!("get_object_count({one})"),
            Self::Keys => format!("get_object_key({one})"),
            Self::Query => format!("query({one})"),
        }
    }
}

/// One function's count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    /// The function.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// To which type of object.
    pub object: sai_object_type_t,
    /// Calls.
    pub calls: u64,
    /// Entries in them.
    pub entries: u64,
}

/// The counts of one switch.
pub(crate) struct Calls {
    counts: Vec<(u64, u64)>,
}

impl Calls {
    pub(crate) fn new() -> Self {
        Self { counts: vec![(0, 0); OPS * TYPES] }
    }

    #[inline]
    pub(crate) fn add(&mut self, op: Op, object: sai_object_type_t, entries: u32) {
        if let Some((calls, sum)) = self.counts.get_mut(op as usize * TYPES + object.0 as usize % TYPES) {
            *calls += 1;
            *sum += u64::from(entries);
        }
    }

    /// Functions that were called at least once.
    pub(crate) fn list(&self) -> Vec<Called> {
        let mut list = Vec::new();
        for op in Op::ALL {
            for object in 0..TYPES {
                let (calls, entries) = self.counts[op as usize * TYPES + object];
                let object = sai_object_type_t(object as u32);
                if calls > 0 {
                    list.push(Called { name: op.name(object), op, object, calls, entries });
                }
            }
        }
        list
    }

    pub(crate) fn reset(&mut self) {
        self.counts.fill((0, 0));
    }
}
