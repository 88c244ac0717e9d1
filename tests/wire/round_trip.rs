//! Any window of changes arrives as it was, in frames that the receiver takes.

use super::*;
use mlagsync::wire::encoder::CHANGE_LONGEST;
use mlagsync::wire::frame::HEADER;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn interfaces() -> impl Strategy<Value = InterfaceId> {
    prop_oneof![
        (1u32..=4094).prop_map(vlanif),
        (1u32..20).prop_map(vlanif),
        (1u32..=16_777_215).prop_map(vbdif),
        (1u32..=4096, prop::option::of(1u32..=4094)).prop_map(|(mlag, tag)| routed(mlag, tag)),
    ]
}

fn claims() -> impl Strategy<Value = Claim> {
    let attachment = prop_oneof![
        Just(Attachment::Orphan),
        Just(Attachment::Fabric),
        (1u32..=4096).prop_map(|id| Attachment::Mlag(MlagId::new(id).unwrap())),
    ];
    (any::<[u8; 6]>(), attachment, 0u16..4, any::<u32>()).prop_map(|(mac, attachment, flags, counter)| {
        Claim { mac: Mac(mac), attachment, flags: Flags(flags), counter }
    })
}

fn windows() -> impl Strategy<Value = Vec<BTreeMap<Key, Option<Claim>>>> {
    let key = (interfaces(), any::<IpAddr>()).prop_map(|(interface, ip)| Key { interface, ip });
    prop::collection::vec(
        prop::collection::btree_map(key, prop::option::weighted(0.8, claims()), 1..300),
        1..4,
    )
}

/// What the frames say of each key, with the checks that hold for every window.
fn said_by(
    bytes: &[u8],
    position: u64,
    interfaces: &mut Interfaces,
    max_frame: usize,
) -> BTreeMap<Key, Option<Claim>> {
    let mut decoder = Decoder::new(max_frame);
    let mut said = Said::new();
    feed(&mut decoder, interfaces, bytes, &mut said).unwrap();
    let (last, before) = said.split_last().unwrap();
    assert_eq!(last.1, Position(position), "the last frame advances");
    assert!(before.iter().all(|(_, position)| *position == Position(0)), "and only the last one");
    let mut all = BTreeMap::new();
    for (message, _) in said {
        match message {
            Message::Upserts(claims) => all.extend(claims.into_iter().map(|(key, claim)| (key, Some(claim)))),
            Message::Deletes(keys) => all.extend(keys.into_iter().map(|key| (key, None))),
            Message::Interfaces(_) => {}
            other => panic!("a window holds no {other:?}"),
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_arrive_as_they_were(
        windows in windows(),
        max_frame in limits::MIN_MAX_FRAME..=limits::MAX_FRAME,
        max_interfaces in 300usize..2_000,
    ) {
        let mut encoder = Encoder::new(max_frame, max_interfaces);
        let mut interfaces = Interfaces::default();
        let red: Option<VpnInstance> = Some("red".parse().unwrap());
        for (window, position) in windows.iter().zip(1u64..) {
            let changes: Vec<Change> = window.iter().map(|(key, claim)| Change { key: *key, claim: *claim }).collect();
            let mut bytes = Vec::new();
            let written = encoder.window(&changes, Position(position), |_| red.as_ref(), &mut bytes);
            prop_assert_eq!(usize::try_from(written.upserts + written.deletes).unwrap(), changes.len());
            prop_assert!(bytes.len() <= changes.len() * CHANGE_LONGEST);
            prop_assert_eq!(&said_by(&bytes, position, &mut interfaces, max_frame), window);
        }
    }
}

#[test]
fn an_index_is_given_anew_when_they_run_out_but_not_within_a_window() {
    let mut encoder = Encoder::new(4096, 8);
    let mut interfaces = Interfaces::default();
    let vrf = Some(VpnInstance::public());
    // Each window speaks of two that the one before spoke of, and of five others.
    for round in 0..400u32 {
        let window: BTreeMap<Key, Option<Claim>> =
            (0..7).map(|n| (key(vlanif(1 + round * 5 + n), "192.0.2.1"), None)).collect();
        let changes: Vec<Change> = window.keys().map(|key| delete(*key)).collect();
        let mut bytes = Vec::new();
        encoder.window(&changes, Position(1), |_| vrf.as_ref(), &mut bytes);
        assert_eq!(said_by(&bytes, 1, &mut interfaces, 4096), window, "round {round}");
    }
}

#[test]
fn the_oldest_index_is_not_given_anew_while_the_window_uses_it() {
    let mut encoder = Encoder::new(4096, 4);
    let mut interfaces = Interfaces::default();
    let vrf = Some(VpnInstance::public());
    for vlans in [[1, 2, 3, 4], [1, 5, 6, 7], [5, 1, 8, 9]] {
        let window: BTreeMap<Key, Option<Claim>> =
            vlans.into_iter().map(|vlan| (key(vlanif(vlan), "192.0.2.1"), None)).collect();
        let changes: Vec<Change> = vlans.iter().map(|vlan| delete(key(vlanif(*vlan), "192.0.2.1"))).collect();
        let mut bytes = Vec::new();
        encoder.window(&changes, Position(1), |_| vrf.as_ref(), &mut bytes);
        assert_eq!(said_by(&bytes, 1, &mut interfaces, 4096), window);
    }
}

#[test]
fn a_known_interface_is_not_named_again() {
    let mut encoder = Encoder::new(limits::MAX_FRAME, limits::MAX_INTERFACES);
    let vrf = Some(VpnInstance::public());
    let changes = [delete(key(vlanif(10), "192.0.2.1")), delete(key(vlanif(11), "192.0.2.1"))];
    let (mut first, mut second) = (Vec::new(), Vec::new());
    encoder.window(&changes, Position(1), |_| vrf.as_ref(), &mut first);
    encoder.window(&changes, Position(2), |_| vrf.as_ref(), &mut second);
    assert_eq!(second.len(), HEADER + 2 * 12);
    assert_eq!(first.len(), second.len() + HEADER + 2 * (12 + "_public_".len()));
}

#[test]
fn flags_that_this_version_does_not_know_are_not_passed_on() {
    let odd = claim("02:00:00:00:00:01", Attachment::Orphan, Flags(0xffff), 1);
    let bytes = window(&[upsert(key(vlanif(1), "192.0.2.1"), odd)], 1, &None);
    let (said, result) = read([&bytes[..]]);
    result.unwrap();
    let Message::Upserts(claims) = &said[1].0 else { panic!("{said:?}") };
    assert_eq!(claims[0].1.flags, Flags::ROUTER | Flags::INTERFACE);
}

/// Every interface is named, and then every one lies in another VRF with the longest name.
#[test]
fn names_that_change_all_at_once_go_out_in_pieces_that_fit_and_each_once() {
    const INTERFACES: u32 = 10_000;
    const ROOM: usize = 64 * 1024;
    for max_frame in [4096, 64 * 1024] {
        let mut encoder = Encoder::new(max_frame, 16_384);
        let (first, second) = (VpnInstance::public(), "\u{10000}".repeat(31).parse::<VpnInstance>().unwrap());
        for chunk in (1..=INTERFACES).collect::<Vec<_>>().chunks(1000) {
            let change = |n: &u32| Change {
                key: Key { interface: vbdif(*n), ip: IpAddr::from([10, 0, 0, 1]) },
                claim: None,
            };
            let changes: Vec<Change> = chunk.iter().map(change).collect();
            encoder.window(&changes, Position(1), |_| Some(&first), &mut Vec::new());
        }
        let mut renamed = Vec::new();
        let mut from = Some(0);
        while let Some(index) = from {
            let mut bytes = Vec::new();
            from = encoder.refresh(index, ROOM, |_| Some(&second), &mut bytes);
            assert!(bytes.len() <= ROOM, "{} bytes", bytes.len());
            let mut said = Said::new();
            feed(&mut Decoder::new(max_frame), &mut Interfaces::default(), &bytes, &mut said).unwrap();
            for (message, _) in said {
                let Message::Interfaces(named) = message else { panic!("{message:?}") };
                renamed.extend(named.into_iter().map(|named| (named.interface, named.vrf)));
            }
        }
        let expected: Vec<_> = (1..=INTERFACES).map(|n| (vbdif(n), Some(second.clone()))).collect();
        assert_eq!(renamed, expected);
        assert_eq!(encoder.refresh(0, ROOM, |_| Some(&second), &mut Vec::new()), None, "nothing is left");
    }
}
