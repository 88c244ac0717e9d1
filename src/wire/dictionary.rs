//! The interfaces that records name by a small index: what an index means, in both directions.
//!
//! ```text
//! index 2 · kind 1 · name length 1 · number 4 · dot1q 2 · zero 2 · VRF name
//! ```
//!
//! Invariant: the dictionary is a connection's own; an index means what it was last named to mean. A VRF without a
//! name is one that the owner does not know, because the interface is not bound there any more.

use super::WireError;
use super::frame::{Frame, Kind};
use crate::addr::{BdId, InterfaceId, MlagId, VlanId, VpnInstance};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The longest entry: a VRF name has up to 31 characters of up to 4 bytes.
pub const LONGEST: usize = FIXED + 31 * 4;
const FIXED: usize = 12;

/// An entry as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The index that records use.
    pub index: u16,
    /// What it means.
    pub interface: InterfaceId,
    /// The VRF that the interface lies in at the sender, if it knows.
    pub vrf: Option<VpnInstance>,
}

/// The receiver's side: what the peer's indices mean.
#[derive(Debug, Default)]
pub struct Interfaces(Vec<Option<InterfaceId>>);

impl Interfaces {
    /// The interface with this index, if it was named.
    #[inline]
    pub fn at(&self, index: u16) -> Option<InterfaceId> {
        self.0.get(usize::from(index)).copied().flatten()
    }

    /// Takes in what the peer named.
    pub fn learn(&mut self, named: &[Named]) {
        for entry in named {
            let index = usize::from(entry.index);
            if index >= self.0.len() {
                self.0.resize(index + 1, None);
            }
            self.0[index] = Some(entry.interface);
        }
    }
}

/// Reads every entry of the frame, or none; indices from `limit` on are refused.
pub(super) fn decode(frame: &Frame<'_>, limit: usize) -> Result<Vec<Named>, WireError> {
    let form = |what| WireError::Form { kind: Kind::Interfaces, what };
    // An entry has at least the fixed part, so the capacity is within what the frame's length allows.
    if usize::from(frame.count) > frame.body.len() / FIXED {
        return Err(form("the count of entries does not fit the length"));
    }
    let mut out = Vec::with_capacity(frame.count.into());
    let mut rest = frame.body;
    while let Some((fixed, behind)) = rest.split_first_chunk::<FIXED>() {
        let [i0, i1, kind, name, number @ .., d0, d1, _, _] = *fixed;
        let (name, behind) = behind.split_at_checked(name.into()).ok_or(form("a VRF's name is cut off"))?;
        let index = u16::from_be_bytes([i0, i1]);
        if usize::from(index) >= limit {
            return Err(form("an index is beyond the limit"));
        }
        let interface = identity(kind, u32::from_be_bytes(number), u16::from_be_bytes([d0, d1]))
            .ok_or(form("an interface's identity is out of range"))?;
        let vrf = if name.is_empty() {
            None
        } else {
            let name = std::str::from_utf8(name).map_err(|_| form("a VRF's name is not UTF-8"))?;
            Some(name.parse().map_err(|_| form("a VRF's name is not one"))?)
        };
        out.push(Named { index, interface, vrf });
        rest = behind;
    }
    if !rest.is_empty() || out.len() != usize::from(frame.count) {
        return Err(form("the count of entries does not fit the length"));
    }
    Ok(out)
}

fn put(out: &mut Vec<u8>, entry: &Named) {
    let (kind, number, dot1q) = match entry.interface {
        InterfaceId::Vlanif(vlan) => (1, u32::from(vlan.number()), 0),
        InterfaceId::Vbdif(bd) => (2, bd.number(), 0),
        InterfaceId::Routed { mlag, dot1q } => (3, u32::from(mlag.number()), dot1q.map_or(0, VlanId::number)),
    };
    let name = entry.vrf.as_ref().map_or("", |vrf| vrf.name());
    let length = u8::try_from(name.len()).expect("31 characters of UTF-8 are at most 124 bytes");
    out.extend_from_slice(&entry.index.to_be_bytes());
    out.extend_from_slice(&[kind, length]);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&dot1q.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(name.as_bytes());
}

fn identity(kind: u8, number: u32, dot1q: u16) -> Option<InterfaceId> {
    match (kind, dot1q) {
        (1, 0) => Some(InterfaceId::Vlanif(VlanId::new(number)?)),
        (2, 0) => Some(InterfaceId::Vbdif(BdId::new(number)?)),
        (3, 0) => Some(InterfaceId::Routed { mlag: MlagId::new(number)?, dot1q: None }),
        (3, tag) => {
            Some(InterfaceId::Routed { mlag: MlagId::new(number)?, dot1q: Some(VlanId::new(tag.into())?) })
        }
        _ => None,
    }
}

/// Writes entries as frames of up to `max_frame` bytes.
pub(super) fn encode(out: &mut Vec<u8>, entries: &[Named], max_frame: usize) {
    let per_frame = ((max_frame - super::frame::HEADER) / LONGEST).clamp(1, usize::from(u16::MAX));
    for chunk in entries.chunks(per_frame) {
        let at = super::frame::start(out, Kind::Interfaces);
        for entry in chunk {
            put(out, entry);
        }
        let count = u16::try_from(chunk.len()).expect("clamped above");
        super::frame::finish(out, at, count, crate::table::change::Position(0));
    }
}

/// The sender's side: which index an interface has. When indices run out, the one given longest ago is given anew, but
/// never one that the window being written uses.
#[derive(Debug)]
pub struct Names {
    index: HashMap<InterfaceId, u16, BuildHasherDefault<InterfaceHasher>>,
    slots: Vec<Slot>,
    limit: usize,
    next: usize,
    window: u64,
    /// Most windows speak of few interfaces, and mostly of the one before.
    last: Option<(InterfaceId, u16)>,
}

#[derive(Debug)]
struct Slot {
    interface: InterfaceId,
    vrf: Option<VpnInstance>,
    used: u64,
}

impl Names {
    /// An empty dictionary with `limit` indices; a window must use fewer interfaces than that.
    pub fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, usize::from(u16::MAX));
        Names { index: HashMap::default(), slots: Vec::new(), limit, next: 0, window: 0, last: None }
    }

    /// A window begins: indices used from here on keep their meaning until the next.
    pub(super) fn begin_window(&mut self) {
        self.window += 1;
        self.last = None;
    }

    /// The interface's index. An interface without one gets one, and `news` gets its entry.
    #[inline]
    pub(super) fn index<'v>(
        &mut self,
        interface: InterfaceId,
        vrf: impl FnOnce(InterfaceId) -> Option<&'v VpnInstance>,
        news: &mut Vec<Named>,
    ) -> u16 {
        if let Some((last, index)) = self.last
            && last == interface
        {
            return index;
        }
        let index = match self.index.get(&interface) {
            Some(&index) => {
                self.slots[usize::from(index)].used = self.window;
                index
            }
            None => {
                let index = self.assign(interface, vrf(interface).cloned());
                news.push(self.named(index));
                index
            }
        };
        self.last = Some((interface, index));
        index
    }

    /// What was named before and lies in another VRF now, from this index on and at most so many. Answers where to go
    /// on, if there may be more.
    pub(super) fn refresh<'v>(
        &mut self,
        from: u16,
        most: usize,
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
    ) -> (Vec<Named>, Option<u16>) {
        let mut news = Vec::new();
        for (index, slot) in (0u16..).zip(&mut self.slots).skip(from.into()) {
            let now = vrf(slot.interface);
            if now != slot.vrf.as_ref() {
                if news.len() == most {
                    return (news, Some(index));
                }
                slot.vrf = now.cloned();
                news.push(Named { index, interface: slot.interface, vrf: slot.vrf.clone() });
            }
        }
        (news, None)
    }

    fn assign(&mut self, interface: InterfaceId, vrf: Option<VpnInstance>) -> u16 {
        let slot = Slot { interface, vrf, used: self.window };
        let at = if self.slots.len() < self.limit {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            while self.slots[self.next].used == self.window {
                self.next = (self.next + 1) % self.limit;
            }
            let at = self.next;
            self.next = (at + 1) % self.limit;
            self.index.remove(&self.slots[at].interface);
            self.slots[at] = slot;
            at
        };
        let index = u16::try_from(at).expect("the limit is below 65,536");
        self.index.insert(interface, index);
        index
    }

    fn named(&self, index: u16) -> Named {
        let slot = &self.slots[usize::from(index)];
        Named { index, interface: slot.interface, vrf: slot.vrf.clone() }
    }
}

/// Multiplies: these keys are this device's own interfaces, a stranger cannot choose them.
#[derive(Debug, Default)]
pub struct InterfaceHasher(u64);

impl Hasher for InterfaceHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64((*b).into()));
    }
    fn write_u16(&mut self, n: u16) {
        self.write_u64(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }
    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as u64);
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}
