//! What should be, in simple words.
//!
//! Invariant: nothing of the node's own code decides here; the rules are written down a second time.

use crate::world::{Interface, OWN_MAC};
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::neighbor::{Attachment, Claim, Key};
use mlagsync::node::io::RifState;
use mlagsync::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// What a switch heard by itself, as its kernel would tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) mac: Mac,
    pub(crate) attachment: Attachment,
    pub(crate) is_static: bool,
}

/// A switch's claims with their counters, statics among them.
pub(crate) type Claims = BTreeMap<Key, (Claim, bool)>;

/// Whose claim counts for a key: `Some((claim, it is the first switch's or both))`.
pub(crate) fn winner(key: &Key, mine: &Claims, theirs: &Claims, i_am_larger: bool) -> Option<(Claim, bool)> {
    let theirs = theirs.get(key).filter(|(_, is_static)| !is_static).map(|(claim, _)| *claim);
    match (mine.get(key), theirs) {
        (None, None) => None,
        (Some((claim, _)), None) => Some((*claim, true)),
        (None, Some(claim)) => Some((claim, false)),
        (Some((claim, true)), Some(_)) => Some((*claim, true)),
        (Some((a, false)), Some(b)) => {
            let same = a.mac == b.mac && a.attachment == b.attachment && a.attachment != Attachment::Orphan;
            if same || a.counter > b.counter || (a.counter == b.counter && i_am_larger) {
                Some((*a, true))
            } else {
                Some((b, false))
            }
        }
    }
}

/// Whether a claim may be programmed on this interface at all.
fn is_good(key: &Key, mac: Mac, interface: &Interface) -> bool {
    let mac_ok = mac != Mac::ZERO && mac.0[0] & 1 == 0 && mac != OWN_MAC;
    let ip_ok = !key.ip.is_unspecified() && !key.ip.is_multicast() && !key.ip.is_loopback();
    let not_own = interface.addresses.iter().all(|net| net.addr() != key.ip);
    let inside = interface.addresses.iter().any(|net| net.contains(&key.ip));
    let rif_ok = interface.state == RifState::Up;
    mac_ok && ip_ok && not_own && rif_ok && (inside || is_link_local(key.ip))
}

/// What an ASIC should hold: by interface and address, the MAC and whether there is no host route of it. Keys in
/// `nos` are the NOS's, and nothing is said of them.
pub(crate) struct Expected {
    pub(crate) hosts: BTreeMap<(InterfaceId, IpAddr), (Mac, bool)>,
    pub(crate) nos: BTreeSet<(InterfaceId, IpAddr)>,
}

/// What the ASIC of the switch that claims `mine` should hold.
pub(crate) fn expected(
    mine: &Claims,
    theirs: &Claims,
    i_am_larger: bool,
    all_is_ours: bool,
    bound: &BTreeMap<InterfaceId, Interface>,
    is_lost: impl Fn(bool, Attachment) -> bool,
    routed: Option<InterfaceId>,
) -> Expected {
    let keys: BTreeSet<Key> = mine.keys().chain(theirs.keys()).copied().collect();
    let mut best: BTreeMap<(&str, IpAddr), (u8, u32, InterfaceId)> = BTreeMap::new();
    let mut good = Vec::new();
    for key in keys {
        let Some((claim, is_mine)) = winner(&key, mine, theirs, i_am_larger) else { continue };
        let Some(interface) = bound.get(&key.interface) else { continue };
        if !is_good(&key, claim.mac, interface) {
            continue;
        }
        // What the NOS programs it programs as it likes.
        if (!is_mine || all_is_ours) && is_lost(is_mine, claim.attachment) {
            continue;
        }
        good.push((key, claim, is_mine));
        if is_link_local(key.ip) {
            continue;
        }
        // Of one address in a VRF: the longest subnet, then the higher counter, then the smaller interface.
        let fits = interface.addresses.iter().filter(|net| net.contains(&key.ip));
        let longest = fits.map(|net| net.prefix_len()).max().unwrap_or(0);
        let counter = match (mine.get(&key), theirs.get(&key)) {
            (Some((a, false)), Some((b, false))) if a.mac == b.mac && a.attachment == b.attachment => {
                if a.attachment == Attachment::Orphan { claim.counter } else { a.counter.max(b.counter) }
            }
            _ => claim.counter,
        };
        let candidate = (longest, counter, key.interface);
        let held = best.entry((interface.vrf, key.ip)).or_insert(candidate);
        let better = (candidate.0, candidate.1, std::cmp::Reverse(candidate.2));
        if better > (held.0, held.1, std::cmp::Reverse(held.2)) {
            *held = candidate;
        }
    }
    let mut expected = Expected { hosts: BTreeMap::new(), nos: BTreeSet::new() };
    for (key, claim, is_mine) in good {
        let vrf = bound[&key.interface].vrf;
        let elsewhere = best.get(&(vrf, key.ip)).is_some_and(|(.., interface)| *interface != key.interface);
        if elsewhere {
            continue;
        }
        if is_mine && !all_is_ours {
            expected.nos.insert((key.interface, key.ip));
        } else {
            expected.hosts.insert(
                (key.interface, key.ip),
                (claim.mac, is_link_local(key.ip) || routed == Some(key.interface)),
            );
        }
    }
    expected
}

/// What a switch heard, and what it made of it.
#[derive(Debug)]
pub(crate) struct Hearing {
    pub(crate) now: Time,
    pub(crate) key: Key,
    pub(crate) fresh: bool,
    pub(crate) before: Option<Claim>,
    pub(crate) theirs: Option<Claim>,
    pub(crate) after: Claim,
}

/// How often a switch raised which counter. A host that nobody claims any more is forgotten, and nobody but the switch
/// knows exactly when; so two histories are kept, of what it surely remembers and of what it may remember.
#[derive(Default)]
pub(crate) struct Moves {
    surely: BTreeMap<Key, Past>,
    maybe: BTreeMap<Key, Past>,
}

#[derive(Default)]
struct Past {
    raised: Vec<Time>,
    frozen_until: Option<Time>,
}

impl Past {
    fn is_frozen(&self, now: Time) -> bool {
        self.frozen_until.is_some_and(|until| now < until)
    }

    /// A sixth time within three minutes is one too many.
    fn is_full(&self, now: Time) -> bool {
        self.raised.iter().filter(|then| now.since(**then) < Duration::from_secs(180)).count() >= 5
    }
}

impl Moves {
    /// The switch may have forgotten.
    pub(crate) fn doubt(&mut self) {
        self.surely.clear();
    }

    /// Something was heard that is not judged, because both switches do not speak of one host: it may have counted.
    pub(crate) fn unseen(&mut self, now: Time, key: Key) {
        self.maybe.entry(key).or_default().frozen_until = Some(now + Duration::from_secs(1800));
    }

    /// Whether a counter was raised when, and only when, it should be, and by as much.
    pub(crate) fn judge(&mut self, heard: &Hearing) -> Result<(), &'static str> {
        let Hearing { now, key, fresh, before, theirs, after } = *heard;
        let had = before.map_or(0, |claim| claim.counter);
        let contradicted = theirs.filter(|theirs| {
            let same = theirs.mac == after.mac && theirs.attachment == after.attachment;
            !same || after.attachment == Attachment::Orphan
        });
        let (surely, maybe) = (self.surely.entry(key).or_default(), self.maybe.entry(key).or_default());
        let raise =
            contradicted.filter(|theirs| fresh && theirs.counter >= had).map(|theirs| theirs.counter + 1);
        let Some(raise) = raise else {
            return if after.counter == had {
                Ok(())
            } else {
                Err("there was no reason to change the counter")
            };
        };
        if after.counter == had {
            if !maybe.is_frozen(now) && !maybe.is_full(now) {
                return Err("it should have been raised");
            }
            for past in [surely, maybe] {
                if !past.is_frozen(now) {
                    past.frozen_until = Some(now + Duration::from_secs(1800));
                }
            }
            return Ok(());
        }
        if after.counter != raise {
            return Err("one more than the peer's it should be");
        }
        if surely.is_frozen(now) || surely.is_full(now) {
            return Err("it moved too often to be raised");
        }
        surely.raised.push(now);
        maybe.raised.push(now);
        Ok(())
    }
}

pub(crate) fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[..2] == [169, 254],
        IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
    }
}
