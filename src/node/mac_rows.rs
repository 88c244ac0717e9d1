//! The rows of a MAC: what its FDB entry means for the neighbours that stand on it.
//!
//! | the FDB entry | and its neighbours |
//! |---|---|
//! | is on its way | are not done with, even where nothing is to be written of them |
//! | was refused, or waits | are exceptions for the same reason: what is sent to them goes nowhere |
//! | is wanted nowhere, for nobody named a port | are exceptions, too: `no-next-hop` |
//! | is the hardware's | are what they are |
//!
//! Invariant: what a neighbour is to others follows from its own slot and from its MAC's, as they are now.

use super::Node;
use super::hardware::{self, Reason};
use super::io::FdbMode;
use super::view::HostState;
use crate::mirror::slot::{Held, Place, Slot};
use crate::neighbor::Key;
use crate::sai::status::Status;
use crate::table::macs::MacId;
use crate::table::row::RowId;

/// What a row is for its MAC's sake.
pub(super) enum Footed {
    /// Nothing but what it is by itself.
    Well,
    /// That is not decided.
    Unsettled,
    /// An exception, with what SAI said.
    Lacks(Reason, Status),
}

impl Node {
    /// True when nobody need wait for the FDB entry.
    pub(super) fn is_mac_settled(&self, at: MacId) -> bool {
        self.fdb.slot(at).is_none_or(Slot::is_settled)
    }

    /// True when the ASIC's neighbour has, or may have, this MAC.
    pub(super) fn may_be_on(&self, row: RowId, at: MacId) -> bool {
        let (_, mac) = self.macs.mac(at);
        self.mirror.slot(row).is_some_and(|slot| match slot.held {
            Held::Host(host) if slot.place != Place::InFlight && !slot.doubted => host.mac == mac,
            _ => slot.is_present(),
        })
    }

    /// An FDB entry is not what it was: neither are those that stand on it. `parked` when that it waits, or did, is news.
    pub(super) fn tell_rows(&mut self, at: MacId, parked: bool) {
        if !self.macs.is_live(at) {
            return;
        }
        let unwanted = self.fdb.slot(at).is_none_or(|slot| !slot.foreign && slot.want.is_none());
        let rows: Vec<RowId> = self.macs.rows(at).collect();
        for row in rows {
            self.keep_open_for_mac(row);
            if parked || unwanted || self.mirror.may_be_exception(row) {
                self.mirror.note(row);
            }
        }
    }

    /// A row's neighbour is done with when its MAC's FDB entry is, or waits for something other than its turn.
    pub(super) fn keep_open_for_mac(&mut self, row: RowId) {
        let unsettled = self.macs.claimed(row).is_some_and(|at| !self.is_mac_settled(at));
        let wanted = self.mirror.slot(row).is_some_and(|slot| slot.want.is_some());
        self.mirror.set_open(row, unsettled && wanted);
    }

    /// What a row that should be in the hardware is for its MAC's sake.
    pub(super) fn footed(&self, row: RowId) -> Footed {
        let Some(at) = self.macs.claimed(row).filter(|_| self.settings.fdb == FdbMode::Managed) else {
            return Footed::Well;
        };
        match self.fdb.slot(at) {
            Some(slot) if slot.foreign => Footed::Well,
            // It will not be there, even if what was is still on its way out.
            None | Some(Slot { want: None, .. }) => Footed::Lacks(Reason::NoNextHop, Status::SUCCESS),
            Some(slot) if !slot.is_settled() => Footed::Unsettled,
            Some(slot) => match hardware::parked(slot.place) {
                0 => Footed::Well,
                code => Footed::Lacks(Reason::from_number(code.into()), slot.status),
            },
        }
    }

    /// How a host stands whose neighbour is programmed: no better than its MAC's FDB entry.
    pub(super) fn with_its_mac(&self, row: RowId) -> HostState {
        match self.footed(row) {
            Footed::Well => HostState::Programmed,
            Footed::Unsettled => HostState::Pending,
            Footed::Lacks(Reason::Rejected, status) => HostState::Failed { status },
            Footed::Lacks(Reason::NoNextHop, _) => HostState::Parked { status: Status::ADDR_NOT_FOUND },
            Footed::Lacks(_, status) => HostState::Parked { status },
        }
    }

    /// A row has become an exception for another reason than before: where that is the FDB's, the NOS is to be told.
    pub(super) fn tell_fdb_refusal(&mut self, row: RowId, key: Key) {
        let Some(at) = self.macs.claimed(row) else { return };
        let Some(Slot { place, status, .. }) = self.fdb.slot(at) else { return };
        match (place, *status) {
            (Place::Room, _) => self.admission.reject_in_fdb(key),
            (Place::Failed, status) => self.tell_refused(key, Reason::Rejected, Some(status)),
            _ => {}
        }
    }
}
