//! The library as a NOS holds it: its own SAI, its own threads, two instances in one process.

#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::duplicate_mod, reason = "the example brings its own namespaces")]

#[path = "../common/hardware.rs"]
mod hardware;
#[path = "../common/netns.rs"]
#[allow(unused_imports, reason = "not all of it is needed here")]
mod netns;

mod alone;
mod api;
mod effects;
mod example;
mod feed;
mod guest;
mod news;
mod nos;
mod page;
mod surface;
mod turns;
mod warm;
