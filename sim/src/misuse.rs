//! What clients must not do, and hardware vendors' libraries answer with a crash next week: two threads inside at
//! once, calls after uninitialise or on a switch that is gone, keys whose padding is not zero.
//!
//! ```text
//! SAI_SIM_MISUSE = report | abort [+padding]
//! ```
//!
//! Each kind is counted, and said on stderr the first time.
//!
//! Invariant: a call that is misuse answers what it would have answered; only `abort` ends it, and the process.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What is done about misuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) abort: bool,
    /// Is padding looked at? A client may rightly leave it as it is, so only if asked to.
    pub(crate) padding: bool,
}

impl Policy {
    /// Reads `report`, `abort`, `report+padding` or `abort+padding`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (what, padding) = match text.strip_suffix("+padding") {
            Some(what) => (what, true),
            None => (text, false),
        };
        match what {
            "report" => Some(Self { abort: false, padding }),
            "abort" => Some(Self { abort: true, padding }),
            _ => None,
        }
    }
}

/// A kind of misuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    TwoThreads,
    AfterEnd,
    StaleSwitch,
    Padding,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::TwoThreads => "two threads are inside one switch at once",
            Self::AfterEnd => "a function is called after uninitialise",
            Self::StaleSwitch => "a function is called on a switch that is gone",
            Self::Padding => "a key has padding or unused bytes that are not zero",
        }
    }
}

/// How often clients did what they must not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Misuse {
    /// A thread came in while another was inside.
    pub two_threads: u64,
    /// A function was called after uninitialise, through a method table that was kept or by its name.
    pub after_end: u64,
    /// A function was called on a switch, or an object of a switch, that was removed.
    pub stale_switch: u64,
    /// Keys with padding or unused bytes that are not zero; 0 unless `SAI_SIM_MISUSE` has `+padding`.
    pub padding: u64,
}

/// Counts of one switch, or of what belongs to none.
#[derive(Default)]
pub(crate) struct Counts {
    counts: [AtomicU64; 4],
    aborts: AtomicBool,
}

/// What belongs to no switch that is there: calls after the end, and on switches that are gone.
pub(crate) static NOWHERE: Counts =
    Counts { counts: [const { AtomicU64::new(0) }; 4], aborts: AtomicBool::new(false) };

impl Counts {
    /// What is to be done from now on.
    pub(crate) fn follow(&self, policy: Policy) {
        self.aborts.store(policy.abort, Ordering::Relaxed);
    }

    /// It has happened.
    #[cold]
    pub(crate) fn note(&self, kind: Kind) {
        let before = self.counts[kind as usize].fetch_add(1, Ordering::Relaxed);
        let aborts = self.aborts.load(Ordering::Relaxed);
        if before == 0 || aborts {
            eprintln!("SAI_SIM: misuse: {}", kind.text());
        }
        if aborts {
            std::process::abort();
        }
    }

    /// The counts, with those that belong to no switch.
    pub(crate) fn sum(&self) -> Misuse {
        let own = |kind: Kind| self.counts[kind as usize].load(Ordering::Relaxed);
        let all = |kind: Kind| own(kind) + NOWHERE.counts[kind as usize].load(Ordering::Relaxed);
        Misuse {
            two_threads: own(Kind::TwoThreads),
            after_end: all(Kind::AfterEnd),
            stale_switch: all(Kind::StaleSwitch),
            padding: own(Kind::Padding),
        }
    }
}
