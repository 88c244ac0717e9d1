//! Moves, freezes, losers that may claim again, and disputed statics.

use super::change::ChangeSource;
use super::evidence::{Binding, Evidence, RifState};
use super::standing::{News, Standing};
use super::*;
use crate::addr::{InterfaceId, Mac, VlanId};
use crate::limits::{FREEZE, MAX_LOCAL_RIVALS, MAX_RIVALS, MOVE_WINDOW};
use crate::neighbor::{Attachment, Claim, Flags};
use crate::sai::Oid;
use crate::table::desired::{Verdict, Winner, desired, winning};
use std::time::Duration;

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn key(vlan: u32) -> Key {
    Key { interface: vlanif(vlan), ip: "10.0.10.7".parse().unwrap() }
}

fn mac(n: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, n])
}

fn claim(m: u8, attachment: Attachment, counter: u32) -> Claim {
    Claim { mac: mac(m), attachment, flags: Flags::default(), counter }
}

fn heard(vlan: u32, m: u8, fresh: bool) -> Evidence {
    let (mac, attachment, flags) = (mac(m), Attachment::Orphan, Flags::default());
    Evidence::Learned { key: key(vlan), mac, attachment, flags, fresh }
}

fn binding(vlan: u32) -> Binding {
    let (vrf, rif) = ("red".parse().unwrap(), Oid::from_raw(u64::from(vlan)));
    let (mac, addresses) = (mac(0xfe), Vec::new());
    Binding {
        interface: vlanif(vlan),
        vrf,
        rif,
        mac,
        addresses,
        state: RifState::Up,
        footing: Default::default(),
    }
}

fn table() -> Table {
    let mut table = Table::new(7, Ownership::All);
    table.bind(binding(10));
    table
}

/// What the node does with what changed; answers with the news.
fn settle(table: &mut Table) -> Vec<News> {
    let (mut dirty, mut news) = (Vec::new(), Vec::new());
    table.take_dirty(&mut dirty);
    for row in dirty {
        if let Some((_, view)) = table.view(row) {
            let standing = Standing::of(&view);
            table.set_standing(row, standing);
        }
        table.release(row);
    }
    table.take_news(&mut news);
    news
}

fn local(table: &mut Table) -> Claim {
    let row = table.find(&key(10)).unwrap();
    table.peek(row).unwrap().1.local.unwrap()
}

fn at(secs: u64) -> Time {
    Time::ZERO + Duration::from_secs(secs)
}

/// The peer hears the host, then we do.
fn ping_pong(table: &mut Table, m: u8) -> Vec<News> {
    let counter = table.find(&key(10)).and_then(|row| table.peek(row)?.1.local).map_or(0, |c| c.counter + 1);
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, counter))]);
    let mut news = settle(table);
    table.evidence(&[heard(10, m, true)]);
    news.extend(settle(table));
    news
}

#[test]
fn a_host_that_moves_too_often_is_frozen_for_half_an_hour_and_the_higher_counter_still_wins() {
    let mut table = table();
    for n in 0..5 {
        table.tick(at(n * 10));
        assert_eq!(ping_pong(&mut table, 1), []);
        assert_eq!(u64::from(local(&mut table).counter), 2 * n + 1, "it was heard here: the peer's and one");
    }
    table.tick(at(50));
    assert_eq!(ping_pong(&mut table, 1), [News::Froze(key(10), FREEZE)]);
    assert_eq!(local(&mut table).counter, 9, "not raised any more");
    let row = table.find(&key(10)).unwrap();
    assert_eq!(winning(&table.peek(row).unwrap().1).unwrap().0, Winner::Remote);
    // However often it is heard: it stays, and nobody is told twice. What is heard is kept all the same.
    table.tick(at(1000));
    assert_eq!(ping_pong(&mut table, 2), []);
    assert_eq!(local(&mut table), claim(2, Attachment::Orphan, 9));
    assert_eq!(table.mobility(), (1, 5));
    assert_eq!(table.next_wake(), Some(at(50) + FREEZE));
    table.tick(at(50) + FREEZE);
    assert_eq!(settle(&mut table), [News::Thawed(key(10))]);
    assert_eq!(ping_pong(&mut table, 2), []);
    assert_eq!(local(&mut table).counter, 11, "it may move again");
}

#[test]
fn repeats_stale_entries_and_dumps_are_no_moves() {
    let mut table = table();
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 4))]);
    for n in 0..50 {
        table.evidence(&[heard(10, n, false)]);
        assert_eq!(local(&mut table).counter, 0);
    }
    table.evidence(&[heard(10, 1, true)]);
    for _ in 0..50 {
        table.evidence(&[heard(10, 1, true)]);
        assert_eq!(local(&mut table).counter, 5, "once above the peer's, there is nothing to raise");
    }
    assert_eq!((table.mobility(), settle(&mut table)), ((0, 1), vec![]));
}

#[test]
fn a_row_that_goes_is_forgotten_and_its_number_says_nothing_of_the_next() {
    let mut table = table();
    ping_pong(&mut table, 1);
    let row = table.find(&key(10)).unwrap();
    assert_eq!(table.next_wake(), Some(at(0) + MOVE_WINDOW));
    table.remote_delete(&[key(10)]);
    table.evidence(&[Evidence::Forgotten { key: key(10) }]);
    table.take(9, &mut Vec::new());
    table.rewind();
    settle(&mut table);
    assert_eq!((table.find(&key(10)), table.next_wake()), (None, None));
    for _ in 0..5 {
        assert_eq!(ping_pong(&mut table, 1), []);
    }
    assert_eq!(table.find(&key(10)), Some(row), "the number is given anew");
}

#[test]
fn a_loser_is_probed_when_the_winner_goes_and_not_when_it_was_heard() {
    let mut table = table();
    table.evidence(&[heard(10, 1, true)]);
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 1))]);
    assert_eq!(settle(&mut table), []);
    table.remote_delete(&[key(10)]);
    assert_eq!(settle(&mut table), [News::Probe(key(10))], "it counts again, unheard");
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 1))]);
    assert_eq!(settle(&mut table), []);
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 0))]);
    table.set_ties(true);
    assert_eq!(settle(&mut table), [News::Probe(key(10))], "the winner came down: a restarted peer's claim");
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 5))]);
    settle(&mut table);
    table.evidence(&[heard(10, 1, true)]);
    assert_eq!(settle(&mut table), [], "it claims again because it was heard");
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 7))]);
    settle(&mut table);
    table.evidence(&[Evidence::Static { key: key(10), mac: mac(1) }]);
    assert_eq!(settle(&mut table), [], "an operator's word needs no answer");
    table.evidence(&[Evidence::Forgotten { key: key(10) }]);
    table.remote_delete(&[key(10)]);
    assert_eq!(settle(&mut table), [], "nothing is left to be probed");
}

#[test]
fn a_frozen_loser_is_probed_too_when_the_winner_goes() {
    let mut table = table();
    for _ in 0..6 {
        ping_pong(&mut table, 1);
    }
    table.remote_delete(&[key(10)]);
    assert_eq!(settle(&mut table), [News::Probe(key(10))]);
}

#[test]
fn a_static_that_the_peer_contradicts_is_told_once_and_counted_while_it_lasts() {
    let mut table = table();
    let disputed = |theirs| News::Disputed { key: key(10), ours: mac(9), theirs: mac(theirs) };
    table.evidence(&[Evidence::Static { key: key(10), mac: mac(9) }]);
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 3))]);
    assert_eq!((settle(&mut table), table.disputed()), (vec![disputed(1)], 1));
    table.remote_upsert(&[(key(10), claim(2, Attachment::Orphan, 4))]);
    assert_eq!((settle(&mut table), table.disputed()), (vec![], 1));
    table.remote_upsert(&[(key(10), claim(9, Attachment::Orphan, 4))]);
    assert_eq!((settle(&mut table), table.disputed()), (vec![], 0), "the same MAC is no dispute");
    table.remote_upsert(&[(key(10), claim(2, Attachment::Orphan, 4))]);
    assert_eq!((settle(&mut table), table.disputed()), (vec![disputed(2)], 1));
    table.evidence(&[Evidence::Forgotten { key: key(10) }]);
    assert_eq!((settle(&mut table), table.disputed()), (vec![], 0));
}

#[test]
fn a_counter_at_its_end_stays_there_and_the_larger_node_wins_on_both_sides() {
    let mut table = table();
    let theirs = claim(1, Attachment::Orphan, u32::MAX);
    table.remote_upsert(&[(key(10), theirs)]);
    table.evidence(&[heard(10, 2, true)]);
    let ours = local(&mut table);
    assert_eq!(ours.counter, u32::MAX, "it does not begin at zero again");
    for we_win in [false, true] {
        table.set_ties(we_win);
        let row = table.find(&key(10)).unwrap();
        let view = table.peek(row).unwrap().1;
        let mirrored = View { local: view.remote, remote: view.local, we_win_ties: !we_win, ..view };
        let winner = if we_win { ours } else { theirs };
        assert_eq!(winning(&view).map(|(_, c)| c), Some(winner));
        assert_eq!(winning(&mirrored).map(|(_, c)| c), Some(winner));
    }
}

#[test]
fn a_devices_own_address_raises_no_counter() {
    let mut table = table();
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 4))]);
    let (mac, attachment, flags) = (mac(2), Attachment::Orphan, Flags::INTERFACE);
    table.evidence(&[Evidence::Learned { key: key(10), mac, attachment, flags, fresh: true }]);
    assert_eq!((local(&mut table).counter, table.mobility().1), (0, 0));
    let row = table.find(&key(10)).unwrap();
    assert_eq!(winning(&table.peek(row).unwrap().1).unwrap().0, Winner::Local);
}

/// A peer that claims an address everywhere leaves room for what was learned here; and that is bounded too.
#[test]
fn an_address_is_learned_on_a_bounded_number_of_interfaces_of_a_vrf() {
    let mut table = Table::new(7, Ownership::All);
    let vlans = 1..=500;
    for vlan in vlans.clone() {
        table.bind(binding(vlan));
    }
    let theirs: Vec<_> = vlans.clone().map(|vlan| (key(vlan), claim(1, Attachment::Orphan, 0))).collect();
    table.remote_upsert(&theirs);
    assert_eq!(table.remote_count(), MAX_RIVALS + 1);
    for vlan in vlans.rev() {
        table.evidence(&[heard(vlan, 1, true)]);
    }
    let kept = MAX_LOCAL_RIVALS - MAX_RIVALS;
    assert!(table.local_count() >= kept, "{}", table.local_count());
    assert!(table.local_count() <= MAX_LOCAL_RIVALS + 1);
    assert_eq!(table.local_turned_away() as usize, 500 - table.local_count());
    // Interfaces that were bound later are held to the same bound.
    let mut table = Table::new(7, Ownership::All);
    for vlan in 1..=500 {
        table.evidence(&[heard(vlan, 1, true)]);
    }
    assert_eq!(table.local_count(), 500, "unbound, they compete with nobody");
    for vlan in 1..=500 {
        table.bind(binding(vlan));
        settle(&mut table);
    }
    assert_eq!((table.local_count(), table.local_turned_away()), (MAX_LOCAL_RIVALS + 1, 434));
    let verdicts: Vec<_> =
        (0..table.rows()).filter_map(|row| table.peek(row).map(|(key, view)| desired(&view, &key))).collect();
    assert_eq!(verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Ours(_))).count(), 1);
}

#[test]
fn a_router_interface_that_takes_no_neighbours_gets_none_until_it_does() {
    let mut table = table();
    table.remote_upsert(&[(key(10), claim(1, Attachment::Orphan, 0))]);
    let mut verdict = |state| {
        table.bind(Binding { state, ..binding(10) });
        let (mut dirty, row) = (Vec::new(), table.find(&key(10)).unwrap());
        table.take_dirty(&mut dirty);
        assert_eq!(dirty, [row], "it is looked at again");
        let (key, view) = table.view(row).unwrap();
        desired(&view, &key).refusal()
    };
    assert_eq!(verdict(RifState::Down), Some(Refusal::RifDown));
    assert_eq!(verdict(RifState::Virtual), Some(Refusal::RifVirtual));
    assert_eq!(verdict(RifState::Up), None);
}
