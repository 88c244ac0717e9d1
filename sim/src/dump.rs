//! What the switches hold, as text for people.
//!
//! Invariant: sorted, so that two dumps of the same state are the same text.

use std::fmt::Write;

use crate::facts;
use crate::switch::Switch;
use crate::world;

/// Every switch.
pub(crate) fn all() -> String {
    let mut text = String::new();
    for cell in world::all() {
        one(&cell.lock(), &mut text);
    }
    text
}

fn one(switch: &Switch, text: &mut String) {
    let mut line = |args: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(args);
        text.push('\n');
    };
    line(format_args!("switch {:#x}", switch.id.id()));
    line(format_args!("  host table: {} of {} slots", switch.host_slots, switch.settings.host_capacity));
    for (id, object) in &switch.objects {
        let name = crate::oid::Oid::parse(*id).and_then(|oid| facts::of(oid.object));
        let Some(facts) = name else { continue };
        line(format_args!("  {} {id:#x} users {}", facts.name, object.users));
        for (attr, value) in &object.attrs {
            let name = facts.attr(*attr).map_or("?", |row| row.name);
            line(format_args!("    {name} = {value:?}"));
        }
    }
    for (key, body) in switch.neighbors.entries() {
        line(format_args!("  neighbor_entry rif {} {} {:02x?}", key.rif(), key.ip(), body.mac));
    }
    for (key, body) in switch.fdb.entries() {
        let (bv, port) = (key.bv(switch), body.port(switch));
        line(format_args!(
            "  fdb_entry bv {bv:#x} {:02x?} port {port:#x} static {}",
            key.mac, body.is_static
        ));
    }
    for key in switch.routes.keys() {
        let (ip, length) = key.prefix();
        line(format_args!(
            "  route_entry vr {:#x} {ip}/{length} {:?}",
            key.vr(switch),
            switch.routes.extras(&key)
        ));
    }
}
