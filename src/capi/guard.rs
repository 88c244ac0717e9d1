//! The boundary that every entry point stands behind: no panic crosses it, no forked process goes in, and no callback
//! comes back where it would wait for itself.
//!
//! Invariant: what runs inside may panic; then the result is MLAGSYNC_E_PANIC, and nothing is written to stderr.

use super::fork;
use super::result::{Answer, Failure, keep, mlagsync_result_t};
use super::result::{MLAGSYNC_E_CALLBACK, MLAGSYNC_E_FORKED, MLAGSYNC_E_PANIC};
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;

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
    /// How many calls this thread is inside of.
    static CALLS: Cell<u32> = const { Cell::new(0) };
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

/// Runs it, and makes a failure of a panic.
pub(super) fn caught<R>(run: impl FnOnce() -> R) -> Answer<R> {
    be_quiet();
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
    let answer = catch_unwind(AssertUnwindSafe(run));
    let _ = CALLS.try_with(|calls| calls.set(calls.get() - 1));
    answer.map_err(|panic| {
        let text = format!("a fault of the library's own: {}", words(&*panic));
        // What was thrown may itself panic when it is dropped.
        std::mem::forget(panic);
        Failure::new(MLAGSYNC_E_PANIC, text)
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something that is no text")
}

/// Keeps panics of the library off stderr, which is the program's; those of others go where they went before.
fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let called = CALLS.try_with(|calls| calls.get() > 0).unwrap_or(false);
            if called || thread::current().name().is_some_and(|name| name.starts_with("mlag-")) {
                tracing::error!("{panic}");
            } else {
                before(panic);
            }
        }));
    });
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

    #[test]
    fn only_the_event_callback_may_call_in() {
        assert_eq!(callback(Inside::Other, || call(|| Ok(MLAGSYNC_OK))), MLAGSYNC_E_CALLBACK);
        assert_eq!(callback(Inside::Event(1), || call(|| Ok(MLAGSYNC_OK))), MLAGSYNC_OK);
        assert_eq!(inside(), Inside::Nothing);
    }
}
