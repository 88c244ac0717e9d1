//! Changes that were answered before the hardware has them: those that a `late` rule holds back, and all of them on
//! a switch whose library programs asynchronously (`SAI_SIM_ASYNC`).
//!
//! ```text
//!  create ──► judged ──► answered ┄┄► waits ┄┄► lands in the table, or is lost without a word
//!                                     │ of SAI_SIM_ASYNC: in the order of the calls; the library knows of it, so a
//!                                     │                   second create is ITEM_ALREADY_EXISTS, a remove SUCCESS
//!                                     └ of a rule: alone; the library knows nothing of it, and it overwrites what
//!                                                   it finds, as a write to hardware does
//! ```
//!
//! What waits is in the state file: it lands in the next process if the one that asked for it has died.
//!
//! Invariant: who waits holds no reference and no room; all that is judged anew when it lands.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sai_sys::{Status, sai_object_type_t as T};

use super::entry::{Entry, New};
use super::fdb::Fdb;
use super::neighbor::Neighbors;
use super::route::Routes;
use super::warm::Lasting;
use super::{Switch, Tamper};
use crate::journal::{Packed, State};
use crate::object::Given;
use crate::refusal::Result;
use crate::steps::step;

/// When a change lands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delay {
    /// After this many more calls on the switch.
    Calls(u64),
    /// After this much time by the switch's clock.
    Nanoseconds(u64),
    /// When it is told to.
    Command,
}

impl Delay {
    /// Reads `calls 8`, `ns 5000` or `command`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let word = words.next()?;
        let mut number = || words.next()?.parse().ok().filter(|n| *n > 0);
        let delay = match word {
            "calls" => Self::Calls(number()?),
            "ns" => Self::Nanoseconds(number()?),
            "command" => Self::Command,
            _ => return None,
        };
        words.next().is_none().then_some(delay)
    }

    fn tag(self) -> u8 {
        match self {
            Self::Calls(_) => 0,
            Self::Nanoseconds(_) => 1,
            Self::Command => 2,
        }
    }

    fn bytes(self) -> [u8; 9] {
        let n = match self {
            Self::Calls(n) | Self::Nanoseconds(n) => n,
            Self::Command => 0,
        };
        let mut bytes = [self.tag(); 9];
        bytes[1..].copy_from_slice(&u64::to_le_bytes(n));
        bytes
    }

    fn from_bytes(bytes: [u8; 9]) -> Option<Self> {
        let [tag, n @ ..] = bytes;
        let n = u64::from_le_bytes(n);
        Some(match tag {
            0 => Self::Calls(n),
            1 => Self::Nanoseconds(n),
            2 => Self::Command,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Put,
    Take,
    Set,
}

/// A change that has not landed.
#[derive(Clone, Debug)]
struct Change {
    /// Its name in the state file.
    number: u64,
    /// Asked for under `SAI_SIM_ASYNC`, so that the library knows of it.
    is_promised: bool,
    delay: Delay,
    /// The turn or the time that it waits for.
    due: u64,
    kind: Kind,
    table: u8,
    key: Packed,
    /// Of a put.
    body: Packed,
    /// Of a put what the body has no place for, of a set the one attribute.
    attrs: Vec<Given>,
}

impl Change {
    /// Where it stands among those that wait.
    fn place(&self) -> (u8, u64, u64) {
        (self.delay.tag(), self.due, self.number)
    }

    fn state(&self) -> State {
        let kind = match self.kind {
            Kind::Put => 0,
            Kind::Take => 1,
            Kind::Set => 2,
        };
        let head = [kind, self.table, u8::from(self.is_promised), self.key.len() as u8];
        State {
            body: [&head[..], &self.delay.bytes(), &self.key, &self.body].concat(),
            attrs: self.attrs.clone(),
        }
    }

    fn from_state(number: u64, state: State) -> Option<Self> {
        let (head, rest) = state.body.split_first_chunk::<4>()?;
        let (delay, rest) = rest.split_first_chunk::<9>()?;
        let [kind, table, is_promised, key] = *head;
        let (key, body) = rest.split_at_checked(usize::from(key))?;
        let kind = match kind {
            0 => Kind::Put,
            1 => Kind::Take,
            2 => Kind::Set,
            _ => return None,
        };
        Some(Self {
            number,
            is_promised: is_promised != 0,
            delay: Delay::from_bytes(*delay)?,
            due: 0,
            kind,
            table,
            key: packed(key)?,
            body: packed(body)?,
            attrs: state.attrs,
        })
    }
}

/// Bytes of a file, which may be too many.
fn packed(bytes: &[u8]) -> Option<Packed> {
    (bytes.len() <= Packed::MOST).then(|| Packed::of(&[bytes]))
}

/// The changes of one switch that have not landed.
#[derive(Default)]
pub(crate) struct Late {
    /// Calls that have returned.
    turn: u64,
    last_number: u64,
    /// Of `SAI_SIM_ASYNC`: all wait equally long, so the first of them is the next.
    promised: VecDeque<Change>,
    /// Of rules, by their number.
    strays: BTreeMap<u64, Change>,
    /// Which turn or time they wait for, by what they wait for.
    dues: BTreeSet<(u8, u64, u64)>,
    /// What the library believes of keys that promised changes are about: how many of them, and whether the entry
    /// exists once they are done.
    beliefs: BTreeMap<(u8, Packed), (u32, bool)>,
    /// Changes that could not be done when their time came.
    lost: u64,
}

impl Late {
    /// How many changes wait, and how many were lost.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.promised.len() + self.strays.len(), self.lost)
    }

    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.promised.is_empty() && self.strays.is_empty()
    }

    /// How a change is written to the state file, if it still waits.
    pub(crate) fn state_of(&self, number: u64) -> Option<State> {
        // Numbers grow, and those that were promised leave in the order in which they came.
        let promised = self.promised.binary_search_by_key(&number, |change| change.number).ok();
        promised.map(|place| &self.promised[place]).or_else(|| self.strays.get(&number)).map(Change::state)
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.promised.iter().map(|change| change.number).chain(self.strays.keys().copied())
    }

    fn add(&mut self, now: u64, mut change: Change) {
        change.due = match change.delay {
            // The call that asks is not over yet.
            Delay::Calls(n) => (self.turn + 1).saturating_add(n),
            Delay::Nanoseconds(n) => now.saturating_add(n),
            Delay::Command => u64::MAX,
        };
        self.last_number = self.last_number.max(change.number);
        if change.is_promised {
            let belief = self.beliefs.entry((change.table, change.key)).or_default();
            *belief = (belief.0 + 1, change.kind != Kind::Take);
            self.promised.push_back(change);
        } else {
            self.dues.insert(change.place());
            self.strays.insert(change.number, change);
        }
    }

    /// Takes those out whose time has come, in the order in which they land.
    fn take_due(&mut self, now: u64, all: bool) -> Vec<Change> {
        let is_due = |delay: Delay, due: u64| match delay {
            _ if all => true,
            Delay::Calls(_) => due <= self.turn,
            Delay::Nanoseconds(_) => due <= now,
            Delay::Command => false,
        };
        let mut taken = Vec::new();
        while let Some(change) = self.promised.front().filter(|change| is_due(change.delay, change.due)) {
            step();
            let key = (change.table, change.key);
            if let Some(belief) = self.beliefs.get_mut(&key) {
                belief.0 -= 1;
                if belief.0 == 0 {
                    self.beliefs.remove(&key);
                }
            }
            taken.extend(self.promised.pop_front());
        }
        let mut numbers = Vec::new();
        for kind in [Delay::Calls(0), Delay::Nanoseconds(0), Delay::Command] {
            let all_of_kind = (kind.tag(), 0, 0)..=(kind.tag(), u64::MAX, u64::MAX);
            let due = self.dues.range(all_of_kind).take_while(|(_, due, _)| is_due(kind, *due));
            numbers.extend(due.inspect(|_| step()).map(|(.., number)| *number));
        }
        numbers.sort_unstable();
        for change in numbers.iter().filter_map(|number| self.strays.remove(number)) {
            self.dues.remove(&change.place());
            taken.push(change);
        }
        taken
    }
}

/// Is there such an entry, as far as the library knows?
#[inline]
pub(crate) fn is_there<E: Lasting>(switch: &Switch, key: &E::Key) -> bool {
    if !switch.late.beliefs.is_empty()
        && let Some((_, exists)) = switch.late.beliefs.get(&(E::TABLE, E::key_bytes(key)))
    {
        return *exists;
    }
    E::table(switch).get(key).is_some()
}

/// What waits instead of being done.
pub(crate) enum Postponed<E: Entry> {
    Put(New<E>),
    Take,
    Set(Given),
}

/// Does this deed wait?
#[inline]
pub(crate) fn waits(switch: &Switch, tamper: Tamper) -> bool {
    switch.settings.asynchronous.is_some() || matches!(tamper, Tamper::Late(..))
}

/// Lets a deed wait that was judged, and answers its call.
pub(crate) fn postpone<E: Lasting>(
    switch: &mut Switch,
    key: &E::Key,
    what: Postponed<E>,
    tamper: Tamper,
) -> Result<()> {
    let (delay, is_promised) = match (tamper, switch.settings.asynchronous) {
        (Tamper::Late(delay, _), _) => (delay, false),
        (_, Some(delay)) => (delay, true),
        (_, None) => return Err(Status::FAILURE),
    };
    let (kind, body, attrs) = match what {
        Postponed::Put(new) => (Kind::Put, E::body_bytes(&new.body), new.extras),
        Postponed::Take => (Kind::Take, Packed::default(), Vec::new()),
        Postponed::Set(given) => (Kind::Set, Packed::default(), vec![given]),
    };
    let number = switch.late.last_number + 1;
    let (table, key) = (E::TABLE, E::key_bytes(key));
    let change = Change { number, is_promised, delay, due: 0, kind, table, key, body, attrs };
    switch.late.add(switch.clock.now(), change);
    switch.touch_late(number);
    tamper.verdict(switch)
}

impl Switch {
    /// A call has returned: whoever waits for calls has waited for one more.
    #[inline]
    pub(crate) fn turn(&mut self) {
        self.late.turn += 1;
        self.land(false);
    }

    /// Lets changes land: those whose time has come, or all. How many they were, lost ones too.
    #[inline]
    pub(crate) fn land(&mut self, all: bool) -> usize {
        if self.late.is_idle() { 0 } else { self.land_waiting(all) }
    }

    fn land_waiting(&mut self, all: bool) -> usize {
        let now = self.clock.now();
        let mut landed = 0;
        for change in self.late.take_due(now, all) {
            self.touch_late(change.number);
            landed += 1;
            let done = match change.table {
                Neighbors::TABLE => self.land_one::<Neighbors>(change),
                Fdb::TABLE => self.land_one::<Fdb>(change),
                _ => self.land_one::<Routes>(change),
            };
            if done.is_none() {
                self.late.lost += 1;
            }
        }
        landed
    }

    /// Does what was asked for long ago, if it still can be done. No rule strikes it again.
    fn land_one<E: Lasting>(&mut self, change: Change) -> Option<()> {
        let key = E::key_from(&change.key)?;
        let facts = E::facts().ok()?;
        for (id, value) in &change.attrs {
            self.check_references(facts.attr(*id)?, value, 0).ok()?;
        }
        let tamper = Tamper::None;
        match change.kind {
            Kind::Take => super::entry::take::<E>(self, &key, tamper).ok(),
            Kind::Set => {
                let (id, value) = change.attrs.into_iter().next()?;
                super::entry::change::<E>(self, &key, facts.attr(id)?, value, tamper).ok()
            }
            Kind::Put => {
                let body = E::body_from(&change.body)?;
                E::check_key(self, &key).ok()?;
                E::check_body(self, &key, &body).ok()?;
                let old = E::table(self).get(&key).copied();
                if !E::has_room(self, &key, &body, old.as_ref()) {
                    return None;
                }
                if old.is_some() {
                    super::entry::take::<E>(self, &key, tamper).ok()?;
                }
                super::entry::put(self, key, New::<E> { body, extras: change.attrs }, tamper).ok()
            }
        }
    }

    /// Takes a change over that the last process did not live to see. It waits anew.
    pub(crate) fn restore_late(&mut self, number: u64, state: State) -> Option<()> {
        let change = Change::from_state(number, state)?;
        self.late.add(self.clock.now(), change);
        Some(())
    }
}

/// Objects whose changes can wait.
pub(crate) const OBJECTS: [T; 3] =
    [T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, T::SAI_OBJECT_TYPE_FDB_ENTRY, T::SAI_OBJECT_TYPE_ROUTE_ENTRY];
