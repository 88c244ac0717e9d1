//! The fuzzer's bytes, read as decisions; and frames made of them whose length and checksum are right.

/// What is left of the bytes. Behind their end everything is zero.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn below(&mut self, n: u8) -> u8 {
        self.byte() % n.max(1)
    }

    pub(crate) fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Small numbers mostly, and the largest ones.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=199 => small.into(),
            200..=239 => self.word().into(),
            240..=249 => u64::from(self.word()) << 32 | u64::from(self.word()),
            most => u64::MAX - u64::from(255 - most),
        }
    }

    /// Up to `n` bytes.
    pub(crate) fn take(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// A frame with this header and body, its length and checksum right.
pub(crate) fn frame(number: u8, flags: u8, count: u16, position: u64, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(20 + body.len()).expect("a body is short");
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend([number, flags]);
    bytes.extend(count.to_be_bytes());
    bytes.extend(position.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    seal(&mut bytes);
    bytes
}

/// Puts the checksum right.
pub(crate) fn seal(frame: &mut [u8]) {
    if frame.len() >= 20 {
        frame[16..20].fill(0);
        let crc = crc32c::crc32c(frame);
        frame[16..20].copy_from_slice(&crc.to_be_bytes());
    }
}

/// The frames of a stream of them; `None` when it is cut off.
pub(crate) fn frames(mut stream: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    while !stream.is_empty() {
        let length = usize::try_from(u32::from_be_bytes(*stream.first_chunk()?)).ok()?;
        let (frame, rest) = stream.split_at_checked(length.max(20))?;
        all.push(frame.to_vec());
        stream = rest;
    }
    Some(all)
}
