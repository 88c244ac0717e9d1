//! The frames of `tests/cases/wire/*.hex`: what is written for a value, and what is read from it, byte by byte.
//! `UPDATE_EXPECTED=1` writes what this version writes; a difference is a change of the protocol.

use super::*;
use mlagsync::addr::NodeId;
use mlagsync::peering::GroupFacts;
use mlagsync::table::change::{Buckets, Digest, Incarnation, SyncNumber};
use mlagsync::wire::control::{self, Goodbye, Notify};
use mlagsync::wire::dictionary::Named;
use mlagsync::wire::frame::HEADER;
use mlagsync::wire::hello::Offer;
use mlagsync::wire::proof::{self, Exception, Hardware};
use mlagsync::wire::resume::{self, End, Held, Resume, Resync};
use mlagsync::wire::{Hello, Kind};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

const SYNC: SyncNumber = SyncNumber(0x0002_0003);

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// What it says; `None` for frames that are to be refused.
    says: Option<Said>,
}

fn hello() -> Hello {
    Hello {
        versions: (1, 1),
        capabilities: 0,
        node: NodeId(0x0123_4567_89ab_cdef),
        group: 1,
        port: 2048,
        hold_ms: 5_000,
        max_frame: 65_536,
        max_interfaces: 16_384,
        max_claims: u32::MAX,
        nonce: *b"0123456789abcdef",
        auth: None,
        facts: None,
    }
}

/// Bytes that this version does not write, with their length and checksum put right.
fn other(number: u8, flags: u8, count: u16, position: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes[..4].copy_from_slice(&u32::try_from(HEADER + body.len()).unwrap().to_be_bytes());
    (bytes[4], bytes[5]) = (number, flags);
    bytes[6..8].copy_from_slice(&count.to_be_bytes());
    bytes[8..16].copy_from_slice(&position.to_be_bytes());
    bytes.extend_from_slice(body);
    let crc = crc32c::crc32c(&bytes);
    bytes[16..20].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

fn hello_with(extensions: &[u8], count: u16) -> Vec<u8> {
    let mut body = written(|out| hello().encode(out)).split_off(HEADER);
    body.extend_from_slice(extensions);
    other(Kind::Hello.number(), 1, count, 0, &body)
}

pub(crate) fn cases() -> Vec<Case> {
    let says = |name, bytes, said: Said| Case { name, bytes, says: Some(said) };
    let one = |name, bytes, message| says(name, bytes, vec![(message, Position(0))]);
    let refused = |name, bytes| Case { name, bytes, says: None };
    let public = Some(VpnInstance::public());
    let orphan = claim("02:00:5e:10:00:01", Attachment::Orphan, Flags::default(), 0);
    let dual = claim("02:00:5e:10:00:02", Attachment::Mlag(MlagId::new(7).unwrap()), Flags::ROUTER, 3);
    let fabric = claim("02:00:5e:10:00:03", Attachment::Fabric, Flags::INTERFACE, u32::MAX);
    let (v4, v6) = (key(vlanif(10), "192.0.2.1"), key(vlanif(10), "2001:db8::1"));
    let named = |index, interface, vrf: Option<&str>| Named {
        index,
        interface,
        vrf: vrf.map(|v| v.parse().unwrap()),
    };
    let only = |changes: &[Change], position| {
        let all = window(changes, position, &public);
        let first = usize::try_from(u32::from_be_bytes(*all.first_chunk().unwrap())).unwrap();
        (all[..first].to_vec(), all[first..].to_vec(), all)
    };
    let entries = |changes: &[Change], position: u64, message: Message| {
        let (names, _, all) = only(changes, position);
        let (mut said, result) = read([&names[..]]);
        result.unwrap();
        said.push((message, Position(position)));
        (all, said)
    };
    let with_keys = Hello { auth: Offer::of([7, 3, 0].into_iter()), ..hello() };
    let system_id = "02:00:5e:10:00:0f".parse().ok();
    let with_group = Hello { facts: Some(GroupFacts { priority: 150, system_id }), ..hello() };
    let key_proof = std::array::from_fn(|at| at as u8);
    let naming = vec![
        named(0, vlanif(4094), Some("_public_")),
        named(1, vbdif(16_777_215), Some("Kunde A")),
        named(2, routed(4096, None), Some("日本")),
        named(3, routed(1, Some(4094)), None),
    ];
    let naming_bytes = {
        let vrf = |interface| {
            let entry = naming.iter().find(|entry| entry.interface == interface);
            entry.and_then(|entry| entry.vrf.as_ref())
        };
        let changes: Vec<Change> =
            naming.iter().map(|entry| delete(key(entry.interface, "192.0.2.1"))).collect();
        let mut bytes = Vec::new();
        Encoder::new(limits::MAX_FRAME, limits::MAX_INTERFACES).window(
            &changes,
            Position(1),
            vrf,
            &mut bytes,
        );
        let first = usize::try_from(u32::from_be_bytes(*bytes.first_chunk().unwrap())).unwrap();
        bytes[..first].to_vec()
    };
    let (upsert_v4, upsert_v4_says) = {
        let changes = [upsert(v4, orphan), upsert(key(vlanif(10), "192.0.2.2"), dual)];
        entries(&changes, 2, Message::Upserts(vec![(v4, orphan), (key(vlanif(10), "192.0.2.2"), dual)]))
    };
    let (upsert_v6, upsert_v6_says) =
        entries(&[upsert(v6, fabric)], u64::MAX, Message::Upserts(vec![(v6, fabric)]));
    let (delete_v4, delete_v4_says) = entries(&[delete(v4)], 3, Message::Deletes(vec![v4]));
    let (delete_v6, delete_v6_says) = entries(&[delete(v6)], 4, Message::Deletes(vec![v6]));
    let mixed = [
        upsert(v4, orphan),
        delete(key(vbdif(5010), "2001:db8::2")),
        upsert(v6, dual),
        delete(key(vlanif(10), "192.0.2.9")),
    ];
    let (names, _, mixed_bytes) = only(&mixed, 260);
    let mut mixed_says = read([&names[..]]).0;
    mixed_says.extend([
        (Message::Deletes(vec![mixed[3].key]), Position(0)),
        (Message::Deletes(vec![mixed[1].key]), Position(0)),
        (Message::Upserts(vec![(v4, orphan)]), Position(0)),
        (Message::Upserts(vec![(v6, dual)]), Position(260)),
    ]);
    let keyed = |write: &dyn Fn(&mut Encoder, &mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut Encoder::new(limits::MAX_FRAME, limits::MAX_INTERFACES), &mut bytes);
        bytes
    };
    let confirmed = [v4, v6, key(vlanif(10), "192.0.2.2")];
    let confirm = keyed(&|encoder, out| encoder.confirms(&confirmed, |_| public.as_ref(), out));
    let exception = |key, reason, status| Exception { key, reason, status };
    let listed = [exception(v4, 64, -8), exception(v6, 10, 0), exception(key(vlanif(10), "192.0.2.2"), 0, 0)];
    let exceptions = keyed(&|encoder, out| encoder.exceptions(&listed, |_| public.as_ref(), out));
    let (names, _, _) = only(&[upsert(v4, orphan)], 1);
    let named_first = |messages: [Message; 2]| {
        let mut said = read([&names[..]]).0;
        said.extend(messages.map(|message| (message, Position(0))));
        said
    };
    let confirm_says = named_first([
        Message::Confirms(vec![confirmed[0], confirmed[2]]),
        Message::Confirms(vec![confirmed[1]]),
    ]);
    let exceptions_says =
        named_first([Message::Exceptions(vec![listed[0], listed[2]]), Message::Exceptions(vec![listed[1]])]);
    let hardware = Hardware {
        incarnation: 0x0123_4567_89ab_cdef,
        position: Position(4711),
        sync: 3,
        first: true,
        overflow: true,
        synced: true,
        ready: false,
        hangs: false,
        exceptions: 5000,
        reasons: vec![(10, 4999), (64, 1)],
    };
    let digest = Digest { count: 3, sum: 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f };
    let digests: Vec<Digest> = (0..4).map(|n| Digest { count: n * 700, sum: u128::from(n) << 60 }).collect();
    let mut some = Buckets::NONE;
    [0, 9, 1023].into_iter().for_each(|bucket| some.insert(bucket));
    let notify = Notify { code: 2, text: "this side is in DFS group 1".into() };
    let goodbye = Goodbye { restart_ms: 30_000 };
    let known = named(0, vlanif(1), None);
    let ended = |name, count, sum| {
        let end = End { sync: SYNC, count, sum };
        let bytes = written(|out| resume::end(out, Position(4711), Some(&end)));
        says(name, bytes, vec![(Message::End(Some(end)), Position(4711))])
    };
    let own = Incarnation(0x0f1e_2d3c_4b5a_6978);
    let begins = Resume { own, held: None, restarted: true };
    let held = Held {
        incarnation: Incarnation(0x8796_a5b4_c3d2_e1f0),
        sync: SYNC,
        position: Position(4711),
        mid_sync: true,
        truncated: true,
    };
    let goes_on = Resume { own, held: Some(held), restarted: false };
    let resync = Resync { sync: SYNC, reason: resume::reason::ROOM };
    let resumed = |change: &dyn Fn(&mut [u8])| {
        let mut body = written(|out| goes_on.encode(out)).split_off(HEADER);
        change(&mut body);
        other(6, 1, 0, 0, &body)
    };
    vec![
        one("hello", written(|out| hello().encode(out)), Message::Hello(hello())),
        one("hello-with-extension", hello_with(&[0x12, 0x34, 0, 3, 1, 2, 3], 1), Message::Hello(hello())),
        one("hello-with-keys", written(|out| with_keys.encode(out)), Message::Hello(with_keys)),
        one("hello-with-group", written(|out| with_group.encode(out)), Message::Hello(with_group)),
        one("hello-with-group-of-another-length", hello_with(&[0, 2, 0, 1, 9], 1), Message::Hello(hello())),
        refused("refused-hello-keys-empty", hello_with(&[0x80, 1, 0, 2, 1, 0], 1)),
        refused("refused-hello-keys-count", hello_with(&[0x80, 1, 0, 4, 1, 1, 7, 3], 1)),
        refused("refused-hello-keys-order", hello_with(&[0x80, 1, 0, 4, 1, 2, 3, 7], 1)),
        refused("refused-hello-keys-twice", hello_with(&[0x80, 1, 0, 3, 1, 1, 7, 0x80, 1, 0, 3, 1, 1, 7], 2)),
        refused("refused-hello-mandatory-unknown", hello_with(&[0x80, 9, 0, 0], 1)),
        one("auth", written(|out| control::auth(out, &key_proof)), Message::Auth(key_proof)),
        one("redial", written(control::redial), Message::Redial),
        refused("refused-auth-length", other(5, 1, 0, 0, &[7; 31])),
        refused("refused-auth-count", other(5, 1, 1, 0, &[7; 32])),
        refused("refused-redial-with-body", other(7, 0, 0, 0, b"x")),
        one("notify", written(|out| notify.encode(out)), Message::Notify(notify)),
        one("keepalive", written(control::keepalive), Message::Keepalive),
        one("goodbye", written(|out| goodbye.encode(out)), Message::Goodbye(goodbye)),
        one("begin", written(|out| resume::begin(out, None)), Message::Begin(None)),
        one("begin-numbered", written(|out| resume::begin(out, Some(SYNC))), Message::Begin(Some(SYNC))),
        says(
            "end",
            written(|out| resume::end(out, Position(4711), None)),
            vec![(Message::End(None), Position(4711))],
        ),
        says(
            "end-of-nothing",
            written(|out| resume::end(out, Position(0), None)),
            vec![(Message::End(None), Position(0))],
        ),
        ended("end-numbered", None, None),
        ended("end-counted", Some(0x0102_0304_0506_0708), None),
        ended("end-summed", Some(2), Some(0x1122_3344_5566_7788_99aa_bbcc_ddee_ff00)),
        one("resume", written(|out| begins.encode(out)), Message::Resume(begins)),
        one("resume-held", written(|out| goes_on.encode(out)), Message::Resume(goes_on)),
        one("resync", written(|out| resync.encode(out)), Message::Resync(resync)),
        one("interfaces", naming_bytes, Message::Interfaces(naming)),
        says("upsert-v4", upsert_v4, upsert_v4_says),
        says("upsert-v6", upsert_v6, upsert_v6_says),
        says("delete-v4", delete_v4, delete_v4_says),
        says("delete-v6", delete_v6, delete_v6_says),
        says("window", mixed_bytes, mixed_says),
        says("confirm", confirm, confirm_says),
        says("exceptions", exceptions, exceptions_says),
        one("hardware", written(|out| hardware.encode(out)), Message::Hardware(hardware.clone())),
        one("digest", written(|out| proof::digest(out, digest)), Message::Digest(digest)),
        one("buckets-ask", written(proof::buckets_ask), Message::BucketsAsk),
        one(
            "buckets",
            written(|out| proof::buckets(out, &digests, limits::MAX_FRAME)),
            Message::Buckets { first: 0, digests: digests.clone() },
        ),
        one("repair-ask", written(|out| proof::repair_ask(out, &some)), Message::RepairAsk(some.clone())),
        one("scope-begin", written(|out| proof::scope_begin(out, &some)), Message::ScopeBegin(some.clone())),
        one("scope-end", written(proof::scope_end), Message::ScopeEnd),
        refused("refused-digest-length", other(20, 0, 0, 0, &[0; 23])),
        refused("refused-digest-count", other(20, 0, 1, 0, &[0; 24])),
        refused("refused-buckets-many", other(22, 0, 2, 0, &[&[3, 0xff, 0, 0][..], &[0; 40]].concat())),
        refused("refused-buckets-none", other(22, 0, 0, 0, &[0; 4])),
        refused("refused-buckets-count", other(22, 0, 2, 0, &[0; 24])),
        refused("refused-scope-of-nothing", other(24, 1, 0, 0, &[0; 128])),
        refused("refused-scope-length", other(24, 1, 0, 0, &[1; 127])),
        refused("refused-scope-optional", other(24, 0, 0, 0, &[1; 128])),
        refused("refused-hardware-count", other(48, 0, 2, 0, &[0; 40])),
        refused("refused-exception-unnamed", other(49, 0, 1, 0, &[0; 12])),
        refused("refused-confirm-advances", other(36, 0, 0, 1, b"")),
        one("unknown-optional", other(200, 0, 7, 0, b"whatever"), Message::Skipped),
        one(
            "interfaces-without-vrf",
            other(18, 1, 1, 0, &[0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
            Message::Interfaces(vec![known]),
        ),
        refused("refused-unknown-mandatory", other(200, 1, 0, 0, b"")),
        refused("refused-unknown-advances", other(200, 0, 0, 1, b"")),
        refused("refused-unknown-flag", other(3, 2, 0, 0, b"")),
        refused("refused-missing-flag", other(16, 0, 0, 0, b"")),
        refused("refused-hello-mandatory-extension", hello_with(&[0x80, 1, 0, 0], 1)),
        refused("refused-hello-extension-count", hello_with(&[0, 1, 0, 0], 2)),
        refused("refused-hello-extension-cut", hello_with(&[0, 1, 0, 5, 1], 1)),
        refused("refused-hello-short", other(1, 1, 0, 0, &[0; 63])),
        refused("refused-hello-magic", other(1, 1, 0, 0, &[0; 64])),
        refused("refused-begin-advances", other(16, 1, 0, 1, b"")),
        refused("refused-begin-with-body", other(16, 1, 0, 0, b"x")),
        refused("refused-begin-zero", other(16, 1, 0, 0, &[0; 4])),
        refused("refused-end-length", other(17, 1, 0, 1, &[0; 31])),
        refused("refused-end-sum-without-count", {
            let mut body = [0; 32];
            (body[3], body[5]) = (1, 2);
            other(17, 1, 0, 1, &body)
        }),
        refused("refused-resume-length", other(6, 1, 0, 0, &[1; 31])),
        refused("refused-resume-nobody", resumed(&|body| body[..8].fill(0))),
        refused("refused-resume-position-of-nothing", resumed(&|body| body[8..20].fill(0))),
        refused("refused-resync-length", other(19, 1, 0, 0, &[0; 9])),
        refused("refused-keepalive-count", other(3, 0, 1, 0, b"")),
        refused("refused-goodbye-length", other(4, 0, 0, 0, &[0; 5])),
        refused("refused-notify-not-utf8", other(2, 0, 0, 0, &[0, 1, 0xff])),
        refused("refused-notify-long", other(2, 0, 0, 0, &[b'x'; 403])),
        refused("refused-count", other(34, 1, 2, 1, &[0; 12])),
        refused("refused-odd-length", other(34, 1, 1, 1, &[0; 13])),
        refused("refused-unnamed-interface", other(34, 1, 1, 1, &[0; 12])),
        refused("refused-interface-kind", other(18, 1, 1, 0, &[0, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0])),
        refused("refused-interface-vlan", other(18, 1, 1, 0, &[0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0])),
        refused("refused-interface-tag", other(18, 1, 1, 0, &[0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0])),
        refused("refused-interface-index", other(18, 1, 1, 0, &[0x40, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0])),
        refused(
            "refused-interface-name-cut",
            other(18, 1, 1, 0, &[0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, b'x']),
        ),
        refused("refused-interface-name", other(18, 1, 1, 0, b"\0\0\x01\x01\0\0\0\x01\0\0\0\0?")),
        refused("refused-interface-count", other(18, 1, 0xffff, 0, &[0; 12])),
    ]
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/wire")
}

/// One line for a header, one for each record or each 16 bytes.
fn hex(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() {
        let length = usize::try_from(u32::from_be_bytes(*header.first_chunk().unwrap())).unwrap();
        let (body, rest) = rest.split_at(length - HEADER);
        let kind = Kind::from_number(header[4]);
        let name = kind.map_or_else(|| format!("type {}", header[4]), |kind| kind.to_string());
        writeln!(text, "# {name}").unwrap();
        line(&mut text, header);
        body.chunks(kind.and_then(Kind::record).unwrap_or(16)).for_each(|chunk| line(&mut text, chunk));
        bytes = rest;
    }
    text
}

fn line(text: &mut String, bytes: &[u8]) {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(text, "{}", digits.join(" ")).unwrap();
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[test]
fn what_is_written_is_what_the_files_hold() {
    let mut names = BTreeSet::new();
    for case in cases() {
        let path = directory().join(case.name).with_extension("hex");
        names.insert(path.clone());
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, hex(&case.bytes)).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(hex(&case.bytes), hex(&unhex(&text)), "{}", case.name);
    }
    let present: BTreeSet<PathBuf> =
        std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(present, names, "each file has its case");
}

#[test]
fn what_is_read_from_the_files_is_what_was_meant() {
    for case in cases() {
        let bytes =
            unhex(&std::fs::read_to_string(directory().join(case.name).with_extension("hex")).unwrap());
        let (said, result) = read([&bytes[..]]);
        match case.says {
            Some(meant) => {
                assert_eq!(result, Ok(()), "{}", case.name);
                assert_eq!(said, meant, "{}", case.name);
            }
            None => {
                let error = result.expect_err(case.name);
                assert_ne!(error, WireError::Checksum, "{} is refused for what it says", case.name);
                assert!(said.is_empty(), "{}", case.name);
            }
        }
    }
}

#[test]
fn every_kind_of_frame_is_among_the_files() {
    let mut seen = BTreeSet::new();
    for case in cases().iter().filter(|case| case.says.is_some()) {
        let mut rest = &case.bytes[..];
        while let Some(header) = rest.first_chunk::<HEADER>() {
            seen.extend(Kind::from_number(header[4]));
            rest = &rest[usize::try_from(u32::from_be_bytes(*header.first_chunk().unwrap())).unwrap()..];
        }
    }
    assert_eq!(seen, Kind::ALL.iter().copied().collect());
}
