//! The keys that a device has, by key id.
//!
//! A ring travels inside the session's settings, and those are recorded. So a ring serialises as its key ids, and one
//! that was read back knows its keys by name only, until [`KeyRing::fill`] gives it the keys of a configuration.

use super::password::Password;
use crate::limits;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What both devices call a key. A line without `key-id` means 0.
pub type KeyId = u8;

/// A key that was derived from a password.
#[derive(Clone)]
pub struct Psk(Arc<Zeroizing<[u8; 32]>>);

impl Psk {
    /// PBKDF2-HMAC-SHA256 over the password. The salt is what both devices know of this pair, so that what was computed
    /// to guess one pair's password is worth nothing against another's.
    pub fn derive(group: u16, id: KeyId, password: &Password) -> Psk {
        let mut key = Zeroizing::new([0; 32]);
        let salt = format!("NSP/1 DFS group {group} key {id}");
        let words = password.expose().as_bytes();
        pbkdf2::pbkdf2_hmac::<Sha256>(words, salt.as_bytes(), limits::PASSWORD_ROUNDS, key.as_mut());
        Psk(Arc::new(key))
    }

    /// A key that somebody else derived.
    pub fn of(key: [u8; 32]) -> Psk {
        Psk(Arc::new(Zeroizing::new(key)))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Psk {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for Psk {}

impl fmt::Debug for Psk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Psk(…)")
    }
}

/// The keys of a device: none means that nobody is authenticated.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    /// The highest key id first; no key where only its id is known.
    keys: Vec<(KeyId, Option<Psk>)>,
}

impl KeyRing {
    /// Adds a key, or puts it in the place of the one with its id.
    pub fn insert(&mut self, id: KeyId, psk: Psk) {
        self.name(id);
        if let Some((_, key)) = self.keys.iter_mut().find(|(held, _)| *held == id) {
            *key = Some(psk);
        }
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key ids, the highest first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.keys.iter().map(|(id, _)| *id)
    }

    /// The highest key id that is among `theirs`, too.
    pub fn common(&self, theirs: &[KeyId]) -> Option<KeyId> {
        self.ids().find(|id| theirs.contains(id))
    }

    /// The key with that id, unless only its id is known.
    pub fn psk(&self, id: KeyId) -> Option<&Psk> {
        self.keys.iter().find(|(held, _)| *held == id)?.1.as_ref()
    }

    /// Takes the keys whose ids are known here from another ring.
    pub fn fill(&mut self, from: &KeyRing) {
        for (id, key) in &mut self.keys {
            *key = from.psk(*id).cloned();
        }
    }

    fn name(&mut self, id: KeyId) {
        if let Err(at) = self.keys.binary_search_by(|(held, _)| id.cmp(held)) {
            self.keys.insert(at, (id, None));
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.ids()).finish()
    }
}

impl Serialize for KeyRing {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.ids())
    }
}

impl<'de> Deserialize<'de> for KeyRing {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut ring = KeyRing::default();
        for id in Vec::<KeyId>::deserialize(d)? {
            ring.name(id);
        }
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[(KeyId, u8)]) -> KeyRing {
        let mut ring = KeyRing::default();
        keys.iter().for_each(|(id, byte)| ring.insert(*id, Psk::of([*byte; 32])));
        ring
    }

    #[test]
    fn the_highest_common_id_wins() {
        let ring = ring(&[(3, 3), (9, 9), (0, 1)]);
        assert_eq!(ring.ids().collect::<Vec<_>>(), [9, 3, 0]);
        assert_eq!(ring.common(&[0, 3, 200]), Some(3));
        assert_eq!(ring.common(&[0]), Some(0));
        assert_eq!(ring.common(&[1, 2]), None);
    }

    #[test]
    fn a_recorded_ring_holds_ids_only_until_it_is_filled() {
        let whole = ring(&[(1, 0xaa), (2, 0xbb)]);
        let json = serde_json::to_string(&whole).unwrap();
        assert_eq!(json, "[2,1]");
        let mut read: KeyRing = serde_json::from_str(&json).unwrap();
        assert_ne!(read, whole);
        assert_eq!(read.psk(1), None);
        read.fill(&whole);
        assert_eq!(read, whole);
        assert_eq!(format!("{read:?}"), "{2, 1}");
    }

    #[test]
    fn a_key_of_the_same_id_is_replaced() {
        let mut keys = ring(&[(1, 1)]);
        keys.insert(1, Psk::of([2; 32]));
        assert_eq!(keys, ring(&[(1, 2)]));
        assert_ne!(keys, ring(&[(1, 1)]));
    }

    #[test]
    fn group_id_and_password_each_make_another_key() {
        let derive = |group, id, word: &str| Psk::derive(group, id, &word.parse().unwrap());
        let key = derive(1, 0, "correct horse");
        for other in
            [derive(2, 0, "correct horse"), derive(1, 1, "correct horse"), derive(1, 0, "correct house")]
        {
            assert_ne!(key, other);
        }
    }
}
