//! Quotas, capacity and who makes way, against a model that knows nothing of order.

use super::*;
use crate::addr::VlanId;
use crate::limits::EVICTION_WINDOW;
use proptest::prelude::*;
use std::time::Duration;

const INTERFACES: u32 = 4;

/// Interfaces 0 and 1 lie in one VRF, 2 and 3 in another.
fn interface(n: u32) -> (InterfaceId, VpnInstance) {
    let vrf = if n < 2 { "red" } else { "blue" };
    (InterfaceId::Vlanif(VlanId::new(n + 10).unwrap()), vrf.parse().unwrap())
}

struct Rig {
    admission: Admission,
    mirror: Mirror,
    now: Time,
    /// What each row asked for last.
    wishes: BTreeMap<RowId, (u32, Wish)>,
}

fn wish(priority: Priority) -> Wish {
    Wish { priority, footprint: Footprint::V4, nos: false }
}

impl Rig {
    fn new(limits: Limits) -> Rig {
        let mut admission = Admission::default();
        admission.set_limits(limits);
        for n in 0..INTERFACES {
            let (id, vrf) = interface(n);
            admission.bind(n, id, &vrf);
        }
        Rig { admission, mirror: Mirror::default(), now: Time::ZERO, wishes: BTreeMap::new() }
    }

    fn claim(&mut self, at: RowId, on: u32, wish: Wish) -> Option<Refusal> {
        self.wishes.insert(at, (on, wish));
        self.admission.claim(at, on, wish);
        self.poll();
        self.admission.refusal(at)
    }

    fn leave(&mut self, at: RowId) {
        self.wishes.remove(&at);
        self.admission.leave(at);
        self.poll();
    }

    fn poll(&mut self) -> Vec<RowId> {
        std::iter::from_fn(|| self.admission.poll(self.now, &self.mirror, &mut { 1000 })).collect()
    }

    /// Lets time pass until nothing is due any more.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            self.poll();
            let told = |rig: &Rig| rig.admission.tells_at();
            while self.admission.poll_event(self.now, 0).is_some() {}
            match self.admission.next_wake(&self.mirror) {
                Some(at) if at > self.now => self.now = at,
                Some(_) => panic!("due at once, and nothing is done: {:?}", told(self)),
                None => return,
            }
        }
        panic!("it never settles");
    }

    fn is_in(&self, at: RowId) -> bool {
        self.wishes.contains_key(&at) && self.admission.refusal(at).is_none()
    }

    /// Hosts that are in, by priority.
    fn admitted(&self) -> [usize; 3] {
        Priority::ALL
            .map(|p| self.wishes.iter().filter(|(at, (_, w))| w.priority == p && self.is_in(**at)).count())
    }

    /// The same as it must be: no host has room beside all those of its own and of earlier priorities that are in. How many
    /// these are does not depend on whom one takes first, for the bounds lie within each other.
    fn model(&self) -> [usize; 3] {
        let settings = &self.admission.settings;
        let mut used = BTreeMap::<Scope, u64>::new();
        let mut admitted = [0; 3];
        for priority in Priority::ALL {
            let mut wishes: Vec<_> = self.wishes.values().filter(|(_, w)| w.priority == priority).collect();
            wishes.sort_by_key(|(_, w)| !w.nos);
            for (on, wish) in wishes {
                let (id, vrf) = interface(*on);
                let scopes = [Scope::Interface(id), Scope::Vrf(vrf), Scope::Table];
                let room = |scope: &Scope| {
                    settings
                        .of(scope)
                        .is_none_or(|of| used.get(scope).is_none_or(|used| *used < of) && of > 0)
                };
                if wish.nos || scopes.iter().all(room) {
                    admitted[priority as usize] += 1;
                    for scope in scopes {
                        *used.entry(scope).or_default() += 1;
                    }
                }
            }
        }
        admitted
    }

    /// Everything that is kept beside the seats follows from them.
    fn check(&self) {
        for (scope, at) in &self.admission.by_scope {
            let limit = &self.admission.limits[*at as usize];
            let here = |on: u32| {
                let (id, vrf) = interface(on);
                match scope {
                    Scope::Table => true,
                    Scope::Vrf(of) => *of == vrf,
                    Scope::Interface(of) => *of == id,
                    Scope::Fdb => false,
                }
            };
            for priority in Priority::ALL {
                let rows = self
                    .wishes
                    .iter()
                    .filter(|(at, (on, w))| here(*on) && w.priority == priority && self.is_in(**at));
                assert_eq!(limit.hosts(priority), rows.count() as u64, "{scope:?} {priority:?}");
            }
        }
    }
}

fn limits(slots: u64) -> Limits {
    Limits { slots: Some(slots), ..Limits::default() }
}

#[test]
fn rule_11_what_is_over_a_quota_or_the_capacity_is_refused_and_comes_when_room_does_by_class_then_age() {
    let (red, blue) = (interface(0), interface(2));
    let bounds = Limits { vrfs: vec![(blue.1, 3)], interfaces: vec![(red.0, 2)], ..limits(6) };
    let mut rig = Rig::new(bounds);
    let orphan = wish(Priority::Orphan);
    assert_eq!([0, 1, 2].map(|at| rig.claim(at, 0, orphan)), [None, None, Some(Refusal::Quota)]);
    let quota = Some(Refusal::Quota);
    assert_eq!([10, 11, 12, 13].map(|at| rig.claim(at, 2 + at % 2, orphan)), [None, None, None, quota]);
    assert_eq!([20, 21].map(|at| rig.claim(at, 1, orphan)), [None, Some(Refusal::Capacity)]);
    // One of an earlier class comes last and is first; of equals the older is.
    rig.claim(22, 1, orphan);
    rig.now = rig.now + EVICTION_WINDOW;
    assert_eq!(rig.claim(23, 1, wish(Priority::DualHomed)), None, "one orphan makes way");
    assert_eq!(rig.admitted(), [0, 1, 5]);
    let out: Vec<RowId> = rig.wishes.keys().copied().filter(|at| !rig.is_in(*at)).collect();
    assert_eq!(out.len(), 5, "{out:?}");
    // A slot of the table is freed: the oldest that has room at all its bounds gets it.
    let freed = *rig.wishes.keys().find(|at| (10..13).contains(*at) && rig.is_in(**at)).unwrap();
    rig.leave(freed);
    assert!(rig.is_in(13) != (freed == 13), "the VRF's own waited longest");
    rig.leave(0);
    rig.leave(1);
    rig.settle();
    assert_eq!(rig.admitted(), rig.model());
    rig.check();
}

#[test]
fn rule_11_a_later_class_makes_way_an_equal_never_does_and_a_tenth_of_the_table_a_minute() {
    let mut rig = Rig::new(limits(100));
    for at in 0..100 {
        assert_eq!(rig.claim(at, at % 4, wish(Priority::Orphan)), None);
    }
    assert_eq!(rig.claim(100, 0, wish(Priority::Orphan)), Some(Refusal::Capacity), "its equals stay");
    // Thirty come that are before them: ten a minute get in.
    for at in 200..230 {
        rig.claim(at, 0, wish(Priority::Local));
    }
    assert_eq!(rig.admitted(), [10, 0, 90]);
    let ages: Vec<RowId> = (200..230).filter(|at| rig.is_in(*at)).collect();
    assert_eq!(ages, (200..210).collect::<Vec<_>>(), "the oldest first");
    let mut minutes = vec![rig.now];
    while rig.admitted()[0] < 30 {
        rig.now = rig.admission.next_wake(&rig.mirror).expect("they go on to wait");
        rig.poll();
        minutes.push(rig.now);
    }
    assert_eq!(rig.admitted(), [30, 0, 70]);
    assert!(rig.now.since(Time::ZERO) >= 2 * EVICTION_WINDOW, "{minutes:?}");
    rig.settle();
    // They leave: everybody comes back, and who has waited longest first.
    (200..230).for_each(|at| rig.leave(at));
    assert_eq!(rig.admitted(), [0, 0, 100]);
    assert!(rig.is_in(100), "it has waited longer than those that made way");
    assert_eq!((0..100).filter(|at| !rig.is_in(*at)).count(), 1);
    rig.check();
}

#[test]
fn two_classes_that_fight_for_one_slot_settle() {
    let mut rig = Rig::new(limits(1));
    rig.claim(1, 0, wish(Priority::Orphan));
    rig.claim(2, 1, wish(Priority::DualHomed));
    rig.claim(3, 2, wish(Priority::Local));
    rig.settle();
    assert_eq!(rig.admitted(), [1, 0, 0]);
    assert!(rig.admission.evictions.total() <= 2);
    let evicted = rig.admission.evictions.total();
    rig.now = rig.now + Duration::from_secs(3600);
    rig.settle();
    assert_eq!(rig.admission.evictions.total(), evicted, "nothing changes any more");
}

#[test]
fn an_ipv6_host_takes_as_many_slots_as_are_set_and_one_host_of_a_quota() {
    let v6 = Wish { footprint: Footprint::V6, ..wish(Priority::Orphan) };
    let mut rig = Rig::new(Limits { v6_slots: 2, each_interface: Some(3), ..limits(5) });
    assert_eq!(rig.claim(0, 0, v6), None);
    assert_eq!(rig.claim(1, 0, v6), None);
    assert_eq!(rig.claim(2, 0, v6), Some(Refusal::Capacity), "one slot is left");
    assert_eq!(rig.claim(3, 1, wish(Priority::Orphan)), Some(Refusal::Capacity), "it is behind the other");
    rig.leave(2);
    assert!(rig.is_in(3));
    // For one of an earlier class two hosts of one slot each make way, or one of two.
    rig.now = rig.now + Duration::from_secs(3600);
    rig.claim(4, 2, Wish { footprint: Footprint::V6, ..wish(Priority::Local) });
    rig.settle();
    assert!(rig.is_in(4));
    // The same table when both take one.
    rig.admission.set_limits(Limits { v6_slots: 1, each_interface: Some(3), ..limits(5) });
    rig.settle();
    assert_eq!(rig.admitted(), [1, 0, 3]);
    assert_eq!(rig.admission.view(rig.now, 0).table.used, 4);
}

#[test]
fn a_link_local_address_takes_no_slot_and_is_one_host_of_a_quota() {
    let link_local = |priority| Wish { footprint: Footprint::LinkLocal, ..wish(priority) };
    let mut rig = Rig::new(Limits { v6_slots: 2, each_vrf: Some(5), ..limits(2) });
    assert_eq!([0, 1].map(|at| rig.claim(at, 0, wish(Priority::Orphan))), [None; 2]);
    assert_eq!(rig.claim(2, 0, wish(Priority::Orphan)), Some(Refusal::Capacity));
    // The table is full, and it is in; the third one is the VRF's sixth.
    assert_eq!([3, 4, 5].map(|at| rig.claim(at, 1, link_local(Priority::Orphan))), [None; 3]);
    assert_eq!(rig.claim(6, 1, link_local(Priority::Orphan)), Some(Refusal::Quota));
    assert_eq!(rig.admission.view(rig.now, 0).table.used, 2);
    // Whoever comes first wants a slot, which a link-local address cannot give.
    rig.leave(3);
    rig.now = rig.now + Duration::from_secs(3600);
    rig.settle();
    assert_eq!(rig.claim(7, 2, wish(Priority::Local)), None);
    assert_eq!([0, 1].into_iter().filter(|at| rig.is_in(*at)).count(), 1);
    assert!([4, 5, 6].into_iter().all(|at| rig.is_in(at)));
    // A quota, it can.
    rig.now = rig.now + Duration::from_secs(3600);
    rig.admission.set_limits(Limits { each_vrf: Some(1), ..Limits::default() });
    rig.settle();
    assert_eq!(rig.admitted(), [1, 0, 1]);
    rig.check();
    assert_eq!(Footprint::of("fe80::1".parse().unwrap()), Footprint::LinkLocal);
    assert_eq!(Footprint::of("169.254.0.1".parse().unwrap()), Footprint::LinkLocal);
    assert_eq!(Footprint::of("2001:db8::1".parse().unwrap()), Footprint::V6);
    assert_eq!(Footprint::of("10.0.0.1".parse().unwrap()), Footprint::V4);
}

#[test]
fn limits_that_change_are_decided_about_anew_in_bounded_steps() {
    let mut rig = Rig::new(Limits::default());
    for at in 0..5000 {
        assert_eq!(rig.claim(at, at % 4, wish(Priority::Orphan)), None);
    }
    let one = Limits { interfaces: vec![(interface(0).0, 1000)], ..Limits::default() };
    rig.admission.set_limits(one.clone());
    // A piece at a time, and it says that there is more to do.
    let mut steps = 0;
    loop {
        let mut budget = 16;
        while rig.admission.poll(rig.now, &rig.mirror, &mut budget).is_some() {}
        steps += 1;
        if !rig.admission.has_work() {
            break;
        }
        assert_eq!(budget, 0);
    }
    assert!(steps >= 250 / 16, "{steps} steps");
    assert_eq!(rig.admitted(), [0, 0, 4750]);
    assert_eq!(rig.admission.view(rig.now, 0).quotas[0].waiting, 250);
    rig.admission.set_limits(Limits::default());
    rig.settle();
    assert_eq!(rig.admitted(), [0, 0, 5000]);
    rig.check();
}

#[test]
fn what_the_nos_programs_counts_is_not_asked_and_others_make_way_for_it() {
    let nos = Wish { nos: true, ..wish(Priority::Local) };
    let mut rig = Rig::new(limits(20));
    for at in 0..20 {
        rig.claim(at, 0, wish(Priority::Orphan));
    }
    for at in 100..110 {
        assert_eq!(rig.claim(at, 1, nos), None);
    }
    assert_eq!(rig.admitted(), [10, 0, 18], "a tenth in a minute");
    rig.settle();
    assert_eq!(rig.admitted(), [10, 0, 10]);
    rig.check();
}

#[test]
fn bounds_of_interfaces_that_come_and_go_are_forgotten_with_their_last_host() {
    let mut rig = Rig::new(limits(1000));
    for n in 0..1000 {
        let id = InterfaceId::Vlanif(VlanId::new(100 + n % 500).unwrap());
        let vrf: VpnInstance = format!("vrf{n}").parse().unwrap();
        rig.admission.bind(9, id, &vrf);
        rig.claim(7, 9, wish(Priority::Orphan));
        rig.admission.unbind(id);
        rig.leave(7);
    }
    let held = (rig.admission.limits.len(), rig.admission.seats.groups.len(), rig.admission.by_pair.len());
    assert!(held.0 < 20 && held.1 < 10 && held.2 < 10, "{held:?}");
    rig.check();
}

/// What may happen to a row.
#[derive(Clone, Debug)]
enum Act {
    Claim(RowId, u32, usize, bool),
    Leave(RowId),
    Limits(Option<u64>, Option<u64>, Option<u64>),
    Pass(u16),
}

fn act() -> impl Strategy<Value = Act> {
    let bound = || proptest::option::weighted(0.7, 0u64..30);
    prop_oneof![
        12 => (0u32..60, 0..INTERFACES, 0usize..3, proptest::bool::weighted(0.1)).prop_map(|(a, i, p, n)| Act::Claim(a, i, p, n)),
        4 => (0u32..60).prop_map(Act::Leave),
        1 => (bound(), bound(), bound()).prop_map(|(a, b, c)| Act::Limits(a, b, c)),
        1 => (0u16..200).prop_map(Act::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whoever_comes_when_as_many_of_each_class_are_in_at_last(acts in proptest::collection::vec(act(), 1..150)) {
        let mut rig = Rig::new(limits(20));
        for act in acts {
            match act {
                Act::Claim(at, on, priority, nos) => {
                    let nos = nos && priority == 0;
                    rig.claim(at, on, Wish { nos, ..wish(Priority::ALL[priority]) });
                }
                Act::Leave(at) => rig.leave(at),
                Act::Limits(slots, each_vrf, each_interface) => {
                    let vrfs = vec![(interface(0).1, 15)];
                    rig.admission.set_limits(Limits { slots, each_vrf, each_interface, vrfs, ..Limits::default() });
                    rig.poll();
                }
                Act::Pass(seconds) => {
                    rig.now = rig.now + Duration::from_secs(u64::from(seconds));
                    rig.poll();
                }
            }
            rig.check();
        }
        rig.settle();
        rig.check();
        prop_assert_eq!(rig.admitted(), rig.model());
        // And nothing goes on.
        let evicted = rig.admission.evictions.total();
        rig.now = rig.now + Duration::from_secs(600);
        prop_assert_eq!(rig.poll(), Vec::<RowId>::new());
        prop_assert_eq!(rig.admission.evictions.total(), evicted);
    }
}
