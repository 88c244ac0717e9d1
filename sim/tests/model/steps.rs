//! Calls, and dice that make them up: mostly such that something happens, often enough such that nothing may.
//!
//! Invariant: the dice look at the model only, so a seed is one sequence of calls for ever.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::plain::*;
use crate::rows::{Form, Kind, Row, kind};
use crate::value::{Mac, Value, empty};

/// How a call is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Single,
    /// In bulk, up to the first failure.
    Stop,
    /// In bulk, whatever fails.
    Ignore,
    /// In bulk, by the function that reads any type.
    Any,
}

/// One call, or one thing that hardware does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(u32, Way, Vec<(Option<Key>, Given)>),
    Remove(u32, Way, Vec<Name>),
    Set(u32, Way, Vec<(Name, (u32, Value))>),
    /// Each attribute with how many items there is room for.
    Get(u32, Way, Vec<(Name, Vec<(u32, u32)>)>),
    Count(u32),
    Stats(u32, u64, usize),
    Flush(Given),
    RemoveAllNeighbors,
    Link(u64, bool),
    Hear(u64, Mac, u64),
    Age(u64, Mac),
    HardwareFlush(u64),
}

/// Numbers from a seed.
pub(crate) struct Dice(u64);

/// Kinds, and how often each is chosen.
pub(crate) const KINDS: &[(u32, u64)] = &[
    (NEIGHBOR_ENTRY, 22),
    (FDB_ENTRY, 14),
    (ROUTE_ENTRY, 10),
    (VIRTUAL_ROUTER, 3),
    (ROUTER_INTERFACE, 9),
    (VLAN, 5),
    (VLAN_MEMBER, 6),
    (BRIDGE, 3),
    (BRIDGE_PORT, 8),
    (LAG, 5),
    (LAG_MEMBER, 6),
    (NEXT_HOP, 8),
    (NEXT_HOP_GROUP, 5),
    (NEXT_HOP_GROUP_MEMBER, 7),
    (ISOLATION_GROUP, 3),
    (ISOLATION_GROUP_MEMBER, 5),
    (PORT, 5),
    (TUNNEL, 3),
    (HOSTIF, 3),
];

/// Kinds with counters.
pub(crate) const COUNTED: &[u32] = &[PORT, VLAN, ROUTER_INTERFACE, BRIDGE, BRIDGE_PORT, TUNNEL];

/// More objects of a kind than this are not made: they should meet.
const MANY: usize = 6;

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// True in so many of a hundred.
    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { from.get(self.below(from.len() as u64) as usize).cloned() }
    }

    fn kind(&mut self) -> u32 {
        let all = KINDS.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(all);
        for (object, weight) in KINDS {
            if left < *weight {
                return *object;
            }
            left -= weight;
        }
        unreachable!("less than all")
    }

    /// The next call. `has_bulk` knows which bulk functions there are.
    pub(crate) fn step(&mut self, model: &Model, foreign: u64, has_bulk: impl Fn(&str) -> bool) -> Step {
        let object = self.kind();
        let kind = kind(object);
        let way = |dice: &mut Self, what: &str| {
            let name = match what {
                "set" | "get" => format!("{what}_{}_attribute", kind.plural()),
                _ => format!("{what}_{}", kind.plural()),
            };
            if !dice.chance(35) || !has_bulk(&name) {
                (Way::Single, 1)
            } else {
                (if dice.chance(50) { Way::Stop } else { Way::Ignore }, 1 + dice.below(5))
            }
        };
        let crowd = if kind.name.ends_with("_entry") { 4 * MANY } else { MANY };
        let there = model.ids(object).len() + model.keys(object).len();
        let is_full = there > crowd + usize::from(matches!(object, PORT | BRIDGE_PORT | VLAN_MEMBER)) * 3;
        match self.below(100) {
            0..42 if !is_full => {
                let (way, n) = way(self, "create");
                let item = |dice: &mut Self| {
                    let key = kind.name.ends_with("_entry").then(|| dice.key(model, object, 25));
                    (key, dice.given(model, kind, foreign))
                };
                Step::Create(object, way, (0..n).map(|_| item(self)).collect())
            }
            0..42 | 80..92 => {
                let (way, n) = way(self, "remove");
                Step::Remove(object, way, (0..n).map(|_| self.name(model, object)).collect())
            }
            42..68 => {
                let (way, n) = way(self, "set");
                let item = |dice: &mut Self| (dice.name(model, object), dice.change(model, kind, foreign));
                Step::Set(object, way, (0..n).map(|_| item(self)).collect())
            }
            68..80 => {
                let (way, n) = match self.below(4) {
                    0 => (Way::Any, 1 + self.below(5)),
                    _ => way(self, "get"),
                };
                let item = |dice: &mut Self| (dice.name(model, object), dice.wanted(model, kind));
                Step::Get(object, way, (0..n).map(|_| item(self)).collect())
            }
            _ => self.rare(model, foreign),
        }
    }

    fn rare(&mut self, model: &Model, foreign: u64) -> Step {
        match self.below(16) {
            0..2 => Step::Count(if self.chance(20) { QUEUE } else { self.kind() }),
            2..4 => {
                let object = self.pick(COUNTED).unwrap();
                let Name::Id(id) = self.name(model, object) else { unreachable!("no entry") };
                Step::Stats(object, id, 1 + self.below(4) as usize)
            }
            4..6 => Step::Flush(self.given(model, kind(FDB_FLUSH), foreign)),
            6 => Step::RemoveAllNeighbors,
            7..9 => Step::Link(self.id(model, PORT), self.chance(50)),
            9..13 => {
                let Key::Fdb { bv, mac } = self.key(model, FDB_ENTRY, 30) else { unreachable!("asked for") };
                Step::Hear(bv, mac, self.id(model, BRIDGE_PORT))
            }
            13..15 => {
                let Key::Fdb { bv, mac } = self.key(model, FDB_ENTRY, 80) else { unreachable!("asked for") };
                Step::Age(bv, mac)
            }
            _ => Step::HardwareFlush(self.id(model, BRIDGE_PORT)),
        }
    }

    /// An id that is not what is wanted, but for luck.
    fn odd_id(&mut self, model: &Model) -> u64 {
        let known: Vec<u64> = model.known.keys().copied().collect();
        let dead: Vec<u64> = known.iter().copied().filter(|id| !model.live.contains_key(id)).collect();
        match self.below(5) {
            0 => 0,
            1 => 0x1234,
            2 => u64::MAX,
            3 => self.pick(&dead).unwrap_or(1),
            _ => self.pick(&known).unwrap(),
        }
    }

    /// Mostly a live object of a type.
    fn id(&mut self, model: &Model, object: u32) -> u64 {
        match self.pick(&model.ids(object)) {
            Some(id) if !self.chance(12) => id,
            _ => self.odd_id(model),
        }
    }

    fn name(&mut self, model: &Model, object: u32) -> Name {
        if kind(object).name.ends_with("_entry") {
            Name::Key(self.key(model, object, 75))
        } else {
            Name::Id(self.id(model, object))
        }
    }

    fn mac(&mut self) -> Mac {
        [2, 0, 0, 0, 0, 1 + self.below(5) as u8]
    }

    fn ip(&mut self) -> IpAddr {
        let host = 1 + self.below(6);
        if self.chance(50) {
            Ipv4Addr::new(10, 0, 0, host as u8).into()
        } else {
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host as u16).into()
        }
    }

    /// A key; in so many of a hundred one that is there.
    fn key(&mut self, model: &Model, object: u32, known: u64) -> Key {
        if self.chance(known)
            && let Some(key) = self.pick(&model.keys(object))
        {
            return key;
        }
        match object {
            NEIGHBOR_ENTRY => {
                let odd = ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "ff02::1"];
                let ip = if self.chance(6) { self.pick(&odd).unwrap().parse().unwrap() } else { self.ip() };
                Key::Neighbor { rif: self.id(model, ROUTER_INTERFACE), ip }
            }
            FDB_ENTRY => {
                let odd = [[0; 6], [0xff; 6], [1, 0, 0x5e, 0, 0, 1]];
                let mac = if self.chance(5) { self.pick(&odd).unwrap() } else { self.mac() };
                let of = if self.chance(70) { VLAN } else { BRIDGE };
                Key::Fdb { bv: self.id(model, of), mac }
            }
            _ => {
                let ip = self.ip();
                let mask = match ip {
                    IpAddr::V4(_) => {
                        let masks = [0, 0xff00_0000, 0xffff_ff00, u32::MAX, 0xff00_ff00, 1];
                        IpAddr::V4(Ipv4Addr::from_bits(self.pick(&masks).unwrap()))
                    }
                    IpAddr::V6(_) => {
                        let masks = [0, u128::MAX << 64, u128::MAX, u128::MAX << 1 | 3, u128::MAX >> 1];
                        IpAddr::V6(Ipv6Addr::from_bits(self.pick(&masks).unwrap()))
                    }
                };
                Key::Route { vr: self.id(model, VIRTUAL_ROUTER), ip, mask }
            }
        }
    }

    /// A value that an attribute takes, if there is one.
    fn good(&mut self, model: &Model, row: &Row) -> Option<Value> {
        let few = |dice: &mut Self| (0..dice.below(3)).map(|_| 1 + dice.below(6) as i64).collect();
        Some(match row.form {
            Form::Bool => Value::Number(self.below(2) as i64),
            Form::U8 => Value::Number(self.below(256) as i64),
            Form::U16 => Value::Number(1 + self.below(8) as i64),
            Form::U32 | Form::S32 | Form::U64 | Form::Pointer => Value::Number(self.below(5) as i64),
            Form::Enum => Value::Number(self.pick(&row.values)?),
            Form::Mac => Value::Mac(self.mac()),
            Form::Ip => Value::Ip(self.ip()),
            Form::Text => Value::Text(0x61 + self.below(20) as u8),
            Form::Id => {
                let fit: Vec<u64> = row.objects.iter().flat_map(|object| model.ids(*object)).collect();
                let id = self.pick(&fit).filter(|_| !row.nullable || !self.chance(15));
                Value::Id(id.or(row.nullable.then_some(0))?)
            }
            Form::Ids => {
                let fit: Vec<u64> = row.objects.iter().flat_map(|object| model.ids(*object)).collect();
                Value::Ids((0..self.below(3)).filter_map(|_| self.pick(&fit)).collect())
            }
            Form::S32s if !row.values.is_empty() => {
                Value::Numbers((0..self.below(3)).filter_map(|_| self.pick(&row.values)).collect())
            }
            Form::U8s | Form::S8s | Form::U32s | Form::S32s => Value::Numbers(few(self)),
            Form::Pairs => Value::Pairs(vec![(1, -1); self.below(3) as usize]),
            Form::U32Range | Form::U16Range => Value::Range(1, 2 + self.below(3) as u32),
            Form::Time => Value::Time(self.below(9), 5),
            Form::Other => return None,
        })
    }

    /// A value that an attribute does not take, if there is one.
    fn bad(&mut self, model: &Model, row: &Row, foreign: u64) -> Option<Value> {
        Some(match row.form {
            Form::Enum => Value::Number(if self.chance(50) { row.values.last()? + 1 } else { -1 }),
            Form::Mac => Value::Mac(if self.chance(50) { [0; 6] } else { [0xff; 6] }),
            Form::Ip => Value::BadIp,
            Form::U16 => Value::Number(if self.chance(50) { 0 } else { 4095 }),
            Form::Id => Value::Id(if self.chance(20) { foreign } else { self.odd_id(model) }),
            Form::Ids if self.chance(70) => Value::Ids(vec![self.odd_id(model)]),
            Form::S32s if !row.values.is_empty() && self.chance(50) => Value::Numbers(vec![-1]),
            form if form.is_list() => Value::Nowhere(if self.chance(50) { 1 } else { u32::MAX }),
            _ => return self.good(model, row),
        })
    }

    /// The attributes of a create: what it needs, some more, and now and then something wrong.
    fn given(&mut self, model: &Model, kind: &Kind, foreign: u64) -> Given {
        let mut given = Given::new();
        let holds = |given: &Given, row: &Row| {
            let number = |id: u32| given.iter().find(|(i, _)| *i == id).map(|(_, value)| value.clone());
            row.when.is_empty() || row.when.iter().any(|(id, n)| number(*id) == Some(Value::Number(*n)))
        };
        // Conditions look at what is needed always.
        for conditional in [false, true] {
            for row in kind.rows.iter().filter(|row| row.mandatory && row.when.is_empty() != conditional) {
                if holds(&given, row) {
                    given.extend(self.good(model, row).map(|value| (row.id, value)));
                }
            }
        }
        let spare: Vec<&Row> = kind.rows.iter().filter(|row| !row.read && !row.mandatory).collect();
        for _ in 0..self.below(4) {
            let Some(row) = self.pick(&spare).filter(|row| holds(&given, row)) else { continue };
            let fits = model.has_meaning(kind, &given.iter().cloned().collect(), row) || self.chance(10);
            if fits && !given.iter().any(|(id, _)| *id == row.id) {
                given.extend(self.good(model, row).map(|value| (row.id, value)));
            }
        }
        if self.chance(18) {
            self.spoil(model, kind, &mut given, foreign);
        }
        for n in (1..given.len()).rev() {
            given.swap(n, self.below(n as u64 + 1) as usize);
        }
        given
    }

    fn spoil(&mut self, model: &Model, kind: &Kind, given: &mut Given, foreign: u64) {
        let at = self.below(given.len().max(1) as u64) as usize;
        match self.below(6) {
            0 if !given.is_empty() => drop(given.remove(at)),
            1 if !given.is_empty() => given.push(given[at].clone()),
            2 => given.push((kind.rows.len() as u32 + self.below(2) as u32, Value::Number(0))),
            3 | 4 if !given.is_empty() => {
                if let Some(value) = self.bad(model, &kind.rows[given[at].0 as usize], foreign) {
                    given[at].1 = value;
                }
            }
            _ => {
                let row = &kind.rows[self.below(kind.rows.len() as u64) as usize];
                given.push((row.id, self.good(model, row).unwrap_or_else(|| empty(row.form))));
            }
        }
    }

    /// An attribute to set.
    fn change(&mut self, model: &Model, kind: &Kind, foreign: u64) -> (u32, Value) {
        let good: Vec<&Row> = kind.rows.iter().filter(|row| row.set).collect();
        // What names another object is the interesting part of what can be set.
        let names: Vec<&Row> = good
            .iter()
            .copied()
            .filter(|row| row.objects.iter().any(|o| !model.ids(*o).is_empty()))
            .collect();
        let from = if self.chance(35) && !names.is_empty() { &names } else { &good };
        let row = match self.pick(from) {
            Some(row) if !self.chance(10) => row,
            _ => {
                let id = self.below(kind.rows.len() as u64 + 1) as u32;
                let Some(row) = kind.row(id) else { return (id, Value::Number(0)) };
                row
            }
        };
        let bad = self.chance(12);
        let value = if bad { self.bad(model, row, foreign) } else { self.good(model, row) };
        (row.id, value.unwrap_or_else(|| empty(row.form)))
    }

    /// Attributes to read; lists with much room or little.
    fn wanted(&mut self, model: &Model, kind: &Kind) -> Vec<(u32, u32)> {
        // Much of what a device says of its ports is its own affair; `compare` looks whether it says it.
        let sure = |row: &&Row| kind.object != PORT || !row.read || model.is_sure_of_port(row.id);
        let ids: Vec<u32> = kind.rows.iter().filter(sure).map(|row| row.id).collect();
        let beyond = kind.rows.len() as u32;
        let one = |dice: &mut Self| {
            let id = if dice.chance(3) { beyond } else { dice.pick(&ids).unwrap() };
            (id, if dice.chance(80) { 64 } else { dice.below(3) as u32 })
        };
        (0..self.below(5)).map(|_| one(self)).collect()
    }
}
