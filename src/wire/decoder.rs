//! Bytes in any split → whole, checked frames.
//!
//! Invariant: between two calls at most one unfinished frame is held, and no more than the limit of it. A frame that
//! arrives in one piece is read where it lies.

use super::WireError;
use super::frame::{Frame, HEADER};
use crate::auth::{Opener, TAG};

/// One direction of one connection.
#[derive(Clone, Debug)]
pub struct Decoder {
    partial: Vec<u8>,
    /// The frame in `partial` was given out: it goes at the next call.
    spent: bool,
    limit: usize,
    /// Judges the tag behind each frame, once there is one.
    opener: Option<Opener>,
}

impl Decoder {
    /// A decoder that takes frames of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Decoder { partial: Vec::new(), spent: false, limit, opener: None }
    }

    /// From the next frame on, takes frames of up to `limit` bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// From the next frame on, a tag stands behind each frame, and is judged before anything of the frame but its length.
    pub fn set_opener(&mut self, opener: Opener) {
        self.opener = Some(opener);
    }

    /// How many frames with tags have come.
    pub fn opened(&self) -> u64 {
        self.opener.as_ref().map_or(0, Opener::count)
    }

    /// Takes the next frame from the front of `input`, or all of `input` when it holds no whole one.
    ///
    /// # Errors
    /// What is wrong with the bytes. The stream is worth nothing from there on: there is no next frame to be found.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Frame<'a>>, WireError> {
        if self.spent {
            self.partial.clear();
            self.spent = false;
        }
        let tag = if self.opener.is_some() { TAG } else { 0 };
        if self.partial.is_empty()
            && let Some(length) = Frame::length(input, self.limit)?
            && let Some((frame, rest)) = input.split_at_checked(length + tag)
        {
            *input = rest;
            return admitted(&mut self.opener, frame).and_then(Frame::check).map(Some);
        }
        // The header comes first, because only it says how much room the rest may have.
        self.fill(input, HEADER);
        let Some(length) = Frame::length(&self.partial, self.limit)? else { return Ok(None) };
        self.fill(input, length + tag);
        if self.partial.len() < length + tag {
            return Ok(None);
        }
        self.spent = true;
        admitted(&mut self.opener, &self.partial).and_then(Frame::check).map(Some)
    }

    /// Bytes of an unfinished frame that are held.
    pub fn held(&self) -> usize {
        if self.spent { 0 } else { self.partial.len() }
    }

    /// Moves bytes from `input` until `want` are held, or `input` is empty.
    fn fill(&mut self, input: &mut &[u8], want: usize) {
        let missing = want.saturating_sub(self.partial.len());
        if missing == 0 {
            return;
        }
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.partial.reserve_exact(missing);
        self.partial.extend_from_slice(taken);
        *input = rest;
    }
}

/// The frame without its tag, if that fits.
fn admitted<'a>(opener: &mut Option<Opener>, bytes: &'a [u8]) -> Result<&'a [u8], WireError> {
    let Some(opener) = opener else { return Ok(bytes) };
    let (frame, tag) = bytes.split_last_chunk::<TAG>().ok_or(WireError::Tag)?;
    if opener.admits(frame, tag) { Ok(frame) } else { Err(WireError::Tag) }
}
