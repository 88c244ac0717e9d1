//! One authenticated exchange, from the password to the tags, as another program computed it from `docs/protocol.md`:
//! `tests/cases/auth/exchange.txt`.

use crate::golden::unhex;
use mlagsync::auth::{End, Greeting, Opener, Psk, Schedule, Sealer, TAG};
use mlagsync::table::change::Position;
use mlagsync::wire::frame::HEADER;
use mlagsync::wire::{Decoder, Interfaces, Message, WireError, control};
use std::collections::BTreeMap;

/// The parts of the exchange by name.
fn parts() -> BTreeMap<String, Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/auth/exchange.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let sections = text.split("# ").filter_map(|section| section.split_once('\n'));
    sections.map(|(name, hex)| (name.to_owned(), unhex(hex))).filter(|(_, bytes)| !bytes.is_empty()).collect()
}

fn schedule(parts: &BTreeMap<String, Vec<u8>>, psk: &Psk) -> Schedule {
    let greeting = |name: &str| {
        let frame = parts[name].as_slice();
        Greeting { frame, nonce: frame[HEADER + 44..].first_chunk().unwrap() }
    };
    Schedule::new(psk, greeting("dialler's HELLO"), greeting("acceptor's HELLO"))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

#[test]
fn the_password_makes_the_key_of_the_vector() {
    let psk = Psk::of(parts()["PSK"].as_slice().try_into().unwrap());
    assert_eq!(Psk::derive(1, 7, &"correct horse battery".parse().unwrap()), psk);
}

#[test]
fn proofs_and_tags_are_those_of_the_vector() {
    let parts = parts();
    let psk = Psk::of(parts["PSK"].as_slice().try_into().unwrap());
    let schedule = schedule(&parts, &psk);
    for (end, name) in [(End::Dialler, "dialler"), (End::Acceptor, "acceptor")] {
        let auth = written(|out| control::auth(out, &schedule.proof(end)));
        assert_eq!(auth, parts[&format!("{name}'s AUTH")]);
        let mut sealer: Sealer = schedule.sealer(end);
        for number in ["first", "second"] {
            let Some(expected) = parts.get(&format!("{name}'s {number} KEEPALIVE and its tag")) else {
                continue;
            };
            let mut bytes = written(control::keepalive);
            sealer.seal(&mut bytes);
            assert_eq!(&bytes, expected, "{name}, {number}");
        }
    }
}

#[test]
fn the_vectors_hellos_are_read_and_its_frames_are_admitted_in_their_order_only() {
    let parts = parts();
    for (name, ids) in [("dialler's HELLO", &[7u8, 3][..]), ("acceptor's HELLO", &[7])] {
        let mut decoder = Decoder::new(512);
        let frame = decoder.next(&mut parts[name].as_slice()).unwrap().unwrap();
        assert_eq!((frame.whole, frame.position), (parts[name].as_slice(), Position(0)));
        let Ok(Message::Hello(hello)) = Message::decode(&frame, &Interfaces::default()) else { panic!() };
        assert_eq!(hello.auth.unwrap().ids(), ids);
    }
    let psk = Psk::of(parts["PSK"].as_slice().try_into().unwrap());
    let opener: Opener = schedule(&parts, &psk).opener(End::Dialler);
    let first = &parts["dialler's first KEEPALIVE and its tag"];
    let second = &parts["dialler's second KEEPALIVE and its tag"];
    let read = |bytes: &[u8], piece: usize| {
        let mut decoder = Decoder::new(512);
        decoder.set_opener(opener.clone());
        let mut frames = 0;
        for mut bytes in bytes.chunks(piece) {
            while decoder.next(&mut bytes)?.is_some() {
                frames += 1;
            }
        }
        Ok::<_, WireError>(frames)
    };
    for piece in 1..=2 * (HEADER + TAG) {
        assert_eq!(read(&[&first[..], second].concat(), piece), Ok(2), "in pieces of {piece}");
    }
    let wrong = [[&second[..], first].concat(), [&first[..], first].concat(), first[..HEADER].repeat(2)];
    for bytes in wrong {
        assert_eq!(read(&bytes, 1000), Err(WireError::Tag));
    }
    let reflected = &parts["acceptor's first KEEPALIVE and its tag"];
    assert_eq!(read(reflected, 1000), Err(WireError::Tag));
}
