//! A stream of bytes in pieces.

use super::bytes::Bytes;
use mlagsync::limits;
use mlagsync::wire::{Decoder, Interfaces, Message, WireError};

/// Decodes a stream: the first byte says where it is cut, and under which limit it is read.
pub fn decoder(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let how = bytes.byte();
    let limit = if how & 0x80 == 0 { limits::MAX_FRAME } else { limits::MAX_FRAME_PENDING };
    let stream = bytes.0;
    let whole = read(stream, usize::MAX, limit);
    let pieces = read(stream, usize::from(how & 0x7f) + 1, limit);
    assert_eq!(whole, pieces, "where a stream is cut is of no meaning");
}

fn read(stream: &[u8], size: usize, limit: usize) -> (Vec<Message>, Option<WireError>) {
    let (mut decoder, mut interfaces) = (Decoder::new(limit), Interfaces::default());
    let mut said = Vec::new();
    // The smallest frame has 20 bytes, the smallest record 12.
    for mut piece in stream.chunks(size.max(1)) {
        loop {
            let frame = match decoder.next(&mut piece) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => return (said, Some(error)),
            };
            let room = frame.body.len();
            let message = match Message::decode(&frame, &interfaces) {
                Ok(message) => message,
                Err(error) => return (said, Some(error)),
            };
            let records = match &message {
                Message::Interfaces(named) => named.len(),
                Message::Upserts(claims) => claims.len(),
                Message::Deletes(keys) => keys.len(),
                _ => 0,
            };
            assert!(records * 12 <= room, "{records} records of {room} bytes");
            if let Message::Interfaces(named) = &message {
                interfaces.learn(named);
            }
            said.push(message);
        }
        assert!(piece.is_empty(), "what is no whole frame yet is kept");
        assert!(decoder.held() < limit, "{} bytes are held", decoder.held());
    }
    assert!(said.len() * 20 <= stream.len());
    (said, None)
}
