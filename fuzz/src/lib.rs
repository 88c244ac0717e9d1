//! What is fuzzed, as plain functions of bytes: libFuzzer calls them in `bin/`, the test suite replays the corpus with
//! them.
//!
//! | target | the bytes are | what must hold beside "no crash" |
//! |---|---|---|
//! | [`decoder`] | a stream, and how it is cut in pieces | held bytes and records are bounded by the bytes that came; every cut says the same |
//! | [`session`] | what a peer without manners does to a node, from any state of the session on | a frame that is refused changes nothing; what one input brings forth is bounded; a later peer with manners is welcome |
//! | [`relay`] | what somebody on the way does to two nodes | the same, and both agree when it stops |
//! | [`config`] | lines of configuration and files of them | a refused line changes nothing; what is shown reads back |
//! | [`capi`] | calls of the C ABI, with any values in their structs, on handles that are good, freed or made up | no panic behind the boundary; every handle ends in good order |
//!
//! Invariant: no target but `capi`, behind which threads run, reads a clock, a file, or dice: the same bytes do the same.

mod bytes;
mod capi;
mod config;
mod decoder;
mod device;
mod memory;
mod relay;
mod session;

pub use capi::capi;
pub use config::config;
pub use decoder::decoder;
pub use memory::bounded;
pub use relay::relay;
pub use session::session;
