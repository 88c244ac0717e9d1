//! The C ABI: the header held to the sources, the installed libraries, the examples in C and C++, and what a program may
//! get wrong.
#![cfg(all(feature = "cli", feature = "capi"))]
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "as a program in C, it calls one function after the other"
)]

#[path = "../common/mod.rs"]
#[allow(unused_imports, reason = "not all of it is needed here")]
mod common;
#[path = "../common/hardware.rs"]
mod hardware;

mod covers;
mod declared;
mod examples;
mod guest;
mod header;
mod install;
mod life;
mod misuse;
mod news;
mod nos;
mod nulls;
mod rig;
mod values;
