//! From a key and two HELLOs to what proves and what seals: a connection's own keys, for each direction its own.
//!
//! ```text
//!  transcript = SHA-256(dialler's HELLO frame ‖ acceptor's HELLO frame)
//!  PRK        = HKDF-Extract(salt: dialler's nonce ‖ acceptor's nonce, key: PSK)
//!  key(label) = HKDF-Expand(PRK, label ‖ transcript, 32)
//!  AUTH       = HMAC-SHA256(key("NSP/1 dialler proves" or "NSP/1 acceptor proves"), transcript)
//!  frames     : key("NSP/1 dialler sends") or key("NSP/1 acceptor sends")
//! ```
//!
//! Both HELLOs go in whole, so that whatever was negotiated, and by whom in which role, is what was proved.

use super::ring::Psk;
use super::seal::{Opener, Sealer};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of a proof.
pub const PROOF: usize = 32;

/// The two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Who opened it.
    Dialler,
    /// Who took it.
    Acceptor,
}

impl End {
    /// The other one.
    pub fn other(self) -> End {
        match self {
            End::Dialler => End::Acceptor,
            End::Acceptor => End::Dialler,
        }
    }

    fn proves(self) -> &'static [u8] {
        match self {
            End::Dialler => b"NSP/1 dialler proves",
            End::Acceptor => b"NSP/1 acceptor proves",
        }
    }

    fn sends(self) -> &'static [u8] {
        match self {
            End::Dialler => b"NSP/1 dialler sends",
            End::Acceptor => b"NSP/1 acceptor sends",
        }
    }
}

/// What an end said: its HELLO frame, byte by byte, and the nonce in it.
#[derive(Clone, Copy, Debug)]
pub struct Greeting<'a> {
    /// The whole frame.
    pub frame: &'a [u8],
    /// Its nonce.
    pub nonce: &'a [u8; 16],
}

/// A connection's keys.
pub struct Schedule {
    transcript: [u8; 32],
    derived: Hkdf<Sha256>,
}

impl Schedule {
    /// The keys that follow from the key and what both said.
    pub fn new(psk: &Psk, dialler: Greeting<'_>, acceptor: Greeting<'_>) -> Schedule {
        let transcript = Sha256::new().chain_update(dialler.frame).chain_update(acceptor.frame).finalize();
        let mut salt = [0; 32];
        salt[..16].copy_from_slice(dialler.nonce);
        salt[16..].copy_from_slice(acceptor.nonce);
        Schedule { transcript: transcript.into(), derived: Hkdf::new(Some(&salt), psk.bytes()) }
    }

    /// What `end` says in AUTH.
    pub fn proof(&self, end: End) -> [u8; PROOF] {
        let mac = keyed(&self.key(end.proves()));
        mac.chain_update(self.transcript).finalize().into_bytes().into()
    }

    /// Seals what `end` sends.
    pub fn sealer(&self, end: End) -> Sealer {
        Sealer::new(&self.key(end.sends()))
    }

    /// Judges what `end` sent.
    pub fn opener(&self, end: End) -> Opener {
        Opener::new(&self.key(end.sends()))
    }

    fn key(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let expanded = self.derived.expand_multi_info(&[label, &self.transcript], key.as_mut());
        expanded.expect("32 bytes are far below what HKDF gives");
        key
    }
}

/// Whether `said` is `proof`, in a time that does not tell how much of it is.
pub fn is_proof(said: &[u8; PROOF], proof: &[u8; PROOF]) -> bool {
    said.ct_eq(proof).into()
}

/// A nonce from two numbers that are drawn once. Nobody who sees it can tell what was drawn, nor, where there is a key,
/// which one comes next.
pub fn nonce(psk: Option<&Psk>, drawn: [u64; 2]) -> [u8; 16] {
    let mac = keyed(psk.map_or(&[0; 32], Psk::bytes)).chain_update(b"NSP/1 nonce");
    let mac = mac.chain_update(drawn[0].to_be_bytes()).chain_update(drawn[1].to_be_bytes());
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    nonce
}

/// HMAC-SHA256 under `key`.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}
