//! What happened to keys of late: one bounded ring for all of them.
//!
//! Invariant: memory is bounded, and writing to it costs the same whatever is in it. What a dump or a full sync names
//! for the first time is not written down: it would drive out everything else, and the claim itself says as much.

use crate::addr::Mac;
use crate::limits::TRAIL;
use crate::neighbor::{Claim, Key};
use crate::sai::status::Status;
use crate::table::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum What {
    /// This device's claim is new, or changed.
    Claimed(Claim),
    /// An operator configured it.
    MadeStatic {
        /// With this MAC.
        mac: Mac,
    },
    /// This device's claim is gone.
    Forgotten,
    /// The peer's claim is new, or changed.
    PeerClaimed(Claim),
    /// The peer's claim is gone: taken back, not named by a full sync, or too old.
    PeerForgot,
    /// It is refused from now on.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// It is not refused any more.
    Admitted,
    /// It moved too often; this device raises its claim no more for a while.
    Frozen,
    /// It may move again.
    Thawed,
    /// The NOS was asked whether the host is still there.
    Probed,
    /// The peer claims another MAC than the static one here.
    Disputed {
        /// The peer's.
        theirs: Mac,
    },
    /// The ASIC refused something.
    AsicRefused {
        /// What it was asked.
        asked: Asked,
        /// What it answered.
        status: Status,
    },
    /// Whether the ASIC did something is not known.
    AsicUnknown {
        /// What it was asked.
        asked: Asked,
        /// What it answered.
        status: Status,
    },
}

/// What the ASIC was asked to do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// To create it.
    Create,
    /// To set its MAC.
    SetMac,
    /// To remove it.
    Remove,
    /// To read it back.
    Read,
}

/// The ring.
#[derive(Debug, Default)]
pub(crate) struct Trail(VecDeque<(Time, Key, What)>);

impl Trail {
    /// Writes down what happened.
    pub(crate) fn note(&mut self, now: Time, key: Key, what: What) {
        if self.0.len() >= TRAIL {
            self.0.pop_front();
        }
        self.0.push_back((now, key, what));
    }

    /// What happened to a key, oldest first.
    pub(crate) fn of(&self, key: Key) -> impl Iterator<Item = (Time, What)> {
        self.0.iter().filter(move |(_, of, _)| *of == key).map(|(at, _, what)| (*at, *what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InterfaceId, VlanId};

    #[test]
    fn the_ring_is_bounded_and_the_oldest_goes_first() {
        let key = |n: u32| Key {
            interface: InterfaceId::Vlanif(VlanId::new(10).unwrap()),
            ip: std::net::Ipv4Addr::from(n).into(),
        };
        let mut trail = Trail::default();
        for n in 0..=TRAIL as u64 {
            trail.note(Time(n), key((n % 2) as u32), What::Forgotten);
        }
        let (even, odd) = (trail.of(key(0)).count(), trail.of(key(1)).count());
        assert_eq!(even + odd, TRAIL);
        assert_eq!(trail.of(key(0)).next(), Some((Time(2), What::Forgotten)), "the first one made way");
    }
}
