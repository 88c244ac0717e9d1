//! The committed bindings are what the header generates.
#![cfg(feature = "bindgen")]

#[test]
fn committed_bindings_are_those_of_the_header() {
    let committed = include_str!("../src/bindings.rs");
    let fresh = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    let line = committed.lines().zip(fresh.lines()).position(|(old, new)| old != new);
    assert!(
        committed == fresh,
        "src/bindings.rs is stale from line {}; refresh it with\n    \
         cargo run -p sai-sys --features bindgen --example regenerate",
        line.unwrap_or_else(|| committed.lines().count().min(fresh.lines().count())) + 1
    );
}
