//! Bridge-port protection: all that is sent to a port leaves by another way, after one write.
//!
//! SAI has it from 1.16 on: a bridge port names a group of next hops and is switched over to it. The group is the NOS's, for
//! only the NOS knows how frames reach the peer unrouted (a virtual peer-link, an overlay); where a port has none, entries are
//! pointed elsewhere one by one.
//!
//! Whether it works is found out by trying, once for each member's port: what the port is set to already is set again. What a
//! library says that it can (`sai_query_attribute_capability`) is not asked: it is one more function that may be missing, and a
//! library that says yes may refuse all the same. Why a port cannot be protected is logged when it is found.
//!
//! Invariant: no group is made, changed or taken from a port.

use crate::node::io::Protection;
use crate::sai::{Oid, Switch, Version, id};

/// The first release with the attributes.
const SINCE: Version = Version::new(1, 16, 0);

/// How a port's protection stands. One that is also another bridge port in some bridge cannot be protected: only a port of the
/// default bridge is switched over, and hosts in that bridge would be lost.
pub(super) fn probe(switch: &Switch, port: Oid<id::BridgePort>, elsewhere: bool) -> Protection {
    let lacking = |why: &str| {
        tracing::info!(%port, "{why}: if this member fails, its hosts are pointed elsewhere one by one");
        Protection::Lacking
    };
    if elsewhere {
        return lacking("the port is also another one in a bridge of its own");
    }
    // An older library has other attributes under these numbers, or none: they are not even read.
    if switch.library().version() < SINCE {
        return lacking("the library is older than bridge-port protection, which came with SAI 1.16");
    }
    match switch.protection_group(port) {
        Ok(group) if !group.is_null() => {}
        Ok(_) => return lacking("nobody gave the port a protection group"),
        Err(_) => return lacking("the library does not know of bridge-port protection"),
    }
    let tried = switch.is_switched_over(port).and_then(|over| {
        switch.switch_over(port, over)?;
        Ok(over)
    });
    match tried {
        Ok(over) => stands(over),
        Err(error) => {
            tracing::info!(%port, %error, "a bridge port has a protection group and cannot be switched over to it");
            Protection::Lacking
        }
    }
}

/// Switches a port over, or back.
pub(super) fn protect(switch: &Switch, port: Oid<id::BridgePort>, on: bool) -> Protection {
    match switch.switch_over(port, on) {
        Ok(()) => stands(on),
        Err(error) => {
            tracing::warn!(%port, on, %error, "a bridge port could not be switched over");
            // It may have been done all the same.
            match switch.is_switched_over(port) {
                Ok(over) if over == on => stands(on),
                // It has not left, or may not have: it is asked again.
                _ if !on => Protection::On,
                _ => Protection::Lacking,
            }
        }
    }
}

fn stands(over: bool) -> Protection {
    if over { Protection::On } else { Protection::Ready }
}
