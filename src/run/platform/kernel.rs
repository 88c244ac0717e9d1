//! What the platform file says of the kernel's neighbour table.
//!
//! Invariant: nothing is written into it unless the file says so.

use super::{Platform, PlatformError};
use crate::limits;

/// What this daemon writes into the kernel's neighbour table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KernelWrites {
    /// The peer's hosts.
    pub(crate) mirror: bool,
    /// The kernel's own entries are refreshed and probed.
    pub(crate) refresh: bool,
    /// Under this NDA_PROTOCOL value.
    pub(crate) protocol: u8,
}

/// `RTPROT_REDIRECT`, `_KERNEL`, `_BOOT` and `_STATIC`, and before them none at all.
const TAKEN_PROTOCOLS: std::ops::RangeInclusive<u8> = 0..=4;

impl Platform {
    /// What is to be written, if anything.
    pub(crate) fn kernel_writes(&self) -> Option<KernelWrites> {
        let refresh = self.kernel_refresh.unwrap_or(self.kernel_mirror);
        let protocol = self.kernel_protocol.unwrap_or(limits::KERNEL_PROTOCOL);
        (self.kernel_mirror || refresh).then_some(KernelWrites {
            mirror: self.kernel_mirror,
            refresh,
            protocol,
        })
    }

    pub(super) fn validate_kernel(&self) -> Result<(), PlatformError> {
        if let Some(protocol) = self.kernel_protocol.filter(|protocol| TAKEN_PROTOCOLS.contains(protocol)) {
            return Err(PlatformError::KernelProtocol(protocol));
        }
        let nowhere = self.interfaces.iter().all(|interface| interface.netdev.is_none());
        match self.kernel_writes() {
            Some(writes) if nowhere => {
                let key = if writes.mirror { "kernel-mirror" } else { "kernel-refresh" };
                Err(PlatformError::KernelWithoutNetdev(key))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_written_that_nobody_asked_for() {
        let cases = [
            (json!({}), None),
            (json!({"kernel-at-exit": "remove", "kernel-protocol": 99}), None),
            (json!({"kernel-mirror": true}), Some((true, 77, true))),
            (json!({"kernel-mirror": true, "kernel-protocol": 99}), Some((true, 99, true))),
            (json!({"kernel-mirror": true, "kernel-refresh": false}), Some((true, 77, false))),
            (json!({"kernel-refresh": true}), Some((false, 77, true))),
        ];
        for (said, want) in cases {
            let mut all = json!({"hostname": "a", "interface": [{"name": "Vlanif1", "netdev": "vlan1"}]});
            all.as_object_mut().expect("a table").extend(said.as_object().expect("a table").clone());
            let platform: Platform = serde_json::from_value(all).expect("legal");
            platform.validate().expect("legal");
            let writes = platform.kernel_writes().map(|w| (w.mirror, w.protocol, w.refresh));
            assert_eq!(writes, want, "{said}");
        }
    }
}
