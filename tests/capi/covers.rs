//! What the Rust API offers, C has: each public method beside its function, or beside the reason why there is none.

use crate::declared::declared;
use crate::rig::root;
use std::collections::{BTreeMap, BTreeSet};

/// Methods by type, and what they are in C; a reason begins with a dash.
const COVERED: &[(&str, &str)] = &[
    ("Builder::new", "mlagsync_builder_new, mlagsync_builder_sai"),
    ("Builder::model", "mlagsync_builder_model"),
    ("Builder::forwarding_mode", "mlagsync_builder_model"),
    ("Builder::node_id", "mlagsync_builder_node_id"),
    ("Builder::ownership", "mlagsync_builder_ownership"),
    ("Builder::fdb", "mlagsync_builder_fdb"),
    ("Builder::lifetimes", "mlagsync_builder_lifetimes"),
    ("Builder::limits", "mlagsync_builder_limits"),
    (
        "Builder::room",
        "mlagsync_builder_limits, mlagsync_builder_vrf_hosts, mlagsync_builder_interface_hosts",
    ),
    ("Builder::restart_time", "mlagsync_builder_restart_time"),
    ("Builder::journal", "mlagsync_builder_journal"),
    ("Builder::record", "mlagsync_builder_record"),
    ("Builder::vpn_instance", "mlagsync_builder_vpn_instance"),
    ("Builder::configuration", "mlagsync_builder_configuration"),
    ("Builder::control", "mlagsync_builder_control"),
    ("Builder::calls", "mlagsync_builder_calls_locked, mlagsync_builder_calls_on_nos_thread"),
    ("Builder::log", "mlagsync_builder_on_log"),
    ("Builder::on_news", "mlagsync_builder_on_event"),
    ("Builder::start", "mlagsync_start"),
    ("Mlagsync::news", "mlagsync_next_event, mlagsync_event_fd"),
    ("Mlagsync::asic_worker", "mlagsync_run_batches"),
    ("Mlagsync::stop", "mlagsync_stop, mlagsync_free"),
    ("Mlagsync::is_stopped", "- every function answers MLAGSYNC_E_STOPPED"),
    ("Mlagsync::learned", "mlagsync_learned"),
    ("Mlagsync::forgotten", "mlagsync_forgotten"),
    ("Mlagsync::confirmed", "mlagsync_confirmed"),
    ("Mlagsync::became_static", "mlagsync_static"),
    ("Mlagsync::unanswered", "mlagsync_unanswered"),
    ("Mlagsync::local_complete", "mlagsync_local_complete"),
    ("Mlagsync::dump_begin", "mlagsync_dump_begin"),
    ("Mlagsync::dump_end", "mlagsync_dump_end"),
    ("Mlagsync::bind", "mlagsync_bind"),
    ("Mlagsync::unbind", "mlagsync_unbind"),
    ("Mlagsync::member", "mlagsync_member"),
    ("Mlagsync::member_gone", "mlagsync_member_gone"),
    ("Mlagsync::peer_link", "mlagsync_peer_link"),
    ("Mlagsync::fdb", "mlagsync_fdb"),
    ("Mlagsync::asic", "mlagsync_asic"),
    ("Mlagsync::lifetimes", "mlagsync_lifetimes"),
    ("Mlagsync::session", "mlagsync_session, mlagsync_show"),
    ("Mlagsync::neighbors", "mlagsync_neighbors"),
    ("Mlagsync::hosts", "mlagsync_hosts"),
    ("Mlagsync::counts", "mlagsync_counts, mlagsync_show"),
    ("Mlagsync::history", "mlagsync_show"),
    ("Mlagsync::admission", "mlagsync_show"),
    ("Mlagsync::why", "mlagsync_why"),
    ("Mlagsync::configuration", "mlagsync_configuration"),
    ("Mlagsync::sweep", "mlagsync_sweep"),
    ("Mlagsync::resync", "mlagsync_resync"),
    ("Mlagsync::configure", "mlagsync_configure, mlagsync_configure_channel"),
    ("Mlagsync::verify", "mlagsync_verify"),
    ("Mlagsync::repair", "mlagsync_repair"),
    ("AsicWorker::run", "mlagsync_run_batches"),
    ("Subscription::next_now", "mlagsync_next_event"),
    ("Subscription::next_within", "mlagsync_next_event"),
    ("Subscription::wait", "mlagsync_next_event"),
];

/// Functions that C needs and Rust does not.
const C_ALONE: &[&str] = &[
    "mlagsync_abi",
    "mlagsync_builder_free",
    "mlagsync_has",
    "mlagsync_last_error",
    "mlagsync_result_name",
    "mlagsync_version",
];

/// The public methods of `src/embed`, as `Type::method`.
fn methods() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("src/embed")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        let mut of = String::new();
        for line in source.lines() {
            if let Some(rest) = line.strip_prefix("impl ") {
                of = rest.trim_end_matches([' ', '{']).to_owned();
            }
            let Some(rest) = line.strip_prefix("    pub fn ") else { continue };
            found.insert(format!("{of}::{}", rest.split(['(', '<']).next().unwrap()));
        }
    }
    assert!(found.len() > 40, "they were not read");
    found
}

/// Fields of the structs by which the Rust API sets limits, with their places in `mlagsync_limits_t`.
const LIMITS: &[(&str, &str)] = &[
    ("Tuning.session", "of which these: window, frame"),
    ("Tuning.tombstones", "tombstones"),
    ("Tuning.claims", "claims"),
    ("Tuning.sweep_guard", "sweep_guard"),
    ("Tuning.life", "- mlagsync_builder_lifetimes"),
    ("Tuning.work", "work"),
    ("Tuning.scrub", "of which these: scrub_round_s, scrub_share"),
    ("Tuning.programming", "programming"),
    // The session's.
    ("Tuning.capabilities", "- what the protocol can, not what a program may choose"),
    ("Tuning.window", "window"),
    ("Tuning.frame", "frame"),
    ("RoomLimits.slots", "slots"),
    ("RoomLimits.v6_slots", "v6_slots"),
    ("RoomLimits.each_vrf", "vrf_hosts"),
    ("RoomLimits.each_interface", "interface_hosts"),
    ("RoomLimits.vrfs", "- mlagsync_builder_vrf_hosts"),
    ("RoomLimits.interfaces", "- mlagsync_builder_interface_hosts"),
];

fn fields(file: &str, of: &str) -> Vec<String> {
    let source = std::fs::read_to_string(root().join(file)).unwrap();
    let body = source.split(&format!("pub struct {of} {{")).nth(1).unwrap().split("\n}").next().unwrap();
    let fields = body.lines().filter_map(|line| line.strip_prefix("    pub "));
    fields.map(|line| format!("{of}.{}", line.split(':').next().unwrap())).collect()
}

#[test]
fn each_method_of_the_rust_api_has_its_function() {
    let covered: BTreeMap<&str, &str> = COVERED.iter().copied().collect();
    let listed: BTreeSet<String> = covered.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(methods(), listed, "methods of src/embed, and those that C is known to have");
    let functions: BTreeSet<String> = declared().functions.into_keys().collect();
    let named = covered.values().filter(|how| !how.starts_with('-')).flat_map(|how| how.split(", "));
    let named: BTreeSet<String> = named.chain(C_ALONE.iter().copied()).map(str::to_owned).collect();
    assert_eq!(named, functions, "functions that stand for something, and those of the header");
}

#[test]
fn each_limit_of_the_rust_api_has_its_field() {
    let mut found: Vec<String> = fields("src/node/settings.rs", "Tuning");
    found.extend(fields("src/session/io.rs", "Tuning"));
    found.extend(fields("src/embed/builder.rs", "RoomLimits"));
    let listed: Vec<&str> = LIMITS.iter().map(|(field, _)| *field).collect();
    assert_eq!(found, listed, "limits of the Rust API, and those that C is known to have");
    let ours: BTreeSet<String> = LIMITS
        .iter()
        .filter(|(_, how)| !how.starts_with('-'))
        .flat_map(|(_, how)| how.trim_start_matches("of which these: ").split(", "))
        .map(str::to_owned)
        .collect();
    let structs = declared().structs;
    let theirs = structs["mlagsync_limits_t"].iter().map(|(name, ..)| name.clone());
    assert_eq!(ours, theirs.filter(|name| name != "struct_size").collect());
}
