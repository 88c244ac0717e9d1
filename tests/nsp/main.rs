//! What must stay as it is, and what may become otherwise: recorded sessions of NSP/1.0 that every later version takes,
//! a peer that is one version ahead, and frames with a bit that fell over in front of a whole node.
#![allow(clippy::unwrap_used, reason = "a test")]

// A node with sockets that work and an ASIC that answers: the same that is fuzzed.
#[path = "../../fuzz/src/bytes.rs"]
#[allow(dead_code, reason = "the fuzz targets take the rest")]
mod bytes;
#[path = "../../fuzz/src/device.rs"]
#[allow(dead_code, reason = "the fuzz targets take the rest")]
mod device;

mod ahead;
mod bits;
mod frozen;
mod record;
mod sealed;

use bytes::frame;
use device::{ADDRESSES, Device, PORT};
use mlagsync::session::io::ConnId;

/// The flag that makes a frame mandatory.
const MANDATORY: u8 = 1;

/// The fixed part of a HELLO, which never changes, of the peer of `Device::new(0)`, with room for what a test wants else.
struct Greeting {
    versions: (u16, u16),
    capabilities: u64,
    group: u16,
    /// The four bytes that nobody looks at.
    zero: [u8; 4],
    extensions: Vec<(u16, Vec<u8>)>,
}

impl Default for Greeting {
    fn default() -> Self {
        Greeting { versions: (1, 1), capabilities: 0, group: 1, zero: [0; 4], extensions: Vec::new() }
    }
}

impl Greeting {
    fn frame(&self) -> Vec<u8> {
        let mut body = b"NSPH".to_vec();
        body.extend(self.versions.0.to_be_bytes());
        body.extend(self.versions.1.to_be_bytes());
        body.extend(self.capabilities.to_be_bytes());
        body.extend(2u64.to_be_bytes());
        body.extend(self.group.to_be_bytes());
        body.extend(PORT.to_be_bytes());
        body.extend(5_000u32.to_be_bytes());
        body.extend(65_536u32.to_be_bytes());
        body.extend(16_384u32.to_be_bytes());
        body.extend(u32::MAX.to_be_bytes());
        body.extend(*b"a peer's nonce..");
        body.extend(self.zero);
        for (kind, value) in &self.extensions {
            body.extend(kind.to_be_bytes());
            body.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            body.extend(value);
        }
        frame(1, MANDATORY, u16::try_from(self.extensions.len()).unwrap(), 0, &body)
    }
}

/// A node of which a test is the peer.
fn met() -> (Device, ConnId) {
    let mut device = Device::new(0);
    device.settle();
    let conn = device.accept(ADDRESSES[1]);
    (device, conn)
}

/// What a node said on a connection so far, frame by frame.
fn said(device: &Device, conn: ConnId) -> Vec<Vec<u8>> {
    let all: Vec<u8> =
        device.sent.iter().filter(|(on, _)| *on == conn).flat_map(|(_, bytes)| bytes.clone()).collect();
    bytes::frames(&all).expect("a node writes whole frames")
}
