//! The boundary that every entry point stands behind: no panic crosses it, no forked process goes in, and no callback
//! comes back where it would wait for itself.
//!
//! Invariant: what runs inside may panic; then the result is MLAGSYNC_E_PANIC, and nothing is written to stderr.

use super::fork;
use super::result::{Answer, Failure, keep, mlagsync_result_t};
use super::result::{MLAGSYNC_E_CALLBACK, MLAGSYNC_E_FORKED, MLAGSYNC_E_PANIC};
use crate::run::thread::{self, Guest, hush_panics};
use std::cell::Cell;

/// In which callback this thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// In none.
    Nothing,
    /// In on_event, of the switch with this number.
    Event(u64),
    /// In one that must not call in.
    Other,
}

thread_local! {
    static CALLBACK: Cell<Inside> = const { Cell::new(Inside::Nothing) };
}

/// In which callback this thread is.
pub(super) fn inside() -> Inside {
    CALLBACK.try_with(Cell::get).unwrap_or(Inside::Nothing)
}

/// Runs a callback of the program's.
pub(super) fn callback<R>(which: Inside, run: impl FnOnce() -> R) -> R {
    let before = CALLBACK.try_with(|callback| callback.replace(which));
    let answer = run();
    if let Ok(before) = before {
        let _ = CALLBACK.try_with(|callback| callback.set(before));
    }
    answer
}

/// Runs an entry point.
pub(super) fn call(run: impl FnOnce() -> Answer) -> mlagsync_result_t {
    if fork::forked() {
        let text = "this process was forked off one that uses the library; start one here only after exec";
        return keep(Failure::new(MLAGSYNC_E_FORKED, text));
    }
    if inside() == Inside::Other {
        let text = "only on_event may call in, not lock, unlock or on_log";
        return keep(Failure::new(MLAGSYNC_E_CALLBACK, text));
    }
    match caught(run) {
        Ok(Ok(result)) => result,
        Ok(Err(failure)) | Err(failure) => keep(failure),
    }
}

/// Runs it, and makes a failure of a panic. The hook that keeps it off stderr is the library's only one, whatever is started
/// how often: `run::thread` sets it.
pub(super) fn caught<R>(run: impl FnOnce() -> R) -> Answer<R> {
    hush_panics();
    Guest::default().within(|| thread::caught(run)).map_err(|words| {
        tracing::error!("{words}");
        let text = format!("a fault of the library's own: {}", words.replace('\n', " "));
        Failure::new(MLAGSYNC_E_PANIC, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capi::result::MLAGSYNC_OK;

    #[test]
    fn a_panic_is_a_result() {
        assert_eq!(call(|| Ok(MLAGSYNC_OK)), MLAGSYNC_OK);
        assert_eq!(call(|| panic!("on purpose")), MLAGSYNC_E_PANIC);
        assert_eq!(call(|| std::panic::panic_any(7)), MLAGSYNC_E_PANIC);
        let failure = caught(|| panic!("on purpose")).expect_err("it panics");
        assert!(failure.text.ends_with("on purpose"), "{}", failure.text);
    }

    /// What was thrown may throw when it is dropped, which must not come out either.
    #[test]
    fn a_panic_that_panics_when_it_is_dropped_is_a_result_too() {
        struct Thrown;
        impl Drop for Thrown {
            fn drop(&mut self) {
                panic!("on purpose, in drop");
            }
        }
        assert_eq!(call(|| std::panic::panic_any(Thrown)), MLAGSYNC_E_PANIC);
    }

    /// The process's own hook goes on to be called, once for each panic of its own and for none of ours, however often
    /// the library was entered and started.
    #[test]
    fn the_programs_hook_stays_and_ours_is_set_once() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        const ME: &str = "capi::guard::tests::the_programs_hook_stays_and_ours_is_set_once";
        const ALONE: &str = "MLAGSYNC_TEST_ALONE";
        // A hook is the whole process's: this is for one where no other test runs.
        if std::env::var(ALONE).as_deref() != Ok(ME) {
            let program = std::env::current_exe().expect("this program");
            let mut child = std::process::Command::new(program);
            child.args(["--exact", ME, "--nocapture", "--test-threads=1"]).env(ALONE, ME);
            let output = child.output().expect("it starts");
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && text.contains("1 passed"), "{text}{output:?}");
            return;
        }
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        std::panic::set_hook(Box::new(|_| _ = HEARD.fetch_add(1, SeqCst)));
        let own = || drop(std::panic::catch_unwind(|| panic!("the program's")));
        for _ in 0..3 {
            hush_panics();
            assert_eq!(call(|| panic!("ours")), MLAGSYNC_E_PANIC);
            assert_eq!(call(|| Ok(MLAGSYNC_OK)), MLAGSYNC_OK);
        }
        assert_eq!(HEARD.load(SeqCst), 0, "ours is nobody's business");
        own();
        assert_eq!(HEARD.load(SeqCst), 1);
        // What we set is one hook on top of the program's: below it there is the default.
        drop(std::panic::take_hook());
        std::panic::set_hook(Box::new(|_| _ = HEARD.fetch_add(10, SeqCst)));
        hush_panics();
        assert_eq!(call(|| panic!("ours")), MLAGSYNC_E_PANIC);
        assert_eq!(HEARD.load(SeqCst), 11, "it is not set again over a hook that the program sets later");
    }

    #[test]
    fn only_the_event_callback_may_call_in() {
        assert_eq!(callback(Inside::Other, || call(|| Ok(MLAGSYNC_OK))), MLAGSYNC_E_CALLBACK);
        assert_eq!(callback(Inside::Event(1), || call(|| Ok(MLAGSYNC_OK))), MLAGSYNC_OK);
        assert_eq!(inside(), Inside::Nothing);
    }
}
