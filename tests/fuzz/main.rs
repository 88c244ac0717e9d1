//! The fuzzers' corpus, replayed: what they found once stays found, and what they cover is covered in every run.
//!
//! The targets are compiled from `fuzz/src`, as libFuzzer's programs are.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate of its own where it is fuzzed")]
mod fuzz;

use std::path::Path;
use std::sync::Mutex;

/// One at a time: what is held at once is counted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn replay(target: &str, run: impl Fn(&[u8])) {
    let _alone = ALONE.lock();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 50, "only {} files for {target}", files.len());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let lived = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fuzz::bounded(|| run(&bytes))));
        assert!(lived.is_ok(), "{} is a find: cargo test --test fuzz {target}", file.display());
    }
}

#[test]
fn decoder() {
    replay("decoder", fuzz::decoder);
}

#[test]
fn session() {
    replay("session", fuzz::session);
}

#[test]
fn relay() {
    replay("relay", fuzz::relay);
}

#[test]
fn config() {
    replay("config", fuzz::config);
}

#[test]
fn capi() {
    replay("capi", fuzz::capi);
}
