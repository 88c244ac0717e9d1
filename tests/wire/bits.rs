//! Frames in pieces, and frames with a bit that fell over.

use super::golden::cases;
use super::*;

/// Every golden frame that is legal, one behind the other.
fn stream() -> Vec<u8> {
    cases()
        .iter()
        .filter(|case| !case.name.starts_with("refused"))
        .flat_map(|case| case.bytes.clone())
        .collect()
}

#[test]
fn any_split_says_the_same() {
    let stream = stream();
    let (whole, result) = read([&stream[..]]);
    result.unwrap();
    for at in 0..=stream.len() {
        let (first, second) = stream.split_at(at);
        let (said, result) = read([first, second]);
        assert_eq!((said, result), (whole.clone(), Ok(())), "split at {at}");
    }
    for size in 1..=67 {
        let (said, result) = read(stream.chunks(size));
        assert_eq!((said, result), (whole.clone(), Ok(())), "in pieces of {size}");
    }
}

#[test]
fn every_flipped_bit_of_every_frame_is_noticed_and_nothing_of_the_frame_is_taken() {
    // What follows on the channel: a frame whose length was made longer swallows it, and is refused all the same.
    let after = vec![0x55; limits::MAX_FRAME];
    for case in cases() {
        let mut bytes = case.bytes.clone();
        let (whole, _) = read([&case.bytes[..]]);
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let (said, result) = read([&bytes[..], &after]);
            assert!(result.is_err(), "{}: bit {bit}", case.name);
            // Frames in front of the damaged one stand; it and what is behind it do not.
            assert!(said.len() < whole.len().max(1), "{}: bit {bit}", case.name);
            assert_eq!(said[..], whole[..said.len()], "{}: bit {bit}", case.name);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_length_is_judged_before_anything_is_kept_for_it() {
    for limit in [limits::MAX_FRAME_PENDING, limits::MAX_FRAME] {
        for (length, legal) in
            [(0, false), (19, false), (20, true), (limit, true), (limit + 1, false), (1 << 31, false)]
        {
            let mut decoder = Decoder::new(limit);
            let head = u32::try_from(length).unwrap().to_be_bytes();
            for byte in &head[..3] {
                assert_eq!(decoder.next(&mut &[*byte][..]), Ok(None));
            }
            assert_eq!(decoder.next(&mut &head[3..]).is_ok(), legal, "{length} of {limit}");
            assert!(decoder.held() <= 4);
        }
    }
}

#[test]
fn the_limit_is_another_one_from_the_next_frame_on() {
    let vrf = Some(VpnInstance::public());
    let many: Vec<Change> = (1..100).map(|n| delete(key(vlanif(n), "192.0.2.1"))).collect();
    let bytes = window(&many, 1, &vrf);
    let mut decoder = Decoder::new(limits::MAX_FRAME_PENDING);
    assert!(matches!(decoder.next(&mut &bytes[..]), Err(WireError::TooLong { limit: 512, .. })));
    let mut decoder = Decoder::new(limits::MAX_FRAME_PENDING);
    decoder.set_limit(limits::MAX_FRAME);
    assert!(decoder.next(&mut &bytes[..]).is_ok_and(|frame| frame.is_some()));
}
