//! What a step should answer, and what it does to the model.

use sai_sys::*;

use crate::plain::*;
use crate::real::{Read, Said};
use crate::rows::kind;
use crate::steps::{Step, Way};
use crate::support::{SUCCESS, UNTOUCHED};
use crate::value::Value;

fn status<T>(outcome: Outcome<T>) -> sai_status_t {
    outcome.err().unwrap_or(SUCCESS)
}

impl Model {
    /// Does the step, and holds what the library said against what it should have said.
    pub(crate) fn follow(&mut self, step: &Step, said: &Said) {
        let is_new: Vec<bool> = said.ids.iter().map(|id| *id != 0 && !self.known.contains_key(id)).collect();
        let (expected, statuses) = match step {
            Step::Create(object, way, items) => {
                let deed = |model: &mut Self, n: usize| match &items[n] {
                    (Some(key), given) => model.create_entry(key, given),
                    (None, given) => model.create(*object, given, said.ids[n]),
                };
                self.many(*way, items.len(), deed, deed)
            }
            Step::Remove(object, way, names) => {
                let deed = |model: &mut Self, n: usize| model.remove(*object, &names[n]);
                self.if_known(names.iter(), *way, |model| model.many(*way, names.len(), deed, deed))
            }
            Step::Set(object, way, items) => {
                let deed = |model: &mut Self, n: usize| model.set(*object, &items[n].0, &items[n].1);
                let names = items.iter().map(|(name, _)| name);
                self.if_known(names, *way, |model| model.many(*way, items.len(), deed, deed))
            }
            Step::Get(object, way, items) => {
                let deed = |model: &mut Self, n: usize| {
                    let read = said.values[n].iter().zip(&items[n].1);
                    model.read_all(*object, &items[n].0, read.map(|(value, (id, room))| (*id, *room, value)))
                };
                // Whole batches are refused for objects that are not there, not for what is asked of them.
                let judge = |model: &mut Self, n: usize| match way {
                    Way::Any => Ok(()),
                    _ => model.exists(*object, &items[n].0),
                };
                let names = items.iter().map(|(name, _)| name);
                self.if_known(names, *way, |model| model.many(*way, items.len(), judge, deed))
            }
            Step::Count(object) => {
                let count = match *object {
                    QUEUE => 8 * self.ids(PORT).len(),
                    object => self.ids(object).len() + self.keys(object).len(),
                };
                assert_eq!(said.values[0][0], Read::Is(Value::Number(count as i64)));
                (SUCCESS, Vec::new())
            }
            Step::Stats(object, id, _) => {
                let there = self.find(*object, *id);
                let zero = Read::Is(Value::Number(if there.is_ok() { 0 } else { 7 }));
                assert!(said.values[0].iter().all(|value| *value == zero), "{:?}", said.values);
                (status(there), Vec::new())
            }
            Step::Flush(given) => (status(self.flush(given)), Vec::new()),
            Step::RemoveAllNeighbors => {
                self.remove_all_neighbors();
                (SUCCESS, Vec::new())
            }
            Step::Link(port, up) => (status(self.link(*port, *up)), Vec::new()),
            Step::Hear(bv, mac, port) => (status(self.hear(*bv, *mac, *port)), Vec::new()),
            Step::Age(bv, mac) => (status(self.age(*bv, *mac)), Vec::new()),
            Step::HardwareFlush(port) => {
                let there = self.find(BRIDGE_PORT, *port);
                if there.is_ok() {
                    self.flush_where(*port, 0, 0);
                }
                (status(there), Vec::new())
            }
        };
        assert_eq!((said.status, &said.statuses), (expected, &statuses), "status, and statuses");
        if let Step::Create(_, way, items) = step {
            for (n, (key, _)) in items.iter().enumerate() {
                let done = if *way == Way::Single { said.status } else { said.statuses[n] } == SUCCESS;
                assert_eq!(is_new[n], done && key.is_none(), "an id that was never given before, or none");
            }
        }
    }

    /// A bulk call of which no id leads to the switch is refused as a whole.
    fn if_known<'a>(
        &mut self,
        names: impl Iterator<Item = &'a Name>,
        way: Way,
        call: impl FnOnce(&mut Self) -> (sai_status_t, Vec<sai_status_t>),
    ) -> (sai_status_t, Vec<sai_status_t>) {
        let names: Vec<&Name> = names.collect();
        let leads = |name: &&Name| match name {
            Name::Id(id) => self.known.contains_key(id),
            Name::Key(_) => true,
        };
        if matches!(way, Way::Stop | Way::Ignore) && !names.iter().any(leads) {
            return (SAI_STATUS_INVALID_PARAMETER, vec![UNTOUCHED; names.len()]);
        }
        call(self)
    }

    /// A call for one or for many, as the profile has it.
    fn many(
        &mut self,
        way: Way,
        n: usize,
        judge: impl Fn(&mut Self, usize) -> Outcome,
        deed: impl Fn(&mut Self, usize) -> Outcome,
    ) -> (sai_status_t, Vec<sai_status_t>) {
        if way == Way::Single {
            return (status(deed(self, 0)), Vec::new());
        }
        if self.profile.bulk == Bulk::WholeBatchReject {
            for item in 0..n {
                // Each for itself, and as if there were room.
                let mut copy = self.clone();
                copy.endless = true;
                if let Err(refused) = judge(&mut copy, item) {
                    let mut statuses = vec![SAI_STATUS_NOT_EXECUTED; n];
                    statuses[item] = refused;
                    return (refused, statuses);
                }
            }
        }
        let mut statuses = Vec::new();
        for item in 0..n {
            match deed(self, item) {
                Err(refused) if self.profile.bulk == Bulk::EarlyReturn => {
                    statuses.resize(n, UNTOUCHED);
                    return (refused, statuses);
                }
                outcome => statuses.push(status(outcome)),
            }
            if statuses.last() != Some(&SUCCESS) && way == Way::Stop {
                break;
            }
        }
        let good = statuses.iter().all(|status| *status == SUCCESS);
        statuses.resize(n, SAI_STATUS_NOT_EXECUTED);
        (if good { SUCCESS } else { SAI_STATUS_FAILURE }, statuses)
    }

    /// Compares what a get has filled, up to what refused it.
    fn read_all<'a>(
        &self,
        object: u32,
        name: &Name,
        wanted: impl Iterator<Item = (u32, u32, &'a Read)>,
    ) -> Outcome {
        self.exists(object, name)?;
        let (mut outcome, mut none) = (Ok(()), true);
        for (n, (id, room, read)) in wanted.enumerate() {
            none = false;
            let answer = self.get(object, name, id).map_err(|refused| refused - n as sai_status_t)?;
            let row = &kind(object).rows[id as usize];
            let what = || format!("{} of {name:x?}", row.name);
            // Lists of members have no order that means anything.
            let order = |value: &Value| if row.read { sorted(value) } else { value.clone() };
            match (&answer, read) {
                (Answer::Is(Value::Ids(list)), Read::Needs(count)) => {
                    assert_eq!(*count as usize, list.len(), "{}", what());
                }
                (Answer::Is(Value::Numbers(list)), Read::Needs(count)) => {
                    assert_eq!(*count as usize, list.len(), "{}", what());
                }
                (Answer::Is(value), Read::Is(read)) => assert_eq!(order(read), order(value), "{}", what()),
                (Answer::Anything | Answer::Perhaps, _) => {}
                (answer, read) => panic!("{}: {read:?} instead of {answer:?} in {room}", what()),
            }
            if matches!(read, Read::Needs(_)) {
                outcome = Err(SAI_STATUS_BUFFER_OVERFLOW);
            }
        }
        if none { Err(SAI_STATUS_INVALID_PARAMETER) } else { outcome }
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Ids(ids) => {
            let mut ids = ids.clone();
            ids.sort_unstable();
            Value::Ids(ids)
        }
        other => other.clone(),
    }
}
