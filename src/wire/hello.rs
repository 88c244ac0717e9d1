//! HELLO: who speaks, and what it speaks. Its layout never changes, whatever the version.
//!
//! ```text
//!  0 magic "NSPH" 4     16 node id 8     32 longest frame 4     44 nonce 16
//!  4 version low 2      24 group 2       36 interfaces 4        60 zero 4
//!  6 version high 2     26 port 2        40 claims 4            64 extensions: type 2, length 2, value …
//!  8 capabilities 8     28 hold, ms 4
//! ```

use super::WireError;
use super::frame::{self, Frame, Kind};
use crate::addr::{Mac, NodeId};
use crate::peering::GroupFacts;
use crate::table::change::Position;

/// The first four bytes of every HELLO.
pub const MAGIC: [u8; 4] = *b"NSPH";
/// The versions that this program speaks, lowest and highest.
pub const VERSIONS: (u16, u16) = (1, 1);
/// Length of the part that never changes.
pub const FIXED: usize = 64;
/// The extension that offers keys.
pub const EXTENSION_AUTH: u16 = EXTENSION_MANDATORY | 1;
/// The extension that tells the group's priority and system id.
pub const EXTENSION_GROUP: u16 = 2;
/// The most key ids that an offer has.
pub const MAX_KEYS: usize = 16;
/// HMAC-SHA256, in the form of `docs/protocol.md`.
pub const HMAC_SHA256: u8 = 1;
/// An extension with this bit in its type must be understood or the HELLO refused.
pub const EXTENSION_MANDATORY: u16 = 0x8000;

/// The capabilities, a bit each: stable, never reused. One is in force when both sides state it.
pub mod capability {
    /// RESUME, and BEGIN and END that say which sync they belong to.
    pub const RESUME: u64 = 1;
    /// Digests, and the repair of what differs. With RESUME only.
    pub const DIGEST: u64 = 2;
    /// What the hardware holds. With RESUME only.
    pub const HARDWARE: u64 = 4;
    /// Confirmations of neighbours that answered the other device.
    pub const CONFIRM: u64 = 8;
    /// Every capability that this version has.
    pub const ALL: u64 = RESUME | DIGEST | HARDWARE | CONFIRM;

    /// What is in force between two sides that state these.
    pub const fn in_force(ours: u64, theirs: u64) -> u64 {
        let both = ours & theirs;
        // Both speak of an incarnation, which only RESUME says.
        if both & RESUME == 0 { both & !(DIGEST | HARDWARE) } else { both }
    }
}

/// What one side says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Versions spoken, lowest and highest.
    pub versions: (u16, u16),
    /// What can be used when both have it; unknown bits are not looked at.
    pub capabilities: u64,
    /// The device.
    pub node: NodeId,
    /// Its DFS group.
    pub group: u16,
    /// The TCP port that it is configured with.
    pub port: u16,
    /// Its hold time in milliseconds.
    pub hold_ms: u32,
    /// The longest frame that it takes.
    pub max_frame: u32,
    /// How many interfaces its copy of the other's dictionary takes.
    pub max_interfaces: u32,
    /// How many claims of the other's it keeps.
    pub max_claims: u32,
    /// Drawn for this connection.
    pub nonce: [u8; 16],
    /// The keys that it has, if it authenticates.
    pub auth: Option<Offer>,
    /// The DFS group as it has it, if it says so.
    pub facts: Option<GroupFacts>,
}

/// The keys that one side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is done with them.
    pub algorithm: u8,
    ids: [u8; MAX_KEYS],
    count: u8,
}

impl Offer {
    /// HMAC-SHA256 with one of these keys; `None` when there are none.
    pub fn of(ids: impl Iterator<Item = u8>) -> Option<Offer> {
        let mut offer = Offer { algorithm: HMAC_SHA256, ids: [0; MAX_KEYS], count: 0 };
        for (place, id) in offer.ids.iter_mut().zip(ids) {
            *place = id;
            offer.count += 1;
        }
        (offer.count > 0).then_some(offer)
    }

    /// The key ids, the highest first.
    pub fn ids(&self) -> &[u8] {
        &self.ids[..usize::from(self.count)]
    }

    fn encode(&self, out: &mut Vec<u8>) {
        extension(out, EXTENSION_AUTH, &[&[self.algorithm, self.count], self.ids()].concat());
    }

    fn decode(value: &[u8]) -> Option<Offer> {
        let [algorithm, count, ids @ ..] = value else { return None };
        let in_order = ids.windows(2).all(|pair| pair[0] > pair[1]);
        let fits = (1..=MAX_KEYS).contains(&ids.len()) && ids.len() == usize::from(*count);
        let offer = if fits && in_order { Offer::of(ids.iter().copied()) } else { None };
        offer.map(|offer| Offer { algorithm: *algorithm, ..offer })
    }
}

fn encode_facts(facts: &GroupFacts, out: &mut Vec<u8>) {
    let [a, b, c, d, e, f] = facts.system_id.map_or([0; 6], |id| id.0);
    extension(out, EXTENSION_GROUP, &[facts.priority, 0, a, b, c, d, e, f]);
}

fn decode_facts(value: &[u8]) -> Option<GroupFacts> {
    let &[priority, _, a, b, c, d, e, f] = value else { return None };
    let system_id = Some(Mac([a, b, c, d, e, f])).filter(|id| *id != Mac::ZERO);
    Some(GroupFacts { priority, system_id })
}

fn extension(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).expect("extensions are short");
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value);
}

impl Hello {
    /// Appends the frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Hello);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.versions.0.to_be_bytes());
        out.extend_from_slice(&self.versions.1.to_be_bytes());
        out.extend_from_slice(&self.capabilities.to_be_bytes());
        out.extend_from_slice(&self.node.0.to_be_bytes());
        out.extend_from_slice(&self.group.to_be_bytes());
        out.extend_from_slice(&self.port.to_be_bytes());
        out.extend_from_slice(&self.hold_ms.to_be_bytes());
        out.extend_from_slice(&self.max_frame.to_be_bytes());
        out.extend_from_slice(&self.max_interfaces.to_be_bytes());
        out.extend_from_slice(&self.max_claims.to_be_bytes());
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&[0; 4]);
        if let Some(offer) = &self.auth {
            offer.encode(out);
        }
        if let Some(facts) = &self.facts {
            encode_facts(facts, out);
        }
        let extensions = u16::from(self.auth.is_some()) + u16::from(self.facts.is_some());
        frame::finish(out, at, extensions, Position(0));
    }

    /// Reads the body. The header's count is the number of extensions.
    pub(super) fn decode(frame: &Frame<'_>) -> Result<Hello, WireError> {
        let form = |what| WireError::Form { kind: Kind::Hello, what };
        let (fixed, extensions) = frame.body.split_first_chunk::<FIXED>().ok_or(form("is too short"))?;
        let mut fields = Fields(fixed);
        if fields.take() != MAGIC {
            return Err(form("has another magic number: this is not NSP"));
        }
        let mut hello = Hello {
            versions: (u16::from_be_bytes(fields.take()), u16::from_be_bytes(fields.take())),
            capabilities: u64::from_be_bytes(fields.take()),
            node: NodeId(u64::from_be_bytes(fields.take())),
            group: u16::from_be_bytes(fields.take()),
            port: u16::from_be_bytes(fields.take()),
            hold_ms: u32::from_be_bytes(fields.take()),
            max_frame: u32::from_be_bytes(fields.take()),
            max_interfaces: u32::from_be_bytes(fields.take()),
            max_claims: u32::from_be_bytes(fields.take()),
            nonce: fields.take(),
            auth: None,
            facts: None,
        };
        if hello.versions.0 > hello.versions.1 {
            return Err(form("its lowest version is above its highest"));
        }
        hello.extensions(extensions, frame.count)?;
        Ok(hello)
    }

    /// Walks the extensions: what is not known is skipped or, where it is mandatory, refused.
    fn extensions(&mut self, mut rest: &[u8], count: u16) -> Result<(), WireError> {
        let form = |what| WireError::Form { kind: Kind::Hello, what };
        let mut seen = 0u32;
        while let Some((head, behind)) = rest.split_first_chunk::<4>() {
            let [k0, k1, l0, l1] = *head;
            let kind = u16::from_be_bytes([k0, k1]);
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            let (value, next) = behind.split_at_checked(length).ok_or(form("an extension is cut off"))?;
            rest = next;
            match kind {
                EXTENSION_AUTH if self.auth.is_some() => return Err(form("it offers keys twice")),
                EXTENSION_AUTH => {
                    self.auth = Some(Offer::decode(value).ok_or(form("its offer of keys has another form"))?);
                }
                // What is only told is not worth refusing somebody for.
                EXTENSION_GROUP => self.facts = decode_facts(value).or(self.facts),
                _ if kind & EXTENSION_MANDATORY != 0 => {
                    return Err(WireError::UnknownExtension { kind: kind & !EXTENSION_MANDATORY });
                }
                _ => {}
            }
            seen += 1;
        }
        if !rest.is_empty() || seen != u32::from(count) {
            return Err(form("the count of extensions does not fit the length"));
        }
        Ok(())
    }
}

/// Reads one fixed-size field behind the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk::<N>().expect("the fields add up to the fixed part");
        self.0 = rest;
        *field
    }
}
