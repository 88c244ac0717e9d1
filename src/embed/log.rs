//! The log for a callback: a subscriber of our own, in force on a thread only while that is in the library.
//!
//! Invariant: no global subscriber is ever set.

use crate::run::thread::caught;
use std::fmt::{self, Write};
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Something is wrong here.
    Error,
    /// Something is wrong elsewhere, or may become so.
    Warn,
    /// What happened.
    Info,
    /// What happened to single hosts.
    Debug,
}

/// One line.
#[derive(Clone, Debug)]
pub struct LogLine<'a> {
    /// How much it matters.
    pub level: LogLevel,
    /// The module that says it.
    pub target: &'a str,
    /// The sentence, and the facts behind it as ` key=value`.
    pub text: &'a str,
}

/// Where lines go.
#[derive(Clone)]
pub(super) struct Sink {
    most: LogLevel,
    sink: Arc<dyn Fn(&LogLine<'_>) + Send + Sync>,
}

impl Sink {
    pub(super) fn new(most: LogLevel, sink: impl Fn(&LogLine<'_>) + Send + Sync + 'static) -> Sink {
        Sink { most, sink: Arc::new(sink) }
    }

    pub(super) fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }
}

fn level(of: tracing::Level) -> Option<LogLevel> {
    match of {
        tracing::Level::ERROR => Some(LogLevel::Error),
        tracing::Level::WARN => Some(LogLevel::Warn),
        tracing::Level::INFO => Some(LogLevel::Info),
        tracing::Level::DEBUG => Some(LogLevel::Debug),
        _ => None,
    }
}

impl Subscriber for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && level(*metadata.level()).is_some_and(|level| level <= self.most)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(level) = level(*event.metadata().level()) else { return };
        let mut words = Words::default();
        event.record(&mut words);
        let text = words.sentence + &words.facts;
        let line = LogLine { level, target: event.metadata().target(), text: &text };
        // A sink that panics loses its line; no thread of ours goes with it.
        let _ = caught(|| (self.sink)(&line));
    }

    // Nothing in the library makes spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Words {
    sentence: String,
    facts: String,
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.sentence, "{value:?}"),
            name => write!(self.facts, " {name}={value:?}"),
        };
    }
}
