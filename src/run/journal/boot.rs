//! Whether the ASIC still holds what the journal names: the boot mark.

use super::{Journal, Mark};
use crate::addr::Mac;
use crate::sai::{Error, Oid, Switch, id};
use std::fs::File;
use std::io::{self, Read};

/// What became of the ASIC since the journal was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// It holds what it held.
    Kept,
    /// It was booted, or the journal is new: nothing in it is ours.
    New,
    /// The library cannot carry a mark; so nothing is taken for ours.
    Unknown,
}

impl Journal {
    /// Finds out whether the records belong to the ASIC's tables as they are. If they do not, they are forgotten, and the
    /// ASIC is marked anew.
    pub fn attach(&mut self, switch: &Switch) -> io::Result<Boot> {
        if let Some(mark) = self.mark()
            && let Some(router) = find(switch, mark)
        {
            self.set_mark(Mark { router, ..mark });
            return Ok(Boot::Kept);
        }
        if !self.is_empty() {
            let records = self.len();
            tracing::warn!(records, "the ASIC does not hold what the journal names: it was booted since");
        }
        let mac = draw()?;
        // Its MAC is written before it is made: whoever is killed in between finds it again.
        let mark = Mark { router: Oid::from_raw(0), mac };
        self.begin(mark);
        match switch.create_virtual_router(Some(mac)) {
            Ok(router) => {
                self.set_mark(Mark { router, mac });
                Ok(Boot::New)
            }
            Err(error) => {
                tracing::error!(%error, "the library makes no virtual router to mark the ASIC's boot with");
                Ok(Boot::Unknown)
            }
        }
    }
}

/// The marked virtual router, if it is there.
fn find(switch: &Switch, mark: Mark) -> Option<Oid<id::VirtualRouter>> {
    let has_it = |router| {
        let mac: Result<Mac, Error> = switch.virtual_router_mac(router);
        mac == Ok(mark.mac)
    };
    if !mark.router.is_null() {
        return has_it(mark.router).then_some(mark.router);
    }
    switch.virtual_routers().ok()?.into_iter().find(|router| has_it(*router))
}

/// A locally administered unicast address that nothing else has.
fn draw() -> io::Result<Mac> {
    let mut mac = [0; 6];
    File::open("/dev/urandom")?.read_exact(&mut mac)?;
    mac[0] = mac[0] & 0xfc | 0x02;
    Ok(Mac(mac))
}
