//! What several tests share.
#![allow(dead_code, missing_docs, unreachable_pub)]

#[allow(unused_imports)]
pub mod netns;
pub mod program;
