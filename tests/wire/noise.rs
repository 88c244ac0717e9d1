//! Whatever arrives: no panic, no more memory than one frame.

use super::golden::cases;
use super::*;
use proptest::prelude::*;

/// Feeds `stream` in pieces of `size` and checks what must hold whatever it is.
fn survive(stream: &[u8], size: usize, limit: usize) {
    let (mut decoder, mut interfaces, mut said) = (Decoder::new(limit), Interfaces::default(), Said::new());
    for piece in stream.chunks(size) {
        let result = feed(&mut decoder, &mut interfaces, piece, &mut said);
        assert!(decoder.held() < limit.max(1));
        if result.is_err() {
            return;
        }
    }
}

/// Puts length and checksum right, so that what is behind them is looked at.
fn dress(number: u8, flags: u8, count: u16, position: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(20 + body.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(&[number, flags]);
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(&position.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(body);
    let crc = crc32c::crc32c(&bytes);
    bytes[16..20].copy_from_slice(&crc.to_be_bytes());
    bytes
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000), size in 1usize..600) {
        survive(&bytes, size, limits::MAX_FRAME_PENDING);
        survive(&bytes, size, limits::MAX_FRAME);
    }

    #[test]
    fn any_body_in_a_frame_that_is_in_order(
        number in prop_oneof![1u8..=4, 16u8..=18, 32u8..=35, any::<u8>()],
        flags in prop_oneof![Just(0u8), Just(1), any::<u8>()],
        count in prop_oneof![0u16..5, any::<u16>()],
        position in prop_oneof![Just(0u64), any::<u64>()],
        body in prop::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..200),
        size in 1usize..300,
    ) {
        // Some indices have a meaning, so that records get past them.
        let mut stream = dress(18, 1, 1, 0, &[0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        stream.extend(dress(number, flags, count, position, &body));
        survive(&stream, size, limits::MAX_FRAME);
    }

    #[test]
    fn golden_frames_with_bytes_changed(
        at in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        size in 1usize..100,
    ) {
        let cases = cases();
        let mut bytes = at.get(&cases).bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survive(&bytes, size, limits::MAX_FRAME);
    }
}
