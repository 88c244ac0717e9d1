//! What several tests share.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod bench;
#[allow(unused_imports)]
pub mod netns;
pub mod program;
pub mod proxy;
