//! Passwords, keys, and the tags of frames: what makes the channel's other end the one that is meant.
//!
//! ```text
//!  password ── PBKDF2, once ──► PSK ─┬─ HKDF, per connection: both nonces, both HELLOs ──► 2 proofs, 2 frame keys
//!                                    │                                                       AUTH    Sealer, Opener
//!                        KeyRing: by key id
//! ```
//!
//! | part | holds |
//! |---|---|
//! | `password` | a password within its bounds, never shown |
//! | `ring` | the keys that a device has, by key id |
//! | `schedule` | from a key and two HELLOs to proofs and frame keys |
//! | `seal` | the tag of each frame, made and judged |
//!
//! Invariant: no secret is in anything that is shown, logged, serialised or debugged; each is wiped when it goes, and
//! compared in constant time. Nothing here knows frames, sockets or the configuration's grammar.

mod password;
mod ring;
mod schedule;
mod seal;

pub use password::{MASK, Password, PasswordError};
pub use ring::{KeyId, KeyRing, Psk};
pub use schedule::{End, Greeting, PROOF, Schedule, is_proof, nonce};
pub use seal::{Opener, Sealer, TAG};
