//! Notifications: the callbacks that a client put into switch attributes, called on a thread of the library's own.
//!
//! A callback gets memory that lives only while it runs, as from a vendor's library, and must not wait for whoever
//! gave the command.
//!
//! Invariant: no lock of the simulator is held while a callback runs.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};

use sai_sys::{
    sai_attribute_t, sai_fdb_entry_attr_t as FdbAttr, sai_fdb_entry_t, sai_fdb_entry_type_t as FdbType,
    sai_fdb_event_notification_data_t, sai_fdb_event_notification_fn, sai_fdb_event_t, sai_object_id_t,
    sai_port_error_status_t, sai_port_oper_status_notification_t, sai_port_oper_status_t,
    sai_port_state_change_notification_fn, sai_switch_attr_t as Attr, sai_switch_oper_status_t,
    sai_switch_state_change_notification_fn,
};

use crate::switch::Switch;
use crate::value::{Mac, Value};

/// What happened to an FDB entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FdbEvent {
    pub(crate) event: sai_fdb_event_t,
    pub(crate) switch: sai_object_id_t,
    pub(crate) bv: sai_object_id_t,
    pub(crate) mac: Mac,
    pub(crate) port: sai_object_id_t,
    pub(crate) is_static: bool,
}

/// What a client is told.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Port(sai_object_id_t, sai_port_oper_status_t),
    Fdb(Vec<FdbEvent>),
    Switch(sai_object_id_t, sai_switch_oper_status_t),
}

struct Job {
    /// Address of the callback.
    callback: usize,
    event: Event,
    done: Sender<()>,
}

/// Answers when the callback has returned, or at once if there is none.
pub(crate) struct Receipt(Option<Receiver<()>>);

impl Receipt {
    pub(crate) fn wait(self) {
        if let Some(done) = self.0 {
            // An error means that the thread is gone, and the callback with it.
            let _ = done.recv();
        }
    }
}

/// Hands an event to the switch's callback for it.
pub(crate) fn emit(switch: &Switch, event: Event) -> Receipt {
    let attr = match event {
        Event::Port(..) => Attr::SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY,
        Event::Fdb(_) => Attr::SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY,
        Event::Switch(..) => Attr::SAI_SWITCH_ATTR_SWITCH_STATE_CHANGE_NOTIFY,
    };
    let object = switch.objects.get(&switch.id.id());
    let callback = object.and_then(|o| o.get(attr.0)).and_then(Value::num).unwrap_or_default() as usize;
    if callback == 0 {
        return Receipt(None);
    }
    let (done, receipt) = channel();
    let thread = thread().lock().unwrap_or_else(PoisonError::into_inner);
    let sent = thread.send(Job { callback, event, done });
    Receipt(sent.is_ok().then_some(receipt))
}

/// The thread that calls, started with the first event.
fn thread() -> &'static Mutex<Sender<Job>> {
    static THREAD: OnceLock<Mutex<Sender<Job>>> = OnceLock::new();
    THREAD.get_or_init(|| {
        let (jobs, queue) = channel::<Job>();
        let run = move || {
            for job in queue {
                call(job.callback, &job.event);
                let _ = job.done.send(());
            }
        };
        // Without a thread nobody is told; the commands still do what they do.
        let _ = std::thread::Builder::new().name("sai-sim-notify".into()).spawn(run);
        Mutex::new(jobs)
    })
}

fn call(callback: usize, event: &Event) {
    let pointer = std::ptr::with_exposed_provenance::<()>(callback);
    match event {
        Event::Port(port, state) => {
            let data = sai_port_oper_status_notification_t {
                port_id: *port,
                port_state: *state,
                port_error_status: sai_port_error_status_t::SAI_PORT_ERROR_STATUS_CLEAR,
            };
            // SAFETY: the client set this attribute to a function of this type; a null pointer was not sent.
            let notify: sai_port_state_change_notification_fn = unsafe { std::mem::transmute(pointer) };
            if let Some(notify) = notify {
                // SAFETY: one event, which lives through the call.
                unsafe { notify(1, &raw const data) };
            }
        }
        Event::Switch(switch, state) => {
            // SAFETY: as above.
            let notify: sai_switch_state_change_notification_fn = unsafe { std::mem::transmute(pointer) };
            if let Some(notify) = notify {
                // SAFETY: no pointers.
                unsafe { notify(*switch, *state) };
            }
        }
        Event::Fdb(events) => {
            let mut attrs: Vec<[sai_attribute_t; 2]> = events.iter().map(fdb_attrs).collect();
            let data: Vec<_> = events
                .iter()
                .zip(&mut attrs)
                .map(|(event, attrs)| sai_fdb_event_notification_data_t {
                    event_type: event.event,
                    fdb_entry: sai_fdb_entry_t {
                        switch_id: event.switch,
                        mac_address: event.mac,
                        bv_id: event.bv,
                    },
                    attr_count: attrs.len() as u32,
                    attr: attrs.as_mut_ptr(),
                })
                .collect();
            // SAFETY: as above.
            let notify: sai_fdb_event_notification_fn = unsafe { std::mem::transmute(pointer) };
            if let Some(notify) = notify {
                // SAFETY: the events and their attributes live through the call.
                unsafe { notify(data.len() as u32, data.as_ptr()) };
            }
        }
    }
}

/// Type and bridge port, as SAI asks of an FDB event.
fn fdb_attrs(event: &FdbEvent) -> [sai_attribute_t; 2] {
    // SAFETY: any bits are a value of the struct.
    let mut attrs: [sai_attribute_t; 2] = unsafe { std::mem::zeroed() };
    attrs[0].id = FdbAttr::SAI_FDB_ENTRY_ATTR_TYPE.0;
    let kind = if event.is_static {
        FdbType::SAI_FDB_ENTRY_TYPE_STATIC
    } else {
        FdbType::SAI_FDB_ENTRY_TYPE_DYNAMIC
    };
    attrs[0].value.u32_ = kind.0;
    attrs[1].id = FdbAttr::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID.0;
    attrs[1].value.oid = event.port;
    attrs
}
