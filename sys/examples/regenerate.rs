//! Replaces the committed bindings with those that this build generated from the header.

fn main() -> std::io::Result<()> {
    let fresh = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/bindings.rs"), fresh)
}
