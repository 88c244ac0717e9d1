//! Faults on command: `SAI_SIM_FAULTS="rule; rule; …"`.
//!
//! ```text
//! rule   = op object [key] [when] action
//! op     = create | remove | set | get | any
//! object = neighbor | fdb | route | any | a name as in its functions: router_interface, lag_member, …
//! key    = an IP address | a MAC address | a prefix: 10.0.0.5, 02:00:00:00:00:01, 10.1.0.0/16
//! when   = #N | #N..M | #N.. | every N | p 0.01         counted over what the rule matches, from 1
//! action = fail STATUS [before | after]                 after: it is stored, and the call says that it failed
//!        | lie                                          SUCCESS, and nothing happens
//!        | corrupt-mac                                  SUCCESS, and the stored MAC has its last bit flipped
//!        | abort STATUS                                 a bulk call ends here; this status list entry and all
//!                                                       behind it stay as the caller left them
//!        | late [N] [STATUS | crash]                    answered at once: SUCCESS, or STATUS, or the process dies; done
//!                                                       after N more calls, or on command; of entries only
//!        | stall MS                                     takes that long
//!        | hang                                         does not return until released
//!        | crash [before | after]                       the process dies
//! STATUS = a name without SAI_STATUS_, TABLE_FULL; with an index where it has one, INVALID_ATTR_VALUE:1; or a number,
//!          also one that no header names: -77
//! ```
//!
//! The first rule that fires decides. A bulk call counts as one match for each entry.
//!
//! Invariant: decides; what a decision does to a table is done by the switch. The same seed and calls give the same
//! faults.

use std::net::IpAddr;
use std::time::Duration;

use sai_sys::{Status, sai_object_type_t, sai_object_type_t as T, sai_status_t};

use crate::facts;
use crate::switch::late::{self, Delay};
use crate::value::Mac;

/// What is done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    Create,
    Remove,
    Set,
    Get,
}

/// Which entry it is done to, as far as a rule can name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    Address(IpAddr),
    Mac(Mac),
    Prefix(IpAddr, u8),
    Other,
}

/// Before or after the switch has done it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    Before,
    After,
}

/// What a caller is told whose change comes late.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Success,
    Status(Status),
    /// Nothing: its process dies.
    Crash,
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Fail(Status, Moment),
    Lie,
    CorruptMac,
    Abort(Status),
    Late(Delay, Reply),
    Stall(Duration),
    Hang,
    Crash(Moment),
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum When {
    Always,
    Between(u64, u64),
    Every(u64),
    /// With this probability, as a bound on 32 random bits.
    Chance(u64),
}

#[derive(Clone, PartialEq, Debug)]
struct Rule {
    deed: Option<Deed>,
    object: Option<sai_object_type_t>,
    target: Option<Target>,
    when: When,
    action: Action,
    seen: u64,
}

/// The rules of one switch.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    dice: u64,
}

impl Faults {
    /// Reads rules; an error names the rule and what is wrong with it.
    pub(crate) fn parse(text: &str, seed: u64) -> Result<Self, String> {
        let rules = text
            .split(';')
            .map(str::trim)
            .filter(|rule| !rule.is_empty())
            .map(|rule| parse_rule(rule).map_err(|why| format!("fault rule `{rule}`: {why}")))
            .collect::<Result<_, _>>()?;
        Ok(Self { rules, dice: seed })
    }

    /// Is there nothing to ask?
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What goes wrong with this deed, if anything.
    pub(crate) fn strike(&mut self, deed: Deed, object: sai_object_type_t, target: Target) -> Option<Action> {
        let mut struck = None;
        for rule in &mut self.rules {
            let matches = rule.deed.is_none_or(|d| d == deed)
                && rule.object.is_none_or(|o| o == object)
                && rule.target.is_none_or(|t| t == target);
            if !matches {
                continue;
            }
            rule.seen += 1;
            let fires = match rule.when {
                When::Always => true,
                When::Between(first, last) => (first..=last).contains(&rule.seen),
                When::Every(n) => rule.seen.is_multiple_of(n),
                When::Chance(bound) => roll(&mut self.dice) < bound,
            };
            if fires && struck.is_none() {
                struck = Some(rule.action);
            }
        }
        struck
    }
}

/// 32 random bits (splitmix64).
pub(crate) fn roll(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *dice;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) >> 32
}

/// The words of a rule, by their place in it; numbers, addresses, statuses and the names of objects aside.
pub const WORDS: &[(&str, &[&str])] = &[
    ("op", &["create", "remove", "set", "get", "any"]),
    ("object", &["neighbor", "fdb", "route", "any"]),
    ("when", &["every", "p"]),
    ("action", &["fail", "lie", "corrupt-mac", "abort", "stall", "hang", "crash", "late"]),
];

/// A word that may stand at this place.
fn known<'a>(place: &str, word: &'a str) -> Option<&'a str> {
    let (_, words) = WORDS.iter().find(|(name, _)| *name == place)?;
    words.contains(&word).then_some(word)
}

fn parse_rule(rule: &str) -> Result<Rule, String> {
    let mut words = rule.split_whitespace().peekable();
    let mut word = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let operation = word("the operation")?;
    let deed = match known("op", operation).unwrap_or_default() {
        "create" => Some(Deed::Create),
        "remove" => Some(Deed::Remove),
        "set" => Some(Deed::Set),
        "get" => Some(Deed::Get),
        "any" => None,
        _ => return Err(format!("`{operation}` is no operation (create, remove, set, get, any)")),
    };
    let name = word("the object")?;
    let object = match known("object", name).unwrap_or_default() {
        "any" => None,
        "neighbor" => Some(T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY),
        "fdb" => Some(T::SAI_OBJECT_TYPE_FDB_ENTRY),
        "route" => Some(T::SAI_OBJECT_TYPE_ROUTE_ENTRY),
        _ => Some(
            facts::ALL
                .iter()
                .find(|f| f.name == name)
                .ok_or_else(|| format!("`{name}` is no object that is simulated"))?
                .object,
        ),
    };
    let target = words.peek().and_then(|word| parse_target(word));
    if target.is_some() {
        words.next();
    }
    let when = match words.peek().copied() {
        Some(word) if word.starts_with('#') => {
            words.next();
            parse_count(&word[1..])?
        }
        Some(word) if known("when", word) == Some("every") => {
            words.next();
            When::Every(positive(words.next().ok_or("`every` needs a number")?)?)
        }
        Some(word) if known("when", word) == Some("p") => {
            words.next();
            let text = words.next().ok_or("`p` needs a probability")?;
            let p: f64 = text.parse().map_err(|_| format!("`{text}` is no probability"))?;
            if !(0.0..=1.0).contains(&p) {
                return Err(format!("`{text}` is no probability"));
            }
            When::Chance((p * 4_294_967_296.0) as u64)
        }
        _ => When::Always,
    };
    let verb = words.next().ok_or("the action is missing")?;
    let action = match known("action", verb).unwrap_or_default() {
        "fail" => {
            let status = parse_status(words.next().ok_or("`fail` needs a status")?)?;
            Action::Fail(status, parse_moment(&mut words)?)
        }
        "lie" => Action::Lie,
        "corrupt-mac" => Action::CorruptMac,
        "abort" => Action::Abort(parse_status(words.next().ok_or("`abort` needs a status")?)?),
        "late" => {
            if !object.is_some_and(|object| late::OBJECTS.contains(&object)) || deed == Some(Deed::Get) {
                return Err("only changes of neighbor, fdb and route can be late".into());
            }
            let delay = match words.peek().map(|word| word.parse()) {
                Some(Ok(0)) => return Err("`0` is no positive number".into()),
                Some(Ok(calls)) => {
                    words.next();
                    Delay::Calls(calls)
                }
                _ => Delay::Command,
            };
            let reply = match words.next() {
                None => Reply::Success,
                Some("crash") => Reply::Crash,
                Some(status) => Reply::Status(parse_status(status)?),
            };
            Action::Late(delay, reply)
        }
        "stall" => {
            Action::Stall(Duration::from_millis(positive(words.next().ok_or("`stall` needs milliseconds")?)?))
        }
        "hang" => Action::Hang,
        "crash" => Action::Crash(parse_moment(&mut words)?),
        _ => return Err(format!("`{verb}` is no action")),
    };
    if let Some(rest) = words.next() {
        return Err(format!("`{rest}` is too much"));
    }
    Ok(Rule { deed, object, target, when, action, seen: 0 })
}

fn parse_moment<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Moment, String> {
    match words.next() {
        None | Some("before") => Ok(Moment::Before),
        Some("after") => Ok(Moment::After),
        Some(other) => Err(format!("`{other}` is neither before nor after")),
    }
}

fn positive(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| format!("`{text}` is no positive number"))
}

fn parse_count(text: &str) -> Result<When, String> {
    match text.split_once("..") {
        None => positive(text).map(|n| When::Between(n, n)),
        Some((first, "")) => Ok(When::Between(positive(first)?, u64::MAX)),
        Some((first, last)) => Ok(When::Between(positive(first)?, positive(last)?)),
    }
}

fn parse_target(word: &str) -> Option<Target> {
    if let Ok(address) = word.parse() {
        return Some(Target::Address(address));
    }
    if let Some((address, length)) = word.split_once('/') {
        return Some(Target::Prefix(address.parse().ok()?, length.parse().ok()?));
    }
    parse_mac(word).map(Target::Mac)
}

/// A MAC address in six pairs of digits.
pub(crate) fn parse_mac(word: &str) -> Option<Mac> {
    let mut mac = [0; 6];
    let mut bytes = word.split(':');
    for byte in &mut mac {
        let text = bytes.next().filter(|t| t.len() == 2)?;
        *byte = u8::from_str_radix(text, 16).ok()?;
    }
    bytes.next().is_none().then_some(mac)
}

fn parse_status(text: &str) -> Result<Status, String> {
    let named = |name: &str| Status::NAMED.iter().find(|(_, n)| *n == name).map(|(status, _)| *status);
    let (name, index) = match text.split_once(':') {
        Some((name, index)) => {
            let index: sai_status_t = index.parse().map_err(|_| format!("`{index}` is no index"))?;
            (format!("{name}_0"), index.clamp(0, 0xffff))
        }
        None => (text.to_owned(), 0),
    };
    let number = || text.parse().ok().map(Status);
    let status = named(&name).or_else(number).ok_or_else(|| format!("`{text}` is no status"))?;
    if status.is_success() {
        return Err("SUCCESS is no failure; `lie` is the rule for it".into());
    }
    Ok(Status(status.0 - index))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEIGHBOR: T = T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;

    fn address(text: &str) -> Target {
        Target::Address(text.parse().unwrap())
    }

    #[test]
    fn the_third_create_of_one_address_fails_after_it_was_stored() {
        let mut faults = Faults::parse("create neighbor 10.0.0.5 #3 fail TABLE_FULL after", 1).unwrap();
        let mut struck = Vec::new();
        for _ in 0..4 {
            assert_eq!(faults.strike(Deed::Create, NEIGHBOR, address("10.0.0.6")), None);
            assert_eq!(faults.strike(Deed::Remove, NEIGHBOR, address("10.0.0.5")), None);
            struck.push(faults.strike(Deed::Create, NEIGHBOR, address("10.0.0.5")));
        }
        assert_eq!(struck, [None, None, Some(Action::Fail(Status::TABLE_FULL, Moment::After)), None]);
    }

    #[test]
    fn a_status_may_be_a_number_that_no_header_names() {
        for (text, code) in
            [("-77", -77), ("77", 77), ("-2147483648", i32::MIN), ("INVALID_ATTR_VALUE:1", -0x20001)]
        {
            let mut faults = Faults::parse(&format!("create neighbor fail {text}"), 1).unwrap();
            let struck = faults.strike(Deed::Create, NEIGHBOR, Target::Other);
            assert_eq!(struck, Some(Action::Fail(Status(code), Moment::Before)));
        }
    }

    #[test]
    fn a_range_every_nth_and_the_first_rule_wins() {
        let mut faults = Faults::parse("create any #2..3 lie; any any every 3 hang", 1).unwrap();
        let struck: Vec<_> = (0..6).map(|_| faults.strike(Deed::Create, NEIGHBOR, Target::Other)).collect();
        let (lie, hang) = (Some(Action::Lie), Some(Action::Hang));
        assert_eq!(struck, [None, lie, lie, None, None, hang]);
    }

    #[test]
    fn chance_follows_the_seed_and_nothing_else() {
        let run = |seed| {
            let mut faults = Faults::parse("any any p 0.25 lie", seed).unwrap();
            (0..4000).map(|_| faults.strike(Deed::Set, NEIGHBOR, Target::Other).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).iter().filter(|hit| **hit).count();
        assert!((900..1100).contains(&hits), "{hits} of 4000 at a quarter");
    }

    #[test]
    fn each_mistake_in_a_rule_is_named() {
        for (rule, word) in [
            ("make neighbor lie", "`make`"),
            ("create", "object"),
            ("create neighbour lie", "`neighbour`"),
            ("create neighbor", "action"),
            ("create neighbor explode", "`explode`"),
            ("create neighbor fail", "status"),
            ("create neighbor fail NO_SUCH", "`NO_SUCH`"),
            ("create neighbor fail SUCCESS", "lie"),
            ("create neighbor fail TABLE_FULL later", "`later`"),
            ("create neighbor #0 lie", "`0`"),
            ("create neighbor every x lie", "`x`"),
            ("create neighbor p 2 lie", "`2`"),
            ("create neighbor stall soon", "`soon`"),
            ("create neighbor lie twice", "`twice`"),
            ("create router_interface late", "late"),
            ("create any late 3", "late"),
            ("get neighbor late", "late"),
            ("create neighbor late 0", "`0`"),
            ("create neighbor late soon", "`soon`"),
            ("create neighbor late 3 crash now", "`now`"),
        ] {
            let why = Faults::parse(rule, 1).unwrap_err();
            assert!(why.contains(word) && why.contains(rule), "{why}");
        }
    }

    #[test]
    fn every_word_is_understood_at_its_place() {
        for (place, words) in WORDS {
            for word in *words {
                let rule = match *place {
                    "op" => format!("{word} neighbor lie"),
                    "object" => format!("create {word} lie"),
                    "when" => format!("create neighbor {word} 1 lie"),
                    "action" => format!("create neighbor {word} TABLE_FULL"),
                    other => panic!("{other}"),
                };
                // An action may miss its number; it must not be unknown.
                let why = Faults::parse(&rule, 1).err().unwrap_or_default();
                assert!(!why.contains(&format!("`{word}`")), "{why}");
            }
        }
    }

    #[test]
    fn a_status_may_carry_an_index() {
        let faults = Faults::parse("set fdb 02:00:00:00:00:01 fail INVALID_ATTR_VALUE:1", 1).unwrap();
        let action = Action::Fail(Status(Status::INVALID_ATTR_VALUE_0.0 - 1), Moment::Before);
        assert_eq!(faults.rules[0].action, action);
        assert_eq!(faults.rules[0].target, Some(Target::Mac([2, 0, 0, 0, 0, 1])));
    }
}
