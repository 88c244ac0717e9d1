//! Threads that are good guests in somebody else's process.
//!
//! | of a thread | so that |
//! |---|---|
//! | every signal is blocked, from its first instruction on | the process's own threads take its signals |
//! | its stack's size is stated | nothing is read from the environment (`RUST_MIN_STACK`) |
//! | its panic is told to the log and the NOS and to nobody else, where [`hush_panics`] was called | nothing is written to stderr |
//! | its log goes to the sink that it was given, if any | the process's own subscriber is left alone |
//!
//! Invariant: every thread of the library is made here.

use nix::sys::signal::{SigSet, SigmaskHow};
use std::cell::{Cell, RefCell};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};
use tracing::Dispatch;

/// A thread's stack: nothing in here recurses, and a vendor's SAI runs on one of them.
const STACK: usize = 2 << 20;

/// What the threads of one instance have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    /// Where their log goes; `None`: where the process says.
    pub(crate) log: Option<Dispatch>,
}

impl Guest {
    /// Starts a thread.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let guest = self.clone();
        let _quiet = Quiet::begin()?;
        builder(name).spawn(move || guest.within(body))
    }

    /// Calls `body` as one of the library's own: on a thread of the process's, too.
    pub(crate) fn within<T>(&self, body: impl FnOnce() -> T) -> T {
        let _ours = Ours::begin();
        match &self.log {
            Some(log) => tracing::dispatcher::with_default(log, body),
            None => body(),
        }
    }
}

/// Starts a thread that ends with the scope.
pub(crate) fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    body: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    let _quiet = Quiet::begin()?;
    builder(name).spawn_scoped(scope, move || {
        let _ours = Ours::begin();
        body()
    })
}

fn builder(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK)
}

/// Every signal is blocked on this thread, which new ones inherit, as long as this lives.
struct Quiet(SigSet);

impl Quiet {
    fn begin() -> io::Result<Quiet> {
        Ok(Quiet(SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // It was in force before, so it can be again.
        let _ = self.0.thread_set_mask();
    }
}

thread_local! {
    static OURS: Cell<bool> = const { Cell::new(false) };
    /// What the last panic on this thread said.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// This thread is in the library's code as long as this lives.
struct Ours(bool);

impl Ours {
    fn begin() -> Ours {
        Ours(OURS.replace(true))
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        OURS.set(self.0);
    }
}

/// From now on a panic on a thread of the library's is kept for [`caught`] instead of being written to stderr. A panic
/// elsewhere goes where it went before. Whoever sets another hook later gets both.
///
/// The hook itself calls nobody: a panic inside of it, of a log that the process gave us, would end the process.
pub(crate) fn hush_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if OURS.try_with(Cell::get).unwrap_or(false) {
                let _ = LAST.try_with(|last| *last.borrow_mut() = panic.to_string());
            } else {
                before(panic);
            }
        }));
    });
}

/// Runs the body; what it panicked with, if it does, and where, if [`hush_panics`] was called.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    // The thread may be on its way out of another one.
    let before = LAST.take();
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    let last = LAST.replace(before);
    result.map_err(|panic| {
        // Another hook may have taken the place of ours.
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
        let words = if last.is_empty() { text.to_owned() } else { last };
        // What was thrown may itself panic when it is dropped.
        std::mem::forget(panic);
        words
    })
}
