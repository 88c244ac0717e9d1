//! Bytes in any split → whole, checked frames.
//!
//! Invariant: between two calls at most one unfinished frame is held, and no more than the limit of it. A frame that
//! arrives in one piece is read where it lies.

use super::WireError;
use super::frame::{Frame, HEADER};

/// One direction of one connection.
#[derive(Debug)]
pub struct Decoder {
    partial: Vec<u8>,
    /// The frame in `partial` was given out: it goes at the next call.
    spent: bool,
    limit: usize,
}

impl Decoder {
    /// A decoder that takes frames of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Decoder { partial: Vec::new(), spent: false, limit }
    }

    /// From the next frame on, takes frames of up to `limit` bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
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
        if self.partial.is_empty()
            && let Some(length) = Frame::length(input, self.limit)?
            && let Some((frame, rest)) = input.split_at_checked(length)
        {
            *input = rest;
            return Frame::check(frame).map(Some);
        }
        // The header comes first, because only it says how much room the rest may have.
        self.fill(input, HEADER);
        let Some(length) = Frame::length(&self.partial, self.limit)? else { return Ok(None) };
        self.fill(input, length);
        if self.partial.len() < length {
            return Ok(None);
        }
        self.spent = true;
        Frame::check(&self.partial).map(Some)
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
