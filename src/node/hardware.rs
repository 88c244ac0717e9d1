//! What the hardware holds of the other device's claims: ours of the peer's, and the peer's of ours.
//!
//! A claim that is final without being in the hardware is an *exception*. Every one is counted by its reason; some are
//! listed one by one. The peer is told what is listed, and lists the same of ours.
//!
//! Invariant: the reason is a function of the row and its slot as they are now; what is not final changes no list.

use crate::limits::EXCEPTIONS;
use crate::mirror::slot::{Place, Slot};
use crate::neighbor::Key;
use crate::table::change::Position;
use crate::table::desired::{Hop, Verdict, View};
use crate::table::refusal::Refusal;
use crate::wire::proof::{Exception, Hardware};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why a claim is not in the hardware: one stable enum; [`Refusal`] has the reasons from before the ASIC is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The ASIC has no room; tried again when there is.
    TableFull,
    /// The ASIC refused it as wrong, or cannot do it; not tried again until it changes.
    Rejected,
    /// Something else is missing in the ASIC, or in the way; tried again.
    Waiting,
    /// The same address is still on another interface.
    AddressLeaving,
    /// Only the peer reaches it, and no way to the peer is named: no next hop in the VRF, or no bridge port of the peer-link.
    NoNextHop,
    /// Nobody claims it any more, and the NOS uses it for a next hop.
    InUse,
    /// Somebody else writes it; programmed again now and then.
    Contested,
    /// It was refused before the ASIC was asked.
    #[serde(untagged)]
    Refused(Refusal),
    /// A reason of a later version.
    #[serde(untagged)]
    Other(u16),
}

impl Reason {
    const OF_THE_ASIC: [(Reason, u8); 7] = [
        (Reason::TableFull, 64),
        (Reason::Rejected, 65),
        (Reason::Waiting, 66),
        (Reason::AddressLeaving, 67),
        (Reason::NoNextHop, 68),
        (Reason::InUse, 69),
        (Reason::Contested, 70),
    ];

    /// The reason with this number on the wire.
    pub fn from_number(number: u16) -> Reason {
        let known = u8::try_from(number).ok().and_then(|code| {
            let asic = Self::OF_THE_ASIC.iter().find(|(_, n)| *n == code).map(|(reason, _)| *reason);
            asic.or_else(|| Refusal::from_code(code).map(Reason::Refused))
        });
        known.unwrap_or(Reason::Other(number))
    }

    /// The reason's number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Reason::Refused(refusal) => refusal.code(),
            Reason::TableFull => 64,
            Reason::Rejected => 65,
            Reason::Waiting => 66,
            Reason::AddressLeaving => 67,
            Reason::NoNextHop => 68,
            Reason::InUse => 69,
            Reason::Contested => 70,
            Reason::Other(_) => 0,
        }
    }
}

/// What a row is, as far as that is settled: `Some(0)` no exception, `Some(code)` one; `None` not settled.
pub(super) fn exception(
    view: &View<'_>,
    verdict: Verdict,
    hop: Option<Hop>,
    slot: Option<&Slot>,
) -> Option<u8> {
    if view.remote.is_none() && view.local.is_some() {
        return Some(0);
    }
    if view.remote.is_some()
        && let Some(refusal) = verdict.refusal()
    {
        // It will not be in the hardware, even if what was there is still on its way out.
        return Some(refusal.code());
    }
    let refused = || verdict.refusal().map_or(0, |refusal| Reason::Refused(refusal).code());
    let Some(slot) = slot else { return Some(refused()) };
    match slot.place {
        Place::InUse => Some(Reason::InUse.code()),
        Place::Room => Some(Reason::TableFull.code()),
        Place::Failed if slot.is_contested() => Some(Reason::Contested.code()),
        Place::Failed => Some(Reason::Rejected.code()),
        Place::Waiting(_) if !slot.held.is_uncertain() => Some(Reason::Waiting.code()),
        Place::Waiting(_) | Place::Queued(..) | Place::InFlight | Place::Confirming(_) => None,
        Place::Idle => match verdict {
            Verdict::Ours(_) if slot.want.is_none() => Some(Reason::AddressLeaving.code()),
            Verdict::Ours(_) if hop == Some(Hop::Unnamed) => Some(Reason::NoNextHop.code()),
            _ => Some(refused()),
        },
    }
}

/// What a slot is that waits here; zero where it waits for nothing but its turn.
pub(super) fn parked(place: Place) -> u8 {
    match place {
        Place::Room => Reason::TableFull.code(),
        Place::Failed => Reason::Rejected.code(),
        Place::Waiting(_) => Reason::Waiting.code(),
        Place::InUse => Reason::InUse.code(),
        Place::Idle | Place::Queued(..) | Place::InFlight | Place::Confirming(_) => 0,
    }
}

/// The exceptions of our hardware.
#[derive(Debug)]
pub(super) struct Exceptions {
    listed: BTreeMap<Key, (u8, i32)>,
    /// What the peer has not been told of the list.
    changed: BTreeSet<Key>,
    counts: [u32; 256],
    total: usize,
    /// Grows with every change.
    pub(super) version: u64,
}

impl Default for Exceptions {
    fn default() -> Self {
        Exceptions {
            listed: BTreeMap::new(),
            changed: BTreeSet::new(),
            counts: [0; 256],
            total: 0,
            version: 0,
        }
    }
}

impl Exceptions {
    /// A row was an exception for this reason, and is one for that; zero is none.
    pub(super) fn note(&mut self, key: Key, before: u8, now: u8, status: i32) {
        if before == 0 && now == 0 {
            return;
        }
        if before != now {
            self.version += 1;
        }
        for (code, more) in [(before, false), (now, true)] {
            if code != 0 {
                let count = &mut self.counts[usize::from(code)];
                *count = if more { *count + 1 } else { *count - 1 };
                self.total = if more { self.total + 1 } else { self.total - 1 };
            }
        }
        if now == 0 {
            if self.listed.remove(&key).is_some() {
                self.changed.insert(key);
            }
        } else if (self.listed.len() < EXCEPTIONS || self.listed.contains_key(&key))
            && self.listed.insert(key, (now, status)) != Some((now, status))
        {
            self.changed.insert(key);
        }
    }

    /// Lists one that was not, when there is room.
    pub(super) fn list(&mut self, key: Key, code: u8, status: i32) {
        if self.listed.len() < EXCEPTIONS && self.listed.insert(key, (code, status)).is_none() {
            self.changed.insert(key);
        }
    }

    /// There are more than are listed.
    pub(super) fn overflow(&self) -> bool {
        self.total > self.listed.len()
    }

    /// There are more than are listed, and much room for them.
    pub(super) fn has_room(&self) -> bool {
        self.overflow() && self.listed.len() < EXCEPTIONS / 2
    }

    pub(super) fn has_news(&self) -> bool {
        !self.changed.is_empty()
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (u16, u32)> {
        (0..).zip(self.counts).filter(|(_, count)| *count > 0)
    }

    pub(super) fn listed(&self) -> impl Iterator<Item = (&Key, u8, i32)> {
        self.listed.iter().map(|(key, (code, status))| (key, *code, *status))
    }

    /// What the peer is to be told: all of the list, or what changed since it was told.
    pub(super) fn take_news(&mut self, all: bool) -> Vec<Exception> {
        let changed = std::mem::take(&mut self.changed);
        let one = |key: Key, code: u8, status| Exception { key, reason: code.into(), status };
        if all {
            return self.listed.iter().map(|(key, (code, status))| one(*key, *code, *status)).collect();
        }
        let now =
            |key| self.listed.get(&key).map_or(one(key, 0, 0), |(code, status)| one(key, *code, *status));
        changed.into_iter().map(now).collect()
    }
}

/// What the peer said of its hardware.
#[derive(Debug, Default)]
pub(super) struct PeerHardware {
    pub(super) report: Option<Hardware>,
    pub(super) listed: BTreeMap<Key, (u16, i32)>,
    /// It lists more than is kept.
    overflow: bool,
}

/// What the peer's hardware has done of one of our claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum PeerState {
    /// It has not said so far.
    Pending,
    /// It is done with it: it holds it, or its own claim to the same host.
    Done,
    /// It does not hold it.
    Exception {
        /// Why.
        reason: Reason,
        /// What SAI said, where it was asked.
        status: i32,
    },
    /// It does not hold everything, and does not say what.
    Unlisted,
}

impl PeerHardware {
    pub(super) fn reported(&mut self, hardware: Hardware) {
        if hardware.first {
            self.listed.clear();
            self.overflow = false;
        }
        self.report = Some(Hardware { overflow: hardware.overflow || self.overflow, ..hardware });
    }

    pub(super) fn listed(&mut self, exceptions: &[Exception]) {
        for exception in exceptions {
            if exception.reason == 0 {
                self.listed.remove(&exception.key);
            } else if self.listed.len() < 2 * EXCEPTIONS || self.listed.contains_key(&exception.key) {
                self.listed.insert(exception.key, (exception.reason, exception.status));
            } else {
                self.overflow = true;
            }
        }
    }

    /// What is known of a claim of ours that has this place in the order of changes.
    pub(super) fn state(&self, key: &Key, position: u64) -> Option<PeerState> {
        let report = self.report.as_ref()?;
        Some(match self.listed.get(key) {
            Some((reason, status)) => {
                PeerState::Exception { reason: Reason::from_number(*reason), status: *status }
            }
            None if position == 0 || Position(position) > report.position => PeerState::Pending,
            None if report.overflow => PeerState::Unlisted,
            None => PeerState::Done,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InterfaceId, VlanId};

    fn key(n: u32) -> Key {
        let interface = InterfaceId::Vlanif(VlanId::new(10).unwrap());
        Key { interface, ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into() }
    }

    #[test]
    fn reasons_have_the_numbers_and_names_of_the_specification() {
        let text = include_str!("../../docs/protocol.md");
        for number in (1..=17).chain(64..=70) {
            let reason = Reason::from_number(number);
            assert_eq!(u16::from(reason.code()), number);
            let name = serde_json::to_value(reason).unwrap();
            let row = format!("| {number} | `{}` |", name.as_str().unwrap());
            assert!(text.contains(&row), "{row}");
        }
        assert_eq!(Reason::from_number(18), Reason::Other(18));
        assert_eq!(Reason::from_number(64 + 256), Reason::Other(320));
    }

    #[test]
    fn the_list_is_bounded_and_the_counts_are_not() {
        let mut exceptions = Exceptions::default();
        let most = EXCEPTIONS as u32;
        for n in 0..most + 10 {
            exceptions.note(key(n), 0, 64, -8);
        }
        assert!(exceptions.overflow() && !exceptions.has_room());
        assert_eq!(exceptions.counts().collect::<Vec<_>>(), [(64, most + 10)]);
        assert_eq!(exceptions.take_news(false).len(), EXCEPTIONS);
        for n in 0..most {
            exceptions.note(key(n), 64, 0, 0);
        }
        assert!(exceptions.has_room());
        assert!(exceptions.take_news(false).iter().all(|gone| gone.reason == 0));
        for n in most..most + 10 {
            exceptions.list(key(n), 64, -8);
        }
        assert!(!exceptions.overflow());
        assert_eq!(exceptions.take_news(false).len(), 10);
    }

    #[test]
    fn what_comes_and_goes_between_two_reports_is_told_once_and_as_it_is() {
        let mut exceptions = Exceptions::default();
        exceptions.note(key(1), 0, 66, -7);
        exceptions.note(key(1), 66, 65, -5);
        assert_eq!(exceptions.take_news(false), [Exception { key: key(1), reason: 65, status: -5 }]);
        exceptions.note(key(1), 65, 65, -6);
        assert_eq!(exceptions.take_news(false), [Exception { key: key(1), reason: 65, status: -6 }]);
        exceptions.note(key(1), 65, 0, 0);
        assert_eq!(exceptions.take_news(false), [Exception { key: key(1), reason: 0, status: 0 }]);
        assert!(exceptions.take_news(true).is_empty());
    }

    #[test]
    fn a_claim_is_done_only_up_to_the_acknowledged_position_and_not_if_it_is_listed() {
        let mut peer = PeerHardware::default();
        assert_eq!(peer.state(&key(1), 5), None);
        peer.listed(&[Exception { key: key(1), reason: 64, status: -8 }]);
        peer.reported(Hardware { position: Position(5), ..Hardware::default() });
        let exception = PeerState::Exception { reason: Reason::TableFull, status: -8 };
        assert_eq!(peer.state(&key(1), 5), Some(exception));
        assert_eq!(peer.state(&key(2), 5), Some(PeerState::Done));
        assert_eq!(peer.state(&key(2), 6), Some(PeerState::Pending));
        assert_eq!(peer.state(&key(2), 0), Some(PeerState::Pending), "it is not even in the order");
        peer.reported(Hardware { position: Position(5), overflow: true, ..Hardware::default() });
        assert_eq!(peer.state(&key(2), 5), Some(PeerState::Unlisted));
        peer.reported(Hardware { first: true, ..Hardware::default() });
        assert_eq!(peer.state(&key(1), 5), Some(PeerState::Pending));
    }
}
