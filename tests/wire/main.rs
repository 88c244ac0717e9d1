//! The bytes of the channel: golden frames, every split, every flipped bit, round trips and noise.
#![allow(clippy::unwrap_used, reason = "a test")]

mod bits;
mod golden;
mod noise;
mod round_trip;
mod vector;

use mlagsync::addr::{BdId, InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use mlagsync::limits;
use mlagsync::neighbor::{Attachment, Claim, Flags, Key};
use mlagsync::table::change::{Change, Position};
use mlagsync::wire::{Decoder, Encoder, Interfaces, Message, WireError};
use std::net::IpAddr;

/// What a stream of frames says: each message with the position that it advances to.
type Said = Vec<(Message, Position)>;

/// Takes the stream in, in the given pieces, with a dictionary that it fills itself.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Said, Result<(), WireError>) {
    let (mut decoder, mut interfaces) = (Decoder::new(limits::MAX_FRAME), Interfaces::default());
    let mut said = Said::new();
    for piece in pieces {
        let result = feed(&mut decoder, &mut interfaces, piece, &mut said);
        assert!(decoder.held() <= limits::MAX_FRAME);
        if result.is_err() {
            return (said, result);
        }
    }
    (said, Ok(()))
}

fn feed(
    decoder: &mut Decoder,
    interfaces: &mut Interfaces,
    mut piece: &[u8],
    said: &mut Said,
) -> Result<(), WireError> {
    while let Some(frame) = decoder.next(&mut piece)? {
        let message = Message::decode(&frame, interfaces)?;
        if let Message::Interfaces(named) = &message {
            interfaces.learn(named);
        }
        said.push((message, frame.position));
    }
    assert!(piece.is_empty(), "what is not a whole frame is held back");
    Ok(())
}

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn vbdif(n: u32) -> InterfaceId {
    InterfaceId::Vbdif(BdId::new(n).unwrap())
}

fn routed(mlag: u32, dot1q: Option<u32>) -> InterfaceId {
    InterfaceId::Routed {
        mlag: MlagId::new(mlag).unwrap(),
        dot1q: dot1q.map(|tag| VlanId::new(tag).unwrap()),
    }
}

fn key(interface: InterfaceId, ip: &str) -> Key {
    Key { interface, ip: ip.parse::<IpAddr>().unwrap() }
}

fn claim(mac: &str, attachment: Attachment, flags: Flags, counter: u32) -> Claim {
    Claim { mac: mac.parse::<Mac>().unwrap(), attachment, flags, counter }
}

fn upsert(key: Key, claim: Claim) -> Change {
    Change { key, claim: Some(claim) }
}

fn delete(key: Key) -> Change {
    Change { key, claim: None }
}

/// The window's frames, by an encoder that has named nothing yet.
fn window(changes: &[Change], position: u64, vrf: &Option<VpnInstance>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(limits::MAX_FRAME, limits::MAX_INTERFACES);
    encoder.window(changes, Position(position), |_| vrf.as_ref(), &mut bytes);
    bytes
}
