//! The example for NOSes in Rust does what it says.

use crate::alone::alone;

#[path = "../../examples/embed.rs"]
#[allow(unreachable_pub, reason = "a program of its own")]
mod embed;

#[test]
fn the_example_runs() {
    alone("example::the_example_runs", || embed::main().unwrap());
}
