//! What a library tells of its own accord: FDB events, ports' links, and the state of the switch.
//!
//! ```text
//!   the library's thread ─► callback: copy, try_send ─► bounded queue ─► Notices, whoever reads them
//!                                       └─ full: a flag, read as [`Told::Lost`] when the queue is empty
//! ```
//!
//! The callbacks carry no user data, so each switch that is listened to gets callbacks of its own: a slot.
//!
//! Only for a switch that is ours. When it was given by a NOS, these attributes are the NOS's, which forwards what it hears.
//!
//! Invariant: a callback takes no lock that is held across a call into the library, waits for nothing, makes no call into
//! the library, keeps no address that it was given, and no panic leaves it.

use super::attr::{Callback, fdb as fdb_at, switch as at};
use super::error::Error;
use super::id::{self, Oid};
use super::object;
use super::port::PortState;
use super::switch::Switch;
use super::table::{Method, method};
use crate::addr::Mac;
use crossbeam_channel::{Receiver, Select, Sender, TrySendError, bounded};
use parking_lot::RwLock;
use sai_sys::{
    sai_attribute_t, sai_fdb_event_notification_data_t, sai_fdb_event_t, sai_port_oper_status_notification_t,
    sai_switch_api_t, sai_switch_oper_status_t,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const SET: Method<sai_switch_api_t, object::Set> = method!(sai_switch_api_t, set_switch_attribute);

/// Switches of one process that can be listened to.
const SLOTS: usize = 128;

/// Events of one call that are copied; a library that tells more at once is as one that told too much.
const EVENTS_AT_ONCE: usize = 4096;

/// Something that the library told of the switch and its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// How ports are now.
    Ports(Vec<(Oid<id::Port>, PortState)>),
    /// How the switch is now.
    Switch(SwitchState),
}

/// What an inbox has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told<T> {
    /// This was told.
    Notice(T),
    /// Something was told that there was no room for: what counts is to be read back.
    Lost,
}

/// What happened to an FDB entry, or to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdbNotice {
    /// What happened.
    pub event: FdbEvent,
    /// The raw id of the VLAN or of the bridge; `None`: all of them.
    pub domain: Option<u64>,
    /// The MAC; `None`: all of them.
    pub mac: Option<Mac>,
    /// The bridge port; `None`: all of them, or not told.
    pub port: Option<Oid<id::BridgePort>>,
}

/// What can happen to an FDB entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FdbEvent {
    /// It was learned.
    Learned,
    /// It lies behind another port.
    Moved,
    /// It was not heard for long, and is gone.
    Aged,
    /// It was removed with others.
    Flushed,
}

/// How a switch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchState {
    /// It works.
    Up,
    /// It is being restarted, or is not to be used for another reason.
    Down,
    /// It is broken.
    Failed,
    /// The library does not know, or says what no header has.
    Unknown,
}

impl SwitchState {
    pub(super) fn of(state: sai_switch_oper_status_t) -> SwitchState {
        match state {
            sai_switch_oper_status_t::SAI_SWITCH_OPER_STATUS_UP => SwitchState::Up,
            sai_switch_oper_status_t::SAI_SWITCH_OPER_STATUS_DOWN => SwitchState::Down,
            sai_switch_oper_status_t::SAI_SWITCH_OPER_STATUS_FAILED => SwitchState::Failed,
            _ => SwitchState::Unknown,
        }
    }
}

/// What a switch tells: two inboxes, so that FDB entries are never in the way of links.
#[derive(Clone)]
pub struct Notices {
    /// The switch and its ports.
    pub urgent: Inbox<Notice>,
    /// FDB entries, in the order in which it happened to them.
    pub fdb: Inbox<Vec<FdbNotice>>,
}

/// The reading end of a bounded queue that tells what it had no room for.
pub struct Inbox<T> {
    /// `None` only wakes whoever waits.
    queue: Receiver<Option<T>>,
    lost: Arc<AtomicBool>,
}

/// The writing end, a callback's.
struct Outbox<T> {
    queue: Sender<Option<T>>,
    lost: Arc<AtomicBool>,
}

/// Keeps a switch telling. Dropping it ends nothing in the library.
pub struct Listening {
    switch: Switch,
    slot: usize,
}

/// What the callbacks of a slot have.
struct Sink {
    switch: u64,
    urgent: Outbox<Notice>,
    fdb: Outbox<Vec<FdbNotice>>,
}

/// Free: `None`.
static SLOT: [RwLock<Option<Arc<Sink>>>; SLOTS] = [const { RwLock::new(None) }; SLOTS];

impl Switch {
    /// Listens to the switch; `room` notices wait at most in each inbox. Answers, too, what the library refused: some tell
    /// not everything.
    pub fn listen(&self, room: usize) -> Result<(Listening, Notices, Vec<Error>), ListenError> {
        let (urgent, urgent_in) = inbox(room);
        let (fdb, fdb_in) = inbox(room);
        let sink = Sink { switch: self.id().raw(), urgent: urgent_in, fdb: fdb_in };
        let slot = take_slot(sink).ok_or(ListenError { limit: SLOTS })?;
        let listening = Listening { switch: self.clone(), slot };
        let refused = listening.set(CALLBACKS[slot]());
        Ok((listening, Notices { urgent, fdb }, refused))
    }
}

/// More switches than one process can listen to.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("more than {limit} switches in one process are listened to")]
pub struct ListenError {
    /// How many there can be.
    pub limit: usize,
}

impl Listening {
    /// Listens no more, and tells the library so. Calls into it.
    pub fn stop(self) {
        let refused = self.set([std::ptr::null_mut(); 3].map(Callback));
        // A library that may still call keeps the slot: a later switch must not hear of this one's ports.
        if refused.is_empty() {
            *SLOT[self.slot].write() = None;
        }
    }

    fn set(&self, [fdb, ports, state]: [Callback; 3]) -> Vec<Error> {
        let library = self.switch.library();
        let attributes = [
            (at::FDB_EVENT_NOTIFY, fdb),
            (at::PORT_STATE_CHANGE_NOTIFY, ports),
            (at::SWITCH_STATE_CHANGE_NOTIFY, state),
        ];
        let set = |(attribute, callback)| library.set(&SET, self.switch.id(), attribute, callback);
        attributes.into_iter().filter_map(|one| set(one).err()).collect()
    }
}

fn inbox<T>(room: usize) -> (Inbox<T>, Outbox<T>) {
    let (sender, queue) = bounded(room.max(1));
    let lost = Arc::new(AtomicBool::new(false));
    (Inbox { queue, lost: lost.clone() }, Outbox { queue: sender, lost })
}

impl<T> Inbox<T> {
    /// Becomes ready when there may be something. Only for waiting: what it gives is for [`Self::next`] to read.
    pub fn select<'a>(&'a self, select: &mut Select<'a>) -> usize {
        select.recv(&self.queue)
    }

    /// The next notice, if there is one. What was lost is told behind everything that was told before it, once.
    pub fn next(&self) -> Option<Told<T>> {
        loop {
            match self.queue.try_recv() {
                Ok(None) => {}
                Ok(Some(notice)) => return Some(Told::Notice(notice)),
                Err(_) => return self.lost.swap(false, Ordering::AcqRel).then_some(Told::Lost),
            }
        }
    }
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Self {
        Inbox { queue: self.queue.clone(), lost: self.lost.clone() }
    }
}

impl<T> Outbox<T> {
    fn tell(&self, notice: T) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Some(notice)) {
            self.lose();
        }
    }

    /// Either the queue is full, and the flag is there before whoever reads finds it empty; or there is room for a word
    /// that wakes the reader.
    fn lose(&self) {
        self.lost.store(true, Ordering::Release);
        let _ = self.queue.try_send(None);
    }
}

/// Takes a free slot.
fn take_slot(sink: Sink) -> Option<usize> {
    let sink = Arc::new(sink);
    (0..SLOTS).find(|&n| {
        let mut slot = SLOT[n].write();
        let is_free = slot.is_none();
        if is_free {
            *slot = Some(sink.clone());
        }
        is_free
    })
}

/// Runs a callback's body with its slot's sink.
fn guarded<const N: usize>(body: impl FnOnce(&Sink)) {
    let Some(sink) = SLOT[N].read().clone() else { return };
    let run = || body(&sink);
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        sink.urgent.lose();
        sink.fdb.lose();
    }
}

/// Copies what a library counted out, as far as there is anything and it is within bounds; `None`: it is not.
fn events<T: Copy>(count: u32, data: *const T) -> Option<Vec<T>> {
    let count = count as usize;
    if count == 0 {
        return Some(Vec::new());
    }
    if data.is_null() || count > EVENTS_AT_ONCE || !data.is_aligned() {
        return None;
    }
    // SAFETY: the library says that so many lie there while its call lasts, and the address can be one.
    let told = unsafe { std::slice::from_raw_parts(data, count) };
    Some(told.to_vec())
}

unsafe extern "C" fn on_fdb<const N: usize>(count: u32, data: *const sai_fdb_event_notification_data_t) {
    guarded::<N>(|sink| {
        let Some(told) = events(count, data) else { return sink.fdb.lose() };
        let told = told.iter().filter(|told| told.fdb_entry.switch_id == sink.switch);
        let (known, unheard_of): (Vec<_>, Vec<_>) = told.map(fdb_notice).partition(Option::is_some);
        if !known.is_empty() {
            sink.fdb.tell(known.into_iter().flatten().collect());
        }
        if !unheard_of.is_empty() {
            sink.fdb.lose();
        }
    });
}

/// `None`: an event that no header has, or attributes that cannot be read.
fn fdb_notice(told: &sai_fdb_event_notification_data_t) -> Option<FdbNotice> {
    let event = match told.event_type {
        sai_fdb_event_t::SAI_FDB_EVENT_LEARNED => FdbEvent::Learned,
        sai_fdb_event_t::SAI_FDB_EVENT_MOVE => FdbEvent::Moved,
        sai_fdb_event_t::SAI_FDB_EVENT_AGED => FdbEvent::Aged,
        sai_fdb_event_t::SAI_FDB_EVENT_FLUSHED => FdbEvent::Flushed,
        _ => return None,
    };
    let attributes: Vec<sai_attribute_t> = events(told.attr_count, told.attr.cast_const())?;
    let port = attributes.iter().find(|slot| slot.id == fdb_at::BRIDGE_PORT_ID.id);
    let port = port.map(|slot| fdb_at::BRIDGE_PORT_ID.take(slot));
    let (bv, mac) = (told.fdb_entry.bv_id, Mac(told.fdb_entry.mac_address));
    Some(FdbNotice {
        event,
        // One event for many entries has zeros for what it does not single out.
        domain: (bv != 0).then_some(bv),
        mac: (mac != Mac::ZERO).then_some(mac),
        port: port.filter(|port| !port.is_null()),
    })
}

unsafe extern "C" fn on_ports<const N: usize>(count: u32, data: *const sai_port_oper_status_notification_t) {
    guarded::<N>(|sink| {
        let Some(told) = events(count, data) else { return sink.urgent.lose() };
        if told.is_empty() {
            return;
        }
        let ports = told.iter().map(|told| (Oid::from_raw(told.port_id), PortState::of(told.port_state)));
        sink.urgent.tell(Notice::Ports(ports.collect()));
    });
}

unsafe extern "C" fn on_switch<const N: usize>(switch: u64, state: sai_switch_oper_status_t) {
    guarded::<N>(|sink| {
        if switch != sink.switch {
            return;
        }
        sink.urgent.tell(Notice::Switch(SwitchState::of(state)));
    });
}

/// FDB events, ports, switch state.
fn callbacks<const N: usize>() -> [Callback; 3] {
    type OnFdb = unsafe extern "C" fn(u32, *const sai_fdb_event_notification_data_t);
    type OnPorts = unsafe extern "C" fn(u32, *const sai_port_oper_status_notification_t);
    type OnSwitch = unsafe extern "C" fn(u64, sai_switch_oper_status_t);
    let (fdb, ports, switch): (OnFdb, OnPorts, OnSwitch) = (on_fdb::<N>, on_ports::<N>, on_switch::<N>);
    [Callback(fdb as *mut _), Callback(ports as *mut _), Callback(switch as *mut _)]
}

macro_rules! all {
    ($($n:literal)*) => { [$(callbacks::<$n>),*] };
}

static CALLBACKS: [fn() -> [Callback; 3]; SLOTS] = all!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119
    120 121 122 123 124 125 126 127
);

#[cfg(test)]
#[path = "notify_tests.rs"]
mod tests;
