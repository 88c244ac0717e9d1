//! The records of claims: fixed sizes, so that a frame's form is checked with one division.
//!
//! ```text
//! upsert  flags 2 · interface 2 · attachment 2 · counter 4 · MAC 6 · IP 4 or 16     = 20 or 32
//! delete  zero 2 · interface 2 · zero 4 · IP 4 or 16                                = 12 or 24
//! confirm as delete; exceptions have a reason and a status in place of the zeros
//! ```

use super::dictionary::Interfaces;
use super::frame::{Frame, Kind};
use super::{Message, WireError};
use crate::addr::{Mac, MlagId};
use crate::neighbor::{Attachment, Claim, Flags, Key};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest record.
pub const LONGEST: usize = 32;

/// The flags that mean something in this version; others are sent as zero and not looked at.
const KNOWN_FLAGS: u16 = Flags::ROUTER.0 | Flags::INTERFACE.0;
const ORPHAN: u16 = 0;
const FABRIC: u16 = 0xffff;

impl Kind {
    /// The size of this kind's records, if it has records of one size.
    pub const fn record(self) -> Option<usize> {
        match self {
            Kind::UpsertV4 => Some(20),
            Kind::UpsertV6 => Some(32),
            Kind::DeleteV4 | Kind::ConfirmV4 | Kind::ExceptionsV4 => Some(12),
            Kind::DeleteV6 | Kind::ConfirmV6 | Kind::ExceptionsV6 => Some(24),
            _ => None,
        }
    }
}

/// Appends an upsert; its kind follows from the address.
pub(super) fn put_upsert(out: &mut Vec<u8>, interface: u16, ip: IpAddr, claim: &Claim) {
    let mut record = [0; 32];
    record[0..2].copy_from_slice(&(claim.flags.0 & KNOWN_FLAGS).to_be_bytes());
    record[2..4].copy_from_slice(&interface.to_be_bytes());
    let attachment = match claim.attachment {
        Attachment::Orphan => ORPHAN,
        Attachment::Mlag(id) => id.number(),
        Attachment::Fabric => FABRIC,
    };
    record[4..6].copy_from_slice(&attachment.to_be_bytes());
    record[6..10].copy_from_slice(&claim.counter.to_be_bytes());
    record[10..16].copy_from_slice(&claim.mac.0);
    match ip {
        IpAddr::V4(ip) => {
            record[16..20].copy_from_slice(&ip.octets());
            out.extend_from_slice(&record[..20]);
        }
        IpAddr::V6(ip) => {
            record[16..32].copy_from_slice(&ip.octets());
            out.extend_from_slice(&record);
        }
    }
}

/// Appends a delete; its kind follows from the address.
pub(super) fn put_delete(out: &mut Vec<u8>, interface: u16, ip: IpAddr) {
    let mut record = [0; 24];
    record[2..4].copy_from_slice(&interface.to_be_bytes());
    match ip {
        IpAddr::V4(ip) => {
            record[8..12].copy_from_slice(&ip.octets());
            out.extend_from_slice(&record[..12]);
        }
        IpAddr::V6(ip) => {
            record[8..24].copy_from_slice(&ip.octets());
            out.extend_from_slice(&record);
        }
    }
}

/// Appends a confirmation; its kind follows from the address.
pub(super) fn put_confirm(out: &mut Vec<u8>, interface: u16, key: &Key) {
    put_delete(out, interface, key.ip);
}

/// Reads every record of the frame, or none.
pub(super) fn decode(kind: Kind, frame: &Frame<'_>, interfaces: &Interfaces) -> Result<Message, WireError> {
    Ok(match kind {
        Kind::UpsertV4 => Message::Upserts(all::<20, _>(kind, frame, |r| upsert(kind, r, v4, interfaces))?),
        Kind::UpsertV6 => Message::Upserts(all::<32, _>(kind, frame, |r| upsert(kind, r, v6, interfaces))?),
        _ => Message::Deletes(keys(kind, frame, interfaces)?),
    })
}

/// Reads the key of every record of a kind whose records are as long as DELETE's, or none.
pub(super) fn keys(kind: Kind, frame: &Frame<'_>, interfaces: &Interfaces) -> Result<Vec<Key>, WireError> {
    if kind.record() == Some(12) {
        all::<12, _>(kind, frame, |r| delete(kind, r, v4, interfaces))
    } else {
        all::<24, _>(kind, frame, |r| delete(kind, r, v6, interfaces))
    }
}

fn all<const N: usize, T>(
    kind: Kind,
    frame: &Frame<'_>,
    mut one: impl FnMut(&[u8; N]) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let (records, rest) = frame.body.as_chunks::<N>();
    if !rest.is_empty() || records.len() != usize::from(frame.count) {
        return Err(WireError::Form { kind, what: "the count of records does not fit the length" });
    }
    let mut out = Vec::with_capacity(records.len());
    for record in records {
        out.push(one(record)?);
    }
    Ok(out)
}

#[inline]
fn upsert<const N: usize, const IP: usize>(
    kind: Kind,
    record: &[u8; N],
    address: impl Fn([u8; IP]) -> IpAddr,
    interfaces: &Interfaces,
) -> Result<(Key, Claim), WireError> {
    let [f0, f1, i0, i1, a0, a1, c0, c1, c2, c3, m0, m1, m2, m3, m4, m5, ip @ ..] = record.as_slice() else {
        return Err(WireError::Form { kind, what: "a record is too short" });
    };
    let attachment = match u16::from_be_bytes([*a0, *a1]) {
        ORPHAN => Attachment::Orphan,
        FABRIC => Attachment::Fabric,
        id => Attachment::Mlag(
            MlagId::new(id.into()).ok_or(WireError::Form { kind, what: "an attachment is out of range" })?,
        ),
    };
    let claim = Claim {
        mac: Mac([*m0, *m1, *m2, *m3, *m4, *m5]),
        attachment,
        flags: Flags(u16::from_be_bytes([*f0, *f1]) & KNOWN_FLAGS),
        counter: u32::from_be_bytes([*c0, *c1, *c2, *c3]),
    };
    Ok((key(kind, [*i0, *i1], ip, address, interfaces)?, claim))
}

#[inline]
fn delete<const N: usize, const IP: usize>(
    kind: Kind,
    record: &[u8; N],
    address: impl Fn([u8; IP]) -> IpAddr,
    interfaces: &Interfaces,
) -> Result<Key, WireError> {
    let [_, _, i0, i1, _, _, _, _, ip @ ..] = record.as_slice() else {
        return Err(WireError::Form { kind, what: "a record is too short" });
    };
    key(kind, [*i0, *i1], ip, address, interfaces)
}

#[inline]
fn key<const IP: usize>(
    kind: Kind,
    index: [u8; 2],
    ip: &[u8],
    address: impl Fn([u8; IP]) -> IpAddr,
    interfaces: &Interfaces,
) -> Result<Key, WireError> {
    let index = u16::from_be_bytes(index);
    let interface = interfaces.at(index).ok_or(WireError::UnnamedInterface { kind, index })?;
    let ip = ip.try_into().map_err(|_| WireError::Form { kind, what: "an address is too short" })?;
    Ok(Key { interface, ip: address(ip) })
}

fn v4(octets: [u8; 4]) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(octets))
}

fn v6(octets: [u8; 16]) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from(octets))
}
