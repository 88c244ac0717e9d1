//! Hosts that are to be refreshed or probed in the kernel's table.
//!
//! | told | looked at first, and then |
//! |---|---|
//! | a host of ours answered the peer | the kernel's own entry with that MAC becomes REACHABLE: its host has answered, if not here |
//! | is a host of ours still there? | the kernel's own entry becomes PROBE: three unicast probes, then REACHABLE or FAILED, which the learner tells |
//! | is a host of the peer's, which is away, still there? | the same, of the mirror's entry or of one made for it; if nobody answers, that is told and what was made is removed; if somebody does, the entry is the kernel's own from then on |
//!
//! Nothing is refreshed that was not heard: where the kernel's entry has another MAC than the claim, or is gone, nothing is
//! written. A probe is over when the kernel says so behind its notice of our PROBE; older notices are not about it.
//!
//! Invariant: pure; questions, messages and answers in, requests and verdicts out. What waits is bounded.

use super::bulk::{Answer, How, Verb, Write};
use super::ledger::{EXT_VALIDATED, PROTOCOL_KERNEL, hand_over};
use crate::addr::Mac;
use crate::limits;
use crate::neighbor::Key;
use crate::run::learn::decode::NeighborMessage;
use crate::time::Time;
use nix::errno::Errno;
use std::collections::{BTreeMap, VecDeque};

/// A question about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A host of ours, with this MAC, answered the peer.
    Confirmed { key: Key, mac: Mac },
    /// Is it still there?
    Probe {
        key: Key,
        mac: Mac,
        /// This device claims it.
        own: bool,
    },
}

impl Question {
    fn key(&self) -> Key {
        match self {
            Question::Confirmed { key, .. } | Question::Probe { key, .. } => *key,
        }
    }
}

/// A probe under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Probing {
    own: bool,
    /// The entry is there for the probe alone.
    made: bool,
    /// The notice of our PROBE has come.
    begun: bool,
    look_at: Time,
}

/// What a look at an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Ask(Question),
    /// The kernel said nothing of a probe for long.
    Late,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) refreshed: u64,
    pub(super) probed: u64,
    pub(super) answered: u64,
    pub(super) unanswered: u64,
    pub(super) dropped: u64,
}

/// The questions.
#[derive(Debug)]
pub(super) struct Questions {
    protocol: u8,
    socket: u32,
    waiting: VecDeque<Question>,
    probing: BTreeMap<Key, Probing>,
    /// Writes that follow from a notice.
    follow: Vec<(Key, Verb)>,
    /// Hosts of the peer's that did not answer.
    unanswered: Vec<Key>,
    /// Entries that are not the mirror's any more.
    handed_over: Vec<Key>,
    pub(super) asked: Asked,
}

impl Questions {
    pub(super) fn new(protocol: u8, socket: u32) -> Questions {
        Questions {
            protocol,
            socket,
            waiting: VecDeque::new(),
            probing: BTreeMap::new(),
            follow: Vec::new(),
            unanswered: Vec::new(),
            handed_over: Vec::new(),
            asked: Asked::default(),
        }
    }

    /// Takes one in.
    pub(super) fn take(&mut self, question: Question) {
        if self.waiting.len() >= limits::KERNEL_QUESTIONS {
            self.asked.dropped += 1;
        } else {
            self.waiting.push_back(question);
        }
    }

    /// True when something can be asked of the kernel now.
    pub(super) fn has_work(&self) -> bool {
        !self.follow.is_empty() || (!self.waiting.is_empty() && self.probing.len() < limits::KERNEL_PROBES)
    }

    /// Which entries to look at now, and what for.
    pub(super) fn looks(&mut self, now: Time) -> Vec<(Key, Purpose)> {
        let room = limits::KERNEL_PROBES.saturating_sub(self.probing.len());
        let asked = self.waiting.len().min(room);
        let mut looks: Vec<(Key, Purpose)> =
            self.waiting.drain(..asked).map(|question| (question.key(), Purpose::Ask(question))).collect();
        for (key, probing) in &mut self.probing {
            if probing.look_at <= now {
                probing.look_at = now + limits::KERNEL_PROBE_PATIENCE;
                looks.push((*key, Purpose::Late));
            }
        }
        looks
    }

    /// Writes that follow from what the kernel said.
    pub(super) fn follow(&mut self) -> Vec<(Key, Verb)> {
        std::mem::take(&mut self.follow)
    }

    /// Hosts of the peer's that nobody answered for.
    pub(super) fn take_unanswered(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.unanswered)
    }

    /// Entries that were handed over to the kernel.
    pub(super) fn take_handed_over(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.handed_over)
    }

    /// True for an entry that may be there for a probe alone.
    pub(super) fn is_probing(&self, key: &Key) -> bool {
        self.probing.contains_key(key)
    }

    /// When to look at a probe of which nothing is heard.
    pub(super) fn next_wake(&self) -> Option<Time> {
        self.probing.values().map(|probing| probing.look_at).min()
    }

    /// What the entry looks like now, and so what to write.
    pub(super) fn judge(&mut self, now: Time, key: Key, purpose: Purpose, answer: &Answer) -> Option<Verb> {
        let row = match answer {
            Answer::Row(row) => Some(row),
            Answer::Refused(Errno::ENOENT) => None,
            // Nothing is known of it, so nothing follows.
            Answer::Refused(_) | Answer::Lost | Answer::Done => return None,
        };
        match purpose {
            Purpose::Ask(Question::Confirmed { mac, .. }) => self.refresh(mac, row?),
            Purpose::Ask(Question::Probe { mac, own, .. }) => self.probe(now, key, mac, own, row),
            Purpose::Late => {
                let message = row.copied();
                self.hear(key, message.as_ref());
                None
            }
        }
    }

    fn refresh(&mut self, mac: Mac, row: &NeighborMessage) -> Option<Verb> {
        let ages = row.state & (libc::NUD_PERMANENT | libc::NUD_NOARP) == 0;
        let there = row.mac == Some(mac) && is_valid(row.state);
        if !there || !ages || row.protocol == Some(self.protocol) {
            return None;
        }
        self.asked.refreshed += 1;
        Some(again(row, mac, libc::NUD_REACHABLE))
    }

    fn probe(
        &mut self,
        now: Time,
        key: Key,
        mac: Mac,
        own: bool,
        row: Option<&NeighborMessage>,
    ) -> Option<Verb> {
        let valid = row.filter(|row| row.mac.is_some() && is_valid(row.state));
        let verb = match valid {
            // It has answered a moment ago, or never answers; and one with another MAC is another host.
            Some(row) if row.state & (libc::NUD_REACHABLE | libc::NUD_PERMANENT | libc::NUD_NOARP) != 0 => {
                return None;
            }
            Some(row) if row.mac != Some(mac) => return None,
            Some(row) => again(row, mac, libc::NUD_PROBE),
            // The learner has told that it is gone.
            None if own => return None,
            None => Verb::Write(Write {
                how: How::Over,
                mac,
                state: libc::NUD_PROBE,
                // Not to be counted against the kernel's bound.
                flags: libc::NTF_EXT_LEARNED,
                flags_ext: 0,
                protocol: Some(self.protocol),
            }),
        };
        self.asked.probed += 1;
        let look_at = now + limits::KERNEL_PROBE_PATIENCE;
        self.probing.insert(key, Probing { own, made: valid.is_none(), begun: false, look_at });
        Some(verb)
    }

    /// What was written was not taken.
    pub(super) fn refused(&mut self, key: Key, verb: &Verb) {
        if matches!(verb, Verb::Write(write) if write.state == libc::NUD_PROBE) {
            self.probing.remove(&key);
        }
    }

    /// The kernel says what became of an entry.
    pub(super) fn notice(&mut self, key: Key, gone: bool, message: &NeighborMessage) {
        let Some(probing) = self.probing.get_mut(&key) else { return };
        if message.cause == self.socket {
            probing.begun |= message.state & libc::NUD_PROBE != 0;
        } else if probing.begun {
            self.hear(key, (!gone).then_some(message));
        }
    }

    fn hear(&mut self, key: Key, message: Option<&NeighborMessage>) {
        let Some(probing) = self.probing.get(&key).copied() else { return };
        match message {
            Some(message) if message.state & (libc::NUD_PROBE | libc::NUD_DELAY) != 0 => return,
            Some(NeighborMessage { state, mac: Some(mac), flags, protocol, .. })
                if state & libc::NUD_REACHABLE != 0 =>
            {
                self.asked.answered += 1;
                if !probing.own && *protocol == Some(self.protocol) {
                    let write = hand_over(*mac, flags & libc::NTF_ROUTER != 0, *state);
                    self.follow.push((key, Verb::Write(write)));
                    self.handed_over.push(key);
                }
            }
            // FAILED, gone, or STALE again where the kernel must not make it FAILED.
            _ => {
                self.asked.unanswered += 1;
                if probing.made {
                    self.follow.push((key, Verb::Remove));
                }
                if !probing.own {
                    self.unanswered.push(key);
                }
            }
        }
        self.probing.remove(&key);
    }
}

fn is_valid(state: u16) -> bool {
    const VALID: u16 = libc::NUD_REACHABLE
        | libc::NUD_STALE
        | libc::NUD_DELAY
        | libc::NUD_PROBE
        | libc::NUD_PERMANENT
        | libc::NUD_NOARP;
    state & VALID != 0
}

/// The entry as it is, in another state.
fn again(row: &NeighborMessage, mac: Mac, state: u16) -> Verb {
    Verb::Write(Write {
        how: How::Change,
        mac,
        state,
        flags: row.flags & (libc::NTF_EXT_LEARNED | libc::NTF_ROUTER),
        flags_ext: row.flags_ext & EXT_VALIDATED,
        protocol: row.protocol.filter(|protocol| *protocol != PROTOCOL_KERNEL),
    })
}

#[cfg(test)]
#[path = "questions_tests.rs"]
mod tests;
