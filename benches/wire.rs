//! What a record costs to write and to read, in nanoseconds of this machine.
//!
//! `cargo bench --bench wire`

use mlagsync::addr::{InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use mlagsync::auth::{End, Greeting, Psk, Schedule};
use mlagsync::limits;
use mlagsync::neighbor::{Attachment, Claim, Flags, Key};
use mlagsync::table::change::{Change, Position};
use mlagsync::wire::{Decoder, Encoder, Interfaces, Message};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

const ENTRIES: u32 = 128 * 1024;
const ROUNDS: usize = 15;

fn main() {
    let vrf = VpnInstance::public();
    println!("{ENTRIES} upserts, windows of {}, best of {ROUNDS} rounds", limits::WINDOW_CHANGES);
    for (what, vlans, v6_of_4) in
        [("IPv4, 1 VLAN", 1, 0), ("IPv6, 1 VLAN", 1, 4), ("mixed, 1,000 VLANs", 1_000, 2)]
    {
        let changes: Vec<Change> = (0..ENTRIES).map(|n| change(n, vlans, v6_of_4)).collect();
        let mut bytes = Vec::new();
        let encode = best(|| {
            bytes.clear();
            let mut encoder = Encoder::new(limits::MAX_FRAME, limits::MAX_INTERFACES);
            for window in changes.chunks(limits::WINDOW_CHANGES) {
                encoder.window(black_box(window), Position(1), |_| Some(&vrf), &mut bytes);
            }
        });
        let mut records = 0;
        // As a socket delivers it.
        let decode = best(|| {
            records = read(black_box(&bytes));
        });
        assert_eq!(records, changes.len());
        let per = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(ENTRIES);
        println!("{what:20} encode {:5.1} ns  decode {:5.1} ns", per(encode), per(decode));
        seal(&bytes, per);
    }
}

/// What the tags add, beside the cost of SHA-256 over the same bytes, which nothing can be below.
fn seal(bytes: &[u8], per: impl Fn(Duration) -> f64) {
    let hello = Greeting { frame: b"HELLO", nonce: &[7; 16] };
    let schedule = Schedule::new(&Psk::of([7; 32]), hello, hello);
    let mut sealed = Vec::new();
    let mut copied = Vec::new();
    let copy = best(|| copied = black_box(bytes).to_vec());
    let seal = best(|| {
        sealed = bytes.to_vec();
        schedule.sealer(End::Dialler).seal(black_box(&mut sealed));
    });
    let open = best(|| {
        let mut decoder = Decoder::new(limits::MAX_FRAME);
        decoder.set_opener(schedule.opener(End::Dialler));
        for mut chunk in sealed.chunks(limits::READ_CHUNK) {
            while decoder.next(black_box(&mut chunk)).expect("is what was sealed").is_some() {}
        }
    });
    let hash = best(|| _ = black_box(Sha256::digest(black_box(bytes))));
    let added = per(seal.saturating_sub(copy));
    println!(
        "{:20} seal   {added:5.1} ns  open   {:5.1} ns  SHA-256 alone {:5.1} ns",
        "  with keys",
        per(open),
        per(hash)
    );
}

fn change(n: u32, vlans: u32, v6_of_4: u32) -> Change {
    // Neighbours are learned in no order of interfaces.
    let vlan = 1 + n.wrapping_mul(2_654_435_761) % vlans;
    let ip = if n % 4 < v6_of_4 {
        IpAddr::V6(Ipv6Addr::from(0x2001_0db8_u128 << 96 | u128::from(n)))
    } else {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))
    };
    let [_, a, b, c] = n.to_be_bytes();
    let mlag = MlagId::new(1 + n % 64).expect("is in range");
    Change {
        key: Key { interface: InterfaceId::Vlanif(VlanId::new(vlan).expect("is in range")), ip },
        claim: Some(Claim {
            mac: Mac([2, 0, 0, a, b, c]),
            attachment: Attachment::Mlag(mlag),
            flags: Flags::default(),
            counter: n,
        }),
    }
}

fn read(bytes: &[u8]) -> usize {
    let (mut decoder, mut interfaces) = (Decoder::new(limits::MAX_FRAME), Interfaces::default());
    let mut records = 0;
    for mut chunk in bytes.chunks(limits::READ_CHUNK) {
        while let Some(frame) = decoder.next(&mut chunk).expect("is what was written") {
            match Message::decode(&frame, &interfaces).expect("is what was written") {
                Message::Interfaces(named) => interfaces.learn(&named),
                Message::Upserts(claims) => records += black_box(claims).len(),
                _ => {}
            }
        }
    }
    records
}

fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..ROUNDS).map(time).min().expect("there are rounds")
}
