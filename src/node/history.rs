//! What happened of late, and how often the channel was down for what reason.
//!
//! Invariant: bounded ([`HISTORY`]); an event that repeats the one before it is counted there and takes no place of its
//! own, so that a channel that flaps for one reason does not push out what came before.

use crate::limits::HISTORY;
use crate::node::io::Event;
use crate::node::view::{HistoryEntry, HistoryView, ReasonCount};
use crate::session::io::DownReason;
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug, Default)]
pub(super) struct History {
    entries: VecDeque<Entry>,
    downs: BTreeMap<String, u64>,
    forgotten: u64,
}

#[derive(Debug)]
struct Entry {
    first: Time,
    last: Time,
    times: u64,
    event: Event,
}

impl History {
    /// Takes note of an event, if it is one that people ask about afterwards.
    pub(super) fn note(&mut self, now: Time, event: &Event) {
        match event {
            Event::SyncBegan | Event::SyncEnded { .. } | Event::SyncProgrammed { .. } => return,
            Event::EndSent { .. } | Event::Released { .. } | Event::Confirmed { .. } => return,
            // Of each host the trail knows; of how many there are, the counters.
            Event::Refused { .. } | Event::MoreRefused { .. } => return,
            Event::Adopted { .. } | Event::MoreAdopted { .. } => return,
            Event::SessionDown { reason } => *self.downs.entry(name(reason)).or_default() += 1,
            _ => {}
        }
        if let Some(last) = self.entries.back_mut().filter(|last| last.event == *event) {
            last.last = now;
            last.times += 1;
            return;
        }
        if self.entries.len() == HISTORY {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(Entry { first: now, last: now, times: 1, event: event.clone() });
    }

    /// The newest last.
    pub(super) fn view(&self, now: Time) -> HistoryView {
        let ago = |at: Time| u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX);
        let entries = self.entries.iter().map(|entry| HistoryEntry {
            first_ago_ms: ago(entry.first),
            last_ago_ms: ago(entry.last),
            times: entry.times,
            event: entry.event.clone(),
        });
        let downs =
            self.downs.iter().map(|(name, count)| ReasonCount { reason: name.clone(), count: *count });
        HistoryView { entries: entries.collect(), forgotten: self.forgotten, downs: downs.collect() }
    }
}

/// The reason's stable name: the one that JSON has.
fn name(reason: &DownReason) -> String {
    match serde_json::to_value(reason) {
        Ok(value) => value["reason"].as_str().unwrap_or("?").to_owned(),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_secs(seconds)
    }

    fn refused(port: u16) -> Event {
        Event::SessionDown { reason: DownReason::PeerRefuses { port } }
    }

    #[test]
    fn repetitions_are_counted_and_the_oldest_are_forgotten() {
        let mut history = History::default();
        for second in 1..=5 {
            history.note(at(second), &refused(1));
        }
        history.note(at(6), &Event::SyncBegan);
        let view = history.view(at(10));
        assert_eq!(view.entries.len(), 1);
        let entry = &view.entries[0];
        assert_eq!((entry.times, entry.first_ago_ms, entry.last_ago_ms), (5, 9_000, 5_000));
        for port in 0..300 {
            history.note(at(20), &refused(port));
        }
        let view = history.view(at(20));
        assert_eq!((view.entries.len(), view.forgotten), (HISTORY, 201));
        assert_eq!(view.entries[HISTORY - 1].event, refused(299));
        assert_eq!(view.downs, [ReasonCount { reason: "peer-refuses".to_owned(), count: 305 }]);
    }
}
