//! Events for C: each with its number and its fields.
//!
//! Invariant: an event that is new in the house does not compile before it is said here what it is to C.

use super::convert::{interface_to_c, key_to_c, ready_to_c};
use super::guard::Inside;
use super::input::{self, Place, Slot};
use super::life::with;
use super::queue::overflow;
use super::result::*;
use super::text;
use super::types::*;
use crate::addr::VpnInstance;
use crate::embed::News;
use crate::node::admission::Scope;
use crate::node::io::Event;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An event for C.
pub(super) fn to_c(news: &News, lost: &AtomicU64) -> mlagsync_event_t {
    let mut to: mlagsync_event_t = input::zeroed();
    to.struct_size = size_of::<mlagsync_event_t>() as u32;
    match news {
        News::Event(event) => {
            fill(&mut to, event);
            let json = serde_json::to_value(event).unwrap_or_default();
            let name = ["reason", "missing", "why", "event"].iter().find_map(|name| json[name].as_str());
            text::put(name.unwrap_or_default(), &mut to.reason);
            text::put(&json.to_string(), &mut to.text);
        }
        News::Overflow { lost: count } => {
            lost.fetch_add(*count, Ordering::Relaxed);
            to = overflow(*count);
        }
        News::ThreadEnded { thread, error } => {
            to.r#type = MLAGSYNC_EVENT_THREAD_ENDED;
            text::put(thread, &mut to.reason);
            text::put(&format!("the thread {thread} ended: {error}"), &mut to.text);
        }
    }
    to
}

/// The number of an event, and the numbers in it.
fn fill(to: &mut mlagsync_event_t, event: &Event) {
    use Event as E;
    // Each has its number: what is new in the house says here whether it is MLAGSYNC_EVENT_OTHER to C.
    let (number, count, other) = match event {
        E::SessionUp { peer } => {
            to.peer = peer.0;
            (MLAGSYNC_EVENT_SESSION_UP, 0, 0)
        }
        E::SessionDown { .. } => (MLAGSYNC_EVENT_SESSION_DOWN, 0, 0),
        E::SyncBegan => (MLAGSYNC_EVENT_SYNC_BEGAN, 0, 0),
        E::SyncEnded { claims, swept } => (MLAGSYNC_EVENT_SYNC_ENDED, *claims, *swept),
        E::SweepHeld { claims, named } => (MLAGSYNC_EVENT_SWEEP_HELD, *claims, *named),
        E::LeftoversHeld { entries } => (MLAGSYNC_EVENT_LEFTOVERS_HELD, *entries, 0),
        E::LeftoversSwept { entries } => (MLAGSYNC_EVENT_LEFTOVERS_SWEPT, *entries, 0),
        E::Swept { claims } => (MLAGSYNC_EVENT_SWEPT, *claims, 0),
        E::CopyDiffers { told, held, .. } => (MLAGSYNC_EVENT_COPY_DIFFERS, *told, *held),
        E::StaleEnded { gone, probed } => (MLAGSYNC_EVENT_STALE_ENDED, *gone, *probed),
        E::GhostsEnded { gone } => (MLAGSYNC_EVENT_GHOSTS_ENDED, *gone, 0),
        E::PeerRestarts { after_ms } => (MLAGSYNC_EVENT_PEER_RESTARTS, *after_ms, 0),
        E::CopyRepaired { buckets } => (MLAGSYNC_EVENT_COPY_REPAIRED, *buckets, 0),
        E::CopyUnrepaired { told, held } => (MLAGSYNC_EVENT_COPY_UNREPAIRED, *told, *held),
        E::SelfReady { state } => {
            to.state = ready_to_c(*state);
            (MLAGSYNC_EVENT_SELF_READY, 0, 0)
        }
        E::PeerReady { state } => {
            to.state = ready_to_c(*state);
            (MLAGSYNC_EVENT_PEER_READY, 0, 0)
        }
        E::Confirmed { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_CONFIRMED, 0, 0)
        }
        E::CopyTruncated { claims } => (MLAGSYNC_EVENT_COPY_TRUNCATED, *claims, 0),
        E::SyncProgrammed { elapsed_ns } => (MLAGSYNC_EVENT_SYNC_PROGRAMMED, *elapsed_ns, 0),
        E::Resumed { position } => (MLAGSYNC_EVENT_RESUMED, position.0, 0),
        E::EndSent { position } => (MLAGSYNC_EVENT_END_SENT, position.0, 0),
        E::AsicTrouble { status } => {
            to.status = status.0;
            (MLAGSYNC_EVENT_ASIC_TROUBLE, 0, 0)
        }
        E::AsicDown { .. } => (MLAGSYNC_EVENT_ASIC_DOWN, 0, 0),
        E::AsicRestarted { intact, entries } => {
            to.state = intact.map_or(-1, i32::from);
            (MLAGSYNC_EVENT_ASIC_RESTARTED, *entries, 0)
        }
        E::AsicRestored { entries, written } => (MLAGSYNC_EVENT_ASIC_RESTORED, *entries, *written),
        E::Repaired { key, found } => {
            (to.key, to.other_mac) = (key_to_c(*key), found.unwrap_or_default().0);
            (MLAGSYNC_EVENT_REPAIRED, 0, 0)
        }
        E::MoreRepaired { entries } => (MLAGSYNC_EVENT_MORE_REPAIRED, *entries, 0),
        E::Contested { key, found } => {
            (to.key, to.other_mac) = (key_to_c(*key), found.unwrap_or_default().0);
            (MLAGSYNC_EVENT_CONTESTED, 0, 0)
        }
        E::Asynchronous { early } => {
            to.state = i32::from(*early);
            (MLAGSYNC_EVENT_ASYNCHRONOUS, 0, 0)
        }
        E::ForeignEntries { entries } => (MLAGSYNC_EVENT_FOREIGN_ENTRIES, *entries, 0),
        E::AsicHangs { for_ms } => (MLAGSYNC_EVENT_ASIC_HANGS, *for_ms, 0),
        E::AsicBack => (MLAGSYNC_EVENT_ASIC_BACK, 0, 0),
        E::PeerAsic { hangs } => {
            to.state = i32::from(*hangs);
            (MLAGSYNC_EVENT_PEER_ASIC, 0, 0)
        }
        E::Released { interface } => {
            to.key.interface = interface_to_c(*interface);
            (MLAGSYNC_EVENT_RELEASED, 0, 0)
        }
        E::VrfDiffers { interface, ours, .. } => {
            to.key.interface = interface_to_c(*interface);
            put_vrf(to, ours);
            (MLAGSYNC_EVENT_VRF_DIFFERS, 0, 0)
        }
        E::Frozen { key, for_ms } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_FROZEN, *for_ms, 0)
        }
        E::Thawed { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_THAWED, 0, 0)
        }
        E::Probe { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_PROBE, 0, 0)
        }
        E::StaticDisputed { key, ours, theirs } => {
            (to.key, to.mac, to.other_mac) = (key_to_c(*key), ours.0, theirs.0);
            (MLAGSYNC_EVENT_STATIC_DISPUTED, 0, 0)
        }
        E::TakenAway { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_TAKEN_AWAY, 0, 0)
        }
        E::Refused { key, reason, status } => {
            (to.key, to.state) = (key_to_c(*key), i32::from(reason.code()));
            to.status = status.map_or(0, |status| status.0);
            (MLAGSYNC_EVENT_REFUSED, 0, 0)
        }
        E::MoreRefused { hosts } => (MLAGSYNC_EVENT_MORE_REFUSED, *hosts, 0),
        E::Adopted { key, found } => {
            (to.key, to.other_mac) = (key_to_c(*key), found.0);
            (MLAGSYNC_EVENT_ADOPTED, 0, 0)
        }
        E::MoreAdopted { entries } => (MLAGSYNC_EVENT_MORE_ADOPTED, *entries, 0),
        E::Threshold { scope, percent, used, of, rising } => {
            put_scope(to, scope);
            (to.state, to.percent) = (i32::from(*rising), (*percent).into());
            (MLAGSYNC_EVENT_THRESHOLD, *used, *of)
        }
        E::Rejects { reason, scope, count, example, waiting, used, of } => {
            to.key = key_to_c(*example);
            put_scope(to, scope);
            (to.state, to.waiting) = (i32::from(reason.code()), *waiting);
            to.percent =
                of.filter(|of| *of > 0).map_or(0, |of| (used * 100 / of).min(u32::MAX.into()) as u32);
            (MLAGSYNC_EVENT_REJECTS, *count, *used)
        }
        E::Repointed { mlag, entries, protected, elapsed_ns } => {
            (to.mlag, to.state) = (mlag.number().into(), i32::from(*protected));
            (MLAGSYNC_EVENT_REPOINTED, *entries, *elapsed_ns)
        }
        E::ProtectionFailed { mlag } => {
            to.mlag = mlag.map_or(0, |mlag| mlag.number().into());
            (MLAGSYNC_EVENT_PROTECTION_FAILED, 0, 0)
        }
        E::ProtectionStuck { mlag } => {
            to.mlag = mlag.map_or(0, |mlag| mlag.number().into());
            (MLAGSYNC_EVENT_PROTECTION_STUCK, 0, 0)
        }
        E::PeerLinkGivenUp { given_up } => {
            to.state = i32::from(*given_up);
            (MLAGSYNC_EVENT_PEER_LINK_GIVEN_UP, 0, 0)
        }
        E::KeptInUse { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_KEPT_IN_USE, 0, 0)
        }
        E::WritesLost { entries, example } => {
            if let Some(example) = example {
                to.key = key_to_c(*example);
            }
            (MLAGSYNC_EVENT_WRITES_LOST, *entries, 0)
        }
        E::JournalFull { records, .. } => (MLAGSYNC_EVENT_JOURNAL_FULL, *records, 0),
        E::JournalHasRoom { records } => (MLAGSYNC_EVENT_JOURNAL_HAS_ROOM, *records, 0),
    };
    (to.r#type, to.count, to.other) = (number, count, other);
}

/// What a bound is about: an interface takes its place in the key, which an example on it has anyway.
fn put_scope(to: &mut mlagsync_event_t, scope: &Scope) {
    to.scope = match scope {
        Scope::Table => MLAGSYNC_SCOPE_TABLE,
        Scope::Vrf(vrf) => {
            put_vrf(to, vrf);
            MLAGSYNC_SCOPE_VRF
        }
        Scope::Interface(interface) => {
            to.key.interface = interface_to_c(*interface);
            MLAGSYNC_SCOPE_INTERFACE
        }
        Scope::Fdb => MLAGSYNC_SCOPE_FDB,
    };
}

/// A VPN instance's name; the public one's is empty.
fn put_vrf(to: &mut mlagsync_event_t, vrf: &VpnInstance) {
    let name = if vrf.is_public() { "" } else { vrf.name() };
    text::put(name, &mut to.vrf);
}

fn fetched() -> Failure {
    Failure::new(MLAGSYNC_E_STATE, "events go to the callback of mlagsync_builder_on_event")
}

/// The next event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_next_event(
    handle: *mut mlagsync_t,
    event: *mut mlagsync_event_t,
    wait_ms: u32,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable for its struct_size, or NULL.
        let slot = unsafe { Slot::new("event", event) }?;
        if super::guard::inside() == Inside::Event(instance.number) {
            return Err(Failure::new(MLAGSYNC_E_CALLBACK, "mlagsync_next_event from inside on_event"));
        }
        let queue = instance.queue.as_ref().ok_or_else(fetched)?;
        match queue.take(Duration::from_millis(wait_ms.into()))? {
            Some(event) => slot.put(event),
            None => return Ok(MLAGSYNC_AGAIN),
        }
        Ok(MLAGSYNC_OK)
    })
}

/// A descriptor that is readable while there is an event to take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_event_fd(handle: *mut mlagsync_t, fd: *mut i32) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable, or NULL.
        let place = unsafe { Place::new("fd", fd) }?;
        let queue = instance.queue.as_ref().ok_or_else(fetched)?;
        place.put(queue.bell().as_raw_fd());
        Ok(MLAGSYNC_OK)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> mlagsync_event_t {
        let event: Event = serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}"));
        to_c(&News::Event(event), &AtomicU64::new(0))
    }

    fn word(field: &[std::ffi::c_char]) -> String {
        text::field("it", field).expect("it ends")
    }

    /// The names of all events, as the sources have them; a new one is not known to the test below, and fails it.
    fn variants() -> Vec<String> {
        let source = include_str!("../node/io.rs").split("pub enum Event {").nth(1).unwrap_or_default();
        let body = source.split("\n}\n").next().unwrap_or_default();
        let names = body.lines().filter_map(|line| line.strip_prefix("    "));
        let names = names.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
        names.map(|line| line.trim_end_matches([' ', '{', ',']).to_owned()).collect()
    }

    /// Every event has a number of its own, and what it says is in fields, not only in the text.
    #[test]
    fn each_event_has_its_number_and_its_fields() {
        let key = r#""key":{"interface":"Vlanif10","ip":"10.0.0.7"}"#;
        let example = r#""example":{"interface":"Vlanif10","ip":"10.0.0.7"}"#;
        let cases = [
            (MLAGSYNC_EVENT_SESSION_UP, r#""event":"session-up","peer":9"#.to_owned()),
            (MLAGSYNC_EVENT_SESSION_DOWN, r#""event":"session-down","reason":"connecting""#.to_owned()),
            (MLAGSYNC_EVENT_SYNC_BEGAN, r#""event":"sync-began""#.to_owned()),
            (MLAGSYNC_EVENT_SYNC_ENDED, r#""event":"sync-ended","claims":7,"swept":8"#.to_owned()),
            (MLAGSYNC_EVENT_SWEEP_HELD, r#""event":"sweep-held","claims":7,"named":8"#.to_owned()),
            (MLAGSYNC_EVENT_LEFTOVERS_HELD, r#""event":"leftovers-held","entries":7"#.to_owned()),
            (MLAGSYNC_EVENT_LEFTOVERS_SWEPT, r#""event":"leftovers-swept","entries":7"#.to_owned()),
            (MLAGSYNC_EVENT_SWEPT, r#""event":"swept","claims":7"#.to_owned()),
            (MLAGSYNC_EVENT_COPY_DIFFERS, r#""event":"copy-differs","told":7,"held":8,"times":1"#.to_owned()),
            (MLAGSYNC_EVENT_STALE_ENDED, r#""event":"stale-ended","gone":7,"probed":8"#.to_owned()),
            (MLAGSYNC_EVENT_GHOSTS_ENDED, r#""event":"ghosts-ended","gone":7"#.to_owned()),
            (MLAGSYNC_EVENT_PEER_RESTARTS, r#""event":"peer-restarts","after_ms":7"#.to_owned()),
            (MLAGSYNC_EVENT_COPY_REPAIRED, r#""event":"copy-repaired","buckets":7"#.to_owned()),
            (MLAGSYNC_EVENT_COPY_UNREPAIRED, r#""event":"copy-unrepaired","told":7,"held":8"#.to_owned()),
            (MLAGSYNC_EVENT_SELF_READY, r#""event":"self-ready","state":"proved""#.to_owned()),
            (MLAGSYNC_EVENT_PEER_READY, r#""event":"peer-ready","state":"proved""#.to_owned()),
            (MLAGSYNC_EVENT_CONFIRMED, format!(r#""event":"confirmed",{key}"#)),
            (MLAGSYNC_EVENT_COPY_TRUNCATED, r#""event":"copy-truncated","claims":7"#.to_owned()),
            (
                MLAGSYNC_EVENT_REPOINTED,
                r#""event":"repointed","mlag":5,"entries":7,"protected":true,"elapsed_ns":8"#.to_owned(),
            ),
            (MLAGSYNC_EVENT_PROTECTION_FAILED, r#""event":"protection-failed","mlag":5"#.to_owned()),
            (MLAGSYNC_EVENT_PROTECTION_STUCK, r#""event":"protection-stuck","mlag":5"#.to_owned()),
            (MLAGSYNC_EVENT_PEER_LINK_GIVEN_UP, r#""event":"peer-link-given-up","given_up":true"#.to_owned()),
            (MLAGSYNC_EVENT_KEPT_IN_USE, format!(r#""event":"kept-in-use",{key}"#)),
            (MLAGSYNC_EVENT_SYNC_PROGRAMMED, r#""event":"sync-programmed","elapsed_ns":7"#.to_owned()),
            (MLAGSYNC_EVENT_RESUMED, r#""event":"resumed","position":7"#.to_owned()),
            (MLAGSYNC_EVENT_END_SENT, r#""event":"end-sent","position":7"#.to_owned()),
            (MLAGSYNC_EVENT_ASIC_DOWN, r#""event":"asic-down","why":"failed""#.to_owned()),
            (
                MLAGSYNC_EVENT_ASIC_RESTARTED,
                r#""event":"asic-restarted","intact":true,"entries":7"#.to_owned(),
            ),
            (MLAGSYNC_EVENT_ASIC_RESTORED, r#""event":"asic-restored","entries":7,"written":8"#.to_owned()),
            (MLAGSYNC_EVENT_REPAIRED, format!(r#""event":"repaired",{key},"found":"02:00:00:00:00:09""#)),
            (MLAGSYNC_EVENT_MORE_REPAIRED, r#""event":"more-repaired","entries":7"#.to_owned()),
            (MLAGSYNC_EVENT_CONTESTED, format!(r#""event":"contested",{key},"found":"02:00:00:00:00:09""#)),
            (MLAGSYNC_EVENT_ASYNCHRONOUS, r#""event":"asynchronous","early":true"#.to_owned()),
            (MLAGSYNC_EVENT_FOREIGN_ENTRIES, r#""event":"foreign-entries","entries":7"#.to_owned()),
            (MLAGSYNC_EVENT_ASIC_TROUBLE, r#""event":"asic-trouble","status":-4"#.to_owned()),
            (MLAGSYNC_EVENT_ASIC_HANGS, r#""event":"asic-hangs","for_ms":7"#.to_owned()),
            (MLAGSYNC_EVENT_ASIC_BACK, r#""event":"asic-back""#.to_owned()),
            (MLAGSYNC_EVENT_PEER_ASIC, r#""event":"peer-asic","hangs":true"#.to_owned()),
            (MLAGSYNC_EVENT_RELEASED, r#""event":"released","interface":"Vlanif10""#.to_owned()),
            (
                MLAGSYNC_EVENT_VRF_DIFFERS,
                r#""event":"vrf-differs","interface":"Vlanif10","theirs":"blue","ours":"red""#.to_owned(),
            ),
            (MLAGSYNC_EVENT_FROZEN, format!(r#""event":"frozen",{key},"for_ms":7"#)),
            (MLAGSYNC_EVENT_THAWED, format!(r#""event":"thawed",{key}"#)),
            (MLAGSYNC_EVENT_PROBE, format!(r#""event":"probe",{key}"#)),
            (
                MLAGSYNC_EVENT_STATIC_DISPUTED,
                format!(
                    r#""event":"static-disputed",{key},"ours":"02:00:00:00:00:01","theirs":"02:00:00:00:00:09""#
                ),
            ),
            (
                MLAGSYNC_EVENT_THRESHOLD,
                r#""event":"threshold","scope":{"vrf":"red"},"percent":85,"used":7,"of":8,"rising":true"#
                    .to_owned(),
            ),
            (
                MLAGSYNC_EVENT_REJECTS,
                format!(
                    r#""event":"rejects","reason":"quota","scope":{{"interface":"Vlanif10"}},"count":7,{example},"waiting":6,"used":8,"of":10"#
                ),
            ),
            (MLAGSYNC_EVENT_REFUSED, format!(r#""event":"refused",{key},"reason":"rejected","status":-5"#)),
            (MLAGSYNC_EVENT_MORE_REFUSED, r#""event":"more-refused","hosts":7"#.to_owned()),
            (MLAGSYNC_EVENT_ADOPTED, format!(r#""event":"adopted",{key},"found":"02:00:00:00:00:09""#)),
            (MLAGSYNC_EVENT_MORE_ADOPTED, r#""event":"more-adopted","entries":7"#.to_owned()),
            (MLAGSYNC_EVENT_TAKEN_AWAY, format!(r#""event":"taken-away",{key}"#)),
            (MLAGSYNC_EVENT_WRITES_LOST, format!(r#""event":"writes-lost","entries":7,{example}"#)),
            (
                MLAGSYNC_EVENT_JOURNAL_FULL,
                r#""event":"journal-full","why":"disk-full","records":7"#.to_owned(),
            ),
            (MLAGSYNC_EVENT_JOURNAL_HAS_ROOM, r#""event":"journal-has-room","records":7"#.to_owned()),
        ];
        let mut numbers = std::collections::BTreeSet::new();
        let mut named = Vec::new();
        for (number, json) in &cases {
            let to = said(&format!("{{{json}}}"));
            assert_eq!(to.r#type, *number, "{json}");
            assert!(*number != MLAGSYNC_EVENT_OTHER && numbers.insert(*number), "{json}");
            assert_eq!(to.count, if json.contains(":7") { 7 } else { 0 }, "{json}");
            let other =
                if *number == MLAGSYNC_EVENT_PEER_ASIC { 0 } else { u64::from(json.contains(":8")) * 8 };
            assert_eq!(to.other, if json.contains(":85") { 8 } else { other }, "{json}");
            let seven =
                mlagsync_ip_t { family: 4, octets: [10, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
            assert_eq!(
                to.key.ip.octets[3],
                if json.contains("10.0.0.7") { seven.octets[3] } else { 0 },
                "{json}"
            );
            assert_eq!(to.key.interface.number, if json.contains("Vlanif10") { 10 } else { 0 }, "{json}");
            assert_eq!(to.other_mac[5], if json.contains(":09\"") { 9 } else { 0 }, "{json}");
            assert_eq!(to.mac[5], u8::from(json.contains(":01\"")), "{json}");
            assert_eq!(to.mlag, if json.contains("\"mlag\":5") { 5 } else { 0 }, "{json}");
            let vrf = json.contains("\"vrf\":") || json.contains("\"ours\":\"red\"");
            assert_eq!(word(&to.vrf), if vrf { "red" } else { "" }, "{json}");
            assert!(!word(&to.reason).is_empty() && word(&to.text).starts_with('{'), "{json}");
            named.push(json.split('"').nth(3).unwrap_or_default().replace('-', ""));
        }
        let all: Vec<String> = variants().iter().map(|name| name.to_ascii_lowercase()).collect();
        assert!(all.len() > 40, "they were not read");
        for name in &all {
            assert!(named.contains(name), "the event {name} is not in the list: give it a number");
        }
        let states = |number| {
            let json = cases.iter().find(|(n, _)| *n == number).map(|(_, json)| format!("{{{json}}}"));
            let to = said(&json.unwrap_or_default());
            (to.state, to.status, to.scope, to.percent, to.waiting)
        };
        assert_eq!(states(MLAGSYNC_EVENT_REFUSED), (MLAGSYNC_REFUSAL_REJECTED, -5, 0, 0, 0));
        assert_eq!(states(MLAGSYNC_EVENT_THRESHOLD), (1, 0, MLAGSYNC_SCOPE_VRF, 85, 0));
        let rejects = (MLAGSYNC_REFUSAL_QUOTA, 0, MLAGSYNC_SCOPE_INTERFACE, 80, 6);
        assert_eq!(states(MLAGSYNC_EVENT_REJECTS), rejects);
        assert_eq!(states(MLAGSYNC_EVENT_SELF_READY).0, MLAGSYNC_READY_PROVED);
        assert_eq!(states(MLAGSYNC_EVENT_ASIC_TROUBLE).1, -4);
        for number in [
            MLAGSYNC_EVENT_REPOINTED,
            MLAGSYNC_EVENT_PEER_LINK_GIVEN_UP,
            MLAGSYNC_EVENT_ASIC_RESTARTED,
            MLAGSYNC_EVENT_ASYNCHRONOUS,
            MLAGSYNC_EVENT_PEER_ASIC,
        ] {
            assert_eq!(states(number).0, 1, "{number}");
        }
    }
}
