//! The tag of each frame: HMAC-SHA256, its first 16 bytes, over the number of the frame and the frame.
//!
//! Both ends count the frames of a direction from 0 behind AUTH. The number is not sent, so a frame that is repeated,
//! left out, moved, or thrown back at its sender has no tag that fits.

use super::schedule::keyed;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;

/// Length of a tag. It stands behind its frame, whose length does not count it.
pub const TAG: usize = 16;

/// One direction's tags, each once.
#[derive(Clone)]
struct Tags {
    mac: Hmac<Sha256>,
    next: u64,
}

impl Tags {
    fn new(key: &[u8; 32]) -> Tags {
        Tags { mac: keyed(key), next: 0 }
    }

    /// The state behind the number and the frame; the number is used up.
    fn over(&mut self, frame: &[u8]) -> Hmac<Sha256> {
        let mac = self.mac.clone().chain_update(self.next.to_be_bytes()).chain_update(frame);
        self.next += 1;
        mac
    }
}

/// Seals one direction of one connection.
#[derive(Clone)]
pub struct Sealer(Tags);

impl Sealer {
    pub(super) fn new(key: &[u8; 32]) -> Sealer {
        Sealer(Tags::new(key))
    }

    /// The tag of the next frame.
    pub fn tag(&mut self, frame: &[u8]) -> [u8; TAG] {
        let full = self.0.over(frame).finalize().into_bytes();
        *full.first_chunk().expect("a SHA-256 is longer")
    }

    /// Puts a tag behind each of the whole frames that `bytes` is made of. Each byte is moved at most once, from the last
    /// frame to the first, so that nothing is overwritten before it was moved.
    pub fn seal(&mut self, bytes: &mut Vec<u8>) {
        let mut frames = Vec::new();
        let mut at = 0;
        while let Some(length) = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>) {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).max(1);
            let end = at.saturating_add(length).min(bytes.len());
            frames.push((at, end, self.tag(&bytes[at..end])));
            at = end;
        }
        debug_assert_eq!(at, bytes.len(), "whole frames only");
        bytes.resize(bytes.len() + frames.len() * TAG, 0);
        for (before, (start, end, tag)) in frames.into_iter().enumerate().rev() {
            let shift = before * TAG;
            if before > 0 {
                bytes.copy_within(start..end, start + shift);
            }
            bytes[end + shift..end + shift + TAG].copy_from_slice(&tag);
        }
    }

    /// How many frames it has sealed.
    pub fn count(&self) -> u64 {
        self.0.next
    }
}

/// Judges one direction of one connection.
#[derive(Clone)]
pub struct Opener(Tags);

impl Opener {
    pub(super) fn new(key: &[u8; 32]) -> Opener {
        Opener(Tags::new(key))
    }

    /// Whether `tag` is that of the next frame, in a time that does not tell how much of it is.
    pub fn admits(&mut self, frame: &[u8], tag: &[u8; TAG]) -> bool {
        self.0.over(frame).verify_truncated_left(tag).is_ok()
    }

    /// How many frames it has judged.
    pub fn count(&self) -> u64 {
        self.0.next
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.count())
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({})", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: u8) -> Vec<u8> {
        let mut frame = vec![length; usize::from(length)];
        frame[..4].copy_from_slice(&u32::from(length).to_be_bytes());
        frame
    }

    #[test]
    fn several_frames_are_sealed_as_one_by_one() {
        let (mut together, mut single) = (Sealer::new(&[7; 32]), Sealer::new(&[7; 32]));
        let frames = [frame(20), frame(90), frame(21)];
        let mut bytes = frames.concat();
        together.seal(&mut bytes);
        let mut expected = Vec::new();
        for frame in &frames {
            expected.extend_from_slice(frame);
            expected.extend_from_slice(&single.tag(frame));
        }
        assert_eq!(bytes, expected);
        assert_eq!(together.count(), 3);
        let mut nothing = Vec::new();
        together.seal(&mut nothing);
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_tag_fits_its_frame_in_its_place_only() {
        let mut sealer = Sealer::new(&[7; 32]);
        let (first, second) = (sealer.tag(&frame(20)), sealer.tag(&frame(20)));
        assert_ne!(first, second, "the same frame again has another tag");
        let opener = Opener::new(&[7; 32]);
        assert!(opener.clone().admits(&frame(20), &first));
        assert!(!opener.clone().admits(&frame(20), &second), "one was left out");
        assert!(!Opener::new(&[8; 32]).admits(&frame(20), &first), "another key");
        for bit in 0..TAG * 8 {
            let mut flipped = first;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!opener.clone().admits(&frame(20), &flipped));
        }
        for bit in 0..20 * 8 {
            let mut flipped = frame(20);
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!opener.clone().admits(&flipped, &first));
        }
        let mut opener = opener;
        assert!(opener.admits(&frame(20), &first) && opener.admits(&frame(20), &second));
        assert!(!opener.admits(&frame(20), &second), "a repeated frame");
    }
}
