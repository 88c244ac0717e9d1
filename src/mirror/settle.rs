//! What an answer from the ASIC changes.
//!
//! Invariant: an answer changes what is known to be held, and nothing else; what to do next is asked of the slot anew,
//! because what is wanted may have changed while the operation was in flight.

use crate::mirror::batch::{BatchDone, OpKind, Outcome};
use crate::mirror::diagnosis::{Diagnosis, diagnose};
use crate::mirror::early::Early;
use crate::mirror::entry::{Entry, Value};
use crate::mirror::line::Line;
use crate::mirror::pace::Lane;
use crate::mirror::slot::{Facts, Held, Place};
use crate::mirror::{Mirror, UNANSWERED};
use crate::sai::status::Status;
use crate::table::row::RowId;
use crate::table::trail::{Asked, What};
use crate::time::Time;

impl<E: Entry> Mirror<E> {
    /// Takes the answer to a batch. Answers the status when the switch as a whole begins to be in trouble.
    pub(crate) fn settle(
        &mut self,
        line: &mut Line,
        now: Time,
        done: &BatchDone<E::Value>,
    ) -> Option<Status> {
        let nth = self.flights.iter().position(|flight| flight.id == done.id)?;
        let mut flight = self.flights.remove(nth);
        let doubted = line.doubts(done.id);
        self.tally.batches += 1;
        self.tally.calls += u64::from(done.calls);
        self.tally.asic_ns += done.asic_ns;
        line.answered(Lane { table: E::TABLE, kind: flight.kind }, flight.ops.len(), done.asic_ns);
        let idle = !done.outcomes.is_empty() && done.outcomes.iter().all(|o| *o == Outcome::NotExecuted);
        let trouble = done.switch_trouble.or(idle.then_some(UNANSWERED)).filter(|_| !doubted);
        // A library that cannot read is not in trouble: its entries are written blindly.
        let unreadable = trouble.filter(|status| flight.kind == OpKind::Read && status.is_lacking());
        let trouble = trouble.filter(|_| unreadable.is_none());

        if let Some(glance) = flight.glance {
            self.settle_glance(
                line,
                now,
                glance,
                &mut flight.ops,
                if doubted { &[] } else { &done.outcomes },
            );
            self.spare.push(flight.ops);
            return line.settle_trouble(now, trouble);
        }
        let writes = matches!(flight.kind, OpKind::Create | OpKind::SetMac);
        let written = writes && done.outcomes.contains(&Outcome::Done) && line.early.samples();
        if written && let Some(nth) = done.outcomes.iter().rposition(|o| *o == Outcome::Done) {
            line.sample = flight.ops.get(nth).map(|(at, _)| (E::TABLE, *at));
        }
        let mut freed = 0;
        for (nth, (at, sent)) in flight.ops.drain(..).enumerate() {
            let outcome = match done.outcomes.get(nth).copied().unwrap_or(Outcome::Unknown(UNANSWERED)) {
                // It is the switch that refused, not this entry.
                Outcome::Refused(status) if trouble == Some(status) => Outcome::NotExecuted,
                // The one that said so is not the one that is there now.
                outcome if doubted && outcome != Outcome::NotExecuted => Outcome::Unknown(UNANSWERED),
                Outcome::NotExecuted => unreadable.map_or(Outcome::NotExecuted, Outcome::Refused),
                outcome => outcome,
            };
            freed += usize::from(flight.kind == OpKind::Remove && outcome == Outcome::Done);
            let early = &mut line.early;
            self.edit(at, |m| m.settle_one(early, now, at, flight.kind, sent, outcome));
        }
        self.spare.push(flight.ops);
        for _ in 0..freed {
            self.retry_one_for_room(now, false);
        }
        line.settle_trouble(now, trouble)
    }

    fn settle_one(
        &mut self,
        early: &mut Early,
        now: Time,
        at: RowId,
        kind: OpKind,
        sent: Option<E::Value>,
        outcome: Outcome<E::Value>,
    ) {
        let slot = &mut self.slots[at as usize];
        slot.place = Place::Idle;
        let probe = slot.facts.set(Facts::PROBE, false);
        let freed = slot.facts.set(Facts::FREED, false);
        let diagnosis = match outcome {
            Outcome::Refused(status) => Some(diagnose(kind, status)),
            _ => None,
        };
        // What it is on is given back: an id that means nothing any more is refused in many ways.
        let looks = matches!(kind, OpKind::Remove | OpKind::Read);
        let is_nowhere = looks && self.places.is_closing(slot.held_rif);
        let diagnosis = match diagnosis {
            Some(Diagnosis::Invalid) if is_nowhere => Some(Diagnosis::Absent),
            other => other,
        };
        let is_believed = slot.blind || !early.confirms();
        let promised = match slot.held {
            Held::Found(tried) if early.may_be_late() && !slot.foreign && !slot.doubted => Some(tried),
            _ => None,
        };
        let mut look_on = false;
        match (kind, outcome, diagnosis) {
            // Of what may have been done late nothing is learned by looking once.
            (OpKind::Create | OpKind::SetMac, Outcome::Done | Outcome::Unknown(_), _) if !is_believed => {
                slot.patience = 0;
                slot.held = sent.map_or(Held::Unknown, Held::Written);
            }
            (OpKind::Remove, Outcome::Done | Outcome::Unknown(_), _) if !is_believed => {
                slot.patience = 0;
                slot.held = Held::Erased;
            }
            (OpKind::Read, Outcome::Held(read), _) if slot.held.is_unconfirmed() => {
                look_on = self.was_seen(early, now, at, read);
            }
            (OpKind::Read, Outcome::Unknown(_) | Outcome::Refused(_), _) if slot.held.is_unconfirmed() => {}
            // It was there already, and it is not to be seen: the library knows of what it has not done yet.
            (OpKind::Read, Outcome::Held(None), _) if promised.is_some() => {
                early.was_late(now);
                slot.held = promised.map_or(Held::Nothing, Held::Written);
                slot.patience = 1;
                look_on = true;
            }
            (OpKind::Create | OpKind::SetMac, Outcome::Done, _) => {
                slot.held = sent.map_or(Held::Unknown, Held::Host);
            }
            (OpKind::Remove, Outcome::Done, _) | (_, _, Some(Diagnosis::Absent)) => slot.held = Held::Nothing,
            (OpKind::Read, Outcome::Held(host), _) => slot.read_back(host),
            (OpKind::Create, _, Some(Diagnosis::Exists)) => {
                slot.held = sent.map_or(Held::Unknown, Held::Found);
                slot.facts.set(Facts::INHERITED, true);
            }
            (OpKind::Read, Outcome::Unknown(_), _) if matches!(slot.held, Held::Found(_)) => {}
            (_, Outcome::Done | Outcome::Held(_) | Outcome::Unknown(_), _)
            | (_, _, Some(Diagnosis::Exists)) => {
                slot.held = Held::Unknown;
            }
            // What was written before may have been refused with it, or not.
            (OpKind::SetMac, Outcome::Refused(_), _) if slot.held.is_unconfirmed() => {
                slot.held = Held::Unknown
            }
            (_, Outcome::Refused(_) | Outcome::NotExecuted, _) => {}
        }
        let slot = &mut self.slots[at as usize];
        slot.doubted = match (outcome, diagnosis) {
            (Outcome::Done | Outcome::Held(_), _) => false,
            (_, Some(Diagnosis::Absent | Diagnosis::Exists)) => false,
            (Outcome::Refused(_) | Outcome::NotExecuted | Outcome::Unknown(_), _) => {
                slot.doubted || kind != OpKind::Read
            }
        };
        if slot.held == Held::Nothing || kind == OpKind::Create && outcome == Outcome::Done {
            slot.facts.set(Facts::INHERITED, false);
        }
        if let Outcome::Held(read) = outcome {
            self.was_read(now, at);
            self.take_over(at);
            let wants = self.slots[at as usize].want.is_some_and(|want| !want.is_the_hardwares());
            self.heard.extend(read.filter(|read| wants && read.is_the_hardwares()).map(|read| (at, read)));
        }
        let slot = &mut self.slots[at as usize];
        match outcome {
            Outcome::Done => match kind {
                OpKind::Create => self.tally.creates += 1,
                OpKind::SetMac => self.tally.sets += 1,
                OpKind::Remove => self.tally.removes += 1,
                OpKind::Read => {}
            },
            Outcome::Held(_) => self.tally.reads += 1,
            Outcome::Refused(status) => {
                self.tally.refusals += 1;
                slot.status = status;
                self.failures.push((at, What::AsicRefused { asked: asked(kind), status }));
            }
            Outcome::Unknown(status) => {
                self.tally.unknowns += 1;
                slot.status = status;
                self.failures.push((at, What::AsicUnknown { asked: asked(kind), status }));
            }
            Outcome::NotExecuted => {}
        }
        if std::mem::take(&mut slot.handed) {
            if kind == OpKind::Remove
                && slot.foreign
                && matches!(outcome, Outcome::Done | Outcome::Unknown(_))
            {
                self.taken_away.push(at);
            }
            return self.settle_handed(now, at);
        }
        match outcome {
            Outcome::Done if kind != OpKind::Read && is_believed => slot.tries = 0,
            Outcome::Done if kind != OpKind::Read => {}
            Outcome::Held(_) if kind == OpKind::Read => {}
            // An answer to something else than was asked settles nothing.
            Outcome::Done | Outcome::Held(_) | Outcome::Refused(_) | Outcome::Unknown(_) => slot.tries += 1,
            Outcome::NotExecuted => {}
        }
        // An entry that should be there and is not forwards wrongly.
        slot.moved |= kind == OpKind::SetMac && slot.held == Held::Nothing;
        if diagnosis == Some(Diagnosis::Room) && !probe {
            self.tally.full += 1;
            if freed {
                slot.precedence.squeeze();
            }
        }
        // What was refused is parked only if it is still what would be asked.
        let writes = matches!(kind, OpKind::Create | OpKind::SetMac);
        let again = slot.step() == Some(kind) && (!writes || slot.want == sent);
        if probe && diagnosis == Some(Diagnosis::Room) {
            self.queues.probed(false);
        } else if probe && outcome == Outcome::Done {
            self.queues.probed(true);
        }
        match (diagnosis, kind) {
            (Some(Diagnosis::Unsupported), OpKind::Read) => {
                self.slots[at as usize].blind = true;
                self.place(now, at);
            }
            (Some(Diagnosis::Room), _) if again => self.queues.put(&mut self.slots, at, Place::Room, now),
            (Some(Diagnosis::Invalid | Diagnosis::Unsupported), OpKind::Create | OpKind::SetMac) if again => {
                self.queues.put(&mut self.slots, at, Place::Failed, now);
            }
            (Some(Diagnosis::Later | Diagnosis::Invalid | Diagnosis::Unsupported), _) if again => {
                self.wait(now, at);
            }
            // A read that was not answered is not asked at once again.
            (None, OpKind::Read) if matches!(outcome, Outcome::Unknown(_)) && again => self.wait(now, at),
            _ if look_on => self.confirm_later(now, at),
            (None, OpKind::Read)
                if slot.precedence.lost() > 1 && slot.step().is_some_and(|kind| kind != OpKind::Read) =>
            {
                self.write_later(now, at);
            }
            _ => self.place(now, at),
        }
    }

    /// An operation from before a hand-over to the NOS was answered. If the key has come back since, the NOS may have
    /// written it: look.
    fn settle_handed(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        slot.held = if slot.want.is_some() { Held::Unknown } else { Held::Nothing };
        slot.held_rif = slot.want_rif;
        slot.tries = 0;
        self.place(now, at);
    }
}

fn asked(kind: OpKind) -> Asked {
    match kind {
        OpKind::Create => Asked::Create,
        OpKind::SetMac => Asked::SetMac,
        OpKind::Remove => Asked::Remove,
        OpKind::Read => Asked::Read,
    }
}
