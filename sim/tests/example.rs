//! The example of the README, as somebody who tests a client's retries would write it.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use sai_sys::SAI_STATUS_TABLE_FULL;
use support::*;

/// The rule is taken from the README's table, so that what is shown is what works.
const README: &str = include_str!("../README.md");
const RULE: &str = "create neighbor 10.0.0.5 #3 fail TABLE_FULL after";

#[test]
fn the_third_create_of_this_address_fails_with_table_full_after_it_was_stored() {
    assert!(README.contains(&format!("| `{RULE}` | the third create of this address")));
    let client = Client::new(&[("SAI_SIM_FAULTS", RULE)]);
    let (entry, other) = (client.entry("10.0.0.5"), client.entry("10.0.0.6"));
    for _ in 0..2 {
        assert_eq!(client.create(&entry, &[mac(5)]), SUCCESS);
        assert_eq!(client.remove(&entry), SUCCESS);
        assert_eq!(client.create(&other, &[mac(6)]), SUCCESS, "creates of other addresses do not count");
        assert_eq!(client.remove(&other), SUCCESS);
    }
    assert_eq!(client.create(&entry, &[mac(5)]), SAI_STATUS_TABLE_FULL);
    assert_eq!(client.mac_of(&entry), Ok([2, 0, 0, 0, 0, 5]), "it was stored all the same");
    assert_eq!(client.remove(&entry), SUCCESS);
    assert_eq!(client.create(&entry, &[mac(5)]), SUCCESS, "the fourth is as the first");
}
