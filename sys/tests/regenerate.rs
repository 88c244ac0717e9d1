//! The committed bindings are what the header generates.
#![cfg(feature = "bindgen")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn committed_bindings_are_those_of_the_header() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("regenerate");
    fs::create_dir_all(&out).expect("a directory");
    // Whatever headers this was built with, these are our own.
    let mut generator = Command::new(env!("SAI_SYS_GENERATOR"));
    generator.env_remove("SAI_INCLUDE_DIR").env("OUT_DIR", &out).env("CARGO_FEATURE_BINDGEN", "1");
    generator.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
    generator.env("TARGET", env!("SAI_SYS_TARGET")).env("RUSTC", env!("SAI_SYS_RUSTC"));
    let output = generator.output().expect("the generator runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let committed = include_str!("../src/bindings.rs");
    let fresh = fs::read_to_string(out.join("bindings.rs")).expect("written");
    let line = committed.lines().zip(fresh.lines()).position(|(old, new)| old != new);
    assert!(
        committed == fresh,
        "src/bindings.rs is stale from line {}; refresh it with\n    \
         cargo run -p sai-sys --features bindgen --example regenerate",
        line.unwrap_or_else(|| committed.lines().count().min(fresh.lines().count())) + 1
    );
}
