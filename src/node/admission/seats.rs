//! The seat of each row: whether it is in, where it waits, and in which lists.
//!
//! Interfaces are the groups in which hosts that are in are listed: whoever makes way is found by its group, and the group
//! by the bound that is full.
//!
//! Where nothing is bounded and the hardware has refused nobody, nobody need be found: then there are no lists. They are
//! made in steps when they are needed first.
//!
//! Invariant: 4 bytes a row, and 8 more where there are lists; a seat that is in is counted at the three bounds of its group,
//! and in one of its lists unless it is the NOS's.

use super::limit::{LISTS, Limit};
use super::limits::{Footprint, Priority, Scope};
use crate::table::list::{Link, Linked, List, NIL};
use crate::table::refusal::Refusal;
use crate::table::row::RowId;

/// Which of its group's bounds a host waits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Its interface's.
    Interface,
    /// Its VRF's.
    Vrf,
    /// The table's.
    Table,
}

impl Level {
    /// From the innermost on.
    pub(super) const ALL: [Level; 3] = [Level::Interface, Level::Vrf, Level::Table];
}

/// Where a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nobody wants it in the ASIC.
    #[default]
    Out,
    /// It may be in the ASIC.
    In,
    /// It may, and the ASIC has refused it for want of room.
    Parked,
    /// It is the NOS's: it counts, and asks nobody.
    Nos,
    /// There are as many as there may be.
    Waits(Level),
    /// It has made way in the hardware for one that comes before it.
    Benched,
}

impl Place {
    /// It counts.
    pub(super) fn is_in(self) -> bool {
        matches!(self, Place::In | Place::Parked | Place::Nos)
    }

    /// Why it is not in, if it is not.
    pub(super) fn refusal(self) -> Option<Refusal> {
        match self {
            Place::Waits(Level::Interface | Level::Vrf) => Some(Refusal::Quota),
            Place::Waits(Level::Table) | Place::Benched => Some(Refusal::Capacity),
            Place::Out | Place::In | Place::Parked | Place::Nos => None,
        }
    }
}

/// One row's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seat {
    pub(super) group: u32,
    pub(super) place: Place,
    pub(super) priority: Priority,
    pub(super) footprint: Footprint,
    /// That it has no room has been noted for people.
    pub(super) noted: bool,
    /// The ASIC holds an entry of it from before a restart that nobody has claimed.
    pub(super) kept: bool,
}

/// The same in 32 bits: place, priority, facts, group from the lowest on.
#[derive(Clone, Copy, Debug, Default)]
struct Packed(u32);

/// By their numbers in a packed seat.
const PLACES: [Place; 8] = [
    Place::Out,
    Place::In,
    Place::Parked,
    Place::Nos,
    Place::Waits(Level::Interface),
    Place::Waits(Level::Vrf),
    Place::Waits(Level::Table),
    Place::Benched,
];

impl Packed {
    #[inline]
    fn new(seat: Seat) -> Packed {
        let place = match seat.place {
            Place::Out => 0,
            Place::In => 1,
            Place::Parked => 2,
            Place::Nos => 3,
            Place::Waits(level) => 4 + level as u32,
            Place::Benched => 7,
        };
        let facts = (seat.footprint as u32) << 5 | u32::from(seat.noted) << 7 | u32::from(seat.kept) << 8;
        debug_assert!(seat.group < 1 << 23, "there are not so many interfaces");
        Packed(place | (seat.priority as u32) << 3 | facts | seat.group << 9)
    }

    #[inline]
    fn open(self) -> Seat {
        let Packed(bits) = self;
        Seat {
            group: bits >> 9,
            place: PLACES[(bits & 7) as usize],
            priority: Priority::ALL[((bits >> 3 & 3) as usize).min(2)],
            footprint: Footprint::ALL[((bits >> 5 & 3) as usize).min(2)],
            noted: bits & 1 << 7 != 0,
            kept: bits & 1 << 8 != 0,
        }
    }
}

/// A row's neighbours in its list.
#[derive(Clone, Copy, Debug, Default)]
struct Thread(Link);

/// The list that a host which is in is found by.
#[derive(Debug)]
pub(super) enum BySeat {}

impl Linked<BySeat> for Thread {
    fn link(&self) -> &Link {
        &self.0
    }
    fn link_mut(&mut self) -> &mut Link {
        &mut self.0
    }
}

/// An interface in a VRF.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Its bounds, by level.
    pub(super) limits: [u32; Level::ALL.len()],
    lists: [List<BySeat>; LISTS],
    /// Rows of it, wherever they are.
    pub(super) rows: usize,
    /// The interface is bound so.
    pub(super) is_bound: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Seats {
    seats: Vec<Packed>,
    threads: Vec<Thread>,
    /// Rows before this one are in lists, as far as they belong into one.
    listed: RowId,
    /// Lists are needed.
    contended: bool,
    pub(super) groups: Vec<Group>,
    /// The group that made way last: the next one is another.
    last: u32,
}

/// The list of hosts of this priority that the ASIC has taken, or refused, or that take nothing of it.
fn list_of(place: Place, priority: Priority, footprint: Footprint) -> Option<usize> {
    let lists = Priority::ALL.len();
    match (place, footprint) {
        (Place::In | Place::Parked, Footprint::LinkLocal) => Some(2 * lists + priority as usize),
        (Place::In, _) => Some(priority as usize),
        (Place::Parked, _) => Some(lists + priority as usize),
        _ => None,
    }
}

impl Seats {
    #[inline]
    pub(super) fn get(&self, at: RowId) -> Seat {
        self.seats.get(at as usize).map(|seat| seat.open()).unwrap_or_default()
    }

    /// Changes a seat of a row that is in no list.
    #[inline]
    pub(super) fn set(&mut self, at: RowId, seat: Seat) {
        if self.seats.len() <= at as usize {
            self.seats.resize_with(at as usize + 1, Packed::default);
            if self.contended {
                self.threads.resize_with(self.seats.len(), Thread::default);
            }
        }
        self.seats[at as usize] = Packed::new(seat);
    }

    /// From now on whoever makes way must be found.
    pub(super) fn contend(&mut self) {
        if !std::mem::replace(&mut self.contended, true) {
            self.threads.resize_with(self.seats.len(), Thread::default);
        }
    }

    /// True while not everybody is listed who is to be.
    pub(super) fn is_walking(&self) -> bool {
        self.contended && self.listed != RowId::MAX
    }

    /// Lists one row more.
    pub(super) fn walk(&mut self, limits: &mut [Limit]) {
        let at = self.listed;
        if at as usize >= self.seats.len() {
            self.listed = RowId::MAX;
        } else {
            self.listed = at + 1;
            self.enlist(limits, at);
        }
    }

    /// Lists a host that is in now.
    #[inline]
    pub(super) fn enlist(&mut self, limits: &mut [Limit], at: RowId) {
        if at >= self.listed {
            return;
        }
        let seat = self.get(at);
        let Some(nth) = list_of(seat.place, seat.priority, seat.footprint) else { return };
        let group = &mut self.groups[seat.group as usize];
        if group.lists[nth].is_empty() {
            for limit in group.limits {
                limits[limit as usize].occupied[nth].insert(seat.group);
            }
        }
        group.lists[nth].push_back(&mut self.threads, at);
    }

    /// Takes it off its list.
    #[inline]
    pub(super) fn delist(&mut self, limits: &mut [Limit], at: RowId) {
        if at >= self.listed {
            return;
        }
        let seat = self.get(at);
        let Some(nth) = list_of(seat.place, seat.priority, seat.footprint) else { return };
        let group = &mut self.groups[seat.group as usize];
        group.lists[nth].remove(&mut self.threads, at);
        if group.lists[nth].is_empty() {
            for limit in group.limits {
                limits[limit as usize].occupied[nth].remove(&seat.group);
            }
        }
    }

    /// Who makes way at a bound: of the last priority the youngest, and before it one that forwards nothing. `above`: only
    /// of those that come after it.
    pub(super) fn victim(&mut self, limit: &Limit, above: Option<Priority>) -> Option<RowId> {
        let later = Priority::ALL.into_iter().rev().filter(|priority| Some(*priority) > above);
        // One that takes no slot leaves none.
        let of_use = |footprint| footprint != Footprint::LinkLocal || limit.scope != Scope::Table;
        let kinds =
            [(Place::Parked, Footprint::V4), (Place::In, Footprint::V4), (Place::In, Footprint::LinkLocal)];
        let kinds = kinds.into_iter().filter(|(_, footprint)| of_use(*footprint));
        for (priority, (place, footprint)) in later.flat_map(|p| kinds.clone().map(move |kind| (p, kind))) {
            if let Some(nth) = list_of(place, priority, footprint)
                && let Some(group) = self.next_group(limit, nth)
            {
                return Some(self.groups[group as usize].lists[nth].tail());
            }
        }
        None
    }

    /// Who makes way in the hardware for one of this priority: one that it holds, as far as a few looks find one.
    pub(super) fn victim_in_hardware(
        &mut self,
        table: &Limit,
        above: Priority,
        holds: impl Fn(RowId) -> bool,
    ) -> Option<RowId> {
        const LOOKS: usize = 8;
        for priority in Priority::ALL.into_iter().rev().filter(|priority| *priority > above) {
            let nth = priority as usize;
            for _ in 0..LOOKS.min(table.occupied[nth].len()) {
                let group = self.next_group(table, nth)?;
                let list = &self.groups[group as usize].lists[nth];
                let ends = [list.tail(), list.head()];
                if let Some(at) = ends.into_iter().find(|at| *at != NIL && holds(*at)) {
                    return Some(at);
                }
            }
        }
        None
    }

    fn next_group(&mut self, limit: &Limit, nth: usize) -> Option<u32> {
        let groups = &limit.occupied[nth];
        let next = groups.range(self.last.saturating_add(1)..).next().or_else(|| groups.first());
        self.last = *next?;
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_costs_at_most_200_bytes_with_its_seat() {
        assert_eq!(size_of::<Packed>(), 4);
        // The index may be just grown: 8 places for 3.5 rows.
        let index = crate::table::index::PLACE_BYTES as f64 * 8.0 / 3.5;
        let parts = [
            size_of::<crate::table::row::Row>(),
            size_of::<crate::mirror::slot::Slot>(),
            size_of::<Packed>(),
            size_of::<RowId>(),
        ];
        let total = parts.iter().sum::<usize>() as f64 + index;
        assert!(total <= 200.0, "{total} bytes: {parts:?}");
    }
}
