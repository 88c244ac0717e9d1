//! Tests that look at the whole process run in one of their own; and what there is to be seen of a process.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char};
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const CHILD: &str = "MLAGSYNC_TEST_ALONE";

/// Runs the body in a process where no other test runs: this test program, started anew for the test of this name.
pub(crate) fn alone(test: &str, body: impl FnOnce()) {
    if std::env::var(CHILD).is_ok_and(|child| child == test) {
        return body();
    }
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, test);
    let output = program.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "no such test: {test}\n{out}");
}

/// The library's threads by name, with the signals that they block.
pub(crate) fn threads() -> BTreeMap<String, Vec<u64>> {
    let mut threads: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task").unwrap() {
        // One that ends meanwhile has no file any more.
        let Ok(status) = fs::read_to_string(task.unwrap().path().join("status")) else { continue };
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim();
        if field("Name:").starts_with("mlag-") {
            let blocked = u64::from_str_radix(field("SigBlk:"), 16).unwrap();
            threads.entry(field("Name:").to_owned()).or_default().push(blocked);
        }
    }
    threads
}

/// Their names.
pub(crate) fn names() -> Vec<String> {
    threads().into_keys().collect()
}

/// What the process does with each signal: its handlers as the kernel has them.
pub(crate) fn signal_actions() -> Vec<(usize, u64)> {
    (1..=64)
        .map(|signal| {
            // SAFETY: zeros are a value of this struct.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            // SAFETY: only asks; the second argument may be null.
            unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
            (action.sa_sigaction, action.sa_flags as u64)
        })
        .collect()
}

/// Open descriptors, and those of them that a program that is started would inherit.
pub(crate) fn descriptors() -> (usize, Vec<String>) {
    let all: Vec<i32> = fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().parse().unwrap())
        .collect();
    let inherited = all.iter().filter(|fd| {
        // SAFETY: asks for the flags of a number that need not be open any more.
        let flags = unsafe { libc::fcntl(**fd, libc::F_GETFD) };
        flags >= 0 && flags & libc::FD_CLOEXEC == 0
    });
    let inherited = inherited.map(|fd| format!("{fd} {:?}", fs::read_link(format!("/proc/self/fd/{fd}"))));
    (all.len(), inherited.collect())
}

static WATCHING: AtomicBool = AtomicBool::new(false);
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Which variables of the environment are asked for while the body runs, by whoever in the process.
pub(crate) fn asked_of_environment(body: impl FnOnce()) -> Vec<String> {
    WATCHING.store(true, Ordering::SeqCst);
    body();
    WATCHING.store(false, Ordering::SeqCst);
    std::mem::take(&mut *ASKED.lock().unwrap())
}

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The process's `getenv`, in the place of the C library's: everything that is linked into the program asks it.
///
/// # Safety
/// As the C library's: the name is a string, and nobody changes the environment meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn getenv(name: *const c_char) -> *const c_char {
    // SAFETY: the caller gives a string.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    if WATCHING.load(Ordering::SeqCst) {
        ASKED.lock().unwrap().push(String::from_utf8_lossy(name).into_owned());
    }
    // SAFETY: set by the C library before main.
    let mut at = unsafe { environ };
    loop {
        // SAFETY: the list ends with a null pointer, where this ends.
        let entry = unsafe { *at };
        if entry.is_null() {
            return std::ptr::null();
        }
        // SAFETY: every entry before the end is a string.
        let text = unsafe { CStr::from_ptr(entry) }.to_bytes();
        if text.strip_prefix(name).is_some_and(|rest| rest.first() == Some(&b'=')) {
            // SAFETY: the string has this prefix and an equals sign.
            return unsafe { entry.add(name.len() + 1) };
        }
        // SAFETY: not at the end yet.
        at = unsafe { at.add(1) };
    }
}
